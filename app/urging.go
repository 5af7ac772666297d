package app

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// newUrging says what reminding those who answer for the chosen items would come to.
func (s *Server) newUrging(c echo.Context, b *models.Board) error {
	items, err := chosenItems(c, b)
	if err != nil {
		return err
	}
	v := views.UrgingView{}
	if v.Urging, err = b.Urging(items); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "overdue", "urging.title", views.UrgingPage(v))
}

// urge reminds them, and says of whom and of how many it was done.
func (s *Server) urge(c echo.Context, b *models.Board) error {
	items, err := chosenItems(c, b)
	if err != nil {
		return err
	}
	done, err := b.Urge(items)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if done.Items() == 0 {
		s.session.say(c, "urging.nothing")
		return goTo(c, views.OverduePath)
	}
	var units []string
	for _, u := range done.Units {
		units = append(units, text.T(ctx, "urging.unit", u.Unit.Name, len(u.Items)))
	}
	s.session.say(c, "urging.done", text.Count(ctx, "people.n", done.People), text.Count(ctx, "items.n", done.Items()), strings.Join(units, text.T(ctx, "list.and")))
	return goTo(c, views.OverduePath)
}
