package signal

import "duban/models/deadline"

// How soon after its registration a closing is asked about, in hours.
var (
	soonAfterFeedback = Threshold{Key: "signal_instant_hours", Preset: 4, Least: 0, Most: 72, Source: "突击销号 (domain.md §4); 通州: 闯关心态"}
	soonOnTheSpot     = Threshold{Key: "signal_instant_hours_on_the_spot", Preset: 2, Least: 0, Most: 72, Source: "立行立改 closes fast by nature"}
)

// instantClose: registered and closed within hours. What is put right on the spot closes
// fast by nature and has a shorter threshold; what was taken in from an old ledger was
// registered on the day of the import, and nobody is asked. A closing before the
// registration is a clock that went back.
var instantClose = Signal{
	Name:       InstantClose,
	Thresholds: []Threshold{soonAfterFeedback, soonOnTheSpot},
	item: func(c *context, it *reading) *Finding {
		closing, closed := it.closing()
		if !closed || it.Imported || it.RegisteredAt.IsZero() || closing.At.IsZero() {
			return nil
		}
		limit := c.limits.at(soonOnTheSpot)
		if it.Tier == deadline.PostFeedback {
			limit = c.limits.at(soonAfterFeedback)
		}
		took := closing.At.Sub(it.RegisteredAt.Time)
		if took < 0 || took.Hours() > limit {
			return nil
		}
		f := &Finding{Strength: beyond(limit-took.Hours(), 0, limit), Evidence: []Shown{{What: ShownMinutes, Number: float64(int(took.Minutes()))}}}
		for _, m := range it.Measures {
			f.Evidence = append(f.Evidence, Shown{What: ShownMeasure, Text: m.Text})
		}
		return f
	},
}
