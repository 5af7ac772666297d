package models

import (
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// The road as it was decided, a line an act: from which statuses it may be done and to
// which it leads; which roles may do it to an item of theirs; whether it is quiet, or
// changes what is signed; what else it needs; and what it asks once more of the second
// of two persons. Whoever changes a rule changes its line here with it.
const roadTable = `
accept_answer: [registered underway submitted closed] > ; supervisor office; quiet; -; -
accept_stated: [underway] > closed; supervisor;; mayCheckStated; notTheirOwnWork
acknowledge: [registered underway] > ; handler leader head;; unacknowledged; -
acknowledge_letter: [registered underway submitted closed] > ; head; quiet; -; -
add_evidence: [registered underway] > ; handler leader head; changes; -; -
add_measures: [underway] > ; handler leader head; changes; -; -
answer_letter: [registered underway submitted closed] > ; leader head; quiet; -; -
answer_signal: [registered underway submitted closed] > ; supervisor office;; -; -
ask_extension: [registered underway] > ; handler leader head;; mayExtend; -
ask_voiding: [registered underway submitted] > ; supervisor office;; noVoidingAsked; -
assign: [registered underway] > ; head office;; -; -
close: [submitted] > closed; supervisor;; mayVerify; notTheirOwnWork
complete_measure: [underway] > ; handler leader head; changes; -; -
correct: [registered underway submitted] > ; office; changes; -; -
draw_recheck: [closed] > ; supervisor office; quiet; -; -
draw_stated: [underway] > ; supervisor; quiet; mayCheckStated; -
drop_stated: [underway] > ; clerk;; isStated; -
end_standing: [registered underway submitted closed] > ; supervisor office;; -; -
flag_overdue: [registered underway] > ; clerk; quiet; -; -
flag_recheck: [closed] > ; clerk; quiet; -; -
flag_review: [registered underway submitted closed] > ; clerk; quiet; -; -
grant_extension: [registered underway submitted] > ; supervisor office;; extensionAsked; askedByAnother
hand_over: [registered underway submitted] > ; clerk;; -; -
offer_letter: [registered underway] > ; clerk; quiet; -; -
pass_stated: [underway] > closed; supervisor;; mayCheckStated; notTheirOwnWork
plan: [registered] > underway; handler leader head office; changes; -; -
propose_date: [registered underway] > ; handler leader head;; undated; -
recheck_fails: [closed] > underway; supervisor office;; mayRecheck; notTheirOwnWork
recheck_holds: [closed] > ; supervisor office;; mayRecheck; notTheirOwnWork
record_achievement: [underway closed] > ; handler leader head; changes; -; -
refuse_extension: [registered underway submitted] > ; supervisor office;; extensionAsked; -
refuse_voiding: [registered underway submitted] > ; supervisor office;; voidingAsked; -
reject_answer: [registered underway submitted closed] > ; supervisor office; quiet; -; -
reject_stated: [underway] > ; supervisor;; mayCheckStated; notTheirOwnWork
remind_due: [registered underway] > ; clerk; quiet; -; -
remind_idle: [underway] > ; clerk; quiet; -; -
remind_review: [underway submitted] > ; clerk; quiet; -; -
reopen: [closed] > underway; supervisor;; -; -
reopen_measure: [underway] > ; handler leader head; changes; -; -
replace_evidence: [registered underway] > ; handler leader head; changes; -; -
report: [registered underway] > underway; handler leader head; changes; -; -
return: [submitted] > underway; supervisor;; mayVerify; notTheirOwnWork
review_standing: [registered underway submitted closed] > ; supervisor office;; -; -
revise: [registered underway] > ; handler leader head office; changes; -; -
revise_measure: [registered underway] > ; handler leader head; changes; -; -
set_date: [registered underway] > ; supervisor office;; undated; -
set_standard: [registered underway] > ; supervisor office; changes; -; -
set_standing: [registered underway submitted closed] > ; supervisor office;; -; -
sign: [underway] > ; handler leader head;; mySignature; -
sign_letter: [registered underway submitted] > ; supervisor office;; -; -
stage: [submitted] > underway; supervisor;; mayVerify; notTheirOwnWork
submit: [underway] > submitted; handler leader head;; gateOpen; -
undo_edit: [registered underway submitted] > ; handler leader head office; changes; -; -
unplan: [underway] > registered; handler leader head office; changes; -; -
unsign: [underway] > ; leader head;; signed; -
urge: [registered underway] > ; supervisor office; quiet; -; -
verify: [submitted] > ; supervisor;; mayVerify; notTheirOwnWork
verify_stated: [underway] > ; supervisor;; mayCheckStated; notTheirOwnWork
void: [registered underway submitted] > voided; supervisor office;; voidingAskedByAnother; askedByAnother
withdraw: [submitted] > underway; leader head;; -; -
withdraw_achievement: [underway closed] > ; handler leader head; changes; -; -
withdraw_extension: [registered underway submitted] > ; handler leader head;; extensionAsked; -
withdraw_letter: [registered underway submitted closed] > ; supervisor office; quiet; -; -
`

// letterTable is who may do what to which letters of their own unit.
const letterTable = `
accept_answer: supervisor: reminder notice guidance supervisor office: talk warning report
acknowledge_letter: head: reminder notice guidance talk warning report
answer_letter: leader head: reminder notice guidance talk warning report
drop_letter: supervisor office: reminder notice guidance talk warning report
reject_answer: supervisor: reminder notice guidance supervisor office: talk warning report
revise_letter: supervisor office: reminder notice guidance talk warning report
sign_letter: supervisor: reminder notice guidance supervisor office: talk warning report
withdraw_letter: supervisor: reminder notice guidance supervisor office: talk warning report
`

// governTable is who may change which part of the register.
const governTable = `
govern_calendar: office
govern_import: handler handler of another unit leader leader of another unit head head of another unit office
govern_jobs: office sysadmin clerk
govern_mail: office sysadmin clerk
govern_rechecks: supervisor office
govern_rounds: office
govern_rules: office
govern_scopes: office
govern_units: office sysadmin
govern_users: sysadmin
govern_webhooks: office sysadmin
hand_over_work: head head of another unit office sysadmin
read_trail: auditor clerk
remove_demo: office sysadmin clerk
`

// workDeeds are the acts that make an item somebody's own work, who did no more than that.
const workDeeds = `add_evidence add_measures ask_extension complete_measure propose_date record_achievement reopen_measure replace_evidence report revise_measure sign submit unsign withdraw withdraw_achievement`

func TestTheRoadIsAsItWasDecided(t *testing.T) {
	unit, other := int64(1), int64(2)
	roles := func(may func(User) bool) string {
		var who []string
		for _, role := range append(Roles(), clerk) {
			u := User{Role: role}
			if role.ofUnit() {
				u.UnitID = &unit
			}
			if may(u) {
				who = append(who, string(role))
			}
			u.UnitID = &other
			if role.ofUnit() && may(u) {
				who = append(who, string(role)+" of another unit")
			}
		}
		if may(User{}) {
			who = append(who, "nobody")
		}
		return strings.Join(who, " ")
	}
	var lines []string
	for _, a := range slices.Sorted(maps.Keys(road)) {
		marks := ""
		if road[a].quiet {
			marks += " quiet"
		}
		if road[a].changes {
			marks += " changes"
		}
		lines = append(lines, fmt.Sprintf("%s: %v > %s; %s;%s; %s; %s", a, road[a].from, road[a].to,
			roles(func(u User) bool {
				return rights[a] != nil && rights[a](u, Item{UnitID: unit, Standard: "全部拨付到位"})
			}), marks, named(needs[a]), named(twoPersons[a])))
	}
	held(t, roadTable, lines)

	lines = nil
	for _, a := range slices.Sorted(maps.Keys(letterRights)) {
		line, last := string(a)+":", ""
		for _, kind := range LetterKinds() {
			who := roles(func(u User) bool { return letterRights[a](u, Letter{UnitID: unit, Kind: kind}) })
			if who != last {
				line += " " + who + ":"
			}
			line, last = line+" "+string(kind), who
		}
		lines = append(lines, line)
	}
	held(t, letterTable, lines)

	lines = nil
	for _, r := range slices.Sorted(maps.Keys(governors)) {
		lines = append(lines, fmt.Sprintf("%s: %s", r, roles(governors[r])))
	}
	held(t, governTable, lines)
	held(t, workDeeds, []string{strings.Join(unitsDeeds, " ")})
}

// named is the name of one of the road's conditions, "" for none.
func named(condition any) string {
	f := reflect.ValueOf(condition)
	if f.IsNil() {
		return "-"
	}
	name := runtime.FuncForPC(f.Pointer()).Name()
	if name = name[strings.LastIndexByte(name, '.')+1:]; strings.HasPrefix(name, "func") {
		return "askedByAnother" // the one function that makes them
	}
	return name
}

// held compares a table, line by line.
func held(t *testing.T, table string, lines []string) {
	t.Helper()
	want := strings.Split(strings.Trim(table, "\n"), "\n")
	for _, line := range lines {
		if !slices.Contains(want, line) {
			t.Errorf("not as it was decided:\n%s", line)
		}
	}
	for _, line := range want {
		if !slices.Contains(lines, line) {
			t.Errorf("was decided, and is not so:\n%s", line)
		}
	}
}
