package trail

import (
	"encoding/json"
	"fmt"

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

// CheckProof checks a proof by a public key and nothing else, and returns the head it
// is of; without a key by the proof's own. An error says what is wrong with it.
func CheckProof(content []byte, key string) (p Proof, head Checkpoint, err error) {
	if err := json.Unmarshal(content, &p); err != nil {
		return p, head, fmt.Errorf("it is no proof: %w", err)
	}
	if key == "" {
		key = p.Key
	}
	keys, err := Verifiers(key)
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
