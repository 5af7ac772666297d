package ledger

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// office is LibreOffice with a profile of its own, which it makes once a test.
type office struct {
	t       testing.TB
	profile string
}

func newOffice(t testing.TB) office {
	t.Helper()
	if _, err := exec.LookPath("soffice"); err != nil {
		if slices.Contains(strings.Split(os.Getenv("DUBAN_TEST_REQUIRE"), ","), "libreoffice") {
			t.Fatal("libreoffice is not there; .ci/needs.sh installs it")
		}
		t.Skip("libreoffice is not there; .ci/needs.sh installs it")
	}
	return office{t, t.TempDir()}
}

// saved are files of that ending as LibreOffice saves them in another format, named as
// its option names it: xls, ods, "xlsx:Calc MS Excel 2007 XML".
func (o office) saved(ending, format string, files ...[]byte) (out [][]byte) {
	o.t.Helper()
	folder := o.t.TempDir()
	args := []string{"--headless", "-env:UserInstallation=file://" + o.profile, "--convert-to", format, "--outdir", filepath.Join(folder, "out")}
	for n, content := range files {
		name := filepath.Join(folder, fmt.Sprint(n, ".", ending))
		if err := os.WriteFile(name, content, 0o600); err != nil {
			o.t.Fatal(err)
		}
		args = append(args, name)
	}
	if said, err := exec.Command("soffice", args...).CombinedOutput(); err != nil {
		o.t.Fatalf("%v\n%s", err, said)
	}
	to, _, _ := strings.Cut(format, ":")
	for n := range files {
		content, err := os.ReadFile(filepath.Join(folder, "out", fmt.Sprint(n, ".", to)))
		if err != nil {
			o.t.Fatal(err)
		}
		out = append(out, content)
	}
	return out
}

// sheetsIn are the sheets of a file of any kind, as the reader hands them on.
func sheetsIn(t testing.TB, content []byte) (sheets []*ledgerSheet, facts fileFacts) {
	t.Helper()
	kind, err := fileKind(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	facts, err = readSheets(context.Background(), kind, bytes.NewReader(content), int64(len(content)), newLedgerBudget(DefaultLimits()), func(s *ledgerSheet) error {
		sheets = append(sheets, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sheets, facts
}

// drawn is a sheet written down cell by cell, with all that the reader keeps of it.
func drawn(s *ledgerSheet) []string {
	lines := []string{fmt.Sprintf("%s hidden %v, columns %v, blocks %v", s.name, s.hidden, s.hiddenCols, s.merges)}
	for _, r := range s.rows {
		for _, c := range r.cells {
			lines = append(lines, fmt.Sprintf("%s%d %q %d %d %d %v", columnLetter(int(c.col)), r.n, c.text, c.serial, c.flaw, c.held, r.hidden))
		}
	}
	return lines
}

// everyCell is a workbook with every kind of cell, block and hiding a ledger may have.
func everyCell(t testing.TB, from1904 bool) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetName("Sheet1", "台账"))
	if from1904 {
		on := true
		must(f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &on}))
	}
	style := func(number int, code string) int {
		s := excelize.Style{NumFmt: number}
		if code != "" {
			s.CustomNumFmt = &code
		}
		id, err := f.NewStyle(&s)
		must(err)
		return id
	}
	row := 0
	put := func(style int, values ...any) {
		row++
		for n, v := range values {
			at, _ := excelize.CoordinatesToCellName(n+1, row)
			must(f.SetCellValue("台账", at, v))
			if style > 0 {
				must(f.SetCellStyle("台账", at, at, style))
			}
		}
	}
	put(0, "序号", "问题", "整改措施", "整改时限", "Ω ASCII", "𠮷野家 😀", "é ü 'quotes' \"and\" more")
	put(0, 1, 2.5, -3.25, 0.1, 1e15, 123456789.01, 1048576, -7, 536870912.0, 100.25, 1e-7)
	for n, code := range []string{"yyyy-mm-dd", `yyyy"年"m"月"d"日"`, `yyyy"年"m"月"`, "yyyy/m/d h:mm", `m"月"d"日"`, "0.00", "0%", "#,##0.00", "000", `yyyy.m.d`, `[$-804]yyyy"年"m"月"d"日";@`, "d-mmm-yy"} {
		put(style(0, code), 45480, 45519.75, 61, 3.5+float64(n))
	}
	put(style(14, ""), 45480, 1000)
	put(style(10, ""), 0.125, 1)
	put(0, true, false, strings.Repeat("长文字。", 2400), "一行\n二行\n三行", " 前后空格 ")
	must(f.SetCellRichText("台账", "H3", []excelize.RichTextRun{{Text: "红", Font: &excelize.Font{Bold: true, Color: "FF0000"}}, {Text: "与黑", Font: &excelize.Font{Size: 20}}}))
	for at, formula := range map[string]string{"A30": "1+1.5", "B30": `"甲"&"乙"`, "C30": "1=1", "D30": "1/0", "E30": `""`, "F30": "NA()"} {
		must(f.SetCellFormula("台账", at, formula))
	}
	for _, block := range []string{"A20:A25", "C20:D20", "C21:E23"} {
		from, to, _ := strings.Cut(block, ":")
		must(f.MergeCell("台账", from, to))
		must(f.SetCellStr("台账", from, "合并 "+block))
	}
	must(f.SetRowVisible("台账", 4, false))
	must(f.SetColVisible("台账", "I:J", false))
	_, err := f.NewSheet("隐藏的")
	must(err)
	for n := 1; n <= 3000; n++ {
		must(f.SetCellStr("隐藏的", fmt.Sprintf("A%d", n), fmt.Sprintf("第 %d 行的文字", n)))
		must(f.SetCellInt("隐藏的", fmt.Sprintf("C%d", n), int64(n)))
	}
	must(f.SetSheetVisible("隐藏的", false))
	var out bytes.Buffer
	_, err = f.WriteTo(&out)
	must(err)
	return out.Bytes()
}

// The same workbook in another format is the same cells: text, day, kind, block, hiding.
// It is compared with the same as LibreOffice saves it in .xlsx, which reckons formulas.
func TestEveryFormatHasTheSameCells(t *testing.T) {
	o := newOffice(t)
	books := [][]byte{everyCell(t, false), everyCell(t, true)}
	wanted := o.saved("xlsx", "xlsx:Calc MS Excel 2007 XML", books...)
	for _, format := range []string{"xls", "ods", "fods"} {
		for n, content := range o.saved("xlsx", format, books...) {
			t.Run(fmt.Sprint(format, " of ", 1900+4*n), func(t *testing.T) {
				want, _ := sheetsIn(t, wanted[n])
				got, facts := sheetsIn(t, content)
				if len(got) != len(want) || len(facts.notes) > 0 || facts.format != format {
					t.Fatalf("%d sheets of %s, want %d, %v", len(got), facts.format, len(want), facts.notes)
				}
				for n := range want {
					compareLines(t, drawn(got[n]), drawn(want[n]))
				}
			})
		}
	}
}

func compareLines(t *testing.T, got, want []string) {
	t.Helper()
	wrong := 0
	for i := range max(len(got), len(want)) {
		g, w := "", ""
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			if wrong++; wrong > 12 {
				t.Fatal("and more")
			}
			t.Errorf("got  %.200s\nwant %.200s", g, w)
		}
	}
}

// BenchmarkFormats reads one ledger of 5,000 rows in each format.
func BenchmarkFormats(b *testing.B) {
	book, err := os.ReadFile(ledgerOf(b, 5000, 40))
	if err != nil {
		b.Fatal(err)
	}
	o := newOffice(b)
	sheets, _ := sheetsIn(b, book)
	for _, one := range []struct {
		format  string
		content []byte
	}{
		{"xlsx", book}, {"xls", o.saved("xlsx", "xls", book)[0]}, {"ods", o.saved("xlsx", "ods", book)[0]},
		{"docx", asWord(b, sheets[0])}, {"html", asPage(sheets[0])}, {"tsv", asTabs(sheets[0])},
	} {
		b.Run(one.format, func(b *testing.B) {
			b.SetBytes(int64(len(one.content)))
			for b.Loop() {
				if _, facts := sheetsIn(b, one.content); facts.format == "" {
					b.Fatal("no format")
				}
			}
		})
	}
}

// grid is a sheet's texts by row and column.
func grid(s *ledgerSheet) (rows [][]string) {
	for _, r := range s.rows {
		row := make([]string, 10)
		for _, c := range r.cells {
			row[c.col] = c.text
		}
		rows = append(rows, row)
	}
	return rows
}

func asWord(t testing.TB, s *ledgerSheet) []byte {
	var rows []string
	for _, r := range grid(s) {
		rows = append(rows, wordRow(r...))
	}
	return wordFile(t, wordTableOf(rows...))
}

func asPage(s *ledgerSheet) []byte {
	var out strings.Builder
	out.WriteString("<html><table>")
	for _, r := range grid(s) {
		out.WriteString("<tr><td>" + strings.Join(r, "</td><td>") + "</td></tr>\n")
	}
	return []byte(out.String() + "</table></html>")
}

func asTabs(s *ledgerSheet) []byte {
	var out strings.Builder
	for _, r := range grid(s) {
		out.WriteString(strings.Join(r, "\t") + "\n")
	}
	return []byte(out.String())
}
