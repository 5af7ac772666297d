package ledger

import (
	"slices"
	"unicode/utf8"
)

// What a row says, field by field, taken into its item.

// rowTaking is a row of the ledger while what it says is taken.
type rowTaking struct {
	*tableReader
	n     int        // its number
	first bool       // of its item
	here  rowMeasure // what it says of a measure
}

// cellTaking is one cell of such a row: a column's value, and whether a block that
// began in this item showed it in an earlier row already.
type cellTaking struct {
	cellValue
	col   int // of cols
	taken bool
}

// news says whether the cell says something that the rows before it did not.
func (r *rowTaking) news(c cellTaking) bool { return !c.taken && (r.first || c.own()) }

// takings are what becomes of each field that goes into the register.
var takings = map[Field]func(*rowTaking, cellTaking){
	FieldProblem: func(r *rowTaking, c cellTaking) {
		switch {
		case !r.news(c):
		case isHeading(c.text):
			r.add(Refusal, r.n, c.col, "ledger.problem.heading", cut(c.text, 40))
		default:
			r.group.problems = append(r.group.problems, c.text)
		}
	},
	FieldDetail: func(r *rowTaking, c cellTaking) {
		if r.news(c) {
			r.group.details = append(r.group.details, c.text)
		}
	},
	FieldUnit: (*rowTaking).takeUnit,
	FieldTier: func(r *rowTaking, c cellTaking) {
		tier := tierIn(c.text)
		switch {
		case tier == "" && !c.taken:
			r.group.category = addNew(r.group.category, c.text)
		case r.group.item.Tier == "":
			r.group.item.Tier = tier
		}
	},
	FieldCategory:    takeList(func(g *itemGroup) *[]string { return &g.category }),
	FieldSubcategory: takeList(func(g *itemGroup) *[]string { return &g.category }),
	FieldFocus:       takeList(func(g *itemGroup) *[]string { return &g.category }),
	FieldSource:      takeList(func(g *itemGroup) *[]string { return &g.source }),
	FieldSourceNote:  takeList(func(g *itemGroup) *[]string { return &g.source }),
	FieldStandard:    takeList(func(g *itemGroup) *[]string { return &g.standard }),
	FieldRequirement: takeList(func(g *itemGroup) *[]string { return &g.standard }),
	FieldRemark:      takeList(func(g *itemGroup) *[]string { return &g.remark }),
	FieldProgress:    takeRows(func(g *itemGroup) *[]rowText { return &g.progress }),
	FieldStatus:      takeRows(func(g *itemGroup) *[]rowText { return &g.status }),
	FieldMeasure: func(r *rowTaking, c cellTaking) {
		if !c.taken {
			r.here.Text = joinText(r.here.Text, c.text, "\n")
		}
	},
	FieldKind:       func(r *rowTaking, c cellTaking) { r.here.Kind = joinText(r.here.Kind, c.text, "、") },
	FieldLeader:     (*rowTaking).takeLeader,
	FieldBranch:     (*rowTaking).takeLeader,
	FieldMember:     (*rowTaking).takeLeader,
	FieldDepartment: (*rowTaking).takeDepartment,
	FieldLead:       (*rowTaking).takeLead,
	FieldOwner:      (*rowTaking).takeOwners,
	FieldHandler:    (*rowTaking).takeOwners,
	FieldMixed:      (*rowTaking).takeMixed,
	FieldDeadline: func(r *rowTaking, c cellTaking) {
		switch d := &r.here.Deadline; {
		case d.Phrase == "":
			d.Phrase, r.here.phrase = c.text, c.cell
		case d.Phrase != c.text:
			d.Phrase, r.here.phrase = d.Phrase+"；"+c.text, nil
		}
	},
	FieldStanding: func(r *rowTaking, c cellTaking) { r.here.standing = affirms(c.text) },
	FieldNotified: func(r *rowTaking, c cellTaking) { r.here.notified = cellDay(c.cell) },
	FieldFeedback: func(r *rowTaking, c cellTaking) { r.here.feedback = cellDay(c.cell) },
	FieldFound:    func(r *rowTaking, c cellTaking) { r.here.found = cellDay(c.cell) },
	FieldDone: func(r *rowTaking, c cellTaking) {
		if r.here.DoneOn = cellDay(c.cell); r.here.DoneOn == "" {
			r.add(Question, r.n, c.col, "ledger.cell.done_on", r.cols[c.col].Heading, cut(c.text, 40))
		}
	},
}

// takeList takes what is said of the item as a whole, each text once.
func takeList(of func(*itemGroup) *[]string) func(*rowTaking, cellTaking) {
	return func(r *rowTaking, c cellTaking) {
		if !c.taken {
			list := of(r.group)
			*list = addNew(*list, c.text)
		}
	}
}

// takeRows takes what each row says for itself.
func takeRows(of func(*itemGroup) *[]rowText) func(*rowTaking, cellTaking) {
	return func(r *rowTaking, c cellTaking) {
		if r.news(c) || c.same && !c.taken {
			rows := of(r.group)
			*rows = append(*rows, rowText{r.n, c.text})
		}
	}
}

// takeUnit takes whose the row is; what is no unit is who in the unit answers.
func (r *rowTaking) takeUnit(c cellTaking) {
	unit := r.unitNamed(c.text)
	switch {
	case !r.isUnit(unit):
		r.takeDepartment(c)
	case r.group.item.Unit == "":
		r.group.item.Unit = unit
		if units := r.unitsIn(c.text); len(units) == 1 { // of several
			r.add(Remark, r.n, c.col, "ledger.unit.others", cut(oneLine(c.text), 60), unit)
		}
	}
}

// ofUnit turns to the group of the unit a row names, where the rows of one problem name
// several: each unit has the problem as an item of its own, with the measures of its
// rows. It says whether the group begins with this row.
func (t *tableReader) ofUnit(v *rowView, vals []cellValue, begun bool) bool {
	i := t.column(FieldUnit)
	if i < 0 || vals[i].text == "" {
		return false
	}
	unit := t.unitNamed(vals[i].text)
	if begun || !t.isUnit(unit) || utf8.RuneCountInString(unit) > LongestName {
		return false
	}
	for _, g := range t.kin {
		if g.item.Unit == unit || g.item.Unit == "" {
			t.group = g
			return false
		}
	}
	first := t.kin[0]
	g := &itemGroup{number: first.number, numberCol: first.numberCol, of: first, problems: slices.Clone(first.problems)}
	g.item = Item{Table: t.table, Sheet: t.sheet.name, Row: v.n, Tier: first.item.Tier}
	says := func(fields ...Field) bool {
		return slices.ContainsFunc(fields, func(f Field) bool { i := t.column(f); return i >= 0 && vals[i].text != "" })
	}
	inherit := func(into *[]string, from []string, fields ...Field) {
		if !says(fields...) {
			*into = slices.Clone(from)
		}
	}
	inherit(&g.details, first.details, FieldDetail)
	inherit(&g.category, first.category, FieldCategory, FieldSubcategory, FieldFocus)
	inherit(&g.source, first.source, FieldSource, FieldSourceNote)
	inherit(&g.standard, first.standard, FieldStandard, FieldRequirement)
	if !says(FieldMeasure, FieldDeadline) && len(first.measures) > 0 { // one measure, of several units
		m := first.measures[len(first.measures)-1]
		m.Row = v.n
		g.measures = append(g.measures, m)
	}
	t.group, t.kin = g, append(t.kin, g)
	return true
}

// list keeps the entries of a cell that numbers them.
func (r *rowTaking) list(c cellTaking, of func(*measureLists) *[]string) {
	entries := listed(c.text)
	if entries == nil {
		return
	}
	if r.here.lists == nil {
		r.here.lists = &measureLists{}
	}
	*of(r.here.lists) = entries
}

func (r *rowTaking) takeLeader(c cellTaking) {
	r.list(c, func(l *measureLists) *[]string { return &l.leaders })
	r.here.Leader = joinNew(r.here.Leader, oneLine(c.text), "、")
}

func (r *rowTaking) takeDepartment(c cellTaking) {
	r.list(c, func(l *measureLists) *[]string { return &l.departments })
	r.here.Department = joinNew(r.here.Department, oneLine(c.text), "、")
}

// takeLead takes who leads; a unit of the register among a unit's own parts is noted.
func (r *rowTaking) takeLead(c cellTaking) {
	if unit := r.unitNamed(c.text); r.group.lead == "" && slices.Contains(r.in.Known.Units, unit) {
		r.group.lead, r.group.leadAt = unit, c.col
	}
	r.takeDepartment(c)
}

func (r *rowTaking) takeOwners(c cellTaking) {
	r.list(c, func(l *measureLists) *[]string { return &l.owners })
	for _, o := range splitOwners(c.text) {
		r.here.Owners = addNew(r.here.Owners, o)
	}
}

func (r *rowTaking) takeMixed(c cellTaking) {
	leader, department, owners := splitMixed(c.text, r.parts[c.col])
	r.here.Leader = joinNew(r.here.Leader, leader, "、")
	r.here.Department = joinNew(r.here.Department, department, "、")
	for _, o := range owners {
		r.here.Owners = addNew(r.here.Owners, o)
	}
}

// fill takes what a row says into its item.
func (t *tableReader) fill(v *rowView, vals []cellValue, first bool) {
	g := t.group
	g.rows = append(g.rows, v.sheetRow)
	g.item.Rows = append(g.item.Rows, v.n)
	r := &t.taking // one place for all rows: there are many
	*r = rowTaking{tableReader: t, n: v.n, first: first}
	r.here.Row = v.n
	continues := false // a measure that begins above goes on in this row
	said := 0
	for i := range t.cols {
		c, val := &t.cols[i], vals[i]
		if val.same || val.cell != nil {
			r.sayFlaw(i, val)
		}
		if val.text == "" {
			continue
		}
		// What a block shows that began above this item is the item's too; what one
		// shows that began in it was taken with the row it began in.
		taken := val.top >= g.item.Row && val.top > 0
		continues = continues || taken && c.Field == FieldMeasure
		if val.own() && c.Field != FieldNumber {
			said++
		}
		if c.Taken && !taken && r.tooLong(i, val.text) {
			continue
		}
		if take := takings[c.Field]; take != nil {
			take(r, cellTaking{val, i, taken})
		}
	}
	g.empty = first && said == 0 && len(g.problems) == 0
	r.checkOwners()
	switch here := r.here; {
	case here.Text != "":
		g.measures = append(g.measures, here)
	case len(g.measures) > 0 && (continues || !first):
		g.measures[len(g.measures)-1].also(here)
	default:
		g.self.also(here)
	}
}

// sayFlaw says of a cell that it has something in it that could not be read.
func (r *rowTaking) sayFlaw(col int, val cellValue) {
	c := r.cols[col]
	switch {
	case val.same && val.text == "":
		r.add(Question, r.n, col, "ledger.cell.ditto", c.Heading)
	case !val.unread() || !c.Taken, val.top >= r.group.item.Row && val.top > 0: // said with the row it stands in
	default:
		weight := Question
		if c.Field == FieldProblem || c.Field == FieldNumber {
			weight = Refusal
		}
		if val.cell.flaw == failed {
			r.add(weight, r.n, col, "ledger.cell.failed", c.Heading, val.cell.text)
		} else {
			r.add(weight, r.n, col, "ledger.cell.formula", c.Heading)
		}
	}
}

// tooLong refuses a text that its field has no room for.
func (r *rowTaking) tooLong(col int, text string) bool {
	c := r.cols[col]
	limit := longestOf(c.Field)
	if len(text) <= limit {
		return false
	}
	n := utf8.RuneCountInString(text)
	if n <= limit || c.Field == FieldUnit && r.unitsIn(text) != nil {
		return false
	}
	key := "ledger.cell.long"
	if c.Field == FieldUnit {
		key = "ledger.unit.long"
	}
	r.add(Refusal, r.n, col, key, c.Heading, limit, n)
	return true
}

// checkOwners refuses a name that is none.
func (r *rowTaking) checkOwners() {
	long := slices.IndexFunc(r.here.Owners, func(o string) bool { return utf8.RuneCountInString(o) > LongestName })
	if long < 0 {
		return
	}
	fields := []Field{FieldOwner, FieldHandler, FieldMixed}
	r.add(Refusal, r.n, r.column(fields...), "ledger.cell.long", r.heading(fields...), LongestName, utf8.RuneCountInString(r.here.Owners[long]))
	r.here.Owners = nil
}
