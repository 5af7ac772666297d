package deadline_test

import (
	"strings"
	"testing"

	"duban/models/day"
	"duban/models/deadline"
)

// Every kind of question, a phrase that asks it, what a person answers, and what comes
// of it. A day to count from is never the deadline; a year is a year.
func TestAnAnswerIsTakenAsWhatWasAsked(t *testing.T) {
	due, from := func(d day.Day) deadline.Answer { return deadline.Answer{Day: d} }, func(d day.Day) deadline.Answer { return deadline.Answer{Day: d} }
	tests := []struct {
		phrase string
		in     deadline.Context
		ask    string
		answer deadline.Answer
		want   string
	}{
		// Counted from a day: the day that is asked for.
		{"收到反馈后2个月内", deadline.Context{}, deadline.AskBack, from("2024-06-24"), "2024-08-24"},
		{"3个月内", deadline.Context{Tier: deadline.PostFeedback}, deadline.AskBack, from("2024-06-24"), "2024-09-24"},
		{"反馈前", deadline.Context{}, deadline.AskBack, from("2024-06-24"), "2024-06-24"},
		{"接到通知后5个工作日内", deadline.Context{Tier: deadline.OnTheSpot}, deadline.AskNotice, from("2024-04-22"), "2024-04-28"},
		{"立行立改", deadline.Context{Tier: deadline.OnTheSpot}, deadline.AskNotice, from("2024-04-22"), "2024-05-08"},
		{"问题发现后7日内", deadline.Context{}, deadline.AskFound, from("2024-03-29"), "2024-04-05"},
		{"即知即改", deadline.Context{Tier: deadline.Immediate}, deadline.AskFound, from("2024-03-29"), "2024-04-08"},
		{"集中整改期满后1个月内", deadline.Context{}, deadline.AskWindow, from("2024-10-15"), "2024-11-15"},
		{"集中整改期内", deadline.Context{}, deadline.AskWindow, from("2024-10-15"), "2024-10-15"},
		{"进驻后10日内", deadline.Context{}, deadline.AskEntry, from("2024-03-01"), "2024-03-11"},
		{"进驻前10日", deadline.Context{}, deadline.AskEntry, from("2024-03-11"), "2024-03-01"},
		{"巡察结束后1个月内", deadline.Context{}, deadline.AskStay, from("2024-05-31"), "2024-06-30"},
		{"边巡边改", deadline.Context{}, deadline.AskStay, from("2024-05-31"), "2024-05-31"},
		{"会后10日内", deadline.Context{}, deadline.AskMeeting, from("2024-07-01"), "2024-07-11"},
		{"10个工作日内", deadline.Context{}, deadline.AskOther, from("2024-04-22"), "2024-05-08"},
		{"提前10天完成", deadline.Context{}, deadline.AskOther, from("2024-09-30"), "2024-09-20"},
		{"剩余10天", deadline.Context{}, deadline.AskOther, from("2024-09-20"), "2024-09-30"},
		{"验收后10日内", deadline.Context{}, deadline.AskEvent + "验收", from("2024-08-01"), "2024-08-11"},
		{"自合同签订之日起15日内", deadline.Context{}, deadline.AskEvent + "合同签订", from("2024-08-01"), "2024-08-16"},
		{"中标后2个月内", deadline.Context{FeedbackOn: "2024-01-01", Tier: deadline.PostFeedback}, deadline.AskEvent + "中标", from("2024-08-01"), "2024-10-01"},
		{"即日起3日内", deadline.Context{}, deadline.AskToday, from("2024-07-10"), "2024-07-13"},
		{"下周三", deadline.Context{}, deadline.AskToday, from("2024-07-10"), "2024-07-17"},
		{"今日完成", deadline.Context{}, deadline.AskToday, from("2024-07-10"), "2024-07-10"},
		// What the day leaves open is asked in turn, not guessed.
		{"收到反馈后1-2个月内", deadline.Context{}, deadline.AskBack, from("2024-06-24"), "ask 2024-07-24 or 2024-08-24"},
		{"验收后完成", deadline.Context{}, deadline.AskEvent + "验收", from("2024-08-01"), "ask " + deadline.AskOpenEnd},
		{"验收后10日内、移交后20日内", deadline.Context{}, deadline.AskEvent + "验收", from("2024-08-01"), "ask " + deadline.AskUnread + "验收后10日内、移交后20日内"},
		// A year.
		{"9月底前", deadline.Context{}, deadline.AskNoYear, deadline.Answer{Year: 2024}, "2024-09-30"},
		{"3月15日前，并长期坚持", deadline.Context{}, deadline.AskNoYear, deadline.Answer{Year: 2025}, "2025-03-15 standing"},
		{"9月前", deadline.Context{}, deadline.AskNoYear, deadline.Answer{Year: 2024}, "ask 2024-08-31 or 2024-09-30"},
		// The deadline itself.
		{"9月前", deadline.Context{Year: 2024}, "2024-08-31 or 2024-09-30", due("2024-08-31"), "2024-08-31"},
		{"限期整改", deadline.Context{}, deadline.AskNoDate, due("2024-09-30"), "2024-09-30"},
		{"月底前", deadline.Context{}, deadline.AskNoMonth, due("2024-09-30"), "2024-09-30"},
		{"2024年2月30日", deadline.Context{}, deadline.AskNoSuchDay, due("2024-02-29"), "2024-02-29"},
		{"9999个月内", deadline.Context{FeedbackOn: "2024-07-15", Tier: deadline.PostFeedback}, deadline.AskRange, due("2025-07-15"), "2025-07-15"},
		{"已完成", deadline.Context{}, deadline.AskStatus, due("2024-09-30"), "2024-09-30"},
		{"截至2024年6月底", deadline.Context{}, deadline.AskAsOf, due("2024-09-30"), "2024-09-30"},
		{"每月报送", deadline.Context{}, deadline.AskRecurring, due("2024-12-31"), "2024-12-31"},
		{"每月报送", deadline.Context{}, deadline.AskRecurring, deadline.Answer{Standing: true}, "standing"},
		{"2024年9月1日起", deadline.Context{}, deadline.AskOpenEnd, due("2024-12-31"), "2024-12-31"},
		{"2024年6月30日、7月31日、8月31日", deadline.Context{}, deadline.AskSeveral, due("2024-07-31"), "2024-07-31"},
		{"2024年汛期前", deadline.Context{}, deadline.AskUnread + "汛期前", due("2024-05-31"), "2024-05-31"},
		{"2024年9月20日（星期三）前", deadline.Context{}, deadline.AskWeekday + "2024-09-20", due("2024-09-18"), "2024-09-18"},
		{"7/8/9", deadline.Context{}, deadline.AskOrder + "7/8/9", due("2009-07-08"), "2009-07-08"},
		// Left undated: it stays a question of the item.
		{"收到反馈后2个月内", deadline.Context{}, deadline.AskBack, deadline.Answer{Undated: true}, "ask " + deadline.AskBack},
	}
	kinds := map[string]bool{}
	for _, tt := range tests {
		tt.in.Terms = terms
		read := deadline.Read(tt.phrase, tt.in, day.StateCouncil())
		if read.Ask != tt.ask {
			t.Errorf("%s asks %q, want %q", tt.phrase, read.Ask, tt.ask)
			continue
		}
		key, _ := deadline.QuestionKey(read.Ask)
		kinds[key] = true
		q := deadline.Question{Ask: read.Ask, Phrase: read.Phrase, Choices: read.Choices}
		got := read.Settle(map[string]deadline.Answer{q.Key(): tt.answer}, tt.in, day.StateCouncil())
		if reading(got) != tt.want {
			t.Errorf("%s, answered %+v: %q, want %q", tt.phrase, tt.answer, reading(got), tt.want)
		}
		if len(got.Asked) == 0 || !got.Asked[0].Answered || got.Asked[0].Ask != tt.ask {
			t.Errorf("%s: what was asked is not told: %+v", tt.phrase, got.Asked)
		}
		if deadline.NeedOf(tt.ask) != deadline.NeedDue && got.DueOn == tt.answer.Day && tt.answer.Day != "" && tt.phrase != "反馈前" && tt.phrase != "集中整改期内" && tt.phrase != "边巡边改" && tt.phrase != "今日完成" {
			t.Errorf("%s: the day to count from is the deadline", tt.phrase)
		}
		if unanswered := read.Settle(nil, tt.in, day.StateCouncil()); unanswered.DueOn != read.DueOn || unanswered.Ask != read.Ask || len(unanswered.Asked) != 1 {
			t.Errorf("%s: without an answer it reads as %q", tt.phrase, reading(unanswered))
		}
	}
	// A question that is added needs its line here.
	for _, kind := range strings.Fields(`no_date no_year no_month no_such_day range status as_of recurring open_end several notice found feedback window stay
		entry meeting today other event unread weekday order either`) {
		if !kinds["deadline.ask."+kind] {
			t.Errorf("no phrase asks %s", kind)
		}
		delete(kinds, "deadline.ask."+kind)
	}
	if len(kinds) > 0 {
		t.Errorf("not on the list of questions: %v", kinds)
	}
}

// Phrases that need the same day ask one question; those among whose days a person
// chooses ask each its own.
func TestOneThingIsAskedOnce(t *testing.T) {
	ask := func(phrase string, in deadline.Context) string {
		d := deadline.Read(phrase, in, day.StateCouncil()).Settle(nil, in, day.StateCouncil())
		return d.Asked[0].Key()
	}
	feedback := deadline.Context{Terms: terms, Tier: deadline.PostFeedback}
	if ask("3个月内", feedback) != ask("收到反馈后2个月内", feedback) {
		t.Error("the day of the feedback is asked for twice")
	}
	if ask("验收后10日内", feedback) != ask("验收后1个月内", feedback) || ask("验收后10日内", feedback) == ask("中标后10日内", feedback) {
		t.Error("an event has another day for each length counted from it")
	}
	y2024, y2025 := deadline.Context{Year: 2024}, deadline.Context{Year: 2025}
	if ask("9月前", y2024) == ask("9月前", y2025) || ask("9月前", y2024) == ask("8月前", y2024) {
		t.Error("a choice among other days is the same question")
	}
}
