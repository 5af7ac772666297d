package models_test

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"duban/models"
	"duban/models/modelstest"
)

// BenchmarkRoad takes one item of a register of 5,000 from its registration to its
// return by a supervisor, and says how long each act takes with its event, its rows and
// its notices, until the database has them, and the processor time and allocations of one
// item's whole way. The aim: at most 10 ms at the 95th percentile. Passwords are hashed as
// cheaply as in all tests: what a pledge costs above this is chosen by password.Cost.
func BenchmarkRoad(b *testing.B) {
	for _, engine := range modelstest.Engines {
		b.Run(engine, func(b *testing.B) {
			r := modelstest.Open(b, modelstest.URL(b, engine))
			r.Fill(5000)
			due := r.As(r.Office).Today().Plus(30)
			took := map[string][]time.Duration{}
			b.ReportAllocs()
			before := processorTime(b)
			for b.Loop() {
				var item models.Item
				act := func(name string, do func() (models.Item, error)) {
					b.Helper()
					began := time.Now()
					done, err := do()
					if err != nil {
						b.Fatal(name, err)
					}
					took[name] = append(took[name], time.Since(began))
					item = done
				}
				act("register", func() (models.Item, error) { return r.Registered(due), nil })
				act("assign", func() (models.Item, error) {
					return r.As(r.Hai).AssignItem(item, models.Assignment{LeaderID: r.Leng.ID, HandlerID: r.Wu.ID})
				})
				act("acknowledge", func() (models.Item, error) { return r.As(r.Wu).Acknowledge(item) })
				act("report", func() (models.Item, error) {
					return r.As(r.Wu).Report(item, "已核实 31 笔，余下 12 笔正在办理", nil)
				})
				measures, err := r.As(r.Wu).Measures(item)
				if err != nil {
					b.Fatal(err)
				}
				act("complete_measure", func() (models.Item, error) {
					return r.As(r.Wu).CompleteMeasure(item, measures[0].ID, "43 笔全部拨付")
				})
				act("add_evidence", func() (models.Item, error) {
					return r.As(r.Wu).AddEvidence(item, models.Evidence{MeasureID: &measures[0].ID, DocNo: "经发〔2026〕9 号"})
				})
				for _, u := range []models.User{r.Wu, r.Leng, r.Hai} {
					act("sign", func() (models.Item, error) {
						return r.As(u).Sign(item, models.Pledge{Agreed: true, Password: modelstest.Password})
					})
				}
				act("submit", func() (models.Item, error) { return r.As(r.Hai).Submit(item) })
				act("return", func() (models.Item, error) {
					return r.As(r.Supervisor).Return(item, "measures_not_results", "只有会议，没有结果")
				})
			}
			b.ReportMetric(float64((processorTime(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
			var all []time.Duration
			for _, name := range slices.Sorted(maps.Keys(took)) {
				slices.Sort(took[name])
				all = append(all, took[name]...)
				b.Logf("%-16s p50 %5.1f ms, p95 %5.1f ms", name, at(took[name], 50), at(took[name], 95))
			}
			slices.Sort(all)
			b.ReportMetric(at(all, 50), "p50-ms/act")
			b.ReportMetric(at(all, 95), "p95-ms/act")
		})
	}
}

// processorTime is what this process has used, its SQLite included and a PostgreSQL not.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// at is that percentile of sorted durations, in milliseconds.
func at(sorted []time.Duration, percent int) float64 {
	return float64(sorted[len(sorted)*percent/100].Microseconds()) / 1000
}

// BenchmarkWriters has sixteen people report progress at once, each on an item of their
// own in a register of 5,000 items and of 100,000, and says how many acts a second the
// database has for good. DUBAN_TEST_DURABLE=1 has PostgreSQL wait for the disk, as SQLite
// here always does.
func BenchmarkWriters(b *testing.B) {
	const writers = 16
	for _, engine := range modelstest.Engines {
		for _, times := range []int{1, 20} {
			b.Run(fmt.Sprintf("%s/%d", engine, 5000*times), func(b *testing.B) {
				r := modelstest.Open(b, modelstest.URL(b, engine))
				r.Fill(5000)
				due := r.As(r.Office).Today().Plus(30)
				items := make([]models.Item, writers)
				for n := range items {
					items[n] = r.Registered(due)
				}
				if times > 1 {
					r.Multiply(times)
				}
				var acts atomic.Int64
				b.ReportAllocs()
				b.ResetTimer()
				before := processorTime(b)
				var writing sync.WaitGroup
				for n := range items {
					writing.Go(func() {
						for acts.Add(1) <= int64(b.N) {
							done, err := r.As(r.Wu).Report(items[n], "已核实 31 笔，余下 12 笔正在办理", nil)
							if err != nil {
								b.Error(err)
								return
							}
							items[n] = done
						}
					})
				}
				writing.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acts/s")
				b.ReportMetric(float64((processorTime(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/act")
			})
		}
	}
}
