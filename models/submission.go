package models

import (
	"slices"
	"strings"

	"gorm.io/gorm"
)

// Gap is one thing that is still missing before an item may be handed in. Key
// names the sentence, which takes the arguments.
type Gap struct {
	Key  string
	Args []any
	Done bool
}

// Gate is what must be there before an item is handed in, each line done or not.
// The page shows it at all times, and Submit refuses by it.
func Gate(item Item) []Gap {
	return []Gap{
		{Key: "gate.measures_planned", Done: item.Measures > 0},
		{Key: "gate.measures_done", Args: []any{item.MeasuresDone, item.Measures}, Done: item.Measures > 0 && item.MeasuresDone == item.Measures},
		{Key: "gate.progress", Done: item.ProgressOn != ""},
	}
}

// Submit hands an item in. The unit's clock stands still from here on and the
// supervisor's runs.
func (b *Board) Submit(item Item) (Item, error) {
	return b.act(SubmitItem, item, func(_ *gorm.DB, item *Item) (Particulars, error) {
		missing := 0
		for _, gap := range Gate(*item) {
			if !gap.Done {
				missing++
			}
		}
		if missing > 0 {
			return nil, Refused{Key: "submission.gate", Args: []any{missing}}
		}
		item.SubmittedOn, item.SubmittedBy, item.ReturnedReason = b.Today(), b.me.ID, ""
		return Particulars{"due": string(item.DueOn)}, nil
	})
}

// Withdraw takes a submission back before it is answered.
func (b *Board) Withdraw(item Item, reason string) (Item, error) {
	return b.back(WithdrawItem, item, reason, nil)
}

// ReturnReasons are the reasons a supervisor may send an item back for: what
// supervisors elsewhere have sent reports back for (domain.md 1.4).
var ReturnReasons = []string{"evidence", "measures_not_results", "standard", "no_mechanism", "responsibility", "other"}

// Return sends a submission back with a reason from the list and words. The
// unit's clock goes on from the same date.
func (b *Board) Return(item Item, reason, words string) (Item, error) {
	return b.back(ReturnItem, item, words, func(p *Problems, particulars Particulars) {
		if !slices.Contains(ReturnReasons, reason) {
			p.Add("reason", "required")
		}
		particulars["reason"] = reason
	})
}

func (b *Board) back(a Act, item Item, words string, more func(*Problems, Particulars)) (Item, error) {
	words = strings.TrimSpace(words)
	return b.act(a, item, func(_ *gorm.DB, item *Item) (Particulars, error) {
		var p Problems
		particulars := Particulars{"words": words}
		if more != nil {
			more(&p, particulars)
		}
		textProblem(&p, "words", words, longestResult)
		if p != nil {
			return nil, p
		}
		item.SubmittedOn, item.SubmittedBy = "", 0
		if a == ReturnItem {
			item.ReturnedReason = words
		}
		return particulars, nil
	})
}

// Close strikes an item off, with the supervisor's opinion. Closed late is kept
// in the trail.
func (b *Board) Close(item Item, opinion string) (Item, error) {
	opinion = strings.TrimSpace(opinion)
	return b.act(CloseItem, item, func(_ *gorm.DB, item *Item) (Particulars, error) {
		var p Problems
		textProblem(&p, "words", opinion, longestResult)
		if p != nil {
			return nil, p
		}
		item.ClosedOn = b.Today()
		particulars := Particulars{"words": opinion}
		if item.DueOn != "" && item.SubmittedOn > item.DueOn {
			particulars["late"] = itoa(item.DueOn.DaysUntil(item.SubmittedOn))
		}
		return particulars, nil
	})
}
