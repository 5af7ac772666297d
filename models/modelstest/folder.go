package modelstest

import (
	"os"
	"os/exec"
	"sync"
	"testing"
)

// memoryFolder is the file system in memory that Linux has.
const memoryFolder = "/dev/shm"

// roomyBytes must be free in memory before databases are put there; in a container it
// is often 64 MiB in all.
const roomyBytes = 2 << 30

// databaseFolder is this process's folder for databases, gone when it has ended. It is
// in memory where there is room, as no test takes the machine's current away; what a
// benchmark writes is on the disk, as a place has it.
func databaseFolder(t testing.TB) (string, error) {
	if _, measured := t.(*testing.B); measured || os.Getenv("DUBAN_TEST_DURABLE") != "" || freeInMemory() < roomyBytes {
		return onDisk()
	}
	return inMemory()
}

var (
	onDisk   = sync.OnceValues(func() (string, error) { return passingFolder(os.TempDir()) })
	inMemory = sync.OnceValues(func() (string, error) { return passingFolder(memoryFolder) })
)

// goneWithUs waits until its input ends, which is when this process has, however that
// came about; it stops the servers in the folder, and removes it.
const goneWithUs = `cat >/dev/null
for server in "$1"/*/data/postmaster.pid; do
	[ -f "$server" ] && kill -QUIT "$(head -n 1 "$server")"
done
for try in 1 2 3 4 5 6 7 8 9; do
	rm -rf "$1" && exit 0
	sleep 1
done 2>/dev/null`

// stillHere are the ends of pipes that close with this process.
var stillHere []*os.File

// passingFolder is a new folder in that one, which goes when this process ends.
func passingFolder(in string) (string, error) {
	folder, err := os.MkdirTemp(in, "duban-test-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(folder, 0o711); err != nil { // the server may be another account's
		return "", err
	}
	heard, said, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer heard.Close()
	stillHere = append(stillHere, said)
	after := exec.Command("sh", "-c", goneWithUs, "sh", folder)
	after.Stdin, after.SysProcAttr = heard, bySelf()
	return folder, after.Start()
}
