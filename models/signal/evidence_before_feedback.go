package signal

import (
	"path"
	"strings"

	"duban/models/day"
	"duban/models/deadline"
)

// evidenceBeforeFeedback: every proof is older than what it answers: for an item after
// feedback the feedback, for one on the spot the notice. Originals put beside newer
// proof are no sign, nor is a file that does not say its own day, or says one that no
// office's clock ever had: the first of a year on a picture (a camera whose clock was
// never set), a day after it was handed in. What a file says of itself is easily wrong,
// and never the only ground for a verdict.
var evidenceBeforeFeedback = Signal{
	Name: EvidenceBeforeFeedback,
	item: func(c *context, it *reading) *Finding {
		answers := c.unit.Round.FeedbackOn
		switch it.Tier {
		case deadline.OnTheSpot:
			answers = c.unit.Round.NoticeOn
		case deadline.PostFeedback:
		default:
			return nil
		}
		if !answers.Valid() || len(it.files) == 0 || it.Status != statusClosed && len(it.Submissions) == 0 {
			return nil
		}
		f := &Finding{Evidence: []Shown{{What: ShownReference, Day: answers}}}
		days := 0
		for _, e := range it.files {
			own, known := e.ownDay()
			if !known || own >= answers {
				return nil
			}
			if n := own.DaysUntil(answers); days == 0 || n < days {
				days = n
			}
			f.Evidence = append(f.Evidence, Shown{What: ShownFileDate, File: e.Name, Day: own})
		}
		f.Strength = beyond(float64(days), 0, 180)
		return f
	},
}

// firstYear is before all that offices hand in as made by a computer.
const firstYear = 2005

// ownDay is the day a file says of itself; unknown where it cannot be right.
func (e Evidence) ownDay() (day.Day, bool) {
	d := e.FileDate
	if !d.Valid() || d.Year() < firstYear || e.HandedInOn.Valid() && d > e.HandedInOn {
		return "", false
	}
	switch strings.ToLower(path.Ext(e.Name)) {
	case ".jpg", ".jpeg", ".png", ".heic", ".mp4", ".mov", ".avi", ".tif", ".tiff", ".bmp":
		if strings.HasSuffix(string(d), "-01-01") {
			return "", false
		}
	}
	return d, true
}
