package modelstest

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
)

// Rows are the rows of a register's tables, to see what an act has left. Sessions are
// not among them, and of the trail only what was done: that something was refused is
// noted there.
type Rows struct {
	t      testing.TB
	db     *sql.DB
	tables []string
}

// Rows opens them.
func (r *Register) Rows() *Rows {
	r.t.Helper()
	rows := &Rows{t: r.t, db: Behind(r.t, r.url)}
	rows.db.SetMaxOpenConns(1)
	names := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
	if strings.HasPrefix(r.url, "postgres") {
		names = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name"
	}
	for _, row := range rows.read(names) {
		if name := row[0]; name != "sessions" {
			rows.tables = append(rows.tables, name)
		}
	}
	return rows
}

// Now is every row, each as its table's name and its values.
func (r *Rows) Now() map[string]int {
	r.t.Helper()
	all := map[string]int{}
	for _, table := range r.tables {
		query := "SELECT * FROM " + table
		if table == "events" {
			query += " WHERE result = ''"
		}
		for _, row := range r.read(query) {
			all[table+" "+strings.Join(row, "|")]++
		}
	}
	return all
}

// Since is what stands in the tables and did not, or no longer does: a line each, with
// + or − before it; none when nothing was stored.
func (r *Rows) Since(was map[string]int) (lines []string) {
	r.t.Helper()
	now := r.Now()
	for row, n := range now {
		if n > was[row] {
			lines = append(lines, "+ "+row)
		}
	}
	for row, n := range was {
		if n > now[row] {
			lines = append(lines, "− "+row)
		}
	}
	return lines
}

func (r *Rows) read(query string) (all [][]string) {
	r.t.Helper()
	found, err := r.db.QueryContext(r.t.Context(), query)
	if err != nil {
		r.t.Fatal(err)
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		r.t.Fatal(err)
	}
	for found.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for n := range values {
			into[n] = &values[n]
		}
		if err := found.Scan(into...); err != nil {
			r.t.Fatal(err)
		}
		row := make([]string, len(values))
		for n, value := range values {
			if content, ok := value.([]byte); ok {
				value = string(content)
			}
			row[n] = fmt.Sprint(value)
		}
		all = append(all, row)
	}
	if err := found.Err(); err != nil {
		r.t.Fatal(err)
	}
	return all
}

// HeldImports keeps every import that has written its items from going on, until it is let
// go: what was written by a program that is gone by then is taken back as its database
// does it.
func (r *Register) HeldImports() (letGo func()) {
	r.t.Helper()
	db := Behind(r.t, r.url)
	run := func(statements ...string) {
		r.t.Helper()
		for _, statement := range statements {
			if _, err := db.ExecContext(r.t.Context(), statement); err != nil {
				r.t.Fatal(err)
			}
		}
	}
	if !strings.HasPrefix(r.url, "postgres") {
		run("CREATE TRIGGER held BEFORE INSERT ON import_changes BEGIN SELECT (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n); END")
		return func() { run("DROP TRIGGER held") }
	}
	run("CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NULL; END $$",
		"CREATE TRIGGER held BEFORE INSERT ON import_changes FOR EACH STATEMENT EXECUTE FUNCTION held()")
	return func() {
		run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'INSERT INTO%import_changes%' AND state = 'active'",
			"DROP TRIGGER held ON import_changes")
	}
}
