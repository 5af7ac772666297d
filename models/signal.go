package models

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"duban/models/signal"
)

// Signal 信号 is a question about an item, or with no item about a unit: that its
// rectification may be on paper only. Shown is what it rests on. Once answered it rests
// until its Ground, the hash of all that, is another; when the ground is gone it ends.
type Signal struct {
	ID         int64
	UnitID     int64
	RoundID    int64
	ItemID     *int64
	Name       signal.Name
	Strength   int            // of a hundred
	Shown      []signal.Shown `gorm:"serializer:json"`
	Ground     string
	RaisedOn   Day
	EndedOn    Day
	Words      string // of the answer
	AnsweredBy int64
	AnsweredAt *time.Time
}

// AnswerSignal is a supervisor's answer that a signal was looked into and nothing is
// wrong 已核实无问题.
const AnswerSignal Act = "answer_signal"

// observation is one night's reading: up to which event, and of how many units.
type observation struct {
	ID      int64
	EventID int64
	At      time.Time
	Units   int
}

// Observe asks what the signals ask about each unit of which something was done since it
// was last asked. It returns how many questions are new. What is asked of a unit is
// written at once or not at all; one that fails is asked about again on the next night.
func (b *Board) Observe() (raised int, err error) {
	if b.me.Role != clerk {
		return 0, ErrForbidden
	}
	var last, newest int64
	if err := b.db.Model(&observation{}).Select("COALESCE(MAX(event_id), 0)").Scan(&last).Error; err != nil {
		return 0, err
	}
	if err := b.db.Model(&Event{}).Select("COALESCE(MAX(id), 0)").Scan(&newest).Error; err != nil || newest == last {
		return 0, err
	}
	var units []Unit
	done := b.db.Model(&Event{}).Joins("JOIN items ON items.id = events.item_id").Where("events.id > ? AND events.id <= ?", last, newest).Select("items.unit_id")
	if err := b.db.Where("id IN (?)", done).Order("seq, id").Find(&units).Error; err != nil {
		return 0, err
	}
	if len(units) > 0 {
		var register *signal.Register
		if register, err = b.signalRegister(); err != nil {
			return 0, err
		}
		for _, u := range units {
			n, err := b.observe(u, register)
			if err != nil {
				return raised, err
			}
			raised += n
		}
	}
	return raised, b.db.Create(&observation{EventID: newest, At: b.now, Units: len(units)}).Error
}

// observe asks about a unit, in each of its rounds.
func (b *Board) observe(u Unit, register *signal.Register) (raised int, err error) {
	histories, numbers, err := b.histories(u)
	if err != nil {
		return 0, err
	}
	err = b.db.Transaction(func(tx *gorm.DB) error {
		raised = 0
		for _, h := range histories {
			n, err := b.in(tx).keepSignals(u, h.round, numbers, register.Observe(&h.unit, nil))
			if err != nil {
				return err
			}
			raised += n
		}
		return nil
	})
	return raised, err
}

// keepSignals writes what is asked of a unit in a round: what is new is added, what is
// asked no more ends, and what is asked as before stays as it is, answered or not.
func (b *Board) keepSignals(u Unit, round Round, numbers map[string]int64, found []signal.Finding) (raised int, err error) {
	var asked []Signal
	if err := b.db.Where("unit_id = ? AND round_id = ? AND ended_on = ''", u.ID, round.ID).Find(&asked).Error; err != nil {
		return 0, err
	}
	type question struct {
		item   int64
		name   signal.Name
		ground string
	}
	of := func(s Signal) question {
		q := question{name: s.Name, ground: s.Ground}
		if s.ItemID != nil {
			q.item = *s.ItemID
		}
		return q
	}
	before := map[question]int64{}
	for _, s := range asked {
		before[of(s)] = s.ID
	}
	var fresh []Signal
	for _, f := range found {
		s := Signal{UnitID: u.ID, RoundID: round.ID, Name: f.Signal, Strength: int(100*f.Strength + 0.5), Shown: f.Evidence, Ground: groundOf(f.Evidence), RaisedOn: b.Today()}
		if id, ok := numbers[f.Item]; ok {
			s.ItemID = &id
		}
		if _, known := before[of(s)]; known {
			delete(before, of(s))
			continue
		}
		fresh = append(fresh, s)
	}
	var over []int64
	for _, id := range before {
		over = append(over, id)
	}
	if len(over) > 0 {
		if err := b.db.Model(&Signal{}).Where("id IN ?", over).UpdateColumn("ended_on", b.Today()).Error; err != nil {
			return 0, err
		}
	}
	return len(fresh), b.createAll(&fresh)
}

// groundOf is the hash of what a question rests on.
func groundOf(shown []signal.Shown) string {
	said, err := json.Marshal(shown)
	if err != nil {
		panic(err) // texts, days and numbers
	}
	sum := sha256.Sum256(said)
	return hex.EncodeToString(sum[:16])
}

// SignalAsk is which signals are asked for: those about the items of a filter, of one
// name or of all.
type SignalAsk struct {
	Filter Filter
	Name   signal.Name
}

// SignalRow is a signal as its page shows it, with the item it is about.
type SignalRow struct {
	Signal
	Item *Card
}

// signalsShown is how many a page shows at most.
const signalsShown = 200

// Signals are the questions that wait, the strongest first. Those about a unit itself
// are shown to whoever sees all of it, while no filter narrows the items beyond their
// unit. What belongs to an item that this person may not see is left out of what is
// shown.
func (b *Board) Signals(ask SignalAsk) (rows []SignalRow, more bool, err error) {
	seen, err := b.sight()
	if err != nil {
		return nil, false, err
	}
	q := b.db.Where("ended_on = '' AND answered_by = 0")
	about := b.where(ask.Filter).Select("items.id")
	ofUnit := ask.Filter
	ofUnit.Units = nil
	if !seen.worded() && ofUnit.Values().Encode() == (Filter{}).Values().Encode() {
		units := b.units().Select("units.id")
		if len(ask.Filter.Units) > 0 {
			units = units.Where("units.code IN ?", ask.Filter.Units)
		}
		q = q.Where("item_id IN (?) OR item_id IS NULL AND unit_id IN (?)", about, units)
	} else {
		q = q.Where("item_id IN (?)", about)
	}
	if ask.Name != "" {
		q = q.Where("name = ?", ask.Name)
	}
	var signals []Signal
	if err := q.Order("strength DESC, id").Limit(signalsShown + 1).Find(&signals).Error; err != nil {
		return nil, false, err
	}
	more = len(signals) > signalsShown
	rows, err = b.signalRows(signals[:min(len(signals), signalsShown)])
	return rows, more, err
}

// SignalsOf are an item's signals, those that wait first, then those that were answered.
func (b *Board) SignalsOf(item Item) ([]SignalRow, error) {
	var signals []Signal
	if err := b.about(item).Where("ended_on = ''").Order("answered_by, strength DESC, id").Find(&signals).Error; err != nil {
		return nil, err
	}
	return b.signalRows(signals)
}

// SelfCheck 提交前自查 is what would be asked about an item if it were handed in now, for
// those who sign for it or hand it in: the same signals, beside the unit's own texts and
// files alone. It is nothing for all others, is not kept, and holds nobody up.
func (b *Board) SelfCheck(item Item) ([]SignalRow, error) {
	if !b.May(SignItem, item) && !b.May(SubmitItem, item) {
		return nil, nil
	}
	var u Unit
	if err := b.db.Take(&u, item.UnitID).Error; err != nil {
		return nil, err
	}
	histories, _, err := b.histories(u)
	if err != nil {
		return nil, err
	}
	var asked []Signal
	for _, h := range histories {
		if h.round.ID != item.RoundID {
			continue
		}
		for _, f := range signal.SelfCheck(h.unit, item.Number, b.instant(b.now), nil) {
			asked = append(asked, Signal{UnitID: u.ID, RoundID: item.RoundID, ItemID: &item.ID, Name: f.Signal, Strength: int(100*f.Strength + 0.5), Shown: f.Evidence, RaisedOn: b.Today()})
		}
	}
	return b.signalRows(asked)
}

// signalRows are signals with their items, without what belongs to items that this
// person may not see.
func (b *Board) signalRows(signals []Signal) ([]SignalRow, error) {
	var ids []int64
	var numbers []string
	for _, s := range signals {
		if s.ItemID != nil {
			ids = append(ids, *s.ItemID)
		}
		for _, shown := range s.Shown {
			if shown.Item != "" {
				numbers = append(numbers, shown.Item)
			}
		}
	}
	var cards []Card
	if err := b.items().Where("items.id IN ? OR items.number IN ?", ids, numbers).Find(&cards).Error; err != nil {
		return nil, err
	}
	byID, byNumber := map[int64]*Card{}, map[string]bool{}
	for n := range cards {
		byID[cards[n].ID], byNumber[cards[n].Number] = &cards[n], true
	}
	rows := make([]SignalRow, 0, len(signals))
	for _, s := range signals {
		s.Shown = slices.Clone(s.Shown)
		for n, shown := range s.Shown {
			if shown.Item != "" && !byNumber[shown.Item] {
				s.Shown[n].Unit, s.Shown[n].Item, s.Shown[n].Round, s.Shown[n].OtherText, s.Shown[n].File = "", "", "", "", ""
			}
		}
		row := SignalRow{Signal: s}
		if s.ItemID != nil {
			if row.Item = byID[*s.ItemID]; row.Item == nil {
				continue // taken out of sight between two statements
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// AnswerSignal answers a signal about an item: it was looked into, and nothing is wrong,
// for this reason. From then on it rests until what it rests on is another.
func (b *Board) AnswerSignal(item Item, id int64, words string) (Item, error) {
	words = strings.TrimSpace(words)
	return b.act(AnswerSignal, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		if err := wordsProblem(words); err != nil {
			return nil, err
		}
		var s Signal
		if err := orNotFound(tx.Where("id = ? AND item_id = ?", id, item.ID).Take(&s).Error); err != nil {
			return nil, err
		}
		if s.AnsweredBy != 0 || s.EndedOn != "" {
			return nil, Refused{Key: "signal.answered"}
		}
		answered := tx.Model(&Signal{}).Where("id = ? AND answered_by = 0 AND ended_on = ''", id).
			Select("words", "answered_by", "answered_at").UpdateColumns(Signal{Words: words, AnsweredBy: b.me.ID, AnsweredAt: &b.now})
		if answered.Error == nil && answered.RowsAffected == 0 {
			return nil, ErrStale
		}
		return Particulars{"signal": string(s.Name), "words": words}, answered.Error
	})
}

// signalRegister is all progress of the register, to be compared with.
func (b *Board) signalRegister() (*signal.Register, error) {
	var names []string
	if err := b.db.Model(&User{}).Pluck("full_name", &names).Error; err != nil {
		return nil, err
	}
	var units []Unit
	var entries int64
	err := errors.Join(b.db.Find(&units).Error, b.db.Model(&Progress{}).Count(&entries).Error)
	if err != nil {
		return nil, err
	}
	codes := map[int64]string{}
	for _, u := range units {
		codes[u.ID] = u.Code
		names = append(names, u.Name)
	}
	register := signal.NewRegister(nil, nil, names, int(entries), b.entryText)
	rows, err := b.items().Select("items.unit_id, items.number, progress.text").Joins("JOIN progress ON progress.item_id = items.id").
		Order("items.unit_id, items.id, progress.id").Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var at int64
	of := signal.Unit{}
	for rows.Next() {
		var unit int64
		var number, text string
		if err := rows.Scan(&unit, &number, &text); err != nil {
			return nil, err
		}
		if unit != at {
			register.Take(&of)
			at, of = unit, signal.Unit{Is: signal.Organ{ID: codes[unit]}}
		}
		if n := len(of.Items); n == 0 || of.Items[n-1].Number != number {
			of.Items = append(of.Items, signal.Item{Number: number})
		}
		last := &of.Items[len(of.Items)-1]
		last.Progress = append(last.Progress, signal.Progress{Text: text})
	}
	register.Take(&of)
	return register, rows.Err()
}

// entryText is an entry of progress again; "" when it is gone.
func (b *Board) entryText(p signal.Place) string {
	var texts []string
	err := b.db.Model(&Progress{}).Joins("JOIN items ON items.id = progress.item_id").Where("items.number = ?", p.Item).
		Order("progress.id").Offset(p.Entry).Limit(1).Pluck("progress.text", &texts).Error
	if err != nil || len(texts) == 0 {
		return ""
	}
	return texts[0]
}
