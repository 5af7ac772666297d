package app

import (
	"net/http"
	"testing"

	"duban/models"
)

func TestAStandingItemIsSetReviewedAndEndedOnItsPage(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		page := "/items/" + item.Number
		office := s.as(s.Office)
		office.get(page).want(http.StatusOK).wantWords(says("act.set_standing"))
		office.post(page+"/standing", "version", "1", "review_on", "2026-02-30").want(http.StatusUnprocessableEntity).wantWords("2026-02-30")
		office.post(page+"/standing", "version", "1", "review_on", "2026-04-01").wantGoTo(page)
		office.get(page).wantWords("长期坚持", "下次复核 04-01", says("act.review_standing"), says("act.end_standing"))

		s.as(s.Wu).get(page).want(http.StatusOK).wantWords("长期坚持").wantNone("/standing/reviews", "/standing/end")
		s.as(s.Wu).get("/items?standing=due").want(http.StatusOK).wantNone(item.Number)

		s.Today("2026-04-02")
		office = s.as(s.Office)
		office.get("/items?standing=due").want(http.StatusOK).wantWords(item.Number, says("views.standing"))
		office.get(page).wantWords(says("standing.due"))
		office.post(page+"/standing/reviews", "version", "1", "words", "看了 5 份", "review_on", "").want(http.StatusConflict).wantWords("看了 5 份")
		office.post(page+"/standing/reviews", "version", "2", "words", "看了 5 份", "review_on", "").wantGoTo(page)
		office.get(page).wantWords("看了 5 份", "下次复核 07-02")
		office.post(page+"/standing/end", "version", "3", "words", "已并入制度").wantGoTo(page)
		office.get(page).wantWords("已并入制度", says("standing.none"))
		if fresh := s.Read(item); fresh.Standing || fresh.DueOn != "2026-03-20" {
			t.Errorf("%+v", fresh)
		}
	})
}

func TestARecheckIsDrawnRepeatedAndDone(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item, err := s.As(s.Supervisor).Close(s.Submitted("2026-03-20"), "属实")
		if err != nil {
			t.Fatal(err)
		}
		page := "/items/" + item.Number
		office := s.as(s.Office)
		office.get("/rechecks").want(http.StatusOK).wantWords("已销号未抽取的 1 项，本次抽取 1 项", says("recheck.draws.none"))
		drawn := office.post("/rechecks/draws")
		drawn.wantGoTo("/rechecks/draws/1")
		draws, err := s.As(s.Office).Draws()
		if err != nil || len(draws) != 1 {
			t.Fatal(draws, err)
		}
		office.get("/rechecks/draws/1").want(http.StatusOK).wantWords(draws[0].Seed, item.Number, "duban recheck draw --seed "+draws[0].Seed+" --take 1", "SHA-256")
		list := office.get("/rechecks/draws/1/numbers.txt").want(http.StatusOK)
		if list.body != item.Number+"\n" {
			t.Errorf("the list is %q", list.body)
		}
		office.get("/rechecks/draws/2").want(http.StatusNotFound)
		office.get("/rechecks/draws/x").want(http.StatusNotFound)
		office.get("/rechecks").wantWords(item.Number, "待核查")

		supervisor := s.as(s.Supervisor)
		supervisor.get(page).want(http.StatusOK).wantWords(says("recheck.own")).wantNone(page + "/rechecks/1")
		office.get(page).wantWords(says("recheck.words"))
		version := "8"
		if v := s.Read(item).Version; v != 8 {
			t.Fatalf("version %d", v)
		}
		office.post(page+"/rechecks/1", "version", version, "outcome", "failed", "words", "2 笔未拨付", "until", "").want(http.StatusUnprocessableEntity).wantWords("2 笔未拨付", says("recheck.until"))
		office.post(page+"/rechecks/1", "version", version, "outcome", "failed", "words", "2 笔未拨付", "until", "2026-04-30").wantGoTo(page)
		office.get(page).wantWords("2 笔未拨付", "出现反弹", says("act.recheck_fails"), "新的期限 04-30")
		s.as(s.Wu).get(page).want(http.StatusOK).wantWords("2 笔未拨付", says("recheck.failed")).wantNone("/rechecks/draws/1")
		if fresh := s.Read(item); fresh.Status != models.Underway || fresh.DueOn != "2026-04-30" {
			t.Errorf("%+v", fresh)
		}
		s.as(s.Shen).get(page).want(http.StatusNotFound)
	})
}
