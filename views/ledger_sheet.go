package views

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"duban/models"
	"duban/models/deadline"
	"duban/models/ledger"
	"duban/views/text"
)

// templateColumns are the headings of an empty ledger, how each is filled in, and
// what the example says. Those that must be filled in stand first in the notes.
var templateColumns = []struct {
	heading, how, example string
	width                 float64
	must                  bool
}{
	{"sheet.number", "template.number", "template.number.example", 9, false},
	{"sheet.tier", "template.tier", "template.tier.example", 12, false},
	{"sheet.unit", "template.unit", "template.unit.example", 16, false},
	{"sheet.category", "template.category", "template.category.example", 14, false},
	{"sheet.source", "template.source", "template.source.example", 18, false},
	{"sheet.problem", "template.problem", "template.problem.example", 44, true},
	{"sheet.standard", "template.standard", "template.standard.example", 26, false},
	{"sheet.measure", "template.measure", "template.measure.example", 38, false},
	{"sheet.leader", "template.leader", "template.leader.example", 12, false},
	{"sheet.department", "template.department", "template.department.example", 14, false},
	{"sheet.owner", "template.owner", "template.owner.example", 14, false},
	{"sheet.deadline", "template.deadline", "template.deadline.example", 18, false},
	{"sheet.progress", "template.progress", "template.progress.example", 30, false},
	{"template.remark", "template.remark.how", "template.remark.example", 18, false},
}

// TemplateSheet is a ledger to fill in: the headings, a row that shows how, and a
// sheet of notes. The example has no number that could be read, so that it is never
// taken in when somebody leaves it standing.
func TemplateSheet(ctx context.Context) ([]byte, error) {
	s, err := newBook(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	ledger, notes := text.T(ctx, "sheet.name"), text.T(ctx, "template.notes")
	if err := s.begin(ledger); err != nil {
		return nil, err
	}
	var heads, example []any
	for n, c := range templateColumns {
		style := s.styles.head
		if c.must {
			style = s.styles.must
		}
		heads = append(heads, excelize.Cell{Value: text.T(ctx, c.heading), StyleID: style})
		example = append(example, s.words(text.T(ctx, c.example)))
		if err := s.stream.SetColWidth(n+1, n+1, c.width); err != nil {
			return nil, err
		}
		if c.heading == "sheet.tier" {
			if err := s.chooseTier(ledger, n+1); err != nil {
				return nil, err
			}
		}
	}
	if err := s.freeze(1); err != nil {
		return nil, err
	}
	for _, row := range [][]any{heads, example} {
		if err := s.add(row); err != nil {
			return nil, err
		}
	}
	if err := s.end(ledger, "$1:$1"); err != nil {
		return nil, err
	}
	if err := s.begin(notes); err != nil {
		return nil, err
	}
	if err := s.stream.SetColWidth(1, 1, 16); err != nil {
		return nil, err
	}
	if err := s.stream.SetColWidth(2, 2, 100); err != nil {
		return nil, err
	}
	for _, key := range []string{"template.note.example", "template.note.rows", "template.note.limits"} {
		if err := s.add([]any{excelize.Cell{Value: text.T(ctx, key), StyleID: s.styles.note}}); err != nil {
			return nil, err
		}
	}
	for _, must := range []bool{true, false} {
		for _, c := range templateColumns {
			if c.must != must {
				continue
			}
			style := s.styles.head
			if must {
				style = s.styles.must
			}
			if err := s.add([]any{excelize.Cell{Value: text.T(ctx, c.heading), StyleID: style}, s.words(text.T(ctx, c.how))}); err != nil {
				return nil, err
			}
		}
	}
	if err := s.end(notes, ""); err != nil {
		return nil, err
	}
	return s.bytes()
}

// chooseTier lets the tiers be chosen from a list.
func (s *LedgerSheet) chooseTier(sheet string, column int) error {
	var tiers []string
	for _, t := range deadline.Tiers() {
		tiers = append(tiers, text.T(s.ctx, "tier."+string(t)))
	}
	letter, err := excelize.ColumnNumberToName(column)
	if err != nil {
		return err
	}
	choice := excelize.NewDataValidation(true)
	choice.SetSqref(letter + "2:" + letter + "5000")
	if err := choice.SetDropList(tiers); err != nil {
		return err
	}
	return s.file.AddDataValidation(sheet, choice)
}

// RefusedSheet is a workbook of what an import did not take, as it stood in the file,
// with a column that says what is wrong: to be mended there and brought again.
func RefusedSheet(ctx context.Context, p models.ImportPreview) ([]byte, error) {
	s, err := newBook(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	tables := p.RefusedTables()
	names := sheetNames(text.T(ctx, "sheet.name"), tables)
	for n, t := range tables {
		if err := s.refused(names[n], t); err != nil {
			return nil, err
		}
	}
	if len(tables) == 0 {
		name := text.T(ctx, "sheet.name")
		if err := s.begin(name); err != nil {
			return nil, err
		}
		if err := s.add([]any{s.words(text.T(ctx, "sheet.back.none"))}); err != nil {
			return nil, err
		}
		if err := s.end(name, ""); err != nil {
			return nil, err
		}
	}
	return s.bytes()
}

// sheetNames are the names of the tables' sheets, for a name says of what tier they
// are. No two sheets of a workbook have the same.
func sheetNames(unnamed string, tables []ledger.RefusedTable) []string {
	var names []string
	for _, t := range tables {
		base := or(t.Sheet, unnamed)
		name := base
		same := func(other string) bool { return strings.EqualFold(other, name) }
		for n := 2; slices.ContainsFunc(names, same); n++ {
			end := " (" + strconv.Itoa(n) + ")"
			for utf8.RuneCountInString(base)+len(end) > excelize.MaxSheetNameLength {
				_, size := utf8.DecodeLastRuneInString(base)
				base = base[:len(base)-size]
			}
			name = base + end
		}
		names = append(names, name)
	}
	return names
}

// refused writes the rows of one table that were not taken.
func (s *LedgerSheet) refused(sheet string, t ledger.RefusedTable) error {
	if err := s.begin(sheet); err != nil {
		return err
	}
	last := len(t.Columns) + 1
	for n, c := range t.Columns {
		if err := s.stream.SetColWidth(n+1, n+1, widthOf(c.Field)); err != nil {
			return err
		}
	}
	if err := s.stream.SetColWidth(last, last, 50); err != nil {
		return err
	}
	above := 1
	if t.Title != "" {
		above++
	}
	if err := s.freeze(above + len(t.Headings)); err != nil {
		return err
	}
	if t.Title != "" {
		if err := s.across(t.Title, s.styles.title, last); err != nil {
			return err
		}
	}
	if err := s.across(text.T(s.ctx, "sheet.back.how"), s.styles.note, last); err != nil {
		return err
	}
	from := s.row
	if err := s.headings(t); err != nil {
		return err
	}
	heading := "$" + strconv.Itoa(from) + ":$" + strconv.Itoa(s.row-1)
	began := make([]int, len(t.Columns)) // by column, the row its open block began in
	for n, r := range t.Rows {
		if r.Section != "" {
			if err := s.across(r.Section, s.styles.cell, last); err != nil {
				return err
			}
			continue
		}
		cells := make([]any, last)
		for c, words := range r.Cells {
			cells[c] = s.words(words)
			if r.Held[c] {
				cells[c] = excelize.Cell{StyleID: s.styles.cell}
			} else {
				began[c] = s.row
			}
			if goes := n+1 < len(t.Rows) && t.Rows[n+1].Section == "" && t.Rows[n+1].Held[c]; !goes && began[c] > 0 {
				if err := s.merge(began[c], c+1, s.row, c+1); err != nil {
					return err
				}
				began[c] = 0
			}
		}
		cells[last-1] = excelize.Cell{Value: reasons(s.ctx, r.Problems), StyleID: s.styles.wrong}
		if err := s.add(cells); err != nil {
			return err
		}
	}
	return s.end(sheet, heading)
}

// headings writes the heading as it stood, groups over their parts, and beside it
// that of the reasons.
func (s *LedgerSheet) headings(t ledger.RefusedTable) error {
	top, last := s.row, len(t.Columns)+1
	bottom := top + len(t.Headings) - 1
	for level, words := range t.Headings {
		cells := make([]any, last)
		for n, w := range words {
			cells[n] = excelize.Cell{StyleID: s.styles.head}
			if first := n == 0 || !t.Group(level, n-1); first && (level == 0 || t.Headings[level-1][n] != w) {
				cells[n] = excelize.Cell{Value: w, StyleID: s.styles.head}
			}
		}
		cells[last-1] = excelize.Cell{StyleID: s.styles.must}
		if level == 0 {
			cells[last-1] = excelize.Cell{Value: text.T(s.ctx, "import.reason"), StyleID: s.styles.must}
		}
		if err := s.add(cells); err != nil {
			return err
		}
	}
	for n := range t.Columns {
		for level := 0; level < len(t.Headings); level++ {
			down, right := level, n
			for down+1 < len(t.Headings) && t.Headings[down+1][n] == t.Headings[level][n] {
				down++
			}
			for down == level && t.Group(level, right) {
				right++
			}
			if n == 0 || !t.Group(level, n-1) {
				if err := s.merge(top+level, n+1, top+down, right+1); err != nil {
					return err
				}
			}
			level = down
		}
	}
	return s.merge(top, last, bottom, last)
}

// reasons is what is wrong with a row, a sentence a line.
func reasons(ctx context.Context, problems []ledger.CellProblem) string {
	var words []string
	for _, p := range problems {
		if p.Weight != ledger.Remark {
			words = append(words, text.T(ctx, p.Key, p.Args...))
		}
	}
	return strings.Join(words, "\n")
}

// widthOf is how wide a column of a field is.
func widthOf(f ledger.Field) float64 {
	switch f {
	case ledger.FieldProblem, ledger.FieldDetail, ledger.FieldMeasure, ledger.FieldProgress:
		return 40
	case ledger.FieldStandard, ledger.FieldRequirement, ledger.FieldRemark:
		return 26
	case ledger.FieldNumber:
		return 9
	}
	return 15
}

// newBook begins a workbook of several sheets.
func newBook(ctx context.Context) (*LedgerSheet, error) {
	s := &LedgerSheet{ctx: ctx, file: excelize.NewFile()}
	return s, s.draw()
}

// begin begins a sheet.
func (s *LedgerSheet) begin(sheet string) error {
	if s.stream == nil { // the first is there already, under the library's name
		if err := s.file.SetSheetName(s.file.GetSheetName(0), sheet); err != nil {
			return err
		}
	} else if _, err := s.file.NewSheet(sheet); err != nil {
		return err
	}
	var err error
	s.row = 1
	s.stream, err = s.file.NewStreamWriter(sheet)
	return err
}

// end ends a sheet; heading are the rows that stand on every printed page.
func (s *LedgerSheet) end(sheet, heading string) error {
	if heading != "" {
		if err := s.print(sheet, heading); err != nil {
			return err
		}
	}
	return s.stream.Flush()
}

func (s *LedgerSheet) bytes() ([]byte, error) {
	out, err := s.file.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// add writes one row.
func (s *LedgerSheet) add(cells []any) error {
	at, err := excelize.CoordinatesToCellName(1, s.row)
	if err != nil {
		return err
	}
	s.row++
	return s.stream.SetRow(at, cells)
}

// across writes one text over all columns.
func (s *LedgerSheet) across(words string, style, last int) error {
	if err := s.merge(s.row, 1, s.row, last); err != nil {
		return err
	}
	return s.add([]any{excelize.Cell{Value: words, StyleID: style}})
}

// merge makes one block of the cells; one cell is left as it is.
func (s *LedgerSheet) merge(top, left, bottom, right int) error {
	if top == bottom && left == right {
		return nil
	}
	from, err := excelize.CoordinatesToCellName(left, top)
	if err != nil {
		return err
	}
	to, err := excelize.CoordinatesToCellName(right, bottom)
	if err != nil {
		return err
	}
	return s.stream.MergeCell(from, to)
}

// freeze keeps the first rows in sight.
func (s *LedgerSheet) freeze(rows int) error {
	return s.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: rows, TopLeftCell: "A" + strconv.Itoa(rows+1), ActivePane: "bottomLeft"})
}
