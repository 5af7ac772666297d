package models

import (
	"cmp"
	"context"
	"crypto/rand"
	"duban/models/day"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// How far a calendar reaches, and how many things of one day stand in it one by one.
const (
	feedBack  = 60
	feedAhead = 400
	feedMost  = 3000
	feedDay   = 5
)

// Feed is a person's calendar at an address that is its own secret: whoever has the
// address reads it. The address is kept as a hash, shown once, and replaced or ended
// by the person.
type Feed struct {
	UserID    int64  `gorm:"primaryKey"`
	Token     string // its hash
	CreatedAt time.Time
	UsedOn    Day // last fetched
}

// Feed is this person's, when they have one.
func (b *Board) Feed() (f Feed, ok bool, err error) {
	found := b.db.Where("user_id = ?", b.me.ID).Limit(1).Find(&f)
	return f, found.RowsAffected > 0, found.Error
}

// MakeFeed gives this person a calendar's address and returns the word in it, which
// cannot be had again. One they had before ends.
func (b *Board) MakeFeed() (word string, err error) {
	if !b.me.Role.SeesLedger() {
		return "", ErrForbidden
	}
	word = rand.Text()
	err = b.db.Transaction(func(tx *gorm.DB) error {
		f := Feed{UserID: b.me.ID, Token: hashToken(word), CreatedAt: b.now}
		if err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "user_id"}}, UpdateAll: true}).Create(&f).Error; err != nil {
			return err
		}
		return b.in(tx).note("make_feed", nil)
	}, shortTurn)
	return word, err
}

// EndFeed ends this person's calendar address, if they have one.
func (b *Board) EndFeed() error {
	return b.db.Transaction(func(tx *gorm.DB) error {
		ended := tx.Where("user_id = ?", b.me.ID).Delete(&Feed{})
		if ended.Error != nil || ended.RowsAffected == 0 {
			return ended.Error
		}
		return b.in(tx).note("end_feed", nil)
	}, shortTurn)
}

// FeedReader is whose calendar it is, as they are now, and notes the day on which it
// was read. ErrNotFound for a word that is none, and for who may no longer see the
// ledger.
func (s *Store) FeedReader(ctx context.Context, word string) (u User, err error) {
	db := s.db.WithContext(ctx)
	var f Feed
	if err := orNotFound(db.Where("token = ?", hashToken(word)).Take(&f).Error); err != nil {
		return u, err
	}
	if err := orNotFound(db.Where("id = ? AND disabled = ?", f.UserID, false).Take(&u).Error); err != nil {
		return u, err
	}
	if !u.Role.SeesLedger() {
		return User{}, ErrNotFound
	}
	today := day.Of(s.Now().In(s.Zone))
	if f.UsedOn != today {
		err = db.Model(&Feed{}).Where("user_id = ? AND token = ?", f.UserID, f.Token).Update("used_on", today).Error
	}
	return u, err
}

// FeedKind is what a day of the calendar is about.
type FeedKind string

// What stands in a calendar.
const (
	FeedDue      FeedKind = "due"      // the item's date
	FeedStanding FeedKind = "standing" // a standing item is to be looked at again
	FeedReview   FeedKind = "review"   // a supervisor is to have decided by then
)

// FeedEvent is one entry: an item, or as many as N of one kind on one day.
type FeedEvent struct {
	Kind FeedKind
	Day  Day
	N    int
	Card Card // where N is 1
	// Version is the item's where N is 1: a calendar takes the entry of a higher one for the
	// newer.
	Version int
}

// FeedEvents are the dates of what this person sees: deadlines of open items, reviews
// of standing ones, and for who decides on them the days by which submissions are to
// be decided. Where many fall on one day they are one entry.
func (b *Board) FeedEvents() ([]FeedEvent, error) {
	today := b.Today()
	from, to := today.Plus(-feedBack), today.Plus(feedAhead)
	cards := map[FeedKind]map[Day][]Card{}
	read := func(kind FeedKind, when func(Card) Day, order, sql string, args ...any) error {
		var some []Card
		if err := b.items().Where(sql, args...).Order(order).Limit(feedMost).Find(&some).Error; err != nil {
			return err
		}
		cards[kind] = map[Day][]Card{}
		for _, c := range some {
			cards[kind][when(c)] = append(cards[kind][when(c)], c)
		}
		return nil
	}
	err := read(FeedDue, func(c Card) Day { return c.DueOn }, "items.due_on, items.id", sqlDated+" AND items.due_on >= ? AND items.due_on <= ?", from, to)
	if err == nil {
		err = read(FeedStanding, func(c Card) Day { return c.ReviewOn }, "items.review_on, items.id",
			"items.standing = ? AND items.review_on <> '' AND items.review_on >= ? AND items.review_on <= ?", true, from, to)
	}
	if err == nil && (b.me.Role == Supervisor || b.me.Role == Office) {
		err = read(FeedReview, func(c Card) Day { return c.AnswerBy(b.rules, b.calendar) }, "items.submitted_on, items.id",
			"items.status = ? AND items.submitted_on >= ?", Submitted, from)
	}
	var events []FeedEvent
	for kind, days := range cards {
		for day, of := range days {
			if len(of) > feedDay {
				events = append(events, FeedEvent{Kind: kind, Day: day, N: len(of)})
				continue
			}
			for _, c := range of {
				events = append(events, FeedEvent{Kind: kind, Day: day, N: 1, Card: c})
			}
		}
	}
	if err == nil {
		err = b.feedVersions(events)
	}
	slices.SortFunc(events, func(a, z FeedEvent) int {
		return cmp.Or(cmp.Compare(a.Day, z.Day), cmp.Compare(a.Kind, z.Kind), cmp.Compare(a.Card.ID, z.Card.ID))
	})
	return events, err
}

// FeedOf is an item's own entry: its date, or the day it is looked at again; none when
// it has neither ahead.
func FeedOf(i Item) []FeedEvent {
	var events []FeedEvent
	if i.Status.InHand() && i.DueOn != "" {
		events = append(events, FeedEvent{Kind: FeedDue, Day: i.DueOn, N: 1, Card: i.Card(), Version: i.Version})
	}
	if i.Standing && i.ReviewOn != "" {
		events = append(events, FeedEvent{Kind: FeedStanding, Day: i.ReviewOn, N: 1, Card: i.Card(), Version: i.Version})
	}
	return events
}

// feedVersions gives each entry that is one item's the version of it.
func (b *Board) feedVersions(events []FeedEvent) error {
	of := map[int64]int{}
	var ids []int64
	for _, e := range events {
		if e.N == 1 {
			ids = append(ids, e.Card.ID)
		}
	}
	for some := range slices.Chunk(distinct(ids), batch) {
		var rows []struct {
			ID      int64
			Version int
		}
		if err := b.items().Select("items.id, items.version").Where("items.id IN ?", some).Scan(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			of[row.ID] = row.Version
		}
	}
	for n := range events {
		events[n].Version = of[events[n].Card.ID]
	}
	return nil
}
