package day

// Calendar knows which days are worked. A weekday is worked unless it is a
// holiday; a weekend day is not, unless it is worked to make up for one (调休). A
// year without a published table counts Monday to Friday, and Known says so.
type Calendar struct {
	Holidays map[Day]bool
	MakeUp   map[Day]bool
	Years    map[int]Year // those that are here
}

// Known says whether the year's table has been published and is here.
func (c Calendar) Known(year int) bool { _, ok := c.Years[year]; return ok }

// Doubt is why what was counted over a year may come out otherwise.
type Doubt string

// The doubts, the graver first.
const (
	NoDoubt     Doubt = ""
	Unpublished Doubt = "unpublished" // no days of that year: Monday to Friday are counted
	Unchecked   Doubt = "unchecked"   // days that nobody has held against the notice
)

// Doubt is the doubt there is about a year.
func (c Calendar) Doubt(year int) Doubt {
	switch y, known := c.Years[year]; {
	case !known:
		return Unpublished
	case !y.Checked:
		return Unchecked
	}
	return NoDoubt
}

// Doubted are the years from one day to another that there is a doubt about, in their
// order; a span that runs backwards has none.
func (c Calendar) Doubted(from, to Day) (years []int) {
	for year := from.Year(); from.Valid() && to.Valid() && year <= to.Year(); year++ {
		if c.Doubt(year) != NoDoubt {
			years = append(years, year)
		}
	}
	return years
}

// IsWorkday says whether the day is worked.
func (c Calendar) IsWorkday(d Day) bool {
	switch wd := d.Weekday(); {
	case c.MakeUp[d]:
		return true
	case c.Holidays[d]:
		return false
	default:
		return wd != 0 && wd != 6
	}
}

// After is the n-th working day after d. The day itself is never counted: what is
// noticed on Monday and due in one working day is due on Tuesday.
func (c Calendar) After(d Day, n int) Day {
	for n > 0 {
		d = d.Plus(1)
		if c.IsWorkday(d) {
			n--
		}
	}
	return d
}

// NextWorkday is the day itself if it is worked, else the next that is.
func (c Calendar) NextWorkday(d Day) Day {
	for !c.IsWorkday(d) {
		d = d.Plus(1)
	}
	return d
}

// LastDayOff is the day itself, or the last of the days off that follow it. Nobody is
// told anything on those, so what would fall on them is said before.
func (c Calendar) LastDayOff(d Day) Day { return c.NextWorkday(d.Plus(1)).Plus(-1) }

// WorkdaysBetween is how many working days lie after from, up to and with to.
func (c Calendar) WorkdaysBetween(from, to Day) int {
	n := 0
	for d := from; d < to; {
		d = d.Plus(1)
		if c.IsWorkday(d) {
			n++
		}
	}
	return n
}
