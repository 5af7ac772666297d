package host_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"duban/models/host"
)

// holdFor names the file that a copy of the test program holds until it is killed.
const holdFor = "DUBAN_TEST_HOLD"

func TestMain(m *testing.M) {
	if path := os.Getenv(holdFor); path != "" {
		if _, err := host.Hold(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("held")
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
	os.Exit(m.Run())
}

func TestAFileIsHeldForOneAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "held")
	release, err := host.Hold(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := host.Hold(path); !errors.Is(err, host.ErrHeld) {
		t.Errorf("held twice: %v", err)
	}
	release()
	again, err := host.Hold(path)
	if err != nil {
		t.Fatalf("let go, and held again: %v", err)
	}
	again()
	if _, err := host.Hold(filepath.Join(path, "below", "a file")); err == nil || errors.Is(err, host.ErrHeld) {
		t.Errorf("a place where no file can be: %v", err)
	}
}

// A program that is killed lets go of nothing itself.
func TestWhatAKilledProgramHeldIsFree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "held")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command(self)
	other.Env = append(os.Environ(), holdFor+"="+path)
	stays, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stays.Close()
	says, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(says).ReadString('\n'); line != "held\n" {
		t.Fatalf("the other program: %q %v", line, err)
	}
	if _, err := host.Hold(path); !errors.Is(err, host.ErrHeld) {
		t.Errorf("held by another program: %v", err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait()
	release, err := host.Hold(path)
	if err != nil {
		t.Fatalf("after the other was killed: %v", err)
	}
	release()
}

func TestADiskHasRoom(t *testing.T) {
	free, size, err := host.Room(t.TempDir())
	if err != nil || free == 0 || size < free {
		t.Errorf("%d of %d bytes are free: %v", free, size, err)
	}
	if _, _, err := host.Room(filepath.Join(t.TempDir(), "is", "not", "there")); err == nil {
		t.Error("a folder that is not there has room")
	}
}

func TestANameIsBroughtToTheDisk(t *testing.T) {
	folder, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	if err := host.SyncFolder(folder); err != nil {
		t.Error(err)
	}
}
