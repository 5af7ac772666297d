package signal

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"duban/models/likeness"
)

// context is what the signals of one unit are asked in.
type context struct {
	unit   *Unit
	limits Limits
	words  *likeness.Reader // takes names and phrases by custom out
	matter *likeness.Reader // takes the phrases before a problem out
	habits *habits          // what the office calls which measures
	items  []*reading
	alike  func(it *reading, entry int) []alike // whose progress is like an entry's
	uses   map[string][]fileUse                 // of the files, by their SHA-256
	tells  map[string]telling                   // of the problems, as relapse compares them
}

// reading is an item with what several signals read of it.
type reading struct {
	*Item
	kinds    []string        // of the measures
	progress []likeness.Text // of the entries, none of them empty
	files    []Evidence      // that count
}

// alike is another entry of progress that is near-identical.
type alike struct {
	Place
	text  string
	share float64
}

func (c *context) read(it *Item) *reading {
	r := &reading{Item: it, files: it.inTime()}
	for _, m := range it.Measures {
		r.kinds = append(r.kinds, kindOf(m, c.habits))
	}
	for _, p := range it.Progress {
		if strings.TrimSpace(p.Text) != "" {
			r.progress = append(r.progress, c.words.Read(p.Text))
		}
	}
	return r
}

// wholeOf is all of an item's progress as one text.
func wholeOf(it *Item) string {
	var texts []string
	for _, p := range it.Progress {
		if text := strings.TrimSpace(p.Text); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n")
}

// Register is what an observation compares a unit with: all the progress that it was
// told of, by an index that does not hold the texts. It is used by one at a time.
type Register struct {
	limits Limits
	words  *likeness.Reader
	matter *likeness.Reader
	habits *habits
	index  *likeness.Index
	asker  *likeness.Asker
	places []Place          // of the index's numbers
	known  map[string][]int // unit, round → its numbers
	text   func(p Place) string
}

// Place is where an entry of progress stands. Round is that of an item of a round
// before, empty for the unit's present one; Entry counts from 0.
type Place struct {
	Unit, Round, Item string
	Entry             int
}

// NewRegister is a register to observe in, for about so many entries of progress. Stock
// are the phrases that the office lets pass, names those of people and units; text
// fetches an entry again.
func NewRegister(limits Limits, stock, names []string, entries int, text func(p Place) string) *Register {
	stock = append(slices.Clone(likeness.Customary), stock...)
	index := likeness.NewIndex(entries)
	return &Register{
		limits: limits, text: text,
		words:  likeness.NewReader(stock, names),
		matter: likeness.NewReader(append(stock, likeness.Prefaced...), nil),
		habits: newHabits(),
		index:  index, asker: index.Asker(),
		known: map[string][]int{},
	}
}

// Beside is the same register for another who observes at the same time, while nothing
// is taken in.
func (r *Register) Beside() *Register {
	other := *r
	other.asker = r.index.Asker()
	return &other
}

// Names are the names in a history that say nothing of a matter: of the unit, its
// departments, its people.
func (u *Unit) Names() []string {
	out := []string{u.Is.Name, u.Is.Place}
	out = append(append(out, u.Is.Departments...), u.Is.Subordinates...)
	out = slices.DeleteFunc(out, func(name string) bool { return len([]rune(name)) < 3 })
	for _, l := range u.Is.Leadership {
		out = append(out, l.Name)
	}
	for _, it := range u.Items {
		out = append(out, it.Leader, it.Handler)
		for _, p := range it.Progress {
			out = append(out, p.By)
		}
	}
	out = slices.DeleteFunc(out, func(name string) bool { return len([]rune(name)) < 2 })
	slices.Sort(out)
	return slices.Compact(out)
}

// Take takes a unit's progress in; of a unit that it has taken before, what it says now.
func (r *Register) Take(u *Unit) {
	key := u.Is.ID + "\x00" + u.Round.Code
	for _, number := range r.known[key] {
		r.index.Remove(number)
	}
	r.known[key] = r.known[key][:0]
	for n := range u.Items {
		for _, m := range u.Items[n].Measures {
			r.habits.learn(m)
		}
	}
	u.eachEntry(func(p Place, text string) {
		if grams := r.words.Read(text).Grams(); len(grams) > 0 {
			r.known[key] = append(r.known[key], r.index.Add(grams))
			r.places = append(r.places, p)
		}
	})
}

// eachEntry hands on the entries of progress, of this round and those before.
func (u *Unit) eachEntry(do func(p Place, text string)) {
	for n := range u.Items {
		for entry, p := range u.Items[n].Progress {
			do(Place{u.Is.ID, "", u.Items[n].Number, entry}, p.Text)
		}
	}
	for _, before := range u.Earlier {
		for _, it := range before.Items {
			for entry, text := range it.Progress {
				do(Place{u.Is.ID, before.Round, it.Number, entry}, text)
			}
		}
	}
}

// Observe asks about a unit: about the items that are chosen (nil for all) and about the
// unit itself. The register has taken it, and those it is compared with, before.
func (r *Register) Observe(u *Unit, chosen func(it *Item) bool) []Finding {
	c := &context{unit: u, limits: r.limits, words: r.words, matter: r.matter, habits: r.habits}
	c.alike = func(it *reading, entry int) []alike { return r.alike(c, it, entry) }
	for n := range u.Items {
		c.items = append(c.items, c.read(&u.Items[n]))
	}
	var found []Finding
	for _, s := range signals {
		if s.item != nil {
			for _, it := range c.items {
				if chosen != nil && !chosen(it.Item) {
					continue
				}
				if f := s.item(c, it); f != nil {
					f.Unit, f.Item, f.Signal = u.Is.ID, it.Number, s.Name
					found = append(found, *f)
				}
			}
		}
		if s.unit != nil {
			if f := s.unit(c); f != nil {
				f.Unit, f.Signal = u.Is.ID, s.Name
				found = append(found, *f)
			}
		}
	}
	return sorted(found)
}

// ObserveAll is an observation of a whole register at once, held in memory.
func ObserveAll(units []Unit, limits Limits, stock []string) []Finding {
	return observeWith(units, limits, stock, nil)
}

func observeWith(units []Unit, limits Limits, stock []string, chosen func(it *Item) bool) []Finding {
	texts := map[Place]string{}
	var names []string
	for n := range units {
		names = append(names, units[n].Names()...)
		units[n].eachEntry(func(p Place, text string) { texts[p] = text })
	}
	r := NewRegister(limits, stock, names, len(texts), func(p Place) string { return texts[p] })
	for n := range units {
		r.Take(&units[n])
	}
	each := make([][]Finding, len(units))
	var at atomic.Int64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			mine := r.Beside()
			for n := int(at.Add(1)) - 1; n < len(units); n = int(at.Add(1)) - 1 {
				each[n] = mine.Observe(&units[n], chosen)
			}
		})
	}
	all.Wait()
	return sorted(slices.Concat(each...))
}

// SelfCheck 提交前自查 is what would be asked about one of a unit's items if it were handed
// in at this moment and closed as it stands, beside what the unit itself has written: its
// other items, its rounds before. What others wrote is none of its business.
func SelfCheck(u Unit, number string, at Instant, limits Limits) (found []Finding) {
	u.Items = slices.Clone(u.Items)
	for n := range u.Items {
		if it := &u.Items[n]; it.Number == number {
			it.Submissions = append(slices.Clone(it.Submissions), Submission{At: at})
			it.Closures = append(slices.Clone(it.Closures), Closure{On: at.day(), At: at})
			it.Status = statusClosed
		}
	}
	for _, f := range observeWith([]Unit{u}, limits, nil, func(it *Item) bool { return it.Number == number }) {
		if f.Item == number {
			found = append(found, f)
		}
	}
	return found
}
