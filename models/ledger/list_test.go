package ledger

import (
	"slices"
	"strings"
	"testing"
)

func TestListsInOneCell(t *testing.T) {
	tests := map[string][]string{
		"1.甲\n2.乙":                {"甲", "乙"},
		"（1）完善台账（2）安装定位":          {"完善台账", "安装定位"},
		"（1）立行立改（2）2024年10月31日":   {"立行立改", "2024年10月31日"},
		"①甲②乙③丙":                  {"甲", "乙", "丙"},
		"一是补齐记录；二是制定制度":           {"补齐记录；", "制定制度"},
		"一、补齐记录。二、制定制度":           {"补齐记录。", "制定制度"},
		"（一）甲（二）乙":                {"甲", "乙"},
		"1.2024.8.31；2.2024.9.30": {"2024.8.31；", "2024.9.30"},
		"1、2024年8月底前 2、长期坚持":      {"2024年8月底前", "长期坚持"},
		"1-2.甲\n3.乙":              {"甲", "甲", "乙"},
		"措施1：甲；措施2：乙":             {"甲；", "乙"},
		"第1项：甲；第2项：乙":             {"甲；", "乙"},
		"1.甲，含\n乙两项\n2.丙":         {"甲，含\n乙两项", "丙"},
		"2024.8.31":               nil,
		"1.5万元":                   nil,
		"1、2季度":                   nil,
		"1月底前、2月底前":               nil,
		"2.甲\n3.乙":                nil,
		"1.甲\n3.乙":                nil,
		"张三、李四":                   nil,
		"见附件。1.甲\n2.乙":            nil,
		"1.\n2.乙":                 nil,
		"2024年9月30日前":             nil,
		"一季度前完成":                  nil,
		"三是":                      nil,
	}
	for cell, want := range tests {
		if got := listed(cell); !slices.Equal(got, want) {
			t.Errorf("%q is %q, want %q", cell, got, want)
		}
	}
}

// Owners, leaders, departments and dates numbered like the measures go one to each.
func TestNumberedOwnersGoOneToEachMeasure(t *testing.T) {
	r := readCase(t, "c10-numbered-cell.xlsx", cases2024)
	want := text("1 fk 会议记录不规范",
		"  - 补齐会议记录；|||办公室主任|2024年8月底前", "  - 制定会议制度；|||副局长|2024年9月15日前", "  - 每季度检查|||纪检委员|长期坚持",
		"2 fk 公车管理不严", "  - 完善台账|||车队队长|立行立改", "  - 安装定位|||车队队长|2024年10月31日", "·1 heading")
	if got := told(r); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	tests := map[string]struct {
		row  []any
		want string
		said string
	}{
		"owners alone are numbered": {[]any{1, "问题一", "1.甲事\n2.乙事", "张三", "办公室", "1.李四\n2.王五、赵六", "9月底前"},
			text("1 fk 问题一", "  - 甲事|张三|办公室|李四|9月底前", "  - 乙事|张三|办公室|王五+赵六|9月底前", "·1 heading"), ""},
		"leaders and departments too, on one line": {[]any{1, "问题一", "①甲事②乙事", "①张三②李四", "①办公室②财务科", "王五", "①9月底前②长期坚持"},
			text("1 fk 问题一", "  - 甲事|张三|办公室|王五|9月底前", "  - 乙事|李四|财务科|王五|长期坚持", "·1 heading"), ""},
		"an owner for two of three": {[]any{1, "问题一", "1.甲事\n2.乙事\n3.丙事", "张三", "办公室", "1-2.李四\n3.王五", "9月底前"},
			text("1 fk 问题一", "  - 甲事|张三|办公室|李四|9月底前", "  - 乙事|张三|办公室|李四|9月底前", "  - 丙事|张三|办公室|王五|9月底前", "·1 heading"), ""},
		"a date a line, without numbers": {[]any{1, "问题一", "1.甲事\n2.乙事", "张三", "办公室", "李四", "2024年8月底前\n2024年9月底前"},
			text("1 fk 问题一", "  - 甲事|张三|办公室|李四|2024年8月底前", "  - 乙事|张三|办公室|李四|2024年9月底前", "·1 heading"), ""},
		"three owners for two measures": {[]any{1, "问题一", "1.甲事\n2.乙事", "张三", "办公室", "1.李四\n2.王五\n3.赵六", "9月底前"},
			text("1 fk 问题一", "  - 1.甲事⏎2.乙事|张三|办公室|李四+王五+赵六|9月底前", "·1 heading"), "question F2 ledger.list.uneven"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: [][]any{plainHead, tt.row}}), cases2024)
			if got := told(r); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if said := strings.Join(saidOf(r), "|"); tt.said != "" && !strings.Contains(said, tt.said) {
				t.Errorf("said is %q, want %q", said, tt.said)
			}
		})
	}
	// a list of dates under a measure that is none is asked about
	r = mustRead(t, workbookOf(t, testSheet{name: "台账", rows: [][]any{plainHead,
		{1, "问题一", "甲事乙事", "张三", "办公室", "李四", "（1）2024年8月31日（2）2024年10月31日"}}}), cases2024)
	if d := r.Items[0].Measures[0].Deadline; d.DueOn != "" || d.Ask != "2024-08-31 or 2024-10-31" || len(d.Choices) != 2 {
		t.Errorf("asked is %+v", d)
	}
}
