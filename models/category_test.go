package models_test

import (
	"errors"
	"fmt"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// alikeCategories are words as people type them, each with the categories, as ledgers
// have them, in which it is, and with some in which it is not.
var alikeCategories = []struct {
	word      string
	in, notIn []string
}{
	{"Ⅱ类", []string{"Ⅱ类问题", "ⅱ类问题", "II类问题", "ＩＩ类问题"}, []string{"Ⅰ类问题", "Ⅲ类问题", "I类问题", "III类问题"}},
	{"i类", []string{"Ⅰ类问题", "I类问题"}, []string{"Ⅱ类问题", "II类问题", "Ⅻ类问题"}},
	{"xii类", []string{"Ⅻ类问题", "ⅻ类问题", "XII类问题"}, []string{"Ⅱ类问题", "Ⅹ类问题", "Ⅰ类问题"}},
	{"Ａ类", []string{"A类", "ａ类", "重点A类事项"}, []string{"B类", "АБ类"}},
	{"it建设", []string{"IT建设", "ＩＴ建设", "Ｉｔ建设"}, []string{"建设"}},
	{"σ类", []string{"Σ类", "ς类", "σ类"}, []string{"Ω类", "S类"}},
	{"Ω专项", []string{"ω专项", "Ω专项", "Ω专项"}, []string{"O专项"}},
	{"八项规定", []string{"落实中央八项规定精神方面"}, []string{"选人用人", ""}},
}

// Who sees an item, and whose word it waits for, is the same whoever is asked: one item,
// the list, the figure, the page and the queue, on both databases.
func TestAWordOfACategoryIsFoundHoweverItIsWritten(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		var items []models.Item
		for _, alike := range alikeCategories {
			for _, category := range append(append([]string{}, alike.in...), alike.notIn...) {
				items = append(items, handedIn(t, r, category))
			}
		}
		for _, alike := range alikeCategories {
			in := map[string]bool{}
			for _, category := range alike.in {
				in[category] = true
			}
			for _, category := range append(append([]string{}, alike.in...), alike.notIn...) {
				if got := (models.Scopes{{Category: alike.word}}).Cover(r.Unit.ID, category); got != in[category] {
					t.Errorf("%q in %q: %v, want %v", alike.word, category, got, in[category])
				}
			}
			for name, scopes := range map[string]models.Scopes{
				"everywhere":          {{Category: alike.word}},
				"in the unit":         {{Category: alike.word, UnitID: &r.Unit.ID}},
				"and another's whole": {{Category: alike.word}, {UnitID: &r.Other.ID}},
			} {
				same(t, r.As(r.Office).Assign(r.Supervisor, scopes), nil)
				seen := alikeEverywhere(t, r, items, fmt.Sprintf("%s %s", alike.word, name), models.Filter{}, func(i models.Item) bool { return scopes.Cover(i.UnitID, i.Category) })
				if seen < len(alike.in) {
					t.Errorf("%q %s: %d items are seen, want %d at least", alike.word, name, seen, len(alike.in))
				}
			}
			same(t, r.As(r.Office).Assign(r.Supervisor, nil), nil)

			for _, verifiers := range [][]models.VerifierRule{
				{{Category: alike.word, By: models.ByDangqun}},
				{{Category: alike.word, By: models.ByJiwei}, {Category: "类", By: models.ByDangqun}},
			} {
				rules := r.As(r.Office).Rules()
				rules.Verifiers, rules.VerifyElse = verifiers, models.ByJiwei
				same(t, r.As(r.Office).ChangeRules(rules, "换一个说法"), nil)
				alikeEverywhere(t, r, items, fmt.Sprintf("the queue of %v", verifiers), models.Filter{Mine: true}, func(i models.Item) bool {
					return rules.VerifiedBy(i.Category).Verifies(r.Supervisor.BodyCode)
				})
			}
		}
	})
}

// alikeEverywhere asks for the supervisor's items by every way there is and compares.
func alikeEverywhere(t *testing.T, r *modelstest.Register, items []models.Item, what string, f models.Filter, seen func(models.Item) bool) int {
	t.Helper()
	want := map[string]bool{}
	for _, item := range items {
		if seen(item) {
			want[item.Number] = true
		}
	}
	b := r.As(r.Supervisor)
	f.Size = models.PageSizes[len(models.PageSizes)-1]
	cards, err := b.List(f)
	same(t, err, nil)
	for _, c := range cards {
		if !want[c.Number] {
			t.Errorf("%s: %q is listed", what, c.Category)
		}
	}
	counted, err := b.Count(f)
	same(t, err, nil)
	figure := 0
	if f.Mine {
		figure, _, err = b.Mine()
	} else {
		var tally models.Tally
		tally, err = b.Tally(f)
		figure = tally.N()
	}
	same(t, err, nil)
	if len(cards) != len(want) || int(counted) != len(want) || figure != len(want) {
		t.Errorf("%s: %d are listed, %d counted, and the figure is %d; want %d", what, len(cards), counted, figure, len(want))
	}
	if f.Mine {
		return len(want)
	}
	for _, item := range items {
		if _, err := b.Item(item.Number); (err == nil) != want[item.Number] || err != nil && !errors.Is(err, models.ErrNotFound) {
			t.Errorf("%s: %q has the page %v", what, item.Category, err)
		}
	}
	return len(want)
}
