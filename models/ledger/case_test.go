package ledger

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

var cases2024 = Context{Terms: terms, Unit: "X", Tier: feedback2024.Tier, Year: 2024, FeedbackOn: "2024-07-15", NoticeOn: "2024-07-10"}

func readCase(t *testing.T, name string, in Context) Reading {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata/cases", name))
	if err != nil {
		t.Fatal(err)
	}
	return mustRead(t, content, in)
}

// saidOf are the problems of a reading, with where they are.
func saidOf(r Reading) []string {
	var all []string
	add := func(problems []CellProblem) {
		for _, p := range problems {
			all = append(all, strings.TrimSpace(p.Weight+" "+p.Column+itoa(p.Row)+" "+p.Key))
		}
	}
	add(r.Notes)
	for _, i := range r.Items {
		add(i.Problems)
	}
	for _, row := range r.Refused {
		add(row.Problems)
	}
	return all
}

func itoa(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// A formula that nobody reckoned is named where it stands: a question, or the refusal
// of a row that has no number or no problem without it.
func TestFormulasWithoutAResult(t *testing.T) {
	r := readCase(t, "c03-formula-empty-v.xlsx", cases2024)
	for _, want := range []string{"question C2 ledger.cell.formula", "question D3 ledger.cell.formula", "question G4 ledger.cell.formula", "refusal A5 ledger.cell.formula"} {
		if !slices.Contains(saidOf(r), want) {
			t.Errorf("%s is not said: %q", want, saidOf(r))
		}
	}
	if len(r.Items) != 11 || len(r.Refused) != 1 || r.Items[3].Number != "5" {
		t.Errorf("%d items, %d refused: %s", len(r.Items), len(r.Refused), told(r))
	}
}

// formula puts a formula without a result into a cell.
func formula(t *testing.T, f *excelize.File, sheet, cell string) {
	t.Helper()
	if err := f.SetCellFormula(sheet, cell, `"a"&"b"`); err != nil {
		t.Fatal(err)
	}
}

func TestFormulasWithoutAResultInMergedBlocks(t *testing.T) {
	tests := map[string]struct {
		rows   [][]any
		merges []string
		cells  []string
		want   []string
		items  string
	}{
		"a problem over its measures": {
			[][]any{plainHead, {1, "", "措施一", "张三", "办公室", "李四", "9月底前"}, {"", "", "措施二", "张三", "办公室", "李四", "9月底前"}},
			[]string{"A2:A3", "B2:B3"}, []string{"B2"}, []string{"refusal B2 ledger.cell.formula"}, ""},
		"a deadline over two items": {
			[][]any{plainHead, {1, "问题一", "措施一", "张三", "办公室", "李四", ""}, {2, "问题二", "措施二", "张三", "办公室", "李四", ""}},
			[]string{"G2:G3"}, []string{"G2"}, []string{"question G2 ledger.cell.formula", "question G3 ledger.cell.formula"}, "1 2"},
		"a number, and below it a problem without one": {
			[][]any{plainHead, {1, "问题一", "措施一"}, {"", "问题二", "措施二"}, {"", "问题三", "措施三"}},
			nil, []string{"A3"}, []string{"refusal A3 ledger.cell.formula"}, "1 "},
		"owners and the unit": {
			[][]any{{"序号", "问题", "责任单位", "整改措施", "责任人"}, {1, "问题一", "", "措施一", ""}},
			nil, []string{"C2", "E2"}, []string{"question C2 ledger.cell.formula", "question E2 ledger.cell.formula"}, "1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: tt.rows, merges: tt.merges, shape: func(f *excelize.File, s string) {
				for _, c := range tt.cells {
					formula(t, f, s, c)
				}
			}}), cases2024)
			var numbers []string
			for _, i := range r.Items {
				numbers = append(numbers, i.Number)
			}
			said := slices.DeleteFunc(saidOf(r), func(s string) bool { return !strings.HasSuffix(s, "formula") })
			if !slices.Equal(said, tt.want) || strings.Join(numbers, " ") != tt.items {
				t.Errorf("said %q, want %q; items %q", said, tt.want, numbers)
			}
		})
	}
}

// Merged blocks with nothing in them beside a table lose nothing.
func TestEmptyBlocksBesideATable(t *testing.T) {
	if r := readCase(t, "c14-merge-whole-column.xlsx", cases2024); len(r.Items) != 12 {
		t.Errorf("%d items", len(r.Items))
	}
	rows := [][]any{{"整改台账"}, plainHead, {"一、立行立改问题"}, {1, "问题一", "措施一", "张三", "办公室", "李四", "9月底前"}, {"合计", 1}}
	want := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: rows, merges: []string{"A3:G3"}}), cases2024)
	for _, block := range []string{"K1:K1000", "J1:Z20", "H1:H9"} {
		got := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: rows, merges: []string{"A3:G3", block}}), cases2024)
		if told(got) != told(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", block, told(got), told(want))
		}
	}
}

func TestWholeColumnsAndRowsAreBlocks(t *testing.T) {
	tests := map[string]sheetMerge{
		"K:K": {1, lastRow, 10, 10}, "K:M": {1, lastRow, 10, 12}, "3:4": {3, 4, 0, lastColumn - 1}, "A1:B2": {1, 2, 0, 1},
	}
	for ref, want := range tests {
		r := sheetReader{sheet: &ledgerSheet{}}
		if err := r.merge(ref); err != nil || len(r.sheet.merges) != 1 || r.sheet.merges[0] != want {
			t.Errorf("%s is %+v, %v", ref, r.sheet.merges, err)
		}
	}
	for _, ref := range []string{"K:3", "3:K", "M:K", "4:3", ":", "K:", "AAAA:AAAA", "0:1"} {
		r := sheetReader{sheet: &ledgerSheet{}}
		if err := r.merge(ref); err == nil {
			t.Errorf("%s is taken: %+v", ref, r.sheet.merges)
		}
	}
}

// A sheet on its side is offered turned, and nothing of it is taken before.
func TestASheetOnItsSide(t *testing.T) {
	turned := cases2024
	turned.Turn = []string{"台账"}
	before, after := readCase(t, "c06-transposed.xlsx", cases2024), readCase(t, "c06-transposed.xlsx", turned)
	if len(before.Items) != 0 || len(before.Refused) != 0 || !before.Tables[0].Turnable || !slices.Contains(saidOf(before), "question  ledger.note.turn") {
		t.Errorf("before anybody agreed: %s %q", told(before), saidOf(before))
	}
	want := text("1 fk 学习不深入", "  - 制定计划|||党办主任|2024年9月底", "2 fk 制度不健全", "  - 修订制度|||办公室主任|2024年10月底", "·1 heading")
	if got := told(after); got != want || !after.Tables[0].Turned {
		t.Errorf("turned it is\n%s", got)
	}

	tests := map[string]struct {
		rows   [][]any
		merges []string
		want   string
		said   []string
	}{
		"a title above it": {[][]any{{"新经济局整改台账"}, {"序号", 1, 2}, {"反馈问题", "问题一", "问题二"}, {"整改措施", "措施一", "措施二"}, {"责任领导", "张三", "李四"}, {"整改时限", "9月底前", "10月底前"}},
			[]string{"A1:C1"}, text("1 fk 问题一", "  - 措施一|张三|||9月底前", "2 fk 问题二", "  - 措施二|李四|||10月底前", "·1 heading"), nil},
		"one item only": {[][]any{{"问题", "问题一"}, {"整改措施", "措施一"}, {"责任人", "张三"}, {"整改时限", "9月底前"}},
			nil, text(" fk 问题一", "  - 措施一|||张三|9月底前", "·1 heading"), nil},
		"two measures of one problem, side by side": {[][]any{{"序号", 1, "", 2}, {"反馈问题", "问题一", "", "问题二"}, {"整改措施", "措施一", "措施二", "措施三"}, {"整改时限", "9月底前", "10月底前", "年底前"}},
			[]string{"B1:C1", "B2:C2"}, text("1 fk 问题一", "  - 措施一||||9月底前", "  - 措施二||||10月底前", "2 fk 问题二", "  - 措施三||||年底前", "·1 heading"), nil},
		"what is wrong is said where it stands": {[][]any{{"序号", 1, 2}, {"反馈问题", "问题一", "整改措施"}, {"整改措施", "措施一", "措施二"}, {"整改时限", "2024年2月31日", "10月底前"}},
			nil, text("✗2 B4 ledger.deadline.no_day", "✗3 C2 ledger.problem.heading", "·1 heading"), []string{"refusal B4 ledger.deadline.no_day", "refusal C2 ledger.problem.heading"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			content := workbookOf(t, testSheet{name: "台账", rows: tt.rows, merges: tt.merges})
			if r := mustRead(t, content, cases2024); len(r.Items)+len(r.Refused) != 0 || !r.Tables[0].Turnable {
				t.Errorf("before anybody agreed: %s", told(r))
			}
			r := mustRead(t, content, turned)
			got := strings.ReplaceAll(told(r), "·1 title\n", "")
			if got != tt.want {
				t.Errorf("turned it is\n%s\nwant\n%s", got, tt.want)
			}
			for _, want := range tt.said {
				if !slices.Contains(saidOf(r), want) {
					t.Errorf("%s is not said: %q", want, saidOf(r))
				}
			}
		})
	}
}

// A cell whose whole text is a heading is no problem.
func TestAHeadingIsNoProblem(t *testing.T) {
	r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: [][]any{plainHead,
		{1, "整改措施", "措施一", "张三"}, {2, "责任人", "措施二", "张三"}, {3, "整改時限", "措施三", "张三"}, {4, "责任人履职不到位", "措施四", "张三"},
	}}), cases2024)
	if len(r.Items) != 1 || r.Items[0].Number != "4" || len(r.Refused) != 3 || r.Refused[0].Problems[0].Key != "ledger.problem.heading" {
		t.Error(told(r))
	}
}

// A sheet that explains the columns is not one on its side.
func TestASheetOfHowToFillInIsNotOffered(t *testing.T) {
	r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: [][]any{plainHead, {1, "问题一", "措施一"}}},
		testSheet{name: "说明", rows: [][]any{{"序号", "填本单位自己的编号"}, {"问题", "照抄反馈意见"}, {"整改措施", "一行一条"}, {"整改时限", "写到日"}}}), cases2024)
	if len(r.Items) != 1 || r.Tables[1].Turnable {
		t.Errorf("%s %+v", told(r), r.Tables[1])
	}
}
