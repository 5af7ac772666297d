// Package text is every sentence people read, in Chinese and in English: flat
// dotted keys in zh.json and en.json, looked up when the reader is known. Nothing
// else of the house speaks a human language.
package text

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Language is one of those the program speaks.
type Language string

// The languages. Chinese is the default.
const (
	Chinese Language = "zh"
	English Language = "en"
)

// Languages are all of them.
func Languages() []Language { return []Language{Chinese, English} }

// Tag is the language's name in a page: zh-CN, en.
func (l Language) Tag() string {
	if l == English {
		return "en"
	}
	return "zh-CN"
}

//go:embed zh.json en.json
var files embed.FS

var catalogues = func() map[Language]map[string]string {
	all := map[Language]map[string]string{}
	for _, l := range Languages() {
		content, err := files.ReadFile(string(l) + ".json")
		if err != nil {
			panic(err) // the files are part of the program
		}
		sentences := map[string]string{}
		if err := json.Unmarshal(content, &sentences); err != nil {
			panic(fmt.Sprintf("%s.json: %v", l, err))
		}
		all[l] = sentences
	}
	return all
}()

type languageKey struct{}

// In returns a context whose reader reads that language.
func In(ctx context.Context, l Language) context.Context {
	return context.WithValue(ctx, languageKey{}, l)
}

// Of is the language its reader reads, Chinese unless told otherwise.
func Of(ctx context.Context) Language {
	if l, ok := ctx.Value(languageKey{}).(Language); ok {
		return l
	}
	return Chinese
}

// Known says whether the program speaks it.
func Known(l Language) bool { _, ok := catalogues[l]; return ok }

// T is the sentence for a key in the reader's language. A key nobody wrote shows
// as itself, so that it is noticed.
func T(ctx context.Context, key string, args ...any) string {
	sentence, ok := catalogues[Of(ctx)][key]
	if !ok {
		return key
	}
	if !strings.Contains(sentence, "%") { // a sentence may leave its arguments out
		return sentence
	}
	return fmt.Sprintf(sentence, args...)
}

// Has says whether a sentence is written for the key.
func Has(key string) bool { _, ok := catalogues[Chinese][key]; return ok }

// Count is T with the number first, in the English singular where there is one:
// the key with ".one".
func Count(ctx context.Context, key string, n int) string {
	if n == 1 {
		if one, ok := catalogues[Of(ctx)][key+".one"]; ok {
			return fmt.Sprintf(one, n)
		}
	}
	return T(ctx, key, n)
}

// AtLeast is Count of a list that was cut where it grew too long, which more says: it is then
// written with what is not known of it, "200+ items".
func AtLeast(ctx context.Context, key string, n int, more bool) string {
	said := Count(ctx, key, n)
	if more {
		figure := strconv.Itoa(n)
		said = strings.Replace(said, figure, figure+"+", 1)
	}
	return said
}

// Day is a date as people read it: 07-08 or 8 Jul within today's year, with the
// year otherwise; empty for none. Both are written 2024-07-08.
func Day(ctx context.Context, day, today string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	same := len(today) >= 4 && strings.HasPrefix(day, today[:4])
	if Of(ctx) == English {
		if same {
			return t.Format("2 Jan")
		}
		return t.Format("2 Jan 2006")
	}
	if same {
		return t.Format("01-02")
	}
	return day
}

// LongDay is a date in a sentence, with its weekday.
func LongDay(ctx context.Context, day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	if Of(ctx) == English {
		return t.Format("Monday, 2 January 2006")
	}
	return T(ctx, "day.long", t.Year(), int(t.Month()), t.Day(), T(ctx, "weekday."+strconv.Itoa(int(t.Weekday()))))
}

// Moment is an instant as people read it, in the zone it carries.
func Moment(ctx context.Context, at time.Time, today string) string {
	return Day(ctx, at.Format(time.DateOnly), today) + " " + at.Format("15:04")
}

// Percent is a share with one decimal, "–" of nothing: of what is not there no part is done.
func Percent(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return strings.TrimSuffix(strconv.FormatFloat(float64(part)*100/float64(whole), 'f', 1, 64), ".0") + "%"
}
