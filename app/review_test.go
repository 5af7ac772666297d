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
