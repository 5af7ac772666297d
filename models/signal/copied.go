package signal

import (
	"cmp"
	"slices"

	"duban/models/likeness"
)

// copiedShare is how alike two entries of progress must be (likeness.Restated, after
// names, days, numbers and phrases by custom are taken out).
var copiedShare = Threshold{Key: "signal_copied_share", Preset: 0.82, Least: 0.6, Most: 1, Source: "内江市东兴区: two reports 95 % alike; of labelled and invented entries the copies reach 0.86, all others of this length stay under 0.77"}

// shortestCopy is how many characters of substance an entry must have: shorter ones are
// like anything.
const shortestCopy = 20

// copiedProgress: the progress is near-identical with another item's, another unit's or
// a former round's. Measures that are alike are none: there are guides for them; so
// progress that repeats its measures is asked about by echo only, and empty words by
// empty_words. An item that goes on from a former round has its own past.
var copiedProgress = Signal{
	Name:       Copied,
	Thresholds: []Threshold{copiedShare},
	item: func(c *context, it *reading) *Finding {
		f := &Finding{}
		for n, entry := range it.progress {
			if entry.Len() < shortestCopy || vagueShare(entry.Substance()) >= c.limits.at(emptyShare) {
				continue
			}
			for _, other := range c.alike(it, n) {
				f.Strength = max(f.Strength, beyond(other.share, c.limits.at(copiedShare), 1))
				f.Evidence = append(f.Evidence, Shown{What: ShownAlike, Unit: other.Unit, Item: other.Item, Round: other.Round, Text: entry.Source, OtherText: other.text, Number: other.share})
			}
		}
		if len(f.Evidence) == 0 || c.echoes(it) {
			return nil
		}
		return f
	},
}

// echoes says whether the whole of an item's progress stands in its measures.
func (c *context) echoes(it *reading) bool {
	var measures []likeness.Text
	for _, m := range it.Measures {
		measures = append(measures, c.words.Read(m.Text))
	}
	return likeness.Held(c.words.Read(wholeOf(it.Item)), measures...) >= c.limits.at(echoShare)
}

// Beside an entry so many others are shown, and of so many candidates the words are
// compared.
const (
	shownAlike    = 8
	comparedAlike = 200
)

// indexShare is what the index is asked for: a report that was told over keeps at least so
// many of its runs of three characters (Jaccard).
const indexShare = 0.42

// alike are the entries of other items that are like an item's, the most alike first.
func (r *Register) alike(c *context, it *reading, entry int) (out []alike) {
	mine := it.progress[entry]
	compared := 0
	r.asker.Like(mine.Grams(), indexShare, func(number int) {
		at := r.places[number]
		if compared == comparedAlike || at.Unit == c.unit.Is.ID && (at.Round == "" && at.Item == it.Number || at.Round != "" && c.carried(at, it.Number)) {
			return
		}
		compared++
		text := r.text(at)
		other := r.words.Read(text)
		if other.Len() < shortestCopy {
			return
		}
		if share := likeness.Restated(mine, other); share >= r.limits.at(copiedShare) {
			out = append(out, alike{Place: at, text: text, share: share})
		}
	})
	slices.SortFunc(out, func(a, z alike) int {
		return cmp.Or(cmp.Compare(z.share, a.share), cmp.Compare(a.Unit, z.Unit), cmp.Compare(a.Item, z.Item), cmp.Compare(a.Entry, z.Entry))
	})
	return out[:min(len(out), shownAlike)]
}

// carried says whether an item of a round before is the same one going on.
func (c *context) carried(at Place, number string) bool {
	for _, before := range c.unit.Earlier {
		if before.Round != at.Round {
			continue
		}
		for _, it := range before.Items {
			if it.Number == at.Item && it.CarriedTo == number {
				return true
			}
		}
	}
	return false
}
