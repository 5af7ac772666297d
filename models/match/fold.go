package match

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"duban/models/hanzi"
)

// Words is a text without what two ways of writing it differ in: width, case, white
// space, punctuation, traditional characters. What stands between two digits stays, for 1.28 is not 128, and so
// do signs that say something by themselves: 50% is not 50.
func Words(text string) string {
	runes := plain(text)
	var out strings.Builder
	out.Grow(len(text))
	digit := func(n int) bool { return n >= 0 && n < len(runes) && unicode.IsDigit(runes[n]) }
	for n, r := range runes {
		switch {
		case '一' <= r && r <= '龥':
			out.WriteRune(hanzi.Simplified(r))
		case '0' <= r && r <= '9', 'a' <= r && r <= 'z':
			out.WriteRune(r)
		case unicode.IsSpace(r), unicode.IsControl(r), unicode.Is(unicode.Cf, r):
		case r == '%', r == '‰':
			out.WriteRune(r)
		case unicode.Is(unicode.P, r), r == '~':
			if digit(n-1) && digit(n+1) && r != ',' {
				out.WriteRune(betweenDigits(r))
			}
		default:
			out.WriteRune(unicode.ToLower(r))
		}
	}
	return out.String()
}

// plain is a text in the plainest form of each character: full width is half, ① is 1.
// Most texts hold nothing that the Unicode tables must be asked about.
func plain(text string) []rune {
	runes := make([]rune, 0, len(text)/3+1)
	for _, r := range text {
		switch {
		case r < 0x80, '一' <= r && r <= '龥', strings.ContainsRune("、。《》“”‘’", r):
		case '！' <= r && r <= '～':
			r += '!' - '！'
		default:
			return []rune(norm.NFKC.String(text))
		}
		runes = append(runes, r)
	}
	return runes
}

// betweenDigits is one sign for each meaning: the dashes and waves of a range are one.
func betweenDigits(r rune) rune {
	if unicode.Is(unicode.Pd, r) || r == '~' {
		return '-'
	}
	return r
}

// Number is a unit's own number without what two ways of writing it differ in: １ 01 1.
// （1） 第1项 ① 一 are all 1; 2.3 and 2—3 are 2-3.
func Number(own string) string {
	if strings.Trim(own, "0123456789") == "" {
		return cmp.Or(strings.TrimLeft(own, "0"), own)
	}
	folded := strings.Join(strings.Fields(norm.NFKC.String(own)), "")
	folded = strings.TrimFunc(strings.ToLower(folded), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if n, counted := strings.CutPrefix(folded, "第"); counted {
		folded = n
	}
	for _, word := range []string{"项", "条", "号", "个", "题"} {
		folded = strings.TrimSuffix(folded, word)
	}
	if whole, zero := strings.CutSuffix(folded, ".0"); zero && strings.Trim(whole, "0123456789") == "" {
		folded = whole // a number cell that somebody's tool wrote with its decimals
	}
	folded = signs.ReplaceAllString(folded, "-")
	parts := strings.Split(folded, "-")
	for n, part := range parts {
		if v := Numeral(part); v > 0 {
			parts[n] = strconv.Itoa(v)
		}
	}
	return zeros.ReplaceAllString(strings.Join(parts, "-"), "$1")
}

var (
	signs = regexp.MustCompile(`[^\p{L}\p{N}]+`)
	zeros = regexp.MustCompile(`\b0+(\d)`)
)

// Numeral reads 一 to 九百九十九; 0 for anything else.
func Numeral(text string) int {
	const digits = "零一二三四五六七八九"
	total, last := 0, 0
	for _, r := range text {
		switch n := strings.IndexRune(digits, r) / len("零"); {
		case r == '〇' || r == '零':
		case r == '十' || r == '百':
			unit := map[rune]int{'十': 10, '百': 100}[r]
			if last == 0 {
				if r == '百' || total%100 != 0 {
					return 0
				}
				last = 1
			}
			total, last = total+last*unit, 0
		case strings.ContainsRune(digits, r):
			if last != 0 {
				return 0
			}
			last = n
		default:
			return 0
		}
	}
	return total + last
}
