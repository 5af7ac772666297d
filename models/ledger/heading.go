package ledger

import (
	"duban/models/hanzi"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Field is what a column of a ledger means. Those with a place in the
// register are listed by Fields; the others are known, shown and left out.
type Field string

// The fields that go into the register.
const (
	FieldNumber      Field = "seq"
	FieldTier        Field = "tier_or_topic"
	FieldUnit        Field = "responsible_unit"
	FieldCategory    Field = "category_l1"
	FieldSubcategory Field = "category_l2"
	FieldFocus       Field = "inspection_focus"
	FieldSource      Field = "source"
	FieldSourceNote  Field = "source_detail"
	FieldProblem     Field = "problem"
	FieldDetail      Field = "problem_detail" // 具体表现, below the problem
	FieldStandard    Field = "target"
	FieldRequirement Field = "requirement"
	FieldMeasure     Field = "measure"
	FieldKind        Field = "measure_type"
	FieldLeader      Field = "responsible_leader"
	FieldBranch      Field = "branch_leader"
	FieldMember      Field = "leadership_member"
	FieldDepartment  Field = "responsible_department"
	FieldLead        Field = "lead_department"
	FieldOwner       Field = "owner"
	FieldHandler     Field = "handler"
	FieldMixed       Field = "responsible" // leader, department and owner in one cell
	FieldDeadline    Field = "deadline"
	FieldStanding    Field = "standing_flag"
	FieldNotified    Field = "notified_at" // the row's own day of notice
	FieldFound       Field = "found_at"    // the row's own day of finding
	FieldFeedback    Field = "feedback_at" // the row's own day of feedback
	FieldDone        Field = "done_at"
	FieldProgress    Field = "progress_text"
	FieldStatus      Field = "status"
	FieldRemark      Field = "remark"
)

// The fields that are known and left out: what the register counts for itself,
// and what it has no place for.
const (
	fieldMeasureNumber   Field = "measure_seq"
	fieldCode            Field = "code" // a second number, of another office
	fieldObstacle        Field = "obstacle"
	fieldStart           Field = "start_at"
	fieldPercent         Field = "progress_percent"
	fieldEvidenceCount   Field = "evidence_count"
	fieldEvidence        Field = "evidence"
	fieldRate            Field = "completion_rate"
	fieldCount           Field = "count"
	fieldCountDue        Field = "count_immediate_due"
	fieldCountDone       Field = "count_immediate_done"
	fieldDaysLeft        Field = "days_left"
	fieldVersion         Field = "plan_version"
	fieldUnpublished     Field = "publication_exclusion_text"
	fieldUnpublishedWhy  Field = "publication_exclusion_reason"
	fieldRound           Field = "round"
	fieldTeam            Field = "inspection_team"
	fieldInspectionType  Field = "inspection_type"
	fieldLegalBasis      Field = "legal_basis"
	fieldSeverity        Field = "severity"
	fieldVerify          Field = "verification_method"
	fieldVerified        Field = "verification_result"
	fieldFrequency       Field = "report_frequency"
	fieldWithinWindow    Field = "within_window_flag"
	fieldSecretary       Field = "party_secretary"
	fieldAssistant       Field = "assisting"
	fieldContact         Field = "contact"
	fieldAccountability  Field = "accountability"
	fieldSignature       Field = "signature"
	fieldCause           Field = "cause"
	fieldStandingMeasure Field = "mechanism"
	fieldReply           Field = "reply_by" // until when an answer is due, which is no deadline of the work
	fieldRegister        Field = "register" // the register's own, in what it exports: told, never taken back
	fieldOther           Field = "other"    // of other offices' work: 检查人员, 考核要点
)

// Fields are the fields that go into the register, in the order in which a
// person is asked for them.
func Fields() []Field {
	return []Field{
		FieldNumber, FieldProblem, FieldDetail, FieldTier, FieldUnit, FieldCategory, FieldSubcategory, FieldFocus,
		FieldSource, FieldSourceNote, FieldStandard, FieldRequirement, FieldMeasure, FieldKind, FieldLeader, FieldBranch,
		FieldMember, FieldDepartment, FieldLead, FieldOwner, FieldHandler, FieldMixed, FieldDeadline, FieldStanding,
		FieldNotified, FieldFound, FieldFeedback, FieldDone, FieldProgress, FieldStatus, FieldRemark,
	}
}

// Taken says whether a column of this field goes into the register.
func (f Field) Taken() bool { return slices.Contains(Fields(), f) }

// headingWords are the ways offices write each field, as foldHeading leaves them.
var headingWords = map[Field][]string{
	FieldNumber: {"number", "#", "序号", "编号", "问题编号", "问题序号", "项目编号", "整改编号", "台账编号", "事项编号", "序", "号", "no", "顺序号", "对应问题序号", "对应问题编号", "对应问题", "清单序号", "项目序号", "任务编号"},
	FieldTier: {"tier", "整改巡察专项", "整改专项", "整改类型", "问题类型", "整改类别", "整改层级", "整改分类", "整改方式",
		"三类整改", "整改阶段", "问题阶段", "所属专项", "事项类型"},
	FieldUnit: {"unit", "责任单位", "整改责任单位", "承办单位", "整改单位", "被巡察单位", "被巡察党组织", "被巡察单位名称", "单位", "单位名称",
		"责任党组织", "整改主体", "主责单位", "整改责任主体", "被检查单位", "主体责任单位", "牵头责任单位", "主要责任单位", "责任主体单位", "主办单位", "被巡单位", "落实单位"},
	FieldCategory: {"category", "问题类别", "类别", "类型", "巡视反馈重点方面", "巡察反馈重点方面", "反馈重点方面", "重点方面", "方面", "问题分类", "分类",
		"整改方面", "反馈方面", "问题方面", "领域", "问题领域", "所属领域", "问题归类", "大类", "一级分类", "主要方面", "问题大类"},
	FieldSubcategory: {"巡视反馈重点内容", "巡察反馈重点内容", "反馈重点内容", "重点内容", "小类", "二级分类", "问题小类", "问题子类"},
	FieldFocus:       {"对应聚焦", "对应四聚焦", "四个聚焦", "聚焦", "对应四个聚焦", "三个聚焦", "对应三个聚焦", "聚焦重点"},
	FieldSource:      {"source", "交办来源", "问题来源", "来源", "反馈来源", "线索来源", "巡察反馈来源", "发现来源", "反馈文件"},
	FieldSourceNote:  {"来源详情", "来源说明", "来源文号", "反馈原文出处", "对应反馈意见条目"},
	FieldProblem: {"problem", "issue", "finding", "反馈问题", "巡察反馈问题", "巡视反馈问题", "巡视反馈具体问题", "巡察反馈具体问题", "反馈具体问题", "具体问题", "问题",
		"问题内容", "问题清单", "问题名称", "问题标题", "主要问题", "问题事项", "整改问题", "巡察发现问题", "巡察发现的问题", "发现问题",
		"发现的问题", "发现的主要问题", "巡察指出问题", "指出问题", "反馈意见", "巡察反馈意见", "巡视反馈意见", "反馈意见内容", "反馈的问题",
		"反馈问题清单", "需整改问题", "需整改的问题", "待整改问题", "整改事项", "问题表述", "反馈问题内容", "反馈的具体问题", "巡察反馈的问题",
		"巡察问题", "查摆问题", "自查问题", "立行立改问题", "即知即改问题", "问题点", "隐患问题", "事项名称", "整改任务", "巡察反馈问题清单", "问题点位", "整改问题清单", "问题简述", "存在差距", "存在不足", "不足之处", "问题概况", "反馈事项", "巡察反馈事项", "问题情况", "差距和不足"},
	FieldDetail: {"具体表现", "问题具体表现", "主要表现", "问题表现", "表现形式", "问题描述", "情况描述", "问题详情", "问题说明", "具体情形", "具体情况", "具体内容", "突出表现", "问题概述", "具体问题表现"},
	FieldStandard: {"standard", "target", "整改目标", "整改落实目标", "整改标准", "销号标准", "验收标准", "完成标准", "目标", "预期目标", "预期成效", "目标要求",
		"整改验收标准", "整改完成标准", "达标要求", "预期效果", "工作目标", "销号条件"},
	FieldRequirement: {"整改要求", "要求", "工作要求", "整改意见", "整改建议", "巡察建议", "意见建议"},
	FieldMeasure: {"measure", "measures", "action", "actions", "整改措施", "整改举措", "具体措施", "具体整改措施", "整改具体措施", "措施", "整改计划", "任务内容", "工作措施", "主要措施",
		"整改任务措施", "整改措施清单", "措施清单", "任务清单", "整改任务清单", "整改工作措施", "整改办法", "整改方案", "拟采取措施", "拟采取的措施", "举措",
		"工作举措", "具体举措", "工作任务", "具体任务", "任务", "下一步措施", "整改思路", "整改对策", "整改落实措施", "整改措施内容", "近期措施", "具体整改举措", "主要任务", "重点任务", "措施内容", "具体措施内容", "任务措施", "整改工作任务", "整改举措清单", "改进措施", "工作打算"},
	FieldKind:   {"措施类型", "措施类别", "措施分类", "整改措施类型"},
	FieldLeader: {"leader", "responsibleleader", "责任领导", "牵头领导", "责任班子成员", "包抓领导", "主责领导", "包保领导", "领导", "牵头责任领导", "整改责任领导", "牵头班子成员", "县级领导", "挂牌领导", "牵头负责人", "第一责任领导", "牵头校领导", "责任校领导", "领办领导", "领衔领导", "领办负责人", "牵头领办领导", "包案领导"},
	FieldBranch: {"分管领导", "主管领导", "分管负责人", "分管班子成员", "分管责任领导"},
	FieldMember: {"领导班子成员", "班子成员"},
	FieldDepartment: {"department", "责任部门", "责任科室", "责任处室", "责任股室", "责任科室(部门)", "责任部门(科室)", "责任科(室)", "承办部门", "承办科室", "承办处室",
		"主责部门", "主办部门", "主办科室", "部门", "科室", "处室", "股室", "责任部室", "责任站所", "具体责任部门", "具体责任科室", "整改部门", "责任处(科)室",
		"责任处室(单位)", "整改责任部门", "配合责任部门", "责任科所", "责任中心"},
	FieldLead: {"牵头委室", "牵头部门", "牵头处室", "牵头科室", "牵头单位", "整体牵头部门", "牵头股室", "牵头责任部门", "主要责任部门"},
	FieldOwner: {"owner", "owners", "responsibleperson", "责任人", "具体责任人", "负责人", "整改责任人", "直接责任人", "责任人员", "部门负责人", "科室负责人", "责任人姓名", "具体负责人",
		"直接负责人", "责任人及职务", "主要责任人", "整改负责人", "落实责任人", "部门责任人", "主体责任人", "责任人(职务)"},
	FieldHandler: {"handler", "经办人", "问题整改主办人", "主办人", "承办人", "具体经办人", "经办人员", "承办人员", "具体承办人", "工作人员", "整改经办人", "具体落实人", "落实人"},
	FieldMixed:   {"责任分工", "责任落实", "责任主体", "责任清单", "整改责任", "任务分工", "责任", "责任体系", "分工", "责任分工清单", "责任明细"},
	FieldDeadline: {"deadline", "duedate", "due", "dueon", "整改时限", "整改期限", "完成时限", "截止日期", "截止时间", "预计完成时间", "计划完成时间", "拟完成时间", "拟定时限", "时限要求", "时限", "期限",
		"完成期限", "整改完成时限", "整改完成期限", "办理时限", "办结时限", "整改时间", "整改时间节点", "时间节点", "时间要求", "整改时限要求", "要求完成时间", "要求完成时限",
		"计划完成时限", "预计完成时限", "整改截止时间", "整改截止日期", "限期", "时间安排", "整改进度安排", "拟整改时限", "目标完成时间", "限定时间", "整改到位时限", "计划整改时间", "进度安排", "整改限期", "最后期限", "应完成时间", "计划完成日期", "预计完成日期", "应完成日期", "到期日", "时限清单", "整改时间表", "整改到位时间", "整改到位日期", "限期整改期限", "整改时限清单", "时间表", "整改完成时限要求"},
	fieldRegister: {"读作日期", "首次确定日", "对账销号日", "期限灯", "understoodas", "firstdeadline", "closedon", "light"},
	FieldStanding: {"是否常态化坚持", "是否长期坚持", "长期坚持", "是否长期整改", "是否常态化"},
	FieldNotified: {"通知时间", "通知日期", "交办时间", "交办日期", "下发时间", "移交时间", "整改通知时间", "立行立改通知时间"},
	FieldFound:    {"发现时间", "发现日期", "检查时间", "检查日期", "问题发现时间", "自查时间"},
	FieldDone:     {"实际完成时间", "实际完成日期", "办结时间", "办结日期", "销号时间", "销号日期", "整改完成日期", "实际整改完成时间", "实际办结时间", "完成时间(实际)", "实际销号时间"},
	FieldProgress: {"progress", "整改进展", "进展情况", "整改描述", "整改进展情况", "工作进展", "最新进展", "目前进展", "当前进展", "具体问题整改落实情况(原文)", "问题完成情况概述",
		"工作进展情况", "进展", "整改工作进展", "落实情况", "整改落实情况", "整改情况", "推进情况", "目前整改情况", "目前整改进展", "整改工作情况", "阶段性成效", "整改成效", "取得成效",
		"工作成效", "整改效果", "整改进度", "进度", "工作推进情况", "整改工作落实情况", "具体整改情况", "整改进展及成效", "整改措施落实情况", "措施落实情况", "目前进展情况", "当前进展情况", "整改推进情况",
		"整改情况说明", "整改结果描述", "进展成效", "已完成情况", "已采取措施", "已采取的措施", "办理情况", "整改具体情况", "序时进度", "成效清单", "完成情况及佐证", "完成情况及佐证材料", "完成情况说明", "进展清单", "整改成效清单"},
	FieldStatus: {"status", "状态", "整改状态", "是否完成", "是否完成整改", "是否整改到位", "是否整改", "是否整改完成", "是否销号", "完成状态", "当前状态", "是否办结", "办理状态", "销号情况", "是否已完成", "是否到位", "整改完成与否", "进展状态"},
	FieldRemark: {"remarks", "remark", "notes", "备注", "说明", "备注说明", "备考", "其他", "其他说明", "其它"},

	fieldMeasureNumber:   {"措施序号", "措施编号", "任务序号"},
	fieldObstacle:        {"存在困难", "困难问题", "存在的困难", "存在困难和问题", "存在的困难和问题", "存在困难及问题", "困难及建议", "未完成原因", "未整改原因", "未完成整改原因", "存在的主要困难", "未到位原因", "困难和问题", "整改难点"},
	fieldStart:           {"开始时间", "启动时间", "开始日期", "启动日期", "起始时间", "登记时间", "录入时间", "登记日期"},
	fieldPercent:         {"整改进度%", "进度%", "完成百分比", "完成进度%", "整改进度(%)", "进度(%)", "完成比例"},
	fieldEvidenceCount:   {"附件数量", "附件数", "佐证材料数量", "佐证数量"},
	fieldEvidence:        {"佐证材料", "佐证", "附件", "整改佐证", "证明材料", "支撑材料", "印证材料", "佐证资料", "佐证材料清单", "材料清单"},
	fieldRate:            {"完成率", "整改率", "整改完成率", "办结率"},
	fieldCount:           {"问题数", "问题总数", "问题数量", "整改数", "已整改数", "未整改数", "应整改数", "措施数", "完成数"},
	fieldCountDue:        {"立行立改应整改数"},
	fieldCountDone:       {"立行立改已整改数"},
	fieldDaysLeft:        {"剩余天数", "超期天数", "逾期天数", "倒计时", "剩余时间", "daysoverdue"},
	fieldVersion:         {"版本", "版本号"},
	fieldUnpublished:     {"具体问题(拟不公开)"},
	fieldUnpublishedWhy:  {"拟不公开理由", "不公开理由"},
	fieldRound:           {"轮次", "巡察轮次", "批次", "巡察批次", "检查批次"},
	fieldTeam:            {"巡察组", "巡视组", "检查组"},
	fieldInspectionType:  {"巡察类型", "巡视类型", "巡察方式"},
	fieldLegalBasis:      {"法规依据", "依据", "政策依据", "制度依据", "定性依据"},
	fieldSeverity:        {"严重度", "严重程度", "风险等级", "难易程度", "难度", "问题等级"},
	fieldVerify:          {"验证方式", "验收方式", "核验方式"},
	fieldVerified:        {"复查结果", "验收结果", "核查结果", "复核结果", "核验结果", "审核意见", "验收情况", "验收意见", "复查情况", "复查结论", "验收结论", "核查结论", "复查意见", "验收结果及意见"},
	fieldFrequency:       {"反馈频率", "报送频率", "调度频率"},
	fieldWithinWindow:    {"是否集中整改期完成", "是否集中整改期内完成"},
	fieldSecretary:       {"党组织主要责任人", "党组织书记", "第一责任人", "党组织主要负责人", "主要负责人"},
	fieldAssistant:       {"配合单位", "配合部门", "协助单位", "协办单位", "协办部门", "责任配合部门", "配合科室", "协同部门", "参与单位", "参与部门", "配合领导", "协助领导", "配合人员", "配合处室"},
	fieldContact:         {"联系人", "联系电话", "联系方式", "电话", "责任人邮箱", "邮箱", "手机"},
	fieldAccountability:  {"问责情况", "追责问责情况", "追责问责", "处理情况", "问责处理情况"},
	fieldSignature:       {"签字", "签名", "责任人签字", "领导签字", "销号签字", "审核人", "填表人"},
	fieldCause:           {"原因分析", "问题原因", "产生原因", "问题成因", "原因"},
	fieldReply:           {"回复期限", "答复期限", "反馈期限"},
	FieldFeedback:        {"反馈时间", "反馈日期", "巡察反馈时间", "巡察反馈日期", "意见反馈时间"},
	fieldOther:           {"检查人员", "检查人", "考核要点", "考核内容", "考核标准", "分值", "得分", "巡察人员", "核查人员", "复查人员", "验收人员"},
	fieldStandingMeasure: {"长效机制", "建章立制", "制度成果", "建章立制情况", "完善制度", "制度建设", "长效措施"},
}

// asked are the headings that mean one thing in one ledger and another in the
// next. The first that no other column of the table has is proposed, and a person
// is asked.
var asked = map[string][]Field{
	"存在问题":    {FieldProblem, fieldObstacle},
	"存在的问题":   {FieldProblem, fieldObstacle},
	"存在主要问题":  {FieldProblem, fieldObstacle},
	"存在的主要问题": {FieldProblem, fieldObstacle},
	"整改内容":    {FieldProblem, FieldMeasure},
	"内容":      {FieldProblem, FieldMeasure},
	"整改事宜":    {FieldProblem, FieldMeasure},
	"完成时间":    {FieldDeadline, FieldDone},
	"整改完成时间":  {FieldDeadline, FieldDone},
	"完成日期":    {FieldDeadline, FieldDone},
	"完成情况":    {FieldStatus, FieldProgress},
	"整改完成情况":  {FieldStatus, FieldProgress},
	"整改结果":    {FieldProgress, FieldStatus},
	"办理结果":    {FieldProgress, FieldStatus},
	"结果":      {FieldProgress, FieldStatus},
	"答复时限":    {fieldReply, FieldDeadline},
	"回复时限":    {fieldReply, FieldDeadline},
	"反馈时限":    {fieldReply, FieldDeadline},
	"报送时限":    {fieldReply, FieldDeadline},
}

// instead are fields whose heading steps back when another column of the table
// says the same more plainly: 整改任务 is the problem, but beside a problem it is
// what is done about it.
var instead = map[string][]Field{
	"整改任务": {FieldProblem, FieldMeasure, FieldStandard},
	"整改事项": {FieldProblem, FieldMeasure},
	"反馈意见": {FieldProblem, FieldSource},
	"整改方案": {FieldMeasure, FieldStandard},
	"问题类型": {FieldTier, FieldCategory},
	"整改类型": {FieldTier, FieldCategory},
	"整改类别": {FieldTier, FieldCategory},
	"整改分类": {FieldTier, FieldCategory},
	"整改进度": {FieldProgress, FieldStatus},
	"进度":   {FieldProgress, FieldStatus},
}

// endings are how headings end that the table does not have, the longer before
// the shorter. What is known by its ending is marked as guessed.
var endings = []struct {
	end   string
	field Field
}{
	{"责任领导", FieldLeader}, {"牵头领导", FieldLeader}, {"分管领导", FieldBranch}, {"领导", FieldLeader}, {"班子成员", FieldMember},
	{"剩余天数", fieldDaysLeft}, {"天数", fieldDaysLeft}, {"签字", fieldSignature}, {"联系人", fieldContact}, {"电话", fieldContact},
	{"经办人", FieldHandler}, {"主办人", FieldHandler}, {"承办人", FieldHandler}, {"责任人", FieldOwner}, {"负责人", FieldOwner},
	{"责任部门", FieldDepartment}, {"牵头部门", FieldLead}, {"部门", FieldDepartment}, {"科室", FieldDepartment}, {"处室", FieldDepartment},
	{"股室", FieldDepartment}, {"部室", FieldDepartment}, {"牵头单位", FieldLead}, {"责任单位", FieldUnit}, {"单位名称", FieldUnit},
	{"措施落实情况", FieldProgress}, {"落实情况", FieldProgress}, {"进展情况", FieldProgress}, {"整改情况", FieldProgress}, {"进展", FieldProgress}, {"成效", FieldProgress},
	{"措施", FieldMeasure}, {"举措", FieldMeasure}, {"状态", FieldStatus}, {"完成情况", FieldStatus},
	{"问题清单", FieldProblem}, {"具体问题", FieldProblem}, {"反馈问题", FieldProblem}, {"的问题", FieldProblem}, {"问题", FieldProblem},
	{"具体表现", FieldDetail}, {"表现", FieldDetail}, {"类别", FieldCategory}, {"分类", FieldCategory}, {"方面", FieldCategory}, {"领域", FieldCategory},
	{"来源", FieldSource}, {"标准", FieldStandard}, {"目标", FieldStandard}, {"备注", FieldRemark}, {"材料", fieldEvidence}, {"附件", fieldEvidence},
	{"序号", FieldNumber}, {"编号", FieldNumber}, {"完成率", fieldRate}, {"率", fieldRate}, {"总数", fieldCount}, {"数量", fieldCount},
}

// times are what a heading of a day means by the words in it, the first that fits: who
// did what on it comes before until when. A heading is of a day when it ends in one of
// timeEnds.
var times = []struct {
	words []string
	field Field
}{
	{[]string{"通知", "交办", "下发", "移交", "转办", "派发", "派单", "印发"}, FieldNotified},
	{[]string{"复查", "验收", "核查", "核验", "复核", "回头看", "审核", "督查", "抽查"}, fieldVerified},
	{[]string{"实际", "已完成", "已整改"}, FieldDone},
	{[]string{"答复", "回复", "报送"}, fieldReply},
	{[]string{"计划", "预计", "预期", "拟", "要求", "应", "目标", "限", "截止", "最迟", "最晚"}, FieldDeadline},
	{[]string{"办结日", "办结时间", "销号时间", "销号日"}, FieldDone},
	{[]string{"发现", "检查", "自查", "巡查"}, FieldFound},
	{[]string{"开始", "启动", "登记", "录入", "填报", "填表", "更新", "上报", "创建", "起始", "起草", "制表", "统计"}, fieldStart},
	{[]string{"剩余", "逾期", "超期"}, fieldDaysLeft},
	{[]string{"反馈时间", "反馈日期"}, FieldFeedback},
	{[]string{"到位", "节点", "完成", "整改", "办结", "销号", "措施", "任务", "到期", "最终"}, FieldDeadline},
}

var timeEnds = []string{"时间", "日期", "时限", "期限", "时间表", "时限表", "时间节点", "时限清单", "时间清单", "期限清单", "时间要求", "时限要求", "时间安排", "截止日", "完成日", "到期日", "截止"}

// timeHeading reads a heading of a day or a length of time.
func timeHeading(key string) (Field, bool) {
	if !slices.ContainsFunc(timeEnds, func(end string) bool { return strings.HasSuffix(key, end) }) {
		return "", false
	}
	for _, t := range times {
		if slices.ContainsFunc(t.words, func(word string) bool { return strings.Contains(key, word) }) {
			return t.field, true
		}
	}
	return "", false
}

// assisting begins the headings of those who only help.
var assisting = []string{"配合", "协助", "协办", "协同", "参与"}

// headingField is the table turned round.
var headingField = func() map[string]Field {
	byName := map[string]Field{}
	for field, names := range headingWords {
		for _, name := range names {
			byName[name] = field
		}
	}
	return byName
}()

// longestName is how many characters a text has at most that is a known heading, with
// (可不填) behind it.
var longestName = func() (longest int) {
	for name := range headingField {
		longest = max(longest, utf8.RuneCountInString(name))
	}
	for name := range asked {
		longest = max(longest, utf8.RuneCountInString(name))
	}
	return longest + 10
}()

// FoldHeading is a heading without what differs from office to office: white
// space and line breaks, full-width letters, traditional characters, stars, the numbers before and the
// colon after it. A person's choice for a column is remembered by it.
func FoldHeading(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	for _, r := range text {
		if '一' <= r && r <= '龥' { // nearly all
			out.WriteRune(hanzi.Simplified(r))
			continue
		}
		r = halfWidth(r)
		if unicode.IsSpace(r) || strings.ContainsRune("★☆*※▲△●○■□◆◇\"'“”", r) || unseen(r) {
			continue
		}
		out.WriteRune(unicode.ToLower(r))
	}
	folded := strings.TrimRight(out.String(), ":.。;")
	for _, note := range []string{"(必填)", "(必填项)", "(选填)", "(可不填)"} {
		folded = strings.ReplaceAll(folded, note, "")
	}
	if i := strings.IndexAny(folded, ".、"); i > 0 && i <= 2 && strings.Trim(folded[:i], "0123456789") == "" {
		folded = strings.TrimLeft(folded[i:], ".、")
	}
	return folded
}

// sameHeading says whether a text is a heading again. A long text is none, and need not be
// folded to know it.
func sameHeading(text, heading string) bool {
	if text == heading {
		return true
	}
	return len(text) <= 4*len(heading)+64 && FoldHeading(text) == FoldHeading(heading)
}

// halfWidth is the ASCII of a full-width letter, digit or mark.
func halfWidth(r rune) rune {
	switch {
	case '！' <= r && r <= '～':
		return r - '！' + '!'
	case r == '　':
		return ' '
	case r == '〔', r == '【':
		return '('
	case r == '〕', r == '】':
		return ')'
	}
	return r
}

// headingReading is what a heading by itself says.
type headingReading struct {
	field   Field
	ask     []Field // any of these; the first is proposed
	parts   []Field // of a mixed column, in the order the heading names them
	steps   []Field // what to be when another column has the field
	guessed bool
}

// readHeading reads a heading, as FoldHeading folds it.
func readHeading(key string) (h headingReading, ok bool) {
	if key == "" || utf8.RuneCountInString(key) > 24 {
		return h, false
	}
	if h, ok = namedHeading(key); ok {
		return h, true
	}
	if bare := withoutBrackets(key); bare != key {
		if h, ok = namedHeading(bare); ok {
			return h, true
		}
		key = bare
	}
	for _, begin := range assisting {
		if strings.HasPrefix(key, begin) {
			return headingReading{field: fieldAssistant, guessed: true}, true
		}
	}
	if h, ok = jointHeading(key); ok {
		return h, true
	}
	if field, ok := timeHeading(key); ok {
		return headingReading{field: field, guessed: true}, true
	}
	for _, e := range endings {
		if strings.HasSuffix(key, e.end) && utf8.RuneCountInString(key) <= 12 {
			return headingReading{field: e.field, guessed: true}, true
		}
	}
	return h, false
}

// isHeading says of a cell that all it says is the name of a column.
func isHeading(text string) bool {
	han := 0 // folding leaves at most one mark of one or two characters out of them
	for _, r := range text {
		if '一' <= r && r <= '龥' {
			if han++; han > longestName {
				return false
			}
		}
	}
	key := FoldHeading(text)
	_, ok := namedHeading(key)
	return ok && utf8.RuneCountInString(key) > 1
}

func namedHeading(key string) (h headingReading, ok bool) {
	if ask := asked[key]; ask != nil {
		return headingReading{field: ask[0], ask: ask}, true
	}
	field, ok := headingField[key]
	return headingReading{field: field, steps: instead[key]}, ok
}

// jointHeading reads two or three headings in one: 责任领导及责任人, 责任部门/责任人.
// Those who answer are told apart cell by cell; of others the first is meant.
func jointHeading(key string) (h headingReading, ok bool) {
	parts := strings.FieldsFunc(key, func(r rune) bool { return strings.ContainsRune("及和与/、,，&|;+", r) })
	if len(parts) < 2 {
		return h, false
	}
	people := []Field{FieldLeader, FieldBranch, FieldMember, FieldDepartment, FieldLead, FieldOwner, FieldHandler, FieldUnit}
	for i, part := range parts {
		one, known := namedHeading(part)
		if !known && len(h.parts) == i && !strings.HasPrefix(part, "责任") {
			one, known = namedHeading("责任" + part) // 责任领导、部门、人
		}
		if known && slices.Contains(people, one.field) && len(h.parts) == i {
			h.parts = append(h.parts, one.field)
		}
		if known && h.field == "" {
			h.field, h.ask = one.field, one.ask
		}
	}
	if len(h.parts) == len(parts) {
		same := true
		for _, p := range h.parts {
			same = same && p == h.parts[0]
		}
		if !same {
			return headingReading{field: FieldMixed, parts: h.parts}, true
		}
	}
	h.parts, h.guessed = nil, true
	return h, h.field != ""
}

func withoutBrackets(key string) string {
	for {
		open := strings.IndexByte(key, '(')
		if open < 0 {
			return key
		}
		end := strings.IndexByte(key[open:], ')')
		if end < 0 {
			return key[:open]
		}
		key = key[:open] + key[open+end+1:]
	}
}
