package day

import (
	"strconv"
	"strings"
)

// published is the State Council's calendar: for each year the days off, make-up
// days at work, and the notice they come from.
var published = map[int]struct{ notice, off, work string }{
	// 国务院办公厅关于2024年部分节假日安排的通知，国办发明电〔2023〕7号
	2024: {
		notice: "国办发明电〔2023〕7号",
		off:    "01-01..01-01 02-10..02-17 04-04..04-06 05-01..05-05 06-10..06-10 09-15..09-17 10-01..10-07",
		work:   "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
	},
	// 国务院办公厅关于2025年部分节假日安排的通知，国办发明电〔2024〕12号
	2025: {
		notice: "国办发明电〔2024〕12号",
		off:    "01-01..01-01 01-28..02-04 04-04..04-06 05-01..05-05 05-31..06-02 10-01..10-08",
		work:   "01-26 02-08 04-27 09-28 10-11",
	},
	// 国务院办公厅关于2026年部分节假日安排的通知，2025年11月4日
	2026: {
		notice: "2025年11月4日通知",
		off:    "01-01..01-03 02-15..02-23 04-04..04-06 05-01..05-05 06-19..06-21 09-25..09-27 10-01..10-07",
		work:   "01-04 02-14 02-28 05-09 09-20 10-10",
	},
}

// StateCouncil is the embedded calendar, of the years whose notice has been
// published.
func StateCouncil() Calendar {
	c := Calendar{Holidays: map[Day]bool{}, MakeUp: map[Day]bool{}, Years: map[int]bool{}}
	for year, table := range published {
		c.Years[year] = true
		day := func(monthDay string) Day { return Day(strconv.Itoa(year) + "-" + monthDay) }
		for _, span := range strings.Fields(table.off) {
			first, last, _ := strings.Cut(span, "..")
			for d := day(first); d <= day(last); d = d.Plus(1) {
				c.Holidays[d] = true
			}
		}
		for _, worked := range strings.Fields(table.work) {
			c.MakeUp[day(worked)] = true
		}
	}
	return c
}
