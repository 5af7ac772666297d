package views

import (
	"context"
	"strings"

	"duban/models"
	"duban/static"
	"duban/views/text"
)

// weekWords are how a week of the table is headed: W27, and "now" for the running
// one.
func (v OverdueView) weekWords(ctx context.Context, n int) string {
	if n == len(v.Weeks)-1 {
		return text.T(ctx, "overdue.now")
	}
	_, week, _ := strings.Cut(v.Weeks[n].Week, "-")
	return week
}

// trendWords say what the bars show, for those who do not see them.
func (v OverdueView) trendWords(ctx context.Context) string {
	words := []string{text.T(ctx, "overdue.trend")}
	for n, w := range v.Weeks {
		words = append(words, v.weekWords(ctx, n)+": "+text.Count(ctx, "items.n", w.N()))
	}
	return strings.Join(words, " ")
}

func spriteLink(name string) string { return static.URL("img/sprite.svg") + "#" + name }

// cellLink is the items that a cell of the table counts: those overdue at that
// week's end, or those overdue now.
func (v OverdueView) cellLink(u models.Unit, n int) string {
	if n == len(v.Weeks)-1 {
		return ItemsLink(models.Filter{Units: []string{u.Code}, Lights: []models.Light{models.LightOver}})
	}
	return ItemsLink(models.Filter{Units: []string{u.Code}, Week: v.Weeks[n].Week})
}

// shows says whether the rows are just those that a figure counts.
func (v OverdueView) shows(f models.Filter) bool {
	rows := v.Rows
	rows.Group, rows.Sort, rows.Page = "", "", 0
	return rows.With("rows", "", v.Today).Encode() == f.Encode()
}
