package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"duban/models"
	"duban/models/ledger"
	"duban/static"
	"duban/views"
)

// Options are what an operator chooses of the server. The zero value serves plain
// HTTP to the same machine.
type Options struct {
	BaseURL     string        // https://duban.example.gov.cn; links in mails begin with it
	Proxies     []*net.IPNet  // whose word about the client is believed
	Production  bool          // refuses any other host than BaseURL's
	Demo        bool          // demonstration data are in the register
	Rehearsal   bool          // the clock is not the wall's
	Idle        time.Duration // a session without a request ends; 30 minutes
	Lifetime    time.Duration // and any session ends; 8 hours
	ImportBytes int64         // the largest ledger taken in; 20 MB
	ImportRows  int           // and the most rows; 20,000
	Webhooks    models.WebhookHosts
	Timetable   Timetable // what runs at set hours; none leaves its page empty
	Mail        Postbox   // the way out for mail; nil has none
	// MailReader is what a mail to a person may carry, for previews; nil carries
	// numbers only.
	MailReader func(models.User) views.MailReader
}

// formBytes is the largest ordinary form: a note is two thousand characters.
const formBytes = 1 << 20

// Server answers the browser.
type Server struct {
	echo    *echo.Echo
	http    *http.Server
	store   *models.Store
	options Options
	base    *url.URL
	session *session
	imports importWorks // what is read and written
	live    *openPages
	pace    pace
}

// New makes the server; Serve makes it answer.
func New(store *models.Store, options Options) (*Server, error) {
	if options.Idle == 0 {
		options.Idle = 30 * time.Minute
	}
	if options.Lifetime == 0 {
		options.Lifetime = 8 * time.Hour
	}
	if options.ImportRows == 0 {
		options.ImportRows = ledger.DefaultLimits().Rows
	}
	if options.ImportBytes == 0 {
		options.ImportBytes = 20 << 20
	}
	base, err := url.Parse(options.BaseURL)
	if err != nil {
		return nil, err
	}
	s := &Server{echo: echo.New(), store: store, options: options, base: base, imports: newImportWorks(), live: &openPages{store: store}, pace: usualPace}
	s.session = newSession(store, options, base.Scheme == "https")
	e := s.echo
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.showError
	e.IPExtractor = echo.ExtractIPDirect()
	if len(options.Proxies) > 0 {
		trusted := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
		for _, p := range options.Proxies {
			trusted = append(trusted, echo.TrustIPRange(p))
		}
		e.IPExtractor = echo.ExtractIPFromXFFHeader(trusted...)
	}
	e.Use(s.log, middleware.RecoverWithConfig(middleware.RecoverConfig{DisableErrorHandler: false, LogErrorFunc: func(_ echo.Context, err error, stack []byte) error {
		slog.Error("panic", "error", err, "stack", string(stack))
		return err
	}}), s.headers, s.host)
	// A page of ours is in the reader's language and frame, whatever its status.
	gzip := compress(func(c echo.Context) bool { return isLive(c) || sendsBytes(c.Request().URL.Path) })
	for _, each := range []echo.MiddlewareFunc{gzip, s.session.load, s.session.who, s.language, s.limit, s.legible, s.session.token} {
		e.Use(pagesOnly(each))
	}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		e.Add(method, static.Prefix+"*", serveStatic)
		e.Add(method, healthPath, s.health)
		e.Add(method, readyPath, s.ready)
	}
	for _, r := range s.routes() {
		if r.who == nil {
			return nil, fmt.Errorf("%s %s: say whom the route is for", r.method, r.path)
		}
		e.Add(r.method, r.path, r.admit(s))
		if r.method == http.MethodGet && r.path != views.NoticeLiveLink { // a line that has no end has no head to show
			e.Add(http.MethodHead, r.path, r.admit(s))
		}
	}
	s.http = &http.Server{
		Handler:           e,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      90 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    64 << 10,
	}
	return s, nil
}

// healthPath says whether the program lives, readyPath also how it does.
const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// pagesOnly leaves the files that anyone may have, and the question whether the
// program lives, to themselves.
func pagesOnly(of echo.MiddlewareFunc) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		page := of(next)
		return func(c echo.Context) error {
			if path := c.Request().URL.Path; path == healthPath || path == readyPath || strings.HasPrefix(path, static.Prefix) {
				return next(c)
			}
			return page(c)
		}
	}
}

// Serve answers on the listener until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown lets the requests in hand finish, and ends those that never would.
func (s *Server) Shutdown(ctx context.Context) error {
	s.live.end()
	s.imports.end()
	return s.http.Shutdown(ctx)
}

type requestKey struct{}

// log gives each request a number and writes one line about it.
func (s *Server) log(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		number, began := rand.Text()[:10], time.Now()
		r := c.Request()
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), requestKey{}, number)))
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		level := slog.LevelDebug
		if c.Response().Status >= 500 {
			level = slog.LevelError
		}
		slog.Log(r.Context(), level, "request", "number", number, "method", r.Method, "path", loggedPath(c),
			"status", c.Response().Status, "from", c.RealIP(), "took", time.Since(began))
		return nil
	}
}

// loggedPath is the path as the log may hold it: without the word where that is a
// secret by which anybody may come in.
func loggedPath(c echo.Context) string {
	path := c.Request().URL.Path
	for _, secret := range []string{views.LeavePath, views.FeedPath} {
		if strings.HasPrefix(path, secret) {
			return secret + "…"
		}
	}
	return path
}

func requestNumber(c echo.Context) string {
	number, _ := c.Request().Context().Value(requestKey{}).(string)
	return number
}

// policy lets a page load nothing but what this server serves, and run nothing
// but its scripts.
const policy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; object-src 'none'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func (s *Server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if s.base.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// host refuses, in production, to answer for another name: links and cookies are
// made for one.
func (s *Server) host(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.options.Production && c.Request().URL.Path != healthPath && c.Request().URL.Path != readyPath && !strings.EqualFold(c.Request().Host, s.base.Host) {
			return echo.NewHTTPError(http.StatusMisdirectedRequest)
		}
		return next(c)
	}
}

// errTooLarge is a body over its limit.
var errTooLarge = errors.New("body too large")

// A browser that is still sending reads no answer, so a body of somebody's who may send
// one is read on and dropped, up to this much, where it is too large.
const mostDropped = 256 << 20

// limit bounds what a request may send; only an import and evidence may be large.
func (s *Server) limit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, most := c.Request(), int64(formBytes)
		if bringsFiles(r) {
			return s.takeWords(c, next)
		}
		if r.Method == http.MethodPost && r.URL.Path == importPath {
			most = s.options.ImportBytes + formBytes
		}
		body := s.body(c, most)
		answer := func(err error) error {
			s.drain(c, body, err)
			return err
		}
		if r.ContentLength > most {
			return answer(errTooLarge)
		}
		r.Body = http.MaxBytesReader(nil, r.Body, most)
		if r.Method == http.MethodPost {
			err := r.ParseForm() // whose error the next would hide
			if err == nil {
				err = r.ParseMultipartForm(1 << 20)
			}
			if err != nil && !errors.Is(err, http.ErrNotMultipart) {
				var large *http.MaxBytesError
				switch {
				case errors.As(err, &large), errors.Is(err, multipart.ErrMessageTooLarge):
					return answer(errTooLarge)
				case errors.Is(err, errTooSlow):
					return answer(errTooSlow)
				}
				return answer(echo.NewHTTPError(http.StatusBadRequest))
			}
			if r.MultipartForm != nil {
				defer func() { _ = r.MultipartForm.RemoveAll() }()
			}
		}
		return answer(next(c))
	}
}

const importPath = "/import"

// legible leaves out of what was sent what nobody can read and no database keeps: words
// pasted from elsewhere bring control characters along, which their writer does not
// see. An address with such in it is nobody's.
func (s *Server) legible(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if readable(r.URL.Path) != r.URL.Path {
			return models.ErrNotFound
		}
		query := r.URL.Query()
		if makeReadable(query) {
			r.URL.RawQuery = query.Encode()
		}
		makeReadable(r.Form)
		makeReadable(r.PostForm)
		if r.MultipartForm != nil {
			makeReadable(r.MultipartForm.Value)
		}
		return next(c)
	}
}

// makeReadable says whether it had to change anything.
func makeReadable(form map[string][]string) (changed bool) {
	for name, values := range form {
		for n, value := range values {
			if fresh := readable(value); fresh != value {
				values[n], changed = fresh, true
			}
		}
		if fresh := readable(name); fresh != name {
			delete(form, name)
			form[fresh], changed = append(form[fresh], values...), true
		}
	}
	return changed
}

// readable is a text without control characters, and without those that turn the
// direction of what follows. A line broken within a paragraph is a line.
func readable(s string) string {
	unseen := func(r rune) bool {
		return r == utf8.RuneError || unicode.IsControl(r) && !strings.ContainsRune("\t\n\r", r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	}
	if utf8.ValidString(s) && !strings.ContainsFunc(s, unseen) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\v' || r == '\f':
			return '\n'
		case unseen(r):
			return -1
		}
		return r
	}, s)
}

// serveStatic sends an embedded file, compressed where the browser takes that. Its
// address changes with its content, so it may be kept for ever.
func serveStatic(c echo.Context) error {
	file, ok := static.Open(c.Request().URL.Path)
	if !ok {
		return models.ErrNotFound
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	if file.Gzipped != nil && strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		return c.Blob(http.StatusOK, file.Type, file.Gzipped)
	}
	return c.Blob(http.StatusOK, file.Type, file.Bytes)
}

// health says whether the database answers.
func (s *Server) health(c echo.Context) error {
	ctx, done := context.WithTimeout(c.Request().Context(), 3*time.Second)
	defer done()
	if err := s.store.Ping(ctx); err != nil {
		slog.ErrorContext(ctx, "health", "error", err)
		return c.String(http.StatusServiceUnavailable, "the database does not answer\n")
	}
	return c.String(http.StatusOK, "ok\n")
}
