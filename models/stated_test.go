package models_test

import (
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
