package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/libtnb/sqlite"
	"github.com/pressly/goose/v3"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"duban/models/trail"
)

// Everything that differs between PostgreSQL and SQLite is in this file. The
// rest of the package writes SQL that both read alike.

// dialect is one of the two databases, and what is asked of it.
type dialect struct {
	name      string
	dialector gorm.Dialector
	goose     goose.Dialect
	words     map[string]string                                        // what migrations call {{.id}}, {{.lasting}}, {{.instant}}, {{.json}}, {{.bytes}}, and {{.sqlite}} on SQLite
	lockFile  string                                                   // held while migrating, where the database cannot lock itself
	ordered   bool                                                     // events are numbered in the order of their commits
	underway  func(db *gorm.DB, last trail.Stand) (trail.Stand, error) // where they are not: how far they have come
	check     func(ctx context.Context, db *gorm.DB) error
	guards    func(db *gorm.DB) (missing []Finding, err error) // of what keeps events from being changed
	insert    func(db *gorm.DB, rows newRows) error            // many rows at once
	roomy     func(db *gorm.DB) (back func(), err error)       // what makes room in memory for a long transaction, nil where nothing has to

	saveAct func(db *gorm.DB, saved itemSaved, event *int64) error // event becomes its number

	// What is searched in (dialect_rows.go).
	writeWords func(db *gorm.DB, pieces []itemWords) error
	wordsWith  func(w wordSought) (c condition, indexed bool)
	among      func(column string, ids []int64) condition
}

// sqliteOptions: write-ahead log, every commit on the disk before it is
// acknowledged, and transactions that begin as writers; a reader that turns
// writer is refused at once when another has written.
const sqliteOptions = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)" +
	"&_pragma=synchronous(FULL)&_txlock=immediate&_time_format=sqlite&_timezone=UTC"

// sqlitePatience is how long somebody waits to write; busy_timeout says the same.
const sqlitePatience = 10 * time.Second

// sqliteConnections is how many read at once. One more writes.
const sqliteConnections = 8

// unsafeTest in a PostgreSQL address lets a throw-away server run without fsync.
const unsafeTest = "duban_unsafe_test"

func dialectOf(address string) (dialect, error) {
	switch scheme, rest, _ := strings.Cut(address, ":"); scheme {
	case "sqlite":
		return sqliteDialect(rest)
	case "postgres", "postgresql":
		return postgresDialect(address)
	default:
		return dialect{}, fmt.Errorf("database %q: want sqlite:PATH or postgres://…", scheme+":…")
	}
}

func sqliteDialect(path string) (dialect, error) {
	if path == "" {
		return dialect{}, errors.New("database sqlite: needs a path, such as sqlite:data/duban.db")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return dialect{}, fmt.Errorf("database folder: %w", err)
	}
	if err := ownFile(path); err != nil {
		return dialect{}, fmt.Errorf("database: %w", err)
	}
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()+sqliteOptions)
	if err != nil {
		return dialect{}, err
	}
	return dialect{
		name:      "SQLite",
		dialector: sqlite.New(sqlite.Config{Conn: takeTurns(pool)}),
		goose:     goose.DialectSQLite3,
		words:     map[string]string{"id": "INTEGER PRIMARY KEY", "lasting": "INTEGER PRIMARY KEY AUTOINCREMENT", "sqlite": "yes", "instant": "DATETIME", "json": "TEXT", "bytes": "BLOB"},
		lockFile:  path + ".lock",
		ordered:   true, // one writes at a time
		check:     checkSQLite,
		insert:    insertEach,
		roomy:     roomySQLite,

		saveAct: saveSQLiteAct, writeWords: writeSQLiteWords, wordsWith: sqliteWordsWith, among: sqliteAmong,
		guards: func(db *gorm.DB) ([]Finding, error) {
			return guards(db, "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events' AND REPLACE(sql, CHAR(10), ' ') IN"+
				" ('CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, ''events are added and never changed''); END',"+
				" 'CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, ''events are added and never removed''); END')")
		},
	}, nil
}

// postgresGuards are the triggers on events that are as they were made: for each row
// before it is changed or removed, for the table before it is emptied, without a
// condition, with the function that refuses.
const postgresGuards = "SELECT tgname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE tgrelid = 'events'::regclass AND tgenabled = 'O' AND tgqual IS NULL AND tgattr::text = ''" +
	" AND (tgname = 'events_stay' AND tgtype = 27 OR tgname = 'events_remain' AND tgtype = 34)" +
	" AND TRIM(BOTH FROM REPLACE(prosrc, CHR(10), ' ')) = 'BEGIN RAISE EXCEPTION ''events are added and never changed or removed''; END'"

// ownFile makes the database's file, if it is not there, so that its owner alone may
// read and write it; SQLite gives the files beside it the same mode. One that anybody
// may look into is closed to them, and left as it is to a group.
func ownFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) { // another program was first
			return nil
		}
		if err != nil {
			return err
		}
		return file.Close()
	case err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o007 == 0:
		return err
	default: // by its name: on macOS, closing the file once more would let go of SQLite's locks on it
		return os.Chmod(path, info.Mode().Perm()&^0o007)
	}
}

// guards are those of the triggers on events that are not as they were made.
func guards(db *gorm.DB, present string) (missing []Finding, err error) {
	var names []string
	if err := db.Raw(present).Scan(&names).Error; err != nil {
		return nil, err
	}
	for _, name := range []string{"events_stay", "events_remain"} {
		if !slices.Contains(names, name) {
			missing = append(missing, Finding{"guard", []any{name}})
		}
	}
	return missing, nil
}

// checkSQLite asks the settings back: a driver that ignored one would lose what
// was acknowledged, in silence.
func checkSQLite(ctx context.Context, db *gorm.DB) error {
	pool, err := db.DB()
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(sqliteConnections + 1)
	pool.SetMaxIdleConns(sqliteConnections + 1)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		if err := db.WithContext(ctx).Raw("PRAGMA " + pragma).Scan(&got).Error; err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%s is %s, not %s: this folder's file system cannot keep a database safely; put it on a local disk", pragma, got, want)
		}
	}
	return nil
}

// oldestPostgres is the oldest server the program runs on.
const oldestPostgres = 130000

func postgresDialect(address string) (dialect, error) {
	u, err := url.Parse(address)
	if err != nil {
		return dialect{}, errors.New("database: the PostgreSQL address cannot be read; want postgres://user:password@host:5432/name")
	}
	q := u.Query()
	unsafe := q.Get(unsafeTest) == "1"
	q.Del(unsafeTest)
	for name, value := range map[string]string{"timezone": "UTC", "statement_timeout": "60000", "idle_in_transaction_session_timeout": "120000"} {
		if !q.Has(name) {
			q.Set(name, value)
		}
	}
	u.RawQuery = q.Encode()
	return dialect{
		name:      "PostgreSQL",
		dialector: postgres.Open(u.String()),
		goose:     goose.DialectPostgres,
		words:     map[string]string{"id": "BIGSERIAL PRIMARY KEY", "lasting": "BIGSERIAL PRIMARY KEY", "sqlite": "", "instant": "TIMESTAMPTZ", "json": "JSONB", "bytes": "BYTEA"},
		check:     func(ctx context.Context, db *gorm.DB) error { return checkPostgres(ctx, db, unsafe) },
		saveAct:   savePostgresAct, writeWords: writePostgresWords, wordsWith: postgresWordsWith, among: postgresAmong,

		underway: postgresStand, insert: insertColumns,
		guards: func(db *gorm.DB) ([]Finding, error) {
			missing, err := guards(db, postgresGuards)
			if err != nil {
				return nil, err
			}
			// A superuser has every right; who runs the program as one was told not to.
			var role []string
			err = db.Raw("SELECT rolname FROM pg_roles WHERE rolname = current_user AND NOT rolsuper AND (has_table_privilege('events', 'UPDATE') OR has_table_privilege('events', 'DELETE') OR has_table_privilege('events', 'TRUNCATE'))").Scan(&role).Error
			for _, name := range role {
				missing = append(missing, Finding{"right", []any{name}})
			}
			return missing, err
		},
	}, nil
}

// postgresStand is how far events have come, or the last stand while it still holds. A
// transaction holds a lock on its own number from before it writes anything until after
// everybody sees what it wrote; a snapshot would not name those that were numbered after
// the last one to end.
func postgresStand(db *gorm.DB, last trail.Stand) (now trail.Stand, err error) {
	err = db.Raw("SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS given, pg_postmaster_start_time() || ' ' || (SELECT oid FROM pg_database WHERE datname = current_database()) AS server FROM events_id_seq").
		Row().Scan(&now.Given, &now.Server)
	if err != nil || now.Given == last.Given && now.Server == last.Server && last.Writing == "" {
		return last, err // nobody was writing then, and no event was numbered since
	}
	return now, db.Raw("SELECT COALESCE(' ' || string_agg(transactionid::text, ' ') || ' ', '') FROM pg_locks WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())").
		Row().Scan(&now.Writing)
}

func checkPostgres(ctx context.Context, db *gorm.DB, unsafe bool) error {
	pool, err := db.DB()
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(20)
	pool.SetMaxIdleConns(10)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	var version int
	if err := db.WithContext(ctx).Raw("SELECT current_setting('server_version_num')::int").Scan(&version).Error; err != nil {
		return err
	}
	if version < oldestPostgres {
		return fmt.Errorf("the server is version %d; version 13 or newer is needed", version/10000)
	}
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var got string
		if err := db.WithContext(ctx).Raw("SELECT current_setting(?)", setting).Scan(&got).Error; err != nil {
			return err
		}
		if got == "off" && !unsafe {
			return fmt.Errorf("%s is off: what a page called saved could be lost; set %s = on in postgresql.conf", setting, setting)
		}
	}
	return nil
}
