package ledger

import (
	"slices"
	"strings"
	"testing"
)

// What a ledger has no column of, or says otherwise, is said.
func TestWhatALedgerLacksIsSaid(t *testing.T) {
	head := func(heads ...any) []any { return heads }
	known := cases2024
	known.Unit, known.Known = "教育局", Known{Units: []string{"教育局", "财政局", "计划财务部"}}
	anyUnit := known
	anyUnit.Unit = ""
	chosen := cases2024
	chosen.Columns = map[string]Field{"整改措施": ""}
	tests := map[string]struct {
		in   Context
		rows [][]any
		want string // the key, "" for nothing
	}{
		"no column of deadlines":                           {cases2024, [][]any{head("序号", "问题", "整改措施"), {1, "问题一", "修订制度"}}, "remark ledger.note.no_deadline_column"},
		"the date in the remark":                           {cases2024, [][]any{head("序号", "问题", "整改措施", "备注"), {1, "问题一", "修订制度", "整改时限：2024年9月底前"}}, ""},
		"dates and no measures":                            {cases2024, [][]any{head("序号", "问题", "责任领导", "整改时限"), {1, "问题一", "张三", "2024年9月底前"}}, "question ledger.note.no_measure_column"},
		"dates and measures left out as the person wished": {chosen, [][]any{head("序号", "问题", "整改措施", "整改时限"), {1, "问题一", "修订制度", "2024年9月底前"}}, "remark ledger.note.no_measure_column"},
		"a title of another unit":                          {known, [][]any{{"财政局巡察反馈问题整改台账"}, head("序号", "问题", "整改措施", "整改时限"), {1, "问题一", "修订制度", "9月底前"}}, "question ledger.note.other_unit"},
		"a title of another unit, the register empty":      {feedback2024, [][]any{{"红旗镇党委关于巡察反馈意见的整改台账"}, head("序号", "问题", "整改措施", "整改时限"), {1, "问题一", "修订制度", "9月底前"}}, "question ledger.note.other_unit"},
		"filled in by another unit":                        {known, [][]any{{"填报单位：财政局"}, head("序号", "问题", "整改措施", "整改时限"), {1, "问题一", "修订制度", "9月底前"}}, "question ledger.note.other_unit"},
		"a title of this unit":                             {known, [][]any{{"教育局党组巡察整改台账"}, head("序号", "问题", "整改措施", "整改时限"), {1, "问题一", "修订制度", "9月底前"}}, ""},
		"a title of no unit":                               {known, [][]any{{"整改台账（第一批）"}, head("序号", "问题", "整改措施", "整改时限"), {1, "问题一", "修订制度", "9月底前"}}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: tt.rows}), tt.in)
			var said []string
			for _, n := range r.Notes {
				said = append(said, n.Weight+" "+n.Key)
			}
			if got := strings.Join(said, "|"); got != tt.want {
				t.Errorf("said is %q, want %q", got, tt.want)
			}
		})
	}
	// a register's unit in the title is whose ledger it is when nobody said
	r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: [][]any{{"财政局巡察反馈问题整改台账"}, plainHead, {1, "问题一", "修订制度"}}}), anyUnit)
	if r.Items[0].Unit != "财政局" {
		t.Errorf("it is of %q", r.Items[0].Unit)
	}
}

// A deadline, a leader and a department need no measure to stand on.
func TestADeadlineNeedsNoMeasure(t *testing.T) {
	in := cases2024
	in.Columns = map[string]Field{"措施内容": ""}
	rows := [][]any{{"序号", "问题", "措施内容", "责任领导", "责任部门", "责任人", "整改时限"},
		{1, "问题一", "修订制度", "张三", "办公室", "李四", "2024年9月底前"},
		{"", "", "开展培训", "张三", "人事科", "王五", "2024年10月底前"},
		{2, "问题二", "补齐台账", "赵六", "财务科", "孙七", "2024年8月底前"}}
	r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: rows, merges: []string{"A2:A3", "B2:B3"}}), in)
	one, two := r.Items[0], r.Items[1]
	if one.Leader != "张三" || one.Department != "办公室、人事科" || !slices.Equal(one.Owners, []string{"李四", "王五"}) || one.Deadline.DueOn != "" ||
		one.Deadline.Ask != "2024-09-30 or 2024-10-31" || len(one.Measures) != 0 {
		t.Errorf("the first is %+v", one)
	}
	if two.Leader != "赵六" || two.Department != "财务科" || two.Deadline.DueOn != "2024-08-31" {
		t.Errorf("the second is %+v", two)
	}
	// the heading nobody knew is taken for what stands under it, and asked about
	r = mustRead(t, workbookOf(t, testSheet{name: "台账", rows: [][]any{{"序号", "问题", "怎么办", "整改时限"}, {1, "问题一", "修订报销制度", "9月底前"}, {2, "问题二", "开展专项培训", "9月底前"}}}), cases2024)
	if c := r.Tables[0].Columns[2]; c.Field != FieldMeasure || len(c.Ask) == 0 || r.Items[0].Measures[0].Text != "修订报销制度" {
		t.Errorf("it is read as %s, asked %v", c.Field, c.Ask)
	}
}

// A column is known by what stands in it, where its heading says nothing or something
// else; what nothing was taken of says how much it had.
func TestColumnsAreAskedAboutByTheirContents(t *testing.T) {
	in := cases2024
	in.Known = Known{People: []string{"张三", "李四"}, Departments: []string{"党政办"}}
	tests := map[string]struct {
		heading string
		values  []any
		want    []Field // asked, nil for nothing
	}{
		"dates":                {"何时", []any{"2024-08-31", "2024年9月30日", "2024.10.31"}, []Field{FieldDeadline, FieldDone, FieldFound, FieldNotified}},
		"phrases of time":      {"进度表", []any{"8月底前", "9月底前", "长期坚持"}, []Field{FieldDeadline, FieldDone, FieldFound, FieldNotified}},
		"accounts":             {"谁", []any{"张三", "李四", "张三"}, []Field{FieldOwner, FieldLeader, FieldHandler}},
		"departments":          {"哪里", []any{"党政办", "财务科", "办公室"}, []Field{FieldDepartment, fieldAssistant}},
		"states":               {"怎样了", []any{"已完成", "整改中", "未完成"}, []Field{FieldStatus, FieldStanding}},
		"dates under 责任人":      {"责任人", []any{"2024-08-31", "2024-09-30", "2024-10-31"}, []Field{FieldOwner, FieldDeadline, FieldDone}},
		"departments as dates": {"整改时限", []any{"财务科", "办公室", "人事科"}, []Field{FieldDeadline, FieldDepartment, FieldOwner, FieldLeader}},
		"moods":                {"心情", []any{"好", "坏", "好"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rows := [][]any{{"序号", "问题", "整改措施", tt.heading}}
			for n, v := range tt.values {
				rows = append(rows, []any{n + 1, "问题" + string(rune('甲'+n)), "修订制度", v})
			}
			c := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: rows}), in).Tables[0].Columns[3]
			if !slices.Equal(c.Ask, tt.want) || c.Filled != 3 || len(c.Samples) != 3 {
				t.Errorf("asked is %v, want %v; %d values, %q", c.Ask, tt.want, c.Filled, c.Samples)
			}
		})
	}
}
