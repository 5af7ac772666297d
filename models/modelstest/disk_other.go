//go:build !linux

package modelstest

import "testing"

// SmallDisk is made on Linux only.
func SmallDisk(t testing.TB, _ string) string {
	t.Helper()
	t.Skip("NOT TESTED ON A SMALL FILE SYSTEM: none is made on this system")
	return ""
}
