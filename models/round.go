package models

import (
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Round is one inspection campaign. Code is its short name in addresses
// ("2024-1"); Year is the year its items are numbered in and the one meant by a
// deadline that names none.
type Round struct {
	ID       int64
	Code     string
	Name     string
	Year     int
	Team     string
	BeginsOn Day
	EndsOn   Day
	Demo     bool
}

// RoundUnit is a unit in a round, with the days that relative deadlines are
// counted from.
type RoundUnit struct {
	RoundID    int64 `gorm:"primaryKey;autoIncrement:false"`
	UnitID     int64 `gorm:"primaryKey;autoIncrement:false"`
	NoticeOn   Day   // 立行立改通知
	FeedbackOn Day   // 反馈
	WindowEnd  Day   // 集中整改期满
}

func (r Round) problems() error {
	var p Problems
	nameProblem(&p, "name", r.Name)
	if !unitCodes.MatchString(r.Code) {
		p.Add("code", "unit.code.form")
	}
	if r.Year < 2000 || r.Year > 2100 {
		p.Add("year", "round.year.range")
	}
	dayProblem(&p, "begins_on", r.BeginsOn)
	dayProblem(&p, "ends_on", r.EndsOn)
	if r.BeginsOn.Valid() && r.EndsOn.Valid() && r.EndsOn < r.BeginsOn {
		p.Add("ends_on", "round.ends_before")
	}
	return p.Err()
}

func (ru RoundUnit) problems() error {
	var p Problems
	dayProblem(&p, "notice_on", ru.NoticeOn)
	dayProblem(&p, "feedback_on", ru.FeedbackOn)
	dayProblem(&p, "window_end", ru.WindowEnd)
	if ru.FeedbackOn.Valid() && ru.WindowEnd.Valid() && ru.WindowEnd < ru.FeedbackOn {
		p.Add("window_end", "round.window_before_feedback")
	}
	return p.Err()
}

// dayProblem says when what was typed for a day is no day. Empty is none.
func dayProblem(p *Problems, field string, d Day) {
	if d != "" && !d.Valid() {
		p.Add(field, "day.form", string(d))
	}
}

// SaveRound adds a round, or changes the one with this ID.
func (b *Board) SaveRound(r Round) (Round, error) {
	r.Name, r.Code = strings.TrimSpace(r.Name), strings.ToLower(strings.TrimSpace(r.Code))
	err := b.govern(GovernRounds, func(tx *gorm.DB) (Particulars, error) {
		if err := r.problems(); err != nil {
			return nil, err
		}
		if err := alreadyTaken(tx, &Round{}, r.ID, map[string]string{"code": r.Code}); err != nil {
			return nil, err
		}
		if r.ID == 0 {
			return Particulars{"round": r.Code}, tx.Create(&r).Error
		}
		saved := tx.Model(&Round{}).Where("id = ?", r.ID).
			Select("code", "name", "year", "team", "begins_on", "ends_on").Updates(&r)
		return Particulars{"round": r.Code}, oneRow(saved)
	})
	return r, err
}

// SaveRoundUnit puts a unit into a round with its days, or changes the days.
// Deadlines already understood are not moved by it.
func (b *Board) SaveRoundUnit(ru RoundUnit) error {
	return b.govern(GovernRounds, func(tx *gorm.DB) (Particulars, error) {
		var p Problems
		if err := ru.problems(); err != nil {
			errors.As(err, &p)
		}
		if err := b.in(tx).unitProblem(&p, "unit", &ru.UnitID); err != nil {
			return nil, err
		}
		if p != nil {
			return nil, p
		}
		err := tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "round_id"}, {Name: "unit_id"}},
			DoUpdates: clause.AssignmentColumns([]string{"notice_on", "feedback_on", "window_end"}),
		}).Create(&ru).Error
		return Particulars{
			"notice_on": string(ru.NoticeOn), "feedback_on": string(ru.FeedbackOn), "window_end": string(ru.WindowEnd),
		}, err
	})
}

// Rounds are all rounds, the newest first.
func (b *Board) Rounds() ([]Round, error) {
	rounds, err := knownTo(b, "rounds", func() (rounds []Round, err error) {
		return rounds, b.db.Order("year DESC, id DESC").Find(&rounds).Error
	})
	return slices.Clone(rounds), err
}

// Round is one round by its code.
func (b *Board) Round(code string) (Round, error) {
	var r Round
	return r, orNotFound(b.db.Where("code = ?", code).Take(&r).Error)
}

// CurrentRound is the newest round; ErrNotFound while there is none.
func (b *Board) CurrentRound() (Round, error) {
	var r Round
	return r, orNotFound(b.db.Order("year DESC, id DESC").Limit(1).Take(&r).Error)
}

// RoundUnit is a unit's days in a round; all empty when none were given.
func (b *Board) RoundUnit(roundID, unitID int64) (RoundUnit, error) {
	ru := RoundUnit{RoundID: roundID, UnitID: unitID}
	seen, err := b.sight()
	if err != nil {
		return ru, err
	}
	if ids, every := seen.units(); !every && b.me.Role.SeesLedger() && !slices.Contains(ids, unitID) {
		return ru, ErrNotFound
	}
	err = orNotFound(b.db.Where("round_id = ? AND unit_id = ?", roundID, unitID).Take(&ru).Error)
	if err == ErrNotFound {
		return RoundUnit{RoundID: roundID, UnitID: unitID}, nil
	}
	return ru, err
}
