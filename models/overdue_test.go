package models_test

import (
	"sync"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

func flagged(t *testing.T, r *modelstest.Register, item models.Item) (events, notices int) {
	t.Helper()
	trail, err := r.As(r.Office).Trail(item)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range trail {
		if e.Act == models.FlagOverdue {
			events++
		}
	}
	for _, person := range []models.User{r.Wu, r.Leng, r.Hai, r.Shen, r.Office, r.Supervisor} {
		rows, err := r.As(person).Notices(100)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if row.ItemID == item.ID && row.Act == models.FlagOverdue {
				if person.ID != r.Wu.ID && person.ID != r.Leng.ID && person.ID != r.Hai.ID {
					t.Errorf("%s was told", person.Name)
				}
				notices++
			}
		}
	}
	return events, notices
}

func TestWhatBecomesOverdueIsFlaggedOnce(t *testing.T) {
	tests := map[string]struct {
		runs []models.Day
		want int
	}{
		"due today is not overdue today": {[]models.Day{"2026-03-09"}, 0},
		"the day after":                  {[]models.Day{"2026-03-09", "2026-03-10"}, 1},
		"again the same day":             {[]models.Day{"2026-03-10", "2026-03-10"}, 1},
		"every day":                      {[]models.Day{"2026-03-09", "2026-03-10", "2026-03-11", "2026-03-12"}, 1},
		"after four days down":           {[]models.Day{"2026-03-14"}, 1},
	}
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for name, tt := range tests {
			r.Today("2026-03-02")
			item := r.Registered("2026-03-09")
			for _, day := range tt.runs {
				r.Today(day)
				if _, err := r.As(models.TheClerk).FlagOverdue(); err != nil {
					t.Fatal(err)
				}
			}
			events, notices := flagged(t, r, item)
			if events != tt.want || notices != 3*tt.want {
				t.Errorf("%s: %d events, %d notices", name, events, notices)
			}
			if fresh := r.Read(item); fresh.Version != item.Version {
				t.Errorf("%s: the flag turned away the page somebody has open", name)
			}
		}
	})
}

func TestTwoFlagsAtOnceAreOne(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		var items []models.Item
		for range 20 {
			items = append(items, r.Registered("2026-03-09"))
		}
		r.Today("2026-03-10")
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := r.As(models.TheClerk).FlagOverdue(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, item := range items {
			if events, notices := flagged(t, r, item); events != 1 || notices != 3 {
				t.Errorf("%s: %d events, %d notices", item.Number, events, notices)
			}
		}
	})
}

func TestOnlyTheClerkFlags(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-02-09")
		for _, person := range []models.User{r.Wu, r.Office, r.Supervisor, r.Shen} {
			if n, _ := r.As(person).FlagOverdue(); n != 0 {
				t.Errorf("%s flagged %d", person.Name, n)
			}
		}
		if events, _ := flagged(t, r, item); events != 0 {
			t.Errorf("%d events", events)
		}
	})
}

// The page is about what is overdue; when nothing is and nobody asked for less, about what is
// due next; and about what was asked for, whatever is overdue.
func TestWhatTheOverduePageIsAbout(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		page := func(f models.Filter) models.OverduePage {
			t.Helper()
			b := r.As(r.Supervisor)
			now, err := b.Tally(models.Filter{})
			same(t, err, nil)
			units, err := b.Units()
			same(t, err, nil)
			p, err := b.OverduePage(f, now, units, r.Round)
			same(t, err, nil)
			return p
		}
		numbers := func(p models.OverduePage) (all []string) {
			for _, c := range p.Cards {
				all = append(all, c.Number)
			}
			return all
		}
		soon := r.Registered("2026-03-06")
		p := page(models.Filter{})
		if got := numbers(p); !p.Due || len(got) != 1 || got[0] != soon.Number || p.Next != "2026-03-06" || p.NextN != 1 || p.Longest != 0 {
			t.Errorf("nothing is overdue: %v, %+v", got, p)
		}
		if p := page(models.Filter{Units: []string{r.Unit.Code}}); p.Due || len(p.Cards) != 0 {
			t.Errorf("of one unit: %v", numbers(p))
		}
		late := r.Registered("2026-02-27")
		p = page(models.Filter{})
		if got := numbers(p); p.Due || len(got) != 1 || got[0] != late.Number || p.Longest != late.DueOn.DaysUntil(r.As(r.Supervisor).Today()) {
			t.Errorf("one is overdue: %v, %+v", got, p)
		}
		if got := numbers(page(models.Filter{Lights: []models.Light{models.LightSoon}})); len(got) != 1 || got[0] != soon.Number {
			t.Errorf("what is soon was asked for: %v", got)
		}
		for n, want := range map[*int]int{&p.Asked: 0, &p.Awaited: 0, &p.AwaitedLate: 0, &p.Judge: 0, &p.Mine: 0} {
			if *n != want {
				t.Errorf("%+v", p)
			}
		}
		item, err := r.As(r.Wu).AskExtension(soon, "2026-04-20", "须公示")
		same(t, err, nil)
		_ = r.Submitted("2026-03-20")
		if p := page(models.Filter{}); p.Asked != 1 || p.Mine != 1 || p.MineLate != 0 {
			t.Errorf("%s asks for a date and one waits: %+v", item.Number, p)
		}
	})
}
