package models

// readDeadline understands a measure's deadline by what its row, its tier and the
// person importing say, and says of it what a person should look at.
func (t *tableReader) readDeadline(g *itemGroup, m *rowMeasure) {
	d := &m.Deadline
	d.Standing = m.standing
	if d.Phrase == "" {
		return
	}
	if m.phrase != nil && m.phrase.serial != 0 {
		d.DueOn = m.phrase.day()
	}
	column, heading := t.column(FieldDeadline), t.heading(FieldDeadline)
	if began := t.began(g, m); began.Valid() && d.DueOn.Valid() && d.DueOn < began {
		t.add(Question, m.Row, column, "ledger.deadline.before", d.DueOn, began)
	}
	if noSuchDay(d.Phrase) {
		t.add(Refusal, m.Row, column, "ledger.deadline.no_day", heading, cut(d.Phrase, 40))
	}
}

// began is the day the item's clock began: what is due before it is a slip of the
// year more often than not.
func (t *tableReader) began(g *itemGroup, m *rowMeasure) Day {
	switch g.item.Tier {
	case Immediate:
		return firstDay(m.found, t.in.FoundOn)
	case OnTheSpot:
		return firstDay(m.notified, t.in.NoticeOn)
	}
	return t.in.FeedbackOn
}

func firstDay(days ...Day) Day {
	for _, d := range days {
		if d.Valid() {
			return d
		}
	}
	return ""
}

// noSuchDay says of a text that it names a full date the calendar does not have:
// 2024-02-30, 2024年13月1日.
func noSuchDay(text string) bool { return daysIn.MatchString(text) && dayIn(text) == "" }
