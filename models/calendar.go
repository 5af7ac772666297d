package models

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"duban/models/day"
	"duban/models/deadline"
)

// CalendarChange is one change of the working calendar: what the days of a year became,
// by whom and when. The newest of a year holds.
type CalendarChange struct {
	Version int      `gorm:"primaryKey;autoIncrement:false"`
	Year    int      // of the calendar
	Days    day.Year `gorm:"serializer:json"`
	ByID    int64
	At      time.Time
}

// TableName says that a change is a row of calendar_years.
func (CalendarChange) TableName() string { return "calendar_years" }

// calendarKept is the calendar as this process last read it.
type calendarKept struct {
	calendar Calendar
	version  int
	asked    time.Time
}

// calendarNow is the working calendar of the place, at most rulesFor old: what the
// program brings along, and over it what the office entered. When the database does not
// answer it is the last one known.
func (s *Store) calendarNow(ctx context.Context) Calendar {
	kept := s.days.Load()
	if kept != nil && time.Since(kept.asked) < rulesFor || !s.askingDays.TryLock() {
		if kept == nil {
			return s.Calendar
		}
		return kept.calendar
	}
	defer s.askingDays.Unlock()
	if err := s.askCalendar(ctx); err != nil {
		if kept == nil {
			return s.Calendar
		}
		return kept.calendar
	}
	return s.days.Load().calendar
}

// askCalendar reads the calendar anew if it was changed since.
func (s *Store) askCalendar(ctx context.Context) error {
	db, asked := s.db.WithContext(ctx), time.Now()
	var newest int
	if err := db.Model(&CalendarChange{}).Select("COALESCE(MAX(version), 0)").Scan(&newest).Error; err != nil {
		return err
	}
	if kept := s.days.Load(); kept != nil && kept.version == newest {
		s.days.Store(&calendarKept{kept.calendar, newest, asked})
		return nil
	}
	changes, err := newestOfYears(db)
	if err != nil {
		return err
	}
	calendar := s.Calendar
	for _, c := range changes {
		calendar = calendar.With(c.Days)
	}
	s.days.Store(&calendarKept{calendar, newest, asked})
	return nil
}

// newestOfYears is the newest change of each year.
func newestOfYears(db *gorm.DB) (changes []CalendarChange, err error) {
	newest := db.Model(&CalendarChange{}).Select("MAX(version)").Group("year")
	return changes, db.Where("version IN (?)", newest).Order("year").Find(&changes).Error
}

// CalendarYear is a year of the calendar as it holds now. Version is 0 and ByID nobody
// where it is as the program brought it along.
type CalendarYear struct {
	day.Year
	Version int
	ByID    int64
	At      time.Time
}

// CalendarYears are the years that are here, the latest first.
func (b *Board) CalendarYears() ([]CalendarYear, error) {
	changes, err := newestOfYears(b.db)
	if err != nil {
		return nil, err
	}
	years := map[int]CalendarYear{}
	for _, y := range b.store.Calendar.Years {
		years[y.Year] = CalendarYear{Year: y}
	}
	for _, c := range changes {
		years[c.Year] = CalendarYear{c.Days, c.Version, c.ByID, c.At}
	}
	return slices.SortedFunc(maps.Values(years), func(a, z CalendarYear) int { return z.Year.Year - a.Year.Year }), nil
}

// longestNotice is the most characters that say where a year's days come from.
const longestNotice = 120

// SetCalendarYear makes these the days of a year from now on, and says so in the trail.
// Seen is the version they were drawn from: ErrStale when somebody changed the year
// since. No deadline that is stored moves by it (CalendarEffects names those that would
// be read otherwise).
func (b *Board) SetCalendarYear(y day.Year, seen int) error {
	y.Notice = strings.TrimSpace(y.Notice)
	err := b.govern(GovernCalendar, func(tx *gorm.DB) (Particulars, error) {
		var p Problems
		textProblem(&p, "notice", y.Notice, longestNotice)
		if fault := (day.Fault{}); errors.As(y.Check(), &fault) {
			p.Add("days", fault.Key, fault.Args...)
		}
		if p != nil {
			return nil, p
		}
		was := CalendarYear{Year: b.store.Calendar.Years[y.Year]}
		changes, err := newestOfYears(tx)
		if err != nil {
			return nil, err
		}
		newest := 0
		for _, c := range changes {
			newest = max(newest, c.Version)
			if c.Year == y.Year {
				was = CalendarYear{Year: c.Days, Version: c.Version}
			}
		}
		if was.Version != seen {
			return nil, ErrStale
		}
		off, work := day.Spans(y.Off, y.Year), day.Spans(y.Work, y.Year)
		wasOff, wasWork := day.Spans(was.Off, y.Year), day.Spans(was.Work, y.Year)
		if off == wasOff && work == wasWork && y.Checked == was.Checked && y.Notice == was.Notice {
			return nil, Refused{Key: "calendar.same"}
		}
		change := CalendarChange{Version: newest + 1, Year: y.Year, Days: y, ByID: b.me.ID, At: b.now}
		err = tx.Create(&change).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return nil, ErrStale // two at once, and the other was first
		}
		return Particulars{
			"year": strconv.Itoa(y.Year), "notice": y.Notice, "checked": strconv.FormatBool(y.Checked),
			"from.off": wasOff, "to.off": off, "from.work": wasWork, "to.work": work,
		}, err
	})
	if err == nil || errors.Is(err, ErrStale) {
		err = errors.Join(err, b.store.askCalendar(b.db.Statement.Context))
	}
	return err
}

// MovedDeadline is a deadline that other days would read otherwise. It stays as it is.
type MovedDeadline struct {
	Number, Title string // of its item
	Phrase        string
	DueOn         Day // as it is stored
	Reads         Day // as it would be read, "" where it would be asked about
}

// CalendarEffect is what other days of a year would change.
type CalendarEffect struct {
	Added, Removed []day.Day // days that would be worked, and no longer
	Moved          []MovedDeadline
	Answers        int // items under review that would have to be answered on another day
}

// CalendarEffects is what these days of a year would change in the register as it is
// today: days worked or not, deadlines whose words count working days, and how long
// supervisors have to answer. It writes nothing.
func (b *Board) CalendarEffects(y day.Year) (e CalendarEffect, err error) {
	if !b.MayGovern(GovernCalendar) {
		return e, ErrForbidden
	}
	after := b.calendar.With(y)
	for d := Day(strconv.Itoa(y.Year-1) + "-12-01"); d.Year() <= y.Year; d = d.Plus(1) {
		switch was, is := b.calendar.IsWorkday(d), after.IsWorkday(d); {
		case is && !was:
			e.Added = append(e.Added, d)
		case was && !is:
			e.Removed = append(e.Removed, d)
		}
	}
	if len(e.Added)+len(e.Removed) == 0 {
		return e, nil
	}
	if e.Moved, err = b.movedDeadlines(after); err != nil {
		return e, err
	}
	var waiting []struct {
		SubmittedOn Day
		N           int
	}
	err = b.where(Filter{Statuses: []Status{Submitted}}).Select("items.submitted_on, COUNT(*) AS n").Group("items.submitted_on").Scan(&waiting).Error
	for _, w := range waiting {
		if b.calendar.After(w.SubmittedOn, b.rules.ReviewDays) != after.After(w.SubmittedOn, b.rules.ReviewDays) {
			e.Answers += w.N
		}
	}
	return e, err
}

// movedDeadlines are the deadlines of open items that would be read otherwise, by the
// days that are known of the item's ledger and its unit. A phrase is read once for each
// set of days: a register has few.
func (b *Board) movedDeadlines(after Calendar) (moved []MovedDeadline, err error) {
	var rows []struct {
		Number, Problem, DeadlinePhrase          string
		Tier                                     Tier
		DueOn, FoundOn                           Day
		Year                                     int
		NoticeOn, FeedbackOn, WindowEnd          Day
		UnitNoticeOn, UnitFeedbackOn, UnitWindow Day
	}
	err = b.where(Filter{Statuses: []Status{Registered, Underway, Submitted}}).
		Joins("JOIN measures ON measures.item_id = items.id AND measures.deadline_phrase <> '' AND measures.done_on = ''").
		Joins("LEFT JOIN imports ON imports.id = items.import_id").
		Joins("LEFT JOIN round_units ON round_units.round_id = items.round_id AND round_units.unit_id = items.unit_id").
		Select(`items.number, items.problem, items.tier, measures.deadline_phrase, measures.due_on,
			COALESCE(imports.year, 0) AS year, COALESCE(imports.found_on, '') AS found_on, COALESCE(imports.notice_on, '') AS notice_on,
			COALESCE(imports.feedback_on, '') AS feedback_on, COALESCE(imports.window_end, '') AS window_end,
			COALESCE(round_units.notice_on, '') AS unit_notice_on, COALESCE(round_units.feedback_on, '') AS unit_feedback_on, COALESCE(round_units.window_end, '') AS unit_window`).
		Order("items.number, measures.seq").Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	type readIn struct {
		phrase string
		in     deadline.Context
	}
	type readings struct{ before, now deadline.Deadline }
	known := map[readIn]readings{}
	terms := b.rules.Terms()
	orElse := func(d, other Day) Day {
		if d.Valid() {
			return d
		}
		return other
	}
	for _, r := range rows {
		key := readIn{r.DeadlinePhrase, deadline.Context{
			Tier: r.Tier, Year: r.Year, FoundOn: r.FoundOn, Terms: terms, NoticeOn: orElse(r.NoticeOn, r.UnitNoticeOn),
			FeedbackOn: orElse(r.FeedbackOn, r.UnitFeedbackOn), WindowEnd: orElse(r.WindowEnd, r.UnitWindow),
		}}
		read, ok := known[key]
		if !ok {
			read = readings{deadline.Read(key.phrase, key.in, b.calendar), deadline.Read(key.phrase, key.in, after)}
			known[key] = read
		}
		if read.before.DueOn != read.now.DueOn {
			moved = append(moved, MovedDeadline{r.Number, clip(r.Problem, 60), r.DeadlinePhrase, r.DueOn, read.now.DueOn})
		}
	}
	return moved, nil
}

// nextYearFrom is when the next year's days are out: the State Council has given its
// notice in October or November of each year since 2017.
const nextYearFrom = "-11-01"

// CalendarWanted is the year whose days the office should enter or hold against the
// notice, and why: this year's, and from November on the next one's. Year is 0 where
// there is none, and for everybody but those who keep the calendar.
func (b *Board) CalendarWanted() (year int, why day.Doubt) {
	if !b.MayGovern(GovernCalendar) {
		return 0, day.NoDoubt
	}
	return b.calendarWanted()
}

func (b *Board) calendarWanted() (year int, why day.Doubt) {
	today := b.Today()
	years := []int{today.Year()}
	if string(today[4:]) >= nextYearFrom {
		years = append(years, today.Year()+1)
	}
	for _, year := range years {
		if why := b.calendar.Doubt(year); why != day.NoDoubt {
			return year, why
		}
	}
	return 0, day.NoDoubt
}

// CalendarCall is a year whose days are wanted, and who of the office is to hear of it.
type CalendarCall struct {
	Year int
	Why  day.Doubt
	To   []User
}

// CalendarCall is the clerk's to send on. Year is 0 where nothing is wanted.
func (b *Board) CalendarCall() (c CalendarCall, err error) {
	if b.me.Role != clerk {
		return c, ErrForbidden
	}
	if c.Year, c.Why = b.calendarWanted(); c.Year == 0 {
		return c, nil
	}
	err = b.db.Where("role = ? AND disabled = ? AND email <> '' AND mail_error = ''", Office, false).Order("id").Find(&c.To).Error
	return c, err
}

// PostCalendarCall puts into the outbox what each of To is told, one mail a person for a
// year and why its days are wanted, and never another. It says how many were put there.
func (b *Board) PostCalendarCall(c CalendarCall, mails []Mail) (posted int, err error) {
	if b.me.Role != clerk || len(c.To) != len(mails) {
		return 0, ErrForbidden
	}
	for n, u := range c.To {
		m := &mails[n]
		m.Key = fmt.Sprintf("calendar:%d:%s:user:%d", c.Year, c.Why, u.ID)
		m.Kind, m.Day, m.UserID, m.Role, m.UnitID = MailCalendar, b.Today(), u.ID, u.Role, u.UnitID
	}
	return b.post(mails...)
}
