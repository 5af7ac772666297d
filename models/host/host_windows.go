package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// Hold makes the file if need be and holds it for this caller alone, until it is let
// go or the program ends, however it ends. ErrHeld says that another has it.
func Hold(path string) (release func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if err == nil {
		return func() { _ = file.Close() }, nil
	}
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		err = ErrHeld
	}
	_ = file.Close()
	return nil, fmt.Errorf("hold %s: %w", path, err)
}

// Room is how many bytes the disk of that folder has left for this account, and how
// many it may use in all.
func Room(folder string) (free, size uint64, err error) {
	name, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return 0, 0, err
	}
	err = windows.GetDiskFreeSpaceEx(name, &free, &size, nil)
	return free, size, err
}

// Full says whether a write failed because the disk, or the share of this account on
// it, is full.
func Full(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) || errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}

// OpenToOthers cannot be read from a mode here: who may look into a folder is said
// by its list of rights, which it has from the folder above. docs/operate.md says
// which folder to choose.
func OpenToOthers(fs.FileInfo) bool { return false }

// SyncFolder has nothing to do: NTFS keeps names in its own journal, and a folder
// opened for reading cannot be flushed.
func SyncFolder(*os.File) error { return nil }

// AddressTaken says whether another program answers at an address already.
func AddressTaken(err error) bool { return errors.Is(err, windows.WSAEADDRINUSE) }
