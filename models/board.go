package models

import (
	"context"
	"duban/models/day"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Board is the register as one person sees it and may change it, at one moment.
// It is made for a request or a job run, used, and dropped; it carries the
// context of that call.
type Board struct {
	db       *gorm.DB
	store    *Store
	me       User
	now      time.Time // one moment for the whole request, UTC, whole seconds
	zone     *time.Location
	calendar Calendar
	rules    Rules
	assigned *assignments
	within   bool          // a transaction
	told     *noticeBundle // where notices go instead of out: nil but for many deeds at once
}

// Board is the only way to the register's data.
func (s *Store) Board(ctx context.Context, me User) *Board {
	return &Board{
		db: s.db.WithContext(ctx), store: s, me: me,
		now: s.Now().UTC().Truncate(time.Second), zone: s.Zone, calendar: s.calendarNow(ctx), rules: s.rulesNow(ctx), assigned: &assignments{},
	}
}

// Me is whose board this is.
func (b *Board) Me() User { return b.me }

// Now is the board's moment, in the place's zone.
func (b *Board) Now() time.Time { return b.now.In(b.zone) }

// Today is the place's day, whatever the server's zone.
func (b *Board) Today() Day { return day.Of(b.now.In(b.zone)) }

// Calendar is the working calendar of the place.
func (b *Board) Calendar() Calendar { return b.calendar }

// act is the one door for changing an item. Whatever the act: the item is one
// this person may see, as they last saw it; they may do this to it; its status
// allows it; and the trail and those concerned hear of it. All of that or nothing
// is written. A verb brings only what is particular to it.
func (b *Board) act(a Act, seen Item, do func(tx *gorm.DB, item *Item) (Particulars, error)) (Item, error) {
	var item Item
	err := b.db.Transaction(func(tx *gorm.DB) (err error) {
		item, err = b.in(tx).step(a, seen, do)
		return err
	}, shortTurn)
	if errors.Is(err, errSentTwice) {
		return b.Item(seen.Number)
	}
	if err != nil {
		e := b.event(a, nil)
		e.about.object = seen.Number
		return Item{}, fmt.Errorf("%s item %d: %w", a, seen.ID, b.refused(err, e))
	}
	return item, nil
}

// errSentTwice says that what somebody adds is there already, by them and just now: the form was
// sent twice, and once it was done.
var errSentTwice = errors.New("sent twice")

// twiceWithin is how soon after the first the very same, added by the same person from a page
// drawn before it, is taken for the same press of a button.
const twiceWithin = 10 * time.Minute

// justAdded refuses to add what this person has just added from that same page: same are the
// rows that say the very same. Who has seen the item as it is now may say it again.
func (b *Board) justAdded(seen, item Item, same *gorm.DB) error {
	if seen.Version == item.Version {
		return nil
	}
	var n int64
	if err := same.Where("by_id = ? AND at > ?", b.me.ID, b.now.Add(-twiceWithin)).Count(&n).Error; err != nil || n == 0 {
		return err
	}
	return errSentTwice
}

// ofMeasure narrows what hangs on an item to what is of that measure, of none with nil.
func ofMeasure(q *gorm.DB, measure *int64) *gorm.DB {
	if measure == nil {
		return q.Where("measure_id IS NULL")
	}
	return q.Where("measure_id = ?", *measure)
}

// actEach does the same act to many items, some of them a transaction, each
// within a savepoint of its own: one that fails does not hold up the rest. It
// returns how many were done.
func (b *Board) actEach(a Act, seen []Item, do func(tx *gorm.DB, item *Item) (Particulars, error)) (done int, err error) {
	const together = 100
	var failed []error
	for len(seen) > 0 {
		some := seen[:min(together, len(seen))]
		seen = seen[len(some):]
		n := 0
		err := b.db.Transaction(func(tx *gorm.DB) error {
			for _, item := range some {
				err := tx.Transaction(func(tx *gorm.DB) error {
					_, err := b.in(tx).step(a, item, do)
					return err
				})
				switch refused := (Refused{}); {
				case err == nil:
					n++
				case errors.Is(err, ErrStale), errors.As(err, &refused): // someone was first
				default:
					failed = append(failed, fmt.Errorf("%s item %d: %w", a, item.ID, err))
				}
			}
			return nil
		})
		if err != nil {
			failed = append(failed, err)
			continue
		}
		done += n
	}
	return done, errors.Join(failed...)
}

// step is one act inside a transaction.
func (b *Board) step(a Act, seen Item, do func(tx *gorm.DB, item *Item) (Particulars, error)) (Item, error) {
	b, deed := b.doing()
	tx := b.db
	var item Item
	// Held from here on: the item's next event names the one before it, and two at
	// once must not name the same.
	if err := orNotFound(b.kept().Clauses(clause.Locking{Strength: "UPDATE"}).Where("items.id = ?", seen.ID).Take(&item).Error); err != nil {
		return Item{}, err
	}
	if item.Version != seen.Version && !road[a].adds {
		return Item{}, ErrStale
	}
	if err := b.check(a, item); err != nil {
		return Item{}, err
	}
	was := item
	particulars, err := do(tx, &item)
	if err != nil {
		return Item{}, err
	}
	if particulars == nil {
		particulars = Particulars{} // a nil map would be written as NULL
	}
	writes := quietWrites
	if !road[a].quiet {
		writes = actWrites
		item.Status = was.Status.after(a)
		item.Version++
	}
	if road[a].changes && was.Status.InHand() {
		if err := b.voidSignatures(&item, a, particulars); err != nil {
			return Item{}, err
		}
	}
	event := Event{
		ItemID: &item.ID, Act: a, ActorID: b.me.ID, At: b.now,
		From: was.Status, To: item.Status, Particulars: particulars,
	}
	if err := deed.done(b); err != nil {
		return Item{}, err
	}
	event.about = eventAbout{object: was.Number, changed: itemChanges(was, item, writes), rows: deed.rows}
	// What stays as it was is not written: it may be long, and each index that has it
	// would be written as well.
	written := append(slices.Sorted(maps.Keys(event.about.changed)), "version", "head")
	maps.Copy(event.about.changed, deed.changed)
	if event.about.prev, err = b.head(was); err != nil {
		return Item{}, err
	}
	b.compose(&event)
	item.Head = event.Leaf
	words, err := b.reworded(map[int64]Item{was.ID: was}, []Item{item}, deed.words)
	if err != nil {
		return Item{}, err
	}
	if err := b.save(a, was, item, written, words, &event); err != nil {
		return Item{}, err
	}
	if err := b.notePast(was, item); err != nil {
		return Item{}, err
	}
	return item, b.tell(event, item)
}

// save writes an item as an act leaves it, the words that changed with it, and its event;
// ErrStale when the item is no longer as it was.
func (b *Board) save(a Act, was, item Item, written []string, words []itemWords, e *Event) error {
	unchanged := condition{"id = ? AND version = ? AND status = ?", []any{was.ID, was.Version, was.Status}}
	if road[a].quiet {
		unchanged.sql += " AND flagged_due = ? AND flagged_review = ?"
		unchanged.args = append(unchanged.args, was.FlaggedDue, was.FlaggedReview)
	}
	inscribed, err := e.inscribed()
	if err != nil {
		return err
	}
	b.store.writes.Add(1)
	guard, guarded := twoPersons[a]
	if !guarded {
		return b.store.dialect.saveAct(b.db, itemSaved{item: item, columns: written, where: unchanged, words: words, event: inscribed}, &e.ID)
	}
	saved := guard(b, b.db.Model(&Item{}).Where(unchanged.sql, unchanged.args...), was).Select(written).Updates(&item)
	if saved.Error == nil && saved.RowsAffected == 0 {
		return ErrStale
	}
	if saved.Error != nil {
		return saved.Error
	}
	if err := b.writeWords(words); err != nil {
		return err
	}
	return b.db.Raw(inscribed.sql, inscribed.args...).Row().Scan(&e.ID)
}

// actWrites are the columns an act may change. Its number and its
// round are not among them.
var actWrites = []string{
	"source", "category", "title", "problem", "standard", "leader", "leader_id", "department", "handler", "handler_id",
	"due_on", "first_due_on", "standing", "review_on", "status", "status_word",
	"progress_on", "submitted_on", "submitted_by", "closed_on", "stated_on", "returned_reason",
	"unit_id", "tier", "ledger_no", "acknowledged_on", "extended", "asked_until", "signed", "measures", "measures_done", "version", "head",
}

// quietWrites is what a quiet act may change, and nobody else does.
var quietWrites = []string{"flagged_due", "flagged_review", "head"}

// govern is the smaller door, for changing the register itself: units, people,
// rounds. Its events have no item.
func (b *Board) govern(r Rule, do func(tx *gorm.DB) (Particulars, error)) error {
	err := b.db.Transaction(func(tx *gorm.DB) error {
		if !b.MayGovern(r) {
			return ErrForbidden
		}
		b, deed := b.in(tx).doing()
		particulars, err := do(b.db)
		if err != nil {
			return err
		}
		return b.inscribeDeed(Act(r), deed, particulars)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", r, b.refused(err, b.event(Act(r), nil)))
	}
	return nil
}

// in is the same board inside a transaction.
func (b *Board) in(tx *gorm.DB) *Board {
	inside := *b
	inside.db, inside.within = tx, true
	return &inside
}
