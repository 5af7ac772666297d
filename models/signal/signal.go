// Package signal notices rectification on paper (整改中的形式主义): it reads the history of
// units and says where a supervisor should ask. A signal is a question with its evidence,
// never an accusation: each is a row of the table, with its thresholds, in a file of its
// own that says what it means, when it is wrong though it looks right, and what guards
// against that. What is not known is never held against anybody. It is a leaf: a history
// in, findings out; no database and no clock.
package signal

import (
	"cmp"
	"slices"

	"duban/models/day"
)

// Name is a signal's name, as files and addresses write it.
type Name string

// The signals.
const (
	NoEvidence             Name = "no_evidence"              // 无佐证销号
	SameEvidence           Name = "same_evidence"            // 一证多用
	EvidenceBeforeFeedback Name = "evidence_before_feedback" // 佐证早于反馈
	TextOnly               Name = "text_only"                // 文字整改
	Echo                   Name = "echo"                     // 以措施代落实
	Copied                 Name = "copied"                   // 雷同
	EmptyWords             Name = "empty_words"              // 敷衍整改
	Delegated              Name = "delegated"                // 一分了之
	PunishOnly             Name = "punish_only"              // 以问责代整改
	OneOff                 Name = "one_off"                  // 下不为例
	Relapse                Name = "relapse"                  // 屡改屡犯
	MovedDates             Name = "moved_dates"              // 一延再延
	InstantClose           Name = "instant_close"            // 突击销号：登记即销号
	BurstClosing           Name = "burst_closing"            // 突击销号：期满前集中
	MissingProblems        Name = "missing_problems"         // 选择性整改
)

// Signal is a row of the table. What it means, its formula and its guards are said to
// people in views/text under signal.NAME; here stands what they are drawn from.
type Signal struct {
	Name Name
	// Thresholds may be set by the office.
	Thresholds []Threshold
	// item asks about one item, unit about the unit; a signal has one of them, or both.
	item func(c *context, it *reading) *Finding
	unit func(c *context) *Finding
}

// Threshold is where a signal begins. Its Key is the rule's; Preset the value until the
// office sets another, between Least and Most; Source where the preset comes from.
type Threshold struct {
	Key                 string
	Preset, Least, Most float64
	Source              string
}

// signals is the table.
var signals = []Signal{
	noEvidence, sameEvidence, evidenceBeforeFeedback, textOnly, echoOfMeasures, copiedProgress, emptyWords, handedDown,
	punishOnly, onlyThisOnce, relapseAfterClosing, movedDates, instantClose, burstClosing, missingProblems,
}

// Signals is the table, in the order of the pages.
func Signals() []Signal { return slices.Clone(signals) }

// Finding is a question: about an item, or with an empty Item about the unit.
type Finding struct {
	Unit     string  `json:"unit"`
	Item     string  `json:"item"`
	Signal   Name    `json:"signal"`
	Strength float64 `json:"strength"` // 0 to 1: how far beyond the threshold
	Evidence []Shown `json:"evidence"`
}

// Shown is one piece of what a question rests on. What says of what kind it is; the
// others are empty where they do not belong to it.
type Shown struct {
	What      Kind    `json:"what"`
	Unit      string  `json:"unit,omitempty"`       // of the other item, where it is another's
	Item      string  `json:"item,omitempty"`       // the other item
	Round     string  `json:"round,omitempty"`      // of the other item, where it is a former one
	File      string  `json:"file,omitempty"`       // a file's name or a document's number
	Day       day.Day `json:"day,omitempty"`        // a day it hangs on
	Text      string  `json:"text,omitempty"`       // what stands here
	OtherText string  `json:"other_text,omitempty"` // what stands there
	Number    float64 `json:"number,omitempty"`     // a count or a share
	Of        float64 `json:"of,omitempty"`         // of how many
}

// Kind is of what kind a piece of evidence is.
type Kind string

// The kinds of what is shown.
const (
	ShownClosing   Kind = "closing"       // when it was closed
	ShownLateFile  Kind = "late_file"     // a file that came afterwards
	ShownSameFile  Kind = "same_file"     // a file that another item has too
	ShownFileDate  Kind = "file_date"     // a file and what it says of its own day
	ShownReference Kind = "reference_day" // the day that counts: the feedback, the notice
	ShownMeasure   Kind = "measure"       // a measure
	ShownProgress  Kind = "progress"      // an entry of progress
	ShownAlike     Kind = "alike"         // two texts and how alike they are
	ShownLeader    Kind = "leader"        // a person who answers for it
	ShownShare     Kind = "share"         // so many of so many
	ShownEarlier   Kind = "earlier"       // an item of a round before
	ShownMove      Kind = "moved"         // a moving of the due day
	ShownMinutes   Kind = "minutes"       // how long it took
	ShownClause    Kind = "clause"        // a clause of the feedback
)

// Limits are the thresholds that the office has set, by key. A key that is missing has
// its preset.
type Limits map[string]float64

// at is a threshold.
func (l Limits) at(t Threshold) float64 {
	if set, ok := l[t.Key]; ok {
		return set
	}
	return t.Preset
}

// sorted are findings in the order of the table, the items of a unit by number.
func sorted(found []Finding) []Finding {
	place := map[Name]int{}
	for n, s := range signals {
		place[s.Name] = n
	}
	slices.SortStableFunc(found, func(a, z Finding) int {
		return cmp.Or(cmp.Compare(a.Unit, z.Unit), cmp.Compare(a.Item, z.Item), cmp.Compare(place[a.Signal], place[z.Signal]))
	})
	return found
}

// beyond is a strength: 0.5 at the threshold, 1 at the end of the scale.
func beyond(value, threshold, end float64) float64 {
	if end == threshold {
		return 1
	}
	return min(1, max(0, 0.5+0.5*(value-threshold)/(end-threshold)))
}
