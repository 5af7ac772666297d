package app

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// Timetable is what runs at set hours, as its page needs it.
type Timetable interface {
	Plan() []models.JobPlan
	Ask(job string) error
	SendsMail() bool
}

// runsShown and mailsShown are how far back the page goes.
const (
	runsShown  = 50
	mailsShown = 100
)

func (s *Server) showJobs(c echo.Context, b *models.Board) error {
	ctx := c.Request().Context()
	v := views.JobsView{When: func(t time.Time) string { return text.Moment(ctx, t.In(b.Now().Location()), string(b.Today())) }}
	var err error
	if v.Runs, err = b.Runs(runsShown); err != nil {
		return err
	}
	if s.options.Timetable != nil {
		v.Plan, v.SendsMail = s.options.Timetable.Plan(), s.options.Timetable.SendsMail()
	}
	if v.Counts, v.Oldest, err = b.MailCounts(); err != nil {
		return err
	}
	if v.Mails, err = b.Mails(mailsShown, models.MailWaiting, models.MailSending, models.MailFailed, models.MailDropped); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "jobs", "jobs.title", views.JobsPage(v))
}

// runJob does a job at once; its run is then in the list.
func (s *Server) runJob(c echo.Context, b *models.Board) error {
	if !b.MayGovern(models.GovernJobs) {
		return models.ErrForbidden
	}
	if s.options.Timetable == nil {
		return models.ErrNotFound
	}
	name := c.Param("job")
	if !slices.ContainsFunc(s.options.Timetable.Plan(), func(p models.JobPlan) bool { return p.Job == name }) {
		return models.ErrNotFound
	}
	if err := b.AskForRun(name); err != nil {
		return err
	}
	if err := s.options.Timetable.Ask(name); err != nil {
		return err
	}
	s.session.say(c, "jobs.ran")
	return goTo(c, views.JobsLink)
}

func (s *Server) resendMail(c echo.Context, b *models.Board) error {
	id, err := param(c, "mail")
	if err != nil {
		return err
	}
	if err := b.ResendMail(id); err != nil {
		return err
	}
	s.session.say(c, "mail.resent")
	return goTo(c, views.JobsLink)
}
