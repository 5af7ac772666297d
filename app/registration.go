package app

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// enteredKey is where a session keeps what the last item somebody typed was of: the codes
// of its unit and round, and its tier.
const enteredKey = "entered"

// namesOffered bounds a list of names that a form offers.
const namesOffered = 200

// newItem is the form for one item: of the unit, tier and round of the one typed before.
func (s *Server) newItem(c echo.Context, b *models.Board) error {
	v := views.RegistrationView{Tier: models.PostFeedback}
	kept := strings.Split(s.session.GetString(c.Request().Context(), enteredKey)+"||", "|")
	if tier := models.Tier(kept[1]); tier.Query() != "" {
		v.Tier = tier
	}
	u, err := b.Unit(cmp.Or(c.QueryParam("unit"), kept[0]))
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	v.Unit, v.Round = u, kept[2]
	return s.showNewItem(c, b, http.StatusOK, v)
}

// showNewItem shows the form with what is in it.
func (s *Server) showNewItem(c echo.Context, b *models.Board, status int, v views.RegistrationView) error {
	v.Me = b.Me()
	var err error
	if v.Units, err = b.Units(); err != nil {
		return err
	}
	if v.Rounds, err = b.Rounds(); err != nil {
		return err
	}
	if v.Me.Role.OfUnit() && len(v.Units) > 0 {
		v.Unit = v.Units[0]
	}
	if v.Round == "" && len(v.Rounds) > 0 {
		v.Round = v.Rounds[0].Code
	}
	if v.Categories, err = b.Categories(models.Filter{}, namesOffered); err != nil {
		return err
	}
	if v.Leaders, err = b.Leaders(models.Filter{}, namesOffered); err != nil {
		return err
	}
	round, err := b.Round(v.Round)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	if v.Unit.ID != 0 && round.ID != 0 {
		if v.Next, err = b.NextNumber(round.ID, v.Unit.ID); err != nil {
			return err
		}
	}
	return s.show(c, b, status, "items", "registration.title", views.RegistrationPage(v))
}

// enterItem registers what was typed, and goes on to the next form or to the item.
func (s *Server) enterItem(c echo.Context, b *models.Board) error {
	v := views.RegistrationView{Typed: true, Due: c.FormValue("due"), Tier: models.Tier(c.FormValue("tier")), Round: c.FormValue("round")}
	var err error
	if b.Me().Role.OfUnit() {
		units, err := b.Units()
		if err != nil {
			return err
		}
		if len(units) > 0 {
			v.Unit = units[0]
		}
	} else if v.Unit, err = unitNamed(c, b, "unit"); err != nil {
		return err
	}
	v.Item = models.NewItem{
		Tier: v.Tier, UnitID: v.Unit.ID, LedgerNo: c.FormValue("number"), Source: c.FormValue("source"), Category: c.FormValue("category"), Problem: c.FormValue("problem"),
		Standard: c.FormValue("standard"), Leader: c.FormValue("leader"), Department: c.FormValue("department"), Handler: c.FormValue("handler"),
	}
	round, err := b.Round(v.Round)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	v.Item.RoundID = round.ID
	item, err := b.Enter(v.Item, v.Due)
	if errors.As(err, &v.Problems) {
		return s.showNewItem(c, b, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	s.session.Put(c.Request().Context(), enteredKey, strings.Join([]string{v.Unit.Code, string(v.Tier), round.Code}, "|"))
	if due := cmp.Or(item.DueOn, item.AskedUntil); due != "" { // which may have been typed as 6月底前
		s.session.say(c, "registration.saved.due", item.Number, string(due))
	} else {
		s.session.say(c, "registration.saved", item.Number)
	}
	if c.FormValue("then") == "open" {
		return goTo(c, views.ItemLink(item.Number))
	}
	return goTo(c, views.NewItemLink)
}
