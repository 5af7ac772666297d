package models

import "time"

// Event is one line of the audit trail. It holds an act and its particulars,
// never a sentence: the sentence is made when someone reads it, in their
// language. Events are added and never changed. One without an item is about the
// register itself.
type Event struct {
	ID          int64
	ItemID      *int64
	Act         Act
	ActorID     int64
	At          time.Time
	From        Status      `gorm:"column:from_status"`
	To          Status      `gorm:"column:to_status"`
	Particulars Particulars `gorm:"serializer:json"`
}

// Particulars is what an act was about, by short names: due, measure, reason.
type Particulars map[string]string

// GovernTrail is the history of one part of the register, the newest first, for
// those who govern it.
func (b *Board) GovernTrail(r Rule) ([]Event, error) {
	if !b.MayGovern(r) {
		return nil, ErrForbidden
	}
	var events []Event
	err := b.db.Where("item_id IS NULL AND act = ?", Act(r)).Order("id DESC").Find(&events).Error
	return events, err
}

// Trail returns an item's history, the newest first.
func (b *Board) Trail(item Item) ([]Event, error) {
	var events []Event
	err := b.about(item).Order("id DESC").Find(&events).Error
	return events, err
}
