package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"duban/models/deadline"
	"duban/models/ledger"
)

// SheetCell 单元格 is what of an item stands in one cell of the ledger's page and may be edited
// there. The names are those of the columns in addresses.
type SheetCell string

// The cells that may be edited.
const (
	CellTitle      SheetCell = "title"
	CellProblem    SheetCell = "problem"
	CellStandard   SheetCell = "standard"
	CellNumber     SheetCell = "seq" // the unit's own
	CellTier       SheetCell = "tier"
	CellUnit       SheetCell = "unit"
	CellLeader     SheetCell = "leader"
	CellHandler    SheetCell = "owner"
	CellDepartment SheetCell = "dept"
	CellCategory   SheetCell = "cat"
	CellDue        SheetCell = "due"
)

// CellEdit is that somebody who saw Was in a cell wants Is there. Both are as people type
// them, but for a unit, which is its code, and a tier, which is its name.
type CellEdit struct {
	Cell    SheetCell
	Was, Is string
}

// CellNow is what stands in a cell by now.
type CellNow struct {
	Cell       SheetCell
	Mine, Here string
}

// CellConflict is an edit of cells that somebody else has changed since they were seen:
// with what both say.
type CellConflict []CellNow

func (c CellConflict) Error() string { return fmt.Sprintf("cells changed meanwhile: %v", []CellNow(c)) }

// Unwrap makes a conflict one of the changes that came first.
func (c CellConflict) Unwrap() error { return ErrStale }

// cellRule is how one cell is edited: where its text stands on an item, as which field it
// is put right, and which columns an undo puts back.
type cellRule struct {
	text    func(Item) string
	field   ledger.Field
	columns []string
}

var cellRules = map[SheetCell]cellRule{
	CellTitle:      {func(i Item) string { return i.Title }, FieldTitle, []string{"title"}},
	CellProblem:    {func(i Item) string { return i.Problem }, ledger.FieldProblem, []string{"problem", "title"}},
	CellStandard:   {func(i Item) string { return i.Standard }, ledger.FieldStandard, []string{"standard"}},
	CellNumber:     {func(i Item) string { return i.LedgerNo }, ledger.FieldNumber, []string{"ledger_no"}},
	CellTier:       {func(i Item) string { return string(i.Tier) }, ledger.FieldTier, []string{"tier"}},
	CellUnit:       {nil, ledger.FieldUnit, []string{"unit_id", "acknowledged_on", "leader_id", "handler_id"}},
	CellLeader:     {func(i Item) string { return i.Leader }, "", []string{"leader", "leader_id"}},
	CellHandler:    {func(i Item) string { return i.Handler }, "", []string{"handler", "handler_id"}},
	CellDepartment: {func(i Item) string { return i.Department }, "", []string{"department"}},
	CellCategory:   {func(i Item) string { return i.Category }, ledger.FieldCategory, []string{"category"}},
	CellDue:        {func(i Item) string { return string(i.DueOn) }, ledger.FieldDeadline, []string{"due_on", "first_due_on"}},
}

// SheetCells are the cells that may be edited, in the order of a form.
func SheetCells() []SheetCell {
	return []SheetCell{CellTitle, CellProblem, CellStandard, CellNumber, CellTier, CellUnit, CellLeader, CellHandler, CellDepartment, CellCategory, CellDue}
}

// Known says whether there is such a cell.
func (c SheetCell) Known() bool { _, is := cellRules[c]; return is }

// NeedsReason says whether a change of that cell must say why: of the inspectors' words, and
// of each date, the first one too.
func (b *Board) NeedsReason(c SheetCell, item Item) bool {
	return c == CellDue || c == CellProblem && item.Problem != ""
}

// CellText is what stands in a cell of an item.
func (b *Board) CellText(c SheetCell, item Item) (string, error) {
	if c != CellUnit {
		return cellRules[c].text(item), nil
	}
	units, err := b.UnitsByID()
	return units[item.UnitID].Code, err
}

// MayEdit says whether this person may edit that cell of some item: a column of the page is
// theirs to write in or it is not, and each cell says for itself when it is not.
func (b *Board) MayEdit(c SheetCell) bool {
	_, err := b.cellAct(c, Item{UnitID: b.ownUnit(), Status: Underway})
	return err == nil
}

// WhyNotEdit says why this person may not edit that cell of an item now; nil when they may.
func (b *Board) WhyNotEdit(c SheetCell, item Item) error {
	_, err := b.cellAct(c, item)
	return err
}

// ownUnit is the unit this person belongs to, 0 for none.
func (b *Board) ownUnit() int64 {
	if b.me.UnitID == nil {
		return 0
	}
	return *b.me.UnitID
}

// cellAct is the act by which this person changes that cell of an item, or why they may
// not. What the inspectors wrote is corrected by the office; a unit fills in what they left
// empty, and asks for another date.
func (b *Board) cellAct(c SheetCell, item Item) (a Act, err error) {
	office, theirs := theOffice(b.me, item), unitsOwn(b.me, item)
	switch {
	case !office && !theirs:
		return "", ErrForbidden
	case c == CellDepartment:
		a = ReviseItem
	case c == CellLeader || c == CellHandler:
		account := map[SheetCell]*int64{CellLeader: item.LeaderID, CellHandler: item.HandlerID}[c]
		switch {
		case rights[AssignItem](b.me, item):
			a = AssignItem
		case account == nil:
			a = ReviseItem
		default:
			return "", Refused{Key: "cell.assigned"}
		}
	case c == CellStandard && (office || item.Standard == ""):
		a = SetStandard
	case c == CellDue && item.DueOn == "":
		a = ProposeDate
		if office {
			a = SetDate
		}
	case office:
		a = CorrectItem
	case c == CellDue:
		a = AskExtension
	case c == CellNumber && item.LedgerNo == "", c == CellCategory && item.Category == "":
		a = ReviseItem
	default:
		return "", Refused{Key: "cell.inspectors"}
	}
	return a, b.check(a, item)
}

// EditItem changes cells of an item as a person typed them, all of them or none, each by
// the act it is: a correction, an assignment, a standard, a revision, or asking for another
// date. Cells that say what stands there already change nothing. Another's change of the
// same cell since it was seen is a CellConflict; one of other cells is none.
func (b *Board) EditItem(seen Item, edits []CellEdit, reason string) (Item, error) {
	var item Item
	err := b.db.Transaction(func(tx *gorm.DB) (err error) {
		item, err = b.in(tx).editItem(seen, edits, strings.TrimSpace(reason))
		return err
	})
	if err != nil {
		e := b.event(ReviseItem, nil)
		e.about.object = seen.Number
		return Item{}, fmt.Errorf("edit item %d: %w", seen.ID, b.refused(err, e))
	}
	return item, nil
}

// WouldEdit says what EditItem would do: nil, or why it would not. Nothing is written.
func (b *Board) WouldEdit(seen Item, edits []CellEdit, reason string) ([]CellEdit, error) {
	item, changed, err := b.freshCells(seen, edits)
	if err != nil {
		return nil, err
	}
	acts, err := b.cellActs(item, changed, strings.TrimSpace(reason))
	if err != nil {
		return changed, err
	}
	var p Problems
	changed = nil
	for _, a := range acts {
		changed = append(changed, a.edits...) // with a date as it was understood
		for _, e := range a.edits {
			switch {
			case a.act == SetDate, a.act == ProposeDate:
				p.cell(b.firstDate(Day(e.Is), a.reason), CellDue)
				continue
			case e.Cell == CellDue:
				dayProblem(&p, string(CellDue), Day(e.Is))
				continue
			}
			if err := b.writeCell(&item, a.act, e, Particulars{}, &p); err != nil {
				return changed, err
			}
		}
	}
	return changed, p.Err()
}

// freshCells are the item as it is now, and the edits that change something of it.
func (b *Board) freshCells(seen Item, edits []CellEdit) (item Item, changed []CellEdit, err error) {
	if err := orNotFound(b.kept().Where("items.id = ?", seen.ID).Take(&item).Error); err != nil {
		return item, nil, err
	}
	var conflict CellConflict
	for _, e := range edits {
		here, err := b.CellText(e.Cell, item)
		if err != nil {
			return item, nil, err
		}
		e.Was, e.Is = squeezedLines(e.Was), squeezedLines(e.Is)
		switch {
		case squeezed(here) == squeezed(e.Is):
			continue
		case item.Version != seen.Version && squeezed(here) != squeezed(e.Was):
			conflict = append(conflict, CellNow{e.Cell, e.Is, here})
		}
		e.Was = here
		changed = append(changed, e)
	}
	if conflict != nil {
		return item, changed, conflict
	}
	return item, changed, nil
}

// squeezedLines is a text without the blanks around it.
func squeezedLines(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// cellActs are the acts that some edits of an item come to, in their order, or what is
// wrong with them. A date that was typed is a day from then on.
func (b *Board) cellActs(item Item, edits []CellEdit, reason string) (acts []editAct, err error) {
	var p Problems
	for _, e := range edits {
		a, err := b.cellAct(e.Cell, item)
		if err != nil {
			return nil, err
		}
		if reason == "" && b.NeedsReason(e.Cell, item) && p.Of("reason") == nil {
			p.Add("reason", "cell.reason")
		}
		if e.Cell == CellDue {
			if e.Is, err = b.dayOf(e.Is, item, &p); err != nil {
				return nil, err
			}
			if a == SetDate && Day(e.Is) < b.Today() { // one that has passed is a correction
				a = CorrectItem
			}
		}
		n := slices.IndexFunc(acts, func(one editAct) bool { return one.act == a })
		if n < 0 {
			n, acts = len(acts), append(acts, editAct{act: a, reason: reason})
		}
		acts[n].edits = append(acts[n].edits, e)
	}
	return acts, p.Err()
}

// editAct is one act that edits of cells come to.
type editAct struct {
	act    Act
	reason string
	edits  []CellEdit
}

// monthAndDay is a day as lists show those of this year: 04-30.
var monthAndDay = regexp.MustCompile(`^([0-9]{1,2})-([0-9]{1,2})$`)

// dayOf reads a deadline as it was typed into a cell. A person has no way to say there what
// a question asks: what is not clear is a problem of the cell.
func (b *Board) dayOf(typed string, item Item, p *Problems) (string, error) {
	if Day(typed).Valid() {
		return typed, nil
	}
	if of := monthAndDay.FindStringSubmatch(typed); of != nil {
		if d := Day(fmt.Sprintf("%d-%02s-%02s", b.Today().Year(), of[1], of[2])); d.Valid() {
			return string(d), nil
		}
	}
	if typed == "" {
		p.Add(string(CellDue), "required")
		return "", nil
	}
	round, err := b.roundOf(item.RoundID)
	if err != nil {
		return "", err
	}
	read, err := b.readDue(typed, item.Tier, round, item.UnitID)
	switch {
	case err != nil:
		return "", err
	case read.Ask != "" || read.DueOn == "":
		key, args := deadline.QuestionKey(read.Ask)
		p.Add(string(CellDue), key, args...)
	}
	return string(read.DueOn), nil
}

// editItem is EditItem inside a transaction.
func (b *Board) editItem(seen Item, edits []CellEdit, reason string) (Item, error) {
	item, changed, err := b.freshCells(seen, edits)
	switch {
	case err == nil && len(edits) == 0:
		return item, Refused{Key: "correct.same"}
	case err != nil || len(changed) == 0:
		return item, err
	}
	acts, err := b.cellActs(item, changed, reason)
	if err != nil {
		return item, err
	}
	for _, a := range acts {
		if a.act == AskExtension {
			var p Problems
			item, err = b.AskExtension(item, Day(a.edits[0].Is), reason)
			if err = p.cell(err, CellDue); err == nil {
				err = p.Err()
			}
		} else {
			item, err = b.step(a.act, item, a.do(b))
		}
		if err != nil {
			return item, err
		}
	}
	return item, nil
}

// do is what is particular to the act: the cells, what they were and are, and why. Which
// cells they were is kept for the one who wants to undo it.
func (a editAct) do(b *Board) func(tx *gorm.DB, item *Item) (Particulars, error) {
	return func(tx *gorm.DB, item *Item) (Particulars, error) {
		b := b.in(tx)
		var p Problems
		said := Particulars{}
		if a.reason != "" {
			textProblem(&p, "reason", a.reason, longestResult)
			said["words"] = a.reason
		}
		var cells []string
		for _, e := range a.edits {
			cells = append(cells, string(e.Cell))
			if err := b.writeCell(item, a.act, e, said, &p); err != nil {
				return nil, err
			}
		}
		said["cells"] = strings.Join(cells, ",")
		if a.act == AssignItem {
			said["leader"], said["handler"] = item.Leader, item.Handler
		}
		return said, p.Err()
	}
}

// writeCell writes one cell into an item, and says what it was and is.
func (b *Board) writeCell(item *Item, a Act, e CellEdit, said Particulars, p *Problems) error {
	name := string(e.Cell)
	switch e.Cell {
	case CellLeader, CellHandler, CellDepartment:
		if e.Is != "" {
			textProblem(p, name, e.Is, ledger.LongestWords)
		}
		if p.Of(name) == nil {
			return b.writePerson(item, e, said)
		}
		return nil
	case CellStandard:
		textProblem(p, name, e.Is, ledger.LongestText)
		said["words"], said["was"] = e.Is, item.Standard
		item.Standard = e.Is
		return nil
	}
	switch a {
	case SetDate:
		return p.cell(b.writeFirstDate(item, Day(e.Is), said), e.Cell)
	case ProposeDate:
		return p.cell(b.writeProposal(item, Day(e.Is), said), e.Cell)
	}
	var wrong Problems
	if err := b.correct(item, Correction{cellRules[e.Cell].field, e.Is}, said, &wrong); err != nil {
		return err
	}
	return p.cell(wrong.Err(), e.Cell)
}

// cell adds what is wrong with what was typed into a cell: at the cell, and with the reason
// at the reason. Another error is returned.
func (p *Problems) cell(err error, c SheetCell) error {
	var wrong Problems
	if !errors.As(err, &wrong) {
		return err
	}
	for _, one := range wrong {
		field := string(c)
		if one.Field == "words" {
			field = "reason"
		}
		if p.Of(field) == nil {
			p.Add(field, one.Key, one.Args...)
		}
	}
	return nil
}

// writePerson writes who answers for an item, as a name or a post; the account of that
// name in its unit, where there is one, answers from then on.
func (b *Board) writePerson(item *Item, e CellEdit, said Particulars) error {
	if e.Cell == CellDepartment {
		said["department_before"], said["department"] = item.Department, e.Is
		item.Department = e.Is
		return nil
	}
	named := []Item{*item}
	if e.Cell == CellLeader {
		said["leader_before"], said["leader"] = item.Leader, e.Is
		item.Leader, named[0].Leader = e.Is, e.Is
	} else {
		said["handler_before"], said["handler"] = item.Handler, e.Is
		item.Handler, named[0].Handler = e.Is, e.Is
	}
	if err := b.name(named); err != nil {
		return err
	}
	if e.Cell == CellLeader {
		item.LeaderID = named[0].LeaderID
	} else {
		item.HandlerID = named[0].HandlerID
	}
	return nil
}

// UndoEdit is 撤销修改: who has just edited cells puts back what stood there.
const UndoEdit Act = "undo_edit"

// undoSeconds is how long an edit can be undone: the time of seeing that one has slipped.
const undoSeconds = 10

// UndoItem puts back what stood in the cells that this person has just edited, as an act of
// its own, as long as nothing else was done to the item since.
func (b *Board) UndoItem(seen Item) (Item, error) {
	if seen.AskedUntil != "" && unitsOwn(b.me, seen) {
		if e, err := b.PendingExtension(seen); err != nil || e != nil && e.AskedBy == b.me.ID && b.now.Sub(e.AskedAt).Seconds() <= undoSeconds {
			return b.withdrawEdit(seen, e, err)
		}
	}
	return b.act(UndoEdit, seen, func(tx *gorm.DB, item *Item) (Particulars, error) {
		b := b.in(tx)
		edit, err := b.lastEdit(*item)
		if err != nil {
			return nil, err
		}
		var record Record
		if err := json.Unmarshal([]byte(edit.Record), &record); err != nil {
			return nil, err
		}
		said := Particulars{"undone": string(edit.Act)}
		for key, was := range edit.Particulars {
			if of, before := strings.CutSuffix(key, "_before"); before && of != "due" {
				said[of], said[key] = was, edit.Particulars[of]
			}
		}
		if edit.Act == SetStandard {
			said["was"] = item.Standard
		}
		back := maps.Clone(record.Changed)
		maps.DeleteFunc(back, func(column string, _ [2]string) bool {
			return !slices.ContainsFunc(strings.Split(edit.Particulars["cells"], ","), func(c string) bool { return slices.Contains(cellRules[SheetCell(c)].columns, column) })
		})
		if to, moved := back["due_on"]; moved && to[0] != "" {
			if err := b.moveDate(item, dateMove{why: WhyLedger, to: Day(to[0])}, said); err != nil {
				return nil, err
			}
			delete(back, "due_on")
		}
		putBack(item, back)
		return said, nil
	})
}

// withdrawEdit takes back the request that an edit of a date was.
func (b *Board) withdrawEdit(seen Item, e *Extension, err error) (Item, error) {
	if err != nil {
		return Item{}, err
	}
	return b.WithdrawExtension(seen, e.ID)
}

// lastEdit is the edit that this person may undo: the last thing anybody did to the item,
// a few seconds ago.
func (b *Board) lastEdit(item Item) (Event, error) {
	var events []Event
	if err := b.about(item).Where("result = ''").Order("id DESC").Limit(20).Find(&events).Error; err != nil {
		return Event{}, err
	}
	for _, e := range events {
		switch {
		case e.Act.Quiet() || e.Act.Looks():
		case e.ActorID == b.me.ID && e.Particulars["cells"] != "" && b.now.Sub(e.At).Seconds() <= undoSeconds:
			return e, nil
		default:
			return Event{}, Refused{Key: "cell.undo.late"}
		}
	}
	return Event{}, Refused{Key: "cell.undo.late"}
}

// LongCells are the cells of an item that its card leaves out.
type LongCells struct {
	ID       int64
	Problem  string
	Standard string
	LedgerNo string
}

// LongCellsOf are the long cells of some cards, by item.
func (b *Board) LongCellsOf(cards []Card) (map[int64]LongCells, error) {
	ids := make([]int64, len(cards))
	for n, c := range cards {
		ids[n] = c.ID
	}
	cells := map[int64]LongCells{}
	for some := range slices.Chunk(ids, batch) {
		var rows []LongCells
		if err := b.kept().Select("items.id", "items.problem", "items.standard", "items.ledger_no").Where("items.id IN ?", some).Scan(&rows).Error; err != nil {
			return nil, err
		}
		for _, row := range rows {
			cells[row.ID] = row
		}
	}
	return cells, nil
}

// CellNames are the words that a cell of an item offers: the people of its unit and those
// its ledger names, the kinds of problem there are. None where anything may be typed.
func (b *Board) CellNames(c SheetCell, item Item) ([]string, error) {
	code, err := b.CellText(CellUnit, item)
	if err != nil {
		return nil, err
	}
	of := Filter{Units: []string{code}}
	switch c {
	case CellCategory:
		return b.Categories(Filter{}, namesOffered)
	case CellLeader, CellHandler:
		people, err := b.Assignable(item)
		if err != nil {
			return nil, err
		}
		var names []string
		for _, u := range people {
			if c == CellHandler || u.Role != Handler {
				names = append(names, u.FullName)
			}
		}
		column := map[SheetCell]string{CellLeader: "items.leader", CellHandler: "items.handler"}[c]
		return b.namesIn(column, of, names)
	case CellDepartment:
		return b.namesIn("items.department", of, nil)
	}
	return nil, nil
}

// namesOffered bounds what a cell offers.
const namesOffered = 200

// namesIn are some names and after them those that a column of the ledger has.
func (b *Board) namesIn(column string, of Filter, first []string) ([]string, error) {
	var more []string
	err := b.where(of).Where(column+" <> ''").Distinct(column).Order(column).Limit(namesOffered).Pluck(column, &more).Error
	for _, name := range more {
		if !slices.Contains(first, name) {
			first = append(first, name)
		}
	}
	return first, err
}

// putBack writes columns of an item as they were before a change.
func putBack(item *Item, columns map[string][2]string) {
	account := func(to **int64, was string) {
		*to = nil
		if id, err := strconv.ParseInt(was, 10, 64); err == nil {
			*to = &id
		}
	}
	for column, of := range columns {
		was := of[0]
		switch column {
		case "title":
			item.Title = was
		case "problem":
			item.Problem = was
		case "standard":
			item.Standard = was
		case "ledger_no":
			item.LedgerNo = was
		case "tier":
			item.Tier = Tier(was)
		case "category":
			item.Category = was
		case "department":
			item.Department = was
		case "leader":
			item.Leader = was
		case "handler":
			item.Handler = was
		case "due_on":
			item.DueOn = Day(was)
		case "first_due_on":
			item.FirstDueOn = Day(was)
		case "acknowledged_on":
			item.AcknowledgedOn = Day(was)
		case "unit_id":
			if id, err := strconv.ParseInt(was, 10, 64); err == nil {
				item.UnitID = id
			}
		case "leader_id":
			account(&item.LeaderID, was)
		case "handler_id":
			account(&item.HandlerID, was)
		}
	}
}
