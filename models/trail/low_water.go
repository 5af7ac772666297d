package trail

import (
	"slices"
	"strings"
)

// A low-water mark says up to which event of the trail all are there that will ever be.
// Where several write at a time, an event that was numbered early may be committed late:
// whoever reads on from the highest number seen would miss it for good, and whoever reads
// on from the mark cannot.

// Stand is how far events have come where several write at a time: the last number
// that was given to one and, looked at after that, who was writing. Whoever has a number up
// to Given has ended or is among them, for an item is taken hold of before its event is
// numbered.
type Stand struct {
	Given   int64
	Writing string // numbers of transactions, with a space before and after each
	Server  string // the database itself, for as long as its server runs
}

// endedBy says whether all who were writing have ended by that later stand.
func (s Stand) endedBy(later Stand) bool {
	for _, number := range strings.Fields(s.Writing) {
		if strings.Contains(later.Writing, " "+number+" ") {
			return false
		}
	}
	return true
}

// standsKept is how many stands a mark remembers at most. There are more only while one
// transaction has been writing for as long as all those others came and went.
const standsKept = 100

// LowWater is the mark, and the stands from which it is told. The zero value is a mark at
// the beginning that has seen no stand.
type LowWater struct {
	stands []Stand // the oldest first
}

// OtherServer says whether a stand is of another database than those before, or of one that
// was put back to an earlier day: what was read of the former says nothing of it.
func (w *LowWater) OtherServer(now Stand) bool {
	if len(w.stands) == 0 {
		return false
	}
	last := w.stands[len(w.stands)-1]
	return now.Given < last.Given || now.Server != last.Server
}

// Rise takes in the stand of this moment, before events are read, and says up to which of
// them all are there. It is not known as long as somebody writes who was writing at every
// stand so far.
func (w *LowWater) Rise(now Stand) (mark int64, known bool) {
	if w.OtherServer(now) {
		w.stands = nil
	}
	if n := len(w.stands); n == 0 || now != w.stands[n-1] {
		if n == standsKept {
			w.stands = slices.Delete(w.stands, 1, 2) // any may be missing but the oldest
		}
		w.stands = append(w.stands, now)
	}
	for n, s := range slices.Backward(w.stands) {
		if s.endedBy(now) {
			w.stands = w.stands[n:]
			return s.Given, true
		}
	}
	return 0, false
}
