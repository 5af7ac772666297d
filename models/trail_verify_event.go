package models

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// readEvent is an event as it is read for verifying, and what comes of its record
// alone.
type readEvent struct {
	id, seq, item, actor               int64 // seq is its place in the tree, noPlace for none
	at                                 time.Time
	act, from, to, particulars, result string
	record, leaf, seal                 string

	said       recordSaid
	unreadable bool
	beside     bool      // the column says the particulars that the record does
	hash       tlog.Hash // of the record
	rehashed   bool      // the leaf is not that of the record
	sealed     bool      // with our key
}

// recordSaid is what verifying reads of a record.
type recordSaid struct {
	Version     int                  `json:"v"`
	At          string               `json:"at"`
	Person      RecordPerson         `json:"person"`
	Act         Act                  `json:"act"`
	Result      string               `json:"result"`
	Object      string               `json:"object"`
	Item        int64                `json:"item"`
	From        Status               `json:"from"`
	To          Status               `json:"to"`
	Particulars json.RawMessage      `json:"particulars"`
	Changed     map[string][2]string `json:"changed"`
	Rows        map[string]string    `json:"rows"`
	Prev        string               `json:"prev"`
}

// noPlace is the place of an event that has none yet: it comes after all others.
const noPlace = mostNumber

const (
	// readTogether is how many events are read before they are looked into.
	readTogether = 1024
	// readAtOnce is how many events one statement reads.
	readAtOnce = 32 * readTogether
)

// onceForm begins the records that are each written once.
const onceForm = 2

// onceOnly says whether a record is of the form that is written once.
func onceOnly(record string) bool {
	var r struct {
		Version int `json:"v"`
	}
	return json.Unmarshal([]byte(record), &r) == nil && r.Version >= onceForm
}

// events goes through all events in the order of their numbers and checks each by
// itself and beside the one of the same item before it. While some are looked into the
// next are read.
func (v *verifying) events() error {
	for last := int64(leastNumber); ; {
		rows, err := v.b.db.Raw("SELECT events.id, COALESCE(trail_leaves.seq, ?), COALESCE(item_id, 0), actor_id, at, act, from_status, to_status, particulars, result, record, leaf, seal"+
			" FROM events LEFT JOIN trail_leaves ON trail_leaves.event_id = events.id WHERE events.id > ? ORDER BY events.id LIMIT ?", int64(noPlace), last, readAtOnce).Rows()
		if err != nil {
			return err
		}
		lots, failed, read := make(chan []readEvent, 1), make(chan error, 1), 0
		go func() {
			defer close(lots)
			failed <- readEvents(rows, lots)
		}()
		for lot := range lots {
			v.lookInto(lot)
			for n := range lot {
				last = lot[n].id
				v.event(&lot[n])
			}
			read += len(lot)
		}
		if err := <-failed; err != nil || read < readAtOnce {
			return err
		}
	}
}

// readEvents reads events to the end, some at a time.
func readEvents(rows *sql.Rows, lots chan<- []readEvent) error {
	lot := make([]readEvent, 0, readTogether)
	for rows.Next() {
		var e readEvent
		err := rows.Scan(&e.id, &e.seq, &e.item, &e.actor, &e.at, &e.act, &e.from, &e.to, &e.particulars, &e.result, &e.record, &e.leaf, &e.seal)
		if err != nil {
			return errors.Join(err, rows.Close())
		}
		if lot = append(lot, e); len(lot) == readTogether {
			lots <- lot
			lot = make([]readEvent, 0, readTogether)
		}
	}
	lots <- lot
	return errors.Join(rows.Err(), rows.Close())
}

// lookInto works out what needs no other event, on every processor.
func (v *verifying) lookInto(lot []readEvent) {
	var all sync.WaitGroup
	for some := range slices.Chunk(lot, readTogether/runtime.GOMAXPROCS(0)+1) {
		all.Go(func() {
			for n := range some {
				some[n].lookInto(v.b.store)
			}
		})
	}
	all.Wait()
}

func (e *readEvent) lookInto(s *Store) {
	record := []byte(e.record)
	e.unreadable = json.Unmarshal(record, &e.said) != nil
	e.hash = tlog.RecordHash(record)
	e.rehashed = e.hash.String() != e.leaf
	e.sealed = s.key == nil || s.key.Sealed(e.leaf, e.seal)
	e.beside = e.particulars == string(e.said.Particulars) || sameParticulars(e.particulars, string(e.said.Particulars))
}

// sameParticulars says whether two texts say the same particulars, however they are
// written down.
func sameParticulars(a, z string) bool {
	var is, was Particulars
	if json.Unmarshal([]byte(a), &is) != nil || z != "" && json.Unmarshal([]byte(z), &was) != nil {
		return false
	}
	return maps.Equal(is, was)
}

// event takes in one event, in the order of their numbers.
func (v *verifying) event(e *readEvent) {
	if e.seq >= 0 && e.seq < int64(len(v.places)) {
		v.places[e.seq] = place{e.id, e.hash, placeFilled}
	}
	v.once(e)
	if e.unreadable {
		v.about(e.id, "unreadable")
		return
	}
	ours := v.alone(e)
	if e.item != 0 {
		v.follows(e)
	}
	if !ours {
		return // what somebody else wrote vouches for nothing
	}
	for key, hash := range e.said.Rows {
		if said, known := v.rows[key]; !known || e.seq >= said.seq {
			v.rows[key] = rowSaid{hash, e.item, e.said.Object, e.seq}
		}
	}
	if e.item != 0 {
		v.tells(e)
	}
}

// once notes an event whose record was written before.
func (v *verifying) once(e *readEvent) {
	is := eventPlace{e.id, e.seq}
	if e.sealed && e.said.Version >= onceForm {
		v.second = min(v.second, e.seq)
		v.begun = true
	}
	first, twice := v.first[e.hash]
	if !twice {
		v.first[e.hash] = is
		return
	}
	if is.seq < first.seq {
		is, first = first, is
	}
	v.copies = append(v.copies, copied{is, first, e.said.Version})
}

// copied tells events that are copies of earlier ones. Two of the first form may both be
// honest, written within one second, when neither came after the second form began.
func (v *verifying) copied() error {
	for _, c := range v.copies {
		if c.version >= onceForm || v.begun && c.is.seq >= v.second {
			v.about(c.is.event, "twice", c.first.event)
		}
	}
	return nil
}

// doubtful tells what was doubtful about events that nothing else was found about.
func (v *verifying) doubtful() error {
	for _, d := range v.doubts {
		if !v.named[d.event] {
			v.about(d.event, d.kind, d.args...)
		}
	}
	return nil
}

// alone checks an event by itself: its columns must say what its record does, and the
// seal must be ours. It returns whether a program of ours wrote it.
func (v *verifying) alone(e *readEvent) (ours bool) {
	r := e.said
	differs := func(column, is, said string) {
		if is != said {
			v.about(e.id, "column", column, is, said)
		}
	}
	if e.item != r.Item {
		differs("item", itoa64(e.item), itoa64(r.Item))
	}
	if e.actor != r.Person.ID {
		differs("person", itoa64(e.actor), itoa64(r.Person.ID))
	}
	if at, err := time.Parse(time.RFC3339, r.At); err != nil || !at.Equal(e.at) {
		differs("time", e.at.In(v.b.zone).Format(time.RFC3339), r.At)
	}
	differs("act", e.act, string(r.Act))
	differs("from", e.from, string(r.From))
	differs("to", e.to, string(r.To))
	differs("result", cmp.Or(e.result, resultDone), r.Result)
	if !e.beside {
		differs("particulars", e.particulars, string(r.Particulars))
	}
	if e.rehashed {
		v.doubts = append(v.doubts, doubt{e.id, "rehashed", nil})
	}
	if !e.sealed && e.seq >= v.b.store.seals.After {
		v.about(e.id, "foreign", r.Person.Name, string(r.Act), r.Object)
		return false
	}
	return true
}

func itoa64(n int64) string { return strconv.FormatInt(n, 10) }

// itemNow is what its trail says of an item.
type itemNow struct {
	number string
	fields map[string]string
	last   string // the leaf of the newest event
	events int
	broken bool
}

// follows looks whether an event names the one of the same item before it.
func (v *verifying) follows(e *readEvent) {
	i := v.now[e.item]
	if i == nil {
		i = &itemNow{fields: map[string]string{}}
		v.now[e.item] = i
	}
	i.number = cmp.Or(e.said.Object, i.number)
	if i.events > 0 && e.said.Prev != i.last || i.events == 0 && e.said.Prev != "" {
		i.broken = true
		v.doubts = append(v.doubts, doubt{e.id, "chain", []any{i.number}})
	}
	i.events++
	i.last = e.leaf
}

// tells takes in what an event changed of its item.
func (v *verifying) tells(e *readEvent) {
	for column, change := range e.said.Changed {
		if !strings.Contains(column, " ") { // of the item itself, not of a row of its
			v.now[e.item].fields[column] = change[1]
		}
		if id, err := strconv.ParseInt(change[0], 10, 64); err == nil && (column == "leader_id" || column == "handler_id") {
			v.past[pastAssignment{e.item, id}] = true
		}
	}
	if e.said.Act == UndoImport || e.said.Act == Act(RemoveDemo) {
		v.gone[e.item] = true
	}
}

// items compares each item as it is now with what its trail says, some at a time.
func (v *verifying) items() error {
	const chunk = 1000
	for last := int64(leastNumber); ; {
		var items []Item
		if err := v.b.db.Where("id > ?", last).Order("id").Limit(chunk).Find(&items).Error; err != nil {
			return err
		}
		for _, item := range items {
			v.item(item, v.now[item.ID])
			delete(v.now, item.ID)
			last = item.ID
		}
		v.report.Items += int64(len(items))
		if len(items) < chunk {
			break
		}
	}
	for _, id := range slices.Sorted(maps.Keys(v.now)) {
		if !v.gone[id] {
			v.found("item_removed", v.now[id].number)
		}
	}
	return nil
}

// item compares an item with what its trail says, nil when it has none.
func (v *verifying) item(item Item, i *itemNow) {
	if i == nil {
		v.found("item_inserted", item.Number)
		return
	}
	row := reflect.ValueOf(item)
	for _, f := range itemColumns() {
		if is := worded(row.FieldByIndex(f.StructField.Index)); is != i.fields[f.DBName] {
			v.found("item_changed", item.Number, f.DBName, is, i.fields[f.DBName])
		}
	}
	if item.Head != i.last && (item.Head != "" || i.events > 1) && !i.broken {
		v.found("item_cut", item.Number)
	}
}

// pastNow compares who is kept as having answered for items before with what their
// trails say.
func (v *verifying) pastNow() error {
	var kept []struct {
		ItemID, UserID int64
		Number, Name   string
	}
	err := v.b.db.Raw("SELECT past_assignments.item_id, past_assignments.user_id, items.number, COALESCE(users.name, '') AS name FROM past_assignments" +
		" LEFT JOIN items ON items.id = past_assignments.item_id LEFT JOIN users ON users.id = past_assignments.user_id ORDER BY 1, 2").Scan(&kept).Error
	if err != nil {
		return err
	}
	for _, k := range kept {
		past := pastAssignment{k.ItemID, k.UserID}
		if !v.past[past] {
			v.found("past_inserted", k.Number, k.UserID, k.Name)
		}
		delete(v.past, past)
	}
	for _, p := range slices.SortedFunc(maps.Keys(v.past), func(a, z pastAssignment) int {
		return cmp.Or(cmp.Compare(a.ItemID, z.ItemID), cmp.Compare(a.UserID, z.UserID))
	}) {
		if v.gone[p.ItemID] {
			continue
		}
		var is []struct{ Number, Name string }
		if err := v.b.db.Raw("SELECT items.number, COALESCE(users.name, '') AS name FROM items LEFT JOIN users ON users.id = ? WHERE items.id = ?", p.UserID, p.ItemID).Scan(&is).Error; err != nil {
			return err
		}
		for _, i := range is { // an item that is gone is a finding of its own
			v.found("past_removed", i.Number, p.UserID, i.Name)
		}
	}
	return nil
}

// rowsNow compares every row the trail vouches for with what it says.
func (v *verifying) rowsNow() error {
	tables := trailedTables()
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		t := tables[name]
		q := v.b.db.Table(name)
		rows, err := q.Rows()
		if err != nil {
			return err
		}
		for rows.Next() {
			row := reflect.New(reflect.TypeOf(t.row))
			if err := q.ScanRows(rows, row.Interface()); err != nil {
				return errors.Join(err, rows.Close())
			}
			v.report.Rows++
			key := t.key(row.Elem())
			said, known := v.rows[key]
			delete(v.rows, key)
			switch {
			case !known || said.hash == "":
				v.found("row_inserted", key, said.object)
			case said.hash != t.hash(row.Elem()):
				v.found("row_changed", key, said.object)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(v.rows)) {
		if said := v.rows[key]; said.hash != "" && !v.gone[said.item] {
			v.found("row_removed", key, said.object)
		}
	}
	return nil
}
