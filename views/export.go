package views

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

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
	frame   ExportFrame
	file    *excelize.File
	stream  *excelize.StreamWriter
	row     int
	carried []string
	styles  struct{ title, note, head, must, cell, date, wrong int }
}

// ExportFrame is what an exported ledger is told by, beside its items: the units, and the
// day and the rules by which lights are counted.
type ExportFrame struct {
	Units map[int64]models.Unit
	Today models.Day
	Rules models.Rules
}

// ExportHead is what an exported ledger says of itself.
type ExportHead struct {
	Name   string // 巡察整改台账
	Unit   string // whose it is, where it is one unit's
	Filter string // what was asked for, as people say it
	By     string
	At     time.Time
	Items  int
}

// Title is what it is, whose, and what of it.
func (h ExportHead) Title(ctx context.Context) string {
	title := strings.TrimSpace(h.Name + " " + h.Unit)
	if h.Filter != "" {
		title += text.T(ctx, "sheet.filtered", h.Filter)
	}
	return title
}

func (h ExportHead) note(ctx context.Context) string {
	return text.T(ctx, "sheet.note", h.By, h.At.Format("2006-01-02 15:04"), h.Items)
}

// FileName is the name of its file, without the ending: what no system takes in a name is
// left out, and a long filter is cut.
func (h ExportHead) FileName(on models.Day) string {
	const longest = 60 // characters of the filter
	filter := []rune(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), strings.ContainsRune(`/\:*?"<>|`, r):
			return '-'
		case unicode.IsSpace(r):
			return -1
		}
		return r
	}, h.Filter))
	if len(filter) > longest {
		filter = append(filter[:longest], '…')
	}
	name := h.Name
	for _, part := range []string{h.Unit, string(filter), string(on)} {
		if part != "" {
			name += "_" + part
		}
	}
	return name
}

// FilterSaid is what a filter asks, as people say it; a filter that names one unit is said
// by the unit's name elsewhere.
func FilterSaid(ctx context.Context, s ListState) string {
	var said []string
	for _, key := range allConditions(s.Filter) {
		if key == "unit" && len(s.Filter.Units) == 1 {
			continue
		}
		label, words := text.T(ctx, "filter."+key), s.conditionWords(ctx, key)
		if words != label {
			words = text.T(ctx, "sheet.condition", label, words)
		}
		said = append(said, words)
	}
	return strings.Join(said, text.T(ctx, "sheet.and"))
}

// exportLine is one row of an exported ledger: an item and one of its measures.
type exportLine struct {
	models.ExportRow
	ExportFrame
	measure models.Measure
}

func (l exportLine) card() models.Card { return l.Item.Card() }

// sheetColumns are the columns of an exported ledger, in the order of the official one:
// the heading, the name in JSON, whether it is the item's own or its measures', and what
// it says: a text, a day or a number. code is what it is in JSON, where that is another.
var sheetColumns = []struct {
	key, name string
	width     float64
	item      bool
	says      func(ctx context.Context, l exportLine) any
	code      func(l exportLine) any
}{
	{"sheet.number", "number", 14, true, func(_ context.Context, l exportLine) any { return l.Item.Number }, nil},
	{"sheet.tier", "tier", 10, true, func(ctx context.Context, l exportLine) any { return text.T(ctx, "tier."+string(l.Item.Tier)) },
		func(l exportLine) any { return string(l.Item.Tier) }},
	{"sheet.unit", "unit", 16, true, func(_ context.Context, l exportLine) any { return l.Units[l.Item.UnitID].Name }, nil},
	{"sheet.category", "category", 12, true, func(_ context.Context, l exportLine) any { return l.Item.Category }, nil},
	{"sheet.source", "source", 18, true, func(_ context.Context, l exportLine) any { return l.Item.Source }, nil},
	{"sheet.problem", "problem", 44, true, func(_ context.Context, l exportLine) any { return l.Item.Problem }, nil},
	{"sheet.standard", "standard", 26, true, func(_ context.Context, l exportLine) any { return l.Item.Standard }, nil},
	{"sheet.measure", "measure", 38, false, func(_ context.Context, l exportLine) any { return l.measure.Text }, nil},
	{"sheet.leader", "leader", 10, false, func(_ context.Context, l exportLine) any { return or(l.measure.Leader, l.Item.Leader) }, nil},
	{"sheet.department", "department", 14, false, func(_ context.Context, l exportLine) any { return or(l.measure.Department, l.Item.Department) }, nil},
	{"sheet.owner", "owners", 12, false, func(ctx context.Context, l exportLine) any {
		return strings.Join(l.measure.Owners, text.T(ctx, "list.and"))
	}, func(l exportLine) any {
		return slices.DeleteFunc(slices.Clone(l.measure.Owners), func(o string) bool { return o == "" })
	}},
	{"sheet.deadline", "deadline", 16, false, func(ctx context.Context, l exportLine) any {
		return models.SheetDeadline(l.measure, text.T(ctx, "item.standing"))
	}, func(l exportLine) any { return l.measure.DeadlinePhrase }},
	{"sheet.due", "due_on", 12, false, func(_ context.Context, l exportLine) any { return l.measure.DueOn }, nil},
	{"sheet.done", "done_on", 12, false, func(_ context.Context, l exportLine) any { return l.measure.DoneOn }, nil},
	{"sheet.result", "result", 24, false, func(_ context.Context, l exportLine) any { return l.measure.Result }, nil},
	{"sheet.progress", "progress", 36, true, func(_ context.Context, l exportLine) any { return l.Progress }, nil},
	{"sheet.status", "status", 10, true, func(ctx context.Context, l exportLine) any { return text.T(ctx, "status."+string(l.Item.Status)) },
		func(l exportLine) any { return l.Item.Status.Query() }},
	{"sheet.closed", "closed_on", 12, true, func(_ context.Context, l exportLine) any { return l.Item.ClosedOn }, nil},
	{"sheet.light", "light", 10, true, func(ctx context.Context, l exportLine) any {
		return text.T(ctx, "light."+l.card().Light(l.Today, l.Rules).Query())
	}, func(l exportLine) any { return l.card().Light(l.Today, l.Rules).Query() }},
	{"sheet.days_late", "days_late", 10, true, func(_ context.Context, l exportLine) any { return l.card().DaysOver(l.Today) }, nil},
	{"sheet.first_due", "first_due_on", 12, true, func(_ context.Context, l exportLine) any { return l.Item.FirstDueOn }, nil},
	{"sheet.extended", "extensions", 10, true, func(_ context.Context, l exportLine) any { return l.Item.Extended }, nil},
}

// NewLedgerSheet begins a workbook. Its title says of what it is, the line below who took
// it, and when.
func NewLedgerSheet(ctx context.Context, frame ExportFrame, head ExportHead) (*LedgerSheet, error) {
	s := &LedgerSheet{ctx: ctx, frame: frame, file: excelize.NewFile(), row: 4}
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
	}{{head.Title(ctx), s.styles.title}, {head.note(ctx), s.styles.note}} {
		from, _ := excelize.CoordinatesToCellName(1, row+1)
		if err := s.stream.SetRow(from, []any{excelize.Cell{Value: line.words, StyleID: line.style}}); err != nil {
			return nil, err
		}
		if err := s.stream.MergeCell(from, last+from[1:]); err != nil {
			return nil, err
		}
	}
	var headings []any
	for _, c := range sheetColumns {
		headings = append(headings, excelize.Cell{Value: text.T(ctx, c.key), StyleID: s.styles.head})
	}
	return s, s.stream.SetRow("A3", headings)
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

// toldColumns are those that tell what the register knows and are taken back from nobody.
var toldColumns = []string{"due_on", "done_on", "result", "status", "closed_on", "light", "days_late", "first_due_on", "extensions"}

// ToldCells are an item's cells of these columns, by heading and row; one text for what is
// the item's own.
func ToldCells(ctx context.Context, frame ExportFrame, r models.ExportRow) map[string][]string {
	told := map[string][]string{}
	for _, c := range sheetColumns {
		if !slices.Contains(toldColumns, c.name) {
			continue
		}
		measures := r.SheetMeasures()
		if c.item {
			measures = measures[:1]
		}
		heading := text.T(ctx, c.key)
		for _, m := range measures {
			told[heading] = append(told[heading], fmt.Sprint(c.says(ctx, exportLine{r, frame, m})))
		}
	}
	return told
}

// Add writes an item, a row for each of its measures.
func (s *LedgerSheet) Add(r models.ExportRow) error {
	measures := r.SheetMeasures()
	for n, m := range measures {
		cells := make([]any, len(sheetColumns))
		for c, column := range sheetColumns {
			if n > 0 && column.item { // merged with the one above
				cells[c] = excelize.Cell{StyleID: s.styles.cell}
				continue
			}
			switch said := column.says(s.ctx, exportLine{r, s.frame, m}).(type) {
			case models.Day:
				cells[c] = s.day(said)
			case string:
				cells[c] = s.words(said)
			default:
				cells[c] = excelize.Cell{Value: said, StyleID: s.styles.cell}
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
