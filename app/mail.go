package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// Postbox is the way out for mail, as its page needs it.
type Postbox interface {
	// MailServer names the server; "" when there is none.
	MailServer() string
	// MailFacts are the settings in force, without secrets.
	MailFacts() []models.MailFact
	// TryMail sends a trial mail at once and writes down the conversation.
	TryMail(ctx context.Context, to string, language text.Language) (models.MailDialogue, error)
}

func (s *Server) showMail(c echo.Context, b *models.Board) error {
	return s.showMailPage(c, b, http.StatusOK, views.MailPageView{To: b.Me().Email})
}

// showMailPage shows how mail leaves, with what a trial came to.
func (s *Server) showMailPage(c echo.Context, b *models.Board, status int, v views.MailPageView) (err error) {
	ctx := c.Request().Context()
	v.When = func(t time.Time) string { return text.Moment(ctx, t.In(b.Now().Location()), string(b.Today())) }
	if s.options.Mail != nil && s.options.Mail.MailServer() != "" {
		v.Facts = s.options.Mail.MailFacts()
		if v.Server, err = b.MailServer(s.options.Mail.MailServer()); err != nil {
			return err
		}
	}
	if v.Counts, v.Oldest, err = b.MailCounts(); err != nil {
		return err
	}
	if v.Failures, err = b.MailFailures(); err != nil {
		return err
	}
	if v.Marked, err = b.MailMarked(); err != nil {
		return err
	}
	return s.show(c, b, status, "jobs", "mailpage.title", views.MailPage(v))
}

// tryMail sends a trial mail and shows the conversation with the server.
func (s *Server) tryMail(c echo.Context, b *models.Board) error {
	v := views.MailPageView{To: strings.TrimSpace(c.FormValue("address"))}
	err := b.AskForMailTrial(v.To)
	if err == nil {
		var heard models.MailDialogue
		if s.options.Mail == nil {
			return models.Refused{Key: "mail.trial.no_server"}
		}
		if heard, err = s.options.Mail.TryMail(c.Request().Context(), v.To, text.Of(c.Request().Context())); err == nil {
			v.Trial = &heard
			return s.showMailPage(c, b, http.StatusOK, v)
		}
	}
	if errors.As(err, &v.Problems) {
		return s.showMailPage(c, b, http.StatusUnprocessableEntity, v)
	}
	return err
}

// resendMails sends again all that failed for one cause.
func (s *Server) resendMails(c echo.Context, b *models.Board) error {
	again, stale, err := b.ResendMails(models.MailCause(c.FormValue("cause")))
	if err != nil {
		return err
	}
	s.session.say(c, "mailpage.resent", strconv.Itoa(again), strconv.Itoa(stale))
	return goTo(c, views.MailPagePath)
}

// liftMailMarks takes the mark from all addresses.
func (s *Server) liftMailMarks(c echo.Context, b *models.Board) error {
	lifted, err := b.LiftMailMarks()
	if err != nil {
		return err
	}
	s.session.say(c, "mailpage.lifted", strconv.FormatInt(lifted, 10))
	return goTo(c, views.MailPagePath)
}

// ready says whether the program can do its work, and to who asks on its own machine
// also how mail goes. Mail that does not leave takes nobody's page away: it is a
// detail, and no reason to send readers elsewhere.
func (s *Server) ready(c echo.Context) error {
	ctx, done := context.WithTimeout(c.Request().Context(), 2*time.Second)
	defer done()
	if err := s.store.Ping(ctx); err != nil {
		return s.health(c)
	}
	words := "ok\n"
	if besideUs(c.Request()) {
		words += "database: ok\n" + s.mailDetail(ctx)
	}
	return c.String(http.StatusOK, words)
}

// besideUs says whether a request comes from the program's own machine, and not through
// a proxy that runs there.
func besideUs(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == "" && r.Header.Get("Via") == ""
}

// mailDetail is how mail goes, in one line.
func (s *Server) mailDetail(ctx context.Context) string {
	if s.options.Mail == nil || s.options.Mail.MailServer() == "" {
		return "mail: no server\n"
	}
	held, ok, err := s.store.Board(ctx, models.TheClerk).MailOutage()
	switch {
	case err != nil:
		return "mail: unknown\n"
	case !ok:
		return "mail: ok\n"
	}
	in := text.In(ctx, text.English)
	return fmt.Sprintf("mail: held since %s; %s; %s; %s; %s\n", held.HeldAt.In(s.store.Zone).Format(time.RFC3339), held.Name,
		views.MailCauseWords(in, held.Cause), held.Words, views.MailRemedy(in, held.Cause))
}
