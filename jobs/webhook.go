package jobs

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"duban/models"
	"duban/views"
)

// Webhooks is how messages reach the robots of chat groups. The zero value speaks to
// the makers' own hosts alone.
type Webhooks struct {
	Hosts models.WebhookHosts
	// Patience is how long one message may take; 10 seconds.
	Patience time.Duration
}

const (
	webhookPatience = 10 * time.Second
	// webhookAnswer is how much of an answer is read.
	webhookAnswer = 16 << 10
)

// webhookMail writes a group's message in the language the group reads.
func webhookMail(ctx context.Context, report models.WebhookReport, base string) (title, words string, err error) {
	m := views.WebhookText(inLanguageOf(ctx, models.User{Language: report.Webhook.Language}), report, base)
	kept, err := json.Marshal(m)
	return m.Title, string(kept), err
}

// tellGroups puts into the outbox what each chat group is told today.
func (r *Run) tellGroups(ctx context.Context) error {
	reports, err := r.Board.WebhookReports()
	if err != nil {
		return err
	}
	var failed []error
	for _, report := range reports {
		title, words, err := webhookMail(ctx, report, r.Mail.BaseURL)
		if err == nil {
			_, err = r.Board.PostWebhook(report, title, words)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("webhook %d: %w", report.Webhook.ID, err))
		}
	}
	return errors.Join(failed...)
}

// webhook sends what is in the outbox for robots, one message to each.
func webhook(ctx context.Context, r *Run) (sent int, err error) {
	mails, err := r.fresh().ClaimWebhooks(r.owner + "." + rand.Text()[:10])
	if err != nil || len(mails) == 0 {
		return 0, err
	}
	hooks, err := r.fresh().WebhookOf(mails)
	if err != nil {
		return 0, err
	}
	tries := make([]models.MailTry, len(mails))
	var talking sync.WaitGroup
	for n, m := range mails { // to each robot alone: one that hangs holds up no other
		talking.Go(func() { tries[n] = r.webhooks.try(ctx, m, hooks[*m.WebhookID], r.now()) })
	}
	talking.Wait()
	for _, try := range tries {
		if try.Came == models.CameTaken {
			sent++
		}
	}
	_, err = r.fresh().NoteTries(tries...)
	return sent, err
}

// try sends one message and says what came of it.
func (w Webhooks) try(ctx context.Context, m models.Mail, to models.Webhook, at time.Time) models.MailTry {
	try := models.MailTry{Mail: m, To: models.User{Email: to.Host()}}
	switch {
	case to.ID == 0 || to.Stopped:
		try.Came, try.Why = models.CameDropped, models.DropDisabled
		return try
	case !w.Hosts.Allow(to.Maker, to.Address): // the operator may have changed his mind
		try.Came, try.Why = models.CameRefused, models.WebhookHost
		return try
	}
	var message views.WebhookMessage
	if err := json.Unmarshal([]byte(m.Text), &message); err != nil {
		try.Came, try.Why = models.CameRefused, err.Error()
		return try
	}
	try.Came, try.Why = w.send(ctx, to, message, at)
	if to.Secret != "" {
		try.Why = strings.ReplaceAll(try.Why, to.Secret, "…")
	}
	return try
}

// send posts a message and reads the answer.
func (w Webhooks) send(ctx context.Context, to models.Webhook, message views.WebhookMessage, at time.Time) (models.MailCame, string) {
	address, body, err := robots[to.Maker].request(to, message, at)
	if err != nil {
		return models.CameRefused, err.Error()
	}
	ctx, done := context.WithTimeout(ctx, cmp.Or(w.Patience, webhookPatience))
	defer done()
	said := false // all of it was said: the robot may have it
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(i httptrace.WroteRequestInfo) { said = i.Err == nil }})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return models.CameRefused, "address"
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "duban")
	answer, err := w.client(r.URL.Host).Do(r)
	if err != nil {
		var quoted *url.Error
		if errors.As(err, &quoted) { // it would say the whole address, which is secret
			err = quoted.Err
		}
		if errors.Is(err, errInside) {
			return models.CameRefused, err.Error()
		}
		if said {
			return models.CameUnclear, lineWords(err)
		}
		return models.CamePutOff, lineWords(err)
	}
	defer answer.Body.Close()
	words, _ := io.ReadAll(io.LimitReader(answer.Body, webhookAnswer))
	return robots[to.Maker].heard(answer.StatusCode, words)
}

// errInside is an address of a maker's host that leads into the network: somebody
// lies about the name.
var errInside = errors.New("the host's name leads to an address inside the network")

// Inside refuses an address, host:port, that is not one of the open network.
func Inside(address string) error {
	at, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(at); err != nil || ip == nil || !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return errInside
	}
	return nil
}

// client asks one host and follows nobody elsewhere. A maker's host is never inside
// the network; one that the operator named may be.
func (w Webhooks) client(host string) *http.Client {
	dialer := &net.Dialer{Timeout: cmp.Or(w.Patience, webhookPatience)}
	if !w.Hosts.Named(host) {
		dialer.Control = func(_, address string, _ syscall.RawConn) error { return Inside(address) }
	}
	return &http.Client{
		Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, TLSHandshakeTimeout: webhookPatience, MaxResponseHeaderBytes: 64 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// robot is how one maker's robots are spoken to.
type robot struct {
	// body is the message in the maker's form.
	body func(m views.WebhookMessage) any
	// sign puts in that it is us who speak.
	sign func(to models.Webhook, at time.Time, query url.Values, body map[string]any)
	// most is how many bytes a message may have; longer lists are cut.
	most int
	// code is the field of the answer that is 0 when the message was taken.
	code, words string
	// again are the codes that ask for patience.
	again []int
}

// robots are the makers' forms, as their pages on custom robots of groups have them:
// developer.work.weixin.qq.com path/91770, open.dingtalk.com "custom robot access",
// open.feishu.cn "custom bot usage guide".
var robots = map[models.WebhookMaker]robot{
	models.WeCom: {
		body: func(m views.WebhookMessage) any {
			return map[string]any{"msgtype": "markdown", "markdown": map[string]any{"content": "**" + plainWords(m.Title) + "**\n" + markdown(m.Lines, "\n")}}
		},
		most: 4000, code: "errcode", words: "errmsg",
		again: []int{-1, 45009, 45033}, // busy; too often; too many at once
	},
	models.DingTalk: {
		body: func(m views.WebhookMessage) any {
			return map[string]any{"msgtype": "markdown", "markdown": map[string]any{"title": m.Title, "text": "#### " + plainWords(m.Title) + "\n\n" + markdown(m.Lines, "\n\n")}}
		},
		// timestamp in milliseconds and secret, signed with the secret, in the address.
		sign: func(to models.Webhook, at time.Time, query url.Values, _ map[string]any) {
			stamp := strconv.FormatInt(at.UnixMilli(), 10)
			query.Set("timestamp", stamp)
			query.Set("sign", signedWords(to.Secret, stamp+"\n"+to.Secret))
		},
		most: 18000, code: "errcode", words: "errmsg",
		again: []int{-1, 130101, 130102, 410100, 410101},
	},
	models.Feishu: {
		body: func(m views.WebhookMessage) any {
			content := [][]map[string]string{}
			for _, l := range m.Lines {
				line := []map[string]string{}
				if l.Link != "" {
					line = append(line, map[string]string{"tag": "a", "text": l.Label, "href": l.Link})
				}
				if words := l.Words; words != "" {
					if l.Link != "" {
						words = " " + words
					}
					line = append(line, map[string]string{"tag": "text", "text": words})
				}
				content = append(content, line)
			}
			return map[string]any{"msg_type": "post", "content": map[string]any{"post": map[string]any{"zh_cn": map[string]any{"title": m.Title, "content": content}}}}
		},
		// timestamp in seconds; both together are the key, and nothing is signed with it.
		sign: func(to models.Webhook, at time.Time, _ url.Values, body map[string]any) {
			stamp := strconv.FormatInt(at.Unix(), 10)
			body["timestamp"], body["sign"] = stamp, signedWords(stamp+"\n"+to.Secret, "")
		},
		most: 18000, code: "code", words: "msg",
		again: []int{11232, 11233},
	},
}

func signedWords(key, words string) string {
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = mac.Write([]byte(words))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// request is where a message goes and what it is, in the maker's form and size.
func (r robot) request(to models.Webhook, m views.WebhookMessage, at time.Time) (address string, body []byte, err error) {
	u, err := url.Parse(to.Address)
	if err != nil || r.body == nil {
		return "", nil, errors.New("address")
	}
	for {
		form := r.body(m).(map[string]any)
		if r.sign != nil && to.Secret != "" {
			query := u.Query()
			r.sign(to, at, query, form)
			u.RawQuery = query.Encode()
		}
		if body, err = json.Marshal(form); err != nil || len(body) <= r.most || len(m.Lines) <= 1 {
			return u.String(), body, err
		}
		// The last line is the link to all of it, and stays.
		m.Lines = slices.Delete(slices.Clone(m.Lines), len(m.Lines)-2, len(m.Lines)-1)
	}
}

// heard reads what a robot answers: it says with 200 that it will not, too.
func (r robot) heard(status int, words []byte) (models.MailCame, string) {
	var said map[string]any
	_ = json.Unmarshal(words, &said)
	why, _ := said[r.words].(string)
	code, answered := said[r.code].(float64)
	why = strings.TrimSpace(fmt.Sprintf("HTTP %d %s", status, why))
	if answered {
		why = strings.TrimSpace(fmt.Sprintf("%v %s", code, said[r.words]))
	}
	switch {
	case answered && slices.Contains(r.again, int(code)), status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		return models.CamePutOff, why
	case status == http.StatusOK && answered && code == 0:
		return models.CameTaken, ""
	case status == http.StatusOK && !answered: // a page that asks to sign in, of some gateway
		return models.CamePutOff, why
	default:
		return models.CameRefused, why
	}
}

// markdown sets lines, each with its link.
func markdown(lines []views.WebhookLine, between string) string {
	var all []string
	for _, l := range lines {
		words := plainWords(l.Words)
		if l.Link != "" {
			words = strings.TrimSpace("[" + plainWords(l.Label) + "](" + l.Link + ") " + words)
		}
		all = append(all, words)
	}
	return strings.Join(all, between)
}

// plainWords takes away what robots would take for a mark, a link or a call to everybody.
func plainWords(words string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("[]()<>*_`#@\r\n", r) {
			return ' '
		}
		return r
	}, words)
}
