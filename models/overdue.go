package models

import (
	"cmp"
	"duban/models/day"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// FlagOverdue writes an event and the notices for each item that became overdue
// since it was last looked at, once for each due date, however many days were
// missed. Its cost grows with what became overdue, not with the ledger.
func (b *Board) FlagOverdue() (flagged int, err error) {
	var late []Item
	err = b.items().Where(sqlDated+" AND items.flagged_due <> items.due_on AND items.due_on < ?", b.Today()).
		Order("items.due_on, items.id").Find(&late).Error
	if err != nil {
		return 0, err
	}
	return b.actEach(FlagOverdue, late, func(_ *gorm.DB, item *Item) (Particulars, error) {
		if !item.Card().Overdue(b.Today()) || item.FlaggedDue == item.DueOn {
			return nil, Refused{Key: "refused.flag_overdue"}
		}
		item.FlaggedDue = item.DueOn
		return Particulars{"due": string(item.DueOn), "days": itoa(item.DueOn.DaysUntil(b.Today()))}, nil
	})
}

const (
	// nightGrace is how long after midnight a night is still recorded as it stands.
	nightGrace = time.Hour
	// nightsBack is how many missed nights are looked at.
	nightsBack = 62
)

// OverdueNight is a day whose end was recorded, and when.
type OverdueNight struct {
	Day Day `gorm:"primaryKey"`
	At  time.Time
}

// Figure is one of the numbers that are recorded each night.
type Figure string

// The figures of the overdue page. That of a body is what waits for its word.
const (
	FigureOverdue Figure = "overdue"
	FigureSevere  Figure = "severe"
	FigureSoon    Figure = "soon"
	FigureIdle    Figure = "idle"
	FigureReview  Figure = "review"
	FigureAsked   Figure = "asked"
	FigureAwaited Figure = "awaited"
)

func figureOf(body Body) Figure { return FigureReview + "." + Figure(body) }

// FigureOf is the figure of what waits for the word of that supervisor's body.
func FigureOf(u User) Figure { return figureOf(u.body()) }

// overdueFigure is a figure of a unit at the end of a day; none is 0. Less than 0
// is one that nobody can know any more: what it counted was taken back.
type overdueFigure struct {
	Day    Day
	Figure Figure
	UnitID int64
	N      int
}

// RecordNights records what stood at the end of each day since the last that was
// recorded. A night is recorded within the hour after midnight. One that was missed
// is made good only while nothing has been done to any item since: then what stands
// now is what stood then. Otherwise it stays a gap, for nobody knows any more.
func (b *Board) RecordNights() (recorded int, err error) {
	if b.me.Role != clerk {
		return 0, ErrForbidden
	}
	yesterday := b.Today().Plus(-1)
	var last []Day
	if err := b.db.Model(&OverdueNight{}).Order("day DESC").Limit(1).Pluck("day", &last).Error; err != nil {
		return 0, err
	}
	from := yesterday
	if len(last) > 0 {
		from = max(last[0].Plus(1), yesterday.Plus(-nightsBack))
	}
	var changed *time.Time
	for day := from; day <= yesterday; day = day.Plus(1) {
		end := b.midnight(day.Plus(1))
		if b.now.Sub(end) > nightGrace {
			if changed == nil {
				if changed, err = b.lastChange(); err != nil {
					return recorded, err
				}
			}
			if !changed.Before(end) {
				continue
			}
		}
		n, err := b.recordNight(day, end)
		if err != nil {
			return recorded, err
		}
		recorded += n
	}
	return recorded, nil
}

// midnight is when that day begins in the place.
func (b *Board) midnight(day Day) time.Time {
	return day.Begin(b.zone)
}

// lastChange is when something was last done to an item that counts for figures.
func (b *Board) lastChange() (*time.Time, error) {
	var quiet []Act
	for act, line := range road {
		if line.quiet && letterRoad[act].to == "" {
			quiet = append(quiet, act)
		}
	}
	slices.Sort(quiet)
	var last []Event
	err := b.db.Where("item_id IS NOT NULL AND act NOT IN ?", quiet).Order("id DESC").Limit(1).Find(&last).Error
	if err != nil || len(last) == 0 {
		return &time.Time{}, err
	}
	return &last[0].At, nil
}

// recordNight records one day, once: of several programs one does.
func (b *Board) recordNight(day Day, end time.Time) (recorded int, err error) {
	err = b.db.Transaction(func(tx *gorm.DB) error {
		made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&OverdueNight{Day: day, At: b.now})
		if made.Error != nil || made.RowsAffected == 0 {
			return made.Error
		}
		recorded = 1
		late := sqlOverdue(day)
		err := tx.Exec("INSERT INTO overdue_spells (item_id, unit_id, from_on) SELECT items.id, items.unit_id, CAST(? AS TEXT) FROM items WHERE "+late.sql+
			" AND NOT EXISTS (SELECT 1 FROM overdue_spells WHERE overdue_spells.item_id = items.id AND overdue_spells.to_on = '')",
			append([]any{day}, late.args...)...).Error
		if err != nil {
			return err
		}
		err = tx.Exec("UPDATE overdue_spells SET to_on = ? WHERE to_on = '' AND NOT EXISTS (SELECT 1 FROM items WHERE items.id = overdue_spells.item_id AND "+late.sql+")",
			append([]any{day}, late.args...)...).Error
		if err != nil {
			return err
		}
		then := b.in(tx)
		then.now = end.Add(-time.Second)
		figures, err := then.nightFigures()
		if err != nil {
			return err
		}
		var rows []overdueFigure
		for figure, units := range figures {
			for unit, n := range units {
				if n > 0 {
					rows = append(rows, overdueFigure{day, figure, unit, n})
				}
			}
		}
		slices.SortFunc(rows, func(a, z overdueFigure) int {
			return cmp.Or(cmp.Compare(a.Figure, z.Figure), cmp.Compare(a.UnitID, z.UnitID))
		})
		return then.createAll(&rows)
	})
	if err != nil {
		recorded = 0
	}
	return recorded, err
}

// nightFigures are the figures of each unit as they stand.
func (b *Board) nightFigures() (map[Figure]map[int64]int, error) {
	tally, err := b.Tally(Filter{})
	if err != nil {
		return nil, err
	}
	figures := map[Figure]map[int64]int{}
	of := func(figure Figure, unit int64, n int) {
		if figures[figure] == nil {
			figures[figure] = map[int64]int{}
		}
		figures[figure][unit] += n
	}
	units := map[int64]bool{}
	for _, c := range tally.Cells {
		if units[c.UnitID] {
			continue
		}
		units[c.UnitID] = true
		t := tally.Unit(c.UnitID)
		for figure, n := range map[Figure]int{FigureOverdue: t.Overdue(), FigureSevere: t.Severe(), FigureSoon: t.Soon(), FigureIdle: t.Idle(), FigureReview: t.Review()} {
			of(figure, c.UnitID, n)
		}
	}
	parts := map[Figure]*gorm.DB{FigureAsked: b.where(Filter{Asked: true}), FigureAwaited: b.where(Filter{Letter: LetterAwait})}
	for _, body := range Bodies() {
		parts[figureOf(body)] = b.reviews(body)
	}
	for figure, q := range parts {
		by, err := countByUnit(q)
		if err != nil {
			return nil, err
		}
		for unit, n := range by {
			of(figure, unit, n)
		}
	}
	return figures, nil
}

// forgetNights takes items that are about to go out of the nights' figures: how many
// of them were overdue is known, whatever else they counted among is not, and is from
// here on unknown for those nights. Their spells go with them.
func forgetNights(tx *gorm.DB, gone any) error {
	counted := "FROM overdue_spells WHERE overdue_spells.unit_id = overdue_figures.unit_id AND overdue_spells.from_on <= overdue_figures.day" +
		" AND (overdue_spells.to_on = '' OR overdue_spells.to_on > overdue_figures.day) AND overdue_spells.item_id IN (?)"
	err := tx.Exec("UPDATE overdue_figures SET n = n - (SELECT COUNT(*) "+counted+") WHERE figure = ? AND EXISTS (SELECT 1 "+counted+")", gone, FigureOverdue, gone).Error
	if err != nil {
		return err
	}
	for _, figure := range otherFigures() {
		err := tx.Exec("INSERT INTO overdue_figures (day, figure, unit_id, n) SELECT overdue_nights.day, CAST(? AS TEXT), gone.unit_id, -1"+
			" FROM overdue_nights CROSS JOIN (SELECT unit_id, MIN(registered_on) AS first FROM items WHERE id IN (?) GROUP BY unit_id) AS gone"+
			" WHERE overdue_nights.day >= gone.first ON CONFLICT (day, figure, unit_id) DO UPDATE SET n = -1", figure, gone).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// otherFigures are all figures but the first, which is kept item by item as well.
func otherFigures() []Figure {
	all := []Figure{FigureSevere, FigureSoon, FigureIdle, FigureReview, FigureAsked, FigureAwaited}
	for _, body := range Bodies() {
		all = append(all, figureOf(body))
	}
	return all
}

// sqlOverdueAt is overdue at the end of a day gone by, as it was recorded; nothing
// where it was not. counted is of a query that looks at all there were.
func sqlOverdueAt(day Day, counted bool) condition {
	then := "0 < (SELECT COUNT(*) FROM overdue_spells WHERE overdue_spells.item_id = items.id AND from_on <= ? AND (to_on = '' OR to_on > ?))" // of each item by itself
	if counted {
		then = "items.id IN (SELECT item_id FROM overdue_spells WHERE from_on <= ? AND (to_on = '' OR to_on > ?))"
	}
	return condition{"EXISTS (SELECT 1 FROM overdue_nights WHERE day = ?) AND " + then, []any{day, day, day}}
}

// sqlOverdueSince is overdue now and not at the end of that day. What fell due on that
// day or later was not overdue then, and need not be asked for.
func sqlOverdueSince(day, today Day) condition {
	c := sqlOverdue(today)
	c.sql += " AND (items.due_on >= ? OR NOT EXISTS (SELECT 1 FROM overdue_spells WHERE overdue_spells.item_id = items.id AND from_on <= ? AND (to_on = '' OR to_on > ?)))"
	c.args = append(c.args, day, day, day)
	return c
}

// wholeUnits says whether what this person sees is cut by units alone, as the nights'
// figures are.
func (b *Board) wholeUnits() (bool, error) {
	seen, err := b.sight()
	return err == nil && !seen.worded(), err
}

// figures are the recorded figures of these nights and of the units this person sees.
func (b *Board) figures(days ...Day) *gorm.DB {
	q := b.db.Model(&overdueFigure{}).Where("day IN ?", days)
	if b.me.Role != clerk {
		q = q.Where("unit_id IN (?)", b.units().Select("units.id"))
	}
	if !b.me.Role.SeesLedger() {
		q = q.Where("1 = 0")
	}
	return q
}

// recorded are those of these days whose night was recorded.
func (b *Board) recorded(days ...Day) ([]Day, error) {
	var nights []Day
	err := b.db.Model(&OverdueNight{}).Where("day IN ?", days).Pluck("day", &nights).Error
	return nights, err
}

// FiguresAt are the figures of what this person sees at the end of that day. One that
// is missing is not known: that night was not recorded, or not so finely as this
// person's part of the ledger is cut, or what it counted was taken back.
func (b *Board) FiguresAt(day Day) (map[Figure]int, error) {
	whole, err := b.wholeUnits()
	if err != nil || !whole {
		return nil, err
	}
	nights, err := b.recorded(day)
	if err != nil || len(nights) == 0 {
		return nil, err
	}
	var sums []struct {
		Figure   Figure
		N, Least int
	}
	if err := b.figures(day).Select("figure, SUM(n) AS n, MIN(n) AS least").Group("figure").Scan(&sums).Error; err != nil {
		return nil, err
	}
	known := map[Figure]int{FigureOverdue: 0}
	for _, figure := range otherFigures() {
		known[figure] = 0
	}
	for _, sum := range sums {
		if known[sum.Figure] = sum.N; sum.Least < 0 {
			delete(known, sum.Figure)
		}
	}
	return known, nil
}

// OverdueWeek is how many items of each unit were overdue at the end of a week, as
// it was recorded that night, or are today for the week that is spoken of.
type OverdueWeek struct {
	Week   string // 2024-W28
	End    Day
	Gap    bool // nobody recorded that night: how many there were is not known
	ByUnit map[int64]int
}

// N is how many there were in all units.
func (w OverdueWeek) N() int {
	n := 0
	for _, u := range w.ByUnit {
		n += u
	}
	return n
}

// OverdueWeeks are the last n weeks up to the one that is spoken of, the oldest
// first, of all that this person sees; the last one is as of today, which is the
// tally's.
func (b *Board) OverdueWeeks(now Tally, n int) ([]OverdueWeek, error) {
	_, sunday := day.WeekOf(b.Today().Plus(-1))
	weeks := make([]OverdueWeek, n)
	var ends []Day
	for k := range weeks {
		end := sunday.Plus(-7 * (n - 1 - k))
		weeks[k] = OverdueWeek{Week: day.Week(end), End: end, Gap: k < n-1, ByUnit: map[int64]int{}}
		ends = append(ends, end)
	}
	weeks[n-1].End = b.Today()
	for _, c := range now.Light(LightOver).Cells {
		weeks[n-1].ByUnit[c.UnitID] += c.N
	}
	nights, err := b.recorded(ends[:n-1]...)
	if err != nil || len(nights) == 0 {
		return weeks, err
	}
	for k := range weeks[:n-1] {
		weeks[k].Gap = !slices.Contains(nights, ends[k])
	}
	whole, err := b.wholeUnits()
	if err != nil {
		return nil, err
	}
	if whole {
		var rows []overdueFigure
		err = b.figures(nights...).Where("figure = ?", FigureOverdue).Find(&rows).Error
		for _, row := range rows {
			weeks[slices.Index(ends, row.Day)].ByUnit[row.UnitID] = row.N
		}
		return weeks, err
	}
	for k := range weeks[:n-1] {
		if weeks[k].Gap {
			continue
		}
		then := sqlOverdueAt(ends[k], true)
		if weeks[k].ByUnit, err = countByUnit(b.items().Where(then.sql, then.args...)); err != nil {
			return nil, err
		}
	}
	return weeks, nil
}

// OverdueChange is what changed since the end of a week: how many items were overdue
// then, became so, and are so no longer. Silent are some of the new ones, by their
// numbers, about which nothing was reported in the days before they were due.
type OverdueChange struct {
	Week      string
	Gap       bool // nobody recorded that night: only what fell due since is known
	Then      int
	New, Left int
	Silent    []string
	Since     Filter // exactly the new ones
	Gone      Filter // exactly those that left
}

// silentShown is how many are named.
const silentShown = 3

// OverdueChange says what changed between the end of that week and now.
func (b *Board) OverdueChange(then OverdueWeek, now Tally) (OverdueChange, error) {
	today := b.Today()
	c := OverdueChange{Week: then.Week, Gap: then.Gap, Then: then.N(), Since: Filter{Since: then.Week}}
	if c.Gap {
		c.Since = Filter{Overdue: &Age{From: 1, To: max(1, then.End.DaysUntil(today))}}
	}
	var err error
	if c.Gap {
		var n int64
		n, err = b.Count(c.Since)
		c.New = int(n)
	} else {
		c.New, err = b.overdueSince(then.End)
	}
	if err != nil {
		return c, err
	}
	if !c.Gap {
		c.Left = c.Then + c.New - now.Overdue()
		c.Gone = Filter{Week: then.Week, Lights: []Light{LightSoon, LightOK, LightReview, LightNone, LightLook, LightStanding, LightStated, LightDone}}
	}
	var parts []string
	var args []any
	late := sqlOverdue(today)
	for day := then.End; day < today; day = day.Plus(1) {
		parts = append(parts, "SELECT * FROM (?) AS part"+itoa(len(parts)))
		args = append(args, late.on(b.items()).Select("items.number, items.due_on, items.id").
			Where("items.due_on = ? AND CASE WHEN items.progress_on <> '' THEN items.progress_on ELSE items.registered_on END <= ?", day, day.Plus(-b.rules.IdleDays)).
			Order("items.id").Limit(silentShown))
	}
	if len(parts) > 0 {
		err = b.db.Raw("SELECT number FROM ("+strings.Join(parts, " UNION ALL ")+") AS silent ORDER BY due_on, id LIMIT ?", append(args, silentShown)...).Scan(&c.Silent).Error
	}
	return c, err
}

// weeksShown is how many weeks the overdue page looks back, the present one among them.
const weeksShown = 8

// OverduePage is what the page of what is overdue says to this person.
type OverduePage struct {
	Rows    Filter // what the rows are, which the address may leave unsaid
	Due     bool   // nothing is overdue: the rows are what is due next
	Cards   []Card
	Last    map[int64]Progress
	Letters map[int64][]LetterState
	Steps   map[int64]Step
	Urged   map[int64]Day // when a supervisor last urged it

	Weeks  []OverdueWeek // the oldest first, the last is now
	Then   map[Figure]int
	Change OverdueChange
	Order  []Unit // the units by their present number

	Longest              int // days
	Next                 Day // the next deadline, and how many are due then
	NextN                int
	IdleOver             int
	Mine, MineLate       int // waiting for the reader's word
	Asked, Granted       int // requests for another date: waiting, and granted in this round
	Awaited, AwaitedLate int // letters' answers are owed
	Judge                int // answers wait for a word
	Drafts               int // letters wait for a signature; of those who write them
}

// Before is the week before the present one.
func (p OverduePage) Before() OverdueWeek { return p.Weeks[len(p.Weeks)-2] }

// overdueRows is what the rows of the page are. The page is about what is overdue; when
// nothing is, about what is due next. An address may narrow it further, or ask for other
// rows of the same kind.
func overdueRows(f Filter, now Tally) (rows Filter, due bool) {
	rows = f
	asked := len(f.Lights) > 0 || f.Overdue != nil || f.Week != "" || f.Since != "" || f.Idle > 0 || f.ReviewLate || f.Mine || f.Asked ||
		f.Letter != "" && f.Letter != LetterNone
	if asked {
		return rows, false
	}
	rows.Lights = []Light{LightOver}
	if now.Overdue() == 0 && !f.Narrow() {
		rows.Lights, due = []Light{LightSoon}, true
	}
	return rows, due
}

// OverduePage is the page for that filter. Now is the tally of all that this person sees,
// units are theirs in their order, and the round is the one whose granted dates are counted.
func (b *Board) OverduePage(f Filter, now Tally, units []Unit, round Round) (p OverduePage, err error) {
	p.Rows, p.Due = overdueRows(f, now)
	if p.Cards, err = b.List(p.Rows); err != nil {
		return p, err
	}
	if p.Last, err = b.LastProgress(p.Cards); err != nil {
		return p, err
	}
	if p.Steps, p.Letters, err = b.Steps(p.Cards); err != nil {
		return p, err
	}
	if p.Urged, err = b.CardsUrgedOn(p.Cards); err != nil {
		return p, err
	}
	if p.Weeks, err = b.OverdueWeeks(now, weeksShown); err != nil {
		return p, err
	}
	if p.Then, err = b.FiguresAt(p.Before().End); err != nil {
		return p, err
	}
	if p.Change, err = b.OverdueChange(p.Before(), now); err != nil {
		return p, err
	}
	p.Order = slices.Clone(units)
	latest, before := p.Weeks[len(p.Weeks)-1].ByUnit, p.Before().ByUnit
	slices.SortStableFunc(p.Order, func(a, z Unit) int {
		return cmp.Or(cmp.Compare(latest[z.ID], latest[a.ID]), cmp.Compare(before[z.ID], before[a.ID]))
	})
	over := now.Light(LightOver)
	if first := over.FirstDue(); first != "" {
		p.Longest = first.DaysUntil(b.Today())
	}
	p.Next, p.IdleOver = now.Light(LightSoon).FirstDue(), over.Idle()
	return p, b.overdueCounts(&p, round)
}

// overdueCounts are the page's figures that each have a list of their own.
func (b *Board) overdueCounts(p *OverduePage, round Round) (err error) {
	counts := map[*int]Filter{
		&p.Asked:   {Asked: true},
		&p.Awaited: {Letter: LetterAwait}, &p.AwaitedLate: {Letter: LetterLate}, &p.Judge: {Letter: LetterJudge},
	}
	if p.Next != "" {
		counts[&p.NextN] = Filter{Lights: []Light{LightSoon}, DueFrom: p.Next, DueTo: p.Next}
	}
	for into, f := range counts {
		n, err := b.Count(f)
		if err != nil {
			return err
		}
		*into = int(n)
	}
	if officeOrSupervisor(b.me, Item{}) {
		var n int64
		if err := b.letters().Where("letters.status = ?", LetterDraft).Count(&n).Error; err != nil {
			return err
		}
		p.Drafts = int(n)
	}
	if p.Granted, err = b.Granted(round); err != nil {
		return err
	}
	p.Mine, p.MineLate, err = b.Mine()
	return err
}
