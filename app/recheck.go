package app

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

func (s *Server) showRechecks(c echo.Context, b *models.Board) error {
	v := views.RechecksView{}
	var err error
	if v.Pending, err = b.Rechecks(0); err != nil {
		return err
	}
	if v.Draws, err = b.Draws(); err != nil {
		return err
	}
	if v.Next, err = b.NextDraw(); err != nil {
		return err
	}
	if v.Drawable, v.Take, err = b.Drawable(); err != nil {
		return err
	}
	var ids []int64
	for _, d := range v.Draws {
		ids = append(ids, d.ByID)
	}
	if v.Names, err = namesIn(b, v.Pending, ids...); err != nil {
		return err
	}
	if v.Units, err = b.UnitsByID(); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "rechecks", "recheck.title", views.RechecksPage(v))
}

// namesIn are the names of all who did something in these re-checks, and of some
// others.
func namesIn(b *models.Board, rows []models.RecheckRow, others ...int64) (map[int64]models.User, error) {
	for _, r := range rows {
		others = append(others, r.ByID, r.ClosedBy)
	}
	return b.NamesOf(others)
}

// recheckedBy are an item's re-checks, and who did them.
func recheckedBy(b *models.Board, item models.Item) ([]models.RecheckRow, map[int64]models.User, error) {
	rows, err := b.RechecksOf(item)
	if err != nil || len(rows) == 0 {
		return nil, nil, err
	}
	names, err := namesIn(b, rows)
	return rows, names, err
}

func (s *Server) drawRechecks(c echo.Context, b *models.Board) error {
	draw, err := b.Draw()
	if err != nil {
		return err
	}
	s.session.say(c, "recheck.draw.done")
	return goTo(c, views.DrawLink(draw.ID))
}

func drawOf(c echo.Context, b *models.Board) (models.RecheckDraw, error) {
	id, err := param(c, "draw")
	if err != nil {
		return models.RecheckDraw{}, err
	}
	return b.DrawByID(id)
}

func (s *Server) showDraw(c echo.Context, b *models.Board) error {
	draw, err := drawOf(c, b)
	if err != nil {
		return err
	}
	v := views.DrawView{Draw: draw}
	rows := b.Rechecks
	if draw.ImportID != 0 {
		rows = b.StatedSamples
	}
	if v.Rows, err = rows(draw.ID); err != nil {
		return err
	}
	if v.Names, err = namesIn(b, v.Rows, draw.ByID); err != nil {
		return err
	}
	if v.Units, err = b.UnitsByID(); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "rechecks", "recheck.title", views.DrawPage(v))
}

// sendNumbers are the numbers a draw was drawn from, one a line, for whoever
// repeats it.
func (s *Server) sendNumbers(c echo.Context, b *models.Board) error {
	draw, err := drawOf(c, b)
	if err != nil {
		return err
	}
	if err := b.NoteTaken("numbers.txt of draw " + c.Param("draw")); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="numbers.txt"`)
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(strings.TrimSpace(draw.Numbers)+"\n"))
}

func (s *Server) recheck(c echo.Context, b *models.Board, item models.Item) error {
	id, err := param(c, "recheck")
	if err != nil {
		return err
	}
	typed := views.Typed{Of: models.RecheckHolds, Text: c.FormValue("words"), Reason: c.FormValue("outcome"), Day: c.FormValue("until")}
	ask := models.RecheckAsk{Outcome: models.Outcome(typed.Reason), Words: typed.Text, Until: models.Day(typed.Day)}
	_, err = b.Recheck(item, id, ask)
	return s.done(c, b, item, err, typed, "recheck.saved")
}
