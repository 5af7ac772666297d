package models_test

import (
	"errors"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

func TestAStandingItemIsLookedAtAgainUntilItIsEnded(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		item, err := r.As(r.Supervisor).SetStanding(item, "")
		if err != nil || !item.Standing || item.ReviewOn != "2026-06-02" || item.DueOn != "2026-03-20" {
			t.Fatalf("%+v, %v; want a look in three months and the date as it was", item, err)
		}
		if _, err := r.As(r.Supervisor).SetStanding(item, "2026-06-02"); refusal(err) != "standing.same" {
			t.Errorf("once more the same: %v", err)
		}
		item, err = r.As(r.Office).SetStanding(item, "2026-04-01")
		if err != nil || item.ReviewOn != "2026-04-01" {
			t.Fatalf("%s, %v", item.ReviewOn, err)
		}
		for day, due := range map[models.Day]bool{"2026-03-31": false, "2026-04-01": true, "2026-04-02": true} {
			if item.Card().ReviewDue(day) != due {
				t.Errorf("on %s due: %v", day, !due)
			}
			r.Today(day)
			n, err := r.As(r.Supervisor).Count(parse(t, "standing=due", day))
			if err != nil || (n == 1) != due {
				t.Errorf("on %s listed: %d, %v", day, n, err)
			}
		}
		r.Today("2026-04-03")
		item, err = r.As(r.Supervisor).ReviewStanding(item, "抽查 5 份，未再发生", "")
		if err != nil || item.ReviewOn != "2026-07-03" || !item.Standing {
			t.Fatalf("%s, %v", item.ReviewOn, err)
		}
		trail, err := r.As(r.Wu).Trail(item)
		if err != nil || trail[0].Act != models.ReviewStanding || trail[0].Particulars["words"] != "抽查 5 份，未再发生" || trail[0].Particulars["was"] != "2026-04-01" || trail[0].Particulars["review_on"] != "2026-07-03" {
			t.Errorf("%+v, %v", trail[0], err)
		}
		if item, err = r.As(r.Office).EndStanding(item, "制度已并入年度检查"); err != nil || item.Standing || item.ReviewOn != "" {
			t.Errorf("%+v, %v", item, err)
		}
		if _, err = r.As(r.Office).ReviewStanding(item, "再看", ""); refusal(err) != "standing.not" {
			t.Errorf("looking at what stands no longer: %v", err)
		}
	})
}

func refusal(err error) string {
	var refused models.Refused
	if errors.As(err, &refused) {
		return refused.Key
	}
	return ""
}

func TestAUnitDoesNotSayItselfWhatStands(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		for _, u := range []models.User{r.Wu, r.Leng, r.Hai, r.Principal} {
			if _, err := r.As(u).SetStanding(item, ""); !errors.Is(err, models.ErrForbidden) {
				t.Errorf("%s: %v, want ErrForbidden", u.Role, err)
			}
		}
		if _, err := r.As(r.Shen).SetStanding(item, ""); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("the stranger: %v, want ErrNotFound", err)
		}
		for name, day := range map[string]models.Day{"today": "2026-03-02", "long ago": "2025-01-01", "in forty years": "2066-01-01", "never": "2026-02-30"} {
			var problems models.Problems
			if _, err := r.As(r.Office).SetStanding(item, day); !errors.As(err, &problems) || problems.Of("review_on") == nil {
				t.Errorf("%s: %v, want a problem of the day", name, err)
			}
		}
		var problems models.Problems
		if _, err := r.As(r.Office).ReviewStanding(item, " ", "2026-03-01"); !errors.As(err, &problems) || len(problems) != 2 {
			t.Errorf("a review without words, before today: %v, want both said", err)
		}
	})
}

func TestADayOfReviewIsToldOnceAlsoAfterTheClockStood(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		open := r.Registered("2026-06-20")
		closed := r.Submitted("2026-06-20")
		closed, err := r.As(r.Supervisor).Close(closed, "属实")
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range []models.Item{open, closed, r.Registered("2026-06-20")} {
			if _, err = r.As(r.Office).SetStanding(item, "2026-04-01"); err != nil {
				t.Fatal(err)
			}
		}
		clerk := func() int {
			told, err := r.As(models.TheClerk).NoticeReviews()
			if err != nil {
				t.Fatal(err)
			}
			return told
		}
		for _, step := range []struct {
			day  models.Day
			told int
		}{{"2026-03-31", 0}, {"2026-04-05", 3}, {"2026-04-05", 0}, {"2026-04-06", 0}} {
			r.Today(step.day)
			if told := clerk(); told != step.told {
				t.Errorf("on %s told of %d, want %d", step.day, told, step.told)
			}
		}
		notices, err := r.As(r.Supervisor).Notices(20)
		told := 0
		for _, n := range notices {
			if n.Act == models.FlagReview {
				told++
			}
		}
		if err != nil || told != 3 {
			t.Errorf("the supervisor was told of %d, %v; want 3", told, err)
		}
		if _, err := r.As(r.Office).ReviewStanding(r.Read(open), "无反弹", "2026-05-06"); err != nil {
			t.Fatalf("a page drawn before the clock spoke: %v", err)
		}
		r.Today("2026-05-06")
		if told := clerk(); told != 1 {
			t.Errorf("on the next day of review told of %d, want 1", told)
		}
	})
}

// What stands without a date follows the day of its next look, in its light, in lists and
// in figures: before it, on it and after it; it is never overdue, nor among what has no
// date, and counts as not closed.
func TestAStandingItemFollowsItsDayOfReview(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item, err := r.As(r.Office).SetStanding(r.Registered(""), "2026-04-01")
		same(t, err, nil)
		_ = r.Registered("")
		for day, light := range map[models.Day]models.Light{"2026-03-31": models.LightStanding, "2026-04-01": models.LightLook, "2026-04-02": models.LightLook} {
			r.Today(day)
			b := r.As(r.Supervisor)
			if got := item.Card().Light(day, b.Rules()); got != light {
				t.Errorf("on %s: %s, want %s", day, got, light)
			}
			for of, count := range map[string]func(models.Filter) (models.Tally, error){"the census": b.Tally, "the database": b.TallyOfTheDatabase} {
				tally, err := count(models.Filter{})
				look, standing := 0, 1
				if light == models.LightLook {
					look, standing = 1, 0
				}
				if err != nil || tally.Look() != look || tally.Standing() != standing || tally.Undated() != 1 || tally.Overdue() != 0 || tally.NotClosed() != 2 || tally.N() != 2 {
					t.Errorf("on %s %s says %+v, %v", day, of, tally.Cells, err)
				}
			}
			cards, err := b.List(models.Filter{Lights: []models.Light{light}})
			if err != nil || len(cards) != 1 || cards[0].ID != item.ID {
				t.Errorf("on %s listed: %+v, %v", day, cards, err)
			}
		}
		if _, err := r.As(r.Supervisor).ReviewStanding(r.Read(item), "未再发生", "2026-07-01"); err != nil {
			t.Fatal(err)
		}
		if light := r.Read(item).Card().Light("2026-04-02", r.As(r.Office).Rules()); light != models.LightStanding {
			t.Errorf("looked at: %s", light)
		}
	})
}
