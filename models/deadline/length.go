package deadline

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"duban/models/day"
)

// length is a length of time as it stands in a phrase: 3个月, 1-2年, 半年.
type spanLength struct {
	figures []string // how many, one or two; 半 for a half
	unit    string
	andHalf bool // 1年半
}

var lengthPattern = regexp.MustCompile(`^(\d{1,4}|半)(?:[-至](\d{1,4}))?个?(工作日|半月|月|季度|周|天|日历天|日历日|自然日|日|年|小时)(半)?`)

// lengthAt reads the length of time that a text begins with. A month that is counted
// has its 个 (2个月); without it, it is one of the year's.
func lengthAt(text string) (l spanLength, n int) {
	first, _ := oneOf(text, "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "半")
	if first == "" {
		return l, 0
	}
	m := lengthPattern.FindStringSubmatch(text)
	if m == nil || m[3] == "月" && m[1] != "半" && !strings.Contains(m[0], "个") || m[3] == "半月" && !strings.Contains(m[0], "个半月") {
		return l, 0
	}
	l = spanLength{figures: m[1:2], unit: m[3], andHalf: m[4] != ""}
	if m[2] != "" {
		l.figures = m[1:3]
	}
	return l, len(m[0])
}

// anchor is a day that a length of time may count from.
type anchor struct {
	has      []string // one of these stands in every phrase that names it
	words    *regexp.Regexp
	question string
	day      func(Context) day.Day
	dated    bool // taken only where its day stands before it: 2024年7月20日批复后
	papers   bool // the paper may be the feedback's as well as the notice
}

// The closed list of what lengths of time are counted from. Whatever else stands
// before 后 or 之日起 (验收后, 合同签订之日起) is an event whose day a person has to say.
const (
	sender  = `(?:自|从|在|于|经|待|以)?(?:收到|接到|接受|收|接|得到)?(?:(?:省|市|区|县|旗|州|乡|镇)委)?(?:巡察|巡视)?(?:组|办|机构)?(?:正式|书面|集中|现场)?`
	handing = `(?:正式)?(?:下发|印发|送达|下达|签收|召开|结束)?`
)

var anchors = []anchor{
	{[]string{"结束", "期满", "离点", "撤点"}, regexp.MustCompile(`^(?:自|从|在|于|待)?(?:驻点|现场)?(?:(?:巡察|巡视|检查|审计)(?:工作)?(?:结束|期满|离点)|撤点)`), AskStay, none, false, false},
	{[]string{"满", "结束"}, regexp.MustCompile(`^(?:自|从|在|于|待)?(?:集中整改期?|整改期)(?:限|间)?(?:满|结束|届满)`), AskWindow, func(in Context) day.Day { return in.WindowEnd }, false, false},
	{[]string{"进驻"}, regexp.MustCompile(`^` + sender + `进驻`), AskEntry, none, false, false},
	{[]string{"立行立改"}, regexp.MustCompile(`^` + sender + `立行立改(?:事项|问题)?(?:通知)?(?:书|单|函|件)` + handing), AskNotice, func(in Context) day.Day { return in.NoticeOn }, false, false},
	{[]string{"反馈", "接受意见"}, regexp.MustCompile(`^` + sender + `(?:反馈(?:意见|问题|会议|会|报告|情况|书)*|接受意见)` + handing), AskBack, func(in Context) day.Day { return in.FeedbackOn }, false, false},
	{[]string{"通知", "交办"}, regexp.MustCompile(`^` + sender + `(?:整改|限期整改|问题|任务)?(?:通知|交办)(?:书|单|函|件)*` + handing), AskNotice, func(in Context) day.Day { return in.NoticeOn }, false, true},
	{[]string{"发现", "查出"}, regexp.MustCompile(`^(?:自|从|在|于)?(?:问题)?(?:自查)?(?:被)?(?:发现|查出)(?:问题)?`), AskFound, func(in Context) day.Day { return in.FoundOn }, false, false},
	{[]string{"会"}, regexp.MustCompile(`^(?:自|从|在|于|待)?会议?(?:召开|结束)?`), AskMeeting, none, false, false},
	{[]string{"批复", "批准", "印发", "下发", "召开", "下达", "送达", "收到", "签发"}, regexp.MustCompile(`^(?:正式)?(?:批复|批准|印发|下发|召开|下达|送达|收到|签发)`), "", none, true, false},
}

func none(Context) day.Day { return "" }

// fromThen is what follows the name of a day that a length of time counts from. The
// day itself is never counted, so 次日起 counts alike.
var fromThen = regexp.MustCompile(`^,?(?:(?:之|的)?(?:次|当)?[日天时])?(?:起计算|起算|起计|起|后|开始计算|开始|以来)`)

// anchorAt reads the day to count from that a text begins with, and how much of the
// text names it. It must say that it counts from it: by 后 or 起, or by the length itself.
func anchorAt(text string) (a *anchor, n int) {
	for i := range anchors {
		a := &anchors[i]
		if !slices.ContainsFunc(a.has, func(w string) bool { return strings.Contains(text, w) }) {
			continue
		}
		at := len(a.words.FindString(text))
		if at == 0 {
			continue
		}
		if m := len(fromThen.FindString(text[at:])); m > 0 {
			return a, at + m
		}
		if _, further := lengthAt(text[at:]); further > 0 {
			return a, at
		}
		if strings.HasPrefix(text[at:], "前") {
			return a, at
		}
	}
	return nil, 0
}

// start is the day that the phrase's lengths of time count from. Where it names none
// it is the tier's own; that is said in assumed.
func (r *phraseReader) start() (from day.Day, question, assumed string) {
	if at := r.first(namedEvent); at >= 0 {
		a := r.tokens[at].anchor
		return a.day(r.in), a.question, ""
	}
	for _, t := range r.tokens { // 三个月的集中整改 begins with the feedback
		if t.kind == termLength {
			next := r.text[t.to:]
			if strings.HasPrefix(next[taken(next, "的"):], "集中整改") {
				return r.in.FeedbackOn, AskBack, ""
			}
		}
	}
	own := map[Tier][3]string{
		Immediate:    {string(r.in.FoundOn), AskFound, AssumedFound},
		OnTheSpot:    {string(r.in.NoticeOn), AskNotice, AssumedNotice},
		PostFeedback: {string(r.in.FeedbackOn), AskBack, AssumedFeedback},
	}
	if tier, ok := own[r.in.Tier]; ok {
		return day.Day(tier[0]), tier[1], tier[2]
	}
	for _, t := range []Tier{PostFeedback, OnTheSpot, Immediate} {
		if day.Day(own[t][0]).Valid() {
			return day.Day(own[t][0]), own[t][1], own[t][2]
		}
	}
	return "", AskOther, ""
}

// fromLengths reads 3个月内, 5个工作日内, 收到反馈后2个月内.
func (r *phraseReader) fromLengths() Deadline {
	switch at := r.first(namedEvent); {
	case r.event != "" && r.countsOn:
		return r.ask(askEvent(r.event))
	case r.first(backwardWord) >= 0 || r.countedBack():
		if at >= 0 && r.tokens[at].anchor.question != AskWindow {
			return r.ask(r.tokens[at].anchor.question)
		}
		return r.ask(AskOther)
	case r.first(spokenDay) >= 0:
		if !r.in.Today.Valid() {
			return r.ask(AskToday)
		}
		return r.lengths(r.tokens, r.in.Today, AssumedToday)
	}
	from, question, assumed := r.start()
	if !from.Valid() {
		return r.ask(question)
	}
	d := r.lengths(r.tokens, from, assumed)
	// Plain "the notice" may be the feedback's, where the item came by the feedback.
	if at := r.first(namedEvent); at >= 0 && r.tokens[at].anchor.papers && !strings.ContainsAny(r.says(r.tokens[at]), "书单函件交") && r.in.Tier == PostFeedback && r.in.FeedbackOn.Valid() && d.DueOn != "" {
		other := phraseReader{in: r.in, calendar: r.calendar}
		if also := other.lengths(r.tokens, r.in.FeedbackOn, ""); also.DueOn != "" && also.DueOn != d.DueOn {
			return r.either(d.DueOn, also.DueOn)
		}
	}
	return d
}

// countedBack says whether a length stands behind 前: 进驻前10日.
func (r *phraseReader) countedBack() bool {
	for n, t := range r.tokens {
		if t.kind == termLength && n > 0 && r.tokens[n-1].kind == beforeWord {
			return true
		}
	}
	return false
}

// lengths is where the lengths of time among some words end, counted from a day.
func (r *phraseReader) lengths(tokens []token, from day.Day, assumed string) Deadline {
	var ends []day.Day
	least, later := false, false
	var doubts []string
	for n, t := range tokens {
		least = least || t.kind == atLeast
		if t.kind != termLength {
			continue
		}
		later = later || n+1 < len(tokens) && tokens[n+1].kind == afterWord
		for _, figure := range t.length.figures {
			end, working := r.afterDay(from, figure, t.length.unit, t.length.andHalf)
			if working && end != "" {
				doubts = append(doubts, doubtsOf(r.calendar, from, end)...)
			}
			if end == "" {
				return r.ask(AskRange)
			}
			if !slices.Contains(ends, end) {
				ends = append(ends, end)
			}
		}
	}
	switch {
	case len(ends) == 0:
		return r.ask(AskRange)
	case len(ends) == 1 && (least || later):
		return r.ask(AskOpenEnd, ends[0])
	case len(ends) == 1:
		r.d.DueOn = ends[0]
		if assumed != "" {
			r.d.Assumed = append(r.d.Assumed, assumed)
		}
		r.d.Assumed = append(r.d.Assumed, doubts...)
		return r.d
	case len(ends) == 2:
		return r.either(ends[0], ends[1])
	default:
		return r.ask(AskSeveral, ends...)
	}
}

// longestLength is how many of a unit are still a term, and not a slip of the hand.
const longestLength = 1200

// afterDay is the last day of a length of time after a day, "" when it is too long.
func (r *phraseReader) afterDay(from day.Day, figure, unit string, andHalf bool) (end day.Day, working bool) {
	n, err := strconv.Atoi(figure)
	half := err != nil
	if n > longestLength || n > 110 && unit == "年" {
		return "", false
	}
	switch unit {
	case "工作日":
		return r.calendar.After(from, n), true
	case "天", "日", "自然日", "日历天", "日历日":
		return from.Plus(n), false
	case "小时":
		return from.Plus((n + 23) / 24), false
	case "周":
		return from.Plus(7 * n), false
	case "半月":
		return from.PlusMonths(n).Plus(15), false
	case "月":
		if half {
			return from.Plus(15), false
		}
		return from.PlusMonths(n), false
	case "季度":
		return from.PlusMonths(3 * n), false
	}
	if half {
		return from.PlusMonths(6), false
	}
	if andHalf {
		return from.PlusMonths(12*n + 6), false
	}
	return from.PlusMonths(12 * n), false
}

// doubtsOf are what was assumed of the calendar in counting from one day to another.
func doubtsOf(calendar day.Calendar, from, to day.Day) (assumed []string) {
	for _, year := range calendar.Doubted(from, to) {
		assumed = append(assumed, map[day.Doubt]string{day.Unpublished: AssumedWeekdays, day.Unchecked: AssumedUnchecked}[calendar.Doubt(year)])
	}
	return assumed
}
