package views

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"duban/models"
	"duban/views/text"
)

// ImportsView is the first step of an import, with what was typed, and the imports
// so far.
type ImportsView struct {
	Typed    models.Import
	Problems models.Problems
	Units    []models.Unit
	Rounds   []models.Round
	Imports  []models.Import
	MB       int64
	Rows     int
	May      models.User
	When     func(time.Time) string
}

// ImportView is one import at one of its steps.
type ImportView struct {
	Import   models.Import
	Preview  models.ImportPreview
	Problems models.Problems // of the file: no column says what the problems are
	Wrong    models.Problems // of answers
	Earlier  []models.Import // of the very same file
	Units    []models.Unit
	Moved    bool // the register changed since the preview was drawn
	Tab      string
	Page     int
	Size     int
	Now      time.Time
	When     func(time.Time) string
}

// ImportLinkOf is an import's page; ImportStepLink is one step of it.
func ImportLinkOf(n int64) string                { return ImportLink + "/" + id(n) }
func ImportStepLink(n int64, step string) string { return ImportLinkOf(n) + "?step=" + step }
func ColumnsLink(n int64) string                 { return ImportLinkOf(n) + "/columns" }
func AnswersLink(n int64) string                 { return ImportLinkOf(n) + "/answers" }
func ConfirmationLink(n int64) string            { return ImportLinkOf(n) + "/confirmation" }
func UndoingLink(n int64) string                 { return ImportLinkOf(n) + "/undoing" }
func RefusedLink(n int64) string                 { return ImportLinkOf(n) + "/refused.xlsx" }

// HasColumns says whether a heading was found at all, of which a person could say
// what it means.
func HasColumns(r models.LedgerReading) bool {
	return slices.ContainsFunc(r.Tables, func(t models.LedgerTable) bool { return len(t.Columns) > 0 })
}

// AsksColumns says whether a person should say what some heading means.
func AsksColumns(r models.LedgerReading) bool {
	for _, t := range r.Tables {
		for _, c := range t.Columns {
			if len(c.Ask) > 0 && !c.Chosen {
				return true
			}
		}
	}
	return false
}

func (v ImportsView) unit() string {
	for _, u := range v.Units {
		if v.Typed.UnitID != nil && u.ID == *v.Typed.UnitID {
			return u.Code
		}
	}
	return ""
}

func (v ImportsView) unitName(i models.Import) string {
	for _, u := range v.Units {
		if i.UnitID != nil && u.ID == *i.UnitID {
			return u.Name
		}
	}
	return ""
}

func (v ImportsView) units(ctx context.Context) []Choice {
	choices := []Choice{{"", text.T(ctx, "import.several")}}
	for _, u := range v.Units {
		choices = append(choices, Choice{u.Code, u.Name})
	}
	return choices
}

func (v ImportsView) rounds() (choices []Choice, chosen string) {
	for _, r := range v.Rounds {
		choices = append(choices, Choice{r.Code, r.Name})
		if r.ID == v.Typed.RoundID {
			chosen = r.Code
		}
	}
	return choices, chosen
}

func tierChoices(ctx context.Context) []Choice {
	var choices []Choice
	for _, t := range models.Tiers() {
		choices = append(choices, Choice{string(t), text.T(ctx, "tier."+string(t))})
	}
	return choices
}

// fields are what a column can be said to be.
func (v ImportView) fields(ctx context.Context, c models.LedgerColumn) []Choice {
	choices := []Choice{{"", text.T(ctx, "import.leave_out")}}
	if !c.Taken && len(c.Ask) > 0 {
		choices = append([]Choice{{"?", text.T(ctx, "import.say")}}, choices...)
	}
	for _, f := range models.LedgerFields() {
		label := text.T(ctx, "ledger.field."+string(f))
		if f == models.FieldProblem {
			label += " ★"
		}
		choices = append(choices, Choice{string(f), label})
	}
	return choices
}

func columnValue(c models.LedgerColumn) string {
	switch {
	case c.Taken:
		return string(c.Field)
	case len(c.Ask) > 0 && !c.Chosen:
		return "?"
	default:
		return ""
	}
}

// importTabs are the parts of a preview, in their order.
var importTabs = []string{"new", "changed", "asked", "refused", "same"}

func (v ImportView) tab() string {
	if slices.Contains(importTabs, v.Tab) {
		return v.Tab
	}
	for _, t := range []string{"asked", "refused", "new", "changed"} {
		if v.count(t) > 0 {
			return t
		}
	}
	return "same"
}

func (v ImportView) count(tab string) int {
	switch tab {
	case "asked":
		return v.Preview.Asked()
	case "refused":
		return v.Preview.RefusedN()
	default:
		return v.Preview.N(models.LineState(tab))
	}
}

func (v ImportView) tabs(ctx context.Context) []Tab {
	var tabs []Tab
	for _, t := range importTabs {
		tabs = append(tabs, Tab{
			Label: text.T(ctx, "import.tab."+t), Link: v.at(t, 1), N: v.count(t), Bad: t == "refused", Current: t == v.tab(),
		})
	}
	return tabs
}

func (v ImportView) at(tab string, page int) string {
	link := ImportStepLink(v.Import.ID, "preview") + "&tab=" + tab
	if page > 1 {
		link += "&page=" + strconv.Itoa(page)
	}
	return link
}

// lines are the lines of the tab, those of the page.
func (v ImportView) lines() (shown []models.ImportLine, all int) {
	var lines []models.ImportLine
	for _, l := range v.Preview.Lines {
		if v.tab() == "asked" && l.Open() || v.tab() == string(l.State) {
			lines = append(lines, l)
		}
	}
	from := min((v.Page-1)*v.Size, len(lines))
	return lines[from:min(from+v.Size, len(lines))], len(lines)
}

// refusedRows are the rows that could not be read, on the first page of their tab.
func (v ImportView) refusedRows() []models.RefusedRow {
	var rows []models.RefusedRow
	for _, r := range v.Preview.Reading.Refused {
		if len(r.Problems) > 0 {
			rows = append(rows, r)
		}
	}
	from := min((v.Page-1)*v.Size, len(rows))
	return rows[from:min(from+v.Size, len(rows))]
}

func (v ImportView) morePages() bool {
	_, all := v.lines()
	if v.tab() == "refused" {
		all = max(all, v.Preview.RefusedN())
	}
	return v.Page*v.Size < all
}

// oddUnits are the names of units in the ledger that nobody has.
func (v ImportView) oddUnits() []string {
	var names []string
	for _, l := range v.Preview.Lines {
		if l.Unit.ID == 0 && l.Ledger.Unit != "" && !slices.Contains(names, l.Ledger.Unit) && len(names) < 20 {
			names = append(names, l.Ledger.Unit)
		}
	}
	return names
}

func (v ImportView) unitChoices(ctx context.Context) []Choice {
	choices := []Choice{{"", text.T(ctx, "import.choose_unit")}}
	for _, u := range v.Units {
		choices = append(choices, Choice{u.Code, u.Name})
	}
	return choices
}

// cellWhere is where a problem of a ledger is: its sheet, row and column.
func cellWhere(ctx context.Context, p models.CellProblem) string {
	words := []string{p.Sheet}
	if p.Row > 0 {
		words = append(words, text.T(ctx, "import.row", p.Row))
	}
	switch {
	case p.Field != "":
		words = append(words, text.T(ctx, "ledger.field."+string(p.Field)))
	case p.Column != "":
		words = append(words, text.T(ctx, "import.column", p.Column))
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

// askWords is a question about a deadline as a person reads it.
func askWords(ctx context.Context, ask string) string {
	key, args := models.QuestionKey(ask)
	return text.T(ctx, key, args...)
}

// readAs is what a deadline was understood to mean, with a mark where something was
// taken from the context.
func readAs(ctx context.Context, d models.Deadline) string {
	var words []string
	if d.DueOn != "" {
		words = append(words, string(d.DueOn))
	}
	if d.Standing {
		words = append(words, text.T(ctx, "item.standing"))
	}
	for _, a := range d.Assumed {
		words = append(words, text.T(ctx, "deadline.assumed."+a))
	}
	if len(words) == 0 {
		return text.T(ctx, "light.none")
	}
	return strings.Join(words, " ")
}

// RefusedSheet is a workbook of the rows that were not taken, as they were typed, with
// a column that says what to do about each.
func RefusedSheet(ctx context.Context, p models.ImportPreview) ([]byte, error) {
	headings := []string{text.T(ctx, "import.sheet"), text.T(ctx, "import.row_no")}
	columns := 0
	for _, t := range p.Reading.Tables {
		if len(t.Columns) > columns {
			columns = len(t.Columns)
			headings = headings[:2]
			for _, c := range t.Columns {
				headings = append(headings, c.Heading)
			}
		}
	}
	headings = append(headings, text.T(ctx, "import.reason"))
	var rows [][]string
	add := func(sheet string, row int, cells []string, problems []models.CellProblem) {
		var reasons []string
		for _, problem := range problems {
			reasons = append(reasons, strings.TrimSpace(cellWhere(ctx, problem)+" "+text.T(ctx, problem.Key, problem.Args...)))
		}
		line := append([]string{sheet, strconv.Itoa(row)}, cells...)
		for len(line) < len(headings)-1 {
			line = append(line, "")
		}
		rows = append(rows, append(line[:len(headings)-1], strings.Join(reasons, "\n")))
	}
	for _, r := range p.Reading.Refused {
		add(r.Sheet, r.Row, r.Cells, r.Problems)
	}
	for _, l := range p.Lines {
		if l.State != models.LineRefused || l.Ledger.Table >= len(p.Reading.Tables) {
			continue
		}
		measures := l.Ledger.Measures
		if len(measures) == 0 {
			measures = []models.LedgerMeasure{{Row: l.Ledger.Row, Deadline: l.Ledger.Deadline}}
		}
		for n, m := range measures {
			var cells []string
			for _, c := range p.Reading.Tables[l.Ledger.Table].Columns {
				cells = append(cells, cellOf(ctx, l.Ledger, m, n == 0, c.Field))
			}
			problems := l.Refused
			if n > 0 {
				problems = nil
			}
			add(l.Ledger.Sheet, m.Row, cells, problems)
		}
	}
	return plainSheet(text.T(ctx, "import.refused_file"), headings, rows)
}

// cellOf is what a ledger said in one column of an item.
func cellOf(ctx context.Context, i models.LedgerItem, m models.LedgerMeasure, first bool, field models.LedgerField) string {
	switch field {
	case models.FieldMeasure:
		return m.Text
	case models.FieldKind:
		return m.Kind
	case models.FieldLeader:
		return m.Leader
	case models.FieldDepartment:
		return m.Department
	case models.FieldOwner, models.FieldHandler:
		return strings.Join(m.Owners, "、")
	case models.FieldDeadline:
		return m.Deadline.Phrase
	}
	if !first {
		return ""
	}
	return map[models.LedgerField]string{
		models.FieldNumber: i.Number, models.FieldTier: text.T(ctx, "tier."+string(i.Tier)), models.FieldUnit: i.Unit, models.FieldCategory: i.Category,
		models.FieldSource: i.Source, models.FieldProblem: i.Problem, models.FieldStandard: i.Standard, models.FieldProgress: i.Progress,
		models.FieldStatus: i.StatusWord, models.FieldRemark: i.Remark,
	}[field]
}

// TemplateSheet is an empty ledger with the headings that an import knows, and one
// row that shows how they are filled in.
func TemplateSheet(ctx context.Context) ([]byte, error) {
	var headings, row []string
	for _, f := range []models.LedgerField{
		models.FieldNumber, models.FieldTier, models.FieldProblem, models.FieldStandard, models.FieldMeasure, models.FieldLeader,
		models.FieldDepartment, models.FieldHandler, models.FieldDeadline, models.FieldProgress, models.FieldStatus, models.FieldRemark,
	} {
		headings = append(headings, text.T(ctx, "ledger.field."+string(f)))
		row = append(row, text.T(ctx, "import.example."+string(f)))
	}
	return plainSheet(text.T(ctx, "import.template_file"), headings, [][]string{row})
}

// plainSheet is a workbook of texts: none of them is ever a formula.
func plainSheet(name string, headings []string, rows [][]string) ([]byte, error) {
	file := excelize.NewFile()
	defer file.Close()
	if err := file.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	style, err := file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	if err != nil {
		return nil, err
	}
	stream, err := file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	for n := range headings {
		if err := stream.SetColWidth(n+1, n+1, 20); err != nil {
			return nil, err
		}
	}
	if err := stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	for n, row := range append([][]string{headings}, rows...) {
		cells := make([]any, len(row))
		for k, value := range row {
			cells[k] = excelize.Cell{Value: value}
			if n == 0 {
				cells[k] = excelize.Cell{StyleID: style, Value: value}
			}
		}
		if err := stream.SetRow("A"+strconv.Itoa(n+1), cells); err != nil {
			return nil, err
		}
	}
	if err := stream.Flush(); err != nil {
		return nil, err
	}
	out, err := file.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
