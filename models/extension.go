package models

import (
	"strings"
	"time"

	"gorm.io/gorm"
)

// Extension is one change of an item's date 延期: as a rule asked for by the unit and
// decided by a supervisor. Every one stays, and the item's date is that of the last
// one in force, or else its first date (security.md, rule 15).
type Extension struct {
	ID        int64
	ItemID    int64
	Why       Why
	FromOn    Day
	ToOn      Day
	Reason    string
	AskedBy   int64
	AskedAt   time.Time
	State     ExtensionState
	DecidedBy int64
	DecidedAt *time.Time
	Words     string // of who decided
	DocNo     string // of the paper it was decided on
	Version   int    // of the item, when it came into force
}

// Why is what a date was moved for.
type Why string

// What moves a date.
const (
	WhyAsked    Why = "asked"    // an extension that was asked for and granted
	WhyLate     Why = "late"     // the same, asked for when the date had passed
	WhyStage    Why = "stage"    // 取得阶段性成效，继续整改
	WhyReopened Why = "reopened" // a closed item is open again
	WhyLedger   Why = "ledger"   // the office put another date into the ledger
	WhyProposed Why = "proposed" // the unit's ledger has a date for what had none
	WhyHeld     Why = "held"     // the days it lay with the supervisors, whose clock ran
)

// ExtensionState is what became of a request.
type ExtensionState string

// The states of a request. One that lapsed was overtaken: its item was closed or
// voided first.
const (
	ExtensionAsked     ExtensionState = "asked"
	ExtensionGranted   ExtensionState = "granted"
	ExtensionRefused   ExtensionState = "refused"
	ExtensionWithdrawn ExtensionState = "withdrawn"
	ExtensionLapsed    ExtensionState = "lapsed"
)

// ExtensionsOf are an item's changes of date, the newest first.
func (b *Board) ExtensionsOf(item Item) ([]Extension, error) {
	var all []Extension
	err := b.about(item).Order("id DESC").Find(&all).Error
	return all, err
}

// mayExtend says whether an extension may be asked for: before the date has passed, or
// within the days after it that a rule allows; one at a time, and not more often than the
// rules have.
func (b *Board) mayExtend(item Item) error {
	late := b.rules.LateExtensionDays
	switch {
	case item.DueOn == "":
		return Refused{Key: "extension.no_date"}
	case item.DueOn < b.Today() && late == 0:
		return Refused{Key: "extension.too_late"}
	case item.DueOn.Plus(late) < b.Today():
		return Refused{Key: "extension.too_late_by", Args: []any{late}}
	case item.AskedUntil != "":
		return Refused{Key: "extension.pending"}
	case item.Extended >= b.rules.ExtensionTimes:
		return Refused{Key: "extension.times", Args: []any{b.rules.ExtensionTimes}}
	case b.LatestDue(item) <= max(item.DueOn, b.Today().Plus(-1)):
		return Refused{Key: "extension.days", Args: []any{b.rules.ExtensionDays}}
	}
	return nil
}

// LatestDue is how far an item's date may be moved in all: the last day that may be
// asked for.
func (b *Board) LatestDue(item Item) Day { return item.FirstDueOn.Plus(b.rules.ExtensionDays) }

func (b *Board) extensionAsked(item Item) error {
	if item.AskedUntil == "" {
		return Refused{Key: "extension.none"}
	}
	return nil
}

// AskExtension asks for another date, with the reason. The date moves when a
// supervisor grants it, and not before. What is asked for when the date has passed is
// marked so for good.
func (b *Board) AskExtension(item Item, until Day, reason string) (Item, error) {
	reason = strings.TrimSpace(reason)
	return b.act(AskExtension, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		var p Problems
		if until == "" {
			p.Add("until", "required")
		} else {
			dayProblem(&p, "until", until)
		}
		switch {
		case p.Of("until") != nil:
		case until <= item.DueOn:
			p.Add("until", "extension.earlier", string(item.DueOn))
		case until > b.LatestDue(*item):
			p.Add("until", "extension.farther", b.rules.ExtensionDays, string(b.LatestDue(*item)))
		case until < b.Today():
			p.Add("until", "extension.past")
		}
		textProblem(&p, "words", reason, longestResult)
		if p != nil {
			return nil, p
		}
		said := Particulars{"due": string(item.DueOn), "until": string(until), "words": reason}
		why := WhyAsked
		if days := item.DueOn.DaysUntil(b.Today()); days > 0 {
			why, said["asked_late"] = WhyLate, itoa(days)
		}
		e := Extension{ItemID: item.ID, Why: why, FromOn: item.DueOn, ToOn: until, Reason: reason, AskedBy: b.me.ID, AskedAt: b.now, State: ExtensionAsked}
		if err := tx.Create(&e).Error; err != nil {
			return nil, err
		}
		item.AskedUntil = until
		return said, nil
	})
}

// proposal is a first date that the unit has proposed and nobody has granted yet.
func (b *Board) proposal(item int64, to Day, words string) Extension {
	return Extension{ItemID: item, Why: WhyProposed, ToOn: to, Reason: words, AskedBy: b.me.ID, AskedAt: b.now, State: ExtensionAsked}
}

// propose proposes an item's first date, in the place of what was proposed before.
func (b *Board) propose(item *Item, to Day, words string, said Particulars) error {
	if item.AskedUntil == to {
		return nil
	}
	if err := b.lapse(item); err != nil {
		return err
	}
	e := b.proposal(item.ID, to, words)
	item.AskedUntil, said["proposed"] = to, string(to)
	return b.db.Create(&e).Error
}

// undated says that an item has no date yet, whose first one may be set or proposed.
func (b *Board) undated(item Item) error {
	if item.DueOn != "" {
		return Refused{Key: "date.has", Args: []any{string(item.DueOn)}}
	}
	return nil
}

// firstDate is what is wrong with a first date and the words that go with it.
func (b *Board) firstDate(to Day, words string) error {
	var p Problems
	if to == "" {
		p.Add("due_on", "required")
	} else {
		dayProblem(&p, "due_on", to)
	}
	if p.Of("due_on") == nil && to < b.Today() {
		p.Add("due_on", "date.past")
	}
	farProblem(&p, "due_on", to, b.Today())
	textProblem(&p, "words", words, longestResult)
	return p.Err()
}

// SetDate gives an item without a date its first one, with what it follows from. A date
// that the unit had proposed has lapsed by it. One that has passed is a correction.
func (b *Board) SetDate(item Item, to Day, words string) (Item, error) {
	words = strings.TrimSpace(words)
	return b.act(SetDate, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		said := Particulars{"words": words}
		return said, b.in(tx).writeFirstDate(item, to, said)
	})
}

// ProposeDate is the unit's word for the first date of its item, with the reason, in the
// place of what it proposed before. The item has a date when another grants it.
func (b *Board) ProposeDate(item Item, to Day, words string) (Item, error) {
	words = strings.TrimSpace(words)
	return b.act(ProposeDate, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		said := Particulars{"words": words}
		return said, b.in(tx).writeProposal(item, to, said)
	})
}

// writeFirstDate and writeProposal are what the two do to an item, whose words are said.
func (b *Board) writeFirstDate(item *Item, to Day, said Particulars) error {
	if err := b.firstDate(to, said["words"]); err != nil {
		return err
	}
	return b.moveDate(item, dateMove{why: WhyLedger, to: to}, said)
}

func (b *Board) writeProposal(item *Item, to Day, said Particulars) error {
	if err := b.firstDate(to, said["words"]); err != nil {
		return err
	}
	if item.AskedUntil == to {
		return Refused{Key: "date.same"}
	}
	return b.propose(item, to, said["words"], said)
}

// WithdrawExtension takes a request back before it is decided.
func (b *Board) WithdrawExtension(item Item, id int64) (Item, error) {
	return b.act(WithdrawExtension, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		e, err := b.in(tx).decide(item, id, Extension{State: ExtensionWithdrawn})
		return Particulars{"due": string(item.DueOn), "until": string(e.ToOn)}, err
	})
}

// GrantExtension moves the date to what was asked for. Nobody grants what they asked
// for themselves. The number of the paper it was decided on may be given.
func (b *Board) GrantExtension(item Item, id int64, words, docNo string) (Item, error) {
	return b.act(GrantExtension, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		words, docNo := strings.TrimSpace(words), strings.TrimSpace(docNo)
		var p Problems
		if words != "" {
			textProblem(&p, "words", words, longestResult)
		}
		if docNo != "" {
			textProblem(&p, "doc_no", docNo, longestDocNo)
		}
		if p != nil {
			return nil, p
		}
		was := item.DueOn
		e, err := b.in(tx).decide(item, id, Extension{State: ExtensionGranted, Words: words, DocNo: docNo, Version: item.Version + 1})
		if err != nil {
			return nil, err
		}
		item.DueOn = e.ToOn
		if e.Why == WhyProposed {
			item.FirstDueOn = e.ToOn
		} else {
			item.Extended++
		}
		said := Particulars{"due": string(e.ToOn), "due_before": string(was), "words": words}
		if docNo != "" {
			said["doc_no"] = docNo
		}
		return said, nil
	})
}

// RefuseExtension leaves the date as it is, with words that say why.
func (b *Board) RefuseExtension(item Item, id int64, words string) (Item, error) {
	words = strings.TrimSpace(words)
	return b.act(RefuseExtension, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		if err := wordsProblem(words); err != nil {
			return nil, err
		}
		e, err := b.in(tx).decide(item, id, Extension{State: ExtensionRefused, Words: words})
		return Particulars{"due": string(item.DueOn), "until": string(e.ToOn), "words": words}, err
	})
}

// sqlAsked is an item for which another date has been asked.
const sqlAsked = "items.asked_until <> ''"

// Granted is how many extensions were granted to the items of a round that this person
// sees.
func (b *Board) Granted(r Round) (int, error) {
	var n int
	err := b.items().Where("items.round_id = ? AND items.extended > 0", r.ID).Select("COALESCE(SUM(items.extended), 0)").Scan(&n).Error
	return n, err
}

// PendingExtension is the request that waits; nil when none does.
func (b *Board) PendingExtension(item Item) (*Extension, error) {
	var pending []Extension
	err := b.about(item).Where("state = ?", ExtensionAsked).Limit(1).Find(&pending).Error
	if len(pending) == 0 {
		return nil, err
	}
	return &pending[0], nil
}

// decide ends a request that waits, once. Another item's is not found.
func (b *Board) decide(item *Item, id int64, how Extension) (Extension, error) {
	var e Extension
	if err := orNotFound(b.about(*item).Where("id = ?", id).Take(&e).Error); err != nil {
		return e, err
	}
	if e.State != ExtensionAsked {
		return e, Refused{Key: "extension.none"}
	}
	if how.State == ExtensionGranted && e.AskedBy == b.me.ID {
		return e, Refused{Key: "extension.own"}
	}
	decided := b.db.Model(&Extension{}).Where("id = ? AND state = ?", e.ID, ExtensionAsked).Updates(map[string]any{
		"state": how.State, "decided_by": b.me.ID, "decided_at": b.now, "words": how.Words, "doc_no": how.DocNo, "version": how.Version,
	})
	item.AskedUntil = ""
	return e, oneRow(decided)
}

// lapse ends a request that an item's closing has overtaken.
func (b *Board) lapse(item *Item) error {
	if item.AskedUntil == "" {
		return nil
	}
	e, err := b.PendingExtension(*item)
	if err != nil || e == nil {
		return err
	}
	_, err = b.decide(item, e.ID, Extension{State: ExtensionLapsed})
	return err
}

// dateMove is a change of date that another deed brings with it.
type dateMove struct {
	why   Why
	to    Day
	words string
}

// moveDate moves an item's date as part of a deed, and keeps the change with the rest
// of them. A first date is no change.
func (b *Board) moveDate(item *Item, move dateMove, particulars Particulars) error {
	if move.to == item.DueOn {
		return nil
	}
	particulars["due"], particulars["due_before"] = string(move.to), string(item.DueOn)
	if err := b.lapse(item); err != nil { // what was asked for counted from the old date
		return err
	}
	first := item.FirstDueOn == ""
	from := item.DueOn
	item.DueOn = move.to
	if first {
		item.FirstDueOn = move.to
		return nil
	}
	e := Extension{
		ItemID: item.ID, Why: move.why, FromOn: from, ToOn: move.to, Reason: move.words, AskedBy: b.me.ID, AskedAt: b.now,
		State: ExtensionGranted, DecidedBy: b.me.ID, DecidedAt: &b.now, Version: item.Version + 1,
	}
	return b.db.Create(&e).Error
}
