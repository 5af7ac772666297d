package day_test

import (
	"testing"
	"time"

	"duban/models/day"
)

func TestADayIsOneThatTheCalendarHas(t *testing.T) {
	for written, want := range map[day.Day]bool{
		"2024-02-29": true, "2023-02-29": false, "2024-2-9": false, "2024-13-01": false, "": false, "2024-06-31": false, " 2024-06-30": false, "1990-01-01": true,
	} {
		if got := written.Valid(); got != want {
			t.Errorf("%q is valid: %v, want %v", written, got, want)
		}
	}
}

func TestMonthsLaterIsNoDayThatDoesNotExist(t *testing.T) {
	tests := map[string]struct {
		from   day.Day
		months int
		want   day.Day
	}{
		"the end of a month":     {"2024-01-31", 1, "2024-02-29"},
		"over the year's end":    {"2024-11-30", 3, "2025-02-28"},
		"no month":               {"2024-05-15", 0, "2024-05-15"},
		"back":                   {"2024-03-31", -1, "2024-02-29"},
		"a year from a leap day": {"2024-02-29", 12, "2025-02-28"},
	}
	for name, tt := range tests {
		if got := tt.from.PlusMonths(tt.months); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// A day begins at midnight of the place, whatever the server's zone.
func TestADayBeginsInItsPlace(t *testing.T) {
	zone := time.FixedZone("+8", 8*3600)
	begins := day.Day("2024-07-08").Begin(zone)
	if want := time.Date(2024, 7, 7, 16, 0, 0, 0, time.UTC); !begins.Equal(want) || begins.Location() != time.UTC {
		t.Errorf("it begins %s, want %s", begins, want)
	}
	if got := day.Of(begins.In(zone)); got != "2024-07-08" {
		t.Errorf("that instant is of %s", got)
	}
}

func TestAWeekEndsOnItsSunday(t *testing.T) {
	for week, want := range map[string]day.Day{"2024-W28": "2024-07-14", "2024-W01": "2024-01-07", "2021-W01": "2021-01-10", "2026-W01": "2026-01-04", "2020-W53": "2021-01-03", "2025-W01": "2025-01-05"} {
		if got, ok := day.WeekEnd(week); !ok || got != want {
			t.Errorf("%s ends %s %v, want %s", week, got, ok, want)
		}
		if got := day.Week(want); got != week {
			t.Errorf("%s is of %s, want %s", want, got, week)
		}
	}
	for _, week := range []string{"2024-W53", "2024-W00", "2024-28", "", "1989-W10", "2101-W10", "2024-W2x"} {
		if got, ok := day.WeekEnd(week); ok {
			t.Errorf("%q ends %s, want no week", week, got)
		}
	}
}

// Plus and DaysUntil undo each other, and months never leave the month they fall in.
func FuzzDay(f *testing.F) {
	f.Add("2024-02-29", 1)
	f.Add("1999-12-31", -400)
	f.Add("2100-02-28", 25)
	f.Fuzz(func(t *testing.T, written string, n int) {
		d := day.Day(written)
		if !d.Valid() || d.Year() < 1000 || d.Year() > 9000 {
			return
		}
		n %= 3000
		if got := d.DaysUntil(d.Plus(n)); got != n {
			t.Errorf("%s plus %d is %d days later", d, n, got)
		}
		if m := n % 200; m != 0 {
			to, first := d.PlusMonths(m).Time(), d.Time()
			if months := (to.Year()-first.Year())*12 + int(to.Month()) - int(first.Month()); months != m {
				t.Errorf("%s plus %d months is %s", d, m, d.PlusMonths(m))
			}
		}
		monday, sunday := day.WeekOf(d)
		if monday > d || sunday < d || monday.DaysUntil(sunday) != 6 {
			t.Errorf("%s is in the week %s to %s", d, monday, sunday)
		}
	})
}
