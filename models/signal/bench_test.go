package signal_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"duban/models/signal"
)

// BenchmarkLabelledHistories is an observation of the twelve labelled units.
func BenchmarkLabelledHistories(b *testing.B) {
	units, _ := histories(b)
	for b.Loop() {
		signal.ObserveAll(units, nil, nil)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/416, "µs/item")
}

// madeEntry is the entry of progress at a place, the same each time it is asked for: put
// together of what offices write, one in twenty a copy of another with other numbers.
func madeEntry(p signal.Place, changed bool) string {
	var unit, item int
	fmt.Sscanf(p.Unit, "U%d", &unit)
	fmt.Sscanf(p.Item, "FK-2024-%d", &item)
	seed := uint64(unit)<<32 | uint64(item)<<8 | uint64(p.Entry)
	numbers := rand.New(rand.NewPCG(seed, 1))
	if changed {
		seed |= 1 << 60
	}
	if numbers.IntN(20) == 0 {
		seed = uint64(numbers.IntN(5_000)) | 1<<61
	}
	r := rand.New(rand.NewPCG(seed, 2))
	pick := func(of []string) string { return of[r.IntN(len(of))] }
	var out strings.Builder
	fmt.Fprintf(&out, "截至%d月%d日，", 1+numbers.IntN(12), 1+numbers.IntN(28))
	for n := 3 + r.IntN(4); n > 0; n-- {
		out.WriteString(pick(madeWho) + pick(madeHow) + pick(madeDid) + pick(madeWhat))
		fmt.Fprintf(&out, "%d%s；", 1+numbers.IntN(300), pick(madeMeasure))
	}
	out.WriteString(pick(madeThen))
	return out.String()
}

var (
	madeWho     = strings.Fields("财务科 办公室 党建办 纪检组 综合科 各支部 分管领导 审计所 民政办 农经站 经手人 责任科室 工程科 人事科 房产科 执法科 总务处 门诊部 水利科 种植科")
	madeHow     = strings.Fields("逐笔 逐户 会同有关部门 对照清单 按程序 分两组交叉 当面 书面 限期 重新 依法 公开 集中 连夜 上门 逐项 按村按组 委托第三方 报经批准后 现场")
	madeDid     = strings.Fields("核查了 收回了 退还了 补签了 清退了 公示了 整理了 更换了 拆除了 补发了 核减了 移交了 约谈了 修订了 印发了 停用了 封存了 归档了 抽查了 通报了")
	madeWhat    = strings.Fields("超标住宿费 无函接待单 白条 合同 闲置房间 公务用车 补贴 发票 凭证 党员档案 工资单 印章 门面租金 工程签证 招标文件 低保名单 信访工单 路灯 井盖 隐患 会议记录 干部档案 培训计划 食堂账目 罚没款")
	madeMeasure = strings.Fields("笔 份 户 处 件 人 间 台 万元 次 卷 本")
	madeThen    = strings.Fields("金额已对上。 缴款书已存档。 签收回执齐全。 剩余部分分期扣清。 由本人签字确认。 公示无异议。 纪检组随机抽了三笔。 已报财政局备案。 照片和底稿已归档。 收据号登记在册。 对方盖章证明。 压紧压实整改责任，层层传导压力。")
)

// madeUnit is one of the labelled units under another name, with so many items and three
// entries of progress to each.
func madeUnit(of []signal.Unit, number, items int, changed bool) *signal.Unit {
	u := of[number%len(of)]
	u.Is.ID = fmt.Sprintf("U%d", number)
	was := u.Items
	u.Items = make([]signal.Item, 0, items)
	for n := range items {
		it := was[n%len(was)]
		it.Number = fmt.Sprintf("FK-2024-%d", n)
		it.Progress = nil
		for entry := range 3 {
			text := madeEntry(signal.Place{Unit: u.Is.ID, Item: it.Number, Entry: entry}, changed)
			it.Progress = append(it.Progress, signal.Progress{Text: text})
		}
		u.Items = append(u.Items, it)
	}
	return &u
}

// The first observation of 100,000 items with 300,000 entries of progress, which are
// read a unit at a time; then a night on which one item in a hundred has changed.
func BenchmarkObserve(b *testing.B) {
	const count, items = 2_500, 40
	units, _ := histories(b)
	var names []string
	for n := range units {
		names = append(names, units[n].Names()...)
	}
	nights := map[string]bool{}
	fetch := func(p signal.Place) string { return madeEntry(p, nights[p.Unit]) }
	for b.Loop() {
		clear(nights)
		before := heapMiB()
		began := time.Now()
		r := signal.NewRegister(nil, nil, names, count*items*3, fetch)
		for n := range count {
			r.Take(madeUnit(units, n, items, false))
		}
		taken := time.Since(began)
		var found, at atomic.Int64
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				mine := r.Beside()
				for n := int(at.Add(1)) - 1; n < count; n = int(at.Add(1)) - 1 {
					found.Add(int64(len(mine.Observe(madeUnit(units, n, items, false), nil))))
				}
			})
		}
		both.Wait()
		first := time.Since(began)
		b.ReportMetric(taken.Seconds(), "s-take")
		b.ReportMetric(first.Seconds(), "s-first")
		b.ReportMetric(heapMiB()-before, "MiB")
		b.ReportMetric(float64(found.Load()), "findings")

		began = time.Now()
		for n := 0; n < count; n += 10 { // in one unit of ten four items of forty have changed
			u := madeUnit(units, n, items, false)
			for i := range 4 {
				for entry := range u.Items[i].Progress {
					p := &u.Items[i].Progress[entry]
					p.Text = madeEntry(signal.Place{Unit: u.Is.ID, Item: u.Items[i].Number, Entry: entry}, true)
				}
			}
			r.Take(u)
			r.Observe(u, func(it *signal.Item) bool {
				return len(it.Number) == len("FK-2024-0") && it.Number < "FK-2024-4"
			})
		}
		b.ReportMetric(time.Since(began).Seconds(), "s-night")
		runtime.KeepAlive(r)
	}
}

func heapMiB() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
