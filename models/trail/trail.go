// Package trail checks the audit trail without a database: what an event's leaf is,
// what only the holder of the register's key can write under one, which heads were
// signed, from which event on seals are demanded, whether a proof or an export holds, and
// up to which event all are there while several write.
// Values go in and values come out; the rows themselves are read in models, which rests
// on this package and not the other way round. The tree is that of RFC 6962, and what is
// signed is a signed note, so that other people's programs can check both.
package trail

import "golang.org/x/mod/sumdb/tlog"

// Leaf is the hash of a record in its canonical bytes, as RFC 6962 makes it, in base64.
func Leaf(record []byte) string { return tlog.RecordHash(record).String() }

// Frontier is a Merkle tree that grows by leaves and of which only the right edge is
// kept: enough for its root. The zero value is the empty tree.
type Frontier struct {
	size int64
	edge []tlog.Hash // the roots of the full trees it is made of, the largest first
}

// FrontierOf is the tree of the first size leaves of a stored one. It trusts what is
// stored: compare its Root with a signed head.
func FrontierOf(size int64, stored tlog.HashReader) (*Frontier, error) {
	f := &Frontier{size: size}
	var places []int64
	for height, done := 62, int64(0); height >= 0; height-- {
		if size&(1<<height) != 0 {
			places = append(places, tlog.StoredHashIndex(height, done>>height))
			done += 1 << height
		}
	}
	if len(places) == 0 {
		return f, nil
	}
	var err error
	f.edge, err = stored.ReadHashes(places)
	return f, err
}

// Add takes in the next leaf.
func (f *Frontier) Add(leaf tlog.Hash) {
	for n := f.size; n&1 == 1; n >>= 1 {
		leaf = tlog.NodeHash(f.edge[len(f.edge)-1], leaf)
		f.edge = f.edge[:len(f.edge)-1]
	}
	f.edge = append(f.edge, leaf)
	f.size++
}

// Size is how many leaves it has.
func (f *Frontier) Size() int64 { return f.size }

// Root is the hash that no other leaves in no other order have, all zero when there is
// no leaf.
func (f *Frontier) Root() tlog.Hash {
	if len(f.edge) == 0 {
		return tlog.Hash{}
	}
	root := f.edge[len(f.edge)-1]
	for n := len(f.edge) - 2; n >= 0; n-- {
		root = tlog.NodeHash(f.edge[n], root)
	}
	return root
}
