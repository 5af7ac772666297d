package models

import (
	"slices"
	"strings"

	"gorm.io/gorm"
)

// reviews is what waits for the word of a supervisor of that body: what was handed in,
// of the categories that the rules give to it, or to anybody. Without a body it is all
// that was handed in.
func (b *Board) reviews(body Body) *gorm.DB {
	c := sqlReviewBy(body, b.rules)
	return b.items().Where(c.sql, c.args...)
}

// sqlMine is what waits for this person's own word: for a supervisor what their body
// is to verify and they did not hand in themselves; for everybody else all that waits.
func (b *Board) sqlMine() condition {
	if b.me.Role != Supervisor {
		return sqlReviewBy("", b.rules)
	}
	c := sqlReviewBy(b.me.body(), b.rules)
	c.sql += " AND items.submitted_by <> ?"
	c.args = append(c.args, b.me.ID)
	return c
}

// body is which body a supervisor speaks for.
func (u User) body() Body {
	if u.BodyCode == "" {
		return OtherBody
	}
	return u.BodyCode
}

// Verifies says whether a supervisor of this body is among those who verify so.
func (v VerifyBy) Verifies(body Body) bool {
	return v == ByAny || slices.Contains(v.Bodies(), body)
}

// verifiedByBoth says whether any item needs the word of two bodies.
func (r Rules) verifiedByBoth() bool {
	return r.VerifyElse == ByBoth || slices.ContainsFunc(r.Verifiers, func(v VerifierRule) bool { return v.By == ByBoth })
}

// sqlReviewBy is submitted, and VerifiedBy of the category names that body, which has
// not given its word on what waits now.
func sqlReviewBy(body Body, rules Rules) condition {
	c := condition{sql: "items.status = 'submitted'"}
	if body == "" {
		return c
	}
	if rules.verifiedByBoth() {
		c.sql += " AND NOT EXISTS (SELECT 1 FROM verifications JOIN submissions ON submissions.id = verifications.submission_id" +
			" WHERE verifications.item_id = items.id AND verifications.body = ? AND submissions.outcome = '')"
		c.args = append(c.args, body)
	}
	word := func(by VerifyBy) string {
		if by.Verifies(body) {
			return "1"
		}
		return "0"
	}
	if len(rules.Verifiers) == 0 {
		if !rules.VerifyElse.Verifies(body) {
			c.sql += " AND 1 = 0"
		}
		return c
	}
	c.sql += " AND CASE"
	for _, v := range rules.Verifiers {
		c.sql += ` WHEN LOWER(items.category) LIKE ? ESCAPE '\' THEN ` + word(v.By)
		c.args = append(c.args, likePattern(strings.ToLower(v.Category)))
	}
	c.sql += " ELSE " + word(rules.VerifyElse) + " END = 1"
	return c
}

// AnswerBy is the last day on which a supervisor's word on a submission is in time.
func (c Card) AnswerBy(rules Rules, calendar Calendar) Day {
	return calendar.After(c.SubmittedOn, rules.ReviewDays)
}

// ReviewWait is how many working days a submission has waited on that day for a
// supervisor's word. The day it was handed in is not counted.
func (c Card) ReviewWait(today Day, calendar Calendar) int {
	if c.Status != Submitted || c.SubmittedOn == "" {
		return 0
	}
	return calendar.WorkdaysBetween(c.SubmittedOn, today)
}
