package jobs

import (
	"context"
	"errors"
	"fmt"

	"duban/models"
	"duban/views"
)

// remind speaks of the items whose date comes near, of which nothing is heard, or
// which wait too long, and puts into the outbox what each person is to be told today:
// one mail a person at most, none on a day that is not worked; and what each chat group
// is told. The administrators are told what did not go as it should.
func remind(ctx context.Context, r *Run) (told int, err error) {
	defer func() { err = errors.Join(err, r.tellGroups(ctx), r.tellCalendar(ctx), r.tellTrouble(ctx)) }()
	if _, err := r.Board.RemindItems(); err != nil {
		return 0, err
	}
	reminders, err := r.Board.Reminders()
	if err != nil {
		return 0, err
	}
	return r.postReminders(ctx, reminders)
}

// tellCalendar tells the office once that a year's days are wanted: from November on those
// of the next one, when the State Council's notice is out or about to be.
func (r *Run) tellCalendar(ctx context.Context) error {
	call, err := r.Board.CalendarCall()
	if err != nil || call.Year == 0 || len(call.To) == 0 {
		return err
	}
	var mails []models.Mail
	for _, u := range call.To {
		in := inLanguageOf(ctx, u)
		v := views.CalendarMail(in, call, u, r.Mail.Reader(u))
		html, err := views.MailDocument(in, v)
		if err != nil {
			return err
		}
		mails = append(mails, models.Mail{Subject: v.Subject, Text: v.Text(in), HTML: html})
	}
	_, err = r.Board.PostCalendarCall(call, mails)
	return err
}

// urge puts into the outbox what those are told whom a supervisor urges, as soon as it
// may be told.
func urge(ctx context.Context, r *Run) (told int, err error) {
	reminders, err := r.fresh().UrgedReminders()
	if err != nil || len(reminders) == 0 {
		return 0, err
	}
	return r.postReminders(ctx, reminders)
}

// postReminders puts reminders into the outbox, one a person.
func (r *Run) postReminders(ctx context.Context, reminders []models.Reminder) (told int, err error) {
	units, err := r.Board.UnitsByID()
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, reminder := range reminders {
		if ctx.Err() != nil {
			return told, errors.Join(append(failed, ctx.Err())...)
		}
		in := inLanguageOf(ctx, reminder.User)
		v := views.ReminderMail(in, reminder, units, r.Mail.Reader(reminder.User), r.Board.Today())
		html, err := views.MailDocument(in, v)
		if err == nil {
			var posted bool
			posted, err = r.Board.PostReminder(reminder, models.Mail{Subject: v.Subject, Text: v.Text(in), HTML: html, Titled: v.Titled, Optional: reminder.Optional()})
			if posted {
				told++
			}
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("reminder of user %d: %w", reminder.User.ID, err))
		}
	}
	return told, errors.Join(failed...)
}
