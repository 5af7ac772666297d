package models

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"duban/models/day"
)

// Handover is all open work of one person given to another of the same unit, in one
// step.
type Handover struct {
	ID     int64
	UnitID int64
	FromID int64
	ToID   int64
	ByID   int64
	At     time.Time
	Why    string
	Items  int
}

// HandoverAsk is who hands over to whom, and why. Retire disables the one who
// leaves in the same step.
type HandoverAsk struct {
	From   int64
	To     int64
	Why    string
	Retire bool
}

// MayHandOver says whether this person may hand over work in that unit: its head,
// the office, and who governs accounts.
func (b *Board) MayHandOver(unitID int64) bool {
	switch b.me.Role {
	case Head:
		return unitsOwn(b.me, Item{UnitID: unitID})
	case Office, SysAdmin:
		return true
	}
	return false
}

// handoverTries is how often a handover begins anew when somebody changes one of
// the items in the meantime.
const handoverTries = 5

// HandOver gives every open item that one person answers for to a successor of the
// same unit with a working account, and writes it into the trail of each. What the
// person did before stays theirs. All of it is done or none.
func (b *Board) HandOver(ask HandoverAsk) (Handover, error) {
	ask.Why = strings.TrimSpace(ask.Why)
	var handover Handover
	var err error
	for range handoverTries {
		handover, err = b.handOver(ask)
		if !errors.Is(err, ErrStale) {
			break
		}
	}
	if errors.Is(err, errHandedOver) {
		return handover, nil
	}
	return handover, err
}

// errHandedOver is a handover that was done already: its form was sent twice.
var errHandedOver = errors.New("handed over already")

// handedOver is the same handover as this person did it today; none, when they did not.
// Nothing is left to hand over then, and it is not written down again.
func (b *Board) handedOver(ask HandoverAsk) (done Handover, err error) {
	err = orNotFound(b.db.Where("from_id = ? AND to_id = ? AND by_id = ? AND why = ?", ask.From, ask.To, b.me.ID, ask.Why).Order("id DESC").Limit(1).Take(&done).Error)
	if errors.Is(err, ErrNotFound) || err == nil && day.Of(done.At.In(b.zone)) != b.Today() {
		return Handover{}, nil
	}
	return done, err
}

func (b *Board) handOver(ask HandoverAsk) (Handover, error) {
	var handover Handover
	err := b.govern(HandOverWork, func(tx *gorm.DB) (Particulars, error) {
		from, to, err := b.in(tx).successor(ask)
		if err != nil {
			return nil, err
		}
		items, err := inHandsOf(tx, from)
		if err != nil {
			return nil, err
		}
		if len(items) == 0 && (from.Disabled || !ask.Retire) {
			done, err := b.in(tx).handedOver(ask)
			if err != nil || done.ID != 0 {
				handover = done
				return nil, cmp.Or(err, errHandedOver)
			}
		}
		handover = Handover{UnitID: *from.UnitID, FromID: from.ID, ToID: to.ID, ByID: b.me.ID, At: b.now, Why: ask.Why, Items: len(items)}
		if err := tx.Create(&handover).Error; err != nil {
			return nil, err
		}
		// An administrator of accounts sees no item, and need not to hand all of them
		// over: the program does it on their word, and under their name.
		hands := b.in(tx)
		hands.me.Role = clerk
		for _, item := range items {
			_, err := hands.step(HandOver, item, func(_ *gorm.DB, item *Item) (Particulars, error) {
				return handOn(item, from, to, handover), nil
			})
			if err != nil {
				return nil, err
			}
		}
		particulars := Particulars{"handover": fmt.Sprint(handover.ID), "from": from.Name, "to": to.Name, "items": itoa(len(items)), "why": ask.Why}
		if !ask.Retire {
			return particulars, nil
		}
		particulars["disabled"] = "true"
		return particulars, b.in(tx).retire(from)
	})
	return handover, err
}

// successor are the two people of a handover, or what is wrong with it.
func (b *Board) successor(ask HandoverAsk) (from, to User, err error) {
	if err := orNotFound(b.db.Take(&from, ask.From).Error); err != nil {
		return from, to, err
	}
	if from.UnitID == nil || !b.MayHandOver(*from.UnitID) {
		return from, to, ErrNotFound // the same for who is of no unit, and of another's
	}
	if ask.Retire && !b.MayGovern(GovernUsers) {
		return from, to, ErrForbidden
	}
	var p Problems
	err = orNotFound(b.db.Take(&to, ask.To).Error)
	switch {
	case err != nil && !errors.Is(err, ErrNotFound):
		return from, to, err
	case err != nil, to.Disabled, !sameUnit(from.UnitID, to.UnitID), to.ID == from.ID:
		p.Add("to", "handover.to")
	}
	textProblem(&p, "why", ask.Why, longestResult)
	if ask.Retire && from.ID == b.me.ID {
		return from, to, Refused{Key: "user.not_yourself"}
	}
	return from, to, p.Err()
}

// inHandsOf are the open items that a person answers for: by their account, or,
// where the ledger's name has none, by their name or post.
func inHandsOf(tx *gorm.DB, u User) ([]Item, error) {
	var items []Item
	names := []string{u.FullName}
	if u.Post != "" {
		names = append(names, u.Post)
	}
	err := tx.Where("unit_id = ? AND status IN ?", *u.UnitID, unshut).
		Where("(leader_id = ? OR handler_id = ? OR (leader_id IS NULL AND leader IN ?) OR (handler_id IS NULL AND handler IN ?))", u.ID, u.ID, names, names).
		Order("id").Find(&items).Error
	return items, err
}

// handOn puts the successor in the place of the other. A name in the ledger becomes
// the successor's; a post stays, for it has only changed hands.
func handOn(item *Item, from, to User, by Handover) Particulars {
	particulars := Particulars{"handover": fmt.Sprint(by.ID), "words": by.Why, "from": from.FullName, "to": to.FullName, "to_id": fmt.Sprint(to.ID)}
	put := func(role string, id **int64, name *string) {
		named := *id == nil && (*name == from.FullName || from.Post != "" && *name == from.Post)
		if !named && (*id == nil || **id != from.ID) {
			return
		}
		particulars[role] = "true"
		*id = &to.ID
		if from.Post == "" || *name != from.Post {
			*name = to.FullName
		}
	}
	put("leader", &item.LeaderID, &item.Leader)
	put("handler", &item.HandlerID, &item.Handler)
	return particulars
}

// retire disables an account and ends its sessions.
func (b *Board) retire(u User) error {
	if err := endSessions(b.db.Where("user_id = ?", u.ID)); err != nil {
		return err
	}
	return oneRow(b.db.Model(&User{}).Where("id = ?", u.ID).Update("disabled", true))
}

// Answering is how many open items a person answers for, for those who may hand
// them over.
func (b *Board) Answering(u User) (int, error) {
	if u.UnitID == nil || !b.MayHandOver(*u.UnitID) {
		return 0, nil
	}
	items, err := inHandsOf(b.db.Select("id"), u)
	return len(items), err
}

// Handovers are the handovers in a unit, the newest first, for those who see it.
func (b *Board) Handovers(unitID int64) ([]Handover, error) {
	var all []Handover
	err := b.db.Where("unit_id = ? AND unit_id IN (?)", unitID, b.units().Select("units.id")).Order("id DESC").Find(&all).Error
	return all, err
}

// PeopleOf are the accounts of a unit, the working ones first, for those who see
// it.
func (b *Board) PeopleOf(unitID int64) ([]User, error) {
	var people []User
	err := b.db.Select("id", "name", "full_name", "role", "unit_id", "post", "mail_error", "disabled").
		Where("unit_id = ? AND unit_id IN (?)", unitID, b.units().Select("units.id")).Order("disabled, role, id").Find(&people).Error
	return people, err
}
