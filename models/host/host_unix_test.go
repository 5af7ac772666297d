//go:build unix

package host_test

import (
	"fmt"
	"os"
	"syscall"
	"testing"

	"duban/models/host"
)

func TestAFullDiskIsToldFromOtherTrouble(t *testing.T) {
	for err, want := range map[error]bool{syscall.ENOSPC: true, syscall.EDQUOT: true, syscall.EIO: false, os.ErrPermission: false} {
		if got := host.Full(fmt.Errorf("write: %w", &os.PathError{Op: "write", Path: "x", Err: err})); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
	if host.Full(nil) {
		t.Error("nothing is a full disk")
	}
}

func TestAFolderIsOpenToOthersByItsMode(t *testing.T) {
	for mode, want := range map[os.FileMode]bool{0o700: false, 0o500: false, 0o750: true, 0o701: true} {
		folder := t.TempDir()
		if err := os.Chmod(folder, mode); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(folder)
		if err != nil {
			t.Fatal(err)
		}
		if got := host.OpenToOthers(info); got != want {
			t.Errorf("%o: %v", mode, got)
		}
	}
}
