package main

import (
	"context"
	"fmt"
	"time"

	"duban/jobs"
	"duban/models"
)

type jobCommand struct {
	Name  string `arg:"" optional:"" help:"Which job; without a name they are listed."`
	Today string `help:"As of that day, such as 2024-07-08: tried out, and not noted in the timetable." placeholder:"DAY"`
}

// Run does one job once, by hand. A replica that does the same at the same time is
// no harm.
func (c jobCommand) Run(ctx context.Context, s Settings) error {
	store, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := s.openFiles(ctx, store); err != nil {
		return err
	}
	if c.Today != "" {
		day := models.Day(c.Today)
		if !day.Valid() {
			return fmt.Errorf("--today %q is no day; write 2024-07-08", c.Today)
		}
		at, err := time.ParseInLocation("2006-01-02 15:04", c.Today+" 09:00", store.Zone)
		if err != nil {
			return err
		}
		store.Now = clockFrom(at)
	}
	runner, err := jobs.NewRunner(store, s.mailer(), jobs.All)
	if err != nil {
		return err
	}
	runner.Webhooks = s.webhooks()
	runner.Until(ctx)
	if c.Name == "" {
		return listJobs(ctx, store, runner)
	}
	if _, ok := jobs.Named(c.Name); !ok {
		return fmt.Errorf("no job is called %q; duban job lists them", c.Name)
	}
	do := func() (int, error) {
		done, _, err := runner.Now(c.Name)
		return done, err
	}
	if c.Today != "" {
		do = func() (int, error) { return runner.Rehearse(c.Name) }
	}
	done, err := do()
	fmt.Printf("%s: %d\n", c.Name, done)
	return err
}

func listJobs(ctx context.Context, store *models.Store, runner *jobs.Runner) error {
	runs, err := store.Board(ctx, models.TheClerk).Runs(200)
	if err != nil {
		return err
	}
	last := map[string]models.JobRun{}
	for n := len(runs) - 1; n >= 0; n-- {
		last[runs[n].Job] = runs[n]
	}
	for _, j := range jobs.All {
		ran := "never"
		if run, ok := last[j.Name]; ok {
			ran = fmt.Sprintf("%s %s %d %s", run.StartedAt.In(store.Zone).Format(time.DateTime), run.State, run.Done, run.Error)
		} else if j.Everywhere {
			ran = "not noted"
		}
		fmt.Printf("%-10s %-12s next %s, last %s\n", j.Name, j.At, runner.Next(j.Name).Format(time.DateTime), ran)
	}
	return nil
}

// clockFrom is a clock that begins at a moment and goes on from there.
func clockFrom(begin time.Time) func() time.Time {
	began := time.Now()
	return func() time.Time { return begin.Add(time.Since(began)) }
}

// webhooks is where the robots of chat groups may be reached.
func (s Settings) webhooks() jobs.Webhooks {
	return jobs.Webhooks{Hosts: models.WebhookHosts{Also: s.WebhookHosts, Plain: s.WebhookHTTP}}
}
