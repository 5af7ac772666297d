package models

import "slices"

// Status is where an item stands on its road.
type Status string

// The four statuses of an item on its road; returned is underway again, with the
// reason shown. Voided is off the road: kept, seen by its address and in the list of
// what is voided, and counted nowhere.
const (
	Registered Status = "registered" // 待启动
	Underway   Status = "underway"   // 整改中
	Submitted  Status = "submitted"  // 待审核
	Closed     Status = "closed"     // 已销号
	Voided     Status = "voided"     // 已作废
)

// Statuses are the statuses of the road, in the order of the board's columns.
func Statuses() []Status { return []Status{Registered, Underway, Submitted, Closed} }

// queryStatus are the statuses' words in addresses.
var queryStatus = map[string]Status{"todo": Registered, "doing": Underway, "review": Submitted, "closed": Closed, "voided": Voided}

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
	RegisterItem      Act = "register"
	ReviseItem        Act = "revise"
	CorrectItem       Act = "correct"      // 更正: what was entered wrongly is put right
	SetStandard       Act = "set_standard" // 销号标准
	AssignItem        Act = "assign"
	AcknowledgeItem   Act = "acknowledge" // 签收
	PlanItem          Act = "plan"        // the first measures
	UnplanItem        Act = "unplan"      // an import that brought them is undone
	AddMeasures       Act = "add_measures"
	ReviseMeasure     Act = "revise_measure"
	ReportProgress    Act = "report"
	CompleteMeasure   Act = "complete_measure"
	ReopenMeasure     Act = "reopen_measure"
	AddEvidence       Act = "add_evidence"
	ReplaceEvidence   Act = "replace_evidence"
	SetDate           Act = "set_date"     // 定期限: the first date
	ProposeDate       Act = "propose_date" // 拟定期限: the unit's word for the first date
	AskExtension      Act = "ask_extension"
	WithdrawExtension Act = "withdraw_extension"
	GrantExtension    Act = "grant_extension"
	RefuseExtension   Act = "refuse_extension"
	SignItem          Act = "sign"   // 审签
	UnsignItem        Act = "unsign" // what was signed goes back to who prepares it
	SubmitItem        Act = "submit"
	WithdrawItem      Act = "withdraw"
	VerifyItem        Act = "verify" // one body of two has found it in order
	ReturnItem        Act = "return"
	StageItem         Act = "stage" // 取得阶段性成效，继续整改
	CloseItem         Act = "close"
	ReopenItem        Act = "reopen"
	AskVoiding        Act = "ask_voiding"
	RefuseVoiding     Act = "refuse_voiding"
	VoidItem          Act = "void"
	SetStanding       Act = "set_standing"
	EndStanding       Act = "end_standing"
	ReviewStanding    Act = "review_standing"
	DrawRecheck       Act = "draw_recheck"
	RecheckHolds      Act = "recheck_holds"
	RecheckFails      Act = "recheck_fails"
	HandOver          Act = "hand_over"
	TakeIn            Act = "take_in"     // a ledger was taken in: what a unit is told of it, once
	UndoImport        Act = "undo_import" // an item that an import brought is taken away again
	FlagOverdue       Act = "flag_overdue"
	FlagReview        Act = "flag_review"
	FlagRecheck       Act = "flag_recheck"
	RemindDue         Act = "remind_due"
	RemindIdle        Act = "remind_idle"
	RemindReview      Act = "remind_review"
)

// roadStep is one line of the road: from which statuses an act may be done, and
// where it leads; empty to leaves the status alone.
type roadStep struct {
	from []Status
	to   Status
	// quiet: it changes nothing that a person decides on, and so leaves the version
	// alone: what the clock notes at midnight must not turn away the page somebody has
	// open.
	quiet bool
	// changes: it changes what is signed, so that signatures given before are void, as
	// long as they were not answered.
	changes bool
	// adds: it puts something beside what there is and changes nothing of it, so that it is as
	// good on whatever the item has become since the page was drawn.
	adds bool
}

var (
	inHand = []Status{Registered, Underway}
	unshut = []Status{Registered, Underway, Submitted}
)

// road is the whole life of an item: the only place that knows which act may
// follow which. Who may is policy.go; what else must be so is need.go.
var road = map[Act]roadStep{
	ReviseItem:        {from: inHand, changes: true},
	CorrectItem:       {from: unshut, changes: true},
	UndoEdit:          {from: unshut, changes: true},
	SetStandard:       {from: inHand, changes: true},
	AssignItem:        {from: inHand},
	AcknowledgeItem:   {from: inHand},
	PlanItem:          {from: []Status{Registered}, to: Underway, changes: true},
	UnplanItem:        {from: []Status{Underway}, to: Registered, changes: true},
	AddMeasures:       {from: []Status{Underway}, changes: true},
	ReviseMeasure:     {from: inHand, changes: true},
	ReportProgress:    {from: inHand, to: Underway, changes: true, adds: true},
	CompleteMeasure:   {from: []Status{Underway}, changes: true},
	ReopenMeasure:     {from: []Status{Underway}, changes: true},
	AddEvidence:       {from: inHand, changes: true, adds: true},
	ReplaceEvidence:   {from: inHand, changes: true},
	SetDate:           {from: inHand},
	ProposeDate:       {from: inHand},
	AskExtension:      {from: inHand},
	WithdrawExtension: {from: unshut},
	GrantExtension:    {from: unshut},
	RefuseExtension:   {from: unshut},
	SignItem:          {from: []Status{Underway}},
	UnsignItem:        {from: []Status{Underway}},
	SubmitItem:        {from: []Status{Underway}, to: Submitted},
	WithdrawItem:      {from: []Status{Submitted}, to: Underway},
	VerifyItem:        {from: []Status{Submitted}},
	ReturnItem:        {from: []Status{Submitted}, to: Underway},
	StageItem:         {from: []Status{Submitted}, to: Underway},
	CloseItem:         {from: []Status{Submitted}, to: Closed},
	ReopenItem:        {from: []Status{Closed}, to: Underway},
	AskVoiding:        {from: unshut},
	RefuseVoiding:     {from: unshut},
	VoidItem:          {from: unshut, to: Voided},
	SetStanding:       {from: Statuses()},
	AnswerSignal:      {from: Statuses()},
	EndStanding:       {from: Statuses()},
	ReviewStanding:    {from: Statuses()},
	DrawRecheck:       {from: []Status{Closed}, quiet: true},
	RecheckHolds:      {from: []Status{Closed}},
	RecheckFails:      {from: []Status{Closed}, to: Underway},
	HandOver:          {from: unshut},
	FlagOverdue:       {from: inHand, quiet: true},
	FlagReview:        {from: Statuses(), quiet: true},
	FlagRecheck:       {from: []Status{Closed}, quiet: true},
	RemindDue:         {from: inHand, quiet: true},
	RemindIdle:        {from: []Status{Underway}, quiet: true},
	RemindReview:      {from: []Status{Underway, Submitted}, quiet: true},
	UrgeItem:          {from: inHand, quiet: true},

	RecordAchievement:   {from: []Status{Underway, Closed}, changes: true, adds: true},
	WithdrawAchievement: {from: []Status{Underway, Closed}, changes: true},

	DrawStated:   {from: []Status{Underway}, quiet: true},
	VerifyStated: {from: []Status{Underway}},
	AcceptStated: {from: []Status{Underway}, to: Closed},
	PassStated:   {from: []Status{Underway}, to: Closed},
	RejectStated: {from: []Status{Underway}},
	DropStated:   {from: []Status{Underway}},

	SignLetter:        {from: unshut},
	AcknowledgeLetter: {from: Statuses(), quiet: true},
	AnswerLetter:      {from: Statuses(), quiet: true},
	AcceptAnswer:      {from: Statuses(), quiet: true},
	RejectAnswer:      {from: Statuses(), quiet: true},
	WithdrawLetter:    {from: Statuses(), quiet: true},
	OfferLetter:       {from: inHand, quiet: true},
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

// InHand says whether the unit's clock runs: neither handed in nor struck off.
func (s Status) InHand() bool { return slices.Contains(inHand, s) }
