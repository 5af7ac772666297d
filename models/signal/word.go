package signal

import (
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
	{kindPunish, regexp.MustCompile(`问责|追责|诫勉|党内警告|给予.{0,6}(警告|记过|处分)|处分|批评教育|提醒谈话|约谈|谈话提醒|书面检查|调离.{0,4}岗位|调离原|免职|免去|停职|扣发.{0,4}(绩效|奖金)|通报.{0,12}(问题|情况|批评)$|通报批评|组织处理|作检讨|降级`)},
	{kindRule, regexp.MustCompile(`制定|制订|修订|出台|健全.{0,10}(制度|机制|办法)|完善.{0,10}(制度|机制|办法|规定|流程)|建立.{0,14}(制度|机制|规定|办法|规则|台账制)|规定|印发.{0,14}(办法|细则|制度|规定|规则|规程)|写进|纳入.{0,6}(章程|规则)|实行.{0,10}制|形成.{0,6}机制`)},
	{kindStudy, regexp.MustCompile(`专题学习|集中学习|(组织|开展|利用|集中|参加|安排|认真|再次|补|传达).{0,12}学习|学习(上级|有关|条文|文件|规定|贯彻|批评|传达|原文|讲话|要求|教育)|学习.{0,12}(条文|规定|文件|讲话|精神|要求|办法)|列入学习|培训班|业务培训|专题培训|组织.{0,6}培训|警示片|警示教育|专题辅导|辅导课|上党课|心得|知识(考试|测试|竞赛)|以考促学|读书班|研讨|旁听|宣讲|授课|学习笔记|学原文|交流体会|轮训|宣传教育|教育引导`)},
	{kindMeeting, regexp.MustCompile(`召开|动员会|推进会|座谈会|碰头会|研判会|部署会|调度会|民主生活会|组织生活会|听取.{0,14}汇报|会议(研究|部署|强调|要求)|专题研究|开.{0,4}会(研究|分析|部署|传达)|会上(强调|部署)`)},
	{kindPaper, regexp.MustCompile(`倡议|提示函|提醒函|公开信|一封信|(下发|印发|转发|制发|发出).{0,16}(通知|函|通报|文件|倡议|意见|公开信|要求|清单)|发.{0,6}(通知|倡议|公开信|提醒)|张贴标语|悬挂横幅|转发上级|发文(要求|强调|部署)`)},
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
// words say.
func kindOf(m Measure) string {
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
	return kindRight
}

// Results that show what a measure was, where its words do not.
var (
	ofPunishment = regexp.MustCompile(`谈话记录|处分决定|决定已送达|已(诫勉|问责|约谈|通报批评)`)
	ofMeeting    = regexp.MustCompile(`^(见会议记录|(会议)?已召开|已传达|已学习|已发到|学了|办了.{0,3}期|参加.{0,6}人次|参学|已宣讲|已观看)`)
)

// promises are words that say it will not happen again, and do nothing to that end.
var promises = regexp.MustCompile(`下不为例|(不得|不会|绝不|决不|不准|避免|防止|杜绝|保证不|承诺不).{0,4}(再犯|再次出现|再次发生|再出现|再发生|重犯|犯)|(以后|今后|往后|下次).{0,8}(注意|小心|不再|不犯|不会|避免|杜绝|谨慎|改正)|不再(发生|出现|犯)|没有第二次|绝无下次|不会有下次|口头(强调|提醒|告诫|批评|承诺)|多加(小心|注意)|(加强|提高|引起)注意`)

// pledges are weaker words of the kind: of a measure they are a promise, in progress they
// stand beside much else.
var pledges = regexp.MustCompile(`引以为(戒|鉴)|吸取教训|写.{0,4}保证|保证书|作出.{0,4}(保证|承诺)`)

// denied are words by which a text speaks of such a promise to refuse it.
var denied = regexp.MustCompile(`(防止|避免|不|杜绝|反对|不允许|不能|禁止)(以|用|搞|拿)?[“"'「]?下不为例|下不为例[”"'」]?(，?(会上|未|没有|不).{0,4}(同意|接受|采纳|通过)|了事|的做法)`)

// promised says whether a text promises instead of doing.
func promised(text string) bool {
	if !slices.ContainsFunc(ofPromises, func(word string) bool { return strings.Contains(text, word) }) {
		return false
	}
	if strings.Contains(text, "下不为例") {
		text = denied.ReplaceAllString(text, "")
	}
	return promises.MatchString(text)
}

// ofPromises are words of which every promise has one: most texts have none, and are not
// looked at again.
var ofPromises = []string{"下不为例", "再", "犯", "今后", "以后", "往后", "下次", "口头", "注意", "小心", "第二次"}

// passesOn are words that hand a matter down; reports are words that only take back what
// was said.
var (
	passesOn = regexp.MustCompile(`(责成|要求|督促|责令|敦促|通知|指导|转|交由|交|由|请|让).{0,22}(自行|自查|负责|认领|办理|清理|整改|落实|担起责任|承担|处理|解决|上报|回告|反馈)|交办单|下派|转办|转交|层层转|分解到`)
	reports  = regexp.MustCompile(`^[^，,]{0,8}(汇总|结果报|报局|报送|上报|回告|反馈|报告|签收|催办|收集情况|限期|按期|定期报)|(汇总情况|回告|报结果|自行认领|各自认领)$`)
	below    = regexp.MustCompile(`下属|下级|基层|各(村|站|所|社区|支部|科室站所|中心|校|院)|所属单位|二级单位`)
)

// handsDown says whether a measure only passes the matter on to those below: each of its
// clauses does, or takes their report.
func handsDown(text string, subordinates []string) bool {
	text = bare(text)
	toBelow := below.MatchString(text)
	for _, name := range subordinates {
		toBelow = toBelow || len([]rune(name)) > 1 && strings.Contains(text, name)
	}
	if !toBelow {
		return false
	}
	passed := false
	for _, clause := range likeness.Clauses(text) {
		switch {
		case passesOn.MatchString(clause):
			passed = true
		case !reports.MatchString(clause):
			return false
		}
	}
	return passed
}

// ofStudy are words of problems and standards that study, talks and meetings are the
// answer to.
var ofStudy = regexp.MustCompile(`学习|研讨|发言|传达|谈话|谈心|民主生活会|组织生活会|意识形态|警示教育|宣讲|理论|读书|党课|思想教育|宣传教育|专题研究|学得|学够|批评`)

// vague are the words of which sentences without a fact are made.
var vague = func() map[string]bool {
	of := map[string]bool{}
	for _, word := range strings.Fields(`
高度重视 重视 多次强调 强调 多次 全力以赴 全力 推动 推进 落实 按照 按 时间节点 节点 时间 稳步 稳妥 有序 总体 整体 进展 进展顺利 顺利 正在 正 进一步 研究 细化 加快 工作 进度 力争 争取 早日 尽快 尽早 完成 下一步 下步 将 继续 持续 加大 力度
抓紧 抓好 抓实 抓细 办理 已 已经 已引起 引起 整改 问题 扎实 有效 开展 成效 明显 显著 初步 阶段性 取得 认真 积极 切实 努力 不断 深入 深化 巩固 提升 提高 强化 加强 完善 统筹 协调 协同 配合 各项 各方面 有关 相关 部门 单位 科室 同志 干部 领导 班子
党组 党委 局 局党组 镇党委 街道 院 校 公司 集团 我局 我镇 我院 我校 我单位 本单位 要求 安排 部署 统一 思想 认识 政治 站位 责任 担当 主动 靠前 狠抓 紧盯 盯紧 严格 严肃 坚决 坚持 确保 保证 如期 按期 按时 到位 见效 实效 效果 良好 较好 基本 大部分
逐步 逐项 逐条 全面 全部 全体 情况 方面 任务 目标 措施 方案 计划 机制 长效 思路 明确 清晰 更加 更 加以 予以 给予 进行 做好 做到 做实 做细 做 的 了 并 和 与 及 以 也 在 对 对于 把 为 就 从 各 再 均 都 等 着 还 又 后 后续 之后 目前 现 现已 现在 当前 近期 期间 以来
下 上 中 里 地 得 其 该 此 这 上级 精神 指示 意见 反馈 巡察 巡视 关于 根据 结合 围绕 针对 立足 着力 着眼 大力 合力 聚焦 发力 攻坚 克难 攻坚克难 久久为功 常抓不懈 毫不松懈 一抓到底 压实 层层 传导 压力 主体 主责 主业 环节 步骤 跟进 跟踪 督促 督导 指导 调度 过问 关注 关心 支持
正常 开局 势头 态势 局面 氛围 浓厚 反响 普遍 大家 一致 表示 纷纷 认为 能够 可以 应 应当 必须 需要 尚需 努力中 之中 过程 进程 步伐 快速 迅速 高效 高质量 高标准 严要求 质量 水平 能力 意识 素质 作风 形象 满意 肯定 好评 预期 预计 近日 不久 期限 限期 内 前 年内 月内 总的来看 总的 来看 看 是 有 人员 人 力量 组织 成立 专班 专题 会议 召开 第一时间 迅即 马上 立即 立行立改 即知即改 举一反三 标本兼治 真改实改 真抓实干 落地 落地见效 落细落实 走深走实 常态化 制度化 规范化 台账 清单 销号 挂图作战 倒排 工期 倒排工期`) {
		of[word] = true
	}
	return of
}()

// longestVague is how many characters the longest vague word has.
const longestVague = 6

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
