package signal

// noEvidence: closed with nothing handed in before the closing. It is no sign where the
// file may not leave its network: a document's number is evidence (it counts). What was
// handed in afterwards is shown, and does not count. Evidence whose day nobody knows
// counts.
var noEvidence = Signal{
	Name: NoEvidence,
	item: func(_ *context, it *reading) *Finding {
		closing, closed := it.closing()
		if !closed || len(it.files) > 0 {
			return nil
		}
		f := &Finding{Strength: 1, Evidence: []Shown{{What: ShownClosing, Day: closing.onDay()}}}
		for _, e := range it.Evidence {
			f.Evidence = append(f.Evidence, Shown{What: ShownLateFile, File: e.Name, Day: e.HandedInOn})
		}
		return f
	},
}
