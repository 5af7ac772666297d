package day_test

import (
	"testing"

	"duban/models/day"
)

// The feasts that move, as almanacs print them.
func TestFestivalsThatMove(t *testing.T) {
	for name, years := range map[string]map[int]day.Day{
		"春节": {2024: "2024-02-10", 2025: "2025-01-29", 2026: "2026-02-17", 2027: "2027-02-06"},
		"除夕": {2024: "2024-02-09", 2027: "2027-02-05"},
		"清明": {2024: "2024-04-04", 2025: "2025-04-04", 2026: "2026-04-05", 2027: "2027-04-05"},
		"端午": {2024: "2024-06-10", 2025: "2025-05-31", 2026: "2026-06-19", 2027: "2027-06-09"},
		"中秋": {2024: "2024-09-17", 2025: "2025-10-06", 2026: "2026-09-25", 2027: "2027-09-15"},
		"元宵": {2024: "2024-02-24", 2026: "2026-03-03"},
		"重阳": {2024: "2024-10-11"},
		"腊八": {2024: "2024-01-18", 2026: "2026-01-26"},
		"冬至": {2024: "2024-12-21", 2026: "2026-12-22"},
		"国庆": {2024: "2024-10-01"},
	} {
		for year, want := range years {
			if got, ok := day.Festival(name, year); got != want || !ok {
				t.Errorf("%s %d: %s %v, want %s", name, year, got, ok, want)
			}
		}
	}
	for _, year := range []int{1990, 2024, 2033, 2100} {
		for _, name := range day.Festivals() {
			if d, ok := day.Festival(name, year); ok && d.Year() != year || !ok && name != "腊八" {
				t.Errorf("%s %d: %s %v", name, year, d, ok)
			}
		}
	}
	if _, ok := day.Festival("汛期", 2024); ok {
		t.Error("not every word is a feast")
	}
}

func TestLunarDays(t *testing.T) {
	for _, tt := range []struct {
		year, month, date int
		want              day.Day
	}{
		{2024, 8, 15, "2024-09-17"}, {2024, 12, 0, "2025-01-28"}, {2023, 12, 0, "2024-02-09"}, {2023, -2, 1, "2023-03-22"},
		{2025, -6, 0, "2025-08-22"}, {2024, -2, 1, ""}, {2024, 12, 30, ""}, {2024, 13, 1, ""}, {1800, 1, 1, ""}, {2024, 1, 31, ""},
	} {
		if got, ok := day.Lunar(tt.year, tt.month, tt.date); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%d %d %d: %s %v, want %q", tt.year, tt.month, tt.date, got, ok, tt.want)
		}
	}
}
