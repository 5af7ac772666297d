package modelstest

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// sharedServer is a PostgreSQL that tests may fill and throw away.
type sharedServer struct {
	address string
	pool    *sql.DB // to its first database
	copying string  // of a template, as is quickest on a server of its version
}

// reach is the server at that address.
func reach(address string) (*sharedServer, error) {
	s := &sharedServer{address: address}
	var err error
	if s.pool, err = sql.Open("pgx", address+"/postgres"); err != nil {
		return nil, err
	}
	s.pool.SetMaxIdleConns(1)
	var version int
	if err := s.pool.QueryRow("SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return nil, err
	}
	if version >= 150000 { // older ones know no other way
		s.copying = " STRATEGY FILE_COPY"
	}
	return s, nil
}

var (
	starting sync.Mutex
	started  *sharedServer
	failed   error
)

// postgresServer is the one that TEST_DATABASE_URL names (make test sets it), or
// one of this process's own, started from the machine's binaries. Without either
// the story is skipped, and fails when DUBAN_TEST_REQUIRE names postgres.
func postgresServer(t testing.TB) *sharedServer {
	t.Helper()
	starting.Lock()
	defer starting.Unlock()
	if started == nil && failed == nil {
		if url := os.Getenv("TEST_DATABASE_URL"); url != "" {
			started, failed = reach(strings.TrimSuffix(url, "/postgres"))
		} else {
			started, failed = startPostgres(t)
		}
	}
	if failed != nil {
		if strings.Contains(os.Getenv("DUBAN_TEST_REQUIRE"), "postgres") {
			t.Fatalf("PostgreSQL: %v", failed)
		}
		t.Skipf("NOT TESTED ON POSTGRESQL: %v", failed)
	}
	return started
}

// startPostgres starts a throw-away server that ends with this process.
func startPostgres(t testing.TB) (*sharedServer, error) {
	bin, err := postgresBinaries()
	if err != nil {
		return nil, err
	}
	all, err := databaseFolder(t)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(all, "postgres-")
	if err != nil {
		return nil, err
	}
	as, err := asAnother(folder)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(folder, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-N", "-A", "trust", "-U", "postgres", "--locale=C.UTF-8", "-E", "UTF8", "-D", data)
	initdb.SysProcAttr, initdb.Dir = as, folder
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := FreePort()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	lasting := "off" // what a test keeps goes with it; benchmarks of writing may ask for a server as a place has it
	if os.Getenv("DUBAN_TEST_DURABLE") != "" {
		lasting = "on"
	}
	postgres := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port), "-k", folder,
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync="+lasting, "-c", "full_page_writes="+lasting,
		"-c", "max_connections=300", "-c", "max_wal_size=256MB")
	postgres.SysProcAttr, postgres.Dir, postgres.Stdout, postgres.Stderr = as, folder, log, log
	if err := postgres.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- postgres.Wait() }()
	for { // until it answers or has ended, however long this machine takes
		ready := exec.Command(filepath.Join(bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(port))
		if ready.Run() == nil {
			return reach(fmt.Sprintf("postgres://postgres@127.0.0.1:%d", port))
		}
		select {
		case err := <-ended:
			said, _ := os.ReadFile(log.Name())
			return nil, fmt.Errorf("the server did not come up: %v: %s", err, said)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// postgresBinaries is the folder of the newest server on this machine.
func postgresBinaries() (string, error) {
	var found []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin"} {
		folders, _ := filepath.Glob(pattern)
		for _, folder := range folders {
			if _, err := os.Stat(filepath.Join(folder, "initdb")); err == nil {
				found = append(found, folder)
			}
		}
	}
	sort.Slice(found, func(i, j int) bool { return majorOf(found[i]) > majorOf(found[j]) })
	if len(found) > 0 {
		return found[0], nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("no PostgreSQL server here; install the package postgresql")
	}
	return filepath.Dir(path), nil
}

func majorOf(folder string) int {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, folder)
	n, _ := strconv.Atoi(digits)
	return n
}
