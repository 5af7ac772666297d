package models_test

import (
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// bare is an item of the unit with no measures, due that day.
func bare(t *testing.T, r *modelstest.Register, due models.Day) models.Item {
	t.Helper()
	items, err := r.As(r.Office).Register(models.NewItem{Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "问题", DueOn: due})
	if err != nil {
		t.Fatal(err)
	}
	return items[0]
}

func TestMeasuresArePlannedByForm(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		wu := r.As(r.Wu)
		item := bare(t, r, "2026-03-20")
		_, err := wu.Plan(item, []models.PlannedMeasure{{}, {}})
		same(t, err, problemOf("text_1"))
		_, err = wu.Plan(item, []models.PlannedMeasure{{Text: "一", Owner: "李慧", DueOn: "2026-03-21"}, {Owner: "王建"}, {Text: strings.Repeat("长", 501), Owner: "王建", DueOn: "2026-03-10", Kind: "whim"}})
		same(t, err, problemOf("due_on_1", "text_2", "due_on_2", "text_3", "kind_3"))
		_, err = r.As(r.Supervisor).Plan(item, []models.PlannedMeasure{{Text: "一", Owner: "李慧", DueOn: "2026-03-10"}})
		same(t, err, models.ErrForbidden)
		item, err = wu.Plan(item, []models.PlannedMeasure{{Text: "修订流程", Owner: "李慧", DueOn: "2026-03-10", Kind: "rules"}, {}, {Text: "逐笔核实", Owner: "王建", DueOn: "2026-03-20"}})
		if err != nil || item.Status != models.Underway || item.Measures != 2 {
			t.Fatalf("%+v, %v", item, err)
		}
		item, err = wu.Plan(item, []models.PlannedMeasure{{Text: "举一反三", Owner: "李慧", DueOn: "2026-03-20"}})
		same(t, err, nil)
		measures, err := wu.Measures(item)
		if err != nil || len(measures) != 3 || measures[1].Text != "逐笔核实" || measures[2].Seq != 3 || item.DueOn != "2026-03-20" {
			t.Fatalf("%+v, %v", measures, err)
		}
		if found, err := wu.List(parse(t, "q=举一", "2026-03-02")); err != nil || len(found) != 1 {
			t.Errorf("found by its words: %v, %v", found, err)
		}

		_, err = wu.ReviseMeasure(item, measures[0].ID, models.PlannedMeasure{Text: "修订流程", Owner: "李慧", DueOn: "2026-03-10", Kind: "rules"})
		same(t, err, models.Refused{Key: "measure.same"})
		item, err = wu.ReviseMeasure(item, measures[0].ID, models.PlannedMeasure{Text: "修订拨付流程", Owner: "李慧", DueOn: "2026-03-12", Kind: "rules"})
		same(t, err, nil)
		trail, err := wu.Trail(item)
		if p := trail[0].Particulars; err != nil || p["text_before"] != "修订流程" || p["measure_due_before"] != "2026-03-10" || p["owner"] != "" {
			t.Errorf("%+v, %v", p, err)
		}
		item, err = wu.CompleteMeasure(item, measures[0].ID, "已印发")
		same(t, err, nil)
		_, err = wu.ReviseMeasure(item, measures[0].ID, models.PlannedMeasure{Text: "另一措施", Owner: "李慧", DueOn: "2026-03-12"})
		same(t, err, models.Refused{Key: "measure.already_done"})
		other := r.Registered("2026-03-20")
		_, err = wu.ReviseMeasure(other, measures[1].ID, models.PlannedMeasure{Text: "一", Owner: "李慧", DueOn: "2026-03-12"})
		same(t, err, models.ErrNotFound)
	})
}

// A unit that plans an item without a date proposes its last measure's; the office that
// plans one sets it. Once it is granted the date is moved as any other is.
func TestThePlanGivesAnUndatedItemItsDate(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := bare(t, r, "")
		item, err := r.As(r.Wu).Plan(item, []models.PlannedMeasure{{Text: "一", Owner: "李慧", DueOn: "2026-03-10"}, {Text: "二", Owner: "李慧", DueOn: "2026-04-10"}})
		if err != nil || item.DueOn != "" || item.AskedUntil != "2026-04-10" {
			t.Fatalf("%+v, %v", item, err)
		}
		item = granted(t, r, item)
		if item.DueOn != "2026-04-10" || item.FirstDueOn != "2026-04-10" {
			t.Fatalf("granted, it is due %s, first %s", item.DueOn, item.FirstDueOn)
		}
		office, err := r.As(r.Office).Plan(bare(t, r, ""), []models.PlannedMeasure{{Text: "一", Owner: "李慧", DueOn: "2026-03-10"}})
		if err != nil || office.DueOn != "2026-03-10" || office.AskedUntil != "" {
			t.Fatalf("the office's: %+v, %v", office, err)
		}
		_, err = r.As(r.Wu).Plan(item, []models.PlannedMeasure{{Text: "三", Owner: "李慧", DueOn: "2026-04-11"}})
		same(t, err, problemOf("due_on_1"))
	})
}

func TestWhoSetsTheStandard(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := bare(t, r, "2026-03-20")
		item, err := r.As(r.Wu).SetStandard(item, "全部拨付到位")
		same(t, err, nil)
		_, err = r.As(r.Hai).SetStandard(item, "放宽一些")
		same(t, err, models.ErrForbidden)
		_, err = r.As(r.Supervisor).SetStandard(item, "全部拨付到位")
		same(t, err, models.Refused{Key: "standard.same"})
		item, err = r.As(r.Supervisor).SetStandard(item, "全部拨付到位，抽查 10 笔")
		if err != nil || item.Standard != "全部拨付到位，抽查 10 笔" {
			t.Errorf("%+v, %v", item, err)
		}
	})
}

func TestAssigningNamesWhoAnswersAndWhoAssists(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		_, err := r.As(r.Wu).AssignItem(item, models.Assignment{LeaderID: r.Leng.ID, HandlerID: r.Wu.ID})
		same(t, err, models.ErrForbidden)
		_, err = r.As(r.Hai).AssignItem(item, models.Assignment{LeaderID: r.Wu.ID, HandlerID: r.Shen.ID, Assistants: []int64{r.Shen.ID}})
		same(t, err, problemOf("leader", "handler", "assistants"))
		item, err = r.As(r.Hai).AssignItem(item, models.Assignment{LeaderID: r.Leng.ID, HandlerID: r.Wu.ID, Assistants: []int64{r.Wu.ID, r.Hai.ID, r.Hai.ID}})
		if err != nil || *item.LeaderID != r.Leng.ID || item.Handler != "wu" {
			t.Fatalf("%+v, %v", item, err)
		}
		if assisting, err := r.As(r.Office).AssistantsOf(item); err != nil || len(assisting) != 1 || assisting[0].ID != r.Hai.ID {
			t.Errorf("%+v, %v", assisting, err)
		}
		if notices, err := r.As(r.Wu).Notices(5); err != nil || len(notices) != 1 || notices[0].Act != models.AssignItem {
			t.Errorf("%+v, %v", notices, err)
		}
		item, err = r.As(r.Wu).Acknowledge(item)
		if err != nil || item.AcknowledgedOn != "2026-03-02" {
			t.Errorf("%+v, %v", item, err)
		}
		_, err = r.As(r.Leng).Acknowledge(item)
		same(t, err, models.Refused{Key: "refused.acknowledged"})
	})
}

// An item without a date gets one as soon as the last of its measures has, by whichever
// form; and until then no measure of it slips.
func TestARevisedMeasureGivesAnUndatedItemItsDate(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		items, err := r.As(r.Office).Register(models.NewItem{
			Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "问题",
			Measures: []models.Measure{{Text: "第一步", DueOn: "2026-03-20"}, {Text: "第二步", DeadlinePhrase: "限期整改"}},
		})
		same(t, err, nil)
		wu := r.As(r.Wu)
		measures, err := wu.Measures(items[0])
		same(t, err, nil)
		for _, far := range []models.Day{"2029-03-03", "9999-12-31"} {
			_, err = wu.Plan(items[0], []models.PlannedMeasure{{Text: "第三步", Owner: "wu", DueOn: far}})
			same(t, err, problemOf("due_on_1"))
		}
		_, err = wu.ReviseMeasure(items[0], measures[0].ID, models.PlannedMeasure{Text: "第一步", Owner: "wu", DueOn: "2026-12-20"})
		same(t, err, problemOf("due_on"))
		item, err := wu.ReviseMeasure(items[0], measures[0].ID, models.PlannedMeasure{Text: "第一步", Owner: "wu", DueOn: "2026-03-10"})
		if err != nil || item.DueOn != "" {
			t.Fatalf("due %s, %v", item.DueOn, err)
		}
		item, err = wu.ReviseMeasure(item, measures[1].ID, models.PlannedMeasure{Text: "第二步", Owner: "wu", DueOn: "2026-04-20"})
		if err != nil || item.DueOn != "" || item.AskedUntil != "2026-04-20" {
			t.Fatalf("due %s, proposed %s, %v", item.DueOn, item.AskedUntil, err)
		}
		if item = granted(t, r, item); item.DueOn != "2026-04-20" || item.FirstDueOn != "2026-04-20" {
			t.Fatalf("due %s, first %s", item.DueOn, item.FirstDueOn)
		}
		_, err = wu.ReviseMeasure(item, measures[1].ID, models.PlannedMeasure{Text: "第二步", Owner: "wu", DueOn: "2036-04-20"})
		same(t, err, problemOf("due_on"))
	})
}

// granted is an item whose proposed date the supervisor has granted.
func granted(t *testing.T, r *modelstest.Register, item models.Item) models.Item {
	t.Helper()
	asked, err := r.As(r.Supervisor).ExtensionsOf(item)
	same(t, err, nil)
	item, err = r.As(r.Supervisor).GrantExtension(item, asked[0].ID, "同意", "")
	same(t, err, nil)
	return item
}
