package models_test

import (
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

func TestTheGateHoldsUntilAllIsThere(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-09")
		_, err := r.As(r.Hai).Submit(item)
		same(t, err, models.Refused{Key: "submission.gate"})
		_, err = r.As(r.Wu).Submit(item)
		same(t, err, models.ErrForbidden)

		measures, err := r.As(r.Wu).Measures(item)
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.As(r.Wu).CompleteMeasure(item, measures[0].ID, "  ")
		same(t, err, problemOf("result"))
		item, err = r.As(r.Wu).CompleteMeasure(item, measures[0].ID, "已拨付")
		same(t, err, nil)
		_, err = r.As(r.Wu).CompleteMeasure(item, measures[0].ID, "再来一次")
		same(t, err, models.Refused{Key: "measure.already_done"})
		item, err = r.As(r.Wu).ReopenMeasure(item, measures[0].ID)
		same(t, err, nil)
		_, err = r.As(r.Hai).Submit(item)
		same(t, err, models.Refused{Key: "submission.gate"})
		item, err = r.As(r.Leng).CompleteMeasure(item, measures[0].ID, "已拨付 43 笔")
		same(t, err, nil)
		item, err = r.As(r.Hai).Submit(item)
		same(t, err, nil)
		if item.Status != models.Submitted || item.SubmittedOn != "2026-03-02" {
			t.Errorf("%s on %s", item.Status, item.SubmittedOn)
		}
		_, err = r.As(r.Wu).Report(item, "补充", nil)
		same(t, err, models.Refused{Key: "refused.report"})
	})
}

// The unit's clock stands still from submission to return, and goes on from the
// same date.
func TestTheClockIsFair(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Submitted("2026-03-09")
		r.Today("2026-03-09")
		if item.Card().ReviewLate("2026-03-09", models.Preset(), r.Calendar) {
			t.Error("late on the fifth working day")
		}
		r.Today("2026-03-20")
		tally, err := r.As(r.Supervisor).Tally(models.Filter{})
		if err != nil || tally.Overdue() != 0 || tally.Review() != 1 || tally.ReviewLate() != 1 {
			t.Errorf("overdue %d review %d late %d, %v", tally.Overdue(), tally.Review(), tally.ReviewLate(), err)
		}
		if n, err := r.As(models.TheClerk).FlagOverdue(); n != 0 || err != nil {
			t.Errorf("flagged %d, %v", n, err)
		}
		_, err = r.As(r.Supervisor).Return(item, "whim", "")
		same(t, err, problemOf("reason", "words"))
		item, err = r.As(r.Supervisor).Return(item, "evidence", "缺银行回单")
		same(t, err, nil)
		if item.DueOn != "2026-03-09" || item.Status != models.Underway || item.ReturnedReason != "缺银行回单" || item.SubmittedOn != "" {
			t.Errorf("%+v", item)
		}
		if n, err := r.As(models.TheClerk).FlagOverdue(); n != 1 || err != nil {
			t.Errorf("flagged %d, %v", n, err)
		}
	})
}

func TestClosedLateIsRecorded(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Submitted("2026-02-27")
		r.Today("2026-03-05")
		_, err := r.As(r.Supervisor).Close(item, " ")
		same(t, err, problemOf("words"))
		item, err = r.As(r.Supervisor).Close(item, "属实，同意销号")
		same(t, err, nil)
		trail, err := r.As(r.Wu).Trail(item)
		if err != nil || trail[0].Act != models.CloseItem || trail[0].Particulars["late"] != "3" || item.ClosedOn != "2026-03-05" {
			t.Errorf("%+v, %v", trail[0], err)
		}
		_, err = r.As(r.Supervisor).Close(item, "再销一次")
		same(t, err, models.Refused{Key: "refused.close"})
	})
}
