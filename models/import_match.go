package models

import (
	"maps"
	"slices"
	"strconv"

	"duban/models/ledger"
	"duban/models/match"
)

// Who is who: which item of the register each line of a ledger speaks of. The rule is
// models/match; here the register's side of it is gathered and what it found is taken
// into the lines.

// ImportMatch is by what a line was known and how alike its words are to the item's,
// from 0 to 1.
type ImportMatch struct {
	How      match.How
	Likeness float64
}

// WhoAsk is the question whether a line speaks of an item: both texts, and what is the
// case as long as nobody answers.
type WhoAsk struct {
	Key          string // of the answer
	Number       string // of the item
	Theirs, Ours string // the sheet's problem and the register's
	Likeness     float64
	SameNumber   bool // it is the unit's number that speaks for it, and the words do not
	This         bool // it is this item, changed; else another problem
	Answered     bool
}

// whoKey is the key of a line's answer to who it is.
func (l *ImportLine) whoKey() string {
	return whoAnswers + l.Ledger.Sheet + "!" + strconv.Itoa(l.Ledger.Row)
}

// knownItem is what of an item tells who it is.
type knownItem struct {
	ID       int64
	Number   string
	UnitID   int64
	Tier     Tier
	LedgerNo string
	Problem  string
	Status   Status
}

// beside finds for each line the item it speaks of, with what hangs on it.
func (b *Board) beside(i Import, lines []ImportLine) error {
	numbered, err := b.itemsNamed(lines)
	if err != nil {
		return err
	}
	for n := range lines {
		b.placeByNumber(&lines[n], numbered)
	}
	known, err := b.itemsAsked(i, lines, numbered)
	if err != nil {
		return err
	}
	at := make(map[string]int, len(known))
	items := make([]match.Item, len(known))
	for n, k := range known {
		at[k.Number] = n
		items[n] = match.Item{Unit: k.UnitID, Number: k.Number, Own: k.LedgerNo, Text: k.Problem, Kind: string(k.Tier)}
	}
	var rows []match.Row
	var of []int // by row, its line
	for n := range lines {
		if l := &lines[n]; len(l.Refused) == 0 {
			rows, of = append(rows, l.row(i.Answers, at)), append(of, n)
		}
	}
	var ids []int64
	chosen := map[int64]*ImportLine{}
	for n, found := range match.Find(rows, items) {
		l := &lines[of[n]]
		l.Match = ImportMatch{found.How, found.Likeness}
		answer := i.Answers[l.whoKey()]
		if found.Item >= 0 {
			k := known[found.Item]
			l.ask(k, answer)
			if l.Who == nil || l.Who.This {
				ids, chosen[k.ID] = append(ids, k.ID), l
			}
		} else if n, ok := at[answer.Item]; ok && answer.Another {
			l.ask(known[n], answer)
		}
	}
	return b.bringItems(ids, chosen)
}

// row is the line as it is looked for.
func (l *ImportLine) row(answers map[string]ImportAnswer, at map[string]int) match.Row {
	r := match.Row{Is: -1, Item: match.Item{
		Unit: l.Unit.ID, Number: l.Ledger.Register, Own: l.Ledger.Number, Text: l.Ledger.Problem, Kind: string(l.Ledger.Tier),
	}}
	if a := answers[l.whoKey()]; a.Item != "" {
		if n, known := at[a.Item]; known && !a.Another {
			r.Is = n
		} else {
			r.Other = known
		}
	}
	return r
}

// ask asks whether it is this item, where that is not sure or somebody has said so.
func (l *ImportLine) ask(k knownItem, answer ImportAnswer) {
	answered := answer.Item == k.Number
	if !l.Match.How.Asks() && !answered || l.Match.How == match.ByNumber {
		return
	}
	l.Who = &WhoAsk{
		Key: l.whoKey(), Number: k.Number, Theirs: l.Ledger.Problem, Ours: k.Problem, Likeness: l.Match.Likeness, Answered: answered,
		SameNumber: l.Match.How == match.NumberOnly, This: l.Match.How == match.ByLikeness,
	}
	if answered {
		l.Who.This = !answer.Another
	}
}

// itemsNamed are the items whose numbers of ours the lines have, by these; another
// unit's are not among them, for this person does not see it.
func (b *Board) itemsNamed(lines []ImportLine) (map[string]knownItem, error) {
	var numbers []string
	for _, l := range lines {
		if l.Ledger.Register != "" {
			numbers = append(numbers, l.Ledger.Register)
		}
	}
	found := map[string]knownItem{}
	for some := range slices.Chunk(numbers, batch) {
		var items []knownItem
		if err := b.kept().Where("items.number IN ?", some).Find(&items).Error; err != nil {
			return nil, err
		}
		for _, k := range items {
			found[k.Number] = k
		}
	}
	return found, nil
}

// placeByNumber refuses a line whose number of ours is of no item of the line's unit. A
// line that names no unit is of the item's.
func (b *Board) placeByNumber(l *ImportLine, numbered map[string]knownItem) {
	number := l.Ledger.Register
	if number == "" {
		return
	}
	refuse := func(key string, args ...any) {
		l.Refused = append(l.Refused, ledger.CellProblem{Weight: ledger.Refusal, Sheet: l.Ledger.Sheet, Row: l.Ledger.Row, Field: ledger.FieldNumber, Key: key, Args: args})
	}
	k, known := numbered[number]
	switch {
	case !known:
		refuse("import.number.unknown", number)
	case k.Status == Voided:
		refuse("import.number.voided", number)
	case l.Unit.ID == 0 && l.Ledger.Unit == "" && b.MayImport(k.UnitID):
		l.Unit, l.Refused = Unit{ID: k.UnitID}, nil
	case l.Unit.ID != 0 && l.Unit.ID != k.UnitID:
		refuse("import.number.foreign", number, l.Unit.Name)
	}
}

// itemsAsked are the items a line may be: those of its unit in the round, and those
// whose number it has, of whatever round.
func (b *Board) itemsAsked(i Import, lines []ImportLine, numbered map[string]knownItem) ([]knownItem, error) {
	units := map[int64]bool{}
	for _, l := range lines {
		if l.Unit.ID != 0 {
			units[l.Unit.ID] = true
		}
	}
	if len(units) == 0 {
		return nil, nil
	}
	var known []knownItem
	err := b.items().Where("items.round_id = ? AND items.unit_id IN ?", i.RoundID, slices.Sorted(maps.Keys(units))).Order("items.id").Find(&known).Error
	if err != nil {
		return nil, err
	}
	here := make(map[string]bool, len(known))
	for _, k := range known {
		here[k.Number] = true
	}
	for _, number := range slices.Sorted(maps.Keys(numbered)) {
		if k := numbered[number]; !here[number] && k.Status != Voided {
			known = append(known, k)
		}
	}
	return known, nil
}

// bringItems reads the items that were found, whole, into their lines.
func (b *Board) bringItems(ids []int64, lines map[int64]*ImportLine) error {
	for some := range slices.Chunk(ids, batch) {
		var items []Item
		if err := b.items().Where("items.id IN ?", some).Find(&items).Error; err != nil {
			return err
		}
		err := b.whole(items, func(row ExportRow) error {
			l := lines[row.Item.ID]
			l.item, l.measures, l.progress, l.Number = row.Item, row.Measures, row.Progress, row.Item.Number
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
