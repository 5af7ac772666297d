package ledger

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// What stands in a column, where its heading does not say what it is, or says what
// may be two things: dates, names of units, departments, people, what is to be done,
// how far it is.

// Known is what the register knows by name, so that a name in a ledger is known for
// what it is. All of it may be empty.
type Known struct {
	Units       []string
	Mine        []string // of the units, those that the person importing may bring ledgers of; empty for any
	Departments []string
	People      []string
}

// sampledRows are the rows that are looked at to know a column.
const sampledRows = 300

// columnContents are how many of a column's values are of each kind. A value may be of
// several.
type columnContents struct {
	values      int
	days        int // full dates
	times       int // days, and phrases that say until when
	ahead       int // such as speak of what is still to come: 8月底前, 长期坚持
	units       int // of the register
	departments int // of the register, or named like one
	people      int // of the register, or posts
	deeds       int // begin with a verb of what is done about a problem
	states      int // 已完成, 整改中
}

var (
	// departmentName is how the inner parts of a unit are called. 局, 镇 and 公司 are
	// units of their own.
	departmentName = regexp.MustCompile(`^[\p{Han}A-Za-z0-9（）()]{0,14}(办公室|科室|[^学]科|处|股|[^科教卫]室|工作部|事业部|部|组|中队|大队|党办|综合办|支部|党支部|机关党委|机关纪委|窗口|班组|车间|工会|团委|妇联)$`)
	regionOffice   = regexp.MustCompile(`(省|市|县|区|州|旗|镇|乡|街道)(委|政府|人民政府|人大|政协)?(.{0,6})(办公室|部|处)$`)
	timePhrase     = regexp.MustCompile(`\d{1,2}月|\d{1,2}[./-]\d{1,2}|年底|[一二三四1-4]季度|上半年|工作日|[个\d一二三四五六两]月内|天内|[日底月年天周]前|[上中下]旬|立行立改|即知即改|长期坚持|常态化|持续坚持|限期`)
	aheadPhrase    = regexp.MustCompile(`[日底月年天周旬节]前|之前|以前|内$|内完成|长期|坚持|常态|持续|立行立改|即知即改|限期|年底$|月底$`)
)

// deedNumber is a number before what is to be done, deedVerbs what that begins with, by
// its first character.
var (
	deedNumber = regexp.MustCompile(`^(?:\d{1,2}[.、．)）]|[（(]?[一二三四五六七八九十\d]{1,2}[)）、]|[①-⑳]|[一二三四五六七八九十]是)?\s*`)
	deedVerbs  = func() map[rune][]string {
		verbs := map[rune][]string{}
		for verb := range strings.SplitSeq("加强|制定|制订|修订|完善|建立|健全|开展|组织|召开|落实|严格|规范|强化|推进|推动|实施|清理|清退|退还|追缴|收缴|整改|整治|补齐|补充|补办|补记|核查|核实|排查|梳理|检查|督促|督办|约谈|谈话|学习|培训|教育|明确|出台|印发|修改|调整|优化|提高|提升|压实|深化|成立|设立|安排|定期|每月|每周|每季|每半年|每年|对|将|立即|进一步|认真|全面|严肃|及时|更换|安装|配齐|公开|公示|通报|问责|处理|督导|监督|报废|盘点|登记|签订|重新|废止|停止|取消|开设|增加|增设|邀请|举办|编制|修缮|维修|拆除|恢复|加快|聘请|选派|协调|对照", "|") {
			first, _ := utf8.DecodeRuneInString(verb)
			verbs[first] = append(verbs[first], verb)
		}
		return verbs
	}()
)

// beginsDeed says of a text that it begins with a verb of what is done about a problem.
func beginsDeed(text string) bool {
	verb := func(text string) bool {
		first, _ := utf8.DecodeRuneInString(text)
		return slices.ContainsFunc(deedVerbs[first], func(verb string) bool { return strings.HasPrefix(text, verb) })
	}
	if verb(text) {
		return true
	}
	number := deedNumber.FindString(text)
	return number != "" && verb(text[len(number):])
}

// stateWords are how ledgers say how far a matter is.
var stateWords = []string{"已完成", "完成", "未完成", "整改中", "正在整改", "已整改", "未整改", "已销号", "未销号", "已办结", "未办结", "办结", "销号", "基本完成", "部分完成",
	"进行中", "推进中", "持续推进", "持续整改", "长期坚持", "是", "否", "√", "×", "已完成整改", "正在推进", "未启动", "已启动", "滞后", "正常推进", "达到序时进度", "阶段性完成", "整改完成", "整改到位", "已整改到位", "基本整改到位"}

// departmentWord says of a text that it is named like a part of a unit.
func departmentWord(text string) bool {
	return utf8.RuneCountInString(text) <= 16 && endsIn(text, departmentEnds) && departmentName.MatchString(text) && !regionOffice.MatchString(text)
}

// The characters that departmentName and anyPost end with: what ends otherwise need not be
// held beside them.
const (
	departmentEnds = "室科处股部组队办委口班间会联"
	postEnds       = "任记长席理员监管师)）"
)

// endsIn says whether a text ends with one of these characters.
func endsIn(text, ends string) bool {
	last, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(ends, last)
}

// look counts what stands in each column of the rows below a heading.
func (t *tableReader) look(views []rowView) {
	t.contents = make([]columnContents, len(t.cols))
	known := map[string]columnContents{} // what a text is of: most stand in many rows
	for i := range views {
		v := &views[i]
		if len(v.own) < 2 {
			continue
		}
		for k := range v.own {
			c := &v.own[k]
			if n, ok := t.at[int(c.col)]; ok && c.flaw == sound && !sameHeading(c.text, t.heads[len(t.heads)-1][int(c.col)]) {
				is, met := known[c.text]
				if !met || c.serial != 0 || c.held != 0 {
					is = columnContents{}
					is.count(c, t.in.Known)
				}
				if c.serial == 0 && c.held == 0 {
					known[c.text] = is
				}
				t.contents[n].add(is)
			}
		}
	}
}

// add adds what others are of.
func (n *columnContents) add(more columnContents) {
	n.values, n.days, n.times, n.ahead, n.units = n.values+more.values, n.days+more.days, n.times+more.times, n.ahead+more.ahead, n.units+more.units
	n.departments, n.people, n.deeds, n.states = n.departments+more.departments, n.people+more.people, n.deeds+more.deeds, n.states+more.states
}

// count adds one value.
func (n *columnContents) count(c *sheetCell, known Known) {
	text := strings.TrimSpace(strings.ReplaceAll(c.text, "\n", ""))
	one := func(of *int, is bool) {
		if is {
			*of++
		}
	}
	short := utf8.RuneCountInString(text) <= 30
	isDay := c.day() != "" || c.held == heldMonth || short && fullDay(text) != ""
	n.values++
	one(&n.days, isDay)
	isTime := short && timePhrase.MatchString(text)
	one(&n.times, isDay || isTime)
	one(&n.ahead, isTime && aheadPhrase.MatchString(text))
	one(&n.units, slices.Contains(known.Units, text) || known.unitsIn(c.text) != nil)
	one(&n.departments, slices.Contains(known.Departments, text) || !slices.Contains(known.Units, text) && departmentsOnly(text))
	one(&n.people, slices.Contains(known.People, text) || utf8.RuneCountInString(text) <= 12 && endsIn(text, postEnds) && anyPost.MatchString(text))
	one(&n.deeds, utf8.RuneCountInString(text) >= 4 && beginsDeed(text))
	one(&n.states, slices.Contains(stateWords, text))
}

// departmentsOnly says of a text that all it names are parts of a unit.
func departmentsOnly(text string) bool {
	any := false
	for name := range strings.FieldsFuncSeq(text, betweenNames) {
		if any = true; !departmentWord(name) {
			return false
		}
	}
	return any
}

func betweenNames(r rune) bool {
	switch r {
	case '、', '，', ',', ';', '；', '/', ' ':
		return true
	}
	return false
}

// most says of a kind that most of a column's values are of it, and that there are
// some.
func (n columnContents) most(of int) bool { return of > 0 && of*5 >= n.values*3 }

// isUnit says whether a text in a column of units is one of them, or a part of the
// unit whose ledger it is.
func (t *tableReader) isUnit(text string) bool {
	switch known := t.in.Known; {
	case slices.Contains(known.Units, text), t.in.Unit != "" && text == t.in.Unit, len(t.unitsIn(text)) > 1:
		return true
	case t.in.Unit == "": // the person is asked which unit is meant
		return true
	case slices.Contains(known.Departments, text), departmentsOnly(text):
		return false
	default: // where the column names units of the register, what it does not know is asked
		return len(known.Units) == 0 || t.units
	}
}

// ownersOrUnits settles whether a column that may name units or departments names the
// one or the other: by the register, else by how they are called. 牵头单位 over
// 办公室, 财务科 is who in the unit answers.
func (t *tableReader) ownersOrUnits(have map[Field]bool) {
	for i := range t.cols {
		c, n := &t.cols[i], t.contents[i]
		if c.Chosen || n.values == 0 || !strings.Contains(c.Key, "单位") && c.Field != FieldUnit && c.Field != FieldLead && c.Field != FieldDepartment {
			continue
		}
		field := c.Field
		switch c.Field {
		case FieldUnit:
			switch {
			case n.most(n.units):
			case n.most(n.departments) && n.units == 0:
				field = FieldDepartment
			case n.most(n.people) && n.units == 0 && n.departments == 0:
				field = FieldOwner
			case n.departments > 0 && n.units > 0 && t.in.Unit == "":
				c.Ask = []Field{FieldUnit, FieldDepartment}
			}
		case FieldLead, FieldDepartment:
			if n.most(n.units) && !have[FieldUnit] && t.in.Unit == "" {
				field = FieldUnit
			}
		}
		if field != c.Field {
			c.Guessed = true
			t.mean(i, field, have)
		}
	}
	unit := t.column(FieldUnit)
	have[FieldUnit], t.units = unit >= 0, unit >= 0 && t.contents[unit].units > 0
}

// byContents asks about columns whose heading says nothing, or something else than
// what stands in them. Nothing that only its contents explain becomes a deadline
// unasked; a column of what is to be done is proposed as the measures where there are
// none.
func (t *tableReader) byContents(have map[Field]bool) {
	for i := range t.cols {
		c, n := &t.cols[i], t.contents[i]
		if c.Chosen || n.values == 0 || c.Ask != nil {
			continue
		}
		switch {
		case c.Field == "" && n.most(n.days) && n.days == n.values, c.Field == "" && n.most(n.times):
			c.Ask = []Field{FieldDeadline, FieldDone, FieldFound, FieldNotified}
		case c.Field == "" && !have[FieldMeasure] && (n.most(n.deeds) || have[FieldDeadline] && n.deeds > 0):
			c.Ask, c.Guessed = []Field{FieldMeasure, FieldStandard, FieldProgress}, true
			t.mean(i, FieldMeasure, have)
		case c.Field == "" && n.most(n.units) && !have[FieldUnit]:
			c.Ask = []Field{FieldUnit, fieldAssistant}
		case c.Field == "" && n.most(n.departments):
			c.Ask = []Field{FieldDepartment, fieldAssistant}
		case c.Field == "" && n.most(n.people):
			c.Ask = []Field{FieldOwner, FieldLeader, FieldHandler}
		case c.Field == "" && n.most(n.states) && !have[FieldStatus]:
			c.Ask = []Field{FieldStatus, FieldStanding}
		case c.Field == "" && t.wordy(i):
			c.Ask = t.missingWords(have)
		case c.Field.says(saysWho) && n.most(n.times), c.Field == FieldMeasure && n.most(n.days):
			c.Ask = []Field{c.Field, FieldDeadline, FieldDone}
		case c.Field.says(saysWhen) && n.times == 0 && (n.most(n.departments) || n.most(n.units) || n.most(n.people)):
			c.Ask = []Field{c.Field, FieldDepartment, FieldOwner, FieldLeader}
		case c.Field == FieldProblem && n.most(n.days):
			c.Ask = []Field{c.Field, FieldDeadline, FieldFound}
		}
	}
}

// missingWords are what a column of sentences may be: what the table has no column of.
func (t *tableReader) missingWords(have map[Field]bool) []Field {
	var free []Field
	for _, f := range []Field{FieldProblem, FieldMeasure, FieldProgress} {
		if !have[f] {
			free = append(free, f)
		}
	}
	return free
}

var (
	saysWho  = []Field{FieldLeader, FieldBranch, FieldMember, FieldDepartment, FieldLead, FieldOwner, FieldHandler, FieldUnit}
	saysWhen = []Field{FieldDeadline, FieldDone, FieldFound, FieldNotified}
)

func (f Field) says(of []Field) bool { return slices.Contains(of, f) }
