package views

import (
	"context"
	"time"

	"duban/models"
	"duban/views/text"
)

// DigestsView is the archive: the reader's own digests, and for who sees all the
// weeks and the people whose digest they may look at.
type DigestsView struct {
	Own        []models.Digest
	Weeks      []string
	People     []models.User
	Next       models.Day // when the reader may get their first, "" for who has had one
	MayPreview bool
	MayDeliver bool
}

// DigestView is one digest: a mail in a frame, and its text part. Preview is whose
// it would be, "" for one that was sent.
type DigestView struct {
	Title   string
	Week    string
	Mail    string // address of the mail's own document
	Text    string
	Preview string
	Own     bool // the reader's, who may have it mailed
}

// DeliveriesView is what became of a week's digests.
type DeliveriesView struct {
	Week string
	Rows []models.DigestDelivery
	When func(time.Time) string
}

// MayPreview says whether this person may look at another's digest: the office, which
// sees all of it anyway.
func MayPreview(u models.User) bool { return u.Role == models.Office }

// mailReason is why a mail waits, failed or was dropped: our own reasons in words,
// the server's as it gave them.
func mailReason(ctx context.Context, why string) string {
	if key := "mail.reason." + why; why != "" && text.Has(key) {
		return text.T(ctx, key)
	}
	return why
}
