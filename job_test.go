package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
)

// postOffice is a mail server in the test's process, which outlives the programs that
// send to it.
type postOffice struct {
	addr *net.TCPAddr
	slow time.Duration

	mu  sync.Mutex
	got []string // to whom, in the order they came
	ids []string // and the Message-ID of each
}

func openPostOffice(t testing.TB, slow time.Duration) *postOffice {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &postOffice{addr: l.Addr().(*net.TCPAddr), slow: slow}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &postSession{o: o}, nil }))
	s.ErrorLog = log.New(io.Discard, "", 0)
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return o
}

// settings have a program send here.
func (o *postOffice) settings() []string {
	return []string{"DUBAN_SMTP_HOST=127.0.0.1", fmt.Sprintf("DUBAN_SMTP_PORT=%d", o.addr.Port), "DUBAN_SMTP_TLS=off", "DUBAN_MAIL_FROM=duban@example.gov.cn"}
}

// count is how many came to each address.
func (o *postOffice) count() map[string]int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := map[string]int{}
	for _, to := range o.got {
		n[to]++
	}
	return n
}

// wait waits until so many mails have come, and says whether they did.
func (o *postOffice) wait(people int, patience time.Duration) bool {
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		if len(o.count()) >= people {
			return true
		}
	}
	return false
}

type postSession struct {
	o  *postOffice
	to string
}

func (s *postSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *postSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}
func (s *postSession) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.o.mu.Lock()
	s.o.got = append(s.o.got, s.to)
	for line := range strings.Lines(string(body)) {
		if id, ok := strings.CutPrefix(line, "Message-ID: "); ok {
			s.o.ids = append(s.o.ids, strings.TrimSpace(id))
		}
	}
	s.o.mu.Unlock()
	time.Sleep(s.o.slow)
	return nil
}
func (s *postSession) Reset()        {}
func (s *postSession) Logout() error { return nil }

// kill is kill -9: nothing is finished, nothing is written down.
func (p *program) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = p.cmd.Wait()
}

// Of two replicas that send five hundred mails one is killed, and the one in its place
// killed again: all of them arrive, none twice but what was in flight.
func TestReplicasKilledInTheMiddleOfFiveHundredMails(t *testing.T) {
	t.Parallel()
	// inFlight is on how many lines a program sends at once (jobs/deliver.go).
	const many, inFlight = 500, 6
	database := modelstest.URL(t, "postgres")
	r := modelstest.Open(t, database)
	r.Store.Now = time.Now
	b := r.Board(context.Background(), models.TheClerk)
	for n := range many {
		u, err := r.As(r.Admin).SaveUser(models.User{Name: fmt.Sprintf("s%d", n), FullName: "S", Role: models.Supervisor, Email: fmt.Sprintf("s%d@example.gov.cn", n)}, modelstest.Password)
		if err != nil {
			t.Fatal(err)
		}
		report := models.DigestReport{User: u, Edition: models.EditionSupervisor, Week: models.DigestWeek(b.Today()), Day: b.Today()}
		if kept, err := b.KeepDigest(report, models.Digest{Subject: "周报", Text: "正文", HTML: "<p>正文</p>"}, false); err != nil || !kept {
			t.Fatal(kept, err)
		}
	}
	o := openPostOffice(t, 20*time.Millisecond)
	kills := []int{100, 250}
	replicas := []*program{startWith(t, database, o.settings()), startWith(t, database, o.settings())}
	for k, at := range kills { // who is at work goes, the other takes over, and one comes anew
		if !o.wait(at, time.Minute) {
			t.Fatalf("%d came before the kill, want %d", len(o.count()), at)
		}
		replicas[k].kill()
		if n := len(o.count()); n >= many {
			t.Fatalf("killed too late: all %d had come", n)
		}
		replicas = append(replicas, startWith(t, database, o.settings()))
	}
	if !o.wait(many, 2*time.Minute) {
		t.Errorf("%d of %d people got theirs", len(o.count()), many)
	}
	// What was in flight comes last, when its lease has ended.
	var counts map[models.MailState]int
	for until := time.Now().Add(time.Minute); counts[models.MailSent] < many && time.Now().Before(until); time.Sleep(200 * time.Millisecond) {
		var err error
		if counts, _, err = r.As(r.Office).MailCounts(); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range replicas[len(kills):] {
		p.stop()
	}
	twice, ids := 0, map[string]bool{}
	for to, n := range o.count() {
		if twice += n - 1; n > 1+len(kills) {
			t.Errorf("%s got %d", to, n)
		}
	}
	for _, id := range o.ids {
		ids[id] = true
	}
	t.Logf("%d kills in %d mails over two replicas: %d arrived twice", len(kills), many, twice)
	if twice > len(kills)*inFlight || counts[models.MailSent] != many || len(ids) != many {
		t.Errorf("%d arrived twice; %d Message-IDs; %v", twice, len(ids), counts)
	}
}

// The server is down from Thursday night to Tuesday, over a holiday Monday: what
// became overdue is flagged at the start, once; the digest goes out once, and so do
// the reminders.
func TestDownOverAHolidayWeekend(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		o := openPostOffice(t, 0)
		p := startWith(t, database, o.settings(), "--demo", "--now", "2026-04-02T23:00:00+08:00")
		store, err := models.Open(database)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		b := store.Board(context.Background(), models.TheClerk)
		timed := 0
		for _, j := range jobs.All {
			if !j.Everywhere {
				timed++
			}
		}
		begun := map[string]bool{} // the timetable begins with each job's first row
		for until := time.Now().Add(20 * time.Second); len(begun) < timed && time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
			runs, err := b.Runs(20)
			if err != nil {
				t.Fatal(err)
			}
			for _, run := range runs {
				begun[run.Job] = true
			}
		}
		p.stop()
		if n := len(o.count()); n != 0 || len(begun) != timed {
			t.Fatalf("%d mails went out at night; %v", n, begun)
		}
		for _, now := range []string{"2026-04-07T09:00:00+08:00", "2026-04-07T09:10:00+08:00"} {
			moment, err := time.Parse(time.RFC3339, now)
			if err != nil {
				t.Fatal(err)
			}
			store.Now = func() time.Time { return moment }
			b = store.Board(context.Background(), models.TheClerk)
			p := startWith(t, database, o.settings(), "--demo", "--now", now)
			var counts map[models.MailState]int
			for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
				if counts, _, err = b.MailCounts(); err != nil {
					t.Fatal(err)
				}
				if counts[models.MailSent] > 0 && counts[models.MailWaiting]+counts[models.MailSending] == 0 {
					break
				}
			}
			p.stop()
		}
		overdue, err := b.List(models.Filter{Lights: []models.Light{models.LightOver}, Size: 100})
		if err != nil || len(overdue) == 0 {
			t.Fatal(len(overdue), err)
		}
		late := 0
		for _, c := range overdue {
			item, err := b.Item(c.Number)
			if err != nil {
				t.Fatal(err)
			}
			trail, err := b.Trail(item)
			if err != nil {
				t.Fatal(err)
			}
			flags := 0
			for _, e := range trail {
				if e.Act == models.FlagOverdue && e.Particulars["due"] == string(item.DueOn) {
					flags++
				}
			}
			if flags != 1 {
				t.Errorf("%s, due %s, was flagged %d times", item.Number, item.DueOn, flags)
			}
			if item.DueOn >= "2026-04-02" {
				late++
			}
		}
		if late == 0 {
			t.Error("nothing became overdue meanwhile: the story tells nothing")
		}
		kinds := map[string]int{}
		for n, id := range o.ids {
			kind, _, _ := strings.Cut(strings.TrimPrefix(id, "<"), ".")
			kinds[kind+" "+o.got[n]]++
		}
		for who, n := range kinds {
			if n != 1 {
				t.Errorf("%s: %d", who, n)
			}
		}
		if kinds["digest jiwei@duban.example"] != 1 || kinds["reminder jfj-handler@duban.example"] != 1 {
			t.Errorf("missing: %v", kinds)
		}
	})
}

// Two replicas whose clocks stand ninety seconds apart do the digest's hour once.
func TestReplicasNinetySecondsApart(t *testing.T) {
	database := modelstest.URL(t, "postgres")
	o := openPostOffice(t, 0)
	first := startWith(t, database, o.settings(), "--demo", "--now", "2024-07-08T08:29:57+08:00")
	if !o.wait(1, 30*time.Second) {
		t.Fatal("the digest's hour has passed, and nothing came")
	}
	time.Sleep(2 * time.Second)
	before := len(o.got)
	ahead := startWith(t, database, o.settings(), "--demo", "--now", "2024-07-08T08:31:27+08:00")
	behind := startWith(t, database, o.settings(), "--demo", "--now", "2024-07-08T08:29:57+08:00")
	time.Sleep(8 * time.Second)
	for _, p := range []*program{first, ahead, behind} {
		p.stop()
	}
	if before == 0 || len(o.got) != before {
		t.Errorf("%d mails, and %d when the others had their hour", before, len(o.got))
	}
	store, err := models.Open(database)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	runs, err := store.Board(context.Background(), models.TheClerk).Runs(100)
	if err != nil {
		t.Fatal(err)
	}
	ticks := map[string]int{}
	for _, run := range runs {
		if run.Tick.Equal(time.Date(2024, 7, 8, 0, 30, 0, 0, time.UTC)) {
			ticks[run.Job] += run.Attempt
		}
	}
	if ticks["digest"] != 1 || ticks["remind"] != 1 {
		t.Errorf("half past eight was done %v", ticks)
	}
}

// Each job is a command, lists itself, and does nothing twice.
func TestJobsAreCommands(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		r := modelstest.Open(t, database)
		r.Registered("2026-03-05")
		o := openPostOffice(t, 0)
		p := &program{t: t, environ: append([]string{"DUBAN_DATABASE_URL=" + database, "HOME=" + t.TempDir()}, o.settings()...)}
		for _, tt := range []struct{ words, want string }{
			{"job flag --today 2026-03-06", "flag: 1\n"},
			{"job flag --today 2026-03-06", "flag: 0\n"},
			{"job flag --today 2026-03-05", "flag: 0\n"},
			{"job remind --today 2026-03-07", "remind: 0\n"}, // a Saturday
			{"job remind --today 2026-03-09", "remind: 3\n"},
			{"job remind --today 2026-03-09", "remind: 0\n"},
			{"job digest --today 2026-03-09", "digest: 6\n"},
			{"job digest --today 2026-03-10", "digest: 0\n"},
			{"job deliver --today 2026-03-09", "deliver: 9\n"},
			{"job deliver --today 2026-03-09", "deliver: 0\n"},
			{"job sweep --today 2026-03-10", "sweep: 0\n"},
		} {
			if out, err := p.command(strings.Fields(tt.words)...); err != nil || !strings.HasSuffix(out, tt.want) {
				t.Errorf("%s says %q, %v", tt.words, out, err)
			}
		}
		if n := o.count(); n["wu@example.gov.cn"] != 2 || len(o.got) != 9 {
			t.Errorf("arrived: %v", n)
		}
		out, err := p.command("job")
		for _, name := range []string{"flag", "remind", "digest", "deliver", "sweep", "5 0 * * *"} {
			if err != nil || !strings.Contains(out, name) {
				t.Errorf("the list says %q, %v", out, err)
			}
		}
		for _, wrong := range [][]string{{"job", "nothing"}, {"job", "flag", "--today", "2026-02-30"}} {
			if out, err := p.command(wrong...); err == nil {
				t.Errorf("%v was taken: %s", wrong, out)
			}
		}
	})
}
