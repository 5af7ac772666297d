package app

import (
	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

func (s *Server) checkStated(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.AcceptStated, Reason: c.FormValue("outcome"), Text: c.FormValue("words")}
	_, err := b.CheckStated(item, models.Outcome(typed.Reason), typed.Text)
	return s.done(c, b, item, err, typed, "stated.saved")
}

func (s *Server) drawStated(c echo.Context, b *models.Board) error {
	id, err := param(c, "import")
	if err != nil {
		return err
	}
	draw, err := b.DrawStatedOf(id)
	if err != nil {
		return err
	}
	s.session.say(c, "stated.draw.done")
	return goTo(c, views.DrawLink(draw.ID))
}

// showStated is what old ledgers call done and nobody has checked, by import and one by
// one, the longest waiting first.
func (s *Server) showStated(b *models.Board, v *views.ReviewsView) (err error) {
	if v.Imports, err = b.StatedImports(); err != nil {
		return err
	}
	v.Filter = models.Filter{Lights: []models.Light{models.LightStated}, Size: mostReviews}
	v.Cards, err = b.List(v.Filter)
	return err
}
