package jobs_test

import (
	"testing"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
)

// The server was down for a week: what came up for review meanwhile is told once, at
// the next tick that is taken up.
func TestAReviewDayThatWasMissedIsToldOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		p := runner(t, r, jobs.All)
		p.Wake()
		item, err := r.As(r.Office).SetStanding(r.Registered("2026-12-01"), "2026-03-05")
		if err != nil {
			t.Fatal(err)
		}
		r.At("2026-03-04 10:00")
		p.Wake()
		r.At("2026-03-12 10:00")
		for range 3 {
			p.Wake()
		}
		trail, err := r.As(r.Office).Trail(item)
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for _, e := range trail {
			if e.Act == models.FlagReview {
				told++
			}
		}
		if told != 1 {
			t.Errorf("told %d times, want once", told)
		}
	})
}
