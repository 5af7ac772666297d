package app

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// weeksShown is how many weeks the overdue page looks back.
const weeksShown = 8

func (s *Server) showOverdue(c echo.Context, b *models.Board) error {
	state, err := s.listState(c, b, views.OverduePath)
	if err != nil {
		return err
	}
	v := views.OverdueView{ListState: state, Me: b.Me()}
	rows := state.Filter
	// The page is about what is overdue; when nothing is, about what is due next.
	// A link may narrow it further, or ask for other rows of the same kind.
	asked := len(rows.Lights) > 0 || rows.Overdue != nil || rows.Week != "" || rows.Since != "" || rows.Idle > 0 || rows.ReviewLate || rows.Mine || rows.Asked ||
		rows.Letter != "" && rows.Letter != models.LetterNone
	if !asked {
		rows.Lights = []models.Light{models.LightOver}
		if state.All.Overdue() == 0 && !state.Filter.Narrow() {
			rows.Lights, v.Due = []models.Light{models.LightSoon}, true
		}
		v.Shown = state.Shown.Light(rows.Lights[0])
	}
	v.Rows = rows
	if v.Cards, err = b.List(rows); err != nil {
		return err
	}
	if v.Last, err = b.LastProgress(v.Cards); err != nil {
		return err
	}
	if v.Steps, v.Letters, err = b.Steps(v.Cards); err != nil {
		return err
	}
	if v.Urged, err = b.CardsUrgedOn(v.Cards); err != nil {
		return err
	}
	if v.Weeks, err = b.OverdueWeeks(state.All, weeksShown); err != nil {
		return err
	}
	if v.Then, err = b.FiguresAt(v.Before().End); err != nil {
		return err
	}
	v.Order = inOrder(state.Units)
	latest := v.Weeks[len(v.Weeks)-1].ByUnit
	slices.SortStableFunc(v.Order, func(a, z models.Unit) int {
		return cmp.Or(cmp.Compare(latest[z.ID], latest[a.ID]), cmp.Compare(v.Before().ByUnit[z.ID], v.Before().ByUnit[a.ID]))
	})
	if first := state.All.Light(models.LightOver).FirstDue(); first != "" {
		v.Longest = first.DaysUntil(b.Today())
	}
	v.Next = state.All.Light(models.LightSoon).FirstDue()
	v.IdleOver = state.All.Light(models.LightOver).Idle()
	v.Keeper = keepers(b.Me())
	counts := map[*int]models.Filter{
		&v.Asked:   {Asked: true},
		&v.Awaited: {Letter: models.LetterAwait}, &v.AwaitedLate: {Letter: models.LetterLate}, &v.Judge: {Letter: models.LetterJudge},
	}
	if v.Next != "" {
		counts[&v.NextN] = models.Filter{Lights: []models.Light{models.LightSoon}, DueFrom: v.Next, DueTo: v.Next}
	}
	for into, f := range counts {
		n, err := b.Count(f)
		if err != nil {
			return err
		}
		*into = int(n)
	}
	if v.Granted, err = b.Granted(v.Round); err != nil {
		return err
	}
	if v.Mine, v.MineLate, err = b.Mine(); err != nil {
		return err
	}
	if v.Change, err = b.OverdueChange(v.Before(), state.All); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "overdue", "overdue.title", views.OverduePage(v))
}
