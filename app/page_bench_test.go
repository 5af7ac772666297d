//go:build unix

package app

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"duban/models/day"
	"duban/models/modelstest"
)

// reckoned is an answer of which only the length and a piece are wanted.
type reckoned struct {
	header http.Header
	status int
	bytes  int
}

func (r *reckoned) Header() http.Header    { return r.header }
func (r *reckoned) WriteHeader(status int) { r.status = status }
func (r *reckoned) Write(p []byte) (int, error) {
	r.bytes += len(p)
	return len(p), nil
}

// processed is the processor time this process has used.
func processed(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// The pages of a region's office, whole and compressed, without the network between: what
// the server's own processor spends on each.
func BenchmarkPages(b *testing.B) {
	for _, engine := range modelstest.Engines {
		for _, times := range []int{10, 200} {
			b.Run(fmt.Sprintf("%s/%d", engine, 500*times), func(b *testing.B) {
				address := modelstest.URL(b, engine)
				r := modelstest.Open(b, address)
				r.Today(day.Of(time.Now()))
				r.Fill(500)
				r.Multiply(times)
				s := siteOn(b, r, Options{})
				office := s.as(r.Office)
				_, list := office.path("/items?unit=jfj&status=doing")
				number := regexp.MustCompile(`/items/([A-Z]{2}-\d{4}-\d+)`).FindStringSubmatch(list)[1]
				floor := echo.New()
				floor.GET("/floor", floorList(modelstest.Behind(b, address), r.Unit.ID))
				for name, path := range map[string]string{
					"floor": "/floor",
					"list":  "/items?unit=jfj", "board": "/board?unit=jfj", "overdue": "/overdue", "item": "/items/" + number,
					"absent": "/items?q=" + url.QueryEscape("饕餮"), "frequent": "/items?q=" + url.QueryEscape("奖补"), "page20": "/items?page=20", "sorted": "/items?sort=-due&page=20",
				} {
					b.Run(name, func(b *testing.B) {
						request := func() {
							q := httptest.NewRequest(http.MethodGet, path, nil)
							q.Header.Set("Accept-Encoding", "gzip")
							for name, value := range office.cookies {
								q.AddCookie(&http.Cookie{Name: name, Value: value})
							}
							w := &reckoned{header: http.Header{}, status: 200}
							if name == "floor" {
								floor.ServeHTTP(w, q)
							} else {
								s.server.echo.ServeHTTP(w, q)
							}
							if w.status != http.StatusOK || w.bytes < 2000 {
								b.Fatalf("%s: %d, %d bytes", path, w.status, w.bytes)
							}
						}
						for range 5 {
							request()
						}
						runtime.GC()
						b.ReportAllocs()
						before := processed(b)
						for b.Loop() {
							request()
						}
						b.ReportMetric(float64((processed(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
					})
				}
			})
		}
	}
}

// floorList answers with the first fifty items of one lane of a unit's by one hand-written
// statement, as JSON:
// the least that a list can cost on this machine and database.
func floorList(db *sql.DB, unit int64) echo.HandlerFunc {
	type row struct {
		ID, Unit                             int64
		Number, Title, Tier, Due, Status, Of string
	}
	return func(c echo.Context) error {
		rows, err := db.QueryContext(c.Request().Context(), "SELECT id, unit_id, number, title, tier, due_on, status, leader FROM items WHERE unit_id > 0 AND unit_id = $1 AND tier = 'immediate' AND status = 'underway' ORDER BY (CASE status WHEN 'submitted' THEN submitted_on WHEN 'closed' THEN closed_on ELSE due_on END), id LIMIT 50", unit)
		if err != nil {
			return err
		}
		defer rows.Close()
		var all []row
		for rows.Next() {
			var r row
			if err := rows.Scan(&r.ID, &r.Unit, &r.Number, &r.Title, &r.Tier, &r.Due, &r.Status, &r.Of); err != nil {
				return err
			}
			all = append(all, r)
		}
		return c.JSON(http.StatusOK, all)
	}
}

// path is the body of the page at that path.
func (v *visitor) path(path string) (int, string) {
	a := v.get(path)
	return a.status, a.body
}
