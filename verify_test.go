package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
	"duban/models/trail"
)

// What the README says of a falsified ledger: three commands, and it is caught.
func TestAFalsifiedLedgerIsCaught(t *testing.T) {
	t.Parallel()
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		p := start(t, database, "--demo")
		// The program takes its events into the tree by itself, at most five seconds late.
		db := modelstest.Behind(t, database)
		modelstest.Await(t, "all events in the tree", func() bool { return behind(t, db) == 0 })
		head, err := p.command("verify", "--sign")
		if err != nil || len(trail.FindCheckpoints(head)) != 1 {
			t.Fatalf("%v\n%s", err, head)
		}
		if out, err := p.command("verify"); err != nil || !strings.Contains(out, "sound:") {
			t.Fatalf("before: %v\n%s", err, out)
		}
		if _, err := db.Exec("UPDATE items SET due_on = '2099-12-31' WHERE number = 'FK-" + time.Now().Format("2006") + "-001'"); err != nil {
			t.Fatal(err)
		}
		out, err := p.command("verify")
		if err == nil || !strings.Contains(out, "FK-"+time.Now().Format("2006")+"-001") || !strings.Contains(out, "2099-12-31") {
			t.Errorf("after: %v\n%s", err, out)
		}
		if out, err := p.command("verify", "--language", "zh"); err == nil || !strings.Contains(out, "到期日") {
			t.Errorf("in Chinese: %v\n%s", err, out)
		}
		kept := filepath.Join(t.TempDir(), "mail.txt")
		if err := os.WriteFile(kept, []byte("> "+strings.ReplaceAll(head, "\n", "\n> ")), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := p.command("verify", "--json", "--checkpoint", kept); err == nil || json.Unmarshal([]byte(strings.SplitN(out, "\n", 2)[0]), &models.TrailReport{}) != nil {
			t.Errorf("with a mail's head: %v\n%s", err, out)
		}
		other := filepath.Join(t.TempDir(), "another.txt")
		if err := os.WriteFile(other, []byte("no head"), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := p.command("verify", "--checkpoint", other); err == nil || !strings.Contains(out, "no signed head") {
			t.Errorf("without a head: %v\n%s", err, out)
		}
		if key, err := p.command("verify", "--show-key"); err != nil || !strings.HasPrefix(key, "duban-") {
			t.Errorf("%v: %s", err, key)
		}
	})
}

// What the README says of keys and seals: who slips an event in by SQL and says in the
// database that seals begin above it, or takes the key out of it, is named, the program
// signs no head over it, also after a start, and its own log of runs says why.
func TestAForgedEventIsNamedAndNotSignedOver(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		p := start(t, database, "--demo")
		if out, err := p.command("verify", "--sign"); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		db := modelstest.Behind(t, database)
		record := `{"v":1,"at":"2026-03-02T09:00:00+08:00","person":{"id":1,"name":"x","role":"office"},"act":"govern_rounds","result":"done"}`
		for _, statement := range []string{
			"INSERT INTO events (act, actor_id, at, from_status, to_status, particulars, record, leaf) VALUES ('govern_rounds', 1, '2026-03-02 01:00:00+00:00', '', '', '{}', '" + record + "', '" + trail.Leaf([]byte(record)) + "')",
			"UPDATE trail_keys SET since = (SELECT MAX(id) + 1000 FROM events)",
		} {
			if _, err := db.Exec(statement); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
		var forged int64
		if err := db.QueryRow("SELECT MAX(id) FROM events WHERE seal = ''").Scan(&forged); err != nil {
			t.Fatal(err)
		}
		refused := func(when string, words ...string) {
			t.Helper()
			out, err := p.command("verify")
			for _, want := range append(words, fmt.Sprintf("Event %d was not written by this program", forged)) {
				if err == nil || !strings.Contains(out, want) {
					t.Errorf("%s: want %q: %v\n%s", when, want, err, out)
				}
			}
			for _, command := range [][]string{{"job", "checkpoint"}, {"verify", "--sign"}} {
				out, err := p.command(command...)
				for err == nil && out == "checkpoint: 0\n" { // by hand a job is done once a second
					out, err = p.command(command...)
				}
				if err == nil || !strings.Contains(out, fmt.Sprintf("no head is signed: event %d is not sealed", forged)) {
					t.Errorf("%s: %v: %v\n%s", when, command, err, out)
				}
			}
		}
		refused("since is raised", "The row of the key was changed")
		if _, err := db.Exec("DELETE FROM trail_keys"); err != nil {
			t.Fatal(err)
		}
		refused("the row is taken out", "was taken out of the database")
		p.stop()
		p = start(t, database, "--demo")
		refused("after a start", "was taken out of the database")
	})
}

// behind is how many events are not in the tree.
func behind(t *testing.T, db *sql.DB) (waiting int) {
	t.Helper()
	if err := db.QueryRow("SELECT COUNT(*) FROM events WHERE id > (SELECT reached FROM trail_state)").Scan(&waiting); err != nil {
		t.Fatal(err)
	}
	return waiting
}

// An act is in the tree at most five seconds later, whoever grows it: the program looks
// more often than that, and takes in what is there.
func TestAnActIsInTheTreeWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	grows, ok := jobs.Named("trail")
	if every := strings.TrimPrefix(grows.At, "@every "); !ok || !grows.Everywhere {
		t.Errorf("%+v", grows)
	} else if d, err := time.ParseDuration(every); err != nil || d > 4*time.Second { // and a second for the work
		t.Errorf("the tree grows each %s, %v", every, err)
	}
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		start(t, database, "--demo")
		db := modelstest.Behind(t, database)
		modelstest.Await(t, "all events in the tree", func() bool { return behind(t, db) == 0 })
		store, err := models.Open(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		var took []time.Duration
		for range 5 {
			if err := store.Board(t.Context(), models.TheClerk).NoteTaken("台账.xlsx"); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			modelstest.Await(t, "the act in the tree", func() bool { return behind(t, db) == 0 })
			took = append(took, time.Since(began).Round(10*time.Millisecond))
		}
		t.Log(took)
	})
}
