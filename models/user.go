package models

import (
	"errors"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
)

// User is a person with an account. Name is what they sign in with; UnitID is set
// for a unit's people and for nobody else; Body is the department of those who
// are of no unit, as it is called (新区纪工委), and BodyCode, for supervisors, which
// of the supervising bodies that is. LockedUntil is UTC.
type User struct {
	ID        int64
	Name      string
	FullName  string
	Role      Role
	UnitID    *int64
	Body      string
	BodyCode  Body
	Post      string
	Email     string
	MailError string // why mail to this address came back; "" when it does not
	// MailRefusedOn is the day on which the address was refused first since it took mail
	// last: only a second one on another day marks it.
	MailRefusedOn Day
	// MailReportedOn is the last day on which it was reported that a mail taken for it had
	// not arrived.
	MailReportedOn Day
	Language       string
	Password       string // argon2id, never the word itself
	MustChange     bool
	Disabled       bool
	FailedTries    int
	LockedUntil    *time.Time // until when tries count; locked only when there were too many
	Demo           bool
	CreatedAt      time.Time
}

// TheClerk is the program itself at set hours. It has a role and rights like any
// other, so that the trail never has a blank and "the system did it" is never
// above the rules.
var TheClerk = User{Name: "clerk", Role: clerk}

// Host is whoever may run commands on the program's own host. It makes accounts
// and sees no items.
var Host = User{Name: "host", Role: SysAdmin}

// HostOffice is the same person where the office's work is done: taking in a ledger.
var HostOffice = User{Name: "host", Role: Office}

var signInNames = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,39}$`)

func (u User) problems() error {
	var p Problems
	if !signInNames.MatchString(u.Name) {
		p.Add("name", "user.name.form")
	}
	nameProblem(&p, "full_name", u.FullName)
	if !slices.Contains(Roles(), u.Role) {
		p.Add("role", "required")
	}
	if u.Role == Supervisor && !slices.Contains(Bodies(), u.BodyCode) {
		p.Add("body_code", "required")
	}
	if u.Role.ofUnit() && u.UnitID == nil {
		p.Add("unit", "user.unit.required")
	}
	if u.Email != "" && !ValidAddress(u.Email) {
		p.Add("email", "user.email.form")
	}
	return p.Err()
}

// ValidAddress says whether mail may be sent to this address: one plain address
// and nothing that could end a header.
func ValidAddress(email string) bool {
	a, err := mail.ParseAddress(email)
	return err == nil && a.Address == email && !strings.ContainsAny(email, "\r\n\x00")
}

// SaveUser makes an account, or changes the one with this ID. A new one needs a
// first password, which its owner must change; with an ID, an empty password
// leaves the old one. A new password, disabling, or another role or unit ends the
// person's sessions.
func (b *Board) SaveUser(u User, password string) (User, error) {
	u.Name, u.FullName = strings.ToLower(strings.TrimSpace(u.Name)), strings.TrimSpace(u.FullName)
	u.Email = strings.TrimSpace(u.Email)
	named := u.UnitID
	if !u.Role.ofUnit() {
		u.UnitID = nil
	}
	switch {
	case u.Role != Supervisor:
		u.BodyCode = ""
	case u.BodyCode == "":
		u.BodyCode = OtherBody
	}
	if !b.MayGovern(GovernUsers) { // before a password is hashed for nothing
		return User{}, ErrForbidden
	}
	var p Problems
	if err := u.problems(); err != nil {
		errors.As(err, &p)
	}
	if password != "" || u.ID == 0 {
		passwordProblem(&p, password, u)
	}
	if err := b.unitProblem(&p, "unit", named); err != nil {
		return User{}, err
	}
	if p != nil {
		return User{}, p
	}
	if password != "" {
		hash, err := b.store.hash(b.db.Statement.Context, password)
		if err != nil {
			return User{}, err
		}
		u.Password, u.MustChange = hash, true
	}
	err := b.govern(GovernUsers, func(tx *gorm.DB) (Particulars, error) {
		if err := alreadyTaken(tx, &User{}, u.ID, map[string]string{"name": u.Name}); err != nil {
			return nil, err
		}
		particulars := Particulars{"user": u.Name, "role": string(u.Role)}
		if u.ID == 0 {
			u.CreatedAt = b.now
			return particulars, tx.Create(&u).Error
		}
		if u.Disabled {
			particulars["disabled"] = "true"
		}
		return particulars, b.in(tx).changeUser(&u, password != "")
	})
	return u, err
}

// changeUser writes what is different about an account; renewed says that its password
// is another. Nobody shuts themselves out, and who may not go on as before signs in
// again.
func (b *Board) changeUser(u *User, renewed bool) error {
	if u.ID == b.me.ID && (u.Disabled || u.Role != b.me.Role) {
		return Refused{Key: "user.not_yourself"}
	}
	var was User
	if err := orNotFound(b.db.Take(&was, u.ID).Error); err != nil {
		return err
	}
	columns := []string{"name", "full_name", "role", "unit_id", "body", "body_code", "post", "email", "disabled", "failed_tries", "locked_until"}
	if renewed {
		columns = append(columns, "password", "must_change")
	}
	if u.Email != was.Email {
		columns, u.MailError, u.MailRefusedOn, u.MailReportedOn = append(columns, "mail_error", "mail_refused_on", "mail_reported_on"), "", "", ""
	}
	if !u.Disabled {
		if err := b.leaves(was, *u); err != nil {
			return err
		}
	}
	if renewed || u.Disabled || u.Role != was.Role || !sameUnit(u.UnitID, was.UnitID) {
		if err := endSessions(b.db.Where("user_id = ?", u.ID)); err != nil {
			return err
		}
	}
	return oneRow(b.db.Model(&User{}).Where("id = ?", u.ID).Select(columns).Updates(u))
}

// leaves says whether an account may leave its unit: not while its person still answers
// for open items there, which nobody could hand over afterwards. An account is disabled
// at any time.
func (b *Board) leaves(was, u User) error {
	if was.UnitID == nil || sameUnit(was.UnitID, u.UnitID) {
		return nil
	}
	var n int64
	err := b.db.Model(&Item{}).Where("unit_id = ? AND status IN ? AND (leader_id = ? OR handler_id = ?)", *was.UnitID, unshut, u.ID, u.ID).Count(&n).Error
	if err != nil || n == 0 {
		return err
	}
	field := "unit"
	if u.UnitID == nil {
		field = "role"
	}
	return Problems{{Field: field, Key: "user.leaves", Args: []any{n}}}
}

func sameUnit(a, z *int64) bool {
	if a == nil || z == nil {
		return a == z
	}
	return *a == *z
}

// Users are all accounts, for who governs them; a unit's own, for its people.
func (b *Board) Users() ([]User, error) {
	var users []User
	err := b.users().Order("disabled, role, unit_id, id").Find(&users).Error
	return users, err
}

// User is one account by its number.
func (b *Board) User(id int64) (User, error) {
	var u User
	return u, orNotFound(b.users().Where("id = ?", id).Take(&u).Error)
}

func (b *Board) users() *gorm.DB {
	q := b.db.Model(&User{})
	switch {
	case b.MayGovern(GovernUsers), b.me.Role.SeesAll():
		return q
	case b.me.Role.ofUnit() && b.me.UnitID != nil:
		return q.Where("unit_id = ?", *b.me.UnitID)
	}
	return q.Where("id = ?", b.me.ID)
}

// NamesOf are the names of these people, for a trail: a unit reads who of the
// supervisors wrote to it, so this asks for no right beyond having the trail.
func (b *Board) NamesOf(ids []int64) (map[int64]User, error) {
	names := map[int64]User{}
	ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id == 0 })
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) == 0 {
		return names, nil
	}
	users, err := knownTo(b, "names "+joinedIDs(ids), func() (users []User, err error) {
		return users, b.db.Select("id", "full_name", "role", "unit_id", "body", "body_code", "post").Where("id IN ?", ids).Find(&users).Error
	})
	for _, u := range users {
		names[u.ID] = u
	}
	return names, err
}

// ChooseLanguage keeps the language this person reads.
func (b *Board) ChooseLanguage(language string) error {
	return b.db.Model(&User{}).Where("id = ?", b.me.ID).Update("language", language).Error
}

// ChangePassword replaces this person's own password, ends all their other
// sessions, and needs the old one.
func (b *Board) ChangePassword(old, fresh, keepSession string) error {
	ctx := b.db.Statement.Context
	var me User
	if err := orNotFound(b.db.Take(&me, b.me.ID).Error); err != nil {
		return err
	}
	right, err := b.store.matches(ctx, me.Password, old)
	if err != nil {
		return err
	}
	var p Problems
	if !right {
		p.Add("old", "password.wrong")
	}
	passwordProblem(&p, fresh, me)
	if right && old == fresh {
		p.Add("password", "password.same")
	}
	if p != nil {
		return p
	}
	hash, err := b.store.hash(ctx, fresh)
	if err != nil {
		return err
	}
	return b.db.Transaction(func(tx *gorm.DB) error {
		b, deed := b.in(tx).doing()
		tx = b.db
		changed := tx.Model(&User{}).Where("id = ? AND password = ?", me.ID, me.Password).
			Updates(map[string]any{"password": hash, "must_change": false})
		if err := oneRow(changed); err != nil {
			return ErrStale
		}
		if err := endSessions(tx.Where("user_id = ? AND token <> ?", me.ID, hashToken(keepSession))); err != nil {
			return err
		}
		return b.inscribeDeed("change_password", deed, Particulars{"user": me.Name})
	})
}

// HeadOf is the name of the head of the item's unit, "" when there is no account.
func (b *Board) HeadOf(item Item) (string, error) {
	var names []string
	err := b.db.Model(&User{}).Where("unit_id IN (?) AND role = ? AND disabled = ?",
		b.kept().Select("items.unit_id").Where("items.id = ?", item.ID), Head, false).Order("id").Limit(1).Pluck("full_name", &names).Error
	if len(names) == 0 {
		return "", err
	}
	return names[0], err
}

// Named is the account of that sign-in name, for the program itself and for who
// governs accounts or may look at another's digest.
func (b *Board) Named(name string) (User, error) {
	if !b.MayGovern(GovernUsers) && !b.MayGovern(GovernMail) {
		return User{}, ErrNotFound
	}
	var u User
	return u, orNotFound(b.db.Where("name = ?", strings.ToLower(strings.TrimSpace(name))).Take(&u).Error)
}
