package models

import (
	"duban/models/day"
	"duban/models/deadline"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"
)

// Filter is which items, and in what order: the one query grammar of board,
// ledger, overdue page, digest links and exports. An address carries it whole, so
// that a link is the state of the page.
type Filter struct {
	Round      string   // code
	Tiers      []Tier   // jz, lx, fk
	Units      []string // codes
	Leader     string   // as the ledger names him; NoLeader for none
	Owner      string   // handler, likewise
	Statuses   []Status // todo, doing, review, closed
	Lights     []Light  // overdue, soon, ok, review, none, done
	Overdue    *Age     // by days: 1-7, 8-30, 31-60, 61-
	DueFrom    Day
	DueTo      Day
	Week       string // overdue at the end of that week: 2024-W20
	Since      string // overdue now, and not at the end of that week
	Idle       int    // days without progress
	ReviewLate bool   // waiting for review longer than it should
	Mine       bool   // waiting for this person's own word
	Letter     LetterFit
	Asked      bool   // another date has been asked for, and waits for its answer
	Duty       bool   // to be seen to by its unit this week
	Standing   string // standing items: all, or due for a look
	ClosedFrom Day
	ClosedTo   Day
	Category   string
	Query      string   // words to search for
	Numbers    []string // of items chosen one by one
	NotClosed  bool     // all that is not struck off
	Import     int64    // brought by that import

	Sort  string // a key of sorts, "-" before it for the other way
	Group string
	Page  int
	Size  int

	due                 string // as it stood in the address: week, 2024-W28, a..b
	cols, view, density string
}

// mostNumbers is how many items may be chosen one by one: a page of them, or an
// address grows too long for some browsers.
const mostNumbers = 200

var itemNumbers = regexp.MustCompile(`^[A-Z]{2}-[0-9]{4}-[0-9]{3,6}$`)

// PageSizes are the sizes a page of the ledger may have; the first is the default.
var PageSizes = []int{50, 24, 100, 200}

// sorts are the columns a list may be sorted by, by their names in addresses.
var sorts = map[string]string{
	"due": "items.due_on", "number": "items.number", "unit": "items.unit_id", "tier": "items.tier",
	"leader": "items.leader", "updated": "items.progress_on", "title": "items.title", "closed": "items.closed_on",
	"measures": "items.measures_done", "submitted": "items.submitted_on", "review": "items.review_on",
}

// ParseFilter reads an address's query. What it does not know, or cannot read, it
// leaves out and names, so that the page can say so; it never fails. Week words
// are resolved against today.
func ParseFilter(q url.Values, today Day) (f Filter, ignored []string) {
	keys := make([]string, 0, len(q))
	for k := range q {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		value := strings.TrimSpace(strings.Join(q[k], ","))
		if value == "" {
			continue
		}
		read, ok := filterKeys[k]
		understood := f
		if !ok || !read(&understood, value, today) {
			ignored = append(ignored, k+"="+value)
			continue
		}
		f = understood
	}
	return f, ignored
}

var filterKeys = map[string]func(f *Filter, value string, today Day) bool{
	"round": func(f *Filter, v string, _ Day) bool { f.Round = v; return ascii(v) },
	"tier": func(f *Filter, v string, _ Day) bool {
		return eachWord(v, func(word string) bool {
			for _, t := range deadline.Tiers() {
				if t.Query() == word {
					f.Tiers = append(f.Tiers, t)
					return true
				}
			}
			return false
		})
	},
	"unit": func(f *Filter, v string, _ Day) bool {
		return eachWord(v, func(word string) bool { f.Units = append(f.Units, word); return codes.MatchString(word) })
	},
	"leader": func(f *Filter, v string, _ Day) bool { f.Leader = v; return true },
	"owner":  func(f *Filter, v string, _ Day) bool { f.Owner = v; return true },
	"status": func(f *Filter, v string, _ Day) bool {
		return eachWord(v, func(word string) bool {
			if word == "open" {
				f.NotClosed = true
				return true
			}
			s, ok := queryStatus[word]
			if ok {
				f.Statuses = append(f.Statuses, s)
			}
			return ok
		})
	},
	"light": func(f *Filter, v string, _ Day) bool {
		return eachWord(v, func(word string) bool {
			for _, l := range queryLights {
				if l.word == word {
					f.Lights = append(f.Lights, l.light)
					return true
				}
			}
			return false
		})
	},
	"overdue": func(f *Filter, v string, _ Day) bool {
		from, to, found := strings.Cut(v, "-")
		a, err := strconv.Atoi(from)
		if err != nil || a < 1 || a > 36500 {
			return false
		}
		age := Age{From: a, To: a}
		if found {
			age.To = 0
			if to != "" {
				if age.To, err = strconv.Atoi(to); err != nil || age.To < a || age.To > 36500 {
					return false
				}
			}
		}
		f.Overdue = &age
		return true
	},
	"due": func(f *Filter, v string, today Day) bool {
		from, to, ok := span(v, today)
		if ok {
			f.DueFrom, f.DueTo, f.due = from, to, v
		}
		return ok
	},
	"closed": func(f *Filter, v string, today Day) bool {
		from, to, ok := span(v, today)
		if ok {
			f.ClosedFrom, f.ClosedTo = from, to
		}
		return ok
	},
	"week": func(f *Filter, v string, _ Day) bool {
		_, ok := day.WeekEnd(v)
		f.Week = v
		return ok
	},
	"since": func(f *Filter, v string, _ Day) bool {
		_, ok := day.WeekEnd(v)
		f.Since = v
		return ok
	},
	"letter": func(f *Filter, v string, _ Day) bool {
		f.Letter = LetterFit(v)
		return slices.Contains(LetterFits, f.Letter)
	},
	"duty":   func(f *Filter, v string, _ Day) bool { f.Duty = v == "week"; return f.Duty },
	"ext":    func(f *Filter, v string, _ Day) bool { f.Asked = v == "pending"; return f.Asked },
	"review": func(f *Filter, v string, _ Day) bool { f.Mine = v == "mine"; return f.Mine },
	"idle": func(f *Filter, v string, _ Day) bool {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 3650 {
			return false
		}
		f.Idle = n
		return true
	},
	"import": func(f *Filter, v string, _ Day) bool {
		n, err := strconv.ParseInt(v, 10, 64)
		f.Import = n
		return err == nil && n > 0
	},
	"late": func(f *Filter, v string, _ Day) bool { f.ReviewLate = v == "review"; return f.ReviewLate },
	"standing": func(f *Filter, v string, _ Day) bool {
		f.Standing = v
		return v == "all" || v == "due"
	},
	"cat": func(f *Filter, v string, _ Day) bool { f.Category = v; return true },
	"q":   func(f *Filter, v string, _ Day) bool { f.Query = clip(v, 100); return true },
	"no": func(f *Filter, v string, _ Day) bool {
		return eachWord(v, func(word string) bool {
			f.Numbers = append(f.Numbers, word)
			return itemNumbers.MatchString(word) && len(f.Numbers) <= mostNumbers
		})
	},
	"sort": func(f *Filter, v string, _ Day) bool {
		if _, ok := sorts[strings.TrimPrefix(v, "-")]; !ok {
			return false
		}
		f.Sort = v
		return true
	},
	"group": func(f *Filter, v string, _ Day) bool {
		if v != "unit" && v != "leader" && v != "cat" {
			return false
		}
		f.Group = v
		return true
	},
	"page": func(f *Filter, v string, _ Day) bool {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 100000 {
			return false
		}
		f.Page = n
		return true
	},
	"size": func(f *Filter, v string, _ Day) bool {
		n, err := strconv.Atoi(v)
		f.Size = n
		return err == nil && slices.Contains(PageSizes, n)
	},
	"cols": func(f *Filter, v string, _ Day) bool { f.cols = v; return ascii(v) },
	"view": func(f *Filter, v string, _ Day) bool { f.view = v; return ascii(v) },
	"rows": func(f *Filter, v string, _ Day) bool {
		f.density = v
		return v == "tight" || v == "wide"
	},
}

// Density is how high the rows of the ledger are: "", tight or wide.
func (f Filter) Density() string { return f.density }

// Columns are the columns of the ledger that were chosen, by their names in
// addresses; none when it is the usual ones.
func (f Filter) Columns() []string {
	if f.cols == "" {
		return nil
	}
	return strings.Split(f.cols, ",")
}

// Values is the filter as an address carries it. Equal filters have equal
// addresses.
func (f Filter) Values() url.Values {
	q := url.Values{}
	set := func(k, v string) {
		if v != "" {
			q.Set(k, v)
		}
	}
	set("round", f.Round)
	var tierWords, statusWords, lightWords []string
	for _, t := range deadline.Tiers() {
		if slices.Contains(f.Tiers, t) {
			tierWords = append(tierWords, t.Query())
		}
	}
	set("tier", strings.Join(tierWords, ","))
	units := slices.Clone(f.Units)
	slices.Sort(units)
	set("unit", strings.Join(slices.Compact(units), ","))
	set("leader", f.Leader)
	set("owner", f.Owner)
	if f.NotClosed {
		statusWords = append(statusWords, "open")
	}
	for _, s := range append(Statuses(), Voided) {
		if slices.Contains(f.Statuses, s) {
			statusWords = append(statusWords, s.Query())
		}
	}
	set("status", strings.Join(statusWords, ","))
	for _, l := range queryLights {
		if slices.Contains(f.Lights, l.light) {
			lightWords = append(lightWords, l.word)
		}
	}
	set("light", strings.Join(lightWords, ","))
	if f.Overdue != nil {
		set("overdue", f.Overdue.String())
	}
	switch {
	case f.due != "":
		set("due", f.due)
	case f.DueFrom != "" || f.DueTo != "":
		set("due", string(f.DueFrom)+".."+string(f.DueTo))
	}
	if f.ClosedFrom != "" || f.ClosedTo != "" {
		set("closed", string(f.ClosedFrom)+".."+string(f.ClosedTo))
	}
	set("week", f.Week)
	set("since", f.Since)
	set("letter", string(f.Letter))
	if f.Mine {
		set("review", "mine")
	}
	if f.Asked {
		set("ext", "pending")
	}
	if f.Duty {
		set("duty", "week")
	}
	if f.Idle > 0 {
		set("idle", itoa(f.Idle))
	}
	if f.ReviewLate {
		set("late", "review")
	}
	if f.Import > 0 {
		set("import", strconv.FormatInt(f.Import, 10))
	}
	set("standing", f.Standing)
	set("cat", f.Category)
	set("q", f.Query)
	numbers := slices.Clone(f.Numbers)
	slices.Sort(numbers)
	set("no", strings.Join(slices.Compact(numbers), ","))
	set("sort", f.Sort)
	set("group", f.Group)
	if f.Page > 1 {
		set("page", itoa(f.Page))
	}
	if f.Size != 0 && f.Size != PageSizes[0] {
		set("size", itoa(f.Size))
	}
	set("cols", f.cols)
	set("rows", f.density)
	set("view", f.view)
	return q
}

// Encode is the query of the filter's address, without the question mark.
func (f Filter) Encode() string { return strings.ReplaceAll(f.Values().Encode(), "%2C", ",") }

// With is the filter after one key of its address is set, or dropped when the
// value is empty; the page starts over.
func (f Filter) With(key, value string, today Day) Filter {
	q := f.Values()
	q.Del("page")
	q.Del(key)
	if value != "" {
		q.Set(key, value)
	}
	changed, _ := ParseFilter(q, today)
	return changed
}

// Narrow says whether the filter leaves anything out; order and paging do not.
func (f Filter) Narrow() bool {
	q := f.Values()
	for _, k := range []string{"sort", "group", "page", "size", "cols", "rows", "view", "round"} {
		q.Del(k)
	}
	return len(q) > 0
}

// String is the bucket as addresses write it: 1-7, or 61- when open-ended.
func (a Age) String() string {
	if a.To == 0 {
		return itoa(a.From) + "-"
	}
	return itoa(a.From) + "-" + itoa(a.To)
}

// where is the items this person may see and the filter names.
func (b *Board) where(f Filter) *gorm.DB {
	q := b.items()
	if slices.Contains(f.Statuses, Voided) { // seen by whoever asks for them, and by nobody else
		q = b.kept()
	}
	today := b.Today()
	add := func(c condition) { q = q.Where("("+c.sql+")", c.args...) }
	if f.Round != "" {
		q = q.Where("items.round_id IN (?)", b.db.Model(&Round{}).Select("id").Where("code = ?", f.Round))
	}
	if len(f.Tiers) > 0 {
		q = q.Where("items.tier IN ?", f.Tiers)
	}
	switch len(f.Units) {
	case 0:
	case 1: // an equality, so that the unit's own index serves in its order
		q = q.Where("items.unit_id = (?)", b.db.Model(&Unit{}).Select("id").Where("code = ?", f.Units[0]))
	default:
		q = q.Where("items.unit_id IN (?)", b.db.Model(&Unit{}).Select("id").Where("code IN ?", f.Units))
	}
	switch f.Leader {
	case "":
	case NoLeader:
		q = q.Where("items.leader = ''")
	default:
		q = q.Where("items.leader = ?", f.Leader)
	}
	if f.Owner != "" {
		q = q.Where("items.handler = ?", f.Owner)
	}
	if f.NotClosed {
		q = q.Where("items.status <> ?", Closed)
	}
	if len(f.Statuses) > 0 {
		q = q.Where("items.status IN ?", f.Statuses)
	}
	if len(f.Lights) > 0 {
		any := condition{sql: "1 = 0"}
		for _, l := range f.Lights {
			c := sqlLight(l, today, b.rules)
			any.sql += " OR (" + c.sql + ")"
			any.args = append(any.args, c.args...)
		}
		add(any)
	}
	if f.Overdue != nil {
		add(sqlOverBy(*f.Overdue, today))
	}
	if f.DueFrom != "" {
		q = q.Where("items.due_on >= ?", f.DueFrom)
	}
	if f.DueTo != "" {
		q = q.Where("items.due_on <> '' AND items.due_on <= ?", f.DueTo)
	}
	if f.due == "week" {
		q = q.Where(sqlOpen)
	}
	if f.ClosedFrom != "" {
		q = q.Where("items.status = ? AND items.closed_on >= ?", Closed, f.ClosedFrom)
	}
	if f.ClosedTo != "" {
		q = q.Where("items.status = ? AND items.closed_on <= ?", Closed, f.ClosedTo)
	}
	if end, ok := day.WeekEnd(f.Week); ok {
		if end >= today {
			add(sqlOverdue(today))
		} else {
			add(sqlOverdueAt(end))
		}
	}
	if end, ok := day.WeekEnd(f.Since); ok {
		add(sqlOverdueSince(end, today))
	}
	if f.Mine {
		q = b.awaiting(q, b.verdict())
	}
	if f.Duty {
		add(b.sqlDuty())
	}
	if f.Asked {
		q = q.Where(sqlAsked)
	}
	if f.Letter != "" {
		q = b.lettered(q, f.Letter)
	}
	if f.Idle > 0 {
		add(sqlIdle(today, f.Idle))
	}
	if f.ReviewLate {
		add(sqlReviewLate(today, b.rules, b.calendar))
	}
	switch f.Standing {
	case "all":
		q = q.Where("items.standing = TRUE")
	case "due":
		add(sqlReviewDue(today))
	}
	if f.Category != "" {
		q = q.Where("items.category = ?", f.Category)
	}
	if f.Import > 0 {
		q = q.Where("items.import_id = ?", f.Import)
	}
	if len(f.Numbers) > 0 {
		q = q.Where("items.number IN ?", f.Numbers)
	}
	if f.Query != "" {
		q = b.search(q, f.Query)
	}
	return q
}

// order puts the list in the order of the filter's own choosing; chosen is false
// when it chooses none, and the list is in the order of urgency.
func (f Filter) order(q *gorm.DB) (ordered *gorm.DB, chosen bool) {
	if f.Group != "" {
		q = q.Order(map[string]string{"unit": "items.unit_id", "leader": "items.leader", "cat": "items.category"}[f.Group])
	}
	key, down := strings.CutPrefix(f.Sort, "-")
	column, ok := sorts[key]
	switch {
	case ok && down:
		return q.Order(column + " DESC").Order("items.id DESC"), true
	case ok:
		return q.Order(column).Order("items.id"), true
	default:
		return q.Order("items.due_on").Order("items.id"), f.Group != ""
	}
}

// span reads 2024-07-08..2024-07-14 (either end may be missing), one day, a week
// (2024-W28), or the word week: what is still to come of today's week.
func span(v string, today Day) (from, to Day, ok bool) {
	if v == "week" {
		_, sunday := day.WeekOf(today)
		return today, sunday, true
	}
	if end, ok := day.WeekEnd(v); ok {
		return end.Plus(-6), end, true
	}
	a, z, found := strings.Cut(v, "..")
	if !found {
		z = a
	}
	from, to = Day(a), Day(z)
	ok = (a == "" || from.Valid()) && (z == "" || to.Valid()) && (a != "" || z != "")
	return from, to, ok
}

func eachWord(value string, read func(word string) bool) bool {
	for _, word := range strings.Split(value, ",") {
		if !read(strings.TrimSpace(word)) {
			return false
		}
	}
	return true
}

func ascii(s string) bool {
	for _, r := range s {
		if r < '!' || r > '~' {
			return false
		}
	}
	return true
}
