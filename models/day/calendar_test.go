package day_test

import (
	"duban/models/day"
	"strings"
	"testing"
)

func TestTheStateCouncilsCalendar(t *testing.T) {
	c := day.StateCouncil()
	for year, want := range map[string]struct{ off, work int }{"2024": {28, 8}, "2025": {28, 5}, "2026": {33, 6}} {
		off, work := 0, 0
		for d := range c.Holidays {
			if strings.HasPrefix(string(d), year) {
				off++
			}
		}
		for d := range c.MakeUp {
			if strings.HasPrefix(string(d), year) {
				work++
				if wd := d.Weekday(); wd != 0 && wd != 6 {
					t.Errorf("%s is a weekday; there is nothing to make up", d)
				}
			}
		}
		if off != want.off || work != want.work {
			t.Errorf("%s: %d days off and %d worked, want %d and %d", year, off, work, want.off, want.work)
		}
	}
	if c.IsWorkday("2026-02-16") || !c.IsWorkday("2026-02-14") || !c.IsWorkday("2026-03-02") || c.IsWorkday("2026-03-01") {
		t.Error("2026: a holiday, a Saturday at work, a Monday, a Sunday")
	}
	if c.Known(2027) || !c.Known(2026) {
		t.Error("2027 has not been published")
	}
}
