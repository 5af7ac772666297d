package app

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

func (s *Server) showUnits(c echo.Context, b *models.Board) error {
	return s.showUnitsPage(c, b, http.StatusOK, models.Unit{}, nil)
}

func (s *Server) showUnitsPage(c echo.Context, b *models.Board, status int, edited models.Unit, problems models.Problems) error {
	units, err := b.Units()
	if err != nil {
		return err
	}
	return s.show(c, b, status, "units", "units.title", views.UnitsPage(views.UnitsView{Units: units, Edited: edited, Problems: problems}))
}

func (s *Server) showUnit(c echo.Context, b *models.Board) error {
	u, err := b.Unit(c.Param("unit"))
	if err != nil {
		return err
	}
	return s.showUnitPage(c, b, http.StatusOK, u, u, nil, models.HandoverAsk{}, nil)
}

// showUnitPage is the home of a unit: its figures and its leaders' shares for who
// sees the ledger, its handovers, and the forms of who may use them, filled in with
// what was typed and what is wrong with it.
func (s *Server) showUnitPage(c echo.Context, b *models.Board, status int, unit, edited models.Unit, problems models.Problems, ask models.HandoverAsk, wrong models.Problems) error {
	v := views.UnitView{Unit: unit, Ledger: b.Me().Role.SeesLedger(), MayEdit: b.MayGovern(models.GovernUnits), Edited: edited, Problems: problems}
	var err error
	if v.Ledger {
		if v.Tally, err = b.Tally(models.Filter{Units: []string{unit.Code}}); err != nil {
			return err
		}
		if v.Shares, err = b.LeaderShares(unit); err != nil {
			return err
		}
		if v.Waiting, err = b.Waiting(unit); err != nil {
			return err
		}
		if v.Duties, v.DutyN, err = b.Duties(unit); err != nil {
			return err
		}
		open := models.Filter{Units: []string{unit.Code}, NotClosed: true, Group: "leader"}
		if v.Open, err = b.List(open); err != nil {
			return err
		}
		closed := models.Filter{Units: []string{unit.Code}, Statuses: []models.Status{models.Closed}, Sort: "-closed", Size: closedShown}
		if v.Closed, err = b.List(closed); err != nil {
			return err
		}
		if v.Achievements, v.AchievementRows, err = b.AchievementsOf(models.Filter{Units: []string{unit.Code}}); err != nil {
			return err
		}
		if v.Letters, err = lettersView(b, models.LetterFilter{Unit: unit.ID}); err != nil {
			return err
		}
		v.Letters.Unit = unit.Code
	}
	if v.People, err = b.PeopleOf(unit.ID); err != nil {
		return err
	}
	for _, p := range v.People {
		if p.Role == models.Head && !p.Disabled {
			v.Head = p.FullName
			break
		}
	}
	if v.Handovers, err = b.Handovers(unit.ID); err != nil {
		return err
	}
	var ids []int64
	for _, h := range v.Handovers {
		ids = append(ids, h.FromID, h.ToID, h.ByID)
	}
	if v.Names, err = b.NamesOf(ids); err != nil {
		return err
	}
	if v.HandOver, err = handoverForm(b, unit, v.People, ask, wrong); err != nil {
		return err
	}
	return s.show(c, b, status, "units", unit.Name, views.UnitPage(v))
}

// closedShown is how many closed items a unit's page has; the ledger has the rest.
const closedShown = 24

func (s *Server) saveUnit(c echo.Context, b *models.Board) error {
	kept := models.Unit{}
	if code := c.Param("unit"); code != "" {
		var err error
		if kept, err = b.Unit(code); err != nil {
			return err
		}
	}
	u := kept
	u.Name, u.Code = c.FormValue("name"), c.FormValue("code")
	u.Seq = typedNumber(c, "seq")
	_, err := b.SaveUnit(u)
	var problems models.Problems
	if errors.As(err, &problems) {
		if kept.ID != 0 {
			return s.showUnitPage(c, b, http.StatusUnprocessableEntity, kept, u, problems, models.HandoverAsk{}, nil)
		}
		return s.showUnitsPage(c, b, http.StatusUnprocessableEntity, u, problems)
	}
	if err != nil {
		return err
	}
	s.session.say(c, "unit.saved")
	return goTo(c, views.UnitsLink)
}
