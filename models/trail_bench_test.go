package models_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"duban/models"
	"duban/models/modelstest"
)

// Sixteen people report on items of their own, while the tree is grown every two
// seconds. The aim: at least 1,000 acts a second on PostgreSQL and 800 on SQLite.
func BenchmarkActsWithTheirTrail(b *testing.B) {
	for _, engine := range modelstest.Engines {
		b.Run(engine, func(b *testing.B) {
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
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			var writing sync.WaitGroup
			for n := range items {
				writing.Go(func() {
					for k := 0; left.Add(-1) >= 0; k++ {
						item, err := r.As(r.Wu).Report(items[n][k%each], "已核实 31 笔，余下 12 笔正在办理", nil)
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
			close(stop)
			growing.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acts/s")
		})
	}
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
			for b.Loop() {
				report, err := clerk.VerifyTrail(models.VerifyAsk{})
				if err != nil || !report.Sound() || report.Events < all {
					b.Fatalf("%v, %d events, %v", err, report.Events, report.Findings[:min(3, len(report.Findings))])
				}
				b.ReportMetric(report.Took.Seconds(), "s/verify")
			}
		})
	}
}
