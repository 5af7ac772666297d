package models

// LedgerField is what a column of a ledger means. The names are those of the
// table of headings; LedgerFields lists those that have a place in the register.
type LedgerField string

// The fields that go into the register.
const (
	FieldNumber      LedgerField = "seq"
	FieldTier        LedgerField = "tier_or_topic"
	FieldUnit        LedgerField = "responsible_unit"
	FieldCategory    LedgerField = "category_l1"
	FieldSubcategory LedgerField = "category_l2"
	FieldFocus       LedgerField = "inspection_focus"
	FieldSource      LedgerField = "source"
	FieldSourceNote  LedgerField = "source_detail"
	FieldProblem     LedgerField = "problem"
	FieldDetail      LedgerField = "problem_detail" // 具体表现, below the problem
	FieldStandard    LedgerField = "target"
	FieldRequirement LedgerField = "requirement"
	FieldMeasure     LedgerField = "measure"
	FieldKind        LedgerField = "measure_type"
	FieldLeader      LedgerField = "responsible_leader"
	FieldBranch      LedgerField = "branch_leader"
	FieldDepartment  LedgerField = "responsible_department"
	FieldLead        LedgerField = "lead_department"
	FieldOwner       LedgerField = "owner"
	FieldHandler     LedgerField = "handler"
	FieldMixed       LedgerField = "responsible" // leader, department and owner in one cell
	FieldDeadline    LedgerField = "deadline"
	FieldStanding    LedgerField = "standing_flag"
	FieldNotified    LedgerField = "notified_at" // the row's own notice day
	FieldDone        LedgerField = "done_at"
	FieldProgress    LedgerField = "progress_text"
	FieldStatus      LedgerField = "status"
	FieldRemark      LedgerField = "remark"
)
