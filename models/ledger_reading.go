package models

import (
	"encoding/json"
	"strconv"
)

// LedgerLimits are how much of a file is read. A file beyond one of them is
// refused whole, with a sentence; it is never read in part.
type LedgerLimits struct {
	Bytes int64 // of the file
	Rows  int   // of the ledger, headings and titles not counted
}

// DefaultLedgerLimits are 20 MB and 20,000 rows.
func DefaultLedgerLimits() LedgerLimits { return LedgerLimits{Bytes: 20 << 20, Rows: 20_000} }

// LedgerContext is what the person importing has said: whose ledger it is, the
// tier of what no sheet, section or column says otherwise of, and the days that
// deadlines count from. Columns are the person's own choices for headings, by the
// heading as LedgerHeading folds it; the empty field means "leave it out". Leave are
// the sheets to leave out.
type LedgerContext struct {
	Unit       string
	Tier       Tier
	Year       int
	FoundOn    Day
	NoticeOn   Day
	FeedbackOn Day
	WindowEnd  Day
	Columns    map[string]LedgerField
	Leave      []string
}

// year is the year meant where a deadline names none: the one given, else that
// of the day the ledger counts from.
func (c LedgerContext) year() int {
	if c.Year != 0 {
		return c.Year
	}
	for _, d := range []Day{c.FeedbackOn, c.NoticeOn, c.FoundOn, c.WindowEnd} {
		if d.Valid() {
			return d.Year()
		}
	}
	return 0
}

// LedgerReading is what a careful reader takes from a file: every row of it is in
// an item, refused, or passed over, and each says which.
type LedgerReading struct {
	Context LedgerContext
	Format  string // xlsx, csv
	Charset string // of a csv: utf-8, utf-16le, utf-16be, gb18030
	Tables  []LedgerTable
	Items   []LedgerItem
	Refused []RefusedRow
	Said    []LedgerSaid  // days and names that stand beside the table, to be offered
	Notes   []CellProblem // of the file as a whole: macros left out, hidden sheets read
}

// LedgerCounts are how many rows the file has, and what became of them: each row
// that has anything in it is counted once.
type LedgerCounts struct {
	Rows    int `json:"rows"`
	Taken   int `json:"taken"` // are in an item
	Refused int `json:"refused"`
	Passed  int `json:"passed"` // titles, headings, sections, totals, notes
	Items   int `json:"items"`
}

// Counts adds the reading up.
func (r LedgerReading) Counts() LedgerCounts {
	n := LedgerCounts{Refused: len(r.Refused), Items: len(r.Items)}
	for _, t := range r.Tables {
		n.Passed += len(t.Passed)
	}
	for _, item := range r.Items {
		n.Taken += len(item.Rows)
	}
	n.Rows = n.Taken + n.Refused + n.Passed
	return n
}

// LedgerTable is one table of a file: a sheet, or a part of one that has a
// heading of its own. A sheet with no heading we know is a table without columns,
// its rows all passed over.
type LedgerTable struct {
	Sheet    string // empty for a csv
	Hidden   bool
	Left     bool // out, as the person wished
	Title    string
	Headings []int // the rows that are heading, as the file numbers them
	Columns  []LedgerColumn
	Passed   []PassedRow
}

// LedgerColumn is one column of a table.
type LedgerColumn struct {
	Index   int    // from 0
	Letter  string // A, B … AA
	Heading string // as written; that of a group before that of its part: "整改措施及责任分工 / 责任领导"
	Key     string // as LedgerHeading folds it: what the person's choice is remembered by
	Field   LedgerField
	Taken   bool          // goes into the ledger; a known column need not
	Ask     []LedgerField // when a person should say which of these it is
	Guessed bool          // known by its ending or by its content, not by its name
	Chosen  bool          // by the person importing
	Hidden  bool
	Samples []string // the first three values
	Filled  int      // how many rows have something in it
}

// Why a row was passed over.
const (
	PassedTitle   = "title"   // above the table
	PassedHeading = "heading" // the heading, or the heading again
	PassedSection = "section" // the name of what follows
	PassedTotal   = "total"
	PassedNote    = "note"  // a foot note, a signature line
	PassedBlank   = "blank" // a number and nothing else
	PassedSheet   = "sheet" // of a sheet that has no ledger, or was left out
)

// PassedRow is a row that no item is made of, and why.
type PassedRow struct {
	Row  int
	Why  string
	Text string
}

// LedgerItem is one problem of the ledger, with what is done about it.
type LedgerItem struct {
	Table      int // of the reading's tables
	Sheet      string
	Row        int   // the first, as the file numbers it
	Rows       []int // all
	Number     string
	Tier       Tier
	Unit       string // as the sheet names it, when it does
	Category   string
	Source     string
	Problem    string
	Standard   string
	Leader     string // of the item itself; a measure's own stands with the measure
	Department string
	Owners     []string
	Progress   string
	StatusWord string
	Remark     string
	Deadline   Deadline // of the item itself, when it has no measure
	Measures   []LedgerMeasure
	Problems   []CellProblem // questions and remarks; what forbids an item refuses it
}

// LedgerMeasure is one measure of an item.
type LedgerMeasure struct {
	Row        int
	Text       string
	Kind       string
	Leader     string
	Department string
	Owners     []string
	Deadline   Deadline
	Progress   string // its own, when the measures of an item have each their own
	StatusWord string
	DoneOn     Day // as the sheet says in a column of its own
}

// What a CellProblem means for its row.
const (
	Refusal  = "refusal"  // the row is not taken
	Question = "question" // taken, but a person should look
	Remark   = "remark"   // taken; said so that nothing happens in silence
)

// CellProblem is one thing to say about a cell, a row or a file. Key names the
// sentence, which also says what to do.
type CellProblem struct {
	Weight string
	Sheet  string
	Row    int
	Column string // its letter, empty for the row as a whole
	Field  LedgerField
	Key    string
	Args   []any
}

// RefusedRow is a row that was not taken, as it stands in the file, so that it
// can be handed back with its reasons. Cells run parallel to the columns of its
// table.
type RefusedRow struct {
	Table    int
	Sheet    string
	Row      int
	Item     int // the first row of the item it belongs to
	Cells    []string
	Problems []CellProblem // empty for a further row of a refused item
}

// What a line beside the table can say.
const (
	SaidUnit       = "unit"
	SaidFilledOn   = "filled_on"
	SaidFoundOn    = "found_on"
	SaidNoticeOn   = "notice_on"
	SaidFeedbackOn = "feedback_on"
	SaidWindowEnd  = "window_end"
)

// LedgerSaid is something written beside the table that answers a question of
// the import: "填报时间：2024年7月18日". It is offered to the person, never taken unasked.
type LedgerSaid struct {
	Sheet string
	Row   int
	What  string
	Text  string // as written
	Day   Day    // as understood, when it is a day
}

// MarshalJSON writes the reading as the command prints it: the context and the
// items, and beside them the columns, what was refused, passed over and asked.
func (r LedgerReading) MarshalJSON() ([]byte, error) {
	c := r.Context
	out := ledgerJSON{
		Context: ledgerJSONContext{
			FeedbackOn: c.FeedbackOn, FoundOn: c.FoundOn, NoticeOn: c.NoticeOn, WindowEnd: c.WindowEnd,
			Tier: c.Tier, Unit: c.Unit,
		},
		Items:    []ledgerJSONItem{},
		Columns:  []ledgerJSONColumn{},
		Refused:  []ledgerJSONRefused{},
		Passed:   []ledgerJSONPassed{},
		Assumed:  []ledgerJSONAssumed{},
		Problems: []ledgerJSONProblem{},
		Counts:   r.Counts(),
	}
	if year := c.year(); year != 0 {
		out.Context.Year = strconv.Itoa(year)
	}
	for _, said := range r.Said {
		if said.What == SaidFilledOn && out.Context.FilledOn == "" {
			out.Context.FilledOn = said.Text
		}
	}
	for _, t := range r.Tables {
		for _, col := range t.Columns {
			out.Columns = append(out.Columns, ledgerJSONColumn{t.Sheet, col.Letter, col.Heading, col.Field, col.Taken, col.Ask})
		}
		for _, p := range t.Passed {
			out.Passed = append(out.Passed, ledgerJSONPassed{t.Sheet, p.Row, p.Why, p.Text})
		}
	}
	for _, p := range r.Notes {
		out.Problems = append(out.Problems, p.json())
	}
	for _, item := range r.Items {
		out.Items = append(out.Items, item.json())
		for _, p := range item.Problems {
			out.Problems = append(out.Problems, p.json())
		}
		for _, m := range item.Measures {
			if len(m.Deadline.Assumed) > 0 {
				out.Assumed = append(out.Assumed, ledgerJSONAssumed{item.Sheet, m.Row, m.Deadline.Phrase, m.Deadline.Assumed})
			}
		}
	}
	for _, row := range r.Refused {
		refused := ledgerJSONRefused{Sheet: row.Sheet, Row: row.Row, Item: row.Item}
		for _, p := range row.Problems {
			refused.Problems = append(refused.Problems, p.json())
		}
		out.Refused = append(out.Refused, refused)
	}
	return json.Marshal(out)
}

func (i LedgerItem) json() ledgerJSONItem {
	out := ledgerJSONItem{
		Number: i.Number, Tier: i.Tier, Unit: i.Unit, Category: i.Category, Source: i.Source, Problem: i.Problem,
		Standard: i.Standard, Measures: []ledgerJSONMeasure{}, Progress: i.Progress, Status: i.StatusWord, Remark: i.Remark,
	}
	for _, m := range i.Measures {
		one := ledgerJSONMeasure{
			Text: m.Text, Kind: m.Kind, Leader: m.Leader, Department: m.Department, Owners: m.Owners,
			Phrase: m.Deadline.Phrase, Due: m.Deadline.DueOn, Standing: m.Deadline.Standing,
			Progress: m.Progress, Status: m.StatusWord, DoneOn: m.DoneOn,
		}
		if one.Phrase != "" { // nothing written is nothing to ask about it
			one.Ask = m.Deadline.Ask
		}
		out.Measures = append(out.Measures, one)
	}
	if own := i.Deadline; len(i.Measures) == 0 {
		out.Leader, out.Department, out.Owners = i.Leader, i.Department, i.Owners
		out.Phrase, out.Due, out.Standing = own.Phrase, own.DueOn, own.Standing
		if own.Phrase != "" {
			out.Ask = own.Ask
		}
	}
	return out
}

func (p CellProblem) json() ledgerJSONProblem {
	return ledgerJSONProblem{p.Sheet, p.Row, p.Column, p.Field, p.Weight, p.Key, p.Args}
}

type ledgerJSON struct {
	Context  ledgerJSONContext   `json:"context"`
	Items    []ledgerJSONItem    `json:"items"`
	Columns  []ledgerJSONColumn  `json:"columns"`
	Refused  []ledgerJSONRefused `json:"refused"`
	Passed   []ledgerJSONPassed  `json:"passed"`
	Assumed  []ledgerJSONAssumed `json:"assumed"`
	Problems []ledgerJSONProblem `json:"problems"`
	Counts   LedgerCounts        `json:"counts"`
}

type ledgerJSONContext struct {
	FeedbackOn Day    `json:"feedback_on,omitempty"`
	FilledOn   string `json:"filled_on,omitempty"`
	FoundOn    Day    `json:"found_on,omitempty"`
	NoticeOn   Day    `json:"notice_on,omitempty"`
	Tier       Tier   `json:"tier,omitempty"`
	Unit       string `json:"unit,omitempty"`
	WindowEnd  Day    `json:"window_end,omitempty"`
	Year       string `json:"year,omitempty"`
}

type ledgerJSONItem struct {
	Number     string              `json:"number,omitempty"`
	Tier       Tier                `json:"tier,omitempty"`
	Unit       string              `json:"unit,omitempty"`
	Category   string              `json:"category,omitempty"`
	Source     string              `json:"source,omitempty"`
	Problem    string              `json:"problem"`
	Standard   string              `json:"standard,omitempty"`
	Leader     string              `json:"leader,omitempty"`
	Department string              `json:"department,omitempty"`
	Owners     []string            `json:"owners,omitempty"`
	Phrase     string              `json:"deadline_phrase,omitempty"`
	Due        Day                 `json:"due,omitempty"`
	Standing   bool                `json:"standing,omitempty"`
	Ask        string              `json:"ask,omitempty"`
	Measures   []ledgerJSONMeasure `json:"measures"`
	Progress   string              `json:"progress,omitempty"`
	Status     string              `json:"status,omitempty"`
	Remark     string              `json:"remark,omitempty"`
}

type ledgerJSONMeasure struct {
	Text       string   `json:"text"`
	Kind       string   `json:"kind,omitempty"`
	Leader     string   `json:"leader,omitempty"`
	Department string   `json:"department,omitempty"`
	Owners     []string `json:"owners,omitempty"`
	Phrase     string   `json:"deadline_phrase,omitempty"`
	Due        Day      `json:"due,omitempty"`
	Standing   bool     `json:"standing,omitempty"`
	Ask        string   `json:"ask,omitempty"`
	Progress   string   `json:"progress,omitempty"`
	Status     string   `json:"status,omitempty"`
	DoneOn     Day      `json:"done_on,omitempty"`
}

type ledgerJSONColumn struct {
	Sheet   string        `json:"sheet,omitempty"`
	Column  string        `json:"column"`
	Heading string        `json:"heading"`
	Field   LedgerField   `json:"field"`
	Taken   bool          `json:"taken"`
	Ask     []LedgerField `json:"ask,omitempty"`
}

type ledgerJSONRefused struct {
	Sheet    string              `json:"sheet,omitempty"`
	Row      int                 `json:"row"`
	Item     int                 `json:"item"`
	Problems []ledgerJSONProblem `json:"problems,omitempty"`
}

// ledgerJSONAssumed is what a deadline's day rests on that its phrase does not say.
type ledgerJSONAssumed struct {
	Sheet   string   `json:"sheet,omitempty"`
	Row     int      `json:"row"`
	Phrase  string   `json:"deadline_phrase"`
	Assumed []string `json:"assumed"`
}

type ledgerJSONPassed struct {
	Sheet string `json:"sheet,omitempty"`
	Row   int    `json:"row"`
	Why   string `json:"why"`
	Text  string `json:"text,omitempty"`
}

type ledgerJSONProblem struct {
	Sheet  string      `json:"sheet,omitempty"`
	Row    int         `json:"row,omitempty"`
	Column string      `json:"column,omitempty"`
	Field  LedgerField `json:"field,omitempty"`
	Weight string      `json:"weight"`
	Key    string      `json:"key"`
	Args   []any       `json:"args,omitempty"`
}
