package day

import (
	"slices"
	"strconv"
	"strings"
)

// Year is one year of the working calendar: its days off and the weekend days worked to
// make up for them, both in their order, and where that comes from.
type Year struct {
	Year    int    `json:"year"`
	Notice  string `json:"notice"` // the notice's number, or the source
	Off     []Day  `json:"off"`
	Work    []Day  `json:"work"`
	Checked bool   `json:"checked"` // held against the State Council's own notice
}

// published is the State Council's calendar as the program brings it along: for each
// year the days off, make-up days at work, and the notice they come from. It is the one
// table of days; feasts are reckoned (festival.go).
var published = []struct {
	year              int
	notice, off, work string
	checked           bool
}{
	// 国务院办公厅关于2024年部分节假日安排的通知，国办发明电〔2023〕7号
	{2024, "国办发明电〔2023〕7号", "01-01 02-10..02-17 04-04..04-06 05-01..05-05 06-10 09-15..09-17 10-01..10-07", "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12", true},
	// 国务院办公厅关于2025年部分节假日安排的通知，国办发明电〔2024〕12号
	{2025, "国办发明电〔2024〕12号", "01-01 01-28..02-04 04-04..04-06 05-01..05-05 05-31..06-02 10-01..10-08", "01-26 02-08 04-27 09-28 10-11", true},
	// 国务院办公厅关于2026年部分节假日安排的通知，2025年11月4日
	{2026, "2025年11月4日通知", "01-01..01-03 02-15..02-23 04-04..04-06 05-01..05-05 06-19..06-21 09-25..09-27 10-01..10-07", "01-04 02-14 02-28 05-09 09-20 10-10", true},
	// The days of lunar-go v1.4.7, 2026-11-06. No second source bears them out, so that
	// they count as not checked until an office has held them against the notice.
	{2027, "lunar-go v1.4.7", "01-01..01-03 02-05..02-13 04-03..04-05 05-01..05-05 06-09 09-15 10-01..10-07", "01-31 02-14 05-08 09-26 10-09", false},
}

// StateCouncil is the embedded calendar, of the years whose notice has been
// published.
func StateCouncil() Calendar {
	c := Calendar{}
	for _, table := range published {
		y, err := ReadDays(table.year, table.off, table.work)
		if err != nil {
			panic(err) // a slip in the table above
		}
		y.Notice, y.Checked = table.notice, table.checked
		c = c.With(y)
	}
	return c
}

// With is the calendar in which a year is as said there, whatever it was before.
func (c Calendar) With(y Year) Calendar {
	out := Calendar{Holidays: map[Day]bool{}, MakeUp: map[Day]bool{}, Years: map[int]Year{}}
	for year, known := range c.Years {
		if year != y.Year {
			out.Years[year] = known
		}
	}
	out.Years[y.Year] = y
	for _, year := range out.Years {
		for _, d := range year.Off {
			out.Holidays[d] = true
		}
		for _, d := range year.Work {
			out.MakeUp[d] = true
		}
	}
	return out
}

// Fault is what is wrong with a year's days as somebody wrote them: a sentence's key in
// views/text, with its arguments, and the line it stands in where that is known.
type Fault struct {
	Line int
	Key  string
	Args []any
}

func (f Fault) Error() string { return "calendar: " + f.Key }

// ReadDays reads a year's days as a form has them: 02-05..02-13 04-03, parted by spaces
// or commas; a day may have its year (2026-12-31), for a feast that begins before it.
func ReadDays(year int, off, work string) (Year, error) {
	y := Year{Year: year}
	for _, list := range []struct {
		text string
		into *[]Day
	}{{off, &y.Off}, {work, &y.Work}} {
		for _, span := range strings.FieldsFunc(list.text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,，、;；", r) }) {
			first, last, ranged := strings.Cut(strings.ReplaceAll(span, "~", ".."), "..")
			if !ranged {
				last = first
			}
			from, to := dayIn(year, first), dayIn(year, last)
			if !from.Valid() || !to.Valid() || to < from || from.DaysUntil(to) > 31 {
				return y, Fault{Key: "calendar.span", Args: []any{span}}
			}
			for d := from; d <= to; d = d.Plus(1) {
				*list.into = append(*list.into, d)
			}
		}
	}
	return y.sorted(), y.Check()
}

func dayIn(year int, text string) Day {
	if strings.Count(text, "-") == 1 {
		return Day(strconv.Itoa(year) + "-" + text)
	}
	return Day(text)
}

func (y Year) sorted() Year {
	slices.Sort(y.Off)
	slices.Sort(y.Work)
	y.Off, y.Work = slices.Compact(y.Off), slices.Compact(y.Work)
	return y
}

// The most days a year may have off and worked beside its weekends: beyond them it is a
// slip of the hand.
const mostOff, mostWork = 60, 30

// Check says what cannot be right of a year: days of another one (but for the December
// before), a make-up day that is worked anyway, a day both off and worked.
func (y Year) Check() error {
	if y.Year < 1990 || y.Year > 2100 {
		return Fault{Key: "calendar.year"}
	}
	if len(y.Off) == 0 {
		return Fault{Key: "calendar.none"}
	}
	if len(y.Off) > mostOff || len(y.Work) > mostWork {
		return Fault{Key: "calendar.many", Args: []any{len(y.Off), len(y.Work)}}
	}
	before := strconv.Itoa(y.Year-1) + "-12-"
	for _, d := range slices.Concat(y.Off, y.Work) {
		if d.Year() != y.Year && !strings.HasPrefix(string(d), before) {
			return Fault{Key: "calendar.other", Args: []any{string(d)}}
		}
	}
	for _, d := range y.Work {
		switch wd := d.Weekday(); {
		case wd != 0 && wd != 6:
			return Fault{Key: "calendar.weekday_worked", Args: []any{string(d)}}
		case slices.Contains(y.Off, d):
			return Fault{Key: "calendar.both", Args: []any{string(d)}}
		}
	}
	return nil
}

// Spans are days as ReadDays takes them, those that follow each other as one span.
func Spans(days []Day, year int) string {
	written := func(d Day) string { return strings.TrimPrefix(string(d), strconv.Itoa(year)+"-") }
	var spans []string
	for n := 0; n < len(days); {
		end := n
		for end+1 < len(days) && days[end+1] == days[end].Plus(1) {
			end++
		}
		span := written(days[n])
		if end > n {
			span += ".." + written(days[end])
		}
		spans = append(spans, span)
		n = end + 1
	}
	return strings.Join(spans, " ")
}
