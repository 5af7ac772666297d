package signal

import (
	"math"

	"duban/models/likeness"
)

// habits are what an office calls its measures: how often each pair of neighbouring
// characters stands in measures of each kind. A measure without a kind is called as those
// in the same words are (naive Bayes). They are learnt once, and read by several.
type habits struct {
	known  map[string]bool                // the measures learnt from, each once
	pairs  map[[2]rune]map[string]float64 // pair, kind → in how many of them
	all    map[string]float64             // kind → its pairs
	reader *likeness.Reader
}

func newHabits() *habits {
	return &habits{known: map[string]bool{}, pairs: map[[2]rune]map[string]float64{}, all: map[string]float64{}, reader: likeness.NewReader(nil, nil)}
}

// mostHabits is how many different measures are learnt from: more say the same.
const mostHabits = 5_000

// learn takes a measure in whose kind the office wrote.
func (h *habits) learn(m Measure) {
	text := h.plain(m.Text)
	if m.Kind == "" || len(text) < 2 || h.known[m.Kind+string(text)] || len(h.known) == mostHabits {
		return
	}
	h.known[m.Kind+string(text)] = true
	for n := 1; n < len(text); n++ {
		pair := [2]rune{text[n-1], text[n]}
		if h.pairs[pair] == nil {
			h.pairs[pair] = map[string]float64{}
		}
		h.pairs[pair][m.Kind]++
		h.all[m.Kind]++
	}
}

func (h *habits) plain(text string) []rune { return []rune(h.reader.Read(bare(text)).Substance()) }

// Of a measure at least so many pairs must be known, as a share, for its words to say
// its kind, and by so much (as a logarithm) one kind must be likelier than the next.
const (
	knownHabits = 0.6
	surelyThis  = 3.0
)

// kind is what the office calls a measure in such words; "" when it cannot be said.
func (h *habits) kind(text string) string {
	words := h.plain(text)
	seen := 0
	likely := map[string]float64{}
	for n := 1; n < len(words); n++ {
		of := h.pairs[[2]rune{words[n-1], words[n]}]
		if of == nil {
			continue
		}
		seen++
		for kind, all := range h.all {
			likely[kind] += math.Log((of[kind] + 0.1) / (all + 0.1*float64(len(h.pairs))))
		}
	}
	if len(words) < 3 || float64(seen) < knownHabits*float64(len(words)-1) {
		return ""
	}
	best, next, is := math.Inf(-1), math.Inf(-1), ""
	for kind, l := range likely {
		switch {
		case l > best:
			best, next, is = l, best, kind
		case l > next:
			next = l
		}
	}
	if best-next < surelyThis {
		return ""
	}
	return is
}
