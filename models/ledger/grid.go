package ledger

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Tables of documents and of web pages stand between paragraphs, and in each other. Their
// rows become rows of a sheet, numbered from the table's own first; the lines above a
// table, which name it, stand before them as rows 0, -1, -2.

const (
	mostAbove    = 6       // lines above a table that are kept
	longestAbove = 200     // characters; a longer line is no title, and what is above it none either
	widestGrid   = 256     // columns of a table as it is drawn
	mostGrid     = 1500000 // cells
	mostNested   = 12      // tables in each other
	mostPieces   = 2000    // tables, before those broken at a page's end are joined
)

// gridCell is a cell of a table as it is drawn.
type gridCell struct {
	col, cols uint16
	under     bool  // another cell's block, which hides it
	rows      int32 // that its block has
	text      string
	inner     []*gridTable
}

type gridRow struct {
	hidden bool
	cells  []gridCell
}

type gridTable struct {
	above      []string
	rows       []gridRow
	cells      int
	adjoins    bool  // the table before it with nothing in between
	edges      []int // where each column begins, in twentieths of a point, when the file says
	hiddenCols []sheetSpan
}

// gridReader gathers the tables of one file.
type gridReader struct {
	ctx    context.Context
	budget *ledgerBudget
	tables []*gridTable
	above  []string
	cells  int
}

// line is a paragraph that stands outside all tables.
func (g *gridReader) line(text []byte) {
	words := strings.Join(strings.Fields(string(tidy(seenText(text)))), " ")
	switch {
	case words == "":
	case utf8.RuneCountInString(words) > longestAbove:
		g.above = nil
	default:
		if g.above = append(g.above, words); len(g.above) > mostAbove {
			g.above = slices.Delete(g.above, 0, 1)
		}
	}
}

// count counts one more cell of a table.
func (g *gridReader) count(t *gridTable) error {
	t.cells++
	g.budget.cells += 2 // it takes as much as two of a sheet's
	if g.cells++; g.cells > mostGrid {
		return badFile("ledger.file.rows", g.budget.limits.Rows)
	}
	if g.cells%1024 == 0 && g.ctx.Err() != nil {
		return tooSlow(g.ctx, g.ctx.Err())
	}
	return nil
}

// word is what a cell says.
func (g *gridReader) word(text []byte) (string, error) { return g.budget.word(tidy(seenText(text))) }

// add takes a table that stands in no other.
func (g *gridReader) add(t *gridTable, joins bool) error {
	t.above, g.above = g.above, nil
	t.adjoins = joins && len(t.above) == 0 && len(g.tables) > 0
	return g.settle(t)
}

// settle decides what is made of a table. One within it that has more cells than it is
// what it only frames, and is read instead of it; any other is words of the cell it
// stands in. A few rows of one column are lines, not a table.
func (g *gridReader) settle(t *gridTable) error {
	frame := false
	for _, r := range t.rows {
		for _, c := range r.cells {
			for _, inner := range c.inner {
				frame = frame || inner.whole() > t.cells
			}
		}
	}
	switch {
	case !frame && len(t.rows) <= mostAbove && t.narrow():
		for _, line := range slices.Concat(t.above, t.lines()) {
			g.line([]byte(line))
		}
		return nil
	case !frame:
		for i := range t.rows {
			for k := range t.rows[i].cells {
				c := &t.rows[i].cells[k]
				if len(c.inner) == 0 {
					continue
				}
				lines := []string{c.text}
				for _, inner := range c.inner {
					lines = append(lines, inner.lines()...)
				}
				var err error
				if c.text, err = g.word([]byte(strings.Join(lines, "\n"))); err != nil {
					return err
				}
				c.inner = nil
			}
		}
		if g.tables = append(g.tables, t); len(g.tables) > mostPieces {
			return badFile("ledger.file.sheets", mostSheets)
		}
		return nil
	}
	g.above = append(g.above, t.above...)
	for _, r := range t.rows {
		for _, c := range r.cells {
			for line := range strings.Lines(c.text) {
				g.line([]byte(line))
			}
			for _, inner := range c.inner {
				inner.above, g.above = g.above, nil
				if err := g.settle(inner); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// narrow says of a table that it has one column: a title in a box.
func (t *gridTable) narrow() bool {
	return !slices.ContainsFunc(t.rows, func(r gridRow) bool { return len(r.cells) > 1 })
}

// whole is how many cells the largest table has of those in a table and itself.
func (t *gridTable) whole() int {
	most := t.cells
	for _, r := range t.rows {
		for _, c := range r.cells {
			for _, inner := range c.inner {
				most = max(most, inner.whole())
			}
		}
	}
	return most
}

// lines are a table as words, a row a line.
func (t *gridTable) lines() []string {
	var lines []string
	for _, r := range t.rows {
		var words []string
		for _, c := range r.cells {
			if c.text != "" {
				words = append(words, c.text)
			}
			for _, inner := range c.inner {
				words = append(words, inner.lines()...)
			}
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return lines
}

// hand hands the tables on as sheets. Tables of the same width with nothing between them
// are one that was broken at a page's end.
func (g *gridReader) hand(each func(*ledgerSheet) error) error {
	var sheets []*ledgerSheet
	var widths, heights []int
	for _, t := range g.tables {
		height := len(t.rows)
		s, width, err := g.sheet(t)
		if err != nil {
			return err
		}
		t.rows = nil
		if last := len(sheets) - 1; t.adjoins && last >= 0 && widths[last] == width {
			sheets[last].join(s, heights[last])
			heights[last] += height
			continue
		}
		sheets, widths, heights = append(sheets, s), append(widths, width), append(heights, height)
	}
	g.tables = nil
	if len(sheets) > mostSheets {
		return badFile("ledger.file.sheets", mostSheets)
	}
	names := map[string]bool{}
	for n, s := range sheets {
		if len(sheets) > 1 {
			s.name = tableName(s, n+1, names)
		}
		if err := each(s); err != nil {
			return err
		}
	}
	return nil
}

// tableName is what one of several tables is called: by the last line above it where it
// has one of its own, else by its place.
func tableName(s *ledgerSheet, n int, taken map[string]bool) string {
	name := "#" + strconv.Itoa(n)
	for _, r := range s.rows {
		if r.n <= 0 {
			name = cut(r.cells[0].text, 30)
		}
	}
	if taken[name] {
		name += " #" + strconv.Itoa(n)
	}
	taken[name] = true
	return name
}

// join adds the rows of a table that goes on below one of so many rows.
func (s *ledgerSheet) join(below *ledgerSheet, height int) {
	for _, r := range below.rows {
		r.n += height
		s.rows = append(s.rows, r)
	}
	for _, m := range below.merges {
		m.top, m.bottom = m.top+height, m.bottom+height
		s.merges = append(s.merges, m)
	}
}

// sheet makes a sheet of a table, and says how many columns it has. Only the edges at
// which a cell begins make a column: a table drawn by hand has edges that no person sees.
func (g *gridReader) sheet(t *gridTable) (*ledgerSheet, int, error) {
	place, width := t.columns()
	s := &ledgerSheet{}
	for n, line := range t.above {
		word, err := g.budget.word([]byte(line))
		if err != nil {
			return nil, 0, err
		}
		s.rows = append(s.rows, sheetRow{n: n - len(t.above) + 1, cells: []sheetCell{{text: word}}})
	}
	for n, r := range t.rows {
		row := sheetRow{n: n + 1, hidden: r.hidden, cells: make([]sheetCell, 0, len(r.cells))}
		for _, c := range r.cells {
			left := place[c.col]
			right := max(left, place[min(c.col+c.cols, widestGrid)]-1)
			if bottom := min(n+int(max(c.rows, 1)), len(t.rows)); bottom > n+1 || right > left {
				if !c.under {
					s.merges = append(s.merges, sheetMerge{n + 1, bottom, left, right})
				}
			}
			if c.text == "" || len(row.cells) > 0 && int(row.cells[len(row.cells)-1].col) >= left {
				continue
			}
			row.cells = append(row.cells, sheetCell{col: uint16(left), text: c.text})
			if err := g.budget.cell(s.name, left); err != nil {
				return nil, 0, err
			}
		}
		t.rows[n].cells = nil
		if len(row.cells) > 0 {
			s.rows = append(s.rows, row)
			if err := g.budget.row(); err != nil {
				return nil, 0, err
			}
		}
	}
	for _, span := range t.hiddenCols {
		s.hiddenCols = append(s.hiddenCols, sheetSpan{place[span.from], max(place[span.from], place[span.to+1]-1)})
	}
	if len(s.merges) > mostMerges {
		return nil, 0, badFile("ledger.file.damaged", t.title())
	}
	g.budget.columns = map[string]map[int]bool{} // the next table's are others
	return s, width, s.overlaps()
}

func (t *gridTable) title() string {
	if n := len(t.above); n > 0 {
		return t.above[n-1]
	}
	return "table"
}

// columns says which column each edge of the drawn table begins, and how many columns
// there are. Two edges that lie closer together than a pen's width are one, unless a cell
// stands between them.
func (t *gridTable) columns() (place [widestGrid + 1]int, width int) {
	const pen = 120 // twentieths of a point: two millimetres
	var begins, slivers [widestGrid + 1]bool
	for _, r := range t.rows {
		for _, c := range r.cells {
			begins[c.col] = true
			if c.cols == 1 {
				slivers[c.col] = true
			}
		}
	}
	last := -1 // edge that begins a column
	for edge := range place {
		switch near := last > 0 && edge < len(t.edges) && t.edges[edge]-t.edges[last] < pen; {
		case !begins[edge]:
		case near && edge == last+1 && !slivers[last]:
		default:
			last = edge
			width++
		}
		place[edge] = max(width-1, 0)
	}
	for edge := last + 1; edge < len(place); edge++ {
		place[edge] = width
	}
	return place, width
}
