package app

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// noticesShown is how many notices the page goes back.
const noticesShown = 200

func (s *Server) showNotices(c echo.Context, b *models.Board) error {
	v := views.NoticesView{Zone: b.Now().Location(), Kinds: models.OptionalNotices(), Digest: models.EditionOf(b.Me()) != ""}
	var err error
	if v.Rows, err = b.Notices(noticesShown + 1); err != nil {
		return err
	}
	if v.More = len(v.Rows) > noticesShown; v.More {
		v.Rows = v.Rows[:noticesShown]
	}
	if v.Muted, err = b.Muted(); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "notices", "notices.title", views.NoticesPage(v))
}

func (s *Server) readNotices(c echo.Context, b *models.Board) error {
	if err := b.ReadNotices(referred(c, "up_to")); err != nil {
		return err
	}
	return goTo(c, views.NoticesLink)
}

// chooseNotices mutes the kinds that are not ticked. The form can only leave out what
// may be muted, so whatever else is asked for mutes nothing.
func (s *Server) chooseNotices(c echo.Context, b *models.Board) error {
	kinds := models.OptionalNotices()
	if models.EditionOf(b.Me()) != "" {
		kinds = append(kinds, models.DigestMail)
	}
	wanted := c.Request().PostForm["want"]
	muted := slices.DeleteFunc(kinds, func(kind models.Act) bool { return slices.Contains(wanted, string(kind)) })
	if err := b.MuteNotices(muted); err != nil {
		return err
	}
	s.session.say(c, "notices.chosen")
	return goTo(c, views.NoticesLink)
}
