package models_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/models"
	"duban/models/modelstest"
)

// newest is the last thing in an item's trail.
func newest(t *testing.T, r *modelstest.Register, item models.Item) models.Event {
	t.Helper()
	trail, err := r.As(r.Office).Trail(item)
	if err != nil || len(trail) == 0 {
		t.Fatal(err)
	}
	return trail[0]
}

func one(c models.SheetCell, to string) []models.CellEdit {
	return []models.CellEdit{{Cell: c, Is: to}}
}

// Each cell is edited by the act that it is, with the reason where one is asked for; and
// what was there comes back when it is undone at once.
func TestACellIsEditedAndUndone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		tests := []struct {
			by     models.User
			cell   models.SheetCell
			to     string
			reason string
			act    models.Act
			undone bool
		}{
			{r.Office, models.CellTitle, "奖补资金拨付慢", "", models.CorrectItem, true},
			{r.Office, models.CellProblem, "企业奖补资金平均滞后 47 天拨付", "文字有误", models.CorrectItem, true},
			{r.Office, models.CellCategory, "财务管理", "", models.CorrectItem, true},
			{r.Office, models.CellTier, "on-the-spot", "", models.CorrectItem, true},
			{r.Office, models.CellNumber, "8.1", "", models.CorrectItem, true},
			{r.Office, models.CellUnit, r.Other.Code, "", models.CorrectItem, true},
			{r.Office, models.CellDue, "4月30日", "台账抄错", models.CorrectItem, true},
			{r.Office, models.CellLeader, r.Leng.FullName, "", models.AssignItem, true},
			{r.Hai, models.CellHandler, r.Wu.FullName, "", models.AssignItem, true},
			{r.Office, models.CellStandard, "全部拨付并建制", "", models.SetStandard, true},
			{r.Wu, models.CellDepartment, "综合处", "", models.ReviseItem, true},
			{r.Office, models.CellDue, "4-9", "台账抄错", models.CorrectItem, true},
			{r.Wu, models.CellDue, "2026-04-10", "须公示", models.AskExtension, true},
		}
		for _, tt := range tests {
			b, before := r.As(tt.by), r.Read(item)
			is, err := b.EditItem(before, one(tt.cell, tt.to), tt.reason)
			if err != nil {
				t.Errorf("%s: %v", tt.cell, err)
				continue
			}
			e := newest(t, r, is)
			if e.Act != tt.act || e.ActorID != tt.by.ID || is.Version != before.Version+1 || tt.reason != "" && e.Particulars["words"] != tt.reason {
				t.Errorf("%s is written by %s %v, version %d after %d", tt.cell, e.Act, e.Particulars, is.Version, before.Version)
			}
			if _, err := r.As(r.Supervisor).UndoItem(is); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s is undone by another: %v", tt.cell, err)
			}
			back, err := b.UndoItem(is)
			if err != nil {
				t.Errorf("%s is not undone: %v", tt.cell, err)
				continue
			}
			after := r.Read(item)
			after.Version, after.Head, after.Measures = before.Version, before.Head, before.Measures
			if !reflect.DeepEqual(after, before) || newest(t, r, back).Act == tt.act {
				t.Errorf("%s was\n%+v\nand is\n%+v", tt.cell, before, after)
			}
			if _, err := b.UndoItem(back); err == nil {
				t.Errorf("%s: an undo is undone", tt.cell)
			}
		}
		// Too late, or something else was done since.
		is, err := r.As(r.Office).EditItem(r.Read(item), one(models.CellCategory, "财务管理"), "")
		if err != nil {
			t.Fatal(err)
		}
		now := r.Store.Now()
		r.Store.Now = func() time.Time { return now.Add(11 * time.Second) }
		if _, err := r.As(r.Office).UndoItem(is); refusal(err) != "cell.undo.late" {
			t.Errorf("undone after eleven seconds: %v", err)
		}
		is, err = r.As(r.Office).EditItem(is, one(models.CellCategory, "选人用人"), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err = r.As(r.Wu).Report(is, "已拨付 31 笔", nil); err != nil {
			t.Fatal(err)
		}
		if _, err := r.As(r.Office).UndoItem(is); !errors.Is(err, models.ErrStale) {
			t.Errorf("undone over another's work: %v", err)
		}
		if _, err := r.As(r.Office).UndoItem(r.Read(item)); refusal(err) != "cell.undo.late" {
			t.Errorf("undone over another's work: %v", err)
		}
		report, err := r.Board(context.Background(), models.TheClerk).VerifyTrail(models.VerifyAsk{})
		if err != nil || len(report.Findings) > 0 {
			t.Errorf("%+v %v", report.Findings, err)
		}
	})
}

// Who may not edit a cell is told so, and whoever does not see the item learns nothing.
func TestACellIsEditedByWhomItIsTheirs(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		for _, c := range []models.SheetCell{models.CellTitle, models.CellProblem, models.CellTier, models.CellUnit, models.CellStandard, models.CellNumber} {
			if _, err := r.As(r.Wu).EditItem(item, one(c, "post-feedback2"), "想改"); refusal(err) != "cell.inspectors" {
				t.Errorf("a unit changes %s: %v", c, err)
			}
		}
		for _, c := range models.SheetCells() {
			if _, err := r.As(r.Shen).EditItem(item, one(c, "x"), "想改"); !errors.Is(err, models.ErrNotFound) {
				t.Errorf("a stranger and %s: %v", c, err)
			}
			if _, err := r.As(r.Principal).EditItem(item, one(c, "x"), "想改"); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("the principal and %s: %v", c, err)
			}
		}
		office := r.As(r.Office)
		for _, tt := range []struct {
			cell       models.SheetCell
			to, reason string
			field      string
		}{
			{models.CellProblem, "别的", "", "reason"}, {models.CellDue, "2026-04-30", "", "reason"}, {models.CellDue, "有空再说", "抄错", "due"}, {models.CellDue, "2026-02-30", "抄错", "due"},
			{models.CellTitle, "", "", "title"}, {models.CellUnit, "nobody", "", "unit"}, {models.CellTier, "x", "", "tier"}, {models.CellStandard, "", "", "standard"},
		} {
			var p models.Problems
			if _, err := office.EditItem(item, one(tt.cell, tt.to), tt.reason); !errors.As(err, &p) || p.Of(tt.field) == nil {
				t.Errorf("%s to %q: %v", tt.cell, tt.to, err)
			}
		}
		if is := r.Read(item); is.Version != item.Version {
			t.Errorf("something was written: %+v", is)
		}
		// All cells of a row or none.
		if _, err := office.EditItem(item, append(one(models.CellCategory, "财务"), one(models.CellTier, "x")...), ""); err == nil || r.Read(item).Category != "" {
			t.Error("half a row is written")
		}
		// What waits for review is the office's to correct alone.
		waits := r.Submitted("2026-03-20")
		if _, err := r.As(r.Wu).EditItem(waits, one(models.CellDepartment, "综合处"), ""); refusal(err) != "refused.revise" {
			t.Errorf("changed while it is reviewed: %v", err)
		}
		if _, err := office.EditItem(waits, one(models.CellCategory, "财务"), ""); err != nil {
			t.Error(err)
		}
	})
}

// A first date in a cell is the same deed as in its form: set by the office, proposed by the
// unit, with what it follows from, and one that has passed is a correction.
func TestAFirstDateInACell(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		due := func(to string) []models.CellEdit { return []models.CellEdit{{Cell: models.CellDue, Is: to}} }
		acts := func(item models.Item) (acts []models.Act) {
			history, err := r.As(r.Office).Trail(item)
			same(t, err, nil)
			for _, e := range history {
				acts = append(acts, e.Act)
			}
			return acts
		}
		unit := r.Registered("")
		for _, edit := range []func([]models.CellEdit, string) error{
			func(e []models.CellEdit, why string) error { _, err := r.As(r.Wu).EditItem(unit, e, why); return err },
			func(e []models.CellEdit, why string) error { _, err := r.As(r.Wu).WouldEdit(unit, e, why); return err },
		} {
			same(t, edit(due("2026-04-30"), ""), problemOf("reason"))
			same(t, edit(due("2026-01-05"), "待招标"), problemOf("due"))
			same(t, edit(due("2026-04-30"), strings.Repeat("长", 5000)), problemOf("reason"))
		}
		proposed, err := r.As(r.Wu).EditItem(unit, due("2026-04-30"), "须经招标")
		same(t, err, nil)
		if pending, err := r.As(r.Supervisor).PendingExtension(proposed); err != nil || pending == nil || pending.Reason != "须经招标" || proposed.DueOn != "" || proposed.AskedUntil != "2026-04-30" {
			t.Errorf("proposed: %+v %+v %v", proposed, pending, err)
		}
		if got := acts(proposed); !slices.Contains(got, models.ProposeDate) || slices.Contains(got, models.ReviseItem) {
			t.Errorf("a unit's first date is %v", got)
		}
		set, err := r.As(r.Office).EditItem(r.Registered(""), due("2026-04-30"), "反馈会议定的")
		same(t, err, nil)
		if got := acts(set); set.DueOn != "2026-04-30" || set.FirstDueOn != "2026-04-30" || !slices.Contains(got, models.SetDate) || slices.Contains(got, models.CorrectItem) {
			t.Errorf("the office's first date: %+v %v", set, got)
		}
		back, err := r.As(r.Office).UndoItem(set)
		same(t, err, nil)
		if back.DueOn != "" || back.FirstDueOn != "" {
			t.Errorf("undone: %+v", back)
		}
		past, err := r.As(r.Office).EditItem(r.Registered(""), due("2026-01-05"), "台账漏登")
		same(t, err, nil)
		if got := acts(past); past.DueOn != "2026-01-05" || !slices.Contains(got, models.CorrectItem) || slices.Contains(got, models.SetDate) {
			t.Errorf("a date that has passed: %+v %v", past, got)
		}
		report, err := r.Board(context.Background(), models.TheClerk).VerifyTrail(models.VerifyAsk{})
		if err != nil || !report.Sound() {
			t.Errorf("the trail: %+v, %v", report.Findings, err)
		}
	})
}

// Two people edit one cell: the second is told both values. Two cells are no conflict, nor
// is progress.
func TestTwoPeopleEditACell(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		seen := r.Registered("2026-03-20")
		office := r.As(r.Office)
		is, err := office.EditItem(seen, []models.CellEdit{{Cell: models.CellCategory, Was: "", Is: "财务"}}, "")
		if err != nil {
			t.Fatal(err)
		}
		var both models.CellConflict
		_, err = office.EditItem(seen, []models.CellEdit{{Cell: models.CellCategory, Was: "", Is: "工程"}}, "")
		if !errors.As(err, &both) || !errors.Is(err, models.ErrStale) || len(both) != 1 || both[0] != (models.CellNow{Cell: models.CellCategory, Mine: "工程", Here: "财务"}) {
			t.Errorf("%v %+v", err, both)
		}
		if _, err = r.As(r.Wu).EditItem(seen, []models.CellEdit{{Cell: models.CellDepartment, Was: "", Is: "综合处"}}, ""); err != nil {
			t.Errorf("another cell: %v", err)
		}
		if _, err = office.EditItem(seen, []models.CellEdit{{Cell: models.CellCategory, Was: "财务", Is: "工程"}}, ""); err != nil {
			t.Errorf("what is there by now was seen: %v", err)
		}
		if got, err := office.EditItem(seen, []models.CellEdit{{Cell: models.CellCategory, Was: "x", Is: "工程"}}, ""); err != nil || got.Version != is.Version+2 {
			t.Errorf("what is there already: %d %v", got.Version, err)
		}
	})
}
