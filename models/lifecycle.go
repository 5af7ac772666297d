package models

import "slices"

// Status is where an item stands on its road.
type Status string

// The four statuses. Returned is underway again, with the reason shown.
const (
	Registered Status = "registered" // 待启动
	Underway   Status = "underway"   // 整改中
	Submitted  Status = "submitted"  // 待审核
	Closed     Status = "closed"     // 已销号
)

// Statuses are all statuses, in the order of the board's columns.
func Statuses() []Status { return []Status{Registered, Underway, Submitted, Closed} }

// queryStatus are the statuses' words in addresses.
var queryStatus = map[string]Status{"todo": Registered, "doing": Underway, "review": Submitted, "closed": Closed}

// Query is the status's word in addresses.
func (s Status) Query() string {
	for word, status := range queryStatus {
		if status == s {
			return word
		}
	}
	return ""
}

// Act is something done to an item.
type Act string

// The acts of the road. The names are those of the trail and of views/text.
const (
	RegisterItem    Act = "register"
	ReviseItem      Act = "revise"
	PlanItem        Act = "plan"   // the first measures
	UnplanItem      Act = "unplan" // an import that brought them is undone
	ReportProgress  Act = "report"
	CompleteMeasure Act = "complete_measure"
	ReopenMeasure   Act = "reopen_measure"
	FlagOverdue     Act = "flag_overdue"
	RemindDue       Act = "remind_due"
	RemindIdle      Act = "remind_idle"
	RemindReview    Act = "remind_review"
	SubmitItem      Act = "submit"
	WithdrawItem    Act = "withdraw"
	ReturnItem      Act = "return"
	CloseItem       Act = "close"
	UndoImport      Act = "undo_import" // an item that an import brought is taken away again
	SetStanding     Act = "set_standing"
	EndStanding     Act = "end_standing"
	ReviewStanding  Act = "review_standing"
	FlagReview      Act = "flag_review"
	DrawRecheck     Act = "draw_recheck"
	RecheckHolds    Act = "recheck_holds"
	RecheckFails    Act = "recheck_fails"
	FlagRecheck     Act = "flag_recheck"
	HandOver        Act = "hand_over"
	AddEvidence     Act = "add_evidence"
	ReplaceEvidence Act = "replace_evidence"
)

// step is one line of the road: from which statuses an act may be done, and
// where it leads; empty to leaves the status alone. A quiet act changes nothing
// that a person decides on, and so leaves the version alone: what the clock notes
// at midnight must not turn away the page somebody has open.
type step struct {
	from  []Status
	to    Status
	quiet bool
}

// road is the whole life of an item: the only place that knows which act may
// follow which.
var road = map[Act]step{
	ReviseItem:      {from: []Status{Registered, Underway, Submitted}},
	PlanItem:        {from: []Status{Registered}, to: Underway},
	UnplanItem:      {from: []Status{Underway}, to: Registered},
	ReportProgress:  {from: []Status{Registered, Underway}, to: Underway},
	CompleteMeasure: {from: []Status{Underway}},
	ReopenMeasure:   {from: []Status{Underway}},
	FlagOverdue:     {from: []Status{Registered, Underway}, quiet: true},
	RemindDue:       {from: []Status{Registered, Underway}, quiet: true},
	RemindIdle:      {from: []Status{Underway}, quiet: true},
	RemindReview:    {from: []Status{Submitted}, quiet: true},
	SubmitItem:      {from: []Status{Underway}, to: Submitted},
	WithdrawItem:    {from: []Status{Submitted}, to: Underway},
	ReturnItem:      {from: []Status{Submitted}, to: Underway},
	CloseItem:       {from: []Status{Submitted}, to: Closed},
	SetStanding:     {from: Statuses()},
	EndStanding:     {from: Statuses()},
	ReviewStanding:  {from: Statuses()},
	FlagReview:      {from: Statuses(), quiet: true},
	DrawRecheck:     {from: []Status{Closed}, quiet: true},
	RecheckHolds:    {from: []Status{Closed}},
	RecheckFails:    {from: []Status{Closed}, to: Underway},
	FlagRecheck:     {from: []Status{Closed}, quiet: true},
	HandOver:        {from: []Status{Registered, Underway, Submitted}},
	AddEvidence:     {from: []Status{Registered, Underway}},
	ReplaceEvidence: {from: []Status{Registered, Underway}},

	RecordAchievement:   {from: []Status{Underway, Closed}},
	WithdrawAchievement: {from: []Status{Underway, Closed}},

	SignLetter:        {from: []Status{Registered, Underway, Submitted}},
	AcknowledgeLetter: {from: Statuses(), quiet: true},
	AnswerLetter:      {from: Statuses(), quiet: true},
	AcceptAnswer:      {from: Statuses(), quiet: true},
	RejectAnswer:      {from: Statuses(), quiet: true},
	WithdrawLetter:    {from: Statuses(), quiet: true},
	OfferLetter:       {from: []Status{Registered, Underway}, quiet: true},
}

// Quiet says whether the act changes nothing that a person decides on: the clock
// speaks of an item and leaves it as it is.
func (a Act) Quiet() bool { return road[a].quiet }

func (s Status) allows(a Act) bool { return slices.Contains(road[a].from, s) }

func (s Status) after(a Act) Status {
	if to := road[a].to; to != "" {
		return to
	}
	return s
}

// Open says whether the unit's clock runs: neither handed in nor struck off.
func (s Status) Open() bool { return slices.Contains(openStatuses, s) }

var openStatuses = []Status{Registered, Underway}
