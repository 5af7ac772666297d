package jobs_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
)

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// arrive waits until the office's server has mails for so many people, and says whether
// any had more than one.
func (o *office) arrive(t *testing.T, people int) {
	t.Helper()
	for until := time.Now().Add(5 * time.Minute); len(o.count()) < people && time.Now().Before(until); {
		time.Sleep(50 * time.Millisecond)
	}
	got := o.count()
	if len(got) != people {
		t.Errorf("%d people have their mail, want %d", len(got), people)
	}
	for to, n := range got {
		if n != 1 {
			t.Errorf("%s has %d", to, n)
		}
	}
}

// held is what is known of the server when it takes nothing.
func held(t *testing.T, r *modelstest.Register, m jobs.Mailer) models.MailServer {
	t.Helper()
	s, err := clerk(r).MailServer(m.Server())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What Postfix has against us it says at RCPT, where it looks like a word about the
// reader; Exim gives no enhanced codes. Nothing fails of it, nobody is marked, the
// administrators are told why within one try, and after the repair every mail arrives
// once.
func TestWhatRealServersHaveAgainstUsFailsNothing(t *testing.T) {
	const many = 8
	type server func(t *testing.T, o *office) (d *daemon, repair func())
	withPostfix := func(wrong ...string) server {
		return func(t *testing.T, o *office) (*daemon, func()) {
			d := postfix(t, o, wrong...)
			return d, func() { d.postfixIs(o) }
		}
	}
	withExim := func(settings, acl string) server {
		return func(t *testing.T, o *office) (*daemon, func()) {
			d := exim(t, o, settings, acl)
			return d, func() { d.eximIs(o, "", "  accept\n") }
		}
	}
	tests := map[string]struct {
		server
		cause models.MailCause
		name  string // of our EHLO
	}{
		"a client that may not":               {withPostfix("smtpd_client_restrictions = reject"), models.CauseClient, ""},
		"a client that may not, told at once": {withPostfix("smtpd_client_restrictions = reject", "smtpd_delay_reject = no"), models.CauseClient, ""},
		"a name that is not full":             {withPostfix("smtpd_helo_restrictions = reject_non_fqdn_helo_hostname"), models.CauseName, "duban"},
		"a name that is not full, at once":    {withPostfix("smtpd_helo_required = yes", "smtpd_helo_restrictions = reject_non_fqdn_helo_hostname", "smtpd_delay_reject = no"), models.CauseName, "duban"},
		"a sender that may not":               {withPostfix("smtpd_sender_restrictions = reject"), models.CauseSender, ""},
		"a sender that may not, told at MAIL": {withPostfix("smtpd_sender_restrictions = reject", "smtpd_delay_reject = no"), models.CauseSender, ""},
		"no relaying":                         {withPostfix("relay_domains =", "mynetworks = 192.0.2.0/24"), models.CauseRelay, ""},
		"everybody's access denied":           {withPostfix("smtpd_recipient_restrictions = reject"), models.CauseRefused, ""},
		"a lost list of users":                {withPostfix("relay_recipient_maps = inline:{x@example.gov.cn=x}"), models.CauseAddress, ""},
		"DATA refused":                        {withPostfix("smtpd_data_restrictions = reject"), models.CauseContent, ""},
		"Exim: no relaying":                   {withExim("", "  deny message = relay not permitted\n"), models.CauseRelay, ""},
		"Exim: a refusal without words":       {withExim("", "  deny\n"), models.CauseRefused, ""},
		"Exim: a host that may not":           {withExim("host_reject_connection = *", "  accept\n"), models.CauseTurnedAway, ""},
		"Exim: a sender that does not exist":  {withExim("", "  deny message = Sender verify failed\n"), models.CauseSender, ""},
		"Exim: a name with a line beneath it": {withExim("", "  accept\n"), models.CauseName, "du_ban"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			serversFolder(t)
			modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
				o := openOffice(t)
				d, repair := tt.server(t, o)
				posted(t, r, many)
				m := d.mailer()
				m.Name = tt.name
				for range 3 {
					deliver(t, r, m)
					later(r, 12)
				}
				if s := states(t, r); s[models.MailWaiting] != many {
					t.Errorf("held: %v\n%s", s, d.said())
				}
				if marked := marks(t, r); len(marked) != 0 {
					t.Errorf("marked: %v", marked)
				}
				if s := held(t, r, m); s.Cause != tt.cause || !s.Told() || s.Words == "" {
					t.Errorf("told %+v, want %s", s, tt.cause)
				}
				repair()
				m.Name = ""
				for range 3 {
					deliver(t, r, m)
					later(r, 12)
				}
				o.arrive(t, many)
				if s := states(t, r); s[models.MailSent] != many {
					t.Errorf("repaired: %v", s)
				}
				if s := held(t, r, m); s.Told() {
					t.Errorf("still told: %+v", s)
				}
			})
		})
	}
}

// A real refusal of one address among others fails that mail and no other, and marks
// after another day.
func TestARealUnknownUserIsOne(t *testing.T) {
	serversFolder(t)
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		d := postfix(t, o, "relay_recipient_maps = inline:{s0@example.gov.cn=x, s1@example.gov.cn=x, s3@example.gov.cn=x}")
		posted(t, r, 4)
		deliver(t, r, d.mailer())
		o.arrive(t, 3)
		if s := states(t, r); s[models.MailSent] != 3 || s[models.MailFailed] != 1 || len(marks(t, r)) != 0 {
			t.Errorf("%v, marked %v\n%s", s, marks(t, r), d.said())
		}
		r.At("2026-03-03 09:00")
		oneMore(t, r, "s0", "s2")
		deliver(t, r, d.mailer())
		if m := marks(t, r); len(m) != 1 || m["s2"] == "" {
			t.Errorf("marked %v", m)
		}
	})
}

// eachRegister is an empty register on each database, for a story in which a server is
// worth more than one.
func eachRegister(t *testing.T) map[string]*modelstest.Register {
	t.Helper()
	all := map[string]*modelstest.Register{}
	for _, engine := range modelstest.Engines {
		all[engine] = modelstest.Open(t, modelstest.URL(t, engine))
	}
	return all
}

// The ways a certificate can be wrong, and what is to be set for each.
func TestCertificatesOfRealServers(t *testing.T) {
	serversFolder(t)
	next := time.Now().AddDate(1, 0, 0)
	o := openOffice(t)
	registers := eachRegister(t)
	for _, r := range registers {
		posted(t, r, 4)
	}
	tests := []struct {
		name  string
		until time.Time
		names []string
		set   func(m *jobs.Mailer, file, pin string)
		cause models.MailCause
	}{
		{"signed by itself, required", next, []string{"127.0.0.1"}, func(m *jobs.Mailer, _, _ string) { m.TLS = jobs.TLSRequired }, models.CauseUnknownCert},
		{"expired", time.Now().AddDate(0, 0, -1), []string{"127.0.0.1"}, func(m *jobs.Mailer, file, _ string) { m.TLS, m.CA = jobs.TLSRequired, pool(t, file) }, models.CauseExpiredCert},
		{"for another name", next, []string{"other.test"}, func(m *jobs.Mailer, file, _ string) { m.TLS, m.CA = jobs.TLSRequired, pool(t, file) }, models.CauseOtherCert},
		{"not the pinned one", next, []string{"127.0.0.1"}, func(m *jobs.Mailer, _, _ string) {
			m.TLS, m.Pin = jobs.TLSRequired, make([]byte, 32)
		}, models.CausePin},
		{"encryption wanted", next, []string{"127.0.0.1"}, func(m *jobs.Mailer, _, _ string) { m.TLS = jobs.TLSOff }, models.CauseWantsTLS},
		{"TLS from the first word on, on a port that does not", next, []string{"127.0.0.1"}, func(m *jobs.Mailer, _, _ string) { m.TLS = jobs.TLSImplicit }, models.CauseNotImplicit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDaemon(t)
			lines, file, pin := d.certificate(tt.until, tt.names...)
			if tt.cause == models.CauseWantsTLS {
				lines = append(lines, "smtpd_tls_security_level = encrypt")
			}
			d.postfixIs(o, lines...)
			m := d.mailer()
			tt.set(&m, file, pin)
			for engine, r := range registers {
				if n := deliver(t, r, m); n != 0 {
					t.Errorf("%s: %d were sent", engine, n)
				}
				if s := held(t, r, m); s.Cause != tt.cause || !s.Told() {
					t.Errorf("%s: told %+v, want %s", engine, s, tt.cause)
				}
			}
		})
	}
	for name, set := range map[string]func(m *jobs.Mailer, file, pin string){
		"from the first word on":            func(m *jobs.Mailer, file, _ string) { m.TLS, m.CA = jobs.TLSImplicit, pool(t, file) },
		"opportunistic, without a password": func(*jobs.Mailer, string, string) {},
		"with the CA's file":                func(m *jobs.Mailer, file, _ string) { m.TLS, m.CA = jobs.TLSRequired, pool(t, file) },
		"pinned": func(m *jobs.Mailer, _, pin string) {
			m.TLS = jobs.TLSRequired
			m.Pin, _ = hex.DecodeString(pin)
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDaemon(t)
			lines, file, pin := d.certificate(next, "127.0.0.1")
			m := d.mailer()
			set(&m, file, pin)
			if m.TLS == jobs.TLSImplicit {
				lines = append(lines, "smtpd_tls_wrappermode = yes")
			}
			d.postfixIs(o, lines...)
			for engine, r := range registers {
				later(r, 1)
				oneMore(t, r, "supervisor")
				if n := deliver(t, r, m); n == 0 {
					t.Errorf("%s: nothing was sent: %+v\n%s", engine, held(t, r, m), d.said())
				}
			}
		})
	}
}

func pool(t *testing.T, file string) *x509.CertPool {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(content) {
		t.Fatal("no certificate")
	}
	return p
}

// Signing in over passwords that the server keeps as hashes: CRAM-MD5 is offered and
// never works there; PLAIN and LOGIN do, and only over TLS unless it is said otherwise.
func TestSigningInAtRealServers(t *testing.T) {
	serversFolder(t)
	o := openOffice(t)
	registers := eachRegister(t)
	tests := map[string]struct {
		offered string
		tls     bool
		set     func(*jobs.Mailer)
		cause   models.MailCause // "" when it is to work
	}{
		"PLAIN beside CRAM-MD5":         {"cram-md5 plain login", true, nil, ""},
		"LOGIN alone":                   {"login", true, nil, ""},
		"CRAM-MD5 when it was said":     {"cram-md5 plain", true, func(m *jobs.Mailer) { m.Auth = []string{"CRAM-MD5"} }, models.CausePassword},
		"a wrong password":              {"plain login", true, func(m *jobs.Mailer) { m.Password = "falsch" }, models.CausePassword},
		"a way that is not offered":     {"plain", true, func(m *jobs.Mailer) { m.Auth = []string{"SCRAM-SHA-256"} }, models.CauseMechanism},
		"an open line":                  {"plain login", false, nil, models.CauseClearAuth},
		"an open line, said on purpose": {"plain login", false, func(m *jobs.Mailer) { m.ClearAuth = true }, ""},
		"nobody":                        {"plain", true, func(m *jobs.Mailer) { m.User, m.Password = "", "" }, models.CauseRelay},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, sasl := dovecot(t, tt.offered)
			d := newDaemon(t)
			lines := []string{"smtpd_sasl_auth_enable = yes", "smtpd_sasl_type = dovecot", "smtpd_sasl_path = " + sasl, "smtpd_sasl_security_options = noanonymous", "mynetworks = 192.0.2.0/24", "relay_domains =",
				"smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination", fmt.Sprintf("default_transport = smtp:[127.0.0.1]:%d", o.addr.Port)}
			var file string
			if tt.tls {
				var more []string
				more, file, _ = d.certificate(time.Now().AddDate(1, 0, 0), "127.0.0.1")
				lines = append(lines, more...)
			}
			d.postfixIs(o, lines...)
			m := d.mailer()
			m.User, m.Password = "duban", "geheim"
			if tt.tls {
				m.CA = pool(t, file)
			}
			if tt.set != nil {
				tt.set(&m)
			}
			for engine, r := range registers {
				later(r, 1)
				oneMore(t, r, "supervisor")
				n := deliver(t, r, m)
				s := held(t, r, m)
				if tt.cause == "" && n == 0 || tt.cause != "" && (n != 0 || s.Cause != tt.cause || !s.Told()) {
					t.Errorf("%s: %d were sent, told %+v, want %q\n%s", engine, n, s, tt.cause, d.said())
				}
			}
		})
	}
}

// report is what Postfix sends to the return address.
func report(id, to, action, status, words string) string {
	return strings.ReplaceAll(`Return-Path: <>
From: MAILER-DAEMON@mail.test (Mail Delivery System)
To: duban-bounces@example.gov.cn
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mail.test.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.test
X-Postfix-Queue-ID: 4AB

Final-Recipient: rfc822; `+to+`
Original-Recipient: rfc822;`+to+`
Action: `+action+`
Status: `+status+`
Diagnostic-Code: smtp; `+words+`

--b1
Content-Type: text/rfc822-headers

From: <duban@example.gov.cn>
Message-ID: `+id+`
Subject: x

--b1--
`, "\n", "\r\n")
}

// A report that comes later is matched to the mail and the person; one that somebody made
// up, or that says that it goes on being tried, changes nothing.
func TestReportsOfMailsThatDidNotArriveAreRead(t *testing.T) {
	for _, by := range []string{"IMAP", "POP3"} {
		t.Run(by, func(t *testing.T) {
			serversFolder(t)
			modelstest.Each(t, func(t *testing.T, r *modelstest.Register) { reportsAreRead(t, r, by == "POP3") })
		})
	}
}

func reportsAreRead(t *testing.T, r *modelstest.Register, pop bool) {
	o := openOffice(t)
	posted(t, r, 4)
	deliver(t, r, o.mailer())
	d, _ := dovecot(t, "plain login")
	box := 0
	put := func(message string) {
		for _, name := range []string{"mail", "mail/new", "mail/cur", "mail/tmp"} {
			d.folder("box/"+name, 3006, 3006, 0o700)
		}
		box++
		name := fmt.Sprintf("box/mail/new/%d.duban.test", box)
		d.write(name, message)
		if err := os.Chown(d.root+d.place+"/"+name, 3006, 3006); err != nil {
			t.Fatal(err)
		}
	}
	ids := map[string]string{}
	for _, m := range o.got() {
		ids[m.to] = m.id
	}
	put(report(ids["s0@example.gov.cn"], "s0@example.gov.cn", "failed", "5.1.1", "550 5.1.1 <s0@example.gov.cn>: User unknown"))
	put(report(ids["s1@example.gov.cn"], "s1@example.gov.cn", "delayed", "4.4.1", "connect timed out"))
	put(report("<digest.2026-W09.user.9.FORGED@example.gov.cn>", "s2@example.gov.cn", "failed", "5.1.1", "550 5.1.1 User unknown"))
	put(report(ids["s2@example.gov.cn"], "s3@example.gov.cn", "failed", "5.1.1", "550 5.1.1 User unknown"))
	put("Subject: out of office\r\n\r\nI am away.\r\n")
	m := o.mailer()
	m.Return = "duban-bounces@example.gov.cn"
	port := fmt.Sprint(d.port)
	if pop {
		port = d.starts[len(d.starts)-1]
	}
	m.Box = jobs.ReturnBox{POP: pop, Address: "127.0.0.1:" + port, User: "duban", Password: "geheim", Folder: "INBOX", Open: true}
	p, err := jobs.NewRunner(r.Store, m, jobs.All)
	if err != nil {
		t.Fatal(err)
	}
	read := func() int {
		n, _, err := p.Now("bounce")
		if err != nil {
			t.Fatalf("%v\n%s", err, d.said())
		}
		return n
	}
	if n := read(); n != 1 {
		t.Errorf("%d reports were noted", n)
	}
	if n := read(); n != 0 {
		t.Errorf("%d were noted a second time", n)
	}
	failed, err := r.As(r.Admin).Mails(10, models.MailFailed)
	if err != nil || len(failed) != 1 || failed[0].Name != "s0" || len(marks(t, r)) != 0 {
		t.Errorf("failed %+v, marked %v, %v", failed, marks(t, r), err)
	}
	r.At("2026-03-03 09:00")
	oneMore(t, r, "s0")
	deliver(t, r, o.mailer()) // our server takes it, which proves nothing after a report
	all := o.got()
	put(report(all[len(all)-1].id, "s0@example.gov.cn", "failed", "5.1.1", "550 5.1.1 User unknown"))
	if n := read(); n != 1 {
		t.Errorf("%d reports of the second day were noted", n)
	}
	if m := marks(t, r); len(m) != 1 || m["s0"] == "" {
		t.Errorf("marked %v", m)
	}
}
