package models_test

import (
	"maps"
	"slices"
	"sync"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// urged posts what those are told who were urged, and says who got a mail.
func urged(t *testing.T, r *modelstest.Register) []string {
	t.Helper()
	reminders, err := clerkOf(r).UrgedReminders()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]models.Reminder{}
	for _, one := range reminders {
		posted, err := clerkOf(r).PostReminder(one, models.Mail{Subject: "s", Text: "t", HTML: "h"})
		if err != nil || !posted {
			t.Fatal(posted, err)
		}
		got[one.User.Name] = one
	}
	send(t, r)
	return names(got)
}

// sums is what an urging says of itself.
func sums(u models.Urging) []int {
	return []int{u.Items(), len(u.Units), u.People, u.Mail, u.Later, u.Page, len(u.Told), len(u.Rest)}
}

// urgedEvents is how often an item was urged, by its trail.
func urgedEvents(t *testing.T, r *modelstest.Register, item models.Item) (n int) {
	t.Helper()
	trail, err := r.As(r.Office).Trail(item)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range trail {
		if e.Act == models.UrgeItem {
			n++
		}
	}
	return n
}

// unreadOf is how many notices each of the cast has not read.
func unreadOf(t *testing.T, r *modelstest.Register) map[string]int {
	t.Helper()
	unread := map[string]int{}
	for _, u := range []models.User{r.Wu, r.Leng, r.Hai, r.Shen, r.Supervisor, r.Office} {
		n, err := r.As(u).Unread()
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			unread[u.Name] = int(n)
		}
	}
	return unread
}

// readAll marks all of a person's notices as read.
func readAll(t *testing.T, r *modelstest.Register, u models.User) {
	t.Helper()
	rows, err := r.As(u).Notices(1)
	same(t, err, nil)
	if len(rows) > 0 {
		same(t, r.As(u).ReadNotices(rows[0].ID), nil)
	}
}

// What is said before is what comes of it: each item once a day, told to those who
// answer for it, in the page at once and in one mail, with an event in its trail.
func TestUrgingTellsThoseWhoAnswerForAnItemAndNobodyElse(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.At("2026-02-27 10:00")
		first, second, others := r.Registered("2026-02-20"), r.Registered("2026-06-30"), r.RegisteredFor(r.Other, models.PostFeedback, "2026-02-20")
		waits := r.Submitted("2026-06-30")
		for _, u := range []models.User{r.Wu, r.Leng, r.Hai, r.Shen, r.Supervisor, r.Office} {
			readAll(t, r, u) // of what was handed in
		}
		b := r.As(r.Supervisor)
		items := []models.Item{first, second, others, waits}
		plan, err := b.Urging(items)
		same(t, err, nil)
		equal(t, sums(plan), []int{3, 2, 3, 3, 0, 0, 0, 1})
		equal(t, unreadOf(t, r), map[string]int{})
		done, err := b.Urge(items)
		same(t, err, nil)
		equal(t, sums(done), sums(plan))
		equal(t, unreadOf(t, r), map[string]int{"wu": 2, "leng": 2, "shen": 1})
		for _, item := range items[:3] {
			if n := urgedEvents(t, r, item); n != 1 {
				t.Errorf("%s: %d events", item.Number, n)
			}
			if r.Read(item).Version != item.Version {
				t.Errorf("%s: the page somebody has open is turned away", item.Number)
			}
		}
		equal(t, urgedEvents(t, r, waits), 0)
		// A second time that day it is nobody, whoever asks.
		for _, u := range []models.User{r.Supervisor, r.Office} {
			again, err := r.As(u).Urge(items)
			same(t, err, nil)
			equal(t, sums(again), []int{0, 0, 0, 0, 0, 0, 3, 1})
		}
		equal(t, unreadOf(t, r), map[string]int{"wu": 2, "leng": 2, "shen": 1})
		equal(t, urged(t, r), []string{"leng", "shen", "wu"})
		equal(t, urged(t, r), nil)
		on, err := b.UrgedOn(items)
		same(t, err, nil)
		equal(t, on, map[int64]models.Day{first.ID: "2026-02-27", second.ID: "2026-02-27", others.ID: "2026-02-27"})
		r.At("2026-03-02 10:00")
		again, err := r.As(r.Supervisor).Urge(items[:1])
		same(t, err, nil)
		equal(t, sums(again), []int{1, 1, 2, 2, 0, 0, 0, 0})
		equal(t, urgedEvents(t, r, first), 2)
	})
}

// In the evening the notice stands in the page, and the mail goes out the next morning,
// one, with all else there is to say. Who has had the day's mail has the next day's.
func TestUrgingKeepsTheQuietHoursAndSendsOneMailADay(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.At("2026-02-27 20:30")
		item := r.Registered("2026-02-20")
		done, err := r.As(r.Supervisor).Urge([]models.Item{item})
		same(t, err, nil)
		if !done.Quiet {
			t.Error("it does not say that it is quiet")
		}
		equal(t, unreadOf(t, r), map[string]int{"wu": 1, "leng": 1})
		equal(t, urged(t, r), nil)
		r.At("2026-02-28 07:59") // a Saturday that is worked
		equal(t, urged(t, r), nil)
		r.At("2026-02-28 08:00")
		equal(t, urged(t, r), []string{"leng", "wu"})
		r.At("2026-02-28 08:30")
		equal(t, names(remind(t, r)), nil)

		r.At("2026-03-02 08:30")
		readAll(t, r, r.Wu)
		readAll(t, r, r.Leng)
		r.Registered("2026-03-10")
		equal(t, names(remind(t, r)), []string{"leng", "wu"}) // the date comes near
		r.At("2026-03-02 15:00")
		done, err = r.As(r.Supervisor).Urge([]models.Item{item})
		same(t, err, nil)
		equal(t, sums(done), []int{1, 1, 2, 0, 2, 0, 0, 0})
		equal(t, urged(t, r), nil)
		r.At("2026-03-03 08:30")
		got := remind(t, r)
		equal(t, names(got), []string{"leng", "wu"})
		if len(got["wu"].Urged) != 1 || got["wu"].Optional() {
			t.Errorf("the next day's says %+v", got["wu"])
		}
	})
}

// Who is told is worked out when the mail is sent: not who left, not of what has been
// handed in meanwhile, and not at an address that refuses mail.
func TestUrgedAreThoseWhoAreThereWhenTheMailLeaves(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.At("2026-02-27 10:00")
		leng := r.Leng
		leng.Email = ""
		_, err := r.As(r.Admin).SaveUser(leng, "")
		same(t, err, nil)
		item, ready := r.Registered("2026-02-20"), r.Ready("2026-06-30")
		readAll(t, r, r.Wu)
		done, err := r.As(r.Supervisor).Urge([]models.Item{item})
		same(t, err, nil)
		equal(t, sums(done), []int{1, 1, 2, 1, 0, 1, 0, 0})
		wu := r.Wu
		wu.Disabled = true
		_, err = r.As(r.Admin).SaveUser(wu, "")
		same(t, err, nil)
		equal(t, urged(t, r), nil)
		// Nobody of the unit is left to do the work but its leadership.
		done, err = r.As(r.Supervisor).Urge([]models.Item{ready})
		same(t, err, nil)
		equal(t, sums(done), []int{1, 1, 1, 0, 0, 1, 0, 0})
		wu.Disabled = false
		_, err = r.As(r.Admin).SaveUser(wu, "")
		same(t, err, nil)
		r.HandedIn(item)
		equal(t, urged(t, r), nil) // what there was to say to them is settled
	})
}

// Eight people, or one whose finger slips, press at once: each item is urged once.
func TestWhoUrgesAtOnceUrgesOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.At("2026-02-27 10:00")
		var items []models.Item
		for range 5 {
			items = append(items, r.Registered("2026-02-20"))
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		all := 0
		for n := range 8 {
			wg.Go(func() {
				done, err := r.As([]models.User{r.Supervisor, r.Office}[n%2]).Urge(items)
				mu.Lock()
				defer mu.Unlock()
				if all += done.Items(); err != nil || done.Items()+len(done.Told)+len(done.Rest) != len(items) {
					t.Error(sums(done), err)
				}
			})
		}
		wg.Wait()
		if all != len(items) {
			t.Errorf("%d urged, of %d", all, len(items))
		}
		for _, item := range items {
			equal(t, urgedEvents(t, r, item), 1)
		}
		equal(t, unreadOf(t, r), map[string]int{"wu": 5, "leng": 5})
	})
}

func TestOnlySupervisorsAndTheOfficeUrgeAndOnlyWhatTheySee(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item, others := r.Registered("2026-02-20"), r.RegisteredFor(r.Other, models.PostFeedback, "2026-02-20")
		for _, u := range []models.User{r.Wu, r.Leng, r.Hai, r.Shen, r.Principal, r.Admin, models.TheClerk} {
			_, err := r.As(u).Urge([]models.Item{item})
			same(t, err, models.ErrForbidden)
			_, err = r.As(u).Urging([]models.Item{item})
			same(t, err, models.ErrForbidden)
		}
		same(t, r.As(r.Office).Assign(r.Supervisor, models.Scopes{{UnitID: &r.Unit.ID}}), nil)
		_, err := r.As(r.Supervisor).Urge([]models.Item{item, others})
		same(t, err, models.ErrNotFound)
		equal(t, []int{urgedEvents(t, r, item), urgedEvents(t, r, others)}, []int{0, 0})
		_, err = r.As(r.Supervisor).Urge([]models.Item{item})
		same(t, err, nil)
		equal(t, slices.Sorted(maps.Keys(unreadOf(t, r))), []string{"leng", "wu"})
		for _, u := range []models.User{r.Supervisor, r.Office, r.Wu} {
			_, err := r.As(u).UrgedReminders()
			same(t, err, models.ErrForbidden)
		}
	})
}
