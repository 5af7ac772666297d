package models

import (
	"duban/models/deadline"
	"duban/models/trail"
	"errors"
	"slices"
	"sync"

	"gorm.io/gorm"
)

// census is what figures are counted from, of every item, kept in memory: a figure
// then costs no walk through the ledger. It is brought up to date before each
// count by the trail, for every change of an item writes an event in the same
// transaction, and reads anew only what was changed since.
type census struct {
	mu         sync.Mutex
	upTo       int64           // no event up to this one is still to come that was not looked at
	read       bool            // whether the ledger has been read at all
	place      map[int64]int32 // of an item, among rows
	rows       []censusRow
	categories censusWords
	leaders    censusWords
	then       map[Day]map[int64]bool // what was overdue at the ends of recorded days

	// Of a database where events are not numbered in the order of their commits.
	water  trail.LowWater // up to which event all are there
	looked trail.Stand    // all that were there then were looked at
	seen   map[int64]bool // the events above upTo that were looked at
}

// censusWords are different words, each of which rows name by its place.
type censusWords struct {
	words []string
	place map[string]uint32
}

func (w *censusWords) of(word string) uint32 {
	n, known := w.place[word]
	if !known {
		if w.place == nil {
			w.place = map[string]uint32{}
		}
		n = uint32(len(w.words))
		w.place[word] = n
		w.words = append(w.words, word)
	}
	return n
}

// censusRow is one item. Days are numbers, 20260305, none is 0, so that they compare
// as their texts do.
type censusRow struct {
	id, unit, round         int64 // unit 0: it is gone
	submittedBy             int64
	due, heard, submittedOn int32
	category, leader        uint32 // places in the census's words
	tier, status            uint8  // places in Tiers and Statuses
}

// censusAnew is how many changed items are read one by one; beyond it everything is
// read anew.
const censusAnew = 2000

func censusDay(d Day) int32 {
	if len(d) != len("2026-03-05") {
		return 0
	}
	var n int32
	for _, c := range []byte(d) {
		if c != '-' {
			n = 10*n + int32(c-'0')
		}
	}
	return n
}

// dayOfCensus is the other way round.
func dayOfCensus(n int32) Day {
	if n == 0 {
		return ""
	}
	digits := []byte("0000-00-00")
	for k := len(digits) - 1; k >= 0; k-- {
		if digits[k] != '-' {
			digits[k] = byte('0' + n%10)
			n /= 10
		}
	}
	return Day(digits)
}

// refresh brings the census up to date. The caller holds it.
func (c *census) refresh(db *gorm.DB, d dialect) error {
	if d.underway == nil {
		return c.look(db, d, 0)
	}
	now, err := d.underway(db, c.looked)
	if err != nil || c.read && now == c.looked && now.Writing == "" {
		return err
	}
	if c.water.OtherServer(now) {
		c.read, c.upTo = false, 0
	}
	settled, known := c.water.Rise(now)
	if !c.read && !known {
		return errNoCensus
	}
	if err := c.look(db, d, settled); err != nil {
		return err
	}
	c.looked = now
	return nil
}

// look reads what was changed since, or the whole ledger for the first time. All events
// are there up to the settled one, where they are not in order.
func (c *census) look(db *gorm.DB, d dialect, settled int64) error {
	if !c.read {
		return c.readAll(db, d, settled)
	}
	var news []struct {
		ID     int64
		ItemID *int64
		Act    Act
	}
	if err := db.Model(&Event{}).Select("id", "item_id", "act").Where("id > ?", c.upTo).Order("id").Find(&news).Error; err != nil {
		return err
	}
	if d.ordered && len(news) > 0 {
		settled = news[len(news)-1].ID
	}
	var changed []int64
	anew := false
	for _, e := range news {
		if c.seen[e.ID] {
			continue
		}
		if e.ItemID != nil {
			changed = append(changed, *e.ItemID)
		}
		anew = anew || e.Act == Act(RemoveDemo)
	}
	slices.Sort(changed)
	changed = slices.Compact(changed)
	if anew || len(changed) > censusAnew {
		return c.readAll(db, d, settled)
	}
	for some := range slices.Chunk(changed, batch) {
		for _, id := range some {
			if at, had := c.place[id]; had {
				c.rows[at].unit = 0 // until it is read again
			}
		}
		if err := c.take(db.Where("id IN ?", some)); err != nil {
			c.read = false
			return err
		}
	}
	c.upTo, c.seen = max(c.upTo, settled), map[int64]bool{}
	for _, e := range news {
		if e.ID > c.upTo {
			c.seen[e.ID] = true
		}
	}
	return nil
}

// readAll reads the whole ledger. The last event is asked for first: what happens
// meanwhile is read again the next time.
func (c *census) readAll(db *gorm.DB, d dialect, settled int64) error {
	if d.ordered {
		if err := db.Model(&Event{}).Select("COALESCE(MAX(id), 0)").Scan(&settled).Error; err != nil {
			return err
		}
	}
	c.read, c.place, c.rows, c.seen, c.categories, c.leaders = false, map[int64]int32{}, nil, nil, censusWords{}, censusWords{}
	if err := c.take(db); err != nil {
		return err
	}
	c.read, c.upTo = true, settled
	return nil
}

func (c *census) take(q *gorm.DB) error {
	rows, err := q.Model(&Item{}).Where("status <> ?", Voided).Select("id, unit_id, round_id, tier, status, due_on, progress_on, registered_on, submitted_on, submitted_by, category, leader").Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	tiers, statuses := deadline.Tiers(), Statuses()
	for rows.Next() {
		var id int64
		var tier Tier
		var status Status
		var due, progress, registered, submitted Day
		var category, leader string
		var row censusRow
		if err := rows.Scan(&id, &row.unit, &row.round, &tier, &status, &due, &progress, &registered, &submitted, &row.submittedBy, &category, &leader); err != nil {
			return err
		}
		row.id = id
		row.tier, row.status = uint8(slices.Index(tiers, tier)), uint8(slices.Index(statuses, status))
		row.due, row.submittedOn, row.heard = censusDay(due), censusDay(submitted), censusDay(registered)
		if progress != "" {
			row.heard = censusDay(progress)
		}
		row.category, row.leader = c.categories.of(category), c.leaders.of(leader)
		at, had := c.place[id]
		if !had {
			at = int32(len(c.rows))
			c.place[id] = at
			c.rows = append(c.rows, censusRow{})
		}
		c.rows[at] = row
	}
	return rows.Err()
}

// errNoCensus says that the ledger cannot be read into one at this moment: somebody
// writes whose events may have any number. The database counts.
var errNoCensus = errors.New("no census at this moment")

// counted lends the census to a count of what this person sees and the filter names,
// if it can serve it: sees says of each row whether it is among them.
func (b *Board) counted(f Filter, count func(c *census, sees func(*censusRow) bool)) (bool, error) {
	if b.within || !f.censused() {
		return false, nil
	}
	sees, err := b.censusSight(f)
	if err != nil {
		return false, err
	}
	c := &b.store.census
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.refresh(b.db, b.store.dialect); err != nil {
		if errors.Is(err, errNoCensus) {
			return false, nil
		}
		return false, err
	}
	count(c, sees(c))
	return true, nil
}

// censused says whether the filter asks for nothing but what the census knows.
func (f Filter) censused() bool {
	if slices.Contains(f.Statuses, Voided) {
		return false
	}
	return !slices.ContainsFunc(filterKeys, func(k filterKey) bool { return k.sql != nil && k.rows == nil && k.write(f) != "" })
}

// censusSight is where in Go, of rows of the census.
func (b *Board) censusSight(f Filter) (func(c *census) func(*censusRow) bool, error) {
	seen, err := b.sight()
	if err != nil {
		return nil, err
	}
	var asked []func(*censusRow) bool
	for _, k := range filterKeys {
		if k.rows == nil {
			continue
		}
		fits, err := k.rows(b, f)
		if err != nil {
			return nil, err
		}
		if fits != nil {
			asked = append(asked, fits)
		}
	}
	return func(c *census) func(*censusRow) bool {
		inSight := seen.among(c.categories.words)
		return func(row *censusRow) bool {
			if row.unit == 0 || !inSight(row.unit, row.category) {
				return false
			}
			for _, fits := range asked {
				if !fits(row) {
					return false
				}
			}
			return true
		}
	}, nil
}

// censusTally is Tally from the census.
func (b *Board) censusTally(f Filter, t *Tally) (bool, error) {
	return b.counted(f, func(c *census, sees func(*censusRow) bool) {
		today, rules := t.today, t.rules
		index := func(l Light, age int) int { return slices.Index(lightCases, lightCase{l, age}) }
		done, review, soon, none, ok := index(LightDone, 0), index(LightReview, 0), index(LightSoon, 0), index(LightNone, 0), index(LightOK, 0)
		ages := rules.Ages()
		over, overUntil := make([]int, len(ages)), make([]int32, len(ages))
		for n, age := range ages {
			over[n], overUntil[n] = index(LightOver, n), censusDay(today.Plus(-age.From))
		}
		tiers, statuses := deadline.Tiers(), Statuses()
		soonUntil := make([]int32, len(tiers))
		for n, tier := range tiers {
			soonUntil[n] = censusDay(today.Plus(rules.Of(tier).Soon))
		}
		idle, late := censusDay(today.Plus(-rules.IdleDays)), censusDay(reviewSince(today, rules, b.calendar))
		closed, submitted, underway := slices.Index(statuses, Closed), slices.Index(statuses, Submitted), slices.Index(statuses, Underway)
		type cell struct {
			n, idle, late int
			due           int32
		}
		shape := len(tiers) * len(statuses) * len(lightCases)
		of := map[int64][]cell{}
		var unit int64
		var cells []cell
		for n := range c.rows {
			row := &c.rows[n]
			if !sees(row) {
				continue
			}
			kind := ok
			switch {
			case int(row.status) == closed:
				kind = done
			case int(row.status) == submitted:
				kind = review
			case row.due == 0:
				kind = none
			case row.due <= overUntil[0]:
				k := len(over) - 1
				for row.due > overUntil[k] {
					k--
				}
				kind = over[k]
			case row.due <= soonUntil[row.tier]:
				kind = soon
			}
			if row.unit != unit || cells == nil {
				unit = row.unit
				if cells = of[unit]; cells == nil {
					cells = make([]cell, shape)
					of[unit] = cells
				}
			}
			into := &cells[(int(row.tier)*len(statuses)+int(row.status))*len(lightCases)+kind]
			if into.n == 0 || row.due < into.due {
				into.due = row.due
			}
			into.n++
			if int(row.status) == underway && row.heard <= idle {
				into.idle++
			}
			if int(row.status) == submitted && row.submittedOn < late {
				into.late++
			}
		}
		for unit, cells := range of {
			for n, one := range cells {
				if one.n == 0 {
					continue
				}
				t.Cells = append(t.Cells, TallyCell{
					UnitID: unit, Tier: tiers[n/len(lightCases)/len(statuses)], Status: statuses[n/len(lightCases)%len(statuses)], Case: n % len(lightCases),
					N: one.n, Idle: one.idle, ReviewLate: one.late, FirstDue: dayOfCensus(one.due),
				})
			}
		}
	})
}

// censusWordsOf are the different words that rows have in one respect, of what this
// person sees of the filter, from the census.
func (b *Board) censusWordsOf(of func(c *census) *censusWords, place func(*censusRow) uint32, f Filter, limit int, words *[]string) (bool, error) {
	return b.counted(f, func(c *census, sees func(*censusRow) bool) {
		all := of(c).words
		found := make([]bool, len(all))
		for n := range c.rows {
			if row := &c.rows[n]; !found[place(row)] && all[place(row)] != "" && sees(row) {
				found[place(row)] = true
			}
		}
		for n, is := range found {
			if is {
				*words = append(*words, all[n])
			}
		}
		slices.Sort(*words)
		*words = (*words)[:min(limit, len(*words))]
	})
}

// Mine is how many submissions wait for this person's own word, and how many of them
// longer than they should.
func (b *Board) Mine() (n, late int, err error) {
	since := censusDay(reviewSince(b.Today(), b.rules, b.calendar))
	served := false
	if b.me.Role != Supervisor || !b.rules.verifiedByBoth() { // what one body has said is not in the census
		served, err = b.counted(Filter{Statuses: []Status{Submitted}}, func(c *census, sees func(*censusRow) bool) {
			mine, v := make([]bool, len(c.categories.words)), b.verdict()
			for k, category := range c.categories.words {
				mine[k] = v.of(category)
			}
			for k := range c.rows {
				row := &c.rows[k]
				if mine[row.category] && sees(row) && row.submittedBy != v.not {
					n++
					if row.submittedOn < since {
						late++
					}
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

// overdueSince is how many items are overdue now and were not at the end of that day,
// whose night was recorded.
func (b *Board) overdueSince(day Day) (int, error) {
	n, today, end := 0, censusDay(b.Today()), censusDay(day)
	then, err := b.overdueThen(day)
	if err != nil {
		return 0, err
	}
	open := make([]bool, len(Statuses()))
	for k, status := range Statuses() {
		open[k] = status.InHand()
	}
	served, err := b.counted(Filter{}, func(c *census, sees func(*censusRow) bool) {
		for k := range c.rows {
			row := &c.rows[k]
			if open[row.status] && row.due != 0 && row.due < today && (row.due >= end || !then[row.id]) && sees(row) {
				n++
			}
		}
	})
	if served || err != nil {
		return n, err
	}
	c := sqlOverdueSince(day, b.Today())
	var count int64
	err = b.items().Where("("+c.sql+")", c.args...).Count(&count).Error
	return int(count), err
}

// censusDays is how many past days are remembered: each reader asks for the last week.
const censusDays = 4

// overdueThen is which items were overdue at the end of that recorded day. It does not
// change any more, and is read once.
func (b *Board) overdueThen(day Day) (map[int64]bool, error) {
	if b.within {
		return nil, nil
	}
	c := &b.store.census
	c.mu.Lock()
	defer c.mu.Unlock()
	if then, had := c.then[day]; had {
		return then, nil
	}
	var ids []int64
	if err := b.db.Table("overdue_spells").Where("from_on <= ? AND (to_on = '' OR to_on > ?)", day, day).Pluck("item_id", &ids).Error; err != nil {
		return nil, err
	}
	if c.then == nil || len(c.then) == censusDays {
		c.then = map[Day]map[int64]bool{}
	}
	then := make(map[int64]bool, len(ids))
	for _, id := range ids {
		then[id] = true
	}
	c.then[day] = then
	return then, nil
}
