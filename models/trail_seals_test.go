package models_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"duban/models"
	"duban/models/modelstest"
	"duban/models/trail"
)

// forge slips in an event by which the second item's date was moved, as whoever owns the
// database can: the event as the program writes one, in the item's chain, and the item
// to match. Only the seal is missing. It returns the event's number.
func (s *story) forge() int64 {
	s.t.Helper()
	var head string
	s.must(s.Behind().Raw("SELECT head FROM items WHERE id = ?", s.items[1].ID).Scan(&head).Error)
	r := models.Record{
		Version: 2, At: "2026-03-02T09:00:00+08:00", Person: models.RecordPerson{ID: s.Supervisor.ID, Name: s.Supervisor.Name, Role: models.Supervisor},
		Act: models.GrantExtension, Result: "done", Object: s.items[1].Number, Item: s.items[1].ID, From: models.Underway, To: models.Underway,
		Changed: map[string][2]string{"due_on": {"2026-04-20", "2026-12-31"}}, Prev: head,
	}
	record := string(must(json.Marshal(r)))
	db := s.Behind()
	s.must(db.Exec("INSERT INTO events (item_id, act, actor_id, at, from_status, to_status, particulars, record, leaf) VALUES (?, ?, ?, '2026-03-02 01:00:00+00:00', ?, ?, '{}', ?, ?)",
		r.Item, r.Act, r.Person.ID, r.From, r.To, record, trail.Leaf([]byte(record))).Error)
	s.must(db.Exec("UPDATE items SET due_on = '2026-12-31', head = ? WHERE id = ?", trail.Leaf([]byte(record)), r.Item).Error)
	return s.newest()
}

// newest is the number of the newest event.
func (s *story) newest() (id int64) {
	s.t.Helper()
	s.must(s.Behind().Raw("SELECT MAX(id) FROM events").Scan(&id).Error)
	return id
}

// again is the program started once more, on the same database, with that folder and
// that key.
func (s *story) again(folder, key string) (*models.Board, error) {
	s.t.Helper()
	store, err := models.Open(s.t.Context(), s.url)
	s.must(err)
	s.t.Cleanup(func() { _ = store.Close() })
	store.Now = s.Store.Now
	return store.Board(s.t.Context(), models.TheClerk), store.KeepTrail(s.t.Context(), folder, key)
}

// exec does these statements to the database behind the program's back.
func (s *story) exec(statements ...string) {
	s.t.Helper()
	for _, statement := range statements {
		s.must(s.Behind().Exec(statement).Error)
	}
}

// What verifying rests on is believed from outside the database: whoever forges an event
// and then whatever the database says of keys, seals, heads and the tree is found, and
// the program signs nothing over it, neither as it runs nor after a start.
func TestAForgedEventIsFoundWhateverTheDatabaseSaysOfSeals(t *testing.T) {
	tests := map[string]struct {
		how  []string // done to the database when the event is in
		also string   // what else is found
	}{
		"and no more":                           {nil, ""},
		"seals begin above it":                  {[]string{"UPDATE trail_keys SET since = 1000000"}, "key_since"},
		"the row of the key is taken out":       {[]string{"DELETE FROM trail_keys"}, "key_missing"},
		"a further key":                         {[]string{"INSERT INTO trail_keys (n, verifier, since, at) VALUES (2, 'duban-0a0b0c0d+4b9a3b5c+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 0, '2026-03-02 00:00:00+00:00')"}, "key"},
		"the key is another":                    {[]string{"UPDATE trail_keys SET verifier = 'duban-0a0b0c0d+4b9a3b5c+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'"}, "key"},
		"the key once more":                     {[]string{"INSERT INTO trail_keys (n, verifier, since, at, note) SELECT 0, verifier, 1000000, at, note FROM trail_keys"}, "key_extra"},
		"what is signed is taken out":           {[]string{"UPDATE trail_keys SET note = '', since = 1000000"}, "seals_other"},
		"all heads and the key are taken out":   {[]string{"DELETE FROM trail_keys", "DELETE FROM checkpoints"}, "key_missing"},
		"it has a place in the tree":            {[]string{"INSERT INTO trail_leaves SELECT (SELECT size FROM trail_state), MAX(id) FROM events", "UPDATE trail_state SET size = size + 1, reached = (SELECT MAX(id) FROM events)"}, "tree"},
		"it was passed over":                    {[]string{"UPDATE trail_state SET reached = (SELECT MAX(id) FROM events)"}, "inserted"},
		"it was passed over, and is said to be": {[]string{"UPDATE trail_state SET reached = (SELECT MAX(id) FROM events)", "INSERT INTO trail_gaps SELECT MAX(id), '2026-03-02 00:00:00+00:00' FROM events"}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			eachStory(t, func(t *testing.T, s *story) {
				forged := s.forge()
				s.exec(tt.how...)
				check := func(when string, b *models.Board) {
					t.Helper()
					if _, err := b.GrowTrail("one"); err != nil && tt.also != "tree" { // a broken tree does not grow
						t.Fatalf("%s: %v", when, err)
					}
					report := must(b.VerifyTrail(models.VerifyAsk{}))
					if !has(report, "foreign", forged) || !has(report, "item_changed", s.items[1].Number, "due_on") {
						t.Errorf("%s: the event is not found: %+v", when, report.Findings)
					}
					if tt.also != "" && !has(report, tt.also) {
						t.Errorf("%s: want %s; found %+v", when, tt.also, report.Findings)
					}
					var no models.UnsignableError
					if c, fresh, err := b.SignTrail(); !errors.As(err, &no) || fresh || no.Finding.Kind == "" {
						t.Errorf("%s: signed over it: %+v, %v", when, c, err)
					}
					if err := b.ExportTrail(models.AuditFilter{}, io.Discard); !refusedAs(err, "audit.foreign") {
						t.Errorf("%s: the export: %v", when, err)
					}
					if _, err := b.ProveEvent(forged); err == nil {
						t.Errorf("%s: it was proved", when)
					}
				}
				check("as it runs", s.clerk)
				anew, err := s.again(s.folder, "")
				s.must(err)
				check("after a start", anew)
				if heads := must(filepath.Glob(filepath.Join(s.folder, "checkpoints", "*"))); len(heads) != 2 {
					t.Errorf("%d heads in the folder", len(heads))
				}
			})
		})
	}
}

func refusedAs(err error, key string) bool {
	var no models.Refused
	return errors.As(err, &no) && no.Key == key
}

// eachStory is told on each database.
func eachStory(t *testing.T, do func(t *testing.T, s *story)) {
	t.Helper()
	modelstest.EachDatabase(t, func(t *testing.T, url string) {
		s := told(t, modelstest.Open(t, url))
		s.url = url
		do(t, s)
	})
}

// What was wrong is named while it is, and all is sound when it was put right.
func TestWhatIsSignedGoesOnWhenAForgedEventIsGone(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		forged := s.forge()
		must(s.clerk.GrowTrail("one"))
		item, err := s.As(s.Wu).Report(s.items[2], "照常上报", nil)
		s.must(err)
		must(s.clerk.GrowTrail("one"))
		if _, _, err := s.clerk.SignTrail(); err == nil || !strings.Contains(err.Error(), fmt.Sprint("event ", forged, " is not sealed")) {
			t.Errorf("%s: %v", item.Number, err)
		}
		var head string
		s.must(s.Behind().Raw("SELECT leaf FROM events WHERE item_id = ? AND id < ? ORDER BY id DESC LIMIT 1", s.items[1].ID, forged).Scan(&head).Error)
		s.behind(fmt.Sprintf("DELETE FROM events WHERE id = %d", forged), fmt.Sprintf("UPDATE items SET due_on = '2026-04-20', head = '%s' WHERE id = %d", head, s.items[1].ID))
		if c := s.sign(); c.Size != s.head.Size+1 {
			t.Errorf("%d events signed, then %d", s.head.Size, c.Size)
		}
		if report := s.verify(models.VerifyAsk{}); !report.Sound() {
			t.Errorf("%+v", report.Findings)
		}
	})
}

// A sealed event slipped in a second time would bring an earlier state back: it bears a
// true seal, and is found because no record is written twice.
func TestACopyOfAnEarlierEventIsFoundAndNotSignedOver(t *testing.T) {
	for name, id := range map[string]string{"after the others": "(SELECT MAX(id) + 1 FROM events)", "before all others": "-7"} {
		t.Run(name, func(t *testing.T) {
			eachStory(t, func(t *testing.T, s *story) {
				// Wu's post was changed twice; the first change is to hold again.
				post := func(to string) (row string) {
					u := s.Wu
					u.Post = to
					must(s.As(s.Admin).SaveUser(u, ""))
					return to
				}
				post("综合处")
				copied := s.newest()
				post("业务处")
				s.sign()
				s.exec(fmt.Sprintf("INSERT INTO events (id, act, actor_id, at, from_status, to_status, particulars, result, record, leaf, seal) SELECT %s, act, actor_id, at, from_status, to_status, particulars, result, record, leaf, seal FROM events WHERE id = %d", id, copied),
					"UPDATE users SET post = '综合处' WHERE name = 'wu'")
				if strings.HasPrefix(id, "-") {
					s.exec("INSERT INTO trail_gaps (event_id, since) VALUES (-7, '2026-03-02 01:00:00+00:00')")
				}
				must(s.clerk.GrowTrail("one"))
				if report := s.verify(models.VerifyAsk{}); !has(report, "twice", nil, copied) {
					t.Errorf("%+v", report.Findings)
				}
				var no models.UnsignableError
				if _, _, err := s.clerk.SignTrail(); !errors.As(err, &no) || no.Finding.Kind != "twice" {
					t.Errorf("signed over a copy: %v", err)
				}
			})
		})
	}
}

// Two changes of one record told in the other order would bring the earlier one back:
// what holds is what comes last in the tree, not what bears the higher number.
func TestTheOrderOfEventsIsThatOfTheTree(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		for _, post := range []string{"综合处", "业务处"} {
			u := s.Wu
			u.Post = post
			must(s.As(s.Admin).SaveUser(u, ""))
		}
		z := s.newest()
		a := z - 1
		s.sign()
		s.behind(fmt.Sprintf("UPDATE events SET id = -1 WHERE id = %d", a), fmt.Sprintf("UPDATE events SET id = %d WHERE id = %d", a, z), fmt.Sprintf("UPDATE events SET id = %d WHERE id = -1", z),
			fmt.Sprintf("UPDATE trail_leaves SET event_id = -1 WHERE event_id = %d", a), fmt.Sprintf("UPDATE trail_leaves SET event_id = %d WHERE event_id = %d", a, z), fmt.Sprintf("UPDATE trail_leaves SET event_id = %d WHERE event_id = -1", z),
			"UPDATE users SET post = '综合处' WHERE name = 'wu'")
		if report := s.verify(models.VerifyAsk{}); !has(report, "row_changed", fmt.Sprint("users ", s.Wu.ID)) {
			t.Errorf("%+v", report.Findings)
		}
	})
}

// A size or a number that the database makes up holds verifying up no more than it
// deceives it.
func TestMadeUpSizesDoNotHoldVerifyingUp(t *testing.T) {
	for name, tt := range map[string]struct{ how, kind string }{
		"a tree without end":         {"UPDATE trail_state SET size = 9000000000000000000", "place_missing"},
		"a place without end":        {"UPDATE trail_leaves SET seq = 9000000000000000000 WHERE seq = 3", "beyond"},
		"a head without end":         {"INSERT INTO checkpoints (size, root, at, note) SELECT 9000000000000000000, root, at, note FROM checkpoints WHERE size = (SELECT MAX(size) FROM checkpoints)", "head_unsigned"},
		"an event far away":          {"INSERT INTO events (id, act, actor_id, at, particulars, record) VALUES (9000000000000000000, 'close', 1, '2026-03-01 00:00:00+00:00', '{}', '{}')", "foreign"},
		"an item's event far away":   {"INSERT INTO events (item_id, act, actor_id, at, particulars, record) VALUES (9000000000000000000, 'close', 1, '2026-03-01 00:00:00+00:00', '{}', '{\"item\":9000000000000000000}')", "foreign"},
		"an event before the others": {"INSERT INTO events (id, act, actor_id, at, particulars, record) VALUES (-3, 'close', 1, '2026-03-01 00:00:00+00:00', '{}', '{}')", "foreign"},
	} {
		t.Run(name, func(t *testing.T) {
			eachStory(t, func(t *testing.T, s *story) {
				if strings.Contains(tt.how, "(item_id,") {
					s.noForeignKeys(tt.how)
				} else {
					s.exec(tt.how)
				}
				must(s.clerk.GrowTrail("one"))
				if report := s.verify(models.VerifyAsk{}); !has(report, tt.kind) {
					t.Errorf("want %s; found %+v", tt.kind, report.Findings)
				}
				if _, fresh, err := s.clerk.SignTrail(); err == nil || fresh {
					t.Errorf("signed: %v, %v", fresh, err)
				}
			})
		})
	}
}

// noForeignKeys does a statement that the database would refuse while it looks after
// its references.
func (s *story) noForeignKeys(statement string) {
	s.t.Helper()
	db := s.Behind()
	if db.Name() == "postgres" {
		tx := db.Begin()
		s.must(tx.Exec("SET LOCAL session_replication_role = replica").Error)
		s.must(tx.Exec(statement).Error)
		s.must(tx.Commit().Error)
		return
	}
	conn := must(must(db.DB()).Conn(s.t.Context()))
	defer conn.Close()
	for _, one := range []string{"PRAGMA foreign_keys = 0", statement, "PRAGMA foreign_keys = 1"} {
		must(conn.ExecContext(s.t.Context(), one))
	}
}

// The head that is signed next goes on from the newest one outside the database, so that
// events cannot be taken away with the heads that the database has of them.
func TestNoHeadIsSignedOfFewerEventsThanOnesBefore(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		s.behind("DELETE FROM events WHERE id IN (SELECT event_id FROM trail_leaves ORDER BY seq DESC LIMIT 2)",
			"DELETE FROM trail_leaves WHERE event_id NOT IN (SELECT id FROM events)",
			fmt.Sprintf("DELETE FROM checkpoints WHERE size = %d", s.head.Size),
			"UPDATE trail_state SET size = size - 2, reached = (SELECT MAX(id) FROM events)")
		var no models.UnsignableError
		if _, _, err := s.clerk.SignTrail(); !errors.As(err, &no) || no.Finding.Kind != "cut" {
			t.Error(err)
		}
	})
}

// A program on the same register whose folder is another, as a replica has it, reads
// from which event on seals are demanded, and keeps it; the folder may be lost and made
// anew; and neither brings a forged event in.
func TestWhereSealsBeginOutlivesTheFolder(t *testing.T) {
	for name, how := range map[string][]string{
		"all is there":                     nil,
		"the database's note is taken out": {"UPDATE trail_keys SET note = ''"},
		"the row is taken out":             {"DELETE FROM trail_keys"},
	} {
		t.Run(name, func(t *testing.T) {
			eachStory(t, func(t *testing.T, s *story) {
				key := string(must(os.ReadFile(filepath.Join(s.folder, "key"))))
				was := must(s.clerk.VerifyTrail(models.VerifyAsk{})).SealsAfter
				forged := s.forge()
				s.exec(how...)
				folder := t.TempDir()
				replica, err := s.again(folder, key)
				s.must(err)
				must(replica.GrowTrail("two"))
				report := must(replica.VerifyTrail(models.VerifyAsk{}))
				if !has(report, "foreign", forged) || report.SealsAfter != was {
					t.Errorf("after %d, then %d: %+v", was, report.SealsAfter, report.Findings)
				}
				if note := string(must(os.ReadFile(filepath.Join(folder, "seals.txt")))); !strings.Contains(note, " seals\n") {
					t.Errorf("the folder has %q", note)
				}
				s.must(os.Remove(filepath.Join(folder, "seals.txt")))
				if report := must(replica.VerifyTrail(models.VerifyAsk{})); !has(report, "seals_other", "folder") {
					t.Errorf("without what the folder had: %+v", report.Findings)
				}
			})
		})
	}
}

// The folder of another register is refused, and so is a key of nobody's where the
// register has one, whatever was taken out of the database.
func TestTheFolderOfAnotherRegisterIsRefused(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		other := modelstest.Open(t, modelstest.URL(t, "sqlite"))
		folder := t.TempDir()
		s.must(other.KeepTrail(t.Context(), folder, ""))
		ours := string(must(os.ReadFile(filepath.Join(s.folder, "key"))))
		refused := func(when, folder, key string) {
			t.Helper()
			if _, err := s.again(folder, key); err == nil || !strings.Contains(err.Error(), "DUBAN_TRAIL_") {
				t.Errorf("%s: %v", when, err)
			}
		}
		refused("another folder", folder, "")
		refused("its folder and our key", folder, ours)
		refused("no folder", t.TempDir(), "")
		s.exec("DELETE FROM trail_keys")
		refused("another folder, and no row", folder, "")
		refused("its folder and our key, and no row", folder, ours)
		refused("no folder, and no row", t.TempDir(), "")
		if _, err := s.again(s.folder, ""); err != nil {
			t.Error(err)
		}
	})
}

// A register of an earlier build says in no signed place from where on there are seals:
// the first start with this build fixes it by the first event that bears one. What its
// heads signed holds on.
func TestARegisterOfAnEarlierBuildIsTakenOver(t *testing.T) {
	early := func(s *story) { // as the build before left it
		s.must(os.Remove(filepath.Join(s.folder, "seals.txt")))
		s.exec("UPDATE trail_keys SET note = ''")
		s.exec("DELETE FROM checkpoints")
		key := must(note.NewSigner(strings.TrimSpace(string(must(os.ReadFile(filepath.Join(s.folder, "key")))))))
		for _, path := range must(filepath.Glob(filepath.Join(s.folder, "checkpoints", "*"))) {
			c := trail.FindCheckpoints(string(must(os.ReadFile(path))))[0]
			c.Note = string(must(note.Sign(&note.Note{Text: strings.Join(strings.SplitAfter(c.Note, "\n")[:4], "")}, key)))
			s.must(os.WriteFile(path, []byte(c.Note), 0o600))
			s.must(s.Behind().Exec("INSERT INTO checkpoints (size, root, at, note) VALUES (?, ?, ?, ?)", c.Size, c.Root, c.At, c.Note).Error)
		}
	}
	t.Run("as it was", func(t *testing.T) {
		eachStory(t, func(t *testing.T, s *story) {
			was := must(s.clerk.VerifyTrail(models.VerifyAsk{})).SealsAfter
			early(s)
			b, err := s.again(s.folder, "")
			s.must(err)
			must(b.GrowTrail("one"))
			report := must(b.VerifyTrail(models.VerifyAsk{}))
			if !report.Sound() || report.SealsAfter != was || report.Checkpoints != 2 || report.Signed != s.head.Size {
				t.Errorf("after %d: %+v", was, report)
			}
			c, fresh, err := b.SignTrail()
			if after, said := c.SealsAfter(); err != nil || !fresh || !said || after != was {
				t.Errorf("%+v, %v", c, err)
			}
		})
	})
	t.Run("with a forged event under the seals", func(t *testing.T) {
		eachStory(t, func(t *testing.T, s *story) {
			forged := s.forge()
			early(s)
			s.exec("UPDATE trail_keys SET since = 1000000")
			b, err := s.again(s.folder, "")
			s.must(err)
			must(b.GrowTrail("one"))
			if report := must(b.VerifyTrail(models.VerifyAsk{})); !has(report, "foreign", forged) || !has(report, "key_since") {
				t.Errorf("%+v", report.Findings)
			}
		})
	})
	t.Run("with a forged event that it signed a head over", func(t *testing.T) {
		eachStory(t, func(t *testing.T, s *story) {
			forged := s.forge()
			s.exec("UPDATE trail_keys SET since = 1000000")
			keyless := must(models.Open(t.Context(), s.url)) // what has no key looks at no seal, as that build did
			defer keyless.Close()
			keyless.Now = s.Store.Now
			must(keyless.Board(t.Context(), models.TheClerk).GrowTrail("one"))
			over := must(keyless.Board(t.Context(), models.TheClerk).VerifyTrail(models.VerifyAsk{}))
			c := s.head
			c.Size, c.Root = over.Events, over.Root
			c.Note = strings.Replace(strings.Replace(c.Note, fmt.Sprintf("\n%d\n", s.head.Size), fmt.Sprintf("\n%d\n", c.Size), 1), s.head.Root, c.Root, 1)
			s.must(os.WriteFile(filepath.Join(s.folder, "checkpoints", fmt.Sprintf("%012d.txt", c.Size)), []byte(c.Note), 0o600))
			early(s)
			b, err := s.again(s.folder, "")
			s.must(err)
			must(b.GrowTrail("one"))
			if report := must(b.VerifyTrail(models.VerifyAsk{})); !has(report, "foreign", forged) || !has(report, "key_since") || report.Signed != c.Size {
				t.Errorf("%d signed: %+v", report.Signed, report.Findings)
			}
			var no models.UnsignableError
			if _, _, err := b.SignTrail(); !errors.As(err, &no) || no.Finding.Kind != "foreign" {
				t.Error(err)
			}
			if _, err := b.ProveEvent(forged); !refusedAs(err, "audit.foreign") {
				t.Error(err)
			}
		})
	})
	t.Run("with a forged event, and without the key", func(t *testing.T) {
		eachStory(t, func(t *testing.T, s *story) {
			forged := s.forge()
			early(s)
			s.exec("DELETE FROM trail_keys")
			b, err := s.again(s.folder, "")
			s.must(err)
			must(b.GrowTrail("one"))
			if report := must(b.VerifyTrail(models.VerifyAsk{})); !has(report, "foreign", forged) {
				t.Errorf("%+v", report.Findings)
			}
		})
	})
}

// A head that somebody put among the heads is neither printed, proved by nor taken for
// the newest, and none is signed beside it.
func TestAHeadThatIsNotSignedIsNobodysHead(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		_, err := s.As(s.Wu).Report(s.items[2], "照常上报", nil)
		s.must(err)
		must(s.clerk.GrowTrail("one"))
		s.exec(fmt.Sprintf("INSERT INTO checkpoints (size, root, at, note) SELECT size + 1, root, at, note FROM checkpoints WHERE size = %d", s.head.Size))
		if c, fresh, err := s.clerk.SignTrail(); err == nil || fresh {
			t.Errorf("%+v, %v", c, err)
		}
		p, err := s.clerk.ProveEvent(s.eventOf(models.CloseItem, 1))
		s.must(err)
		if p.Checkpoint != s.head.Note {
			t.Errorf("proved by %s", p.Checkpoint)
		}
	})
}

// What came of verifying is sealed: one that was changed or slipped in is a finding on
// the page it would have reassured.
func TestWhatCameOfVerifyingCannotBeMadeUp(t *testing.T) {
	for name, how := range map[string]string{
		"changed":    "UPDATE trail_checks SET findings = '[]' WHERE id = (SELECT MAX(id) FROM trail_checks)",
		"slipped in": "INSERT INTO trail_checks (at, took_ms, events, signed, items, checked_rows, files, checkpoints, root, findings) SELECT at, took_ms, events, signed, items, checked_rows, files, checkpoints, root, '[]' FROM trail_checks WHERE id = (SELECT MAX(id) FROM trail_checks)",
	} {
		t.Run(name, func(t *testing.T) {
			eachStory(t, func(t *testing.T, s *story) {
				s.exec("UPDATE items SET due_on = '2026-12-31'")
				if _, _, err := s.clerk.CheckTrail(); err != nil {
					t.Fatal(err)
				}
				if c := must(s.clerk.LastTrailCheck()); len(c.Findings) != 3 {
					t.Errorf("%+v", c.Findings)
				}
				s.exec(how)
				if c := must(s.clerk.LastTrailCheck()); len(c.Findings) != 1 || c.Findings[0].Kind != "check" {
					t.Errorf("%+v", c.Findings)
				}
			})
		})
	}
}
