package ledger

import (
	"regexp"
	"strings"
)

// doneWord is how a ledger says in its column of states that a matter is done: 已完成,
// 已全部整改完成, 整改到位, 已销号, and to a heading that asks, 是 or a tick. halfWord is
// what says otherwise in the same breath: 基本完成, 未完成, 阶段性完成, 争取年底完成.
// The words are those of data/headers.tsv and of ledgers that were published
// (domain.md 1.4: 完成整改 and 销号 are two states, and neither is closed here unseen).
var (
	doneWord = regexp.MustCompile(`^(台账载明)?(已经|已|均已|都已|现已|全部|已全部|均已全部|全面|已全面)*(完成|整改完成|完成整改|整改完毕|完毕|整改到位|落实到位|办结|办理完毕|销号|完成销号|整改销号|对账销号)(了)?$|` +
		`^(已|均已|已全部|全部已)(整改|落实|解决|到位|办理|退还|退款|清退)$|^(是|√|✓|✔|☑|√是|100[%％]|1|done|completed|closed|yes)$`)
	halfWord  = regexp.MustCompile(`未|没|不|基本|部分|大部|阶段|初步|正在|推进|进行|持续整改|整改中|待|拟|计划|争取|力争|预计|将|尚|若|如`)
	statePart = regexp.MustCompile(`[，,；;。、\s]+|并(?:长期|持续|常态)`)
	keptPart  = regexp.MustCompile(`^(长期坚持|长期|坚持|持续坚持|常态化|常态化坚持|持续巩固|巩固提升)$`)
)

// StatesDone says whether what stands in a ledger's column of states says, without
// reserve, that the matter is done. Of several measures each must be said to be.
func StatesDone(word string) bool {
	done := false
	if halfWord.MatchString(word) {
		return false
	}
	for _, part := range statePart.Split(strings.ToLower(strings.TrimSpace(word)), -1) {
		switch part = strings.Trim(part, "（）()“”\"'.!！"); {
		case part == "" || keptPart.MatchString(part):
		case doneWord.MatchString(part):
			done = true
		default:
			return false
		}
	}
	return done
}
