package models_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
	"duban/models/trail"
)

// story is a register with a key and a history of some length: three items, progress,
// a tick, a closure, and a head signed in the middle and at the end.
type story struct {
	*modelstest.Register
	t      *testing.T
	url    string // of the database, where the program is started again
	clerk  *models.Board
	items  []models.Item
	folder string
	first  models.Checkpoint // signed in the middle
	head   models.Checkpoint // signed at the end
}

func told(t *testing.T, r *modelstest.Register) *story {
	t.Helper()
	s := &story{Register: r, t: t, folder: t.TempDir()}
	s.must(r.KeepTrail(t.Context(), s.folder, ""))
	s.clerk = r.As(models.TheClerk)
	for _, due := range []models.Day{"2026-03-20", "2026-04-20", "2026-05-20"} {
		s.items = append(s.items, r.Registered(due))
	}
	s.first = s.sign()
	for n := range s.items {
		var err error
		s.items[n], err = r.As(r.Wu).Report(s.items[n], fmt.Sprintf("已拨付 %d 笔", n+1), nil)
		s.must(err)
	}
	var err error
	s.items[1], err = handIn(t, r.As(r.Wu), s.items[1], "凭证.txt", []byte("已拨付 40 笔"))
	s.must(err)
	s.items[0], err = r.As(r.Supervisor).Close(r.HandedIn(s.items[0]), "核实无误")
	s.must(err)
	_, err = r.SignIn(t.Context(), "wu", modelstest.Password)
	s.must(err)
	s.head = s.sign()
	return s
}

func (s *story) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *story) sign() models.Checkpoint {
	s.t.Helper()
	_, err := s.clerk.GrowTrail("one")
	s.must(err)
	c, _, err := s.clerk.SignTrail()
	s.must(err)
	return c
}

func (s *story) verify(ask models.VerifyAsk) models.TrailReport {
	s.t.Helper()
	report, err := s.clerk.VerifyTrail(ask)
	s.must(err)
	return report
}

// behind does something to the database without the program, as whoever owns it can:
// the guards are taken off and put back.
func (s *story) behind(statements ...string) {
	s.t.Helper()
	db := s.Behind()
	var off, on []string
	if db.Name() == "postgres" {
		off, on = []string{"ALTER TABLE events DISABLE TRIGGER USER"}, []string{"ALTER TABLE events ENABLE TRIGGER USER"}
	} else {
		var triggers []string
		s.must(db.Raw("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'").Scan(&triggers).Error)
		off, on = []string{"DROP TRIGGER events_stay", "DROP TRIGGER events_remain"}, triggers
	}
	for _, statement := range slices.Concat(off, statements, on) {
		if err := db.Exec(statement).Error; err != nil {
			s.t.Fatalf("%s: %v", statement, err)
		}
	}
}

// eventOf is the number of the nth event of that act.
func (s *story) eventOf(act models.Act, nth int) int64 {
	s.t.Helper()
	for _, e := range events(s.t, s.Register) {
		if e.Act == act && e.Result == "" {
			if nth--; nth == 0 {
				return e.ID
			}
		}
	}
	s.t.Fatalf("no event %s", act)
	return 0
}

// has says whether a report has a finding of that kind whose arguments begin so.
func has(report models.TrailReport, kind string, args ...any) bool {
	return slices.ContainsFunc(report.Findings, func(f models.Finding) bool {
		if f.Kind != kind || len(f.Args) < len(args) {
			return false
		}
		for n, want := range args {
			if want != nil && fmt.Sprint(f.Args[n]) != fmt.Sprint(want) {
				return false
			}
		}
		return true
	})
}

func TestAnHonestTrailIsSound(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		s := told(t, r)
		report := s.verify(models.VerifyAsk{Checkpoints: []models.Checkpoint{s.first, s.head}})
		if !report.Sound() || report.Events != s.head.Size || report.Signed != s.head.Size || report.Checkpoints != 2 || report.Items != 3 || report.Root != s.head.Root || report.Rows < 15 {
			t.Errorf("%+v", report)
		}
	})
}

// Every way in which somebody who owns the database might rewrite history: each is
// found, and named.
func TestTamperingIsFoundAndNamed(t *testing.T) {
	number := func(s *story, n int) string { return s.items[n].Number }
	tests := map[string]struct {
		how  func(s *story)
		kind string
		args func(s *story) []any
	}{
		"a text changed in an event": {
			func(s *story) {
				s.behind(fmt.Sprintf("UPDATE events SET record = REPLACE(record, '核实无误', '未经核实') WHERE id = %d", s.eventOf(models.CloseItem, 1)))
			},
			"changed", func(s *story) []any { return []any{s.eventOf(models.CloseItem, 1)} },
		},
		"who it was changed": {
			func(s *story) {
				s.behind(fmt.Sprintf("UPDATE events SET actor_id = %d WHERE id = %d", s.Admin.ID, s.eventOf(models.CloseItem, 1)))
			},
			"column", func(s *story) []any {
				return []any{s.eventOf(models.CloseItem, 1), "person", s.Admin.ID, s.Supervisor.ID}
			},
		},
		"when it was changed": {
			func(s *story) {
				s.behind(fmt.Sprintf("UPDATE events SET at = '2026-02-27 01:00:00+00:00' WHERE id = %d", s.eventOf(models.SubmitItem, 1)))
			},
			"column", func(s *story) []any {
				return []any{s.eventOf(models.SubmitItem, 1), "time", "2026-02-27T09:00:00+08:00", "2026-03-02T09:00:00+08:00"}
			},
		},
		"an event in the middle removed": {
			func(s *story) {
				s.behind(fmt.Sprintf("DELETE FROM events WHERE id = %d", s.eventOf(models.ReportProgress, 2)))
			},
			"removed", nil,
		},
		"the last event removed": {
			func(s *story) { s.behind("DELETE FROM events WHERE id = (SELECT MAX(id) FROM events)") },
			"removed", func(s *story) []any { return []any{nil, s.head.Size} },
		},
		"the last events removed with their places in the tree": {
			func(s *story) {
				s.behind("DELETE FROM events WHERE id IN (SELECT event_id FROM trail_leaves ORDER BY seq DESC LIMIT 2)",
					"DELETE FROM trail_leaves WHERE event_id NOT IN (SELECT id FROM events)",
					"UPDATE trail_state SET size = size - 2, reached = (SELECT MAX(id) FROM events)")
			},
			"cut", func(s *story) []any { return []any{s.head.Size, nil, s.head.Size - 2, 2} },
		},
		"an event inserted": {
			func(s *story) {
				s.behind(fmt.Sprintf("INSERT INTO events (item_id, act, actor_id, at, from_status, to_status, particulars, record, leaf) SELECT item_id, act, actor_id, at, from_status, to_status, particulars, record, leaf FROM events WHERE id = %d", s.eventOf(models.ReportProgress, 3)))
				_, err := s.clerk.GrowTrail("one")
				s.must(err)
			},
			"foreign", nil,
		},
		"an event inserted behind the tree": {
			func(s *story) {
				s.behind("INSERT INTO events (act, actor_id, at, particulars, record) VALUES ('close', 1, '2026-03-01 00:00:00+00:00', '{}', '{}')",
					"UPDATE trail_state SET reached = (SELECT MAX(id) FROM events)")
			},
			"inserted", nil,
		},
		"two events swapped": {
			func(s *story) {
				a, z := s.eventOf(models.ReportProgress, 1), s.eventOf(models.ReportProgress, 2)
				s.behind(fmt.Sprintf("UPDATE events SET id = -1 WHERE id = %d", a), fmt.Sprintf("UPDATE events SET id = %d WHERE id = %d", a, z), fmt.Sprintf("UPDATE events SET id = %d WHERE id = -1", z))
			},
			"swapped", func(s *story) []any {
				return []any{s.eventOf(models.ReportProgress, 1), s.eventOf(models.ReportProgress, 2)}
			},
		},
		"an item's due date moved": {
			func(s *story) {
				s.behind(fmt.Sprintf("UPDATE items SET due_on = '2026-12-31' WHERE id = %d", s.items[1].ID))
			},
			"item_changed", func(s *story) []any { return []any{number(s, 1), "due_on", "2026-12-31", "2026-04-20"} },
		},
		"an item closed without an event": {
			func(s *story) {
				s.behind(fmt.Sprintf("UPDATE items SET status = 'closed', closed_on = '2026-03-02' WHERE id = %d", s.items[2].ID))
			},
			"item_changed", func(s *story) []any { return []any{number(s, 2), "status", "closed", "underway"} },
		},
		"a problem's words changed": {
			func(s *story) {
				s.behind(fmt.Sprintf("UPDATE items SET problem = '无问题' WHERE id = %d", s.items[2].ID))
			},
			"item_changed", func(s *story) []any { return []any{number(s, 2), "problem", "无问题"} },
		},
		"an item removed": {
			func(s *story) {
				s.behind(fmt.Sprintf("DELETE FROM item_words WHERE item_id = %d", s.items[2].ID), fmt.Sprintf("DELETE FROM progress WHERE item_id = %d", s.items[2].ID),
					fmt.Sprintf("DELETE FROM measures WHERE item_id = %d", s.items[2].ID), fmt.Sprintf("DELETE FROM items WHERE id = %d", s.items[2].ID))
			},
			"item_removed", func(s *story) []any { return []any{number(s, 2)} },
		},
		"a progress note rewritten": {
			func(s *story) { s.behind("UPDATE progress SET text = '已全部拨付' WHERE id = 2") },
			"row_changed", func(s *story) []any { return []any{"progress 2", number(s, 1)} },
		},
		"a file named otherwise": {
			func(s *story) { s.behind("UPDATE evidence SET file_name = '会议纪要.txt'") },
			"row_changed", func(s *story) []any { return []any{"evidence 1", number(s, 1)} },
		},
		"a file's hash replaced with its content": {
			func(s *story) {
				s.must(os.WriteFile(s.Stored()[0], []byte("已拨付 43 笔"), 0o600))
				s.behind(fmt.Sprintf("UPDATE files SET sha256 = '%x', size = %d", sha256.Sum256([]byte("已拨付 43 笔")), len("已拨付 43 笔")))
			},
			"row_changed", func(*story) []any { return []any{"files 1"} },
		},
		"a file's content replaced": {
			func(s *story) { s.must(os.WriteFile(s.Stored()[0], []byte("已拨付 43 笔"), 0o600)) },
			"file", func(s *story) []any { return []any{number(s, 1), "凭证.txt", models.FileAltered} },
		},
		"a file taken away": {
			func(s *story) { s.must(os.Remove(s.Stored()[0])) },
			"file", func(s *story) []any { return []any{number(s, 1), "凭证.txt", models.FileMissing} },
		},
		"a measure ticked": {
			func(s *story) {
				s.behind(fmt.Sprintf("UPDATE measures SET done_on = '2026-03-02', result = '完成' WHERE item_id = %d", s.items[1].ID))
			},
			"row_changed", nil,
		},
		"a progress note removed": {
			func(s *story) { s.behind("DELETE FROM progress WHERE id = 1") },
			"row_removed", func(s *story) []any { return []any{"progress 1", number(s, 0)} },
		},
		"a user's role raised": {
			func(s *story) { s.behind("UPDATE users SET role = 'sysadmin', unit_id = NULL WHERE name = 'wu'") },
			"row_changed", func(s *story) []any { return []any{fmt.Sprint("users ", s.Wu.ID), "user wu"} },
		},
		"a password replaced": {
			func(s *story) { s.behind("UPDATE users SET password = 'x' WHERE name = 'admin'") },
			"row_changed", func(s *story) []any { return []any{fmt.Sprint("users ", s.Admin.ID)} },
		},
		"an account slipped in": {
			func(s *story) {
				s.behind("INSERT INTO users (name, full_name, role, created_at) VALUES ('ghost', 'Ghost', 'sysadmin', '2026-03-02 00:00:00+00:00')")
			},
			"row_inserted", nil,
		},
		"a stored head removed and another put in its place": {
			func(s *story) {
				s.behind(fmt.Sprintf("UPDATE checkpoints SET root = '%s' WHERE size = %d", s.first.Root, s.head.Size))
			},
			"head_unsigned", func(s *story) []any { return []any{"database", s.head.Size} },
		},
		"the guards taken off": {
			func(s *story) {
				db := s.Behind()
				if db.Name() == "postgres" {
					s.must(db.Exec("ALTER TABLE events DISABLE TRIGGER events_stay").Error)
				} else {
					s.must(db.Exec("DROP TRIGGER events_stay").Error)
				}
			},
			"guard", func(*story) []any { return []any{"events_stay"} },
		},
		"the guards made to guard nothing": {
			func(s *story) {
				db := s.Behind()
				if db.Name() == "postgres" {
					s.must(db.Exec("CREATE OR REPLACE FUNCTION events_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$").Error)
				} else {
					s.must(db.Exec("DROP TRIGGER events_stay").Error)
					s.must(db.Exec("CREATE TRIGGER events_stay BEFORE UPDATE ON events WHEN NEW.id < 0 BEGIN SELECT RAISE(ABORT, 'events are added and never changed'); END").Error)
				}
			},
			"guard", func(*story) []any { return []any{"events_stay"} },
		},
		"the guards put on a column": {
			func(s *story) {
				db := s.Behind()
				s.must(db.Exec(map[string]string{"postgres": "DROP TRIGGER events_stay ON events", "sqlite": "DROP TRIGGER events_stay"}[db.Name()]).Error)
				s.must(db.Exec(map[string]string{
					"postgres": "CREATE TRIGGER events_stay BEFORE UPDATE OF seal OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION events_stay()",
					"sqlite":   "CREATE TRIGGER events_stay BEFORE UPDATE OF seal ON events BEGIN SELECT RAISE(ABORT, 'events are added and never changed'); END",
				}[db.Name()]).Error)
			},
			"guard", func(*story) []any { return []any{"events_stay"} },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
				s := told(t, r)
				var args []any
				if tt.args != nil {
					args = tt.args(s)
				}
				tt.how(s)
				report := s.verify(models.VerifyAsk{Files: s.clerk.CheckFiles})
				if !has(report, tt.kind, args...) {
					t.Errorf("want %s %v; found %+v", tt.kind, args, report.Findings)
				}
			})
		})
	}
}

// Who rewrites an event, its hash, every event that names it, the places, the tiles and
// the stored head, all as the program would have, is found by the head in the folder,
// by the one in last week's mail, and by the seal.
func TestAHistoryRewrittenAsAWholeIsFoundByAHeadKeptElsewhere(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		s := told(t, r)
		// The forger's own program, with a key of its own, tells the story over.
		forged := s.eventOf(models.CompleteMeasure, 1)
		s.must(s.Forge(forged, "43 笔", "430 笔"))
		report := s.verify(models.VerifyAsk{})
		if !has(report, "head_other", s.head.Size, nil, s.first.Size) {
			t.Errorf("by the folder: %+v", report.Findings)
		}
		if !has(report, "foreign", forged) {
			t.Errorf("by the seal: %+v", report.Findings)
		}
		for _, path := range must(filepath.Glob(filepath.Join(s.folder, "checkpoints", "*"))) {
			s.must(os.Remove(path))
		}
		report = s.verify(models.VerifyAsk{})
		if has(report, "head_other") {
			t.Errorf("nothing is left to compare with: %+v", report.Findings)
		}
		mail := "周报\r\n\r\n" + strings.ReplaceAll(s.head.Note, "\n", "\r\n") + "\r\n"
		report = s.verify(models.VerifyAsk{Checkpoints: trail.FindCheckpoints(mail)})
		if !has(report, "head_other", s.head.Size) {
			t.Errorf("by the mail: %+v", report.Findings)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestOnlyTheAuditorAndTheProgramVerify(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for _, u := range []models.User{r.Office, r.Supervisor, r.Admin, r.Wu, r.Principal} {
			if _, err := r.As(u).VerifyTrail(models.VerifyAsk{}); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s: %v", u.Name, err)
			}
		}
	})
}

// What people and the clock do in the course of a demonstration, an import and its
// undoing, and the removal of the demonstration, leaves a sound trail.
func TestAWholeRegistersLifeLeavesASoundTrail(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, url string) {
		store, err := models.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		if err := store.KeepTrail(t.Context(), t.TempDir(), ""); err != nil {
			t.Fatal(err)
		}
		if _, err := store.FillDemo(t.Context(), modelstest.Password); err != nil {
			t.Fatal(err)
		}
		sound := func(when string) {
			t.Helper()
			clerk := store.Board(t.Context(), models.TheClerk)
			if _, err := clerk.GrowTrail("one"); err != nil {
				t.Fatal(err)
			}
			if _, _, err := clerk.SignTrail(); err != nil {
				t.Fatal(err)
			}
			report, err := clerk.VerifyTrail(models.VerifyAsk{})
			if err != nil || !report.Sound() {
				t.Errorf("%s: %v, %d findings: %+v", when, err, len(report.Findings), report.Findings[:min(8, len(report.Findings))])
			}
			t.Logf("%s: %d events, %d items, %d rows", when, report.Events, report.Items, report.Rows)
		}
		sound("the demonstration")
		if err := store.DemoPassword(t.Context(), "Another-Word-2026"); err != nil {
			t.Fatal(err)
		}
		clerk := store.Board(t.Context(), models.TheClerk)
		if _, err := clerk.FlagOverdue(); err != nil {
			t.Fatal(err)
		}
		if _, err := clerk.RemindItems(); err != nil {
			t.Fatal(err)
		}
		sound("the clock's work")
		if _, err := store.Board(t.Context(), models.TheClerk).RemoveDemo(); err != nil {
			t.Fatal(err)
		}
		sound("the removal")
	})
}
