package app

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

func (s *Server) showOverdue(c echo.Context, b *models.Board) error {
	state, err := s.listState(c, b, views.OverduePath)
	if err != nil {
		return err
	}
	page, err := b.OverduePage(state.Filter, state.All, inOrder(state.Units), state.Round)
	if err != nil {
		return err
	}
	if len(state.Filter.Lights) == 0 && len(page.Rows.Lights) == 1 { // what the page chose by itself
		state.Shown = state.Shown.Light(page.Rows.Lights[0])
	}
	v := views.OverdueView{ListState: state, OverduePage: page, Me: b.Me(), Keeper: keepers(b.Me())}
	return s.show(c, b, http.StatusOK, "overdue", "overdue.title", views.OverduePage(v))
}
