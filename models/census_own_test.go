package models

// TallyOfTheDatabase is the tally that the census is held to.
func (b *Board) TallyOfTheDatabase(f Filter) (Tally, error) { return b.tallied(f) }
