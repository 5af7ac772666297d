package ledger

import (
	"encoding/xml"
	"errors"
	"strconv"
	"strings"
)

// The reader of tables in Word documents, .docx (ISO 29500). A document under tracked
// changes is read as it stands when they are accepted: what was put in is there, what was
// struck out is not.

// wordTable is a table being read.
type wordTable struct {
	*gridTable
	row     *gridRow
	gone    bool // the row was struck out
	col     int  // where the next cell begins
	inCell  bool
	width   int
	down    string // how the cell is merged with the one above: "", restart, continue
	across  string // and with the one before it, in documents of before 2007
	text    []byte
	inner   []*gridTable
	hanging [widestGrid + 1]int // by edge, the row + 1 whose block goes on below
}

// wordReader goes through a document.
type wordReader struct {
	gridReader
	lists     *wordLists
	stack     []*wordTable
	paragraph []byte
	struck    int // elements of what was struck out
	mute      int // elements that no person sees, or sees twice
	inText    bool
	hidden    bool // the run is
	within    []string
	joined    bool // the paragraph's end was struck out: the next goes on in its line
	numbered  struct{ list, level, style string }
	pictures  int
	apart     bool // something stood between the last table and here
}

// readDocument hands each table of a Word document on.
func (w *workbook) readDocument(each func(*ledgerSheet) error) ([]CellProblem, error) {
	const main = "word/document.xml"
	lists, err := w.readLists()
	if err != nil {
		return nil, err
	}
	r := &wordReader{gridReader: gridReader{ctx: w.ctx, budget: w.budget}, lists: lists}
	err = w.walk(main, func(p *xmlPart, t xml.Token) error {
		switch t := t.(type) {
		case *xml.StartElement:
			if p.depth == 1 && t.Name.Local != "document" {
				return errOffice
			}
			return r.begin(t)
		case *xml.CharData:
			if r.inText && r.seen() {
				r.paragraph = append(r.paragraph, *t...)
			}
		case *xml.EndElement:
			return r.end(t.Name.Local)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(r.tables) == 0 {
		return nil, badFile("ledger.file.no_word_table")
	}
	var notes []CellProblem
	if r.pictures > 0 {
		notes = append(notes, CellProblem{Weight: Remark, Key: "ledger.note.pictures", Args: []any{r.pictures}})
	}
	if err := r.hand(each); err != nil {
		if errors.Is(err, errOffice) {
			return nil, badFile("ledger.file.damaged", main)
		}
		return nil, err
	}
	return notes, nil
}

func (r *wordReader) top() *wordTable {
	if len(r.stack) == 0 {
		return nil
	}
	return r.stack[len(r.stack)-1]
}

// parent is the element that the one just begun stands in.
func (r *wordReader) parent() string {
	if n := len(r.within); n > 1 {
		return r.within[n-2]
	}
	return ""
}

func (r *wordReader) begin(t *xml.StartElement) error {
	name := t.Name.Local
	r.within = append(r.within, name)
	switch name {
	case "tbl":
		return r.beginTable()
	case "del", "moveFrom", "cellDel":
		switch r.parent() {
		case "trPr":
			if top := r.top(); top != nil {
				top.gone = true
			}
		case "rPr":
			r.joined = true
		case "tcPr": // the cell itself stays in the grid
		default:
			r.struck++
		}
	case "Fallback", "rt":
		r.mute++
	case "t":
		r.inText = true
	case "tab":
		if r.parent() == "r" {
			r.put(" ")
		}
	case "br", "cr":
		r.put("\n")
	case "noBreakHyphen":
		r.put("-")
	case "sym":
		r.put(wordSigns[strings.ToUpper(attr(t, "char"))])
	case "blip", "imagedata":
		if top := r.top(); top != nil && top.inCell && r.struck+r.mute == 0 {
			r.pictures++
		}
	case "pPrChange", "rPrChange", "tcPrChange", "trPrChange", "tblPrChange", "tblGridChange", "sectPrChange", "numberingChange":
		r.mute++
	}
	if r.mute > 0 {
		return nil
	}
	r.beginParagraph(name, attr(t, "val"))
	if top := r.top(); top != nil {
		return r.beginInTable(top, name, t)
	}
	return nil
}

// beginParagraph takes what a paragraph says of itself and of its runs.
func (r *wordReader) beginParagraph(name, value string) {
	switch name {
	case "p":
		r.numbered.list, r.numbered.level, r.numbered.style = "", "", ""
	case "pStyle":
		r.numbered.style = value
	case "numId":
		if r.parent() == "numPr" {
			r.numbered.list = value
		}
	case "ilvl":
		if r.parent() == "numPr" {
			r.numbered.level = value
		}
	case "vanish":
		if r.parent() == "rPr" && value != "0" && value != "false" {
			r.hidden = true
		}
	}
}

// wordSigns are the ticks and boxes of Wingdings, which stand in a font's own place.
var wordSigns = map[string]string{"F0FC": "√", "F0FB": "×", "F0FE": "☑", "F0FD": "☒", "F0A8": "□", "F06F": "□", "F052": "☑", "F051": "☒"}

// seen says whether what comes now is what a person sees.
func (r *wordReader) seen() bool { return r.struck+r.mute == 0 && !r.hidden }

func (r *wordReader) put(words string) {
	if r.seen() {
		r.paragraph = append(r.paragraph, words...)
	}
}

func (r *wordReader) beginTable() error {
	if len(r.stack) >= mostNested {
		return errNested
	}
	r.stack = append(r.stack, &wordTable{gridTable: &gridTable{edges: []int{0}}})
	return nil
}

// beginInTable takes what makes a table's grid. A property counts in the cell or row it
// is of; those of a table within were given to that one.
func (r *wordReader) beginInTable(top *wordTable, name string, t *xml.StartElement) error {
	value, _ := strconv.Atoi(attr(t, "val"))
	switch name {
	case "gridCol":
		width, _ := strconv.Atoi(attr(t, "w"))
		if len(top.edges) <= widestGrid {
			top.edges = append(top.edges, top.edges[len(top.edges)-1]+max(width, 0))
		}
	case "tr":
		if len(top.rows) >= lastRow {
			return badFile("ledger.file.rows", r.budget.limits.Rows)
		}
		top.rows = append(top.rows, gridRow{})
		top.row, top.col, top.gone = &top.rows[len(top.rows)-1], 0, false
		return r.count(top.gridTable)
	case "gridBefore":
		top.col = min(max(value, 0), widestGrid)
	case "tc":
		if top.row == nil {
			return errOffice
		}
		top.inCell, top.width, top.down, top.across, top.text, top.inner = true, 1, "", "", top.text[:0], nil
	case "gridSpan":
		top.width = min(max(value, 1), widestGrid)
	case "vMerge":
		if top.down = attr(t, "val"); top.down == "" {
			top.down = "continue"
		}
	case "hMerge":
		if top.across = attr(t, "val"); top.across == "" {
			top.across = "continue"
		}
	}
	return nil
}

func (r *wordReader) end(name string) error {
	r.within = r.within[:len(r.within)-1]
	switch name {
	case "del", "moveFrom", "cellDel":
		if n := len(r.within); n == 0 || r.within[n-1] != "trPr" && r.within[n-1] != "rPr" && r.within[n-1] != "tcPr" {
			r.struck--
		}
	case "Fallback", "rt", "pPrChange", "rPrChange", "tcPrChange", "trPrChange", "tblPrChange", "tblGridChange", "sectPrChange", "numberingChange":
		r.mute--
	case "t":
		r.inText = false
	case "r":
		r.hidden = false
	case "pPr":
		r.put(r.lists.label(r.numbered.list, r.numbered.level, r.numbered.style))
		r.hidden = false
	case "p":
		r.endLine()
	case "tc":
		return r.endCell()
	case "tr":
		return r.endRow()
	case "tbl":
		return r.endTable()
	}
	return nil
}

// endLine ends a paragraph.
func (r *wordReader) endLine() {
	if r.joined {
		r.joined = false
		return
	}
	if top := r.top(); top != nil && top.inCell {
		if len(top.text) > 0 {
			top.text = append(top.text, '\n')
		}
		top.text = append(top.text, r.paragraph...)
	} else if r.mute == 0 {
		r.apart = r.apart || strings.TrimSpace(string(r.paragraph)) != ""
		r.line(r.paragraph)
	}
	r.paragraph = r.paragraph[:0]
}

func (r *wordReader) endCell() error {
	top := r.top()
	if top == nil || !top.inCell {
		return errOffice
	}
	top.inCell = false
	if top.col+top.width > widestGrid {
		return badFile("ledger.file.columns", mostColumns)
	}
	text, err := r.word(top.text)
	if err != nil {
		return err
	}
	cell := gridCell{col: uint16(top.col), cols: uint16(top.width), rows: 1, text: text, inner: top.inner}
	row := len(top.rows)
	if n := len(top.row.cells); top.across == "continue" && n > 0 && text == "" {
		top.row.cells[n-1].cols += cell.cols
		top.col += top.width
		return nil
	}
	above := top.block(top.col)
	switch {
	case top.down == "continue" && above != nil && above.cols == cell.cols:
		above.rows++
		cell.under = true
	case top.down == "restart":
		top.hanging[top.col] = row
	default:
		top.hanging[top.col] = 0
	}
	top.row.cells = append(top.row.cells, cell)
	top.col += top.width
	return r.count(top.gridTable)
}

// block is the cell at an edge whose block goes on in the row being read.
func (t *wordTable) block(col int) *gridCell {
	began := t.hanging[col]
	if began == 0 {
		return nil
	}
	row := &t.rows[began-1]
	for i := range row.cells {
		if c := &row.cells[i]; int(c.col) == col && began-1+int(c.rows) == len(t.rows)-1 {
			return c
		}
	}
	return nil
}

func (r *wordReader) endRow() error {
	top := r.top()
	if top == nil || top.row == nil {
		return errOffice
	}
	if top.gone {
		for _, c := range top.row.cells {
			switch began := top.hanging[c.col]; {
			case c.under && began > 0:
				row := &top.rows[began-1]
				for i := range row.cells {
					if row.cells[i].col == c.col {
						row.cells[i].rows--
					}
				}
			case began == len(top.rows):
				top.hanging[c.col] = 0
			}
		}
		top.rows = top.rows[:len(top.rows)-1]
	}
	top.row = nil
	return nil
}

func (r *wordReader) endTable() error {
	if len(r.stack) == 0 {
		return errOffice
	}
	t := r.top().gridTable
	r.stack = r.stack[:len(r.stack)-1]
	switch top := r.top(); {
	case len(t.rows) == 0:
		return nil
	case top == nil:
		joins := !r.apart
		r.apart = false
		return r.add(t, joins)
	case !top.inCell:
		return errOffice
	default:
		top.inner = append(top.inner, t)
	}
	return nil
}

// wordLists are the numbers that Word counts by itself and writes nowhere: of lists, and
// of a column of numbers that somebody made a list.
type wordLists struct {
	levels map[string]*[9]wordLevel // by abstract list
	lists  map[string]wordList      // by the number a paragraph names
	styles map[string]wordStyle
	counts map[string]*[9]int
}

type wordLevel struct {
	start  int
	format string
	text   string // %1.%2
}

type wordList struct {
	kind   string // its abstract list
	starts map[int]int
}

type wordStyle struct{ list, level, on string }

// readLists learns how paragraphs are numbered.
func (w *workbook) readLists() (*wordLists, error) {
	l := &wordLists{levels: map[string]*[9]wordLevel{}, lists: map[string]wordList{}, styles: map[string]wordStyle{}, counts: map[string]*[9]int{}}
	if w.parts["word/numbering.xml"] != nil {
		if err := w.walk("word/numbering.xml", l.numbering()); err != nil {
			return nil, err
		}
	}
	if w.parts["word/styles.xml"] != nil {
		if err := w.walk("word/styles.xml", l.styling()); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *wordLists) numbering() func(*xmlPart, xml.Token) error {
	kind, list, level, override := "", "", 0, false
	return func(_ *xmlPart, t xml.Token) error {
		e, ok := t.(*xml.StartElement)
		if !ok {
			return nil
		}
		value := attr(e, "val")
		number, _ := strconv.Atoi(value)
		switch e.Name.Local {
		case "abstractNum":
			kind, list, level, override = attr(e, "abstractNumId"), "", 0, false
			l.levels[kind] = &[9]wordLevel{}
		case "num":
			list, kind, override = attr(e, "numId"), "", false
			l.lists[list] = wordList{starts: map[int]int{}}
		case "abstractNumId":
			known := l.lists[list]
			known.kind = value
			l.lists[list] = known
		case "lvl", "lvlOverride":
			level, _ = strconv.Atoi(attr(e, "ilvl"))
			level, override = min(max(level, 0), 8), e.Name.Local == "lvlOverride"
		case "startOverride":
			if override && list != "" {
				l.lists[list].starts[level] = number
			}
		}
		if levels := l.levels[kind]; levels != nil && list == "" {
			switch e.Name.Local {
			case "start":
				levels[level].start = number
			case "numFmt":
				levels[level].format = value
			case "lvlText":
				levels[level].text = value
			}
		}
		if len(l.levels)+len(l.lists) > mostStyles {
			return errOffice
		}
		return nil
	}
}

func (l *wordLists) styling() func(*xmlPart, xml.Token) error {
	name := ""
	return func(_ *xmlPart, t xml.Token) error {
		e, ok := t.(*xml.StartElement)
		if !ok {
			return nil
		}
		style := l.styles[name]
		switch e.Name.Local {
		case "style":
			name = attr(e, "styleId")
			return nil
		case "basedOn":
			style.on = attr(e, "val")
		case "numId":
			style.list = attr(e, "val")
		case "ilvl":
			style.level = attr(e, "val")
		default:
			return nil
		}
		if l.styles[name] = style; len(l.styles) > mostStyles {
			return errOffice
		}
		return nil
	}
}

// label is what Word writes before the next paragraph of a list, "" where there is no
// list.
func (l *wordLists) label(list, level, style string) string {
	for steps := 0; list == "" && style != "" && steps < mostNested; steps++ {
		known := l.styles[style]
		if list = known.list; list != "" && level == "" {
			level = known.level
		}
		style = known.on
	}
	known, ok := l.lists[list]
	levels := l.levels[known.kind]
	if !ok || levels == nil || list == "0" {
		return ""
	}
	at, _ := strconv.Atoi(level)
	at = min(max(at, 0), 8)
	own := known.kind
	if len(known.starts) > 0 {
		own += "/" + list // it begins anew
	}
	counts := l.counts[own]
	if counts == nil {
		counts = &[9]int{}
		l.counts[own] = counts
	}
	begin := func(n int) int {
		if start, set := known.starts[n]; set {
			return start
		}
		return levels[n].start
	}
	for n := 0; n < at; n++ {
		if counts[n] == 0 {
			counts[n] = begin(n)
		}
	}
	if counts[at] == 0 {
		counts[at] = begin(at)
	} else {
		counts[at]++
	}
	for n := at + 1; n < len(counts); n++ {
		counts[n] = 0
	}
	if levels[at].format == "bullet" || levels[at].format == "none" {
		return ""
	}
	label := levels[at].text
	for n := range at + 1 {
		label = strings.ReplaceAll(label, "%"+strconv.Itoa(n+1), wordNumber(counts[n], levels[n].format))
	}
	if last := strings.TrimRight(label, "0123456789"); last != label {
		label += " " // else it would run into the words
	}
	return label
}

// wordNumber is a number as a list writes it (ISO 29500-1, 17.18.59).
func wordNumber(n int, format string) string {
	decimal := strconv.Itoa(n)
	switch format {
	case "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand", "ideographDigital", "chineseLegalSimplified":
		return chineseOrdinal(n)
	case "decimalEnclosedCircle", "decimalEnclosedCircleChinese":
		if 1 <= n && n <= 20 {
			return string(rune('①' + n - 1))
		}
	case "decimalFullWidth", "decimalFullWidth2":
		return strings.Map(func(r rune) rune { return r - '0' + '０' }, decimal)
	case "decimalZero":
		if n < 10 {
			return "0" + decimal
		}
	case "upperLetter":
		return columnLetter(max(n-1, 0))
	case "lowerLetter":
		return strings.ToLower(columnLetter(max(n-1, 0)))
	}
	return decimal
}

// chineseOrdinal is a number up to 99 in Chinese; a greater one in digits.
func chineseOrdinal(n int) string {
	digits := []rune("〇一二三四五六七八九")
	if n < 1 || n > 99 {
		return strconv.Itoa(n)
	}
	out := ""
	if n >= 20 {
		out = string(digits[n/10])
	}
	if n >= 10 {
		out += "十"
	}
	if n%10 > 0 {
		out += string(digits[n%10])
	}
	return out
}
