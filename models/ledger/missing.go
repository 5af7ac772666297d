package ledger

import (
	"regexp"
	"slices"
	"strings"
)

// What a ledger should have and has not, and whose it says it is.

// sayMissing says of each table what it has no column of: nobody should look for a
// date that the ledger never had, or for measures that stand in a column nobody took.
func (r *ledgerReader) sayMissing() {
	for n := range r.out.Tables {
		t := &r.out.Tables[n]
		if !t.hasProblem() {
			continue
		}
		items, dated, measured := 0, false, false
		for _, item := range r.out.Items {
			if item.Table != n {
				continue
			}
			items++
			dated = dated || item.Deadline.Phrase != "" || item.Deadline.Standing
			for _, m := range item.Measures {
				measured = true
				dated = dated || m.Deadline.Phrase != "" || m.Deadline.Standing
			}
		}
		has := func(f Field) bool {
			return slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Field == f || slices.Contains(c.Ask, f) })
		}
		note := func(weight, key string) {
			r.out.Notes = append(r.out.Notes, CellProblem{Weight: weight, Sheet: t.Sheet, Row: t.Headings[0], Key: key, Args: []any{t.Sheet}})
		}
		if items > 0 && !dated && !has(FieldDeadline) {
			note(Remark, "ledger.note.no_deadline_column")
		}
		if said := slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Chosen }); items > 0 && !measured && has(FieldDeadline) && !has(FieldMeasure) {
			if said {
				note(Remark, "ledger.note.no_measure_column")
			} else {
				note(Question, "ledger.note.no_measure_column")
			}
		}
	}
}

// titleUnit is the unit that a title names before what it is a ledger of: 新经济局巡察反馈问题整改台账.
var titleUnit = regexp.MustCompile(`^(?:附件\d*[:：]?|关于|中共)?([\p{Han}]{2,20}?(?:局|委员会|镇|乡|街道|街道办事处|公司|集团|学校|小学|中学|学院|大学|医院|法院|检察院|管委会|研究院|社区|村|中心))(?:党组|党委|党工委|党总支|党支部|机关)?(?:关于|落实|对|巡察|巡视|整改|反馈|问题|立行立改|即知即改|\d|$)`)

// unitIn is the unit that a title or a label names: one of the register, the longest
// where several are in it, else what is called like one.
func (r *ledgerReader) unitIn(text string) string {
	unit := ""
	for _, name := range r.in.Known.Units {
		if strings.Contains(text, name) && len(name) > len(unit) {
			unit = name
		}
	}
	if unit == "" {
		if m := titleUnit.FindStringSubmatch(strings.ReplaceAll(text, " ", "")); m != nil {
			unit = m[1]
		}
	}
	return unit
}

// sayOtherUnit says that a line beside the table names another unit than the one whose
// ledger it was said to be.
func (r *ledgerReader) sayOtherUnit(v *rowView, text string) {
	unit := r.unitIn(text)
	if r.in.Unit == "" || unit == "" || strings.Contains(text, r.in.Unit) || strings.Contains(r.in.Unit, unit) {
		return
	}
	p := CellProblem{Weight: Question, Row: v.n, Field: FieldUnit, Key: "ledger.note.other_unit", Args: []any{unit, r.in.Unit}}
	if !slices.ContainsFunc(r.out.Notes, func(n CellProblem) bool { return n.Key == p.Key && n.Args[0] == p.Args[0] }) {
		r.out.Notes = append(r.out.Notes, p)
	}
}

// unitOfTable is the unit whose table it is when nobody said: of the register, by the
// sheet's name or the title.
func (t *tableReader) unitOfTable() string {
	for _, text := range []string{t.sheet.name, t.out.Tables[t.table].Title} {
		if unit := t.unitIn(text); slices.Contains(t.in.Known.Units, unit) {
			return unit
		}
	}
	return ""
}
