package models

import "gorm.io/gorm"

// FlagOverdue writes an event and the notices for each item that became overdue
// since it was last looked at, once for each due date, however many days were
// missed. Its cost grows with what became overdue, not with the ledger.
func (b *Board) FlagOverdue() (flagged int, err error) {
	var late []Item
	err = b.items().Where(sqlDated+" AND items.flagged_due <> items.due_on AND items.due_on < ?", b.Today()).
		Order("items.due_on, items.id").Find(&late).Error
	if err != nil {
		return 0, err
	}
	return b.actEach(FlagOverdue, late, func(_ *gorm.DB, item *Item) (Particulars, error) {
		if !item.Card().Overdue(b.Today()) || item.FlaggedDue == item.DueOn {
			return nil, Refused{Key: "refused.flag_overdue"}
		}
		item.FlaggedDue = item.DueOn
		return Particulars{"due": string(item.DueOn), "days": itoa(item.DueOn.DaysUntil(b.Today()))}, nil
	})
}
