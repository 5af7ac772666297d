package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"duban/models"
	"duban/models/modelstest"
)

// openTerminal is a terminal: what is written to the one end is read from the other.
func openTerminal(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ours.Close() })
	if err := unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}

// A program that is killed without a word while it writes a ledger has written nothing of
// it, and the next start finds the register as it was; on a terminal it said meanwhile
// how far it was.
func TestAKillInTheMiddleOfAnImport(t *testing.T) {
	t.Parallel()
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		const many = 4000
		r := modelstest.Open(t, database)
		letGo := r.HeldImports()
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		var ledger strings.Builder
		ledger.WriteString("序号,问题,整改措施,整改时限\n")
		for n := range many {
			fmt.Fprintf(&ledger, "%d,第%d个问题拨付不及时,逐笔核实,2026年%d月底前\n", n+1, n+1, 4+n%8)
		}
		file := filepath.Join(t.TempDir(), "台账.csv")
		if err := os.WriteFile(file, []byte(ledger.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		path, err := binary()
		if err != nil {
			t.Fatal(err)
		}
		ours, theirs := openTerminal(t)
		program := exec.Command(path, "import", file, "--unit", r.Unit.Code, "--tier", "post-feedback", "--feedback-on", "2026-01-26")
		program.Dir, program.Stderr = t.TempDir(), theirs
		program.Env = append(os.Environ(), "DUBAN_DATABASE_URL="+database, "TERM=xterm")
		if err := program.Start(); err != nil {
			t.Fatal(err)
		}
		_ = theirs.Close()
		screen := bufio.NewReader(ours)
		shown := ""
		for !strings.Contains(shown, fmt.Sprintf("%d / %[1]d 行", many)) { // all items are written, and nothing is done for good; ends with the program, if that never comes
			part, err := screen.ReadString('\r')
			if shown += part; err != nil {
				t.Fatalf("%v: the terminal shows %q", err, shown)
			}
		}
		if err := program.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = program.Wait()
		letGo()
		store, err := models.Open(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		b := store.Board(context.Background(), models.HostOffice)
		n, err := b.Count(models.Filter{})
		if err != nil || n != 0 {
			t.Errorf("%d of %d items were written, %v", n, many, err)
		}
		imports, err := b.Imports(9)
		if err != nil || len(imports) != 1 || imports[0].State != models.ImportUploaded {
			t.Errorf("the import is %+v, %v", imports, err)
		}
		report, err := store.Board(context.Background(), models.TheClerk).VerifyTrail(models.VerifyAsk{})
		if err != nil || !report.Sound() {
			t.Errorf("the trail: %+v, %v", report.Findings, err)
		}
	})
}
