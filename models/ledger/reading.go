// Package ledger reads an office's ledger as a careful person would: what file it is
// (file.go, and a file for each kind: workbook.go, xls.go, ods.go, docx.go, html.go,
// csv.go), where its tables are (layout.go), what their columns
// mean (heading.go), and what each row says (item.go, number.go, owner.go, deadline.go).
// Every row ends in an item, is refused, or is passed over, and each says which. It is a
// leaf: bytes and what the person importing said come in, a Reading goes out; it knows
// no register and no database, and holds fixed limits of memory and time.
package ledger

import (
	"context"
	"duban/models/day"
	"duban/models/deadline"
	"duban/models/headway"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
)

// Limits are how much of a file is read. A file beyond one of them is
// refused whole, with a sentence; it is never read in part.
type Limits struct {
	Bytes int64 // of the file
	Rows  int   // of the ledger, headings and titles not counted
}

// DefaultLimits are 20 MB and 20,000 rows.
func DefaultLimits() Limits { return Limits{Bytes: 20 << 20, Rows: 20_000} }

// Context is what the person importing has said: whose ledger it is, the
// tier of what no sheet, section or column says otherwise of, and the days that
// deadlines count from. Columns are the person's own choices for headings, by the
// heading as FoldHeading folds it; the empty field means "leave it out". Leave are
// the sheets to leave out. Days are those of the units that rows may name, by the name
// as a row has it; what was said of the whole ledger goes before them. Answers are what
// was said to the questions of an earlier reading, by their keys.
type Context struct {
	Unit       string
	Tier       deadline.Tier
	Year       int
	FoundOn    day.Day
	NoticeOn   day.Day
	FeedbackOn day.Day
	WindowEnd  day.Day
	Columns    map[string]Field
	Leave      []string
	Turn       []string
	Known      Known                      `json:"-"`
	Days       map[string]UnitDays        `json:"-"`
	Answers    map[string]deadline.Answer `json:"-"`
	Terms      deadline.Terms             `json:"-"` // of the tiers, as in DeadlineContext
}

// UnitDays are the days that a unit's deadlines count from.
type UnitDays struct{ NoticeOn, FeedbackOn, WindowEnd day.Day }

// year is the year meant where a deadline names none: the one given, else that
// of the day the ledger counts from.
func (c Context) year() int {
	if c.Year != 0 {
		return c.Year
	}
	for _, d := range []day.Day{c.FeedbackOn, c.NoticeOn, c.FoundOn, c.WindowEnd} {
		if d.Valid() {
			return d.Year()
		}
	}
	return 0
}

// Reading is what a careful reader takes from a file: every row of it is in
// an item, refused, or passed over, and each says which.
type Reading struct {
	Context Context
	Format  string // xlsx, xls, ods, docx, html, mhtml, xml, csv
	Charset string // of a csv or a web page: utf-8, utf-16, gb18030
	Tables  []Table
	Items   []Item
	Refused []RefusedRow
	Said    []Said        // days and names that stand beside the table, to be offered
	Notes   []CellProblem // of the file as a whole: macros left out, hidden sheets read
	Carried string        // what a sheet of the name CarrySheet holds, cell after cell

	origins [][]*sheetRow // by item, the rows it was made of
}

// Counts are how many rows the file has, and what became of them: each row
// that has anything in it is counted once.
type Counts struct {
	Rows    int `json:"rows"`
	Taken   int `json:"taken"` // are in an item
	Refused int `json:"refused"`
	Passed  int `json:"passed"` // titles, headings, sections, totals, notes
	Items   int `json:"items"`
}

// Counts adds the reading up.
func (r Reading) Counts() Counts {
	n := Counts{Refused: len(r.Refused), Items: len(r.Items)}
	for _, t := range r.Tables {
		n.Passed += len(t.Passed)
	}
	for _, item := range r.Items {
		if !item.copied {
			n.Taken += len(item.Rows)
		}
		if item.joined != nil {
			n.Taken += item.joined.rows
		}
	}
	n.Rows = n.Taken + n.Refused + n.Passed
	return n
}

// Table is one table of a file: a sheet, or a part of one that has a
// heading of its own. A sheet with no heading we know is a table without columns,
// its rows all passed over.
type Table struct {
	Sheet    string // empty for a csv
	Hidden   bool
	Left     bool // out, as the person wished
	Turnable bool // its headings stand in the first column: nothing is taken of it before a person agrees to turn it
	Turned   bool // as the person agreed: its rows are the file's columns
	Title    string
	Headings []int // the rows that are heading, as the file numbers them
	Columns  []Column
	Passed   []PassedRow

	sheet *ledgerSheet // it is read from, for what goes back
}

// Column is one column of a table.
type Column struct {
	Index   int    // from 0
	Letter  string // A, B … AA
	Heading string // as written; that of a group before that of its part: "整改措施及责任分工 / 责任领导"
	Key     string // as FoldHeading folds it: what the person's choice is remembered by
	Field   Field
	Taken   bool    // goes into the ledger; a known column need not
	Ask     []Field // when a person should say which of these it is
	Guessed bool    // known by its ending or by its content, not by its name
	Chosen  bool    // by the person importing
	Hidden  bool
	Samples []string // the first three values
	Filled  int      // how many rows have something in it

	path []string // the heading, from the group to the part
}

// Why a row was passed over.
const (
	passedTitle    = "title"   // above the table
	passedHeading  = "heading" // the heading, or the heading again
	passedSection  = "section" // the name of what follows
	passedTotal    = "total"
	passedNote     = "note"     // a foot note, a signature line
	passedBlank    = "blank"    // a number and nothing else
	passedTurnable = "turnable" // of a sheet whose headings stand in the first column
	passedSheet    = "sheet"    // of a sheet that has no ledger, or was left out
)

// PassedRow is a row that no item is made of, and why.
type PassedRow struct {
	Row  int
	Why  string
	Text string
}

// Item is one problem of the ledger, with what is done about it.
type Item struct {
	Table      int // of the reading's tables
	Sheet      string
	Row        int    // the first, as the file numbers it
	Rows       []int  // all
	Number     string // the unit's own
	Register   string // the register's, where a cell has it: FK-2024-003
	Tier       deadline.Tier
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
	Deadline   deadline.Deadline // of the item itself, when it has no measure
	Measures   []Measure
	Problems   []CellProblem // questions and remarks; what forbids an item refuses it

	joined *joinedLists // nil where one list says all of it
	copied bool         // its rows are another's, of another unit
}

// Measure is one measure of an item.
type Measure struct {
	Sheet      string // it stands on, where that is not the item's
	Row        int
	Text       string
	Kind       string
	Leader     string
	Department string
	Owners     []string
	Deadline   deadline.Deadline
	Progress   string // its own, when the measures of an item have each their own
	StatusWord string
	DoneOn     day.Day // as the sheet says in a column of its own
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
	Field  Field
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

// Said is something written beside the table that answers a question of
// the import: "填报时间：2024年7月18日". It is offered to the person, never taken unasked.
type Said struct {
	Sheet string
	Row   int
	What  string
	Text  string  // as written
	Day   day.Day // as understood, when it is a day
}

// ledgerReader takes items from the sheets of one file.
type ledgerReader struct {
	ctx      context.Context
	in       Context
	calendar day.Calendar
	budget   *ledgerBudget
	out      Reading
	origins  [][]*sheetRow                         // by item, the rows it was made of
	marks    []itemMark                            // by item, what its number is told apart by
	rows     int                                   // that are in an item or refused
	done     int                                   // rows of the sheets before this one
	answers  map[string]map[string]deadline.Answer // by unit
	phrases  map[phraseIn]deadline.Deadline
}

type itemMark struct {
	section ledgerSection
	aspect  string // of its category column, where numbering may begin anew too
	raw     string // the number as read, before a section's was put before it
}

// Read takes from a file what a careful reader would. It looks at the
// content, not at the name, to know what kind of file it is. A file that cannot be
// read whole is refused whole: the error is then Unreadable.
// When all that is wrong is that no column says what the problems are, the reading
// comes with the error, so that a person can say which it is.
// One reading at a time is the caller's to see to.
func Read(ctx context.Context, file io.ReaderAt, size int64, in Context, limits Limits, calendar day.Calendar) (reading Reading, err error) {
	defer func() { // whatever a file does to the reader, the server goes on
		if fault := recover(); fault != nil {
			reading, err = Reading{}, fmt.Errorf("read ledger: %v\n%s", fault, debug.Stack())
		}
	}()
	if size > limits.Bytes {
		return Reading{}, badFile("ledger.file.size", limits.Bytes>>20)
	}
	kind, err := fileKind(file, size)
	if err != nil {
		return Reading{}, err
	}
	r := &ledgerReader{ctx: ctx, in: in, calendar: calendar, budget: newLedgerBudget(limits), phrases: map[phraseIn]deadline.Deadline{}, answers: map[string]map[string]deadline.Answer{}}
	r.out.Context = in
	r.budget.tell = func(rows int) { headway.Say(ctx, headway.Reading, rows, 0) }
	facts, err := readSheets(ctx, kind, file, size, r.budget, func(s *ledgerSheet) error {
		switch {
		case s.name == CarrySheet:
			r.carry(s)
			return nil
		case slices.Contains(in.Leave, s.name):
			r.leave(s)
			return nil
		}
		return r.readSheet(s)
	})
	if err != nil {
		return Reading{}, err
	}
	r.out.Format, r.out.Charset, r.out.Notes = facts.format, facts.charset, append(facts.notes, r.out.Notes...)
	if r.rows > limits.Rows {
		return Reading{}, badFile("ledger.file.rows", limits.Rows)
	}
	r.joinLists()
	r.refuseTwins()
	r.sayMissing()
	r.standUp()
	r.out.origins = r.origins
	if !slices.ContainsFunc(r.out.Tables, func(t Table) bool { return t.hasProblem() || t.Turnable }) {
		return r.out, r.noProblemColumn()
	}
	return r.out, nil
}

// CarrySheet is the name of the sheet on which an exported ledger carries what is no
// part of the ledger. It is never read as one.
const CarrySheet = "_duban"

func (r *ledgerReader) carry(s *ledgerSheet) {
	var out strings.Builder
	for _, row := range s.rows {
		for _, c := range row.cells {
			out.WriteString(c.text)
		}
	}
	r.out.Carried = out.String()
}

// eachCell tells of each cell in the rows of the n-th item, row by row, in which column it
// stands; nil is an empty one, or one of a row that shows what a block above it holds.
func (r Reading) eachCell(n int, tell func(row int, c Column, cell *sheetCell)) {
	if n >= len(r.origins) {
		return
	}
	for _, row := range r.origins[n] {
		for _, c := range r.Tables[r.Items[n].Table].Columns {
			cell := row.cell(c.Index)
			if cell != nil && cell.flaw != sound {
				cell = nil
			}
			tell(row.n, c, cell)
		}
	}
}

// Cells are the texts that stand in the rows of the n-th item, by field, one for each row;
// "" for a row that shows what a block above it holds.
func (r Reading) Cells(n int) map[Field][]string {
	cells := map[Field][]string{}
	r.eachCell(n, func(_ int, c Column, cell *sheetCell) {
		text := ""
		if cell != nil {
			text = cell.text
		}
		cells[c.Field] = append(cells[c.Field], text)
	})
	return cells
}

// ToldCell is a cell of a column by its place and its heading; of a date, the day.
type ToldCell struct {
	Heading, Letter, Text string
	Row                   int
}

// Told are the cells of the n-th item, row by row, by the keys of their columns; "" for a
// row that shows what a block above it holds.
func (r Reading) Told(n int) map[string][]ToldCell {
	cells := map[string][]ToldCell{}
	r.eachCell(n, func(row int, c Column, cell *sheetCell) {
		told := ToldCell{Heading: c.Heading, Letter: c.Letter, Row: row}
		if cell != nil {
			if told.Text = cell.text; cell.day() != "" {
				told.Text = string(cell.day())
			}
		}
		cells[c.Key] = append(cells[c.Key], told)
	})
	return cells
}

// Fields are what a table has columns of.
func (r Reading) Fields(table int) map[Field]bool {
	have := map[Field]bool{}
	for _, c := range r.Tables[table].Columns {
		if c.Taken {
			have[c.Field] = true
		}
	}
	return have
}

// leave notes a sheet the person wants left out.
func (r *ledgerReader) leave(s *ledgerSheet) {
	table := Table{Sheet: s.name, Hidden: s.hidden, Left: true}
	for i := range s.rows {
		v := rowView{sheetRow: &s.rows[i], own: s.rows[i].cells}
		table.Passed = append(table.Passed, PassedRow{v.n, passedSheet, v.line()})
	}
	r.out.Tables = append(r.out.Tables, table)
}

func (t Table) hasProblem() bool {
	return slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Field == FieldProblem })
}

// noProblemColumn says that a file has no ledger in it, and what it has instead.
func (r *ledgerReader) noProblemColumn() error {
	var headings []string
	rows := 0
	for _, t := range r.out.Tables {
		for _, c := range t.Columns {
			headings = append(headings, c.Heading)
		}
		rows += len(t.Passed)
	}
	switch {
	case rows == 0:
		return badFile("ledger.file.empty")
	case len(headings) == 0:
		return badFile("ledger.file.no_heading")
	}
	return badFile("ledger.file.no_problem", cut(strings.Join(headings, "、"), 200))
}
