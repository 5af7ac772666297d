package models_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"duban/models"
	"duban/models/day"
	"duban/models/modelstest"
)

func changed(t *testing.T, y day.Year, off, work string) day.Year {
	t.Helper()
	to, err := day.ReadDays(y.Year, off, work)
	if err != nil {
		t.Fatal(err)
	}
	to.Notice, to.Checked = y.Notice, y.Checked
	return to
}

// The office enters a year; from then on everybody counts by it, on every replica, and
// the trail says who did.
func TestTheOfficeKeepsTheCalendar(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		office := r.As(r.Office)
		if office.Calendar().Known(2028) {
			t.Fatal("2028 is not out")
		}
		to := changed(t, day.Year{Year: 2028, Notice: "国办发明电〔2027〕9号", Checked: true}, "01-01..01-03 01-25..01-31", "02-05")
		if err := office.SetCalendarYear(to, 0); err != nil {
			t.Fatal(err)
		}
		for _, who := range []models.User{r.Office, r.Wu, r.Supervisor} {
			c := r.As(who).Calendar()
			if c.Doubt(2028) != day.NoDoubt || c.IsWorkday("2028-01-26") || !c.IsWorkday("2028-02-05") || c.IsWorkday("2026-02-16") {
				t.Errorf("%s counts otherwise", who.Name)
			}
		}
		var problems models.Problems
		if err := office.SetCalendarYear(to, 0); !errors.Is(err, models.ErrStale) {
			t.Errorf("entered by two at once: %v", err)
		}
		if err := office.SetCalendarYear(to, 1); err == nil {
			t.Error("nothing was changed, and it was taken")
		}
		wrong := to
		wrong.Work, wrong.Notice = []day.Day{"2028-02-07"}, ""
		if err := office.SetCalendarYear(wrong, 1); !errors.As(err, &problems) || problems.Of("days") == nil || problems.Of("notice") == nil {
			t.Errorf("a Monday made up for, without a source: %v", err)
		}
		for _, who := range []models.User{r.Wu, r.Hai, r.Supervisor, r.Principal, r.Admin} {
			if err := r.As(who).SetCalendarYear(to, 1); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s: %v", who.Name, err)
			}
			if _, err := r.As(who).CalendarEffects(to); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s asks what would change: %v", who.Name, err)
			}
		}
		years, err := office.CalendarYears()
		if err != nil || years[0].Year.Year != 2028 || years[0].ByID != r.Office.ID || years[1].Year.Year != 2027 || years[1].Version != 0 {
			t.Errorf("%v: %+v", err, years)
		}
		auditor := models.User{ID: r.Admin.ID, Name: "auditor", Role: models.Auditor}
		rows, _, err := r.As(auditor).Audit(models.AuditFilter{Act: models.Act(models.GovernCalendar), Result: "done"}, 10)
		if err != nil || len(rows) == 0 || rows[0].Event.Particulars["to.work"] != "02-05" || rows[0].Event.Particulars["year"] != "2028" {
			t.Errorf("the trail says %v %+v", err, rows)
		}
	})
}

// No stored deadline moves by an edit; those that would be read otherwise are named.
func TestAnEditOfTheCalendarMovesNoDeadline(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		office := r.As(r.Office)
		due := day.StateCouncil().After("2026-01-12", 20)
		items, err := office.Register(models.NewItem{
			Tier: models.OnTheSpot, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "公示栏未更新", LedgerNo: "9", DueOn: due,
			Measures: []models.Measure{{Seq: 1, Text: "更新", DeadlinePhrase: "20个工作日内", DueOn: due}},
		})
		if err != nil {
			t.Fatal(err)
		}
		item := items[0]
		y := day.StateCouncil().Years[2026]
		to := changed(t, y, day.Spans(y.Off, 2026)+" 01-13", day.Spans(y.Work, 2026))
		effect, err := office.CalendarEffects(to)
		if err != nil || len(effect.Removed) != 1 || effect.Removed[0] != "2026-01-13" || len(effect.Added) != 0 {
			t.Fatalf("%v: %+v", err, effect)
		}
		at := slices.IndexFunc(effect.Moved, func(m models.MovedDeadline) bool { return m.Number == item.Number })
		if at < 0 || effect.Moved[at].DueOn != due || effect.Moved[at].Reads <= due {
			t.Errorf("due %s: %+v", due, effect.Moved)
		}
		if err := office.SetCalendarYear(to, 0); err != nil {
			t.Fatal(err)
		}
		now, err := office.Item(item.Number)
		if err != nil || now.DueOn != due {
			t.Errorf("it was due %s and is now due %s: %v", due, now.DueOn, err)
		}
	})
}

// From November on the office is told of the next year; others are not.
func TestTheNextYearIsWantedFromNovember(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for _, tt := range []struct {
			day  models.Day
			year int
		}{{"2026-10-31", 0}, {"2026-11-01", 2027}, {"2027-01-04", 2027}} {
			r.Today(tt.day)
			if year, doubt := r.As(r.Office).CalendarWanted(); year != tt.year || (doubt != day.NoDoubt) != (tt.year != 0) {
				t.Errorf("%s: %d %s", tt.day, year, doubt)
			}
			if year, _ := r.As(r.Wu).CalendarWanted(); year != 0 {
				t.Errorf("%s: a handler is asked for %d", tt.day, year)
			}
		}
		y := r.As(r.Office).Calendar().Years[2027]
		y.Checked, y.Notice = true, "国办发明电〔2026〕8号"
		if err := r.As(r.Office).SetCalendarYear(y, 0); err != nil {
			t.Fatal(err)
		}
		if year, _ := r.As(r.Office).CalendarWanted(); year != 0 {
			t.Errorf("%d is still wanted", year)
		}
	})
}

// The days that deadlines are counted by are vouched for: what the office entered and what
// verifying finds there are the same, or it is said which is not.
func TestVerifyingLooksAtTheCalendar(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		to := changed(t, day.Year{Year: 2028, Notice: "国办发明电〔2027〕9号", Checked: true}, "01-01..01-03 01-25..01-31", "02-05")
		same(t, r.As(r.Office).SetCalendarYear(to, 0), nil)
		verified := func() models.TrailReport {
			report, err := r.Board(context.Background(), models.TheClerk).VerifyTrail(models.VerifyAsk{})
			same(t, err, nil)
			return report
		}
		if report := verified(); !report.Sound() {
			t.Fatalf("%+v", report.Findings)
		}
		for what, statement := range map[string]string{
			"another day":    "UPDATE calendar_years SET days = REPLACE(days, '2028-02-05', '2028-02-06')",
			"another person": "UPDATE calendar_years SET by_id = 1",
			"a year more":    "INSERT INTO calendar_years (version, year, days, by_id, at) SELECT version + 1, 2029, days, by_id, at FROM calendar_years",
			"taken away":     "DELETE FROM calendar_years",
		} {
			tx := r.Behind().Begin()
			if r.Behind().Name() == "postgres" {
				statement = strings.Replace(statement, "REPLACE(days, ", "REPLACE(days::text, ", 1)
				statement = strings.Replace(statement, "'2028-02-06')", "'2028-02-06')::jsonb", 1)
			}
			was := []map[string]any{}
			same(t, tx.Table("calendar_years").Find(&was).Error, nil)
			same(t, tx.Exec(statement).Error, nil)
			same(t, tx.Commit().Error, nil)
			if report := verified(); report.Sound() {
				t.Errorf("%s: nothing is found", what)
			}
			same(t, r.Behind().Exec("DELETE FROM calendar_years").Error, nil)
			same(t, r.Behind().Table("calendar_years").Create(&was).Error, nil)
			if report := verified(); !report.Sound() {
				t.Fatalf("%s, and back: %+v", what, report.Findings)
			}
		}
	})
}
