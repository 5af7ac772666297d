package jobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// trialPatience is how long each step of a trial may take: somebody waits for it.
const trialPatience = 10 * time.Second

// TryMail sends a trial mail at once, past the outbox, and writes down the conversation.
// What it shows of the server is known to the outbox as well.
func (r *Runner) TryMail(ctx context.Context, to string, language text.Language) (models.MailDialogue, error) {
	run := r.run(ctx, true)
	if !r.mail.Configured() {
		return models.MailDialogue{}, models.Refused{Key: "mail.trial.no_server"}
	}
	if !r.trying.TryLock() {
		return models.MailDialogue{}, models.ErrBusy
	}
	defer r.trying.Unlock()
	in := text.In(ctx, language)
	v := views.TrialMail(in, r.mail.BaseURL, text.Moment(in, r.store.Now().In(r.store.Zone), ""))
	html, err := views.MailDocument(in, v)
	if err != nil {
		return models.MailDialogue{}, err
	}
	installation, err := run.fresh().Installation(newMark)
	if err != nil {
		return models.MailDialogue{}, err
	}
	m := r.mail
	m.Patience = min(m.patience(), trialPatience)
	mailed := models.Mail{Key: "trial:" + rand.Text()[:12], Subject: v.Subject, Text: v.Text(in), HTML: html}
	l, err := m.message(mailed, models.User{Email: to}, installation, run.now())
	line := conversation{heard: &recorder{}}
	defer line.end()
	var a sendAnswer
	switch {
	case errors.Is(err, errAddress):
		return models.MailDialogue{}, models.Problems{{Field: "address", Key: "user.email.form"}}
	case err != nil:
		a = sendAnswer{stage: stageSender, about: aboutUs, cause: models.CauseFrom, sure: true, words: err.Error()}
	default:
		if a = line.open(ctx, m); a.about == aboutNothing {
			a = line.send(m, l)
		}
	}
	heard := line.heard.MailDialogue
	heard.Stage, heard.Cause, heard.Words = string(a.stage), a.cause, a.words
	if a.about == aboutNothing {
		r.pace.answers()
		return heard, errors.Join(run.tellLeaves(), run.fresh().MailArrived(to))
	}
	if a.about == aboutUs && a.verdict(nothingKnown) == outboxIsHeld {
		err = run.tellHeldAtOnce(a)
	} else {
		err = nil
	}
	return heard, err
}

// CheckMail asks the mail server once, beside all else, whether it would take mail from
// us, so that who has just mistyped a setting is told before the first mail is due.
func (r *Runner) CheckMail() {
	if !r.mail.Configured() {
		return
	}
	r.besides(func() {
		run := r.run(r.ctx, false)
		if err := errors.Join(run.fresh().KeepMailServer(r.mail.Server()), run.check(r.ctx)); err != nil {
			slog.Error("mail server not checked", "error", err)
		}
	})
}

// stageOrder is which stage comes before which.
var stageOrder = []stage{stageConnect, stageGreet, stageTLS, stageHello, stageAuth, stageSender, stageReader, stageData, stageBody}

// check asks the server whether it would take a mail for one of the administrators, and
// sends none. What it says no to is told; a yes takes back what was told before, as far
// as it was asked.
func (r *Run) check(ctx context.Context) error {
	to, err := r.fresh().MailMinder()
	if err != nil {
		return err
	}
	var line conversation
	defer line.end()
	a := line.open(ctx, r.Mail)
	asked := stageSender
	if a.about == aboutNothing {
		if a = line.check(r.Mail, to); to != "" {
			asked = stageReader
		}
	}
	if a.about == aboutLine || a.about == aboutUs && a.sure {
		r.pace.broke(r.now())
		a.sure = true // whoever set it up is looking now
		return r.tellHeldAtOnce(a)
	}
	was, err := r.fresh().MailServer(r.Mail.Server())
	if err != nil || slices.Index(stageOrder, stage(was.Stage)) > slices.Index(stageOrder, asked) {
		return err
	}
	r.pace.answers()
	if again, err := r.fresh().MailAnswers(r.Mail.Server()); err != nil || !again {
		return err
	}
	slog.Info("mail server takes mail again", "server", r.Mail.Server())
	return nil
}

// MailServer names the server mails go to, "" for none.
func (r *Runner) MailServer() string {
	if !r.mail.Configured() {
		return ""
	}
	return r.mail.Server()
}

// MailFacts are the settings in force, by their variables, without secrets.
func (r *Runner) MailFacts() []models.MailFact {
	m := r.mail
	facts := []models.MailFact{
		{Setting: "DUBAN_SMTP_HOST", Value: m.Host}, {Setting: "DUBAN_SMTP_PORT", Value: strconv.Itoa(m.Port)}, {Setting: "DUBAN_SMTP_TLS", Value: m.TLS},
		{Setting: "DUBAN_SMTP_USER", Value: m.User}, {Setting: "DUBAN_MAIL_FROM", Value: m.From}, {Setting: "DUBAN_SMTP_EHLO", Value: cmp.Or(m.Name, baseHost(m.BaseURL))},
	}
	for _, f := range []models.MailFact{
		{Setting: "DUBAN_SMTP_AUTH", Value: strings.Join(m.Auth, ",")}, {Setting: "DUBAN_SMTP_PIN", Value: hex.EncodeToString(m.Pin)}, {Setting: "DUBAN_MAIL_RETURN", Value: m.Return},
	} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}
