// Duban is a rectification tracking board: the ledger of what an inspection found,
// who puts it right by when, what is late, and the weekly digest that says so.
// This file is the program from top to bottom; each command has a file of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"duban/models"
	"duban/models/document"
	"duban/models/vault"
	"duban/views/text"
)

// commands are what one may type. Serve is meant when nothing is.
type commands struct {
	Serve        serveCommand        `cmd:"" default:"withargs" help:"Answer the browser and do what falls due."`
	Migrate      migrateCommand      `cmd:"" help:"Bring the database up to date and stop."`
	Calendar     calendarCommand     `cmd:"" help:"Show a year of the working calendar, or take one in."`
	Import       importCommand       `cmd:"" help:"Take in a ledger, all of it or nothing; or try it out."`
	ReadDeadline readDeadlineCommand `cmd:"" help:"Say what deadlines mean, as an office writes them. Needs no database."`
	User         userCommand         `cmd:"" help:"Make and change accounts from the command line."`
	Demo         demoCommand         `cmd:"" help:"Take the demonstration data away."`
	Job          jobCommand          `cmd:"" help:"Do one job of the timetable now, or list them."`
	Recheck      recheckCommand      `cmd:"" help:"Repeat a draw of closed items that are checked again."`
	Verify       verifyCommand       `cmd:"" help:"Work the trail out anew and name what was changed behind the program's back; or check a proof."`
	Routes       routesCommand       `cmd:"" help:"Print who may open which address, and do what to an item. Needs no database."`
	Signals      signalsCommand      `cmd:"" help:"Say where rectification looks to be on paper only, from a file of histories. Needs no database."`
	Likeness     likenessCommand     `cmd:"" help:"Say which pairs of texts in a file are the same in substance. Needs no database."`
	Digest       digestCommand       `cmd:"" help:"Show the digest that a person would get."`
	Mail         mailCommand         `cmd:"" help:"Send a trial mail and show the conversation with the mail server."`
	Words        wordsCommand        `cmd:"" help:"Make anew what a search looks in."`
	Health       healthCommand       `cmd:"" help:"Ask the running program whether it is well."`
	Version      versionCommand      `cmd:"" help:"Say which version this is."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := runCommand(ctx, os.Args[1:], os.Environ()); err != nil {
		if !errors.Is(err, errLogged) {
			fmt.Fprintln(os.Stderr, "duban:", err)
		}
		stop()
		os.Exit(1)
	}
}

// runCommand is one command, from its words and the environment to its end.
func runCommand(ctx context.Context, args, environ []string) error {
	var c commands
	parser, err := kong.New(&c, kong.Name("duban"), kong.Description("Duban, a rectification tracking board. Settings are DUBAN_* variables; see docs/operate.md."), kong.UsageOnError())
	if err != nil {
		return err
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		return err
	}
	environment := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		environment[name] = value
	}
	settings, err := readSettings(environment)
	if err != nil {
		return fmt.Errorf("settings:\n%w", err)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(settings.LogLevel)); err != nil {
		return fmt.Errorf("DUBAN_LOG_LEVEL %q: write debug, info, warn or error", settings.LogLevel)
	}
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level, ReplaceAttr: readable})))
	chosen.BindTo(ctx, (*context.Context)(nil))
	err = inWords(text.In(ctx, terminalLanguage()), chosen.Run(settings))
	if err != nil && strings.HasPrefix(chosen.Command(), "serve") && !atTerminal(os.Stderr) {
		slog.Error("the program ends", "error", err)
		return errLogged
	}
	return err
}

// errLogged ends a program whose log says why already.
var errLogged = errors.New("see the log")

// atTerminal says whether somebody reads along what is written there.
func atTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// readable writes a span of time as people say it, 1.25s, and not in nanoseconds.
func readable(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().Round(10 * time.Microsecond).String())
	}
	return a
}

// open opens the register that the settings name.
func (s Settings) open(ctx context.Context) (*models.Store, error) {
	store, err := models.Open(ctx, s.Database)
	if err != nil {
		return nil, err
	}
	store.Zone, store.LogMonths = s.zone, s.LogMonths
	if err := store.KeepTrail(ctx, s.TrailFolder, s.TrailKey); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}

// openFiles gives the register the vault that the settings name.
func (s Settings) openFiles(ctx context.Context, store *models.Store) (err error) {
	store.FileLimits = models.FileLimits{Bytes: int64(s.FileMaxMB) << 20, UnitBytes: int64(s.UnitFilesMaxMB) << 20, Zip: s.FileZip}
	if len(s.FileScan) > 0 {
		if store.Scan, err = document.ScanBy(s.FileScan); err != nil {
			return fmt.Errorf("DUBAN_FILE_SCAN: %w", err)
		}
	}
	store.Vault, err = vault.Open(ctx, s.Files, vault.Keys{Access: s.FilesAccessKey, Secret: s.FilesSecretKey, Region: s.FilesRegion})
	return err
}

type migrateCommand struct{}

// Run opens the register, which migrates it.
func (migrateCommand) Run(ctx context.Context, s Settings) error {
	store, err := s.open(ctx)
	if err != nil {
		return err
	}
	fmt.Println("the database is up to date")
	return store.Close()
}

type versionCommand struct{}

// Run prints the version the program was built from.
func (versionCommand) Run() error {
	fmt.Println("duban", version())
	return nil
}

// release and commit are written in by make build and make dist.
var release, commit string

// version is the release and the commit in it; of a program that was built by hand,
// what the compiler noted.
func version() string {
	if release != "" {
		return release + " " + commit
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return info.Main.Version + " " + setting.Value[:min(12, len(setting.Value))]
		}
	}
	return info.Main.Version
}

// terminalLanguage is Chinese where the terminal is, else English.
func terminalLanguage() text.Language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" {
			if strings.HasPrefix(value, "zh") {
				return text.Chinese
			}
			return text.English
		}
	}
	return text.English
}
