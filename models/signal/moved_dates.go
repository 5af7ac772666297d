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
			if x.Why != "asked" && x.Why != "late" || x.State != "granted" && x.State != "" || x.DocNo != "" || numeral.MatchString(x.Reason) || saysWhy(x.Reason) {
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

// saysWhy says whether a reason names something that somebody can look up: it has a word
// of such a thing, and does not only hint at it.
func saysWhy(reason string) bool {
	return concrete.MatchString(reason) && !hinted.MatchString(reason)
}

// hinted are words that leave open what the matter with it is.
var hinted = regexp.MustCompile(`(有|存在)(些|点|一些|一定|部分)?(问题|困难|难度)|未有明确|再定|缓一缓|进一步(沟通|研究|协调|对接)`)

// concrete are words of reasons that somebody can look up.
var concrete = regexp.MustCompile(`法院|开庭|诉讼|判决|仲裁|合同|招标|投标|中标|审批|批复|批准|许可|到货|交货|订货|发货|鉴定|检测|评估|审计|汛期|台风|冰冻|停工令|开工令|工期|竣工|验收|公示|财政|预算|拨款|资金到位|上级|立项|环评|规划|拆迁|征地|住院|病假|产假|抢险|疫情|换届|选举|移交|继承|暴雨|台风|大雪|冰雪|预警|气象|停电|供电|厂家|厂商|供货|排产|配件|海关|勘察|设计院|专家|受理|论证|成活|季节|立秋|封冻|公证|拍卖|传票|银行`)
