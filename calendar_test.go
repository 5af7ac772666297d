package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A year is taken in from the notice's text and shown; a slip in it is named with its line.
func TestTheCalendarIsTakenInAndShown(t *testing.T) {
	t.Parallel()
	notice := filepath.Join(t.TempDir(), "notice.txt")
	settings := []string{"DUBAN_DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "register.db"), "DUBAN_TRAIL_FOLDER=" + t.TempDir()}
	write := func(words string) {
		if err := os.WriteFile(notice, []byte(words), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	words := "国务院办公厅关于2028年部分节假日安排的通知\n国办发明电〔2027〕9号\n一、元旦：1月1日（周六）至3日（周一）放假，共3天。1月9日（周日）上班。\n"
	write(strings.Replace(words, "周一", "周二", 1))
	if _, said, ok, _ := dubanWith(t, settings, "calendar", "import", notice); ok || !strings.Contains(said, "2028-01-03") || !strings.Contains(said, "3") {
		t.Errorf("a wrong weekday: %q", said)
	}
	write(words)
	if out, said, ok, _ := dubanWith(t, settings, "calendar", "import", notice, "--checked"); !ok || !strings.Contains(out, "01-03") {
		t.Fatalf("%s %s", out, said)
	}
	out, said, ok, _ := dubanWith(t, settings, "calendar", "show", "2028")
	if !ok || out != "2028 (国办发明电〔2027〕9号)\noff   01-01..01-03\nwork  01-09\n" {
		t.Errorf("it shows %q %s", out, said)
	}
	if out, _, ok, _ := dubanWith(t, settings, "calendar", "show", "2027"); !ok || !strings.Contains(out, "not been checked") {
		t.Errorf("2027: %q", out)
	}
}
