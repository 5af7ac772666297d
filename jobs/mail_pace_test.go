package jobs_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
)

// A thousand mails through a server that takes a hundred a minute arrive within 1.1 of
// the time that the server needs by itself, however it counts; the clock is turned.
func TestAThousandMailsAtAHundredAMinute(t *testing.T) {
	const many, most = 1000, 100
	type counter func(now time.Time, tried []time.Time) (full bool)
	// window counts tries since the first after the last window was over, as Postfix's
	// anvil does; refused ones count as well.
	window := func() counter {
		var began time.Time
		n := 0
		return func(now time.Time, _ []time.Time) bool {
			if now.Sub(began) >= time.Minute {
				began, n = now, 0
			}
			n++
			return n > most
		}
	}
	for name, makes := range map[string]func() counter{
		"since the first": window,
		"by the clock's minute": func() counter {
			var minute time.Time
			n := 0
			return func(now time.Time, _ []time.Time) bool {
				if m := now.Truncate(time.Minute); !m.Equal(minute) {
					minute, n = m, 0
				}
				n++
				return n > most
			}
		},
		"in the last minute": func() counter {
			return func(now time.Time, took []time.Time) bool {
				return len(took) >= most && now.Sub(took[len(took)-most]) < time.Minute
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
				o := openOffice(t)
				posted(t, r, most)
				columns := "kind, user_id, role, titled, digest_id, day, subject, text, html, state, next_at, owner, error, created_at"
				for n := range many/most - 1 {
					r.SQL("INSERT INTO mails (key, " + columns + ") SELECT key || '." + fmt.Sprint(n) + "', " + columns + " FROM mails WHERE key NOT LIKE '%.%'")
				}
				var mu sync.Mutex
				now := clerk(r).Now()
				r.Store.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
				full := makes()
				var took []time.Time
				o.answers(func(string, int) error { // one at a time: the office holds its lock
					at := r.Store.Now()
					if full(at, took) {
						return refusal(450, smtp.EnhancedCode{4, 7, 1}, "Error: too much mail from 127.0.0.1")
					}
					took = append(took, at)
					return nil
				})
				p, err := jobs.NewRunner(r.Store, o.mailer(), jobs.All)
				if err != nil {
					t.Fatal(err)
				}
				began := now
				for states(t, r)[models.MailSent] < many && r.Store.Now().Sub(began) < time.Hour {
					if _, _, err := p.Due("deliver"); err != nil {
						t.Fatal(err)
					}
					mu.Lock()
					now = now.Add(time.Second)
					mu.Unlock()
				}
				o.mu.Lock()
				defer o.mu.Unlock()
				const pace = (many/most - 1) * time.Minute // the last hundred may come at once
				lasted := took[len(took)-1].Sub(began)
				t.Logf("%d mails in %s, %.2f of the server's own %s", len(took), lasted, lasted.Seconds()/pace.Seconds(), pace)
				if len(took) != many || lasted > pace*11/10 {
					t.Errorf("%d mails in %s; the server by itself needs %s", len(took), lasted, pace)
				}
			})
		})
	}
}
