package models_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"duban/models"
	"duban/models/modelstest"
	"duban/models/trail"
)

// kept is a register with a key, whose trail is in the tree.
func kept(t *testing.T, r *modelstest.Register) *models.Board {
	t.Helper()
	if err := r.KeepTrail(t.Context(), t.TempDir(), ""); err != nil {
		t.Fatal(err)
	}
	clerk := r.As(models.TheClerk)
	if _, err := clerk.GrowTrail("one"); err != nil {
		t.Fatal(err)
	}
	return clerk
}

func TestTheTreeTakesInWhatWasCommittedOnceAndInTime(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		clerk := kept(t, r)
		// Sixteen people at work while two programs grow the tree.
		items := make([]models.Item, 16)
		for n := range items {
			items[n] = r.Registered("2026-03-20")
		}
		stop := make(chan bool)
		var growing, writing sync.WaitGroup
		for _, owner := range []string{"one", "two"} {
			growing.Go(func() {
				for {
					if _, err := r.As(models.TheClerk).GrowTrail(owner); err != nil {
						t.Error(err)
					}
					select {
					case <-stop:
						return
					case <-time.After(5 * time.Millisecond):
					}
				}
			})
		}
		for n := range items {
			writing.Go(func() {
				for range 12 {
					var err error
					if items[n], err = r.As(r.Wu).Report(items[n], "进展", nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
		writing.Wait()
		close(stop)
		growing.Wait()
		if _, err := clerk.GrowTrail("one"); err != nil {
			t.Fatal(err)
		}
		standing, err := clerk.TrailStanding()
		if err != nil {
			t.Fatal(err)
		}
		if all := len(events(t, r)); standing.Size != int64(all) || standing.Waiting != 0 {
			t.Errorf("%+v; want %d", standing, all)
		}
		if twice, err := clerk.GrowTrail("one"); twice != 0 || err != nil {
			t.Errorf("%d taken in twice, %v", twice, err)
		}
	})
}

// An act that is slower than a later one comes into the tree after it.
func TestAnActThatWasSlowIsNotForgotten(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, url string) {
		if !strings.HasPrefix(url, "postgres") {
			t.Skip("one writes at a time")
		}
		r := modelstest.Open(t, url)
		clerk := kept(t, r)
		before, _ := clerk.TrailStanding()
		slow, err := clerk.NoteSlowly("台账.xlsx")
		if err != nil {
			t.Fatal(err)
		}
		r.Registered("2026-03-20")
		if n, err := clerk.GrowTrail("one"); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		if err := slow.Commit().Error; err != nil {
			t.Fatal(err)
		}
		if n, err := clerk.GrowTrail("one"); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if after, _ := clerk.TrailStanding(); after.Size != before.Size+2 {
			t.Errorf("%d, then %d", before.Size, after.Size)
		}
	})
}

func TestAHeadIsSignedWhenThereIsSomethingNewAndKeptInBothPlaces(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		clerk := kept(t, r)
		first, fresh, err := clerk.SignTrail()
		if err != nil || !fresh {
			t.Fatal(fresh, err)
		}
		if again, fresh, err := clerk.SignTrail(); err != nil || fresh || again.Note != first.Note {
			t.Errorf("signed twice: %v, %v", fresh, err)
		}
		verifier, err := note.NewVerifier(r.TrailKey())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := note.Open([]byte(first.Note), note.VerifierList(verifier)); err != nil {
			t.Errorf("%v: %s", err, first.Note)
		}
		mail := "周报\n\n  > " + strings.ReplaceAll(first.Note, "\n", "\r\n  > ") + "\n完"
		if found := trail.FindCheckpoints(mail); len(found) != 1 || found[0].Note != first.Note || found[0].Size != first.Size || !found[0].At.Equal(first.At) {
			t.Errorf("in a mail: %+v", found)
		}
		r.Registered("2026-03-20")
		if _, err := clerk.GrowTrail("one"); err != nil {
			t.Fatal(err)
		}
		if second, fresh, err := clerk.SignTrail(); err != nil || !fresh || second.Size != first.Size+1 || second.Root == first.Root {
			t.Errorf("%+v, %v, %v", second, fresh, err)
		}
	})
}

func TestReplicasShareOneKey(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, url string) {
		r := modelstest.Open(t, url)
		folder := t.TempDir()
		if err := r.KeepTrail(t.Context(), folder, ""); err != nil {
			t.Fatal(err)
		}
		open := func() *models.Store {
			s, err := models.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		}
		if s := open(); s.KeepTrail(t.Context(), folder, "") != nil || s.TrailKey() != r.TrailKey() {
			t.Error("the same folder, and not the same key")
		}
		if err := open().KeepTrail(t.Context(), t.TempDir(), ""); err == nil || !strings.Contains(err.Error(), "DUBAN_TRAIL_KEY_FILE") {
			t.Errorf("another folder: %v", err)
		}
	})
}
