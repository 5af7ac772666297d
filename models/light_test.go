package models_test

import (
	"fmt"
	"testing"

	"duban/models"
	"duban/models/deadline"
	"duban/models/modelstest"
)

// Every light in SQL is the light in Go, on the day itself and the day after, in
// every tier and status.
func TestALightIsTheSameInListsAndOnTheItem(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		today := models.Day("2026-03-02")
		r.Today("2025-10-01")
		for _, tier := range deadline.Tiers() {
			for _, days := range []int{-70, -61, -60, -31, -30, -8, -7, -1, 0, 1, 3, 4, 5, 6, 10, 11, 90} {
				r.RegisteredFor(r.Unit, tier, today.Plus(days))
			}
			r.RegisteredFor(r.Unit, tier, "")
			for _, days := range []int{-1, 0, 1, 40} {
				for _, due := range []models.Day{"", today.Plus(days)} {
					if _, err := r.As(r.Office).SetStanding(r.RegisteredFor(r.Unit, tier, due), today.Plus(days)); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		for n, waited := range []int{0, 4, 5, 6, 7, 8, 20} {
			r.Today(today.Plus(-waited))
			item := r.Submitted(today.Plus(-n))
			if n%2 == 1 {
				if _, err := r.As(r.Supervisor).Close(item, "属实"); err != nil {
					t.Fatal(err)
				}
			}
		}
		for n, waited := range []int{0, 4, 5, 6, 7, 8, 20} {
			r.Today(today.Plus(-waited))
			_, err := r.As(r.Office).Register(models.NewItem{Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "台账载明", DueOn: today.Plus(-n), Stated: true, StatusWord: "已完成"})
			same(t, err, nil)
		}
		r.Today(today)
		b := r.As(r.Office)
		all, err := b.List(models.Filter{Size: 200})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{}
		for _, c := range all {
			light := c.Light(today, b.Rules())
			switch light {
			case models.LightSevere, models.LightOver:
				want["overdue"]++
				want[fmt.Sprint("age ", ageOf(c.DaysOver(today)))]++
			default:
				want[string(light)]++
			}
			if c.Idle(today, b.Rules()) {
				want["idle"]++
			}
			if c.ReviewLate(today, b.Rules(), b.Calendar()) {
				want["late"]++
			}
		}
		tally, err := b.Tally(models.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{
			"overdue": tally.Overdue(), "soon": tally.Soon(), "review": tally.Review(), "done": tally.Closed(),
			"ok": tally.OK(), "none": tally.Undated(), "look": tally.Look(), "standing": tally.Standing(), "stated": tally.Stated(), "idle": tally.Idle(), "late": tally.ReviewLate(),
		}
		for n := range tally.Ages() {
			got[fmt.Sprint("age ", n)] = tally.Age(n).N()
		}
		for figure, n := range want {
			if n == 0 || got[figure] != n {
				t.Errorf("%s: the tally says %d, the items %d", figure, got[figure], n)
			}
		}
		for _, f := range []string{"light=overdue", "light=soon", "light=review", "light=ok", "light=none", "light=done", "light=look", "light=standing", "light=look,standing", "light=standing,none", "light=stated", "light=stated,overdue", "idle=14", "late=review",
			"overdue=1-7", "overdue=8-30", "overdue=31-60", "overdue=61-", "light=overdue,soon", "status=open"} {
			filter := parse(t, f, today)
			n, err := b.Count(filter)
			if err != nil {
				t.Fatal(err)
			}
			sub, err := b.Tally(filter)
			if err != nil {
				t.Fatal(err)
			}
			if int(n) != sub.N() || n == 0 {
				t.Errorf("%s: count %d, tally %d", f, n, sub.N())
			}
		}
	})
}

func ageOf(days int) int {
	for n, a := range models.Preset().Ages() {
		if days >= a.From && (a.To == 0 || days <= a.To) {
			return n
		}
	}
	return -1
}
