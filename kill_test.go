package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"duban/models"
	"duban/models/modelstest"
)

// postbox is a mail server that counts what each address gets. In the middle it takes
// mails and does not say so, until it is told to go on.
type postbox struct {
	mu    sync.Mutex
	taken map[string]int
	n     int
	at    int           // the middle
	goOn  chan struct{} // closed to go on
}

func openPostbox(t *testing.T, at int) (*postbox, *net.TCPAddr) {
	t.Helper()
	p := &postbox{taken: map[string]int{}, at: at, goOn: make(chan struct{})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &letter{box: p}, nil }))
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = l.Close(); _ = server.Close() })
	return p, l.Addr().(*net.TCPAddr)
}

// count is how many addresses have got something, and how many got it twice.
func (p *postbox) count(of string) (once, more int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for to, n := range p.taken {
		if strings.HasPrefix(to, of) {
			once++
			more += n - 1
		}
	}
	return once, more
}

type letter struct {
	box *postbox
	to  string
}

// Mail, Rcpt and Data take a mail.
func (l *letter) Mail(string, *smtp.MailOptions) error      { return nil }
func (l *letter) Rcpt(to string, _ *smtp.RcptOptions) error { l.to = to; return nil }
func (l *letter) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	l.box.mu.Lock()
	l.box.taken[l.to]++
	l.box.n++
	held := l.box.n >= l.box.at
	l.box.mu.Unlock()
	if held {
		<-l.box.goOn
	}
	return nil
}

// Reset and Logout end it.
func (l *letter) Reset()        {}
func (l *letter) Logout() error { return nil }

// The program is killed, without a word, in the middle of five hundred digests.
// Another takes over what it had in hand: all five hundred arrive, and none twice but
// what was in flight at the kill.
func TestAKillInTheMiddleOfFiveHundredMails(t *testing.T) {
	t.Parallel()
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		// inFlight is on how many lines the program sends at once (jobs/deliver.go).
		const many, inFlight = 500, 6
		r := modelstest.Open(t, database)
		r.Registered("2026-03-04")
		for n := range many {
			u := models.User{Name: fmt.Sprintf("reader%d", n), FullName: "Reader", Role: models.Supervisor, Email: fmt.Sprintf("reader%d@example.gov.cn", n)}
			if _, err := r.As(r.Admin).SaveUser(u, modelstest.Password); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		box, at := openPostbox(t, many/2)
		mail := []string{"DUBAN_SMTP_HOST=127.0.0.1", fmt.Sprintf("DUBAN_SMTP_PORT=%d", at.Port), "DUBAN_SMTP_TLS=off", "DUBAN_MAIL_FROM=duban@example.gov.cn"}
		// The timetable begins on Saturday; on Monday morning it is run.
		startWith(t, database, mail, "--demo", "--now", "2026-03-07T12:00:00+08:00").stop()
		first := startWith(t, database, mail, "--demo", "--now", "2026-03-09T08:29:58+08:00")
		modelstest.Await(t, "half of the mails", func() bool {
			box.mu.Lock()
			defer box.mu.Unlock()
			return box.n >= box.at
		})
		if err := first.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = first.cmd.Wait()
		close(box.goOn)
		before, _ := box.count("reader")
		second := startWith(t, database, mail, "--demo", "--now", "2026-03-09T08:45:00+08:00")
		store, err := models.Open(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		clerk := store.Board(t.Context(), models.TheClerk)
		modelstest.Await(t, "an empty outbox", func() bool { // what would still be sent twice would wait in it
			counts, _, err := clerk.MailCounts()
			if err != nil {
				t.Fatal(err)
			}
			return counts[models.MailSent] >= many && counts[models.MailWaiting]+counts[models.MailSending] == 0
		})
		second.stop()
		all, twice := box.count("reader")
		t.Logf("killed after %d of %d; all in all %d arrived, %d of them twice", before, many, all, twice)
		if all != many || twice > inFlight {
			t.Errorf("%d of %d arrived, %d twice; want all, and at most the %d in flight twice", all, many, twice, inFlight)
		}
	})
}

// The program is killed, without a word, while sixteen people write, whose acts are
// committed together: what it has acknowledged is there once, what it has not is there
// once or not at all, and the trail is whole.
func TestKilledWhileSixteenWrite(t *testing.T) {
	t.Parallel()
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		const writers, times = 16, 4
		r := modelstest.Open(t, database)
		var numbers []string
		for range writers {
			numbers = append(numbers, r.Registered("2026-03-20").Number)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		saved := &acknowledged{files: map[string]map[string]string{}, words: map[string][]string{}}
		client := &http.Client{
			Timeout: modelstest.Patience, Transport: &http.Transport{MaxIdleConnsPerHost: writers},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
		for n := range times {
			p := startWith(t, database, nil)
			if n == 0 {
				p.signInAs("wu", modelstest.Password)
				client.Jar = p.client.Jar
			}
			p.client.Jar = client.Jar
			_, page := p.get("/items/" + numbers[0])
			token := csrfField.FindStringSubmatch(page)[1]
			var all sync.WaitGroup
			for _, number := range numbers {
				all.Go(func() {
					w := &writer{client: client, url: p.url, number: number, token: token, saved: saved}
					for k := 0; w.report(fmt.Sprintf("第%d次第%d条", n, k)) == nil; k++ { // until it is killed
					}
				})
			}
			stopped := make(chan struct{})
			go func() { all.Wait(); close(stopped) }()
			some := saved.count() + 3*writers + rand.N(writers)
			modelstest.Await(t, "some who have written", func() bool {
				select {
				case <-stopped:
					return true
				default:
					return saved.count() >= some
				}
			})
			if err := p.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = p.cmd.Wait()
			all.Wait()
			if saved.count() < some {
				t.Fatalf("the writers stopped by themselves after %d", saved.count())
			}
		}
		store, err := models.Open(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		clerk := store.Board(context.Background(), models.TheClerk)
		unsaid := 0
		for _, number := range numbers {
			item, err := clerk.Item(number)
			if err != nil {
				t.Fatal(err)
			}
			notes, err := clerk.ProgressOf(item)
			if err != nil {
				t.Fatal(err)
			}
			is := map[string]int{}
			for _, note := range notes {
				is[note.Text]++
			}
			for _, text := range saved.words[number] {
				if is[text] != 1 {
					t.Errorf("%s: %q was acknowledged and is there %d times", number, text, is[text])
				}
				delete(is, text)
			}
			if len(is) > times { // one under way at each kill
				t.Errorf("%s: %v were not acknowledged", number, is)
			}
			for text, n := range is {
				if unsaid++; n != 1 {
					t.Errorf("%s: %q is there %d times", number, text, n)
				}
			}
		}
		t.Logf("%d acknowledged, %d written and not acknowledged", saved.count(), unsaid)
		if err := store.KeepTrail(context.Background(), trailFolder(t, database), ""); err != nil {
			t.Fatal(err)
		}
		report, err := store.Board(context.Background(), models.TheClerk).VerifyTrail(models.VerifyAsk{})
		if err != nil || !report.Sound() {
			t.Errorf("the trail: %+v, %v", report.Findings, err)
		}
	})
}
