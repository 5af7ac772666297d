package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata" // the place's zone is there whatever the host has installed

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"duban/models/day"
	"duban/models/document"
	"duban/models/password"
	"duban/models/trail"
)

// Place is the zone of the register unless the operator chooses another.
const Place = "Asia/Shanghai"

// Store is the opened database. Now, Zone, Calendar and Vault may be set before it
// is first used; nobody but a Board queries it.
type Store struct {
	Now      func() time.Time
	Zone     *time.Location
	Calendar Calendar
	Hashing  password.Cost // of new passwords; those kept know their own

	// LogMonths is how long logs are kept beside the trail: what was mailed, what ran.
	// The trail itself is kept for good.
	LogMonths int

	Vault      Vault // where the bytes of files are; none takes no files
	FileLimits FileLimits
	Scan       document.Scanner // looks through each file that is sent; none takes them unscanned

	db          *gorm.DB
	dialect     dialect
	hasher      *password.Hasher
	key         *trail.Key  // events are sealed and heads signed with it; nil for none (trail_key.go)
	seals       trail.Seals // from which event on seals are demanded
	trailFolder string      // where heads are kept outside the database
	rules       atomic.Pointer[rulesKept]
	days        atomic.Pointer[calendarKept]
	census      census
	writes      atomic.Uint64 // how often this program has written anything
	rewrites    atomic.Uint64 // and the tables that memory remembers
	memory      memory
	wording     wordingAfter
	asking      sync.Mutex    // one request at a time asks for newer rules
	askingDays  sync.Mutex    // and one for a newer calendar
	looking     chan struct{} // the one file that is being looked into
}

const (
	// LeastLogMonths is what the law asks of logs, whatever an operator would like.
	// 《中华人民共和国网络安全法》：按照规定留存相关的网络日志不少于六个月
	LeastLogMonths = 6
	// DefaultLogMonths are those of an operator who says nothing.
	DefaultLogMonths = 36
)

// logsBegin is the moment before which logs may be removed.
func (b *Board) logsBegin() time.Time {
	return b.midnight(b.Today().PlusMonths(-max(b.store.LogMonths, LeastLogMonths)))
}

// Open opens the register at "sqlite:PATH" or "postgres://…", checks that the
// database keeps what it acknowledges, and brings its tables up to date. It
// refuses a database newer than the program. The context bounds how long it may take.
func Open(ctx context.Context, url string) (*Store, error) {
	d, err := dialectOf(url)
	if err != nil {
		return nil, err
	}
	db, err := gorm.Open(d.dialector, &gorm.Config{
		TranslateError: true,
		// Named columns, so that a replica which adds one does not break the
		// statements that the others have prepared.
		QueryFields:            true,
		SkipDefaultTransaction: !d.ordered, // where one writes at a time, a row by itself waits for its turn as well
		NowFunc:                func() time.Time { return time.Now().UTC().Truncate(time.Second) },
		Logger:                 logger.Discard,
	})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d.name, err)
	}
	if err := errors.Join(noteRows(db), shortRows(db)); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(Place)
	if err != nil {
		return nil, err
	}
	s := &Store{
		db: db, dialect: d, Now: time.Now, Zone: zone, Calendar: day.StateCouncil(), Hashing: password.DefaultCost, hasher: password.NewHasher(),
		LogMonths: DefaultLogMonths, FileLimits: DefaultFileLimits(), looking: make(chan struct{}, 1),
	}
	if err := s.noteWrites(); err != nil {
		return nil, err
	}
	lay := func(ctx context.Context, _ *gorm.DB) error { return s.layRules(ctx) }
	words := func(ctx context.Context, _ *gorm.DB) error { return s.layWords(ctx) }
	for _, ready := range []func(context.Context, *gorm.DB) error{d.check, d.migrate, lay, words} {
		if err := ready(ctx, db); err != nil {
			_ = s.Close()
			return nil, fmt.Errorf("open %s: %w", d.name, err)
		}
	}
	return s, nil
}

// Ping asks the database for an answer.
func (s *Store) Ping(ctx context.Context) error {
	db, err := s.db.DB()
	if err != nil {
		return err
	}
	return db.PingContext(ctx)
}

// Close ends all connections.
func (s *Store) Close() error {
	s.wording.end()
	return s.db.ConnPool.(io.Closer).Close()
}

// noteWrites has every statement that may write counted.
func (s *Store) noteWrites() error {
	on, note := s.db.Callback(), func(tx *gorm.DB) {
		s.writes.Add(1)
		if rewritesTables(tx.Statement) {
			s.rewrites.Add(1)
		}
	}
	return errors.Join(
		on.Create().After("gorm:create").Register("duban:wrote", note), on.Update().After("gorm:update").Register("duban:wrote", note),
		on.Delete().After("gorm:delete").Register("duban:wrote", note), on.Raw().After("gorm:raw").Register("duban:wrote", note),
	)
}

// What every page reads, and what seldom changes, is remembered: people, units, rounds,
// scopes, mail servers. The database counts the changes of these (migration 0201), each
// request reads the number together with its session, and what was read under another
// number is read again. So nothing is believed that another program has changed since, and
// no page asks for what is known.

// changeCounted are the tables whose changes are counted.
var changeCounted = []string{"users", "units", "rounds", "supervisor_scopes", "mail_servers"}

// rewritesTables says whether a statement may change one of them.
func rewritesTables(s *gorm.Statement) bool {
	if s.Table != "" {
		return slices.Contains(changeCounted, s.Table)
	}
	text := s.SQL.String()
	return slices.ContainsFunc(changeCounted, func(table string) bool { return strings.Contains(text, table) })
}

// memory is what was read, under which number of changes.
type memory struct {
	mu   sync.Mutex
	read map[string]rememberedRead
}

type rememberedRead struct {
	changes int64
	what    any
}

// mostRemembered is how much is remembered before all is forgotten.
const mostRemembered = 5000

func (m *memory) recall(name string, changes int64) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, had := m.read[name]
	return r.what, had && r.changes == changes
}

func (m *memory) keep(name string, changes int64, what any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.read == nil || len(m.read) >= mostRemembered {
		m.read = map[string]rememberedRead{}
	}
	m.read[name] = rememberedRead{changes, what}
}

type knowingKey struct{}

// knowing is what one request has seen: the number of changes, and its session as it was
// found. The zero value and nil have seen nothing.
type knowing struct {
	mu       sync.Mutex
	seen     bool
	changes  int64
	rewrites uint64 // of this program, before the number was read
	session  session
}

// Knowing is a request's context in which it is noted what it has seen.
func Knowing(ctx context.Context) context.Context {
	return context.WithValue(ctx, knowingKey{}, &knowing{})
}

func knownOf(ctx context.Context) *knowing {
	k, _ := ctx.Value(knowingKey{}).(*knowing)
	return k
}

func (k *knowing) sees(changes int64, rewrites uint64, found session) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen, k.changes, k.rewrites, k.session = true, changes, rewrites, found
}

// sessionOf is the session as it was found, if it is that one.
func (k *knowing) sessionOf(token string) (session, bool) {
	if k == nil {
		return session{}, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.session, k.seen && k.session.Token == token
}

// number is the number of changes that this request may go by. It is none once this program
// has changed something since: what a request itself changed is read as it became.
func (k *knowing) number(s *Store) (int64, bool) {
	if k == nil {
		return 0, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.changes, k.seen && k.rewrites == s.rewrites.Load()
}

// knownStill is what read gives, or gave under the number of changes that the request has seen.
// Nobody writes to it.
func knownStill[T any](s *Store, ctx context.Context, name string, read func() (T, error)) (T, error) {
	changes, may := knownOf(ctx).number(s)
	if !may {
		return read()
	}
	if what, had := s.memory.recall(name, changes); had {
		return what.(T), nil
	}
	what, err := read()
	if err == nil {
		s.memory.keep(name, changes, what)
	}
	return what, err
}

// knownTo is knownStill, for a board. A transaction reads for itself.
func knownTo[T any](b *Board, name string, read func() (T, error)) (T, error) {
	if b.within {
		return read()
	}
	return knownStill(b.store, b.db.Statement.Context, name, read)
}
