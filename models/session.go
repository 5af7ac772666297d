package models

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"duban/models/password"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// How wrong tries are met: lockAfter of them, each within lockFor of the one before,
// lock the account for lockFor after the last, whatever address they came from.
const (
	lockAfter = 5
	lockFor   = 15 * time.Minute
)

// ErrSignIn is a name or a password that is not right; which of them is told to
// nobody.
var ErrSignIn = errors.New("sign-in refused")

// SignIn is the person with this name and password. ErrSignIn when either is
// wrong or the account is disabled; Refused "session.locked" with the minutes left
// after too many tries; ErrBusy when too many sign in at once.
func (s *Store) SignIn(ctx context.Context, name, password string) (User, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	db := s.db.WithContext(ctx)
	var u User
	err := orNotFound(db.Where("name = ?", name).Take(&u).Error)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return User{}, err
	}
	// Who it is that fails is not known, and a name that is nobody's may be a password
	// typed into the wrong field: it is not kept.
	failed := func(why string) error {
		b := s.Board(ctx, User{})
		e := b.event(signIn, Particulars{"user": u.Name})
		e.Result = why
		return b.inscribe(&e)
	}
	right, err := s.tryPassword(ctx, u, password)
	switch refused := (Refused{}); {
	case errors.As(err, &refused):
		return User{}, cmp.Or(failed("locked"), err)
	case err != nil:
		return User{}, err
	case u.ID == 0:
		return User{}, cmp.Or(failed("unknown"), ErrSignIn)
	case !right:
		return User{}, cmp.Or(failed("wrong"), ErrSignIn)
	case u.Disabled:
		return User{}, cmp.Or(failed("disabled"), ErrSignIn)
	}
	err = db.Transaction(func(tx *gorm.DB) error {
		return cmp.Or(triedWell(tx, u), s.Board(ctx, u).in(tx).note(signIn, Particulars{"user": u.Name}))
	}, shortTurn)
	return u, err
}

// tryPassword says whether this is the person's password; for nobody it is wrong, and
// takes as long. The try is counted before the password is looked at and in a
// statement of its own, so that tries at once, or an answer never awaited, all count.
// Refused "session.locked" once there were too many.
func (s *Store) tryPassword(ctx context.Context, u User, password string) (right bool, err error) {
	now := s.Now().UTC().Truncate(time.Second)
	db := s.db.WithContext(ctx)
	locked := false
	if u.ID != 0 {
		if err := db.Model(&User{}).Where("id = ? AND locked_until <= ?", u.ID, now).
			Updates(map[string]any{"failed_tries": 0, "locked_until": nil}).Error; err != nil {
			return false, err
		}
		counted := db.Model(&User{}).Where("id = ? AND failed_tries < ?", u.ID, lockAfter).
			Updates(map[string]any{"failed_tries": gorm.Expr("failed_tries + 1"), "locked_until": now.Add(lockFor)})
		if counted.Error != nil {
			return false, counted.Error
		}
		locked = counted.RowsAffected == 0
	}
	right, err = s.matches(ctx, u.Password, password)
	if err == nil && locked {
		left := lockFor
		if u.LockedUntil != nil {
			left = u.LockedUntil.Sub(now)
		}
		return false, Refused{Key: "session.locked", Args: []any{max(1, int(left.Minutes()+0.99))}}
	}
	return right && u.ID != 0, err
}

// hash is a password as it is kept. ErrBusy when too many wait already.
func (s *Store) hash(ctx context.Context, typed string) (string, error) {
	kept, err := s.hasher.Hash(ctx, typed, s.Hashing)
	return kept, busyHashing(err)
}

// matches says whether this is the password that was kept.
func (s *Store) matches(ctx context.Context, kept, typed string) (bool, error) {
	right, err := s.hasher.Matches(ctx, kept, typed, s.Hashing)
	return right, busyHashing(err)
}

func busyHashing(err error) error {
	if errors.Is(err, password.ErrBusy) {
		return ErrBusy
	}
	return err
}

// passwordProblem says what a new password lacks.
func passwordProblem(p *Problems, typed string, u User) {
	if key, args := password.Lack(typed, u.Name); key != "" {
		p.Add("password", key, args...)
	}
}

// triedWell forgets the tries before a right one.
func triedWell(tx *gorm.DB, u User) error {
	return tx.Model(&User{}).Where("id = ?", u.ID).Updates(map[string]any{"failed_tries": 0, "locked_until": nil}).Error
}

// passwordAgain asks for this person's own password once more, before a deed that an
// open screen must not do. A wrong one is a Problem of that field, and counts as a
// wrong try to sign in.
func (b *Board) passwordAgain(p *Problems, field, password string) error {
	ctx := b.db.Statement.Context
	var me User
	if err := orNotFound(b.db.Take(&me, b.me.ID).Error); err != nil {
		return err
	}
	right, err := b.store.tryPassword(ctx, me, password)
	if err != nil {
		return err
	}
	if !right {
		p.Add(field, "signature.wrong")
		return nil
	}
	return triedWell(b.db, me)
}

// signIn and signOut are the acts of coming and going.
const (
	signIn  Act = "sign_in"
	signOut Act = "sign_out"
)

// SignedOut notes that this person has ended their session.
func (b *Board) SignedOut() error { return b.note(signOut, nil) }

// Person is who an account is now, for each request of a session: a disabled
// account is nobody, and a change of role or unit holds from the next request.
func (s *Store) Person(ctx context.Context, id int64) (User, error) {
	return knownStill(s, ctx, fmt.Sprint("person ", id), func() (u User, err error) {
		return u, orNotFound(s.db.WithContext(ctx).Where("id = ? AND disabled = ?", id, false).Take(&u).Error)
	})
}

// session is a row of the session store; the token is kept hashed, so that the
// table holds no live session.
type session struct {
	Token  string `gorm:"primaryKey"`
	UserID int64
	Data   string
	Expiry time.Time
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Sessions keeps server-side sessions in the database, so that they hold on every
// replica and can be ended. UserOf tells whose session the data are.
type Sessions struct {
	store  *Store
	userOf func(data []byte) int64
}

// Sessions is the store's session table. userOf reads the account's number out of
// a session's data, 0 for nobody.
func (s *Store) Sessions(userOf func(data []byte) int64) *Sessions { return &Sessions{s, userOf} }

// FindCtx is the data of a session that has not expired.
func (s *Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	row, known, changes := session{Token: hashToken(token)}, knownOf(ctx), int64(0)
	rewrites := s.store.rewrites.Load()
	// One statement, with how often what each page reads was changed (knowing in store.go).
	found, err := s.store.db.WithContext(ctx).Raw("SELECT data, expiry, (SELECT n FROM changes WHERE id = 1) AS n FROM sessions WHERE token = ? AND expiry > ?", row.Token, s.store.Now().UTC()).Rows()
	if err != nil {
		return nil, false, err
	}
	defer found.Close()
	if !found.Next() {
		return nil, false, found.Err()
	}
	if err := found.Scan(&row.Data, &row.Expiry, &changes); err != nil {
		return nil, false, err
	}
	known.sees(changes, rewrites, row)
	data, err := base64.StdEncoding.DecodeString(row.Data)
	return data, err == nil, err
}

// CommitCtx keeps a session until it expires. One that was ended meanwhile stays
// ended.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	row := session{hashToken(token), s.userOf(data), base64.StdEncoding.EncodeToString(data), expiry.UTC()}
	if kept, found := knownOf(ctx).sessionOf(row.Token); found && kept.Data == row.Data && row.Expiry.Sub(kept.Expiry) < time.Minute {
		return nil // as it was found a moment ago
	}
	// Each request moves the hour at which an idle session ends; moving it by
	// less than a minute is not worth a write.
	var kept session
	err := orNotFound(s.store.db.WithContext(ctx).Where("token = ?", row.Token).Take(&kept).Error)
	if err == nil && kept.Data == row.Data && row.Expiry.Sub(kept.Expiry) < time.Minute {
		return nil
	}
	return s.store.db.WithContext(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "token"}},
		DoUpdates: clause.AssignmentColumns([]string{"user_id", "data", "expiry"}),
		Where:     clause.Where{Exprs: []clause.Expression{gorm.Expr("sessions.expiry > ?", s.store.Now().UTC())}},
	}).Create(&row).Error
}

// endSessions ends sessions at once. Their rows stay until they are swept, so that
// a request under way cannot bring one back when it is done.
func endSessions(which *gorm.DB) error {
	return which.Model(&session{}).Updates(map[string]any{"expiry": time.Unix(0, 0).UTC(), "data": ""}).Error
}

// DeleteCtx ends a session.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	return endSessions(s.store.db.WithContext(ctx).Where("token = ?", hashToken(token)))
}

// Find, Commit and Delete are the same without a request's context.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// HadSession says whether that was the name of a session, which may have ended.
func (s *Store) HadSession(ctx context.Context, token string) bool {
	var n int64
	err := s.db.WithContext(ctx).Model(&session{}).Where("token = ?", hashToken(token)).Count(&n).Error
	return err == nil && n > 0
}

// SweepSessions removes the expired ones and returns how many there were.
func (b *Board) SweepSessions() (int, error) {
	gone := b.db.Where("expiry <= ?", b.now).Delete(&session{})
	return int(gone.RowsAffected), gone.Error
}

// What is kept of what people type: a form's fields up to draftBytes, of one person's forms the
// mostDrafts they typed into last, for draftDays.
const (
	draftBytes = 64 << 10
	mostDrafts = 100
	draftDays  = 60
)

// FormDraft is what a person has typed into a form and not sent: of one form of one page, named by
// the address that it is sent to, so that each item has its own. It is not encrypted: what
// is sent lies in the same database as plainly, and a key beside it would keep nobody out who
// can read that. No page and no mail shows it to anybody else, and it goes when it is sent.
type FormDraft struct {
	ID     int64
	UserID int64
	Place  string
	Fields map[string][]string `gorm:"serializer:json"`
	At     time.Time
}

// TableName is the word that pages use.
func (FormDraft) TableName() string { return "drafts" }

func (d FormDraft) bytes() (n int) {
	for name, values := range d.Fields {
		n += len(name) + len(strings.Join(values, ""))
	}
	return n
}

// KeepDraft keeps what this person has typed into a form in the place of what was kept of it;
// nothing typed is none kept. Refused when it is longer than drafts may be.
func (b *Board) KeepDraft(place string, fields map[string][]string) error {
	if b.me.ID == 0 {
		return ErrForbidden
	}
	d := FormDraft{UserID: b.me.ID, Place: place, Fields: fields, At: b.now}
	if len(place) > 200 || d.bytes() > draftBytes {
		return Refused{Key: "draft.large", Args: []any{draftBytes >> 10}}
	}
	if len(fields) == 0 {
		return b.DropDraft(place)
	}
	err := b.db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "user_id"}, {Name: "place"}}, DoUpdates: clause.AssignmentColumns([]string{"fields", "at"})}).Create(&d).Error
	if err != nil {
		return err
	}
	var beyond []int64
	err = b.db.Model(&FormDraft{}).Where("user_id = ?", b.me.ID).Order("at DESC, id DESC").Offset(mostDrafts).Limit(mostDrafts).Pluck("id", &beyond).Error
	if err != nil || len(beyond) == 0 {
		return err
	}
	return b.db.Where("user_id = ? AND id IN ?", b.me.ID, beyond).Delete(&FormDraft{}).Error
}

// DraftsOf are what this person has typed into these forms and not sent.
func (b *Board) DraftsOf(places []string) ([]FormDraft, error) {
	var own []FormDraft
	err := b.db.Where("user_id = ? AND place IN ?", b.me.ID, places).Order("id").Find(&own).Error
	return own, err
}

// DropDraft forgets what was typed into a form: it was sent, or is not wanted any more.
func (b *Board) DropDraft(place string) error {
	return b.db.Where("user_id = ? AND place = ?", b.me.ID, place).Delete(&FormDraft{}).Error
}

// SweepDrafts removes what nobody has come back to and returns how many there were.
func (b *Board) SweepDrafts() (int, error) {
	gone := b.db.Where("at < ?", b.now.AddDate(0, 0, -draftDays)).Delete(&FormDraft{})
	return int(gone.RowsAffected), gone.Error
}
