package app

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// showError is where every error ends. It alone turns one into a status and a
// sentence.
func (s *Server) showError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	if errors.Is(err, errSignedOut) && c.Request().Header.Get("HX-Request") == "" {
		to := views.SignInLink
		if c.Request().Method == http.MethodGet && c.Request().URL.Path != views.HomeLink {
			to += "?next=" + url.QueryEscape(c.Request().URL.RequestURI())
		}
		_ = goTo(c, to)
		return
	}
	status, key, args := s.explain(err)
	v := views.ErrorView{Status: status, Key: key, Args: args, Search: status == http.StatusNotFound && me(c).Role.SeesLedger()}
	if status == http.StatusInternalServerError {
		v.Request = requestNumber(c)
		slog.ErrorContext(c.Request().Context(), "request failed", "number", v.Request, "method", c.Request().Method, "path", c.Request().URL.Path, "error", err)
	}
	if status == http.StatusTooManyRequests {
		c.Response().Header().Set("Retry-After", "5")
	}
	b := s.store.Board(c.Request().Context(), me(c))
	f, frameErr := s.frame(c, b, "", http.StatusText(status))
	if frameErr != nil { // the database itself is the matter: a page without a frame's figures
		f = views.Frame{Title: http.StatusText(status), Me: models.User{}}
	}
	f.Here = views.HomeLink // foreign and missing are the same bytes
	if err := send(c, b, status, views.Page(f, views.ErrorPage(v))); err != nil {
		slog.Error("error page failed", "error", err)
	}
}

func (s *Server) explain(err error) (status int, key string, args []any) {
	var refused models.Refused
	var problems models.Problems
	var fromEcho *echo.HTTPError
	switch {
	case errors.Is(err, models.ErrNotFound):
		return http.StatusNotFound, "error.not_found", nil
	case errors.Is(err, models.ErrForbidden):
		return http.StatusForbidden, "error.forbidden", nil
	case errors.Is(err, models.ErrStale):
		return http.StatusConflict, "error.stale", nil
	case errors.Is(err, models.ErrBusy):
		return http.StatusTooManyRequests, "error.busy", nil
	case errors.Is(err, errSignedOut):
		return http.StatusUnauthorized, "session.ended", nil
	case errors.Is(err, errToken):
		return http.StatusForbidden, "error.token", nil
	case errors.Is(err, errTooLarge):
		return http.StatusRequestEntityTooLarge, "error.too_large", []any{s.options.ImportBytes >> 20}
	case errors.As(err, &refused):
		return http.StatusConflict, refused.Key, refused.Args
	case errors.As(err, &problems):
		return http.StatusUnprocessableEntity, problems[0].Key, problems[0].Args
	case errors.As(err, &fromEcho):
		switch fromEcho.Code {
		case http.StatusNotFound:
			return http.StatusNotFound, "error.not_found", nil
		case http.StatusMethodNotAllowed:
			return http.StatusMethodNotAllowed, "error.method", nil
		case http.StatusMisdirectedRequest:
			return http.StatusMisdirectedRequest, "error.host", nil
		case http.StatusBadRequest:
			return http.StatusBadRequest, "error.token", nil
		}
	}
	return http.StatusInternalServerError, "error.internal", nil
}
