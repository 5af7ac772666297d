package models_test

import (
	"fmt"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// The outbox is counted while mails leave it: the last one that waited may be gone
// before it is asked how long it has waited, and that is no error.
func TestTheOutboxIsCountedWhileMailsLeave(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		if posted, err := clerkOf(r).PostReminder(models.Reminder{User: r.Wu}, models.Mail{Subject: "s", Text: "t"}); err != nil || !posted {
			t.Fatal(posted, err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for n := range 300 {
				owner := fmt.Sprint("owner ", n)
				if _, err := clerkOf(r).ClaimMails(owner, 1); err != nil {
					t.Error(err)
				}
				if err := clerkOf(r).ReleaseMails(owner, ""); err != nil {
					t.Error(err)
				}
			}
		}()
		for counted := 0; ; counted++ {
			select {
			case <-done:
				if counts, oldest, err := r.As(r.Office).MailCounts(); err != nil || counts[models.MailWaiting] != 1 || oldest == nil || counted == 0 {
					t.Errorf("%v, since %v (%v), counted %d times before", counts, oldest, err, counted)
				}
				return
			default:
				if counts, _, err := r.As(r.Office).MailCounts(); err != nil {
					t.Errorf("%v: %v", counts, err)
					<-done
					return
				}
			}
		}
	})
}
