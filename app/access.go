package app

import (
	"cmp"
	"errors"
	"fmt"
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
			b := s.store.Board(c.Request().Context(), u)
			return or(r.page(c, b), func() error { return forgetDraft(c, b) })
		case u.Role == models.Nobody:
			return errSignedOut
		default:
			return cmp.Or(s.store.Board(c.Request().Context(), u).NoteRefused(r.refused(), c.Request().Method, c.Request().URL.Path), errNotForYou)
		}
	}
}

// errNotForYou is a page or a deed that is not for the role that asked: they may not look
// either.
var errNotForYou = fmt.Errorf("not for this role: %w", models.ErrForbidden)

// refused is what somebody asked for whom the route is not for, as the trail names it.
func (r route) refused() models.Act {
	if r.method != http.MethodPost {
		return models.OpenPage
	}
	if deed, named := routeDeeds[r.path]; named {
		return deed
	}
	return models.SendForm
}

// routeDeeds are the deeds on items and letters, by the routes that ask for them.
var routeDeeds = map[string]models.Act{
	"/items/:item/progress": models.ReportProgress, "/items/:item/standard": models.SetStandard, "/items/:item/assignment": models.AssignItem,
	"/items/:item/date": models.SetDate, "/items/:item/date/proposal": models.ProposeDate, "/items/:item/date/correction": models.CorrectItem,
	"/items/:item/stated": models.AcceptStated, "/items/blocks": models.CorrectItem, "/items/blocks/draft": models.CorrectItem,
	"/items/:item/cells": models.CorrectItem, "/items/:item/cells/undoing": models.UndoEdit,
	"/items/:item/receipt": models.AcknowledgeItem, "/items/:item/measures": models.AddMeasures, "/items/:item/measures/:measure": models.ReviseMeasure,
	"/items/:item/measures/:measure/completion": models.CompleteMeasure, "/items/:item/measures/:measure/reopening": models.ReopenMeasure,
	"/items/:item/submission": models.SubmitItem, "/items/:item/withdrawal": models.WithdrawItem, "/items/:item/return": models.ReturnItem,
	"/items/:item/closure": models.CloseItem, "/items/:item/stage": models.StageItem, "/items/:item/reopening": models.ReopenItem,
	"/items/:item/signatures": models.SignItem, "/items/:item/signatures/return": models.UnsignItem,
	"/items/:item/extensions": models.AskExtension, "/items/:item/extensions/:extension/withdrawal": models.WithdrawExtension,
	"/items/:item/extensions/:extension/grant": models.GrantExtension, "/items/:item/extensions/:extension/refusal": models.RefuseExtension,
	"/items/:item/voidings": models.AskVoiding, "/items/:item/voidings/:voiding/approval": models.VoidItem, "/items/:item/voidings/:voiding/refusal": models.RefuseVoiding,
	"/items/:item/evidence": models.AddEvidence, "/items/:item/evidence/:evidence/versions": models.ReplaceEvidence,
	"/items/:item/achievements": models.RecordAchievement, "/items/:item/achievements/:achievement/withdrawal": models.WithdrawAchievement,
	"/items/:item/standing": models.SetStanding, "/items/:item/standing/end": models.EndStanding, "/items/:item/standing/reviews": models.ReviewStanding,
	"/items/:item/rechecks/:recheck": models.RecheckHolds, "/items/:item/signals/:signal/answer": models.AnswerSignal,
	"/rechecks/draws": models.DrawRecheck, "/urgings": models.UrgeItem,
	"/letters": models.DraftLetter, "/letters/new": models.DraftLetter, "/letters/:letter": models.ReviseLetter, "/letters/:letter/signature": models.SignLetter,
	"/letters/:letter/acknowledgement": models.AcknowledgeLetter, "/letters/:letter/answer": models.AnswerLetter,
	"/letters/:letter/judgement": models.AcceptAnswer, "/letters/:letter/withdrawal": models.WithdrawLetter,
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
	case role == models.Principal:
		return goTo(c, views.StatisticsPath)
	case role.SeesLedger():
		return goTo(c, views.BoardPath)
	case role == models.Auditor:
		return goTo(c, views.AuditLink)
	default:
		return goTo(c, views.UsersLink)
	}
}
