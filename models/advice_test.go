package models_test

import (
	"errors"
	"slices"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// adviceStates are items in every state there is for advice to be wrong about: each status,
// without a date, before it and after it, with an extension asked for and with none left.
func adviceStates(t *testing.T, r *modelstest.Register) map[string]models.Item {
	t.Helper()
	one := func(items []models.Item, err error) models.Item {
		t.Helper()
		same(t, err, nil)
		return items[0]
	}
	states := map[string]models.Item{}
	for name, due := range map[string]models.Day{"undated": "", "coming": "2026-03-20", "today": "2026-03-02", "overdue": "2026-02-20", "long overdue": "2025-02-20"} {
		nw := models.NewItem{Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "问题", Standard: "标准", DueOn: due}
		states["registered, "+name] = one(r.As(r.Office).Register(nw))
		nw.Measures = []models.Measure{{Text: "逐笔核实", DueOn: due}}
		states["underway, "+name] = one(r.As(r.Office).Register(nw))
		states["submitted, "+name] = r.HandedIn(one(r.As(r.Office).Register(nw)))
		closed, err := r.As(r.Supervisor).Close(r.HandedIn(one(r.As(r.Office).Register(nw))), "属实")
		same(t, err, nil)
		states["closed, "+name] = closed
		voided, err := r.As(r.Office).AskVoiding(one(r.As(r.Office).Register(nw)), "重复登记")
		same(t, err, nil)
		voided, err = r.As(r.Supervisor).Void(voided, voiding(t, r, voided))
		same(t, err, nil)
		states["voided, "+name] = voided
	}
	waiting, err := r.As(r.Wu).AskExtension(r.Registered("2026-03-20"), "2026-03-25", "须公示")
	same(t, err, nil)
	states["asked"] = waiting
	used := r.Registered("2026-03-20")
	for _, until := range []models.Day{"2026-03-25", "2026-03-26"} {
		used, err = r.As(r.Wu).AskExtension(used, until, "须公示")
		same(t, err, nil)
		used, err = r.As(r.Supervisor).GrantExtension(used, asked(t, r, used), "", "")
		same(t, err, nil)
	}
	states["no more extensions"] = used
	return states
}

// No sentence names a way that its item's state has closed: what is refused, and what is
// wrong with a plan, is said in every state to everybody, and whatever it advises somebody
// may do then and there.
func TestAdviceNamesNoWayThatIsClosed(t *testing.T) {
	for _, late := range []int{0, 5} {
		modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
			rules := r.As(r.Office).Rules()
			rules.LateExtensionDays = late
			if late > 0 {
				same(t, r.As(r.Office).ChangeRules(rules, "允许逾期申请"), nil)
			}
			people := []models.User{r.Wu, r.Leng, r.Hai, r.Supervisor, r.Office}
			advised, heard := models.Advised(), map[string]bool{}
			for name, item := range adviceStates(t, r) {
				open := func(a models.Act) bool {
					return slices.ContainsFunc(people, func(u models.User) bool { return r.As(u).May(a, item) })
				}
				hear := func(key string) {
					heard[key] = true
					for _, a := range advised[key] {
						if !open(a) {
							t.Errorf("%s: %s advises %s, which nobody may", name, key, a)
						}
					}
				}
				for _, u := range people {
					for _, line := range models.Road() {
						if key := refusal(r.As(u).WhyNot(line.Act, item)); key != "" {
							hear(key)
						}
					}
					_, err := r.As(u).Plan(item, []models.PlannedMeasure{{Text: "再核", Owner: "吴", DueOn: "2026-12-01"}})
					var p models.Problems
					if errors.As(err, &p) {
						for _, one := range p {
							hear(one.Key)
						}
					}
				}
			}
			for _, key := range []string{"measure.after_item", "measure.after_item.closed", "refused.report", "refused.report.closed", "extension.no_date", "date.has"} {
				if !heard[key] {
					t.Errorf("%s was never said", key)
				}
			}
			if tooLate := map[int]string{0: "extension.too_late", 5: "extension.too_late_by"}[late]; !heard[tooLate] {
				t.Errorf("%s was never said", tooLate)
			}
		})
	}
}
