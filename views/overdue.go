package views

import (
	"context"
	"strconv"
	"strings"

	"duban/models"
	"duban/models/day"
	"duban/static"
	"duban/views/text"
)

// weekWords are how a week of the table is headed: by its last day, and "now" for the
// running one.
func (v OverdueView) weekWords(ctx context.Context, n int) string {
	if n == len(v.Weeks)-1 {
		return text.T(ctx, "overdue.now")
	}
	return dateOf(ctx, v.Weeks[n].End)
}

// weekEnd is the last day of a week written 2024-W27, as people name it.
func weekEnd(ctx context.Context, week string) string {
	end, ok := day.WeekEnd(week)
	if !ok {
		return week
	}
	return dateOf(ctx, end)
}

// trendWords say what the bars show, for those who do not see them.
func (v OverdueView) trendWords(ctx context.Context) string {
	words := []string{text.T(ctx, "overdue.trend")}
	for n, w := range v.Weeks {
		count := text.Count(ctx, "items.n", w.N())
		if w.Gap {
			count = text.T(ctx, "overdue.gap", dateOf(ctx, w.End))
		}
		words = append(words, v.weekWords(ctx, n)+": "+count)
	}
	return strings.Join(words, " ")
}

func spriteLink(name string) string { return static.URL("img/sprite.svg") + "#" + name }

// cellLink is the items of a unit that a cell of the table counts, and weekLink those of
// all units: overdue at that week's end, or now.
func (v OverdueView) cellLink(u models.Unit, n int) string { return v.weekLink(n, u.Code) }

func (v OverdueView) weekLink(n int, units ...string) string {
	if n == len(v.Weeks)-1 {
		return ItemsLink(models.Filter{Units: units, Lights: []models.Light{models.LightOver}})
	}
	return ItemsLink(models.Filter{Units: units, Week: v.Weeks[n].Week})
}

// shows says whether the rows are just those that a figure counts.
func (v OverdueView) shows(f models.Filter) bool {
	rows := v.Rows
	rows.Group, rows.Sort, rows.Page = "", "", 0
	return rows.With("rows", "", v.Today).Encode() == f.Encode()
}

// heatUnits is how many units the heat table shows.
const heatUnits = 24

// heated are the units that had something overdue in these weeks, and how many had
// nothing, or are left out for there are too many.
func (v OverdueView) heated() (some []models.Unit, clean, more int) {
	for _, u := range v.Order {
		late := false
		for _, w := range v.Weeks {
			late = late || w.ByUnit[u.ID] > 0
		}
		switch {
		case !late && len(v.Order) > heatUnits/2:
			clean++
		case len(some) == heatUnits:
			more++
		default:
			some = append(some, u)
		}
	}
	return some, clean, more
}

// change is how a figure stands against the end of the week before; "" where that is
// not known.
func (v OverdueView) change(figure models.Figure, n int) (signs string, change int) {
	then, known := v.Then[figure]
	if figure == models.FigureOverdue && !v.Before().Gap {
		then, known = v.Before().N(), true
	}
	if !known {
		return "", 0
	}
	return signed(n - then), n - then
}

// mine is the figure that counts what waits for the reader's own word.
func (v OverdueView) mine() models.Figure {
	if v.Me.Role == models.Supervisor {
		return models.FigureOf(v.Me)
	}
	return models.FigureReview
}

// sent are the letters about an item that were sent, and the last of them.
func (v OverdueView) sent(c models.Card) (n int, last models.LetterState) {
	for _, l := range v.Letters[c.ID] {
		if l.Sent() {
			n, last = n+1, l
		}
	}
	return n, last
}

// stepLink is where the next step of a row is done; "" when there is none for its
// readerOf.
func (v OverdueView) stepLink(c models.Card) string {
	switch step := v.Steps[c.ID]; {
	case step.Do == models.StepNone:
		return ""
	case step.Do == models.StepWrite:
		if !v.Keeper {
			return ""
		}
		return NewLettersLink(c.Number)
	default:
		return LetterLink(step.Letter)
	}
}

// stepDue says whether the next step is one to be done now, and not waited for.
func (v OverdueView) stepDue(c models.Card) bool {
	do := v.Steps[c.ID].Do
	return v.Keeper && (do == models.StepWrite || do == models.StepSign || do == models.StepJudge)
}

// heat is the class of a cell of the heat table.
func heat(n int) string {
	switch {
	case n == 0:
		return "h0"
	case n == 1:
		return "h1"
	case n <= 3:
		return "h2"
	case n <= 6:
		return "h3"
	}
	return "h4"
}

func signed(n int) string {
	if n > 0 {
		return "+" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

func (v OverdueView) most() int {
	most := 1
	for n := range v.All.Ages() {
		most = max(most, v.All.Age(n).N())
	}
	return most
}

func (v OverdueView) tallest() int {
	most := 1
	for _, w := range v.Weeks {
		most = max(most, w.N())
	}
	return most
}

func ageLabel(a models.Age) (key string, args []any) {
	if a.To == 0 {
		return "age.open", []any{a.From - 1}
	}
	return "age.span", []any{a.From, a.To}
}

// mineLabel is what the reader's own queue is called: whoever verifies nothing reads
// what waits for others.
func (v OverdueView) mineLabel() string {
	if v.Me.Role == models.Supervisor {
		return "filter.mine"
	}
	return "light.review"
}
