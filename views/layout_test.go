package views

import (
	"context"
	"testing"

	"duban/models"
	"duban/views/text"
)

// On a telephone as on a desk each section is called by its name.
func TestEverySectionHasItsNames(t *testing.T) {
	for _, role := range models.Roles() {
		for _, s := range (Frame{Me: models.User{Role: role}, UnitCode: "jfj"}).sections() {
			for _, key := range []string{s.key, s.key + ".short"} {
				if !text.Has(key) {
					t.Errorf("nobody wrote %s, which a %s reads", key, role)
				}
			}
		}
	}
}

// Money is said exactly, and in the way of each language.
func TestMoneyIsSaidInTheWayOfEachLanguage(t *testing.T) {
	for fen, want := range map[int64][2]string{
		1:             {"0.000001 万元", "CN¥ 0.01"},
		46_0000:       {"0.46 万元", "CN¥ 4,600"},
		2860_460_050:  {"2860.46005 万元", "CN¥ 28,604,600.50"},
		1_000_000_000: {"1000 万元", "CN¥ 10,000,000"},
	} {
		for n, language := range text.Languages() {
			if got := AchievementWords(text.In(context.Background(), language), models.AchievementMoney, fen); got != want[n] {
				t.Errorf("%d in %s is %q, want %q", fen, language, got, want[n])
			}
		}
	}
}
