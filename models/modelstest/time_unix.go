//go:build unix

package modelstest

import (
	"syscall"
	"testing"
	"time"
)

// ProgramTime is the processor time that this process has used, which other work on
// the machine does not lengthen.
func ProgramTime(t testing.TB) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
