// Package jobs is what happens at set hours: flagging what is late, reminding,
// the weekly digest, and carrying the mail out of the house. A job is shallow; it
// asks a models.Board to act, may run twice without harm, and reports how many.
package jobs
