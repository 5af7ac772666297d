package models

import (
	"slices"
	"strings"

	"gorm.io/gorm"
)

// Meanwhile is an act that is allowed, and while it is done something happens to the
// register.
func (b *Board) Meanwhile(a Act, item Item, happens func(tx *gorm.DB) error) (Item, error) {
	return b.act(a, item, func(tx *gorm.DB, _ *Item) (Particulars, error) { return nil, happens(tx) })
}

// OwnWork are the columns, as table.column, by which an item is somebody's own work.
func OwnWork() (columns []string) {
	for _, trace := range ownWork {
		for _, person := range trace.people {
			columns = append(columns, trace.table+"."+person)
		}
	}
	return columns
}

// PeopleOfItems are the columns, as table.column, of all tables that the trail vouches for
// in which a row of an item names a person.
func PeopleOfItems() (columns []string) {
	for name, t := range trailedTables() {
		if t.item == nil {
			continue
		}
		for _, f := range append(slices.Clone(t.fields), t.keys...) {
			if strings.HasSuffix(f.DBName, "_by") || strings.HasSuffix(f.DBName, "by_id") || strings.HasSuffix(f.DBName, "user_id") {
				columns = append(columns, name+"."+f.DBName)
			}
		}
	}
	slices.Sort(columns)
	return columns
}
