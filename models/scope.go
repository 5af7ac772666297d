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

// assignments are what supervisors are assigned to, each read once for a board: the
// answer to one request is about one part of the ledger. A board that goes from hand
// to hand, as at the digest, keeps each person's apart.
type assignments struct {
	mu         sync.Mutex
	of         map[int64]Scopes
	categories []string // of all items there are
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
	if err := b.db.Where("user_id = ?", b.me.ID).Order("id").Find(&scopes).Error; err != nil {
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
