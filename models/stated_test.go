package models_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// inherited is a ledger that was kept elsewhere: most of it is called done, all of it is
// long overdue.
const inherited = `序号,问题,整改措施,责任领导,责任人,整改时限,整改状态
1,企业奖补资金拨付不及时,逐笔核实并拨付,副局长,综合处处长,2025年6月30日前,已全部整改完成
2,差旅费超标准报销,清退超标部分,副局长,财务处处长,2025年6月30日前,已完成
3,党组会议记录不完整,补齐记录,书记,办公室主任,2025年6月30日前,已销号
4,固定资产账实不符,全面盘点,副局长,财务处处长,2025年6月30日前,基本完成
5,合同未经审查,补审合同,副局长,办公室主任,2025年6月30日前,整改中
`

// statedOf are the items of an import that are still to be checked, by their numbers.
func statedOf(t *testing.T, r *modelstest.Register, i models.Import) []models.Item {
	t.Helper()
	cards, err := r.As(r.Office).List(models.Filter{Import: i.ID, Lights: []models.Light{models.LightStated}, Sort: "number"})
	same(t, err, nil)
	var items []models.Item
	for _, c := range cards {
		items = append(items, r.Read(models.Item{Number: c.Number}))
	}
	return items
}

// What an old ledger calls done comes in under way, with a mark, a light and a filter of
// its own; it is not overdue, not idle and not closed, and the supervisors' clock runs on
// it from the import and turns red on them.
func TestWhatAnOldLedgerCallsDoneIsNotClosed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for _, u := range []models.User{r.Wu, r.Office} {
			r.Today("2026-03-02")
			i, reading, p := brought(t, r, u, inherited)
			if p.Stated() != 3 {
				t.Fatalf("the preview says %d", p.Stated())
			}
			i, err := r.As(u).ConfirmImport(i, reading, p.Print)
			same(t, err, nil)
			stated := statedOf(t, r, i)
			if len(stated) != 3 || stated[0].Status != models.Underway || stated[0].StatedOn != "2026-03-02" || stated[0].ClosedOn != "" {
				t.Fatalf("%+v", stated)
			}
			for day, late := range map[models.Day]int{"2026-03-02": 0, "2026-03-09": 0, "2026-03-10": 3, "2026-06-10": 3} {
				r.Today(day)
				b := r.As(r.Supervisor)
				for of, count := range map[string]func(models.Filter) (models.Tally, error){"the census": b.Tally, "the database": b.TallyOfTheDatabase} {
					tally, err := count(models.Filter{Import: i.ID})
					if err != nil || tally.Stated() != 3 || tally.Closed() != 0 || tally.NotClosed() != 5 || tally.ReviewLate() != late {
						t.Errorf("on %s %s says %+v, %v", day, of, tally.Cells, err)
					}
				}
				n, err := b.Count(models.Filter{Import: i.ID, ReviewLate: true})
				if err != nil || int(n) != late {
					t.Errorf("on %s %d are late with the supervisors, %v", day, n, err)
				}
			}
			r.Today("2026-03-02")
			if u.ID == r.Wu.ID {
				same(t, r.As(u).UndoImport(i), nil)
			}
		}
		r.Today("2026-03-10")
		if _, err := r.As(models.TheClerk).RemindItems(); err != nil {
			t.Fatal(err)
		}
		told, err := r.As(r.Supervisor).Notices(20)
		n := 0
		for _, one := range told {
			if one.Act == models.RemindReview {
				n++
			}
		}
		if err != nil || n != 3 {
			t.Errorf("the supervisor is reminded of %d, %v", n, err)
		}
		flagged, err := r.As(models.TheClerk).FlagOverdue()
		if err != nil || flagged != 2 {
			t.Errorf("%d overdue, %v", flagged, err)
		}
	})
}

// A sheet marks what it brings and nothing that is here; what is here takes its own road,
// and handing in takes the mark off.
func TestOnlyAnImportMarksAndOnlyWhatItBrings(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		confirmed(t, r, r.Office, csvLedger)
		again := confirmed(t, r, r.Wu, "序号,问题,整改措施,责任领导,责任人,整改时限,整改状态\n1,企业奖补资金拨付不及时,逐笔核实并拨付,副局长,综合处处长,2026年6月30日前,已完成\n")
		if got := r.Read(models.Item{Number: "FK-2026-001"}); again.ItemsChanged != 1 || got.StatedOn != "" || got.StatusWord != "已完成" {
			t.Errorf("%+v", got)
		}
		item := statedOf(t, r, confirmed(t, r, r.Office, "序号,问题,整改措施,责任领导,责任人,整改时限,整改状态\n8,办公用房超标,腾退两间,副局长,办公室主任,2025年6月30日前,已完成\n"))[0]
		item, err := r.As(r.Office).SetStandard(item, "全部拨付到位")
		same(t, err, nil)
		item = r.HandedIn(item)
		if item.Status != models.Submitted || item.StatedOn != "" {
			t.Errorf("handed in: %+v", item)
		}
		if item, err = r.As(r.Supervisor).Close(item, "属实"); err != nil || item.Status != models.Closed {
			t.Errorf("%+v, %v", item, err)
		}
	})
}

// One by one: what is found done is struck off, what is not goes on under its own date with
// the supervisors' days on nobody's account, and nobody checks what they took in.
func TestWhatALedgerCallsDoneIsCheckedOneByOne(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		stated := statedOf(t, r, confirmed(t, r, r.Office, inherited))
		for _, u := range []models.User{r.Wu, r.Hai, r.Office, r.Principal} {
			_, err := r.As(u).CheckStated(stated[0], models.Holds, "属实")
			same(t, err, models.ErrForbidden)
		}
		_, err := r.As(r.Supervisor).CheckStated(stated[0], "", "")
		same(t, err, problemOf("outcome", "words"))
		r.Today("2026-03-05")
		item, err := r.As(r.Supervisor).CheckStated(stated[0], models.Holds, "已看拨付凭证")
		if err != nil || item.Status != models.Closed || item.StatedOn != "" || item.ClosedOn != "2026-03-05" {
			t.Fatalf("%+v, %v", item, err)
		}
		for of, course := range map[string]func(models.Filter) (models.Course, error){"the census": r.As(r.Supervisor).Course, "the database": r.As(r.Supervisor).CourseOfTheDatabase} {
			if c, err := course(models.Filter{}); err != nil || c.Closed != 1 || c.Late != 0 {
				t.Errorf("%s: nobody is late with what was done before it came in: %d of %d, %v", of, c.Late, c.Closed, err)
			}
		}
		closures, err := r.As(r.Wu).ClosuresOf(item)
		verdicts, verdictsErr := r.As(r.Wu).VerificationsOf(item)
		if err != nil || verdictsErr != nil || len(closures) != 1 || len(verdicts) != 1 || verdicts[0].Words != "已看拨付凭证" {
			t.Errorf("%+v, %+v", closures, verdicts)
		}
		item, err = r.As(r.Supervisor).CheckStated(stated[1], models.Failed, "没有退款凭证")
		if err != nil || item.Status != models.Underway || item.StatedOn != "" || item.DueOn != "2025-07-03" || !item.Card().Overdue("2026-03-05") || item.ReturnedReason != "没有退款凭证" {
			t.Errorf("%+v, %v", item, err)
		}
		if left := r.Read(stated[2]); left.StatedOn == "" {
			t.Error("another one of the import lost its mark")
		}
		_, err = r.As(r.Supervisor).CheckStated(item, models.Holds, "再看")
		same(t, err, models.Refused{Key: "stated.not"})

		// Who took it in has no verdict on it.
		other := statedOf(t, r, confirmed(t, r, r.Wu, calledDone(12, 1)))[0]
		moved := r.Wu
		moved.Role, moved.UnitID, moved.BodyCode = models.Supervisor, nil, models.Jiwei
		r.SQL("UPDATE users SET role = 'supervisor', unit_id = NULL, body_code = 'jiwei' WHERE id = ?", r.Wu.ID)
		_, err = r.As(moved).CheckStated(other, models.Holds, "属实")
		same(t, err, models.Refused{Key: "verification.own"})
	})
}

// Where both bodies verify, what a ledger calls done needs the word of both.
func TestBothBodiesCheckWhatALedgerCallsDone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		rules := r.As(r.Office).Rules()
		rules.VerifyElse = models.ByBoth
		same(t, r.As(r.Office).ChangeRules(rules, "两家核验"), nil)
		item := statedOf(t, r, confirmed(t, r, r.Office, inherited))[0]
		item, err := r.As(r.Supervisor).CheckStated(item, models.Holds, "属实")
		if err != nil || item.Status != models.Underway || item.StatedOn == "" {
			t.Fatalf("after one: %+v, %v", item, err)
		}
		_, err = r.As(r.Supervisor).CheckStated(item, models.Holds, "再一次")
		same(t, err, models.Refused{Key: "verification.given"})
		item, err = r.As(r.Dangqun()).CheckStated(item, models.Holds, "属实")
		if err != nil || item.Status != models.Closed || item.StatedOn != "" {
			t.Errorf("after both: %+v, %v", item, err)
		}
	})
}

// calledDone is a ledger of so many problems from that number on, all of them called done and long overdue.
func calledDone(from, n int) string {
	problems := strings.Fields("差旅费超标准报销 公务接待费没有审批单 党组会议记录不完整 固定资产账实不符 合同未经审查即签订 工程变更没有报批 干部选拔缺少考察材料 企业奖补资金拨付不及时 " +
		"食堂采购没有询价 公车私用两次 培训费挤占办公经费 工会经费发放补贴 印章管理没有台账 档案丢失四卷 土地出让金少收一笔 扶贫项目闲置 信访件超过答复时间 民主生活会走过场")
	sheet := "序号,问题,整改措施,责任领导,责任人,整改时限,整改状态\n"
	for k := from; k < from+n; k++ {
		sheet += fmt.Sprintf("%d,%s,对%s一事逐项纠正,副局长,综合处处长,2025年6月30日前,已完成\n", k+1, problems[k], problems[k])
	}
	return sheet
}

// By a sample: it is drawn with a seed that anybody repeats it with; when all of it hold the
// rest is struck off with them, when one fails the mark comes off all that the import brought.
func TestWhatALedgerCallsDoneIsCheckedByASample(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for _, holds := range []bool{true, false} {
			number := map[bool]int{true: 10, false: 7}[holds]
			i := confirmed(t, r, r.Office, calledDone(map[bool]int{true: 0, false: 10}[holds], number))
			stated := statedOf(t, r, i)
			if len(stated) != number {
				t.Fatalf("%d of %d", len(stated), number)
			}
			_, err := r.As(r.Office).DrawStatedOf(i.ID)
			same(t, err, models.Refused{Key: "stated.others"})
			_, err = r.As(r.Wu).DrawStatedOf(i.ID)
			same(t, err, models.ErrForbidden)
			draw, err := r.As(r.Supervisor).DrawStatedOf(i.ID)
			if err != nil || draw.Drawn != 3 || len(draw.From()) != number || draw.ImportID != i.ID {
				t.Fatalf("%+v, %v", draw, err)
			}
			_, err = r.As(r.Supervisor).DrawStatedOf(i.ID)
			same(t, err, models.Refused{Key: "stated.drawn"})
			samples, err := r.As(r.Supervisor).StatedSamples(draw.ID)
			same(t, err, nil)
			for n, want := range models.DrawOrder(draw.Seed, draw.From())[:3] {
				if samples[n].Number != want {
					t.Errorf("place %d has %s, repeated %s", n+1, samples[n].Number, want)
				}
			}
			imports, err := r.As(r.Supervisor).StatedImports()
			if err != nil || len(imports) != 1 || imports[0].N != number || imports[0].Draw != draw.ID || imports[0].Open != 3 || imports[0].FileName != i.FileName {
				t.Errorf("%+v, %v", imports, err)
			}
			for n, s := range samples {
				outcome := models.Holds
				if n == 2 && !holds {
					outcome = models.Failed
				}
				if left := len(statedOf(t, r, i)); left != number-n {
					t.Errorf("before sample %d %d are marked", n+1, left)
				}
				_, err := r.As(r.Supervisor).CheckStated(r.Read(models.Item{Number: s.Number}), outcome, "现场核验")
				same(t, err, nil)
			}
			if left := statedOf(t, r, i); len(left) != 0 {
				t.Errorf("%d are marked still", len(left))
			}
			tally, err := r.As(r.Office).Tally(models.Filter{Import: i.ID})
			closed := map[bool]int{true: number, false: 2}[holds]
			if err != nil || tally.Closed() != closed || tally.Overdue() != number-closed {
				t.Errorf("holds %v: %d closed, %d overdue, %v", holds, tally.Closed(), tally.Overdue(), err)
			}
			told := map[models.Act]int{}
			for _, item := range stated {
				trail, err := r.As(r.Wu).Trail(r.Read(item))
				same(t, err, nil)
				told[trail[0].Act]++
			}
			want := map[models.Act]int{models.AcceptStated: 3, models.PassStated: 7}
			if !holds {
				want = map[models.Act]int{models.AcceptStated: 2, models.RejectStated: 1, models.DropStated: 4}
			}
			if !maps.Equal(told, want) {
				t.Errorf("holds %v: %v, want %v", holds, told, want)
			}
		}
		if draws, err := r.As(r.Supervisor).Draws(); err != nil || len(draws) != 0 {
			t.Errorf("among the re-checks: %+v, %v", draws, err)
		}
	})
}

// The demonstration goes, and a draw of what a ledger calls done stays.
func TestADrawOutlivesTheDemonstrationAndIsCalledDone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		i := confirmed(t, r, r.Office, inherited)
		draw, err := r.As(r.Supervisor).DrawStatedOf(i.ID)
		same(t, err, nil)
		_, err = r.As(models.TheClerk).RemoveDemo()
		same(t, err, nil)
		if rows, err := r.As(r.Supervisor).StatedSamples(draw.ID); err != nil || len(rows) != draw.Drawn {
			t.Errorf("%+v, %v", rows, err)
		}
		if _, err := r.As(r.Supervisor).DrawByID(draw.ID); err != nil {
			t.Error(err)
		}
	})
}
