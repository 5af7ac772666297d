package models

import (
	"cmp"
	"slices"
)

// bulletinRows is how many rows one table of a bulletin may have: more is no paper
// that anybody reads.
const bulletinRows = 2000

// Bulletin is where a round stands today, for the paper that goes round: the same
// tally as every page has, and the rows behind its figures.
type Bulletin struct {
	Round    Round
	On       Day
	Since    Day // from which day on closures are told
	Tally    Tally
	InHand   []Card // all that is not struck off
	Closed   []Card // struck off since
	Extended []Card // whose date is another than the first
	Overdue  []Card // among those in hand
}

// Bulletin is that of a round, of the items this person sees; a month back unless it
// says since when.
func (b *Board) Bulletin(r Round, since Day) (Bulletin, error) {
	if !b.me.Role.SeesAll() {
		return Bulletin{}, ErrForbidden
	}
	bulletin := Bulletin{Round: r, On: b.Today(), Since: since}
	if since == "" {
		bulletin.Since = b.Today().PlusMonths(-1)
	}
	if !bulletin.Since.Valid() || bulletin.Since > b.Today() {
		return Bulletin{}, Problems{{Field: "since", Key: "day.form", Args: []any{string(bulletin.Since)}}}
	}
	of := Filter{Round: r.Code, Size: bulletinRows + 1}
	var err error
	if bulletin.Tally, err = b.Tally(of); err != nil {
		return bulletin, err
	}
	open, closed, overdue := of, of, of
	open.NotClosed = true
	closed.ClosedFrom, closed.ClosedTo = bulletin.Since, bulletin.On
	overdue.Lights = []Light{LightOver}
	for _, part := range []struct {
		f    Filter
		into *[]Card
	}{{open, &bulletin.InHand}, {closed, &bulletin.Closed}, {overdue, &bulletin.Overdue}} {
		if *part.into, err = b.List(part.f); err != nil {
			return bulletin, err
		}
	}
	err = b.where(of).Where("items.first_due_on <> '' AND items.due_on <> items.first_due_on").Order("items.due_on, items.id").Limit(bulletinRows + 1).Find(&bulletin.Extended).Error
	if err != nil {
		return bulletin, err
	}
	units, err := b.UnitsByID()
	if err != nil {
		return bulletin, err
	}
	for _, rows := range [][]Card{bulletin.InHand, bulletin.Closed, bulletin.Extended, bulletin.Overdue} {
		slices.SortStableFunc(rows, func(a, z Card) int { // the order that the paper says it has
			return cmp.Or(inOrganisation(units[a.UnitID], units[z.UnitID]), cmp.Compare(dueLast(a.DueOn), dueLast(z.DueOn)), cmp.Compare(a.ID, z.ID))
		})
	}
	for _, rows := range [][]Card{bulletin.InHand, bulletin.Closed, bulletin.Extended, bulletin.Overdue} {
		if len(rows) > bulletinRows {
			return bulletin, Refused{Key: "bulletin.too_many", Args: []any{bulletinRows}}
		}
	}
	return bulletin, nil
}

// dueLast is a day to sort by, with none after every other.
func dueLast(d Day) Day {
	if d == "" {
		return "9999"
	}
	return d
}
