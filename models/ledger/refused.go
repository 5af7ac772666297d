package ledger

import (
	"cmp"
	"slices"
	"sort"
)

// What was not taken goes back to the person as it stood in the file, so that it can
// be mended there and brought again: with the title, the headings and the sections it
// stood under, for they say what tier and what aspect a row is of.

// RefusedTable is what goes back of one table.
type RefusedTable struct {
	Sheet    string
	Title    string
	Columns  []Column
	Headings [][]string // a row for each row of heading, by column; a group's name stands over all its parts
	Rows     []HandedBack
}

// HandedBack is one row of it, or the name of the section the next rows stand in.
type HandedBack struct {
	Section  string
	Row      int           // as the file numbers it
	Cells    []string      // by column
	Held     []bool        // by column: what stands above it shows here too, in one merged block
	Problems []CellProblem // of this row
}

// Group says of a column of these headings whether the one to its right stands under
// the same group's name at that level.
func (t RefusedTable) Group(level, column int) bool {
	if column+1 >= len(t.Columns) {
		return false
	}
	here, next := t.Columns[column].path, t.Columns[column+1].path
	return level+1 < len(here) && level+1 < len(next) && slices.Equal(here[:level+1], next[:level+1])
}

// HandBack are the rows that are not taken, table by table: those that could not be
// read, and those of the items that the register refuses, by their place in Items with
// what is wrong with each.
func (r Reading) HandBack(refused map[int][]CellProblem) []RefusedTable {
	rows := slices.Clone(r.Refused)
	numbers := map[int]map[int]string{} // table, row → the number as the register has it
	for n, item := range r.Items {
		problems, back := refused[n]
		if !back || n >= len(r.origins) {
			continue
		}
		handed := backOf(item, r.Tables[item.Table].Columns, r.origins[n])
		handed[0].Problems = slices.Concat(problems, item.Problems)
		rows = append(rows, handed...)
		if item.joined != nil {
			for _, part := range item.joined.parts {
				rows = append(rows, backOf(part.item, r.Tables[part.item.Table].Columns, part.rows)...)
			}
		}
		if numbers[item.Table] == nil {
			numbers[item.Table] = map[int]string{}
		}
		numbers[item.Table][item.Row] = cmp.Or(item.Register, item.Number)
	}
	slices.SortStableFunc(rows, func(a, z RefusedRow) int { return cmp.Or(cmp.Compare(a.Table, z.Table), cmp.Compare(a.Row, z.Row)) })
	var all []RefusedTable
	for len(rows) > 0 {
		n := rows[0].Table
		end := slices.IndexFunc(rows, func(r RefusedRow) bool { return r.Table != n })
		if end < 0 {
			end = len(rows)
		}
		all = append(all, r.Tables[n].handBack(rows[:end], numbers[n]))
		rows = rows[end:]
	}
	return all
}

// handBack is what of a table goes back.
func (t Table) handBack(rows []RefusedRow, numbers map[int]string) RefusedTable {
	back := RefusedTable{Sheet: t.Sheet, Title: t.Title, Columns: t.Columns, Headings: t.headingRows()}
	var sections []PassedRow
	for _, passed := range t.Passed {
		if passed.Why == passedSection {
			sections = append(sections, passed)
		}
	}
	blocks := t.blocks()
	said := map[int][]CellProblem{}
	for _, r := range rows {
		said[r.Row] = nil
	}
	for _, r := range rows {
		for _, p := range r.Problems {
			if _, back := said[p.Row]; !back {
				p.Row = r.Row
			}
			said[p.Row] = append(said[p.Row], p)
		}
	}
	for _, r := range rows {
		for len(sections) > 0 && sections[0].Row < r.Row {
			back.Rows = append(back.Rows, HandedBack{Section: t.sectionName(sections[0]), Row: sections[0].Row})
			sections = sections[1:]
		}
		row := HandedBack{Row: r.Row, Cells: slices.Clone(r.Cells), Held: make([]bool, len(r.Cells)), Problems: said[r.Row]}
		for n, c := range t.Columns {
			block, held := blocks.over(r.Row, c.Index)
			switch {
			case !held:
			case block.top >= r.Item:
				row.Held[n] = true
			case r.Row == r.Item: // the block began above: what it shows is the item's as well
				row.Cells[n] = t.textAt(block.top, block.left)
			default:
				row.Held[n] = true
			}
			if number := numbers[r.Row]; number != "" && c.Field == FieldNumber {
				row.Cells[n] = number
			}
		}
		back.Rows = append(back.Rows, row)
	}
	return back
}

// headingRows are the rows of the heading as they stood.
func (t Table) headingRows() [][]string {
	rows := make([][]string, len(t.Headings))
	for level := range rows {
		rows[level] = make([]string, len(t.Columns))
		for n, c := range t.Columns {
			if len(c.path) > 0 {
				rows[level][n] = c.path[min(level, len(c.path)-1)]
			}
		}
	}
	return rows
}

// sectionName is a section as it was written, its ordinal before it.
func (t Table) sectionName(passed PassedRow) string {
	row := t.rowAt(passed.Row)
	if row == nil {
		return passed.Text
	}
	name := ""
	for _, c := range row.cells {
		if name != "" && !ordinals.MatchString(name+"、") {
			name += " "
		} else if name != "" && !ordinals.MatchString(name) {
			name += "、"
		}
		name += c.text
	}
	return name
}

func (t Table) rowAt(n int) *sheetRow {
	if t.sheet == nil {
		return nil
	}
	i, found := sort.Find(len(t.sheet.rows), func(i int) int { return cmp.Compare(n, t.sheet.rows[i].n) })
	if !found {
		return nil
	}
	return &t.sheet.rows[i]
}

func (t Table) textAt(row, col int) string {
	if r := t.rowAt(row); r != nil {
		if c := r.cell(col); c != nil {
			return c.text
		}
	}
	return ""
}

// columnBlocks are the merged blocks over each column, from top to bottom. Blocks do
// not overlap, so the last that began above a cell is the only one it can be in.
type columnBlocks map[int][]sheetMerge

func (t Table) blocks() columnBlocks {
	blocks := columnBlocks{}
	if t.sheet == nil {
		return blocks
	}
	for _, m := range t.sheet.merges {
		if m.bottom == m.top {
			continue
		}
		for col := m.left; col <= m.right; col++ {
			blocks[col] = append(blocks[col], m)
		}
	}
	for _, of := range blocks {
		slices.SortFunc(of, func(a, z sheetMerge) int { return cmp.Compare(a.top, z.top) })
	}
	return blocks
}

// over is the block that began above a cell and lies over it.
func (b columnBlocks) over(row, col int) (sheetMerge, bool) {
	of := b[col]
	n := sort.Search(len(of), func(i int) bool { return of[i].top >= row }) - 1
	if n < 0 || of[n].bottom < row {
		return sheetMerge{}, false
	}
	return of[n], true
}
