package ledger

import (
	"reflect"
	"slices"
	"strings"
)

// The rules ask for three lists, of problems, tasks and responsibility
// (问题清单、任务清单、责任清单), and offices write them on three sheets. They are joined
// by number into one ledger. Nothing is joined where two lists say different things:
// that is refused where it stands.

// listNames are how such sheets are called.
var listNames = []string{"清单", "任务", "责任", "分工", "措施", "时限", "台账", "方案", "进展", "成效"}

// mayJoin says of a table without a column of problems whether it is one of several
// lists: numbered rows of measures, or of who answers and until when.
func (t *tableReader) mayJoin() bool {
	named := t.sheet.name + t.out.Tables[t.table].Title
	counts := t.column(fieldCount, fieldCountDue, fieldCountDone, fieldRate) >= 0 // a summary
	who := t.column(FieldLeader, FieldBranch, FieldDepartment, FieldLead, FieldOwner, FieldHandler, FieldMixed, FieldDeadline, FieldProgress) >= 0
	return t.numbered && !counts && (t.column(FieldMeasure) >= 0 ||
		who && slices.ContainsFunc(listNames, func(name string) bool { return strings.Contains(named, name) }))
}

// problemsAreTasks says of a table whether what its column calls problems may be the
// tasks of another list: 整改任务, 整改内容.
func (t Table) problemsAreTasks() bool {
	return slices.ContainsFunc(t.Columns, func(c Column) bool {
		if c.Field != FieldProblem || c.Chosen || len(c.path) == 0 {
			return false
		}
		key := FoldHeading(c.path[len(c.path)-1])
		return slices.Contains(instead[key], FieldMeasure) || slices.Contains(asked[key], FieldMeasure)
	})
}

// joinedLists is what of other lists is in an item: how many of their rows, and the
// table its measures stand in.
type joinedLists struct {
	rows     int
	measures int
	parts    []joinedPart
}

// joinedPart is what another list said of an item, with its rows, which go back with it.
type joinedPart struct {
	item Item
	rows []*sheetRow
}

// loose says of an item that it is of a list without problems, and not joined to one.
func (i Item) loose() bool { return i.Problem == "" }

// joinLists joins the lists of a file by number, and refuses or passes over what could
// not be joined.
func (r *ledgerReader) joinLists() {
	master := slices.IndexFunc(r.out.Tables, func(t Table) bool { return t.hasProblem() && !t.problemsAreTasks() && len(t.Columns) > 0 })
	if master < 0 {
		master = slices.IndexFunc(r.out.Tables, func(t Table) bool { return t.hasProblem() })
	}
	numbered := map[string]int{} // number → item of the list of problems
	for n, item := range r.out.Items {
		if t := item.Table; t == master && item.Number != "" && !item.loose() {
			numbered[joinKey(item)] = n
		}
	}
	gone := map[int]bool{}
	for n := range r.out.Items {
		item := r.out.Items[n]
		if item.Table == master || item.Number == "" && !item.loose() {
			continue
		}
		into, found := numbered[joinKey(item)]
		if !found {
			into, found = r.measureNumbered(master, item)
		}
		switch {
		case found && r.out.Items[into].take(item, r.out.Tables[item.Table]):
			gone[n] = true
			joined := r.out.Items[into].joined
			joined.parts = append(joined.parts, joinedPart{item, r.origins[n]})
		case !item.loose():
		case master < 0:
			r.passLoose(n)
			gone[n] = true
		default:
			gone[n] = true
			key, args := "ledger.join.no_problem", []any{item.Number, r.out.Tables[master].Sheet}
			if found {
				key = "ledger.join.differs"
			}
			r.refuse(item, r.origins[n], append([]CellProblem{{Weight: Refusal, Sheet: item.Sheet, Row: item.Row, Field: FieldNumber, Key: key, Args: args}}, item.Problems...))
		}
	}
	if len(gone) == 0 {
		return
	}
	var kept []Item
	var origins [][]*sheetRow
	for n, item := range r.out.Items {
		if !gone[n] {
			kept, origins = append(kept, item), append(origins, r.origins[n])
		}
	}
	r.out.Items, r.origins = kept, origins
}

// joinKey is what the lists are joined by.
func joinKey(i Item) string { return string(i.Tier) + "\x00" + i.Number }

// measureNumbered finds the problem whose measure a list numbers for itself, 1-2, or
// names by its words.
func (r *ledgerReader) measureNumbered(master int, item Item) (int, bool) {
	before, _, _ := strings.Cut(strings.NewReplacer("—", "-", ".", "-", "_", "-").Replace(item.Number), "-")
	text := item.Problem
	if len(item.Measures) == 1 && text == "" {
		text = item.Measures[0].Text
	}
	for n, into := range r.out.Items {
		if into.Table != master || into.loose() || into.Tier != item.Tier {
			continue
		}
		if text != "" && slices.ContainsFunc(into.Measures, func(m Measure) bool { return sameWords(m.Text, text) }) || item.loose() && before != item.Number && into.Number == before {
			return n, true
		}
	}
	return 0, false
}

// sameWords says whether two texts are the same but for white space and stops.
func sameWords(a, b string) bool { return bareWords(a) == bareWords(b) }

func bareWords(text string) string {
	return strings.Map(func(r rune) rune {
		if r = halfWidth(r); r <= ' ' || strings.ContainsRune("。;,.、；，", r) {
			return -1
		}
		return r
	}, text)
}

// take takes what another list says of the same problem, all of it or, where the two
// say different things, nothing.
func (i *Item) take(other Item, of Table) bool {
	joined, lists, loose := *i, joinedLists{measures: -1}, other.loose()
	if i.joined != nil {
		lists = *i.joined
	}
	joined.Measures = slices.Clone(i.Measures)
	switch {
	case other.Problem == "" || sameWords(other.Problem, i.Problem):
	case slices.ContainsFunc(i.Measures, func(m Measure) bool { return sameWords(m.Text, other.Problem) }), of.problemsAreTasks():
		other = other.asMeasure()
	default:
		return false
	}
	ok := true
	fill := func(into *string, value string) {
		switch {
		case value == "" || sameWords(*into, value):
		case *into == "":
			*into = value
		default:
			ok = false
		}
	}
	fill(&joined.Unit, other.Unit)
	fill(&joined.Category, other.Category)
	fill(&joined.Source, other.Source)
	fill(&joined.Standard, other.Standard)
	joined.Progress = joinNew(joined.Progress, other.Progress, "\n")
	joined.StatusWord = cut(joinNew(joined.StatusWord, other.StatusWord, "；"), LongestName)
	joined.Remark = joinNew(joined.Remark, other.Remark, "\n")
	own := Measure{Leader: other.Leader, Department: other.Department, Owners: other.Owners, Deadline: other.Deadline}
	switch {
	case len(other.Measures) > 0 && len(joined.Measures) == 0:
		mine := Measure{Leader: joined.Leader, Department: joined.Department, Owners: joined.Owners, Deadline: joined.Deadline}
		joined.Leader, joined.Department, joined.Owners, joined.Deadline = "", "", nil, mine.Deadline
		lists.measures = other.Table
		for _, m := range other.Measures {
			m.Sheet = other.Sheet
			ok = m.fill(mine, false) && ok
			joined.Measures = append(joined.Measures, m)
		}
	case len(other.Measures) > 0:
		ok = joined.takeMeasures(other, other.Table == lists.measures) && ok
	case len(joined.Measures) > 0:
		for n := range joined.Measures {
			ok = joined.Measures[n].fill(own, true) && ok
		}
	default:
		whole := Measure{Leader: joined.Leader, Department: joined.Department, Owners: joined.Owners, Deadline: joined.Deadline}
		ok = whole.fill(own, true) && ok
		joined.Leader, joined.Department, joined.Owners, joined.Deadline = whole.Leader, whole.Department, whole.Owners, whole.Deadline
	}
	if !ok || !loose && reflect.DeepEqual(joined, *i) { // a copy of the sheet says nothing more: its numbers are given twice
		return false
	}
	joined.Problems = append(slices.Clone(i.Problems), other.Problems...)
	lists.rows += len(other.Rows)
	joined.joined = &lists
	*i = joined
	return true
}

// takeMeasures takes what another list says of measures that are there already, and
// those that further rows add to the list that has them.
func (i *Item) takeMeasures(other Item, further bool) bool {
	ok := true
	for _, m := range other.Measures {
		at := slices.IndexFunc(i.Measures, func(is Measure) bool { return sameWords(is.Text, m.Text) })
		switch {
		case at >= 0:
			ok = i.Measures[at].fill(m, true) && ok
		case further:
			m.Sheet = other.Sheet
			i.Measures = append(i.Measures, m)
		default:
			return false
		}
	}
	return ok
}

// asMeasure is an item of a list of tasks: what it calls the problem is the measure.
func (i Item) asMeasure() Item {
	if len(i.Measures) > 0 {
		return i
	}
	i.Measures = []Measure{{Row: i.Row, Text: i.Problem, Leader: i.Leader, Department: i.Department, Owners: i.Owners, Deadline: i.Deadline}}
	i.Problem, i.Leader, i.Department, i.Owners = "", "", "", nil
	return i
}

// fill fills what a measure does not say, and tells whether nothing is said otherwise;
// strict of those who answer as well.
func (m *Measure) fill(from Measure, strict bool) bool {
	ok := true
	for _, of := range []struct {
		into  *string
		value string
	}{{&m.Kind, from.Kind}, {&m.Leader, from.Leader}, {&m.Department, from.Department}} {
		switch {
		case *of.into == "":
			*of.into = of.value
		case of.value != "" && !sameWords(*of.into, of.value) && strict:
			ok = false
		}
	}
	switch {
	case len(m.Owners) == 0:
		m.Owners = from.Owners
	case len(from.Owners) > 0 && !slices.Equal(m.Owners, from.Owners) && strict:
		ok = false
	}
	switch {
	case m.Deadline.Phrase == "" && (from.Deadline.Phrase != "" || from.Deadline.Standing):
		m.Deadline = from.Deadline
	case from.Deadline.Phrase != "" && !sameWords(m.Deadline.Phrase, from.Deadline.Phrase):
		ok = false
	}
	if m.DoneOn == "" {
		m.DoneOn = from.DoneOn
	}
	return ok
}

// passLoose passes over the rows of a list that nothing could be joined to.
func (r *ledgerReader) passLoose(n int) {
	table := &r.out.Tables[r.out.Items[n].Table]
	for _, row := range r.origins[n] {
		v := rowView{sheetRow: row, own: row.cells}
		table.Passed = append(table.Passed, PassedRow{row.n, passedSheet, v.line()})
	}
}
