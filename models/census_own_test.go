package models

import "gorm.io/gorm"

// TallyOfTheDatabase is the tally that the census is held to.
func (b *Board) TallyOfTheDatabase(f Filter) (Tally, error) { return b.tallied(f) }

// CountOfTheDatabase is the count that the census is held to.
func (b *Board) CountOfTheDatabase(f Filter) (n int64, err error) {
	return n, b.where(f).Count(&n).Error
}

// RegisteredSlowly registers an item, and does something else before it is done.
func (b *Board) RegisteredSlowly(n NewItem, meanwhile func()) error {
	return b.db.Transaction(func(tx *gorm.DB) error {
		_, err := b.in(tx).register([]NewItem{n})
		meanwhile()
		return err
	})
}
