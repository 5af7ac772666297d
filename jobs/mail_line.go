package jobs

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/wneessen/go-mail/log"
	"github.com/wneessen/go-mail/smtp"

	"duban/models"
)

// conversation is the line to the server, opened when first needed.
type conversation struct {
	client *smtp.Client
	line   net.Conn
	until  func() bool // no longer waits for the program's end
	taken  int         // mails the server took on this line
	begun  bool        // a mail was begun on it and not ended: it has to be taken back
	heard  *recorder   // where each step is written down, nil for nowhere
}

// recorder writes a conversation down step by step, without secrets; a nil one does not.
type recorder struct{ models.MailDialogue }

func (d *recorder) say(ours bool, words string) {
	if d != nil {
		d.Steps = append(d.Steps, models.MailStep{Ours: ours, Words: legible(words)})
	}
}

func (d *recorder) note(note string, args ...any) {
	if d != nil {
		d.Steps = append(d.Steps, models.MailStep{Note: note, Args: args})
	}
}

// Debugf takes what the library says of a conversation; it leaves out what belongs to
// signing in.
func (d *recorder) Debugf(l log.Log) {
	words := strings.ReplaceAll(fmt.Sprintf(l.Format, l.Messages...), "\n", "\n    ")
	d.say(l.Direction == log.DirClientToServer, strings.ReplaceAll(words, "<SMTP auth data redacted>", "***"))
}

// Infof is not used by the library, nor are the two below.
func (d *recorder) Infof(log.Log) {}

// Warnf is not used.
func (d *recorder) Warnf(log.Log) {}

// Errorf is not used.
func (d *recorder) Errorf(log.Log) {}

// open opens the line if there is none. Each step of it, and later each mail, may
// take as long as the patience; when the context ends the line breaks off.
func (c *conversation) open(ctx context.Context, m Mailer) sendAnswer {
	if c.client != nil {
		return sendAnswer{}
	}
	a := c.opened(ctx, m)
	if a.about == aboutNothing {
		return a
	}
	if a.cause == models.CauseSilence && m.TLS != TLSImplicit && m.waitsForTLS(ctx) {
		a.cause = models.CauseImplicit
	}
	if a.code != 0 {
		c.heard.say(false, a.words)
	} else if a.words != "" {
		c.heard.note("mail.step.broke", a.words)
	}
	c.drop()
	return a
}

// opened is what came of opening it, step by step.
func (c *conversation) opened(ctx context.Context, m Mailer) sendAnswer {
	address := net.JoinHostPort(m.Host, fmt.Sprint(m.Port))
	c.heard.note("mail.step.connect", address)
	patient, done := context.WithTimeout(ctx, m.patience())
	defer done()
	line, err := (&net.Dialer{}).DialContext(patient, "tcp", address)
	if err != nil {
		return readTrouble(stageConnect, err)
	}
	c.line = line
	c.until = context.AfterFunc(ctx, func() { _ = line.Close() })
	c.wait(m)
	carrier := line
	if m.implicit() {
		secured := tls.Client(line, m.tlsConfig())
		if err := secured.HandshakeContext(patient); err != nil {
			return readTrouble(stageTLS, err)
		}
		carrier = secured
		c.seen(secured.ConnectionState(), m)
	}
	client, err := smtp.NewClient(carrier, m.Host)
	if err != nil {
		return readAnswer(stageGreet, err)
	}
	c.heard.note("mail.step.greeted")
	if c.heard != nil {
		client.SetLogger(c.heard)
		client.SetDebugLog(true)
	}
	c.wait(m)
	if err := client.Hello(m.helloName(line)); err != nil {
		return readAnswer(stageHello, err)
	}
	if a := c.secure(client, m); a.about != aboutNothing {
		return a
	}
	if a := c.signIn(client, m); a.about != aboutNothing {
		return a
	}
	c.client = client
	return sendAnswer{}
}

// secure begins TLS where it is wanted and there is none yet.
func (c *conversation) secure(client *smtp.Client, m Mailer) sendAnswer {
	if m.implicit() || m.TLS == TLSOff {
		return sendAnswer{}
	}
	offered, _ := client.Extension("STARTTLS")
	switch {
	case !offered && m.TLS == TLSRequired:
		return sendAnswer{stage: stageTLS, about: aboutUs, cause: models.CauseNoTLS, sure: true}
	case !offered:
		c.heard.note("mail.step.open")
		return sendAnswer{}
	}
	c.wait(m)
	if err := client.StartTLS(m.tlsConfig()); err != nil {
		return readAnswer(stageTLS, err)
	}
	if state, ok := client.TLSConnectionState(); ok {
		c.seen(state, m)
	}
	return sendAnswer{}
}

// seen notes the certificate of a line that is encrypted.
func (c *conversation) seen(state tls.ConnectionState, m Mailer) {
	if c.heard == nil || len(state.PeerCertificates) == 0 {
		return
	}
	c.heard.Certificate = Fingerprint(state.PeerCertificates[0])
	c.heard.Unverified = !m.verifies()
	c.heard.note("mail.step.encrypted", tls.VersionName(state.Version), c.heard.Certificate)
	if c.heard.Unverified {
		c.heard.note("mail.step.unverified")
	}
}

// signIn signs in where there is somebody to sign in as.
func (c *conversation) signIn(client *smtp.Client, m Mailer) sendAnswer {
	if m.User == "" {
		return sendAnswer{}
	}
	_, encrypted := client.TLSConnectionState()
	offered, words := client.Extension("AUTH")
	us := func(cause models.MailCause, words string) sendAnswer {
		return sendAnswer{stage: stageAuth, about: aboutUs, cause: cause, sure: true, words: words}
	}
	switch {
	case !encrypted && !m.ClearAuth: // with it everybody on the way would have the password
		return us(models.CauseClearAuth, "")
	case !offered:
		return us(models.CauseNoAuth, "")
	}
	mechanisms := strings.Fields(strings.ToUpper(words))
	mechanism := m.mechanism(mechanisms)
	if mechanism == "" {
		return us(models.CauseMechanism, "AUTH "+words)
	}
	c.heard.note("mail.step.auth", mechanism)
	c.wait(m)
	if err := client.Auth(authMechanisms[mechanism](m)); err != nil {
		return readAnswer(stageAuth, err)
	}
	return sendAnswer{}
}

// wait gives the next step as long as the patience.
func (c *conversation) wait(m Mailer) { _ = c.line.SetDeadline(time.Now().Add(m.patience())) }

// check asks whether the server would take a mail from us, to that reader where there
// is one, and sends none.
func (c *conversation) check(m Mailer, to string) sendAnswer {
	c.wait(m)
	defer func() { c.begun = true }()
	commands := []mailCommand{{stageSender, 250, "MAIL FROM:<" + m.sender() + ">"}}
	if to != "" {
		commands = append(commands, mailCommand{stageReader, 25, "RCPT TO:<" + to + ">"})
	}
	return c.ask(commands...)
}

// letter is a mail as it goes over the line.
type letter struct {
	from, to string // of the envelope
	id       string // by which a report that it did not arrive can name it
	bytes    []byte
}

// send sends one mail.
func (c *conversation) send(m Mailer, l letter) sendAnswer {
	if a := c.offer(m, l); a.about != aboutNothing {
		return a
	}
	return c.finish(m, l)
}

// offer asks whether the server takes this mail: what it says before the mail itself.
func (c *conversation) offer(m Mailer, l letter) sendAnswer {
	c.wait(m)
	from := "MAIL FROM:<" + l.from + ">"
	if has, _ := c.client.Extension("SIZE"); has {
		from += fmt.Sprintf(" SIZE=%d", len(l.bytes))
	}
	if has, _ := c.client.Extension("SMTPUTF8"); has && !isASCII(l.from+l.to) {
		from += " SMTPUTF8"
	}
	if has, _ := c.client.Extension("DSN"); has && l.id != "" {
		from += " RET=HDRS ENVID=" + l.id
	}
	a := c.ask(mailCommand{stageSender, 250, from}, mailCommand{stageReader, 25, "RCPT TO:<" + l.to + ">"}, mailCommand{stageData, 354, "DATA"})
	c.begun = a.about != aboutNothing
	return a
}

// finish says the mail itself, which the server waits for, and hears what becomes of it.
func (c *conversation) finish(m Mailer, l letter) sendAnswer {
	c.wait(m)
	c.heard.note("mail.step.body", len(l.bytes))
	if _, err := c.client.Text.W.Write(stuffed(l.bytes)); err != nil {
		return c.lastWords(stageBody, err)
	}
	if err := c.client.Text.W.Flush(); err != nil {
		return c.lastWords(stageBody, err)
	}
	code, words, err := c.client.Text.ReadResponse(250)
	a := readAnswer(stageBody, err)
	a.whole = a.code == 0 && err != nil
	if err == nil {
		c.taken++
		c.heard.say(false, fmt.Sprint(code, " ", words))
	} else if a.code != 0 {
		c.heard.say(false, a.words)
	}
	return a
}

// stuffed is a mail as it is said after DATA (RFC 5321 §4.5.2): lines that begin with a
// dot have one more, and the last is a dot. Its lines end with CR LF already.
func stuffed(mail []byte) []byte {
	said := make([]byte, 0, len(mail)+len(mail)/64+8)
	for line := range bytes.Lines(mail) {
		if line[0] == '.' {
			said = append(said, '.')
		}
		said = append(said, line...)
	}
	if !bytes.HasSuffix(said, []byte("\r\n")) {
		said = append(said, "\r\n"...)
	}
	return append(said, ".\r\n"...)
}

// mailCommand is one step of sending a mail, and the answer that is a yes: 25 is 250 and 251.
type mailCommand struct {
	at    stage
	yes   int
	words string
}

// ask says commands and reads the answers, all at once where the server takes them so
// (RFC 2920), and returns the first no.
func (c *conversation) ask(commands ...mailCommand) sendAnswer {
	if c.begun {
		commands = append([]mailCommand{{stageSender, 250, "RSET"}}, commands...)
		c.begun = false
	}
	together, _ := c.client.Extension("PIPELINING")
	text := c.client.Text
	var first sendAnswer
	if together {
		for _, each := range commands {
			_, _ = text.W.WriteString(each.words + "\r\n") // its error comes with the flush
		}
		if err := text.W.Flush(); err != nil {
			return c.lastWords(commands[0].at, err)
		}
	}
	for _, each := range commands {
		if !together {
			if err := text.PrintfLine("%s", each.words); err != nil {
				return c.lastWords(each.at, err)
			}
		}
		c.heard.say(true, each.words)
		code, words, err := text.ReadResponse(each.yes)
		if code != 0 {
			c.heard.say(false, fmt.Sprint(code, " ", strings.ReplaceAll(words, "\n", "\n    ")))
		}
		switch {
		case err == nil && first.about == aboutNothing:
		case err == nil && each.at == stageData: // it waits for a mail that nobody may have (RFC 2920 §3.1)
			_ = text.DotWriter().Close()
			_, _, _ = text.ReadResponse(0)
		case err != nil && first.about == aboutNothing:
			first = readAnswer(each.at, err)
			if !together || first.code == 0 || first.ended {
				return first
			}
		case err != nil && code == 0:
			return first
		}
	}
	return first
}

// lastWords is why a line broke while we spoke: a server that ends it says so before.
func (c *conversation) lastWords(at stage, err error) sendAnswer {
	if _, _, said := c.client.Text.ReadResponse(0); said == nil {
		return readTrouble(at, err)
	} else if refused := (*textproto.Error)(nil); errors.As(said, &refused) {
		return readAnswer(at, said)
	}
	return readTrouble(at, err)
}

// end says good-bye, if there is anybody, and closes the line in any case.
func (c *conversation) end() {
	if c.client != nil {
		_ = c.line.SetDeadline(time.Now().Add(goodbye))
		_ = c.client.Quit()
	}
	if c.line != nil {
		c.until()
		_ = c.line.Close()
	}
	*c = conversation{heard: c.heard}
}

// goodbye is how long the server may take over a last word.
const goodbye = 2 * time.Second

// drop closes the line without a word: it is broken, or the server has ended it.
func (c *conversation) drop() {
	if c.line != nil {
		c.until()
		_ = c.line.Close()
	}
	*c = conversation{heard: c.heard}
}

// waitsForTLS says whether a server that did not greet us speaks TLS from the first
// word on.
func (m Mailer) waitsForTLS(ctx context.Context) bool {
	ctx, done := context.WithTimeout(ctx, min(m.patience(), 5*time.Second))
	defer done()
	d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, ServerName: m.Host}} //nolint:gosec // only asked whether it speaks
	line, err := d.DialContext(ctx, "tcp", net.JoinHostPort(m.Host, fmt.Sprint(m.Port)))
	if err != nil {
		return false
	}
	_ = line.Close()
	return true
}

func (m Mailer) patience() time.Duration { return cmp.Or(m.Patience, defaultPatience) }

// implicit says whether the line speaks TLS from the first word on.
func (m Mailer) implicit() bool { return m.TLS == TLSImplicit || m.Port == tlsPort }

// verifies says whether the server's certificate is asked who it is. Where encryption is
// only taken when it is offered, and no password goes over the line, an unknown
// certificate is no worse than none (RFC 7435): a machine between the two could as well
// hide the offer.
func (m Mailer) verifies() bool {
	return m.TLS == TLSRequired || m.implicit() || m.User != "" || m.CA != nil || m.Pin != nil
}

// errPin is a certificate other than the pinned one.
var errPin = errors.New("the certificate is not the pinned one")

// tlsConfig is how TLS is spoken with this server.
func (m Mailer) tlsConfig() *tls.Config {
	c := &tls.Config{ServerName: m.Host, MinVersion: tls.VersionTLS12, RootCAs: m.CA}
	switch {
	case m.Pin != nil: // this one, whatever its name, its days and who vouches for it
		c.InsecureSkipVerify = true
		c.VerifyConnection = func(state tls.ConnectionState) error {
			if len(state.PeerCertificates) == 0 {
				return errPin
			}
			cert := state.PeerCertificates[0]
			if sum := sha256.Sum256(cert.Raw); slices.Equal(sum[:], m.Pin) {
				return nil
			}
			return fmt.Errorf("%w: SHA-256 %s", errPin, Fingerprint(cert))
		}
	case !m.verifies():
		c.InsecureSkipVerify = true
	}
	return c
}

// Fingerprint is the SHA-256 of a certificate as other programs print it.
func Fingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	var pairs []string
	for _, b := range sum {
		pairs = append(pairs, strings.ToUpper(hex.EncodeToString([]byte{b})))
	}
	return strings.Join(pairs, ":")
}

// authMechanisms are the ways to sign in, and authOrder is in which of them is tried
// first. The first two work however the server keeps its passwords; the others only
// where it keeps what they need, which no server says beforehand: over passwords kept
// as hashes CRAM-MD5 never works (RFC 2195), and SCRAM only over its own (RFC 5802).
var authMechanisms = map[string]func(Mailer) smtp.Auth{
	"PLAIN":         func(m Mailer) smtp.Auth { return smtp.PlainAuth("", m.User, m.Password, m.Host, true) },
	"LOGIN":         func(m Mailer) smtp.Auth { return smtp.LoginAuth(m.User, m.Password, m.Host, true) },
	"SCRAM-SHA-256": func(m Mailer) smtp.Auth { return smtp.ScramSHA256Auth(m.User, m.Password) },
	"SCRAM-SHA-1":   func(m Mailer) smtp.Auth { return smtp.ScramSHA1Auth(m.User, m.Password) },
	"CRAM-MD5":      func(m Mailer) smtp.Auth { return smtp.CRAMMD5Auth(m.User, m.Password) },
}

var authOrder = []string{"PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5"}

// AuthMechanisms are the names of the ways to sign in, in the order they are tried.
func AuthMechanisms() []string { return slices.Clone(authOrder) }

// mechanism is the first of ours that the server offers, "" for none.
func (m Mailer) mechanism(offered []string) string {
	for _, ours := range m.order() {
		if slices.Contains(offered, ours) {
			return ours
		}
	}
	return ""
}

func (m Mailer) order() []string {
	if len(m.Auth) > 0 {
		return m.Auth
	}
	return authOrder
}

// helloName is the name we give ourselves: what the operator says, or the host people
// open us at; where that is no full name, the address we come from (RFC 5321 §4.1.3),
// which servers that want a full name take.
func (m Mailer) helloName(line net.Conn) string {
	if m.Name != "" {
		return m.Name
	}
	if host := baseHost(m.BaseURL); strings.Contains(host, ".") && net.ParseIP(host) == nil {
		return host
	}
	if at, ok := line.LocalAddr().(*net.TCPAddr); ok {
		if four := at.IP.To4(); four != nil {
			return "[" + four.String() + "]"
		}
		return "[IPv6:" + at.IP.String() + "]"
	}
	return "localhost"
}

// troubles are what may happen to a line where the server says nothing, the first that
// fits.
var troubles = []struct {
	fits  func(stage, error) bool
	about about
	cause models.MailCause
}{
	{func(_ stage, err error) bool { return errors.Is(err, errPin) }, aboutUs, models.CausePin},
	{func(_ stage, err error) bool { return is[x509.HostnameError](err) }, aboutUs, models.CauseOtherCert},
	{func(_ stage, err error) bool {
		var invalid x509.CertificateInvalidError
		return errors.As(err, &invalid) && invalid.Reason == x509.Expired
	}, aboutUs, models.CauseExpiredCert},
	{func(_ stage, err error) bool {
		return is[x509.UnknownAuthorityError](err) || is[x509.CertificateInvalidError](err) || is[*tls.CertificateVerificationError](err)
	}, aboutUs, models.CauseUnknownCert},
	{func(at stage, err error) bool { return is[tls.RecordHeaderError](err) }, aboutUs, models.CauseNotImplicit},
	{func(at stage, err error) bool { return is[*net.DNSError](err) }, aboutUs, models.CauseHost},
	{func(at stage, err error) bool { return at == stageConnect }, aboutUs, models.CausePort},
	{func(at stage, err error) bool { return at == stageGreet && timedOut(err) }, aboutUs, models.CauseSilence},
	{func(at stage, err error) bool { return is[textproto.ProtocolError](err) }, aboutUs, models.CauseProtocol},
	{func(at stage, err error) bool { return at == stageTLS && !timedOut(err) && !errors.Is(err, io.EOF) }, aboutUs, models.CauseTLS},
	{func(at stage, err error) bool { return true }, aboutLine, models.CauseLine},
}

// readTrouble reads what became of a line on which the server said nothing.
func readTrouble(at stage, err error) sendAnswer {
	for _, t := range troubles {
		if t.fits(at, err) {
			return sendAnswer{stage: at, words: lineWords(err), about: t.about, sure: true, cause: t.cause, ended: true}
		}
	}
	panic("unreachable: the last fits all")
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

func timedOut(err error) bool {
	var slow net.Error
	return errors.As(err, &slow) && slow.Timeout()
}

// lineWords is what became of a line, without what the library says around it.
func lineWords(err error) string {
	var dial *net.OpError
	if errors.As(err, &dial) {
		err = dial.Err
	}
	var number syscall.Errno
	if errors.As(err, &number) {
		return number.Error()
	}
	return legible(err.Error())
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}
