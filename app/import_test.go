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
)

// brought uploads a ledger of the unit as that visitor.
func (v *visitor) brought(name, content string, form ...string) *answer {
	v.t.Helper()
	v.get("/import")
	all := append([]string{"unit", "jfj", "tier", "post-feedback", "round", "2026-1", "feedback_on", "2026-01-26"}, form...)
	return v.upload("/import", "file", name, []byte(content), all...)
}

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
			"an empty one": {"x.xlsx", "", []string{"请选择要导入的台账文件"}},
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
			"a deadline before feedback":    {head + "1,甲,乙,2025年6月30日\n", "new", []string{"2025-06-30", "早于", "核对年份"}},
			"a phrase nobody can read":      {head + "1,甲,乙,看情况再说\n", "asked", []string{"看情况再说", "没有写明日期"}},
			"an unknown unit":               {"序号,问题,责任单位\n1,甲,经济发展\n", "refused", []string{"没有叫“经济发展”的单位", "经济发展局"}},
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
		key := regexp.MustCompile(`name="due:([^"]+)"`).FindStringSubmatch(page.body)
		if key == nil {
			t.Fatal("nothing is asked")
		}
		office.post(at+"/answers", "due:"+key[1], "2026-13-01", "as:"+key[1], "", "tab", "asked", "page", "1").want(http.StatusUnprocessableEntity).wantWords("2026-13-01")
		office.post(at+"/answers", "due:"+key[1], "2026-05-15", "as:"+key[1], "", "tab", "asked", "page", "1").want(http.StatusSeeOther)
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
