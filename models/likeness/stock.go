package likeness

import (
	"slices"
	"strings"
	"unicode"
)

// Customary are phrases that offices write by custom wherever rectification is told of;
// they say nothing of a matter. An office keeps its own beside them (Learnt proposes).
var Customary = []string{
	"高度重视，第一时间召开专题会议研究部署", "坚持问题导向、目标导向、结果导向相统一", "坚持问题导向", "压紧压实整改责任，层层传导压力", "以钉钉子精神抓好整改落实",
	"举一反三、标本兼治，巩固整改成果", "建立健全长效机制，防止问题反弹回潮", "对照反馈意见逐条逐项抓好整改", "确保件件有着落、事事有回音",
	"切实增强抓好整改的政治自觉、思想自觉、行动自觉", "严格落实“一岗双责”，做到守土有责、守土尽责", "认真做好巡察整改“后半篇文章”", "按照“谁主管、谁负责”的原则落实责任",
	"主要负责同志切实履行第一责任人责任", "做到思想认识到位、责任落实到位、措施执行到位", "以最坚决的态度、最有力的举措推进整改", "建立问题清单、任务清单、责任清单",
	"对标对表、逐项销号，不折不扣抓好整改落实", "提高政治站位", "强化责任担当", "加强组织领导", "统一思想认识", "切实提高思想认识", "严肃认真对待", "坚决扛起整改政治责任", "坚持立行立改、真改实改",
	"确保整改取得实效", "确保整改工作落到实处", "做到真改、实改、全面改", "以整改实际成效取信于民", "坚持标本兼治", "坚持以案促改、以案促治", "推动整改工作走深走实", "明确责任人、明确时限",
	"坚持以上率下、以身作则", "坚持边查边改", "深刻汲取教训", "增强四个意识、坚定四个自信、做到两个维护", "以习近平新时代中国特色社会主义思想为指导", "把整改作为重要政治任务", "按照时间节点推进", "建立整改台账，实行销号管理",
}

// Prefaced are the general findings that inspectors put before a problem; the problem is
// what stands after them.
var Prefaced = []string{
	"作风不够扎实", "财经纪律意识淡薄", "履行主体责任有差距", "制度执行不严格", "日常监管不到位", "主体责任落实不到位", "落实主体责任有差距", "政治站位不高", "思想认识不到位", "担当作为不够", "纪律意识不强", "责任意识不强",
	"管理不规范", "内部管理不严格", "监督管理不到位", "监督检查不到位", "执行制度不严格", "制度不健全", "学习不深入", "工作不扎实", "落实不到位", "把关不严", "重视程度不够", "规矩意识不强", "廉洁意识淡薄", "服务意识不强", "宗旨意识不强", "风险防控不到位",
}

// Said is one text of somebody's, for Learnt: who wrote it, and of what kind of matter.
type Said struct {
	Unit, Category, Text string
}

// How common a clause must be to be one by custom: it stands in this many units, and is
// said of this many kinds of matter. What is said of one kind only is its substance,
// however many have it in common.
const (
	customUnits      = 3
	customCategories = 4
	shortestCustom   = 5
)

// Learnt are the clauses that most units write whatever the matter is: what the texts
// themselves show to be said by custom. A clause with a number in it is none.
func Learnt(texts []Said) []string {
	type users struct{ units, categories map[string]bool }
	uses := map[string]users{}
	for _, said := range texts {
		for _, clause := range strings.FieldsFunc(said.Text, clauseEnds) {
			words := Folded(clause)
			if len([]rune(words)) < shortestCustom || strings.ContainsFunc(words, unicode.IsDigit) {
				continue
			}
			if uses[words].units == nil {
				uses[words] = users{map[string]bool{}, map[string]bool{}}
			}
			uses[words].units[said.Unit], uses[words].categories[said.Category] = true, true
		}
	}
	var out []string
	for words, of := range uses {
		if len(of.units) >= customUnits && len(of.categories) >= customCategories {
			out = append(out, words)
		}
	}
	slices.Sort(out)
	return out
}

func clauseEnds(r rune) bool {
	return strings.ContainsRune("。；，：！？;,:!?\n", r)
}

// Clauses are the parts of a text between its signs.
func Clauses(text string) []string { return strings.FieldsFunc(text, clauseEnds) }
