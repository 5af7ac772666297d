package models_test

import (
	"encoding/json"
	"testing"

	"duban/models"
)

// The hash of a row is that of its columns as JSON has them: what is written quickly is
// the same to the byte, or old registers would not verify any more.
func FuzzARowsTextIsWrittenAsJSON(f *testing.F) {
	for _, text := range []string{"", "已拨付 31 笔", `a"b\\c`, "<b>&", "x\u2028y\u2029z", "—…", "\x00\x7f\t\n", "\xff\xe2\x80", "\xe2\x80\xa8"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if is, want := models.Quoted(text), string(must(json.Marshal(text))); is != want {
			t.Errorf("%q: %s, not %s", text, is, want)
		}
	})
}
