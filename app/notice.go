package app

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// noticesShown is how many notices the page goes back.
const noticesShown = 200

func (s *Server) showNotices(c echo.Context, b *models.Board) error {
	rows, err := b.Notices(noticesShown)
	if err != nil {
		return err
	}
	when := func(n models.NoticeRow) string {
		return text.Moment(c.Request().Context(), n.At.In(b.Now().Location()), string(b.Today()))
	}
	return s.show(c, b, http.StatusOK, "notices", "notices.title", views.NoticesPage(views.NoticesView{Rows: rows, When: when}))
}

func (s *Server) readNotices(c echo.Context, b *models.Board) error {
	upTo, err := strconv.ParseInt(c.FormValue("up_to"), 10, 64)
	if err != nil {
		return models.ErrNotFound
	}
	if err := b.ReadNotices(upTo); err != nil {
		return err
	}
	return goTo(c, views.NoticesLink)
}
