package signal

import "regexp"

// punishOnly: only accountability, nothing put right. One person's single breach may
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
var nothingElse = regexp.MustCompile(`(无须|无需|不需|不必|毋须|不用|不再要求|不要求|没有必要).{0,8}(规定|制度|建章|立制|立规|规章|措施|整改)`)
