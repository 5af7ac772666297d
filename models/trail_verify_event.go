package models

import (
	"bytes"
	"cmp"
	"database/sql"
	"encoding/base64"
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
	"gorm.io/gorm"

	"duban/models/headway"
	"duban/models/trail"
)

// readEvent is an event as it is read for verifying, and what comes of its record
// alone.
type readEvent struct {
	id, seq, item, actor               int64 // seq is its place in the tree, noPlace for none
	at                                 time.Time
	act, from, to, particulars, result string
	record, leaf, seal                 string

	said       trail.Record
	unreadable bool
	beside     bool      // the column says the particulars that the record does
	hash       tlog.Hash // of the record
	rehashed   bool      // the leaf is not that of the record
	sealed     bool      // with our key
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
	r, err := trail.ReadRecord(record)
	return err == nil && r.Version >= onceForm
}

// events goes through all events in the order of their numbers and checks each by
// itself and beside the one of the same item before it. While some are looked into the
// next are read.
func (v *verifying) events() error {
	var all int64
	if err := v.b.db.Raw("SELECT COUNT(*) FROM events").Scan(&all).Error; err != nil {
		return err
	}
	done := 0
	for last := int64(leastNumber); ; {
		rows, err := v.b.db.Raw("SELECT events.id, COALESCE(trail_leaves.seq, ?), COALESCE(item_id, 0), actor_id, at, act, from_status, to_status, particulars, result, record, leaf, seal"+
			" FROM events LEFT JOIN trail_leaves ON trail_leaves.event_id = events.id WHERE events.id > ? ORDER BY events.id LIMIT ?", int64(noPlace), last, readAtOnce).Rows()
		if err != nil {
			return err
		}
		lots, used, failed, read := make(chan []readEvent, 1), make(chan []readEvent, 2), make(chan error, 1), 0
		go func() {
			defer close(lots)
			failed <- readEvents(rows, lots, used)
		}()
		for lot := range lots {
			onEveryProcessor(lot, v.b.store.sealer, (*readEvent).lookInto)
			for n := range lot {
				last = lot[n].id
				v.event(&lot[n])
			}
			read += len(lot)
			done += len(lot)
			headway.Say(v.b.db.Statement.Context, headway.Verifying, done, int(all))
			select {
			case used <- lot:
			default:
			}
		}
		if err := <-failed; err != nil || read < readAtOnce {
			return err
		}
	}
}

// readEvents reads events to the end, some at a time, into lots that were looked at
// before.
func readEvents(rows *sql.Rows, lots chan<- []readEvent, used <-chan []readEvent) error {
	fresh := func() []readEvent {
		select {
		case lot := <-used:
			return lot[:0]
		default:
			return make([]readEvent, 0, readTogether)
		}
	}
	lot := fresh()
	for rows.Next() {
		lot = append(lot, readEvent{})
		e := &lot[len(lot)-1]
		err := rows.Scan(&e.id, &e.seq, &e.item, &e.actor, &e.at, &e.act, &e.from, &e.to, &e.particulars, &e.result, &e.record, &e.leaf, &e.seal)
		if err != nil {
			return errors.Join(err, rows.Close())
		}
		if len(lot) == readTogether {
			lots <- lot
			lot = fresh()
		}
	}
	lots <- lot
	return errors.Join(rows.Err(), rows.Close())
}

// onEveryProcessor has each of these looked into on its own, with what one worker needs
// for many.
func onEveryProcessor[T, W any](all []T, worker func() W, look func(*T, W)) {
	var done sync.WaitGroup
	for some := range slices.Chunk(all, len(all)/runtime.GOMAXPROCS(0)+1) {
		done.Go(func() {
			with := worker()
			for n := range some {
				look(&some[n], with)
			}
		})
	}
	done.Wait()
}

// sealer checks seals, nil where there is no key.
func (s *Store) sealer() *trail.Sealer {
	if s.key == nil {
		return nil
	}
	return s.key.Sealer()
}

// lookInto works out what needs no other event.
func (e *readEvent) lookInto(seals *trail.Sealer) {
	record := []byte(e.record)
	var err error
	e.said, err = trail.ReadRecord(e.record)
	e.unreadable = err != nil
	e.hash = tlog.RecordHash(record)
	var leaf [44]byte
	base64.StdEncoding.Encode(leaf[:], e.hash[:])
	e.rehashed = string(leaf[:]) != e.leaf
	e.sealed = seals == nil || seals.Sealed(e.leaf, e.seal)
	e.beside = e.particulars == e.said.Particulars || e.particulars == "{}" && e.said.Particulars == "" || sameParticulars(e.particulars, e.said.Particulars)
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
		v.places[e.seq] = treePlace{e.id, e.hash, placeFilled}
	}
	if e.seq == noPlace && e.id <= v.state.Reached {
		v.outside = append(v.outside, e.id)
	}
	if e.sealed && e.said.Version >= onceForm {
		v.second, v.begun = min(v.second, e.seq), true
	}
	v.records = append(v.records, recordAt{e.hash, e.id, e.seq, e.said.Version >= onceForm})
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
	for _, row := range e.said.Rows {
		if said, known := v.rows[row.Key]; !known {
			v.rows[strings.Clone(row.Key)] = &rowSaid{strings.Clone(row.Hash), e.item, v.object(e), e.seq}
		} else if e.seq >= said.seq {
			*said = rowSaid{strings.Clone(row.Hash), e.item, v.object(e), e.seq}
		}
	}
	if e.item != 0 {
		v.tells(e)
	}
}

// object is what an event was done to, in a text that does not keep its record.
func (v *verifying) object(e *readEvent) string {
	if i := v.now[e.item]; i != nil && i.number == e.said.Object {
		return i.number
	}
	return strings.Clone(e.said.Object)
}

// copied tells events that are copies of earlier ones. Two of the first form may both be
// honest, written within one second, when neither came after the second form began.
func (v *verifying) copied() error {
	slices.SortFunc(v.records, func(a, z recordAt) int {
		return cmp.Or(bytes.Compare(a.hash[:], z.hash[:]), cmp.Compare(a.seq, z.seq), cmp.Compare(a.event, z.event))
	})
	for n := 1; n < len(v.records); n++ {
		first, is := v.records[n-1], v.records[n]
		if first.hash == is.hash && (is.once || v.begun && is.seq >= v.second) {
			v.about(is.event, "twice", first.event)
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
	if e.actor != r.Person {
		differs("person", itoa64(e.actor), itoa64(r.Person))
	}
	if at, err := time.Parse(time.RFC3339, r.At); err != nil || !at.Equal(e.at) {
		differs("time", e.at.In(v.b.zone).Format(time.RFC3339), r.At)
	}
	differs("act", e.act, r.Act)
	differs("from", e.from, r.From)
	differs("to", e.to, r.To)
	differs("result", cmp.Or(e.result, resultDone), r.Result)
	if !e.beside {
		differs("particulars", e.particulars, r.Particulars)
	}
	if e.rehashed {
		v.doubts = append(v.doubts, trailDoubt{e.id, "rehashed", nil})
	}
	if !e.sealed && e.seq >= v.b.store.seals.After {
		v.about(e.id, "foreign", r.Name, r.Act, r.Object)
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
	if e.said.Object != "" && e.said.Object != i.number {
		i.number = strings.Clone(e.said.Object)
	}
	if i.events > 0 && e.said.Prev != i.last || i.events == 0 && e.said.Prev != "" {
		i.broken = true
		v.doubts = append(v.doubts, trailDoubt{e.id, "chain", []any{i.number}})
	}
	i.events++
	i.last = e.leaf
}

// tells takes in what an event changed of its item.
func (v *verifying) tells(e *readEvent) {
	fields := v.now[e.item].fields
	for _, change := range e.said.Changed {
		if strings.Contains(change.Of, " ") { // of a row of its, not of the item itself
			continue
		}
		if fields[change.Of] != change.After {
			fields[strings.Clone(change.Of)] = strings.Clone(change.After)
		}
		if id, err := strconv.ParseInt(change.Before, 10, 64); err == nil && (change.Of == "leader_id" || change.Of == "handler_id") {
			v.past[pastAssignment{e.item, id}] = true
		}
	}
	if act := Act(e.said.Act); act == UndoImport || act == Act(RemoveDemo) {
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

// readRow is a row as it is now.
type readRow struct {
	row       reflect.Value
	key, hash string
}

// rowsNow compares every row the trail vouches for with what it says.
func (v *verifying) rowsNow() error {
	tables := trailedTables()
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		if err := v.rowsOf(name, tables[name]); err != nil {
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

// rowsOf compares the rows of one table. While some are looked into the next are read.
func (v *verifying) rowsOf(name string, t *trailedTable) error {
	columns := make([]string, 0, len(t.keys)+len(t.fields))
	for _, f := range slices.Concat(t.keys, t.fields) {
		columns = append(columns, f.DBName)
	}
	q := v.b.db.Table(name).Select(columns)
	rows, err := q.Rows()
	if err != nil {
		return err
	}
	lots, failed := make(chan []readRow, 1), make(chan error, 1)
	go func() {
		defer close(lots)
		failed <- readRows(q, t, rows, lots)
	}()
	nothing := func() struct{} { return struct{}{} }
	for lot := range lots {
		onEveryProcessor(lot, nothing, func(r *readRow, _ struct{}) { r.key, r.hash = t.key(r.row), t.hash(r.row) })
		for _, r := range lot {
			v.row(r.key, r.hash)
		}
	}
	return <-failed
}

// readRows reads rows of a table to the end, some at a time.
func readRows(q *gorm.DB, t *trailedTable, rows *sql.Rows, lots chan<- []readRow) error {
	scan := t.scanner(q, rows)
	more := true
	for more {
		all := reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf(t.row)), readTogether, readTogether)
		lot := make([]readRow, 0, readTogether)
		for len(lot) < readTogether {
			if more = rows.Next(); !more {
				break
			}
			row := all.Index(len(lot))
			if err := scan(row); err != nil {
				return errors.Join(err, rows.Close())
			}
			lot = append(lot, readRow{row: row})
		}
		lots <- lot
	}
	return errors.Join(rows.Err(), rows.Close())
}

// row compares a row as it is now with what the trail says.
func (v *verifying) row(key, hash string) {
	v.report.Rows++
	said, known := v.rows[key]
	delete(v.rows, key)
	switch {
	case !known:
		v.found("row_inserted", key, "")
	case said.hash == "":
		v.found("row_inserted", key, said.object)
	case said.hash != hash:
		v.found("row_changed", key, said.object)
	}
}
