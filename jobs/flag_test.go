package jobs_test

import (
	"slices"
	"testing"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
)

// The server was down at midnight, and for four days: what became overdue meanwhile
// is flagged at the next start, once each, with an event and a notice.
func TestWhatBecameOverdueWhileNobodyWatchedIsFlaggedOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		p := runner(t, r, jobs.All)
		p.Wake()
		var items []models.Item
		for _, due := range []models.Day{"2026-03-02", "2026-03-03", "2026-03-05", "2026-03-06", "2026-03-09"} {
			items = append(items, r.Registered(due))
		}
		r.At("2026-03-06 10:00")
		for range 3 {
			p.Wake()
		}
		for n, item := range items {
			trail, err := r.As(r.Office).Trail(item)
			if err != nil {
				t.Fatal(err)
			}
			flags := 0
			for _, e := range trail {
				if e.Act == models.FlagOverdue {
					flags++
				}
			}
			want := 0
			if n < 3 {
				want = 1
			}
			if flags != want {
				t.Errorf("due %s: flagged %d times, want %d", item.DueOn, flags, want)
			}
		}
		notices, err := r.As(r.Wu).Notices(10)
		notices = slices.DeleteFunc(notices, func(n models.NoticeRow) bool { return n.Act != models.FlagOverdue })
		if err != nil || len(notices) != 3 {
			t.Errorf("%d notices, %v; want one for each of three", len(notices), err)
		}
	})
}

func BenchmarkFlag(b *testing.B) {
	for _, engine := range modelstest.Engines {
		b.Run(engine, func(b *testing.B) {
			r := modelstest.Open(b, modelstest.URL(b, engine))
			r.Fill(5000)
			if _, err := clerk(r).FlagOverdue(); err != nil {
				b.Fatal(err)
			}
			var news []models.NewItem
			day := r.As(r.Office).Today()
			for b.Loop() {
				b.StopTimer()
				news = news[:0]
				for range 300 {
					news = append(news, models.NewItem{Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "拨付不及时",
						Measures: []models.Measure{{Text: "拨付", DueOn: day}}})
				}
				if _, err := r.As(r.Office).Register(news...); err != nil {
					b.Fatal(err)
				}
				day = day.Plus(1)
				r.Today(day)
				b.StartTimer()
				if n, err := clerk(r).FlagOverdue(); err != nil || n < 300 {
					b.Fatal(n, err)
				}
			}
		})
	}
}
