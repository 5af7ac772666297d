package models_test

import (
	"testing"
	"time"

	"duban/models"
	"duban/models/modelstest"
)

// Logs are removed when they are older than the operator keeps them, and nobody keeps
// them for less than six months; the trail is never cut, whatever is swept.
func TestLogsAreKeptForAsLongAsAskedAndTheTrailForGood(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		if r.LogMonths != 36 {
			t.Errorf("%d months by default", r.LogMonths)
		}
		item := r.Registered("2026-12-20")
		if _, err := r.As(r.Wu).Report(item, "已核实 31 笔", nil); err != nil {
			t.Fatal(err)
		}
		db := r.Behind()
		at := func(day string) time.Time {
			moment, err := time.Parse(time.DateOnly, day)
			if err != nil {
				t.Fatal(err)
			}
			return moment
		}
		enter := func(day string) {
			m := models.Mail{Key: "of " + day, Kind: models.MailDigest, UserID: r.Wu.ID, Subject: "周报", Text: "周报", HTML: "<p>周报", State: models.MailSent, NextAt: at(day), CreatedAt: at(day)}
			run := models.JobRun{Job: "flag", Tick: at(day), State: "done", StartedAt: at(day)}
			for _, row := range []any{&m, &run} {
				if err := db.Create(row).Error; err != nil {
					t.Fatal(err)
				}
			}
		}
		count := func(of any, where ...any) (n int64) {
			q := db.Model(of)
			if len(where) > 0 {
				q = q.Where(where[0], where[1:]...)
			}
			if err := q.Count(&n).Error; err != nil {
				t.Fatal(err)
			}
			return n
		}
		for _, day := range []string{"2026-03-02", "2028-09-01", "2028-10-01", "2029-03-01"} {
			enter(day)
		}
		events := count(&models.Event{})
		sweep := func() {
			for _, old := range []func(*models.Board) (int, error){(*models.Board).SweepMails, (*models.Board).SweepRuns, (*models.Board).SweepSessions, (*models.Board).SweepImports, (*models.Board).SweepFiles} {
				if _, err := old(r.As(models.TheClerk)); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, tt := range []struct {
			months    int
			today     models.Day
			kept, say int64
		}{
			{36, "2029-03-01", 4, 1}, // three years all but a day; what it said goes sooner
			{36, "2029-03-03", 3, 1},
			{0, "2029-03-04", 2, 1}, // whoever asks for less has six months
			{6, "2029-03-31", 2, 1},
			{6, "2029-04-02", 1, 1},
		} {
			r.LogMonths = tt.months
			r.Today(tt.today)
			sweep()
			mails, runs, worded := count(&models.Mail{}), count(&models.JobRun{}), count(&models.Mail{}, "text <> ''")
			if mails != tt.kept || runs != tt.kept || worded != tt.say {
				t.Errorf("%s, %d months: %d mails, of them %d with their words, %d runs", tt.today, tt.months, mails, worded, runs)
			}
		}
		if now := count(&models.Event{}); now != events {
			t.Errorf("%d events of %d", now, events)
		}
	})
}
