package models_test

import (
	"strings"
	"testing"

	"duban/models"
	"duban/models/ledger"
	"duban/models/modelstest"
)

// asked is the extension of an item that waits to be decided, 0 when none does.
func asked(t *testing.T, r *modelstest.Register, item models.Item) int64 {
	t.Helper()
	e, err := r.As(r.Office).PendingExtension(item)
	if err != nil {
		t.Fatal(err)
	}
	if e == nil {
		return 0
	}
	return e.ID
}

func TestAnExtensionIsAskedForBeforeTheDateAndDecidedByAnother(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-09")
		wu := r.As(r.Wu)
		_, err := r.As(r.Supervisor).AskExtension(item, "2026-03-20", "须公示")
		same(t, err, models.ErrForbidden)
		for _, until := range []models.Day{"", "2026-03-09", "2026-03-01", "2026-02-30", "2026-09-09"} { // 183 days after the first date
			_, err = wu.AskExtension(item, until, "")
			same(t, err, problemOf("until", "words"))
		}
		_, err = r.As(r.Supervisor).GrantExtension(item, asked(t, r, item), "", "")
		same(t, err, models.Refused{Key: "extension.none"})
		item, err = wu.AskExtension(item, "2026-03-20", "须公示 10 日")
		if err != nil || item.DueOn != "2026-03-09" || item.AskedUntil != "2026-03-20" {
			t.Fatalf("%+v, %v", item, err)
		}
		_, err = wu.AskExtension(item, "2026-03-21", "再问一次")
		same(t, err, models.Refused{Key: "extension.pending"})
		for _, u := range []models.User{r.Wu, r.Hai, r.Office, r.Principal} {
			_, err = r.As(u).GrantExtension(item, asked(t, r, item), "", "")
			same(t, err, models.ErrForbidden)
		}
		item, err = r.As(r.Supervisor).GrantExtension(item, asked(t, r, item), "理由成立", "党组会议纪要〔2026〕14 号")
		if err != nil || item.DueOn != "2026-03-20" || item.FirstDueOn != "2026-03-09" || item.Extended != 1 || item.AskedUntil != "" {
			t.Fatalf("%+v, %v", item, err)
		}
		item, err = wu.AskExtension(item, "2026-04-20", "仍须公示")
		same(t, err, nil)
		_, err = r.As(r.Supervisor).RefuseExtension(item, asked(t, r, item), "")
		same(t, err, problemOf("words"))
		item, err = r.As(r.Supervisor).RefuseExtension(item, asked(t, r, item), "理由不足")
		if err != nil || item.DueOn != "2026-03-20" || item.Extended != 1 {
			t.Fatalf("%+v, %v", item, err)
		}
		item, err = wu.AskExtension(item, "2026-04-20", "补充理由")
		same(t, err, nil)
		item, err = r.As(r.Leng).WithdrawExtension(item, asked(t, r, item))
		same(t, err, nil)
		item, err = wu.AskExtension(item, "2026-05-20", "确有困难")
		same(t, err, nil)
		item, err = r.As(r.Supervisor).GrantExtension(item, asked(t, r, item), "", "")
		same(t, err, nil)
		_, err = wu.AskExtension(item, "2026-06-20", "第三次")
		same(t, err, models.Refused{Key: "extension.times"})
		other, err := wu.AskExtension(r.Registered("2026-03-09"), "2026-03-20", "须公示")
		same(t, err, nil)
		third, err := wu.AskExtension(r.Registered("2026-03-09"), "2026-03-20", "须公示")
		same(t, err, nil)
		_, err = r.As(r.Supervisor).GrantExtension(third, asked(t, r, other), "", "")
		same(t, err, models.ErrNotFound)
		_, err = wu.WithdrawExtension(third, asked(t, r, other))
		same(t, err, models.ErrNotFound)
		changes, err := wu.ExtensionsOf(item)
		if err != nil || len(changes) != 4 || changes[3].Words != "理由成立" || changes[3].DocNo == "" || changes[3].FromOn != "2026-03-09" || models.DerivedDue(item.FirstDueOn, changes) != "2026-05-20" {
			t.Errorf("%+v, %v", changes, err)
		}
		if of, err := r.As(r.Shen).ExtensionsOf(item); err != nil || len(of) != 0 {
			t.Errorf("the stranger reads %v, %v", of, err)
		}

		late := r.Registered("2026-03-02")
		if _, err := wu.AskExtension(late, "2026-03-09", "今日到期"); err != nil {
			t.Errorf("due today is not too late: %v", err)
		}
		late = r.Registered("2026-02-27")
		_, err = wu.AskExtension(late, "2026-03-09", "已过期限")
		same(t, err, models.Refused{Key: "extension.too_late"})
		if wu.May(models.AskExtension, late) {
			t.Error("a button is drawn")
		}
	})
}

// Who was of the unit when they asked does not grant it as a supervisor later.
func TestNobodyGrantsWhatTheyAskedForThemselves(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item, err := r.As(r.Wu).AskExtension(r.Registered("2026-03-09"), "2026-03-20", "须公示")
		same(t, err, nil)
		r.SQL("UPDATE users SET role = 'supervisor', unit_id = NULL WHERE id = ?", r.Wu.ID)
		moved := r.Wu
		moved.Role, moved.UnitID = models.Supervisor, nil
		_, err = r.As(moved).GrantExtension(item, asked(t, r, item), "", "")
		same(t, err, models.Refused{Key: "extension.own"})
	})
}

// The unit's own sheet moves no date that is there, in whatever way it comes; the
// office's does, and the change is kept with the others.
func TestAUnitsSheetMovesNoDate(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		confirmed(t, r, r.Office, csvLedger)
		was := r.Read(models.Item{Number: "FK-2026-001"})
		later := strings.Replace(csvLedger, "6月30日前", "7月30日前", 1)
		confirmed(t, r, r.Hai, later)
		if is := r.Read(was); is.DueOn != was.DueOn || is.FirstDueOn != was.FirstDueOn {
			t.Errorf("the unit moved %s to %s", was.DueOn, is.DueOn)
		}
		i := confirmed(t, r, r.Office, later)
		is := r.Read(was)
		changes, err := r.As(r.Office).ExtensionsOf(is)
		if err != nil || is.DueOn == was.DueOn || is.FirstDueOn != was.FirstDueOn || len(changes) != 1 || changes[0].Why != models.WhyLedger || models.DerivedDue(is.FirstDueOn, changes) != is.DueOn {
			t.Errorf("%s to %s: %+v, %v", was.DueOn, is.DueOn, changes, err)
		}
		if err := r.As(r.Office).UndoImport(i); err != nil {
			t.Fatal(err)
		}
		is = r.Read(was)
		changes, err = r.As(r.Office).ExtensionsOf(is)
		if err != nil || is.DueOn != was.DueOn || len(changes) != 2 || models.DerivedDue(is.FirstDueOn, changes) != is.DueOn {
			t.Errorf("undone: %s, %+v, %v", is.DueOn, changes, err)
		}
	})
}

// What the overdue page says of extensions: which requests wait, and how many were
// granted in a round, each person's of what they see.
func TestRequestsThatWaitAreCountedUntilTheyAreDecided(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-09")
		counts := func() (n []int) {
			for _, u := range []models.User{r.Supervisor, r.Wu, r.Shen, r.Admin} {
				waiting, err := r.As(u).Count(models.Filter{Asked: true})
				same(t, err, nil)
				granted, err := r.As(u).Granted(r.Round)
				same(t, err, nil)
				n = append(n, int(waiting), granted)
			}
			return n
		}
		equal(t, counts(), []int{0, 0, 0, 0, 0, 0, 0, 0})
		item, err := r.As(r.Wu).AskExtension(item, "2026-03-20", "须公示")
		same(t, err, nil)
		equal(t, counts(), []int{1, 0, 1, 0, 0, 0, 0, 0})
		item, err = r.As(r.Supervisor).GrantExtension(item, asked(t, r, item), "同意", "")
		same(t, err, nil)
		equal(t, counts(), []int{0, 1, 0, 1, 0, 0, 0, 0})
		item, err = r.As(r.Wu).AskExtension(item, "2026-04-20", "仍须公示")
		same(t, err, nil)
		_, err = r.As(r.Supervisor).RefuseExtension(item, asked(t, r, item), "理由不足")
		same(t, err, nil)
		equal(t, counts(), []int{0, 1, 0, 1, 0, 0, 0, 0})
		other, err := r.As(r.Office).SaveRound(models.Round{Name: "2027 年第一轮", Code: "2027-1", Year: 2027})
		same(t, err, nil)
		if n, err := r.As(r.Supervisor).Granted(other); n != 0 || err != nil {
			t.Errorf("%d in another round (%v)", n, err)
		}
	})
}

// An item without a date gets its first one from those above the unit; the unit's word for
// it is a proposal, which somebody else grants.
func TestAFirstDateIsNotTheUnitsAlone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for _, u := range []models.User{r.Office, r.Supervisor} {
			item := r.Registered("")
			_, err := r.As(u).SetDate(item, "2026-03-01", "")
			same(t, err, problemOf("due_on", "words"))
			item, err = r.As(u).SetDate(item, "2026-03-20", "党工委会议纪要")
			if err != nil || item.DueOn != "2026-03-20" || item.FirstDueOn != "2026-03-20" || item.Extended != 0 {
				t.Fatalf("%s: %+v, %v", u.Name, item, err)
			}
			_, err = r.As(u).SetDate(item, "2026-04-20", "再定一次")
			same(t, err, models.Refused{Key: "date.has"})
		}
		item := r.Registered("")
		for _, u := range []models.User{r.Wu, r.Leng, r.Hai, r.Principal} {
			_, err := r.As(u).SetDate(item, "2026-03-20", "自己定")
			same(t, err, models.ErrForbidden)
		}
		_, err := r.As(r.Shen).ProposeDate(item, "2026-03-20", "外单位")
		same(t, err, models.ErrNotFound)
		_, err = r.As(r.Office).ProposeDate(item, "2026-03-20", "不是单位")
		same(t, err, models.ErrForbidden)
		item, err = r.As(r.Wu).ProposeDate(item, "2026-06-30", "须经招标")
		if err != nil || item.DueOn != "" || item.FirstDueOn != "" || item.AskedUntil != "2026-06-30" {
			t.Fatalf("proposed: %+v, %v", item, err)
		}
		for _, u := range []models.User{r.Office, r.Supervisor} {
			if notices, err := r.As(u).Notices(5); err != nil || len(notices) == 0 || notices[0].Act != models.ProposeDate {
				t.Errorf("%s is told %+v, %v", u.Name, notices, err)
			}
		}
		_, err = r.As(r.Wu).ProposeDate(item, "2026-06-30", "再说一次")
		same(t, err, models.Refused{Key: "date.same"})
		item, err = r.As(r.Wu).ProposeDate(item, "2026-05-31", "可以早些")
		same(t, err, nil)
		granted, err := r.As(r.Office).GrantExtension(item, asked(t, r, item), "", "")
		if err != nil || granted.DueOn != "2026-05-31" || granted.FirstDueOn != "2026-05-31" || granted.Extended != 0 {
			t.Errorf("granted: %+v, %v", granted, err)
		}
		item, err = r.As(r.Wu).ProposeDate(r.Registered(""), "2026-06-30", "须经招标")
		same(t, err, nil)
		item, err = r.As(r.Supervisor).SetDate(item, "2026-04-30", "会议要求")
		if err != nil || item.DueOn != "2026-04-30" || item.AskedUntil != "" || asked(t, r, item) != 0 {
			t.Errorf("set over a proposal: %+v, %v", item, err)
		}
	})
}

// A date that was entered wrongly is put right by the office alone, with the reason, and
// both dates and the reason stay.
func TestACorrectedDateShowsWhatItWas(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-02-20")
		to := []models.Correction{{Field: ledger.FieldDeadline, To: "2026-04-20"}}
		_, err := r.As(r.Supervisor).CorrectItem(item, to, "登记有误")
		same(t, err, models.ErrForbidden)
		_, err = r.As(r.Office).CorrectItem(item, to, "")
		same(t, err, problemOf("words"))
		_, err = r.As(r.Office).CorrectItem(item, []models.Correction{{Field: ledger.FieldDeadline, To: "2066-04-20"}}, "登记有误")
		same(t, err, problemOf("deadline"))
		item, err = r.As(r.Office).CorrectItem(item, to, "反馈意见写的是四月")
		same(t, err, nil)
		moves, err := r.As(r.Wu).ExtensionsOf(item)
		if err != nil || item.DueOn != "2026-04-20" || item.FirstDueOn != "2026-02-20" || len(moves) != 1 || moves[0].FromOn != "2026-02-20" || moves[0].Reason != "反馈意见写的是四月" {
			t.Errorf("%+v, %+v, %v", item, moves, err)
		}
	})
}

// After its date an item's extension is asked for within the days of the rule, to a day
// that is not past, and is marked for good; without the rule it is not.
func TestALateExtensionHasItsMark(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		rules := r.As(r.Office).Rules()
		rules.LateExtensionDays = 5
		same(t, r.As(r.Office).ChangeRules(rules, "允许逾期五天内申请"), nil)
		wu := r.As(r.Wu)
		_, err := wu.AskExtension(r.Registered("2026-02-24"), "2026-03-20", "须公示")
		same(t, err, models.Refused{Key: "extension.too_late_by"})
		item := r.Registered("2026-02-25")
		_, err = wu.AskExtension(item, "2026-03-01", "须公示")
		same(t, err, problemOf("until"))
		item, err = wu.AskExtension(item, "2026-03-20", "须公示")
		same(t, err, nil)
		item, err = r.As(r.Supervisor).GrantExtension(item, asked(t, r, item), "", "")
		moves, movesErr := wu.ExtensionsOf(item)
		if err != nil || movesErr != nil || item.DueOn != "2026-03-20" || item.Extended != 1 || len(moves) != 1 || moves[0].Why != models.WhyLate {
			t.Errorf("%+v, %+v, %v", item, moves, err)
		}
		item, err = wu.AskExtension(item, "2026-03-25", "再公示")
		same(t, err, nil)
		if moves, err = wu.ExtensionsOf(item); err != nil || moves[0].Why != models.WhyAsked {
			t.Errorf("in time: %+v, %v", moves[0], err)
		}
	})
}

// What is still to be done about an overdue item has a day to come; the item stays late.
func TestAMeasureOfAnOverdueItemHasAnHonestDay(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-02-20")
		item, err := r.As(r.Wu).Plan(item, []models.PlannedMeasure{{Text: "补签合同", Owner: "吴", DueOn: "2026-04-20"}})
		if err != nil || item.DueOn != "2026-02-20" || !item.Card().Overdue(r.As(r.Wu).Today()) {
			t.Errorf("%+v, %v", item, err)
		}
		_, err = r.As(r.Wu).Plan(r.Registered("2026-03-02"), []models.PlannedMeasure{{Text: "补签合同", Owner: "吴", DueOn: "2026-04-20"}})
		same(t, err, problemOf("due_on_1"))
	})
}
