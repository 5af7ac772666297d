package models

import "time"

// Together begins a short transaction.
var Together = shortTurn

// JoinFor is how old a transaction may be that another joins.
func (s *Store) JoinFor(age time.Duration) { s.db.ConnPool.(*writingTurns).joined = age }

// WritersWaiting is how many wait for their turn to write, on SQLite.
func (s *Store) WritersWaiting() int {
	turns := s.db.ConnPool.(*writingTurns)
	turns.mu.Lock()
	defer turns.mu.Unlock()
	return len(turns.queue)
}
