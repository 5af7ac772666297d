package app

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/labstack/echo/v4"

	"duban/models"
)

// A line may be slow, and nobody may hold one open for nothing. Who sends something, or
// is sent something, has to move as much of it in every stretch of time as a poor line
// moves; a deadline that begins anew with every byte would let one byte a minute hold a
// connection for a day.

// pace is how fast the body of a request has to come, and a file to be taken.
type pace struct {
	rate   int64         // bytes a second
	window time.Duration // over any stretch of so long
	drop   int64         // bytes of a body that are read for nothing, of who is refused
}

// usualPace lets a line of 32 kbit/s send whatever may be sent.
var usualPace = pace{rate: 4 << 10, window: 30 * time.Second, drop: 64 << 10}

// errTooSlow is a body that came more slowly than that.
var errTooSlow = errors.New("body too slow")

// paces is how many moments of a window are remembered.
const paces = 32

// walk is what was moved so far, and when. Only the time counts in which the other side
// was waited for: what we do with the bytes meanwhile is not its fault.
type walk struct {
	pace
	size   int64 // bytes in all; less than 0 when nobody knows
	moved  int64
	waited time.Duration
	marks  []mark // of the last window, the oldest first
}

type mark struct {
	moved  int64
	waited time.Duration
}

func (p pace) walk(size int64) *walk { return &walk{pace: p, size: size, marks: []mark{{}}} }

// left is how long the next byte may be waited for; none when that is over.
func (w *walk) left() time.Duration {
	// The window that is the first to be too thin begins where the last bytes of a
	// sufficient one begin.
	needed := w.moved - int64(float64(w.rate)*w.window.Seconds())
	for len(w.marks) > 1 && w.marks[0].moved <= needed {
		w.marks = w.marks[1:]
	}
	since := w.marks[0].waited
	if w.marks[0].moved <= needed {
		since = w.waited
	}
	until := since + w.window
	if w.size >= 0 {
		whole := time.Duration(float64(w.size) / float64(w.rate) * float64(time.Second))
		until = min(until, max(whole, w.window))
	}
	return max(until-w.waited, 0)
}

// step notes that bytes were moved after some waiting.
func (w *walk) step(bytes int, waiting time.Duration) {
	w.moved, w.waited = w.moved+int64(bytes), w.waited+waiting
	last := &w.marks[len(w.marks)-1]
	if bytes > 0 && w.waited-last.waited >= w.window/paces {
		w.marks = append(w.marks, mark{w.moved, w.waited})
	}
}

// pacedReader reads what comes at its pace, and errTooSlow when it does not. until sets
// the deadline of the connection; now is the clock.
type pacedReader struct {
	in    io.Reader
	walk  *walk
	now   func() time.Time
	until func(time.Time) error
	err   error
}

func (p *pacedReader) Read(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	left, began := p.walk.left(), p.now()
	_ = p.until(began.Add(left)) // a connection that knows no deadline has none to be cut by
	n, err := p.in.Read(b)
	p.walk.step(n, p.now().Sub(began))
	switch {
	case err == nil && (left == 0 || p.walk.left() == 0):
		p.err = errTooSlow
	case errors.Is(err, os.ErrDeadlineExceeded):
		p.err = fmt.Errorf("%w: %w", errTooSlow, err)
	default:
		p.err = err
	}
	if p.err == io.EOF {
		_ = p.until(time.Time{}) // the answer may take longer than the question
	}
	return n, p.err
}

// pacedWriter writes what is taken at its pace.
type pacedWriter struct {
	out   io.Writer
	walk  *walk
	now   func() time.Time
	until func(time.Time) error
}

func (p *pacedWriter) Write(b []byte) (int, error) {
	began := p.now()
	_ = p.until(began.Add(p.walk.left()))
	n, err := p.out.Write(b)
	p.walk.step(n, p.now().Sub(began))
	return n, err
}

// untilThen lets a connection wait for the next bytes until then; without end when that
// is no moment. The answer has its own time after that.
func (s *Server) untilThen(wire *http.ResponseController, at time.Time) error {
	answer := at
	if at.IsZero() {
		answer = time.Now()
	}
	return errors.Join(wire.SetReadDeadline(at), wire.SetWriteDeadline(answer.Add(s.http.WriteTimeout)))
}

// body puts the body of a request under the pace.
func (s *Server) body(c echo.Context, most int64) *pacedReader {
	r := c.Request()
	size := r.ContentLength
	if size < 0 || size > most {
		size = most
	}
	wire := http.NewResponseController(c.Response())
	p := &pacedReader{in: r.Body, walk: s.pace.walk(size), now: time.Now, until: func(at time.Time) error { return s.untilThen(wire, at) }}
	if r.Body == nil || r.Body == http.NoBody {
		r.Body, p.err = http.NoBody, io.EOF
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{p, r.Body}
	c.Set(bodyKey, p)
	return p
}

const bodyKey = "body"

// cutOff says whether the body of a request was too slow.
func cutOff(c echo.Context) bool {
	p, ok := c.Get(bodyKey).(*pacedReader)
	return ok && errors.Is(p.err, errTooSlow)
}

// answersRefusal says whether an answer is one for somebody who has nothing to do here: no
// more of what they send is looked at.
func answersRefusal(c echo.Context, err error) bool {
	status := c.Response().Status
	return signedInAs(c).Role == models.Nobody || errors.Is(err, errTooSlow) || errors.Is(err, errToken) || errors.Is(err, errSignedOut) ||
		errors.Is(err, models.ErrForbidden) || errors.Is(err, models.ErrNotFound) ||
		c.Response().Committed && (status == http.StatusForbidden || status == http.StatusNotFound || status == http.StatusUnauthorized)
}

// drain reads what is left of a body before it is answered, for a browser that is still
// sending reads no answer: of who is refused a little, of others as much as comes within
// one window.
func (s *Server) drain(c echo.Context, body *pacedReader, err error) {
	if body.err != nil && !errors.Is(body.err, errTooSlow) {
		return // at its end
	}
	wire := http.NewResponseController(c.Response())
	if body.err == nil {
		most := int64(mostDropped)
		if answersRefusal(c, err) && !s.isTheirOwn(c, err) {
			most = s.pace.drop
		}
		end := time.Now().Add(s.pace.window)
		body.until = func(at time.Time) error {
			if at.After(end) {
				at = end
			}
			return s.untilThen(wire, at)
		}
		_, _ = io.CopyN(io.Discard, body, most)
	}
	if body.err == nil || errors.Is(body.err, errTooSlow) { // there is more, and it is nobody's
		c.Response().Header().Set("Connection", "close")
		_ = s.untilThen(wire, time.Now())
	}
}
