package models

import (
	"database/sql"
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
// transaction, and reads anew only what was changed since. The rows are for keeping the
// sums (census_sum.go); figures are added from those.
type census struct {
	mu     sync.Mutex
	upTo   int64 // no event up to this one is still to come that was not looked at
	read   bool  // whether the ledger has been read at all
	rows   []censusRow
	place  censusPlaces      // of an item, among rows
	ofUnit map[int32][]int32 // places of a unit's rows, and of some that were its
	censusSums

	categories censusWords
	leaders    censusWords
	handlers   censusWords
	then       map[Day]map[int64]bool // what was overdue at the ends of recorded days

	// Of a database where events are not numbered in the order of their commits.
	water  trail.LowWater // up to which event all are there
	looked trail.Stand    // how far they had come when all that were there were looked at
	seen   map[int64]bool // the events above upTo that were looked at
}

// censusWords are different words, each of which rows name by its place.
type censusWords struct {
	words []string
	place map[string]uint32
}

func (w *censusWords) of(word []byte) uint32 {
	n, known := w.place[string(word)]
	if !known {
		if w.place == nil {
			w.place = map[string]uint32{}
		}
		n = uint32(len(w.words))
		w.place[string(word)] = n
		w.words = append(w.words, string(word))
	}
	return n
}

// censusKind is what items have in common that are counted together.
type censusKind struct {
	unit, round  int32
	category     uint32 // place in the census's words
	tier, status uint8  // places in Tiers and Statuses
}

// censusRow is one item. Days are numbers, 20260305, none is 0, so that they compare
// as their texts do.
type censusRow struct {
	censusKind
	gone        bool   // nobody's any more
	asked       bool   // another date has been asked for
	stated      bool   // it was taken in as done
	id          int64  // of the item
	leader      uint32 // place in the census's words
	handler     uint32 // likewise
	submittedBy int32
	due, review int32 // review: the day on which a standing item is looked at, 0 for others
	since       int32 // the day from which it is as it is: struck off, handed in, taken in as done, or last reported of
	registered  int32
	late        bool // struck off, and handed in after its deadline
}

// censusPlaces are the rows of items by their numbers, in pages: numbers are given one
// after the other.
type censusPlaces map[int64]*[censusPage]int32

const censusPage = 1 << 12

// of is the row of an item, -1 for none.
func (p censusPlaces) of(id int64) int32 {
	if page := p[id/censusPage]; page != nil {
		return page[id%censusPage] - 1
	}
	return -1
}

func (p censusPlaces) set(id int64, at int32) {
	page := p[id/censusPage]
	if page == nil {
		page = new([censusPage]int32)
		p[id/censusPage] = page
	}
	page[id%censusPage] = at + 1
}

// censusAnew is how many changed items are read one by one; beyond it everything is
// read anew.
const censusAnew = 2000

func censusDay[T ~string | ~[]byte](d T) int32 {
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
			if at := c.place.of(id); at >= 0 { // until it is read again
				c.forget(&c.rows[at])
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
	c.read, c.place, c.rows, c.ofUnit, c.seen, c.categories, c.leaders, c.handlers = false, censusPlaces{}, nil, map[int32][]int32{}, nil, censusWords{}, censusWords{}, censusWords{}
	c.censusSums = censusSums{}
	if err := c.take(db); err != nil {
		return err
	}
	c.read, c.upTo = true, settled
	return nil
}

func (c *census) take(q *gorm.DB) error {
	rows, err := q.Model(&Item{}).Where("status <> ?", Voided).Select("id, unit_id, round_id, tier, status, due_on, progress_on, registered_on, submitted_on, submitted_by, category, leader, CASE WHEN standing THEN review_on ELSE '' END, asked_until, closed_on, stated_on, handler").Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	tiers, statuses := deadline.Tiers(), Statuses()
	words := make([]sql.RawBytes, 13)
	for rows.Next() {
		var row censusRow
		if err := rows.Scan(&row.id, &row.unit, &row.round, &words[0], &words[1], &words[2], &words[3], &words[4], &words[5], &row.submittedBy, &words[6], &words[7], &words[8], &words[9], &words[10], &words[11], &words[12]); err != nil {
			return err
		}
		row.tier, row.status = uint8(slices.IndexFunc(tiers, func(t Tier) bool { return string(t) == string(words[0]) })), uint8(slices.IndexFunc(statuses, func(s Status) bool { return string(s) == string(words[1]) }))
		row.due, row.review, row.since, row.asked = censusDay(words[2]), censusDay(words[8]), censusDay(words[4]), len(words[9]) > 0
		if len(words[3]) > 0 {
			row.since = censusDay(words[3])
		}
		row.registered = censusDay(words[4])
		switch row.status {
		case censusSubmitted:
			row.since = censusDay(words[5])
		case censusClosed:
			row.since = censusDay(words[10])
			row.late = row.due != 0 && censusDay(words[5]) > row.due
		}
		if row.stated = len(words[11]) > 0 && statuses[row.status].InHand(); row.stated {
			row.since = censusDay(words[11])
		}
		row.category, row.leader, row.handler = c.categories.of(words[6]), c.leaders.of(words[7]), c.handlers.of(words[12])
		at := c.place.of(row.id)
		if at < 0 {
			at = int32(len(c.rows))
			c.place.set(row.id, at)
			c.rows = append(c.rows, censusRow{gone: true})
		}
		if was := c.rows[at].unit; was != row.unit {
			c.ofUnit[row.unit] = append(c.ofUnit[row.unit], at)
		}
		c.rows[at] = row
		c.count(&c.rows[at], 1)
	}
	return rows.Err()
}

// errNoCensus says that the ledger cannot be read into one at this moment: somebody
// writes whose events may have any number. The database counts.
var errNoCensus = errors.New("no census at this moment")

// censusDays is how many past days are remembered: each reader asks for the last week.
const censusDays = 4

// overdueThen is which items were overdue at the end of that day, if its night was recorded.
// That does not change any more, and is read once.
func (b *Board) overdueThen(day Day) (then map[int64]bool, recorded bool, err error) {
	if b.within {
		return nil, false, nil
	}
	c := &b.store.census
	c.mu.Lock()
	defer c.mu.Unlock()
	if then, had := c.then[day]; had {
		return then, true, nil
	}
	if nights, err := b.recorded(day); err != nil || len(nights) == 0 {
		return nil, false, err
	}
	var ids []int64
	if err := b.db.Table("overdue_spells").Where("from_on <= ? AND (to_on = '' OR to_on > ?)", day, day).Pluck("item_id", &ids).Error; err != nil {
		return nil, false, err
	}
	if c.then == nil || len(c.then) == censusDays {
		c.then = map[Day]map[int64]bool{}
	}
	then = make(map[int64]bool, len(ids))
	for _, id := range ids {
		then[id] = true
	}
	c.then[day] = then
	return then, true, nil
}
