package models_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"duban/models"
	"duban/models/modelstest"
)

// Sixteen people report on items of their own, while the tree is grown every two
// seconds, and the same sixteen do so with nothing entered in the trail. The aims: at
// least 1,000 acts a second on PostgreSQL and 800 on SQLite, and four fifths of what is
// reached without. On a machine that has other work the processor's time is the figure
// that tells, and on SQLite what the disk takes to sync once, which each act waits for.
// With DUBAN_TEST_DURABLE=1 PostgreSQL waits for the disk as well, as it does at a place.
func BenchmarkActsWithTheirTrail(b *testing.B) {
	const text = "已核实 31 笔，余下 12 笔正在办理"
	for _, engine := range modelstest.Engines {
		b.Run(engine, func(b *testing.B) {
			reporting(b, engine, true, func(wu *models.Board, item models.Item) (models.Item, error) { return wu.Report(item, text, nil) })
		})
		b.Run(engine+"/without", func(b *testing.B) {
			reporting(b, engine, false, func(wu *models.Board, item models.Item) (models.Item, error) { return wu.ReportUntrailed(item, text) })
		})
	}
}

func reporting(b *testing.B, engine string, grows bool, report func(*models.Board, models.Item) (models.Item, error)) {
	r := modelstest.Open(b, modelstest.URL(b, engine))
	if err := r.KeepTrail(b.Context(), b.TempDir(), ""); err != nil {
		b.Fatal(err)
	}
	const writers, each = 16, 8
	items := make([][]models.Item, writers)
	for n := range items {
		for range each {
			items[n] = append(items[n], r.Registered("2026-12-20"))
		}
	}
	stop := make(chan bool)
	var growing sync.WaitGroup
	if grows {
		growing.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(2 * time.Second):
					if _, err := r.As(models.TheClerk).GrowTrail("one"); err != nil {
						b.Error(err)
					}
				}
			}
		})
	}
	var left atomic.Int64
	left.Store(int64(b.N))
	disk := syncTime(b)
	program, server := modelstest.ProgramTime(b), serverTime(b, r)
	b.ResetTimer()
	var writing sync.WaitGroup
	for n := range items {
		writing.Go(func() {
			for k := 0; left.Add(-1) >= 0; k++ {
				item, err := report(r.As(r.Wu), items[n][k%each])
				if err != nil {
					b.Error(err)
					return
				}
				items[n][k%each] = item
			}
		})
	}
	writing.Wait()
	b.StopTimer()
	per := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(b.N) }
	b.ReportMetric(per(modelstest.ProgramTime(b)-program), "program-cpu-ms/act")
	if engine == "postgres" {
		b.ReportMetric(per(serverTime(b, r)-server), "server-cpu-ms/act")
	} else {
		b.ReportMetric(disk.Seconds()*1000, "disk-sync-ms")
	}
	close(stop)
	growing.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acts/s")
}

// serverTime is the processor time of the database's server and all its processes,
// where there is one and it is on this machine.
func serverTime(b *testing.B, r *modelstest.Register) time.Duration {
	if r.Behind().Name() != "postgres" {
		return 0
	}
	var backend string
	if err := r.Behind().Raw("SELECT pg_backend_pid()").Scan(&backend).Error; err != nil {
		b.Fatal(err)
	}
	parent := processStat(backend)[1]
	var ticks int
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range all {
		switch stat := processStat(filepath.Base(path)); {
		case filepath.Base(path) == parent:
			ticks += sum(stat[11:15]) // with that of its children that have ended
		case stat[1] == parent:
			ticks += sum(stat[11:13])
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// processStat is what the kernel says of a process, its name left out.
func processStat(pid string) []string {
	stat, _ := os.ReadFile("/proc/" + pid + "/stat")
	_, rest, _ := strings.Cut(string(stat), ") ")
	return append(strings.Fields(rest), make([]string, 15)...) // one that has ended says nothing
}

func sum(words []string) (all int) {
	for _, word := range words {
		n, _ := strconv.Atoi(word)
		all += n
	}
	return all
}

// syncTime is how long the disk takes to have a page for certain.
func syncTime(b *testing.B) time.Duration {
	file, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	const times = 100
	began := time.Now()
	for range times {
		_, err := file.Write(make([]byte, 4096))
		if err := errors.Join(err, file.Sync()); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began) / times
}

// 100,000 events verified. The aim: at most five seconds.
func BenchmarkVerify(b *testing.B) {
	for _, engine := range modelstest.Engines {
		b.Run(engine, func(b *testing.B) {
			r := modelstest.Open(b, modelstest.URL(b, engine))
			if err := r.KeepTrail(b.Context(), b.TempDir(), ""); err != nil {
				b.Fatal(err)
			}
			const items, all = 2000, 100_000
			var news []models.NewItem
			for n := range items {
				news = append(news, models.NewItem{Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, LedgerNo: fmt.Sprint(n),
					Problem: fmt.Sprintf("第 %d 个问题：企业奖补资金拨付不及时", n), Measures: []models.Measure{{Text: "修订流程", DueOn: "2026-12-20"}}})
			}
			registered, err := r.As(r.Office).Register(news...)
			if err != nil {
				b.Fatal(err)
			}
			wu := r.As(r.Wu)
			if err := wu.ReportMany(registered, all/items-1); err != nil {
				b.Fatal(err)
			}
			clerk := r.As(models.TheClerk)
			if _, err := clerk.GrowTrail("one"); err != nil {
				b.Fatal(err)
			}
			if _, _, err := clerk.SignTrail(); err != nil {
				b.Fatal(err)
			}
			program, server, times := modelstest.ProgramTime(b), serverTime(b, r), 0
			for b.Loop() {
				times++
				report, err := clerk.VerifyTrail(models.VerifyAsk{})
				if err != nil || !report.Sound() || report.Events < all {
					b.Fatalf("%v, %d events, %v", err, report.Events, report.Findings[:min(3, len(report.Findings))])
				}
				b.ReportMetric(report.Took.Seconds(), "s/last")
			}
			b.ReportMetric((modelstest.ProgramTime(b)-program).Seconds()/float64(times), "program-cpu-s/verify")
			b.ReportMetric((serverTime(b, r)-server).Seconds()/float64(times), "server-cpu-s/verify")
		})
	}
}
