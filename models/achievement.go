package models

import (
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// AchievementKind is what a rectification has brought about, in numbers that are reported
// upwards.
type AchievementKind string

// What is counted: rules made, money recovered, people held to account. 整改进展统计表
// has these three columns (domain.md 1.7; ux.md 2.9).
const (
	AchievementRules  AchievementKind = "rules"  // 制度, in documents
	AchievementMoney  AchievementKind = "money"  // 挽回、清退, in yuan
	AchievementPeople AchievementKind = "people" // 追责问责, in people
)

// AchievementKinds are all of them, in the order reports have them.
func AchievementKinds() []AchievementKind {
	return []AchievementKind{AchievementRules, AchievementMoney, AchievementPeople}
}

// mostAchievement is how much of each one record may say: more is a slip of the hand.
var mostAchievement = map[AchievementKind]int64{AchievementRules: 200, AchievementMoney: 100_000_000_000, AchievementPeople: 1000}

// Achievement is one such number of an item, with what it rests on: the document, the
// voucher, the decision. It is added, and taken back with a reason, never changed. Of
// money N is in fen, for a sum of roundings is no sum.
type Achievement struct {
	ID           int64
	ItemID       int64
	Kind         AchievementKind
	N            int64
	Basis        string
	ByID         int64
	At           time.Time
	WithdrawnWhy string
	WithdrawnBy  int64
	WithdrawnAt  *time.Time
}

// Acts on achievements.
const (
	RecordAchievement   Act = "record_achievement"
	WithdrawAchievement Act = "withdraw_achievement"
)

// AchievementAsk is what is recorded.
type AchievementAsk struct {
	Kind  AchievementKind
	N     int64
	Basis string
}

func (a AchievementAsk) problems() error {
	var p Problems
	most, known := mostAchievement[a.Kind]
	if !known {
		p.Add("kind", "required")
	} else if a.N < 1 || a.N > most {
		p.Add("n", "achievement.n."+string(a.Kind))
	}
	textProblem(&p, "basis", a.Basis, longestLine)
	return p.Err()
}

// RecordAchievement adds a number to an item, with what it rests on.
func (b *Board) RecordAchievement(item Item, ask AchievementAsk) (Item, error) {
	ask.Basis = strings.TrimSpace(ask.Basis)
	seen := item
	return b.act(RecordAchievement, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		if err := ask.problems(); err != nil {
			return nil, err
		}
		if err := b.justAdded(seen, *item, b.in(tx).about(*item).Model(&Achievement{}).Where("kind = ? AND n = ? AND basis = ? AND withdrawn_by = 0", ask.Kind, ask.N, ask.Basis)); err != nil {
			return nil, err
		}
		o := Achievement{ItemID: item.ID, Kind: ask.Kind, N: ask.N, Basis: ask.Basis, ByID: b.me.ID, At: b.now}
		if err := tx.Create(&o).Error; err != nil {
			return nil, err
		}
		return Particulars{"achievement": itoa(int(o.ID)), "kind": string(o.Kind), "n": itoa(int(o.N)), "basis": o.Basis}, nil
	})
}

// WithdrawAchievement takes a number back, with the reason. It stays in the list.
func (b *Board) WithdrawAchievement(item Item, id int64, why string) (Item, error) {
	why = strings.TrimSpace(why)
	return b.act(WithdrawAchievement, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		if err := wordsProblem(why); err != nil {
			return nil, err
		}
		var o Achievement
		if err := orNotFound(b.in(tx).about(*item).Where("id = ?", id).Take(&o).Error); err != nil {
			return nil, err
		}
		taken := tx.Model(&Achievement{}).Where("id = ? AND item_id = ? AND withdrawn_by = 0", o.ID, item.ID).
			Updates(map[string]any{"withdrawn_why": why, "withdrawn_by": b.me.ID, "withdrawn_at": b.now})
		if taken.Error != nil {
			return nil, taken.Error
		}
		if taken.RowsAffected == 0 {
			return nil, Refused{Key: "achievement.withdrawn"}
		}
		return Particulars{"achievement": itoa(int(o.ID)), "kind": string(o.Kind), "n": itoa(int(o.N)), "words": why}, nil
	})
}

// Achievements are an item's numbers, the newest first, those taken back among them.
func (b *Board) Achievements(item Item) ([]Achievement, error) {
	var all []Achievement
	err := b.about(item).Order("id DESC").Find(&all).Error
	return all, err
}

// AchievementSum is one number of a report: the sum of what the records say, of how many
// records and items.
type AchievementSum struct {
	Kind    AchievementKind
	N       int64
	Records int
	Items   int
}

// AchievementRow is one record with its item, for the lists behind the sums.
type AchievementRow struct {
	Achievement
	Number string
	Title  string
}

// achievementsShown is how many a list shows at most.
const achievementsShown = 300

// AchievementsOf are the sums of all three kinds over the items that the filter names and
// this person sees, and the records they are made of, the newest first. What was taken
// back counts for nothing and is in neither.
func (b *Board) AchievementsOf(f Filter) ([]AchievementSum, []AchievementRow, error) {
	standing := func() *gorm.DB {
		return b.db.Model(&Achievement{}).Where("achievements.withdrawn_by = 0").Where("achievements.item_id IN (?)", b.where(f).Select("items.id"))
	}
	var found []AchievementSum
	err := standing().Select("kind, SUM(n) AS n, COUNT(*) AS records, COUNT(DISTINCT item_id) AS items").Group("kind").Scan(&found).Error
	if err != nil {
		return nil, nil, err
	}
	sums := make([]AchievementSum, 0, len(AchievementKinds()))
	for _, kind := range AchievementKinds() {
		sum := AchievementSum{Kind: kind}
		for _, one := range found {
			if one.Kind == kind {
				sum = one
			}
		}
		sums = append(sums, sum)
	}
	var rows []AchievementRow
	err = standing().Select("achievements.*, items.number, items.title").Joins("JOIN items ON items.id = achievements.item_id").
		Order("achievements.id DESC").Limit(achievementsShown).Scan(&rows).Error
	return sums, rows, err
}

// Fen reads an amount in yuan, 4600 or 4600.50, as fen.
func Fen(yuan string) (int64, bool) {
	whole, part, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(yuan), ",", ""), ".")
	if len(part) > 2 {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+(part + "00")[:2], 10, 53)
	return int64(n), err == nil && whole != ""
}
