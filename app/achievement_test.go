package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"duban/views"
)

func TestAUnitRecordsWhatItsRectificationHasBroughtAbout(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-09")
		v, page := s.as(s.Wu), views.AchievementsLink(item.Number)
		v.get(v.on(item)).wantWords(says("achievement.title"))
		v.get(page).want(http.StatusOK).wantWords(says("achievement.none"))
		a := v.post(page, "version", fmt.Sprint(item.Version), "kind", "money", "n", "0.46万", "basis", "凭证 12 号")
		a.want(http.StatusUnprocessableEntity).wantWords(says("achievement.n.money"))
		if want := `value="0.46万"`; !strings.Contains(a.body, want) {
			t.Error("what was typed is lost")
		}
		v.post(page, "version", fmt.Sprint(item.Version), "kind", "money", "n", "4600.50", "basis", "凭证 12 号").wantGoTo(page)
		v.get(page).wantWords(says("achievement.money.n", "0.46005"), "凭证 12 号")
		// The same form a second time is the same press of the button.
		v.post(page, "version", fmt.Sprint(item.Version), "kind", "money", "n", "4600.50", "basis", "凭证 12 号").wantGoTo(page)
		s.as(s.Supervisor).get("/units/jfj").wantWords(says("achievement.money.n", "0.46005"), says("achievement.sum", 1, 1))

		all, err := s.As(s.Wu).Achievements(item)
		if err != nil || len(all) != 1 {
			t.Fatal(len(all), err)
		}
		withdrawal := views.AchievementWithdrawalLink(item.Number, all[0].ID)
		v.post(withdrawal, "version", fmt.Sprint(s.Read(item).Version), "words", "").want(http.StatusUnprocessableEntity)
		v.post(withdrawal, "version", fmt.Sprint(s.Read(item).Version), "words", "重复登记").wantGoTo(page)
		v.get(page).wantWords("重复登记")
		s.as(s.Supervisor).get("/units/jfj").wantWords(says("achievement.money.n", "0"))
		// Another's is as if it were not there.
		same404 := s.as(s.Shen).get(page).want(http.StatusNotFound)
		same404.wantNone("凭证")
	})
}
