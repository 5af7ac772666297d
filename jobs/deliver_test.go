package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
)

// posted is a register whose outbox holds a digest for each of n supervisors.
func posted(t *testing.T, r *modelstest.Register, n int) []models.User {
	t.Helper()
	var people []models.User
	for k := range n {
		u, err := r.As(r.Admin).SaveUser(models.User{Name: fmt.Sprintf("s%d", k), FullName: "S", Role: models.Supervisor, Email: fmt.Sprintf("s%d@example.gov.cn", k)}, modelstest.Password)
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, u)
		post(t, r, u)
	}
	return people
}

// post puts this week's digest for a person into the outbox.
func post(t testing.TB, r *modelstest.Register, u models.User) {
	t.Helper()
	b := clerk(r)
	report := models.DigestReport{User: u, Edition: models.EditionSupervisor, Week: models.DigestWeek(b.Today()), Day: b.Today()}
	if ok, err := b.KeepDigest(report, models.Digest{Subject: "【整改】周报", Text: "正文\n第二行", HTML: "<p>正文</p>"}, false); err != nil || !ok {
		t.Fatal(ok, err)
	}
}

func clerk(r *modelstest.Register) *models.Board {
	return r.Board(context.Background(), models.TheClerk)
}

// deliver does the job once.
func deliver(t *testing.T, r *modelstest.Register, m jobs.Mailer) int {
	t.Helper()
	runner, err := jobs.NewRunner(r.Store, m, jobs.All)
	if err != nil {
		t.Fatal(err)
	}
	n, _, err := runner.Now("deliver")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// states are how many mails of each state there are.
func states(t *testing.T, r *modelstest.Register) map[models.MailState]int {
	t.Helper()
	counts, _, err := clerk(r).MailCounts()
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// later moves the clock by minutes, in steps that a wall has.
func later(r *modelstest.Register, minutes int) {
	at := clerk(r).Now().Add(time.Duration(minutes) * time.Minute)
	r.At(at.Format("2006-01-02 15:04"))
}

func TestAMailIsSentOnceAndReadsAsItWasWritten(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		posted(t, r, 120)
		if n := deliver(t, r, o.mailer()); n != 120 {
			t.Errorf("%d were sent, want 120", n)
		}
		if n := deliver(t, r, o.mailer()); n != 0 || states(t, r)[models.MailSent] != 120 {
			t.Errorf("the second time %d were sent; %v", n, states(t, r))
		}
		for to, n := range o.count() {
			if n != 1 {
				t.Errorf("%s got %d", to, n)
			}
		}
		all := o.got()
		m := all[slices.IndexFunc(all, func(m taken) bool { return m.to == "s0@example.gov.cn" })]
		own, err := clerk(r).Installation(func() string { return "" })
		if err != nil || own == "" || m.id != "<digest.2026-W09.user."+fmt.Sprint(userID(t, r, "s0"))+"."+own+"@example.gov.cn>" {
			t.Errorf("Message-ID %s, of installation %q, %v", m.id, own, err)
		}
		if m.subject != "【整改】周报" {
			t.Errorf("subject %s", m.subject)
		}
	})
}

// marks are the accounts whose address is marked, and why.
func marks(t *testing.T, r *modelstest.Register) map[string]string {
	t.Helper()
	users, err := r.As(r.Admin).Users()
	if err != nil {
		t.Fatal(err)
	}
	marked := map[string]string{}
	for _, u := range users {
		if u.MailError != "" {
			marked[u.Name] = u.MailError
		}
	}
	return marked
}

// oneMore puts another mail for each of these people into the outbox.
func oneMore(t testing.TB, r *modelstest.Register, names ...string) {
	t.Helper()
	for _, name := range names {
		u, err := clerk(r).Named(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.As(u).TryDigest(models.Digest{Subject: "【整改】周报", Text: "正文"}, false); err != nil {
			t.Fatal(err)
		}
	}
}

func userID(t *testing.T, r *modelstest.Register, name string) int64 {
	t.Helper()
	u, err := clerk(r).Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}

func TestAServerThatIsDownLosesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		at := o.addr.String()
		o.shut()
		posted(t, r, 5)
		for range 40 { // days of trying
			if n := deliver(t, r, o.mailer()); n != 0 {
				t.Fatal("sent to nobody")
			}
			later(r, 180)
		}
		if s := states(t, r); s[models.MailWaiting] != 5 {
			t.Fatalf("after five days without a server: %v", s)
		}
		o.listen(at)
		if n := deliver(t, r, o.mailer()); n != 5 {
			t.Errorf("%d were sent once it was back", n)
		}
	})
}

func TestARefusalForNowIsTriedAgainAndOneForGoodIsMarked(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		o.rcpt = func(to string, n int) error {
			switch {
			case to == "s1@example.gov.cn" && n < 2:
				return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try later"}
			case to == "s2@example.gov.cn":
				return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
			}
			return nil
		}
		posted(t, r, 4)
		for range 8 {
			deliver(t, r, o.mailer())
			later(r, 10)
		}
		if got := o.count(); len(got) != 3 || got["s1@example.gov.cn"] != 1 {
			t.Errorf("arrived: %v", got)
		}
		if s := states(t, r); s[models.MailSent] != 3 || s[models.MailFailed] != 1 {
			t.Errorf("states: %v", s)
		}
		failed, err := r.As(r.Admin).Mails(10, models.MailFailed)
		if err != nil || len(failed) != 1 || failed[0].Name != "s2" {
			t.Fatalf("the administrator sees %v, %v", failed, err)
		}
		if len(marks(t, r)) != 0 {
			t.Errorf("marked on the first day: %v", marks(t, r))
		}
		r.At("2026-03-03 09:00")
		oneMore(t, r, "s0", "s2")
		deliver(t, r, o.mailer())
		if m := marks(t, r); len(m) != 1 || m["s2"] == "" {
			t.Errorf("marked on the second day: %v", m)
		}
		o.rcpt = nil
		if err := r.As(r.Admin).ResendMail(failed[0].ID); err != nil {
			t.Fatal(err)
		}
		if deliver(t, r, o.mailer()); o.count()["s2@example.gov.cn"] != 1 || len(marks(t, r)) != 0 {
			t.Errorf("sent again, it does not arrive, or the mark stays: %v %v", o.count(), marks(t, r))
		}
	})
}

// The server takes a mail and the connection breaks before it says so: the mail is
// sent once more, under the same Message-ID, and not a third time.
func TestAnAnswerThatNeverCameIsAskedForOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		o.cut = 1
		posted(t, r, 3)
		for range 4 {
			deliver(t, r, o.mailer())
			later(r, 10)
		}
		got := o.count()
		if len(got) != 3 || len(o.got()) != 4 {
			t.Errorf("arrived: %v", got)
		}
		ids := map[string]bool{}
		for _, m := range o.got() {
			ids[m.id] = true
		}
		if len(ids) != 3 {
			t.Errorf("%d Message-IDs for three mails", len(ids))
		}
		if s := states(t, r); s[models.MailSent] != 3 {
			t.Errorf("states: %v", s)
		}
		o.cut = 100
		posted2, err := r.As(r.Admin).SaveUser(models.User{Name: "cut", FullName: "C", Role: models.Supervisor, Email: "cut@example.gov.cn"}, modelstest.Password)
		if err != nil {
			t.Fatal(err)
		}
		post(t, r, posted2)
		for range 6 {
			deliver(t, r, o.mailer())
			later(r, 10)
		}
		if n := o.count()["cut@example.gov.cn"]; n != 2 || states(t, r)[models.MailFailed] != 1 {
			t.Errorf("a line that always breaks: %d copies, %v", n, states(t, r))
		}
	})
}

// A server that accepts the connection and says nothing holds nobody up for long,
// and loses nothing.
func TestAServerThatHangsLosesNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			if _, err := l.Accept(); err != nil {
				return
			}
		}
	}()
	r := modelstest.Open(t, modelstest.URL(t, "sqlite"))
	posted(t, r, 3)
	m := jobs.Mailer{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: "off", From: "duban@example.gov.cn", Patience: 100 * time.Millisecond}
	deliver(t, r, m)
	if s := states(t, r); s[models.MailWaiting] != 3 {
		t.Errorf("states: %v", s)
	}
}

func TestAServerThatHangsBeforeItAnswers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		o.silent = true
		posted(t, r, 1)
		m := o.mailer()
		for m.Patience = 100 * time.Millisecond; len(o.got()) == 0; m.Patience *= 2 { // a busy machine may not even connect in it
			deliver(t, r, m)
			later(r, 10)
		}
		o.mu.Lock()
		o.silent = false
		o.mu.Unlock()
		deliver(t, r, o.mailer())
		if s := states(t, r); s[models.MailSent] != 1 || len(o.got()) != 2 {
			t.Errorf("states %v, copies %d", s, len(o.got()))
		}
	})
}

// Who was disabled, moved or left without an address after the mail was written
// gets it no longer.
func TestRightsAreReadAtSending(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		people := posted(t, r, 4)
		admin := r.As(r.Admin)
		change := func(u models.User, how func(*models.User)) {
			how(&u)
			if _, err := admin.SaveUser(u, ""); err != nil {
				t.Fatal(err)
			}
		}
		change(people[0], func(u *models.User) { u.Disabled = true })
		change(people[1], func(u *models.User) { u.Role = models.Principal })
		change(people[2], func(u *models.User) { u.Email = "" })
		deliver(t, r, o.mailer())
		if got := o.count(); len(got) != 1 || got["s3@example.gov.cn"] != 1 {
			t.Errorf("arrived: %v", got)
		}
		if s := states(t, r); s[models.MailDropped] != 3 {
			t.Errorf("states: %v", s)
		}
	})
}

// Two programs empty one outbox; nobody gets a mail twice.
func TestTwoProgramsEmptyOneOutbox(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		posted(t, r, 200)
		done := make(chan int)
		for range 2 {
			go func() { done <- deliver(t, r, o.mailer()) }()
		}
		if n := <-done + <-done; n != 200 {
			t.Errorf("%d were sent", n)
		}
		for to, n := range o.count() {
			if n != 1 {
				t.Errorf("%s got %d", to, n)
			}
		}
	})
}

// A server that dies with mails half sent loses none: what it had is not sent again,
// beyond what was in flight.
func TestAServerThatDiesInTheMiddleLosesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		posted(t, r, 150)
		at := o.addr.String()
		p, err := jobs.NewRunner(r.Store, o.mailer(), jobs.All)
		if err != nil {
			t.Fatal(err)
		}
		var once sync.Once
		o.data = func(string, int) error {
			if len(o.taken) == 70 {
				once.Do(func() { go o.shut() })
			}
			return nil
		}
		p.Wake()
		had := len(o.got())
		if s := states(t, r); s[models.MailSending] != 0 || s[models.MailSent]+s[models.MailWaiting] != 150 || had < 70 || had == 150 {
			t.Errorf("when it died it had %d; %v", had, s)
		}
		o.listen(at)
		for range 4 {
			later(r, 20)
			p.Wake()
		}
		twice := 0
		for to, n := range o.count() {
			if n > 1 {
				twice++
			}
			if n > 2 {
				t.Errorf("%s got %d", to, n)
			}
		}
		t.Logf("it had %d of 150 when it died; %d arrived twice", had, twice)
		if len(o.count()) != 150 || states(t, r)[models.MailSent] != 150 || twice > 6 {
			t.Errorf("%d people got theirs, %d twice; %v", len(o.count()), twice, states(t, r))
		}
	})
}

// A server that refuses us all is nobody's bad address: everything waits, and leaves
// when it is right again.
func TestASenderThatIsRefusedMarksNobody(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		o.from = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "sender not allowed"}
		people := posted(t, r, 10)
		deliver(t, r, o.mailer())
		if s := states(t, r); s[models.MailWaiting] != 10 {
			t.Errorf("states: %v", s)
		}
		for _, u := range people {
			if u, err := clerk(r).Named(u.Name); err != nil || u.MailError != "" {
				t.Errorf("%s is marked: %s %v", u.Name, u.MailError, err)
			}
		}
		waiting, err := r.As(r.Admin).Mails(1, models.MailWaiting)
		if err != nil || len(waiting) != 1 || waiting[0].Error != "550 5.7.1 sender not allowed" {
			t.Errorf("the administrator reads %+v %v", waiting, err)
		}
		o.mu.Lock()
		o.from = nil
		o.mu.Unlock()
		if n := deliver(t, r, o.mailer()); n != 10 {
			t.Errorf("%d were sent then", n)
		}
	})
}

// A mail that is refused for what it says is no reason to mark the address.
func TestARefusedMailIsNoBadAddress(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		o.data = func(to string, _ int) error {
			if to == "s0@example.gov.cn" {
				return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "looks like spam"}
			}
			return nil
		}
		posted(t, r, 2)
		deliver(t, r, o.mailer())
		if s := states(t, r); s[models.MailFailed] != 1 || s[models.MailSent] != 1 {
			t.Errorf("states: %v", s)
		}
		if u, err := clerk(r).Named("s0"); err != nil || u.MailError != "" {
			t.Errorf("marked: %q %v", u.MailError, err)
		}
	})
}

// Servers answer in GBK, with bytes no database takes as they are. An address that
// takes mail again is no longer marked.
func TestAServersOwnWordsAreKeptAndAMarkIsTakenBack(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		words, err := simplifiedchinese.GBK.NewEncoder().String("用户不存在")
		if err != nil {
			t.Fatal(err)
		}
		o.rcpt = func(string, int) error {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: words + "\x00\x1b[31m\xff"}
		}
		posted(t, r, 1)
		deliver(t, r, o.mailer())
		o.mu.Lock()
		refuses := o.rcpt
		o.rcpt = func(to string, n int) error {
			if to == "s0@example.gov.cn" {
				return refuses(to, n)
			}
			return nil
		}
		o.mu.Unlock()
		r.At("2026-03-03 09:00")
		oneMore(t, r, "s0", "supervisor")
		deliver(t, r, o.mailer())
		if m := marks(t, r)["s0"]; !strings.Contains(m, "用户不存在") || strings.ContainsAny(m, "\x00\x1b") {
			t.Errorf("marked %q", m)
		}
		o.mu.Lock()
		o.rcpt = nil
		o.mu.Unlock()
		failed, err := r.As(r.Admin).Mails(1, models.MailFailed)
		if err != nil || len(failed) != 1 {
			t.Fatal(failed, err)
		}
		if err := r.As(r.Admin).ResendMail(failed[0].ID); err != nil {
			t.Fatal(err)
		}
		if n := deliver(t, r, o.mailer()); n != 1 {
			t.Errorf("%d were sent", n)
		}
		if m := marks(t, r); len(m) != 0 {
			t.Errorf("still marked %v", m)
		}
	})
}

// A server that takes a whole mail and then says nothing, for hours: what it may have
// is asked for once more, and it is not fed one mail after the other meanwhile.
func TestAServerThatHangsForLongFailsNoMail(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		const times = 12
		o := openOffice(t)
		o.silent = true
		posted(t, r, 60)
		p, err := jobs.NewRunner(r.Store, o.mailer(), jobs.All)
		if err != nil {
			t.Fatal(err)
		}
		patience := 100 * time.Millisecond
		for range times {
			for had := len(o.got()); len(o.got()) == had; {
				p.WaitsFor(patience)
				p.Wake()
				p.Wake() // it rests: nothing is tried
				later(r, 15)
				if len(o.got()) == had {
					patience *= 2 // a busy machine may not even connect in it
				}
			}
		}
		o.mu.Lock()
		o.silent = false
		tried := len(o.taken)
		o.mu.Unlock()
		// Six lines have a mail each, and until three of them have broken two more may
		// begin (jobs/deliver.go); from then on it is one at a time.
		if s := states(t, r); s[models.MailWaiting] != 60 || tried > 6+2+times-1 {
			t.Errorf("after hours: %v, it was fed %d mails", s, tried)
		}
		p.WaitsFor(modelstest.Patience) // it answers now, and the machine may take as long as it likes
		for range 3 {
			later(r, 15)
			p.Wake()
		}
		if s := states(t, r); s[models.MailSent] != 60 || len(o.count()) != 60 {
			t.Errorf("once it answers: %v", s)
		}
		for to, n := range o.count() {
			if n > 2 {
				t.Errorf("%s got %d", to, n)
			}
		}
	})
}

func TestAServerThatTakesFewLinesGetsFew(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		o.most = 1
		posted(t, r, 100)
		sent := 0
		for range 10 { // a line that it lets go late costs a rest
			sent += deliver(t, r, o.mailer())
			later(r, 15)
		}
		if s := states(t, r); sent != 100 || s[models.MailSent] != 100 || len(o.count()) != 100 {
			t.Errorf("%d were sent, %v, and %d arrived", sent, s, len(o.count()))
		}
	})
}

// A program that is told to end finishes the mails in hand, writes them down and
// gives the rest back; one with no patience left breaks off, and still writes down
// what it knows.
func TestAnEndInTheMiddleOfSending(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		posted(t, r, 120)
		now := clerk(r).Now()
		r.Store.Now = func() time.Time { return now }
		// started sends until the server holds some mails and has said nothing about them.
		started := func() (p *jobs.Runner, stop func(context.Context), goOn func()) {
			t.Helper()
			hold := make(chan struct{})
			o.mu.Lock()
			o.hold = hold
			o.mu.Unlock()
			p, err := jobs.NewRunner(r.Store, o.mailer(), []jobs.Job{deliverOften(t)})
			if err != nil {
				t.Fatal(err)
			}
			p.WaitsFor(modelstest.Patience)
			had := len(o.got())
			stop = p.Start()
			o.has(had + 6)
			return p, stop, func() {
				o.mu.Lock()
				o.hold = nil
				o.mu.Unlock()
				close(hold)
			}
		}
		p, stop, goOn := started()
		go func() { <-p.Told(); goOn() }()
		stop(context.Background())
		if s := states(t, r); s[models.MailSending] != 0 || s[models.MailSent] != len(o.got()) || s[models.MailSent]+s[models.MailWaiting] != 120 || s[models.MailWaiting] == 0 {
			t.Errorf("%v; the server has %d", s, len(o.got()))
		}
		had := len(o.got())
		_, stop, goOn = started()
		none, done := context.WithCancel(context.Background())
		done()
		stop(none) // the server goes on holding them: only a break ends this
		goOn()
		if s := states(t, r); s[models.MailSending] != 0 || s[models.MailSent]+s[models.MailWaiting] != 120 {
			t.Errorf("broken off: %v", s)
		}
		unclear := len(o.got()) - had
		now = now.Add(10 * time.Minute)
		deliver(t, r, o.mailer())
		if got := o.count(); len(got) != 120 || states(t, r)[models.MailSent] != 120 || len(o.got()) > 120+unclear {
			t.Errorf("%d people, %d mails, %d of them unclear, %v", len(got), len(o.got()), unclear, states(t, r))
		}
	})
}

// deliverOften is the job that delivers, each second.
func deliverOften(t *testing.T) jobs.Job {
	j, ok := jobs.Named("deliver")
	if !ok {
		t.Fatal("there is none")
	}
	j.At = "@every 1s"
	return j
}

// What a mail is on its way: two parts that say the same, in UTF-8, by a program,
// and no word of it can end a header.
func TestAMailIsWellFormed(t *testing.T) {
	r := modelstest.Open(t, modelstest.URL(t, "sqlite"))
	o := openOffice(t)
	b := clerk(r)
	text := "第一行\n.\n" + strings.Repeat("很长的一行", 300) + "\n完"
	report := models.DigestReport{User: r.Supervisor, Edition: models.EditionSupervisor, Week: "2026-W09", Day: b.Today()}
	if _, err := b.KeepDigest(report, models.Digest{Subject: "超期 9 项\r\nBcc: all@example.com", Text: text, HTML: "<p>超期</p>"}, false); err != nil {
		t.Fatal(err)
	}
	if n := deliver(t, r, o.mailer()); n != 1 {
		t.Fatal("not sent")
	}
	read, err := mail.ReadMessage(strings.NewReader(o.got()[0].body))
	if err != nil {
		t.Fatal(err)
	}
	if subject := o.got()[0].subject; subject != "超期 9 项 Bcc: all@example.com" || read.Header.Get("Bcc") != "" {
		t.Errorf("subject %q, Bcc %q", subject, read.Header.Get("Bcc"))
	}
	if read.Header.Get("Auto-Submitted") != "auto-generated" || read.Header.Get("To") != "<supervisor@example.gov.cn>" || read.Header.Get("From") != "<duban@example.gov.cn>" {
		t.Errorf("headers %v", read.Header)
	}
	if date, err := read.Header.Date(); err != nil || !date.Equal(b.Now()) {
		t.Errorf("Date %s %v", date, err)
	}
	kind, params, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatal(kind, err)
	}
	parts := multipart.NewReader(read.Body, params["boundary"])
	for _, want := range []struct{ kind, text string }{{"text/plain", text}, {"text/html", "<p>超期</p>"}} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil || kind != want.kind || !strings.EqualFold(params["charset"], "utf-8") {
			t.Errorf("%s %v %v", kind, params, err)
		}
		words, err := io.ReadAll(part) // NextPart has taken the quoting away
		if got := strings.ReplaceAll(strings.TrimRight(string(words), "\r\n"), "\r\n", "\n"); err != nil || got != want.text {
			t.Errorf("%s says %.60q…, %v", want.kind, got, err)
		}
	}
}

// Administrators are told of a bad address and of a job that was given up, once, in
// one mail each; and of nothing else.
func TestAdministratorsAreToldOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		admin, err := r.As(r.Admin).User(r.Admin.ID)
		if err != nil {
			t.Fatal(err)
		}
		admin.Email = "admin@example.gov.cn"
		if _, err := r.As(r.Admin).SaveUser(admin, ""); err != nil {
			t.Fatal(err)
		}
		o.rcpt = func(to string, _ int) error {
			if to == "s0@example.gov.cn" || to == "s1@example.gov.cn" {
				return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
			}
			return nil
		}
		posted(t, r, 3)
		p, err := jobs.NewRunner(r.Store, o.mailer(), append([]jobs.Job{{Name: "fails", At: "0 4 * * *", CatchUp: time.Hour, Do: func(context.Context, *jobs.Run) (int, error) {
			return 0, errors.New("the disk is full")
		}}}, jobs.All...))
		if err != nil {
			t.Fatal(err)
		}
		told := func() (n int, last string) {
			for _, m := range o.got() {
				if m.to == admin.Email {
					n, last = n+1, m.body
				}
			}
			return n, last
		}
		p.Wake()
		if n, _ := told(); n != 0 {
			t.Errorf("told %d times before the morning", n)
		}
		r.At("2026-03-03 08:30")
		p.Wake()
		p.Wake()
		n, last := told()
		if n != 1 || !strings.Contains(last, "s0@example.gov.cn") || !strings.Contains(last, "no such user") || strings.Contains(last, "s2@example.gov.cn") {
			t.Errorf("told %d times\n%s", n, last)
		}
		r.At("2026-03-04 04:00")
		for range 12 {
			p.Wake()
			later(r, 4)
		}
		p.Wake()
		if n, last := told(); n != 2 || !strings.Contains(last, "the disk is full") || strings.Contains(last, "s0@") {
			t.Errorf("told %d times\n%s", n, last)
		}
		r.At("2026-03-04 08:30")
		p.Wake()
		p.Wake()
		if n, _ := told(); n != 2 {
			t.Errorf("told %d times", n)
		}
	})
}

// Lines whose mails lie apart do not throw away whom the others have read.
func TestWhoWasReadStaysRead(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		mails := []models.Mail{{UserID: r.Wu.ID}, {UserID: r.Shen.ID}, {UserID: r.Hai.ID}}
		if n, err := jobs.AddresseesRead(clerk(r), mails); err != nil || n != len(mails) {
			t.Errorf("%d of %d are at hand: %v", n, len(mails), err)
		}
	})
}

// BenchmarkDeliver sends five hundred mails, each noted on the disk, to a server in
// the same process, over sixteen lines.
func BenchmarkDeliver(b *testing.B) {
	const many, lines = 500, 16
	for _, engine := range modelstest.Engines {
		b.Run(engine, func(b *testing.B) {
			r := modelstest.Open(b, modelstest.URL(b, engine))
			o := &office{tries: map[string]int{}}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			o.addr = l.Addr().(*net.TCPAddr)
			o.server = smtp.NewServer(smtp.BackendFunc(o.enter))
			go func() { _ = o.server.Serve(l) }()
			b.Cleanup(func() { _ = o.server.Close() })
			var people []models.User
			for n := range many {
				u, err := r.As(r.Admin).SaveUser(models.User{Name: fmt.Sprintf("b%d", n), FullName: "B", Role: models.Supervisor, Email: fmt.Sprintf("b%d@example.gov.cn", n)}, modelstest.Password)
				if err != nil {
					b.Fatal(err)
				}
				people = append(people, u)
			}
			m := o.mailer()
			m.Lines = lines
			runner, err := jobs.NewRunner(r.Store, m, jobs.All)
			if err != nil {
				b.Fatal(err)
			}
			day := models.Day("2026-03-02")
			var spent time.Duration
			for b.Loop() {
				b.StopTimer()
				day = day.Plus(7)
				r.Today(day)
				for _, u := range people {
					post(b, r, u)
				}
				b.StartTimer()
				began := modelstest.ProgramTime(b)
				if n, _, err := runner.Now("deliver"); err != nil || n != many {
					b.Fatal(n, err)
				}
				spent += modelstest.ProgramTime(b) - began
			}
			b.ReportMetric(float64(spent.Microseconds())/float64(many*b.N), "µs-cpu/mail")
			b.ReportMetric(float64(many*b.N)/b.Elapsed().Seconds(), "mails/s")
		})
	}
}
