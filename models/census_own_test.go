package models

import "gorm.io/gorm"

// TallyOfTheDatabase is the tally that the census is held to.
func (b *Board) TallyOfTheDatabase(f Filter) (Tally, error) { return b.tallied(f) }

// CountOfTheDatabase is the count that the census is held to.
func (b *Board) CountOfTheDatabase(f Filter) (n int64, err error) {
	return n, b.where(f).Count(&n).Error
}

// NumbersOfTheDatabase is the list that a planned one is held to: piece after piece, each
// asked for whether there is anything in it or not.
func (b *Board) NumbersOfTheDatabase(f Filter) (numbers []string, err error) {
	err = b.inOrder(f, 0, farthestNeighbour, func(q *gorm.DB) (int, error) {
		var some []string
		err := q.Pluck("items.number", &some).Error
		numbers = append(numbers, some...)
		return len(some), err
	})
	return numbers, err
}

// RegisteredSlowly registers an item, and does something else before it is done.
func (b *Board) RegisteredSlowly(n NewItem, meanwhile func()) error {
	return b.db.Transaction(func(tx *gorm.DB) error {
		_, err := b.in(tx).register([]NewItem{n})
		meanwhile()
		return err
	})
}

// OverdueSinceTwice is what became overdue since that day, from memory and as the database
// counts.
func (b *Board) OverdueSinceTwice(day Day) (memory, database int, err error) {
	if memory, err = b.overdueSince(day); err != nil {
		return 0, 0, err
	}
	within := *b
	within.within = true
	database, err = within.overdueSince(day)
	return memory, database, err
}

// CourseOfTheDatabase is Course without the census.
func (b *Board) CourseOfTheDatabase(f Filter) (Course, error) { return b.courseOf(f) }
