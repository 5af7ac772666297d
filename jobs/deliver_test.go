package jobs_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

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
		if m.id != "<digest.2026-W09.user."+fmt.Sprint(userID(t, r, "s0"))+"@example.gov.cn>" {
			t.Errorf("Message-ID %s", m.id)
		}
		if m.subject != "【整改】周报" {
			t.Errorf("subject %s", m.subject)
		}
	})
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
		u, err := clerk(r).Named("s2")
		if err != nil || u.MailError == "" {
			t.Errorf("the address is not marked: %q %v", u.MailError, err)
		}
		failed, err := r.As(r.Admin).Mails(10, models.MailFailed)
		if err != nil || len(failed) != 1 || failed[0].Name != "s2" {
			t.Fatalf("the administrator sees %v, %v", failed, err)
		}
		o.rcpt = nil
		if err := r.As(r.Admin).ResendMail(failed[0].ID); err != nil {
			t.Fatal(err)
		}
		if deliver(t, r, o.mailer()); o.count()["s2@example.gov.cn"] != 1 {
			t.Error("sent again, it does not arrive")
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
	m := jobs.Mailer{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: "off", From: "duban@example.gov.cn", Patience: 300 * time.Millisecond}
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
		m.Patience = 300 * time.Millisecond
		deliver(t, r, m)
		o.mu.Lock()
		o.silent = false
		o.mu.Unlock()
		later(r, 10)
		deliver(t, r, m)
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

// BenchmarkDeliver sends five hundred mails, each noted on the disk, to a server in
// the same process.
func BenchmarkDeliver(b *testing.B) {
	const many = 500
	for _, engine := range modelstest.Engines {
		b.Run(engine, func(b *testing.B) {
			r := modelstest.Open(b, modelstest.URL(b, engine))
			o := &office{tries: map[string]int{}}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			o.addr = l.Addr().(*net.TCPAddr)
			o.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{o: o, conn: c}, nil }))
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
			runner, err := jobs.NewRunner(r.Store, o.mailer(), jobs.All)
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
				began := cpu(b)
				if n, _, err := runner.Now("deliver"); err != nil || n != many {
					b.Fatal(n, err)
				}
				spent += cpu(b) - began
			}
			b.ReportMetric(float64(spent.Microseconds())/float64(many*b.N), "µs-cpu/mail")
			b.ReportMetric(float64(many*b.N)/b.Elapsed().Seconds(), "mails/s")
		})
	}
}

// cpu is the processor time this process has used, which other work on the machine
// does not lengthen. The server of the test is in it.
func cpu(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
