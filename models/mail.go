package models

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// How the outbox is emptied.
const (
	// mailLease is how long a claim of mails holds unless it is renewed. Whoever dies
	// with them in hand leaves them to the next after it.
	mailLease = time.Minute
	// mailGivenUp is after how long a mail that only ever met passing refusals is
	// given up; a server that is down for a long weekend is none.
	mailGivenUp = 5 * 24 * time.Hour
	// mailsKept is how long sent ones are kept for the delivery list.
	mailsKept = 180
)

// Mail is a message in the outbox. Key makes it once, whoever writes it and however
// often: "digest:2026-W48:user:42". Role, UnitID and Titled are what its content was
// made for: it is not sent to who has become somebody else meanwhile.
type Mail struct {
	ID         int64
	Key        string
	Kind       string // digest, reminder
	UserID     int64
	Role       Role
	UnitID     *int64
	Titled     bool // it carries short titles, for an address that may have them
	DigestID   *int64
	Day        Day
	Subject    string
	Text       string
	HTML       string
	State      MailState
	Attempts   int
	NextAt     time.Time
	Owner      string
	LeaseUntil *time.Time
	Error      string
	Address    string
	CreatedAt  time.Time
	SentAt     *time.Time
}

// MailState is how far a mail is.
type MailState string

// A mail waits, is in somebody's hands, and is sent; or it failed for good, or was
// dropped because its reader may no longer have it.
const (
	MailWaiting MailState = "waiting"
	MailSending MailState = "sending"
	MailSent    MailState = "sent"
	MailFailed  MailState = "failed"
	MailDropped MailState = "dropped"
)

// MailStates are all of them, in the order a delivery list counts them.
func MailStates() []MailState {
	return []MailState{MailWaiting, MailSending, MailSent, MailFailed, MailDropped}
}

// Why a mail was dropped, or its server's answer is not known.
const (
	DropDisabled  = "disabled"   // the account was disabled
	DropRight     = "right"      // its role or unit is another now
	DropNoAddress = "no_address" // it has none
	DropAddress   = "address"    // another address, that may not have short titles
	MailUnclear   = "unclear"    // the connection broke before the server said whether it has it
)

// post writes mails into the outbox, in this board's transaction. One whose key is
// there already is left as it is.
func (b *Board) post(mails ...Mail) error {
	if len(mails) == 0 {
		return nil
	}
	for n := range mails {
		m := &mails[n]
		m.State, m.NextAt, m.CreatedAt = MailWaiting, b.now, b.now
	}
	return b.db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "key"}}, DoNothing: true}).CreateInBatches(&mails, batch).Error
}

// ClaimMails takes up to n mails that are due into this owner's hands: those that
// wait, and those whose last owner never came back. Only the program itself may.
func (b *Board) ClaimMails(owner string, n int) ([]Mail, error) {
	if b.me.Role != clerk {
		return nil, ErrForbidden
	}
	until := b.now.Add(mailLease)
	var mails []Mail
	err := b.db.Transaction(func(tx *gorm.DB) error {
		due := func(q *gorm.DB) *gorm.DB {
			return q.Where("state IN ('waiting', 'sending') AND next_at <= ? AND (state = 'waiting' OR lease_until < ?)", b.now, b.now)
		}
		var ids []int64
		err := due(tx.Model(&Mail{}).Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"})).
			Order("next_at, id").Limit(n).Pluck("id", &ids).Error
		if err != nil || len(ids) == 0 {
			return err
		}
		err = due(tx.Model(&Mail{}).Where("id IN ?", ids)).
			Updates(map[string]any{"state": MailSending, "owner": owner, "lease_until": until, "attempts": gorm.Expr("attempts + 1")}).Error
		if err != nil {
			return err
		}
		return tx.Where("id IN ? AND owner = ? AND lease_until = ?", ids, owner, until).Order("next_at, id").Find(&mails).Error
	})
	if err == nil {
		err = b.fillDigests(mails)
	}
	return mails, err
}

// fillDigests gives the mails of digests what they say.
func (b *Board) fillDigests(mails []Mail) error {
	of := map[int64][]int{}
	var ids []int64
	for n, m := range mails {
		if m.DigestID != nil {
			of[*m.DigestID], ids = append(of[*m.DigestID], n), append(ids, *m.DigestID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var digests []Digest
	if err := b.db.Where("id IN ?", ids).Find(&digests).Error; err != nil {
		return err
	}
	for _, d := range digests {
		for _, n := range of[d.ID] {
			mails[n].Text, mails[n].HTML = d.Text, d.HTML
		}
	}
	return nil
}

// HoldMails renews the claim of mails still in hand.
func (b *Board) HoldMails(mails []Mail) error {
	ids := make([]int64, len(mails))
	for n, m := range mails {
		ids[n] = m.ID
	}
	return b.db.Model(&Mail{}).Where("id IN ? AND state = 'sending' AND owner = ?", ids, mails[0].Owner).
		Update("lease_until", b.now.Add(mailLease)).Error
}

// Addressee is who a claimed mail goes to, as they are now; dropped says why they
// get it no longer. allowed tells whether an address may have short titles.
func (b *Board) Addressee(m Mail, allowed func(address string) bool) (u User, dropped string, err error) {
	if err := b.db.Take(&u, m.UserID).Error; err != nil {
		return u, "", err
	}
	sameUnit := m.UnitID == nil && u.UnitID == nil || m.UnitID != nil && u.UnitID != nil && *m.UnitID == *u.UnitID
	switch {
	case u.Disabled:
		dropped = DropDisabled
	case u.Role != m.Role, !sameUnit:
		dropped = DropRight
	case u.Email == "":
		dropped = DropNoAddress
	case m.Titled && !allowed(u.Email):
		dropped = DropAddress
	}
	return u, dropped, nil
}

// MailSentTo notes that the server has taken a mail. It holds only while the claim
// does: false says that another has taken the mail over meanwhile.
func (b *Board) MailSentTo(m Mail, address string) (bool, error) {
	return b.endMail(m, map[string]any{"state": MailSent, "sent_at": b.now, "address": address, "error": ""})
}

// MailDroppedFor notes that nobody gets this mail, and why.
func (b *Board) MailDroppedFor(m Mail, why string) (bool, error) {
	return b.endMail(m, map[string]any{"state": MailDropped, "error": why})
}

// MailRefused notes that a mail could not be sent. A passing refusal is tried again
// after a while, longer each time; one for good fails it and marks the address, for
// the administrator to see. An answer that never came is tried again once: the mail
// may have arrived, and carries the same Message-ID.
func (b *Board) MailRefused(m Mail, address, why string, passing, unclear bool) error {
	changes := map[string]any{"state": MailWaiting, "error": clip(why, 500), "address": address, "next_at": b.now.Add(patience(m.Attempts, m.ID))}
	switch {
	case unclear && m.Error == MailUnclear:
		changes["state"] = MailFailed
	case unclear:
		changes["error"] = MailUnclear
	case !passing, b.now.Sub(m.CreatedAt) > mailGivenUp:
		changes["state"] = MailFailed
	}
	_, err := b.endMail(m, changes)
	if err != nil || passing || unclear {
		return err
	}
	return b.db.Model(&User{}).Where("id = ? AND email = ?", m.UserID, address).Update("mail_error", clip(why, 200)).Error
}

// ReleaseMail gives back a mail that was claimed and never begun. after is when to
// try again: at once for zero.
func (b *Board) ReleaseMail(m Mail, after time.Duration, why string) error {
	_, err := b.endMail(m, map[string]any{
		"state": MailWaiting, "attempts": gorm.Expr("attempts - 1"), "next_at": b.now.Add(after), "error": clip(firstOf([]string{why, m.Error}), 500),
	})
	return err
}

func (b *Board) endMail(m Mail, changes map[string]any) (bool, error) {
	changes["lease_until"] = nil
	ended := b.db.Model(&Mail{}).Where("id = ? AND state = 'sending' AND owner = ? AND attempts = ?", m.ID, m.Owner, m.Attempts).Updates(changes)
	return ended.RowsAffected == 1, ended.Error
}

// patience is how long to wait before another try: half a minute, doubled each
// time, four hours at most, and never the same for all of a batch.
func patience(attempts int, id int64) time.Duration {
	wait := min(30*time.Second<<min(max(attempts-1, 0), 12), 4*time.Hour)
	return wait + wait*time.Duration(id%16)/64
}

// MessageID is the mail's own name in the world, always the same: who is sent it
// twice can see that it is one.
func (m Mail) MessageID(host string) string {
	return strings.NewReplacer(":", ".", "@", ".").Replace(m.Key) + "@" + host
}

// MailCounts are how many mails of each state there are, and the oldest that waits.
func (b *Board) MailCounts() (counts map[MailState]int, oldest *time.Time, err error) {
	if !b.MayGovern(GovernMail) {
		return nil, nil, ErrForbidden
	}
	var rows []struct {
		State MailState
		N     int
	}
	counts = map[MailState]int{}
	err = b.db.Model(&Mail{}).Select("state, COUNT(*) AS n").Group("state").Scan(&rows).Error
	for _, row := range rows {
		counts[row.State] = row.N
	}
	if err != nil || counts[MailWaiting] == 0 {
		return counts, nil, err
	}
	var first Mail
	err = b.db.Select("created_at").Where("state = ?", MailWaiting).Order("created_at").Limit(1).Take(&first).Error
	return counts, &first.CreatedAt, err
}

// MailRow is a mail as the delivery list shows it: to whom, not what it says.
type MailRow struct {
	ID        int64
	Kind      string
	Day       Day
	Name      string
	FullName  string
	Email     string
	Address   string
	State     MailState
	Attempts  int
	Error     string
	CreatedAt time.Time
	NextAt    time.Time
	SentAt    *time.Time
}

// Mails are the newest mails of these states, at most limit.
func (b *Board) Mails(limit int, states ...MailState) ([]MailRow, error) {
	if !b.MayGovern(GovernMail) {
		return nil, ErrForbidden
	}
	var rows []MailRow
	err := b.db.Table("mails").
		Select("mails.id, mails.kind, mails.day, users.name, users.full_name, users.email, mails.address, mails.state, mails.attempts, mails.error, mails.created_at, mails.next_at, mails.sent_at").
		Joins("JOIN users ON users.id = mails.user_id").Where("mails.state IN ?", states).
		Order("mails.id DESC").Limit(limit).Scan(&rows).Error
	return rows, err
}

// ResendMail puts a failed mail back into the outbox, as it is.
func (b *Board) ResendMail(id int64) error {
	return b.govern(GovernMail, func(tx *gorm.DB) (Particulars, error) {
		again := tx.Model(&Mail{}).Where("id = ? AND state = ?", id, MailFailed).
			Updates(map[string]any{"state": MailWaiting, "attempts": 0, "error": "", "next_at": b.now, "created_at": b.now})
		if err := oneRow(again); err != nil {
			if errors.Is(err, ErrNotFound) {
				return nil, Refused{Key: "mail.not_failed"}
			}
			return nil, err
		}
		return Particulars{"mail": fmt.Sprint(id)}, nil
	})
}

// SweepMails removes what has been sent or dropped long ago, and returns how many
// that were.
func (b *Board) SweepMails() (int, error) {
	gone := b.db.Where("state IN ('sent', 'dropped') AND created_at < ?", b.now.AddDate(0, 0, -mailsKept)).Delete(&Mail{})
	return int(gone.RowsAffected), gone.Error
}
