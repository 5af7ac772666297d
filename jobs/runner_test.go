package jobs_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
)

// counting is a timetable of one job that counts its runs.
func counting(at string, ran *atomic.Int32) []jobs.Job {
	return []jobs.Job{{Name: "count", At: at, CatchUp: 30 * 24 * time.Hour, Do: func(context.Context, *jobs.Run) (int, error) {
		return int(ran.Add(1)), nil
	}}}
}

func runner(t *testing.T, r *modelstest.Register, all []jobs.Job) *jobs.Runner {
	t.Helper()
	made, err := jobs.NewRunner(r.Store, jobs.Mailer{}, all)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestATickIsDoneOnceByAnyNumberOfPrograms(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		var ran atomic.Int32
		r.At("2026-03-02 00:04")
		programs := []*jobs.Runner{runner(t, r, counting("5 0 * * *", &ran)), runner(t, r, counting("5 0 * * *", &ran)), runner(t, r, counting("5 0 * * *", &ran))}
		wakeAll := func() {
			var all sync.WaitGroup
			for _, p := range programs {
				all.Go(p.Wake)
			}
			all.Wait()
		}
		wakeAll()
		if ran.Load() != 0 {
			t.Errorf("it ran before it was due")
		}
		r.At("2026-03-02 00:05")
		wakeAll()
		r.At("2026-03-02 00:06") // ninety seconds apart
		wakeAll()
		if ran.Load() != 1 {
			t.Errorf("the tick ran %d times", ran.Load())
		}
		r.At("2026-03-01 23:06") // the clock is set back an hour
		wakeAll()
		r.At("2026-03-02 00:06")
		wakeAll()
		if ran.Load() != 1 {
			t.Errorf("with the clock set back it ran %d times", ran.Load())
		}
		r.At("2026-03-06 10:00") // four days down
		wakeAll()
		wakeAll()
		if ran.Load() != 2 {
			t.Errorf("after four days it ran %d times in all, want once more", ran.Load())
		}
	})
}

// A program that died with a run in hand leaves it to the next; a run that failed is
// tried again, a few times.
func TestARunThatWasLeftIsTakenUp(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.At("2026-03-02 00:05")
		tick := clerk(r).Now()
		if _, ok, err := clerk(r).ClaimRun("count", tick, "a program that died"); err != nil || !ok {
			t.Fatal(ok, err)
		}
		var ran atomic.Int32
		fails := errors.New("not now")
		all := []jobs.Job{{Name: "count", At: "5 0 * * *", CatchUp: time.Hour, Do: func(context.Context, *jobs.Run) (int, error) {
			if ran.Add(1) < 3 {
				return 0, fails
			}
			return 7, nil
		}}}
		p := runner(t, r, all)
		p.Wake()
		if ran.Load() != 0 {
			t.Fatal("it was taken over while it may still live")
		}
		for range 6 {
			later(r, 6)
			p.Wake()
		}
		runs, err := r.As(r.Office).Runs(10)
		if err != nil || ran.Load() != 3 || len(runs) != 1 || runs[0].State != models.RunDone || runs[0].Done != 7 {
			t.Errorf("tried %d times, %+v, %v", ran.Load(), runs, err)
		}
	})
}

// Two programs with a connection of their own each, on one database: on SQLite the
// same file.
func TestTwoProgramsOnOneDatabase(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, url string) {
		var ran atomic.Int32
		var programs []*jobs.Runner
		now := time.Date(2026, 3, 2, 0, 0, 30, 0, time.UTC)
		for range 2 {
			store, err := models.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			store.Now = func() time.Time { return now }
			made, err := jobs.NewRunner(store, jobs.Mailer{}, counting("* * * * *", &ran))
			if err != nil {
				t.Fatal(err)
			}
			programs = append(programs, made)
		}
		programs[0].Wake()
		begun := ran.Load()
		for range 20 {
			now = now.Add(time.Minute)
			var both sync.WaitGroup
			for _, p := range programs {
				both.Go(p.Wake)
			}
			both.Wait()
		}
		if n := ran.Load() - begun; n != 20 {
			t.Errorf("twenty ticks ran %d times", n)
		}
	})
}

// A rehearsal that begins on the very minute of a tick has that tick, and what a
// clock that was wrong has left in days to come keeps nothing from running.
func TestTheFirstTickAndTicksOfDaysToCome(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		var ran atomic.Int32
		r.At("2026-03-02 08:30")
		p := runner(t, r, counting("30 8 * * *", &ran))
		p.Wake()
		p.Wake()
		if ran.Load() != 1 {
			t.Errorf("on its first minute it ran %d times", ran.Load())
		}
		r.At("2027-03-02 08:30")
		p.Wake()
		r.At("2026-03-03 08:30")
		p.Wake()
		if ran.Load() != 3 {
			t.Errorf("after a year to come it ran %d times, want once more", ran.Load())
		}
	})
}

// Who lost a run to another may neither renew nor end it; and what was left before
// the newest run is noted, not done again.
func TestARunHasOneOwner(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		first, ok, err := clerk(r).ClaimRun("count", clerk(r).Now(), "one")
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		since := clerk(r).Now().Add(-time.Hour)
		later(r, 2)
		second, ok, err := clerk(r).RetakeRun("count", "another", since)
		if err != nil || !ok || second.Attempt != 2 {
			t.Fatal(second, ok, err)
		}
		if held, err := clerk(r).RenewRun(first); held || err != nil {
			t.Errorf("the first still holds it: %v", err)
		}
		if err := clerk(r).EndRun(first, 9, nil); err != nil {
			t.Error(err)
		}
		if held, err := clerk(r).RenewRun(second); !held || err != nil {
			t.Errorf("the second does not hold it: %v", err)
		}
		later(r, 30) // the second is left as well, and a later tick is done
		third, ok, err := clerk(r).ClaimRun("count", clerk(r).Now(), "one")
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if err := clerk(r).EndRun(third, 1, nil); err != nil {
			t.Error(err)
		}
		if _, ok, err := clerk(r).RetakeRun("count", "one", since); ok || err != nil {
			t.Errorf("an old run was taken up beside the newest: %v", err)
		}
		runs, err := r.As(r.Office).Runs(10)
		if err != nil || len(runs) != 2 || runs[1].State != models.RunFailed || runs[1].Error != models.RunLeft || runs[0].Done != 1 {
			t.Errorf("%+v %v", runs, err)
		}
	})
}

func TestAJobThatPanicsHasFailedAndTheOthersGoOn(t *testing.T) {
	r := modelstest.Open(t, modelstest.URL(t, "sqlite"))
	r.At("2026-03-02 00:04")
	var ran atomic.Int32
	all := append([]jobs.Job{{Name: "panics", At: "5 0 * * *", CatchUp: time.Hour, Do: func(context.Context, *jobs.Run) (int, error) { panic("oh") }}}, counting("5 0 * * *", &ran)...)
	p := runner(t, r, all)
	p.Wake()
	r.At("2026-03-02 00:05")
	p.Wake()
	runs, err := r.As(r.Office).Runs(2)
	if err != nil || len(runs) != 2 || ran.Load() != 1 {
		t.Fatalf("%+v %v", runs, err)
	}
	for _, run := range runs {
		if (run.Job == "panics") != (run.State == models.RunFailed) {
			t.Errorf("%+v", run)
		}
	}
}

// The timetable starts, wakes by itself and stops.
func TestTheTimetableRunsByItself(t *testing.T) {
	r := modelstest.Open(t, modelstest.URL(t, "sqlite"))
	var ran atomic.Int32
	all := []jobs.Job{{Name: "often", At: "@every 1s", Everywhere: true, Do: func(context.Context, *jobs.Run) (int, error) { return int(ran.Add(1)), nil }}}
	r.Store.Now = time.Now
	stop := runner(t, r, all).Start()
	modelstest.Await(t, "two ticks", func() bool { return ran.Load() >= 2 })
	stop(context.Background())
	after := ran.Load()
	time.Sleep(1100 * time.Millisecond) // longer than until the next tick
	if n := ran.Load(); n != after {
		t.Errorf("it ran %d times after it was stopped", n-after)
	}
}

func TestTheTimetableCanBeRead(t *testing.T) {
	for _, at := range []string{"TZ=0", "61 * * * *", "0 0 * * 9"} {
		if _, err := jobs.NewRunner(nil, jobs.Mailer{}, []jobs.Job{{Name: "wrong", At: at}}); err == nil {
			t.Errorf("%q was taken", at)
		}
	}
	if len(jobs.All) < 5 {
		t.Error("jobs are missing")
	}
}

// The timetable's page names the day on which a job does something next, though the clock
// wakes it on each.
func TestTheTimetableNamesTheDayOnWhichSomethingIsDone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		next := func() map[string]string {
			days := map[string]string{}
			for _, p := range runner(t, r, jobs.All).Plan() {
				days[p.Job] = p.Next.In(r.Zone).Format("2006-01-02 15:04")
			}
			return days
		}
		r.At("2026-09-25 09:00")
		for job, want := range map[string]string{"flag": "2026-09-26 00:05", "checkpoint": "2026-09-25 10:00"} {
			if got := next()[job]; got != want {
				t.Errorf("%s: %s, want %s", job, got, want)
			}
		}
		calendar := r.As(models.TheClerk).Calendar()
		for _, now := range []string{"2026-03-02 08:00", "2026-03-02 09:00", "2026-03-06 09:00", "2026-09-30 09:00", "2026-10-01 07:00"} {
			r.At(now)
			digest, remind := models.Day(next()["digest"][:10]), models.Day(next()["remind"][:10])
			if !calendar.IsWorkday(digest) || !calendar.IsWorkday(remind) || models.NextDigest(digest, calendar) != digest {
				t.Errorf("%s: the digest is named for %s, reminders for %s", now, digest, remind)
			}
			if today := models.Day(now[:10]); digest < today || remind < today || digest == today && now[11:] > "08:30" {
				t.Errorf("%s: the digest is named for %s, reminders for %s", now, digest, remind)
			}
		}
	})
}
