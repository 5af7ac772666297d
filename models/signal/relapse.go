package signal

import (
	"regexp"
	"slices"
	"strings"

	"duban/models/likeness"
)

// How alike a problem must be to one that was closed: by its words, or by the notions of
// the field that both speak of.
var (
	relapseWords   = Threshold{Key: "signal_relapse_words", Preset: 0.5, Least: 0.3, Most: 1, Source: "屡改屡犯, 边改边犯: 腾冲; 高要 回头看 (domain.md §4)"}
	relapseNotions = Threshold{Key: "signal_relapse_notions", Preset: 0.6, Least: 0.4, Most: 1, Source: "two matters of one kind share the thing, not the fault"}
)

// Beside the thing's name so much of two problems must be alike; a problem that is told
// over almost word for word has nothing beside.
const (
	besideTopic = 0.28
	retold      = 0.85
)

// relapseAfterClosing: the same matter was closed in a former round of this unit. What
// inspectors put before a problem (作风不够扎实) is in all of them and does not count; an
// item that was not closed and goes on is no relapse; two matters of one kind share the
// thing and not the fault. Both problems are shown.
var relapseAfterClosing = Signal{
	Name:       Relapse,
	Thresholds: []Threshold{relapseWords, relapseNotions},
	item: func(c *context, it *reading) *Finding {
		f := &Finding{}
		for _, before := range c.unit.Earlier {
			for _, was := range before.Items {
				if was.Status != statusClosed || was.CarriedTo != "" || was.Category != it.Category {
					continue
				}
				share, again := c.again(it.Problem, was.Problem)
				if !again {
					continue
				}
				f.Strength = max(f.Strength, share)
				f.Evidence = append(f.Evidence, Shown{What: ShownEarlier, Item: was.Number, Text: it.Problem, OtherText: was.Problem, Number: share})
			}
		}
		if len(f.Evidence) == 0 {
			return nil
		}
		return f
	},
}

// again says whether two problems are one matter, and how alike they are.
func (c *context) again(now, before string) (share float64, is bool) {
	one, other := c.told(now), c.told(before)
	share, beside := likeness.Matters(one.text, other.text)
	if share >= c.limits.at(relapseWords) && (beside >= besideTopic || share >= retold) {
		return share, true
	}
	a, z := one.notions, other.notions
	common := 0
	for _, notion := range a {
		if slices.Contains(z, notion) {
			common++
		}
	}
	if common < 2 {
		return share, false
	}
	of := float64(common) / float64(len(a)+len(z)-common)
	return max(share, of), of >= c.limits.at(relapseNotions)
}

// telling is a problem as it is compared.
type telling struct {
	text    likeness.Text
	notions []int
}

func (c *context) told(problem string) telling {
	is, known := c.tells[problem]
	if !known {
		own := c.ownMatter(problem)
		is = telling{c.matter.Read(own), notionsOf(own)}
		if c.tells == nil {
			c.tells = map[string]telling{}
		}
		c.tells[problem] = is
	}
	return is
}

// ownMatter is a problem without the unit's own names and the findings before it.
func (c *context) ownMatter(problem string) string {
	for _, name := range append([]string{c.unit.Is.Name}, c.unit.Is.Subordinates...) {
		if len([]rune(name)) > 2 {
			problem = strings.ReplaceAll(problem, name, "")
		}
	}
	for {
		first, rest, more := strings.Cut(problem, "，")
		if !more || !slices.Contains(likeness.Prefaced, first) && !general.MatchString(first) {
			return problem
		}
		problem = rest
	}
}

// general are findings that inspectors put before a problem: a weakness without a number
// and without a thing.
var general = regexp.MustCompile(`^[^0-9０-９]{2,10}(不高|不足|不够|不强|不深|不实|不严|不力|不牢|不规范|不严格|不扎实|不到位|不健全|不重视|淡薄|薄弱|弱化|虚化|缺位|松懈|欠缺|有差距|有偏差|有短板|打折扣)$`)
