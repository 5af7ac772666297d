package models

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// TrailCheck is what came of verifying the trail once.
type TrailCheck struct {
	ID          int64
	At          time.Time
	TookMs      int64
	Events      int64
	Signed      int64 // how many of them a signed head vouches for
	Items       int64
	CheckedRows int64
	Files       int64
	Checkpoints int64
	Root        string
	Findings    []Finding `gorm:"serializer:json"`
}

// CheckTrail verifies the trail and every file, and keeps what came of it. It returns
// that with those who are told when something was found: the auditors.
func (b *Board) CheckTrail() (c TrailCheck, to []User, err error) {
	if b.me.Role != clerk {
		return c, nil, ErrForbidden
	}
	ask := VerifyAsk{}
	if b.store.Vault != nil {
		ask.Files = b.CheckFiles
	}
	r, err := b.VerifyTrail(ask)
	if err != nil {
		return c, nil, err
	}
	c = TrailCheck{
		At: b.now, TookMs: r.Took.Milliseconds(), Events: r.Events, Signed: r.Signed, Items: r.Items, CheckedRows: r.Rows,
		Files: r.Files, Checkpoints: int64(r.Checkpoints), Root: r.Root, Findings: r.Findings,
	}
	if c.Findings == nil {
		c.Findings = []Finding{}
	}
	if err := b.db.Create(&c).Error; err != nil || r.Sound() {
		return c, nil, err
	}
	return c, to, b.db.Where("role = ? AND disabled = ? AND email <> ''", Auditor, false).Order("id").Find(&to).Error
}

// CheckFiles looks at every stored file, and finds each piece of evidence whose bytes
// are not what was handed in.
func (b *Board) CheckFiles(ctx context.Context, found func(Finding)) (int64, error) {
	n, err := b.VerifyFiles(ctx, func(u UnsoundEvidence) error {
		found(Finding{"file", []any{u.Number, u.Name, u.Wrong, u.SHA256}})
		return nil
	})
	return int64(n), err
}

// LastTrailCheck is what came of verifying last, for whoever reads the trail; the zero
// one when nobody has yet.
func (b *Board) LastTrailCheck() (c TrailCheck, err error) {
	if !b.MayGovern(ReadTrail) {
		return c, ErrForbidden
	}
	err = known(b.db.Order("id DESC").Limit(1).Take(&c).Error)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return c, err
}

// PostFindings puts into the outbox what each auditor is told of a check's findings,
// once a day.
func (b *Board) PostFindings(c TrailCheck, to []User, mails []Mail) error {
	if b.me.Role != clerk || len(to) != len(mails) {
		return ErrForbidden
	}
	for n, u := range to {
		m := &mails[n]
		m.Key = fmt.Sprintf("findings:%s:user:%d", b.Today(), u.ID)
		m.Kind, m.Day, m.UserID, m.Role, m.UnitID = MailFindings, b.Today(), u.ID, u.Role, u.UnitID
	}
	_, err := b.post(mails...)
	return err
}
