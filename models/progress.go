package models

import (
	"strings"
	"time"

	"gorm.io/gorm"
)

// Progress is what was done, in the unit's words. It is added, never changed.
type Progress struct {
	ID        int64
	ItemID    int64
	MeasureID *int64
	Text      string
	ByID      int64
	At        time.Time
}

// TableName is the word itself: progress has no plural.
func (Progress) TableName() string { return "progress" }

// Report adds a progress note. It needs words, at most longestProgress
// characters of them. With a measure's ID the note is about that measure.
func (b *Board) Report(item Item, text string, measureID *int64) (Item, error) {
	text = strings.TrimSpace(text)
	seen := item
	return b.act(ReportProgress, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		var p Problems
		textProblem(&p, "text", text, longestProgress)
		if p != nil {
			return nil, p
		}
		if err := b.justAdded(seen, *item, ofMeasure(b.in(tx).about(*item).Model(&Progress{}), measureID).Where("text = ?", text)); err != nil {
			return nil, err
		}
		particulars := Particulars{}
		if measureID != nil {
			m, err := b.in(tx).measure(*item, *measureID)
			if err != nil {
				return nil, err
			}
			particulars["measure"] = itoa(m.Seq)
		}
		note := Progress{ItemID: item.ID, MeasureID: measureID, Text: text, ByID: b.me.ID, At: b.now}
		if err := tx.Create(&note).Error; err != nil {
			return nil, err
		}
		item.ProgressOn = b.Today()
		particulars["progress"] = itoa(int(note.ID))
		return particulars, nil
	})
}

// ProgressOf are an item's notes, the newest first.
func (b *Board) ProgressOf(item Item) ([]Progress, error) {
	var notes []Progress
	err := b.about(item).Order("id DESC").Find(&notes).Error
	return notes, err
}

// LastProgress is the newest note of each of these items, by item ID.
func (b *Board) LastProgress(cards []Card) (map[int64]Progress, error) {
	last := map[int64]Progress{}
	if len(cards) == 0 {
		return last, nil
	}
	ids := make([]int64, len(cards))
	for n, c := range cards {
		ids[n] = c.ID
	}
	newest := b.db.Model(&Progress{}).Select("MAX(id)").
		Where("item_id IN (?)", b.kept().Select("items.id").Where("items.id IN ?", ids)).Group("item_id")
	var notes []Progress
	if err := b.db.Where("id IN (?)", newest).Find(&notes).Error; err != nil {
		return nil, err
	}
	for _, note := range notes {
		last[note.ItemID] = note
	}
	return last, nil
}
