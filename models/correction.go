package models

import (
	"slices"
	"strings"

	"gorm.io/gorm"

	"duban/models/deadline"
	"duban/models/ledger"
)

// Correction 更正 is one thing that was entered wrongly, put right by the office: the
// inspectors' words, whose item it is, its tier, its number in the unit's ledger, its
// date. To of a unit is its code, of a tier its name, of a date the day.
type Correction struct {
	Field ledger.Field
	To    string
}

// FieldTitle is the short name of an item, which no ledger has a column for.
const FieldTitle ledger.Field = "title"

// corrected is where on an item what can be corrected stands, and how long it may be; 0
// for one that is checked otherwise.
var corrected = map[ledger.Field]struct {
	on      func(*Item) *string
	longest int
	must    bool
}{
	FieldTitle:           {func(i *Item) *string { return &i.Title }, ledger.LongestName, true},
	ledger.FieldProblem:  {func(i *Item) *string { return &i.Problem }, ledger.LongestText, true},
	ledger.FieldStandard: {func(i *Item) *string { return &i.Standard }, ledger.LongestText, false},
	ledger.FieldCategory: {func(i *Item) *string { return &i.Category }, ledger.LongestWords, false},
	ledger.FieldSource:   {func(i *Item) *string { return &i.Source }, ledger.LongestWords, false},
	ledger.FieldNumber:   {func(i *Item) *string { return &i.LedgerNo }, ledger.LongestNumber, false},
	ledger.FieldUnit:     {on: nil},
	ledger.FieldTier:     {on: func(i *Item) *string { return (*string)(&i.Tier) }, must: true},
	ledger.FieldDeadline: {on: nil},
}

// Corrected are the fields of an item that can be put right, in the order of a form.
func Corrected() []ledger.Field {
	return []ledger.Field{FieldTitle, ledger.FieldProblem, ledger.FieldStandard, ledger.FieldCategory, ledger.FieldSource, ledger.FieldNumber, ledger.FieldUnit, ledger.FieldTier, ledger.FieldDeadline}
}

// CorrectItem puts right what was entered wrongly, all of it at once, with the reason.
// What is wrong with it is told field by field; a correction of nothing is Refused.
func (b *Board) CorrectItem(item Item, to []Correction, reason string) (Item, error) {
	reason = strings.TrimSpace(reason)
	return b.act(CorrectItem, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		var p Problems
		textProblem(&p, "words", reason, longestResult)
		b := b.in(tx)
		said := Particulars{"words": reason}
		for _, c := range to {
			c.To = strings.TrimSpace(c.To)
			if err := b.correct(item, c, said, &p); err != nil {
				return nil, err
			}
		}
		switch {
		case p != nil:
			return nil, p
		case len(said) == 1:
			return nil, Refused{Key: "correct.same"}
		}
		return said, nil
	})
}

// correct puts one thing right and says what it was and is.
func (b *Board) correct(item *Item, c Correction, said Particulars, p *Problems) error {
	place, known := corrected[c.Field]
	name := string(c.Field)
	note := func(was, is string) { said[name+"_before"], said[name] = was, is }
	switch {
	case !known:
		return ErrNotFound
	case c.Field == ledger.FieldUnit:
		var u Unit
		if c.To == "" || b.db.Where("code = ?", c.To).Take(&u).Error != nil {
			p.Add(name, "cell.unit.unknown")
			return nil
		}
		return b.moveUnit(item, u, said)
	case c.Field == ledger.FieldDeadline:
		dayProblem(p, name, Day(c.To))
		farProblem(p, name, Day(c.To), b.Today())
		if c.To == "" {
			p.Add(name, "required")
		}
		if p.Of(name) != nil {
			return nil
		}
		return b.moveDate(item, dateMove{why: WhyLedger, to: Day(c.To), words: said["words"]}, said)
	case c.Field == ledger.FieldTier && !slices.Contains(deadline.Tiers(), Tier(c.To)):
		p.Add(name, "cell.tier.unknown")
		return nil
	case place.must || c.To != "":
		if place.longest > 0 {
			textProblem(p, name, c.To, place.longest)
		}
	}
	if on := place.on(item); p.Of(name) == nil && squeezed(*on) != squeezed(c.To) {
		note(*on, c.To)
		if c.Field == ledger.FieldProblem && item.Title == titleOf(*on) {
			item.Title = titleOf(c.To) // one that somebody chose stays
		}
		*on = c.To
	}
	return nil
}

// moveUnit gives an item to the unit whose it is. Nobody there has signed for it yet,
// and those who answer for it are the ones of that name there.
func (b *Board) moveUnit(item *Item, to Unit, said Particulars) error {
	if item.UnitID == to.ID {
		return nil
	}
	var from Unit
	if err := b.db.Take(&from, item.UnitID).Error; err != nil {
		return err
	}
	said[string(ledger.FieldUnit)+"_before"], said[string(ledger.FieldUnit)] = from.Name, to.Name
	item.UnitID, item.AcknowledgedOn = to.ID, ""
	named := []Item{*item}
	if err := b.name(named); err != nil {
		return err
	}
	item.LeaderID, item.HandlerID = named[0].LeaderID, named[0].HandlerID
	return nil
}
