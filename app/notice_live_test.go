package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"duban/models"
	"duban/models/modelstest"
)

// openLine is one page's line to a real server.
type openLine struct {
	t      *testing.T
	status int
	header http.Header
	unread chan string   // what was said
	ended  chan struct{} // closed when the server has closed it
	hangUp func()
}

// listen opens the line of this browser's page at a server.
func (v *visitor) listen(t *testing.T, address string) *openLine {
	t.Helper()
	ctx, hangUp := context.WithCancel(context.Background())
	t.Cleanup(hangUp)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/notices/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Accept-Encoding", "gzip")
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	l := &openLine{t: t, status: answer.StatusCode, header: answer.Header, unread: make(chan string, 50), ended: make(chan struct{}), hangUp: hangUp}
	go func() {
		defer close(l.ended)
		defer answer.Body.Close()
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if n, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				l.unread <- n
			}
		}
	}()
	return l
}

// says waits for a number of unread notices.
func (l *openLine) says(want int) {
	l.t.Helper()
	select {
	case got := <-l.unread:
		if got != fmt.Sprint(want) {
			l.t.Errorf("%s unread, want %d", got, want)
		}
	case <-l.ended:
		l.t.Errorf("the line has ended, want %d unread", want)
	case <-time.After(modelstest.Patience):
		l.t.Errorf("nothing was said within %s, want %d unread", modelstest.Patience, want)
	}
}

// ends waits until the server has closed the line.
func (l *openLine) ends() {
	l.t.Helper()
	select {
	case <-l.ended:
	case <-time.After(modelstest.Patience):
		l.t.Errorf("still open after %s", modelstest.Patience)
		l.hangUp()
	}
}

func (l *openLine) open() bool {
	select {
	case <-l.ended:
		return false
	default:
		return true
	}
}

// An open page says how many notices are unread as they come and are read: a number,
// and nothing that another may not know.
func TestAnOpenPageHearsOfNotices(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		address := s.serving(t)
		wu, shen := s.as(s.Wu), s.as(s.Shen)
		l, other := wu.listen(t, address), shen.listen(t, address)
		if l.status != 200 || !strings.HasPrefix(l.header.Get("Content-Type"), "text/event-stream") || l.header.Get("Content-Encoding") != "" || l.header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %v", l.status, l.header)
		}
		l.says(0)
		other.says(0)
		item := s.Submitted("2026-03-20")
		if _, err := s.As(s.Supervisor).Return(item, models.ReturnReasons[0], "材料不全"); err != nil {
			t.Fatal(err)
		}
		l.says(1)
		wu.get("/notices").want(200).wantWords(says("notice.return"), item.Number)
		wu.post("/notices", "up_to", fmt.Sprint(s.unread(s.Wu)[0].ID)).wantGoTo("/notices")
		l.says(0)
		select {
		case n := <-other.unread:
			t.Errorf("a stranger heard %q", n)
		default:
		}
	})
}

// The right to a line is asked after so often that it ends within two seconds.
func TestAnOpenPageIsLookedAfterEachSecond(t *testing.T) {
	if liveEvery > time.Second {
		t.Errorf("every %s", liveEvery)
	}
}

// The line ends with whatever takes away the right to it, and nobody else's does.
func TestAnOpenPageEndsWithTheRight(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		address := s.serving(t)
		admin := s.as(s.Admin)
		path := fmt.Sprintf("/users/%d", s.Wu.ID)
		change := func(form ...string) {
			admin.get(path).want(200)
			admin.post(path, append(form, "full_name", "Wu", "name", "wu", "role", "handler", "unit", fmt.Sprint(s.Unit.ID), "email", "wu@example.gov.cn")...).wantGoTo("/users")
		}
		stays := s.as(s.Leng).listen(t, address)
		stays.says(0)
		for name, loses := range map[string]func(v *visitor){
			"sign-out": func(v *visitor) { v.get("/me"); v.post("/sign-out").wantGoTo("/sign-in") },
			"new password elsewhere": func(*visitor) {
				again := s.as(s.Wu)
				again.get("/me")
				again.post("/me/password", "old", s.passwords["wu"], "password", "Another-Word-2026").wantGoTo("/me")
				s.passwords["wu"] = "Another-Word-2026"
			},
			"another role":     func(*visitor) { change("role", "leader"); change() },
			"another unit":     func(*visitor) { change("unit", fmt.Sprint(s.Other.ID)) },
			"account disabled": func(*visitor) { change("disabled", "1") },
		} {
			t.Run(name, func(t *testing.T) {
				v := s.as(s.Wu)
				l := v.listen(t, address)
				l.says(0)
				loses(v)
				l.ends()
				if l := v.listen(t, address); l.status == http.StatusOK {
					l.ends()
					t.Error("the line could be opened again")
				}
				change()
			})
		}
		if !stays.open() {
			t.Error("another's line has ended as well")
		}
	})
}

// A sign-out on one program ends the lines that another holds.
func TestAnOpenPageEndsOnEveryProgram(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		one, two := siteOn(t, r, Options{}), siteOn(t, r, Options{})
		v := one.as(r.Wu)
		l := v.listen(t, two.serving(t))
		l.says(0)
		v.get("/me")
		v.post("/sign-out").wantGoTo("/sign-in")
		l.ends()
	})
}

// A page that is only left open does not keep its session alive.
func TestAnOpenPageKeepsNoSessionAlive(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		address := s.serving(t)
		v := s.as(s.Wu)
		v.get("/me").want(200)
		for _, minute := range []string{"09:10", "09:20"} {
			s.At("2026-03-02 " + minute)
			l := v.listen(t, address) // as a browser does when the line breaks
			l.says(0)
			l.hangUp()
		}
		l := v.listen(t, address)
		l.says(0)
		s.At("2026-03-02 09:31")
		l.ends()
		if l := v.listen(t, address); l.status != http.StatusNoContent {
			t.Errorf("%d after half an hour in which nobody did anything", l.status)
		}
	})
}

// One person holds so many lines and no more, and the place of one that went is free.
func TestAPersonHoldsAFewLines(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	address := s.serving(t)
	v := s.as(s.Wu)
	var lines []*openLine
	for range livePerPerson {
		l := v.listen(t, address)
		l.says(0)
		lines = append(lines, l)
	}
	if l := v.listen(t, address); l.status != http.StatusTooManyRequests || l.header.Get("Retry-After") == "" {
		t.Errorf("%d %v", l.status, l.header)
	}
	if l := s.as(s.Leng).listen(t, address); l.status != 200 {
		t.Errorf("%d for another person", l.status)
	}
	lines[0].hangUp()
	modelstest.Await(t, "a free place", func() bool { return v.listen(t, address).status == 200 })
}

// A program that is told to stop does not wait for pages that are left open.
func TestOpenPagesDoNotHoldUpAnEnd(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(at) }()
	l := s.as(s.Wu).listen(t, "http://"+at.Addr().String())
	l.says(0)
	ctx, done := context.WithTimeout(context.Background(), modelstest.Patience) // less than a page may stay open
	defer done()
	if err := s.server.Shutdown(ctx); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	l.ends()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// A reader who takes nothing off the line holds up nobody.
func TestAReaderWhoDoesNotReadHoldsUpNobody(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	address := s.serving(t)
	v := s.as(s.Wu)
	deaf, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	cookies := ""
	for name, value := range v.cookies {
		cookies += name + "=" + value + "; "
	}
	if _, err := io.WriteString(deaf, "GET /notices/live HTTP/1.1\r\nHost: x\r\nCookie: "+cookies+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	l := s.as(s.Leng).listen(t, address)
	l.says(0)
	if _, err := s.As(s.Supervisor).Return(s.Submitted("2026-03-20"), models.ReturnReasons[0], "材料不全"); err != nil {
		t.Fatal(err)
	}
	l.says(1)
}

// In a browser the bell counts as it happens, without the page being asked for again,
// and stops with the sign-out.
func TestTheBellCountsAsItHappens(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	b := newTab(t, s, s.serving(t), "wu")
	b.open("/items")
	const bell = `document.querySelector(".btn--bell")`
	b.until(bell + `.querySelector(".count").hidden && document.readyState === "complete"`)
	item := s.Submitted("2026-03-20")
	if _, err := s.As(s.Supervisor).Return(item, models.ReturnReasons[0], "材料不全"); err != nil {
		t.Fatal(err)
	}
	b.until(bell + `.querySelector(".count").textContent === "1" && !` + bell + `.querySelector(".count").hidden`)
	b.want(bell+`.getAttribute("aria-label")`, strings.Replace(says("notices.unread.live"), "{n}", "1", 1))
	rows, err := s.As(s.Wu).Notices(1)
	if err != nil || len(rows) != 1 {
		t.Fatal(len(rows), err)
	}
	if err := s.As(s.Wu).ReadNotices(rows[0].ID); err != nil {
		t.Fatal(err)
	}
	b.until(bell + `.querySelector(".count").hidden`)
	b.quiet()
}
