package deadline

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// kind is what a word does in a phrase. A phrase is understood when each of its words
// is of a kind: what stands on none of the lists below is unread, and asked about.
type kind uint8

const (
	unreadPart   kind = iota
	punctuation       // , ; : ( ) . 、
	politeWord        // says nothing of time and stands anywhere: 务必, 力争, 原则上
	deedWord          // says nothing of time, but may be part of an event: 完成, 整改, 制度
	dayPoint          // a day of the calendar (point)
	termLength        // a length of time (length)
	namedEvent        // a day that lengths count from (anchor)
	beforeWord        // 前
	afterWord         // 后
	withinWord        // 内
	beginsWord        // 起, 开始
	untilWord         // 至, -
	weekdayName       // 周三
	hourOfDay         // 18时, 上午
	lastingWord       // 长期坚持
	atOnceAs          // 立即: the term of a tier
	stayWord          // 边巡边改: while the inspectors are there
	noDay             // 根据, 另行通知: says that the day stands elsewhere
	asOfWord          // 截至: an as-of date
	openEnded         // 至今
	backwardWord      // 剩余, 提前: counted back from a day
	partialWord       // 阶段性成果
	atLeast           // 以上
	spokenDay         // 今天, 即日起: counted from the day it was written
	windowWord        // 集中整改期
	repeatsWord       // a duty that recurs (recurring)
	explainsWord      // 共, 为期: the length of a range, not a term
)

// lexicon is the closed list of words, by kind. It holds no digits but in ordered.
var lexicon = map[kind]string{
	punctuation: `, ; : ( ) . 、 ! / | … + * & · ' =`,
	politeWord: `务必 必须 力争 争取 确保 保证 预计 计划 拟 拟于 拟定 拟定于 原则上 一般 应 应当 应于 须 需 需要 要 要求 请 将 可 能 能够 可以 尽量 尽可能 最迟 最晚 至迟 ` +
		`不晚于 不迟于 不得晚于 不得迟于 不得超过 不超过 不超 限 限于 限期 限时 并 并且 且 均 都 也 全部 全面 彻底 基本 切实 严格 务 力求 全力 于 在 由 为 以 的 地 对 把 将于 定于 ` +
		`分别 逐一 统一 按期 如期 按时 准时 原定 现 调整为 调整至 延期 已延期 延长 用 仅用 经过 即 其中 预期 有望 按要求 按规定 按照要求 是 和 与 及 以及 或 或者 同时 然后 逐步 有序 ` +
		`最终 最后 届时 截止时间 截止日期 完成时限 完成时间 整改时限 整改期限 办理期限 办结时限 时限 期限 时间 日期 短期 近期 中期 远期 年度 本 该 各 务于`,
	deedWord: `完成 整改 落实 到位 完毕 办结 办理 办好 解决 处置 处理 整治 改正 纠正 改进 改善 清理 清退 清收 清缴 退还 退缴 退回 追缴 追回 收回 收缴 上缴 缴纳 缴清 补缴 补交 补齐 补办 补充 归还 偿还 核销 ` +
		`报销 支付 支出 拨付 发放 兑现 制定 制订 修订 修改 出台 建立 健全 完善 规范 优化 提升 提高 加强 强化 推进 推动 组织 执行 落地 见效 达标 达到 取得 实现 形成 销号 销案 评估 ` +
		`审核 上报 报送 报告 提交 反馈 公开 公示 公布 汇报 通报 备案 归档 整理 学习 培训 检查 排查 自查 核查 复查 督查 督办 调度 跟踪 更换 拆除 搬迁 修复 维修 改造 建设 建成 投用 竣工 移交 ` +
		`交办 通知 结束 实施 制作 印发 下发 召开 结清 销账 销帐 交账 对账 绩效 明确 细化 梳理 摸排 汇总 验证 复核 管理 治理 防治 集中整改 集中 专项整治 专项 集中攻坚 攻坚 推广 应用 ` +
		`问题 任务 工作 措施 事项 制度 机制 方案 清单 台账 资金 款项 材料 资料 情况 成果 成效 目标 责任 工程 项目 日常 手续 合同 会议 文件 意见 要点 结果 内容 阶段 期间整改 ` +
		`一般事项 复杂事项 重点检查 动员部署 督查 自查自纠 阶段性报告 公示日期 提前完成 行动 行动方案 行动计划 规划 三年行动 实施方案 整改方案 整改报告 全年 年度内`,
	beforeWord: `前`, afterWord: `后`, withinWord: `内`,
	beginsWord: `起 开始 启动 以来 开展 着手 起步`,
	untilWord:  `- 至`,
	unreadPart: `前后`, // about a day, and not before it
	lastingWord: `长期坚持 长期任务 长期推进 长期整改 长期落实 长期执行 长期抓 长抓 长抓不懈 常抓 常抓不懈 持续抓 持续整改 持续推进 持续坚持 持续落实 持续加强 持续用力 持续深化 一抓至底 一抓到底 常态 常态化 ` +
		`常态化推进 常态化坚持 今后1个时期 今后一个时期 当前和今后一个时期 当前和今后1个时期 今后长期 无截止 无期限 无限期 不设期限 较长时间才能 中长期目标 经常性 长期 永久 不断推进 贯穿始终 此后长期坚持`,
	atOnceAs:     `即知即改 未巡先改 自查自纠 立行立改 即行即改 立知立改 立说立行 立即 马上 即刻 即时 当场 当即 随即 即日 即查即改 即改 立改 迅速 尽快 抓紧 第一时间 不过夜 马上就改`,
	stayWord:     `边查边改 边巡边改 边审边改 巡察期间 巡视期间 检查期间 审计期间 巡察中 巡视中 检查中 审计中 期间整改 进驻期间`,
	noDay:        `规定时限 规定时间 规定期限 时限要求 待定 另行 另行通知 视情 适时 择机 不定期 根据 按照 依据 按制度 按方案 暂无 同上 〃`,
	asOfWord:     `截至 截止`,
	openEnded:    `至今 至现在 至目前`,
	backwardWord: `剩余 剩 时限剩 到期前 期满前 提前 早于 倒计时 已超 超期 逾期 超过`,
	partialWord:  `阶段性成果 阶段性成效 阶段性进展 阶段性目标 初步成效 明显成效`,
	atLeast:      `以上 不少于 至少`,
	spokenDay:    `今天 今日 明天 明日 即日起 从即日起 自即日起 现在起 从现在起 自现在起 今起`,
	windowWord:   `集中整改期 集中整改期间 整改期内 整改期间`,
	explainsWord: `共 共计 为期 历时 用时`,
	hourOfDay:    `上午 下午 中午 晚上 上班前 下班前 下班时 上午前 工作时间`,
}

// words is the lexicon by the first character of a word, the longest word first.
var wordIndex = func() map[rune][]lexiconWord {
	index := map[rune][]lexiconWord{}
	for k, list := range lexicon {
		for _, w := range strings.Fields(list) {
			first, _ := utf8.DecodeRuneInString(w)
			index[first] = append(index[first], lexiconWord{w, k})
		}
	}
	for _, list := range index {
		slices.SortFunc(list, func(a, b lexiconWord) int {
			if n := len(b.text) - len(a.text); n != 0 {
				return n
			}
			return int(b.kind) - int(a.kind)
		})
	}
	return index
}()

type lexiconWord struct {
	text string
	kind kind
}

// wordAt is the longest word of the lexicon that a text begins with.
func wordAt(text string) (w lexiconWord, ok bool) {
	first, _ := utf8.DecodeRuneInString(text)
	for _, w := range wordIndex[first] {
		if strings.HasPrefix(text, w.text) {
			return w, true
		}
	}
	return lexiconWord{}, false
}
