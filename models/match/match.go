// Package match says which rows of a ledger speak of which problems that are known
// already (match.go), by numbers and words folded to what two ways of writing the same
// have in common (fold.go) and by how alike two texts are (likeness.go). It is a leaf:
// values go in and values come out; it knows no register and no file.
//
// A problem is known, in this order,
//
//   - by the register's own number, which no two problems share;
//   - by its very words, folded, where the unit's number does not stand against it
//     being that one rather than another of the same words;
//   - by the unit's own number, folded, and words at least SameNumber alike;
//   - by words at least SameWords alike: then a person is asked;
//   - by the unit's own number with other words: then a person is asked as well, and it
//     is another problem until they say otherwise.
//
// Tier, sheet and file are no part of it. No two rows take one problem.
package match

import (
	"cmp"
	"slices"
)

// Item is a problem that is known.
type Item struct {
	Unit   int64
	Number string // the register's; "" where it has none
	Own    string // the unit's own number, as it was typed
	Text   string
	Kind   string // what decides between two of the same words, such as the tier
}

// Row is a problem of the ledger that was read. Its Number is the register's, where the
// ledger has it.
type Row struct {
	Item
	Is    int  // the item a person said it is; -1 where nobody did
	Other bool // a person said that it is another problem than all that are known
}

// How is by what a row was known.
type How string

// By what a row was known, the surest first; Unknown is a new problem.
const (
	ByNumber    How = "number"     // the register's own
	BySaying    How = "saying"     // a person said so
	ByWords     How = "words"      // the same, folded
	ByOwnNumber How = "own_number" // the unit's, and words that are alike
	ByLikeness  How = "likeness"   // like words alone: asked
	NumberOnly  How = "number_only"
	Unknown     How = ""
)

// Asks says whether a person is to be asked whether it is so.
func (h How) Asks() bool { return h == ByLikeness || h == NumberOnly }

// Found is what a row was found to be: the place of the item, -1 for none, and how alike
// the texts are, from 0 to 1.
type Found struct {
	How      How
	Item     int
	Likeness float64
}

// matcher is one comparison on its way.
type matcher struct {
	rows  []Row
	items []Item
	found []Found
	taken []bool // by item

	rowWords, itemWords []string // folded
	rowOwn, itemOwn     []string
	places              []int // of the items no number of ours has taken
}

// place is one unit's text or number.
type place struct {
	unit int64
	said string
}

// Find says of each row which item it speaks of.
func Find(rows []Row, items []Item) []Found {
	m := matcher{rows: rows, items: items, found: make([]Found, len(rows)), taken: make([]bool, len(items))}
	for n := range rows {
		m.found[n].Item = -1
	}
	m.byNumber()
	m.bySaying()
	if len(items) > 0 && m.fold() {
		m.byWords()
		m.byOwnNumber()
		m.byLikeness()
		m.numberOnly()
	}
	return m.found
}

// fold folds what is still to be compared; false when no row looks for its item any
// more.
func (m *matcher) fold() bool {
	m.rowWords, m.rowOwn = make([]string, len(m.rows)), make([]string, len(m.rows))
	units := map[int64]bool{}
	for n, r := range m.rows {
		if m.open(n) {
			m.rowWords[n], m.rowOwn[n] = Words(r.Text), Number(r.Own)
			units[r.Unit] = true
		}
	}
	if len(units) == 0 {
		return false
	}
	m.itemWords, m.itemOwn = make([]string, len(m.items)), make([]string, len(m.items))
	for n, i := range m.items {
		if !m.taken[n] && units[i.Unit] {
			m.places = append(m.places, n)
		}
	}
	eachPart(len(m.places), func(_, from, to int) {
		for _, n := range m.places[from:to] {
			m.itemWords[n], m.itemOwn[n] = Words(m.items[n].Text), Number(m.items[n].Own)
		}
	})
	return true
}

// open says whether a row still looks for its item.
func (m *matcher) open(row int) bool { return m.found[row].Item < 0 && !m.rows[row].Other }

func (m *matcher) take(row, item int, how How, likeness float64) {
	m.found[row], m.taken[item] = Found{how, item, likeness}, true
}

func (m *matcher) byNumber() {
	at := map[string]int{}
	for _, r := range m.rows {
		if r.Number != "" {
			at[r.Number] = -1
		}
	}
	for n, i := range m.items {
		if _, wanted := at[i.Number]; wanted {
			at[i.Number] = n
		}
	}
	for n, r := range m.rows {
		if item, wanted := at[r.Number]; wanted && item >= 0 && !m.taken[item] {
			m.take(n, item, ByNumber, Likeness(Words(r.Text), Words(m.items[item].Text)))
		}
	}
}

func (m *matcher) bySaying() {
	for n, r := range m.rows {
		if m.open(n) && r.Is >= 0 && !m.taken[r.Is] {
			m.take(n, r.Is, BySaying, Likeness(Words(r.Text), Words(m.items[r.Is].Text)))
		}
	}
}

// at is where the items that no row has taken say what an open row says.
func (m *matcher) at(rows, items []string) map[place][]int {
	at := map[place][]int{}
	for n, r := range m.rows {
		if m.open(n) && rows[n] != "" {
			at[place{r.Unit, rows[n]}] = nil
		}
	}
	for _, n := range m.places {
		p := place{m.items[n].Unit, items[n]}
		if all, wanted := at[p]; wanted && !m.taken[n] {
			at[p] = append(all, n)
		}
	}
	return at
}

// byWords finds the same words: those under the same number first, then those of the
// same kind, then any.
func (m *matcher) byWords() {
	at := m.at(m.rowWords, m.itemWords)
	for _, fits := range []func(row, item int) bool{
		func(row, item int) bool { return m.rowOwn[row] != "" && m.rowOwn[row] == m.itemOwn[item] },
		func(row, item int) bool { return m.rows[row].Kind == m.items[item].Kind },
		func(int, int) bool { return true },
	} {
		for n, r := range m.rows {
			if !m.open(n) {
				continue
			}
			for _, item := range at[place{r.Unit, m.rowWords[n]}] {
				if !m.taken[item] && fits(n, item) {
					m.take(n, item, ByWords, 1)
					break
				}
			}
		}
	}
}

// rowBeside is a row beside an item.
type rowBeside struct {
	row, item int
	likeness  float64
}

// settle gives the most alike of the pairs to each other.
func (m *matcher) settle(pairs []rowBeside, how How) {
	slices.SortFunc(pairs, func(a, z rowBeside) int {
		return cmp.Or(cmp.Compare(z.likeness, a.likeness), cmp.Compare(a.row, z.row), cmp.Compare(a.item, z.item))
	})
	for _, p := range pairs {
		if m.open(p.row) && !m.taken[p.item] {
			m.take(p.row, p.item, how, p.likeness)
		}
	}
}

// underOwn are the rows and items that have the same number of the unit's.
func (m *matcher) underOwn() (pairs []rowBeside) {
	at := m.at(m.rowOwn, m.itemOwn)
	for n, r := range m.rows {
		if !m.open(n) || m.rowOwn[n] == "" {
			continue
		}
		for _, item := range at[place{r.Unit, m.rowOwn[n]}] {
			pairs = append(pairs, rowBeside{n, item, Likeness(m.rowWords[n], m.itemWords[item])})
		}
	}
	return pairs
}

func (m *matcher) byOwnNumber() {
	m.settle(slices.DeleteFunc(m.underOwn(), func(p rowBeside) bool { return p.likeness < SameNumber }), ByOwnNumber)
}

// byLikeness asks of words that are alike. A row whose number is another item's as well
// is asked about the one it is like.
func (m *matcher) byLikeness() {
	open := map[int64][]int{}
	for n, r := range m.rows {
		if m.open(n) && m.rowWords[n] != "" {
			open[r.Unit] = append(open[r.Unit], n)
		}
	}
	items := map[int64][]int{}
	for _, n := range m.places {
		if of := m.items[n].Unit; !m.taken[n] && m.itemWords[n] != "" && open[of] != nil {
			items[of] = append(items[of], n)
		}
	}
	var pairs []rowBeside
	for unit, rows := range open {
		pairs = append(pairs, m.near(rows, items[unit])...)
	}
	m.settle(pairs, ByLikeness)
}

func (m *matcher) numberOnly() { m.settle(m.underOwn(), NumberOnly) }
