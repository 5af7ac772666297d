package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"duban/models"
	"duban/models/day"
	"duban/models/deadline"
	"duban/views/text"
)

type readDeadlineCommand struct {
	Phrases    []string `arg:"" name:"phrase" help:"Deadlines as an office writes them."`
	Year       int      `help:"The year meant where a phrase leaves it out."`
	FoundOn    string   `help:"Day of finding, from which the immediate tier counts: 2024-03-29."`
	NoticeOn   string   `help:"Day of the notice, from which the on-the-spot tier counts."`
	FeedbackOn string   `help:"Day of the feedback, from which the post-feedback tier counts."`
	WindowEnd  string   `help:"End of the concentrated window."`
	Tier       string   `help:"immediate, on-the-spot or post-feedback; jz, lx or fk."`
	JSON       bool     `name:"json" help:"A JSON object a line."`
}

// deadlineLine is a reading in the machine form that a ledger's measures have.
type deadlineLine struct {
	DeadlinePhrase string   `json:"deadline_phrase"`
	Due            string   `json:"due,omitempty"`
	Standing       bool     `json:"standing,omitempty"`
	Ask            string   `json:"ask,omitempty"`
	Assumed        []string `json:"assumed,omitempty"`
}

// Run prints a line a phrase. It asks no database and no clock: nothing is known
// but what was said.
func (c readDeadlineCommand) Run(ctx context.Context) error {
	in, err := c.context()
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, phrase := range c.Phrases {
		d := deadline.Read(phrase, in, day.StateCouncil())
		if !c.JSON {
			fmt.Println(deadlineWords(ctx, d))
			continue
		}
		if err := out.Encode(deadlineLine{d.Phrase, string(d.DueOn), d.Standing, d.Ask, d.Assumed}); err != nil {
			return err
		}
	}
	return nil
}

// context is what the flags say, all mistakes at once.
func (c readDeadlineCommand) context() (deadline.Context, error) {
	in := deadline.Context{Year: c.Year, Terms: models.Preset().Terms()}
	var wrong []error
	for _, day := range []struct {
		flag, value string
		into        *models.Day
	}{
		{"--found-on", c.FoundOn, &in.FoundOn}, {"--notice-on", c.NoticeOn, &in.NoticeOn},
		{"--feedback-on", c.FeedbackOn, &in.FeedbackOn}, {"--window-end", c.WindowEnd, &in.WindowEnd},
	} {
		if *day.into = models.Day(day.value); day.value != "" && !day.into.Valid() {
			wrong = append(wrong, fmt.Errorf("%s %q is no day; write 2024-07-15", day.flag, day.value))
		}
	}
	if c.Year != 0 && (c.Year < 1990 || c.Year > 2100) {
		wrong = append(wrong, fmt.Errorf("--year %d: between 1990 and 2100", c.Year))
	}
	if c.Tier != "" {
		tier, ok := deadline.TierOf(c.Tier)
		if !ok {
			wrong = append(wrong, fmt.Errorf("--tier %q: write immediate, on-the-spot or post-feedback", c.Tier))
		}
		in.Tier = tier
	}
	return in, errors.Join(wrong...)
}

// deadlineWords are a reading as a person reads it.
func deadlineWords(ctx context.Context, d deadline.Deadline) string {
	words := []string{d.Phrase + ":"}
	if d.DueOn != "" {
		words = append(words, string(d.DueOn))
	}
	if d.Standing {
		words = append(words, text.T(ctx, "item.standing"))
	}
	if d.Ask != "" {
		key, args := deadline.QuestionKey(d.Ask)
		words = append(words, text.T(ctx, key, args...))
	}
	for _, a := range d.Assumed {
		words = append(words, text.T(ctx, "deadline.assumed."+a))
	}
	return strings.Join(words, " ")
}
