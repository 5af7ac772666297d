package app

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"duban/models"
	"duban/views"
)

// From the bar of the overdue page: it is said whose and how many before anything is
// sent, and after; the unit's people find it in their page and in the item's history.
func TestRemindersAreSentFromTheOverduePage(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		first, second, others := s.Registered("2026-02-20"), s.Registered("2026-02-10"), s.RegisteredFor(s.Other, models.PostFeedback, "2026-02-27")
		waits := s.Submitted("2026-03-20")
		supervisor := s.as(s.Supervisor)
		if body := supervisor.get("/overdue").want(200).body; !strings.Contains(body, `formaction="`+views.NewUrgingPath+`"`) {
			t.Error("the bar has no button for it")
		}
		if body := s.as(s.Principal).get("/overdue").want(200).body; strings.Contains(body, views.NewUrgingPath) {
			t.Error("who may not is offered it")
		}
		query := "?no=" + first.Number + "&no=" + second.Number + "&no=" + others.Number + "&no=" + waits.Number
		page := supervisor.get(views.NewUrgingPath + query).want(200)
		page.wantWords(says("urging.sum", "2 个单位", "3 项", "3 人"), "邮件 3 人", "wu 经办人、leng 牵头领导", "shen 经办人", says("urging.rest", waits.Number), "发送给 3 人")
		if n := len(s.unread(s.Wu)); n != 0 {
			t.Errorf("%d notices before anything was sent", n)
		}
		form := []string{"item", first.Number, "item", second.Number, "item", others.Number}
		supervisor.post("/urgings", form...).wantGoTo("/overdue")
		done := supervisor.get("/overdue").want(200)
		done.wantWords(says("urging.done", "3 人", "3 项", "经济发展局 2 项、财政局 1 项"), says("urging.on", "03-02"))
		supervisor.get("/overdue").want(200).wantNone("已提醒 3 人")

		wu := s.as(s.Wu)
		wu.get("/notices").want(200).wantWords("督办提醒", first.Number, second.Number).wantNone(others.Number)
		wu.get("/items/"+first.Number+"/history").want(200).wantWords("督办提醒", "提醒 2 人", "supervisor")
		wu.get("/items/"+first.Number).want(200).wantWords("督办提醒", "提醒 2 人")
		s.as(s.Hai).get("/notices").want(200).wantNone("督办提醒")

		// The same form again: nothing, and it is said.
		supervisor.post("/urgings", form...).wantGoTo("/overdue")
		supervisor.get("/overdue").want(200).wantWords(says("urging.nothing"))
		supervisor.get(views.NewUrgingPath+query).want(200).wantWords(says("urging.none"), first.Number)
		s.as(s.Wu).post("/urgings", form...).want(403)
		supervisor.post("/urgings", "item", "FK-2026-999").want(404)
		supervisor.post("/urgings").wantGoTo("/overdue")
	})
}

// A double click is two requests at once; each item is urged once, and every answer is
// one that a person can read.
func TestADoubleClickUrgesOnce(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		var form []string
		var items []models.Item
		for range 6 {
			item := s.Registered("2026-02-20")
			items, form = append(items, item), append(form, "item", item.Number)
		}
		supervisor := s.as(s.Supervisor)
		supervisor.get("/overdue").want(200)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { supervisor.post("/urgings", form...).wantGoTo("/overdue") })
		}
		wg.Wait()
		for _, item := range items {
			trail, err := s.As(s.Office).Trail(item)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, e := range trail {
				if e.Act == models.UrgeItem {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%s was urged %d times", item.Number, n)
			}
		}
		if n := len(s.unread(s.Wu)); n != len(items) {
			t.Errorf("%d notices", n)
		}
	})
}

// unread are somebody's notices that they have not read.
func (s *site) unread(u models.User) []models.NoticeRow {
	s.t.Helper()
	rows, err := s.As(u).Notices(100)
	if err != nil {
		s.t.Fatal(err)
	}
	return slices.DeleteFunc(rows, func(n models.NoticeRow) bool { return n.ReadAt != nil })
}
