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

	at func(r *Rules) any // where it is: *int, *[]int, *[3]int, *DayUnit, …
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
func (f RuleField) Of(r Rules) string {
	switch at := f.at(&r).(type) {
	case *int:
		return itoa(*at)
	case *[]int:
		return inWriting(*at)
	case *[3]int:
		return inWriting(at[:])
	case *[rungs]int:
		return inWriting(at[:])
	case *string:
		return *at
	case *deadline.DayUnit:
		return string(*at)
	case *deadline.Anchor:
		return string(*at)
	case *VerifyBy:
		return string(*at)
	case *[]Role:
		words := make([]string, len(*at))
		for n, role := range *at {
			words[n] = string(role)
		}
		return strings.Join(words, ",")
	case *[]VerifierRule:
		words := make([]string, len(*at))
		for n, v := range *at {
			words[n] = v.Category + ":" + string(v.By)
		}
		return strings.Join(words, ";")
	}
	return ""
}

func inWriting(list []int) string {
	words := make([]string, len(list))
	for n, number := range list {
		words[n] = itoa(number)
	}
	return strings.Join(words, ",")
}

// ruleFields is every rule, in the order of the page.
var ruleFields = func() []RuleField {
	var all []RuleField
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
		all = append(all,
			RuleField{t, "days", RuleNumber, 1, 400, func(r *Rules) any { return &of(r).Days }},
			RuleField{t, "unit", RuleUnit, 0, 0, func(r *Rules) any { return &of(r).Unit }},
			RuleField{t, "from", RuleAnchor, 0, 0, func(r *Rules) any { return &of(r).From }},
			RuleField{t, "soon", RuleNumber, 0, 90, func(r *Rules) any { return &of(r).Soon }},
			RuleField{t, "reminders", RuleDays, 0, 90, func(r *Rules) any { return &of(r).Reminders }},
			RuleField{t, "signs", RuleSigns, 0, 0, func(r *Rules) any { return &of(r).Signs }},
		)
	}
	return append(all,
		RuleField{"", "review_days", RuleNumber, 1, 60, func(r *Rules) any { return &r.ReviewDays }},
		RuleField{"", "idle_days", RuleNumber, 1, 365, func(r *Rules) any { return &r.IdleDays }},
		RuleField{"", "age_ends", RuleDays, 1, 1000, func(r *Rules) any { return &r.AgeEnds }},
		RuleField{"", "severe_days", RuleNumber, 1, 1000, func(r *Rules) any { return &r.SevereDays }},
		RuleField{"", "extension_times", RuleNumber, 0, 20, func(r *Rules) any { return &r.ExtensionTimes }},
		RuleField{"", "extension_days", RuleNumber, 1, 1100, func(r *Rules) any { return &r.ExtensionDays }},
		RuleField{"", "verifiers", RuleVerifiers, 0, 30, func(r *Rules) any { return &r.Verifiers }},
		RuleField{"", "verify_else", RuleVerifyBy, 0, 0, func(r *Rules) any { return &r.VerifyElse }},
		RuleField{"", "review_months", RuleNumber, 1, 36, func(r *Rules) any { return &r.ReviewMonths }},
		RuleField{"", "recheck_months", RuleNumber, 1, 36, func(r *Rules) any { return &r.RecheckMonths }},
		RuleField{"", "recheck_share", RuleNumber, 1, 100, func(r *Rules) any { return &r.RecheckShare }},
		RuleField{"", "recheck_days", RuleNumber, 1, 365, func(r *Rules) any { return &r.RecheckDays }},
		RuleField{"", "letter_days", RuleLadder, 1, 1000, func(r *Rules) any { return &r.LetterDays }},
		RuleField{"", "answer_days", RuleLadder, 0, 60, func(r *Rules) any { return &r.AnswerDays }},
		RuleField{"", "letter_number", RulePattern, 0, 40, func(r *Rules) any { return &r.LetterNumber }},
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
		f.read(&r, strings.TrimSpace(value(f.Name())), &p)
	}
	r.check(&p)
	return r, p.Err()
}

// read puts what was written into the rules, or says what is wrong with it.
func (f RuleField) read(r *Rules, written string, p *Problems) {
	name := f.Name()
	switch at := f.at(r).(type) {
	case *int:
		if n, err := strconv.Atoi(written); err == nil {
			*at = n
		} else {
			p.Add(name, "rule.number", f.Min, f.Max)
		}
	case *[]int:
		if list, ok := readNumbers(written); ok {
			*at = list
		} else {
			p.Add(name, "rule.numbers", f.Min, f.Max)
		}
	case *[3]int:
		if list, ok := readNumbers(written); ok && len(list) == len(at) {
			*at = [3]int(list)
		} else {
			p.Add(name, "rule.three_numbers")
		}
	case *[rungs]int:
		if list, ok := readNumbers(written); ok && len(list) == len(at) {
			*at = [rungs]int(list)
		} else {
			p.Add(name, "rule.ladder", rungs, f.Min, f.Max)
		}
	case *string:
		*at = written
	case *deadline.DayUnit:
		*at = deadline.DayUnit(written)
	case *deadline.Anchor:
		*at = deadline.Anchor(written)
	case *VerifyBy:
		*at = VerifyBy(written)
	case *[]Role:
		*at = nil
		for _, word := range split(written, ",") {
			*at = append(*at, Role(word))
		}
	case *[]VerifierRule:
		*at = nil
		for _, line := range split(written, ";") {
			category, by, _ := strings.Cut(line, ":")
			*at = append(*at, VerifierRule{strings.TrimSpace(category), VerifyBy(strings.TrimSpace(by))})
		}
	}
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
	for _, word := range split(written, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, false
		}
		list = append(list, n)
	}
	return list, len(list) > 0
}

func split(written, separator string) []string {
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
		if p.Of(f.Name()) == nil {
			f.check(&r, p)
		}
	}
	if p.Of("age_ends") == nil && p.Of("severe_days") == nil && !slices.Contains(r.AgeEnds[:], r.SevereDays) {
		p.Add("severe_days", "rule.severe_in_ages", inWriting(r.AgeEnds[:]))
	}
}

func (f RuleField) check(r *Rules, p *Problems) {
	name := f.Name()
	bounded := func(list ...int) bool {
		return !slices.ContainsFunc(list, func(n int) bool { return n < f.Min || n > f.Max })
	}
	switch at := f.at(r).(type) {
	case *int:
		if !bounded(*at) {
			p.Add(name, "rule.number", f.Min, f.Max)
		}
	case *[]int:
		switch {
		case !bounded(*at...):
			p.Add(name, "rule.numbers", f.Min, f.Max)
		case len(*at) > 5 || !slices.IsSortedFunc(*at, func(a, z int) int { return z - a }) || len(slices.Compact(slices.Clone(*at))) < len(*at):
			p.Add(name, "rule.falling")
		}
	case *[3]int:
		if !bounded(at[:]...) || at[0] >= at[1] || at[1] >= at[2] {
			p.Add(name, "rule.three_numbers")
		}
	case *[rungs]int:
		if !bounded(at[:]...) {
			p.Add(name, "rule.ladder", rungs, f.Min, f.Max)
		}
		if f.Key == "letter_days" && !slices.IsSorted(at[:]) {
			p.Add(name, "rule.rising")
		}
	case *string:
		if strings.Count(*at, "{year}") != 1 || strings.Count(*at, "{n}") != 1 || utf8.RuneCountInString(*at) > f.Max || strings.ContainsFunc(*at, unicode.IsControl) {
			p.Add(name, "rule.pattern", f.Max)
		}
	case *deadline.DayUnit:
		if !slices.Contains(deadline.DayUnits(), *at) {
			p.Add(name, "required")
		}
	case *deadline.Anchor:
		if !slices.Contains(deadline.Anchors(), *at) {
			p.Add(name, "required")
		}
	case *VerifyBy:
		if !slices.Contains(VerifyBys(), *at) {
			p.Add(name, "required")
		}
	case *[]Role:
		// In the order of the road, each once, and the head with the pledge last.
		order := []Role{Handler, Leader, Head}
		place := -1
		for _, role := range *at {
			next := slices.Index(order, role)
			if next <= place {
				p.Add(name, "rule.signs.order")
				return
			}
			place = next
		}
		if place != len(order)-1 {
			p.Add(name, "rule.signs.order")
		}
	case *[]VerifierRule:
		seen := map[string]bool{}
		for _, v := range *at {
			switch {
			case v.Category == "" || strings.ContainsAny(v.Category, ":;") || !slices.Contains(VerifyBys(), v.By) || len([]rune(v.Category)) > 30:
				p.Add(name, "rule.verifiers.form")
				return
			case seen[v.Category]:
				p.Add(name, "rule.verifiers.twice", v.Category)
				return
			}
			seen[v.Category] = true
		}
		if len(*at) > f.Max {
			p.Add(name, "rule.verifiers.many", f.Max)
		}
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
