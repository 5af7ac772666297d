package models_test

import (
	"crypto/rand"
	"maps"
	"slices"
	"sync"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

func clerkOf(r *modelstest.Register) *models.Board { return r.As(models.TheClerk) }

// remind does what the jobs do on a morning: speaks of the items, draws up what each
// person is told, and sends it. It returns who got a mail.
func remind(t *testing.T, r *modelstest.Register) map[string]models.Reminder {
	t.Helper()
	got := write(t, r)
	send(t, r)
	return got
}

// send has a server take all that is in the outbox.
func send(t *testing.T, r *modelstest.Register) (sent int) {
	t.Helper()
	mails, err := clerkOf(r).ClaimMails(rand.Text(), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mails {
		if lost, err := clerkOf(r).NoteTries(models.MailTry{Mail: m, Came: models.CameTaken}); err != nil || lost != 0 {
			t.Fatal(lost, err)
		}
	}
	return len(mails)
}

// write is remind while no mail leaves the house.
func write(t *testing.T, r *modelstest.Register) map[string]models.Reminder {
	t.Helper()
	if _, err := clerkOf(r).RemindItems(); err != nil {
		t.Fatal(err)
	}
	reminders, err := clerkOf(r).Reminders()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]models.Reminder{}
	for _, one := range reminders {
		if posted, err := clerkOf(r).PostReminder(one, models.Mail{Subject: "s", Text: "t", HTML: "h"}); err != nil || !posted {
			t.Fatal(posted, err)
		}
		got[one.User.Name] = one
	}
	return got
}

func names(got map[string]models.Reminder) []string {
	var all []string
	for name := range got {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// Each tier has its days of warning: the handler hears each, the leader from the
// second on, the head on the day after. What falls on days off is said before them.
func TestTheLadderOfReminders(t *testing.T) {
	tests := map[string]struct {
		tier models.Tier
		due  models.Day
		want map[models.Day][]string
	}{
		"fed back": {models.PostFeedback, "2026-03-30", map[models.Day][]string{
			"2026-03-10": {"wu"}, "2026-03-20": {"leng", "wu"}, "2026-03-27": {"leng", "wu"}, "2026-03-31": {"hai", "leng", "wu"}}},
		"on the spot": {models.OnTheSpot, "2026-03-18", map[models.Day][]string{
			"2026-03-13": {"wu"}, "2026-03-17": {"leng", "wu"}, "2026-03-19": {"hai", "leng", "wu"}}},
		"immediate": {models.Immediate, "2026-03-13", map[models.Day][]string{
			"2026-03-10": {"wu"}, "2026-03-13": {"leng", "wu"}, "2026-03-16": {"hai", "leng", "wu"}}},
		"due on a Sunday": {models.Immediate, "2026-03-15", map[models.Day][]string{
			"2026-03-12": {"wu"}, "2026-03-13": {"leng", "wu"}, "2026-03-16": {"hai", "leng", "wu"}}},
		// Qingming is a Sunday, 5 April; Monday is off.
		"due after a holiday": {models.OnTheSpot, "2026-04-07", map[models.Day][]string{
			"2026-04-02": {"wu"}, "2026-04-03": {"leng", "wu"}, "2026-04-08": {"hai", "leng", "wu"}}},
		"entered when the first days have passed": {models.PostFeedback, "2026-03-10", map[models.Day][]string{
			"2026-03-02": {"leng", "wu"}, "2026-03-06": {"leng", "wu"}, "2026-03-11": {"hai", "leng", "wu"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
				want := maps.Clone(tt.want)
				item := r.RegisteredFor(r.Unit, tt.tier, tt.due)
				for day := models.Day("2026-03-02"); day <= tt.due.Plus(5); day = day.Plus(1) {
					r.At(string(day) + " 00:05")
					if _, err := clerkOf(r).FlagOverdue(); err != nil {
						t.Fatal(err)
					}
					// Somebody reports each week, so that nothing is idle.
					if day.Weekday() == 3 {
						if _, err := r.As(r.Wu).Report(r.Read(item), "继续拨付", nil); err != nil {
							t.Fatal(err)
						}
					}
					r.At(string(day) + " 08:30")
					for range 2 {
						got := remind(t, r)
						if !slices.Equal(names(got), want[day]) {
							t.Errorf("%s: told %v, want %v", day, names(got), want[day])
						}
						delete(want, day) // the second time that day nobody is told
					}
				}
			})
		})
	}
}

func TestARungThatWasMissedIsSaidOnceAndOnlyTheHighest(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-30")
		r.Today("2026-03-24") // twenty and ten days have passed while nothing ran
		got := remind(t, r)
		if !slices.Equal(names(got), []string{"leng", "wu"}) || len(got["wu"].Due) != 1 {
			t.Errorf("told %v: %+v", names(got), got["wu"])
		}
		r.Today("2026-03-25")
		if got := remind(t, r); len(got) != 0 {
			t.Errorf("the next day told %v", names(got))
		}
		trail, err := r.As(r.Office).Trail(item)
		if err != nil {
			t.Fatal(err)
		}
		said := 0
		for _, e := range trail {
			if e.Act == models.RemindDue {
				said++
			}
		}
		if said != 1 || r.Read(item).Version != item.Version {
			t.Errorf("%d events, version %d", said, r.Read(item).Version)
		}
	})
}

func TestNobodyIsToldOnADayOff(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Registered("2026-04-09")
		for _, day := range []models.Day{"2026-03-21", "2026-03-22", "2026-04-06"} { // a weekend, and Qingming's Monday
			r.Today(day)
			if n, err := clerkOf(r).RemindItems(); n != 0 || err != nil {
				t.Errorf("%s: %d items, %v", day, n, err)
			}
			if got := remind(t, r); len(got) != 0 {
				t.Errorf("%s: told %v", day, names(got))
			}
		}
	})
}

// Whatever there is to say to a person on a day is one mail; what they have read in
// the page needs none.
func TestADayIsOneMail(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Today("2026-03-02")
		returned := r.Submitted("2026-05-20")
		r.Registered("2026-03-02")
		r.Registered("2026-03-12")
		r.Registered("2026-03-21")
		_, err := r.As(r.Supervisor).Return(returned, "evidence", "缺拨付凭证")
		same(t, err, nil)
		r.At("2026-03-03 00:05")
		_, err = clerkOf(r).FlagOverdue()
		same(t, err, nil)
		r.At("2026-03-03 08:30")
		got := remind(t, r)
		if !slices.Equal(names(got), []string{"hai", "leng", "supervisor", "wu"}) {
			t.Errorf("told %v", names(got))
		}
		if wu := got["wu"]; len(wu.Due) != 2 || len(wu.Notices) != 2 || wu.Items() != 4 {
			t.Errorf("wu: %d due, %d notices", len(wu.Due), len(wu.Notices))
		}
		if hai := got["hai"]; len(hai.Due) != 0 || len(hai.Notices) != 2 {
			t.Errorf("hai: %d due, %d notices", len(hai.Due), len(hai.Notices))
		}
		r.Today("2026-03-04")
		if got := remind(t, r); len(got) != 0 {
			t.Errorf("the next day told %v again", names(got))
		}

		r.Registered("2026-03-13")
		if _, err := clerkOf(r).RemindItems(); err != nil {
			t.Fatal(err)
		}
		rows, err := r.As(r.Wu).Notices(1)
		same(t, err, nil)
		same(t, r.As(r.Wu).ReadNotices(rows[0].ID), nil)
		if got := remind(t, r); !slices.Equal(names(got), []string{"leng"}) {
			t.Errorf("wu has read it; told %v", names(got))
		}
	})
}

func TestWhoMayNotOrCannotBeToldIsNotTold(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		admin := r.As(r.Admin)
		change := func(u models.User, how func(*models.User)) {
			u, err := admin.User(u.ID)
			same(t, err, nil)
			how(&u)
			_, err = admin.SaveUser(u, "")
			same(t, err, nil)
		}
		r.Registered("2026-03-02")
		r.At("2026-03-03 00:05")
		_, err := clerkOf(r).FlagOverdue()
		same(t, err, nil)
		change(r.Wu, func(u *models.User) { u.Disabled = true })
		change(r.Leng, func(u *models.User) { u.UnitID = &r.Other.ID }) // sees nothing of the unit any more
		change(r.Hai, func(u *models.User) { u.Email = "" })
		r.At("2026-03-03 08:30")
		if got := remind(t, r); len(got) != 0 {
			t.Errorf("told %v", names(got))
		}
		change(r.Hai, func(u *models.User) { u.Email = "hai@example.gov.cn" })
		if got := remind(t, r); !slices.Equal(names(got), []string{"hai"}) {
			t.Errorf("with an address again told %v", names(got))
		}
	})
}

// Where the handler's account is gone the next above hears: no reminder goes to
// nobody.
func TestSomebodyAlwaysAnswers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		admin := r.As(r.Admin)
		for n, tt := range []struct {
			gone models.User
			want []string
		}{{r.Wu, []string{"leng"}}, {r.Leng, []string{"hai"}}, {r.Hai, []string{"office"}}} {
			tt.gone.Disabled = true
			_, err := admin.SaveUser(tt.gone, "")
			same(t, err, nil)
			r.Today(models.Day("2026-03-03").Plus(n)) // Tuesday to Thursday
			r.Registered(models.Day("2026-03-23").Plus(n))
			if got := remind(t, r); !slices.Equal(names(got), tt.want) {
				t.Errorf("without %s told %v, want %v", tt.gone.Name, names(got), tt.want)
			}
		}
	})
}

// What was settled between the notice and the mail is not worth a word, and is not
// kept for the next.
func TestWhatIsSettledIsNotSaid(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-05")
		_, err := clerkOf(r).RemindItems()
		same(t, err, nil)
		r.HandedIn(item)
		got := remind(t, r)
		if !slices.Equal(names(got), []string{"supervisor"}) {
			t.Errorf("told %v", names(got))
		}
	})
}

func TestWhatIsIdleIsSaidEachWeekAndAReviewThatIsLateOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Registered("2026-12-20")
		r.Submitted("2026-12-20")
		told := map[string][]models.Day{}
		for day := models.Day("2026-03-02"); day <= "2026-03-31"; day = day.Plus(1) {
			r.Today(day)
			for name, one := range remind(t, r) {
				for range one.Idle {
					told["idle "+name] = append(told["idle "+name], day)
				}
				for range one.Review {
					told["review "+name] = append(told["review "+name], day)
				}
			}
		}
		for what, want := range map[string][]models.Day{
			"idle wu":           {"2026-03-16", "2026-03-23", "2026-03-30"},
			"review supervisor": {"2026-03-10"}, // handed in on Monday: five working days end on the next
		} {
			if !slices.Equal(told[what], want) {
				t.Errorf("%s: %v, want %v", what, told[what], want)
			}
			delete(told, what)
		}
		if len(told) != 0 {
			t.Errorf("and %v", told)
		}
	})
}

// No mail left the house for days: what they would have said comes in one mail, not
// in a heap, and never on a day off.
func TestAReminderThatNeverLeftIsCarriedByTheNext(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Registered("2026-03-12") // ten days: said on Monday
		r.Today("2026-03-02")
		if got := write(t, r); !slices.Equal(names(got), []string{"leng", "wu"}) {
			t.Fatalf("told %v", names(got))
		}
		r.Registered("2026-03-13")
		r.Today("2026-03-03")
		// Yesterday's may not leave today, whatever comes first.
		if mails, err := clerkOf(r).ClaimMails("early", 10); err != nil || len(mails) != 0 {
			t.Errorf("%d mails of yesterday leave, %v", len(mails), err)
		}
		got := write(t, r)
		if wu := got["wu"]; len(wu.Due) != 2 {
			t.Errorf("wu is told of %d items, want both", len(wu.Due))
		}
		mails, err := clerkOf(r).ClaimMails("deliver", 10)
		if err != nil || len(mails) != 2 || mails[0].Day != "2026-03-03" {
			t.Errorf("%d mails leave, %v; want one for each of two", len(mails), err)
		}
		r.Today("2026-03-04")
		if got := write(t, r); len(got) != 2 { // the claim was never ended: its owner died
			t.Errorf("told %v", names(got))
		}
	})
}

func TestTwoProgramsRemindOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for range 12 {
			r.Registered("2026-03-12")
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		mails, carried := map[string]int{}, map[string]int{}
		for range 4 {
			wg.Go(func() {
				if _, err := clerkOf(r).RemindItems(); err != nil {
					t.Error(err)
				}
				reminders, err := clerkOf(r).Reminders()
				if err != nil {
					t.Error(err)
				}
				for _, one := range reminders {
					posted, err := clerkOf(r).PostReminder(one, models.Mail{Subject: "s", Text: "t"})
					if err != nil {
						t.Error(err)
					}
					if posted {
						mu.Lock()
						mails[one.User.Name]++
						carried[one.User.Name] += one.Items()
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
		send(t, r)
		r.Today("2026-03-03")
		for name, one := range remind(t, r) { // what came too late for the first mail
			carried[name] += one.Items()
		}
		for _, name := range []string{"wu", "leng"} {
			if mails[name] != 1 || carried[name] != 12 {
				t.Errorf("%s: %d mails on one day, %d of 12 items said", name, mails[name], carried[name])
			}
		}
	})
}

func TestOnlyTheClerkReminds(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Registered("2026-03-05")
		for _, u := range []models.User{r.Office, r.Supervisor, r.Wu, r.Shen, r.Admin} {
			_, err := r.As(u).RemindItems()
			same(t, err, models.ErrForbidden)
			_, err = r.As(u).Reminders()
			same(t, err, models.ErrForbidden)
			_, err = r.As(u).PostReminder(models.Reminder{User: u}, models.Mail{})
			same(t, err, models.ErrForbidden)
			_, err = r.As(u).ClaimMails("me", 1)
			same(t, err, models.ErrForbidden)
			_, err = r.As(u).Troubles()
			same(t, err, models.ErrForbidden)
		}
	})
}
