package models

import (
	"duban/models/day"
	"duban/models/deadline"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"
)

// Filter is which items, and in what order: the one query grammar of board,
// ledger, overdue page, digest links and exports. An address carries it whole, so
// that a link is the state of the page.
type Filter struct {
	Round      string   // code
	Tiers      []Tier   // jz, lx, fk
	Units      []string // codes
	Leader     string   // as the ledger names him; NoLeader for none
	Owner      string   // handler, likewise
	Statuses   []Status // todo, doing, review, closed
	Lights     []Light  // overdue, soon, ok, review, none, done
	Overdue    *Age     // by days: 1-7, 8-30, 31-60, 61-
	DueFrom    Day
	DueTo      Day
	Week       string // overdue at the end of that week: 2024-W20
	Since      string // overdue now, and not at the end of that week
	Idle       int    // days without progress
	ReviewLate bool   // waiting for review longer than it should
	Mine       bool   // waiting for this person's own word
	Letter     LetterFit
	Asked      bool   // another date has been asked for, and waits for its answer
	Duty       bool   // to be seen to by its unit this week
	Receipt    bool   // its unit has not signed for it yet 待签收
	Standing   string // standing items: all, or due for a look
	ClosedFrom Day
	ClosedTo   Day
	Kept       KeptFit // struck off in time, or late
	Category   string
	Query      string   // words to search for
	Numbers    []string // of items chosen one by one
	NotClosed  bool     // all that is not struck off
	Import     int64    // brought by that import

	Sort  string // a key of sorts, "-" before it for the other way
	Group string
	Page  int
	Size  int

	counted             bool   // by a query that looks at all there are
	due                 string // as it stood in the address: week, 2024-W28, a..b
	cols, view, density string
}

// mostNumbers is how many items may be chosen one by one: a page of them, or an
// address grows too long for some browsers.
const mostNumbers = 200

var itemNumbers = regexp.MustCompile(`^[A-Z]{2}-[0-9]{4}-[0-9]{3,6}$`)

// PageSizes are the sizes a page of the ledger may have; the first is the default.
var PageSizes = []int{50, 24, 100, 200}

// sorts are the columns a list may be sorted by, by their names in addresses.
var sorts = map[string]string{
	"due": "items.due_on", "number": "items.number", "unit": "items.unit_id", "tier": "items.tier",
	"leader": "items.leader", "updated": "items.progress_on", "title": "items.title", "closed": "items.closed_on",
	"measures": "items.measures_done", "submitted": "items.submitted_on", "review": "items.review_on",
}

// ParseFilter reads an address's query. What it does not know, or cannot read, it
// leaves out and names, so that the page can say so; it never fails. Week words
// are resolved against today.
func ParseFilter(q url.Values, today Day) (f Filter, ignored []string) {
	keys := make([]string, 0, len(q))
	for k := range q {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		value := strings.TrimSpace(strings.Join(q[k], ","))
		if value == "" {
			continue
		}
		at := slices.IndexFunc(filterKeys, func(one filterKey) bool { return one.name == k })
		understood := f
		if at < 0 || !filterKeys[at].read(&understood, value, today) {
			ignored = append(ignored, k+"="+value)
			continue
		}
		f = understood
	}
	return f, ignored
}

// DueBy is the filter of what of it is due by that day; false where no filter says so, for
// it asks for what is due this week and still open.
func (f Filter) DueBy(end Day) (Filter, bool) {
	if f.due == "week" {
		return f, false
	}
	if f.DueTo == "" || end < f.DueTo {
		f.DueTo = end
	}
	f.due = ""
	return f, true
}

// filterKey is all that one key of an address is: how it is read and written, which items
// it leaves to the list, and which rows of the census.
type filterKey struct {
	name  string
	read  func(f *Filter, value string, today Day) bool
	write func(f Filter) string
	// sql narrows a query to what it leaves; nil for one that leaves nothing out.
	sql func(b *Board, q *gorm.DB, f Filter) *gorm.DB
	// sums is sql of the census's sums, nil of a filter that does not ask for it; row is it
	// of single items, of which sums are kept for what is asked, with what else than the
	// day and the word it hangs on; nil where it cannot be told from a row. A key with
	// neither is counted by the database.
	sums func(b *Board, f Filter) (censusFits, error)
	row  func(b *Board, f Filter) (fits rowFits, of string, err error)
}

// filterKeys are all of them. A query has their conditions in this order, what costs
// most the last.
var filterKeys = []filterKey{
	{
		name: "round",
		read: func(f *Filter, v string, _ Day) bool { f.Round = v; return ascii(v) },
		write: func(f Filter) string {
			return f.Round
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if f.Round == "" {
				return q
			}
			rounds, err := b.roundsCoded(f.Round)
			_ = q.AddError(err)
			if len(rounds) == 1 { // an equality, so that its index serves in its order
				return q.Where("items.round_id = ?", rounds[0])
			}
			return q.Where("items.round_id IN ?", append(rounds, 0))
		},
		sums: func(b *Board, f Filter) (censusFits, error) {
			if f.Round == "" {
				return nil, nil
			}
			rounds, err := b.roundsCoded(f.Round)
			return func(_ *census, cell censusCell) bool { return slices.Contains(rounds, int64(cell.round)) }, err
		},
	},
	{
		name: "tier",
		read: func(f *Filter, v string, _ Day) bool {
			return eachWord(v, func(word string) bool {
				for _, t := range deadline.Tiers() {
					if t.Query() == word {
						f.Tiers = append(f.Tiers, t)
						return true
					}
				}
				return false
			})
		},
		write: func(f Filter) string {
			var words []string
			for _, t := range deadline.Tiers() {
				if slices.Contains(f.Tiers, t) {
					words = append(words, t.Query())
				}
			}
			return strings.Join(words, ",")
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if len(f.Tiers) == 0 {
				return q
			}
			return q.Where("items.tier IN ?", f.Tiers)
		},
		sums: func(b *Board, f Filter) (censusFits, error) {
			if len(f.Tiers) == 0 {
				return nil, nil
			}
			tiers := deadline.Tiers()
			return func(_ *census, cell censusCell) bool { return slices.Contains(f.Tiers, tiers[cell.tier]) }, nil
		},
	},
	{
		name: "unit",
		read: func(f *Filter, v string, _ Day) bool {
			return eachWord(v, func(word string) bool { f.Units = append(f.Units, word); return unitCodes.MatchString(word) })
		},
		write: func(f Filter) string {
			return eachOnce(f.Units)
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			switch len(f.Units) {
			case 0:
				return q
			case 1: // an equality, so that the unit's own index serves in its order
				ids, err := b.unitsCoded(f.Units...)
				_ = q.AddError(err)
				return q.Where("items.unit_id = ?", append(ids, 0)[0])
			}
			ids, err := b.unitsCoded(f.Units...)
			_ = q.AddError(err)
			return q.Where("items.unit_id IN ?", append(ids, 0))
		},
		sums: func(b *Board, f Filter) (censusFits, error) {
			if len(f.Units) == 0 {
				return nil, nil
			}
			units, err := b.unitsCoded(f.Units...)
			return func(_ *census, cell censusCell) bool { return slices.Contains(units, int64(cell.unit)) }, err
		},
	},
	{
		name: "leader",
		read: func(f *Filter, v string, _ Day) bool { f.Leader = v; return true },
		write: func(f Filter) string {
			return f.Leader
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			switch f.Leader {
			case "":
				return q
			case NoLeader:
				return q.Where("items.leader = ''")
			}
			return q.Where("items.leader = ?", f.Leader)
		},
		row: func(_ *Board, f Filter) (rowFits, string, error) {
			name := f.Leader
			if name == NoLeader {
				name = ""
			}
			return func(c *census, _ *censusEdges, row *censusRow) bool { return c.leaders.words[row.leader] == name }, "", nil
		},
	},
	wordKey("owner", "items.handler", func(f *Filter) *string { return &f.Owner }, nil, func(c *census, row *censusRow) string { return c.handlers.words[row.handler] }),
	{
		name: "status",
		read: func(f *Filter, v string, _ Day) bool {
			return eachWord(v, func(word string) bool {
				if word == "open" {
					f.NotClosed = true
					return true
				}
				s, ok := queryStatus[word]
				if ok {
					f.Statuses = append(f.Statuses, s)
				}
				return ok
			})
		},
		write: func(f Filter) string {
			var words []string
			if f.NotClosed {
				words = append(words, "open")
			}
			for _, s := range append(Statuses(), Voided) {
				if slices.Contains(f.Statuses, s) {
					words = append(words, s.Query())
				}
			}
			return strings.Join(words, ",")
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if f.NotClosed {
				q = q.Where("items.status <> ?", Closed)
			}
			if len(f.Statuses) > 0 {
				q = q.Where("items.status IN ?", f.Statuses)
			}
			return q
		},
		sums: func(b *Board, f Filter) (censusFits, error) {
			if !f.NotClosed && len(f.Statuses) == 0 {
				return nil, nil
			}
			statuses := Statuses()
			return func(_ *census, cell censusCell) bool {
				status := statuses[cell.status]
				return !(f.NotClosed && status == Closed) && (len(f.Statuses) == 0 || slices.Contains(f.Statuses, status))
			}, nil
		},
	},
	{
		name: "light",
		read: func(f *Filter, v string, _ Day) bool {
			return eachWord(v, func(word string) bool {
				for _, l := range queryLights {
					if l.word == word {
						f.Lights = append(f.Lights, l.light)
						return true
					}
				}
				return false
			})
		},
		write: func(f Filter) string {
			var words []string
			for _, l := range queryLights {
				if slices.Contains(f.Lights, l.light) {
					words = append(words, l.word)
				}
			}
			return strings.Join(words, ",")
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if len(f.Lights) == 0 {
				return q
			}
			any := condition{sql: "1 = 0"}
			for _, l := range f.Lights {
				c := sqlLight(l, b.Today(), b.rules)
				any.sql += " OR (" + c.sql + ")"
				any.args = append(any.args, c.args...)
			}
			return any.on(q)
		},
		sums: func(b *Board, f Filter) (censusFits, error) {
			if len(f.Lights) == 0 {
				return nil, nil
			}
			return func(_ *census, cell censusCell) bool { return slices.Contains(f.Lights, lightCases[cell.light].light) }, nil
		},
	},
	{
		name: "overdue",
		read: func(f *Filter, v string, _ Day) bool {
			from, to, found := strings.Cut(v, "-")
			a, err := strconv.Atoi(from)
			if err != nil || a < 1 || a > 36500 {
				return false
			}
			age := Age{From: a, To: a}
			if found {
				age.To = 0
				if to != "" {
					if age.To, err = strconv.Atoi(to); err != nil || age.To < a || age.To > 36500 {
						return false
					}
				}
			}
			f.Overdue = &age
			return true
		},
		write: func(f Filter) string {
			if f.Overdue == nil {
				return ""
			}
			return f.Overdue.String()
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if f.Overdue == nil {
				return q
			}
			return sqlOverBy(*f.Overdue, b.Today()).on(q)
		},
		row: func(b *Board, f Filter) (rowFits, string, error) {
			from, last := int32(1), censusDay(b.Today().Plus(-f.Overdue.From))
			if f.Overdue.To > 0 {
				from = censusDay(b.Today().Plus(-f.Overdue.To))
			}
			return func(_ *census, _ *censusEdges, row *censusRow) bool {
				return row.inHand() && row.due >= from && row.due <= last
			}, "", nil
		},
	},
	{
		name: "due",
		read: func(f *Filter, v string, today Day) bool {
			from, to, ok := span(v, today)
			if ok {
				f.DueFrom, f.DueTo, f.due = from, to, v
			}
			return ok
		},
		write: func(f Filter) string {
			if f.due != "" {
				return f.due
			}
			return spanQuery(f.DueFrom, f.DueTo)
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if f.DueFrom != "" {
				q = q.Where("items.due_on >= ?", f.DueFrom)
			}
			if f.DueTo != "" {
				q = q.Where("items.due_on <> '' AND items.due_on <= ?", f.DueTo)
			}
			if f.due == "week" {
				q = q.Where(sqlOpen)
			}
			return q
		},
		row: func(_ *Board, f Filter) (rowFits, string, error) {
			from, to := censusDay(f.DueFrom), censusDay(f.DueTo)
			return func(_ *census, _ *censusEdges, row *censusRow) bool {
				return row.due >= from && (to == 0 || row.due != 0 && row.due <= to) && (f.due != "week" || row.inHand())
			}, "", nil
		},
	},
	{
		name: "closed",
		read: func(f *Filter, v string, today Day) bool {
			from, to, ok := span(v, today)
			if ok {
				f.ClosedFrom, f.ClosedTo = from, to
			}
			return ok
		},
		write: func(f Filter) string {
			return spanQuery(f.ClosedFrom, f.ClosedTo)
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if f.ClosedFrom != "" {
				q = q.Where("items.status = ? AND items.closed_on >= ?", Closed, f.ClosedFrom)
			}
			if f.ClosedTo != "" {
				q = q.Where("items.status = ? AND items.closed_on <= ?", Closed, f.ClosedTo)
			}
			return q
		},
		row: func(_ *Board, f Filter) (rowFits, string, error) {
			from, to := censusDay(f.ClosedFrom), censusDay(f.ClosedTo)
			return func(_ *census, _ *censusEdges, row *censusRow) bool {
				return row.status == censusClosed && row.since >= from && (to == 0 || row.since <= to)
			}, "", nil
		},
	},
	{
		name: "kept",
		read: func(f *Filter, v string, _ Day) bool {
			f.Kept = KeptFit(v)
			return f.Kept == KeptInTime || f.Kept == KeptLate
		},
		write: func(f Filter) string { return string(f.Kept) },
		sql: func(_ *Board, q *gorm.DB, f Filter) *gorm.DB {
			switch f.Kept {
			case KeptInTime:
				return q.Where("items.status = ? AND NOT ("+sqlLate+")", Closed)
			case KeptLate:
				return q.Where("items.status = ? AND "+sqlLate, Closed)
			}
			return q
		},
		row: func(_ *Board, f Filter) (rowFits, string, error) {
			return func(_ *census, _ *censusEdges, row *censusRow) bool {
				return row.status == censusClosed && row.late == (f.Kept == KeptLate)
			}, "", nil
		},
	},
	{
		name: "week",
		read: func(f *Filter, v string, _ Day) bool {
			_, ok := day.WeekEnd(v)
			f.Week = v
			return ok
		},
		write: func(f Filter) string {
			return f.Week
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			end, ok := day.WeekEnd(f.Week)
			switch {
			case !ok:
				return q
			case end >= b.Today():
				return sqlOverdue(b.Today()).on(q)
			}
			return sqlOverdueAt(end, f.counted).on(q)
		},
		row: func(b *Board, f Filter) (rowFits, string, error) {
			end, ok := day.WeekEnd(f.Week)
			if !ok || end >= b.Today() {
				return nil, "", nil
			}
			then, recorded, err := b.overdueThen(end)
			if !recorded {
				return nil, "", err
			}
			return func(_ *census, _ *censusEdges, row *censusRow) bool { return then[row.id] }, "", nil
		},
	},
	{
		name: "since",
		read: func(f *Filter, v string, _ Day) bool {
			_, ok := day.WeekEnd(v)
			f.Since = v
			return ok
		},
		write: func(f Filter) string {
			return f.Since
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			end, ok := day.WeekEnd(f.Since)
			if !ok {
				return q
			}
			return sqlOverdueSince(end, b.Today()).on(q)
		},
		row: func(b *Board, f Filter) (rowFits, string, error) {
			end, ok := day.WeekEnd(f.Since)
			if !ok || end >= b.Today() {
				return nil, "", nil
			}
			then, recorded, err := b.overdueThen(end)
			if !recorded {
				return nil, "", err
			}
			return overdueSinceRow(b.Today(), end, then), "", nil
		},
	},
	{
		name: "review",
		read: func(f *Filter, v string, _ Day) bool { f.Mine = v == "mine"; return f.Mine },
		write: func(f Filter) string {
			return queryWord(f.Mine, "mine")
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if !f.Mine {
				return q
			}
			return b.awaiting(q, b.verdict())
		},
		row: func(b *Board, _ Filter) (rowFits, string, error) {
			if b.me.Role == Supervisor && b.rules.verifiedByBoth() {
				return nil, "", nil // what one body has said is not in the census
			}
			v := b.verdict()
			return func(c *census, _ *censusEdges, row *censusRow) bool {
				return row.status == censusSubmitted && int64(row.submittedBy) != v.not && v.of(c.categories.words[row.category])
			}, fmt.Sprint(v.body, v.not, v.rules.Verifiers), nil
		},
	},
	{
		name: "duty",
		read: func(f *Filter, v string, _ Day) bool {
			f.Duty, f.Receipt = v == "week", v == "receipt"
			return f.Duty || f.Receipt
		},
		write: func(f Filter) string {
			return queryWord(f.Duty, "week") + queryWord(f.Receipt, "receipt")
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			switch {
			case f.Duty:
				return b.sqlDuty().on(q)
			case f.Receipt:
				return q.Where(sqlUnreceived)
			}
			return q
		},
	},
	{
		name: "ext",
		read: func(f *Filter, v string, _ Day) bool { f.Asked = v == "pending"; return f.Asked },
		write: func(f Filter) string {
			return queryWord(f.Asked, "pending")
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if !f.Asked {
				return q
			}
			return q.Where(sqlAsked)
		},
		row: func(*Board, Filter) (rowFits, string, error) {
			return func(_ *census, _ *censusEdges, row *censusRow) bool { return row.asked }, "", nil
		},
	},
	{
		name: "letter",
		read: func(f *Filter, v string, _ Day) bool {
			f.Letter = LetterFit(v)
			return slices.Contains(LetterFits, f.Letter)
		},
		write: func(f Filter) string {
			return string(f.Letter)
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if f.Letter == "" {
				return q
			}
			return b.lettered(q, f.Letter)
		},
	},
	{
		name: "idle",
		read: func(f *Filter, v string, _ Day) bool {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 || n > 3650 {
				return false
			}
			f.Idle = n
			return true
		},
		write: func(f Filter) string {
			return queryWord(f.Idle > 0, itoa(f.Idle))
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if f.Idle == 0 {
				return q
			}
			return sqlIdle(b.Today(), f.Idle).on(q)
		},
		row: func(b *Board, f Filter) (rowFits, string, error) {
			before := censusDay(idleBefore(b.Today(), f.Idle))
			return func(_ *census, _ *censusEdges, row *censusRow) bool {
				return row.status == censusUnderway && row.since < before
			}, "", nil
		},
	},
	{
		name: "late",
		read: func(f *Filter, v string, _ Day) bool { f.ReviewLate = v == "review"; return f.ReviewLate },
		write: func(f Filter) string {
			return queryWord(f.ReviewLate, "review")
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if !f.ReviewLate {
				return q
			}
			return sqlReviewLate(b.Today(), b.rules, b.calendar).on(q)
		},
		row: func(*Board, Filter) (rowFits, string, error) {
			return func(_ *census, e *censusEdges, row *censusRow) bool {
				return row.status == censusSubmitted && row.since < e.late
			}, "", nil
		},
	},
	{
		name: "standing",
		read: func(f *Filter, v string, _ Day) bool {
			f.Standing = v
			return v == "all" || v == "due"
		},
		write: func(f Filter) string {
			return f.Standing
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			switch f.Standing {
			case "all":
				return q.Where("items.standing = TRUE")
			case "due":
				return sqlReviewDue(b.Today()).on(q)
			}
			return q
		},
		row: func(_ *Board, f Filter) (rowFits, string, error) {
			if f.Standing != "due" {
				return nil, "", nil
			}
			return func(_ *census, e *censusEdges, row *censusRow) bool { return row.review != 0 && row.review <= e.today }, "", nil
		},
	},
	wordKey("cat", "items.category", func(f *Filter) *string { return &f.Category }, func(c *census, cell censusCell) string { return c.categories.words[cell.category] }, nil),
	{
		name: "import",
		read: func(f *Filter, v string, _ Day) bool {
			n, err := strconv.ParseInt(v, 10, 64)
			f.Import = n
			return err == nil && n > 0
		},
		write: func(f Filter) string {
			return queryWord(f.Import > 0, strconv.FormatInt(f.Import, 10))
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if f.Import == 0 {
				return q
			}
			return q.Where("items.import_id = ?", f.Import)
		},
	},
	{
		name: "no",
		read: func(f *Filter, v string, _ Day) bool {
			return eachWord(v, func(word string) bool {
				f.Numbers = append(f.Numbers, word)
				return itemNumbers.MatchString(word) && len(f.Numbers) <= mostNumbers
			})
		},
		write: func(f Filter) string {
			return eachOnce(f.Numbers)
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if len(f.Numbers) == 0 {
				return q
			}
			return q.Where("items.number IN ?", f.Numbers)
		},
	},
	{
		name: "q",
		read: func(f *Filter, v string, _ Day) bool { f.Query = clip(v, 100); return true },
		write: func(f Filter) string {
			return f.Query
		},
		sql: func(b *Board, q *gorm.DB, f Filter) *gorm.DB {
			if f.Query == "" {
				return q
			}
			return b.search(q, f.Query, f.counted)
		},
	},
	{
		name: "sort",
		read: func(f *Filter, v string, _ Day) bool {
			if _, ok := sorts[strings.TrimPrefix(v, "-")]; !ok {
				return false
			}
			f.Sort = v
			return true
		},
		write: func(f Filter) string {
			return f.Sort
		},
	},
	{
		name: "group",
		read: func(f *Filter, v string, _ Day) bool {
			if v != "unit" && v != "leader" && v != "cat" {
				return false
			}
			f.Group = v
			return true
		},
		write: func(f Filter) string {
			return f.Group
		},
	},
	{
		name: "page",
		read: func(f *Filter, v string, _ Day) bool {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 || n > 100000 {
				return false
			}
			f.Page = n
			return true
		},
		write: func(f Filter) string {
			return queryWord(f.Page > 1, itoa(f.Page))
		},
	},
	{
		name: "size",
		read: func(f *Filter, v string, _ Day) bool {
			n, err := strconv.Atoi(v)
			f.Size = n
			return err == nil && slices.Contains(PageSizes, n)
		},
		write: func(f Filter) string {
			return queryWord(f.Size != 0 && f.Size != PageSizes[0], itoa(f.Size))
		},
	},
	{
		name: "cols",
		read: func(f *Filter, v string, _ Day) bool { f.cols = v; return ascii(v) },
		write: func(f Filter) string {
			return f.cols
		},
	},
	{
		name: "rows",
		read: func(f *Filter, v string, _ Day) bool {
			f.density = v
			return v == "tight" || v == "wide"
		},
		write: func(f Filter) string {
			return f.density
		},
	},
	{
		name: "view",
		read: func(f *Filter, v string, _ Day) bool { f.view = v; return ascii(v) },
		write: func(f Filter) string {
			return f.view
		},
	},
}

// wordKey is the key of a column that is one word, and the word as it stands there; within
// is that of a cell of the census, or of a row.
func wordKey(name, column string, of func(f *Filter) *string, within func(*census, censusCell) string, ofRow func(*census, *censusRow) string) filterKey {
	k := filterKey{
		name:  name,
		read:  func(f *Filter, v string, _ Day) bool { *of(f) = v; return true },
		write: func(f Filter) string { return *of(&f) },
		sql: func(_ *Board, q *gorm.DB, f Filter) *gorm.DB {
			if word := *of(&f); word != "" {
				return q.Where(column+" = ?", word)
			}
			return q
		},
	}
	if within != nil {
		k.sums = func(_ *Board, f Filter) (censusFits, error) {
			word := *of(&f)
			if word == "" {
				return nil, nil
			}
			return func(c *census, cell censusCell) bool { return within(c, cell) == word }, nil
		}
	}
	if ofRow != nil {
		k.row = func(_ *Board, f Filter) (rowFits, string, error) {
			word := *of(&f)
			return func(c *census, _ *censusEdges, row *censusRow) bool { return ofRow(c, row) == word }, "", nil
		}
	}
	return k
}

// FilterKeys are the keys that leave items out.
func FilterKeys() []string {
	var names []string
	for _, k := range filterKeys {
		if k.sql != nil {
			names = append(names, k.name)
		}
	}
	return names
}

// unitsCoded are the units that have these codes, whoever sees them.
func (b *Board) unitsCoded(codes ...string) (ids []int64, err error) {
	all, err := knownTo(b, "all units", func() (all []Unit, err error) { return all, b.db.Order("id").Find(&all).Error })
	for _, u := range all {
		if slices.Contains(codes, u.Code) {
			ids = append(ids, u.ID)
		}
	}
	return ids, err
}

// roundsCoded are the rounds that have this code.
func (b *Board) roundsCoded(code string) (ids []int64, err error) {
	all, err := b.Rounds()
	for _, r := range all {
		if r.Code == code {
			ids = append(ids, r.ID)
		}
	}
	return ids, err
}

func queryWord(is bool, word string) string {
	if !is {
		return ""
	}
	return word
}

func spanQuery(from, to Day) string {
	return queryWord(from != "" || to != "", string(from)+".."+string(to))
}

func eachOnce(words []string) string {
	words = slices.Clone(words)
	slices.Sort(words)
	return strings.Join(slices.Compact(words), ",")
}

// Density is how high the rows of the ledger are: "", tight or wide.
func (f Filter) Density() string { return f.density }

// Columns are the columns of the ledger that were chosen, by their names in
// addresses; none when it is the usual ones.
func (f Filter) Columns() []string {
	if f.cols == "" {
		return nil
	}
	return strings.Split(f.cols, ",")
}

// Values is the filter as an address carries it. Equal filters have equal
// addresses.
func (f Filter) Values() url.Values {
	q := url.Values{}
	for _, k := range filterKeys {
		if v := k.write(f); v != "" {
			q.Set(k.name, v)
		}
	}
	return q
}

// Encode is the query of the filter's address, without the question mark.
func (f Filter) Encode() string { return strings.ReplaceAll(f.Values().Encode(), "%2C", ",") }

// With is the filter after one key of its address is set, or dropped when the
// value is empty; the page starts over.
func (f Filter) With(key, value string, today Day) Filter {
	q := f.Values()
	q.Del("page")
	q.Del(key)
	if value != "" {
		q.Set(key, value)
	}
	changed, _ := ParseFilter(q, today)
	return changed
}

// Queries is With for many values of one key: of each, the query of the address.
func (f Filter) Queries(key string, today Day) func(value string) string {
	rest := f.With(key, "", today).Values()
	at := slices.IndexFunc(filterKeys, func(k filterKey) bool { return k.name == key })
	var before, after strings.Builder
	for _, k := range slices.Sorted(maps.Keys(rest)) {
		into := &before
		if k > key {
			into = &after
		}
		into.WriteString("&" + addressed(k) + "=" + addressed(rest.Get(k)))
	}
	return func(value string) string {
		var one Filter
		q := before.String()
		if value = strings.TrimSpace(value); value != "" && at >= 0 && filterKeys[at].read(&one, value, today) {
			if written := filterKeys[at].write(one); written != "" {
				q += "&" + addressed(key) + "=" + addressed(written)
			}
		}
		return strings.TrimPrefix(q+after.String(), "&")
	}
}

// addressed is a word as an address carries it.
func addressed(word string) string { return strings.ReplaceAll(url.QueryEscape(word), "%2C", ",") }

// Narrow says whether the filter leaves anything out; order, paging and the round, which
// each page has, do not.
func (f Filter) Narrow() bool {
	return slices.ContainsFunc(filterKeys, func(k filterKey) bool { return k.sql != nil && k.name != "round" && k.write(f) != "" })
}

// String is the bucket as addresses write it: 1-7, or 61- when open-ended.
func (a Age) String() string {
	if a.To == 0 {
		return itoa(a.From) + "-"
	}
	return itoa(a.From) + "-" + itoa(a.To)
}

// where is the items this person may see and the filter names.
func (b *Board) where(f Filter) *gorm.DB {
	q := b.items()
	if slices.Contains(f.Statuses, Voided) { // seen by whoever asks for them, and by nobody else
		q = b.kept()
	}
	return b.narrowed(q, f)
}

// narrowed leaves of a query what the filter names.
func (b *Board) narrowed(q *gorm.DB, f Filter) *gorm.DB {
	for _, k := range filterKeys {
		if k.sql != nil {
			q = k.sql(b, q, f)
		}
	}
	return q
}

// whereAll is where, of a query that looks at all of them and not at the first of a list.
func (b *Board) whereAll(f Filter) *gorm.DB {
	f.counted = true
	return b.where(f)
}

// order puts the list in the order of the filter's own choosing; chosen is false
// when it chooses none, and the list is in the order of urgency. What is alike in what it
// is ordered by is in the order of its days, where its index has them (migration 0210).
func (f Filter) order(q *gorm.DB) (ordered *gorm.DB, chosen bool) {
	if f.Group != "" {
		q = q.Order(map[string]string{"unit": "items.unit_id", "leader": "items.leader", "cat": "items.category"}[f.Group])
	}
	key, down := strings.CutPrefix(f.Sort, "-")
	column, ok := sorts[key]
	if !ok {
		return q.Order("items.due_on, items.id"), f.Group != ""
	}
	how := ""
	if down {
		how = " DESC"
	}
	columns := []string{column + how, "items.id" + how}
	switch key {
	case "number": // there is one of each
		columns = columns[:1]
	case "unit", "leader":
		columns = slices.Insert(columns, 1, "items.due_on"+how)
	}
	return q.Order(strings.Join(columns, ", ")), true
}

// span reads 2024-07-08..2024-07-14 (either end may be missing), one day, a week
// (2024-W28), or the word week: what is still to come of today's week.
func span(v string, today Day) (from, to Day, ok bool) {
	if v == "week" {
		_, sunday := day.WeekOf(today)
		return today, sunday, true
	}
	if end, ok := day.WeekEnd(v); ok {
		return end.Plus(-6), end, true
	}
	a, z, found := strings.Cut(v, "..")
	if !found {
		z = a
	}
	from, to = Day(a), Day(z)
	ok = (a == "" || from.Valid()) && (z == "" || to.Valid()) && (a != "" || z != "")
	return from, to, ok
}

func eachWord(value string, read func(word string) bool) bool {
	for _, word := range strings.Split(value, ",") {
		if !read(strings.TrimSpace(word)) {
			return false
		}
	}
	return true
}

func ascii(s string) bool {
	for _, r := range s {
		if r < '!' || r > '~' {
			return false
		}
	}
	return true
}
