package models_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"duban/models"
	"duban/models/modelstest"
)

// record is what an event's canonical bytes say.
func record(t *testing.T, e models.Event) (r models.Record) {
	t.Helper()
	if err := json.Unmarshal([]byte(e.Record), &r); err != nil {
		t.Fatalf("event %d: %v: %q", e.ID, err, e.Record)
	}
	return r
}

// events are all events of the register, in their order, read behind its back.
func events(t *testing.T, r *modelstest.Register) []models.Event {
	t.Helper()
	var all []models.Event
	if err := r.Behind().Order("id").Find(&all).Error; err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAnEventSaysWhoDidWhatToWhatAndWhatItWasBefore(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		ctx := models.CameFrom(context.Background(), models.Origin{Address: "10.1.2.3", Session: "abc", Request: "REQ1"})
		item, err := r.Board(ctx, r.Wu).Report(item, "已拨付 31 笔", nil)
		if err != nil {
			t.Fatal(err)
		}
		trail, err := r.As(r.Wu).Trail(item)
		if err != nil || len(trail) != 2 {
			t.Fatalf("%d events, %v", len(trail), err)
		}
		got := record(t, trail[0])
		if got.At != "2026-03-02T09:00:00+08:00" || got.Person.Name != "wu" || got.Person.Role != models.Handler || got.Person.Unit != r.Unit.ID ||
			got.Origin == nil || got.Origin.Address != "10.1.2.3" || got.Act != models.ReportProgress || got.Result != "done" || got.Object != item.Number || got.Item != item.ID {
			t.Errorf("%+v", got)
		}
		if got.Changed["progress_on"] != [2]string{"", "2026-03-02"} || len(got.Changed) != 1 {
			t.Errorf("changed: %v", got.Changed)
		}
		if len(got.Rows) != 1 || got.Rows["progress 1"] == "" {
			t.Errorf("rows: %v", got.Rows)
		}
		first := record(t, trail[1])
		if first.Changed["problem"][1] != item.Problem || first.Changed["due_on"][1] != "2026-03-20" || first.Rows["measures 1"] == "" {
			t.Errorf("registered: %+v", first)
		}
		if got.Prev != trail[1].Leaf || first.Prev != "" || item.Head != trail[0].Leaf {
			t.Errorf("the chain is broken: %q after %q", got.Prev, trail[1].Leaf)
		}
		for _, e := range events(t, r) {
			if e.Leaf != tlog.RecordHash([]byte(e.Record)).String() {
				t.Errorf("event %d is not hashed as it is", e.ID)
			}
		}
	})
}

// Every act's event says of what hangs on the item what the act wrote, whichever verb
// it was and however it wrote it.
func TestAnEventVouchesForTheRowsTheActWrote(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		wu := r.As(r.Wu)
		measures, err := wu.Measures(item)
		if err != nil {
			t.Fatal(err)
		}
		before := record(t, events(t, r)[len(events(t, r))-1]).Rows["measures 1"]
		if item, err = wu.CompleteMeasure(item, measures[0].ID, "43 笔"); err != nil {
			t.Fatal(err)
		}
		done := record(t, events(t, r)[len(events(t, r))-1]).Rows
		if done["measures 1"] == "" || done["measures 1"] == before || len(done) != 1 {
			t.Errorf("ticked off: %v after %s", done, before)
		}
		if _, err = wu.ReopenMeasure(item, measures[0].ID); err != nil {
			t.Fatal(err)
		}
		if again := record(t, events(t, r)[len(events(t, r))-1]).Rows["measures 1"]; again != before {
			t.Errorf("as it was, and its hash is %s, not %s", again, before)
		}
		u := r.Wu
		u.Post = "综合处"
		if _, err := r.As(r.Admin).SaveUser(u, ""); err != nil {
			t.Fatal(err)
		}
		e := record(t, events(t, r)[len(events(t, r))-1])
		key := fmt.Sprint("users ", r.Wu.ID)
		if e.Rows[key] == "" || e.Object != "user wu" || e.Changed[key+" post"] != [2]string{"", "综合处"} {
			t.Errorf("%+v", e)
		}
	})
}

func TestWhatIsRefusedIsInTheTrailAndNotInTheItemsHistory(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		before := len(events(t, r))
		if _, err := r.As(r.Wu).Close(item, "自己销号"); !errors.Is(err, models.ErrForbidden) {
			t.Error(err)
		}
		if _, err := r.As(r.Shen).Report(item, "别单位的", nil); !errors.Is(err, models.ErrNotFound) {
			t.Error(err)
		}
		if _, err := r.As(r.Wu).SaveUnit(models.Unit{Name: "我局", Code: "wj"}); !errors.Is(err, models.ErrForbidden) {
			t.Error(err)
		}
		if _, err := r.SignIn(context.Background(), "wu", "wrong-word"); !errors.Is(err, models.ErrSignIn) {
			t.Error(err)
		}
		if _, err := r.SignIn(context.Background(), "my-password-typed-here", "x"); !errors.Is(err, models.ErrSignIn) {
			t.Error(err)
		}
		if _, err := r.SignIn(context.Background(), "wu", modelstest.Password); err != nil {
			t.Error(err)
		}
		want := []struct {
			act            models.Act
			result, object string
			who            string
		}{
			{models.CloseItem, "forbidden", item.Number, "wu"},
			{models.ReportProgress, "not_found", item.Number, "shen"},
			{models.Act(models.GovernUnits), "forbidden", "", "wu"},
			{"sign_in", "wrong", "user wu", ""},
			{"sign_in", "unknown", "", ""},
			{"sign_in", "done", "user wu", "wu"},
		}
		all := events(t, r)[before:]
		if len(all) != len(want) {
			t.Fatalf("%d events; want %d", len(all), len(want))
		}
		for n, w := range want {
			got := record(t, all[n])
			if got.Act != w.act || got.Result != w.result || got.Object != w.object || got.Person.Name != w.who || all[n].ItemID != nil {
				t.Errorf("%d: %+v", n, got)
			}
		}
		if trail, err := r.As(r.Wu).Trail(item); err != nil || len(trail) != 1 {
			t.Errorf("history: %d events, %v", len(trail), err)
		}
	})
}

func TestTheDatabaseItselfRefusesToChangeAnEvent(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Registered("2026-03-20")
		before := len(events(t, r))
		for _, statement := range []string{"UPDATE events SET act = 'close'", "DELETE FROM events", "DELETE FROM events WHERE id = 1"} {
			if err := r.Behind().Exec(statement).Error; err == nil {
				t.Errorf("%s was done", statement)
			}
		}
		if after := events(t, r); len(after) != before || after[0].Act != "set_up" {
			t.Errorf("%d events, then %d", before, len(after))
		}
	})
}
