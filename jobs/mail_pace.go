package jobs

import (
	"cmp"
	"crypto/rand"
	"sync"
	"time"
)

// pace is how a server is spoken to, as far as this program knows: how long it is left
// alone when it does not answer, and how much it takes at once. It is shared by all of
// the program's runs.
type pace struct {
	mu    sync.Mutex
	times int       // how often in a row it took nothing
	until time.Time // the register's moment until which it is left alone

	lines  int           // conversations it takes at once, 0 while not known
	most   int           // mails it takes in one span, 0 while not known
	span   time.Duration // in which it counts them
	began  time.Time     // when the first mail of this span was begun
	begun  int           // mails begun in it
	took   int           // mails it took in it
	full   int           // spans in a row in which it took all it was allowed
	dry    time.Time     // until when it takes no more
	drops  int           // how often in a row it took nothing after a wait
	loaded bool          // what was learned before the program started is in it

	told time.Time // when it was last told that mail leaves
	mark string    // the installation's part of Message-IDs, "" while not read

	reports popSeen // of the mailbox in which reports are read
}

// toldEvery is how often it is told that mail leaves, while it does.
const toldEvery = time.Minute

// longestRest bounds how long a server is left alone: so long at most the mails wait
// once it is back.
const longestRest = 10 * time.Minute

func (s *pace) rests(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.times > 0 && now.Before(s.until) && s.until.Sub(now) <= 2*longestRest // a clock may be set back
}

func (s *pace) broken() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.times > 0
}

// broke doubles the rest, and makes it a little different for each program.
func (s *pace) broke(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := min(5*time.Second<<min(s.times, 10), longestRest)
	s.times++
	s.until = now.Add(wait + wait*time.Duration(rand.Text()[0]%16)/64)
}

// tells says whether it is to be told that mail leaves: it was not told a short while ago.
func (s *pace) tells(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if since := now.Sub(s.told); since >= 0 && since < toldEvery {
		return false
	}
	s.told = now
	return true
}

// held notes that it was told that mail does not leave: the next that does is told.
func (s *pace) held() {
	s.mu.Lock()
	s.told = time.Time{}
	s.mu.Unlock()
}

// installed is the installation's part of Message-IDs, read once.
func (s *pace) installed(read func() (string, error)) (mark string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mark == "" {
		s.mark, err = read()
	}
	return s.mark, err
}

func (s *pace) answers() {
	s.mu.Lock()
	s.times = 0
	s.mu.Unlock()
}

// How a server's limits are learned.
const (
	// usualSpan is in what span servers count mails: Postfix's anvil, Exim's and most
	// others' unit is a minute. One that counts in longer ones is found out by waiting.
	usualSpan = time.Minute
	// slack is by how much of a span another try comes too late rather than too early:
	// a try too early is counted against us.
	slack = 64
	// spansUntilMore is after how many full spans it is tried whether the server takes
	// more by now.
	spansUntilMore = 5
)

// begin says whether another mail may be begun now, and how long to wait when not.
func (s *pace) begin(now time.Time) (wait time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	span := cmp.Or(s.span, usualSpan)
	if wait := s.dry.Sub(now); wait > 0 && wait <= 2*max(span, longestRest) { // a clock may be set back
		return wait, false
	}
	if s.began.IsZero() || now.Sub(s.began) >= span || now.Before(s.began) {
		if s.full++; s.most == 0 || s.took < s.most {
			s.full = 0
		}
		if s.full >= spansUntilMore {
			s.most, s.full = s.most+max(1, s.most/8), 0
		}
		s.began, s.begun, s.took = now, 0, 0
	}
	if s.most > 0 && s.begun >= s.most {
		return s.began.Add(span + span/slack).Sub(now), false
	}
	s.begun++
	return 0, true
}

// ended notes what came of a mail that was begun: the server took it, or it counted for
// nothing.
func (s *pace) ended(took bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if took {
		if s.drops = 0; s.began.IsZero() && s.most > 0 { // it was on its way when the server said that it takes no more
			s.most++
			return
		}
		s.took++
	} else {
		s.begun = max(0, s.begun-1)
	}
}

// tooFast learns from the server's word that it takes no more for now. What it took
// since the span began is what it takes in one; when it took nothing, it counts in longer
// spans than was thought. Learned is what it takes in a span, 0 for nothing new.
func (s *pace) tooFast(now time.Time) (learned int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	span := cmp.Or(s.span, usualSpan)
	switch {
	case now.Before(s.dry): // another line heard it just before
		return 0
	case s.took > 0:
		s.most, s.full, learned = s.took, 0, s.took
		s.dry = s.began.Add(span + span/slack)
	}
	if !s.dry.After(now) {
		s.dry = now.Add(min(max(span/16, time.Millisecond)<<min(s.drops, 10), longestRest))
		s.drops++
	}
	s.began, s.begun, s.took = time.Time{}, 0, 0
	return learned
}

// waits is how long the server takes nothing more, 0 for it does.
func (s *pace) waits(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	span := cmp.Or(s.span, usualSpan)
	wait := s.dry.Sub(now)
	if s.most > 0 && s.begun >= s.most && !s.began.IsZero() {
		wait = max(wait, s.began.Add(span+span/slack).Sub(now))
	}
	if wait > 2*max(span, longestRest) {
		return 0
	}
	return max(wait, 0)
}

// fewer learns that the server takes only so many conversations at once.
func (s *pace) fewer(lines int) (learned bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if lines = max(1, lines); s.lines == 0 || lines < s.lines {
		s.lines = lines
		return true
	}
	return false
}

// room is how many conversations there may be of that many.
func (s *pace) room(most int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lines > 0 {
		return min(most, s.lines)
	}
	return most
}

// remember takes in what was learned before the program started, once.
func (s *pace) remember(load func() (lines, perMinute int), span time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.loaded {
		s.loaded, s.span = true, span
		s.lines, s.most = load()
	}
}

// known is what has been learned.
func (s *pace) known() (lines, perSpan int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines, s.most
}
