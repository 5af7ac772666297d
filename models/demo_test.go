package models_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"duban/models"
	"duban/models/modelstest"
	"duban/models/password"
)

// The demonstration shows the same figures on whatever day it is begun.
func TestTheDemonstrationOnAnyDay(t *testing.T) {
	days := map[string]string{
		"the prototypes' Monday": "2024-07-08", "a leap day": "2024-02-29", "new year": "2026-01-01", "year's end": "2026-12-31",
		"the spring festival": "2026-02-18", "a Sunday": "2026-11-22",
	}
	modelstest.EachDatabase(t, func(t *testing.T, url string) {
		engine, _, _ := strings.Cut(url, ":")
		for name, day := range days {
			t.Run(name, func(t *testing.T) {
				ctx := context.Background()
				store, err := models.Open(t.Context(), modelstest.URL(t, engine))
				if err != nil {
					t.Fatal(err)
				}
				defer store.Close()
				now, err := time.Parse(time.RFC3339, day+"T08:30:00+08:00")
				if err != nil {
					t.Fatal(err)
				}
				store.Now = func() time.Time { return now }
				store.Hashing = password.Cost{Memory: 8, Passes: 1}
				if filled, err := store.FillDemo(ctx, modelstest.Password); err != nil || !filled {
					t.Fatal(filled, err)
				}
				if filled, err := store.FillDemo(ctx, modelstest.Password); err != nil || filled {
					t.Errorf("filled twice: %v, %v", filled, err)
				}
				people, err := store.DemoPeople(ctx)
				if err != nil || len(people) != 6+8*3 {
					t.Fatalf("%d people, %v", len(people), err)
				}
				b := store.Board(ctx, people[0])
				tally, err := b.Tally(models.Filter{})
				if err != nil {
					t.Fatal(err)
				}
				figures := map[string][2]int{
					"items": {tally.N(), 48}, "units": {tally.Units(), 8}, "overdue": {tally.Overdue(), 9}, "soon": {tally.Soon(), 6},
					"review": {tally.Review(), 5}, "closed": {tally.Closed(), 18}, "on track": {tally.OK(), 10}, "idle": {tally.Idle(), 4},
					"severe": {tally.Severe(), 2}, "not begun": {tally.Status(models.Registered).N(), 4}, "under way": {tally.Status(models.Underway).N(), 21},
					"immediate": {tally.Tier(models.Immediate).N(), 10}, "on the spot": {tally.Tier(models.OnTheSpot).N(), 14}, "after feedback": {tally.Tier(models.PostFeedback).N(), 24},
				}
				for figure, f := range figures {
					if f[0] != f[1] {
						t.Errorf("%s: %d, want %d", figure, f[0], f[1])
					}
				}
				if left, err := store.Board(ctx, models.TheClerk).FlagOverdue(); err != nil || left != 0 {
					t.Errorf("%d were not flagged in their night, %v", left, err)
				}
				if day == "2024-07-08" {
					weeks, err := b.OverdueWeeks(tally, 8)
					if err != nil {
						t.Fatal(err)
					}
					for n, want := range []int{1, 1, 2, 2, 3, 5, 6, 9} {
						if weeks[n].N() != want {
							t.Errorf("%s: %d overdue, want %d", weeks[n].Week, weeks[n].N(), want)
						}
					}
					if item, err := b.Item("FK-2024-003"); err != nil || item.DueOn != "2024-06-30" {
						t.Errorf("%v, %v", item.DueOn, err)
					}
				}
				removed, err := store.Board(ctx, models.TheClerk).RemoveDemo()
				if err != nil || removed != 48 {
					t.Errorf("removed %d, %v", removed, err)
				}
				if needs, err := store.NeedsSetUp(ctx); err != nil || !needs {
					t.Errorf("accounts are left: %v", err)
				}
				if demo, err := store.HasDemo(ctx); err != nil || demo {
					t.Errorf("a round is left: %v", err)
				}
			})
		}
	})
}

func TestRemovingTheDemonstrationLeavesRealWorkAlone(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, url string) {
		ctx := context.Background()
		store, err := models.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		store.Hashing = password.Cost{Memory: 8, Passes: 1}
		if _, err := store.FillDemo(ctx, modelstest.Password); err != nil {
			t.Fatal(err)
		}
		people, err := store.DemoPeople(ctx)
		if err != nil {
			t.Fatal(err)
		}
		office := store.Board(ctx, people[2])
		units, err := office.Units()
		if err != nil {
			t.Fatal(err)
		}
		round, err := office.CurrentRound()
		if err != nil {
			t.Fatal(err)
		}
		real, err := office.Register(models.NewItem{Tier: models.PostFeedback, RoundID: round.ID, UnitID: units[0].ID, Problem: "真实事项"})
		if err != nil {
			t.Fatal(err)
		}
		// What was tried out goes with it: rules, a draw, a handover, scopes.
		if err := office.ChangeRules(change(t, office, map[string]string{"idle_days": "30"}), "试一试"); err != nil {
			t.Fatal(err)
		}
		if _, err := office.Draw(); err != nil {
			t.Fatal(err)
		}
		staff, err := office.PeopleOf(units[1].ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := office.HandOver(models.HandoverAsk{From: staff[0].ID, To: staff[1].ID, Why: "试一试"}); err != nil {
			t.Fatal(err)
		}
		if err := office.Assign(people[0], models.Scopes{{UnitID: &units[1].ID}}); err != nil {
			t.Fatal(err)
		}
		if removed, err := store.Board(ctx, models.TheClerk).RemoveDemo(); err != nil || removed != 48 {
			t.Fatalf("removed %d, %v", removed, err)
		}
		modelstest.Await(t, "the rules from before those that were tried out", func() bool { // rules are believed for a second
			rules := store.Board(ctx, models.TheClerk).Rules()
			return rules.IdleDays == 14 && rules.Version == 1
		})
		clerk := store.Board(ctx, models.TheClerk)
		if item, err := clerk.Item(real[0].Number); err != nil || item.Problem != "真实事项" {
			t.Errorf("%v, %v", item, err)
		}
		if units, err := clerk.Units(); err != nil || len(units) != 1 {
			t.Errorf("%d units, %v", len(units), err)
		}
		if trail, err := clerk.Trail(real[0]); err != nil || len(trail) != 1 {
			t.Errorf("%d events, %v", len(trail), err)
		}
		if _, err := store.SignIn(ctx, "xuncha", modelstest.Password); err == nil {
			t.Error("a demonstration account still signs in")
		}
	})
}
