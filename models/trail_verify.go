package models

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"

	"duban/models/trail"
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
	SealsAfter  int64  // the place of the tree after which every event must bear a seal
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
// stored, and nothing the database says of keys and seals: that is signed, or kept
// outside. It names what was changed, removed, inserted, swapped, copied or cut off. It
// looks at one moment of the register and holds nobody up.
func (b *Board) VerifyTrail(ask VerifyAsk) (TrailReport, error) {
	if !b.MayGovern(ReadTrail) {
		return TrailReport{}, ErrForbidden
	}
	began := time.Now()
	v := &verifying{rows: map[string]*rowSaid{}, named: map[int64]bool{}, gone: map[int64]bool{}, past: map[pastAssignment]bool{}, now: map[int64]*itemNow{}, second: noPlace}
	err := b.db.Transaction(func(tx *gorm.DB) error {
		v.b = b.in(tx)
		for _, look := range []func() error{
			v.guards,
			func() error { return v.keys(ask) },
			func() error { return v.heads(ask) },
			v.measure,
			v.events,
			v.tree,
			v.copied,
			v.doubtful,
			v.items,
			v.pastNow,
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

	trusted note.Verifiers // of the keys that what is signed may be signed with
	kept    []Checkpoint   // all heads that are signed, the smallest first

	state  trailState
	places []treePlace // of the tree, in order, with what stands at each

	rows    map[string]*rowSaid
	now     map[int64]*itemNow      // items by what their trail says
	past    map[pastAssignment]bool // who once answered for what, by the trail
	records []recordAt
	outside []int64        // events that have no place, and whose numbers the tree is beyond
	begun   bool           // there are records of the second form
	second  int64          // the place of the first of them
	doubts  []trailDoubt   // told unless something else is found about their events
	named   map[int64]bool // events that something was found about
	gone    map[int64]bool // items that were taken away, by their trail
}

// treePlace is what stands at a place of the tree.
type treePlace struct {
	event  int64
	record tlog.Hash // of the event that is there
	state  placeState
}

// placeState is whether a place is taken, and its event there.
type placeState int8

const (
	placeEmpty placeState = iota
	placeTaken            // by an event that is not there
	placeFilled
)

// recordAt is the hash of an event's record, its place in the tree, and whether such a
// record is written once.
type recordAt struct {
	hash       tlog.Hash
	event, seq int64
	once       bool
}

// trailDoubt is something about an event that may come of something else about it.
type trailDoubt struct {
	event int64
	kind  string
	args  []any
}

// rowSaid is what the trail says of a row: its hash, "" for removed, and by an event
// about what, at which place of the tree.
type rowSaid struct {
	hash   string
	item   int64
	object string
	seq    int64
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

// keys looks whether the rows of the register's key, and what is signed of its seals,
// are what the program knows from outside the database.
func (v *verifying) keys(ask VerifyAsk) error {
	var rows []trailKey
	if err := v.b.db.Order("n").Find(&rows).Error; err != nil {
		return err
	}
	ours, seals := v.b.store.TrailKey(), v.b.store.seals
	var trusted []string
	switch {
	case ask.Key != "":
		trusted = append(trusted, ask.Key)
	case ours != "":
		trusted = append(trusted, ours)
	default:
		v.report.NoKey = true
		for _, k := range rows {
			trusted = append(trusted, k.Verifier)
		}
	}
	var err error
	if v.trusted, err = trail.Verifiers(trusted...); err != nil {
		return err
	}
	own := 0
	for _, k := range rows {
		switch {
		case !slices.Contains(trusted, k.Verifier):
			v.found("key", k.Verifier)
			continue
		case ours == "":
			continue
		}
		if own++; own > 1 {
			v.found("key_extra", k.N)
		}
		if k.Since != seals.Event {
			v.found("key_since", k.Since, seals.Event)
		}
		if k.Note != seals.Note {
			v.found("seals_other", "database")
		}
	}
	if ours == "" {
		return nil
	}
	if own == 0 {
		v.found("key_missing", trail.VerifierName(ours))
	}
	v.report.SealsAfter = seals.After
	if _, err := trail.OpenSeals(seals.Note, v.trusted); err != nil {
		v.found("seals_other", "folder") // by the key that was asked for
		return nil
	}
	content, err := os.ReadFile(filepath.Join(v.b.store.trailFolder, sealsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if string(content) != seals.Note {
		v.found("seals_other", "folder")
	}
	return nil
}

// heads gathers every signed head there is, and drops those that are not signed.
func (v *verifying) heads(ask VerifyAsk) error {
	var stored []Checkpoint
	if err := v.b.db.Order("size").Find(&stored).Error; err != nil {
		return err
	}
	outside, err := keptCheckpoints(v.b.store.trailFolder)
	if err != nil {
		return err
	}
	opened := map[string]bool{}
	for _, of := range []struct {
		where string
		heads []Checkpoint
	}{{"database", stored}, {"folder", outside}, {"given", ask.Checkpoints}} {
		for _, c := range of.heads {
			said := fmt.Sprint(c.Size, c.Root, c.At.Unix(), c.Note)
			if opened[said] {
				continue
			}
			if err := c.Open(v.trusted); err != nil {
				v.found("head_unsigned", of.where, c.Size, v.when(c.At), err.Error())
				continue
			}
			opened[said] = true
			if after, says := c.SealsAfter(); says && v.b.store.key != nil && after != v.b.store.seals.After {
				v.found("seals_head", of.where, c.Size, after, v.b.store.seals.After)
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

// measure lays out the places of the tree. That the database says there are more than
// stand in it is told, and not believed.
func (v *verifying) measure() error {
	if err := v.b.db.Take(&v.state, 1).Error; err != nil {
		return err
	}
	var placed int64
	if err := v.b.db.Model(&trailLeaf{}).Count(&placed).Error; err != nil {
		return err
	}
	v.places = make([]treePlace, max(0, min(v.state.Size, placed+mostFindings)))
	return nil
}

// misplaced is a leaf whose event is now another.
type misplaced struct {
	seq, event int64
	leaf, is   tlog.Hash
}

// tree goes through the places in their order: each must have its event, whose record
// must hash to it, and the heads signed on the way must be those of the leaves.
func (v *verifying) tree() error {
	if err := v.taken(); err != nil {
		return err
	}
	var grown trail.Frontier
	var wrong []misplaced
	heads, good, broken := v.kept, Checkpoint{}, false
	judge := func() {
		for len(heads) > 0 && heads[0].Size == grown.Size() {
			switch {
			case heads[0].Root == grown.Root().String():
				good = heads[0]
			case !broken:
				broken = true
				v.found("head_other", heads[0].Size, v.when(heads[0].At), good.Size)
			}
			heads = heads[1:]
		}
		if v.b.store.key != nil && grown.Size() == v.b.store.seals.After && grown.Root().String() != v.b.store.seals.Root {
			v.found("seals_root", grown.Size())
		}
	}
	judge()
	stored := v.b.trail()
	leaves := stored.leaves()
	for n, p := range v.places {
		leaf, err := leaves(int64(n))
		if err != nil && !errors.Is(err, errTile) {
			return err
		}
		switch {
		case p.state == placeEmpty:
			v.found("place_missing", n+1)
		case p.state == placeTaken:
			v.about(p.event, "removed", n+1)
		case leaf == tlog.Hash{}:
			leaf = p.record // the stored tree is too short, which is found below
		case p.record != leaf:
			wrong = append(wrong, misplaced{int64(n), p.event, leaf, p.record})
		}
		grown.Add(leaf)
		judge()
	}
	v.report.Events, v.report.Signed = grown.Size(), good.Size
	v.misplaced(wrong)
	if grown.Size() > 0 {
		v.report.Root = grown.Root().String()
		if root, err := tlog.TreeHash(grown.Size(), stored); err != nil || root != grown.Root() {
			v.found("tree")
		}
	}
	if len(heads) > 0 {
		last := heads[len(heads)-1]
		v.found("cut", last.Size, v.when(last.At), grown.Size(), last.Size-grown.Size())
	}
	if v.b.store.key != nil && grown.Size() < v.b.store.seals.After {
		v.found("seals_root", v.b.store.seals.After)
	}
	return v.beside()
}

// taken finds the places whose events are not there any more.
func (v *verifying) taken() error {
	if !slices.ContainsFunc(v.places, func(p treePlace) bool { return p.state == placeEmpty }) {
		return nil
	}
	var orphans []trailLeaf
	err := v.b.db.Raw("SELECT seq, event_id FROM trail_leaves WHERE seq >= 0 AND seq < ? AND event_id NOT IN (SELECT id FROM events) ORDER BY seq LIMIT ?", len(v.places), mostFindings).Scan(&orphans).Error
	for _, o := range orphans {
		v.places[o.Seq] = treePlace{event: o.EventID, state: placeTaken}
	}
	return err
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
func (v *verifying) beside() error {
	if len(v.outside) > 0 {
		var awaited []int64
		if err := v.b.db.Model(&trailGap{}).Pluck("event_id", &awaited).Error; err != nil {
			return err
		}
		for _, id := range v.outside {
			if !slices.Contains(awaited, id) {
				v.about(id, "inserted")
			}
		}
	}
	var beyond []int64
	if err := v.b.db.Raw("SELECT event_id FROM trail_leaves WHERE seq >= ? OR seq < 0 ORDER BY seq LIMIT ?", len(v.places), mostFindings).Scan(&beyond).Error; err != nil {
		return err
	}
	for _, id := range beyond {
		v.about(id, "beyond")
	}
	return nil
}
