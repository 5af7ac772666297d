package models

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"duban/models/deadline"
)

// censusSums are the figures of the census as sums: by unit, round, tier, status, category
// and light, so that a figure costs the sums it is added from and never the items. Every
// row that comes or goes is added to them or taken away. What hangs on the day and on the
// rules is kept for the few days and rules that are asked about at a time, and made by
// one walk when another is.
type censusSums struct {
	version uint64        // rises with each row that comes or goes
	views   []*censusView // the one asked last is the first

	choices map[censusChoice]int32
	chosen  map[string][]string // menus as they were asked for since
}

// censusChoice is what items that stand in the same menus have in common.
type censusChoice struct {
	unit, round      int32
	category, leader uint32
}

// mostViews, mostFigures and mostAnswers bound what is remembered.
const (
	mostViews   = 3
	mostFigures = 48
	mostAnswers = 400
)

// censusEdges are the table of lightEdges and the two other edges, as numbers.
type censusEdges struct {
	today, idle, late int32
	lights            [len(lightEdgesHeld{})]censusEdge
}

// lightEdgesHeld has the length of the table: one row a light, and one more for each
// further bucket of days overdue.
type lightEdgesHeld [9 + ageBuckets]struct{}

type censusEdge struct {
	status        int8 // place in Statuses, -1 of those in hand
	undated, open bool
	standing      bool
	stated        bool
	index         uint8 // in lightCases
	before        [3]int32
}

func (b *Board) censusEdges() censusEdges {
	today, statuses := b.Today(), Statuses()
	e := censusEdges{today: censusDay(today), idle: censusDay(idleBefore(today, b.rules.IdleDays)), late: censusDay(reviewSince(today, b.rules, b.calendar))}
	for n, edge := range lightEdges(today, b.rules) {
		one := censusEdge{status: -1, undated: edge.undated, standing: edge.standing, stated: edge.stated, open: edge.open, index: uint8(edge.index())}
		if edge.status != "" {
			if one.status = int8(slices.Index(statuses, edge.status)); one.status < 0 {
				one.status = int8(len(statuses)) // of what is not in the census
			}
		}
		for k, day := range edge.before {
			one.before[k] = censusDay(day)
		}
		e.lights[n] = one
	}
	return e
}

// light is edgeAt of a row: the place of its light in lightCases.
func (e *censusEdges) light(row *censusRow) uint8 {
	for n := range e.lights {
		switch edge := &e.lights[n]; {
		case edge.status >= 0:
			if uint8(edge.status) == row.status {
				return edge.index
			}
		case edge.stated:
			if row.stated {
				return edge.index
			}
		case edge.standing:
			if row.due == 0 && row.review != 0 && (edge.open || row.review < edge.before[0]) {
				return edge.index
			}
		case edge.undated:
			if row.due == 0 {
				return edge.index
			}
		case edge.open || row.due < edge.before[row.tier]:
			return edge.index
		}
	}
	return 0
}

// censusView is the sums as they are on one day by one set of rules.
type censusView struct {
	edges   censusEdges
	units   censusUnits
	waiting map[censusWaiting]*censusWaits
	figures map[string]*censusFigure

	answers map[string][]TallyCell // to what was asked
	courses map[string]Course      // likewise
	asOf    uint64                 // at this version
}

// censusUnits are sums, unit by unit.
type censusUnits map[int32]*censusUnit

// censusUnit are one unit's sums.
type censusUnit struct {
	at   map[censusCell]int32
	sums []censusSum
}

// censusCell is what items are summed by.
type censusCell struct {
	censusKind
	light uint8
}

type censusSum struct {
	censusCell
	n, idle, late int32
	first         int32 // the earliest deadline
	stale         bool  // that one went, and the next is to be looked for
}

// censusWaiting is what submissions have in common that wait for the same people's word.
type censusWaiting struct {
	unit     int32
	category uint32
	by       int32 // who handed in
}

type censusWaits struct{ n, late int }

// censusFigure is the sums of the rows that fit something else that was asked.
type censusFigure struct {
	fits  func(row *censusRow) bool
	units censusUnits
}

var censusUnderway, censusSubmitted, censusClosed = censusStatus(Underway), censusStatus(Submitted), censusStatus(Closed)

func censusStatus(s Status) uint8 { return uint8(slices.Index(Statuses(), s)) }

// inHand says whether work on it goes on.
func (row *censusRow) inHand() bool { return Statuses()[row.status].InHand() }

// forget takes a row away.
func (c *census) forget(row *censusRow) {
	if !row.gone {
		c.count(row, -1)
		row.gone = true
	}
}

// count adds a row to all sums, or takes it away by -1.
func (c *census) count(row *censusRow, by int32) {
	c.version++
	for _, v := range c.views {
		v.count(row, by)
	}
	choice := censusChoice{row.unit, row.round, row.category, row.leader}
	if c.choices == nil {
		c.choices = map[censusChoice]int32{}
	}
	n := c.choices[choice] + by
	switch {
	case n == 0:
		delete(c.choices, choice)
	default:
		c.choices[choice] = n
	}
	if n == 0 || n == by {
		c.chosen = nil
	}
}

func (v *censusView) count(row *censusRow, by int32) {
	cell := censusCell{row.censusKind, v.edges.light(row)}
	v.units.count(&v.edges, row, cell, by)
	if row.status == censusSubmitted {
		v.waits(row, int(by), row.since < v.edges.late)
	}
	for _, figure := range v.figures {
		if figure.fits(row) {
			figure.units.count(&v.edges, row, cell, by)
		}
	}
}

// count adds a row to the sum of its cell, or takes it away.
func (u censusUnits) count(edges *censusEdges, row *censusRow, cell censusCell, by int32) {
	of := u[row.unit]
	if of == nil {
		of = &censusUnit{at: map[censusCell]int32{}}
		u[row.unit] = of
	}
	at, had := of.at[cell]
	if !had {
		at = int32(len(of.sums))
		of.at[cell] = at
		of.sums = append(of.sums, censusSum{censusCell: cell})
	}
	sum := &of.sums[at]
	switch {
	case by > 0 && (sum.n == 0 || row.due < sum.first):
		sum.first, sum.stale = row.due, false
	case by < 0 && row.due == sum.first:
		sum.stale = true
	}
	sum.n += by
	if row.status == censusUnderway && !row.stated && row.since < edges.idle {
		sum.idle += by
	}
	if (row.stated || row.status == censusSubmitted) && row.since < edges.late {
		sum.late += by
	}
}

func (v *censusView) waits(row *censusRow, by int, late bool) {
	whose := censusWaiting{row.unit, row.category, row.submittedBy}
	w := v.waiting[whose]
	if w == nil {
		w = &censusWaits{}
		v.waiting[whose] = w
	}
	w.n += by
	if late {
		w.late += by
	}
	if w.n == 0 {
		delete(v.waiting, whose)
	}
}

// view is the one of these edges.
func (c *census) view(edges censusEdges) *censusView {
	for n, v := range c.views {
		if v.edges == edges {
			if n > 0 {
				c.views = append([]*censusView{v}, slices.Delete(c.views, n, n+1)...)
			}
			return v
		}
	}
	v := &censusView{edges: edges, units: censusUnits{}, waiting: map[censusWaiting]*censusWaits{}, figures: map[string]*censusFigure{}, answers: map[string][]TallyCell{}, courses: map[string]Course{}, asOf: c.version}
	for n := range c.rows {
		if row := &c.rows[n]; !row.gone {
			v.count(row, 1)
		}
	}
	c.views = append([]*censusView{v}, c.views[:min(len(c.views), mostViews-1)]...)
	return v
}

// figure is the one of that name, which says what fits.
func (c *census) figure(v *censusView, name string, fits func(row *censusRow) bool) *censusFigure {
	f := v.figures[name]
	if f == nil {
		if len(v.figures) >= mostFigures {
			clear(v.figures)
		}
		f = &censusFigure{fits: fits, units: censusUnits{}}
		for n := range c.rows {
			if row := &c.rows[n]; !row.gone && fits(row) {
				f.units.count(&v.edges, row, censusCell{row.censusKind, v.edges.light(row)}, 1)
			}
		}
		v.figures[name] = f
	}
	return f
}

// renew forgets the answers when something was changed since they were given.
func (v *censusView) renew(c *census) {
	if v.asOf != c.version || len(v.answers)+len(v.courses) > mostAnswers {
		v.answers, v.courses, v.asOf = map[string][]TallyCell{}, map[string]Course{}, c.version
	}
}

// first looks for the earliest deadline of a sum whose earliest item has gone, among those of
// its unit's rows that fit, all when it is nil.
func (c *census) first(v *censusView, sum *censusSum, fits func(row *censusRow) bool) int32 {
	if !sum.stale || sum.n == 0 {
		return sum.first
	}
	sum.stale, sum.first = false, -1
	for _, at := range c.ofUnit[sum.unit] {
		row := &c.rows[at]
		if !row.gone && row.censusKind == sum.censusKind && (sum.first < 0 || row.due < sum.first) && v.edges.light(row) == sum.light && (fits == nil || fits(row)) {
			sum.first = row.due
		}
	}
	return sum.first
}

// censusFits says whether a sum is among those asked for.
type censusFits func(c *census, cell censusCell) bool

// counted lends the census to a count of what this person sees and the filter names,
// if it can serve it: sees says of each sum whether it is among them.
func (b *Board) counted(f Filter, count func(c *census, v *censusView, sees func(censusCell) bool)) (bool, error) {
	if b.within || slices.Contains(f.Statuses, Voided) {
		return false, nil
	}
	seen, err := b.sight()
	if err != nil {
		return false, err
	}
	var asked []censusFits
	for _, k := range filterKeys {
		if k.sums == nil {
			continue
		}
		fits, err := k.sums(b, f)
		if err != nil {
			return false, err
		}
		if fits != nil {
			asked = append(asked, fits)
		}
	}
	edges := b.censusEdges()
	c := &b.store.census
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := b.store.writes.Load() + 1; !c.read || b.assigned.counted != now {
		if err := c.refresh(b.db, b.store.dialect); err != nil {
			if errors.Is(err, errNoCensus) {
				return false, nil
			}
			return false, err
		}
		b.assigned.counted = now // nothing was written by this program since: a page's figures are of one moment
	}
	inSight := seen.among(c.categories.words)
	count(c, c.view(edges), func(cell censusCell) bool {
		if !inSight(int64(cell.unit), cell.category) {
			return false
		}
		for _, fits := range asked {
			if !fits(c, cell) {
				return false
			}
		}
		return true
	})
	return true, nil
}

// rowFits says whether a row is among those asked for.
type rowFits func(c *census, e *censusEdges, row *censusRow) bool

// askedRows is what a filter asks of single items, beside what is summed.
type askedRows struct {
	name string // "" when it asks nothing of them
	fits []rowFits
}

// summed says whether the filter asks for nothing but what is summed, and for what can be
// told from a row of the census. That is a figure of its own, which has to be kept.
func (b *Board) summed(f Filter) (asked askedRows, summed bool, err error) {
	for _, k := range filterKeys {
		if k.sql == nil || k.sums != nil {
			continue
		}
		word := k.write(f)
		if word == "" {
			continue
		}
		if k.row == nil {
			return askedRows{}, false, nil
		}
		fits, of, err := k.row(b, f)
		if err != nil || fits == nil {
			return askedRows{}, false, err
		}
		asked.name += k.name + "=" + word + of + "&"
		asked.fits = append(asked.fits, fits)
	}
	return asked, true, nil
}

// sumsOf are the sums of what is asked of single items, nil for all, and what fits.
func (c *census) sumsOf(v *censusView, asked askedRows) (censusUnits, func(row *censusRow) bool) {
	if asked.name == "" {
		return v.units, nil
	}
	edges := v.edges
	figure := c.figure(v, asked.name, func(row *censusRow) bool {
		for _, fits := range asked.fits {
			if !fits(c, &edges, row) {
				return false
			}
		}
		return true
	})
	return figure.units, figure.fits
}

// asked are the units whose sums are to be looked at, all when it is nil.
func (u censusUnits) asked(only []int64) func(yield func(*censusUnit) bool) {
	return func(yield func(*censusUnit) bool) {
		if only == nil {
			for _, of := range u {
				if !yield(of) {
					return
				}
			}
			return
		}
		for _, id := range only {
			if of := u[int32(id)]; of != nil && !yield(of) {
				return
			}
		}
	}
}

// answered is counted for an answer that is remembered until something changes: by the
// question, which is what this person sees and what the filter asks.
func (b *Board) answered(f Filter, answer func(question string, asked askedRows, c *census, v *censusView, sees func(censusCell) bool)) (bool, error) {
	asked, summed, err := b.summed(f)
	if err != nil || !summed {
		return false, err
	}
	seen, err := b.sight()
	if err != nil {
		return false, err
	}
	question := seen.String() + "?" + f.question() + asked.name
	return b.counted(f, func(c *census, v *censusView, sees func(censusCell) bool) {
		v.renew(c)
		answer(question, asked, c, v, sees)
	})
}

// censusTally is Tally from the census.
func (b *Board) censusTally(f Filter, t *Tally) (bool, error) {
	var only []int64
	if len(f.Units) > 0 {
		coded, err := b.unitsCoded(f.Units...)
		if err != nil {
			return false, err
		}
		only = append([]int64{}, coded...)
	}
	return b.answered(f, func(question string, asked askedRows, c *census, v *censusView, sees func(censusCell) bool) {
		if cells, answered := v.answers[question]; answered {
			t.Cells = cells
			return
		}
		tiers, statuses := deadline.Tiers(), Statuses()
		shape := len(tiers) * len(statuses) * len(lightCases)
		kinds := make([]TallyCell, shape)
		units, fits := c.sumsOf(v, asked)
		for of := range units.asked(only) {
			clear(kinds)
			for n := range of.sums {
				sum := &of.sums[n]
				if sum.n == 0 || !sees(sum.censusCell) {
					continue
				}
				into := &kinds[(int(sum.tier)*len(statuses)+int(sum.status))*len(lightCases)+int(sum.light)]
				if first := dayOfCensus(c.first(v, sum, fits)); into.N == 0 || first < into.FirstDue {
					into.FirstDue = first
				}
				into.UnitID = int64(sum.unit)
				into.N += int(sum.n)
				into.Idle += int(sum.idle)
				into.ReviewLate += int(sum.late)
			}
			for n, cell := range kinds {
				if cell.N > 0 {
					cell.Tier, cell.Status, cell.Case = tiers[n/len(lightCases)/len(statuses)], statuses[n/len(lightCases)%len(statuses)], n%len(lightCases)
					t.Cells = append(t.Cells, cell)
				}
			}
		}
		v.answers[question] = t.Cells
	})
}

// question is what the filter asks for, without what leaves nothing out.
func (f Filter) question() string {
	var q strings.Builder
	for _, k := range filterKeys {
		if k.sql != nil {
			if word := k.write(f); word != "" {
				q.WriteString(k.name + "=" + word + "&")
			}
		}
	}
	return q.String()
}

// censusCount is Count from the census.
func (b *Board) censusCount(f Filter, n *int64) (bool, error) {
	t := Tally{}
	served, err := b.censusTally(f, &t)
	*n = int64(t.N())
	return served, err
}

// censusWordsOf are the different words that items have in one respect, of what this
// person sees of the filter, from the census.
func (b *Board) censusWordsOf(name string, of func(c *census) *censusWords, place func(censusChoice) uint32, f Filter, limit int, words *[]string) (bool, error) {
	seen, err := b.sight()
	if err != nil {
		return false, err
	}
	question := name + " " + seen.String() + "?" + f.question()
	return b.counted(f, func(c *census, _ *censusView, sees func(censusCell) bool) {
		found, asked := c.chosen[question]
		if !asked {
			all := map[string]bool{}
			for choice := range c.choices {
				word := of(c).words[place(choice)]
				if word != "" && !all[word] && sees(censusCell{censusKind: censusKind{unit: choice.unit, round: choice.round, category: choice.category}}) {
					all[word] = true
				}
			}
			found = slices.Sorted(maps.Keys(all))
			if c.chosen == nil || len(c.chosen) > mostAnswers {
				c.chosen = map[string][]string{}
			}
			c.chosen[question] = found
		}
		*words = slices.Clone(found[:min(limit, len(found))])
	})
}

// Mine is how many submissions wait for this person's own word, and how many of them
// longer than they should.
func (b *Board) Mine() (n, late int, err error) {
	served := false
	if b.me.Role != Supervisor || !b.rules.verifiedByBoth() { // what one body has said is not in the census
		served, err = b.counted(Filter{}, func(c *census, view *censusView, sees func(censusCell) bool) {
			mine, v := make([]bool, len(c.categories.words)), b.verdict()
			for k, category := range c.categories.words {
				mine[k] = v.of(category)
			}
			for whose, waits := range view.waiting {
				if mine[whose.category] && int64(whose.by) != v.not && sees(censusCell{censusKind: censusKind{unit: whose.unit, category: whose.category}}) {
					n += waits.n
					late += waits.late
				}
			}
		})
	}
	if served || err != nil {
		return n, late, err
	}
	for into, f := range map[*int]Filter{&n: {Mine: true}, &late: {Mine: true, ReviewLate: true}} {
		count, err := b.Count(f)
		if err != nil {
			return 0, 0, err
		}
		*into = int(count)
	}
	return n, late, nil
}

// overdueSinceRow is sqlOverdueSince of a row; then is what was overdue at the end of that
// day.
func overdueSinceRow(today, end Day, then map[int64]bool) rowFits {
	before, from := censusDay(overdueBefore(today)), censusDay(end)
	return func(_ *census, _ *censusEdges, row *censusRow) bool {
		return row.inHand() && !row.stated && row.due != 0 && row.due < before && (row.due >= from || !then[row.id])
	}
}

// overdueSince is how many items are overdue now and were not at the end of that day,
// whose night was recorded.
func (b *Board) overdueSince(day Day) (int, error) {
	then, recorded, err := b.overdueThen(day)
	switch {
	case err != nil:
		return 0, err
	case !recorded:
		return b.overdueSinceCounted(day)
	}
	n, fits := 0, overdueSinceRow(b.Today(), day, then)
	served, err := b.counted(Filter{}, func(c *census, v *censusView, sees func(censusCell) bool) {
		figure := c.figure(v, "overdue since "+string(day), func(row *censusRow) bool { return fits(c, &v.edges, row) })
		for _, of := range figure.units {
			for k := range of.sums {
				if sum := &of.sums[k]; sees(sum.censusCell) {
					n += int(sum.n)
				}
			}
		}
	})
	if served || err != nil {
		return n, err
	}
	return b.overdueSinceCounted(day)
}

// overdueSinceCounted is overdueSince of the database.
func (b *Board) overdueSinceCounted(day Day) (int, error) {
	c := sqlOverdueSince(day, b.Today())
	var count int64
	err := c.on(b.items()).Count(&count).Error
	return int(count), err
}
