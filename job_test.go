package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"duban/jobs"
	"duban/models"
	"duban/models/day"
	"duban/models/modelstest"
)

// postOffice is a mail server in the test's process, which outlives the programs that
// send to it.
type postOffice struct {
	t    testing.TB
	addr *net.TCPAddr

	mu   sync.Mutex
	more *sync.Cond
	most int      // from so many mails on it says of none that it has it; 0 for any number
	got  []string // to whom, in the order they came
	ids  []string // and the Message-ID of each
}

func openPostOffice(t testing.TB) *postOffice {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &postOffice{t: t, addr: l.Addr().(*net.TCPAddr)}
	o.more = sync.NewCond(&o.mu)
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &postSession{o: o}, nil }))
	s.ErrorLog = log.New(io.Discard, "", 0)
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { o.takes(0); _ = s.Close() })
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

// takes has it say of so many mails that it has them, 0 for all.
func (o *postOffice) takes(most int) {
	o.mu.Lock()
	o.most = most
	o.mu.Unlock()
	o.more.Broadcast()
}

// reaches waits until mails have come to so many people.
func (o *postOffice) reaches(people int) {
	o.t.Helper()
	modelstest.Await(o.t, fmt.Sprintf("mails to %d people", people), func() bool { return len(o.count()) >= people })
}

// emptied waits until nothing is left in the outbox, and something was.
func emptied(t *testing.T, store *models.Store) {
	t.Helper()
	modelstest.Await(t, "an empty outbox", func() bool {
		counts, _, err := store.Board(t.Context(), models.TheClerk).MailCounts()
		if err != nil {
			t.Fatal(err)
		}
		return counts[models.MailSent] > 0 && counts[models.MailWaiting]+counts[models.MailSending] == 0
	})
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
	defer s.o.mu.Unlock()
	s.o.got = append(s.o.got, s.to)
	letter, err := mail.ReadMessage(bytes.NewReader(body))
	if err != nil {
		return err
	}
	s.o.ids = append(s.o.ids, letter.Header.Get("Message-Id"))
	for s.o.most > 0 && len(s.o.got) >= s.o.most {
		s.o.more.Wait()
	}
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
	const many, inFlight = 500, 16
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
	o := openPostOffice(t)
	kills := []int{100, 250}
	o.takes(kills[0])
	replicas := []*program{startWith(t, database, o.settings()), startWith(t, database, o.settings())}
	for k, at := range kills { // who is at work goes, the other takes over, and one comes anew
		o.reaches(at)
		replicas[k].kill()
		o.takes(append(kills, 0)[k+1])
		replicas = append(replicas, startWith(t, database, o.settings()))
	}
	o.reaches(many)
	emptied(t, r.Store) // what was in flight comes last, when its lease has ended
	counts, _, err := r.As(r.Office).MailCounts()
	if err != nil {
		t.Fatal(err)
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
	t.Parallel()
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		o := openPostOffice(t)
		p := startWith(t, database, o.settings(), "--demo", "--now", "2026-04-02T23:00:00+08:00")
		store, err := models.Open(t.Context(), database)
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
		modelstest.Await(t, "a row of each timed job", func() bool {
			runs, err := b.Runs(20)
			if err != nil {
				t.Fatal(err)
			}
			for _, run := range runs {
				begun[run.Job] = true
			}
			return len(begun) >= timed
		})
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
			modelstest.Await(t, "that day's digest and reminders", func() bool {
				runs, err := b.Runs(50)
				if err != nil {
					t.Fatal(err)
				}
				done := map[string]bool{}
				for _, run := range runs {
					if run.State == models.RunDone && day.Of(run.Tick.In(moment.Location())) == day.Of(moment) {
						done[run.Job] = true
					}
				}
				return done["digest"] && done["remind"]
			})
			emptied(t, store)
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
	t.Parallel()
	database := modelstest.URL(t, "postgres")
	store, err := models.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	done := func() map[string]int { // of the jobs at half past eight, how often each was begun
		t.Helper()
		runs, err := store.Board(context.Background(), models.TheClerk).Runs(100)
		if err != nil {
			t.Fatal(err)
		}
		ticks := map[string]int{}
		for _, run := range runs {
			if run.Tick.Equal(time.Date(2024, 7, 8, 0, 30, 0, 0, time.UTC)) && run.State == models.RunDone {
				ticks[run.Job] += run.Attempt
			}
		}
		return ticks
	}
	o := openPostOffice(t)
	first := startWith(t, database, o.settings(), "--demo", "--now", "2024-07-08T08:29:57+08:00")
	modelstest.Await(t, "the digest's hour", func() bool { return done()["digest"] > 0 && done()["remind"] > 0 })
	emptied(t, store)
	before := len(o.got)
	ahead := startWith(t, database, o.settings(), "--demo", "--now", "2024-07-08T08:31:27+08:00")
	behind := startWith(t, database, o.settings(), "--demo", "--now", "2024-07-08T08:29:57+08:00")
	time.Sleep(8 * time.Second) // the hour of the one behind comes in three; there is nothing to see when it does
	for _, p := range []*program{first, ahead, behind} {
		p.stop()
	}
	if before == 0 || len(o.got) != before {
		t.Errorf("%d mails, and %d when the others had their hour", before, len(o.got))
	}
	if ticks := done(); ticks["digest"] != 1 || ticks["remind"] != 1 {
		t.Errorf("half past eight was done %v", ticks)
	}
}

// Each job is a command, lists itself, and does nothing twice.
func TestJobsAreCommands(t *testing.T) {
	t.Parallel()
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		r := modelstest.Open(t, database)
		r.Registered("2026-03-05")
		o := openPostOffice(t)
		p := &program{t: t, folder: t.TempDir(), environ: append([]string{"DUBAN_DATABASE_URL=" + database, "HOME=" + t.TempDir()}, o.settings()...)}
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
