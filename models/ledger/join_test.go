package ledger

import (
	"slices"
	"testing"
)

// Lists of problems, tasks and responsibility on sheets of their own are one ledger.
func TestListsAreJoinedByNumber(t *testing.T) {
	want := text("1 fk 学习不深入", "  - 制定学习计划|书记|党办|党办主任|2024年8月底", "2 fk 制度不健全", "  - 修订制度|局长|法规科|法规科科长|2024年9月底", "·1 heading", "·1 heading", "·1 heading")
	r := readCase(t, "c16-three-lists.xlsx", cases2024)
	if got := told(r); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if m := r.Items[0].Measures[0]; m.Sheet != "任务清单" || m.Deadline.DueOn != "2024-08-31" || r.Items[0].joined.rows != 2 {
		t.Errorf("the measure is %+v", m)
	}
	problems := testSheet{name: "问题清单", rows: [][]any{{"序号", "反馈问题", "问题类别"}, {1, "学习不深入", "党建"}, {2, "制度不健全", "管理"}}}
	tests := map[string]struct {
		sheets []testSheet
		want   string
		said   []string
	}{
		"the problems stand last, tasks without problems": {[]testSheet{
			{name: "责任清单", rows: [][]any{{"序号", "责任领导", "责任科室", "责任人"}, {1, "书记", "党办", "张三"}, {2, "局长", "法规科", "李四"}}},
			{name: "任务清单", rows: [][]any{{"序号", "整改措施", "完成时限"}, {1, "制定计划", "8月底前"}, {2, "修订制度", "9月底前"}}},
			problems,
		}, text("1 fk 学习不深入 类=党建", "  - 制定计划|书记|党办|张三|8月底前", "2 fk 制度不健全 类=管理", "  - 修订制度|局长|法规科|李四|9月底前", "·1 heading", "·1 heading", "·1 heading"), nil},
		"several tasks of a problem, each with its own number": {[]testSheet{problems,
			{name: "任务清单", rows: [][]any{{"任务编号", "对应问题序号", "具体任务", "时间节点"}, {1, 1, "制定计划", "8月底前"}, {2, 1, "集中学习", "9月底前"}, {3, 2, "修订制度", "10月底前"}}},
			{name: "责任清单", rows: [][]any{{"问题序号", "具体任务", "责任人"}, {1, "集中学习", "李四"}, {1, "制定计划", "张三"}, {2, "修订制度", "王五"}}},
		}, text("1 fk 学习不深入 类=党建", "  - 制定计划|||张三|8月底前", "  - 集中学习|||李四|9月底前", "2 fk 制度不健全 类=管理", "  - 修订制度|||王五|10月底前", "·1 heading", "·1 heading", "·1 heading"), nil},
		"a time list and progress": {[]testSheet{
			{name: "台账", rows: [][]any{{"序号", "反馈问题", "整改措施", "责任人"}, {"1", "学习不深入", "制定计划", "张三"}, {"2", "制度不健全", "修订制度", "李四"}}},
			{name: "时限清单", rows: [][]any{{"序号", "反馈问题", "整改时限"}, {"（1）", "学习不深入", "8月底前"}, {"（2）", "制度不健全", "9月底前"}}},
			{name: "成效清单", rows: [][]any{{"序号", "反馈问题", "整改进展"}, {1, "学习不深入", "已印发计划"}}},
		}, text("1 fk 学习不深入 展=已印发计划", "  - 制定计划|||张三|8月底前", "2 fk 制度不健全", "  - 修订制度|||李四|9月底前", "·1 heading", "·1 heading", "·1 heading"), nil},
		"what does not fit is refused where it stands": {[]testSheet{problems,
			{name: "任务清单", rows: [][]any{{"序号", "整改措施", "完成时限"}, {1, "制定计划", "8月底前"}, {3, "无主任务", "9月底前"}}},
			{name: "责任清单", rows: [][]any{{"序号", "整改措施", "责任人", "完成时限"}, {1, "制定计划", "张三", "12月底前"}}},
		}, text("1 fk 学习不深入 类=党建", "  - 制定计划||||8月底前", "2 fk 制度不健全 类=管理", "✗3 3 ledger.join.no_problem", "✗2 2 ledger.join.differs", "·1 heading", "·1 heading", "·1 heading"),
			[]string{"refusal 3 ledger.join.no_problem", "refusal 2 ledger.join.differs"}},
		"a summary is no list": {[]testSheet{
			{name: "台账", rows: [][]any{{"序号", "反馈问题", "整改措施"}, {1, "学习不深入", "制定计划"}}},
			{name: "统计表", rows: [][]any{{"序号", "责任部门", "问题总数", "完成率"}, {1, "办公室", 12, "80%"}}},
		}, text("1 fk 学习不深入", "  - 制定计划||||", "·1 heading", "·1 heading", "·2 sheet"), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := mustRead(t, workbookOf(t, tt.sheets...), cases2024)
			if got := told(r); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			for _, want := range tt.said {
				if !slices.Contains(saidOf(r), want) {
					t.Errorf("%s is not said: %q", want, saidOf(r))
				}
			}
		})
	}
	// one list of tasks alone is no ledger
	if _, err := readBytes(workbookOf(t, testSheet{name: "任务清单", rows: [][]any{{"序号", "整改措施", "责任人"}, {1, "制定计划", "张三"}}}), cases2024); err == nil {
		t.Error("a list without problems is taken")
	}
}

// An item that the register refuses goes back with the rows of all the lists that said
// something of it, each on its sheet.
func TestARefusedItemGoesBackFromAllItsLists(t *testing.T) {
	r := readCase(t, "c16-three-lists.xlsx", cases2024)
	back := r.HandBack(map[int][]CellProblem{1: {{Weight: Refusal, Row: r.Items[1].Row, Key: "import.unit.gone"}}})
	var sheets []string
	for _, t := range back {
		sheets = append(sheets, t.Sheet)
	}
	if want := []string{"台账", "任务清单", "责任清单"}; !slices.Equal(sheets, want) {
		t.Fatalf("from %v, want %v", sheets, want)
	}
	for n, one := range back {
		if len(one.Rows) != 1 || len(one.Rows[0].Problems) != map[int]int{0: 1}[n] || !slices.Contains(one.Rows[0].Cells, "2") && !slices.Contains(one.Rows[0].Cells, r.Items[1].Number) {
			t.Errorf("%s: %+v", one.Sheet, one.Rows)
		}
	}
}
