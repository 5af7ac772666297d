package models

import (
	"fmt"
	"slices"
	"sync/atomic"

	"duban/models/deadline"
)

// The edges at which lights turn, in one table: what a card shows, what a list asks the
// database for and what is summed in memory are all read from it.

// overdueBefore is the first day of a deadline that has not passed.
func overdueBefore(today Day) Day { return today }

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
	status  Status   // those of this status; "" for those in hand, with a deadline:
	undated bool     // that is missing
	open    bool     // whatever it is
	before  tierDays // before this day
}

// dated says whether the row asks for days.
func (e lightEdge) dated() bool { return e.status == "" && !e.undated && !e.open }

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
	edges := []lightEdge{
		{lightCase: lightCase{light: LightDone}, status: Closed},
		{lightCase: lightCase{light: LightReview}, status: Submitted},
		{lightCase: lightCase{light: LightVoid}, status: Voided},
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
func edgeAt(edges []lightEdge, status Status, tier int, due Day) int {
	return slices.IndexFunc(edges, func(e lightEdge) bool {
		switch {
		case e.status != "":
			return e.status == status
		case e.undated:
			return due == ""
		default:
			return e.open || due < e.before[max(tier, 0)]
		}
	})
}
