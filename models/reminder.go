package models

import (
	"duban/models/deadline"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// idleAgain is after how many further days an item without progress is spoken of
// again.
const idleAgain = 7

// reminder is that an item was spoken of: in which matter, about which date, and how
// far the matter had come. Its row is what makes it once. Rung is made of days and
// not of a count, so that the next one is still due when the rules change meanwhile.
type reminder struct {
	ItemID int64 `gorm:"primaryKey"`
	Act    Act   `gorm:"primaryKey"`
	About  Day   `gorm:"primaryKey"` // the due date, the day it was last heard of, the day it was handed in
	Rung   int   `gorm:"primaryKey"`
	At     time.Time
}

// nearest is the rung of a reminder on the day of the deadline itself; a day earlier
// is one below. Rungs begin at 1, with the earliest reminder that the rules allow.
const nearest = 91

// rung is how near the date has come by that day, of the tier's reminders, 0 for not
// yet; and the how manieth of them that is.
func (t TierRules) rung(due, by Day) (rung, nth int) {
	for n, days := range t.Reminders {
		if due.Plus(-days) <= by {
			rung, nth = nearest-days, n+1
		}
	}
	return rung, nth
}

// due is what today's reminder would say of an item, and the how manieth time; 0 when
// it has nothing to say.
func (i Item) due(a Act, today Day, rules Rules, calendar Calendar) (r reminder, nth int) {
	c := i.Card()
	r = reminder{ItemID: i.ID, Act: a}
	switch a {
	case RemindDue:
		if r.About = i.DueOn; i.Status.InHand() && i.StatedOn == "" && i.DueOn >= today {
			r.Rung, nth = rules.Of(i.Tier).rung(i.DueOn, calendar.LastDayOff(today))
		}
	case RemindIdle:
		if r.About = c.lastHeard(); c.Idle(today, rules) {
			nth = 1 + (c.IdleFor(today)-rules.IdleDays)/idleAgain
			r.Rung = rules.IdleDays + (nth-1)*idleAgain
		}
	case RemindReview:
		if r.About = c.WaitsSince(); c.ReviewLate(today, rules, calendar) {
			r.Rung, nth = 1, 1
		}
	case UrgeItem:
		if i.Status.InHand() {
			r.Rung, nth = 1, 1
		}
	}
	return r, nth
}

// RemindItems writes an event and the notices for each item whose date comes near,
// of which nothing is heard, or which waits too long for a supervisor: each rung
// once, however many days were missed, and nothing on a day that is not worked. It
// returns of how many items there was something to say.
func (b *Board) RemindItems() (told int, err error) {
	today := b.Today()
	if b.me.Role != clerk {
		return 0, ErrForbidden
	}
	if !b.calendar.IsWorkday(today) {
		return 0, nil
	}
	furthest := 0
	for _, t := range deadline.Tiers() {
		furthest = max(furthest, slices.Max(b.rules.Of(t).Reminders))
	}
	near := condition{sqlDated + " AND items.due_on >= ? AND items.due_on <= ?", []any{today, b.calendar.LastDayOff(today).Plus(furthest)}}
	for _, of := range []struct {
		act Act
		in  condition
	}{{RemindDue, near}, {RemindIdle, sqlIdle(today, b.rules.IdleDays)}, {RemindReview, sqlReviewLate(today, b.rules, b.calendar)}} {
		n, err := b.remindEach(of.act, of.in)
		told += n
		if err != nil {
			return told, err
		}
	}
	return told, nil
}

// remindEach does one kind of reminder to the items of a condition.
func (b *Board) remindEach(a Act, in condition) (int, error) {
	var items []Item
	err := b.items().Select("items.id", "items.tier", "items.status", "items.due_on", "items.registered_on", "items.progress_on", "items.submitted_on", "items.stated_on", "items.version").
		Where(in.sql, in.args...).Order("items.due_on, items.id").Find(&items).Error
	if err != nil {
		return 0, err
	}
	var had []reminder
	err = b.db.Where("act = ? AND item_id IN (?)", a, b.items().Select("items.id").Where(in.sql, in.args...)).Find(&had).Error
	if err != nil {
		return 0, err
	}
	climbed := map[reminder]int{}
	for _, r := range had {
		of := reminder{ItemID: r.ItemID, Act: a, About: r.About}
		climbed[of] = max(climbed[of], r.Rung)
	}
	items = slices.DeleteFunc(items, func(i Item) bool {
		r, nth := i.due(a, b.Today(), b.rules, b.calendar)
		return nth == 0 || r.Rung <= climbed[reminder{ItemID: i.ID, Act: a, About: r.About}]
	})
	return b.actEach(a, items, func(tx *gorm.DB, item *Item) (Particulars, error) {
		r, nth := item.due(a, b.Today(), b.rules, b.calendar)
		if nth == 0 {
			return nil, Refused{Key: "refused.remind"}
		}
		r.At = b.now
		made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&r)
		if made.Error == nil && made.RowsAffected == 0 {
			return nil, Refused{Key: "refused.remind"}
		}
		return Particulars{"about": string(r.About), "rung": itoa(nth)}, made.Error
	})
}

// Reminder is what one person is told on one day, in one mail at most.
type Reminder struct {
	User     User
	Unit     string // of the person, "" when they have none
	Due      []Card // the date comes near
	Idle     []Card // nothing was heard of it
	Review   []Card // waits for a supervisor longer than it should
	Urged    []Card // a supervisor urges it
	Notices  []NoticeRow
	Rules    Rules // by which this is so
	Calendar Calendar

	carries []int64 // the notices that are then told, with those that are past telling
}

// Items is how many things there are to say.
func (r Reminder) Items() int {
	return len(r.Urged) + len(r.Due) + len(r.Idle) + len(r.Review) + len(r.Notices)
}

// Optional says whether nothing of it is duty.
func (r Reminder) Optional() bool {
	return len(r.Urged)+len(r.Due)+len(r.Idle)+len(r.Review) == 0 && !slices.ContainsFunc(r.Notices, func(n NoticeRow) bool { return !slices.Contains(optional, n.Act) })
}

// Reminders is what each person is to be told today: the notices that no mail has
// carried yet and that they have not read in the page either. It is drawn up on that
// person's own board, so that nobody is told of what they may not see. Nobody is
// told on a day that is not worked, or whose address refuses mail.
func (b *Board) Reminders() ([]Reminder, error) {
	if b.me.Role != clerk {
		return nil, ErrForbidden
	}
	if !b.calendar.IsWorkday(b.Today()) {
		return nil, nil
	}
	if err := b.takeBackReminders(); err != nil {
		return nil, err
	}
	people, err := b.reminded(b.db.Model(&Notice{}).Select("user_id").Where("mailed_on = '' AND read_at IS NULL"))
	if err != nil {
		return nil, err
	}
	return b.reminders(people)
}

// reminded are those of these people who may have a mail today: whose address takes
// any, and who have had none.
func (b *Board) reminded(who *gorm.DB) (people []User, err error) {
	told := b.db.Model(&Mail{}).Select("user_id").Where("kind = ? AND day = ?", MailReminder, b.Today())
	err = b.db.Where("disabled = ? AND email <> '' AND mail_error = ''", false).
		Where("id IN (?) AND id NOT IN (?)", who, told).Order("id").Find(&people).Error
	return people, err
}

// reminders is what each of these people is to be told.
func (b *Board) reminders(people []User) ([]Reminder, error) {
	units, err := b.UnitsByID()
	if err != nil {
		return nil, err
	}
	var all []Reminder
	for _, u := range people {
		own := *b
		own.me = u
		r, err := own.reminder()
		if err != nil {
			return nil, err
		}
		if u.UnitID != nil {
			r.Unit = units[*u.UnitID].Name
		}
		if r.Items() > 0 {
			all = append(all, r)
		}
	}
	return all, nil
}

// reminder is what this board's person is to be told.
func (b *Board) reminder() (Reminder, error) {
	r := Reminder{User: b.me, Rules: b.rules, Calendar: b.calendar}
	var rows []NoticeRow
	err := b.noticeRows().Where("notices.mailed_on = '' AND notices.read_at IS NULL").Order("notices.id").Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return r, err
	}
	// Of what the clock spoke of the item is shown, as it is now: what has been
	// settled since is not worth a word.
	of := map[Act][]int64{}
	for _, row := range rows {
		r.carries = append(r.carries, row.ID)
		if row.Act == RemindDue || row.Act == RemindIdle || row.Act == RemindReview || row.Act == UrgeItem {
			of[row.Act] = append(of[row.Act], row.ItemID)
			continue
		}
		if row.Act == SignItem {
			switch waits, err := b.signingWaits(row.ItemID); {
			case err != nil:
				return r, err
			case !waits:
				continue
			}
		}
		r.Notices = append(r.Notices, row)
	}
	for act, into := range map[Act]*[]Card{UrgeItem: &r.Urged, RemindDue: &r.Due, RemindIdle: &r.Idle, RemindReview: &r.Review} {
		for some := range slices.Chunk(distinct(of[act]), batch) {
			var items []Item
			if err := b.items().Where("items.id IN ?", some).Order("items.due_on, items.id").Find(&items).Error; err != nil {
				return r, err
			}
			for _, i := range items {
				if _, nth := i.due(act, b.Today(), b.rules, b.calendar); nth > 0 {
					*into = append(*into, i.Card())
				}
			}
		}
	}
	return r, nil
}

// takeBackReminders gives back what earlier days' reminders were to carry and never
// did, because no mail left the house: today's says it all. A person is not sent a
// heap of them on one day, nor one of a Friday on a Saturday.
func (b *Board) takeBackReminders() error {
	stale := "mails.kind = 'reminder' AND mails.day < ? AND (mails.state = 'waiting' OR mails.state = 'sending' AND mails.lease_until < ?)"
	return b.db.Transaction(func(tx *gorm.DB) error {
		if err := giveBackNotices(tx, stale, b.Today(), b.now); err != nil {
			return err
		}
		return tx.Model(&Mail{}).Where(stale, b.Today(), b.now).
			Updates(map[string]any{"state": MailDropped, "error": DropReplaced, "lease_until": nil}).Error
	})
}

// PostReminder puts a person's reminder of the day into the outbox and marks the
// notices it carries, both or neither. A second one on the same day is none: false.
func (b *Board) PostReminder(r Reminder, m Mail) (posted bool, err error) {
	if b.me.Role != clerk {
		return false, ErrForbidden
	}
	m.Key = "reminder:" + string(b.Today()) + ":user:" + strconv.FormatInt(r.User.ID, 10)
	m.Kind, m.Day = MailReminder, b.Today()
	m.UserID, m.Role, m.UnitID = r.User.ID, r.User.Role, r.User.UnitID
	err = b.db.Transaction(func(tx *gorm.DB) error {
		n, err := b.in(tx).post(m)
		if err != nil || n == 0 {
			return err
		}
		posted = true
		for some := range slices.Chunk(r.carries, batch) {
			if err := tx.Model(&Notice{}).Where("id IN ?", some).Update("mailed_on", b.Today()).Error; err != nil {
				return err
			}
		}
		return nil
	}, shortTurn)
	return posted && err == nil, err
}
