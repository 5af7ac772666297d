package main

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"duban/models"
)

func TestWrongSettingsAreNamedAsTheyAreSet(t *testing.T) {
	for name, tt := range map[string]struct {
		set  [2]string
		want []string
	}{
		"no number":            {[2]string{"DUBAN_SMTP_PORT", "mail"}, []string{"DUBAN_SMTP_PORT: ", "a whole number"}},
		"no number of months":  {[2]string{"DUBAN_LOG_MONTHS", "3y"}, []string{"DUBAN_LOG_MONTHS: ", "a whole number"}},
		"neither true":         {[2]string{"DUBAN_PRODUCTION", "ja"}, []string{"DUBAN_PRODUCTION: ", "true or false"}},
		"nor false":            {[2]string{"DUBAN_FILE_ZIP", "maybe"}, []string{"DUBAN_FILE_ZIP: ", "true or false"}},
		"a mistyped name":      {[2]string{"DUBAN_SMPT_HOST", "x"}, []string{"DUBAN_SMPT_HOST is no setting", "DUBAN_SMTP_HOST"}},
		"a name with a letter": {[2]string{"DUBAN_PRODUCTIONS", "true"}, []string{"DUBAN_PRODUCTIONS is no setting", " DUBAN_PRODUCTION,"}},
		"out of bounds":        {[2]string{"DUBAN_IMPORT_MAX_ROWS", "0"}, []string{"DUBAN_IMPORT_MAX_ROWS 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readSettings(map[string]string{tt.set[0]: tt.set[1]})
			if err == nil {
				t.Fatalf("%s=%s is taken", tt.set[0], tt.set[1])
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

// Every mistake is told at once, and what others set for a service called duban is none.
func TestSettingsOfOthersAreLeftAlone(t *testing.T) {
	if _, err := readSettings(map[string]string{
		"DUBAN_SERVICE_HOST": "10.0.0.1", "DUBAN_SERVICE_PORT_HTTP": "80", "DUBAN_PORT": "tcp://10.0.0.1:80", "DUBAN_PORT_80_TCP_ADDR": "10.0.0.1",
		"DUBAN_TEST_REQUIRE": "postgres", "PATH": "/bin", "DUBANISH": "1",
	}); err != nil {
		t.Error(err)
	}
	_, err := readSettings(map[string]string{"DUBAN_SMTP_PORT": "x", "DUBAN_ZONE": "nowhere", "DUBAN_LISTENS": "y"})
	for _, want := range []string{"DUBAN_SMTP_PORT", "DUBAN_ZONE", "DUBAN_LISTENS"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestWhyNobodyCanBeAnsweredIsSaid(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for address, want := range map[string]string{
		taken.Addr().String(): "another program holds it",
		"192.0.2.1:8080":      "an address of this machine",
		"127.0.0.1:123456":    "a port up to 65535",
	} {
		l, err := net.Listen("tcp", address)
		if err == nil {
			_ = l.Close()
			t.Fatalf("%s can be listened at", address)
		}
		if said := notListening(address, err).Error(); !strings.Contains(said, want) || !strings.Contains(said, "DUBAN_LISTEN") {
			t.Errorf("%s: %s", address, said)
		}
	}
	if said := notListening("127.0.0.1:80", &net.OpError{Op: "listen", Err: os.ErrPermission}).Error(); !strings.Contains(said, "above 1023") {
		t.Error(said)
	}
}

func TestADatabaseFileIsItsOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("rights are the folder's there")
	}
	path := filepath.Join(t.TempDir(), "data", "duban.db")
	for _, before := range []os.FileMode{0, 0o644, 0o660} {
		if before != 0 {
			if err := os.Chmod(path, before); err != nil {
				t.Fatal(err)
			}
		}
		store, err := models.Open(t.Context(), "sqlite:"+path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{path, path + "-wal", path + "-shm"} {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm()&0o007 != 0 || before == 0 && info.Mode().Perm() != 0o600 {
				t.Errorf("%s, of mode %o before, has mode %o", name, before, info.Mode().Perm())
			}
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
