package app

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// statusGoneAway stands in the log where nobody waited for an answer.
const statusGoneAway = 499

// showError is where every error ends. It alone turns one into a status and a
// sentence.
func (s *Server) showError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	if cutOff(c) { // by us; who was too slow may still read why
		c.SetRequest(c.Request().WithContext(context.WithoutCancel(c.Request().Context())))
	}
	r := c.Request()
	if r.Context().Err() != nil { // who asked has gone, and reads no answer
		_ = c.NoContent(statusGoneAway)
		return
	}
	switch signedOut := errors.Is(err, errSignedOut); {
	case signedOut && r.Header.Get("Accept") == "text/event-stream":
		_ = c.NoContent(http.StatusNoContent) // by which a browser knows not to ask again
		return
	case signedOut && r.Header.Get("HX-Request") == "":
		s.askToSignIn(c)
		return
	}
	if kept, some := keptOf(c); errors.Is(err, errToken) && some && len(kept.Files) > 0 && r.Header.Get("HX-Request") == "" && ours(r) {
		s.session.keep(c, kept) // whose files are chosen again on a page of today's
		_ = goTo(c, kept.Page)
		return
	}
	status, key, args := s.explain(err)
	if errors.Is(err, errNotForYou) {
		key = "error.not_for_you"
		if r.Method == http.MethodPost {
			key = "error.not_yours_to_do"
		}
	}
	v := views.ErrorView{Status: status, Key: key, Args: args, Search: status == http.StatusNotFound && signedInAs(c).Role.SeesLedger(), Typed: typedWords(c, status)}
	if errors.Is(err, errToken) && ours(r) {
		v.Again = tryAgain(r)
	}
	if status == http.StatusInternalServerError {
		v.Request = requestNumber(c)
		slog.ErrorContext(r.Context(), "request failed", "number", v.Request, "method", r.Method, "path", loggedPath(c), "error", err)
	}
	if status == http.StatusTooManyRequests {
		c.Response().Header().Set("Retry-After", "5")
	}
	b := s.store.Board(r.Context(), signedInAs(c))
	title := text.T(r.Context(), "error.title")
	f, frameErr := s.frame(c, b, "", title)
	if frameErr != nil { // the database itself is the matter: a page without a frame's figures
		f = views.Frame{Title: title, Me: models.User{}}
	}
	f.Here, f.Query = views.HomeLink, "" // foreign and missing are the same bytes
	if err := send(c, b, status, views.Page(f, views.ErrorPage(v))); err != nil {
		slog.Error("error page failed", "error", err)
	}
}

// askToSignIn sends somebody who only wanted to look to the sign-in page and back.
// What somebody sent is not lost: it stands on that page, and after sign-in in the
// form it was written in.
func (s *Server) askToSignIn(c echo.Context) {
	r := c.Request()
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		to := views.SignInLink
		if r.URL.Path != views.HomeLink {
			to += "?next=" + url.QueryEscape(r.URL.RequestURI())
		}
		_ = goTo(c, to)
		return
	}
	kept, some := keptOf(c)
	if !some {
		_ = goTo(c, views.SignInLink)
		return
	}
	v := views.SignInView{Next: kept.Page, Key: "session.ended_typed", Typed: typedWords(c, http.StatusUnauthorized), Kept: kept.asWord()}
	b := s.store.Board(r.Context(), signedInAs(c))
	if err := s.show(c, b, http.StatusUnauthorized, "", "session.title", views.SignInPage(v)); err != nil {
		slog.Error("sign-in page failed", "error", err)
	}
}

// typedWords is what a person wrote at length in the form that failed, unless
// another site may have written it for them.
func typedWords(c echo.Context, status int) string {
	r := c.Request()
	if r.Method != http.MethodPost || foreign(r) || status == http.StatusRequestEntityTooLarge {
		return ""
	}
	if words := strings.TrimSpace(r.PostFormValue("text")); words != "" {
		return words
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		if words := strings.TrimSpace(strings.Join(r.PostForm[name], "\n")); words != "" && !slices.Contains(unkept, name) {
			all = append(all, words)
		}
	}
	return strings.Join(all, "\n")
}

// itemPageOf is the page of the item that an address is about, "" for another's.
func itemPageOf(path string) string {
	number, ok := strings.CutPrefix(path, views.ItemsPath+"/")
	if !ok {
		return ""
	}
	number, _, _ = strings.Cut(number, "/")
	return views.ItemsPath + "/" + number
}

// tryAgain is a form as it was sent, to be sent once more from a page of today's. A
// form with a password or a file is filled in anew.
func tryAgain(r *http.Request) *views.Again {
	if r.MultipartForm != nil || len(r.PostForm) == 0 {
		return nil
	}
	form := &views.Again{To: r.URL.Path}
	for name, values := range r.PostForm {
		switch name {
		case "csrf":
			continue
		case "password", "old", "code":
			return nil
		}
		for _, value := range values {
			form.Fields = append(form.Fields, views.Choice{Value: value, Label: name})
		}
	}
	slices.SortFunc(form.Fields, func(a, z views.Choice) int { return strings.Compare(a.Label+"\x00"+a.Value, z.Label+"\x00"+z.Value) })
	return form
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
	case errors.Is(err, errTooSlow):
		return http.StatusRequestTimeout, "error.too_slow", nil
	case errors.Is(err, errTooManyFiles):
		return http.StatusRequestEntityTooLarge, "error.too_large_files", []any{mostFiles, s.store.FileLimits.Bytes >> 20}
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
			return http.StatusBadRequest, "error.unreadable", nil
		}
	}
	return http.StatusInternalServerError, "error.internal", nil
}
