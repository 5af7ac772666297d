package models

import (
	"strings"
	"time"

	"gorm.io/gorm"
)

// Voiding is a request to void an item 作废 that should not be in the ledger, and its
// answer. It takes two persons; the item stays, with all that hangs on it, and is
// counted no more.
type Voiding struct {
	ID        int64
	ItemID    int64
	Reason    string
	AskedBy   int64
	AskedAt   time.Time
	State     string
	DecidedBy int64
	DecidedAt *time.Time
	Words     string
}

// The states of a request to void.
const (
	VoidingAsked   = "asked"
	VoidingDone    = "voided"
	VoidingRefused = "refused"
)

// PendingVoiding is the request that waits; nil when none does.
func (b *Board) PendingVoiding(item Item) (*Voiding, error) {
	var pending []Voiding
	err := b.about(item).Where("state = ?", VoidingAsked).Limit(1).Find(&pending).Error
	if len(pending) == 0 {
		return nil, err
	}
	return &pending[0], nil
}

func (b *Board) noVoidingAsked(item Item) error {
	v, err := b.PendingVoiding(item)
	if v != nil {
		return Refused{Key: "voiding.pending"}
	}
	return err
}

func (b *Board) voidingAsked(item Item) error {
	v, err := b.PendingVoiding(item)
	if err == nil && v == nil {
		return Refused{Key: "voiding.none"}
	}
	return err
}

func (b *Board) voidingAskedByAnother(item Item) error {
	v, err := b.PendingVoiding(item)
	switch {
	case err != nil:
		return err
	case v == nil:
		return Refused{Key: "voiding.none"}
	case v.AskedBy == b.me.ID:
		return Refused{Key: "voiding.own"}
	}
	return nil
}

// AskVoiding asks that an item be voided, with the reason. Another of the office or of
// the supervisors decides.
func (b *Board) AskVoiding(item Item, reason string) (Item, error) {
	reason = strings.TrimSpace(reason)
	return b.act(AskVoiding, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		if err := wordsProblem(reason); err != nil {
			return nil, err
		}
		v := Voiding{ItemID: item.ID, Reason: reason, AskedBy: b.me.ID, AskedAt: b.now, State: VoidingAsked}
		return Particulars{"words": reason}, tx.Create(&v).Error
	})
}

// RefuseVoiding leaves the item where it is. Who asked may take it back by this.
func (b *Board) RefuseVoiding(item Item, id int64, words string) (Item, error) {
	words = strings.TrimSpace(words)
	return b.act(RefuseVoiding, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		if err := wordsProblem(words); err != nil {
			return nil, err
		}
		_, err := b.in(tx).decideVoiding(item, id, VoidingRefused, words)
		return Particulars{"words": words}, err
	})
}

// Void takes an item off the road, on another's request. Nothing of it is deleted.
func (b *Board) Void(item Item, id int64) (Item, error) {
	return b.act(VoidItem, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		b := b.in(tx)
		v, err := b.decideVoiding(item, id, VoidingDone, "")
		if err != nil {
			return nil, err
		}
		if item.Status == Submitted {
			item.SubmittedOn, item.SubmittedBy = "", 0
			if err := b.endSubmission(item, VoidItem); err != nil {
				return nil, err
			}
		}
		if err := b.endStated(item, VoidItem, Particulars{}); err != nil {
			return nil, err
		}
		return Particulars{"words": v.Reason}, b.lapse(item)
	})
}

// decideVoiding ends a request that waits, once. Another item's is not found.
func (b *Board) decideVoiding(item *Item, id int64, state, words string) (Voiding, error) {
	var v Voiding
	if err := orNotFound(b.about(*item).Where("id = ?", id).Take(&v).Error); err != nil {
		return v, err
	}
	if v.State != VoidingAsked {
		return v, Refused{Key: "voiding.none"}
	}
	decided := b.db.Model(&Voiding{}).Where("id = ? AND state = ?", v.ID, VoidingAsked).
		Updates(map[string]any{"state": state, "decided_by": b.me.ID, "decided_at": b.now, "words": words})
	return v, oneRow(decided)
}
