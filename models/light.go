package models

import (
	"duban/models/deadline"
	"fmt"
	"slices"
	"sync/atomic"

	"gorm.io/gorm"
)

// Light is where an item stands, at a glance: shown as colour, shape and words.
type Light string

// The lights. Severe is over by more than the rules' SevereDays; in figures and filters it
// counts as overdue.
const (
	LightSevere Light = "severe"
	LightOver   Light = "over"
	LightSoon   Light = "soon"
	LightReview Light = "review"
	LightOK     Light = "ok"
	// Of what stands without a date: it is looked at again on its day, or that has come.
	LightStanding Light = "standing"
	LightLook     Light = "look"
	LightStated   Light = "stated" // its old ledger says that it is done; waits to be checked
	LightNone     Light = "none"
	LightDone     Light = "done"
	LightVoid     Light = "void"
)

// queryLights are the lights' words in addresses, in the order of urgency.
var queryLights = []struct {
	word  string
	light Light
}{
	{"overdue", LightOver}, {"soon", LightSoon}, {"review", LightReview}, {"ok", LightOK}, {"none", LightNone}, {"done", LightDone},
	{"look", LightLook}, {"standing", LightStanding}, {"stated", LightStated},
}

// Query is the light's word in addresses; one that is over by much is overdue like any.
func (l Light) Query() string {
	if l == LightSevere {
		l = LightOver
	}
	for _, q := range queryLights {
		if q.light == l {
			return q.word
		}
	}
	return string(l)
}

// Overdue says whether the deadline has passed with the work still open. An item
// due today is not overdue today; one handed in is not overdue at all.
func (c Card) Overdue(today Day) bool {
	return c.Status.InHand() && c.StatedOn == "" && c.DueOn != "" && c.DueOn < overdueBefore(today)
}

// DaysOver is how many days the deadline has passed, 0 when it has not.
func (c Card) DaysOver(today Day) int {
	if !c.Overdue(today) {
		return 0
	}
	return c.DueOn.DaysUntil(today)
}

// Soon says whether the deadline is near: within the tier's days of warning.
func (c Card) Soon(today Day, rules Rules) bool {
	return c.edge(today, rules).light == LightSoon
}

// Idle says whether work is under way and nothing was reported for the rules'
// IdleDays.
func (c Card) Idle(today Day, rules Rules) bool {
	return c.Status == Underway && c.StatedOn == "" && c.lastHeard() < idleBefore(today, rules.IdleDays)
}

// IdleFor is how many days nothing was reported.
func (c Card) IdleFor(today Day) int { return c.lastHeard().DaysUntil(today) }

func (c Card) lastHeard() Day {
	if c.ProgressOn != "" {
		return c.ProgressOn
	}
	return c.RegisteredOn
}

// WaitsSince is from which day an item waits for a supervisor's word: handed in, or taken
// in as done; "" when it does not.
func (c Card) WaitsSince() Day {
	switch {
	case c.Status == Submitted:
		return c.SubmittedOn
	case c.Status.InHand():
		return c.StatedOn
	}
	return ""
}

// ReviewLate says whether what waits for a supervisor has waited longer than the rules'
// ReviewDays, which are working days. It is the supervisor's clock, not the unit's.
func (c Card) ReviewLate(today Day, rules Rules, calendar Calendar) bool {
	since := c.WaitsSince()
	return since != "" && since < reviewSince(today, rules, calendar)
}

// reviewSince is the earliest day whose submissions are still in time today.
func reviewSince(today Day, rules Rules, calendar Calendar) Day {
	since := today
	for calendar.After(since.Plus(-1), rules.ReviewDays) >= today {
		since = since.Plus(-1)
	}
	return since
}

// Light is where the item stands today.
func (c Card) Light(today Day, rules Rules) Light {
	edge := c.edge(today, rules)
	if edge.light == LightOver && c.DaysOver(today) > rules.SevereDays {
		return LightSevere
	}
	return edge.light
}

func (c Card) edge(today Day, rules Rules) lightEdge {
	edges := lightEdges(today, rules)
	return edges[edgeAt(edges, c.litBy())]
}

// litBy is all of an item that its light hangs on.
type litBy struct {
	status Status
	tier   int // place in deadline.Tiers
	due    Day
	look   Day // of a standing one: when it is looked at again
	stated bool
}

func (c Card) litBy() litBy {
	by := litBy{status: c.Status, tier: max(0, slices.Index(deadline.Tiers(), c.Tier)), due: c.DueOn, stated: c.StatedOn != ""}
	if c.Standing {
		by.look = c.ReviewOn
	}
	return by
}

// The same questions in SQL. Each is one place, used by every count and every
// list, and light_test.go holds them to the functions above.

const (
	sqlOpen = "items.status IN ('registered', 'underway')"
	// sqlDated has all that the index items_due has, or it would not serve.
	sqlDated = sqlOpen + " AND items.due_on <> '' AND items.stated_on = ''"
	// sqlStated is what was taken in as done.
	sqlStated = sqlOpen + " AND items.stated_on <> ''"
	// sqlKept is what stands without a date and is looked at on a day.
	sqlKept = sqlOpen + " AND items.stated_on = '' AND items.due_on = '' AND items.standing = TRUE AND items.review_on <> ''"
)

// condition is a piece of SQL with its arguments.
type condition struct {
	sql  string
	args []any
}

// on narrows a query by the condition.
func (c condition) on(q *gorm.DB) *gorm.DB { return q.Where("("+c.sql+")", c.args...) }

func sqlOverdue(today Day) condition {
	return condition{sqlDated + " AND items.due_on < ?", []any{overdueBefore(today)}}
}

// sqlOverBy is overdue by from to to days; to 0 is open-ended.
func sqlOverBy(age Age, today Day) condition {
	c := condition{sqlDated + " AND items.due_on <= ?", []any{today.Plus(-age.From)}}
	if age.To > 0 {
		c.sql += " AND items.due_on >= ?"
		c.args = append(c.args, today.Plus(-age.To))
	}
	return c
}

func sqlIdle(today Day, days int) condition {
	return condition{
		"items.status = 'underway' AND items.stated_on = '' AND CASE WHEN items.progress_on <> '' THEN items.progress_on ELSE items.registered_on END < ?",
		[]any{idleBefore(today, days)},
	}
}

func sqlReviewLate(today Day, rules Rules, calendar Calendar) condition {
	since := reviewSince(today, rules, calendar)
	return condition{"(items.status = 'submitted' AND items.submitted_on < ? OR " + sqlStated + " AND items.stated_on < ?)", []any{since, since}}
}

// edgesOf are the first and the last row of a light in the table, and what stands before it;
// known is false of a light that has none.
func edgesOf(l Light, today Day, rules Rules) (before, from, to lightEdge, known bool) {
	for _, edge := range lightEdges(today, rules) {
		switch {
		case edge.light == l && !known:
			from, to, known = edge, edge, true
		case edge.light == l:
			to = edge
		case !known:
			before = edge
		}
	}
	return before, from, to, known
}

// inLanes says whether a light's items stand in the indexes of lists in its order.
func inLanes(l Light) bool { return l != LightStated && l != LightLook && l != LightStanding }

// sqlLightLane is the condition of one light that is in lanes among the items of one of its
// statuses, by the days of the indexes of lists; of one tier, or of all when it is "".
func sqlLightLane(l Light, tier Tier, today Day, rules Rules) condition {
	before, from, to, known := edgesOf(l, today, rules)
	switch {
	case !known || from.status != "":
		return condition{sql: "1 = 1"}
	case from.undated:
		return condition{sql: sqlPlace + " = '' AND items.stated_on = '' AND (items.standing = FALSE OR items.review_on = '')"}
	}
	at := slices.Index(deadline.Tiers(), tier)
	c := condition{sql: "items.stated_on = '' AND " + sqlPlace + " > ''"}
	add := func(compare string, days tierDays, widest Day) {
		if at >= 0 {
			widest = days[at]
		}
		c.sql, c.args = c.sql+" AND "+sqlPlace+" "+compare+" ?", append(c.args, widest)
		if at < 0 && !days.all() {
			by := days.sql()
			c.sql, c.args = c.sql+" AND items.due_on "+compare+" "+by.sql, append(c.args, by.args...)
		}
	}
	if before.dated() {
		c.sql = "items.stated_on = ''"
		add(">=", before.before, slices.Min(before.before[:]))
	}
	if !to.open {
		add("<", to.before, slices.Max(to.before[:]))
	}
	return c
}

// sqlLight is the condition of one light. LightOver includes what is severe, which has none
// of its own: a list asks for it by its days.
func sqlLight(l Light, today Day, rules Rules) condition {
	before, from, to, known := edgesOf(l, today, rules)
	if !known {
		return condition{sql: "1 = 0"}
	}
	switch {
	case from.status != "": // in words, for only so do the indexes of one status serve
		return condition{"items.status = '" + string(from.status) + "'", nil}
	case from.stated:
		return condition{sqlStated, nil}
	case from.standing && from.open:
		return condition{sqlKept + " AND items.review_on >= ?", []any{before.before[0]}}
	case from.standing:
		return condition{sqlKept + " AND items.review_on < ?", []any{from.before[0]}}
	case from.undated:
		return condition{sqlOpen + " AND items.stated_on = '' AND items.due_on = '' AND (items.standing = FALSE OR items.review_on = '')", nil}
	}
	c := condition{sql: sqlDated}
	add := func(compare string, days tierDays) {
		if days.all() {
			c.sql, c.args = c.sql+" AND items.due_on "+compare+" ?", append(c.args, days[0])
			return
		}
		by := days.sql()
		c.sql, c.args = c.sql+" AND items.due_on "+compare+" "+by.sql, append(c.args, by.args...)
	}
	if before.dated() {
		days := before.before
		if !days.all() { // and one day, from which an index can be read
			add(">=", tierDays{slices.Min(days[:]), slices.Min(days[:]), slices.Min(days[:])})
		}
		add(">=", days)
	}
	if !to.open {
		if !to.before.all() {
			add("<", tierDays{slices.Max(to.before[:]), slices.Max(to.before[:]), slices.Max(to.before[:])})
		}
		add("<", to.before)
	}
	return c
}

// sqlLightCase is an expression whose value is the item's light, and within
// overdue its age, as a number: the index into lightCases. It asks each row as
// little as it can, for every figure is counted with it: the status first, and
// then the days from the earliest on, each asked only of those that are left.
func sqlLightCase(today Day, rules Rules) condition {
	status, due := condition{sql: "CASE items.status"}, condition{sql: "CASE"}
	for _, edge := range lightEdges(today, rules) {
		index := itoa(edge.index())
		switch {
		case edge.status != "":
			status.sql += " WHEN '" + string(edge.status) + "' THEN " + index
		case edge.stated:
			due.sql += " WHEN items.stated_on <> '' THEN " + index
		case edge.standing && edge.open:
			due.sql += " WHEN items.due_on = '' AND items.standing = TRUE AND items.review_on <> '' THEN " + index
		case edge.standing:
			due.sql += " WHEN items.due_on = '' AND items.standing = TRUE AND items.review_on <> '' AND items.review_on < ? THEN " + index
			due.args = append(due.args, edge.before[0])
		case edge.undated:
			due.sql += " WHEN items.due_on = '' THEN " + index
		case edge.open:
			due.sql += " ELSE " + index + " END"
		case edge.before.all():
			due.sql, due.args = due.sql+" WHEN items.due_on < ? THEN "+index, append(due.args, edge.before[0])
		default:
			by := edge.before.sql()
			due.sql, due.args = due.sql+" WHEN items.due_on < "+by.sql+" THEN "+index, append(due.args, by.args...)
		}
	}
	return condition{status.sql + " ELSE " + due.sql + " END", due.args}
}

type lightCase struct {
	light Light
	age   int // index into the rules' Ages, for overdue
}

// lightCases are what the tally counts by. Overdue is split into its ages.
var lightCases = func() []lightCase {
	cases := []lightCase{{light: LightDone}, {light: LightReview}}
	for n := range ageBuckets {
		cases = append(cases, lightCase{light: LightOver, age: n})
	}
	return append(cases, lightCase{light: LightSoon}, lightCase{light: LightNone}, lightCase{light: LightOK}, lightCase{light: LightVoid}, lightCase{light: LightLook}, lightCase{light: LightStanding}, lightCase{light: LightStated})
}()

// The edges at which lights turn, in one table: what a card shows, what a list asks the
// database for and what is summed in memory are all read from it.

// overdueBefore is the first day of a deadline that has not passed.
func overdueBefore(today Day) Day { return today }

// lookBefore is the first day of a look at what stands that has not come.
func lookBefore(today Day) Day { return today.Plus(1) }

// idleBefore is the first day of a report that keeps an item from being idle.
func idleBefore(today Day, days int) Day { return today.Plus(1 - days) }

// tierDays are one day for each tier, in the order of deadline.Tiers.
type tierDays [3]Day

// all says whether it is one day for all of them.
func (d tierDays) all() bool { return d[0] == d[1] && d[1] == d[2] }

// sql is the day of the item's tier.
func (d tierDays) sql() condition {
	c := condition{sql: "CASE items.tier"}
	for n, t := range deadline.Tiers() {
		c.sql += fmt.Sprintf(" WHEN '%s' THEN ?", t)
		c.args = append(c.args, d[n])
	}
	c.sql += " ELSE '' END"
	return c
}

// lightEdge is a row of the table: the items that it leaves to no later row have its
// light.
type lightEdge struct {
	lightCase
	status   Status   // those of this status; "" for those in hand, with a deadline:
	stated   bool     // whatever that is: it was taken in as done
	undated  bool     // that is missing
	standing bool     // that is missing, and the next look counts as the day
	open     bool     // whatever it is
	before   tierDays // before this day
}

// dated says whether the row asks for days.
func (e lightEdge) dated() bool {
	return e.status == "" && !e.stated && !e.undated && !e.standing && !e.open
}

// index is the light's place in lightCases.
func (e lightEdge) index() int { return slices.Index(lightCases, e.lightCase) }

// edgesKey is all of the rules that the table hangs on.
type edgesKey struct {
	today Day
	ends  [ageBuckets - 1]int
	soon  [3]int
}

// edgesKept is the table that was asked for last: a page asks for one again and again.
var edgesKept atomic.Pointer[struct {
	key   edgesKey
	edges []lightEdge
}]

// lightEdges are the edges of that day. Nobody writes to them.
func lightEdges(today Day, rules Rules) []lightEdge {
	key := edgesKey{today: today, ends: rules.AgeEnds}
	for n, t := range deadline.Tiers() {
		key.soon[n] = rules.Of(t).Soon
	}
	if kept := edgesKept.Load(); kept != nil && kept.key == key {
		return kept.edges
	}
	look := lookBefore(today)
	edges := []lightEdge{
		{lightCase: lightCase{light: LightDone}, status: Closed},
		{lightCase: lightCase{light: LightReview}, status: Submitted},
		{lightCase: lightCase{light: LightVoid}, status: Voided},
		{lightCase: lightCase{light: LightStated}, stated: true},
		{lightCase: lightCase{light: LightLook}, standing: true, before: tierDays{look, look, look}},
		{lightCase: lightCase{light: LightStanding}, standing: true, open: true},
		{lightCase: lightCase{light: LightNone}, undated: true},
	}
	for n, age := range slices.Backward(rules.Ages()) {
		day := overdueBefore(today).Plus(1 - age.From)
		edges = append(edges, lightEdge{lightCase: lightCase{LightOver, n}, before: tierDays{day, day, day}})
	}
	soon := lightEdge{lightCase: lightCase{light: LightSoon}}
	for n, days := range key.soon {
		soon.before[n] = max(overdueBefore(today), today.Plus(days+1))
	}
	edges = append(edges, soon, lightEdge{lightCase: lightCase{light: LightOK}, open: true})
	edgesKept.Store(&struct {
		key   edgesKey
		edges []lightEdge
	}{key, edges})
	return edges
}

// edgeAt is which of the edges an item has.
func edgeAt(edges []lightEdge, by litBy) int {
	return slices.IndexFunc(edges, func(e lightEdge) bool {
		switch {
		case e.status != "":
			return e.status == by.status
		case e.stated:
			return by.stated
		case e.standing:
			return by.due == "" && by.look != "" && (e.open || by.look < e.before[0])
		case e.undated:
			return by.due == ""
		default:
			return e.open || by.due < e.before[by.tier]
		}
	})
}
