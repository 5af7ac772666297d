package main

import (
	"path/filepath"
	"strings"
	"testing"

	"duban/views/text"
)

// Whatever the register refuses, who typed a command is told in a sentence and never by a key
// of the texts.
func TestACommandIsRefusedInWords(t *testing.T) {
	settings := []string{"DUBAN_DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "register.db"), "DUBAN_TRAIL_FOLDER=" + t.TempDir()}
	for name, args := range map[string][]string{
		"no name to sign in with":  {"user", "add", "Zhang San", "--full-name", "张三", "--role", "office"},
		"no unit":                  {"user", "add", "zhang", "--full-name", "张三", "--role", "handler"},
		"no address":               {"user", "add", "zhang", "--full-name", "张三", "--role", "office", "--email", "nobody"},
		"a unit that is not there": {"user", "add", "zhang", "--full-name", "张三", "--role", "handler", "--unit", "nowhere"},
	} {
		err := runCommand(t.Context(), args, settings)
		if err == nil {
			t.Errorf("%s: nothing is said", name)
			continue
		}
		for _, word := range strings.Fields(err.Error()) {
			if word = strings.Trim(word, ".,:;"); strings.Contains(word, ".") && text.Has(word) {
				t.Errorf("%s: the key %s in %q", name, word, err)
			}
		}
	}
}
