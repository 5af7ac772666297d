package jobs

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	"github.com/emersion/go-imap"
	"github.com/emersion/go-imap/client"

	"duban/models"
)

// ReturnBox is the mailbox into which reports of mails that did not arrive come; the zero
// value is none. It is read by IMAP, or by POP3.
type ReturnBox struct {
	POP            bool   // by POP3, which knows no folders
	Address        string // host:port
	User, Password string
	Folder         string
	TLS            bool // from the first word on; else STARTTLS
	Open           bool // the password may go over an open line
}

// How much of the mailbox is read.
const (
	reportBytes  = 256 << 10 // of one report
	reportsAtOne = 200       // reports in one run
	boxPatience  = 30 * time.Second
)

// bounces reads the reports of mails that did not arrive, those that nobody has read yet.
func bounces(ctx context.Context, r *Run) (noted int, err error) {
	if r.Mail.Box.Address == "" {
		return 0, nil
	}
	installation, err := r.fresh().Installation(newMark)
	if err != nil {
		return 0, err
	}
	note := func(message []byte) (used bool, err error) {
		n, err := r.fresh().NoteReports(installation, readReport(message)...)
		noted += n
		return n > 0, err
	}
	box := r.Mail.Box
	config, err := box.config(r.Mail)
	switch {
	case err != nil:
	case box.POP:
		err = box.readPOP(ctx, config, &r.pace.reports, note)
	default:
		err = box.read(ctx, config, func(message []byte) error { _, err := note(message); return err })
	}
	if err != nil {
		err = fmt.Errorf("return box: DUBAN_MAIL_RETURN_BOX: %w", err)
	}
	return noted, err
}

// config is how TLS is spoken with the mailbox: a password goes over the line, so its
// certificate is asked who it is.
func (b ReturnBox) config(m Mailer) (*tls.Config, error) {
	host, _, err := net.SplitHostPort(b.Address)
	if err != nil {
		return nil, err
	}
	m.User, m.Pin = b.User, nil
	config := m.tlsConfig()
	config.ServerName = host
	return config, nil
}

// read hands over each message that was not seen yet, and marks it as seen once that went
// well.
func (b ReturnBox) read(ctx context.Context, config *tls.Config, each func(message []byte) error) error {
	line, err := (&net.Dialer{Timeout: boxPatience}).DialContext(ctx, "tcp", b.Address)
	if err != nil {
		return err
	}
	defer line.Close()
	stop := context.AfterFunc(ctx, func() { _ = line.Close() })
	defer stop()
	if b.TLS {
		line = tls.Client(line, config)
	}
	c, err := client.New(line)
	if err != nil {
		return err
	}
	defer func() { _ = c.Logout() }()
	c.Timeout = boxPatience
	if !b.TLS {
		switch can, err := c.SupportStartTLS(); {
		case err != nil:
			return err
		case can:
			if err := c.StartTLS(config); err != nil {
				return err
			}
		case !b.Open:
			return errors.New("its password would go over an open line: write imaps:// instead")
		}
	}
	if err := c.Login(b.User, b.Password); err != nil {
		return fmt.Errorf("signing in: %w", err)
	}
	if _, err := c.Select(b.Folder, false); err != nil {
		return fmt.Errorf("folder %s: %w", b.Folder, err)
	}
	unseen := imap.NewSearchCriteria()
	unseen.WithoutFlags = []string{imap.SeenFlag}
	numbers, err := c.UidSearch(unseen)
	if err != nil || len(numbers) == 0 {
		return err
	}
	for _, number := range numbers[:min(len(numbers), reportsAtOne)] {
		if err := readOne(c, number, each); err != nil {
			return err
		}
	}
	return nil
}

// readOne hands over one message of the mailbox.
func readOne(c *client.Client, number uint32, each func([]byte) error) error {
	of := new(imap.SeqSet)
	of.AddNum(number)
	section := &imap.BodySectionName{Peek: true, Partial: []int{0, reportBytes}}
	messages, done := make(chan *imap.Message, 1), make(chan error, 1)
	go func() { done <- c.UidFetch(of, []imap.FetchItem{section.FetchItem()}, messages) }()
	var failed error
	for m := range messages {
		for _, body := range m.Body {
			content, err := io.ReadAll(io.LimitReader(body, reportBytes))
			failed = errors.Join(failed, err)
			if err == nil {
				failed = errors.Join(failed, each(content))
			}
		}
	}
	if err := errors.Join(<-done, failed); err != nil {
		return err
	}
	return c.UidStore(of, imap.FormatFlagsOp(imap.AddFlags, true), []any{imap.SeenFlag}, nil)
}

// readReport is what a message says of mails that did not arrive, nothing where it is no
// report of RFC 3464 or says that it goes on being tried.
func readReport(message []byte) (reports []models.MailReport) {
	read, err := mail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		return nil
	}
	kind, params, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" {
		return nil
	}
	id := ""
	parts := multipart.NewReader(read.Body, params["boundary"])
	for part, err := parts.NextPart(); err == nil; part, err = parts.NextPart() {
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		switch kind {
		case "message/delivery-status", "message/global-delivery-status":
			var envelope string
			envelope, reports = readStatus(part)
			if id == "" {
				id = envelope
			}
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			header, _ := textproto.NewReader(bufio.NewReader(part)).ReadMIMEHeader() // cut off, as it may be
			if found, _, ok := strings.Cut(strings.Trim(header.Get("Message-Id"), "<> "), "@"); ok {
				id = found
			}
		}
	}
	for n := range reports {
		reports[n].ID = id
	}
	return reports
}

// readStatus is what a delivery status says: by which name we sent the mail, and whom it
// did not reach.
func readStatus(part io.Reader) (envelope string, reports []models.MailReport) {
	lines := textproto.NewReader(bufio.NewReader(part))
	for {
		group, err := lines.ReadMIMEHeader()
		if found := group.Get("Original-Envelope-Id"); found != "" {
			envelope = found
		}
		if strings.EqualFold(group.Get("Action"), "failed") {
			address := cmp.Or(typed(group.Get("Original-Recipient")), typed(group.Get("Final-Recipient")))
			code := strings.Fields(group.Get("Status") + " ")
			words := typed(group.Get("Diagnostic-Code"))
			if len(code) > 0 && address != "" {
				reports = append(reports, reportOf(address, code[0], words))
			}
		}
		if err != nil {
			return envelope, reports
		}
	}
}

// reportOf reads a refusal that came later as one that comes at once.
func reportOf(address, status, words string) models.MailReport {
	r := models.MailReport{Address: address, Status: status, Words: legible(cmp.Or(words, status))}
	code := 550
	if _, err := fmt.Sscanf(words, "%3d", &code); err != nil || code < 500 {
		code = 550
	}
	row, ok := rowOf(stageReader, code, status, words)
	if r.Cause = models.CauseRefused; ok {
		r.Cause = row.cause
	}
	r.Nobody = ok && row.about == aboutAddress && !row.doubtful
	return r
}

// typed is a field such as "rfc822; a@b" without its type.
func typed(field string) string {
	_, value, ok := strings.Cut(field, ";")
	if !ok {
		value = field
	}
	return strings.Trim(strings.TrimSpace(value), "<>")
}
