package models

import (
	"cmp"
	"crypto/sha256"
	"duban/models/ledger"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

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
	Ledger  ledger.Item
	State   LineState
	Unit    Unit
	Number  string // of the item it updates
	Match   ImportMatch
	Who     *WhoAsk              // whether it is that item, where a person is to say so
	Changes []CellChange         // what is taken
	Kept    []CellChange         // what stays as the register has it though the sheet says otherwise
	LeftOut int                  // measures that went out with the sheet and are not in it any more: they stay
	Refused []ledger.CellProblem // why it is not taken

	item      Item // that it updates
	measures  []Measure
	progress  string // the newest note there
	base      *sheetItem
	raw       map[ledger.Field][]string // its cells as the file has them, a text for each row
	columns   map[ledger.Field]bool     // that its table has
	from      []measureFrom
	added     int // measures that are new
	unitNames map[int64]string
	settled   []string // phrases of deadlines that were read or answered before
}

// ImportPreview is every row of a file and what would come of it. Print binds a
// confirmation to what was seen: it changes with the file's answers and the items.
type ImportPreview struct {
	Import  Import
	Reading ledger.Reading
	Lines   []ImportLine
	Notes   []ledger.CellProblem // of the sheet as a whole: what it was exported as, what it no longer has
	Asks    []ImportQuestion
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

// Preview lays what was read beside the register: of every problem whether it is
// new, changes something, is the same, or is refused, and why.
func (b *Board) Preview(i Import, reading ledger.Reading) (ImportPreview, error) {
	p := ImportPreview{Import: i, Reading: reading}
	units, err := b.Units()
	if err != nil {
		return p, err
	}
	base, note := b.store.openBase(reading.Carried)
	if note.Key != "" {
		p.Notes = append(p.Notes, note)
	}
	names := map[int64]string{}
	for _, u := range units {
		names[u.ID] = u.Name
	}
	p.Lines = make([]ImportLine, len(reading.Items))
	for n := range reading.Items {
		line := &p.Lines[n]
		line.Ledger, line.State, line.unitNames = reading.Items[n], LineNew, names
		if was, carried := base[line.Ledger.Register]; carried {
			line.base, line.raw, line.columns = &was, reading.Cells(n), reading.Fields(line.Ledger.Table)
			line.sayTold(reading.Told(n))
		}
		line.Unit, line.Refused = b.unitOf(i, line.Ledger, units)
	}
	if err := b.beside(i, p.Lines); err != nil {
		return p, err
	}
	for n := range p.Lines {
		p.Lines[n].judge(b, i.Answers)
	}
	if err := b.dropRepeated(p.Lines); err != nil {
		return p, err
	}
	if err := b.missing(&p, base); err != nil {
		return p, err
	}
	if err := b.strangers(&p); err != nil {
		return p, err
	}
	p.Asks = p.questions(units)
	p.Print = p.print()
	return p, nil
}

// strangers notes whom the sheet names to answer for items and who has no account: who
// signs and works on these items is then someone else than it says.
func (b *Board) strangers(p *ImportPreview) error {
	type namedIn struct {
		unit int64
		name string
	}
	met := map[namedIn]bool{}
	of := map[int64][]string{}
	names := map[int64]string{}
	for n := range p.Lines {
		l := &p.Lines[n]
		named := l.State == LineNew || l.State == LineChanged && (l.says(ledger.FieldLeader, true) || l.says(ledger.FieldOwner, true))
		if !named || l.Unit.ID == 0 {
			continue
		}
		i := l.who()
		i.settleWho()
		names[l.Unit.ID] = l.Unit.Name
		for _, name := range []string{i.Leader, i.Handler} {
			if in := (namedIn{l.Unit.ID, name}); name != "" && !met[in] {
				met[in], of[l.Unit.ID] = true, append(of[l.Unit.ID], name)
			}
		}
	}
	people := map[int64][]User{}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(of)), batch) {
		var users []User
		if err := b.db.Where("unit_id IN ? AND disabled = ?", some, false).Order("id").Find(&users).Error; err != nil {
			return err
		}
		for _, u := range users {
			people[*u.UnitID] = append(people[*u.UnitID], u)
		}
	}
	for _, unit := range slices.Sorted(maps.Keys(of)) {
		strange := slices.DeleteFunc(of[unit], func(name string) bool { return accountOf(people[unit], name) != nil })
		if len(people[unit]) > 0 && len(strange) > 0 {
			p.Notes = append(p.Notes, ledger.CellProblem{Weight: ledger.Remark, Key: "import.people.strange", Args: []any{names[unit], strings.Join(strange[:min(5, len(strange))], "、"), len(strange)}})
		}
	}
	return nil
}

// unitOf is whose problem it is: the unit that was said, or the one the row names. A
// name nobody has is refused, with the names near it.
func (b *Board) unitOf(i Import, item ledger.Item, units []Unit) (Unit, []ledger.CellProblem) {
	refuse := func(key string, args ...any) (Unit, []ledger.CellProblem) {
		return Unit{}, []ledger.CellProblem{{Weight: ledger.Refusal, Sheet: item.Sheet, Row: item.Row, Field: ledger.FieldUnit, Key: key, Args: args}}
	}
	if answer := i.Answers[unitAnswers+item.Unit]; answer.Unit != "" {
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
	case utf8.RuneCountInString(item.Unit) > ledger.LongestName:
		return refuse("import.unit.long", ledger.LongestName, utf8.RuneCountInString(item.Unit), clip(item.Unit, 20))
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

// squeezed is a text as it is compared: white space does not count.
func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

// RefusedTables are the rows that are not taken, table by table, as they stood in the
// file.
func (p ImportPreview) RefusedTables() []ledger.RefusedTable {
	refused := map[int][]ledger.CellProblem{}
	for n, line := range p.Lines {
		if line.State == LineRefused {
			refused[n] = line.Refused
		}
	}
	return p.Reading.HandBack(refused)
}

// news is the line as a new item.
func (l *ImportLine) news() NewItem {
	i := l.Ledger
	n := NewItem{
		Tier: i.Tier, UnitID: l.Unit.ID, LedgerNo: i.Number, Source: i.Source, Category: i.Category, Problem: i.Problem, Standard: i.Standard,
		StatusWord: i.StatusWord, DueOn: i.Deadline.DueOn, Standing: i.Deadline.Standing,
	}
	who := l.who()
	n.Leader, n.Department, n.Handler = who.Leader, who.Department, who.Handler
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

// who is the line as a new item as far as it says who answers for it.
func (l *ImportLine) who() NewItem {
	i := &l.Ledger
	n := NewItem{Leader: i.Leader, Department: i.Department}
	if len(i.Owners) > 0 {
		n.Handler = i.Owners[0]
	}
	for _, m := range i.Measures {
		n.Measures = append(n.Measures, Measure{Leader: m.Leader, Department: m.Department, Owners: m.Owners})
	}
	return n
}

// stated says whether the sheet calls the whole matter done: in its column of states or,
// where that says nothing, by what it says of the progress of all of it.
func (l *ImportLine) stated() bool {
	i := l.Ledger
	if i.StatusWord != "" || i.Progress != "" {
		return ledger.StatesDone(cmp.Or(i.StatusWord, i.Progress))
	}
	return len(i.Measures) > 0 && !slices.ContainsFunc(i.Measures, func(m ledger.Measure) bool {
		return !ledger.StatesDone(cmp.Or(m.StatusWord, m.Progress))
	})
}

// Stated is how many new problems the sheet calls done: they wait to be checked.
func (p ImportPreview) Stated() int {
	n := 0
	for k := range p.Lines {
		if p.Lines[k].State == LineNew && p.Lines[k].stated() {
			n++
		}
	}
	return n
}

// print is a digest of all that a confirmation agrees to.
func (p ImportPreview) print() string {
	h := sha256.New()
	var seen []byte
	for n := range p.Lines {
		l := &p.Lines[n]
		seen = append(append(seen[:0], l.State...), 0)
		for _, number := range []int64{l.Unit.ID, int64(l.Ledger.Row), l.item.ID, int64(l.item.Version), int64(len(l.Kept))} {
			seen = append(strconv.AppendInt(seen, number, 10), 0)
		}
		seen = append(append(seen, l.Ledger.Sheet...), 0)
		for _, c := range l.Changes {
			seen = fmt.Append(seen, c, "\n")
		}
		for _, d := range l.deadlines() {
			seen = append(strconv.AppendBool(append(append(seen, d.of.DueOn...), 0), d.of.Standing), 0)
		}
		h.Write(seen)
	}
	answers, _ := json.Marshal(p.Import.Answers)
	columns, _ := json.Marshal(p.Import.Columns)
	fmt.Fprintln(h, string(answers), string(columns), len(p.Reading.Refused))
	return hex.EncodeToString(h.Sum(nil)[:12])
}
