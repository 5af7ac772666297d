package app

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

func (s *Server) showUsers(c echo.Context, b *models.Board) error {
	return s.showUsersPage(c, b, http.StatusOK, models.User{Role: models.Handler}, nil, nil)
}

func (s *Server) showUser(c echo.Context, b *models.Board) error {
	u, err := userOf(c, b)
	if err != nil {
		return err
	}
	var scopes models.Scopes
	if b.MayGovern(models.GovernScopes) {
		if scopes, err = b.ScopesOf(u); err != nil {
			return err
		}
	}
	return s.showUsersPage(c, b, http.StatusOK, u, scopes, nil)
}

func userOf(c echo.Context, b *models.Board) (models.User, error) {
	id, err := param(c, "user")
	if err != nil {
		return models.User{}, err
	}
	return b.User(id)
}

func (s *Server) showUsersPage(c echo.Context, b *models.Board, status int, edited models.User, scopes models.Scopes, problems models.Problems) error {
	v := views.UsersView{Edited: edited, Problems: problems, Scopes: scopes, MayGovern: b.MayGovern(models.GovernUsers), MayAssign: b.MayGovern(models.GovernScopes)}
	var err error
	if edited.ID != 0 {
		if v.Answering, err = b.Answering(edited); err != nil {
			return err
		}
	}
	if v.Users, err = b.Users(); err != nil {
		return err
	}
	if v.Units, err = b.UnitsByID(); err != nil {
		return err
	}
	v.Order = inOrder(v.Units)
	return s.show(c, b, status, "users", "users.title", views.UsersPage(v))
}

func (s *Server) saveUser(c echo.Context, b *models.Board) error {
	u := models.User{}
	if c.Param("user") != "" {
		var err error
		if u, err = userOf(c, b); err != nil {
			return err
		}
	}
	u.FullName, u.Name, u.Role = c.FormValue("full_name"), c.FormValue("name"), models.Role(c.FormValue("role"))
	u.BodyCode = models.Body(c.FormValue("body_code"))
	u.Body, u.Post, u.Email = c.FormValue("body"), c.FormValue("post"), c.FormValue("email")
	u.Disabled = c.FormValue("disabled") != ""
	u.UnitID, u.FailedTries, u.LockedUntil, u.MailError = chosenRow(c, "unit"), 0, nil, ""
	_, err := b.SaveUser(u, c.FormValue("password"))
	var problems models.Problems
	if errors.As(err, &problems) {
		return s.showUsersPage(c, b, http.StatusUnprocessableEntity, u, nil, problems)
	}
	if err != nil {
		return err
	}
	s.session.say(c, "user.saved")
	return goTo(c, views.UsersLink)
}
