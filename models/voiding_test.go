package models_test

import (
	"errors"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// voiding is the request to void an item that waits, 0 when none does.
func voiding(t *testing.T, r *modelstest.Register, item models.Item) int64 {
	t.Helper()
	v, err := r.As(r.Office).PendingVoiding(item)
	if err != nil {
		t.Fatal(err)
	}
	if v == nil {
		return 0
	}
	return v.ID
}

// Voiding takes two persons. What is voided stays with all that hangs on it, and is
// counted nowhere.
func TestVoidingTakesTwoAndDeletesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		kept, item := r.Registered("2026-02-20"), r.Registered("2026-02-20")
		_, err := r.As(r.Hai).AskVoiding(item, "重复登记")
		same(t, err, models.ErrForbidden)
		_, err = r.As(r.Office).AskVoiding(item, " ")
		same(t, err, problemOf("words"))
		_, err = r.As(r.Supervisor).Void(item, voiding(t, r, item))
		same(t, err, models.Refused{Key: "voiding.none"})
		item, err = r.As(r.Office).AskVoiding(item, "与 FK-2026-001 重复登记")
		same(t, err, nil)
		_, err = r.As(r.Supervisor).AskVoiding(item, "再问一次")
		same(t, err, models.Refused{Key: "voiding.pending"})
		_, err = r.As(r.Office).Void(item, voiding(t, r, item))
		same(t, err, models.Refused{Key: "voiding.own"})
		item, err = r.As(r.Supervisor).RefuseVoiding(item, voiding(t, r, item), "并非重复")
		same(t, err, nil)
		item, err = r.As(r.Supervisor).AskVoiding(item, "确为重复")
		same(t, err, nil)
		item, err = r.As(r.Office).Void(item, voiding(t, r, item))
		if err != nil || item.Status != models.Voided {
			t.Fatalf("%s, %v", item.Status, err)
		}

		tally, err := r.As(r.Supervisor).Tally(models.Filter{})
		if err != nil || tally.N() != 1 || tally.Overdue() != 1 {
			t.Errorf("%d counted, %d overdue, %v", tally.N(), tally.Overdue(), err)
		}
		cards, err := r.As(r.Wu).List(models.Filter{})
		if err != nil || len(cards) != 1 || cards[0].Number != kept.Number {
			t.Errorf("listed %+v, %v", cards, err)
		}
		cards, err = r.As(r.Wu).List(parse(t, "status=voided", "2026-03-02"))
		if err != nil || len(cards) != 1 || cards[0].Number != item.Number {
			t.Errorf("among the voided %+v, %v", cards, err)
		}
		if n, err := r.As(models.TheClerk).FlagOverdue(); n != 1 || err != nil {
			t.Errorf("flagged %d, %v", n, err)
		}
		if read, err := r.As(r.Wu).Item(item.Number); err != nil || read.Problem != item.Problem {
			t.Errorf("%+v, %v", read, err)
		}
		if measures, err := r.As(r.Wu).Measures(item); err != nil || len(measures) != 1 {
			t.Errorf("%v, %v", measures, err)
		}
		if trail, err := r.As(r.Wu).Trail(item); err != nil || len(trail) != 5 || trail[0].Act != models.VoidItem {
			t.Errorf("%v, %v", trail, err)
		}
		_, err = r.As(r.Wu).Report(item, "仍写一条", nil)
		same(t, err, models.Refused{Key: "refused.report.closed"})
		if _, err := r.As(r.Shen).Item(item.Number); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("the stranger: %v", err)
		}
	})
}

func TestVoidingEndsWhatWaits(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Signed("2026-03-09")
		item, err := r.As(r.Wu).AskExtension(item, "2026-03-20", "须公示")
		same(t, err, nil)
		item, err = r.As(r.Hai).Submit(item)
		same(t, err, nil)
		item, err = r.As(r.Supervisor).AskVoiding(item, "移交其他单位")
		same(t, err, nil)
		item, err = r.As(r.Office).Void(item, voiding(t, r, item))
		same(t, err, nil)
		submissions, err := r.As(r.Wu).SubmissionsOf(item)
		if err != nil || submissions[0].Outcome != models.VoidItem || item.AskedUntil != "" {
			t.Errorf("%+v, %v", submissions, err)
		}
		changes, err := r.As(r.Wu).ExtensionsOf(item)
		if err != nil || changes[0].State != models.ExtensionLapsed {
			t.Errorf("%+v, %v", changes, err)
		}
	})
}
