package ledger

import (
	"archive/zip"
	"bytes"
	"context"
	"duban/models/day"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"path"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"
)

// The reader of workbooks is our own and streams: every part is read to its end
// by a reader of XML (xml.go), and whatever is not as a workbook must be refuses the file. A
// general library answers a damaged sheet with the rows before the damage, and
// unpacks parts nobody asked for; a ledger half-read would look like a success.

// How deep a part may nest and how long one piece of it may be. Excel's own cells
// end at 32,767 characters.
const (
	deepest      = 50
	longestToken = 1 << 20
	lastRow      = 1 << 20
	lastColumn   = 1 << 14
	mostStyles   = 1 << 16
	mostStrings  = 2 << 20
	mostMerges   = 200_000
)

var (
	ErrUnpacked = errors.New("unpacks to too much")
	errToken    = errors.New("a piece of XML is too long")
	errNested   = errors.New("XML is nested too deep")
	errDoctype  = errors.New("XML brings its own definitions")
	errOffice   = errors.New("not as a workbook is")
)

// workbook is an open workbook file.
type workbook struct {
	ctx      context.Context
	parts    map[string]*zip.File // by lower-case name
	left     int64                // bytes that may still be unpacked
	budget   *ledgerBudget
	from1904 bool
	macros   bool
	pictures int // in cells
	strings  []string
	formats  []*numberFormat // by style; nil for plain
	known    map[string]*numberFormat
}

// meteredReaderAt lets so much be read and no more: the directory of a zip file
// can hold a million entries.
type meteredReaderAt struct {
	r    io.ReaderAt
	left int64
}

func (m *meteredReaderAt) ReadAt(p []byte, at int64) (int, error) {
	if m.left -= int64(len(p)); m.left < 0 {
		return 0, ErrUnpacked
	}
	return m.r.ReadAt(p, at)
}

// OpenPackage opens a zip file whose directory takes no more than so many bytes;
// ErrUnpacked where it takes more.
func OpenPackage(file io.ReaderAt, size, directory int64) (*zip.Reader, error) {
	metered := &meteredReaderAt{file, directory}
	z, err := zip.NewReader(metered, size)
	metered.left = math.MaxInt64
	if z != nil {
		z.RegisterDecompressor(zip.Deflate, flate.NewReader) // which takes half the time of the standard library's
	}
	return z, err
}

// openWorkbook opens the package and looks at what it is, without unpacking
// anything that is not needed to know that.
func openWorkbook(ctx context.Context, file io.ReaderAt, size int64, budget *ledgerBudget) (*workbook, error) {
	z, err := OpenPackage(file, size, 2<<20)
	switch {
	case errors.Is(err, ErrUnpacked), err == nil && len(z.File) > mostParts:
		return nil, badFile("ledger.file.parts", mostParts)
	case err != nil:
		return nil, badFile("ledger.file.damaged", "zip")
	}
	w := &workbook{ctx: ctx, parts: map[string]*zip.File{}, left: mostUnpacked, budget: budget, known: map[string]*numberFormat{}}
	for _, f := range z.File {
		name := PartName(f.Name)
		if w.parts[name] != nil {
			return nil, badFile("ledger.file.damaged", f.Name)
		}
		if f.Flags&1 != 0 {
			return nil, badFile("ledger.file.password")
		}
		w.parts[name] = f
	}
	return w, nil
}

func PartName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// otherKinds are packages that are no workbook, by a part only they have.
var otherKinds = []struct{ part, key string }{
	{"ppt/presentation.xml", "ledger.file.slides"},
	{"xl/workbook.bin", "ledger.file.xlsb"},
	{"ofd.xml", "ledger.file.ofd"},
	{"index/document.iwa", "ledger.file.numbers"},
}

// readPackage hands each sheet of a package on, whole, whether it is a workbook or a
// document with tables.
func readPackage(ctx context.Context, file io.ReaderAt, size int64, budget *ledgerBudget, each func(*ledgerSheet) error) (facts fileFacts, err error) {
	w, err := openWorkbook(ctx, file, size, budget)
	if err != nil {
		return facts, err
	}
	switch {
	case w.parts["word/document.xml"] != nil:
		facts.format = "docx"
		facts.notes, err = w.readDocument(each)
	case w.parts["content.xml"] != nil && w.parts["xl/workbook.xml"] == nil:
		facts.format = "ods"
		facts.notes, err = w.readOpenSheets(each)
	default:
		facts.format = "xlsx"
		facts.notes, err = w.read(each)
	}
	return facts, err
}

// read hands each sheet of a workbook on, whole. What it says about the file beside that
// are notes.
func (w *workbook) read(each func(*ledgerSheet) error) ([]CellProblem, error) {
	main, err := w.main()
	if err != nil {
		return nil, err
	}
	var notes []CellProblem
	sheets, relations, err := w.sheets(main)
	if err != nil {
		return nil, err
	}
	for name := range w.parts {
		w.macros = w.macros || strings.HasSuffix(name, "vbaproject.bin")
	}
	if w.macros {
		notes = append(notes, CellProblem{Weight: Remark, Key: "ledger.note.macros"})
	}
	read := map[string]bool{}
	for _, r := range relations {
		if read[r.kind] && (r.kind == "styles" || r.kind == "sharedStrings") {
			return nil, badFile("ledger.file.damaged", main)
		}
		read[r.kind] = true
		switch r.kind {
		case "styles":
			err = w.readStyles(r.target)
		case "sharedStrings":
			err = w.readStrings(r.target)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, s := range sheets {
		r := relations[s.relation]
		if r.kind != "worksheet" { // a chart, a macro sheet of old
			notes = append(notes, CellProblem{Weight: Remark, Sheet: s.name, Key: "ledger.note.no_sheet", Args: []any{s.name}})
			continue
		}
		sheet, err := w.readSheet(r.target, s)
		if err != nil {
			return nil, err
		}
		if err := each(sheet); err != nil {
			return nil, err
		}
	}
	if w.pictures > 0 {
		notes = append(notes, CellProblem{Weight: Remark, Key: "ledger.note.pictures", Args: []any{w.pictures}})
	}
	return notes, nil
}

// main is the name of the part the package begins with.
func (w *workbook) main() (string, error) {
	for _, other := range otherKinds {
		if w.parts[other.part] != nil {
			return "", badFile(other.key)
		}
	}
	relations, err := w.relations("")
	if err != nil {
		return "", err
	}
	for _, r := range relations {
		if r.kind == "officeDocument" && w.parts[r.target] != nil {
			return r.target, nil
		}
	}
	if w.parts["xl/workbook.xml"] != nil {
		return "xl/workbook.xml", nil
	}
	return "", badFile("ledger.file.archive")
}

// partReader is an XML part being read: counted, with the reader's time kept.
type partReader struct {
	w     *workbook
	r     io.Reader
	token int
}

func (p *partReader) Read(b []byte) (int, error) {
	if err := p.w.ctx.Err(); err != nil {
		return 0, err
	}
	if p.w.left <= 0 {
		return 0, ErrUnpacked
	}
	n, err := p.r.Read(b[:min(int64(len(b)), p.w.left)])
	p.w.left -= int64(n)
	p.w.budget.pass(n)
	if p.token += n; p.token > longestToken {
		return n, errToken
	}
	return n, err
}

// xmlPart walks through one part. Its elements are told by their local names; the
// root's namespace is that of all that counts.
type xmlPart struct {
	name  string
	in    *partReader
	depth int
	space string
	roots int
}

// walk reads a part from its first byte to its last and shows every element's
// beginning and end, and every text, to see. A part that is not there is an error.
func (w *workbook) walk(name string, see func(p *xmlPart, t xml.Token) error) error {
	f := w.parts[name]
	if f == nil {
		return badFile("ledger.file.damaged", name)
	}
	r, err := f.Open()
	if err != nil {
		return badFile("ledger.file.damaged", name)
	}
	defer r.Close()
	return w.walkThrough(name, r, see)
}

// walkThrough is walk for a part that lies open.
func (w *workbook) walkThrough(name string, r io.Reader, see func(p *xmlPart, t xml.Token) error) error {
	p := &xmlPart{name: name, in: &partReader{w: w, r: r}}
	pieces := newXMLReader(p.in)
	for {
		p.in.token = 0
		t, err := pieces.next()
		if err == io.EOF && p.roots == 1 {
			return nil
		}
		if err == nil {
			err = p.step(t, see)
		}
		if err != nil {
			return w.refuse(name, err)
		}
	}
}

func (p *xmlPart) step(t xml.Token, see func(*xmlPart, xml.Token) error) error {
	switch t := t.(type) {
	case *xml.StartElement:
		if p.depth++; p.depth > deepest {
			return errNested
		}
		if p.depth == 1 {
			if p.roots++; p.roots > 1 {
				return errOffice
			}
			p.space = t.Name.Space
		}
	case *xml.CharData:
		if p.depth == 0 {
			return nil
		}
	case nil:
		return nil
	}
	err := see(p, t)
	if _, ended := t.(*xml.EndElement); ended {
		p.depth--
	}
	return err
}

// refuse makes of what went wrong in a part the refusal of the file.
func (w *workbook) refuse(name string, err error) error {
	var ours Unreadable
	var corrupt flate.CorruptInputError
	switch {
	case errors.As(err, &ours):
		return err
	case w.ctx.Err() != nil:
		return tooSlow(w.ctx, w.ctx.Err())
	case errors.Is(err, ErrUnpacked):
		return badFile("ledger.file.unpacked", mostUnpacked>>20)
	case errors.Is(err, errDoctype):
		return badFile("ledger.file.doctype", name)
	case errors.Is(err, errSyntax), errors.As(err, &corrupt), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errToken), errors.Is(err, errNested),
		errors.Is(err, errOffice), errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrAlgorithm):
		return badFile("ledger.file.damaged", name)
	}
	return err
}

func attr(t *xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func yes(v string) bool { return v == "1" || v == "true" }

// relation is where one part points to another.
type relation struct{ kind, target string }

// relations are those of a part, by their ID; of the package itself for "".
func (w *workbook) relations(of string) (map[string]relation, error) {
	name := path.Join(path.Dir(of), "_rels", path.Base(of)+".rels")
	if of == "" {
		name = "_rels/.rels"
	}
	all := map[string]relation{}
	if w.parts[name] == nil {
		return all, nil
	}
	return all, w.walk(name, func(_ *xmlPart, t xml.Token) error {
		e, ok := t.(*xml.StartElement)
		if !ok || e.Name.Local != "Relationship" || attr(e, "TargetMode") == "External" {
			return nil
		}
		target := PartName(attr(e, "Target"))
		if !strings.HasPrefix(attr(e, "Target"), "/") {
			target = path.Join(path.Dir(of), target)
		}
		if len(all) > mostParts {
			return errOffice
		}
		all[attr(e, "Id")] = relation{path.Base(attr(e, "Type")), target}
		return nil
	})
}

type sheetEntry struct {
	name, relation string
	hidden         bool
}

// sheets are the workbook's sheets in their order, and where to find them.
func (w *workbook) sheets(main string) ([]sheetEntry, map[string]relation, error) {
	var sheets []sheetEntry
	err := w.walk(main, func(p *xmlPart, t xml.Token) error {
		e, ok := t.(*xml.StartElement)
		if !ok || e.Name.Space != p.space {
			return nil
		}
		switch {
		case p.depth == 1 && e.Name.Local != "workbook":
			return errOffice
		case p.depth == 2 && e.Name.Local == "workbookPr":
			w.from1904 = yes(attr(e, "date1904"))
		case p.depth == 3 && e.Name.Local == "sheet":
			entry := sheetEntry{name: attr(e, "name"), hidden: attr(e, "state") != "" && attr(e, "state") != "visible"}
			for _, a := range e.Attr {
				if a.Name.Local == "id" && a.Name.Space != "" {
					entry.relation = a.Value
				}
			}
			if entry.relation == "" { // a module of programs, in workbooks that began as old ones
				w.macros = true
				return nil
			}
			if sheets = append(sheets, entry); len(sheets) > mostSheets {
				return badFile("ledger.file.sheets", mostSheets)
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	relations, err := w.relations(main)
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	for _, s := range sheets {
		r, ok := relations[s.relation]
		if !ok || w.parts[r.target] == nil || seen[r.target] {
			return nil, nil, badFile("ledger.file.damaged", s.name)
		}
		seen[r.target] = true
	}
	return sheets, relations, nil
}

// readStyles learns how numbers are shown. A workbook without styles shows all
// of them plain.
func (w *workbook) readStyles(name string) error {
	codes := map[string]string{}
	var styles []string
	in := ""
	err := w.walk(name, func(p *xmlPart, t xml.Token) error {
		e, ok := t.(*xml.StartElement)
		if !ok || e.Name.Space != p.space {
			return nil
		}
		switch {
		case p.depth == 2:
			in = e.Name.Local
		case p.depth == 3 && in == "numFmts" && e.Name.Local == "numFmt":
			codes[attr(e, "numFmtId")] = attr(e, "formatCode")
		case p.depth == 3 && in == "cellXfs" && e.Name.Local == "xf":
			styles = append(styles, attr(e, "numFmtId"))
		}
		if len(codes)+len(styles) > mostStyles {
			return errOffice
		}
		return nil
	})
	for _, id := range styles {
		code, own := codes[id]
		if n, err := strconv.Atoi(id); !own && err == nil {
			code = builtinFormats[n]
		}
		w.formats = append(w.formats, w.format(code))
	}
	return err
}

func (w *workbook) format(code string) *numberFormat {
	if code == "" {
		return nil
	}
	if known, ok := w.known[code]; ok {
		return known
	}
	f := parseFormat(code)
	w.known[code] = &f
	return &f
}

// readStrings reads the texts that cells name by number. Runs of a rich text are
// one text; how it is pronounced is left out.
func (w *workbook) readStrings(name string) error {
	var text []byte
	silent, plain := 0, false
	return w.walk(name, func(p *xmlPart, t xml.Token) error {
		switch t := t.(type) {
		case *xml.StartElement:
			switch {
			case t.Name.Space != p.space:
			case p.depth == 2 && t.Name.Local == "si":
				text = text[:0]
			case t.Name.Local == "rPh":
				silent++
			case t.Name.Local == "t" && silent == 0:
				plain = true
			}
		case *xml.CharData:
			if plain {
				text = append(text, *t...)
			}
		case *xml.EndElement:
			switch {
			case t.Name.Space != p.space:
			case t.Name.Local == "rPh":
				silent--
			case t.Name.Local == "t":
				plain = false
			case p.depth == 2 && t.Name.Local == "si":
				if len(w.strings) >= mostStrings {
					return errOffice
				}
				word, err := w.budget.word(tidy(unescape(text)))
				w.strings = append(w.strings, word)
				return err
			}
		}
		return nil
	})
}

var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescape resolves Excel's own escapes (_x000D_) and leaves out what no person sees.
func unescape(text []byte) []byte {
	if bytes.Contains(text, []byte("_x")) {
		text = escaped.ReplaceAllFunc(text, func(code []byte) []byte {
			n, _ := strconv.ParseUint(string(code[2:6]), 16, 16)
			if utf16.IsSurrogate(rune(n)) {
				return nil
			}
			return utf8.AppendRune(nil, rune(n))
		})
	}
	return seenText(text)
}

// seenText is a text without what no person sees: control characters and marks of no width.
func seenText(text []byte) []byte {
	for i := 0; i < len(text); {
		if step := plainStep[text[i]]; step > 0 {
			i += step
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if unseen(r) {
			return []byte(strings.Map(func(r rune) rune {
				if r == '\r' {
					return '\n'
				}
				if unseen(r) {
					return -1
				}
				return r
			}, strings.ReplaceAll(string(text), "\r\n", "\n")))
		}
		i += n
	}
	return text
}

// plainStep is how many bytes a character has of which its first byte tells that it is seen
// and no white space: letters and figures as all programs have them, and Chinese ones. 0
// where it must be looked at.
var plainStep = func() (step [256]int) {
	for c := byte('!'); c < 0x7F; c++ {
		step[c] = 1
	}
	for c := 0xE4; c <= 0xE9; c++ {
		step[c] = 3
	}
	return step
}()

// unseen says of a character that it is no part of a text: controls, and marks
// that have no width or turn the direction of writing.
func unseen(r rune) bool {
	switch {
	case r < ' ':
		return r != '\n' && r != '\t'
	case r == 0x7F, 0x80 <= r && r < 0xA0, r == 0xFEFF, 0x200B <= r && r <= 0x200F, 0x202A <= r && r <= 0x202E, 0x2060 <= r && r <= 0x2069:
		return true
	}
	return false
}

// sheetReader is a sheet being read.
type sheetReader struct {
	w      *workbook
	sheet  *ledgerSheet
	in     string // of the root's children, which one we are in
	data   int    // how many sheetData there were
	row    int    // the last row's number
	now    sheetRow
	col    int // the last cell's column in this row
	kind   string
	style  int
	value  []byte
	inline []byte
	has    struct{ value, formula, inline bool }
	silent int
	take   *[]byte // where text goes
}

// readSheet reads one sheet. Rows and cells must come in order and have places
// that exist; a shared text must be there; a kind of cell must be known.
func (w *workbook) readSheet(name string, entry sheetEntry) (*ledgerSheet, error) {
	r := &sheetReader{w: w, sheet: &ledgerSheet{name: entry.name, hidden: entry.hidden, from1904: w.from1904}}
	err := w.walk(name, func(p *xmlPart, t xml.Token) error {
		switch t := t.(type) {
		case *xml.StartElement:
			if t.Name.Space != p.space {
				return nil
			}
			return r.begin(p.depth, t)
		case *xml.CharData:
			if r.take != nil {
				*r.take = append(*r.take, *t...)
			}
		case *xml.EndElement:
			if t.Name.Space != p.space {
				return nil
			}
			return r.end(p.depth, t.Name.Local)
		}
		return nil
	})
	if err == nil && r.data != 1 {
		err = errOffice
	}
	if err == nil {
		err = r.sheet.overlaps()
	}
	if err != nil {
		where := entry.name
		if r.row > 0 {
			where += "!" + strconv.Itoa(r.row)
		}
		return nil, w.refuse(where, inSheet(err, where))
	}
	return r.sheet, nil
}

// inSheet names the sheet and row where a part's damage was met, which says more
// to a person than the part's name.
func inSheet(err error, where string) error {
	if u := (Unreadable{}); errors.As(err, &u) && u.Key == "ledger.file.damaged" {
		return badFile("ledger.file.damaged", where)
	}
	return err
}

func (r *sheetReader) begin(depth int, t *xml.StartElement) error {
	name := t.Name.Local
	switch depth {
	case 1:
		if name != "worksheet" {
			return errOffice
		}
	case 2:
		if r.in = name; name == "sheetData" {
			r.data++
		}
	case 3:
		switch {
		case r.in == "sheetData" && name == "row":
			return r.beginRow(t)
		case r.in == "sheetData":
			return errOffice
		case r.in == "mergeCells" && name == "mergeCell":
			return r.merge(attr(t, "ref"))
		case r.in == "cols" && name == "col" && yes(attr(t, "hidden")):
			from, err1 := strconv.Atoi(attr(t, "min"))
			to, err2 := strconv.Atoi(attr(t, "max"))
			if err1 != nil || err2 != nil || from < 1 || to < from || to > lastColumn || len(r.sheet.hiddenCols) > 1000 {
				return errOffice
			}
			r.sheet.hiddenCols = append(r.sheet.hiddenCols, sheetSpan{from - 1, to - 1})
		}
	case 4:
		if r.in == "sheetData" {
			if name != "c" {
				return nil
			}
			return r.beginCell(t)
		}
	default:
		if r.in != "sheetData" {
			return nil
		}
		switch {
		case depth == 5 && name == "v":
			r.has.value, r.take = true, &r.value
		case depth == 5 && name == "f":
			r.has.formula = true
		case depth == 5 && name == "is":
			r.has.inline = true
		case name == "rPh":
			r.silent++
		case name == "t" && r.has.inline && r.silent == 0:
			r.take = &r.inline
		}
	}
	return nil
}

func (r *sheetReader) end(depth int, name string) error {
	if r.in != "sheetData" {
		return nil
	}
	switch {
	case depth == 3 && name == "row":
		if len(r.now.cells) == 0 {
			return nil
		}
		row := r.now
		row.cells = slices.Clone(row.cells) // the next row is read into the same place
		r.sheet.rows = append(r.sheet.rows, row)
		return r.w.budget.row()
	case depth == 4 && name == "c":
		return r.endCell()
	case name == "rPh":
		r.silent--
	case name == "v", name == "t":
		r.take = nil
	}
	return nil
}

func (r *sheetReader) beginRow(t *xml.StartElement) error {
	n := r.row + 1
	if s := attr(t, "r"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			return errOffice
		}
	}
	if n <= r.row || n > lastRow {
		return errOffice
	}
	r.row, r.col = n, -1
	r.now = sheetRow{n: n, hidden: yes(attr(t, "hidden")), cells: r.now.cells[:0]}
	return nil
}

func (r *sheetReader) beginCell(t *xml.StartElement) error {
	ref, kind, style := "", "", ""
	for _, a := range t.Attr {
		switch a.Name.Local {
		case "r":
			ref = a.Value
		case "t":
			kind = a.Value
		case "s":
			style = a.Value
		}
	}
	col := r.col + 1
	if ref != "" {
		row, c, ok := cellPlace(ref)
		if !ok || row != r.row {
			return errOffice
		}
		col = c
	}
	if col <= r.col || col >= lastColumn {
		return errOffice
	}
	r.col, r.kind, r.style = col, kind, 0
	if style != "" {
		n, err := strconv.Atoi(style)
		if err != nil || n < 0 {
			return errOffice
		}
		r.style = n
	}
	r.value, r.inline = r.value[:0], r.inline[:0]
	r.has.value, r.has.formula, r.has.inline, r.silent, r.take = false, false, false, 0, nil
	return nil
}

// endCell is a cell with all that was in it.
func (r *sheetReader) endCell() error {
	cell := sheetCell{col: uint16(r.col)}
	value := r.value
	var err error
	switch r.kind {
	case "s", "b", "n", "e", "d", "":
		value = []byte(strings.TrimSpace(string(value)))
	}
	switch r.kind {
	case "s":
		if len(value) > 0 {
			n, err := strconv.Atoi(string(value))
			if err != nil || n < 0 || n >= len(r.w.strings) {
				return errOffice
			}
			cell.text = r.w.strings[n]
		}
	case "inlineStr":
		cell.text, err = r.w.budget.word(tidy(unescape(r.inline)))
	case "str":
		if bytes.HasPrefix(value, []byte("=DISPIMG(")) || bytes.HasPrefix(value, []byte("=_xlfn.DISPIMG(")) {
			r.w.pictures++ // WPS puts a picture into a cell as a formula of this name
			return nil
		}
		cell.text, err = r.w.budget.word(tidy(unescape(value)))
	case "b":
		switch string(value) {
		case "1", "true":
			cell.text = "TRUE"
		case "0", "false":
			cell.text = "FALSE"
		case "":
		default:
			return errOffice
		}
	case "e":
		if cell.text = string(value); cell.text != "" {
			cell.flaw = failed
		}
	case "d":
		cell.text = string(value)
		if date, _, _ := strings.Cut(cell.text, "T"); day.Day(date).Valid() {
			cell.text, cell.serial = date, serialOf(day.Day(date).Time())
		}
	case "n", "":
		if len(value) > 0 {
			v, fault := strconv.ParseFloat(string(value), 64)
			if fault != nil || math.IsInf(v, 0) || math.IsNaN(v) {
				return errOffice
			}
			var format *numberFormat
			if r.style < len(r.w.formats) {
				format = r.w.formats[r.style]
			}
			cell, err = r.w.budget.number(v, format, r.w.from1904)
			cell.col = uint16(r.col)
		}
	default:
		return errOffice
	}
	// A text that came out empty is a result; an empty number was never reckoned.
	if r.has.formula && !r.has.inline && (!r.has.value || cell.text == "" && r.kind != "str" && r.kind != "s") {
		cell.flaw = uncalculate
	}
	if err != nil || cell.flaw == sound && cell.text == "" {
		return err
	}
	r.now.cells = append(r.now.cells, cell)
	return r.w.budget.cell(r.sheet.name, r.col)
}

// merge notes a merged block.
func (r *sheetReader) merge(ref string) error {
	from, to, two := strings.Cut(ref, ":")
	top, left, ok1 := cellPlace(from)
	bottom, right, ok2 := cellPlace(to)
	if !two {
		bottom, right, ok2 = top, left, ok1
	}
	if two && !ok1 && !ok2 {
		top, bottom, left, right, ok1 = wholeLines(from, to)
		ok2 = ok1
	}
	if !ok1 || !ok2 || bottom < top || right < left {
		return errOffice
	}
	if len(r.sheet.merges) >= mostMerges {
		return errOffice
	}
	if bottom > top || right > left {
		r.sheet.merges = append(r.sheet.merges, sheetMerge{top, bottom, left, right})
	}
	return nil
}

// wholeLines reads a block of whole columns or rows, which has no names of cells: K:L,
// 3:4. It ends where a sheet may end.
func wholeLines(from, to string) (top, bottom, left, right int, ok bool) {
	if _, left, ok = cellPlace(from + "1"); ok {
		_, right, ok = cellPlace(to + "1")
		return 1, lastRow, left, right, ok
	}
	if top, _, ok = cellPlace("A" + from); ok {
		bottom, _, ok = cellPlace("A" + to)
		return top, bottom, 0, lastColumn - 1, ok
	}
	return 0, 0, 0, 0, false
}

// overlaps refuses merged blocks that lie over each other: no program makes
// them, and two readers would take different texts from them.
func (s *ledgerSheet) overlaps() error {
	merges := s.merges
	sort.Slice(merges, func(i, j int) bool {
		return merges[i].top < merges[j].top || merges[i].top == merges[j].top && merges[i].left < merges[j].left
	})
	taken := make([]int, 2*mostColumns) // by column, the last row a block has reached
	for _, m := range merges {
		for col := m.left; col <= m.right && col < len(taken); col++ {
			if taken[col] >= m.top {
				return errOffice
			}
			taken[col] = m.bottom
		}
	}
	return nil
}

// cellPlace reads a cell's name: B12 is row 12, column 1.
func cellPlace(ref string) (row, col int, ok bool) {
	i := 0
	for ; i < len(ref) && i < 3 && 'A' <= ref[i] && ref[i] <= 'Z'; i++ {
		col = col*26 + int(ref[i]-'A') + 1
	}
	digits := ref[i:]
	if i == 0 || col > lastColumn || len(digits) == 0 || len(digits) > 7 || digits[0] == '0' {
		return 0, 0, false
	}
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return 0, 0, false
		}
		row = row*10 + int(c-'0')
	}
	return row, col - 1, row <= lastRow
}
