package modelstest

import (
	"fmt"
	"net"
	"testing"
)

// A port that was given out is nobody else's, also before its server listens and after it
// has ended, and is none that the system gives to who asks for any.
func TestAPortIsGivenOutOnce(t *testing.T) {
	given := map[int]bool{}
	for range 50 {
		port, err := FreePort()
		if err != nil {
			t.Fatal(err)
		}
		if given[port] {
			t.Fatalf("%d was given out twice", port)
		}
		given[port] = true
		if port < lowestPort || port > highestPort {
			t.Errorf("%d is not from %d to %d", port, lowestPort, highestPort)
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
