package modelstest

import (
	"testing"
	"time"
)

// Patience is how long a test waits for what is sure to come: it guards against waiting
// for ever and says nothing of how fast the program or the machine is.
const Patience = 10 * time.Minute

// Await waits until that has come about, and ends the test when it does not.
func Await(t testing.TB, what string, come func() bool) {
	t.Helper()
	for end := time.Now().Add(Patience); !come(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %s", what, Patience)
		}
	}
}
