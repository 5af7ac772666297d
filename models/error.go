package models

import (
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// What a caller can be told. Anything else is a fault of ours: it is logged in
// full and shown to nobody.
var (
	ErrNotFound  = errors.New("not found")         // also: not yours to see
	ErrForbidden = errors.New("forbidden")         // yours to see, not yours to do
	ErrStale     = errors.New("changed meanwhile") // someone else changed it first
	ErrBusy      = errors.New("busy")              // too many at once; try again shortly
)

// Refused says that the register's own rules forbid this now. Key names the
// sentence in views/text; models never speaks a human language.
type Refused struct {
	Key  string
	Args []any
}

func (r Refused) Error() string {
	return strings.TrimSpace("refused: " + r.Key + " " + fmt.Sprint(r.Args...))
}

// Problems is what is wrong with a form, field by field, all at once.
type Problems []Problem

// Problem names the field and, by its key, the sentence that says what to do.
type Problem struct {
	Field string
	Key   string
	Args  []any
}

// Add notes one more thing that is wrong.
func (p *Problems) Add(field, key string, args ...any) {
	*p = append(*p, Problem{field, key, args})
}

// Of is what is wrong with one field, nil when it is right.
func (p Problems) Of(field string) *Problem {
	for i := range p {
		if p[i].Field == field {
			return &p[i]
		}
	}
	return nil
}

// Err is the problems as an error, nil when there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

func (p Problems) Error() string {
	var words []string
	for _, one := range p {
		words = append(words, one.Field+": "+one.Key)
	}
	return "problems: " + strings.Join(words, ", ")
}

// orNotFound turns GORM's word for "no such row" into ours.
func orNotFound(err error) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return ErrNotFound
	}
	return err
}

// oneRow is the error of an update that must have changed one row.
func oneRow(saved *gorm.DB) error {
	if saved.Error != nil {
		return saved.Error
	}
	if saved.RowsAffected != 1 {
		return ErrNotFound
	}
	return nil
}
