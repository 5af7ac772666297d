package models

import (
	"strings"

	"gorm.io/gorm"
)

// itemSearch is what of an item is searched in, lower case, beside the items.
type itemSearch struct {
	ItemID int64 `gorm:"primaryKey;autoIncrement:false"`
	Body   string
}

// TableName keeps the table's name singular: it is an index, not a thing.
func (itemSearch) TableName() string { return "item_search" }

// searchBody is all that a person would look for an item by.
func searchBody(i Item, measures []Measure) string {
	words := []string{i.Number, i.LedgerNo, i.Title, i.Problem, i.Category, i.Source, i.Leader, i.Department, i.Handler}
	for _, m := range measures {
		words = append(words, m.Text, m.Leader, m.Department, strings.Join(m.Owners, " "))
	}
	return strings.ToLower(strings.Join(words, "\n"))
}

// search keeps the items in which every one of the words occurs. Two Chinese
// characters are a word; so is one.
func (b *Board) search(q *gorm.DB, words string) *gorm.DB {
	for _, word := range strings.Fields(strings.ToLower(words)) {
		q = q.Where("items.id IN (?)",
			b.db.Model(&itemSearch{}).Select("item_id").Where(`body LIKE ? ESCAPE '\'`, likePattern(word)))
	}
	return q
}

func likePattern(word string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word) + "%"
}
