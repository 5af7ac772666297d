package models

// advised are the ways out that a sentence names: for each key the acts it tells the
// reader to do. A sentence whose ways are closed to an item is not said; the one of the
// same key with .closed is, which names none.
var advised = map[string][]Act{
	"measure.after_item":       {AskExtension},
	"measure.after_itself":     {SetDate},
	"import.not_yours":         {AskExtension},
	"refused.report":           {WithdrawItem},
	"refused.add_evidence":     {WithdrawItem},
	"refused.replace_evidence": {WithdrawItem},
	"extension.no_date":        {ProposeDate},
	"extension.too_late":       {CorrectItem},
	"extension.too_late_by":    {CorrectItem},
	"date.has":                 {CorrectItem},
}

// closedAdvice ends the key of what is said instead of a sentence whose way is closed.
const closedAdvice = ".closed"

// advise is the key of the sentence to say of an item, which names no way that is closed
// to it.
func (b *Board) advise(key string, item Item) string {
	for _, a := range advised[key] {
		if need, ok := needs[a]; !item.Status.allows(a) || ok && need(b, item) != nil {
			return key + closedAdvice
		}
	}
	return key
}
