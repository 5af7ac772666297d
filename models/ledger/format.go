package ledger

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// numberFormat is a number format of a workbook, as far as a ledger needs it:
// dates in any order and wording, percentages, decimals, leading zeros, thousands,
// and words before and after. What it does not know shows as the plain number.
type numberFormat struct {
	date     bool
	sections [][]formatToken
	hasDay   bool // shows the day of the month
	hasMonth bool
}

// formatToken is a piece of a format: a literal, or a run of one letter.
type formatToken struct {
	kind rune // 'y' 'm' 'd' 'h' 's' 'n' (minutes) 'a' (weekday) 'p' (AM/PM) '"' literal, '0' digits
	text string
}

// builtinFormats are the formats a workbook names by number alone, as a Chinese
// Excel shows them.
var builtinFormats = map[int]string{
	1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
	14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
	20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm",
	27: `yyyy"年"m"月"`, 28: `m"月"d"日"`, 29: `m"月"d"日"`, 30: "m/d/yy", 31: `yyyy"年"m"月"d"日"`,
	32: `h"时"mm"分"`, 33: `h"时"mm"分"ss"秒"`, 36: `yyyy"年"m"月"`,
	37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "mm:ss", 46: "h:mm:ss", 47: "mm:ss",
	50: `yyyy"年"m"月"`, 51: `m"月"d"日"`, 52: `yyyy"年"m"月"`, 53: `m"月"d"日"`, 54: `m"月"d"日"`,
	57: `yyyy"年"m"月"`, 58: `m"月"d"日"`,
}

// parseFormat reads a format code. A code of more than 255 characters, which no
// workbook has, is none.
func parseFormat(code string) numberFormat {
	var f numberFormat
	if code == "" || len(code) > 255 || strings.EqualFold(code, "General") || strings.HasPrefix(code, "G/") || code == "@" {
		return f
	}
	section := []formatToken{}
	literal := func(s string) {
		if n := len(section); n > 0 && section[n-1].kind == '"' {
			section[n-1].text += s
			return
		}
		section = append(section, formatToken{'"', s})
	}
	runes := []rune(code)
	for i := 0; i < len(runes); i++ {
		switch c := runes[i]; {
		case c == ';':
			f.sections = append(f.sections, section)
			section = nil
		case c == '"':
			end := i + 1
			for end < len(runes) && runes[end] != '"' {
				end++
			}
			literal(string(runes[i+1 : end]))
			i = end
		case c == '\\':
			if i++; i < len(runes) {
				literal(string(runes[i]))
			}
		case c == '_': // as wide as the next character
			i++
			literal(" ")
		case c == '*': // fill with the next character
			i++
		case c == '[':
			end := i + 1
			for end < len(runes) && runes[end] != ']' {
				end++
			}
			inside := string(runes[i+1 : end])
			if money, ok := strings.CutPrefix(inside, "$"); ok {
				sign, _, _ := strings.Cut(money, "-")
				literal(sign)
			} else if len(inside) > 0 && strings.Trim(strings.ToLower(inside), "h") == "" {
				section = append(section, formatToken{'h', "h"})
				f.date = true
			}
			i = end
		case hasPrefixFold(runes[i:], "AM/PM"):
			section = append(section, formatToken{'p', ""})
			i += 4
		case hasPrefixFold(runes[i:], "上午/下午"):
			section = append(section, formatToken{'p', ""})
			i += 4
		case hasPrefixFold(runes[i:], "E+"), hasPrefixFold(runes[i:], "E-"):
			section = append(section, formatToken{'0', "E"})
			i++
		case strings.ContainsRune("yYeEmMdDhHsSaA", c):
			run := i
			for run < len(runes) && toLower(runes[run]) == toLower(c) {
				run++
			}
			kind := toLower(c)
			if kind == 'e' {
				kind, f.date = 'y', true
				section = append(section, formatToken{kind, "yyyy"})
			} else {
				f.date = f.date || kind != 'a'
				section = append(section, formatToken{kind, strings.Repeat(string(kind), run-i)})
			}
			i = run - 1
		case strings.ContainsRune("0#?.,%", c):
			if n := len(section); n > 0 && section[n-1].kind == '0' {
				section[n-1].text += string(c)
			} else {
				section = append(section, formatToken{'0', string(c)})
			}
		case c == '@':
		default:
			literal(string(c))
		}
	}
	f.sections = append(f.sections, section)
	// An m beside hours or seconds is minutes.
	for _, section := range f.sections {
		last := rune(0)
		for i := range section {
			switch section[i].kind {
			case 'm':
				next := rune(0)
				for _, t := range section[i+1:] {
					if t.kind != '"' {
						next = t.kind
						break
					}
				}
				if last == 'h' || next == 's' {
					section[i].kind = 'n'
				} else {
					f.hasMonth = true
				}
			case 'd':
				f.hasDay = f.hasDay || len(section[i].text) <= 2
			}
			if section[i].kind != '"' {
				last = section[i].kind
			}
		}
	}
	return f
}

// hidesDay says whether the format shows the month of a date without its day.
func (f *numberFormat) hidesDay() bool { return f != nil && f.date && f.hasMonth && !f.hasDay }

func toLower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

func hasPrefixFold(runes []rune, prefix string) bool {
	want := []rune(prefix)
	return len(runes) >= len(want) && strings.EqualFold(string(runes[:len(want)]), prefix)
}

// show is the number as the format shows it, and the day it is, counted from 1900,
// when the format shows month and day.
func (f numberFormat) show(v float64, from1904 bool) (text string, serial int32) {
	switch {
	case len(f.sections) == 0:
		return plainNumber(v), 0
	case f.date:
		t, ok := serialTime(v, from1904)
		if !ok {
			return plainNumber(v), 0
		}
		if f.hasDay && f.hasMonth {
			serial = serialOf(t)
		}
		return showDate(f.sections[0], t), serial
	}
	section, minus := f.sections[0], ""
	switch {
	case v < 0 && len(f.sections) > 1:
		section, v = f.sections[1], -v
	case v < 0:
		minus, v = "-", -v
	case v == 0 && len(f.sections) > 2:
		section = f.sections[2]
	}
	var out strings.Builder
	digits := 0
	for _, t := range section {
		switch t.kind {
		case '"':
			out.WriteString(t.text)
		case '0':
			if digits++; digits > 1 || strings.Contains(t.text, "E") {
				return minus + plainNumber(v), 0
			}
			out.WriteString(minus + showDigits(t.text, v))
		}
	}
	if digits == 0 && len(section) == 0 {
		return "", 0 // a section of nothing hides the number
	}
	return strings.TrimSpace(out.String()), 0
}

// showDigits shows a number by a run of placeholders: 000, #,##0.00, 0.0%.
func showDigits(pattern string, v float64) string {
	percents := strings.Repeat("%", strings.Count(pattern, "%"))
	pattern = strings.ReplaceAll(pattern, "%", "")
	thousands := len(pattern) - len(strings.TrimRight(pattern, ","))
	whole, fraction, _ := strings.Cut(strings.TrimRight(pattern, ","), ".")
	for range percents {
		v *= 100
	}
	grouped := strings.Contains(whole, ",")
	for range thousands {
		v /= 1000
	}
	text := strconv.FormatFloat(v, 'f', len(fraction), 64)
	for i := len(fraction) - 1; i >= 0 && fraction[i] != '0' && strings.HasSuffix(text, "0"); i-- {
		text = text[:len(text)-1]
	}
	number, rest, dotted := strings.Cut(text, ".")
	if least := strings.Count(whole, "0"); len(number) < least {
		number = strings.Repeat("0", least-len(number)) + number
	}
	if grouped {
		for i := len(number) - 3; i > 0; i -= 3 {
			number = number[:i] + "," + number[i:]
		}
	}
	if dotted && rest != "" {
		number += "." + rest
	}
	return number + percents
}

// showDate shows a moment by a section's tokens. What a ledger has no use for,
// midnight, is left out.
func showDate(section []formatToken, t time.Time) string {
	midnight := t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0
	dated := false
	var out strings.Builder
	for _, token := range section {
		if midnight && dated && strings.ContainsRune("hnsp", token.kind) {
			break
		}
		switch token.kind {
		case '"':
			out.WriteString(token.text)
		case 'y':
			if len(token.text) <= 2 {
				out.WriteString(t.Format("06"))
			} else {
				out.WriteString(t.Format("2006"))
			}
		case 'm':
			out.WriteString(t.Format([]string{"1", "01", "Jan", "January"}[min(len(token.text), 4)-1]))
		case 'd':
			out.WriteString(t.Format([]string{"2", "02", "Mon", "Monday"}[min(len(token.text), 4)-1]))
		case 'a':
			names := []rune("日一二三四五六")
			if len(token.text) > 3 {
				out.WriteString("星期")
			}
			out.WriteString(string(names[t.Weekday()]))
		case 'h':
			out.WriteString(t.Format("15"))
		case 'n':
			out.WriteString(t.Format("04"))
		case 's':
			out.WriteString(t.Format("05"))
		case '0': // 2024.8.15
			out.WriteString(strings.Trim(token.text, "0#?%"))
		}
		dated = dated || strings.ContainsRune("ymd", token.kind)
	}
	return strings.TrimSpace(out.String())
}

var day1900 = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

// serialOf is a day as a workbook counts it from 1900.
func serialOf(t time.Time) int32 { return int32(t.Sub(day1900) / (24 * time.Hour)) }

// serialTime is the moment an Excel number stands for, when it stands for one.
func serialTime(v float64, from1904 bool) (time.Time, bool) {
	if from1904 {
		v += 1462
	}
	if v < 1 || v >= 2958466 || math.IsNaN(v) {
		return time.Time{}, false
	}
	days := math.Floor(v)
	seconds := math.Round((v - days) * 86400)
	return day1900.AddDate(0, 0, int(days)).Add(time.Duration(seconds) * time.Second), true
}

// plainNumber is a number without a format: as many digits as it was typed with.
func plainNumber(v float64) string {
	if rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64); err == nil {
		v = rounded
	}
	if a := math.Abs(v); a != 0 && (a >= 1e21 || a < 1e-9) {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
