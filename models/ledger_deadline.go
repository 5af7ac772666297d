package models

import (
	"strconv"
	"strings"
)

// readDeadline understands a measure's deadline by what its row, its tier and the
// person importing say, and says of it what a person should look at.
func (t *tableReader) readDeadline(g *itemGroup, m *rowMeasure) {
	phrase := m.Deadline.Phrase
	column := t.column(FieldDeadline)
	switch day := m.phrase.day(); {
	case phrase == "": // not a guess, and not nothing: a person is asked
		if !m.standing {
			m.Deadline.Ask = AskNoDate
			if due := DefaultDue(t.deadlineContext(g, m), t.calendar); due != "" {
				m.Deadline.Choices = []Day{due}
			}
		}
	case day != "": // a date as such, however its format shows it
		m.Deadline.DueOn = day
	case t.sheet.from1904 && isDigits(phrase) && m.phrase != nil:
		if v, err := strconv.ParseFloat(phrase, 64); err == nil { // a date that lost its format
			if moment, ok := serialTime(v, true); ok {
				m.Deadline.DueOn = DayOf(moment)
			}
		}
	default:
		m.Deadline = t.understand(phrase, t.deadlineContext(g, m))
	}
	d := &m.Deadline
	d.Standing = d.Standing || m.standing
	if d.Ask == AskNoSuchDay {
		t.add(Refusal, m.Row, column, "ledger.deadline.no_day", t.heading(FieldDeadline), cut(strings.ReplaceAll(phrase, "\n", " "), 40))
	}
	if began := t.began(g, m); began != "" && d.DueOn != "" && d.DueOn < began {
		t.add(Question, m.Row, column, "ledger.deadline.before", string(d.DueOn), string(began))
	}
}

// understand is ReadDeadline, once for each phrase: a ledger has few.
func (r *ledgerReader) understand(phrase string, in DeadlineContext) Deadline {
	key := phraseIn{phrase, in}
	if known, ok := r.phrases[key]; ok {
		return known
	}
	d := ReadDeadline(phrase, in, r.calendar)
	if len(r.phrases) < 4096 {
		r.phrases[key] = d
	}
	return d
}

type phraseIn struct {
	phrase string
	in     DeadlineContext
}

func (t *tableReader) deadlineContext(g *itemGroup, m *rowMeasure) DeadlineContext {
	return DeadlineContext{
		Tier: g.item.Tier, Year: t.in.year(), FoundOn: firstDay(m.found, t.in.FoundOn), NoticeOn: firstDay(m.notified, t.in.NoticeOn),
		FeedbackOn: t.in.FeedbackOn, WindowEnd: t.in.WindowEnd, Rules: t.in.Rules,
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
	return firstDay(t.in.FeedbackOn)
}

func firstDay(days ...Day) Day {
	for _, d := range days {
		if d.Valid() {
			return d
		}
	}
	return ""
}
