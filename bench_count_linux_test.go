package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// counting is what the measured program has more than the one people run: asked by a
// signal, it writes what it has used so far into the file that CONSUMPTION names.
const counting = `package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func init() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		path := os.Getenv("CONSUMPTION")
		for range asked {
			var used syscall.Rusage
			_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			text := fmt.Sprintln(used.Utime.Nano()+used.Stime.Nano(), memory.Mallocs, memory.TotalAlloc)
			_ = os.WriteFile(path+".new", []byte(text), 0o600)
			_ = os.Rename(path+".new", path)
		}
	}()
}
`

// countedBinary is the program with counting laid over its sources, built once a test
// process.
var countedBinary = sync.OnceValues(func() (string, error) {
	plain, err := binary()
	if err != nil {
		return "", err
	}
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	folder := filepath.Dir(plain) // is removed with it
	source, overlay := filepath.Join(folder, "counting.go"), filepath.Join(folder, "overlay.json")
	words, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(here, "counting.go"): source}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(source, []byte(counting), 0o600); err != nil {
		return "", err
	}
	if err := os.WriteFile(overlay, words, 0o600); err != nil {
		return "", err
	}
	path := filepath.Join(folder, "counted")
	return path, build(path, "-overlay", overlay)
})

// startCounted is start for the program that counts.
func startCounted(b *testing.B, database string) *program {
	b.Helper()
	path, err := countedBinary()
	if err != nil {
		b.Fatal(err)
	}
	return startProgram(b, path, database, []string{"CONSUMPTION=" + filepath.Join(b.TempDir(), "consumption")})
}

// consumption is what a program has used since it started.
type consumption struct {
	cpu     time.Duration
	objects uint64 // allocated on the heap, freed ones too
	bytes   uint64 // of these
}

// consumed is what the program, one of startCounted, has used so far.
func (p *program) consumed() consumption {
	p.t.Helper()
	var path string
	for _, e := range p.environ {
		if value, ok := strings.CutPrefix(e, "CONSUMPTION="); ok {
			path = value
		}
	}
	if err := p.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		p.t.Fatal(err)
	}
	for range 10_000 {
		text, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			time.Sleep(time.Millisecond)
			continue
		}
		if err != nil {
			p.t.Fatal(err)
		}
		var c consumption
		if _, err := fmt.Sscanf(string(text), "%d %d %d", &c.cpu, &c.objects, &c.bytes); err == nil {
			_ = os.Remove(path)
			return c
		}
	}
	p.t.Fatal("the program does not say what it used")
	return consumption{}
}
