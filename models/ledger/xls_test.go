package ledger

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// compoundOf is a compound file with one stream, which is made as long as one that
// stands in sectors of its own.
func compoundOf(name string, stream []byte) []byte {
	stream = append(slices.Clone(stream), make([]byte, max(0, 4096-len(stream)))...)
	file := compound(name, "")
	sectors := (len(stream) + 511) / 512
	le := binary.LittleEndian
	for n := range sectors {
		next := uint32(n + 3)
		if n == sectors-1 {
			next = 0xFFFFFFFE
		}
		le.PutUint32(file[512+4*(n+2):], next)
	}
	le.PutUint32(file[1024+128+116:], 2)
	le.PutUint32(file[1024+128+120:], uint32(len(stream)))
	return append(file, append(slices.Clone(stream), make([]byte, sectors*512-len(stream))...)...)
}

// record is one record of an old workbook.
func record(id int, data ...any) []byte {
	var body []byte
	for _, d := range data {
		switch d := d.(type) {
		case int: // two bytes
			body = binary.LittleEndian.AppendUint16(body, uint16(d))
		case uint32:
			body = binary.LittleEndian.AppendUint32(body, d)
		case byte:
			body = append(body, d)
		case float64:
			body = binary.LittleEndian.AppendUint64(body, math.Float64bits(d))
		case string: // as it is
			body = append(body, d...)
		}
	}
	head := binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, uint16(id)), uint16(len(body)))
	return append(head, body...)
}

// wide is a text in two bytes a character.
func wide(s string) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return string(out)
}

// label is a cell of text in the newer form.
func label(row, col int, text string) []byte {
	return record(xlsLabel, row, col, 0, len(utf16.Encode([]rune(text))), byte(1), wide(text))
}

// xlsFile is an old workbook of one sheet: what stands before the sheet, and in it.
func xlsFile(globals, sheet [][]byte) []byte {
	begin := record(xlsBegin, 0x0600, 5, 0, 0)
	entry := func(at int) []byte {
		return record(xlsSheetEntry, uint32(at), byte(0), byte(0), byte(2), byte(1), wide("台账"))
	}
	head := slices.Concat(begin, slices.Concat(globals...))
	at := len(head) + len(entry(0)) + 4
	return compoundOf("Workbook", slices.Concat(head, entry(at), record(xlsEnd), record(xlsBegin, 0x0600, 16, 0, 0), slices.Concat(sheet...), record(xlsEnd)))
}

var xlsHead = [][]byte{label(0, 0, "序号"), label(0, 1, "问题"), label(0, 2, "整改措施"), label(0, 3, "整改时限")}

func TestAnOldWorkbook(t *testing.T) {
	good := [][]byte{record(xlsNumber, 1, 0, 0, 1.0), label(1, 1, "问题一"), label(1, 2, "措施一"), record(xlsNumber, 1, 3, 1, 45519.0)}
	date := [][]byte{record(xlsStyle, 0, 0), record(xlsStyle, 0, 14)}
	with := func(more ...[]byte) [][]byte { return slices.Concat(xlsHead, good, more) }
	for name, tt := range map[string]struct {
		globals, sheet [][]byte
		refused        string
		cells          []string // beside the four of the first item, as they show
	}{
		"as it is": {date, with(), "", nil},
		"a formula's text after its shared formula": {date, with(record(xlsFormula, 2, 1, 0, byte(0), byte(0), "\x00\x00\x00\x00", 0xFFFF, 0, uint32(0), 0),
			record(0x04BC, 0, 0), record(xlsResult, 2, byte(1), wide("算出"))), "", []string{"算出"}},
		"a truth, an error, an empty text": {date, with(record(xlsTruth, 2, 1, 0, byte(1), byte(0)), record(xlsTruth, 2, 2, 0, byte(0x2A), byte(1)),
			record(xlsFormula, 2, 3, 0, byte(3), byte(0), "\x00\x00\x00\x00", 0xFFFF, 0, uint32(0), 0)), "", []string{"TRUE", "#N/A"}},
		"packed numbers":       {date, with(record(xlsPacked, 2, 0, 0, uint32(123<<2|3)), record(xlsManyNumbers, 2, 1, 0, uint32(7<<2|2), 0, uint32(0x3FF00000), 2)), "", []string{"1.23", "7", "1"}},
		"a chart in the sheet": {date, with(record(xlsBegin, 0x0600, 32, 0, 0), label(9, 9, "图表里的字"), record(xlsEnd), label(2, 1, "后面")), "", []string{"后面"}},
		"cells in any order":   {date, slices.Concat([][]byte{label(2, 1, "后面")}, good, xlsHead), "", []string{"后面"}},

		"two texts in one cell":     {date, with(label(1, 1, "又一个")), "ledger.file.damaged", nil},
		"a text that is not there":  {date, with(record(xlsTextCell, 2, 1, 0, uint32(3))), "ledger.file.damaged", nil},
		"a number that is none":     {date, with(record(xlsNumber, 2, 0, 0, math.NaN())), "ledger.file.damaged", nil},
		"a cut record":              {date, with(record(xlsNumber, 2, 0, 0)), "ledger.file.damaged", nil},
		"half a character":          {date, with(record(xlsLabel, 2, 1, 0, 2, byte(1), "\x01\x02\x03")), "ledger.file.damaged", nil},
		"a block the wrong way":     {date, with(record(xlsMerges, 1, 5, 3, 0, 1)), "ledger.file.damaged", nil},
		"blocks over each other":    {date, with(record(xlsMerges, 2, 3, 5, 0, 1, 4, 6, 1, 2)), "ledger.file.damaged", nil},
		"more blocks than it has":   {date, with(record(xlsMerges, 60000, 3, 5, 0, 1)), "ledger.file.damaged", nil},
		"a password":                {[][]byte{record(xlsPassword, 1, 1, 1)}, with(), "ledger.file.xls_password", nil},
		"a sheet of Excel 4 within": {[][]byte{record(xlsBegin, 0x0400, 5)}, with(), "ledger.file.old", nil},
		"more texts than it has":    {[][]byte{record(xlsTexts, uint32(1), uint32(4_000_000_000), 1, byte(1), wide("甲"))}, with(), "ledger.file.damaged", nil},
	} {
		t.Run(name, func(t *testing.T) {
			content := xlsFile(tt.globals, tt.sheet)
			if got := refusedFor(t, content); got != tt.refused {
				t.Fatalf("refused for %q, want %q", got, tt.refused)
			}
			if tt.refused != "" {
				return
			}
			r := mustRead(t, content, feedback2024)
			if len(r.Items) < 1 || r.Items[0].Problem != "问题一" || r.Items[0].Measures[0].Deadline.DueOn != "2024-08-15" || r.Format != "xls" {
				t.Errorf("read as %s", told(r))
			}
			sheets, _ := sheetsIn(t, content)
			var cells []string
			for _, row := range sheets[0].rows[2:] {
				for _, c := range row.cells {
					cells = append(cells, c.text)
				}
			}
			if !slices.Equal(cells, tt.cells) {
				t.Errorf("beside it stand %q, want %q", cells, tt.cells)
			}
		})
	}
}

// A text that goes on in another record begins there with its own flag of width; fonts
// and readings behind it go on without one; a pair may be parted.
func TestTextsGoOnInTheNextRecord(t *testing.T) {
	pair := wide("𠮷")
	texts := slices.Concat(
		record(xlsTexts, uint32(4), uint32(4),
			3, byte(0), "abc",
			4, byte(1|8), 1, wide("甲乙")), // two more follow, and four bytes of fonts
		record(xlsContinue, byte(0), "cd", "\x01\x02"),
		record(xlsContinue, "\x03\x04", 3, byte(1|4), uint32(3), wide("丙"), pair[:2]),
		record(xlsContinue, byte(1), pair[2:], "\x09\x09\x09", 0, byte(0)),
	)
	sheet := slices.Concat([][]byte{record(xlsTextCell, 1, 0, 0, uint32(0)), record(xlsTextCell, 1, 1, 0, uint32(1)), record(xlsTextCell, 1, 2, 0, uint32(2)), record(xlsTextCell, 1, 3, 0, uint32(3))})
	sheets, _ := sheetsIn(t, xlsFile([][]byte{texts}, sheet))
	var got []string
	for _, c := range sheets[0].rows[0].cells {
		got = append(got, c.text)
	}
	if want := []string{"abc", "甲乙cd", "丙𠮷"}; !slices.Equal(got, want) {
		t.Errorf("read %q, want %q", got, want)
	}
}

// A workbook of Excel 5 or 95 has its texts in the code page of its maker.
func TestAWorkbookOf1995(t *testing.T) {
	gb := func(s string) string {
		out, err := simplifiedchinese.GB18030.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	cell := func(row, col int, s string) []byte { return record(xlsLabel, row, col, 0, len(gb(s)), gb(s)) }
	code := `yyyy"` + gb("年") + `"m"` + gb("月") + `"d"` + gb("日") + `"`
	head := slices.Concat(record(xlsBegin, 0x0500, 5, 0, 0), record(xlsCodePage, 936), record(xlsFormat, 164, byte(len(code)), code), record(xlsStyle, 0, 0), record(xlsStyle, 0, 164))
	entry := func(at int) []byte {
		return record(xlsSheetEntry, uint32(at), byte(0), byte(0), byte(len(gb("台账"))), gb("台账"))
	}
	stream := slices.Concat(head, entry(len(head)+len(entry(0))+4), record(xlsEnd), record(xlsBegin, 0x0500, 16, 0, 0),
		cell(0, 0, "序号"), cell(0, 1, "问题"), cell(0, 2, "整改措施"), cell(0, 3, "整改时限"),
		record(xlsNumber, 1, 0, 0, 1.0), cell(1, 1, "学习不深入"), cell(1, 2, "每月集中学习"), record(xlsNumber, 1, 3, 1, 45535.0), record(xlsEnd))
	r := mustRead(t, compoundOf("Book", stream), feedback2024)
	if len(r.Items) != 1 || r.Items[0].Sheet != "台账" || r.Items[0].Problem != "学习不深入" || r.Items[0].Measures[0].Deadline.DueOn != "2024-08-31" || r.Items[0].Measures[0].Deadline.Phrase != "2024年8月31日" {
		t.Errorf("read as %s", told(r))
	}
}

// Cut anywhere, an old workbook is refused, and never read in part.
func TestAnOldWorkbookCutOff(t *testing.T) {
	whole := newOffice(t).saved("xlsx", "xls", workbookOf(t, testSheet{name: "台账", rows: [][]any{plainHead, {1, "问题一", "措施一"}, {2, "问题二", "措施二"}}}))[0]
	if r := mustRead(t, whole, feedback2024); len(r.Items) != 2 {
		t.Fatalf("whole, it has %s", told(r))
	}
	for at := 8; at < len(whole)-512; at += 97 {
		if got := refusedFor(t, whole[:at]); got != "ledger.file.damaged" && got != "ledger.file.unknown" {
			t.Fatalf("cut at %d of %d it is refused for %q", at, len(whole), got)
		}
	}
}

// An old workbook with a document embedded in it is an old workbook.
func TestAnOldWorkbookWithADocumentInIt(t *testing.T) {
	content, err := os.ReadFile("testdata/cases/c04-xls-with-word-object.xls")
	if err != nil {
		t.Fatal(err)
	}
	if got := refusedFor(t, content); strings.Contains(got, "doc") || strings.Contains(got, "word") {
		t.Errorf("refused for %q", got)
	}
}

func FuzzXLS(f *testing.F) {
	f.Add(xlsFile([][]byte{record(xlsStyle, 0, 14), record(xlsTexts, uint32(1), uint32(1), 2, byte(1|8), 1, wide("甲乙"), "\x01\x02\x03\x04"), record(xlsFormat, 164, 3, byte(0), "0.0")},
		slices.Concat(xlsHead, [][]byte{record(xlsRow, 1, 0, 4, 0, uint32(0), byte(0x20)), record(xlsNumber, 1, 0, 0, 1.0), record(xlsTextCell, 1, 1, 0, uint32(0)), record(xlsMerges, 1, 1, 2, 0, 0), record(xlsColumns, 1, 2, 0, 0, 1)}))[1536:])
	f.Fuzz(func(t *testing.T, stream []byte) {
		if len(stream) > 60_000 {
			t.Skip()
		}
		takesOrRefuses(t, compoundOf("Workbook", bytes.Clone(stream)))
	})
}

// FuzzXLSFile mutates the compound file as it lies on the disk.
func FuzzXLSFile(f *testing.F) {
	f.Add(xlsFile(nil, xlsHead))
	f.Fuzz(func(t *testing.T, content []byte) { takesOrRefuses(t, content) })
}
