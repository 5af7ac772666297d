package deadline

import (
	"regexp"
	"slices"
	"strings"

	"duban/models/day"
)

// mention is a day as a phrase mentions it, beside the words around it.
type mention struct {
	point   point
	at      int    // its place among the words
	before  bool   // 前 follows
	starts  bool   // something begins with it: 起, 开始, 后, an event to count from
	opens   bool   // a deed that may begin something stands right behind it: 7月15日反馈
	apart   bool   // a mark stands between it and the mention before it
	ranged  bool   // the end of a range that the mention before it begins
	merged  bool   // the mention before it is its year: 2024年，6月底
	weekday string // 周三 that stands beside it
}

// mentions are the days of the phrase, in their order, joined where one is the year
// or the beginning of the next.
func (r *phraseReader) mentions() []mention {
	var all []mention
	for n, t := range r.tokens {
		if t.kind != dayPoint {
			continue
		}
		m := mention{point: t.point, at: n}
		for k := n + 1; k < len(r.tokens); k++ {
			switch next := r.tokens[k]; {
			case next.kind == weekdayName:
				m.weekday = r.says(next)
				continue
			case next.kind == hourOfDay, next.kind == punctuation && strings.ContainsAny(r.says(next), "()"):
				continue
			case next.kind == beforeWord:
				m.before = true
			case next.kind == beginsWord, next.kind == afterWord, next.kind == namedEvent && (k+1 == len(r.tokens) || r.tokens[k+1].kind != beforeWord):
				m.starts = true
			case next.kind == deedWord && startsOff.MatchString(r.says(next)) && k == n+1:
				m.opens = true
			case next.kind == deedWord, next.kind == politeWord: // 7月1日组织开展
				continue
			}
			break
		}
		if len(all) > 0 {
			r.join(&all[len(all)-1], &m)
		}
		all = append(all, m)
	}
	return all
}

// startsOff are deeds with which something begins on the day right before them.
var startsOff = regexp.MustCompile(`^(?:印发|召开|反馈|下发)$`)

// join says how a mention hangs on the one before it.
func (r *phraseReader) join(last, m *mention) {
	between := r.tokens[last.at+1 : m.at]
	p := &m.point
	untils, others, started, apart := 0, 0, 0, ""
	for n, t := range between {
		switch {
		case t.kind == untilWord, t.kind == asOfWord, t.kind == deedWord && r.says(t) == "结束" && n+1 < len(between) && between[n+1].kind == untilWord:
			untils++
		case t.kind == punctuation:
			m.apart = true
		case t.kind == beginsWord:
			started++
		case t.kind == hourOfDay, t.kind == weekdayName, t.kind == politeWord && slices.Contains([]string{"于", "和", "与", "及", "或"}, r.says(t)):
		default:
			others++
		}
		apart += r.says(t)
	}
	if last.point.year != 0 && p.next {
		p.year = last.point.year + 1
	}
	switch {
	case last.point.whole() && p.year == 0 && !p.bare && (apart == "" || apart == "," || apart == "的" || apart == "("):
		p.year, p.given, m.merged = last.point.year, last.point.given, true
		if apart != "" {
			p.since = 0
		}
	case untils > 0 && others == 0:
		m.ranged = true
		if p.bare {
			p.month, p.bare, p.thisMonth, p.later = last.point.month, false, last.point.thisMonth, last.point.later
		}
		if y := last.point.year; y != 0 && (p.year == 0 || p.year == y) && p.feast == "" && p.lunar == nil {
			if p.year, p.given = y, true; p.month < last.point.month {
				p.year++
			}
		}
		p.since = 0
	case apart == "":
		r.leave(*m)
	default:
		if p.bare && others+started == 0 {
			p.month, p.bare = last.point.month, false // 6月15日、30日
		}
		if y := last.point.year; y != 0 && p.year == 0 && !p.given {
			p.year, p.given = y, last.point.given
		}
	}
}

// fromPoints reads a phrase in which days stand: one, a range, or several.
func (r *phraseReader) fromPoints(mentions []mention) Deadline {
	ends := r.ends(mentions)
	first := ends[0]
	switch last := ends[len(ends)-1]; {
	case r.first(openEnded) >= 0:
		return r.ask(AskOpenEnd)
	case r.impossible(mentions):
		return r.ask(AskNoSuchDay)
	case first.point.year == 0 && !first.point.given && r.eachTime(first):
		return r.ask(AskRecurring)
	case len(ends) == 1 && (first.starts || first.opens) && !first.ranged:
		return r.fromStart(first)
	case r.asOf():
		d, _ := r.dayOf(last.point, last.before)
		return r.ask(AskAsOf, d)
	case len(ends) > 1:
		r.fromSeveral(ends)
	default:
		r.dayOrAsk(first)
	}
	r.besideLengths()
	return r.d
}

// ends are the mentions that may be the deadline: not the beginning of a range, nor
// the year of a day, nor a day on which something begins when another follows.
func (r *phraseReader) ends(mentions []mention) []mention {
	var ends []mention
	for n, m := range mentions {
		last := n == len(mentions)-1
		if (m.ranged || m.merged) && len(ends) > 0 {
			ends = ends[:len(ends)-1]
		}
		switch {
		case m.point.bare:
			r.leave(m)
		case m.starts && !m.ranged && !last && (mentions[n+1].apart || mentions[n+1].ranged):
		case m.starts && !m.ranged && last && m.apart && len(ends) > 0 && (r.d.Standing || r.d.Every != ""):
		default:
			ends = append(ends, m)
		}
		if len(ends) == 0 && !last && mentions[n+1].ranged {
			ends = append(ends, m)
		}
	}
	if len(ends) == 0 {
		return mentions[len(mentions)-1:]
	}
	return ends
}

// leave notes that a day of the phrase could not be taken.
func (r *phraseReader) leave(m mention) { r.leftOver(r.says(r.tokens[m.at]), false) }

// impossible is a mention that no calendar has, of those a range begins with.
func (r *phraseReader) impossible(mentions []mention) bool {
	for n, m := range mentions[:len(mentions)-1] {
		p := m.point
		if !mentions[n+1].ranged || p.bare || p.thisMonth || p.number || p.lunar != nil || p.feast != "" {
			continue
		}
		year := p.year
		if year == 0 {
			year = 2024 // a leap year has every day
		}
		if _, ok := dayOfMonth(year, p.month, p.day); !ok {
			return true
		}
	}
	return false
}

// eachTime says whether a day stands in one part with the word of a duty that recurs:
// 每年年底前.
func (r *phraseReader) eachTime(m mention) bool {
	for at := m.at - 1; at >= 0 && r.tokens[at].kind != punctuation; at-- {
		if r.tokens[at].kind == repeatsWord {
			return true
		}
	}
	return false
}

// fromStart reads a day on which something begins: 2024年9月1日起3个月内, 国庆节后一周内.
func (r *phraseReader) fromStart(m mention) Deadline {
	rest := r.tokens[m.at+1:]
	further := slices.ContainsFunc(rest, func(t token) bool { return t.kind == termLength })
	switch {
	case further && !m.point.exact():
		return r.ask(askEvent(r.says(r.tokens[m.at])))
	case further:
		from, ok := r.dayOf(m.point, false)
		if !ok {
			return r.d
		}
		if m.point.feast != "" {
			if from, ok = r.feastEnd(from); !ok {
				return r.ask(askEvent(r.says(r.tokens[m.at])))
			}
		}
		if m.point.feast != "" {
			r.d.Assumed = append(r.d.Assumed, doubtsOf(r.calendar, from, from)...)
		}
		return r.lengths(rest, from, "")
	case r.d.Every != "" || r.d.Standing:
		return r.fromWords()
	}
	return r.ask(AskOpenEnd)
}

// feastEnd is the last day off of a feast, from which "a week after" counts; ok is
// false where the calendar does not have the year, or the feast no days off.
func (r *phraseReader) feastEnd(feast day.Day) (day.Day, bool) {
	if !r.calendar.Known(feast.Year()) || !r.calendar.Holidays[feast] {
		return "", false
	}
	for r.calendar.Holidays[feast.Plus(1)] {
		feast = feast.Plus(1)
	}
	return feast, true
}

// asOf says whether the words around the days make them no deadline: 截至6月底,
// 6月底已完成.
func (r *phraseReader) asOf() bool {
	if r.first(asOfWord) >= 0 && !byThen.MatchString(r.text) {
		return true
	}
	return strings.Contains(r.text, "已") && doneAlready.MatchString(r.text)
}

var (
	// byThen is 截止 in the sense of a closing date: 截止到2020年12月15日.
	byThen      = regexp.MustCompile(`截止(?:日期|时间|至|:|为|于|是)|前|截止$`)
	doneAlready = regexp.MustCompile(`已(?:经)?(?:(?:于|在)[^,;]*)?(?:全部)?(?:完成|整改|办结|落实|启动|拨付|清退)`)
)

// fromSeveral reads several days, each of which may be the deadline.
func (r *phraseReader) fromSeveral(ends []mention) Deadline {
	var days []day.Day
	for _, m := range ends {
		d, _ := r.dayOf(m.point, m.before)
		if d == "" {
			r.d.Ask = ""
			return r.dayOrAsk(m)
		}
		if !slices.Contains(days, d) {
			days = append(days, d)
		}
	}
	return r.among(days)
}

// among is the deadline that is one of these different days, or the question which.
func (r *phraseReader) among(days []day.Day) Deadline {
	switch len(days) {
	case 1:
		r.d.DueOn = days[0]
		return r.d
	case 2:
		return r.either(days[0], days[1])
	}
	return r.ask(AskSeveral, days...)
}

// besideLengths holds a day against the lengths of time beside it: 3个月内（6月30日前）.
// A length that explains a range (共7天) says nothing more; any other that gives another
// day is asked about, and one that cannot be told from the day is not understood.
func (r *phraseReader) besideLengths() {
	due := r.d.DueOn
	if due == "" {
		return
	}
	for n, t := range r.tokens {
		if t.kind == windowWord && n+1 < len(r.tokens) && r.tokens[n+1].kind == dayPoint {
			r.leftOver(r.says(t), false)
		}
		if t.kind != termLength {
			continue
		}
		previous, next := unreadPart, unreadPart
		if n > 0 {
			previous = r.tokens[n-1].kind
		}
		if n+1 < len(r.tokens) {
			next = r.tokens[n+1].kind
		}
		switch {
		case previous == dayPoint || previous == beforeWord || next == dayPoint:
			r.leftOver(r.says(t), true)
		case previous == explainsWord || next == deedWord || next == punctuation && n == 0:
		case r.first(namedEvent) >= 0 || next == withinWord:
			from, _, _ := r.start()
			if !from.Valid() || r.event != "" {
				continue
			}
			other := phraseReader{in: r.in, calendar: r.calendar}
			if also := other.lengths([]token{t}, from, ""); also.DueOn != "" && also.DueOn != due {
				r.either(due, also.DueOn)
				return
			}
		default:
			r.leftOver(r.says(t), false)
		}
	}
}

// leftOver notes words that were told apart and yet not understood.
func (r *phraseReader) leftOver(words string, falseDay bool) {
	if r.event == "" {
		r.event, r.falseDay = words, falseDay
	}
}

// year is the year meant where a phrase leaves it out: the one that was said, else
// that of the day which the tier's deadlines count from; 0 when nothing is known.
func (r *phraseReader) year() int {
	if r.in.Year != 0 {
		return r.in.Year
	}
	if d := r.earliest(); d != "" {
		return d.Year()
	}
	return 0
}

// earliest is the day before which no deadline makes sense, "" when none is known.
func (r *phraseReader) earliest() day.Day {
	in := r.in
	order := [3]day.Day{in.FeedbackOn, in.NoticeOn, in.FoundOn}
	switch in.Tier {
	case Immediate:
		order = [3]day.Day{in.FoundOn, in.NoticeOn, in.FeedbackOn}
	case OnTheSpot:
		order = [3]day.Day{in.NoticeOn, in.FeedbackOn, in.FoundOn}
	}
	for _, d := range order {
		if d.Valid() {
			return d
		}
	}
	return ""
}

// dayOf is the last day of a point, "" with the reason in Ask when there is none.
func (r *phraseReader) dayOf(p point, earlier bool) (day.Day, bool) {
	if p.thisMonth {
		return r.dayOfThisMonth(p)
	}
	year := p.year
	if p.feast == "元旦" && earlier {
		p.feast, p.month, p.day = "", 12, 31 // before New Year's Day is the old year's last
		if year != 0 {
			year--
		}
	}
	if year == 0 {
		if year = r.year(); year == 0 {
			// Without a year the words are kept as a question, but never silently.
			r.ask(AskNoYear)
			if today := r.in.Today; today.Valid() {
				for _, y := range []int{today.Year(), today.Year() + 1} {
					if day, ok := p.on(y, earlier); ok {
						r.ask(AskNoYear, day)
					}
				}
			}
			return "", false
		}
		r.d.Assumed = append(r.d.Assumed, AssumedYear)
	} else if r.yearTaken {
		r.d.Assumed = append(r.d.Assumed, AssumedYear)
	}
	d, ok := p.on(year, earlier)
	if !ok {
		last, real := dayOfMonth(year, p.month, 0)
		if !real || p.lunar != nil || p.feast != "" {
			last = ""
		}
		r.ask(AskNoSuchDay, last)
		return "", false
	}
	return d, true
}

// dayOrAsk is one day, or the question that it leaves.
func (r *phraseReader) dayOrAsk(m mention) Deadline {
	p := m.point
	switch {
	case p.number:
		return r.askOrder(m)
	case p.far:
		return r.ask(AskUnread + clip(r.says(r.tokens[m.at])))
	}
	d, ok := r.dayOf(p, m.before)
	if !ok {
		return r.d
	}
	year := d.Year()
	if p.vague > 0 {
		other, _ := dayOfMonth(year, p.vague/100, p.vague%100)
		return r.either(d, other)
	}
	if m.weekday != "" && !onWeekday(d, m.weekday) {
		return r.askWeekday(d, p, m.weekday)
	}
	// 前 of a month, a quarter or a year may mean its end or the day before it
	// begins. Which of them a place means it has to say.
	if p.since > 0 && m.before {
		begins, ok := dayOfMonth(year, p.since, max(p.sinceDay, 1))
		if p.lunar != nil {
			begins, ok = day.Lunar(lunarYear(d, *p.lunar), p.lunar.month, 1)
		}
		if ok {
			return r.either(begins.Plus(-1), d)
		}
	}
	// The last months of a lunar year lie in the next one of the common calendar.
	if p.lunar != nil && p.given && d.Year() != p.year {
		if other, ok := (point{lunar: p.lunar}).on(p.year, m.before); ok {
			return r.either(d, other)
		}
	}
	// A day without its year that lies before the clock began to run is next
	// year's, or a slip; a person has to say which.
	if from := r.earliest(); !p.given && p.year == 0 && from != "" && d < from {
		next, ok := p.on(year+1, m.before)
		if !ok {
			next, _ = dayOfMonth(year+1, p.month, 0)
		}
		return r.either(next, d)
	}
	r.d.DueOn = d
	return r.d
}

// lunarYear is the year of the lunar calendar that a day of it lies in.
func lunarYear(d day.Day, date lunarDate) int {
	if on, ok := day.Lunar(d.Year(), date.month, date.date); ok && on == d {
		return d.Year()
	}
	return d.Year() - 1
}

// askOrder asks what a number means whose parts may be a day in more than one way.
func (r *phraseReader) askOrder(m mention) Deadline {
	p := m.point
	switch len(p.either) {
	case 2:
		if !p.given {
			r.d.Assumed = append(r.d.Assumed, AssumedYear)
		}
		return r.either(p.either[0], p.either[1])
	case 0:
		if !p.given { // 9.3 of a year that is not known
			return r.ask(AskNoYear)
		}
	}
	return r.ask(AskOrder+clip(r.says(r.tokens[m.at])), p.either...)
}

const weekdays = "日一二三四五六"

// onWeekday says whether a day is the 周三 that is written beside it. The end of a
// week, 周末, is not held against it.
func onWeekday(d day.Day, written string) bool {
	at := strings.Index(weekdays, strings.Replace(written[len(written)-len("一"):], "天", "日", 1))
	return at < 0 || at/len("日") == int(d.Weekday())
}

// askWeekday asks which is wrong, the day or its weekday. Where the year is not
// written, the same day of the year before or after may be the one.
func (r *phraseReader) askWeekday(d day.Day, p point, written string) Deadline {
	choices := []day.Day{d}
	for _, off := range []int{1, -1} {
		if other, ok := p.on(d.Year()+off, false); ok && p.year == 0 && onWeekday(other, written) {
			choices = append(choices, other)
		}
	}
	return r.ask(AskWeekday+string(d), choices...)
}
