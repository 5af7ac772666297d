package jobs

import (
	"context"
	"errors"
	"time"

	"duban/models"
)

// Job is a name, an hour, and what is done. Every job may be run again at any time
// without harm: the clock may tick twice, and people press the button.
type Job struct {
	Name string
	// At is when it is due, in cron's words, in the place's zone.
	At string
	Do func(context.Context, *Run) (done int, err error)
	// On is on which of these days it does anything: what it calls minds the calendar.
	On models.JobDays
	// CatchUp is how old a missed tick may be and still be made good. Of several
	// missed ones the newest is: every job looks at the register as it is now.
	CatchUp time.Duration
	// AtStart runs it once more whenever a program starts.
	AtStart bool
	// Everywhere has every program do it at each tick, without a claim: what it does
	// is claimed piece by piece.
	Everywhere bool
}

// Run is one run of a job: the register in the clerk's hands, and the way out.
type Run struct {
	Board  *models.Board
	Mail   Mailer
	ByHand bool // a person asked for it

	store    *models.Store
	owner    string // who runs it, in the names of claims
	pace     *pace
	webhooks Webhooks
	ending   context.Context
	again    func(job string, in time.Duration) // has a job of every program done once more
}

// fresh is the register as it is now, for a run that goes on for long. What it writes
// is written even when the program is told to end. One that no runner began has only
// the board it was given.
func (r *Run) fresh() *models.Board {
	if r.store == nil {
		return r.Board
	}
	return r.store.Board(context.Background(), models.TheClerk)
}

// now is the register's moment.
func (r *Run) now() time.Time { return r.store.Now() }

// ended says whether the program is told to end: a run that takes long then stops at
// the next good moment.
func (r *Run) ended() bool { return r.ending.Err() != nil }

const day = 24 * time.Hour

// All is the whole timetable.
var All = []Job{
	{Name: "flag", At: "5 0 * * *", Do: flag, CatchUp: 30 * day, AtStart: true},
	{Name: "sweep", At: "0 4 * * *", Do: sweep, CatchUp: 2 * day},
	{Name: "observe", At: "30 1 * * *", Do: observe, CatchUp: 2 * day},
	{Name: "recheck", At: "0 6 * * *", Do: recheck, CatchUp: 30 * day},
	{Name: "escalate", At: "0 9 * * *", Do: escalate, On: models.WorkingDays, CatchUp: 12 * time.Hour},
	{Name: "digest", At: "30 8 * * *", Do: digest, On: models.FirstWorkday, CatchUp: 6 * day},
	{Name: "remind", At: "30 8 * * *", Do: remind, On: models.WorkingDays, CatchUp: 12 * time.Hour},
	{Name: "urge", At: "@every 5s", Do: urge, Everywhere: true},
	{Name: "trail", At: "@every 2s", Do: growTrail, Everywhere: true},
	{Name: "checkpoint", At: "0 * * * *", Do: checkpoint, CatchUp: 2 * time.Hour},
	{Name: "verify", At: "0 3 * * *", Do: verify, CatchUp: 2 * day},
	{Name: "deliver", At: "@every 5s", Do: deliver, Everywhere: true},
	{Name: "bounce", At: "@every 5m", Do: bounces, Everywhere: true},
	{Name: "webhook", At: "@every 5s", Do: webhook, Everywhere: true},
}

// Named is the job of that name.
func Named(name string) (Job, bool) {
	for _, j := range All {
		if j.Name == name {
			return j, true
		}
	}
	return Job{}, false
}

// flag records the night and marks what became overdue. The rules are in models. What
// became overdue is told though the night could not be recorded.
func flag(_ context.Context, r *Run) (int, error) {
	_, night := r.Board.RecordNights()
	flagged, err := r.Board.FlagOverdue()
	return flagged, errors.Join(night, err)
}
