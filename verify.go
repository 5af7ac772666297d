package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"duban/models"
	"duban/models/trail"
	"duban/views"
	"duban/views/text"
)

type verifyCommand struct {
	Checkpoint []string `help:"A file with a signed head that was kept elsewhere, such as a saved digest. May be given again." type:"existingfile" placeholder:"FILE"`
	Key        string   `help:"The public key that was printed, or the file it is in; without it the one in the trail's folder."`
	Proof      string   `help:"Check this proof, or with --key this export, by the key alone. Needs no database." type:"existingfile" placeholder:"FILE"`
	ShowKey    bool     `help:"Print the public key, to be kept on paper, and stop."`
	Sign       bool     `help:"Sign the head of the trail now, print it, and stop."`
	NoFiles    bool     `help:"Leave the stored files out."`
	Language   string   `enum:"en,zh" default:"en" help:"In which language findings are named: en or zh."`
	JSON       bool     `name:"json" help:"Print what was looked at and found as JSON."`
}

// errUnsound ends a verification that found something.
var errUnsound = errors.New("the trail is not as it was written")

// Run works the trail out anew, and ends with an error when it is not sound.
func (c verifyCommand) Run(ctx context.Context, s Settings) error {
	ctx = text.In(ctx, text.Language(c.Language))
	if content, err := os.ReadFile(c.Key); c.Key != "" && err == nil {
		c.Key = strings.TrimSpace(string(content))
	}
	if c.Proof != "" {
		return c.proof()
	}
	ctx, end := drawn(ctx)
	defer end()
	store, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	if c.ShowKey {
		fmt.Println(store.TrailKey())
		return nil
	}
	b := store.Board(ctx, models.TheClerk)
	// A tree that was tampered with may not grow; verifying says what is wrong with it.
	_, stuck := b.GrowTrail("verify")
	if c.Sign {
		head, _, err := b.SignTrail()
		if err == nil {
			fmt.Print(head.Note)
		}
		return errors.Join(stuck, err)
	}
	ask := models.VerifyAsk{Key: c.Key}
	for _, path := range c.Checkpoint {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		heads := trail.FindCheckpoints(string(content))
		if len(heads) == 0 {
			return fmt.Errorf("%s: no signed head is in it; one looks like what duban verify --sign prints", path)
		}
		ask.Checkpoints = append(ask.Checkpoints, heads...)
	}
	if !c.NoFiles {
		if err := s.openFiles(ctx, store); err != nil {
			return err
		}
		ask.Files = b.CheckFiles
	}
	report, err := b.VerifyTrail(ask)
	end()
	if err != nil {
		return err
	}
	if c.JSON {
		if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
			return err
		}
	} else {
		for _, f := range report.Findings {
			fmt.Println("✗", views.FindingWords(ctx, f))
		}
		fmt.Println(text.T(ctx, "verify.looked", report.Events, report.Items, report.Rows, report.Files, report.Took.Round(time.Millisecond).String(), report.Checkpoints, report.Signed))
		fmt.Println(text.T(ctx, "verify.seals", report.SealsAfter))
	}
	if !report.Sound() {
		return errors.Join(fmt.Errorf("%w: %d findings", errUnsound, len(report.Findings)), stuck)
	}
	if stuck != nil {
		return stuck
	}
	if !c.JSON {
		fmt.Println(text.T(ctx, "verify.sound"))
	}
	return nil
}

// proof checks a proof.
func (c verifyCommand) proof() error {
	content, err := os.ReadFile(c.Proof)
	if err != nil {
		return err
	}
	p, head, err := trail.CheckProof(content, c.Key)
	if err != nil && c.Key != "" {
		if events, export := trail.CheckExport(content, c.Key); export == nil {
			fmt.Printf("the %d events of this export are those that were signed\n", events)
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("the proof does not hold: %w", err)
	}
	switch p.Kind {
	case trail.ProofOfEvent:
		fmt.Printf("this event is number %d of the %d that were signed at %s:\n%s\n", p.Place+1, head.Size, head.At.Format(time.RFC3339), p.Record)
	default:
		fmt.Printf("the %d events that were signed at %s begin with those of the older head, unchanged\n", head.Size, head.At.Format(time.RFC3339))
	}
	if c.Key == "" {
		fmt.Println("the key is the proof's own; compare it with the one that was printed:", p.Key)
	}
	return nil
}
