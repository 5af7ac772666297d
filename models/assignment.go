package models

import (
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Assignment says who answers for an item: one leader, one handler, and any number who
// assist, all of them accounts of its unit.
type Assignment struct {
	LeaderID   int64
	HandlerID  int64
	Assistants []int64
}

// ItemAssistant is somebody who helps with an item and does not answer for it.
type ItemAssistant struct {
	ItemID int64 `gorm:"primaryKey"`
	UserID int64 `gorm:"primaryKey"`
}

// pastAssignment is somebody who once answered for an item as its leader or handler and
// was followed by another. The item's trail says the same, and verifying compares them.
type pastAssignment struct {
	ItemID int64 `gorm:"primaryKey;autoIncrement:false"`
	UserID int64 `gorm:"primaryKey;autoIncrement:false"`
}

// notePast keeps who answered for an item before it changed and does so no more.
func (b *Board) notePast(was, is Item) error {
	var past []pastAssignment
	for _, of := range [][2]*int64{{was.LeaderID, is.LeaderID}, {was.HandlerID, is.HandlerID}} {
		if of[0] != nil && (of[1] == nil || *of[1] != *of[0]) {
			past = append(past, pastAssignment{was.ID, *of[0]})
		}
	}
	if len(past) == 0 {
		return nil
	}
	return b.db.Clauses(clause.OnConflict{DoNothing: true}).Create(slices.Compact(past)).Error
}

// Assignable are the people of an item's unit who may be named, in the order of the
// roles.
func (b *Board) Assignable(item Item) ([]User, error) {
	var people []User
	err := b.db.Where("unit_id IN (?) AND disabled = ?", b.kept().Select("items.unit_id").Where("items.id = ?", item.ID), false).
		Order("CASE role WHEN 'head' THEN 0 WHEN 'leader' THEN 1 ELSE 2 END, id").Find(&people).Error
	return people, err
}

// AssistantsOf are those who help with an item.
func (b *Board) AssistantsOf(item Item) ([]User, error) {
	var people []User
	err := b.db.Where("id IN (?)", b.about(item).Model(&ItemAssistant{}).Select("user_id")).Order("id").Find(&people).Error
	return people, err
}

// AssignItem names who answers for an item and who assists. The leader is of the unit's
// leadership; nobody assists with what they answer for.
func (b *Board) AssignItem(item Item, to Assignment) (Item, error) {
	return b.act(AssignItem, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		b := b.in(tx)
		people, err := b.Assignable(*item)
		if err != nil {
			return nil, err
		}
		who := func(id int64) (User, bool) {
			n := slices.IndexFunc(people, func(u User) bool { return u.ID == id })
			if n < 0 {
				return User{}, false
			}
			return people[n], true
		}
		var p Problems
		leader, ok := who(to.LeaderID)
		if !ok || leader.Role == Handler {
			p.Add("leader", "required")
		}
		handler, ok := who(to.HandlerID)
		if !ok {
			p.Add("handler", "required")
		}
		slices.Sort(to.Assistants)
		var names []string
		var rows []ItemAssistant
		for _, id := range slices.Compact(to.Assistants) {
			u, ok := who(id)
			if !ok {
				p.Add("assistants", "required")
				break
			}
			if id != to.LeaderID && id != to.HandlerID {
				names, rows = append(names, u.FullName), append(rows, ItemAssistant{item.ID, id})
			}
		}
		if p != nil {
			return nil, p
		}
		particulars := Particulars{"leader": leader.FullName, "leader_before": item.Leader, "handler": handler.FullName, "handler_before": item.Handler}
		if len(names) > 0 {
			particulars["assistants"] = strings.Join(names, "、")
		}
		item.Leader, item.LeaderID, item.Handler, item.HandlerID = leader.FullName, &leader.ID, handler.FullName, &handler.ID
		if err := tx.Where("item_id = ?", item.ID).Delete(&ItemAssistant{}).Error; err != nil {
			return nil, err
		}
		return particulars, b.createAll(&rows)
	})
}

// Acknowledge says that the unit has received the item and answers for it 签收, once.
func (b *Board) Acknowledge(item Item) (Item, error) {
	return b.act(AcknowledgeItem, item, func(_ *gorm.DB, item *Item) (Particulars, error) {
		item.AcknowledgedOn = b.Today()
		return nil, nil
	})
}

func (b *Board) unacknowledged(item Item) error {
	if item.AcknowledgedOn != "" {
		return Refused{Key: "refused.acknowledged"}
	}
	return nil
}
