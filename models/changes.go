package models

import (
	"context"
	"slices"
	"strings"
	"sync"

	"gorm.io/gorm"
)

// What every page reads, and what seldom changes, is remembered: people, units, rounds,
// scopes, mail servers. The database counts the changes of these (migration 0201), each
// request reads the number together with its session, and what was read under another
// number is read again. So nothing is believed that another program has changed since, and
// no page asks for what is known.

// changeCounted are the tables whose changes are counted.
var changeCounted = []string{"users", "units", "rounds", "supervisor_scopes", "mail_servers"}

// rewrites says whether a statement may change one of them.
func rewrites(s *gorm.Statement) bool {
	if s.Table != "" {
		return slices.Contains(changeCounted, s.Table)
	}
	text := s.SQL.String()
	return slices.ContainsFunc(changeCounted, func(table string) bool { return strings.Contains(text, table) })
}

// memory is what was read, under which number of changes.
type memory struct {
	mu   sync.Mutex
	read map[string]remembered
}

type remembered struct {
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
		m.read = map[string]remembered{}
	}
	m.read[name] = remembered{changes, what}
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

// known is what read gives, or gave under the number of changes that the request has seen.
// Nobody writes to it.
func known[T any](s *Store, ctx context.Context, name string, read func() (T, error)) (T, error) {
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

// knownTo is known, for a board. A transaction reads for itself.
func knownTo[T any](b *Board, name string, read func() (T, error)) (T, error) {
	if b.within {
		return read()
	}
	return known(b.store, b.db.Statement.Context, name, read)
}
