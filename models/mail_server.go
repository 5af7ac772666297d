package models

import (
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// When somebody is told that mail does not leave.
const (
	// mailStill is after how long without a mail leaving, though some wait.
	mailStill = time.Hour
	// mailBlink is how long a server may be away without a word: it is being started anew.
	mailBlink = 30 * time.Second
	// mailLearned is how long limits that a server showed are believed.
	mailLearned = 24 * time.Hour
)

// MailServer is what is known of the office's mail server. HeldAt is since when it takes
// nothing from us, nil when it does; Stage, Cause and Words are then why, as far as the
// conversation came. ToldAt is when the administrators were told. Lines and PerMinute are
// the most that it was seen to take, 0 for no limit.
type MailServer struct {
	Name      string `gorm:"primaryKey"`
	Stage     string
	Cause     MailCause
	Words     string
	HeldAt    *time.Time
	ToldAt    *time.Time
	TakenAt   *time.Time
	Lines     int
	PerMinute int
	LearnedAt *time.Time
}

// Told says whether the administrators are to read of it.
func (s MailServer) Told() bool { return s.HeldAt != nil && s.ToldAt != nil }

// MailDialogue is a conversation with the mail server step by step, without secrets, for
// who has to find out why it does not take mail. Stage is how far it came; Cause is why
// no further, "" when the server took all that it was given; Words are then its own, or
// the line's. Certificate is the SHA-256 fingerprint of the server's certificate, "" on an
// open line; Unverified says that it was not asked who vouches for it.
type MailDialogue struct {
	Steps       []MailStep
	Stage       string
	Cause       MailCause
	Words       string
	Certificate string
	Unverified  bool
}

// MailStep is one line of a dialogue: what we said or what the server did; or, where Note
// is set, what happened to the line, a key of views/text with its
// arguments.
type MailStep struct {
	Ours  bool
	Words string
	Note  string
	Args  []any
}

// MailFact is one of the settings of mail, by its variable; never a secret.
type MailFact struct{ Setting, Value string }

// MailServer is what is known of the server of that name; the zero of it when nothing is.
// Limits seen too long ago are not known any more.
func (b *Board) MailServer(name string) (s MailServer, err error) {
	if !b.MayGovern(GovernMail) {
		return s, ErrForbidden
	}
	if err = orNotFound(b.db.Where("name = ?", name).Take(&s).Error); errors.Is(err, ErrNotFound) {
		return MailServer{Name: name}, nil
	}
	if s.LearnedAt != nil && b.now.Sub(*s.LearnedAt) > mailLearned {
		s.Lines, s.PerMinute, s.LearnedAt = 0, 0, nil
	}
	return s, err
}

// MailOutage is the server that takes nothing from us, for those who can do something
// about it; ok is false while mail leaves, and for everybody else.
func (b *Board) MailOutage() (s MailServer, ok bool, err error) {
	if !b.MayGovern(GovernMail) {
		return s, false, nil
	}
	held, err := knownTo(b, "mail held", func() (held []MailServer, err error) {
		return held, b.db.Where("held_at IS NOT NULL AND told_at IS NOT NULL").Order("held_at").Limit(1).Find(&held).Error
	})
	if err != nil || len(held) == 0 {
		return s, false, err
	}
	return held[0], true, nil
}

// HoldMail notes that the server takes nothing from us, and why. News is true when the
// administrators are to be told: of each cause once, at once where it is sure that it
// does not pass by itself.
func (b *Board) HoldMail(s MailServer, sure bool) (news bool, err error) {
	if b.me.Role != clerk {
		return false, ErrForbidden
	}
	s.Words = printable(s.Words, 500)
	err = b.db.Transaction(func(tx *gorm.DB) error {
		err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&MailServer{Name: s.Name}).Error
		if err != nil {
			return err
		}
		of := func() *gorm.DB { return tx.Model(&MailServer{}).Where("name = ?", s.Name) }
		err = of().Updates(map[string]any{"held_at": gorm.Expr("COALESCE(held_at, ?)", b.now), "words": s.Words}).Error
		if err != nil {
			return err
		}
		q := of().Where("told_at IS NULL OR cause <> ? OR stage <> ?", s.Cause, s.Stage)
		if !sure {
			if err := of().Where("told_at IS NULL").Updates(map[string]any{"cause": s.Cause, "stage": s.Stage}).Error; err != nil {
				return err
			}
			q = of().Where("told_at IS NULL AND held_at <= ?", b.now.Add(-mailBlink))
		}
		told := q.Updates(map[string]any{"told_at": b.now, "cause": s.Cause, "stage": s.Stage})
		news = told.RowsAffected == 1
		return told.Error
	}, shortTurn)
	return news && err == nil, err
}

// MailLeaves notes that the server has taken a mail. Again is true when it had taken
// none before and the administrators were told so.
func (b *Board) MailLeaves(name string) (again bool, err error) {
	if b.me.Role != clerk {
		return false, ErrForbidden
	}
	err = b.db.Transaction(func(tx *gorm.DB) error {
		var was MailServer
		if err := orNotFound(tx.Where("name = ?", name).Take(&was).Error); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		again = was.Told()
		now := MailServer{Name: name, TakenAt: &b.now}
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.Assignments(map[string]any{
			"taken_at": b.now, "held_at": nil, "told_at": nil, "stage": "", "cause": "", "words": "",
		})}).Create(&now).Error
	}, shortTurn)
	return again && err == nil, err
}

// MailAnswers notes that the server would take mail from us again, though none has left.
func (b *Board) MailAnswers(name string) (again bool, err error) {
	if b.me.Role != clerk {
		return false, ErrForbidden
	}
	cleared := b.db.Model(&MailServer{}).Where("name = ? AND held_at IS NOT NULL", name).
		Updates(map[string]any{"held_at": nil, "told_at": nil, "stage": "", "cause": "", "words": ""})
	return cleared.RowsAffected > 0, cleared.Error
}

// AskForMailTrial notes in the trail that this person has a trial mail sent there.
func (b *Board) AskForMailTrial(address string) error {
	return b.govern(GovernMail, func(*gorm.DB) (Particulars, error) {
		if !ValidAddress(address) {
			return nil, Problems{{Field: "address", Key: "user.email.form"}}
		}
		return Particulars{"trial": address}, nil
	})
}

// MailMinder is the address of one who keeps the program running, "" for none: a server
// is asked whether it would take mail for them.
func (b *Board) MailMinder() (address string, err error) {
	if b.me.Role != clerk {
		return "", ErrForbidden
	}
	var found []string
	err = b.db.Model(&User{}).Where("role = ? AND disabled = ? AND email <> '' AND mail_error = ''", SysAdmin, false).
		Order("id").Limit(1).Pluck("email", &found).Error
	if len(found) == 0 {
		return "", err
	}
	return found[0], err
}

// MailStill says whether no mail has left for an hour of a working day though some have
// waited as long, and what the last of them was told. Reminders do not count while it
// is quiet: they are not to leave; nor does a mail that was refused while others were
// taken.
func (b *Board) MailStill(name string) (still bool, last Mail, err error) {
	if b.me.Role != clerk {
		return false, last, ErrForbidden
	}
	s, err := b.MailServer(name)
	since := b.now.Add(-mailStill)
	if err != nil || !b.calendar.IsWorkday(b.Today()) || s.TakenAt != nil && s.TakenAt.After(since) || s.Told() {
		return false, last, err
	}
	which, args := b.sendable()
	var waiting []Mail
	err = b.db.Select("id", "cause", "error").Where("state IN ('waiting', 'sending') AND doubts = 0 AND created_at <= ?", since).Where(which, args...).
		Order("attempts DESC, id").Limit(1).Find(&waiting).Error
	if err != nil || len(waiting) == 0 {
		return false, last, err
	}
	return true, waiting[0], nil
}

// LearnMail keeps the limits that a server showed.
func (b *Board) LearnMail(name string, lines, perMinute int) error {
	if b.me.Role != clerk {
		return ErrForbidden
	}
	s := MailServer{Name: name, Lines: lines, PerMinute: perMinute, LearnedAt: &b.now}
	return b.db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.Assignments(map[string]any{
		"lines": lines, "per_minute": perMinute, "learned_at": b.now,
	})}).Create(&s).Error
}

// KeepMailServer forgets what other servers did than the one that the settings name now.
func (b *Board) KeepMailServer(name string) error {
	if b.me.Role != clerk {
		return ErrForbidden
	}
	return b.db.Model(&MailServer{}).Where("name <> ? AND held_at IS NOT NULL", name).
		Updates(map[string]any{"held_at": nil, "told_at": nil, "stage": "", "cause": "", "words": ""}).Error
}

// installationName is the setting that names this register in the world's Message-IDs.
const installationName = "installation"

// Installation is this register's own part of Message-IDs, made once.
func (b *Board) Installation(fresh func() string) (string, error) {
	var s storeSetting
	err := orNotFound(b.db.Where("name = ?", installationName).Take(&s).Error)
	if !errors.Is(err, ErrNotFound) {
		return s.Value, err
	}
	if err := b.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&storeSetting{installationName, fresh()}).Error; err != nil {
		return "", err
	}
	err = orNotFound(b.db.Where("name = ?", installationName).Take(&s).Error)
	return s.Value, err
}

// MailCause is why a mail did not leave, as people are told it and as mails that
// failed together are sent again together. Its words and its remedy stand in
// views/text under mail.reason.cause.… and mail.reason.remedy.….
type MailCause string

// The causes, from the first word to the server to the last. Those up to CauseRefused
// are about us: nothing leaves until somebody changes something.
const (
	CauseHost        MailCause = "host"         // no machine has that name
	CausePort        MailCause = "port"         // the machine takes no connection there
	CauseSilence     MailCause = "silence"      // it takes the connection and says nothing
	CauseImplicit    MailCause = "implicit"     // it waits for TLS from the first word on
	CauseNotImplicit MailCause = "not_implicit" // it does not speak TLS from the first word on
	CauseProtocol    MailCause = "protocol"     // it speaks, and it is not SMTP
	CauseTurnedAway  MailCause = "turned_away"  // it greets us with a refusal
	CauseName        MailCause = "name"         // it does not like the name of our EHLO
	CauseNoTLS       MailCause = "no_tls"       // it offers no TLS, and we want it
	CauseWantsTLS    MailCause = "wants_tls"    // it wants TLS, and we were told to do without
	CauseUnknownCert MailCause = "unknown_cert" // nobody we know vouches for its certificate
	CauseExpiredCert MailCause = "expired_cert" // its certificate is no longer, or not yet, good
	CauseOtherCert   MailCause = "other_cert"   // its certificate is for another name
	CausePin         MailCause = "pin"          // its certificate is not the one that was pinned
	CauseTLS         MailCause = "tls"          // TLS fails otherwise
	CausePassword    MailCause = "password"     // it refuses the user or the password
	CauseMechanism   MailCause = "mechanism"    // it offers no way to sign in that we know, or were told to use
	CauseNoAuth      MailCause = "no_auth"      // it offers no way to sign in at all
	CauseNeedsAuth   MailCause = "needs_auth"   // it takes nothing from who does not sign in
	CauseClearAuth   MailCause = "clear_auth"   // the password would go over an open line
	CauseFrom        MailCause = "from"         // our own sender's address cannot be read
	CauseSender      MailCause = "sender"       // it refuses our sender's address
	CauseClient      MailCause = "client"       // it refuses the address we come from
	CauseRelay       MailCause = "relay"        // it does not carry mail on for us
	CauseBlocked     MailCause = "blocked"      // it holds us for a sender of junk
	CauseRefused     MailCause = "refused"      // it refuses everybody's mail, and says no more
	CausePace        MailCause = "pace"         // too many at once, or in too short a time
	CauseQuota       MailCause = "quota"        // the day's or the hour's share is used up
	CauseLine        MailCause = "line"         // the line breaks
	CauseServer      MailCause = "server"       // it has trouble of its own
	CauseAddress     MailCause = "address"      // there is no such address
	CauseClosed      MailCause = "closed"       // the mailbox is closed
	CauseFull        MailCause = "full"         // the mailbox is full
	CauseDomain      MailCause = "domain"       // the address's own server takes no mail, or is not found
	CauseContent     MailCause = "content"      // it refuses what the mail says
	CauseSize        MailCause = "size"         // the mail is too large
	CauseLater       MailCause = "later"        // refused for now
)

// MailReport is what a mail server reported later of a mail that ours had taken (RFC
// 3464). ID is the part of its Message-ID before the @, Address whom it did not reach.
type MailReport struct {
	ID      string
	Address string
	Status  string // 5.1.1
	Words   string
	Cause   MailCause
	Nobody  bool // it is the address that is at fault
}

// NoteReports notes reports of mails that did not arrive: the mail has failed, and its
// address is remembered as one that a server refuses at once would be. Noted is how many
// of them speak of a mail of ours to that address; a report that does not, as anybody may
// write one, changes nothing.
func (b *Board) NoteReports(installation string, reports ...MailReport) (noted int, err error) {
	if b.me.Role != clerk {
		return 0, ErrForbidden
	}
	for _, r := range reports {
		id, ours := strings.CutSuffix(r.ID, "."+installation)
		if !ours || installation == "" {
			continue
		}
		err := b.db.Transaction(func(tx *gorm.DB) error {
			var found []Mail
			err := tx.Select("id", "user_id", "address").Where("REPLACE(REPLACE(key, ':', '.'), '@', '.') = ? AND state = ? AND LOWER(address) = ?", id, MailSent, strings.ToLower(r.Address)).
				Limit(1).Find(&found).Error
			if err != nil || len(found) == 0 {
				return err
			}
			m := found[0]
			failed := tx.Model(&Mail{}).Where("id = ? AND state = ?", m.ID, MailSent).Updates(map[string]any{
				"state": MailFailed, "failed_at": b.now, "error": printable(r.Words, 500), "cause": r.Cause,
			})
			if failed.Error != nil || failed.RowsAffected == 0 {
				return failed.Error
			}
			noted++
			if !r.Nobody {
				return nil
			}
			if err := tx.Model(&User{}).Where("id = ? AND email = ?", m.UserID, m.Address).Update("mail_reported_on", b.Today()).Error; err != nil {
				return err
			}
			return b.mark(tx, MailTry{To: User{ID: m.UserID, Email: m.Address}, Why: r.Words, Proven: true})
		}, shortTurn)
		if err != nil {
			return noted, err
		}
	}
	return noted, nil
}
