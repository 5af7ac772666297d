package jobs

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
	"golang.org/x/text/encoding/simplifiedchinese"

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
	TLS          string // off, opportunistic, required
	From         string
	BaseURL      string   // links begin with it
	TitleDomains []string // whose addresses may have short titles
	// Patience is how long connecting, or sending one mail, may take; 20 seconds.
	Patience time.Duration
}

const defaultPatience = 20 * time.Second

// Configured says whether there is a server to send to.
func (m Mailer) Configured() bool { return m.Host != "" && m.From != "" }

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

// tlsPort is where servers speak TLS from the first word on.
const tlsPort = 465

// conversation is the line to the server, opened when first needed.
type conversation struct {
	client *gomail.Client
	line   net.Conn
	until  func() bool // no longer waits for the program's end
}

// open opens the line if there is none. Each step of it, and later each mail, may
// take as long as the patience; when the context ends the line breaks off.
func (c *conversation) open(ctx context.Context, m Mailer) error {
	if c.client != nil {
		return nil
	}
	policy, ok := map[string]gomail.TLSPolicy{"off": gomail.NoTLS, "required": gomail.TLSMandatory}[m.TLS]
	if !ok || m.Port == tlsPort {
		policy = gomail.TLSOpportunistic
	}
	options := []gomail.Option{
		gomail.WithPort(m.Port), gomail.WithTLSPolicy(policy), gomail.WithTimeout(cmp.Or(m.Patience, defaultPatience)),
		gomail.WithoutNoop(), gomail.WithoutRset(), gomail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
			var d interface {
				DialContext(context.Context, string, string) (net.Conn, error)
			} = &net.Dialer{}
			if m.Port == tlsPort {
				d = &tls.Dialer{Config: &tls.Config{ServerName: m.Host, MinVersion: tls.VersionTLS12}}
			}
			line, err := d.DialContext(dialing, network, address)
			if err != nil {
				return nil, err
			}
			c.line = line
			c.until = context.AfterFunc(ctx, func() { _ = line.Close() })
			return line, nil
		}),
	}
	if m.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(m.User), gomail.WithPassword(m.Password))
	}
	client, err := gomail.NewClient(m.Host, options...)
	if err != nil {
		return err
	}
	if err := client.DialWithContext(ctx); err != nil {
		c.end()
		return err
	}
	c.client = client
	return nil
}

// end says good-bye, if there is anybody, and closes the line in any case.
func (c *conversation) end() {
	if c.client != nil {
		_ = c.client.Close()
	}
	if c.line != nil {
		c.until()
		_ = c.line.Close()
	}
	*c = conversation{}
}

// errAddress is an address no mail can be sent to.
var errAddress = errors.New("no mail address")

// message is a mail as it leaves. Its Message-ID is always the same for one mail.
func (m Mailer) message(mailed models.Mail, to models.User, at time.Time) (*gomail.Msg, error) {
	if parsed, err := mail.ParseAddress(to.Email); err != nil || parsed.Address != to.Email {
		return nil, errAddress
	}
	msg := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP))
	if err := msg.From(m.From); err != nil {
		return nil, fmt.Errorf("sender %q: %w", m.From, err)
	}
	if err := msg.To(to.Email); err != nil {
		return nil, errAddress
	}
	msg.Subject(strings.Join(strings.Fields(mailed.Subject), " "))
	msg.SetDateWithValue(at)
	msg.SetMessageIDWithValue(mailed.MessageID(m.host()))
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	if mailed.Leave != "" { // RFC 8058; what is duty cannot be left
		msg.SetGenHeader("List-Unsubscribe", "<"+m.BaseURL+views.LeaveLink(mailed.Leave)+">")
		if strings.HasPrefix(m.BaseURL, "https:") {
			msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
		}
	}
	msg.SetBodyString(gomail.TypeTextPlain, mailed.Text)
	if mailed.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, mailed.HTML)
	}
	return msg, nil
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

// answer is what a try to send came to.
type answer struct {
	came   models.MailCame
	us     bool   // the server takes nothing from us: not this mail's fault
	broken bool   // the conversation is over
	why    string // for people: what the server said
}

// answerOf reads what the library says of a try.
func answerOf(err error) answer {
	if err == nil {
		return answer{came: models.CameTaken}
	}
	var refused *gomail.SendError
	if !errors.As(err, &refused) {
		return answer{came: models.CamePutOff, broken: true, why: short(err)}
	}
	a := answer{came: models.CamePutOff, broken: refused.ErrorCode() == 0 || refused.ErrorCode() == 421, why: short(err)}
	switch silent := refused.ErrorCode() == 0; {
	case silent && refused.Reason == gomail.ErrSMTPDataClose:
		a.came = models.CameUnclear // all of it was said
	case silent, refused.IsTemp():
	case refused.Reason == gomail.ErrSMTPMailFrom:
		a.us = true
	case nobody(refused):
		a.came = models.CameNobody
	default:
		a.came = models.CameRefused
	}
	return a
}

// nobody says whether it is the address that was refused, and not what was written
// or who writes: of the enhanced codes those of addresses and mailboxes.
func nobody(refused *gomail.SendError) bool {
	switch code := refused.EnhancedStatusCode(); {
	case strings.HasPrefix(code, "5.1."), strings.HasPrefix(code, "5.2."):
		return true
	default:
		return code == "" && refused.Reason == gomail.ErrSMTPRcptTo
	}
}

// short is an error as a list of deliveries shows it: the server's own words where
// there are any, without what the library says around them, or the line's.
func short(err error) string {
	var dial *net.OpError
	if errors.As(err, &dial) {
		err = dial.Err
	}
	words, _, _ := strings.Cut(err.Error(), ", affected recipient")
	words, _, _ = strings.Cut(words, ", affected message")
	var refused *gomail.SendError
	if errors.As(err, &refused) && refused.ErrorCode() != 0 {
		if at := strings.Index(words, strconv.Itoa(refused.ErrorCode())); at > 0 {
			words = words[at:]
		}
		// The reply is quoted when it is not plain.
		if code, rest, ok := strings.Cut(words, " "); ok {
			if quoted, err := strconv.QuotedPrefix(rest); err == nil {
				plain, _ := strconv.Unquote(quoted)
				words = code + " " + plain
			}
		}
	}
	if !utf8.ValidString(words) { // many servers here answer in the old code page
		if read, err := simplifiedchinese.GB18030.NewDecoder().String(words); err == nil {
			words = read
		}
	}
	return words
}
