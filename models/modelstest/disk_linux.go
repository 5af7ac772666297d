package modelstest

import (
	"syscall"
	"testing"
)

// SmallDisk is the folder of an empty file system of that size, such as "4m". Where
// none may be mounted the test is skipped, and says so.
func SmallDisk(t testing.TB, size string) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size+",mode=0700"); err != nil {
		t.Skipf("NOT TESTED ON A SMALL FILE SYSTEM, none may be mounted: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	return folder
}
