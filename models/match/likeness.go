package match

import (
	"cmp"
	"math/bits"
	"runtime"
	"slices"
	"sync"
)

// How alike two texts must be, by the share of pairs of neighbouring characters they
// have in common (Dice). It was measured on 126 published problems and those of the
// demonstration: of 7,875 pairs of different problems the most alike reach 0.58, six
// reach 0.4; a problem with one character corrected keeps at least 0.67 and mostly 0.9,
// with a clause added 0.67 and 0.84, with its halves exchanged 0.83 and 0.94. An edit
// distance would take a clause that was moved for another text, and costs the product
// of two lengths where pairs can be looked up (TestHowAlikeProblemsAre measures again).
const (
	// SameNumber is for texts under one number of the unit's.
	SameNumber = 0.55
	// SameWords is for texts that nothing else connects.
	SameWords = 0.6
)

// bigram is two neighbouring characters; a text of one is a pair with nothing.
type bigram uint64

// eachBigram hands on the pairs of a folded text as they stand there.
func eachBigram(words string, do func(bigram)) {
	var before rune
	n := 0
	for _, r := range words {
		if n++; n > 1 {
			do(bigram(before)<<32 | bigram(r))
		}
		before = r
	}
	if n == 1 {
		do(bigram(before))
	}
}

// bigrams are the pairs of a text, sorted, each as often as it stands there.
func bigrams(words string) []bigram {
	pairs := make([]bigram, 0, len(words)/3+1)
	eachBigram(words, func(p bigram) { pairs = append(pairs, p) })
	slices.Sort(pairs)
	return pairs
}

// Likeness is how alike two folded texts are, from 0 to 1.
func Likeness(a, z string) float64 {
	if a == z {
		return 1
	}
	return alike(bigrams(a), bigrams(z))
}

func alike(a, z []bigram) float64 {
	if len(a)+len(z) == 0 {
		return 0
	}
	common, n := 0, 0
	for _, pair := range a {
		for n < len(z) && z[n] < pair {
			n++
		}
		if n < len(z) && z[n] == pair {
			common++
			n++
		}
	}
	return 2 * float64(common) / float64(len(a)+len(z))
}

// rareRow is a row with the rarest of its pairs, which are enough to find what it is
// like: two texts that are SameWords alike share more pairs than are left over.
type rareRow struct {
	row   int
	pairs []bigram
	left  int // pairs that are not looked up
}

// mostLookedUp is how many places of a row's pairs are looked up. In texts that all
// repeat one phrase its pairs are everywhere, and only the rarer ones tell them apart.
const mostLookedUp = 20_000

// slotting gives each pair a slot of the tables that pairs are counted and looked up in.
// Two pairs in one slot make a candidate more, never one less.
type slotting uint

// slotsFor makes tables that have room for so many texts, and no more: a ledger of many
// units is compared unit by unit.
func slotsFor(texts int) slotting {
	return slotting(min(20, bits.Len(uint(texts))+6))
}

func (s slotting) of(pair bigram) int { return int(uint64(pair) * 0x9e3779b97f4a7c15 >> (64 - s)) }

func (s slotting) size() int { return 1 << s }

// itemPairs are the pairs of some items by their slots, one item after the other.
type itemPairs struct {
	slots []uint32
	ends  []int // by item, where its pairs end
}

// eachPart does something to as many parts of n things as there are processors, all at
// the same time.
func eachPart(n int, do func(part, from, to int)) (parts int) {
	parts = max(1, min(runtime.GOMAXPROCS(0), n/500))
	var all sync.WaitGroup
	for part := range parts {
		all.Go(func() { do(part, part*n/parts, (part+1)*n/parts) })
	}
	all.Wait()
	return parts
}

// near are the pairs of a row and an item whose words are alike. The rows' pairs are
// looked up in the items and not the other way round: a register is larger than a
// ledger.
func (m *matcher) near(rows, items []int) (pairs []rowBeside) {
	if len(rows) == 0 || len(items) == 0 {
		return nil
	}
	slot := slotsFor(max(len(rows), len(items)))
	most := runtime.GOMAXPROCS(0)
	of, counts := make([]itemPairs, most), make([][]int32, most)
	parts := eachPart(len(items), func(part, from, to int) {
		often, p := make([]int32, slot.size()), itemPairs{}
		for _, item := range items[from:to] {
			eachBigram(m.itemWords[item], func(pair bigram) {
				at := slot.of(pair)
				often[at]++
				p.slots = append(p.slots, uint32(at))
			})
			p.ends = append(p.ends, len(p.slots))
		}
		of[part], counts[part] = p, often
	})
	often := counts[0] // in how many places of the items a pair stands
	for _, more := range counts[1:parts] {
		for at, n := range more {
			often[at] += n
		}
	}
	index := m.rarest(rows, slot, often)
	found := make([][]rowBeside, most)
	eachPart(len(items), func(part, from, to int) {
		found[part] = m.alikeTo(index, items[from:to], of[part])
	})
	return slices.Concat(found...)
}

// rareIndex finds rows by the rarest of their pairs.
type rareIndex struct {
	rows  []rareRow
	first []int32 // by slot, where its rows begin in at; those of the next end them
	at    []int32
}

// rarest is the index of rows by those of their pairs that the items have least often.
func (m *matcher) rarest(rows []int, slot slotting, often []int32) rareIndex {
	index := rareIndex{rows: make([]rareRow, len(rows)), first: make([]int32, slot.size()+1)}
	looked := make([][]bigram, len(rows))
	eachPart(len(rows), func(_, from, to int) {
		for n := from; n < to; n++ {
			r := rareRow{row: rows[n], pairs: bigrams(m.rowWords[rows[n]])}
			all := slices.Compact(slices.Clone(r.pairs))
			slices.SortStableFunc(all, func(a, z bigram) int { return cmp.Compare(often[slot.of(a)], often[slot.of(z)]) })
			shared := int(SameWords / (2 - SameWords) * float64(len(r.pairs)))
			places, take := 0, 0
			for k, p := range all[:max(1, min(len(all), len(r.pairs)-shared+1))] {
				if places += int(often[slot.of(p)]); k > 0 && places > mostLookedUp {
					break
				}
				take++
			}
			r.left = len(r.pairs) - take
			looked[n], index.rows[n] = all[:take], r
		}
	})
	for _, pairs := range looked {
		for _, p := range pairs {
			index.first[slot.of(p)+1]++
		}
	}
	for at := range index.first[1:] {
		index.first[at+1] += index.first[at]
	}
	index.at = make([]int32, index.first[slot.size()])
	next := slices.Clone(index.first)
	for n, pairs := range looked {
		for _, p := range pairs {
			index.at[next[slot.of(p)]] = int32(n)
			next[slot.of(p)]++
		}
	}
	return index
}

// alikeTo are the rows whose words are like those of some items.
func (m *matcher) alikeTo(index rareIndex, items []int, of itemPairs) (pairs []rowBeside) {
	seen := make([]int32, len(index.rows)) // by row, how many of its pairs the item has
	var touched []int32
	begin := 0
	for k, item := range items {
		slots := of.slots[begin:of.ends[k]]
		begin = of.ends[k]
		touched = touched[:0]
		for _, at := range slots {
			for _, n := range index.at[index.first[at]:index.first[at+1]] {
				if seen[n] == 0 {
					touched = append(touched, n)
				}
				seen[n]++
			}
		}
		size := len(slots)
		var own []bigram
		for _, n := range touched {
			r := &index.rows[n]
			if most := min(int(seen[n])+r.left, size, len(r.pairs)); 2*float64(most) >= SameWords*float64(size+len(r.pairs)) {
				if own == nil {
					own = bigrams(m.itemWords[item])
				}
				if likeness := alike(r.pairs, own); likeness >= SameWords {
					pairs = append(pairs, rowBeside{r.row, item, likeness})
				}
			}
			seen[n] = 0
		}
	}
	return pairs
}
