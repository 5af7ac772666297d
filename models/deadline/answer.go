package deadline

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"duban/models/day"
)

// Need is what a question wants to be told.
type Need string

// A question wants the deadline itself, a day that the phrase counts from, or a year.
const (
	NeedDue  Need = "due"
	NeedFrom Need = "from"
	NeedYear Need = "year"
)

// NeedOf is what a question wants: a day that is asked for to count from is never the
// deadline.
func NeedOf(ask string) Need {
	switch {
	case ask == AskNoYear:
		return NeedYear
	case strings.HasPrefix(ask, askCounted):
		return NeedFrom
	}
	return NeedDue
}

// SaysBefore says whether a phrase says that something is due before a point of time:
// before a month begins, or before it ends.
func SaysBefore(phrase string) bool { return strings.Contains(phrase, "前") }

// Answer is what a person says to a question: a day, as the question needs it; a year;
// that the duty stands without a day; or that it stays undated.
type Answer struct {
	Day      day.Day `json:"day,omitempty"`
	Year     int     `json:"year,omitempty"`
	Standing bool    `json:"standing,omitempty"`
	Undated  bool    `json:"undated,omitempty"`
}

// Question is one thing to be told, and the answer where there is one. Several
// phrases may ask the same thing: they then have one Key.
type Question struct {
	Ask      string
	Phrase   string
	Choices  []day.Day
	Answer   Answer
	Answered bool
}

// Key is the name of what is asked: of a day to count from the day, of a year the
// year, of all else the phrase and what is asked of it. The days among which the phrase
// leaves the choice are part of it, so that it is never answered for others; a term that
// is merely offered is not, so that an answer outlasts a change of it. It is 18
// hexadecimal figures, so that it can stand in a form and an address.
func (q Question) Key() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q", q.Ask)
	if NeedOf(q.Ask) == NeedDue {
		fmt.Fprintf(h, "%q", q.Phrase)
	}
	if q.Ask == AskSeveral {
		fmt.Fprintf(h, "%q", q.Choices)
	}
	return hex.EncodeToString(h.Sum(nil)[:9])
}

// mostAsked is how many questions one phrase leads to at most: its year, the day it
// counts from, which of several is meant, and what a word in it means.
const mostAsked = 5

// Settle puts what a person said in the place of what a deadline asks. A day that is
// the deadline is taken as such; of a year, or a day to count from, the phrase is read
// anew. What then remains to be asked is asked in turn: Asked holds all of it, in order.
func (d Deadline) Settle(answers map[string]Answer, in Context, calendar day.Calendar) Deadline {
	asked := d.Asked
	for d.Ask != "" && len(asked) < mostAsked {
		q := Question{Ask: d.Ask, Phrase: d.Phrase, Choices: d.Choices}
		if slices.ContainsFunc(asked, func(before Question) bool { return before.Key() == q.Key() }) {
			break
		}
		q.Answer, q.Answered = answers[q.Key()]
		asked = append(asked, q)
		if !q.Answered || q.Answer.Undated {
			break
		}
		d = d.answer(q.Answer, &in, calendar)
	}
	d.Asked = asked
	return d
}

// answer is the deadline after one answer; in is what is known from then on.
func (d Deadline) answer(a Answer, in *Context, calendar day.Calendar) Deadline {
	need := NeedOf(d.Ask)
	switch {
	case a.Standing:
		d.Standing, d.DueOn, d.Ask, d.Word, d.Choices = true, "", "", "", nil
		return d
	case need == NeedYear && a.Year != 0:
		in.Year = a.Year
	case need == NeedFrom && a.Day.Valid():
		in.From, in.FromOf = a.Day, d.Ask
		switch d.Ask {
		case AskNotice:
			in.NoticeOn = a.Day
		case AskFound:
			in.FoundOn = a.Day
		case AskBack:
			in.FeedbackOn = a.Day
		case AskWindow:
			in.WindowEnd = a.Day
		case AskToday:
			in.Today = a.Day
		}
	case need == NeedDue && a.Day.Valid():
		d.DueOn, d.Ask, d.Word, d.Choices = a.Day, "", "", nil
		return d
	default:
		return d
	}
	standing := d.Standing
	d = Read(d.Phrase, *in, calendar)
	d.Standing = d.Standing || standing
	return d
}

// countFrom reads a phrase again whose day to count from a person has said. Where it
// has no length of time the day itself is meant (边巡边改, 进驻前), if the phrase ends
// with it.
func (r *phraseReader) countFrom(from day.Day) Deadline {
	r.d.Ask, r.d.DueOn, r.d.Choices = "", "", nil
	back := r.first(backwardWord)
	switch {
	case r.first(termLength) >= 0 && (back >= 0 && !strings.Contains(r.says(r.tokens[back]), "剩") || r.countedBack()):
		r.lengthsBack(from)
	case r.first(termLength) >= 0:
		r.lengths(r.tokens, from, "")
	case r.first(beforeWord) >= 0, r.first(stayWord) >= 0, r.first(windowWord) >= 0, r.firstOf(spokenDay, "今天", "今日"):
		r.d.DueOn = from
	case r.firstOf(spokenDay, "明天", "明日"):
		r.d.DueOn = from.Plus(1)
	default:
		r.ask(AskOpenEnd, from)
	}
	switch left := r.besides(); {
	case r.events > 1: // the lengths count from days of which one alone was said
		r.d.Choices = nil
		r.ask(AskUnread + clip(left))
	case r.d.DueOn != "" && left != "":
		r.ask(AskUnread+clip(left), r.d.DueOn)
	}
	return r.d
}

// firstOf says whether the first word of a kind is one of these.
func (r *phraseReader) firstOf(k kind, words ...string) bool {
	at := r.first(k)
	return at >= 0 && slices.Contains(words, r.says(r.tokens[at]))
}

// besides is what of the phrase is not understood when the event has its day: another
// event, or unread words outside of it.
func (r *phraseReader) besides() string {
	if r.events > 1 {
		return r.text
	}
	for _, t := range r.tokens {
		if t.kind == unreadPart && (t.from < r.eventAt || t.to > r.eventAt+len(r.event)) {
			return r.says(t)
		}
	}
	return r.rest
}

// lengthsBack is the day that lies a length of time before another: 验收前10日,
// 提前5个工作日. Working days are counted back as they are counted on: the day itself
// never.
func (r *phraseReader) lengthsBack(from day.Day) Deadline {
	var ends []day.Day
	for _, t := range r.tokens {
		if t.kind != termLength {
			continue
		}
		for _, figure := range t.length.figures {
			end, _ := r.afterDay(from, figure, t.length.unit, t.length.andHalf)
			if end == "" {
				return r.ask(AskRange)
			}
			days := from.DaysUntil(end)
			switch t.length.unit {
			case "工作日":
				n := r.calendar.WorkdaysBetween(from, end)
				for end = from; n > 0; {
					if end = end.Plus(-1); r.calendar.IsWorkday(end) {
						n--
					}
				}
			case "月", "季度", "年":
				whole := monthsFrom(from, end)
				end = from.PlusMonths(-whole)
				if whole == 0 { // 半月
					end = from.Plus(-days)
				}
			default:
				end = from.Plus(-days)
			}
			if !slices.Contains(ends, end) {
				ends = append(ends, end)
			}
		}
	}
	return r.among(ends)
}

// monthsFrom is how many whole months lie from one day to another.
func monthsFrom(from, to day.Day) int {
	a, z := from.Time(), to.Time()
	n := (z.Year()-a.Year())*12 + int(z.Month()) - int(a.Month())
	if from.PlusMonths(n) > to {
		n--
	}
	return n
}
