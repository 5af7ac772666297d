package jobs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"duban/models"
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

// connect opens a conversation with the server.
func (m Mailer) connect(ctx context.Context) (*gomail.Client, error) {
	policy := map[string]gomail.TLSPolicy{"off": gomail.NoTLS, "required": gomail.TLSMandatory}
	patience := m.Patience
	if patience == 0 {
		patience = defaultPatience
	}
	options := []gomail.Option{gomail.WithPort(m.Port), gomail.WithTimeout(patience), gomail.WithTLSPolicy(gomail.TLSOpportunistic), gomail.WithoutNoop()}
	if p, ok := policy[m.TLS]; ok {
		options = append(options, gomail.WithTLSPolicy(p))
	}
	if m.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(m.User), gomail.WithPassword(m.Password))
	}
	client, err := gomail.NewClient(m.Host, options...)
	if err != nil {
		return nil, err
	}
	return client, client.DialWithContext(ctx)
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
	sent    bool
	passing bool   // refused for now
	unclear bool   // the connection broke before the server said whether it has it
	broken  bool   // the conversation is over
	why     string // for people: what the server said
}

// answerOf reads what the library says of a try.
func answerOf(err error) answer {
	if err == nil {
		return answer{sent: true}
	}
	var refused *gomail.SendError
	if !errors.As(err, &refused) {
		return answer{passing: true, broken: true, why: short(err)}
	}
	silent := refused.ErrorCode() == 0 // not the server's word, but the line's
	switch refused.Reason {
	case gomail.ErrSMTPReset: // it was taken; only the tidying up after it failed
		return answer{sent: true, broken: true}
	case gomail.ErrSMTPDataClose, gomail.ErrWriteContent:
		if silent {
			return answer{unclear: true, broken: true, why: short(err)}
		}
	}
	return answer{passing: silent || refused.IsTemp(), broken: silent || refused.ErrorCode() == 421, why: short(err)}
}

// short is an error as a list of deliveries shows it: one line, without addresses
// of machines.
func short(err error) string {
	var dial *net.OpError
	if errors.As(err, &dial) {
		err = dial.Err
	}
	var refused *gomail.SendError
	text := err.Error()
	if errors.As(err, &refused) && refused.ErrorCode() != 0 {
		text = fmt.Sprintf("%d %s", refused.ErrorCode(), text)
	}
	if runes := []rune(strings.Join(strings.Fields(text), " ")); len(runes) > 200 {
		return string(runes[:200])
	} else {
		return string(runes)
	}
}
