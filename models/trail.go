package models

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"duban/models/trail"
)

// recordVersion is the form of the records written today. A record of an older form
// stays as it was written. Those of the second form are each written once: what makes
// them so is in them.
const recordVersion = 2

// Record is an event in its canonical bytes: this, as JSON, with its keys in this
// order. What is hashed is the record; whoever has it needs no database to read what
// was done, by whom, to what.
type Record struct {
	Version     int                  `json:"v"`
	At          string               `json:"at"` // with the offset of the place
	Person      RecordPerson         `json:"person"`
	Origin      *Origin              `json:"origin,omitempty"`
	Act         Act                  `json:"act"`
	Result      string               `json:"result"` // done, or why not
	Object      string               `json:"object,omitempty"`
	Item        int64                `json:"item,omitempty"`
	From        Status               `json:"from,omitempty"`
	To          Status               `json:"to,omitempty"`
	Particulars Particulars          `json:"particulars,omitempty"`
	Changed     map[string][2]string `json:"changed,omitempty"`
	Rows        map[string]string    `json:"rows,omitempty"`
	Prev        string               `json:"prev,omitempty"`
	Once        string               `json:"once,omitempty"` // by chance, so that no other record has the same bytes
}

// RecordPerson is who it was, as they were at that moment.
type RecordPerson struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Full string `json:"full,omitempty"`
	Role Role   `json:"role"`
	Unit int64  `json:"unit,omitempty"`
}

// bytes is the record as it is hashed: what json.Marshal makes of it, without asking each
// time what a record is made of. A ledger of thousands is as many records.
func (r Record) bytes() []byte {
	to := make([]byte, 0, 1024)
	text := func(key, value string) {
		if value != "" {
			to = append(append(append(to, ",\""...), key...), "\":"...)
			to = appendQuoted(to, value)
		}
	}
	number := func(key string, value int64) {
		if value != 0 {
			to = append(append(append(to, ",\""...), key...), "\":"...)
			to = strconv.AppendInt(to, value, 10)
		}
	}
	to = strconv.AppendInt(append(to, "{\"v\":"...), int64(r.Version), 10)
	to = appendQuoted(append(to, ",\"at\":"...), r.At)
	to = strconv.AppendInt(append(to, ",\"person\":{\"id\":"...), r.Person.ID, 10)
	to = appendQuoted(append(to, ",\"name\":"...), r.Person.Name)
	text("full", r.Person.Full)
	to = appendQuoted(append(to, ",\"role\":"...), string(r.Person.Role))
	number("unit", r.Person.Unit)
	to = append(to, '}')
	if r.Origin != nil {
		at := len(to) + len(",\"origin\":{")
		to = append(to, ",\"origin\":{"...)
		text("address", r.Origin.Address)
		text("session", r.Origin.Session)
		text("request", r.Origin.Request)
		if len(to) > at { // without the comma before the first
			to = append(to[:at], to[at+1:]...)
		}
		to = append(to, '}')
	}
	to = appendQuoted(append(to, ",\"act\":"...), string(r.Act))
	to = appendQuoted(append(to, ",\"result\":"...), r.Result)
	text("object", r.Object)
	number("item", r.Item)
	text("from", string(r.From))
	text("to", string(r.To))
	to = appendTexts(to, "particulars", r.Particulars)
	if len(r.Changed) > 0 {
		to = append(to, ",\"changed\":"...)
		before := byte('{')
		for _, key := range slices.Sorted(maps.Keys(r.Changed)) {
			to = append(appendQuoted(append(to, before), key), ":["...)
			to = append(appendQuoted(to, r.Changed[key][0]), ',')
			to = append(appendQuoted(to, r.Changed[key][1]), ']')
			before = ','
		}
		to = append(to, '}')
	}
	to = appendTexts(to, "rows", r.Rows)
	text("prev", r.Prev)
	text("once", r.Once)
	return append(to, '}')
}

// appendTexts appends texts by name as a further member of an object, the names sorted;
// nothing for none.
func appendTexts(to []byte, member string, texts map[string]string) []byte {
	if len(texts) == 0 {
		return to
	}
	to = appendQuoted(append(to, ','), member)
	to = append(to, ':')
	before := byte('{')
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		to = append(appendQuoted(append(to, before), key), ':')
		to = appendQuoted(to, texts[key])
		before = ','
	}
	return append(to, '}')
}

// Origin is where an act came from: the address, a digest of the session, and the
// number of the request, which stands in the program's log as well.
type Origin struct {
	Address string `json:"address,omitempty"`
	Session string `json:"session,omitempty"`
	Request string `json:"request,omitempty"`
}

// resultDone is the result of what was done.
const resultDone = "done"

type originKey struct{}

// CameFrom is a context whose acts came from there.
func CameFrom(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// inscribe writes events into the trail, each with its record, leaf and seal. It and
// save are the only ways in. While some are written the next are drawn up.
func (b *Board) inscribe(events ...*Event) error {
	if len(events) == 1 {
		if events[0].Leaf == "" {
			b.compose(events[0])
		}
		return b.db.Create(events[0]).Error
	}
	const block = 250
	ready := make(chan []*Event, 2)
	over := make(chan struct{})
	defer close(over)
	go func() {
		defer close(ready)
		for some := range slices.Chunk(events, block) {
			for _, e := range some {
				if e.Leaf == "" {
					b.compose(e)
				}
			}
			select {
			case ready <- some:
			case <-over:
				return
			}
		}
	}()
	for some := range ready {
		if err := b.createAll(&some); err != nil {
			return err
		}
	}
	return nil
}

// inscribed is the statement that writes the event of an act, composed, in so many words,
// and asks for its number: every act pays for it.
func (e *Event) inscribed() (condition, error) {
	particulars, err := json.Marshal(e.Particulars)
	return condition{"INSERT INTO events (item_id, act, actor_id, at, from_status, to_status, particulars, result, record, leaf, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
		[]any{e.ItemID, e.Act, e.ActorID, e.At, e.From, e.To, string(particulars), e.Result, e.Record, e.Leaf, e.Seal}}, err
}

// note enters an event of this person, now, that is about no item.
func (b *Board) note(a Act, particulars Particulars) error {
	e := b.event(a, particulars)
	return b.inscribe(&e)
}

// inscribeDeed enters an event about the register itself, with what was written.
func (b *Board) inscribeDeed(a Act, d *deedRows, particulars Particulars) error {
	if err := d.done(b); err != nil {
		return err
	}
	e := b.event(a, particulars)
	e.about.rows, e.about.changed = d.rows, d.changed
	return b.inscribe(&e)
}

// event is an event of this person, now, that is about no item.
func (b *Board) event(a Act, particulars Particulars) Event {
	if particulars == nil {
		particulars = Particulars{} // a nil map would be written as NULL
	}
	return Event{Act: a, ActorID: b.me.ID, At: b.now, Particulars: particulars}
}

// compose draws up an event's record, its leaf and its seal.
func (b *Board) compose(e *Event) {
	r := Record{
		Version: recordVersion, At: e.At.In(b.zone).Format(time.RFC3339),
		Person: RecordPerson{ID: b.me.ID, Name: b.me.Name, Full: b.me.FullName, Role: b.me.Role},
		Act:    e.Act, Result: e.Result, Object: e.about.object, From: e.From, To: e.To, Particulars: e.Particulars,
		Changed: e.about.changed, Rows: e.about.rows, Prev: e.about.prev, Once: byChance(),
	}
	if r.Result == "" {
		r.Result = resultDone
	}
	if b.me.UnitID != nil {
		r.Person.Unit = *b.me.UnitID
	}
	if e.ItemID != nil {
		r.Item = *e.ItemID
	}
	if r.Object == "" {
		r.Object = objectOf(e.Particulars)
	}
	if o, ok := b.db.Statement.Context.Value(originKey{}).(Origin); ok {
		r.Origin = &o
	}
	bytes := r.bytes()
	e.Record, e.Leaf = string(bytes), trail.Leaf(bytes)
	e.Seal = b.store.seal(e.Leaf)
}

// objectOf names what an act on the register itself was done to.
func objectOf(p Particulars) string {
	for _, kind := range []string{"user", "unit", "round", "handover", "import", "letter", "job", "file"} {
		if name := p[kind]; name != "" {
			return kind + " " + name
		}
	}
	return ""
}

// byChance is a word that no other record has.
func byChance() string {
	var random [12]byte
	_, _ = rand.Read(random[:])
	return base64.RawURLEncoding.EncodeToString(random[:])
}

// seal is what only a program with the register's key can write under a leaf, ""
// without one.
func (s *Store) seal(leaf string) string {
	if s.key == nil {
		return ""
	}
	return s.key.Seal(leaf)
}

// head is the leaf of the item's newest event.
func (b *Board) head(item Item) (string, error) {
	if item.Head != "" {
		return item.Head, nil
	}
	var leaves []string // an item keeps none before its second event
	err := b.db.Model(&Event{}).Where("item_id = ?", item.ID).Order("id DESC").Limit(1).Pluck("leaf", &leaves).Error
	if err != nil || len(leaves) == 0 {
		return "", err
	}
	return leaves[0], nil
}

// mention enters an event about an item that changes nothing of it: it was looked at.
func (b *Board) mention(a Act, item Item, particulars Particulars) error {
	return b.db.Transaction(func(tx *gorm.DB) error {
		b := b.in(tx)
		var now Item
		if err := orNotFound(tx.Clauses(clause.Locking{Strength: "UPDATE"}).Select("id", "number", "status", "head").Take(&now, item.ID).Error); err != nil {
			return err
		}
		e := b.event(a, particulars)
		e.ItemID, e.From, e.To = &now.ID, now.Status, now.Status
		head, err := b.head(now)
		if err != nil {
			return err
		}
		e.about = eventAbout{object: now.Number, prev: head}
		if err := b.inscribe(&e); err != nil {
			return err
		}
		return oneRow(tx.Model(&Item{}).Where("id = ?", now.ID).Update("head", e.Leaf))
	}, shortTurn)
}

// farewell is the last event of each of these items, which are about to be taken away.
func (b *Board) farewell(a Act, ids []int64, particulars Particulars) ([]*Event, error) {
	var items []Item
	if err := b.db.Select("id", "number", "status", "head").Where("id IN ?", ids).Order("id").Find(&items).Error; err != nil {
		return nil, err
	}
	events := make([]*Event, len(items))
	for n, item := range items {
		said := Particulars{"number": item.Number}
		maps.Copy(said, particulars)
		e := b.event(a, said)
		e.ItemID, e.From = &items[n].ID, item.Status
		head, err := b.head(item)
		if err != nil {
			return nil, err
		}
		e.about = eventAbout{object: item.Number, prev: head}
		events[n] = &e
	}
	return events, nil
}

// refused is err, with the refusal noted in the trail: who wanted what, and why not. A
// form filled in wrongly is no refusal, and what the clock finds done is none.
func (b *Board) refused(err error, e Event) error {
	var no Refused
	switch {
	case b.me.Role == clerk:
		return err
	case errors.As(err, &no):
		e.Result = no.Key
	case errors.Is(err, ErrForbidden):
		e.Result = "forbidden"
	case errors.Is(err, ErrNotFound):
		e.Result = "not_found"
	case errors.Is(err, ErrStale):
		e.Result = "stale"
	default:
		return err
	}
	// What was asked for is over, and its context may be; the refusal is noted still.
	ctx := context.WithoutCancel(b.db.Statement.Context)
	if failed := b.in(b.db.WithContext(ctx)).inscribe(&e); failed != nil {
		return errors.Join(err, failed)
	}
	return err
}

// NoteTaken notes that this person takes a file out of the register. It is noted before
// the file leaves: what cannot be noted is not handed out.
func (b *Board) NoteTaken(file string) error {
	return b.note("download", Particulars{"file": clip(file, 200)})
}

// What is not for somebody and is no deed on an item or a letter: a page, or another form.
const (
	OpenPage Act = "open_page"
	SendForm Act = "send_form"
)

// NoteRefused notes that this person asked for what is not for them.
func (b *Board) NoteRefused(a Act, method, path string) error {
	e := b.event(a, Particulars{"page": method + " " + clip(path, 200)})
	e.Result = "forbidden"
	return b.inscribe(&e)
}

// Event is one line of the audit trail. It holds an act and its particulars,
// never a sentence: the sentence is made when someone reads it, in their
// language. Events are added and never changed, and the database itself refuses to.
// One without an item is about the register itself, or is an act that was refused.
//
// Record is the event in its canonical bytes (trail.go), Leaf their hash, and Seal what
// only a program that has the register's key can write under it.
type Event struct {
	ID          int64
	ItemID      *int64
	Act         Act
	ActorID     int64
	At          time.Time
	From        Status      `gorm:"column:from_status"`
	To          Status      `gorm:"column:to_status"`
	Particulars Particulars `gorm:"serializer:json"`
	Result      string      // "" for done; else why it was not
	Record      string
	Leaf        string
	Seal        string

	about eventAbout
}

// eventAbout is what the record says beyond the event's own columns.
type eventAbout struct {
	object  string               // what it was done to, as people name it: FK-2024-003
	changed map[string][2]string // before and after, by column of the item, or by row and column
	rows    map[string]string    // of what hangs on it or is governed: its hash, "" when it was removed
	prev    string               // the leaf of the same item's event before
}

// Particulars is what an act was about, by short names: due, measure, reason.
type Particulars map[string]string

// GovernTrail is the history of one part of the register, the newest first, for
// those who govern it.
func (b *Board) GovernTrail(r Rule) ([]Event, error) {
	if !b.MayGovern(r) {
		return nil, ErrForbidden
	}
	var events []Event
	err := b.db.Where("item_id IS NULL AND act = ? AND result = ''", Act(r)).Order("id DESC").Find(&events).Error
	return events, err
}

// Trail returns an item's history, the newest first.
func (b *Board) Trail(item Item) ([]Event, error) {
	var events []Event
	err := b.about(item).Order("id DESC").Find(&events).Error
	return events, err
}

// itoa is a number as particulars and addresses have it.
func itoa(n int) string { return strconv.Itoa(n) }

// clip is the beginning of a text, no longer than so many characters.
func clip(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes])
	}
	return s
}
