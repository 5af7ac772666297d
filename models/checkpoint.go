package models

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm/clause"

	"duban/models/trail"
)

// The trail's own words, as whoever uses this package knows them.
type (
	Checkpoint = trail.Checkpoint // a signed head of the trail
	Proof      = trail.Proof      // what an event, or the growth of the trail, can be checked by
)

// ErrNoKey is a program that keeps no key.
var ErrNoKey = errors.New("this program keeps no key of the trail")

// UnsignableError is why no head is signed: what the head would be of is not all the
// program's own. Finding says what is not.
type UnsignableError struct{ Finding Finding }

// Error says it in English, for logs and the command line.
func (e UnsignableError) Error() string {
	words := map[string]string{
		"foreign":       "event %v is not sealed with the register's key: no program of ours wrote it",
		"rehashed":      "event %v is not what its hash is of",
		"removed":       "event %v was removed",
		"changed":       "event %v was changed",
		"place_missing": "place %v of the tree has no event",
		"twice":         "event %v was written before: it is a copy of event %v",
		"head_other":    "the first %v events are not those that were signed last",
		"head_unsigned": "a head in the %v, of %v events, is not signed",
		"cut":           "%v events were signed, and fewer are here",
		"tree":          "the stored tree is not that of the events",
	}[e.Finding.Kind]
	args := e.Finding.Args
	return "no head is signed: " + fmt.Sprintf(words, args[:min(len(args), strings.Count(words, "%v"))]...) + "; duban verify names all there is"
}

// SignTrail signs the head of the trail when it has grown since the last time, and
// returns the newest one; fresh says whether it was signed now. It is kept outside the
// database before it is kept in it. It refuses with an UnsignableError what is not all
// the program's own: an event without a seal, a copy of another one, a history that is
// not the one that was signed last.
func (b *Board) SignTrail() (c Checkpoint, fresh bool, err error) {
	if b.me.Role != clerk {
		return c, false, ErrForbidden
	}
	if b.store.key == nil {
		return c, false, ErrNoKey
	}
	var state trailState
	if err := b.db.Take(&state, 1).Error; err != nil {
		return c, false, err
	}
	if c, err = b.lastKept(); err != nil {
		return c, false, err
	}
	s := signing{b: b, last: c, size: state.Size}
	root, err := s.root()
	if err != nil || state.Size == 0 || c.Size == state.Size {
		return c, false, err
	}
	if c, err = b.store.key.SignHead(state.Size, root.String(), b.store.seals.After, b.now.In(b.zone)); err != nil {
		return c, false, err
	}
	path := filepath.Join(b.store.trailFolder, checkpointsDir, fmt.Sprintf("%012d.txt", c.Size))
	if err := writeOnce(path, c.Note, 0o644); err != nil {
		return c, false, err
	}
	return c, true, b.db.Create(&c).Error
}

// signing is a head that is about to be signed.
type signing struct {
	b    *Board
	last Checkpoint // the newest that was signed, the zero one when there is none
	size int64      // of the tree
}

func unsignable(kind string, args ...any) error { return UnsignableError{Finding{kind, args}} }

// root is the root of the tree, worked out from the last signed head and the records of
// the events since, each of which must be the program's own. Of the stored tree only
// what the last head vouches for is believed.
func (s signing) root() (tlog.Hash, error) {
	if s.size < s.last.Size {
		return tlog.Hash{}, unsignable("cut", s.last.Size)
	}
	if err := s.heads(); err != nil {
		return tlog.Hash{}, err
	}
	if err := s.sealed(); err != nil {
		return tlog.Hash{}, err
	}
	stored := s.b.trail()
	grown, err := trail.FrontierOf(s.last.Size, stored)
	if err != nil && !errors.Is(err, errTile) {
		return tlog.Hash{}, err
	}
	if err != nil || s.last.Size > 0 && grown.Root().String() != s.last.Root {
		return tlog.Hash{}, unsignable("head_other", s.last.Size)
	}
	if err := s.grow(grown, stored); err != nil {
		return tlog.Hash{}, err
	}
	if s.size == 0 {
		return tlog.Hash{}, nil
	}
	if root, err := tlog.TreeHash(s.size, stored); err != nil || root != grown.Root() {
		return tlog.Hash{}, unsignable("tree")
	}
	return grown.Root(), nil
}

// heads refuses a register that holds a head of more events than the last one that is
// signed: somebody else put it there.
func (s signing) heads() error {
	var others []Checkpoint
	if err := s.b.db.Where("size > ?", s.last.Size).Order("size").Limit(1).Find(&others).Error; err != nil || len(others) == 0 {
		return err
	}
	return unsignable("head_unsigned", "database", others[0].Size)
}

// sealed refuses a register in which any event that must bear a seal bears none of the
// key's, be it below a head that an earlier build signed, or without a place in the tree.
func (s signing) sealed() error {
	rows, err := s.b.db.Raw("SELECT events.id, CASE WHEN trail_leaves.seq < ? THEN '' ELSE events.record END, events.leaf, events.seal FROM events"+
		" LEFT JOIN trail_leaves ON trail_leaves.event_id = events.id WHERE trail_leaves.seq IS NULL OR trail_leaves.seq >= ? ORDER BY events.id", s.size, s.b.store.seals.After).Rows()
	if err != nil {
		return err
	}
	seals := s.b.store.key.Sealer()
	for err == nil && rows.Next() {
		var id int64
		var record, leaf, seal string
		switch err = rows.Scan(&id, &record, &leaf, &seal); {
		case err != nil:
		case !seals.Sealed(leaf, seal):
			err = unsignable("foreign", id)
		case record != "" && trail.Leaf([]byte(record)) != leaf: // of those in the tree grow asks
			err = unsignable("rehashed", id)
		}
	}
	return errors.Join(err, rows.Err(), rows.Close())
}

// grow takes the events since the last signed head into the tree that head is of, each
// of which must stand at its place, be what its hash is of and be no copy.
func (s signing) grow(grown *trail.Frontier, stored *trailReader) error {
	rows, err := s.b.db.Raw("SELECT trail_leaves.seq, trail_leaves.event_id, events.record, events.leaf FROM trail_leaves LEFT JOIN events ON events.id = trail_leaves.event_id"+
		" WHERE trail_leaves.seq >= ? AND trail_leaves.seq < ? ORDER BY trail_leaves.seq", s.last.Size, s.size).Rows()
	if err != nil {
		return err
	}
	since := map[tlog.Hash]int64{} // the events by their leaves
	take := func() error {
		var seq, id int64
		var record, leaf sql.NullString
		if err := rows.Scan(&seq, &id, &record, &leaf); err != nil {
			return err
		}
		if seq != grown.Size() {
			return unsignable("place_missing", grown.Size()+1)
		}
		if !record.Valid {
			return unsignable("removed", id)
		}
		hash := tlog.RecordHash([]byte(record.String))
		if hash.String() != leaf.String && seq >= s.b.store.seals.After {
			return unsignable("rehashed", id)
		}
		if other, twice := since[hash]; twice && onceOnly(record.String) {
			return unsignable("twice", id, other)
		}
		since[hash] = id
		grown.Add(hash)
		return nil
	}
	for err == nil && rows.Next() {
		err = take()
	}
	if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return err
	}
	if grown.Size() != s.size {
		return unsignable("place_missing", grown.Size()+1)
	}
	return s.fresh(since, stored)
}

// fresh refuses events whose records are copies of ones that were signed already.
func (s signing) fresh(since map[tlog.Hash]int64, stored *trailReader) error {
	if len(since) == 0 {
		return nil
	}
	leaves := stored.leaves()
	for place := range s.last.Size {
		hash, err := leaves(place)
		if err != nil {
			return unsignable("tree")
		}
		id, twice := since[hash]
		if !twice {
			continue
		}
		var record []string
		if err := s.b.db.Model(&Event{}).Where("id = ?", id).Pluck("record", &record).Error; err != nil {
			return err
		}
		var first trailLeaf
		if err := s.b.db.Where("seq = ?", place).Take(&first).Error; err != nil {
			return err
		}
		// A record of the first form may have been written twice within one second, by
		// an earlier build. One that was signed before was not.
		if _, said := s.last.SealsAfter(); said || onceOnly(record[0]) {
			return unsignable("twice", id, first.EventID)
		}
	}
	return nil
}

// lastCheckpoint is the newest head that is signed, the zero one when there is none.
// What else stands among the heads is passed over, and verifying finds it.
func (b *Board) lastCheckpoint() (Checkpoint, error) {
	if b.store.key == nil {
		return Checkpoint{}, nil
	}
	for below := int64(mostNumber); ; {
		var some []Checkpoint
		if err := b.db.Where("size < ?", below).Order("size DESC").Limit(100).Find(&some).Error; err != nil || len(some) == 0 {
			return Checkpoint{}, err
		}
		for _, c := range some {
			if b.headSigned(c) {
				return c, nil
			}
			below = c.Size
		}
	}
}

// lastKept is the newest signed head in the register or in the folder. One that a
// program brought to the folder before it died is entered into the register.
func (b *Board) lastKept() (Checkpoint, error) {
	last, err := b.lastCheckpoint()
	if err != nil {
		return last, err
	}
	paths, err := checkpointFiles(b.store.trailFolder)
	if err != nil || len(paths) == 0 {
		return last, err
	}
	content, err := os.ReadFile(paths[len(paths)-1])
	if err != nil {
		return last, err
	}
	for _, c := range trail.FindCheckpoints(string(content)) {
		if c.Size <= last.Size || !b.headSigned(c) {
			continue
		}
		if err := b.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&c).Error; err != nil {
			return last, err
		}
		last = c
	}
	return last, nil
}

// checkpointFiles are the files that heads are kept in, the smallest head first.
func checkpointFiles(folder string) ([]string, error) {
	return filepath.Glob(filepath.Join(folder, checkpointsDir, "*.txt"))
}

// Checkpoints are the signed heads, the newest first, at most limit.
func (b *Board) Checkpoints(limit int) ([]Checkpoint, error) {
	if !b.MayGovern(ReadTrail) {
		return nil, ErrForbidden
	}
	var all []Checkpoint
	if err := b.db.Order("size DESC").Limit(limit).Find(&all).Error; err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(c Checkpoint) bool { return !b.headSigned(c) }), nil
}

// Checkpoint is the signed head of so many events.
func (b *Board) Checkpoint(size int64) (c Checkpoint, err error) {
	if !b.MayGovern(ReadTrail) {
		return c, ErrForbidden
	}
	if err := orNotFound(b.db.Where("size = ?", size).Take(&c).Error); err != nil {
		return c, err
	}
	if !b.headSigned(c) {
		return Checkpoint{}, ErrNotFound
	}
	return c, nil
}

// headSigned says whether a head is signed with the register's key.
func (b *Board) headSigned(c Checkpoint) bool {
	if b.store.key == nil {
		return false
	}
	keys, err := trail.Verifiers(b.store.key.Verifier())
	return err == nil && c.Open(keys) == nil
}

// keptCheckpoints are the heads kept in the folder outside the database.
func keptCheckpoints(folder string) ([]Checkpoint, error) {
	if folder == "" {
		return nil, nil
	}
	paths, err := checkpointFiles(folder)
	if err != nil {
		return nil, err
	}
	var all []Checkpoint
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		found := trail.FindCheckpoints(string(content))
		if len(found) == 0 {
			found = []Checkpoint{{Note: string(content)}} // whose signature then is none
		}
		all = append(all, found...)
	}
	return all, nil
}

// ProveEvent proves that an event stands in the trail as it was signed. Refused
// "audit.unsigned" when no head has been signed since, "audit.foreign" when no program
// of ours wrote it.
func (b *Board) ProveEvent(id int64) (p Proof, err error) {
	if !b.MayGovern(ReadTrail) {
		return p, ErrForbidden
	}
	var e Event
	if err := orNotFound(b.db.Take(&e, id).Error); err != nil {
		return p, err
	}
	head, err := b.lastCheckpoint()
	if err != nil {
		return p, err
	}
	var leaf trailLeaf
	err = orNotFound(b.db.Where("event_id = ?", id).Take(&leaf).Error)
	if errors.Is(err, ErrNotFound) || err == nil && leaf.Seq >= head.Size {
		return p, Refused{Key: "audit.unsigned"}
	}
	if err != nil {
		return p, err
	}
	if b.foreign(e, leaf.Seq+1) {
		return p, Refused{Key: "audit.foreign", Args: []any{e.ID}}
	}
	p = Proof{Kind: trail.ProofOfEvent, Key: b.store.TrailKey(), Checkpoint: head.Note, Record: e.Record, Place: leaf.Seq}
	p.Inclusion, err = tlog.ProveRecord(head.Size, leaf.Seq, b.trail())
	return p, err
}

// foreign says whether no program of ours wrote an event, given its place in the tree,
// from 1, or 0 while it has none.
func (b *Board) foreign(e Event, place int64) bool {
	if b.store.key == nil || place > 0 && place <= b.store.seals.After {
		return false
	}
	return !b.store.key.Sealed(e.Leaf, e.Seal) || trail.Leaf([]byte(e.Record)) != e.Leaf
}

// ProveGrowth proves that the trail as it was signed last is the one of an older head,
// with what came since and nothing else.
func (b *Board) ProveGrowth(older Checkpoint) (p Proof, err error) {
	if !b.MayGovern(ReadTrail) {
		return p, ErrForbidden
	}
	head, err := b.lastCheckpoint()
	if err != nil {
		return p, err
	}
	if older.Size < 1 || older.Size > head.Size {
		return p, Refused{Key: "audit.no_head"}
	}
	p = Proof{Kind: trail.ProofOfGrowth, Key: b.store.TrailKey(), Checkpoint: head.Note, Older: older.Note}
	p.Growth, err = tlog.ProveTree(head.Size, older.Size, b.trail())
	return p, err
}
