package ledger

import (
	"bytes"
	"context"
	"duban/models/day"
	"duban/models/deadline"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// terms are those of the place in these tests.
var terms = deadline.Terms{
	Immediate:    deadline.Term{Days: 5, Unit: deadline.Workdays, From: deadline.FromFound},
	OnTheSpot:    deadline.Term{Days: 10, Unit: deadline.Workdays, From: deadline.FromNotice},
	PostFeedback: deadline.Term{Days: 3, Unit: deadline.Months, From: deadline.FromFeedback},
}

// testSheet is a sheet for a test: its rows from the first on, an empty text for
// an empty cell, and its merged blocks.
type testSheet struct {
	name   string
	rows   [][]any
	merges []string
	shape  func(*excelize.File, string)
}

func workbookOf(t testing.TB, sheets ...testSheet) []byte {
	t.Helper()
	f := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range sheets {
		if i == 0 {
			must(f.SetSheetName("Sheet1", s.name))
		} else {
			_, err := f.NewSheet(s.name)
			must(err)
		}
		for n, row := range s.rows {
			for col, v := range row {
				if v != "" && v != nil {
					must(f.SetCellValue(s.name, columnLetter(col)+strconv.Itoa(n+1), v))
				}
			}
		}
		for _, m := range s.merges {
			from, to, _ := strings.Cut(m, ":")
			must(f.MergeCell(s.name, from, to))
		}
		if s.shape != nil {
			s.shape(f, s.name)
		}
	}
	out, err := f.WriteToBuffer()
	must(err)
	return out.Bytes()
}

var feedback2024 = Context{Terms: terms, Unit: "新经济局", Tier: deadline.PostFeedback, FeedbackOn: "2024-07-15"}

func readBytes(content []byte, in Context) (Reading, error) {
	return Read(context.Background(), bytes.NewReader(content), int64(len(content)), in, DefaultLimits(), day.StateCouncil())
}

func mustRead(t testing.TB, content []byte, in Context) Reading {
	t.Helper()
	r, err := readBytes(content, in)
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Counts(); n.Rows != n.Taken+n.Refused+n.Passed {
		t.Errorf("the rows do not add up: %+v", n)
	}
	return r
}

// told is a reading in a line an item, as tests compare it.
func told(r Reading) string {
	var out strings.Builder
	for _, i := range r.Items {
		fmt.Fprintf(&out, "%s %s %s", i.Number, i.Tier.Query(), strings.ReplaceAll(i.Problem, "\n", "⏎"))
		for _, part := range []struct{ name, text string }{{"单位", i.Unit}, {"类", i.Category}, {"领", i.Leader}, {"部", i.Department},
			{"人", strings.Join(i.Owners, "+")}, {"限", i.Deadline.Phrase}, {"展", i.Progress}, {"况", i.StatusWord}, {"注", i.Remark}} {
			if part.text != "" {
				fmt.Fprintf(&out, " %s=%s", part.name, strings.ReplaceAll(part.text, "\n", "⏎"))
			}
		}
		out.WriteString("\n")
		for _, m := range i.Measures {
			fmt.Fprintf(&out, "  - %s|%s|%s|%s|%s", strings.ReplaceAll(m.Text, "\n", "⏎"), m.Leader, m.Department, strings.Join(m.Owners, "+"), m.Deadline.Phrase)
			if m.Progress+m.StatusWord != "" {
				fmt.Fprintf(&out, "|%s|%s", m.Progress, m.StatusWord)
			}
			out.WriteString("\n")
		}
	}
	for _, row := range r.Refused {
		fmt.Fprintf(&out, "✗%d", row.Row)
		for _, p := range row.Problems {
			if p.Weight == Refusal {
				fmt.Fprintf(&out, " %s%d %s", p.Column, p.Row, p.Key)
			}
		}
		out.WriteString("\n")
	}
	for _, table := range r.Tables {
		for _, p := range table.Passed {
			fmt.Fprintf(&out, "·%d %s\n", p.Row, p.Why)
		}
	}
	return out.String()
}

func text(lines ...string) string { return strings.Join(lines, "\n") + "\n" }

var plainHead = []any{"序号", "反馈问题", "整改措施", "责任领导", "责任部门", "责任人", "整改时限"}

func TestLayouts(t *testing.T) {
	tests := map[string]struct {
		in     Context
		sheets []testSheet
		want   string
	}{
		"a problem merged over its measures is one item": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				plainHead,
				{1, "学习不深入", "每月集体学习", "张三", "办公室", "李四、王五", "2024年9月底前"},
				{"", "", "建立学习台账", "张三", "机关党委", "赵六", "长期坚持"},
				{"", "", "开展专题培训", "", "", "", "2024年10月31日"},
				{2, "制度不健全", "修订三项制度", "李明", "计财处", "孙七", "2024年底前"},
			}, merges: []string{"A2:A4", "B2:B4", "D3:D4"}}},
			want: text(
				"1 fk 学习不深入",
				"  - 每月集体学习|张三|办公室|李四+王五|2024年9月底前",
				"  - 建立学习台账|张三|机关党委|赵六|长期坚持",
				"  - 开展专题培训|张三|||2024年10月31日",
				"2 fk 制度不健全",
				"  - 修订三项制度|李明|计财处|孙七|2024年底前",
				"·1 heading"),
		},
		"blanks under a problem are its further measures, merged or not": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				plainHead,
				{"1.", "学习不深入", "每月集体学习", "张三", "办公室", "李四", "9月底前"},
				{"", "", "建立学习台账", "李四", "机关党委", "赵六", "10月底前"},
				{"2.", "制度不健全", "修订三项制度", "李明", "计财处", "孙七", "年底前"},
			}}},
			want: text(
				"1 fk 学习不深入",
				"  - 每月集体学习|张三|办公室|李四|9月底前",
				"  - 建立学习台账|李四|机关党委|赵六|10月底前",
				"2 fk 制度不健全",
				"  - 修订三项制度|李明|计财处|孙七|年底前",
				"·1 heading"),
		},
		"one sheet a tier": {
			in: Context{Terms: terms, Unit: "新经济局", Year: 2024},
			sheets: []testSheet{
				{name: "填表说明", rows: [][]any{{"一、本表由各单位填写"}, {"二、每周五报送"}}},
				{name: "即知即改", rows: [][]any{{"序号", "问题", "整改措施", "完成时限"}, {1, "门牌脱落", "更换门牌", "3天内"}}},
				{name: "立行立改", rows: [][]any{{"序号", "问题", "整改措施", "完成时限"}, {1, "超标准接待", "退还费用", "5个工作日内"}}},
				{name: "反馈整改", rows: [][]any{{"序号", "问题", "整改措施", "完成时限"}, {1, "担当不足", "开展教育", "年底前"}}},
			},
			want: text(
				"1 jz 门牌脱落", "  - 更换门牌||||3天内",
				"1 lx 超标准接待", "  - 退还费用||||5个工作日内",
				"1 fk 担当不足", "  - 开展教育||||年底前",
				"·1 sheet", "·2 sheet", "·1 heading", "·1 heading", "·1 heading"),
		},
		"the heading on row 7, under a title, a line of who and when, and nothing": {
			sheets: []testSheet{{name: "Sheet1", rows: [][]any{
				{"附件2"},
				{"新经济局巡察反馈问题整改台账"},
				{},
				{"填报单位：新经济局", "", "", "填报时间：2024年7月18日"},
				{"反馈时间：", "2024-07-15"},
				{},
				{"序 号", "反 馈\n问 题", "整改措施★", "责任领导（签字）", "整改时限（年月日）"},
				{1, "问题一", "措施一", "张三", "2024.9.30"},
			}, merges: []string{"A1:E1", "A2:E2"}}},
			want: text(
				"1 fk 问题一", "  - 措施一|张三|||2024.9.30",
				"·1 title", "·2 title", "·4 title", "·5 title", "·7 heading"),
		},
		"a heading of two rows with a group of those who answer": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"序号", "反馈问题", "责任分工", "", "", "整改情况", "", "备注"},
				{"", "", "领导", "部门", "责任人", "整改措施", "整改进展", ""},
				{1, "问题一", "张三", "办公室", "李四", "措施一", "已完成\n两项", "整改时限：2024年9月30日前；其余略"},
			}, merges: []string{"A1:A2", "B1:B2", "C1:E1", "F1:G1", "H1:H2"}}},
			want: text(
				"1 fk 问题一 展=已完成⏎两项 注=整改时限：2024年9月30日前；其余略",
				"  - 措施一|张三|办公室|李四|2024年9月30日前",
				"·1 heading", "·2 heading"),
		},
		"a heading of three rows, its groups not merged": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"序号", "反馈问题", "整改工作", "", "", ""},
				{"", "", "整改措施", "责任分工", "", "时间"},
				{"", "", "", "责任领导", "责任部门", "完成时限"},
				{"一", "问题一", "措施一", "张三", "办公室", "9月底前"},
			}, merges: []string{"A1:A3", "B1:B3", "C1:F1", "C2:C3", "D2:E2"}}},
			want: text(
				"1 fk 问题一", "  - 措施一|张三|办公室||9月底前",
				"·1 heading", "·2 heading", "·3 heading"),
		},
		"ditto marks": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				plainHead,
				{1, "问题一", "措施一", "张三", "办公室", "李四", "9月底前"},
				{2, "问题二", "措施二", "同上", "〃", "同上。", "″"},
				{3, "同上", "措施三", "王五", "同上", "赵六", "同上"},
			}}},
			want: text(
				"1 fk 问题一", "  - 措施一|张三|办公室|李四|9月底前",
				"2 fk 问题二", "  - 措施二|张三|办公室|李四|9月底前",
				"3 fk 问题二", "  - 措施三|王五|办公室|赵六|9月底前",
				"·1 heading"),
		},
		"sections name tiers and categories, the heading comes again, totals, notes and signatures": {
			in: Context{Terms: terms, Unit: "新经济局", Year: 2024},
			sheets: []testSheet{{name: "总表", rows: [][]any{
				{"新经济局整改台账"},
				{"序号", "问题", "整改措施", "责任人", "完成时限"},
				{1, 2, 3, 4, 5},
				{"一、立行立改问题（共2项）"},
				{1, "问题一", "措施一", "李四", "5天内"},
				{2, "问题二", "措施二", "李四", "5天内"},
				{"小计：2项"},
				{},
				{"二、反馈整改"},
				{"（一）党的领导方面"},
				{"序号", "问题", "整改措施", "责任人", "完成时限"},
				{3, "问题三", "措施三", "王五", "年底前"},
				{"（二）选人用人方面"},
				{4, "问题四", "措施四", "王五", "年底前"},
				{"合计", "", "", "", "4项"},
				{"注：1.本表每周报送。"},
				{"2.责任人写到个人。"},
				{"填表人：", "张三", "审核人：", "李四", ""},
			}, merges: []string{"A1:E1", "A4:E4", "A9:E9", "A10:E10", "A13:E13", "A16:E16", "A17:E17"}}},
			want: text(
				"1 lx 问题一", "  - 措施一|||李四|5天内",
				"2 lx 问题二", "  - 措施二|||李四|5天内",
				"3 fk 问题三 类=党的领导方面", "  - 措施三|||王五|年底前",
				"4 fk 问题四 类=选人用人方面", "  - 措施四|||王五|年底前",
				"·1 title", "·2 heading", "·3 heading", "·4 section", "·7 total", "·9 section", "·10 section",
				"·11 heading", "·13 section", "·15 total", "·16 note", "·17 note", "·18 note"),
		},
		"numbers that begin anew in each section get the section's before them": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"序号", "问题", "整改措施"},
				{"一、党的领导方面"},
				{"（1）", "问题一", "措施一"},
				{"（2）", "问题二", "措施二"},
				{"二、作风方面"},
				{"①", "问题三", "措施三"},
			}, merges: []string{"A2:C2", "A5:C5"}}},
			want: text(
				"1-1 fk 问题一 类=党的领导方面", "  - 措施一||||",
				"1-2 fk 问题二 类=党的领导方面", "  - 措施二||||",
				"2-1 fk 问题三 类=作风方面", "  - 措施三||||",
				"·1 heading", "·2 section", "·5 section"),
		},
		"three levels: aspect, problem, how it shows": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"序号", "巡察反馈重点方面", "反馈问题", "具体表现", "整改措施", "责任部门"},
				{1, "党的领导", "学习不深", "学习次数少", "每月学习", "办公室"},
				{"", "", "", "没有记录", "建立台账", "办公室"},
				{2, "", "执行不力", "拖延", "倒排工期", "计财处"},
				{3, "党的建设", "支部软弱", "三会一课不规范", "规范记录", "机关党委"},
			}, merges: []string{"A2:A3", "B2:B4", "C2:C3"}}},
			want: text(
				"1 fk 学习不深⏎学习次数少⏎没有记录 类=党的领导", "  - 每月学习||办公室||", "  - 建立台账||办公室||",
				"2 fk 执行不力⏎拖延 类=党的领导", "  - 倒排工期||计财处||",
				"3 fk 支部软弱⏎三会一课不规范 类=党的建设", "  - 规范记录||机关党委||",
				"·1 heading"),
		},
		"one measure and one progress merged over two problems are both items'": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"序号", "问题", "整改措施", "责任部门", "整改进展"},
				{1, "问题一", "统一整治", "办公室", "已部署"},
				{2, "问题二", "", "计财处", ""},
			}, merges: []string{"C2:C3", "E2:E3"}}},
			want: text(
				"1 fk 问题一 展=已部署", "  - 统一整治||办公室||",
				"2 fk 问题二 展=已部署", "  - 统一整治||计财处||",
				"·1 heading"),
		},
		"each measure with progress of its own": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"序号", "问题", "整改措施", "整改进展", "是否完成"},
				{1, "问题一", "措施一", "做了甲", "是"},
				{"", "", "措施二", "做了乙", "否"},
			}, merges: []string{"A2:A3", "B2:B3"}}},
			want: text(
				"1 fk 问题一 展=做了甲⏎做了乙 况=是；否", "  - 措施一|||||做了甲|是", "  - 措施二|||||做了乙|否",
				"·1 heading"),
		},
		"leader, department and owner in one cell": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"序号", "问题", "措施", "责任领导/责任部门/责任人", "期限"},
				{1, "问题一", "措施一", "张三/办公室/李四、王五", "年底前"},
				{2, "问题二", "措施二", "责任领导：张三\n责任部门：计财处\n责任人：李四", "年底前"},
				{3, "问题三", "措施三", "张三（局长）\n办公室\n李四", "年底前"},
			}}},
			want: text(
				"1 fk 问题一", "  - 措施一|张三|办公室|李四+王五|年底前",
				"2 fk 问题二", "  - 措施二|张三|计财处|李四|年底前",
				"3 fk 问题三", "  - 措施三|张三（局长）|办公室|李四|年底前",
				"·1 heading"),
		},
		"full-width digits, blank rows, rows numbered in advance, hidden rows": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				plainHead,
				{"１", "问题一", "措施一", "张　三", "办公室", "李　四 王五 赵六主任", "２０２４年９月底前"},
				{}, {},
				{"２．", "问题二\n\n  第二段  ", "措施二", "张三", "办公室", "李四", "9月底前"},
				{3}, {4},
			}, shape: func(f *excelize.File, s string) { _ = f.SetRowVisible(s, 5, false) }}},
			want: text(
				"1 fk 问题一", "  - 措施一|张 三|办公室|李四+王五+赵六主任|２０２４年９月底前",
				"2 fk 问题二⏎第二段", "  - 措施二|张三|办公室|李四|9月底前",
				"·1 heading", "·6 blank", "·7 blank"),
		},
		"two tables on one sheet, each with a heading of its own": {
			in: Context{Terms: terms, Unit: "新经济局", Year: 2024},
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"一、即知即改"},
				{"序号", "问题", "整改措施", "责任人"},
				{1, "问题一", "措施一", "李四"},
				{"二、立行立改"},
				{"序号", "责任部门", "存在问题", "整改内容", "完成时限"},
				{1, "办公室", "问题二", "措施二", "5天内"},
			}, merges: []string{"A1:E1", "A4:E4"}}},
			want: text(
				"1 jz 问题一", "  - 措施一|||李四|",
				"1 lx 问题二", "  - 措施二||办公室||5天内",
				"·1 title", "·2 heading", "·4 section", "·5 heading"),
		},
		"a ledger of several units, and a column that says the tier": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"序号", "责任单位", "整改类型", "问题", "整改措施", "牵头领导", "分管领导", "经办人"},
				{1, "新经济局", "立行立改", "问题一", "措施一", "张三", "李四", "王五"},
				{2, "公园局", "选人用人专项", "问题二", "措施二", "张三", "张三", "王五"},
			}}},
			want: text(
				"1 lx 问题一 单位=新经济局", "  - 措施一|张三、李四||王五|",
				"2 fk 问题二 单位=公园局 类=选人用人专项", "  - 措施二|张三||王五|",
				"·1 heading"),
		},
		"numbers that begin anew in each aspect of a column": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"反馈方面", "序号", "反馈问题", "整改措施"},
				{"党的领导", 1, "问题一", "措施一"},
				{"", 2, "问题二", "措施二"},
				{"党的建设", 1, "问题三", "措施三"},
			}, merges: []string{"A2:A3"}}},
			want: text(
				"1-1 fk 问题一 类=党的领导", "  - 措施一||||",
				"1-2 fk 问题二 类=党的领导", "  - 措施二||||",
				"2-1 fk 问题三 类=党的建设", "  - 措施三||||",
				"·1 heading"),
		},
		"one number merged over several problems": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"序号", "反馈问题", "整改措施"},
				{1, "问题一", "措施一"},
				{"", "问题二", "措施二"},
				{2, "问题三", "措施三"},
			}, merges: []string{"A2:A3"}}},
			want: text("1 fk 问题一", "  - 措施一||||", "1-2 fk 问题二", "  - 措施二||||", "2 fk 问题三", "  - 措施三||||", "·1 heading"),
		},
		"numbers between the problem and its measures number these": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"反馈问题", "序号", "整改措施", "责任人"},
				{"问题一", 1, "措施一", "李四"},
				{"", 2, "措施二", "王五"},
				{"问题二", 1, "措施三", "赵六"},
			}, merges: []string{"A2:A3"}}},
			want: text(" fk 问题一", "  - 措施一|||李四|", "  - 措施二|||王五|", " fk 问题二", "  - 措施三|||赵六|", "·1 heading"),
		},
		"a list of measures with a deadline each, and one under one deadline": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"序号", "反馈问题", "整改措施", "责任部门", "整改时限"},
				{1, "问题一", "1.制定制度\n2.开展检查", "办公室", "1.9月底前\n2.年底前"},
				{2, "问题二", "（1）制定制度\n（2）开展检查", "办公室", "年底前"},
			}}},
			want: text(
				"1 fk 问题一", "  - 制定制度||办公室||9月底前", "  - 开展检查||办公室||年底前",
				"2 fk 问题二", "  - （1）制定制度⏎（2）开展检查||办公室||年底前",
				"·1 heading"),
		},
		"those who assist are not those who answer": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"序号", "问题", "牵头", "", "配合", "", "措施"},
				{"", "", "领导", "部门", "领导", "部门", ""},
				{1, "问题一", "张三", "办公室", "李四", "财务处", "措施一"},
			}, merges: []string{"A1:A2", "B1:B2", "C1:D1", "E1:F1", "G1:G2"}}},
			want: text("1 fk 问题一", "  - 措施一|张三|办公室||", "·1 heading", "·2 heading"),
		},
		"among rows numbered 1, 2 one numbered 一 is a section": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"序号", "反馈问题", "整改措施"},
				{"一", "党的领导弱化"},
				{1, "问题一", "措施一"},
				{"二", "作风不实"},
				{2, "问题二", "措施二"},
			}}},
			want: text("1 fk 问题一 类=党的领导弱化", "  - 措施一||||", "2 fk 问题二 类=作风不实", "  - 措施二||||", "·1 heading", "·2 section", "·4 section"),
		},
		"a problem that begins like a signature, and a signature": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				{"反馈问题", "整改措施", "责任人"},
				{"负责人履职不到位：一年内没有召开专题会议研究，也没有部署落实整改工作任务", "", ""},
				{"问题二", "措施二", "李四"},
				{"审核人：王五", "", ""},
			}}},
			want: text(" fk 负责人履职不到位：一年内没有召开专题会议研究，也没有部署落实整改工作任务", " fk 问题二", "  - 措施二|||李四|", "·1 heading", "·4 note"),
		},
		"headings in English": {
			sheets: []testSheet{{name: "Sheet1", rows: [][]any{
				{"No.", "Problem", "Measure", "Leader", "Department", "Owner", "Deadline", "Progress", "Status"},
				{1, "问题一", "措施一", "张三", "办公室", "李四", "2024-09-30", "甲", "乙"},
			}}},
			want: text("1 fk 问题一 展=甲 况=乙", "  - 措施一|张三|办公室|李四|2024-09-30", "·1 heading"),
		},
		"a problem without a measure": {
			sheets: []testSheet{{name: "台账", rows: [][]any{
				plainHead,
				{1, "问题一", "", "张三", "办公室", "李四", "9月底前"},
			}}},
			want: text("1 fk 问题一 领=张三 部=办公室 人=李四 限=9月底前", "·1 heading"),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in := tt.in
			if in.Unit == "" {
				in = feedback2024
			}
			content := workbookOf(t, tt.sheets...)
			if got := told(mustRead(t, content, in)); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			agreesWithExcelize(t, content)
		})
	}
}

// agreesWithExcelize reads a workbook by a library of another hand, row by row, and
// wants the same rows, the same cells, the same texts.
func agreesWithExcelize(t *testing.T, content []byte) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	theirs := map[string]string{}
	for _, sheet := range f.GetSheetList() {
		rows, err := f.Rows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; rows.Next(); n++ {
			cells, err := rows.Columns()
			if err != nil {
				t.Fatal(err)
			}
			for col, text := range cells {
				if text = string(tidy([]byte(text))); text != "" {
					theirs[sheet+"!"+columnLetter(col)+strconv.Itoa(n)] = text
				}
			}
		}
	}
	ours := map[string]string{}
	_, err = readPackage(context.Background(), bytes.NewReader(content), int64(len(content)), newLedgerBudget(DefaultLimits()), func(s *ledgerSheet) error {
		for _, row := range s.rows {
			for _, c := range row.cells {
				ours[s.name+"!"+columnLetter(int(c.col))+strconv.Itoa(row.n)] = c.text
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for place, text := range theirs {
		if ours[place] != text {
			t.Errorf("%s is %q, the library reads %q", place, ours[place], text)
		}
	}
	if len(ours) != len(theirs) {
		t.Errorf("%d cells, the library reads %d", len(ours), len(theirs))
	}
}

func TestWhatStandsBesideTheTableIsOffered(t *testing.T) {
	r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: [][]any{
		{"整改台账"},
		{"填报单位（盖章）：公园城市建设局        填报时间：2024年7月18日"},
		{"反馈时间：", "2024-06-20"},
		plainHead,
		{1, "问题一", "措施一", "", "", "", "9月底前"},
	}}), feedback2024)
	want := []Said{
		{"台账", 2, SaidUnit, "公园城市建设局", ""},
		{"台账", 2, SaidFilledOn, "2024年7月18日", "2024-07-18"},
		{"台账", 3, SaidFeedbackOn, "2024-06-20", "2024-06-20"},
	}
	if !slices.Equal(r.Said, want) {
		t.Errorf("said %v, want %v", r.Said, want)
	}
	if r.Tables[0].Title != "整改台账" {
		t.Errorf("the title is %q", r.Tables[0].Title)
	}
}
