package models

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"

	"gorm.io/gorm/clause"
)

// leaveKey is the setting that signs the addresses by which optional mail is left.
const leaveKey = "leave_key"

// leaveSigner signs who an address to leave by is for. ErrNotFound while no mail has
// ever carried one.
func (b *Board) leaveSigner() (func(user int64) string, error) {
	var key storeSetting
	err := orNotFound(b.db.Where("name = ?", leaveKey).Take(&key).Error)
	return func(user int64) string {
		mac := hmac.New(sha256.New, []byte(key.Value))
		_, _ = mac.Write([]byte("leave " + strconv.FormatInt(user, 10)))
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
	}, err
}

// fillLeaves gives the optional mails the word by which their reader may leave them.
func (b *Board) fillLeaves(mails []Mail) error {
	var sign func(int64) string
	for n := range mails {
		if !mails[n].Optional {
			continue
		}
		if sign == nil {
			err := b.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&storeSetting{leaveKey, rand.Text()}).Error
			if err == nil {
				sign, err = b.leaveSigner()
			}
			if err != nil {
				return err
			}
		}
		mails[n].Leave = strconv.FormatInt(mails[n].UserID, 10) + "." + sign(mails[n].UserID)
	}
	return nil
}

// leaver is whose word it is. What was made up, and an account that is no more, is not
// found.
func (b *Board) leaver(word string) (User, error) {
	id, _, _ := strings.Cut(word, ".")
	user, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return User{}, ErrNotFound
	}
	sign, err := b.leaveSigner()
	if err != nil {
		return User{}, err
	}
	if !hmac.Equal([]byte(word), []byte(strconv.FormatInt(user, 10)+"."+sign(user))) {
		return User{}, ErrNotFound
	}
	var u User
	return u, orNotFound(b.db.Where("id = ? AND disabled = ?", user, false).Take(&u).Error)
}

// MayLeave says whether somebody may leave optional mail by this word; it changes
// nothing. ErrNotFound when the word is not ours.
func (b *Board) MayLeave(word string) error {
	_, err := b.leaver(word)
	return err
}

// LeaveMail mutes, for the person whose word it is, all kinds of notices that may be
// muted, so that no optional mail goes to them. It may be done twice, and shows
// nothing of the person: the word came by mail, and mails are handed on.
func (b *Board) LeaveMail(word string) error {
	u, err := b.leaver(word)
	if err != nil {
		return err
	}
	own := *b
	own.me = u
	muted, err := own.Muted()
	if err != nil {
		return err
	}
	return own.MuteNotices(append(muted, optional...))
}
