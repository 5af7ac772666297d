package jobs_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"duban/jobs"
	"duban/models/modelstest"
)

// office is a mail server of the test's own: a real one, which takes mails and
// misbehaves on request.
type office struct {
	t      *testing.T
	server *smtp.Server
	addr   *net.TCPAddr
	line   net.Listener

	mu     sync.Mutex
	taken  []taken
	open   int                          // conversations at this moment
	most   int                          // of them, how many it takes; 0 for any number
	slow   time.Duration                // how long it takes over each mail
	from   error                        // what it says to whoever wants to send
	rcpt   func(to string, n int) error // asked of each recipient, with how often they came before
	data   func(to string, n int) error // asked after the whole mail was read
	tries  map[string]int
	silent bool          // takes mails and hangs before saying so
	hold   chan struct{} // takes mails and says so only when it is closed
	over   chan struct{} // closed with the test
	cut    int           // takes so many more mails and breaks the connection before saying so
}

// taken is a mail that the server has.
type taken struct{ to, id, subject, body string }

func openOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, tries: map[string]int{}, over: make(chan struct{})}
	port, err := modelstest.FreePort() // a test may close it and listen there again
	if err != nil {
		t.Fatal(err)
	}
	o.listen(fmt.Sprintf("127.0.0.1:%d", port))
	t.Cleanup(func() { close(o.over); _ = o.server.Close() })
	return o
}

// enter lets in a conversation, as long as there are not too many.
func (o *office) enter(c *smtp.Conn) (smtp.Session, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.most > 0 && o.open >= o.most {
		return nil, &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: "too many connections"}
	}
	o.open++
	return &session{o: o, conn: c}, nil
}

func (o *office) listen(at string) {
	l, err := net.Listen("tcp", at)
	if err != nil {
		o.t.Fatal(err)
	}
	o.addr, o.line = l.Addr().(*net.TCPAddr), l
	o.server = smtp.NewServer(smtp.BackendFunc(o.enter))
	o.server.Domain, o.server.AllowInsecureAuth = "mail.test", true
	o.server.ErrorLog = log.New(io.Discard, "", 0) // it speaks of the lines we break
	go func() { _ = o.server.Serve(l) }()
}

// shut takes the server away; listen brings it back.
func (o *office) shut() {
	_ = o.line.Close()
	_ = o.server.Close()
}

// mailer sends to this office.
func (o *office) mailer() jobs.Mailer {
	return jobs.Mailer{Host: "127.0.0.1", Port: o.addr.Port, TLS: "off", From: "duban@example.gov.cn", BaseURL: "https://duban.example.gov.cn"}
}

func (o *office) got() []taken {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]taken{}, o.taken...)
}

// has waits until the server has taken so many mails.
func (o *office) has(n int) {
	modelstest.Await(o.t, "mails", func() bool { return len(o.got()) >= n })
}

// count is how often each address got a mail.
func (o *office) count() map[string]int {
	n := map[string]int{}
	for _, m := range o.got() {
		n[m.to]++
	}
	return n
}

type session struct {
	o    *office
	conn *smtp.Conn
	to   string
}

// Mail begins a mail.
func (s *session) Mail(string, *smtp.MailOptions) error {
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	return s.o.from
}

// Rcpt hears whom it is for.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	s.to = to
	n := s.o.tries[to]
	s.o.tries[to]++
	if s.o.rcpt != nil {
		return s.o.rcpt(to, n)
	}
	return nil
}

// Data takes the mail.
func (s *session) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.o.mu.Lock()
	if s.o.data != nil {
		if err := s.o.data(s.to, s.o.tries[s.to]-1); err != nil {
			s.o.mu.Unlock()
			return err
		}
	}
	m := taken{to: s.to, body: string(body)}
	if read, err := mail.ReadMessage(strings.NewReader(m.body)); err == nil {
		m.id = read.Header.Get("Message-Id")
		m.subject, _ = new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
	}
	s.o.taken = append(s.o.taken, m)
	silent, hold, cut, slow := s.o.silent, s.o.hold, s.o.cut > 0, s.o.slow
	if cut {
		s.o.cut--
	}
	s.o.mu.Unlock()
	if cut {
		_ = s.conn.Conn().Close()
		return errors.New("cut")
	}
	if silent {
		<-s.o.over
	}
	if hold != nil {
		select {
		case <-hold:
		case <-s.o.over:
		}
	}
	time.Sleep(slow)
	return nil
}

// Reset and Logout end a mail and a conversation.
func (s *session) Reset() {}
func (s *session) Logout() error {
	s.o.mu.Lock()
	s.o.open--
	s.o.mu.Unlock()
	return nil
}
