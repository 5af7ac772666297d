package ledger

import (
	"duban/models/day"
	"duban/models/deadline"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// readDeadline understands a measure's deadline by what its row, its tier and the
// person importing say, and says of it what a person should look at.
func (t *tableReader) readDeadline(g *itemGroup, m *rowMeasure) {
	phrase := m.Deadline.Phrase
	column := t.column(FieldDeadline)
	switch fixed := m.phrase.day(); {
	case phrase == "": // not a guess, and not nothing: a person is asked
		if !m.standing {
			m.Deadline.Ask = deadline.AskNoDate
			if due := deadline.DefaultDue(t.deadlineContext(g, m), t.calendar); due != "" {
				m.Deadline.Choices = []day.Day{due}
			}
		}
	case fixed != "": // a date as such, however its format shows it
		m.Deadline.DueOn = fixed
		if phrase != string(fixed) && t.understand(phrase, deadline.Context{Year: t.in.year()}).DueOn != fixed {
			m.Deadline.Phrase = string(fixed) // 6/30/25 says it to nobody who has not the format
		}
	case t.sheet.from1904 && serialOf1904(phrase) != "" && m.phrase != nil: // a date that lost its format
		m.Deadline.DueOn = serialOf1904(phrase)
	default:
		m.Deadline = t.understand(phrase, t.deadlineContext(g, m))
		m.askHiddenDay()
		t.askWhichOf(g, m)
	}
	if m.Deadline.Ask != "" {
		m.Deadline = m.Deadline.Settle(t.answersFor(g.item.Unit), t.deadlineContext(g, m), t.calendar)
	}
	d := &m.Deadline
	d.Standing = d.Standing || m.standing
	if d.Ask == deadline.AskNoSuchDay {
		t.add(Refusal, m.Row, column, "ledger.deadline.no_day", t.heading(FieldDeadline), cut(strings.ReplaceAll(phrase, "\n", " "), 40))
	}
	if began := t.began(g, m); began != "" && d.DueOn != "" && d.DueOn < began {
		t.add(Question, m.Row, column, "ledger.deadline.before", string(d.DueOn), string(began))
	}
}

// OfUnit is the key of an answer that is one unit's own, in a ledger of several.
func OfUnit(key, unit string) string { return key + "@" + unit }

// answersFor are the answers that a unit's deadlines are read with: its own before those
// of the whole ledger.
func (r *ledgerReader) answersFor(unit string) map[string]deadline.Answer {
	if unit == "" || r.in.Unit != "" {
		return r.in.Answers
	}
	if all, made := r.answers[unit]; made {
		return all
	}
	all := maps.Clone(r.in.Answers)
	for key, a := range r.in.Answers {
		if of, own := strings.CutSuffix(key, OfUnit("", unit)); own {
			all[of] = a
		}
	}
	r.answers[unit] = all
	return all
}

// askWhichOf asks which of several days is meant, where they are a list and the measure
// is none.
func (t *tableReader) askWhichOf(g *itemGroup, m *rowMeasure) {
	entries := listed(m.Deadline.Phrase)
	if entries == nil {
		return
	}
	var days []day.Day
	for _, entry := range entries {
		d := t.understand(strings.Trim(entry, "；;，,、 "), t.deadlineContext(g, m))
		if d.DueOn != "" && !slices.Contains(days, d.DueOn) {
			days = append(days, d.DueOn)
		}
	}
	d := &m.Deadline
	d.DueOn, d.Standing, d.Choices = "", false, days
	if len(days) == 2 {
		d.Ask = string(days[0]) + " or " + string(days[1])
	} else if d.Ask == "" {
		d.Ask = deadline.AskNoDate
	}
}

// askHiddenDay asks whether the month is meant that a cell shows, or the day that it
// holds behind it. The first of a month is what a sheet makes of a month that was typed.
func (m *rowMeasure) askHiddenDay() {
	hidden := m.phrase.hiddenDay()
	if hidden == "" || strings.HasSuffix(string(hidden), "-01") {
		return
	}
	end := hidden.PlusMonths(1)
	end = (end[:8] + "01").Plus(-1)
	d := &m.Deadline
	if d.DueOn != "" {
		end = d.DueOn
	}
	if hidden == end {
		return
	}
	d.DueOn, d.Ask, d.Choices = "", string(hidden)+" or "+string(end), []day.Day{hidden, end}
}

// serialOf1904 is the day of a bare number in a workbook that counts from 1904, "" when
// it is none: 8.31 and 2024.8 are days as people write them, not counts.
func serialOf1904(phrase string) day.Day {
	v, err := strconv.ParseFloat(phrase, 64)
	if err != nil || v < 10000 || v >= 100000 {
		return ""
	}
	moment, ok := serialTime(v, true)
	if !ok {
		return ""
	}
	return day.Of(moment)
}

// understand is Read, once for each phrase: a ledger has few.
func (r *ledgerReader) understand(phrase string, in deadline.Context) deadline.Deadline {
	key := phraseIn{phrase, in}
	if known, ok := r.phrases[key]; ok {
		return known
	}
	d := deadline.Read(phrase, in, r.calendar)
	if len(r.phrases) < 4096 {
		r.phrases[key] = d
	}
	return d
}

type phraseIn struct {
	phrase string
	in     deadline.Context
}

func (t *tableReader) deadlineContext(g *itemGroup, m *rowMeasure) deadline.Context {
	of := t.in.Days[g.item.Unit]
	return deadline.Context{
		Tier: g.item.Tier, Year: t.in.year(), FoundOn: firstDay(m.found, t.in.FoundOn), NoticeOn: firstDay(m.notified, t.in.NoticeOn, of.NoticeOn),
		FeedbackOn: firstDay(m.feedback, t.in.FeedbackOn, of.FeedbackOn), WindowEnd: firstDay(t.in.WindowEnd, of.WindowEnd),
		Terms: t.in.Terms, Number: m.phrase != nil && m.phrase.held == heldNumber,
	}
}

// began is the day the item's clock began: what is due before it is a slip of the
// year more often than not.
func (t *tableReader) began(g *itemGroup, m *rowMeasure) day.Day {
	known := t.deadlineContext(g, m)
	switch g.item.Tier {
	case deadline.Immediate:
		return known.FoundOn
	case deadline.OnTheSpot:
		return known.NoticeOn
	}
	return known.FeedbackOn
}

func firstDay(days ...day.Day) day.Day {
	for _, d := range days {
		if d.Valid() {
			return d
		}
	}
	return ""
}
