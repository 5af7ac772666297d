package jobs

import "context"

// escalate names the next step of the ladder to the supervisors. It writes no letter:
// the ladder is in models, and a person signs.
func escalate(_ context.Context, r *Run) (int, error) { return r.Board.OfferLetters() }
