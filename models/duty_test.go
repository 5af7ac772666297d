package models_test

import (
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

func TestAUnitsDutiesAreWhatIsLateDueAskedForOrSentBack(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		late := r.Registered("2026-02-20")
		r.Registered("2026-03-10") // due in eight days: next week's
		soon := r.Registered("2026-03-09")
		todayItem := r.Registered("2026-03-02")
		asked := r.Registered("2026-06-30")
		back := r.Submitted("2026-06-01")
		r.Submitted("2026-02-25") // waits for the supervisor, not for the unit
		r.RegisteredFor(r.Other, models.OnTheSpot, "2026-02-20")
		signed(t, r, asked)
		back, err := r.As(r.Supervisor).Return(r.Read(back), "evidence", "请补凭证")
		same(t, err, nil)

		duties, whole, err := r.As(r.Wu).Duties(r.Unit)
		same(t, err, nil)
		var got []string
		for _, d := range duties {
			line := d.Card.Number + " " + string(d.By())
			for _, why := range d.Why {
				line += " " + string(why)
			}
			got = append(got, line)
		}
		equal(t, got, []string{
			late.Number + " 2026-02-20 overdue", todayItem.Number + " 2026-03-02 due", soon.Number + " 2026-03-09 due",
			back.Number + " 2026-06-01 returned", asked.Number + " 2026-03-09 letter",
		})
		if n, err := r.As(r.Wu).Count(models.Filter{Duty: true}); err != nil || int(n) != len(duties) || whole != len(duties) {
			t.Errorf("%d duties, %d in all, their link counts %d (%v)", len(duties), whole, n, err)
		}
		if duties, whole, err = r.As(r.Shen).Duties(r.Unit); err != nil || len(duties) != 0 || whole != 0 {
			t.Errorf("the stranger sees %d of %d (%v)", len(duties), whole, err)
		}
	})
}

// A list is cut where a page would grow without end; how many there are is not.
func TestMoreDutiesThanAPageShowsAreCounted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		var many []models.NewItem
		for range 203 {
			many = append(many, models.NewItem{Tier: models.OnTheSpot, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "问题",
				Measures: []models.Measure{{Text: "整改", DueOn: "2026-02-20"}}})
		}
		_, err := r.As(r.Office).Register(many...)
		same(t, err, nil)
		duties, whole, err := r.As(r.Wu).Duties(r.Unit)
		if err != nil || whole != 203 || len(duties) >= whole {
			t.Errorf("%d duties of %d (%v)", len(duties), whole, err)
		}
	})
}
