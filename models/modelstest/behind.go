package modelstest

import (
	"database/sql"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"gorm.io/gorm"
	_ "modernc.org/sqlite" // the way behind the program's back

	"duban/models"
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

// Overhear tells of each statement by which the store reads from now on, but for those of
// a transaction's own.
func Overhear(t testing.TB, s *models.Store, told func(statement string, args []any)) {
	t.Helper()
	kept := reflect.ValueOf(s).Elem().FieldByName("db")
	on := reflect.NewAt(kept.Type(), unsafe.Pointer(kept.UnsafeAddr())).Elem().Interface().(*gorm.DB).Callback()
	hear := func(tx *gorm.DB) {
		if !tx.DryRun { // a part of another
			told(tx.Statement.SQL.String(), slices.Clone(tx.Statement.Vars))
		}
	}
	must(t, errors.Join(on.Query().After("gorm:query").Register("overheard", hear), on.Row().After("gorm:row").Register("overheard", hear), on.Raw().After("gorm:raw").Register("overheard", hear)))
}
