package models

// List is one page of the items the filter names, in its order.
func (b *Board) List(f Filter) ([]Card, error) {
	size := f.Size
	if size == 0 {
		size = PageSizes[0]
	}
	var cards []Card
	err := f.order(b.where(f), b.Today()).Offset((max(f.Page, 1) - 1) * size).Limit(size).Find(&cards).Error
	return cards, err
}

// Count is how many items the filter names.
func (b *Board) Count(f Filter) (int64, error) {
	var n int64
	err := b.where(f).Count(&n).Error
	return n, err
}

// Cell is one tier's items of one status on the board: the first few, and how
// many there are in all.
type Cell struct {
	Tier   Tier
	Status Status
	Cards  []Card
	N      int
}

// cellSizes are how many cards of a status the board shows before it says how
// many more there are.
var cellSizes = map[Status]int{Registered: 3, Underway: 8, Submitted: 6, Closed: 5}

// Cells are the board's cells, tier by tier. The tally is that of the filter: it
// says how many each cell has, and which need not be asked for at all.
func (b *Board) Cells(f Filter, tally Tally) ([]Cell, error) {
	var cells []Cell
	for _, tier := range Tiers() {
		for _, status := range Statuses() {
			cell := Cell{Tier: tier, Status: status, N: tally.Tier(tier).Status(status).N()}
			if cell.N > 0 {
				q := b.where(f).Where("items.tier = ? AND items.status = ?", tier, status)
				switch status {
				case Closed:
					q = q.Order("items.closed_on DESC, items.id DESC")
				case Submitted:
					q = q.Order("items.submitted_on, items.id")
				default:
					q = q.Order("CASE WHEN items.due_on = '' THEN 1 ELSE 0 END, items.due_on, items.id")
				}
				if err := q.Limit(cellSizes[status]).Find(&cell.Cards).Error; err != nil {
					return nil, err
				}
			}
			cells = append(cells, cell)
		}
	}
	return cells, nil
}

// UnitsByID are the units this person may see, by ID, for lists of cards.
func (b *Board) UnitsByID() (map[int64]Unit, error) {
	units, err := b.Units()
	byID := map[int64]Unit{}
	for _, u := range units {
		byID[u.ID] = u
	}
	return byID, err
}

// Leaders are the leaders' names in the items this person may see and the filter
// names, in alphabetical order, at most limit of them.
func (b *Board) Leaders(f Filter, limit int) ([]string, error) {
	var names []string
	err := b.where(f).Where("items.leader <> ''").Distinct("items.leader").Order("items.leader").Limit(limit).Pluck("items.leader", &names).Error
	return names, err
}

// Neighbours are the items before and after this one in the list of the filter,
// with its place and the list's length; empty numbers at either end.
func (b *Board) Neighbours(f Filter, item Item) (before, after string, place, of int, err error) {
	var numbers []string
	err = f.order(b.where(f), b.Today()).Limit(1000).Pluck("items.number", &numbers).Error
	for n, number := range numbers {
		if number != item.Number {
			continue
		}
		place, of = n+1, len(numbers)
		if n > 0 {
			before = numbers[n-1]
		}
		if n+1 < len(numbers) {
			after = numbers[n+1]
		}
	}
	return before, after, place, of, err
}
