package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"duban/models"
)

// How mails leave.
const (
	// lines is how many conversations with the server there are at once. Each sends a
	// mail, has it noted on the disk and only then sends the next: so many mails at
	// most are in flight when a program dies, and may arrive twice.
	lines = 6
	// perLine is how many mails are worth another line.
	perLine = 8
	// claimed is how many mails are taken into hand at once. Those not begun when a
	// program dies wait for the lease to end.
	claimed = 240
	// ahead is for how many mails it is read at once who they go to.
	ahead = 40
	// heldEvery is how often a claim is renewed.
	heldEvery = 7 * time.Second
	// busyFor is how long one run of the job may go on.
	busyFor = 3 * time.Minute
	// tooOften is how often in a row the lines may break before the server is left
	// alone.
	tooOften = 3
)

// deliver sends what is in the outbox. What a server refuses for now is tried again
// later, each time after a longer while; what it refuses for good is marked, for the
// administrator to see; the others go on. A server that does not answer is left
// alone, longer each time, and then tried with one mail.
func deliver(ctx context.Context, r *Run) (sent int, err error) {
	if !r.Mail.Configured() || !r.ByHand && r.server.rests(r.now()) {
		return 0, nil
	}
	for began := time.Now(); time.Since(began) < busyFor && !r.ended(); {
		n, goOn, err := r.deliverSome(ctx)
		sent += n
		if err != nil || !goOn {
			return sent, err
		}
	}
	return sent, nil
}

// deliverSome claims mails and sends them. goOn is false when there are no more, or
// the server cannot be talked to; what was not begun is then given back.
func (r *Run) deliverSome(ctx context.Context) (sent int, goOn bool, err error) {
	many, most := claimed, lines
	if r.server.broken() {
		many, most = 1, 1
	}
	b := batch{Run: r, owner: r.owner + "." + rand.Text()[:10], notes: make(chan note, lines)}
	if b.mails, err = r.fresh().ClaimMails(b.owner, many); err != nil || len(b.mails) == 0 {
		return 0, false, err
	}
	holding, held := context.WithCancel(context.Background())
	var beside, talking sync.WaitGroup
	beside.Go(func() { b.hold(holding) })
	beside.Go(b.write)
	var first conversation
	if err := first.open(ctx, r.Mail); err != nil {
		b.silently(short(err))
	} else {
		talking.Go(func() { b.talk(ctx, first) })
		for range min(most, 1+len(b.mails)/perLine) - 1 {
			talking.Go(func() { b.talk(ctx, conversation{}) })
		}
	}
	talking.Wait()
	close(b.notes)
	held()
	beside.Wait()

	if b.unnoted.Load() == 0 { // else the lease decides: what was sent is not offered again at once
		b.fail(r.fresh().ReleaseMails(b.owner, b.silence))
	}
	broken := b.silent || b.breaks > 0
	switch {
	case broken:
		r.server.broke(r.now())
	case b.answered:
		r.server.answers()
	}
	return int(b.sent.Load()), !broken && !r.ended(), b.failure()
}

// batch is a claim of mails on its way out over several lines.
type batch struct {
	*Run
	owner string
	mails []models.Mail
	notes chan note

	next    atomic.Int64 // of mails, the first that nobody has begun
	sent    atomic.Int64
	unnoted atomic.Int64 // tries whose outcome could not be written down

	reading sync.Mutex
	people  map[int64]models.User
	read    time.Time

	mu       sync.Mutex
	answered bool   // the server said of a mail what it thinks of it
	breaks   int    // lines broken since, in a row
	silent   bool   // the server cannot be talked to: nothing more is begun
	silence  string // why
	failed   []error
}

// note is a try to be written down; done is closed when it has been.
type note struct {
	try  models.MailTry
	done chan struct{}
}

// talk is one line to the server: mail after mail, each written down before the next
// is begun.
func (b *batch) talk(ctx context.Context, line conversation) {
	defer line.end()
	for ctx.Err() == nil {
		m, ok := b.begin()
		if !ok {
			return
		}
		try, err := b.try(ctx, &line, m)
		if err != nil {
			b.fail(err)
			return
		}
		if try == nil { // nothing came of it; it is given back
			return
		}
		n := note{*try, make(chan struct{})}
		b.notes <- n
		<-n.done
	}
}

// begin is the next mail that nobody has begun.
func (b *batch) begin() (m models.Mail, ok bool) {
	b.mu.Lock()
	stop := b.silent || len(b.failed) > 0
	b.mu.Unlock()
	if n := b.next.Add(1) - 1; !stop && !b.ended() && n < int64(len(b.mails)) {
		return b.mails[n], true
	}
	return models.Mail{}, false
}

// try sends one mail. Whether its reader may have it is read now, and not when it
// was written. Nothing comes of it when there is no line to send it on.
func (b *batch) try(ctx context.Context, line *conversation, m models.Mail) (*models.MailTry, error) {
	if err := line.open(ctx, b.Mail); err != nil {
		// A server may take only so many lines; when it takes none at all, the next
		// claim finds out.
		return nil, nil
	}
	to, err := b.addressee(m)
	if err != nil {
		return nil, err
	}
	try := models.MailTry{Mail: m, To: to}
	if why := m.NotFor(to, b.Mail.MayHaveTitles); why != "" {
		try.Came, try.Why = models.CameDropped, why
		return &try, nil
	}
	msg, err := b.Mail.message(m, to, b.now())
	if errors.Is(err, errAddress) {
		try.Came, try.Why = models.CameNobody, err.Error()
		return &try, nil
	}
	if err != nil { // our own sender's address is wrong: nothing can be sent
		b.silently(err.Error())
		return nil, nil
	}
	a := answerOf(line.client.Send(msg))
	switch {
	case a.us:
		b.silently(a.why)
		return nil, nil
	case a.broken:
		line.end()
		b.breaksOff(a.why)
	default:
		b.breaksOff("")
	}
	try.Came, try.Why = a.came, a.why
	return &try, nil
}

// addressee is who the mail goes to, as they are now, read no longer than a second
// ago together with those of the next mails.
func (b *batch) addressee(m models.Mail) (models.User, error) {
	b.reading.Lock()
	defer b.reading.Unlock()
	if u, ok := b.people[m.UserID]; ok && time.Since(b.read) < time.Second {
		return u, nil
	}
	next := min(int(b.next.Load()), len(b.mails))
	people, err := b.fresh().Addressees(append([]models.Mail{m}, b.mails[next:min(next+ahead, len(b.mails))]...))
	if err != nil {
		return models.User{}, err
	}
	b.people, b.read = people, time.Now()
	u, ok := people[m.UserID]
	if !ok { // the account went with the demonstration
		u = models.User{ID: m.UserID, Disabled: true}
	}
	return u, nil
}

// breaksOff counts the lines that break one after the other, or none for a mail that
// was answered. When too many do, the server is given up for this time.
func (b *batch) breaksOff(why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if why == "" {
		b.answered, b.breaks = true, 0
		return
	}
	if b.breaks++; b.breaks >= tooOften {
		b.silent, b.silence = true, why
	}
}

// silently gives the server up for this time: it takes nothing from us at all.
func (b *batch) silently(why string) {
	b.mu.Lock()
	b.silent, b.silence = true, why
	b.mu.Unlock()
}

func (b *batch) fail(err error) {
	if err != nil {
		b.mu.Lock()
		b.failed = append(b.failed, err)
		b.mu.Unlock()
	}
}

func (b *batch) failure() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return errors.Join(b.failed...)
}

// write writes down what came of tries until there are no more, all that are there
// at once in one transaction.
func (b *batch) write() {
	for first := range b.notes {
		some := []note{first}
		for full := false; !full; {
			select {
			case n, ok := <-b.notes:
				if full = !ok; ok {
					some = append(some, n)
				}
			default:
				full = true
			}
		}
		var tries []models.MailTry
		for _, n := range some {
			tries = append(tries, n.try)
		}
		b.writeDown(tries)
		for _, n := range some {
			close(n.done)
		}
	}
}

// writeDown notes tries, and does not give up at once: a mail that was sent and not
// noted is sent again.
func (b *batch) writeDown(tries []models.MailTry) {
	var lost int
	var err error
	for wait := 50 * time.Millisecond; wait < 10*time.Second; wait *= 2 {
		if lost, err = b.fresh().NoteTries(tries...); err == nil {
			break
		}
		time.Sleep(wait)
	}
	if err != nil {
		b.unnoted.Add(int64(len(tries)))
		b.fail(fmt.Errorf("%d mails were tried and not noted: %w", len(tries), err))
		return
	}
	if lost > 0 {
		slog.Warn("mails were taken over while they were sent", "mails", lost)
	}
	for _, t := range tries {
		if t.Came == models.CameTaken {
			b.sent.Add(1)
		}
	}
}

// hold renews the claim until all is done.
func (b *batch) hold(ctx context.Context) {
	every := time.NewTicker(heldEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			if err := b.fresh().HoldMails(b.owner); err != nil {
				slog.Warn("claim of mails not renewed", "error", err)
			}
		}
	}
}

// rest is how long a server that does not answer is left alone, as far as this
// program knows. It is shared by all its runs.
type rest struct {
	mu    sync.Mutex
	times int
	until time.Time
}

// longestRest bounds it: so long at most the mails wait once the server is back.
const longestRest = 10 * time.Minute

func (s *rest) rests(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.times > 0 && now.Before(s.until) && s.until.Sub(now) <= 2*longestRest // a clock may be set back
}

func (s *rest) broken() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.times > 0
}

// broke doubles the rest, and makes it a little different for each program.
func (s *rest) broke(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := min(5*time.Second<<min(s.times, 10), longestRest)
	s.times++
	s.until = now.Add(wait + wait*time.Duration(rand.Text()[0]%16)/64)
}

func (s *rest) answers() {
	s.mu.Lock()
	s.times = 0
	s.mu.Unlock()
}
