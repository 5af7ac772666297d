package jobs

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"time"
)

// popSeen are the messages of a mailbox that were read and left there, by its own names
// for them (RFC 1939 §7): POP3 has no mark for it. They are read again after a restart.
type popSeen struct {
	mu    sync.Mutex
	names map[string]bool
}

// popLine is a conversation with a mailbox by POP3 (RFC 1939, and RFC 2595 for STLS), as
// far as reading reports needs it: it needs six commands.
type popLine struct{ *textproto.Conn }

// ask says a command and reads its answer in one line.
func (p popLine) ask(format string, args ...any) (string, error) {
	if err := p.PrintfLine(format, args...); err != nil {
		return "", err
	}
	said, err := p.ReadLine()
	if err == nil && !strings.HasPrefix(said, "+OK") {
		err = errors.New(legible(strings.TrimSpace(strings.TrimPrefix(said, "-ERR"))))
	}
	return said, err
}

// readPOP hands over each message that was not read before. One that was of use is
// removed; the others stay.
func (b ReturnBox) readPOP(ctx context.Context, config *tls.Config, seen *popSeen, each func(message []byte) (used bool, err error)) error {
	seen.mu.Lock()
	defer seen.mu.Unlock()
	line, err := (&net.Dialer{Timeout: boxPatience}).DialContext(ctx, "tcp", b.Address)
	if err != nil {
		return err
	}
	defer func() { _ = line.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = line.Close() })
	defer stop()
	wait := func() { _ = line.SetDeadline(time.Now().Add(boxPatience)) }
	wait()
	carrier := line
	if b.TLS {
		carrier = tls.Client(line, config)
	}
	p := popLine{textproto.NewConn(carrier)}
	if _, err := p.ReadLine(); err != nil {
		return err
	}
	if !b.TLS {
		if _, err := p.ask("STLS"); err == nil {
			p = popLine{textproto.NewConn(tls.Client(line, config))}
		} else if !b.Open {
			return errors.New("its password would go over an open line: write pop3s:// instead")
		}
	}
	for _, command := range []string{"USER " + b.User, "PASS " + b.Password} {
		if _, err := p.ask("%s", command); err != nil {
			return fmt.Errorf("signing in: %w", err)
		}
	}
	if _, err := p.ask("UIDL"); err != nil {
		return err
	}
	list, err := p.ReadDotLines()
	if err != nil {
		return err
	}
	there, read := map[string]bool{}, 0
	for _, one := range list {
		number, name, ok := strings.Cut(one, " ")
		n, err := strconv.Atoi(number)
		if there[name] = true; !ok || err != nil || seen.names[name] || read == reportsAtOne {
			continue
		}
		read++
		wait()
		if _, err := p.ask("RETR %d", n); err != nil {
			return err
		}
		message := p.DotReader()
		content, err := io.ReadAll(io.LimitReader(message, reportBytes))
		if err == nil {
			_, err = io.Copy(io.Discard, message)
		}
		if err != nil {
			return err
		}
		used, err := each(content)
		if err != nil {
			return err
		}
		if used {
			if _, err := p.ask("DELE %d", n); err != nil {
				return err
			}
			continue
		}
		if seen.names == nil {
			seen.names = map[string]bool{}
		}
		seen.names[name] = true
	}
	for name := range seen.names {
		if !there[name] {
			delete(seen.names, name)
		}
	}
	_, err = p.ask("QUIT") // only now is removed what was to be
	return err
}
