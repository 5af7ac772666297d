package models

import (
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// needs is what else must be so before an act, beyond the right and the status: what
// only the rows of an item can say. May asks it before a button is drawn, and act asks
// it again; what is refused says why.
var needs = map[Act]func(*Board, Item) error{
	AcknowledgeItem:   (*Board).unacknowledged,
	AskExtension:      (*Board).mayExtend,
	WithdrawExtension: (*Board).extensionAsked,
	GrantExtension:    (*Board).extensionAsked,
	RefuseExtension:   (*Board).extensionAsked,
	SignItem:          (*Board).mySignature,
	UnsignItem:        (*Board).signed,
	SubmitItem:        (*Board).gateOpen,
	VerifyItem:        (*Board).mayVerify,
	ReturnItem:        (*Board).mayVerify,
	StageItem:         (*Board).mayVerify,
	CloseItem:         (*Board).mayVerify,
	RecheckHolds:      (*Board).mayRecheck,
	RecheckFails:      (*Board).mayRecheck,
	AskVoiding:        (*Board).noVoidingAsked,
	RefuseVoiding:     (*Board).voidingAsked,
	VoidItem:          (*Board).voidingAskedByAnother,
}

// twoPersons are what the very statement that changes an item asks once more, where an
// act is the work of two persons: that the second is not the first.
var twoPersons = map[Act]func(*Board, *gorm.DB, Item) *gorm.DB{
	VerifyItem:     (*Board).notTheirOwnWork,
	ReturnItem:     (*Board).notTheirOwnWork,
	StageItem:      (*Board).notTheirOwnWork,
	CloseItem:      (*Board).notTheirOwnWork,
	RecheckHolds:   (*Board).notTheirOwnWork,
	RecheckFails:   (*Board).notTheirOwnWork,
	GrantExtension: askedByAnother("extensions"),
	VoidItem:       askedByAnother("voidings"),
}

// theirWork is every deed on an item that makes it somebody's own work: handing it in,
// signing it, doing what was done about it, whatever became of that, and answering for
// it or helping with it, now or before it was handed over. Each takes the item and the
// person.
var theirWork = []string{
	"SELECT 1 FROM submissions WHERE submissions.item_id = ? AND submissions.by_id = ?",
	"SELECT 1 FROM signatures WHERE signatures.item_id = ? AND signatures.by_id = ?",
	"SELECT 1 FROM measures WHERE measures.item_id = ? AND measures.done_by = ?",
	"SELECT 1 FROM progress WHERE progress.item_id = ? AND progress.by_id = ?",
	"SELECT 1 FROM evidence WHERE evidence.item_id = ? AND evidence.by_id = ?",
	"SELECT 1 FROM items AS answered WHERE answered.id = ? AND ? IN (answered.leader_id, answered.handler_id)",
	"SELECT 1 FROM item_assistants WHERE item_assistants.item_id = ? AND item_assistants.user_id = ?",
	"SELECT 1 FROM events WHERE events.item_id = ? AND events.actor_id = ? AND events.result = '' AND events.act IN ('" + strings.Join(unitsDeeds, "', '") + "')",
	"SELECT 1 FROM past_assignments WHERE past_assignments.item_id = ? AND past_assignments.user_id = ?",
}

// unitsDeeds are the acts by which a unit's people do the work: all that rights leaves to
// them alone, but for those that say nothing about the work. The trail keeps them also
// when what was done was taken back. An act that rights gives to the unit one day is
// among them by itself.
var unitsDeeds = func() (deeds []string) {
	unit := int64(1)
	may := func(a Act, roles ...Role) bool {
		return slices.ContainsFunc(roles, func(r Role) bool { return rights[a](User{ID: 1, Role: r, UnitID: &unit}, Item{UnitID: unit}) })
	}
	for _, a := range slices.Sorted(maps.Keys(rights)) {
		if may(a, Handler, Leader, Head) && !may(a, Supervisor, Office, Principal, clerk) && !slices.Contains(noWork, a) {
			deeds = append(deeds, string(a))
		}
	}
	return deeds
}()

// noWork are the acts of a unit's people that are about papers: that one was received,
// answered, or not wanted after all.
var noWork = []Act{AcknowledgeItem, WithdrawExtension, AcknowledgeLetter, AnswerLetter}

// notTheirOwnWork narrows the statement to an item that this person did nothing about.
func (b *Board) notTheirOwnWork(q *gorm.DB, item Item) *gorm.DB {
	for _, deed := range theirWork {
		q = q.Where("NOT EXISTS ("+deed+")", item.ID, b.me.ID)
	}
	return q
}

// worked says whether this person did any of the work on an item.
func (b *Board) worked(item Item) (bool, error) {
	var n int64
	err := b.notTheirOwnWork(b.db.Model(&Item{}).Where("items.id = ?", item.ID), item).Count(&n).Error
	return n == 0, err
}

// askedByAnother narrows the statement to an item of which somebody else asked what is
// now decided. What is decided was just marked so, by this same person.
func askedByAnother(table string) func(*Board, *gorm.DB, Item) *gorm.DB {
	return func(b *Board, q *gorm.DB, item Item) *gorm.DB {
		return q.Where("EXISTS (SELECT 1 FROM "+table+" AS asked WHERE asked.item_id = ? AND asked.decided_by = ? AND asked.asked_by <> ? AND asked.decided_at = ?)",
			item.ID, b.me.ID, b.me.ID, b.now)
	}
}
