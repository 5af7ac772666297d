package models

import (
	"context"
	"errors"
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

// askRules reads the rules anew if there is a newer version than the one kept.
func (s *Store) askRules(ctx context.Context) error {
	db, asked := s.db.WithContext(ctx), time.Now()
	var newest int
	if err := db.Model(&RuleChange{}).Select("COALESCE(MAX(version), 0)").Scan(&newest).Error; err != nil {
		return err
	}
	kept := s.rules.Load()
	if kept != nil && kept.rules.Version >= newest {
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
	if err := known(db.Order("version DESC").Limit(1).Take(&change).Error); err != nil {
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
	err := b.govern(GovernRules, func(tx *gorm.DB) (Particulars, error) {
		var p Problems
		if err := to.problems(); err != nil {
			errors.As(err, &p)
		}
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
	if err != nil {
		return err
	}
	return b.store.askRules(b.db.Statement.Context)
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
