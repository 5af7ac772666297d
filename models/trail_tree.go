package models

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	// tileHeight makes a tile of 256 hashes.
	tileHeight = 8
	// growBatch is how many events are taken into the tree at once. On SQLite writers
	// wait for as long.
	growBatch = 2000
	// growLease is how long one program keeps the others from growing the tree.
	growLease = 10 * time.Second
	// gapPatience is how long a number that was passed over is looked for again. No
	// act takes as long.
	gapPatience = time.Hour
)

// trailLeaf gives an event its place in the tree.
type trailLeaf struct {
	Seq     int64 `gorm:"primaryKey;autoIncrement:false"`
	EventID int64
}

// TableName spells the plural.
func (trailLeaf) TableName() string { return "trail_leaves" }

// trailTile is a tile of the tree, its hashes one after another.
type trailTile struct {
	Level  int   `gorm:"primaryKey;autoIncrement:false"`
	N      int64 `gorm:"primaryKey;autoIncrement:false"`
	Hashes []byte
}

// trailState is how far the tree is.
type trailState struct {
	ID         int64
	Size       int64
	Reached    int64
	Owner      string
	LeaseUntil *time.Time
	GrownAt    *time.Time
}

// TableName says that there is one.
func (trailState) TableName() string { return "trail_state" }

// trailGap is a number that was passed over, and since when.
type trailGap struct {
	EventID int64 `gorm:"primaryKey;autoIncrement:false"`
	Since   time.Time
}

// GrowTrail takes the events that were committed since into the tree and returns how
// many. One program does so at a time; it is no harm when two try. An event that no
// program with the register's key wrote gets no place: it is passed over, no head is
// signed while it is there, and verifying names it.
func (b *Board) GrowTrail(owner string) (taken int, err error) {
	if b.me.Role != clerk {
		return 0, ErrForbidden
	}
	for {
		var behind int
		err := b.db.Raw("SELECT CASE WHEN COALESCE((SELECT MAX(id) FROM events), 0) > reached OR EXISTS (SELECT 1 FROM trail_gaps) THEN 1 ELSE 0 END FROM trail_state").Scan(&behind).Error
		if err != nil || behind == 0 {
			return taken, err
		}
		n, more := 0, false
		err = b.db.Transaction(func(tx *gorm.DB) (err error) {
			n, more, err = b.in(tx).growTrail(owner, mostNumber)
			return err
		})
		taken += n
		if err != nil || !more {
			return taken, err
		}
	}
}

// growBefore takes the events before that number into the tree, whoever else grows it.
func (b *Board) growBefore(until int64) error {
	const owner = "seals"
	held := b.db.Model(&trailState{}).Where("id = 1")
	if err := held.Updates(map[string]any{"owner": owner, "lease_until": b.now.Add(growLease)}).Error; err != nil {
		return err
	}
	for more := true; more; {
		var err error
		if _, more, err = b.growTrail(owner, until); err != nil {
			return err
		}
	}
	return b.db.Model(&trailState{}).Where("id = 1").Update("owner", "").Error
}

// growTrail takes some of the events before that number into the tree, if nobody else
// does, and returns how many, and whether there may be more.
func (b *Board) growTrail(owner string, until int64) (taken int, more bool, err error) {
	held := b.db.Model(&trailState{}).Where("id = 1 AND (owner = ? OR owner = '' OR lease_until < ?)", owner, b.now).
		Updates(map[string]any{"owner": owner, "lease_until": b.now.Add(growLease)})
	if held.Error != nil || held.RowsAffected == 0 {
		return 0, false, held.Error
	}
	var state trailState
	if err := b.db.Take(&state, 1).Error; err != nil {
		return 0, false, err
	}
	var gaps []trailGap
	if err := b.db.Order("event_id").Find(&gaps).Error; err != nil {
		return 0, false, err
	}
	// Late ones and new ones are looked at in one moment, so that none comes into the
	// tree before another that it builds on.
	var all []Event
	if err := b.db.Model(&Event{}).Select("id", "leaf", "seal").Where("(id > ? OR id IN (SELECT event_id FROM trail_gaps)) AND id < ?", state.Reached, until).
		Order("id").Limit(growBatch).Find(&all).Error; err != nil {
		return 0, false, err
	}
	events, late, reached := b.admitted(all, state.Reached)
	if err := b.passOver(state.Reached, reached, late, all, gaps); err != nil {
		return 0, false, err
	}
	more = len(all) == growBatch && reached > state.Reached
	if len(events) == 0 && reached == state.Reached {
		return 0, false, nil
	}
	leaves, hashes := make([]trailLeaf, len(events)), make([]tlog.Hash, len(events))
	for n, e := range events {
		leaves[n] = trailLeaf{state.Size + int64(n), e.ID}
		// A leaf that is none is an event that no program of ours has written, in a
		// register without a key: it gets its place, and verifying finds it.
		if hashes[n], err = tlog.ParseHash(e.Leaf); err != nil {
			hashes[n] = tlog.RecordHash([]byte(e.Leaf))
		}
	}
	if err := b.createAll(&leaves); err != nil {
		return 0, false, err
	}
	if err := b.growTiles(state.Size, hashes); err != nil {
		return 0, false, err
	}
	grown := b.db.Model(&trailState{}).Where("id = 1 AND size = ? AND owner = ?", state.Size, owner).
		Updates(map[string]any{"size": state.Size + int64(len(events)), "reached": reached, "grown_at": b.now})
	return len(events), more, oneRow(grown)
}

// admitted are those of the events that get a place in the tree: where there is a key,
// those that are sealed with it. With them are the numbers that were passed over before
// and how far the tree then is. A foreign event whose number is far beyond the others
// is left where it is.
func (b *Board) admitted(all []Event, before int64) (events []Event, late []int64, reached int64) {
	reached = before
	for _, e := range all {
		ours := b.store.key == nil || b.store.key.Sealed(e.Leaf, e.Seal)
		if ours {
			events = append(events, e)
		}
		switch {
		case e.ID > reached && (ours || e.ID-reached <= growBatch):
			reached = e.ID
		case e.ID <= before && ours:
			late = append(late, e.ID)
		}
	}
	return events, late, reached
}

// passOver keeps what numbers are missing among the events, and forgets those that have
// come late, or never will.
func (b *Board) passOver(before, reached int64, late []int64, all []Event, gaps []trailGap) error {
	gone := slices.Clone(late)
	for _, g := range gaps {
		if g.Since.Before(b.now.Add(-gapPatience)) {
			gone = append(gone, g.EventID)
		}
	}
	for some := range slices.Chunk(gone, batch) {
		if err := b.db.Where("event_id IN ?", some).Delete(&trailGap{}).Error; err != nil {
			return err
		}
	}
	var missing []trailGap
	for _, e := range all {
		if e.ID <= before || e.ID > reached {
			continue
		}
		for id := before + 1; id < e.ID; id++ {
			if len(missing) == growBatch {
				return fmt.Errorf("trail: more than %d numbers are missing before event %d", growBatch, e.ID)
			}
			missing = append(missing, trailGap{id, b.now})
		}
		before = e.ID
	}
	return b.createAll(&missing)
}

// growTiles adds leaves to the tiles of a tree of that size.
func (b *Board) growTiles(size int64, leaves []tlog.Hash) error {
	if len(leaves) == 0 {
		return nil
	}
	stored := &trailReader{b: b, fresh: map[int64]tlog.Hash{}, tiles: map[tlog.Tile][]byte{}}
	for n, leaf := range leaves {
		at := size + int64(n)
		hashes, err := tlog.StoredHashesForRecordHash(at, leaf, stored)
		if err != nil {
			return err
		}
		first := tlog.StoredHashIndex(0, at)
		for k, hash := range hashes {
			stored.fresh[first+int64(k)] = hash
		}
	}
	var tiles []trailTile
	for _, t := range tlog.NewTiles(tileHeight, size, size+int64(len(leaves))) {
		hashes, err := tlog.ReadTileData(t, stored)
		if err != nil {
			return err
		}
		tiles = append(tiles, trailTile{t.L, t.N, hashes})
	}
	return b.db.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "level"}, {Name: "n"}}, DoUpdates: clause.AssignmentColumns([]string{"hashes"}),
	}).CreateInBatches(&tiles, batch).Error
}

// trailReader reads the tree's hashes from its tiles, and those that are just being
// made from memory.
type trailReader struct {
	b     *Board
	fresh map[int64]tlog.Hash
	tiles map[tlog.Tile][]byte
}

// trail reads the tree as it is stored.
func (b *Board) trail() *trailReader { return &trailReader{b: b, tiles: map[tlog.Tile][]byte{}} }

// ReadHashes reads hashes by their place in the tree.
func (r *trailReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for n, index := range indexes {
		hash, ok := r.fresh[index]
		if !ok {
			var err error
			if hash, err = r.read(index); err != nil {
				return nil, err
			}
			if r.fresh != nil {
				r.fresh[index] = hash
			}
		}
		hashes[n] = hash
	}
	return hashes, nil
}

// errTile is a tile that is not there, or too short.
var errTile = errors.New("the stored tree lacks hashes")

func (r *trailReader) read(index int64) (tlog.Hash, error) {
	tile := tlog.TileForIndex(tileHeight, index)
	whole := tlog.Tile{H: tile.H, L: tile.L, N: tile.N}
	hashes, ok := r.tiles[whole]
	if !ok {
		var rows []trailTile
		if err := r.b.db.Where("level = ? AND n = ?", tile.L, tile.N).Limit(1).Find(&rows).Error; err != nil {
			return tlog.Hash{}, err
		}
		if len(rows) == 1 {
			hashes = rows[0].Hashes
		}
		r.tiles[whole] = hashes
	}
	if len(hashes) < tile.W*tlog.HashSize {
		return tlog.Hash{}, fmt.Errorf("%w: tile %d of level %d", errTile, tile.N, tile.L)
	}
	return tlog.HashFromTile(tile, hashes[:tile.W*tlog.HashSize], index)
}

// leaves reads the leaves of the tree by their places, one after another.
func (r *trailReader) leaves() func(place int64) (tlog.Hash, error) {
	const inTile = 1 << tileHeight
	var first, n int64 = -1, 0
	var hashes []byte
	return func(place int64) (leaf tlog.Hash, err error) {
		if first < 0 || place-first >= inTile || place < first {
			first = place - place%inTile
			if _, err := r.read(tlog.StoredHashIndex(0, first)); err != nil && !errors.Is(err, errTile) {
				return leaf, err
			}
			hashes = r.tiles[tlog.Tile{H: tileHeight, L: 0, N: first / inTile}]
		}
		if n = (place - first) * tlog.HashSize; n+tlog.HashSize > int64(len(hashes)) {
			return leaf, fmt.Errorf("%w: place %d", errTile, place+1)
		}
		copy(leaf[:], hashes[n:])
		return leaf, nil
	}
}

// TrailStanding is how far the tree is.
type TrailStanding struct {
	Size    int64      // events in the tree
	Waiting int64      // events that wait to be taken in
	GrownAt *time.Time // when the last ones were
}

// TrailStanding says how far the tree is, to whoever reads the trail.
func (b *Board) TrailStanding() (s TrailStanding, err error) {
	if !b.MayGovern(ReadTrail) {
		return s, ErrForbidden
	}
	var state trailState
	if err := b.db.Take(&state, 1).Error; err != nil {
		return s, err
	}
	s.Size, s.GrownAt = state.Size, state.GrownAt
	return s, b.db.Model(&Event{}).Where("id > ?", state.Reached).Count(&s.Waiting).Error
}
