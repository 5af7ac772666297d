package app

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// What each page reads is remembered, and never longer than it is true: what is changed in
// another program is so from the next request on.
func TestWhatAnotherProgramChangesIsSeenAtOnce(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, url string) {
		r := modelstest.Open(t, url)
		for _, u := range []models.Unit{r.Unit, r.Other} {
			r.RegisteredFor(u, models.PostFeedback, "2026-05-01")
		}
		s := siteOn(t, r, Options{})
		other, err := models.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		other.Now = r.Store.Now
		admin := other.Board(context.Background(), r.Admin)
		office, shen, supervisor := s.as(r.Office), s.as(r.Shen), s.as(r.Supervisor)
		see := func(v *visitor, path, word string, want bool) {
			t.Helper()
			a := v.get(path)
			a.want(http.StatusOK)
			if got := strings.Contains(a.body, word); got != want {
				t.Errorf("%s: %q stands there: %t", path, word, got)
			}
		}
		for range 2 {
			see(office, "/board", "财政局", true)
			see(supervisor, "/board", "财政局", true)
			see(shen, "/board", "财政局", true)
		}
		unit := r.Other
		unit.Name = "国资局"
		if _, err := admin.SaveUnit(unit); err != nil {
			t.Fatal(err)
		}
		for _, v := range []*visitor{office, supervisor, shen} {
			see(v, "/board", "财政局", false)
			see(v, "/board", "国资局", true)
		}
		if err := other.Board(context.Background(), r.Office).Assign(r.Supervisor, models.Scopes{{UnitID: &r.Unit.ID}}); err != nil {
			t.Fatal(err)
		}
		see(supervisor, "/board", "国资局", false)
		see(supervisor, "/board", "经济发展局", true)
		if _, err := other.Board(context.Background(), r.Office).SaveRound(models.Round{Code: "2027-1", Name: "新一轮巡察", Year: 2027, Team: "第九组"}); err != nil {
			t.Fatal(err)
		}
		see(office, "/board", "新一轮巡察", true)
		gone := r.Shen
		gone.Disabled = true
		if _, err := admin.SaveUser(gone, ""); err != nil {
			t.Fatal(err)
		}
		shen.get("/board").wantGoTo("/sign-in?next=%2Fboard", "/sign-in")
	})
}
