package models_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"reflect"
	"slices"
	"sync"
	"testing"

	"duban/models"
	"duban/models/deadline"
	"duban/models/ledger"
	"duban/models/modelstest"
)

// What is counted in memory is what the database counts, after whatever anybody did,
// for each who asks.
func TestTheCensusIsTheLedger(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		chance := rand.New(rand.NewPCG(7, 11))
		people := []models.User{r.Office, r.Supervisor, r.Wu, r.Shen, r.Admin, r.Principal}
		check := func(after string) {
			t.Helper()
			for _, who := range people {
				for _, f := range []models.Filter{{}, {Units: []string{"jfj"}}, {NotClosed: true}, {Round: "2026-1", Tiers: []models.Tier{models.OnTheSpot}}, {Statuses: []models.Status{models.Underway, models.Closed}}, {Round: "1999-1"},
					{Lights: []models.Light{models.LightOver, models.LightSoon}}, {Category: "八项规定", NotClosed: true}, {Lights: []models.Light{models.LightOK}, Units: []string{"jfj", "czj"}},
					{Leader: "副局长"}, {Leader: models.NoLeader, NotClosed: true}, {Idle: 5}, {ReviewLate: true}, {Mine: true}, {Overdue: &models.Age{From: 1, To: 7}, Units: []string{"czj"}}, {Overdue: &models.Age{From: 8}}, {ClosedFrom: "2026-03-03", ClosedTo: "2026-03-09"}, {ClosedTo: "2026-03-05"},
					{Leader: "局长", Standing: "due"}, {Kept: models.KeptInTime}, {Kept: models.KeptLate, Units: []string{"jfj"}}, {Week: "2026-W09"}, {Since: "2026-W09"}} {
					if f.Narrow() && chance.IntN(4) > 0 { // each of them now and then
						continue
					}
					got, err := r.As(who).Tally(f)
					same(t, err, nil)
					want, err := r.As(who).TallyOfTheDatabase(f)
					same(t, err, nil)
					if a, z := cellsOf(got), cellsOf(want); !slices.Equal(a, z) {
						t.Fatalf("after %s, %s, %q:\n%v\nthe database has\n%v", after, who.Name, f.Encode(), a, z)
					}
					course, err := r.As(who).Course(f)
					same(t, err, nil)
					counted, err := r.As(who).CourseOfTheDatabase(f)
					same(t, err, nil)
					if !reflect.DeepEqual(course, counted) {
						t.Fatalf("after %s, %s, %q: the course is\n%v\nthe database has\n%v", after, who.Name, f.Encode(), course, counted)
					}
					listedInOrder(t, r.As(who), f, chance)
				}
				week, _ := models.ParseFilter(url.Values{"due": {"week"}}, r.As(who).Today())
				for _, f := range []models.Filter{week, {Asked: true}, {Standing: "due"}, {Lights: []models.Light{models.LightSoon}, DueFrom: "2026-03-08", DueTo: "2026-03-08"},
					{DueFrom: "2026-02-01", DueTo: "2026-03-05", Units: []string{"jfj"}}, {DueTo: "2026-03-05", Category: "选人用人"}, {DueFrom: "2026-03-01", Statuses: []models.Status{models.Closed, models.Registered}}} {
					got, err := r.As(who).Count(f)
					same(t, err, nil)
					want, err := r.As(who).CountOfTheDatabase(f)
					same(t, err, nil)
					if got != want {
						t.Fatalf("after %s, %s, %q: %d, the database has %d", after, who.Name, f.Encode(), got, want)
					}
				}
				n, late, err := r.As(who).Mine()
				same(t, err, nil)
				for f, n := range map[string]int{"review=mine": n, "late=review&review=mine": late} {
					q, err := url.ParseQuery(f)
					same(t, err, nil)
					asked, _ := models.ParseFilter(q, r.As(who).Today())
					if listed, err := r.As(who).Count(asked); err != nil || int(listed) != n {
						t.Fatalf("after %s, %s: %d of %s, which lists %d (%v)", after, who.Name, n, f, listed, err)
					}
				}
				cards, err := r.As(who).List(models.Filter{Size: 200})
				same(t, err, nil)
				for name, of := range map[string]struct {
					words func(models.Filter, int) ([]string, error)
					word  func(models.Card) string
				}{
					"categories": {r.As(who).Categories, func(c models.Card) string { return c.Category }},
					"leaders":    {r.As(who).Leaders, func(c models.Card) string { return c.Leader }},
				} {
					got, err := of.words(models.Filter{}, 60)
					same(t, err, nil)
					seen := map[string]bool{}
					for _, c := range cards {
						seen[of.word(c)] = true
					}
					delete(seen, "")
					if want := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, want) {
						t.Fatalf("after %s, %s: %s %v, want %v", after, who.Name, name, got, want)
					}
				}
			}
		}
		check("nothing")
		var items []models.Item
		for k := range 60 {
			due := []models.Day{"2026-01-05", "2026-02-10", "2026-02-25", "2026-03-02", "2026-03-08", "2026-07-01", ""}[chance.IntN(7)]
			unit := []models.Unit{r.Unit, r.Other}[chance.IntN(2)]
			made, err := r.As(r.Office).Register(models.NewItem{Tier: deadline.Tiers()[k%3], RoundID: r.Round.ID, UnitID: unit.ID, Problem: fmt.Sprint("问题", k),
				Category: []string{"八项规定", "选人用人", ""}[k%3], Measures: []models.Measure{{Text: "整改", Leader: []string{"副局长", "局长", "副处长", ""}[k%4], DueOn: due}}})
			same(t, err, nil)
			items = append(items, made[0])
			if k%20 == 0 {
				check("registering")
			}
		}
		for k := range 120 {
			item := r.Read(items[chance.IntN(len(items))])
			what := ""
			switch chance.IntN(8) {
			case 0:
				what = "a report"
				_, _ = r.As(r.Wu).Report(item, "进展", nil)
			case 1:
				what = "a measure"
				measures, err := r.As(r.Office).Measures(item)
				same(t, err, nil)
				_, _ = r.As(r.Wu).CompleteMeasure(item, measures[0].ID, "已办结")
			case 2:
				what = "a submission"
				if item.Status.InHand() && item.UnitID == r.Unit.ID {
					r.HandedIn(item)
				}
			case 3:
				what = "a return"
				_, _ = r.As(r.Supervisor).Return(item, "evidence", "请补凭证")
				_, _ = r.As(r.Supervisor).Close(r.Read(items[chance.IntN(len(items))]), "核实无误")
			case 4:
				what = "a day"
				r.Today(r.As(r.Office).Today().Plus(1))
			case 5:
				what = "new rules"
				rules := r.As(r.Office).Rules()
				rules.IdleDays, rules.ReviewDays, rules.OnTheSpot.Soon = 3+chance.IntN(9), 1+chance.IntN(6), chance.IntN(12)
				_ = r.As(r.Office).ChangeRules(rules, "试行") // as they were, now and then
			case 6:
				what = "an extension asked for"
				_, _ = r.As(r.Hai).AskExtension(item, item.DueOn.Plus(9), "设备尚未到货，需要延期")
			case 7:
				what = "a correction"
				_, _ = r.As(r.Office).CorrectItem(item, []models.Correction{{Field: ledger.FieldCategory, To: []string{"八项规定", "选人用人", "工程"}[k%3]}, {Field: ledger.FieldLeader, To: fmt.Sprint("局长", k%4)}}, "台账有误")
				_, _ = r.As(r.Office).SetStanding(r.Read(item), r.As(r.Office).Today().Plus(2))
			}
			if k%6 == 0 {
				check(what)
			}
		}
		imported := confirmed(t, r, r.Office, "序号,问题,整改措施,责任领导,责任人,整改时限\n91,差旅费超标准报销,清退超标部分,副局长,财务处处长,2026年2月26日前\n")
		check("an import")
		same(t, r.As(r.Office).UndoImport(imported), nil)
		check("its undoing")
		same(t, r.As(r.Office).Assign(r.Supervisor, models.Scopes{{UnitID: &r.Other.ID}, {Category: "八项"}}), nil)
		check("an assignment")
	})
}

// listedInOrder compares the pages of a list, and the neighbours of one of its items, with
// the list as the database has it.
func listedInOrder(t *testing.T, b *models.Board, f models.Filter, chance *rand.Rand) {
	t.Helper()
	want, err := b.NumbersOfTheDatabase(f)
	same(t, err, nil)
	var got []string
	for f.Size, f.Page = 24, 1; ; f.Page++ {
		cards, err := b.List(f)
		same(t, err, nil)
		if len(cards) == 0 {
			break
		}
		for _, c := range cards {
			got = append(got, c.Number)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s, %q: listed\n%v\nthe database has\n%v", b.Me().Name, f.Encode(), got, want)
	}
	if len(want) == 0 {
		return
	}
	n := chance.IntN(len(want))
	item, err := b.Item(want[n])
	same(t, err, nil)
	f.Size, f.Page = 0, 0
	before, after, place, of, err := b.Neighbours(f, item)
	same(t, err, nil)
	around := append(append([]string{""}, want...), "")
	if before != around[n] || after != around[n+2] || place != n+1 || of != len(want) {
		t.Fatalf("%s, %q: %s stands between %q and %q, %d of %d; the database has %q, %q, %d of %d", b.Me().Name, f.Encode(), item.Number, before, after, place, of, around[n], around[n+2], n+1, len(want))
	}
}

func cellsOf(t models.Tally) []string {
	var cells []string
	for _, c := range t.Cells {
		cells = append(cells, fmt.Sprintf("%d %s %s %d: %d, idle %d, late %d, from %s", c.UnitID, c.Tier, c.Status, c.Case, c.N, c.Idle, c.ReviewLate, c.FirstDue))
	}
	slices.SortFunc(cells, cmp.Compare)
	return cells
}

// newOf is an item to be registered for a unit.
func newOf(r *modelstest.Register, u models.Unit) models.NewItem {
	return models.NewItem{Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: u.ID, Problem: "差旅费超标准报销", Measures: []models.Measure{{Text: "清退", DueOn: "2026-03-20"}}}
}

// Two write at once, and who was numbered first is done last: both are counted, each as
// soon as it is done, by a program that has looked in between.
func TestWhoIsNumberedFirstAndDoneLastIsCounted(t *testing.T) {
	r := modelstest.Open(t, modelstest.URL(t, "postgres")) // on SQLite one writes at a time
	counted := func() int {
		t.Helper()
		tally, err := r.As(r.Office).Tally(models.Filter{})
		same(t, err, nil)
		return tally.N()
	}
	equal(t, counted(), 0)
	for k := range 3 {
		slow := newOf(r, r.Unit)
		slow.Tier = models.Immediate // whose numbers are counted apart
		err := r.As(r.Office).RegisteredSlowly(slow, func() {
			_, err := r.As(r.Office).Register(newOf(r, r.Other))
			same(t, err, nil)
			equal(t, counted(), 3*k+1)
			_, err = r.As(r.Office).Register(newOf(r, r.Other))
			same(t, err, nil)
			equal(t, counted(), 3*k+2)
			equal(t, counted(), 3*k+2)
		})
		same(t, err, nil)
		equal(t, counted(), 3*k+3)
	}
}

// Six people of two programs write at once, a unit each: after each deed the next count
// of either program is right to the item.
func TestTwoProgramsCountWhatIsDoneInEither(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, url string) {
		r := modelstest.Open(t, url)
		other, err := models.Open(t.Context(), url)
		same(t, err, nil)
		defer other.Close()
		other.Now = r.Store.Now
		programs := []*models.Store{r.Store, other}
		var wg sync.WaitGroup
		for who := range 6 {
			code := fmt.Sprintf("u%d", who)
			unit, err := r.As(r.Admin).SaveUnit(models.Unit{Name: code, Code: code})
			same(t, err, nil)
			wg.Go(func() {
				done := 0
				for k := range 12 {
					some := []models.NewItem{newOf(r, unit)}
					for range k % 3 * 10 { // some take longer than others
						some = append(some, newOf(r, unit))
					}
					if _, err := programs[k%2].Board(context.Background(), r.Office).Register(some...); err != nil {
						t.Error(err)
						return
					}
					done += len(some)
					for n, program := range programs {
						tally, err := program.Board(context.Background(), r.Office).Tally(models.Filter{Units: []string{code}})
						if err != nil || tally.N() != done {
							t.Errorf("%s: %d registered, program %d counts %d (%v)", code, done, n, tally.N(), err)
							return
						}
					}
				}
			})
		}
		wg.Wait()
	})
}
