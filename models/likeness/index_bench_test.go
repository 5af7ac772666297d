package likeness

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"
)

// madeText is a text of progress put together of what offices write: who did what to
// what, with numbers and days, and a phrase by custom.
func madeText(r *rand.Rand) string {
	pick := func(of []string) string { return of[r.IntN(len(of))] }
	var b strings.Builder
	fmt.Fprintf(&b, "截至%d月%d日，", 1+r.IntN(12), 1+r.IntN(28))
	for n := 4 + r.IntN(6); n > 0; n-- {
		b.WriteString(pick(madeWho))
		b.WriteString(pick(madeHow))
		b.WriteString(pick(madeDid))
		b.WriteString(pick(madeWhat))
		fmt.Fprintf(&b, "%d", 1+r.IntN(300))
		b.WriteString(pick(madeMeasure))
		b.WriteString(pick(madeThen))
		b.WriteString("；")
	}
	b.WriteString(pick(Customary))
	return b.String()
}

// madeCopy is a text with its numbers changed, and a twelfth of its characters.
func madeCopy(r *rand.Rand, text string, share float64) string {
	words := []rune(text)
	for n, c := range words {
		switch {
		case '0' <= c && c <= '9':
			words[n] = '0' + rune(r.IntN(10))
		case c > 0x4e00 && r.Float64() < share:
			words[n] = rune(0x4e00 + r.IntN(3000))
		}
	}
	return string(words)
}

var (
	madeWho     = strings.Fields("财务科 办公室 党建办 纪检组 综合科 各支部 分管领导 审计所 民政办 农经站 经手人 责任科室 工程科 人事科 房产科 执法科 总务处 门诊部 水利科 种植科")
	madeHow     = strings.Fields("逐笔 逐户 会同有关部门 对照清单 按程序 分两组交叉 当面 书面 限期 重新 依法 公开 集中 连夜 上门 逐项 按村按组 委托第三方 报经批准后 现场")
	madeDid     = strings.Fields("核查了 收回了 退还了 补签了 清退了 公示了 整理了 更换了 拆除了 补发了 核减了 移交了 约谈了 修订了 印发了 停用了 封存了 归档了 抽查了 通报了")
	madeWhat    = strings.Fields("超标住宿费 无函接待单 白条 合同 闲置房间 公务用车 补贴 发票 凭证 党员档案 工资单 印章 门面租金 工程签证 招标文件 低保名单 信访工单 路灯 井盖 隐患 会议记录 干部档案 培训计划 食堂账目 罚没款")
	madeMeasure = strings.Fields("笔 份 户 处 件 人 间 台 万元 次 卷 本")
	madeThen    = strings.Fields("，金额已对上 ，缴款书已存档 ，签收回执齐全 ，剩余部分分期扣清 ，由本人签字确认 ，公示无异议 ，纪检组随机抽了三笔 ，已报财政局备案 ，照片和底稿已归档 ，收据号登记在册 ，对方盖章证明 ，下月起按新办法执行")
)

// made are so many texts, one in five a copy of another.
func made(count int) []string {
	r := rand.New(rand.NewPCG(7, 15))
	out := make([]string, count)
	for n := range out {
		if n > 10 && r.IntN(5) == 0 {
			out[n] = madeCopy(r, out[r.IntN(n)], []float64{0, 0.03, 0.06, 0.09}[r.IntN(4)])
			continue
		}
		out[n] = madeText(r)
	}
	return out
}

func heapMiB() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// How much faster the index is than to compare every text with every other, and how
// many of the pairs it finds. Of the exhaustive way a hundredth is done and its time
// taken a hundred times: all of it takes minutes.
func BenchmarkIndexBesideExhaustive(b *testing.B) {
	const count, share, sample = 30_000, 0.6, 100
	reader := NewReader(Customary, nil)
	var grams [][]uint32
	for _, text := range made(count) {
		grams = append(grams, reader.Read(text).Grams())
	}
	for b.Loop() {
		began := time.Now()
		x := NewIndex(count)
		ask := x.Asker()
		found := map[[2]int]bool{}
		for n, g := range grams {
			ask.Like(g, share, func(other int) {
				if InCommon(g, grams[other]) >= share {
					found[[2]int{other, n}] = true
				}
			})
			x.Add(g)
		}
		indexed := time.Since(began)
		began = time.Now()
		all, hit := 0, 0
		for n := 0; n < count; n += sample {
			for other, g := range grams {
				if other != n && InCommon(grams[n], g) >= share {
					all++
					if found[[2]int{min(n, other), max(n, other)}] {
						hit++
					}
				}
			}
		}
		exhaustive := time.Since(began) * sample / 2 // each pair once
		b.ReportMetric(indexed.Seconds(), "s-index")
		b.ReportMetric(exhaustive.Seconds(), "s-exhaustive")
		b.ReportMetric(exhaustive.Seconds()/indexed.Seconds(), "times-faster")
		b.ReportMetric(float64(hit)/float64(all), "recall")
		b.ReportMetric(float64(len(found)), "pairs")
	}
}

// One text against 300,000: how long, and how much the index holds.
func BenchmarkOneTextAgainstMany(b *testing.B) {
	const count = 300_000
	reader := NewReader(Customary, nil)
	r := rand.New(rand.NewPCG(3, 5))
	before := heapMiB()
	began := time.Now()
	x := NewIndex(count)
	ask := x.Asker()
	for range count {
		x.Add(reader.Read(madeText(r)).Grams())
	}
	built := time.Since(began)
	size := heapMiB() - before
	text := madeText(r)
	b.ResetTimer()
	candidates := 0
	for b.Loop() {
		ask.Like(reader.Read(text).Grams(), 0.6, func(int) { candidates++ })
	}
	b.ReportMetric(built.Seconds(), "s-build")
	b.ReportMetric(size, "MiB-index")
	runtime.KeepAlive(x)
}

// InCommon is which share of all their different grams two texts have in common
// (Jaccard).
func InCommon(a, z []uint32) float64 {
	common, n := 0, 0
	for _, g := range a {
		for n < len(z) && z[n] < g {
			n++
		}
		if n == len(z) {
			break
		}
		if z[n] == g {
			common++
			n++
		}
	}
	if all := len(a) + len(z) - common; all > 0 {
		return float64(common) / float64(all)
	}
	return 0
}
