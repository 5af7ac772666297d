package app

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// routePage answers one route. It is handed the board of the person who asked and has
// no other way to the data.
type routePage func(c echo.Context, b *models.Board) error

type route struct {
	method, path string
	who          audience
	page         routePage
}

// audience says whom a route is for. Its zero value is for nobody, so a route that
// forgets to say admits no one.
type audience func(models.User) bool

func anyone(models.User) bool       { return true }
func signedIn(u models.User) bool   { return u.Role != models.Nobody }
func readers(u models.User) bool    { return u.Role.SeesLedger() }
func unitPeople(u models.User) bool { return u.Role.OfUnit() }

func roles(of ...models.Role) audience {
	return func(u models.User) bool { return slices.Contains(of, u.Role) }
}

var (
	supervisors    = roles(models.Supervisor)
	office         = roles(models.Office)
	administrators = roles(models.SysAdmin)
	organisers     = roles(models.Office, models.SysAdmin)
	mailers        = roles(models.Office, models.SysAdmin)
	auditors       = roles(models.Auditor)
	handers        = roles(models.Head, models.Office, models.SysAdmin)
	overseers      = roles(models.Office, models.Supervisor, models.Principal)
	keepers        = roles(models.Office, models.Supervisor) // of what stands and what was closed
)

// unitReaders may look at a unit's page: whoever sees items, and who keeps accounts.
func unitReaders(u models.User) bool { return u.Role.SeesLedger() || u.Role == models.SysAdmin }

var (
	planners  = func(u models.User) bool { return keepers(u) || u.Role.OfUnit() } // who may say what an item's standard is
	assigners = roles(models.Head, models.Office)
)

// importers may take in a ledger: the office for every unit, a unit's people for
// their own.
func importers(u models.User) bool { return u.Role == models.Office || u.Role.OfUnit() }

// beforeAll are the doors open to somebody who must first choose a password of
// their own.
var beforeAll = []string{views.MeLink, views.PasswordLink, views.SignOutLink, views.LanguageLink, views.ThemeLink, views.LeavePath + ":word", views.FeedAddress(":word")}

// admit stands at the door: it lets in whom the route is for, and hands the page
// their board.
func (r route) admit(s *Server) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := signedInAs(c)
		switch {
		case r.who == nil:
			return errors.New("route for nobody: " + r.path)
		case u.MustChange && !slices.Contains(beforeAll, r.path):
			return goTo(c, views.MeLink)
		case r.who(u):
			return r.page(c, s.store.Board(c.Request().Context(), u))
		case u.Role == models.Nobody:
			return errSignedOut
		default:
			return cmp.Or(s.store.Board(c.Request().Context(), u).NoteRefused(c.Request().Method, c.Request().URL.Path), models.ErrForbidden)
		}
	}
}

// ofItem is a page about one item.
func ofItem(page func(echo.Context, *models.Board, models.Item) error) routePage {
	return about(itemOf, page)
}

// itemOf is the item of the address. A deed's form carries the version its page was drawn
// from, and the item is handed on as that person last saw it.
func itemOf(c echo.Context, b *models.Board) (models.Item, error) {
	number, err := url.PathUnescape(c.Param("item"))
	if err != nil || readable(number) != number {
		return models.Item{}, models.ErrNotFound
	}
	item, err := b.Item(number)
	if c.Request().Method == http.MethodPost {
		item.Version = seenVersion(c)
	}
	return item, err
}

// home is the first page of each role.
func home(c echo.Context, b *models.Board) error {
	switch role := b.Me().Role; {
	case role == models.Nobody:
		return goTo(c, views.SignInLink)
	case role == models.Supervisor:
		return goTo(c, views.OverduePath)
	case role.OfUnit():
		_, code, err := whereOf(b, b.Me())
		if err != nil {
			return err
		}
		return goTo(c, views.UnitLink(code))
	case role.SeesLedger():
		return goTo(c, views.BoardPath)
	case role == models.Auditor:
		return goTo(c, views.AuditLink)
	default:
		return goTo(c, views.UsersLink)
	}
}
