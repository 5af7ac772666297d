package app

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"duban/models"
)

// line is a sender by a clock of its own: each piece is so many bytes after so long. It
// knows deadlines as a connection does.
type line struct {
	now    time.Time
	until  time.Time
	pieces []stretch
}

type stretch struct {
	after time.Duration
	bytes int
}

func (l *line) clock() time.Time { return l.now }

func (l *line) deadline(at time.Time) error {
	l.until = at
	return nil
}

func (l *line) Read(b []byte) (int, error) {
	if len(l.pieces) == 0 {
		return 0, io.EOF
	}
	next := &l.pieces[0]
	if at := l.now.Add(next.after); !l.until.IsZero() && at.After(l.until) {
		l.now = l.until
		return 0, os.ErrDeadlineExceeded
	} else {
		l.now = at
	}
	n := min(len(b), next.bytes)
	if next.bytes, next.after = next.bytes-n, 0; next.bytes == 0 {
		l.pieces = l.pieces[1:]
	}
	return n, nil
}

// steady is so many bytes a second for so many seconds, in pieces of a second.
func steady(rate, seconds int) (pieces []stretch) {
	for range seconds {
		pieces = append(pieces, stretch{time.Second, rate})
	}
	return pieces
}

func joined(parts ...[]stretch) (all []stretch) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// A body comes at 4 KiB a second over any half minute, or it is cut off then: neither by
// its mean, nor by a byte now and then.
func TestABodyComesAtItsPaceOrIsCutOff(t *testing.T) {
	const kib = 1 << 10
	silent := []stretch{{1000 * time.Hour, 1}}
	for name, tt := range map[string]struct {
		size   int64 // -1: nobody knows
		pieces []stretch
		cut    time.Duration // after so long; 0 for taken whole
	}{
		"at once":                              {300, []stretch{{0, 300}}, 0},
		"a form on a poor line":                {300, steady(30, 10), 0},
		"nothing":                              {300, silent, 30 * time.Second},
		"nothing, of a large one":              {20 << 20, silent, 30 * time.Second},
		"a byte now and then":                  {1 << 20, steady(1, 600), 30 * time.Second},
		"a byte now and then, of a small one":  {1000, steady(1, 600), 30 * time.Second},
		"a little too slowly":                  {-1, steady(4*kib-100, 600), 30 * time.Second},
		"steadily":                             {-1, steady(4*kib+100, 600), 0},
		"steadily, a known size":               {600 * 5 * kib, steady(5*kib, 600), 0},
		"fast, then a byte now and then":       {-1, joined(steady(1000*kib, 10), steady(1, 600)), 40 * time.Second},
		"fast, then nothing":                   {-1, joined(steady(1000*kib, 10), silent), 40 * time.Second},
		"with a rest of half a window":         {-1, joined(steady(20*kib, 30), []stretch{{15 * time.Second, 20 * kib}}, steady(20*kib, 30)), 0},
		"more than was announced, and no end":  {100 * kib, steady(4*kib+100, 600), 30 * time.Second},
		"in bursts that keep the mean only":    {-1, joined([]stretch{{0, 4000 * kib}}, steady(1, 29), []stretch{{50 * time.Second, 4000 * kib}}), 30 * time.Second},
		"in bursts within the window":          {-1, joined([]stretch{{20 * time.Second, 200 * kib}}, []stretch{{20 * time.Second, 200 * kib}}, []stretch{{20 * time.Second, 200 * kib}}), 0},
		"a gap as long as the window, and out": {-1, []stretch{{0, 1000 * kib}, {31 * time.Second, 1000 * kib}}, 30 * time.Second},
	} {
		l := &line{now: time.Unix(0, 0), pieces: tt.pieces}
		want := 0
		for _, p := range tt.pieces {
			want += p.bytes
		}
		body := &pacedReader{in: l, walk: usualPace.walk(tt.size), now: l.clock, until: l.deadline}
		n, err := io.Copy(io.Discard, body)
		took := l.now.Sub(time.Unix(0, 0))
		switch {
		case tt.cut == 0 && (err != nil || int(n) != want):
			t.Errorf("%s: %d bytes of %d after %v, %v", name, n, want, took, err)
		case tt.cut != 0 && (!errors.Is(err, errTooSlow) || took > tt.cut+2*time.Second || took < tt.cut-2*time.Second):
			t.Errorf("%s: cut after %v with %v, want after %v", name, took, err, tt.cut)
		}
		if again, err := body.Read(make([]byte, 1)); again != 0 || err == nil {
			t.Errorf("%s: goes on after its end", name)
		}
	}
}

// What the server does with the bytes is not the sender's fault.
func TestASenderIsNotBlamedForOurOwnTime(t *testing.T) {
	l := &line{now: time.Unix(0, 0), pieces: steady(8<<10, 100)}
	body := &pacedReader{in: l, walk: usualPace.walk(-1), now: l.clock, until: l.deadline}
	for {
		_, err := body.Read(make([]byte, 64<<10))
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		l.now = l.now.Add(time.Minute) // a scanner takes its time
	}
}

// Who takes a file takes it at the same pace.
func TestAFileIsTakenAtItsPace(t *testing.T) {
	now := time.Unix(0, 0)
	var until time.Time
	wall := func() time.Time { return now }
	slow := writing(func(b []byte) (int, error) {
		if now = now.Add(time.Duration(len(b)) * time.Second); now.After(until) {
			now = until
			return 0, os.ErrDeadlineExceeded
		}
		return len(b), nil
	})
	w := &pacedWriter{out: slow, walk: usualPace.walk(-1), now: wall, until: func(at time.Time) error { until = at; return nil }}
	for range 1000 {
		if _, err := w.Write([]byte{1}); err != nil {
			if took := now.Sub(time.Unix(0, 0)); took > 31*time.Second {
				t.Errorf("cut after %v", took)
			}
			return
		}
	}
	t.Error("a byte a second was enough")
}

type writing func([]byte) (int, error)

func (w writing) Write(b []byte) (int, error) { return w(b) }

// counted is a listener that knows how many bytes the server has read.
type counted struct {
	net.Listener
	read atomic.Int64
}

type countedConn struct {
	net.Conn
	of *counted
}

func (l *counted) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return countedConn{c, l}, err
}

func (c countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.of.read.Add(int64(n))
	return n, err
}

// paced serves the site at that pace.
func (s *site) paced(t *testing.T, p pace) *counted {
	t.Helper()
	s.server.pace = p
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &counted{Listener: l}
	ended := make(chan error, 1)
	go func() { ended <- s.server.Serve(c) }()
	t.Cleanup(func() {
		_ = s.server.http.Close()
		<-ended
	})
	return c
}

// guard is how long a test waits for what ought to be soon.
const guard = 30 * time.Second

// slowBody sends the head of a request and the beginning of its body, and then a byte
// now and then until the server has had enough; it returns the answer's status.
func slowBody(t *testing.T, address, head, begun string, size int) int {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(guard))
	if _, err := fmt.Fprintf(conn, "%s\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s", head, address, size, begun); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	defer close(over)
	go func() {
		for {
			select {
			case <-over:
				return
			case <-time.After(10 * time.Millisecond):
				if _, err := conn.Write([]byte("x")); err != nil {
					return
				}
			}
		}
	}()
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Errorf("%s: no answer: %v", head, err)
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// A slow body holds no connection, whoever sends it and wherever to: it is cut off
// though a byte comes now and then.
func TestASlowBodyIsCutOff(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		v := s.as(s.Wu)
		v.get("/me")
		cookie := "\r\nCookie: "
		for name, value := range v.cookies {
			cookie += name + "=" + value + "; "
		}
		l := s.paced(t, pace{rate: 4 << 10, window: 300 * time.Millisecond, drop: 64 << 10})
		const form, files = "\r\nContent-Type: application/x-www-form-urlencoded", "\r\nContent-Type: multipart/form-data; boundary=b"
		begun := "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n" + v.token + "\r\n--b\r\nContent-Disposition: form-data; name=\"version\"\r\n\r\n1\r\n" +
			"--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\r\n整改"
		evidence := "POST /items/" + item.Number + "/evidence HTTP/1.1"
		for name, tt := range map[string]struct {
			head, begun string
		}{
			"evidence of a stranger":              {evidence + files, begun},
			"evidence of a stranger, no word yet": {evidence + files, "--b\r\n"},
			"evidence of whose it is":             {evidence + files + cookie, begun},
			"a form":                              {"POST /items/" + item.Number + "/progress HTTP/1.1" + form + cookie, "csrf=" + v.token + "&text="},
			"a form of a stranger":                {"POST /sign-in HTTP/1.1" + form, "name="},
			"a ledger":                            {"POST /import HTTP/1.1" + files + cookie, begun},
		} {
			status := slowBody(t, l.Addr().String(), tt.head, tt.begun, 1<<20)
			if stranger := !strings.Contains(tt.head, "Cookie"); status != http.StatusRequestTimeout && !stranger || status < 300 || status >= 500 {
				t.Errorf("%s is answered %d", name, status)
			}
		}
		if stored := s.Stored(); len(stored) > 0 || s.find(item.Number).Version != 1 {
			t.Errorf("kept: %v", stored)
		}
	})
}

// Of what somebody sends who has nothing to do here, no more is read than a little.
func TestWhoIsRefusedIsNotReadToTheEnd(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		supervisor := s.as(s.Supervisor)
		supervisor.get("/me")
		l := s.paced(t, usualPace)
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		_ = w.WriteField("csrf", supervisor.token)
		_ = w.WriteField("version", "1")
		part, _ := w.CreateFormFile("files", "长.txt")
		_, _ = part.Write(bytes.Repeat([]byte("整改"), 4<<20))
		_ = w.Close()
		for name, v := range map[string]*visitor{"a stranger": s.visitor(), "a supervisor": supervisor} {
			for _, path := range []string{"/items/" + item.Number + "/evidence", "/items/" + item.Number + "/progress"} {
				before := l.read.Load()
				status := v.pours(t, l.Addr().String(), path, w.FormDataContentType(), body.Bytes())
				if status != 0 && (status < 300 || status >= 500) {
					t.Errorf("%s at %s is answered %d", name, path, status)
				}
				signedIn := name == "a supervisor" && strings.HasSuffix(path, "/progress") // too large, and theirs to be told
				if read := l.read.Load() - before; read > 512<<10 && !signedIn {
					t.Errorf("%s at %s: %d KiB were read of %d", name, path, read>>10, body.Len()>>10)
				}
			}
		}
	})
}

// pours sends a body whole, and says how it was answered; 0 when the connection was
// shut before the answer could be read.
func (v *visitor) pours(t *testing.T, address, path, kind string, body []byte) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	client := &http.Client{Timeout: guard, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// A line that is slow and goes on is waited for.
func TestALineThatGoesOnIsWaitedFor(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		v := s.as(s.Wu)
		v.get("/me")
		l := s.paced(t, pace{rate: 1, window: guard, drop: 64 << 10})
		in, out := io.Pipe()
		w := multipart.NewWriter(out)
		go func() {
			_ = w.WriteField("csrf", v.token)
			_ = w.WriteField("version", "1")
			part, _ := w.CreateFormFile("files", "慢.txt")
			for range 20 {
				time.Sleep(5 * time.Millisecond)
				_, _ = part.Write([]byte("整改\n"))
			}
			_ = w.Close()
			_ = out.Close()
		}()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+l.Addr().String()+"/items/"+item.Number+"/evidence", in)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", w.FormDataContentType())
		for name, value := range v.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		client := &http.Client{Timeout: guard, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		defer client.CloseIdleConnections()
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		rows, err := s.As(s.Wu).EvidenceOf(models.Item{ID: item.ID})
		if err != nil || answer.StatusCode != http.StatusSeeOther || len(rows) != 1 {
			t.Errorf("%d %v %v", answer.StatusCode, rows, err)
		}
	})
}
