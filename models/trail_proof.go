package models

import (
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Proof is what an event, or the growth of the trail, can be checked by without the
// register: by this program, or by any other that knows RFC 6962 and signed notes.
type Proof struct {
	Kind       string           `json:"kind"` // event, or growth
	Key        string           `json:"key"`  // the public key, to be compared with the one that was printed
	Checkpoint string           `json:"checkpoint"`
	Older      string           `json:"older,omitempty"`  // of growth: the head it has grown from
	Record     string           `json:"record,omitempty"` // of an event: its canonical bytes
	Place      int64            `json:"place,omitempty"`  // of an event: its place in the tree, from 0
	Inclusion  tlog.RecordProof `json:"inclusion,omitempty"`
	Growth     tlog.TreeProof   `json:"growth,omitempty"`
}

// The kinds of proofs.
const (
	ProofOfEvent  = "event"
	ProofOfGrowth = "growth"
)

// ProveEvent proves that an event stands in the trail as it was signed. Refused
// "audit.unsigned" when no head has been signed since.
func (b *Board) ProveEvent(id int64) (p Proof, err error) {
	if !b.MayGovern(ReadTrail) {
		return p, ErrForbidden
	}
	var e Event
	if err := known(b.db.Take(&e, id).Error); err != nil {
		return p, err
	}
	head, err := b.lastCheckpoint()
	if err != nil {
		return p, err
	}
	var leaf trailLeaf
	err = known(b.db.Where("event_id = ?", id).Take(&leaf).Error)
	if errors.Is(err, ErrNotFound) || err == nil && leaf.Seq >= head.Size {
		return p, Refused{Key: "audit.unsigned"}
	}
	if err != nil {
		return p, err
	}
	p = Proof{Kind: ProofOfEvent, Key: b.store.verifier, Checkpoint: head.Note, Record: e.Record, Place: leaf.Seq}
	p.Inclusion, err = tlog.ProveRecord(head.Size, leaf.Seq, b.trail())
	return p, err
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
	p = Proof{Kind: ProofOfGrowth, Key: b.store.verifier, Checkpoint: head.Note, Older: older.Note}
	p.Growth, err = tlog.ProveTree(head.Size, older.Size, b.trail())
	return p, err
}

// Checkpoint is the signed head of so many events.
func (b *Board) Checkpoint(size int64) (c Checkpoint, err error) {
	if !b.MayGovern(ReadTrail) {
		return c, ErrForbidden
	}
	return c, known(b.db.Where("size = ?", size).Take(&c).Error)
}

// CheckProof checks a proof by a public key and nothing else, and returns the head it
// is of. An error says what is wrong with it.
func CheckProof(content []byte, key string) (p Proof, head Checkpoint, err error) {
	if err := json.Unmarshal(content, &p); err != nil {
		return p, head, fmt.Errorf("it is no proof: %w", err)
	}
	if key == "" {
		key = p.Key
	}
	keys, err := verifiers([]string{key})
	if err != nil {
		return p, head, err
	}
	if head, err = signedHead(p.Checkpoint, keys); err != nil {
		return p, head, err
	}
	root, err := tlog.ParseHash(head.Root)
	if err != nil {
		return p, head, err
	}
	switch p.Kind {
	case ProofOfEvent:
		return p, head, tlog.CheckRecord(p.Inclusion, head.Size, root, p.Place, tlog.RecordHash([]byte(p.Record)))
	case ProofOfGrowth:
		older, err := signedHead(p.Older, keys)
		if err != nil {
			return p, head, fmt.Errorf("the older head: %w", err)
		}
		was, err := tlog.ParseHash(older.Root)
		if err != nil {
			return p, head, err
		}
		return p, head, tlog.CheckTree(p.Growth, head.Size, root, older.Size, was)
	}
	return p, head, fmt.Errorf("it is no proof, but %q", p.Kind)
}

func signedHead(text string, keys note.Verifiers) (Checkpoint, error) {
	found := FindCheckpoints(text)
	if len(found) != 1 {
		return Checkpoint{}, errors.New("it holds no signed head")
	}
	if err := found[0].open(keys); err != nil {
		return Checkpoint{}, fmt.Errorf("its head is not signed with that key: %w", err)
	}
	return found[0], nil
}
