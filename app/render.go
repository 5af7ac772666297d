package app

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// show sends content in the page's frame. Title is a key of views/text, or the
// title itself.
func (s *Server) show(c echo.Context, b *models.Board, status int, section, title string, content templ.Component) error {
	f, err := s.frame(c, b, section, text.T(c.Request().Context(), title))
	if err != nil {
		return err
	}
	if kept, some := s.session.keptHere(c); some && status == http.StatusOK {
		c.Set(keptKey, kept)
	}
	return send(c, b, status, views.Page(f, content))
}

// keptKey is under what a request holds the form that comes back on its page.
const keptKey = "kept"

// frame is what stands around the page of this person.
func (s *Server) frame(c echo.Context, b *models.Board, section, title string) (views.Frame, error) {
	ctx, u := c.Request().Context(), b.Me()
	f := views.Frame{Title: title, Section: section, Me: u, At: text.Moment(ctx, b.Now(), ""), Query: c.QueryParam("q"), Demo: s.options.Demo, Here: c.Request().URL.RequestURI()}
	if cookie, err := c.Cookie(themeCookie); err == nil && slices.Contains(views.Themes, cookie.Value) {
		f.Theme = cookie.Value
	}
	if c.Request().Method == http.MethodPost {
		f.Here = views.HomeLink
	}
	if s.options.Rehearsal {
		f.Clock = b.Now().Format("2006-01-02 15:04")
	}
	if u.Role == models.Nobody {
		return f, nil
	}
	f.Said, f.SaidArgs = s.session.said(c)
	var err error
	if f.Where, f.UnitCode, err = whereOf(b, u); err != nil {
		return f, err
	}
	f.Wanted, f.Doubt = b.CalendarWanted()
	if held, ok, err := b.MailOutage(); err != nil {
		return f, err
	} else if ok {
		f.Outage, f.Since = &held, text.Moment(ctx, held.HeldAt.In(b.Now().Location()), string(b.Today()))
	}
	if !u.Role.SeesLedger() {
		return f, nil
	}
	if f.Overdue, err = b.Overdue(); err != nil {
		return f, err
	}
	if f.Unread, err = b.Unread(); err != nil {
		return f, err
	}
	rounds, err := b.Rounds()
	if err == nil && len(rounds) > 0 {
		f.Round = rounds[0].Name
		if rounds[0].Team != "" {
			f.Round += " " + rounds[0].Team
		}
	}
	return f, err
}

// whereOf is a person's unit and its code, or their department.
func whereOf(b *models.Board, u models.User) (name, code string, err error) {
	if u.UnitID == nil {
		return u.Body, "", nil
	}
	units, err := b.UnitsByID()
	return units[*u.UnitID].Name, units[*u.UnitID].Code, err
}

// send renders before it writes, so that a page that fails half-way is a clean
// error and not half a page.
func send(c echo.Context, b *models.Board, status int, content templ.Component) error {
	token, _ := c.Get(tokenKey).(string)
	typed, _ := c.Get(typedKey).(views.TypedFields)
	ctx := views.For(c.Request().Context(), views.Reader{Typed: typed, OfUnit: b.Me().Role.OfUnit(), Today: b.Today(), Calendar: b.Calendar(), Rules: b.Rules(), Zone: b.Now().Location(), CSRF: token})
	buf := templ.GetBuffer()
	defer templ.ReleaseBuffer(buf)
	if err := content.Render(ctx, buf); err != nil {
		return err
	}
	page := buf.Bytes()
	if kept, some := c.Get(keptKey).(keptForm); some {
		page = kept.backIn(page, func(key string, args ...any) string { return text.T(ctx, key, args...) })
	}
	return c.HTMLBlob(status, page)
}

// goTo sends the browser on after a change.
func goTo(c echo.Context, where string) error { return c.Redirect(http.StatusSeeOther, where) }
