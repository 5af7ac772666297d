package models

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Outcome is what a re-check found; empty while it is still to be done.
type Outcome string

// The outcomes of a re-check.
const (
	Holds  Outcome = "holds"  // what was closed is in order
	Failed Outcome = "failed" // it is not, and the item is open again
)

// RecheckDraw is one drawing of closed items to be checked again. It keeps the
// seed and all numbers it was drawn from, one a line: with DrawOrder anyone can
// repeat it.
type RecheckDraw struct {
	ID      int64
	Seed    string
	Numbers string
	Drawn   int
	Share   int // of a hundred, as the rules had it
	ByID    int64
	At      time.Time
	DrawnOn Day
	// ImportID is the import whose items it drew from, what its ledger calls done; 0 for a
	// draw of closed items.
	ImportID int64
}

// From are the numbers it was drawn from.
func (d RecheckDraw) From() []string { return strings.Fields(d.Numbers) }

// Recheck is one item of a draw, and what was found.
type Recheck struct {
	ID       int64
	DrawID   int64
	ItemID   int64
	Place    int // in the draw, from 1
	ClosedOn Day // of the closure that is checked
	DueOn    Day
	Flagged  bool
	Outcome  Outcome
	Words    string
	ByID     int64
	DoneOn   Day
}

// Late says whether it should have been done by now.
func (r Recheck) Late(today Day) bool { return r.Outcome == "" && r.DueOn < today }

// DrawOrder puts numbers in the order of a draw: by the SHA-256 of the seed, a
// colon and the number, in hexadecimal. The first of them are those drawn. Nobody
// can foretell the order without the seed, and nobody can bend it with the seed.
func DrawOrder(seed string, numbers []string) []string {
	key := func(number string) string {
		sum := sha256.Sum256([]byte(seed + ":" + number))
		return hex.EncodeToString(sum[:])
	}
	order := slices.Clone(numbers)
	slices.SortFunc(order, func(a, z string) int { return strings.Compare(key(a), key(z)) })
	return order
}

// drawnOf is how many of so many are drawn at that share: rounded up, and so at least
// one where there is any.
func drawnOf(of, share int) int { return (of*share + 99) / 100 }

// drawable are the closed items that may be drawn: not yet drawn since they were
// closed.
func (b *Board) drawable() *gorm.DB {
	return b.items().Where("items.status = ?", Closed).
		Where("NOT EXISTS (SELECT 1 FROM rechecks WHERE rechecks.item_id = items.id AND (rechecks.outcome = '' OR rechecks.closed_on = items.closed_on))")
}

// Drawable is how many closed items may be drawn, and how many would be.
func (b *Board) Drawable() (of, take int, err error) {
	var n int64
	err = b.drawable().Count(&n).Error
	return int(n), drawnOf(int(n), b.rules.RecheckShare), err
}

// NextDraw is the day by which the next draw is due, by the rules: so many months
// after the last, or after the first closure when there was none. Empty while
// there is nothing to draw from.
func (b *Board) NextDraw() (Day, error) {
	var last, first Day
	if err := b.db.Model(&RecheckDraw{}).Where("import_id = 0").Select("COALESCE(MAX(drawn_on), '')").Scan(&last).Error; err != nil {
		return "", err
	}
	if err := b.drawable().Select("COALESCE(MIN(items.closed_on), '')").Scan(&first).Error; err != nil || first == "" {
		return "", err
	}
	if last != "" {
		first = last
	}
	return first.PlusMonths(b.rules.RecheckMonths), nil
}

// Draw draws the share that the rules have of the closed items this person sees,
// with a seed of chance, and records both. Every draw stays: one whose result
// somebody does not like can be drawn over, but not unseen.
func (b *Board) Draw() (RecheckDraw, error) {
	draw := b.newDraw(b.rules.RecheckShare)
	err := b.govern(GovernRechecks, func(tx *gorm.DB) (Particulars, error) {
		b := b.in(tx)
		var items []Item
		if err := b.drawable().Order("items.number").Find(&items).Error; err != nil {
			return nil, err
		}
		if len(items) == 0 {
			return nil, Refused{Key: "recheck.nothing"}
		}
		due := b.Today().Plus(b.rules.RecheckDays)
		return b.drawFrom(&draw, items, DrawRecheck, func(item Item, place int) (Particulars, error) {
			recheck := Recheck{DrawID: draw.ID, ItemID: item.ID, Place: place, ClosedOn: item.ClosedOn, DueOn: due}
			err := tx.Create(&recheck).Error
			return Particulars{"recheck": fmt.Sprint(recheck.ID), "due": string(due)}, err
		})
	})
	return draw, err
}

// newDraw is a draw of this person's today, with a seed of chance.
func (b *Board) newDraw(share int) RecheckDraw {
	return RecheckDraw{Seed: strings.ToLower(rand.Text()), Share: share, ByID: b.me.ID, At: b.now, DrawnOn: b.Today()}
}

// drawFrom draws its share of some items and records it: keep writes the row of a place,
// from 1, and says what the act says of its item.
func (b *Board) drawFrom(draw *RecheckDraw, items []Item, a Act, keep func(item Item, place int) (Particulars, error)) (Particulars, error) {
	byNumber := map[string]Item{}
	numbers := make([]string, len(items))
	for n, item := range items {
		numbers[n], byNumber[item.Number] = item.Number, item
	}
	draw.Numbers, draw.Drawn = strings.Join(numbers, "\n"), drawnOf(len(numbers), draw.Share)
	if err := b.db.Create(draw).Error; err != nil {
		return nil, err
	}
	for n, number := range DrawOrder(draw.Seed, numbers)[:draw.Drawn] {
		said, err := keep(byNumber[number], n+1)
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return nil, ErrStale // two draws at once, and the other was first
		}
		if err == nil {
			_, err = b.step(a, byNumber[number], func(*gorm.DB, *Item) (Particulars, error) { return said, nil })
		}
		if err != nil {
			return nil, err
		}
	}
	return Particulars{"draw": fmt.Sprint(draw.ID), "seed": draw.Seed, "of": itoa(len(numbers)), "drawn": itoa(draw.Drawn)}, nil
}

// RecheckAsk is what was found at a re-check. Until is the new date of an item that
// did not hold: it is open again, and a date that passed while it was closed would
// make it late at once.
type RecheckAsk struct {
	Outcome Outcome
	Words   string
	Until   Day
}

func (a RecheckAsk) problems(today Day) error {
	var p Problems
	if a.Outcome != Holds && a.Outcome != Failed {
		p.Add("outcome", "required")
	}
	textProblem(&p, "words", a.Words, longestResult)
	if a.Outcome == Failed {
		dayProblem(&p, "until", a.Until)
		if p.Of("until") == nil && a.Until <= today {
			p.Add("until", "recheck.until")
		}
		farProblem(&p, "until", a.Until, today)
	}
	return p.Err()
}

// Recheck records what was found when a drawn item was checked again. One that
// holds stays closed. One that does not is open again with a new date, and the item
// and the re-check name each other. Nobody re-checks what they closed themselves.
func (b *Board) Recheck(item Item, id int64, ask RecheckAsk) (Item, error) {
	ask.Words = strings.TrimSpace(ask.Words)
	a := RecheckHolds
	if ask.Outcome == Failed {
		a = RecheckFails
	}
	return b.act(a, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		b := b.in(tx)
		if err := ask.problems(b.Today()); err != nil {
			return nil, err
		}
		var recheck Recheck
		if err := orNotFound(b.about(*item).Where("id = ?", id).Take(&recheck).Error); err != nil {
			return nil, err
		}
		done := tx.Model(&Recheck{}).Where("id = ? AND item_id = ? AND outcome = ''", recheck.ID, item.ID).
			Updates(map[string]any{"outcome": ask.Outcome, "words": ask.Words, "by_id": b.me.ID, "done_on": b.Today()})
		if err := oneRow(done); errors.Is(err, ErrNotFound) {
			return nil, Refused{Key: "recheck.done"}
		} else if err != nil {
			return nil, err
		}
		particulars := Particulars{"recheck": fmt.Sprint(recheck.ID), "words": ask.Words}
		if ask.Outcome == Failed {
			if err := b.unclose(item, ask.Until, ask.Words, particulars); err != nil {
				return nil, err
			}
		}
		return particulars, nil
	})
}

// mayRecheck says whether this person may check the item again: neither did they do any
// of the work, nor was it their verdict that struck it off, alone or with another's.
func (b *Board) mayRecheck(item Item) error {
	var found int64
	err := b.about(item).Model(&Verification{}).Where("by_id = ? AND submission_id IN (?)", b.me.ID,
		b.db.Model(&Closure{}).Select("submission_id").Where("item_id = ? AND reopened_on = ''", item.ID)).Count(&found).Error
	switch own, workErr := b.worked(item); {
	case err != nil || workErr != nil:
		return errors.Join(err, workErr)
	case found > 0:
		return Refused{Key: "recheck.own"}
	case own:
		return Refused{Key: "recheck.own_work"}
	}
	return nil
}

// noticeRechecks tells, once, of each drawn item that was not checked in its time.
func (b *Board) noticeRechecks() (int, error) {
	var late []Recheck
	err := b.db.Where("outcome = '' AND flagged = ? AND due_on < ? AND item_id IN (?)", false, b.Today(), b.items().Select("items.id")).
		Order("due_on, id").Find(&late).Error
	if err != nil || len(late) == 0 {
		return 0, err
	}
	of := map[int64]Recheck{}
	ids := make([]int64, len(late))
	for n, r := range late {
		of[r.ItemID], ids[n] = r, r.ItemID
	}
	var items []Item
	if err := b.items().Where("items.id IN ?", ids).Find(&items).Error; err != nil {
		return 0, err
	}
	return b.actEach(FlagRecheck, items, func(tx *gorm.DB, item *Item) (Particulars, error) {
		r := of[item.ID]
		flagged := tx.Model(&Recheck{}).Where("id = ? AND outcome = '' AND flagged = ?", r.ID, false).Update("flagged", true)
		if err := oneRow(flagged); errors.Is(err, ErrNotFound) {
			return nil, Refused{Key: "refused.flag_recheck"}
		} else if err != nil {
			return nil, err
		}
		return Particulars{"recheck": fmt.Sprint(r.ID), "due": string(r.DueOn)}, nil
	})
}

// RecheckRow is a re-check as its page shows it, with its item and who closed that.
type RecheckRow struct {
	Recheck
	Number   string
	Title    string
	UnitID   int64
	Status   Status
	ClosedBy int64
}

// rechecks are the re-checks of items this person sees, with their items and who
// closed those.
func (b *Board) rechecks() *gorm.DB {
	return b.items().
		Select("rechecks.*, items.number, items.title, items.unit_id, items.status, "+
			"COALESCE((SELECT events.actor_id FROM events WHERE events.item_id = items.id AND events.act = ? ORDER BY events.id DESC LIMIT 1), 0) AS closed_by", CloseItem).
		Joins("JOIN rechecks ON rechecks.item_id = items.id")
}

// Rechecks are those of one draw or, with 0, those still to be done, of all draws,
// the most urgent first.
func (b *Board) Rechecks(draw int64) ([]RecheckRow, error) {
	q := b.rechecks().Where("rechecks.draw_id = ?", draw).Order("rechecks.place")
	if draw == 0 {
		q = b.rechecks().Where("rechecks.outcome = ''").Order("rechecks.due_on, rechecks.id")
	}
	var rows []RecheckRow
	err := q.Scan(&rows).Error
	return rows, err
}

// RechecksOf are an item's re-checks, the newest first.
func (b *Board) RechecksOf(item Item) ([]RecheckRow, error) {
	var rows []RecheckRow
	err := b.rechecks().Where("rechecks.item_id = ?", item.ID).Order("rechecks.id DESC").Scan(&rows).Error
	return rows, err
}

// Draws are all draws, the newest first, for those who may draw. A supervisor who
// is assigned to a part of the ledger sees those that drew from nothing else.
func (b *Board) Draws() ([]RecheckDraw, error) {
	return b.drawsAmong(b.db.Where("import_id = 0").Order("id DESC"))
}

// DrawByID is one of them.
func (b *Board) DrawByID(id int64) (RecheckDraw, error) {
	draws, err := b.drawsAmong(b.db.Where("id = ?", id))
	if err != nil {
		return RecheckDraw{}, err
	}
	if len(draws) == 0 {
		return RecheckDraw{}, ErrNotFound
	}
	return draws[0], nil
}

// drawsAmong are those of the draws asked for that this person sees.
func (b *Board) drawsAmong(asked *gorm.DB) ([]RecheckDraw, error) {
	if !b.MayGovern(GovernRechecks) {
		return nil, ErrForbidden
	}
	var draws []RecheckDraw
	if err := asked.Find(&draws).Error; err != nil {
		return nil, err
	}
	scopes, err := b.scopes()
	if err != nil || len(scopes) == 0 {
		return draws, err
	}
	var seen []string
	if err := b.items().Pluck("items.number", &seen).Error; err != nil {
		return nil, err
	}
	sees := map[string]bool{}
	for _, number := range seen {
		sees[number] = true
	}
	return slices.DeleteFunc(draws, func(d RecheckDraw) bool {
		return slices.ContainsFunc(d.From(), func(number string) bool { return !sees[number] })
	}), nil
}
