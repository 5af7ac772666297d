package models

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
)

// writingTurns is SQLite's pool of connections, with its one right to write handed out in
// the order it is asked for. Left to itself SQLite has whoever comes second sleep and
// try again, holding a connection that a reader could have had: sixteen writers then
// spend most of their time asleep beside a database that is free.
//
// Another program at the same file has no part in it and is waited for by SQLite's own
// means.
type writingTurns struct {
	*sql.DB
	free chan struct{} // holds one while somebody writes

	// What writers say again and again, made ready; nil what was said once. Only who
	// has the turn touches it.
	ready map[string]*sql.Stmt

	reads readyReads
}

// readyReads are what readers say again and again, made ready likewise. What is said first
// stays: a page's questions are the same from one reader to the next.
type readyReads struct {
	mu   sync.RWMutex
	said map[string]*sql.Stmt // nil what was said once
}

// mostNamed is how many parameters a question may have that is made ready: those that name
// many rows seldom come again.
const mostNamed = 64

// statement is one that is ready, nil for one that is not.
func (r *readyReads) statement(ctx context.Context, pool *sql.DB, query string) *sql.Stmt {
	r.mu.RLock()
	s, said := r.said[query]
	full := len(r.said) >= mostReady
	r.mu.RUnlock()
	if s != nil || !said && full || len(query) > longestReady || strings.Count(query, "?") > mostNamed {
		return s
	}
	if said {
		var err error
		if s, err = pool.PrepareContext(ctx, query); err != nil {
			return nil // said in full, it will say why
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if already := r.said[query]; already != nil && s != nil { // another was first
		_ = s.Close()
		return already
	}
	r.said[query] = s
	return s
}

// QueryContext is a question outside a transaction.
func (t *writingTurns) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s := t.reads.statement(ctx, t.DB, query); s != nil {
		return s.QueryContext(ctx, args...)
	}
	return t.DB.QueryContext(ctx, query, args...)
}

// QueryRowContext is one whose answer is one row.
func (t *writingTurns) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if s := t.reads.statement(ctx, t.DB, query); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return t.DB.QueryRowContext(ctx, query, args...)
}

const (
	// mostReady is how many statements are remembered before all are forgotten.
	mostReady = 400
	// longestReady is the length of the longest: those that name many rows seldom
	// come again.
	longestReady = 4096
)

func takeTurns(pool *sql.DB) *writingTurns {
	return &writingTurns{DB: pool, free: make(chan struct{}, 1), ready: map[string]*sql.Stmt{}, reads: readyReads{said: map[string]*sql.Stmt{}}}
}

// GetDBConn is the pool itself, as GORM asks for it.
func (t *writingTurns) GetDBConn() (*sql.DB, error) { return t.DB, nil }

// BeginTx begins a transaction when it is this one's turn. One that only reads needs
// none.
func (t *writingTurns) BeginTx(ctx context.Context, options *sql.TxOptions) (gorm.ConnPool, error) {
	if options != nil && options.ReadOnly {
		return t.DB.BeginTx(ctx, options)
	}
	over, err := t.take(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := t.DB.BeginTx(ctx, options)
	if err != nil {
		over()
		return nil, err
	}
	return &writeTurn{Tx: tx, of: t, over: over}, nil
}

// ExecContext is a statement by itself, which may write.
func (t *writingTurns) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	over, err := t.take(ctx)
	if err != nil {
		return nil, err
	}
	defer over()
	s, again := t.statement(query)
	if s != nil {
		return s.ExecContext(ctx, args...)
	}
	done, err := t.DB.ExecContext(ctx, query, args...)
	if err == nil && again {
		t.makeReady([]string{query})
	}
	return done, err
}

// statement is one that is ready, nil for one that is not; again says that it has been
// said before.
func (t *writingTurns) statement(query string) (ready *sql.Stmt, again bool) {
	ready, again = t.ready[query]
	if !again && len(query) <= longestReady {
		t.ready[query] = nil
	}
	return ready, again
}

// take waits for its turn, for as long as SQLite would.
func (t *writingTurns) take(ctx context.Context) (over func(), err error) {
	late := time.NewTimer(sqlitePatience)
	defer late.Stop()
	select {
	case t.free <- struct{}{}:
		return sync.OnceFunc(func() { <-t.free }), nil
	case <-late.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// writeTurn is a transaction that has its turn until it ends.
type writeTurn struct {
	*sql.Tx
	of    *writingTurns
	over  func()
	again []string // statements said for the second time
}

// statement is one that is ready, nil for one that is not.
func (t *writeTurn) statement(ctx context.Context, query string) *sql.Stmt {
	s, again := t.of.statement(query)
	switch {
	case s != nil:
		return t.StmtContext(ctx, s)
	case again:
		t.again = append(t.again, query)
	}
	return nil
}

func (t *writeTurn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if s := t.statement(ctx, query); s != nil {
		return s.ExecContext(ctx, args...)
	}
	return t.Tx.ExecContext(ctx, query, args...)
}

func (t *writeTurn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s := t.statement(ctx, query); s != nil {
		return s.QueryContext(ctx, args...)
	}
	return t.Tx.QueryContext(ctx, query, args...)
}

func (t *writeTurn) Commit() error {
	defer t.over()
	err := t.Tx.Commit()
	if err == nil {
		t.of.makeReady(t.again)
	}
	return err
}

func (t *writeTurn) Rollback() error {
	defer t.over()
	return t.Tx.Rollback()
}

// makeReady prepares statements for whoever says them next. It is no harm when it
// cannot: they are then said in full.
func (t *writingTurns) makeReady(again []string) {
	if len(t.ready) > mostReady {
		for _, s := range t.ready {
			if s != nil {
				_ = s.Close()
			}
		}
		clear(t.ready)
	}
	ctx, done := context.WithTimeout(context.Background(), time.Second)
	defer done()
	for _, query := range again {
		if t.ready[query] != nil {
			continue
		}
		if s, err := t.PrepareContext(ctx, query); err == nil {
			t.ready[query] = s
		}
	}
}
