package views

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"duban/models"
	"duban/models/ledger"
	"duban/views/text"
)

// LedgerSheet is the ledger as a workbook in the layout that offices know: a
// measure a row, what is the item's merged over them, dates as dates, the heading
// on every printed page. What people typed is text, whatever it begins with.
type LedgerSheet struct {
	ctx     context.Context
	units   map[int64]models.Unit
	file    *excelize.File
	stream  *excelize.StreamWriter
	row     int
	carried []string
	styles  struct{ title, note, head, must, cell, date, wrong int }
}

// sheetColumns are the headings, in the order of the official ledger, and whether
// a column is the item's own or its measures'.
var sheetColumns = []struct {
	key   string
	width float64
	item  bool
}{
	{"sheet.number", 14, true}, {"sheet.tier", 10, true}, {"sheet.unit", 16, true}, {"sheet.category", 12, true},
	{"sheet.source", 18, true}, {"sheet.problem", 44, true}, {"sheet.standard", 26, true},
	{"sheet.measure", 38, false}, {"sheet.leader", 10, false}, {"sheet.department", 14, false}, {"sheet.owner", 12, false},
	{"sheet.deadline", 16, false}, {"sheet.due", 12, false}, {"sheet.done", 12, false}, {"sheet.result", 24, false},
	{"sheet.progress", 36, true}, {"sheet.status", 10, true}, {"sheet.closed", 12, true},
	{"sheet.first_due", 12, true}, {"sheet.extended", 10, true},
}

// NewLedgerSheet begins a workbook. The note says who took it, and when.
func NewLedgerSheet(ctx context.Context, units map[int64]models.Unit, title, note string) (*LedgerSheet, error) {
	s := &LedgerSheet{ctx: ctx, units: units, file: excelize.NewFile(), row: 4}
	sheet := text.T(ctx, "sheet.name")
	if err := s.file.SetSheetName("Sheet1", sheet); err != nil {
		return nil, err
	}
	if err := s.draw(); err != nil {
		return nil, err
	}
	if err := s.print(sheet, "$3:$3"); err != nil {
		return nil, err
	}
	var err error
	if s.stream, err = s.file.NewStreamWriter(sheet); err != nil {
		return nil, err
	}
	for n, c := range sheetColumns {
		if err := s.stream.SetColWidth(n+1, n+1, c.width); err != nil {
			return nil, err
		}
	}
	err = s.stream.SetPanes(&excelize.Panes{Freeze: true, XSplit: 1, YSplit: 3, TopLeftCell: "B4", ActivePane: "bottomRight"})
	if err != nil {
		return nil, err
	}
	last, _ := excelize.ColumnNumberToName(len(sheetColumns))
	for row, line := range []struct {
		words string
		style int
	}{{title, s.styles.title}, {note, s.styles.note}} {
		from, _ := excelize.CoordinatesToCellName(1, row+1)
		if err := s.stream.SetRow(from, []any{excelize.Cell{Value: line.words, StyleID: line.style}}); err != nil {
			return nil, err
		}
		if err := s.stream.MergeCell(from, last+from[1:]); err != nil {
			return nil, err
		}
	}
	var head []any
	for _, c := range sheetColumns {
		head = append(head, excelize.Cell{Value: text.T(ctx, c.key), StyleID: s.styles.head})
	}
	return s, s.stream.SetRow("A3", head)
}

// draw sets the styles.
func (s *LedgerSheet) draw() error {
	border := []excelize.Border{}
	for _, side := range []string{"left", "right", "top", "bottom"} {
		border = append(border, excelize.Border{Type: side, Color: "7F8A9A", Style: 1})
	}
	days := "yyyy-mm-dd"
	wrap := &excelize.Alignment{WrapText: true, Vertical: "top"}
	head, centred := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E6EFF8"}}, &excelize.Alignment{WrapText: true, Horizontal: "center", Vertical: "center"}
	for _, style := range []struct {
		into *int
		is   excelize.Style
	}{
		{&s.styles.title, excelize.Style{Font: &excelize.Font{Bold: true, Size: 16}, Alignment: &excelize.Alignment{Horizontal: "center"}}},
		{&s.styles.note, excelize.Style{Font: &excelize.Font{Size: 9, Color: "5A6677"}}},
		{&s.styles.head, excelize.Style{Font: &excelize.Font{Bold: true}, Border: border, Fill: head, Alignment: centred}},
		{&s.styles.must, excelize.Style{Font: &excelize.Font{Bold: true, Color: "B42318"}, Border: border, Fill: head, Alignment: centred}},
		{&s.styles.cell, excelize.Style{Border: border, Alignment: wrap}},
		{&s.styles.date, excelize.Style{Border: border, Alignment: wrap, CustomNumFmt: &days}},
		{&s.styles.wrong, excelize.Style{Font: &excelize.Font{Color: "B42318"}, Border: border, Alignment: wrap}},
	} {
		id, err := s.file.NewStyle(&style.is)
		if err != nil {
			return err
		}
		*style.into = id
	}
	return nil
}

// print says how a sheet is printed: across, as wide as the paper, its heading on
// every page.
func (s *LedgerSheet) print(sheet, heading string) error {
	a3, landscape, one, any := 8, "landscape", 1, 0
	if err := s.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &a3, Orientation: &landscape, FitToWidth: &one, FitToHeight: &any}); err != nil {
		return err
	}
	fit := true
	if err := s.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	return s.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + strings.ReplaceAll(sheet, "'", "''") + "'!" + heading, Scope: sheet})
}

// Add writes an item, a row for each of its measures.
func (s *LedgerSheet) Add(r models.ExportRow) error {
	item, measures := r.Item, r.SheetMeasures()
	for n, m := range measures {
		deadline := models.SheetDeadline(m, text.T(s.ctx, "item.standing"))
		cells := []any{
			s.words(item.Number), s.words(text.T(s.ctx, "tier."+string(item.Tier))), s.words(s.units[item.UnitID].Name), s.words(item.Category),
			s.words(item.Source), s.words(item.Problem), s.words(item.Standard),
			s.words(m.Text), s.words(or(m.Leader, item.Leader)), s.words(or(m.Department, item.Department)), s.words(strings.Join(m.Owners, text.T(s.ctx, "list.and"))),
			s.words(deadline), s.day(m.DueOn), s.day(m.DoneOn), s.words(m.Result),
			s.words(r.Progress), s.words(text.T(s.ctx, "status."+string(item.Status))), s.day(item.ClosedOn),
			s.day(item.FirstDueOn), excelize.Cell{Value: item.Extended, StyleID: s.styles.cell},
		}
		if n > 0 { // below, the item's own cells are merged
			for c, column := range sheetColumns {
				if column.item {
					cells[c] = excelize.Cell{StyleID: s.styles.cell}
				}
			}
		}
		at, _ := excelize.CoordinatesToCellName(1, s.row+n)
		if err := s.stream.SetRow(at, cells); err != nil {
			return err
		}
	}
	if last := s.row + len(measures) - 1; last > s.row {
		for c, column := range sheetColumns {
			if !column.item {
				continue
			}
			from, _ := excelize.CoordinatesToCellName(c+1, s.row)
			to, _ := excelize.CoordinatesToCellName(c+1, last)
			if err := s.stream.MergeCell(from, to); err != nil {
				return err
			}
		}
	}
	s.row += len(measures)
	return nil
}

func (s *LedgerSheet) words(of string) excelize.Cell {
	return excelize.Cell{Value: of, StyleID: s.styles.cell}
}

func (s *LedgerSheet) day(d models.Day) excelize.Cell {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return s.words(string(d))
	}
	return excelize.Cell{Value: t, StyleID: s.styles.date}
}

// WriteTo ends the workbook and writes it out.
func (s *LedgerSheet) WriteTo(w io.Writer) (int64, error) {
	if err := s.stream.Flush(); err != nil {
		return 0, err
	}
	if len(s.carried) > 0 {
		if err := s.carry(); err != nil {
			return 0, err
		}
	}
	return s.file.WriteTo(w)
}

// Carry gives the workbook what it carries on a hidden sheet, a text a cell; see
// models.ExportBase.
func (s *LedgerSheet) Carry(cells []string) { s.carried = cells }

func (s *LedgerSheet) carry() error {
	if _, err := s.file.NewSheet(ledger.CarrySheet); err != nil {
		return err
	}
	hidden, err := s.file.NewStreamWriter(ledger.CarrySheet)
	if err != nil {
		return err
	}
	for n, cell := range s.carried {
		if err := hidden.SetRow("A"+strconv.Itoa(n+1), []any{cell}); err != nil {
			return err
		}
	}
	if err := hidden.Flush(); err != nil {
		return err
	}
	return s.file.SetSheetVisible(ledger.CarrySheet, false, true)
}

// Close drops what was kept on the side.
func (s *LedgerSheet) Close() error { return s.file.Close() }
