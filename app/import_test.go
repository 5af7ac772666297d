package app

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"duban/models"
	"duban/models/modelstest"
)

// brought uploads a ledger of the unit as that visitor.
func (v *visitor) brought(name, content string, form ...string) *answer {
	v.t.Helper()
	v.get("/import")
	all := append([]string{"unit", "jfj", "tier", "post-feedback", "round", "2026-1", "feedback_on", "2026-01-26"}, form...)
	return v.upload("/import", "file", name, []byte(content), all...)
}

// typedAnswer is the field of a question in which an answer is typed.
var typedAnswer = regexp.MustCompile(`name="typed:([^"]+)"`)

var importAddress = regexp.MustCompile(`/import/\d+`)

// The ten-minute path: an office's own workbook is uploaded, looked at row by row,
// confirmed, seen by its unit, and can be taken back.
func TestAnOfficeTakesInItsOwnLedger(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ledger, err := os.ReadFile("../models/ledger/testdata/ledgers/1-plain.xlsx")
		if err != nil {
			t.Fatal(err)
		}
		office := s.as(s.Office)
		office.get("/import").want(http.StatusOK).wantWords("导入台账", "经济发展局")
		a := office.brought("整改台账.xlsx", string(ledger), "year", "2024").want(http.StatusSeeOther)
		at := importAddress.FindString(a.goesTo())
		page := office.get(at+"?step=preview&tab=new").want(http.StatusOK).wantWords("逐行预览", "新增", "2024-09-30", "长期坚持")
		if n, _ := s.As(s.Office).Count(models.Filter{}); n != 0 {
			t.Errorf("%d items before it is confirmed", n)
		}
		office.get(at+"?step=map").want(http.StatusOK).wantWords("核对列", "整改时限")
		print := regexp.MustCompile(`name="print" value="(\w+)"`).FindStringSubmatch(page.body)
		if print == nil {
			t.Fatal("no confirmation is offered")
		}
		office.post(at+"/confirmation", "print", "another").want(http.StatusConflict).wantWords("没有写入")
		office.post(at+"/confirmation", "print", print[1]).want(http.StatusSeeOther)
		done := office.get(at).want(http.StatusOK).wantWords("已导入", "撤销本次导入")
		n, err := s.As(s.Wu).Count(models.Filter{})
		if err != nil || n == 0 {
			t.Errorf("the unit sees %d items, %v", n, err)
		}
		rows := office.get(regexp.MustCompile(`/items\?import=\d+`).FindString(done.body)).want(http.StatusOK)
		if !strings.Contains(rows.body, fmt.Sprintf(`data-total="%d"`, n)) {
			t.Errorf("the link to its rows does not lead to %d", n)
		}
		shen := s.as(s.Shen)
		shen.get("/me")
		for _, path := range []string{at, at + "/refused.xlsx"} {
			foreign, missing := shen.get(path), shen.get("/import/999999")
			bare := func(a *answer) string { return ownToEachAnswer.ReplaceAllString(a.body, "") }
			if foreign.status != http.StatusNotFound || missing.status != http.StatusNotFound || bare(foreign) != bare(missing) {
				t.Errorf("%s: foreign answers %d, missing %d\n%s\n%s", path, foreign.status, missing.status, bare(foreign), bare(missing))
			}
		}
		office.get(at)
		office.post(at + "/undoing").want(http.StatusSeeOther)
		if n, _ := s.As(s.Wu).Count(models.Filter{}); n != 0 {
			t.Errorf("undone, the unit still sees %d items", n)
		}
	})
}

// What is wrong is told at the field or the row, with what to do; nothing is written.
func TestBadLedgersGetAClearSentence(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		office := s.as(s.Office)
		head := "序号,问题,整改措施,整改时限\n"
		for name, tt := range map[string]struct {
			file, content string
			words         []string
		}{
			"no workbook":  {"x.xlsx", "<html><body>台账</body></html>", []string{"网页"}},
			"a picture":    {"x.xlsx", "\x89PNG\r\n\x1a\n0000", []string{"图片"}},
			"an empty one": {"x.xlsx", "", []string{"“x.xlsx”是空文件（0 字节）"}},
			"an empty csv": {"x.csv", "\n\n", []string{"空"}},
			"no heading":   {"x.csv", "甲,乙\n丙,丁\n", []string{"表头"}},
		} {
			a := office.brought(tt.file, tt.content).want(http.StatusUnprocessableEntity).wantWords(tt.words...)
			if !strings.Contains(a.body, `value="2026-01-26"`) {
				t.Errorf("%s: what was typed is gone", name)
			}
		}
		office.brought("x.csv", head+"1,拨付,做,2026年底前\n", "feedback_on", "").want(http.StatusSeeOther)
		office.get("/import")
		office.upload("/import", "file", "x.csv", []byte(head), "unit", "jfj", "tier", "", "round", "2026-1", "notice_on", "2026-02-30").
			want(http.StatusUnprocessableEntity).wantWords("2026-02-30")
		for name, tt := range map[string]struct {
			content string
			tab     string
			words   []string
		}{
			"no problem column":             {"序号,毛病,整改措施\n1,甲,乙\n", "", []string{"没有“问题”列", "毛病"}},
			"a day that does not exist":     {head + "1,甲,乙,2024-02-30\n", "refused", []string{"第 2 行", "2024-02-30", "不是日历上的日期"}},
			"two rows with one number":      {head + "1,甲,乙,2026年底前\n1,丙,丁,2026年底前\n", "refused", []string{"第 2 行", "第 3 行"}},
			"a deadline before feedback":    {head + "1,甲,乙,2025年6月30日\n", "asked", []string{"1 处需要核对", "2025-06-30", "早于", "核对年份", "还有 1 个问题未答，仍可导入"}},
			"a phrase nobody can read":      {head + "1,甲,乙,看情况再说\n", "asked", []string{"看情况再说", "没有写明日期"}},
			"an unknown unit":               {"序号,问题,责任单位\n1,甲,经济发展\n", "asked", []string{"“经济发展”是哪个单位？", "经济发展局"}},
			"a unit name of 300 characters": {"序号,问题,责任单位\n1,甲," + strings.Repeat("长", 300) + "\n", "refused", []string{"300"}},
		} {
			form := []string{}
			if strings.Contains(name, "unit") {
				form = []string{"unit", ""}
			}
			office.get("/import")
			fields := append([]string{"tier", "post-feedback", "round", "2026-1", "feedback_on", "2026-01-26"}, form...)
			if len(form) == 0 {
				fields = append(fields, "unit", "jfj")
			}
			a := office.upload("/import", "file", "x.csv", []byte(tt.content), fields...).want(http.StatusSeeOther)
			at := importAddress.FindString(a.goesTo())
			if tt.tab == "" {
				office.get(a.goesTo()).want(http.StatusOK).wantWords(tt.words...)
				continue
			}
			t.Run(name, func(t *testing.T) {
				office.get(at + "?step=preview&tab=" + tt.tab).want(http.StatusOK).wantWords(tt.words...)
			})
		}
		office.get("/import")
		stranger := s.as(s.Office)
		stranger.token = ""
		if a := stranger.upload("/import", "file", "x.csv", []byte(head), "csrf", "", "tier", "post-feedback"); a.status != http.StatusForbidden && a.status != http.StatusBadRequest {
			t.Errorf("a post without a token: %d", a.status)
		}
		office.get("/import")
		office.upload("/import", "file", "x.csv", bytes.Repeat([]byte("a"), 100<<20), "tier", "post-feedback").want(http.StatusRequestEntityTooLarge)
		if n, _ := s.As(s.Office).Count(models.Filter{}); n != 0 {
			t.Errorf("%d items were written", n)
		}
	})
}

// A question is answered in the preview, and what was refused comes back with its
// reasons.
func TestQuestionsAreAnsweredAndRefusedRowsComeBack(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		office := s.as(s.Office)
		a := office.brought("x.csv", "序号,问题,整改措施,整改时限\n1,拨付不及时,逐笔拨付,限期整改\n2,记录不全,补齐,2026-02-30\n").want(http.StatusSeeOther)
		at := importAddress.FindString(a.goesTo())
		page := office.get(at+"?step=preview&tab=asked").want(http.StatusOK).wantWords("限期整改", "2026-04-26")
		key := typedAnswer.FindStringSubmatch(page.body)
		if key == nil {
			t.Fatal("nothing is asked")
		}
		office.post(at+"/answers", "typed:"+key[1], "2026-13-01", "say", "", "tab", "asked", "page", "1").want(http.StatusUnprocessableEntity).wantWords("2026-13-01")
		office.post(at+"/answers", "typed:"+key[1], "2026-05-15", "say", key[1]+"=typed", "tab", "asked", "page", "1").want(http.StatusSeeOther)
		page = office.get(at + "?step=preview&tab=new").want(http.StatusOK).wantWords("2026-05-15")
		print := regexp.MustCompile(`name="print" value="(\w+)"`).FindStringSubmatch(page.body)
		office.post(at+"/confirmation", "print", print[1]).want(http.StatusSeeOther)
		back := office.get(at + "/refused.xlsx").want(http.StatusOK)
		file, err := excelize.OpenReader(strings.NewReader(back.body))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := file.GetRows(file.GetSheetName(0))
		if err != nil || len(rows) != 3 || rows[2][3] != "2026-02-30" || !strings.Contains(rows[2][4], "不是日历上的日期") {
			t.Errorf("%v %v", rows, err)
		}
		template := office.get("/import/template.xlsx").want(http.StatusOK)
		office.brought("t.xlsx", template.body).want(http.StatusSeeOther)
	})
}

// One question for one thing, with its answers as buttons; a day that is asked for to
// count from is not the deadline; what was typed beside another question is kept; and
// what was said of the file can be said anew.
func TestAQuestionIsOneButtonForAllItsRows(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		office := s.as(s.Office)
		if err := s.As(s.Office).SaveRoundUnit(models.RoundUnit{RoundID: s.Round.ID, UnitID: s.Other.ID}); err != nil {
			t.Fatal(err)
		}
		office.get("/import")
		a := office.upload("/import", "file", "x.csv", []byte("序号,问题,整改措施,整改时限\n1,甲,做,收到反馈后2个月内\n2,乙,做,3个月内\n3,丙,做,收到反馈后2个月内\n4,丁,做,限期整改\n5,戊,做,2026年9月前\n"), "unit", s.Other.Code, "tier", "post-feedback", "round", "2026-1", "year", "2026")
		at := importAddress.FindString(a.want(http.StatusSeeOther).goesTo())
		page := office.get(at+"?step=preview&tab=asked").want(http.StatusOK).
			wantWords("从反馈之日起算，请填反馈日期", "第 2、3、4 行", "还有 3 个问题未答，仍可导入", "5 行，5 个问题", "在它开始之前", "到它结束之前")
		keys := typedAnswer.FindAllStringSubmatch(page.body, -1)
		if len(keys) != 3 {
			t.Fatalf("%d questions are asked", len(keys))
		}
		feedback, limit := keys[0][1], keys[1][1]
		office.post(at+"/answers", "say", feedback+"=typed", "typed:"+feedback, "2026-06-24", "typed:"+limit, "2026-12-01", "tab", "asked").want(http.StatusSeeOther)
		office.get(at+"?step=preview&tab=new").want(http.StatusOK).wantWords("2026-08-24", "2026-09-24", "2026-12-01", "还有 1 个问题未答").wantNone("<b>2026-06-24")
		page = office.get(at+"?step=preview&tab=asked").wantWords("已回答 2 个问题", "2026-06-24")
		either := typedAnswer.FindStringSubmatch(page.body)[1]
		for _, day := range []string{"2026-08-31", "2026-09-30"} {
			if !strings.Contains(page.body, `value="`+either+"="+day+`"`) {
				t.Errorf("%s is no button", day)
			}
		}
		office.post(at+"/answers", "say", either+"=2026-08-31", "tab", "asked").want(http.StatusSeeOther)
		office.get(at + "?step=preview").wantWords("2026-08-31").wantNone("未答，仍可导入")
		office.post(at+"/answers", "say", feedback+"=", "tab", "asked").want(http.StatusSeeOther)
		office.get(at+"?step=preview&tab=asked").wantWords("还有 1 个问题未答", "从反馈之日起算")
		// What was said of the file, said anew: the day that was asked for.
		office.post(at+"/of", "unit", s.Other.Code, "tier", "post-feedback", "year", "2026", "feedback_on", "2026-02-30").want(http.StatusUnprocessableEntity).wantWords("2026-02-30")
		office.post(at+"/of", "unit", "jfj", "tier", "no-tier", "year", "2026").want(http.StatusUnprocessableEntity)
		office.post(at+"/of", "unit", "", "tier", "post-feedback", "year", "2026", "feedback_on", "2026-07-01").want(http.StatusSeeOther)
		office.get(at+"?step=preview&tab=asked").wantWords("没有写责任单位的行，是哪个单位？", "有误 5")
		office.post(at+"/answers", "say", "unit!=unit:"+s.Other.Code, "tab", "asked").want(http.StatusSeeOther)
		office.get(at+"?step=preview&tab=new").wantWords("2026-09-01", "2026-10-01", "2026-12-01").wantNone("未答，仍可导入")
		for _, odd := range []string{"=", "x", "who!=this:", "col!x=field:problem", "ask!x=2026-01-01", strings.Repeat("长", 5000) + "=seen"} {
			if a := office.post(at+"/answers", "say", odd, "tab", "\x01"); a.status >= 500 {
				t.Errorf("%.20q: %d", odd, a.status)
			}
		}
	})
}

// A table is pasted instead of a file: as rows of text, as the browser sends them without
// a script, or as the table itself. What was pasted stands there again when something
// else was wrong.
func TestATableIsPasted(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		office := s.as(s.Office)
		form := func(more ...string) []string {
			return append([]string{"unit", "jfj", "tier", "post-feedback", "round", "2026-1", "feedback_on", "2026-01-26"}, more...)
		}
		const rows = "序号\t问题\t整改措施\t整改时限\r\n1\t\"拨付不及时\r\n影响项目\"\t拨付\t2026年底前\r\n2\t\"三重一大\"制度不全\t修订\t2026年底前\r\n"
		const table = `<table><tr><td>序号<td>问题<td>整改措施<td>整改时限<tr><td rowspan=2>1<td rowspan=2>拨付不及时<td>拨付<td>2026年底前<tr><td>建账<td>2026年底前</table>`
		preview := func(want string, fields ...string) *answer {
			t.Helper()
			office.get("/import")
			at := importAddress.FindString(office.post("/import", form(fields...)...).want(http.StatusSeeOther).goesTo())
			return office.get(at+"?step=preview&tab=new").want(http.StatusOK).wantWords("粘贴的表格", want)
		}
		preview("“三重一大”", "pasted", strings.NewReplacer(`"三重一大"`, "“三重一大”").Replace(rows))
		preview("影响项目", "pasted", rows)
		preview("建账", "pasted", rows, "pasted_html", table).wantNone("三重一大")
		preview("影响项目", "pasted", rows, "pasted_html", "<p>只有文字</p>")

		office.get("/import")
		a := office.post("/import", "unit", "jfj", "tier", "", "round", "2026-1", "pasted", rows, "pasted_html", table).want(http.StatusUnprocessableEntity)
		if !strings.Contains(a.body, "拨付不及时") || !strings.Contains(a.body, "&lt;table&gt;") {
			t.Error("what was pasted is gone")
		}
		office.get("/import")
		office.post("/import", form("pasted", " \n")...).want(http.StatusUnprocessableEntity).wantWords("请选择要导入的台账文件")
		office.get("/import")
		office.post("/import", form("pasted", "今天天气很好")...).want(http.StatusUnprocessableEntity).wantWords("没有找到表头")
		if n, _ := s.As(s.Office).Count(models.Filter{}); n != 0 {
			t.Errorf("%d items were written", n)
		}
	})
}

// A hundred thousand cells are read, or the answer says what is too much.
func TestAVeryLargePaste(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	office := s.signedIn("xuncha")
	paste := func(rows, columns int) *answer {
		t.Helper()
		var text strings.Builder
		text.WriteString("序号\t问题\t整改措施\t整改时限" + strings.Repeat("\t备注", columns-4) + "\n")
		for n := 1; n < rows; n++ {
			fmt.Fprintf(&text, "%d\t第 %d 个问题\t措施%s\n", n, n, strings.Repeat("\t甲", columns-3))
		}
		office.get("/import")
		return office.upload("/import", "none", "", nil, "unit", "jfj", "tier", "post-feedback", "round", "2024-1", "pasted", text.String())
	}
	paste(25_000, 4).want(http.StatusUnprocessableEntity).wantWords("台账超过 20000 行")
	paste(1_000, 100).want(http.StatusUnprocessableEntity).wantWords("超过 60 列")
	if a := paste(2_500, 40); a.status != http.StatusSeeOther && !strings.Contains(a.body, "问题") {
		t.Errorf("%d: %.300s", a.status, a.body)
	}
	office.get("/import")
	office.upload("/import", "none", "", nil, "tier", "post-feedback", "pasted", strings.Repeat("很长", 2_500_000)).want(http.StatusRequestEntityTooLarge).wantWords("粘贴的表格不超过 10 MB")
}

// The history of an item names the files that it came from, that changed it, and whose
// import was undone.
func TestTheHistoryNamesTheFile(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		office := s.as(s.Office)
		office.get("/import")
		taken := func(name, ledger string) (at string) {
			t.Helper()
			at = importAddress.FindString(office.brought(name, ledger).want(http.StatusSeeOther).goesTo())
			print := regexp.MustCompile(`name="print" value="(\w+)"`).FindStringSubmatch(office.get(at + "?step=preview&tab=new").want(http.StatusOK).body)
			if print == nil {
				t.Fatal("no confirmation is offered")
			}
			office.post(at+"/confirmation", "print", print[1]).want(http.StatusSeeOther)
			return at
		}
		taken("年初台账.csv", "序号,问题,整改措施,整改时限\n1,发票审核不严,补办手续,2026年6月底前\n")
		item := "/items/FK-2026-001"
		office.get(item).want(http.StatusOK).wantWords(says("fact.from_file", "年初台账.csv"))
		second := taken("年中台账.csv", "序号,问题,整改措施,整改时限\n1,发票审核不严,补办手续并公示,2026年6月底前\n")
		office.get(item).want(http.StatusOK).wantWords(says("fact.from_file", "年初台账.csv"), says("fact.from_file", "年中台账.csv"))
		office.get(second)
		office.post(second + "/undoing").want(http.StatusSeeOther)
		office.get(item).want(http.StatusOK).wantWords(says("fact.from_file", "年初台账.csv"), says("fact.from_file", "年中台账.csv"), says("fact.undone_file", "年中台账.csv"), "补办手续")
	})
}
