package ledger

import (
	"duban/models/deadline"
	"duban/models/headway"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// How offices lay a ledger out: titles and a line of who filled it in when, a
// heading of one to three rows with groups, sections that name a tier or an
// aspect, merged blocks, the heading again on every printed page, totals, notes
// and signatures. This file tells the rows of a sheet apart; ledger_item.go makes
// items of those that are data.

// longestHeading is how many characters a heading may have.
const longestHeading = 24

// pathMark stands between a group and its part in the key of a column.
const pathMark = ">"

// tableReader reads the rows below one heading.
type tableReader struct {
	*ledgerReader
	sheet    *ledgerSheet
	table    int // of out.Tables
	cols     []Column
	parts    [][]Field // by column, of a mixed one
	contents []columnContents
	at       map[int]int // column of the sheet → of cols
	heads    []map[int]string
	problem  bool // it has a column that says what is wrong
	loose    bool // it has none, and may say more of another list's problems
	units    bool // its column of units names some of the register
	numbered bool
	number   int  // of cols, -1 for none
	arabic   bool // its first rows are numbered 1, 2: a row numbered 一 is a section
	notes    bool // the notes below it have begun
	fresh    bool // no data yet
	section  ledgerSection
	last     []string // by column, the last text: what a ditto mark repeats
	vals     []cellValue
	taking   rowTaking
	group    *itemGroup
	kin      []*itemGroup // the groups of one problem, a unit each; group is one of them
	items    []int        // of out.Items, that are of this table

	lastNumber string // the last number that stood in the file

	lastRegister string // the last of the register's numbers
	shared       int    // how many items it has
}

// ledgerSection is the section a row stands in: 一、… （一）….
type ledgerSection struct {
	ordinal int // counted from the table's beginning
	marks   [2]string
	texts   [2]string
	tier    deadline.Tier
}

func (s ledgerSection) category() string {
	return strings.Join(slices.DeleteFunc([]string{s.texts[0], s.texts[1]}, func(t string) bool { return t == "" }), " / ")
}

// rowView is a row as a person sees it: its own cells, and what merged blocks that
// began above still show in it.
type rowView struct {
	*sheetRow
	own  []sheetCell
	held []heldCell
	wide map[int]int // first column → last, of blocks that begin here and span columns
}

// heldCell is what a block that began in an earlier row shows.
type heldCell struct {
	sheetMerge
	cell *sheetCell // nil for an empty block
}

// rowViews resolves the merged blocks of a sheet.
func rowViews(s *ledgerSheet) []rowView {
	views := make([]rowView, 0, len(s.rows))
	var open []heldCell
	next := 0
	s.dropEmptyBlocks()
	for i := range s.rows {
		row := &s.rows[i]
		v := rowView{sheetRow: row}
		open = slices.DeleteFunc(open, func(m heldCell) bool { return m.bottom < row.n })
		v.held = slices.Clone(open)
		for ; next < len(s.merges) && s.merges[next].top <= row.n; next++ {
			m := s.merges[next]
			if m.bottom < row.n {
				continue
			}
			block := heldCell{sheetMerge: m}
			if m.top == row.n {
				block.cell = row.cell(m.left)
				if m.right > m.left {
					if v.wide == nil {
						v.wide = map[int]int{}
					}
					v.wide[m.left] = m.right
				}
			} else {
				v.held = append(v.held, block)
			}
			open = append(open, block)
		}
		v.own = row.cells
		if covered := slices.ContainsFunc(row.cells, v.under); covered {
			v.own = slices.DeleteFunc(slices.Clone(row.cells), v.under)
			s.covered = append(s.covered, row.n)
		}
		if len(v.own) > 0 {
			views = append(views, v)
		}
	}
	return views
}

// dropEmptyBlocks forgets the merged blocks that have nothing in them and lie over
// nothing, as beside a table: whole columns of them may be merged.
func (s *ledgerSheet) dropEmptyBlocks() {
	used, last := map[int]bool{}, 0
	for _, row := range s.rows {
		for _, c := range row.cells {
			used[int(c.col)] = true
			last = max(last, int(c.col))
		}
	}
	s.merges = slices.DeleteFunc(s.merges, func(m sheetMerge) bool {
		for col := m.left; col <= min(m.right, last); col++ {
			if used[col] {
				return false
			}
		}
		return true
	})
}

// under says of a cell that a merged block lies over it.
func (v *rowView) under(c sheetCell) bool {
	col := int(c.col)
	for _, h := range v.held {
		if h.left <= col && col <= h.right {
			return true
		}
	}
	for left, right := range v.wide {
		if left < col && col <= right {
			return true
		}
	}
	return false
}

func (v *rowView) ownCell(col int) *sheetCell {
	for i := range v.own {
		if int(v.own[i].col) == col {
			return &v.own[i]
		}
	}
	return nil
}

// span is how many columns the block of a cell has.
func (v *rowView) span(c sheetCell) int {
	if right, ok := v.wide[int(c.col)]; ok {
		return right - int(c.col) + 1
	}
	return 1
}

// readSheet takes what a sheet has.
func (r *ledgerReader) readSheet(s *ledgerSheet) error {
	views := rowViews(s)
	r.remarkHidden(s)
	turned := r.onItsSide(s, views)
	switch {
	case turned && !slices.Contains(r.in.Turn, s.name):
		r.offerTurn(s, views)
		return nil
	case turned:
		s = s.turned()
		views = rowViews(s)
		before := len(r.out.Tables)
		defer func() {
			for i := range r.out.Tables[before:] {
				r.out.Tables[before+i].Turned = true
			}
		}()
	}
	return r.readRows(s, views)
}

// readRows takes the tables of a sheet.
func (r *ledgerReader) readRows(s *ledgerSheet, views []rowView) error {
	var t *tableReader
	begun := 0 // the first row that is of no table yet
	if !r.anyHeading(views) {
		if i := likelyHeading(views); i >= 0 {
			t, begun = r.newTable(s, views, i, i), i+1
			t.above(views[:i])
		}
	}
	r.out.Items = slices.Grow(r.out.Items, len(views)-begun) // at most; grown as they come, they would stand twice
	for i := begun; i < len(views); i++ {
		if i&255 == 0 {
			if r.ctx.Err() != nil {
				return tooSlow(r.ctx, r.ctx.Err())
			}
			headway.Say(r.ctx, headway.Reading, r.done+i, r.done+len(views))
		}
		r.budget.pass(1 << 10)
		if t == nil || t.mayHeadAgain(&views[i]) {
			if from, to, ok := r.headingAt(views, begun, i); ok {
				if t != nil {
					t.finish()
				}
				next := r.newTable(s, views, from, to)
				if t == nil {
					next.above(views[begun:from])
				} else {
					next.section = t.section
				}
				t, i = next, to
				begun = to + 1
				continue
			}
		}
		if t != nil {
			if err := t.row(&views[i]); err != nil {
				return err
			}
			begun = i + 1
		}
	}
	r.done += len(views)
	if t != nil {
		t.finish()
		return nil
	}
	if len(views) > 0 {
		table := Table{Sheet: s.name, Hidden: s.hidden}
		for i := range views {
			table.Passed = append(table.Passed, PassedRow{views[i].n, passedSheet, views[i].line()})
			r.saidIn(s.name, views[i])
		}
		r.out.Tables = append(r.out.Tables, table)
	}
	return nil
}

// anyHeading says whether a sheet has a heading we know.
func (r *ledgerReader) anyHeading(views []rowView) bool {
	for i := range views {
		if _, _, ok := r.headingAt(views, i, i); ok {
			return true
		}
	}
	return false
}

// likelyHeading is the row that looks like a heading where we know none: words
// side by side, with rows below them. A person can then say what they mean.
func likelyHeading(views []rowView) int {
	for i := range views[:max(len(views)-1, 0)] {
		words := 0
		for _, c := range views[i].own {
			if !isDigits(c.text) && !strings.ContainsAny(c.text, ":：") && utf8.RuneCountInString(c.text) <= longestHeading {
				words++
			}
		}
		if words >= 3 && words == len(views[i].own) && len(views[i+1].own) >= 2 {
			return i
		}
	}
	return -1
}

// line is a row's texts in one line, for those who ask what was passed over.
func (v *rowView) line() string {
	var words []string
	for _, c := range v.own {
		words = append(words, strings.ReplaceAll(c.text, "\n", " "))
	}
	return cut(strings.Join(words, " | "), 120)
}

// cut is a text's beginning.
func cut(text string, runes int) string {
	for i := range text {
		if runes--; runes < 0 {
			return text[:i] + "…"
		}
	}
	return text
}

// remarkHidden says what of a sheet is hidden: it is read all the same.
func (r *ledgerReader) remarkHidden(s *ledgerSheet) {
	note := func(key string, args ...any) {
		r.out.Notes = append(r.out.Notes, CellProblem{Weight: Remark, Sheet: s.name, Key: key, Args: args})
	}
	if s.hidden && len(s.rows) > 0 {
		note("ledger.note.hidden_sheet", s.name)
	}
	rows := 0
	for _, row := range s.rows {
		if row.hidden {
			rows++
		}
	}
	if rows > 0 {
		note("ledger.note.hidden_rows", s.name, rows)
	}
	if len(s.covered) > 0 {
		note("ledger.note.covered", s.name, s.covered[0], len(s.covered))
	}
}

// headed looks at a row as if it were a heading: how many of its cells we know as
// one, how many it has, and whether one of them says what is wrong or what is done.
func (r *ledgerReader) headed(v *rowView) (known, cells int, ledger bool) {
	for i, c := range v.own {
		if i == 0 && isDigits(c.text) {
			return 0, len(v.own), false
		}
		if strings.HasSuffix(c.text, "：") || strings.HasSuffix(c.text, ":") || utf8.RuneCountInString(c.text) > 2*longestHeading {
			continue
		}
		key := FoldHeading(c.text)
		h, ok := readHeading(key)
		if field, chosen := r.in.Columns[key]; chosen {
			h, ok = headingReading{field: field}, true
		}
		if ok {
			known++
			ledger = ledger || h.field == FieldProblem || h.field == FieldMeasure || h.field == FieldDetail
		}
	}
	return known, len(v.own), ledger
}

func isDigits(text string) bool {
	for _, r := range text {
		if r = halfWidth(r); (r < '0' || r > '9') && r != '.' {
			return false
		}
	}
	return text != ""
}

// headingAt says whether a heading begins at a row, and which rows it has: the
// groups above it as far as they are of no table, and the parts below it.
func (r *ledgerReader) headingAt(views []rowView, begun, i int) (from, to int, ok bool) {
	known, cells, ledger := r.headed(&views[i])
	if !(known >= 3 && known*2 >= cells || known == 2 && cells <= 3 && ledger) {
		return 0, 0, false
	}
	from, to = i, i
	for from > begun && to-from < 2 && r.groupsOver(&views[from-1], &views[from]) {
		from--
	}
	for to+1 < len(views) && to-from < 2 && r.partsUnder(views[from:to+1], &views[to+1]) {
		to++
	}
	return from, to, true
}

// groupsOver says whether a row holds the names of groups of the columns below.
func (r *ledgerReader) groupsOver(above, below *rowView) bool {
	if len(above.own) < 2 || above.n+1 != below.n && len(below.held) == 0 {
		return false
	}
	joined := false
	for _, c := range above.own {
		if utf8.RuneCountInString(c.text) > longestHeading || isDigits(c.text) || strings.ContainsAny(c.text, ":：") {
			return false
		}
		joined = joined || above.span(c) > 1
	}
	known, _, _ := r.headed(above)
	for _, h := range below.held {
		joined = joined || h.top == above.n
	}
	return joined || known > 0
}

// partsUnder says whether a row goes on with the heading above it: blocks of the
// heading reach into it, or all it has are names of columns below a group.
func (r *ledgerReader) partsUnder(heading []rowView, next *rowView) bool {
	last := &heading[len(heading)-1]
	reached := false
	for _, h := range next.held {
		reached = reached || h.top >= heading[0].n && h.cell != nil
	}
	known, cells, _ := r.headed(next)
	free := 0 // cells below a group or below nothing
	for _, c := range next.own {
		if utf8.RuneCountInString(c.text) > longestHeading || isDigits(c.text) {
			return false
		}
		above := last.ownCell(int(c.col))
		if above == nil || last.span(*above) > 1 {
			free++
		}
	}
	if reached {
		return known > 0 || free == cells
	}
	return next.n == last.n+1 && known >= 2 && known*5 >= cells*3 && free > 0
}

// newTable makes a table of a heading.
func (r *ledgerReader) newTable(s *ledgerSheet, views []rowView, from, to int) *tableReader {
	t := &tableReader{ledgerReader: r, sheet: s, table: len(r.out.Tables), at: map[int]int{}, fresh: true}
	table := Table{Sheet: s.name, Hidden: s.hidden, sheet: s}
	width := 0
	for i := from; i <= to; i++ {
		table.Headings = append(table.Headings, views[i].n)
		table.Passed = append(table.Passed, PassedRow{views[i].n, passedHeading, views[i].line()})
		t.heads = append(t.heads, map[int]string{})
		for _, c := range views[i].own {
			width = max(width, int(c.col)+views[i].span(c))
		}
	}
	for i := from; i <= to; i++ {
		head := t.heads[i-from]
		group := ""
		for col := range min(width, 4*mostColumns) {
			switch text, mine := headText(&views[i], col); {
			case mine:
				head[col], group = text, text
				if i == to || views[i].wide != nil || len(s.merges) > 0 {
					group = ""
				}
			case text != "":
				head[col] = text
				group = ""
			case group != "" && i < to && views[i+1].ownCell(col) != nil:
				head[col] = group // an unmerged group goes on over its parts
			}
		}
	}
	r.out.Tables = append(r.out.Tables, table)
	for col := range min(width, 4*mostColumns) {
		var path []string
		for _, head := range t.heads {
			if text := head[col]; text != "" && (len(path) == 0 || path[len(path)-1] != text) {
				path = append(path, text)
			}
		}
		if len(path) > 0 {
			t.addColumn(col, path)
		}
	}
	t.addUnheaded(views[to+1 : min(len(views), to+sampledRows)])
	t.sample(views[to+1 : min(len(views), to+60)])
	t.look(views[to+1 : min(len(views), to+sampledRows)])
	t.resolve()
	t.loose = !t.problem && t.mayJoin()
	for i := to + 1; i < min(len(views), to+60) && t.number >= 0; i++ {
		if c := views[i].ownCell(t.cols[t.number].Index); c != nil && isDigits(c.text) {
			t.arabic = true
		}
	}
	return t
}

// headText is what the heading says over a column; mine when the cell is the row's
// own and of one column.
func headText(v *rowView, col int) (text string, mine bool) {
	if c := v.ownCell(col); c != nil {
		return strings.ReplaceAll(c.text, "\n", ""), v.span(*c) == 1
	}
	for left, right := range v.wide {
		if left < col && col <= right {
			if c := v.ownCell(left); c != nil {
				return strings.ReplaceAll(c.text, "\n", ""), false
			}
		}
	}
	for _, h := range v.held {
		if h.left <= col && col <= h.right && h.cell != nil {
			return strings.ReplaceAll(h.cell.text, "\n", ""), false
		}
	}
	return "", false
}

// unheaded begins the key of a column without a heading, before its letter.
const unheaded = "#"

// Unheaded says of a column's key that the column has no heading.
func Unheaded(key string) bool { return strings.HasPrefix(key, unheaded) }

// addUnheaded adds the columns that have no heading and something in most of the rows, and
// those that a person said something of.
func (t *tableReader) addUnheaded(views []rowView) {
	filled := map[int]int{}
	for i := range views {
		for _, c := range views[i].own {
			if _, headed := t.at[int(c.col)]; !headed {
				filled[int(c.col)]++
			}
		}
	}
	for _, col := range slices.Sorted(maps.Keys(filled)) {
		if _, said := t.in.Columns[unheaded+columnLetter(col)]; said || 2*filled[col] > len(views) {
			t.addColumn(col, nil)
		}
	}
}

// addColumn adds a column with the heading's words from the group to the part.
func (t *tableReader) addColumn(col int, path []string) int {
	c := Column{Index: col, Letter: columnLetter(col), Heading: strings.Join(path, " / "), Hidden: t.sheet.colHidden(col), path: path}
	if c.Key = unheaded + c.Letter; len(path) > 0 {
		keys := make([]string, len(path))
		for i, p := range path {
			keys[i] = FoldHeading(p)
		}
		c.Key = strings.Join(keys, pathMark)
	}
	t.at[col] = len(t.cols)
	t.cols = append(t.cols, c)
	t.parts = append(t.parts, nil)
	t.last = append(t.last, "")
	return len(t.cols) - 1
}

// sample keeps the first values of each column, for the person who maps them and
// for headings that only their contents explain.
func (t *tableReader) sample(views []rowView) {
	for i := range views {
		for _, c := range views[i].own {
			if n, ok := t.at[int(c.col)]; ok && len(t.cols[n].Samples) < 3 && c.text != t.heads[len(t.heads)-1][int(c.col)] && views[i].span(c) == 1 {
				t.cols[n].Samples = append(t.cols[n].Samples, cut(c.text, 60))
			}
		}
	}
}

// above takes what stands over the heading: the title, and who filled it in when.
func (t *tableReader) above(views []rowView) {
	table := &t.out.Tables[t.table]
	for i := range views {
		v := &views[i]
		table.Passed = append(table.Passed, PassedRow{v.n, passedTitle, v.line()})
		said := t.saidIn(t.sheet.name, *v)
		if table.Title == "" && !said && len(v.own) == 1 {
			table.Title = cut(strings.ReplaceAll(v.own[0].text, "\n", ""), 100)
			t.sayOtherUnit(v, table.Title)
		}
		if len(v.own) == 1 && !said && ordinals.MatchString(v.own[0].text) {
			t.enter(v.own[0].text) // 一、立行立改问题, above a heading of its own
		}
	}
	slices.SortStableFunc(table.Passed, func(a, b PassedRow) int { return a.Row - b.Row })
}

// mayHeadAgain says of a row below a heading that it could be a heading too.
func (t *tableReader) mayHeadAgain(v *rowView) bool {
	known, cells, ledger := t.headed(v)
	return known >= 3 && known*10 >= cells*7 && ledger && !t.repeats(v)
}

// repeats says whether a row is the heading again, as on every printed page.
func (t *tableReader) repeats(v *rowView) bool {
	for _, head := range t.heads {
		same := 0
		for _, c := range v.own {
			if !sameHeading(c.text, head[int(c.col)]) {
				same = -1
				break
			}
			same++
		}
		if same >= 2 || same == 1 && len(t.heads) > 1 && v.n > 0 && v.span(v.own[0]) > 1 {
			return true
		}
	}
	return false
}

func (t *tableReader) pass(v *rowView, why string) {
	table := &t.out.Tables[t.table]
	table.Passed = append(table.Passed, PassedRow{v.n, why, v.line()})
}

var (
	totals     = regexp.MustCompile(`^(合计|小计|总计|共计|累计|总数|汇总)([:：（(共\d].*)?$`)
	footnotes  = regexp.MustCompile(`^[（(]?(注|备注|说明|附注|附件?|填表说明|填报说明|注意事项?|填写说明|编制说明)\d?[:：.、\d]`)
	signatures = regexp.MustCompile(`^(填表|填报|制表|审核|审签|审批|签发|联系|经办|负责|签字|签名|盖章|报送|复核|校对|单位负责|主要负责|分管领导|党组书记|党委书记|党支部书记|书记|单位\(|单位（|日期|时间|电话)[^:：]{0,16}[:：]`)
	ordinals   = regexp.MustCompile(`^(?:([一二三四五六七八九十]{1,3})[、.．,，]|[（(]([一二三四五六七八九十]{1,3})[)）]|第([一二三四五六七八九十]{1,3})(?:部分|类|方面)[:：、 ]?)`)
	countMark  = regexp.MustCompile(`[（(]共?计?\d+[项个条件][)）]$`)
)

// longestLabel is how many bytes a label of a signature line has at most, with its colon.
const longestLabel = 4 * 24

// row takes one row below the heading.
func (t *tableReader) row(v *rowView) error {
	fresh := t.fresh
	t.fresh = false
	first := v.own[0]
	text := strings.ReplaceAll(first.text, " ", "")
	alone := len(v.own) == 1
	wide := v.span(first)*2 >= len(t.cols) && v.span(first) > 1
	field := t.fieldAt(int(first.col))
	switch {
	case t.repeats(v):
		t.pass(v, passedHeading)
		return nil
	case fresh && t.columnNumbers(v):
		t.fresh = true
		t.pass(v, passedHeading)
		return nil
	case utf8.RuneCountInString(text) <= 20 && totals.MatchString(text):
		t.close()
		t.pass(v, passedTotal)
		return nil
	case (alone || field == FieldNumber) && footnotes.MatchString(text):
		t.close()
		t.notes = true
		t.saidIn(t.sheet.name, *v)
		t.pass(v, passedNote)
		return nil
	case t.signed(v):
		t.close()
		t.notes = true
		t.saidIn(t.sheet.name, *v)
		t.pass(v, passedNote)
		return nil
	case alone && len(v.held) == 0 && t.sectioned(v, first, wide, field), t.numberedSection(v):
		return nil
	case alone && t.notes && (wide || field != FieldProblem):
		t.pass(v, passedNote)
		return nil
	case alone && wide && len(v.held) == 0:
		t.close()
		t.pass(v, passedNote)
		return nil
	case alone && field == FieldNumber && len(v.held) == 0:
		if readable, _ := ledgerNumber(first.text); readable != "" {
			t.pass(v, passedBlank)
		} else {
			t.pass(v, passedNote)
		}
		return nil
	}
	t.notes = false
	if !t.problem && !t.loose {
		t.pass(v, passedSheet)
		return nil
	}
	return t.data(v)
}

// fieldAt is what the column means, empty for one without a heading.
func (t *tableReader) fieldAt(col int) Field {
	if i, ok := t.at[col]; ok {
		return t.cols[i].Field
	}
	return ""
}

// columnNumbers says of the row below a heading that it numbers the columns.
func (t *tableReader) columnNumbers(v *rowView) bool {
	if len(v.own) < 4 {
		return false
	}
	if n, err := strconv.Atoi(v.own[0].text); err == nil {
		for i, c := range v.own {
			if c.text != strconv.Itoa(n+i) {
				return false
			}
		}
		return true
	}
	for _, letters := range []string{"甲乙丙丁戊己庚辛壬癸", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"} {
		if runes := []rune(letters); len(v.own) <= len(runes) {
			same := true
			for i, c := range v.own {
				same = same && c.text == string(runes[i])
			}
			if same {
				return true
			}
		}
	}
	return false
}

// signed says of a row that it is who filled in, checked and signed.
func (t *tableReader) signed(v *rowView) bool {
	found, labelled := false, true
	if first := v.own[0]; len(v.own) == 1 && v.span(first) == 1 && utf8.RuneCountInString(first.text) > 30 {
		return false // 负责人履职不到位：…, a problem
	}
	if !slices.ContainsFunc(v.own, func(c sheetCell) bool { return strings.IndexByte(c.text, ':') >= 0 || strings.Contains(c.text, "：") }) {
		return false
	}
	for i, c := range v.own {
		text := strings.ReplaceAll(c.text, " ", "")
		label := signatures.MatchString(text[:min(len(text), longestLabel)])
		found = found || label
		after := i > 0 && strings.HasSuffix(strings.TrimRight(v.own[i-1].text, " "), "：")
		labelled = labelled && (label || after || strings.HasSuffix(text, "：") || strings.HasSuffix(text, ":"))
		if !labelled && len(v.own) > 1 {
			return false
		}
	}
	return found && (labelled || len(v.own) == 1)
}

// sectioned takes a row that names what follows.
func (t *tableReader) sectioned(v *rowView, c sheetCell, wide bool, field Field) bool {
	text := c.text
	n := utf8.RuneCountInString(text)
	if n > 60 || strings.Contains(text, "\n") {
		return false
	}
	named := ordinals.MatchString(text) || tierIn(text) != "" && n <= 20
	ends := slices.ContainsFunc([]string{"方面", "问题", "类", "部分", "情况"}, func(end string) bool {
		return strings.HasSuffix(strings.TrimRight(countMark.ReplaceAllString(text, ""), "：:"), end)
	})
	switch {
	case wide && (named || ends && n <= 30):
	case field != FieldProblem && field != FieldDetail && field != FieldMeasure && field != FieldProgress && named:
	case field == FieldProblem && t.numbered && named && n <= 30:
	default:
		return false
	}
	t.close()
	t.notes = false
	t.enter(text)
	t.pass(v, passedSection)
	return true
}

// numberedSection takes a section whose ordinal stands in a cell of its own: 一 |
// 立行立改问题, over all columns.
func (t *tableReader) numberedSection(v *rowView) bool {
	if len(v.own) != 2 || len(v.held) > 0 {
		return false
	}
	mark, text := strings.Trim(v.own[0].text, "、.． （）()"), v.own[1]
	if mark == "" || strings.Trim(mark, "一二三四五六七八九十") != "" || utf8.RuneCountInString(text.text) > 40 {
		return false
	}
	if v.span(text)*2 < len(t.cols) && (tierIn(text.text) == "" || utf8.RuneCountInString(text.text) > 12) && !(t.arabic && t.fieldAt(int(text.col)) == FieldProblem) {
		return false
	}
	t.close()
	t.notes = false
	t.enter(mark + "、" + text.text)
	t.pass(v, passedSection)
	return true
}

// enter begins a section: 一、 ends the one before it, （一） is part of it. One that
// names a tier says of its items what they are; any other is their category.
func (t *tableReader) enter(text string) {
	level, mark := 0, ""
	if m := ordinals.FindStringSubmatch(text); m != nil {
		mark = m[1] + m[2] + m[3]
		if m[2] != "" {
			level = 1
		}
	}
	name := strings.TrimRight(countMark.ReplaceAllString(strings.TrimSpace(ordinals.ReplaceAllString(text, "")), ""), "：: ")
	t.section.ordinal++
	t.section.marks[level], t.section.texts[level] = mark, name
	if level == 0 {
		t.section.marks[1], t.section.texts[1] = "", ""
	}
	if tier := tierIn(text); tier != "" {
		t.section.tier = tier
		t.section.texts[level] = ""
	}
}

// finish ends a table.
func (t *tableReader) finish() {
	t.close()
	t.numberAgain()
	t.out.Tables[t.table].Columns = t.cols
	var hidden []string
	for _, c := range t.cols {
		if c.Hidden {
			hidden = append(hidden, c.Letter)
		}
	}
	if len(hidden) > 0 {
		t.out.Notes = append(t.out.Notes, CellProblem{Weight: Remark, Sheet: t.sheet.name, Column: hidden[0],
			Key: "ledger.note.hidden_columns", Args: []any{t.sheet.name, strings.Join(hidden, "、")}})
	}
	if !t.problem && !t.loose {
		var headings []string
		for _, c := range t.cols {
			headings = append(headings, c.Heading)
		}
		t.out.Notes = append(t.out.Notes, CellProblem{Weight: Remark, Sheet: t.sheet.name, Row: t.out.Tables[t.table].Headings[0],
			Key: "ledger.note.no_problem_column", Args: []any{t.sheet.name, cut(strings.Join(headings, "、"), 200)}})
	}
}

// tierWords are how offices name the tiers.
var tierWords = []struct {
	word string
	tier deadline.Tier
}{
	{"即知即改", deadline.Immediate}, {"未巡先改", deadline.Immediate}, {"立行立改", deadline.OnTheSpot}, {"边巡边改", deadline.OnTheSpot}, {"边巡边督", deadline.OnTheSpot},
	{"反馈整改", deadline.PostFeedback}, {"反馈问题", deadline.PostFeedback}, {"反馈意见", deadline.PostFeedback}, {"集中整改", deadline.PostFeedback},
	{"immediate", deadline.Immediate}, {"on the spot", deadline.OnTheSpot}, {"on-the-spot", deadline.OnTheSpot}, {"after feedback", deadline.PostFeedback}, {"post-feedback", deadline.PostFeedback},
}

// tierIn is the one tier a text names; none when it names two.
func tierIn(text string) deadline.Tier {
	found := deadline.Tier("")
	text = strings.ToLower(text)
	for _, w := range tierWords {
		if strings.Contains(text, w.word) {
			if found != "" && found != w.tier {
				return ""
			}
			found = w.tier
		}
	}
	return found
}
