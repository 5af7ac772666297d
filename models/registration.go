package models

import (
	"strconv"
	"strings"

	"duban/models/deadline"
	"duban/models/ledger"
)

// Enter registers one item that a person has typed 登记, with its deadline in their words:
// 2026-07-15, 7月15日, 6月底前. What is wrong is told field by field. The date of a unit's
// own item is a proposal until somebody grants it.
func (b *Board) Enter(n NewItem, due string) (Item, error) {
	var p Problems
	for _, text := range []*string{&n.LedgerNo, &n.Source, &n.Category, &n.Title, &n.Problem, &n.Standard, &n.Leader, &n.Department, &n.Handler} {
		*text = strings.TrimSpace(*text)
	}
	for _, is := range []struct {
		field, text string
		longest     int
	}{
		{"problem", n.Problem, ledger.LongestText}, {"standard", n.Standard, ledger.LongestText}, {"number", n.LedgerNo, ledger.LongestNumber},
		{"source", n.Source, ledger.LongestWords}, {"category", n.Category, ledger.LongestWords}, {"leader", n.Leader, ledger.LongestWords},
		{"department", n.Department, ledger.LongestWords}, {"handler", n.Handler, ledger.LongestWords},
	} {
		if is.text != "" || is.field == "problem" {
			textProblem(&p, is.field, is.text, is.longest)
		}
	}
	units, err := b.UnitsByID()
	if err != nil {
		return Item{}, err
	}
	if _, seen := units[n.UnitID]; !seen {
		p.Add("unit", "required")
	} else if !mayRegister(b.me, n.UnitID) {
		return Item{}, ErrForbidden
	}
	if n.Tier.Query() == "" {
		p.Add("tier", "required")
	}
	round, err := b.roundOf(n.RoundID)
	if err != nil {
		return Item{}, err
	}
	if round.ID == 0 {
		p.Add("round", "required")
	}
	if due = strings.TrimSpace(due); due != "" && round.ID != 0 {
		read, err := b.readDue(due, n.Tier, round, n.UnitID)
		switch {
		case err != nil:
			return Item{}, err
		case read.Ask != "" || read.DueOn == "" && !read.Standing:
			key, args := deadline.QuestionKey(read.Ask)
			p.Add("due", key, args...)
		}
		n.DueOn, n.Standing = read.DueOn, read.Standing
	}
	if p != nil {
		return Item{}, p
	}
	n.Proposed = b.me.Role != Office && n.DueOn != ""
	items, err := b.Register(n)
	if err != nil {
		return Item{}, err
	}
	return items[0], nil
}

// roundOf is the round of that number; one without a number when there is none.
func (b *Board) roundOf(id int64) (r Round, err error) {
	err = b.db.Where("id = ?", id).Limit(1).Find(&r).Error
	return r, err
}

// readDue is what a deadline as it was typed means for an item of that tier, round and
// unit today.
func (b *Board) readDue(typed string, tier Tier, round Round, unit int64) (deadline.Deadline, error) {
	days, err := b.RoundUnit(round.ID, unit)
	if err != nil {
		return deadline.Deadline{}, err
	}
	return deadline.Read(typed, deadline.Context{
		Tier: tier, Year: round.Year, NoticeOn: days.NoticeOn, FeedbackOn: days.FeedbackOn, WindowEnd: days.WindowEnd,
		Today: b.Today(), Terms: b.rules.Terms(),
	}, b.calendar), nil
}

// NextNumber is the number in its own ledger that a unit's next item of a round would
// have: one more than the highest there is. "" when the unit does not number by whole
// numbers, or this person does not see it.
func (b *Board) NextNumber(round, unit int64) (string, error) {
	var numbers []string
	err := b.kept().Where("items.round_id = ? AND items.unit_id = ? AND items.ledger_no <> ''", round, unit).Pluck("items.ledger_no", &numbers).Error
	highest := 0
	for _, number := range numbers {
		n, err := strconv.Atoi(number)
		if err == nil && n < 100_000 { // a longer one is no place in a list
			highest = max(highest, n)
		}
	}
	if err != nil || highest == 0 && len(numbers) > 0 {
		return "", err
	}
	return strconv.Itoa(highest + 1), nil
}
