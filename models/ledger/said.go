package ledger

import (
	"duban/models/day"
	"regexp"
	"strings"
	"unicode/utf8"
)

// What stands beside the table of a ledger: who filled it in, when, and the days
// it counts from. It is offered to the person importing.

var (
	labels  = regexp.MustCompile(`(?:^|[\s；;，,])([\p{Han}]{2,12}(?:[（(][^（）()]{0,8}[）)])?)[:：]`)
	daysIn  = regexp.MustCompile(`([12]\d{3}) ?(?:年 ?(\d{1,2}) ?月 ?(\d{1,2})|- ?(\d{1,2}) ?- ?(\d{1,2})|/ ?(\d{1,2}) ?/ ?(\d{1,2})|\. ?(\d{1,2}) ?\. ?(\d{1,2}))(?:\D|$)`)
	dayLine = regexp.MustCompile(`^[（(]?(?:截至|截止|截止到)?[:：]?\s*[12]\d{3}\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}\s*日?[)）]?$`)
)

var saidWords = map[string]string{
	"填报单位": SaidUnit, "报送单位": SaidUnit, "单位": SaidUnit, "单位名称": SaidUnit, "被巡察单位": SaidUnit, "被巡察党组织": SaidUnit, "整改单位": SaidUnit,
	"责任单位": SaidUnit, "制表单位": SaidUnit, "填表单位": SaidUnit, "编制单位": SaidUnit,
	"填报时间": SaidFilledOn, "填报日期": SaidFilledOn, "填表时间": SaidFilledOn, "填表日期": SaidFilledOn, "报送时间": SaidFilledOn, "报送日期": SaidFilledOn,
	"制表时间": SaidFilledOn, "制表日期": SaidFilledOn, "日期": SaidFilledOn, "时间": SaidFilledOn, "更新时间": SaidFilledOn, "更新日期": SaidFilledOn, "截止时间": SaidFilledOn,
	"反馈时间": SaidFeedbackOn, "反馈日期": SaidFeedbackOn, "巡察反馈时间": SaidFeedbackOn, "巡察反馈日期": SaidFeedbackOn, "意见反馈时间": SaidFeedbackOn,
	"通知时间": SaidNoticeOn, "通知日期": SaidNoticeOn, "交办时间": SaidNoticeOn, "交办日期": SaidNoticeOn, "立行立改通知时间": SaidNoticeOn,
	"发现时间": SaidFoundOn, "自查时间": SaidFoundOn,
	"集中整改期限": SaidWindowEnd, "集中整改截止时间": SaidWindowEnd, "集中整改期满": SaidWindowEnd, "整改截止时间": SaidWindowEnd,
}

// saidIn takes what a line beside the table says: labels with what follows them,
// in one cell or the next.
func (r *ledgerReader) saidIn(sheet string, v rowView) bool {
	any := false
	say := func(label, value string) {
		value = strings.Trim(value, " \n；;，,。")
		what := saidWords[withoutBrackets(FoldHeading(label))]
		if what == "" || value == "" || utf8.RuneCountInString(value) > 60 {
			return
		}
		any = true
		if what == SaidUnit {
			r.sayOtherUnit(&v, value)
		}
		r.out.Said = append(r.out.Said, Said{Sheet: sheet, Row: v.n, What: what, Text: value, Day: fullDay(value)})
	}
	for i, c := range v.own {
		text := c.text
		if len(v.own) == 1 && dayLine.MatchString(text) {
			say("填报时间", strings.Trim(text, "（）()"))
			continue
		}
		found := labels.FindAllStringSubmatchIndex(text, -1)
		for n, m := range found {
			end := len(text)
			if n+1 < len(found) {
				end = found[n+1][0]
			}
			value := text[m[1]:end]
			if strings.TrimSpace(value) == "" && i+1 < len(v.own) {
				value = v.own[i+1].text
			}
			say(text[m[2]:m[3]], value)
		}
	}
	return any
}

// fullDay is the first full date in a text; none when the calendar has no such day.
func fullDay(text string) day.Day {
	if !strings.ContainsAny(text, "12１２") { // a year begins with one
		return ""
	}
	text = strings.Map(halfWidth, text)
	m := daysIn.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	month, date := m[2]+m[4]+m[6]+m[8], m[3]+m[5]+m[7]+m[9]
	pad := func(s string) string {
		if len(s) == 1 {
			return "0" + s
		}
		return s
	}
	if day := day.Day(m[1] + "-" + pad(month) + "-" + pad(date)); day.Valid() {
		return day
	}
	return ""
}
