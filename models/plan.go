package models

import (
	"slices"
	"strings"

	"gorm.io/gorm"
)

// MeasureKinds are the kinds of result a measure has (domain.md 1.4), in the order
// forms offer them.
var MeasureKinds = []string{"rules", "correction", "recovery", "discipline", "generalise", "campaign", "study"}

// How much a plan may hold: beyond it, it is a ledger, and comes by an import.
const (
	longestMeasure = 500
	longestOwner   = 60
	mostMeasures   = 100
)

// PlannedMeasure is a measure as a form asks for it.
type PlannedMeasure struct {
	Text  string
	Kind  string
	Owner string
	DueOn Day
}

func (m PlannedMeasure) empty() bool {
	return strings.TrimSpace(m.Text) == "" && strings.TrimSpace(m.Owner) == "" && m.DueOn == ""
}

// problems is what is wrong with it, each field with the number of its row. While the
// item's date is to come no measure is later; once it has passed, what is still to be
// done has an honest day of its own, and the item stays as late as it is.
func (m PlannedMeasure) problems(b *Board, p *Problems, row string, item Item) {
	today := b.Today()
	textProblem(p, "text"+row, strings.TrimSpace(m.Text), longestMeasure)
	textProblem(p, "owner"+row, strings.TrimSpace(m.Owner), longestOwner)
	if m.Kind != "" && !slices.Contains(MeasureKinds, m.Kind) {
		p.Add("kind"+row, "required")
	}
	if m.DueOn == "" {
		p.Add("due_on"+row, "required")
		return
	}
	dayProblem(p, "due_on"+row, m.DueOn)
	farProblem(p, "due_on"+row, m.DueOn, today)
	if p.Of("due_on"+row) == nil && item.DueOn >= today && m.DueOn > item.DueOn {
		p.Add("due_on"+row, b.advise("measure.after_item", item), string(item.DueOn))
	}
}

func (m PlannedMeasure) measure() Measure {
	return Measure{Text: strings.TrimSpace(m.Text), Kind: m.Kind, Owners: []string{strings.TrimSpace(m.Owner)}, DueOn: m.DueOn, DeadlinePhrase: string(m.DueOn)}
}

// Plan adds measures to an item; the first ones set it under way. Each needs its
// text, one who answers for it, and a day no later than the item's own, which it
// cannot move; an item that has none yet takes its last measure's.
func (b *Board) Plan(item Item, plan []PlannedMeasure) (Item, error) {
	a := AddMeasures
	if item.Status == Registered {
		a = PlanItem
	}
	return b.act(a, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		b := b.in(tx)
		have, err := b.Measures(*item)
		if err != nil {
			return nil, err
		}
		var p Problems
		var added []Measure
		for n, m := range plan {
			if m.empty() {
				continue
			}
			m.problems(b, &p, "_"+itoa(n+1), *item)
			is := m.measure()
			is.ItemID, is.Seq = item.ID, len(have)+len(added)+1
			added = append(added, is)
		}
		switch {
		case p != nil:
			return nil, p
		case len(added) == 0:
			p.Add("text_1", "required")
			return nil, p
		case len(have)+len(added) > mostMeasures:
			return nil, Refused{Key: "measure.too_many", Args: []any{mostMeasures}}
		}
		if err := b.createAll(&added); err != nil {
			return nil, err
		}
		item.Measures += len(added)
		particulars := Particulars{"measures": itoa(len(added))}
		if err := b.dateFromMeasures(item, append(have, added...), particulars); err != nil {
			return nil, err
		}
		return particulars, nil
	})
}

// dateFromMeasures gives an item without a date its last measure's, as soon as none of
// them is without one. What a unit types of its own is proposed, as in a ledger it brings.
func (b *Board) dateFromMeasures(item *Item, measures []Measure, particulars Particulars) error {
	var last Day
	for _, m := range measures {
		if item.DueOn != "" || m.DueOn == "" && !m.Standing {
			return nil
		}
		last = max(last, m.DueOn)
	}
	if b.me.Role.ofUnit() && last != "" {
		return b.propose(item, last, "", particulars)
	}
	return b.moveDate(item, dateMove{why: WhyLedger, to: last}, particulars)
}

// ReviseMeasure says anew what a measure is, who answers for it and by when, as long
// as it is not done. What it said before stays in the trail. Its day moves within the
// item's own; where that has none yet, no later than it was.
func (b *Board) ReviseMeasure(item Item, measureID int64, m PlannedMeasure) (Item, error) {
	return b.act(ReviseMeasure, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		b := b.in(tx)
		is, err := b.measure(*item, measureID)
		if err != nil {
			return nil, err
		}
		if is.Done() {
			return nil, Refused{Key: "measure.already_done", Args: []any{is.Seq}}
		}
		var p Problems
		m.problems(b, &p, "", *item)
		if item.DueOn == "" && is.DueOn != "" && m.DueOn > is.DueOn && p.Of("due_on") == nil {
			p.Add("due_on", b.advise("measure.after_itself", *item), string(is.DueOn))
		}
		if p != nil {
			return nil, p
		}
		particulars := Particulars{"measure": itoa(is.Seq)}
		say := func(field, was, now string) {
			if was != now {
				particulars[field], particulars[field+"_before"] = now, was
			}
		}
		now := m.measure()
		say("text", is.Text, now.Text)
		say("kind", is.Kind, now.Kind)
		say("owner", is.OwnersTyped(), now.Owners[0])
		say("measure_due", string(is.DueOn), string(now.DueOn))
		if len(particulars) == 1 {
			return nil, Refused{Key: "measure.same"}
		}
		is.Text, is.Kind = now.Text, now.Kind
		if is.OwnersTyped() != now.Owners[0] {
			is.Owners = now.Owners
		}
		if is.DueOn != now.DueOn {
			is.DueOn, is.DeadlinePhrase, is.Ask, is.Assumed = now.DueOn, string(now.DueOn), "", ""
		}
		if err := b.saveMeasure(is); err != nil {
			return nil, err
		}
		all, err := b.Measures(*item)
		if err != nil {
			return nil, err
		}
		if err := b.dateFromMeasures(item, all, particulars); err != nil {
			return nil, err
		}
		return particulars, nil
	})
}

// SetStandard says what must be so for the item to be struck off 销号标准. Once it is
// there, only the office and the supervisors change it.
func (b *Board) SetStandard(item Item, standard string) (Item, error) {
	standard = strings.TrimSpace(standard)
	return b.act(SetStandard, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		var p Problems
		textProblem(&p, "words", standard, longestProgress)
		if p != nil {
			return nil, p
		}
		if standard == item.Standard {
			return nil, Refused{Key: "standard.same"}
		}
		particulars := Particulars{"words": standard, "was": item.Standard}
		item.Standard = standard
		return particulars, nil
	})
}
