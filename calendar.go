package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"duban/models"
	"duban/models/day"
	"duban/views/text"
)

type calendarCommand struct {
	Import calendarImportCommand `cmd:"" help:"Take in a year's days off and make-up days, from the text of the notice or a table."`
	Show   calendarShowCommand   `cmd:"" help:"Print a year's days."`
}

type calendarImportCommand struct {
	File    string `arg:"" type:"existingfile" help:"The State Council's notice as text, or a row a day: 2027-01-01,off and 2027-01-31,work."`
	Year    int    `help:"The year, where the file names none."`
	Notice  string `help:"Where the days come from: the notice's number. The file's own without it."`
	Checked bool   `help:"They were held against the State Council's notice."`
	DryRun  bool   `help:"Say what would change; write nothing."`
}

// Run says what a year's days change, and writes them unless it is tried out. No stored
// deadline moves.
func (c calendarImportCommand) Run(ctx context.Context, s Settings) error {
	content, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	y, err := day.ReadNotice(string(content), c.Year)
	if err != nil {
		return calendarFault(ctx, c.File, err)
	}
	if y.Checked = c.Checked; c.Notice != "" {
		y.Notice = c.Notice
	}
	if y.Notice == "" {
		return fmt.Errorf("%s does not say where its days come from: add --notice", c.File)
	}
	store, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	b := store.Board(ctx, models.HostOffice)
	effect, err := b.CalendarEffects(y)
	if err != nil {
		return err
	}
	fmt.Printf("%d: %d days off, %d worked; no longer worked: %s; worked from now on: %s; answers on another day: %d\n", y.Year, len(y.Off), len(y.Work),
		spansOrNone(effect.Removed, y.Year), spansOrNone(effect.Added, y.Year), effect.Answers)
	for _, m := range effect.Moved {
		fmt.Printf("%s is due %s and stays so; %s would be read as %s\n", m.Number, m.DueOn, m.Phrase, m.Reads)
	}
	if c.DryRun {
		return nil
	}
	years, err := b.CalendarYears()
	if err != nil {
		return err
	}
	seen := 0
	for _, known := range years {
		if known.Year.Year == y.Year {
			seen = known.Version
		}
	}
	return inWords(ctx, b.SetCalendarYear(y, seen))
}

type calendarShowCommand struct {
	Year int `arg:"" help:"Which year."`
}

// Run prints a year's days as the form has them, and what is not sure of them.
func (c calendarShowCommand) Run(ctx context.Context, s Settings) error {
	store, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	calendar := store.Board(ctx, models.HostOffice).Calendar()
	y, known := calendar.Years[c.Year]
	if known {
		fmt.Printf("%d (%s)\noff   %s\nwork  %s\n", y.Year, y.Notice, day.Spans(y.Off, y.Year), day.Spans(y.Work, y.Year))
	}
	if doubt := calendar.Doubt(c.Year); doubt != day.NoDoubt {
		fmt.Println(text.T(text.In(ctx, text.English), "calendar.doubt."+string(doubt), c.Year))
	}
	return nil
}

func spansOrNone(days []day.Day, year int) string {
	if len(days) == 0 {
		return "none"
	}
	return day.Spans(days, year)
}

// calendarFault is what is wrong with a file of a year's days, in words, with its line.
func calendarFault(ctx context.Context, file string, err error) error {
	var fault day.Fault
	if !errors.As(err, &fault) {
		return err
	}
	words := text.T(ctx, fault.Key, fault.Args...)
	if fault.Line > 0 {
		words = text.T(ctx, "calendar.line", fault.Line, words)
	}
	return fmt.Errorf("%s: %s", file, words)
}
