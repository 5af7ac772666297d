// Package day is the calendar: a Day is a date of the place, without time or zone, and a
// Calendar knows which days are worked (调休), by the State Council's notices. Values in,
// values out: it knows nothing of the register, of a database or of the wall's clock.
package day

import (
	"fmt"
	"time"
)

// Day is a date on the wall calendar, written 2026-03-05. It has no hour and no
// time zone, sorts as text and is stored as text, so that "due on the 5th" means
// the same in Go, PostgreSQL and SQLite. Empty is no day.
type Day string

// Of is the day of a moment, in the moment's own zone.
func Of(t time.Time) Day { return Day(t.Format(time.DateOnly)) }

// Valid says whether it is a day the calendar has, and written as we write it.
func (d Day) Valid() bool {
	if len(d) != len(time.DateOnly) || d[4] != '-' || d[7] != '-' {
		return false
	}
	number := func(from, to int) (n int) { // -1 for what is none
		for _, c := range []byte(d[from:to]) {
			if c < '0' || c > '9' {
				return -1
			}
			n = 10*n + int(c-'0')
		}
		return n
	}
	year, month, date := number(0, 4), number(5, 7), number(8, 10)
	if year < 0 || month < 1 || month > 12 || date < 1 {
		return false
	}
	return date <= 28 || date <= time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// Plus is n days later, or earlier for a negative n.
func (d Day) Plus(n int) Day { return Of(d.Time().AddDate(0, 0, n)) }

// PlusMonths is the same day n months later, or the last day of that month when
// it has no such day: a month after 31 January is the last of February.
func (d Day) PlusMonths(n int) Day {
	t := d.Time()
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Of(first.AddDate(0, 0, min(t.Day(), last)-1))
}

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.Time().Weekday() }

// Year is the day's year.
func (d Day) Year() int { return d.Time().Year() }

// DaysUntil is how many days later the other day is; negative when it is earlier.
func (d Day) DaysUntil(other Day) int { return int(other.Time().Sub(d.Time()) / (24 * time.Hour)) }

// Begin is the instant when the day begins in a zone, in UTC.
func (d Day) Begin(zone *time.Location) time.Time {
	t := d.Time()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone).UTC()
}

// Time is the day's midnight in UTC, where every day has 24 hours; the zero time for
// what is no day.
func (d Day) Time() time.Time {
	t, _ := time.Parse(time.DateOnly, string(d))
	return t
}

// WeekOf is the Monday and the Sunday of the week a day is in.
func WeekOf(d Day) (monday, sunday Day) {
	back := (int(d.Weekday()) + 6) % 7
	return d.Plus(-back), d.Plus(6 - back)
}

// Week is the ISO week of a day, as addresses and digests write it: 2024-W28.
func Week(d Day) string {
	year, week := d.Time().ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}

// WeekEnd is the Sunday of a week written 2024-W28.
func WeekEnd(week string) (Day, bool) {
	var year, n int
	if len(week) != 8 {
		return "", false
	}
	if _, err := fmt.Sscanf(week, "%4d-W%2d", &year, &n); err != nil || n < 1 || n > 53 || year < 1990 || year > 2100 {
		return "", false
	}
	monday, _ := WeekOf(Of(time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)))
	end := monday.Plus(7*n - 1)
	return end, Week(end) == week
}
