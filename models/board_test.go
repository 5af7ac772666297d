package models_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// same compares what a caller can be told: which refusal, which fields; never
// sentences.
func same(t *testing.T, got, want error) {
	t.Helper()
	var gotRefused, wantRefused models.Refused
	var gotProblems, wantProblems models.Problems
	switch {
	case errors.As(want, &wantRefused):
		if !errors.As(got, &gotRefused) || gotRefused.Key != wantRefused.Key {
			t.Errorf("got %v, want refusal %s", got, wantRefused.Key)
		}
	case errors.As(want, &wantProblems):
		errors.As(got, &gotProblems)
		var gotFields, wantFields []string
		for _, p := range gotProblems {
			gotFields = append(gotFields, p.Field)
		}
		for _, p := range wantProblems {
			wantFields = append(wantFields, p.Field)
		}
		if !reflect.DeepEqual(gotFields, wantFields) {
			t.Errorf("got %v, want problems of %v", got, wantFields)
		}
	default:
		if !errors.Is(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func problemOf(fields ...string) models.Problems {
	var p models.Problems
	for _, f := range fields {
		p.Add(f, "")
	}
	return p
}

// Every deed on an item, by everybody: what comes of it is this table and nothing
// else.
func TestWhoMayDoWhatToAnItem(t *testing.T) {
	deeds := map[string]struct {
		do        func(b *models.Board, item models.Item, measure int64) error
		submitted bool // the item it is tried on
		allowed   string
	}{
		"report": {func(b *models.Board, i models.Item, _ int64) error {
			_, err := b.Report(i, "已拨付 31 笔", nil)
			return err
		}, false, "wu leng hai"},
		"complete a measure": {func(b *models.Board, i models.Item, m int64) error {
			_, err := b.CompleteMeasure(i, m, "已印发")
			return err
		}, false, "wu leng hai"},
		"withdraw": {func(b *models.Board, i models.Item, _ int64) error {
			_, err := b.Withdraw(i, "材料有误")
			return err
		}, true, "leng hai"},
		"return": {func(b *models.Board, i models.Item, _ int64) error {
			_, err := b.Return(i, "evidence", "缺回单")
			return err
		}, true, "supervisor"},
		"close": {func(b *models.Board, i models.Item, _ int64) error {
			_, err := b.Close(i, "属实")
			return err
		}, true, "supervisor"},
	}
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		people := []models.User{r.Office, r.Supervisor, r.Principal, r.Admin, r.Wu, r.Leng, r.Hai, r.Shen, {}, models.TheClerk}
		for name, deed := range deeds {
			for _, person := range people {
				item := r.Registered("2026-03-09")
				if deed.submitted {
					item = r.Submitted("2026-03-09")
				}
				measures, err := r.As(r.Office).Measures(item)
				if err != nil {
					t.Fatal(err)
				}
				err = deed.do(r.As(person), item, measures[0].ID)
				want := models.ErrForbidden
				switch {
				case person.Name != "" && strings.Contains(" "+deed.allowed+" ", " "+person.Name+" "):
					want = nil
				case person.Name == "shen", person.Role == models.SysAdmin, person.Role == models.Nobody:
					want = models.ErrNotFound // not theirs to see
				}
				if !errors.Is(err, want) {
					t.Errorf("%s by %q: %v, want %v", name, person.Name, err, want)
				}
				trail, err := r.As(r.Office).Trail(item)
				if err != nil {
					t.Fatal(err)
				}
				if done := len(trail) == item.Version+1; done != (want == nil) {
					t.Errorf("%s by %q: %d events for version %d", name, person.Name, len(trail), item.Version)
				}
			}
		}
	})
}

func TestAForgedItemOpensNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		real := r.Registered("2026-03-09")
		forged := models.Item{ID: real.ID, UnitID: *r.Shen.UnitID, Version: 1, Status: models.Underway}
		shen := r.As(r.Shen)
		_, err := shen.Report(forged, "text", nil)
		same(t, err, models.ErrNotFound)
		if trail, err := shen.Trail(forged); err != nil || len(trail) != 0 {
			t.Errorf("trail: %d events, %v", len(trail), err)
		}
		if measures, err := shen.Measures(forged); err != nil || len(measures) != 0 {
			t.Errorf("measures: %d, %v", len(measures), err)
		}
		if notes, err := shen.ProgressOf(forged); err != nil || len(notes) != 0 {
			t.Errorf("progress: %d, %v", len(notes), err)
		}
		if last, err := shen.LastProgress([]models.Card{real.Card()}); err != nil || len(last) != 0 {
			t.Errorf("last progress: %v, %v", last, err)
		}
		_, err = shen.Item(real.Number)
		same(t, err, models.ErrNotFound)
		_, err = shen.Item("FK-2026-999")
		same(t, err, models.ErrNotFound)
		if units, err := shen.Units(); err != nil || len(units) != 1 || units[0].ID != *r.Shen.UnitID {
			t.Errorf("units: %v, %v", units, err)
		}
		for _, query := range []string{"", "unit=jfj", "q=企业", "light=ok", "status=open", "leader=副局长"} {
			f := parse(t, query, "2026-03-02")
			if cards, err := shen.List(f); err != nil || len(cards) != 0 {
				t.Errorf("%q lists %d, %v", query, len(cards), err)
			}
			if tally, err := shen.Tally(f); err != nil || tally.N() != 0 {
				t.Errorf("%q counts %d, %v", query, tally.N(), err)
			}
		}
	})
}

func TestAMeasureOfAnotherItemIsNotFound(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		one, other := r.Registered("2026-03-09"), r.Registered("2026-03-09")
		measures, err := r.As(r.Wu).Measures(other)
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.As(r.Wu).CompleteMeasure(one, measures[0].ID, "已印发")
		same(t, err, models.ErrNotFound)
		_, err = r.As(r.Wu).Report(one, "text", &measures[0].ID)
		same(t, err, models.ErrNotFound)
	})
}

func TestAPageLeftOpenTooLong(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-09")
		if _, err := r.As(r.Supervisor).SetStandard(item, "余额上缴"); err != nil {
			t.Fatal(err)
		}
		_, err := r.As(r.Office).SetStandard(item, "全部清退")
		same(t, err, models.ErrStale)
		// What is only put beside the rest is as good as ever.
		for _, add := range additions(item) {
			if _, err := add.do(r.As(r.Wu)); err != nil {
				t.Errorf("%s from a page drawn before: %v", add.name, err)
			}
		}
		notes, err := r.As(r.Wu).ProgressOf(item)
		if err != nil || len(notes) != 1 || notes[0].Text != "第二条" {
			t.Errorf("notes %v, %v", notes, err)
		}
	})
}

// addition is something that is only put beside the rest.
type addition struct {
	name string
	do   func(b *models.Board) (models.Item, error)
}

func additions(item models.Item) []addition {
	return []addition{
		{"progress", func(b *models.Board) (models.Item, error) { return b.Report(item, "第二条", nil) }},
		{"evidence", func(b *models.Board) (models.Item, error) {
			return b.AddEvidence(item, models.Evidence{DocNo: "经发〔2026〕9号"})
		}},
		{"an achievement", func(b *models.Board) (models.Item, error) {
			return b.RecordAchievement(item, models.AchievementAsk{Kind: models.AchievementRules, N: 1, Basis: "办法"})
		}},
	}
}

// A button pressed twice adds once, and two people who add the same add two.
func TestAnAdditionSentTwiceIsOne(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item, err := r.As(r.Leng).Report(r.Registered("2026-03-09"), "第一条", nil)
		same(t, err, nil)
		counted := func() (n [3]int) {
			notes, err := r.As(r.Wu).ProgressOf(item)
			same(t, err, nil)
			evidence, err := r.As(r.Wu).EvidenceOf(item)
			same(t, err, nil)
			achievements, err := r.As(r.Wu).Achievements(item)
			same(t, err, nil)
			return [3]int{len(notes) - 1, len(evidence), len(achievements)}
		}
		for press := range 2 {
			for _, add := range additions(item) {
				if _, err := add.do(r.As(r.Wu)); err != nil {
					t.Errorf("press %d, %s: %v", press+1, add.name, err)
				}
			}
		}
		if got := counted(); got != [3]int{1, 1, 1} {
			t.Errorf("pressed twice: %v", got)
		}
		for _, add := range additions(item) {
			if _, err := add.do(r.As(r.Leng)); err != nil {
				t.Errorf("another, %s: %v", add.name, err)
			}
		}
		if got := counted(); got != [3]int{2, 2, 2} {
			t.Errorf("two people: %v", got)
		}
	})
}

func TestFiftyUpdatesOfOneVersionAreAllKept(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-09")
		results := make(chan error)
		for n := range 50 {
			go func() {
				_, err := r.As(r.Wu).Report(item, fmt.Sprintf("同时提交 %d", n), nil)
				results <- err
			}()
		}
		for range 50 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if notes, err := r.As(r.Wu).ProgressOf(item); err != nil || len(notes) != 50 {
			t.Errorf("%d notes, %v", len(notes), err)
		}
	})
}

func TestFiftyRevisionsOfOneVersionAndOneIsKept(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-09")
		results := make(chan error)
		for n := range 50 {
			go func() {
				_, err := r.As(r.Supervisor).SetStandard(item, fmt.Sprintf("标准 %d", n))
				results <- err
			}()
		}
		kept := 0
		for range 50 {
			switch err := <-results; {
			case err == nil:
				kept++
			case !errors.Is(err, models.ErrStale):
				t.Error(err)
			}
		}
		if kept != 1 {
			t.Errorf("%d kept", kept)
		}
	})
}
