package models

import (
	"cmp"
	"duban/models/deadline"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// List is one page of the items the filter names, in its order.
func (b *Board) List(f Filter) ([]Card, error) {
	size := f.Size
	if size == 0 {
		size = PageSizes[0]
	}
	var cards []Card
	err := b.inOrder(f, (max(f.Page, 1)-1)*size, size, func(q *gorm.DB) (int, error) {
		var some []Card
		err := q.Find(&some).Error
		cards = append(cards, some...)
		return len(some), err
	})
	return cards, err
}

// urgency is the order a list is in unless its filter chooses another: what is
// overdue, the longest first; what is due next; what waits for review, the oldest
// first; what is due later; what is undated; what is struck off, the newest first.
// Each piece is read in its own order from an index of its own, so that a page
// costs what it shows and not what the ledger holds.
var urgency = []struct {
	light Light
	order string
}{
	{LightOver, "items.due_on, items.id"},
	{LightSoon, "items.due_on, items.id"},
	{LightReview, "items.submitted_on, items.id"},
	{LightOK, "items.due_on, items.id"},
	{LightNone, "items.id"},
	{LightDone, "items.closed_on DESC, items.id DESC"},
	{LightVoid, "items.id DESC"},
}

// inOrder reads the items the filter names in its order, without the first skip of
// them, limit at most. read takes what a query gives and says how many that were;
// it is called for one piece of the list after the other.
func (b *Board) inOrder(f Filter, skip, limit int, read func(q *gorm.DB) (int, error)) error {
	if _, chosen := f.order(b.db); chosen {
		// The rows are chosen by their numbers alone, so that the long ones need
		// not be sorted.
		page, _ := f.order(b.where(f).Select("items.id"))
		q, _ := f.order(b.kept().Where("items.id IN (?)", page.Offset(skip).Limit(limit)))
		_, err := read(q)
		return err
	}
	var tally Tally
	if skip > 0 {
		var err error
		if tally, err = b.Tally(f); err != nil {
			return err
		}
	}
	today := b.Today()
	for _, piece := range urgency {
		if len(f.Lights) > 0 && !slices.Contains(f.Lights, piece.light) || piece.light == LightVoid && !slices.Contains(f.Statuses, Voided) {
			continue
		}
		if skip > 0 {
			if n := tally.Light(piece.light).N(); n <= skip {
				skip -= n
				continue
			}
		}
		lit := sqlLight(piece.light, today, b.rules)
		n, err := read(b.where(f).Where(lit.sql, lit.args...).Order(piece.order).Offset(skip).Limit(limit))
		if err != nil {
			return err
		}
		if skip, limit = 0, limit-n; limit <= 0 {
			break
		}
	}
	return nil
}

// Count is how many items the filter names.
func (b *Board) Count(f Filter) (int64, error) {
	var n int64
	if served, err := b.censusCount(f, &n); served || err != nil {
		return n, err
	}
	err := b.whereAll(f).Count(&n).Error
	return n, err
}

// Cell is one tier's items of one status on the board: the first few, and how
// many there are in all.
type Cell struct {
	Tier   Tier
	Status Status
	Cards  []Card
	N      int
}

// cellSizes are how many cards of a status the board shows before it says how
// many more there are.
var cellSizes = map[Status]int{Registered: 3, Underway: 8, Submitted: 6, Closed: 5}

// Cells are the board's cells, tier by tier. The tally is that of the filter: it
// says how many each cell has, and which need not be asked for at all. They come
// in one statement, each cell from an index in its order.
func (b *Board) Cells(f Filter, tally Tally) ([]Cell, error) {
	oneUnit := len(f.Units) == 1 || b.me.Role.ofUnit()
	var cells []Cell
	var parts []string
	var queries []any
	for _, tier := range deadline.Tiers() {
		for _, status := range Statuses() {
			these := tally.Tier(tier).Status(status)
			cells = append(cells, Cell{Tier: tier, Status: status, N: these.N()})
			ask := func(order, only string) {
				q := b.where(f).Select(cardColumns).Where("items.tier = ?", tier)
				if oneUnit {
					q = q.Where("items.status = ?", status)
				} else { // in words, for only so do the indexes of one status serve
					q = q.Where("items.status = '" + string(status) + "'")
				}
				if only != "" {
					q = q.Where(only)
				}
				parts = append(parts, "SELECT * FROM (?) AS part"+itoa(len(parts)))
				queries = append(queries, q.Order(order).Limit(cellSizes[status]))
			}
			switch {
			case these.N() == 0:
			case status == Closed:
				ask("items.closed_on DESC, items.id DESC", "")
			case status == Submitted:
				ask("items.submitted_on, items.id", "")
			default:
				ask("items.due_on, items.id", "items.due_on > ''")
				if these.Undated() > 0 {
					ask("items.id", "items.due_on = ''")
				}
			}
		}
	}
	if len(parts) == 0 {
		return cells, nil
	}
	var cards []Card
	if err := b.db.Raw(strings.Join(parts, " UNION ALL "), queries...).Scan(&cards).Error; err != nil {
		return nil, err
	}
	for n := range cells {
		cell := &cells[n]
		for _, c := range cards {
			if c.Tier == cell.Tier && c.Status == cell.Status {
				cell.Cards = append(cell.Cards, c)
			}
		}
		// A statement of several parts does not promise their order.
		slices.SortFunc(cell.Cards, inCell)
		cell.Cards = cell.Cards[:min(len(cell.Cards), cellSizes[cell.Status])]
	}
	return cells, nil
}

// inCell is the order of the cards of one cell: what is struck off, the newest
// first; what waits for review, the oldest first; the rest as they fall due, and
// then the undated.
func inCell(a, z Card) int {
	switch {
	case a.Status == Closed:
		return cmp.Or(cmp.Compare(z.ClosedOn, a.ClosedOn), cmp.Compare(z.ID, a.ID))
	case a.Status == Submitted:
		return cmp.Or(cmp.Compare(a.SubmittedOn, z.SubmittedOn), cmp.Compare(a.ID, z.ID))
	case (a.DueOn == "") != (z.DueOn == ""):
		return cmp.Compare(z.DueOn, a.DueOn)
	default:
		return cmp.Or(cmp.Compare(a.DueOn, z.DueOn), cmp.Compare(a.ID, z.ID))
	}
}

// inOrganisation is the order of units in the organisation.
func inOrganisation(a, z Unit) int { return cmp.Or(cmp.Compare(a.Seq, z.Seq), cmp.Compare(a.ID, z.ID)) }

// UnitsByID are the units this person may see, by ID, for lists of cards.
func (b *Board) UnitsByID() (map[int64]Unit, error) {
	units, err := b.Units()
	byID := map[int64]Unit{}
	for _, u := range units {
		byID[u.ID] = u
	}
	return byID, err
}

// Leaders are the leaders' names in the items this person may see of the filter's
// round and units, in alphabetical order, at most limit of them. What else the
// filter asks does not narrow the menu they stand in.
func (b *Board) Leaders(f Filter, limit int) ([]string, error) {
	return b.words("items.leader", f, limit, func(c *census) *censusWords { return &c.leaders }, func(choice censusChoice) uint32 { return choice.leader })
}

// Categories are the kinds of problem in the same items, likewise.
func (b *Board) Categories(f Filter, limit int) ([]string, error) {
	return b.words("items.category", f, limit, func(c *census) *censusWords { return &c.categories }, func(choice censusChoice) uint32 { return choice.category })
}

func (b *Board) words(column string, f Filter, limit int, of func(c *census) *censusWords, place func(censusChoice) uint32) ([]string, error) {
	var words []string
	if served, err := b.censusWordsOf(column, of, place, Filter{Round: f.Round, Units: f.Units}, limit, &words); served || err != nil {
		return words, err
	}
	err := b.where(Filter{Round: f.Round, Units: f.Units}).Where(column+" <> ''").Distinct(column).Order(column).Limit(limit).Pluck(column, &words).Error
	return words, err
}

// farthestNeighbour is how far into a list one can page from item to item.
const farthestNeighbour = 1000

// Neighbours are the items before and after this one in the list of the filter,
// with its place and the list's length; empty numbers at either end.
func (b *Board) Neighbours(f Filter, item Item) (before, after string, place, of int, err error) {
	var numbers []string
	err = b.inOrder(f, 0, farthestNeighbour, func(q *gorm.DB) (int, error) {
		var some []string
		err := q.Pluck("items.number", &some).Error
		numbers = append(numbers, some...)
		return len(some), err
	})
	for n, number := range numbers {
		if number != item.Number {
			continue
		}
		place, of = n+1, len(numbers)
		if n > 0 {
			before = numbers[n-1]
		}
		if n+1 < len(numbers) {
			after = numbers[n+1]
		}
	}
	return before, after, place, of, err
}
