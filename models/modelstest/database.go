package modelstest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the way to create and drop a database

	"duban/models"
)

// Engines are the databases that every story is told on.
var Engines = []string{"sqlite", "postgres"}

// EachDatabase runs a story on an empty, migrated database of each engine, side by side:
// what both share beside their databases, such as the log, needs InTurn.
func EachDatabase(t *testing.T, run func(t *testing.T, url string)) {
	for _, engine := range Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			run(t, URL(t, engine))
		})
	}
}

// InTurn runs a story on an empty register of one database after the other.
func InTurn(t *testing.T, story func(t *testing.T, r *Register)) {
	for _, engine := range Engines {
		t.Run(engine, func(t *testing.T) { story(t, Open(t, URL(t, engine))) })
	}
}

// SQL does something to the register's rows behind the program's back. Parameters are
// written ?, on both databases.
func (r *Register) SQL(statement string, args ...any) {
	r.t.Helper()
	driver, address := "pgx", r.url
	if path, ok := strings.CutPrefix(r.url, "sqlite:"); ok {
		driver, address = "sqlite", "file:"+path+"?_pragma=busy_timeout(5000)"
	} else {
		address, _, _ = strings.Cut(address, "?")
		for n := 1; strings.Contains(statement, "?"); n++ {
			statement = strings.Replace(statement, "?", fmt.Sprintf("$%d", n), 1)
		}
	}
	db, err := sql.Open(driver, address)
	r.must(err)
	defer db.Close()
	_, err = db.Exec(statement, args...)
	r.must(err)
}

// URL is the address of an empty, migrated database of the test's own: a file, or
// a database on the test server, which goes when the test is over.
func URL(t testing.TB, engine string) string {
	t.Helper()
	if engine == "sqlite" {
		all, err := databaseFolder(t)
		must(t, err)
		folder, err := os.MkdirTemp(all, "sqlite-")
		must(t, err)
		t.Cleanup(func() { _ = os.RemoveAll(folder) })
		path := filepath.Join(folder, "duban.db")
		must(t, os.WriteFile(path, sqliteTemplate(t), 0o600))
		return "sqlite:" + path
	}
	server := postgresServer(t)
	name := "t_" + strings.ToLower(rand.Text())
	server.exec(t, "CREATE DATABASE "+name+" TEMPLATE "+postgresTemplate(t, server)+server.copying)
	t.Cleanup(func() { server.exec(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return server.url(name)
}

var (
	template     sync.Mutex
	sqliteBytes  []byte
	templateName string
)

// sqliteTemplate is a migrated database file, made once a test process.
func sqliteTemplate(t testing.TB) []byte {
	template.Lock()
	defer template.Unlock()
	if sqliteBytes == nil {
		path := filepath.Join(t.TempDir(), "template.db")
		migrated(t, "sqlite:"+path)
		bytes, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sqliteBytes = bytes
	}
	return sqliteBytes
}

// postgresTemplate is the name of a migrated database, made once a test process.
func postgresTemplate(t testing.TB, s *sharedServer) string {
	template.Lock()
	defer template.Unlock()
	if templateName == "" {
		name := "template_" + strings.ToLower(rand.Text())
		s.exec(t, "CREATE DATABASE "+name)
		migrated(t, s.url(name))
		templateName = name
	}
	return templateName
}

func migrated(t testing.TB, url string) {
	t.Helper()
	store, err := models.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

func (s *sharedServer) exec(t testing.TB, statement string) {
	t.Helper()
	if _, err := s.pool.ExecContext(context.Background(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// url is the address of one database; the server is thrown away, so it may run
// without fsync.
func (s *sharedServer) url(database string) string {
	return fmt.Sprintf("%s/%s?duban_unsafe_test=1", s.address, database)
}
