package jobs

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"mime/quotedprintable"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"duban/models"
	"duban/views"
)

// Mailer is the office's mail server and how mails to it are made. The zero value
// has no server: mails wait.
type Mailer struct {
	Host         string
	Port         int
	User         string
	Password     string
	TLS          string // one of the TLS words below
	From         string
	BaseURL      string   // links begin with it
	TitleDomains []string // whose addresses may have short titles

	Name      string         // what we call ourselves in EHLO; "" for BaseURL's host
	CA        *x509.CertPool // who vouches for the server; nil for whom the system trusts
	Pin       []byte         // SHA-256 of the server's certificate, nil for any that is vouched for
	Auth      []string       // ways to sign in, the first that is offered; nil for all of them
	ClearAuth bool           // the password may go over an open line
	Lines     int            // conversations at once; 0 for the usual number
	Return    string         // where reports of mails that did not arrive go; "" for From
	Box       ReturnBox      // where they are read; none reads none
	// Span is in what span the server is thought to count mails; a minute.
	Span time.Duration
	// Patience is how long connecting, or sending one mail, may take; 20 seconds.
	Patience time.Duration
}

// How TLS is spoken with the mail server.
const (
	TLSOff           = "off"
	TLSOpportunistic = "opportunistic" // when the server offers it
	TLSRequired      = "required"      // or nothing is sent
	TLSImplicit      = "implicit"      // from the first word on
)

const defaultPatience = 20 * time.Second

// Configured says whether there is a server to send to.
func (m Mailer) Configured() bool { return m.Host != "" && m.From != "" }

// Server names the server, as it is remembered from one start to the next.
func (m Mailer) Server() string { return fmt.Sprintf("%s:%d", m.Host, m.Port) }

// MayHaveTitles says whether mails to this address may carry short titles.
func (m Mailer) MayHaveTitles(address string) bool {
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	for _, d := range m.TitleDomains {
		if strings.EqualFold(strings.TrimPrefix(d, "@"), domain) {
			return true
		}
	}
	return false
}

// tlsPort is where servers speak TLS from the first word on (RFC 8314).
const tlsPort = 465

// errAddress is an address no mail can be sent to.
var errAddress = errors.New("no mail address")

// sender is the address of the envelope: where reports go.
func (m Mailer) sender() string {
	if m.Return != "" {
		return m.Return
	}
	if parsed, err := mail.ParseAddress(m.From); err == nil {
		return parsed.Address
	}
	return m.From
}

// newMark is a new installation's part of Message-IDs: 60 bits, and short enough that
// the header's line is not folded before it begins.
func newMark() string { return rand.Text()[:12] }

// message is a mail as it leaves. Its Message-ID is always the same for one mail, and
// no other installation's.
func (m Mailer) message(mailed models.Mail, to models.User, installation string, at time.Time) (letter, error) {
	if parsed, err := mail.ParseAddress(to.Email); err != nil || parsed.Address != to.Email {
		return letter{}, errAddress
	}
	from, err := mail.ParseAddress(m.From)
	if err != nil {
		return letter{}, fmt.Errorf("sender %q: %w", m.From, err)
	}
	id := mailed.MessageID(installation, m.host())
	head := []string{
		"Date: " + at.Format(time.RFC1123Z), "From: " + from.String(), "To: " + (&mail.Address{Address: to.Email}).String(),
		"Subject: " + foldSubject(strings.Join(strings.Fields(mailed.Subject), " ")), "Message-ID: <" + id + ">", "MIME-Version: 1.0",
		"Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All", // RFC 3834
	}
	if mailed.Leave != "" { // RFC 8058; what is duty cannot be left
		head = append(head, "List-Unsubscribe: <"+m.BaseURL+views.LeaveLink(mailed.Leave)+">")
		if strings.HasPrefix(m.BaseURL, "https:") {
			head = append(head, "List-Unsubscribe-Post: List-Unsubscribe=One-Click")
		}
	}
	l := letter{from: m.sender(), to: to.Email, bytes: whole(head, mailed)}
	if m.Return != "" { // reports are read: they name it then (RFC 3461 §4.4)
		l.id, _, _ = strings.Cut(id, "@")
	}
	return l, nil
}

// whole is a mail with this head: its text, and beside it, where there is one, what a
// browser makes of it (RFC 2046 §5.1.4), both in UTF-8 and quoted-printable.
func whole(head []string, mailed models.Mail) []byte {
	var out bytes.Buffer
	out.Grow(1024 + 2*(len(mailed.Text)+len(mailed.HTML)))
	line := func(words ...string) {
		for _, w := range words {
			out.WriteString(w)
		}
		out.WriteString("\r\n")
	}
	part := func(kind, words string) {
		line("Content-Type: ", kind, "; charset=utf-8")
		line("Content-Transfer-Encoding: quoted-printable")
		line()
		quoted := quotedprintable.NewWriter(&out)
		_, _ = quoted.Write([]byte(words)) // a buffer takes all
		_ = quoted.Close()
		line()
	}
	for _, each := range head {
		line(each)
	}
	if mailed.HTML == "" {
		part("text/plain", mailed.Text)
		return out.Bytes()
	}
	boundary := rand.Text()
	line("Content-Type: multipart/alternative; boundary=", boundary)
	for _, each := range [][2]string{{"text/plain", mailed.Text}, {"text/html", mailed.HTML}} {
		line()
		line("--", boundary)
		part(each[0], each[1])
	}
	line("--", boundary, "--")
	return out.Bytes()
}

// How long lines of a header and the words in it may be (RFC 2047 §2).
const (
	headerLine  = 76
	encodedWord = 75
)

// foldSubject is a subject as it stands in a header after its name: words of other
// letters than ASCII's encoded (RFC 2047), lines folded between words, and never before
// the first, which some mailboxes show as a subject that is empty.
func foldSubject(subject string) string {
	var out strings.Builder
	left := headerLine - len("Subject: ")
	put := func(word string) {
		if out.Len() > 0 {
			if len(word)+1 > left {
				out.WriteString("\r\n")
				left = headerLine
			}
			out.WriteString(" ")
			left--
		}
		out.WriteString(word)
		left -= len(word)
	}
	if isASCII(subject) && !strings.Contains(subject, "=?") {
		for word := range strings.SplitSeq(subject, " ") {
			put(word)
		}
		return out.String()
	}
	word := ""
	for _, r := range subject {
		room := encodedWord
		if out.Len() == 0 {
			room = min(room, left)
		}
		if word != "" && len(encoded(word+string(r))) > room {
			put(encoded(word))
			word = ""
		}
		word += string(r)
	}
	put(encoded(word))
	return out.String()
}

// encoded is a piece of a header as an encoded word.
func encoded(piece string) string {
	return "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(piece)) + "?="
}

// host is the name in Message-IDs: that of the sender's address.
func (m Mailer) host() string {
	if parsed, err := mail.ParseAddress(m.From); err == nil {
		if _, domain, ok := strings.Cut(parsed.Address, "@"); ok {
			return domain
		}
	}
	return "duban.invalid"
}

// baseHost is the host of an address people open.
func baseHost(base string) string {
	if u, err := url.Parse(base); err == nil {
		return u.Hostname()
	}
	return ""
}
