package models

import (
	"slices"
	"strconv"
	"strings"
)

// sight is which items a person sees. It is the one value from which every answer about
// that is drawn: of one item, of the rows of the census, and of those in the database.
type sight struct {
	all   bool        // whatever there is
	parts []sightPart // of what is not all: what is in one of them
}

// sightPart is the items of one unit, of the categories with one word in them, or of both.
type sightPart struct {
	unit int64  // 0: of every unit
	word string // "": of every category
}

// sight is what this person sees.
func (b *Board) sight() (sight, error) {
	switch {
	case b.me.Role == Supervisor:
		scopes, err := b.scopes()
		if err != nil {
			return sight{}, err
		}
		return scopes.sight(), nil
	case b.me.Role.SeesAll():
		return sight{all: true}, nil
	case b.me.Role.ofUnit() && b.me.UnitID != nil:
		return sight{parts: []sightPart{{unit: *b.me.UnitID}}}, nil
	}
	return sight{}, nil
}

// sight is what a supervisor with these scopes sees.
func (s Scopes) sight() sight {
	of := sight{all: len(s) == 0}
	for _, one := range s {
		part := sightPart{word: one.Category}
		if one.UnitID != nil {
			part.unit = *one.UnitID
		}
		of.parts = append(of.parts, part)
	}
	return of
}

// sees says whether an item of that unit and category is in sight.
func (s sight) sees(unit int64, category string) bool {
	return s.all || slices.ContainsFunc(s.parts, func(p sightPart) bool {
		return (p.unit == 0 || p.unit == unit) && (p.word == "" || inCategory(category, p.word))
	})
}

// among is sees of many rows, which name their category by its place among these words:
// each word is looked at once.
func (s sight) among(words []string) func(unit int64, place uint32) bool {
	if s.all {
		return func(int64, uint32) bool { return true }
	}
	fits := make([][]bool, len(s.parts))
	for n, p := range s.parts {
		if p.word == "" {
			continue
		}
		fits[n] = make([]bool, len(words))
		for k, category := range words {
			fits[n][k] = inCategory(category, p.word)
		}
	}
	return func(unit int64, place uint32) bool {
		for n, p := range s.parts {
			if (p.unit == 0 || p.unit == unit) && (fits[n] == nil || fits[n][place]) {
				return true
			}
		}
		return false
	}
}

// worded says whether a word of a category decides any of it.
func (s sight) worded() bool {
	return slices.ContainsFunc(s.parts, func(p sightPart) bool { return p.word != "" })
}

// sql is sees as a condition on items, whose categories are these. Whole units come as
// one short list; one alone as an equality, so that its index serves in its order.
func (s sight) sql(categories []string) condition {
	if s.all {
		return condition{sql: "1 = 1"}
	}
	var units []int64
	var parts []string
	var c condition
	for _, p := range s.parts {
		if p.word == "" {
			units = append(units, p.unit)
			continue
		}
		words := sqlCategory(categories, func(category string) bool { return inCategory(category, p.word) })
		if p.unit != 0 {
			words.sql, words.args = "("+words.sql+" AND items.unit_id = ?)", append(words.args, p.unit)
		}
		parts, c.args = append(parts, words.sql), append(c.args, words.args...)
	}
	switch len(units) {
	case 0:
	case 1:
		parts, c.args = append(parts, "items.unit_id = ?"), append(c.args, units[0])
	default:
		parts, c.args = append(parts, "items.unit_id IN ?"), append(c.args, units)
	}
	if len(parts) == 0 {
		return condition{sql: "1 = 0"}
	}
	c.sql = strings.Join(parts, " OR ")
	return c
}

// units are the units whose items may be in sight; every is true when a word is looked
// for in all of them, or nothing is out of sight.
func (s sight) units() (ids []int64, every bool) {
	for _, p := range s.parts {
		if p.unit == 0 {
			return nil, true
		}
		ids = append(ids, p.unit)
	}
	slices.Sort(ids)
	return slices.Compact(ids), s.all
}

// String names it: two who have the same see the same items.
func (s sight) String() string {
	if s.all {
		return "all"
	}
	var words []string
	for _, p := range s.parts {
		words = append(words, strconv.FormatInt(p.unit, 10)+":"+p.word)
	}
	return "parts " + strings.Join(words, ";")
}
