package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// session is who is asking: sessions are kept by the server and can be ended
// there; the browser has but a random name for one.
type session struct {
	*scs.SessionManager
	store  *models.Store
	secure bool
}

func newSession(store *models.Store, options Options, secure bool) *session {
	m := scs.New()
	m.ErrorFunc = sessionFailed
	codec := plainCodec{store}
	m.Codec = codec
	m.Store = keptSessions{store.Sessions(func(data []byte) int64 {
		_, values, err := codec.Decode(data)
		if err != nil {
			return 0
		}
		return reference(text0(values["user"]))
	}), codec}
	m.IdleTimeout, m.Lifetime = options.Idle, options.Lifetime
	m.Cookie.Name, m.Cookie.Path, m.Cookie.HttpOnly, m.Cookie.SameSite = cookieName("session", secure), "/", true, http.SameSiteLaxMode
	m.Cookie.Secure, m.Cookie.Persist = secure, false
	return &session{m, store, secure}
}

// cookieName binds a cookie to this host where the browser holds us to it.
func cookieName(name string, secure bool) string {
	if secure {
		return "__Host-duban-" + name
	}
	return "duban-" + name
}

// plainCodec keeps a session's few words as JSON: the same words are the same
// bytes, so that an unchanged session is not written again.
type plainCodec struct{ store *models.Store }

// kept is the moment by the register's clock, which in a rehearsal is not the
// wall's; wall is the way back. The session manager knows only the wall's.
func (codec plainCodec) kept(at time.Time) time.Time {
	return codec.store.Now().Add(time.Until(at)).UTC().Round(time.Second)
}
func (codec plainCodec) wall(at time.Time) time.Time {
	return time.Now().Add(at.Sub(codec.store.Now()))
}

// keptSessions are the register's sessions, ended by its clock.
type keptSessions struct {
	*models.Sessions
	codec plainCodec
}

func (k keptSessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	return k.Sessions.CommitCtx(ctx, token, data, k.codec.kept(expiry))
}

func (k keptSessions) Commit(token string, data []byte, expiry time.Time) error {
	return k.CommitCtx(context.Background(), token, data, expiry)
}

type plainSession struct {
	Deadline time.Time
	Words    map[string]string
}

func (codec plainCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	p := plainSession{codec.kept(deadline), map[string]string{}}
	for k, v := range values {
		p.Words[k] = text0(v)
	}
	return json.Marshal(p)
}

func (codec plainCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var p plainSession
	if err := json.Unmarshal(b, &p); err != nil {
		return time.Time{}, nil, err
	}
	values := map[string]any{}
	for k, v := range p.Words {
		values[k] = v
	}
	return codec.wall(p.Deadline), values, nil
}

func text0(v any) string { s, _ := v.(string); return s }

type contextKey struct{}

// load finds the session that the browser names.
func (s *session) load(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if isLive(c) { // the line a page holds open: it reads the session and never writes it
			var token string
			if cookie, err := c.Cookie(s.Cookie.Name); err == nil {
				token = cookie.Value
			}
			ctx, err := s.Load(c.Request().Context(), token)
			if err != nil {
				return fmt.Errorf("session: %w", err)
			}
			c.SetRequest(c.Request().WithContext(ctx))
			return next(c)
		}
		named := c.Request().WithContext(models.Knowing(context.WithValue(c.Request().Context(), contextKey{}, c)))
		s.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			was := c.Response().Writer
			c.Response().Writer = w
			c.SetRequest(r)
			if err := next(c); err != nil {
				c.Error(err) // drawn while the session is at hand
			}
			c.Response().Writer = was
		})).ServeHTTP(c.Response().Writer, named)
		return nil
	}
}

// sessionFailed answers when the register cannot be asked for a session, or does
// not keep one.
func sessionFailed(w http.ResponseWriter, r *http.Request, err error) {
	c := r.Context().Value(contextKey{}).(echo.Context)
	if r.Context().Err() != nil { // who asked has gone, and reads no answer
		return
	}
	err = fmt.Errorf("session: %w", err)
	if w != c.Response().Writer { // in the middle of an answer
		slog.ErrorContext(r.Context(), "request failed", "number", requestNumber(c), "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError)+" "+requestNumber(c), http.StatusInternalServerError)
		return
	}
	c.Error(err)
}

const meKey, tokenKey = "me", "token"

// signedInAs is who is asking; the zero User is nobody.
func signedInAs(c echo.Context) models.User {
	u, _ := c.Get(meKey).(models.User)
	return u
}

// errToken is a post that does not come from a page of ours.
var errToken = errors.New("no token, or a foreign origin")

// who finds the person whose session it is. One who was disabled is nobody from
// this request on.
func (s *session) who(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		id := reference(s.GetString(ctx, "user"))
		came := models.Origin{Address: c.RealIP(), Request: requestNumber(c)}
		if id != 0 {
			// The trail tells sessions apart; nobody can take one up by what it says.
			sum := sha256.Sum256([]byte("trail " + s.Token(ctx)))
			came.Session = hex.EncodeToString(sum[:6])
		}
		c.SetRequest(c.Request().WithContext(models.CameFrom(ctx, came)))
		if id == 0 {
			return next(c)
		}
		u, err := s.store.Person(ctx, id)
		switch {
		case errors.Is(err, models.ErrNotFound):
			if err := s.Destroy(ctx); err != nil {
				return err
			}
		case err != nil:
			return err
		default:
			c.Set(meKey, u)
		}
		return next(c)
	}
}

// token takes a post only from a page of ours: with the session's token, and from
// this origin where the browser says from which. Before sign-in the token is a
// cookie's.
func (s *session) token(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		token := s.GetString(r.Context(), "csrf")
		if signedInAs(c).ID == 0 {
			token = ""
			if cookie, err := r.Cookie(cookieName("token", s.secure)); err == nil && len(cookie.Value) >= 20 {
				token = cookie.Value
			}
		}
		came := token
		if token == "" {
			token = rand.Text()
			c.SetCookie(&http.Cookie{Name: cookieName("token", s.secure), Value: token, Path: "/", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteStrictMode})
		}
		c.Set(tokenKey, token)
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			return next(c)
		}
		if strings.HasPrefix(r.URL.Path, views.LeavePath) {
			return next(c) // sent by a mail program; the address itself is the secret
		}
		if came == "" || subtle.ConstantTimeCompare([]byte(came), []byte(c.FormValue("csrf"))) != 1 || foreign(r) {
			if signedInAs(c).ID == 0 && !slices.Contains(beforeSignIn, r.URL.Path) {
				return errSignedOut
			}
			return errToken
		}
		return next(c)
	}
}

// beforeSignIn are the forms that are sent by nobody in particular.
var beforeSignIn = []string{views.SignInLink, views.SetupLink, views.LanguageLink, views.ThemeLink}

// foreign says whether the browser names another origin than ours.
func foreign(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return true
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || !strings.EqualFold(u.Host, r.Host)
}

// ours says whether the browser vouches that a page of ours sent this.
func ours(r *http.Request) bool {
	said := r.Header.Get("Sec-Fetch-Site") == "same-origin" || r.Header.Get("Origin") != ""
	return said && !foreign(r)
}

// begin starts a session for a person, under a new name: one planted in the
// browser before is worth nothing.
func (s *session) begin(c echo.Context, u models.User) error {
	ctx := c.Request().Context()
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	s.Put(ctx, "user", strconv.FormatInt(u.ID, 10))
	s.Put(ctx, "csrf", rand.Text())
	return nil
}

// say keeps a sentence for the next page: what was just done.
// The words are what stands in it.
func (s *session) say(c echo.Context, key string, words ...string) {
	s.Put(c.Request().Context(), "said", strings.Join(append([]string{key}, words...), saidApart))
}

// saidApart stands between a sentence's key and the words in it.
const saidApart = "\x1f"

// said is what was kept, once.
func (s *session) said(c echo.Context) (key string, words []any) {
	key, rest, some := strings.Cut(s.PopString(c.Request().Context(), "said"), saidApart)
	if some {
		for word := range strings.SplitSeq(rest, saidApart) {
			words = append(words, word)
		}
	}
	return key, words
}

func clip(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes])
	}
	return s
}

// errSignedOut is somebody who is not, or no longer, signed in.
var errSignedOut = errors.New("signed out")

func (s *Server) showSignIn(c echo.Context, b *models.Board) error {
	if signedInAs(c).ID != 0 {
		return goTo(c, views.HomeLink)
	}
	if fresh, err := s.store.NeedsSetUp(c.Request().Context()); err != nil || fresh {
		return or(err, func() error { return goTo(c, views.SetupLink) })
	}
	v := views.SignInView{Next: localPath(c.QueryParam("next"))}
	if v.Next != "" && v.Next != views.HomeLink {
		v.Key = "session.needed"
	}
	return s.show(c, b, http.StatusOK, "", "session.title", views.SignInPage(v))
}

func or(err error, then func() error) error {
	if err != nil {
		return err
	}
	return then()
}

func (s *Server) signIn(c echo.Context, b *models.Board) error {
	name, next := c.FormValue("name"), localPath(c.FormValue("next"))
	typed, word := c.FormValue("typed"), c.FormValue("kept")
	u, err := s.store.SignIn(c.Request().Context(), name, c.FormValue("password"))
	var refused models.Refused
	switch {
	case errors.Is(err, models.ErrSignIn):
		v := views.SignInView{Name: name, Next: next, Key: "session.wrong", Typed: typed, Kept: word}
		return s.show(c, b, http.StatusUnprocessableEntity, "", "session.title", views.SignInPage(v))
	case errors.As(err, &refused):
		v := views.SignInView{Name: name, Next: next, Key: refused.Key, Args: refused.Args, Typed: typed, Kept: word}
		return s.show(c, b, http.StatusTooManyRequests, "", "session.title", views.SignInPage(v))
	case err != nil:
		return err
	}
	if err := s.session.begin(c, u); err != nil {
		return err
	}
	if kept, some := keptFrom(word); some {
		s.session.keep(c, kept)
		next = kept.Page
	} else if page := itemPageOf(next); typed != "" && page != "" { // sent without the form it is from
		s.session.keep(c, keptForm{Place: views.ProgressLink(strings.TrimPrefix(page, views.ItemsPath+"/")), Page: page, Fields: map[string][]string{"text": {typed}}})
	}
	if u.MustChange {
		next = views.MeLink
	}
	if next == "" {
		next = views.HomeLink
	}
	return goTo(c, next)
}

func (s *Server) signOut(c echo.Context, b *models.Board) error {
	if signedInAs(c).ID != 0 {
		if err := b.SignedOut(); err != nil {
			return err
		}
	}
	if err := s.session.Destroy(c.Request().Context()); err != nil {
		return err
	}
	return goTo(c, views.SignInLink)
}

// localPath is a return address if it is a path of ours, else "". Browsers take a
// backslash for a slash and leave control characters out, so neither may be in it,
// however it is written.
func localPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || to == "" || to[0] != '/' || u.Scheme != "" || u.Host != "" || u.User != nil {
		return ""
	}
	for _, path := range []string{to, u.Path} {
		if strings.HasPrefix(path, "//") || strings.ContainsFunc(path, func(r rune) bool { return r == '\\' || unicode.IsControl(r) }) {
			return ""
		}
	}
	return to
}

func (s *Server) showSetup(c echo.Context, b *models.Board) error {
	fresh, err := s.store.NeedsSetUp(c.Request().Context())
	if err != nil {
		return err
	}
	if !fresh {
		return goTo(c, views.SignInLink)
	}
	return s.show(c, b, http.StatusOK, "", "setup.title", views.SetupPage(views.SetupView{}))
}

func (s *Server) setUp(c echo.Context, b *models.Board) error {
	if fresh, err := s.store.NeedsSetUp(c.Request().Context()); err != nil || !fresh {
		return or(err, func() error { return goTo(c, views.SignInLink) })
	}
	v := views.SetupView{Code: c.FormValue("code"), User: models.User{
		Name: c.FormValue("name"), FullName: c.FormValue("full_name"), Email: c.FormValue("email"),
	}}
	u, err := s.store.SetUp(c.Request().Context(), v.Code, v.User, c.FormValue("password"))
	if errors.As(err, &v.Problems) {
		return s.show(c, b, http.StatusUnprocessableEntity, "", "setup.title", views.SetupPage(v))
	}
	if err != nil {
		return err
	}
	if err := s.session.begin(c, u); err != nil {
		return err
	}
	return goTo(c, views.UnitsLink)
}

// language is the one the person chose, else the one chosen in this browser, else
// the browser's own.
func (s *Server) language(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		l := text.Language(signedInAs(c).Language)
		if cookie, err := c.Cookie(languageCookie); err == nil && !text.Known(l) {
			l = text.Language(cookie.Value)
		}
		if !text.Known(l) && prefersEnglish(c.Request().Header.Get("Accept-Language")) {
			l = text.English
		}
		if !text.Known(l) {
			l = text.Chinese
		}
		c.SetRequest(c.Request().WithContext(text.In(c.Request().Context(), l)))
		return next(c)
	}
}

const languageCookie = "duban-language"

// prefersEnglish says whether English comes before Chinese in the browser's list,
// of which a few entries are read and no more.
func prefersEnglish(accept string) bool {
	for n, tag := range strings.SplitN(accept, ",", 9) {
		tag = strings.ToLower(strings.TrimSpace(tag))
		switch {
		case n == 8, strings.HasPrefix(tag, "zh"):
			return false
		case strings.HasPrefix(tag, "en"):
			return true
		}
	}
	return false
}

func (s *Server) chooseLanguage(c echo.Context, b *models.Board) error {
	if l := c.FormValue("language"); text.Known(text.Language(l)) {
		c.SetCookie(&http.Cookie{Name: languageCookie, Value: l, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.session.secure, SameSite: http.SameSiteLaxMode})
		if signedInAs(c).ID != 0 {
			if err := b.ChooseLanguage(l); err != nil {
				return err
			}
		}
	}
	return goTo(c, here(c))
}

const themeCookie = "duban-theme"

// chooseTheme keeps light or dark for this browser: it is the screen's, not the
// person's.
func (s *Server) chooseTheme(c echo.Context, _ *models.Board) error {
	if theme := c.FormValue("theme"); slices.Contains(views.Themes, theme) {
		c.SetCookie(&http.Cookie{Name: themeCookie, Value: theme, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.session.secure, SameSite: http.SameSiteLaxMode})
	}
	return goTo(c, here(c))
}

// here is the page that a choice in the frame was made on.
func here(c echo.Context) string {
	if to := localPath(c.FormValue("here")); to != "" {
		return to
	}
	return views.HomeLink
}

func (s *Server) showMe(c echo.Context, b *models.Board) error {
	return s.showMyPage(c, b, http.StatusOK, nil)
}

func (s *Server) showMyPage(c echo.Context, b *models.Board, status int, problems models.Problems) error {
	v := views.MeView{Me: b.Me(), Problems: problems}
	var err error
	if v.Where, _, err = whereOf(b, b.Me()); err != nil {
		return err
	}
	if v.Feed, v.HasFeed, err = b.Feed(); err != nil {
		return err
	}
	if word := s.session.PopString(c.Request().Context(), "feed"); word != "" {
		v.FeedAddress = s.options.BaseURL + views.FeedAddress(word)
	}
	return s.show(c, b, status, "me", "me.title", views.MePage(v))
}

func (s *Server) changePassword(c echo.Context, b *models.Board) error {
	err := b.ChangePassword(c.FormValue("old"), c.FormValue("password"), s.session.Token(c.Request().Context()))
	var problems models.Problems
	if errors.As(err, &problems) {
		return s.showMyPage(c, b, http.StatusUnprocessableEntity, problems)
	}
	if err != nil {
		return err
	}
	if err := s.session.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	s.session.say(c, "password.changed")
	if b.Me().MustChange { // the first sign-in, now begun
		return goTo(c, views.HomeLink)
	}
	return goTo(c, views.MeLink)
}
