package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The same three lines come of a shell that knows nothing of the program:
// printf 'one:FK-2026-001' | sha256sum, and so on, sorted.
func TestADrawIsRepeatedFromItsSeedAndList(t *testing.T) {
	list := filepath.Join(t.TempDir(), "numbers.txt")
	if err := os.WriteFile(list, []byte("FK-2026-001\nFK-2026-002\r\n\nJZ-2026-001\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, ok, folder := duban(t, "recheck", "draw", "--seed", "one", "--list", list)
	want := "1\tFK-2026-001\t544f00029a993615cb791a38806f6af950787cfc63b5020b24ce286c905a6016\n" +
		"2\tFK-2026-002\t77fc0a3900e34ff85ba1a7575c14f8c31d0346c6ffca649c3663206cff3df687\n" +
		"3\tJZ-2026-001\tfcabca9312e9a29e69532cea09b86e081f34b3d2fb06e8efef9327b8c6c344d5\n"
	if !ok || out != want {
		t.Errorf("printed\n%s\nwant\n%s", out, want)
	}
	if made, err := os.ReadDir(folder); err != nil || len(made) > 0 {
		t.Errorf("it left %v behind, %v", made, err)
	}
	out, _, ok, _ = duban(t, "recheck", "draw", "--seed", "one", "--list", list, "--take", "2")
	if !ok || strings.Count(out, "\n") != 2 || !strings.HasPrefix(want, out) {
		t.Errorf("of two it printed\n%s", out)
	}
	if _, said, ok, _ := duban(t, "recheck", "draw", "--seed", "one", "--list", list, "--take", "4"); ok || !strings.Contains(said, "the list has 3 numbers") {
		t.Errorf("of four it said %q", said)
	}
	if _, _, ok, _ := duban(t, "recheck", "draw", "--seed", "one", "--list", "no-such-file"); ok {
		t.Error("a list that is not there was drawn from")
	}
}
