package models

import "gorm.io/gorm"

// MostExported is how many items one sheet may have.
const MostExported = 20_000

// ExportRow is an item as a sheet has it: with its measures, and what was last said
// of it.
type ExportRow struct {
	Item     Item
	Measures []Measure
	Progress string
}

// Export hands out the items the filter names, in its order, one by one and whole,
// and notes in the trail that they were taken. More than MostExported of them are
// refused before the first.
func (b *Board) Export(f Filter, each func(ExportRow) error) error {
	f.Page, f.Size = 0, 0
	n, err := b.Count(f)
	if err != nil {
		return err
	}
	if n > MostExported {
		return Refused{Key: "export.too_many", Args: []any{int(n), MostExported}}
	}
	const together = 500
	for skip := 0; skip < int(n); skip += together {
		var items []Item
		err := b.inOrder(f, skip, together, func(q *gorm.DB) (int, error) {
			var some []Item
			err := q.Find(&some).Error
			items = append(items, some...)
			return len(some), err
		})
		if err != nil {
			return err
		}
		if err := b.whole(items, each); err != nil {
			return err
		}
	}
	return b.note("export", Particulars{"items": itoa(int(n)), "filter": f.Encode()})
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
