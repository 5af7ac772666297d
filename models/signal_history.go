package models

import (
	"time"

	"gorm.io/gorm"

	"duban/models/day"
	"duban/models/signal"
)

// unitHistory is a unit in a round with all that the signals read of it.
type unitHistory struct {
	round Round
	unit  signal.Unit
}

// ofItems are rows that hang on items, by item.
func ofItems[T any](q *gorm.DB, order string, item func(T) int64) (map[int64][]T, error) {
	var rows []T
	err := q.Order(order).Find(&rows).Error
	of := map[int64][]T{}
	for _, r := range rows {
		of[item(r)] = append(of[item(r)], r)
	}
	return of, err
}

// histories are a unit's histories, one for each round it has items in, the oldest
// first; each has the rounds before it. The numbers of its items are given with their
// IDs.
func (b *Board) histories(u Unit) (out []unitHistory, numbers map[string]int64, err error) {
	var items []Item
	if err := b.items().Where("items.unit_id = ?", u.ID).Order("items.id").Find(&items).Error; err != nil {
		return nil, nil, err
	}
	var rounds []Round
	if err := b.db.Where("id IN (?)", b.items().Where("items.unit_id = ?", u.ID).Select("items.round_id")).Order("year, begins_on, id").Find(&rounds).Error; err != nil {
		return nil, nil, err
	}
	organ, err := b.organ(u)
	if err != nil {
		return nil, nil, err
	}
	full, err := b.itemHistories(u, items)
	if err != nil {
		return nil, nil, err
	}
	numbers = map[string]int64{}
	var earlier []signal.Earlier
	for _, round := range rounds {
		var days []RoundUnit
		if err := b.db.Where("round_id = ? AND unit_id = ?", round.ID, u.ID).Find(&days).Error; err != nil {
			return nil, nil, err
		}
		h := unitHistory{round: round, unit: signal.Unit{Is: organ, Round: signal.Round{Code: round.Code, AsOf: b.Today()}, Earlier: earlier}}
		for _, d := range days {
			h.unit.Round.NoticeOn, h.unit.Round.FeedbackOn, h.unit.Round.WindowEnd = d.NoticeOn, d.FeedbackOn, d.WindowEnd
		}
		past := signal.Earlier{Round: round.Code}
		for n, item := range items {
			if item.RoundID != round.ID {
				continue
			}
			numbers[item.Number] = item.ID
			h.unit.Items = append(h.unit.Items, full[n])
			past.Items = append(past.Items, signal.EarlierItem{Number: item.Number, Category: item.Category, Problem: item.Problem, Status: string(item.Status)})
		}
		out = append(out, h)
		earlier = append(earlier[:len(earlier):len(earlier)], past)
	}
	return out, numbers, nil
}

// organ is a unit as an organisation: its leadership are the accounts of its head and
// leaders, its subordinates the units below it.
func (b *Board) organ(u Unit) (signal.Organ, error) {
	organ := signal.Organ{ID: u.Code, Name: u.Name}
	people, err := b.PeopleOf(u.ID)
	if err != nil {
		return organ, err
	}
	for _, p := range people {
		if p.Role == Head || p.Role == Leader {
			organ.Leadership = append(organ.Leadership, signal.Leader{Name: p.FullName, Head: p.Role == Head})
		}
	}
	return organ, b.db.Model(&Unit{}).Where("parent_id = ?", u.ID).Pluck("name", &organ.Subordinates).Error
}

// itemHistories are items as signals read them, in their order.
func (b *Board) itemHistories(u Unit, items []Item) ([]signal.Item, error) {
	of := func() *gorm.DB {
		return b.db.Where("item_id IN (?)", b.items().Where("items.unit_id = ?", u.ID).Select("items.id"))
	}
	measures, err := ofItems(of(), "seq", func(m Measure) int64 { return m.ItemID })
	if err != nil {
		return nil, err
	}
	progress, err := ofItems(of(), "id", func(p Progress) int64 { return p.ItemID })
	if err != nil {
		return nil, err
	}
	evidence, err := ofItems(of().Where("id NOT IN (?)", b.db.Model(&Evidence{}).Where("earlier_id IS NOT NULL").Select("earlier_id")), "id", func(e Evidence) int64 { return e.ItemID })
	if err != nil {
		return nil, err
	}
	var files []File
	if err := b.db.Where("unit_id = ?", u.ID).Find(&files).Error; err != nil {
		return nil, err
	}
	sums := map[int64]string{}
	for _, f := range files {
		sums[f.ID] = f.SHA256
	}
	submissions, err := ofItems(of(), "id", func(s Submission) int64 { return s.ItemID })
	if err != nil {
		return nil, err
	}
	verifications, err := ofItems(of(), "id", func(v Verification) int64 { return v.ItemID })
	if err != nil {
		return nil, err
	}
	closures, err := ofItems(of(), "id", func(c Closure) int64 { return c.ItemID })
	if err != nil {
		return nil, err
	}
	extensions, err := ofItems(of(), "id", func(x Extension) int64 { return x.ItemID })
	if err != nil {
		return nil, err
	}
	achieved, err := ofItems(of().Where("withdrawn_at IS NULL"), "id", func(a Achievement) int64 { return a.ItemID })
	if err != nil {
		return nil, err
	}
	registered, err := b.registeredAt(u)
	if err != nil {
		return nil, err
	}
	out := make([]signal.Item, len(items))
	for n, item := range items {
		h := signal.Item{
			Number: item.Number, Tier: item.Tier, Source: item.Source, Category: item.Category, Problem: item.Problem, Standard: item.Standard,
			Leader: item.Leader, Handler: item.Handler, Imported: item.ImportID != nil, Status: string(item.Status), RegisteredAt: b.instant(registered[item.ID]),
		}
		place := map[int64]int{}
		for _, m := range measures[item.ID] {
			place[m.ID] = m.Seq
			h.Measures = append(h.Measures, signal.Measure{Seq: m.Seq, Text: m.Text, Kind: m.Kind, Result: m.Result})
		}
		for _, p := range progress[item.ID] {
			h.Progress = append(h.Progress, signal.Progress{On: day.Of(p.At.In(b.zone)), Text: p.Text})
		}
		for _, e := range evidence[item.ID] {
			proof := signal.Evidence{Name: e.FileName, DocNo: e.DocNo, HandedInAt: b.instant(e.At), HandedInOn: day.Of(e.At.In(b.zone))}
			if e.FileID != nil {
				proof.SHA256 = sums[*e.FileID]
			}
			if e.MeasureID != nil {
				seq := place[*e.MeasureID]
				proof.Measure = &seq
			}
			if proof.Name == "" {
				proof.Name = e.Note
			}
			h.Evidence = append(h.Evidence, proof)
		}
		for _, s := range submissions[item.ID] {
			h.Submissions = append(h.Submissions, signal.Submission{At: b.instant(s.At), Outcome: string(s.Outcome)})
		}
		for _, v := range verifications[item.ID] {
			h.Verifications = append(h.Verifications, signal.Verification{Verdict: string(v.Verdict), Words: v.Words})
		}
		for _, c := range closures[item.ID] {
			if c.ReopenedOn == "" {
				h.Closures = append(h.Closures, signal.Closure{On: c.ClosedOn, At: b.instant(c.At)})
			}
		}
		for _, x := range extensions[item.ID] {
			h.Extensions = append(h.Extensions, b.movedDate(x))
		}
		h.Achieved = achievedNumbers(achieved[item.ID])
		out[n] = h
	}
	return out, nil
}

// movedDate is an extension as signals read it.
func (b *Board) movedDate(x Extension) signal.Extension {
	moved := signal.Extension{FromOn: x.FromOn, ToOn: x.ToOn, Why: string(x.Why), Reason: x.Reason, State: string(x.State), DocNo: x.DocNo}
	if !x.AskedAt.IsZero() {
		moved.AskedOn = day.Of(x.AskedAt.In(b.zone))
	}
	return moved
}

// achievedNumbers are what an item has achieved, by kind.
func achievedNumbers(all []Achievement) (n signal.Numbers) {
	for _, a := range all {
		switch a.Kind {
		case AchievementRules:
			n.Rules += float64(a.N)
		case AchievementMoney:
			n.MoneyYuan += float64(a.N)
		case AchievementPeople:
			n.People += float64(a.N)
		}
	}
	return n
}

// instant is a moment as a signal reads it, in the place's zone.
func (b *Board) instant(at time.Time) signal.Instant {
	if at.IsZero() {
		return signal.Instant{}
	}
	return signal.Instant{Time: at.In(b.zone)}
}

// registeredAt is when each of a unit's items was registered, by its first event.
func (b *Board) registeredAt(u Unit) (map[int64]time.Time, error) {
	var events []Event
	first := b.db.Model(&Event{}).Where("item_id IN (?)", b.items().Where("items.unit_id = ?", u.ID).Select("items.id")).Group("item_id").Select("MIN(id)")
	err := b.db.Select("id", "item_id", "at").Where("id IN (?)", first).Find(&events).Error
	of := map[int64]time.Time{}
	for _, e := range events {
		of[*e.ItemID] = e.At
	}
	return of, err
}
