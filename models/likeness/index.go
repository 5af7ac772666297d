package likeness

import (
	"math/bits"
	"slices"
)

// A signature is the least hash of a text's grams in each of so many compartments
// (one-permutation MinHash): the share of equal values is about the share of common
// grams (Jaccard). Values are looked up by bands of a few: two texts are compared when
// all of one band is equal. With 0.6 of the grams in common one pair in 2,000 is missed, with 0.5
// one in 70, with 0.4 one in 8.
const (
	bandCount = 32
	bandWidth = 3
	sigLength = bandCount * bandWidth
)

// gram is how many neighbouring characters are looked up as one.
const gram = 3

// fewestGrams is how many different grams a text must have to be looked up: what is
// shorter is like anything, and is compared by whoever has a reason to.
const fewestGrams = 6

// slack is how much the share of equal values may fall short of what is asked, before a
// pair is not even looked at.
const slack = 0.14

// longChain is how many texts of one bucket are looked at: a bucket with more is a form
// that everybody fills in.
const longChain = 128

// Grams are the runs of three characters of a text's substance as numbers, sorted, each
// once. A text too short to be looked up has none.
func (t Text) Grams() []uint32 {
	if len(t.kept) < gram+fewestGrams-1 {
		return nil
	}
	out := make([]uint32, 0, len(t.kept)-gram+1)
	for n := 0; n+gram <= len(t.kept); n++ {
		x := uint64(t.kept[n].is)<<42 ^ uint64(t.kept[n+1].is)<<21 ^ uint64(t.kept[n+2].is)
		out = append(out, uint32(mixed(x)>>32))
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) < fewestGrams {
		return nil
	}
	return out
}

// mixed spreads a number over 64 bits (the finish of SplitMix64; its seed is fixed, so
// that a signature that was kept stays good).
func mixed(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Signature stands for the grams of a text: 192 bytes that can be kept.
type Signature [sigLength]uint16

// signed is the signature of grams. A compartment that no gram falls into takes the
// value of another, found by a fixed order, so that two texts fill it alike.
func signed(grams []uint32) (s Signature) {
	var least [sigLength]uint64
	for i := range least {
		least[i] = ^uint64(0)
	}
	for _, g := range grams {
		x := mixed(uint64(g))
		at, _ := bits.Mul64(x, sigLength)
		least[at] = min(least[at], mixed(x^0x5bf03635))
	}
	for i, v := range least {
		for turn := uint64(1); v == ^uint64(0); turn++ {
			other, _ := bits.Mul64(mixed(uint64(i)<<32|turn), sigLength)
			v = least[other]
		}
		s[i] = uint16(v >> 32)
	}
	return s
}

// share is which share of two signatures' values are equal.
func (s *Signature) share(other *Signature) float64 {
	equal := 0
	for i, v := range s {
		if v == other[i] {
			equal++
		}
	}
	return float64(equal) / sigLength
}

// Index finds the texts that are like a text among very many: about 400 bytes each, and
// none of their words. One at a time adds to it.
type Index struct {
	signatures []Signature
	heads      []int32            // band, bucket → the text that came last; -1 for none
	next       [][bandCount]int32 // text, band → the one before it in its bucket
	gone       []bool
	buckets    uint32
}

// Asker asks an index. Several may ask at the same time, while nothing is added.
type Asker struct {
	index *Index
	seen  []uint32 // number → the question at which it was looked at last
	asked uint32
}

// Asker is one that asks this index.
func (x *Index) Asker() *Asker { return &Asker{index: x} }

// NewIndex is an empty index made for so many texts; it takes more, only slower.
func NewIndex(texts int) *Index {
	x := &Index{buckets: 1 << 10}
	for int(x.buckets) < texts {
		x.buckets *= 2
	}
	x.heads = make([]int32, int(x.buckets)*bandCount)
	for i := range x.heads {
		x.heads[i] = -1
	}
	x.signatures, x.next = make([]Signature, 0, texts), make([][bandCount]int32, 0, texts)
	return x
}

// Add takes a text's grams in and says under which number, from 0 upwards. A text
// without grams has a number too and is like none.
func (x *Index) Add(grams []uint32) int {
	number := len(x.signatures)
	x.gone = append(x.gone, len(grams) == 0)
	if len(grams) == 0 {
		x.signatures, x.next = append(x.signatures, Signature{}), append(x.next, [bandCount]int32{})
		return number
	}
	s := signed(grams)
	var next [bandCount]int32
	for band := range bandCount {
		head := &x.heads[x.bucket(&s, band)]
		next[band], *head = *head, int32(number)
	}
	x.signatures, x.next = append(x.signatures, s), append(x.next, next)
	return number
}

// Remove leaves a text out from now on.
func (x *Index) Remove(number int) { x.gone[number] = true }

// Len is how many numbers the index has given.
func (x *Index) Len() int { return len(x.signatures) }

func (x *Index) bucket(s *Signature, band int) int {
	key := uint64(band) << 56
	for i := range bandWidth {
		key ^= uint64(s[band*bandWidth+i]) << (i * 14)
	}
	return band*int(x.buckets) + int(mixed(key)&uint64(x.buckets-1))
}

// Like hands on the numbers of the texts whose grams seem to be common with these to the
// share that is asked (Jaccard, 0 to 1). They are candidates: whoever asks compares
// their words.
func (a *Asker) Like(grams []uint32, share float64, do func(number int)) {
	if len(grams) == 0 {
		return
	}
	x := a.index
	if len(a.seen) < len(x.signatures) {
		a.seen = append(a.seen, make([]uint32, len(x.signatures)-len(a.seen))...)
	}
	if a.asked++; a.asked == 0 {
		clear(a.seen)
		a.asked = 1
	}
	s := signed(grams)
	for band := range bandCount {
		looked := 0
		for at := x.heads[x.bucket(&s, band)]; at >= 0 && looked < longChain; at = x.next[at][band] {
			looked++
			if a.seen[at] == a.asked {
				continue
			}
			a.seen[at] = a.asked
			if !x.gone[at] && s.share(&x.signatures[at]) >= share-slack {
				do(int(at))
			}
		}
	}
}
