package models

// Tier is how an item was found, and so how fast it must be put right.
type Tier string

// The three tiers.
const (
	Immediate    Tier = "immediate"     // 即知即改
	OnTheSpot    Tier = "on-the-spot"   // 立行立改
	PostFeedback Tier = "post-feedback" // 反馈整改
)

// tiers is all that differs between the tiers. The days are presets: places set
// their own (domain.md 1.2); none is fixed by a published rule.
var tiers = map[Tier]struct {
	Prefix   string // of an item's number
	Query    string // the word in addresses
	SoonDays int    // days of warning before the deadline
	Workdays int    // working days from the day found or the notice
	Months   int    // or months from the feedback
}{
	Immediate:    {Prefix: "JZ", Query: "jz", SoonDays: 3, Workdays: 5},
	OnTheSpot:    {Prefix: "LX", Query: "lx", SoonDays: 5, Workdays: 10},
	PostFeedback: {Prefix: "FK", Query: "fk", SoonDays: 10, Months: 3},
}

// Tiers are the three tiers, in the order of the board's lanes.
func Tiers() []Tier { return []Tier{Immediate, OnTheSpot, PostFeedback} }

// Prefix is what the tier's numbers begin with: JZ, LX, FK.
func (t Tier) Prefix() string { return tiers[t].Prefix }

// Query is the tier's word in addresses: jz, lx, fk.
func (t Tier) Query() string { return tiers[t].Query }

// SoonDays is how many days before the deadline the light turns.
func (t Tier) SoonDays() int { return tiers[t].SoonDays }

// TierOf reads a tier's name or its word in addresses; ok is false for neither.
func TierOf(word string) (tier Tier, ok bool) {
	for _, t := range Tiers() {
		if word == string(t) || word == tiers[t].Query {
			return t, true
		}
	}
	return "", false
}
