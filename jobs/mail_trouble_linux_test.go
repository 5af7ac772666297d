package jobs_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
	"duban/views/text"
)

// policy is what Postfix asks about each recipient (its policy delegation protocol): an
// answer to the nth time that one is asked about. It returns where Postfix asks.
func policy(t *testing.T, answer func(recipient string, nth int) string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var mu sync.Mutex
	asked := map[string]int{}
	go func() {
		for {
			line, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer line.Close()
				recipient := ""
				for words := bufio.NewScanner(line); words.Scan(); {
					if to, ok := strings.CutPrefix(words.Text(), "recipient="); ok {
						recipient = to
					}
					if words.Text() != "" {
						continue
					}
					mu.Lock()
					said := answer(recipient, asked[recipient])
					asked[recipient]++
					mu.Unlock()
					_, _ = fmt.Fprintf(line, "action=%s\n\n", said)
				}
			}()
		}
	}()
	return "check_policy_service inet:" + l.Addr().String()
}

// A server that asks everybody to come again, that takes ten at a time, or that ends each
// line after a few mails: all arrive once, none fails, and nobody is marked.
func TestRealServersThatTakeTheirTime(t *testing.T) {
	const many = 24
	type server func(t *testing.T, o *office) *daemon
	asks := func(answer func(string, int) string, more ...string) server {
		return func(t *testing.T, o *office) *daemon {
			return postfix(t, o, append(more, "smtpd_recipient_restrictions = "+policy(t, answer))...)
		}
	}
	tests := map[string]server{
		"Postfix: greylisting": asks(func(_ string, nth int) string {
			if nth == 0 {
				return "defer Greylisted, see http://example.org"
			}
			return "dunno"
		}),
		"Postfix: ten at a time": func(t *testing.T, o *office) *daemon {
			return postfix(t, o, "smtpd_client_message_rate_limit = 10", "smtpd_client_event_limit_exceptions =", "anvil_rate_time_unit = 2s")
		},
		"Postfix: 421 in the middle": func() server {
			n := 0
			return asks(func(string, int) string {
				if n++; n%5 == 0 {
					return "421 4.7.0 too many messages in this session"
				}
				return "dunno"
			})
		}(),
		"Exim: greylisting": func(t *testing.T, o *office) *daemon {
			return exim(t, o, "", "  defer message = greylisted, please come again later\n        !seen = -1s / key=$local_part\n  accept\n")
		},
		"Exim: ten at a time": func(t *testing.T, o *office) *daemon {
			return exim(t, o, "", "  defer message = Sender rate overlimit - $sender_rate / $sender_rate_period\n        ratelimit = 10 / 2s / strict / per_rcpt\n  accept\n")
		},
		"Exim: 421 in the middle": func(t *testing.T, o *office) *daemon {
			return exim(t, o, "smtp_accept_max_per_connection = 4", "  accept\n")
		},
		"Exim: few lines": func(t *testing.T, o *office) *daemon {
			return exim(t, o, "smtp_accept_max = 2", "  accept\n")
		},
	}
	for name, start := range tests {
		t.Run(name, func(t *testing.T) {
			serversFolder(t)
			modelstest.InTurn(t, func(t *testing.T, r *modelstest.Register) {
				o := openOffice(t)
				d := start(t, o)
				posted(t, r, many)
				m := d.mailer()
				m.Span = 2 * time.Second
				p, err := jobs.NewRunner(r.Store, m, jobs.All)
				if err != nil {
					t.Fatal(err)
				}
				began, from := time.Now(), clerk(r).Now()
				// The register's clock is faster than the wall's: a mail that is put off is tried
				// again soon, and the server's span of two seconds has passed.
				r.Store.Now = func() time.Time { return from.Add(time.Since(began)) }
				for n := 0; states(t, r)[models.MailSent] < many && n < 400; n++ {
					p.Wake()
					if s := states(t, r); s[models.MailFailed] != 0 {
						t.Fatalf("%v\n%s", s, d.said())
					}
					time.Sleep(100 * time.Millisecond)
					from = from.Add(3 * time.Second)
				}
				o.arrive(t, many)
				if s := states(t, r); s[models.MailSent] != many || len(marks(t, r)) != 0 {
					t.Errorf("%v, marked %v\n%s", s, marks(t, r), d.said())
				}
			})
		})
	}
}

// opensmtpd is one that passes what it takes on to the office's server. It has one place
// for its queue, so that only one runs at a time.
func opensmtpd(t *testing.T, o *office, rules ...string) *daemon {
	t.Helper()
	d := newDaemon(t)
	turn, err := os.OpenFile(d.root+"/tmp/opensmtpd.turn", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = turn.Close() })
	if err := syscall.Flock(int(turn.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/var/spool/smtpd", "/var/run"} {
		if err := os.RemoveAll(d.root + name); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(d.root+name, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	d.opensmtpdIs(o, rules...)
	return d
}

func (d *daemon) opensmtpdIs(o *office, rules ...string) {
	d.t.Helper()
	d.stop()
	conf := d.write("smtpd.conf", fmt.Sprintf("listen on 127.0.0.1 port %d hostname mail.test\naction \"out\" relay host smtp://127.0.0.1:%d\n%s\n", d.port, o.addr.Port, strings.Join(rules, "\n")))
	if err := os.Chmod(d.root+conf, 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.start("/usr/sbin/smtpd", "-d", "-f", conf)
}

// OpenSMTPD that does not relay says of each reader that there is none: that everybody is
// told so shows that it is about us.
func TestOpenSMTPDThatDoesNotRelay(t *testing.T) {
	serversFolder(t)
	modelstest.InTurn(t, func(t *testing.T, r *modelstest.Register) {
		const many = 8
		o := openOffice(t)
		d := opensmtpd(t, o, `match from any for domain "other.test" action "out"`)
		posted(t, r, many)
		m := d.mailer()
		for range 3 { // it might have lost its list of users for a moment
			deliver(t, r, m)
			later(r, 12)
		}
		if s := states(t, r); s[models.MailWaiting] != many || len(marks(t, r)) != 0 {
			t.Errorf("%v, marked %v\n%s", s, marks(t, r), d.said())
		}
		if s := held(t, r, m); !s.Told() || s.Words == "" {
			t.Errorf("told %+v", s)
		}
		d.opensmtpdIs(o, `match from any for domain "example.gov.cn" action "out"`)
		for range 3 {
			later(r, 12)
			deliver(t, r, m)
		}
		o.arrive(t, many)
		if s := states(t, r); s[models.MailSent] != many || held(t, r, m).Told() {
			t.Errorf("%v, %+v\n%s", s, held(t, r, m), d.said())
		}
	})
}

// killedChild is a process that empties an outbox until it is killed: its settings.
const killedChild = "DUBAN_TEST_DELIVERS"

type childSettings struct {
	Database string
	Now      time.Time
	Mailer   jobs.Mailer
}

func init() {
	var s childSettings
	if err := json.Unmarshal([]byte(os.Getenv(killedChild)), &s); err != nil {
		return
	}
	store, err := models.Open(context.Background(), s.Database)
	if err != nil {
		panic(err)
	}
	store.Now = func() time.Time { return s.Now }
	p, err := jobs.NewRunner(store, s.Mailer, jobs.All)
	if err != nil {
		panic(err)
	}
	if _, _, err := p.Now("deliver"); err != nil {
		panic(err)
	}
	os.Exit(0)
}

// The program is killed in the middle of sending to each of the real servers: another
// sends the rest, all arrive, and none twice but those in doubt at that moment.
func TestAKillInTheMiddleWithRealServers(t *testing.T) {
	const inDoubt = 6 // as many as the program has lines (jobs/deliver.go)
	for name, server := range map[string]struct {
		many  int // it takes them slowly enough to be killed in the middle
		start func(t *testing.T, o *office) *daemon
	}{
		"Postfix": {30, func(t *testing.T, o *office) *daemon {
			return postfix(t, o, "smtpd_recipient_restrictions = sleep 1, permit")
		}},
		"Exim": {30, func(t *testing.T, o *office) *daemon {
			return exim(t, o, "", "  accept delay = 1s\n")
		}},
		"OpenSMTPD": {200, func(t *testing.T, o *office) *daemon {
			return opensmtpd(t, o, `match from any for any action "out"`)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			serversFolder(t)
			for _, engine := range modelstest.Engines {
				t.Run(engine, func(t *testing.T) {
					database := modelstest.URL(t, engine)
					r := modelstest.Open(t, database)
					o := openOffice(t)
					d, many := server.start(t, o), server.many
					posted(t, r, many)
					settings, err := json.Marshal(childSettings{database, clerk(r).Now(), d.mailer()})
					if err != nil {
						t.Fatal(err)
					}
					child := exec.CommandContext(context.Background(), os.Args[0])
					child.Env = append(os.Environ(), killedChild+"="+string(settings))
					if err := child.Start(); err != nil {
						t.Fatal(err)
					}
					modelstest.Await(t, "some mails", func() bool { return states(t, r)[models.MailSent] > 5 })
					if err := child.Process.Kill(); err != nil {
						t.Fatal(err)
					}
					_ = child.Wait()
					before := states(t, r)[models.MailSent]
					for range 3 {
						later(r, 2) // its claim is over
						deliver(t, r, d.mailer())
					}
					modelstest.Await(t, "all mails", func() bool { return len(o.count()) == many })
					twice := len(o.got()) - many
					t.Logf("killed after %d of %d; %d arrived twice", before, many, twice)
					if s := states(t, r); s[models.MailSent] != many || len(marks(t, r)) != 0 || twice > inDoubt {
						t.Errorf("%v, marked %v, %d twice\n%s", s, marks(t, r), twice, d.said())
					}
				})
			}
		})
	}
}

// Each line of the table of answers is said by a real server at its stage, and understood:
// Exim says at any stage what it is told to.
func TestEachLineOfTheTableFromARealServer(t *testing.T) {
	serversFolder(t)
	r := modelstest.Open(t, modelstest.URL(t, "sqlite"))
	o := openOffice(t)
	all, missing := jobs.EverySaid()
	for _, line := range missing {
		t.Errorf("nobody says %s", line)
	}
	d := newDaemon(t)
	d.certificate(time.Now().AddDate(1, 0, 0), "127.0.0.1")
	settings, acls := "tls_advertise_hosts = *\ntls_certificate = "+d.place+"/cert.pem\ntls_privatekey = "+d.place+"/key.pem\nauth_advertise_hosts = *\n", ""
	stages := map[string]string{"greet": "connect", "hello": "helo", "tls": "starttls", "auth": "auth", "sender": "mail", "reader": "rcpt", "data": "predata", "body": "data"}
	for _, at := range stages {
		if at != "rcpt" {
			settings += "acl_smtp_" + at + " = " + at + "\n"
			acls += at + ":\n"
		}
		rules := ""
		for _, how := range []string{"defer", "deny"} {
			file := d.place + "/" + how + "-" + at
			rules += fmt.Sprintf("  %s condition = ${if exists{%s}}\n        message = ${readfile{%s}}\n", how, file, file)
		}
		if at == "rcpt" {
			acls = rules + "  accept\n" + acls
		} else {
			acls += rules + "  accept\n"
		}
	}
	acls += "begin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n  server_prompts = :\n  server_condition = yes\n"
	d.eximIs(o, settings, acls)
	for _, said := range all {
		how := map[bool]string{true: "defer", false: "deny"}[said.Code < 500]
		file := d.root + d.write(how+"-"+stages[said.Stage], fmt.Sprint(said.Code, " ", said.Words))
		m := d.mailer()
		m.TLS, m.Patience = jobs.TLSOff, 0
		if said.Stage == "tls" {
			m.TLS = jobs.TLSRequired
		}
		if said.Stage == "auth" {
			m.User, m.Password, m.ClearAuth = "duban", "geheim", true
		}
		p, err := jobs.NewRunner(r.Store, m, jobs.All)
		if err != nil {
			t.Fatal(err)
		}
		heard, err := p.TryMail(context.Background(), "x@example.gov.cn", text.Chinese)
		if err != nil || heard.Cause != said.Cause || heard.Stage != said.Stage {
			t.Errorf("line %d: at %s %d %s was heard as %s at %s: %s, %v; want %s", said.Row, said.Stage, said.Code, said.Words, heard.Cause, heard.Stage, heard.Words, err, said.Cause)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d lines", len(all))
}
