package ledger

import (
	"cmp"
	"duban/models/deadline"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A unit's own numbers, as its ledger writes them. A ledger is imported again and
// again, and its items are known by them.

// ledgerNumber is a number as the register keeps it, whatever the office writes
// around it: １. （一） ① 第1项 are all 1.
func ledgerNumber(text string) (number string, ok bool) {
	if text != "" && len(text) <= LongestNumber && strings.Trim(text, "0123456789") == "" {
		return text, true
	}
	var out strings.Builder
	for _, r := range text {
		switch r = halfWidth(r); {
		case unicode.IsSpace(r):
		case '①' <= r && r <= '⑳':
			out.WriteString(strconv.Itoa(int(r-'①') + 1))
		case '⑴' <= r && r <= '⒇':
			out.WriteString(strconv.Itoa(int(r-'⑴') + 1))
		case '⒈' <= r && r <= '⒛':
			out.WriteString(strconv.Itoa(int(r-'⒈') + 1))
		case '㈠' <= r && r <= '㈩':
			out.WriteString(strconv.Itoa(int(r-'㈠') + 1))
		case '㊀' <= r && r <= '㊉':
			out.WriteString(strconv.Itoa(int(r-'㊀') + 1))
		case '❶' <= r && r <= '❿':
			out.WriteString(strconv.Itoa(int(r-'❶') + 1))
		default:
			out.WriteRune(r)
		}
	}
	number = strings.Trim(out.String(), "()[]{}<>.,、。:;#*'\"")
	number = strings.TrimPrefix(number, "第")
	for _, word := range []string{"项", "条", "号", "个", "题"} {
		number = strings.TrimSuffix(number, word)
	}
	if n := ordinalNumber(number); n > 0 {
		return strconv.Itoa(n), true
	}
	if whole, zero := strings.CutSuffix(number, ".0"); zero && isDigits(whole) {
		number = whole
	}
	return number, itemNumbers.MatchString(number) && utf8.RuneCountInString(number) <= LongestNumber
}

var itemNumbers = regexp.MustCompile(`^(?:[\p{Han}A-Za-z]{1,8}[-_ ]?)?\d+(?:[-_./—–~]?[\p{Han}A-Za-z\d]+)*$`)

// LongestNumber is how many characters a unit's own number may have.
const LongestNumber = 20

// ordinalNumber reads 一 to 九十九; 0 for anything else.
func ordinalNumber(text string) int {
	const digits = "零一二三四五六七八九"
	digit := func(s string) int {
		if utf8.RuneCountInString(s) != 1 || !strings.Contains(digits, s) {
			return -1
		}
		return strings.Index(digits, s) / len("零")
	}
	tens, ones, ten := strings.Cut(text, "十")
	if !ten {
		return max(digit(text), 0)
	}
	n := 10
	if tens != "" {
		if n = 10 * digit(tens); n <= 0 {
			return 0
		}
	}
	if ones == "" {
		return n
	}
	if d := digit(ones); d > 0 {
		return n + d
	}
	return 0
}

// registerNumber is the register's own number of an item as somebody may have written
// it, FK-2024-003; "" for any other text.
func registerNumber(text string) string {
	if strings.Trim(text, "0123456789") == "" {
		return ""
	}
	number := strings.Map(func(r rune) rune {
		switch r = unicode.ToUpper(halfWidth(r)); {
		case unicode.IsSpace(r):
			return -1
		case unicode.Is(unicode.Pd, r):
			return '-'
		}
		return r
	}, text)
	if !registerNumbers.MatchString(number) {
		return ""
	}
	return number
}

var registerNumbers = func() *regexp.Regexp {
	var prefixes []string
	for _, tier := range deadline.Tiers() {
		prefixes = append(prefixes, tier.Prefix())
	}
	return regexp.MustCompile(`^(?:` + strings.Join(prefixes, "|") + `)-\d{4}-\d{3,9}$`)
}()

// coded takes what a column that may hold numbers says beside or instead of the unit's
// own.
func (g *itemGroup) coded(f Field, text string) {
	if f != FieldNumber && f != fieldCode && f != fieldMeasureNumber && f != "" {
		return
	}
	switch number := registerNumber(text); {
	case number != "" && g.register == "":
		g.register = number
	case number == "" && g.own == "" && (f == FieldNumber || f == fieldCode):
		g.own = text
	}
}

// finishNumber settles the item's number.
func (t *tableReader) finishNumber(g *itemGroup) {
	text := g.number.text
	if g.register != "" && !(g.number.top > 0 && g.number.top < g.item.Row && g.register == t.lastRegister) {
		g.item.Register, t.lastRegister = g.register, g.register
	}
	switch {
	case registerNumber(text) != "":
		t.lastNumber, t.shared = "", 1
		if own, ok := ledgerNumber(g.own); ok && t.cols[g.numberCol].Field == FieldNumber {
			g.item.Number = own
		}
	case g.of != nil: // the same problem, of another unit
		g.item.Number = g.of.item.Number
	case g.number.unread(): // said already; what follows without a number does not share one
		t.lastNumber = ""
	case text == "" && g.number.top == 0 && t.lastNumber != "":
		t.shareNumber(g)
	case text == "":
	case g.number.cell.day() != "":
		t.add(Refusal, g.item.Row, g.numberCol, "ledger.number.date", t.cols[g.numberCol].Heading, cut(text, 20))
	default:
		number, ok := ledgerNumber(text)
		if !ok {
			t.add(Refusal, g.item.Row, g.numberCol, "ledger.number.unreadable", t.cols[g.numberCol].Heading, cut(text, 20), LongestNumber)
			return
		}
		if g.number.top > 0 && g.number.top < g.item.Row && number == t.lastNumber {
			t.shareNumber(g)
			return
		}
		g.item.Number = number
		t.lastNumber, t.shared = number, 1
	}
}

// shareNumber tells apart the problems under one number: 3, 3-2, 3-3.
func (t *tableReader) shareNumber(g *itemGroup) {
	t.shared++
	g.item.Number = t.lastNumber + "-" + strconv.Itoa(t.shared)
	t.add(Remark, g.item.Row, g.numberCol, "ledger.number.shared", t.lastNumber, g.item.Number)
}

// numberAgain tells items apart whose numbering begins anew in each section, or
// in each aspect of a column: the section's own number is put before theirs.
// Within one section a number given twice stays a mistake, and is refused.
func (t *tableReader) numberAgain() {
	seen := map[string]int{}
	again := false
	aspects := map[string]int{}
	for _, n := range t.items {
		item, mark := t.out.Items[n], t.marks[n]
		if mark.aspect != "" && aspects[mark.aspect] == 0 {
			aspects[mark.aspect] = len(aspects) + 1
		}
		key := string(item.Tier) + "\x00" + item.Unit + "\x00" + item.Number
		if before, ok := seen[key]; ok && item.Number != "" {
			if was := t.marks[before]; was.section.ordinal == mark.section.ordinal && was.aspect == mark.aspect {
				return
			}
			again = true
		}
		seen[key] = n
	}
	if !again {
		return
	}
	for _, n := range t.items {
		item, mark := &t.out.Items[n], t.marks[n]
		prefix := mark.section.prefix()
		if prefix == "" && mark.aspect != "" {
			prefix = strconv.Itoa(aspects[mark.aspect]) + "-"
		}
		if item.Number == "" || prefix == "" {
			continue
		}
		item.Number = prefix + item.Number
		item.Problems = append(item.Problems, CellProblem{Weight: Remark, Sheet: item.Sheet, Row: item.Row, Field: FieldNumber,
			Key: "ledger.number.section", Args: []any{mark.raw, item.Number}})
	}
}

// prefix is what a section puts before its items' numbers: 二、（三） gives 2-3-.
func (s ledgerSection) prefix() string {
	prefix := ""
	for _, mark := range s.marks {
		if n := ordinalNumber(mark); n > 0 {
			prefix += strconv.Itoa(n) + "-"
		}
	}
	if prefix == "" && s.ordinal > 0 {
		prefix = strconv.Itoa(s.ordinal) + "-"
	}
	return prefix
}

// rejoin brings together what one sheet has of one item of the register in several
// places: rows whose blocks were unmerged, and that somebody sorted.
func (r *ledgerReader) rejoin() {
	if !slices.ContainsFunc(r.out.Items, func(i Item) bool { return i.Register != "" }) {
		return
	}
	first := map[string]int{}
	kept, origins := r.out.Items[:0], r.origins[:0] // in place: what is kept is never behind what is read
	for n, item := range r.out.Items {
		at, again := first[item.Register]
		if item.Register == "" || !again || kept[at].Table != item.Table || kept[at].Problem != item.Problem {
			if item.Register != "" && !again {
				first[item.Register] = len(kept)
			}
			kept, origins = append(kept, item), append(origins, r.origins[n])
			continue
		}
		whole := &kept[at]
		whole.Rows, origins[at] = append(whole.Rows, item.Rows...), append(origins[at], r.origins[n]...)
		for _, m := range item.Measures {
			if !slices.ContainsFunc(whole.Measures, m.says) {
				whole.Measures = append(whole.Measures, m)
			}
		}
		whole.Problems = append(whole.Problems, item.Problems...)
		whole.Progress = joinNew(whole.Progress, item.Progress, "\n")
		whole.StatusWord = joinNew(whole.StatusWord, item.StatusWord, "；")
	}
	r.out.Items, r.origins = kept, origins
}

// refuseTwins refuses every item whose number another item of the same unit and
// tier has too, and names both rows in each.
func (r *ledgerReader) refuseTwins() {
	r.rejoin()
	byNumber := map[string][]int{}
	for n, item := range r.out.Items {
		switch key := string(item.Tier) + "\x00" + item.Unit + "\x00" + item.Number; {
		case item.Register != "":
			byNumber[item.Register] = append(byNumber[item.Register], n)
		case item.Number != "":
			byNumber[key] = append(byNumber[key], n)
		}
	}
	twins := map[int]int{}
	for _, same := range byNumber {
		for i, n := range same {
			if len(same) > 1 {
				twins[n] = same[(i+1)%len(same)]
			}
		}
	}
	if len(twins) == 0 {
		return
	}
	var kept []Item
	var origins [][]*sheetRow
	for n, item := range r.out.Items {
		other, twin := twins[n]
		if !twin {
			kept, origins = append(kept, item), append(origins, r.origins[n])
			continue
		}
		column := ""
		for _, c := range r.out.Tables[item.Table].Columns {
			if c.Field == FieldNumber {
				column = c.Letter
			}
		}
		o := r.out.Items[other]
		p := CellProblem{Weight: Refusal, Sheet: item.Sheet, Row: item.Row, Column: column, Field: FieldNumber,
			Key: "ledger.number.twice", Args: []any{cmp.Or(item.Register, item.Number), item.Row, o.Row}}
		if o.Sheet != item.Sheet {
			p.Key, p.Args = "ledger.number.twice_sheets", []any{cmp.Or(item.Register, item.Number), item.Sheet, item.Row, o.Sheet, o.Row}
		}
		r.refuse(item, r.origins[n], append([]CellProblem{p}, item.Problems...))
	}
	r.out.Items, r.origins = kept, origins
	slices.SortStableFunc(r.out.Refused, func(a, b RefusedRow) int {
		if a.Table != b.Table {
			return a.Table - b.Table
		}
		return a.Row - b.Row
	})
}
