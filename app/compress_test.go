package app

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// An answer comes whole however it is written: compressed where that is worth it and the
// browser takes it, and as it is where not.
func TestAnswersAreCompressedAndComeWhole(t *testing.T) {
	long := strings.Repeat("整改台账 ", 900)
	e := echo.New()
	e.Use(compress(func(c echo.Context) bool { return c.Path() == "/skipped" }))
	e.GET("/short", func(c echo.Context) error { return c.String(http.StatusTeapot, "short") })
	e.GET("/long", func(c echo.Context) error { return c.HTML(http.StatusAccepted, long) })
	e.GET("/skipped", func(c echo.Context) error { return c.HTML(http.StatusOK, long) })
	e.GET("/pieces", func(c echo.Context) error {
		for n := 0; n < len(long); n += 100 {
			if _, err := c.Response().Write([]byte(long[n:min(n+100, len(long))])); err != nil {
				return err
			}
		}
		return nil
	})
	e.GET("/flushed", func(c echo.Context) error {
		_, _ = io.WriteString(c.Response(), "first ")
		c.Response().Flush()
		_, err := io.WriteString(c.Response(), "second")
		return err
	})
	e.GET("/encoded", func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentEncoding, "br")
		return c.HTML(http.StatusOK, long)
	})
	e.GET("/away", func(c echo.Context) error { return c.Redirect(http.StatusSeeOther, "/long") })
	e.GET("/none", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	e.GET("/wrong", func(echo.Context) error { return echo.NewHTTPError(http.StatusConflict, "wrong") })
	for path, want := range map[string]struct {
		status     int
		body       string
		compressed bool
	}{
		"/short": {http.StatusTeapot, "short", false}, "/long": {http.StatusAccepted, long, true}, "/skipped": {http.StatusOK, long, false}, "/pieces": {http.StatusOK, long, true},
		"/flushed": {http.StatusOK, "first second", true}, "/encoded": {http.StatusOK, long, false}, "/away": {http.StatusSeeOther, "", false}, "/none": {http.StatusNoContent, "", false},
		"/wrong": {http.StatusConflict, "{\"message\":\"wrong\"}\n", false},
	} {
		for _, takes := range []string{"gzip", ""} {
			q := httptest.NewRequest(http.MethodGet, path, nil)
			q.Header.Set("Accept-Encoding", takes)
			w := httptest.NewRecorder()
			e.ServeHTTP(w, q)
			body := io.Reader(w.Body)
			compressed := w.Header().Get("Content-Encoding") == "gzip"
			if compressed {
				var err error
				if body, err = gzip.NewReader(w.Body); err != nil {
					t.Fatalf("%s: %v", path, err)
				}
			}
			got, err := io.ReadAll(body)
			if err != nil || w.Code != want.status || string(got) != want.body || compressed != (want.compressed && takes != "") {
				t.Errorf("%s to who takes %q: %d, %d bytes, compressed: %t, %v", path, takes, w.Code, len(got), compressed, err)
			}
			if path != "/skipped" && w.Header().Get("Vary") != echo.HeaderAcceptEncoding {
				t.Errorf("%s: varies by %q", path, w.Header().Get("Vary"))
			}
		}
	}
}
