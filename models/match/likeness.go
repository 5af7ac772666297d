package match

import (
	"cmp"
	"slices"
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

// slots is the size of the tables that pairs are counted in, by slot.
const slots = 1 << 18

func slot(pair bigram) int { return int(uint64(pair) * 0x9e3779b97f4a7c15 >> (64 - 18)) }

// near are the pairs of a row and an item whose words are alike. The rows' pairs are
// looked up in the items and not the other way round: a register is larger than a
// ledger.
func (m *matcher) near(rows, items []int) (pairs []rowBeside) {
	often := make([]int32, slots) // in how many places of the items a pair stands
	for _, item := range items {
		eachBigram(m.itemWords[item], func(p bigram) { often[slot(p)]++ })
	}
	wanted := make([]bool, slots)
	of := map[bigram][]int32{} // by pair, the rows that are found by it
	rare := make([]rareRow, len(rows))
	for n, row := range rows {
		r := rareRow{row: row, pairs: bigrams(m.rowWords[row])}
		all := slices.Compact(slices.Clone(r.pairs))
		slices.SortStableFunc(all, func(a, z bigram) int { return cmp.Compare(often[slot(a)], often[slot(z)]) })
		shared := int(SameWords / (2 - SameWords) * float64(len(r.pairs)))
		looked := 0
		r.left = len(r.pairs)
		for k, p := range all[:max(1, min(len(all), len(r.pairs)-shared+1))] {
			if looked += int(often[slot(p)]); k > 0 && looked > mostLookedUp {
				break
			}
			wanted[slot(p)] = true
			of[p] = append(of[p], int32(n))
			r.left--
		}
		rare[n] = r
	}
	seen := make([]int32, len(rows)) // by row, how many of its pairs the item has
	var touched []int32
	for _, item := range items {
		touched = touched[:0]
		size := 0
		eachBigram(m.itemWords[item], func(p bigram) {
			size++
			if !wanted[slot(p)] {
				return
			}
			for _, n := range of[p] {
				if seen[n] == 0 {
					touched = append(touched, n)
				}
				seen[n]++
			}
		})
		var own []bigram
		for _, n := range touched {
			r := rare[n]
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
