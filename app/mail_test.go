package app

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

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

// busyServer is a mail server that asks everybody to come again, until it is told not to.
type busyServer struct {
	busy atomic.Bool
	at   int // its port
}

func openBusy(t *testing.T) *busyServer {
	t.Helper()
	b := &busyServer{}
	b.busy.Store(true)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.at = l.Addr().(*net.TCPAddr).Port
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return busySession{b}, nil }))
	server.AllowInsecureAuth = true
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return b
}

type busySession struct{ of *busyServer }

func (busySession) Mail(string, *smtp.MailOptions) error { return nil }
func (s busySession) Rcpt(string, *smtp.RcptOptions) error {
	if s.of.busy.Load() {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "come again"}
	}
	return nil
}
func (busySession) Data(r io.Reader) error   { _, err := io.Copy(io.Discard, r); return err }
func (busySession) Reset()                   {}
func (busySession) Logout() error            { return nil }
func (busySession) AuthMechanisms() []string { return []string{sasl.Plain} }
func (busySession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, _ string) error { return nil }), nil
}

// A mail that has not left for an hour of a working day stands in the log, once, and in
// what /readyz says, with the server's own words and what to do; until one leaves.
func TestAnHourWithoutAMailStandsInTheLogAndInReadyz(t *testing.T) {
	inTurn(t, func(t *testing.T, s *site) {
		said := &spoken{}
		was := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(said, nil)))
		defer slog.SetDefault(was)
		server := openBusy(t)
		runner := s.withMail(t, server.at)
		clerk := s.As(models.TheClerk)
		s.Supervisor.Email = "supervisor@example.gov.cn"
		reader, err := s.As(s.Admin).SaveUser(s.Supervisor, "")
		if err != nil {
			t.Fatal(err)
		}
		report := models.DigestReport{User: reader, Edition: models.EditionSupervisor, Week: models.DigestWeek(clerk.Today()), Day: clerk.Today()}
		if ok, err := clerk.KeepDigest(report, models.Digest{Subject: "周报", Text: "正文", HTML: "<p>正文</p>"}, false); err != nil || !ok {
			t.Fatal(ok, err)
		}
		base, client, _ := s.served(t, s.Office)
		deliver := func(minute string) (ready string) {
			t.Helper()
			s.At(minute)
			if _, _, err := runner.Now("deliver"); err != nil {
				t.Fatal(err)
			}
			answer, err := client.Get(base + readyPath)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err != nil || answer.StatusCode != http.StatusOK {
				t.Fatal(answer.Status, err)
			}
			return string(body)
		}
		const line = "mail has not left for an hour"
		day := string(clerk.Today())
		if ready := deliver(day + " 09:00"); !strings.Contains(ready, "mail: ok") || strings.Contains(said.String(), line) {
			t.Errorf("at once: %q\n%s", ready, said)
		}
		for _, minute := range []string{" 10:01", " 10:30", " 11:00"} {
			ready := deliver(day + minute)
			for _, want := range []string{"mail: held since " + day + "T10:01", "127.0.0.1", "come again", "keeper"} {
				if !strings.Contains(ready, want) {
					t.Errorf("%s: %q does not say %q", minute, ready, want)
				}
			}
		}
		log := said.String()
		if strings.Count(log, line) != 1 {
			t.Errorf("said %d times:\n%s", strings.Count(log, line), log)
		}
		_, told, _ := strings.Cut(log, line)
		told, _, _ = strings.Cut(told, "\n")
		for _, want := range []string{"127.0.0.1", "come again", "remedy="} {
			if !strings.Contains(told, want) {
				t.Errorf("the log does not say %q: %s", want, told)
			}
		}
		server.busy.Store(false)
		for _, minute := range []string{" 11:30", " 12:30", " 14:00"} { // it is tried after a while
			if ready := deliver(day + minute); strings.Contains(ready, "mail: ok") {
				return
			}
		}
		t.Errorf("it left, and is told of still:\n%s", said)
	})
}
