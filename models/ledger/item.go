package ledger

import (
	"cmp"
	"duban/models/day"
	"duban/models/deadline"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// LongestName is how many characters a name of a unit, a person or a round may
// have. Longer ones are slips of the mouse, not names.
const LongestName = 60

// How long the texts of a ledger may be. A longer one is a document that slipped
// into a cell.
const (
	LongestText  = 5000 // problem, measure, progress, standard, remark
	LongestWords = 300  // category, source, leader, department, deadline
)

// cellValue is what a row has in a column: its own text, what a merged block above
// still shows, or what a ditto mark repeats.
type cellValue struct {
	text string
	cell *sheetCell
	top  int // the row a held text stands in; 0 for the row's own
	same bool
}

func (v cellValue) own() bool { return v.text != "" && v.top == 0 && !v.same }

// itemGroup is an item as its rows come in.
type itemGroup struct {
	item      Item
	rows      []*sheetRow
	number    cellValue
	numberCol int
	register  string // the register's number, in whatever column of numbers
	own       string // what stands in such a column beside it
	problems  []string
	details   []string
	category  []string
	source    []string
	standard  []string
	remark    []string
	progress  []rowText
	status    []rowText
	measures  []rowMeasure
	self      rowMeasure // of the item, before any measure
	refused   bool
	empty     bool       // nothing in it but a number
	of        *itemGroup // the same problem's first group, of another unit
	copied    bool       // of, with another unit: its rows are counted there
	lead      string     // the unit of the register that leads, as a column of such says; it stands in column leadAt
	leadAt    int
}

type rowText struct {
	row  int
	text string
}

// rowMeasure is a measure with what its deadline needs.
type rowMeasure struct {
	Measure
	phrase   *sheetCell
	standing bool
	notified day.Day
	found    day.Day
	feedback day.Day
	lists    *measureLists // of those who answer, where a cell numbers them; nil where none does
}

// data takes a row of the ledger itself.
func (t *tableReader) data(v *rowView) error {
	vals := t.values(v)
	var number cellValue
	numberCol := -1
	var problem, detail struct{ own, held, same bool }
	for i := range t.cols {
		val := vals[i]
		switch t.cols[i].Field {
		case FieldNumber:
			if numberCol < 0 || val.text != "" {
				number, numberCol = val, i
			}
		case FieldProblem:
			problem.own = problem.own || val.own() || val.flawed()
			problem.held = problem.held || val.top > 0 && val.text != ""
			problem.same = problem.same || val.same
		case FieldDetail:
			detail.own = detail.own || val.own()
			detail.held = detail.held || val.top > 0 && val.text != ""
		}
	}
	numbered := number.own() || number.flawed()
	begin := t.group == nil
	switch {
	case problem.own, problem.same && numbered:
		begin = true
	case problem.held && numbered && detail.own:
		begin = true
	case problem.held, problem.same:
	case numbered:
		begin = true
	}
	begin = begin && !t.goesOn(number, vals)
	if begin {
		t.close()
		g := &itemGroup{number: number, numberCol: numberCol}
		t.group, t.kin = g, append(t.kin[:0], g)
		g.item = Item{Table: t.table, Sheet: t.sheet.name, Row: v.n}
	}
	begin = t.ofUnit(v, vals, begin) || begin
	for i := range t.cols {
		t.group.coded(t.cols[i].Field, vals[i].text)
	}
	t.fill(v, vals, begin)
	return nil
}

// goesOn says whether a row repeats the number and the problem of the item before it:
// blocks that somebody unmerged and filled down.
func (t *tableReader) goesOn(number cellValue, vals []cellValue) bool {
	if t.group == nil || !number.own() || number.text != t.group.number.text || len(t.group.problems) == 0 {
		return false
	}
	for i, c := range t.cols {
		if c.Field == FieldProblem || c.Field == FieldDetail {
			if text := vals[i].text; text == "" || vals[i].flawed() || !slices.Contains(t.group.problems, text) && !slices.Contains(t.group.details, text) {
				return false
			}
		}
	}
	return true
}

// flawed says of a value that the row's own cell could not be read.
func (v cellValue) flawed() bool { return v.unread() && v.top == 0 }

// unread says of a value that its cell, or the block it shows, could not be read.
func (v cellValue) unread() bool { return v.cell != nil && v.cell.flaw != sound }

// values is what the row has in each column of the table.
func (t *tableReader) values(v *rowView) []cellValue {
	vals := append(t.vals[:0], make([]cellValue, len(t.cols))...)
	for i := range v.own {
		c := &v.own[i]
		n, ok := t.at[int(c.col)]
		if !ok { // a column with something in it and no heading
			n = t.addColumn(int(c.col), nil)
			vals = append(vals, cellValue{})
		}
		t.cols[n].Filled++
		if len(t.cols[n].Samples) < 3 && t.cols[n].Heading == "" {
			t.cols[n].Samples = append(t.cols[n].Samples, cut(c.text, 60))
		}
		vals[n] = cellValue{text: c.text, cell: c}
		switch {
		case c.flaw != sound:
			vals[n].text = ""
		case ditto(c.text):
			vals[n].text, vals[n].same = t.last[n], true
		default:
			t.last[n] = c.text
		}
	}
	for i := range v.held {
		h := &v.held[i]
		n, ok := t.at[h.left]
		switch {
		case !ok || h.cell == nil:
		case h.cell.flaw != sound:
			vals[n] = cellValue{cell: h.cell, top: h.top}
		default:
			vals[n] = cellValue{text: h.cell.text, cell: h.cell, top: h.top}
			if ditto(h.cell.text) {
				vals[n].text = t.last[n]
			}
		}
	}
	t.vals = vals // the next row's go into the same place
	return vals
}

// ditto says whether a text repeats what stands above it.
func ditto(text string) bool {
	switch strings.TrimRight(text, "。.") {
	case "同上", "〃", "″", "\"", "”", "“", "''", "同前", "同 上", "…〃", "同左上", "々":
		return true
	}
	return false
}

// add notes what is wrong with a cell.
func (t *tableReader) add(weight string, row, col int, key string, args ...any) {
	g := t.group
	p := CellProblem{Weight: weight, Sheet: t.sheet.name, Row: row, Key: key, Args: args}
	if col >= 0 {
		p.Column, p.Field = t.cols[col].Letter, t.cols[col].Field
	}
	g.refused = g.refused || weight == Refusal
	g.item.Problems = append(g.item.Problems, p)
}

// also takes what a further row of a measure adds to it.
func (m *rowMeasure) also(here rowMeasure) {
	m.lists = m.lists.and(here.lists)
	m.Kind = joinNew(m.Kind, here.Kind, "、")
	m.Leader = joinNew(m.Leader, here.Leader, "、")
	m.Department = joinNew(m.Department, here.Department, "、")
	for _, o := range here.Owners {
		m.Owners = addNew(m.Owners, o)
	}
	switch phrase := here.Deadline.Phrase; {
	case phrase == "" || phrase == m.Deadline.Phrase:
	case m.Deadline.Phrase == "":
		m.Deadline.Phrase, m.phrase = phrase, here.phrase
	default:
		m.Deadline.Phrase, m.phrase = m.Deadline.Phrase+"；"+phrase, nil
	}
	m.standing = m.standing || here.standing
	if here.DoneOn != "" {
		m.DoneOn = here.DoneOn
	}
	if here.notified != "" {
		m.notified = here.notified
	}
	if here.found != "" {
		m.found = here.found
	}
	if here.feedback != "" {
		m.feedback = here.feedback
	}
}

// longestOf is how many characters a field may have.
func longestOf(f Field) int {
	switch f {
	case FieldProblem, FieldDetail, FieldMeasure, FieldProgress, FieldStandard, FieldRequirement, FieldRemark:
		return LongestText
	case FieldUnit, FieldStatus:
		return LongestName
	}
	return LongestWords
}

// column is the first column of one of these fields, -1 for none.
func (t *tableReader) column(fields ...Field) int {
	for i := range t.cols {
		if slices.Contains(fields, t.cols[i].Field) {
			return i
		}
	}
	return -1
}

func (t *tableReader) heading(fields ...Field) string {
	if i := t.column(fields...); i >= 0 {
		return t.cols[i].Heading
	}
	return ""
}

// close makes an item of the rows taken since the last, one for each unit they name,
// or refuses them.
func (t *tableReader) close() {
	t.group = nil
	for _, g := range t.kin {
		units := t.unitsIn(g.item.Unit)
		if len(units) < 2 || g.register != "" {
			t.closeGroup(g)
			continue
		}
		for n, unit := range units { // one problem of several units
			of := *g
			of.item.Unit, of.item.Problems = unit, slices.Clone(g.item.Problems)
			of.measures = slices.Clone(g.measures)
			if of.copied = n > 0; of.copied {
				of.of = g
			}
			t.closeGroup(&of)
			g.item.Number = of.item.Number
			if of.refused {
				break // its rows are handed back once
			}
		}
	}
	t.kin = t.kin[:0]
}

func (t *tableReader) closeGroup(g *itemGroup) {
	if g.empty && len(g.rows) == 1 && !g.refused { // numbered in advance, and nothing else
		v := rowView{sheetRow: g.rows[0], own: g.rows[0].cells}
		t.pass(&v, passedBlank)
		return
	}
	t.group = g // for add
	item := &g.item
	t.finishNumber(g)
	item.Problem = joinLines(g.problems, g.details)
	if item.Problem == "" && !t.loose && !slices.ContainsFunc(item.Problems, func(p CellProblem) bool { return p.Field == FieldProblem }) {
		t.add(Refusal, item.Row, t.column(FieldProblem), "ledger.problem.missing", t.heading(FieldProblem))
	}
	item.Category = strings.ReplaceAll(strings.Join(g.category, " / "), "\n", "")
	if item.Category == "" {
		item.Category = t.section.category()
	}
	item.Source = strings.ReplaceAll(strings.Join(g.source, "："), "\n", "")
	item.Standard = strings.Join(g.standard, "\n")
	item.Remark = strings.Join(g.remark, "\n")
	if item.Unit == "" && t.in.Unit == "" {
		item.Unit = t.unitOfTable()
	}
	if unit := cmp.Or(item.Unit, t.in.Unit); g.lead != "" && unit != "" && g.lead != unit {
		t.add(Question, item.Row, g.leadAt, "ledger.unit.lead", t.cols[g.leadAt].Heading, g.lead, unit)
	}
	t.finishTier(g)
	t.finishMeasures(g)
	t.finishProgress(g)
	if t.budget.grow(len(item.Problem)) != nil {
		t.add(Refusal, item.Row, -1, "ledger.file.text", mostText>>20)
	}
	t.group = nil
	if item.copied = g.copied; !g.copied {
		t.rows += len(g.rows)
	}
	if g.refused {
		t.refuse(*item, g.rows, item.Problems)
		return
	}
	t.items = append(t.items, len(t.out.Items))
	t.out.Items = append(t.out.Items, *item)
	t.origins = append(t.origins, g.rows)
	aspect := ""
	if len(g.category) > 0 {
		aspect = g.category[0]
	}
	t.marks = append(t.marks, itemMark{t.section, aspect, item.Number})
}

// refuse hands an item's rows back as they are in the file.
func (r *ledgerReader) refuse(item Item, rows []*sheetRow, problems []CellProblem) {
	back := backOf(item, r.out.Tables[item.Table].Columns, rows)
	back[0].Problems = problems
	r.out.Refused = append(r.out.Refused, back...)
}

// backOf are an item's rows as they are in the file.
func backOf(item Item, cols []Column, rows []*sheetRow) []RefusedRow {
	var back []RefusedRow
	for _, row := range rows {
		cells := make([]string, len(cols))
		for n, c := range cols {
			if cell := row.cell(c.Index); cell != nil {
				cells[n] = cell.text
			}
		}
		back = append(back, RefusedRow{Table: item.Table, Sheet: item.Sheet, Row: row.n, Item: item.Row, Cells: cells})
	}
	return back
}

// finishTier settles the item's tier: what its own column says, else its section,
// else the sheet's name, else the person importing, else the title.
func (t *tableReader) finishTier(g *itemGroup) {
	for _, tier := range []deadline.Tier{t.section.tier, tierIn(t.sheet.name), t.in.Tier, tierIn(t.out.Tables[t.table].Title)} {
		if g.item.Tier == "" {
			g.item.Tier = tier
		}
	}
	if g.item.Tier == "" {
		t.add(Refusal, g.item.Row, -1, "ledger.tier.missing")
	}
}

var remarkDeadline = regexp.MustCompile(`(?:时限|期限|截止时间|截止日期)[:：]\s*([^；;。\n]{2,40})`)

// finishMeasures settles the measures and their deadlines.
func (t *tableReader) finishMeasures(g *itemGroup) {
	item := &g.item
	if len(g.measures) == 0 {
		m := g.self
		if m.Deadline.Phrase == "" {
			if found := remarkDeadline.FindStringSubmatch(item.Remark); found != nil {
				m.Deadline.Phrase = strings.TrimSpace(found[1])
				t.add(Remark, item.Row, t.column(FieldRemark), "ledger.deadline.in_remark", m.Deadline.Phrase)
			}
		}
		t.readDeadline(g, &m)
		item.Leader, item.Department, item.Owners, item.Deadline = m.Leader, m.Department, m.Owners, m.Deadline
		return
	}
	was := g.self // said before the first measure
	was.Row = g.measures[0].Row
	g.measures[0].also(was)
	g.measures = t.listedMeasures(g.measures)
	for i := range g.measures {
		m := &g.measures[i]
		if len(g.measures) == 1 && m.Deadline.Phrase == "" {
			if found := remarkDeadline.FindStringSubmatch(item.Remark); found != nil {
				m.Deadline.Phrase = strings.TrimSpace(found[1])
				t.add(Remark, item.Row, t.column(FieldRemark), "ledger.deadline.in_remark", m.Deadline.Phrase)
			}
		}
		t.readDeadline(g, m)
		if slices.ContainsFunc(item.Measures, m.Measure.says) {
			t.add(Remark, m.Row, t.column(FieldMeasure), "ledger.measure.twice", cut(m.Text, 40))
			continue
		}
		item.Measures = append(item.Measures, m.Measure)
	}
}

// says says whether two measures are one that was written twice.
func (m Measure) says(other Measure) bool {
	return m.Text == other.Text && m.Kind == other.Kind && m.Leader == other.Leader && m.Department == other.Department && slices.Equal(m.Owners, other.Owners) &&
		m.Deadline.Phrase == other.Deadline.Phrase && m.Deadline.DueOn == other.Deadline.DueOn
}

// finishProgress settles what was done. Where each measure has its own, it stands
// with the measure; the item has all of it in any case.
func (t *tableReader) finishProgress(g *itemGroup) {
	item := &g.item
	var texts, words []string
	for _, p := range g.progress {
		texts = addNew(texts, p.text)
	}
	for _, s := range g.status {
		words = addNew(words, oneLine(s.text))
	}
	item.Progress = strings.Join(texts, "\n")
	item.StatusWord = cut(strings.Join(words, "；"), LongestName)
	if len(item.Measures) < 2 {
		return
	}
	own := func(rows []rowText) bool { return len(rows) > 1 }
	for i := range item.Measures {
		m := &item.Measures[i]
		until := 1 << 30
		if i+1 < len(item.Measures) {
			until = item.Measures[i+1].Row
		}
		for _, p := range g.progress {
			if own(g.progress) && p.row >= m.Row && p.row < until {
				m.Progress = joinText(m.Progress, p.text, "\n")
			}
		}
		for _, s := range g.status {
			if own(g.status) && s.row >= m.Row && s.row < until {
				m.StatusWord = joinNew(m.StatusWord, oneLine(s.text), "；")
			}
		}
	}
}

// cellDay is the day a cell holds, as a date or written out in full.
func cellDay(c *sheetCell) day.Day {
	switch {
	case c == nil:
		return ""
	case c.day() != "":
		return c.day()
	}
	return fullDay(c.text)
}

// affirms reads 是, √, TRUE, 长期坚持.
func affirms(text string) bool {
	text = strings.TrimSpace(strings.ToLower(text))
	if text == "" || strings.HasPrefix(text, "否") || strings.HasPrefix(text, "不") || strings.HasPrefix(text, "非") {
		return false
	}
	return slices.Contains([]string{"是", "√", "✓", "✔", "☑", "true", "1", "y", "yes", "对", "有"}, text) || strings.Contains(text, "长期") || strings.Contains(text, "常态") || strings.HasPrefix(text, "是")
}

func addNew(list []string, text string) []string {
	if text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

func joinText(a, b, sep string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + sep + b
}

// joinNew joins two texts unless the one has the other already.
func joinNew(a, b, sep string) string {
	if b == "" || a == b || slices.Contains(strings.Split(a, sep), b) {
		return a
	}
	return joinText(a, b, sep)
}

func joinLines(lists ...[]string) string {
	var all []string
	for _, list := range lists {
		for _, text := range list {
			all = addNew(all, text)
		}
	}
	return strings.Join(all, "\n")
}

// oneLine is the name of a person, a post or an office that was broken over lines
// to fit its column.
func oneLine(text string) string {
	if !strings.Contains(text, "\n") {
		return text
	}
	var out strings.Builder
	for i, line := range strings.Split(text, "\n") {
		last, _ := utf8.DecodeLastRuneInString(out.String())
		next, _ := utf8.DecodeRuneInString(line)
		if i > 0 && !unicode.IsPunct(last) && !unicode.IsPunct(next) {
			out.WriteString("、")
		}
		out.WriteString(line)
	}
	return out.String()
}
