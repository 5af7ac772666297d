//go:build unix

package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// Hold makes the file if need be and holds it for this caller alone, until it is let
// go or the program ends, however it ends. ErrHeld says that another has it.
func Hold(path string) (release func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return func() { _ = file.Close() }, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrHeld
	}
	_ = file.Close()
	return nil, fmt.Errorf("hold %s: %w", path, err)
}

// Room is how many bytes the disk of that folder has left for programs without
// special rights, and how many it has in all.
func Room(folder string) (free, size uint64, err error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(folder, &disk); err != nil {
		return 0, 0, err
	}
	each := uint64(disk.Bsize)
	return disk.Bavail * each, disk.Blocks * each, nil
}

// Full says whether a write failed because the disk, or the share of this account on
// it, is full.
func Full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// OpenToOthers says whether anybody but the owner may look into what is described.
func OpenToOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

// SyncFolder brings the names in an open folder to the disk, so that a file which
// was just given its name has it after a loss of power as well.
func SyncFolder(folder *os.File) error { return folder.Sync() }

// AddressTaken says whether another program answers at an address already.
func AddressTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
