package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/models/headway"
	"duban/models/ledger"
	"duban/views"
)

// Reading and writing a large ledger takes longer than anybody looks at a page that does
// not move. Both are done beside the request: what is over soon is answered at once, for
// the rest there is a page that says how many rows are done and where it is broken off.

const (
	// readingTime is how long a ledger may be read, writingTime how long it may be
	// written, waitingTime how long to wait for the one before it: one is read at a time.
	readingTime = 45 * time.Second
	writingTime = 5 * time.Minute
	waitingTime = 15 * time.Second
	// workPatience is how long a request waits for the end before it shows how far it is.
	workPatience = 1200 * time.Millisecond
	// workKept is how long what was read is kept for the next page of the same preview.
	workKept = time.Minute
)

// errStillWorking says that a page of its own shows how far it is.
var errStillWorking = errors.New("the ledger is still being worked on")

// importWork is the reading or the writing of one ledger, under way or over.
type importWork struct {
	of   int64
	stop context.CancelFunc
	over chan struct{} // closed at the end, after which the rest may be looked at
	far  atomic.Pointer[headway.Headway]

	reading ledger.Reading
	err     error
}

// wait waits for the end, and says whether it came. Who asked may leave: what they alone
// wait for is then broken off.
func (w *importWork) wait(ctx context.Context, patience time.Duration) bool {
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-w.over:
		return true
	default:
	}
	select {
	case <-w.over:
		return true
	case <-late.C:
		return false
	case <-ctx.Done():
		w.stop()
		<-w.over
		return true
	}
}

// importWorks are what is read and written now, and what was read a moment ago.
type importWorks struct {
	mu       *sync.Mutex
	at       map[string]*importWork
	reading  chan struct{} // the one ledger that is being read
	patience time.Duration
}

func newImportWorks() importWorks {
	return importWorks{mu: &sync.Mutex{}, at: map[string]*importWork{}, reading: make(chan struct{}, 1), patience: workPatience}
}

func (s importWorks) find(key string) *importWork {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at[key]
}

func (s importWorks) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.at[key]; w != nil {
		select {
		case <-w.over:
			delete(s.at, key)
		default:
		}
	}
}

// end breaks off what is under way.
func (s importWorks) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.at {
		w.stop()
	}
}

// start begins a work unless one of that key is there already. What it does goes on when
// the request that began it is over, for no longer than it may take.
func (s importWorks) start(ctx context.Context, key string, of int64, may time.Duration, do func(ctx context.Context, w *importWork) error) *importWork {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.at[key]; w != nil {
		return w
	}
	for other, w := range s.at { // what was read takes room
		select {
		case <-w.over:
			delete(s.at, other)
		default:
		}
	}
	w := &importWork{of: of, over: make(chan struct{})}
	ctx, w.stop = context.WithTimeout(context.WithoutCancel(ctx), may)
	ctx = headway.Heard(ctx, func(h headway.Headway) { w.far.Store(&h) })
	s.at[key] = w
	go func() {
		defer w.stop()
		defer close(w.over)
		defer func() {
			if fault := recover(); fault != nil {
				w.err = fmt.Errorf("ledger: %v", fault)
			}
			time.AfterFunc(workKept, func() { s.forget(key) })
		}()
		w.err = do(ctx, w)
	}()
	return w
}

// readingKey is the key of an import's reading for a person: it changes with all that was
// said of it.
func readingKey(c echo.Context, i models.Import) string {
	i.Content = nil
	said, _ := json.Marshal(i)
	return fmt.Sprintf("read %d %d %s", i.ID, signedInAs(c).ID, said)
}

// writingKey is the key of an import's confirmation.
func writingKey(i models.Import) string { return fmt.Sprintf("write %d", i.ID) }

// startReading reads an import's file; one at a time, so that large ones together do not
// take the memory of all.
func (s *Server) startReading(c echo.Context, i models.Import) *importWork {
	me := signedInAs(c)
	return s.imports.start(c.Request().Context(), readingKey(c, i), i.ID, readingTime+waitingTime, func(ctx context.Context, w *importWork) error {
		late := time.NewTimer(waitingTime)
		defer late.Stop()
		select {
		case s.imports.reading <- struct{}{}:
			defer func() { <-s.imports.reading }()
		case <-late.C:
			return models.ErrBusy
		case <-ctx.Done():
			return ctx.Err()
		}
		ctx, done := context.WithTimeout(ctx, readingTime)
		defer done()
		reading, err := s.store.Board(ctx, me).ReadImport(ctx, i, ledger.Limits{Bytes: s.options.ImportBytes, Rows: s.options.ImportRows})
		w.reading = reading
		return err
	})
}

// readSoon is what was read, or errStillWorking when it takes longer than a page may.
func (s *Server) readSoon(c echo.Context, i models.Import) (ledger.Reading, error) {
	w := s.startReading(c, i)
	if !w.wait(c.Request().Context(), s.imports.patience) {
		return ledger.Reading{}, errStillWorking
	}
	return s.readingOf(c, i, w)
}

// readNow is what was read, however long that takes.
func (s *Server) readNow(c echo.Context, i models.Import) (ledger.Reading, error) {
	w := s.startReading(c, i)
	w.wait(c.Request().Context(), readingTime+waitingTime)
	return s.readingOf(c, i, w)
}

// readingOf is what a reading came to. One that failed for want of time or of room may be
// tried again.
func (s *Server) readingOf(c echo.Context, i models.Import, w *importWork) (ledger.Reading, error) {
	if problems := (models.Problems{}); w.err != nil && !errors.As(w.err, &problems) {
		s.imports.forget(readingKey(c, i))
	}
	return w.reading, w.err
}

// startWriting confirms an import.
func (s *Server) startWriting(c echo.Context, i models.Import, print string) *importWork {
	me, read := signedInAs(c), s.startReading(c, i)
	return s.imports.start(c.Request().Context(), writingKey(i), i.ID, writingTime, func(ctx context.Context, w *importWork) error {
		select {
		case <-read.over:
		case <-ctx.Done():
			return ctx.Err()
		}
		if read.err != nil {
			return read.err
		}
		_, err := s.store.Board(ctx, me).ConfirmImport(i, read.reading, print)
		if err == nil {
			s.store.WordSoon()
		}
		if ctx.Err() != nil && err != nil { // broken off, whatever the database calls it
			err = errors.Join(context.Cause(ctx), err)
		}
		if err != nil && !errors.Is(err, models.ErrImportMoved) && !errors.Is(err, context.Canceled) {
			slog.ErrorContext(ctx, "import failed", "import", i.ID, "error", err)
		}
		return err
	})
}

// dropImport takes an upload back that was broken off, also when nobody waits any more.
func (s *Server) dropImport(c echo.Context, i models.Import) error {
	return s.store.Board(context.WithoutCancel(c.Request().Context()), signedInAs(c)).DropImport(i)
}

// showImportWait shows how far the work on an import is.
func (s *Server) showImportWait(c echo.Context, b *models.Board, i models.Import, w *importWork) error {
	far := headway.Headway{Step: headway.Reading}
	if w != nil {
		if is := w.far.Load(); is != nil {
			far = *is
		} else if s.imports.find(writingKey(i)) == w {
			far.Step = headway.Writing
		}
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.show(c, b, http.StatusOK, "import", "import.title", views.ImportWaitPage(i, far))
}

// stopImport breaks off what is done with an import: all of it is then as it was before.
// An upload that was broken off is gone.
func (s *Server) stopImport(c echo.Context, b *models.Board, i models.Import) error {
	var writing *importWork
	s.imports.mu.Lock()
	works := map[string]*importWork{}
	for key, w := range s.imports.at {
		if w.of == i.ID {
			works[key] = w
		}
	}
	s.imports.mu.Unlock()
	for key, w := range works {
		w.stop()
		<-w.over
		if strings.HasPrefix(key, "write ") {
			writing = w
		}
		s.imports.forget(key)
	}
	switch {
	case writing != nil && writing.err == nil:
		s.session.say(c, "import.wait.late")
		return goTo(c, views.ImportStepLink(i.ID, "done"))
	case writing != nil:
		s.session.say(c, "import.wait.stopped")
		return goTo(c, views.ImportStepLink(i.ID, "preview"))
	case i.State != models.ImportUploaded:
		return goTo(c, views.ImportStepLink(i.ID, "done"))
	}
	if err := b.DropImport(i); err != nil {
		return err
	}
	s.session.say(c, "import.wait.stopped")
	return goTo(c, views.ImportLink)
}
