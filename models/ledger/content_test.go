package ledger

import (
	"duban/models/day"
	"slices"
	"testing"
)

// Rows merged over several units give each unit its item.
func TestRowsOfSeveralUnits(t *testing.T) {
	head := []any{"序号", "反馈问题", "责任单位", "整改措施", "责任人", "整改时限"}
	anyUnit := feedback2024
	anyUnit.Unit = ""
	known := anyUnit
	known.Known = Known{Units: []string{"教育局", "财政局", "民政局"}}
	tests := map[string]struct {
		in     Context
		rows   [][]any
		merges []string
		want   string
	}{
		"a problem merged over three units": {known, [][]any{head,
			{1, "资金拨付慢", "教育局", "清理存量", "张三", "2024年8月底前"},
			{"", "", "财政局", "加快拨付", "李四", "2024年9月底前"},
			{"", "", "民政局", "核对名单", "王五", "2024年10月底前"},
			{2, "台账不全", "教育局", "补齐台账", "张三", "2024年8月底前"},
		}, []string{"A2:A4", "B2:B4"}, text(
			"1 fk 资金拨付慢 单位=教育局", "  - 清理存量|||张三|2024年8月底前",
			"1 fk 资金拨付慢 单位=财政局", "  - 加快拨付|||李四|2024年9月底前",
			"1 fk 资金拨付慢 单位=民政局", "  - 核对名单|||王五|2024年10月底前",
			"2 fk 台账不全 单位=教育局", "  - 补齐台账|||张三|2024年8月底前", "·1 heading")},
		"not merged, blank below": {anyUnit, [][]any{head,
			{1, "资金拨付慢", "教育局", "清理存量", "张三", "2024年8月底前"},
			{"", "", "财政局", "加快拨付", "李四", "2024年9月底前"},
		}, nil, text(
			"1 fk 资金拨付慢 单位=教育局", "  - 清理存量|||张三|2024年8月底前",
			"1 fk 资金拨付慢 单位=财政局", "  - 加快拨付|||李四|2024年9月底前", "·1 heading")},
		"a unit merged over two of its measures, and come back to": {anyUnit, [][]any{head,
			{1, "资金拨付慢", "教育局", "清理存量", "张三", "2024年8月底前"},
			{"", "", "", "建立台账", "张三", "2024年9月底前"},
			{"", "", "财政局", "加快拨付", "李四", "2024年9月底前"},
			{"", "", "教育局", "开展检查", "王五", "2024年10月底前"},
		}, []string{"A2:A5", "B2:B5", "C2:C3"}, text(
			"1 fk 资金拨付慢 单位=教育局", "  - 清理存量|||张三|2024年8月底前", "  - 建立台账|||张三|2024年9月底前", "  - 开展检查|||王五|2024年10月底前",
			"1 fk 资金拨付慢 单位=财政局", "  - 加快拨付|||李四|2024年9月底前", "·1 heading")},
		"one measure and one date merged over two units": {known, [][]any{head,
			{1, "资金拨付慢", "教育局", "共同清理存量", "张三", "2024年8月底前"},
			{"", "", "财政局", "", "李四", ""},
		}, []string{"A2:A3", "B2:B3", "D2:D3", "F2:F3"}, text(
			"1 fk 资金拨付慢 单位=教育局", "  - 共同清理存量|||张三|2024年8月底前",
			"1 fk 资金拨付慢 单位=财政局", "  - 共同清理存量|||李四|2024年8月底前", "·1 heading")},
		"departments of the one unit whose ledger it is": {feedback2024, [][]any{head,
			{1, "资金拨付慢", "办公室", "清理存量", "张三", "2024年8月底前"},
			{"", "", "计划财务处", "加快拨付", "李四", "2024年9月底前"},
		}, []string{"A2:A3", "B2:B3"}, text(
			"1 fk 资金拨付慢", "  - 清理存量||办公室|张三|2024年8月底前", "  - 加快拨付||计划财务处|李四|2024年9月底前", "·1 heading")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := told(mustRead(t, workbookOf(t, testSheet{name: "台账", rows: tt.rows, merges: tt.merges}), tt.in))
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// Whether a column names units or departments is seen from the register, else from how
// they are called.
func TestUnitsAndDepartmentsAreToldApart(t *testing.T) {
	anyUnit, ours := feedback2024, feedback2024
	anyUnit.Unit = ""
	ours.Known = Known{Units: []string{"新经济局", "办公用品中心", "综合处"}, Departments: []string{"规划建设局", "法规"}}
	all := anyUnit
	all.Known = ours.Known
	tests := map[string]struct {
		in      Context
		heading string
		values  []string
		want    Field
	}{
		"inner departments, the unit chosen":          {feedback2024, "责任单位", []string{"办公室", "计划财务处", "人事科"}, FieldDepartment},
		"inner departments, no unit chosen":           {anyUnit, "主责单位", []string{"办公室", "财务股", "综合部"}, FieldDepartment},
		"several in a cell":                           {anyUnit, "承办单位", []string{"办公室、人事科", "财务科", "办公室"}, FieldDepartment},
		"units by their names":                        {anyUnit, "责任单位", []string{"教育局", "红旗镇", "城投公司"}, FieldUnit},
		"offices of a region are units":               {anyUnit, "责任单位", []string{"县委办公室", "县政府办公室", "县委组织部"}, FieldUnit},
		"a unit of the register called like an inner": {all, "责任单位", []string{"综合处", "综合处", "新经济局"}, FieldUnit},
		"a department called like a unit":             {ours, "责任单位", []string{"规划建设局", "规划建设局", "法规"}, FieldDepartment},
		"units under 牵头单位, no unit chosen":            {all, "牵头单位", []string{"新经济局", "综合处", "新经济局"}, FieldUnit},
		"departments under 牵头单位":                      {anyUnit, "牵头单位", []string{"办公室", "计划财务处", "人事科"}, FieldLead},
		"posts":                                       {anyUnit, "责任单位", []string{"办公室主任", "财务科长", "副局长"}, FieldOwner},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rows := [][]any{{"序号", "反馈问题", tt.heading, "整改措施", "整改时限"}}
			for n, v := range tt.values {
				rows = append(rows, []any{n + 1, "问题" + string(rune('甲'+n)), v, "修订制度", "2024年9月底前"})
			}
			r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: rows}), tt.in)
			if c := r.Tables[0].Columns[2]; c.Field != tt.want {
				t.Fatalf("it is read as %s, want %s", c.Field, tt.want)
			}
			for n, v := range tt.values { // nothing of it vanishes
				m := r.Items[n].Measures[0]
				if !slices.Contains([]string{r.Items[n].Unit, m.Department}, v) && !slices.Contains(m.Owners, v) && m.Department == "" {
					t.Errorf("%s is nowhere: %+v", v, r.Items[n])
				}
			}
		})
	}
}

// A column without a heading is asked about like one whose heading says nothing, and one
// that is left out says how much stood in it.
func TestAColumnWithoutAHeading(t *testing.T) {
	for name, tt := range map[string]struct {
		values []string
		ask    []Field
	}{
		"days":        {[]string{"2026-06-30", "2026年7月31日", "2026.8.31"}, []Field{FieldDeadline, FieldDone, FieldFound, FieldNotified}},
		"departments": {[]string{"办公室", "财务科", "人事科"}, []Field{FieldDepartment, fieldAssistant}},
		"one remark":  {[]string{"", "", "2026-06-30"}, nil},
	} {
		r := mustRead(t, []byte("序号,问题,整改措施,\n1,问题甲,落实一,"+tt.values[0]+"\n2,问题乙,落实二,"+tt.values[1]+"\n3,问题丙,落实三,"+tt.values[2]+"\n"), feedback2024)
		c := r.Tables[0].Columns
		last := c[len(c)-1]
		if len(c) != 4 || last.Key != "#D" || last.Taken || !slices.Equal(last.Ask, tt.ask) || last.Filled == 0 || len(last.Samples) != last.Filled {
			t.Errorf("%s: %+v", name, last)
		}
	}
}

// What a person said of a column without a heading counts, however little stands in it.
func TestAColumnWithoutAHeadingIsTakenAsSaid(t *testing.T) {
	in := feedback2024
	in.Columns = map[string]Field{"#D": FieldDeadline}
	r := mustRead(t, []byte("序号,问题,整改措施,\n1,问题甲,落实一,2026-06-30\n2,问题乙,落实二,\n3,问题丙,落实三,\n"), in)
	if due := r.Items[0].Measures[0].Deadline.DueOn; due != "2026-06-30" || !r.Tables[0].Columns[3].Chosen {
		t.Errorf("due %q: %+v", due, r.Tables[0].Columns)
	}
}

// A row's own day of feedback is what its deadline counts from.
func TestARowsOwnDayOfFeedback(t *testing.T) {
	r := mustRead(t, []byte("序号,问题,整改措施,巡察反馈时间,整改时限\n1,问题甲,落实一,2026-03-02,收到反馈后1个月内\n2,问题乙,落实二,2026年4月10日,收到反馈后1个月内\n3,问题丙,落实三,,收到反馈后1个月内\n"), feedback2024)
	for n, want := range []day.Day{"2026-04-02", "2026-05-10", day.Day(feedback2024.FeedbackOn).PlusMonths(1)} {
		if due := r.Items[n].Measures[0].Deadline.DueOn; due != want {
			t.Errorf("row %d is due %s, want %s", n+1, due, want)
		}
	}
}

// Nothing is asked that the rest of the table answers: of a heading that may mean two
// things the other column has the one, or no ledger is without it.
func TestWhatTheTableAnswersIsNotAsked(t *testing.T) {
	for sheet, want := range map[string]Field{
		"序号,问题描述,整改举措,是否完成,完成情况\n1,学习不深入,制定计划,是,已印发\n2,制度不全,修订制度,否,\n": FieldProgress,
		"序号,整改措施,存在问题\n1,制定计划,学习不深入\n2,修订制度,制度不全\n":                    FieldProblem,
	} {
		r := mustRead(t, []byte(sheet), feedback2024)
		c := r.Tables[0].Columns
		if last := c[len(c)-1]; last.Field != want || last.Ask != nil {
			t.Errorf("%s is %s, asked %v", last.Heading, last.Field, last.Ask)
		}
	}
	known := feedback2024
	known.Known = Known{Units: []string{"新经济局", "财政局"}}
	r := mustRead(t, []byte("序号,责任单位,问题,整改措施\n1,新经济局,甲,做甲\n2,财政局,乙,做乙\n3,不存在局,丙,做丙\n4,办公室,丁,做丁\n"), known)
	for n, want := range []string{"新经济局", "财政局", "不存在局", ""} {
		if r.Items[n].Unit != want {
			t.Errorf("row %d is of %q, want %q", n+1, r.Items[n].Unit, want)
		}
	}
}

// A cell that names several units of the register gives each its item; where it says who
// leads, the leading one has it; what the register does not know is asked once, as written.
func TestACellOfSeveralUnits(t *testing.T) {
	known := feedback2024
	known.Unit = ""
	known.Known = Known{Units: []string{"教育局", "财政局", "住房和城乡建设局", "民政局"}}
	for cell, want := range map[string][]string{
		"教育局、财政局": {"教育局", "财政局"}, "教育局，财政局；民政局": {"教育局", "财政局", "民政局"}, "教育局\n财政局": {"教育局", "财政局"}, "教育局 财政局": {"教育局", "财政局"},
		"教育局和财政局": {"教育局", "财政局"}, "住房和城乡建设局": {"住房和城乡建设局"}, "教育局和住房和城乡建设局": {"教育局", "住房和城乡建设局"}, "教育局、住房和城乡建设局": {"教育局", "住房和城乡建设局"},
		"教育局（牵头）、财政局（配合）": {"教育局"}, "牵头单位：财政局\n配合单位：教育局": {"财政局"}, "教育局、教育局": {"教育局、教育局"}, "教育局、卫健局": {"教育局、卫健局"}, "教育局/财政局": {"教育局", "财政局"},
		"教育局、财政局、住房和城乡建设局、民政局、教育局、财政局、住房和城乡建设局、民政局、教育局、财政局、住房和城乡建设局、民政局、教育局": {"教育局", "财政局", "住房和城乡建设局", "民政局"},
	} {
		b := workbookOf(t, testSheet{name: "台账", rows: [][]any{{"序号", "反馈问题", "责任单位", "整改措施", "责任人", "整改时限"}, {"1", "资金拨付慢", cell, "清理存量", "张三", "收到反馈后2个月内"}, {"2", "台账不全", "民政局", "补齐", "张三", "2024年8月底前"}}})
		in := known
		in.FeedbackOn, in.Days = "", map[string]UnitDays{"教育局": {FeedbackOn: "2024-01-10"}, "财政局": {FeedbackOn: "2024-03-10"}}
		r := mustRead(t, b, in)
		var units []string
		for _, i := range r.Items[:len(r.Items)-1] {
			units = append(units, i.Unit)
			if i.Number != "1" || i.Problem != "资金拨付慢" || len(i.Measures) != 1 {
				t.Errorf("%q: %+v", cell, i)
			}
			if days := map[string]day.Day{"教育局": "2024-03-10", "财政局": "2024-05-10"}; i.Measures[0].Deadline.DueOn != days[i.Unit] {
				t.Errorf("%q: %s is due on %q", cell, i.Unit, i.Measures[0].Deadline.DueOn)
			}
		}
		if !slices.Equal(units, want) {
			t.Errorf("%q is of %q, want %q", cell, units, want)
		}
		if n := r.Counts(); n.Rows != 3 || n.Taken != 2 || len(r.Refused) > 0 {
			t.Errorf("%q: %+v, %v", cell, n, r.Refused)
		}
	}
	// One that cannot be taken is handed back once.
	r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: [][]any{{"序号", "反馈问题", "责任单位", "整改措施", "整改时限"}, {"1", "资金拨付慢", "教育局、财政局", "清理存量", "2024年2月30日"}, {"2", "台账不全", "民政局", "补齐", "2024年8月底前"}}}), known)
	if n := r.Counts(); n.Rows != 3 || n.Taken != 1 || n.Refused != 1 {
		t.Errorf("%+v", n)
	}
}

// A column of who leads that names another unit than the row's says so, once for the column.
func TestALeadingUnitThatIsAnother(t *testing.T) {
	known := feedback2024
	known.Unit = "教育局"
	known.Known = Known{Units: []string{"教育局", "财政局"}}
	r := mustRead(t, []byte("序号,问题,整改措施,牵头单位,整改时限\n1,甲,做甲,财政局,2024年8月底前\n2,乙,做乙,教育局,2024年8月底前\n3,丙,做丙,办公室,2024年8月底前\n"), known)
	var said []string
	for _, i := range r.Items {
		if i.Unit != "" {
			t.Errorf("%+v", i)
		}
		for _, p := range i.Problems {
			if p.Weight == Question {
				said = append(said, p.Key)
			}
		}
	}
	if !slices.Equal(said, []string{"ledger.unit.lead"}) || r.Items[0].Measures[0].Department != "财政局" {
		t.Errorf("%v, %+v", said, r.Items[0])
	}
}

// A row that stands twice is one measure; what differs in anything is another.
func TestARepeatedRowIsOneMeasure(t *testing.T) {
	r := mustRead(t, []byte("序号,问题,整改措施,责任人,整改时限\n1,甲,做甲,张三,2024年8月底前\n1,甲,做甲,张三,2024年8月底前\n1,甲,做甲,李四,2024年8月底前\n2,乙,做乙,张三,2024年8月底前\n"), feedback2024)
	if len(r.Items) != 2 || len(r.Items[0].Measures) != 2 || r.Counts().Taken != 4 {
		t.Fatalf("%+v", r.Items)
	}
	if p := r.Items[0].Problems; len(p) != 1 || p[0].Key != "ledger.measure.twice" {
		t.Errorf("%+v", p)
	}
}
