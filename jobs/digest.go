package jobs

import (
	"context"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// digest makes the week's digest for everybody who gets one, from the first working
// day of the week on: when the program was down then, as soon as it is up again in
// that week, and not in the evening or at night. Once it has been made nobody who comes
// later gets that week's.
func digest(ctx context.Context, r *Run) (made int, err error) {
	if !models.DigestDue(r.Board.Today(), r.Board.Calendar()) || r.Board.Quiet() && !r.ByHand {
		return 0, nil
	}
	if closed, err := r.Board.DigestMade(); err != nil || closed {
		return 0, err
	}
	people, err := r.Board.DigestPeople()
	if err != nil {
		return 0, err
	}
	if len(people) > 0 { // the head that is printed in it is of this morning
		if _, err := checkpoint(ctx, r); err != nil {
			return 0, err
		}
	}
	err = r.Board.DigestReports(people, func(report models.DigestReport) error {
		if !report.Worth() || ctx.Err() != nil {
			return ctx.Err()
		}
		d, titled, err := r.Mail.Digest(ctx, report)
		if err != nil {
			return err
		}
		kept, err := r.Board.KeepDigest(report, d, titled)
		if kept {
			made++
		}
		return err
	})
	if err == nil {
		err = r.Board.CloseDigest()
	}
	return made, err
}

// Digest sets a report as the mail its reader gets, in their language, with as much
// as their address may carry.
func (m Mailer) Digest(ctx context.Context, report models.DigestReport) (d models.Digest, titled bool, err error) {
	v := views.DigestMail(inLanguageOf(ctx, report.User), report, m.Reader(report.User))
	html, err := views.MailDocument(inLanguageOf(ctx, report.User), v)
	return models.Digest{Subject: v.Subject, Text: v.Text(inLanguageOf(ctx, report.User)), HTML: html}, v.Titled, err
}

// Reader is what a mail to this person may carry.
func (m Mailer) Reader(u models.User) views.MailReader {
	return views.MailReader{BaseURL: m.BaseURL, Titles: m.MayHaveTitles(u.Email)}
}

// inLanguageOf is a context in which this person's language is read.
func inLanguageOf(ctx context.Context, u models.User) context.Context {
	if l := text.Language(u.Language); text.Known(l) {
		return text.In(ctx, l)
	}
	return text.In(ctx, text.Chinese)
}
