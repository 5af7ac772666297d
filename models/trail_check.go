package models

import (
	"context"
	"encoding/json"
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
	Seal        string    // of all of it
}

// sealed is what is sealed of a check: all that it says, in words that are the same on
// both databases.
func (c TrailCheck) sealed() (string, error) {
	c.ID, c.Seal, c.At = 0, "", c.At.UTC()
	findings, err := json.Marshal(c.Findings)
	if err != nil {
		return "", err
	}
	c.Findings = nil // read back as the database gives them, so that a number is one kind of number
	if err := json.Unmarshal(findings, &c.Findings); err != nil {
		return "", err
	}
	text, err := json.Marshal(c)
	return string(text), err
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
	said, err := c.sealed()
	if err != nil {
		return c, nil, err
	}
	c.Seal = b.store.seal(said)
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
// one when nobody has yet. One that no program of ours wrote is itself a finding.
func (b *Board) LastTrailCheck() (c TrailCheck, err error) {
	if !b.MayGovern(ReadTrail) {
		return c, ErrForbidden
	}
	err = orNotFound(b.db.Order("id DESC").Limit(1).Take(&c).Error)
	if errors.Is(err, ErrNotFound) {
		return c, nil
	}
	if err != nil || b.store.key == nil {
		return c, err
	}
	ours, err := b.checkOurs(c)
	if err == nil && !ours {
		c.Findings = append(c.Findings, Finding{"check", []any{c.ID}})
	}
	return c, err
}

// checkOurs says whether a program of ours wrote what came of verifying. Earlier builds
// did not seal it; once one is sealed, those after it are.
func (b *Board) checkOurs(c TrailCheck) (bool, error) {
	said, err := c.sealed()
	if err != nil {
		return false, err
	}
	if c.Seal != "" {
		return b.store.key.Sealed(said, c.Seal), nil
	}
	var sealed bool
	err = b.db.Raw("SELECT EXISTS (SELECT 1 FROM trail_checks WHERE seal <> '')").Scan(&sealed).Error
	return !sealed, err
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
