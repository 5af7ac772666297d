package deadline

import (
	"duban/models/hanzi"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// plain is a phrase in one writing: narrow digits and letters, one dash, one kind
// of bracket, no spaces, Arabic numbers where a number is counted, and one word
// for each of the words that mean the same.
func plain(phrase string) string {
	s := strings.Map(todays, strings.ToUpper(width.Narrow.String(phrase)))
	s = clock.ReplaceAllString(s, " ")
	for spaced := strings.ContainsFunc(s, unicode.IsSpace); spaced && figuresApart.MatchString(s); {
		s = figuresApart.ReplaceAllString(s, "$1,$2") // 9 30 is not 930
	}
	s = title.ReplaceAllStringFunc(s, func(t string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return -1
			}
			return r
		}, t)
	})
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		case strings.ContainsRune("—–−‒―－─━～〜~∼", r):
			return '-'
		case strings.ContainsRune("“”\"'‘’「」『』《》〈〉", r):
			return '"'
		case strings.ContainsRune("【[〔", r):
			return '('
		case strings.ContainsRune("】]〕", r):
			return ')'
		case r == '．' || r == '。' || r == '｡':
			return '.'
		case r == '、' || r == '､':
			return '、'
		}
		return r
	}, s)
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	s = quarter.ReplaceAllString(s, "${1}年${2}季度")
	s = numbered(strings.ReplaceAll(sameWord.Replace(s), `"十一"`, "国庆"))
	s = months.ReplaceAllStringFunc(s, func(span string) string {
		m := months.FindStringSubmatch(span)
		if m[3] != "" {
			m[3] += "年"
		}
		return m[1] + "年" + m[2] + "月至" + m[3] + m[4] + "月" + m[5]
	})
	s = firstQuarters.ReplaceAllString(s, "第${1}季度")
	s = untilDay.ReplaceAllString(s, "至$1")
	s = strings.ReplaceAll(s, `"`, "")
	return strings.TrimPrefix(decreed.ReplaceAllString(s, ""), ":")
}

// todays is a traditional character as it is written today, and one nought for the circles that
// stand for it.
func todays(r rune) rune {
	if r == '￮' || r == '○' || r == '◯' { // a circle for a nought, also made narrow
		return '〇'
	}
	return hanzi.Simplified(r)
}

var (
	// clock is an hour behind a day. It goes before the spaces do, or the first of
	// the month at ten (2024/9/1 10:00) would become the eleventh.
	clock        = regexp.MustCompile(`(?:\s+|T)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|\+\d{2}:\d{2})?`)
	figuresApart = regexp.MustCompile(`(\d)[\s\p{Zs}]+(\d)`)
	// title is the name of a paper. The year in it (《2023年工作要点》) is the paper's.
	title = regexp.MustCompile(`《[^》]*》`)
	// months are two of them with a dash between: 2024.8-9, 2024.08-2024.09.
	months = regexp.MustCompile(`\b(\d{4})[./](\d{1,2})-(?:(\d{4})[./])?(\d{1,2})(?:月|($|[^\d./日号]))`)
	// quarter is 2024Q3; firstQuarters are 前三季度, which end with the third.
	quarter       = regexp.MustCompile(`(\d{4})[./年-]?Q([1-4])`)
	firstQuarters = regexp.MustCompile(`前([2-4])个?季度`)
)

// untilDay is 到 before a day; elsewhere (到位, 达到) it is another word.
var untilDay = regexp.MustCompile(`到((?:\d|今|明|年|本|下|上半|下半|第))`)

// decreed is what stands before the deadline in its own cell.
var decreed = regexp.MustCompile(`^(?:整改|完成|办理|办结|拟定?|预计|计划|要求|具体)*(?:完成)?(?:时限|期限|时间|日期)(?:要求)?(?:为|:|是)?`)

var sameWord = strings.NewReplacer(
	"星期", "周", "礼拜", "周", "季末", "季度底", "季度末", "季度底", "月份", "月", "本年度", "今年", "年度", "年",
	"之内", "内", "以内", "内", "之前", "前", "以前", "前", "之后", "后", "以后", "后",
	"中秋", "仲秋", "(含)", "", "(包含)", "", "(含当日)", "", "(含当天)", "",
	"年末", "年底", "岁末", "年底", "月末", "月底",
	"元月", "1月", "本年", "今年", "当年", "今年", "翌年", "明年", "次年", "明年", "来年", "明年", "本月", "当月", "下个月", "下月", "次月", "下月",
	"Q1", "1季度", "Q2", "2季度", "Q3", "3季度", "Q4", "4季度", "首季度", "1季度", "末季度", "4季度",
)

// figures are the Chinese figures.
var chineseDigits = map[rune]int{
	'〇': 0, '○': 0, '零': 0, 'Ｏ': 0, '一': 1, '二': 2, '两': 2, '兩': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9,
	'壹': 1, '贰': 2, '叁': 3, '肆': 4, '伍': 5, '陆': 6, '柒': 7, '捌': 8, '玖': 9,
}

var (
	chineseFigures = regexp.MustCompile(`[〇○零一二两兩三四五六七八九十百廿卅壹贰叁肆伍陆柒捌玖拾]+`)
	countedThings  = regexp.MustCompile(`^(?:年|月|日|号|天|个|周|季|工作日|半|-|、|至|或|和|旬)`)
)

// numbered writes Chinese numbers in Arabic figures where something is counted:
// before 年 月 日 天 个 周 季 工作日, after 第, in a range. A weekday (周三), a holiday
// ("十一") and a word (一般, 统一) keep theirs.
func numbered(s string) string {
	var out strings.Builder
	at := 0
	for _, found := range chineseFigures.FindAllStringIndex(s, -1) {
		before, number, after := s[:found[0]], s[found[0]:found[1]], s[found[1]:]
		out.WriteString(s[at:found[0]])
		at = found[1]
		value, ok := chineseValue(number)
		switch {
		case !ok, strings.HasSuffix(before, "周"), besideFigures(before, after), strings.HasSuffix(before, `"`) && strings.HasPrefix(after, `"`):
			out.WriteString(number)
		case countedThings.MatchString(after), strings.HasSuffix(before, "第"):
			out.WriteString(value)
		default:
			out.WriteString(number)
		}
	}
	out.WriteString(s[at:])
	return out.String()
}

// besideFigures says whether Arabic figures stand right beside a Chinese number: two ways
// of writing in one number are a slip, and no number.
func besideFigures(before, after string) bool {
	return figuresRun(after) > 0 || before != "" && figuresRun(before[len(before)-1:]) > 0
}

// chineseValue is a Chinese number in Arabic figures: figure by figure (二〇二五), or
// counted in tens (二十五, 廿五, 卅). It is a text, so that 〇五 stays 05.
func chineseValue(number string) (value string, ok bool) {
	runes := []rune(number)
	if !strings.ContainsAny(number, "十拾百廿卅") {
		for _, r := range runes {
			value += strconv.Itoa(chineseDigits[r])
		}
		return value, len(runes) <= 4
	}
	total, figure := 0, -1
	for _, r := range runes {
		tens := map[rune]int{'十': 10, '拾': 10, '百': 100, '廿': 20, '卅': 30}[r]
		switch {
		case tens == 0 && figure > 0:
			return "", false
		case tens == 0:
			figure = chineseDigits[r]
		case tens == 20 || tens == 30:
			total += tens
		default:
			total += tens * map[bool]int{true: 1, false: figure}[figure < 0]
			figure = -1
		}
	}
	return strconv.Itoa(total + max(figure, 0)), len(runes) <= 5
}
