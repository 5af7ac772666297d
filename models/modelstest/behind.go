package modelstest

import (
	"database/sql"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the way behind the program's back
)

// Behind is the database of that URL as its owner has it, without the program.
func Behind(t testing.TB, url string) *sql.DB {
	t.Helper()
	driver, address := "sqlite", strings.TrimPrefix(url, "sqlite:")
	if strings.HasPrefix(url, "postgres") {
		driver, address = "pgx", strings.TrimSuffix(url, "?duban_unsafe_test=1")
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Tamper changes the database behind the program's back.
func Tamper(t testing.TB, url, statement string) {
	t.Helper()
	if _, err := Behind(t, url).ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
