package app

import (
	"net/http"
	"testing"

	"duban/models"
	"duban/views"
)

func TestASupervisorsQueueSaysWhoseClockIsRed(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.Today("2026-02-16")
		late := s.Submitted("2026-06-30")
		s.Today("2026-03-02")
		fresh := s.Submitted("2026-02-20")
		v := s.as(s.Supervisor)
		a := v.get("/reviews").want(http.StatusOK).wantRows(late.Number, fresh.Number)
		a.wantWords(says("review.clock.begins", 5), says("review.handed_in_late", 10))
		a.wantWords(says("review.clock.late", late.Card().ReviewWait("2026-03-02", s.As(s.Supervisor).Calendar())-5))
		if figures := a.figures(); figures[views.ItemsLink(models.Filter{Mine: true})] != 2 || figures[views.ItemsLink(models.Filter{Mine: true, ReviewLate: true})] != 1 {
			t.Errorf("the queue says %v", figures)
		}
		// What somebody has answered is gone from it.
		_, err := s.As(s.Supervisor).Return(late, "evidence", "请补凭证")
		if err != nil {
			t.Fatal(err)
		}
		v.get("/reviews").wantRows(fresh.Number)
		s.as(s.Wu).get("/reviews").want(http.StatusForbidden)
	})
}

// What old ledgers call done has a tab of its own, is drawn from by import and checked on
// its page; the page of a draw shows what was drawn and how to repeat it.
func TestWhatALedgerCallsDoneWaitsOnATabOfItsOwn(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.as(s.Supervisor).get("/reviews").want(200).wantNone(says("views.stated"))
		items, err := s.As(s.Office).Register(models.NewItem{Tier: models.PostFeedback, RoundID: s.Round.ID, UnitID: s.Unit.ID, Problem: "差旅费超标准报销", DueOn: "2025-06-30", StatusWord: "已完成", Stated: true})
		if err != nil {
			t.Fatal(err)
		}
		s.SQL("UPDATE items SET import_id = 1 WHERE id = ?", items[0].ID)
		v, item := s.as(s.Supervisor), s.find(items[0].Number)
		v.get("/reviews").wantWords(says("views.stated"))
		v.get("/reviews?tab=stated").want(200).wantWords(item.Number, says("stated.draw", 1), says("rules.stated", 30))
		v.get("/items?light=stated").want(200).wantWords(item.Number, says("views.stated"))
		v.get(views.ItemLink(item.Number)).wantWords(says("stated.title"), says("stated.words", "已完成"))
		s.as(s.Wu).get(views.ItemLink(item.Number)).wantWords(says("stated.title")).wantNone(`name="outcome"`)
		v.post("/stated/1/draws").want(303)
		v.get("/rechecks/draws/1").want(200).wantWords(item.Number, "duban recheck draw --seed")
		v.get(views.ItemLink(item.Number)).wantWords(says("stated.sampled"))
		v.deed(item, "stated", "outcome", "", "words", "").want(422)
		v.deed(item, "stated", "outcome", "holds", "words", "已看退款凭证").want(303)
		if got := s.find(item.Number); got.Status != models.Closed || got.StatedOn != "" {
			t.Errorf("%+v", got)
		}
	})
}
