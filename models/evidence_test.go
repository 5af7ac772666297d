package models_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/models"
	"duban/models/document"
	"duban/models/modelstest"
)

// handIn adds a file to an item.
func handIn(t *testing.T, b *models.Board, item models.Item, name string, content []byte) (models.Item, error) {
	t.Helper()
	in, err := b.Receive(name, bytes.NewReader(content))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer in.Drop()
	return b.AddFile(item, models.Evidence{}, in)
}

func mustHandIn(t *testing.T, b *models.Board, item models.Item, name string, content []byte) models.Item {
	t.Helper()
	item, err := handIn(t, b, item, name, content)
	if err != nil {
		t.Fatal(err)
	}
	return item
}

func evidenceOf(t *testing.T, b *models.Board, item models.Item) []models.EvidenceRow {
	t.Helper()
	rows, err := b.EvidenceOf(item)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestANumberOrANoteIsEvidence(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		measures, err := r.As(r.Wu).Measures(item)
		same(t, err, nil)
		wu := r.As(r.Wu)
		_, err = wu.AddEvidence(item, models.Evidence{DocNo: "  "})
		same(t, err, problemOf("doc_no"))
		_, err = wu.AddEvidence(item, models.Evidence{Note: strings.Repeat("长", 501)})
		same(t, err, problemOf("note"))
		item, err = wu.AddEvidence(item, models.Evidence{MeasureID: &measures[0].ID, DocNo: "经发〔2026〕9 号"})
		same(t, err, nil)
		if rows := evidenceOf(t, wu, item); len(rows) != 1 || rows[0].DocNo != "经发〔2026〕9 号" || *rows[0].MeasureID != measures[0].ID || rows[0].HasFile() {
			t.Errorf("%+v", rows)
		}
		foreign := r.RegisteredFor(r.Other, models.PostFeedback, "2026-03-20")
		theirs, err := r.As(r.Shen).Measures(foreign)
		same(t, err, nil)
		_, err = wu.AddEvidence(item, models.Evidence{MeasureID: &theirs[0].ID, DocNo: "x"})
		same(t, err, problemOf("measure"))
		_, err = r.As(r.Shen).AddEvidence(item, models.Evidence{DocNo: "x"})
		same(t, err, models.ErrNotFound)
		_, err = r.As(r.Supervisor).AddEvidence(item, models.Evidence{DocNo: "x"})
		same(t, err, models.ErrForbidden)
	})
}

func TestAFileComesBackToTheByte(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		content := modelstest.Sample(t, "pdf", "整改方案")
		const name = "关于奖补资金拨付的〔2026〕9 号文.pdf"
		item = mustHandIn(t, r.As(r.Wu), item, name, content)
		for _, u := range []models.User{r.Wu, r.Hai, r.Supervisor, r.Office, r.Principal} {
			b := r.As(u)
			rows := evidenceOf(t, b, item)
			if len(rows) != 1 || rows[0].FileName != name || rows[0].File.Type != document.PDF {
				t.Fatalf("%s sees %+v", u.Name, rows)
			}
			_, c, err := b.ReadEvidence(models.DownloadEvidence, item, rows[0].ID)
			same(t, err, nil)
			got, err := io.ReadAll(c)
			same(t, errors.Join(err, c.Close()), nil)
			if !bytes.Equal(got, content) {
				t.Errorf("%s gets other bytes", u.Name)
			}
		}
		trail, err := r.As(r.Office).Trail(item)
		same(t, err, nil)
		var looks int
		for _, e := range trail {
			if e.Act == models.DownloadEvidence && e.Particulars["file"] == name && e.Particulars["sha256"] != "" {
				looks++
			}
		}
		if looks != 5 {
			t.Errorf("the trail has %d of 5 downloads", looks)
		}
	})
}

// A stranger, and another item's address, find nothing.
func TestAFileBelongsToItsItem(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item, second := r.Registered("2026-03-20"), r.Registered("2026-03-21")
		item = mustHandIn(t, r.As(r.Wu), item, "a.txt", []byte("甲"))
		row := evidenceOf(t, r.As(r.Wu), item)[0]
		reach := func(b *models.Board, item models.Item) error {
			_, c, err := b.ReadEvidence(models.ViewEvidence, item, row.ID)
			if err == nil {
				_ = c.Close()
			}
			return err
		}
		same(t, reach(r.As(r.Wu), second), models.ErrNotFound)
		same(t, reach(r.As(r.Shen), item), models.ErrNotFound)
		same(t, reach(r.As(r.Admin), item), models.ErrNotFound)
		if rows, err := r.As(r.Shen).EvidenceOf(item); err != nil || len(rows) != 0 {
			t.Errorf("the stranger sees %v, %v", rows, err)
		}
		// A supervisor sees what they are assigned to.
		same(t, r.As(r.Office).Assign(r.Supervisor, models.Scopes{{UnitID: &r.Other.ID}}), nil)
		same(t, reach(r.As(r.Supervisor), item), models.ErrNotFound)
		same(t, r.As(r.Office).Assign(r.Supervisor, models.Scopes{{UnitID: &r.Unit.ID}}), nil)
		same(t, reach(r.As(r.Supervisor), item), nil)
	})
}

func TestTheSameBytesAreKeptOnceWithinAUnitAndApartBetweenUnits(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		one, two := r.Registered("2026-03-20"), r.Registered("2026-03-21")
		theirs := r.RegisteredFor(r.Other, models.PostFeedback, "2026-03-20")
		content := modelstest.Sample(t, "docx", "同一份")
		one = mustHandIn(t, r.As(r.Wu), one, "甲.docx", content)
		two = mustHandIn(t, r.As(r.Wu), two, "乙.docx", content)
		theirs = mustHandIn(t, r.As(r.Shen), theirs, "丙.docx", content)
		if left := r.Stored(); len(left) != 2 {
			t.Errorf("the vault holds %v", left)
		}
		// Who supervises is told of the other item; the units are not, and none of them of
		// another unit.
		for _, u := range []models.User{r.Supervisor, r.Office} {
			if rows := evidenceOf(t, r.As(u), one); !slices.Equal(rows[0].Elsewhere, []string{two.Number}) {
				t.Errorf("%s is told of %v", u.Name, rows[0].Elsewhere)
			}
			if rows := evidenceOf(t, r.As(u), theirs); len(rows[0].Elsewhere) != 0 {
				t.Errorf("%s is told of %v", u.Name, rows[0].Elsewhere)
			}
		}
		if rows := evidenceOf(t, r.As(r.Wu), one); len(rows[0].Elsewhere) != 0 {
			t.Errorf("the unit is told of %v", rows[0].Elsewhere)
		}
	})
}

func TestEvidenceIsFixedWithTheSubmission(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := mustHandIn(t, r.As(r.Wu), r.Registered("2026-03-20"), "a.txt", []byte("甲"))
		row := evidenceOf(t, r.As(r.Wu), item)[0]
		item = r.HandedIn(item)
		stored := len(r.Stored())
		for _, status := range []models.Status{models.Submitted, models.Closed} {
			if item.Status != status {
				t.Fatalf("the item is %s", item.Status)
			}
			_, err := handIn(t, r.As(r.Wu), item, "b.txt", []byte("乙"))
			closed := map[models.Status]string{models.Closed: ".closed"}[status]
			same(t, err, models.Refused{Key: "refused.add_evidence" + closed})
			in, err := r.As(r.Wu).Receive("b.txt", strings.NewReader("乙"))
			same(t, err, nil)
			_, err = r.As(r.Wu).ReplaceFile(item, row.ID, in)
			same(t, err, models.Refused{Key: "refused.replace_evidence" + closed})
			in.Drop()
			if n := len(r.Stored()); n != stored {
				t.Errorf("the vault holds %d files, not %d", n, stored)
			}
			if status == models.Submitted {
				item, err = r.As(r.Supervisor).Close(item, "属实")
				same(t, err, nil)
			}
		}
	})
}

func TestAReplacedFileKeepsItsEarlierVersion(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := mustHandIn(t, r.As(r.Wu), r.Registered("2026-03-20"), "初稿.txt", []byte("一"))
		first := evidenceOf(t, r.As(r.Wu), item)[0].ID
		replace := func(id int64, name, words string) error {
			in, err := r.As(r.Wu).Receive(name, strings.NewReader(words))
			same(t, err, nil)
			defer in.Drop()
			_, err = r.As(r.Wu).ReplaceFile(item, id, in)
			return err
		}
		same(t, replace(first, "二稿.txt", "二"), nil)
		second := evidenceOf(t, r.As(r.Wu), item)[0].ID
		same(t, replace(first, "岔稿.txt", "岔"), models.Refused{Key: "evidence.replaced"})
		same(t, replace(second, "定稿.txt", "三"), nil)
		rows := evidenceOf(t, r.As(r.Supervisor), item)
		if len(rows) != 1 || rows[0].FileName != "定稿.txt" || len(rows[0].Earlier) != 2 || rows[0].Earlier[0].FileName != "二稿.txt" || rows[0].Earlier[1].FileName != "初稿.txt" {
			t.Fatalf("%+v", rows)
		}
		_, c, err := r.As(r.Supervisor).ReadEvidence(models.ViewEvidence, item, first)
		same(t, err, nil)
		if got, _ := io.ReadAll(c); string(got) != "一" {
			t.Errorf("the first version is now %q", got)
		}
		_ = c.Close()
	})
}

// Colleagues at once: each one's file is there once, also of him who pressed twice.
func TestManyHandInAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		var all sync.WaitGroup
		failed := make(chan error, 8)
		for n := range 4 {
			all.Go(func() {
				in, err := r.As(r.Wu).Receive("同一份.txt", strings.NewReader("四人同传"))
				if err != nil {
					failed <- err
					return
				}
				defer in.Drop()
				if _, err = r.As([]models.User{r.Wu, r.Leng, r.Hai, r.Wu}[n]).AddFile(item, models.Evidence{}, in); err != nil {
					failed <- err
				}
			})
		}
		all.Wait()
		close(failed)
		for err := range failed {
			t.Error(err)
		}
		rows := evidenceOf(t, r.As(r.Wu), item)
		if len(rows) != 3 || len(r.Stored()) != 1 {
			t.Errorf("%d rows, stored %v", len(rows), r.Stored())
		}
		// The same form once more, from the page as it was; and the next day, on purpose.
		mustHandIn(t, r.As(r.Wu), item, "同一份.txt", []byte("四人同传"))
		if again := evidenceOf(t, r.As(r.Wu), item); len(again) != 3 {
			t.Errorf("sent twice, and %d rows", len(again))
		}
		if trail, err := r.As(r.Wu).Trail(item); err != nil || len(trail) != 4 {
			t.Errorf("%d events, %v", len(trail), err)
		}
		r.Today("2026-03-03")
		mustHandIn(t, r.As(r.Wu), r.Read(item), "同一份.txt", []byte("四人同传"))
		if again := evidenceOf(t, r.As(r.Wu), item); len(again) != 4 {
			t.Errorf("handed in again, and %d rows", len(again))
		}
	})
}

func TestAUnitStaysWithinItsShare(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		r.Store.FileLimits.UnitBytes = 10
		item = mustHandIn(t, r.As(r.Wu), item, "a.txt", []byte("123456"))
		_, err := handIn(t, r.As(r.Wu), item, "b.txt", []byte("12345"))
		wantKey(t, errors.Unwrap(err), "evidence.file.quota")
		item = mustHandIn(t, r.As(r.Wu), item, "同.txt", []byte("123456")) // the same bytes take no more
		mustHandIn(t, r.As(r.Wu), item, "c.txt", []byte("1234"))
		theirs := r.RegisteredFor(r.Other, models.PostFeedback, "2026-03-20")
		mustHandIn(t, r.As(r.Shen), theirs, "d.txt", []byte("1234567890"))
		if left := r.Stored(); len(left) != 3 {
			t.Errorf("the vault holds %v", left)
		}
	})
}

// What lies in the vault and in no row goes after a day; a row whose bytes are gone
// stays, is found, and so is one whose bytes were altered. Nothing of either is shown,
// and handing the same in again makes it whole.
func TestLostAndAlteredFilesAreFoundAndStraysAreSwept(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		item = mustHandIn(t, r.As(r.Wu), item, "完好.txt", []byte("完好"))
		item = mustHandIn(t, r.As(r.Wu), item, "遗失.txt", []byte("遗失"))
		item = mustHandIn(t, r.As(r.Wu), item, "篡改.txt", []byte("篡改"))
		rows := evidenceOf(t, r.As(r.Wu), item)
		path := func(n int) string { return r.Files + "/kept/" + rows[n].File.Key }
		same(t, os.Remove(path(1)), nil)
		same(t, os.WriteFile(path(2), []byte("改篡"), 0o600), nil)
		stray := r.Files + "/kept/1/aa/stray"
		same(t, os.MkdirAll(r.Files+"/kept/1/aa", 0o700), nil)
		for _, name := range []string{stray, stray + "-young", r.Files + "/incoming/left"} {
			same(t, os.WriteFile(name, []byte("x"), 0o600), nil)
		}
		long := time.Now().Add(-25 * time.Hour)
		for _, name := range []string{stray, r.Files + "/incoming/left", path(0), path(2)} {
			same(t, os.Chtimes(name, long, long), nil)
		}
		gone, err := r.As(models.TheClerk).SweepFiles()
		if err != nil || gone != 2 {
			t.Errorf("swept %d, %v", gone, err)
		}
		if left := r.Stored(); len(left) != 3 { // sound, altered, and the young stray
			t.Errorf("the vault holds %v", left)
		}
		found := map[string]string{}
		n, err := r.As(models.TheClerk).VerifyFiles(context.Background(), func(u models.UnsoundEvidence) error {
			found[u.Name] = u.Wrong
			if u.Number != item.Number || u.ItemID != item.ID || u.EvidenceID == 0 || u.SHA256 == "" {
				t.Errorf("%+v", u)
			}
			return nil
		})
		if err != nil || n != 3 || len(found) != 2 || found["遗失.txt"] != models.FileMissing || found["篡改.txt"] != models.FileAltered {
			t.Errorf("read %d, found %v, %v", n, found, err)
		}
		for n, key := range map[int]string{1: "evidence.file_missing", 2: "evidence.file_altered"} {
			_, _, err := r.As(r.Supervisor).ReadEvidence(models.ViewEvidence, item, rows[n].ID)
			same(t, err, models.Refused{Key: key})
		}
		begun := false
		err = r.As(r.Supervisor).PackEvidence(item, func([]models.EvidenceRow) error { begun = true; return nil }, nil)
		if same(t, err, models.Refused{Key: "evidence.file_missing"}); begun {
			t.Error("an archive is begun that cannot be whole")
		}
		item = mustHandIn(t, r.As(r.Wu), item, "遗失.txt", []byte("遗失"))
		mustHandIn(t, r.As(r.Wu), item, "篡改.txt", []byte("篡改"))
		if _, err := r.As(models.TheClerk).VerifyFiles(context.Background(), func(u models.UnsoundEvidence) error {
			t.Errorf("still %s: %s", u.Wrong, u.Name)
			return nil
		}); err != nil {
			t.Error(err)
		}
		_, err = r.As(r.Office).VerifyFiles(context.Background(), nil)
		same(t, err, models.ErrForbidden)
		b := r.As(models.TheClerk)
		if report, err := b.VerifyTrail(models.VerifyAsk{Files: b.CheckFiles}); err != nil || !report.Sound() || report.Files != 3 {
			t.Errorf("the trail finds %+v, %v", report, err)
		}
	})
}

func TestWhatAPageShowsOfAFile(t *testing.T) {
	r := onSQLite(t)
	item := r.Registered("2026-03-20")
	look := func(name string, content []byte) document.Preview {
		t.Helper()
		item = mustHandIn(t, r.As(r.Wu), item, name, content)
		rows := evidenceOf(t, r.As(r.Wu), item)
		_, p, err := r.As(r.Supervisor).LookAt(item, rows[len(rows)-1].ID)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := look("文.docx", modelstest.Sample(t, "docx", "奖补资金")); p.Text != "奖补资金\n正文\n换行\n项目 \t金额" {
		t.Errorf("a document shows %q", p.Text)
	}
	if p := look("表.xlsx", modelstest.Sample(t, "xlsx", "拨付 43 笔")); len(p.Sheets) != 1 || p.Sheets[0].Name != "拨付清单" || !slices.Equal(p.Sheets[0].Rows[0], []string{"拨付 43 笔", "", "43"}) {
		t.Errorf("a workbook shows %+v", p.Sheets)
	}
	if p := look("国标.txt", []byte("\xd5\xfb\xb8\xc4")); p.Text != "整改" { // GB 18030
		t.Errorf("a text shows %q", p.Text)
	}
	if p := look("长.txt", bytes.Repeat([]byte("整改\n"), 100_000)); !p.Cut || len(p.Text) > 256<<10 {
		t.Errorf("of a long text %d bytes are shown", len(p.Text))
	}
	if p := look("图.png", modelstest.Sample(t, "png", "x")); !p.Picture {
		t.Errorf("%+v", p)
	}
	if p := look("版.pdf", modelstest.Sample(t, "pdf", "x")); !p.Document {
		t.Errorf("%+v", p)
	}
	for _, kind := range []string{"ofd", "doc", "xls", "ppt", "pptx"} {
		if p := look("件."+kind, modelstest.Sample(t, kind, "x")); p.Why != "evidence.preview.none" {
			t.Errorf("%s shows %+v", kind, p)
		}
	}
}
