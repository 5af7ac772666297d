package trail

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// Whoever wrote, and in whatever order they ended: when a mark is told, every event up to
// it is there, or its writer gave up; and once the last writer has ended the mark is at the
// last number.
func TestNoEventComesBelowTheMark(t *testing.T) {
	type writer struct {
		number int
		events []int64
	}
	for seed := range uint64(300) {
		chance := rand.New(rand.NewPCG(seed, 5))
		var water LowWater
		var given, mark int64
		var writers []writer
		number := 0
		open := func() (stand Stand) {
			stand = Stand{Given: given, Server: "one"}
			for _, w := range writers {
				stand.Writing += fmt.Sprintf(" %d", w.number)
			}
			if stand.Writing != "" {
				stand.Writing += " "
			}
			return stand
		}
		for step := range 600 {
			switch chance.IntN(4) {
			case 0: // takes hold of an item
				number++
				writers = append(writers, writer{number: number})
			case 1: // numbers an event
				if len(writers) > 0 {
					given++
					w := &writers[chance.IntN(len(writers))]
					w.events = append(w.events, given)
				}
			case 2: // ends; the first may write on for very long
				if n := len(writers); n > 1 || n > 0 && chance.IntN(200) == 0 {
					k := chance.IntN(n)
					if n > 1 && step < 500 {
						k = 1 + chance.IntN(n-1)
					}
					writers = append(writers[:k], writers[k+1:]...)
				}
			case 3:
				to, known := water.Rise(open())
				if !known {
					continue
				}
				if to < mark {
					t.Fatalf("seed %d, step %d: the mark falls from %d to %d", seed, step, mark, to)
				}
				mark = to
				for _, w := range writers {
					for _, event := range w.events {
						if event <= mark {
							t.Fatalf("seed %d, step %d: event %d is still to come below the mark %d", seed, step, event, mark)
						}
					}
				}
			}
			if len(water.stands) > standsKept {
				t.Fatalf("seed %d: %d stands are kept", seed, len(water.stands))
			}
		}
		writers = nil
		if to, known := water.Rise(open()); !known || to != given {
			t.Fatalf("seed %d: all have ended, and the mark is %d (%v) of %d", seed, to, known, given)
		}
	}
}

// What one server had given says nothing of another, nor of the same put back to an
// earlier day.
func TestTheMarkBeginsAnewOnAnotherServer(t *testing.T) {
	for name, next := range map[string]Stand{
		"another server":             {Given: 9, Server: "two", Writing: " 4 "},
		"put back to an earlier day": {Given: 3, Server: "one", Writing: " 4 "},
	} {
		var water LowWater
		if mark, known := water.Rise(Stand{Given: 5, Server: "one"}); !known || mark != 5 {
			t.Fatalf("nobody was Writing: %d, %v", mark, known)
		}
		if !water.OtherServer(next) {
			t.Errorf("%s is not noticed", name)
		}
		if mark, known := water.Rise(next); known {
			t.Errorf("%s: the mark is %d while somebody writes there", name, mark)
		}
		next.Writing = strings.Replace(next.Writing, "4", "7", 1)
		if mark, known := water.Rise(next); !known || mark != next.Given {
			t.Errorf("%s: %d, %v", name, mark, known)
		}
	}
}
