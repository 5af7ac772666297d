package signal

import (
	"regexp"
	"strings"
)

// When a whole unit has handed its matters down.
var (
	downShare = Threshold{Key: "signal_delegated_share", Preset: 0.4, Least: 0.1, Most: 1, Source: "一分了之, 以下级整改代替本级整改 (domain.md §4)"}
	downItems = Threshold{Key: "signal_delegated_items", Preset: 5, Least: 2, Most: 50, Source: "a unit with few items has no share"}
)

// handedDown: a matter of the unit's own is handed down: who answers for it is none of
// the leadership, or every measure only passes it on. A problem of a subordinate's own
// is rightly theirs. A leader may be written by the post, with a title, or two of them
// together. A leadership nobody has entered says nothing. Of the unit it is asked when
// its head has no item and many are answered for by others than the leadership.
var handedDown = Signal{
	Name:       Delegated,
	Thresholds: []Threshold{downShare, downItems},
	item: func(c *context, it *reading) *Finding {
		for _, name := range c.unit.Is.Subordinates {
			if len([]rune(name)) > 1 && strings.Contains(it.Problem, name) {
				return nil
			}
		}
		f := &Finding{}
		if !c.led(it.Leader) {
			f.Strength = 0.7
			f.Evidence = append(f.Evidence, Shown{What: ShownLeader, Text: it.Leader})
		}
		if handsDown(it.Measures, c.unit.Is.Subordinates) {
			f.Strength = min(1, f.Strength+0.7)
			for _, m := range it.Measures {
				f.Evidence = append(f.Evidence, Shown{What: ShownMeasure, Text: m.Text})
			}
		}
		if len(f.Evidence) == 0 {
			return nil
		}
		return f
	},
	unit: func(c *context) *Finding {
		if len(c.unit.Is.Leadership) == 0 {
			return nil
		}
		f := &Finding{}
		for _, it := range c.items {
			if c.ledByHead(it.Leader) {
				return nil
			}
			if !c.led(it.Leader) {
				f.Evidence = append(f.Evidence, Shown{What: ShownLeader, Item: it.Number, Text: it.Leader})
			}
		}
		down, all := float64(len(f.Evidence)), float64(len(c.items))
		if all == 0 || down < c.limits.at(downItems) || down < c.limits.at(downShare)*all {
			return nil
		}
		f.Strength = beyond(down/all, c.limits.at(downShare), 1)
		f.Evidence = append([]Shown{{What: ShownShare, Number: down, Of: all}}, f.Evidence...)
		return f
	},
}

// Words by which a register names somebody without a name.
var (
	headWords   = regexp.MustCompile(`主要(负责(人|同志)|领导)|一把手|党政(正职|主要)|第一责任人`)
	memberWords = regexp.MustCompile(`分管(领导|负责人|副)|班子成员|领导班子|党(组|委)(成员|委员|会|班子)|全体班子`)
	postParts   = regexp.MustCompile(`[、,，/ 　]+`)
)

// led says whether somebody of the leadership answers for an item. Where nobody is
// named, or no leadership was entered, nothing is held against the unit.
func (c *context) led(by string) bool {
	by = strings.TrimSpace(by)
	if by == "" || len(c.unit.Is.Leadership) == 0 || headWords.MatchString(by) || memberWords.MatchString(by) {
		return true
	}
	for _, l := range c.unit.Is.Leadership {
		if l.Name != "" && strings.Contains(strings.ReplaceAll(by, " ", ""), l.Name) || hasPost(l, by) {
			return true
		}
	}
	return false
}

// ledByHead says whether the head of the unit answers for an item.
func (c *context) ledByHead(by string) bool {
	if headWords.MatchString(by) {
		return true
	}
	for _, l := range c.unit.Is.Leadership {
		if l.Head && (l.Name != "" && strings.Contains(strings.ReplaceAll(by, " ", ""), l.Name) || hasPost(l, by)) {
			return true
		}
	}
	return false
}

// hasPost says whether somebody is named by one of a leader's posts and nothing else: by
// 局长 the 党组书记、局长 is meant, and not the 副局长.
func hasPost(l Leader, by string) bool {
	for _, named := range postParts.Split(by, -1) {
		for _, post := range postParts.Split(l.Post, -1) {
			if post == "" || named == "" {
				continue
			}
			if named == post || len([]rune(named)) > 1 && strings.HasSuffix(post, named) && !strings.Contains(post, "副"+named) {
				return true
			}
		}
	}
	return false
}
