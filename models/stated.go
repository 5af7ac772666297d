package models

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// What an old ledger says is done 台账载明已完成 is taken in as such and not as closed: the
// item is under way with a mark that only an import sets. It is nobody's to be late with
// but the supervisors', whose clock runs from that day; it counts as not closed; and it
// comes off the mark when it is checked, one by one or by a sample, when the unit hands
// it in itself, or when it is voided.
//
// The ledger's word stands among what was handed in, so that a verdict, a closure and the
// four eyes are those of every submission.

// The acts by which it is checked.
const (
	DrawStated   Act = "draw_stated"   // drawn to be checked
	VerifyStated Act = "verify_stated" // one body of two has found that it is done
	AcceptStated Act = "accept_stated" // it is done, and struck off
	PassStated   Act = "pass_stated"   // struck off because the sample of its import held
	RejectStated Act = "reject_stated" // it is not done
	DropStated   Act = "drop_stated"   // the mark is off because a sample of its import failed
)

// DroppedSample is the outcome of a sample that nobody had to check any more: another one
// failed, or the item took another road.
const DroppedSample Outcome = "dropped"

// StatedSample is an item of a draw among those of one import, and what was found.
type StatedSample struct {
	ID      int64
	DrawID  int64
	ItemID  int64
	Place   int // in the draw, from 1
	Outcome Outcome
	Words   string
	ByID    int64
	DoneOn  Day
}

// endStated takes the mark off an item, on which the ledger's word is answered by that
// act. The days it lay with the supervisors are not the unit's.
func (b *Board) endStated(item *Item, by Act, said Particulars) error {
	if item.StatedOn == "" {
		return nil
	}
	if by == RejectStated || by == DropStated {
		if err := b.resume(item, said); err != nil {
			return err
		}
	}
	item.StatedOn = ""
	if by != RejectStated && by != AcceptStated {
		err := b.db.Model(&StatedSample{}).Where("item_id = ? AND outcome = ''", item.ID).Updates(map[string]any{"outcome": DroppedSample, "done_on": b.Today()}).Error
		if err != nil {
			return err
		}
	}
	return oneRow(b.db.Model(&Submission{}).Where("item_id = ? AND outcome = ''", item.ID).Updates(map[string]any{"outcome": by, "ended_at": b.now}))
}

// isStated says that an item has the mark.
func (b *Board) isStated(item Item) error {
	if item.StatedOn == "" {
		return Refused{Key: "stated.not"}
	}
	return nil
}

// mayCheckStated says whether this person may say whether a marked item is done: as of
// every submission.
func (b *Board) mayCheckStated(item Item) error {
	if err := b.isStated(item); err != nil {
		return err
	}
	return b.mayVerify(item)
}

// CheckStated is what a supervisor found when they looked at what a ledger calls done: it
// holds, and is struck off as soon as no other body's word is awaited; or it does not,
// and goes on under its own date. Of a drawn item it settles more: when the last of a
// sample holds, those it was drawn from are struck off by the same words; when one fails,
// the mark comes off all that its import brought.
func (b *Board) CheckStated(item Item, outcome Outcome, words string) (Item, error) {
	words = strings.TrimSpace(words)
	a, err := b.statedAct(item, AcceptStated)
	if err != nil {
		return Item{}, err
	}
	if outcome == Failed {
		a = RejectStated
	}
	return b.act(a, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		b := b.in(tx)
		var p Problems
		if outcome != Holds && outcome != Failed {
			p.Add("outcome", "required")
		}
		textProblem(&p, "words", words, longestResult)
		if p != nil {
			return nil, p
		}
		said, err := b.judgeStated(item, a, words)
		if err != nil || a == VerifyStated {
			return said, err
		}
		return said, b.settleSample(*item, outcome, words)
	})
}

// statedAct is what a word that it is done makes of a marked item: struck off by that act,
// or one body's verdict while another's is awaited.
func (b *Board) statedAct(item Item, closing Act) (Act, error) {
	given, err := b.verdicts(item)
	awaited := slices.DeleteFunc(b.awaited(item, given), func(body Body) bool { return body == b.me.body() })
	if len(awaited) > 0 {
		return VerifyStated, err
	}
	return closing, err
}

// judgeStated writes a verdict on the ledger's word and what follows from it.
func (b *Board) judgeStated(item *Item, a Act, words string) (Particulars, error) {
	submission, err := b.submission(*item)
	if err != nil {
		return nil, err
	}
	v := Verification{Verdict: FoundDone, Words: words}
	if a == RejectStated {
		v.Verdict = SentBack
	}
	said, err := b.giveVerdict(submission, v)
	if err != nil {
		return nil, err
	}
	switch a {
	case VerifyStated:
		return said, nil
	case RejectStated:
		item.ReturnedReason = words
	default:
		if err := b.strikeOff(item, submission, said); err != nil {
			return nil, err
		}
	}
	return said, b.endStated(item, a, said)
}

// settleSample writes down what was found of a drawn item, and what follows from it for
// the others.
func (b *Board) settleSample(item Item, outcome Outcome, words string) error {
	var drawn []StatedSample
	if err := b.db.Where("item_id = ? AND outcome = ''", item.ID).Limit(1).Find(&drawn).Error; err != nil || len(drawn) == 0 {
		return err
	}
	sample := drawn[0]
	done := b.db.Model(&StatedSample{}).Where("id = ? AND outcome = ''", sample.ID).
		Updates(map[string]any{"outcome": outcome, "words": words, "by_id": b.me.ID, "done_on": b.Today()})
	if err := oneRow(done); err != nil {
		return err
	}
	var draw RecheckDraw
	if err := b.db.Take(&draw, sample.DrawID).Error; err != nil {
		return err
	}
	if outcome == Failed {
		return b.dropStated(draw, item)
	}
	var open int64
	if err := b.db.Model(&StatedSample{}).Where("draw_id = ? AND outcome <> ?", draw.ID, Holds).Count(&open).Error; err != nil || open > 0 {
		return err
	}
	return b.passStated(draw, item, words)
}

// dropStated takes the mark off all that an import brought, whoever sees it: the ledger's
// word has turned out not to be one.
func (b *Board) dropStated(draw RecheckDraw, but Item) error {
	whole := *b
	whole.me, whole.assigned = TheClerk, &assignments{}
	var items []Item
	err := whole.items().Where(sqlStated).Where("items.import_id = ? AND items.id <> ?", draw.ImportID, but.ID).Order("items.id").Find(&items).Error
	if err != nil {
		return err
	}
	for _, item := range items {
		_, err := whole.step(DropStated, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
			said := Particulars{"draw": fmt.Sprint(draw.ID), "failed": but.Number, "by": cmp.Or(b.me.FullName, b.me.Name)}
			return said, whole.in(tx).endStated(item, DropStated, said)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// passStated strikes off what a sample that held was drawn from, beside that item. What
// this person may not judge stays marked.
func (b *Board) passStated(draw RecheckDraw, but Item, words string) error {
	for some := range slices.Chunk(draw.From(), batch) {
		var items []Item
		if err := b.items().Where(sqlStated).Where("items.import_id = ? AND items.id <> ? AND items.number IN ?", draw.ImportID, but.ID, some).Order("items.id").Find(&items).Error; err != nil {
			return err
		}
		for _, item := range items {
			a, err := b.statedAct(item, PassStated)
			if err != nil {
				return err
			}
			_, err = b.step(a, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
				said, err := b.in(tx).judgeStated(item, a, words)
				if said != nil {
					said["draw"] = fmt.Sprint(draw.ID)
				}
				return said, err
			})
			if refused := (Refused{}); err != nil && !errors.As(err, &refused) {
				return err
			}
		}
	}
	return nil
}

// DrawStatedOf draws, of the items that an import brought as done and whose verdict is
// this person's, the share that the rules have, with a seed of chance: as re-checks are
// drawn, so that anyone can repeat it. One draw of an import is checked before the next.
func (b *Board) DrawStatedOf(importID int64) (RecheckDraw, error) {
	draw := b.newDraw(b.rules.StatedShare)
	draw.ImportID = importID
	err := b.govern(GovernRechecks, func(tx *gorm.DB) (Particulars, error) {
		b := b.in(tx)
		var items []Item
		if err := b.items().Where(sqlStated).Where("items.import_id = ?", importID).Order("items.number").Find(&items).Error; err != nil {
			return nil, err
		}
		if len(items) == 0 {
			return nil, ErrNotFound
		}
		var open int64
		err := b.db.Model(&StatedSample{}).Where("outcome = '' AND draw_id IN (?)", b.db.Model(&RecheckDraw{}).Select("id").Where("import_id = ?", importID)).Count(&open).Error
		if err != nil {
			return nil, err
		}
		if open > 0 {
			return nil, Refused{Key: "stated.drawn", Args: []any{int(open)}}
		}
		theirs := slices.DeleteFunc(items, func(item Item) bool { return !b.May(DrawStated, item) })
		if len(theirs) == 0 {
			return nil, Refused{Key: "stated.others"}
		}
		said, err := b.drawFrom(&draw, theirs, DrawStated, func(item Item, place int) (Particulars, error) {
			sample := StatedSample{DrawID: draw.ID, ItemID: item.ID, Place: place}
			return Particulars{"draw": fmt.Sprint(draw.ID), "of": itoa(len(theirs))}, b.db.Create(&sample).Error
		})
		if err == nil {
			said["import"] = fmt.Sprint(importID)
		}
		return said, err
	})
	return draw, err
}

// StatedImport is an import of which something still waits to be checked: how much, how
// much of it longer than it should, how many would be drawn, and the draw that is open.
type StatedImport struct {
	ImportID int64
	FileName string
	StatedOn Day
	N        int
	Late     bool
	Take     int
	Draw     int64 // 0 for none
	Open     int   // of its samples
}

// StatedImports are they, the oldest first.
func (b *Board) StatedImports() ([]StatedImport, error) {
	var rows []StatedImport
	err := b.items().Where(sqlStated).Select("items.import_id, MIN(items.stated_on) AS stated_on, COUNT(*) AS n").
		Group("items.import_id").Order("stated_on, items.import_id").Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	since := reviewSince(b.Today(), b.rules, b.calendar)
	for n := range rows {
		row := &rows[n]
		row.Late, row.Take = row.StatedOn < since, drawnOf(row.N, b.rules.StatedShare)
		if err := b.db.Model(&Import{}).Where("id = ?", row.ImportID).Select("COALESCE(MAX(file_name), '')").Scan(&row.FileName).Error; err != nil {
			return nil, err
		}
		var open []StatedSample
		err := b.db.Where("outcome = '' AND draw_id IN (?)", b.db.Model(&RecheckDraw{}).Select("id").Where("import_id = ?", row.ImportID)).Find(&open).Error
		if err != nil {
			return nil, err
		}
		if row.Open = len(open); row.Open > 0 {
			row.Draw = open[0].DrawID
		}
	}
	return rows, nil
}

// StatedSamples are the items of a draw with what was found, in the order of the draw.
func (b *Board) StatedSamples(draw int64) ([]RecheckRow, error) {
	var rows []RecheckRow
	err := b.items().Select("stated_samples.*, items.number, items.title, items.unit_id, items.status").
		Joins("JOIN stated_samples ON stated_samples.item_id = items.id").Where("stated_samples.draw_id = ?", draw).
		Order("stated_samples.place").Scan(&rows).Error
	return rows, err
}

// SampleOf is the draw that an item waits in to be checked, 0 for none.
func (b *Board) SampleOf(item Item) (int64, error) {
	var of []int64
	err := b.about(item).Model(&StatedSample{}).Where("outcome = ''").Limit(1).Pluck("draw_id", &of).Error
	return append(of, 0)[0], err
}
