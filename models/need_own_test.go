package models

import "gorm.io/gorm"

// Meanwhile is an act that is allowed, and while it is done something happens to the
// register.
func (b *Board) Meanwhile(a Act, item Item, happens func(tx *gorm.DB) error) (Item, error) {
	return b.act(a, item, func(tx *gorm.DB, _ *Item) (Particulars, error) { return nil, happens(tx) })
}
