package jobs

import (
	"context"
	"errors"

	"duban/models"
	"duban/views"
)

// growTrail takes what was committed since into the trail's tree.
func growTrail(_ context.Context, r *Run) (int, error) { return r.fresh().GrowTrail(r.owner) }

// checkpoint signs the head of the trail when something has happened since the last
// time. A program that keeps no key signs nothing.
func checkpoint(ctx context.Context, r *Run) (signed int, err error) {
	if _, err := growTrail(ctx, r); err != nil {
		return 0, err
	}
	_, fresh, err := r.fresh().SignTrail()
	if errors.Is(err, models.ErrNoKey) {
		return 0, nil
	}
	if fresh {
		signed = 1
	}
	return signed, err
}

// verify works the whole trail out anew, and tells the auditors what it found. It
// returns how much that is. A tree that was tampered with may not grow; it is verified
// all the same.
func verify(ctx context.Context, r *Run) (found int, err error) {
	_, stuck := growTrail(ctx, r)
	v, to, err := r.Board.CheckTrail()
	if err != nil || len(v.Findings) == 0 {
		return len(v.Findings), errors.Join(stuck, err)
	}
	var mails []models.Mail
	for _, u := range to {
		in := inLanguageOf(ctx, u)
		view := views.FindingsMail(in, v, u, r.Mail.Reader(u))
		html, err := views.MailDocument(in, view)
		if err != nil {
			return len(v.Findings), err
		}
		mails = append(mails, models.Mail{Subject: view.Subject, Text: view.Text(in), HTML: html})
	}
	return len(v.Findings), errors.Join(stuck, r.fresh().PostFindings(v, to, mails))
}
