package models_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"duban/models"
	"duban/models/modelstest"
	"duban/models/signal"
)

const copiedProgress = "财务科逐笔核对三年来的接待凭证，收回无公函支出3.2万元，缴款书已存档，责任人写出说明。"

// observed has the clerk observe and says how many questions are new.
func observed(t *testing.T, r *modelstest.Register) int {
	t.Helper()
	n, err := r.Board(context.Background(), models.TheClerk).Observe()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// waiting are the questions that a person is shown.
func waiting(t *testing.T, r *modelstest.Register, u models.User, query string) []models.SignalRow {
	t.Helper()
	rows, _, err := r.As(u).Signals(models.SignalAsk{Filter: parse(t, query, r.As(u).Today())})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestASignalIsRaisedByActsAnsweredAndRests(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		report := func(u models.User, item models.Item, text string) models.Item {
			t.Helper()
			item, err := r.As(u).Report(item, text, nil)
			if err != nil {
				t.Fatal(err)
			}
			return item
		}
		theirs := report(r.Shen, r.RegisteredFor(r.Other, models.PostFeedback, "2026-03-20"), copiedProgress)
		mine := report(r.Wu, r.Registered("2026-03-20"), "截至3月1日，"+copiedProgress)
		if n := observed(t, r); n < 2 {
			t.Fatalf("%d questions are new", n)
		}
		if n := observed(t, r); n != 0 {
			t.Errorf("%d questions are new though nothing was done", n)
		}
		copied := func(u models.User, query string) []models.SignalRow {
			return slices.DeleteFunc(waiting(t, r, u, query), func(row models.SignalRow) bool { return row.Name != signal.Copied })
		}
		all := copied(r.Supervisor, "")
		if len(all) != 2 {
			t.Fatalf("the supervisor is shown %+v", all)
		}
		if rows := copied(r.Supervisor, "unit="+r.Other.Code); len(rows) != 1 || rows[0].Item.ID != theirs.ID {
			t.Errorf("of one unit %+v", rows)
		}

		// A unit sees its own, and nothing of the other's.
		own := copied(r.Wu, "")
		if len(own) != 1 || own[0].Item.ID != mine.ID {
			t.Fatalf("the unit is shown %+v", own)
		}
		if shown := own[0].Shown[0]; shown.Unit != "" || shown.Item != "" || shown.OtherText != "" || shown.Text == "" {
			t.Errorf("the unit is shown of another's %+v", shown)
		}
		if shown := all[0].Shown[0]; shown.Item == "" || shown.OtherText == "" {
			t.Errorf("the supervisor is shown %+v", shown)
		}
		if rows, err := r.As(r.Shen).SignalsOf(mine); err != nil || len(rows) > 0 {
			t.Errorf("another unit is shown %+v, %v", rows, err)
		}

		// Only who supervises answers, with a reason, and once.
		id := own[0].ID
		if _, err := r.As(r.Wu).AnswerSignal(mine, id, "没有问题"); !errors.Is(err, models.ErrForbidden) {
			t.Errorf("the unit answers: %v", err)
		}
		_, err := r.As(r.Supervisor).AnswerSignal(mine, id, " ")
		same(t, err, problemOf("words"))
		if _, err := r.As(r.Supervisor).AnswerSignal(theirs, id, "另一项"); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("at another item: %v", err)
		}
		mine, err = r.As(r.Supervisor).AnswerSignal(mine, id, "两单位联合整改，凭证各自齐全")
		if err != nil {
			t.Fatal(err)
		}
		trail, err := r.As(r.Wu).Trail(mine)
		if err != nil || trail[0].Act != models.AnswerSignal || trail[0].Particulars["signal"] != "copied" || trail[0].Particulars["words"] != "两单位联合整改，凭证各自齐全" {
			t.Errorf("%+v, %v", trail[0], err)
		}
		if _, err := r.As(r.Supervisor).AnswerSignal(mine, id, "再答一次"); refusal(err) != "signal.answered" {
			t.Errorf("once more: %v", err)
		}

		// It rests until what it rests on is another.
		observed(t, r)
		if rows := copied(r.Wu, ""); len(rows) != 0 {
			t.Errorf("answered, and asked again: %+v", rows)
		}
		mine = report(r.Wu, mine, "补充："+copiedProgress)
		observed(t, r)
		if rows := copied(r.Wu, ""); len(rows) != 1 {
			t.Errorf("after the data changed %+v", rows)
		}
		if rows, err := r.As(r.Supervisor).SignalsOf(mine); err != nil || len(rows) == 0 || rows[0].AnsweredBy != 0 {
			t.Errorf("%+v, %v", rows, err)
		}
	})
}

func TestWhatIsAskedNoMoreEnds(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		if _, err := r.As(r.Wu).Report(item, "高度重视，正在抓紧推进落实。", nil); err != nil {
			t.Fatal(err)
		}
		observed(t, r)
		names := func() (out []signal.Name) {
			for _, row := range waiting(t, r, r.Supervisor, "") {
				if row.Item != nil {
					out = append(out, row.Name)
				}
			}
			return out
		}
		if got := names(); !slices.Contains(got, signal.EmptyWords) {
			t.Fatalf("asked %v", got)
		}
		if _, err := r.As(r.Wu).Report(r.Read(item), "收回多付的费用3.2万元，缴款书编号0315。", nil); err != nil {
			t.Fatal(err)
		}
		observed(t, r)
		if got := names(); slices.Contains(got, signal.EmptyWords) {
			t.Errorf("still asked %v", got)
		}
	})
}

func TestOnlyTheClerkObserves(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		if _, err := r.As(r.Office).Observe(); !errors.Is(err, models.ErrForbidden) {
			t.Errorf("the office: %v", err)
		}
	})
}
