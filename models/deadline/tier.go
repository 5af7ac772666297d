package deadline

// Tier is how an item was found, and so how fast it must be put right.
type Tier string

// The three tiers.
const (
	Immediate    Tier = "immediate"     // 即知即改
	OnTheSpot    Tier = "on-the-spot"   // 立行立改
	PostFeedback Tier = "post-feedback" // 反馈整改
)

// tiers is what of a tier is the same everywhere. Its days are rules of the place
// (rule.go).
var tiers = map[Tier]struct {
	Prefix string // of an item's number
	Query  string // the word in addresses
}{
	Immediate:    {Prefix: "JZ", Query: "jz"},
	OnTheSpot:    {Prefix: "LX", Query: "lx"},
	PostFeedback: {Prefix: "FK", Query: "fk"},
}

// Tiers are the three tiers, in the order of the board's lanes.
func Tiers() []Tier { return []Tier{Immediate, OnTheSpot, PostFeedback} }

// Prefix is what the tier's numbers begin with: JZ, LX, FK.
func (t Tier) Prefix() string { return tiers[t].Prefix }

// Query is the tier's word in addresses: jz, lx, fk.
func (t Tier) Query() string { return tiers[t].Query }

// TierOf reads a tier's name or its word in addresses; ok is false for neither.
func TierOf(word string) (tier Tier, ok bool) {
	for _, t := range Tiers() {
		if word == string(t) || word == tiers[t].Query {
			return t, true
		}
	}
	return "", false
}
