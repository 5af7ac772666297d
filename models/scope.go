package models

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"gorm.io/gorm"
)

// Scope is a part of the ledger that a supervisor is assigned to: the items of a
// unit, those with a word in their category, or those of the unit with the word.
// A supervisor with any scope sees and acts on what one of them covers; one with
// none sees everything.
type Scope struct {
	ID       int64
	UserID   int64
	UnitID   *int64 // nil: of every unit
	Category string // "": of every category
}

// TableName says whose scopes they are.
func (Scope) TableName() string { return "supervisor_scopes" }

// Scopes are all that one supervisor is assigned to.
type Scopes []Scope

// Cover says whether an item of that unit and category is among them.
func (s Scopes) Cover(unitID int64, category string) bool { return s.sight().sees(unitID, category) }

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

// assignments are what supervisors are assigned to, each read once for a board: the
// answer to one request is about one part of the ledger. A board that goes from hand
// to hand, as at the digest, keeps each person's apart.
type assignments struct {
	mu         sync.Mutex
	of         map[int64]Scopes
	categories []string             // of all items there are
	found      map[string]wordFound // what was searched for
	due        []itemWords          // of items that are not in the index yet
	dueAsked   bool
	tallies    map[string]Tally // what the database was asked to count, as it was after so many writes
	tallied    uint64
	counted    uint64 // how often this program had written when the census was brought up to date for this board, and one
}

// scopes are what this person is assigned to; none for who is no supervisor.
func (b *Board) scopes() (Scopes, error) {
	if b.me.Role != Supervisor {
		return nil, nil
	}
	b.assigned.mu.Lock()
	defer b.assigned.mu.Unlock()
	scopes, asked := b.assigned.of[b.me.ID]
	if asked {
		return scopes, nil
	}
	scopes, err := knownTo(b, "scopes "+strconv.FormatInt(b.me.ID, 10), func() (scopes Scopes, err error) {
		return scopes, b.db.Where("user_id = ?", b.me.ID).Order("id").Find(&scopes).Error
	})
	if err != nil {
		return nil, err
	}
	if b.assigned.of == nil {
		b.assigned.of = map[int64]Scopes{}
	}
	b.assigned.of[b.me.ID] = scopes
	return scopes, nil
}

// ScopesOf are what that supervisor is assigned to, for who assigns them.
func (b *Board) ScopesOf(u User) (Scopes, error) {
	if !b.MayGovern(GovernScopes) {
		return nil, ErrForbidden
	}
	var scopes Scopes
	err := b.db.Where("user_id = ?", u.ID).Order("id").Find(&scopes).Error
	return scopes, err
}

// longestCategory is how many characters the word of a scope may have.
const longestCategory = 30

// Assign makes these the scopes of a supervisor, in place of those before; none
// lets them see everything. From their next request they see what is in them and
// nothing else.
func (b *Board) Assign(u User, scopes Scopes) error {
	return b.govern(GovernScopes, func(tx *gorm.DB) (Particulars, error) {
		var kept User
		if err := orNotFound(tx.Where("role = ?", Supervisor).Take(&kept, u.ID).Error); err != nil {
			return nil, err
		}
		var was Scopes
		if err := tx.Where("user_id = ?", u.ID).Order("id").Find(&was).Error; err != nil {
			return nil, err
		}
		byID, err := b.in(tx).UnitsByID()
		if err != nil {
			return nil, err
		}
		var p Problems
		var fresh []Scope
		for _, one := range scopes {
			one = Scope{UserID: u.ID, UnitID: one.UnitID, Category: strings.TrimSpace(one.Category)}
			switch {
			case one.UnitID == nil && one.Category == "":
				continue
			case one.UnitID != nil && byID[*one.UnitID].ID == 0:
				p.Add("unit", "unit.choose")
			case utf8.RuneCountInString(one.Category) > longestCategory:
				p.Add("category", "too_long", longestCategory, utf8.RuneCountInString(one.Category))
			}
			if !slices.ContainsFunc(fresh, one.same) {
				fresh = append(fresh, one)
			}
		}
		if p != nil {
			return nil, p
		}
		if err := tx.Where("user_id = ?", u.ID).Delete(&Scope{}).Error; err != nil {
			return nil, err
		}
		particulars := Particulars{"user": kept.Name, "from": was.words(byID), "to": Scopes(fresh).words(byID)}
		return particulars, b.in(tx).createAll(&fresh)
	})
}

func (s Scope) same(other Scope) bool {
	return s.Category == other.Category && sameUnit(s.UnitID, other.UnitID)
}

// words are the scopes as the trail keeps them: jfj, jfj:选人用人, *:八项规定. A unit
// that is not among those given is named by its ID.
func (s Scopes) words(units map[int64]Unit) string {
	var words []string
	for _, one := range s {
		word := "*"
		if one.UnitID != nil {
			word = cmp.Or(units[*one.UnitID].Code, strconv.FormatInt(*one.UnitID, 10))
		}
		if one.Category != "" {
			word += ":" + one.Category
		}
		words = append(words, word)
	}
	return strings.Join(words, ";")
}

// supervisorsOf are the supervisors who see the item; the office when it is
// nobody's, so that no submission waits unheard.
func (b *Board) supervisorsOf(_ Event, item Item) ([]int64, error) {
	ids, err := b.peopleOf(Supervisor)
	if err != nil {
		return nil, err
	}
	var all Scopes
	if err := b.db.Order("user_id, id").Find(&all).Error; err != nil {
		return nil, err
	}
	of := map[int64]Scopes{}
	for _, one := range all {
		of[one.UserID] = append(of[one.UserID], one)
	}
	ids = slices.DeleteFunc(ids, func(id int64) bool { return !of[id].Cover(item.UnitID, item.Category) })
	if len(ids) == 0 {
		return b.peopleOf(Office)
	}
	return ids, nil
}
