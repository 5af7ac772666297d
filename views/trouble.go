package views

import (
	"context"
	"strings"
	"time"

	"duban/models"
	"duban/models/day"
	"duban/views/text"
)

// longestTrouble is how many lines of a kind a mail about troubles has.
const longestTrouble = 20

// TroubleMail is what administrators are told of what did not go as it should. Now is
// in the place's zone.
func TroubleMail(ctx context.Context, t models.Trouble, u models.User, to MailReader, now time.Time) MailView {
	jobs := to.BaseURL + JobsLink
	v := MailView{
		Language: text.Of(ctx).Tag(), Title: text.T(ctx, "trouble.title"), Greeting: u.FullName,
		Button: MailLink{text.T(ctx, "trouble.button"), jobs},
		Foot:   []string{text.T(ctx, "trouble.foot")},
	}
	today := string(day.Of(now))
	var parts []string
	add := func(n int, say, head string, row func(k int) MailItem) {
		if n == 0 {
			return
		}
		parts = append(parts, text.Count(ctx, say, n))
		s := MailSection{Head: text.T(ctx, head), N: text.Count(ctx, "trouble.n", n)}
		for k := range min(n, longestTrouble) {
			s.Rows = append(s.Rows, row(k))
		}
		if n > longestTrouble {
			s.More = MailLink{text.T(ctx, "mail.more", n-longestTrouble), jobs}
		}
		v.Sections = append(v.Sections, s)
	}
	add(len(t.Mails), "trouble.say.mails", "trouble.mails", func(k int) MailItem {
		m := t.Mails[k]
		return MailItem{Light: models.LightOver, Words: text.T(ctx, "mail.state."+string(m.State)), Name: m.FullName, Link: jobs,
			Whose: m.Address, Number: text.T(ctx, "mail.kind."+m.Kind) + " " + text.Day(ctx, string(m.Day), today), Notes: []string{mailReason(ctx, m.Error)}}
	})
	add(len(t.Runs), "trouble.say.runs", "trouble.runs", func(k int) MailItem {
		r := t.Runs[k]
		return MailItem{Light: models.LightOver, Words: text.T(ctx, "run."+string(r.State)), Name: text.T(ctx, "job."+r.Job), Link: jobs,
			Number: text.Moment(ctx, r.Tick.In(now.Location()), today), Notes: []string{runReason(ctx, r)}}
	})
	said := strings.Join(parts, text.T(ctx, "comma"))
	v.Subject = text.T(ctx, "trouble.subject", said)
	v.Sentence = []MailWord{{Text: said + text.T(ctx, "stop")}}
	v.Preheader = v.Words()
	return v
}

// longestReason is how much of an error a mail or a row shows.
const longestReason = 120

// runReason is why a run failed, in words where it is ours to say.
func runReason(ctx context.Context, r models.JobRun) string {
	if r.Error == models.RunLeft {
		return text.T(ctx, "run.left")
	}
	if words := []rune(r.Error); len(words) > longestReason {
		return string(words[:longestReason]) + "…"
	}
	return r.Error
}
