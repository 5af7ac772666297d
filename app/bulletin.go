package app

import (
	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
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
	me, ctx := b.Me(), c.Request().Context()
	file, err := views.BulletinPaper(ctx, bulletin, units, me.Body)
	if err != nil {
		return err
	}
	name := views.ExportHead{Name: text.T(ctx, "bulletin.file"), Filter: r.Name}
	return sendPaper(c, b, name.FileName(b.Today())+".docx", file)
}
