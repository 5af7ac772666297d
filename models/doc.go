// Package models is the register of rectification itself: the ledger, its
// deadlines, its trail, and who may see and do what. It knows nothing of the web,
// of mail, or of any human language. A Board is the register as one person sees
// it; every change of an item passes its one door, act.
//
// # Glossary
//
// The words of the field, and the one English word each has here. A file, a
// table, an address and a style class of the same stem belong to each.
//
//	巡察        inspection     a party committee's inspection of its units
//	巡察批次    round          one inspection campaign, with its team and dates
//	单位        unit           an inspected unit
//	整改        rectification  putting right what was found
//	登记事项    registration   one item that somebody types into the ledger
//	整改台账    ledger         the register as a sheet
//	表头        heading        what a column of a ledger is called
//	台账序号    ledger number  a unit's own number of an item
//	事项、问题  item           one problem to be put right
//	问题表述    problem        its text, in the inspectors' own words
//	销号标准    standard       what must be there to strike it off
//	整改措施    measure        one thing that is done about an item
//	整改进展    progress       what was done, in the unit's words
//	佐证        evidence       what shows that it was done: a file, a number, a note
//	表单草稿    form draft     what a person typed into a form and has not sent, theirs alone
//	文件库      vault          where the bytes of files are, a folder or an S3 store
//	文件种类    document       what a file is by what it holds, whatever its name says
//	责任领导    leader         牵头领导: the leader who answers for an item
//	经办人      handler        the clerk who does the work
//	第一责任人  head           the unit's party secretary
//	督办        supervisor     纪工委, 党群工作部
//	巡察办      office         the inspection office
//	主管领导    principal      the committee's leadership
//	即知即改    immediate      tier JZ: found by the unit, before the inspection
//	立行立改    on-the-spot    tier LX: found during the inspection
//	反馈整改    post-feedback  tier FK: given in the feedback
//	整改时限    deadline       phrase as typed, and day as understood
//	到期日      due            the day; due today is not overdue today
//	长期坚持    standing       a flag beside the date, with a next review day
//	超期        overdue        the day has passed with the work still open
//	检索        words          what items are looked for by, folded, with its pairs indexed
//	清点        census         what figures are counted from, in memory
//	低水位      low water      up to which event of the trail all are there
//	存档        night          what stood at the end of a day, recorded in its night
//	临期        soon           within the tier's warning days
//	待启动      registered     status: no measures yet
//	整改中      underway       status: being put right
//	本周要办    duty           what a unit is to see to this week, and why
//	待我审核    review         what waits for a supervisor's own word, by category
//	待审核      submitted      status: handed in; the unit's clock stands still
//	已销号      closed         status: struck off
//	申请销号    submission     the unit hands an item in
//	提交门槛    gate           what must be there before an item is handed in
//	审签        signature      handler, leader and head sign what is handed in; the head's is a pledge
//	核验        verification   a supervising body's verdict on a submission
//	阶段性成效  stage          a verdict: something was reached, and it goes on, standing
//	退回        return         the supervisor sends it back, with a reason
//	延期        extension      another date, asked for in time and decided by a supervisor
//	重新打开    reopen         a closed item is in hand again, with a new date
//	作废        void           off the road, by two persons; kept, and counted nowhere
//	责任分工    assignment     who answers for an item, and who assists
//	成果        achievement        rules made, money recovered, people held to account
//	销号        closure        striking an item off
//	期限灯      light          colour, shape and words for where an item stands
//	未更新      idle           no progress for some days
//	规则        rule           a number or choice of the place, kept in the database
//	督办范围    scope          what of the ledger a supervisor is assigned to
//	回头看      recheck        a closed item, drawn at random and checked again
//	抽取        draw           choosing them, so that anyone can repeat it
//	移交        handover       open work given to a successor
//	周报        digest         the weekly mail
//	提醒        reminder       the daily merged mail
//	台账载明已完成  stated     an old ledger says that it is done; nobody has checked it here
//	催办        urging         a supervisor has those who answer for items reminded now
//	督办阶梯    ladder         the letters in their order, each from so many days overdue
//	督办文书    letter         a rung of the ladder, about items of one unit, signed by a person
//	签收        acknowledgement  the unit's head has the letter, and when
//	答复        answer         what the unit writes back; the supervisor judges it
//	通报        bulletin       a round's figures and tables, as a Word file
//	故障        trouble        what did not go as it should, for the administrators
//	通知        notice         that somebody must be told
//	免打扰      quiet          hours and days on which nobody is told anything
//	退订        leave          no more mail about what is no duty
//	日历订阅    feed           a person's secret calendar address
//	群机器人    webhook        a chat group's robot, told each morning what is late
//	发件箱      mail           a message in the outbox, written with the deed that calls for it
//	定时任务    job            what is done at set hours; a run is one tick of it
//	单元格      cell           what of an item stands in one cell of the ledger's page
//	导入        import         a ledger taken in from a sheet
//	导出        export         the ledger handed out as a sheet
//	留痕        event          one line of the trail
//	记录        record         an event in its canonical bytes, which are hashed
//	签名检查点  checkpoint     the signed head of the trail's tree
//	工作日历    calendar       working days, with make-up days 调休
//	演示数据    demo           demonstration data, marked and removable
package models

import (
	"duban/models/day"
	"duban/models/deadline"
)

// The words of the leaves that the whole house speaks: they go by one name here as
// there.
type (
	Day      = day.Day
	Calendar = day.Calendar
	Tier     = deadline.Tier
)

// The three tiers.
const (
	Immediate    = deadline.Immediate    // 即知即改
	OnTheSpot    = deadline.OnTheSpot    // 立行立改
	PostFeedback = deadline.PostFeedback // 反馈整改
)
