package day

import (
	"slices"
	"sync"
	"time"

	"github.com/6tail/lunar-go/calendar"
)

// The years whose lunar calendar is asked for. Outside of them no deadline lies.
const firstLunarYear, lastLunarYear = 1989, 2101

// festivals are the feasts that people name instead of a day: those of the common
// calendar by month and day, those of the lunar one likewise. The days off around
// them are another matter: those the State Council gives each year (published).
var (
	solarFestivals = map[string][2]int{
		"元旦": {1, 1}, "妇女节": {3, 8}, "三八": {3, 8}, "植树节": {3, 12}, "五一": {5, 1}, "劳动节": {5, 1}, "五四": {5, 4}, "青年节": {5, 4},
		"六一": {6, 1}, "儿童节": {6, 1}, "七一": {7, 1}, "建党节": {7, 1}, "八一": {8, 1}, "建军节": {8, 1}, "教师节": {9, 10},
		"国庆": {10, 1}, "十一": {10, 1}, "圣诞": {12, 25},
	}
	lunarFestivals = map[string][2]int{
		"春节": {1, 1}, "元宵": {1, 15}, "端午": {5, 5}, "七夕": {7, 7}, "中元": {7, 15}, "中秋": {8, 15}, "重阳": {9, 9}, "腊八": {12, 8},
	}
	// terms are the twenty-four 节气, which the sun makes: a day earlier or later each year.
	terms = []string{
		"小寒", "大寒", "立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至",
		"小暑", "大暑", "立秋", "处暑", "白露", "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至",
	}
)

// Festivals are the names Festival knows.
func Festivals() []string {
	names := slices.Clone(terms)
	names = append(names, "除夕")
	for name := range solarFestivals {
		names = append(names, name)
	}
	for name := range lunarFestivals {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Festival is the day of a feast (春节, 国庆, 清明) in a year of the common calendar;
// ok is false for a name it does not know and for a year without a lunar calendar here.
func Festival(name string, year int) (d Day, ok bool) {
	key := almanacKey{name: name, year: year}
	if known, ok := almanac.Load(key); ok {
		return known.(Day), known.(Day) != ""
	}
	if year < firstLunarYear || year > lastLunarYear || !slices.Contains(Festivals(), name) {
		return "", false
	}
	d, ok = festival(name, year)
	almanac.Store(key, d)
	return d, ok
}

// almanac keeps what has been reckoned, for a ledger names the same feast on every
// row and a lunar year takes milliseconds: some thousands of days at the most.
var almanac sync.Map

type almanacKey struct {
	name              string
	year, month, date int
}

func festival(name string, year int) (d Day, ok bool) {
	if date, common := solarFestivals[name]; common {
		return Of(time.Date(year, time.Month(date[0]), date[1], 0, 0, 0, 0, time.UTC)), true
	}
	if name == "除夕" {
		eve, ok := Festival("春节", year)
		return eve.Plus(-1), ok
	}
	if date, lunar := lunarFestivals[name]; lunar {
		for _, y := range []int{year, year - 1} {
			if d, ok := Lunar(y, date[0], date[1]); ok && d.Year() == year {
				return d, true
			}
		}
		return "", false
	}
	for _, y := range []int{year, year + 1} { // a lunar year's table begins with the winter before it
		if at := calendar.NewLunarFromYmd(y, 6, 1).GetJieQiTable()[name]; at != nil && at.GetYear() == year {
			return Of(time.Date(at.GetYear(), time.Month(at.GetMonth()), at.GetDay(), 0, 0, 0, 0, time.UTC)), true
		}
	}
	return "", false
}

// Lunar is the day of a date of the lunar calendar, the month's last for date 0; a
// leap month is the negative of its month. ok is false when that year has no such day.
func Lunar(year, month, date int) (d Day, ok bool) {
	if year < firstLunarYear || year > lastLunarYear || month == 0 || month < -12 || month > 12 || date < 0 || date > 30 {
		return "", false
	}
	key := almanacKey{year: year, month: month, date: date}
	if known, ok := almanac.Load(key); ok {
		return known.(Day), known.(Day) != ""
	}
	defer func() { almanac.Store(key, d) }()
	m := calendar.NewLunarMonthFromYm(year, month)
	if m == nil || m.GetYear() != year || date > m.GetDayCount() {
		return "", false
	}
	if date == 0 {
		date = m.GetDayCount()
	}
	at := calendar.NewLunarFromYmd(year, month, date).GetSolar()
	return Of(time.Date(at.GetYear(), time.Month(at.GetMonth()), at.GetDay(), 0, 0, 0, 0, time.UTC)), true
}
