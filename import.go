package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"duban/models"
	"duban/models/day"
	"duban/models/ledger"
	"duban/views/text"
)

type importCommand struct {
	File       string   `arg:"" help:"The ledger: .xlsx, .xlsm, .xls, .et, .ods, .docx, .html, .mht, .xml, .csv or .tsv." type:"existingfile"`
	Unit       string   `help:"Whose ledger it is: the unit's name or code."`
	Tier       string   `help:"The tier of what no sheet or column says otherwise of: immediate, on-the-spot or post-feedback." required:""`
	Round      string   `help:"Code of the round; the newest without it."`
	Year       int      `help:"The year meant where a deadline leaves it out."`
	FoundOn    string   `help:"Day of finding: 2024-03-29."`
	NoticeOn   string   `help:"Day of the notice."`
	FeedbackOn string   `help:"Day of the feedback."`
	WindowEnd  string   `help:"End of the concentrated window."`
	Turn       []string `help:"Sheets that stand on their side, their headings in the first column: read them by columns."`
	DryRun     bool     `help:"Read and print; write nothing, and need no database."`
	JSON       bool     `name:"json" help:"Print what was read as JSON: the context and the items, and what was refused."`
	Full       bool     `help:"With --json: also the columns, what was passed over, what was assumed, and counts."`
}

// readingTime is how long a file may be read.
const readingTime = 2 * time.Minute

// Run reads a ledger, and unless it is tried out writes all of it that can be taken.
// Rows that were refused are named, and end it with an error.
func (c importCommand) Run(ctx context.Context, s Settings) error {
	said, err := (readDeadlineCommand{Year: c.Year, FoundOn: c.FoundOn, NoticeOn: c.NoticeOn, FeedbackOn: c.FeedbackOn, WindowEnd: c.WindowEnd, Tier: c.Tier}).context()
	if err != nil {
		return err
	}
	content, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	ctx, done := context.WithTimeout(ctx, readingTime)
	defer done()
	ctx, end := drawn(ctx)
	defer end()
	if c.DryRun {
		in := ledger.Context{
			Unit: c.Unit, Tier: said.Tier, Year: said.Year, FoundOn: said.FoundOn, NoticeOn: said.NoticeOn, FeedbackOn: said.FeedbackOn, WindowEnd: said.WindowEnd,
			Terms: models.Preset().Terms(), Turn: c.Turn,
		}
		reading, err := ledger.Read(ctx, bytes.NewReader(content), int64(len(content)), in, s.ledgerLimits(), day.StateCouncil())
		end()
		if err != nil {
			return inWords(ctx, err)
		}
		return c.report(ctx, reading, models.ImportPreview{Reading: reading})
	}
	store, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	b := store.Board(ctx, models.HostOffice)
	i := models.Import{
		FileName: filepath.Base(c.File), Tier: said.Tier, Year: said.Year,
		FoundOn: said.FoundOn, NoticeOn: said.NoticeOn, FeedbackOn: said.FeedbackOn, WindowEnd: said.WindowEnd,
	}
	if err := c.place(b, &i); err != nil {
		return err
	}
	if i, err = b.StartImport(i, content); err != nil {
		return inWords(ctx, err)
	}
	if len(c.Turn) > 0 {
		turn := map[string]models.ImportAnswer{}
		for _, sheet := range c.Turn {
			turn[models.TurnKey(sheet)] = models.ImportAnswer{Turn: true}
		}
		if i, err = b.Answer(i, turn); err != nil {
			return inWords(ctx, err)
		}
	}
	reading, err := b.ReadImport(ctx, i, s.ledgerLimits())
	if err != nil {
		return inWords(ctx, err)
	}
	preview, err := b.Preview(i, reading)
	if err != nil {
		return err
	}
	if i, err = b.ConfirmImport(i, reading, preview.Print); err != nil {
		return inWords(ctx, err)
	}
	end()
	preview.Import = i
	return c.report(ctx, reading, preview)
}

// place finds the round and the unit that were said.
func (c importCommand) place(b *models.Board, i *models.Import) error {
	round, err := b.CurrentRound()
	if c.Round != "" {
		round, err = b.Round(c.Round)
	}
	if err != nil {
		return fmt.Errorf("round %q: %w; the office makes rounds on the page", c.Round, err)
	}
	i.RoundID = round.ID
	if c.Unit == "" {
		return nil
	}
	units, err := b.Units()
	if err != nil {
		return err
	}
	var names []string
	for _, u := range units {
		if u.Name == c.Unit || u.Code == c.Unit {
			i.UnitID = &u.ID
			days, err := b.RoundUnit(round.ID, u.ID)
			if err != nil {
				return err
			}
			fill := func(into *models.Day, day models.Day) {
				if *into == "" {
					*into = day
				}
			}
			fill(&i.NoticeOn, days.NoticeOn)
			fill(&i.FeedbackOn, days.FeedbackOn)
			fill(&i.WindowEnd, days.WindowEnd)
			return nil
		}
		names = append(names, u.Name)
	}
	return fmt.Errorf("--unit %q: no unit is called so; there are: %s", c.Unit, strings.Join(names, ", "))
}

// report prints what was read and what came of it.
func (c importCommand) report(ctx context.Context, reading ledger.Reading, p models.ImportPreview) error {
	if c.JSON {
		if err := c.print(reading); err != nil {
			return err
		}
	} else {
		n := reading.Counts()
		fmt.Println(text.T(ctx, "import.read", n.Rows, n.Items, n.Refused, n.Passed))
		if !c.DryRun {
			fmt.Println(text.T(ctx, "import.came", p.Import.ItemsNew, p.Import.ItemsChanged, p.Import.ItemsSame, p.Import.Refused))
		}
	}
	refused := 0
	tell := func(problems []ledger.CellProblem) {
		for _, problem := range problems {
			refused++
			fmt.Fprintln(os.Stderr, cellWords(ctx, problem))
		}
	}
	for _, note := range reading.Notes {
		if note.Weight == ledger.Question {
			fmt.Fprintln(os.Stderr, cellWords(ctx, note))
		}
	}
	for _, row := range reading.Refused {
		tell(row.Problems)
	}
	for _, line := range p.Lines {
		tell(line.Refused)
	}
	if refused > 0 && !c.DryRun {
		return fmt.Errorf("%s", text.T(ctx, "import.refused", refused))
	}
	return nil
}

// print writes a reading as JSON. A line of text is short and sure to be read; the
// whole of it is for who asks.
func (c importCommand) print(reading ledger.Reading) error {
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if c.Full {
		return out.Encode(reading)
	}
	whole, err := json.Marshal(reading)
	if err != nil {
		return err
	}
	var short struct {
		Context json.RawMessage   `json:"context"`
		Items   json.RawMessage   `json:"items"`
		Refused []json.RawMessage `json:"refused,omitempty"`
	}
	if err := json.Unmarshal(whole, &short); err != nil {
		return err
	}
	return out.Encode(short)
}

// cellWords is a refusal as a person reads it: where, and what to do.
func cellWords(ctx context.Context, p ledger.CellProblem) string {
	where := p.Sheet
	if p.Row > 0 {
		where = strings.TrimSpace(where + " " + text.T(ctx, "import.row", p.Row))
	}
	if p.Column != "" {
		where += " " + text.T(ctx, "import.column", p.Column)
	}
	return where + " " + text.T(ctx, p.Key, p.Args...)
}

// inWords turns what the register refuses into a sentence; other errors stay.
func inWords(ctx context.Context, err error) error {
	var problems models.Problems
	var refused models.Refused
	var unreadable ledger.Unreadable
	switch {
	case errors.As(err, &unreadable):
		return errors.New(text.T(ctx, unreadable.Key, unreadable.Args...))
	case errors.As(err, &problems):
		var words []string
		for _, p := range problems {
			words = append(words, text.T(ctx, p.Key, p.Args...))
		}
		return errors.New(strings.Join(words, "\n"))
	case errors.As(err, &refused):
		return errors.New(text.T(ctx, refused.Key, refused.Args...))
	}
	return err
}

// ledgerLimits are how large a ledger may be.
func (s Settings) ledgerLimits() ledger.Limits {
	return ledger.Limits{Bytes: int64(s.ImportMaxMB) << 20, Rows: s.ImportMaxRows}
}
