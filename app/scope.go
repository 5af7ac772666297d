package app

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// assign gives a supervisor the parts of the ledger that the form names. A row with
// neither a unit nor a word is an empty one.
func (s *Server) assign(c echo.Context, b *models.Board) error {
	u, err := userOf(c, b)
	if err != nil {
		return err
	}
	if u.Role != models.Supervisor {
		return models.ErrNotFound
	}
	units, categories := chosenRows(c, "unit"), c.Request().Form["category"]
	var scopes models.Scopes
	for n := range min(len(units), len(categories)) {
		scopes = append(scopes, models.Scope{UnitID: units[n], Category: categories[n]})
	}
	err = b.Assign(u, scopes)
	var problems models.Problems
	if errors.As(err, &problems) {
		return s.showUsersPage(c, b, http.StatusUnprocessableEntity, u, scopes, problems)
	}
	if err != nil {
		return err
	}
	s.session.say(c, "scope.saved")
	return goTo(c, views.UserLink(u.ID))
}
