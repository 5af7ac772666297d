package models

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"gorm.io/gorm"

	"duban/models/day"
)

// Submission is one handing in of an item 申请销号, and what became of it.
type Submission struct {
	ID      int64
	ItemID  int64
	ByID    int64
	At      time.Time
	SHA256  string `gorm:"column:sha256"` // of all that was handed in
	DueOn   Day
	Outcome Act // "" while it waits; else what ended it
	EndedAt *time.Time
}

// Gap is one thing that is needed before an item may be handed in. Key names the
// sentence, which takes the arguments; Signing is the signature it is about, of no role
// when it is about none.
type Gap struct {
	Key  string
	Args []any
	Done bool
	Signing
}

// Gate is what must be there before an item is handed in, each line done or not.
// The page shows it at all times, and Submit refuses by it.
func (b *Board) Gate(item Item) ([]Gap, error) {
	contents, err := b.contents(item)
	if err != nil {
		return nil, err
	}
	signings, err := b.Signings(item)
	if err != nil {
		return nil, err
	}
	return gate(item, contents, signings), nil
}

func gate(item Item, c itemContents, signings []Signing) []Gap {
	done, proven, shown := 0, c.proven(), 0
	for _, m := range c.Measures {
		if m.Done() {
			done++
		}
		if proven[m.ID] {
			shown++
		}
	}
	n := len(c.Measures)
	gaps := []Gap{
		{Key: "gate.standard", Done: item.Problem != "" && item.Standard != ""},
		{Key: "gate.measures_done", Args: []any{done, n}, Done: n > 0 && done == n},
		{Key: "gate.evidence", Args: []any{shown, n}, Done: n > 0 && shown == n},
	}
	for _, s := range signings {
		gaps = append(gaps, Gap{Key: "gate.signed." + string(s.Role), Signing: s, Done: s.Signature != nil})
	}
	return gaps
}

// missingGaps is how many of those gaps are open.
func missingGaps(gaps []Gap, of func(Gap) bool) int {
	n := 0
	for _, gap := range gaps {
		if !gap.Done && of(gap) {
			n++
		}
	}
	return n
}

// Missing is how many lines of a gate are not done.
func Missing(gaps []Gap) int { return missingGaps(gaps, func(Gap) bool { return true }) }

// gateOpen says whether all is there.
func (b *Board) gateOpen(item Item) error {
	gaps, err := b.Gate(item)
	if err != nil {
		return err
	}
	if n := Missing(gaps); n > 0 {
		return Refused{Key: "submission.gate", Args: []any{n}}
	}
	return nil
}

// Submit hands an item in. The unit's clock stands still from here on and the
// supervisor's runs. Refused while anything of the gate is missing, and when what
// stands there is not what was signed.
func (b *Board) Submit(item Item) (Item, error) {
	return b.act(SubmitItem, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		b := b.in(tx)
		contents, err := b.contents(*item)
		if err != nil {
			return nil, err
		}
		hash, err := contents.hash()
		if err != nil {
			return nil, err
		}
		var other int64
		if err := b.about(*item).Model(&Signature{}).Where("voided_at IS NULL AND sha256 <> ?", hash).Count(&other).Error; err != nil {
			return nil, err
		}
		if other > 0 {
			return nil, Refused{Key: "submission.changed"}
		}
		if err := b.endStated(item, SubmitItem, Particulars{}); err != nil { // the unit's own word takes its place
			return nil, err
		}
		if err := tx.Create(&Submission{ItemID: item.ID, ByID: b.me.ID, At: b.now, SHA256: hash, DueOn: item.DueOn}).Error; err != nil {
			return nil, err
		}
		item.SubmittedOn, item.SubmittedBy, item.ReturnedReason = b.Today(), b.me.ID, ""
		// Nobody has to sign it any more, and nobody is told so.
		if err := tx.Model(&Notice{}).Where("item_id = ? AND act = ? AND read_at IS NULL", item.ID, SignItem).Update("read_at", b.now).Error; err != nil {
			return nil, err
		}
		return Particulars{"due": string(item.DueOn), "sha256": hash}, nil
	})
}

// submission is the one that waits for its answer.
func (b *Board) submission(item Item) (Submission, error) {
	var s Submission
	return s, orNotFound(b.about(item).Where("outcome = ''").Take(&s).Error)
}

// SubmissionsOf are an item's, the newest first.
func (b *Board) SubmissionsOf(item Item) ([]Submission, error) {
	var all []Submission
	err := b.about(item).Order("id DESC").Find(&all).Error
	return all, err
}

// endSubmission says what became of what was handed in, once. What was signed for it
// has been answered: the next handing in is signed anew.
func (b *Board) endSubmission(item *Item, by Act) error {
	ended := b.db.Model(&Submission{}).Where("item_id = ? AND outcome = ''", item.ID).
		Updates(map[string]any{"outcome": by, "ended_at": b.now})
	if err := oneRow(ended); err != nil {
		return err
	}
	if by == CloseItem {
		return nil
	}
	return b.voidSignatures(item, by, Particulars{})
}

// resume lets the unit's clock go on: it stood still while the item lay with the
// supervisors, so that its date moves by the days it lay there. A date that was set
// meanwhile counts from the day it was set.
func (b *Board) resume(item *Item, particulars Particulars) error {
	from := item.Card().WaitsSince()
	item.SubmittedOn, item.SubmittedBy, item.StatedOn = "", 0, ""
	if item.DueOn == "" || from == "" {
		return nil
	}
	var last []Extension
	if err := b.about(*item).Where("state = ?", ExtensionGranted).Order("id DESC").Limit(1).Find(&last).Error; err != nil {
		return err
	}
	if len(last) > 0 && last[0].DecidedAt != nil {
		from = max(from, day.Of(last[0].DecidedAt.In(b.zone)))
	}
	held := from.DaysUntil(b.Today())
	if held <= 0 {
		return nil
	}
	particulars["held"] = itoa(held)
	to, asked := item.DueOn.Plus(held), item.AskedUntil
	if asked > to { // what was asked for is later still, and waits on
		item.AskedUntil = ""
		defer func() { item.AskedUntil = asked }()
	}
	return b.moveDate(item, dateMove{why: WhyHeld, to: to}, particulars)
}

// Spans are how many days an item has lain with its unit and how many with the
// supervisors, from its registration to its last handing in that was found in order, or
// to today.
type Spans struct{ Unit, Review int }

// SpansOf are they of an item, by all that was handed in of it.
func (b *Board) SpansOf(item Item, submissions []Submission) (s Spans) {
	end := b.Today()
	if item.Status == Closed {
		end = item.ClosedOn
	}
	for _, one := range submissions {
		from, to := day.Of(one.At.In(b.zone)), end
		if one.EndedAt != nil {
			to = day.Of(one.EndedAt.In(b.zone))
		}
		s.Review += max(0, from.DaysUntil(to))
	}
	s.Unit = max(0, item.RegisteredOn.DaysUntil(end)-s.Review)
	return s
}

// Withdraw takes a submission back before it is answered.
func (b *Board) Withdraw(item Item, reason string) (Item, error) {
	reason = strings.TrimSpace(reason)
	return b.act(WithdrawItem, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		if err := wordsProblem(reason); err != nil {
			return nil, err
		}
		b, said := b.in(tx), Particulars{"words": reason}
		if err := b.resume(item, said); err != nil {
			return nil, err
		}
		return said, b.endSubmission(item, WithdrawItem)
	})
}

// ReturnReasons are the reasons a supervisor may send an item back for: what
// supervisors elsewhere have sent reports back for (domain.md 1.4).
var ReturnReasons = []string{"evidence", "measures_not_results", "standard", "no_mechanism", "responsibility", "other"}

// itemContents are all that is handed in with an item, and all that a signature vouches
// for: the problem, its standard, what was done about it, what shows that, and the
// numbers it is said to have brought about. Two contents with the same hash are the same.
type itemContents struct {
	Number   string
	Problem  string
	Standard string
	Measures []Measure
	Progress []Progress
	Evidence []evidenceOfContents
	Achieved []Achievement `json:",omitempty"`
}

// evidenceOfContents is a piece of evidence with the hash of its file.
type evidenceOfContents struct {
	ID        int64
	MeasureID *int64
	DocNo     string
	Note      string
	FileName  string
	SHA256    string
	EarlierID *int64
	At        time.Time
}

// contents are the item's as the register has them now.
func (b *Board) contents(item Item) (itemContents, error) {
	c := itemContents{Number: item.Number, Problem: item.Problem, Standard: item.Standard}
	var err error
	if c.Measures, err = b.Measures(item); err != nil {
		return c, err
	}
	if err = b.about(item).Order("id").Find(&c.Progress).Error; err != nil {
		return c, err
	}
	for n := range c.Progress {
		c.Progress[n].At = c.Progress[n].At.UTC()
	}
	if err = b.about(item).Where("withdrawn_by = 0").Order("id").Find(&c.Achieved).Error; err != nil {
		return c, err
	}
	for n := range c.Achieved {
		c.Achieved[n].At = c.Achieved[n].At.UTC()
	}
	err = b.db.Table("evidence").
		Select("evidence.id, evidence.measure_id, evidence.doc_no, evidence.note, evidence.file_name, evidence.earlier_id, evidence.at, COALESCE(files.sha256, '') AS sha256").
		Joins("LEFT JOIN files ON files.id = evidence.file_id").
		Where("evidence.item_id IN (?)", b.kept().Select("items.id").Where("items.id = ?", item.ID)).
		Order("evidence.id").Scan(&c.Evidence).Error
	for n := range c.Evidence {
		c.Evidence[n].At = c.Evidence[n].At.UTC()
	}
	return c, err
}

// hash is what a signature is bound to.
func (c itemContents) hash() (string, error) {
	written, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(written)
	return hex.EncodeToString(sum[:]), nil
}

// proven are the measures for which there is evidence that nothing has taken the place
// of.
func (c itemContents) proven() map[int64]bool {
	replaced := map[int64]bool{}
	for _, e := range c.Evidence {
		if e.EarlierID != nil {
			replaced[*e.EarlierID] = true
		}
	}
	proven := map[int64]bool{}
	for _, e := range c.Evidence {
		if e.MeasureID != nil && !replaced[e.ID] {
			proven[*e.MeasureID] = true
		}
	}
	return proven
}
