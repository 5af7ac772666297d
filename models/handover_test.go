package models_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// withTwo is a unit with a second handler, Qian, and a third, Sun, who has left.
func withTwo(t *testing.T, r *modelstest.Register) (qian, sun models.User) {
	t.Helper()
	var err error
	admin := r.As(r.Admin)
	if qian, err = admin.SaveUser(models.User{Name: "qian", FullName: "钱进", Role: models.Handler, UnitID: &r.Unit.ID}, modelstest.Password); err != nil {
		t.Fatal(err)
	}
	if sun, err = admin.SaveUser(models.User{Name: "sun", FullName: "孙立", Role: models.Handler, UnitID: &r.Unit.ID}, modelstest.Password); err != nil {
		t.Fatal(err)
	}
	sun.Disabled = true
	if sun, err = admin.SaveUser(sun, ""); err != nil {
		t.Fatal(err)
	}
	return qian, sun
}

// answeredBy are four items: Wu handles three, one of them closed; one he leads as
// well, one names him by a post; the fourth is another's.
func answeredBy(t *testing.T, r *modelstest.Register) []models.Item {
	t.Helper()
	r.Wu.Post = "综合处处长"
	if _, err := r.As(r.Admin).SaveUser(r.Wu, ""); err != nil {
		t.Fatal(err)
	}
	register := func(leader, handler string) models.Item {
		items, err := r.As(r.Office).Register(models.NewItem{
			Tier: models.OnTheSpot, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "问题", Leader: leader, Handler: handler,
			Measures: []models.Measure{{Text: "整改", DueOn: "2026-03-20"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return items[0]
	}
	items := []models.Item{register("leng", "wu"), register("wu", "综合处处长"), register("leng", "wu"), register("leng", "leng")}
	var err error
	if items[2], err = r.As(r.Supervisor).Close(r.HandedIn(items[2]), "属实"); err != nil {
		t.Fatal(err)
	}
	return items
}

func TestOpenWorkGoesToTheSuccessorInOneStep(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		items := answeredBy(t, r)
		qian, _ := withTwo(t, r)
		n, err := r.As(r.Hai).Answering(r.Wu)
		if err != nil || n != 2 {
			t.Errorf("answers for %d, %v; want 2", n, err)
		}
		handover, err := r.As(r.Hai).HandOver(models.HandoverAsk{From: r.Wu.ID, To: qian.ID, Why: "调离本单位"})
		if err != nil || handover.Items != 2 || handover.UnitID != r.Unit.ID || handover.ByID != r.Hai.ID {
			t.Fatalf("%+v, %v", handover, err)
		}
		for n, want := range [][2]string{{"leng", "钱进"}, {"钱进", "综合处处长"}, {"leng", "wu"}, {"leng", "leng"}} {
			item := r.Read(items[n])
			if item.Leader != want[0] || item.Handler != want[1] {
				t.Errorf("item %d is with %s and %s, want %s and %s", n, item.Leader, item.Handler, want[0], want[1])
			}
			if n < 2 && (item.HandlerID == nil || *item.HandlerID != qian.ID) {
				t.Errorf("item %d: its handler is not the successor's account", n)
			}
			trail, err := r.As(r.Hai).Trail(item)
			if err != nil || (trail[0].Act == models.HandOver) != (n < 2) {
				t.Errorf("item %d: the trail says %s, %v", n, trail[0].Act, err)
			}
			if n == 1 && (trail[0].Particulars["leader"] != "true" || trail[0].Particulars["handler"] != "true" || trail[0].Particulars["from"] != "wu" || trail[0].Particulars["to"] != "钱进" || trail[0].ActorID != r.Hai.ID) {
				t.Errorf("item %d: %+v", n, trail[0])
			}
		}
		notices, err := r.As(qian).Notices(10)
		if err != nil || len(notices) != 2 || notices[0].Act != models.HandOver {
			t.Errorf("the successor was told of %v, %v", notices, err)
		}
		all, err := r.As(r.Leng).Handovers(r.Unit.ID)
		if err != nil || len(all) != 1 || all[0].Why != "调离本单位" {
			t.Errorf("%+v, %v", all, err)
		}
		if all, err := r.As(r.Shen).Handovers(r.Unit.ID); err != nil || len(all) != 0 {
			t.Errorf("the stranger reads %+v, %v", all, err)
		}
		if n, err := r.As(r.Hai).Answering(r.Wu); err != nil || n != 0 {
			t.Errorf("still answers for %d, %v", n, err)
		}
	})
}

func TestWhoMayHandOverToWhom(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		items := answeredBy(t, r)
		qian, sun := withTwo(t, r)
		ask := models.HandoverAsk{From: r.Wu.ID, To: qian.ID, Why: "轮岗"}
		for _, u := range []models.User{r.Wu, r.Leng, r.Supervisor, r.Principal, {}} {
			if _, err := r.As(u).HandOver(ask); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s: %v, want ErrForbidden", u.Role, err)
			}
		}
		stranger, err := r.As(r.Admin).SaveUser(models.User{Name: "zhou", FullName: "周正", Role: models.Head, UnitID: &r.Other.ID}, modelstest.Password)
		if err != nil {
			t.Fatal(err)
		}
		foreign, missing := ask, ask
		missing.From = 99999
		_, wrong := r.As(stranger).HandOver(foreign)
		_, none := r.As(stranger).HandOver(missing)
		if !errors.Is(wrong, models.ErrNotFound) || fmt.Sprint(wrong) != fmt.Sprint(none) {
			t.Errorf("a foreign unit's head: %v, and of nobody: %v; want the same", wrong, none)
		}
		if n, err := r.As(stranger).Answering(r.Wu); err != nil || n != 0 {
			t.Errorf("a foreign head learns of %d items, %v", n, err)
		}
		for name, to := range map[string]int64{"themselves": r.Wu.ID, "who has left": sun.ID, "another unit's": r.Shen.ID, "nobody": 99999, "no unit's": r.Office.ID} {
			var problems models.Problems
			if _, err := r.As(r.Hai).HandOver(models.HandoverAsk{From: r.Wu.ID, To: to, Why: "轮岗"}); !errors.As(err, &problems) || problems.Of("to") == nil {
				t.Errorf("to %s: %v, want a problem", name, err)
			}
		}
		var problems models.Problems
		if _, err := r.As(r.Hai).HandOver(models.HandoverAsk{From: r.Wu.ID, To: qian.ID}); !errors.As(err, &problems) || problems.Of("why") == nil {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := r.As(r.Hai).HandOver(models.HandoverAsk{From: r.Wu.ID, To: qian.ID, Why: "调离", Retire: true}); !errors.Is(err, models.ErrForbidden) {
			t.Errorf("the head disables an account: %v", err)
		}
		if item := r.Read(items[0]); item.Handler != "wu" {
			t.Errorf("a refused handover moved the item to %s", item.Handler)
		}
	})
}

func TestAnAdministratorHandsOverWhatTheyCannotSee(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		items := answeredBy(t, r)
		qian, _ := withTwo(t, r)
		handover, err := r.As(r.Admin).HandOver(models.HandoverAsk{From: r.Wu.ID, To: qian.ID, Why: "离职", Retire: true})
		if err != nil || handover.Items != 2 {
			t.Fatalf("%+v, %v", handover, err)
		}
		if _, err := r.As(r.Admin).Item(items[0].Number); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("the administrator sees an item: %v", err)
		}
		trail, err := r.As(r.Hai).Trail(items[0])
		if err != nil || trail[0].ActorID != r.Admin.ID {
			t.Errorf("the trail names %d, %v; want the administrator", trail[0].ActorID, err)
		}
		u, err := r.As(r.Admin).User(r.Wu.ID)
		if err != nil || !u.Disabled {
			t.Errorf("%+v, %v; want the account disabled", u, err)
		}
		if names, err := r.As(r.Hai).NamesOf([]int64{r.Wu.ID}); err != nil || names[r.Wu.ID].FullName != "wu" {
			t.Errorf("the history lost its name: %v, %v", names, err)
		}
		if _, err := r.As(r.Admin).HandOver(models.HandoverAsk{From: r.Admin.ID, To: qian.ID, Why: "离职", Retire: true}); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("who is of no unit: %v", err)
		}
		// What is flagged from now on is told to the successor, not to who left.
		r.Today("2026-03-21")
		if _, err := r.As(models.TheClerk).FlagOverdue(); err != nil {
			t.Fatal(err)
		}
		if notices, err := r.As(r.Wu).Notices(20); err != nil || len(notices) != 2 || notices[0].Act != models.CloseItem || notices[1].Act != models.SignItem {
			t.Errorf("who left was told of %v, %v; want the signing and the closure before, and nothing since", notices, err)
		}
		if notices, err := r.As(qian).Notices(20); err != nil || len(notices) != 4 {
			t.Errorf("the successor was told of %d, %v; want two handed over and two overdue", len(notices), err)
		}
	})
}

func TestAHandoverIsWholeWhateverElseIsWritten(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		items := answeredBy(t, r)
		qian, _ := withTwo(t, r)
		var wait sync.WaitGroup
		stop := make(chan bool)
		wait.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					b := r.As(r.Hai)
					item, err := b.Item(items[n%2].Number)
					if err == nil {
						_, _ = b.Report(item, "进展", nil)
					}
				}
			}
		})
		handover, err := r.As(r.Hai).HandOver(models.HandoverAsk{From: r.Wu.ID, To: qian.ID, Why: "轮岗"})
		close(stop)
		wait.Wait()
		for _, item := range items[:2] {
			if fresh := r.Read(item); err == nil && *fresh.HandlerID != qian.ID || err != nil && *fresh.HandlerID != r.Wu.ID {
				t.Errorf("%v, and %s is with %d", err, item.Number, *fresh.HandlerID)
			}
		}
		if err != nil && !errors.Is(err, models.ErrStale) || err == nil && handover.Items != 2 {
			t.Errorf("%+v, %v", handover, err)
		}
	})
}

// What is off the road is nobody's work any more, and holds nothing up.
func TestAHandoverLeavesWhatWasVoided(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		items := answeredBy(t, r)
		qian, _ := withTwo(t, r)
		item, err := r.As(r.Office).AskVoiding(r.Read(items[0]), "重复登记")
		same(t, err, nil)
		_, err = r.As(r.Supervisor).Void(item, voiding(t, r, item))
		same(t, err, nil)
		if n, err := r.As(r.Hai).Answering(r.Wu); n != 1 || err != nil {
			t.Errorf("answers for %d, %v", n, err)
		}
		handover, err := r.As(r.Hai).HandOver(models.HandoverAsk{From: r.Wu.ID, To: qian.ID, Why: "调离本单位"})
		if err != nil || handover.Items != 1 {
			t.Errorf("%+v, %v", handover, err)
		}
	})
}

// Who goes to another unit hands over first: afterwards nobody could do it in one step.
// An account is disabled at once.
func TestNobodyLeavesAUnitWithOpenWork(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		answeredBy(t, r)
		qian, _ := withTwo(t, r)
		admin := r.As(r.Admin)
		moved, promoted, off := r.Wu, r.Wu, r.Wu
		moved.UnitID, promoted.Role, promoted.UnitID, off.Disabled = &r.Other.ID, models.Supervisor, nil, true
		_, err := admin.SaveUser(moved, "")
		same(t, err, problemOf("unit"))
		_, err = admin.SaveUser(promoted, "")
		same(t, err, problemOf("role"))
		_, err = admin.SaveUser(off, "")
		same(t, err, nil)
		handover, err := r.As(r.Hai).HandOver(models.HandoverAsk{From: r.Wu.ID, To: qian.ID, Why: "已离岗"})
		if err != nil || handover.Items != 2 {
			t.Errorf("%+v, %v", handover, err)
		}
		_, err = admin.SaveUser(moved, "")
		same(t, err, nil)
	})
}

// A form that is sent twice hands over once, and says so; another handover of nothing,
// by another or for another reason, is one of its own.
func TestAHandoverSentTwiceIsOne(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		if _, err := r.As(r.Office).Register(models.NewItem{
			Tier: models.OnTheSpot, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "问题", Leader: "leng", Handler: "wu",
			Measures: []models.Measure{{Text: "整改", DueOn: "2026-03-20"}},
		}); err != nil {
			t.Fatal(err)
		}
		ask := models.HandoverAsk{From: r.Wu.ID, To: r.Leng.ID, Why: "轮岗", Retire: true}
		first, err := r.As(r.Admin).HandOver(ask)
		if err != nil || first.Items != 1 {
			t.Fatalf("%+v %v", first, err)
		}
		rows := r.Rows()
		was := rows.Now()
		again, err := r.As(r.Admin).HandOver(ask)
		if err != nil || again.ID != first.ID || again.Items != 1 {
			t.Errorf("%+v %v", again, err)
		}
		for _, line := range rows.Since(was) {
			t.Errorf("the second leaves %s", line)
		}
		ask.Why = "另有任用"
		if other, err := r.As(r.Admin).HandOver(ask); err != nil || other.ID == first.ID {
			t.Errorf("%+v %v", other, err)
		}
	})
}
