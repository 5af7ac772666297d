package signal

// When a unit's closings are a burst.
var (
	burstShare = Threshold{Key: "signal_burst_share", Preset: 1.0 / 3, Least: 0.1, Most: 1, Source: "突击销号 (domain.md §4)"}
	burstDays  = Threshold{Key: "signal_burst_days", Preset: 7, Least: 1, Most: 31, Source: "the last week of the window"}
	burstItems = Threshold{Key: "signal_burst_items", Preset: 5, Least: 2, Most: 50, Source: "a unit with few items has no share"}
)

// burstClosing: much of what a unit closed it handed in during the last days of the
// window. What counts is when the unit submitted, not when it was verified: supervisors
// close in rows, on days of their own.
var burstClosing = Signal{
	Name:       BurstClosing,
	Thresholds: []Threshold{burstShare, burstDays, burstItems},
	unit: func(c *context) *Finding {
		end := c.unit.Round.WindowEnd
		if !end.Valid() {
			return nil
		}
		from := end.Plus(1 - int(c.limits.at(burstDays)))
		f := &Finding{}
		closings := 0
		for _, it := range c.items {
			if _, closed := it.closing(); !closed || it.Imported || len(it.Submissions) == 0 {
				continue
			}
			closings++
			if on := it.Submissions[len(it.Submissions)-1].At.day(); on.Valid() && on >= from && on <= end {
				f.Evidence = append(f.Evidence, Shown{What: ShownClosing, Item: it.Number, Day: on})
			}
		}
		late := len(f.Evidence)
		if float64(late) < c.limits.at(burstItems) || float64(late) < c.limits.at(burstShare)*float64(closings) {
			return nil
		}
		f.Strength = beyond(float64(late)/float64(closings), c.limits.at(burstShare), 1)
		f.Evidence = append([]Shown{{What: ShownShare, Number: float64(late), Of: float64(closings)}}, f.Evidence...)
		return f
	},
}
