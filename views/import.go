package views

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/models"
	"duban/models/deadline"
	"duban/models/headway"
	"duban/models/ledger"
	"duban/views/text"
)

// ImportsView is the first step of an import, with what was typed, and the imports
// so far.
type ImportsView struct {
	Typed    models.Import
	Pasted   PastedTable
	Problems models.Problems
	Units    []models.Unit
	Rounds   []models.Round
	Imports  []models.Import
	MB       int64
	Rows     int
	May      models.User
	When     func(time.Time) string
}

// PastedTable is a table that was pasted into the page: as text, cells parted by tabs,
// and as HTML where the page's script had it from the clipboard.
type PastedTable struct{ Text, HTML string }

// passedRow is a row's number as the file has it; the lines above a document's table have
// none.
func passedRow(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// ImportView is one import at one of its steps.
type ImportView struct {
	Import     models.Import
	Preview    models.ImportPreview
	Problems   models.Problems   // of the file: no column says what the problems are
	Wrong      models.Problems   // of answers
	Typed      map[string]string // of answers, where something was wrong with them
	Said       models.Import     // of the file, as the form at the top has it
	WrongOf    models.Problems   // of that
	Registered models.RoundUnit  // the days of the unit in its round
	May        models.User
	Earlier    []models.Import // of the very same file
	Units      []models.Unit
	Moved      bool // the register changed since the preview was drawn
	Tab        string
	Page       int
	Size       int
	Now        time.Time
	When       func(time.Time) string
	MayUndo    bool
}

// ImportLinkOf is an import's page; ImportStepLink is one step of it.
func ImportLinkOf(n int64) string                { return ImportLink + "/" + idText(n) }
func ImportStepLink(n int64, step string) string { return ImportLinkOf(n) + "?step=" + step }
func ColumnsLink(n int64) string                 { return ImportLinkOf(n) + "/columns" }
func AnswersLink(n int64) string                 { return ImportLinkOf(n) + "/answers" }
func ConfirmationLink(n int64) string            { return ImportLinkOf(n) + "/confirmation" }
func UndoingLink(n int64) string                 { return ImportLinkOf(n) + "/undoing" }
func StoppingLink(n int64) string                { return ImportLinkOf(n) + "/stopping" }
func RefusedLink(n int64) string                 { return ImportLinkOf(n) + "/refused.xlsx" }

// leftOut says of a column that is left out how many values it has, and the first.
func leftOut(ctx context.Context, c ledger.Column) string {
	if c.Filled == 0 || len(c.Samples) == 0 {
		return text.T(ctx, "import.leave_out")
	}
	return text.T(ctx, "import.left_out", c.Filled, strings.Join(c.Samples, text.T(ctx, "list.and")))
}

// headwayWords says how many rows are done.
func headwayWords(ctx context.Context, far headway.Headway) string {
	switch {
	case far.Of > 0:
		return text.T(ctx, "headway.rows_of", far.Done, far.Of)
	case far.Done > 0:
		return text.T(ctx, "headway.rows", far.Done)
	}
	return text.T(ctx, "headway.begins")
}

// HasColumns says whether a heading was found at all, of which a person could say
// what it means.
func HasColumns(r ledger.Reading) bool {
	return slices.ContainsFunc(r.Tables, func(t ledger.Table) bool { return len(t.Columns) > 0 })
}

// AsksColumns says whether a person should say what some heading means.
func AsksColumns(r ledger.Reading) bool {
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
	for _, t := range deadline.Tiers() {
		choices = append(choices, Choice{string(t), text.T(ctx, "tier."+string(t))})
	}
	return choices
}

// fields are what a column can be said to be.
func (v ImportView) fields(ctx context.Context, c ledger.Column) []Choice {
	choices := []Choice{{"", text.T(ctx, "import.leave_out")}}
	if !c.Taken && len(c.Ask) > 0 {
		choices = append([]Choice{{"?", text.T(ctx, "import.say")}}, choices...)
	}
	for _, f := range ledger.Fields() {
		label := text.T(ctx, "ledger.field."+string(f))
		if f == ledger.FieldProblem {
			label += " ★"
		}
		choices = append(choices, Choice{string(f), label})
	}
	return choices
}

func columnValue(c ledger.Column) string {
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
	n := v.Preview.Counts()
	return map[string]int{"new": n.New, "changed": n.Changed, "same": n.Same, "refused": n.Refused, "asked": n.Asked}[tab]
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

// cellText is what a cell says, as it is shown.
func cellText(ctx context.Context, f ledger.Field, said string) string {
	switch {
	case said == "":
		return text.T(ctx, "import.cell.empty")
	case f == ledger.FieldTier:
		return text.T(ctx, "tier."+said)
	}
	return said
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

// refusedRows are the problems that could not be read, those of the page.
func (v ImportView) refusedRows() [][]ledger.RefusedRow {
	rows := v.Preview.RefusedItems()
	from := min((v.Page-1)*v.Size, len(rows))
	return rows[from:min(from+v.Size, len(rows))]
}

// showsLines says whether the tab has lines, or has nothing else to show.
func (v ImportView) showsLines() bool {
	_, lines := v.lines()
	return lines > 0 || v.tab() != "asked" || len(v.Preview.Asks) == 0
}

func (v ImportView) morePages() bool {
	_, all := v.lines()
	if v.tab() == "refused" {
		all = max(all, v.Preview.RefusedN())
	}
	return v.Page*v.Size < all
}

func (v ImportView) unitChoices(ctx context.Context) []Choice {
	choices := []Choice{{"", text.T(ctx, "import.choose_unit")}}
	for _, u := range v.Units {
		choices = append(choices, Choice{"unit:" + u.Code, u.Name})
	}
	return choices
}

// cellWhere is where a problem of a ledger is: its sheet, row and column.
func cellWhere(ctx context.Context, p ledger.CellProblem) string {
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
	key, args := deadline.QuestionKey(ask)
	return text.T(ctx, key, args...)
}

// readAs is what a deadline was understood to mean, with a mark where something was
// taken from the context.
func readAs(ctx context.Context, d deadline.Deadline) string {
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
