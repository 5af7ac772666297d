package models

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"duban/models/deadline"
	"duban/models/ledger"
)

// Questions of an import: what a person is to say before a ledger is taken in, and may
// leave. Each thing is asked once, for all the rows that it concerns: a phrase, a day
// to count from, a year, a column, a unit, something that looks odd.

// QuestionKind is what a question is about, and so what answers it.
type QuestionKind string

// A deadline itself; a day that deadlines count from; a year; whose a row is; what a
// column means; what was taken and looks odd.
const (
	QuestionDue    = QuestionKind(deadline.NeedDue)
	QuestionFrom   = QuestionKind(deadline.NeedFrom)
	QuestionYear   = QuestionKind(deadline.NeedYear)
	QuestionUnit   = QuestionKind("unit")
	QuestionColumn = QuestionKind("column")
	QuestionCheck  = QuestionKind("check")
)

// questionOrder is the order in which they are asked: what may answer others first.
var questionOrder = []QuestionKind{QuestionColumn, QuestionUnit, QuestionYear, QuestionFrom, QuestionDue, QuestionCheck}

// ImportQuestion is one thing to be said.
type ImportQuestion struct {
	Key      string // of its answer
	Kind     QuestionKind
	Ask      string               // of a deadline: the question, as models/deadline has it
	Name     string               // of a unit or a column, as the ledger writes it; of a day, the unit whose it is
	Check    []ledger.CellProblem // what looks odd, row by row
	Phrases  []string             // of the deadlines that ask it
	Rows     []LedgerRow          // that it concerns, in the file's order
	Choices  []Day                // the likely answers, the likeliest first
	Units    []Unit               // of whom one may be meant
	Fields   []ledger.Field       // that the column may be
	Answer   ImportAnswer
	Answered bool
}

// LedgerRow is a row of a file by its sheet and its number there.
type LedgerRow struct {
	Sheet string
	Row   int
}

// Keys of answers, by what they answer. The two of match are import_match's.
const (
	deadlineAnswers = "ask!"
	unitAnswers     = "unit!"
	columnAnswers   = "col!"
	checkAnswers    = "check!"
	whoAnswers      = "who!"
)

// longestQuestions is how many phrases a question names, and how many units it offers.
const longestQuestions = 5

// questions are what is to be said of a ledger, answered or not.
func (p ImportPreview) questions(units []Unit) []ImportQuestion {
	var all []ImportQuestion
	at := map[string]int{}
	type questionRow struct {
		question int
		row      LedgerRow
	}
	said := map[questionRow]bool{}
	about := func(q ImportQuestion, row LedgerRow) *ImportQuestion {
		n, asked := at[q.Key]
		if !asked {
			n, at[q.Key] = len(all), len(all)
			all = append(all, q)
		}
		if of := (questionRow{n, row}); !said[of] {
			said[of], all[n].Rows = true, append(all[n].Rows, row)
		}
		return &all[n]
	}
	for _, t := range p.Reading.Tables {
		for _, c := range t.Columns {
			if len(c.Ask) == 0 {
				continue
			}
			q := about(ImportQuestion{Key: columnAnswers + c.Key, Kind: QuestionColumn, Name: cmp.Or(c.Heading, c.Letter), Fields: c.Ask}, LedgerRow{t.Sheet, 0})
			q.Answered = c.Chosen
		}
	}
	for _, l := range p.Lines {
		row := LedgerRow{l.Ledger.Sheet, l.Ledger.Row}
		if l.asksUnit() || p.Import.Answers[unitAnswers+l.Ledger.Unit].Unit != "" {
			q := about(ImportQuestion{Key: unitAnswers + l.Ledger.Unit, Kind: QuestionUnit, Name: l.Ledger.Unit}, row)
			if len(q.Rows) == 1 {
				q.Units = unitsNear(l.Ledger.Unit, units)
			}
			q.answeredBy(p.Import.Answers)
			q.Answered = q.Answer.Unit != ""
		}
		if l.State == LineRefused {
			continue
		}
		for _, d := range l.deadlines() {
			if slices.Contains(l.settled, d.of.Phrase) {
				continue
			}
			for _, asked := range d.of.Asked {
				key, of := asked.Key(), ""
				if p.Import.UnitID == nil && l.Ledger.Unit != "" && slices.Contains(askedOfEach, asked.Ask) {
					key, of = ledger.OfUnit(key, l.Ledger.Unit), cmp.Or(l.Unit.Name, l.Ledger.Unit)
				}
				q := about(ImportQuestion{Key: deadlineAnswers + key, Name: of, Kind: QuestionKind(deadline.NeedOf(asked.Ask)), Ask: asked.Ask, Choices: asked.Choices}, LedgerRow{d.sheet, d.row})
				if !slices.Contains(q.Phrases, asked.Phrase) && asked.Phrase != "" {
					q.Phrases = append(q.Phrases, asked.Phrase)
				}
				for _, d := range asked.Choices {
					if !slices.Contains(q.Choices, d) {
						q.Choices = append(slices.Clone(q.Choices), d)
					}
				}
				q.answeredBy(p.Import.Answers)
			}
		}
		for _, c := range l.Ledger.Problems {
			if c.Weight != ledger.Question {
				continue
			}
			sum := sha256.Sum256(fmt.Appendf(nil, "%q", []string{c.Key, c.Sheet, c.Column}))
			q := about(ImportQuestion{Key: checkAnswers + hex.EncodeToString(sum[:9]), Kind: QuestionCheck}, LedgerRow{c.Sheet, c.Row})
			q.Check = append(q.Check, c)
			q.answeredBy(p.Import.Answers)
		}
	}
	for n := range all {
		all[n].offer(p.Reading)
	}
	slices.SortStableFunc(all, func(a, z ImportQuestion) int {
		return cmp.Compare(slices.Index(questionOrder, a.Kind), slices.Index(questionOrder, z.Kind))
	})
	return all
}

// askedOfEach are the days that each unit of a ledger has for itself.
var askedOfEach = []string{deadline.AskBack, deadline.AskNotice, deadline.AskWindow}

func (q *ImportQuestion) answeredBy(answers map[string]ImportAnswer) {
	q.Answer, q.Answered = answers[q.Key]
}

// saidOf is what a line beside a table is called that may hold the day a question asks
// for.
var saidOf = map[string]string{
	deadline.AskBack: ledger.SaidFeedbackOn, deadline.AskNotice: ledger.SaidNoticeOn, deadline.AskFound: ledger.SaidFoundOn,
	deadline.AskWindow: ledger.SaidWindowEnd, deadline.AskToday: ledger.SaidFilledOn,
}

// offer adds the days that stand beside the file's tables.
func (q *ImportQuestion) offer(r ledger.Reading) {
	if q.Kind != QuestionFrom {
		return
	}
	for _, said := range r.Said {
		if said.What == saidOf[q.Ask] && said.Day.Valid() && !slices.Contains(q.Choices, said.Day) {
			q.Choices = append(slices.Clone(q.Choices), said.Day)
		}
	}
}

// rowDeadline is a deadline of a line, with its row.
type rowDeadline struct {
	of    deadline.Deadline
	sheet string
	row   int
}

// deadlines are those of the line's measures, or its own where it has none.
func (l *ImportLine) deadlines() []rowDeadline {
	if len(l.Ledger.Measures) == 0 {
		return []rowDeadline{{l.Ledger.Deadline, l.Ledger.Sheet, l.Ledger.Row}}
	}
	all := make([]rowDeadline, len(l.Ledger.Measures))
	for n, m := range l.Ledger.Measures {
		all[n] = rowDeadline{m.Deadline, cmp.Or(m.Sheet, l.Ledger.Sheet), m.Row}
	}
	return all
}

// asksUnit says whether the line is refused for want of its unit alone, which a person
// can name.
func (l *ImportLine) asksUnit() bool {
	return l.Unit.ID == 0 && len(l.Refused) == 1 && slices.Contains([]string{"import.unit.near", "import.unit.unknown", "import.unit.missing"}, l.Refused[0].Key)
}

// unitsNear are the units whose names are near this one, all where none is and they are
// few.
func unitsNear(name string, units []Unit) []Unit {
	var near []Unit
	for _, n := range nearUnits(name, units) {
		near = append(near, units[slices.IndexFunc(units, func(u Unit) bool { return u.Name == n })])
	}
	if len(near) == 0 && len(units) <= longestQuestions {
		return units
	}
	return near
}

// Asked is how many things nobody has said yet: the questions of the preview and those
// of its lines. Every count of open questions is this one.
func (p ImportPreview) Asked() int {
	n := 0
	for _, q := range p.Asks {
		if !q.Answered {
			n++
		}
	}
	for _, l := range p.Lines {
		n += l.asked()
	}
	return n
}

// asked is how many questions of the line's own nobody has answered: whether it is an
// item of the register, and which text of a cell that both have changed is taken.
func (l ImportLine) asked() int {
	n := 0
	if l.State == LineRefused {
		return n
	}
	if l.Who != nil && !l.Who.Answered {
		n++
	}
	for _, c := range slices.Concat(l.Changes, l.Kept) {
		if c.State == CellBoth && !c.Answered {
			n++
		}
	}
	return n
}

// Open says whether the line has a question of its own that nobody has answered.
func (l ImportLine) Open() bool { return l.asked() > 0 }

// ReadAnswer reads what a form sends as an answer to a question: a day, a year, one of
// the words undated, standing and seen, or what was chosen behind its kind (unit:jfj,
// this:FK-2024-001, another:FK-2024-001). Empty takes an earlier answer back. What is none of
// these is a day that is wrong, and told at the question.
func ReadAnswer(word string) ImportAnswer {
	kind, chosen, _ := strings.Cut(word, ":")
	switch kind {
	case "undated":
		return ImportAnswer{Undated: true}
	case "standing":
		return ImportAnswer{Standing: true}
	case "seen":
		return ImportAnswer{Seen: true}
	case "unit":
		return ImportAnswer{Unit: chosen}
	case "this", "another":
		return ImportAnswer{Item: chosen, Another: kind == "another"}
	case TakeTheirs, TakeOurs:
		return ImportAnswer{Take: kind}
	}
	if year, err := strconv.Atoi(word); err == nil && len(word) == 4 {
		return ImportAnswer{Year: year}
	}
	return ImportAnswer{Due: Day(word)}
}

// problem says what is wrong with an answer, "" for nothing.
func (a ImportAnswer) problem() (key string, args []any) {
	switch {
	case a.Year != 0 && (a.Year < deadline.FirstYear || a.Year > deadline.LastYear):
		return "round.year.range", nil
	case a.Due != "" && (!a.Due.Valid() || a.Due.Year() < deadline.FirstYear || a.Due.Year() > deadline.LastYear):
		return "day.form", []any{string(a.Due)}
	}
	return "", nil
}

// Answer keeps what a person said to questions of the preview; an answer of nothing
// takes an earlier one back. What is wrong is told at its question, and nothing of it is
// kept.
func (b *Board) Answer(i Import, answers map[string]ImportAnswer) (Import, error) {
	var p Problems
	for key, a := range answers {
		if wrong, args := a.problem(); wrong != "" {
			p.Add("answer."+key, wrong, args...)
		} else if a == (ImportAnswer{}) {
			delete(i.Answers, key)
		} else {
			i.Answers[key] = a
		}
	}
	if p != nil {
		return i, p
	}
	return i, b.say(i, "answers", i)
}

// SayColumn says what the column means that a question is about, "" to leave it out.
func (b *Board) SayColumn(i Import, question string, field ledger.Field) (Import, error) {
	heading, isColumn := strings.CutPrefix(question, columnAnswers)
	if !isColumn {
		return i, ErrNotFound
	}
	return b.SayColumns(i, map[string]ledger.Field{heading: field})
}

// SayOf says anew whose the ledger of an import is, its tier, its year and the days that
// deadlines count from. What headings mean to another unit comes with it.
func (b *Board) SayOf(i, said Import) (Import, error) {
	if err := b.uploadProblems(said, len(i.Content)); err != nil {
		return i, err
	}
	if said.UnitID != nil && !b.MayImport(*said.UnitID) {
		return i, ErrNotFound
	}
	i.UnitID, i.Tier, i.Year = said.UnitID, said.Tier, said.Year
	i.FoundOn, i.NoticeOn, i.FeedbackOn, i.WindowEnd = said.FoundOn, said.NoticeOn, said.FeedbackOn, said.WindowEnd
	remembered, err := b.headingsOf(i.UnitID)
	if err != nil {
		return i, err
	}
	for heading, field := range remembered {
		if _, chosen := i.Columns[heading]; !chosen {
			i.Columns[heading] = field
		}
	}
	kept := b.imports().Where("imports.id = ? AND state = ?", i.ID, ImportUploaded).
		Select("unit_id", "tier", "year", "found_on", "notice_on", "feedback_on", "window_end", "columns").Updates(&i)
	return i, oneRow(kept)
}

// readingContext is what is known when an import's file is read: what was said of it,
// the days its round has for its units, and the answers so far.
func (b *Board) readingContext(i Import) (ledger.Context, error) {
	in := ledger.Context{
		Tier: i.Tier, Year: i.Year, FoundOn: i.FoundOn, NoticeOn: i.NoticeOn, FeedbackOn: i.FeedbackOn, WindowEnd: i.WindowEnd,
		Columns: i.Columns, Terms: b.rules.Terms(), Days: map[string]ledger.UnitDays{}, Answers: map[string]deadline.Answer{},
	}
	for key, a := range i.Answers {
		if of, isDeadline := strings.CutPrefix(key, deadlineAnswers); isDeadline {
			in.Answers[of] = deadline.Answer{Day: a.Due, Year: a.Year, Standing: a.Standing, Undated: a.Undated}
		}
		if sheet, ok := strings.CutPrefix(key, TurnKey("")); ok && a.Turn {
			in.Turn = append(in.Turn, sheet)
		}
	}
	var err error
	if in.Known, err = b.known(i.UnitID); err != nil {
		return in, err
	}
	units, err := b.Units()
	if err != nil {
		return in, err
	}
	var rows []RoundUnit
	if err := b.db.Where("round_id = ?", i.RoundID).Find(&rows).Error; err != nil {
		return in, err
	}
	days := map[int64]ledger.UnitDays{}
	for _, r := range rows {
		days[r.UnitID] = ledger.UnitDays{NoticeOn: r.NoticeOn, FeedbackOn: r.FeedbackOn, WindowEnd: r.WindowEnd}
	}
	for _, u := range units {
		in.Days[u.Name] = days[u.ID]
		if i.UnitID != nil && u.ID == *i.UnitID {
			in.Unit, in.Days[""] = u.Name, days[u.ID]
		}
	}
	for key, a := range i.Answers {
		if name, isUnit := strings.CutPrefix(key, unitAnswers); isUnit && a.Unit != "" {
			if n := slices.IndexFunc(units, func(u Unit) bool { return u.Code == a.Unit }); n >= 0 {
				in.Days[name] = days[units[n].ID]
			}
		}
	}
	if i.UnitID != nil && in.Unit == "" {
		return in, ErrNotFound
	}
	return in, nil
}

// ReadImport reads an import's file again, with what was said of it so far. A day that
// a unit's deadlines count from and nobody gave is taken from the lines beside its
// table, where they all say the same; the reading's Context then has it.
func (b *Board) ReadImport(ctx context.Context, i Import, limits ledger.Limits) (ledger.Reading, error) {
	in, err := b.readingContext(i)
	if err != nil {
		return ledger.Reading{}, err
	}
	reading, err := b.readFile(ctx, i, in, limits)
	if err != nil || i.UnitID == nil {
		return reading, err
	}
	taken := false
	for ask, into := range map[string]*Day{deadline.AskBack: &in.FeedbackOn, deadline.AskNotice: &in.NoticeOn, deadline.AskFound: &in.FoundOn, deadline.AskWindow: &in.WindowEnd} {
		if day := saidDay(reading, saidOf[ask]); day != "" && asksFor(reading, ask) {
			*into, taken = day, true
		}
	}
	if taken {
		return b.readFile(ctx, i, in, limits)
	}
	return reading, nil
}

// saidDay is the day that all lines of that kind beside the tables say, "" where they
// do not agree.
func saidDay(r ledger.Reading, what string) Day {
	var day Day
	for _, s := range r.Said {
		if s.What == what && s.Day != day {
			if day != "" {
				return ""
			}
			day = s.Day
		}
	}
	return day
}

// asksFor says whether a deadline of a reading asks that, and nobody has answered.
func asksFor(r ledger.Reading, ask string) bool {
	open := func(d deadline.Deadline) bool {
		return slices.ContainsFunc(d.Asked, func(q deadline.Question) bool { return q.Ask == ask && !q.Answered })
	}
	return slices.ContainsFunc(r.Items, func(i ledger.Item) bool {
		return open(i.Deadline) || slices.ContainsFunc(i.Measures, func(m ledger.Measure) bool { return open(m.Deadline) })
	})
}

// ImportCounts are the counts of a preview. Rows are those of the ledger itself, not its
// titles and headings; Problems is the sum of what becomes of them.
type ImportCounts struct {
	Rows, Problems, New, Changed, Same, Refused, Asked int
}

// Counts adds the preview up; whatever figure a page shows of it is one of these.
func (p ImportPreview) Counts() ImportCounts {
	rows := p.Reading.Counts()
	c := ImportCounts{
		Rows: rows.Taken + rows.Refused, New: p.N(LineNew), Changed: p.N(LineChanged), Same: p.N(LineSame), Refused: p.RefusedN(), Asked: p.Asked(),
	}
	c.Problems = c.New + c.Changed + c.Same + c.Refused
	return c
}

// RefusedN is how many problems are not taken: those that could not be read, and
// those that the register refuses.
func (p ImportPreview) RefusedN() int { return p.N(LineRefused) + len(p.RefusedItems()) }

// RefusedItems are the problems that could not be read, each with all of its rows.
func (p ImportPreview) RefusedItems() [][]ledger.RefusedRow {
	type place struct{ table, item int }
	at := map[place]int{}
	var all [][]ledger.RefusedRow
	for _, r := range p.Reading.Refused {
		of := place{r.Table, r.Item}
		if n, known := at[of]; known {
			all[n] = append(all[n], r)
			continue
		}
		at[of] = len(all)
		all = append(all, []ledger.RefusedRow{r})
	}
	return all
}
