package models_test

import (
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// handedIn is an item of that category, handed in today.
func handedIn(t *testing.T, r *modelstest.Register, category string) models.Item {
	t.Helper()
	items, err := r.As(r.Office).Register(models.NewItem{
		Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, Category: category, Problem: category + "方面的问题",
		Measures: []models.Measure{{Text: "整改到位", DueOn: "2026-06-30"}},
	})
	same(t, err, nil)
	measures, err := r.As(r.Wu).Measures(items[0])
	same(t, err, nil)
	item, err := r.As(r.Wu).CompleteMeasure(items[0], measures[0].ID, "已办结")
	same(t, err, nil)
	item, err = r.As(r.Hai).Submit(item)
	same(t, err, nil)
	return item
}

func TestAQueueHasWhatTheRulesGiveToItsBody(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		dangqun := r.Supervisor
		dangqun.BodyCode = models.Dangqun
		other := r.Supervisor
		other.BodyCode = ""
		rules := models.Preset()
		for _, category := range []string{"落实中央八项规定精神方面", "选人用人", "工程项目", ""} {
			handedIn(t, r, category)
		}
		r.Registered("2026-03-02")
		for _, tt := range []struct {
			who  models.User
			want int
		}{{r.Supervisor, 3}, {dangqun, 3}, {other, 2}, {r.Office, 4}, {r.Wu, 4}, {r.Shen, 0}} {
			cards, err := r.As(tt.who).List(models.Filter{Mine: true})
			same(t, err, nil)
			if len(cards) != tt.want {
				t.Errorf("%s of %q has %d, want %d", tt.who.Name, tt.who.BodyCode, len(cards), tt.want)
			}
			for _, c := range cards {
				if tt.who.Role == models.Supervisor && tt.who.BodyCode != "" && !rules.VerifiedBy(c.Category).Verifies(tt.who.BodyCode) {
					t.Errorf("%s is not for %s", c.Category, tt.who.BodyCode)
				}
			}
		}
	})
}

// The clock runs in working days, and turns red against the supervisor on the day
// after the last of them.
func TestAReviewClockRunsInWorkingDays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Today("2026-03-05") // a Thursday
		item := handedIn(t, r, "工程项目")
		for _, tt := range []struct {
			day    models.Day
			waited int
			late   bool
		}{
			{"2026-03-05", 0, false}, {"2026-03-06", 1, false}, {"2026-03-08", 1, false}, {"2026-03-09", 2, false},
			{"2026-03-12", 5, false}, {"2026-03-13", 6, true},
		} {
			r.Today(tt.day)
			b := r.As(r.Supervisor)
			late, err := b.Count(models.Filter{Mine: true, ReviewLate: true})
			if waited := item.Card().ReviewWait(b.Today(), b.Calendar()); err != nil || waited != tt.waited || (late == 1) != tt.late {
				t.Errorf("%s: working day %d, late %v (%v)", tt.day, waited, late == 1, err)
			}
			if card := item.Card(); card.Overdue(b.Today()) {
				t.Errorf("%s: overdue while it waits", tt.day)
			}
		}
	})
}
