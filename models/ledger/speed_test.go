package ledger

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"duban/models/day"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// ledgerOf writes a ledger of so many rows, whose problem, measure and progress
// are so many characters drawn from the common ones: text that hardly packs.
func ledgerOf(t testing.TB, rows, chars int) string {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	han := func(n int) string {
		var out strings.Builder
		for range n {
			out.WriteRune(rune(0x4E00 + random.IntN(6000)))
		}
		return out.String()
	}
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.SetRow("A1", []any{"序号", "反馈问题", "整改措施", "责任领导", "责任部门", "责任人", "整改时限", "整改进展", "完成情况", "备注"}))
	phrases := []string{"2024年9月30日前", "2024年底前，并长期坚持", "收到反馈意见后3个月内", "9月底前", "2024.8.31", "限期整改", "2024年第三季度"}
	for n := 1; n <= rows; n++ {
		must(w.SetRow(fmt.Sprintf("A%d", n+1), []any{n, han(chars), han(chars), "党组成员、副局长", "办公室", "办公室主任、计划财务处处长",
			phrases[n%len(phrases)], han(chars), "正在整改", ""}))
	}
	must(w.Flush())
	name := filepath.Join(t.TempDir(), "ledger.xlsx")
	must(f.SaveAs(name))
	return name
}

func openLedger(t testing.TB, name string) (*os.File, int64) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return f, info.Size()
}

// inUse is what the process has taken from the system and not given back.
func inUse() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64() - s[1].Value.Uint64())
}

// growth runs something and says by how much the process grew at most meanwhile.
func growth(do func()) int64 {
	debug.FreeOSMemory() // what making the file took must not hide what reading it takes
	before := inUse()
	peak, done := before, make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				peak = max(peak, inUse())
			}
		}
	}()
	do()
	close(done)
	<-stopped
	return peak - before
}

// wideLedger is a ledger of 20,000 rows and sixty columns, every cell of it full.
func wideLedger(t testing.TB) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "wide.xlsx")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for _, part := range [][2]string{{"xl/workbook.xml", testBook}, {"xl/_rels/workbook.xml.rels", testRels}, {"xl/sharedStrings.xml", testStrings}, {"xl/styles.xml", testStyles}} {
		w, err := z.Create(part[0])
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, part[1])
	}
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	sheet := bufio.NewWriter(w)
	sheet.WriteString(xmlHead + `<worksheet ` + mainNS + `><sheetData>` + testHead)
	for n := 1; n <= 20_000; n++ {
		fmt.Fprintf(sheet, `<row r="%d"><c><v>%d</v></c>`, n+1, n)
		for col := 1; col < mostColumns; col++ {
			fmt.Fprintf(sheet, `<c t="str"><v>%d文字文字文字文字%d</v></c>`, n, col)
		}
		sheet.WriteString("</row>")
	}
	sheet.WriteString("</sheetData></worksheet>")
	if err := sheet.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// A file at both limits, 20 MB and 20,000 rows, is read within fixed memory, and
// so is one that is full to its last column.
func TestALedgerAtBothLimitsIsReadWithinFixedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes and reads 20 MB")
	}
	limits := DefaultLimits()
	for name, made := range map[string]string{"20 MB": ledgerOf(t, limits.Rows, 155), "sixty columns": wideLedger(t)} {
		f, size := openLedger(t, made)
		if name == "20 MB" && size < 19<<20 || size > limits.Bytes {
			t.Fatalf("the file has %d bytes, which is not at the limit", size)
		}
		var r Reading
		var err error
		grew := growth(func() { r, err = Read(context.Background(), f, size, feedback2024, limits, day.StateCouncil()) })
		if n := r.Counts(); err != nil || n.Items != limits.Rows {
			t.Errorf("%s: %v, counts are %+v", name, err, n)
		}
		runtime.KeepAlive(r)
		t.Logf("%s: %d bytes, memory grew by %d MiB", name, size, grew>>20)
		if grew > 160<<20 {
			t.Errorf("%s: memory grew by %d MiB", name, grew>>20)
		}
	}
}

func BenchmarkReadLedger(b *testing.B) {
	for _, rows := range []int{500, 5000, 20_000} {
		b.Run(fmt.Sprintf("%d rows", rows), func(b *testing.B) {
			f, size := openLedger(b, ledgerOf(b, rows, 120))
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				r, err := Read(context.Background(), f, size, feedback2024, DefaultLimits(), day.StateCouncil())
				if err != nil || len(r.Items) != rows {
					b.Fatal(len(r.Items), err)
				}
			}
		})
	}
}

// BenchmarkRows goes over the rows of one workbook, as we read them and as excelize's Rows
// does: nothing is understood of them but their texts.
func BenchmarkRows(b *testing.B) {
	const rows = 5000
	name := ledgerOf(b, rows, 120)
	f, size := openLedger(b, name)
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			_, err := readPackage(b.Context(), f, size, newLedgerBudget(DefaultLimits()), func(s *ledgerSheet) error {
				n += len(s.rows)
				return nil
			})
			if err != nil || n != rows+1 {
				b.Fatal(n, err)
			}
		}
	})
	b.Run("excelize", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			book, err := excelize.OpenFile(name)
			if err != nil {
				b.Fatal(err)
			}
			all, err := book.Rows("Sheet1")
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for all.Next() {
				if _, err := all.Columns(); err != nil {
					b.Fatal(err)
				}
				n++
			}
			if err := book.Close(); err != nil || n != rows+1 {
				b.Fatal(n, err)
			}
		}
	})
}

// BenchmarkMemory reads a file at both limits and says by how much the process grew.
func BenchmarkMemory(b *testing.B) {
	limits := DefaultLimits()
	f, size := openLedger(b, ledgerOf(b, limits.Rows, 155))
	var most int64
	for b.Loop() {
		var r Reading
		var err error
		grew := growth(func() {
			r, err = Read(b.Context(), f, size, feedback2024, limits, day.StateCouncil())
		})
		if err != nil || len(r.Items) != limits.Rows {
			b.Fatal(len(r.Items), err)
		}
		most = max(most, grew)
	}
	b.ReportMetric(float64(size>>20), "file-MiB")
	b.ReportMetric(float64(most>>20), "growth-MiB")
}

func BenchmarkReadLedgerCSV(b *testing.B) {
	var out bytes.Buffer
	out.WriteString("序号,反馈问题,整改措施,责任领导,责任部门,责任人,整改时限\n")
	for n := range 5000 {
		fmt.Fprintf(&out, "%d,%s,%s,党组成员,办公室,办公室主任,2024年9月30日前\n", n+1, strings.Repeat("问题", 100), strings.Repeat("措施", 100))
	}
	b.SetBytes(int64(out.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if r, err := readBytes(out.Bytes(), feedback2024); err != nil || len(r.Items) != 5000 {
			b.Fatal(err)
		}
	}
}
