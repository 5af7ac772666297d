package document_test

import (
	"bytes"
	"errors"
	"image"
	"slices"
	"strings"
	"testing"

	"duban/models/document"
	"duban/models/modelstest"
)

// taken is what somebody is told who sends that: the key of a sentence, "" when it is
// taken.
func taken(t *testing.T, name string, content []byte, archives bool) string {
	t.Helper()
	name, kind, err := document.Name(name, archives)
	if err == nil {
		err = kind.Check(t.Context(), bytes.NewReader(content), int64(len(content)), name)
	}
	unfit := document.Unfit{}
	if err != nil && !errors.As(err, &unfit) {
		return err.Error()
	}
	return unfit.Key
}

func wantKey(t *testing.T, got, key string) {
	t.Helper()
	if got != key {
		t.Errorf("told %q, want %q", got, key)
	}
}

func TestEveryKindIsTakenByItsOwnNameAndNoOther(t *testing.T) {
	for _, kind := range modelstest.SampleKinds {
		content := modelstest.Sample(t, kind, "整改方案")
		for _, name := range modelstest.SampleKinds {
			got := taken(t, "佐证."+name, content, false)
			if name == kind || strings.HasPrefix(name, "jp") && strings.HasPrefix(kind, "jp") {
				wantKey(t, got, "")
				wantKey(t, taken(t, "佐证."+strings.ToUpper(name), content, false), "")
				continue
			}
			t.Run(kind+" as "+name, func(t *testing.T) { wantKey(t, got, "evidence.file.other") })
		}
	}
}

func TestArchivesAreTakenWhereTheOperatorSaysSo(t *testing.T) {
	content := modelstest.Sample(t, "zip", "x")
	wantKey(t, taken(t, "佐证.zip", content, false), "evidence.file.zip")
	wantKey(t, taken(t, "佐证.docx", content, false), "evidence.file.other")
	wantKey(t, taken(t, "佐证.zip", content, true), "")
	for _, archives := range []bool{false, true} {
		if offered := slices.Contains(document.Endings(archives), ".zip"); offered != archives {
			t.Errorf("archives taken: %v, offered: %v", archives, offered)
		}
	}
}

// What does not come as evidence is told in a sentence of its own.
func TestBadFilesAreRefusedWithTheReason(t *testing.T) {
	jpg, pdf, docx := string(modelstest.Sample(t, "jpg", "x")), string(modelstest.Sample(t, "pdf", "x")), modelstest.Sample(t, "docx", "x")
	archive := string(modelstest.Sample(t, "zip", "x"))
	for name, tt := range map[string]struct{ name, content, key string }{
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
			wantKey(t, taken(t, tt.name, []byte(tt.content), false), tt.key)
		})
	}
}

// flawed is a package with one byte of its first part changed.
func flawed(content string) string {
	at := strings.Index(content, "\x03\x04") + 40
	at += strings.IndexByte(content[at:], 'm') // somewhere in what is packed
	return content[:at+20] + string(content[at+20]^0xFF) + content[at+21:]
}

func TestTheNameIsKeptAsItCame(t *testing.T) {
	for sent, want := range map[string]string{
		"关于〔2024〕9 号“整改”的报告（定稿）.pdf":      "关于〔2024〕9 号“整改”的报告（定稿）.pdf",
		"/home/li/桌面/佐证.pdf":              "佐证.pdf",
		`C:\Users\李慧\桌面\佐证 1.pdf`:         "佐证 1.pdf",
		"e\u0301té 𠮷 🀄.pdf":               "e\u0301té 𠮷 🀄.pdf",
		strings.Repeat("长", 196) + ".pdf": strings.Repeat("长", 196) + ".pdf",
		`a"b;c%20d.pdf`:                   `a"b;c%20d.pdf`,
	} {
		got, kind, err := document.Name(sent, false)
		if err != nil || got != want || kind != document.PDF {
			t.Errorf("%q is kept as %q, a %s: %v", sent, got, kind, err)
		}
	}
}

// Whatever is handed in comes from somebody else: it is looked at, and shown or drawn where
// that is possible, and nothing of it ends the program.
func FuzzDocuments(f *testing.F) {
	for n, kind := range modelstest.SampleKinds {
		f.Add(uint8(n), modelstest.Sample(f, kind, "整改"))
	}
	f.Fuzz(func(t *testing.T, n uint8, content []byte) {
		name, kind, err := document.Name("佐证."+modelstest.SampleKinds[int(n)%len(modelstest.SampleKinds)], true)
		if err != nil {
			t.Fatal(err)
		}
		r, size := bytes.NewReader(content), int64(len(content))
		if err := kind.Check(t.Context(), r, size, name); err != nil {
			unfit := document.Unfit{}
			if size > 0 && (!errors.As(err, &unfit) || len(unfit.Args) == 0 || unfit.Args[0] != name) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if p, more := kind.Glance(r, size); more {
			if _, err := kind.Show(t.Context(), r, size); err != nil && t.Context().Err() == nil {
				t.Errorf("%s: %v", name, err)
			}
		} else if config, _, err := image.DecodeConfig(r); p.Picture && err == nil && config.Width*config.Height < 1<<20 { // larger ones only take long
			if _, err := kind.Draw(r, size, document.Thumbnail); err != nil && !errors.Is(err, document.ErrNoPicture) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
