package ledger

import (
	"os"
	"strings"
	"testing"

	"duban/models/deadline"

	"github.com/xuri/excelize/v2"
)

func deadlineOf(i Item) deadline.Deadline {
	if len(i.Measures) > 0 {
		return i.Measures[len(i.Measures)-1].Deadline
	}
	return i.Deadline
}

// In a workbook that counts from 1904, days written as text are those days, and a
// reading that fails leaves a question.
func TestTextDatesOfAWorkbookFrom1904(t *testing.T) {
	content, err := os.ReadFile("testdata/c01-1904-text-dates.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	in := feedback2024
	in.Year = 2024
	r := mustRead(t, content, in)
	if len(r.Items) < 14 {
		t.Fatalf("%d items", len(r.Items))
	}
	for n, i := range r.Items[:14] {
		d := deadlineOf(i)
		switch {
		case n == 6 && (d.DueOn == "2028-09-01" || d.Ask != ""):
		case n != 6 && d.DueOn == "2024-08-31":
		case n != 6 && d.Ask != "" && (n == 7 || n == 9) && len(d.Choices) > 0 && d.Choices[len(d.Choices)-1] == "2024-08-31":
		default:
			t.Errorf("row %d, %q: %s %q", n+1, d.Phrase, d.DueOn, d.Ask)
		}
	}
}

// A cell that holds a number has lost its last zero, and one that shows a month may
// hold a day of it: both are asked about, with the two days.
func TestWhatACellHoldsBehindItsText(t *testing.T) {
	rows := [][]any{{"序号", "问题", "整改措施", "整改时限"}, {1, "问题一", "措施一", 9.3}, {2, "问题二", "措施二", "9.3"}, {3, "问题三", "措施三", 2024.1},
		{4, "问题四", "措施四", 45519}, {5, "问题五", "措施五", 45505}, {6, "问题六", "措施六", 45535}, {7, "问题七", "措施七", 45519}}
	content := workbookOf(t, testSheet{name: "台账", rows: rows, shape: func(f *excelize.File, s string) {
		month, day := `yyyy"年"m"月"`, "yyyy-mm-dd"
		shown, err := f.NewStyle(&excelize.Style{CustomNumFmt: &month})
		if err != nil {
			t.Fatal(err)
		}
		full, err := f.NewStyle(&excelize.Style{CustomNumFmt: &day})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle(s, "D5", "D7", shown); err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle(s, "D8", "D8", full); err != nil {
			t.Fatal(err)
		}
	}})
	in := feedback2024
	in.FeedbackOn = "2024-01-15"
	var got []string
	for _, i := range mustRead(t, content, in).Items {
		d := deadlineOf(i)
		got = append(got, strings.TrimSpace(string(d.DueOn)+" "+d.Ask))
	}
	want := "2024-09-03 or 2024-09-30; 2024-09-03; 2024-01-31 or 2024-10-31; 2024-08-15 or 2024-08-31; 2024-08-31; 2024-08-31; 2024-08-15"
	if strings.Join(got, "; ") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "; "), want)
	}
}

// A formula whose result was never written is said, however the writer left it out.
func TestAFormulaWithAnEmptyResultIsSaid(t *testing.T) {
	content, err := os.ReadFile("testdata/c03-formula-empty-v.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	r := mustRead(t, content, feedback2024)
	said := map[string]string{}
	note := func(p CellProblem) {
		if p.Key == "ledger.cell.formula" {
			said[p.Column+"/"+string(rune('0'+p.Row))] = p.Weight
		}
	}
	for _, i := range r.Items {
		for _, p := range i.Problems {
			note(p)
		}
	}
	for _, f := range r.Refused {
		for _, p := range f.Problems {
			note(p)
		}
	}
	for _, cell := range []string{"C/2", "D/3", "G/4", "A/5"} {
		if said[cell] == "" {
			t.Errorf("%s is not said: %v", cell, said)
		}
	}
	for _, i := range r.Items {
		if i.Number == "3-2" {
			t.Error("the item of row 5 became 3-2")
		}
	}
}

// A list that stands in one line is as many measures as it has numbers, each with its
// own deadline.
func TestAListInOneLineIsSeveralMeasures(t *testing.T) {
	content, err := os.ReadFile("testdata/c10-numbered-cell.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	in := feedback2024
	in.NoticeOn = "2024-07-10"
	items := mustRead(t, content, in).Items
	second := items[len(items)-1]
	var got []string
	for _, m := range second.Measures {
		got = append(got, m.Text+" "+string(m.Deadline.DueOn)+m.Deadline.Ask)
	}
	if want := "完善台账 2024-07-24; 安装定位 2024-10-31"; strings.Join(got, "; ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "; "), want)
	}
}

// A day that only its format says is kept as the day it is, so that it is read again
// wherever it goes; one that is written out stays as it is written.
func TestADayThatOnlyItsFormatSays(t *testing.T) {
	for code, want := range map[string]string{"d-mmm-yy": "2025-06-30", "mmm d, yyyy": "2025-06-30", "m/d/yy": "6/30/25", "yyyy/m/d": "2025/6/30", `yyyy"年"m"月"d"日"`: "2025年6月30日"} {
		content := workbookOf(t, testSheet{name: "台账", rows: [][]any{{"序号", "问题", "整改措施", "整改时限"}, {1, "问题一", "措施一", 45838}}, shape: func(f *excelize.File, s string) {
			style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
			if err == nil {
				err = f.SetCellStyle(s, "D2", "D2", style)
			}
			if err != nil {
				t.Fatal(err)
			}
		}})
		d := mustRead(t, content, feedback2024).Items[0].Measures[0].Deadline
		if d.Phrase != want || d.DueOn != "2025-06-30" {
			t.Errorf("%s is kept as %q, due %s, want %q", code, d.Phrase, d.DueOn, want)
		}
	}
}
