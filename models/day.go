package models

import (
	"fmt"
	"time"
)

// Day is a date on the wall calendar, written 2026-03-05. It has no hour and no
// time zone, sorts as text and is stored as text, so that "due on the 5th" means
// the same in Go, PostgreSQL and SQLite. Empty is no day.
type Day string

// DayOf is the day of a moment, in the moment's own zone.
func DayOf(t time.Time) Day { return Day(t.Format(time.DateOnly)) }

// ParseDay reads 2026-03-05; a day the calendar does not have is an error.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return "", fmt.Errorf("day %q: %w", s, err)
	}
	return DayOf(t), nil
}

// Valid says whether it is a day the calendar has, and written as we write it.
func (d Day) Valid() bool {
	parsed, err := ParseDay(string(d))
	return err == nil && parsed == d
}

// Plus is n days later, or earlier for a negative n.
func (d Day) Plus(n int) Day { return DayOf(d.time().AddDate(0, 0, n)) }

// PlusMonths is the same day n months later, or the last day of that month when
// it has no such day: a month after 31 January is the last of February.
func (d Day) PlusMonths(n int) Day {
	t := d.time()
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return DayOf(first.AddDate(0, 0, min(t.Day(), last)-1))
}

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.time().Weekday() }

// Year is the day's year.
func (d Day) Year() int { return d.time().Year() }

// DaysUntil is how many days later the other day is; negative when it is earlier.
func (d Day) DaysUntil(other Day) int { return int(other.time().Sub(d.time()) / (24 * time.Hour)) }

// time is the day's midnight in UTC, where every day has 24 hours.
func (d Day) time() time.Time {
	t, _ := time.Parse(time.DateOnly, string(d))
	return t
}
