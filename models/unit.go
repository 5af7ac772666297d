package models

import (
	"duban/models/ledger"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"
)

// Unit is an inspected unit. Code is its short ASCII name in addresses; Seq is
// its place in the organisation's order, in which units are always listed.
type Unit struct {
	ID       int64
	Name     string
	Code     string
	Seq      int
	ParentID *int64
	Demo     bool
}

// lastUnitPlace is the last place in the organisation's order. Units may share one; they
// are then in the order in which they were made.
const lastUnitPlace = 9999

// unitCodes are ASCII because Chinese in a link turns into a wall of percent signs.
var unitCodes = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,19}$`)

func (u Unit) problems() error {
	var p Problems
	nameProblem(&p, "name", u.Name)
	if !unitCodes.MatchString(u.Code) {
		p.Add("code", "unit.code.form")
	}
	if u.Seq < 0 || u.Seq > lastUnitPlace {
		p.Add("seq", "unit.seq.range", lastUnitPlace)
	}
	return p.Err()
}

// nameProblem says what is wrong with a name that people will read.
func nameProblem(p *Problems, field, name string) {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		p.Add(field, "required")
	case n > ledger.LongestName:
		p.Add(field, "too_long", ledger.LongestName, n)
	}
}

// unitProblem says when a unit that a form names is none that this person may see:
// there is none, or it is not theirs.
func (b *Board) unitProblem(p *Problems, field string, id *int64) error {
	if id == nil {
		return nil
	}
	var n int64
	err := b.units().Where("units.id = ?", *id).Count(&n).Error
	if err == nil && n == 0 {
		p.Add(field, "unit.choose")
	}
	return err
}

// SaveUnit adds a unit, or changes the one with this ID. A name or code that is
// taken is a problem of that field. Without a place, a new one comes last, and another
// stays where it is.
func (b *Board) SaveUnit(u Unit) (Unit, error) {
	u.Name, u.Code = strings.TrimSpace(u.Name), strings.ToLower(strings.TrimSpace(u.Code))
	err := b.govern(GovernUnits, func(tx *gorm.DB) (Particulars, error) {
		if err := u.problems(); err != nil {
			return nil, err
		}
		if err := alreadyTaken(tx, &Unit{}, u.ID, map[string]string{"name": u.Name, "code": u.Code}); err != nil {
			return nil, err
		}
		if u.ID == 0 {
			if u.Seq == 0 {
				last := tx.Model(&Unit{}).Where("seq < ?", lastUnitPlace).Select("COALESCE(MAX(seq), 0) + 1")
				if err := last.Scan(&u.Seq).Error; err != nil {
					return nil, err
				}
			}
			return Particulars{"unit": u.Name, "code": u.Code}, tx.Create(&u).Error
		}
		columns := []string{"name", "code", "seq"}
		if u.Seq == 0 {
			columns = columns[:2]
		}
		saved := tx.Model(&Unit{}).Where("id = ?", u.ID).Select(columns).Updates(&u)
		return Particulars{"unit": u.Name, "code": u.Code}, oneRow(saved)
	})
	return u, err
}

// alreadyTaken says which of these columns another row of the table already has.
func alreadyTaken(tx *gorm.DB, table any, id int64, columns map[string]string) error {
	var p Problems
	for column, value := range columns {
		var n int64
		if err := tx.Model(table).Where(column+" = ? AND id <> ?", value, id).Count(&n).Error; err != nil {
			return err
		}
		if n > 0 {
			p.Add(column, "taken", value)
		}
	}
	return p.Err()
}

// Units are all units this person may see, in the organisation's order.
func (b *Board) Units() ([]Unit, error) {
	seen, err := b.sight()
	if err != nil {
		return nil, err
	}
	units, err := knownTo(b, "units "+string(b.me.Role)+" "+seen.String(), func() (units []Unit, err error) {
		return units, b.units().Order("seq, id").Find(&units).Error
	})
	return slices.Clone(units), err
}

// Unit is one unit by its code, if this person may see it.
func (b *Board) Unit(code string) (Unit, error) {
	var u Unit
	return u, orNotFound(b.units().Where("code = ?", code).Take(&u).Error)
}

// units is every unit this person may see. Administrators see their names, for
// they make accounts for them.
func (b *Board) units() *gorm.DB {
	q := b.db.Model(&Unit{})
	switch {
	case b.me.Role == Supervisor:
		seen, err := b.sight()
		if err != nil {
			_ = q.AddError(err)
		}
		if ids, every := seen.units(); !every {
			return q.Where("units.id IN ?", ids)
		}
		return q
	case b.me.Role.ofUnit():
		return q.Where("units.id = ?", b.me.UnitID)
	case b.me.Role == Nobody:
		return q.Where("1 = 0")
	}
	return q
}
