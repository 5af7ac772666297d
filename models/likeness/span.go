package likeness

import "slices"

// Span is a part of a text, from byte to byte.
type Span struct{ From, To int }

// tile is the shortest run worth marking: what is shorter stands in any two texts.
const tile = 4

// manyPlaces is how many places of one run are tried; a run that stands more often than
// that is no trace of anything.
const manyPlaces = 24

// Common are the parts of two texts that they have in common, to be marked where both
// are shown side by side: the longest runs first, each character once, in the order of
// each text. Signs, numbers and days between two characters of a run are marked with it.
func Common(a, z Text) (inA, inZ []Span) {
	places := map[[tile]rune][]int{}
	for n := 0; n+tile <= len(z.kept); n++ {
		key := runAt(z.kept, n)
		if len(places[key]) < manyPlaces {
			places[key] = append(places[key], n)
		}
	}
	type match struct{ a, z, length int }
	var found []match
	for n := 0; n+tile <= len(a.kept); {
		best := match{}
		for _, at := range places[runAt(a.kept, n)] {
			length := 0
			for n+length < len(a.kept) && at+length < len(z.kept) && a.kept[n+length].is == z.kept[at+length].is {
				length++
			}
			if length > best.length {
				best = match{n, at, length}
			}
		}
		if best.length < tile {
			n++
			continue
		}
		found = append(found, best)
		n += best.length
	}
	slices.SortStableFunc(found, func(x, y match) int { return y.length - x.length })
	taken := make([]bool, len(z.kept))
	for _, m := range found {
		free := 0
		for free < m.length && !taken[m.z+free] {
			free++
		}
		if free < tile {
			continue
		}
		for n := range free {
			taken[m.z+n] = true
		}
		inA = append(inA, Span{a.kept[m.a].from, a.kept[m.a+free-1].to})
		inZ = append(inZ, Span{z.kept[m.z].from, z.kept[m.z+free-1].to})
	}
	return joined(inA), joined(inZ)
}

func runAt(kept []character, n int) (run [tile]rune) {
	for i := range tile {
		run[i] = kept[n+i].is
	}
	return run
}

// joined are spans in their order, those that touch as one.
func joined(spans []Span) []Span {
	slices.SortFunc(spans, func(x, y Span) int { return x.From - y.From })
	var out []Span
	for _, s := range spans {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}
