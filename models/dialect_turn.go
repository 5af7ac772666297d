package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
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
// Short transactions that wait are committed together: who has written hands the turn on
// within the same transaction of the database, each has a savepoint of its own, and the
// last of them commits for all. Nobody is told anything before that commit is on the disk.
// The disk is waited for once and not once each.
//
// Another program at the same file has no part in it and is waited for by SQLite's own
// means.
type writingTurns struct {
	*sql.DB
	mu    sync.Mutex
	taken bool           // somebody has the turn
	queue []*waitingTurn // in the order of asking

	joined time.Duration // how old a transaction may be that another joins

	// What only who has the turn touches: the connection that writes, and what writers say
	// again and again, made ready on it; nil what was said once.
	writer *sql.Conn
	ready  map[string]*sql.Stmt

	reads readyReads
}

// waitingTurn is somebody who waits to write.
type waitingTurn struct {
	short bool
	come  chan *writtenTogether // those it joins, nil to begin by itself
}

// writtenTogether is one transaction of the database, of one writer or of several. Only
// who has the turn touches it, until it is over.
type writtenTogether struct {
	began   time.Time
	writers int
	short   bool // others may join
	nothing bool // is left of it: its only writer took it back
	broken  error
	over    chan struct{} // closed when it is committed, or is not
	failed  error         // why it is not, once over is closed
}

const (
	// mostTogether is how many are committed at once.
	mostTogether = 64
	// longestTogether is how old a transaction may be that another joins: whoever has
	// written waits for those who follow.
	longestTogether = 50 * time.Millisecond
)

// shortTurn begins a transaction that is short, an act or a row: those that wait are
// committed at once (writingTurns). Whatever may take long begins without.
var shortTurn = &sql.TxOptions{}

// shortRows has the transactions of rows written by themselves begin as short ones, where
// GORM begins any for them.
func shortRows(db *gorm.DB) error {
	if db.SkipDefaultTransaction {
		return nil
	}
	const begins = "gorm:begin_transaction"
	on := db.Callback()
	return errors.Join(on.Create().Replace(begins, beginTogether), on.Update().Replace(begins, beginTogether), on.Delete().Replace(begins, beginTogether))
}

// beginTogether begins one as GORM would.
func beginTogether(db *gorm.DB) {
	if db.Error != nil {
		return
	}
	tx := db.Begin(shortTurn)
	switch {
	case tx.Error == nil:
		db.Statement.ConnPool = tx.Statement.ConnPool
		db.InstanceSet("gorm:started_transaction", true)
	case errors.Is(tx.Error, gorm.ErrInvalidTransaction): // it is in one
	default:
		_ = db.AddError(tx.Error)
	}
}

// readyReads are what readers say again and again, made ready likewise. What is said first
// stays: a page's questions are the same from one reader to the next.
type readyReads struct {
	mu    sync.RWMutex
	said  map[string]*sql.Stmt // nil what was said once
	lists int                  // how many of them are longer than others
}

const (
	// mostNamed is how many parameters a question may have that is made ready: those that
	// name many rows seldom come again.
	mostNamed = 128
	// longestList is the length of the longest: the lanes of a list. Each takes a hundred
	// kilobytes on each connection, so that mostLists are kept.
	longestList = 4 * longestReady
	mostLists   = 40
)

// statement is one that is ready, nil for one that is not.
func (r *readyReads) statement(ctx context.Context, pool *sql.DB, query string) *sql.Stmt {
	r.mu.RLock()
	s, said := r.said[query]
	long := len(query) > longestReady
	full := len(r.said) >= mostReady || long && r.lists >= mostLists
	r.mu.RUnlock()
	if s != nil || !said && full || len(query) > longestList || strings.Count(query, "?") > mostNamed {
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
	if long && !said {
		r.lists++
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
	return &writingTurns{DB: pool, joined: longestTogether, ready: map[string]*sql.Stmt{}, reads: readyReads{said: map[string]*sql.Stmt{}}}
}

// GetDBConn is the pool itself, as GORM asks for it.
func (t *writingTurns) GetDBConn() (*sql.DB, error) { return t.DB, nil }

// Close closes all connections, when whoever writes has ended.
func (t *writingTurns) Close() error {
	if _, err := t.take(context.Background(), false); err == nil {
		defer t.pass(nil)
		if t.writer != nil {
			t.forget()
			_ = t.writer.Close()
			t.writer = nil
		}
	}
	return t.DB.Close()
}

// BeginTx begins a transaction when it is this one's turn. One that only reads needs
// none.
func (t *writingTurns) BeginTx(ctx context.Context, options *sql.TxOptions) (gorm.ConnPool, error) {
	if options != nil && options.ReadOnly {
		return t.DB.BeginTx(ctx, options)
	}
	return t.begin(ctx, options == shortTurn, true)
}

// begin begins a transaction, or joins those that write. A single statement needs no
// savepoint: one that fails leaves nothing behind.
func (t *writingTurns) begin(ctx context.Context, short, several bool) (*writeTurn, error) {
	others, err := t.take(ctx, short)
	if err != nil {
		return nil, err
	}
	turn := &writeTurn{of: t, ctx: ctx, with: others}
	if others == nil {
		turn.with = &writtenTogether{began: time.Now(), short: short, over: make(chan struct{})}
		if err := t.open(ctx); err != nil {
			t.pass(nil)
			return nil, err
		}
	} else if several {
		if err := turn.say("SAVEPOINT act"); err != nil {
			t.pass(turn.with)
			return nil, err
		}
		turn.saved = true
	}
	turn.with.writers++
	return turn, nil
}

// ExecContext is a statement by itself. What is not about rows, such as a setting, stands
// in no transaction.
func (t *writingTurns) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if !aboutRows(query) {
		if _, err := t.take(ctx, false); err != nil {
			return nil, err
		}
		defer t.pass(nil)
		if err := t.connect(ctx); err != nil {
			return nil, err
		}
		return t.writer.ExecContext(ctx, query, args...)
	}
	turn, err := t.begin(ctx, true, false)
	if err != nil {
		return nil, err
	}
	done, err := turn.ExecContext(ctx, query, args...)
	if err != nil {
		_ = turn.Rollback()
		return nil, err
	}
	return done, turn.written()
}

// aboutRows says whether a statement writes rows.
func aboutRows(query string) bool {
	word, _, _ := strings.Cut(strings.TrimLeft(query, " \n\t"), " ")
	switch strings.ToUpper(word) {
	case "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH":
		return true
	}
	return false
}

// take waits for its turn, for as long as SQLite would. What it returns are those whom it
// joins, nil for none.
func (t *writingTurns) take(ctx context.Context, short bool) (*writtenTogether, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t.mu.Lock()
	if !t.taken {
		t.taken = true
		t.mu.Unlock()
		return nil, nil
	}
	me := &waitingTurn{short, make(chan *writtenTogether, 1)}
	t.queue = append(t.queue, me)
	t.mu.Unlock()
	late := time.NewTimer(sqlitePatience)
	defer late.Stop()
	var why error
	select {
	case with := <-me.come:
		return with, nil
	case <-late.C:
		why = ErrBusy
	case <-ctx.Done():
		why = ctx.Err()
	}
	t.mu.Lock()
	at := slices.Index(t.queue, me)
	if at >= 0 {
		t.queue = slices.Delete(t.queue, at, at+1)
	}
	t.mu.Unlock()
	if at < 0 { // its turn has come all the same
		t.pass(<-me.come)
	}
	return nil, why
}

// pass hands the turn on: to who joins those that have written, or, when nobody does, to
// whoever is next once they are committed.
func (t *writingTurns) pass(with *writtenTogether) {
	t.mu.Lock()
	if with != nil {
		if len(t.queue) > 0 && t.queue[0].short && with.room(t.joined) {
			t.hand(with)
			t.mu.Unlock()
			return
		}
		t.mu.Unlock()
		t.end(with)
		t.mu.Lock()
	}
	if len(t.queue) > 0 {
		t.hand(nil)
	} else {
		t.taken = false
	}
	t.mu.Unlock()
}

// hand gives the turn to who is next.
func (t *writingTurns) hand(with *writtenTogether) {
	next := t.queue[0]
	t.queue = slices.Delete(t.queue, 0, 1)
	next.come <- with
}

// room says whether another may join, when it is no older than that.
func (w *writtenTogether) room(age time.Duration) bool {
	return w.short && !w.nothing && w.broken == nil && w.writers < mostTogether && time.Since(w.began) < age
}

// connect has the connection that writes.
func (t *writingTurns) connect(ctx context.Context) (err error) {
	if t.writer == nil {
		t.writer, err = t.DB.Conn(ctx)
	}
	return err
}

// open begins a transaction of the database.
func (t *writingTurns) open(ctx context.Context) error {
	if err := t.connect(ctx); err != nil {
		return err
	}
	_, err := t.exec(ctx, "BEGIN IMMEDIATE")
	if err != nil { // it may have begun before it was broken off
		t.giveUp()
	}
	return err
}

// end commits what was written together, and tells all of them. Of what is broken nothing
// stays, and the connection is given up: closing it takes back what it had begun.
func (t *writingTurns) end(with *writtenTogether) {
	with.failed = with.broken
	if with.failed == nil && !with.nothing {
		_, with.failed = t.exec(context.Background(), "COMMIT")
	}
	if with.failed != nil {
		t.giveUp()
	} else if len(t.ready) > mostReady {
		t.forget()
	}
	close(with.over)
}

// giveUp closes the connection that writes: what it stands in is not known.
func (t *writingTurns) giveUp() {
	t.forget()
	_ = t.writer.Raw(func(any) error { return driver.ErrBadConn })
	t.writer = nil
}

// forget forgets what is ready.
func (t *writingTurns) forget() {
	for _, s := range t.ready {
		if s != nil {
			_ = s.Close()
		}
	}
	clear(t.ready)
}

// statement is one that is ready, nil for one that is said for the first time, or is too
// long to be said again.
func (t *writingTurns) statement(query string) *sql.Stmt {
	s, again := t.ready[query]
	if s != nil || len(query) > longestReady {
		return s
	}
	if again {
		s, _ = t.writer.PrepareContext(context.Background(), query) // said in full, it will say why
	}
	t.ready[query] = s
	return s
}

func (t *writingTurns) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if s := t.statement(query); s != nil {
		return s.ExecContext(ctx, args...)
	}
	return t.writer.ExecContext(ctx, query, args...)
}

// writeTurn is a transaction that has its turn until it ends.
type writeTurn struct {
	of    *writingTurns
	ctx   context.Context // of who began it
	with  *writtenTogether
	saved bool // what it writes is behind a savepoint: others wrote before
	ended bool
}

// PrepareContext prepares a statement.
func (t *writeTurn) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return t.of.writer.PrepareContext(ctx, query)
}

// ExecContext is a statement that may write.
func (t *writeTurn) ExecContext(ctx context.Context, query string, args ...any) (done sql.Result, err error) {
	if ctx, err = t.may(ctx); err != nil {
		return nil, err
	}
	done, err = t.of.exec(ctx, query, args...)
	return done, t.noted(err)
}

// QueryContext is a question.
func (t *writeTurn) QueryContext(ctx context.Context, query string, args ...any) (rows *sql.Rows, err error) {
	if ctx, err = t.may(ctx); err != nil {
		return nil, err
	}
	if s := t.of.statement(query); s != nil {
		rows, err = s.QueryContext(ctx, args...)
	} else {
		rows, err = t.of.writer.QueryContext(ctx, query, args...)
	}
	return rows, t.noted(err)
}

// QueryRowContext is one whose answer is one row.
func (t *writeTurn) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	within, err := t.may(ctx)
	if err != nil { // a row is not made of an error: it is asked for in vain
		gone, leave := context.WithCancel(ctx)
		leave()
		return t.of.DB.QueryRowContext(gone, query, args...)
	}
	row := t.of.writer.QueryRowContext(within, query, args...)
	_ = t.noted(row.Err())
	return row
}

// may says whether this transaction goes on, and under which context its next statement
// is. When one is broken off SQLite takes back the whole transaction; so a statement of
// one that others may have written in before is waited for, and who began it is asked
// between statements.
func (t *writeTurn) may(ctx context.Context) (context.Context, error) {
	switch {
	case t.ended:
		return nil, sql.ErrTxDone
	case t.with.broken != nil:
		return nil, t.with.broken
	case t.ctx.Err() != nil:
		return nil, t.ctx.Err()
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case t.with.short:
		return context.Background(), nil
	}
	return ctx, nil
}

// endsAll are the errors by which SQLite may take back a whole transaction, savepoints and
// all, by the lowest byte of their codes: SQLITE_BUSY, NOMEM, INTERRUPT, IOERR, FULL.
// https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
var endsAll = []int{5, 7, 9, 10, 13}

// noted is err; one that may have ended the whole transaction ends it for all.
func (t *writeTurn) noted(err error) error {
	if err == nil {
		return nil
	}
	var coded interface{ Code() int }
	if errors.As(err, &coded) && slices.Contains(endsAll, coded.Code()&0xff) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, driver.ErrBadConn) {
		t.with.broken = err
	}
	return err
}

// say says a statement of the transaction's own. One that fails breaks it.
func (t *writeTurn) say(query string) error {
	_, err := t.of.exec(context.Background(), query)
	if err != nil {
		t.with.broken = err
	}
	return err
}

// Commit hands the turn on, and returns when what was written together is on the disk, or
// is not.
func (t *writeTurn) Commit() error {
	if _, err := t.may(t.ctx); err != nil {
		_ = t.Rollback()
		return err
	}
	return t.written()
}

func (t *writeTurn) written() error {
	t.ended = true
	if t.saved {
		_ = t.say("RELEASE act")
	}
	t.of.pass(t.with)
	<-t.with.over
	return t.with.failed
}

// Rollback takes back what this one wrote, and hands the turn on. It returns when the
// others' is on the disk: what this one has read of it is then so.
func (t *writeTurn) Rollback() error {
	if t.ended {
		return sql.ErrTxDone
	}
	t.ended = true
	switch {
	case t.with.broken != nil:
	case t.saved:
		_ = t.say("ROLLBACK TO act")
		_ = t.say("RELEASE act")
	case t.with.writers == 1:
		t.with.nothing = t.say("ROLLBACK") == nil
	}
	t.of.pass(t.with)
	<-t.with.over
	return nil
}
