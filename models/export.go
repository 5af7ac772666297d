package models

import (
	"database/sql"
	"slices"

	"gorm.io/gorm"
)

// MostExported is how many items one sheet may have.
const MostExported = 20_000

// ExportRow is an item as a sheet has it: with its measures, and what was last said
// of it.
type ExportRow struct {
	Item     Item
	Measures []Measure
	Progress string
}

// exportedTogether is how many items are read at once, with what hangs on them.
const exportedTogether = 500

// Export hands out the items the filter names, in its order, one by one and whole, all
// as they stand at one moment, whoever works on them meanwhile; and notes in the trail
// how many were taken. begin is told before the first how many there are. More than
// MostExported of them are refused before that.
func (b *Board) Export(f Filter, begin func(items int) error, each func(ExportRow) error) error {
	f.Page, f.Size = 0, 0
	var taken int
	err := b.atOneMoment(func(b *Board) error {
		n, err := b.Count(f)
		if err != nil {
			return err
		}
		if n > MostExported {
			return Refused{Key: "export.too_many", Args: []any{int(n), MostExported}}
		}
		ids, err := b.idsInOrder(f)
		if err != nil {
			return err
		}
		taken = len(ids)
		if err := begin(taken); err != nil {
			return err
		}
		for some := range slices.Chunk(ids, exportedTogether) {
			var items []Item
			if err := b.kept().Where("items.id IN ?", some).Find(&items).Error; err != nil {
				return err
			}
			place := map[int64]int{}
			for n, id := range some {
				place[id] = n
			}
			slices.SortFunc(items, func(a, z Item) int { return place[a.ID] - place[z.ID] })
			if err := b.whole(items, each); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.note("export", Particulars{"items": itoa(taken), "filter": f.Encode()})
}

// idsInOrder are the items the filter names, by their numbers, in its order.
func (b *Board) idsInOrder(f Filter) ([]int64, error) {
	var ids []int64
	err := b.inOrder(f, 0, MostExported, func(q *gorm.DB) (int, error) {
		var some []int64
		err := q.Pluck("items.id", &some).Error
		ids = append(ids, some...)
		return len(some), err
	})
	return ids, err
}

// atOneMoment reads in several statements what stood in the register at one moment:
// what others change meanwhile is not seen, and they do not wait for it.
func (b *Board) atOneMoment(read func(b *Board) error) error {
	return b.db.Transaction(func(tx *gorm.DB) error {
		return read(b.in(tx))
	}, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
}

// whole adds to some items what hangs on them.
func (b *Board) whole(items []Item, each func(ExportRow) error) error {
	cards, ids := make([]Card, len(items)), make([]int64, len(items))
	for n, item := range items {
		cards[n], ids[n] = item.Card(), item.ID
	}
	var measures []Measure
	err := b.db.Where("item_id IN (?)", b.kept().Select("items.id").Where("items.id IN ?", ids)).Order("item_id, seq").Find(&measures).Error
	if err != nil {
		return err
	}
	of := map[int64][]Measure{}
	for _, m := range measures {
		of[m.ItemID] = append(of[m.ItemID], m)
	}
	last, err := b.LastProgress(cards)
	if err != nil {
		return err
	}
	for _, item := range items {
		if err := each(ExportRow{Item: item, Measures: of[item.ID], Progress: last[item.ID].Text}); err != nil {
			return err
		}
	}
	return nil
}
