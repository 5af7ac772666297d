package deadline

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"duban/models/day"
)

// longestPhrase is how many characters of a cell are read as a deadline. A longer
// one is a text in which a day may stand, and a person should say which.
const longestPhrase = 120

// The years a deadline may lie in. Whatever else comes out is a slip of the hand.
const FirstYear, LastYear = 1990, 2100

// Read reads what an office wrote as a deadline. It is a function of its
// arguments alone: the same phrase in the same context always means the same. It
// never fails and never guesses in silence: it takes a day only where every word of the
// phrase is understood, what it cannot say is asked in Ask, and what it took from the
// context is named in Assumed.
func Read(phrase string, in Context, calendar day.Calendar) Deadline {
	if d := day.Day(phrase); len(phrase) == len("2006-01-02") && d.Valid() && !outsideYears(d) {
		return Deadline{Phrase: phrase, DueOn: d} // as most programs write days: nothing is to be understood
	}
	return readWords(phrase, in, calendar)
}

func outsideYears(d day.Day) bool { return d == "" || d.Year() < FirstYear || d.Year() > LastYear }

// readWords is Read of a phrase that is no bare day.
func readWords(phrase string, in Context, calendar day.Calendar) Deadline {
	r := phraseReader{in: in, calendar: calendar}
	r.text = plain(phrase)
	if utf8.RuneCountInString(r.text) > longestPhrase {
		runes := []rune(r.text)
		r.text, r.rest = string(runes[:longestPhrase]), string(runes[longestPhrase:min(len(runes), longestPhrase+12)])
	}
	d := r.readList()
	d.Phrase = strings.Join(strings.Fields(phrase), " ")
	if d.DueOn != "" && outsideYears(d.DueOn) {
		d.DueOn, d.Ask, d.Choices = "", AskRange, nil
	}
	if slices.ContainsFunc(d.Choices, outsideYears) {
		if d.Choices = slices.DeleteFunc(d.Choices, outsideYears); isEither(d.Ask) {
			d.Ask = AskRange
		}
	}
	if d.DueOn == "" {
		d.Assumed = slices.DeleteFunc(d.Assumed, func(a string) bool { return a != AssumedYear })
	}
	_, d.Word = questionAbout(d.Ask)
	slices.Sort(d.Assumed)
	d.Assumed = slices.Compact(d.Assumed)
	return d
}

// phraseReader is one reading under way.
type phraseReader struct {
	in        Context
	calendar  day.Calendar
	text      string // in one writing (plain)
	rest      string // what was too long to be read
	tokens    []token
	event     string // words before 后, 前, 内 or 起 that are no day: 验收后
	eventAt   int    // its place in the text
	events    int    // how many there are
	countsOn  bool   // the event is one that is counted from: 后, 起
	falseDay  bool   // a day that stands there is not the one meant: 2024年汛期前
	yearTaken bool
	d         Deadline
}

// token is a word of a phrase and what it says.
type token struct {
	kind     kind
	from, to int // its place in the text
	point    point
	length   spanLength
	anchor   *anchor
}

// first is the place of the first word of a kind, -1 where there is none.
func (r *phraseReader) first(k kind) int {
	return slices.IndexFunc(r.tokens, func(t token) bool { return t.kind == k })
}

func (r *phraseReader) last() *token {
	if n := len(r.tokens); n > 0 {
		return &r.tokens[n-1]
	}
	return nil
}

func (r *phraseReader) says(t token) string { return r.text[t.from:t.to] }

// read goes from what is surest to what is vaguest: a serial number of a sheet, days
// of the calendar, a length of time, words; then it asks about what it has not read.
func (r *phraseReader) read() Deadline {
	if r.text == "" || r.text == "-" || r.text == "/" {
		return r.ask(AskNoDate, DefaultDue(r.in, r.calendar))
	}
	if day, ok := serialDay(r.text); ok {
		r.d.DueOn = day
		return r.d
	}
	r.recurring()
	r.divide()
	r.relate()
	if r.first(lastingWord) >= 0 {
		r.d.Standing = true
	}
	if r.first(partialWord) >= 0 {
		r.d.Assumed = append(r.d.Assumed, AssumedStage)
	}
	mentions := r.mentions()
	dated := slices.ContainsFunc(mentions, func(m mention) bool { return !m.point.bare && !m.point.thisMonth })
	switch {
	case dated:
		r.fromPoints(mentions)
	case len(mentions) > 0:
		if at := r.first(termLength); at >= 0 {
			r.leftOver(r.says(r.tokens[at]), true) // 9年月底
		}
		r.fromMonth(mentions)
	case r.first(termLength) >= 0 && (r.d.Every == "" || r.inTime()):
		r.fromLengths()
	default:
		r.fromWords()
	}
	d := r.askUnread()
	if d.Ask != "" && d.Ask == r.in.FromOf && r.in.From.Valid() {
		return r.countFrom(r.in.From)
	}
	return d
}

// inTime says whether a length of time is a term beside a duty that recurs.
func (r *phraseReader) inTime() bool { return r.first(withinWord) >= 0 || r.first(afterWord) >= 0 }

// askUnread turns an answer in which words were left unread into the question what
// they mean. The day that the other words give is offered, unless what was not read
// is the very point of time.
func (r *phraseReader) askUnread() Deadline {
	left := r.event
	if left == "" {
		left = r.unreadWord()
	}
	if left == "" {
		left = r.besideDay()
	}
	d := &r.d
	if left == "" || d.DueOn == "" && !answersByDay(d.Ask) && (r.event == "" || d.Ask != AskNoDate && d.Ask != "") {
		return *d
	}
	if strings.HasPrefix(d.Ask, AskEvent) {
		return *d
	}
	if r.event != "" && r.countsOn {
		d.DueOn, d.Choices, d.Ask = "", nil, askEvent(r.event)
		return *d
	}
	if d.DueOn != "" {
		d.Choices = []day.Day{d.DueOn}
	}
	if r.falseDay || strings.Contains(left, "历") {
		d.Choices = nil
	}
	d.DueOn, d.Ask = "", AskUnread+clip(left)
	return *d
}

// listMark is the number of an entry of a list that stands in one line.
var listMark = regexp.MustCompile(`\(\d{1,2}\)|[①-⑳]`)

// readList reads each entry of a list, (1)立行立改(2)2024年10月31日, by itself: where
// they do not all say the same day, a person says which of them it is.
func (r *phraseReader) readList() Deadline {
	marks := listMark.FindAllStringIndex(r.text, 20)
	if len(marks) < 2 || marks[0][0] != 0 {
		return r.read()
	}
	var all Deadline
	var asks []string
	for n, at := range marks {
		end := len(r.text)
		if n+1 < len(marks) {
			end = marks[n+1][0]
		}
		one := phraseReader{in: r.in, calendar: r.calendar, text: strings.TrimRight(r.text[at[1]:end], ";,."), rest: r.rest}
		d := one.read()
		all.Standing = all.Standing || d.Standing
		for _, day := range append([]day.Day{d.DueOn}, d.Choices...) {
			if day != "" && !slices.Contains(all.Choices, day) {
				all.Choices = append(all.Choices, day)
			}
		}
		if d.Ask != "" || d.DueOn == "" {
			asks = append(asks, d.Ask)
		}
		all.Assumed = append(all.Assumed, d.Assumed...)
	}
	switch {
	case len(asks) == 0 && len(all.Choices) == 1:
		all.DueOn, all.Choices = all.Choices[0], nil
	case len(asks) == 0 && len(all.Choices) == 2:
		all.Ask = string(all.Choices[0]) + " or " + string(all.Choices[1])
	case len(all.Choices) == 0 && all.Standing && strings.Join(asks, "") == "":
	default:
		all.Ask = AskSeveral
	}
	return all
}

// besideDay are words that are known, but not beside a day: 根据2024年9月的文件 names a
// day that is another's.
func (r *phraseReader) besideDay() string {
	if r.first(dayPoint) < 0 {
		return ""
	}
	for n, t := range r.tokens {
		switch {
		case t.kind == noDay, t.kind == backwardWord, t.kind == atLeast,
			t.kind == spokenDay && (n+1 == len(r.tokens) || r.tokens[n+1].kind != untilWord),
			t.kind == weekdayName && (n == 0 || r.tokens[n-1].kind != dayPoint && r.tokens[n-1].kind != punctuation),
			t.kind == hourOfDay && (n == 0 || r.tokens[n-1].kind == unreadPart || r.tokens[n-1].kind == deedWord):
			return r.says(t)
		}
	}
	return ""
}

// answersByDay says whether answering a question would set a day without its unread
// words having been asked about.
func answersByDay(ask string) bool {
	return ask == AskNoYear || ask == AskNoMonth || ask == AskSeveral || strings.HasPrefix(ask, askCounted) || isEither(ask) || strings.HasPrefix(ask, AskWeekday)
}

// askEvent asks on what day it was that the event happened which a phrase counts from:
// 合同签订 of 自合同签订之日起.
func askEvent(words string) string {
	event := words
	for _, begin := range []string{"自", "从", "由", "于"} {
		if rest := strings.TrimPrefix(event, begin); utf8.RuneCountInString(rest) >= 2 {
			event = rest
		}
	}
	for _, end := range []string{"之日", "之时", "当日", "当天", "那天"} {
		if rest := strings.TrimSuffix(event, end); utf8.RuneCountInString(rest) >= 2 {
			event = rest
		}
	}
	return AskEvent + clip(event)
}

// clip is a word as a question names it.
func clip(word string) string {
	if runes := []rune(word); len(runes) > 16 {
		return string(runes[:16]) + "…"
	}
	return word
}

// unreadWord is the first run of characters that no list knows.
func (r *phraseReader) unreadWord() string {
	at := r.first(unreadPart)
	if at < 0 {
		return r.rest
	}
	end := at + 1
	for end < len(r.tokens) && r.tokens[end].kind == unreadPart {
		end++
	}
	return r.text[r.tokens[at].from:r.tokens[end-1].to]
}

func (r *phraseReader) ask(question string, choices ...day.Day) Deadline {
	r.d.Ask, r.d.DueOn = question, ""
	for _, c := range choices {
		if c != "" && !slices.Contains(r.d.Choices, c) {
			r.d.Choices = append(r.d.Choices, c)
		}
	}
	return r.d
}

// either asks which of two days is meant, by naming both.
func (r *phraseReader) either(first, second day.Day) Deadline {
	return r.ask(string(first)+" or "+string(second), first, second)
}

// serialDay reads 45473, a sheet's count of days since the end of 1899.
func serialDay(s string) (day.Day, bool) {
	whole, fraction, dotted := strings.Cut(s, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || len(whole) != 5 || figuresRun(s) != 5 || dotted && (fraction == "" || figuresRun(fraction) != len(fraction)) {
		return "", false
	}
	day := day.Day("1899-12-30").Plus(n)
	return day, day.Year() >= FirstYear && day.Year() <= LastYear
}

// Duties that recur.
var (
	recurring = regexp.MustCompile(`(?:从|自)?(?:于|务于|并|,|;)*每(?:(年)的?年?(?:底|初|\d{1,2}月(?:底|\d{1,2}[日号])?)前?|(?:个)?(半年|年|季度|季|月|周|旬|日|天)(?:的?\d{1,2}[日号](?:前)?|底前?|初|末|度)?(?:[前内])?)|` +
		`按(年|季度|季|月|周|日|天)(?:跟踪|报送|报告|调度|更新|推进|汇总|上报)|[1一](月|季度|季|周|年)一|以(季度|月|周|年)为节点|(逐月|逐季|逐年)`)
	eachTime   = regexp.MustCompile(`[1一](?:月|季度|季|周|年)一`)
	recurrence = map[string]string{
		"半年": "half-year", "年": "year", "季度": "quarter", "季": "quarter", "月": "month", "周": "week", "旬": "month", "日": "day", "天": "day",
		"逐月": "month", "逐季": "quarter", "逐年": "year",
	}
)

// repeated stands in the text where a duty that recurs was.
const repeated = "\uE000"

// recurring notes a duty that recurs, and leaves the rest of the phrase.
func (r *phraseReader) recurring() {
	if !strings.Contains(r.text, "每") && !strings.Contains(r.text, "按") && !strings.Contains(r.text, "一") && !strings.Contains(r.text, "以") && !strings.Contains(r.text, "逐") {
		return
	}
	when := recurring.FindStringSubmatch(r.text)
	if when == nil {
		return
	}
	r.d.Standing = eachTime.MatchString(r.text) // 一月一排查 is how a standing duty is put
	for _, word := range when[1:] {
		if word != "" {
			r.d.Every = recurrence[word]
			break
		}
	}
	r.text = recurring.ReplaceAllString(r.text, repeated)
}

// divide makes words of the text: days, lengths of time, the days they count from, and
// the words of the lexicon, the longest at each place. What is none of these is unread.
func (r *phraseReader) divide() {
	for at := 0; at < len(r.text); {
		t := token{from: at}
		rest := r.text[at:]
		if n := r.take(&t, rest); n > 0 {
			at += n
		} else if run := len(wholeNumber.FindString(rest)); run > 0 {
			at += run
		} else {
			_, size := utf8.DecodeRuneInString(rest)
			at += size
		}
		t.to = at
		r.tokens = append(r.tokens, t)
	}
}

// wholeNumber is a number with all its parts, none of which is a day by itself.
var wholeNumber = regexp.MustCompile(`^\d+(?:[./-]\d+)*`)

// take reads the word that a text begins with, and gives how much of it that is.
func (r *phraseReader) take(t *token, text string) int {
	if strings.HasPrefix(text, repeated) {
		t.kind = repeatsWord
		return len(repeated)
	}
	w, known := wordAt(text)
	if last := r.last(); last == nil || last.kind != deedWord && last.kind != unreadPart {
		if a, n := anchorAt(text); a != nil && (!a.dated || last != nil && last.kind == dayPoint && last.point.exact()) {
			t.kind, t.anchor = namedEvent, a
			return n
		}
	}
	// A word of the lexicon goes before the day it begins with only when it is longer.
	if p, n := r.pointAt(text); n > 0 && (!known || n >= len(w.text) || w.kind == politeWord) {
		t.kind, t.point = dayPoint, p
		return n
	}
	if l, n := lengthAt(text); n > 0 {
		t.kind, t.length = termLength, l
		return n
	}
	if m := weekday.FindStringSubmatch(text); m != nil {
		t.kind = weekdayName
		return len(m[0])
	}
	if n := hourAt(text); n > 0 {
		t.kind = hourOfDay
		return n
	}
	if n := len(ordered.FindString(text)); n > 0 {
		t.kind = deedWord
		return n
	}
	if known {
		t.kind = w.kind
		if w.text == "长期" { // a word of its own only at the head of a part: 并长期
			if last := r.last(); strings.HasPrefix(text[len(w.text):], "(") {
				t.kind = politeWord // 长期(3-5年)
			} else if last != nil && last.kind != punctuation && last.kind != politeWord {
				t.kind = unreadPart
			}
		}
		return len(w.text)
	}
	return 0
}

var (
	weekday = regexp.MustCompile(`^(下下|下|本|这)?(?:个)?周([一二三四五六日天末底])`)
	// ordered are stages and enclosures, whose numbers are none of a day.
	ordered = regexp.MustCompile(`^(?:第\d{1,2}(?:阶段|轮|批次?)|[见详]*附[件表]\d{0,2})`)
	hours   = regexp.MustCompile(`^(?:[1-9]|1\d|2[0-4])(?:(?:时|点)(?:\d{1,2}分|整|半)?|:\d{2}(?::\d{2})?)`)
)

// hourAt reads 18时, 17:00. Midnight at a day's beginning is none of its hours.
func hourAt(text string) int {
	if n := figuresRun(text); n == 0 || n > 2 {
		return 0
	}
	return len(hours.FindString(text))
}

// relate holds 前, 后, 内 and 起 to what stands before them. Where that is neither a
// day nor a length of time nor a day to count from, it is an event whose day nobody has
// given, and the words from the last mark on are its name.
func (r *phraseReader) relate() {
	for n := range r.tokens {
		t := &r.tokens[n]
		if t.kind != beforeWord && t.kind != afterWord && t.kind != withinWord && t.kind != beginsWord {
			continue
		}
		at := n - 1
		for at >= 0 && (r.tokens[at].kind == hourOfDay || r.tokens[at].kind == weekdayName && at > 0 || strings.ContainsAny(r.says(r.tokens[at]), "()") && r.tokens[at].kind == punctuation) {
			at--
		}
		if at >= 0 && related(r.tokens[at], t.kind) {
			continue
		}
		if t.kind == beginsWord && at < 0 && r.says(*t) != "起" && r.says(*t) != "以来" { // 启动为期3个月的集中整改
			continue
		}
		if t.kind == beginsWord && at >= 0 && (r.tokens[at].kind == deedWord || r.tokens[at].kind == politeWord || r.tokens[at].kind == beforeWord) { // 7月1日组织开展
			continue
		}
		from := n
		for from > 0 && (r.tokens[from-1].kind == deedWord || r.tokens[from-1].kind == unreadPart || r.tokens[from-1].kind == politeWord && from < n || r.tokens[from-1].kind == beginsWord) {
			from--
		}
		for from < n && r.tokens[from].kind == politeWord {
			from++
		}
		r.events++
		if r.event == "" {
			r.eventAt = r.tokens[from].from
			r.event = r.text[r.tokens[from].from:t.to]
			r.falseDay = true
			if t.kind == afterWord || t.kind == beginsWord {
				r.event, r.countsOn = r.text[r.tokens[from].from:t.from], true
			}
			if r.event == "" {
				r.event = r.says(*t)
			}
		}
	}
}

// related says whether a word may stand before 前, 后, 内 or 起.
func related(t token, k kind) bool {
	switch t.kind {
	case dayPoint:
		return k != withinWord || t.point.since > 0
	case termLength:
		return k != beginsWord && k != beforeWord
	case namedEvent:
		return k == beforeWord || k == afterWord
	case windowWord:
		return k == withinWord || k == beforeWord || k == afterWord
	case weekdayName, spokenDay:
		return k != beginsWord
	case backwardWord:
		return true
	}
	return false
}
