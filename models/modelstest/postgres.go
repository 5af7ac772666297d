package modelstest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is a PostgreSQL that tests may fill and throw away.
type server struct{ address string }

var (
	starting sync.Mutex
	started  *server
	failed   error
)

// postgresServer is the one that TEST_DATABASE_URL names (make test sets it), or
// one of this process's own, started from the machine's binaries. Without either
// the story is skipped, and fails when DUBAN_TEST_REQUIRE names postgres.
func postgresServer(t testing.TB) *server {
	t.Helper()
	starting.Lock()
	defer starting.Unlock()
	if started == nil && failed == nil {
		if url := os.Getenv("TEST_DATABASE_URL"); url != "" {
			started = &server{strings.TrimSuffix(url, "/postgres")}
		} else {
			started, failed = startPostgres()
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
func startPostgres() (*server, error) {
	bin, err := postgresBinaries()
	if err != nil {
		return nil, err
	}
	sweepEnded()
	folder, err := os.MkdirTemp("", folderPrefix)
	if err != nil {
		return nil, err
	}
	as := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() == 0 { // the server refuses to run as root
		if as.Credential, err = anotherUser(); err != nil {
			return nil, err
		}
		if err := os.Chown(folder, int(as.Credential.Uid), int(as.Credential.Gid)); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(folder, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-N", "-A", "trust", "-U", "postgres", "--locale=C.UTF-8", "-E", "UTF8", "-D", data)
	initdb.SysProcAttr, initdb.Dir = &syscall.SysProcAttr{Credential: as.Credential}, folder
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		return nil, err
	}
	lasting := "off" // what a test keeps goes with it; benchmarks of writing may ask for a server as a place has it
	if os.Getenv("DUBAN_TEST_DURABLE") != "" {
		lasting = "on"
	}
	postgres := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port), "-k", folder,
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync="+lasting, "-c", "full_page_writes="+lasting, "-c", "max_connections=300")
	postgres.SysProcAttr, postgres.Dir, postgres.Stdout, postgres.Stderr = as, folder, log, log
	if err := startAndKeep(postgres); err != nil {
		return nil, err
	}
	s := &server{fmt.Sprintf("postgres://postgres@127.0.0.1:%d", port)}
	for range 200 {
		ready := exec.Command(filepath.Join(bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(port))
		if ready.Run() == nil {
			return s, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	said, _ := os.ReadFile(log.Name())
	return nil, fmt.Errorf("the server did not come up: %s", said)
}

const folderPrefix = "duban-pg-"

// sweepEnded removes what servers of earlier test processes have left: they end with
// their process and cannot do it themselves.
func sweepEnded() {
	folders, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*"))
	for _, folder := range folders {
		// A server that is being made comes and goes several times.
		if info, err := os.Stat(folder); err != nil || time.Since(info.ModTime()) < 5*time.Minute {
			continue
		}
		line, err := os.ReadFile(filepath.Join(folder, "data", "postmaster.pid"))
		if err != nil {
			continue // still being made, or another's
		}
		first, _, _ := strings.Cut(string(line), "\n")
		if pid, err := strconv.Atoi(first); err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(folder)
		}
	}
}

// startAndKeep starts a command on a thread that lives as long as the process:
// its death signal follows the thread that started it.
func startAndKeep(c *exec.Cmd) error {
	result := make(chan error)
	go func() {
		// The thread is never unlocked, and the goroutine never returns.
		runtime.LockOSThread()
		result <- c.Start()
		_ = c.Wait()
		select {}
	}()
	return <-result
}

func anotherUser() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, fmt.Errorf("running as root, and there is no user postgres or nobody to run the server as")
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

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
