package signal

// onlyThisOnce: a promise that it will not happen again, in the place of a rule. Where a
// rule was made, or the promise is spoken of only to be refused, nobody is asked.
var onlyThisOnce = Signal{
	Name: OneOff,
	item: func(_ *context, it *reading) *Finding {
		if it.Achieved.Rules > 0 {
			return nil
		}
		f := &Finding{Strength: 0.7}
		for n, m := range it.Measures {
			if it.kinds[n] == kindRule || m.Numbers.Rules > 0 {
				return nil
			}
			if promised(m.Text) || it.kinds[n] == kindRight && pledges.MatchString(m.Text) {
				f.Evidence = append(f.Evidence, Shown{What: ShownMeasure, Text: m.Text})
			}
		}
		measures := len(f.Evidence)
		for _, p := range it.progress {
			if promised(p.Source) {
				f.Evidence = append(f.Evidence, Shown{What: ShownProgress, Text: p.Source})
			}
		}
		switch len(f.Evidence) {
		case 0:
			return nil
		case measures:
		default:
			f.Strength = 1
		}
		return f
	},
}
