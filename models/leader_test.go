package models_test

import (
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

func TestEveryLeadersShareIsShownAlsoOfWhoHasNone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		second, err := r.As(r.Admin).SaveUser(models.User{Name: "jin", FullName: "金文", Role: models.Leader, UnitID: &r.Unit.ID}, modelstest.Password)
		if err != nil {
			t.Fatal(err)
		}
		gone, err := r.As(r.Admin).SaveUser(models.User{Name: "gone", FullName: "已走", Role: models.Leader, UnitID: &r.Unit.ID}, modelstest.Password)
		if err != nil {
			t.Fatal(err)
		}
		gone.Disabled = true
		if _, err := r.As(r.Admin).SaveUser(gone, ""); err != nil {
			t.Fatal(err)
		}
		register := func(leader string, due models.Day) {
			_, err := r.As(r.Office).Register(models.NewItem{
				Tier: models.OnTheSpot, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "问题", Leader: leader,
				Measures: []models.Measure{{Text: "整改", DueOn: due}},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		register("leng", "2026-03-01")
		register("leng", "2026-03-20")
		register("副局长", "2026-03-20")
		register("", "2026-03-01")
		r.RegisteredFor(r.Other, models.OnTheSpot, "2026-03-20")
		closed(t, r, 1) // led by 副局长, and no longer open

		for _, reader := range []models.User{r.Office, r.Supervisor, r.Hai, r.Wu, r.Principal} {
			b := r.As(reader)
			shares, err := b.LeaderShares(r.Unit)
			if err != nil {
				t.Fatal(err)
			}
			want := []struct {
				name          string
				account       int64
				open, overdue int
			}{{"hai", r.Hai.ID, 0, 0}, {"leng", r.Leng.ID, 2, 1}, {"金文", second.ID, 0, 0}, {"副局长", 0, 1, 0}, {"", 0, 1, 1}}
			if len(shares) != len(want) {
				t.Fatalf("%s: %+v", reader.Role, shares)
			}
			open := 0
			for n, w := range want {
				s := shares[n]
				if s.Name != w.name || s.Open != w.open || s.Overdue != w.overdue || (s.Account == nil) != (w.account == 0) || s.Account != nil && s.Account.ID != w.account {
					t.Errorf("%s: %+v, want %+v", reader.Role, s, w)
				}
				listed, err := b.Count(s.Filter(r.Unit))
				if err != nil || int(listed) != s.Open {
					t.Errorf("%s: %s has %d, and its link leads to %d, %v", reader.Role, s.Name, s.Open, listed, err)
				}
				open += s.Open
			}
			tally, err := b.Tally(models.Filter{Units: []string{r.Unit.Code}})
			if err != nil || tally.NotClosed() != open {
				t.Errorf("%s: the shares are %d, the unit has %d open, %v", reader.Role, open, tally.NotClosed(), err)
			}
		}
		if shares, err := r.As(r.Shen).LeaderShares(r.Unit); err != nil || len(shares) != 0 {
			t.Errorf("the stranger reads %+v, %v", shares, err)
		}
	})
}
