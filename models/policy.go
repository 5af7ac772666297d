package models

import (
	"maps"
	"slices"

	"gorm.io/gorm"
)

// Role is what a person is in this register.
type Role string

// The roles of design §1 that this register knows so far. The zero value is
// nobody and may nothing.
const (
	Nobody     Role = ""
	Handler    Role = "handler"    // 经办人
	Leader     Role = "leader"     // 牵头领导
	Head       Role = "head"       // 第一责任人
	Supervisor Role = "supervisor" // 督办：纪工委、党群工作部
	Office     Role = "office"     // 巡察办
	Principal  Role = "principal"  // 主管领导
	SysAdmin   Role = "sysadmin"   // 系统管理员
	Auditor    Role = "auditor"    // 安全审计员: reads the trail and changes nothing
	clerk      Role = "clerk"      // the program itself, at set hours
)

// Roles are the roles an account may have, in the order forms offer them.
func Roles() []Role {
	return []Role{Handler, Leader, Head, Supervisor, Office, Principal, SysAdmin, Auditor}
}

func (r Role) ofUnit() bool { return r == Handler || r == Leader || r == Head }

// OfUnit says whether an account of this role belongs to a unit.
func (r Role) OfUnit() bool { return r.ofUnit() }

// SeesAll says whether this role sees every unit's items; a supervisor who is
// assigned to some sees those (scope.go).
func (r Role) SeesAll() bool { return slices.Contains([]Role{Supervisor, Office, Principal, clerk}, r) }

// SeesLedger says whether this role sees any items at all. An administrator of
// accounts does not.
func (r Role) SeesLedger() bool { return r.SeesAll() || r.ofUnit() }

// rights is who may do what to an item: one line an act; an act without a line
// is refused to all. The road says when, and need.go what else must be so.
var rights = map[Act]func(User, Item) bool{
	ReviseItem:        officeOrTheirs,
	CorrectItem:       theOffice,
	UndoEdit:          officeOrTheirs,
	SetStandard:       theOverseersOrTheirs,
	AssignItem:        officeOrTheirHead,
	AcknowledgeItem:   unitsOwn,
	PlanItem:          officeOrTheirs,
	UnplanItem:        officeOrTheirs,
	AddMeasures:       unitsOwn,
	ReviseMeasure:     unitsOwn,
	ReportProgress:    unitsOwn,
	CompleteMeasure:   unitsOwn,
	ReopenMeasure:     unitsOwn,
	AddEvidence:       unitsOwn,
	ReplaceEvidence:   unitsOwn,
	SetDate:           officeOrSupervisor,
	ProposeDate:       unitsOwn,
	AskExtension:      unitsOwn,
	WithdrawExtension: unitsOwn,
	GrantExtension:    whoGrantsADate,
	RefuseExtension:   whoGrantsADate,
	SignItem:          unitsOwn,
	UnsignItem:        theirLeadership,
	SubmitItem:        unitsOwn, // signed for by the head, whoever hands it in
	WithdrawItem:      theirLeadership,
	VerifyItem:        supervisor,
	ReturnItem:        supervisor,
	StageItem:         supervisor,
	CloseItem:         supervisor,
	ReopenItem:        supervisor,
	AskVoiding:        officeOrSupervisor,
	RefuseVoiding:     officeOrSupervisor,
	VoidItem:          officeOrSupervisor,
	SetStanding:       officeOrSupervisor,
	AnswerSignal:      officeOrSupervisor,
	EndStanding:       officeOrSupervisor,
	ReviewStanding:    officeOrSupervisor,
	DrawRecheck:       officeOrSupervisor,
	RecheckHolds:      officeOrSupervisor,
	RecheckFails:      officeOrSupervisor,
	HandOver:          theClerk, // on the word of who may; see HandOver
	FlagOverdue:       theClerk,
	FlagReview:        theClerk,
	FlagRecheck:       theClerk,
	RemindDue:         theClerk,
	RemindIdle:        theClerk,
	RemindReview:      theClerk,
	UrgeItem:          officeOrSupervisor,

	RecordAchievement:   unitsOwn,
	WithdrawAchievement: unitsOwn,

	DrawStated:   supervisor,
	VerifyStated: supervisor,
	AcceptStated: supervisor,
	PassStated:   supervisor,
	RejectStated: supervisor,
	DropStated:   theClerk, // on the word of a supervisor; see dropStated

	SignLetter:        officeOrSupervisor,
	AcknowledgeLetter: theirHead,
	AnswerLetter:      theirLeadership,
	AcceptAnswer:      officeOrSupervisor,
	RejectAnswer:      officeOrSupervisor,
	WithdrawLetter:    officeOrSupervisor,
	OfferLetter:       theClerk,
}

// letterRights is who may do what to a letter, beside what they may do to its items.
// Which of them may sign which letter is the ladder's; who may not sign it may not
// withdraw it once it was sent.
var letterRights = map[Act]func(User, Letter) bool{
	ReviseLetter:      func(u User, _ Letter) bool { return officeOrSupervisor(u, Item{}) },
	DropLetter:        func(u User, _ Letter) bool { return officeOrSupervisor(u, Item{}) },
	SignLetter:        func(u User, l Letter) bool { return l.Kind.SignedBy(u.Role) },
	WithdrawLetter:    func(u User, l Letter) bool { return l.Kind.SignedBy(u.Role) },
	AcknowledgeLetter: func(u User, l Letter) bool { return theirHead(u, Item{UnitID: l.UnitID}) },
	AnswerLetter:      func(u User, l Letter) bool { return theirLeadership(u, Item{UnitID: l.UnitID}) },
	AcceptAnswer:      func(u User, l Letter) bool { return l.Kind.SignedBy(u.Role) },
	RejectAnswer:      func(u User, l Letter) bool { return l.Kind.SignedBy(u.Role) },
}

func unitsOwn(u User, i Item) bool {
	return u.Role.ofUnit() && u.UnitID != nil && *u.UnitID == i.UnitID
}
func theirLeadership(u User, i Item) bool {
	return unitsOwn(u, i) && u.Role != Handler
}
func theirHead(u User, i Item) bool      { return unitsOwn(u, i) && u.Role == Head }
func officeOrTheirs(u User, i Item) bool { return u.Role == Office || unitsOwn(u, i) }
func officeOrTheirHead(u User, i Item) bool {
	return u.Role == Office || u.Role == Head && unitsOwn(u, i)
}
func supervisor(u User, _ Item) bool { return u.Role == Supervisor }
func theOffice(u User, _ Item) bool  { return u.Role == Office }

// The first date of an item that the unit has proposed may be granted by the office as
// well; one that replaces another is an extension, and the supervisors'.
func whoGrantsADate(u User, i Item) bool {
	return supervisor(u, i) || theOffice(u, i) && i.DueOn == ""
}
func officeOrSupervisor(u User, _ Item) bool {
	return u.Role == Office || u.Role == Supervisor
}

// A standard that somebody has set is the overseers' to change; one that the ledger
// left out is the unit's to propose, for it is verified by it.
func theOverseersOrTheirs(u User, i Item) bool {
	return officeOrSupervisor(u, i) || unitsOwn(u, i) && i.Standard == ""
}
func theClerk(u User, _ Item) bool { return u.Role == clerk }

// mayRegister says who may enter items of a unit: the office for every unit, a
// unit's people for their own.
func mayRegister(u User, unitID int64) bool {
	return u.Role == Office || unitsOwn(u, Item{UnitID: unitID})
}

// Rule names a part of the register itself that is governed, not an item.
type Rule string

// What is governed beside the items.
const (
	GovernUnits    Rule = "govern_units"
	GovernRounds   Rule = "govern_rounds"
	GovernUsers    Rule = "govern_users"
	GovernImport   Rule = "govern_import"
	GovernCalendar Rule = "govern_calendar"
	GovernJobs     Rule = "govern_jobs"
	GovernMail     Rule = "govern_mail"
	GovernRules    Rule = "govern_rules"
	GovernScopes   Rule = "govern_scopes"
	GovernRechecks Rule = "govern_rechecks"
	HandOverWork   Rule = "hand_over_work"
	RemoveDemo     Rule = "remove_demo"
	ReadTrail      Rule = "read_trail"
	GovernWebhooks Rule = "govern_webhooks"
)

// governors is who may change which part of the register.
var governors = map[Rule]func(User) bool{
	GovernUnits:    roleAmong(Office, SysAdmin),
	GovernRounds:   roleAmong(Office),
	GovernUsers:    roleAmong(SysAdmin),
	GovernImport:   func(u User) bool { return u.Role == Office || u.Role.ofUnit() },
	GovernCalendar: roleAmong(Office),
	GovernJobs:     roleAmong(Office, SysAdmin, clerk),
	GovernMail:     roleAmong(Office, SysAdmin, clerk),
	GovernRules:    roleAmong(Office),
	GovernScopes:   roleAmong(Office),
	GovernRechecks: roleAmong(Office, Supervisor),
	HandOverWork:   roleAmong(Head, Office, SysAdmin),
	RemoveDemo:     roleAmong(Office, SysAdmin, clerk),
	ReadTrail:      roleAmong(Auditor, clerk),
	GovernWebhooks: roleAmong(Office, SysAdmin),
}

func roleAmong(roles ...Role) func(User) bool {
	return func(u User) bool { return slices.Contains(roles, u.Role) }
}

// MayGovern says whether this person may change that part of the register.
func (b *Board) MayGovern(r Rule) bool {
	right, ok := governors[r]
	return ok && right(b.me)
}

// May says whether this person may do this to this item now. Pages ask it
// before they draw a button; act asks it again before anything is written.
func (b *Board) May(a Act, i Item) bool { return b.check(a, i) == nil }

// WhyNot says why this person may not do this to this item now; nil when they may.
func (b *Board) WhyNot(a Act, i Item) error { return b.check(a, i) }

// MayImport says whether this person may take in a ledger for that unit.
func (b *Board) MayImport(unitID int64) bool { return mayRegister(b.me, unitID) }

func (b *Board) check(a Act, i Item) error {
	right, named := rights[a]
	switch {
	case !named || !right(b.me, i):
		return ErrForbidden
	case !i.Status.allows(a):
		return Refused{Key: b.advise("refused."+string(a), i), Args: []any{string(i.Status)}}
	}
	if need, ok := needs[a]; ok {
		return need(b, i)
	}
	return nil
}

// items is every item on its road that this person may see: what lists show and
// figures count. Each query for items starts here, or at kept.
func (b *Board) items() *gorm.DB { return b.kept().Where("items.status <> 'voided'") }

// kept is every item this person may see, what was voided among them.
func (b *Board) kept() *gorm.DB {
	q := b.db.Model(&Item{})
	seen, err := b.sight()
	var categories []string
	if err == nil && seen.worded() {
		categories, err = b.categories()
	}
	if err != nil {
		_ = q.AddError(err)
		return q.Where("1 = 0")
	}
	if seen.all {
		return q
	}
	c := seen.sql(categories)
	return q.Where("("+c.sql+")", c.args...)
}

// about is everything that hangs on one item: its measures, its trail. Each query
// for those starts here, and finds nothing when the item is not theirs.
func (b *Board) about(item Item) *gorm.DB {
	if seen, err := b.sight(); err == nil && seen.all {
		return b.db.Where("item_id = ?", item.ID)
	}
	return b.db.Where("item_id IN (?)", b.kept().Select("items.id").Where("items.id = ?", item.ID))
}

// RoadLine is one act of the road as people read it: from where, to where, and by whom
// it may be done, to an item that is theirs. What else must be so stands in need.go.
type RoadLine struct {
	Act   Act
	From  []Status
	To    Status
	Roles []Role
}

// Road is every line of it, by the acts' names.
func Road() []RoadLine {
	unit := int64(1)
	var lines []RoadLine
	for _, a := range slices.Sorted(maps.Keys(road)) {
		l := RoadLine{Act: a, From: road[a].from, To: road[a].to}
		for _, role := range append(Roles(), clerk) {
			u := User{Role: role}
			if role.ofUnit() {
				u.UnitID = &unit
			}
			if right, ok := rights[a]; ok && right(u, Item{UnitID: unit}) {
				l.Roles = append(l.Roles, role)
			}
		}
		lines = append(lines, l)
	}
	return lines
}
