package jobs

import "context"

// recheck tells of the standing items whose day of review has come, and of drawn
// items that were not checked again in their time.
func recheck(_ context.Context, r *Run) (told int, err error) { return r.Board.NoticeReviews() }
