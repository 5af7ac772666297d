package models_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"duban/models"
	"duban/models/deadline"
	"duban/models/modelstest"
)

// Somebody moves a date while the sheet is being made: from the first page of the list
// to its end and from its end to the first page. The sheet has each item once, as all
// of them stood when it was begun, and the trail has their true number.
func TestAnExportIsOfOneMoment(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		auditor, err := r.As(r.Admin).SaveUser(models.User{Name: "auditor", FullName: "审计员", Role: models.Auditor}, modelstest.Password)
		if err != nil {
			t.Fatal(err)
		}
		var news []models.NewItem // of several readings
		for n := range 1100 {
			news = append(news, models.NewItem{
				Tier: deadline.Tiers()[n%3], RoundID: r.Round.ID, UnitID: []int64{r.Unit.ID, r.Other.ID}[n%2], Problem: fmt.Sprintf("第 %d 个问题", n+1),
				Measures: []models.Measure{{Text: "整改", DueOn: models.Day("2026-01-01").Plus(n * 37 % 400)}},
			})
		}
		if _, err := r.As(r.Office).Register(news...); err != nil {
			t.Fatal(err)
		}
		for name, f := range map[string]models.Filter{"by urgency": {}, "by date": {Sort: "due"}, "open ones": {NotClosed: true, Group: "unit"}} {
			var want []string
			if err := r.As(r.Office).Export(f, func(int) error { return nil }, func(row models.ExportRow) error {
				want = append(want, row.Item.Number)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if n, err := r.As(r.Office).Count(f); err != nil || len(want) != int(n) || n < 1000 {
				t.Fatalf("%s: %d of %d, %v", name, len(want), n, err)
			}
			var began int
			var got, seen []string
			err := r.As(r.Office).Export(f, func(items int) error { began = items; return nil }, func(row models.ExportRow) error {
				got, seen = append(got, row.Item.Number), append(seen, row.Item.Title+string(row.Item.DueOn))
				if len(got) == 1 {
					r.SQL("UPDATE items SET due_on = '2031-01-01' WHERE number IN (?, ?)", want[0], want[1])
					r.SQL("UPDATE items SET due_on = '2019-01-01' WHERE number IN (?, ?)", want[len(want)-1], want[len(want)-2])
					r.SQL("UPDATE items SET title = '改过' WHERE number = ?", want[len(want)/2])
				}
				return nil
			})
			r.SQL("UPDATE items SET title = '问题', due_on = '2026-06-01' WHERE title = '改过' OR due_on IN ('2019-01-01', '2031-01-01')")
			if err != nil {
				t.Fatal(err)
			}
			if began != len(want) || !slices.Equal(got, want) {
				t.Errorf("%s: %d items announced, %d handed out, want %d in the same order", name, began, len(got), len(want))
			}
			if slices.ContainsFunc(seen, func(s string) bool { return strings.HasPrefix(s, "改过") || strings.HasSuffix(s, "2019-01-01") }) {
				t.Errorf("%s: the end of the sheet is of a later moment than its beginning", name)
			}
			rows, _, err := r.As(auditor).Audit(models.AuditFilter{Act: "export"}, 1)
			if err != nil || len(rows) != 1 || rows[0].Event.Particulars["items"] != fmt.Sprint(len(got)) {
				t.Errorf("%s: the trail notes %+v, %v", name, rows, err)
			}
		}
	})
}

// An export that its reader breaks off is not noted as taken.
func TestAnExportThatFailsIsNotNoted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		auditor, err := r.As(r.Admin).SaveUser(models.User{Name: "auditor", FullName: "审计员", Role: models.Auditor}, modelstest.Password)
		if err != nil {
			t.Fatal(err)
		}
		r.Registered("2026-03-20")
		broken := errors.New("broken")
		if err := r.As(r.Office).Export(models.Filter{}, func(int) error { return nil }, func(models.ExportRow) error { return broken }); !errors.Is(err, broken) {
			t.Errorf("%v", err)
		}
		if rows, _, err := r.As(auditor).Audit(models.AuditFilter{Act: "export"}, 1); err != nil || len(rows) > 0 {
			t.Errorf("%+v %v", rows, err)
		}
	})
}
