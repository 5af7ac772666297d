package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
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
	pace  *pace

	// Webhooks is how the robots of chat groups are reached; it may be set before
	// Start.
	Webhooks Webhooks

	ctx    context.Context // until the program has no more patience
	ending context.Context // until it is told to end

	trying sync.Mutex // held while a trial mail is sent

	mu     sync.Mutex
	beside sync.WaitGroup // runs beside the timetable's
	ended  bool
	wakes  map[string]cron.Job // once it is started
}

// NewRunner makes a runner of these jobs; it does nothing before Start.
func NewRunner(store *models.Store, mail Mailer, all []Job) (*Runner, error) {
	host, _ := os.Hostname()
	r := &Runner{
		store: store, mail: mail, jobs: all, owner: host + "-" + rand.Text()[:8], plans: map[string]cron.Schedule{}, pace: &pace{},
		ctx: context.Background(), ending: context.Background(),
	}
	for _, j := range all {
		plan, err := schedule(j.At)
		if err != nil {
			return nil, fmt.Errorf("job %s: %w", j.Name, err)
		}
		r.plans[j.Name] = plan
	}
	return r, nil
}

// Until ends the runs of a runner that is not started with this context.
func (r *Runner) Until(ctx context.Context) { r.ctx, r.ending = ctx, ctx }

// schedule reads cron's words. The parser panics on some that are no schedule.
func schedule(at string) (plan cron.Schedule, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%q: %v", at, p)
		}
	}()
	return cron.ParseStandard(at)
}

// Start runs the timetable until the returned function is called. That one tells the
// runs in hand to end, waits for them at most as long as its context lasts, and breaks
// them off then.
func (r *Runner) Start() (stop func(context.Context)) {
	var cancel, end context.CancelFunc
	r.ctx, cancel = context.WithCancel(context.Background())
	r.ending, end = context.WithCancel(r.ctx)
	c := cron.New(cron.WithLocation(r.store.Zone))
	// Recovering inside: a job that panicked must give its turn back.
	chain := cron.NewChain(cron.SkipIfStillRunning(cron.DiscardLogger), cron.Recover(cronLog{}))
	r.wakes = map[string]cron.Job{}
	for _, j := range r.jobs {
		wake := chain.Then(cron.FuncJob(func() { r.wake(j) }))
		r.wakes[j.Name] = wake
		c.Schedule(registerClock{r.plans[j.Name], r.store}, wake)
		if !j.Everywhere {
			// A tick may have been missed, or left by a program that died.
			c.Schedule(cron.Every(time.Minute), wake)
		}
	}
	c.Start()
	r.besides(func() {
		for _, j := range r.jobs {
			if j.AtStart && r.ending.Err() == nil {
				r.claimed(j, r.store.Now().Truncate(time.Minute))
			}
			if !j.Everywhere && r.ending.Err() == nil {
				r.wakes[j.Name].Run()
			}
		}
	})
	return func(patience context.Context) {
		end()
		r.mu.Lock()
		r.ended = true
		r.mu.Unlock()
		done := make(chan struct{})
		go func() {
			<-c.Stop().Done()
			r.beside.Wait()
			close(done)
		}()
		select {
		case <-done:
		case <-patience.Done():
			cancel()
			select {
			case <-done:
			case <-time.After(breakingOff):
				slog.Warn("a job did not end in time; its work is taken up again")
			}
		}
		cancel()
	}
}

// breakingOff is how long a run may take to notice that it is broken off.
const breakingOff = 3 * time.Second

// besides does something beside the timetable, and has the end wait for it. false
// says that the program is ending.
func (r *Runner) besides(do func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended {
		r.beside.Go(do)
	}
	return !r.ended
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

// wake does what is due of a job: the newest tick nobody has claimed, and a run that
// was left.
func (r *Runner) wake(j Job) {
	if r.ending.Err() != nil {
		return
	}
	if j.Everywhere {
		_, _ = r.do(r.ctx, j, r.run(r.ctx, false)) // it is logged there
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
	if run, ok, err := r.board().RetakeRun(j.Name, r.owner, r.store.Now().Add(-j.CatchUp)); err != nil {
		slog.Error("job not taken up", "job", j.Name, "error", err)
	} else if ok {
		slog.Warn("job taken up again", "job", j.Name, "tick", run.Tick, "attempt", run.Attempt)
		_, _ = r.held(j, run, false)
	}
}

// due is the newest tick of a job after the last one that was claimed, if it is not
// too old to be made good. A clock that was set back finds its ticks claimed. A job
// that never ran begins with the minute before this one.
func (r *Runner) due(j Job) (tick time.Time, ok bool, err error) {
	now := r.store.Now().In(r.store.Zone)
	from, err := r.board().LastTick(j.Name)
	if err != nil {
		return tick, false, err
	}
	if from.IsZero() {
		// The timetable begins here: what is missed from now on is made good.
		from = now.Truncate(time.Second).Add(-time.Minute)
		run, ok, err := r.board().ClaimRun(j.Name, from, r.owner)
		if err != nil || !ok {
			return tick, false, err
		}
		if err := r.board().EndRun(run, 0, nil); err != nil {
			return tick, false, err
		}
	}
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
		_, _ = r.held(j, run, false)
	}
}

// errTakenOver ends a run whose lease went to another program, or would have.
var errTakenOver = errors.New("taken over by another program")

// held does a claimed run: it says while it works that it lives, and stops when
// another has taken it over.
func (r *Runner) held(j Job, run models.JobRun, byHand bool) (done int, err error) {
	ctx, cancel := context.WithCancelCause(r.ctx)
	defer cancel(nil)
	go r.renew(ctx, cancel, run)
	done, err = r.do(ctx, j, r.run(ctx, byHand))
	if errors.Is(context.Cause(ctx), errTakenOver) {
		return done, errTakenOver
	}
	if end := r.board().EndRun(run, done, err); end != nil {
		slog.Error("job's end not noted", "job", j.Name, "error", end)
		err = errors.Join(err, end)
	}
	if err != nil && run.Attempt >= models.RunTries {
		if told := r.run(ctx, false).tellTrouble(ctx); told != nil {
			slog.Error("administrators not told", "job", j.Name, "error", told)
		}
	}
	if done > 0 || err != nil {
		r.mails()
	}
	return done, err
}

// renew renews a run's lease until it is done. When that fails for so long that
// another may take the run over, it is broken off.
func (r *Runner) renew(ctx context.Context, cancel context.CancelCauseFunc, run models.JobRun) {
	const beat, almost = models.RunLease / 5, models.RunLease * 9 / 10
	every := time.NewTicker(beat)
	defer every.Stop()
	renewed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case at := <-every.C:
			asked, done := context.WithTimeout(context.Background(), beat)
			held, err := r.store.Board(asked, models.TheClerk).RenewRun(run)
			done()
			switch {
			case err == nil && held:
				renewed = at
			case err == nil, time.Since(renewed) > almost-beat:
				cancel(errTakenOver)
				return
			}
		}
	}
}

// mails has the outbox looked into at once: a job may have written some.
func (r *Runner) mails() {
	for _, j := range r.jobs {
		if wake, started := r.wakes[j.Name]; started && j.Everywhere {
			r.besides(wake.Run)
		}
	}
}

// again has a job that every program does done once more in a while, sooner than its next
// tick.
func (r *Runner) again(job string, in time.Duration) {
	wake, started := r.wakes[job]
	if !started {
		return
	}
	time.AfterFunc(in, func() { r.besides(wake.Run) })
}

// do does a job once and logs how it went. A panic is its failure, not the
// program's end.
func (r *Runner) do(ctx context.Context, j Job, run *Run) (done int, err error) {
	began := time.Now()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			slog.Error("panic", "job", j.Name, "stack", string(debug.Stack()))
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
func (r *Runner) run(ctx context.Context, byHand bool) *Run {
	return &Run{
		Board: r.store.Board(ctx, models.TheClerk), Mail: r.mail, ByHand: byHand,
		store: r.store, owner: r.owner, pace: r.pace, webhooks: r.Webhooks, ending: r.ending, again: r.again,
	}
}

func (r *Runner) board() *models.Board {
	return r.store.Board(context.WithoutCancel(r.ctx), models.TheClerk)
}

// Now does one job at once, as a person asked: its run is noted under the register's
// present moment. false says that the same second's run is somebody's already.
func (r *Runner) Now(name string) (done int, ran bool, err error) {
	j, ok := r.named(name)
	if !ok {
		return 0, false, models.ErrNotFound
	}
	if j.Everywhere {
		done, err = r.do(r.ctx, j, r.run(r.ctx, true))
		return done, true, err
	}
	run, ok, err := r.board().ClaimRun(name, r.store.Now().Truncate(time.Second), r.owner)
	if err != nil || !ok {
		return 0, false, err
	}
	done, err = r.held(j, run, true)
	return done, true, err
}

// Ask has one job done now and does not wait for it longer than a page may: no page
// waits for a mail server. Its run is in the list, with how it went.
func (r *Runner) Ask(name string) error {
	if _, ok := r.named(name); !ok {
		return models.ErrNotFound
	}
	done := make(chan struct{})
	if !r.besides(func() {
		defer close(done)
		_, _, _ = r.Now(name) // it is logged and noted there
	}) {
		return models.ErrBusy
	}
	select {
	case <-done:
	case <-time.After(time.Second):
	}
	return nil
}

func (r *Runner) named(name string) (Job, bool) {
	for _, j := range r.jobs {
		if j.Name == name {
			return j, true
		}
	}
	return Job{}, false
}

// Rehearse does one job as of the moment the store's clock stands at, without
// noting it in the timetable: a day tried out must not be taken for one that was.
func (r *Runner) Rehearse(name string) (done int, err error) {
	j, ok := r.named(name)
	if !ok {
		return 0, models.ErrNotFound
	}
	return r.do(r.ctx, j, r.run(r.ctx, true))
}

// Next is when a job is due next, by the register's clock.
func (r *Runner) Next(name string) time.Time {
	plan, ok := r.plans[name]
	if !ok {
		return time.Time{}
	}
	return plan.Next(r.store.Now().In(r.store.Zone))
}

// nextDoing is when a job does something next: of its moments the first that falls on one of
// its days.
func (r *Runner) nextDoing(b *models.Board, j Job) time.Time {
	next := r.Next(j.Name)
	for range 30 { // more than any feast lasts
		on := models.Day(next.In(r.store.Zone).Format(time.DateOnly))
		if next.IsZero() || j.On == models.AnyDay || j.On == models.WorkingDays && b.Calendar().IsWorkday(on) ||
			j.On == models.FirstWorkday && models.NextDigest(on, b.Calendar()) == on {
			return next
		}
		next = r.plans[j.Name].Next(next)
	}
	return next
}

// Plan is one line of the timetable, for the page that shows it.
func (r *Runner) Plan() []models.JobPlan {
	var plan []models.JobPlan
	b := r.store.Board(context.Background(), models.TheClerk)
	for _, j := range r.jobs {
		plan = append(plan, models.JobPlan{Job: j.Name, At: j.At, On: j.On, Next: r.nextDoing(b, j), Unnoted: j.Everywhere})
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
