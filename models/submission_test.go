package models_test

import (
	"slices"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// What is missing is said at all times, line by line, and the same lines refuse the
// deed.
func TestTheGateHoldsUntilAllIsThere(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		items, err := r.As(r.Office).Register(models.NewItem{
			Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "企业奖补资金拨付不及时", DueOn: "2026-03-09",
		})
		if err != nil {
			t.Fatal(err)
		}
		item := items[0]
		missing := func(want ...string) {
			t.Helper()
			gaps, err := r.As(r.Wu).Gate(item)
			if err != nil {
				t.Fatal(err)
			}
			var open []string
			for _, g := range gaps {
				if !g.Done {
					open = append(open, strings.TrimPrefix(g.Key, "gate."))
				}
			}
			if !slices.Equal(open, want) {
				t.Errorf("missing %v, want %v", open, want)
			}
			if item.Status == models.Underway && len(want) > 0 {
				_, err = r.As(r.Hai).Submit(item)
				same(t, err, models.Refused{Key: "submission.gate"})
			}
			if may := r.As(r.Wu).May(models.SubmitItem, item); may != (len(want) == 0) {
				t.Errorf("a button is drawn: %t, with %v missing", may, want)
			}
		}
		step := func(do func() (models.Item, error)) {
			t.Helper()
			fresh, err := do()
			if err != nil {
				t.Fatal(err)
			}
			item = fresh
		}
		wu := r.As(r.Wu)
		signatures := []string{"signed.handler", "signed.leader", "signed.head"}
		missing(append([]string{"standard", "measures_done", "evidence"}, signatures...)...)
		step(func() (models.Item, error) { return wu.SetStandard(item, "全部拨付到位") })
		step(func() (models.Item, error) {
			return wu.Plan(item, []models.PlannedMeasure{{Text: "逐笔核实", Owner: "李慧", DueOn: "2026-03-05"}, {}, {Text: "修订流程", Owner: "王建", DueOn: "2026-03-09"}})
		})
		missing(append([]string{"measures_done", "evidence"}, signatures...)...)
		measures, err := wu.Measures(item)
		if err != nil || len(measures) != 2 {
			t.Fatal(measures, err)
		}
		_, err = wu.CompleteMeasure(item, measures[0].ID, "  ")
		same(t, err, problemOf("result"))
		step(func() (models.Item, error) { return wu.CompleteMeasure(item, measures[0].ID, "已核实 43 笔") })
		_, err = wu.CompleteMeasure(item, measures[0].ID, "再来一次")
		same(t, err, models.Refused{Key: "measure.already_done"})
		step(func() (models.Item, error) { return wu.CompleteMeasure(item, measures[1].ID, "已印发") })
		missing(append([]string{"evidence"}, signatures...)...)
		step(func() (models.Item, error) { return wu.ReopenMeasure(item, measures[0].ID) })
		missing(append([]string{"measures_done", "evidence"}, signatures...)...)
		step(func() (models.Item, error) {
			return r.As(r.Leng).CompleteMeasure(item, measures[0].ID, "已核实 43 笔")
		})
		step(func() (models.Item, error) {
			return wu.AddEvidence(item, models.Evidence{DocNo: "经发〔2026〕1 号"})
		}) // of the item, of no measure
		missing(append([]string{"evidence"}, signatures...)...)
		_, err = wu.Sign(item, models.Pledge{})
		same(t, err, models.Refused{Key: "signature.gate"})
		for _, m := range measures {
			step(func() (models.Item, error) {
				return wu.AddEvidence(item, models.Evidence{MeasureID: &m.ID, Note: "见会议记录"})
			})
		}
		missing(signatures...)
		item = r.SignedBy(item, r.Wu, r.Leng)
		missing("signed.head")
		item = r.SignedBy(item, r.Hai)
		missing()
		step(func() (models.Item, error) { return r.As(r.Wu).Submit(item) }) // signed by the head, handed in by whom it may be
		if item.Status != models.Submitted || item.SubmittedOn != "2026-03-02" || item.SubmittedBy != r.Wu.ID {
			t.Errorf("%s on %s by %d", item.Status, item.SubmittedOn, item.SubmittedBy)
		}
		_, err = r.As(r.Wu).Report(item, "补充", nil)
		same(t, err, models.Refused{Key: "refused.report"})
	})
}

// The unit's clock stands still from submission to return: its date moves by the days
// between.
func TestTheClockIsFair(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Submitted("2026-03-09")
		r.Today("2026-03-09")
		if item.Card().ReviewLate("2026-03-09", models.Preset(), r.Calendar) {
			t.Error("late on the fifth working day")
		}
		r.Today("2026-03-20")
		tally, err := r.As(r.Supervisor).Tally(models.Filter{})
		if err != nil || tally.Overdue() != 0 || tally.Review() != 1 || tally.ReviewLate() != 1 {
			t.Errorf("overdue %d review %d late %d, %v", tally.Overdue(), tally.Review(), tally.ReviewLate(), err)
		}
		if n, err := r.As(models.TheClerk).FlagOverdue(); n != 0 || err != nil {
			t.Errorf("flagged %d, %v", n, err)
		}
		_, err = r.As(r.Supervisor).Return(item, "whim", "")
		same(t, err, problemOf("reason", "words"))
		item, err = r.As(r.Supervisor).Return(item, "evidence", "缺银行回单")
		same(t, err, nil)
		if item.DueOn != "2026-03-27" || item.Status != models.Underway || item.ReturnedReason != "缺银行回单" || item.SubmittedOn != "" {
			t.Errorf("%+v", item)
		}
		if n, err := r.As(models.TheClerk).FlagOverdue(); n != 0 || err != nil {
			t.Errorf("flagged %d, %v", n, err)
		}
	})
}

func TestClosedLateIsRecorded(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Submitted("2026-02-27")
		r.Today("2026-03-05")
		_, err := r.As(r.Supervisor).Close(item, " ")
		same(t, err, problemOf("words"))
		item, err = r.As(r.Supervisor).Close(item, "属实，同意销号")
		same(t, err, nil)
		trail, err := r.As(r.Wu).Trail(item)
		if err != nil || trail[0].Act != models.CloseItem || trail[0].Particulars["late"] != "3" || item.ClosedOn != "2026-03-05" {
			t.Errorf("%+v, %v", trail[0], err)
		}
		_, err = r.As(r.Supervisor).Close(item, "再销一次")
		same(t, err, models.Refused{Key: "refused.close"})
	})
}

// The unit's clock stands still while an item lies with the supervisors: what was handed
// in in time, sent back eleven days later and handed in again the same day is not late,
// and neither is what the unit took back itself while nobody had answered it.
func TestTheSupervisorsDaysAreNotTheUnits(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		back := map[string]func(models.Item) (models.Item, error){
			"returned":  func(i models.Item) (models.Item, error) { return r.As(r.Supervisor).Return(i, "evidence", "缺回单") },
			"withdrawn": func(i models.Item) (models.Item, error) { return r.As(r.Hai).Withdraw(i, "补一份材料") },
		}
		for name, bring := range back {
			r.Today("2026-03-02")
			item := r.Registered("2026-03-15")
			r.Today("2026-03-14")
			item, err := bring(func() models.Item { i := r.HandedIn(item); r.Today("2026-03-25"); return i }())
			same(t, err, nil)
			if item.DueOn != "2026-03-26" || item.FirstDueOn != "2026-03-15" || item.Extended != 0 || item.Card().Overdue("2026-03-26") || !item.Card().Overdue("2026-03-27") {
				t.Errorf("%s: due %s, first %s, %d times", name, item.DueOn, item.FirstDueOn, item.Extended)
			}
			moves, err := r.As(r.Wu).ExtensionsOf(item)
			if err != nil || len(moves) != 1 || moves[0].Why != models.WhyHeld || models.DerivedDue(item.FirstDueOn, moves) != item.DueOn {
				t.Errorf("%s: %+v, %v", name, moves, err)
			}
			item = r.SignedBy(item, r.Wu, r.Leng, r.Hai)
			item, err = r.As(r.Hai).Submit(item)
			same(t, err, nil)
			item, err = r.As(r.Supervisor).Close(item, "属实")
			same(t, err, nil)
			closures, err := r.As(r.Wu).ClosuresOf(item)
			if err != nil || len(closures) != 1 || closures[0].LateDays != 0 {
				t.Errorf("%s: %+v, %v", name, closures, err)
			}
			all, err := r.As(r.Wu).SubmissionsOf(item)
			same(t, err, nil)
			if got := r.As(r.Wu).SpansOf(item, all); got != (models.Spans{Unit: 12, Review: 11}) {
				t.Errorf("%s: %+v", name, got)
			}
		}
	})
}

// What the unit itself was late by stays so, whatever the supervisors took.
func TestTheUnitsOwnDaysStayTheUnits(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-05")
		r.Today("2026-03-08")
		item = r.HandedIn(item)
		r.Today("2026-03-20")
		item, err := r.As(r.Supervisor).Return(item, "evidence", "缺回单")
		same(t, err, nil)
		if days := item.Card().DaysOver("2026-03-20"); days != 3 {
			t.Errorf("%d days late", days)
		}
		r.Today("2026-03-22")
		item = r.SignedBy(item, r.Wu, r.Leng, r.Hai)
		item, err = r.As(r.Hai).Submit(item)
		same(t, err, nil)
		item, err = r.As(r.Supervisor).Close(item, "属实")
		same(t, err, nil)
		closures, err := r.As(r.Wu).ClosuresOf(item)
		if err != nil || closures[0].LateDays != 5 {
			t.Errorf("%+v, %v", closures, err)
		}
	})
}

// Another date that was granted while an item lay with the supervisors counts from the
// day it was granted; one that is asked for and no later than the moved one lapses.
func TestADateGrantedMeanwhileCountsFromThatDay(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		handed := func(until models.Day) models.Item {
			t.Helper()
			r.Today("2026-03-02")
			item, err := r.As(r.Wu).AskExtension(r.Registered("2026-03-09"), until, "须公示")
			same(t, err, nil)
			r.Today("2026-03-04")
			return r.HandedIn(item)
		}
		item := handed("2026-03-20")
		r.Today("2026-03-08")
		item, err := r.As(r.Supervisor).GrantExtension(item, asked(t, r, item), "", "")
		same(t, err, nil)
		r.Today("2026-03-11")
		item, err = r.As(r.Supervisor).Return(item, "evidence", "缺回单")
		if err != nil || item.DueOn != "2026-03-23" {
			t.Errorf("granted: %s, %v", item.DueOn, err)
		}
		for until, waits := range map[models.Day]models.Day{"2026-03-16": "", "2026-03-17": "2026-03-17"} {
			item := handed(until)
			r.Today("2026-03-11")
			item, err := r.As(r.Supervisor).Return(item, "evidence", "缺回单")
			if err != nil || item.DueOn != "2026-03-16" || item.AskedUntil != waits || (asked(t, r, item) != 0) != (waits != "") {
				t.Errorf("asked until %s: %s, %s, %v", until, item.DueOn, item.AskedUntil, err)
			}
		}
	})
}
