package models

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Verdict is what a supervising body found of a submission.
type Verdict string

// The verdicts of design §2.
const (
	FoundDone  Verdict = "closed"   // 已整改完成，建议销号
	FoundStage Verdict = "stage"    // 取得阶段性成效，继续整改
	SentBack   Verdict = "returned" // 退回
)

// Verification is one body's verdict on one submission 核验. Where the rules ask for
// both bodies there are two, and each body gives one.
type Verification struct {
	ID           int64
	ItemID       int64
	SubmissionID int64
	Body         Body
	ByID         int64
	At           time.Time
	Verdict      Verdict
	Reason       string // of a return, from ReturnReasons
	Words        string
	ReviewOn     Day // of a stage result
}

// Closure is a striking off 销号: which submission, when, how late, and by whose
// verdict it was the last that was needed.
type Closure struct {
	ID           int64
	ItemID       int64
	SubmissionID int64
	ClosedOn     Day
	LateDays     int
	ByID         int64
	At           time.Time
	ReopenedOn   Day
}

// VerificationsOf are an item's, the newest first.
func (b *Board) VerificationsOf(item Item) ([]Verification, error) {
	var all []Verification
	err := b.about(item).Order("id DESC").Find(&all).Error
	return all, err
}

// ClosuresOf are an item's, the newest first: one that was opened again has more.
func (b *Board) ClosuresOf(item Item) ([]Closure, error) {
	var all []Closure
	err := b.about(item).Order("id DESC").Find(&all).Error
	return all, err
}

// mayVerify says whether this person may answer what was handed in: their body is one
// that is asked, it has not answered yet, and none of the work is theirs.
func (b *Board) mayVerify(item Item) error {
	by := b.rules.VerifiedBy(item.Category)
	if !by.Verifies(b.me.body()) {
		return Refused{Key: "verification.by." + string(by)}
	}
	given, err := b.verdicts(item)
	if err != nil {
		return err
	}
	// When the rules were changed in the meantime it may be that nobody is awaited any
	// more: then those who are asked speak again, for nobody else could.
	if len(b.awaited(item, given)) > 0 {
		switch {
		case slices.ContainsFunc(given, func(v Verification) bool { return v.Body == b.me.body() }):
			return Refused{Key: "verification.given"}
		case slices.ContainsFunc(given, func(v Verification) bool { return v.ByID == b.me.ID }):
			return Refused{Key: "verification.given_yourself"}
		}
	}
	switch own, err := b.worked(item); {
	case err != nil:
		return err
	case own:
		return Refused{Key: "verification.own"}
	}
	return nil
}

// verdicts are those given on what waits now.
func (b *Board) verdicts(item Item) ([]Verification, error) {
	var given []Verification
	err := b.about(item).Where("submission_id IN (?)", b.db.Model(&Submission{}).Select("id").Where("item_id = ? AND outcome = ''", item.ID)).Order("id").Find(&given).Error
	return given, err
}

// Awaited are the bodies whose verdict on a submitted item is still to come; none when
// any one supervisor's will do.
func (b *Board) Awaited(item Item) ([]Body, error) {
	given, err := b.verdicts(item)
	return b.awaited(item, given), err
}

func (b *Board) awaited(item Item, given []Verification) []Body {
	return slices.DeleteFunc(slices.Clone(b.rules.VerifiedBy(item.Category).Bodies()), func(body Body) bool {
		return slices.ContainsFunc(given, func(v Verification) bool { return v.Body == body })
	})
}

// Close finds a submission in order, with the supervisor's opinion. It strikes the
// item off when no other body's verdict is awaited; else the item waits on. Closed
// late is recorded.
func (b *Board) Close(item Item, opinion string) (Item, error) {
	return b.verify(item, Verification{Verdict: FoundDone, Words: opinion})
}

// Stage finds that something was reached and more is to be done: the item goes on,
// standing, to be looked at again on that day, which becomes its date.
func (b *Board) Stage(item Item, words string, reviewOn Day) (Item, error) {
	return b.verify(item, Verification{Verdict: FoundStage, Words: words, ReviewOn: reviewOn})
}

// Return sends a submission back with a reason from the list and words, whatever
// another body found. The unit's date moves by the days it lay with the supervisors.
func (b *Board) Return(item Item, reason, words string) (Item, error) {
	return b.verify(item, Verification{Verdict: SentBack, Reason: reason, Words: words})
}

// verify gives a verdict. Which act that is follows from the verdicts given before; one
// given between makes the item another than was seen, and the act is refused.
func (b *Board) verify(item Item, v Verification) (Item, error) {
	v.Words = strings.TrimSpace(v.Words)
	a, given, err := b.actOf(item, v)
	if err != nil {
		return Item{}, err
	}
	return b.act(a, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		return b.in(tx).judge(item, a, v, given)
	})
}

// actOf is what this verdict makes of the item, with the verdicts given before.
func (b *Board) actOf(item Item, v Verification) (Act, []Verification, error) {
	given, err := b.verdicts(item)
	if err != nil {
		return "", nil, err
	}
	if v.Verdict == SentBack {
		return ReturnItem, given, nil
	}
	given = slices.DeleteFunc(given, func(v Verification) bool { return v.Body == b.me.body() }) // the last word counts
	all := append(slices.Clone(given), v)
	all[len(all)-1].Body = b.me.body()
	for _, body := range b.rules.VerifiedBy(item.Category).Bodies() {
		if !slices.ContainsFunc(all, func(v Verification) bool { return v.Body == body }) {
			return VerifyItem, given, nil
		}
	}
	if slices.ContainsFunc(all, func(v Verification) bool { return v.Verdict == FoundStage }) {
		return StageItem, given, nil
	}
	return CloseItem, given, nil
}

// judge writes the verdict and what follows from it.
func (b *Board) judge(item *Item, a Act, v Verification, given []Verification) (Particulars, error) {
	var p Problems
	if v.Verdict == SentBack && !slices.Contains(ReturnReasons, v.Reason) {
		p.Add("reason", "required")
	}
	textProblem(&p, "words", v.Words, longestResult)
	if v.Verdict == FoundStage {
		v.ReviewOn = b.nextReview(&p, v.ReviewOn)
	}
	if p != nil {
		return nil, p
	}
	submission, err := b.submission(*item)
	if err != nil {
		return nil, err
	}
	if a != ReturnItem { // what was changed behind a submission can only go back
		contents, err := b.contents(*item)
		if err != nil {
			return nil, err
		}
		if hash, err := contents.hash(); err != nil || hash != submission.SHA256 {
			return nil, errors.Join(err, Refused{Key: "verification.changed"})
		}
	}
	particulars, err := b.giveVerdict(submission, v)
	if err != nil {
		return nil, err
	}
	switch a {
	case VerifyItem:
		return particulars, nil
	case ReturnItem:
		particulars["reason"] = v.Reason
		item.ReturnedReason = v.Words
		if err := b.resume(item, particulars); err != nil {
			return nil, err
		}
	case StageItem:
		for _, other := range given { // the nearer of two days that are still to come
			if other.ReviewOn > b.Today() && (v.ReviewOn == "" || other.ReviewOn < v.ReviewOn) {
				v.ReviewOn = other.ReviewOn
			}
		}
		v.ReviewOn = cmp.Or(v.ReviewOn, b.nextReview(&p, ""))
		item.Standing, item.ReviewOn = true, v.ReviewOn
		item.SubmittedOn, item.SubmittedBy = "", 0
		particulars["review_on"] = string(v.ReviewOn)
		if err := b.moveDate(item, dateMove{why: WhyStage, to: v.ReviewOn, words: v.Words}, particulars); err != nil {
			return nil, err
		}
	case CloseItem:
		if err := b.strikeOff(item, submission, particulars); err != nil {
			return nil, err
		}
	}
	return particulars, b.endSubmission(item, a)
}

// giveVerdict writes this person's verdict on what was handed in, and says it.
func (b *Board) giveVerdict(submission Submission, v Verification) (Particulars, error) {
	v.ItemID, v.SubmissionID, v.Body, v.ByID, v.At = submission.ItemID, submission.ID, b.me.body(), b.me.ID, b.now
	if err := b.db.Create(&v).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return nil, ErrStale // a colleague of the same body was first
		}
		return nil, err
	}
	return Particulars{"words": v.Words, "verdict": string(v.Verdict), "body": string(v.Body)}, nil
}

// strikeOff closes an item today by what was handed in, and says how late that was.
func (b *Board) strikeOff(item *Item, submission Submission, said Particulars) error {
	closure := Closure{ItemID: item.ID, SubmissionID: submission.ID, ClosedOn: b.Today(), LateDays: item.lateDays(), ByID: b.me.ID, At: b.now}
	if closure.LateDays > 0 {
		said["late"] = itoa(closure.LateDays)
	}
	if err := b.db.Create(&closure).Error; err != nil {
		return err
	}
	item.ClosedOn = b.Today()
	return b.lapse(item)
}

// lateDays is how many days after its deadline an item was last handed in; 0 for one that
// has none, or that was struck off by its ledger's word. sqlLate is the same in SQL.
func (i Item) lateDays() int {
	if i.DueOn == "" || i.SubmittedOn == "" {
		return 0
	}
	return max(0, i.DueOn.DaysUntil(i.SubmittedOn))
}

const sqlLate = "items.due_on <> '' AND items.submitted_on > items.due_on"

// Reopen takes a striking off back: what was closed is in hand again, until that day.
// It needs the reason.
func (b *Board) Reopen(item Item, reason string, until Day) (Item, error) {
	reason = strings.TrimSpace(reason)
	return b.act(ReopenItem, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		var p Problems
		textProblem(&p, "words", reason, longestResult)
		dayProblem(&p, "until", until)
		if p.Of("until") == nil && until <= b.Today() {
			p.Add("until", "recheck.until")
		}
		farProblem(&p, "until", until, b.Today())
		if p != nil {
			return nil, p
		}
		particulars := Particulars{"words": reason}
		return particulars, b.in(tx).unclose(item, until, reason, particulars)
	})
}

// unclose opens a closed item with a new date: the one that passed while it was closed
// would make it late at once.
func (b *Board) unclose(item *Item, until Day, reason string, particulars Particulars) error {
	item.ClosedOn, item.SubmittedOn, item.SubmittedBy, item.ReturnedReason = "", "", 0, reason
	err := b.db.Model(&Closure{}).Where("item_id = ? AND reopened_on = ''", item.ID).Update("reopened_on", b.Today()).Error
	if err != nil {
		return err
	}
	if err := b.voidSignatures(item, ReopenItem, Particulars{}); err != nil {
		return err
	}
	return b.moveDate(item, dateMove{why: WhyReopened, to: until, words: reason}, particulars)
}
