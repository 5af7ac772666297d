package modelstest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"

	"duban/models/host"
)

// The ports FreePort gives out lie below those that systems hand to whoever asks for any
// (Linux from 32768, macOS and Windows from 49152): else between the choice and the start
// of the server another test's connection takes it, and what answers there is a stranger.
const lowestPort, highestPort = 12000, 31999

// portsHeld keeps what FreePort holds from being collected.
var portsHeld struct {
	sync.Mutex
	releases []func()
}

// FreePort is a port of the loopback interface at which nothing listens, and which no
// other process of ours is given as long as this one lives: a file beside the other
// temporary ones is held for it.
func FreePort() (int, error) {
	folder := filepath.Join(os.TempDir(), "duban-test-ports")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return 0, err
	}
	var last error
	for range 200 {
		port := lowestPort + rand.IntN(highestPort-lowestPort+1)
		release, err := host.Hold(filepath.Join(folder, fmt.Sprint(port)))
		if err != nil {
			last = err
			continue
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			last = err
			release()
			continue
		}
		if err := l.Close(); err != nil {
			return 0, err
		}
		portsHeld.Lock()
		defer portsHeld.Unlock()
		portsHeld.releases = append(portsHeld.releases, release)
		return port, nil
	}
	return 0, fmt.Errorf("no port from %d to %d is free: %w", lowestPort, highestPort, last)
}
