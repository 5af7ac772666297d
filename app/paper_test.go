package app

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"duban/models/modelstest"
	"duban/views"
)

// The papers are opened by an office program as people have it, and every word of them
// stands in the pages it prints, in fonts that are in the file.
func TestPapersArePrintedByAnOfficeProgram(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("no LibreOffice here")
	}
	for _, reader := range []string{"pdftotext", "pdffonts"} {
		if _, err := exec.LookPath(reader); err != nil {
			t.Skip("nothing here that reads a printed page")
		}
	}
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	s.lettered(t)
	v := s.signedIn("jiwei")
	folder := t.TempDir()
	bare := func(words string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || r == '-' || r == '‑' { // hyphens are printed as one or the other
				return -1
			}
			return r
		}, words)
	}
	papers := map[string][]byte{}
	print := []string{"-env:UserInstallation=file://" + folder + "/office", "--headless", "--convert-to", "pdf", "--outdir", folder}
	for name, path := range map[string]string{"letter": views.LetterFileLink(1), "draft": views.LetterFileLink(3), "bulletin": views.BulletinLink("2024-1", "")} {
		papers[name] = []byte(v.get(path).want(200).body)
		file := filepath.Join(folder, name+".docx")
		if err := os.WriteFile(file, papers[name], 0o600); err != nil {
			t.Fatal(err)
		}
		print = append(print, file)
	}
	ctx, stop := context.WithTimeout(t.Context(), modelstest.Patience)
	defer stop()
	if out, err := exec.CommandContext(ctx, office, print...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, file := range papers {
		paper := filepath.Join(folder, name+".pdf")
		printed, err := exec.CommandContext(ctx, "pdftotext", "-raw", paper, "-").Output()
		if err != nil {
			t.Fatal(name, err)
		}
		page := bare(string(printed))
		for line := range strings.Lines(paperWords(t, file)) {
			for _, letter := range bare(line) {
				if !strings.ContainsRune(page, letter) {
					t.Errorf("%s: %q of %q is not printed", name, letter, line)
				}
			}
		}
		if first, _, _ := strings.Cut(paperWords(t, file), "\n"); !strings.Contains(page, bare(first)) {
			t.Errorf("%s: %q is not printed in one piece", name, first)
		}
		fonts, err := exec.CommandContext(ctx, "pdffonts", paper).Output()
		if err != nil {
			t.Fatal(name, err)
		}
		if lines := strings.Split(strings.TrimSpace(string(fonts)), "\n"); len(lines) < 3 || strings.Contains(string(fonts), " no  ") {
			t.Errorf("%s: its fonts are\n%s", name, fonts)
		}
	}
}
