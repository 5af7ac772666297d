package models

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"
)

// Measure is one thing that is done about an item. Owners are people or posts,
// the first of them first in charge. Its deadline is kept as typed beside the day
// it was understood to mean; Ask is what a person still has to say about it.
type Measure struct {
	ID             int64
	ItemID         int64
	Seq            int
	Text           string
	Kind           string
	Leader         string
	Department     string
	Owners         []string `gorm:"serializer:json"`
	DeadlinePhrase string
	DueOn          Day
	Standing       bool
	Ask            string
	Assumed        string
	DoneOn         Day
	DoneBy         int64
	Result         string
}

// OwnersTyped are those in charge as one field of a form has them.
func (m Measure) OwnersTyped() string { return strings.Join(m.Owners, "、") }

// Done says whether the measure is ticked off.
func (m Measure) Done() bool { return m.DoneOn != "" }

// Measures are an item's measures, in their order.
func (b *Board) Measures(item Item) ([]Measure, error) {
	var measures []Measure
	err := b.about(item).Order("seq").Find(&measures).Error
	return measures, err
}

// CompleteMeasure ticks a measure done with its result, in words or numbers. A
// measure without a result is refused, and so is one already done.
func (b *Board) CompleteMeasure(item Item, measureID int64, result string) (Item, error) {
	result = strings.TrimSpace(result)
	return b.act(CompleteMeasure, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		var p Problems
		textProblem(&p, "result", result, longestResult)
		if p != nil {
			return nil, p
		}
		m, err := b.in(tx).measure(*item, measureID)
		if err != nil {
			return nil, err
		}
		if m.Done() {
			return nil, Refused{Key: "measure.already_done", Args: []any{m.Seq}}
		}
		done := tx.Model(&Measure{}).Where("id = ? AND item_id = ? AND done_on = ''", m.ID, item.ID).
			Updates(map[string]any{"done_on": b.Today(), "done_by": b.me.ID, "result": result})
		if err := oneRow(done); err != nil {
			return nil, err
		}
		item.MeasuresDone++
		item.ProgressOn = b.Today()
		return Particulars{"measure": itoa(m.Seq), "result": result}, nil
	})
}

// ReopenMeasure takes a tick back. Its result stays in the trail.
func (b *Board) ReopenMeasure(item Item, measureID int64) (Item, error) {
	return b.act(ReopenMeasure, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		m, err := b.in(tx).measure(*item, measureID)
		if err != nil {
			return nil, err
		}
		if !m.Done() {
			return nil, Refused{Key: "measure.not_done", Args: []any{m.Seq}}
		}
		undone := tx.Model(&Measure{}).Where("id = ? AND item_id = ? AND done_on <> ''", m.ID, item.ID).
			Updates(map[string]any{"done_on": "", "done_by": 0, "result": ""})
		if err := oneRow(undone); err != nil {
			return nil, err
		}
		item.MeasuresDone--
		return Particulars{"measure": itoa(m.Seq), "result": m.Result}, nil
	})
}

// measure is one measure of this item; another item's is not found.
func (b *Board) measure(item Item, id int64) (Measure, error) {
	var m Measure
	return m, orNotFound(b.about(item).Where("id = ?", id).Take(&m).Error)
}

// How many characters these texts may have. A longer one belongs into a file.
const (
	longestProgress = 2000
	longestResult   = 500
)

// textProblem says when a required text is missing or too long. One that nobody can see
// is missing.
func textProblem(p *Problems, field, text string, longest int) {
	seen := func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }
	switch n := utf8.RuneCountInString(text); {
	case !strings.ContainsFunc(text, seen):
		p.Add(field, "required")
	case n > longest:
		p.Add(field, "too_long", longest, n)
	}
}

// wordsProblem says when the words that an act must be given are missing or too long.
func wordsProblem(words string) error {
	var p Problems
	textProblem(&p, "words", words, longestResult)
	return p.Err()
}
