package models_test

import (
	"errors"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

func TestAnAmountIsReadToTheFen(t *testing.T) {
	for typed, want := range map[string]int64{"4600": 460000, "4600.5": 460050, "4600.50": 460050, " 1,260.07 ": 126007, "0.01": 1} {
		if got, ok := models.Fen(typed); !ok || got != want {
			t.Errorf("%q is %d, %v; want %d", typed, got, ok, want)
		}
	}
	for _, typed := range []string{"", ".5", "-3", "4.600", "0.46万", "1e3", "12.3.4", "99999999999999999999"} {
		if got, ok := models.Fen(typed); ok {
			t.Errorf("%q was read as %d", typed, got)
		}
	}
}

// A unit's numbers are the sums of what was recorded, and what was taken back counts
// for nothing and stays in the list.
func TestAUnitsNumbersAreTheSumOfItsRecords(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item, other := r.Registered("2026-03-09"), r.RegisteredFor(r.Other, models.OnTheSpot, "2026-03-09")
		record := func(who models.User, item models.Item, kind models.AchievementKind, n int64) models.Item {
			t.Helper()
			item, err := r.As(who).RecordAchievement(item, models.AchievementAsk{Kind: kind, N: n, Basis: "经发〔2026〕3号"})
			if err != nil {
				t.Fatal(err)
			}
			return item
		}
		item = record(r.Wu, item, models.AchievementRules, 2)
		item = record(r.Leng, item, models.AchievementMoney, 460050)
		item = record(r.Hai, item, models.AchievementMoney, 100)
		record(r.Shen, other, models.AchievementPeople, 3)
		all, err := r.As(r.Wu).Achievements(item)
		same(t, err, nil)
		item, err = r.As(r.Wu).WithdrawAchievement(item, all[0].ID, "重复登记")
		same(t, err, nil)
		_, err = r.As(r.Wu).WithdrawAchievement(item, all[0].ID, "重复登记")
		same(t, err, models.Refused{Key: "achievement.withdrawn"})

		for _, tt := range []struct {
			who                  models.User
			rules, money, people int64
			rows                 int
		}{{r.Wu, 2, 460050, 0, 2}, {r.Shen, 0, 0, 3, 1}, {r.Supervisor, 2, 460050, 3, 3}, {r.Admin, 0, 0, 0, 0}} {
			sums, rows, err := r.As(tt.who).AchievementsOf(models.Filter{})
			same(t, err, nil)
			equal(t, []int64{sums[0].N, sums[1].N, sums[2].N}, []int64{tt.rules, tt.money, tt.people})
			if len(rows) != tt.rows {
				t.Errorf("%s sees %d records, want %d", tt.who.Name, len(rows), tt.rows)
			}
		}
		if all, err = r.As(r.Wu).Achievements(item); err != nil || len(all) != 3 || all[0].WithdrawnWhy != "重复登记" {
			t.Errorf("what was taken back is gone: %v (%v)", all, err)
		}
	})
}

func TestOnlyAUnitRecordsItsOwnAchievements(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item, other := r.Registered("2026-03-09"), r.RegisteredFor(r.Other, models.OnTheSpot, "2026-03-09")
		ask := models.AchievementAsk{Kind: models.AchievementRules, N: 1, Basis: "经发〔2026〕3号"}
		for _, tt := range []struct {
			who  models.User
			item models.Item
			ask  models.AchievementAsk
			want error
		}{
			{r.Supervisor, item, ask, models.ErrForbidden},
			{r.Office, item, ask, models.ErrForbidden},
			{r.Shen, item, ask, models.ErrNotFound},
			{r.Wu, other, ask, models.ErrNotFound},
			{r.Wu, r.Submitted("2026-03-20"), ask, models.Refused{Key: "refused.record_achievement"}},
		} {
			_, err := r.As(tt.who).RecordAchievement(tt.item, tt.ask)
			same(t, err, tt.want)
		}
		for field, wrong := range map[string]models.AchievementAsk{
			"kind": {Kind: "meetings", N: 1, Basis: "x"}, "n": {Kind: models.AchievementPeople, N: 0, Basis: "x"}, "basis": {Kind: models.AchievementRules, N: 1},
		} {
			var p models.Problems
			if _, err := r.As(r.Wu).RecordAchievement(item, wrong); !errors.As(err, &p) || p.Of(field) == nil {
				t.Errorf("%s: %v", field, err)
			}
		}
		// One of another item is not found through this one.
		made, err := r.As(r.Shen).RecordAchievement(other, ask)
		same(t, err, nil)
		all, err := r.As(r.Shen).Achievements(made)
		same(t, err, nil)
		_, err = r.As(r.Wu).WithdrawAchievement(item, all[0].ID, "重复登记")
		same(t, err, models.ErrNotFound)
	})
}
