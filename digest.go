package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"duban/models"
)

type digestCommand struct {
	Preview bool   `help:"Print a digest; nothing is sent." required:""`
	As      string `help:"Whose digest: a sign-in name." required:"" placeholder:"NAME"`
	Today   string `help:"As of that day." placeholder:"DAY"`
	HTML    bool   `name:"html" help:"The HTML part instead of the text part."`
}

// Run prints the digest that a person would get, as of now or of a day.
func (c digestCommand) Run(ctx context.Context, s Settings) error {
	store, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	if c.Today != "" {
		at, err := time.ParseInLocation("2006-01-02 15:04", c.Today+" 08:30", store.Zone)
		if err != nil {
			return fmt.Errorf("--today %q is no day; write 2024-07-08", c.Today)
		}
		store.Now = clockFrom(at)
	}
	b := store.Board(ctx, models.TheClerk)
	person, err := b.Named(c.As)
	if err != nil {
		return fmt.Errorf("--as %q: %w", c.As, err)
	}
	printed := false
	err = b.DigestReports([]models.User{person}, func(report models.DigestReport) error {
		d, _, err := s.mailer().Digest(ctx, report)
		if err != nil {
			return err
		}
		printed = true
		if c.HTML {
			fmt.Println(d.HTML)
		} else {
			fmt.Println(d.Text)
		}
		return nil
	})
	if err == nil && !printed {
		return errors.New("this person gets no digest")
	}
	return err
}
