package app

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// showStatistics is the page of the whole.
func (s *Server) showStatistics(c echo.Context, b *models.Board) error {
	state, err := s.listState(c, b, views.StatisticsPath)
	if err != nil {
		return err
	}
	page, err := b.StatisticsPage(state.Filter, state.Shown)
	if err != nil {
		return err
	}
	v := views.StatisticsView{ListState: state, StatisticsPage: page, Order: inOrder(state.Units), Keeper: keepers(b.Me()), AllUnits: b.Me().Role.SeesAll()}
	return s.show(c, b, http.StatusOK, "statistics", "statistics.title", views.StatisticsPage(v))
}
