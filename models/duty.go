package models

// sqlUnreceived is an item in hand that its unit has not signed for yet 签收.
const sqlUnreceived = sqlOpen + " AND items.acknowledged_on = ''"

// dutyDays is how far ahead a unit's duties look.
const dutyDays = 7

// DutyWhy is one reason why an item is to be seen to this week.
type DutyWhy string

// The reasons, the most pressing first.
const (
	DutyOverdue  DutyWhy = "overdue"
	DutyReturned DutyWhy = "returned" // the supervisor sent it back
	DutyLetter   DutyWhy = "letter"   // a letter waits for the unit's answer
	DutyDue      DutyWhy = "due"      // within the days that duties look ahead
)

// Duty is an item that a unit is to see to this week, and why.
type Duty struct {
	Card     Card
	Why      []DutyWhy
	Returned string      // in the supervisor's words
	Letter   LetterState // of DutyLetter: the one whose answer is owed first
}

// By is until when it is to be seen to: the day it is or was due, or the letter's
// answer, whichever is first.
func (d Duty) By() Day {
	by := d.Card.DueOn
	if d.Letter.AnswerBy != "" && (by == "" || d.Letter.AnswerBy < by) {
		by = d.Letter.AnswerBy
	}
	return by
}

// sqlDuty is what a unit is to see to this week.
func (b *Board) sqlDuty() condition {
	today := b.Today()
	late, soon := sqlOverdue(today), condition{sqlDated + " AND items.due_on >= ? AND items.due_on <= ?", []any{today, today.Plus(dutyDays)}}
	asked := b.lettered(b.db.Model(&Item{}).Select("items.id"), LetterAwait)
	return condition{
		sqlOpen + " AND (" + late.sql + " OR " + soon.sql + " OR items.returned_reason <> '' OR items.id IN (?))",
		append(append(late.args, soon.args...), asked),
	}
}

// dutiesShown is how many a page shows at most.
const dutiesShown = 200

// DutiesOf are what a unit is to see to this week, as a list and its count read them.
func DutiesOf(u Unit) Filter { return Filter{Units: []string{u.Code}, Duty: true, Sort: "due"} }

// Duties are what a unit is to see to this week, each with why: what is overdue, the
// longest first, and then as it falls due; of many the first. Whole is how many there are.
func (b *Board) Duties(u Unit) (duties []Duty, whole int, err error) {
	f := DutiesOf(u)
	n, err := b.Count(f)
	if err != nil || n == 0 {
		return nil, 0, err
	}
	f.Size = dutiesShown
	cards, err := b.List(f)
	if err == nil {
		duties, err = b.dutiesOf(cards)
	}
	return duties, int(n), err
}

// dutiesOf says of each of these items why it is to be seen to.
func (b *Board) dutiesOf(cards []Card) ([]Duty, error) {
	ids := make([]int64, len(cards))
	for n, c := range cards {
		ids[n] = c.ID
	}
	letters, err := b.LetterStates(ids)
	if err != nil {
		return nil, err
	}
	var back []Item
	if err := b.items().Select("items.id", "items.returned_reason").Where("items.id IN ? AND items.returned_reason <> ''", ids).Find(&back).Error; err != nil {
		return nil, err
	}
	returned := map[int64]string{}
	for _, item := range back {
		returned[item.ID] = item.ReturnedReason
	}
	today := b.Today()
	duties := make([]Duty, len(cards))
	for n, c := range cards {
		d := Duty{Card: c, Returned: returned[c.ID]}
		for _, l := range letters[c.ID] {
			if l.awaits() && (d.Letter.AnswerBy == "" || l.AnswerBy < d.Letter.AnswerBy) {
				d.Letter = l
			}
		}
		for _, why := range []struct {
			is  bool
			why DutyWhy
		}{
			{c.Overdue(today), DutyOverdue}, {d.Returned != "", DutyReturned}, {d.Letter.ID != 0, DutyLetter},
			{c.DueOn >= today && c.DueOn <= today.Plus(dutyDays), DutyDue},
		} {
			if why.is {
				d.Why = append(d.Why, why.why)
			}
		}
		duties[n] = d
	}
	return duties, nil
}

// Waiting is what waits at a unit for a person's own hand, beside its duties: their
// signature under what is to be handed in, or the handing in of what all have signed; the
// receipt of letters, which is the head's; and that of items, which is anybody's of the unit.
type Waiting struct {
	Sign    []Card
	Letters []Letter
	Items   int // as ReceiptsOf lists them
}

// N is how many things that is.
func (w Waiting) N() int { return len(w.Sign) + len(w.Letters) + w.Items }

// ReceiptsOf are the items that a unit has not signed for yet.
func ReceiptsOf(u Unit) Filter { return Filter{Units: []string{u.Code}, Receipt: true} }

// Waiting is what waits in that unit for this person, nothing for who is not of it.
func (b *Board) Waiting(u Unit) (w Waiting, err error) {
	if b.me.UnitID == nil || *b.me.UnitID != u.ID {
		return w, nil
	}
	n, err := b.Count(ReceiptsOf(u))
	if err != nil {
		return w, err
	}
	w.Items = int(n)
	var signed []Item
	if err := b.items().Where("items.unit_id = ? AND "+sqlOpen+" AND items.signed > 0", u.ID).Order("items.due_on, items.id").Find(&signed).Error; err != nil {
		return w, err
	}
	for _, item := range signed {
		if b.May(SignItem, item) || b.May(SubmitItem, item) {
			w.Sign = append(w.Sign, item.Card())
		}
	}
	sent, _, err := b.Letters(LetterFilter{Unit: u.ID, Status: LetterSigned})
	for _, l := range sent {
		if b.MayLetter(AcknowledgeLetter, l) {
			w.Letters = append(w.Letters, l)
		}
	}
	return w, err
}
