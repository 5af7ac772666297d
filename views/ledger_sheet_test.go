package views

import (
	"bytes"
	"context"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"duban/models"
	"duban/models/day"
	"duban/models/ledger"
	"duban/views/text"
)

func readLedger(t *testing.T, content []byte, in ledger.Context) ledger.Reading {
	t.Helper()
	r, err := ledger.Read(context.Background(), bytes.NewReader(content), int64(len(content)), in, ledger.DefaultLimits(), day.StateCouncil())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// allRefused is a preview of which nothing is taken.
func allRefused(r ledger.Reading) models.ImportPreview {
	p := models.ImportPreview{Reading: r}
	for _, item := range r.Items {
		p.Lines = append(p.Lines, models.ImportLine{Ledger: item, State: models.LineRefused, Refused: []ledger.CellProblem{
			{Weight: ledger.Refusal, Sheet: item.Sheet, Row: item.Row, Field: ledger.FieldUnit, Key: "import.unit.unknown", Args: []any{"=某局"}},
		}})
	}
	return p
}

func inEachLanguage(t *testing.T, try func(t *testing.T, ctx context.Context)) {
	for _, l := range text.Languages() {
		t.Run(string(l), func(t *testing.T) { try(t, text.In(context.Background(), l)) })
	}
}

// Rows that go back are the rows that came: mended, they are read as before, with
// their tiers, sections, numbers and merged blocks.
func TestWhatGoesBackIsReadAsItWas(t *testing.T) {
	ledgers := map[string][]byte{
		"sections": []byte("立行立改、反馈整改台账\n序号,问题,整改措施,责任人,整改时限\n一、立行立改问题,,,,\n1,甲,措施甲,张三,5月底前\n2,乙,措施乙,李四,6月底前\n二、反馈整改问题,,,,\n1,丙,措施丙,王五,9月底前\n,,措施丙之二,赵六,2024年10月31日前\n"),
	}
	for _, name := range []string{"1-plain", "2-merged", "3-on-the-spot"} {
		content, err := os.ReadFile("../models/ledger/testdata/ledgers/" + name + ".xlsx")
		if err != nil {
			t.Fatal(err)
		}
		ledgers[name] = content
	}
	in := ledger.Context{Terms: models.Preset().Terms(), Tier: models.PostFeedback, Year: 2024, FeedbackOn: "2024-06-20", NoticeOn: "2024-04-22"}
	inEachLanguage(t, func(t *testing.T, ctx context.Context) {
		for name, content := range ledgers {
			was := readLedger(t, content, in)
			sheet, err := RefusedSheet(ctx, allRefused(was))
			if err != nil {
				t.Fatal(err)
			}
			is := readLedger(t, sheet, in)
			if len(is.Items) != len(was.Items) || len(is.Refused) != len(was.Refused) {
				t.Fatalf("%s: %d problems and %d refused rows came back, were %d and %d", name, len(is.Items), len(is.Refused), len(was.Items), len(was.Refused))
			}
			for n := range was.Items {
				if got, want := bare(is.Items[n]), bare(was.Items[n]); !reflect.DeepEqual(got, want) {
					t.Errorf("%s: problem %d came back as\n%+v\nwas\n%+v", name, n+1, got, want)
				}
			}
			said := 0
			for _, table := range is.Tables {
				for _, c := range table.Columns {
					if c.Heading == text.T(ctx, "import.reason") {
						said++
						if c.Taken || c.Field != "" || c.Filled == 0 {
							t.Errorf("%s: the reasons are read as %q, %d of them", name, c.Field, c.Filled)
						}
					}
				}
			}
			if said != len(is.Tables) {
				t.Errorf("%s: %d tables of %d say why", name, said, len(is.Tables))
			}
		}
	})
}

// bare is an item without its place in the file.
func bare(i ledger.Item) ledger.Item {
	i.Table, i.Sheet, i.Row, i.Rows, i.Problems = 0, "", 0, nil, nil
	i.Measures = slices.Clone(i.Measures)
	for n := range i.Measures {
		i.Measures[n].Row = 0
	}
	return i
}

func TestEachRefusedRowSaysWhatIsWrongWithIt(t *testing.T) {
	file := excelize.NewFile()
	for n, row := range [][]any{
		{"序号", "责任部门", "反馈问题", "整改措施", "整改时限"},
		{1, "财务处", "问题一", "措施一", "2024-09-30"},
		{2, nil, "=cmd|'/C calc'!A0", "措施二", "2024-09-30"},
		{nil, nil, nil, "措施二之二", "2024-02-30"},
		{3, nil, "", "措施三", "2024-09-30"},
	} {
		at, _ := excelize.CoordinatesToCellName(1, n+1)
		if err := file.SetSheetRow("Sheet1", at, &row); err != nil {
			t.Fatal(err)
		}
	}
	for _, block := range [][2]string{{"A3", "A4"}, {"B2", "B5"}, {"C3", "C4"}} {
		if err := file.MergeCell("Sheet1", block[0], block[1]); err != nil {
			t.Fatal(err)
		}
	}
	content, err := file.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	r := readLedger(t, content.Bytes(), ledger.Context{Terms: models.Preset().Terms(), Tier: models.PostFeedback, Year: 2024})
	ctx := context.Background()
	sheet, err := RefusedSheet(ctx, models.ImportPreview{Reading: r, Lines: []models.ImportLine{{Ledger: r.Items[0], State: models.LineNew}}})
	if err != nil {
		t.Fatal(err)
	}
	back, err := excelize.OpenReader(bytes.NewReader(sheet))
	if err != nil {
		t.Fatal(err)
	}
	defer back.Close()
	rows, err := back.GetRows("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	day := text.T(ctx, "ledger.deadline.no_day", "整改时限", "2024-02-30")
	want := [][]string{
		{text.T(ctx, "sheet.back.how")},
		{"序号", "责任部门", "反馈问题", "整改措施", "整改时限", text.T(ctx, "import.reason")},
		{"2", "财务处", "=cmd|'/C calc'!A0", "措施二", "2024-09-30"},
		{"", "", "", "措施二之二", "2024-02-30", day},
		{"3", "财务处", "", "措施三", "2024-09-30", text.T(ctx, "ledger.problem.missing", "反馈问题")},
	}
	for n := range rows {
		rows[n] = trimmedRow(rows[n])
	}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("%q\nwant\n%q", rows, want)
	}
	if formula, _ := back.GetCellFormula("Sheet1", "C3"); formula != "" {
		t.Errorf("a text became the formula %q", formula)
	}
	merged, err := back.GetMergeCells("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range merged {
		blocks = append(blocks, m[0])
	}
	slices.Sort(blocks)
	if got := strings.Join(blocks, " "); got != "A1:F1 A3:A4 B3:B4 C3:C4" {
		t.Errorf("merged are %s", got)
	}
}

func trimmedRow(row []string) []string {
	for len(row) > 0 && row[len(row)-1] == "" {
		row = row[:len(row)-1]
	}
	return row
}

func TestNothingRefusedIsSaidSo(t *testing.T) {
	ctx := context.Background()
	sheet, err := RefusedSheet(ctx, models.ImportPreview{})
	if err != nil {
		t.Fatal(err)
	}
	back, err := excelize.OpenReader(bytes.NewReader(sheet))
	if err != nil {
		t.Fatal(err)
	}
	defer back.Close()
	if got, _ := back.GetCellValue(text.T(ctx, "sheet.name"), "A1"); got != text.T(ctx, "sheet.back.none") {
		t.Errorf("it says %q", got)
	}
}

func TestSheetsOfOneNameAreToldApart(t *testing.T) {
	long := strings.Repeat("长", 31)
	got := sheetNames("台账", []ledger.RefusedTable{{Sheet: "A"}, {Sheet: "a"}, {}, {}, {Sheet: long}, {Sheet: long}})
	if want := []string{"A", "a (2)", "台账", "台账 (2)", long, strings.Repeat("长", 27) + " (2)"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// The template is known to the reader to the last heading. Its example is not taken
// in when it is left standing, and is when it has a number.
func TestTheTemplateIsALedger(t *testing.T) {
	inEachLanguage(t, func(t *testing.T, ctx context.Context) {
		sheet, err := TemplateSheet(ctx)
		if err != nil {
			t.Fatal(err)
		}
		r := readLedger(t, sheet, ledger.Context{Terms: models.Preset().Terms(), Year: 2024})
		if len(r.Items) != 0 || len(r.Refused) != 1 || r.Refused[0].Problems[0].Key != "ledger.number.unreadable" {
			t.Errorf("the example is read as %+v, refused %+v", r.Items, r.Refused)
		}
		if len(r.Notes) > 0 {
			t.Errorf("the reader remarks %+v", r.Notes)
		}
		if len(r.Tables[0].Columns) != len(templateColumns) {
			t.Fatalf("%d columns of %d", len(r.Tables[0].Columns), len(templateColumns))
		}
		for _, c := range r.Tables[0].Columns {
			if !c.Taken || c.Guessed || len(c.Ask) > 0 {
				t.Errorf("%q is read as %q, asked %v", c.Heading, c.Field, c.Ask)
			}
		}
		file, err := excelize.OpenReader(bytes.NewReader(sheet))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		sheetName := text.T(ctx, "sheet.name")
		if err := file.SetCellValue(sheetName, "A2", 1); err != nil {
			t.Fatal(err)
		}
		filled, err := file.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		r = readLedger(t, filled.Bytes(), ledger.Context{Terms: models.Preset().Terms(), Year: 2024})
		if len(r.Items) != 1 || len(r.Refused) > 0 {
			t.Fatalf("filled in, it has %d problems", len(r.Items))
		}
		i := r.Items[0]
		if i.Number != "1" || i.Tier != models.PostFeedback || i.Problem != text.T(ctx, "template.problem.example") || i.Unit != text.T(ctx, "template.unit.example") ||
			len(i.Measures) != 1 || i.Measures[0].Deadline.DueOn != "2024-09-30" || i.Measures[0].Deadline.Ask != "" {
			t.Errorf("it is read as %+v", i)
		}
		if rows, err := file.GetRows(text.T(ctx, "template.notes")); err != nil || len(rows) != len(templateColumns)+3 {
			t.Errorf("%d notes, %v", len(rows), err)
		}
		if choices, err := file.GetDataValidations(sheetName); err != nil || len(choices) != 1 || choices[0].Sqref != "B2:B5000" {
			t.Errorf("the tiers cannot be chosen: %+v %v", choices, err)
		}
	})
}
