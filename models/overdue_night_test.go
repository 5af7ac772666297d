package models_test

import (
	"reflect"
	"slices"
	"sync"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// night lets the clerk record at that minute, and says how many nights that were.
func night(t *testing.T, r *modelstest.Register, minute string) int {
	t.Helper()
	r.At(minute)
	n, err := r.As(models.TheClerk).RecordNights()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// equal says where two values differ.
func equal[T any](t *testing.T, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// weeksOf are the weeks as that person sees them: how many were overdue, -1 for a gap.
// Each count is held to the list its link leads to.
func weeksOf(t *testing.T, r *modelstest.Register, who models.User, n int) []int {
	t.Helper()
	b := r.As(who)
	tally, err := b.Tally(models.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	weeks, err := b.OverdueWeeks(tally, n)
	if err != nil {
		t.Fatal(err)
	}
	var counts []int
	for k, week := range weeks {
		f := models.Filter{Week: week.Week}
		if k == len(weeks)-1 {
			f = models.Filter{Lights: []models.Light{models.LightOver}}
		}
		listed, err := b.Count(f)
		if err != nil || int(listed) != week.N() {
			t.Errorf("%s %s: %d, its link %d (%v)", who.Name, week.Week, week.N(), listed, err)
		}
		if week.Gap {
			counts = append(counts, -1)
		} else {
			counts = append(counts, week.N())
		}
	}
	return counts
}

func TestAWeekIsAsItStoodThenWhateverHappensLater(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Today("2026-01-05")
		first := r.Registered("2026-02-10")                      // overdue at the ends of W07 to W09
		r.Registered("2026-02-26")                               // of W09
		r.RegisteredFor(r.Other, models.OnTheSpot, "2026-02-20") // of W08 and W09
		for day := models.Day("2026-02-02"); day <= "2026-03-03"; day = day.Plus(1) {
			if n := night(t, r, string(day)+" 00:05"); n != 1 {
				t.Fatalf("%s: %d nights", day, n)
			}
		}
		r.At("2026-03-03 10:00")
		people := []struct {
			who  models.User
			want []int
		}{{r.Supervisor, []int{0, 1, 2, 3, 3}}, {r.Wu, []int{0, 1, 1, 2, 2}}, {r.Shen, []int{0, 0, 1, 1, 1}}}
		for _, p := range people {
			equal(t, weeksOf(t, r, p.who, 5), p.want)
		}
		// What was late is done and closed, and one is late anew: the past stays.
		first = r.HandedIn(first)
		_, err := r.As(r.Supervisor).Close(first, "属实")
		same(t, err, nil)
		people[0].want, people[1].want = []int{0, 1, 2, 3, 2}, []int{0, 1, 1, 2, 1}
		for _, p := range people {
			equal(t, weeksOf(t, r, p.who, 5), p.want)
		}
	})
}

func TestAMissedNightIsMadeGoodOnlyWhileNothingWasDone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Registered("2026-03-06")
		night(t, r, "2026-03-03 00:05")
		// Down from Friday to Tuesday, and nobody can have done anything.
		if n := night(t, r, "2026-03-10 10:00"); n != 7 {
			t.Errorf("%d nights were made good, want 7", n)
		}
		equal(t, weeksOf(t, r, r.Supervisor, 2), []int{1, 1})
		// Down again, and somebody worked on the Monday before the clerk did: what stood
		// at the end of Sunday nobody knows.
		r.At("2026-03-16 09:00")
		r.Registered("2026-03-12")
		if n := night(t, r, "2026-03-17 00:05"); n != 1 {
			t.Errorf("%d nights, want Monday's alone", n)
		}
		equal(t, weeksOf(t, r, r.Supervisor, 3), []int{1, -1, 2})
		figures, err := r.As(r.Supervisor).FiguresAt("2026-03-15")
		if err != nil || len(figures) != 0 {
			t.Errorf("figures of a night that was not recorded: %v (%v)", figures, err)
		}
		if n := night(t, r, "2026-03-17 00:30"); n != 0 {
			t.Errorf("%d nights were recorded twice", n)
		}
	})
}

func TestTwoProgramsRecordOneNight(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for range 20 {
			r.Registered("2026-02-20")
		}
		r.At("2026-03-03 00:05")
		var wg sync.WaitGroup
		var mu sync.Mutex
		all := 0
		for range 4 {
			wg.Go(func() {
				n, err := r.As(models.TheClerk).RecordNights()
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				all += n
				mu.Unlock()
			})
		}
		wg.Wait()
		figures, err := r.As(r.Office).FiguresAt("2026-03-02")
		if err != nil || all != 1 || figures[models.FigureOverdue] != 20 {
			t.Errorf("recorded %d times, %v (%v)", all, figures, err)
		}
	})
}

func TestOnlyTheClerkRecordsNights(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for _, who := range []models.User{r.Office, r.Supervisor, r.Wu, r.Admin} {
			_, err := r.As(who).RecordNights()
			same(t, err, models.ErrForbidden)
		}
	})
}

// A night's figures are those of its evening's pages, each person's of what they see.
func TestANightsFiguresAreThoseOfThePages(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Today("2026-02-02")
		r.Registered("2026-02-10")                                       // overdue, by less than a month
		r.Registered("2026-03-05")                                       // soon
		r.RegisteredFor(r.Other, models.PostFeedback, "2026-03-04")      // soon, of the other
		late := r.RegisteredFor(r.Other, models.OnTheSpot, "2026-01-16") // overdue by more
		r.Submitted("2026-03-20")
		moved := r.RegisteredFor(r.Other, models.PostFeedback, "2026-06-30")
		r.Today("2026-02-27")
		signed(t, r, late)
		_, err := r.As(r.Shen).AskExtension(moved, "2026-07-15", "须重新招标")
		same(t, err, nil)
		night(t, r, "2026-03-02 00:05")
		for _, tt := range []struct {
			who  models.User
			want map[models.Figure]int
		}{
			{r.Supervisor, map[models.Figure]int{"overdue": 2, "severe": 1, "soon": 2, "idle": 5, "review": 1, "review.jiwei": 1, "review.dangqun": 1, "review.other": 1, "asked": 1, "awaited": 1}},
			{r.Wu, map[models.Figure]int{"overdue": 1, "severe": 0, "soon": 1, "idle": 2, "review": 1, "review.jiwei": 1, "review.dangqun": 1, "review.other": 1, "asked": 0, "awaited": 0}},
			{r.Shen, map[models.Figure]int{"overdue": 1, "severe": 1, "soon": 1, "idle": 3, "review": 0, "review.jiwei": 0, "review.dangqun": 0, "review.other": 0, "asked": 1, "awaited": 1}},
			{r.Admin, map[models.Figure]int{"overdue": 0, "severe": 0, "soon": 0, "idle": 0, "review": 0, "review.jiwei": 0, "review.dangqun": 0, "review.other": 0, "asked": 0, "awaited": 0}},
		} {
			got, err := r.As(tt.who).FiguresAt("2026-03-01")
			same(t, err, nil)
			equal(t, got, tt.want)
		}
		// Who sees some categories only has no figure that was cut by units, and yet the
		// weeks, which are kept item by item.
		same(t, r.As(r.Office).Assign(r.Supervisor, models.Scopes{{Category: "选人用人"}}), nil)
		got, err := r.As(r.Supervisor).FiguresAt("2026-03-01")
		if err != nil || len(got) != 0 {
			t.Errorf("figures of a part that was not counted: %v (%v)", got, err)
		}
		equal(t, weeksOf(t, r, r.Supervisor, 2), []int{-1, 0})
		r.At("2026-03-03 10:00")
		equal(t, weeksOf(t, r, r.Supervisor, 2), []int{0, 0})
	})
}

// One sentence says what changed, and its numbers add up, whatever way an item became
// late or ceased to be.
func TestWhatChangedSinceAWeekAddsUp(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Today("2026-01-05")
		r.Registered("2026-02-10") // stays late
		done := r.Registered("2026-02-12")
		fresh := r.Registered("2026-03-03")
		back := r.Submitted("2026-01-20") // handed in before it was due, and sent back after: its date has moved
		night(t, r, "2026-03-02 00:05")   // Sunday's
		r.Today("2026-03-03")
		r.HandedIn(done)
		r.Today("2026-03-04")
		_, err := r.As(r.Supervisor).Return(back, "evidence", "请补凭证")
		same(t, err, nil)

		b := r.As(r.Supervisor)
		tally, err := b.Tally(models.Filter{})
		same(t, err, nil)
		weeks, err := b.OverdueWeeks(tally, 2)
		same(t, err, nil)
		change, err := b.OverdueChange(weeks[0], tally)
		same(t, err, nil)
		equal(t, []int{change.Then, change.New, change.Left, tally.Overdue()}, []int{2, 1, 1, 2})
		for _, tt := range []struct {
			f    models.Filter
			want []string
		}{{change.Since, []string{fresh.Number}}, {change.Gone, []string{done.Number}}} {
			cards, err := b.List(tt.f)
			same(t, err, nil)
			var numbers []string
			for _, c := range cards {
				numbers = append(numbers, c.Number)
			}
			slices.Sort(numbers)
			slices.Sort(tt.want)
			equal(t, numbers, tt.want)
			read, ignored := models.ParseFilter(tt.f.Values(), r.As(r.Office).Today())
			if len(ignored) > 0 || read.Encode() != tt.f.Encode() {
				t.Errorf("%s is not read back: %s, %v", tt.f.Encode(), read.Encode(), ignored)
			}
		}
		equal(t, change.Silent, []string{fresh.Number})
	})
}

func TestAnImportTakenBackIsTakenOutOfTheNights(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Registered("2026-02-20")
		r.Today("2026-03-08")
		imported := confirmed(t, r, r.Office, "序号,问题,整改措施,责任领导,责任人,整改时限\n91,差旅费超标准报销,清退超标部分,副局长,财务处处长,2026年2月26日前\n")
		night(t, r, "2026-03-09 00:05")
		r.At("2026-03-09 08:00")
		figures, err := r.As(r.Supervisor).FiguresAt("2026-03-08")
		if err != nil || figures[models.FigureOverdue] != 2 {
			t.Errorf("%v (%v)", figures, err)
		}
		same(t, r.As(r.Office).UndoImport(imported), nil)
		r.At("2026-03-10 08:00")
		equal(t, weeksOf(t, r, r.Supervisor, 2), []int{1, 1})
		figures, err = r.As(r.Supervisor).FiguresAt("2026-03-08")
		if _, known := figures[models.FigureIdle]; err != nil || known {
			t.Errorf("what it counted among is still said to be known: %v (%v)", figures, err)
		}
	})
}
