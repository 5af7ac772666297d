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

func TestTheWeeksAddUp(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Today("2026-01-05")
		r.Registered("2026-02-10")                               // overdue from W07 on
		r.Registered("2026-02-26")                               // overdue from W09 on
		r.RegisteredFor(r.Other, models.OnTheSpot, "2026-02-20") // overdue from W08 on
		closed := r.Submitted("2026-02-05")                      // handed in before it was due
		_, err := r.As(r.Supervisor).Close(closed, "属实")
		same(t, err, nil)
		r.Today("2026-03-03")
		for _, tt := range []struct {
			by   models.User
			want []int
		}{{r.Supervisor, []int{0, 1, 2, 3, 3}}, {r.Wu, []int{0, 1, 1, 2, 2}}, {r.Shen, []int{0, 0, 1, 1, 1}}} {
			weeks, err := r.As(tt.by).OverdueWeeks(models.Filter{}, 5)
			if err != nil {
				t.Fatal(err)
			}
			for n, week := range weeks {
				f := models.Filter{Week: week.Week}
				if n == len(weeks)-1 {
					f = models.Filter{Lights: []models.Light{models.LightOver}}
				}
				count, err := r.As(tt.by).Count(f)
				if err != nil || week.N() != tt.want[n] || int(count) != week.N() {
					t.Errorf("%s %s: %d, its link %d, want %d (%v)", tt.by.Name, week.Week, week.N(), count, tt.want[n], err)
				}
			}
		}
	})
}
