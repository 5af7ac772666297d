package models_test

import (
	"bytes"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/models"
	"duban/models/document"
	"duban/models/modelstest"
)

// onSQLite opens a register for stories in which the database plays no part.
func onSQLite(t testing.TB) *modelstest.Register {
	return modelstest.Open(t, modelstest.URL(t, "sqlite"))
}

// received is what somebody is told who sends that.
func received(b *models.Board, name string, content io.Reader) error {
	in, err := b.Receive(name, content)
	if err == nil {
		in.Drop()
	}
	return err
}

func wantKey(t *testing.T, err error, key string) {
	t.Helper()
	var problems models.Problems
	got := ""
	if errors.As(err, &problems) {
		got = problems[0].Key
		if problems[0].Field != "files" {
			t.Errorf("%s is told at %q", got, problems[0].Field)
		}
	} else if err != nil {
		got = err.Error()
	}
	if got != key {
		t.Errorf("told %q, want %q", got, key)
	}
}

func TestArchivesAreTakenWhereTheOperatorSaysSo(t *testing.T) {
	r := onSQLite(t)
	content := modelstest.Sample(t, "zip", "x")
	wantKey(t, received(r.As(r.Wu), "佐证.zip", bytes.NewReader(content)), "evidence.file.zip")
	wantKey(t, received(r.As(r.Wu), "佐证.docx", bytes.NewReader(content)), "evidence.file.other")
	r.Store.FileLimits.Zip = true
	same(t, received(r.As(r.Wu), "佐证.zip", bytes.NewReader(content)), nil)
}

// What does not come as evidence is told at the field, and nothing of it is left.
func TestBadFilesAreRefusedAtTheField(t *testing.T) {
	r := onSQLite(t)
	for name, tt := range map[string]struct{ content, key string }{
		"空.pdf":               {"", "evidence.file.empty"},
		"照片.jpg":              {"<!DOCTYPE html><script>alert(1)</script>", "evidence.file.other"},
		"程序.exe":              {"MZ\x90\x00\x03", "evidence.file.ending"},
		"a\r\nSet-Cookie.pdf": {"x", "evidence.file.name"},
	} {
		wantKey(t, received(r.As(r.Wu), name, strings.NewReader(tt.content)), tt.key)
	}
	if left := r.Stored(); len(left) != 0 {
		t.Errorf("left in the vault: %v", left)
	}
}

func TestFiftyMegabytesAreTakenAndFiftyOneAreNot(t *testing.T) {
	r := onSQLite(t)
	text := func(n int64) io.Reader { return io.LimitReader(letters{}, n) }
	same(t, received(r.As(r.Wu), "长.txt", text(50<<20)), nil)
	wantKey(t, received(r.As(r.Wu), "长.txt", text(50<<20+1)), "evidence.file.too_long")
	wantKey(t, received(r.As(r.Wu), "长.txt", text(51<<20)), "evidence.file.too_long")
	if left := r.Stored(); len(left) != 0 {
		t.Errorf("left in the vault: %v", left)
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for n := range p {
		p[n] = "abcdefghijklmnopqrstuvwxyz \n"[n%28]
	}
	return len(p), nil
}

// Three at once of whatever takes memory by what it says of itself: the heap grows by
// less than 160 MiB, and nobody waits for long.
func TestThreeBadFilesAtOnceTakeLittleMemory(t *testing.T) {
	r := onSQLite(t)
	var largest bytes.Buffer
	if err := png.Encode(&largest, modelstest.Picture(4000, 3000, "x")); err != nil {
		t.Fatal(err)
	}
	files := []struct {
		name    string
		content []byte
		key     string
	}{
		{"四吉字节.xlsx", modelstest.Bomb(t, 4096, false), "evidence.file.unpacks"},
		{"谎报.xlsx", modelstest.Bomb(t, 4096, true), "evidence.file.damaged"},
		{"五万.png", modelstest.Enormous(50_000, 50_000), "evidence.file.pixels"},
		{"大.png", largest.Bytes(), ""},
		{"多.txt", bytes.Repeat([]byte("整改\n"), 7<<20), ""},
	}
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) {
			grown := growth(func() {
				var all sync.WaitGroup
				for range 3 {
					all.Go(func() { wantKey(t, received(r.As(r.Wu), f.name, bytes.NewReader(f.content)), f.key) })
				}
				all.Wait()
			})
			t.Logf("%s: %d bytes, three at once: the heap grew by %.1f MiB at most", f.name, len(f.content), float64(grown)/(1<<20))
			if grown > 160<<20 {
				t.Errorf("the heap grew by %d MiB", grown>>20)
			}
		})
	}
	if left := r.Stored(); len(left) != 0 {
		t.Errorf("left in the vault: %v", left)
	}
}

// growth is by how much the heap was at most larger than before while do was done.
func growth(do func()) uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, m.HeapAlloc
	done, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		for tick := time.NewTicker(2 * time.Millisecond); ; {
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	}()
	do()
	close(done)
	<-watched
	return most - before
}

// scannerSaying is a program that looks for a word in what it is given, as a scanner
// looks for a signature, and cannot tell of what holds another.
func scannerSaying(t *testing.T) document.Scanner {
	t.Helper()
	program := filepath.Join(t.TempDir(), "scan")
	const does = `#!/bin/sh
read=$(cat)
case "$read" in
*EICAR*) echo "Eicar-Signature FOUND"; exit 1 ;;
*DOWN*) echo "could not connect"; exit 2 ;;
esac
`
	if err := os.WriteFile(program, []byte(does), 0o700); err != nil {
		t.Fatal(err)
	}
	scanner, err := document.ScanBy([]string{program})
	if err != nil {
		t.Fatal(err)
	}
	return scanner
}

// What a scanner finds something in is not kept, nor what it cannot tell of; what it
// found nothing in says when it was looked through, and what was handed in before there
// was a scanner says that it was not, until the same is handed in again.
func TestFilesAreScannedBeforeTheyAreKept(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		before := modelstest.Sample(t, "pdf", "以前的")
		item = mustHandIn(t, r.As(r.Wu), item, "以前的.pdf", before)
		if rows := evidenceOf(t, r.As(r.Wu), item); rows[0].File.ScannedAt != nil {
			t.Errorf("scanned by nobody on %s", rows[0].File.ScannedAt)
		}
		r.Scan = scannerSaying(t)
		for content, key := range map[string]string{"有 EICAR 的": "evidence.file.infected", "DOWN": "evidence.file.not_scanned"} {
			_, err := r.As(r.Wu).Receive("说明.txt", strings.NewReader(content))
			var problems models.Problems
			if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Key != key {
				t.Errorf("%s: %v, want %s", content, err, key)
			}
			if blind := (models.NotScanned{}); key == "evidence.file.not_scanned" && (!errors.As(err, &blind) || !strings.Contains(blind.Cause.Error(), "could not connect")) {
				t.Errorf("who runs the program is told %v", err)
			}
		}
		item = mustHandIn(t, r.As(r.Wu), item, "干净.txt", []byte("没有问题"))
		item = mustHandIn(t, r.As(r.Wu), item, "以前的.pdf", before)
		rows := evidenceOf(t, r.As(r.Wu), item)
		if len(rows) != 3 || len(r.Stored()) != 2 {
			t.Fatalf("%d rows, %v", len(rows), r.Stored())
		}
		for _, row := range rows {
			if row.File.ScannedAt == nil || !row.File.ScannedAt.Equal(r.Now()) {
				t.Errorf("%s was scanned at %v", row.FileName, row.File.ScannedAt)
			}
		}
		// Files longer than the scanner cares to read are no trouble.
		r.Scan = func() document.Scanner { s, err := document.ScanBy([]string{"true"}); same(t, err, nil); return s }()
		mustHandIn(t, r.As(r.Wu), item, "长.txt", bytes.Repeat([]byte("长"), 1<<20))
	})
}
