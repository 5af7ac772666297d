package models_test

import (
	"errors"
	"fmt"
	"testing"

	"duban/models"
	"duban/models/deadline"
	"duban/models/modelstest"
)

// ledgerOf is items of two units in three categories, some of them written as
// ledgers write them.
func ledgerOf(t *testing.T, r *modelstest.Register) []models.Item {
	t.Helper()
	var news []models.NewItem
	for n, unit := range []models.Unit{r.Unit, r.Other} {
		for k, category := range []string{"八项规定", "落实中央八项规定精神方面", "选人用人", "IT 建设", ""} {
			news = append(news, models.NewItem{
				Tier: deadline.Tiers()[k%3], RoundID: r.Round.ID, UnitID: unit.ID, LedgerNo: fmt.Sprint(n, "-", k), Category: category,
				Problem: "问题", Measures: []models.Measure{{Text: "整改", DueOn: models.Day("2026-02-20").Plus(k * 5)}},
			})
		}
	}
	items, err := r.As(r.Office).Register(news...)
	if err != nil {
		t.Fatal(err)
	}
	return items
}

func TestASupervisorSeesWhatTheyAreAssignedTo(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		items := ledgerOf(t, r)
		unit, other := &r.Unit.ID, &r.Other.ID
		tests := map[string]struct {
			scopes models.Scopes
			items  int
			units  int
		}{
			"to nothing: to everything":     {nil, 10, 2},
			"to a unit":                     {models.Scopes{{UnitID: unit}}, 5, 1},
			"to both units":                 {models.Scopes{{UnitID: unit}, {UnitID: other}}, 10, 2},
			"to a category everywhere":      {models.Scopes{{Category: "八项规定"}}, 4, 2},
			"to a category of a unit":       {models.Scopes{{UnitID: other, Category: "选人用人"}}, 1, 1},
			"to a unit and a category":      {models.Scopes{{UnitID: unit}, {Category: "八项规定"}}, 7, 2},
			"in small letters":              {models.Scopes{{Category: "it"}}, 2, 2},
			"to a category that is not yet": {models.Scopes{{Category: "工程项目"}}, 0, 2},
			"to a sign that SQL knows":      {models.Scopes{{Category: "%"}}, 0, 2},
		}
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				if err := r.As(r.Office).Assign(r.Supervisor, tt.scopes); err != nil {
					t.Fatal(err)
				}
				b := r.As(r.Supervisor)
				n, err := b.Count(models.Filter{})
				if err != nil || int(n) != tt.items {
					t.Errorf("sees %d items, %v; want %d", n, err, tt.items)
				}
				tally, err := b.Tally(models.Filter{})
				if err != nil || tally.N() != tt.items {
					t.Errorf("counts %d items, %v; want %d", tally.N(), err, tt.items)
				}
				list, err := b.List(models.Filter{Size: 50})
				if err != nil || len(list) != tt.items {
					t.Errorf("lists %d items, %v; want %d", len(list), err, tt.items)
				}
				units, err := b.Units()
				if err != nil || len(units) != tt.units {
					t.Errorf("sees %d units, %v; want %d", len(units), err, tt.units)
				}
				for _, item := range items {
					_, err := b.Item(item.Number)
					if sees := err == nil; sees != tt.scopes.Cover(item.UnitID, item.Category) || !sees && !errors.Is(err, models.ErrNotFound) {
						t.Errorf("%s %q: %v, though Cover says %v", item.Number, item.Category, err, tt.scopes.Cover(item.UnitID, item.Category))
					}
					trail, err := b.Trail(item)
					if err != nil || (len(trail) > 0) != tt.scopes.Cover(item.UnitID, item.Category) {
						t.Errorf("%s: a trail of %d, %v", item.Number, len(trail), err)
					}
				}
			})
		}
		if n, err := r.As(r.Principal).Count(models.Filter{}); err != nil || n != 10 {
			t.Errorf("others see %d, %v; want all", n, err)
		}
	})
}

func TestASupervisorActsOnWhatTheyAreAssignedToAndHearsOfIt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		if err := r.As(r.Office).Assign(r.Supervisor, models.Scopes{{UnitID: &r.Other.ID}}); err != nil {
			t.Fatal(err)
		}
		item := r.Submitted("2026-03-20")
		if _, err := r.As(r.Supervisor).Return(item, "evidence", "缺凭证"); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("returning what is not theirs: %v, want ErrNotFound", err)
		}
		if _, err := r.As(r.Supervisor).Close(item, "属实"); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("closing what is not theirs: %v, want ErrNotFound", err)
		}
		notices, err := r.As(r.Supervisor).Notices(10)
		if err != nil || len(notices) != 0 {
			t.Errorf("told of %d, %v; want nothing", len(notices), err)
		}
		if notices, err = r.As(r.Office).Notices(10); err != nil || len(notices) != 1 {
			t.Errorf("the office was told of %d, %v: nobody supervises that unit", len(notices), err)
		}
		if err := r.As(r.Office).Assign(r.Supervisor, models.Scopes{{UnitID: &r.Unit.ID}}); err != nil {
			t.Fatal(err)
		}
		second := r.Submitted("2026-03-20")
		if notices, err = r.As(r.Supervisor).Notices(10); err != nil || len(notices) != 1 || notices[0].Number != second.Number {
			t.Errorf("told of %v, %v; want %s", notices, err, second.Number)
		}
		if _, err := r.As(r.Supervisor).Return(second, "evidence", "缺凭证"); err != nil {
			t.Errorf("returning what is theirs: %v", err)
		}
		if _, err := r.As(r.Supervisor).RoundUnit(r.Round.ID, r.Other.ID); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("the days of a unit that is not theirs: %v, want ErrNotFound", err)
		}
		if ru, err := r.As(r.Supervisor).RoundUnit(r.Round.ID, r.Unit.ID); err != nil || ru.FeedbackOn == "" {
			t.Errorf("the days of their unit: %+v, %v", ru, err)
		}
	})
}

func TestOnlyTheOfficeAssignsAndTheTrailSaysWhat(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		scopes := models.Scopes{{UnitID: &r.Unit.ID, Category: " 选人用人 "}, {UnitID: &r.Unit.ID, Category: "选人用人"}, {}, {Category: "四风"}}
		for _, u := range []models.User{r.Supervisor, r.Hai, r.Admin, r.Principal, {}} {
			if err := r.As(u).Assign(r.Supervisor, scopes); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s: %v, want ErrForbidden", u.Role, err)
			}
			if _, err := r.As(u).ScopesOf(r.Supervisor); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s reads: %v, want ErrForbidden", u.Role, err)
			}
		}
		office := r.As(r.Office)
		if err := office.Assign(r.Hai, scopes); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("assigning who is no supervisor: %v, want ErrNotFound", err)
		}
		nowhere := int64(999)
		var problems models.Problems
		if err := office.Assign(r.Supervisor, models.Scopes{{UnitID: &nowhere}}); !errors.As(err, &problems) || problems.Of("unit") == nil {
			t.Errorf("to a unit that is not there: %v, want a problem of the unit", err)
		}
		if err := office.Assign(r.Supervisor, models.Scopes{{Category: string(make([]rune, 31))}}); !errors.As(err, &problems) {
			t.Errorf("a word of 31 characters: %v, want a problem", err)
		}
		if err := office.Assign(r.Supervisor, scopes); err != nil {
			t.Fatal(err)
		}
		kept, err := office.ScopesOf(r.Supervisor)
		if err != nil || len(kept) != 2 || kept[0].Category != "选人用人" || kept[1].UnitID != nil {
			t.Errorf("%+v, %v; want two, once each, trimmed", kept, err)
		}
		if err := office.Assign(r.Supervisor, nil); err != nil {
			t.Fatal(err)
		}
		events, err := office.GovernTrail(models.GovernScopes)
		if err != nil || len(events) != 2 || events[0].Particulars["from"] != "jfj:选人用人;*:四风" || events[0].Particulars["to"] != "" {
			t.Errorf("%+v, %v", events, err)
		}
	})
}

// The program goes through the digests of all on one board: what one supervisor is
// assigned to must not become another's sight.
func TestEachSupervisorsDigestIsOfTheirOwnScope(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		ledgerOf(t, r)
		second, err := r.As(r.Admin).SaveUser(models.User{Name: "dangqun", FullName: "党群", Role: models.Supervisor, BodyCode: models.Dangqun, Email: "d@example.gov.cn"}, modelstest.Password)
		if err != nil {
			t.Fatal(err)
		}
		third, err := r.As(r.Admin).SaveUser(models.User{Name: "third", FullName: "第三", Role: models.Supervisor, Email: "t@example.gov.cn"}, modelstest.Password)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.As(r.Office).Assign(r.Supervisor, models.Scopes{{UnitID: &r.Unit.ID}}); err != nil {
			t.Fatal(err)
		}
		if err := r.As(r.Office).Assign(second, models.Scopes{{Category: "选人用人"}}); err != nil {
			t.Fatal(err)
		}
		want := map[int64]int{r.Supervisor.ID: 5, second.ID: 2, third.ID: 10, r.Office.ID: 10}
		people := []models.User{r.Supervisor, second, third, r.Office}
		got := map[int64]int{}
		err = r.As(models.TheClerk).DigestReports(people, func(d models.DigestReport) error {
			got[d.User.ID] = d.Tally.N()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for id, n := range want {
			if got[id] != n {
				t.Errorf("the digest of user %d counts %d items, want %d", id, got[id], n)
			}
		}
		// Nor may who sees a part have the digest of another drawn up.
		drawn := 0
		if err := r.As(r.Supervisor).DigestReports(people, func(models.DigestReport) error { drawn++; return nil }); err != nil || drawn != 1 {
			t.Errorf("drew %d, %v; want their own alone", drawn, err)
		}
		if _, err := r.As(r.Supervisor).DigestReaders(); !errors.Is(err, models.ErrForbidden) {
			t.Errorf("%v, want ErrForbidden", err)
		}
	})
}
