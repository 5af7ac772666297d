package models

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"duban/models/headway"
	"duban/models/ledger"
)

// What a confirmed import writes: new items all together, changed ones each through the
// one door, cell by cell.

// take writes the lines of a preview.
func (b *Board) take(p *ImportPreview) error {
	var news []NewItem
	var changes []importChange
	var touched []Item
	done, of := 0, p.N(LineNew)+p.N(LineChanged)
	say := func(more int) {
		done += more
		headway.Say(b.db.Statement.Context, headway.Writing, done, of)
	}
	say(0)
	for n := range p.Lines {
		l := &p.Lines[n]
		switch l.State {
		case LineNew:
			one := l.news()
			one.RoundID, one.ImportID = p.Import.RoundID, &p.Import.ID
			one.Proposed, one.File, one.Stated = b.me.Role != Office, p.Import.FileName, l.stated()
			news = append(news, one)
		case LineChanged:
			before, err := json.Marshal(itemBefore{l.item, l.measures})
			if err != nil {
				return err
			}
			after, err := b.revise(l, p.Import)
			if err != nil {
				return err
			}
			changes = append(changes, importChange{ImportID: p.Import.ID, ItemID: after.ID, Number: after.Number, VersionAfter: after.Version, Before: string(before)})
			touched = append(touched, after)
			say(1)
		}
	}
	var items []Item
	for some := range slices.Chunk(news, takenTogether) {
		more, err := b.register(some)
		if err != nil {
			return err
		}
		for _, item := range more {
			changes = append(changes, importChange{ImportID: p.Import.ID, ItemID: item.ID, Number: item.Number, VersionAfter: item.Version})
		}
		items = append(items, more...)
		say(len(more))
	}
	if err := b.createAll(&changes); err != nil {
		return err
	}
	return b.tellOfImport(append(touched, items...))
}

// takenTogether is how many new items are written before anybody is told how far it is.
const takenTogether = 1000

// tellOfImport tells the people of each unit whose items an import brought or changed,
// once: a ledger of forty rows is not forty messages. The notice stands at the first of
// the items.
func (b *Board) tellOfImport(items []Item) error {
	first := map[int64]Item{}
	for _, item := range items {
		if is, told := first[item.UnitID]; !told || item.ID < is.ID {
			first[item.UnitID] = item
		}
	}
	var notices []Notice
	for _, unit := range slices.Sorted(maps.Keys(first)) {
		item := first[unit]
		event := Event{Act: TakeIn}
		if err := b.db.Model(&Event{}).Where("item_id = ?", item.ID).Select("COALESCE(MAX(id), 0)").Scan(&event.ID).Error; err != nil {
			return err
		}
		people, err := b.unitPeople(event, item)
		if err != nil {
			return err
		}
		told, err := b.noticesOf(event, item, slices.DeleteFunc(people, func(id int64) bool { return id == b.me.ID }))
		if err != nil {
			return err
		}
		notices = append(notices, told...)
	}
	return b.createAll(&notices)
}

// revise brings an item up to what a line says: what the inspectors wrote is corrected,
// all else is revised, each by its own act.
func (b *Board) revise(l *ImportLine, of Import) (Item, error) {
	var revised, corrections []CellChange
	for _, c := range l.Changes {
		if b.me.Role == Office && slices.Contains(inspectorsFields, c.Field) && c.Ours != "" {
			corrections = append(corrections, c)
		} else {
			revised = append(revised, c)
		}
	}
	item, have := l.item, slices.Clone(l.measures)
	var err error
	for _, part := range []struct {
		act   Act
		cells []CellChange
	}{{ReviseItem, revised}, {CorrectItem, corrections}} {
		if len(part.cells) == 0 {
			continue
		}
		act := part.act
		if act == ReviseItem && item.Status == Registered && slices.ContainsFunc(part.cells, func(c CellChange) bool { return c.Measure > 0 }) {
			act = PlanItem
		}
		item, err = b.step(act, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
			said := Particulars{"import": strconv.FormatInt(of.ID, 10), "file": of.FileName}
			r := lineRevision{Board: b.in(tx), line: l, cells: part.cells, item: item, said: said}
			have, err = r.write(have)
			return said, err
		})
		if err != nil {
			return item, err
		}
	}
	return item, nil
}

// lineRevision writes some cells of a line to its item.
type lineRevision struct {
	*Board
	line  *ImportLine
	cells []CellChange
	item  *Item
	said  Particulars
}

// has says whether one of the cells is of that field.
func (r lineRevision) has(f ledger.Field) bool {
	return slices.ContainsFunc(r.cells, func(c CellChange) bool { return c.Field == f })
}

// write writes the cells and returns the item's measures as they are then.
func (r lineRevision) write(have []Measure) ([]Measure, error) {
	n := r.line.news()
	n.settle(r.Today(), r.rules)
	have, err := r.measures(have, n.Measures)
	if err != nil {
		return nil, err
	}
	for _, c := range r.cells {
		if err := r.own(c, n); err != nil {
			return nil, err
		}
	}
	if err := r.people(n); err != nil {
		return nil, err
	}
	if r.has(ledger.FieldDeadline) {
		if err := r.date(n, have); err != nil {
			return nil, err
		}
	}
	return have, nil
}

// own writes a cell that is the item's own.
func (r lineRevision) own(c CellChange, n NewItem) error {
	switch {
	case c.Measure > 0 || c.Field == ledger.FieldDeadline || c.Field == ledger.FieldLeader || c.Field == ledger.FieldOwner:
		return nil
	case c.Field == ledger.FieldProgress:
		note := Progress{ItemID: r.item.ID, Text: n.Progress, ByID: r.me.ID, At: r.now}
		if err := r.db.Create(&note).Error; err != nil {
			return err
		}
		r.item.ProgressOn = r.Today()
		r.said["progress"] = itoa(int(note.ID))
	case c.Field == ledger.FieldStatus:
		r.item.StatusWord, r.said["status_word"] = c.Theirs, c.Theirs
	case c.Field == ledger.FieldUnit:
		return r.moveUnit(r.item, r.line.Unit, r.said)
	default:
		var p Problems
		said := Particulars{}
		if err := r.correct(r.item, Correction{c.Field, c.Theirs}, said, &p); err != nil {
			return err
		}
		if c.Ours != "" {
			maps.Copy(r.said, said)
		}
		return p.Err()
	}
	return nil
}

// people writes who answers for the item. Whom an account answers for it stands fast
// until it is assigned or handed over anew: an older sheet that says nothing new does
// not give it back.
func (r lineRevision) people(n NewItem) error {
	may := r.May(AssignItem, *r.item)
	l := *r.line
	l.Changes = r.cells
	leads, handles := l.says(ledger.FieldLeader, may || r.item.LeaderID == nil), l.says(ledger.FieldOwner, may || r.item.HandlerID == nil)
	if leads {
		r.item.Leader = n.Leader
		if l.says(ledger.FieldLeader, false) {
			r.said["leader"] = n.Leader
		}
	}
	if handles {
		r.item.Handler = n.Handler
	}
	if l.says(ledger.FieldDepartment, true) {
		r.item.Department = n.Department
	}
	if !leads && !handles && r.item.LeaderID != nil && r.item.HandlerID != nil {
		return nil
	}
	named := []Item{*r.item}
	if err := r.name(named); err != nil {
		return err
	}
	if leads || r.item.LeaderID == nil {
		r.item.LeaderID = named[0].LeaderID
	}
	if handles || r.item.HandlerID == nil {
		r.item.HandlerID = named[0].HandlerID
	}
	return nil
}

// date writes what follows from the deadlines for the item: its day, which the office
// sets and a unit proposes, and whether it stands. What has a date becomes a standing
// item by the overseers alone.
func (r lineRevision) date(n NewItem, have []Measure) error {
	if r.me.Role == Office || r.item.DueOn == "" {
		r.item.Standing = r.item.Standing || n.Standing
	}
	if r.item.Standing && r.item.ReviewOn == "" {
		r.item.ReviewOn = n.ReviewOn
	}
	due := n.DueOn
	if len(have) > 0 {
		due = (&NewItem{Measures: have}).lastDay()
	}
	switch {
	case due == "" || due == r.item.DueOn:
		return nil
	case r.me.Role == Office:
		return r.moveDate(r.item, dateMove{why: WhyLedger, to: due}, r.said)
	case r.item.DueOn == "":
		return r.propose(r.item, due, "", r.said)
	}
	return nil
}

// measureCells are how a cell of a measure is written: from what the line says.
var measureCells = map[ledger.Field]func(is *Measure, said Measure){
	ledger.FieldMeasure:    func(is *Measure, said Measure) { is.Text = said.Text },
	ledger.FieldKind:       func(is *Measure, said Measure) { is.Kind = said.Kind },
	ledger.FieldLeader:     func(is *Measure, said Measure) { is.Leader = said.Leader },
	ledger.FieldDepartment: func(is *Measure, said Measure) { is.Department = said.Department },
	ledger.FieldOwner:      func(is *Measure, said Measure) { is.Owners = said.Owners },
	ledger.FieldDeadline: func(is *Measure, said Measure) {
		if said.DueOn != "" || is.DueOn == "" {
			is.DeadlinePhrase, is.DueOn, is.Ask, is.Assumed = cmp.Or(said.DeadlinePhrase, is.DeadlinePhrase), said.DueOn, said.Ask, said.Assumed
		}
		is.Standing = is.Standing || said.Standing
	},
}

// measures writes the cells that are the measures'. One that is done stays as it is.
func (r lineRevision) measures(have, says []Measure) ([]Measure, error) {
	by := map[int][]CellChange{}
	for _, c := range r.cells {
		if c.Measure > 0 {
			by[c.Measure-1] = append(by[c.Measure-1], c)
		}
	}
	for _, f := range r.line.from {
		cells := by[f.place]
		if len(cells) == 0 {
			continue
		}
		m := says[f.says]
		if f.place >= len(have) {
			m.ItemID, m.Seq = r.item.ID, len(have)+1
			if m.Owners == nil {
				m.Owners = []string{} // a nil list would be written as NULL
			}
			r.item.Measures++
			if err := r.db.Create(&m).Error; err != nil {
				return nil, err
			}
			have = append(have, m)
			continue
		}
		is := have[f.place]
		for _, c := range cells {
			measureCells[c.Field](&is, m)
		}
		if is.Owners == nil {
			is.Owners = []string{}
		}
		if err := r.saveMeasure(is); err != nil {
			return nil, err
		}
		have[f.place] = is
	}
	return have, nil
}
