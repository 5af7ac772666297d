package models

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"duban/models/day"
)

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

// KeptFit is how an item that was struck off kept its deadline: it was handed in by it, or
// after it. One without a deadline kept it, and so did one that was struck off by its
// ledger's word.
type KeptFit string

// The two ways to keep one.
const (
	KeptInTime KeptFit = "yes"
	KeptLate   KeptFit = "no"
)

// Course is how items came and went: how many were registered by the end of a day, were or
// are due by their deadlines as they stand now, and were struck off. Steps are in the order
// of days; a day on which nothing came to these has none.
type Course struct {
	Steps        []CourseStep
	Closed, Late int // struck off; of these, handed in after their deadline
}

// CourseStep is a course at the end of a day, all that came before included.
type CourseStep struct {
	Day                     Day
	Registered, Due, Closed int
}

// courseSums are a course while it is added up: what came on each day, by the days' numbers
// in the census.
type courseSums struct {
	steps        map[int32]CourseStep
	closed, late int
}

// add counts n items that are alike in these days; 0 is none.
func (s *courseSums) add(n int, registered, due, closed int32, late bool) {
	of := func(when int32, count func(*CourseStep)) {
		if when != 0 {
			step := s.steps[when]
			count(&step)
			s.steps[when] = step
		}
	}
	of(registered, func(step *CourseStep) { step.Registered += n })
	of(due, func(step *CourseStep) { step.Due += n })
	of(closed, func(step *CourseStep) { step.Closed += n; s.closed += n })
	if late {
		s.late += n
	}
}

func (s *courseSums) course() Course {
	c := Course{Closed: s.closed, Late: s.late}
	var so CourseStep
	for _, when := range slices.Sorted(maps.Keys(s.steps)) {
		step := s.steps[when]
		so = CourseStep{dayOfCensus(when), so.Registered + step.Registered, so.Due + step.Due, so.Closed + step.Closed}
		c.Steps = append(c.Steps, so)
	}
	return c
}

// Course is that of the items that this person may see and the filter names: from the
// census where it can serve, or by one scan.
func (b *Board) Course(f Filter) (course Course, err error) {
	served, err := b.answered(f, func(question string, asked askedRows, c *census, v *censusView, sees func(censusCell) bool) {
		known := false
		if course, known = v.courses[question]; !known {
			course = c.course(v, asked, sees)
			v.courses[question] = course
		}
	})
	if served || err != nil {
		return course, err
	}
	return b.courseOf(f)
}

// course walks the rows that fit and are seen.
func (c *census) course(v *censusView, asked askedRows, sees func(censusCell) bool) Course {
	sums := courseSums{steps: map[int32]CourseStep{}}
	_, fits := c.sumsOf(v, asked)
	for n := range c.rows {
		row := &c.rows[n]
		if row.gone || !sees(censusCell{row.censusKind, v.edges.light(row)}) || fits != nil && !fits(row) {
			continue
		}
		closed := int32(0)
		if row.status == censusClosed {
			closed = row.since
		}
		sums.add(1, row.registered, row.due, closed, row.late)
	}
	return sums.course()
}

// courseOf is Course of the database.
func (b *Board) courseOf(f Filter) (Course, error) {
	var rows []struct {
		RegisteredOn, DueOn, Closed Day
		Late                        bool
		N                           int
	}
	err := b.whereAll(f).Select("items.registered_on, items.due_on, CASE WHEN items.status = ? THEN items.closed_on ELSE '' END AS closed,"+
		" (items.status = ? AND "+sqlLate+") AS late, COUNT(*) AS n", Closed, Closed).Group("1, 2, 3, 4").Scan(&rows).Error
	sums := courseSums{steps: map[int32]CourseStep{}}
	for _, r := range rows {
		sums.add(r.N, censusDay(r.RegisteredOn), censusDay(r.DueOn), censusDay(r.Closed), r.Late)
	}
	return sums.course(), err
}

// At is how many were registered, due and struck off by the end of that day.
func (c Course) At(end Day) (at CourseStep) {
	after, _ := slices.BinarySearchFunc(c.Steps, end, func(step CourseStep, end Day) int { return cmp.Or(cmp.Compare(step.Day, end), -1) })
	if after > 0 {
		at = c.Steps[after-1]
	}
	at.Day = end
	return at
}

// Forecast is when the last item is struck off if it goes on as in the last weeks: N of
// them were struck off in ForecastDays. From and To are the days between which it lies four
// times in five, were strikings off to come by chance at that pace: N ± 1.28·√N. On is ""
// where fewer than five say too little, or nothing is left.
type Forecast struct {
	N            int
	On, From, To Day
}

// ForecastDays are how many days back the pace is taken from.
const ForecastDays = 56

// forecastLeast is how many must have been struck off in these days.
const forecastLeast = 5

// Forecast is that of a course with so many left today.
func (c Course) Forecast(today Day, left int) Forecast {
	f := Forecast{N: c.At(today).Closed - c.At(today.Plus(-ForecastDays)).Closed}
	if f.N < forecastLeast || left == 0 {
		return f
	}
	width := 1.28 * math.Sqrt(float64(f.N))
	after := func(n float64) Day { return today.Plus(int(math.Ceil(float64(left) * ForecastDays / n))) }
	f.On, f.From, f.To = after(float64(f.N)), after(float64(f.N)+width), after(float64(f.N)-width)
	return f
}

// Answers are how the supervisors answered what was handed in, since a day: how many
// answers they gave, of these how many sent items back, of how many items, and how many
// working days half of the answers took at most.
type Answers struct {
	Since              Day
	N, Returned, Items int
	Median             int
}

// Answers are those about the items that this person may see and the filter names.
func (b *Board) Answers(f Filter, since Day) (Answers, error) {
	var rows []struct {
		ItemID      int64
		At, EndedAt time.Time
		Outcome     Act
	}
	err := b.whereAll(f).Joins("JOIN submissions ON submissions.item_id = items.id").
		Where("submissions.outcome IN ? AND submissions.ended_at >= ?", []Act{CloseItem, ReturnItem, StageItem}, b.midnight(since)).
		Select("submissions.item_id, submissions.at, submissions.ended_at, submissions.outcome").Scan(&rows).Error
	a, returned, took := Answers{Since: since, N: len(rows)}, map[int64]bool{}, make([]int, 0, len(rows))
	for _, r := range rows {
		took = append(took, b.calendar.WorkdaysBetween(day.Of(r.At.In(b.zone)), day.Of(r.EndedAt.In(b.zone))))
		if r.Outcome == ReturnItem {
			a.Returned++
			returned[r.ItemID] = true
		}
	}
	a.Items = len(returned)
	if slices.Sort(took); len(took) > 0 {
		a.Median = took[(len(took)-1)/2]
	}
	return a, err
}

// StatisticsPage is the whole at one look: what the page of statistics shows beside the
// tally of its filter.
type StatisticsPage struct {
	Course     Course
	Forecast   Forecast
	Answers    Answers
	Categories []CategoryTally // the most in hand first
	Rounds     []RoundTally    // the latest first; none where there is but one
}

// CategoryTally is the tally of one category's items, and RoundTally of one round's.
type (
	CategoryTally struct {
		Category string
		Tally
	}
	RoundTally struct {
		Round Round
		Tally
	}
)

// answersBack is of how many days the supervisors' answers are shown; categoriesShown and
// roundsShown are how many have a bar.
const (
	answersBack     = 90
	categoriesShown = 12
	roundsShown     = 6
)

// StatisticsPage is that of a filter, whose tally is shown.
func (b *Board) StatisticsPage(f Filter, shown Tally) (p StatisticsPage, err error) {
	if p.Course, err = b.Course(f); err != nil {
		return p, err
	}
	p.Forecast = p.Course.Forecast(b.Today(), shown.NotClosed())
	if p.Answers, err = b.Answers(f, b.Today().Plus(-answersBack)); err != nil {
		return p, err
	}
	categories, err := b.Categories(f, categoriesShown)
	if err != nil {
		return p, err
	}
	for _, category := range categories {
		if f.Category != "" && !inCategory(category, f.Category) {
			continue
		}
		of := f
		of.Category = category
		tally, err := b.Tally(of)
		if err != nil {
			return p, err
		}
		if tally.N() > 0 {
			p.Categories = append(p.Categories, CategoryTally{category, tally})
		}
	}
	slices.SortStableFunc(p.Categories, func(a, z CategoryTally) int { return cmp.Compare(z.NotClosed(), a.NotClosed()) })
	rounds, err := b.Rounds()
	if err != nil || len(rounds) < 2 {
		return p, err
	}
	for _, round := range rounds[:min(len(rounds), roundsShown)] {
		of := f
		of.Round = round.Code
		tally, err := b.Tally(of)
		if err != nil {
			return p, err
		}
		p.Rounds = append(p.Rounds, RoundTally{round, tally})
	}
	return p, nil
}
