package signal

import (
	"regexp"
	"slices"

	"duban/models/likeness"
)

// echoShare is how much of the progress must stand in the measures.
var echoShare = Threshold{Key: "signal_echo_share", Preset: 0.65, Least: 0.4, Most: 1, Source: "旌阳区巡察办: 以整改措施代替整改落实情况 (domain.md §4)"}

// shortestEcho is how many characters of substance must be repeated.
const shortestEcho = 10

// echoOfMeasures: the progress says the measures again, with 已 before them, and no
// result. Progress that begins so and then tells what came of it is none: a number that
// no measure has, or a sum recovered, is a result.
var echoOfMeasures = Signal{
	Name:       Echo,
	Thresholds: []Threshold{echoShare},
	item: func(c *context, it *reading) *Finding {
		if len(it.progress) == 0 || len(it.Measures) == 0 || it.Achieved.MoneyYuan > 0 {
			return nil
		}
		var numbers []string
		for _, m := range it.Measures {
			if m.Numbers.MoneyYuan > 0 {
				return nil
			}
			numbers = append(numbers, numbersIn(m.Text)...)
		}
		for _, p := range it.progress {
			for _, number := range numbersIn(p.Source) {
				if !slices.Contains(numbers, number) {
					return nil
				}
			}
		}
		said := c.words.Read(asEcho.ReplaceAllString(wholeOf(it.Item), ""))
		if said.Len() < shortestEcho {
			return nil
		}
		var measures []likeness.Text
		for _, m := range it.Measures {
			measures = append(measures, c.words.Read(m.Text))
		}
		share := max(likeness.Held(said, measures...), c.saidAgain(wholeOf(it.Item), measures))
		if share < c.limits.at(echoShare) {
			return nil
		}
		f := &Finding{Strength: beyond(share, c.limits.at(echoShare), 1), Evidence: []Shown{{What: ShownShare, Number: share, Of: 1}}}
		for _, p := range it.progress {
			f.Evidence = append(f.Evidence, Shown{What: ShownProgress, Text: p.Source})
		}
		for _, m := range it.Measures {
			f.Evidence = append(f.Evidence, Shown{What: ShownMeasure, Text: m.Text})
		}
		return f
	},
}

// Where a measure is said again in another order (对仓库进行了熏蒸 for 熏蒸仓库), its pairs
// of characters go and its characters stay: so much of the whole must stand in the
// measures, and of every clause that is long enough to hold a fact.
const (
	againWhole   = 0.85
	againClause  = 0.6
	factsFromLen = 4
)

// saidAgain is which share of the progress says the measures in another order; 0 when
// one of its clauses says something else.
func (c *context) saidAgain(progress string, measures []likeness.Text) float64 {
	said := c.words.Read(asEcho.ReplaceAllString(progress, ""))
	share := likeness.Covered(said, measures...)
	if share < againWhole {
		return 0
	}
	for _, clause := range likeness.Clauses(progress) {
		own := c.words.Read(asEcho.ReplaceAllString(clause, ""))
		if own.Len() >= factsFromLen && vagueShare(own.Substance()) < c.limits.at(emptyShare) && likeness.Covered(own, measures...) < againClause {
			return 0
		}
	}
	return share
}

// asEcho are the words with which a measure is turned into progress.
var asEcho = regexp.MustCompile(`现已做到|已做到|现已|已经|业已|已|做到|(^|[，；、。])并|均|正在|我们|我(局|镇|乡|院|校|站|所|街道|单位|公司)|按照整改措施|按照措施|严格落实整改措施|落实整改措施|按措施|根据措施|针对(该|此|上述)?问题|第?[一二三四五六七八九]是|进行|开展|予以|加以|整改(已)?完成|达到整改要求|整改到位|到位|得到|坚持|完成情况|落实情况|均已落实|均落实|已落实到位|落实到位|都已完成|全部完成|，|；|、|：`)
