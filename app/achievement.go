package app

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

func (s *Server) showAchievements(c echo.Context, b *models.Board, item models.Item) error {
	return s.showAchievementsPage(c, b, http.StatusOK, item, views.AchievementTyped{})
}

func (s *Server) showAchievementsPage(c echo.Context, b *models.Board, status int, item models.Item, typed views.AchievementTyped) error {
	v := views.AchievementsView{Item: item, May: b.May, Typed: typed}
	var err error
	if v.Achievements, err = b.Achievements(item); err != nil {
		return err
	}
	var ids []int64
	for _, o := range v.Achievements {
		ids = append(ids, o.ByID, o.WithdrawnBy)
	}
	if v.Names, err = b.NamesOf(ids); err != nil {
		return err
	}
	return s.show(c, b, status, "items", item.Number, views.AchievementsPage(v))
}

func (s *Server) recordAchievement(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.AchievementTyped{Of: models.RecordAchievement, Kind: models.AchievementKind(c.FormValue("kind")), N: c.FormValue("n"), Basis: c.FormValue("basis")}
	ask := models.AchievementAsk{Kind: typed.Kind, Basis: typed.Basis}
	if ask.Kind == models.AchievementMoney {
		ask.N, _ = models.Fen(typed.N) // what is no amount is none, and refused as such
	} else {
		ask.N = int64(typedNumber(c, "n"))
	}
	_, err := b.RecordAchievement(item, ask)
	return s.achievementDone(c, b, item, err, typed, "achievement.saved")
}

func (s *Server) withdrawAchievement(c echo.Context, b *models.Board, item models.Item) error {
	id, err := param(c, "achievement")
	if err != nil {
		return err
	}
	typed := views.AchievementTyped{Of: models.WithdrawAchievement, Achievement: id, Words: c.FormValue("words")}
	_, err = b.WithdrawAchievement(item, id, typed.Words)
	return s.achievementDone(c, b, item, err, typed, "achievement.withdrawn.said")
}

// achievementDone ends a deed on the numbers of an item: with their page, or with the form
// again and all that was typed.
func (s *Server) achievementDone(c echo.Context, b *models.Board, item models.Item, err error, typed views.AchievementTyped, said string) error {
	return endDeed(err, &typed.NotDone, func() error {
		s.session.say(c, said)
		return goTo(c, views.AchievementsLink(item.Number))
	}, func(status int) error {
		fresh, err := b.Item(item.Number)
		if err != nil {
			return err
		}
		return s.showAchievementsPage(c, b, status, fresh, typed)
	})
}
