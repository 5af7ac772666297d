package app

import (
	"fmt"
	"slices"
	"testing"

	"duban/models"
)

// The list has what is unread first; all of it is read at once, up to what the page
// showed, and kinds that are no duty can be left out.
func TestNoticesAreReadAndChosen(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		for range 2 {
			if _, err := s.As(s.Supervisor).Close(s.Submitted("2026-03-20"), "属实"); err != nil {
				t.Fatal(err)
			}
		}
		v := s.as(s.Wu)
		v.get("/notices").want(200).wantWords(says("notices.unread_ones"), says("notice.close"), says("notices.read_all"))
		rows, err := s.As(s.Wu).Notices(10)
		rows = slices.DeleteFunc(rows, func(n models.NoticeRow) bool { return n.Act != models.CloseItem }) // of the signing nothing is left to do
		if err != nil || len(rows) != 2 {
			t.Fatal(rows, err)
		}
		newest, older := fmt.Sprint(rows[0].ID), fmt.Sprint(rows[1].ID)
		v.post("/notices", "up_to", older).wantGoTo("/notices")
		v.get("/notices").want(200).wantWords(says("notices.unread_ones"), "03-02")
		v.post("/notices", "up_to", newest).wantGoTo("/notices")
		v.get("/notices").want(200).wantNone(says("notices.read_all"))

		v.post("/notices/choices", "want", string(models.SetStanding)).wantGoTo("/notices")
		muted, err := s.As(s.Wu).Muted()
		if err != nil || len(muted) != len(models.OptionalNotices()) {
			t.Errorf("muted %v %v", muted, err)
		}
		v.post("/notices/choices", "want", string(models.FlagOverdue), "want", "nonsense").wantGoTo("/notices")
		if muted, _ := s.As(s.Wu).Muted(); len(muted) != len(models.OptionalNotices())+1 {
			t.Errorf("muted %v", muted)
		}
		if _, err := s.As(s.Supervisor).Close(s.Submitted("2026-03-20"), "属实"); err != nil {
			t.Fatal(err)
		}
		v.get("/notices").want(200).wantNone(says("notices.read_all"))
	})
}
