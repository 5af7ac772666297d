package models

import (
	"context"
	"duban/models/deadline"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// RuleChange is one version of the rules: what they became, by whom, when and
// why. The first is the preset, which the program itself wrote when the register
// was opened, so that a newer program with other presets changes no place's rules
// by being started.
type RuleChange struct {
	Version int   `gorm:"primaryKey;autoIncrement:false"`
	Rules   Rules `gorm:"serializer:json"`
	ByID    int64
	At      time.Time
	Why     string
}

// TableName says that a change is a row of rules.
func (RuleChange) TableName() string { return "rules" }

// rulesFor is how long the rules are believed before the database is asked
// whether another replica changed them. Asking reads one number.
const rulesFor = time.Second

// rulesKept are the rules as this process last read them.
type rulesKept struct {
	rules Rules
	asked time.Time
}

// rulesNow are the rules of the place, at most rulesFor old. When the database
// does not answer they are the last ones known: whatever is to be done with them
// will say that it does not.
func (s *Store) rulesNow(ctx context.Context) Rules {
	kept := s.rules.Load()
	if time.Since(kept.asked) < rulesFor || !s.asking.TryLock() {
		return kept.rules
	}
	defer s.asking.Unlock()
	if err := s.askRules(ctx); err != nil {
		return kept.rules
	}
	return s.rules.Load().rules
}

// askRules reads the rules anew if their version is another than the one kept.
func (s *Store) askRules(ctx context.Context) error {
	db, asked := s.db.WithContext(ctx), time.Now()
	var newest int
	if err := db.Model(&RuleChange{}).Select("COALESCE(MAX(version), 0)").Scan(&newest).Error; err != nil {
		return err
	}
	kept := s.rules.Load()
	if kept != nil && kept.rules.Version == newest {
		s.rules.Store(&rulesKept{kept.rules, asked})
		return nil
	}
	rules, err := rulesOf(db)
	if err == nil {
		s.rules.Store(&rulesKept{rules, asked})
	}
	return err
}

// rulesOf are the newest rules in the database.
func rulesOf(db *gorm.DB) (Rules, error) {
	var change RuleChange
	if err := orNotFound(db.Order("version DESC").Limit(1).Take(&change).Error); err != nil {
		return Rules{}, err
	}
	change.Rules.Version = change.Version
	return change.Rules, nil
}

// layRules writes the preset as the first version, unless there is one.
func (s *Store) layRules(ctx context.Context) error {
	first := RuleChange{Version: 1, Rules: Preset(), At: s.Now().UTC().Truncate(time.Second)}
	if err := s.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&first).Error; err != nil {
		return err
	}
	return s.askRules(ctx)
}

// Rules are the rules of the place, as they were when the board was made.
func (b *Board) Rules() Rules { return b.rules }

// ChangeRules makes these the rules of the place from now on, and says why in the
// trail and in the list of changes. They carry the version they were drawn from:
// ErrStale when somebody changed the rules since.
func (b *Board) ChangeRules(to Rules, why string) error {
	why = strings.TrimSpace(why)
	err := b.govern(GovernRules, func(tx *gorm.DB) (Particulars, error) {
		var p Problems
		to.check(&p)
		textProblem(&p, "why", why, longestResult)
		if p != nil {
			return nil, p
		}
		was, err := rulesOf(tx)
		if err != nil {
			return nil, err
		}
		if was.Version != to.Version {
			return nil, ErrStale
		}
		differences := RuleDifferences(was, to)
		if len(differences) == 0 {
			return nil, Refused{Key: "rules.same"}
		}
		particulars := Particulars{"why": why, "version": itoa(was.Version + 1)}
		for _, d := range differences {
			particulars["from."+d.Field.Name()] = d.From
			particulars["to."+d.Field.Name()] = d.To
		}
		change := RuleChange{Version: was.Version + 1, Rules: to, ByID: b.me.ID, At: b.now, Why: why}
		err = tx.Create(&change).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return nil, ErrStale // two at once, and the other was first
		}
		return particulars, err
	})
	if err == nil || errors.Is(err, ErrStale) {
		err = errors.Join(err, b.store.askRules(b.db.Statement.Context))
	}
	return err
}

// RuleEffect is one figure of the ledger that other rules would change: of one
// tier, or of all where Tier is empty.
type RuleEffect struct {
	Tier   Tier
	Figure string // soon, idle, review_late, severe, verified, or age with its bucket
	Age    Age
	From   int
	To     int
}

// RuleEffects is what these rules would change in the ledger as it is today. The
// figures are those of the pages: the same Tally, told other rules. Within a tier
// each follows from one number, so that a difference of two figures is so many
// items and not a balance of some against others; but for the buckets of days
// overdue, which are given as they were and as they would be.
func (b *Board) RuleEffects(to Rules) ([]RuleEffect, error) {
	before, err := b.Tally(Filter{})
	if err != nil {
		return nil, err
	}
	candidate := *b
	candidate.rules = to
	after, err := candidate.Tally(Filter{})
	if err != nil {
		return nil, err
	}
	var effects []RuleEffect
	add := func(e RuleEffect) {
		if e.From != e.To {
			effects = append(effects, e)
		}
	}
	for _, t := range deadline.Tiers() {
		add(RuleEffect{Tier: t, Figure: "soon", From: before.Tier(t).Soon(), To: after.Tier(t).Soon()})
	}
	add(RuleEffect{Figure: "review_late", From: before.ReviewLate(), To: after.ReviewLate()})
	add(RuleEffect{Figure: "idle", From: before.Idle(), To: after.Idle()})
	add(RuleEffect{Figure: "severe", From: before.Severe(), To: after.Severe()})
	if b.rules.AgeEnds != to.AgeEnds {
		for n, age := range to.Ages() {
			effects = append(effects, RuleEffect{Figure: "age", Age: age, From: before.Age(n).N(), To: after.Age(n).N()})
		}
	}
	reviewed, err := b.otherwiseVerified(to)
	add(RuleEffect{Figure: "verified", To: reviewed})
	return effects, err
}

// otherwiseVerified is how many items under review would be for others to verify.
func (b *Board) otherwiseVerified(to Rules) (int, error) {
	var categories []struct {
		Category string
		N        int
	}
	err := b.where(Filter{Statuses: []Status{Submitted}}).Select("items.category, COUNT(*) AS n").Group("items.category").Scan(&categories).Error
	n := 0
	for _, c := range categories {
		if b.rules.VerifiedBy(c.Category) != to.VerifiedBy(c.Category) {
			n += c.N
		}
	}
	return n, err
}

// RuleChanges are all versions of the rules, the newest first.
func (b *Board) RuleChanges() ([]RuleChange, error) {
	var changes []RuleChange
	err := b.db.Order("version DESC").Find(&changes).Error
	for n := range changes {
		changes[n].Rules.Version = changes[n].Version
	}
	return changes, err
}
