package models

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// undoWithin is how long an import can be undone, and its file is kept.
const undoWithin = 24 * time.Hour

// Import is a ledger that was taken in, or is about to be: the file, what the person
// said of it, and what came of it. Nothing stands in the ledger before it is
// confirmed. UnitID is nil for a ledger of several units, which a column names.
type Import struct {
	ID           int64
	FileName     string
	SHA256       string
	Size         int64
	Content      []byte
	RoundID      int64
	UnitID       *int64
	Tier         Tier
	Year         int
	FoundOn      Day
	NoticeOn     Day
	FeedbackOn   Day
	WindowEnd    Day
	Columns      map[string]LedgerField  `gorm:"serializer:json"`
	Answers      map[string]ImportAnswer `gorm:"serializer:json"`
	State        ImportState
	ByID         int64
	At           time.Time
	DoneAt       *time.Time
	UndoneAt     *time.Time
	RowsRead     int
	ItemsNew     int
	ItemsChanged int
	ItemsSame    int
	Refused      int
}

// ImportState is how far an import is.
type ImportState string

// An import is uploaded and looked at; done; undone.
const (
	ImportUploaded ImportState = "uploaded"
	ImportDone     ImportState = "done"
	ImportUndone   ImportState = "undone"
)

// Undoable says whether it can still be undone at that moment.
func (i Import) Undoable(now time.Time) bool {
	return i.State == ImportDone && i.DoneAt != nil && now.Sub(*i.DoneAt) < undoWithin
}

// ImportAnswer is what a person said to a question of the preview: a day, or that the
// measure stands without one, or that it stays undated. Of a unit nobody knows it is
// the code of the one that is meant.
type ImportAnswer struct {
	Due      Day    `json:"due,omitempty"`
	Standing bool   `json:"standing,omitempty"`
	Undated  bool   `json:"undated,omitempty"`
	Unit     string `json:"unit,omitempty"`
}

// importChange is what an import did to one item.
type importChange struct {
	ImportID     int64 `gorm:"primaryKey;autoIncrement:false"`
	ItemID       int64 `gorm:"primaryKey;autoIncrement:false"`
	Number       string
	VersionAfter int
	Before       string // JSON of itemBefore; empty for a new item
}

type itemBefore struct {
	Item     Item
	Measures []Measure
}

type importColumn struct {
	UnitID  int64  `gorm:"primaryKey;autoIncrement:false"`
	Heading string `gorm:"primaryKey"`
	Field   LedgerField
}

// LineState is what an import would do with one problem of the ledger.
type LineState string

// The states of a line, in the order a preview counts them.
const (
	LineNew     LineState = "new"
	LineChanged LineState = "changed"
	LineSame    LineState = "same"
	LineRefused LineState = "refused"
)

// ImportLine is one problem of the ledger against the register.
type ImportLine struct {
	Ledger  LedgerItem
	State   LineState
	Unit    Unit
	Number  string // of the item it updates
	Changes []FieldChange
	Asks    []ImportAsk
	Refused []CellProblem // why it is not taken

	item     Item // that it updates
	measures []Measure
	progress string // the newest note there
}

// FieldChange is one thing that an import changes on an item: of a measure, by its
// place, or of the item itself for 0.
type FieldChange struct {
	Field    LedgerField
	Measure  int
	Old, New string
}

// ImportAsk is a question that a person should answer before the line is taken, and
// may leave: the measure then stays undated, with its question.
type ImportAsk struct {
	Key      string // of the answer
	Row      int
	Phrase   string
	Ask      string
	Choices  []Day
	Answer   ImportAnswer
	Answered bool
}

// Likely are the likely days, as one text.
func (a ImportAsk) Likely() string {
	days := make([]string, len(a.Choices))
	for n, d := range a.Choices {
		days[n] = string(d)
	}
	return strings.Join(days, ", ")
}

// ImportPreview is every row of a file and what would come of it. Print binds a
// confirmation to what was seen: it changes with the file's answers and the items.
type ImportPreview struct {
	Import  Import
	Reading LedgerReading
	Lines   []ImportLine
	Print   string
}

// N is how many lines are of a state.
func (p ImportPreview) N(s LineState) int {
	n := 0
	for _, l := range p.Lines {
		if l.State == s {
			n++
		}
	}
	return n
}

// Asked is how many lines have a question that nobody has answered.
func (p ImportPreview) Asked() int {
	n := 0
	for _, l := range p.Lines {
		if l.Open() {
			n++
		}
	}
	return n
}

// RefusedN is how many problems are not taken: rows that cannot be read, and lines
// that the register refuses.
func (p ImportPreview) RefusedN() int {
	n := p.N(LineRefused)
	for _, r := range p.Reading.Refused {
		if len(r.Problems) > 0 {
			n++
		}
	}
	return n
}

// Open says whether the line has a question that nobody has answered.
func (l ImportLine) Open() bool {
	return l.State != LineRefused && slices.ContainsFunc(l.Asks, func(a ImportAsk) bool { return !a.Answered })
}

// imports are those that this person may see: the office all, a unit's people their
// unit's own, and what the office took in of it.
func (b *Board) imports() *gorm.DB {
	q := b.db.Model(&Import{})
	switch {
	case b.me.Role == Office || b.me.Role == clerk:
		return q
	case b.me.Role.ofUnit() && b.me.UnitID != nil:
		return q.Where("imports.unit_id = ? AND (imports.state <> ? OR imports.by_id IN (?))", *b.me.UnitID, ImportUploaded, b.colleagues())
	default:
		return q.Where("1 = 0")
	}
}

// colleagues are the people of this person's unit.
func (b *Board) colleagues() *gorm.DB {
	return b.db.Model(&User{}).Select("id").Where("unit_id = ?", b.me.UnitID)
}

// MayUndoImport says whether this person may take an import back now. What the office
// took in is not the unit's to take back: the unit would move its own dates by it, and
// take its own problems out of the ledger.
func (b *Board) MayUndoImport(i Import) (bool, error) {
	if !i.Undoable(b.now) {
		return false, nil
	}
	own := b.imports().Where("imports.id = ?", i.ID)
	if b.me.Role != Office {
		own = own.Where("imports.by_id IN (?)", b.colleagues())
	}
	var n int64
	err := own.Count(&n).Error
	return n == 1, err
}

// Imports are the newest imports, at most limit, without their files.
func (b *Board) Imports(limit int) ([]Import, error) {
	var all []Import
	err := b.imports().Omit("content").Order("id DESC").Limit(limit).Find(&all).Error
	return all, err
}

// Import is one import, with its file as long as that is kept; another unit's is not
// found.
func (b *Board) Import(id int64) (Import, error) {
	var i Import
	return i, known(b.imports().Where("imports.id = ?", id).Take(&i).Error)
}

// ImportsOf are the earlier imports of the same file that were done.
func (b *Board) ImportsOf(i Import) ([]Import, error) {
	var same []Import
	err := b.imports().Omit("content").Where("sha256 = ? AND state = ? AND id <> ?", i.SHA256, ImportDone, i.ID).Order("id DESC").Find(&same).Error
	return same, err
}

// StartImport keeps a file to be looked at. What the person said of it is checked
// first; the unit's people may only name their own unit. Headings the unit was asked
// about before are understood as they were then.
func (b *Board) StartImport(i Import, content []byte) (Import, error) {
	var p Problems
	if _, known := tiers[i.Tier]; !known {
		p.Add("tier", "required")
	}
	if i.UnitID == nil && b.me.Role != Office {
		p.Add("unit", "required")
	}
	for field, day := range map[string]Day{"found_on": i.FoundOn, "notice_on": i.NoticeOn, "feedback_on": i.FeedbackOn, "window_end": i.WindowEnd} {
		dayProblem(&p, field, day)
	}
	if i.Year != 0 && (i.Year < firstYear || i.Year > lastYear) {
		p.Add("year", "round.year.range")
	}
	if len(content) == 0 {
		p.Add("file", "import.file.missing")
	}
	if p != nil {
		return Import{}, p
	}
	sum := sha256.Sum256(content)
	i.SHA256, i.Size, i.Content, i.FileName = hex.EncodeToString(sum[:]), int64(len(content)), content, clip(cleanName(i.FileName), 120)
	i.State, i.ByID, i.At, i.Answers, i.Columns = ImportUploaded, b.me.ID, b.now, map[string]ImportAnswer{}, map[string]LedgerField{}
	err := b.govern(GovernImport, func(tx *gorm.DB) (Particulars, error) {
		if i.UnitID != nil && !b.MayImport(*i.UnitID) {
			return nil, ErrNotFound
		}
		var r Round
		if err := known(tx.Take(&r, i.RoundID).Error); err != nil {
			return nil, Problems{{Field: "round", Key: "required"}}
		}
		if i.UnitID != nil {
			var columns []importColumn
			if err := tx.Where("unit_id = ?", *i.UnitID).Find(&columns).Error; err != nil {
				return nil, err
			}
			for _, c := range columns {
				i.Columns[c.Heading] = c.Field
			}
		}
		if i.Year == 0 {
			i.Year = r.Year
		}
		if err := tx.Create(&i).Error; err != nil {
			return nil, err
		}
		return Particulars{"import": strconv.FormatInt(i.ID, 10), "file": i.FileName, "sha256": i.SHA256}, nil
	})
	return i, err
}

// cleanName is a file's name without what no name needs.
func cleanName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
}

// SayColumns says what the headings mean: empty leaves a column out.
func (b *Board) SayColumns(i Import, columns map[string]LedgerField) (Import, error) {
	for heading, field := range columns {
		if field != "" && !field.Taken() {
			return i, ErrNotFound
		}
		i.Columns[heading] = field
	}
	return i, b.say(i, "columns", i)
}

// Answer keeps what a person said to questions of the preview; an answer of nothing
// takes an earlier one back.
func (b *Board) Answer(i Import, answers map[string]ImportAnswer) (Import, error) {
	var p Problems
	for key, a := range answers {
		dayProblem(&p, "answer."+key, a.Due)
		if a == (ImportAnswer{}) {
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

func (b *Board) say(i Import, column string, said Import) error {
	kept := b.imports().Where("imports.id = ? AND state = ?", i.ID, ImportUploaded).Select(column).Updates(&said)
	return oneRow(kept)
}

// ReadImport reads an import's file again, with what was said of it so far.
func (b *Board) ReadImport(ctx context.Context, i Import, limits LedgerLimits) (LedgerReading, error) {
	in := LedgerContext{
		Tier: i.Tier, Year: i.Year, FoundOn: i.FoundOn, NoticeOn: i.NoticeOn, FeedbackOn: i.FeedbackOn, WindowEnd: i.WindowEnd, Columns: i.Columns, Rules: &b.rules,
	}
	if i.UnitID != nil {
		var u Unit
		if err := known(b.db.Take(&u, *i.UnitID).Error); err != nil {
			return LedgerReading{}, err
		}
		in.Unit = u.Name
	}
	return ReadLedger(ctx, bytes.NewReader(i.Content), int64(len(i.Content)), in, limits, b.calendar)
}

// Preview lays what was read beside the register: of every problem whether it is
// new, changes something, is the same, or is refused, and why.
func (b *Board) Preview(i Import, reading LedgerReading) (ImportPreview, error) {
	p := ImportPreview{Import: i, Reading: reading}
	units, err := b.Units()
	if err != nil {
		return p, err
	}
	for _, item := range reading.Items {
		line := ImportLine{Ledger: item, State: LineNew}
		line.answer(i.Answers)
		line.Unit, line.Refused = b.unitOf(i, item, units)
		p.Lines = append(p.Lines, line)
	}
	if err := b.beside(i, p.Lines); err != nil {
		return p, err
	}
	for n := range p.Lines {
		p.Lines[n].judge(b)
	}
	p.Print = p.print()
	return p, nil
}

// answer puts what a person said in the place of what could not be read.
func (l *ImportLine) answer(answers map[string]ImportAnswer) {
	settle := func(d *Deadline, row int) {
		if d.Ask == "" {
			return
		}
		key := l.Ledger.Sheet + "!" + strconv.Itoa(row)
		a, answered := answers[key]
		l.Asks = append(l.Asks, ImportAsk{key, row, d.Phrase, d.Ask, d.Choices, a, answered})
		switch {
		case a.Due != "":
			d.DueOn, d.Ask = a.Due, ""
		case a.Standing:
			d.Standing, d.Ask = true, ""
		}
	}
	if len(l.Ledger.Measures) == 0 {
		settle(&l.Ledger.Deadline, l.Ledger.Row)
	}
	l.Ledger.Measures = slices.Clone(l.Ledger.Measures)
	for n := range l.Ledger.Measures {
		settle(&l.Ledger.Measures[n].Deadline, l.Ledger.Measures[n].Row)
	}
}

// unitOf is whose problem it is: the unit that was said, or the one the row names. A
// name nobody has is refused, with the names near it.
func (b *Board) unitOf(i Import, item LedgerItem, units []Unit) (Unit, []CellProblem) {
	refuse := func(key string, args ...any) (Unit, []CellProblem) {
		return Unit{}, []CellProblem{{Weight: Refusal, Sheet: item.Sheet, Row: item.Row, Field: FieldUnit, Key: key, Args: args}}
	}
	if answer := i.Answers["unit!"+item.Unit]; answer.Unit != "" {
		if n := slices.IndexFunc(units, func(u Unit) bool { return u.Code == answer.Unit }); n >= 0 && b.MayImport(units[n].ID) {
			return units[n], nil
		}
	}
	named := slices.IndexFunc(units, func(u Unit) bool { return u.Name == item.Unit })
	switch {
	case named >= 0 && !b.MayImport(units[named].ID):
		return refuse("import.unit.foreign", item.Unit)
	case named >= 0:
		return units[named], nil
	case i.UnitID != nil:
		n := slices.IndexFunc(units, func(u Unit) bool { return u.ID == *i.UnitID })
		if n < 0 {
			return refuse("import.unit.gone")
		}
		return units[n], nil
	case item.Unit == "":
		return refuse("import.unit.missing")
	case utf8.RuneCountInString(item.Unit) > longestName:
		return refuse("import.unit.long", longestName, utf8.RuneCountInString(item.Unit), clip(item.Unit, 20))
	}
	if near := nearUnits(item.Unit, units); len(near) > 0 {
		return refuse("import.unit.near", item.Unit, strings.Join(near, "、"))
	}
	return refuse("import.unit.unknown", item.Unit)
}

// nearUnits are the names most like this one, the nearest first, three at most.
func nearUnits(name string, units []Unit) []string {
	type near struct {
		name string
		far  int
	}
	var all []near
	for _, u := range units {
		far := editDistance([]rune(name), []rune(u.Name))
		if strings.Contains(u.Name, name) || strings.Contains(name, u.Name) {
			far = 0
		}
		if far <= max(1, utf8.RuneCountInString(u.Name)/2) {
			all = append(all, near{u.Name, far})
		}
	}
	slices.SortStableFunc(all, func(a, z near) int { return cmp.Compare(a.far, z.far) })
	var names []string
	for _, n := range all[:min(3, len(all))] {
		names = append(names, n.name)
	}
	return names
}

// editDistance is how many characters must be changed to make one text the other.
func editDistance(a, z []rune) int {
	row := make([]int, len(z)+1)
	for k := range row {
		row[k] = k
	}
	for i, ra := range a {
		before := row[0]
		row[0] = i + 1
		for k, rz := range z {
			change := before
			if ra != rz {
				change++
			}
			before = row[k+1]
			row[k+1] = min(change, row[k]+1, row[k+1]+1)
		}
	}
	return row[len(z)]
}

// beside finds for each line the item it speaks of: by its number in the unit's own
// ledger, or, where a ledger numbers nothing, by its very words.
func (b *Board) beside(i Import, lines []ImportLine) error {
	ids := map[int64]bool{}
	for _, l := range lines {
		if l.Unit.ID != 0 {
			ids[l.Unit.ID] = true
		}
	}
	var items []Item
	if len(ids) > 0 {
		if err := b.items().Where("items.round_id = ? AND items.unit_id IN ?", i.RoundID, slices.Sorted(maps.Keys(ids))).Find(&items).Error; err != nil {
			return err
		}
	}
	byNumber, byWords := map[string]Item{}, map[string]Item{}
	for _, item := range items {
		key := fmt.Sprint(item.UnitID, " ", item.Tier, " ")
		if item.LedgerNo != "" {
			byNumber[key+item.LedgerNo] = item
		} else {
			byWords[key+squeezed(item.Problem)] = item
		}
	}
	var found []int64
	for n := range lines {
		l := &lines[n]
		key := fmt.Sprint(l.Unit.ID, " ", l.Ledger.Tier, " ")
		item, ok := byNumber[key+l.Ledger.Number]
		if l.Ledger.Number == "" {
			item, ok = byWords[key+squeezed(l.Ledger.Problem)]
		}
		if ok {
			l.item, l.Number = item, item.Number
			found = append(found, item.ID)
		}
	}
	measures, notes := map[int64][]Measure{}, map[int64]Progress{}
	for some := range slices.Chunk(found, batch) {
		var of []Measure
		if err := b.db.Where("item_id IN ?", some).Order("item_id, seq").Find(&of).Error; err != nil {
			return err
		}
		for _, m := range of {
			measures[m.ItemID] = append(measures[m.ItemID], m)
		}
		cards := make([]Card, len(some))
		for n, id := range some {
			cards[n].ID = id
		}
		last, err := b.LastProgress(cards)
		if err != nil {
			return err
		}
		maps.Copy(notes, last)
	}
	for n := range lines {
		lines[n].measures, lines[n].progress = measures[lines[n].item.ID], notes[lines[n].item.ID].Text
	}
	return nil
}

// squeezed is a text as it is compared: white space does not count.
func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

// inspectorsFields are what a unit may not change on an item that stands: the
// inspectors' words, and its deadlines.
var inspectorsFields = []LedgerField{FieldProblem, FieldStandard, FieldCategory, FieldSource, FieldDeadline}

// judge says what becomes of a line.
func (l *ImportLine) judge(b *Board) {
	if len(l.Refused) > 0 {
		l.State = LineRefused
		return
	}
	if l.item.ID == 0 {
		return
	}
	l.Changes = l.differences()
	refuse := func(field LedgerField, key string, args ...any) {
		l.State = LineRefused
		l.Refused = append(l.Refused, CellProblem{Weight: Refusal, Sheet: l.Ledger.Sheet, Row: l.Ledger.Row, Field: field, Key: key, Args: args})
	}
	switch {
	case len(l.Changes) == 0:
		l.State = LineSame
	case !l.item.Status.Open():
		refuse("", "import.closed", l.item.Number)
	default:
		l.State = LineChanged
		assigned := map[LedgerField]bool{FieldLeader: l.item.LeaderID != nil, FieldOwner: l.item.HandlerID != nil}
		for _, c := range l.Changes {
			switch {
			case b.me.Role != Office && slices.Contains(inspectorsFields, c.Field) && c.Old != "":
				refuse(c.Field, "import.not_yours", c.Old)
			case !b.May(AssignItem, l.item) && c.Measure == 0 && assigned[c.Field]:
				refuse(c.Field, "import.assigned", c.Old)
			}
		}
	}
}

// differences are what the line says otherwise than the item. An empty cell says
// nothing, and a measure that is done says the last word.
func (l *ImportLine) differences() []FieldChange {
	var all []FieldChange
	note := func(field LedgerField, measure int, old, new string) {
		if squeezed(new) != "" && squeezed(old) != squeezed(new) {
			all = append(all, FieldChange{field, measure, old, new})
		}
	}
	n := l.news()
	note(FieldProblem, 0, l.item.Problem, n.Problem)
	note(FieldStandard, 0, l.item.Standard, n.Standard)
	note(FieldCategory, 0, l.item.Category, n.Category)
	note(FieldSource, 0, l.item.Source, n.Source)
	if l.Ledger.Leader != "" || len(l.measures) == 0 {
		note(FieldLeader, 0, l.item.Leader, n.Leader)
	}
	note(FieldOwner, 0, l.item.Handler, n.Handler)
	note(FieldStatus, 0, l.item.StatusWord, n.StatusWord)
	note(FieldProgress, 0, l.progress, n.Progress)
	for k, m := range n.Measures {
		var was Measure
		if k < len(l.measures) {
			was = l.measures[k]
		}
		if was.Done() {
			continue
		}
		note(FieldMeasure, k+1, was.Text, m.Text)
		note(FieldKind, k+1, was.Kind, m.Kind)
		note(FieldLeader, k+1, was.Leader, m.Leader)
		note(FieldDepartment, k+1, was.Department, m.Department)
		note(FieldOwner, k+1, was.OwnersTyped(), m.OwnersTyped())
		switch {
		case m.DueOn != "" && was.DueOn != m.DueOn:
			note(FieldDeadline, k+1, string(was.DueOn), string(m.DueOn))
		case m.DueOn == "" && was.DueOn == "", m.Standing && !l.item.Standing:
			note(FieldDeadline, k+1, cmp.Or(was.DeadlinePhrase, string(was.DueOn)), m.DeadlinePhrase)
		}
	}
	switch {
	case len(n.Measures) > 0:
	case n.DueOn != "" && n.DueOn != l.item.DueOn:
		note(FieldDeadline, 0, string(l.item.DueOn), string(n.DueOn))
	case n.Standing && !l.item.Standing:
		note(FieldDeadline, 0, string(l.item.DueOn), l.Ledger.Deadline.Phrase)
	}
	return all
}

// says says whether the line names another of those who answer for the item: the item's
// own or, where this person may say so by it, its first measure's.
func (l *ImportLine) says(field LedgerField, byMeasure bool) bool {
	return slices.ContainsFunc(l.Changes, func(c FieldChange) bool {
		return c.Field == field && (c.Measure == 0 || c.Measure == 1 && byMeasure)
	})
}

// news is the line as a new item.
func (l *ImportLine) news() NewItem {
	i := l.Ledger
	n := NewItem{
		Tier: i.Tier, UnitID: l.Unit.ID, LedgerNo: i.Number, Source: i.Source, Category: i.Category, Problem: i.Problem, Standard: i.Standard,
		Leader: i.Leader, Department: i.Department, StatusWord: i.StatusWord, DueOn: i.Deadline.DueOn, Standing: i.Deadline.Standing,
	}
	if len(i.Owners) > 0 {
		n.Handler = i.Owners[0]
	}
	said := []string{i.Progress}
	for k, m := range i.Measures {
		one := Measure{
			Text: m.Text, Kind: m.Kind, Leader: m.Leader, Department: m.Department, Owners: m.Owners,
			DeadlinePhrase: m.Deadline.Phrase, DueOn: m.Deadline.DueOn, Standing: m.Deadline.Standing, Ask: m.Deadline.Ask,
			Assumed: strings.Join(m.Deadline.Assumed, ","),
		}
		n.Measures = append(n.Measures, one)
		if m.Progress != "" && m.Progress != i.Progress {
			said = append(said, strconv.Itoa(k+1)+". "+m.Progress)
		}
	}
	if i.Remark != "" {
		said = append(said, i.Remark)
	}
	n.Progress = clip(strings.TrimSpace(strings.Join(slices.DeleteFunc(said, func(s string) bool { return s == "" }), "\n")), longestProgress)
	return n
}

// print is a digest of all that a confirmation agrees to.
func (p ImportPreview) print() string {
	h := sha256.New()
	for _, l := range p.Lines {
		fmt.Fprintln(h, l.State, l.Unit.ID, l.Ledger.Sheet, l.Ledger.Row, l.item.ID, l.item.Version, len(l.Changes))
	}
	answers, _ := json.Marshal(p.Import.Answers)
	columns, _ := json.Marshal(p.Import.Columns)
	fmt.Fprintln(h, string(answers), string(columns), len(p.Reading.Refused))
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// ErrImportMoved says that the register is no longer as the preview showed it.
var ErrImportMoved = errors.New("the preview is out of date")

// ConfirmImport writes what the preview of that print showed, all of it or nothing.
// ErrImportMoved when the register has changed since, ErrStale when the import was
// confirmed already. Nobody is told of it by mail or notice: a ledger of forty rows is
// not forty messages.
func (b *Board) ConfirmImport(i Import, reading LedgerReading, print string) (Import, error) {
	err := b.govern(GovernImport, func(tx *gorm.DB) (Particulars, error) {
		in := b.in(tx)
		if _, err := in.Import(i.ID); err != nil {
			return nil, err
		}
		taken := tx.Model(&Import{}).Where("id = ? AND state = ?", i.ID, ImportUploaded).Updates(map[string]any{"state": ImportDone, "done_at": b.now})
		if err := oneRow(taken); err != nil {
			return nil, ErrStale
		}
		fresh, err := in.Import(i.ID)
		if err != nil {
			return nil, err
		}
		p, err := in.Preview(fresh, reading)
		if err != nil {
			return nil, err
		}
		if p.Print != print {
			return nil, ErrImportMoved
		}
		if err := in.take(&p); err != nil {
			return nil, err
		}
		i = p.Import
		i.RowsRead, i.ItemsNew, i.ItemsChanged, i.ItemsSame, i.Refused = reading.Counts().Rows, p.N(LineNew), p.N(LineChanged), p.N(LineSame), p.RefusedN()
		if err := tx.Model(&Import{}).Where("id = ?", i.ID).Select("rows_read", "items_new", "items_changed", "items_same", "refused").Updates(&i).Error; err != nil {
			return nil, err
		}
		return Particulars{
			"import": strconv.FormatInt(i.ID, 10), "file": i.FileName,
			"new": itoa(i.ItemsNew), "changed": itoa(i.ItemsChanged), "same": itoa(i.ItemsSame), "refused": itoa(i.Refused),
		}, in.rememberColumns(i)
	})
	return i, err
}

// take writes the lines of a preview.
func (b *Board) take(p *ImportPreview) error {
	var news []NewItem
	var changes []importChange
	for n := range p.Lines {
		l := &p.Lines[n]
		switch l.State {
		case LineNew:
			one := l.news()
			one.RoundID, one.ImportID = p.Import.RoundID, &p.Import.ID
			news = append(news, one)
		case LineChanged:
			before, err := json.Marshal(itemBefore{l.item, l.measures})
			if err != nil {
				return err
			}
			after, err := b.revise(l, p.Import.ID)
			if err != nil {
				return err
			}
			changes = append(changes, importChange{p.Import.ID, after.ID, after.Number, after.Version, string(before)})
		}
	}
	items, err := b.register(news)
	if err != nil {
		return err
	}
	for _, item := range items {
		changes = append(changes, importChange{p.Import.ID, item.ID, item.Number, item.Version, ""})
	}
	return b.createAll(&changes)
}

// revise brings an item up to what a line says, through the one door.
func (b *Board) revise(l *ImportLine, importID int64) (Item, error) {
	act := ReviseItem
	n := l.news()
	n.settle(b.Today(), b.rules)
	if l.item.Status == Registered && len(n.Measures) > 0 {
		act = PlanItem
	}
	return b.step(act, l.item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		said := Particulars{"import": strconv.FormatInt(importID, 10)}
		fill := func(into *string, value string) {
			if squeezed(value) != "" {
				*into = value
			}
		}
		if squeezed(n.Problem) != squeezed(item.Problem) {
			item.Title = titleOf(n.Problem)
		}
		fill(&item.Problem, n.Problem)
		fill(&item.Standard, n.Standard)
		fill(&item.Category, n.Category)
		fill(&item.Source, n.Source)
		fill(&item.StatusWord, n.StatusWord)
		fill(&item.Department, n.Department)
		// Whom an account answers for it stands fast until it is assigned or handed over
		// anew: an older sheet that says nothing new does not give it back.
		may := b.May(AssignItem, *item)
		leads, handles := l.says(FieldLeader, may || item.LeaderID == nil), l.says(FieldOwner, may || item.HandlerID == nil)
		if leads {
			fill(&item.Leader, n.Leader)
		}
		if handles {
			fill(&item.Handler, n.Handler)
		}
		for k, m := range n.Measures {
			if err := b.in(tx).putMeasure(item, l.measures, k, m); err != nil {
				return nil, err
			}
		}
		if b.me.Role == Office || item.DueOn == "" { // what has a date becomes a standing item by the overseers alone
			item.Standing = item.Standing || n.Standing
		}
		if item.Standing && item.ReviewOn == "" {
			item.ReviewOn = n.ReviewOn
		}
		if n.DueOn != "" && n.DueOn != item.DueOn && (item.DueOn == "" || b.me.Role == Office) {
			if err := b.in(tx).moveDate(item, dateMove{why: WhyLedger, to: n.DueOn}, said); err != nil {
				return nil, err
			}
		}
		for _, c := range l.Changes {
			if c.Field == FieldProgress {
				note := Progress{ItemID: item.ID, Text: n.Progress, ByID: b.me.ID, At: b.now}
				if err := tx.Create(&note).Error; err != nil {
					return nil, err
				}
				item.ProgressOn = b.Today()
				said["progress"] = itoa(int(note.ID))
			}
			if c.Field == FieldLeader && c.Measure == 0 {
				said["leader"] = c.New
			}
			if c.Field == FieldStatus {
				said["status_word"] = c.New
			}
		}
		named := []Item{*item}
		if err := b.in(tx).name(named); err != nil {
			return nil, err
		}
		if leads || item.LeaderID == nil {
			item.LeaderID = named[0].LeaderID
		}
		if handles || item.HandlerID == nil {
			item.HandlerID = named[0].HandlerID
		}
		return said, b.in(tx).indexWords(*item)
	})
}

// putMeasure makes the k-th measure of an item what a line says, or adds it. One that
// is done stays as it is.
func (b *Board) putMeasure(item *Item, have []Measure, k int, m Measure) error {
	if m.Owners == nil {
		m.Owners = []string{}
	}
	if k >= len(have) {
		m.ItemID, m.Seq = item.ID, k+1
		item.Measures++
		return b.db.Create(&m).Error
	}
	if have[k].Done() {
		return nil
	}
	is := have[k]
	for _, of := range []struct{ is, said *string }{
		{&is.Text, &m.Text}, {&is.Kind, &m.Kind}, {&is.Leader, &m.Leader}, {&is.Department, &m.Department},
	} {
		if squeezed(*of.said) != "" {
			*of.is = *of.said
		}
	}
	if len(m.Owners) > 0 {
		is.Owners = m.Owners
	}
	if m.DueOn != "" || is.DueOn == "" {
		is.DeadlinePhrase, is.DueOn, is.Ask, is.Assumed = cmp.Or(m.DeadlinePhrase, is.DeadlinePhrase), m.DueOn, m.Ask, m.Assumed
	}
	is.Standing = is.Standing || m.Standing
	return b.saveMeasure(is)
}

func (b *Board) saveMeasure(m Measure) error {
	return oneRow(b.db.Model(&Measure{}).Where("id = ? AND item_id = ?", m.ID, m.ItemID).
		Select("text", "kind", "leader", "department", "owners", "deadline_phrase", "due_on", "standing", "ask", "assumed").Updates(&m))
}

// indexWords keeps what an item is searched by up to date.
func (b *Board) indexWords(item Item) error {
	var measures []Measure
	if err := b.db.Where("item_id = ?", item.ID).Order("seq").Find(&measures).Error; err != nil {
		return err
	}
	return b.db.Model(&itemSearch{}).Where("item_id = ?", item.ID).Update("body", searchBody(item, measures)).Error
}

// rememberColumns keeps what the unit's headings were said to mean.
func (b *Board) rememberColumns(i Import) error {
	if i.UnitID == nil || len(i.Columns) == 0 {
		return nil
	}
	var rows []importColumn
	for heading, field := range i.Columns {
		rows = append(rows, importColumn{*i.UnitID, heading, field})
	}
	return b.db.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "unit_id"}, {Name: "heading"}}, DoUpdates: clause.AssignmentColumns([]string{"field"}),
	}).CreateInBatches(&rows, batch).Error
}

// UndoImport takes a whole import back within a day of it: the items it brought go,
// those it changed are as they were. When anybody has worked on one of them since,
// nothing is undone, and the refusal names them. Who may is MayUndoImport.
func (b *Board) UndoImport(i Import) error {
	if !i.Undoable(b.now) {
		return Refused{Key: "import.undo.late"}
	}
	return b.govern(GovernImport, func(tx *gorm.DB) (Particulars, error) {
		in := b.in(tx)
		i, err := in.Import(i.ID)
		if err != nil {
			return nil, err
		}
		switch may, err := in.MayUndoImport(i); {
		case err != nil:
			return nil, err
		case !may && i.State == ImportDone:
			return nil, ErrForbidden
		}
		taken := tx.Model(&Import{}).Where("id = ? AND state = ?", i.ID, ImportDone).Updates(map[string]any{"state": ImportUndone, "undone_at": b.now})
		if err := oneRow(taken); err != nil {
			return nil, ErrStale
		}
		var changes []importChange
		if err := tx.Where("import_id = ?", i.ID).Order("item_id").Find(&changes).Error; err != nil {
			return nil, err
		}
		touched, late, err := in.touched(changes)
		refusal := func(key string, numbers []string) error {
			return Refused{Key: key, Args: []any{len(numbers), strings.Join(numbers[:min(5, len(numbers))], "、")}}
		}
		switch {
		case err != nil:
			return nil, err
		case len(touched) > 0:
			return nil, refusal("import.undo.touched", touched)
		case len(late) > 0 && b.me.Role != Office: // with another date the next time
			return nil, refusal("import.undo.overdue", late)
		}
		var gone []importChange
		for _, c := range changes {
			if c.Before == "" {
				gone = append(gone, c)
			} else if err := in.restore(c); err != nil {
				return nil, err
			}
		}
		if err := in.takeAway(gone); err != nil {
			return nil, err
		}
		return Particulars{"import": strconv.FormatInt(i.ID, 10), "undone": itoa(len(changes))}, nil
	})
}

// touched are the numbers of the items that somebody has worked on since, and of
// those that are overdue.
func (b *Board) touched(changes []importChange) (numbers, late []string, err error) {
	for some := range slices.Chunk(changes, batch) {
		ids := make([]int64, len(some))
		for n, c := range some {
			ids[n] = c.ItemID
		}
		var items []Item
		if err := b.db.Select("id", "number", "version", "status", "due_on").Where("id IN ?", ids).Find(&items).Error; err != nil {
			return nil, nil, err
		}
		version := map[int64]int{}
		for _, item := range items {
			version[item.ID] = item.Version
			if item.Card().Overdue(b.Today()) {
				late = append(late, item.Number)
			}
		}
		for _, c := range some {
			if version[c.ItemID] != c.VersionAfter {
				numbers = append(numbers, c.Number)
			}
		}
	}
	return numbers, late, nil
}

// restore makes an item what it was before an import.
func (b *Board) restore(c importChange) error {
	var was itemBefore
	if err := json.Unmarshal([]byte(c.Before), &was); err != nil {
		return err
	}
	act := ReviseItem
	if was.Item.Status == Registered {
		act = UnplanItem
	}
	seen := was.Item
	seen.Version = c.VersionAfter
	_, err := b.step(act, seen, func(tx *gorm.DB, item *Item) (Particulars, error) {
		now := *item
		*item = was.Item
		item.Status, item.Version, item.FlaggedDue = now.Status, now.Version, now.FlaggedDue
		item.AskedUntil = now.AskedUntil // what was asked for has lapsed when the date was moved
		if err := tx.Where("item_id = ? AND seq > ?", item.ID, len(was.Measures)).Delete(&Measure{}).Error; err != nil {
			return nil, err
		}
		for _, m := range was.Measures {
			if err := b.in(tx).saveMeasure(m); err != nil {
				return nil, err
			}
		}
		said := Particulars{"undone_import": strconv.FormatInt(c.ImportID, 10)}
		if now.DueOn != was.Item.DueOn {
			if was.Item.FirstDueOn == "" { // the import brought the first date, and takes it away
				said["due"], said["due_before"] = "", string(now.DueOn)
			} else {
				item.DueOn = now.DueOn
				if err := b.in(tx).moveDate(item, dateMove{why: WhyLedger, to: was.Item.DueOn}, said); err != nil {
					return nil, err
				}
			}
		}
		return said, b.in(tx).indexWords(*item)
	})
	return err
}

// takeAway removes items that an import brought and nobody has worked on. Their trail
// stays, and says so; their numbers are not given again.
func (b *Board) takeAway(gone []importChange) error {
	for some := range slices.Chunk(gone, batch) {
		ids := make([]int64, len(some))
		particulars := Particulars{}
		for n, c := range some {
			ids[n] = c.ItemID
			particulars["import"] = strconv.FormatInt(c.ImportID, 10)
		}
		events, err := b.farewell(UndoImport, ids, particulars)
		if err != nil {
			return err
		}
		if err := forgetNights(b.db, ids); err != nil {
			return err
		}
		for _, table := range []string{"notices", "item_search", "progress", "measures"} {
			if err := b.db.Exec("DELETE FROM "+table+" WHERE item_id IN (?)", ids).Error; err != nil {
				return err
			}
		}
		if err := b.db.Where("id IN ?", ids).Delete(&Item{}).Error; err != nil {
			return err
		}
		if err := b.inscribe(events...); err != nil {
			return err
		}
	}
	return nil
}

// SweepImports drops the files of imports that are done with, or were left lying,
// after a day, and returns how many.
func (b *Board) SweepImports() (int, error) {
	old := b.now.Add(-undoWithin)
	left := b.db.Where("state = ? AND at < ?", ImportUploaded, old).Delete(&Import{})
	if left.Error != nil {
		return 0, left.Error
	}
	files := b.db.Model(&Import{}).Where("state <> ? AND content IS NOT NULL AND at < ?", ImportUploaded, old).Update("content", nil)
	return int(left.RowsAffected + files.RowsAffected), files.Error
}

// DropImport takes an upload back that was never confirmed.
func (b *Board) DropImport(i Import) error {
	var ids []int64
	if err := b.imports().Where("imports.id = ? AND state = ?", i.ID, ImportUploaded).Pluck("imports.id", &ids).Error; err != nil {
		return err
	}
	return b.db.Where("id IN ?", ids).Delete(&Import{}).Error
}
