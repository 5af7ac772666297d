package jobs

import (
	"fmt"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"duban/models"
)

// WaitsFor has the runner wait so long for its mail server from now on.
func (r *Runner) WaitsFor(patience time.Duration) { r.mail.Patience = patience }

// Told is closed when the runner has been told to end.
func (r *Runner) Told() <-chan struct{} { return r.ending.Done() }

// Said is an answer of a server at a stage of the conversation, what it is understood as,
// and which line of the table that was.
type Said struct {
	Stage, Words string
	Code         int
	Cause        models.MailCause
	Row          int
}

// EverySaid are answers that use every line of the table; missing are the lines that none
// does.
func EverySaid() (all []Said, missing []string) {
	used := map[int]bool{}
	add := func(at stage, code int, words string) {
		a := readAnswer(at, &textproto.Error{Code: code, Msg: words})
		enhanced, plain := "", words
		if found := enhancedCode.FindString(words); found != "" {
			enhanced, plain = strings.TrimSpace(found), strings.TrimPrefix(words, found)
		}
		for n, row := range answers {
			if is, ok := rowOf(at, code, enhanced, plain); ok && is.source == row.source && is.words == row.words && is.enhanced == row.enhanced && slices.Equal(is.codes, row.codes) && slices.Equal(is.stages, row.stages) && !used[n] {
				used[n] = true
				all = append(all, Said{string(at), words, code, a.cause, n})
				return
			}
		}
	}
	for _, s := range sayings {
		add(s.at, s.code, s.words)
	}
	for n, row := range answers {
		if used[n] || row.words != "" {
			continue
		}
		for _, at := range row.stages {
			for _, code := range row.codes {
				if code < 10 {
					code = map[int]int{4: 450, 5: 550}[code]
				}
				words := "xyzzy"
				if row.enhanced != "" {
					words = strings.TrimSuffix(row.enhanced, ".") + map[bool]string{true: ".9", false: ""}[strings.HasSuffix(row.enhanced, ".")]
					for strings.Count(words, ".") < 2 {
						words += ".9"
					}
					words += " xyzzy"
				}
				if !used[n] {
					add(at, code, words)
				}
			}
		}
		if row.stages == nil && !used[n] {
			for _, code := range row.codes {
				if code < 10 {
					code = map[int]int{4: 450, 5: 550}[code]
				}
				words := "xyzzy"
				if row.enhanced != "" {
					words = row.enhanced + " xyzzy"
				}
				if !used[n] {
					add(stageReader, code, words)
				}
			}
		}
	}
	for n, row := range answers {
		if !used[n] {
			missing = append(missing, fmt.Sprintf("line %d: %v %v %q %q %s", n, row.stages, row.codes, row.enhanced, row.words, row.source))
		}
	}
	return all, missing
}

// Due does a job once as the timetable would, and not as somebody who presses a button.
func (r *Runner) Due(job string) (done int, ok bool, err error) {
	j, ok := Named(job)
	if !ok {
		return 0, false, nil
	}
	done, err = r.do(r.ctx, j, r.run(r.ctx, false))
	return done, true, err
}

// AddresseesRead is how many people one batch has at hand after it asked for the addressees
// of these mails one after the other, as lines do whose mails lie apart.
func AddresseesRead(b *models.Board, mails []models.Mail) (int, error) {
	of := &batch{Run: &Run{Board: b}, mails: mails, next: len(mails)}
	for _, m := range mails {
		if _, err := of.addressee(m); err != nil {
			return 0, err
		}
	}
	return len(of.people), nil
}
