package models

import "slices"

// rungs is how many rungs the ladder has.
const rungs = 6

// LetterKind is what a letter is: a rung of the ladder.
type LetterKind string

// The rungs, from a friendly word to the leading group.
const (
	LetterReminder LetterKind = "reminder" // 提醒函
	LetterNotice   LetterKind = "notice"   // 督办通知书
	LetterGuidance LetterKind = "guidance" // 督查指导书
	LetterTalk     LetterKind = "talk"     // 约谈建议
	LetterWarning  LetterKind = "warning"  // 告诫书
	LetterReport   LetterKind = "report"   // 报领导小组
)

// letterRung is what differs between the letters.
type letterRung struct {
	kind LetterKind
	// signs are who may sign it: a person in one of these roles, never the program.
	signs []Role
	// unit says that it is addressed to the unit; the others go to those above it,
	// and the unit is told.
	unit bool
}

// ladder is the whole ladder, in its order. 临颍's 五书 are its pattern: 通知书 at the
// start, 指导书 when the work is not thorough, 提醒书 before the limit, 告诫书 when it
// has passed, with a last limit set, 问责书 through the leading group. 督办 signs what
// goes to a unit; what asks the committee to step in may be signed by the
// inspection office as well, which is the office of the leading group.
// https://www.kflz.gov.cn/sitesources/lhsjjw/page_pc/xcjy/mtjj/articlec0be3c074105453e9d7e417cbcafadc0.html
//
// From which day overdue, and within how many days an answer is due, are rules of
// the place: LetterDays and AnswerDays.
var ladder = [rungs]letterRung{
	{LetterReminder, []Role{Supervisor}, true},
	{LetterNotice, []Role{Supervisor}, true},
	{LetterGuidance, []Role{Supervisor}, true},
	{LetterTalk, []Role{Supervisor, Office}, false},
	{LetterWarning, []Role{Supervisor, Office}, true},
	{LetterReport, []Role{Supervisor, Office}, false},
}

// LetterKinds are all rungs, the lowest first.
func LetterKinds() []LetterKind {
	kinds := make([]LetterKind, rungs)
	for n, r := range ladder {
		kinds[n] = r.kind
	}
	return kinds
}

// place is the kind's place on the ladder from 0, or -1.
func (k LetterKind) place() int {
	return slices.IndexFunc(ladder[:], func(r letterRung) bool { return r.kind == k })
}

// Valid says whether there is such a letter.
func (k LetterKind) Valid() bool { return k.place() >= 0 }

// ToUnit says whether the letter is addressed to the unit itself.
func (k LetterKind) ToUnit() bool { return k.Valid() && ladder[k.place()].unit }

// SignedBy says whether a person in that role may sign such a letter.
func (k LetterKind) SignedBy(role Role) bool {
	return k.Valid() && slices.Contains(ladder[k.place()].signs, role)
}

// AnswerDays is within how many working days such a letter is to be answered, 0
// when it asks for no answer.
func (k LetterKind) AnswerDays(rules Rules) int {
	if !k.Valid() {
		return 0
	}
	return rules.AnswerDays[k.place()]
}

// Rung is the letter due for an item so many days overdue; "" when it is not.
func (r Rules) Rung(days int) LetterKind {
	due := LetterKind("")
	for n, from := range r.LetterDays {
		if days >= from && days > 0 {
			due = ladder[n].kind
		}
	}
	return due
}

// AgeRungs are the rungs beside a bucket of days overdue: each that is due on one of its days,
// so that a row's next step, while nothing was sent, is among them.
func (r Rules) AgeRungs(age Age) (due []LetterKind) {
	days := []int{age.From}
	for _, from := range r.LetterDays {
		if from > age.From && (age.To == 0 || from <= age.To) {
			days = append(days, from)
		}
	}
	slices.Sort(days)
	for _, day := range days {
		if rung := r.Rung(day); rung != "" && !slices.Contains(due, rung) {
			due = append(due, rung)
		}
	}
	return due
}

// LetterStatus is where a letter stands.
type LetterStatus string

// The road of a letter. An answer that was not accepted leaves it rejected; the
// next letter is a step higher.
const (
	LetterDraft        LetterStatus = "draft"        // being written
	LetterSigned       LetterStatus = "signed"       // sent, with its number
	LetterAcknowledged LetterStatus = "acknowledged" // 已签收
	LetterAnswered     LetterStatus = "answered"     // waits for the supervisor's word
	LetterAccepted     LetterStatus = "accepted"
	LetterRejected     LetterStatus = "rejected"
	LetterWithdrawn    LetterStatus = "withdrawn"
)

// LetterState is what the ladder needs to know of a letter about an item.
type LetterState struct {
	ID       int64
	Number   string // "" while a draft
	Kind     LetterKind
	Status   LetterStatus
	SignedOn Day
	AnswerBy Day // "" when it asks for no answer
}

// awaits says whether the unit still owes an answer.
func (l LetterState) awaits() bool {
	return l.AnswerBy != "" && (l.Status == LetterSigned || l.Status == LetterAcknowledged)
}

// Sent says whether the letter was sent and not taken back.
func (l LetterState) Sent() bool { return l.Status != LetterDraft && l.Status != LetterWithdrawn }

// StepDo is what there is to do about an item now.
type StepDo string

// What there is to do. Nothing is for the unit to do here: these are the
// supervisor's steps.
const (
	StepNone  StepDo = ""
	StepWrite StepDo = "write" // draft the letter named
	StepSign  StepDo = "sign"  // a draft waits for a signature
	StepAwait StepDo = "await" // 等待答复: the unit's time to answer runs
	StepJudge StepDo = "judge" // an answer waits for a word
	StepWatch StepDo = "watch" // answered in order, or with the leading group
)

// Step is the one next step of a row: what to do, which letter, and by when.
type Step struct {
	Do     StepDo
	Kind   LetterKind // to be written; of the letter otherwise
	Letter int64      // the letter waited on, 0 for one to be written
	Number string
	By     Day  // of StepAwait: when the answer is due
	Late   bool // of StepWrite: an answer is owed since before today
}

// ladderDays is how many days overdue an item is on the ladder. What was overdue when it
// was taken in has had no letter from here: its days count from its registration, that
// day being the first.
func (c Card) ladderDays(today Day) int {
	days := c.DaysOver(today)
	if c.inherited() {
		days = min(days, c.RegisteredOn.DaysUntil(today)+1)
	}
	return days
}

// inherited says whether an item was overdue already when it was taken in.
func (c Card) inherited() bool { return c.DueOn != "" && c.DueOn < c.RegisteredOn }

// nextStep is NextStep of an item. Of one that was overdue when it was taken in no rung is
// passed over: the first letter from here is the first, and each next one a step higher.
func (c Card) nextStep(rules Rules, today Day, letters []LetterState) Step {
	step := NextStep(rules, today, c.ladderDays(today), letters)
	if !c.inherited() || step.Do != StepWrite {
		return step
	}
	sent := -1
	for _, l := range letters {
		if l.Sent() {
			sent = max(sent, l.Kind.place())
		}
	}
	step.Kind = ladder[min(step.Kind.place(), sent+1)].kind
	return step
}

// NextStep is the next step of the ladder for an item that is so many days overdue,
// after these letters about it, the oldest first. A letter whose answer is late or
// was not accepted calls for the next rung, however few days have passed; one whose
// answer was accepted rests until the days reach a higher rung. Withdrawn letters
// count for nothing.
func NextStep(rules Rules, today Day, days int, letters []LetterState) Step {
	var last, draft *LetterState
	for n := range letters {
		switch l := &letters[n]; {
		case l.Status == LetterDraft:
			draft = l
		case l.Sent():
			last = l
		}
	}
	step := Step{}
	if last != nil {
		step = Step{Kind: last.Kind, Letter: last.ID, Number: last.Number}
		switch {
		case last.awaits() && today <= last.AnswerBy:
			step.Do, step.By = StepAwait, last.AnswerBy
			return step
		case last.Status == LetterAnswered:
			step.Do = StepJudge
			return step
		}
	}
	if days <= 0 {
		return Step{}
	}
	if draft != nil {
		return Step{Do: StepSign, Kind: draft.Kind, Letter: draft.ID}
	}
	due := rules.Rung(days)
	if last == nil {
		if due == "" {
			return Step{}
		}
		return Step{Do: StepWrite, Kind: due}
	}
	next := due.place()
	if last.awaits() || last.Status == LetterRejected {
		next = max(next, min(last.Kind.place()+1, rungs-1))
	}
	if next <= last.Kind.place() {
		step.Do = StepWatch
		return step
	}
	return Step{Do: StepWrite, Kind: ladder[next].kind, Late: last.awaits()}
}
