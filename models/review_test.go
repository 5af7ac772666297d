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
		Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, Category: category, Problem: category + "方面的问题", Standard: "整改到位", Leader: "leng",
		Measures: []models.Measure{{Text: "整改到位", DueOn: "2026-06-30"}},
	})
	same(t, err, nil)
	return r.HandedIn(items[0])
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

// What needs the word of both bodies leaves the queue of the one that has given it, and
// comes back when it is handed in anew.
func TestAQueueIsWithoutWhatItsBodyHasSaid(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		rules := r.As(r.Office).Rules()
		rules.VerifyElse = models.ByBoth
		same(t, r.As(r.Office).ChangeRules(rules, "两家都要核验"), nil)
		dangqun := r.Dangqun()
		queues := func(want ...int) {
			t.Helper()
			for n, who := range []models.User{r.Supervisor, dangqun} {
				mine, _, err := r.As(who).Mine()
				same(t, err, nil)
				listed, err := r.As(who).Count(models.Filter{Mine: true})
				same(t, err, nil)
				if mine != want[n] || int(listed) != want[n] {
					t.Errorf("%s has %d and is shown %d, want %d", who.Name, mine, listed, want[n])
				}
			}
		}
		item := handedIn(t, r, "工程项目")
		queues(1, 1)
		item, err := r.As(r.Supervisor).Close(item, "属实")
		same(t, err, nil)
		queues(0, 1)
		item, err = r.As(dangqun).Return(item, "evidence", "请补凭证")
		same(t, err, nil)
		queues(0, 0)
		r.HandedIn(item)
		queues(1, 1)
	})
}
