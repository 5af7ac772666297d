package views

import (
	"context"
	"strconv"
	"strings"

	"duban/models"
	"duban/models/deadline"
	"duban/views/text"
)

// RulesView is the page on which the office changes the rules: the form, filled in
// with the rules as they are or as they were typed, and all changes so far.
type RulesView struct {
	Values   map[string]string // what stands in the form, by field
	Seen     int               // the version the form was drawn from
	Why      string
	Problems models.Problems
	Same     bool // nothing was changed
	Changes  []RuleVersion
}

// RuleVersion is one version of the rules, ready to print.
type RuleVersion struct {
	Version int
	Who     string
	At      string
	Why     string
	Changes []models.RuleDifference // from the version before
	First   bool
}

// RulesDraftView is what would change, before it is saved.
type RulesDraftView struct {
	Values      map[string]string
	Seen        int
	Why         string
	Differences []models.RuleDifference
	Effects     []models.RuleEffect
	Stale       bool // somebody changed the rules since the form was drawn
}

// tierFields are the rules of one tier; commonFields those of all, by the part of
// the page they stand in.
func tierFields(t models.Tier) []models.RuleField {
	var fields []models.RuleField
	for _, f := range models.RuleFields() {
		if f.Tier == t {
			fields = append(fields, f)
		}
	}
	return fields
}

var rulePart = map[string]string{
	"review_days": "clock", "idle_days": "clock", "age_ends": "clock", "severe_days": "clock",
	"extension_times": "extension", "extension_days": "extension", "late_extension_days": "extension",
	"verifiers": "verify", "verify_else": "verify",
	"letter_days": "letters", "answer_days": "letters", "letter_number": "letters",
	"review_months": "again", "recheck_months": "again", "recheck_share": "again", "recheck_days": "again", "stated_share": "again",
}

// ruleParts are the parts of the page that are the same for all tiers, side by side.
var ruleParts = [][]string{{"clock", "again"}, {"verify", "extension", "letters"}}

func partFields(part string) []models.RuleField {
	var fields []models.RuleField
	for _, f := range tierFields("") {
		if rulePart[f.Key] == part {
			fields = append(fields, f)
		}
	}
	return fields
}

// ruleName is what a rule is called, with its tier where it has one.
func ruleName(ctx context.Context, f models.RuleField) string {
	name := text.T(ctx, "rule."+f.Key)
	if f.Tier != "" {
		name = text.T(ctx, "tier."+string(f.Tier)) + text.T(ctx, "rule.of") + name
	}
	return name
}

// ruleWords are a rule's value as people say it.
func ruleWords(ctx context.Context, f models.RuleField, value string) string {
	switch f.Kind {
	case models.RuleNumber:
		n, err := strconv.Atoi(value)
		if err != nil || f.Key == "days" { // whose unit is a rule of its own
			return value
		}
		return text.Count(ctx, "rule.value."+f.Key, n)
	case models.RuleLadder:
		var words []string
		for n, days := range strings.Split(value, ",") {
			words = append(words, text.T(ctx, "letter."+string(models.LetterKinds()[min(n, len(models.LetterKinds())-1)]))+" "+days)
		}
		return strings.Join(words, text.T(ctx, "rule.comma"))
	case models.RuleDays:
		return text.T(ctx, "rule.value.list", strings.ReplaceAll(value, ",", text.T(ctx, "rule.comma")))
	case models.RuleUnit:
		return text.T(ctx, "rule.unit."+value)
	case models.RuleAnchor:
		return text.T(ctx, "rule.anchor."+value)
	case models.RuleVerifyBy:
		return text.T(ctx, "rule.verify_by."+value)
	case models.RuleSigns:
		var words []string
		for _, role := range strings.Split(value, ",") {
			words = append(words, text.T(ctx, "role."+role))
		}
		return strings.Join(words, " → ")
	case models.RuleVerifiers:
		var words []string
		for _, v := range verifiers(value) {
			words = append(words, v[0]+" → "+text.T(ctx, "rule.verify_by."+v[1]))
		}
		if len(words) == 0 {
			return text.T(ctx, "rule.none")
		}
		return strings.Join(words, text.T(ctx, "rule.comma"))
	}
	return value
}

// verifiers are the pairs of a word and who verifies, as the form has them.
func verifiers(value string) [][2]string {
	var pairs [][2]string
	for _, line := range strings.Split(value, ";") {
		if word, by, ok := strings.Cut(line, ":"); ok {
			pairs = append(pairs, [2]string{word, by})
		}
	}
	return pairs
}

// verifierRows are those pairs and some empty ones to fill in.
func verifierRows(value string) [][2]string { return append(verifiers(value), make([][2]string, 3)...) }

func ruleChoices(ctx context.Context, kind models.RuleKind) []Choice {
	var choices []Choice
	switch kind {
	case models.RuleUnit:
		for _, u := range deadline.DayUnits() {
			choices = append(choices, Choice{string(u), text.T(ctx, "rule.unit."+string(u))})
		}
	case models.RuleAnchor:
		for _, a := range deadline.Anchors() {
			choices = append(choices, Choice{string(a), text.T(ctx, "rule.anchor."+string(a))})
		}
	case models.RuleVerifyBy:
		for _, v := range models.VerifyBys() {
			choices = append(choices, Choice{string(v), text.T(ctx, "rule.verify_by."+string(v))})
		}
	}
	return choices
}

// effectWords are what one effect is, in a sentence: 反馈整改：3 项变为临期.
func effectWords(ctx context.Context, e models.RuleEffect) string {
	var words string
	switch {
	case e.Figure == "age":
		key, args := ageLabel(e.Age)
		return text.T(ctx, "rule.effect.age", text.T(ctx, key, args...), e.From, e.To)
	case e.Figure == "verified":
		words = text.Count(ctx, "rule.effect.verified", e.To)
	case e.To > e.From:
		words = text.Count(ctx, "rule.effect."+e.Figure+".more", e.To-e.From)
	default:
		words = text.Count(ctx, "rule.effect."+e.Figure+".less", e.From-e.To)
	}
	if e.Tier != "" {
		words = text.T(ctx, "tier."+string(e.Tier)) + text.T(ctx, "rule.colon") + words
	}
	return words
}

// deadlineWords are a tier's term in a sentence: 反馈之日起 3 个月.
func deadlineWords(ctx context.Context, t models.TierRules) string {
	return text.T(ctx, "rule.deadline."+string(t.From), text.Count(ctx, "rule.deadline."+string(t.Unit), t.Days))
}

// reminderWords are the days of a tier's reminders, in a sentence.
func reminderWords(ctx context.Context, t models.TierRules) string {
	var days []string
	for _, d := range t.Reminders {
		days = append(days, strconv.Itoa(d))
	}
	return text.T(ctx, "rule.value.list", strings.Join(days, text.T(ctx, "rule.comma")))
}

func signWords(ctx context.Context, t models.TierRules) string {
	var words []string
	for _, role := range t.Signs {
		words = append(words, text.T(ctx, "role."+string(role)))
	}
	return strings.Join(words, " → ")
}
