package deadline

import (
	"regexp"
	"slices"
	"strings"

	"duban/models/day"
)

// status are words that say how far a thing is, where its deadline should stand.
var status = regexp.MustCompile(`^(?:已|基本|全部|正在|未|尚未|部分)?(?:经)?(?:完成|整改|办结|销号|落实|推进|到位)`)

// fromWords reads a phrase in which neither a day nor a length of time stands.
func (r *phraseReader) fromWords() Deadline {
	now := r.first(atOnceAs)
	switch {
	case r.first(weekdayName) >= 0:
		return r.fromWeekday(r.says(r.tokens[r.first(weekdayName)]))
	case r.first(spokenDay) >= 0:
		return r.ask(AskToday)
	case now >= 0 && slices.Contains([]string{"即知即改", "未巡先改", "自查自纠"}, r.says(r.tokens[now])):
		return r.atOnce(Immediate)
	case r.first(stayWord) >= 0:
		return r.ask(AskStay)
	case now >= 0 && r.in.Tier == Immediate && !strings.HasPrefix(r.says(r.tokens[now]), "立行"):
		return r.atOnce(Immediate)
	case now >= 0:
		return r.atOnce(OnTheSpot)
	case r.d.Standing || r.text == "长期" || r.text == "持续":
		r.d.Standing = true
		return r.d
	case r.d.Every != "":
		return r.ask(AskRecurring)
	case r.first(backwardWord) >= 0:
		return r.ask(AskOther)
	case r.first(namedEvent) >= 0:
		return r.fromEvent()
	case r.first(windowWord) >= 0 && (r.first(withinWord) >= 0 || r.first(beforeWord) >= 0 || strings.ContainsAny(r.says(r.tokens[r.first(windowWord)]), "内间") || len(r.tokens) == 1):
		return r.fromWindow()
	case status.MatchString(r.text):
		return r.ask(AskStatus, DefaultDue(r.in, r.calendar))
	}
	if left := r.unreadWord(); strings.ContainsAny(left, "0123456789") { // a number that may have been meant for a day
		return r.ask(AskUnread + clip(left))
	}
	return r.ask(AskNoDate, DefaultDue(r.in, r.calendar))
}

// fromEvent reads 集中整改期结束前: a day to count from without a length of time.
func (r *phraseReader) fromEvent() Deadline {
	at := r.first(namedEvent)
	if r.tokens[at].anchor.question == AskWindow && r.first(beforeWord) >= 0 {
		return r.fromWindow()
	}
	return r.ask(r.tokens[at].anchor.question)
}

// fromWindow is the end of the window.
func (r *phraseReader) fromWindow() Deadline {
	if !r.in.WindowEnd.Valid() {
		return r.ask(AskWindow)
	}
	r.d.DueOn, r.d.Assumed = r.in.WindowEnd, append(r.d.Assumed, AssumedWindow)
	return r.d
}

// atOnce is the term of a tier whose words say no number of days.
func (r *phraseReader) atOnce(tier Tier) Deadline {
	in := r.in
	in.Tier = tier
	due := DefaultDue(in, r.calendar)
	if due == "" {
		if ask, ok := map[Anchor]string{FromFound: AskFound, FromNotice: AskNotice, FromFeedback: AskBack}[in.Terms.Of(tier).From]; ok {
			return r.ask(ask)
		}
		return r.ask(AskNoDate)
	}
	r.d.DueOn, r.d.Assumed = due, append(r.d.Assumed, AssumedTier)
	if term := in.Terms.Of(tier); term.Unit == Workdays {
		from := map[Anchor]day.Day{FromFound: in.FoundOn, FromNotice: in.NoticeOn, FromFeedback: in.FeedbackOn}[term.From]
		r.d.Assumed = append(r.d.Assumed, doubtsOf(r.calendar, from, due)...)
	}
	return r.d
}

// fromWeekday reads 下周三, 本周五, 周日.
func (r *phraseReader) fromWeekday(word string) Deadline {
	if !r.in.Today.Valid() {
		return r.ask(AskToday)
	}
	m := weekday.FindStringSubmatch(word)
	monday, _ := day.WeekOf(r.in.Today)
	weeks := map[string]int{"下": 1, "下下": 2}[m[1]]
	day := monday.Plus(7*weeks + strings.Index("一二三四五六日", m[2])/len("一"))
	switch m[2] {
	case "天", "末":
		day = monday.Plus(7*weeks + 6)
	case "底":
		day = monday.Plus(7*weeks + 4)
	}
	r.d.DueOn, r.d.Assumed = day, append(r.d.Assumed, AssumedToday)
	return r.d
}

// fromMonth reads 月底, 本月底, 下月20日, 15日: days of a month that only the day of
// writing can tell.
func (r *phraseReader) fromMonth(mentions []mention) Deadline {
	if !r.in.Today.Valid() {
		return r.ask(AskNoMonth)
	}
	last := mentions[len(mentions)-1]
	d, ok := r.dayOfThisMonth(last.point)
	switch {
	case !ok:
		return r.d
	case len(mentions) > 1 && !last.ranged:
		return r.ask(AskSeveral)
	case last.starts:
		return r.ask(AskOpenEnd)
	case last.before && last.point.sinceDay == 1: // 下月前
		return r.either((d[:8] + "01").Plus(-1), d)
	case last.point.vague > 0:
		return r.either(d, d[:8]+day.Day(twoFigures(last.point.vague)))
	}
	r.d.DueOn = d
	return r.d
}

func twoFigures(n int) string { return string(rune('0'+n/10)) + string(rune('0'+n%10)) }

// dayOfThisMonth is a day of the month of writing, or of a later one.
func (r *phraseReader) dayOfThisMonth(p point) (day.Day, bool) {
	if !r.in.Today.Valid() {
		r.ask(AskNoMonth)
		return "", false
	}
	first := r.in.Today[:8] + "01"
	first = first.PlusMonths(p.later)
	d, ok := dayOfMonth(first.Year(), int(first.Time().Month()), p.day)
	if !ok {
		r.ask(AskNoSuchDay)
		return "", false
	}
	r.d.Assumed = append(r.d.Assumed, AssumedToday)
	return d, true
}
