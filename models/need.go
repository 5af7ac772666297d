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
	SetDate:           (*Board).undated,
	ProposeDate:       (*Board).undated,
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
	DrawStated:        (*Board).mayCheckStated,
	VerifyStated:      (*Board).mayCheckStated,
	AcceptStated:      (*Board).mayCheckStated,
	PassStated:        (*Board).mayCheckStated,
	RejectStated:      (*Board).mayCheckStated,
	DropStated:        (*Board).isStated,
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
	VerifyStated:   (*Board).notTheirOwnWork,
	AcceptStated:   (*Board).notTheirOwnWork,
	PassStated:     (*Board).notTheirOwnWork,
	RejectStated:   (*Board).notTheirOwnWork,
	RecheckHolds:   (*Board).notTheirOwnWork,
	RecheckFails:   (*Board).notTheirOwnWork,
	GrantExtension: askedByAnother("extensions"),
	VoidItem:       askedByAnother("voidings"),
}

// workTrace is where work on an item names who did it: a table, its column of the item, those
// of people, and what else must be so of a row, "" for nothing.
type workTrace struct {
	table, item string
	people      []string
	where       string
}

// ownWork is all that makes an item somebody's own work: handing it in, signing it, doing
// what was done about it, whatever became of that, and answering for it or helping with it,
// now or before it was handed over. Whoever stands in one of these has no verdict on it.
var ownWork = []workTrace{
	{table: "submissions", item: "item_id", people: []string{"by_id"}},
	{table: "signatures", item: "item_id", people: []string{"by_id"}},
	{table: "measures", item: "item_id", people: []string{"done_by"}},
	{table: "progress", item: "item_id", people: []string{"by_id"}},
	{table: "evidence", item: "item_id", people: []string{"by_id"}},
	{table: "achievements", item: "item_id", people: []string{"by_id"}},
	{table: "extensions", item: "item_id", people: []string{"asked_by"}, where: "work.why IN ('asked', 'late', 'proposed')"}, // the others are verdicts
	{table: "items", item: "id", people: []string{"leader_id", "handler_id"}},
	{table: "item_assistants", item: "item_id", people: []string{"user_id"}},
	{table: "past_assignments", item: "item_id", people: []string{"user_id"}},
	{table: "events", item: "item_id", people: []string{"actor_id"}, where: "work.result = '' AND work.act IN ('" + strings.Join(unitsDeeds, "', '") + "')"},
}

// sql is whether such a row names a person; it takes the item and the person.
func (w workTrace) sql() string {
	named := "? IN (work." + strings.Join(w.people, ", work.") + ")"
	if w.where != "" {
		named += " AND " + w.where
	}
	return "SELECT 1 FROM " + w.table + " AS work WHERE work." + w.item + " = ? AND " + named
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
	for _, trace := range ownWork {
		q = q.Where("NOT EXISTS ("+trace.sql()+")", item.ID, b.me.ID)
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
