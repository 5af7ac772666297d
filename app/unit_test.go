package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"duban/models"
)

func TestAUnitsPageShowsEveryLeadersShareToWhoSeesTheLedger(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.Registered("2026-03-20")
		s.Registered("2026-02-20")
		for _, u := range []models.User{s.Wu, s.Leng, s.Hai, s.Supervisor, s.Office, s.Principal} {
			s.as(u).get("/units/jfj").want(http.StatusOK).wantWords("经济发展局", says("leader.shares"), "副局长", "leng 牵头领导 "+says("leader.idle"))
		}
		s.as(s.Admin).get("/units/jfj").want(http.StatusOK).wantNone(says("leader.shares"), "副局长")
		stranger := s.as(s.Shen)
		stranger.get("/me")
		foreign, missing := stranger.get("/units/jfj").want(http.StatusNotFound), stranger.get("/units/nowhere").want(http.StatusNotFound)
		if ownToEachAnswer.ReplaceAllString(foreign.body, "") != ownToEachAnswer.ReplaceAllString(missing.body, "") {
			t.Errorf("foreign and missing differ:\n%s\n%s", foreign.body, missing.body)
		}
		list := s.as(s.Supervisor).get("/items?leader=" + queryEscape("副局长") + "&status=open&unit=jfj").want(http.StatusOK)
		list.wantWords("2")
	})
}

func TestAHeadHandsOverOnTheUnitsPage(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		items, err := s.As(s.Office).Register(models.NewItem{
			Tier: models.OnTheSpot, RoundID: s.Round.ID, UnitID: s.Unit.ID, Problem: "问题", Leader: "leng", Handler: "wu",
			Measures: []models.Measure{{Text: "整改", DueOn: "2026-03-20"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		from, to := fmt.Sprint(s.Wu.ID), fmt.Sprint(s.Leng.ID)
		s.as(s.Wu).get("/units/jfj").want(http.StatusOK).wantNone(says("handover.do"))
		head := s.as(s.Hai)
		head.get("/units/jfj").want(http.StatusOK).wantWords("wu 经办人（在办 1 项）", says("handover.do")).wantNone(says("handover.retire"))
		head.post("/units/jfj/handovers", "from", from, "to", from, "why", "").want(http.StatusUnprocessableEntity).wantWords(says("handover.to"), says("required"))
		head.post("/units/jfj/handovers", "from", fmt.Sprint(s.Shen.ID), "to", to, "why", "轮岗").want(http.StatusUnprocessableEntity).wantWords(says("handover.from.choose"))
		head.post("/units/czj/handovers", "from", from, "to", to, "why", "轮岗").want(http.StatusNotFound)
		head.post("/units/jfj/handovers", "from", from, "to", to, "why", "轮岗").wantGoTo("/units/jfj")
		head.get("/units/jfj").wantWords(says("handover.records"), "轮岗")
		head.get("/items/"+items[0].Number).wantWords(says("act.hand_over"), "轮岗 经办人：wu → leng")
		s.as(s.Leng).get("/notices").wantWords(says("notice.hand_over"), items[0].Number)
	})
}

func TestAnAdministratorDisablesAnAccountAndItsWorkGoesOn(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		items, err := s.As(s.Office).Register(models.NewItem{
			Tier: models.OnTheSpot, RoundID: s.Round.ID, UnitID: s.Unit.ID, Problem: "不可告人的问题", Leader: "leng", Handler: "wu",
			Measures: []models.Measure{{Text: "整改", DueOn: "2026-03-20"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		wu := s.as(s.Wu)
		admin := s.as(s.Admin)
		admin.get("/users/" + fmt.Sprint(s.Wu.ID)).want(http.StatusOK).wantWords("负责在办事项 1 项")
		admin.get("/units/jfj").want(http.StatusOK).wantWords(says("handover.retire")).wantNone(items[0].Number, "不可告人的问题")
		admin.post("/units/jfj/handovers", "from", fmt.Sprint(s.Wu.ID), "to", fmt.Sprint(s.Leng.ID), "why", "离职", "retire", "1").wantGoTo("/units/jfj")
		if fresh := s.Read(items[0]); *fresh.HandlerID != s.Leng.ID {
			t.Errorf("the item is with %d", *fresh.HandlerID)
		}
		wu.get("/board").wantGoTo("/sign-in")
	})
}

func TestTheOfficeAssignsASupervisorOnTheUsersPage(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ours := s.Registered("2026-03-20")
		theirs := s.RegisteredFor(s.Other, models.PostFeedback, "2026-03-20")
		path := "/users/" + fmt.Sprint(s.Supervisor.ID)
		office := s.as(s.Office)
		office.get("/users").want(http.StatusOK).wantWords("supervisor").wantNone(`name="password"`)
		office.get(path).want(http.StatusOK).wantWords(says("scope.all"), "纪工委").wantNone(`name="password"`)
		office.get("/users/" + fmt.Sprint(s.Wu.ID)).want(http.StatusOK).wantNone("/scopes")
		office.post(path+"/scopes", "unit", fmt.Sprint(s.Other.ID), "category", "", "unit", "", "category", "").wantGoTo(path)
		office.get(path).wantNone(says("scope.all"))

		supervisor := s.as(s.Supervisor)
		supervisor.get("/items").want(http.StatusOK).wantWords(theirs.Number).wantNone(ours.Number)
		supervisor.get("/items/" + ours.Number).want(http.StatusNotFound)
		supervisor.get("/units/jfj").want(http.StatusNotFound)
		supervisor.get("/units/czj").want(http.StatusOK)
		supervisor.get("/board").want(http.StatusOK).wantNone(ours.Number)
		supervisor.get("/overdue").want(http.StatusOK).wantNone(ours.Number, "经济发展局")

		office.post(path+"/scopes", "unit", "", "category", "").wantGoTo(path)
		supervisor.get("/items").wantWords(ours.Number, theirs.Number)
		office.post(path+"/scopes", "unit", "x", "category", "").want(http.StatusUnprocessableEntity).wantWords(says("unit.choose"))
	})
}

// A unit's page begins with what waits for its reader's own hand, and each line leads there.
func TestAHomeBeginsWithWhatWaitsForItsReader(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ready := s.SignedBy(s.Ready("2026-06-30"), s.Wu, s.Leng)
		late := s.Registered("2026-02-20")
		s.letter(t, late)
		head := s.as(s.Hai).get("/units/jfj").want(200)
		head.wantWords(says("unit.waiting"), says("unit.waiting.sign")+" "+ready.Title, says("unit.waiting.letter")+" 督办通知书 督字〔2026〕1号", says("unit.receipt")+" 2 项")
		if strings.Index(head.body, `id="waiting"`) > strings.Index(head.body, `class="kpis"`) {
			t.Error("the figures stand above what waits")
		}
		if rows := s.as(s.Hai).get("/items?unit=jfj&duty=receipt").want(200).rows(); len(rows) != 2 {
			t.Errorf("2 wait to be received, and their list has %v", rows)
		}
		handler := s.as(s.Wu).get("/units/jfj").want(200).wantWords(says("unit.receipt") + " 2 项")
		handler.wantNone(says("unit.waiting.sign"), says("unit.waiting.letter"))
		s.as(s.Supervisor).get("/units/jfj").want(200).wantNone(says("unit.waiting"))
		for _, item := range []models.Item{ready, late} {
			if _, err := s.As(s.Wu).Acknowledge(s.Read(item)); err != nil {
				t.Fatal(err)
			}
		}
		s.as(s.Wu).get("/units/jfj").want(200).wantNone(says("unit.waiting"))
	})
}
