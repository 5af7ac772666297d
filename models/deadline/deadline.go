// Package deadline reads what an office writes in a cell as a deadline:
// "2024年底前，并长期坚持". Reading it gives a day, a standing duty, or a question for a
// person; never a guess that nobody is told of. The grammar is in grammar.go, the three
// tiers and their terms in tier.go and term.go. It is a leaf: a phrase and what is known
// come in, a Deadline goes out; no database, no clock.
package deadline

import (
	"duban/models/day"
	"strings"
)

// Deadline is what a phrase was understood to mean.
type Deadline struct {
	Phrase   string
	DueOn    day.Day // "" when no day can be said
	Standing bool    // 长期坚持: goes on beyond the day, or has none
	Every    string  // a duty that recurs: day, week, month, quarter, half-year, year
	// Ask is what a person must still say, "" when nothing: one of the questions
	// below, or "2024-07-31 or 2024-08-31" where each of the days may be meant.
	Ask     string
	Word    string     // what Ask is about: the word not understood, the event nobody dated
	Choices []day.Day  // the likely answers to Ask, the likeliest first
	Assumed []string   // what was taken from the context and not from the phrase
	Asked   []Question // what was asked on the way, answered or not (Settle)
}

// The questions. They are the words of the machine form; views/text has the
// sentences (QuestionKey).
const (
	AskNoDate    = "no date given"
	AskNoYear    = "no year given"
	AskNoMonth   = "no month given"
	AskNoSuchDay = "no such day"
	AskRange     = "outside 1990 to 2100"
	AskStatus    = "a status, not a deadline"
	AskAsOf      = "an as-of date, not a deadline"
	AskRecurring = "recurring, without an end"
	AskOpenEnd   = "a range without an end"
	AskSeveral   = "several dates"

	askCounted = "counted from "
	AskNotice  = askCounted + "the notice"
	AskFound   = askCounted + "the day it was found"
	AskBack    = askCounted + "the feedback"
	AskWindow  = askCounted + "the end of the window"
	AskStay    = askCounted + "the end of the inspection"
	AskEntry   = askCounted + "the entry"
	AskMeeting = askCounted + "a meeting"
	AskToday   = askCounted + "the day it was written"
	AskOther   = askCounted + "a day that is not given"

	// These are followed by what they ask about.
	AskEvent   = askCounted + "an event: "    // 验收 of 验收后10日内: counted from what day?
	AskUnread  = "not understood: "           // a word on none of the lists
	AskWeekday = "not on its weekday: "       // the day, which is no 周三
	AskOrder   = "order of numbers unclear: " // 7/8/9
)

// What may be assumed: taken from the context, and said.
const (
	AssumedYear      = "year"      // the year meant, which the phrase leaves out
	AssumedFound     = "found"     // counted from the day it was found, which the phrase does not say
	AssumedNotice    = "notice"    // from the notice
	AssumedFeedback  = "feedback"  // from the feedback
	AssumedWindow    = "window"    // from the end of the window
	AssumedToday     = "today"     // from the day of reading
	AssumedTier      = "tier"      // the tier's own term: 立行立改 says no number of days
	AssumedWeekdays  = "weekdays"  // no calendar of that year: Monday to Friday were counted
	AssumedUnchecked = "unchecked" // the days of that year nobody has held against the notice yet
	AssumedStage     = "stage"     // the day of a stage, 阶段性成果, not of the end
)

// QuestionKey is the key of a question's sentence in views/text, and the
// sentence's arguments.
func QuestionKey(ask string) (key string, args []any) {
	if first, second, _ := strings.Cut(ask, " or "); isEither(ask) {
		return "deadline.ask.either", []any{first, second}
	}
	if about, word := questionAbout(ask); word != "" {
		return map[string]string{
			AskEvent: "deadline.ask.event", AskUnread: "deadline.ask.unread", AskWeekday: "deadline.ask.weekday", AskOrder: "deadline.ask.order",
		}[about], []any{word}
	}
	if key, known := questionKeys[ask]; known {
		return "deadline.ask." + key, nil
	}
	return "deadline.ask.no_date", nil
}

// questionKeys are the last words of the questions' keys.
var questionKeys = map[string]string{
	AskNoDate: "no_date", AskNoYear: "no_year", AskNoMonth: "no_month", AskNoSuchDay: "no_such_day", AskRange: "range",
	AskStatus: "status", AskAsOf: "as_of", AskRecurring: "recurring", AskOpenEnd: "open_end", AskSeveral: "several",
	AskNotice: "notice", AskFound: "found", AskBack: "feedback", AskWindow: "window", AskStay: "stay", AskEntry: "entry",
	AskMeeting: "meeting", AskToday: "today", AskOther: "other",
}

// isEither says whether a question is which of two days is meant.
func isEither(ask string) bool {
	first, _, either := strings.Cut(ask, " or ")
	return either && day.Day(first).Valid()
}

// questionAbout parts a question from the word it is about; word is "" where it is
// about none.
func questionAbout(ask string) (about, word string) {
	for _, about := range []string{AskEvent, AskUnread, AskWeekday, AskOrder} {
		if word, ok := strings.CutPrefix(ask, about); ok {
			return about, word
		}
	}
	return ask, ""
}

// Context is what is known when a phrase is read. What is empty is not
// known; nothing else is ever used, least of all the wall's clock.
type Context struct {
	Tier       Tier
	Year       int     // the year meant where a phrase leaves it out
	FoundOn    day.Day // 即知即改 counts from it
	NoticeOn   day.Day // 立行立改
	FeedbackOn day.Day // 反馈整改
	WindowEnd  day.Day // 集中整改期满
	Today      day.Day // 下周三, 月底
	Terms      Terms   // of the tiers; empty where none are known
	Number     bool    // the cell held a number, which loses its last zero: 9.30 becomes 9.3
	From       day.Day // what a person answered to the question FromOf: counted from what day?
	FromOf     string
}

// DefaultDue is the day an item of the tier is due when its ledger gives none, as
// the office may choose it: never taken without being asked. Empty when the day it
// counts from is not known.
func DefaultDue(in Context, calendar day.Calendar) day.Day {
	term := in.Terms.Of(in.Tier)
	from := map[Anchor]day.Day{FromFound: in.FoundOn, FromNotice: in.NoticeOn, FromFeedback: in.FeedbackOn}[term.From]
	if !from.Valid() {
		return ""
	}
	return term.After(from, calendar)
}
