package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"duban/models/headway"
	"duban/views/text"
)

// barWidth is how many characters the bar of a command has, barPause how often it is
// drawn.
const (
	barWidth = 30
	barPause = 100 * time.Millisecond
)

// drawn is a context whose headway is drawn as a bar while a command runs, where its
// messages go to a terminal; end takes the bar away. Elsewhere nothing is drawn.
func drawn(ctx context.Context) (of context.Context, end func()) {
	info, err := os.Stderr.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return ctx, func() {}
	}
	return drawnOn(ctx, os.Stderr, time.Now)
}

func drawnOn(ctx context.Context, terminal io.Writer, now func() time.Time) (of context.Context, end func()) {
	var mu sync.Mutex
	var last time.Time
	wide, over := 0, false
	draw := func(line string, columns int) {
		fmt.Fprint(terminal, "\r", line, strings.Repeat(" ", max(0, wide-columns)))
		wide = columns
	}
	listen := func(h headway.Headway) {
		mu.Lock()
		defer mu.Unlock()
		if over || now().Sub(last) < barPause && (h.Of == 0 || h.Done < h.Of) {
			return
		}
		last = now()
		words := text.T(ctx, "headway."+string(h.Step)) + " "
		if h.Of > 0 {
			full := barWidth * min(h.Done, h.Of) / h.Of
			words += "[" + strings.Repeat("#", full) + strings.Repeat(".", barWidth-full) + "] " + text.T(ctx, "headway.rows_of", h.Done, h.Of)
		} else {
			words += text.T(ctx, "headway.rows", h.Done)
		}
		draw(words, columnsOf(words))
	}
	return headway.Heard(ctx, listen), func() {
		mu.Lock()
		defer mu.Unlock()
		if wide > 0 && !over {
			draw("", 0)
			fmt.Fprint(terminal, "\r")
		}
		over = true
	}
}

// columnsOf is how wide a terminal shows a text: Han takes two columns.
func columnsOf(words string) (n int) {
	for _, r := range words {
		if n++; r >= 0x2e80 {
			n++
		}
	}
	return n
}
