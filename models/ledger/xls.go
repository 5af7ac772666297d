package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/richardlehane/mscfb"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// The reader of the workbooks of Excel 97 to 2003 and of Excel 5 and 95, .xls and .et
// (BIFF8 and BIFF5, [MS-XLS]). Every record is read to its end; one that is cut, a sheet
// that does not end, a text that is not there refuse the file.

// Records of a workbook, by their numbers in [MS-XLS] 2.3.
const (
	xlsFormula     = 0x0006
	xlsEnd         = 0x000A
	xlsFrom1904    = 0x0022
	xlsPassword    = 0x002F
	xlsContinue    = 0x003C
	xlsCodePage    = 0x0042
	xlsColumns     = 0x007D
	xlsSheetEntry  = 0x0085
	xlsManyNumbers = 0x00BD
	xlsRichLabel   = 0x00D6
	xlsStyle       = 0x00E0
	xlsMerges      = 0x00E5
	xlsTexts       = 0x00FC
	xlsTextCell    = 0x00FD
	xlsNumber      = 0x0203
	xlsLabel       = 0x0204
	xlsTruth       = 0x0205
	xlsResult      = 0x0207
	xlsRow         = 0x0208
	xlsPacked      = 0x027E
	xlsFormat      = 0x041E
	xlsBegin       = 0x0809
)

// xlsErrors are what a cell shows that holds an error.
var xlsErrors = map[byte]string{0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}

// codePages are the character sets of workbooks before Excel 97.
var codePages = map[int]encoding.Encoding{
	936: simplifiedchinese.GB18030, 950: traditionalchinese.Big5, 932: japanese.ShiftJIS, 949: korean.EUCKR,
	1250: charmap.Windows1250, 1251: charmap.Windows1251, 1252: charmap.Windows1252, 32769: charmap.Windows1252, 32768: charmap.Macintosh, 10000: charmap.Macintosh,
}

// xlsBook is such a workbook being read.
type xlsBook struct {
	ctx      context.Context
	budget   *ledgerBudget
	stream   []byte
	at       int
	records  int
	old      bool // BIFF5: texts are bytes of a code page
	charset  encoding.Encoding
	from1904 bool
	codes    map[int]string // number formats, by their numbers
	styles   []int          // number formats, by style
	formats  map[int]*numberFormat
	strings  []string
	sheets   []xlsEntry
	text     []byte
}

// xlsEntry is a sheet, and where in the stream it begins.
type xlsEntry struct {
	name   string
	hidden bool
	kind   byte
	at     int
}

// xlsWorksheet is the kind of a sheet with cells; xlsModule that of one with a program.
const (
	xlsWorksheet = 0
	xlsModule    = 6
)

// readXLS hands each sheet of an old workbook on, whole.
func readXLS(ctx context.Context, file io.ReaderAt, size int64, budget *ledgerBudget, each func(*ledgerSheet) error) ([]CellProblem, error) {
	stream, macros, err := xlsStream(file, size)
	if err != nil {
		return nil, err
	}
	w := &xlsBook{ctx: ctx, budget: budget, stream: stream, charset: charmap.Windows1252, codes: map[int]string{}, formats: map[int]*numberFormat{}}
	if err := w.globals(); err != nil {
		return nil, w.refuse("Workbook", err)
	}
	var notes []CellProblem
	for _, s := range w.sheets {
		switch s.kind {
		case xlsWorksheet:
			sheet, err := w.sheet(s)
			if err != nil {
				return nil, w.refuse(s.name, err)
			}
			if err := each(sheet); err != nil {
				return nil, err
			}
		case xlsModule:
			macros = true
		default:
			notes = append(notes, CellProblem{Weight: Remark, Sheet: s.name, Key: "ledger.note.no_sheet", Args: []any{s.name}})
		}
	}
	if macros {
		notes = append(notes, CellProblem{Weight: Remark, Key: "ledger.note.macros"})
	}
	return notes, nil
}

// xlsStream is the workbook in the compound file, and whether there are programs beside
// it. A file saved for both Excel 5 and 97 has it twice; the newer is read.
func xlsStream(file io.ReaderAt, size int64) (stream []byte, macros bool, err error) {
	compound, err := mscfb.New(file)
	if err != nil {
		return nil, false, badFile("ledger.file.damaged", "ole")
	}
	var book *mscfb.File
	for _, f := range compound.File {
		macros = macros || strings.EqualFold(f.Name, "_VBA_PROJECT_CUR") || strings.EqualFold(f.Name, "_VBA_PROJECT")
		if len(f.Path) == 0 && (strings.EqualFold(f.Name, "Workbook") || book == nil && strings.EqualFold(f.Name, "Book")) {
			book = f
		}
	}
	if book == nil || book.Size > size || book.Size < 0 {
		return nil, false, badFile("ledger.file.damaged", "ole")
	}
	stream = make([]byte, book.Size)
	if _, err := io.ReadFull(book, stream); err != nil {
		return nil, false, badFile("ledger.file.damaged", book.Name)
	}
	return stream, macros, nil
}

// refuse makes of what went wrong at a place the refusal of the file.
func (w *xlsBook) refuse(where string, err error) error {
	switch {
	case w.ctx.Err() != nil:
		return tooSlow(w.ctx, w.ctx.Err())
	case errors.Is(err, errOffice):
		return badFile("ledger.file.damaged", where)
	}
	return err
}

// xlsRecord is a record with the parts that go on with it. What is asked for beyond its
// end is 0 and makes it short, which refuses the file.
type xlsRecord struct {
	id    int
	data  []byte
	more  [][]byte
	short bool
}

func (r *xlsRecord) byte(at int) byte {
	if at >= len(r.data) {
		r.short = true
		return 0
	}
	return r.data[at]
}

func (r *xlsRecord) u16(at int) int { return int(r.byte(at)) | int(r.byte(at+1))<<8 }

func (r *xlsRecord) u32(at int) int { return r.u16(at) | r.u16(at+2)<<16 }

func (r *xlsRecord) float(at int) float64 {
	if at+8 > len(r.data) {
		r.short = true
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(r.data[at:]))
}

// packed is a number in four bytes: its two lowest bits say whether it is a whole number
// and whether it is a hundredfold.
func (r *xlsRecord) packed(at int) float64 {
	v := uint32(r.u32(at))
	number := math.Float64frombits(uint64(v&^3) << 32)
	if v&2 != 0 {
		number = float64(int32(v) >> 2)
	}
	if v&1 != 0 {
		number /= 100
	}
	return number
}

// next is the record at the reader's place, which goes behind it.
func (w *xlsBook) next() (*xlsRecord, error) {
	r := &xlsRecord{}
	begin := w.at
	for part := 0; ; part++ {
		if w.at+4 > len(w.stream) {
			if part > 0 {
				return r, nil
			}
			return nil, errOffice
		}
		id, n := int(binary.LittleEndian.Uint16(w.stream[w.at:])), int(binary.LittleEndian.Uint16(w.stream[w.at+2:]))
		if part > 0 && id != xlsContinue {
			break
		}
		if w.at+4+n > len(w.stream) {
			return nil, errOffice
		}
		data := w.stream[w.at+4 : w.at+4+n]
		if w.at += 4 + n; part == 0 {
			r.id, r.data = id, data
		} else {
			r.more = append(r.more, data)
		}
	}
	w.budget.pass(w.at - begin)
	if w.records++; w.records%1024 == 0 && w.ctx.Err() != nil {
		return nil, w.ctx.Err()
	}
	return r, nil
}

// globals reads what stands before the sheets.
func (w *xlsBook) globals() error {
	for begun := false; ; begun = true {
		r, err := w.next()
		if err != nil {
			return err
		}
		if !begun && r.id != xlsBegin {
			return errOffice
		}
		switch r.id {
		case xlsBegin:
			switch r.u16(0) {
			case 0x0600:
			case 0x0500:
				w.old = true
			default:
				return badFile("ledger.file.old")
			}
		case xlsEnd:
			return w.checkEntries()
		case xlsPassword:
			return badFile("ledger.file.xls_password")
		case xlsFrom1904:
			w.from1904 = r.u16(0) == 1
		case xlsCodePage:
			if set, known := codePages[r.u16(0)]; known {
				w.charset = set
			}
		case xlsFormat:
			t := w.textAt(r, 2)
			code := ""
			if w.old {
				code = w.label(t, int(t.byte()))
			} else {
				code = w.label(t, t.u16())
			}
			r.short = r.short || t.short
			w.codes[r.u16(0)] = code
		case xlsStyle:
			w.styles = append(w.styles, r.u16(2))
		case xlsSheetEntry:
			t := w.textAt(r, 6)
			entry := xlsEntry{at: r.u32(0), hidden: r.byte(4)&3 != 0, kind: r.byte(5)}
			entry.name = w.label(t, int(t.byte()))
			r.short = r.short || t.short
			if w.sheets = append(w.sheets, entry); len(w.sheets) > mostSheets {
				return badFile("ledger.file.sheets", mostSheets)
			}
		case xlsTexts:
			if err := w.readTexts(r); err != nil {
				return err
			}
		}
		if r.short || len(w.codes)+len(w.styles) > mostStyles {
			return errOffice
		}
	}
}

// checkEntries refuses two sheets that begin at one place, and one that begins nowhere.
func (w *xlsBook) checkEntries() error {
	seen := map[int]bool{}
	for _, s := range w.sheets {
		if seen[s.at] || s.at >= len(w.stream) {
			return errOffice
		}
		seen[s.at] = true
	}
	return nil
}

// readTexts reads the texts that cells name by number.
func (w *xlsBook) readTexts(r *xlsRecord) error {
	t := w.textAt(r, 8)
	for range r.u32(4) {
		n := t.u16()
		word, err := w.word(t, n)
		if err != nil || t.short {
			return cmpError(err)
		}
		if w.strings = append(w.strings, word); len(w.strings) > mostStrings {
			return errOffice
		}
	}
	return nil
}

// cmpError is an error, or that a record is cut.
func cmpError(err error) error {
	if err != nil {
		return err
	}
	return errOffice
}

// xlsText reads texts over a record and the parts that go on with it.
type xlsText struct {
	parts [][]byte
	part  int
	at    int
	short bool
}

func (w *xlsBook) textAt(r *xlsRecord, at int) *xlsText {
	if at > len(r.data) {
		r.short = true
		return &xlsText{short: true}
	}
	return &xlsText{parts: append([][]byte{r.data[at:]}, r.more...)}
}

// rest is what is left of the part the reader is in, going on to the next where nothing
// is; nil at the end.
func (t *xlsText) rest() []byte {
	for t.part < len(t.parts) && t.at >= len(t.parts[t.part]) {
		t.part, t.at = t.part+1, 0
	}
	if t.part >= len(t.parts) {
		t.short = true
		return nil
	}
	return t.parts[t.part][t.at:]
}

func (t *xlsText) byte() byte {
	rest := t.rest()
	if len(rest) == 0 {
		return 0
	}
	t.at++
	return rest[0]
}

func (t *xlsText) u16() int { return int(t.byte()) | int(t.byte())<<8 }
func (t *xlsText) u32() int { return t.u16() | t.u16()<<16 }

func (t *xlsText) skip(n int) {
	for n > 0 && !t.short {
		k := min(n, len(t.rest()))
		t.at += k
		n -= k
	}
}

// label reads a short text, kept as it is.
func (w *xlsBook) label(t *xlsText, n int) string { return string(seenText(w.letters(t, n))) }

// word reads a text of so many characters as a cell has it.
func (w *xlsBook) word(t *xlsText, n int) (string, error) {
	return w.budget.word(tidy(seenText(w.letters(t, n))))
}

// letters reads a text of so many characters. Before 1997 it is bytes of the code page.
// Since then a flag says whether a character takes one byte or two, and a text that goes
// on in another part begins there with a flag of its own; runs of fonts and how the text
// is pronounced stand behind it, and go on without one.
func (w *xlsBook) letters(t *xlsText, n int) []byte {
	w.text = w.text[:0]
	if w.old {
		for ; n > 0 && !t.short; n-- {
			w.text = append(w.text, t.byte())
		}
		decoded, err := w.charset.NewDecoder().Bytes(w.text)
		if err != nil {
			t.short = true
		}
		return decoded
	}
	flags := t.byte()
	wide, runs, spoken := flags&1 != 0, 0, 0
	if flags&8 != 0 {
		runs = t.u16()
	}
	if flags&4 != 0 {
		spoken = t.u32()
	}
	first := rune(-1) // of a pair
	for n > 0 && !t.short {
		if t.at >= len(t.parts[t.part]) {
			t.rest()
			if wide = t.byte()&1 != 0; t.short {
				break
			}
		}
		here := t.parts[t.part][t.at:]
		size := 1
		if wide {
			size = 2
		}
		k := min(n, len(here)/size)
		if k == 0 && len(here) > 0 {
			t.short = true // half a character
		}
		for i := range k {
			c := rune(here[i*size])
			if wide {
				c |= rune(here[i*2+1]) << 8
			}
			switch {
			case first >= 0:
				w.text = utf8.AppendRune(w.text, utf16.DecodeRune(first, c))
				first = -1
			case utf16.IsSurrogate(c):
				first = c
			default:
				w.text = utf8.AppendRune(w.text, c)
			}
		}
		t.at += k * size
		n -= k
	}
	t.skip(4*runs + spoken)
	return w.text
}

// xlsSheet is a sheet being read.
type xlsSheet struct {
	*xlsBook
	out     *ledgerSheet
	cells   []xlsPlaced
	rows    map[int]bool // with something in them
	hidden  map[int]bool
	waiting *xlsPlaced // a formula whose text comes in a record of its own
}

type xlsPlaced struct {
	row  int
	cell sheetCell
}

// sheet reads one sheet. Charts stand within it as sheets of their own, and are passed
// over.
func (w *xlsBook) sheet(entry xlsEntry) (*ledgerSheet, error) {
	s := &xlsSheet{xlsBook: w, out: &ledgerSheet{name: entry.name, hidden: entry.hidden, from1904: w.from1904}, rows: map[int]bool{}, hidden: map[int]bool{}}
	w.at = entry.at
	for depth := 0; ; {
		r, err := w.next()
		if err != nil {
			return nil, err
		}
		switch {
		case r.id == xlsBegin:
			if depth++; depth > deepest {
				return nil, errOffice
			}
		case depth == 0:
			return nil, errOffice
		case r.id == xlsEnd:
			if depth--; depth == 0 {
				return s.end()
			}
		case r.id == xlsPassword:
			return nil, badFile("ledger.file.xls_password")
		case depth == 1:
			if err := s.take(r); err != nil {
				return nil, err
			}
			if r.short {
				return nil, errOffice
			}
		}
	}
}

// take takes what one record says.
func (s *xlsSheet) take(r *xlsRecord) error {
	switch r.id {
	case xlsTextCell:
		n := r.u32(6)
		if n >= len(s.strings) {
			return errOffice
		}
		return s.add(r, sheetCell{text: s.strings[n]})
	case xlsLabel, xlsRichLabel:
		t := s.textAt(r, 6)
		word, err := s.word(t, t.u16())
		if r.short = r.short || t.short; err != nil {
			return err
		}
		return s.add(r, sheetCell{text: word})
	case xlsNumber:
		return s.number(r, r.u16(2), r.u16(4), r.float(6))
	case xlsPacked:
		return s.number(r, r.u16(2), r.u16(4), r.packed(6))
	case xlsManyNumbers:
		col := r.u16(2)
		for at := 4; at+6 <= len(r.data)-2; at, col = at+6, col+1 {
			if err := s.number(r, col, r.u16(at), r.packed(at+2)); err != nil {
				return err
			}
		}
	case xlsTruth:
		return s.add(r, truthOrError(r.byte(7) != 0, r.byte(6)))
	case xlsFormula:
		return s.formula(r)
	case xlsResult:
		if s.waiting == nil {
			return nil
		}
		t := s.textAt(r, 0)
		word, err := s.word(t, t.u16())
		if r.short = r.short || t.short; err != nil {
			return err
		}
		cell := sheetCell{text: word}
		place := s.waiting
		s.waiting = nil
		return s.put(place.row, int(place.cell.col), cell)
	case xlsRow:
		if r.byte(12)&0x20 != 0 {
			s.hidden[r.u16(0)] = true
		}
	case xlsColumns:
		if from, to := r.u16(0), r.u16(2); r.byte(8)&1 != 0 {
			if to < from || len(s.out.hiddenCols) > 1000 {
				return errOffice
			}
			s.out.hiddenCols = append(s.out.hiddenCols, sheetSpan{from, to})
		}
	case xlsMerges:
		for n := range r.u16(0) {
			m := sheetMerge{r.u16(2+8*n) + 1, r.u16(4+8*n) + 1, r.u16(6 + 8*n), r.u16(8 + 8*n)}
			if m.bottom < m.top || m.right < m.left || len(s.out.merges) >= mostMerges {
				return errOffice
			}
			if m.bottom > m.top || m.right > m.left {
				s.out.merges = append(s.out.merges, m)
			}
		}
	}
	return nil
}

// truthOrError is a truth value, or an error by its number.
func truthOrError(failing bool, value byte) sheetCell {
	switch {
	case failing:
		if name := xlsErrors[value]; name != "" {
			return sheetCell{text: name, flaw: failed}
		}
		return sheetCell{text: "#N/A", flaw: failed}
	case value != 0:
		return sheetCell{text: "TRUE"}
	}
	return sheetCell{text: "FALSE"}
}

// formula is a cell by its result as it was last reckoned: a number, or a text that
// follows, a truth value, an error, or an empty text.
func (s *xlsSheet) formula(r *xlsRecord) error {
	if r.u16(12) != 0xFFFF {
		return s.number(r, r.u16(2), r.u16(4), r.float(6))
	}
	s.waiting = nil
	switch kind := r.byte(6); kind {
	case 0:
		s.waiting = &xlsPlaced{r.u16(0), sheetCell{col: uint16(r.u16(2))}}
	case 1, 2:
		return s.add(r, truthOrError(kind == 2, r.byte(8)))
	}
	return nil
}

// number adds a number as its style shows it.
func (s *xlsSheet) number(r *xlsRecord, col, style int, v float64) error {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return errOffice
	}
	cell, err := s.budget.number(v, s.format(style), s.from1904)
	if err != nil {
		return err
	}
	return s.put(r.u16(0), col, cell)
}

// format is how a style shows numbers. The dates that a workbook names by number alone
// are shown as the reader's own country does, whatever the file says of them.
func (w *xlsBook) format(style int) *numberFormat {
	if style >= len(w.styles) {
		return nil
	}
	n := w.styles[style]
	known, ok := w.formats[n]
	if !ok {
		code, own := w.codes[n]
		if builtin, is := builtinFormats[n]; is && (!own || n >= 14) {
			code = builtin
		}
		if f := parseFormat(code); len(f.sections) > 0 {
			known = &f
		}
		w.formats[n] = known
	}
	return known
}

func (s *xlsSheet) add(r *xlsRecord, cell sheetCell) error { return s.put(r.u16(0), r.u16(2), cell) }

// put keeps a cell that has something in it.
func (s *xlsSheet) put(row, col int, cell sheetCell) error {
	s.waiting = nil
	if cell.text == "" && cell.flaw == sound {
		return nil
	}
	cell.col = uint16(col)
	s.cells = append(s.cells, xlsPlaced{row, cell})
	if !s.rows[row] {
		s.rows[row] = true
		if err := s.budget.row(); err != nil {
			return err
		}
	}
	return s.budget.cell(s.out.name, col)
}

// end orders what was read into rows; two cells at one place refuse the file.
func (s *xlsSheet) end() (*ledgerSheet, error) {
	slices.SortStableFunc(s.cells, func(a, z xlsPlaced) int {
		if a.row != z.row {
			return a.row - z.row
		}
		return int(a.cell.col) - int(z.cell.col)
	})
	for begin := 0; begin < len(s.cells); {
		row := s.cells[begin].row
		end := begin
		for end < len(s.cells) && s.cells[end].row == row {
			end++
		}
		out := sheetRow{n: row + 1, hidden: s.hidden[row], cells: make([]sheetCell, 0, end-begin)}
		for i := begin; i < end; i++ {
			if i > begin && s.cells[i].cell.col == s.cells[i-1].cell.col {
				return nil, badFile("ledger.file.damaged", s.out.name+"!"+columnLetter(int(s.cells[i].cell.col))+strconv.Itoa(row+1))
			}
			out.cells = append(out.cells, s.cells[i].cell)
		}
		s.out.rows = append(s.out.rows, out)
		begin = end
	}
	return s.out, s.out.overlaps()
}
