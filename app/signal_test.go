package app

import (
	"fmt"
	"net/http"
	"testing"

	"duban/models"
)

func TestASignalIsSeenAndAnsweredOnItsPages(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		const text = "财务科逐笔核对三年来的接待凭证，收回无公函支出3.2万元，缴款书已存档，责任人写出说明。"
		theirs := s.RegisteredFor(s.Other, models.PostFeedback, "2026-03-20")
		mine := s.Registered("2026-03-20")
		for item, by := range map[*models.Item]models.User{&theirs: s.Shen, &mine: s.Wu} {
			fresh, err := s.As(by).Report(*item, text, nil)
			if err != nil {
				t.Fatal(err)
			}
			*item = fresh
		}
		s.as(s.Supervisor).get("/signals").want(http.StatusOK).wantWords(says("signal.none"))
		if _, err := s.As(models.TheClerk).Observe(); err != nil {
			t.Fatal(err)
		}
		supervisor, wu := s.as(s.Supervisor), s.as(s.Wu)
		supervisor.get("/signals").want(http.StatusOK).wantWords(says("signal.name.copied"), says("signal.means.copied"), mine.Number, theirs.Number, "收回无公函支出3.2万元")
		supervisor.get("/signals?signal=copied&unit=" + s.Other.Code).wantWords(theirs.Number)
		supervisor.get("/signals?signal=no_such").want(http.StatusOK).wantWords(says("signal.none"))
		wu.get("/signals").want(http.StatusOK).wantWords(mine.Number, says("signal.name.copied")).wantNone(theirs.Number, s.Other.Name)
		page := "/items/" + mine.Number
		wu.get(page).want(http.StatusOK).wantWords(says("signal.means.copied")).wantNone(theirs.Number, "/answer")

		rows, err := s.As(s.Supervisor).SignalsOf(mine)
		if err != nil || len(rows) == 0 {
			t.Fatalf("%+v, %v", rows, err)
		}
		id := int64(0)
		for _, r := range rows {
			if r.Name == "copied" {
				id = r.ID
			}
		}
		answer, version := fmt.Sprintf("%s/signals/%d/answer", page, id), fmt.Sprint(mine.Version)
		supervisor.get(page).want(http.StatusOK).wantWords(says("signal.answer"), "收回无公函支出3.2万元")
		supervisor.post(answer, "version", version, "words", " ").want(http.StatusUnprocessableEntity).wantWords(says("signal.means.copied"))
		supervisor.post(answer, "version", version, "words", "两单位联合整改，凭证各自齐全").wantGoTo(page)
		supervisor.get(page).wantWords("两单位联合整改，凭证各自齐全", says("act.answer_signal"))
		supervisor.get("/signals?signal=copied&unit=" + s.Unit.Code).want(http.StatusOK).wantWords(says("signal.none"))
		supervisor.get("/signals?signal=copied").wantWords(theirs.Number)
		supervisor.post(fmt.Sprintf("%s/signals/%d/answer", page, id+1000), "version", fmt.Sprint(mine.Version+1), "words", "没有这一条").want(http.StatusNotFound)
	})
}

// Before it hands an item in, a unit sees what would be asked and what would satisfy it;
// others are not told, and the handing in is not held up.
func TestAUnitSeesBeforeItSubmitsWhatWouldBeAsked(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Ready("2026-03-20")
		item, err := s.As(s.Wu).Report(item, "高度重视，正在抓紧办理，下一步将继续加大力度。", nil)
		if err != nil {
			t.Fatal(err)
		}
		page := "/items/" + item.Number
		s.as(s.Wu).get(page).want(http.StatusOK).wantWords(says("signal.self"), says("signal.satisfies.instant_close"))
		s.as(s.Supervisor).get(page).want(http.StatusOK).wantNone(says("signal.self"))
		if rows, err := s.As(s.Supervisor).SelfCheck(item); err != nil || len(rows) > 0 {
			t.Errorf("a supervisor is told %+v, %v", rows, err)
		}
		rows, err := s.As(s.Wu).SelfCheck(item)
		if err != nil || len(rows) == 0 || rows[0].Item == nil {
			t.Fatalf("the unit is told %+v, %v", rows, err)
		}
		if !s.As(s.Wu).May(models.SignItem, item) {
			t.Error("what would be asked holds the unit up")
		}
	})
}
