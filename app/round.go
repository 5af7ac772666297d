package app

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

func (s *Server) showRounds(c echo.Context, b *models.Board) error {
	return s.showRoundsPage(c, b, http.StatusOK, models.Round{Year: b.Today().Year()}, "", nil)
}

func (s *Server) showRound(c echo.Context, b *models.Board) error {
	r, err := b.Round(c.Param("round"))
	if err != nil {
		return err
	}
	return s.showRoundsPage(c, b, http.StatusOK, r, r.Code, nil)
}

func (s *Server) showRoundsPage(c echo.Context, b *models.Board, status int, edited models.Round, code string, problems models.Problems) error {
	v := views.RoundsView{Edited: edited, Code: code, Problems: problems, Days: map[int64]models.RoundUnit{}}
	var err error
	if v.Rounds, err = b.Rounds(); err != nil {
		return err
	}
	if v.Units, err = b.Units(); err != nil {
		return err
	}
	for _, u := range v.Units {
		if v.Days[u.ID], err = b.RoundUnit(edited.ID, u.ID); err != nil {
			return err
		}
	}
	return s.show(c, b, status, "rounds", "rounds.title", views.RoundsPage(v))
}

func (s *Server) saveRound(c echo.Context, b *models.Board) error {
	r := models.Round{}
	if code := c.Param("round"); code != "" {
		var err error
		if r, err = b.Round(code); err != nil {
			return err
		}
	}
	kept := r.Code
	r.Name, r.Code, r.Team = c.FormValue("name"), c.FormValue("code"), c.FormValue("team")
	r.Year = typedNumber(c, "year")
	r.BeginsOn, r.EndsOn = models.Day(c.FormValue("begins_on")), models.Day(c.FormValue("ends_on"))
	saved, err := b.SaveRound(r)
	var problems models.Problems
	if errors.As(err, &problems) {
		return s.showRoundsPage(c, b, http.StatusUnprocessableEntity, r, kept, problems)
	}
	if err != nil {
		return err
	}
	s.session.say(c, "round.saved")
	return goTo(c, views.RoundLink(saved.Code))
}

func (s *Server) saveRoundUnit(c echo.Context, b *models.Board) error {
	r, err := b.Round(c.Param("round"))
	if err != nil {
		return err
	}
	u, err := unitNamed(c, b, "unit")
	if err != nil {
		return err
	}
	err = b.SaveRoundUnit(models.RoundUnit{
		RoundID: r.ID, UnitID: u.ID, NoticeOn: models.Day(c.FormValue("notice_on")),
		FeedbackOn: models.Day(c.FormValue("feedback_on")), WindowEnd: models.Day(c.FormValue("window_end")),
	})
	var problems models.Problems
	if errors.As(err, &problems) {
		return s.showRoundsPage(c, b, http.StatusUnprocessableEntity, r, r.Code, problems)
	}
	if err != nil {
		return err
	}
	s.session.say(c, "round.saved")
	return goTo(c, views.RoundLink(r.Code))
}
