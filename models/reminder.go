package models

import (
	"slices"
	"strconv"

	"gorm.io/gorm"
)

// remindBefore is how many days before the date an item's people are reminded. The
// first time it is the handler; from the second on the leader as well; the head
// hears on the day after, by the notice that the flag writes. As 江津 has it for
// what was fed back, 20 and 10 days (domain 1.2); the shorter tiers in proportion.
var remindBefore = map[Tier][]int{
	Immediate:    {3, 0},
	OnTheSpot:    {5, 1},
	PostFeedback: {20, 10, 3},
}

// idleAgain is after how many further days an item without progress is spoken of
// again.
const idleAgain = 7

// Reminder is what one person is told on one day, in one mail at most.
type Reminder struct {
	User    User
	Unit    string // of the person, "" when they have none
	Due     []Card // a day of remindBefore has come
	Idle    []Card // nothing was reported for IdleDays, or for a week more
	Review  []Card // waits for a supervisor longer than it should
	Notices []NoticeRow
}

// Items is how many things there are to say.
func (r Reminder) Items() int { return len(r.Due) + len(r.Idle) + len(r.Review) + len(r.Notices) }

// Reminders is what each person is to be told today, for those who have anything
// to be told; nobody on a day that is not worked. What would have been said on days
// off is said on the next working day. Each is drawn up on that person's own board,
// so that nobody is told of what they may not see.
func (b *Board) Reminders() ([]Reminder, error) {
	if b.me.Role != clerk {
		return nil, ErrForbidden
	}
	today := b.Today()
	if !b.calendar.IsWorkday(today) {
		return nil, nil
	}
	since := today.Plus(-1)
	for !b.calendar.IsWorkday(since) {
		since = since.Plus(-1)
	}
	units, err := b.UnitsByID()
	if err != nil {
		return nil, err
	}
	var people []User
	err = b.db.Where("disabled = ? AND email <> '' AND role IN ?", false, []Role{Handler, Leader, Head, Supervisor, Office}).Order("id").Find(&people).Error
	if err != nil {
		return nil, err
	}
	told, err := b.remindedToday(today)
	if err != nil {
		return nil, err
	}
	byUnit := map[int64][]Card{}
	var all []Reminder
	for _, u := range people {
		if told[u.ID] {
			continue
		}
		own := *b
		own.me = u
		r := Reminder{User: u}
		if u.UnitID != nil {
			r.Unit = units[*u.UnitID].Name
			cards, ok := byUnit[*u.UnitID]
			if !ok {
				if cards, err = own.remindable(since, today); err != nil {
					return nil, err
				}
				byUnit[*u.UnitID] = cards
			}
			r.Due, r.Idle = u.ofTheirs(cards, since, today)
		}
		if u.Role == Supervisor {
			if r.Review, err = own.reviewsGoneLate(since, today); err != nil {
				return nil, err
			}
		}
		if r.Notices, err = own.unmailed(); err != nil {
			return nil, err
		}
		if r.Items() > 0 {
			all = append(all, r)
		}
	}
	return all, nil
}

// remindedToday are those who have had today's reminder already.
func (b *Board) remindedToday(today Day) (map[int64]bool, error) {
	var ids []int64
	err := b.db.Model(&Mail{}).Where("kind = 'reminder' AND day = ?", today).Pluck("user_id", &ids).Error
	told := map[int64]bool{}
	for _, id := range ids {
		told[id] = true
	}
	return told, err
}

// remindable are the unit's open items of which something may be to be said.
func (b *Board) remindable(since, today Day) ([]Card, error) {
	var last Day
	for _, days := range remindBefore {
		last = max(last, today.Plus(slices.Max(days)))
	}
	idle := sqlIdle(today, IdleDays)
	var cards []Card
	err := b.items().Where("("+sqlDated+" AND items.due_on BETWEEN ? AND ?) OR ("+idle.sql+")", append([]any{since, last}, idle.args...)...).
		Order("items.due_on, items.id").Find(&cards).Error
	return cards, err
}

// ofTheirs is what of the unit's items this person is reminded of today.
func (u User) ofTheirs(cards []Card, since, today Day) (due, idle []Card) {
	for _, c := range cards {
		answers := u.Role == Handler && (c.HandlerID == nil || *c.HandlerID == u.ID) || u.Role == Leader && (c.LeaderID == nil || *c.LeaderID == u.ID)
		if !answers {
			continue
		}
		if c.Status.Open() && c.DueOn != "" {
			for n, days := range remindBefore[c.Tier] {
				moment := c.DueOn.Plus(-days)
				if moment > since && moment <= today && (u.Role == Handler || n > 0) {
					due = append(due, c)
					break
				}
			}
		}
		if c.Idle(today) && u.Role == Handler && spokenOf(c.IdleFor(today), since.DaysUntil(today)) {
			idle = append(idle, c)
		}
	}
	return due, idle
}

// spokenOf says whether an item idle for so many days is spoken of: on the day it
// becomes idle and each week after, or on the next day on which people are told.
func spokenOf(idle, span int) bool {
	for back := range span {
		if n := idle - back - IdleDays; n >= 0 && n%idleAgain == 0 {
			return true
		}
	}
	return false
}

// reviewsGoneLate are the submissions that waited too long from one of the days
// after since up to today on.
func (b *Board) reviewsGoneLate(since, today Day) ([]Card, error) {
	var cards []Card
	now, before := sqlReviewLate(today, b.calendar), sqlReviewLate(since, b.calendar)
	err := b.items().Where("("+now.sql+") AND NOT ("+before.sql+")", append(now.args, before.args...)...).
		Order("items.submitted_on, items.id").Find(&cards).Error
	return cards, err
}

// unmailed are this person's notices that no mail has carried yet and that they
// have not read in the page either.
func (b *Board) unmailed() ([]NoticeRow, error) {
	var rows []NoticeRow
	err := b.noticeRows().Where("notices.mailed_on = '' AND notices.read_at IS NULL").Order("notices.id").Scan(&rows).Error
	return rows, err
}

// PostReminder puts a person's reminder of the day into the outbox and marks the
// notices it carries, both or neither. A second one on the same day is none: false.
func (b *Board) PostReminder(r Reminder, m Mail) (posted bool, err error) {
	err = b.db.Transaction(func(tx *gorm.DB) error {
		in := b.in(tx)
		m.Key = "reminder:" + string(b.Today()) + ":user:" + strconv.FormatInt(r.User.ID, 10)
		m.Kind, m.Day = "reminder", b.Today()
		m.UserID, m.Role, m.UnitID = r.User.ID, r.User.Role, r.User.UnitID
		var there int64
		if err := tx.Model(&Mail{}).Where("key = ?", m.Key).Count(&there).Error; err != nil || there > 0 {
			return err
		}
		if err := in.post(m); err != nil {
			return err
		}
		posted = true
		for some := range slices.Chunk(r.Notices, batch) {
			ids := make([]int64, len(some))
			for n, row := range some {
				ids[n] = row.ID
			}
			if err := tx.Model(&Notice{}).Where("id IN ?", ids).Update("mailed_on", b.Today()).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return posted, err
}
