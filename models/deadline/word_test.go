package deadline_test

import (
	"strings"
	"testing"

	"duban/models/day"
	"duban/models/deadline"
)

// strangeWords are words of no list, and such that are on one but say nothing of time:
// wherever one is put into a phrase, another day must not come of it in silence.
var strangeWords = []string{"汛期", "验收", "鲸", "不", "第", "X", "完成", "务必", "的"}

// wantSameOrAsked reads a phrase with a word put in at every place.
func wantSameOrAsked(t *testing.T, phrase, word string, in deadline.Context, calendar day.Calendar) {
	t.Helper()
	base := deadline.Read(phrase, in, calendar)
	if base.Ask != "" && base.DueOn != "" {
		t.Fatalf("%q: a day and a question", phrase)
	}
	runes := []rune(phrase)
	for at := 0; at <= len(runes); at++ {
		changed := string(runes[:at]) + word + string(runes[at:])
		if got := deadline.Read(changed, in, calendar); got.DueOn != "" && got.DueOn != base.DueOn {
			t.Errorf("%q reads as %s %q, and %q as %s in silence", phrase, base.DueOn, base.Ask, changed, got.DueOn)
		}
	}
}

func TestAWordThatIsNotReadNeverMovesTheDay(t *testing.T) {
	calendar := day.StateCouncil()
	in := round2024
	in.FoundOn, in.WindowEnd = "2024-03-29", "2024-10-15"
	for _, name := range []string{"deadline_phrases.tsv", "deadline_more.tsv", "deadline_attack.tsv", "events.tsv", "public.tsv"} {
		for _, row := range table(t, name) {
			if strings.TrimSpace(row[0]) == "" {
				continue
			}
			for _, word := range strangeWords {
				wantSameOrAsked(t, row[0], word, in, calendar)
			}
		}
	}
}
