package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
	"duban/views"
)

// withMail has a site send its mail to that port.
func (s *site) withMail(t *testing.T, port int) *jobs.Runner {
	t.Helper()
	m := jobs.Mailer{Host: "127.0.0.1", Port: port, TLS: jobs.TLSOff, From: "duban@example.gov.cn", User: "duban", Password: "geheim-geheim", ClearAuth: true, BaseURL: "https://duban.example.gov.cn"}
	runner, err := jobs.NewRunner(s.store, m, jobs.All)
	if err != nil {
		t.Fatal(err)
	}
	s.server.options.Mail, s.server.options.Timetable = runner, runner
	return runner
}

// nobodysPort is one that takes no connection.
func nobodysPort(t *testing.T) int {
	t.Helper()
	port, err := modelstest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// A trial says in words which setting to change, and shows no password; from then on the
// administrators read it on every page, and nobody else; /readyz says it to who asks on
// the machine itself.
func TestATrialThatFailsIsToldToWhoCanHelp(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		port := nobodysPort(t)
		s.withMail(t, port)
		office := s.as(s.Office)
		page := office.get(views.MailPagePath)
		if page.status != http.StatusOK || strings.Contains(page.body, "geheim") {
			t.Errorf("%d, or the password is shown", page.status)
		}
		page = office.post(views.MailTrialsLink, "address", "nobody")
		if page.status != http.StatusUnprocessableEntity || !strings.Contains(page.body, `value="nobody"`) {
			t.Errorf("a wrong address: %d\n%s", page.status, page.body)
		}
		page = office.post(views.MailTrialsLink, "address", "x@example.gov.cn")
		for _, want := range []string{fmt.Sprintf("127.0.0.1:%d", port), "DUBAN_SMTP_PORT", "DUBAN_SMTP_HOST", "connection refused"} {
			if !strings.Contains(page.body, want) {
				t.Errorf("the trial does not say %s:\n%s", want, page.body)
			}
		}
		runner := s.server.options.Mail.(*jobs.Runner)
		runner.CheckMail() // as at the start: who has just set it up hears at once
		stop := runner.Start()
		stop(t.Context())
		banner := "邮件发不出"
		if !strings.Contains(office.get("/board").body, banner) {
			t.Error("the office reads nothing of it")
		}
		if strings.Contains(s.as(s.Supervisor).get("/board").body, banner) {
			t.Error("a supervisor reads of it")
		}
		near := s.visitor().get(readyPath)
		if near.status != http.StatusOK {
			t.Errorf("%s says %d", readyPath, near.status)
		}
	})
}

// What failed for one cause is sent again with one button, and all marks are lifted with
// another.
func TestOneButtonSendsAllAgain(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		office := s.as(s.Office)
		if page := office.post(views.ResendMailsLink, "cause", string(models.CauseAddress)); page.status != http.StatusConflict {
			t.Errorf("though none failed: %d", page.status)
		}
		if page := office.post(views.LiftMailMarksLink); page.status != http.StatusSeeOther {
			t.Errorf("lifting: %d", page.status)
		}
		if page := s.as(s.Wu).post(views.LiftMailMarksLink); page.status != http.StatusForbidden {
			t.Errorf("a unit lifts marks: %d", page.status)
		}
	})
}

// The page while mail is held, as everybody may read it.
func TestTheMailPageCanBeReadByEverybody(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	s.withMail(t, nobodysPort(t))
	b := newTab(t, s, s.serving(t), s.Office.Name)
	b.withAxe()
	for _, language := range []string{"zh", "en"} {
		for _, theme := range []string{"light", "dark"} {
			for _, width := range []int64{1440, 1366, 390, 320} {
				b.cookie(languageCookie, language)
				b.cookie(themeCookie, theme)
				b.size(width, 900)
				b.open(views.MailPagePath)
				ask[bool](b, `(document.body.dataset.old = "1", document.querySelector("input[name=address]").value = "x@example.gov.cn", document.querySelector("form[action='`+views.MailTrialsLink+`']").submit(), true)`)
				b.until(`!document.body.dataset.old && document.readyState === "complete"`)
				b.axe(everyRule)
				b.fits(width)
				b.picture(fmt.Sprintf("mail-trial-%d-%s-%s", width, theme, language))
			}
		}
	}
}
