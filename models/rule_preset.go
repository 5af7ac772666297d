package models

import "duban/models/deadline"

// Preset is what the rules are until the office changes them. Each has its source
// beside it; where none was found, the number is ours and says so. The addresses
// are those of the sources as domain.md cites them.
func Preset() Rules {
	return Rules{
		Immediate: TierRules{
			// 即知即改 is found by the unit itself. No published rule names a number
			// of days; news tell of 2 days, 3 days and 2 weeks for what is put right
			// at once (items.tsv). Ours: a working week.
			Term: deadline.Term{Days: 5, Unit: deadline.Workdays, From: deadline.FromFound},
			// 高台 and 江津 warn in stages; the days for so short a term are ours.
			Soon: 3, Reminders: []int{3, 0},
			// 主体责任: 党组织主要负责人是第一责任人 (黑河, 红河个旧 双审核: head and the
			// leader in charge both check).
			// http://ynjjjc.gov.cn/html/2019/yunlingyaowen_1127/77028.html
			Signs: []Role{Leader, Head},
		},
		OnTheSpot: TierRules{
			// 立行立改 is "finished during the stay" (开封鼓楼), which lasts weeks; the
			// number is ours.
			// https://www.pdsjjw.gov.cn/sitesources/kflzw/page_pc/lzyw/xqyw/article9f9b5a6ab1a6475cb258bfb0e8963f5b.html
			Term: deadline.Term{Days: 10, Unit: deadline.Workdays, From: deadline.FromNotice},
			Soon: 5, Reminders: []int{5, 1},
			// 签字背书: the head signs for the notice and pledges that plan and report
			// are true (开封鼓楼, the same).
			Signs: []Role{Leader, Head},
		},
		PostFeedback: TierRules{
			// 集中整改期 3 months: 惠济区, 向阳区, 湖北科技学院, 温州龙湾. The regulation of
			// 2015/2017, article 27, has the report within 2 months.
			// https://public.huiji.gov.cn/D49Y/8738334.jhtml
			Term: deadline.Term{Days: 3, Unit: deadline.Months, From: deadline.FromFeedback},
			// 江津: 20 days left, a green letter to the handler; 10 days left, a yellow
			// one to the handler and the leader in charge. The third is ours.
			// http://jwfz.org.cn/show-22468.html
			Soon: 10, Reminders: []int{20, 10, 3},
			// A 销号单 carries five signature blocks: department, leader of it, lead
			// department, lead leader, party secretary (domain.md 1.4).
			Signs: []Role{Handler, Leader, Head},
		},
		// No published number was found; five working days are ours. The clock
		// itself is what makes units trust the lights (ux.md 0, 4).
		ReviewDays: 5,
		// 住建部 asks for a report each week and central units for one each half
		// month (半月汇报): silence for two weeks stands out.
		// http://jx.people.com.cn/n2/2021/0421/c186330-34685866.html
		IdleDays: 14,
		// 广元: what can no longer be reached by the date is told to the head; that a
		// month is when is ours.
		// https://m.pouringspot.com/10462/10464/10465/10595/2018/6/21/10453508.shtml
		SevereDays: 30,
		// The steps are those of 临颍's 五书; the days between them are ours.
		// https://www.kflz.gov.cn/sitesources/lhsjjw/page_pc/xcjy/mtjj/articlec0be3c074105453e9d7e417cbcafadc0.html
		AgeEnds: [3]int{7, 30, 60},
		// 黑河: after the window a report every quarter until all is done.
		// https://heihe.dbw.cn/system/2020/05/27/058426120.shtml
		ReviewMonths: 3,
		// 高密 evaluates units half a year and more after the window. The share is
		// ours: one in ten, and at least one.
		// http://jc-fzw.org.cn/show-50733.html
		RecheckMonths: 6, RecheckShare: 10,
		// 回头看 of a Chengdu college: five weeks for the check itself.
		// https://jsc.cdgmxy.edu.cn/html/lzw/tzgg/49803.html
		RecheckDays: 35,
		// 襄阳 looks again at 30 of a hundred and more of what first-level units call done.
		// http://zzkailai.com/newdetail-265989.html
		StatedShare: 30,
		// The only detailed rule on extensions found names no limit (domain.md 1.5);
		// 咸宁 granted 18 of 471. Ours: twice, and half a year in all.
		// That rule has it asked for before the item is due: none afterwards.
		// http://www.creditsailing.com/GuiZhangZhiDu/295240-3.html
		ExtensionTimes: 2, ExtensionDays: 183, LateExtensionDays: 0,
		// The inspection's mobilisation speech hands over by kind: discipline and
		// conduct to 纪工委, democratic centralism and personnel to 党群工作部
		// (domain.md 1.3).
		Verifiers: []VerifierRule{
			{"八项规定", ByJiwei}, {"四风", ByJiwei}, {"作风", ByJiwei}, {"廉洁", ByJiwei},
			{"选人用人", ByDangqun}, {"民主集中制", ByDangqun}, {"党建", ByDangqun},
		},
		VerifyElse: ByAny,
		// 临颍's 五书 go from a word before the limit to one that sets a last limit,
		// and to the leading group when it is seriously overdue. From which day on is
		// ours; the first, second, fourth and last are the ages above.
		// https://www.kflz.gov.cn/sitesources/lhsjjw/page_pc/xcjy/mtjj/articlec0be3c074105453e9d7e417cbcafadc0.html
		LetterDays: [rungs]int{1, 8, 15, 31, 46, 61},
		// No published term for the answer was found: five working days and, where it
		// presses, three are ours. The leading group owes nobody an answer here.
		AnswerDays: [rungs]int{5, 5, 5, 3, 3, 0},
		// GB/T 9704-2012, 7.2.5: the office's code, the year in six-cornered brackets,
		// the number without 第 and without leading noughts.
		LetterNumber: "督字〔{year}〕{n}号",
	}
}
