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

// ReportWeek is the week that is spoken of on a day: the one that yesterday was
// in. On a Monday morning that is the week just ended, whose digest goes out.
func ReportWeek(today Day) string { return Week(today.Plus(-1)) }

// OverdueWeek is how many items of each unit were overdue at the end of a week,
// or are today for the week that is spoken of, as far as today's rows tell.
type OverdueWeek struct {
	Week   string // 2024-W28
	End    Day
	ByUnit map[int64]int
}

// N is how many there were in all units.
func (w OverdueWeek) N() int {
	n := 0
	for _, u := range w.ByUnit {
		n += u
	}
	return n
}

// OverdueWeeks are the last n weeks up to the one that is spoken of, the oldest
// first; the last one is as of today.
func (b *Board) OverdueWeeks(f Filter, n int) ([]OverdueWeek, error) {
	today := b.Today()
	_, sunday := WeekOf(today.Plus(-1))
	weeks := make([]OverdueWeek, n)
	columns, args := "items.unit_id", []any{}
	for k := range weeks {
		end := sunday.Plus(-7 * (n - 1 - k))
		if k == n-1 {
			end = today
		}
		weeks[k] = OverdueWeek{Week: Week(min(end, sunday)), End: end, ByUnit: map[int64]int{}}
		c := sqlOverdueAt(weeks[k].End)
		columns += ", SUM(CASE WHEN " + c.sql + " THEN 1 ELSE 0 END) AS w" + itoa(k)
		args = append(args, c.args...)
	}
	rows, err := b.where(f).Select(columns, args...).Where("items.due_on <> '' AND items.due_on < ?", today).Group("items.unit_id").Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var unit int64
		counts := make([]int, n)
		into := []any{&unit}
		for k := range counts {
			into = append(into, &counts[k])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for k, c := range counts {
			if c > 0 {
				weeks[k].ByUnit[unit] = c
			}
		}
	}
	return weeks, rows.Err()
}
