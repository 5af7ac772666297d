package jobs

import (
	"cmp"
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
	// usualLines is how many conversations with the server there are at once. Each says a
	// mail to its last line only when the one before is noted on the disk: so many mails
	// at most are in doubt when a program dies, and may arrive twice.
	usualLines = 6
	// firstLines is how many of them begin; the others join when the server has taken a
	// mail, so that one that hangs has few in its hands.
	firstLines = 6
	// perLine is how many mails are worth another line.
	perLine = 8
	// claimed is how many mails are taken into hand at once. Those not begun when a
	// program dies wait for the lease to end.
	claimed = 600
	// mailsAhead is for how many mails it is read at once who they go to.
	mailsAhead = 200
	// gathered is how long what is to be written down waits for more of it.
	gathered = 2 * time.Millisecond
	// heldEvery is how often a claim is renewed.
	heldEvery = 7 * time.Second
	// deliveryTick is how often the job is done; a server that takes more before is not waited for
	// so long.
	deliveryTick = 5 * time.Second
	// busyFor is how long one run of the job may go on.
	busyFor = 3 * time.Minute
	// tooOften is how often in a row the lines may break before the server is left
	// alone.
	tooOften = 3
	// probed is how many mails, each of another person, a server is tried with that took
	// nothing: one of them alone may be refused for its own sake.
	probed = 3
	// refusedAlike is how many people's mails must be refused in the same words, and
	// nobody's taken, before it is said to be everybody's answer.
	refusedAlike = 3
)

// deliver sends what is in the outbox. What a server refuses for now is tried again
// later, each time after a longer while; what it refuses for good is marked, for the
// administrator to see; the others go on. A server that takes nothing from us is left
// alone, longer each time, and then tried with a few mails; one that takes only so many
// gets so many.
func deliver(ctx context.Context, r *Run) (sent int, err error) {
	if !r.Mail.Configured() || !r.ByHand && r.pace.rests(r.now()) {
		return 0, nil
	}
	defer func() {
		if wait := r.pace.waits(r.now()); wait > 0 && wait < deliveryTick && r.again != nil {
			r.again("deliver", wait)
		}
	}()
	if !r.ByHand && r.pace.waits(r.now()) > 0 {
		return 0, r.tellStill()
	}
	if err := r.beginDelivery(); err != nil {
		return 0, err
	}
	for began := time.Now(); time.Since(began) < busyFor && !r.ended(); {
		n, goOn, err := r.deliverSome(ctx)
		sent += n
		if err != nil || !goOn {
			return sent, errors.Join(err, r.tellStill())
		}
	}
	return sent, nil
}

// beginDelivery drops what makes no sense any more and, the first time, takes in what
// is known of the server.
func (r *Run) beginDelivery() error {
	if _, err := r.fresh().DropStaleMails(); err != nil {
		return err
	}
	var failed error
	r.pace.remember(func() (lines, most int) {
		known, err := r.fresh().MailServer(r.Mail.Server())
		failed = err
		return known.Lines, known.PerMinute
	}, r.Mail.Span)
	return failed
}

// deliverSome claims mails and sends them. goOn is false when there are no more, or
// the server cannot be talked to; what was not begun is then given back.
func (r *Run) deliverSome(ctx context.Context) (sent int, goOn bool, err error) {
	probing := r.pace.broken()
	many, most := claimed, r.pace.room(cmp.Or(r.Mail.Lines, usualLines))
	if probing {
		many, most = probed, 1
	}
	b := batch{Run: r, owner: r.owner + "." + rand.Text()[:10], notes: make(chan deliveryNote, most), probing: probing}
	if b.mails, err = r.fresh().ClaimMails(b.owner, many); err != nil || len(b.mails) == 0 {
		if err == nil && probing { // nothing waits that could show whether it takes mail again
			err = r.check(ctx)
		}
		return 0, false, err
	}
	if b.installation, err = r.pace.installed(func() (string, error) { return r.fresh().Installation(newMark) }); err != nil {
		return 0, false, errors.Join(err, r.fresh().ReleaseMails(b.owner, ""))
	}
	holding, held := context.WithCancel(context.Background())
	var beside, talking sync.WaitGroup
	beside.Go(func() { b.hold(holding) })
	beside.Go(b.write)
	most = min(most, 1+len(b.mails)/perLine)
	another := func() { talking.Go(func() { b.talk(ctx) }) }
	b.join = sync.OnceFunc(func() {
		for range most - firstLines {
			another()
		}
	})
	for range min(most, firstLines) {
		another()
	}
	talking.Wait()
	b.judgeRest()
	close(b.notes)
	held()
	beside.Wait()

	left := len(b.returned) > 0 || b.next < len(b.mails)
	if left && b.unnoted.Load() == 0 { // else the lease decides: what was sent is not offered again at once
		b.fail(r.fresh().ReleaseMails(b.owner, b.held.words))
	}
	if b.limited { // only now is it known what the server has taken
		b.fail(b.learned())
	}
	b.fail(b.tellOutcome())
	more := left || len(b.mails) == many
	return int(b.sent.Load()), more && b.held.about == aboutNothing && !b.slow && !r.ended(), b.failure()
}

// tellOutcome has it known how the server took this batch.
func (b *batch) tellOutcome() error {
	switch {
	case b.held.about != aboutNothing:
		b.pace.broke(b.now())
		return b.tellHeld(b.held)
	case b.taken > 0:
		b.pace.answers()
		if b.pace.tells(b.now()) {
			return b.tellLeaves()
		}
	case b.answered:
		b.pace.answers()
	}
	return nil
}

// batch is a claim of mails on its way out over several lines.
type batch struct {
	*Run
	owner        string
	mails        []models.Mail
	installation string
	notes        chan deliveryNote
	probing      bool   // it is not known whether the server takes anything
	join         func() // has the other lines opened

	sent    atomic.Int64
	doubt   atomic.Int64 // mails that have been said to their last line and are not noted
	unnoted atomic.Int64 // tries whose outcome could not be written down

	reading sync.Mutex
	people  map[int64]addresseeRead

	mu       sync.Mutex
	next     int           // of mails, the first that nobody has begun
	returned []models.Mail // begun, and given back by a line that broke or was not let in
	gaveBack map[int64]bool
	open     int // lines that are open, or being opened
	clock    int // counts what happens, to say what came after what
	flying   map[int64]int
	waiting  []refusal  // refused, and not yet known for whose sake
	taken    int        // mails the server took
	lastTake int        // when, by clock
	answered bool       // the server said of a mail what it thinks of it
	breaks   int        // lines broken since, in a row
	slow     bool       // the server takes no more for now
	limited  bool       // it has said so
	held     sendAnswer // it takes nothing from us: nothing more is begun
	failed   []error
}

// refusal is an answer of which it is not yet known for whose sake it was given.
type refusal struct {
	mail models.Mail
	to   models.User
	sendAnswer
	at int // when, by the batch's clock
}

// deliveryNote is a try to be written down; over is called when it has been.
type deliveryNote struct {
	try  models.MailTry
	over func()
}

// noted writes tries down and waits until they are.
func (b *batch) noted(tries ...models.MailTry) {
	var waiting sync.WaitGroup
	waiting.Add(len(tries))
	for _, try := range tries {
		b.notes <- deliveryNote{try, waiting.Done}
	}
	waiting.Wait()
}

// talk is one line to the server: mail after mail, each written down before the next
// is said to its last line.
func (b *batch) talk(ctx context.Context) {
	var line conversation
	var before sync.WaitGroup // the mail before is being noted
	defer before.Wait()
	defer func() { // it counts as open until the server has heard its end
		was := line.client != nil
		if line.end(); was {
			b.closed()
		}
	}()
	for ctx.Err() == nil {
		m, ok := b.begin()
		if !ok {
			return
		}
		goOn, err := b.try(ctx, &line, &before, m)
		b.landed(m)
		if err != nil {
			b.fail(err)
			return
		}
		if !goOn {
			return
		}
	}
}

// say says a mail. Its last line is said when the one before it on this line has been
// noted; over has to be called when this one is in doubt no longer. ok is false when what was sent cannot be noted: nothing more is sent then.
func (b *batch) say(line *conversation, before *sync.WaitGroup, l letter) (a sendAnswer, over func(), ok bool) {
	if a = line.offer(b.Mail, l); a.about != aboutNothing {
		return a, func() {}, true
	}
	before.Wait()
	b.doubt.Add(1)
	over = func() { b.doubt.Add(-1) }
	if b.failure() != nil {
		return a, over, false
	}
	return line.finish(b.Mail, l), over, true
}

// begin is the next mail that nobody has begun.
func (b *batch) begin() (m models.Mail, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held.about != aboutNothing || b.slow || len(b.failed) > 0 || b.ended() {
		return m, false
	}
	switch {
	case len(b.returned) > 0:
	case b.next < len(b.mails):
	default:
		return m, false
	}
	if _, ok := b.pace.begin(b.now()); !ok && !b.ByHand {
		b.slow = true
		return m, false
	}
	if last := len(b.returned) - 1; last >= 0 {
		m, b.returned = b.returned[last], b.returned[:last]
	} else {
		m = b.mails[b.next]
		b.next++
	}
	if b.flying == nil {
		b.flying, b.gaveBack = map[int64]int{}, map[int64]bool{}
	}
	b.clock++
	b.flying[m.ID] = b.clock
	return m, true
}

// landed notes that nothing more comes of a mail on this line.
func (b *batch) landed(m models.Mail) {
	b.mu.Lock()
	delete(b.flying, m.ID)
	b.mu.Unlock()
	b.judge()
}

// giveBack has a mail begun again by whoever is next; false when that was done before.
func (b *batch) giveBack(m models.Mail) bool {
	b.pace.ended(false)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gaveBack[m.ID] {
		return false
	}
	b.gaveBack[m.ID] = true
	b.returned = append(b.returned, m)
	return true
}

// opened and closed count the lines that are open, or being opened.
func (b *batch) opened() {
	b.mu.Lock()
	b.open++
	b.mu.Unlock()
}

func (b *batch) closed() {
	b.mu.Lock()
	b.open--
	b.mu.Unlock()
}

// try sends one mail. Whether its reader may have it is read now, and not when it
// was written. goOn is false when this line is of no more use.
func (b *batch) try(ctx context.Context, line *conversation, before *sync.WaitGroup, m models.Mail) (goOn bool, err error) {
	to, err := b.addressee(m)
	if err != nil {
		return false, err
	}
	try := models.MailTry{Mail: m, To: to}
	if why := m.NotFor(to, b.Mail.MayHaveTitles); why != "" {
		b.pace.ended(false)
		try.Came, try.Why = models.CameDropped, why
		b.noted(try)
		return true, nil
	}
	l, err := b.Mail.message(m, to, b.installation, b.now())
	if errors.Is(err, errAddress) {
		b.pace.ended(false)
		try.Came, try.Why, try.Cause = models.CameRefused, err.Error(), models.CauseAddress
		b.noted(try)
		return true, nil
	}
	if err != nil { // our own sender's address is wrong: nothing can be sent
		b.stop(sendAnswer{stage: stageSender, about: aboutUs, cause: models.CauseFrom, sure: true, words: err.Error()})
		return false, nil
	}
	if line.client == nil {
		b.opened()
		if a := line.open(ctx, b.Mail); a.about != aboutNothing {
			b.closed()
			return b.notLetIn(m, a), nil
		}
	}
	used := line.taken > 0
	a, over, ok := b.say(line, before, l)
	if a.ended || a.about == aboutLine || !ok {
		b.closed()
		line.drop()
	}
	if ok && a.about == aboutNothing {
		b.took()
		before.Add(1)
		b.notes <- deliveryNote{try, func() { over(); before.Done() }}
		return true, nil
	}
	defer over()
	return ok && b.came(try, a, used), nil
}

// notLetIn is what comes of a line that could not be opened. While others are open, the
// server takes only so many: their mails go on.
func (b *batch) notLetIn(m models.Mail, a sendAnswer) (goOn bool) {
	b.mu.Lock()
	others := b.open
	if a.about == aboutUs && others == 0 && b.taken == 0 || a.about == aboutLine && others == 0 {
		b.mu.Unlock()
		b.pace.ended(false)
		b.stop(a)
		return false
	}
	limited := a.about == aboutPace || b.taken > 0
	b.mu.Unlock()
	if others > 0 {
		if limited && b.pace.fewer(others) {
			b.fail(b.learned())
		}
		b.giveBack(m)
		return false
	}
	if a.about == aboutPace && b.giveBack(m) { // it may not have seen yet that another has ended
		return true
	}
	b.pace.ended(false)
	if a.about != aboutPace {
		b.stop(a)
		return false
	}
	b.tooFast(a)
	return false
}

// tooFast stops the batch until the server takes more.
func (b *batch) tooFast(a sendAnswer) {
	b.pace.tooFast(b.now())
	b.mu.Lock()
	b.slow, b.limited, b.answered = true, true, true
	b.mu.Unlock()
	slog.Debug("mail server takes no more for now", "words", a.words)
}

// learned keeps what was learned of the server's limits.
func (b *batch) learned() error {
	lines, most := b.pace.known()
	return b.fresh().LearnMail(b.Mail.Server(), lines, most)
}

// came is what comes of a mail that was not taken, and answered so. used says that the
// line had taken mails before.
func (b *batch) came(try models.MailTry, a sendAnswer, used bool) (goOn bool) {
	try.Why, try.Cause = a.words, a.cause
	switch {
	case a.whole:
		b.breaksOff(a)
		try.Came = models.CameUnclear
	case a.about == aboutLine:
		b.breaksOff(a)
		if b.giveBack(try.Mail) {
			return true
		}
		try.Came = models.CamePutOff
	case a.about == aboutPace && a.ended && used: // it takes only so many on one line
		if b.giveBack(try.Mail) {
			return true
		}
		b.tooFast(a)
		return false
	case a.about == aboutPace:
		b.pace.ended(false)
		b.tooFast(a)
		return false
	case a.about == aboutUs && a.stage == stageSender:
		b.pace.ended(false)
		b.stop(a)
		return false
	case a.verdict(nothingKnown) == mailWaits && a.verdict(everybodys) == mailWaits:
		b.pace.ended(false)
		b.breaksOff(sendAnswer{})
		try.Came = models.CamePutOff
	default:
		b.pace.ended(false)
		b.refused(try, a)
		return true
	}
	b.noted(try)
	return true
}

// took notes that the server has taken a mail.
func (b *batch) took() {
	b.pace.ended(true)
	b.mu.Lock()
	b.clock++
	b.taken, b.lastTake, b.answered, b.breaks = b.taken+1, b.clock, true, 0
	b.mu.Unlock()
	b.join()
}

// refused keeps a refusal until it is known for whose sake it was given.
func (b *batch) refused(try models.MailTry, a sendAnswer) {
	b.mu.Lock()
	b.clock++
	b.answered, b.breaks = true, 0
	b.waiting = append(b.waiting, refusal{try.Mail, try.To, a, b.clock})
	b.mu.Unlock()
}

// judge settles the refusals of which it is now known for whose sake they were: a mail
// that was taken after them shows that it is their own; when so many people's are
// refused alike and nobody's is taken, it is everybody's.
func (b *batch) judge() {
	b.mu.Lock()
	var settled []models.MailTry
	var left []refusal
	for _, r := range b.waiting {
		if r.at < b.lastTake {
			settled = append(settled, r.try(r.verdict(othersTaken), true))
		} else {
			left = append(left, r)
		}
	}
	b.waiting = left
	var all sendAnswer
	if b.everybody() {
		all = b.waiting[len(b.waiting)-1].sendAnswer
		for _, r := range b.waiting {
			settled = append(settled, r.try(r.verdict(everybodys), false))
		}
		b.waiting = nil
	}
	b.mu.Unlock()
	if all.about != aboutNothing {
		b.stop(all)
	}
	if len(settled) > 0 {
		b.noted(settled...)
	}
}

// everybody says whether the last refusals are everybody's: enough people's, alike, and
// none of the mails that were begun before is still to be answered.
func (b *batch) everybody() bool {
	if len(b.waiting) == 0 || b.held.about != aboutNothing {
		return false
	}
	last := b.waiting[len(b.waiting)-1]
	people := map[int64]bool{}
	enough := 0 // when enough people's were refused
	for _, r := range b.waiting {
		if !r.same(last.sendAnswer) {
			return false
		}
		if people[r.mail.UserID] = true; len(people) == refusedAlike && enough == 0 {
			enough = r.at
		}
	}
	if enough == 0 {
		return false
	}
	for _, begun := range b.flying {
		if begun < enough {
			return false
		}
	}
	return true
}

// judgeRest settles at the end what no later mail has settled.
func (b *batch) judgeRest() {
	b.mu.Lock()
	known := nothingKnown
	if b.taken > 0 {
		known = othersTaken
	}
	waiting, held := b.waiting, b.held
	b.waiting = nil
	b.mu.Unlock()
	proven := known == othersTaken
	if !proven && len(waiting) > 0 {
		s, err := b.fresh().MailServer(b.Mail.Server())
		b.fail(err)
		proven = s.TakenAt != nil && b.now().Sub(*s.TakenAt) < day
	}
	var settled []models.MailTry
	for _, r := range waiting {
		verdict := r.verdict(known)
		if proven && r.mail.Doubts > 0 { // it was refused while others' were taken before
			verdict = r.verdict(othersTaken)
		}
		if held.about != aboutNothing { // nothing is taken any more: nothing is known of this one
			verdict = outboxIsHeld
		}
		if verdict == outboxIsHeld && held.about == aboutNothing {
			held = r.sendAnswer
			b.stop(held)
		}
		settled = append(settled, r.try(verdict, proven))
	}
	if len(settled) > 0 {
		b.noted(settled...)
	}
}

// try is what is written down of a refusal.
func (r refusal) try(v outcome, proven bool) models.MailTry {
	came := map[outcome]models.MailCame{
		mailFails: models.CameRefused, addressFails: models.CameNobody, mailWaits: models.CamePutOff,
		mailIsDoubted: models.CameDoubted, outboxIsHeld: models.CameHeld, outboxIsSlow: models.CamePutOff,
	}[v]
	return models.MailTry{Mail: r.mail, To: r.to, Came: came, Why: r.words, Cause: r.cause, Proven: proven}
}

// addresseeRead is somebody as they were when they were read.
type addresseeRead struct {
	models.User
	at time.Time
}

// addressee is who the mail goes to, as they are now, read no longer than a second
// ago together with those of the next mails.
func (b *batch) addressee(m models.Mail) (models.User, error) {
	b.reading.Lock()
	defer b.reading.Unlock()
	if u, ok := b.people[m.UserID]; ok && time.Since(u.at) < time.Second {
		return u.User, nil
	}
	b.mu.Lock()
	next := b.next
	b.mu.Unlock()
	now := time.Now()
	people, err := b.fresh().Addressees(append([]models.Mail{m}, b.mails[next:min(next+mailsAhead, len(b.mails))]...))
	if err != nil {
		return models.User{}, err
	}
	if b.people == nil {
		b.people = map[int64]addresseeRead{}
	}
	for id, u := range people { // beside those that other lines still have mails for
		b.people[id] = addresseeRead{User: u, at: now}
	}
	u, ok := people[m.UserID]
	if !ok { // the account went with the demonstration
		u = models.User{ID: m.UserID, Disabled: true}
	}
	return u, nil
}

// breaksOff counts the lines that break one after the other, or none for a mail that
// was answered. When too many do, the server is given up for this time.
func (b *batch) breaksOff(a sendAnswer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.about == aboutNothing {
		b.answered, b.breaks = true, 0
		return
	}
	if b.breaks++; (b.probing || b.breaks >= tooOften) && b.held.about == aboutNothing {
		b.held = a
	}
}

// stop gives the server up for this time: it takes nothing from us at all.
func (b *batch) stop(a sendAnswer) {
	b.mu.Lock()
	if b.held.about == aboutNothing {
		b.held = a
	}
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

// write writes down what came of tries until there are no more: together what is there
// at once, and what may be there any moment, for each time costs one trip to the disk.
func (b *batch) write() {
	for first := range b.notes {
		some := []deliveryNote{first}
		late := time.NewTimer(gathered)
		for full := false; !full; {
			if len(some) >= int(b.doubt.Load()) { // nothing else is under way
				select {
				case n, ok := <-b.notes:
					if full = !ok; ok {
						some = append(some, n)
					}
				default:
					full = true
				}
				continue
			}
			select {
			case n, ok := <-b.notes:
				if full = !ok; ok {
					some = append(some, n)
				}
			case <-late.C:
				full = true
			}
		}
		late.Stop()
		var tries []models.MailTry
		for _, n := range some {
			tries = append(tries, n.try)
		}
		b.writeDown(tries)
		for _, n := range some {
			n.over()
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
