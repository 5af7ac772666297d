package signal

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"duban/models/likeness"
)

// What a measure is, as offices name the kinds; promise and passing on are told by the
// words, whatever kind is written beside them.
const (
	kindStudy   = "学习教育"
	kindMeeting = "会议部署"
	kindPaper   = "发文部署"
	kindRight   = "整改纠正"
	kindRecover = "挽回损失"
	kindRule    = "建章立制"
	kindPunish  = "追责问责"
)

// kindWords are how a measure without a kind is told: the first row that fits. A rule
// comes before a paper (印发管理办法), study before a meeting (召开警示教育会).
var kindWords = []struct {
	kind  string
	words *regexp.Regexp
}{
	{kindRecover, regexp.MustCompile(`追回|退回|收回|收缴|补缴|上缴|追缴|催收|催缴|追索|扣还|缴库|冲回|退赔|清退|归还|追偿|起诉`)},
	{kindPunish, regexp.MustCompile(`问责|追责|诫勉|函询|立案|警告|记过|记大过|撤职|撤销.{0,6}职务|降职|降级|开除|留党察看|政务处分|处分|批评教育|(给予|予以|点名)批评|提醒谈话|约谈|谈话提醒|红脸|训诫|检查$|书面检查|检讨|责令.{0,8}检查|责成.{0,10}说明情况|调离.{0,4}岗位|调离原|免职|免去|停职|辞退|解聘|解除.{0,10}(聘|职务)|移送.{0,4}(司法|公安|监察|纪委|检察)|移交.{0,4}(司法|公安|监察|纪委|检察)|(扣发|扣罚|扣减|扣除|核减|取消).{0,8}(绩效|奖金|年终奖|奖励|工资|考核|评优|评先|津贴|资格)|通报.{0,12}(问题|情况|批评)$|通报(全|至|到|给)|约见|曝光|组织处理|追究.{0,8}责任`)},
	{kindRule, regexp.MustCompile(`(制定|制订|订立|编制|修订).{0,16}(制度|机制|办法|规定|细则|规则|规程|标准|公约|清单|流程|章程|手册|限额|时限|目录|表|预案|名录|措施|方案)|修订|出台|健全.{0,10}(制度|机制|办法)|完善.{0,10}(制度|机制|办法|规定|流程)|建立.{0,14}(制度|机制|规定|办法|规则|台账制)|规定|印发.{0,14}(办法|细则|制度|规定|规则|规程)|写进|写入|纳入.{0,8}(章程|规则|规程|办法|制度)|实行.{0,10}制|形成.{0,6}机制|改为.{0,6}(双人|双签|联签)`)},
	{kindStudy, regexp.MustCompile(`专题学习|集中学习|学习(计划|资料|材料|班|会|月|周|园地)|(组织|开展|利用|集中|参加|安排|认真|再次|深入|补|传达).{0,12}学习|^学习|学习(上级|有关|条文|文件|规定|贯彻|批评|传达|原文|讲话|要求|教育)|学习.{0,12}(条文|规定|文件|讲话|精神|要求|办法)|列入学习|培训班|(业务|专题|组织.{0,8}|集中|岗前|法律|法规|政策)培训|参加.{0,6}培训|讲座|讲坛|讲堂|课堂|微课|讲课|上课|听课|党课|授课|辅导|警示(片|教育|录)|专题片|教育片|(观看|收看|播放).{0,10}(片|录像|视频|展)|教育基地|(参观|走进).{0,14}(基地|展|馆|监狱)|心得|体会|剖析材料|知识(考试|测试|竞赛|问答)|(法规|政策|业务|理论|应知应会).{0,4}(考试|测试|竞赛)|以考促学|读书|研学|研讨|讨论|宣讲|旁听|学习笔记|学原文|轮训|考察学习|报告会|谈心|誓词|安全课|短信|海报|宣传(教育|栏|专栏|展板|手册|册|单|画|周|月|活动)|(展板|宣传手册|小册子|口袋书|明白纸)|教育引导|主题党日|廉洁承诺书|承诺书|廉政谈话`)},
	{kindMeeting, regexp.MustCompile(`召开|召集|动员会|推进会|座谈|碰头会|研判会|部署会|调度会|务虚会|(警示|干部|职工|全体|总结)大会|民主生活会|组织生活会|听取.{0,14}汇报|会议(研究|部署|强调|要求)|专题研究|开.{0,4}会(研究|分析|部署|传达)|(会上|会议上|大会上)|[办常党务局镇部]务?会(上|议)`)},
	{kindPaper, regexp.MustCompile(`倡议|(提示|提醒|工作|督办|督促|告知)函|公开信|一封信|(下发|印发|转发|制发|发出|印制|发放|起草|刊发|拟).{0,16}(通知|函|通报|文件|倡议|意见|公开信|要求|清单|提示|册|资料|专栏|方案|计划)|发.{0,8}(通知|倡议|公开信|提醒|提示|函)|(张贴|刷写|悬挂).{0,6}(标语|横幅)|转发上级|发文(要求|强调|部署)`)},
}

// The words that a register adds to a measure without changing what it is: who leads,
// by when.
var (
	leads  = regexp.MustCompile(`^[^，,]{2,10}牵头[，,]`)
	byWhen = regexp.MustCompile(`[，,](月底前交账|逐项销号|[0-9０-９]+月[0-9０-９]*日?(之)?前?完成|限期完成|年底前完成|长期坚持)$`)
)

// bare is a measure without who leads and by when.
func bare(text string) string {
	text = strings.TrimRight(strings.TrimSpace(text), "。；;.")
	return byWhen.ReplaceAllString(leads.ReplaceAllString(text, ""), "")
}

// kindOf is what a measure is: what the office says of it, else what its numbers and its
// words say, else what the office says of measures in the same words.
func kindOf(m Measure, learnt *habits) string {
	switch m.Kind {
	case kindStudy, kindMeeting, kindPaper, kindRight, kindRecover, kindRule, kindPunish, "举一反三", "专项整治":
		return m.Kind
	}
	switch {
	case m.Numbers.Rules > 0:
		return kindRule
	case m.Numbers.MoneyYuan > 0:
		return kindRecover
	}
	text := bare(m.Text)
	for _, row := range kindWords {
		if row.words.MatchString(text) {
			return row.kind
		}
	}
	switch {
	case m.Numbers.People > 0 || ofPunishment.MatchString(m.Result):
		return kindPunish
	case ofMeeting.MatchString(m.Result):
		return kindMeeting
	}
	return cmp.Or(learnt.kind(text), kindRight)
}

// Results that show what a measure was, where its words do not.
var (
	ofPunishment = regexp.MustCompile(`谈话记录|处分决定|决定已送达|已(诫勉|问责|约谈|通报批评)`)
	ofMeeting    = regexp.MustCompile(`^(见会议记录|(会议)?已召开|已传达|已学习|已发到|学了|办了.{0,3}期|参加.{0,6}人次|参学|已宣讲|已观看)`)
)

// promises are words that say it will not happen again, and do nothing to that end: a
// phrase of that kind, or a vow of whom it concerns with what will not be.
var promises = regexp.MustCompile(`下不为例|仅此一次|就此打住|到此为止|重蹈覆辙|长(点|个)?记性|(不得|不会|绝不|决不|不准|避免|防止|杜绝|保证不|承诺不|别|不要|不可|不许|不能|不出现|不发生).{0,4}(再犯|再次出现|再次发生|再出现|再发生|再有|重犯|犯|再弄错|再错|同样的错|类似)|(以后|今后|往后|下次|将来|日后).{0,8}(注意|小心|不再|不犯|不会|避免|杜绝|谨慎|改正|不发|不收|不搞|不拿|不做|不用|不违|一定不|坚决不|绝不|决不)|不再(发生|出现|犯|有)|(没有|无|不得有|不会有).{0,2}(第二|下)(次|回)|绝无下次|口头(强调|提醒|告诫|批评|承诺|保证|警告)|(^|[，；])(对|向|给).{2,10}打(了)?(个)?招呼|多加(小心|注意)|(加强|提高|引起)注意|(保证|承诺|表态|发誓|告诫|检讨|认错)[^，；。]{0,14}(不再|不会|不得|不犯|不发|不收|绝不|决不|坚决不|一定不|不出现|没有第二|第二回|以此为鉴|类似|同样的错)`)

// pledges are weaker words of the kind: of a measure they are a promise, in progress they
// stand beside much else.
var pledges = regexp.MustCompile(`引以为(戒|鉴)|吸取教训|写.{0,4}保证|保证书|作出.{0,4}(保证|承诺)`)

// denied are words by which a text speaks of such a promise to refuse it.
var denied = regexp.MustCompile(`(不接受|不同意|不采纳|不认可|不满足于|而非|不是|不能靠|不靠).{0,10}(下次|口头|保证|表态|检讨|承诺|注意)[^，。；]*|(口头|保证|表态|检讨)[^。；]{0,8}，[^，。；]{0,8}(不接受|不同意|不认可|不采纳)|(防止|避免|不|杜绝|反对|不允许|不能|禁止)(以|用|搞|拿)?[“"'「]?下不为例|下不为例[”"'」]?(，?(会上|未|没有|不).{0,4}(同意|接受|采纳|通过)|了事|的做法)`)

// promised says whether a text promises instead of doing.
func promised(text string) bool {
	if !slices.ContainsFunc(ofPromises, func(word string) bool { return strings.Contains(text, word) }) {
		return false
	}
	text = denied.ReplaceAllString(text, "")
	return promises.MatchString(text)
}

// ofPromises are words of which every promise has one: most texts have none, and are not
// looked at again.
var ofPromises = []string{"下不为例", "再", "犯", "今后", "以后", "往后", "下次", "口头", "注意", "小心", "第二", "仅此一次", "就此打住", "到此为止", "覆辙", "记性", "招呼", "保证", "承诺", "表态", "告诫", "检讨", "认错", "将来", "日后", "类似"}

// passesOn are words that hand a matter down; reports are words that only take back what
// was said.
var (
	passesOn = regexp.MustCompile(`(分派|分摊|下派|派)(给|到)|(责成|要求|督促|责令|敦促|通知|指导|委托|转|移交|移送|交由|交|由|请|让|令).{0,22}(自行|自查|负责|认领|办理|处理|处置|清理|整改|落实|比照|担起责任|承担|解决|上报|回告|反馈|压减|完成)|交办(单|函|件)|移交(单)?|下派|下沉到|转办|转交|转给|派给|分派|摊派|层层转|(分解|分配|下达)(到|给|至)|自行(解决|消化|处理|整改|办理)|分头(落实|办理|整改)`)
	reports  = regexp.MustCompile(`^[^，,]{0,14}(汇总|结果(书面)?报|报(局|镇|院|校|街道|党组|党委|备)|局报|报送|上报|回告|反馈|报告|签收|催办|[^，,]{0,6}收集|限期|按期|定期报|不再另行|存档)|(汇总情况|回告|报结果|自行认领|各自认领|汇总上报|不再(另行)?安排)$`)
	below    = regexp.MustCompile(`下属|下级|基层|各(村|站|所|社区|支部|科室站所|中心|校|院|乡镇)|站所|所属单位|二级(单位|机构)|直属单位`)
)

// handsDown says whether measures only pass the matter on to those below: each of their
// clauses does, or takes the report of those who got it.
func handsDown(measures []Measure, subordinates []string) bool {
	passed := false
	for _, m := range measures {
		text := bare(m.Text)
		toBelow := below.MatchString(text) || slices.ContainsFunc(subordinates, func(name string) bool {
			return len([]rune(name)) > 1 && strings.Contains(text, name)
		})
		for _, clause := range likeness.Clauses(text) {
			switch {
			case toBelow && passesOn.MatchString(clause):
				passed = true
			case !reports.MatchString(clause):
				return false
			}
		}
	}
	return passed
}

// ofStudy are words of problems and standards that study, talks and meetings are the
// answer to.
var ofStudy = regexp.MustCompile(`学习|研讨|发言|传达|谈话|谈心|民主生活会|组织生活会|主题党日|党日|理想信念|信念|党员教育|廉政教育|普法|意识形态|警示教育|宣讲|理论|读书|党课|思想教育|宣传教育|专题研究|学得|学够|批评`)

// vague are the words of which sentences without a fact are made.
var vague = func() map[string]bool {
	of := map[string]bool{}
	for _, word := range strings.Fields(`
高度重视 重视 多次强调 强调 多次 全力以赴 全力 推动 推进 落实 按照 按 时间节点 节点 时间 稳步 稳妥 有序 总体 整体 进展 进展顺利 顺利 正在 正 进一步 研究 细化 加快 工作 进度 力争 争取 早日 尽快 尽早 完成 下一步 下步 将 继续 持续 加大 力度
抓紧 抓好 抓实 抓细 办理 已 已经 已引起 引起 整改 问题 扎实 有效 开展 成效 明显 显著 初步 阶段性 取得 认真 积极 切实 努力 不断 深入 深化 巩固 提升 提高 强化 加强 完善 统筹 协调 协同 配合 各项 各方面 有关 相关 部门 单位 科室 同志 干部 领导 班子
党组 党委 局 局党组 镇党委 街道 院 校 公司 集团 我局 我镇 我院 我校 我单位 本单位 要求 安排 部署 统一 思想 认识 政治 站位 责任 担当 主动 靠前 狠抓 紧盯 盯紧 严格 严肃 坚决 坚持 确保 保证 如期 按期 按时 到位 见效 实效 效果 良好 较好 基本 大部分
逐步 逐项 逐条 全面 全部 全体 情况 方面 任务 目标 措施 方案 计划 机制 长效 思路 明确 清晰 更加 更 加以 予以 给予 进行 做好 做到 做实 做细 做 的 了 并 和 与 及 以 也 在 对 对于 把 为 就 从 各 再 均 都 等 着 还 又 后 后续 之后 目前 现 现已 现在 当前 近期 期间 以来
下 上 中 里 地 得 其 该 此 这 上级 精神 指示 意见 反馈 巡察 巡视 关于 根据 结合 围绕 针对 立足 着力 着眼 大力 合力 聚焦 发力 攻坚 克难 攻坚克难 久久为功 常抓不懈 毫不松懈 一抓到底 压实 层层 传导 压力 主体 主责 主业 环节 步骤 跟进 跟踪 督促 督导 指导 调度 过问 关注 关心 支持
正常 开局 势头 态势 局面 氛围 浓厚 反响 普遍 大家 一致 表示 纷纷 认为 能够 可以 应 应当 必须 需要 尚需 努力中 之中 过程 进程 步伐 快速 迅速 高效 高质量 高标准 严要求 质量 水平 能力 意识 素质 作风 形象 满意 肯定 好评 预期 预计 近日 不久 期限 限期 内 前 年内 月内 总的来看 总的 来看 看 是 有 人员 人 力量 组织 成立 专班 专题 会议 召开 第一时间 迅即 马上 立即 立行立改 即知即改 举一反三 标本兼治 真改实改 真抓实干 落地 落地见效 落细落实 走深走实 常态化 制度化 规范化
列入 重要 议事日程 日程 专人 负责 狠抓 抓落实 以此次 此次 契机 为契机 再上新台阶 新台阶 台阶 经过 成果 受到 群众 好评 广大 既定 计划推进 一切 各责任人 责任人 各司其职 密切 密切配合 日益 照单全收 立说立行 务求 求得 取得实实在在 实实在在 亲自 挂帅 亲自挂帅 亲自部署 亲自抓 紧锣密鼓 高度 政治责任感 责任感 使命感 紧迫感 再接再厉 善作善成 乘势而上 一鼓作气 面貌 焕然一新 大有改观 改观 有所 改善 好转 改进 解决 得到 争取 拿出 结果 沟通 对接 联系 沟通对接 方面 制定 切实可行 可行 举措 有条不紊 井然有序 分工 职责 部署要求 任务分工 思路清晰 上下 上下联动 联动 齐抓共管 群策群力 众志成城 凝心聚力 凝聚 共识 鼓足 干劲 士气 热情 高涨 决心 信心 狠下功夫 下功夫 下大力气 大力气 花大力气 动真碰硬 动真格 敢于 勇于 直面 正视 不回避 不推诿 不遮掩 诚恳 虚心 接受 照单 全盘 主动认领 认领 反思 深刻 深刻反思 汲取 教训 吸取 提醒 引导 教育 增强 树立 牢固 牢固树立 观念 意识到 重要性 必要性 极端 充分 充分认识 认识到 站在 角度 大局 全局 高处 着眼长远 长远 谋划 系统 统揽 推向 深入推进 持续推进 全力推进 加紧 赶 紧 抓紧推进 现阶段 尚 仍 仍在 仍然 还在 之后将 今后 接下来 下步 下一阶段 阶段 后期 随后 适时 择机 视情 酌情 条件成熟 成熟 时机 待 实施 执行 贯彻 贯彻落实 传达 传达学习 学习 领会 领悟 悟透 学深 吃透 弄通 落脚 抓手 突破口 路径 方法 方式 办法 多措并举 多管齐下 综合施策 精准 精准施策 靶向 发力点 对标 对表 对标对表 看齐 标准 高位 高位推进 强力 强势 全过程 全方位 全覆盖 无死角 严实 过硬 良好态势 向好 稳中向好 明显好转 明显改善 明显提高 明显成效 显著成效 实现 预期目标 目标任务 该项 该 项 本 本次 此项 这项 上述 相应 具体 实际 情况良好 我们 我 自己 自身 大 小 多 新 好 快 能 会 要 需 让 使 被 由 向 到 达到 以 而 且 又 更 最 很 十分 非常 特别 尤其 始终 一直 一如既往 一以贯之 真正 彻底 根本 根本上 圆满 圆满完成 妥善 妥善处理 处置 办理中 办理之中 推进中 推进之中 进行中 落实中 整改中 台账 清单 销号 挂图作战 倒排 工期 倒排工期`) {
		of[word] = true
	}
	return of
}()

// longestVague is how many characters the longest vague word has.
const longestVague = 7

// vagueShare is which share of a folded text is made of vague words, the longest first.
func vagueShare(words string) float64 {
	all := []rune(words)
	if len(all) == 0 {
		return 1
	}
	covered := 0
next:
	for n := 0; n < len(all); {
		for length := min(longestVague, len(all)-n); length > 0; length-- {
			if vague[string(all[n:n+length])] {
				covered += length
				n += length
				continue next
			}
		}
		n++
	}
	return float64(covered) / float64(len(all))
}

// numeral is a number that says something: not one in a phrase (一岗双责).
var numeral = regexp.MustCompile(`[0-9０-９]|[一二三四五六七八九十两百千]+(个|件|次|人|户|处|份|笔|万元|元|项|台|间|套|名|家|天|条|月|日)`)

// numbersIn are the numbers of a text, days apart.
func numbersIn(text string) (out []string) {
	for rest := text; ; {
		from := strings.IndexFunc(rest, unicode.IsDigit)
		if from < 0 {
			return out
		}
		rest = rest[from:]
		to := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsDigit(r) && r != '.' })
		if to < 0 {
			return append(out, rest)
		}
		number := rest[:to]
		rest = rest[to:]
		if !slices.ContainsFunc(ofDays, func(word string) bool { return strings.HasPrefix(rest, word) }) {
			out = append(out, number)
		}
	}
}

var ofDays = []string{"年", "月", "日", "号"}

// withoutStock is a text, folded, without the phrases by custom in it.
func withoutStock(text string, stock []string) string {
	words := likeness.Folded(text)
	for _, phrase := range stock {
		words = strings.Replace(words, phrase, "", 1)
	}
	return words
}
