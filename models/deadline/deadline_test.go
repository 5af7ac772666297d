package deadline_test

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"duban/models/day"
	"duban/models/deadline"
)

// terms are those of the place in these tests.
var terms = deadline.Terms{
	Immediate:    deadline.Term{Days: 5, Unit: deadline.Workdays, From: deadline.FromFound},
	OnTheSpot:    deadline.Term{Days: 10, Unit: deadline.Workdays, From: deadline.FromNotice},
	PostFeedback: deadline.Term{Days: 3, Unit: deadline.Months, From: deadline.FromFeedback},
}

// reading is a deadline as the test tables write it: its day, then standing, then
// the question.
func reading(d deadline.Deadline) string {
	var words []string
	if d.DueOn != "" {
		words = append(words, string(d.DueOn))
	}
	if d.Standing {
		words = append(words, "standing")
	}
	if d.Ask != "" {
		words = append(words, "ask "+d.Ask)
	}
	return strings.Join(words, " ")
}

func table(t *testing.T, name string) [][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for _, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		rows = append(rows, strings.Split(line, "\t"))
	}
	return rows
}

// Where the tier has no term, words that say no number of days are a question.
func TestAtOnceWithoutATermIsAsked(t *testing.T) {
	got := deadline.Read("立行立改", deadline.Context{Tier: deadline.OnTheSpot, NoticeOn: "2024-04-22"}, day.StateCouncil())
	if want := "ask " + deadline.AskNoDate; reading(got) != want {
		t.Errorf("it reads as %q, want %q", reading(got), want)
	}
}

// What offices write without any context: nothing is known but the phrase.
func TestADeadlineAsOfficesWriteIt(t *testing.T) {
	for _, row := range table(t, "deadline_more.tsv") {
		got := deadline.Read(row[0], deadline.Context{Terms: terms}, day.StateCouncil())
		if want := row[1]; reading(got) != want && !(want == "ask" && got.Ask != "") {
			t.Errorf("%q reads as %q, want %q", row[0], reading(got), want)
		}
	}
}

// Phrases found in real notices and plans, each read with nothing known, with the
// year of its page, and with a unit's days.
func TestTheDeadlinesFoundInRealPapers(t *testing.T) {
	contexts := []deadline.Context{
		{Terms: terms},
		{Terms: terms, Year: 2024},
		{Terms: terms, Year: 2024, Tier: deadline.PostFeedback, FeedbackOn: "2024-01-15", NoticeOn: "2024-01-08", FoundOn: "2024-01-05", WindowEnd: "2024-04-15"},
	}
	want := map[string][]string{}
	for _, row := range table(t, "deadline_readings.tsv") {
		want[row[0]] = row[1:]
	}
	phrases := table(t, "deadline_phrases.tsv")[1:]
	for _, row := range phrases {
		readings, ok := want[row[0]]
		if !ok {
			t.Errorf("%q: say in deadline_readings.tsv how it reads", row[0])
			continue
		}
		for n, in := range contexts {
			if got := reading(deadline.Read(row[0], in, day.StateCouncil())); got != readings[n] {
				t.Errorf("%q (%s), context %d: reads as %q, want %q", row[0], row[1], n, got, readings[n])
			}
		}
	}
}

// A length of time counts from the day that the phrase names, else from the tier's
// own, and says which it was.
func TestALengthOfTimeCountsFromItsDay(t *testing.T) {
	known := deadline.Context{Terms: terms, FoundOn: "2024-03-29", NoticeOn: "2024-04-22", FeedbackOn: "2024-07-15", WindowEnd: "2024-10-15", Year: 2024}
	tests := map[string]struct {
		tier    deadline.Tier
		want    day.Day
		assumed string
	}{
		"5个工作日内":    {deadline.OnTheSpot, "2024-04-28", "notice"}, // a Sunday worked to make up
		"五个工作日内":    {deadline.OnTheSpot, "2024-04-28", "notice"},
		"10个工作日内":   {deadline.OnTheSpot, "2024-05-08", "notice"}, // over the holiday of May
		"7天内":       {deadline.OnTheSpot, "2024-04-29", "notice"},
		"一周内":       {deadline.OnTheSpot, "2024-04-29", "notice"},
		"两周":        {deadline.OnTheSpot, "2024-05-06", "notice"},
		"立行立改":      {deadline.OnTheSpot, "2024-05-08", "tier"},
		"立即整改":      {deadline.OnTheSpot, "2024-05-08", "tier"},
		"即知即改":      {deadline.Immediate, "2024-04-08", "tier"},
		"3个工作日":     {deadline.Immediate, "2024-04-03", "found"},
		"3个月内":      {deadline.PostFeedback, "2024-10-15", "feedback"},
		"收到反馈后2个月内": {deadline.PostFeedback, "2024-09-15", ""},
		"收到反馈意见之日起２个月内": {deadline.PostFeedback, "2024-09-15", ""},
		"半年内":         {deadline.PostFeedback, "2025-01-15", "feedback"},
		"一年内":         {deadline.PostFeedback, "2025-07-15", "feedback"},
		"1年半":         {deadline.PostFeedback, "2026-01-15", "feedback"},
		"半个月":         {deadline.PostFeedback, "2024-07-30", "feedback"},
		"一个半月内":       {deadline.PostFeedback, "2024-08-30", "feedback"},
		"两个季度内":       {deadline.PostFeedback, "2025-01-15", "feedback"},
		"集中整改期满后1个月内": {deadline.PostFeedback, "2024-11-15", ""},
		"集中整改期内":      {deadline.PostFeedback, "2024-10-15", "window"},
		"接到通知后5个工作日内": {deadline.OnTheSpot, "2024-04-28", ""},
		"24小时内":       {deadline.OnTheSpot, "2024-04-23", "notice"},
		"收到立行立改通知书后十日内":    {deadline.OnTheSpot, "2024-05-02", ""},
		"自反馈之日起三个月内，并长期坚持": {deadline.PostFeedback, "2024-10-15", ""},
	}
	for phrase, tt := range tests {
		in := known
		in.Tier = tt.tier
		d := deadline.Read(phrase, in, day.StateCouncil())
		if d.DueOn != tt.want || d.Ask != "" || strings.Join(d.Assumed, ",") != tt.assumed {
			t.Errorf("%s: %s %q assumed %v, want %s assumed %q", phrase, d.DueOn, d.Ask, d.Assumed, tt.want, tt.assumed)
		}
	}
}

// The end of a month is the end of the month it falls in, whatever its length.
func TestAMonthAfterTheThirtyFirst(t *testing.T) {
	in := deadline.Context{Terms: terms, Tier: deadline.PostFeedback, FeedbackOn: "2024-01-31"}
	if d := deadline.Read("1个月内", in, day.StateCouncil()); d.DueOn != "2024-02-29" {
		t.Errorf("got %s, want the last of February", d.DueOn)
	}
}

// A year that the phrase leaves out is taken from the context and said; where the
// day would then lie before the clock began to run, a person is asked.
func TestAYearIsNeverGuessedInSilence(t *testing.T) {
	in := deadline.Context{Terms: terms, Tier: deadline.PostFeedback, Year: 2024, FeedbackOn: "2024-07-15"}
	d := deadline.Read("9月底前", in, day.StateCouncil())
	if d.DueOn != "2024-09-30" || !slices.Equal(d.Assumed, []string{"year"}) {
		t.Errorf("9月底前: %s assumed %v", d.DueOn, d.Assumed)
	}
	d = deadline.Read("3月底前", in, day.StateCouncil())
	if d.DueOn != "" || d.Ask != "2025-03-31 or 2024-03-31" {
		t.Errorf("3月底前, fed back in July: %s %q", d.DueOn, d.Ask)
	}
	in.Year = 0
	if d = deadline.Read("9月底前", in, day.StateCouncil()); d.DueOn != "2024-09-30" || !slices.Equal(d.Assumed, []string{"year"}) {
		t.Errorf("without a year, the feedback's is meant and said: %s assumed %v", d.DueOn, d.Assumed)
	}
	if d = deadline.Read("明年3月底前", in, day.StateCouncil()); d.DueOn != "2025-03-31" {
		t.Errorf("明年3月底前: %s", d.DueOn)
	}
}

// A year whose calendar has not been published counts Monday to Friday, and says so.
func TestAYearWithoutACalendarSaysSo(t *testing.T) {
	in := deadline.Context{Terms: terms, Tier: deadline.OnTheSpot, NoticeOn: "2031-03-03"}
	d := deadline.Read("5个工作日内", in, day.StateCouncil())
	if d.DueOn != "2031-03-10" || !slices.Contains(d.Assumed, deadline.AssumedWeekdays) {
		t.Errorf("got %s assumed %v", d.DueOn, d.Assumed)
	}
}

func TestDaysSpokenFromToday(t *testing.T) {
	in := deadline.Context{Terms: terms, Today: "2024-07-10"} // a Wednesday
	for phrase, want := range map[string]day.Day{
		"下周三": "2024-07-17", "本周五": "2024-07-12", "周日": "2024-07-14", "下下周一": "2024-07-22",
		"月底": "2024-07-31", "本月底前": "2024-07-31", "下月底": "2024-08-31", "本月20日前": "2024-07-20", "下月中旬": "2024-08-20",
	} {
		if d := deadline.Read(phrase, in, day.StateCouncil()); d.DueOn != want || !slices.Contains(d.Assumed, "today") {
			t.Errorf("%s: %s %q assumed %v, want %s", phrase, d.DueOn, d.Ask, d.Assumed, want)
		}
	}
}

func FuzzReadDeadline(f *testing.F) {
	for _, name := range []string{"deadline_phrases.tsv", "deadline_more.tsv"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range strings.Split(string(text), "\n") {
			phrase, _, _ := strings.Cut(line, "\t")
			f.Add(phrase, 2024)
		}
	}
	f.Add(strings.Repeat("十", 500)+"年", 0)
	f.Add("99999999999999999999年99999999月", -1)
	calendar := day.StateCouncil()
	f.Fuzz(func(t *testing.T, phrase string, year int) {
		for _, in := range []deadline.Context{
			{Terms: terms, Year: year},
			{Terms: terms, Year: year, Tier: deadline.OnTheSpot, NoticeOn: "2024-04-22", Today: "2024-07-10"},
			{Terms: terms, Tier: deadline.PostFeedback, FeedbackOn: "2099-12-31", WindowEnd: "1990-01-01"},
		} {
			d := deadline.Read(phrase, in, calendar)
			if d.DueOn == "" && !d.Standing && d.Ask == "" {
				t.Errorf("%q says nothing", phrase)
			}
			for _, day := range append([]day.Day{d.DueOn}, d.Choices...) {
				if day != "" && (!day.Valid() || day < "1990-01-01" || day > "2100-12-31") {
					t.Errorf("%q: %s", phrase, day)
				}
			}
			if !utf8.ValidString(d.Ask) {
				t.Errorf("%q: asks %q", phrase, d.Ask)
			}
		}
	})
}

func BenchmarkReadDeadline(b *testing.B) {
	in := deadline.Context{Terms: terms, Tier: deadline.PostFeedback, Year: 2024, FeedbackOn: "2024-07-15"}
	calendar := day.StateCouncil()
	phrases := []string{"2024年底前，并长期坚持", "收到反馈意见后3个月内", "9月底前", "立行立改", "2024.8.31", "45473"}
	for n := 0; b.Loop(); n++ {
		deadline.Read(phrases[n%len(phrases)], in, calendar)
	}
}

// A bare day is taken as it stands, and comes to what its words come to, whatever else was
// said.
func TestABareDayIsReadAsItsWordsAre(t *testing.T) {
	contexts := []deadline.Context{{}, {Tier: deadline.OnTheSpot, Year: 2024, NoticeOn: "2024-07-10"}, {Tier: deadline.PostFeedback, Year: 2030, FoundOn: "2024-12-30", NoticeOn: "2025-01-02", FeedbackOn: "2025-02-03", WindowEnd: "2025-04-01"}, {Tier: deadline.Immediate, Number: true}}
	for _, phrase := range []string{"2024-08-31", "1990-01-01", "1989-12-31", "2100-12-31", "2101-01-01", "2024-02-30", "2024-02-29", "2024-13-01", "0001-01-01", "2024-8-31", "24-08-2031"} {
		for _, in := range contexts {
			got, want := deadline.Read(phrase, in, day.StateCouncil()), deadline.Read(phrase+" ", in, day.StateCouncil()) // which is no bare day
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%q in %+v: %+v, want %+v", phrase, in, got, want)
			}
		}
	}
}
