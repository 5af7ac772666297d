package models_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// scannerSaying is a program that looks for a word in what it is given, as a scanner
// looks for a signature, and cannot tell of what holds another.
func scannerSaying(t *testing.T) models.Scanner {
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
	scanner, err := models.ScanBy([]string{program})
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
		r.Scan = func() models.Scanner { s, err := models.ScanBy([]string{"true"}); same(t, err, nil); return s }()
		mustHandIn(t, r.As(r.Wu), item, "长.txt", bytes.Repeat([]byte("长"), 1<<20))
	})
	if _, err := models.ScanBy([]string{"no-such-scanner"}); err == nil || !strings.Contains(err.Error(), "no-such-scanner") {
		t.Errorf("a scanner that is not there: %v", err)
	}
}
