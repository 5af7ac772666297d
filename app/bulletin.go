package app

import (
	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// sendBulletin is a round's bulletin as a Word file, with what was closed since the
// day of the address.
func (s *Server) sendBulletin(c echo.Context, b *models.Board) error {
	r, err := b.Round(c.Param("round"))
	if err != nil {
		return err
	}
	bulletin, err := b.Bulletin(r, models.Day(c.QueryParam("since")))
	if err != nil {
		return err
	}
	units, err := b.Units()
	if err != nil {
		return err
	}
	me := b.Me()
	file, err := views.BulletinPaper(c.Request().Context(), bulletin, units, me.Body)
	if err != nil {
		return err
	}
	return sendPaper(c, b, "bulletin-"+r.Code+"-"+string(b.Today())+".docx", file)
}
