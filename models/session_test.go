package models_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"duban/models"
	"duban/models/modelstest"
)

func TestSignIn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		ctx := context.Background()
		u, err := r.SignIn(ctx, " WU ", modelstest.Password)
		if err != nil || u.ID != r.Wu.ID {
			t.Fatalf("%v, %v", u, err)
		}
		_, err = r.SignIn(ctx, "wu", "wrong")
		same(t, err, models.ErrSignIn)
		_, err = r.SignIn(ctx, "nobody", "wrong")
		same(t, err, models.ErrSignIn)
		_, err = r.SignIn(ctx, "", "")
		same(t, err, models.ErrSignIn)

		disabled := r.Wu
		disabled.Disabled = true
		if _, err := r.As(r.Admin).SaveUser(disabled, ""); err != nil {
			t.Fatal(err)
		}
		_, err = r.SignIn(ctx, "wu", modelstest.Password)
		same(t, err, models.ErrSignIn)
		_, err = r.Person(ctx, r.Wu.ID)
		same(t, err, models.ErrNotFound)
	})
}

func TestFiveWrongTriesLockTheAccount(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		ctx := context.Background()
		r.At("2026-03-02 09:00")
		var wg sync.WaitGroup // tries at once all count
		for range 5 {
			wg.Go(func() { _, err := r.SignIn(ctx, "wu", "wrong"); same(t, err, models.ErrSignIn) })
		}
		wg.Wait()
		_, err := r.SignIn(ctx, "wu", modelstest.Password)
		same(t, err, models.Refused{Key: "session.locked"})
		_, err = r.SignIn(ctx, "leng", modelstest.Password)
		same(t, err, nil)
		r.At("2026-03-02 09:14")
		_, err = r.SignIn(ctx, "wu", modelstest.Password)
		same(t, err, models.Refused{Key: "session.locked"})
		r.At("2026-03-02 09:15")
		_, err = r.SignIn(ctx, "wu", modelstest.Password)
		same(t, err, nil)
	})
}

func TestASessionEndsWithThePasswordAndTheAccount(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		sessions := r.Sessions(func(data []byte) int64 { return r.Wu.ID })
		later := r.Now().Add(time.Hour)
		keep := func(tokens ...string) {
			for _, token := range tokens {
				if err := sessions.Commit(token, []byte("data"), later); err != nil {
					t.Fatal(err)
				}
			}
		}
		alive := func(token string) bool {
			data, found, err := sessions.Find(token)
			if err != nil {
				t.Fatal(err)
			}
			return found && string(data) == "data"
		}
		keep("mine", "other")
		err := r.As(r.Wu).ChangePassword("not it", "Another-Word-2026", "mine")
		same(t, err, problemOf("old"))
		err = r.As(r.Wu).ChangePassword(modelstest.Password, "short", "mine")
		same(t, err, problemOf("password"))
		err = r.As(r.Wu).ChangePassword(modelstest.Password, "Another-Word-2026", "mine")
		same(t, err, nil)
		keep("other") // a request under way when it was ended
		if !alive("mine") || alive("other") {
			t.Errorf("mine %v, other %v", alive("mine"), alive("other"))
		}
		moved := r.Wu
		moved.UnitID = &r.Other.ID
		if _, err := r.As(r.Admin).SaveUser(moved, ""); err != nil {
			t.Fatal(err)
		}
		if alive("mine") {
			t.Error("a session outlived the change of unit")
		}
		keep("again")
		r.Today("2026-03-03")
		if alive("again") {
			t.Error("a session outlived its hour")
		}
		if n, err := r.As(models.TheClerk).SweepSessions(); n != 3 || err != nil {
			t.Errorf("swept %d, %v", n, err)
		}
	})
}

func TestSetUpWorksOnce(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, url string) {
		ctx := context.Background()
		store, err := models.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		one, _ := store.SetupCode(ctx)
		two, _ := store.SetupCode(ctx)
		first := models.User{Name: "admin", FullName: "管理员"}
		_, err = store.SetUp(ctx, "GUESS", first, "Correct-Horse-9")
		same(t, err, problemOf("code"))
		_, err = store.SetUp(ctx, one, models.User{Name: "管理员"}, "12345678")
		same(t, err, problemOf("name", "full_name", "password"))
		_, err = store.SetUp(ctx, one, first, "Correct-Horse-9")
		same(t, err, nil)
		first.Name = "second"
		for _, code := range []string{one, two} {
			if _, err = store.SetUp(ctx, code, first, "Correct-Horse-9"); err == nil {
				t.Error("a second administrator was set up")
			}
		}
		if needs, err := store.NeedsSetUp(ctx); needs || err != nil {
			t.Errorf("needs set-up: %v, %v", needs, err)
		}
	})
}
