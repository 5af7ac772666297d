package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode"

	"duban/jobs"
	"duban/models"
	"duban/views"
	"duban/views/text"
)

// mailer is the way out for mail that the settings name.
func (s Settings) mailer() jobs.Mailer { return s.way }

// readMail reads the way out for mail, and reports every mistake at once.
func (s Settings) readMail() (m jobs.Mailer, err error) {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	m = jobs.Mailer{
		Host: s.SMTPHost, Port: s.SMTPPort, User: s.SMTPUser, Password: s.SMTPPassword, TLS: s.SMTPTLS, From: s.MailFrom,
		BaseURL: strings.TrimRight(s.BaseURL, "/"), TitleDomains: s.MailTitleDomains, Name: s.SMTPEhlo, ClearAuth: s.SMTPAuthWithoutTLS, Lines: s.SMTPConnections,
		Return: s.MailReturn,
	}
	if m.Host != "" && !hostName(m.Host) {
		say("DUBAN_SMTP_HOST %q: write the mail server's name or address alone, such as mail.example.gov.cn; the port stands in DUBAN_SMTP_PORT", m.Host)
	}
	if m.Port < 1 || m.Port > 65535 {
		say("DUBAN_SMTP_PORT %d: between 1 and 65535; servers use 25, 587, or 465 with DUBAN_SMTP_TLS=implicit", m.Port)
	}
	switch m.TLS {
	case jobs.TLSOff, jobs.TLSOpportunistic, jobs.TLSRequired, jobs.TLSImplicit:
	default:
		say("DUBAN_SMTP_TLS %q: write off, opportunistic (when the server offers it), required, or implicit (from the first word on, as on port 465)", m.TLS)
	}
	if m.TLS == jobs.TLSOff && m.Port == 465 {
		say("DUBAN_SMTP_TLS is off, and port 465 speaks TLS from the first word on: write implicit, or another DUBAN_SMTP_PORT")
	}
	if m.Name != "" && !helloName(m.Name) {
		say("DUBAN_SMTP_EHLO %q: write this machine's full name, such as duban.example.gov.cn, or an address in brackets, such as [192.0.2.1]", m.Name)
	}
	if s.SMTPCA != "" {
		if m.CA, err = readCA(s.SMTPCA); err != nil {
			say("DUBAN_SMTP_CA %q: %w", s.SMTPCA, err)
		}
	}
	if s.SMTPPin != "" {
		if m.Pin, err = readPin(s.SMTPPin); err != nil {
			say("DUBAN_SMTP_PIN %q: write the SHA-256 fingerprint of the server's certificate, 64 hexadecimal digits with or without colons; duban mail test prints it", s.SMTPPin)
		}
	}
	if m.TLS == jobs.TLSOff && (m.CA != nil || m.Pin != nil) {
		say("DUBAN_SMTP_TLS is off: DUBAN_SMTP_CA and DUBAN_SMTP_PIN need required or implicit")
	}
	for _, mechanism := range s.SMTPAuth {
		mechanism = strings.ToUpper(strings.TrimSpace(mechanism))
		if !slices.Contains(jobs.AuthMechanisms(), mechanism) {
			say("DUBAN_SMTP_AUTH %q: write some of %s, in the order they are to be tried, or leave it out", mechanism, strings.Join(jobs.AuthMechanisms(), ","))
			continue
		}
		m.Auth = append(m.Auth, mechanism)
	}
	switch {
	case m.User != "" && m.Password == "":
		say("DUBAN_SMTP_PASSWORD is missing: DUBAN_SMTP_USER signs in with it; leave both out where the server takes mail without")
	case m.User == "" && m.Password != "":
		say("DUBAN_SMTP_USER is missing: DUBAN_SMTP_PASSWORD belongs to it")
	case m.User != "" && m.TLS == jobs.TLSOff && !m.ClearAuth:
		say("DUBAN_SMTP_TLS is off, and the password of DUBAN_SMTP_USER would go over an open line: write required, or where the line itself is trusted DUBAN_SMTP_AUTH_WITHOUT_TLS=true")
	}
	if m.Lines < 1 || m.Lines > 64 {
		say("DUBAN_SMTP_CONNECTIONS %d: between 1 and 64", m.Lines)
	}
	switch {
	case m.Host != "" && m.From == "":
		say("DUBAN_MAIL_FROM is missing: the address mails are sent from, such as duban@example.gov.cn")
	case m.From != "" && !senderAddress(m.From):
		say("DUBAN_MAIL_FROM %q: write one address, such as duban@example.gov.cn or Duban <duban@example.gov.cn>", m.From)
	}
	for _, domain := range m.TitleDomains {
		if d := strings.TrimPrefix(domain, "@"); !hostName(d) {
			say("DUBAN_MAIL_TITLE_DOMAINS %q: write domains, such as example.gov.cn, with commas between", domain)
		}
	}
	if m.Return != "" && !models.ValidAddress(m.Return) {
		say("DUBAN_MAIL_RETURN %q: write one address, such as duban-bounces@example.gov.cn", m.Return)
	}
	if s.MailReturnBox != "" {
		if m.Box, err = readBox(s.MailReturnBox); err != nil {
			say("DUBAN_MAIL_RETURN_BOX: %w", err)
		}
		m.Box.Open = s.SMTPAuthWithoutTLS
		if m.Return == "" {
			say("DUBAN_MAIL_RETURN is missing: the address of the mailbox that DUBAN_MAIL_RETURN_BOX reads")
		}
	}
	return m, errors.Join(wrong...)
}

// readBox reads where reports are read. The password is never repeated in what is wrong.
func readBox(s string) (box jobs.ReturnBox, err error) {
	u, err := url.Parse(s)
	ports := map[string]string{"imap": "143", "imaps": "993", "pop3": "110", "pop3s": "995"}
	if err != nil || ports[u.Scheme] == "" || u.Hostname() == "" || u.User == nil {
		return box, errors.New("write imaps://USER:PASSWORD@HOST/FOLDER, such as imaps://duban-bounces:secret@mail.example.gov.cn/INBOX, or pop3s://USER:PASSWORD@HOST, with %40 for an @ in the user or the password; or name a file that holds it in DUBAN_MAIL_RETURN_BOX_FILE")
	}
	port := cmp.Or(u.Port(), ports[u.Scheme])
	password, _ := u.User.Password()
	if strings.ContainsFunc(u.User.Username()+password, unicode.IsControl) {
		return box, errors.New("the user or the password holds a line break or another control character")
	}
	return jobs.ReturnBox{
		Address: net.JoinHostPort(u.Hostname(), port), User: u.User.Username(), Password: password,
		Folder: cmp.Or(strings.Trim(u.Path, "/"), "INBOX"), TLS: strings.HasSuffix(u.Scheme, "s"), POP: strings.HasPrefix(u.Scheme, "pop3"),
	}, nil
}

// hostName says whether this is a machine's name or address and nothing else.
func hostName(s string) bool {
	if net.ParseIP(s) != nil {
		return true
	}
	u, err := url.Parse("//" + s)
	return err == nil && u.Host == s && u.Port() == "" && !strings.ContainsAny(s, "@: \t")
}

// helloName says whether this is what EHLO may be followed by (RFC 5321 §4.1.1.1).
func helloName(s string) bool {
	if inside, ok := strings.CutPrefix(s, "["); ok {
		inside, ok = strings.CutSuffix(inside, "]")
		return ok && net.ParseIP(strings.TrimPrefix(inside, "IPv6:")) != nil
	}
	return hostName(s) && net.ParseIP(s) == nil
}

// senderAddress says whether mail may be sent from this.
func senderAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && strings.Contains(a.Address, "@") && !strings.ContainsAny(s, "\r\n\x00")
}

// readCA reads the certificates of a PEM file, beside which those the system trusts are
// still trusted.
func readCA(path string) (*x509.CertPool, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(content) {
		return nil, errors.New("holds no certificate; write the path of a PEM file that begins -----BEGIN CERTIFICATE-----")
	}
	return pool, nil
}

// readPin reads a fingerprint, or the certificate itself from a PEM file.
func readPin(s string) ([]byte, error) {
	plain := strings.NewReplacer(":", "", " ", "").Replace(strings.TrimPrefix(strings.ToLower(s), "sha256:"))
	if pin, err := hex.DecodeString(plain); err == nil && len(pin) == sha256.Size {
		return pin, nil
	}
	content, err := os.ReadFile(s)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(bytes.TrimSpace(content))
	if block == nil {
		return nil, errors.New("no certificate")
	}
	sum := sha256.Sum256(block.Bytes)
	return sum[:], nil
}

type mailCommand struct {
	Test mailTestCommand `cmd:"" help:"Send a trial mail to an address and show each step."`
}

type mailTestCommand struct {
	Address string `arg:"" help:"Where it goes."`
}

// Run sends a trial mail, prints the conversation without secrets, and in words what to
// change when the mail was not taken. Its language is the environment's.
func (c mailTestCommand) Run(ctx context.Context, s Settings) error {
	if !s.mailer().Configured() {
		return errors.New("no mail server is set: set DUBAN_SMTP_HOST and DUBAN_MAIL_FROM")
	}
	if !models.ValidAddress(c.Address) {
		return fmt.Errorf("%q is no address; write one such as name@example.gov.cn", c.Address)
	}
	store, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	runner, err := jobs.NewRunner(store, s.mailer(), jobs.All)
	if err != nil {
		return err
	}
	runner.Until(ctx)
	language := terminalLanguage()
	in := text.In(ctx, language)
	heard, err := runner.TryMail(ctx, c.Address, language)
	if err != nil {
		return err
	}
	for _, line := range views.MailDialogueLines(in, heard) {
		fmt.Printf("%s  %s\n", line.Who, line.Words)
	}
	if heard.Cause == "" {
		fmt.Println(text.T(in, "mailpage.trial.taken", c.Address))
		return nil
	}
	return fmt.Errorf("%s %s\n%s", text.T(in, "mail.reason.stage."+heard.Stage), views.MailCauseWords(in, heard.Cause), views.MailRemedy(in, heard.Cause))
}
