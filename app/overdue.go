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
	v := views.OverdueView{ListState: state}
	rows := state.Filter
	// The page is about what is overdue; when nothing is, about what is due next.
	// A link may narrow it further, or ask for other rows of the same kind.
	if len(rows.Lights) == 0 && rows.Overdue == nil && rows.Week == "" && rows.Idle == 0 && !rows.ReviewLate {
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
	if v.Weeks, err = b.OverdueWeeks(models.Filter{}, weeksShown); err != nil {
		return err
	}
	v.Order = inOrder(state.Units)
	latest := v.Weeks[len(v.Weeks)-1].ByUnit
	slices.SortStableFunc(v.Order, func(a, z models.Unit) int { return cmp.Compare(latest[z.ID], latest[a.ID]) })
	if first := state.All.Light(models.LightOver).FirstDue(); first != "" {
		v.Longest = first.DaysUntil(b.Today())
	}
	soon := state.All.Light(models.LightSoon)
	if v.Next = soon.FirstDue(); v.Next != "" {
		n, err := b.Count(models.Filter{Lights: []models.Light{models.LightSoon}, DueFrom: v.Next, DueTo: v.Next})
		if err != nil {
			return err
		}
		v.NextN = int(n)
	}
	if err := since(b, &v); err != nil {
		return err
	}
	v.IdleOver = state.All.Light(models.LightOver).Idle()
	return s.show(c, b, http.StatusOK, "overdue", "overdue.title", views.OverduePage(v))
}

// since counts what became overdue, and what was struck off, after the end of the
// week before.
func since(b *models.Board, v *views.OverdueView) error {
	today, end := b.Today(), v.Weeks[len(v.Weeks)-2].End
	v.New = models.Filter{Overdue: &models.Age{From: 1, To: end.DaysUntil(today)}}
	v.Closed = models.Filter{ClosedFrom: end.Plus(1), ClosedTo: today}
	for _, one := range []struct {
		f    models.Filter
		into *int
	}{{v.New, &v.NewN}, {v.Closed, &v.ClosedN}} {
		n, err := b.Count(one.f)
		if err != nil {
			return err
		}
		*one.into = int(n)
	}
	return nil
}
