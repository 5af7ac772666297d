package day

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/width"
)

// The words of the State Council's notices on holidays, as they have been since 2007:
// 一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
var (
	noticeYear   = regexp.MustCompile(`(\d{4})年(?:部分)?节假日`)
	noticeNumber = regexp.MustCompile(`国办发明电[〔\[(]\d{4}[〕\])]\d+号`)
	noticeSpan   = regexp.MustCompile(`(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日(?:\(([^()]*)\))?(?:(?:至|到|-|—|~)(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^()]*)\))?)?`)
	noticeVerb   = regexp.MustCompile(`上班|放假|补休|调休|休息`)
	noticeCount  = regexp.MustCompile(`共(\d+)天`)
	noticeWeek   = regexp.MustCompile(`(?:星期|周)([一二三四五六日天])`)
	tableRow     = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(?:\s*(?:\.\.|至|~)\s*(\d{4}-\d{2}-\d{2}))?\s*[,;\t ]\s*"?(\S+?)"?(?:[,;\t ].*)?$`)
)

// ReadNotice reads a year's days from the text of the State Council's notice, or from a
// table with a row a day: 2027-01-01,off and 2027-01-31,work (放假, 上班). The year is
// the text's, or the one given where it names none; 0 for none. What does not fit (a
// weekday that is another, a count that is not the days') is a Fault and names its line.
func ReadNotice(text string, year int) (Year, error) {
	text = width.Narrow.String(strings.TrimPrefix(text, "\uFEFF"))
	text = strings.NewReplacer("（", "(", "）", ")", "\r\n", "\n", "\r", "\n").Replace(text)
	lines := strings.Split(text, "\n")
	for _, line := range lines {
		if tableRow.MatchString(strings.TrimSpace(line)) {
			return readTable(lines, year)
		}
	}
	if m := noticeYear.FindStringSubmatch(strings.Join(strings.Fields(text), "")); m != nil {
		year, _ = strconv.Atoi(m[1])
	}
	if year == 0 {
		return Year{}, Fault{Key: "calendar.no_year"}
	}
	y := Year{Year: year, Notice: strings.NewReplacer("(", "〔", ")", "〕", "[", "〔", "]", "〕").Replace(noticeNumber.FindString(text))}
	for n, line := range lines {
		if err := y.readLine(strings.ReplaceAll(strings.ReplaceAll(line, " ", ""), "\u3000", "")); err != nil {
			fault := err.(Fault)
			fault.Line = n + 1
			return y, fault
		}
	}
	return y.sorted(), y.Check()
}

// readLine reads one line of a notice: each day belongs to the first verb behind it.
func (y *Year) readLine(line string) error {
	for _, sentence := range strings.FieldsFunc(line, func(r rune) bool { return r == '。' || r == '｡' || r == '；' }) {
		var off []Day
		for _, m := range noticeSpan.FindAllStringSubmatchIndex(sentence, -1) {
			verb := noticeVerb.FindString(sentence[m[1]:])
			if verb == "" {
				continue // the day of the notice itself
			}
			days, err := y.span(sentence, m)
			if err != nil {
				return err
			}
			if verb == "上班" {
				y.Work = append(y.Work, days...)
			} else {
				y.Off, off = append(y.Off, days...), append(off, days...)
			}
		}
		if m := noticeCount.FindStringSubmatch(sentence); m != nil && len(off) > 0 && m[1] != strconv.Itoa(len(off)) {
			return Fault{Key: "calendar.count", Args: []any{sentence, m[1], len(off)}}
		}
	}
	return nil
}

// span are the days of one span of a notice, whose weekdays must be theirs.
func (y *Year) span(sentence string, m []int) ([]Day, error) {
	part := func(n int) string {
		if m[2*n] < 0 {
			return ""
		}
		return sentence[m[2*n]:m[2*n+1]]
	}
	orElse := func(text, other string) string {
		if text == "" {
			return other
		}
		return text
	}
	year := orElse(part(1), strconv.Itoa(y.Year))
	from := noticeDay(year, part(2), part(3))
	to := from
	if part(7) != "" {
		to = noticeDay(orElse(part(5), year), orElse(part(6), part(2)), part(7))
	}
	if !from.Valid() || !to.Valid() || to < from || from.DaysUntil(to) > 31 {
		return nil, Fault{Key: "calendar.span", Args: []any{sentence[m[0]:m[1]]}}
	}
	for _, told := range []struct {
		day  Day
		said string
	}{{from, part(4)}, {to, part(8)}} {
		w := noticeWeek.FindStringSubmatch(told.said)
		if w == nil {
			continue
		}
		if at := strings.Index("日一二三四五六", strings.Replace(w[1], "天", "日", 1)) / len("日"); at != int(told.day.Weekday()) {
			return nil, Fault{Key: "calendar.weekday", Args: []any{string(told.day), told.said}}
		}
	}
	var days []Day
	for d := from; d <= to; d = d.Plus(1) {
		days = append(days, d)
	}
	return days, nil
}

func noticeDay(year, month, date string) Day {
	two := func(s string) string {
		if len(s) == 1 {
			return "0" + s
		}
		return s
	}
	return Day(year + "-" + two(month) + "-" + two(date))
}

// readTable reads a table with a row a day, or a span of days.
func readTable(lines []string, year int) (Year, error) {
	var y Year
	for n, line := range lines {
		line = strings.TrimSpace(line)
		m := tableRow.FindStringSubmatch(line)
		if m == nil {
			if line == "" || n == 0 || strings.HasPrefix(line, "#") {
				continue // a heading, a remark
			}
			return y, Fault{Line: n + 1, Key: "calendar.row", Args: []any{line}}
		}
		from, to := Day(m[1]), Day(m[1])
		if m[2] != "" {
			to = Day(m[2])
		}
		if !from.Valid() || !to.Valid() || to < from || from.DaysUntil(to) > 31 {
			return y, Fault{Line: n + 1, Key: "calendar.span", Args: []any{line}}
		}
		if y.Year = max(y.Year, to.Year()); from.Year() < y.Year-1 {
			return y, Fault{Line: n + 1, Key: "calendar.years_differ", Args: []any{from.Year(), y.Year}}
		}
		var into *[]Day
		switch word := strings.ToLower(m[3]); {
		case slices.Contains([]string{"off", "holiday", "放假", "休", "休息", "1"}, word):
			into = &y.Off
		case slices.Contains([]string{"work", "workday", "上班", "班", "补班", "0"}, word):
			into = &y.Work
		default:
			return y, Fault{Line: n + 1, Key: "calendar.kind", Args: []any{m[3]}}
		}
		for d := from; d <= to; d = d.Plus(1) {
			*into = append(*into, d)
		}
	}
	if year != 0 && year != y.Year {
		return y, Fault{Key: "calendar.years_differ", Args: []any{y.Year, year}}
	}
	return y.sorted(), y.Check()
}
