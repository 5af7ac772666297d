package models

import "slices"

// verifiersOf are the supervisors whose verdict on a submitted item is still to come.
// Where the rules ask for a body that has nobody, all supervisors are told, so that
// somebody notices.
func (b *Board) verifiersOf(event Event, item Item) ([]int64, error) {
	ids, err := b.supervisorsOf(event, item)
	if err != nil {
		return nil, err
	}
	awaited, err := b.Awaited(item)
	if err != nil || len(awaited) == 0 {
		return ids, err
	}
	people, err := b.NamesOf(ids)
	if err != nil {
		return nil, err
	}
	asked := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return !slices.Contains(awaited, people[id].body()) })
	if len(asked) == 0 {
		return ids, nil
	}
	return asked, nil
}

// nextSigners are those whose turn it is to sign; and when all have, those who may now
// hand the item in.
func (b *Board) nextSigners(_ Event, item Item) ([]int64, error) {
	signings, err := b.Signings(item)
	if err != nil {
		return nil, err
	}
	for _, s := range signings {
		if s.Signature == nil {
			var ids []int64
			for _, u := range s.By {
				ids = append(ids, u.ID)
			}
			return ids, nil
		}
	}
	a, err := b.answeringFor(item)
	return a.handlers, err
}

// assignedTo are those who now answer for an item, and those who assist.
func (b *Board) assignedTo(_ Event, item Item) ([]int64, error) {
	var ids []int64
	for _, id := range []*int64{item.LeaderID, item.HandlerID} {
		if id != nil {
			ids = append(ids, *id)
		}
	}
	assistants, err := b.AssistantsOf(item)
	for _, u := range assistants {
		ids = append(ids, u.ID)
	}
	return distinct(ids), err
}

// voidersOf are those who may decide that an item is void.
func (b *Board) voidersOf(event Event, item Item) ([]int64, error) {
	ids, err := b.supervisorsOf(event, item)
	if err != nil {
		return nil, err
	}
	office, err := b.peopleOf(Office)
	return distinct(append(ids, office...)), err
}
