package main

import (
	"context"
	"crypto/rand"
	"fmt"

	"duban/models"
)

// fill fills an empty register with the demonstration and prints who can sign in.
// Without DUBAN_DEMO_PASSWORD the password is made up, and anew at each start: it
// is kept nowhere that could be read.
func (c serveCommand) fill(ctx context.Context, s Settings, store *models.Store) error {
	password, made := s.DemoPassword, false
	if password == "" {
		password, made = rand.Text()[:4]+"-"+rand.Text()[:4]+"-"+rand.Text()[:8], true
	}
	filled, err := store.FillDemo(ctx, password)
	if err != nil {
		return fmt.Errorf("demonstration (DUBAN_DEMO_PASSWORD needs 15 characters, or 8 of three kinds): %w", err)
	}
	if !filled {
		if demo, err := store.HasDemo(ctx); err != nil || !demo {
			if err == nil {
				fmt.Println("The register holds data already; no demonstration was added.")
			}
			return err
		}
		if err := store.DemoPassword(ctx, password); err != nil {
			return err
		}
	}
	people, err := store.DemoPeople(ctx)
	if err != nil {
		return err
	}
	units, err := store.Board(ctx, models.TheClerk).UnitsByID()
	if err != nil {
		return err
	}
	fmt.Println("Demonstration accounts (name, role, of):")
	for _, u := range people {
		of := u.Body
		if u.UnitID != nil {
			of = units[*u.UnitID].Name
		}
		fmt.Printf("  %-12s %-10s %s %s\n", u.Name, u.Role, u.FullName, of)
	}
	fmt.Println("One password for all: " + password)
	if made {
		fmt.Println("It is made anew at each start; set DUBAN_DEMO_PASSWORD to keep one.")
	}
	return nil
}

type demoCommand struct {
	Remove demoRemoveCommand `cmd:"" help:"Take all demonstration data away; real data stay."`
}

type demoRemoveCommand struct{}

// Run removes the demonstration.
func (demoRemoveCommand) Run(ctx context.Context, s Settings) error {
	store, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	removed, err := store.Board(ctx, models.TheClerk).RemoveDemo()
	if err != nil {
		return err
	}
	fmt.Printf("removed the demonstration: %d items\n", removed)
	return nil
}
