package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"duban/models/headway"
	"duban/views/text"
)

// A bar is drawn over itself, not more often than it can be read, in the reader's
// language, and is gone in the end.
func TestABarIsDrawnOverItself(t *testing.T) {
	for language, want := range map[text.Language][]string{"zh": {"正在写入 [###############...............] 已完成 2500 / 5000 行"}, "en": {"Writing [###############...............] 2500 of 5000 rows done"}} {
		var out strings.Builder
		now := time.Unix(0, 0)
		ctx, end := drawnOn(text.In(context.Background(), language), &out, func() time.Time { return now })
		now = now.Add(time.Second)
		headway.Say(ctx, headway.Writing, 2500, 5000)
		headway.Say(ctx, headway.Writing, 2600, 5000) // too soon
		now = now.Add(time.Second)
		headway.Say(ctx, headway.Reading, 7, 0)
		end()
		headway.Say(ctx, headway.Writing, 5000, 5000) // after the end
		lines := strings.Split(out.String(), "\r")
		if len(lines) != 5 || lines[1] != want[0] || strings.TrimSpace(lines[3]) != "" || lines[4] != "" {
			t.Errorf("%s: %q", language, lines)
		}
		if columnsOf(lines[2]) < columnsOf(lines[1]) {
			t.Errorf("the longer line shows beside the shorter one: %q", lines)
		}
	}
}
