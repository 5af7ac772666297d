package models

import (
	"slices"
	"strconv"
	"strings"

	"duban/models/ledger"
	"duban/models/match"
)

// CellState is by whom a cell was changed.
type CellState string

// The states of a cell that the sheet and the register do not agree on. Where nobody
// knows what the sheet showed when it went out, whatever it says is the person's.
const (
	CellYours     CellState = "yours"     // by the person, in the sheet
	CellMeanwhile CellState = "meanwhile" // in the register, after the sheet went out
	CellBoth      CellState = "both"      // by both, and not to the same
)

// CellChange is one thing that a sheet says otherwise than the register: of a measure,
// by its place, or of the item itself for 0. Base is what the sheet showed when it went
// out, "" where nobody knows.
type CellChange struct {
	Field              ledger.Field
	Measure            int
	Base, Theirs, Ours string
	State              CellState
	Key                string // of the answer, where both have changed it
	Answered           bool

	taken bool // the sheet's, as somebody said
}

// Choices for a cell that both have changed.
const (
	TakeTheirs = "theirs" // the sheet's
	TakeOurs   = "ours"   // what stands in the register
)

// Takes is which of the two is taken, where both have changed it.
func (c CellChange) Takes() string {
	if c.taken {
		return TakeTheirs
	}
	return TakeOurs
}

// inspectorsFields are what a unit may not change on an item that stands: the
// inspectors' words, and its deadlines.
var inspectorsFields = []ledger.Field{
	ledger.FieldProblem, ledger.FieldStandard, ledger.FieldCategory, ledger.FieldSource, ledger.FieldDeadline, ledger.FieldUnit, ledger.FieldTier, ledger.FieldNumber,
}

// clearable are what a sheet can empty: a cell that had something when it went out and
// has nothing when it comes back. Nothing else is taken back by saying nothing.
var clearable = []ledger.Field{ledger.FieldStandard, ledger.FieldCategory, ledger.FieldSource, ledger.FieldLeader, ledger.FieldDepartment, ledger.FieldOwner}

// judge says what becomes of a line.
func (l *ImportLine) judge(b *Board, answers map[string]ImportAnswer) {
	if len(l.Refused) > 0 {
		l.State = LineRefused
		return
	}
	if l.item.ID == 0 {
		return
	}
	l.compare(answers)
	refuse := func(field ledger.Field, key string, args ...any) {
		l.State = LineRefused
		l.Refused = append(l.Refused, ledger.CellProblem{Weight: ledger.Refusal, Sheet: l.Ledger.Sheet, Row: l.Ledger.Row, Field: field, Key: key, Args: args})
	}
	switch {
	case len(l.Changes) == 0:
		l.State = LineSame
	case !l.item.Status.InHand():
		refuse("", "import.closed", l.item.Number)
	default:
		l.State = LineChanged
		assigned := map[ledger.Field]bool{ledger.FieldLeader: l.item.LeaderID != nil, ledger.FieldOwner: l.item.HandlerID != nil}
		for _, c := range l.Changes {
			switch {
			case b.me.Role != Office && slices.Contains(inspectorsFields, c.Field) && c.Ours != "" && l.dated(c):
				refuse(c.Field, b.advise("import.not_yours", l.item), c.Ours)
			case !b.May(AssignItem, l.item) && c.Measure == 0 && assigned[c.Field]:
				refuse(c.Field, "import.assigned", c.Ours)
			}
		}
	}
}

// dated says of a deadline whether what it is of has a day already; what has none is the
// unit's to propose one for. Of any other cell it says yes.
func (l *ImportLine) dated(c CellChange) bool {
	switch {
	case c.Field != ledger.FieldDeadline:
		return true
	case c.Measure > 0 && c.Measure <= len(l.measures):
		return l.measures[c.Measure-1].DueOn != "" || l.item.DueOn != ""
	}
	return l.item.DueOn != ""
}

// comparison lays the cells of a line beside the register's and, where it is known,
// what the sheet showed when it went out.
type comparison struct {
	line    *ImportLine
	answers map[string]ImportAnswer
}

// compare finds what the line says otherwise than the item.
func (l *ImportLine) compare(answers map[string]ImportAnswer) {
	c := comparison{line: l, answers: answers}
	n := l.news()
	c.put(ledger.FieldProblem, 0, 0, n.Problem, l.item.Problem)
	c.put(ledger.FieldStandard, 0, 0, n.Standard, l.item.Standard)
	c.put(ledger.FieldCategory, 0, 0, n.Category, l.item.Category)
	c.put(ledger.FieldSource, 0, 0, n.Source, l.item.Source)
	if l.Match.How != match.ByNumber { // with our number it is our sheet: its status is the register's own word
		c.put(ledger.FieldStatus, 0, 0, n.StatusWord, l.item.StatusWord)
		if l.item.LedgerNo == "" { // a unit may number anew; what an item was once called it keeps
			c.put(ledger.FieldNumber, 0, 0, l.Ledger.Number, l.item.LedgerNo)
		}
	}
	c.progress(n.Progress)
	c.place()
	if len(n.Measures) == 0 {
		if l.Ledger.Leader != "" || len(l.measures) == 0 {
			c.put(ledger.FieldLeader, 0, 0, n.Leader, l.item.Leader)
		}
		c.put(ledger.FieldOwner, 0, 0, n.Handler, l.item.Handler)
		c.deadline(0, 0, Measure{DeadlinePhrase: l.Ledger.Deadline.Phrase, DueOn: n.DueOn, Standing: n.Standing}, Measure{DueOn: l.item.DueOn, Standing: l.item.Standing})
		return
	}
	c.measures(n.Measures)
}

// base is what the sheet showed of a cell when it went out; known is false where nobody
// knows.
func (c comparison) base(f ledger.Field, row int) (text string, known bool) {
	if c.line.base == nil {
		return "", false
	}
	if slices.Contains(ownCells, f) {
		row = 0
	}
	if cells, carried := c.line.base.Cells[f]; carried && row < len(cells) {
		return cells[row], true
	}
	return "", false
}

// untouched says whether the column stands in the sheet as it went out.
func (c comparison) untouched(f ledger.Field) bool {
	if c.line.base == nil {
		return false
	}
	was, is := c.line.base.Cells[f], c.line.raw[f]
	if slices.Contains(ownCells, f) { // one text, over as many rows as there are now
		is = slices.DeleteFunc(slices.Clone(is), func(s string) bool { return s == "" })
		if len(is) == 0 {
			is = []string{""}
		}
	}
	return slices.EqualFunc(was, is, func(a, z string) bool { return squeezed(a) == squeezed(z) }) && len(was) > 0
}

// put lays one cell beside the others: at is its place on the item, row that in the
// sheet that went out.
func (c comparison) put(f ledger.Field, at, row int, theirs, ours string) {
	base, known := c.base(f, row)
	same := func(a, z string) bool { return squeezed(a) == squeezed(z) }
	switch {
	case !known && squeezed(theirs) == "":
		return
	case !known && f == ledger.FieldProblem: // another comma is no other problem
		same = func(a, z string) bool { return match.Words(a) == match.Words(z) }
	case known && squeezed(theirs) == "" && (squeezed(base) == "" || !slices.Contains(clearable, f) || !c.line.columns[f]):
		theirs = base
	case known && c.untouched(f):
		theirs = base
	}
	c.decide(CellChange{Field: f, Measure: at, Base: base, Theirs: theirs, Ours: ours}, !known || !same(theirs, base), known && !same(ours, base), same(theirs, ours))
}

// decide says what becomes of a cell.
func (c comparison) decide(is CellChange, here, there, same bool) {
	l := c.line
	switch {
	case same, !here && !there:
	case !here:
		is.State = CellMeanwhile
		l.Kept = append(l.Kept, is)
	case !there:
		is.State = CellYours
		l.Changes = append(l.Changes, is)
	default:
		is.State = CellBoth
		is.Key = strings.Join([]string{"cell", l.Ledger.Sheet, strconv.Itoa(l.Ledger.Row), string(is.Field), strconv.Itoa(is.Measure)}, "!")
		a := c.answers[is.Key]
		is.Answered, is.taken = a.Take != "", a.Take == TakeTheirs
		if a.Take == TakeTheirs {
			l.Changes = append(l.Changes, is)
		} else {
			l.Kept = append(l.Kept, is)
		}
	}
}

// progress is what was done: it is added to what others have reported, and conflicts
// with nothing.
func (c comparison) progress(theirs string) {
	base, known := c.base(ledger.FieldProgress, 0)
	ours := c.line.progress
	switch {
	case squeezed(theirs) == "", squeezed(theirs) == squeezed(ours):
	case known && (c.untouched(ledger.FieldProgress) || squeezed(theirs) == squeezed(base)):
	default:
		c.decide(CellChange{Field: ledger.FieldProgress, Base: base, Theirs: theirs, Ours: ours}, true, false, false)
	}
}

// place is whose item it is and of which tier, where the sheet showed that and says
// otherwise now. A sheet of one's own says it of new items alone.
func (c comparison) place() {
	l := c.line
	if l.base == nil {
		return
	}
	if l.Ledger.Unit != "" && l.Unit.ID != 0 && l.Unit.ID != l.base.Unit {
		c.decide(CellChange{Field: ledger.FieldUnit, Base: l.unitNames[l.base.Unit], Theirs: l.Unit.Name, Ours: l.unitNames[l.item.UnitID]}, true, l.item.UnitID != l.base.Unit, l.item.UnitID == l.Unit.ID)
	}
	if l.columns[ledger.FieldTier] && l.Ledger.Tier != l.base.Tier {
		c.decide(CellChange{Field: ledger.FieldTier, Base: string(l.base.Tier), Theirs: string(l.Ledger.Tier), Ours: string(l.item.Tier)}, true, l.item.Tier != l.base.Tier, l.item.Tier == l.Ledger.Tier)
	}
}

// measures lays each measure of the line beside the register's.
func (c comparison) measures(theirs []Measure) {
	l := c.line
	at, rows := l.placeMeasures(theirs)
	for k, m := range theirs {
		var was Measure
		place := at[k]
		isNew := place < 0
		if isNew {
			place = len(l.measures) + l.added
			l.added++
		} else {
			was = l.measures[place]
		}
		if was.Done() {
			continue
		}
		l.from = append(l.from, measureFrom{place: place, says: k})
		row := rows[k]
		if isNew {
			row = 1 << 20 // it went out with no sheet
		}
		c.put(ledger.FieldMeasure, place+1, row, m.Text, was.Text)
		if m.Kind != "" {
			c.put(ledger.FieldKind, place+1, row, m.Kind, was.Kind)
		}
		c.people(ledger.FieldLeader, place, row, m.Leader, was.Leader, l.item.Leader)
		c.people(ledger.FieldDepartment, place, row, m.Department, was.Department, l.item.Department)
		c.put(ledger.FieldOwner, place+1, row, m.OwnersTyped(), was.OwnersTyped())
		c.deadline(place+1, row, m, was)
	}
}

// people lays who answers beside who is: a sheet shows the item's where a measure has
// nobody of its own.
func (c comparison) people(f ledger.Field, place, row int, theirs, own, items string) {
	ours := own
	if _, known := c.base(f, row); ours == "" && (known || squeezed(theirs) == squeezed(items)) {
		ours = items
	}
	c.put(f, place+1, row, theirs, ours)
}

// deadline lays a deadline beside the others: two that mean the same day are the same,
// however they are written.
func (c comparison) deadline(at, row int, theirs, ours Measure) {
	base, known := c.base(ledger.FieldDeadline, row)
	written := func(m Measure) string {
		if m.DueOn != "" {
			return string(m.DueOn)
		}
		return m.DeadlinePhrase
	}
	if again := squeezed(theirs.DeadlinePhrase); known && again == squeezed(base) || again != "" && ours.DueOn != "" && again == squeezed(ours.DeadlinePhrase) {
		c.line.settled = append(c.line.settled, theirs.DeadlinePhrase)
	}
	is := CellChange{Field: ledger.FieldDeadline, Measure: at, Base: base, Theirs: written(theirs), Ours: written(ours)}
	if !known {
		switch {
		case theirs.DueOn != "" && theirs.DueOn != ours.DueOn:
			c.decide(is, true, false, false)
		case theirs.DueOn == "" && ours.DueOn == "" && theirs.DeadlinePhrase != "" && squeezed(theirs.DeadlinePhrase) != squeezed(ours.DeadlinePhrase),
			theirs.Standing && !c.line.item.Standing:
			is.Theirs = theirs.DeadlinePhrase
			c.decide(is, true, false, false)
		}
		return
	}
	was := Measure{DueOn: c.line.base.Due[row], Standing: c.line.base.Standing[row], DeadlinePhrase: base}
	means := func(a, z Measure) bool {
		return a.DueOn == z.DueOn && a.Standing == z.Standing && (a.DueOn != "" || a.Standing || squeezed(a.DeadlinePhrase) == squeezed(z.DeadlinePhrase))
	}
	here := !c.untouched(ledger.FieldDeadline) && theirs.DeadlinePhrase != "" && squeezed(theirs.DeadlinePhrase) != squeezed(base) && !means(theirs, was)
	if ours.DeadlinePhrase == "" && ours.DueOn == "" {
		ours.DeadlinePhrase = base // it shows what it showed
		if was.DueOn != "" || was.Standing {
			ours.DeadlinePhrase = ""
		}
	}
	c.decide(is, here, !means(ours, was), here && means(theirs, ours))
}

// measureFrom says which of a line's measures speaks of which of the item's, by their
// places from 0; a place beyond the item's is a new one.
type measureFrom struct{ place, says int }

// placeMeasures says for each measure of the line which of the item's it is, -1 for a
// new one, and in which row of the sheet that went out it stood.
func (l *ImportLine) placeMeasures(theirs []Measure) (at, rows []int) {
	at, rows = make([]int, len(theirs)), make([]int, len(theirs))
	texts := make([]string, len(l.measures))
	for n, m := range l.measures {
		texts[n] = m.Text
	}
	if l.base == nil {
		at = alignTexts(theirs, texts)
		copy(rows, at)
		return at, rows
	}
	rows = alignTexts(theirs, l.base.Cells[ledger.FieldMeasure])
	if len(l.base.Measures) == 0 { // it went out without a measure
		for k := range rows {
			rows[k] = -1
		}
	}
	taken := map[int]bool{}
	for k, row := range rows {
		at[k] = -1
		if row >= 0 {
			at[k] = slices.IndexFunc(l.measures, func(m Measure) bool { return m.ID == l.base.Measures[row] })
			taken[at[k]] = true
		}
	}
	for k, m := range theirs { // what two have added to their copies alike
		if at[k] < 0 {
			if n := slices.IndexFunc(l.measures, func(o Measure) bool { return match.Words(o.Text) == match.Words(m.Text) }); n >= 0 && !taken[n] {
				at[k], taken[n] = n, true
			}
		}
	}
	l.LeftOut = len(l.base.Measures) - len(slices.DeleteFunc(slices.Clone(rows), func(row int) bool { return row < 0 }))
	return at, rows
}

// alignTexts says for each measure which of the texts it is: the same words, words that
// are alike, or, where there are as many of the one as of the other, what stands in the
// same place.
func alignTexts(theirs []Measure, texts []string) []int {
	rows, items := make([]match.Row, len(theirs)), make([]match.Item, len(texts))
	for n, m := range theirs {
		rows[n] = match.Row{Is: -1, Item: match.Item{Own: strconv.Itoa(n + 1), Text: m.Text}}
	}
	for n, text := range texts {
		items[n] = match.Item{Own: strconv.Itoa(n + 1), Text: text}
	}
	at := make([]int, len(theirs))
	for n, found := range match.Find(rows, items) {
		at[n] = found.Item
		if found.How == match.NumberOnly && len(theirs) != len(texts) {
			at[n] = -1
		}
	}
	return at
}

// says says whether the line names another of those who answer for the item: the item's
// own or, where this person may say so by it, its first measure's.
func (l *ImportLine) says(field ledger.Field, byMeasure bool) bool {
	return slices.ContainsFunc(l.Changes, func(c CellChange) bool {
		return c.Field == field && (c.Measure == 0 || c.Measure == 1 && byMeasure)
	})
}

// dropRepeated drops progress that somebody has reported before: an older sheet says
// nothing new.
func (b *Board) dropRepeated(lines []ImportLine) error {
	said := map[int64]*ImportLine{}
	var ids []int64
	for n := range lines {
		if l := &lines[n]; slices.ContainsFunc(l.Changes, func(c CellChange) bool { return c.Field == ledger.FieldProgress }) {
			said[l.item.ID], ids = l, append(ids, l.item.ID)
		}
	}
	for some := range slices.Chunk(ids, batch) {
		var notes []Progress
		if err := b.db.Where("item_id IN ?", some).Find(&notes).Error; err != nil {
			return err
		}
		for _, note := range notes {
			l := said[note.ItemID]
			l.Changes = slices.DeleteFunc(l.Changes, func(c CellChange) bool {
				return c.Field == ledger.FieldProgress && squeezed(c.Theirs) == squeezed(note.Text)
			})
			if len(l.Changes) == 0 && l.State == LineChanged {
				l.State = LineSame
			}
		}
	}
	return nil
}
