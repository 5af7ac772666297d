package models_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duban/models"
	"duban/models/deadline"
	"duban/models/modelstest"
)

// No office's ledger asks more than three questions, each of them once, and none that
// the register could answer.
func TestALedgerAsksWhatNobodyKnows(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		files, err := filepath.Glob("ledger/testdata/ledgers/*.xlsx")
		if err != nil || len(files) < 3 {
			t.Fatal(files, err)
		}
		days := models.RoundUnit{RoundID: r.Round.ID, UnitID: r.Unit.ID, NoticeOn: "2024-04-22", FeedbackOn: "2024-06-20", WindowEnd: "2024-09-20"}
		if err := r.As(r.Office).SaveRoundUnit(days); err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, _, p := brought(t, r, r.Office, string(content), func(i *models.Import) {
				i.Year, i.FeedbackOn = 2024, ""
				if strings.Contains(file, "spot") {
					i.Tier = models.OnTheSpot
				}
			})
			seen := map[string]bool{}
			for _, q := range p.Asks {
				if seen[q.Key] || len(q.Rows) == 0 {
					t.Errorf("%s: asked twice, or of no row: %+v", file, q)
				}
				seen[q.Key] = true
				if q.Ask == deadline.AskBack || q.Ask == deadline.AskNotice || q.Ask == deadline.AskWindow {
					t.Errorf("%s asks for a day that the round has: %s", file, q.Ask)
				}
			}
			if p.Asked() > 3 || p.Asked() != p.Counts().Asked {
				t.Errorf("%s asks %d questions: %+v", file, p.Asked(), p.Asks)
			}
			if n := p.Counts(); n.Problems != len(p.Lines)+len(p.RefusedItems()) || n.Problems != n.New+n.Changed+n.Same+n.Refused || n.Rows < n.Problems {
				t.Errorf("%s: the counts do not add up: %+v", file, n)
			}
		}
	})
}

// A ledger of several units counts each unit's deadlines from the days its round has
// for it; what was said of the whole ledger goes before them.
func TestEachUnitHasItsOwnDays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		b := r.As(r.Office)
		for unit, day := range map[int64]models.Day{r.Unit.ID: "2026-01-10", r.Other.ID: "2026-02-10"} {
			if err := b.SaveRoundUnit(models.RoundUnit{RoundID: r.Round.ID, UnitID: unit, FeedbackOn: day}); err != nil {
				t.Fatal(err)
			}
		}
		ledger := "序号,问题,责任单位,整改措施,整改时限\n1,甲," + r.Unit.Name + ",做,2个月内\n2,乙," + r.Other.Name + ",做,2个月内\n3,丙,没有的单位,做,2个月内\n"
		several := func(i *models.Import) { i.UnitID, i.FeedbackOn = nil, "" }
		i, _, p := brought(t, r, r.Office, ledger, several)
		due := func(p models.ImportPreview, n int) models.Day { return p.Lines[n].Ledger.Measures[0].Deadline.DueOn }
		if due(p, 0) != "2026-03-10" || due(p, 1) != "2026-04-10" || p.Asked() != 1 || p.Asks[0].Kind != models.QuestionUnit {
			t.Errorf("due %s and %s, %+v", due(p, 0), due(p, 1), p.Asks)
		}
		i, err := b.Answer(i, map[string]models.ImportAnswer{p.Asks[0].Key: {Unit: r.Other.Code}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, p = looked(t, b, i); due(p, 2) != "2026-04-10" || p.Asked() != 0 || p.Lines[2].Unit.ID != r.Other.ID {
			t.Errorf("of the unit that was meant: due %s, %d asked", due(p, 2), p.Asked())
		}
		if _, _, p = brought(t, r, r.Office, ledger, several, func(i *models.Import) { i.FeedbackOn = "2026-05-01" }); due(p, 0) != "2026-07-01" || due(p, 1) != "2026-07-01" {
			t.Errorf("what was said: due %s and %s", due(p, 0), due(p, 1))
		}
	})
}

// The day that stands beside the table is taken where nobody gave one, and the reading
// says so.
func TestTheFilesOwnDayIsTaken(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		if err := r.As(r.Office).SaveRoundUnit(models.RoundUnit{RoundID: r.Round.ID, UnitID: r.Unit.ID}); err != nil {
			t.Fatal(err)
		}
		_, reading, p := brought(t, r, r.Office, "巡察整改台账,,,\n反馈时间：2026年1月15日,,,\n序号,问题,整改措施,整改时限\n1,甲,做,3个月内\n", func(i *models.Import) { i.FeedbackOn = "" })
		if got := p.Lines[0].Ledger.Measures[0].Deadline.DueOn; got != "2026-04-15" || p.Asked() != 0 || reading.Context.FeedbackOn != "2026-01-15" {
			t.Errorf("due %s, %d asked, counted from %q", got, p.Asked(), reading.Context.FeedbackOn)
		}
	})
}

// What looks odd is counted, asked once for its column, and asks no more when seen.
func TestWhatLooksOddIsAQuestion(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		i, _, p := brought(t, r, r.Office, "序号,问题,整改措施,整改时限\n1,甲,做,2025年3月1日\n2,乙,做,2025年4月1日\n")
		if p.Asked() != 1 || p.Asks[0].Kind != models.QuestionCheck || len(p.Asks[0].Check) != 2 {
			t.Fatalf("%+v", p.Asks)
		}
		b := r.As(r.Office)
		i, err := b.Answer(i, map[string]models.ImportAnswer{p.Asks[0].Key: {Seen: true}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, p = looked(t, b, i); p.Asked() != 0 || !p.Asks[0].Answered {
			t.Errorf("seen, it still asks: %+v", p.Asks)
		}
	})
}

// The day of the feedback is asked for each unit of a ledger: they had it on different
// days, and one's answer is not another's.
func TestTheFeedbackIsAskedOfEachUnit(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for _, unit := range []int64{r.Unit.ID, r.Other.ID} {
			same(t, r.As(r.Office).SaveRoundUnit(models.RoundUnit{RoundID: r.Round.ID, UnitID: unit}), nil)
		}
		sheet := "序号,责任单位,问题,整改措施,整改时限\n1," + r.Unit.Name + ",问题甲,做一,收到反馈后1个月内\n2," + r.Other.Name + ",问题乙,做二,收到反馈后1个月内\n3," + r.Other.Name + ",问题丙,做三,收到反馈意见后1个月内\n"
		i, _, p := brought(t, r, r.Office, sheet, func(i *models.Import) { i.UnitID, i.FeedbackOn = nil, "" })
		of := map[string]models.ImportQuestion{}
		for _, q := range p.Asks {
			of[q.Name] = q
		}
		if len(p.Asks) != 2 || len(of[r.Unit.Name].Rows) != 1 || len(of[r.Other.Name].Rows) != 2 || of[r.Unit.Name].Kind != models.QuestionFrom {
			t.Fatalf("asked %+v", p.Asks)
		}
		i, err := r.As(r.Office).Answer(i, map[string]models.ImportAnswer{of[r.Other.Name].Key: {Due: "2026-02-10"}})
		same(t, err, nil)
		_, _, p = looked(t, r.As(r.Office), i)
		for n, want := range []models.Day{"", "2026-03-10", "2026-03-10"} {
			if due := p.Lines[n].Ledger.Measures[0].Deadline.DueOn; due != want {
				t.Errorf("line %d is due %q, want %q", n+1, due, want)
			}
		}
		if p.Asked() != 1 || len(p.Asks) != 2 {
			t.Errorf("then asked %+v", p.Asks)
		}
	})
}

// Whom a ledger names to answer and who has no account there is said before anything is
// taken in.
func TestStrangersAreNamed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		said := func(sheet string) (names []any) {
			_, _, p := brought(t, r, r.Office, sheet)
			for _, n := range p.Notes {
				if n.Key == "import.people.strange" {
					names = n.Args
				}
			}
			return names
		}
		head := "序号,问题,整改措施,责任领导,责任人,整改时限\n"
		if args := said(head + "1,问题甲,做一,leng,张三,2026年6月底前\n2,问题乙,做二,李四,张三,2026年6月底前\n"); len(args) != 3 || args[0] != r.Unit.Name || args[1] != "张三、李四" || args[2] != 2 {
			t.Errorf("named %v", args)
		}
		if args := said(head + "1,问题甲,做一,leng,wu,2026年6月底前\n"); args != nil {
			t.Errorf("named %v", args)
		}
	})
}
