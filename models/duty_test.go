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

		duties, err := r.As(r.Wu).Duties(r.Unit)
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
		if n, err := r.As(r.Wu).Count(models.Filter{Duty: true}); err != nil || int(n) != len(duties) {
			t.Errorf("%d duties, their link counts %d (%v)", len(duties), n, err)
		}
		if duties, err = r.As(r.Shen).Duties(r.Unit); err != nil || len(duties) != 0 {
			t.Errorf("the stranger sees %d (%v)", len(duties), err)
		}
	})
}
