package models

import (
	"duban/models/deadline"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// RuleField is one rule as forms, events and histories have it: a name, and a
// value in writing. ruleFields is the table of them; a rule without a line there
// can be seen and changed by nobody.
type RuleField struct {
	Tier Tier   // whose rule it is; "" for what holds in all tiers
	Key  string // soon, review_days: its sentence is rule.KEY in views/text
	Kind RuleKind
	Min  int // of a number, or of each in a list
	Max  int

	form ruleForm
}

// RuleKind is how a rule is filled in.
type RuleKind string

// The kinds of rules.
const (
	RuleNumber    RuleKind = "number"
	RuleDays      RuleKind = "days" // several numbers of days
	RuleUnit      RuleKind = "unit"
	RuleAnchor    RuleKind = "anchor"
	RuleSigns     RuleKind = "signs"
	RuleVerifiers RuleKind = "verifiers"
	RuleVerifyBy  RuleKind = "verify_by"
	RuleLadder    RuleKind = "ladder" // a number for each rung
	RulePattern   RuleKind = "pattern"
)

// Name is the field's name in forms and events: fk.soon, review_days.
func (f RuleField) Name() string {
	if f.Tier == "" {
		return f.Key
	}
	return f.Tier.Query() + "." + f.Key
}

// Of is the rule's value in writing.
func (f RuleField) Of(r Rules) string { return f.form.write(&r) }

func inWriting(list []int) string {
	words := make([]string, len(list))
	for n, number := range list {
		words[n] = itoa(number)
	}
	return strings.Join(words, ",")
}

// ruleFields is every rule, in the order of the page.
var ruleFields = func() []RuleField {
	var fields []RuleField
	for _, t := range deadline.Tiers() {
		of := func(r *Rules) *TierRules {
			switch t {
			case Immediate:
				return &r.Immediate
			case OnTheSpot:
				return &r.OnTheSpot
			default:
				return &r.PostFeedback
			}
		}
		for _, f := range []RuleField{
			numberField("days", 1, 400, func(r *Rules) *int { return &of(r).Days }),
			choiceField("unit", RuleUnit, deadline.DayUnits(), func(r *Rules) *deadline.DayUnit { return &of(r).Unit }),
			choiceField("from", RuleAnchor, deadline.Anchors(), func(r *Rules) *deadline.Anchor { return &of(r).From }),
			numberField("soon", 0, 90, func(r *Rules) *int { return &of(r).Soon }),
			fallingField("reminders", 0, 90, func(r *Rules) *[]int { return &of(r).Reminders }),
			{Key: "signs", Kind: RuleSigns, form: signsForm(func(r *Rules) *[]Role { return &of(r).Signs })},
		} {
			f.Tier = t
			fields = append(fields, f)
		}
	}
	return append(fields,
		numberField("review_days", 1, 60, func(r *Rules) *int { return &r.ReviewDays }),
		numberField("idle_days", 1, 365, func(r *Rules) *int { return &r.IdleDays }),
		RuleField{Key: "age_ends", Kind: RuleDays, Min: 1, Max: 1000, form: agesForm{1, 1000}},
		numberField("severe_days", 1, 1000, func(r *Rules) *int { return &r.SevereDays }),
		numberField("extension_times", 0, 20, func(r *Rules) *int { return &r.ExtensionTimes }),
		numberField("extension_days", 1, 1100, func(r *Rules) *int { return &r.ExtensionDays }),
		numberField("late_extension_days", 0, 365, func(r *Rules) *int { return &r.LateExtensionDays }),
		RuleField{Key: "verifiers", Kind: RuleVerifiers, Max: mostVerifiers, form: verifiersForm{}},
		choiceField("verify_else", RuleVerifyBy, VerifyBys(), func(r *Rules) *VerifyBy { return &r.VerifyElse }),
		numberField("review_months", 1, 36, func(r *Rules) *int { return &r.ReviewMonths }),
		numberField("recheck_months", 1, 36, func(r *Rules) *int { return &r.RecheckMonths }),
		numberField("recheck_share", 1, 100, func(r *Rules) *int { return &r.RecheckShare }),
		numberField("recheck_days", 1, 365, func(r *Rules) *int { return &r.RecheckDays }),
		numberField("stated_share", 1, 100, func(r *Rules) *int { return &r.StatedShare }),
		rungField("letter_days", 1, 1000, true, func(r *Rules) *[rungs]int { return &r.LetterDays }),
		rungField("answer_days", 0, 60, false, func(r *Rules) *[rungs]int { return &r.AnswerDays }),
		RuleField{Key: "letter_number", Kind: RulePattern, Max: longestPattern, form: patternForm{}},
	)
}()

// RuleFields are all rules, in the order of the page.
func RuleFields() []RuleField { return slices.Clone(ruleFields) }

// ReadRules are the rules that a form was filled in with: value gives what was
// written for each name. Problems, field by field, when some of it cannot be read
// or is out of bounds; the rules are then those before, where it could not.
func ReadRules(before Rules, value func(name string) string) (Rules, error) {
	r := before
	var p Problems
	for _, f := range ruleFields {
		if key, args := f.form.read(&r, strings.TrimSpace(value(f.Name()))); key != "" {
			p.Add(f.Name(), key, args...)
		}
	}
	r.check(&p)
	return r, p.Err()
}

// readNumbers reads numbers with commas between them, as people type them.
func readNumbers(written string) ([]int, bool) {
	written = strings.Map(func(r rune) rune {
		switch r {
		case '，', '、', '；', ';', '/', ' ', '\u3000':
			return ','
		}
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, written)
	var list []int
	for _, word := range splitWords(written, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, false
		}
		list = append(list, n)
	}
	return list, len(list) > 0
}

func splitWords(written, separator string) []string {
	var words []string
	for _, word := range strings.Split(written, separator) {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}

// check adds what is wrong with the rules, each by itself and among themselves, of
// those of which nothing is said yet.
func (r Rules) check(p *Problems) {
	for _, f := range ruleFields {
		if p.Of(f.Name()) != nil {
			continue
		}
		if key, args := f.form.check(&r); key != "" {
			p.Add(f.Name(), key, args...)
		}
	}
	if p.Of("age_ends") == nil && p.Of("severe_days") == nil && !slices.Contains(r.AgeEnds[:], r.SevereDays) {
		p.Add("severe_days", "rule.severe_in_ages", inWriting(r.AgeEnds[:]))
	}
}

// RuleDifference is one rule before and after a change, in writing.
type RuleDifference struct {
	Field    RuleField
	From, To string
}

// RuleDifferences are the rules in which two versions differ, in the order of the
// page.
func RuleDifferences(from, to Rules) []RuleDifference {
	var all []RuleDifference
	for _, f := range ruleFields {
		if before, after := f.Of(from), f.Of(to); before != after {
			all = append(all, RuleDifference{f, before, after})
		}
	}
	return all
}

// ruleForm is one rule's place among the rules, and what its kind of value is like: how it
// is written, how that is read, and what it may be. What is wrong is the key of a sentence
// in views/text with its arguments; "" for nothing.
type ruleForm interface {
	write(r *Rules) string
	read(r *Rules, written string) (key string, args []any)
	check(r *Rules) (key string, args []any)
}

// bounded says whether all of them are between the two.
func bounded(low, high int, numbers ...int) bool {
	return !slices.ContainsFunc(numbers, func(n int) bool { return n < low || n > high })
}

// numberForm is a number between two others.
type numberForm struct {
	low, high int
	at        func(*Rules) *int
}

func numberField(key string, low, high int, at func(*Rules) *int) RuleField {
	return RuleField{Key: key, Kind: RuleNumber, Min: low, Max: high, form: numberForm{low, high, at}}
}

func (f numberForm) write(r *Rules) string { return itoa(*f.at(r)) }

func (f numberForm) read(r *Rules, written string) (key string, args []any) {
	n, err := strconv.Atoi(written)
	if err != nil {
		return "rule.number", []any{f.low, f.high}
	}
	*f.at(r) = n
	return "", nil
}

func (f numberForm) check(r *Rules) (key string, args []any) {
	if !bounded(f.low, f.high, *f.at(r)) {
		return "rule.number", []any{f.low, f.high}
	}
	return "", nil
}

// mostReminders is how many numbers a list of falling ones may have.
const mostReminders = 5

// fallingForm is a few different numbers, the largest first.
type fallingForm struct {
	low, high int
	at        func(*Rules) *[]int
}

func fallingField(key string, low, high int, at func(*Rules) *[]int) RuleField {
	return RuleField{Key: key, Kind: RuleDays, Min: low, Max: high, form: fallingForm{low, high, at}}
}

func (f fallingForm) write(r *Rules) string { return inWriting(*f.at(r)) }

func (f fallingForm) read(r *Rules, written string) (key string, args []any) {
	list, ok := readNumbers(written)
	if !ok {
		return "rule.numbers", []any{f.low, f.high}
	}
	*f.at(r) = list
	return "", nil
}

func (f fallingForm) check(r *Rules) (key string, args []any) {
	list := *f.at(r)
	switch {
	case !bounded(f.low, f.high, list...):
		return "rule.numbers", []any{f.low, f.high}
	case len(list) > mostReminders || !slices.IsSortedFunc(list, func(a, z int) int { return z - a }) || len(slices.Compact(slices.Clone(list))) < len(list):
		return "rule.falling", nil
	}
	return "", nil
}

// agesForm is the ends of the ages, each later than the one before.
type agesForm struct{ low, high int }

func (agesForm) write(r *Rules) string { return inWriting(r.AgeEnds[:]) }

func (agesForm) read(r *Rules, written string) (key string, args []any) {
	list, ok := readNumbers(written)
	if !ok || len(list) != len(r.AgeEnds) {
		return "rule.three_numbers", nil
	}
	r.AgeEnds = [3]int(list)
	return "", nil
}

func (f agesForm) check(r *Rules) (key string, args []any) {
	if ends := r.AgeEnds; !bounded(f.low, f.high, ends[:]...) || ends[0] >= ends[1] || ends[1] >= ends[2] {
		return "rule.three_numbers", nil
	}
	return "", nil
}

// rungForm is a number for each rung of the ladder; where they rise none is below the one
// before.
type rungForm struct {
	low, high int
	rise      bool
	at        func(*Rules) *[rungs]int
}

func rungField(key string, low, high int, rise bool, at func(*Rules) *[rungs]int) RuleField {
	return RuleField{Key: key, Kind: RuleLadder, Min: low, Max: high, form: rungForm{low, high, rise, at}}
}

func (f rungForm) write(r *Rules) string { return inWriting(f.at(r)[:]) }

func (f rungForm) read(r *Rules, written string) (key string, args []any) {
	list, ok := readNumbers(written)
	if !ok || len(list) != rungs {
		return "rule.ladder", []any{rungs, f.low, f.high}
	}
	*f.at(r) = [rungs]int(list)
	return "", nil
}

func (f rungForm) check(r *Rules) (key string, args []any) {
	switch list := f.at(r)[:]; {
	case !bounded(f.low, f.high, list...):
		return "rule.ladder", []any{rungs, f.low, f.high}
	case f.rise && !slices.IsSorted(list):
		return "rule.rising", nil
	}
	return "", nil
}

// longestPattern is how many characters the pattern of letters' numbers may have.
const longestPattern = 40

// patternForm is how letters are numbered, with the year and the number in it once each.
type patternForm struct{}

func (patternForm) write(r *Rules) string { return r.LetterNumber }

func (patternForm) read(r *Rules, written string) (key string, args []any) {
	r.LetterNumber = written
	return "", nil
}

func (patternForm) check(r *Rules) (key string, args []any) {
	if p := r.LetterNumber; strings.Count(p, "{year}") != 1 || strings.Count(p, "{n}") != 1 || utf8.RuneCountInString(p) > longestPattern || strings.ContainsFunc(p, unicode.IsControl) {
		return "rule.pattern", []any{longestPattern}
	}
	return "", nil
}

// choiceForm is one of several words.
type choiceForm[T ~string] struct {
	among []T
	at    func(*Rules) *T
}

func choiceField[T ~string](key string, kind RuleKind, among []T, at func(*Rules) *T) RuleField {
	return RuleField{Key: key, Kind: kind, form: choiceForm[T]{among, at}}
}

func (f choiceForm[T]) write(r *Rules) string { return string(*f.at(r)) }

func (f choiceForm[T]) read(r *Rules, written string) (key string, args []any) {
	*f.at(r) = T(written)
	return "", nil
}

func (f choiceForm[T]) check(r *Rules) (key string, args []any) {
	if !slices.Contains(f.among, *f.at(r)) {
		return "required", nil
	}
	return "", nil
}

// signsForm is who signs, in the order of the road, each once, and the head with the pledge
// last.
type signsForm func(*Rules) *[]Role

func (at signsForm) write(r *Rules) string {
	words := make([]string, len(*at(r)))
	for n, role := range *at(r) {
		words[n] = string(role)
	}
	return strings.Join(words, ",")
}

func (at signsForm) read(r *Rules, written string) (key string, args []any) {
	var signs []Role
	for _, word := range splitWords(written, ",") {
		signs = append(signs, Role(word))
	}
	*at(r) = signs
	return "", nil
}

func (at signsForm) check(r *Rules) (key string, args []any) {
	order := []Role{Handler, Leader, Head}
	place := -1
	for _, role := range *at(r) {
		next := slices.Index(order, role)
		if next <= place {
			return "rule.signs.order", nil
		}
		place = next
	}
	if place != len(order)-1 {
		return "rule.signs.order", nil
	}
	return "", nil
}

const (
	// mostVerifiers is how many categories may have a body of their own.
	mostVerifiers = 30
	// longestWord is how many characters a word of a category may have.
	longestWord = 30
)

// verifiersForm is which body verifies which categories, CATEGORY:BODY with ; between them.
type verifiersForm struct{}

func (verifiersForm) write(r *Rules) string {
	words := make([]string, len(r.Verifiers))
	for n, v := range r.Verifiers {
		words[n] = v.Category + ":" + string(v.By)
	}
	return strings.Join(words, ";")
}

func (verifiersForm) read(r *Rules, written string) (key string, args []any) {
	r.Verifiers = nil
	for _, line := range splitWords(written, ";") {
		category, by, _ := strings.Cut(line, ":")
		r.Verifiers = append(r.Verifiers, VerifierRule{strings.TrimSpace(category), VerifyBy(strings.TrimSpace(by))})
	}
	return "", nil
}

func (verifiersForm) check(r *Rules) (key string, args []any) {
	seen := map[string]bool{}
	for _, v := range r.Verifiers {
		switch {
		case v.Category == "" || strings.ContainsAny(v.Category, ":;") || !slices.Contains(VerifyBys(), v.By) || utf8.RuneCountInString(v.Category) > longestWord:
			return "rule.verifiers.form", nil
		case seen[v.Category]:
			return "rule.verifiers.twice", []any{v.Category}
		}
		seen[v.Category] = true
	}
	if len(r.Verifiers) > mostVerifiers {
		return "rule.verifiers.many", []any{mostVerifiers}
	}
	return "", nil
}
