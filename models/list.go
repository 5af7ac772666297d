package models

import (
	"cmp"
	"duban/models/deadline"
	"math"
	"reflect"
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
	skip := (max(f.Page, 1) - 1) * size
	if pieces, planned, err := b.planned(f, skip, size); planned || err != nil {
		if err != nil {
			return nil, err
		}
		return b.drawn(f, pieces)
	}
	var cards []Card
	err := b.inOrder(f, skip, size, func(q *gorm.DB) (int, error) {
		some, err := scanCards(q.Select(cardColumns))
		cards = append(cards, some...)
		return len(some), err
	})
	return cards, err
}

// urgency is the order a list is in unless its filter chooses another: what is
// overdue, the longest first; what is due next; what waits for review, the oldest
// first; what was taken in as done, and what is to be looked at again; what is due later; what stands; what is undated; what is struck off, the newest first.
// Each piece is read in its own order from an index of its own, so that a page
// costs what it shows and not what the ledger holds.
var urgency = []urgencyPiece{
	{LightOver, "items.due_on", false, func(c Card) Day { return c.DueOn }},
	{LightSoon, "items.due_on", false, func(c Card) Day { return c.DueOn }},
	{LightReview, "items.submitted_on", false, func(c Card) Day { return c.SubmittedOn }},
	{LightStated, "items.stated_on", false, func(c Card) Day { return c.StatedOn }},
	{LightLook, "items.review_on", false, func(c Card) Day { return c.ReviewOn }},
	{LightOK, "items.due_on", false, func(c Card) Day { return c.DueOn }},
	{LightStanding, "items.review_on", false, func(c Card) Day { return c.ReviewOn }},
	{LightNone, "", false, func(Card) Day { return "" }},
	{LightDone, "items.closed_on", true, func(c Card) Day { return c.ClosedOn }},
	{LightVoid, "", true, func(Card) Day { return "" }},
}

// urgencyPiece is one piece of that order: the items of a light by a day, and then by their
// numbers; down is the newest first.
type urgencyPiece struct {
	light  Light
	column string // of the day, "" where numbers alone decide
	down   bool
	day    func(Card) Day
}

// order is the piece's own, or its reverse.
func (p urgencyPiece) order(reverse bool) string {
	how := ""
	if p.down != reverse {
		how = " DESC"
	}
	if p.column == "" {
		return "items.id" + how
	}
	return p.column + how + ", items.id" + how
}

// beside is what stands before that item in the piece, or after it.
func (p urgencyPiece) beside(c Card, after bool) condition {
	sign := "<"
	if p.down != after {
		sign = ">"
	}
	if p.column == "" {
		return condition{"items.id " + sign + " ?", []any{c.ID}}
	}
	return condition{"(" + p.column + ", items.id) " + sign + " (?, ?)", []any{p.day(c), c.ID}}
}

// compare is order, in memory.
func (p urgencyPiece) compare(a, z Card) int {
	if p.down {
		a, z = z, a
	}
	return cmp.Or(cmp.Compare(p.day(a), p.day(z)), cmp.Compare(a.ID, z.ID))
}

// piece is the items of one piece of the list of a filter.
func (b *Board) piece(f Filter, p urgencyPiece) *gorm.DB {
	f.Lights = nil // the piece's is among them
	lit := sqlLight(p.light, b.Today(), b.rules)
	return b.where(f).Where(lit.sql, lit.args...)
}

// plannedPiece is so much of a piece.
type plannedPiece struct {
	urgencyPiece
	skip, limit int
}

// planned is from which pieces a page of the list is made, where the sums say how long each
// of them is.
func (b *Board) planned(f Filter, skip, limit int) (plan []plannedPiece, planned bool, err error) {
	if _, chosen := f.order(b.db); chosen || b.within {
		return nil, false, nil
	}
	t := Tally{today: b.Today(), rules: b.rules}
	if served, err := b.censusTally(f, &t); !served || err != nil {
		return nil, false, err
	}
	for _, p := range urgency {
		n := t.countOf(p.light)
		if n <= skip {
			skip -= n
			continue
		}
		n = min(n-skip, limit)
		plan = append(plan, plannedPiece{p, skip, n})
		if skip, limit = 0, limit-n; limit <= 0 {
			break
		}
	}
	return plan, true, nil
}

// drawn are the cards of a plan, in one statement.
func (b *Board) drawn(f Filter, plan []plannedPiece) ([]Card, error) {
	if len(plan) == 0 {
		return nil, nil
	}
	today, parts, queries := b.Today(), make([]string, len(plan)), make([]any, len(plan))
	for n, p := range plan {
		parts[n] = "SELECT * FROM (?) AS part" + itoa(n)
		queries[n] = b.piece(f, p.urgencyPiece).Select(cardColumns).Order(p.order(false)).Offset(p.skip).Limit(p.limit)
	}
	cards, err := scanCards(b.db.Raw(strings.Join(parts, " UNION ALL "), queries...))
	if err != nil {
		return nil, err
	}
	// A statement of several parts does not promise their order.
	edges := lightEdges(today, b.rules)
	place := func(c Card) int {
		light := edges[edgeAt(edges, c.litBy())].light
		return slices.IndexFunc(urgency, func(p urgencyPiece) bool { return p.light == light })
	}
	slices.SortFunc(cards, func(a, z Card) int {
		pa, pz := place(a), place(z)
		if pa != pz {
			return cmp.Compare(pa, pz)
		}
		return urgency[pa].compare(a, z)
	})
	return cards, nil
}

// scanCards are the rows of a query for the columns of cards.
func scanCards(q *gorm.DB) ([]Card, error) {
	rows, err := q.Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var cards []Card
	into := make([]any, len(cardColumns))
	for rows.Next() {
		var card Card
		fields := reflect.ValueOf(&card).Elem()
		for n := range into {
			into[n] = fields.Field(n).Addr().Interface()
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		cards = append(cards, card)
	}
	return cards, rows.Err()
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
		n, err := read(b.piece(f, piece).Order(piece.order(false)).Offset(skip).Limit(limit))
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
	cards, err := scanCards(b.db.Raw(strings.Join(parts, " UNION ALL "), queries...))
	if err != nil {
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
	if before, after, place, of, told, err := b.besides(f, item); told || err != nil {
		return before, after, place, of, err
	}
	var numbers []string
	err = b.inOrder(f, 0, farthestNeighbour, func(q *gorm.DB) (int, error) {
		var some []string
		err := q.Pluck("items.number", &some).Error
		numbers = append(numbers, some...)
		return len(some), err
	})
	whole := int64(len(numbers))
	if err == nil && whole == farthestNeighbour { // there may be more, and the length is told
		whole, err = b.Count(f)
	}
	for n, number := range numbers {
		if number != item.Number {
			continue
		}
		place, of = n+1, int(whole)
		if n > 0 {
			before = numbers[n-1]
		}
		if n+1 < len(numbers) {
			after = numbers[n+1]
		}
	}
	return before, after, place, of, err
}

// besides are the neighbours where the sums say how long each piece of the list is: then the
// list need not be read. told is false where they do not.
func (b *Board) besides(f Filter, item Item) (before, after string, place, of int, told bool, err error) {
	plan, told, err := b.planned(f, 0, math.MaxInt)
	if !told || err != nil {
		return "", "", 0, 0, told, err
	}
	card, light := item.Card(), item.Card().Light(b.Today(), b.rules)
	if light == LightSevere {
		light = LightOver
	}
	at, all := -1, 0
	for n, p := range plan {
		if p.light == light {
			at, place = n, all
		}
		all += p.limit
	}
	if at < 0 || place >= farthestNeighbour {
		return "", "", 0, 0, true, nil
	}
	if f.Narrow() || f.Round != "" {
		var n int64
		if err := b.where(f).Where("items.id = ?", item.ID).Count(&n).Error; err != nil || n == 0 {
			return "", "", 0, 0, true, err
		}
	}
	here := plan[at]
	first := here.beside(card, false).on(b.piece(f, here.urgencyPiece).Select("1")).Limit(farthestNeighbour)
	var rank int
	if err := b.db.Raw("SELECT COUNT(*) FROM (?) AS first", first).Scan(&rank).Error; err != nil {
		return "", "", 0, 0, true, err
	}
	if place, of = place+rank+1, all; place > min(of, farthestNeighbour) {
		return "", "", 0, 0, true, nil
	}
	one := func(q *gorm.DB, p urgencyPiece, reverse bool) (number string, err error) {
		var numbers []string
		err = q.Order(p.order(reverse)).Limit(1).Pluck("items.number", &numbers).Error
		return strings.Join(numbers, ""), err
	}
	switch {
	case rank > 0:
		before, err = one(here.beside(card, false).on(b.piece(f, here.urgencyPiece)), here.urgencyPiece, true)
	case at > 0:
		before, err = one(b.piece(f, plan[at-1].urgencyPiece), plan[at-1].urgencyPiece, true)
	}
	switch {
	case err != nil || place == min(of, farthestNeighbour):
	case rank+1 < here.limit:
		after, err = one(here.beside(card, true).on(b.piece(f, here.urgencyPiece)), here.urgencyPiece, false)
	default:
		after, err = one(b.piece(f, plan[at+1].urgencyPiece), plan[at+1].urgencyPiece, false)
	}
	return before, after, place, of, true, err
}
