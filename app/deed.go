package app

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// about is a page about one thing of the register, which it is handed already looked up, and
// only if the person may see it.
func about[T any](find func(c echo.Context, b *models.Board) (T, error), page func(c echo.Context, b *models.Board, thing T) error) routePage {
	return func(c echo.Context, b *models.Board) error {
		thing, err := find(c, b)
		if err != nil {
			return err
		}
		return page(c, b, thing)
	}
}

// endDeed ends what a form asked for: as done says when it was done; with the form again and
// all that was typed, which finds in why what was wrong; or with the error.
func endDeed(err error, why *views.NotDone, done func() error, again func(status int) error) error {
	var refused models.Refused
	switch {
	case err == nil:
		return done()
	case errors.As(err, &why.Problems):
		return again(http.StatusUnprocessableEntity)
	case errors.Is(err, models.ErrStale):
		why.Stale = true
	case errors.As(err, &refused):
		why.Refused = &refused
	default:
		return err
	}
	return again(http.StatusConflict)
}
