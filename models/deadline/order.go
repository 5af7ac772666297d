package deadline

import (
	"slices"
	"strconv"
	"strings"

	"duban/models/day"
)

// numberPoint reads a day that is all figures: 2024.9.30, 20240930, 24/9/30, 2024-09,
// 9.30. It reads whole numbers only, never the middle of a longer one; where the order
// of its parts is not known, it gives the days that may be meant.
func (r *phraseReader) numberPoint(text string) (point, int) {
	parts, n := numberParts(text)
	switch {
	case len(parts) == 1 && len(parts[0]) == 8:
		if _, unit := oneOf(text[n:], "年", "月", "天", "周", "个", "."); unit > 0 {
			return point{}, 0
		}
		p := point{given: true}
		p.year, p.month, p.day = atoi(parts[0][:4]), atoi(parts[0][4:6]), atoi(parts[0][6:])
		return p, n
	case len(parts) == 2:
		return r.pairPoint(text, parts, n)
	case len(parts) == 3:
		if _, sign := oneOf(text[n:], "日", "号"); sign > 0 {
			n += sign
		}
		return r.triplePoint(parts, text[len(parts[0]):len(parts[0])+1]), n
	}
	return point{}, 0
}

func atoi(figures string) int { n, _ := strconv.Atoi(figures); return n }

// numberParts are the parts of a number that dots, slashes or dashes of one kind
// divide, up to three; none where there are more, or where another kind follows: the
// middle of a longer number is no day. A dash may still follow, from one day to another.
func numberParts(text string) (parts []string, n int) {
	sign := byte(0)
	for {
		start := n
		for n < len(text) && text[n] >= '0' && text[n] <= '9' {
			n++
		}
		if n == start {
			return nil, 0
		}
		parts = append(parts, text[start:n])
		further := n+1 < len(text) && strings.IndexByte("./-", text[n]) >= 0 && text[n+1] >= '0' && text[n+1] <= '9'
		switch {
		case !further:
			return parts, n
		case sign == 0:
			if sign = text[n]; sign == '-' && len(parts[0]) == 4 && figuresRun(text[n+1:]) == 4 {
				return parts, n // 2024-2025 are two years
			}
		case text[n] == '-' && sign != '-': // 2024.6.1-2024.6.30
			return parts, n
		case len(parts) == 3 && sign == '-' && text[n] == '-' && len(parts[0]) == 4:
			if next, _ := numberParts(text[n+1:]); len(next) == 3 && len(next[0]) == 4 {
				return parts, n // 2024-06-01-2024-06-30
			}
			return nil, 0
		case text[n] != sign || len(parts) == 3:
			return nil, 0
		}
		n++
	}
}

func figuresRun(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}

// pairPoint reads 2024.9 and 9.30. In a cell that holds a number the last zero is
// lost: 9.3 may have been 9.30, and 2024.1 may have been 2024.10.
func (r *phraseReader) pairPoint(text string, parts []string, n int) (point, int) {
	sign := text[len(parts[0])]
	switch first, second := parts[0], parts[1]; {
	case len(first) == 4 && len(second) <= 2:
		p := point{given: true, year: atoi(first), month: atoi(second)}
		if strings.HasPrefix(text[n:], "月") {
			n += len("月")
			return p, n + monthPart(&p, text[n:])
		}
		p.since, p.sinceDay = p.month, 1
		if tens := lostZero(second); r.in.Number && tens > 0 {
			early, ok := dayOfMonth(p.year, p.month, 0)
			late, ok2 := dayOfMonth(p.year, tens, 0)
			if ok && ok2 {
				p.either, p.number, p.since = []day.Day{early, late}, true, 0
			}
		}
		return p, n
	case len(first) <= 2 && len(second) <= 2 && sign != '-':
		if _, unit := oneOf(text[n:], "%", "个", "年", "月", "周", "天", "小", "万", "亿", "千", "百", "元", "人", "项", "件", "次", "倍", "分", "吨", "米", "平", "公", "("+"%"); unit > 0 {
			return point{}, 0
		}
		p := point{month: atoi(first), day: atoi(second)}
		if tens := lostZero(second); r.in.Number && tens > 0 && r.year() != 0 {
			early, ok := dayOfMonth(r.year(), p.month, p.day)
			if len(second) == 2 {
				early, ok = dayOfMonth(r.year(), p.month, tens/10)
			}
			if late, ok2 := dayOfMonth(r.year(), p.month, tens); ok && ok2 {
				p.either, p.number = []day.Day{early, late}, true
			}
		} else if r.in.Number && tens > 0 {
			if _, ok := dayOfMonth(2024, p.month, tens); ok {
				p.number = true // both days, of a year that is not known
			}
		}
		_, sign := oneOf(text[n:], "日", "号")
		return p, n + sign
	}
	return point{}, 0
}

// lostZero is the ten that a part of a number may have been before its zero was
// lost: 3 may have been 30. It is 0 where none can have been.
func lostZero(part string) int {
	switch n := atoi(part); {
	case len(part) == 1 && n > 0 && n <= 3:
		return 10 * n
	case len(part) == 2 && part[1] == '0':
		return n
	}
	return 0
}

// triplePoint is the day of three numbers. A year in four figures in front leaves no
// doubt. Else 24.9.30 has the year in front, as Chinese dates have; 9/30/24 and
// 30/9/24 are what tools of other countries make of them. Only years within reach of the
// round count, and where more than one day is left, or only a foreign order that could
// be a slip, a person says which it is.
func (r *phraseReader) triplePoint(parts []string, sign string) point {
	a, b, c := atoi(parts[0]), atoi(parts[1]), atoi(parts[2])
	if len(parts[0]) == 4 {
		return point{given: true, year: a, month: b, day: c}
	}
	p := point{given: true, number: true}
	if len(parts[0]) > 2 || len(parts[1]) > 2 || len(parts[2]) != 4 && len(parts[2]) > 2 {
		return p
	}
	var front, american, british day.Day
	if len(parts[2]) != 4 {
		front = r.within(a, b, c, reachBack-1, reachOn/2)
	}
	if sign != "." || front == "" {
		american, british = r.within(c, a, b, reachBack-1, reachOn/2), r.within(c, b, a, reachBack-1, 1)
		if len(parts[2]) == 4 {
			american, british = dayOrNone(c, a, b), dayOrNone(c, b, a)
		}
		if front != "" && american == "" && r.year() == 0 {
			british = "" // 24/6/30
		}
	}
	for _, d := range []day.Day{front, american, british} {
		if d != "" && !slices.Contains(p.either, d) {
			p.either = append(p.either, d)
		}
	}
	if len(p.either) == 1 && (front != "" || american != "") {
		t := p.either[0].Time()
		return point{given: true, year: t.Year(), month: int(t.Month()), day: t.Day()}
	}
	if len(p.either) == 0 && (front == "" && len(parts[2]) != 4) && b >= 1 && b <= 12 && c > 0 && r.reaches(r.century(a)) {
		return point{given: true, year: r.century(a), month: b, day: c} // 24.2.30, which is no day
	}
	return p
}

// within is a day whose year of two figures lies so near to the round's, "" otherwise.
func (r *phraseReader) within(year, month, date, back, on int) day.Day {
	if year < 100 {
		year = r.century(year)
	}
	known := r.year()
	if known != 0 && (year < known-back || year > known+on) || known == 0 && !r.reaches(year) {
		return ""
	}
	return dayOrNone(year, month, date)
}

func dayOrNone(year, month, date int) day.Day {
	if d, ok := dayOfMonth(year, month, date); ok && date > 0 {
		return d
	}
	return ""
}
