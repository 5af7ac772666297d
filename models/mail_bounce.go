package models

import (
	"strings"

	"gorm.io/gorm"
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
		})
		if err != nil {
			return noted, err
		}
	}
	return noted, nil
}
