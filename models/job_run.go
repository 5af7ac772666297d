package models

import (
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// How a run of a job is held and taken up again.
const (
	// RunLease is how long a run holds its tick without saying that it lives.
	RunLease = time.Minute
	// RunTries is how often a tick is tried before it is left as failed.
	RunTries = 5
)

// JobRun is one tick of a job's timetable and what became of it. The row is the
// claim: of any number of programs one inserts it and does the work.
type JobRun struct {
	Job        string    `gorm:"primaryKey"`
	Tick       time.Time `gorm:"primaryKey"`
	State      RunState
	Owner      string
	Attempt    int
	LeaseUntil time.Time
	StartedAt  time.Time
	EndedAt    *time.Time
	Done       int
	Error      string
	Told       bool // the administrators have heard that it failed
}

// RunState is how far a run is.
type RunState string

// A run is under way, done, or failed and waits to be taken up again.
const (
	RunRunning RunState = "running"
	RunDone    RunState = "done"
	RunFailed  RunState = "failed"
)

// RunLeft is the error of a run whose program died with it, and which was not made
// good because a later one was due.
const RunLeft = "left"

// JobDays are the days on which a job does anything, though it is due on each.
type JobDays string

// The days of jobs.
const (
	AnyDay       JobDays = ""
	WorkingDays  JobDays = "workdays"
	FirstWorkday JobDays = "week" // of each week
)

// JobPlan is one line of the timetable: when a job is due, and when next. The runs
// of an unnoted one leave no rows.
type JobPlan struct {
	Job     string
	At      string  // in cron's words
	On      JobDays // of the days it is due on, those on which it does anything
	Next    time.Time
	Unnoted bool
}

// LastTick is the newest tick of a job up to now that was claimed by anybody, the
// zero time when none ever was.
func (b *Board) LastTick(job string) (time.Time, error) {
	run, err := b.lastRun(job)
	return run.Tick, err
}

// lastRun is the newest run of a job up to now. What a clock that was wrong has left
// behind in days to come does not count.
func (b *Board) lastRun(job string) (run JobRun, err error) {
	err = orNotFound(b.db.Where("job = ? AND tick <= ?", job, b.now).Order("tick DESC").Limit(1).Take(&run).Error)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return run, err
}

// ClaimRun claims a tick for an owner; ok is false when another has it.
func (b *Board) ClaimRun(job string, tick time.Time, owner string) (run JobRun, ok bool, err error) {
	run = JobRun{Job: job, Tick: tick.UTC(), State: RunRunning, Owner: owner, Attempt: 1, StartedAt: b.now, LeaseUntil: b.now.Add(RunLease)}
	made := b.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&run)
	return run, made.RowsAffected == 1, made.Error
}

// RetakeRun takes up the newest run of a job when it was left: its owner died with
// it, or it failed and has tries left, each after a longer while. One of before since
// is too old. ok is false when there is none. What was left before the newest is
// noted as such: the newest did its work.
func (b *Board) RetakeRun(job, owner string, since time.Time) (run JobRun, ok bool, err error) {
	if run, err = b.lastRun(job); err != nil || run.Job == "" {
		return run, false, err
	}
	err = b.db.Model(&JobRun{}).Where("job = ? AND state = ? AND lease_until < ? AND (tick < ? OR tick < ?)", job, RunRunning, b.now, run.Tick, since).
		Updates(map[string]any{"state": RunFailed, "error": RunLeft, "attempt": RunTries, "ended_at": b.now}).Error
	if err != nil || run.Attempt >= RunTries || run.Tick.Before(since) {
		return run, false, err
	}
	switch {
	case run.State == RunRunning && run.LeaseUntil.Before(b.now):
	case run.State == RunFailed && run.EndedAt != nil && run.EndedAt.Add(time.Minute<<(run.Attempt-1)).Before(b.now):
	default:
		return run, false, nil
	}
	taken := b.db.Model(&JobRun{}).Where("job = ? AND tick = ? AND attempt = ? AND state = ?", job, run.Tick, run.Attempt, run.State).
		Updates(map[string]any{"state": RunRunning, "owner": owner, "attempt": run.Attempt + 1, "lease_until": b.now.Add(RunLease), "ended_at": nil})
	run.Owner, run.Attempt, run.State = owner, run.Attempt+1, RunRunning
	return run, taken.RowsAffected == 1, taken.Error
}

// RenewRun says that a run lives. held is false when another has taken it over:
// then it must stop.
func (b *Board) RenewRun(run JobRun) (held bool, err error) {
	renewed := b.ofRun(run).Update("lease_until", b.now.Add(RunLease))
	return renewed.RowsAffected == 1, renewed.Error
}

// EndRun notes how a run went, unless another has taken it over meanwhile.
func (b *Board) EndRun(run JobRun, done int, failure error) error {
	changes := map[string]any{"state": RunDone, "ended_at": b.now, "done": done, "error": ""}
	if failure != nil {
		changes["state"], changes["error"] = RunFailed, printable(failure.Error(), 1000)
	}
	return b.ofRun(run).Updates(changes).Error
}

func (b *Board) ofRun(run JobRun) *gorm.DB {
	return b.db.Model(&JobRun{}).Where("job = ? AND tick = ? AND owner = ? AND attempt = ? AND state = ?",
		run.Job, run.Tick, run.Owner, run.Attempt, RunRunning)
}

// AskForRun notes in the trail that this person has a job done out of its turn.
func (b *Board) AskForRun(job string) error {
	return b.govern(GovernJobs, func(*gorm.DB) (Particulars, error) { return Particulars{"job": job}, nil })
}

// Runs are the newest runs of all jobs, at most limit.
func (b *Board) Runs(limit int) ([]JobRun, error) {
	if !b.MayGovern(GovernJobs) {
		return nil, ErrForbidden
	}
	var runs []JobRun
	err := b.db.Order("started_at DESC, tick DESC").Limit(limit).Find(&runs).Error
	return runs, err
}

// SweepRuns removes what ran before the logs begin, but never a job's newest run, which says
// from where to go on.
func (b *Board) SweepRuns() (int, error) {
	newest := b.db.Model(&JobRun{}).Select("MAX(tick)").Group("job")
	gone := b.db.Where("tick < ? AND tick NOT IN (?)", b.logsBegin(), newest).Delete(&JobRun{})
	return int(gone.RowsAffected), gone.Error
}
