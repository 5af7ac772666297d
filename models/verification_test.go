package models_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// ofCategory is a submitted item of that category.
func ofCategory(t *testing.T, r *modelstest.Register, category string) models.Item {
	t.Helper()
	items, err := r.As(r.Office).Register(models.NewItem{
		Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, Category: category, Problem: "问题", Standard: "标准",
		Measures: []models.Measure{{Text: "逐笔核实", DueOn: "2026-03-09"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r.HandedIn(items[0])
}

// verifiedBy sets who verifies.
func verifiedBy(t *testing.T, r *modelstest.Register, by models.VerifyBy) {
	t.Helper()
	rules := r.As(r.Office).Rules()
	rules.Verifiers = []models.VerifierRule{{Category: "工程", By: by}}
	if err := r.As(r.Office).ChangeRules(rules, "两家都要核验"); err != nil {
		t.Fatal(err)
	}
}

func TestWhoVerifiesIsARule(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		dangqun := r.Dangqun()
		_, err := r.As(dangqun).Close(ofCategory(t, r, "八项规定"), "属实")
		same(t, err, models.Refused{Key: "verification.by.jiwei"})
		_, err = r.As(r.Supervisor).Close(ofCategory(t, r, "选人用人"), "属实")
		same(t, err, models.Refused{Key: "verification.by.dangqun"})
		_, err = r.As(r.Supervisor).Return(ofCategory(t, r, "选人用人"), "evidence", "缺材料")
		same(t, err, models.Refused{Key: "verification.by.dangqun"})
		for _, u := range []models.User{r.Supervisor, dangqun} {
			item, err := r.As(u).Close(ofCategory(t, r, "其他"), "属实")
			if err != nil || item.Status != models.Closed {
				t.Errorf("%s: %s, %v", u.Name, item.Status, err)
			}
		}
	})
}

// Where both bodies verify, each gives its verdict; the second settles what becomes of
// the item, and a return by either sends it back at once.
func TestBothBodiesGiveTheirVerdict(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		verifiedBy(t, r, models.ByBoth)
		jiwei, dangqun := r.As(r.Supervisor), r.As(r.Dangqun())

		item := ofCategory(t, r, "工程项目")
		item, err := jiwei.Close(item, "属实")
		if err != nil || item.Status != models.Submitted {
			t.Fatalf("after one: %s, %v", item.Status, err)
		}
		if awaited, err := jiwei.Awaited(item); err != nil || len(awaited) != 1 || awaited[0] != models.Dangqun {
			t.Errorf("awaited %v, %v", awaited, err)
		}
		_, err = jiwei.Close(item, "再一次")
		same(t, err, models.Refused{Key: "verification.given"})
		item, err = dangqun.Close(item, "属实")
		if err != nil || item.Status != models.Closed || item.ClosedOn != "2026-03-02" {
			t.Fatalf("after both: %s, %v", item.Status, err)
		}
		if given, err := jiwei.VerificationsOf(item); err != nil || len(given) != 2 || given[0].Body != models.Dangqun || given[1].Verdict != models.FoundDone {
			t.Errorf("%+v, %v", given, err)
		}

		item = ofCategory(t, r, "工程项目")
		item, err = dangqun.Stage(item, "已见成效", "2026-06-01")
		if err != nil || item.Status != models.Submitted || item.Standing {
			t.Fatalf("after one: %s, %v", item.Status, err)
		}
		item, err = jiwei.Close(item, "属实")
		if err != nil || item.Status != models.Underway || !item.Standing || item.ReviewOn != "2026-06-01" {
			t.Errorf("one says it goes on: %+v, %v", item, err)
		}

		item = ofCategory(t, r, "工程项目")
		item, err = dangqun.Close(item, "属实")
		same(t, err, nil)
		item, err = jiwei.Return(item, "evidence", "缺回单")
		if err != nil || item.Status != models.Underway || item.ReturnedReason != "缺回单" {
			t.Errorf("one sends it back: %+v, %v", item, err)
		}
		item = r.SignedBy(r.Done(item), r.Wu, r.Leng, r.Hai)
		item, err = r.As(r.Hai).Submit(item)
		same(t, err, nil)
		if awaited, err := jiwei.Awaited(item); err != nil || len(awaited) != 2 {
			t.Errorf("handed in anew, awaited %v, %v", awaited, err)
		}
	})
}

// A stage result goes on, standing, and its day of review is its date: what was handed
// in in time is not late because somebody looked at it.
func TestAStageResultGoesOnAndIsNotLate(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Submitted("2026-03-03")
		r.Today("2026-03-09")
		_, err := r.As(r.Supervisor).Stage(item, " ", "2026-03-09")
		same(t, err, problemOf("words", "review_on"))
		item, err = r.As(r.Supervisor).Stage(item, "已取得阶段性成效", "")
		if err != nil || item.Status != models.Underway || !item.Standing || item.ReviewOn != "2026-06-09" || item.DueOn != "2026-06-09" || item.FirstDueOn != "2026-03-03" {
			t.Fatalf("%+v, %v", item, err)
		}
		if item.Card().Overdue(r.As(r.Wu).Today()) {
			t.Error("overdue")
		}
		if item.Extended != 0 {
			t.Error("counted as an extension of the unit's")
		}
		changes, err := r.As(r.Wu).ExtensionsOf(item)
		if err != nil || len(changes) != 1 || changes[0].Why != models.WhyStage || models.DerivedDue(item.FirstDueOn, changes) != item.DueOn {
			t.Errorf("%+v, %v", changes, err)
		}
	})
}

// Nobody verifies what they had a hand in, whatever they are today.
func TestNobodyVerifiesTheirOwnWork(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Submitted("2026-03-09")
		other := ofCategory(t, r, "")
		for _, u := range []models.User{r.Wu, r.Leng, r.Hai} {
			moved := u
			moved.Role, moved.UnitID, moved.BodyCode = models.Supervisor, nil, models.Jiwei
			r.SQL("UPDATE users SET role = 'supervisor', unit_id = NULL, body_code = 'jiwei' WHERE id = ?", u.ID)
			for _, do := range []func() (models.Item, error){
				func() (models.Item, error) { return r.As(moved).Close(item, "属实") },
				func() (models.Item, error) { return r.As(moved).Return(item, "evidence", "缺回单") },
				func() (models.Item, error) { return r.As(moved).Stage(item, "好", "") },
			} {
				_, err := do()
				same(t, err, models.Refused{Key: "verification.own"})
			}
			if r.As(moved).May(models.CloseItem, other) {
				t.Errorf("a button is drawn for %s", u.Name)
			}
		}
		if _, err := r.As(r.Supervisor).Close(item, "属实"); err != nil {
			t.Error(err)
		}
	})
}

func TestTwelveVerifiersAtOnceGiveOneVerdict(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Submitted("2026-03-09")
		var people []models.User
		for n := range 12 {
			u, err := r.As(r.Admin).SaveUser(models.User{Name: fmt.Sprintf("verifier%d", n), FullName: "核验", Role: models.Supervisor, BodyCode: models.Bodies()[n%3]}, modelstest.Password)
			if err != nil {
				t.Fatal(err)
			}
			people = append(people, u)
		}
		results := make(chan error)
		for n, u := range people {
			go func() {
				var err error
				if n%2 == 0 {
					_, err = r.As(u).Close(item, "属实")
				} else {
					_, err = r.As(u).Return(item, "evidence", "缺回单")
				}
				results <- err
			}()
		}
		given := 0
		for range people {
			switch err := <-results; {
			case err == nil:
				given++
			case !errors.Is(err, models.ErrStale):
				t.Error(err)
			}
		}
		verdicts, err := r.As(r.Office).VerificationsOf(item)
		if err != nil || given != 1 || len(verdicts) != 1 {
			t.Errorf("%d given, %d kept, %v", given, len(verdicts), err)
		}
	})
}

func TestAClosedItemIsOpenedAgainWithANewDate(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item, err := r.As(r.Supervisor).Close(r.Submitted("2026-03-09"), "属实")
		same(t, err, nil)
		_, err = r.As(r.Hai).Reopen(item, "有新情况", "2026-04-01")
		same(t, err, models.ErrForbidden)
		for _, until := range []models.Day{"2026-03-02", "9999-12-31", "2026-02-30"} {
			_, err = r.As(r.Supervisor).Reopen(item, "", until)
			same(t, err, problemOf("words", "until"))
		}
		item, err = r.As(r.Supervisor).Reopen(item, "问题反弹", "2026-04-01")
		if err != nil || item.Status != models.Underway || item.DueOn != "2026-04-01" || item.ClosedOn != "" || item.ReturnedReason != "问题反弹" {
			t.Fatalf("%+v, %v", item, err)
		}
		closures, err := r.As(r.Wu).ClosuresOf(item)
		if err != nil || len(closures) != 1 || closures[0].ReopenedOn != "2026-03-02" {
			t.Errorf("%+v, %v", closures, err)
		}
		item, err = r.As(r.Supervisor).Close(r.HandedIn(item), "此次属实")
		if err != nil || item.Status != models.Closed {
			t.Errorf("%s, %v", item.Status, err)
		}
		if closures, err = r.As(r.Wu).ClosuresOf(item); err != nil || len(closures) != 2 {
			t.Errorf("%+v, %v", closures, err)
		}
	})
}

// promoted is somebody of the unit who is a supervisor now.
func promoted(t *testing.T, r *modelstest.Register, u models.User) models.User {
	t.Helper()
	u.Role, u.UnitID, u.BodyCode = models.Supervisor, nil, models.Jiwei
	u, err := r.As(r.Admin).SaveUser(u, "")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// Work that was taken back, handed over, or only helped with was somebody's work all
// the same; the trail remembers it.
func TestWorkStaysTheirsWhateverBecameOfIt(t *testing.T) {
	work := map[string]func(r *modelstest.Register, u models.User, item models.Item) (models.Item, error){
		"led it, and handed it over": func(r *modelstest.Register, u models.User, item models.Item) (models.Item, error) {
			if _, err := r.As(r.Hai).AssignItem(item, models.Assignment{LeaderID: u.ID, HandlerID: r.Wu.ID}); err != nil {
				return item, err
			}
			_, err := r.As(r.Hai).HandOver(models.HandoverAsk{From: u.ID, To: r.Leng.ID, Why: "调离"})
			return r.Read(item), err
		},
		"handled it, until another was assigned": func(r *modelstest.Register, u models.User, item models.Item) (models.Item, error) {
			item, err := r.As(r.Hai).AssignItem(item, models.Assignment{LeaderID: r.Leng.ID, HandlerID: u.ID})
			if err != nil {
				return item, err
			}
			return r.As(r.Hai).AssignItem(item, models.Assignment{LeaderID: r.Leng.ID, HandlerID: r.Wu.ID})
		},
		"helped": func(r *modelstest.Register, u models.User, item models.Item) (models.Item, error) {
			return r.As(r.Hai).AssignItem(item, models.Assignment{LeaderID: r.Leng.ID, HandlerID: r.Wu.ID, Assistants: []int64{u.ID}})
		},
		"did a measure that was taken back": func(r *modelstest.Register, u models.User, item models.Item) (models.Item, error) {
			measures, err := r.As(u).Measures(item)
			if err != nil {
				return item, err
			}
			if item, err = r.As(u).CompleteMeasure(item, measures[0].ID, "已办结"); err != nil {
				return item, err
			}
			return r.As(r.Wu).ReopenMeasure(item, measures[0].ID)
		},
		"planned a measure": func(r *modelstest.Register, u models.User, item models.Item) (models.Item, error) {
			return r.As(u).Plan(item, []models.PlannedMeasure{{Text: "举一反三", Owner: "wu", DueOn: "2026-03-20"}})
		},
		"asked for another date": func(r *modelstest.Register, u models.User, item models.Item) (models.Item, error) {
			item, err := r.As(u).AskExtension(item, "2026-04-20", "须公示")
			if err != nil {
				return item, err
			}
			changes, err := r.As(u).ExtensionsOf(item)
			if err != nil {
				return item, err
			}
			return r.As(u).WithdrawExtension(item, changes[0].ID)
		},
	}
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		n := 0
		for name, did := range work {
			n++
			u, err := r.As(r.Admin).SaveUser(models.User{Name: fmt.Sprintf("former%d", n), FullName: fmt.Sprintf("former%d", n), Role: models.Leader, UnitID: &r.Unit.ID}, modelstest.Password)
			same(t, err, nil)
			item, err := did(r, u, r.Registered("2026-03-20"))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			item = r.HandedIn(item)
			u = promoted(t, r, u)
			if _, err = r.As(u).Close(item, "属实"); refusal(err) != "verification.own" {
				t.Errorf("%s, and verifies it: %v", name, err)
			}
			other := r.Submitted("2026-03-20")
			if _, err = r.As(u).Close(other, "属实"); err != nil {
				t.Errorf("%s, and may not verify another: %v", name, err)
			}
		}
	})
}

// Two bodies are two persons, also when one of them has gone over to the other.
func TestOnePersonIsNotTwoBodies(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		verifiedBy(t, r, models.ByBoth)
		item, err := r.As(r.Supervisor).Close(ofCategory(t, r, "工程项目"), "属实")
		same(t, err, nil)
		moved := r.Supervisor
		moved.BodyCode = models.Dangqun
		moved, err = r.As(r.Admin).SaveUser(moved, "")
		same(t, err, nil)
		_, err = r.As(moved).Close(item, "属实")
		same(t, err, models.Refused{Key: "verification.given_yourself"})
		if item, err = r.As(r.Dangqun()).Close(item, "属实"); err != nil || item.Status != models.Closed {
			t.Errorf("%s, %v", item.Status, err)
		}
	})
}

// Rules that change between two verdicts leave nothing that nobody can answer.
func TestNothingIsStrandedByARule(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		dangqun := r.Dangqun()
		for _, by := range []models.VerifyBy{models.ByJiwei, models.ByAny, models.ByDangqun} {
			verifiedBy(t, r, models.ByBoth)
			item, err := r.As(r.Supervisor).Stage(ofCategory(t, r, "工程项目"), "已见成效", "2026-06-01")
			same(t, err, nil)
			verifiedBy(t, r, by)
			last := r.Supervisor
			if by == models.ByDangqun {
				last = dangqun
			}
			if item, err = r.As(last).Close(item, "再看已办结"); err != nil || item.Status == models.Submitted {
				t.Errorf("%s: %s, %v", by, item.Status, err)
			}
			if want := by == models.ByDangqun; (item.Status == models.Underway) != want { // the other's word that it goes on
				t.Errorf("%s: %s", by, item.Status)
			}
		}
	})
}

// A day of review that passed while the other body's word was awaited is no date.
func TestAStageResultIsNotLateAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		verifiedBy(t, r, models.ByBoth)
		item, err := r.As(r.Dangqun()).Stage(ofCategory(t, r, "工程项目"), "已见成效", "2026-03-03")
		same(t, err, nil)
		r.Today("2026-03-20")
		item, err = r.As(r.Supervisor).Close(item, "属实")
		if err != nil || item.Status != models.Underway || item.DueOn != "2026-06-20" || item.ReviewOn != "2026-06-20" {
			t.Errorf("%s, due %s, to be looked at on %s, %v", item.Status, item.DueOn, item.ReviewOn, err)
		}
	})
}

// Both bodies at once, several people of each, again and again until it is done: it is
// struck off once, by one verdict of each.
func TestBothBodiesAtOnceCloseOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		verifiedBy(t, r, models.ByBoth)
		item := ofCategory(t, r, "工程项目")
		var all sync.WaitGroup
		for n := range 8 {
			u, err := r.As(r.Admin).SaveUser(models.User{Name: fmt.Sprintf("verifier%d", n), FullName: "核验", Role: models.Supervisor, BodyCode: []models.Body{models.Jiwei, models.Dangqun}[n%2]}, modelstest.Password)
			same(t, err, nil)
			all.Go(func() {
				for range 20 {
					seen, err := r.As(u).Item(item.Number)
					if err == nil && seen.Status == models.Submitted {
						_, err = r.As(u).Close(seen, "属实")
					}
					if refused := (models.Refused{}); err != nil && !errors.Is(err, models.ErrStale) && !errors.As(err, &refused) {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		verdicts, err := r.As(r.Office).VerificationsOf(item)
		same(t, err, nil)
		closures, err := r.As(r.Office).ClosuresOf(item)
		same(t, err, nil)
		if is := r.Read(item); is.Status != models.Closed || len(verdicts) != 2 || len(closures) != 1 || verdicts[0].Body == verdicts[1].Body {
			t.Errorf("%s by %+v, closed %d times", is.Status, verdicts, len(closures))
		}
	})
}
