package models_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"duban/models"
	"duban/models/deadline"
	"duban/models/headway"
	"duban/models/ledger"
	"duban/models/modelstest"
	"duban/models/password"
)

// csvLedger is a small ledger as an office may keep it.
const csvLedger = `序号,问题,整改措施,责任领导,责任人,整改时限,整改进展
1,企业奖补资金拨付不及时,逐笔核实并拨付,副局长,综合处处长,2026年6月30日前,已拨付31笔
2,差旅费超标准报销,清退超标部分,副局长,财务处处长,限期整改,
3,党组会议记录不完整,补齐记录,书记,办公室主任,2026年底前，并长期坚持,
`

// brought is a ledger of the unit, uploaded by this person and read.
func brought(t testing.TB, r *modelstest.Register, u models.User, ledger string, change ...func(*models.Import)) (models.Import, ledger.Reading, models.ImportPreview) {
	t.Helper()
	i := models.Import{FileName: "台账.csv", RoundID: r.Round.ID, UnitID: &r.Unit.ID, Tier: models.PostFeedback, FeedbackOn: "2026-01-26"}
	for _, c := range change {
		c(&i)
	}
	b := r.As(u)
	i, err := b.StartImport(i, []byte(ledger))
	if err != nil {
		t.Fatal(err)
	}
	return looked(t, b, i)
}

func looked(t testing.TB, b *models.Board, i models.Import) (models.Import, ledger.Reading, models.ImportPreview) {
	t.Helper()
	reading, err := b.ReadImport(context.Background(), i, ledger.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Preview(i, reading)
	if err != nil {
		t.Fatal(err)
	}
	return i, reading, p
}

func confirmed(t testing.TB, r *modelstest.Register, u models.User, ledger string) models.Import {
	t.Helper()
	i, reading, p := brought(t, r, u, ledger)
	i, err := r.As(u).ConfirmImport(i, reading, p.Print)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func counts(p models.ImportPreview) string {
	return fmt.Sprintf("%d new, %d changed, %d same, %d refused, %d asked", p.N(models.LineNew), p.N(models.LineChanged), p.N(models.LineSame), p.RefusedN(), p.Asked())
}

func TestALedgerIsPreviewedThenTakenInWholeAndIsTheSameThereafter(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		i, reading, p := brought(t, r, r.Office, csvLedger)
		if got := counts(p); got != "3 new, 0 changed, 0 same, 0 refused, 1 asked" {
			t.Errorf("the preview counts %s", got)
		}
		if n, _ := r.As(r.Office).Count(models.Filter{}); n != 0 {
			t.Errorf("%d items before it is confirmed", n)
		}
		i, err := r.As(r.Office).ConfirmImport(i, reading, p.Print)
		if err != nil || i.ItemsNew != 3 {
			t.Fatalf("%+v %v", i, err)
		}
		if _, err := r.As(r.Office).ConfirmImport(i, reading, p.Print); !errors.Is(err, models.ErrStale) {
			t.Errorf("confirmed a second time: %v", err)
		}
		cards, err := r.As(r.Wu).List(models.Filter{Import: i.ID, Sort: "number"})
		if err != nil || len(cards) != 3 {
			t.Fatal(cards, err)
		}
		if c := cards[0]; c.DueOn != "2026-06-30" || c.Leader != "副局长" || c.Handler != "综合处处长" || c.Number != "FK-2026-001" {
			t.Errorf("%+v", c)
		}
		if c := cards[1]; c.DueOn != "" || c.Standing {
			t.Errorf("a question left open has a day: %+v", c)
		}
		if c := cards[2]; c.DueOn != "2026-12-31" || !c.Standing || c.ReviewOn == "" {
			t.Errorf("%+v", c)
		}
		notices, err := r.As(r.Wu).Notices(10)
		if err != nil || len(notices) != 1 || notices[0].Act != models.TakeIn {
			t.Errorf("an import told people %v, %v", notices, err)
		}
		_, _, again := brought(t, r, r.Office, csvLedger)
		if got := counts(again); !strings.HasPrefix(got, "0 new, 0 changed, 3 same, 0 refused") {
			t.Errorf("again it counts %s: %+v", got, again.Lines[0].Changes)
		}
		if earlier, err := r.As(r.Office).ImportsOf(again.Import); err != nil || len(earlier) != 1 {
			t.Errorf("the same file is not noticed: %v %v", earlier, err)
		}
	})
}

func TestAQuestionOfThePreviewIsAnswered(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		i, _, p := brought(t, r, r.Wu, csvLedger)
		ask := p.Asks[0]
		if ask.Ask != deadline.AskNoDate || len(ask.Phrases) != 1 || ask.Phrases[0] != "限期整改" || len(ask.Choices) != 1 || ask.Choices[0] != "2026-04-26" {
			t.Errorf("%+v", ask)
		}
		b := r.As(r.Wu)
		if _, err := b.Answer(i, map[string]models.ImportAnswer{ask.Key: {Due: "2026-02-30"}}); err == nil {
			t.Error("a day that does not exist is an answer")
		}
		i, err := b.Answer(i, map[string]models.ImportAnswer{ask.Key: {Due: "2026-05-15"}})
		if err != nil {
			t.Fatal(err)
		}
		i, reading, fresh := looked(t, b, i)
		if fresh.Print == p.Print || fresh.Asked() != 0 {
			t.Error("an answer changes nothing")
		}
		if _, err := b.ConfirmImport(i, reading, p.Print); !errors.Is(err, models.ErrImportMoved) {
			t.Errorf("the old preview is confirmed: %v", err)
		}
		if i, err = b.ConfirmImport(i, reading, fresh.Print); err != nil {
			t.Fatal(err)
		}
		cards, err := b.List(models.Filter{Import: i.ID, Sort: "number"})
		if err != nil || cards[1].AskedUntil != "2026-05-15" || cards[1].DueOn != "" { // a unit's date is a proposal
			t.Errorf("%+v %v", cards, err)
		}
	})
}

// What the inspectors wrote, and the deadlines, are not the unit's to change by a
// sheet; the office may, and the trail says what it was.
func TestAUnitsSheetDoesNotMoveADeadline(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		confirmed(t, r, r.Office, csvLedger)
		moved := strings.NewReplacer("2026年6月30日前", "2026年9月30日前", "已拨付31笔", "已拨付40笔").Replace(csvLedger)
		i, reading, p := brought(t, r, r.Wu, moved)
		if got := counts(p); !strings.HasPrefix(got, "0 new, 0 changed, 2 same, 1 refused") {
			t.Errorf("the unit's preview counts %s", got)
		}
		if _, err := r.As(r.Wu).ConfirmImport(i, reading, p.Print); err != nil {
			t.Fatal(err)
		}
		item, err := r.As(r.Wu).Item("FK-2026-001")
		if err != nil || item.DueOn != "2026-06-30" {
			t.Errorf("%s %v", item.DueOn, err)
		}
		i, reading, p = brought(t, r, r.Office, moved)
		if p.N(models.LineChanged) != 1 {
			t.Fatalf("the office's preview counts %s", counts(p))
		}
		if _, err := r.As(r.Office).ConfirmImport(i, reading, p.Print); err != nil {
			t.Fatal(err)
		}
		item = r.Read(item)
		if item.DueOn != "2026-09-30" || item.FirstDueOn != "2026-06-30" {
			t.Errorf("due %s, first %s", item.DueOn, item.FirstDueOn)
		}
		trail, err := r.As(r.Office).Trail(item)
		if err != nil || trail[0].Act != models.CorrectItem || trail[0].Particulars["due"] != "2026-09-30" || trail[0].Particulars["due_before"] != "2026-06-30" {
			t.Errorf("%+v %v", trail[0], err)
		}
		notes, err := r.As(r.Wu).ProgressOf(item)
		if err != nil || len(notes) != 2 || notes[0].Text != "已拨付40笔" {
			t.Errorf("%+v %v", notes, err)
		}
	})
}

// A measure that is done stays done, and an item that was handed in is left alone.
func TestASheetDoesNotUndoWhatWasDone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		confirmed(t, r, r.Office, csvLedger)
		item, err := r.As(r.Wu).Item("FK-2026-001")
		if err != nil {
			t.Fatal(err)
		}
		measures, err := r.As(r.Wu).Measures(item)
		if err != nil {
			t.Fatal(err)
		}
		item, err = r.As(r.Wu).CompleteMeasure(item, measures[0].ID, "全部拨付")
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(csvLedger, "逐笔核实并拨付", "另行研究", 1)
		_, _, p := brought(t, r, r.Office, changed)
		if p.Lines[0].State != models.LineSame {
			t.Errorf("a done measure is changed: %+v", p.Lines[0].Changes)
		}
		r.HandedIn(item)
		_, _, p = brought(t, r, r.Office, strings.Replace(csvLedger, "企业奖补资金拨付不及时", "企业奖补资金拨付很不及时", 1))
		if p.Lines[0].State != models.LineRefused || p.Lines[0].Refused[0].Key != "import.closed" {
			t.Errorf("%+v", p.Lines[0])
		}
	})
}

func TestAnImportIsUndoneWithinADay(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		confirmed(t, r, r.Office, csvLedger)
		more := strings.Replace(csvLedger, "逐笔核实并拨付", "逐笔核实并全部拨付", 1) + "4,新的问题,新的措施,书记,办公室主任,2026年9月底前,\n"
		i := confirmed(t, r, r.Office, more)
		if i.ItemsNew != 1 || i.ItemsChanged != 1 {
			t.Fatalf("%+v", i)
		}
		if err := r.As(r.Shen).UndoImport(i); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("the stranger undoes it: %v", err)
		}
		if err := r.As(r.Office).UndoImport(i); err != nil {
			t.Fatal(err)
		}
		if _, err := r.As(r.Office).Item("FK-2026-004"); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("what it brought is still there: %v", err)
		}
		item, err := r.As(r.Office).Item("FK-2026-001")
		if err != nil {
			t.Fatal(err)
		}
		measures, err := r.As(r.Office).Measures(item)
		if err != nil || measures[0].Text != "逐笔核实并拨付" {
			t.Errorf("%+v %v", measures, err)
		}
		if err := r.As(r.Office).UndoImport(i); err == nil {
			t.Error("undone twice")
		}
		i = confirmed(t, r, r.Office, more)
		if again, _ := r.As(r.Office).Item("FK-2026-004"); again.ID != 0 {
			t.Error("a number was given twice")
		}
		five, err := r.As(r.Wu).Item("FK-2026-005")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.As(r.Wu).Report(five, "已经动手", nil); err != nil {
			t.Fatal(err)
		}
		var refused models.Refused
		if err := r.As(r.Office).UndoImport(i); !errors.As(err, &refused) || refused.Key != "import.undo.touched" || fmt.Sprint(refused.Args) != "[1 FK-2026-005]" {
			t.Errorf("worked on since, it is undone: %v", err)
		}
		if _, err := r.As(r.Office).Item("FK-2026-005"); err != nil {
			t.Errorf("a refused undo took something away: %v", err)
		}
		i = confirmed(t, r, r.Office, "序号,问题,措施,时限\n9,又一个,做,2026年底前\n")
		r.Today("2026-03-03")
		r.At("2026-03-03 09:30")
		if err := r.As(r.Office).UndoImport(i); !errors.As(err, &refused) || refused.Key != "import.undo.late" {
			t.Errorf("after a day it is undone: %v", err)
		}
	})
}

// The first measures of an item set it on its way; undone, it waits again.
func TestAPlanComesByImport(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		confirmed(t, r, r.Office, "序号,问题\n1,企业奖补资金拨付不及时\n")
		item, err := r.As(r.Office).Item("FK-2026-001")
		if err != nil || item.Status != models.Registered {
			t.Fatal(item.Status, err)
		}
		i := confirmed(t, r, r.Wu, "序号,问题,整改措施,整改时限\n1,企业奖补资金拨付不及时,逐笔拨付,2026年6月底前\n")
		item = r.Read(item)
		if item.Status != models.Underway || item.Measures != 1 || item.DueOn != "" || item.AskedUntil != "2026-06-30" {
			t.Errorf("%+v", item)
		}
		if err := r.As(r.Wu).UndoImport(i); err != nil {
			t.Fatal(err)
		}
		item = r.Read(item)
		if item.Status != models.Registered || item.Measures != 0 || item.DueOn != "" || item.AskedUntil != "" {
			t.Errorf("%+v", item)
		}
	})
}

func TestWhoseLedgerItIs(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		several := "序号,问题,责任单位\n1,甲,经济发展局\n2,乙,财政局\n3,丙,财政\n4,丁,某某局\n5,戊,\n6,己," + strings.Repeat("长", 300) + "\n"
		of := func(i *models.Import) { i.UnitID = nil }
		_, _, p := brought(t, r, r.Office, several, of)
		var keys []string
		for _, l := range p.Lines {
			key := string(l.State) + " " + l.Unit.Name
			if len(l.Refused) > 0 {
				key = l.Refused[0].Key
			}
			keys = append(keys, key)
		}
		for _, row := range p.Reading.Refused {
			for _, problem := range row.Problems {
				keys = append(keys, problem.Key)
			}
		}
		if got := strings.Join(keys, "; "); !strings.HasPrefix(got, "new 经济发展局; new 财政局; import.unit.near; ") || strings.Count(got, "new") != 2 {
			t.Errorf("%s", got)
		}
		_, err := r.As(r.Wu).StartImport(models.Import{RoundID: r.Round.ID, UnitID: &r.Other.ID, Tier: models.PostFeedback}, []byte(csvLedger))
		same(t, err, problemOf("unit"))
		if _, err := r.As(r.Supervisor).StartImport(models.Import{RoundID: r.Round.ID, UnitID: &r.Unit.ID, Tier: models.PostFeedback}, []byte(csvLedger)); !errors.Is(err, models.ErrForbidden) {
			t.Errorf("a supervisor imports: %v", err)
		}
		_, _, p = brought(t, r, r.Wu, "序号,问题,责任单位\n1,甲,财政局\n")
		if p.Lines[0].Unit.ID != r.Unit.ID { // whatever a unit's sheet says, it is the unit's own
			t.Errorf("a row of the unit's sheet goes to %s", p.Lines[0].Unit.Name)
		}
		i := confirmed(t, r, r.Office, csvLedger)
		if _, err := r.As(r.Shen).Import(i.ID); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("the stranger sees the unit's import: %v", err)
		}
	})
}

// What a heading was said to mean is understood the next time.
func TestAUnitsHeadingsAreRemembered(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		strange := "序号,毛病,怎么办\n1,企业奖补资金拨付不及时,逐笔拨付\n"
		b := r.As(r.Office)
		i, err := b.StartImport(models.Import{RoundID: r.Round.ID, UnitID: &r.Unit.ID, Tier: models.PostFeedback}, []byte(strange))
		if err != nil {
			t.Fatal(err)
		}
		var p models.Problems
		if _, err := b.ReadImport(context.Background(), i, ledger.DefaultLimits()); !errors.As(err, &p) {
			t.Fatalf("a ledger without a problem column is read: %v", err)
		}
		i, err = b.SayColumns(i, map[string]ledger.Field{ledger.FoldHeading("毛病"): ledger.FieldProblem, ledger.FoldHeading("怎么办"): ledger.FieldMeasure})
		if err != nil {
			t.Fatal(err)
		}
		i, reading, preview := looked(t, b, i)
		if _, err := b.ConfirmImport(i, reading, preview.Print); err != nil {
			t.Fatal(err)
		}
		_, _, again := brought(t, r, r.Office, strings.Replace(strange, "1,", "2,", 1))
		if again.N(models.LineSame) != 1 { // whatever number it has now
			t.Errorf("%s", counts(again))
		}
	})
}

// Two confirm at once: one does it.
func TestAnImportIsConfirmedOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		i, reading, p := brought(t, r, r.Office, csvLedger)
		done := make(chan error)
		for range 6 {
			go func() {
				_, err := r.As(r.Office).ConfirmImport(i, reading, p.Print)
				done <- err
			}()
		}
		won := 0
		for range 6 {
			switch err := <-done; {
			case err == nil:
				won++
			case !errors.Is(err, models.ErrStale):
				t.Error(err)
			}
		}
		if n, _ := r.As(r.Office).Count(models.Filter{}); won != 1 || n != 3 {
			t.Errorf("%d confirmed it, %d items", won, n)
		}
	})
}

func TestFilesOfImportsAreSwept(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		done := confirmed(t, r, r.Office, csvLedger)
		left, _, _ := brought(t, r, r.Office, csvLedger)
		clerk := r.Board(context.Background(), models.TheClerk)
		if n, err := clerk.SweepImports(); n != 0 || err != nil {
			t.Errorf("swept %d at once, %v", n, err)
		}
		r.Today("2026-03-04")
		if n, err := r.Board(context.Background(), models.TheClerk).SweepImports(); n != 2 || err != nil {
			t.Errorf("swept %d, %v", n, err)
		}
		if _, err := r.As(r.Office).Import(left.ID); !errors.Is(err, models.ErrNotFound) {
			t.Error("what was left lying is still there")
		}
		if i, err := r.As(r.Office).Import(done.ID); err != nil || len(i.Content) != 0 || i.ItemsNew != 3 {
			t.Errorf("%d bytes kept, %v", len(i.Content), err)
		}
	})
}

// An import into a demonstration is no demonstration, and stays when that goes.
func TestAnImportOutlivesTheDemonstration(t *testing.T) {
	for _, engine := range modelstest.Engines {
		t.Run(engine, func(t *testing.T) {
			store, err := models.Open(t.Context(), modelstest.URL(t, engine))
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			store.Hashing = password.Cost{Memory: 8, Passes: 1}
			if _, err := store.FillDemo(context.Background(), modelstest.Password); err != nil {
				t.Fatal(err)
			}
			b := store.Board(context.Background(), models.HostOffice)
			round, err := b.CurrentRound()
			if err != nil {
				t.Fatal(err)
			}
			unit, err := b.Unit("jfj")
			if err != nil {
				t.Fatal(err)
			}
			content, err := os.ReadFile("ledger/testdata/ledgers/1-plain.xlsx")
			if err != nil {
				t.Fatal(err)
			}
			i, err := b.StartImport(models.Import{FileName: "x.xlsx", RoundID: round.ID, UnitID: &unit.ID, Tier: models.Immediate, FoundOn: "2024-07-01"}, content)
			if err != nil {
				t.Fatal(err)
			}
			i, reading, p := looked(t, b, i)
			if i, err = b.ConfirmImport(i, reading, p.Print); err != nil || i.ItemsNew == 0 {
				t.Fatal(i.ItemsNew, err)
			}
			if _, err := store.Board(context.Background(), models.TheClerk).RemoveDemo(); err != nil {
				t.Fatal(err)
			}
			n, err := store.Board(context.Background(), models.HostOffice).Count(models.Filter{})
			if err != nil || int(n) != i.ItemsNew {
				t.Errorf("%d items left of %d imported, %v", n, i.ItemsNew, err)
			}
		})
	}
}

// big is a ledger of n problems, a measure each.
func big(n int) string {
	var out bytes.Buffer
	out.WriteString("序号,问题,整改措施,责任领导,责任人,整改时限,整改进展\n")
	for k := range n {
		fmt.Fprintf(&out, "%d,第%d个问题：企业奖补资金拨付不及时，平均滞后四十七天，涉及企业较多,逐笔核实，全部拨付到位，修订拨付流程,副局长,综合处处长,2026年%d月底前,已拨付%d笔\n", k+1, k+1, 4+k%8, k)
	}
	return out.String()
}

// A ledger of 5,000 rows: looked at, and taken in. The aims: under 3 s and under 5 s
// on SQLite.
// A cell that names several units gives each its item, of those whose ledgers the person may
// bring; brought again, nothing is new.
func TestACellOfSeveralUnitsIsAnItemOfEach(t *testing.T) {
	modelstest.InTurn(t, func(t *testing.T, r *modelstest.Register) {
		several := "序号,问题,责任单位,整改措施,整改时限\n1,资金拨付慢,经济发展局、财政局,清理存量,2026年8月底前\n"
		of := func(i *models.Import) { i.UnitID = nil }
		i, reading, p := brought(t, r, r.Office, several, of)
		if p.N(models.LineNew) != 2 || p.Counts().Rows != 1 || p.Counts().Problems != 2 || len(p.Asks) > 0 {
			t.Fatalf("%+v, %+v", p.Counts(), p.Asks)
		}
		if _, err := r.As(r.Office).ConfirmImport(i, reading, p.Print); err != nil {
			t.Fatal(err)
		}
		for _, u := range []models.Unit{r.Unit, r.Other} {
			if n, err := r.As(r.Office).Count(models.Filter{Units: []string{u.Code}}); err != nil || n != 1 {
				t.Errorf("%s has %d, %v", u.Name, n, err)
			}
		}
		if _, _, p := brought(t, r, r.Office, several, of); p.N(models.LineSame) != 2 {
			t.Errorf("again: %+v", p.Counts())
		}
		// A unit's own people bring theirs alone.
		if _, _, p := brought(t, r, r.Wu, several); p.N(models.LineSame) != 1 || p.Counts().Problems != 1 {
			t.Errorf("brought by the unit: %+v, %+v", p.Counts(), p.Lines)
		}
	})
}

func BenchmarkImport(b *testing.B) {
	for _, engine := range modelstest.Engines {
		b.Run(engine, func(b *testing.B) {
			var preview, confirm time.Duration
			for b.Loop() {
				b.StopTimer()
				r := modelstest.Open(b, modelstest.URL(b, engine))
				ledger := big(5000)
				b.StartTimer()
				began := time.Now()
				i, reading, p := brought(b, r, r.Office, ledger)
				preview += time.Since(began)
				began = time.Now()
				if i, err := r.As(r.Office).ConfirmImport(i, reading, p.Print); err != nil || i.ItemsNew != 5000 {
					b.Fatal(i.ItemsNew, err)
				}
				confirm += time.Since(began)
			}
			b.ReportMetric(preview.Seconds()/float64(b.N), "preview-s")
			b.ReportMetric(confirm.Seconds()/float64(b.N), "import-s")
		})
	}
}

// What the office took in is the office's to take back: a unit would move its dates by
// undoing it, and take its problems out of the ledger. Its own it takes back, and not
// any more when it is late already.
func TestAUnitUndoesOnlyWhatItTookIn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		confirmed(t, r, r.Office, csvLedger)
		sooner := confirmed(t, r, r.Office, strings.Replace(csvLedger, "6月30日前", "5月30日前", 1))
		more := confirmed(t, r, r.Office, "序号,问题,措施,时限\n9,又一个,做,2026年底前\n")
		draft, reading, p := brought(t, r, r.Office, csvLedger)
		for _, u := range []models.User{r.Wu, r.Leng, r.Hai} {
			same(t, r.As(u).UndoImport(sooner), models.ErrForbidden)
			same(t, r.As(u).UndoImport(more), models.ErrForbidden)
			if may, err := r.As(u).MayUndoImport(more); may || err != nil {
				t.Errorf("a button is drawn for %s (%v)", u.Name, err)
			}
			_, err := r.As(u).ConfirmImport(draft, reading, p.Print)
			same(t, err, models.ErrNotFound)
			_, err = r.As(u).Answer(draft, map[string]models.ImportAnswer{"1": {Due: "2027-12-31"}})
			same(t, err, models.ErrNotFound)
			if i, err := r.As(u).Import(more.ID); err != nil || i.ItemsNew != 1 {
				t.Errorf("%s does not see what the office took in: %v", u.Name, err)
			}
		}
		if is := r.Read(models.Item{Number: "FK-2026-001"}); is.DueOn != "2026-05-30" {
			t.Errorf("due %s", is.DueOn)
		}
		own := confirmed(t, r, r.Wu, "序号,问题,措施,时限\n10,自查一个,做,2026年3月2日前\n")
		if may, err := r.As(r.Leng).MayUndoImport(own); !may || err != nil {
			t.Errorf("no button for a colleague (%v)", err)
		}
		r.At("2026-03-03 08:00")
		same(t, r.As(r.Wu).UndoImport(own), nil) // its day was proposed and granted by nobody
	})
}

// A request for another date that the office's sheet has overtaken does not come back
// with the undoing: nobody could decide it, and none other could be asked for.
func TestAnUndoneSheetLeavesNoRequestBehind(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		confirmed(t, r, r.Office, csvLedger)
		item := r.Read(models.Item{Number: "FK-2026-001"})
		item, err := r.As(r.Wu).AskExtension(item, "2026-07-20", "须公示")
		same(t, err, nil)
		i := confirmed(t, r, r.Office, strings.Replace(csvLedger, "6月30日前", "7月30日前", 1))
		same(t, r.As(r.Office).UndoImport(i), nil)
		item = r.Read(item)
		if item.DueOn != "2026-06-30" || item.AskedUntil != "" {
			t.Errorf("due %s, asked for %q", item.DueOn, item.AskedUntil)
		}
		_, err = r.As(r.Wu).AskExtension(item, "2026-07-20", "须公示")
		same(t, err, nil)
	})
}

// An older sheet does not give an item back to those who handed it over, or whom the
// head has assigned others for; and one that names another is the head's or the
// office's to bring.
func TestASheetAssignsNobody(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		confirmed(t, r, r.Office, csvLedger)
		item := r.Read(models.Item{Number: "FK-2026-001"})
		_, err := r.As(r.Hai).AssignItem(item, models.Assignment{LeaderID: r.Leng.ID, HandlerID: r.Wu.ID})
		same(t, err, nil)
		answers := func(leader, handler string, accounts bool) {
			t.Helper()
			is := r.Read(item)
			if is.Leader != leader || is.Handler != handler || (is.LeaderID != nil) != accounts || (is.HandlerID != nil) != accounts {
				t.Errorf("%s (%v) and %s (%v) answer for it", is.Leader, is.LeaderID, is.Handler, is.HandlerID)
			}
		}
		for n, u := range []models.User{r.Wu, r.Hai, r.Office} {
			confirmed(t, r, u, strings.Replace(csvLedger, "已拨付31笔", fmt.Sprintf("已拨付%d笔", 32+n), 1))
			answers("leng", "wu", true)
		}
		others := strings.NewReplacer("1,企业奖补资金拨付不及时,逐笔核实并拨付,副局长,综合处处长", "1,企业奖补资金拨付不及时,逐笔核实并拨付,副书记,科长", "已拨付31笔", "已拨付34笔").Replace(csvLedger)
		confirmed(t, r, r.Wu, others)
		answers("leng", "wu", true)
		confirmed(t, r, r.Office, strings.NewReplacer("副书记", "副主任", "科长", "处长").Replace(others))
		answers("副主任", "处长", false)
	})
}

// That an item stands is the overseers' to say; a unit's sheet neither says it nor says
// it unseen.
func TestAUnitsSheetMakesNothingStand(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		confirmed(t, r, r.Office, csvLedger)
		standing := strings.Replace(csvLedger, "2026年6月30日前,已拨付31笔", "2026年6月30日前，并长期坚持,已拨付32笔", 1)
		_, _, p := brought(t, r, r.Wu, standing)
		if len(p.Lines[0].Refused) != 1 || p.Lines[0].Refused[0].Field != ledger.FieldDeadline {
			t.Errorf("%s: %+v", counts(p), p.Lines[0])
		}
		more := strings.Replace(csvLedger, "已拨付31笔\n", "已拨付31笔\n1,企业奖补资金拨付不及时,开展宣传,副局长,综合处处长,长期坚持,\n", 1)
		confirmed(t, r, r.Wu, more)
		if is := r.Read(models.Item{Number: "FK-2026-001"}); is.Standing || is.ReviewOn != "" || is.DueOn != "2026-06-30" {
			t.Errorf("it stands, to be looked at on %s, due %s", is.ReviewOn, is.DueOn)
		}
		_, _, p = brought(t, r, r.Office, standing)
		if p.Lines[0].State != models.LineChanged {
			t.Errorf("%s", counts(p))
		}
		confirmed(t, r, r.Office, standing)
		if is := r.Read(models.Item{Number: "FK-2026-001"}); !is.Standing || is.ReviewOn == "" || is.DueOn != "2026-06-30" {
			t.Errorf("the office's sheet: %+v", is)
		}
	})
}

// A deed and its own undoing are no handling: B changed what A brought, is undone, and
// A can be undone as well; what somebody worked on in between cannot.
func TestImportsAreUndoneInTurn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		b := r.As(r.Office)
		first := confirmed(t, r, r.Office, csvLedger)
		second := confirmed(t, r, r.Office, strings.NewReplacer("逐笔核实并拨付", "逐笔核实并全部拨付", "补齐记录", "补齐全部记录").Replace(csvLedger))
		third := confirmed(t, r, r.Office, strings.NewReplacer("逐笔核实并拨付", "逐笔核实并如数拨付", "补齐记录", "补齐全部记录").Replace(csvLedger))
		if second.ItemsChanged != 2 || third.ItemsChanged != 1 {
			t.Fatalf("%+v %+v", second, third)
		}
		var refused models.Refused
		if err := b.UndoImport(first); !errors.As(err, &refused) || refused.Key != "import.undo.touched" {
			t.Errorf("undone beneath another: %v", err)
		}
		for _, i := range []models.Import{third, second, first} {
			same(t, b.UndoImport(i), nil)
		}
		if n, err := b.Count(models.Filter{}); n != 0 || err != nil {
			t.Errorf("%d items are left, %v", n, err)
		}
		first = confirmed(t, r, r.Office, csvLedger)
		second = confirmed(t, r, r.Office, strings.Replace(csvLedger, "补齐记录", "补齐全部记录", 1))
		item, err := r.As(r.Wu).Item("FK-2026-004")
		same(t, err, nil)
		_, err = r.As(r.Wu).Report(item, "已经动手", nil)
		same(t, err, nil)
		same(t, b.UndoImport(second), nil)
		if err := b.UndoImport(first); !errors.As(err, &refused) || fmt.Sprint(refused.Args) != "[1 FK-2026-004]" {
			t.Errorf("worked on, it is undone: %v", err)
		}
	})
}

// What was entered wrongly the office puts right, with the reason; a unit does not.
func TestAnEntryIsCorrected(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-06-30")
		to := []models.Correction{
			{Field: ledger.FieldProblem, To: "企业奖补资金拨付不够及时"}, {Field: ledger.FieldTier, To: string(models.OnTheSpot)}, {Field: ledger.FieldNumber, To: "12"},
			{Field: ledger.FieldDeadline, To: "2026-07-15"}, {Field: ledger.FieldUnit, To: "czj"},
		}
		for _, u := range []models.User{r.Wu, r.Hai, r.Supervisor} {
			_, err := r.As(u).CorrectItem(item, to, "录入有误")
			if !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s corrects it: %v", u.Name, err)
			}
		}
		if _, err := r.As(r.Shen).CorrectItem(item, to, "录入有误"); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("the stranger corrects it: %v", err)
		}
		var p models.Problems
		_, err := r.As(r.Office).CorrectItem(item, []models.Correction{{Field: ledger.FieldProblem}, {Field: ledger.FieldTier, To: "x"}, {Field: ledger.FieldDeadline, To: "2026-02-30"}, {Field: ledger.FieldUnit, To: "nobody"}}, "")
		if !errors.As(err, &p) || len(p) != 5 {
			t.Errorf("%v", err)
		}
		is, err := r.As(r.Office).CorrectItem(item, to, "录入有误")
		same(t, err, nil)
		if is.Problem != to[0].To || is.Title != to[0].To || is.Tier != models.OnTheSpot || is.LedgerNo != "12" || is.DueOn != "2026-07-15" || is.FirstDueOn != "2026-06-30" || is.UnitID != r.Other.ID || is.Number != item.Number {
			t.Errorf("%+v", is)
		}
		trail, err := r.As(r.Office).Trail(is)
		same(t, err, nil)
		if e := trail[0]; e.Act != models.CorrectItem || e.Particulars["words"] != "录入有误" || e.Particulars["problem"] != to[0].To || e.Particulars["problem_before"] != item.Problem ||
			e.Particulars["due_before"] != "2026-06-30" || e.Particulars[string(ledger.FieldUnit)] != r.Other.Name {
			t.Errorf("%+v", e)
		}
		if _, err := r.As(r.Wu).Item(item.Number); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("it is still the unit's: %v", err)
		}
		if _, err := r.As(r.Office).CorrectItem(is, to, "录入有误"); err == nil {
			t.Error("corrected to what it is")
		}
	})
}

// A date in a unit's ledger for what has none is a proposal, until the office or a
// supervisor grants it; granted, it is the first date and no extension.
func TestAUnitProposesADate(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		confirmed(t, r, r.Wu, csvLedger)
		one, three := r.Read(models.Item{Number: "FK-2026-001"}), r.Read(models.Item{Number: "FK-2026-003"})
		if one.DueOn != "" || one.AskedUntil != "2026-06-30" {
			t.Fatalf("%+v", one)
		}
		for _, u := range []models.User{r.Wu, r.Hai} {
			if r.As(u).May(models.GrantExtension, one) {
				t.Errorf("%s may grant it", u.Name)
			}
		}
		e, err := r.As(r.Office).PendingExtension(one)
		same(t, err, nil)
		one, err = r.As(r.Office).GrantExtension(one, e.ID, "", "")
		same(t, err, nil)
		if one.DueOn != "2026-06-30" || one.FirstDueOn != "2026-06-30" || one.Extended != 0 || one.AskedUntil != "" || e.Why != models.WhyProposed {
			t.Errorf("%+v", one)
		}
		if r.As(r.Office).May(models.GrantExtension, one) {
			t.Error("the office may grant an extension")
		}
		e, err = r.As(r.Supervisor).PendingExtension(three)
		same(t, err, nil)
		three, err = r.As(r.Supervisor).RefuseExtension(three, e.ID, "太晚")
		same(t, err, nil)
		if three.DueOn != "" || three.AskedUntil != "" {
			t.Errorf("%+v", three)
		}
	})
}

// Whether 责任单位 names units or departments is seen from the register: a department is
// kept as one, and is not thrown away for the unit that was chosen.
func TestDepartmentsUnderAHeadingOfUnitsAreKept(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		head := "序号,问题,整改措施,责任单位,整改时限\n"
		_, _, p := brought(t, r, r.Office, head+"1,拨付慢,逐笔拨付,办公室,2026年6月底前\n2,台账不全,补齐台账,计划财务处,2026年6月底前\n")
		for n, want := range []string{"办公室", "计划财务处"} {
			if l := p.Lines[n]; l.State != models.LineNew || l.Unit.ID != r.Unit.ID || l.Ledger.Measures[0].Department != want {
				t.Errorf("line %d is %s, of %s: %+v", n, l.State, l.Unit.Name, l.Ledger.Measures[0])
			}
		}
		_, reading, p := brought(t, r, r.Office, head+"1,拨付慢,逐笔拨付,"+r.Unit.Name+",2026年6月底前\n", func(i *models.Import) { i.UnitID = nil })
		if l := p.Lines[0]; l.State != models.LineNew || l.Unit.ID != r.Unit.ID || reading.Tables[0].Columns[3].Field != ledger.FieldUnit {
			t.Errorf("the line is %s, of %s", l.State, l.Unit.Name)
		}
	})
}

// Nothing of a sheet on its side is taken before a person agrees to turn it.
func TestASheetOnItsSideIsTurnedWhenAgreed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		i, reading, p := brought(t, r, r.Office, "序号,1,2\n问题,拨付慢,台账不全\n整改措施,逐笔拨付,补齐台账\n整改时限,2026年6月底前,2026年7月底前\n")
		if len(p.Lines) != 0 || p.RefusedN() != 0 || !reading.Tables[0].Turnable {
			t.Errorf("before anybody agreed there are %d lines", len(p.Lines))
		}
		i, err := r.As(r.Office).Answer(i, map[string]models.ImportAnswer{models.TurnKey(""): {Turn: true}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, p = looked(t, r.As(r.Office), i); counts(p) != "2 new, 0 changed, 0 same, 0 refused, 0 asked" || p.Lines[1].Ledger.Measures[0].Deadline.DueOn != "2026-07-31" {
			t.Errorf("turned it counts %s", counts(p))
		}
	})
}

// What a ledger says was done is in the item's history, as what the ledger said.
func TestProgressTakenInIsInTheHistory(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		head := "序号,问题,整改措施,整改时限,整改进展,备注\n"
		confirmed(t, r, r.Office, head+"1,拨付慢,逐笔拨付,2026年6月底前,已拨付三笔,待财政核对\n2,台账不全,补齐台账,2026年6月底前,,\n")
		items, err := r.As(r.Office).ItemsNamed([]string{"FK-2026-001", "FK-2026-002"})
		if err != nil || len(items) != 2 {
			t.Fatal(items, err)
		}
		for n, want := range []string{"已拨付三笔\n待财政核对", ""} {
			events, err := r.As(r.Office).Trail(items[n])
			if err != nil {
				t.Fatal(err)
			}
			notes, err := r.As(r.Office).ProgressOf(items[n])
			if err != nil {
				t.Fatal(err)
			}
			said := ""
			for _, note := range notes {
				if strconv.FormatInt(note.ID, 10) == events[0].Particulars["progress"] {
					said = note.Text
				}
			}
			if said != want || (items[n].ProgressOn != "") != (want != "") {
				t.Errorf("item %d: the history says %q, want %q; progress on %q", n+1, said, want, items[n].ProgressOn)
			}
		}
	})
}

// Many rows are written another way than few, and come out the same: every column, with
// whatever stands in it, and a trail that vouches for them.
func TestManyItemsAreRegisteredLikeFew(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		of := func(n int) models.NewItem {
			i := models.NewItem{
				Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, LedgerNo: fmt.Sprint(n), Source: "来源'\"\\", Category: "类别，{a,b}", Problem: "问题 NULL\n第二行",
				Leader: "leng", Handler: "wu", Progress: "已拨付 {1}", StatusWord: "正在整改", DueOn: "2026-06-30", Standing: n%2 == 0,
			}
			if n%3 == 0 {
				i.Leader, i.Progress, i.DueOn = "", "", ""
			}
			if n%2 == 1 {
				i.Measures = []models.Measure{{Text: "措施\t一", Owners: []string{"甲", "乙\""}, DueOn: "2026-05-31", DeadlinePhrase: "5月底前"}, {Text: "二", Standing: true}}
			}
			return i
		}
		var few, many []models.Item
		for n := range 6 {
			one, err := r.As(r.Office).Register(of(n))
			same(t, err, nil)
			few = append(few, one...)
		}
		var all []models.NewItem
		for n := range 66 {
			all = append(all, of(n%6))
		}
		many, err := r.As(r.Office).Register(all...)
		same(t, err, nil)
		plain := func(item models.Item) string {
			i := r.Read(item)
			measures, err := r.As(r.Office).Measures(i)
			same(t, err, nil)
			for n := range measures {
				measures[n].ID, measures[n].ItemID = 0, 0
			}
			notes, err := r.As(r.Office).ProgressOf(i)
			same(t, err, nil)
			for n := range notes {
				notes[n].ID, notes[n].ItemID = 0, 0
			}
			i.ID, i.Number = 0, ""
			said, err := json.Marshal([]any{i, measures, notes})
			same(t, err, nil)
			return string(said)
		}
		for n, item := range many {
			if want := fmt.Sprintf("FK-2026-%03d", 7+n); item.Number != want || r.Read(item).ID != item.ID {
				t.Fatalf("item %d is %s, id %d", n, item.Number, item.ID)
			}
			if is, want := plain(item), plain(few[n%6]); is != want {
				t.Fatalf("item %d is\n%s\nwant\n%s", n, is, want)
			}
			trail, err := r.As(r.Office).Trail(item)
			if same(t, err, nil); len(trail) != 1 || trail[0].Act != models.RegisterItem {
				t.Fatalf("item %d has the trail %+v", n, trail)
			}
		}
		report, err := r.Store.Board(context.Background(), models.TheClerk).VerifyTrail(models.VerifyAsk{})
		if err != nil || !report.Sound() {
			t.Errorf("%+v %v", report, err)
		}
	})
}

// Whoever breaks an import off while it is written, or whose line is cut, finds the
// register as it was, and can take the same ledger in afterwards.
func TestAnImportThatIsBrokenOffWritesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		i, reading, p := brought(t, r, r.Office, big(2500))
		ctx, leave := context.WithCancel(context.Background())
		defer leave()
		var heard []headway.Headway
		gone := headway.Heard(ctx, func(h headway.Headway) {
			if heard = append(heard, h); h.Done > 0 {
				leave()
			}
		})
		if _, err := r.Board(gone, r.Office).ConfirmImport(i, reading, p.Print); err == nil {
			t.Fatal("it was written to the end")
		}
		if want := (headway.Headway{Step: headway.Writing, Done: 1000, Of: 2500}); len(heard) == 0 || heard[len(heard)-1] != want {
			t.Errorf("heard %v, want %v in the end", heard, want)
		}
		n, err := r.As(r.Office).Count(models.Filter{})
		if is, _ := r.As(r.Office).Import(i.ID); err != nil || n != 0 || is.State != models.ImportUploaded {
			t.Errorf("%d items, import %s, %v", n, is.State, err)
		}
		if i, err = r.As(r.Office).ConfirmImport(i, reading, p.Print); err != nil || i.ItemsNew != 2500 {
			t.Errorf("then %d items, %v", i.ItemsNew, err)
		}
		report, err := r.Board(context.Background(), models.TheClerk).VerifyTrail(models.VerifyAsk{})
		if err != nil || !report.Sound() {
			t.Errorf("%+v %v", report.Findings, err)
		}
	})
}
