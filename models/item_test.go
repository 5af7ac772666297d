package models_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

func TestItemsAreNumberedInTheirTierAndYear(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		var numbers []string
		for _, tier := range []models.Tier{models.PostFeedback, models.Immediate, models.PostFeedback, models.OnTheSpot} {
			numbers = append(numbers, r.RegisteredFor(r.Unit, tier, "2026-03-09").Number)
		}
		if want := []string{"FK-2026-001", "JZ-2026-001", "FK-2026-002", "LX-2026-001"}; !slices.Equal(numbers, want) {
			t.Errorf("got %v, want %v", numbers, want)
		}
	})
}

func TestTwoImportsAtOnceNeverShareANumber(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		var wg sync.WaitGroup
		for n := range 8 {
			wg.Go(func() {
				var news []models.NewItem
				for k := range 5 {
					news = append(news, models.NewItem{Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID,
						LedgerNo: fmt.Sprint(n, "-", k), Problem: "问题"})
				}
				if _, err := r.As(r.Office).Register(news...); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		cards, err := r.As(r.Office).List(models.Filter{Size: 50, Sort: "number"})
		if err != nil || len(cards) != 40 || cards[39].Number != "FK-2026-040" {
			t.Errorf("%d items, %v", len(cards), err)
		}
	})
}

func TestAnItemsDate(t *testing.T) {
	dated := func(days ...models.Day) (m []models.Measure) {
		for _, d := range days {
			m = append(m, models.Measure{Text: "措施", DueOn: d})
		}
		return m
	}
	tests := map[string]struct {
		news     models.NewItem
		due      models.Day
		standing bool
		review   models.Day
	}{
		"is its own":                  {models.NewItem{DueOn: "2026-05-01", Measures: dated("2026-04-01")}, "2026-05-01", false, ""},
		"else its last measure's":     {models.NewItem{Measures: dated("2026-04-01", "2026-06-01", "2026-05-01")}, "2026-06-01", false, ""},
		"is open while one is asked":  {models.NewItem{Measures: dated("2026-04-01", "")}, "", false, ""},
		"stands beside the date":      {models.NewItem{Measures: []models.Measure{{Text: "措施", DueOn: "2026-12-31", Standing: true}}}, "2026-12-31", true, "2027-03-31"},
		"standing alone is looked at": {models.NewItem{Measures: []models.Measure{{Text: "措施", Standing: true}}}, "", true, "2026-06-02"},
		"standing beside a dated one": {models.NewItem{Measures: []models.Measure{{Text: "一", DueOn: "2026-04-01"}, {Text: "二", Standing: true}}}, "2026-04-01", true, "2026-07-01"},
		"is none without measures":    {models.NewItem{}, "", false, ""},
	}
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for name, tt := range tests {
			tt.news.Tier, tt.news.RoundID, tt.news.UnitID, tt.news.Problem = models.PostFeedback, r.Round.ID, r.Unit.ID, "问题"
			items, err := r.As(r.Office).Register(tt.news)
			if err != nil {
				t.Fatal(err)
			}
			got := r.Read(items[0])
			if got.DueOn != tt.due || got.FirstDueOn != tt.due || got.Standing != tt.standing || got.ReviewOn != tt.review {
				t.Errorf("%s: due %q first %q standing %v review %q", name, got.DueOn, got.FirstDueOn, got.Standing, got.ReviewOn)
			}
		}
	})
}

func TestAUnitRegistersOnlyItsOwn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		own := models.NewItem{Tier: models.Immediate, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "自查问题"}
		for _, tt := range []struct {
			by   models.User
			want error
		}{{r.Office, nil}, {r.Wu, nil}, {r.Shen, models.ErrForbidden}, {r.Supervisor, models.ErrForbidden}, {r.Admin, models.ErrForbidden}, {models.User{}, models.ErrForbidden}} {
			_, err := r.As(tt.by).Register(own)
			same(t, err, tt.want)
		}
		_, err := r.As(r.Office).Register(models.NewItem{RoundID: r.Round.ID, UnitID: r.Unit.ID, DueOn: "2026-02-30"})
		same(t, err, problemOf("problem", "tier", "due_on"))
	})
}

func TestSearchFindsTwoCharacters(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		_, err := r.As(r.Office).Register(
			models.NewItem{Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "奖补资金拨付不及时", Leader: "陈某"},
			models.NewItem{Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "培训费 100% 超标_报销", Measures: []models.Measure{{Text: "逐笔核实 ABC", Owners: []string{"综合处"}}}},
		)
		if err != nil {
			t.Fatal(err)
		}
		for words, want := range map[string]int64{"奖补": 1, "补资": 1, "核实": 1, "综合": 1, "陈某": 1, "fk-2026-001": 1, "abc": 1, "资金 拨付": 1, "资金 培训": 0,
			"100%": 1, "0%0": 0, "标_报": 1, "标报": 0, "_": 1, "没有": 0, `\`: 0} {
			if n, err := r.As(r.Wu).Count(models.Filter{Query: words}); err != nil || n != want {
				t.Errorf("%q finds %d, %v; want %d", words, n, err, want)
			}
		}
	})
}

func TestNeighboursAreThoseOfTheListOneCameFrom(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		late, soon, later := r.Registered("2026-02-20"), r.Registered("2026-03-05"), r.Registered("2026-08-05")
		before, after, place, of, err := r.As(r.Wu).Neighbours(models.Filter{}, soon)
		if err != nil || before != late.Number || after != later.Number || place != 2 || of != 3 {
			t.Errorf("%s %s %d/%d %v", before, after, place, of, err)
		}
		_, after, place, of, err = r.As(r.Wu).Neighbours(parse(t, "light=overdue", "2026-03-02"), late)
		if err != nil || after != "" || place != 1 || of != 1 {
			t.Errorf("%s %d/%d %v", after, place, of, err)
		}
	})
}
