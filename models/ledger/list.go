package ledger

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Lists in one cell: measures numbered from 1, and their dates and people numbered
// likewise, "1.甲\n2.乙", "（1）立行立改（2）2024年10月31日", "一是…二是…".

var (
	entryMark = regexp.MustCompile(`(?:措施|任务|第)?(?:\d{1,2}(?:[-—–~至、,，]\d{1,2})*(?:[.、．)）:：]|[项条][:：，,]?)|[（(]\d{1,2}(?:[-—–~至]\d{1,2})?[)）]|[①-⑳]|[（(][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}(?:[是、:：]|[项条][:：，,]))\s*`)
	firstMark = regexp.MustCompile(`^` + "(?:" + entryMark.String() + ")") // most texts begin with none
	markNames = regexp.MustCompile(`\d{1,2}|[①-⑳]|[一二三四五六七八九十]{1,3}`)
)

// listed is the entries of a list that numbers them from 1, at the beginnings of lines
// or one after the other; an entry for two numbers, 1-2.甲, stands twice. It is nil for
// any other text.
func listed(text string) []string {
	if first, _ := utf8.DecodeRuneInString(text); !strings.ContainsRune("0123456789（(①一措任第", first) || !firstMark.MatchString(text) {
		return nil
	}
	type entry struct{ from, to, begin, end int } // numbers; where it stands
	var entries []entry
	for _, m := range entryMark.FindAllStringIndex(text, -1) {
		from, to := markNumbers(text[m[0]:m[1]])
		last := 0
		if n := len(entries); n > 0 {
			last = entries[n-1].to
		}
		if from != last+1 || to < from || !mayBegin(text, m[0]) {
			if len(entries) == 0 {
				return nil // what comes before the first is no entry
			}
			continue
		}
		if n := len(entries); n > 0 {
			entries[n-1].end = m[0]
		} else if m[0] > 0 {
			return nil
		}
		entries = append(entries, entry{from, to, m[1], len(text)})
	}
	var out []string
	for _, e := range entries {
		words := strings.TrimSpace(text[e.begin:e.end])
		if words == "" {
			return nil
		}
		for range e.to - e.from + 1 {
			out = append(out, words)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// mayBegin says whether an entry may begin here: at a line, after a mark that ends a
// sentence, or with a mark in brackets, which nothing else begins with.
func mayBegin(text string, at int) bool {
	if at == 0 {
		return true
	}
	r, _ := utf8.DecodeRuneInString(text[at:])
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	return strings.ContainsRune("（(", r) || '①' <= r && r <= '⑳' || strings.ContainsRune("\n；;。，,、 　：:", before)
}

// markNumbers are the numbers a mark gives, the first and the last: 3. is 3 and 3.
func markNumbers(mark string) (from, to int) {
	for n, name := range markNames.FindAllString(mark, -1) {
		number, _ := ledgerNumber(name)
		to, _ = strconv.Atoi(number)
		if n == 0 {
			from = to
		}
	}
	return from, to
}

// measureLists are the lists beside a measure that number their entries: days, and
// those who answer.
type measureLists struct{ phrases, leaders, departments, owners []string }

// and are the lists of two rows of one measure.
func (l *measureLists) and(more *measureLists) *measureLists {
	if l == nil || more == nil {
		return cmp.Or(l, more)
	}
	both := *l
	for _, of := range []struct {
		into *[]string
		from []string
	}{{&both.leaders, more.leaders}, {&both.departments, more.departments}, {&both.owners, more.owners}} {
		if *of.into == nil {
			*of.into = of.from
		}
	}
	return &both
}

// listsOf are the lists beside a measure of n entries that have as many; those of
// another length are left whole, and named.
func (t *tableReader) listsOf(m rowMeasure, n int) (l measureLists, any bool) {
	keep := func(into *[]string, entries []string, fields ...Field) {
		if n > 0 && len(entries) == n {
			*into, any = entries, true
		} else if len(entries) > 0 && fields[0] != FieldDeadline {
			t.add(Question, m.Row, t.column(fields...), "ledger.list.uneven", t.heading(fields...), len(entries), max(n, 1))
		}
	}
	phrases := listed(m.Deadline.Phrase)
	if lines := strings.Split(m.Deadline.Phrase, "\n"); n > 1 && phrases == nil && len(lines) == n {
		phrases = lines
	}
	keep(&l.phrases, phrases, FieldDeadline)
	if m.lists != nil {
		keep(&l.leaders, m.lists.leaders, FieldLeader, FieldBranch, FieldMember)
		keep(&l.departments, m.lists.departments, FieldDepartment, FieldLead)
		keep(&l.owners, m.lists.owners, FieldOwner, FieldHandler)
	}
	return l, any
}

// listedMeasures tells apart the measures that stand in one cell, when the cell of
// deadlines or of those who answer has an entry for each of them. A list under one
// deadline and one owner stays one measure.
func (t *tableReader) listedMeasures(measures []rowMeasure) []rowMeasure {
	if !slices.ContainsFunc(measures, func(m rowMeasure) bool { return m.lists != nil || listed(m.Text) != nil }) {
		return measures
	}
	var out []rowMeasure
	for _, m := range measures {
		texts := listed(m.Text)
		lists, any := t.listsOf(m, len(texts))
		if !any {
			out = append(out, m)
			continue
		}
		for i := range texts {
			one := m
			one.Text = texts[i]
			if lists.phrases != nil {
				one.Deadline.Phrase, one.phrase = strings.Trim(lists.phrases[i], "；;，,、 "), nil
			}
			if lists.leaders != nil {
				one.Leader = oneLine(strings.Trim(lists.leaders[i], "；;，,、 "))
			}
			if lists.departments != nil {
				one.Department = oneLine(strings.Trim(lists.departments[i], "；;，,、 "))
			}
			if lists.owners != nil {
				one.Owners = splitOwners(strings.Trim(lists.owners[i], "；;，,、 "))
			}
			out = append(out, one)
		}
	}
	return out
}
