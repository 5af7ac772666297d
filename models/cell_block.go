package models

import (
	"errors"
	"slices"
)

// MostRows is how many rows may be edited at once: pasted, or chosen.
const MostRows = 1000

// CellRow is what is to be written into the cells of one item, by its number, as a person
// saw it at that version: a row of a block that was pasted, or one that was chosen.
type CellRow struct {
	Number  string
	Version int
	Edits   []CellEdit
}

// CellRowDone is what became of a row, or would: which of its cells change, or why none of
// them does. Of an item that this person does not see there is no more than the number they
// gave, the same as of one that is not there.
type CellRowDone struct {
	CellRow
	Item    Item
	Changed []CellEdit
	Err     error
}

// WouldEditRows says of each row what EditRows would do; nothing is written.
func (b *Board) WouldEditRows(rows []CellRow, reason string) ([]CellRowDone, error) {
	return b.eachRow(rows, func(d *CellRowDone) error {
		var err error
		d.Changed, err = b.WouldEdit(d.Item, d.Edits, reason)
		return err
	})
}

// EditRows writes some rows, each of them whole or not at all and for itself. People are
// told once of all that concerns them.
func (b *Board) EditRows(rows []CellRow, reason string) ([]CellRowDone, error) {
	told := &noticeBundle{}
	bundled := *b
	done, err := b.eachRow(rows, func(d *CellRowDone) error {
		changed, err := b.WouldEdit(d.Item, d.Edits, reason)
		if err != nil || len(changed) == 0 {
			return err
		}
		of := &noticeBundle{} // of what is not rolled back again
		bundled.told = of
		d.Changed = changed
		item, err := bundled.EditItem(d.Item, d.Edits, reason)
		if err != nil {
			return err
		}
		d.Item = item
		told.add(of.notices)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return done, b.createAll(&told.notices)
}

// eachRow does something with each row whose item this person sees. What is wrong with a
// row is said of it; a fault of ours ends it.
func (b *Board) eachRow(rows []CellRow, do func(*CellRowDone) error) ([]CellRowDone, error) {
	if len(rows) > MostRows {
		return nil, Refused{Key: "block.rows", Args: []any{MostRows}}
	}
	var numbers []string
	for _, r := range rows {
		numbers = append(numbers, r.Number)
	}
	items := map[string]Item{}
	for some := range slices.Chunk(numbers, batch) {
		var seen []Item
		if err := b.kept().Where("items.number IN ?", some).Find(&seen).Error; err != nil {
			return nil, err
		}
		for _, item := range seen {
			items[item.Number] = item
		}
	}
	done := make([]CellRowDone, len(rows))
	for n, r := range rows {
		d := &done[n]
		d.CellRow = r
		item, seen := items[r.Number]
		if !seen {
			d.Err = ErrNotFound
			continue
		}
		item.Version = r.Version
		d.Item = item
		d.Err = do(d)
		var refused Refused
		var problems Problems
		if d.Err != nil && !errors.Is(d.Err, ErrStale) && !errors.Is(d.Err, ErrForbidden) && !errors.Is(d.Err, ErrNotFound) && !errors.As(d.Err, &refused) && !errors.As(d.Err, &problems) {
			return nil, d.Err
		}
		if d.Err == nil {
			items[r.Number] = d.Item
		}
	}
	return done, nil
}

// noticeBundle are the notices of many deeds, one a person and kind: it stands at the first
// of them.
type noticeBundle struct {
	notices []Notice
}

// add keeps those of a deed that nobody in it is told of yet.
func (t *noticeBundle) add(notices []Notice) {
	for _, n := range notices {
		if !slices.ContainsFunc(t.notices, func(is Notice) bool { return is.UserID == n.UserID && is.Act == n.Act }) {
			t.notices = append(t.notices, n)
		}
	}
}
