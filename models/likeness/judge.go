package likeness

import (
	"slices"
	"strings"
	"unicode"
)

// Verdict is what two short texts are to each other.
type Verdict string

// The verdicts.
const (
	Same        Verdict = "yes"          // only days, numbers, names, order or synonyms differ
	Different   Verdict = "no"           // another matter, or another outcome
	StockPhrase Verdict = "stock-phrase" // only phrases by custom in common
)

// How much of two short texts must be common, after synonyms, for them to say the same;
// and how long a clause that both hold word for word is taken for custom when all else
// differs.
const (
	sameSubstance = 0.67
	unlikeRest    = 0.45
	customClause  = 6
)

// Judge says what two short texts are to each other: a sentence of progress, a problem.
// Their clauses by custom are put aside; of what is left the synonyms are made one, and
// the characters in common are counted (their pairs would punish another order of
// words). Two texts that say almost the same of opposite outcomes are different.
func (r *Reader) Judge(a, z string) Verdict {
	restA, restZ, custom := r.withoutCustom(a, z)
	if sayTheSame(restA, restZ) && !opposite(restA, restZ) {
		return Same
	}
	if custom {
		return StockPhrase
	}
	return Different
}

// withoutCustom are two texts without what is customary in either, folded; and whether
// they had a custom in common. A clause that stands in both word for word, without a
// number, is such a custom when the rest of them is about different things.
func (r *Reader) withoutCustom(a, z string) (restA, restZ string, custom bool) {
	ta, tz := r.Read(a), r.Read(z)
	for _, phrase := range ta.Stock {
		custom = custom || slices.Contains(tz.Stock, phrase)
	}
	restA, restZ = ta.Substance(), tz.Substance()
	if custom {
		return restA, restZ, custom
	}
	ownA, ownZ := restA, restZ
	clausesZ := Clauses(z)
	for _, clause := range Clauses(a) {
		words := r.Read(clause).Substance()
		if len([]rune(words)) < customClause || strings.ContainsFunc(clause, unicode.IsDigit) {
			continue
		}
		if slices.ContainsFunc(clausesZ, func(other string) bool { return Folded(other) == Folded(clause) }) {
			ownA, ownZ = strings.Replace(ownA, words, "", 1), strings.Replace(ownZ, words, "", 1)
		}
	}
	if ownA != restA && ownA != "" && ownZ != "" && inCommon(ownA, ownZ) < unlikeRest {
		return ownA, ownZ, true
	}
	return restA, restZ, false
}

// sayTheSame says whether the characters of two folded texts are the same but for
// synonyms and little words.
func sayTheSame(a, z string) bool { return inCommon(a, z) >= sameSubstance }

// inCommon is which share of their characters two folded texts have in common, whatever
// their order.
func inCommon(a, z string) float64 {
	return commonShare(folded(oneWord.Replace(a)), folded(oneWord.Replace(z)))
}

// synonyms are words that offices use for one another in reports; little words that say
// nothing stand under the empty one.
var synonyms = map[string][]string{
	"":  {"的", "了", "已经", "业已", "已", "均", "由", "被", "于", "在", "里", "并", "再次", "自", "以来", "至今", "进行", "办理", "我们", "组织人员", "组织力量", "力量", "截至", "截止", "到底", "与", "和", "及", "对", "将", "把", "其中", "一并", "处", "个地方", "方面", "有关", "相关", "又", "也", "从"},
	"查": {"查阅", "翻看", "翻阅", "查看", "调阅", "核查", "检查", "清查"},
	"见": {"发现", "查出", "查明", "查实", "找出"},
	"请": {"委托", "聘请", "邀请"},
	"换": {"更换", "更新", "换新", "全部换新"},
	"逐": {"逐户", "挨户", "逐一", "逐个", "挨个", "逐家", "逐笔"},
	"退": {"退回", "退还", "归还", "返还", "退赔", "赔退", "清退"},
	"加": {"新增", "新纳入", "增加", "纳入", "新加"},
	"开": {"召开", "主持召开", "主持", "组织召开"},
	"会": {"专题会议", "专题会", "会议"},
	"听": {"听取", "逐项听取"},
	"夜": {"夜间", "晚上", "夜里"},
	"新": {"重新", "再次", "重"},
	"当": {"当场", "现场", "当面"},
	"借": {"借用", "借出"},
	"村": {"全镇", "全乡", "全村", "乡镇", "社区"},
	"价": {"造价", "价款"},
	"立": {"建立", "设立"},
	"报": {"通报", "公布", "公开", "告知"},
	"用": {"启用", "使用", "执行"},
	"户": {"农户", "住户", "低保户", "低保对象"},
	"记": {"记账", "入账", "补记", "补入账", "补入", "登记", "记录"},
	"改": {"修订", "修改", "完善", "更正", "改正"},
	"发": {"印发", "下发", "制发"},
	"理": {"清理", "整理", "梳理"},
	"全": {"全部", "悉数", "全数"},
	"完": {"完成", "办结", "办理完毕", "办完"},
	"签": {"签字", "签名", "签收"},
	"补": {"补齐", "补全", "补足", "补办"},
	"贴": {"张贴", "贴出", "公示"},
	"装": {"安装", "加装", "装上"},
	"款": {"资金", "款项", "钱款"},
	"共": {"合计", "累计", "共计", "总计"},
	"清": {"缴清", "交清", "结清", "还清"},
	"档": {"存档", "归档", "入档"},
	"附": {"附后", "附上", "见附件", "在附件"},
	"按": {"按照", "依照", "依据", "根据"},
	"月": {"每月", "按月", "逐月"},
	"末": {"年底", "年末", "月底", "月末"},
	"付": {"发放", "拨付", "支付", "兑付"},
	"修": {"维修", "修复", "修缮"},
	"抽": {"抽查", "抽检", "随机抽查"},
	"谈": {"约谈", "谈话提醒", "提醒谈话"},
}

// oneWord writes a text with one word for all of its synonyms.
var oneWord = func() *strings.Replacer {
	type pair struct{ from, to string }
	var all []pair
	for to, words := range synonyms {
		for _, from := range words {
			all = append(all, pair{from, to})
		}
	}
	slices.SortFunc(all, func(x, y pair) int {
		if len(x.from) != len(y.from) {
			return len(y.from) - len(x.from)
		}
		return strings.Compare(x.from+x.to, y.from+y.to)
	})
	var args []string
	for _, p := range all {
		args = append(args, p.from, p.to)
	}
	return strings.NewReplacer(args...)
}()

// opposites are words of which a text holds the one and another the other when they tell
// of opposite outcomes or directions.
var opposites = [][2][]string{
	{{"退还", "退回", "返还", "多收"}, {"追缴", "补缴", "少缴", "催缴"}},
	{{"补发", "发放", "续发"}, {"停发", "扣发", "核减"}},
	{{"封闭", "停用", "拆除", "停止使用", "封存"}, {"继续使用", "照常使用", "恢复使用", "仍在用"}},
	{{"学习", "培训"}, {"清退", "收回", "追回"}},
	{{"合并", "集中", "打包"}, {"拆成", "拆分", "分拆", "零星"}},
	{{"通过", "同意", "批准", "获批", "核准"}, {"否决", "驳回", "未批"}},
	{{"增加", "上升", "上涨", "扩大"}, {"减少", "下降", "压减", "缩小"}},
	{{"转入", "存入", "缴入", "缴库", "上缴"}, {"用于", "挪作", "留用", "坐支"}},
	{{"删去", "改正", "修改", "纠正"}, {"说明材料", "保留", "维持"}},
	{{"恢复", "重启", "复工"}, {"叫停", "停工", "暂停"}},
	{{"按期", "如期", "按时"}, {"逾期", "超期", "过期"}},
	{{"任命", "聘用", "录用"}, {"免去", "解聘", "辞退"}},
	{{"签订", "续签"}, {"解除", "终止"}},
	{{"新建", "扩建", "加建"}, {"拆除", "拆掉"}},
	{{"公开招标", "公开竞价", "进场交易"}, {"直接发包", "直接委托", "指定"}},
	{{"全部", "全额", "悉数"}, {"部分", "一半", "少数"}},
}

// undone are words by which a text says that a thing has not come about, or not yet.
var undone = []string{
	"尚未", "未能", "仍", "还在", "还要", "还需", "正在", "正补", "推迟", "延后", "暂缓", "征求意见", "不合格", "不符合", "照常", "拒不", "未改", "没有改", "未收", "未到", "未完", "未办", "未退",
	"有待", "等待", "待批", "待办", "待审", "尚待", "尚在", "尚需", "尚缺", "还缺", "拟于", "计划于", "未整改", "没有收", "没有完", "没有办", "没有退", "没有拆", "还没",
}

// negations are said before what is denied.
var negations = []string{"没有", "尚未", "未", "不", "没", "无"}

// shortEnough is how many characters two texts may have for one word to turn their sense;
// in a longer one it is one sentence of several.
const shortEnough = 60

// opposite says whether two short folded texts tell of opposite outcomes: the one of a
// thing that was done, the other that it was not; or of opposite directions.
func opposite(a, z string) bool {
	if len([]rune(a)) > shortEnough || len([]rune(z)) > shortEnough {
		return false
	}
	holds := func(text string) func(string) bool {
		return func(word string) bool { return strings.Contains(text, word) }
	}
	if slices.ContainsFunc(undone, holds(a)) != slices.ContainsFunc(undone, holds(z)) || denies(a, z) || denies(z, a) {
		return true
	}
	for _, pair := range opposites {
		firstA, otherA := slices.ContainsFunc(pair[0], holds(a)), slices.ContainsFunc(pair[1], holds(a))
		firstZ, otherZ := slices.ContainsFunc(pair[0], holds(z)), slices.ContainsFunc(pair[1], holds(z))
		if firstA && !otherA && otherZ && !firstZ || otherA && !firstA && firstZ && !otherZ {
			return true
		}
	}
	return false
}

// denies says whether a denies what z affirms: 检测不合格 and 检测合格.
func denies(a, z string) bool {
	for _, no := range negations {
		rest := a
		for {
			_, after, found := strings.Cut(rest, no)
			if !found {
				break
			}
			rest = after
			denied := []rune(after)
			if len(denied) < 2 {
				break
			}
			word := string(denied[:2])
			if strings.Contains(z, word) && !slices.ContainsFunc(negations, func(n string) bool { return strings.Contains(z, n+word) }) {
				return true
			}
		}
	}
	return false
}
