package app

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// webhooksLogged is how many of the newest messages the page lists.
const webhooksLogged = 100

func (s *Server) showWebhooks(c echo.Context, b *models.Board) error {
	return s.showWebhooksPage(c, b, http.StatusOK, views.WebhookForm{})
}

func (s *Server) showWebhook(c echo.Context, b *models.Board) error {
	w, err := webhookOf(c, b)
	if err != nil {
		return err
	}
	return s.showWebhooksPage(c, b, http.StatusOK, views.WebhookForm{Hook: w})
}

func webhookOf(c echo.Context, b *models.Board) (models.Webhook, error) {
	id, err := param(c, "webhook")
	if err != nil {
		return models.Webhook{}, err
	}
	return b.Webhook(id)
}

func (s *Server) showWebhooksPage(c echo.Context, b *models.Board, status int, edit views.WebhookForm) error {
	ctx := c.Request().Context()
	v := views.WebhooksView{Edit: edit, When: func(m models.MailRow) string {
		at := m.CreatedAt
		if m.SentAt != nil {
			at = *m.SentAt
		} else if m.State == models.MailWaiting {
			at = m.NextAt
		}
		return text.Moment(ctx, at.In(b.Now().Location()), string(b.Today()))
	}}
	var err error
	if v.Hooks, err = b.Webhooks(); err != nil {
		return err
	}
	if v.Log, err = b.WebhookLog(webhooksLogged); err != nil {
		return err
	}
	if v.Units, err = b.Units(); err != nil {
		return err
	}
	return s.show(c, b, status, "jobs", "webhooks.title", views.WebhooksPage(v))
}

func (s *Server) saveWebhook(c echo.Context, b *models.Board) error {
	var w models.Webhook
	if c.Param("webhook") != "" {
		var err error
		if w, err = webhookOf(c, b); err != nil {
			return err
		}
	}
	w.Name, w.Maker = c.FormValue("name"), models.WebhookMaker(c.FormValue("maker"))
	w.Address, w.Secret = c.FormValue("address"), c.FormValue("secret")
	w.Stopped, w.UnitID = c.FormValue("stopped") != "", chosenRow(c, "unit")
	if w.Language = c.FormValue("language"); !text.Known(text.Language(w.Language)) {
		w.Language = string(text.Chinese)
	}
	_, err := b.SaveWebhook(w, s.options.Webhooks)
	if problems := (models.Problems)(nil); errors.As(err, &problems) {
		return s.showWebhooksPage(c, b, http.StatusUnprocessableEntity, views.WebhookForm{Hook: w, Problems: problems})
	}
	if err != nil {
		return err
	}
	s.session.say(c, "webhook.saved")
	return goTo(c, views.WebhooksLink)
}

// tryWebhook sends a group a message that says nothing but that it arrives. What
// became of it is in the log.
func (s *Server) tryWebhook(c echo.Context, b *models.Board) error {
	w, err := webhookOf(c, b)
	if err != nil {
		return err
	}
	ctx := text.In(c.Request().Context(), text.Language(cmp.Or(w.Language, string(text.Chinese))))
	m := views.WebhookText(ctx, models.WebhookReport{Webhook: w, Test: true, Today: b.Today(), Rules: b.Rules()}, s.options.BaseURL)
	words, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := b.TryWebhook(w.ID, m.Title, string(words)); err != nil {
		return err
	}
	if s.options.Timetable != nil {
		if err := s.options.Timetable.Ask("webhook"); err != nil {
			return err
		}
	}
	s.session.say(c, "webhook.tried")
	return goTo(c, views.WebhooksLink)
}
