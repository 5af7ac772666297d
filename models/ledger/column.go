package ledger

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// What a column means: what the person said of it, else what its heading says, else
// what stands in it.

// resolve decides what each column means.
func (t *tableReader) resolve() {
	have := map[Field]bool{}
	readings := make([]headingReading, len(t.cols))
	for i := range t.cols {
		readings[i] = t.readColumn(i, have)
	}
	for i, h := range readings {
		if h.steps != nil {
			t.mean(i, firstFree(h.steps, have), have)
		}
	}
	for i, h := range readings {
		if h.ask != nil {
			t.meanAsked(i, h, have)
		}
	}
	t.ownersOrUnits(have)
	t.second(have)
	t.byContents(have)
	t.numberOfMeasures(have)
	for i := range t.cols {
		t.cols[i].Taken = t.cols[i].Field.Taken()
	}
	t.problem, t.numbered = have[FieldProblem], have[FieldNumber]
	t.number = t.column(FieldNumber)
	t.out.Tables[t.table].Columns = t.cols
}

// mean settles what a column is.
func (t *tableReader) mean(i int, field Field, have map[Field]bool) {
	t.cols[i].Field = field
	have[field] = true
}

// readColumn is what a column's heading says, or nothing where that settles it.
func (t *tableReader) readColumn(i int, have map[Field]bool) headingReading {
	c := &t.cols[i]
	path := strings.Split(c.Key, pathMark)
	leaf := path[len(path)-1]
	field, chosen := t.in.Columns[c.Key]
	if !chosen {
		field, chosen = t.in.Columns[leaf]
	}
	if chosen {
		c.Chosen = true
		t.mean(i, field, have)
		return headingReading{}
	}
	h, ok := readPath(path)
	if ok && h.ask == nil && h.steps == nil {
		c.Guessed = h.guessed
		t.parts[i] = h.parts
		t.mean(i, h.field, have)
	}
	return h
}

// readPath reads a heading of one row or of several, from the group to the part.
func readPath(path []string) (h headingReading, ok bool) {
	leaf := path[len(path)-1]
	for _, group := range path[:len(path)-1] { // 配合 over 领导, 部门
		if slices.ContainsFunc(assisting, func(begin string) bool { return strings.HasPrefix(group, begin) }) {
			return headingReading{field: fieldAssistant}, true
		}
	}
	if h, ok = readHeading(leaf); ok || len(path) == 1 {
		return h, ok
	}
	group := path[len(path)-2] // a part that says nothing by itself: with its group, or the group alone
	if h, ok = readHeading(group + leaf); !ok {
		h, ok = readHeading(group)
	}
	h.guessed = true
	return h, ok
}

// meanAsked proposes one of the meanings of a heading that may mean several, and asks
// unless what stands in the column answers.
func (t *tableReader) meanAsked(i int, h headingReading, have map[Field]bool) {
	field := firstFree(h.ask, have)
	if field == FieldStatus && !have[FieldProgress] && t.wordy(i) {
		field = FieldProgress
	}
	t.cols[i].Ask, t.cols[i].Guessed = h.ask, h.guessed
	open := slices.DeleteFunc(slices.Clone(h.ask), func(f Field) bool { return have[f] })
	if len(open) == 1 && open[0] == field || field == FieldProblem && !have[FieldProblem] && !t.problemElsewhere(i) {
		t.cols[i].Ask = nil // the others are other columns', or no ledger is without it
	}
	if field == FieldDeadline && t.contents[i].ahead > 0 {
		t.cols[i].Ask = nil // 8月底前, 长期坚持: what is done is not said so
	}
	t.mean(i, field, have)
}

// problemElsewhere says whether the heading of another column may be of problems too.
func (t *tableReader) problemElsewhere(i int) bool {
	for n := range t.cols {
		if n == i {
			continue
		}
		if h, ok := readPath(strings.Split(t.cols[n].Key, pathMark)); ok && (h.field == FieldProblem || h.field == FieldDetail || slices.Contains(h.ask, FieldProblem) || slices.Contains(h.steps, FieldProblem)) {
			return true
		}
	}
	return false
}

// second settles what the second column of a field is that a table has once.
func (t *tableReader) second(have map[Field]bool) {
	first := map[Field]int{}
	for i := range t.cols {
		c := &t.cols[i]
		if c.Field == FieldDetail && !have[FieldProblem] && !c.Chosen {
			t.mean(i, FieldProblem, have)
		}
		if _, twice := first[c.Field]; !twice {
			first[c.Field] = i
			continue
		}
		switch {
		case c.Chosen:
		case c.Field == FieldNumber && !have[FieldProblem] && strings.Contains(c.Key, "问题"): // 对应问题序号: what the lists are joined by
			t.cols[first[FieldNumber]].Field = fieldMeasureNumber
			first[FieldNumber] = i
		case c.Field == FieldNumber:
			if c.Field = fieldCode; slices.ContainsFunc(t.cols[:i], func(c Column) bool { return c.Field == FieldProblem }) {
				c.Field = fieldMeasureNumber
			}
		case c.Field == FieldUnit:
			c.Ask = []Field{FieldDepartment, FieldUnit}
			if c.Field = FieldDepartment; have[FieldDepartment] {
				c.Field = fieldAssistant
			}
		}
	}
}

// numberOfMeasures settles what a number between the problem and its measures numbers:
// these.
func (t *tableReader) numberOfMeasures(have map[Field]bool) {
	n, problem, measure := t.column(FieldNumber), t.column(FieldProblem), t.column(FieldMeasure)
	if n >= 0 && problem >= 0 && problem < n && n < measure && !t.cols[n].Chosen {
		t.cols[n].Field, t.cols[n].Ask = fieldMeasureNumber, []Field{fieldMeasureNumber, FieldNumber}
		have[FieldNumber] = false
	}
}

// firstFree is the first of the fields that no column has yet, else the first.
func firstFree(fields []Field, have map[Field]bool) Field {
	for _, f := range fields {
		if !have[f] {
			return f
		}
	}
	return fields[0]
}

// wordy says of a column that it holds sentences, not words.
func (t *tableReader) wordy(i int) bool {
	n := 0
	for _, s := range t.cols[i].Samples {
		n += utf8.RuneCountInString(s)
	}
	return n > 10*len(t.cols[i].Samples)
}
