package jobs

import (
	"context"
	"log/slog"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// tellHeld has it known that the server takes nothing from us: to the administrators on
// their pages, and in the log, once for each cause.
func (r *Run) tellHeld(a sendAnswer) error {
	return r.tell(a, a.about == aboutUs && a.sure && !passing[a.cause])
}

// tellHeldAtOnce is the same where somebody waits to hear it.
func (r *Run) tellHeldAtOnce(a sendAnswer) error { return r.tell(a, true) }

func (r *Run) tell(a sendAnswer, sure bool) error {
	s := models.MailServer{Name: r.Mail.Server(), Stage: string(a.stage), Cause: a.cause, Words: a.words}
	r.pace.held()
	news, err := r.fresh().HoldMail(s, sure)
	if err == nil && news {
		slog.Warn("mail does not leave", "server", s.Name, "stage", s.Stage, "cause", s.Cause, "words", s.Words, "remedy", r.remedy(s))
	}
	return err
}

// passing are causes that may pass by themselves: a server that is being started anew.
var passing = map[models.MailCause]bool{models.CausePort: true, models.CauseSilence: true, models.CauseLine: true, models.CauseServer: true}

// remedy is what to do about it, as the log says it.
func (r *Run) remedy(s models.MailServer) string {
	return views.MailRemedy(text.In(context.Background(), text.English), s.Cause)
}

// tellLeaves has it known that mail leaves again.
func (r *Run) tellLeaves() error {
	again, err := r.fresh().MailLeaves(r.Mail.Server())
	if err == nil && again {
		slog.Info("mail leaves again", "server", r.Mail.Server())
	}
	return err
}

// tellStill has it known when no mail has left for an hour of a working day.
func (r *Run) tellStill() error {
	still, last, err := r.fresh().MailStill(r.Mail.Server())
	if err != nil || !still {
		return err
	}
	cause := last.Cause
	if cause == "" {
		cause = models.CauseLater
	}
	s := models.MailServer{Name: r.Mail.Server(), Cause: cause, Words: last.Error}
	r.pace.held()
	news, err := r.fresh().HoldMail(s, true)
	if err == nil && news {
		slog.Warn("mail has not left for an hour", "server", s.Name, "cause", s.Cause, "words", s.Words, "remedy", r.remedy(s))
	}
	return err
}
