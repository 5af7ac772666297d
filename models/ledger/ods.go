package ledger

import (
	"encoding/xml"
	"io"
	"math"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

// The reader of OpenDocument spreadsheets, .ods, and of those that lie open in one XML,
// .fods (ISO 26300). A value is taken as the file has it and shown by its style, never by
// the text beside it, which is how one person's program showed it. A cell or row that is
// there many times is told once with how often; only what has something in it is copied.

const (
	odfOffice = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
	odfTable  = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
	odfText   = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
	odfStyle  = "urn:oasis:names:tc:opendocument:xmlns:style:1.0"
	odfNumber = "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"
	odfDraw   = "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
)

// odfStyles are how numbers are shown, by the names of the file's styles.
type odfStyles struct {
	w       *workbook
	codes   map[string]string // of number styles, in a workbook's own words
	maps    map[string][]string
	data    map[string]string // a cell style's number style
	on      map[string]string // and the style it is based on
	hidden  map[string]bool   // table styles
	reading string            // the number style being read
	code    strings.Builder
	auto    bool // its order is that of the reader's country
	literal bool
	percent bool
}

// odfReader goes through the tables of a spreadsheet.
type odfReader struct {
	*odfStyles
	each       func(*ledgerSheet) error
	within     []xml.Name
	sheet      *ledgerSheet
	columns    []odfColumn
	cols       int
	row        int // the last row's number
	repeat     int // of the row
	rowStyle   string
	now        sheetRow
	col        int
	cell       odfCell
	text       []byte
	lines      int // paragraphs of the cell so far
	paragraphs int // that are open
	silent     int // elements of notes and drawings
	pictures   int
	tables     int
	from1904   bool
	notes      []CellProblem
}

type odfColumn struct {
	to    int // exclusive
	style string
}

type odfCell struct {
	open         bool
	repeat       int
	rows, cols   int
	kind, value  string
	style        string
	formula, had bool // it has a value
	fault        bool
}

// readOpenSheets hands each sheet of an OpenDocument spreadsheet on.
func (w *workbook) readOpenSheets(each func(*ledgerSheet) error) ([]CellProblem, error) {
	if w.parts["encrypted-package"] != nil {
		return nil, badFile("ledger.file.password")
	}
	if w.parts["meta-inf/manifest.xml"] != nil {
		err := w.walk("meta-inf/manifest.xml", func(_ *xmlPart, t xml.Token) error {
			if e, ok := t.(*xml.StartElement); ok && e.Name.Local == "encryption-data" {
				return badFile("ledger.file.password")
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	s := newODFStyles(w)
	if w.parts["styles.xml"] != nil {
		if err := w.walk("styles.xml", s.see); err != nil {
			return nil, err
		}
	}
	r := &odfReader{odfStyles: s, each: each}
	if err := w.walk("content.xml", r.see); err != nil {
		return nil, r.refuse(err)
	}
	return r.end()
}

// readFlat hands each sheet of a spreadsheet that lies open in one XML on.
func (w *workbook) readFlat(file io.Reader, each func(*ledgerSheet) error) ([]CellProblem, error) {
	r := &odfReader{odfStyles: newODFStyles(w), each: each}
	if err := w.walkThrough("office:document", file, r.see); err != nil {
		return nil, r.refuse(err)
	}
	return r.end()
}

func newODFStyles(w *workbook) *odfStyles {
	return &odfStyles{w: w, codes: map[string]string{}, maps: map[string][]string{}, data: map[string]string{}, on: map[string]string{}, hidden: map[string]bool{}}
}

// refuse names the sheet and row where the damage was met.
func (r *odfReader) refuse(err error) error {
	if r.sheet == nil {
		return err
	}
	return inSheet(err, r.sheet.name+"!"+strconv.Itoa(max(r.row, 1)))
}

// end is what is said of the file when all was read.
func (r *odfReader) end() ([]CellProblem, error) {
	if r.tables == 0 {
		return nil, badFile("ledger.file.ods")
	}
	if r.pictures > 0 {
		r.notes = append(r.notes, CellProblem{Weight: Remark, Key: "ledger.note.pictures", Args: []any{r.pictures}})
	}
	return r.notes, nil
}

// see learns the styles.
func (s *odfStyles) see(_ *xmlPart, t xml.Token) error {
	switch t := t.(type) {
	case *xml.StartElement:
		switch t.Name.Space {
		case odfNumber:
			s.beginFormat(t)
		case odfStyle:
			s.beginStyle(t)
		}
	case *xml.CharData:
		switch {
		case !s.literal:
		case s.percent:
			s.code.Write(*t) // its sign stands among what is shown as it is
		default:
			s.code.WriteString(`"` + strings.ReplaceAll(string(*t), `"`, "") + `"`)
		}
	case *xml.EndElement:
		s.literal = false
		if t.Name.Space == odfNumber && strings.HasSuffix(t.Name.Local, "-style") && s.reading != "" {
			s.codes[s.reading], s.reading = s.code.String(), ""
		}
	}
	if len(s.codes)+len(s.data)+len(s.on)+len(s.hidden) > mostStyles {
		return errOffice
	}
	return nil
}

func (s *odfStyles) beginStyle(e *xml.StartElement) {
	name := attr(e, "name")
	switch e.Name.Local {
	case "style":
		s.reading = ""
		if data := attr(e, "data-style-name"); data != "" {
			s.data[name] = data
		}
		if parent := attr(e, "parent-style-name"); parent != "" {
			s.on[name] = parent
		}
		if attr(e, "family") == "table" {
			s.on["table:"] = name
		}
	case "table-properties":
		if attr(e, "display") == "false" {
			s.hidden[s.on["table:"]] = true
		}
	case "map":
		if of := attr(e, "apply-style-name"); s.reading != "" && len(s.maps[s.reading]) < 3 {
			s.maps[s.reading] = append(s.maps[s.reading], of)
		}
	}
}

// beginFormat writes a number style down as a workbook would.
func (s *odfStyles) beginFormat(e *xml.StartElement) {
	long := attr(e, "style") == "long"
	pick := func(short, long2 string) {
		if long {
			short = long2
		}
		s.code.WriteString(short)
	}
	switch name := e.Name.Local; name {
	case "number-style", "percentage-style", "currency-style", "date-style", "time-style", "boolean-style", "text-style":
		s.percent = name == "percentage-style"
		s.reading, s.auto = attr(e, "name"), attr(e, "automatic-order") == "true" && name == "date-style"
		s.code.Reset()
		delete(s.maps, s.reading)
	case "year":
		if pick("yy", "yyyy"); s.auto && !long {
			s.code.WriteString("yy") // as a workbook's date of the reader's country
		}
	case "month":
		if attr(e, "textual") == "true" {
			pick("mmm", "mmmm")
		} else {
			pick("m", "mm")
		}
	case "day":
		pick("d", "dd")
	case "day-of-week":
		pick("aaa", "aaaa")
	case "hours":
		pick("h", "hh")
	case "minutes":
		pick("m", "mm")
	case "seconds":
		pick("s", "ss")
	case "am-pm":
		s.code.WriteString("AM/PM")
	case "text", "currency-symbol":
		s.literal = true
	case "number":
		s.code.WriteString(digitsOf(e))
	case "scientific-number":
		s.code.WriteString(digitsOf(e) + "E+00")
	}
}

// digitsOf are a number's places: 000, #,##0.00. Without decimal places said, it is shown
// as it is.
func digitsOf(e *xml.StartElement) string {
	whole, _ := strconv.Atoi(attr(e, "min-integer-digits"))
	decimals, err := strconv.Atoi(attr(e, "decimal-places"))
	if err != nil {
		if whole <= 1 && attr(e, "grouping") != "true" {
			return "General"
		}
		decimals = 0
	}
	sure, err := strconv.Atoi(attr(e, "min-decimal-places"))
	if err != nil {
		sure = decimals
	}
	whole, decimals = min(max(whole, 0), 30), min(max(decimals, 0), 30)
	sure = min(max(sure, 0), decimals)
	code := strings.Repeat("0", whole)
	if attr(e, "grouping") == "true" {
		code = strings.Repeat("#", max(0, 4-whole)) + code
		code = code[:len(code)-3] + "," + code[len(code)-3:]
	} else if whole == 0 {
		code = "#"
	}
	if decimals > 0 {
		code += "." + strings.Repeat("0", sure) + strings.Repeat("#", decimals-sure)
	}
	return code
}

// format is how a cell style shows numbers.
func (s *odfStyles) format(style string) *numberFormat {
	for steps := 0; style != "" && steps < mostNested; steps++ {
		name, ok := s.data[style]
		if !ok {
			style = s.on[style]
			continue
		}
		var sections []string
		for _, other := range s.maps[name] {
			sections = append(sections, s.codes[other])
		}
		code := strings.Join(append(sections, s.codes[name]), ";")
		if strings.Contains(code, "General") {
			return nil
		}
		return s.w.format(code)
	}
	return nil
}

func (r *odfReader) see(p *xmlPart, t xml.Token) error {
	switch t := t.(type) {
	case *xml.StartElement:
		if p.depth == 1 && (t.Name.Space != odfOffice || !strings.HasPrefix(t.Name.Local, "document")) {
			return errOffice
		}
		r.within = append(r.within, t.Name)
		if r.sheet == nil {
			return r.beginOutside(p, t)
		}
		return r.begin(p.depth, t)
	case *xml.CharData:
		if r.sheet == nil {
			return r.odfStyles.see(p, t)
		}
		if r.paragraphs > 0 && r.silent == 0 {
			r.text = append(r.text, strings.ReplaceAll(string(*t), "\n", " ")...)
		}
	case *xml.EndElement:
		r.within = r.within[:len(r.within)-1]
		if r.sheet == nil {
			return r.odfStyles.see(p, t)
		}
		return r.endElement(p.depth, t.Name)
	}
	return nil
}

// beginOutside takes what stands outside the tables. Only those right under the
// spreadsheet are sheets; others are of charts, drawings and changes.
func (r *odfReader) beginOutside(p *xmlPart, e *xml.StartElement) error {
	switch {
	case p.depth == 3 && e.Name.Space == odfOffice && e.Name.Local == "text":
		return badFile("ledger.file.odt")
	case e.Name.Space == odfTable && e.Name.Local == "null-date":
		r.from1904 = strings.HasPrefix(attr(e, "date-value"), "1904")
	case p.depth == 4 && e.Name.Space == odfTable && e.Name.Local == "table" && r.within[2] == xml.Name{Space: odfOffice, Local: "spreadsheet"}:
		if r.tables++; r.tables > mostSheets {
			return badFile("ledger.file.sheets", mostSheets)
		}
		r.sheet = &ledgerSheet{name: attr(e, "name"), hidden: r.hidden[attr(e, "style-name")], from1904: r.from1904}
		r.columns, r.cols, r.row = r.columns[:0], 0, 0
	default:
		return r.odfStyles.see(p, e)
	}
	return nil
}

// repeated is how often a thing is there.
func repeated(e *xml.StartElement, name string, most int) (int, error) {
	value := attr(e, name)
	if value == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return 0, errOffice
	}
	return min(n, most+1), nil
}

func (r *odfReader) begin(depth int, e *xml.StartElement) (err error) {
	switch e.Name.Space {
	case odfTable:
		switch e.Name.Local {
		case "table-column":
			return r.beginColumn(e)
		case "table-row":
			if r.cell.open {
				return errOffice
			}
			if r.repeat, err = repeated(e, "number-rows-repeated", lastRow); err != nil {
				return err
			}
			r.now = sheetRow{n: r.row + 1, hidden: unseenODF(e), cells: r.now.cells[:0]}
			r.rowStyle, r.col = attr(e, "default-cell-style-name"), 0
		case "table-cell", "covered-table-cell":
			if r.cell.open {
				return errOffice
			}
			return r.beginCell(e)
		}
	case odfText:
		switch e.Name.Local {
		case "p", "h":
			if r.cell.open && r.silent == 0 {
				r.paragraphs++
				if r.lines++; r.lines > 1 {
					r.text = append(r.text, '\n')
				}
			}
		case "s":
			n, err := repeated(e, "c", 200)
			if err != nil {
				return err
			}
			r.put(strings.Repeat(" ", n))
		case "tab":
			r.put(" ")
		case "line-break":
			r.put("\n")
		case "ruby-text":
			r.silent++
		}
	case odfOffice:
		if e.Name.Local == "annotation" {
			r.silent++
		}
	case odfDraw:
		switch {
		case e.Name.Local == "image":
			r.pictures++
		case e.Name.Local == "frame":
			r.silent++
		}
	}
	return nil
}

func (r *odfReader) put(words string) {
	if r.paragraphs > 0 && r.silent == 0 {
		r.text = append(r.text, words...)
	}
}

// unseenODF says of a row or column that it is hidden or filtered out.
func unseenODF(e *xml.StartElement) bool {
	v := attr(e, "visibility")
	return v == "collapse" || v == "filter"
}

func (r *odfReader) beginColumn(e *xml.StartElement) error {
	n, err := repeated(e, "number-columns-repeated", lastColumn)
	if err != nil {
		return err
	}
	to := min(r.cols+n, lastColumn)
	if unseenODF(e) && to > r.cols {
		r.sheet.hiddenCols = append(r.sheet.hiddenCols, sheetSpan{r.cols, to - 1})
	}
	if len(r.columns) > lastColumn {
		return errOffice
	}
	r.columns, r.cols = append(r.columns, odfColumn{to, attr(e, "default-cell-style-name")}), to
	return nil
}

func (r *odfReader) beginCell(e *xml.StartElement) (err error) {
	c := odfCell{open: true}
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "value-type":
			if a.Name.Space == odfOffice {
				c.kind = a.Value
			} else {
				c.fault = a.Value == "error"
			}
		case "value", "date-value", "time-value", "boolean-value", "string-value":
			if a.Name.Space == odfOffice {
				c.value, c.had = a.Value, true
			}
		case "style-name":
			c.style = a.Value
		case "formula":
			c.formula = true
		}
	}
	if c.repeat, err = repeated(e, "number-columns-repeated", lastColumn); err != nil {
		return err
	}
	if c.cols, err = repeated(e, "number-columns-spanned", lastColumn); err != nil {
		return err
	}
	if c.rows, err = repeated(e, "number-rows-spanned", lastRow); err != nil {
		return err
	}
	if c.style == "" {
		if c.style = r.rowStyle; c.style == "" {
			c.style = r.columnStyle()
		}
	}
	r.cell, r.text, r.lines, r.paragraphs = c, r.text[:0], 0, 0
	return nil
}

// columnStyle is the style of the column the reader is in.
func (r *odfReader) columnStyle() string {
	n := sort.Search(len(r.columns), func(i int) bool { return r.col < r.columns[i].to })
	if n == len(r.columns) {
		return ""
	}
	return r.columns[n].style
}

func (r *odfReader) endElement(depth int, name xml.Name) error {
	switch {
	case name.Space == odfOffice && name.Local == "annotation", name.Space == odfDraw && name.Local == "frame", name.Space == odfText && name.Local == "ruby-text":
		r.silent--
	case name.Space == odfText && (name.Local == "p" || name.Local == "h"):
		if r.paragraphs > 0 && r.silent == 0 {
			r.paragraphs--
		}
	case name.Space != odfTable:
	case name.Local == "table-cell", name.Local == "covered-table-cell":
		return r.endCell()
	case name.Local == "table-row":
		return r.endRow()
	case name.Local == "table" && depth == 4:
		sheet := r.sheet
		if err := sheet.overlaps(); err != nil {
			return r.refuse(badFile("ledger.file.damaged", sheet.name))
		}
		r.sheet = nil
		return r.each(sheet)
	}
	return nil
}

// endCell is a cell with all that was in it.
func (r *odfReader) endCell() error {
	c := r.cell
	r.cell.open = false
	if c.rows > 1 || c.cols > 1 {
		if len(r.sheet.merges) >= mostMerges {
			return errOffice
		}
		r.sheet.merges = append(r.sheet.merges, sheetMerge{r.row + 1, min(r.row+c.rows, lastRow), r.col, min(r.col+c.cols, lastColumn) - 1})
	}
	cell, err := r.value(c)
	if err != nil {
		return err
	}
	if cell.text == "" && cell.flaw == sound {
		r.col += c.repeat
		return nil
	}
	for range c.repeat {
		if r.col >= lastColumn {
			return errOffice
		}
		cell.col = uint16(r.col)
		r.now.cells = append(r.now.cells, cell)
		if err := r.w.budget.cell(r.sheet.name, r.col); err != nil {
			return err
		}
		r.col++
	}
	return nil
}

// value is what a cell shows.
func (r *odfReader) value(c odfCell) (cell sheetCell, err error) {
	switch c.kind {
	case "float", "percentage", "currency":
		v, fault := strconv.ParseFloat(c.value, 64)
		if fault != nil || math.IsInf(v, 0) || math.IsNaN(v) {
			return cell, errOffice
		}
		if shown := string(r.text); shown == "TRUE" && v == 1 || shown == "FALSE" && v == 0 {
			return sheetCell{text: shown}, nil // a truth value, which LibreOffice writes as a number
		}
		return r.w.budget.number(v, r.format(c.style), r.from1904)
	case "date":
		v, ok := odfSerial(c.value)
		if !ok {
			return cell, errOffice
		}
		format := r.format(c.style)
		if format == nil || !format.date {
			format = r.w.format(builtinFormats[14])
		}
		return r.w.budget.number(v, format, false)
	case "time":
		v, ok := odfTime(c.value)
		if !ok {
			return cell, errOffice
		}
		return r.w.budget.number(v, r.format(c.style), r.from1904)
	case "boolean":
		if c.value == "true" {
			return sheetCell{text: "TRUE"}, nil
		}
		return sheetCell{text: "FALSE"}, nil
	}
	text := r.text
	if r.lines == 0 && c.had {
		text = []byte(c.value)
	}
	cell.text, err = r.w.budget.word(tidy(seenText(text)))
	switch {
	case c.fault && cell.text != "":
		cell.flaw = failed
	case c.formula && c.kind == "" && r.lines == 0:
		cell.flaw = uncalculate
	}
	return cell, err
}

// odfSerial is a day or moment as a workbook counts it from 1900.
func odfSerial(value string) (float64, bool) {
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, value); err == nil {
			return t.Sub(day1900).Hours() / 24, true
		}
	}
	return 0, false
}

var odfDuration = regexp.MustCompile(`^PT(\d{1,6})H(\d{1,2})M(\d{1,2})(?:\.\d*)?S$`)

// odfTime is a time of day, or a length of time, in days.
func odfTime(value string) (float64, bool) {
	m := odfDuration.FindStringSubmatch(value)
	if m == nil {
		return 0, false
	}
	hours, _ := strconv.Atoi(m[1])
	minutes, _ := strconv.Atoi(m[2])
	seconds, _ := strconv.Atoi(m[3])
	return (float64(hours)*3600 + float64(minutes)*60 + float64(seconds)) / 86400, true
}

// endRow keeps a row as often as it is there, where it has something in it.
func (r *odfReader) endRow() error {
	if len(r.now.cells) == 0 {
		r.row = min(r.row+r.repeat, lastRow)
		return nil
	}
	for range r.repeat {
		if r.row++; r.row > lastRow {
			return errOffice
		}
		row := r.now
		row.n, row.cells = r.row, append([]sheetCell(nil), r.now.cells...)
		r.sheet.rows = append(r.sheet.rows, row)
		if err := r.w.budget.row(); err != nil {
			return err
		}
	}
	return nil
}
