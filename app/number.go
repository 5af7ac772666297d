package app

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// Every number and every reference that a form, a query or a path brings is read here
// and nowhere else in this room.
//
// A number that was typed is answered by the rule it is for: what is no whole number is
// handed on as noNumber, which no rule takes, so that a letter, a fraction and twenty
// digits get the sentence of a number out of bounds, at the field, with all else that is
// wrong with the form. What was typed stands in the field again.
//
// A reference is the number of a row. One that is no number refers to nothing: it is
// handed on as nothing, which no row has, so that models, who look up what this person
// may see, have one answer for what is unreadable, unknown and another's.

const (
	// noNumber is outside of the bounds of every rule, and fits into every column.
	noNumber = math.MinInt32
	// nothing is the number of no row.
	nothing int64 = 0
)

// wholeNumber reads a whole number as people type it: with spaces around it, or in the
// wide digits of a Chinese keyboard. ok is false for what is none, or has more digits
// than 64 bits hold.
func wholeNumber(s string) (n int64, ok bool) {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '－':
			return '-'
		case r == '\u3000':
			return ' '
		}
		return r
	}, s)
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	return n, err == nil
}

// typedNumber is the number of a form's field; 0 for a field that was left empty, by
// which models know that none was given. A 0 that was typed is a number out of bounds:
// no form of ours has a use for one.
func typedNumber(c echo.Context, field string) int {
	typed := c.FormValue(field)
	if strings.TrimSpace(typed) == "" {
		return 0
	}
	keepTyped(c, field, typed)
	n, ok := wholeNumber(typed)
	if !ok || n == 0 || n < noNumber || n > math.MaxInt32 {
		return noNumber
	}
	return int(n)
}

// reference is the row that a text names, nothing when it is no number.
func reference(s string) int64 {
	n, ok := wholeNumber(s)
	if !ok || n < 0 {
		return nothing
	}
	return n
}

// referred is the row that a form's field must name; nothing when it was left empty.
func referred(c echo.Context, field string) int64 { return reference(c.FormValue(field)) }

// chosenRow is the row that a form's field may name: nil for one that was left empty.
func chosenRow(c echo.Context, field string) *int64 {
	if rows := chosenRows(c, field); len(rows) > 0 {
		return rows[0]
	}
	return nil
}

// chosenRows are the rows that a field names which a form has several times, one for
// each.
func chosenRows(c echo.Context, field string) []*int64 {
	var rows []*int64
	for _, value := range c.Request().Form[field] {
		row := (*int64)(nil)
		if strings.TrimSpace(value) != "" {
			id := reference(value)
			row = &id
		}
		rows = append(rows, row)
	}
	return rows
}

// unitNamed is the unit that a form names by its code, if this person may see it; a unit
// without a number when there is none.
func unitNamed(c echo.Context, b *models.Board, field string) (models.Unit, error) {
	u, err := b.Unit(c.FormValue(field))
	if errors.Is(err, models.ErrNotFound) {
		return models.Unit{}, nil
	}
	return u, err
}

// param is the row that an address names. What is no number is no address of ours.
func param(c echo.Context, name string) (int64, error) {
	if _, ok := wholeNumber(c.Param(name)); !ok {
		return nothing, models.ErrNotFound
	}
	return reference(c.Param(name)), nil
}

// seenVersion is the version of the page that a form was filled in on. What is no
// number is no page of ours: as good as one left open too long.
func seenVersion(c echo.Context) int {
	n, ok := wholeNumber(c.FormValue("version"))
	if !ok || n < 0 || n > math.MaxInt32 {
		return 0
	}
	return int(n)
}

// lastPage is farther than any list of ours reaches.
const lastPage = 100_000

// pageOf is which page of a list is asked for; the first where that cannot be read.
func pageOf(s string) int {
	n, ok := wholeNumber(s)
	if !ok || n < 1 || n > lastPage {
		return 1
	}
	return int(n)
}

const typedKey = "typed"

// keepTyped keeps a field as it was typed for the page that gives it back.
func keepTyped(c echo.Context, field, typed string) {
	kept, _ := c.Get(typedKey).(views.TypedFields)
	if kept == nil {
		kept = views.TypedFields{}
		c.Set(typedKey, kept)
	}
	kept[field] = typed
}
