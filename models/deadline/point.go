package deadline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/models/day"
)

// point is one day of the calendar as it stands in a phrase, or the piece of a
// year that ends with it.
type point struct {
	year       int  // 0 when it is left out
	given      bool // the phrase has the year, whether or not it could be told
	next       bool // 次年: the year after the one named before, where one is
	wraps      bool // ends in the year after the one it names: 11-2月
	far        bool // the year is out of the round's reach
	month, day int  // of its last day; day 0 is the month's last
	since      int  // month it begins with, for what "前" may mean: 0 when it is a single day
	sinceDay   int  // and the day, within a month
	vague      int  // a further last day it may mean (3月初), month*100 + day
	bare       bool // a day without its month, at the end of a range
	thisMonth  bool // 本月, 月底
	later      int  // months later than this one: 下月
	feast      string
	lunar      *lunarDate
	either     []day.Day // the days a number may mean whose order is not known
	number     bool      // it was read out of such a number
}

// lunarDate is a day of the lunar calendar.
type lunarDate struct{ month, date int }

// whole says whether the point is a year as such, before which its day may stand.
func (p point) whole() bool { return p.since == 1 && p.month == 12 && p.feast == "" }

// exact says whether it is one day and not a piece of the year.
func (p point) exact() bool { return p.since == 0 && p.vague == 0 && len(p.either) == 0 }

// pointForms are the ways a day is written, the surest first. Each reads the head of
// a text and gives how many bytes of it it took, 0 for none.
var pointForms = []func(*phraseReader, string) (point, int){
	(*phraseReader).numberPoint, (*phraseReader).monthPoint, (*phraseReader).quarterPoint, (*phraseReader).halfPoint,
	(*phraseReader).feastPoint, (*phraseReader).lunarPoint, (*phraseReader).yearsPoint, (*phraseReader).yearPoint,
	(*phraseReader).thisMonthPoint, (*phraseReader).planPoint, (*phraseReader).barePoint,
}

// pointAt is the day that a text begins with.
func (r *phraseReader) pointAt(text string) (point, int) {
	for _, form := range pointForms {
		if p, n := form(r, text); n > 0 {
			return p, n
		}
	}
	return point{}, 0
}

// figuresAt is the number a text begins with, of so many figures.
func figuresAt(text string, least, most int) (value, n int) {
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	if n < least || n > most {
		return 0, 0
	}
	value, _ = strconv.Atoi(text[:n])
	return value, n
}

// oneOf is which of the words a text begins with.
func oneOf(text string, choices ...string) (string, int) {
	for _, w := range choices {
		if strings.HasPrefix(text, w) {
			return w, len(w)
		}
	}
	return "", 0
}

// yearAt reads the year before a day: 2024年, 24年, 明年, 次年.
func (r *phraseReader) yearAt(text string) (p point, n int) {
	if word, n := oneOf(text, "今年", "明年", "后年", "去年"); n > 0 {
		p.given, p.next = true, word == "明年"
		if r.year() != 0 {
			p.year = r.year() + map[string]int{"今年": 0, "明年": 1, "后年": 2, "去年": -1}[word]
			r.yearTaken = true
		}
		return p, n + taken(text[n:], "的")
	}
	value, n := figuresAt(text, 2, 4)
	if n != 2 && n != 4 || !strings.HasPrefix(text[n:], "年") {
		return point{}, 0
	}
	p.given, p.year = true, value
	if n == 2 {
		p.year, p.far = r.century(value), !r.reaches(r.century(value))
	}
	n += len("年")
	return p, n + taken(text[n:], "的")
}

func taken(text, word string) int {
	if strings.HasPrefix(text, word) {
		return len(word)
	}
	return 0
}

// century is a year of two figures in full.
func (r *phraseReader) century(n int) int {
	if n >= 90 {
		return 1900 + n
	}
	return 2000 + n
}

// A year of two figures is taken when it lies within reach of the round: a deadline
// is rarely older than the round and seldom more than a plan's ten years off. Where the
// round's year is not known, the twenties and thirties of the century are.
const reachBack, reachOn = 2, 10

func (r *phraseReader) reaches(year int) bool {
	if known := r.year(); known != 0 {
		return year >= known-reachBack && year <= known+reachOn
	}
	return year >= 2020 && year < 2040
}

// monthPoint reads 2024年9月30日, 9月底, 4-6月, 5月上旬.
func (r *phraseReader) monthPoint(text string) (point, int) {
	p, at := r.yearAt(text)
	if at == 0 && strings.HasPrefix(text, "的") {
		return p, 0
	}
	first, n := figuresAt(text[at:], 1, 2)
	if n == 0 {
		return p, 0
	}
	at += n
	p.month = first
	for _, dash := range []string{"-", "至", "、"} { // 4-6月, whose end is 6月
		second, m := figuresAt(text[at+taken(text[at:], dash):], 1, 2)
		if strings.HasPrefix(text[at:], dash) && m > 0 && strings.HasPrefix(text[at+len(dash)+m:], "月") && (dash != "、" || second == first+1) {
			p.month, p.wraps, at = second, second < first, at+len(dash)+m
			first = 0
			break
		}
	}
	if !strings.HasPrefix(text[at:], "月") {
		return p, 0
	}
	at += len("月")
	if n := r.dayAt(&p, text[at:]); n > 0 {
		return p, at + n
	}
	at += monthPart(&p, text[at:])
	if first == 0 {
		p.since = 0
	}
	return p, at
}

// dayAt reads the day behind a month: 30日, or 30 where nothing is counted by it.
func (r *phraseReader) dayAt(p *point, text string) int {
	date, n := figuresAt(text, 1, 2)
	if n == 0 {
		return 0
	}
	rest := text[n:]
	if _, sign := oneOf(rest, "日", "号"); sign > 0 {
		p.day = date
		return n + sign
	}
	if _, unit := oneOf(rest, "个", "月", "年", "季", "周", "天", "小时", "工作", "半", "."); unit > 0 {
		return 0
	}
	p.day = date
	return n
}

// monthPart reads which part of a month is meant; without a word it is the whole.
func monthPart(p *point, text string) int {
	p.since, p.sinceDay = p.month, 1
	part, n := oneOf(text, "上旬", "中旬", "下旬", "中下旬", "上中旬", "初", "底", "中", "内")
	switch part {
	case "上旬":
		p.day = 10
	case "中旬":
		p.day, p.sinceDay = 20, 11
	case "上中旬":
		p.day = 20
	case "下旬":
		p.sinceDay = 21
	case "中下旬":
		p.sinceDay = 11
	case "底":
		p.since, p.sinceDay = 0, 0
	case "初":
		p.day, p.vague = 5, p.month*100+10
	case "中":
		p.day, p.vague = 15, p.month*100+20
	}
	return n
}

// quarterPoint reads 2024年第3季度, 3季度底.
func (r *phraseReader) quarterPoint(text string) (point, int) {
	p, at := r.yearAt(text)
	at += taken(text[at:], "第")
	n, m := figuresAt(text[at:], 1, 1)
	if m == 0 || n < 1 || n > 4 || !strings.HasPrefix(text[at+m:], "季度") {
		return p, 0
	}
	at += m + len("季度")
	p.month, p.since, p.sinceDay = 3*n, 3*n-2, 1
	part, m := oneOf(text[at:], "底", "初", "内")
	switch part {
	case "底":
		p.since = 0
	case "初":
		p.month, p.vague = p.month-2, (p.month-2)*100+10
	}
	return p, at + m
}

// halfPoint reads 2024年上半年, and 半年底.
func (r *phraseReader) halfPoint(text string) (point, int) {
	if strings.HasPrefix(text, "半年底") {
		return point{month: 6}, len("半年底")
	}
	p, at := r.yearAt(text)
	half, n := oneOf(text[at:], "上半年", "下半年")
	if n == 0 {
		return p, 0
	}
	p.month = map[string]int{"上半年": 6, "下半年": 12}[half]
	p.since, p.sinceDay = p.month-5, 1
	_, m := oneOf(text[at+n:], "底", "内")
	if m > 0 {
		p.since = 0
	}
	return p, at + n + m
}

// yearsPoint reads 2024-2026年, and 2024-2026, whose end is the last year's.
func (r *phraseReader) yearsPoint(text string) (point, int) {
	first, n := figuresAt(text, 4, 4)
	m := n + taken(text[n:], "年")
	_, dash := oneOf(text[m:], "-", "至")
	last, k := figuresAt(text[m+dash:], 4, 4)
	if n == 0 || dash == 0 || k == 0 || last < first || first < FirstYear || last > LastYear {
		return point{}, 0
	}
	end := m + dash + k
	rest := text[end:]
	if _, more := oneOf(rest, ".", "/", "-"); more > 0 {
		return point{}, 0
	}
	if year := taken(rest, "年"); year > 0 {
		if _, more := oneOf(rest[year:], "底", "年", "初", "中", "内", "上", "下", "第", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"); more > 0 {
			return point{}, 0 // the year has more to it: 2022年至2024年底
		}
		end += year
	}
	return point{year: last, given: true, month: 12}, end
}

// yearPoint reads 2024年底, 年内, 2024年.
func (r *phraseReader) yearPoint(text string) (point, int) {
	p, at := r.yearAt(text)
	if at == 0 {
		word, n := oneOf(text, "年底", "年内", "年中", "年初")
		if n == 0 {
			return p, 0
		}
		at = len("年")
		_ = word
	}
	part, n := oneOf(text[at:], "年底", "年中", "年初", "年内", "底", "初", "中", "内")
	if p.far && strings.HasSuffix(part, "内") {
		return p, 0 // 10年内 is a length of time
	}
	p.month = 12
	switch strings.TrimPrefix(part, "年") {
	case "底", "内":
	case "初":
		p.month, p.vague = 1, 300
	case "中":
		p.month, p.vague = 6, 700
	default:
		p.since, p.sinceDay = 1, 1
	}
	return p, at + n
}

// thisMonthPoint reads 本月底, 下月20日, 月底.
func (r *phraseReader) thisMonthPoint(text string) (point, int) {
	word, at := oneOf(text, "当月", "下月", "月底", "月内", "月初", "月中旬", "月上旬")
	if at == 0 {
		return point{}, 0
	}
	p := point{thisMonth: true}
	switch word {
	case "下月":
		p.later = 1
	case "当月":
	default:
		at = len("月")
	}
	if n := r.dayAt(&p, text[at:]); n > 0 {
		return p, at + n
	}
	n := monthPart(&p, text[at:])
	if p.vague > 0 {
		p.vague %= 100
	}
	return p, at + n
}

// planPoint reads 十四五末.
func (r *phraseReader) planPoint(text string) (point, int) {
	word, at := oneOf(text, "十三五", "十四五", "十五五", "十六五")
	if at == 0 {
		return point{}, 0
	}
	for _, more := range []string{"规划", "期间", "时期", "期末", "末", "收官"} {
		at += taken(text[at:], more)
	}
	return point{given: true, month: 12, year: map[string]int{"十三五": 2020, "十四五": 2025, "十五五": 2030, "十六五": 2035}[word]}, at
}

// barePoint reads 15日, which needs a month from elsewhere. 15日内 is a length of time.
func (r *phraseReader) barePoint(text string) (point, int) {
	date, n := figuresAt(text, 1, 2)
	_, sign := oneOf(text[n:], "日", "号")
	if n == 0 || sign == 0 {
		return point{}, 0
	}
	rest := text[n+sign:]
	if _, length := oneOf(rest, "内", "后", "时间", "期限", "以", "起", "历天"); length > 0 {
		return point{}, 0
	}
	if last := r.last(); last != nil && (last.kind == beforeWord || last.kind == backwardWord || last.kind == explainsWord) {
		return point{}, 0
	}
	return point{day: date, bare: true}, n + sign
}

// feastNames are the ways a feast is named, those that begin alike longest first.
var feastNames = func() []string {
	names := append(day.Festivals(), "仲秋")
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	return names
}()

// feastPoint reads 2025年春节, 国庆假期: the feast's own day.
func (r *phraseReader) feastPoint(text string) (point, int) {
	p, at := r.yearAt(text)
	name, n := oneOf(text[at:], feastNames...)
	if n == 0 {
		return p, 0
	}
	at += n
	for _, more := range []string{"节日", "节", "长假", "小长假", "假期"} {
		at += taken(text[at:], more)
	}
	p.feast = strings.Replace(name, "仲秋", "中秋", 1)
	return p, at
}

// The months of the lunar calendar, and its days of one way of writing.
var (
	lunarMonths = []string{"正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "冬", "腊"}
	lunarDays   = []string{"十", "十一", "十二", "十三", "十四", "十五", "十六", "十七", "十八", "十九", "二十", "廿一", "廿二", "廿三", "廿四", "廿五", "廿六", "廿七", "廿八", "廿九", "三十"}
)

// lunarPoint reads 农历八月十五, 腊月底, 正月十五: a day of the lunar calendar. It reads
// numbers in both kinds of figures, as numbered has left them.
func (r *phraseReader) lunarPoint(text string) (point, int) {
	p, at := r.yearAt(text)
	_, said := oneOf(text[at:], "农历", "阴历", "旧历")
	at += said
	if at > 0 && p.year == 0 && said > 0 {
		var n int
		if p, n = r.yearAt(text[at:]); n == 0 {
			p = point{}
		} else {
			at += n
		}
	}
	leap := taken(text[at:], "闰")
	at += leap
	month, n := figuresAt(text[at:], 1, 2)
	if n == 0 {
		var word string
		if word, n = oneOf(text[at:], "正月", "冬月", "腊月"); n > 0 {
			month, n = map[string]int{"正月": 1, "冬月": 11, "腊月": 12}[word], n-len("月")
		} else if word, n = longestOf(text[at:], lunarMonths); n > 0 {
			month = slices.Index(lunarMonths, word) + 1
		}
		if n > 0 && said == 0 && leap == 0 && word != "正月" && word != "冬月" && word != "腊月" {
			return p, 0
		}
	} else if said == 0 && leap == 0 {
		return p, 0
	}
	if n == 0 || !strings.HasPrefix(text[at+n:], "月") {
		return p, 0
	}
	at += n + len("月")
	p.lunar = &lunarDate{month: month}
	if leap > 0 {
		p.lunar.month = -month
	}
	date, n := lunarDay(text[at:])
	p.lunar.date = date
	if n == 0 {
		n = taken(text[at:], "底")
		p.since = map[bool]int{true: 0, false: 1}[n > 0]
		n += taken(text[at+n:], "内")
	}
	return p, at + n
}

// lunarDay reads 初五, 十五, 廿三, 15日, 5 of a lunar month.
func lunarDay(text string) (date, n int) {
	at := taken(text, "初")
	if date, n = figuresAt(text[at:], 1, 2); n == 0 {
		var word string
		if word, n = longestOf(text[at:], lunarDays); n > 0 && at == 0 {
			date = slices.Index(lunarDays, word) + 10
		} else if word, n = oneOf(text[at:], "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"); n > 0 && at > 0 {
			date = strings.Index("一二三四五六七八九十", word)/len("一") + 1
		} else {
			return 0, 0
		}
	}
	at += n
	_, sign := oneOf(text[at:], "日", "号")
	return date, at + sign
}

// longestOf is the longest of the words a text begins with.
func longestOf(text string, choices []string) (word string, n int) {
	for _, w := range choices {
		if strings.HasPrefix(text, w) && len(w) > n {
			word, n = w, len(w)
		}
	}
	return word, n
}

// on is the point's last day in a year; ok is false when that year has none.
func (p point) on(year int, earlier bool) (d day.Day, ok bool) {
	switch {
	case p.feast != "":
		d, ok = day.Festival(p.feast, year)
	case p.lunar != nil:
		if d, ok = day.Lunar(year, p.lunar.month, p.lunar.date); !p.given && ok && d.Year() != year {
			d, ok = day.Lunar(year-1, p.lunar.month, p.lunar.date) // the one that falls in the year
		}
	case p.vague > 0 && p.month == 0:
		return "", false
	default:
		if p.wraps {
			year++
		}
		return dayOfMonth(year, p.month, p.day)
	}
	if ok && earlier && p.feast != "" {
		d = d.Plus(-1) // what is due before a feast is never done on it
	}
	return d, ok
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
