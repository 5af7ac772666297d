package deadline

import (
	"duban/models/day"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"
)

// longestPhrase is how many characters of a cell are read as a deadline. A longer
// one is a text in which a day may stand, and a person should say which.
const longestPhrase = 120

// The years a deadline may lie in. Whatever else comes out is a slip of the hand.
const FirstYear, LastYear = 1990, 2100

// Read reads what an office wrote as a deadline. It is a function of its
// arguments alone: the same phrase in the same context always means the same. It
// never fails and never guesses in silence: what it cannot say is asked in Ask, and
// what it took from the context is named in Assumed.
func Read(phrase string, in Context, calendar day.Calendar) Deadline {
	r := deadlineReader{in: in, calendar: calendar}
	r.text = plain(phrase)
	if runes := []rune(r.text); len(runes) > longestPhrase {
		r.text = string(runes[:longestPhrase])
	}
	d := r.read()
	d.Phrase = strings.Join(strings.Fields(phrase), " ")
	if d.DueOn != "" && (d.DueOn.Year() < FirstYear || d.DueOn.Year() > LastYear) {
		d.DueOn, d.Ask, d.Choices = "", AskRange, nil
	}
	d.Choices = slices.DeleteFunc(d.Choices, func(c day.Day) bool { return c == "" || c.Year() < FirstYear || c.Year() > LastYear })
	if d.DueOn == "" {
		d.Assumed = slices.DeleteFunc(d.Assumed, func(a string) bool { return a != AssumedYear })
	}
	slices.Sort(d.Assumed)
	d.Assumed = slices.Compact(d.Assumed)
	return d
}

// plain is a phrase in one writing: narrow digits and letters, one dash, one kind
// of bracket, no spaces, Arabic numbers where a number is counted, and one word
// for each of the words that mean the same.
func plain(phrase string) string {
	s := strings.ToUpper(width.Narrow.String(phrase))
	s = clock.ReplaceAllString(s, " ")
	s = title.ReplaceAllStringFunc(s, func(t string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return -1
			}
			return r
		}, t)
	})
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		case strings.ContainsRune("—–−‒―－─━～〜~∼", r):
			return '-'
		case strings.ContainsRune("“”\"'‘’「」『』《》〈〉", r):
			return '"'
		case strings.ContainsRune("【[〔", r):
			return '('
		case strings.ContainsRune("】]〕", r):
			return ')'
		case r == '．' || r == '。' || r == '｡':
			return '.'
		case r == '、' || r == '､':
			return '、'
		}
		return r
	}, s)
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	s = quarter.ReplaceAllString(s, "${1}年${2}季度")
	s = numbered(sameWord.Replace(s))
	s = months.ReplaceAllStringFunc(s, func(span string) string {
		m := months.FindStringSubmatch(span)
		if m[3] != "" {
			m[3] += "年"
		}
		return m[1] + "年" + m[2] + "月至" + m[3] + m[4] + "月" + m[5]
	})
	s = firstQuarters.ReplaceAllString(s, "第${1}季度")
	s = until.ReplaceAllString(s, "至$1")
	return strings.TrimPrefix(decreed.ReplaceAllString(s, ""), ":")
}

var (
	// clock is an hour behind a day. It goes before the spaces do, or the first of
	// the month at ten (2024/9/1 10:00) would become the eleventh.
	clock = regexp.MustCompile(`(?:\s+|T)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|\+\d{2}:\d{2})?`)
	// title is the name of a paper. The year in it (《2023年工作要点》) is the paper's.
	title = regexp.MustCompile(`《[^》]*》`)
	// months are two of them with a dash between: 2024.8-9, 2024.08-2024.09.
	months = regexp.MustCompile(`\b(\d{4})[./](\d{1,2})-(?:(\d{4})[./])?(\d{1,2})(?:月|($|[^\d./日号]))`)
	// quarter is 2024Q3; firstQuarters are 前三季度, which end with the third.
	quarter       = regexp.MustCompile(`(\d{4})[./年-]?Q([1-4])`)
	firstQuarters = regexp.MustCompile(`前([2-4])个?季度`)
)

// until is 到 before a day; elsewhere (到位, 达到) it is another word.
var until = regexp.MustCompile(`到((?:\d|今|明|年|本|下|上半|下半|第))`)

// decreed is what stands before the deadline in its own cell.
var decreed = regexp.MustCompile(`^(?:整改|完成|办理|办结|拟定?|预计|计划|要求|具体)*(?:完成)?(?:时限|期限|时间|日期)(?:要求)?(?:为|:|是)?`)

var sameWord = strings.NewReplacer(
	"號", "号", "個", "个", "週", "周", "後", "后", "內", "内", "間", "间", "長", "长", "堅", "坚", "時", "时", "滿", "满", "開", "开",
	"星期", "周", "礼拜", "周", "季末", "季度底", "季度末", "季度底", "月份", "月", "本年度", "今年", "年度", "年",
	"之内", "内", "以内", "内", "之前", "前", "以前", "前", "之后", "后", "以后", "后",
	"中秋", "仲秋", "(含)", "", "(包含)", "", "左右", "",
	"年末", "年底", "岁末", "年底", "月末", "月底",
	"元月", "1月", "腊月", "12月", "本年", "今年", "当年", "今年", "翌年", "明年", "次年", "明年", "来年", "明年", "本月", "当月", "下个月", "下月", "次月", "下月",
	"Q1", "1季度", "Q2", "2季度", "Q3", "3季度", "Q4", "4季度", "首季度", "1季度", "末季度", "4季度",
)

// figures are the Chinese figures.
var figures = map[rune]int{
	'〇': 0, '○': 0, '零': 0, 'Ｏ': 0, '一': 1, '二': 2, '两': 2, '兩': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9,
	'壹': 1, '贰': 2, '叁': 3, '肆': 4, '伍': 5, '陆': 6, '柒': 7, '捌': 8, '玖': 9,
}

var (
	chineseFigures = regexp.MustCompile(`[〇○零一二两兩三四五六七八九十百廿卅壹贰叁肆伍陆柒捌玖拾]+`)
	countedThings  = regexp.MustCompile(`^(?:年|月|日|号|天|个|周|季|工作日|半|-|、|至|或|和|旬|\d)`)
)

// numbered writes Chinese numbers in Arabic figures where something is counted:
// before 年 月 日 天 个 周 季 工作日, after 第, in a range. A weekday (周三), a holiday
// ("十一") and a word (一般, 统一) keep theirs.
func numbered(s string) string {
	var out strings.Builder
	at := 0
	for _, found := range chineseFigures.FindAllStringIndex(s, -1) {
		before, number, after := s[:found[0]], s[found[0]:found[1]], s[found[1]:]
		out.WriteString(s[at:found[0]])
		at = found[1]
		value, ok := chineseValue(number)
		switch {
		case !ok, strings.HasSuffix(before, "周"), strings.HasSuffix(before, `"`) && strings.HasPrefix(after, `"`):
			out.WriteString(number)
		case countedThings.MatchString(after), strings.HasSuffix(before, "第"):
			out.WriteString(value)
		default:
			out.WriteString(number)
		}
	}
	out.WriteString(s[at:])
	return out.String()
}

// chineseValue is a Chinese number in Arabic figures: figure by figure (二〇二五), or
// counted in tens (二十五, 廿五, 卅). It is a text, so that 〇五 stays 05.
func chineseValue(number string) (value string, ok bool) {
	runes := []rune(number)
	if !strings.ContainsAny(number, "十拾百廿卅") {
		for _, r := range runes {
			value += strconv.Itoa(figures[r])
		}
		return value, len(runes) <= 4
	}
	total, figure := 0, -1
	for _, r := range runes {
		tens := map[rune]int{'十': 10, '拾': 10, '百': 100, '廿': 20, '卅': 30}[r]
		switch {
		case tens == 0 && figure > 0:
			return "", false
		case tens == 0:
			figure = figures[r]
		case tens == 20 || tens == 30:
			total += tens
		default:
			if figure < 0 { // 十 alone is one ten
				figure = 1
			}
			total += tens * figure
			figure = -1
		}
	}
	return strconv.Itoa(total + max(figure, 0)), len(runes) <= 5
}

// deadlineReader is one reading under way.
type deadlineReader struct {
	in       Context
	calendar day.Calendar
	text     string
	d        Deadline
}

// read goes from what is surest to what is vaguest: a serial number of a sheet, a
// duty that recurs, days of the calendar, a length of time, words.
func (r *deadlineReader) read() Deadline {
	if r.text == "" || r.text == "-" || r.text == "/" {
		return r.ask(AskNoDate, DefaultDue(r.in, r.calendar))
	}
	if day, ok := serialDay(r.text); ok {
		r.d.DueOn = day
		return r.d
	}
	r.d.Standing = standing.MatchString(r.text) && !notStanding.MatchString(r.text)
	if eachTime.MatchString(r.text) {
		r.d.Standing = true // 一月一排查 is how a standing duty is put
	}
	if when := recurring.FindStringSubmatch(r.text); when != nil {
		r.d.Every = recurrence[firstOf(when[1:])]
		r.text = recurring.ReplaceAllString(r.text, "")
	}
	if stage.MatchString(r.text) {
		r.d.Assumed = append(r.d.Assumed, AssumedStage)
	}
	points := r.points()
	switch bare := !slices.ContainsFunc(points, func(p point) bool { return !p.bare }); {
	case !bare:
		return r.fromPoints(points)
	case len(points) > 0 && !daysCounted.MatchString(r.text):
		return r.fromMonth()
	case lengthOfTime.MatchString(r.text) && (r.d.Every == "" || inTime.MatchString(r.text)):
		return r.fromLengths()
	}
	return r.fromWords()
}

func (r *deadlineReader) ask(question string, choices ...day.Day) Deadline {
	r.d.Ask, r.d.DueOn = question, ""
	for _, c := range choices {
		if c != "" && !slices.Contains(r.d.Choices, c) {
			r.d.Choices = append(r.d.Choices, c)
		}
	}
	return r.d
}

// either asks which of two days is meant, by naming both.
func (r *deadlineReader) either(first, second day.Day) Deadline {
	return r.ask(string(first)+" or "+string(second), first, second)
}

func firstOf(words []string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// serialDay reads 45473, a sheet's count of days since the end of 1899.
func serialDay(s string) (day.Day, bool) {
	whole, _, _ := strings.Cut(s, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || len(whole) != 5 || !serial.MatchString(s) {
		return "", false
	}
	day := day.Day("1899-12-30").Plus(n)
	return day, day.Year() >= FirstYear && day.Year() <= LastYear
}

var serial = regexp.MustCompile(`^\d{5}(?:\.\d+)?$`)

// Words that say something beside the day.
var (
	standing = regexp.MustCompile(`长期坚持|长期任务|长期推进|长期整改|长期落实|长期执行|长期抓|长抓|常抓|持续抓|持续整改|持续推进|持续坚持|持续落实|持续加强|持续用力|持续深化|一抓至底|常态|今后[1一]个时期|今后长期|无截止|无期限|无限期|不设期限|` +
		`较长时间才能|中长期目标|^长期$|^持续$|并长期|,长期|;长期|、长期|经常性|永久|不断推进|贯穿始终`)
	notStanding = regexp.MustCompile(`^长期\(|非长期|不长期`)
	stage       = regexp.MustCompile(`阶段性(?:成果|成效|进展|目标)|初步成效|明显成效`)
	recurring   = regexp.MustCompile(`(?:从|自)?(?:于|务于|并|,|;)*每(?:(年)的?年?(?:底|初|\d{1,2}月(?:底|\d{1,2}[日号])?)前?|(?:个)?(半年|年|季度|季|月|周|旬|日|天)(?:的?\d{1,2}[日号](?:前)?|底前?|初|末|度)?(?:[前内])?)|` +
		`按(年|季度|季|月|周|日|天)(?:跟踪|报送|报告|调度|更新|推进|汇总|上报)|[1一](月|季度|季|周|年)一|以(季度|月|周|年)为节点|(逐月|逐季|逐年)`)
	eachTime   = regexp.MustCompile(`[1一](?:月|季度|季|周|年)一`)
	recurrence = map[string]string{
		"半年": "half-year", "年": "year", "季度": "quarter", "季": "quarter", "月": "month", "周": "week", "旬": "month", "日": "day", "天": "day",
		"逐月": "month", "逐季": "quarter", "逐年": "year",
	}
)

// point is one day of the calendar as it stands in a phrase, or the piece of a
// year that ends with it.
type point struct {
	from, to   int // place in the text
	year       int // 0 when it is left out
	month, day int // of its last day; day 0 is the month's last
	since      int // month it begins with, for what "前" may mean: 0 when it is a single day
	sinceDay   int // and the day, within a month
	vague      []int
	// vague are further last days it may mean (3月初): month*100 + day.
	bare bool // a day without its month, at the end of a range
}

var (
	pointPattern = regexp.MustCompile(
		`(?:(\d{4}|\d{2}|今|明|后|去)年)?(?:的)?(\d{1,2})月(?:(\d{1,2})(?:[日号]|$|[^\d个月年季周天])|(上旬|中旬|下旬|初|底|中|内)|())` + // 1 year 2 month 3 day 4 part
			`|(\d{4})[./-](\d{1,2})[./-](\d{1,2})[日号]?` + // 6 7 8
			`|(\d{2})[./](\d{1,2})[./](\d{1,2})` + // 9 10 11
			`|\b(\d{4})(\d{2})(\d{2})\b` + // 12 13 14
			`|(?:(\d{4}|\d{2}|今|明|后|去)年)?(?:的)?(?:第)?([1-4])季度(底|初|内)?` + // 15 year 16 quarter 17
			`|(?:(\d{4}|\d{2}|今|明|后|去)年)?(?:的)?(上半年|下半年)` + // 18 19
			`|(\d{4}|\d{2}|今|明|后|去)年(底|初|中|内)?` + // 20 21
			`|(年底|年内|年中|年初|半年底)` + // 22
			`|(\d{4})[./-](\d{1,2})(?:$|[^\d./-])` + // 23 24
			`|(\d{1,2})[./](\d{1,2})(?:$|[^\d./%个年月周天小万亿千百元人项件次倍分吨米平公])` + // 25 26
			`|(\d{4})(?:-(\d{4}))` + // 27 28
			`|(\d{1,2})[日号]` + // 29
			`|"?(春节|国庆节?|元旦节?|劳动节|五一节?|十一节?|七一|八一|仲秋节?|端午节?|清明节?)"?` + // 30
			`|"?十([三四五六])五"?(?:规划)?(?:期间|时期)?(?:末|期末|收官)?`) // 31

	digitNext  = regexp.MustCompile(`^\d`)
	lengthEnds = regexp.MustCompile(`(?:半|\d|个)$`)
	// started is what follows a day on which something begins, not ends.
	started = regexp.MustCompile(`^(?:起|开始|启动|以来|开展|印发|召开|反馈|下发)`)
	ofYear  = regexp.MustCompile(`^(?:,|的|第)?(?:\d{1,2}月?(?:-|至|、))?$`)
	joined  = regexp.MustCompile(`^(?:[日号]|,|;|启动|开始|起|\()?(?:-|至|截至|结束于|,至)+$`)
)

// points are the days that stand in the text, in their order.
func (r *deadlineReader) points() []point {
	var points []point
	for _, at := range pointPattern.FindAllStringSubmatchIndex(r.text, 60) {
		group := func(n int) string {
			if 2*n+1 >= len(at) || at[2*n] < 0 {
				return ""
			}
			return r.text[at[2*n]:at[2*n+1]]
		}
		p := point{from: at[0], to: at[1]}
		if group(22) != "" && group(22) != "半年底" && lengthEnds.MatchString(r.text[:at[0]]) {
			continue // 半年内 and 1年内 are lengths of time
		}
		number := func(n int) int { v, _ := strconv.Atoi(group(n)); return v }
		switch {
		case group(2) != "":
			p.year, p.month, p.day = r.yearOf(group(1)), number(2), number(3)
			if group(3) != "" { // a letter may have been taken to end the number
				p.to = at[7]
				if rest := r.text[p.to:]; strings.HasPrefix(rest, "日") || strings.HasPrefix(rest, "号") {
					p.to += len("日")
				}
			} else {
				p.since, p.sinceDay = p.month, 1
				switch group(4) {
				case "上旬":
					p.day = 10
				case "中旬":
					p.day, p.sinceDay = 20, 11
				case "下旬":
					p.sinceDay = 21
				case "底":
					p.since = 0
				case "初":
					p.day, p.vague = 5, []int{p.month*100 + 10}
				case "中":
					p.day, p.vague = 15, []int{p.month*100 + 20}
				}
			}
		case group(6) != "":
			p.year, p.month, p.day = number(6), number(7), number(8)
		case group(9) != "" && digitNext.MatchString(r.text[p.to:]):
			continue // 30/9/2024 is no day of 2030
		case group(9) != "":
			p.year, p.month, p.day = r.yearOf(group(9)), number(10), number(11)
		case group(12) != "":
			p.year, p.month, p.day = number(12), number(13), number(14)
		case group(16) != "":
			p.year, p.month = r.yearOf(group(15)), number(16)*3
			p.since, p.sinceDay = p.month-2, 1
			switch group(17) {
			case "底":
				p.since = 0
			case "初":
				p.month, p.vague = p.month-2, []int{(p.month-2)*100 + 10}
			}
		case group(19) != "":
			p.year, p.month = r.yearOf(group(18)), map[string]int{"上半年": 6, "下半年": 12}[group(19)]
			p.since, p.sinceDay = p.month-5, 1
		case group(20) != "" || group(22) != "":
			part := group(21)
			if group(22) != "" {
				part = strings.TrimPrefix(group(22), "年")
			}
			p.year, p.month = r.yearOf(group(20)), 12
			switch part {
			case "底", "内":
			case "初":
				p.month, p.vague = 1, []int{300}
			case "中":
				p.month, p.vague = 6, []int{700}
			case "半年底":
				p.month = 6
			default:
				p.since, p.sinceDay = 1, 1
			}
		case group(23) != "":
			p.year, p.month, p.to = number(23), number(24), at[2*24+1]
			p.since, p.sinceDay = p.month, 1
		case group(25) != "":
			p.month, p.day, p.to = number(25), number(26), at[2*26+1]
		case group(27) != "":
			p.year, p.month = number(28), 12
		case group(29) != "":
			p.day, p.bare = number(29), true
		case group(30) != "":
			if n := len(points); n > 0 && points[n-1].to == p.from {
				p.year = points[n-1].year // 2024年国庆
			}
			if !r.holiday(&p, strings.TrimSuffix(group(30), "节")) {
				continue
			}
		case group(31) != "":
			p.year, p.month = map[string]int{"三": 2020, "四": 2025, "五": 2030, "六": 2035}[group(31)], 12
		}
		points = append(points, p)
	}
	return points
}

// yearOf is the year that a word or a number means; 0 when it is left out or the
// context does not say.
func (r *deadlineReader) yearOf(word string) int {
	relative, ok := map[string]int{"今": 0, "明": 1, "后": 2, "去": -1}[word]
	n, err := strconv.Atoi(word)
	switch {
	case ok && r.year() != 0:
		r.d.Assumed = append(r.d.Assumed, AssumedYear)
		return r.year() + relative
	case err != nil:
		return 0
	case n >= 90 && n < 100:
		return 1900 + n
	case n < 100:
		return 2000 + n
	default:
		return n
	}
}

// year is the year meant where a phrase leaves it out: the one that was said, else
// that of the day which the tier's deadlines count from; 0 when nothing is known.
func (r *deadlineReader) year() int {
	if r.in.Year != 0 {
		return r.in.Year
	}
	if d := r.earliest(); d != "" {
		return d.Year()
	}
	return 0
}

// earliest is the day before which no deadline makes sense, "" when none is known.
func (r *deadlineReader) earliest() day.Day {
	for _, d := range map[Tier][]day.Day{
		Immediate:    {r.in.FoundOn, r.in.NoticeOn, r.in.FeedbackOn},
		OnTheSpot:    {r.in.NoticeOn, r.in.FeedbackOn, r.in.FoundOn},
		PostFeedback: {r.in.FeedbackOn, r.in.NoticeOn, r.in.FoundOn},
		"":           {r.in.FeedbackOn, r.in.NoticeOn, r.in.FoundOn},
	}[r.in.Tier] {
		if d.Valid() {
			return d
		}
	}
	return ""
}

// The days of holidays that move, as the State Council's notices have them.
var movable = map[string]map[int]day.Day{
	"春":  {2024: "2024-02-10", 2025: "2025-01-29", 2026: "2026-02-17"},
	"清明": {2024: "2024-04-04", 2025: "2025-04-04", 2026: "2026-04-05"},
	"端午": {2024: "2024-06-10", 2025: "2025-05-31", 2026: "2026-06-19"},
	"仲秋": {2024: "2024-09-17", 2025: "2025-10-06", 2026: "2026-09-25"},
}

var fixed = map[string][2]int{"元旦": {1, 1}, "五一": {5, 1}, "劳动": {5, 1}, "七一": {7, 1}, "八一": {8, 1}, "国庆": {10, 1}, "十一": {10, 1}}

// holiday is the day of a holiday; what is due before it is due on the day before.
func (r *deadlineReader) holiday(p *point, name string) bool {
	if md, ok := fixed[name]; ok {
		p.month, p.day = md[0], md[1]
	} else {
		if p.year == 0 {
			p.year = r.year()
			r.d.Assumed = append(r.d.Assumed, AssumedYear)
		}
		day, ok := movable[name][p.year]
		if !ok {
			return false
		}
		p.month, p.day = int(day.Time().Month()), day.Time().Day()
	}
	// "十一"前 is the day before; what is to be done by then is never done on it.
	if strings.HasPrefix(strings.TrimPrefix(r.text[p.to:], `"`), "前") || strings.HasPrefix(r.text[p.to:], "节前") {
		day, _ := dayOfMonth(max(p.year, 2000), p.month, p.day)
		t := day.Plus(-1).Time()
		if name == "元旦" && p.year != 0 {
			p.year--
		}
		p.month, p.day = int(t.Month()), t.Day()
	}
	return true
}

// dayOfMonth is a day of a month, its last for 0; ok is false when there is none.
func dayOfMonth(year, month, date int) (d day.Day, ok bool) {
	if month < 1 || month > 12 || year < 1 || year > 9999 {
		return "", false
	}
	last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if date == 0 {
		date = last
	}
	d = day.Day(fmt.Sprintf("%04d-%02d-%02d", year, month, date))
	return d, date >= 1 && date <= last
}

// fromPoints reads a phrase in which days stand: one, a range, or several.
func (r *deadlineReader) fromPoints(points []point) Deadline {
	// A range is its end. Days on which something begins are no deadlines.
	var ends []point
	ranged := false
	for n, p := range points {
		if n > 0 {
			between := r.text[points[n-1].to:p.from]
			before := points[n-1]
			if p.year == 0 && !p.bare && before.year != 0 {
				p.year = before.year
			}
			// 2024年国庆前, 2024年1-6月: a year stands before its day.
			if before.since == 1 && before.month == 12 && len(ends) > 0 && ofYear.MatchString(between) {
				ends = ends[:len(ends)-1]
				if between != "" {
					p.since = 0
				}
				points[n] = p
				ends = append(ends, p)
				continue
			}
			if joined.MatchString(strings.Trim(between, `"()`)) || strings.HasPrefix(r.text[p.from:], "至") || strings.HasPrefix(r.text[p.from:], "-") {
				if p.bare {
					p.month, p.bare = before.month, false
				}
				if before.year != 0 && (p.year == 0 || p.year == before.year) {
					if p.year = before.year; p.month < before.month {
						p.year++
					}
				}
				if len(ends) > 0 {
					ends = ends[:len(ends)-1]
				}
				ranged = true
				p.since = 0
			}
			points[n] = p
		}
		if started.MatchString(r.text[p.to:]) && n+1 < len(points) {
			ends = append(ends, p) // it may turn out to begin a range
			continue
		}
		ends = append(ends, p)
	}
	ends = slices.DeleteFunc(ends, func(p point) bool {
		return p.bare || started.MatchString(r.text[p.to:]) && !ranged && len(ends) > 1
	})
	switch {
	case len(ends) == 0:
		return r.fromWords()
	case openEnd.MatchString(r.text):
		return r.ask(AskOpenEnd)
	}
	if first := ends[0]; len(ends) == 1 && !ranged && first.day != 0 {
		if rest := r.text[first.to:]; countedFrom.MatchString(rest) {
			if day, ok := r.dayOf(first); !ok {
				return r.d
			} else if lengthOfTime.MatchString(rest) {
				return r.lengths(rest, day, "")
			} else if r.d.Every != "" || r.d.Standing {
				return r.fromWords()
			}
			return r.ask(AskOpenEnd)
		}
	}
	if first := ends[0]; len(ends) == 1 && started.MatchString(r.text[first.to:]) && !ranged {
		if r.d.Every != "" || r.d.Standing {
			return r.fromWords()
		}
		return r.ask(AskOpenEnd)
	}
	// The words before the first day, or after the last, may say that it is none.
	if m := asOf.FindString(r.text); m != "" && !byThen.MatchString(r.text) || doneAlready.MatchString(r.text) {
		last, _ := r.dayOf(ends[len(ends)-1])
		return r.ask(AskAsOf, last)
	}
	if len(ends) > 1 {
		var days []day.Day
		for _, p := range ends {
			day, _ := r.dayOf(p)
			if day == "" {
				r.d.Ask = ""
				return r.dayOrAsk(p)
			}
			days = append(days, day)
		}
		days = slices.Compact(days)
		switch len(days) {
		case 1:
			r.d.DueOn = days[0]
			return r.d
		case 2:
			return r.either(days[0], days[1])
		default:
			return r.ask(AskSeveral, days...)
		}
	}
	return r.dayOrAsk(ends[0])
}

var (
	// countedFrom is what follows a day that a length of time counts from.
	countedFrom = regexp.MustCompile(`^["节)]*(?:之日)?(?:起|后|(?:印发|召开|反馈|下发)[^\d,;]*(?:起|后))`)

	openEnd = regexp.MustCompile(`至今|至现在|至目前`)
	asOf    = regexp.MustCompile(`^(?:截至|截止)`)
	// byThen is 截止 in the sense of a closing date: 截止到2020年12月15日.
	byThen      = regexp.MustCompile(`^截止(?:日期|时间|至|:|为|于|是)|前|截止$`)
	doneAlready = regexp.MustCompile(`已(?:经)?(?:(?:于|在)[^,;]*)?(?:全部)?(?:完成|整改|办结|落实|启动|拨付|清退)`)
)

// dayOf is the last day of a point, "" with the reason in Ask when there is none.
func (r *deadlineReader) dayOf(p point) (day.Day, bool) {
	year := p.year
	if year == 0 {
		if year = r.year(); year == 0 {
			// Without a year the words are kept as a question, but never silently.
			r.ask(AskNoYear)
			if today := r.in.Today; today.Valid() {
				for _, y := range []int{today.Year(), today.Year() + 1} {
					if day, ok := dayOfMonth(y, p.month, p.day); ok {
						r.ask(AskNoYear, day)
					}
				}
			}
			return "", false
		}
		r.d.Assumed = append(r.d.Assumed, AssumedYear)
	}
	day, ok := dayOfMonth(year, p.month, p.day)
	if !ok {
		last, real := dayOfMonth(year, p.month, 0)
		if !real {
			last = ""
		}
		r.ask(AskNoSuchDay, last)
		return "", false
	}
	return day, true
}

// dayOrAsk is one day, or the question that it leaves.
func (r *deadlineReader) dayOrAsk(p point) Deadline {
	day, ok := r.dayOf(p)
	if !ok {
		return r.d
	}
	year := day.Year()
	rest := strings.TrimLeft(r.text[p.to:], `")日号`)
	if len(p.vague) > 0 {
		other, _ := dayOfMonth(year, p.vague[0]/100, p.vague[0]%100)
		return r.either(day, other)
	}
	// 前 of a month, a quarter or a year may mean its end or the day before it
	// begins. Which of them a place means it has to say.
	if p.since > 0 && strings.HasPrefix(rest, "前") {
		begins, _ := dayOfMonth(year, p.since, max(p.sinceDay, 1))
		return r.either(begins.Plus(-1), day)
	}
	// A day without its year that lies before the clock began to run is next
	// year's, or a slip; a person has to say which.
	if from := r.earliest(); p.year == 0 && from != "" && day < from {
		next, _ := dayOfMonth(year+1, p.month, p.day)
		if next == "" {
			next, _ = dayOfMonth(year+1, p.month, 0)
		}
		return r.either(next, day)
	}
	r.d.DueOn = day
	return r.d
}

var (
	lengthOfTime = regexp.MustCompile(`(\d{1,4}|半)(?:[-至](\d{1,4}))?(个工作日|工作日|个半月|个月|月|个季度|季度|个周|周|天|日|年|个自然日|自然日|个?小时)(半)?`)
	// daysCounted tells ten days from the tenth.
	daysCounted = regexp.MustCompile(`\d[日号](?:内|后|时间|期限|左)|前\d+日|共\d`)
	countedBack = regexp.MustCompile(`前\d|前半|剩余|到期前|期满前`)
	atLeast     = regexp.MustCompile(`以上|不少于|至少`)
	inTime      = regexp.MustCompile(`内|后|时间|期限|完成|办结`)
)

// anchors are the days that a length of time may count from, by the words that
// name them.
var anchors = []struct {
	words    *regexp.Regexp
	question string
	assumed  string
	day      func(Context) day.Day
}{
	{regexp.MustCompile(`剩余|时限剩|到期前|期满前|提前\d|年(?:行动|规划|计划)`), AskOther, "", func(Context) day.Day { return "" }},
	{regexp.MustCompile(`进驻`), AskEntry, "", func(Context) day.Day { return "" }},
	{regexp.MustCompile(`(?:驻点)?(?:巡察|巡视|检查|审计)(?:工作)?(?:结束|期满|离点)|撤点`), AskStay, "", func(Context) day.Day { return "" }},
	{regexp.MustCompile(`(?:集中整改|整改)期?(?:满|结束|届满|完成)后?`), AskWindow, AssumedWindow, func(in Context) day.Day { return in.WindowEnd }},
	{regexp.MustCompile(`会议?(?:后|召开|结束)|印发|下文|文件下发|方案(?:审定|通过|批准)|审批|批复|立案|招标|开工`), AskMeeting, "", func(Context) day.Day { return "" }},
	{regexp.MustCompile(`反馈|接受意见|意见下发|集中整改`), AskBack, AssumedFeedback, func(in Context) day.Day { return in.FeedbackOn }},
	{regexp.MustCompile(`通知|交办|移交|接单|接件|收件|立行立改单|下达|签收|受理`), AskNotice, AssumedNotice, func(in Context) day.Day { return in.NoticeOn }},
	{regexp.MustCompile(`发现|自查|查出`), AskFound, AssumedFound, func(in Context) day.Day { return in.FoundOn }},
}

// anchor is the day a length of time counts from. Where the phrase names none it
// is the tier's own; that is said in Assumed.
func (r *deadlineReader) anchor() (start day.Day, question, assumed string) {
	for _, a := range anchors {
		if a.words.MatchString(r.text) {
			return a.day(r.in), a.question, ""
		}
	}
	from := map[Tier][3]string{
		Immediate:    {string(r.in.FoundOn), AskFound, AssumedFound},
		OnTheSpot:    {string(r.in.NoticeOn), AskNotice, AssumedNotice},
		PostFeedback: {string(r.in.FeedbackOn), AskBack, AssumedFeedback},
	}
	if own, ok := from[r.in.Tier]; ok {
		return day.Day(own[0]), own[1], own[2]
	}
	for _, t := range []Tier{PostFeedback, OnTheSpot, Immediate} {
		if day.Day(from[t][0]).Valid() {
			return day.Day(from[t][0]), from[t][1], from[t][2]
		}
	}
	return "", AskOther, ""
}

// fromLengths reads 3个月内, 5个工作日内, 收到反馈后2个月内.
func (r *deadlineReader) fromLengths() Deadline {
	day, question, assumed := r.anchor()
	if before := countedBack.MatchString(r.text); before || !day.Valid() {
		if before && question == AskWindow {
			question = AskOther
		}
		return r.ask(question)
	}
	return r.lengths(r.text, day, assumed)
}

// lengths is where the lengths of time that stand in a text end, counted from a day.
func (r *deadlineReader) lengths(text string, start day.Day, assumed string) Deadline {
	var ends []day.Day
	weekdays := false
	for _, m := range lengthOfTime.FindAllStringSubmatch(text, 8) {
		for _, figure := range m[1:3] {
			if figure == "" {
				continue
			}
			end, working := r.after(start, figure, m[3], m[4] != "")
			weekdays = weekdays || working && end != "" && (!r.calendar.Known(end.Year()) || !r.calendar.Known(start.Year()))
			if !slices.Contains(ends, end) {
				ends = append(ends, end)
			}
		}
	}
	ends = slices.DeleteFunc(ends, func(d day.Day) bool { return d == "" })
	switch {
	case len(ends) == 0:
		return r.ask(AskRange)
	case len(ends) == 1 && atLeast.MatchString(text):
		return r.ask(AskOpenEnd, ends[0])
	case len(ends) == 1:
		r.d.DueOn = ends[0]
		if assumed != "" {
			r.d.Assumed = append(r.d.Assumed, assumed)
		}
		if weekdays {
			r.d.Assumed = append(r.d.Assumed, AssumedWeekdays)
		}
		return r.d
	case len(ends) == 2:
		return r.either(ends[0], ends[1])
	default:
		return r.ask(AskSeveral, ends...)
	}
}

// after is the last day of a length of time after a day, "" when it is too long.
func (r *deadlineReader) after(day day.Day, figure, unit string, andHalf bool) (end day.Day, working bool) {
	n, err := strconv.Atoi(figure)
	half := err != nil
	if n > 1200 {
		return "", false
	}
	switch {
	case strings.HasSuffix(unit, "工作日"):
		return r.calendar.After(day, n), true
	case unit == "天", unit == "日", strings.HasSuffix(unit, "自然日"):
		return day.Plus(n), false
	case strings.HasSuffix(unit, "小时"):
		return day.Plus((n + 23) / 24), false
	case strings.HasSuffix(unit, "周"):
		return day.Plus(7 * n), false
	case unit == "个半月":
		return day.PlusMonths(n).Plus(15), false
	case half && strings.HasSuffix(unit, "月"):
		return day.Plus(15), false
	case strings.HasSuffix(unit, "月"):
		return day.PlusMonths(n), false
	case strings.HasSuffix(unit, "季度"):
		return day.PlusMonths(3 * n), false
	case half: // 半年
		return day.PlusMonths(6), false
	case n > 110:
		return "", false
	default:
		months := 12 * n
		if andHalf {
			months += 6
		}
		return day.PlusMonths(months), false
	}
}

var (
	weekday     = regexp.MustCompile(`(下下|下|本|这)?(?:个)?周([一二三四五六日天末底])`)
	dayOnly     = regexp.MustCompile(`(\d{1,2})[日号]`)
	during      = regexp.MustCompile(`边查边改|边巡边改|边审边改|(?:巡察|巡视|检查|审计)(?:期间|中)|期间整改|进驻期间`)
	foundAtOnce = regexp.MustCompile(`即知即改|未巡先改|自查自纠`)
	spotAtOnce  = regexp.MustCompile(`立行立改|即行即改|立知立改|立说立行`)
	atOnce      = regexp.MustCompile(`立即|马上|即刻|即时|当场|当即|随即|即日|即查即改|即改|立改|迅速|尽快|抓紧|第一时间|不过夜`)
	noDate      = regexp.MustCompile(`限期|按期|如期|按时|按规定|按要求|按制度|规定时限|时限要求|待定|另行|视情|适时|择机|不定期|根据|按照|按方案|^无$|^暂无|^见|同上|〃`)
	status      = regexp.MustCompile(`^(?:已|基本|全部|正在|未|尚未|部分)?(?:经)?(?:完成|整改|办结|销号|落实|推进|到位)`)
	overdueWord = regexp.MustCompile(`已超|超期|逾期|到期前|期满前`)
)

// fromWords reads a phrase in which neither a day nor a length of time stands.
func (r *deadlineReader) fromWords() Deadline {
	switch {
	case weekday.MatchString(r.text):
		return r.fromWeekday()
	case strings.Contains(r.text, "月底") || strings.Contains(r.text, "本月") || strings.Contains(r.text, "下月"):
		return r.fromMonth()
	case foundAtOnce.MatchString(r.text):
		return r.atOnce(Immediate)
	case spotAtOnce.MatchString(r.text):
		return r.atOnce(OnTheSpot)
	case during.MatchString(r.text):
		return r.ask(AskStay)
	case atOnce.MatchString(r.text):
		if r.in.Tier == Immediate {
			return r.atOnce(Immediate)
		}
		return r.atOnce(OnTheSpot)
	case r.d.Standing:
		return r.d
	case r.d.Every != "":
		return r.ask(AskRecurring)
	case overdueWord.MatchString(r.text):
		return r.ask(AskOther)
	case strings.Contains(r.text, "集中整改期"):
		if r.in.WindowEnd.Valid() {
			r.d.DueOn, r.d.Assumed = r.in.WindowEnd, append(r.d.Assumed, AssumedWindow)
			return r.d
		}
		return r.ask(AskWindow)
	case noDate.MatchString(r.text):
		return r.ask(AskNoDate, DefaultDue(r.in, r.calendar))
	case status.MatchString(r.text):
		return r.ask(AskStatus, DefaultDue(r.in, r.calendar))
	default:
		return r.ask(AskNoDate, DefaultDue(r.in, r.calendar))
	}
}

// atOnce is the term of a tier whose words say no number of days.
func (r *deadlineReader) atOnce(tier Tier) Deadline {
	in := r.in
	in.Tier = tier
	day := DefaultDue(in, r.calendar)
	if day == "" {
		if ask, ok := map[Anchor]string{FromFound: AskFound, FromNotice: AskNotice, FromFeedback: AskBack}[in.Terms.Of(tier).From]; ok {
			return r.ask(ask)
		}
		return r.ask(AskNoDate)
	}
	r.d.DueOn, r.d.Assumed = day, append(r.d.Assumed, AssumedTier)
	if !r.calendar.Known(day.Year()) {
		r.d.Assumed = append(r.d.Assumed, AssumedWeekdays)
	}
	return r.d
}

// fromWeekday reads 下周三, 本周五, 周日.
func (r *deadlineReader) fromWeekday() Deadline {
	m := weekday.FindStringSubmatch(r.text)
	if !r.in.Today.Valid() {
		return r.ask(AskToday)
	}
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

// fromMonth reads 月底, 本月底, 下月20日.
func (r *deadlineReader) fromMonth() Deadline {
	if !r.in.Today.Valid() {
		return r.ask(AskNoMonth)
	}
	day := 0
	if m := dayOnly.FindStringSubmatch(r.text); m != nil {
		day, _ = strconv.Atoi(m[1])
	}
	for part, end := range map[string]int{"上旬": 10, "中旬": 20} {
		if strings.Contains(r.text, part) {
			day = end
		}
	}
	first, _ := dayOfMonth(r.in.Today.Year(), int(r.in.Today.Time().Month()), 1)
	if strings.Contains(r.text, "下月") {
		first = first.PlusMonths(1)
	}
	d, ok := dayOfMonth(first.Year(), int(first.Time().Month()), day)
	if !ok {
		return r.ask(AskNoSuchDay)
	}
	r.d.DueOn, r.d.Assumed = d, append(r.d.Assumed, AssumedToday)
	return r.d
}
