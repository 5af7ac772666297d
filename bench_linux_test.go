package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"duban/models"
	"duban/models/day"
	"duban/models/modelstest"
)

// benchItems is the size of a region's round (domain: 500 to 1,500 problems, up to
// 5,000 measures).
const benchItems = 5000

// full is a program that serves a full register of that engine on today's day, with
// the office signed in.
func full(b *testing.B, engine string) *program {
	b.Helper()
	database := modelstest.URL(b, engine)
	r := modelstest.Open(b, database)
	r.Today(day.Of(time.Now()))
	r.Fill(benchItems)
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
	p := startCounted(b, database)
	p.signInAs("office", modelstest.Password)
	return p
}

// memory is what of the server lies in memory, in MiB.
func (p *program) memory() float64 {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	kb := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	n, err := strconv.Atoi(string(kb[1]))
	if err != nil {
		p.t.Fatal(err)
	}
	return float64(n) / 1024
}

// measure runs one request again and again, and reports the server's processor time,
// what it allocates, and the latencies one reader sees; p is one of startCounted.
func measure(b *testing.B, p *program, request func()) {
	for range 20 {
		request()
	}
	var took []time.Duration
	before := p.consumed()
	for b.Loop() {
		began := time.Now()
		request()
		took = append(took, time.Since(began))
	}
	after := p.consumed()
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(after.cpu-before.cpu)/float64(len(took)), "server-cpu-ms/op")
	b.ReportMetric(float64(after.objects-before.objects)/float64(len(took)), "server-allocs/op")
	b.ReportMetric(float64(after.bytes-before.bytes)/1024/float64(len(took)), "server-KiB/op")
	b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
	b.ReportMetric(ms(took[len(took)*95/100]), "p95-ms")
	b.ReportMetric(p.memory(), "server-MiB")
}

// Pages at 5,000 items, one reader. The aim: at most 20 ms of the server's processor
// and 50 ms at the 95th percentile.
func BenchmarkPages(b *testing.B) {
	for _, engine := range modelstest.Engines {
		b.Run(engine, func(b *testing.B) {
			p := full(b, engine)
			for _, path := range []string{"/board", "/items", "/items?sort=-due&page=20", "/items?q=" + url.QueryEscape("奖补"), "/overdue", "/board?unit=jfj"} {
				b.Run(path, func(b *testing.B) {
					measure(b, p, func() {
						if status, body := p.get(path); status != http.StatusOK || !strings.Contains(body, "data-count") {
							b.Fatalf("%s: %d, or another page", path, status)
						}
					})
				})
			}
		})
	}
}

// The overdue page at 5,000 items and at 100,000, with the ends of the last nine
// weeks recorded. The aim: at most 30 ms of the server's processor, and 60 ms.
func BenchmarkOverdue(b *testing.B) {
	for _, engine := range modelstest.Engines {
		for _, times := range []int{1, 20} {
			b.Run(fmt.Sprintf("%s/%d", engine, benchItems*times), func(b *testing.B) {
				database := modelstest.URL(b, engine)
				r := modelstest.Open(b, database)
				today := day.Of(time.Now())
				r.Today(today)
				r.Fill(benchItems)
				if _, err := r.As(models.TheClerk).FlagOverdue(); err != nil { // or the program would, while it is measured
					b.Fatal(err)
				}
				r.Multiply(times)
				monday, _ := day.WeekOf(today)
				for night := monday.Plus(-63); night <= monday; night = night.Plus(7) { // the days between are gaps
					r.At(string(night) + " 00:05")
					if n, err := r.As(models.TheClerk).RecordNights(); err != nil || n < 1 {
						b.Fatal(n, err)
					}
				}
				if err := r.Close(); err != nil {
					b.Fatal(err)
				}
				p := startCounted(b, database)
				for who, paths := range map[string][]string{"office": {"/overdue"}, "supervisor": {"/overdue"}} {
					p.signInAs(who, modelstest.Password)
					for _, path := range paths {
						b.Run(who+path, func(b *testing.B) {
							measure(b, p, func() {
								if status, body := p.get(path); status != http.StatusOK || !strings.Contains(body, "data-count") {
									b.Fatalf("%s: %d, or another page", path, status)
								}
							})
						})
					}
				}
			})
		}
	}
}

// A progress note on one of 5,000 items. The aim: at most 10 ms at the 95th
// percentile, the redirect and the page after it not counted.
func BenchmarkProgress(b *testing.B) {
	for _, engine := range modelstest.Engines {
		b.Run(engine, func(b *testing.B) {
			p := full(b, engine)
			p.signInAs("wu", modelstest.Password)
			_, list := p.get("/items?status=doing")
			number := regexp.MustCompile(`/items/([A-Z]{2}-\d{4}-\d+)`).FindStringSubmatch(list)
			if number == nil {
				b.Fatal("no item under way")
			}
			_, page := p.get("/items/" + number[1])
			token := csrfField.FindStringSubmatch(page)[1]
			version, err := strconv.Atoi(regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(page)[1])
			if err != nil {
				b.Fatal(err)
			}
			stay := *p.client
			stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			measure(b, p, func() {
				answer, err := stay.PostForm(p.url+"/items/"+number[1]+"/progress", url.Values{
					"csrf": {token}, "version": {strconv.Itoa(version)}, "text": {"已核实 31 笔，余下 12 笔正在办理"},
				})
				if err != nil {
					b.Fatal(err)
				}
				_ = answer.Body.Close()
				if answer.StatusCode != http.StatusSeeOther {
					b.Fatalf("version %d: %s", version, answer.Status)
				}
				version++
			})
		})
	}
}

// From the start of the process on a filled database to its first answer.
func BenchmarkStart(b *testing.B) {
	for _, engine := range modelstest.Engines {
		b.Run(engine, func(b *testing.B) {
			database := modelstest.URL(b, engine)
			r := modelstest.Open(b, database)
			r.Today(day.Of(time.Now()))
			r.Fill(benchItems)
			if err := r.Close(); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				p := start(b, database)
				if status, _ := p.get("/sign-in"); status != http.StatusOK {
					b.Fatal(status)
				}
				b.StopTimer()
				p.stop()
				b.StartTimer()
			}
		})
	}
}
