package app

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/models/day"
	"duban/views"
	"duban/views/text"
)

// digestsShown is how many weeks the archive's page goes back.
const digestsShown = 104

func (s *Server) showDigests(c echo.Context, b *models.Board) error {
	v := views.DigestsView{MayDeliver: b.MayGovern(models.GovernMail)}
	var err error
	if v.Own, err = b.Digests(digestsShown); err != nil {
		return err
	}
	if v.MayPreview = views.MayPreview(b.Me()); v.MayPreview {
		if v.People, err = b.DigestReaders(); err != nil {
			return err
		}
		if v.Weeks, err = b.DigestWeeks(digestsShown); err != nil {
			return err
		}
	}
	if len(v.Own) == 0 {
		made, err := b.DigestMade()
		if err != nil {
			return err
		}
		if v.Next = b.Today(); made || !models.DigestDue(v.Next, b.Calendar()) {
			if made {
				v.Next = v.Next.Plus(1)
			}
			v.Next = models.NextDigest(v.Next, b.Calendar())
		}
	}
	return s.show(c, b, http.StatusOK, "digests", "digests.title", views.DigestsPage(v))
}

func (s *Server) showDigest(c echo.Context, b *models.Board) error {
	d, err := b.Digest(c.Param("week"))
	if err != nil {
		return err
	}
	v := views.DigestView{Title: d.Subject, Week: d.Week, Mail: views.DigestMailLink(d.Week), Text: d.Text}
	return s.show(c, b, http.StatusOK, "digests", d.Subject, views.DigestPage(v))
}

func (s *Server) showDigestMail(c echo.Context, b *models.Board) error {
	d, err := b.Digest(c.Param("week"))
	if err != nil {
		return err
	}
	return mailDocument(c, d.HTML)
}

// mailDocument sends a mail as it is, for a frame of our own page. It has its styles
// in place, so they are allowed here; it may run and load nothing, and its links
// open in the whole window.
func mailDocument(c echo.Context, html string) error {
	h := c.Response().Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "+
		"frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	return c.HTML(http.StatusOK, strings.Replace(html, "<head>", `<head><base target="_top">`, 1))
}

func (s *Server) showDeliveries(c echo.Context, b *models.Board) error {
	week := c.Param("week")
	if _, ok := day.WeekEnd(week); !ok {
		return models.ErrNotFound
	}
	ctx := c.Request().Context()
	v := views.DeliveriesView{Week: week, When: func(t time.Time) string { return text.Moment(ctx, t.In(b.Now().Location()), string(b.Today())) }}
	var err error
	if v.Rows, err = b.Deliveries(week); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "digests", "deliveries.title", views.DeliveriesPage(v))
}

func (s *Server) resendDigest(c echo.Context, b *models.Board) error {
	id, err := param(c, "digest")
	if err != nil {
		return err
	}
	if err := b.ResendDigest(id); err != nil {
		return err
	}
	s.session.say(c, "digest.resent")
	return goTo(c, views.DeliveriesLink(c.Param("week")))
}

// preview is the digest that a person would get now.
func (s *Server) preview(c echo.Context, b *models.Board) (v views.MailView, who models.User, err error) {
	who = b.Me()
	if name := c.QueryParam("as"); name != "" && name != who.Name {
		if !views.MayPreview(b.Me()) {
			return v, who, models.ErrNotFound
		}
		if who, err = b.Named(name); err != nil {
			return v, who, err
		}
	}
	return s.previewOf(c, b, who)
}

func (s *Server) previewOf(c echo.Context, b *models.Board, who models.User) (v views.MailView, _ models.User, err error) {
	found := false
	err = b.DigestReports([]models.User{who}, func(r models.DigestReport) error {
		found = true
		to := views.MailReader{BaseURL: s.options.BaseURL}
		if s.options.MailReader != nil {
			to = s.options.MailReader(who)
		}
		v = views.DigestMail(c.Request().Context(), r, to)
		return nil
	})
	if err == nil && !found {
		err = models.ErrNotFound
	}
	return v, who, err
}

func (s *Server) previewDigest(c echo.Context, b *models.Board) error {
	v, who, err := s.preview(c, b)
	if err != nil {
		return err
	}
	page := views.DigestView{Title: v.Subject, Mail: views.PreviewMailLink(who.Name), Text: v.Text(c.Request().Context()), Preview: who.FullName, Own: who.ID == b.Me().ID && who.Email != ""}
	return s.show(c, b, http.StatusOK, "digests", v.Subject, views.DigestPage(page))
}

// mailPreview sends the reader their own digest as it would be now.
func (s *Server) mailPreview(c echo.Context, b *models.Board) error {
	ctx := c.Request().Context()
	v, _, err := s.previewOf(c, b, b.Me())
	if err != nil {
		return err
	}
	html, err := views.MailDocument(ctx, v)
	if err != nil {
		return err
	}
	if err := b.TryDigest(models.Digest{Subject: v.Subject, Text: v.Text(ctx), HTML: html}, v.Titled); err != nil {
		return err
	}
	s.session.say(c, "digest.tried")
	return goTo(c, views.PreviewPath)
}

func (s *Server) previewDigestMail(c echo.Context, b *models.Board) error {
	v, _, err := s.preview(c, b)
	if err != nil {
		return err
	}
	html, err := views.MailDocument(c.Request().Context(), v)
	if err != nil {
		return err
	}
	return mailDocument(c, html)
}
