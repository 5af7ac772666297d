package app

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// showReviews is what waits for this person's own word, the longest first.
func (s *Server) showReviews(c echo.Context, b *models.Board) error {
	v := views.ReviewsView{Filter: models.Filter{Mine: true, Sort: "submitted", Size: mostReviews}, Me: b.Me(), Stated: c.QueryParam("tab") == views.StatedTab}
	stated, err := b.Count(models.Filter{Lights: []models.Light{models.LightStated}})
	if err != nil {
		return err
	}
	v.StatedN = int(stated)
	if v.Stated {
		err = s.showStated(b, &v)
	} else {
		v.Cards, err = b.List(v.Filter)
	}
	if err != nil {
		return err
	}
	if v.Units, err = b.UnitsByID(); err != nil {
		return err
	}
	if v.N, v.Late, err = b.Mine(); err != nil {
		return err
	}
	all, err := b.Count(models.Filter{Lights: []models.Light{models.LightReview}})
	if err != nil {
		return err
	}
	v.All = int(all)
	return s.show(c, b, http.StatusOK, "reviews", "nav.reviews", views.ReviewsPage(v))
}

// mostReviews is how many the queue shows; the ledger has the rest.
const mostReviews = 100
