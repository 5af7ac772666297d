package models

import (
	"duban/models/deadline"
	"encoding/json"
	"slices"
)

// Rules are the numbers and choices of the place. Places differ in every one of
// them (domain.md 1.2), so none is a constant: they are kept in the database, one
// row a change, and stand on each Board, from which every pure rule is told them.
// What they are until somebody changes them stands in rule_preset.go.
//
// A Rules is a value: its lists are never written to, only replaced.
type Rules struct {
	Version int `json:"-"` // of the row they were read from

	Immediate    TierRules `json:"immediate"`
	OnTheSpot    TierRules `json:"on_the_spot"`
	PostFeedback TierRules `json:"post_feedback"`

	// ReviewDays is how many working days a supervisor has to answer a
	// submission before his own clock turns red.
	ReviewDays int `json:"review_days"`
	// IdleDays is how many days without progress make an item stand out.
	IdleDays int `json:"idle_days"`
	// SevereDays is after how many days overdue the light changes shape. It is
	// the end of one of the buckets, so that the figure is a sum of them.
	SevereDays int `json:"severe_days"`
	// AgeEnds are the last days of the buckets of days overdue but the last one,
	// which is open-ended. The ladder has a step for each bucket.
	AgeEnds [3]int `json:"age_ends"`
	// ReviewMonths is when a standing item is looked at again.
	ReviewMonths int `json:"review_months"`
	// RecheckMonths is how often closed items are drawn to be checked again, and
	// RecheckShare how many of a hundred.
	RecheckMonths int `json:"recheck_months"`
	RecheckShare  int `json:"recheck_share"`
	// RecheckDays is how many days after the draw they are to have been checked.
	RecheckDays int `json:"recheck_days"`
	// StatedShare is how many of a hundred of what an old ledger calls done are drawn to
	// be checked.
	StatedShare int `json:"stated_share"`
	// ExtensionTimes is how often an item's date may be moved, and ExtensionDays
	// how far beyond its first date in all.
	ExtensionTimes int `json:"extension_times"`
	ExtensionDays  int `json:"extension_days"`
	// LateExtensionDays is within how many days after its date an extension may still be
	// asked for, marked as late; 0 for never.
	LateExtensionDays int `json:"late_extension_days"`
	// Verifiers say which body verifies, by a word of the item's category: the
	// first that occurs in it decides, and VerifyElse where none does.
	Verifiers  []VerifierRule `json:"verifiers"`
	VerifyElse VerifyBy       `json:"verify_else"`
	// LetterDays is from which day overdue each rung of the ladder is due, and
	// AnswerDays within how many working days its letter is to be answered; 0 for
	// one that asks for no answer. ladder.go has the rungs.
	LetterDays [rungs]int `json:"letter_days"`
	AnswerDays [rungs]int `json:"answer_days"`
	// LetterNumber is how letters are numbered, with {year} and {n} in it.
	LetterNumber string `json:"letter_number"`
}

// UnmarshalJSON reads rules as they were kept. What their version did not have yet
// is as the preset has it.
func (r *Rules) UnmarshalJSON(kept []byte) error {
	type plain Rules
	all := plain(Preset())
	err := json.Unmarshal(kept, &all)
	*r = Rules(all)
	return err
}

// TierRules are the rules that differ between the tiers.
type TierRules struct {
	// Term is the deadline of an item whose ledger gives none.
	deadline.Term
	// Soon is how many days before the deadline the light turns.
	Soon int `json:"soon"`
	// Reminders are the days before the deadline on which people are reminded,
	// the earliest first: the handler, and from the second on the leader as well.
	Reminders []int `json:"reminders"`
	// Signs are who signs a submission, in that order. The head is always among
	// them: theirs is the pledge of truth.
	Signs []Role `json:"signs"`
}

// Of are the rules of one tier.
func (r Rules) Of(t Tier) TierRules {
	switch t {
	case Immediate:
		return r.Immediate
	case OnTheSpot:
		return r.OnTheSpot
	case PostFeedback:
		return r.PostFeedback
	}
	return TierRules{}
}

// Terms are the terms of the three tiers, as the reader of deadlines takes them.
func (r Rules) Terms() deadline.Terms {
	return deadline.Terms{Immediate: r.Immediate.Term, OnTheSpot: r.OnTheSpot.Term, PostFeedback: r.PostFeedback.Term}
}

// Age is a bucket of days overdue; To 0 is open-ended.
type Age struct{ From, To int }

// ageBuckets is how many buckets there are: one for each step of the ladder.
const ageBuckets = len(Rules{}.AgeEnds) + 1

// Ages are the buckets of days overdue, each with the step of the ladder that
// belongs to it. The last one is open-ended.
func (r Rules) Ages() []Age {
	all := make([]Age, 0, ageBuckets)
	from := 1
	for _, end := range r.AgeEnds {
		all = append(all, Age{from, end})
		from = end + 1
	}
	return append(all, Age{From: from})
}

// Body is which of the supervising bodies a supervisor is of.
type Body string

// The supervising bodies.
const (
	Jiwei     Body = "jiwei"   // 纪工委
	Dangqun   Body = "dangqun" // 党群工作部
	OtherBody Body = "other"
)

// Bodies are all of them, in the order forms offer them.
func Bodies() []Body { return []Body{Jiwei, Dangqun, OtherBody} }

// VerifyBy is who must find a submission in order before it is closed.
type VerifyBy string

// Who verifies.
const (
	ByAny     VerifyBy = "any" // any one supervisor who sees it
	ByJiwei   VerifyBy = "jiwei"
	ByDangqun VerifyBy = "dangqun"
	ByBoth    VerifyBy = "both"
)

// VerifyBys are all of them, in the order forms offer them.
func VerifyBys() []VerifyBy { return []VerifyBy{ByAny, ByJiwei, ByDangqun, ByBoth} }

// VerifierRule says who verifies the items whose category has that word in it.
type VerifierRule struct {
	Category string   `json:"category"`
	By       VerifyBy `json:"by"`
}

// VerifiedBy says who verifies an item of that category.
func (r Rules) VerifiedBy(category string) VerifyBy {
	for _, v := range r.Verifiers {
		if inCategory(category, v.Category) {
			return v.By
		}
	}
	return r.VerifyElse
}

// Bodies are the bodies each of which must find the submission in order; none
// when any one supervisor may.
func (v VerifyBy) Bodies() []Body {
	switch v {
	case ByJiwei:
		return []Body{Jiwei}
	case ByDangqun:
		return []Body{Dangqun}
	case ByBoth:
		return []Body{Jiwei, Dangqun}
	}
	return nil
}

// SignedBy says whether a submission of that tier needs this role's signature.
func (r Rules) SignedBy(t Tier, role Role) bool { return slices.Contains(r.Of(t).Signs, role) }
