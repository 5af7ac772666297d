package signal

// textOnly: only study, meetings and papers, where the problem asks for putting right.
// Problems of study itself can only be answered by study: where the problem or its
// standard speaks of it, nobody is asked. One measure that puts something right is
// enough, and so is a rule or a sum among the results.
var textOnly = Signal{
	Name: TextOnly,
	item: func(_ *context, it *reading) *Finding {
		if len(it.Measures) == 0 || it.Achieved.Rules > 0 || it.Achieved.MoneyYuan > 0 || ofStudy.MatchString(it.Problem) || ofStudy.MatchString(it.Standard) {
			return nil
		}
		f := &Finding{Strength: beyond(float64(len(it.Measures)), 1, 4)}
		for n, m := range it.Measures {
			switch it.kinds[n] {
			case kindStudy, kindMeeting, kindPaper:
				f.Evidence = append(f.Evidence, Shown{What: ShownMeasure, Text: m.Text})
			default:
				return nil
			}
			if m.Numbers.Rules > 0 || m.Numbers.MoneyYuan > 0 {
				return nil
			}
		}
		return f
	},
}
