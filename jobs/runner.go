package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/robfig/cron/v3"

	"duban/models"
)

// Runner runs the timetable. Any number of programs may do so on one register: cron
// only wakes them, and a row of the register decides who does a tick. A program
// killed in the middle leaves its row, which another takes up.
type Runner struct {
	store *models.Store
	mail  Mailer
	jobs  []Job
	owner string
	plans map[string]cron.Schedule
	ctx   context.Context
}

// NewRunner makes a runner of these jobs; it does nothing before Start.
func NewRunner(store *models.Store, mail Mailer, all []Job) (*Runner, error) {
	host, _ := os.Hostname()
	r := &Runner{store: store, mail: mail, jobs: all, owner: host + "-" + rand.Text()[:8], plans: map[string]cron.Schedule{}, ctx: context.Background()}
	for _, j := range all {
		plan, err := schedule(j.At)
		if err != nil {
			return nil, fmt.Errorf("job %s: %w", j.Name, err)
		}
		r.plans[j.Name] = plan
	}
	return r, nil
}

// schedule reads cron's words. The parser panics on some that are no schedule.
func schedule(at string) (plan cron.Schedule, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%q: %v", at, p)
		}
	}()
	return cron.ParseStandard(at)
}

// Start runs the timetable until the returned function is called; that one waits
// for the runs in hand, at most as long as its context lasts, and ends them then.
func (r *Runner) Start() (stop func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	r.ctx = ctx
	c := cron.New(cron.WithLocation(r.store.Zone))
	// Recovering inside: a job that panicked must give its turn back.
	chain := cron.NewChain(cron.SkipIfStillRunning(cron.DiscardLogger), cron.Recover(cronLog{}))
	for _, j := range r.jobs {
		wake := chain.Then(cron.FuncJob(func() { r.wake(j) }))
		c.Schedule(registerClock{r.plans[j.Name], r.store}, wake)
		if !j.Everywhere {
			// A tick may have been missed, or left by a program that died.
			c.Schedule(cron.Every(time.Minute), wake)
		}
	}
	c.Start()
	started := make(chan struct{})
	go func() {
		defer close(started)
		for _, j := range r.jobs {
			if j.AtStart && ctx.Err() == nil {
				r.claimed(j, r.store.Now().Truncate(time.Minute))
			}
			if !j.Everywhere && ctx.Err() == nil {
				r.wake(j)
			}
		}
	}()
	return func(patience context.Context) {
		ended := c.Stop()
		for _, done := range []<-chan struct{}{ended.Done(), started} {
			select {
			case <-done:
			case <-patience.Done():
				cancel()
				<-done
			}
		}
		cancel()
	}
}

// registerClock is a schedule that goes by the register's clock, which a rehearsal
// sets elsewhere than the wall's.
type registerClock struct {
	plan  cron.Schedule
	store *models.Store
}

// Next is the wall's moment of the next tick.
func (c registerClock) Next(wall time.Time) time.Time {
	ahead := time.Until(c.store.Now())
	next := c.plan.Next(wall.Add(ahead).In(c.store.Zone))
	if next.IsZero() {
		return next
	}
	return next.Add(-ahead)
}

// Wake does what is due of every job, as cron would have it.
func (r *Runner) Wake() {
	for _, j := range r.jobs {
		r.wake(j)
	}
}

// wake does what is due of a job: the ticks nobody has claimed, and the runs that
// were left.
func (r *Runner) wake(j Job) {
	if j.Everywhere {
		if _, err := r.do(r.ctx, j, r.run(r.ctx, false)); err != nil {
			slog.Error("job failed", "job", j.Name, "error", err)
		}
		return
	}
	tick, ok, err := r.due(j)
	if err != nil {
		slog.Error("job not looked up", "job", j.Name, "error", err)
		return
	}
	if ok {
		r.claimed(j, tick)
	}
	if run, ok, err := r.board().RetakeRun(j.Name, r.owner); err != nil {
		slog.Error("job not taken up", "job", j.Name, "error", err)
	} else if ok {
		slog.Warn("job taken up again", "job", j.Name, "tick", run.Tick, "attempt", run.Attempt)
		r.held(j, run)
	}
}

// due is the newest tick of a job after the last one that was claimed, if it is not
// too old to be made good. A clock that was set back has no new ticks until it has
// caught up. A job that never ran begins with the tick after this moment.
func (r *Runner) due(j Job) (tick time.Time, ok bool, err error) {
	now := r.store.Now().In(r.store.Zone)
	last, err := r.board().LastTick(j.Name)
	if err != nil {
		return tick, false, err
	}
	if last.IsZero() {
		// The timetable begins here: what is missed from now on is made good.
		run, ok, err := r.board().ClaimRun(j.Name, now.Truncate(time.Second), r.owner)
		if err == nil && ok {
			err = r.board().EndRun(run, 0, nil)
		}
		return tick, false, err
	}
	from := last
	if oldest := now.Add(-j.CatchUp); from.Before(oldest) {
		from = oldest
	}
	for next := r.plans[j.Name].Next(from.In(r.store.Zone)); !next.IsZero() && !next.After(now); next = r.plans[j.Name].Next(next) {
		tick, ok = next, true
	}
	return tick, ok, nil
}

// claimed claims a tick and does it; another program may have been first.
func (r *Runner) claimed(j Job, tick time.Time) {
	run, ok, err := r.board().ClaimRun(j.Name, tick, r.owner)
	if err != nil {
		slog.Error("job not claimed", "job", j.Name, "error", err)
	} else if ok {
		r.held(j, run)
	}
}

// errTakenOver ends a run whose lease went to another program.
var errTakenOver = errors.New("taken over by another program")

// held does a claimed run: it says while it works that it lives, and stops when
// another has taken it over.
func (r *Runner) held(j Job, run models.JobRun) {
	ctx, cancel := context.WithCancelCause(r.ctx)
	defer cancel(nil)
	go func() {
		beat := time.NewTicker(models.RunLease / 5)
		defer beat.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
				if held, err := r.board().RenewRun(run); err == nil && !held {
					cancel(errTakenOver)
				}
			}
		}
	}()
	done, err := r.do(ctx, j, r.run(ctx, run.Attempt > 1))
	if errors.Is(context.Cause(ctx), errTakenOver) {
		return
	}
	if end := r.board().EndRun(run, done, err); end != nil {
		slog.Error("job's end not noted", "job", j.Name, "error", end)
	}
}

// do does a job once and logs how it went. A panic is its failure, not the
// program's end.
func (r *Runner) do(ctx context.Context, j Job, run *Run) (done int, err error) {
	began := time.Now()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
		switch {
		case err != nil:
			slog.Error("job failed", "job", j.Name, "done", done, "error", err)
		case done > 0 || !j.Everywhere:
			slog.Info("job done", "job", j.Name, "done", done, "took", time.Since(began))
		}
	}()
	return j.Do(ctx, run)
}

// run is what a job is handed.
func (r *Runner) run(ctx context.Context, again bool) *Run {
	return &Run{Board: r.store.Board(ctx, models.TheClerk), Mail: r.mail, Owner: r.owner, Again: again, store: r.store}
}

func (r *Runner) board() *models.Board {
	return r.store.Board(context.WithoutCancel(r.ctx), models.TheClerk)
}

// Now does one job at once, as a person asked: its run is noted under the register's
// present moment. false says that the same minute's run is somebody's already.
func (r *Runner) Now(name string) (done int, ran bool, err error) {
	j, ok := Named(name)
	if !ok {
		return 0, false, models.ErrNotFound
	}
	if j.Everywhere {
		done, err = r.do(r.ctx, j, r.run(r.ctx, false))
		return done, true, err
	}
	run, ok, err := r.board().ClaimRun(name, r.store.Now().Truncate(time.Second), r.owner)
	if err != nil || !ok {
		return 0, false, err
	}
	done, err = r.do(r.ctx, j, r.run(r.ctx, false))
	return done, true, errors.Join(err, r.board().EndRun(run, done, err))
}

// Rehearse does one job as of the moment the store's clock stands at, without
// noting it in the timetable: a day tried out must not be taken for one that was.
func (r *Runner) Rehearse(name string) (done int, err error) {
	j, ok := Named(name)
	if !ok {
		return 0, models.ErrNotFound
	}
	return r.do(r.ctx, j, r.run(r.ctx, false))
}

// Next is when a job is due next, by the register's clock.
func (r *Runner) Next(name string) time.Time {
	plan, ok := r.plans[name]
	if !ok {
		return time.Time{}
	}
	return plan.Next(r.store.Now().In(r.store.Zone))
}

// Plan is one line of the timetable, for the page that shows it.
func (r *Runner) Plan() []models.JobPlan {
	var plan []models.JobPlan
	for _, j := range r.jobs {
		plan = append(plan, models.JobPlan{Job: j.Name, At: j.At, Next: r.Next(j.Name), Unnoted: j.Everywhere})
	}
	return plan
}

// SendsMail says whether there is a mail server to send to.
func (r *Runner) SendsMail() bool { return r.mail.Configured() }

// cronLog passes cron's reports of panics on.
type cronLog struct{}

// Info is about waking, which is nobody's news.
func (cronLog) Info(string, ...any) {}

// Error is a panic that was caught.
func (cronLog) Error(err error, msg string, keysAndValues ...any) {
	slog.Error("job: "+msg, append(keysAndValues, "error", err)...)
}
