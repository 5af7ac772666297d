package app

import (
	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

func (s *Server) setStanding(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.SetStanding, Day: c.FormValue("review_on")}
	_, err := b.SetStanding(item, models.Day(typed.Day))
	return s.done(c, b, item, err, typed, "standing.saved")
}

func (s *Server) endStanding(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.EndStanding, Text: c.FormValue("words")}
	_, err := b.EndStanding(item, typed.Text)
	return s.done(c, b, item, err, typed, "standing.ended")
}

func (s *Server) reviewStanding(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.ReviewStanding, Text: c.FormValue("words"), Day: c.FormValue("review_on")}
	_, err := b.ReviewStanding(item, typed.Text, models.Day(typed.Day))
	return s.done(c, b, item, err, typed, "standing.reviewed")
}
