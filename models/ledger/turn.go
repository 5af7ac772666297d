package ledger

import (
	"slices"
	"unicode/utf8"
)

// A sheet may stand on its side: its headings in the first column, an item in each
// column beside them. It is turned when the person agrees; before that nothing is
// taken of it.

// mostTurned is how many rows a sheet that stands on its side may have: each is a
// heading, or a title above them.
const mostTurned = mostColumns

// onItsSide says whether a sheet's headings stand in one column instead of one row.
func (r *ledgerReader) onItsSide(s *ledgerSheet, views []rowView) bool {
	if len(views) < 3 || len(views) > mostTurned || views[len(views)-1].n > 4*mostColumns {
		return false
	}
	most := 0 // of the headings of a row
	for i := range views {
		known, _, _ := r.headed(&views[i])
		most = max(most, known)
	}
	for col := range 3 { // groups may stand before the headings
		known, cells, ledger, beside, explained := 0, 0, false, false, false
		for i := range views {
			c := views[i].ownCell(col)
			if c == nil || len(views[i].own) == 1 && known == 0 { // a title
				continue
			}
			cells++
			beside = beside || views[i].own[len(views[i].own)-1].col > uint16(col)
			h, ok := readHeading(FoldHeading(c.text))
			if field, chosen := r.in.Columns[FoldHeading(c.text)]; chosen {
				h, ok = headingReading{field: field}, true
			}
			if ok && utf8.RuneCountInString(c.text) <= longestHeading {
				known++
				explained = explained || explains(h.field, views[i].own)
				ledger = ledger || h.field == FieldProblem || h.field == FieldMeasure || h.field == FieldDetail
			}
		}
		if known >= 3 && known > most && known*3 >= cells*2 && ledger && beside && !explained {
			return true
		}
	}
	return false
}

// explains says of what stands beside a heading that it explains the column, as on a
// sheet of how to fill in, and is none of its values: a number is one, and a day.
func explains(field Field, row []sheetCell) bool {
	if field != FieldNumber && field != FieldDeadline || len(row) < 2 {
		return false
	}
	return !slices.ContainsFunc(row[1:], func(c sheetCell) bool {
		if field == FieldNumber {
			_, ok := ledgerNumber(c.text)
			return ok
		}
		return c.serial != 0 || c.flaw != sound || utf8.RuneCountInString(c.text) <= 30
	})
}

// turned is a sheet with its columns as rows.
func (s *ledgerSheet) turned() *ledgerSheet {
	out := &ledgerSheet{name: s.name, hidden: s.hidden, from1904: s.from1904}
	rows := map[int]*sheetRow{}
	var order []int
	first := 1 // row: the lines above a document's table have numbers below 1
	if len(s.rows) > 0 {
		first = min(first, s.rows[0].n)
	}
	for _, row := range s.rows {
		if row.hidden {
			out.hiddenCols = append(out.hiddenCols, sheetSpan{row.n - first, row.n - first})
		}
		for _, c := range row.cells {
			n := int(c.col) + 1
			if rows[n] == nil {
				rows[n] = &sheetRow{n: n, hidden: s.colHidden(int(c.col))}
				order = append(order, n)
			}
			c.col = uint16(row.n - first)
			rows[n].cells = append(rows[n].cells, c)
		}
	}
	slices.Sort(order)
	for _, n := range order {
		out.rows = append(out.rows, *rows[n])
	}
	for _, m := range s.merges {
		out.merges = append(out.merges, sheetMerge{m.left + 1, m.right + 1, m.top - first, m.bottom - first})
	}
	slices.SortFunc(out.merges, func(a, z sheetMerge) int {
		if a.top != z.top {
			return a.top - z.top
		}
		return a.left - z.left
	})
	return out
}

// offerTurn notes a sheet that could be turned.
func (r *ledgerReader) offerTurn(s *ledgerSheet, views []rowView) {
	table := Table{Sheet: s.name, Hidden: s.hidden, Turnable: true}
	for i := range views {
		table.Passed = append(table.Passed, PassedRow{views[i].n, passedTurnable, views[i].line()})
	}
	r.out.Tables = append(r.out.Tables, table)
	r.out.Notes = append(r.out.Notes, CellProblem{Weight: Question, Sheet: s.name, Key: "ledger.note.turn", Args: []any{s.name}})
}

// standUp puts what is said of a turned sheet where it stands in the file.
func (r *ledgerReader) standUp() {
	turned := map[string]bool{}
	for _, t := range r.out.Tables {
		if t.Turned {
			turned[t.Sheet] = true
		}
	}
	if len(turned) == 0 {
		return
	}
	mend := func(problems []CellProblem) {
		for i := range problems {
			if p := &problems[i]; turned[p.Sheet] && p.Row > 0 {
				row := 0
				if p.Column != "" {
					_, col, _ := cellPlace(p.Column + "1")
					row = col + 1
				}
				p.Column, p.Row = columnLetter(p.Row-1), row
			}
		}
	}
	mend(r.out.Notes)
	for i := range r.out.Items {
		mend(r.out.Items[i].Problems)
	}
	for i := range r.out.Refused {
		mend(r.out.Refused[i].Problems)
	}
}
