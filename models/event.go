package models

import (
	"strconv"
	"time"
)

// Event is one line of the audit trail. It holds an act and its particulars,
// never a sentence: the sentence is made when someone reads it, in their
// language. Events are added and never changed, and the database itself refuses to.
// One without an item is about the register itself, or is an act that was refused.
//
// Record is the event in its canonical bytes (trail.go), Leaf their hash, and Seal what
// only a program that has the register's key can write under it.
type Event struct {
	ID          int64
	ItemID      *int64
	Act         Act
	ActorID     int64
	At          time.Time
	From        Status      `gorm:"column:from_status"`
	To          Status      `gorm:"column:to_status"`
	Particulars Particulars `gorm:"serializer:json"`
	Result      string      // "" for done; else why it was not
	Record      string
	Leaf        string
	Seal        string

	about eventAbout
}

// eventAbout is what the record says beyond the event's own columns.
type eventAbout struct {
	object  string               // what it was done to, as people name it: FK-2024-003
	changed map[string][2]string // before and after, by column of the item, or by row and column
	rows    map[string]string    // of what hangs on it or is governed: its hash, "" when it was removed
	prev    string               // the leaf of the same item's event before
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
	err := b.db.Where("item_id IS NULL AND act = ? AND result = ''", Act(r)).Order("id DESC").Find(&events).Error
	return events, err
}

// Trail returns an item's history, the newest first.
func (b *Board) Trail(item Item) ([]Event, error) {
	var events []Event
	err := b.about(item).Order("id DESC").Find(&events).Error
	return events, err
}

// itoa is a number as particulars and addresses have it.
func itoa(n int) string { return strconv.Itoa(n) }

// clip is the beginning of a text, no longer than so many characters.
func clip(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes])
	}
	return s
}
