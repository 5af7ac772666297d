package signal

import "regexp"

// punishOnly: only accountability, nothing put right; progress that tells of a sum
// brought back is put right, though no measure undertook it. One person's single breach may
// need no rule: where a supervisor has said so in a verification, nobody is asked.
var punishOnly = Signal{
	Name: PunishOnly,
	item: func(_ *context, it *reading) *Finding {
		if len(it.Measures) == 0 || it.Achieved.Rules > 0 || it.Achieved.MoneyYuan > 0 {
			return nil
		}
		for _, v := range it.Verifications {
			if nothingElse.MatchString(v.Words) {
				return nil
			}
		}
		for _, p := range it.progress {
			if broughtBack.MatchString(p.Source) {
				return nil
			}
		}
		f := &Finding{Strength: 0.8}
		for n, m := range it.Measures {
			if it.kinds[n] != kindPunish || m.Numbers.Rules > 0 || m.Numbers.MoneyYuan > 0 {
				return nil
			}
			f.Evidence = append(f.Evidence, Shown{What: ShownMeasure, Text: m.Text, Number: m.Numbers.People})
		}
		return f
	},
}

// nothingElse are a supervisor's words that nothing beyond the punishment is needed.
var nothingElse = regexp.MustCompile(`(无须|无需|不需|不必|毋须|不用|不再|不要求|没有必要).{0,8}(规定|制度|建制|建章|立制|立规|规章|规矩|办法|措施|整改|要求)|(制度|规定|办法).{0,6}(够用|完备|健全|齐全|已足够)`)

// broughtBack are words of a sum that came back.
var broughtBack = regexp.MustCompile(`(追回|退回|收回|追缴|补缴|退赔|上缴|返还|挽回)[^，。；]{0,12}[0-9０-９.]+(万|亿)?元`)
