package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"duban/app"
	"duban/jobs"
	"duban/models"
	"duban/models/host"
)

type serveCommand struct {
	Demo bool   `help:"Fill an empty register with the demonstration round."`
	Now  string `help:"Begin at this moment, such as 2024-07-08T08:30:00+08:00: for rehearsals, only with --demo." placeholder:"MOMENT"`
}

// patience is how long a stop waits for what is under way.
const patience = 15 * time.Second

// Run opens the register, answers, and closes in the opposite order.
func (c serveCommand) Run(ctx context.Context, s Settings) (err error) {
	clock, err := c.clock()
	if err != nil {
		return err
	}
	if c.Demo && s.Production {
		return errors.New("--demo is refused in production: unset DUBAN_PRODUCTION, or leave --demo out")
	}
	tuneMemory()
	letGo, err := alone(s.Database)
	if err != nil {
		return err
	}
	defer letGo()
	store, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if clock != nil {
		store.Now = clock
	}
	if err := s.openFiles(ctx, store); err != nil {
		return err
	}
	store.WordSoon() // what a ledger taken in before is due
	demo, err := c.prepare(ctx, s, store)
	if err != nil {
		return err
	}
	mailer := s.mailer()
	runner, err := jobs.NewRunner(store, mailer, jobs.All)
	if err != nil {
		return err
	}
	runner.Webhooks = s.webhooks()
	server, err := app.New(store, app.Options{
		BaseURL: s.BaseURL, Proxies: s.proxies, Production: s.Production, Demo: demo, Rehearsal: clock != nil,
		ImportBytes: int64(s.ImportMaxMB) << 20, ImportRows: s.ImportMaxRows, Webhooks: s.webhooks().Hosts, Timetable: runner, Mail: runner, MailReader: mailer.Reader,
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return notListening(s.Listen, err)
	}
	fmt.Println("Duban answers at " + s.BaseURL)
	stopJobs := runner.Start()
	runner.CheckMail()
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		bounded, done := context.WithTimeout(context.Background(), patience)
		defer done()
		var both sync.WaitGroup
		both.Go(func() { stopJobs(bounded) })
		err := server.Shutdown(bounded)
		both.Wait()
		stopped <- err
	}()
	if err := server.Serve(listener); err != nil {
		return err
	}
	return <-stopped
}

// tuneMemory lets the heap grow to five times what is alive before it is swept: a
// page leaves some megabytes behind and keeps nothing, and sweeping after each
// would cost as much as the page. Above memoryAim it is swept as often as needed.
// Who sets GOGC or GOMEMLIMIT decides.
func tuneMemory() {
	const untouched, roomy, memoryAim = 100, 400, 160 << 20
	if was := debug.SetGCPercent(roomy); was != untouched {
		debug.SetGCPercent(was)
	}
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memoryAim)
	}
}

// clock is a clock that begins at --now, nil for the wall's.
func (c serveCommand) clock() (func() time.Time, error) {
	if c.Now == "" {
		return nil, nil
	}
	if !c.Demo {
		return nil, errors.New("--now is for rehearsals: use it with --demo")
	}
	begin, err := time.Parse(time.RFC3339, c.Now)
	if err != nil {
		return nil, fmt.Errorf("--now %q: write a moment such as 2024-07-08T08:30:00+08:00", c.Now)
	}
	return clockFrom(begin), nil
}

// prepare fills a demonstration, or says how the first administrator is made. It
// returns whether demonstration data are in the register.
func (c serveCommand) prepare(ctx context.Context, s Settings, store *models.Store) (demo bool, err error) {
	fresh, err := store.NeedsSetUp(ctx)
	if err != nil {
		return false, err
	}
	switch {
	case c.Demo:
		return true, c.fill(ctx, s, store)
	case fresh:
		code, err := store.SetupCode(ctx)
		if err != nil {
			return false, err
		}
		fmt.Printf("No account yet: make the first administrator at %s/setup\nwith the one-time code %s\n", s.BaseURL, code)
	}
	return store.HasDemo(ctx)
}

// alone holds an embedded database for this process: two programs on one file
// would run every job twice and share no clock.
func alone(database string) (letGo func(), err error) {
	path, embedded := strings.CutPrefix(database, "sqlite:")
	if !embedded {
		return func() {}, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	letGo, err = host.Hold(path + ".serving")
	if errors.Is(err, host.ErrHeld) {
		return nil, fmt.Errorf("another Duban serves %s already; stop it first, or use PostgreSQL for several replicas", path)
	}
	return letGo, err
}

// notListening says why nobody can be answered at an address, and what to do.
func notListening(address string, err error) error {
	advice := "set DUBAN_LISTEN to an address of this machine and a port up to 65535"
	switch {
	case host.AddressTaken(err):
		advice = "another program holds it; stop that one, or set DUBAN_LISTEN to another port"
	case errors.Is(err, fs.ErrPermission):
		advice = "this account may not; set DUBAN_LISTEN to a port above 1023 and let a proxy stand before it"
	}
	return fmt.Errorf("DUBAN_LISTEN %q: %s (%w)", address, advice, err)
}
