package deadline_test

import (
	"slices"
	"strings"
	"testing"

	"duban/models/day"
	"duban/models/deadline"
)

// round2024 is what is known of a unit that was told in July 2024.
var round2024 = deadline.Context{Terms: terms, Tier: deadline.PostFeedback, Year: 2024, NoticeOn: "2024-07-10", FeedbackOn: "2024-07-15"}

// Phrases of events, and of public papers, each with the readings that are right: a day,
// standing, a question (ask), or any of several.
func TestPhrasesOfEventsAndOfPublicPapers(t *testing.T) {
	for _, name := range []string{"events.tsv", "public.tsv"} {
		for _, row := range table(t, name) {
			got := deadline.Read(row[0], round2024, day.StateCouncil())
			short := string(got.DueOn)
			switch {
			case got.Ask != "":
				short = "ask"
			case short == "":
				short = "standing"
			}
			if right := strings.Split(row[1], "|"); !slices.Contains(right, short) {
				t.Errorf("%s %q: reads as %q, right is %v", name, row[0], reading(got), right)
			}
			if got.DueOn == "" && !got.Standing && got.Ask == "" {
				t.Errorf("%s %q: neither a day nor a question", name, row[0])
			}
		}
	}
}

// Phrases that were once misread in silence, and their kin, told in July 2024.
func TestPhrasesThatWereMisread(t *testing.T) {
	in := round2024
	in.NoticeOn = ""
	for _, row := range table(t, "faults.tsv") {
		got := deadline.Read(row[0], in, day.StateCouncil())
		if reading(got) != row[1] {
			t.Errorf("%q: reads as %q, right is %q", row[0], reading(got), row[1])
		}
		for _, choice := range got.Choices {
			if strings.HasSuffix(got.Ask, "前") && strings.HasPrefix(got.Ask, deadline.AskUnread) {
				t.Errorf("%q: %s is offered, which is not what was meant", row[0], choice)
			}
		}
	}
}

// A number in a cell has lost its last zero, so that two days may be meant; written as
// text, it is what it says.
func TestANumberThatLostItsZero(t *testing.T) {
	for phrase, want := range map[string][2]string{
		"9.3": {"2024-09-03", "ask 2024-09-03 or 2024-09-30"}, "10.1": {"2024-10-01", "ask 2024-10-01 or 2024-10-10"},
		"2024.1": {"2024-01-31", "ask 2024-01-31 or 2024-10-31"}, "9.10": {"2024-09-10", "ask 2024-09-01 or 2024-09-10"},
		"9.25": {"2024-09-25", "2024-09-25"}, "2024.12": {"2024-12-31", "2024-12-31"}, "2024.9": {"2024-09-30", "2024-09-30"},
		"11.31": {"ask no such day", "ask no such day"}, "20240930": {"2024-09-30", "2024-09-30"}, "45565": {"2024-09-30", "2024-09-30"},
	} {
		for n, number := range []bool{false, true} {
			in := round2024
			in.Number = number
			if got := reading(deadline.Read(phrase, in, day.StateCouncil())); got != want[n] {
				t.Errorf("%s, a number %v: %q, want %q", phrase, number, got, want[n])
			}
		}
	}
}

// A feast without its year that lay before the clock began is asked about like any day.
func TestAFeastBeforeTheClockBegan(t *testing.T) {
	in := deadline.Context{Tier: deadline.PostFeedback, FeedbackOn: "2026-11-20"}
	if got := reading(deadline.Read("春节前", in, day.StateCouncil())); got != "ask 2027-02-05 or 2026-02-16" {
		t.Errorf("春节前, told in November: %q", got)
	}
}

// What is too long to be read whole is not taken.
func TestALongTextIsNotReadByItsBeginning(t *testing.T) {
	got := deadline.Read("2024年9月30日前完成"+strings.Repeat("整改", 70)+"，其中第三项延至2025年6月底", round2024, day.StateCouncil())
	if got.DueOn != "" || !strings.HasPrefix(got.Ask, deadline.AskUnread) {
		t.Errorf("read as %q", reading(got))
	}
}
