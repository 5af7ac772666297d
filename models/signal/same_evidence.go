package signal

import (
	"regexp"

	"duban/models/likeness"
)

// unlikeProblems is how alike two problems may be at most for one file not to prove both.
var unlikeProblems = Threshold{Key: "signal_same_evidence_unlike", Preset: 0.5, Least: 0.2, Most: 0.9, Source: "domain.md §4, 虚假整改; a by-law may serve several items"}

// sameEvidence: one file proves unlike problems of a unit. One by-law may truly serve
// several: where the file is a rule and each item's measure is to make it, nobody is
// asked. One meeting may have dealt with several: where the file keeps its name and each
// item has proof of its own beside it, nobody is asked; under another name it is always
// asked about. Problems that are alike were one before they were split.
var sameEvidence = Signal{
	Name:       SameEvidence,
	Thresholds: []Threshold{unlikeProblems},
	item: func(c *context, it *reading) *Finding {
		for _, e := range it.files {
			if e.SHA256 == "" {
				continue
			}
			uses := c.usesOf(e.SHA256)
			if f := c.sharedFile(it, e, uses); f != nil {
				return f
			}
		}
		return nil
	},
}

// fileUse is an item's use of a file.
type fileUse struct {
	by   *reading
	file Evidence
	own  bool // the item has other proof
}

// usesOf are the uses of a file among a unit's items, one for each.
func (c *context) usesOf(sha string) (out []fileUse) {
	if c.uses == nil {
		c.uses = map[string][]fileUse{}
		for _, it := range c.items {
			told := map[string]bool{}
			for _, e := range it.files {
				if e.SHA256 == "" || told[e.SHA256] {
					continue
				}
				told[e.SHA256] = true
				use := fileUse{by: it, file: e}
				for _, other := range it.files {
					use.own = use.own || other.SHA256 != e.SHA256
				}
				c.uses[e.SHA256] = append(c.uses[e.SHA256], use)
			}
		}
	}
	return c.uses[sha]
}

func (c *context) sharedFile(it *reading, e Evidence, uses []fileUse) *Finding {
	if len(uses) < 2 {
		return nil
	}
	rule, renamed, own := true, false, true
	var others []Shown
	mine := c.matter.Read(it.Problem)
	for _, use := range uses {
		rule = rule && use.by.provesRule(use.file)
		renamed = renamed || plainName(use.file.Name) != plainName(e.Name)
		own = own && use.own
		if use.by == it || likeness.Likeness(mine, c.matter.Read(use.by.Problem)) >= c.limits.at(unlikeProblems) {
			continue
		}
		others = append(others, Shown{What: ShownSameFile, Item: use.by.Number, File: use.file.Name, Day: use.file.HandedInOn, OtherText: use.by.Problem})
	}
	if len(others) == 0 || rule || own && !renamed {
		return nil
	}
	strength := 0.7
	if renamed {
		strength = 1
	}
	return &Finding{Strength: strength, Evidence: append([]Shown{{What: ShownSameFile, Item: it.Number, File: e.Name, Day: e.HandedInOn, Text: it.Problem}}, others...)}
}

var ruleName = regexp.MustCompile(`办法|规定|制度|细则|规则|规范|规程|章程|守则|条例|标准|流程|机制|清单制`)

// provesRule says whether a file is a rule that one of the item's measures was to make.
func (it *reading) provesRule(e Evidence) bool {
	if !ruleName.MatchString(e.Name) {
		return false
	}
	for n, m := range it.Measures {
		if it.kinds[n] == kindRule && (e.Measure == nil || *e.Measure == m.Seq) {
			return true
		}
	}
	return false
}

var nameFrame = regexp.MustCompile(`^附件[0-9０-９一二三四五六七八九十]*[ 　.、：:_-]*|[（(](盖章|扫描件?|复印件?|最终版?|[0-9]+)[)）]|(复印件|扫描件|副本)|\.[A-Za-z0-9]+$`)

// plainName is a file's name without what is added to it in handing it in.
func plainName(name string) string { return likeness.Folded(nameFrame.ReplaceAllString(name, "")) }
