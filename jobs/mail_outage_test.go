package jobs_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
	"duban/views/text"
)

// refusal is an answer of the office's server.
func refusal(code int, enhanced smtp.EnhancedCode, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: words}
}

func (o *office) answers(rcpt func(to string, n int) error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rcpt = rcpt
}

// What everybody is told is about us, whatever it says of each; the outbox is held, and
// after the repair all of it arrives once and nobody is marked.
func TestTheSameAnswerForEverybodyHoldsTheOutbox(t *testing.T) {
	for name, answer := range map[string]error{
		"a sender refused at RCPT":    refusal(553, smtp.EnhancedCode{5, 7, 1}, "Sender address rejected: not owned by user"),
		"access denied":               refusal(554, smtp.EnhancedCode{5, 7, 1}, "Access denied"),
		"relay not permitted":         refusal(550, smtp.NoEnhancedCode, "relay not permitted"),
		"no such user, of everybody":  refusal(550, smtp.EnhancedCode{5, 1, 1}, "User unknown"),
		"a refusal without words":     refusal(550, smtp.NoEnhancedCode, "Administrative prohibition"),
		"a name that is refused":      refusal(504, smtp.EnhancedCode{5, 5, 2}, "Helo command rejected"),
		"mailbox disabled, everybody": refusal(550, smtp.EnhancedCode{5, 2, 1}, "mailbox disabled"),
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
				o := openOffice(t)
				o.answers(func(string, int) error { return answer })
				posted(t, r, 40)
				p, err := jobs.NewRunner(r.Store, o.mailer(), jobs.All)
				if err != nil {
					t.Fatal(err)
				}
				for day := range 8 { // longer than any mail is tried for its own sake
					p.Wake()
					later(r, 11)
					p.Wake()
					if day < 7 {
						later(r, 24*60-11)
					}
				}
				s := states(t, r)
				if s[models.MailFailed] != 0 || len(marks(t, r)) != 0 {
					t.Errorf("held for days: %v, marked %v", s, marks(t, r))
				}
				if known, err := clerk(r).MailServer(o.mailer().Server()); err != nil || !known.Told() {
					t.Errorf("told %+v, %v", known, err)
				}
			})
		})
	}
}

func TestAfterTheRepairAllArriveOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		o.answers(func(string, int) error { return refusal(550, smtp.NoEnhancedCode, "relay not permitted") })
		posted(t, r, 40)
		p, err := jobs.NewRunner(r.Store, o.mailer(), jobs.All)
		if err != nil {
			t.Fatal(err)
		}
		p.Wake()
		p.Wake()
		if _, ok, err := r.As(r.Admin).MailOutage(); err != nil || !ok {
			t.Errorf("no banner: %v", err)
		}
		if _, ok, err := r.As(r.Supervisor).MailOutage(); err != nil || ok {
			t.Errorf("a supervisor has a banner: %v", err)
		}
		o.answers(nil)
		for range 4 {
			later(r, 12)
			p.Wake()
		}
		for to, n := range o.count() {
			if n != 1 {
				t.Errorf("%s has %d", to, n)
			}
		}
		if s := states(t, r); s[models.MailSent] != 40 {
			t.Errorf("%v", s)
		}
		if _, ok, err := r.As(r.Admin).MailOutage(); err != nil || ok {
			t.Errorf("the banner stays: %v", err)
		}
	})
}

// One person's refusal that is about us holds nobody else's mail: an address outside for
// which the server does not relay.
func TestOneAddressOutsideHoldsNobody(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		o.answers(func(to string, _ int) error {
			if to == "s0@example.gov.cn" {
				return refusal(554, smtp.EnhancedCode{5, 7, 1}, "Relay access denied")
			}
			return nil
		})
		posted(t, r, 5)
		for range 3 {
			deliver(t, r, o.mailer())
			later(r, 12)
		}
		if s := states(t, r); s[models.MailSent] != 4 || s[models.MailWaiting] != 1 || len(marks(t, r)) != 0 {
			t.Errorf("%v, marked %v", s, marks(t, r))
		}
		if _, ok, err := r.As(r.Admin).MailOutage(); err != nil || ok {
			t.Errorf("a banner for one address: %v", err)
		}
	})
}

// A mail that has waited an hour of a working day is told of, whatever the server says
// each time; on a day off it is not.
func TestAnHourWithoutAMailIsTold(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		o.answers(func(string, int) error { return refusal(451, smtp.EnhancedCode{4, 7, 1}, "come again") })
		posted(t, r, 2)
		deliver(t, r, o.mailer())
		if _, ok, _ := r.As(r.Admin).MailOutage(); ok {
			t.Error("told at once")
		}
		later(r, 61)
		deliver(t, r, o.mailer())
		s, ok, err := r.As(r.Admin).MailOutage()
		if err != nil || !ok || !strings.Contains(s.Words, "come again") {
			t.Errorf("after an hour: %+v %v", s, err)
		}
		o.answers(nil)
		later(r, 10)
		deliver(t, r, o.mailer())
		if _, ok, _ := r.As(r.Admin).MailOutage(); ok || states(t, r)[models.MailSent] != 2 {
			t.Errorf("it stays, or they did not arrive: %v", states(t, r))
		}
	})
}

// A trial shows each step and no secret, says what to change, and is known to the outbox.
func TestATrialShowsTheConversation(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		m := o.mailer()
		m.User, m.Password, m.ClearAuth = "duban", "geheim-geheim", true
		p, err := jobs.NewRunner(r.Store, m, jobs.All)
		if err != nil {
			t.Fatal(err)
		}
		heard, err := p.TryMail(context.Background(), "x@example.gov.cn", text.Chinese)
		if err != nil || heard.Cause != models.CauseNoAuth {
			t.Errorf("%+v %v", heard, err)
		}
		if _, ok, _ := r.As(r.Admin).MailOutage(); !ok {
			t.Error("the outbox does not know")
		}
		m.User, m.Password = "", ""
		if p, err = jobs.NewRunner(r.Store, m, jobs.All); err != nil {
			t.Fatal(err)
		}
		heard, err = p.TryMail(context.Background(), "x@example.gov.cn", text.Chinese)
		var all strings.Builder
		for _, step := range heard.Steps {
			all.WriteString(step.Note + " " + step.Words + "\n")
		}
		for _, want := range []string{"mail.step.connect", "EHLO duban.example.gov.cn", "MAIL FROM:<duban@example.gov.cn>", "RCPT TO:<x@example.gov.cn>", "DATA", "250 2.0.0"} {
			if !strings.Contains(all.String(), want) {
				t.Errorf("%s is missing:\n%s", want, all.String())
			}
		}
		if err != nil || heard.Cause != "" || o.count()["x@example.gov.cn"] != 1 || strings.Contains(all.String(), "geheim") {
			t.Errorf("%+v %v", heard, err)
		}
		if _, ok, _ := r.As(r.Admin).MailOutage(); ok {
			t.Error("a mail has left, and the banner stays")
		}
	})
}

// Each setting that is mistyped is found by the first conversation, and has its own word.
func TestEachMistypedSettingHasItsWord(t *testing.T) {
	r := modelstest.Open(t, modelstest.URL(t, "sqlite"))
	o := openOffice(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	nobody, err := modelstest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	go func() {
		for {
			line, err := web.Accept()
			if err != nil {
				return
			}
			_, _ = line.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			_ = line.Close()
		}
	}()
	for name, tt := range map[string]struct {
		set   func(*jobs.Mailer)
		cause models.MailCause
	}{
		"host":       {func(m *jobs.Mailer) { m.Host = "mail.invalid" }, models.CauseHost},
		"port":       {func(m *jobs.Mailer) { m.Port = nobody }, models.CausePort},
		"a web port": {func(m *jobs.Mailer) { m.Port = web.Addr().(*net.TCPAddr).Port }, models.CauseProtocol},
		"a dumb port": {func(m *jobs.Mailer) {
			m.Port, m.Patience = silent.Addr().(*net.TCPAddr).Port, 200*time.Millisecond
		}, models.CauseSilence},
		"implicit":       {func(m *jobs.Mailer) { m.TLS = jobs.TLSImplicit }, models.CauseNotImplicit},
		"required":       {func(m *jobs.Mailer) { m.TLS = jobs.TLSRequired }, models.CauseNoTLS},
		"user":           {func(m *jobs.Mailer) { m.User, m.Password = "a", "b" }, models.CauseClearAuth},
		"from, unparsed": {func(m *jobs.Mailer) { m.From = "duban" }, models.CauseFrom},
	} {
		t.Run(name, func(t *testing.T) {
			m := o.mailer()
			tt.set(&m)
			p, err := jobs.NewRunner(r.Store, m, jobs.All)
			if err != nil {
				t.Fatal(err)
			}
			heard, err := p.TryMail(context.Background(), "x@example.gov.cn", text.English)
			if err != nil || heard.Cause != tt.cause {
				t.Errorf("%+v %v, want %s", heard, err, tt.cause)
			}
			if remedy := text.T(text.In(context.Background(), text.English), "mail.reason.remedy."+string(heard.Cause)); !strings.Contains(remedy, "DUBAN_") {
				t.Errorf("%s does not name what to write", remedy)
			}
		})
	}
}

// All that failed for one cause is sent again at once; a reminder of another day is not,
// and what it was to carry is carried by the next.
func TestAllOfOneCauseAreSentAgain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		refused := map[string]bool{"s0@example.gov.cn": true, "s1@example.gov.cn": true}
		o.answers(func(to string, _ int) error {
			if refused[to] {
				return refusal(550, smtp.EnhancedCode{5, 1, 1}, "no such user")
			}
			return nil
		})
		posted(t, r, 6)
		deliver(t, r, o.mailer())
		failures, err := r.As(r.Admin).MailFailures()
		if err != nil || len(failures) != 1 || failures[0].Cause != models.CauseAddress || failures[0].Mails != 2 {
			t.Fatalf("%+v %v", failures, err)
		}
		o.answers(nil)
		if again, stale, err := r.As(r.Admin).ResendMails(models.CauseAddress); err != nil || again != 2 || stale != 0 {
			t.Errorf("%d again, %d stale, %v", again, stale, err)
		}
		deliver(t, r, o.mailer())
		if got := o.count(); len(got) != 6 || states(t, r)[models.MailSent] != 6 {
			t.Errorf("%v %v", got, states(t, r))
		}
		if _, _, err := r.As(r.Admin).ResendMails(models.CauseAddress); err == nil {
			t.Error("sent again though none failed")
		}
		if _, _, err := r.As(r.Wu).ResendMails(models.CauseAddress); err == nil {
			t.Error("a unit sent mails again")
		}
	})
}

// A digest of a week that is over does not leave any more.
func TestNoMailIsSentThatIsOlderThanItsSense(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		posted(t, r, 2)
		r.At("2026-03-09 08:10") // the Monday after, before the next is made
		deliver(t, r, o.mailer())
		if s := states(t, r); len(o.got()) != 0 || s[models.MailDropped] != 2 {
			t.Errorf("%v, %d arrived", s, len(o.got()))
		}
	})
}

// A server that takes so many and then no more gets so many, and the rest when it takes
// them again; nothing of it counts against a mail.
func TestAServerThatTakesTenAtATime(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		took := 0
		o.answers(func(string, int) error {
			if took++; took > 10 {
				return refusal(450, smtp.EnhancedCode{4, 7, 1}, "Error: too much mail from 127.0.0.1")
			}
			return nil
		})
		posted(t, r, 35)
		p, err := jobs.NewRunner(r.Store, o.mailer(), jobs.All)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < 20 && states(t, r)[models.MailSent] < 35; n++ { // each server's pause is of its own length
			p.Wake()
			o.mu.Lock()
			took = 0
			o.mu.Unlock()
			later(r, 2)
		}
		if s := states(t, r); s[models.MailSent] != 35 || len(o.count()) != 35 {
			t.Errorf("%v", s)
		}
		known, err := clerk(r).MailServer(o.mailer().Server())
		if err != nil || known.PerMinute < 1 || known.PerMinute > 10 {
			t.Errorf("learned %+v %v", known, err)
		}
	})
}

// A server that ends each line after a few mails is spoken to on the next; no row says
// that a pipe is broken.
func TestA421InTheMiddle(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		n := 0
		o.answers(func(string, int) error {
			if n++; n%4 == 0 {
				return refusal(421, smtp.EnhancedCode{4, 7, 0}, "too many messages in this session")
			}
			return nil
		})
		posted(t, r, 30)
		for range 6 {
			deliver(t, r, o.mailer())
			later(r, 3)
		}
		if s := states(t, r); s[models.MailSent] != 30 || len(o.got()) != 30 {
			t.Errorf("%v, %d arrived", s, len(o.got()))
		}
	})
}
