package models

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// undoWithin is how long an import can be undone, and its file is kept.
const undoWithin = 24 * time.Hour

// Undoable says whether it can still be undone at that moment.
func (i Import) Undoable(now time.Time) bool {
	return i.State == ImportDone && i.DoneAt != nil && now.Sub(*i.DoneAt) < undoWithin
}

// importChange is what an import did to one item.
type importChange struct {
	ImportID     int64 `gorm:"primaryKey;autoIncrement:false"`
	ItemID       int64 `gorm:"primaryKey;autoIncrement:false"`
	Number       string
	VersionAfter int
	Before       string // JSON of itemBefore; empty for a new item
}

type itemBefore struct {
	Item     Item
	Measures []Measure
}

// MayUndoImport says whether this person may take an import back now. What the office
// took in is not the unit's to take back: the unit would move its own dates by it, and
// take its own problems out of the ledger.
func (b *Board) MayUndoImport(i Import) (bool, error) {
	if !i.Undoable(b.now) {
		return false, nil
	}
	own := b.imports().Where("imports.id = ?", i.ID)
	if b.me.Role != Office {
		own = own.Where("imports.by_id IN (?)", b.colleagues())
	}
	var n int64
	err := own.Count(&n).Error
	return n == 1, err
}

// UndoImport takes a whole import back within a day of it: the items it brought go,
// those it changed are as they were. When anybody has worked on one of them since,
// nothing is undone, and the refusal names them. Who may is MayUndoImport.
func (b *Board) UndoImport(i Import) error {
	if !i.Undoable(b.now) {
		return Refused{Key: "import.undo.late"}
	}
	return b.govern(GovernImport, func(tx *gorm.DB) (Particulars, error) {
		in := b.in(tx)
		i, err := in.Import(i.ID)
		if err != nil {
			return nil, err
		}
		switch may, err := in.MayUndoImport(i); {
		case err != nil:
			return nil, err
		case !may && i.State == ImportDone:
			return nil, ErrForbidden
		}
		taken := tx.Model(&Import{}).Where("id = ? AND state = ?", i.ID, ImportDone).Updates(map[string]any{"state": ImportUndone, "undone_at": b.now})
		if err := oneRow(taken); err != nil {
			return nil, ErrStale
		}
		var changes []importChange
		if err := tx.Where("import_id = ?", i.ID).Order("item_id").Find(&changes).Error; err != nil {
			return nil, err
		}
		touched, late, err := in.touched(changes)
		refusal := func(key string, numbers []string) error {
			return Refused{Key: key, Args: []any{len(numbers), strings.Join(numbers[:min(5, len(numbers))], "、")}}
		}
		switch {
		case err != nil:
			return nil, err
		case len(touched) > 0:
			return nil, refusal("import.undo.touched", touched)
		case len(late) > 0 && b.me.Role != Office: // with another date the next time
			return nil, refusal("import.undo.overdue", late)
		}
		var gone []importChange
		for _, c := range changes {
			if c.Before == "" {
				gone = append(gone, c)
			} else if err := in.restore(c, i.FileName); err != nil {
				return nil, err
			}
		}
		if err := in.takeAway(gone, i.FileName); err != nil {
			return nil, err
		}
		return Particulars{"import": strconv.FormatInt(i.ID, 10), "file": i.FileName, "undone": itoa(len(changes))}, nil
	})
}

// touched are the numbers of the items that somebody has worked on since, and of
// those that are overdue.
func (b *Board) touched(changes []importChange) (numbers, late []string, err error) {
	for some := range slices.Chunk(changes, batch) {
		ids := make([]int64, len(some))
		for n, c := range some {
			ids[n] = c.ItemID
		}
		var items []Item
		if err := b.db.Select("id", "number", "version", "status", "due_on").Where("id IN ?", ids).Find(&items).Error; err != nil {
			return nil, nil, err
		}
		version := map[int64]int{}
		for _, item := range items {
			version[item.ID] = item.Version
			if item.Card().Overdue(b.Today()) {
				late = append(late, item.Number)
			}
		}
		for _, c := range some {
			if version[c.ItemID] != c.VersionAfter {
				numbers = append(numbers, c.Number)
			}
		}
	}
	return numbers, late, nil
}

// restore makes an item what it was before an import.
func (b *Board) restore(c importChange, file string) error {
	var was itemBefore
	if err := json.Unmarshal([]byte(c.Before), &was); err != nil {
		return err
	}
	act := ReviseItem
	if was.Item.Status == Registered {
		act = UnplanItem
	}
	seen := was.Item
	seen.Version = c.VersionAfter
	after, err := b.step(act, seen, func(tx *gorm.DB, item *Item) (Particulars, error) {
		now := *item
		*item = was.Item
		item.Status, item.Version, item.FlaggedDue = now.Status, now.Version, now.FlaggedDue
		if item.AskedUntil = now.AskedUntil; now.AskedUntil != was.Item.AskedUntil { // the import proposed it
			if err := b.in(tx).lapse(item); err != nil {
				return nil, err
			}
		}
		if err := tx.Where("item_id = ? AND seq > ?", item.ID, len(was.Measures)).Delete(&Measure{}).Error; err != nil {
			return nil, err
		}
		for _, m := range was.Measures {
			if err := b.in(tx).saveMeasure(m); err != nil {
				return nil, err
			}
		}
		said := Particulars{"undone_import": strconv.FormatInt(c.ImportID, 10), "file": file}
		if now.DueOn != was.Item.DueOn {
			if was.Item.FirstDueOn == "" { // the import brought the first date, and takes it away
				said["due"], said["due_before"] = "", string(now.DueOn)
			} else {
				item.DueOn = now.DueOn
				if err := b.in(tx).moveDate(item, dateMove{why: WhyLedger, to: was.Item.DueOn}, said); err != nil {
					return nil, err
				}
			}
		}
		return said, nil
	})
	if err != nil {
		return err
	}
	// The item is again as an earlier import left it: a deed and its own undoing are no
	// handling, and that import can be undone in its turn.
	return b.db.Model(&importChange{}).Where("item_id = ? AND version_after = ? AND import_id <> ?", c.ItemID, was.Item.Version, c.ImportID).
		Update("version_after", after.Version).Error
}

// takeAway removes items that an import brought and nobody has worked on. Their trail
// stays, and says so; their numbers are not given again.
func (b *Board) takeAway(gone []importChange, file string) error {
	for some := range slices.Chunk(gone, batch) {
		ids := make([]int64, len(some))
		particulars := Particulars{"file": file}
		for n, c := range some {
			ids[n] = c.ItemID
			particulars["import"] = strconv.FormatInt(c.ImportID, 10)
		}
		events, err := b.farewell(UndoImport, ids, particulars)
		if err != nil {
			return err
		}
		if err := forgetNights(b.db, ids); err != nil {
			return err
		}
		for _, table := range []string{"notices", "item_words", "item_words_due", "progress", "measures", "extensions", "submissions"} {
			if err := b.db.Exec("DELETE FROM "+table+" WHERE item_id IN (?)", ids).Error; err != nil {
				return err
			}
		}
		if err := b.db.Where("id IN ?", ids).Delete(&Item{}).Error; err != nil {
			return err
		}
		if err := b.inscribe(events...); err != nil {
			return err
		}
	}
	return nil
}
