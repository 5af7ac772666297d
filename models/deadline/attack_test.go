package deadline_test

import (
	"strings"
	"testing"

	"duban/models/day"
	"duban/models/deadline"
)

// Phrases chosen to be misread: numbers that are no days, days that are no
// deadlines, and the ways of writing that lie between. Each is read with nothing
// known, and with all the days of a unit known. Where the table says only "ask", any
// question will do, and no day.
func TestADeadlineIsNotMisread(t *testing.T) {
	contexts := []deadline.Context{
		{Terms: terms},
		{Terms: terms, Year: 2024, Tier: deadline.PostFeedback, FoundOn: "2024-03-29", NoticeOn: "2024-04-22", FeedbackOn: "2024-07-15", WindowEnd: "2024-10-15"},
	}
	for _, row := range table(t, "deadline_attack.tsv") {
		for n, in := range contexts {
			got := reading(deadline.Read(row[0], in, day.StateCouncil()))
			if want := row[n+1]; got != want && !(want == "ask" && strings.HasPrefix(got, "ask ")) {
				t.Errorf("%q, context %d: reads as %q, want %q", row[0], n, got, want)
			}
		}
	}
}
