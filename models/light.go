package models

import (
	"duban/models/deadline"
	"fmt"
	"gorm.io/gorm"
	"slices"
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
	LightNone   Light = "none"
	LightDone   Light = "done"
	LightVoid   Light = "void"
)

// queryLights are the lights' words in addresses, in the order of urgency.
var queryLights = []struct {
	word  string
	light Light
}{
	{"overdue", LightOver}, {"soon", LightSoon}, {"review", LightReview}, {"ok", LightOK}, {"none", LightNone}, {"done", LightDone},
}

// Overdue says whether the deadline has passed with the work still open. An item
// due today is not overdue today; one handed in is not overdue at all.
func (c Card) Overdue(today Day) bool { return c.Status.InHand() && c.DueOn != "" && c.DueOn < today }

// DaysOver is how many days the deadline has passed, 0 when it has not.
func (c Card) DaysOver(today Day) int {
	if !c.Overdue(today) {
		return 0
	}
	return c.DueOn.DaysUntil(today)
}

// Soon says whether the deadline is near: within the tier's days of warning.
func (c Card) Soon(today Day, rules Rules) bool {
	return c.Status.InHand() && c.DueOn != "" && c.DueOn >= today && c.DueOn <= today.Plus(rules.Of(c.Tier).Soon)
}

// Idle says whether work is under way and nothing was reported for the rules'
// IdleDays.
func (c Card) Idle(today Day, rules Rules) bool {
	return c.Status == Underway && c.lastHeard() <= today.Plus(-rules.IdleDays)
}

// IdleFor is how many days nothing was reported.
func (c Card) IdleFor(today Day) int { return c.lastHeard().DaysUntil(today) }

func (c Card) lastHeard() Day {
	if c.ProgressOn != "" {
		return c.ProgressOn
	}
	return c.RegisteredOn
}

// ReviewLate says whether a submission has waited longer than the rules'
// ReviewDays, which are working days. It is the supervisor's clock, not the unit's.
func (c Card) ReviewLate(today Day, rules Rules, calendar Calendar) bool {
	return c.Status == Submitted && c.SubmittedOn < reviewSince(today, rules, calendar)
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
	switch {
	case c.Status == Closed:
		return LightDone
	case c.Status == Voided:
		return LightVoid
	case c.Status == Submitted:
		return LightReview
	case c.DaysOver(today) > rules.SevereDays:
		return LightSevere
	case c.Overdue(today):
		return LightOver
	case c.Soon(today, rules):
		return LightSoon
	case c.DueOn == "":
		return LightNone
	default:
		return LightOK
	}
}

// The same questions in SQL. Each is one place, used by every count and every
// list, and light_test.go holds them to the functions above.

const (
	sqlOpen = "items.status IN ('registered', 'underway')"
	// sqlDated is written as the index items_due has it, or it would not serve.
	sqlDated = sqlOpen + " AND items.due_on <> ''"
)

// condition is a piece of SQL with its arguments.
type condition struct {
	sql  string
	args []any
}

// on narrows a query by the condition.
func (c condition) on(q *gorm.DB) *gorm.DB { return q.Where("("+c.sql+")", c.args...) }

func sqlOverdue(today Day) condition {
	return condition{sqlDated + " AND items.due_on < ?", []any{today}}
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

func sqlSoon(today Day, rules Rules) condition {
	within := sqlSoonUntil(today, rules)
	return condition{sqlDated + " AND items.due_on >= ? AND items.due_on <= " + within.sql, append([]any{today}, within.args...)}
}

// sqlSoonUntil is the last day that is soon, which differs between the tiers.
func sqlSoonUntil(today Day, rules Rules) condition {
	c := condition{sql: "CASE items.tier"}
	for _, t := range deadline.Tiers() {
		c.sql += fmt.Sprintf(" WHEN '%s' THEN ?", t)
		c.args = append(c.args, today.Plus(rules.Of(t).Soon))
	}
	c.sql += " ELSE '' END"
	return c
}

func sqlIdle(today Day, days int) condition {
	return condition{
		"items.status = 'underway' AND CASE WHEN items.progress_on <> '' THEN items.progress_on ELSE items.registered_on END <= ?",
		[]any{today.Plus(-days)},
	}
}

func sqlReviewLate(today Day, rules Rules, calendar Calendar) condition {
	return condition{"items.status = 'submitted' AND items.submitted_on < ?", []any{reviewSince(today, rules, calendar)}}
}

// sqlLight is the condition of one light; LightOver includes LightSevere.
func sqlLight(l Light, today Day, rules Rules) condition {
	switch l {
	case LightDone:
		return condition{"items.status = 'closed'", nil}
	case LightReview:
		return condition{"items.status = 'submitted'", nil}
	case LightVoid:
		return condition{"items.status = 'voided'", nil}
	case LightSevere:
		return sqlOverBy(Age{From: rules.SevereDays + 1}, today)
	case LightOver:
		return sqlOverdue(today)
	case LightSoon:
		return sqlSoon(today, rules)
	case LightNone:
		return condition{sqlOpen + " AND items.due_on = ''", nil}
	default:
		soon := sqlSoonUntil(today, rules)
		return condition{
			sqlDated + " AND items.due_on >= ? AND items.due_on > " + soon.sql,
			append([]any{today}, soon.args...),
		}
	}
}

// sqlLightCase is an expression whose value is the item's light, and within
// overdue its age, as a number: the index into lightCases. It asks each row as
// little as it can, for every figure is counted with it: the status first, and
// then the days from the earliest on, each asked only of those that are left.
func sqlLightCase(today Day, rules Rules) condition {
	index := func(l Light, age int) string { return itoa(slices.Index(lightCases, lightCase{l, age})) }
	c := condition{sql: "CASE items.status WHEN 'closed' THEN " + index(LightDone, 0) + " WHEN 'submitted' THEN " + index(LightReview, 0) + " WHEN 'voided' THEN " + index(LightVoid, 0) +
		" ELSE CASE WHEN items.due_on = '' THEN " + index(LightNone, 0)}
	for n, age := range slices.Backward(rules.Ages()) {
		c.sql += " WHEN items.due_on <= ? THEN " + index(LightOver, n)
		c.args = append(c.args, today.Plus(-age.From))
	}
	within := sqlSoonUntil(today, rules)
	c.sql += " WHEN items.due_on <= " + within.sql + " THEN " + index(LightSoon, 0) + " ELSE " + index(LightOK, 0) + " END END"
	c.args = append(c.args, within.args...)
	return c
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
	return append(cases, lightCase{light: LightSoon}, lightCase{light: LightNone}, lightCase{light: LightOK}, lightCase{light: LightVoid})
}()
