package signal

import "slices"

// emptyShare is how much of an entry must be words that say nothing.
var emptyShare = Threshold{Key: "signal_empty_share", Preset: 0.65, Least: 0.5, Most: 1, Source: "敷衍整改 (domain.md §4)"}

// emptyWords: no entry of progress holds a fact. A short entry may hold one (已拆,
// 11月28日复看没有再搭), and waiting for a court or a delivery is one; one entry with a
// number or with words that are not customary is enough, and so is a sum among the
// results.
var emptyWords = Signal{
	Name:       EmptyWords,
	Thresholds: []Threshold{emptyShare},
	item: func(c *context, it *reading) *Finding {
		if len(it.progress) == 0 || it.Achieved.MoneyYuan > 0 || slices.ContainsFunc(it.Measures, func(m Measure) bool { return m.Numbers.MoneyYuan > 0 || numeral.MatchString(m.Result) }) {
			return nil
		}
		f := &Finding{}
		least := 1.0
		for _, p := range it.progress {
			rest := p.Substance()
			share := vagueShare(rest)
			if numeral.MatchString(p.Source) && numeral.MatchString(withoutStock(p.Source, p.Stock)) || share < c.limits.at(emptyShare) {
				return nil
			}
			least = min(least, share)
			f.Evidence = append(f.Evidence, Shown{What: ShownProgress, Text: p.Source})
		}
		f.Strength = beyond(least, c.limits.at(emptyShare), 1)
		return f
	},
}
