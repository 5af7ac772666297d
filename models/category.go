package models

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"gorm.io/gorm"
)

// A category is what kind of problem an item is, in its ledger's own words. Scopes and
// rules look for a word of theirs in it, and so it decides who sees an item and whose
// verdict it needs. No database is asked whether a word is in a category, for each has
// letters of its own: it is decided here, once for each category there is, and the
// databases are given the categories.

// inCategory says whether a word of a rule or a scope is in a category: offices write
// 八项规定, and ledgers 落实中央八项规定精神方面.
func inCategory(category, word string) bool {
	return strings.Contains(foldCategory(category), foldCategory(word))
}

// romanNumerals are how the twelve that have a character of their own are typed, from Ⅰ.
var romanNumerals = []string{"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"}

// foldCategory is a category, or a word of one, as it is compared: the width of letters
// and their case do not count, in Greek either, and a Roman numeral that stands alone is
// one letter, so that Ⅱ类, ⅱ类 and II类 are the same and Ⅰ类 is not among them.
func foldCategory(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.Is(unicode.Han, r) }) {
		return s
	}
	var folded, letters strings.Builder
	said := func() { // the letters so far, which stand between others
		word := strings.ToUpper(letters.String())
		letters.Reset()
		if n := slices.Index(romanNumerals, word); n >= 0 {
			word = string(rune('Ⅰ' + n))
		}
		folded.WriteString(word)
	}
	plain := func(part string) {
		for _, r := range norm.NFKC.String(part) {
			if r < unicode.MaxASCII && unicode.IsLetter(r) {
				letters.WriteRune(r)
				continue
			}
			said()
			folded.WriteRune(foldRune(r))
		}
		said()
	}
	from := 0
	for at, r := range s {
		if upper := unicode.ToUpper(r); upper >= 'Ⅰ' && upper <= 'Ⅻ' {
			plain(s[from:at])
			folded.WriteRune(upper)
			from = at + len(string(r))
		}
	}
	plain(s[from:])
	return folded.String()
}

// foldRune is the first of the letters that differ from this one by case alone: the two
// small sigmas and the large one are the same.
func foldRune(r rune) rune {
	first := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		first = min(first, next)
	}
	return first
}

// categoriesNow are the different categories of all items there are, whoever sees them,
// found by one step of an index each.
func categoriesNow(db *gorm.DB) ([]string, error) {
	var found []string
	err := db.Raw("WITH RECURSIVE found(category) AS (SELECT MIN(category) FROM items WHERE category >= '' UNION ALL" + // as the index is named
		" SELECT (SELECT MIN(items.category) FROM items WHERE items.category >= '' AND items.category > found.category) FROM found WHERE found.category IS NOT NULL)" +
		" SELECT category FROM found WHERE category IS NOT NULL").Scan(&found).Error
	return found, err
}

// categories are the different categories there are, read once for a board.
func (b *Board) categories() ([]string, error) {
	b.assigned.mu.Lock()
	defer b.assigned.mu.Unlock()
	if b.assigned.categories == nil {
		found, err := categoriesNow(b.db)
		if err != nil {
			return nil, err
		}
		b.assigned.categories = append([]string{}, found...)
	}
	return b.assigned.categories, nil
}

// sqlCategory is which items have a category that fits, of those there are.
func sqlCategory(there []string, fits func(category string) bool) condition {
	var fit, rest []string
	for _, category := range there {
		if fits(category) {
			fit = append(fit, category)
		} else {
			rest = append(rest, category)
		}
	}
	switch {
	case len(fit) == 0:
		return condition{sql: "1 = 0"}
	case len(rest) == 0:
		return condition{sql: "1 = 1"}
	case len(rest) < len(fit):
		return condition{"items.category NOT IN ?", []any{rest}}
	}
	return condition{"items.category IN ?", []any{fit}}
}
