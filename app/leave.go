package app

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// showLeave asks first: a mail program, or whoever looks for viruses, opens every
// address of a mail, and looking changes nothing.
func (s *Server) showLeave(c echo.Context, b *models.Board) error {
	word := c.Param("word")
	if err := b.MayLeave(word); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "", "leave.title", views.LeavePage(views.LeaveLink(word)))
}

// leave is a mail program's one click, or the button of the page.
func (s *Server) leave(c echo.Context, b *models.Board) error {
	if err := b.LeaveMail(c.Param("word")); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "", "leave.title", views.LeavePage(""))
}
