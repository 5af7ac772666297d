package jobs

import (
	"context"

	"duban/models"
	"duban/views"
)

// tellTrouble tells the administrators what did not go as it should since they were
// last told: addresses that refuse mail, runs that were given up.
func (r *Run) tellTrouble(ctx context.Context) error {
	t, err := r.fresh().Troubles()
	if err != nil || t.Items() == 0 || len(t.To) == 0 {
		return err
	}
	var mails []models.Mail
	for _, u := range t.To {
		in := inLanguageOf(ctx, u)
		v := views.TroubleMail(in, t, u, r.Mail.Reader(u), r.now().In(r.store.Zone))
		html, err := views.MailDocument(in, v)
		if err != nil {
			return err
		}
		mails = append(mails, models.Mail{Subject: v.Subject, Text: v.Text(in), HTML: html})
	}
	_, err = r.fresh().PostTrouble(t, mails)
	return err
}
