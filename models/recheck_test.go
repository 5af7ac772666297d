package models_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// closed is that many items of the unit, struck off today by the supervisor.
func closed(t *testing.T, r *modelstest.Register, n int) []models.Item {
	t.Helper()
	var items []models.Item
	for range n {
		item, err := r.As(r.Supervisor).Close(r.Submitted("2026-12-01"), "属实")
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, item)
	}
	return items
}

// Anyone can repeat a draw with nothing but a hash: this is done here by hand.
func TestADrawCanBeRepeatedByAnyone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		items := closed(t, r, 21)
		r.Registered("2026-12-01") // open, and so not drawn
		draw, err := r.As(r.Office).Draw()
		if err != nil {
			t.Fatal(err)
		}
		if len(draw.From()) != 21 || draw.Drawn != 3 || draw.Share != 10 || len(draw.Seed) < 26 {
			t.Fatalf("%+v; want 3 of 21, one in ten rounded up", draw)
		}
		hashes := map[string]string{}
		var order []string
		for _, number := range strings.Split(draw.Numbers, "\n") {
			hash := fmt.Sprintf("%x", sha256.Sum256([]byte(draw.Seed+":"+number)))
			hashes[hash] = number
			order = append(order, hash)
		}
		sort.Strings(order)
		rows, err := r.As(r.Supervisor).Rechecks(draw.ID)
		if err != nil || len(rows) != 3 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for n, row := range rows {
			if row.Number != hashes[order[n]] || row.Place != n+1 || row.DueOn != "2026-04-06" || row.ClosedBy != r.Supervisor.ID {
				t.Errorf("place %d: %+v, want %s", n+1, row, hashes[order[n]])
			}
		}
		reversed := slices.Clone(draw.From())
		slices.Reverse(reversed)
		if !slices.Equal(models.DrawOrder(draw.Seed, reversed), models.DrawOrder(draw.Seed, draw.From())) {
			t.Error("the order depends on how the numbers are listed")
		}
		if slices.Equal(models.DrawOrder("another", draw.From()), models.DrawOrder(draw.Seed, draw.From())) {
			t.Error("another seed draws the same")
		}
		trail, err := r.As(r.Wu).Trail(r.Read(models.Item{Number: rows[0].Number}))
		if err != nil || trail[0].Act != models.DrawRecheck {
			t.Errorf("the trail of a drawn item says %s, %v", trail[0].Act, err)
		}
		if next, err := r.As(r.Office).NextDraw(); err != nil || next != "2026-09-02" {
			t.Errorf("the next draw: %s, %v", next, err)
		}
		_ = items
	})
}

func TestADrawLeavesOutWhatWasDrawnAndHeld(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		if _, err := r.As(r.Office).Draw(); refusal(err) != "recheck.nothing" {
			t.Errorf("with nothing closed: %v", err)
		}
		if next, err := r.As(r.Office).NextDraw(); err != nil || next != "" {
			t.Errorf("with nothing closed the next draw is %q, %v", next, err)
		}
		items := closed(t, r, 2)
		seen := map[string]bool{}
		for range items {
			draw, err := r.As(r.Office).Draw()
			if err != nil || draw.Drawn != 1 {
				t.Fatalf("%+v, %v", draw, err)
			}
			rows, err := r.As(r.Office).Rechecks(draw.ID)
			if err != nil || len(rows) != 1 {
				t.Fatal(rows, err)
			}
			seen[rows[0].Number] = true
			item, err := r.As(r.Office).Recheck(r.Read(models.Item{Number: rows[0].Number}), rows[0].ID, models.RecheckAsk{Outcome: models.Holds, Words: "现场核查无反弹"})
			if err != nil || item.Status != models.Closed {
				t.Fatalf("%s, %v", item.Status, err)
			}
		}
		if len(seen) != 2 {
			t.Errorf("drawn %v, want each once", seen)
		}
		if _, err := r.As(r.Office).Draw(); refusal(err) != "recheck.nothing" {
			t.Errorf("when all have been drawn: %v", err)
		}
	})
}

func TestWhatDoesNotHoldIsOpenAgainAndNamesItsRecheck(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := closed(t, r, 1)[0]
		draw, err := r.As(r.Office).Draw()
		if err != nil {
			t.Fatal(err)
		}
		rows, err := r.As(r.Office).Rechecks(0)
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		id := rows[0].ID
		ask := models.RecheckAsk{Outcome: models.Failed, Words: "抽查 10 笔，2 笔仍未拨付", Until: "2026-04-30"}
		if _, err := r.As(r.Supervisor).Recheck(item, id, ask); refusal(err) != "recheck.own" {
			t.Errorf("by who closed it: %v", err)
		}
		for _, u := range []models.User{r.Wu, r.Hai, r.Principal} {
			if _, err := r.As(u).Recheck(item, id, ask); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s: %v, want ErrForbidden", u.Role, err)
			}
		}
		if _, err := r.As(r.Shen).Recheck(item, id, ask); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("the stranger: %v", err)
		}
		other := r.Registered("2026-12-01")
		if _, err := r.As(r.Office).Recheck(other, id, ask); refusal(err) != "refused.recheck_fails" {
			t.Errorf("through an open item: %v", err)
		}
		second := closed(t, r, 1)[0]
		if _, err := r.As(r.Office).Recheck(second, id, ask); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("through another closed item: %v, want ErrNotFound", err)
		}
		var problems models.Problems
		if _, err := r.As(r.Office).Recheck(item, id, models.RecheckAsk{Outcome: models.Failed, Until: "2026-03-02"}); !errors.As(err, &problems) || problems.Of("words") == nil || problems.Of("until") == nil {
			t.Errorf("without words, until today: %v", err)
		}
		if _, err := r.As(r.Office).Recheck(item, id, models.RecheckAsk{Outcome: "perhaps", Words: "说不清"}); !errors.As(err, &problems) || problems.Of("outcome") == nil {
			t.Errorf("with no outcome: %v", err)
		}
		item, err = r.As(r.Office).Recheck(item, id, ask)
		if err != nil || item.Status != models.Underway || item.DueOn != "2026-04-30" || item.FirstDueOn != "2026-12-01" || item.ClosedOn != "" || item.SubmittedOn != "" {
			t.Fatalf("%+v, %v", item, err)
		}
		if item.Card().Overdue("2026-03-02") {
			t.Error("late at once")
		}
		trail, err := r.As(r.Wu).Trail(item)
		if err != nil || trail[0].Act != models.RecheckFails || trail[0].Particulars["recheck"] != fmt.Sprint(id) || trail[0].Particulars["due"] != "2026-04-30" {
			t.Errorf("%+v, %v", trail[0], err)
		}
		of, err := r.As(r.Wu).RechecksOf(item)
		if err != nil || len(of) != 1 || of[0].Outcome != models.Failed || of[0].ByID != r.Office.ID || of[0].DrawID != draw.ID {
			t.Errorf("%+v, %v", of, err)
		}
		if of, err := r.As(r.Shen).RechecksOf(item); err != nil || len(of) != 0 {
			t.Errorf("the stranger reads %v, %v", of, err)
		}
		notices, err := r.As(r.Hai).Notices(10)
		if err != nil || notices[0].Act != models.RecheckFails {
			t.Errorf("the head was told %v, %v", notices, err)
		}
		// Closed once more, it may be drawn once more.
		item = r.HandedIn(item)
		r.Today("2026-03-10")
		if item, err = r.As(r.Supervisor).Close(item, "此次属实"); err != nil {
			t.Fatal(err)
		}
		of2, take, err := r.As(r.Office).Drawable()
		if err != nil || of2 != 2 || take != 1 {
			t.Errorf("drawable %d, %d, %v; want both", of2, take, err)
		}
	})
}

func TestADrawIsForThoseWhoCheckAndStaysWithinTheirSight(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		closed(t, r, 3)
		for _, u := range []models.User{r.Wu, r.Hai, r.Principal, r.Admin, {}} {
			if _, err := r.As(u).Draw(); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s: %v, want ErrForbidden", u.Role, err)
			}
			if _, err := r.As(u).Draws(); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s reads: %v, want ErrForbidden", u.Role, err)
			}
		}
		draw, err := r.As(r.Office).Draw()
		if err != nil {
			t.Fatal(err)
		}
		if err := r.As(r.Office).Assign(r.Supervisor, models.Scopes{{UnitID: &r.Other.ID}}); err != nil {
			t.Fatal(err)
		}
		b := r.As(r.Supervisor)
		if draws, err := b.Draws(); err != nil || len(draws) != 0 {
			t.Errorf("reads %v, %v of a unit that is not theirs", draws, err)
		}
		if _, err := b.DrawByID(draw.ID); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("%v, want ErrNotFound", err)
		}
		if rows, err := b.Rechecks(draw.ID); err != nil || len(rows) != 0 {
			t.Errorf("reads %v, %v", rows, err)
		}
		if _, err := b.Draw(); refusal(err) != "recheck.nothing" {
			t.Errorf("draws from what is not theirs: %v", err)
		}
		if err := r.As(r.Office).Assign(r.Supervisor, models.Scopes{{UnitID: &r.Unit.ID}}); err != nil {
			t.Fatal(err)
		}
		if draws, err := r.As(r.Supervisor).Draws(); err != nil || len(draws) != 1 {
			t.Errorf("reads %v, %v of their unit's", draws, err)
		}
	})
}

func TestTwoDrawsAtOnceDrawNothingTwice(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		closed(t, r, 1)
		var wait sync.WaitGroup
		errs := make(chan error, 4)
		for range 4 {
			b := r.As(r.Office)
			wait.Go(func() { _, err := b.Draw(); errs <- err })
		}
		wait.Wait()
		close(errs)
		done := 0
		for err := range errs {
			switch {
			case err == nil:
				done++
			case !errors.Is(err, models.ErrStale) && refusal(err) != "recheck.nothing":
				t.Errorf("%v", err)
			}
		}
		rows, err := r.As(r.Office).Rechecks(0)
		if done != 1 || err != nil || len(rows) != 1 {
			t.Errorf("%d drew, %d rows, %v; want one", done, len(rows), err)
		}
	})
}

func TestARecheckNotDoneInItsTimeIsToldOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		closed(t, r, 1)
		if _, err := r.As(r.Office).Draw(); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			day  models.Day
			told int
		}{{"2026-04-06", 0}, {"2026-04-07", 1}, {"2026-04-08", 0}} {
			r.Today(step.day)
			told, err := r.As(models.TheClerk).NoticeReviews()
			if err != nil || told != step.told {
				t.Errorf("on %s told of %d, %v; want %d", step.day, told, err, step.told)
			}
		}
		notices, err := r.As(r.Supervisor).Notices(10)
		if err != nil || len(notices) == 0 || notices[0].Act != models.FlagRecheck {
			t.Errorf("%v, %v", notices, err)
		}
	})
}

func TestOfManyWhoRecheckAtOnceOneDoes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := closed(t, r, 1)[0]
		if _, err := r.As(r.Office).Draw(); err != nil {
			t.Fatal(err)
		}
		rows, err := r.As(r.Office).Rechecks(0)
		if err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		errs := make(chan error, 6)
		for n := range 6 {
			b := r.As(r.Office)
			ask := models.RecheckAsk{Outcome: models.Holds, Words: "属实"}
			if n%2 == 1 {
				ask = models.RecheckAsk{Outcome: models.Failed, Words: "反弹", Until: "2026-05-01"}
			}
			wait.Go(func() { _, err := b.Recheck(item, rows[0].ID, ask); errs <- err })
		}
		wait.Wait()
		close(errs)
		done := 0
		for err := range errs {
			switch {
			case err == nil:
				done++
			case !errors.Is(err, models.ErrStale):
				t.Errorf("%v, want ErrStale", err)
			}
		}
		if done != 1 {
			t.Errorf("%d outcomes, want one", done)
		}
	})
}

// Who did the work, or whose verdict was one of those that closed it, does not check it
// again.
func TestARecheckIsForOthers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		verifiedBy(t, r, models.ByBoth)
		dangqun := r.Dangqun()
		item, err := r.As(r.Supervisor).Close(ofCategory(t, r, "工程项目"), "属实")
		same(t, err, nil)
		item, err = r.As(dangqun).Close(item, "属实")
		same(t, err, nil)
		_, err = r.As(r.Office).Draw()
		same(t, err, nil)
		rows, err := r.As(r.Office).RechecksOf(item)
		same(t, err, nil)
		item = r.Read(item)
		hai := promoted(t, r, r.Hai)
		for u, want := range map[models.User]string{r.Supervisor: "recheck.own", dangqun: "recheck.own", hai: "recheck.own_work"} {
			for _, ask := range []models.RecheckAsk{{Outcome: models.Holds, Words: "无反弹"}, {Outcome: models.Failed, Words: "反弹", Until: "2026-04-30"}} {
				if _, err := r.As(u).Recheck(item, rows[0].ID, ask); refusal(err) != want {
					t.Errorf("%s by %s: %v", ask.Outcome, u.Name, err)
				}
			}
			if r.As(u).May(models.RecheckHolds, item) {
				t.Errorf("a form is drawn for %s", u.Name)
			}
		}
		if _, err := r.As(r.Office).Recheck(item, rows[0].ID, models.RecheckAsk{Outcome: models.Holds, Words: "无反弹"}); err != nil {
			t.Error(err)
		}
	})
}
