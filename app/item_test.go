package app

import (
	"fmt"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
	"duban/views"
)

func (s *site) measureOf(item models.Item) int64 {
	s.t.Helper()
	measures, err := s.As(s.Office).Measures(item)
	if err != nil {
		s.t.Fatal(err)
	}
	return measures[0].ID
}

func (v *visitor) on(item models.Item) string { return views.ItemLink(item.Number) }

// version is that of the page a visitor has open: the field its forms carry.
func version(n int) []string { return []string{"version", fmt.Sprint(n)} }

func TestAUnitReportsProgress(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		v := s.as(s.Wu)
		v.get("/items/"+item.Number).want(200).wantWords(item.Problem, item.Standard, says("progress.write"))
		a := v.post("/items/"+item.Number+"/progress", append(version(1), "text", "已拨付 31 笔。\n余下 12 笔 <b>待核</b>", "from", "light=ok")...).want(303)
		if a.goesTo() != "/items/"+item.Number+"?from=light%3Dok&saved=1" {
			t.Errorf("sent to %s", a.goesTo())
		}
		page := v.get(a.goesTo()).want(200).wantWords(says("progress.saved"), "余下 12 笔 <b>待核</b>", says("act.report"))
		if strings.Contains(page.body, "<b>待核</b>") {
			t.Error("what was typed is taken for markup")
		}
		v.get(a.goesTo()).wantNone(says("progress.saved")) // said once
		if got := s.Read(item); got.ProgressOn != "2026-03-02" || got.Version != 2 {
			t.Errorf("progress on %s, version %d", got.ProgressOn, got.Version)
		}
		for text, key := range map[string]string{"": says("required"), "   ": says("required"), strings.Repeat("长", 2001): says("too_long", 2000, 2001)} {
			v.get("/items/" + item.Number)
			v.post("/items/"+item.Number+"/progress", append(version(2), "text", text)...).want(422).wantWords(key, strings.TrimSpace(text))
		}
		if got := s.Read(item); got.Version != 2 {
			t.Errorf("version %d", got.Version)
		}
	})
}

// Two people write at once: the second sees both texts, and saves with one more
// press of the button.
func TestTwoPeopleWriteAtOnce(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		wu, leng := s.as(s.Wu), s.as(s.Leng)
		path := "/items/" + item.Number
		for _, v := range []*visitor{wu, leng} {
			v.get(path).want(200)
		}
		wu.post(path+"/progress", append(version(1), "text", "综合处：已拨付 31 笔")...).wantGoTo(path)
		a := leng.post(path+"/progress", append(version(1), "text", "分管领导：本周五前全部拨付")...).want(409)
		a.wantWords(says("stale.title"), says("stale.theirs"), "综合处：已拨付 31 笔", says("stale.yours"), "分管领导：本周五前全部拨付")
		if !strings.Contains(a.body, "分管领导：本周五前全部拨付</textarea>") {
			t.Error("what was typed is not in its form any more")
		}
		if !strings.Contains(a.body, `name="version" value="2"`) {
			t.Error("the form is of the old version still: it can never be saved")
		}
		leng.post(path+"/progress", append(version(2), "text", "分管领导：本周五前全部拨付")...).wantGoTo(path)
		wu.get(path).wantWords("综合处：已拨付 31 笔", "分管领导：本周五前全部拨付")

		// The midnight job does not turn away a page somebody has open.
		s.Today("2026-03-21")
		for _, v := range []*visitor{wu, leng} {
			v.get("/sign-in")
			v.post("/sign-in", "name", "wu", "password", s.passwords["wu"])
		}
		if n, err := s.As(models.TheClerk).FlagOverdue(); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		wu.get(path)
		wu.post(path+"/progress", append(version(3), "text", "过了零点还在写")...).wantGoTo(path)
		// A form without a version is as good as one left open too long.
		wu.post(path+"/progress", "text", "没有版本").want(409).wantWords("没有版本", "过了零点还在写")
	})
}

func TestAMeasureIsTickedWithItsResult(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		path, id := "/items/"+item.Number, s.measureOf(item)
		done, undone := fmt.Sprintf("%s/measures/%d/completion", path, id), fmt.Sprintf("%s/measures/%d/reopening", path, id)
		v := s.as(s.Wu)
		v.get(path)
		v.post(done, append(version(1), "result", "")...).want(422).wantWords(says("required"))
		v.post(done, append(version(1), "result", strings.Repeat("长", 501))...).want(422).wantWords(says("too_long", 500, 501))
		v.post(undone, version(1)...).want(409).wantWords(says("measure.not_done", 1))
		v.post(done, append(version(1), "result", "已拨付 43 笔")...).wantGoTo(path)
		v.get(path).wantWords(says("measure.saved"), "已拨付 43 笔", says("measure.done_of", 1, 1), says("gate.complete"))
		v.post(done, append(version(2), "result", "再完成一次")...).want(409).wantWords(says("measure.already_done", 1), "再完成一次")
		// Someone else ticked it meanwhile: the result typed is shown, not lost.
		v.post(done, append(version(1), "result", "同时填写的结果")...).want(409).wantWords("同时填写的结果", "已拨付 43 笔")
		v.post(undone, version(2)...).wantGoTo(path)
		v.get(path).wantWords(says("measure.done_of", 0, 1), says("fact.measure_reopened", "1", "已拨付 43 笔"))
		v.post(path+"/measures/x/completion", append(version(3), "result", "x")...).want(404)
		v.post(path+"/measures/99999/completion", append(version(3), "result", "x")...).want(404)
	})
}

func TestTheRoadOfAnItemThroughItsPages(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		path := "/items/" + item.Number
		wu, hai, supervisor := s.as(s.Wu), s.as(s.Hai), s.as(s.Supervisor)

		// The gate says what is missing, and holds when the page is got round.
		hai.get(path).wantWords(says("gate.missing", 2), says("gate.measures_done", 0, 1))
		hai.post(path+"/submission", version(1)...).want(409).wantWords(says("submission.gate", 2))
		wu.get(path)
		wu.post(fmt.Sprintf("%s/measures/%d/completion", path, s.measureOf(item)), append(version(1), "result", "已拨付 43 笔")...).wantGoTo(path)

		// The head hands it in; the handler may not, and nobody before the supervisor
		// strikes off.
		wu.post(path+"/submission", version(2)...).want(403)
		hai.get(path).wantWords(says("do.submit"), says("gate.complete"))
		hai.post(path+"/submission", version(2)...).wantGoTo(path)
		hai.get(path).wantWords(says("submission.saved"), says("item.waits_review"), says("do.withdraw"))
		wu.post(path+"/progress", append(version(3), "text", "还想补一句")...).want(409).wantWords(says("refused.report"), "还想补一句")
		hai.post(path+"/closure", append(version(3), "words", "我说了算")...).want(403).wantWords("我说了算")

		// Withdrawn with a reason, handed in again.
		hai.post(path+"/withdrawal", append(version(3), "words", "")...).want(422)
		hai.post(path+"/withdrawal", append(version(3), "words", "还有一笔要核")...).wantGoTo(path)
		hai.get(path).wantWords("还有一笔要核", says("withdrawal.saved"))
		hai.post(path+"/submission", version(4)...).wantGoTo(path)

		// Returned with a reason from the list and words; the reason stays in sight.
		supervisor.get(path).wantWords(says("do.close"), says("return.reason"))
		supervisor.post(path+"/return", append(version(5), "reason", "", "words", "只有会议，没有结果")...).want(422).wantWords("只有会议，没有结果")
		supervisor.post(path+"/return", append(version(5), "reason", "made-up", "words", "x")...).want(422)
		supervisor.post(path+"/return", append(version(5), "reason", "measures_not_results", "words", "")...).want(422)
		supervisor.post(path+"/return", append(version(5), "reason", "measures_not_results", "words", "只有会议，没有结果")...).wantGoTo(path)
		wu.get(path).wantWords(says("item.returned"), "只有会议，没有结果", says("return.reason.measures_not_results"))
		wu.get("/notices").wantWords(says("notice.return"), item.Number)

		hai.get(path)
		hai.post(path+"/submission", version(6)...).wantGoTo(path)
		supervisor.get(path)
		supervisor.post(path+"/closure", append(version(7), "words", "")...).want(422)
		supervisor.post(path+"/closure", append(version(6), "words", "核对过了")...).want(409).wantWords("核对过了")
		supervisor.post(path+"/closure", append(version(7), "words", "现场核对，同意销号")...).wantGoTo(path)
		closed := wu.get(path).wantWords(says("light.done"), "现场核对，同意销号")
		if strings.Contains(closed.body, `action="`+path) {
			t.Error("a closed item's page has a form still")
		}
		wu.post(path+"/progress", append(version(8), "text", "晚了")...).want(409).wantWords("晚了")
		supervisor.post(path+"/return", append(version(8), "reason", "other", "words", "再看看")...).want(409).wantWords(says("refused.return"))
	})
}

// Previous and next stay within the list one came from, and within what one may
// see.
func TestPreviousAndNextStayWithinTheList(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		var mine []models.Item
		for _, day := range []models.Day{"2026-02-10", "2026-02-20", "2026-03-20"} {
			mine = append(mine, s.Registered(day))
			s.RegisteredFor(s.Other, models.PostFeedback, day)
		}
		v := s.as(s.Wu)
		page := v.get(views.ItemFromLink(mine[0].Number, models.Filter{Lights: []models.Light{models.LightOver}})).want(200).wantWords(says("item.place", 1, 2))
		next := views.ItemFromLink(mine[1].Number, models.Filter{Lights: []models.Light{models.LightOver}})
		if !strings.Contains(page.body, `href="`+next+`"`) {
			t.Errorf("no way to %s", next)
		}
		last := v.get(next).want(200).wantWords(says("item.place", 2, 2))
		if strings.Contains(last.body, mine[2].Number) {
			t.Error("next leaves the list")
		}
		// An item that is no longer on the list one came from is shown all the same.
		v.get(views.ItemFromLink(mine[2].Number, models.Filter{Lights: []models.Light{models.LightOver}})).want(200)
		v.get("/items/" + mine[0].Number + "?from=%zz").want(200)
	})
}

func TestNoticesAreReadOnlyByWhoseTheyAre(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.Registered("2026-02-20")
		if _, err := s.As(models.TheClerk).FlagOverdue(); err != nil {
			t.Fatal(err)
		}
		wu, shen := s.as(s.Wu), s.as(s.Shen)
		wu.get("/notices").want(200).wantWords(says("notice.flag_overdue"), says("notices.unread_ones"))
		shen.get("/notices").want(200).wantWords(says("notices.none"))
		shen.post("/notices", "up_to", "1000").wantGoTo("/notices")
		wu.get("/notices").wantWords(says("notices.unread_ones"))
		wu.post("/notices", "up_to", "1000").wantGoTo("/notices")
		page := wu.get("/notices").wantWords(says("notice.flag_overdue"))
		if strings.Contains(page.words(), says("notices.unread_ones")) {
			t.Error("read, and still new")
		}
	})
}

func TestAnotherUnitsPeopleReadNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		s := siteOn(t, r, Options{})
		item := s.Registered("2026-02-20")
		s.as(s.Shen).get(s.as(s.Wu).on(item)).want(404).wantNone(item.Title, "经济发展局")
	})
}
