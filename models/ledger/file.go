package ledger

import (
	"bytes"
	"context"
	"duban/models/day"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/richardlehane/mscfb"
)

// What a file may have, beyond the two limits that are settings. They are far
// above any ledger, and keep the memory of a reading bounded whatever the file
// says of itself.
const (
	mostUnpacked = 128 << 20 // bytes, of all parts of a workbook that are read
	mostText     = 64 << 20  // bytes of text in cells
	mostColumns  = 60        // with anything in them
	mostParts    = 1000      // of a workbook
	mostSheets   = 60
)

// Unreadable is the refusal of a whole file: the key of the sentence that says why
// and what to do, and the sentence's arguments.
type Unreadable struct {
	Key  string
	Args []any
}

func (u Unreadable) Error() string { return fmt.Sprint("ledger: ", u.Key, " ", u.Args) }

// badFile is the refusal of a whole file.
func badFile(key string, args ...any) error { return Unreadable{key, args} }

// ledgerSheet is a sheet as it stands in the file: only the rows and cells that
// have something in them, each with the number the file gives it.
type ledgerSheet struct {
	name       string
	hidden     bool
	rows       []sheetRow
	merges     []sheetMerge
	hiddenCols []sheetSpan
	from1904   bool  // its bare numbers count days from 1904
	covered    []int // rows with text under a merged block, which nobody sees
}

// sheetRow is one row, its cells from left to right.
type sheetRow struct {
	n      int // from 1
	hidden bool
	cells  []sheetCell
}

// sheetCell is one cell as a person sees it. A date shows as its format says;
// serial is set when the cell holds a date and shows at least its month.
type sheetCell struct {
	text   string
	serial int32 // the day as a workbook counts it from 1900
	col    uint16
	flaw   cellFlaw
	held   cellHeld
}

// day is the day that a cell holds and shows.
func (c *sheetCell) day() day.Day {
	if c == nil || c.held == heldMonth {
		return ""
	}
	return c.hiddenDay()
}

// hiddenDay is the day that a cell holds, also where it shows only the month of it.
func (c *sheetCell) hiddenDay() day.Day {
	if c == nil || c.serial == 0 {
		return ""
	}
	t, _ := serialTime(float64(c.serial), false)
	return day.Of(t)
}

// cellHeld is what a cell holds behind its text, where that matters.
type cellHeld uint8

const (
	heldText   cellHeld = iota
	heldNumber          // a number, which has lost the zeros at its end: 9.30 is 9.3
	heldMonth           // a day of which only the month is shown: "2024年8月"
)

// cellFlaw is why a cell that has something in it has no text.
type cellFlaw uint8

const (
	sound       cellFlaw = iota
	failed               // #REF! and its like
	uncalculate          // a formula whose result was never written
)

// sheetSpan is a run of columns, both ends included.
type sheetSpan struct{ from, to int }

// sheetMerge is a merged block of cells; its text stands in the upper left one.
type sheetMerge struct{ top, bottom, left, right int }

func (s *ledgerSheet) colHidden(col int) bool {
	for _, span := range s.hiddenCols {
		if span.from <= col && col <= span.to {
			return true
		}
	}
	return false
}

// cell is the cell of a column, nil where the row has nothing.
func (r *sheetRow) cell(col int) *sheetCell {
	for i := range r.cells {
		if int(r.cells[i].col) == col {
			return &r.cells[i]
		}
	}
	return nil
}

// columnLetter is a column's name: A, B … Z, AA.
func columnLetter(col int) string {
	name := ""
	for col++; col > 0; col = (col - 1) / 26 {
		name = string(rune('A'+(col-1)%26)) + name
	}
	return name
}

// ledgerBudget is what is left of a reading's limits, over all its sheets.
type ledgerBudget struct {
	limits  Limits
	rows    int
	text    int
	cells   int
	wide    bool                    // any number of columns is taken
	litter  int                     // bytes passed over since the heap was last swept
	columns map[string]map[int]bool // by sheet
	words   map[string]string       // short texts, each kept once
	tell    func(rows int)          // hears of every few hundred rows that were read; may be nil
}

func newLedgerBudget(limits Limits) *ledgerBudget {
	return &ledgerBudget{limits: limits, columns: map[string]map[int]bool{}, words: map[string]string{}}
}

// slack is how many rows beside the ledger's own a file may have: titles,
// headings, sections, notes. How many rows the ledger itself has is known only
// when they have been read.
const slack = 2000

// row counts one more row that has something in it.
func (b *ledgerBudget) row() error {
	if b.rows++; b.rows > b.limits.Rows+slack {
		return badFile("ledger.file.rows", b.limits.Rows)
	}
	if b.rows&255 == 0 && b.tell != nil {
		b.tell(b.rows)
	}
	return nil
}

// cell counts one more cell that has something in it.
func (b *ledgerBudget) cell(sheet string, col int) error {
	b.cells++
	cols := b.columns[sheet]
	if cols == nil {
		cols = map[int]bool{}
		b.columns[sheet] = cols
	}
	if !cols[col] {
		if cols[col] = true; len(cols) > mostColumns && !b.wide {
			return badFile("ledger.file.columns", mostColumns)
		}
	}
	return nil
}

// pass counts what the reader has gone over and left behind. Reading a workbook
// leaves ten times its size in the heap, which by itself may grow to twice what is
// kept before it is swept; a ledger of many megabytes is swept as it is read, so
// that it stays within its memory.
func (b *ledgerBudget) pass(n int) {
	const cellSize, much, often = 24, 24 << 20, 4 << 20
	if b.litter += n; b.litter >= often && b.text+b.cells*cellSize >= much {
		b.litter = 0
		runtime.GC()
	}
}

// grow counts text that is kept.
func (b *ledgerBudget) grow(n int) error {
	if b.text += n; b.text > mostText {
		return badFile("ledger.file.text", mostText>>20)
	}
	return nil
}

// word keeps a text, a short one only once however often the file repeats it: the
// offices and posts of a ledger are few.
func (b *ledgerBudget) word(text []byte) (string, error) {
	if len(text) > 48 {
		return string(text), b.grow(len(text))
	}
	if known, ok := b.words[string(text)]; ok {
		return known, nil
	}
	word := string(text)
	if len(b.words) < 1<<14 {
		b.words[word] = word
	}
	return word, b.grow(len(text))
}

// tidy is a text without white space at its ends and with one space wherever it
// had several; the author's own line breaks stay.
func tidy(text []byte) []byte {
	if isTidy(text) {
		return text
	}
	var out []byte
	for line := range bytes.Lines(text) {
		if words := bytes.Fields(line); len(words) > 0 {
			if len(out) > 0 {
				out = append(out, '\n')
			}
			out = append(out, bytes.Join(words, []byte(" "))...)
		}
	}
	return out
}

// isTidy is the common case, found without making anything.
func isTidy(text []byte) bool {
	last := rune('\n')
	for i := 0; i < len(text); {
		if step := plainStep[text[i]]; step > 0 {
			last, i = 'x', i+step
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		space := unicode.IsSpace(r)
		if space && (r != ' ' && r != '\n' || last == ' ' || last == '\n') || r == '\n' && last == ' ' || last == '\n' && space {
			return false
		}
		last = r
		i += n
	}
	return len(text) == 0 || last != ' ' && last != '\n'
}

// fileKind says by its content what a file is: zip, xls, html, mhtml, xml, fods or csv.
// What cannot be read is named so that a person knows what to do with it.
func fileKind(file io.ReaderAt, size int64) (kind string, err error) {
	if size == 0 {
		return "", badFile("ledger.file.empty")
	}
	head := make([]byte, min(size, 4096))
	if n, err := file.ReadAt(head, 0); n < len(head) {
		return "", errors.Join(err, io.ErrUnexpectedEOF)
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return "zip", nil
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")):
		return "xls", oleKind(file)
	}
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.begin)) && (len(m.begin) > 2 || bytes.IndexByte(head, 0) >= 0) {
			return "", badFile(m.key)
		}
	}
	return textKind(head, size)
}

// textKind says of a text what is written in it: a web page, an XML, or rows.
func textKind(head []byte, size int64) (kind string, err error) {
	text := strings.ToLower(strings.TrimLeft(strings.TrimPrefix(string(head), "\uFEFF"), " \t\r\n"))
	begins := func(with ...string) bool {
		return slices.ContainsFunc(with, func(w string) bool { return strings.HasPrefix(text, w) })
	}
	switch {
	case begins("<?xml", "<workbook", "<office:document"):
		switch {
		case strings.Contains(text, "<html>"), strings.Contains(text, "<html "):
			return "html", nil
		case strings.Contains(text, spreadsheetSpace), strings.Contains(text, "excel.sheet"):
			return "xml", nil
		case strings.Contains(text, "office:document"):
			return "fods", nil
		case strings.Contains(text, "schemas.microsoft.com/office/word"), strings.Contains(text, "word.document"), strings.Contains(text, "pkg:package"):
			return "", badFile("ledger.file.word")
		}
		return "", badFile("ledger.file.xml")
	case begins("<!doctype", "<html", "<img", "<table", "<meta", "<head", "<body", "<tr", "<td", "<style", "<div", "<!--"):
		return "html", nil
	case begins("mime-version:", "from: <saved by", "from: =?", "content-type: multipart/related"):
		return "mhtml", nil
	case begins("id;p"):
		return "", badFile("ledger.file.sylk")
	case begins("table\r\n0,1", "table\n0,1"):
		return "", badFile("ledger.file.dif")
	case text == "" && size <= int64(len(head)):
		return "", badFile("ledger.file.empty")
	}
	return "csv", nil
}

var magics = []struct{ begin, key string }{
	{"\x09\x00\x04\x00", "ledger.file.old"}, // Excel 2, 3, 4, each its own beginning
	{"\x09\x02\x06\x00", "ledger.file.old"},
	{"\x09\x04\x06\x00", "ledger.file.old"},
	{"%PDF", "ledger.file.pdf"},
	{"\x89PNG\r\n\x1a\n", "ledger.file.picture"},
	{"\xFF\xD8\xFF", "ledger.file.picture"},
	{"GIF8", "ledger.file.picture"},
	{"BM", "ledger.file.picture"},
	{"II*\x00", "ledger.file.picture"},
	{"MM\x00*", "ledger.file.picture"},
	{"RIFF", "ledger.file.picture"},
	{"{\\rtf", "ledger.file.word"},
	{"Rar!", "ledger.file.archive"},
	{"7z\xBC\xAF\x27\x1C", "ledger.file.archive"},
	{"\x1F\x8B", "ledger.file.archive"},
	{"MZ", "ledger.file.unknown"},
	{"\x7FELF", "ledger.file.unknown"},
}

// fileFacts are what is found out about a file beside what stands in its sheets.
type fileFacts struct {
	format  string
	charset string
	notes   []CellProblem
}

// shownOnly says of a page that its days are only words.
var shownOnly = []CellProblem{{Weight: Remark, Key: "ledger.note.shown_only"}}

// readSheets hands each sheet of a file of that kind on, whole.
func readSheets(ctx context.Context, kind string, file io.ReaderAt, size int64, budget *ledgerBudget, each func(*ledgerSheet) error) (facts fileFacts, err error) {
	facts.format = kind
	switch kind {
	case "zip":
		return readPackage(ctx, file, size, budget, each)
	case "xls":
		facts.notes, err = readXLS(ctx, file, size, budget, each)
	case "html":
		facts.charset, err = readHTML(ctx, file, size, budget, each)
		facts.notes = slices.Clone(shownOnly)
	case "mhtml":
		err = readMHTML(ctx, file, size, budget, each)
		facts.notes = slices.Clone(shownOnly)
	case "xml", "fods":
		w := &workbook{ctx: ctx, left: mostUnpacked, budget: budget, known: map[string]*numberFormat{}}
		if whole := io.NewSectionReader(file, 0, size); kind == "xml" {
			err = w.readSpreadsheet2003(whole, each)
		} else {
			facts.notes, err = w.readFlat(whole, each)
		}
	default:
		var sheet *ledgerSheet
		if sheet, facts.charset, err = readCSV(ctx, file, size, budget); err == nil {
			err = each(sheet)
		}
	}
	return facts, err
}

// oleKind refuses those of the old compound files that are no workbook of before 2007,
// told by the streams at their root: one under a password, a document. What is embedded
// in it lies deeper and says nothing of it.
func oleKind(file io.ReaderAt) error {
	compound, err := mscfb.New(file)
	if err != nil {
		return badFile("ledger.file.damaged", "ole")
	}
	kinds := map[string]string{
		"encryptedpackage": "ledger.file.password", "workbook": "", "book": "", "worddocument": "ledger.file.doc", "powerpoint document": "ledger.file.slides",
	}
	for _, stream := range compound.File {
		key, known := kinds[strings.ToLower(stream.Name)]
		switch {
		case !known || len(stream.Path) > 0:
		case key == "":
			return nil
		default:
			return badFile(key)
		}
	}
	return badFile("ledger.file.unknown")
}

// tooSlow turns the end of the reader's time into a refusal of the file; a caller
// who went away gets what he would from any other call.
func tooSlow(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return badFile("ledger.file.slow")
	}
	return err
}
