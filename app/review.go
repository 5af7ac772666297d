package app

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// showReviews is what waits for this person's own word, the longest first.
func (s *Server) showReviews(c echo.Context, b *models.Board) error {
	v := views.ReviewsView{Filter: models.Filter{Mine: true, Sort: "submitted", Size: mostReviews}, Me: b.Me()}
	var err error
	if v.Cards, err = b.List(v.Filter); err != nil {
		return err
	}
	if v.Units, err = b.UnitsByID(); err != nil {
		return err
	}
	for into, f := range map[*int]models.Filter{&v.N: {Mine: true}, &v.Late: {Mine: true, ReviewLate: true}, &v.All: {Lights: []models.Light{models.LightReview}}} {
		n, err := b.Count(f)
		if err != nil {
			return err
		}
		*into = int(n)
	}
	return s.show(c, b, http.StatusOK, "reviews", "nav.reviews", views.ReviewsPage(v))
}

// mostReviews is how many the queue shows; the ledger has the rest.
const mostReviews = 100
