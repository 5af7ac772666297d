package deadline

import "duban/models/day"

// Term is how long a tier gives where a ledger names no day: so many of Unit,
// counted from From.
type Term struct {
	Days int     `json:"days"`
	Unit DayUnit `json:"unit"`
	From Anchor  `json:"from"`
}

// Terms are the terms of the three tiers. A tier whose term is empty has none that
// could be taken: 立行立改 without a number of days is then a question.
type Terms struct{ Immediate, OnTheSpot, PostFeedback Term }

// Of is the term of a tier.
func (t Terms) Of(tier Tier) Term {
	switch tier {
	case Immediate:
		return t.Immediate
	case OnTheSpot:
		return t.OnTheSpot
	case PostFeedback:
		return t.PostFeedback
	}
	return Term{}
}

// DayUnit is what a deadline is counted in.
type DayUnit string

// The units of a deadline.
const (
	Workdays     DayUnit = "workdays"
	CalendarDays DayUnit = "days"
	Months       DayUnit = "months"
)

// DayUnits are all of them, in the order forms offer them.
func DayUnits() []DayUnit { return []DayUnit{Workdays, CalendarDays, Months} }

// Anchor is the day a deadline is counted from.
type Anchor string

// The days that deadlines are counted from.
const (
	FromFound    Anchor = "found"    // the problem was found
	FromNotice   Anchor = "notice"   // 立行立改通知 was given
	FromFeedback Anchor = "feedback" // the feedback was given
)

// Anchors are all of them, in the order forms offer them.
func Anchors() []Anchor { return []Anchor{FromFound, FromNotice, FromFeedback} }

// After is the day that many units after d.
func (t Term) After(d day.Day, calendar day.Calendar) day.Day {
	switch t.Unit {
	case Workdays:
		return calendar.After(d, t.Days)
	case Months:
		return d.PlusMonths(t.Days)
	default:
		return d.Plus(t.Days)
	}
}
