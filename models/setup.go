package models

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// storeSetting is a word the register keeps about itself.
type storeSetting struct {
	Name  string `gorm:"primaryKey"`
	Value string
}

// TableName is what its table was made as.
func (storeSetting) TableName() string { return "settings" }

const setupCodes = "setup_code:"

// NeedsSetUp says whether nobody has an account yet.
func (s *Store) NeedsSetUp(ctx context.Context) (bool, error) {
	var n int64
	err := s.db.WithContext(ctx).Model(&User{}).Limit(1).Count(&n).Error
	return n == 0, err
}

// SetupCode makes a one-time code for the set-up page and returns it to be
// printed at start. Only its hash is kept. It serves until the first account
// exists.
func (s *Store) SetupCode(ctx context.Context) (string, error) {
	code := rand.Text()[:16]
	err := s.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).
		Create(&storeSetting{setupCodes + hashToken(code), s.Now().UTC().Format(time.RFC3339)}).Error
	return code, err
}

// SetUp makes the first administrator, for who has the code. It works once, and
// never when an account exists.
func (s *Store) SetUp(ctx context.Context, code string, u User, password string) (User, error) {
	u.Name, u.FullName, u.Email = strings.ToLower(strings.TrimSpace(u.Name)), strings.TrimSpace(u.FullName), strings.TrimSpace(u.Email)
	u.Role, u.UnitID = SysAdmin, nil
	var p Problems
	if err := u.problems(); err != nil {
		errors.As(err, &p)
	}
	passwordProblem(&p, password, u)
	var n int64
	known := s.db.WithContext(ctx).Model(&storeSetting{}).Where("name = ?", setupCodes+hashToken(strings.ToUpper(strings.TrimSpace(code)))).Count(&n)
	if known.Error != nil {
		return User{}, known.Error
	}
	if n == 0 {
		p.Add("code", "setup.code.wrong")
	}
	if p != nil {
		return User{}, p
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return User{}, err
	}
	u.Password, u.CreatedAt = hash, s.Now().UTC().Truncate(time.Second)
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		// Taking the code away decides who is first when two try at once.
		taken := tx.Where("name = ?", setupCodes+hashToken(strings.ToUpper(strings.TrimSpace(code)))).Delete(&storeSetting{})
		if taken.Error != nil {
			return taken.Error
		}
		var users int64
		if err := tx.Model(&User{}).Count(&users).Error; err != nil {
			return err
		}
		if users > 0 || taken.RowsAffected == 0 {
			return Refused{Key: "setup.done"}
		}
		if err := tx.Where("name LIKE ?", setupCodes+"%").Delete(&storeSetting{}).Error; err != nil {
			return err
		}
		b, deed := s.Board(ctx, u).in(tx).doing()
		if err := b.db.Create(&u).Error; err != nil {
			return err
		}
		b.me = u
		return b.inscribeDeed("set_up", deed, Particulars{"user": u.Name})
	})
	return u, err
}

// FirstSteps are what a register still lacks before a ledger can be worked with, as those
// who keep it read them on the empty board.
type FirstSteps struct {
	Rounds    int
	Units     int
	Undated   int // units of the newest round without a feedback or notice day
	Unstaffed []Unit
}

// FirstSteps are they; nothing is missing once all are 0 but the first two.
func (b *Board) FirstSteps() (f FirstSteps, err error) {
	if !b.MayGovern(GovernRounds) {
		return f, ErrForbidden
	}
	rounds, err := b.Rounds()
	if err != nil {
		return f, err
	}
	units, err := b.Units()
	if err != nil {
		return f, err
	}
	f.Rounds, f.Units = len(rounds), len(units)
	if f.Rounds > 0 {
		var dated []int64
		err := b.db.Model(&RoundUnit{}).Where("round_id = ? AND (feedback_on <> '' OR notice_on <> '')", rounds[0].ID).Pluck("unit_id", &dated).Error
		if err != nil {
			return f, err
		}
		f.Undated = f.Units - len(dated)
	}
	var staffed []int64
	if err := b.db.Model(&User{}).Distinct("unit_id").Where("unit_id IS NOT NULL AND disabled = ?", false).Pluck("unit_id", &staffed).Error; err != nil {
		return f, err
	}
	for _, u := range units {
		if !slices.Contains(staffed, u.ID) {
			f.Unstaffed = append(f.Unstaffed, u)
		}
	}
	return f, nil
}
