package models

import (
	"duban/models/day"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// How many items an edition lists: the rest is one link away.
const (
	digestRows    = 20 // a supervisor's, in all
	unitRows      = 10 // a unit's
	principalRows = 3  // a principal's: the longest overdue
)

// Edition is whom a digest is written for.
type Edition string

// The editions. A unit's is not sent when nothing of it is late or due.
const (
	EditionSupervisor Edition = "supervisor"
	EditionUnit       Edition = "unit"
	EditionPrincipal  Edition = "principal"
)

// EditionOf is the edition a person gets, "" for none. The office reads what the
// supervisors read.
func EditionOf(u User) Edition {
	switch {
	case u.Role == Supervisor || u.Role == Office:
		return EditionSupervisor
	case u.Role == Principal:
		return EditionPrincipal
	case u.Role.ofUnit():
		return EditionUnit
	default:
		return ""
	}
}

// Digest is one person's digest of one week, as it was sent: frozen, so that what is
// sent again is the same.
type Digest struct {
	ID        int64
	Week      string // the week it speaks of: 2024-W27
	Edition   Edition
	UserID    int64
	UnitID    *int64
	Day       Day // on which it was made
	Subject   string
	Text      string
	HTML      string
	CreatedAt time.Time
}

// DigestDue says whether the week's digest may go out on this day, if it has not yet:
// a program that was down on the right day makes it good on the next that is worked.
func DigestDue(day Day, calendar Calendar) bool {
	first := digestDayOf(day, calendar)
	return first != "" && day >= first && calendar.IsWorkday(day)
}

// digestDayOf is the first working day of the day's week, "" when none is worked.
func digestDayOf(on Day, calendar Calendar) Day {
	monday, sunday := day.WeekOf(on)
	if d := calendar.NextWorkday(monday); d <= sunday {
		return d
	}
	return ""
}

// NextDigest is the day on which the next digest is made, from this day on: the first
// working day of a week.
func NextDigest(on Day, calendar Calendar) Day {
	for monday, _ := day.WeekOf(on); ; monday = monday.Plus(7) {
		if first := digestDayOf(monday, calendar); first >= on {
			return first
		}
	}
}

// DigestWeek is the week that a digest made on this day speaks of: the one before.
func DigestWeek(on Day) string {
	monday, _ := day.WeekOf(on)
	return day.Week(monday.Plus(-1))
}

// DigestReport is what one person's digest says, counted and listed on that
// person's own board.
type DigestReport struct {
	User     User
	Edition  Edition
	Unit     Unit // of a unit's edition
	Day      Day
	Calendar Calendar // the days it counted by
	Week     string
	Tally    Tally
	Since    Day     // the end of the week before that one, on whatever day it is made
	Change   int     // of what is overdue, since then
	Gap      bool    // it was not recorded: there is nothing to compare with
	More     int     // a unit's duties of this week that are neither overdue nor due in it
	Waiting  Waiting // for a unit's reader: their signature, their receipt
	DueWeek  int     // open items due between today and Sunday
	NextDue  Day     // the first of them
	Needs    []Card  // waits for a supervisor, the longest first
	Overdue  []Card  // the longest first
	Due      []Card
	Closed   []Card // struck off in the week
	ClosedN  int
	Units    []Unit     // in the organisation's order, with items
	Head     Checkpoint // the newest signed head of the trail, in a supervisor's
	DueBy    map[int64]int
	units    map[int64]Unit
}

// UnitOf is the unit of a card.
func (r DigestReport) UnitOf(c Card) Unit { return r.units[c.UnitID] }

// Worth says whether there is anything to send: a unit with nothing late and nothing
// due hears nothing.
func (r DigestReport) Worth() bool {
	return r.Edition != EditionUnit || r.Tally.Overdue() > 0 || r.DueWeek > 0
}

// DigestPeople are those who are to get this week's digest and have not yet.
func (b *Board) DigestPeople() ([]User, error) {
	if b.me.Role != clerk {
		return nil, ErrForbidden
	}
	var people []User
	have := b.db.Model(&Digest{}).Select("user_id").Where("week = ?", DigestWeek(b.Today()))
	err := b.db.Where("disabled = ? AND email <> '' AND role IN ?", false, []Role{Supervisor, Office, Principal, Head, Leader, Handler}).
		Where("id NOT IN (?)", have).Order("id").Find(&people).Error
	return people, err
}

// digestMade is the setting that says that everybody has the digest of a week.
const digestMade = "digest_made:"

// DigestMade says whether this week's digest has been made for everybody, so that
// nobody who comes later gets it.
func (b *Board) DigestMade() (bool, error) {
	var n int64
	err := b.db.Model(&storeSetting{}).Where("name = ?", digestMade+DigestWeek(b.Today())).Count(&n).Error
	return n > 0, err
}

// CloseDigest notes that this week's digest has been made for everybody, if it was
// for anybody.
func (b *Board) CloseDigest() error {
	var n int64
	week := DigestWeek(b.Today())
	err := b.db.Model(&Digest{}).Where("week = ?", week).Limit(1).Count(&n).Error
	if err != nil || n == 0 {
		return err
	}
	return b.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&storeSetting{digestMade + week, b.now.Format(time.RFC3339)}).Error
}

// DigestReports draws up the digests of these people, each on their own board. What
// several of them see alike is counted once.
func (b *Board) DigestReports(people []User, each func(DigestReport) error) error {
	drawn := map[string]DigestReport{}
	var failed []error
	for _, u := range people {
		edition := EditionOf(u)
		if edition == "" || !b.mayDraw(u) {
			continue
		}
		own := *b
		own.me = u
		seen, err := own.sight()
		if err != nil {
			failed = append(failed, fmt.Errorf("digest of user %d: %w", u.ID, err))
			continue
		}
		key := string(edition) + seen.String()
		r, ok := drawn[key]
		if !ok {
			var err error
			if r, err = own.digestReport(edition); err != nil {
				failed = append(failed, fmt.Errorf("digest of user %d: %w", u.ID, err))
				continue
			}
			drawn[key] = r
		}
		r.User = u
		if edition == EditionUnit { // which is their own, and not of all who see the same
			if r.Waiting, err = own.Waiting(r.Unit); err != nil {
				failed = append(failed, fmt.Errorf("digest of user %d: %w", u.ID, err))
				continue
			}
		}
		if err := each(r); err != nil {
			failed = append(failed, fmt.Errorf("digest of user %d: %w", u.ID, err))
		}
	}
	return errors.Join(failed...)
}

// mayDraw says whether this board's person may have a digest drawn up: everybody
// their own; another's the program and the office, who see everything anyway.
func (b *Board) mayDraw(u User) bool {
	return b.me.Role == clerk || b.me.ID == u.ID || b.me.Role == Office
}

// digestReport is the report of this board's person.
func (b *Board) digestReport(edition Edition) (r DigestReport, err error) {
	today := b.Today()
	_, sunday := day.WeekOf(today)
	r = DigestReport{Edition: edition, Day: today, Calendar: b.calendar, Week: DigestWeek(today)}
	if r.units, err = b.UnitsByID(); err != nil {
		return r, err
	}
	if b.me.UnitID != nil {
		r.Unit = r.units[*b.me.UnitID]
	}
	if edition == EditionSupervisor {
		if r.Head, err = b.lastCheckpoint(); err != nil {
			return r, err
		}
	}
	if r.Tally, err = b.Tally(Filter{}); err != nil {
		return r, err
	}
	week := Filter{DueFrom: today, DueTo: sunday, due: "week"}
	if r.DueBy, err = countByUnit(b.where(week)); err != nil {
		return r, err
	}
	for _, n := range r.DueBy {
		r.DueWeek += n
	}
	end, _ := day.WeekEnd(r.Week)
	r.Since = end.Plus(-7)
	back := 2
	if today > end.Plus(1) { // the page's weeks have gone on since Monday, and the digest's has not
		back = 3
	}
	weeks, err := b.OverdueWeeks(r.Tally, back)
	if err != nil {
		return r, err
	}
	if r.Gap = weeks[0].Gap; !r.Gap {
		r.Change = r.Tally.Overdue() - weeks[0].N()
	}
	if edition == EditionUnit {
		n, err := b.Count(DutiesOf(r.Unit))
		if err != nil {
			return r, err
		}
		r.More = int(n) - r.Tally.Overdue() - r.DueWeek
	}
	left := map[Edition]int{EditionSupervisor: digestRows, EditionUnit: unitRows, EditionPrincipal: principalRows}[edition]
	list := func(into *[]Card, f Filter, most int) error {
		f.Size = min(left, most)
		if f.Size <= 0 {
			return nil
		}
		cards, err := b.List(f)
		*into, left = cards, left-len(cards)
		return err
	}
	closed := Filter{ClosedFrom: end.Plus(-6), ClosedTo: end}
	if edition == EditionSupervisor {
		if err := list(&r.Needs, Filter{ReviewLate: true}, 5); err != nil {
			return r, err
		}
	}
	if err := list(&r.Overdue, Filter{Lights: []Light{LightOver}}, 10); err != nil {
		return r, err
	}
	if edition != EditionPrincipal {
		week.Sort = "due"
		if err := list(&r.Due, week, left); err != nil {
			return r, err
		}
		if len(r.Due) > 0 {
			r.NextDue = r.Due[0].DueOn
		}
	}
	n, err := b.Count(closed)
	if err != nil {
		return r, err
	}
	r.ClosedN = int(n)
	if edition == EditionSupervisor {
		closed.Sort = "-closed"
		if err := list(&r.Closed, closed, left); err != nil {
			return r, err
		}
	}
	if edition != EditionUnit {
		counted := map[int64]bool{}
		for _, c := range r.Tally.Cells {
			counted[c.UnitID] = true
		}
		for _, u := range r.units {
			if counted[u.ID] {
				r.Units = append(r.Units, u)
			}
		}
		slices.SortFunc(r.Units, inOrganisation)
	}
	return r, nil
}

// countByUnit is how many of these items each unit has.
func countByUnit(items *gorm.DB) (map[int64]int, error) {
	var rows []struct {
		UnitID int64
		N      int
	}
	err := items.Select("items.unit_id, COUNT(*) AS n").Group("items.unit_id").Scan(&rows).Error
	by := map[int64]int{}
	for _, row := range rows {
		by[row.UnitID] = row.N
	}
	return by, err
}

// KeepDigest freezes a person's digest in the archive and puts it into the outbox,
// both or neither, once a week. false says that they have it already.
func (b *Board) KeepDigest(r DigestReport, d Digest, titled bool) (kept bool, err error) {
	if b.me.Role != clerk {
		return false, ErrForbidden
	}
	d.Week, d.Edition, d.UserID, d.UnitID, d.Day, d.CreatedAt = r.Week, r.Edition, r.User.ID, r.User.UnitID, r.Day, b.now
	err = b.db.Transaction(func(tx *gorm.DB) error {
		made := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "week"}, {Name: "user_id"}}, DoNothing: true}).Create(&d)
		if made.Error != nil || made.RowsAffected == 0 {
			return made.Error
		}
		kept = true
		// One of an earlier week that never left is not sent beside it; it stays in the
		// archive.
		err := tx.Model(&Mail{}).Where("user_id = ? AND kind = ? AND state = ? AND day < ?", r.User.ID, MailDigest, MailWaiting, r.Day).
			Updates(map[string]any{"state": MailDropped, "error": DropReplaced}).Error
		if err != nil {
			return err
		}
		m := d.mail(r.User, titled, "")
		if _, err = b.in(tx).post(m); err != nil {
			return err
		}
		// Who reads it in the page gets no mail; the delivery list says so.
		inPage, err := b.in(tx).mutedBy(DigestMail, []int64{r.User.ID})
		if err != nil || len(inPage) == 0 {
			return err
		}
		return tx.Model(&Mail{}).Where("key = ?", m.Key).Updates(map[string]any{"state": MailDropped, "error": DropInPage}).Error
	})
	return kept, err
}

// mail is the outbox row of a digest; what it says stays with the digest.
func (d Digest) mail(u User, titled bool, again string) Mail {
	return Mail{
		Key: "digest:" + d.Week + ":user:" + strconv.FormatInt(d.UserID, 10) + again, Kind: MailDigest,
		UserID: u.ID, Role: u.Role, UnitID: u.UnitID, Titled: titled, DigestID: &d.ID, Day: d.Day, Subject: d.Subject,
	}
}

// Digests are this person's own, the newest first, without their texts.
func (b *Board) Digests(limit int) ([]Digest, error) {
	var own []Digest
	err := b.db.Select("id", "week", "edition", "user_id", "unit_id", "day", "subject", "created_at").
		Where("user_id = ?", b.me.ID).Order("week DESC").Limit(limit).Find(&own).Error
	return own, err
}

// Digest is this person's own of a week; another's is not found.
func (b *Board) Digest(week string) (Digest, error) {
	var d Digest
	return d, orNotFound(b.db.Where("week = ? AND user_id = ?", week, b.me.ID).Take(&d).Error)
}

// DigestDelivery is one person's digest of a week and what became of its mail.
type DigestDelivery struct {
	DigestID int64
	FullName string
	Edition  Edition
	State    MailState
	Error    string
	Address  string
	SentAt   *time.Time
}

// Deliveries are what became of a week's digests: sent, waiting, refused. Whether a
// mail was opened is not recorded anywhere.
func (b *Board) Deliveries(week string) ([]DigestDelivery, error) {
	if !b.MayGovern(GovernMail) {
		return nil, ErrForbidden
	}
	var rows []DigestDelivery
	err := b.db.Table("mails").Select("digests.id AS digest_id, users.full_name, digests.edition, mails.state, mails.error, mails.address, mails.sent_at").
		Joins("JOIN digests ON digests.id = mails.digest_id").Joins("JOIN users ON users.id = digests.user_id").
		Where("digests.week = ?", week).Order("users.id, mails.id").Scan(&rows).Error
	return rows, err
}

// TryDigest mails this person their own digest as it would be now, to see how it looks
// where they read it; once a minute at most. It is not kept in the archive, and the
// week's goes out all the same.
func (b *Board) TryDigest(d Digest, titled bool) error {
	if b.me.Email == "" {
		return Refused{Key: "digest.no_address"}
	}
	_, err := b.post(Mail{
		Key:  "digest_try:" + b.now.Format("20060102T1504") + ":user:" + strconv.FormatInt(b.me.ID, 10),
		Kind: MailDigestTry, UserID: b.me.ID, Role: b.me.Role, UnitID: b.me.UnitID, Titled: titled, Day: b.Today(),
		Subject: d.Subject, Text: d.Text, HTML: d.HTML,
	})
	return err
}

// ResendDigest sends a digest once more, the very same, for who lost it.
func (b *Board) ResendDigest(id int64) error {
	return b.govern(GovernMail, func(tx *gorm.DB) (Particulars, error) {
		var d Digest
		if err := orNotFound(tx.Take(&d, id).Error); err != nil {
			return nil, err
		}
		var u User
		if err := orNotFound(tx.Where("id = ? AND disabled = ? AND email <> ''", d.UserID, false).Take(&u).Error); err != nil {
			return nil, Refused{Key: "digest.no_address"}
		}
		var before []Mail
		if err := tx.Select("id", "titled").Where("digest_id = ?", d.ID).Order("id").Find(&before).Error; err != nil {
			return nil, err
		}
		titled := slices.ContainsFunc(before, func(m Mail) bool { return m.Titled })
		_, err := b.in(tx).post(d.mail(u, titled, ":again:"+itoa(len(before))))
		return Particulars{"week": d.Week, "user": u.Name}, err
	})
}

// DigestReaders are those who get a digest, for who may look at another's.
func (b *Board) DigestReaders() ([]User, error) {
	if b.me.Role != Office {
		return nil, ErrForbidden
	}
	var people []User
	err := b.db.Select("id", "name", "full_name", "role", "unit_id", "body").Where("disabled = ? AND role IN ?", false, []Role{Supervisor, Office, Principal, Head, Leader, Handler}).
		Order("unit_id, id").Find(&people).Error
	return people, err
}

// DigestWeeks are the weeks whose digests have been made, the newest first.
func (b *Board) DigestWeeks(limit int) ([]string, error) {
	var weeks []string
	err := b.db.Model(&Digest{}).Distinct("week").Order("week DESC").Limit(limit).Pluck("week", &weeks).Error
	return weeks, err
}
