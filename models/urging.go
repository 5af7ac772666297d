package models

import (
	"cmp"
	"errors"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// UrgeItem is 催办: a supervisor reminds those who answer for an item now, between the
// reminders of the clock and the letters. It is a word and no paper, and says nothing
// about the item that its page does not.
const UrgeItem Act = "urge"

// Urging is what urging some items comes to: whom it tells, and what it leaves out.
type Urging struct {
	Units  []UrgedUnit // in the organisation's order
	Told   []Item      // urged today already
	Rest   []Item      // not in their unit's hands: handed in, or struck off
	People int
	Mail   int  // of the people: get it by mail as soon as mails go out
	Later  int  // have had today's mail: it stands in their next one
	Page   int  // have no address that takes mail
	Quiet  bool // mails go out when the quiet hours are over
}

// UrgedUnit is what of it concerns one unit.
type UrgedUnit struct {
	Unit   Unit
	Items  []Item
	People []User
}

// Items is how many items are urged.
func (u Urging) Items() int {
	n := 0
	for _, unit := range u.Units {
		n += len(unit.Items)
	}
	return n
}

// answerers are those who are told when an item is urged: who does the work, and the
// leader who answers for it. The head hears of what is late by itself and by letters.
func (b *Board) answerers(_ Event, item Item) ([]int64, error) {
	a, err := b.answeringFor(item)
	return distinct(slices.Concat(a.handlers, a.leaders)), err
}

// Urging is what urging these items would come to now.
func (b *Board) Urging(items []Item) (Urging, error) {
	if !officeOrSupervisor(b.me, Item{}) {
		return Urging{}, ErrForbidden
	}
	had, err := b.UrgedOn(items)
	if err != nil {
		return Urging{}, err
	}
	var u Urging
	var due []Item
	for _, item := range items {
		switch {
		case !item.Status.allows(UrgeItem):
			u.Rest = append(u.Rest, item)
		case had[item.ID] >= b.Today():
			u.Told = append(u.Told, item)
		default:
			due = append(due, item)
		}
	}
	return u, b.address(&u, due)
}

// address says of an urging whom its items concern, and how they hear of it.
func (b *Board) address(u *Urging, items []Item) error {
	units, err := b.UnitsByID()
	if err != nil {
		return err
	}
	of := map[int64][]int64{} // people of a unit
	var all []int64
	for _, item := range items {
		n := slices.IndexFunc(u.Units, func(of UrgedUnit) bool { return of.Unit.ID == item.UnitID })
		if n < 0 {
			n = len(u.Units)
			u.Units = append(u.Units, UrgedUnit{Unit: units[item.UnitID]})
		}
		u.Units[n].Items = append(u.Units[n].Items, item)
		people, err := b.answerers(Event{}, item)
		if err != nil {
			return err
		}
		people = slices.DeleteFunc(people, func(id int64) bool { return id == b.me.ID }) // nobody is told of what they did
		of[item.UnitID] = append(of[item.UnitID], people...)
		all = append(all, people...)
	}
	slices.SortFunc(u.Units, func(a, z UrgedUnit) int { return cmp.Compare(a.Unit.Seq, z.Unit.Seq) })
	all = distinct(all)
	var people []User
	if err := b.db.Where("id IN ?", all).Order("id").Find(&people).Error; err != nil {
		return err
	}
	var mailed []int64
	err = b.db.Model(&Mail{}).Where("kind = ? AND day = ? AND user_id IN ?", MailReminder, b.Today(), all).Pluck("user_id", &mailed).Error
	if err != nil {
		return err
	}
	u.People, u.Quiet = len(people), b.Quiet()
	for _, p := range people {
		switch {
		case p.Email == "" || p.MailError != "":
			u.Page++
		case slices.Contains(mailed, p.ID):
			u.Later++
		default:
			u.Mail++
		}
		for n := range u.Units {
			if slices.Contains(of[u.Units[n].Unit.ID], p.ID) {
				u.Units[n].People = append(u.Units[n].People, p)
			}
		}
	}
	return nil
}

// Urge reminds those who answer for these items, each item once a day, whoever asks and
// however often: with an event in its trail and a notice for each of them, which goes by
// mail as reminders do. It returns what was done; what was left out is told, and is no
// error.
func (b *Board) Urge(items []Item) (Urging, error) {
	if !officeOrSupervisor(b.me, Item{}) {
		return Urging{}, ErrForbidden
	}
	var u Urging
	err := b.db.Transaction(func(tx *gorm.DB) error {
		b := b.in(tx)
		u = Urging{}
		var done []Item
		for _, item := range items {
			if !item.Status.allows(UrgeItem) {
				u.Rest = append(u.Rest, item)
				continue
			}
			err := tx.Transaction(func(tx *gorm.DB) error {
				_, err := b.in(tx).step(UrgeItem, item, b.urge)
				return err
			})
			switch refused := (Refused{}); {
			case err == nil:
				done = append(done, item)
			case errors.As(err, &refused):
				u.Told = append(u.Told, item)
			case errors.Is(err, ErrStale): // somebody is at work on it at this moment
				u.Rest = append(u.Rest, item)
			default:
				return err
			}
		}
		return b.address(&u, done)
	})
	return u, err
}

// urge is what is particular to it: the row that makes it once a day.
func (b *Board) urge(tx *gorm.DB, item *Item) (Particulars, error) {
	made := tx.Clauses(clause.OnConflict{DoNothing: true}).
		Create(&reminder{ItemID: item.ID, Act: UrgeItem, About: b.Today(), Rung: 1, At: b.now})
	if made.Error == nil && made.RowsAffected == 0 {
		return nil, Refused{Key: "refused.urge"}
	}
	if made.Error != nil {
		return nil, made.Error
	}
	people, err := b.in(tx).answerers(Event{}, *item)
	return Particulars{"people": itoa(len(slices.DeleteFunc(people, func(id int64) bool { return id == b.me.ID })))}, err
}

// UrgedOn is when each of these items was last urged; none is missing.
func (b *Board) UrgedOn(items []Item) (map[int64]Day, error) {
	ids := make([]int64, len(items))
	for n, item := range items {
		ids[n] = item.ID
	}
	return b.urgedOn(ids)
}

// CardsUrgedOn is the same of rows of a list.
func (b *Board) CardsUrgedOn(cards []Card) (map[int64]Day, error) {
	ids := make([]int64, len(cards))
	for n, c := range cards {
		ids[n] = c.ID
	}
	return b.urgedOn(ids)
}

func (b *Board) urgedOn(ids []int64) (map[int64]Day, error) {
	on := map[int64]Day{}
	for some := range slices.Chunk(ids, batch) {
		var rows []reminder
		err := b.db.Model(&reminder{}).Select("item_id, MAX(about) AS about").Where("act = 'urge' AND item_id IN ?", some).Group("item_id").Find(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			on[row.ItemID] = row.About
		}
	}
	return on, nil
}

// UrgedReminders are the reminders of those who were urged and have had no mail today;
// none while it is quiet. What else there is to say to them today goes with it.
func (b *Board) UrgedReminders() ([]Reminder, error) {
	if b.me.Role != clerk {
		return nil, ErrForbidden
	}
	if b.Quiet() {
		return nil, nil
	}
	urged := b.db.Model(&Notice{}).Select("user_id").Where("act = 'urge' AND mailed_on = '' AND read_at IS NULL")
	waiting, err := b.reminded(urged)
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	if err := b.takeBackReminders(); err != nil {
		return nil, err
	}
	if _, err := b.RemindItems(); err != nil {
		return nil, err
	}
	return b.reminders(waiting)
}
