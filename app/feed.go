package app

import (
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// makeFeed gives the reader a calendar's address, which the next page shows once.
func (s *Server) makeFeed(c echo.Context, b *models.Board) error {
	word, err := b.MakeFeed()
	if err != nil {
		return err
	}
	s.session.Put(c.Request().Context(), "feed", word)
	s.session.say(c, "feed.made")
	return goTo(c, views.MeLink+"#feed")
}

func (s *Server) endFeed(c echo.Context, b *models.Board) error {
	if err := b.EndFeed(); err != nil {
		return err
	}
	s.session.say(c, "feed.ended")
	return goTo(c, views.MeLink+"#feed")
}

// sendFeed answers a calendar program: it has no session, and the word in the address
// says whose calendar it is. What that person may see now is in it.
func (s *Server) sendFeed(c echo.Context, _ *models.Board) error {
	ctx := c.Request().Context()
	u, err := s.store.FeedReader(ctx, c.Param("word"))
	if err != nil {
		return err
	}
	b := s.store.Board(ctx, u)
	events, err := b.FeedEvents()
	if err != nil {
		return err
	}
	return s.sendCalendar(c, b, "duban.ics", events)
}

// sendItemFeed is one item's entry, for a calendar that subscribes to nothing.
func (s *Server) sendItemFeed(c echo.Context, b *models.Board, item models.Item) error {
	return s.sendCalendar(c, b, item.Number+".ics", models.FeedOf(item))
}

func (s *Server) sendCalendar(c echo.Context, b *models.Board, name string, events []models.FeedEvent) error {
	ctx := c.Request().Context()
	if l := text.Language(b.Me().Language); text.Known(l) {
		ctx = text.In(ctx, l)
	}
	units, err := b.UnitsByID()
	if err != nil {
		return err
	}
	v := views.FeedView{Events: events, Units: units, BaseURL: s.options.BaseURL, Now: b.Now()}
	c.Response().Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", []byte(views.FeedText(ctx, v)))
}
