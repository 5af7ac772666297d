package models_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"duban/models"
	"duban/models/modelstest"
)

// Whether the second of two persons is the first is asked once more by the statement
// that changes the item: a deed of their own between the right and that statement has
// it changed by nobody.
func TestTheSecondPersonIsAskedAfterOnceMore(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		b := r.As(r.Supervisor)
		submitted := func(*testing.T) models.Item { return r.Submitted("2026-03-20") }
		drawn := func(t *testing.T) models.Item {
			t.Helper()
			item := closed(t, r, 1)[0]
			_, err := r.As(r.Office).Draw()
			same(t, err, nil)
			return r.Read(item)
		}
		asked := func(t *testing.T) models.Item {
			t.Helper()
			item, err := r.As(r.Wu).AskExtension(r.Registered("2026-03-20"), "2026-04-10", "须公示")
			same(t, err, nil)
			return item
		}
		voided := func(t *testing.T) models.Item {
			t.Helper()
			item, err := r.As(r.Office).AskVoiding(r.Registered("2026-03-20"), "重复登记")
			same(t, err, nil)
			return item
		}
		// worked is a deed of this person on the item.
		worked := func(tx *gorm.DB, item models.Item) error {
			return tx.Create(&models.Progress{ItemID: item.ID, Text: "自己办的", ByID: r.Supervisor.ID, At: b.Now().UTC()}).Error
		}
		// decided is a request that this person decides, asked for by that one.
		decided := func(table any, by models.User) func(*gorm.DB, models.Item) error {
			return func(tx *gorm.DB, item models.Item) error {
				return tx.Model(table).Where("item_id = ?", item.ID).
					Updates(map[string]any{"asked_by": by.ID, "decided_by": r.Supervisor.ID, "decided_at": b.Now().UTC()}).Error
			}
		}
		nothing := func(*gorm.DB, models.Item) error { return nil }
		for _, tt := range []struct {
			act      models.Act
			of       func(*testing.T) models.Item
			own, not func(*gorm.DB, models.Item) error
		}{
			{models.VerifyItem, submitted, worked, nothing},
			{models.ReturnItem, submitted, worked, nothing},
			{models.StageItem, submitted, worked, nothing},
			{models.CloseItem, submitted, worked, nothing},
			{models.RecheckHolds, drawn, worked, nothing},
			{models.RecheckFails, drawn, worked, nothing},
			{models.GrantExtension, asked, decided(&models.Extension{}, r.Supervisor), decided(&models.Extension{}, r.Wu)},
			{models.VoidItem, voided, decided(&models.Voiding{}, r.Supervisor), decided(&models.Voiding{}, r.Office)},
		} {
			item := tt.of(t)
			by := b
			if tt.act == models.RecheckHolds || tt.act == models.RecheckFails { // who closed it does not check it
				other, err := r.As(r.Admin).SaveUser(models.User{Name: "second-" + string(tt.act)[8:], FullName: "Second", Role: models.Supervisor, BodyCode: models.Jiwei}, modelstest.Password)
				same(t, err, nil)
				by = r.As(other)
				tt.own = func(tx *gorm.DB, item models.Item) error {
					return tx.Create(&models.Progress{ItemID: item.ID, Text: "自己办的", ByID: other.ID, At: b.Now().UTC()}).Error
				}
			}
			if _, err := by.Meanwhile(tt.act, item, func(tx *gorm.DB) error { return tt.own(tx, item) }); !errors.Is(err, models.ErrStale) {
				t.Errorf("%s of one's own: %v", tt.act, err)
			}
			if _, err := by.Meanwhile(tt.act, item, func(tx *gorm.DB) error { return tt.not(tx, item) }); err != nil {
				t.Errorf("%s of another's: %v", tt.act, err)
			}
		}
	})
}

// Each deed alone makes an item somebody's own work, whatever else the register has of
// it: who did only that does not verify it.
func TestEachDeedAloneIsTheirWork(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for deed, statement := range map[string]string{
			"handed it in":                   "UPDATE submissions SET by_id = ? WHERE item_id = ?",
			"signed it":                      "UPDATE signatures SET by_id = ? WHERE item_id = ?",
			"did a measure":                  "UPDATE measures SET done_by = ? WHERE item_id = ?",
			"showed it":                      "UPDATE evidence SET by_id = ? WHERE item_id = ?",
			"leads it":                       "UPDATE items SET leader_id = ? WHERE id = ?",
			"handles it":                     "UPDATE items SET handler_id = ? WHERE id = ?",
			"helps with it":                  "INSERT INTO item_assistants (user_id, item_id) VALUES (?, ?)",
			"reported on it":                 "INSERT INTO progress (by_id, item_id, text, at) VALUES (?, ?, '自己办的', '2026-03-02 01:00:00+00:00')",
			"brought it about":               "INSERT INTO achievements (by_id, item_id, kind, n, basis, at) VALUES (?, ?, 'rules', 1, '制度汇编', '2026-03-02 01:00:00+00:00')",
			"asked for a date":               "INSERT INTO extensions (asked_by, item_id, why, from_on, to_on, state, asked_at) VALUES (?, ?, 'asked', '2026-03-20', '2026-04-20', 'refused', '2026-03-02 01:00:00+00:00')",
			"proposed a date":                "INSERT INTO extensions (asked_by, item_id, why, from_on, to_on, state, asked_at) VALUES (?, ?, 'proposed', '', '2026-04-20', 'refused', '2026-03-02 01:00:00+00:00')",
			"no work: moved it by a verdict": "INSERT INTO extensions (asked_by, item_id, why, from_on, to_on, state, asked_at) VALUES (?, ?, 'stage', '2026-03-20', '2026-04-20', 'granted', '2026-03-02 01:00:00+00:00')",
			"led it once":                    "INSERT INTO past_assignments (user_id, item_id) VALUES (?, ?)",
			"no work: nothing":               "UPDATE items SET title = title WHERE id <> ? AND id = ?",
		} {
			item := r.Submitted("2026-03-20")
			name := fmt.Sprintf("p%d", item.ID)
			u, err := r.As(r.Admin).SaveUser(models.User{Name: name, FullName: name, Role: models.Supervisor, BodyCode: models.Jiwei}, modelstest.Password)
			same(t, err, nil)
			if err := r.As(u).WhyNot(models.CloseItem, item); err != nil {
				t.Fatalf("%s, not yet: %v", deed, err)
			}
			r.SQL(statement, u.ID, item.ID)
			want := "verification.own"
			if strings.HasPrefix(deed, "no work") {
				want = ""
			}
			if err := r.As(u).WhyNot(models.CloseItem, r.Read(item)); refusal(err) != want {
				t.Errorf("%s: %v, want %q", deed, err, want)
			}
		}
	})
}

// Wherever a row of an item names a person, it is decided whether that is their work. A
// column that is added is decided here as well.
func TestEveryRowThatNamesAPersonIsWorkOrIsNot(t *testing.T) {
	notWork := map[string]string{
		"achievements.withdrawn_by": "takes back a number; the trail has it",
		"closures.by_id":            "the verdict itself",
		"extensions.decided_by":     "decides about a date, and did nothing for it",
		"rechecks.by_id":            "checks it again",
		"stated_samples.by_id":      "checks what its ledger calls done",
		"verifications.by_id":       "the verdict itself",
		"voidings.asked_by":         "an overseer's",
		"voidings.decided_by":       "an overseer's",
	}
	own := models.OwnWork()
	for _, column := range models.PeopleOfItems() {
		if _, not := notWork[column]; not == slices.Contains(own, column) {
			t.Errorf("%s: own work is %v, and none is %v", column, !not, not)
		}
		delete(notWork, column)
	}
	for column := range notWork {
		t.Errorf("%s is no column any more", column)
	}
}
