package document_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duban/models/document"
)

// A scanner says by its exit status what it found; every other end is no finding, and whoever
// runs the program reads what it said.
func TestAScannerSaysByItsStatusWhatItFound(t *testing.T) {
	program := filepath.Join(t.TempDir(), "scan")
	const does = `#!/bin/sh
case "$(cat)" in
*EICAR*) echo "Eicar-Signature FOUND"; exit 1 ;;
*DOWN*) echo "could not connect"; exit 2 ;;
esac
`
	if err := os.WriteFile(program, []byte(does), 0o700); err != nil {
		t.Fatal(err)
	}
	scan, err := document.ScanBy([]string{program})
	if err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]struct {
		found bool
		words string
	}{"有 EICAR 的": {true, ""}, "没有问题": {false, ""}, "DOWN": {false, "could not connect"}} {
		found, err := scan(t.Context(), strings.NewReader(content))
		if found != want.found || (err == nil) != (want.words == "") || err != nil && !strings.Contains(err.Error(), want.words) {
			t.Errorf("%s: %v, %v", content, found, err)
		}
	}
	// One that does not care to read to the end is not waited for.
	if scan, err = document.ScanBy([]string{"true"}); err == nil {
		var found bool
		found, err = scan(t.Context(), bytes.NewReader(bytes.Repeat([]byte("长"), 1<<20)))
		if found {
			t.Error("true found something")
		}
	}
	if err != nil {
		t.Error(err)
	}
	if _, err := document.ScanBy([]string{"no-such-scanner"}); err == nil || !strings.Contains(err.Error(), "no-such-scanner") {
		t.Errorf("a scanner that is not there: %v", err)
	}
}
