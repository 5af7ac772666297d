package models_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

var ask = models.LetterAsk{Kind: models.LetterNotice, Title: "关于整改事项超期的督办通知书", Body: "请于收到之日起5个工作日内书面答复。", DemandOn: "2026-03-31"}

// late is that many items of the unit, ten days overdue today, registered in time.
func late(r *modelstest.Register, n int) []models.Item {
	today := r.As(r.Office).Today()
	r.Today("2026-02-10")
	defer r.Today(today)
	var items []models.Item
	for range n {
		items = append(items, r.Registered("2026-02-20"))
	}
	return items
}

func drafted(t *testing.T, r *modelstest.Register, items ...models.Item) models.Letter {
	t.Helper()
	l, err := r.As(r.Supervisor).DraftLetter(items, ask)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func signed(t *testing.T, r *modelstest.Register, items ...models.Item) models.Letter {
	t.Helper()
	l, err := r.As(r.Supervisor).SignLetter(drafted(t, r, items...))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func stepOf(t *testing.T, r *modelstest.Register, u models.User, item models.Item) models.Step {
	t.Helper()
	item = r.Read(item)
	steps, _, err := r.As(u).Steps([]models.Card{item.Card()})
	if err != nil {
		t.Fatal(err)
	}
	return steps[item.ID]
}

func refusedWith(err error, key string) bool {
	var refused models.Refused
	return errors.As(err, &refused) && refused.Key == key
}

func TestTheRoadOfALetter(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		items := late(r, 3)
		if step := stepOf(t, r, r.Supervisor, items[0]); step.Do != models.StepWrite || step.Kind != models.LetterNotice {
			t.Errorf("ten days late: %+v", step)
		}
		l := drafted(t, r, items...)
		if step := stepOf(t, r, r.Supervisor, items[0]); step.Do != models.StepSign || step.Letter != l.ID {
			t.Errorf("drafted: %+v", step)
		}
		if _, err := r.As(r.Hai).Letter(l.ID); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("the unit finds a draft: %v", err)
		}
		revised := ask
		revised.Title = "关于 3 项整改事项超期的督办通知书"
		l, err := r.As(r.Supervisor).ReviseLetter(l, revised)
		if err != nil || l.Number != "" {
			t.Fatal(l.Number, err)
		}
		l, err = r.As(r.Supervisor).SignLetter(l)
		if err != nil || l.Number != "督字〔2026〕1号" || l.SignedBy != r.Supervisor.ID || l.AnswerBy != "2026-03-09" || l.Title != revised.Title {
			t.Fatalf("%+v, %v", l, err)
		}
		if step := stepOf(t, r, r.Supervisor, items[2]); step.Do != models.StepAwait || step.By != "2026-03-09" || step.Number != l.Number {
			t.Errorf("signed: %+v", step)
		}
		notices, err := r.As(r.Hai).Notices(10)
		if err != nil || len(notices) != 1 || notices[0].Act != models.SignLetter {
			t.Errorf("the head is told %+v, %v; want once of the letter, however many items", notices, err)
		}
		for _, item := range items {
			trail, err := r.As(r.Wu).Trail(r.Read(item))
			if err != nil || trail[0].Act != models.SignLetter || trail[0].Particulars["number"] != l.Number {
				t.Errorf("%s: %+v, %v", item.Number, trail[0], err)
			}
		}
		if _, err := r.As(r.Hai).AnswerLetter(l, models.LetterAnswer{Text: "已补拨"}); !refusedWith(err, "refused.answer_letter") {
			t.Errorf("answered before it is acknowledged: %v", err)
		}
		r.At("2026-03-03 15:20")
		l, err = r.As(r.Hai).AcknowledgeLetter(l)
		if err != nil || l.AcknowledgedBy != r.Hai.ID || l.AcknowledgedAt.In(r.Zone).Format("15:04") != "15:20" {
			t.Fatalf("%+v, %v", l, err)
		}
		if _, err := r.As(r.Leng).AnswerLetter(l, models.LetterAnswer{}); !slices.Equal(fieldsOf(err), []string{"answer"}) {
			t.Errorf("an empty answer: %v", err)
		}
		r.Today("2026-03-10")
		if !l.AnswerLate("2026-03-10") || l.AnswerLate("2026-03-09") {
			t.Error("late on the last day, or not the day after")
		}
		l, err = r.As(r.Leng).AnswerLetter(l, models.LetterAnswer{Text: "43 笔已拨付 40 笔，余 3 笔 3 月底前拨付。", Doc: "经发〔2026〕17号"})
		if err != nil || l.AnsweredBy != r.Leng.ID || l.AnswerDoc == "" {
			t.Fatalf("%+v, %v", l, err)
		}
		if step := stepOf(t, r, r.Supervisor, items[0]); step.Do != models.StepJudge {
			t.Errorf("answered: %+v", step)
		}
		if _, err := r.As(r.Supervisor).JudgeAnswer(l, false, ""); !slices.Equal(fieldsOf(err), []string{"words"}) {
			t.Errorf("judged without a word: %v", err)
		}
		l, err = r.As(r.Supervisor).JudgeAnswer(l, false, "没有说明余款来源")
		if err != nil || l.Status != models.LetterRejected {
			t.Fatalf("%+v, %v", l, err)
		}
		if step := stepOf(t, r, r.Supervisor, items[0]); step.Do != models.StepWrite || step.Kind != models.LetterGuidance {
			t.Errorf("not accepted: %+v", step)
		}
		if _, err := r.As(r.Supervisor).WithdrawLetter(l, "发错"); !refusedWith(err, "refused.withdraw_letter") {
			t.Errorf("withdrawn when judged: %v", err)
		}
	})
}

func fieldsOf(err error) []string {
	var problems models.Problems
	var fields []string
	if errors.As(err, &problems) {
		for _, p := range problems {
			fields = append(fields, p.Field)
		}
	}
	return fields
}

func TestWhoMayDoWhatWithALetter(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := late(r, 1)[0]
		for _, u := range []models.User{r.Wu, r.Leng, r.Hai, r.Principal, r.Shen, models.TheClerk} {
			if _, err := r.As(u).DraftLetter([]models.Item{item}, ask); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s drafts: %v", u.Name, err)
			}
		}
		l := drafted(t, r, item)
		for u, want := range map[*models.User]error{&r.Hai: models.ErrNotFound, &r.Shen: models.ErrNotFound, &r.Principal: models.ErrNotFound, &r.Admin: models.ErrNotFound, &r.Office: models.ErrForbidden, &models.TheClerk: models.ErrForbidden} {
			if _, err := r.As(*u).SignLetter(l); !errors.Is(err, want) {
				t.Errorf("%s signs: %v, want %v", u.Name, err, want)
			}
		}
		l, err := r.As(r.Supervisor).SignLetter(l)
		if err != nil {
			t.Fatal(err)
		}
		for u, want := range map[*models.User]error{&r.Wu: models.ErrForbidden, &r.Leng: models.ErrForbidden, &r.Supervisor: models.ErrForbidden, &r.Shen: models.ErrNotFound} {
			if _, err := r.As(*u).AcknowledgeLetter(l); !errors.Is(err, want) {
				t.Errorf("%s acknowledges: %v, want %v", u.Name, err, want)
			}
		}
		foreign, errForeign := r.As(r.Shen).Letter(l.ID)
		missing, errMissing := r.As(r.Shen).Letter(l.ID + 1000)
		if foreign != missing || !errors.Is(errForeign, models.ErrNotFound) || !errors.Is(errMissing, models.ErrNotFound) {
			t.Error("a foreign letter is not a missing one")
		}
		if all, _, err := r.As(r.Shen).Letters(models.LetterFilter{}); err != nil || len(all) != 0 {
			t.Errorf("the stranger lists %d, %v", len(all), err)
		}
		if of, err := r.As(r.Shen).LetterItems(l); err != nil || len(of) != 0 {
			t.Errorf("the stranger reads what a letter is about: %v, %v", of, err)
		}
		if all, err := r.As(r.Hai).LettersOf(item); err != nil || len(all) != 1 {
			t.Errorf("the head lists %d, %v", len(all), err)
		}
		l, err = r.As(r.Hai).AcknowledgeLetter(l)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.As(r.Wu).AnswerLetter(l, models.LetterAnswer{Text: "x"}); !errors.Is(err, models.ErrForbidden) {
			t.Errorf("a handler answers: %v", err)
		}
		if l, err = r.As(r.Hai).AnswerLetter(l, models.LetterAnswer{Text: "已办"}); err != nil {
			t.Fatal(err)
		}
		for _, u := range []models.User{r.Hai, r.Office, r.Principal} {
			if _, err := r.As(u).JudgeAnswer(l, true, "属实"); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s judges: %v", u.Name, err)
			}
		}
	})
}

// A supervisor who is assigned to some units sees the letters about their items
// alone.
func TestALetterAboutMoreThanOneIsAssignedToIsNotSeen(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		mine, others := r.RegisteredFor(r.Unit, models.PostFeedback, "2026-02-20"), r.RegisteredFor(r.Other, models.PostFeedback, "2026-02-20")
		seen, hidden := signed(t, r, mine), signed(t, r, others)
		if err := r.As(r.Office).Assign(r.Supervisor, models.Scopes{{UnitID: &r.Unit.ID}}); err != nil {
			t.Fatal(err)
		}
		b := r.As(r.Supervisor)
		if _, err := b.Letter(seen.ID); err != nil {
			t.Error(err)
		}
		if _, err := b.Letter(hidden.ID); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		if _, err := b.DraftLetter([]models.Item{others}, ask); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("drafts about what is another's: %v", err)
		}
	})
}

func TestALetterIsOfOneUnitAboutOpenItems(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		b := r.As(r.Supervisor)
		mine, others := r.Registered("2026-02-20"), r.RegisteredFor(r.Other, models.PostFeedback, "2026-02-20")
		closed, err := b.Close(r.Submitted("2026-12-01"), "属实")
		if err != nil {
			t.Fatal(err)
		}
		past := ask
		past.DemandOn, past.Body = "2026-03-01", " "
		for name, tt := range map[string]struct {
			items []models.Item
			ask   models.LetterAsk
			want  error
		}{
			"of two units": {[]models.Item{mine, others}, ask, models.Refused{Key: "letter.one_unit"}},
			"of none":      {nil, ask, models.Refused{Key: "letter.items", Args: []any{50}}},
			"struck off":   {[]models.Item{closed}, ask, models.Refused{Key: "letter.item_closed", Args: []any{closed.Number}}},
			"by yesterday": {[]models.Item{mine}, past, models.Problems{{"body", "required", nil}, {"demand_on", "letter.demand_past", nil}}},
		} {
			_, err := b.DraftLetter(tt.items, tt.ask)
			if err == nil || !strings.HasSuffix(err.Error(), tt.want.Error()) {
				t.Errorf("%s: %v, want %v", name, err, tt.want)
			}
		}
		l := drafted(t, r, mine, mine)
		if of, err := b.LetterItems(l); err != nil || len(of[l.ID]) != 1 {
			t.Errorf("one item twice is %d, %v", len(of[l.ID]), err)
		}
	})
}

// Twelve letters are signed at once: twelve numbers, no gap and no double. A draft
// that is dropped takes none.
func TestNumbersWithoutGapOrDouble(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		const signers = 12
		var letters []models.Letter
		for range signers {
			letters = append(letters, drafted(t, r, late(r, 2)...))
		}
		refused := drafted(t, r, r.Registered("2026-02-20"))
		if _, err := r.As(r.Supervisor).WithdrawLetter(refused, "不发了"); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		errs := make([]error, signers)
		for n, l := range letters {
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, errs[n] = r.As(r.Supervisor).SignLetter(l)
			}()
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		all, _, err := r.As(r.Supervisor).Letters(models.LetterFilter{Status: models.LetterSigned})
		if err != nil || len(all) != signers {
			t.Fatalf("%d letters, %v", len(all), err)
		}
		for n, l := range all {
			if want := fmt.Sprintf("督字〔2026〕%d号", signers-n); l.Number != want {
				t.Errorf("%s, want %s", l.Number, want)
			}
		}
		r.Today("2027-01-04")
		next := ask
		next.DemandOn = ""
		l, err := r.As(r.Supervisor).DraftLetter(late(r, 1), next)
		if err != nil {
			t.Fatal(err)
		}
		if l, err = r.As(r.Supervisor).SignLetter(l); err != nil || l.Number != "督字〔2027〕1号" {
			t.Errorf("the next year begins with %s, %v", l.Number, err)
		}
	})
}

// Twelve people sign one letter in the same second: it has one signature, one number,
// one line in the trail, and the number after it is the next.
func TestOneLetterIsSignedOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := late(r, 1)[0]
		l := drafted(t, r, item)
		var wg sync.WaitGroup
		errs := make([]error, 12)
		for n := range errs {
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, errs[n] = r.As(r.Supervisor).SignLetter(l)
			}()
		}
		wg.Wait()
		done := 0
		for _, err := range errs {
			switch {
			case err == nil:
				done++
			case !errors.Is(err, models.ErrStale):
				t.Error(err)
			}
		}
		trail, err := r.As(r.Supervisor).Trail(r.Read(item))
		lines := 0
		for _, e := range trail {
			if e.Act == models.SignLetter {
				lines++
			}
		}
		if done != 1 || lines != 1 || err != nil {
			t.Errorf("signed %d times, %d lines, %v", done, lines, err)
		}
		if next := signed(t, r, late(r, 1)...); next.Number != "督字〔2026〕2号" {
			t.Errorf("the next is %s", next.Number)
		}
	})
}

func TestAWithdrawnLetterStays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := late(r, 1)[0]
		l := signed(t, r, item)
		second := drafted(t, r, item)
		if _, err := r.As(r.Supervisor).SignLetter(second); !refusedWith(err, "letter.waiting") {
			t.Errorf("a second letter while the first waits: %v", err)
		}
		if _, err := r.As(r.Supervisor).WithdrawLetter(l, ""); !slices.Equal(fieldsOf(err), []string{"words"}) {
			t.Errorf("withdrawn without a word: %v", err)
		}
		l, err := r.As(r.Supervisor).WithdrawLetter(l, "事项有误")
		if err != nil || l.Number == "" || l.WithdrawnWhy != "事项有误" {
			t.Fatalf("%+v, %v", l, err)
		}
		all, _, err := r.As(r.Hai).Letters(models.LetterFilter{})
		if err != nil || len(all) != 1 || all[0].Status != models.LetterWithdrawn {
			t.Errorf("the unit lists %+v, %v", all, err)
		}
		if next, err := r.As(r.Supervisor).SignLetter(second); err != nil || next.Seq != 2 {
			t.Errorf("after it: %+v, %v", next, err)
		}
	})
}

// A letter says what stood on the day of its signature, whatever becomes of the items.
func TestALetterKeepsWhatItSaid(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := late(r, 1)[0]
		draft := drafted(t, r, item)
		r.Today("2026-03-05")
		l, err := r.As(r.Supervisor).SignLetter(draft)
		if err != nil {
			t.Fatal(err)
		}
		r.Today("2026-04-05")
		of, err := r.As(r.Hai).LetterItems(l)
		if err != nil || len(of[l.ID]) != 1 || of[l.ID][0].Days != 13 || of[l.ID][0].DueOn != "2026-02-20" {
			t.Errorf("%+v, %v", of, err)
		}
	})
}

func TestTheClockOffersAStepAndSignsNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		items := late(r, 2)
		r.Registered("2026-03-02") // due today
		clerk := func() *models.Board { return r.As(models.TheClerk) }
		offers := func() int {
			rows, err := r.As(r.Supervisor).Notices(100)
			if err != nil {
				t.Fatal(err)
			}
			return len(slices.DeleteFunc(rows, func(n models.NoticeRow) bool { return n.Act != models.OfferLetter }))
		}
		for range 2 {
			if _, err := clerk().OfferLetters(); err != nil {
				t.Fatal(err)
			}
		}
		if n := offers(); n != 2 {
			t.Errorf("%d offers after two runs, want one for each late item", n)
		}
		if all, _, err := r.As(r.Office).Letters(models.LetterFilter{}); err != nil || len(all) != 0 {
			t.Errorf("the program wrote %d letters, %v", len(all), err)
		}
		r.Today("2026-03-07") // a Saturday, fifteen days late
		if n, err := clerk().OfferLetters(); err != nil || n != 0 {
			t.Errorf("on a Saturday %d, %v", n, err)
		}
		signed(t, r, items[0])
		r.Today("2026-03-09")
		if n, err := clerk().OfferLetters(); err != nil || n != 2 {
			t.Errorf("on the Monday %d, %v; want the item due on the 2nd and the one nobody wrote about", n, err)
		}
		if _, err := r.As(r.Supervisor).OfferLetters(); !errors.Is(err, models.ErrForbidden) {
			t.Errorf("a person runs the clock: %v", err)
		}
	})
}

func TestItemsAreNamedOnceAndAllOrNone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		a, b := r.Registered("2026-02-20"), r.RegisteredFor(r.Other, models.PostFeedback, "2026-02-20")
		items, err := r.As(r.Supervisor).ItemsNamed([]string{b.Number, a.Number, b.Number, ""})
		if err != nil || len(items) != 2 || items[0].ID != b.ID {
			t.Errorf("%+v, %v", items, err)
		}
		for _, numbers := range [][]string{{a.Number, b.Number}, {a.Number, "FK-2026-999"}} {
			if _, err := r.As(r.Hai).ItemsNamed(numbers); !errors.Is(err, models.ErrNotFound) {
				t.Errorf("%v: %v", numbers, err)
			}
		}
	})
}

// drafting is letters about an item of each of these units.
func drafting(items ...models.Item) (asked []models.LetterDraftAsk) {
	for _, item := range items {
		asked = append(asked, models.LetterDraftAsk{Items: []models.Item{item}, LetterAsk: models.LetterAsk{Kind: models.LetterNotice, Title: "督办", Body: "请办理。"}})
	}
	return asked
}

// drafts are how many letters there are, and rows of their items.
func drafts(t *testing.T, r *modelstest.Register) (letters, items int) {
	t.Helper()
	all, _, err := r.As(r.Supervisor).Letters(models.LetterFilter{})
	if err != nil {
		t.Fatal(err)
	}
	of, err := r.As(r.Supervisor).LetterItems(all...)
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range of {
		items += len(rows)
	}
	return len(all), items
}

// Letters to several units are drafted all or none: when the third cannot be, there is
// none of the first two.
func TestLettersToSeveralUnitsAreDraftedAllOrNone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		first, second := r.RegisteredFor(r.Unit, models.OnTheSpot, "2026-02-20"), r.RegisteredFor(r.Other, models.OnTheSpot, "2026-02-20")
		closed, err := r.As(r.Supervisor).Close(r.Submitted("2026-03-20"), "属实")
		if err != nil {
			t.Fatal(err)
		}
		rows := r.Rows()
		was := rows.Now()
		for name, third := range map[string]models.LetterDraftAsk{
			"a closed item": drafting(closed)[0], "no item": {LetterAsk: drafting(first)[0].LetterAsk}, "no words": {Items: []models.Item{first}},
			"an unknown item": drafting(models.Item{ID: 4711})[0], "two units": {Items: []models.Item{first, second}, LetterAsk: drafting(first)[0].LetterAsk},
		} {
			if got, err := r.As(r.Supervisor).DraftLetters(append(drafting(first, second), third)); err == nil || got != nil {
				t.Errorf("%s: %v", name, got)
			}
			for _, line := range rows.Since(was) {
				t.Errorf("%s leaves %s", name, line)
			}
		}
		if _, err := r.As(r.Hai).DraftLetters(drafting(first)); !errors.Is(err, models.ErrForbidden) {
			t.Errorf("a head drafts: %v", err)
		}
	})
}

// Whoever presses twice has drafted once, also at the same moment; a draft that was
// taken back or signed is none, and another kind or other items are another letter.
func TestLettersPressedTwiceAreDraftedOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		first, second, third := r.RegisteredFor(r.Unit, models.OnTheSpot, "2026-02-20"), r.RegisteredFor(r.Other, models.OnTheSpot, "2026-02-20"), r.Registered("2026-02-21")
		var made [4][]models.Letter
		var wait sync.WaitGroup
		for n := range made {
			wait.Go(func() {
				var err error
				if made[n], err = r.As(r.Supervisor).DraftLetters(drafting(first, second)); err != nil {
					t.Errorf("press %d: %v", n, err)
				}
			})
		}
		wait.Wait()
		if letters, items := drafts(t, r); letters != 2 || items != 2 {
			t.Fatalf("%d letters about %d items", letters, items)
		}
		for n := range made {
			if len(made[n]) != 2 || made[n][0].ID != made[0][0].ID || made[n][1].ID != made[0][1].ID {
				t.Errorf("press %d: %v", n, made[n])
			}
		}
		again := func(want int, asked ...models.LetterDraftAsk) {
			t.Helper()
			if _, err := r.As(r.Supervisor).DraftLetters(asked); err != nil {
				t.Error(err)
			}
			if letters, _ := drafts(t, r); letters != want {
				t.Errorf("%d letters, want %d", letters, want)
			}
		}
		again(3, drafting(first, third)...)
		both := models.LetterDraftAsk{Items: []models.Item{third, first}, LetterAsk: drafting(first)[0].LetterAsk}
		again(4, both)
		again(4, models.LetterDraftAsk{Items: []models.Item{first, third}, LetterAsk: both.LetterAsk})
		both.Kind = models.LetterReminder
		again(5, both)
		if _, err := r.As(r.Supervisor).SignLetter(made[0][0]); err != nil {
			t.Fatal(err)
		}
		again(6, drafting(first)...)
	})
}
