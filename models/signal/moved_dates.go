package signal

import "regexp"

// emptyMoves is how often a date must have been moved for an empty reason.
var emptyMoves = Threshold{Key: "signal_moved_times", Preset: 2, Least: 1, Most: 10, Source: "改期限 (domain.md §4): two extensions or more"}

// movedDates: the due day was moved again and again at the unit's wish, for reasons that
// name nothing. The supervisors' own moves and corrections do not count, nor a reason
// with a document, a day or a number, a court, a contract or a delivery.
var movedDates = Signal{
	Name:       MovedDates,
	Thresholds: []Threshold{emptyMoves},
	item: func(c *context, it *reading) *Finding {
		f := &Finding{}
		late := 0
		for _, x := range it.Extensions {
			if x.Why != "asked" && x.Why != "late" || x.State != "granted" && x.State != "" || x.DocNo != "" || numeral.MatchString(x.Reason) || concrete.MatchString(x.Reason) {
				continue
			}
			if x.AskedOn.Valid() && x.FromOn.Valid() && x.AskedOn > x.FromOn {
				late++
			}
			f.Evidence = append(f.Evidence, Shown{What: ShownMove, Day: x.ToOn, Text: x.Reason})
		}
		if n := float64(len(f.Evidence)); n == 0 || n < c.limits.at(emptyMoves) {
			return nil
		}
		f.Strength = beyond(float64(len(f.Evidence)+late), c.limits.at(emptyMoves), c.limits.at(emptyMoves)+4)
		return f
	},
}

// concrete are words of reasons that somebody can look up.
var concrete = regexp.MustCompile(`法院|开庭|诉讼|判决|仲裁|合同|招标|投标|中标|审批|批复|批准|许可|到货|交货|订货|发货|鉴定|检测|评估|审计|汛期|台风|冰冻|停工令|开工令|工期|竣工|验收|公示|财政|预算|拨款|资金到位|上级|立项|环评|规划|拆迁|征地|住院|病假|产假|抢险|疫情|换届|选举|移交|继承|公证|拍卖|传票|银行`)
