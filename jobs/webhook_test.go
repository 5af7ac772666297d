package jobs_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
)

// chat is a robots' host of the test's own: a real one, which checks what is said to
// it as the makers do, and misbehaves on request.
type chat struct {
	*httptest.Server
	mu     sync.Mutex
	heard  []heard
	status int           // what it answers instead
	says   string        // and says
	secret string        // that must have signed
	hang   chan struct{} // says nothing until it is closed
	asked  int           // how often, while it hung
	now    func() time.Time
}

type heard struct {
	maker models.WebhookMaker
	body  string
	at    time.Time
}

func openChat(t *testing.T, r *modelstest.Register) *chat {
	t.Helper()
	c := &chat{now: r.Store.Now}
	c.Server = httptest.NewServer(http.HandlerFunc(c.answer))
	t.Cleanup(c.Close)
	return c
}

func (c *chat) host() string { return strings.TrimPrefix(c.URL, "http://") }

// address is a robot's, as its maker gives it out.
func (c *chat) address(m models.WebhookMaker) string {
	return c.URL + map[models.WebhookMaker]string{
		models.WeCom: "/cgi-bin/webhook/send?key=k-1", models.DingTalk: "/robot/send?access_token=t-1", models.Feishu: "/open-apis/bot/v2/hook/h-1",
	}[m]
}

func (c *chat) answer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	status, says, secret, hang := c.status, c.says, c.secret, c.hang
	c.mu.Unlock()
	if status != 0 {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, says)
		return
	}
	if hang != nil {
		c.mu.Lock()
		c.asked++
		c.mu.Unlock()
		<-hang
	}
	maker, problem := c.check(r, body, secret)
	w.Header().Set("Content-Type", "application/json")
	if says != "" {
		_, _ = io.WriteString(w, says)
		return
	}
	c.mu.Lock()
	if problem == "" {
		c.heard = append(c.heard, heard{maker, string(body), time.Now()})
	}
	c.mu.Unlock()
	code := 0
	if problem != "" {
		code = 310000
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"errcode": code, "errmsg": problem, "code": code, "msg": problem, "data": map[string]any{}})
}

// check reads a message as its maker would.
func (c *chat) check(r *http.Request, body []byte, secret string) (models.WebhookMaker, string) {
	var m struct {
		MsgType   string `json:"msgtype"`
		FeishuTyp string `json:"msg_type"`
		Markdown  struct {
			Content, Title, Text string
		}
		Content struct {
			Post map[string]struct {
				Title   string
				Content [][]struct{ Tag, Text, Href string }
			}
		}
		Timestamp, Sign string
	}
	if err := json.Unmarshal(body, &m); err != nil || r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return "", "not JSON"
	}
	sum := func(key, words string) string {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(words))
		return base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	q := r.URL.Query()
	switch r.URL.Path {
	case "/cgi-bin/webhook/send":
		if q.Get("key") != "k-1" || m.MsgType != "markdown" || m.Markdown.Content == "" || len(m.Markdown.Content) > 4096 {
			return "", "wecom form"
		}
		return models.WeCom, ""
	case "/robot/send":
		if q.Get("access_token") != "t-1" || m.MsgType != "markdown" || m.Markdown.Title == "" || m.Markdown.Text == "" {
			return "", "dingtalk form"
		}
		stamp := q.Get("timestamp")
		if secret != "" && (q.Get("sign") != sum(secret, stamp+"\n"+secret) || stamp != fmt.Sprint(c.now().UnixMilli())) {
			return "", "sign not match"
		}
		return models.DingTalk, ""
	case "/open-apis/bot/v2/hook/h-1":
		post := m.Content.Post["zh_cn"]
		if m.FeishuTyp != "post" || post.Title == "" || len(post.Content) == 0 {
			return "", "feishu form"
		}
		if secret != "" && (m.Sign != sum(m.Timestamp+"\n"+secret, "") || m.Timestamp != fmt.Sprint(c.now().Unix())) {
			return "", "sign match fail"
		}
		return models.Feishu, ""
	}
	return "", "no such robot"
}

func (c *chat) got() []heard {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]heard{}, c.heard...)
}

func (c *chat) will(status int, says string) {
	c.mu.Lock()
	c.status, c.says = status, says
	c.mu.Unlock()
}

// group makes a robot of this host known.
func (c *chat) group(t *testing.T, r *modelstest.Register, m models.WebhookMaker, unit *int64, secret string) models.Webhook {
	t.Helper()
	w, err := r.As(r.Office).SaveWebhook(models.Webhook{Name: fmt.Sprint("群 ", m, unit != nil), Maker: m, Address: c.address(m), Secret: secret, UnitID: unit, Language: "zh"}, c.hosts())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (c *chat) hosts() models.WebhookHosts {
	return models.WebhookHosts{Also: []string{c.host()}, Plain: true}
}

// spoken is a runner that reaches this host.
func (c *chat) spoken(t *testing.T, r *modelstest.Register) *jobs.Runner {
	t.Helper()
	p, err := jobs.NewRunner(r.Store, jobs.Mailer{BaseURL: "https://duban.example.gov.cn"}, jobs.All)
	if err != nil {
		t.Fatal(err)
	}
	p.Webhooks = jobs.Webhooks{Hosts: c.hosts(), Patience: modelstest.Patience}
	return p
}

func now(t *testing.T, p *jobs.Runner, job string) int {
	t.Helper()
	n, _, err := p.Now(job)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Each maker's robot is spoken to in its own form and with its own signature: what is
// late, by number, unit, days and link, and not a word of the problem.
func TestAGroupIsToldWhatIsLate(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		c := openChat(t, r)
		c.secret = "SEC-of-the-group"
		mine := r.Registered("2026-03-02")
		other := r.RegisteredFor(r.Other, models.OnTheSpot, "2026-03-02")
		for _, m := range models.WebhookMakers() {
			c.group(t, r, m, nil, c.secret)
		}
		c.group(t, r, models.WeCom, &r.Unit.ID, "")
		p := c.spoken(t, r)
		r.At("2026-03-03 00:05")
		now(t, p, "flag")
		r.At("2026-03-03 08:30")
		now(t, p, "remind")
		for range 3 {
			now(t, p, "webhook")
			now(t, p, "remind")
		}
		got := c.got()
		if len(got) != 4 {
			t.Fatalf("%d messages for four groups: %+v", len(got), got)
		}
		ofUnit := 0
		for _, h := range got {
			if !strings.Contains(h.body, mine.Number) || !strings.Contains(h.body, "超期 1 天") || !strings.Contains(h.body, "https://duban.example.gov.cn/items/"+mine.Number) {
				t.Errorf("%s: %s", h.maker, h.body)
			}
			if strings.Contains(h.body, "奖补") || strings.Contains(h.body, "拨付") {
				t.Errorf("%s: a word of the problem: %s", h.maker, h.body)
			}
			if !strings.Contains(h.body, other.Number) {
				ofUnit++
			}
		}
		if ofUnit != 1 {
			t.Errorf("%d of them are of one unit's group", ofUnit)
		}
		// Nothing happened since: nothing is said the next day.
		r.At("2026-03-04 08:30")
		now(t, p, "remind")
		now(t, p, "webhook")
		if len(c.got()) != 4 {
			t.Errorf("%d messages", len(c.got()))
		}
		log, err := r.As(r.Admin).WebhookLog(10)
		if err != nil || len(log) != 4 || log[0].State != models.MailSent || log[0].Address != c.host() {
			t.Errorf("the log says %+v %v", log, err)
		}
		if _, err := r.As(r.Supervisor).WebhookLog(10); err == nil {
			t.Error("a supervisor reads the log of robots")
		}
	})
}

// A message that counts days over a year whose days nobody has checked says so, and one of
// days that are known says nothing.
func TestAGroupIsToldOfDoubtfulDays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		c := openChat(t, r)
		first, second := r.Registered("2026-03-02"), r.Registered("2027-01-04")
		c.group(t, r, models.WeCom, nil, "")
		p := c.spoken(t, r)
		for _, day := range []string{"2026-03-03", "2027-01-05"} {
			r.At(day + " 00:05")
			now(t, p, "flag")
			r.At(day + " 08:30")
			now(t, p, "remind")
			now(t, p, "webhook")
		}
		got := c.got()
		if len(got) != 2 || !strings.Contains(got[0].body, first.Number) || !strings.Contains(got[1].body, second.Number) {
			t.Fatalf("%+v", got)
		}
		if doubt := "2027 年放假安排未经核对"; strings.Contains(got[0].body, "未经核对") || !strings.Contains(got[1].body, doubt) {
			t.Errorf("of known days: %s\nof others: %s", got[0].body, got[1].body)
		}
	})
}

// A host that answers 500 for an hour gets the message once it is well again, once;
// tries come at longer and longer intervals.
func TestARobotThatIsIllForAnHour(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		c := openChat(t, r)
		c.will(500, "oops")
		r.Registered("2026-03-02")
		c.group(t, r, models.DingTalk, nil, "SEC-1")
		p := c.spoken(t, r)
		r.At("2026-03-03 00:05")
		now(t, p, "flag")
		r.At("2026-03-03 08:30")
		now(t, p, "remind")
		for range 60 {
			now(t, p, "webhook")
			later(r, 1)
		}
		waiting, err := r.As(r.Admin).WebhookLog(1)
		if err != nil || len(waiting) != 1 || waiting[0].State != models.MailWaiting || waiting[0].Error != "HTTP 500" || waiting[0].Attempts > 8 {
			t.Errorf("%+v %v", waiting, err)
		}
		c.will(0, "")
		for range 90 {
			now(t, p, "webhook")
			later(r, 1)
		}
		if len(c.got()) != 1 {
			t.Errorf("%d messages arrived", len(c.got()))
		}
		if log, _ := r.As(r.Admin).WebhookLog(1); log[0].State != models.MailSent {
			t.Errorf("%+v", log[0])
		}
	})
}

// What a robot says with 200 is read: too often is asked again, a wrong key is not,
// and the administrators hear of it.
func TestARobotsRefusalIsRead(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for n, tt := range []struct {
			maker  models.WebhookMaker
			status int
			says   string
			want   models.MailState
			why    string
		}{
			{models.WeCom, 200, `{"errcode":45009,"errmsg":"api freq out of limit"}`, models.MailWaiting, "45009 api freq out of limit"},
			{models.WeCom, 200, `{"errcode":93000,"errmsg":"invalid webhook url"}`, models.MailFailed, "93000 invalid webhook url"},
			{models.DingTalk, 200, `{"errcode":130101,"errmsg":"send too fast"}`, models.MailWaiting, "130101 send too fast"},
			{models.DingTalk, 200, `{"errcode":310000,"errmsg":"sign not match"}`, models.MailFailed, "310000 sign not match"},
			{models.Feishu, 200, `{"code":11232,"msg":"frequency limited"}`, models.MailWaiting, "11232 frequency limited"},
			{models.Feishu, 200, `{"code":9499,"msg":"Bad Request"}`, models.MailFailed, "9499 Bad Request"},
			{models.Feishu, 400, `{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}`, models.MailFailed, "19021 sign match fail"},
			{models.Feishu, 429, ``, models.MailWaiting, "HTTP 429"},
			{models.WeCom, 200, `<html>sign in</html>`, models.MailWaiting, "HTTP 200"},
			{models.WeCom, 302, ``, models.MailFailed, "HTTP 302"},
		} {
			c := openChat(t, r)
			c.will(tt.status, tt.says)
			w, err := r.As(r.Office).SaveWebhook(models.Webhook{Name: fmt.Sprint("群 ", n), Maker: tt.maker, Address: c.address(tt.maker)}, c.hosts())
			if err != nil {
				t.Fatal(err)
			}
			if err := r.As(r.Admin).TryWebhook(w.ID, "试发", `{"title":"试发","lines":[{"words":"x"}]}`); err != nil {
				t.Fatal(err)
			}
			now(t, c.spoken(t, r), "webhook")
			log, err := r.As(r.Admin).WebhookLog(1)
			if err != nil || log[0].State != tt.want || !strings.HasPrefix(log[0].Error, tt.why) {
				t.Errorf("%s %s: %s %q, %v", tt.maker, tt.says, log[0].State, log[0].Error, err)
			}
			w.Stopped = true
			if _, err := r.As(r.Admin).SaveWebhook(w, c.hosts()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A robot that hangs is asked once more, and no oftener; nothing it could say shows
// the address, which is a secret.
func TestARobotThatHangs(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		c := openChat(t, r)
		c.hang = make(chan struct{})
		t.Cleanup(func() { close(c.hang) }) // before the server is closed, which waits for its answers
		w := c.group(t, r, models.WeCom, nil, "")
		if err := r.As(r.Office).TryWebhook(w.ID, "试发", `{"title":"试发","lines":[{"words":"x"}]}`); err != nil {
			t.Fatal(err)
		}
		p := c.spoken(t, r)
		p.Webhooks.Patience = 200 * time.Millisecond
		for range 20 { // a busy machine may not even connect in it, and tries again
			now(t, p, "webhook")
			later(r, 10)
		}
		log, err := r.As(r.Office).WebhookLog(1)
		c.mu.Lock()
		defer c.mu.Unlock()
		if err != nil || log[0].State != models.MailFailed || c.asked == 0 || c.asked > 2 || log[0].Attempts < 2 || strings.Contains(log[0].Error, "k-1") {
			t.Errorf("asked %d times: %+v %v", c.asked, log[0], err)
		}
	})
}

// Nothing is said between eight in the evening and eight in the morning, nor on a day
// off; what was not said in time is in the next, and only in that.
func TestGroupsAreLeftInPeace(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		c := openChat(t, r)
		c.will(503, "")
		r.Registered("2026-03-05")
		c.group(t, r, models.WeCom, nil, "")
		p := c.spoken(t, r)
		r.At("2026-03-06 08:30") // Friday
		now(t, p, "flag")
		now(t, p, "remind")
		now(t, p, "webhook")
		c.will(0, "")
		for _, quiet := range []string{"2026-03-06 20:00", "2026-03-06 23:59", "2026-03-07 10:00", "2026-03-08 10:00", "2026-03-09 07:59"} {
			r.At(quiet)
			now(t, p, "remind")
			now(t, p, "webhook")
			if len(c.got()) != 0 {
				t.Errorf("%s: told", quiet)
			}
		}
		r.At("2026-03-09 08:30")
		now(t, p, "remind")
		now(t, p, "webhook")
		now(t, p, "webhook")
		if got := c.got(); len(got) != 1 || !strings.Contains(got[0].body, "超期 4 天") {
			t.Errorf("%+v", got)
		}
	})
}

// A message goes to the makers' own hosts over https and nowhere else: not where a
// form says, not where a redirect or a name leads.
func TestAWebhookLeadsNowhereElse(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		none, relay := models.WebhookHosts{}, models.WebhookHosts{Also: []string{"relay.test:8443"}}
		plain := models.WebhookHosts{Also: []string{"relay.test"}, Plain: true}
		for _, tt := range []struct {
			hosts   models.WebhookHosts
			maker   models.WebhookMaker
			address string
			want    bool
		}{
			{none, models.WeCom, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x", true},
			{none, models.DingTalk, "https://oapi.dingtalk.com/robot/send?access_token=x", true},
			{none, models.Feishu, "https://open.feishu.cn/open-apis/bot/v2/hook/x", true},
			{none, models.Feishu, "https://OPEN.feishu.cn/open-apis/bot/v2/hook/x", true},
			{none, models.WeCom, "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x", false},
			{plain, models.WeCom, "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x", false},
			{none, models.WeCom, "https://oapi.dingtalk.com/robot/send", false},
			{none, models.WeCom, "https://qyapi.weixin.qq.com:8443/x", false},
			{none, models.WeCom, "https://qyapi.weixin.qq.com@127.0.0.1/x", false},
			{none, models.WeCom, "https://qyapi.weixin.qq.com.evil.test/x", false},
			{none, models.WeCom, "https://127.0.0.1/x", false},
			{none, models.WeCom, "https://[::1]/x", false},
			{none, models.WeCom, "https://169.254.169.254/latest/meta-data", false},
			{none, models.WeCom, "file:///etc/passwd", false},
			{none, models.WeCom, "gopher://qyapi.weixin.qq.com/", false},
			{none, models.WeCom, "//qyapi.weixin.qq.com/", false},
			{relay, models.WeCom, "https://relay.test:8443/wecom", true},
			{relay, models.WeCom, "https://relay.test/wecom", false},
			{relay, models.WeCom, "http://relay.test:8443/wecom", false},
			{plain, models.WeCom, "http://relay.test/wecom", true},
		} {
			if got := tt.hosts.Allow(tt.maker, tt.address); got != tt.want {
				t.Errorf("%s %s: %v", tt.maker, tt.address, got)
			}
			_, err := r.As(r.Office).SaveWebhook(models.Webhook{Name: "x", Maker: tt.maker, Address: tt.address}, tt.hosts)
			if err == nil && !tt.want {
				t.Errorf("%s was saved", tt.address)
			}
			if err == nil {
				hooks, err := r.As(r.Office).Webhooks()
				if err != nil {
					t.Fatal(err)
				}
				w := hooks[len(hooks)-1]
				w.Name += fmt.Sprint(" ", w.ID)
				if _, err := r.As(r.Office).SaveWebhook(w, tt.hosts); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, u := range []models.User{r.Wu, r.Supervisor, r.Principal} {
			if _, err := r.As(u).SaveWebhook(models.Webhook{Name: "x", Maker: models.WeCom, Address: "https://qyapi.weixin.qq.com/x"}, none); err == nil {
				t.Errorf("%s saves robots", u.Name)
			}
		}
		// A host that was allowed when it was saved and is not any more.
		c := openChat(t, r)
		w := c.group(t, r, models.WeCom, nil, "")
		if err := r.As(r.Office).TryWebhook(w.ID, "试发", `{"title":"试发","lines":[{"words":"x"}]}`); err != nil {
			t.Fatal(err)
		}
		now(t, runner(t, r, jobs.All), "webhook")
		if log, err := r.As(r.Office).WebhookLog(1); err != nil || log[0].State != models.MailFailed || log[0].Error != models.WebhookHost || len(c.got()) != 0 {
			t.Errorf("%+v %v", log[0], err)
		}
	})
}

// A maker's host whose name leads into the network is not asked.
func TestAMakersNameThatLeadsInside(t *testing.T) {
	for _, at := range []string{"127.0.0.1:443", "10.0.0.1:443", "192.168.1.1:443", "169.254.169.254:80", "[::1]:443", "[fd00::1]:443", "0.0.0.0:443", "224.0.0.1:443"} {
		if jobs.Inside(at) == nil {
			t.Errorf("%s was asked", at)
		}
	}
	if jobs.Inside("203.0.113.7:443") != nil {
		t.Error("an address outside is not asked")
	}
}

// A robot is not hurried, by however many programs: twenty messages in a minute would
// have it turn everybody away for ten.
func TestARobotIsNotHurried(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		c := openChat(t, r)
		w := c.group(t, r, models.WeCom, nil, "")
		const many = 30
		for range many {
			if err := r.As(r.Office).TryWebhook(w.ID, "试发", `{"title":"试发","lines":[{"words":"x"}]}`); err != nil {
				t.Fatal(err)
			}
		}
		began := r.Store.Now()
		var at time.Duration
		r.Store.Now = func() time.Time { return began.Add(at) }
		most, minute := 0, []int{}
		for ; at < 4*time.Minute && len(c.got()) < many; at += time.Second {
			before := len(c.got())
			for range 3 { // programs
				now(t, c.spoken(t, r), "webhook")
			}
			minute = append(minute, len(c.got())-before)
			inOne := 0
			for _, n := range minute[max(0, len(minute)-60):] {
				inOne += n
			}
			most = max(most, inOne)
		}
		if most > 15 || len(c.got()) != many {
			t.Errorf("%d messages in one minute, %d in all after %s", most, len(c.got()), at)
		}
	})
}

// Two programs send each message once.
func TestTwoProgramsTellAGroupOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		c := openChat(t, r)
		r.Registered("2026-03-02")
		c.group(t, r, models.WeCom, nil, "")
		r.At("2026-03-03 08:30")
		now(t, c.spoken(t, r), "flag")
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				p := c.spoken(t, r)
				_, _ = p.Rehearse("remind")
				_, _ = p.Rehearse("webhook")
			})
		}
		both.Wait()
		now(t, c.spoken(t, r), "webhook")
		if len(c.got()) != 1 {
			t.Errorf("%d messages", len(c.got()))
		}
	})
}
