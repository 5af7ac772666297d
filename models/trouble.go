package models

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"gorm.io/gorm"
)

// Trouble is what did not go as it should and that nobody was told of yet: mails that
// failed, runs of jobs that were given up. It holds no word of the ledger.
type Trouble struct {
	Mails []MailRow
	Runs  []JobRun
	To    []User // those who keep the program running
}

// Items is how many things there are to say.
func (t Trouble) Items() int { return len(t.Mails) + len(t.Runs) }

// Troubles is what there is to tell the administrators, and who they are. What
// failed on its way to themselves is not told by the same way.
func (b *Board) Troubles() (t Trouble, err error) {
	if b.me.Role != clerk {
		return t, ErrForbidden
	}
	err = b.mailRows().Where("mails.state = ? AND mails.told = ? AND mails.kind <> ?", MailFailed, false, MailTrouble).Order("mails.id").Scan(&t.Mails).Error
	if err != nil {
		return t, err
	}
	err = b.db.Where("state = ? AND attempt >= ? AND told = ? AND error <> ?", RunFailed, RunTries, false, RunLeft).Order("tick, job").Find(&t.Runs).Error
	if err != nil || t.Items() == 0 {
		return t, err
	}
	err = b.db.Where("role = ? AND disabled = ? AND email <> '' AND mail_error = ''", SysAdmin, false).Order("id").Find(&t.To).Error
	return t, err
}

// PostTrouble puts into the outbox what each of the administrators is told of a
// trouble, one mail for each of To, and notes that it has been told; all or nothing.
// False says that another did so meanwhile.
func (b *Board) PostTrouble(t Trouble, mails []Mail) (posted bool, err error) {
	if b.me.Role != clerk {
		return false, ErrForbidden
	}
	if len(mails) == 0 || len(mails) != len(t.To) {
		return false, nil
	}
	err = b.db.Transaction(func(tx *gorm.DB) error {
		for some := range slices.Chunk(t.Mails, batch) {
			ids := make([]int64, len(some))
			for n, m := range some {
				ids[n] = m.ID
			}
			if err := allRows(tx.Model(&Mail{}).Where("id IN ? AND told = ?", ids, false).Update("told", true), len(ids)); err != nil {
				return err
			}
		}
		for _, r := range t.Runs {
			if err := allRows(tx.Model(&JobRun{}).Where("job = ? AND tick = ? AND told = ?", r.Job, r.Tick, false).Update("told", true), 1); err != nil {
				return err
			}
		}
		nth, err := b.in(tx).count("trouble", 1)
		if err != nil {
			return err
		}
		for n, u := range t.To {
			m := &mails[n]
			m.Key = fmt.Sprintf("trouble:%d:user:%s", nth, strconv.FormatInt(u.ID, 10))
			m.Kind, m.Day, m.UserID, m.Role, m.UnitID = MailTrouble, b.Today(), u.ID, u.Role, u.UnitID
		}
		_, err = b.in(tx).post(mails...)
		return err
	}, shortTurn)
	if errors.Is(err, errTold) {
		return false, nil
	}
	return err == nil, err
}

// errTold says that somebody else has told of it.
var errTold = fmt.Errorf("told already: %w", ErrStale)

func allRows(changed *gorm.DB, want int) error {
	if changed.Error == nil && int(changed.RowsAffected) != want {
		return errTold
	}
	return changed.Error
}
