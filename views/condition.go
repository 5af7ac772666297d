package views

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"duban/models"
	"duban/views/text"
)

// allConditions are the keys of a filter that leave items out, in a settled order.
func allConditions(f models.Filter) []string {
	var keys []string
	for _, key := range []string{"q", "no", "tier", "unit", "leader", "owner", "status", "light", "overdue", "due", "closed", "week", "since", "idle", "late", "review", "letter", "ext", "duty", "standing", "cat", "import", "round"} {
		if f.Values().Has(key) {
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
	f := s.Filter
	var words []string
	switch key {
	case "tier":
		for _, t := range f.Tiers {
			words = append(words, text.T(ctx, "tier."+string(t)))
		}
	case "unit":
		for _, code := range f.Units {
			name := code
			for _, u := range s.Units {
				if u.Code == code {
					name = u.Name
				}
			}
			words = append(words, name)
		}
	case "status":
		if f.NotClosed {
			words = append(words, text.T(ctx, "status.open"))
		}
		for _, status := range f.Statuses {
			words = append(words, text.T(ctx, "status."+string(status)))
		}
	case "light":
		for _, l := range strings.Split(f.Values().Get("light"), ",") {
			words = append(words, text.T(ctx, "light."+l))
		}
	case "overdue":
		label, args := ageLabel(*f.Overdue)
		words = append(words, text.T(ctx, label, args...))
	case "due":
		if f.Values().Get("due") == "week" {
			return text.T(ctx, "views.week")
		}
		return spanWords(ctx, f.DueFrom, f.DueTo)
	case "closed":
		return spanWords(ctx, f.ClosedFrom, f.ClosedTo)
	case "idle":
		return text.Count(ctx, "days.n", f.Idle)
	case "since":
		_, week, _ := strings.Cut(f.Since, "-")
		return week
	case "review":
		return text.T(ctx, "filter.mine")
	case "ext":
		return text.T(ctx, "filter.ext.pending")
	case "duty":
		return text.T(ctx, "unit.week")
	case "letter":
		return text.T(ctx, "filter.letter."+string(f.Letter))
	case "late":
		return text.T(ctx, "item.review_late")
	case "standing":
		return text.T(ctx, "filter.standing."+f.Standing)
	case "leader":
		if f.Leader == models.NoLeader {
			return text.T(ctx, "leader.nobody")
		}
		return f.Leader
	case "no":
		return text.Count(ctx, "items.n", len(f.Numbers))
	case "round":
		if s.Round.Code == f.Round {
			return s.Round.Name
		}
		return f.Round
	default:
		return f.Values().Get(key)
	}
	return strings.Join(words, text.T(ctx, "list.and"))
}

func spanWords(ctx context.Context, from, to models.Day) string {
	if from == to {
		return dateOf(ctx, from)
	}
	return dateOf(ctx, from) + " – " + dateOf(ctx, to)
}

// column is a column of the ledger: its name in addresses, its heading, what it is
// sorted by, and whether it is there unless others are chosen.
type column struct {
	Name, Key, Sort string
	Usual           bool
}

// ledgerColumns are those beside the light and the problem, in the order of
// the sheet.
var ledgerColumns = []column{
	{"number", "item.number", "number", true},
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

// columns are those that the filter chose, or the usual ones.
func (v LedgerView) columns() []column {
	chosen := v.Filter.Columns()
	some := slices.DeleteFunc(slices.Clone(ledgerColumns), func(c column) bool { return !slices.Contains(chosen, c.Name) })
	if len(some) > 0 {
		return some
	}
	return slices.DeleteFunc(slices.Clone(ledgerColumns), func(c column) bool { return !c.Usual })
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
