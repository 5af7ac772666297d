package models_test

import (
	"errors"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// One item is typed: by the office for every unit, by a unit for itself, with its deadline
// in words.
func TestAnItemIsTyped(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		office := r.As(r.Office)
		one := models.NewItem{Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: " 差旅费超标准报销 1.28 万元。 ", LedgerNo: "7", Handler: r.Wu.FullName}
		item, err := office.Enter(one, "4月15日")
		if err != nil || item.DueOn != "2026-04-15" || item.FirstDueOn != "2026-04-15" || item.Title != "差旅费超标准报销 1.28 万元" || item.HandlerID == nil || *item.HandlerID != r.Wu.ID {
			t.Fatalf("%+v %v", item, err)
		}
		trail, err := office.Trail(item)
		if err != nil || len(trail) != 1 || trail[0].Act != models.RegisterItem || trail[0].Particulars["ledger_no"] != "7" {
			t.Errorf("%+v %v", trail, err)
		}
		if next, err := office.NextNumber(r.Round.ID, r.Unit.ID); next != "8" || err != nil {
			t.Errorf("next is %q, %v", next, err)
		}
		if next, err := r.As(r.Shen).NextNumber(r.Round.ID, r.Unit.ID); next != "1" || err != nil {
			t.Errorf("a stranger learns that the next is %q, %v", next, err)
		}
		if item, err = office.Enter(one, "长期坚持"); err != nil || !item.Standing || item.DueOn != "" {
			t.Errorf("standing: %+v %v", item, err)
		}

		// A unit proposes its date, and has no other unit's items.
		item, err = r.As(r.Wu).Enter(one, "2026-05-20")
		if err != nil || item.DueOn != "" || item.AskedUntil != "2026-05-20" {
			t.Errorf("%+v %v", item, err)
		}
		if _, err = r.As(r.Shen).Enter(one, ""); err == nil {
			t.Error("a stranger enters an item of another unit")
		}
		if _, err = r.As(r.Supervisor).Enter(one, ""); !errors.Is(err, models.ErrForbidden) {
			t.Errorf("a supervisor enters an item: %v", err)
		}

		// All that is wrong is said at once, and nothing is registered.
		n, err := office.Count(models.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = office.Enter(models.NewItem{Category: strings.Repeat("类", 301), LedgerNo: strings.Repeat("9", 99)}, "有空再说")
		problems := models.Problems(nil)
		if !errors.As(err, &problems) {
			t.Fatal(err)
		}
		for _, field := range []string{"problem", "unit", "tier", "round", "category", "number"} {
			if problems.Of(field) == nil {
				t.Errorf("nothing is said of %s: %v", field, problems)
			}
		}
		for _, due := range []string{"有空再说", "2026-02-30", "验收后10日内"} {
			if _, err = office.Enter(one, due); !errors.As(err, &problems) || problems.Of("due") == nil {
				t.Errorf("%s is taken: %v", due, err)
			}
		}
		if after, err := office.Count(models.Filter{}); after != n || err != nil {
			t.Errorf("%d items after %d, %v", after, n, err)
		}
	})
}
