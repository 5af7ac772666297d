package ledger

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var canonical = regexp.MustCompile(`^[a-z_0-9]+`)

func TestEveryHeadingOfTheTableMeansWhatItSays(t *testing.T) {
	content, err := os.ReadFile("testdata/headings.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")[1:]
	if len(lines) < 60 {
		t.Fatalf("only %d headings", len(lines))
	}
	for _, line := range lines {
		heading, says, _ := strings.Cut(line, "\t")
		h, ok := readHeading(FoldHeading(heading))
		switch {
		case !ok:
			t.Errorf("%s is not known", heading)
		case strings.Contains(says, "ambiguous"):
			for _, word := range []Field{FieldProblem, FieldMeasure, fieldObstacle} {
				if strings.Contains(says, string(word)) != slices.Contains(h.ask, word) {
					t.Errorf("%s is asked about as %v, the table says %s", heading, h.ask, says)
				}
			}
		case string(h.field) != canonical.FindString(says) || h.ask != nil || h.guessed:
			t.Errorf("%s is %+v, the table says %s", heading, h, says)
		}
		if strings.Contains(says, "derived") && h.field.Taken() {
			t.Errorf("%s is counted by the register itself and must not be taken", heading)
		}
	}
}

func TestHeadingsAsOfficesWriteThem(t *testing.T) {
	tests := map[string]Field{
		"序  号": FieldNumber, "编号": FieldNumber, "NO.": FieldNumber, "★问题清单": FieldProblem, "反馈\n问题": FieldProblem,
		"巡察反馈\r\n的问题（必填）": FieldProblem, "具体表现": FieldDetail, "整改举措": FieldMeasure, "具体整改\n措施": FieldMeasure,
		"完成时限（年/月/日）": FieldDeadline, "时限要求": FieldDeadline, "整改时限：": FieldDeadline, "预计整改到位时限": FieldDeadline,
		"牵头领导": FieldLeader, "分管领导": FieldBranch, "牵头校领导": FieldLeader, "责任科（室）": FieldDepartment, "责任业务科室": FieldDepartment,
		"责任人": FieldOwner, "具体责任人": FieldOwner, "责任人（职务）": FieldOwner, "经办人": FieldHandler, "备注": FieldRemark, "备　注": FieldRemark,
		"责任领导及责任人": FieldMixed, "责任部门/责任人": FieldMixed, "责任领导、部门、责任人": FieldMixed, "牵头部门、牵头部门": FieldLead,
		"是否完成（是/否）": FieldStatus, "整改进展情况（截至7月底）": FieldProgress, "1.问题": FieldProblem, "整改措施及完成时限": FieldMeasure,
		"配合单位": fieldAssistant, "协助科室": fieldAssistant, "实际完成时间": FieldDone, "【整改措施】": "", "％": "", "张三": "", "合计": "",
		"整改率": fieldRate, "问题总数": fieldCount, "联系电话": fieldContact, "整改进度（％）": fieldPercent,
	}
	for heading, want := range tests {
		if h, _ := readHeading(FoldHeading(heading)); h.field != want {
			t.Errorf("%q is %q, want %q", heading, h.field, want)
		}
	}
}

func TestAHeadingStandsOnceInTheTable(t *testing.T) {
	seen := map[string]Field{}
	for field, names := range headingWords {
		for _, name := range names {
			if FoldHeading(name) != name {
				t.Errorf("%s is never looked up: it is folded to %s", name, FoldHeading(name))
			}
			if other, twice := seen[name]; twice {
				t.Errorf("%s is %s and %s", name, field, other)
			}
			seen[name] = field
		}
	}
	for name := range asked {
		if field, twice := seen[name]; twice {
			t.Errorf("%s is asked about and is %s", name, field)
		}
	}
	for name, steps := range instead {
		if seen[name] != steps[0] {
			t.Errorf("%s is %s, and steps back from %s", name, seen[name], steps[0])
		}
	}
}

// What a heading that can mean two things means depends on its neighbours.
func TestAmbiguousHeadingsLookAtTheirNeighbours(t *testing.T) {
	tests := map[string]struct {
		heads []any
		want  []Field
	}{
		"a problem in a ledger": {[]any{"序号", "存在问题", "整改措施"}, []Field{FieldNumber, FieldProblem, FieldMeasure}},
		"an obstacle beside a problem and its progress": {[]any{"反馈问题", "整改措施", "整改进展", "存在问题"},
			[]Field{FieldProblem, FieldMeasure, FieldProgress, fieldObstacle}},
		"what is done about a problem": {[]any{"存在问题", "整改内容", "完成时限"}, []Field{FieldProblem, FieldMeasure, FieldDeadline}},
		"the problem itself":           {[]any{"整改内容", "整改措施", "完成时间"}, []Field{FieldProblem, FieldMeasure, FieldDeadline}},
		"done, beside a deadline":      {[]any{"问题", "整改时限", "完成时间"}, []Field{FieldProblem, FieldDeadline, FieldDone}},
		"a task beside a problem":      {[]any{"反馈问题", "整改任务", "责任人"}, []Field{FieldProblem, FieldMeasure, FieldOwner}},
		"a word beside progress":       {[]any{"问题", "整改进展", "完成情况"}, []Field{FieldProblem, FieldProgress, FieldStatus}},
		"how it shows, and no problem": {[]any{"具体表现", "整改措施", "责任人"}, []Field{FieldProblem, FieldMeasure, FieldOwner}},
		"a second number":              {[]any{"序号", "编号", "问题", "措施编号"}, []Field{FieldNumber, fieldCode, FieldProblem, fieldMeasureNumber}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			row := make([]any, len(tt.heads))
			for i := range row {
				row[i] = "某某"
			}
			r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: [][]any{tt.heads, row}}), feedback2024)
			for i, want := range tt.want {
				if c := r.Tables[0].Columns[i]; c.Field != want {
					t.Errorf("%s is %s, want %s", c.Heading, c.Field, want)
				}
			}
		})
	}
}

func TestThePersonsChoiceOfAColumnHolds(t *testing.T) {
	for name, heads := range map[string][]any{
		"some of them known": {"序号", "病灶", "药方", "整改时限", "服药人"},
		"none of them known": {"排行", "病灶", "药方", "服药期", "服药人"},
	} {
		content := workbookOf(t, testSheet{name: "台账", rows: [][]any{{"病历"}, heads, {1, "问题一", "措施一", "9月底前", "李四"}}})
		r, err := readBytes(content, feedback2024)
		if err == nil || len(r.Tables) != 1 || len(r.Tables[0].Columns) != 5 || len(r.Items) != 0 {
			t.Errorf("%s, without a choice: %v, %+v", name, err, r)
		}
		in := feedback2024
		in.Columns = map[string]Field{"排行": FieldNumber, "病灶": FieldProblem, "药方": FieldMeasure, "整改时限": "", "服药人": FieldOwner}
		if got, want := told(mustRead(t, content, in)), text("1 fk 问题一", "  - 措施一|||李四|", "·1 title", "·2 heading"); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestAColumnThatMeansNothingIsListed(t *testing.T) {
	r := mustRead(t, workbookOf(t, testSheet{name: "台账", rows: [][]any{
		{"序号", "反馈问题", "整改措施", "剩余天数", "心情", ""},
		{1, "问题一", "措施一", 12, "好", "旁注"},
		{2, "问题二", "措施二", 13, "坏", ""},
	}}), feedback2024)
	var listed []string
	for _, c := range r.Tables[0].Columns {
		if !c.Taken {
			listed = append(listed, c.Letter+" "+c.Heading+" "+string(c.Field)+" "+strings.Join(c.Samples, ","))
		}
	}
	if want := []string{"D 剩余天数 days_left 12,13", "E 心情  好,坏", "F   旁注"}; !slices.Equal(listed, want) {
		t.Errorf("left out are %q, want %q", listed, want)
	}
}

// The headings come from published ledgers and from offices' own forms.
func TestHeadingsOfPublishedLedgers(t *testing.T) {
	tests := map[string]Field{
		"问题简述": FieldProblem, "整改完成时限": FieldDeadline, "限期整改期限": FieldDeadline, "实际复查时间": fieldVerified, "答复时限": fieldReply,
		"下发时间": FieldNotified, "整改完成日期": FieldDone, "检查人员": fieldOther, "主要任务": FieldMeasure, "牵头责任单位": FieldUnit,
		"序时进度": FieldProgress, "主要责任单位": FieldUnit, "领办领导": FieldLeader, "责任班子成员": FieldLeader, "具体责任人": FieldOwner,
		"成效清单": FieldProgress, "时间节点": FieldDeadline, "时限清单": FieldDeadline, "复查结论": fieldVerified, "考核要点": fieldOther,
		"问题来源": FieldSource, "存在差距": FieldProblem, "计划完成日期": FieldDeadline, "办结期限": FieldDeadline, "完成情况及佐证": FieldProgress,
		"措施内容": FieldMeasure,
		// what was done on a day is no deadline, whoever did it
		"县区实际完成时间": FieldDone, "各单位实际完成时间": FieldDone, "问题实际整改完成时间": FieldDone, "整改实际完成日期": FieldDone, "已完成时间": FieldDone,
		"巡察办验收时间": fieldVerified, "回头看时间": fieldVerified, "督查室交办时间": FieldNotified, "问题登记时间": fieldStart,
		// until when, however it is put
		"整改时间表": FieldDeadline, "整改到位时间": FieldDeadline, "最迟完成时间": FieldDeadline, "拟办结日期": FieldDeadline, "措施完成时限要求": FieldDeadline,
		"整改期限清单": FieldDeadline, "县区计划完成时间": FieldDeadline,
		// the same in traditional characters
		"整改時限": FieldDeadline, "責任領導": FieldLeader, "問題清單": FieldProblem, "整改措施": FieldMeasure, "責任單位": FieldUnit, "責任處室": FieldDepartment,
		"備註": FieldRemark, "序號": FieldNumber, "實際完成時間": FieldDone, "整改進展情況": FieldProgress, "問題類別": FieldCategory, "完成時限": FieldDeadline,
		"牽頭領導": FieldLeader, "經辦人": FieldHandler, "責任部門": FieldDepartment, "整改目標": FieldStandard, "長效機制": fieldStandingMeasure,
	}
	for heading, want := range tests {
		if h, _ := readHeading(FoldHeading(heading)); h.field != want {
			t.Errorf("%q is %q, want %q", heading, h.field, want)
		}
	}
}
