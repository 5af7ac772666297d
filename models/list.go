package models

import (
	"cmp"
	"duban/models/deadline"
	"math"
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
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
	if _, chosen := f.order(b.db); chosen {
		return b.sorted(f, skip, size)
	}
	var cards []Card
	err := b.inOrder(f, skip, size, func(q *gorm.DB) (int, error) {
		some, err := scanCards(q.Select(cardColumns))
		cards = append(cards, some...)
		return len(some), err
	})
	return cards, err
}

// sorted is a page of a list in the order of the filter's own choosing: the rows are chosen
// by their numbers alone, so that those passed over are not read whole.
func (b *Board) sorted(f Filter, skip, size int) ([]Card, error) {
	ordered, _ := f.order(b.where(f))
	var ids []int64
	if err := ordered.Offset(skip).Limit(size).Pluck("items.id", &ids).Error; err != nil || len(ids) == 0 {
		return nil, err
	}
	cards, err := scanCards(b.store.dialect.among("items.id", ids).on(b.kept()).Select(cardColumns))
	place := make(map[int64]int, len(ids))
	for n, id := range ids {
		place[id] = n
	}
	slices.SortFunc(cards, func(a, z Card) int { return cmp.Compare(place[a.ID], place[z.ID]) })
	return cards, err
}

// urgency is the order a list is in unless its filter chooses another: what is
// overdue, the longest first; what is due next; what waits for review, the oldest
// first; what was taken in as done, and what is to be looked at again; what is due later;
// what stands; what is undated; what is struck off, the newest first.
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

// sqlPlace is the day by which an item stands among those of its status: that of its piece's
// column. The indexes of lists have it in these words (migration 0210).
const sqlPlace = "(CASE items.status WHEN 'submitted' THEN items.submitted_on WHEN 'closed' THEN items.closed_on ELSE items.due_on END)"

// sqlPlaceOf is the filter's days as those of a status stand in the indexes of lists.
func (f Filter) sqlPlaceOf(status Status, today Day) condition {
	from, to := Day(""), Day("")
	switch {
	case status.InHand():
		from, to = f.DueFrom, f.DueTo
		if f.Overdue != nil {
			if to = today.Plus(-f.Overdue.From); f.Overdue.To > 0 {
				from = today.Plus(-f.Overdue.To)
			}
		}
	case status == Closed:
		from, to = f.ClosedFrom, f.ClosedTo
	}
	c := condition{sql: "1 = 1"}
	if from != "" {
		c = condition{sqlPlace + " >= ?", []any{from}}
	}
	if to != "" {
		c.sql, c.args = c.sql+" AND "+sqlPlace+" <= ?", append(c.args, to)
	}
	return c
}

// placed is the piece as the lanes' indexes have it.
func (p urgencyPiece) placed() urgencyPiece {
	if p.column != "" {
		p.column = sqlPlace
	}
	return p
}

// listLane is what of a piece one index has in its order: the items of one status, of one
// tier where the index tells tiers apart, and of one unit where the list is of few units.
// The zero lane is the whole piece, which has an index of its own.
type listLane struct {
	unit   int64
	tier   Tier
	status Status
}

// laneIndexes are conditions that leave nothing out, by which the lanes' indexes are named
// (migration 0210): of the first key that a filter has.
var laneIndexes = []struct {
	has   func(f Filter) bool
	named string
	tiers bool // its index tells tiers apart
}{
	{func(f Filter) bool { return f.Leader != "" }, "items.leader >= ''", true},
	{func(f Filter) bool { return f.Owner != "" }, "items.handler >= ''", true},
	{func(f Filter) bool { return f.Category != "" }, "items.category >= ''", true},
	{func(f Filter) bool { return f.Import != 0 }, "items.import_id IS NOT NULL", false},
	{func(f Filter) bool { return f.Standing != "" }, "items.standing = TRUE", false},
	{func(f Filter) bool { return f.Round != "" }, "items.round_id > 0", false},
	{func(f Filter) bool { return len(f.Tiers) == 1 }, "1 = 1", true},
}

// fewUnits is how many units' lanes are read side by side.
const fewUnits = 4

// unitsIn are the units to which a list is confined by its filter, or by what this person
// sees; confined is false of one that is of no units in particular.
func (b *Board) unitsIn(f Filter) (units []int64, confined bool, err error) {
	seen, err := b.sight()
	if err != nil {
		return nil, false, err
	}
	units, every := seen.units()
	if len(f.Units) == 0 {
		return units, !every, nil
	}
	asked, err := b.unitsCoded(f.Units...)
	if every {
		return asked, true, err
	}
	return slices.DeleteFunc(asked, func(id int64) bool { return !slices.Contains(units, id) }), true, err
}

// lanes are those of a piece in which there is something, by the tally of its list.
func (b *Board) lanes(f Filter, p urgencyPiece, t Tally) ([]listLane, error) {
	units, confined, err := b.unitsIn(f)
	if err != nil {
		return nil, err
	}
	few := confined && len(units) <= fewUnits
	at := -1
	for n := range laneIndexes {
		if at < 0 && laneIndexes[n].has(f) {
			at = n
		}
	}
	if !few && at < 0 || !inLanes(p.light) {
		return []listLane{{}}, nil
	}
	var lanes []listLane
	for _, c := range t.Cells {
		lane := listLane{status: c.Status}
		if few {
			lane.unit = c.UnitID
		}
		if few || laneIndexes[at].tiers {
			lane.tier = c.Tier
		}
		if c.Light() == p.light && !slices.Contains(lanes, lane) {
			lanes = append(lanes, lane)
		}
	}
	return lanes, nil
}

// plannedPiece is so much of a piece.
type plannedPiece struct {
	urgencyPiece
	lanes       []listLane
	skip, limit int
}

// planned is from which pieces a page of the list is made, by how long each of them is. What
// the sums cannot say is counted for the page anyway.
func (b *Board) planned(f Filter, skip, limit int) (plan []plannedPiece, planned bool, err error) {
	if _, chosen := f.order(b.db); chosen || b.within || slices.Contains(f.Statuses, Voided) {
		return nil, false, nil
	}
	t, err := b.Tally(f)
	if err != nil {
		return nil, false, err
	}
	for _, p := range urgency {
		n := t.countOf(p.light)
		if n <= skip {
			skip -= n
			continue
		}
		lanes, err := b.lanes(f, p, t)
		if err != nil {
			return nil, false, err
		}
		n = min(n-skip, limit)
		plan = append(plan, plannedPiece{p, lanes, skip, n})
		if skip, limit = 0, limit-n; limit <= 0 {
			break
		}
	}
	return plan, true, nil
}

// laneQuery is a statement of several parts, each the first of a lane of a list.
type laneQuery struct {
	b      *Board
	f      Filter
	within map[Status]clause.Expression // the list's conditions on what has that status
	parts  []string
	args   []any
	err    error
}

func (b *Board) laneQuery(f Filter) *laneQuery {
	return &laneQuery{b: b, f: f, within: map[Status]clause.Expression{}}
}

// only is what the list asks of the items of a lane. What the lane says in its index's own
// words is not said twice: the database would take it for two conditions and expect less
// than there is.
func (q *laneQuery) only(l listLane) clause.Expression {
	if only, has := q.within[l.status]; has {
		return only
	}
	f := q.f
	f.Lights, f.Statuses, f.NotClosed = nil, nil, false // as the lanes are
	switch {
	case l.status.InHand():
		f.DueFrom, f.DueTo, f.due, f.Overdue = "", "", "", nil
	case l.status == Closed:
		f.ClosedFrom, f.ClosedTo = "", ""
	case l.status == "":
		f.Statuses, f.NotClosed = q.f.Statuses, q.f.NotClosed
	}
	if l.unit != 0 {
		f.Units, f.Tiers = nil, nil
	}
	from := q.b.kept()
	if seen, err := q.b.sight(); err == nil && l.unit != 0 && !seen.worded() {
		from = q.b.db.Model(&Item{}) // the lane's unit is one of those in sight (unitsIn)
	}
	from = q.b.narrowed(from, f)
	q.err = cmp.Or(q.err, from.Error)
	var only clause.Expression = clause.Expr{SQL: "1 = 1"}
	if where, some := from.Statement.Clauses["WHERE"].Expression.(clause.Where); some {
		only = clause.And(where.Exprs...)
	}
	q.within[l.status] = only
	return only
}

// ask asks for the first of one lane in an order.
func (q *laneQuery) ask(columns string, l listLane, what condition, order string, limit int) {
	text := "SELECT " + columns + " FROM items WHERE ? AND "
	q.args = append(q.args, q.only(l))
	if l.unit != 0 {
		text, q.args = text+"items.unit_id > 0 AND items.unit_id = ? AND ", append(q.args, l.unit)
	}
	if l.tier != "" {
		text, q.args = text+"items.tier = ? AND ", append(q.args, l.tier)
	}
	for n := range laneIndexes {
		if l.status != "" && laneIndexes[n].has(q.f) {
			text += laneIndexes[n].named + " AND "
		}
	}
	if l.status != "" {
		days := q.f.sqlPlaceOf(l.status, q.b.Today())
		text, q.args = text+"items.status = '"+string(l.status)+"' AND "+days.sql+" AND ", append(q.args, days.args...)
	}
	q.args = append(q.args, what.args...)
	q.parts = append(q.parts, "SELECT * FROM ("+text+what.sql+" ORDER BY "+order+" LIMIT "+itoa(limit)+") AS part"+itoa(len(q.parts)))
}

// besideItem is where a lane begins: after an item, or before it and backwards.
type besideItem struct {
	card  Card
	after bool
}

// add asks for the first of each lane of a piece.
func (q *laneQuery) add(columns string, p urgencyPiece, lanes []listLane, beside *besideItem, reverse bool, limit int) {
	today := q.b.Today()
	for _, l := range lanes {
		of, what := p, sqlLight(p.light, today, q.b.rules)
		if l.status != "" {
			of, what = p.placed(), sqlLightLane(p.light, l.tier, today, q.b.rules)
		}
		if beside != nil {
			c := of.beside(beside.card, beside.after)
			what.sql, what.args = what.sql+" AND "+c.sql, append(slices.Clone(what.args), c.args...)
		}
		q.ask(columns, l, what, of.order(reverse), limit)
	}
}

// union is what it asks for, as one statement.
func (q *laneQuery) union() string { return strings.Join(q.parts, " UNION ALL ") }

// cards are what it asks for.
func (q *laneQuery) cards() ([]Card, error) {
	if len(q.parts) == 0 || q.err != nil {
		return nil, q.err
	}
	return scanCards(q.b.db.Raw(q.union(), q.args...))
}

// allCardColumns are the columns of a card in one text, which a list says once a lane.
var allCardColumns = strings.ReplaceAll(strings.Join(cardColumns, ","), "items.", "")

// drawn are the cards of a plan, in one statement; what is skipped at its beginning is
// passed over by the keys alone.
func (b *Board) drawn(f Filter, plan []plannedPiece) ([]Card, error) {
	q := b.laneQuery(f)
	for _, p := range plan {
		if p.skip == 0 {
			q.add(allCardColumns, p.urgencyPiece, p.lanes, nil, false, p.limit)
			continue
		}
		from, err := b.skipped(f, p)
		if err != nil || from == nil {
			return nil, err
		}
		q.add(allCardColumns, p.urgencyPiece, p.lanes, &besideItem{*from, true}, false, p.limit)
	}
	cards, err := q.cards()
	if err != nil {
		return nil, err
	}
	// A statement of several parts does not promise their order.
	b.sortUrgent(cards)
	var page []Card
	for _, p := range plan {
		n := 0
		for len(cards) > 0 && urgency[b.urgentPlace(cards[0])].light == p.light {
			if n < p.limit {
				page = append(page, cards[0])
			}
			cards, n = cards[1:], n+1
		}
	}
	return page, nil
}

// skipped is the last item of a piece before what is to be shown of it: of its keys alone,
// as far as an index has them. It is nil when there are fewer than there were.
func (b *Board) skipped(f Filter, p plannedPiece) (*Card, error) {
	q := b.laneQuery(f)
	column := p.column
	if p.lanes[0].status != "" {
		column = p.placed().column
	}
	if column == "" {
		column = "''"
	}
	q.add("items.id, "+column+" AS day", p.urgencyPiece, p.lanes, nil, false, p.skip)
	how := ""
	if p.down {
		how = " DESC"
	}
	var last []struct {
		ID  int64
		Day Day
	}
	err := b.db.Raw("SELECT id, day FROM ("+q.union()+") AS passed ORDER BY day"+how+", id"+how+" LIMIT 1 OFFSET ?", append(q.args, p.skip-1)...).Scan(&last).Error
	if err != nil || len(last) == 0 {
		return nil, err
	}
	day := last[0].Day
	return &Card{ID: last[0].ID, DueOn: day, SubmittedOn: day, StatedOn: day, ReviewOn: day, ClosedOn: day}, nil
}

// urgentPlace is in which piece of the order a card is.
func (b *Board) urgentPlace(c Card) int {
	light := c.edge(b.Today(), b.rules).light
	return slices.IndexFunc(urgency, func(p urgencyPiece) bool { return p.light == light })
}

func (b *Board) sortUrgent(cards []Card) {
	slices.SortFunc(cards, func(a, z Card) int {
		pa, pz := b.urgentPlace(a), b.urgentPlace(z)
		if pa != pz {
			return cmp.Compare(pa, pz)
		}
		return urgency[pa].compare(a, z)
	})
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
	units, confined, err := b.unitsIn(f)
	if err != nil {
		return nil, err
	}
	if !confined || len(units) > fewUnits {
		units = []int64{0} // of all alike
	}
	q := b.laneQuery(f)
	var cells []Cell
	for _, tier := range deadline.Tiers() {
		for _, status := range Statuses() {
			these := tally.Tier(tier).Status(status)
			cells = append(cells, Cell{Tier: tier, Status: status, N: these.N()})
			for _, unit := range units {
				for _, light := range cellLights(status, these, unit) {
					what, order := sqlLight(light, b.Today(), b.rules), sqlPlace+", items.id"
					if inLanes(light) {
						what = sqlLightLane(light, tier, b.Today(), b.rules)
					}
					if status == Closed {
						order = sqlPlace + " DESC, items.id DESC"
					}
					q.ask(allCardColumns, listLane{unit, tier, status}, what, order, cellSizes[status])
				}
			}
		}
	}
	cards, err := q.cards()
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

// cellLights are the lights of what a cell shows of a unit, or of all by 0: the first few in
// their order are of these.
func cellLights(status Status, these Tally, unit int64) (lights []Light) {
	if unit != 0 {
		these = these.Unit(unit)
	}
	shown := 0
	for _, l := range []Light{LightStated, LightLook, LightStanding, LightOver, LightSoon, LightOK, LightNone, LightReview, LightDone} {
		n := these.countOf(l)
		if n == 0 || shown >= cellSizes[status] {
			continue
		}
		if lights = append(lights, l); inLanes(l) {
			shown += n
		}
	}
	return lights
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
	rank, err := b.ranked(f, plan[at], card)
	if err != nil {
		return "", "", 0, 0, true, err
	}
	if place, of = place+rank+1, all; place > min(of, farthestNeighbour) {
		return "", "", 0, 0, true, nil
	}
	switch {
	case rank > 0:
		before, err = b.firstOf(f, plan[at], &besideItem{card, false})
	case at > 0:
		before, err = b.firstOf(f, plan[at-1], &besideItem{})
	}
	switch {
	case err != nil || place == min(of, farthestNeighbour):
	case rank+1 < plan[at].limit:
		after, err = b.firstOf(f, plan[at], &besideItem{card, true})
	default:
		after, err = b.firstOf(f, plan[at+1], nil)
	}
	return before, after, place, of, true, err
}

// ranked is how many items of a piece stand before that one, as far as one can page.
func (b *Board) ranked(f Filter, p plannedPiece, card Card) (n int, err error) {
	q := b.laneQuery(f)
	q.add("1", p.urgencyPiece, p.lanes, &besideItem{card, false}, false, farthestNeighbour)
	return n, b.db.Raw("SELECT COUNT(*) FROM ("+q.union()+") AS first", q.args...).Scan(&n).Error
}

// firstOf is the number of the first item of a piece, or the next one beside an item; the
// last where that is no item.
func (b *Board) firstOf(f Filter, p plannedPiece, beside *besideItem) (number string, err error) {
	reverse := beside != nil && !beside.after
	if beside != nil && beside.card.ID == 0 {
		beside = nil
	}
	q := b.laneQuery(f)
	q.add(allCardColumns, p.urgencyPiece, p.lanes, beside, reverse, 1)
	cards, err := q.cards()
	if err != nil || len(cards) == 0 {
		return "", err
	}
	b.sortUrgent(cards)
	if reverse {
		return cards[len(cards)-1].Number, nil
	}
	return cards[0].Number, nil
}
