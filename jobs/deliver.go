package jobs

import (
	"context"
	"errors"
	"time"

	gomail "github.com/wneessen/go-mail"

	"duban/models"
)

// How mails leave.
const (
	// claimed is how many mails are taken into hand at once. Those of them that were
	// not begun when a program dies wait for the lease to end; those that were sent
	// are noted one by one, so that one mail at most is in flight.
	claimed = 50
	// heldFor is how long a claim is held before it is renewed.
	heldFor = 15 * time.Second
	// busyFor is how long one run of the job may go on.
	busyFor = 3 * time.Minute
	// serverDown is how long to leave a server alone that does not answer.
	serverDown = 30 * time.Second
)

// deliver sends what is in the outbox. What a server refuses for now is tried again
// later, each time after a longer while; what it refuses for good is marked, for the
// administrator to see; the others go on.
func deliver(ctx context.Context, r *Run) (sent int, err error) {
	if !r.Mail.Configured() {
		return 0, nil
	}
	ctx, done := context.WithTimeout(ctx, busyFor)
	defer done()
	for ctx.Err() == nil {
		r.renew(ctx)
		mails, err := r.Board.ClaimMails(r.Owner, claimed)
		if err != nil || len(mails) == 0 {
			return sent, err
		}
		n, goOn, err := r.deliverAll(ctx, mails)
		sent += n
		if err != nil || !goOn {
			return sent, err
		}
	}
	return sent, nil
}

// deliverAll sends claimed mails over one conversation, or a new one when it breaks.
// goOn is false when the server cannot be talked to: what is left is given back.
func (r *Run) deliverAll(ctx context.Context, mails []models.Mail) (sent int, goOn bool, err error) {
	var line conversation
	defer line.end()
	held := time.Now()
	for n, m := range mails {
		if r.renew(ctx); time.Since(held) > heldFor {
			if err := r.Board.HoldMails(mails[n:]); err != nil {
				return sent, false, err
			}
			held = time.Now()
		}
		if ctx.Err() != nil {
			return sent, false, r.giveBack(mails[n:], 0, "")
		}
		to, dropped, err := r.Board.Addressee(m, r.Mail.MayHaveTitles)
		if err != nil {
			return sent, false, errors.Join(err, r.giveBack(mails[n:], 0, ""))
		}
		if dropped != "" {
			if _, err := r.Board.MailDroppedFor(m, dropped); err != nil {
				return sent, false, err
			}
			continue
		}
		msg, err := r.Mail.message(m, to, r.Board.Now())
		if errors.Is(err, errAddress) {
			if err := r.Board.MailRefused(m, to.Email, err.Error(), false, false); err != nil {
				return sent, false, err
			}
			continue
		}
		if err != nil {
			return sent, false, errors.Join(err, r.giveBack(mails[n:], serverDown, err.Error()))
		}
		if err := line.open(ctx, r.Mail); err != nil {
			return sent, false, r.giveBack(mails[n:], serverDown, short(err))
		}
		a := answerOf(line.client.Send(msg))
		if line.broken++; !a.broken {
			line.broken = 0
		} else {
			line.end()
		}
		if a.sent {
			sent++
			_, err = r.Board.MailSentTo(m, to.Email)
		} else {
			err = r.Board.MailRefused(m, to.Email, a.why, a.passing, a.unclear)
		}
		if err != nil {
			return sent, false, errors.Join(err, r.giveBack(mails[n+1:], 0, ""))
		}
		if line.broken >= tooOften {
			return sent, false, r.giveBack(mails[n+1:], serverDown, a.why)
		}
	}
	return sent, true, nil
}

// giveBack returns what was claimed and not begun, to be tried after a while.
func (r *Run) giveBack(mails []models.Mail, after time.Duration, why string) error {
	var failed []error
	for _, m := range mails {
		failed = append(failed, r.Board.ReleaseMail(m, after, why))
	}
	return errors.Join(failed...)
}

// tooOften is how often in a row a server may break off before it is left alone.
const tooOften = 3

// conversation is the line to the server, opened when first needed.
type conversation struct {
	client *gomail.Client
	broken int
}

func (c *conversation) open(ctx context.Context, m Mailer) error {
	if c.client != nil {
		return nil
	}
	client, err := m.connect(ctx)
	if err != nil {
		return err
	}
	c.client = client
	return nil
}

func (c *conversation) end() {
	if c.client != nil {
		_ = c.client.Close()
		c.client = nil
	}
}
