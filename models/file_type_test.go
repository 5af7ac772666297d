package models_test

import (
	"bytes"
	"errors"
	"image/png"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/models"
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

func TestEveryKindIsTakenByItsOwnNameAndNoOther(t *testing.T) {
	r := onSQLite(t)
	b := r.As(r.Wu)
	for _, kind := range modelstest.SampleKinds {
		content := modelstest.Sample(t, kind, "整改方案")
		for _, name := range modelstest.SampleKinds {
			err := received(b, "佐证."+name, bytes.NewReader(content))
			if name == kind || strings.HasPrefix(name, "jp") && strings.HasPrefix(kind, "jp") {
				same(t, err, nil)
				same(t, received(b, "佐证."+strings.ToUpper(name), bytes.NewReader(content)), nil)
				continue
			}
			t.Run(kind+" as "+name, func(t *testing.T) { wantKey(t, err, "evidence.file.other") })
		}
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

// What does not come as evidence is told in a sentence of its own.
func TestBadFilesAreRefusedWithTheReason(t *testing.T) {
	r := onSQLite(t)
	jpg, pdf, docx := string(modelstest.Sample(t, "jpg", "x")), string(modelstest.Sample(t, "pdf", "x")), modelstest.Sample(t, "docx", "x")
	archive := string(modelstest.Sample(t, "zip", "x"))
	for name, tt := range map[string]struct{ name, content, key string }{
		"nothing at all":                {"空.pdf", "", "evidence.file.empty"},
		"a page named as a picture":     {"照片.jpg", "<!DOCTYPE html><script>alert(1)</script>", "evidence.file.other"},
		"a page after a mark":           {"照片.txt", "\uFEFF  \r\n<html><body>x", "evidence.file.other"},
		"a drawing that runs scripts":   {"图.svg", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "evidence.file.ending"},
		"the same, named otherwise":     {"图.png", `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`, "evidence.file.other"},
		"the same, called text":         {"图.txt", `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`, "evidence.file.other"},
		"a program":                     {"程序.exe", "MZ\x90\x00\x03", "evidence.file.ending"},
		"a program called text":         {"程序.txt", "MZ\x90\x00\x03", "evidence.file.other"},
		"bytes called text":             {"说明.txt", "abc\x01\x02\xff\xfe", "evidence.file.not"},
		"zeros called text":             {"说明.txt", strings.Repeat("\x00", 100), "evidence.file.not"},
		"a picture and a page":          {"照片.jpg", jpg[:len(jpg)-2] + "\xff\xfe\x00\x20<ScRiPt>alert(document.domain)</ScRiPt>" + jpg[len(jpg)-2:], "evidence.file.twofold"},
		"a picture and an archive":      {"照片.jpg", jpg + archive, "evidence.file.twofold"},
		"a PDF and an archive":          {"文件.pdf", pdf + archive, "evidence.file.twofold"},
		"an archive before a PDF":       {"文件.pdf", "junk " + pdf, "evidence.file.other"},
		"two Office files in one":       {"文件.docx", string(modelstest.Package(t, map[string]string{"word/document.xml": "<a/>", "xl/workbook.xml": "<a/>"})), "evidence.file.twofold"},
		"an Office file with macros":    {"文件.docx", string(modelstest.Package(t, map[string]string{"word/document.xml": "<a/>", "word/vbaProject.bin": "x"})), "evidence.file.macros"},
		"an Office file cut in half":    {"文件.docx", string(docx[:len(docx)/2]), "evidence.file.damaged"},
		"an Office file with a flaw":    {"文件.docx", flawed(string(docx)), "evidence.file.damaged"},
		"an Office file with a secret":  {"文件.docx", string(modelstest.Compound(map[string]string{"EncryptedPackage": "x"})), "evidence.file.password"},
		"an old Office file, only head": {"文件.doc", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("x", 2000), "evidence.file.damaged"},
		"half a head of a picture":      {"照片.png", "\x89PNG\r\n\x1a\n\x00\x00", "evidence.file.damaged"},
		"a name without a kind":         {"佐证", "x", "evidence.file.ending"},
		"a kind without a name":         {".pdf", pdf, "evidence.file.name_empty"},
		"a name of three hundred":       {strings.Repeat("长", 300) + ".pdf", pdf, "evidence.file.name_long"},
		"a name with a zero":            {"a\x00.pdf", pdf, "evidence.file.name"},
		"a name of two lines":           {"a\r\nSet-Cookie: x.pdf", pdf, "evidence.file.name"},
		"a name read backwards":         {"a\u202Efdp.exe.pdf", pdf, "evidence.file.name"},
		"a name in no character set":    {"\xb7\xfd.pdf", pdf, "evidence.file.name"},
	} {
		t.Run(name, func(t *testing.T) {
			wantKey(t, received(r.As(r.Wu), tt.name, strings.NewReader(tt.content)), tt.key)
		})
	}
	if left := r.Stored(); len(left) != 0 {
		t.Errorf("left in the vault: %v", left)
	}
}

// flawed is a package with one byte of its first part changed.
func flawed(content string) string {
	at := strings.Index(content, "\x03\x04") + 40
	at += strings.IndexByte(content[at:], 'm') // somewhere in what is packed
	return content[:at+20] + string(content[at+20]^0xFF) + content[at+21:]
}

func TestTheNameIsKeptAsItCame(t *testing.T) {
	r := onSQLite(t)
	for sent, want := range map[string]string{
		"关于〔2024〕9 号“整改”的报告（定稿）.pdf":      "关于〔2024〕9 号“整改”的报告（定稿）.pdf",
		"/home/li/桌面/佐证.pdf":              "佐证.pdf",
		`C:\Users\李慧\桌面\佐证 1.pdf`:         "佐证 1.pdf",
		"e\u0301té 𠮷 🀄.pdf":               "e\u0301té 𠮷 🀄.pdf",
		strings.Repeat("长", 196) + ".pdf": strings.Repeat("长", 196) + ".pdf",
		`a"b;c%20d.pdf`:                   `a"b;c%20d.pdf`,
	} {
		in, err := r.As(r.Wu).Receive(sent, bytes.NewReader(modelstest.Sample(t, "pdf", "x")))
		if err != nil {
			t.Errorf("%q: %v", sent, err)
			continue
		}
		if in.Name != want {
			t.Errorf("%q is kept as %q", sent, in.Name)
		}
		in.Drop()
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
