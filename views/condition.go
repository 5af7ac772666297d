package views

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"duban/models"
	"duban/views/text"
)

// filterConditions are the keys of a filter that leave items out, each with what it asks,
// as people say it, in the order pages show them.
var filterConditions = []struct {
	key   string
	words func(ctx context.Context, s ListState) string
}{
	{"q", func(_ context.Context, s ListState) string { return s.Filter.Query }},
	{"no", func(ctx context.Context, s ListState) string {
		return text.Count(ctx, "items.n", len(s.Filter.Numbers))
	}},
	{"tier", func(ctx context.Context, s ListState) string { return eachSaid(ctx, "tier.", s.Filter.Tiers) }},
	{"unit", unitWords},
	{"leader", func(ctx context.Context, s ListState) string {
		if s.Filter.Leader == models.NoLeader {
			return text.T(ctx, "leader.nobody")
		}
		return s.Filter.Leader
	}},
	{"owner", func(_ context.Context, s ListState) string { return s.Filter.Owner }},
	{"status", func(ctx context.Context, s ListState) string {
		words := make([]string, 0, 1+len(s.Filter.Statuses))
		if s.Filter.NotClosed {
			words = append(words, "open")
		}
		for _, status := range s.Filter.Statuses {
			words = append(words, string(status))
		}
		return eachSaid(ctx, "status.", words)
	}},
	{"light", func(ctx context.Context, s ListState) string {
		return eachSaid(ctx, "light.", strings.Split(s.Filter.Values().Get("light"), ","))
	}},
	{"overdue", func(ctx context.Context, s ListState) string {
		label, args := ageLabel(*s.Filter.Overdue)
		return text.T(ctx, label, args...)
	}},
	{"due", func(ctx context.Context, s ListState) string {
		if s.Filter.Values().Get("due") == "week" {
			return text.T(ctx, "views.week")
		}
		return spanWords(ctx, s.Filter.DueFrom, s.Filter.DueTo)
	}},
	{"closed", func(ctx context.Context, s ListState) string {
		return spanWords(ctx, s.Filter.ClosedFrom, s.Filter.ClosedTo)
	}},
	{"kept", func(ctx context.Context, s ListState) string {
		return text.T(ctx, "filter.kept."+string(s.Filter.Kept))
	}},
	{"week", func(ctx context.Context, s ListState) string { return weekEnd(ctx, s.Filter.Week) }},
	{"since", func(ctx context.Context, s ListState) string { return weekEnd(ctx, s.Filter.Since) }},
	{"idle", func(ctx context.Context, s ListState) string { return text.Count(ctx, "days.n", s.Filter.Idle) }},
	{"late", func(ctx context.Context, _ ListState) string { return text.T(ctx, "item.review_late") }},
	{"review", func(ctx context.Context, _ ListState) string { return text.T(ctx, "filter.mine") }},
	{"letter", func(ctx context.Context, s ListState) string {
		return text.T(ctx, "filter.letter."+string(s.Filter.Letter))
	}},
	{"ext", func(ctx context.Context, _ ListState) string { return text.T(ctx, "filter.ext.pending") }},
	{"duty", func(ctx context.Context, s ListState) string {
		if s.Filter.Receipt {
			return text.T(ctx, "unit.receipt")
		}
		return text.T(ctx, "unit.week")
	}},
	{"standing", func(ctx context.Context, s ListState) string {
		return text.T(ctx, "filter.standing."+s.Filter.Standing)
	}},
	{"cat", func(_ context.Context, s ListState) string { return s.Filter.Category }},
	{"import", func(_ context.Context, s ListState) string { return s.Filter.Values().Get("import") }},
	{"round", func(_ context.Context, s ListState) string {
		if s.Round.Code == s.Filter.Round {
			return s.Round.Name
		}
		return s.Filter.Round
	}},
}

func unitWords(ctx context.Context, s ListState) string {
	names := make([]string, len(s.Filter.Units))
	for n, code := range s.Filter.Units {
		names[n] = code
		for _, u := range s.Units {
			if u.Code == code {
				names[n] = u.Name
			}
		}
	}
	return strings.Join(names, text.T(ctx, "list.and"))
}

// eachSaid is what each of these words is called, one after the other.
func eachSaid[T ~string](ctx context.Context, prefix string, these []T) string {
	said := make([]string, len(these))
	for n, word := range these {
		said[n] = text.T(ctx, prefix+string(word))
	}
	return strings.Join(said, text.T(ctx, "list.and"))
}

// allConditions are the keys of a filter that leave items out, in a settled order.
func allConditions(f models.Filter) []string {
	asked := f.Values()
	var keys []string
	for _, c := range filterConditions {
		if asked.Has(c.key) {
			keys = append(keys, c.key)
		}
	}
	for _, key := range models.FilterKeys() { // one without words is shown as it is written, and not hidden
		if asked.Has(key) && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// conditions are those that no menu of the page shows as chosen.
func (s ListState) conditions() []string {
	return slices.DeleteFunc(allConditions(s.Filter), func(key string) bool {
		if key == "light" {
			return len(s.Filter.Lights) == 1 && s.Filter.Lights[0] != models.LightDone
		}
		return slices.ContainsFunc(append(slices.Clone(s.Picks), s.More...), func(p Pick) bool { return p.Key == key && p.shows() })
	})
}

// conditionWords is what a condition asks, as people say it.
func (s ListState) conditionWords(ctx context.Context, key string) string {
	for _, c := range filterConditions {
		if c.key == key {
			return c.words(ctx, s)
		}
	}
	return s.Filter.Values().Get(key)
}

func spanWords(ctx context.Context, from, to models.Day) string {
	if from == to {
		return dateOf(ctx, from)
	}
	return dateOf(ctx, from) + " – " + dateOf(ctx, to)
}

// ledgerColumn is a column of the ledger: its name in addresses, its heading, what it is
// sorted by, and whether it is there unless others are chosen.
type ledgerColumn struct {
	Name, Key, Sort string
	Usual           bool
}

// ledgerColumns are those beside the light and the problem, in the order of
// the sheet.
var ledgerColumns = []ledgerColumn{
	{"number", "item.number", "number", true},
	{"seq", "item.ledger_no", "", false},
	{"problem", "cell.name.problem", "", false},
	{"standard", "item.standard", "", false},
	{"tier", "item.tier", "tier", true},
	{"unit", "item.unit", "unit", true},
	{"leader", "item.leader", "leader", true},
	{"dept", "item.department", "", false},
	{"owner", "item.handler", "", false},
	{"cat", "filter.cat", "", false},
	{"status", "status.title", "", false},
	{"measures", "measure.name", "measures", true},
	{"due", "item.due", "due", true},
	{"first", "item.first_due.title", "", false},
	{"updated", "item.updated", "updated", true},
	{"closed", "filter.closed", "closed", false},
	{"said", "item.status_word", "", false},
}

// Long says whether one of the columns shows what a card leaves out.
func (v LedgerView) Long() bool {
	return slices.ContainsFunc(v.columns(), func(c ledgerColumn) bool { return slices.Contains([]string{"seq", "problem", "standard"}, c.Name) })
}

// edits is the cell that a column's are, as the page's script reads it: "" where this
// reader does not write in it.
func (v LedgerView) edits(column string) string {
	if slices.Contains(v.Editable, models.SheetCell(column)) {
		return column
	}
	return ""
}

// bulkAll edits all that the list names, and not its page alone.
func (v LedgerView) bulkAll() string {
	f := v.Filter
	f.Page = 0
	return withQuery(BulkPath, url.Values{"match": {or(f.Encode(), "status=")}, "from": {f.Encode()}}.Encode())
}

// width is how many columns a row has.
func (v LedgerView) width() int {
	if len(v.Editable) > 0 {
		return len(v.columns()) + 4
	}
	return len(v.columns()) + 3
}

// sheet is what the script of the page needs to edit its cells, nothing where nobody may.
func (v LedgerView) sheet(ctx context.Context) templ.Attributes {
	if len(v.Editable) == 0 {
		return nil
	}
	return templ.Attributes{
		"data-sheet": v.Filter.Encode(), "data-undo": text.T(ctx, "cell.undo"), "data-saved": text.T(ctx, "cell.saved"), "data-broken": text.T(ctx, "cell.broken"),
		"data-shut": text.T(ctx, "cell.shut"), "data-block": BlocksDraftLink,
	}
}

// version is that of a row that may be edited, "" of one that is shut.
func (v LedgerView) version(c models.Card) string {
	if len(v.Editable) == 0 || c.Status == models.Closed || c.Status == models.Voided {
		return ""
	}
	return strconv.Itoa(c.Version)
}

// columns are those that the filter chose, or the usual ones.
func (v LedgerView) columns() []ledgerColumn {
	chosen := v.Filter.Columns()
	some := slices.DeleteFunc(slices.Clone(ledgerColumns), func(c ledgerColumn) bool { return !slices.Contains(chosen, c.Name) })
	if len(some) > 0 {
		return some
	}
	return slices.DeleteFunc(slices.Clone(ledgerColumns), func(c ledgerColumn) bool { return !c.Usual })
}

// rest are the conditions of the address but for one, as a form carries them.
func (s ListState) rest(but ...string) []Choice {
	var rest []Choice
	for key, values := range s.Filter.Values() {
		if key != "page" && !slices.Contains(but, key) {
			rest = append(rest, Choice{Value: values[0], Label: key})
		}
	}
	slices.SortFunc(rest, func(a, z Choice) int { return strings.Compare(a.Label, z.Label) })
	return rest
}

// group is the rows of a list that have the same unit, leader or category.
type group struct {
	Name  string
	N     int // 0 when the page does not show them all
	Cards []models.Card
}

// groups are the rows of a page as the filter groups them; one without a name when
// it does not.
func (s ListState) groups(ctx context.Context, cards []models.Card) []group {
	if s.Filter.Group == "" {
		return []group{{Cards: cards}}
	}
	name := func(c models.Card) string {
		words := map[string]string{"unit": s.unit(c), "leader": c.Leader, "cat": c.Category}[s.Filter.Group]
		return or(words, text.T(ctx, "group.none"))
	}
	var groups []group
	for _, c := range cards {
		if n := len(groups); n == 0 || groups[n-1].Name != name(c) {
			groups = append(groups, group{Name: name(c)})
		}
		last := &groups[len(groups)-1]
		last.Cards = append(last.Cards, c)
		if s.Filter.Group == "unit" {
			last.N = s.Shown.Unit(c.UnitID).N()
		}
	}
	if s.Shown.N() == len(cards) {
		for n := range groups {
			groups[n].N = len(groups[n].Cards)
		}
	}
	return groups
}

// size is how many rows a page has, first and last which of all they are.
func (s ListState) size() int {
	if s.Filter.Size == 0 {
		return models.PageSizes[0]
	}
	return s.Filter.Size
}

func (s ListState) first() int { return (max(s.Filter.Page, 1)-1)*s.size() + 1 }

// pageBefore is the page before this one: the last there is, for one beyond them.
func (s ListState) pageBefore() int {
	return max(1, min(s.Filter.Page-1, (s.Shown.N()+s.size()-1)/s.size()))
}

func (s ListState) page(n int) string {
	f := s.Filter
	f.Page = n
	return s.link(f)
}

// sorted is the address of the list sorted by a column; a second time, the other
// way round.
func (s ListState) sorted(key string, now models.Day) string {
	if s.Filter.Sort == key {
		key = "-" + key
	}
	return s.with("sort", key, now)
}

func (s ListState) ariaSort(key string) string {
	switch s.Filter.Sort {
	case key:
		return "ascending"
	case "-" + key:
		return "descending"
	}
	return "none"
}

// sized is the same list with so many rows a page.
func (s ListState) sized(n int, now models.Day) string {
	return s.with("size", strconv.Itoa(n), now)
}
