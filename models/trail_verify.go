package models

import (
	"cmp"
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
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
)

// Finding is one thing that is not as the trail has it. Kind names its sentence, which
// takes the arguments.
type Finding struct {
	Kind string
	Args []any
}

// TrailReport is what verifying has looked at, and what it found.
type TrailReport struct {
	Events      int64
	Items       int64
	Rows        int64
	Checkpoints int
	Files       int64
	Signed      int64  // how many events a signed head vouches for
	Root        string // of all events in the tree
	Findings    []Finding
	Took        time.Duration
	NoKey       bool // nothing was compared with a key, so only what contradicts itself is found
}

// Sound says that nothing was found.
func (r TrailReport) Sound() bool { return len(r.Findings) == 0 }

// mostFindings is how many findings are told; who has more has no trail.
const mostFindings = 1000

// VerifyAsk is what to verify by, beyond what the register keeps: heads that were kept
// elsewhere, a public key that was printed.
type VerifyAsk struct {
	Checkpoints []Checkpoint
	Key         string
	// Files looks at every file, and says of each that is missing or altered.
	Files func(ctx context.Context, found func(Finding)) (files int64, err error)
}

// VerifyTrail works the whole trail out anew from its records and compares it with all
// there is: the columns beside the records, the places in the tree, every signed head,
// each item as it is now, each row the trail vouches for. It trusts no hash that is
// stored, and names what was changed, removed, inserted, swapped or cut off. It looks
// at one moment of the register and holds nobody up.
func (b *Board) VerifyTrail(ask VerifyAsk) (TrailReport, error) {
	if !b.MayGovern(ReadTrail) {
		return TrailReport{}, ErrForbidden
	}
	began := time.Now()
	v := &verifying{rows: map[string]rowSaid{}, named: map[int64]bool{}, gone: map[int64]bool{}}
	err := b.db.Transaction(func(tx *gorm.DB) error {
		v.b = b.in(tx)
		for _, look := range []func() error{
			v.guards,
			func() error { return v.heads(ask) },
			v.tree,
			v.registerEvents,
			v.items,
			v.rowsNow,
		} {
			if err := look(); err != nil {
				return err
			}
		}
		return nil
	}, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return v.report, fmt.Errorf("verify: %w", err)
	}
	if ask.Files != nil {
		if v.report.Files, err = ask.Files(b.db.Statement.Context, v.add); err != nil {
			return v.report, fmt.Errorf("verify files: %w", err)
		}
	}
	v.report.Took = time.Since(began)
	return v.report, nil
}

// verifying is one verification under way.
type verifying struct {
	b      *Board
	report TrailReport
	kept   []Checkpoint // all heads, the smallest first
	sealed int64        // events after this one are sealed
	rows   map[string]rowSaid
	named  map[int64]bool // events that something was found about
	gone   map[int64]bool // items that were taken away, by their trail
}

// rowSaid is what the trail says of a row: its hash, "" for removed, and by an event
// about what.
type rowSaid struct {
	hash   string
	item   int64
	object string
}

func (v *verifying) add(f Finding) {
	if len(v.report.Findings) < mostFindings {
		v.report.Findings = append(v.report.Findings, f)
	}
}

func (v *verifying) found(kind string, args ...any) { v.add(Finding{kind, args}) }

// about notes a finding about an event.
func (v *verifying) about(event int64, kind string, args ...any) {
	v.named[event] = true
	v.found(kind, append([]any{event}, args...)...)
}

// guards looks whether the database still refuses to change events.
func (v *verifying) guards() error {
	missing, err := v.b.store.dialect.guards(v.b.db)
	for _, f := range missing {
		v.add(f)
	}
	return err
}

// heads gathers every signed head there is, and drops those that are not signed.
func (v *verifying) heads(ask VerifyAsk) error {
	var keys []trailKey
	if err := v.b.db.Order("n").Find(&keys).Error; err != nil {
		return err
	}
	trusted := []string{}
	switch {
	case ask.Key != "":
		trusted = append(trusted, ask.Key)
	case v.b.store.verifier != "":
		trusted = append(trusted, v.b.store.verifier)
	default:
		v.report.NoKey = true
		for _, k := range keys {
			trusted = append(trusted, k.Verifier)
		}
	}
	for _, k := range keys {
		if !slices.Contains(trusted, k.Verifier) {
			v.found("key", k.Verifier)
		}
	}
	v.sealed = 1<<63 - 1
	if len(keys) > 0 && v.b.store.sealing != nil {
		v.sealed = keys[0].Since
	}
	verifiers, err := verifiers(trusted)
	if err != nil {
		return err
	}
	var stored []Checkpoint
	if err := v.b.db.Order("size").Find(&stored).Error; err != nil {
		return err
	}
	outside, err := keptCheckpoints(v.b.store.trailFolder)
	if err != nil {
		return err
	}
	for _, of := range []struct {
		where string
		heads []Checkpoint
	}{{"database", stored}, {"folder", outside}, {"given", ask.Checkpoints}} {
		for _, c := range of.heads {
			if err := c.open(verifiers); err != nil {
				v.found("head_unsigned", of.where, c.Size, v.when(c.At), err.Error())
				continue
			}
			v.kept = append(v.kept, c)
		}
	}
	slices.SortFunc(v.kept, func(a, z Checkpoint) int {
		return cmp.Or(cmp.Compare(a.Size, z.Size), strings.Compare(a.Root, z.Root))
	})
	v.kept = slices.CompactFunc(v.kept, func(a, z Checkpoint) bool { return a.Size == z.Size && a.Root == z.Root })
	v.report.Checkpoints = len(v.kept)
	return nil
}

func (v *verifying) when(at time.Time) string { return at.In(v.b.zone).Format("2006-01-02 15:04") }

// frontier is a Merkle tree that grows by leaves and of which only the right edge is
// kept.
type frontier struct {
	size int64
	edge []tlog.Hash // the roots of the full trees it is made of, the largest first
}

func (f *frontier) add(leaf tlog.Hash) {
	for n := f.size; n&1 == 1; n >>= 1 {
		leaf = tlog.NodeHash(f.edge[len(f.edge)-1], leaf)
		f.edge = f.edge[:len(f.edge)-1]
	}
	f.edge = append(f.edge, leaf)
	f.size++
}

func (f *frontier) root() tlog.Hash {
	if len(f.edge) == 0 {
		return tlog.Hash{}
	}
	root := f.edge[len(f.edge)-1]
	for n := len(f.edge) - 2; n >= 0; n-- {
		root = tlog.NodeHash(f.edge[n], root)
	}
	return root
}

// misplaced is a leaf whose event is now another.
type misplaced struct {
	seq, event int64
	leaf, is   tlog.Hash
}

// tree goes through the leaves in their order: each must have its event, whose record
// must hash to it, and the heads signed on the way must be those of the leaves.
func (v *verifying) tree() error {
	var state trailState
	if err := v.b.db.Take(&state, 1).Error; err != nil {
		return err
	}
	const chunk = 4096
	var grown frontier
	var wrong []misplaced
	heads, good, broken := v.kept, Checkpoint{}, false
	judge := func() {
		for len(heads) > 0 && heads[0].Size == grown.size {
			switch {
			case heads[0].Root == grown.root().String():
				good = heads[0]
			case !broken:
				broken = true
				v.found("head_other", heads[0].Size, v.when(heads[0].At), good.Size)
			}
			heads = heads[1:]
		}
	}
	stored := v.b.trail()
	for from := int64(0); from < state.Size; from += chunk {
		to := min(from+chunk, state.Size)
		leaves, err := v.leaves(stored, from, to)
		if err != nil {
			return err
		}
		rows, err := v.b.db.Raw("SELECT trail_leaves.seq, trail_leaves.event_id, events.record FROM trail_leaves LEFT JOIN events ON events.id = trail_leaves.event_id"+
			" WHERE trail_leaves.seq >= ? AND trail_leaves.seq < ? ORDER BY trail_leaves.seq", from, to).Rows()
		if err != nil {
			return err
		}
		next := from
		place := func(until int64) {
			for ; next < until; next++ {
				v.found("place_missing", next+1)
				grown.add(leaves[next-from])
				judge()
			}
		}
		for rows.Next() {
			var seq, event int64
			var record sql.NullString
			if err := rows.Scan(&seq, &event, &record); err != nil {
				return errors.Join(err, rows.Close())
			}
			place(seq)
			leaf, is := leaves[seq-from], tlog.RecordHash([]byte(record.String))
			switch {
			case !record.Valid:
				v.about(event, "removed", seq+1)
			case leaf == tlog.Hash{}:
				leaf = is // the stored tree is too short, which is found below
			case is != leaf:
				wrong = append(wrong, misplaced{seq, event, leaf, is})
			}
			grown.add(leaf)
			next = seq + 1
			judge()
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		place(to)
	}
	v.report.Events, v.report.Signed = grown.size, good.Size
	v.misplaced(wrong)
	if grown.size > 0 {
		v.report.Root = grown.root().String()
		if root, err := tlog.TreeHash(grown.size, stored); err != nil || root != grown.root() {
			v.found("tree")
		}
	}
	if len(heads) > 0 {
		last := heads[len(heads)-1]
		v.found("cut", last.Size, v.when(last.At), grown.size, last.Size-grown.size)
	}
	return v.beside(state)
}

// leaves are the leaves of the stored tree from one place to another; those that are not
// there are zero.
func (v *verifying) leaves(stored *trailReader, from, to int64) ([]tlog.Hash, error) {
	leaves := make([]tlog.Hash, to-from)
	for n := range leaves {
		hash, err := stored.read(tlog.StoredHashIndex(0, from+int64(n)))
		if err != nil && !errors.Is(err, errTile) {
			return nil, err
		}
		leaves[n] = hash
	}
	return leaves, nil
}

// misplaced tells events that were swapped from those that were changed.
func (v *verifying) misplaced(wrong []misplaced) {
	byLeaf := map[tlog.Hash]int{}
	for n, m := range wrong {
		byLeaf[m.leaf] = n
	}
	told := map[int]bool{}
	for n, m := range wrong {
		if told[n] {
			continue
		}
		if k, ok := byLeaf[m.is]; ok && k != n {
			if wrong[k].is == m.leaf {
				told[k] = true
				v.named[wrong[k].event] = true
			}
			v.about(m.event, "swapped", wrong[k].event)
			continue
		}
		v.about(m.event, "changed", m.seq+1)
	}
}

// beside finds the events that have no place in the tree and do not wait for one, and
// places that are beyond the tree.
func (v *verifying) beside(state trailState) error {
	var inserted []int64
	err := v.b.db.Raw("SELECT events.id FROM events LEFT JOIN trail_leaves ON trail_leaves.event_id = events.id"+
		" WHERE trail_leaves.seq IS NULL AND events.id <= ? AND events.id NOT IN (SELECT event_id FROM trail_gaps) ORDER BY events.id LIMIT ?", state.Reached, mostFindings).Scan(&inserted).Error
	if err != nil {
		return err
	}
	for _, id := range inserted {
		v.about(id, "inserted")
	}
	var beyond []int64
	if err := v.b.db.Raw("SELECT event_id FROM trail_leaves WHERE seq >= ? ORDER BY seq LIMIT ?", state.Size, mostFindings).Scan(&beyond).Error; err != nil {
		return err
	}
	for _, id := range beyond {
		v.about(id, "beyond")
	}
	return nil
}

// kinEvent is an event as it is read for verifying, and what comes of its record alone.
type kinEvent struct {
	id, item, actor                    int64
	at                                 time.Time
	act, from, to, particulars, result string
	record, leaf, seal                 string

	said       Record
	unreadable bool
	beside     Particulars // as the column has them
	odd        bool        // which cannot be read
	hash       string      // of the record
	sealed     bool        // with our key
}

// kinTogether is how many events are read before they are looked into.
const kinTogether = 1024

// events reads events in the order of their items, and checks each by itself. While
// some are looked into the next are read.
func (v *verifying) events(where string, args []any, each func(e *kinEvent)) error {
	rows, err := v.b.db.Raw("SELECT id, COALESCE(item_id, 0), actor_id, at, act, from_status, to_status, particulars, result, record, leaf, seal FROM events WHERE "+where, args...).Rows()
	if err != nil {
		return err
	}
	lots, failed := make(chan []kinEvent, 1), make(chan error, 1)
	go func() {
		defer close(lots)
		failed <- readKin(rows, lots)
	}()
	for lot := range lots {
		v.lookInto(lot)
		for n := range lot {
			e := &lot[n]
			if e.unreadable {
				v.about(e.id, "unreadable")
				continue
			}
			v.alone(e)
			for key, hash := range e.said.Rows {
				v.rows[key] = rowSaid{hash, e.item, e.said.Object}
			}
			each(e)
		}
	}
	return <-failed
}

// readKin reads events to the end, some at a time.
func readKin(rows *sql.Rows, lots chan<- []kinEvent) error {
	lot := make([]kinEvent, 0, kinTogether)
	for rows.Next() {
		var e kinEvent
		err := rows.Scan(&e.id, &e.item, &e.actor, &e.at, &e.act, &e.from, &e.to, &e.particulars, &e.result, &e.record, &e.leaf, &e.seal)
		if err != nil {
			return errors.Join(err, rows.Close())
		}
		if lot = append(lot, e); len(lot) == kinTogether {
			lots <- lot
			lot = make([]kinEvent, 0, kinTogether)
		}
	}
	lots <- lot
	return errors.Join(rows.Err(), rows.Close())
}

// lookInto works out what needs no other event, on every processor.
func (v *verifying) lookInto(lot []kinEvent) {
	var all sync.WaitGroup
	for some := range slices.Chunk(lot, kinTogether/runtime.GOMAXPROCS(0)+1) {
		all.Go(func() {
			for n := range some {
				e := &some[n]
				e.unreadable = json.Unmarshal([]byte(e.record), &e.said) != nil
				e.odd = json.Unmarshal([]byte(e.particulars), &e.beside) != nil
				e.hash = tlog.RecordHash([]byte(e.record)).String()
				e.sealed = hmac.Equal([]byte(v.b.store.seal(e.leaf)), []byte(e.seal))
			}
		})
	}
	all.Wait()
}

// alone checks an event by itself: its columns must say what its record does, and the
// seal must be ours.
func (v *verifying) alone(e *kinEvent) {
	r := e.said
	differs := func(column, is, said string) {
		if is != said {
			v.about(e.id, "column", column, is, said)
		}
	}
	differs("item", itoa64(e.item), itoa64(r.Item))
	differs("person", itoa64(e.actor), itoa64(r.Person.ID))
	if at, err := time.Parse(time.RFC3339, r.At); err != nil || !at.Equal(e.at) {
		differs("time", e.at.In(v.b.zone).Format(time.RFC3339), r.At)
	}
	differs("act", e.act, string(r.Act))
	differs("from", e.from, string(r.From))
	differs("to", e.to, string(r.To))
	differs("result", cmp.Or(e.result, resultDone), r.Result)
	if e.odd || !maps.Equal(e.beside, r.Particulars) {
		is, _ := json.Marshal(e.beside)
		was, _ := json.Marshal(r.Particulars)
		differs("particulars", string(is), string(was))
	}
	if e.hash != e.leaf && !v.named[e.id] {
		v.about(e.id, "rehashed")
	}
	if e.id > v.sealed && !e.sealed {
		v.about(e.id, "foreign", r.Person.Name, string(r.Act), r.Object)
	}
}

func itoa64(n int64) string { return strconv.FormatInt(n, 10) }

// registerEvents checks the events that are about no item.
func (v *verifying) registerEvents() error {
	return v.events("item_id IS NULL ORDER BY id", nil, func(*kinEvent) {})
}

// itemNow is an item as it is now, beside what its trail says of it.
type itemNow struct {
	item   Item
	is     bool
	number string
	fields map[string]string
	last   string // the leaf of the newest event
	events int
	broken bool
}

// items goes through the items, some at a time: the events of each must name one
// another, and lead to what the item is now.
func (v *verifying) items() error {
	var most sql.NullInt64
	if err := v.b.db.Raw("SELECT MAX(most) FROM (SELECT MAX(id) AS most FROM items UNION ALL SELECT MAX(item_id) FROM events) AS both_tables").Scan(&most).Error; err != nil {
		return err
	}
	const chunk = 1000
	for from := int64(0); from <= most.Int64; from += chunk {
		all := map[int64]*itemNow{}
		of := func(id int64) *itemNow {
			if all[id] == nil {
				all[id] = &itemNow{fields: map[string]string{}}
			}
			return all[id]
		}
		err := v.events("item_id >= ? AND item_id < ? ORDER BY item_id, id", []any{from, from + chunk}, func(e *kinEvent) {
			i := of(e.item)
			i.number = cmp.Or(e.said.Object, i.number)
			if i.events > 0 && e.said.Prev != i.last || i.events == 0 && e.said.Prev != "" {
				i.broken = true
				if !v.named[e.id] {
					v.about(e.id, "chain", i.number)
				}
			}
			i.events++
			i.last = e.leaf
			for column, change := range e.said.Changed {
				if !strings.Contains(column, " ") { // of the item itself, not of a row of its
					i.fields[column] = change[1]
				}
			}
			if e.said.Act == UndoImport || e.said.Act == Act(RemoveDemo) {
				v.gone[e.item] = true
			}
		})
		if err != nil {
			return err
		}
		var items []Item
		if err := v.b.db.Where("id >= ? AND id < ?", from, from+chunk).Find(&items).Error; err != nil {
			return err
		}
		for _, item := range items {
			i := of(item.ID)
			i.item, i.is = item, true
		}
		for _, id := range slices.Sorted(maps.Keys(all)) {
			v.item(id, all[id])
		}
		v.report.Items += int64(len(items))
	}
	return nil
}

// item compares an item with what its trail says.
func (v *verifying) item(id int64, i *itemNow) {
	switch {
	case i.is && i.events == 0:
		v.found("item_inserted", i.item.Number)
		return
	case !i.is && v.gone[id]:
		return
	case !i.is:
		v.found("item_removed", i.number)
		return
	}
	row := reflect.ValueOf(i.item)
	for _, f := range itemColumns() {
		if is := worded(row.FieldByIndex(f.StructField.Index)); is != i.fields[f.DBName] {
			v.found("item_changed", i.item.Number, f.DBName, is, i.fields[f.DBName])
		}
	}
	if i.item.Head != i.last && (i.item.Head != "" || i.events > 1) && !i.broken {
		v.found("item_cut", i.item.Number)
	}
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
