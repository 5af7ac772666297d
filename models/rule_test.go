package models_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"duban/models"
	"duban/models/day"
	"duban/models/deadline"
	"duban/models/modelstest"
)

// written is a form filled in with the rules as they are, but for these fields.
func written(rules models.Rules, but map[string]string) func(string) string {
	values := map[string]string{}
	for _, f := range models.RuleFields() {
		values[f.Name()] = f.Of(rules)
	}
	for name, value := range but {
		if _, ok := values[name]; !ok {
			panic("no rule " + name)
		}
		values[name] = value
	}
	return func(name string) string { return values[name] }
}

func TestThePresetStandsUntilSomebodyChangesIt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		b := r.As(r.Wu)
		want := models.Preset()
		want.Version = 1
		if !reflect.DeepEqual(b.Rules(), want) {
			t.Errorf("got %+v", b.Rules())
		}
		changes, err := b.RuleChanges()
		if err != nil || len(changes) != 1 || changes[0].ByID != 0 {
			t.Errorf("%+v, %v; want one version, the program's", changes, err)
		}
	})
}

func TestAFormOfTheRulesGivesTheRulesBack(t *testing.T) {
	rules := models.Preset()
	read, err := models.ReadRules(models.Rules{}, written(rules, nil))
	if err != nil || !reflect.DeepEqual(read, rules) {
		t.Errorf("%+v, %v", read, err)
	}
	if d := models.RuleDifferences(rules, read); d != nil {
		t.Errorf("differs in %v", d)
	}
}

// Each rule has a line in the table of fields: a change of any of them is seen.
func TestEveryRuleHasAField(t *testing.T) {
	rules := models.Preset()
	var fields func(v reflect.Value, path string)
	fields = func(v reflect.Value, path string) {
		for n := range v.NumField() {
			name, f := v.Type().Field(n).Name, v.Field(n)
			switch {
			case name == "Version":
				continue
			case f.Kind() == reflect.Struct:
				fields(f, path+name+".")
				continue
			}
			kept := reflect.New(f.Type()).Elem()
			kept.Set(f)
			switch f.Kind() {
			case reflect.Int:
				f.SetInt(f.Int() + 1)
			case reflect.String:
				f.SetString(f.String() + "x")
			case reflect.Slice:
				f.Set(reflect.Append(f, reflect.Zero(f.Type().Elem())))
			case reflect.Array:
				f.Index(0).SetInt(f.Index(0).Int() + 1)
			default:
				t.Fatalf("%s%s: say how a %s is changed", path, name, f.Kind())
			}
			if d := models.RuleDifferences(models.Preset(), rules); len(d) != 1 {
				t.Errorf("%s%s: %d fields see it change, want 1", path, name, len(d))
			}
			f.Set(kept)
		}
	}
	fields(reflect.ValueOf(&rules).Elem(), "")
}

func TestWhatIsWrongWithARuleIsSaidAtIt(t *testing.T) {
	tests := map[string]struct {
		but  map[string]string
		want []string // field key
	}{
		"nothing":                       {nil, nil},
		"no number":                     {map[string]string{"review_days": "five"}, []string{"review_days rule.number"}},
		"beyond all reason":             {map[string]string{"fk.soon": "91", "idle_days": "0"}, []string{"fk.soon rule.number", "idle_days rule.number"}},
		"a term of no unit":             {map[string]string{"jz.unit": "fortnights"}, []string{"jz.unit required"}},
		"counted from nothing":          {map[string]string{"lx.from": ""}, []string{"lx.from required"}},
		"reminders that rise":           {map[string]string{"fk.reminders": "3,10"}, []string{"fk.reminders rule.falling"}},
		"one reminder twice":            {map[string]string{"fk.reminders": "10,10"}, []string{"fk.reminders rule.falling"}},
		"no reminder":                   {map[string]string{"fk.reminders": ""}, []string{"fk.reminders rule.numbers"}},
		"as people type lists":          {map[string]string{"fk.reminders": "３０、15，3"}, nil},
		"two ages":                      {map[string]string{"age_ends": "7,30"}, []string{"age_ends rule.three_numbers"}},
		"ages that fall":                {map[string]string{"age_ends": "30,7,60"}, []string{"age_ends rule.three_numbers"}},
		"severe between two ages":       {map[string]string{"severe_days": "31"}, []string{"severe_days rule.severe_in_ages"}},
		"severe with its age":           {map[string]string{"severe_days": "45", "age_ends": "10,45,90"}, nil},
		"nobody signs":                  {map[string]string{"jz.signs": ""}, []string{"jz.signs rule.signs.order"}},
		"the head does not sign":        {map[string]string{"jz.signs": "handler,leader"}, []string{"jz.signs rule.signs.order"}},
		"the head signs first":          {map[string]string{"jz.signs": "head,leader"}, []string{"jz.signs rule.signs.order"}},
		"the office signs":              {map[string]string{"jz.signs": "office,head"}, []string{"jz.signs rule.signs.order"}},
		"verified by a stranger":        {map[string]string{"verifiers": "四风:mayor"}, []string{"verifiers rule.verifiers.form"}},
		"one word twice":                {map[string]string{"verifiers": "四风:jiwei;四风:both"}, []string{"verifiers rule.verifiers.twice"}},
		"no words at all":               {map[string]string{"verifiers": ""}, nil},
		"and all of it is said at once": {map[string]string{"jz.days": "x", "lx.days": "", "fk.days": "-1"}, []string{"jz.days rule.number", "lx.days rule.number", "fk.days rule.number"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := models.ReadRules(models.Preset(), written(models.Preset(), tt.but))
			var problems models.Problems
			if err != nil && !errors.As(err, &problems) {
				t.Fatal(err)
			}
			var got []string
			for _, p := range problems {
				got = append(got, p.Field+" "+p.Key)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// change is the rules as they are with these fields written otherwise.
func change(t *testing.T, b *models.Board, but map[string]string) models.Rules {
	t.Helper()
	rules, err := models.ReadRules(b.Rules(), written(b.Rules(), but))
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func TestARuleIsChangedByTheOfficeWithAReason(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		b := r.As(r.Office)
		to := change(t, b, map[string]string{"fk.soon": "15", "review_days": "3"})
		for _, stranger := range []models.User{r.Wu, r.Hai, r.Supervisor, r.Principal, r.Admin, {}} {
			if err := r.As(stranger).ChangeRules(to, "为何不可"); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s: %v, want ErrForbidden", stranger.Role, err)
			}
		}
		var problems models.Problems
		if err := b.ChangeRules(to, "  "); !errors.As(err, &problems) || problems.Of("why") == nil {
			t.Errorf("without a reason: %v", err)
		}
		var refused models.Refused
		if err := b.ChangeRules(b.Rules(), "一切照旧"); !errors.As(err, &refused) || refused.Key != "rules.same" {
			t.Errorf("without a change: %v", err)
		}
		if err := b.ChangeRules(to, "领导小组第 3 次会议"); err != nil {
			t.Fatal(err)
		}
		now := r.As(r.Wu).Rules()
		if now.PostFeedback.Soon != 15 || now.ReviewDays != 3 || now.Version != 2 || now.Immediate.Soon != 3 {
			t.Errorf("now %+v", now)
		}
		if err := b.ChangeRules(to, "同一张旧页面"); !errors.Is(err, models.ErrStale) {
			t.Errorf("from a page drawn before: %v, want ErrStale", err)
		}
		changes, err := b.RuleChanges()
		if err != nil || len(changes) != 2 || changes[0].ByID != r.Office.ID || changes[0].Why != "领导小组第 3 次会议" {
			t.Fatalf("%+v, %v", changes, err)
		}
		if changes[1].Rules.PostFeedback.Soon != 10 {
			t.Error("the first version was overwritten")
		}
		events, err := r.As(r.Office).GovernTrail(models.GovernRules)
		if err != nil || len(events) != 1 {
			t.Fatalf("%d events, %v; want the one change", len(events), err)
		}
		for key, want := range map[string]string{"from.fk.soon": "10", "to.fk.soon": "15", "from.review_days": "5", "to.review_days": "3", "why": "领导小组第 3 次会议", "version": "2"} {
			if got := events[0].Particulars[key]; got != want {
				t.Errorf("the event says %s is %q, want %q", key, got, want)
			}
		}
		if len(events[0].Particulars) != 6 {
			t.Errorf("the event says more than what changed: %v", events[0].Particulars)
		}
	})
}

func TestOfManyWhoChangeTheRulesAtOnceOneDoes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		var wait sync.WaitGroup
		results := make(chan error, 8)
		drawn := r.As(r.Office) // all eight have the same page before them
		for n := range 8 {
			b := r.As(r.Office)
			to := change(t, drawn, map[string]string{"idle_days": fmt.Sprint(20 + n)})
			wait.Go(func() { results <- b.ChangeRules(to, "同时修改") })
		}
		wait.Wait()
		close(results)
		done := 0
		for err := range results {
			switch {
			case err == nil:
				done++
			case !errors.Is(err, models.ErrStale):
				t.Errorf("%v, want ErrStale", err)
			}
		}
		changes, err := r.As(r.Office).RuleChanges()
		if done != 1 || err != nil || len(changes) != 2 {
			t.Errorf("%d changed them, %d versions, %v; want 1 and 2", done, len(changes), err)
		}
	})
}

func TestAnotherReplicaSeesAChangeWithinSeconds(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, url string) {
		r := modelstest.Open(t, url)
		other, err := models.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		b := r.As(r.Office)
		if err := b.ChangeRules(change(t, b, map[string]string{"idle_days": "21"}), "加密"); err != nil {
			t.Fatal(err)
		}
		if days := r.As(r.Wu).Rules().IdleDays; days != 21 {
			t.Errorf("where it was changed: %d days, want 21 at once", days)
		}
		modelstest.Await(t, "the other replica's new rules", func() bool {
			return other.Board(context.Background(), r.Wu).Rules().IdleDays == 21
		})
	})
}

// What the page foretells is what the pages then show.
func TestAChangeIsForetoldAsItComes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		today := models.Day("2026-03-02")
		r.Today("2026-01-05")
		for _, days := range []int{-70, -40, -31, -20, -10, -3, 2, 4, 8, 12, 14, 20} {
			for _, tier := range deadline.Tiers() {
				r.RegisteredFor(r.Unit, tier, today.Plus(days))
			}
		}
		for _, waited := range []int{1, 4, 6, 9, 12} {
			r.Today(today.Plus(-waited))
			r.Submitted(today.Plus(30))
		}
		r.Today(today)
		tests := map[string]struct {
			but  map[string]string
			want map[string][2]int
		}{
			"more warning after feedback": {map[string]string{"fk.soon": "14"}, map[string][2]int{"post-feedback soon": {3, 5}}},
			"one tier more, one less": {map[string]string{"fk.soon": "4", "jz.soon": "8"},
				map[string][2]int{"post-feedback soon": {3, 2}, "immediate soon": {1, 3}}},
			"a shorter review":    {map[string]string{"review_days": "2"}, map[string][2]int{" review_late": {2, 4}}},
			"longer silence":      {map[string]string{"idle_days": "60"}, map[string][2]int{" idle": {36, 0}}},
			"severe after a week": {map[string]string{"severe_days": "7"}, map[string][2]int{" severe": {9, 15}}},
			"dates of the future": {map[string]string{"fk.days": "2", "jz.unit": "days", "review_months": "6"}, map[string][2]int{}},
			"other ages": {map[string]string{"age_ends": "10,30,45"},
				map[string][2]int{" age 1-10": {3, 6}, " age 11-30": {6, 3}, " age 31-45": {6, 6}, " age 46-": {3, 3}}},
			"verified by both": {map[string]string{"verify_else": "both"}, map[string][2]int{" verified": {0, 5}}},
		}
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				b := r.As(r.Office)
				to := change(t, b, tt.but)
				effects, err := b.RuleEffects(to)
				if err != nil {
					t.Fatal(err)
				}
				got := map[string][2]int{}
				for _, e := range effects {
					key := string(e.Tier) + " " + e.Figure
					if e.Figure == "age" {
						key += " " + e.Age.String()
					}
					got[key] = [2]int{e.From, e.To}
				}
				if !reflect.DeepEqual(got, tt.want) {
					t.Errorf("foretold %v, want %v", got, tt.want)
				}
				before := b.Rules()
				if err := b.ChangeRules(to, "试行"); err != nil {
					t.Fatal(err)
				}
				tally, err := r.As(r.Office).Tally(models.Filter{})
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range effects {
					shown := map[string]int{
						"soon": tally.Tier(e.Tier).Soon(), "idle": tally.Idle(), "review_late": tally.ReviewLate(), "severe": tally.Severe(),
					}
					if n, ok := shown[e.Figure]; ok && n != e.To {
						t.Errorf("%s: foretold %d, shown %d", e.Figure, e.To, n)
					}
					if e.Figure == "age" {
						n, err := r.As(r.Office).Count(models.Filter{Overdue: &e.Age})
						if err != nil || int(n) != e.To {
							t.Errorf("age %s: foretold %d, listed %d, %v", e.Age, e.To, n, err)
						}
					}
				}
				back := before
				back.Version = r.As(r.Office).Rules().Version
				if err := r.As(r.Office).ChangeRules(back, "恢复"); err != nil {
					t.Fatal(err)
				}
			})
		}
	})
}

func TestWhoVerifiesFollowsFromTheCategory(t *testing.T) {
	rules := models.Preset()
	tests := map[string]models.VerifyBy{
		"八项规定": models.ByJiwei, "落实中央八项规定精神方面": models.ByJiwei, "选人用人": models.ByDangqun,
		"企业奖补": models.ByAny, "": models.ByAny,
	}
	for category, want := range tests {
		if got := rules.VerifiedBy(category); got != want {
			t.Errorf("%s: %s, want %s", category, got, want)
		}
	}
	for by, want := range map[models.VerifyBy]int{models.ByAny: 0, models.ByJiwei: 1, models.ByDangqun: 1, models.ByBoth: 2} {
		if got := len(by.Bodies()); got != want {
			t.Errorf("%s: %d bodies, want %d", by, got, want)
		}
	}
}

func TestADeadlineByTheRules(t *testing.T) {
	rules, calendar := models.Preset(), day.StateCouncil()
	tests := map[models.Tier][2]models.Day{
		models.Immediate:    {"2026-03-02", "2026-03-09"},
		models.OnTheSpot:    {"2026-03-02", "2026-03-16"},
		models.PostFeedback: {"2025-11-30", "2026-02-28"},
	}
	for tier, days := range tests {
		if got := rules.Of(tier).After(days[0], calendar); got != days[1] {
			t.Errorf("%s from %s: %s, want %s", tier, days[0], got, days[1])
		}
	}
}
