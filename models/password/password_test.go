package password

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestWhatAPasswordLacks(t *testing.T) {
	for password, want := range map[string]string{
		"":                "required",
		"Ab1!def":         "password.weak", // seven
		"Ab1!defg":        "",              // eight, of four kinds
		"abcdefg1":        "password.weak", // of two kinds
		"Abcdefg1":        "",
		"abcdefghijklmn":  "password.weak", // fourteen of one kind
		"abcdefghijklmno": "",              // fifteen
		"整改督办台账整改督办台账整改督": "",
		"P@ssw0rd":                     "password.common",
		"Wu.Min-1999":                  "password.has_name",
		strings.Repeat("长", longest):   "",
		strings.Repeat("长", longest+1): "too_long",
	} {
		if got, _ := Lack(password, "wu.min"); got != want {
			t.Errorf("%q lacks %q, want %q", password, got, want)
		}
	}
	if got, _ := Lack("Wu.Min-1999", ""); got != "" {
		t.Errorf("nobody's name is in it: %q", got)
	}
}

// What was kept is matched by its own password alone, whatever a hash costs by now, and what
// was kept in no form of ours is an error and no match.
func TestOnlyThePasswordMatches(t *testing.T) {
	h, cheap := NewHasher(), Cost{Memory: 8, Passes: 1}
	kept, err := h.Hash(t.Context(), "Ab1!defg", cheap)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := h.Hash(t.Context(), "Ab1!defg", cheap); err != nil || again == kept {
		t.Errorf("two of one password are the same: %v", err)
	}
	for _, now := range []Cost{cheap, {Memory: 16, Passes: 2}} {
		for typed, want := range map[string]bool{"Ab1!defg": true, "Ab1!defh": false, "": false} {
			if got, err := h.Matches(t.Context(), kept, typed, now); err != nil || got != want {
				t.Errorf("%q at %v: %v, %v", typed, now, got, err)
			}
		}
	}
	if got, err := h.Matches(t.Context(), "", "", cheap); got || err != nil {
		t.Errorf("nothing kept: %v, %v", got, err)
	}
	for _, odd := range []string{strings.Replace(kept, "m=8", "m=x", 1), kept[:len(kept)-1] + "*"} {
		if got, err := h.Matches(t.Context(), odd, "Ab1!defg", cheap); got || err == nil {
			t.Errorf("%s: %v, %v", odd, got, err)
		}
	}
}

// A rain of sign-ins takes the room of a few; who comes beyond those that wait is told so at
// once, and who leaves the queue leaves their place.
func TestFewHashesAreMadeAtOnce(t *testing.T) {
	h, cheap := NewHasher(), Cost{Memory: 8, Passes: 1}
	for range hashesAtOnce {
		h.room <- struct{}{}
		h.queue <- struct{}{}
	}
	waiting, leave := context.WithCancel(t.Context())
	ended := make(chan error)
	for range hashesWaiting {
		go func() {
			_, err := h.Hash(waiting, "Ab1!defg", cheap)
			ended <- err
		}()
	}
	for len(h.queue) < cap(h.queue) {
		if t.Context().Err() != nil {
			t.Fatal(t.Context().Err())
		}
	}
	if _, err := h.Hash(t.Context(), "Ab1!defg", cheap); !errors.Is(err, ErrBusy) {
		t.Errorf("one too many: %v", err)
	}
	leave()
	for range hashesWaiting {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("who left: %v", err)
		}
	}
	for range hashesAtOnce {
		<-h.room
		<-h.queue
	}
	if _, err := h.Hash(t.Context(), "Ab1!defg", cheap); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
