package views

import "testing"

// The numbers of an axis are those that people count by, and reach to the highest.
func TestAnAxisCountsAsPeopleDo(t *testing.T) {
	for n, want := range map[int]int{0: 1, 1: 1, 2: 2, 3: 3, 7: 8, 9: 10, 11: 12, 13: 15, 26: 30, 61: 80, 81: 100, 1300: 1500, 25001: 30000} {
		if got := courseTick(n); got != want {
			t.Errorf("a tick for %d is %d, want %d", n, got, want)
		}
	}
}
