package models

import (
	"slices"

	"gorm.io/gorm"
)

// verdict is whose word is asked for on what was handed in. It is the one value from
// which every answer about that is drawn: of a category, and of items in the database.
type verdict struct {
	rules Rules
	body  Body  // the body whose word it is; "" for anybody's
	not   int64 // who handed in themselves has no word on it; 0: whoever it was
}

// verdict is whose word this person's is: of a supervisor that of their body, on what
// they did not hand in themselves; of everybody else all that waits.
func (b *Board) verdict() verdict {
	if b.me.Role != Supervisor {
		return verdict{rules: b.rules}
	}
	return verdict{rules: b.rules, body: b.me.body(), not: b.me.ID}
}

// of says whether that word is asked for on items of that category.
func (v verdict) of(category string) bool {
	return v.body == "" || v.rules.VerifiedBy(category).Verifies(v.body)
}

// sql is what was handed in and waits for that word, which was not given yet on what
// waits now. The items' categories are these.
func (v verdict) sql(categories []string) condition {
	c := sqlCategory(categories, v.of)
	if v.body == "" || len(v.rules.Verifiers) == 0 && v.of("") {
		c = condition{sql: "1 = 1"}
	}
	c.sql = "items.status = 'submitted' AND " + c.sql
	if v.body != "" && v.rules.verifiedByBoth() {
		c.sql += " AND NOT EXISTS (SELECT 1 FROM verifications JOIN submissions ON submissions.id = verifications.submission_id" +
			" WHERE verifications.item_id = items.id AND verifications.body = ? AND submissions.outcome = '')"
		c.args = append(c.args, v.body)
	}
	if v.not != 0 {
		c.sql += " AND items.submitted_by <> ?"
		c.args = append(c.args, v.not)
	}
	return c
}

// awaiting narrows items to what waits for that word.
func (b *Board) awaiting(q *gorm.DB, v verdict) *gorm.DB {
	var categories []string
	if v.body != "" && len(v.rules.Verifiers) > 0 {
		var err error
		if categories, err = b.categories(); err != nil {
			_ = q.AddError(err)
			return q.Where("1 = 0")
		}
	}
	c := v.sql(categories)
	return q.Where("("+c.sql+")", c.args...)
}

// reviews is what waits for the word of a supervisor of that body: what was handed in,
// of the categories that the rules give to it, or to anybody. Without a body it is all
// that was handed in.
func (b *Board) reviews(body Body) *gorm.DB {
	return b.awaiting(b.items(), verdict{rules: b.rules, body: body})
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

// AnswerBy is the last day on which a supervisor's word on a submission is in time.
func (c Card) AnswerBy(rules Rules, calendar Calendar) Day {
	return calendar.After(c.WaitsSince(), rules.ReviewDays)
}

// ReviewWait is how many working days a submission has waited on that day for a
// supervisor's word. The day it was handed in is not counted.
func (c Card) ReviewWait(today Day, calendar Calendar) int {
	since := c.WaitsSince()
	if since == "" {
		return 0
	}
	return calendar.WorkdaysBetween(since, today)
}
