package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// How open pages hear of their readers' notices.
//
// The register is asked once a second by each program for all its open pages
// together, and not at all while none is open. PostgreSQL could call us (LISTEN), but
// that needs a connection of its own that no pool gives, is lost behind some poolers,
// says nothing on the embedded database, and the end of a session would still have to
// be asked for: one way that serves both is less to go wrong.
const (
	liveEvery = time.Second
	// livePerPerson and liveInAll bound the pages that are held open.
	livePerPerson = 5
	liveInAll     = 2000
	// liveWord is how often something is said on a line on which nothing happens, so
	// that a proxy does not take it for dead.
	liveWord = 20 * time.Second
	// liveFor is how long one line lasts; the browser opens another.
	liveFor = 30 * time.Minute
)

// openPages are the open pages of this program.
type openPages struct {
	store *models.Store

	mu     sync.Mutex
	pages  map[*livePage]bool
	asking bool
	ended  bool
}

// livePage is one of them. States has room for one: only the newest counts.
type livePage struct {
	models.Watched
	states chan models.NoticeState
	last   models.NoticeState
	end    context.CancelFunc
}

// open adds a page, unless this person, or everybody together, has too many.
func (l *openPages) open(p *livePage) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	theirs := 0
	for other := range l.pages {
		if other.User.ID == p.User.ID {
			theirs++
		}
	}
	if l.ended || theirs >= livePerPerson || len(l.pages) >= liveInAll {
		return false
	}
	if l.pages == nil {
		l.pages = map[*livePage]bool{}
	}
	l.pages[p] = true
	if !l.asking {
		l.asking = true
		go l.ask()
	}
	return true
}

func (l *openPages) shut(p *livePage) {
	l.mu.Lock()
	delete(l.pages, p)
	l.mu.Unlock()
}

// end closes all of them, for a program that is told to stop.
func (l *openPages) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	for p := range l.pages {
		p.end()
	}
}

// ask looks after the open pages until there are none.
func (l *openPages) ask() {
	every := time.NewTicker(liveEvery)
	defer every.Stop()
	for range every.C {
		l.mu.Lock()
		if len(l.pages) == 0 {
			l.asking = false
			l.mu.Unlock()
			return
		}
		var pages []*livePage
		var watched []models.Watched
		for p := range l.pages {
			pages, watched = append(pages, p), append(watched, p.Watched)
		}
		l.mu.Unlock()
		asked, done := context.WithTimeout(context.Background(), 5*time.Second)
		live, states, err := l.store.Watch(asked, watched)
		done()
		if err != nil {
			// Nobody is kept listening whose right cannot be looked up.
			slog.Warn("open pages not looked after", "error", err)
			for _, p := range pages {
				p.end()
			}
			continue
		}
		for n, p := range pages {
			switch state := states[p.User.ID]; {
			case !live[n]:
				p.end()
			case state != p.last:
				p.last = state
				select {
				case <-p.states:
				default:
				}
				p.states <- state
			}
		}
	}
}

// liveNotices holds a line on which the number of unread notices is said when it
// changes: a number and nothing else. It ends within two seconds of the session or of
// the right to it, on whichever program that was, and it does not keep a session
// alive: a page that is only left open goes the way of all others.
func (s *Server) liveNotices(c echo.Context, b *models.Board) error {
	ctx, end := context.WithTimeout(c.Request().Context(), liveFor)
	defer end()
	p := &livePage{
		Watched: models.Watched{Session: s.session.Token(ctx), User: b.Me()}, states: make(chan models.NoticeState, 1),
		last: models.NoticeState{Unread: -1}, end: end,
	}
	if !s.live.open(p) {
		c.Response().Header().Set("Retry-After", "60")
		return c.NoContent(http.StatusTooManyRequests) // nobody reads a page here
	}
	defer s.live.shut(p)
	h := c.Response().Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // a proxy is to pass it on at once
	c.Response().WriteHeader(http.StatusOK)
	line := http.NewResponseController(c.Response())
	say := func(words string) error {
		// A reader who does not read holds nothing up for longer than this.
		if err := line.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
			return err
		}
		if _, err := fmt.Fprint(c.Response(), words); err != nil {
			return err
		}
		return line.Flush()
	}
	word := time.NewTicker(liveWord)
	defer word.Stop()
	if say("retry: 15000\n\n") != nil {
		return nil // gone already
	}
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-word.C:
			err = say(":\n\n")
		case <-p.states:
			// What they still see is counted, as the page counts it.
			fresh := s.store.Board(ctx, p.User)
			unread, counted := fresh.Unread()
			if counted != nil {
				return nil
			}
			err = say(fmt.Sprintf("event: unread\ndata: %d\n\n", unread))
		}
		if err != nil {
			return nil // the browser is gone: nobody is left to be told
		}
	}
}

// isLive says whether a request asks for such a line: it passes by what looks at
// whole answers.
func isLive(c echo.Context) bool { return c.Request().URL.Path == views.NoticeLiveLink }
