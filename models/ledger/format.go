package ledger

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
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
	if code == "" || len(code) > 255 || strings.EqualFold(code, "General") || strings.HasPrefix(code, "G/") || code == "@" {
		return numberFormat{}
	}
	r := formatReader{runes: []rune(code), section: []formatToken{}}
	for r.at < len(r.runes) {
		r.token()
	}
	r.f.sections = append(r.f.sections, r.section)
	for _, section := range r.f.sections {
		r.f.settle(section)
	}
	return r.f
}

// formatReader reads a format code a token at a time.
type formatReader struct {
	runes   []rune
	at      int
	section []formatToken
	f       numberFormat
}

// token reads the token at its place and goes behind it.
func (r *formatReader) token() {
	c := r.runes[r.at]
	r.at++
	switch {
	case c == ';':
		r.f.sections = append(r.f.sections, r.section)
		r.section = nil
	case c == '"':
		r.literal(r.until('"'))
	case c == '\\':
		r.literal(r.next())
	case c == '_': // as wide as the next character
		r.next()
		r.literal(" ")
	case c == '*': // fill with the next character
		r.next()
	case c == '[':
		r.bracket(r.until(']'))
	case r.word("AM/PM"), r.word("上午/下午"):
		r.section = append(r.section, formatToken{'p', ""})
	case r.word("E+"), r.word("E-"):
		r.section = append(r.section, formatToken{'0', "E"})
	case strings.ContainsRune("yYeEmMdDhHsSaA", c):
		r.clock(toLower(c))
	case strings.ContainsRune("0#?.,%", c):
		r.digit(string(c))
	case c == '@':
	default:
		r.literal(string(c))
	}
}

// literal is text that is shown as it is.
func (r *formatReader) literal(s string) {
	if n := len(r.section); n > 0 && r.section[n-1].kind == '"' {
		r.section[n-1].text += s
		return
	}
	r.section = append(r.section, formatToken{'"', s})
}

// next is the next character, "" at the end.
func (r *formatReader) next() string {
	if r.at >= len(r.runes) {
		return ""
	}
	r.at++
	return string(r.runes[r.at-1])
}

// until is the text up to a mark, which is passed over, or to the end.
func (r *formatReader) until(mark rune) string {
	start := r.at
	for r.at < len(r.runes) && r.runes[r.at] != mark {
		r.at++
	}
	inside := string(r.runes[start:r.at])
	r.at++
	return inside
}

// word passes over a word that begins with the character just read.
func (r *formatReader) word(word string) bool {
	if !hasPrefixFold(r.runes[r.at-1:], word) {
		return false
	}
	r.at += utf8.RuneCountInString(word) - 1
	return true
}

// bracket is what stands in square brackets: a currency, or hours beyond a day. Colours
// and conditions show nothing.
func (r *formatReader) bracket(inside string) {
	if money, ok := strings.CutPrefix(inside, "$"); ok {
		sign, _, _ := strings.Cut(money, "-")
		r.literal(sign)
	} else if inside != "" && strings.Trim(strings.ToLower(inside), "h") == "" {
		r.section = append(r.section, formatToken{'h', "h"})
		r.f.date = true
	}
}

// clock is a run of one letter of a date or a time.
func (r *formatReader) clock(kind rune) {
	run := 1
	for r.at < len(r.runes) && toLower(r.runes[r.at]) == kind {
		r.at++
		run++
	}
	if kind == 'e' {
		r.f.date = true
		r.section = append(r.section, formatToken{'y', "yyyy"})
		return
	}
	r.f.date = r.f.date || kind != 'a'
	r.section = append(r.section, formatToken{kind, strings.Repeat(string(kind), run)})
}

// digit is a place of a number.
func (r *formatReader) digit(c string) {
	if n := len(r.section); n > 0 && r.section[n-1].kind == '0' {
		r.section[n-1].text += c
		return
	}
	r.section = append(r.section, formatToken{'0', c})
}

// settle tells months from minutes: an m beside hours or seconds is minutes.
func (f *numberFormat) settle(section []formatToken) {
	last := rune(0)
	for i := range section {
		switch section[i].kind {
		case 'm':
			if last == 'h' || nextKind(section[i+1:]) == 's' {
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

// nextKind is the kind of the next token that is no literal, 0 when there is none.
func nextKind(tokens []formatToken) rune {
	for _, t := range tokens {
		if t.kind != '"' {
			return t.kind
		}
	}
	return 0
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

// number is a cell that holds a number, shown as its format says; without one, plain.
func (b *ledgerBudget) number(v float64, format *numberFormat, from1904 bool) (cell sheetCell, err error) {
	if format != nil {
		cell.text, cell.serial = format.show(v, from1904)
	} else {
		cell.text = plainNumber(v)
	}
	if cell.serial == 0 {
		cell.held = heldNumber
		if format.hidesDay() {
			if moment, ok := serialTime(v, from1904); ok {
				cell.held, cell.serial = heldMonth, serialOf(moment)
			}
		}
	}
	cell.text, err = b.word([]byte(cell.text))
	return cell, err
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
