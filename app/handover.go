package app

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// handOver gives all open work of one person of the unit to another.
func (s *Server) handOver(c echo.Context, b *models.Board) error {
	unit, err := b.Unit(c.Param("unit"))
	if err != nil {
		return err
	}
	ask := models.HandoverAsk{Why: c.FormValue("why"), Retire: c.FormValue("retire") != ""}
	ask.From, ask.To = referred(c, "from"), referred(c, "to")
	// Whose work it is must be of the unit that the address names.
	people, err := b.PeopleOf(unit.ID)
	if err != nil {
		return err
	}
	var problems models.Problems
	if !isOf(people, ask.From) {
		problems.Add("from", "handover.from.choose")
		return s.showUnitPage(c, b, http.StatusUnprocessableEntity, unit, unit, nil, ask, problems)
	}
	_, err = b.HandOver(ask)
	if errors.As(err, &problems) {
		return s.showUnitPage(c, b, http.StatusUnprocessableEntity, unit, unit, nil, ask, problems)
	}
	if err != nil {
		return err
	}
	s.session.say(c, "handover.done")
	return goTo(c, views.UnitLink(unit.Code))
}

func isOf(people []models.User, id int64) bool {
	for _, p := range people {
		if p.ID == id {
			return true
		}
	}
	return false
}

// handoverForm is the form as this person may use it, the successors and, for who
// sees the ledger, how much each answers for.
func handoverForm(b *models.Board, unit models.Unit, people []models.User, ask models.HandoverAsk, problems models.Problems) (views.HandoverView, error) {
	v := views.HandoverView{May: b.MayHandOver(unit.ID), MayRetire: b.MayGovern(models.GovernUsers), Unit: unit, People: people, Ask: ask, Problems: problems}
	if !v.May || !b.Me().Role.SeesLedger() {
		return v, nil
	}
	v.Answering = map[int64]int{}
	for _, p := range people {
		n, err := b.Answering(p)
		if err != nil {
			return v, err
		}
		v.Answering[p.ID] = n
	}
	return v, nil
}
