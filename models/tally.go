package models

import "cmp"

// Tally is how many items there are, by unit, tier, status and light. Every
// figure on every page and in every mail is a sum of its cells: there is no second
// way to count.
type Tally struct {
	Cells []TallyCell
	today Day
	rules Rules
}

// TallyCell counts the items that are alike in all of these.
type TallyCell struct {
	UnitID     int64
	Tier       Tier
	Status     Status
	Case       int `gorm:"column:light_case"` // index into lightCases
	N          int
	Idle       int // of these, without progress for the rules' IdleDays
	ReviewLate int // of these, waiting longer than ReviewDays
	FirstDue   Day // the earliest deadline among these
}

// Light is the cell's light; severe ones are among the overdue.
func (c TallyCell) Light() Light {
	if c.Case < 0 {
		return LightNone
	}
	return lightCases[c.Case].light
}

// Tally counts the items this person may see and the filter names: from the census
// where it can serve, or by one scan of one index.
func (b *Board) Tally(f Filter) (Tally, error) {
	t := Tally{today: b.Today(), rules: b.rules}
	if served, err := b.censusTally(f, &t); served || err != nil {
		return t, err
	}
	if f.Letter != LetterNone {
		return b.talliedOnce(f)
	}
	// Few have had a letter: those without are the others.
	every, sent := f, f
	every.Letter, sent.Letter = "", letterSent
	t, err := b.Tally(every)
	if err != nil {
		return t, err
	}
	some, err := b.talliedOnce(sent)
	return t.without(some), err
}

// without is the tally less another of some of the same items. The earliest deadlines stay
// those of all.
func (t Tally) without(some Tally) Tally {
	rest := Tally{today: t.today, rules: t.rules}
	for _, c := range t.Cells {
		for _, s := range some.Cells {
			if s.UnitID == c.UnitID && s.Tier == c.Tier && s.Status == c.Status && s.Case == c.Case {
				c.N, c.Idle, c.ReviewLate = c.N-s.N, c.Idle-s.Idle, c.ReviewLate-s.ReviewLate
			}
		}
		if c.N > 0 {
			rest.Cells = append(rest.Cells, c)
		}
	}
	return rest
}

// talliedOnce is tallied, once for a board until something is written.
func (b *Board) talliedOnce(f Filter) (Tally, error) {
	if b.within {
		return b.tallied(f)
	}
	now, question := b.store.writes.Load(), f.question()
	b.assigned.mu.Lock()
	t, asked := b.assigned.tallies[question]
	asked = asked && b.assigned.tallied == now
	b.assigned.mu.Unlock()
	if asked {
		return t, nil
	}
	t, err := b.tallied(f)
	if err == nil {
		b.assigned.mu.Lock()
		if b.assigned.tallied != now || b.assigned.tallies == nil {
			b.assigned.tallies, b.assigned.tallied = map[string]Tally{}, now
		}
		b.assigned.tallies[question] = t
		b.assigned.mu.Unlock()
	}
	return t, err
}

func (b *Board) tallied(f Filter) (Tally, error) {
	today := b.Today()
	light, idle, late := sqlLightCase(today, b.rules), sqlIdle(today, b.rules.IdleDays), sqlReviewLate(today, b.rules, b.calendar)
	args := append(append(append([]any{}, light.args...), idle.args...), late.args...)
	t := Tally{today: today, rules: b.rules}
	err := b.whereAll(f).Select(
		"items.unit_id, items.tier, items.status, "+light.sql+" AS light_case, COUNT(*) AS n,"+
			" SUM(CASE WHEN "+idle.sql+" THEN 1 ELSE 0 END) AS idle,"+
			" SUM(CASE WHEN "+late.sql+" THEN 1 ELSE 0 END) AS review_late, MIN(items.due_on) AS first_due", args...).
		Group("items.unit_id, items.tier, items.status, light_case").Scan(&t.Cells).Error
	return t, err
}

// Overdue is how many items this person sees that are overdue: the figure in every
// page's frame.
func (b *Board) Overdue() (int, error) {
	t := Tally{today: b.Today(), rules: b.rules}
	if served, err := b.censusTally(Filter{}, &t); served || err != nil {
		return t.Overdue(), err
	}
	n, err := b.Count(Filter{Lights: []Light{LightOver}})
	return int(n), err
}

// Of is the tally of the cells that fit.
func (t Tally) Of(fits func(TallyCell) bool) Tally {
	part := Tally{today: t.today, rules: t.rules}
	for _, c := range t.Cells {
		if fits(c) {
			part.Cells = append(part.Cells, c)
		}
	}
	return part
}

// Tier, Status and Unit are the tally of one of them.
func (t Tally) Tier(tier Tier) Tally  { return t.Of(func(c TallyCell) bool { return c.Tier == tier }) }
func (t Tally) Status(s Status) Tally { return t.Of(func(c TallyCell) bool { return c.Status == s }) }
func (t Tally) Unit(id int64) Tally   { return t.Of(func(c TallyCell) bool { return c.UnitID == id }) }

// Light is the tally of one light; LightOver is all that is overdue.
func (t Tally) Light(l Light) Tally { return t.Of(func(c TallyCell) bool { return c.Light() == l }) }

// countOf is how many have a light.
func (t Tally) countOf(l Light) int {
	n := 0
	for _, c := range t.Cells {
		if c.Light() == l {
			n += c.N
		}
	}
	return n
}

// Rules are the rules it was counted by.
func (t Tally) Rules() Rules { return t.rules }

// Ages are the buckets of days overdue that it counts by.
func (t Tally) Ages() []Age { return t.rules.Ages() }

// Age is the tally of one bucket of days overdue, an index into the rules' Ages.
func (t Tally) Age(n int) Tally {
	return t.Of(func(c TallyCell) bool { return c.Light() == LightOver && lightCases[c.Case].age == n })
}

// N is how many items there are.
func (t Tally) N() int { return t.sum(func(c TallyCell) int { return c.N }) }

// Overdue, Soon, Review and Closed are the four figures of the product.
func (t Tally) Overdue() int { return t.countOf(LightOver) }
func (t Tally) Soon() int    { return t.countOf(LightSoon) }
func (t Tally) Review() int  { return t.countOf(LightReview) }
func (t Tally) Closed() int  { return t.countOf(LightDone) }

// OK and Undated are the rest of the lights.
func (t Tally) OK() int      { return t.countOf(LightOK) }
func (t Tally) Undated() int { return t.countOf(LightNone) }

// Look and Standing are what stands without a date: what is to be looked at now, and later.
func (t Tally) Look() int     { return t.countOf(LightLook) }
func (t Tally) Standing() int { return t.countOf(LightStanding) }

// Stated is what was taken in as done and is not checked.
func (t Tally) Stated() int { return t.countOf(LightStated) }

// NotClosed is how many are not struck off: in hand, or waiting for review.
func (t Tally) NotClosed() int { return t.N() - t.Closed() }

// Severe is how many are overdue by more than the rules' SevereDays.
func (t Tally) Severe() int {
	ages := t.rules.Ages()
	return t.Of(func(c TallyCell) bool {
		return c.Light() == LightOver && ages[lightCases[c.Case].age].From > t.rules.SevereDays
	}).N()
}

// Idle is how many had no progress for some days; ReviewLate is how many wait for
// a supervisor longer than they should.
func (t Tally) Idle() int       { return t.sum(func(c TallyCell) int { return c.Idle }) }
func (t Tally) ReviewLate() int { return t.sum(func(c TallyCell) int { return c.ReviewLate }) }

// FirstDue is the earliest deadline among them, "" when none has one.
func (t Tally) FirstDue() Day {
	var first Day
	for _, c := range t.Cells {
		if c.FirstDue != "" && (first == "" || cmp.Less(c.FirstDue, first)) {
			first = c.FirstDue
		}
	}
	return first
}

// Units is how many units have items.
func (t Tally) Units() int {
	units := map[int64]bool{}
	for _, c := range t.Cells {
		units[c.UnitID] = true
	}
	return len(units)
}

func (t Tally) sum(of func(TallyCell) int) int {
	n := 0
	for _, c := range t.Cells {
		n += of(c)
	}
	return n
}
