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
