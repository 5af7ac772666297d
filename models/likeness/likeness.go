// Package likeness says how alike two Chinese texts are in substance, finds what is like
// a text among very many, and marks what two texts have in common. Days and numbers, the
// names it is told and the phrases that every office writes by custom are taken out
// first: a report that changed only those is the report of before. It is a leaf: values
// in, values out, no item and no database.
package likeness

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"duban/models/hanzi"
)

// rarely is how many characters of a text are looked at; what is longer is no progress
// but a book, and its beginning says what it is.
const rarely = 20_000

// character is one that is kept of a text, in its plainest form, and the byte at which
// it stands there.
type character struct {
	is   rune
	from int
	to   int
}

// Text is a text made ready for comparison by a Reader: its substance, and how much of
// it was phrases that stand in many texts by custom.
type Text struct {
	Source string
	kept   []character
	// Stock are the phrases by custom that were taken out, folded, in their order.
	Stock []string
}

// Len is how many characters of substance a text has.
func (t Text) Len() int { return len(t.kept) }

// Substance is what was kept of a text, folded.
func (t Text) Substance() string {
	out := make([]rune, 0, len(t.kept))
	for _, c := range t.kept {
		out = append(out, c.is)
	}
	return string(out)
}

// Reader makes texts ready for comparison. It is told the phrases by custom and the
// names that say nothing of the matter. Its methods may be called at the same time.
type Reader struct {
	stock phrasebook
	names phrasebook
}

// NewReader is a reader that takes these phrases and names out.
func NewReader(stock, names []string) *Reader {
	return &Reader{stock: newPhrasebook(stock), names: newPhrasebook(names)}
}

// Read makes a text ready for comparison.
func (r *Reader) Read(source string) Text {
	all := folded(source)
	t := Text{Source: source, kept: make([]character, 0, len(all))}
	for n := 0; n < len(all); {
		if length := r.stock.at(all[n:]); length > 0 {
			t.Stock = append(t.Stock, plainly(all[n:n+length]))
			n += length
			continue
		}
		if length := r.names.at(all[n:]); length > 0 {
			n += length
			continue
		}
		if length := dayAt(all[n:]); length > 0 {
			n += length
			continue
		}
		if !unicode.IsDigit(all[n].is) && !strings.ContainsRune(saysNothing, all[n].is) {
			t.kept = append(t.kept, all[n])
		}
		n++
	}
	return t
}

// saysNothing are numerals, and particles that a text may have or not: 换成, 更换了.
const saysNothing = "〇零一二三四五六七八九十百千万两了的地得已均并各"

func plainly(all []character) string {
	out := make([]rune, 0, len(all))
	for _, c := range all {
		out = append(out, c.is)
	}
	return string(out)
}

// folded are the letters and digits of a text in their plainest form: half width, small,
// simplified. Signs and spaces go.
func folded(source string) []character {
	out := make([]character, 0, min(len(source)/3+1, rarely))
	last := -1
	for at, r := range source {
		if last >= 0 {
			out[last].to, last = at, -1
		}
		if len(out) == rarely {
			return out
		}
		switch {
		case '一' <= r && r <= '龥':
			r = hanzi.Simplified(r)
		case '！' <= r && r <= '～':
			r = unicode.ToLower(r - '！' + '!')
		default:
			r = unicode.ToLower(r)
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			last = len(out)
			out = append(out, character{is: r, from: at, to: len(source)})
		}
	}
	return out
}

// Folded is a text in its plainest form, without signs and spaces.
func Folded(source string) string { return plainly(folded(source)) }

// dayAt is how many characters at the beginning say a day: 5月15日, 2024年, 三月.
func dayAt(all []character) int {
	n := 0
	for n < len(all) && n < 4 && (unicode.IsDigit(all[n].is)) {
		n++
	}
	if n == 0 || n == len(all) {
		return 0
	}
	switch all[n].is {
	case '年', '月', '日', '号':
		return n + 1
	}
	return 0
}

// phrasebook are phrases by their first two characters, the longest first.
type phrasebook map[[2]rune][][]rune

func newPhrasebook(phrases []string) phrasebook {
	book := phrasebook{}
	for _, phrase := range phrases {
		words := []rune(Folded(phrase))
		if len(words) < 2 {
			continue
		}
		key := [2]rune{words[0], words[1]}
		book[key] = append(book[key], words)
	}
	for _, of := range book {
		slices.SortFunc(of, func(a, z []rune) int { return cmp.Compare(len(z), len(a)) })
	}
	return book
}

// at is the length of the longest phrase that the characters begin with; 0 for none.
func (book phrasebook) at(all []character) int {
	if len(book) == 0 || len(all) < 2 {
		return 0
	}
next:
	for _, phrase := range book[[2]rune{all[0].is, all[1].is}] {
		if len(phrase) > len(all) {
			continue
		}
		for n, r := range phrase {
			if all[n].is != r {
				continue next
			}
		}
		return len(phrase)
	}
	return 0
}

// Likeness is how alike the substance of two texts is, from 0 to 1: twice the pairs of
// neighbouring characters they share, by the pairs they have (Dice). Where a sentence
// was moved hardly anything changes. Of labelled progress the copies reach 0.83 and all
// others stay under 0.65.
func Likeness(a, z Text) float64 {
	pa, pz := a.pairs(), z.pairs()
	if len(pa)+len(pz) == 0 {
		return 0
	}
	return 2 * float64(shared(pa, pz)) / float64(len(pa)+len(pz))
}

// Held is which share of the substance of a stands in the others: 1 when it repeats
// them, whatever else they say.
func Held(a Text, others ...Text) float64 {
	pa := a.pairs()
	if len(pa) == 0 {
		return 0
	}
	var theirs []uint64
	for _, other := range others {
		theirs = append(theirs, other.pairs()...)
	}
	slices.Sort(theirs)
	return float64(shared(pa, theirs)) / float64(len(pa))
}

// Restated is how alike two texts are when the one tells the other over, from 0 to 1: the
// mean of their pairs of characters in common and of their characters in common, after
// synonyms. Where words were moved within their sentence and little words changed, the
// pairs suffer and the characters stay. Of invented reports the copies reach 0.86, all
// others stay under 0.2.
func Restated(a, z Text) float64 {
	plainA, plainZ := a.inOneWord(), z.inOneWord()
	return (Likeness(plainA, plainZ) + commonShare(plainA.kept, plainZ.kept)) / 2
}

// inOneWord is a text with one word for all of its synonyms.
func (t Text) inOneWord() Text {
	out := Text{Source: t.Source}
	for _, r := range oneWord.Replace(t.Substance()) {
		out.kept = append(out.kept, character{is: r})
	}
	return out
}

// Matters is how alike two problems are in their characters after synonyms, and how
// alike is what they say beside the longest run that both have: two faults of one thing
// share its name (校外培训机构) and nothing beside it.
func Matters(a, z Text) (whole, beside float64) {
	ca, cz := a.inOneWord().kept, z.inOneWord().kept
	fromA, fromZ, length := longestRun(ca, cz)
	restA := append(slices.Clone(ca[:fromA]), ca[fromA+length:]...)
	restZ := append(slices.Clone(cz[:fromZ]), cz[fromZ+length:]...)
	return commonShare(ca, cz), commonShare(restA, restZ)
}

// longestRun is where the longest run of characters that two texts share begins in each.
func longestRun(a, z []character) (fromA, fromZ, length int) {
	before := make([]int, len(z)+1)
	for n := range a {
		now := make([]int, len(z)+1)
		for k := range z {
			if a[n].is != z[k].is {
				continue
			}
			if now[k+1] = before[k] + 1; now[k+1] > length {
				length = now[k+1]
				fromA, fromZ = n+1-length, k+1-length
			}
		}
		before = now
	}
	return fromA, fromZ, length
}

// Covered is which share of a text's characters the others have, after synonyms.
func Covered(a Text, others ...Text) float64 {
	count := map[rune]int{}
	for _, other := range others {
		for _, c := range other.inOneWord().kept {
			count[c.is]++
		}
	}
	mine := a.inOneWord().kept
	if len(mine) == 0 {
		return 0
	}
	common := 0
	for _, c := range mine {
		if count[c.is] > 0 {
			count[c.is]--
			common++
		}
	}
	return float64(common) / float64(len(mine))
}

// commonShare is which share of their characters two texts have in common, whatever
// their order.
func commonShare(a, z []character) float64 {
	if len(a)+len(z) == 0 {
		return 0
	}
	count := map[rune]int{}
	for _, c := range a {
		count[c.is]++
	}
	common := 0
	for _, c := range z {
		if count[c.is] > 0 {
			count[c.is]--
			common++
		}
	}
	return 2 * float64(common) / float64(len(a)+len(z))
}

// pairs are the pairs of neighbouring characters, sorted, each as often as it stands
// there.
func (t Text) pairs() []uint64 {
	out := make([]uint64, 0, len(t.kept))
	for n := 1; n < len(t.kept); n++ {
		out = append(out, uint64(t.kept[n-1].is)<<32|uint64(t.kept[n].is))
	}
	slices.Sort(out)
	return out
}

// shared is how many of two sorted lists pair off.
func shared(a, z []uint64) (common int) {
	n := 0
	for _, pair := range a {
		for n < len(z) && z[n] < pair {
			n++
		}
		if n < len(z) && z[n] == pair {
			common++
			n++
		}
	}
	return common
}
