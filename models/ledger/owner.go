package ledger

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Who answers for an item, as offices write several of them in one cell.

var (
	// A party post before a post of office is one person: 党组书记、局长.
	partyPost  = regexp.MustCompile(`(党组|党委|党工委|党总支|党支部|支部|班子)(副?书记|成员|委员)$`)
	officePost = regexp.MustCompile(`^(副|常务副|党组副)?[\p{Han}]{0,6}(长|主任|总工程师|总经济师|总会计师|总经理|主席|专员|书记|巡视员|调研员)([（(].*[）)])?$`)
	anyPost    = regexp.MustCompile(`(主任|书记|局长|处长|科长|部长|院长|校长|所长|站长|队长|组长|主席|经理|专员|干事|委员|秘书长|镇长|乡长|区长|县长|市长|会长|总监|科员|主管|总工程师)([（(].*[）)])?$`)
	barePost   = regexp.MustCompile(`^([\p{Han}]*[室处科部办局组委会院所站队心村镇])?副?(主任|书记|局长|处长|科长|部长|院长|校长|所长|站长|队长|组长|主席|经理|专员|干事|委员|秘书长|成员|总工程师)([（(].*[）)])?$`)
	listMark   = regexp.MustCompile(`^(?:\d{1,2}[.、．)）]|[（(]\d{1,2}[)）]|[①-⑳])\s*`)
)

// splitOwners reads the several owners of a cell, the first of them first in
// charge. Brackets stay whole; a name padded with spaces stays one (张　三).
func splitOwners(text string) []string {
	var parts []string
	depth, begin := 0, 0
	flush := func(end int) {
		if part := strings.TrimSpace(text[begin:end]); part != "" {
			parts = append(parts, part)
		}
	}
	for i, r := range text {
		switch {
		case r == '（' || r == '(':
			depth++
		case r == '）' || r == ')':
			depth = max(depth-1, 0)
		case r == '\n', depth == 0 && (r < '一' || r > '龥') && strings.ContainsRune("、，,;；/|／", r):
			sep := r
			flush(i)
			begin = i + utf8.RuneLen(r)
			if n := len(parts); n > 0 && sep == '、' && partyPost.MatchString(parts[n-1]) {
				rest := text[begin:]
				if end := strings.IndexAny(rest, "、，,;；/|／\n"); end >= 0 {
					rest = rest[:end]
				}
				if officePost.MatchString(strings.TrimSpace(rest)) { // one person with two posts
					begin = strings.LastIndex(text[:i], parts[n-1])
					parts = parts[:n-1]
				}
			}
		}
	}
	flush(len(text))
	var owners []string
	for _, part := range parts {
		if first, _ := utf8.DecodeRuneInString(part); first < '一' || first > '龥' { // a mark, perhaps
			part = listMark.ReplaceAllString(part, "")
		}
		if _, after, found := strings.Cut(part, "："); found && utf8.RuneCountInString(part)-utf8.RuneCountInString(after) <= 8 {
			part = after // 责任人：张三
		}
		for _, owner := range splitSpaced(part) {
			owners = addNew(owners, owner)
		}
	}
	return owners
}

// splitSpaced reads names with spaces between them, and within them.
func splitSpaced(text string) []string {
	words := strings.Fields(text)
	if len(words) < 2 || strings.ContainsAny(text, "（(") {
		return []string{text}
	}
	var out []string
	for _, w := range words {
		n := len(out)
		switch {
		case n > 0 && utf8.RuneCountInString(w) == 1 && utf8.RuneCountInString(out[n-1]) == 1:
			out[n-1] += w // 张　三
		case n > 0 && barePost.MatchString(w) && !anyPost.MatchString(out[n-1]) && utf8.RuneCountInString(out[n-1]) <= 4:
			out[n-1] += " " + w // 张三 主任
		default:
			out = append(out, w)
		}
	}
	return out
}

var mixedLabels = regexp.MustCompile(`(责任领导|牵头领导|分管领导|主管领导|责任部门|牵头部门|责任单位|牵头单位|责任科室|责任处室|责任股室|部门|单位|科室|领导|具体责任人|责任人|负责人|经办人|承办人)\s*[:：]\s*`)

// splitMixed reads a cell that holds leader, department and owners at once: by its
// own labels, else in the order the heading names them, else by what each looks like.
func splitMixed(text string, parts []Field) (leader, department string, owners []string) {
	put := func(field Field, value string) {
		value = strings.Trim(value, " \n、，,；;/|")
		switch field {
		case FieldLeader, FieldBranch, FieldMember:
			leader = joinNew(leader, oneLine(value), "、")
		case FieldDepartment, FieldLead, FieldUnit:
			department = joinNew(department, oneLine(value), "、")
		default:
			for _, o := range splitOwners(value) {
				owners = addNew(owners, o)
			}
		}
	}
	if found := mixedLabels.FindAllStringSubmatchIndex(text, -1); len(found) > 0 {
		for i, m := range found {
			end := len(text)
			if i+1 < len(found) {
				end = found[i+1][0]
			}
			h, _ := readHeading(text[m[2]:m[3]])
			put(h.field, text[m[1]:end])
		}
		return leader, department, owners
	}
	for _, seps := range []string{"\n", "/／|", "；;", "，,", "、", " "} {
		pieces := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(seps, r) })
		if len(parts) > 1 && len(pieces) == len(parts) {
			for i, piece := range pieces {
				put(parts[i], piece)
			}
			return leader, department, owners
		}
	}
	for _, piece := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\n/／|；;，,、", r) }) {
		switch {
		case departmentEnd.MatchString(piece):
			put(FieldDepartment, piece)
		case leader == "" && leaderEnd.MatchString(piece) && (len(parts) == 0 || slices.Contains(parts, FieldLeader) || slices.Contains(parts, FieldBranch)):
			put(FieldLeader, piece)
		default:
			put(FieldOwner, piece)
		}
	}
	return leader, department, owners
}

var (
	departmentEnd = regexp.MustCompile(`(处|科|室|部|局|办|中心|委员会|支部|党委|所|站|队|院|公司|镇|街道|办公室|部门|单位)([（(].*[）)])?$`)
	leaderEnd     = regexp.MustCompile(`(书记|局长|主任|院长|校长|总工程师|总经理|主席|镇长|乡长|区长|县长|领导|党组成员|党委委员)([（(].*[）)])?$`)
)

// unitsIn are the units of the register that a text names, where it names nothing else and
// more than one: 经济发展局、财政局. Where it says which of them leads, it is that one; of units
// that the person may bring ledgers of and others, it is the former.
func (k Known) unitsIn(text string) []string {
	if slices.Contains(k.Units, text) {
		return nil
	}
	parts := namesIn(text)
	var units, leads []string
	for _, part := range parts {
		role := unitRole.FindStringSubmatch(part)
		name := strings.TrimSpace(role[2])
		names := []string{name}
		if !slices.Contains(k.Units, name) {
			names = k.pairOf(name)
		}
		for _, one := range names {
			if !slices.Contains(k.Units, one) {
				return nil
			}
			if units = addNew(units, one); leading(role[1]) || leading(role[3]) {
				leads = addNew(leads, one)
			}
		}
	}
	if len(units) < 2 {
		return nil
	}
	if len(leads) == 1 {
		units = leads
	}
	if mine := slices.DeleteFunc(slices.Clone(units), func(unit string) bool { return !slices.Contains(k.Mine, unit) }); len(mine) > 0 {
		return mine
	}
	return units
}

func namesIn(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return betweenNames(r) || strings.ContainsRune("\n\t＋+｜|／　", r) })
}

// unitsIn is the same in the ledger of one unit, which needs no other to be known.
func (t *tableReader) unitsIn(text string) []string {
	units := t.in.Known.unitsIn(text)
	if names := namesIn(text); units == nil && t.in.Unit != "" && len(names) > 1 && slices.Contains(names, t.in.Unit) {
		return []string{t.in.Unit}
	}
	return units
}

// unitRole is what may stand before and behind a unit in a list of them: 牵头单位：甲局,
// 乙局（配合）.
var unitRole = regexp.MustCompile(`^\s*((?:牵头|主办|主责|责任|配合|协办|协助)(?:单位|部门)?[:：])?(.*?)([（(](?:牵头|主办|主责|配合|协办|协助|负责)(?:单位|部门)?[)）])?\s*$`)

func leading(role string) bool {
	return strings.Contains(role, "牵头") || strings.Contains(role, "主办") || strings.Contains(role, "主责")
}

// pairOf are the two units in a text that joins them by a word: 甲局和乙局.
func (k Known) pairOf(text string) []string {
	for _, word := range []string{"以及", "和", "及", "与", "会同"} {
		for at := strings.Index(text, word); at > 0; {
			if a, z := text[:at], text[at+len(word):]; slices.Contains(k.Units, a) && slices.Contains(k.Units, z) {
				return []string{a, z}
			}
			next := strings.Index(text[at+len(word):], word)
			if next < 0 {
				break
			}
			at += len(word) + next
		}
	}
	return nil
}

// unitNamed is the unit that a cell names, without its breaks; of several of the register
// their names with 、 between.
func (t *tableReader) unitNamed(text string) string {
	if units := t.unitsIn(text); units != nil {
		return strings.Join(units, "、")
	}
	return strings.ReplaceAll(text, "\n", "")
}
