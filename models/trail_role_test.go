package models_test

import (
	"crypto/rand"
	"net/url"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// On PostgreSQL the program works under a role of its own, whose right to change or
// remove events is taken from it: not even the program can rewrite them.
func TestTheProgramsOwnRoleMayNotChangeEvents(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		if !strings.HasPrefix(database, "postgres") {
			t.Skip("SQLite has no roles; there the triggers stand alone")
		}
		super := modelstest.Behind(t, database)
		name := "duban_" + strings.ToLower(rand.Text())
		for _, statement := range []string{"CREATE ROLE " + name + " LOGIN PASSWORD 'only-a-test'", "CREATE DATABASE " + name + " OWNER " + name} {
			if _, err := super.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		t.Cleanup(func() {
			_, _ = super.Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)")
			_, _ = super.Exec("DROP ROLE IF EXISTS " + name)
		})
		address, err := url.Parse(database)
		if err != nil {
			t.Fatal(err)
		}
		address.User, address.Path = url.UserPassword(name, "only-a-test"), "/"+name
		r := modelstest.Open(t, address.String())
		s := told(t, r) // everything the program does, it can do under this role
		report := s.verify(models.VerifyAsk{})
		if !report.Sound() {
			t.Errorf("%+v", report.Findings)
		}
		own := modelstest.Behind(t, address.String())
		for _, statement := range []string{"UPDATE events SET act = 'close'", "DELETE FROM events", "TRUNCATE events"} {
			if _, err := own.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "permission denied") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		// Whoever gives the right back is found.
		if _, err := own.ExecContext(t.Context(), "GRANT UPDATE ON events TO "+name); err != nil {
			t.Fatal(err)
		}
		if report := s.verify(models.VerifyAsk{}); !has(report, "right", name) {
			t.Errorf("the right was given back: %+v", report.Findings)
		}
	})
}
