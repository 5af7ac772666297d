package app

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

func (s *Server) showUnits(c echo.Context, b *models.Board) error {
	return s.showUnitsPage(c, b, http.StatusOK, models.Unit{}, nil)
}

func (s *Server) showUnit(c echo.Context, b *models.Board) error {
	u, err := b.Unit(c.Param("unit"))
	if err != nil {
		return err
	}
	return s.showUnitsPage(c, b, http.StatusOK, u, nil)
}

func (s *Server) showUnitsPage(c echo.Context, b *models.Board, status int, edited models.Unit, problems models.Problems) error {
	units, err := b.Units()
	if err != nil {
		return err
	}
	return s.show(c, b, status, "units", "units.title", views.UnitsPage(views.UnitsView{Units: units, Edited: edited, Problems: problems}))
}

func (s *Server) saveUnit(c echo.Context, b *models.Board) error {
	u := models.Unit{}
	if code := c.Param("unit"); code != "" {
		var err error
		if u, err = b.Unit(code); err != nil {
			return err
		}
	}
	u.Name, u.Code = c.FormValue("name"), c.FormValue("code")
	u.Seq, _ = strconv.Atoi(c.FormValue("seq"))
	_, err := b.SaveUnit(u)
	var problems models.Problems
	if errors.As(err, &problems) {
		return s.showUnitsPage(c, b, http.StatusUnprocessableEntity, u, problems)
	}
	if err != nil {
		return err
	}
	s.session.say(c, "unit.saved")
	return goTo(c, views.UnitsLink)
}
