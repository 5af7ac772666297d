package signal

import (
	"regexp"
	"strings"

	"duban/models/deadline"
	"duban/models/likeness"
)

// sameProblem is how alike an item's problem and a clause must be for the item to take
// the clause up though it names another source.
var sameProblem = Threshold{Key: "signal_missing_alike", Preset: 0.6, Least: 0.4, Most: 1, Source: "the measure of the import, models/match"}

// missingProblems: the feedback named problems that no item takes up. Several clauses in
// one item are taken up where its source names them all; a clause that went to another
// body by rule is not the unit's; one clause split in two items is one. Where only the
// number of the problems is known, the clauses that sources name are counted.
var missingProblems = Signal{
	Name:       MissingProblems,
	Thresholds: []Threshold{sameProblem},
	unit: func(c *context) *Finding {
		taken := map[string]bool{}
		answers := 0
		for _, it := range c.items {
			named := clausesNamed(it.Source)
			for _, clause := range named {
				taken[clause] = true
			}
			if it.Tier == deadline.PostFeedback && len(named) == 0 {
				answers++ // it answers the feedback, without saying where
			}
		}
		if len(c.unit.Feedback.Clauses) == 0 {
			missing := c.unit.Feedback.ProblemsNamed - len(taken) - answers
			if missing <= 0 || len(c.items) == 0 {
				return nil
			}
			return &Finding{Strength: 0.8, Evidence: []Shown{{What: ShownShare, Number: float64(missing), Of: float64(c.unit.Feedback.ProblemsNamed)}}}
		}
		f := &Finding{Strength: 1}
		for _, clause := range c.unit.Feedback.Clauses {
			if clause.PassedTo != "" || taken[plainClause(clause.Clause)] || c.cites(clause.Clause) || c.takesUp(clause.Problem) {
				continue
			}
			f.Evidence = append(f.Evidence, Shown{What: ShownClause, Text: clause.Clause, OtherText: clause.Problem})
		}
		if len(f.Evidence) == 0 || len(c.items) == 0 {
			return nil
		}
		return f
	},
}

// takesUp says whether an item whose source names no clause, or one that the feedback
// has not, is about this problem.
func (c *context) takesUp(problem string) bool {
	has := map[string]bool{}
	for _, clause := range c.unit.Feedback.Clauses {
		has[plainClause(clause.Clause)] = true
	}
	asked := c.matter.Read(problem)
	for _, it := range c.items {
		free := true
		for _, clause := range clausesNamed(it.Source) {
			free = free && !has[clause]
		}
		if free && likeness.Likeness(asked, c.matter.Read(it.Problem)) >= c.limits.at(sameProblem) {
			return true
		}
	}
	return false
}

// cites says whether an item's source has a clause that is numbered in another way
// (第三条第2点, 3.2, A-07), whole.
func (c *context) cites(clause string) bool {
	if len(clausesNamed(clause)) > 0 || strings.TrimSpace(clause) == "" {
		return false
	}
	whole, err := regexp.Compile(`(^|[^0-9０-９.．])` + regexp.QuoteMeta(strings.TrimSpace(clause)) + `($|[^0-9０-９.．]|[.．]($|[^0-9０-９]))`)
	if err != nil {
		return false
	}
	for _, it := range c.items {
		if whole.MatchString(it.Source) {
			return true
		}
	}
	return false
}

// clauseWords are the numbers of clauses in a source: 一（二）3, 二（一）3、7.
var clauseWords = regexp.MustCompile(`([一二三四五六七八九十]+[（(][一二三四五六七八九十]+[)）])([0-9０-９]+(?:[、,，和及][0-9０-９]+)*)`)

// clausesNamed are the clauses that a source names, each by itself.
func clausesNamed(source string) (out []string) {
	for _, found := range clauseWords.FindAllStringSubmatch(source, -1) {
		for _, number := range strings.FieldsFunc(found[2], func(r rune) bool { return strings.ContainsRune("、,，和及", r) }) {
			out = append(out, likeness.Folded(found[1]+number))
		}
	}
	return out
}

// plainClause is a clause's number as clausesNamed writes it.
func plainClause(clause string) string {
	if named := clausesNamed(clause); len(named) > 0 {
		return named[0]
	}
	return likeness.Folded(clause)
}
