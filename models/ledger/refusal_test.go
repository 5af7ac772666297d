package ledger

import (
	"duban/models/deadline"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every row that is not taken says where, why, and comes back as it was.
func TestRowsThatAreRefused(t *testing.T) {
	long := strings.Repeat("长", 300)
	r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: [][]any{
		{"序号", "责任单位", "反馈问题", "整改措施", "责任人", "整改时限"},
		{1, "新经济局", "问题一", "措施一", "李四", "9月底前"},
		{2, "新经济局", "", "措施二", "李四", "9月底前"},
		{"三四五", "新经济局", "问题三", "措施三", "李四", "9月底前"},
		{4, long, "问题四", "措施四", "李四", "9月底前"},
		{5, "新经济局", strings.Repeat("长", 5001), "措施五", "李四", "9月底前"},
		{6, "新经济局", "问题六", "措施六", "李四", "2024-02-30"},
		{7, "新经济局", "问题七", "措施七", "李四", "9月底前"},
		{"", "", "", "措施七之二", "李四", "2024年13月1日"},
		{8, "新经济局", "问题八", "措施八", strings.Repeat("李", 61), "9月底前"},
		{9, "新经济局", "问题九", "措施九", "李四", "9月底前"},
		{"９", "新经济局", "问题九之二", "措施", "李四", "9月底前"},
		{10, "公园局", "问题十", "措施十", "李四", "9月底前"},
	}, merges: []string{"A8:A9", "C8:C9"}}), feedback2024)
	var got []string
	for _, row := range r.Refused {
		said := strconv.Itoa(row.Row)
		for _, p := range row.Problems {
			if p.Weight == Refusal {
				said += " " + p.Column + strconv.Itoa(p.Row) + " " + string(p.Field) + " " + p.Key
			}
		}
		got = append(got, said)
	}
	want := []string{
		"3 C3 problem ledger.problem.missing",
		"4 A4 seq ledger.number.unreadable",
		"5 B5 responsible_unit ledger.unit.long",
		"6 C6 problem ledger.cell.long",
		"7 F7 deadline ledger.deadline.no_day",
		"8 F9 deadline ledger.deadline.no_day",
		"9",
		"10 E10 owner ledger.cell.long",
		"11 A11 seq ledger.number.twice",
		"12 A12 seq ledger.number.twice",
	}
	if !slices.Equal(got, want) {
		t.Errorf("refused are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var taken []string
	for _, i := range r.Items {
		taken = append(taken, i.Number)
	}
	if !slices.Equal(taken, []string{"1", "10"}) {
		t.Errorf("taken are %v", taken)
	}
	if cells := r.Refused[6].Cells; r.Refused[6].Item != 8 || !slices.Equal(cells, []string{"", "", "", "措施七之二", "李四", "2024年13月1日"}) {
		t.Errorf("row 9 comes back as %q, of item %d", cells, r.Refused[6].Item)
	}
	if p := r.Refused[8].Problems[0]; !slices.Equal(p.Args, []any{"9", 11, 12}) {
		t.Errorf("the twins are named as %v", p.Args)
	}
}

func TestADeadlineBeforeTheFeedbackIsAsked(t *testing.T) {
	tests := map[string]struct {
		in   Context
		due  string
		asks bool
	}{
		"before the feedback":              {Context{Terms: terms, Tier: deadline.PostFeedback, FeedbackOn: "2024-07-15"}, "2023年9月30日前", true},
		"on its day":                       {Context{Terms: terms, Tier: deadline.PostFeedback, FeedbackOn: "2024-07-15"}, "2024年7月15日", false},
		"before the notice":                {Context{Terms: terms, Tier: deadline.OnTheSpot, NoticeOn: "2024-04-22", FeedbackOn: "2024-07-15"}, "2024-04-21", true},
		"after the notice, on the spot":    {Context{Terms: terms, Tier: deadline.OnTheSpot, NoticeOn: "2024-04-22", FeedbackOn: "2024-07-15"}, "2024-04-30", false},
		"before the unit found it":         {Context{Terms: terms, Tier: deadline.Immediate, FoundOn: "2024-03-01"}, "2024-02-01", true},
		"when nobody said what it is from": {Context{Terms: terms, Tier: deadline.PostFeedback, Year: 2024}, "2023-02-01", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: [][]any{{"序号", "问题", "整改措施", "整改时限"}, {1, "问题一", "措施一", tt.due}}}), tt.in)
			asks := slices.ContainsFunc(r.Items[0].Problems, func(p CellProblem) bool {
				return p.Key == "ledger.deadline.before" && p.Weight == Question && p.Column == "D" && p.Row == 2
			})
			if asks != tt.asks {
				t.Errorf("it asks: %v, want %v; it says %+v", asks, tt.asks, r.Items[0].Problems)
			}
		})
	}
}

func TestNumbersAsOfficesWriteThem(t *testing.T) {
	tests := map[string]string{
		"1": "1", "1.": "1", "１、": "1", "（一）": "1", "(十二)": "12", "二十": "20", "①": "1", "⑳": "20", "㈢": "3", "⒌": "5", "第3项": "3", "3号": "3",
		"1.2": "1.2", "1-2": "1-2", "FK-2024-003": "FK-2024-003", "整改3": "整改3", "001": "001", "1.0": "1", "2024-1-3": "2024-1-3", "A1": "A1",
		"": "", "无": "", "-1": "", "1.5E+20": "", "甲": "", "暂无编号": "", "#REF!": "", "１２３４５６７８９０１２３４５６７８９０１": "", "十十": "",
	}
	for typed, want := range tests {
		number, ok := ledgerNumber(typed)
		if ok != (want != "") || ok && number != want {
			t.Errorf("%q is %q (%v), want %q", typed, number, ok, want)
		}
	}
}

func TestOwnersAsOfficesWriteThem(t *testing.T) {
	tests := map[string][]string{
		"办公室主任、计划财务处处长":       {"办公室主任", "计划财务处处长"},
		"张三，李四；王五/赵六\n孙七":     {"张三", "李四", "王五", "赵六", "孙七"},
		"张三（办公室主任、机关党委委员）、李四": {"张三（办公室主任、机关党委委员）", "李四"},
		"张　三":      {"张三"},
		"张 三 李 四":  {"张三", "李四"},
		"张三 李四 王五": {"张三", "李四", "王五"},
		"张三 办公室主任": {"张三 办公室主任"},
		"党组书记、局长":  {"党组书记、局长"},
		"党组成员、副局长（分管财务）、办公室主任": {"党组成员、副局长（分管财务）", "办公室主任"},
		"1.张三\n2.李四": {"张三", "李四"},
		"责任人：张三、李四":  {"张三", "李四"},
		"张三、张三":      {"张三"},
		"、，；":        nil,
		"（未闭合、张三":    {"（未闭合、张三"},
		"各科室负责人":     {"各科室负责人"},
		"机关党委专职副书记、产业促进处处长、党委委员、总经理": {"机关党委专职副书记", "产业促进处处长", "党委委员、总经理"},
	}
	for cell, want := range tests {
		if got := splitOwners(string(tidy([]byte(cell)))); !slices.Equal(got, want) {
			t.Errorf("%q is %q, want %q", cell, got, want)
		}
	}
}

func TestEveryReasonIsWrittenOnceAndHasItsSentence(t *testing.T) {
	// The keys are looked up by the pages; here it is enough that none is empty
	// and none is said of nothing.
	r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: [][]any{{"序号", "问题", "整改措施"}, {"甲", "", "措施"}}}), feedback2024)
	for _, row := range r.Refused {
		for _, p := range row.Problems {
			if p.Key == "" || p.Row == 0 || p.Sheet == "" || p.Weight == "" {
				t.Errorf("it says %+v", p)
			}
		}
	}
}
