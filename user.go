package main

import (
	"context"
	"crypto/rand"
	"fmt"

	"duban/models"
)

type userCommand struct {
	Add  userAddCommand  `cmd:"" help:"Make an account and print its first password."`
	List userListCommand `cmd:"" help:"List the accounts."`
}

type userAddCommand struct {
	Name     string `arg:"" help:"Sign-in name: small letters and digits."`
	FullName string `required:"" help:"The person's name."`
	Role     string `required:"" enum:"handler,leader,head,supervisor,office,principal,sysadmin,auditor" help:"${enum}"`
	Unit     string `help:"Code of the unit, for handler, leader and head."`
	Body     string `help:"Department, for the others."`
	BodyCode string `enum:"jiwei,dangqun,other," default:"" help:"Which of the supervising bodies a supervisor is of: jiwei, dangqun or other."`
	Email    string `help:"Where mail goes."`
}

// Run makes the account. Who may run this on the host may do it to the database.
func (c userAddCommand) Run(ctx context.Context, s Settings) error {
	store, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	b := store.Board(ctx, models.Host)
	u := models.User{Name: c.Name, FullName: c.FullName, Role: models.Role(c.Role), Body: c.Body, BodyCode: models.Body(c.BodyCode), Email: c.Email}
	if c.Unit != "" {
		unit, err := b.Unit(c.Unit)
		if err != nil {
			return fmt.Errorf("unit %q: %w", c.Unit, err)
		}
		u.UnitID = &unit.ID
	}
	password := rand.Text()[:5] + "-" + rand.Text()[:5] + "-" + rand.Text()[:6]
	if _, err := b.SaveUser(u, password); err != nil {
		return err
	}
	fmt.Printf("%s can sign in with %s and must then choose another\n", c.Name, password)
	return nil
}

type userListCommand struct{}

// Run lists the accounts.
func (userListCommand) Run(ctx context.Context, s Settings) error {
	store, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	users, err := store.Board(ctx, models.Host).Users()
	if err != nil {
		return err
	}
	for _, u := range users {
		state := ""
		if u.Disabled {
			state = "disabled"
		}
		fmt.Printf("%-16s %-10s %-20s %s %s\n", u.Name, u.Role, u.FullName, u.Email, state)
	}
	return nil
}
