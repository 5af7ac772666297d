package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"io/fs"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"duban/models"
	"duban/models/modelstest"
	"duban/models/vault"
)

// kills is how often the program is killed on each database.
const kills = 50

// acknowledged is what the program has said it saved: the sums of files by name, and
// the words of progress, by item.
type acknowledged struct {
	mu    sync.Mutex
	files map[string]map[string]string
	words map[string][]string
}

// writer is somebody who hands in files and writes progress on one item, one after
// the other, until the program is gone.
type writer struct {
	client      *http.Client
	url, number string
	token       string
	n           *int // names are never used twice
	saved       *acknowledged
}

func (w *writer) write() {
	for {
		*w.n++
		name := fmt.Sprintf("%s-%d", w.number, *w.n)
		var err error
		if *w.n%3 == 0 {
			err = w.report("进展 " + name)
		} else {
			err = w.upload(name+".txt", bytes.Repeat([]byte(name+"\n"), 1+rand.IntN(30_000)))
		}
		if err != nil {
			return
		}
	}
}

var errNotSaved = errors.New("not saved")

// saves says whether the program has acknowledged a form.
func (w *writer) saves(path, kind string, body io.Reader) error {
	answer, err := w.client.Post(w.url+"/items/"+w.number+path, kind, body)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther || !strings.Contains(answer.Header.Get("Location"), "saved=1") {
		return errNotSaved
	}
	return nil
}

// fileForm is a form with one file, as the page sends it.
func fileForm(token, name string, content []byte) (kind string, body *bytes.Buffer) {
	body = &bytes.Buffer{}
	form := multipart.NewWriter(body)
	_ = form.WriteField("csrf", token)
	_ = form.WriteField("version", "1")
	part, _ := form.CreateFormFile("files", name)
	_, _ = part.Write(content)
	_ = form.Close()
	return form.FormDataContentType(), body
}

func (w *writer) upload(name string, content []byte) error {
	kind, body := fileForm(w.token, name, content)
	if err := w.saves("/evidence", kind, body); err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	w.saved.mu.Lock()
	defer w.saved.mu.Unlock()
	if w.saved.files[w.number] == nil {
		w.saved.files[w.number] = map[string]string{}
	}
	w.saved.files[w.number][name] = hex.EncodeToString(sum[:])
	return nil
}

func (w *writer) report(words string) error {
	answer, err := w.client.Get(w.url + "/items/" + w.number)
	if err != nil {
		return err
	}
	page, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil {
		return err
	}
	_, version, _ := strings.Cut(string(page), `name="version" value="`)
	version, _, _ = strings.Cut(version, `"`)
	form := url.Values{"csrf": {w.token}, "version": {version}, "text": {words}}
	if err := w.saves("/progress", "application/x-www-form-urlencoded", strings.NewReader(form.Encode())); err != nil {
		return err
	}
	w.saved.mu.Lock()
	defer w.saved.mu.Unlock()
	w.saved.words[w.number] = append(w.saved.words[w.number], words)
	return nil
}

// vaultOf is where the files of a story lie: in a folder beside SQLite, in an
// S3-compatible store beside PostgreSQL.
func vaultOf(t *testing.T, database string) (address, folder string) {
	t.Helper()
	if strings.HasPrefix(database, "sqlite:") {
		folder = filepath.Join(t.TempDir(), "files")
		return "folder:" + folder, folder
	}
	backend := s3mem.New()
	if err := backend.CreateBucket("evidence"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	return "s3:" + server.URL + "/evidence/duban", ""
}

// count is how many things it has said it saved.
func (a *acknowledged) count() (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for number := range a.files {
		n += len(a.files[number])
	}
	for number := range a.words {
		n += len(a.words[number])
	}
	return n
}

// The program is killed, without a word, again and again while three people hand in
// files and write progress. It is back each time, and at the end all it has
// acknowledged is there once, to the byte.
func TestKilledFiftyTimesDuringUploads(t *testing.T) {
	t.Parallel()
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		r := modelstest.Open(t, database)
		var numbers []string
		for range 3 {
			numbers = append(numbers, r.Registered("2026-03-20").Number)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		address, folder := vaultOf(t, database)
		settings := []string{"DUBAN_FILES=" + address, "DUBAN_FILES_ACCESS_KEY=duban", "DUBAN_FILES_SECRET_KEY=a-secret-of-the-test"}
		saved := &acknowledged{files: map[string]map[string]string{}, words: map[string][]string{}}
		names := make([]int, len(numbers))
		client := &http.Client{Timeout: modelstest.Patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		var back []time.Duration
		var last *program
		for n := range kills {
			began := time.Now()
			p := startWith(t, database, settings)
			last = p
			if n == 0 {
				p.signInAs("wu", modelstest.Password)
				client.Jar = p.client.Jar
			}
			p.client.Jar = client.Jar
			status, page := p.get("/items/" + numbers[0])
			if n > 0 {
				back = append(back, time.Since(began))
			}
			if status != http.StatusOK {
				t.Fatalf("after %d kills: %d\n%s", n, status, page)
			}
			var all sync.WaitGroup
			for i, number := range numbers {
				all.Go((&writer{client, p.url, number, csrfField.FindStringSubmatch(page)[1], &names[i], saved}).write)
			}
			stopped := make(chan struct{})
			go func() { all.Wait(); close(stopped) }()
			some := saved.count() + rand.N(12)
			modelstest.Await(t, "something under way", func() bool {
				select {
				case <-stopped:
					return true
				default:
					return saved.count() >= some
				}
			})
			time.Sleep(rand.N(20 * time.Millisecond)) // in the middle of whatever it may be
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
			all.Wait()
		}
		if out, err := last.command("verify"); err != nil {
			t.Errorf("verify: %v\n%s", err, out)
		}
		slices.Sort(back)
		usual, slowest := back[len(back)/2], back[len(back)-1]

		store, err := models.Open(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		if store.Vault, err = vault.Open(context.Background(), address, vault.Keys{Access: "duban", Secret: "a-secret-of-the-test", Region: "us-east-1"}); err != nil {
			t.Fatal(err)
		}
		b := store.Board(context.Background(), models.TheClerk)
		files, words, more := 0, 0, 0
		for _, number := range numbers {
			item, err := b.Item(number)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := b.EvidenceOf(item)
			if err != nil {
				t.Fatal(err)
			}
			trail, err := b.Trail(item)
			if err != nil {
				t.Fatal(err)
			}
			told := map[string]int{}
			for _, e := range trail {
				told[e.Particulars["file"]]++
				told[e.Particulars["text"]]++
			}
			kept := map[string]string{}
			for _, row := range rows {
				if kept[row.FileName] != "" || told[row.FileName] != 1 {
					t.Errorf("%s is there twice, or told %d times", row.FileName, told[row.FileName])
				}
				kept[row.FileName] = row.File.SHA256
			}
			for name, sum := range saved.files[number] {
				if kept[name] != sum {
					t.Errorf("%s was acknowledged and is %q", name, kept[name])
				}
			}
			progress, err := b.ProgressOf(item)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range saved.words[number] {
				if n := len(slices.DeleteFunc(slices.Clone(progress), func(p models.Progress) bool { return p.Text != text })); n != 1 {
					t.Errorf("%q was acknowledged and is there %d times", text, n)
				}
			}
			files, words, more = files+len(saved.files[number]), words+len(saved.words[number]), more+len(rows)-len(saved.files[number])
		}
		// The trail is whole as well: nothing acknowledged is missing, and nothing half done
		// is in it.
		if err := store.KeepTrail(context.Background(), trailFolder(t, database), ""); err != nil {
			t.Fatal(err)
		}
		store.Now = func() time.Time { return time.Now().Add(time.Minute) } // when the dead program's lease is over
		b = store.Board(context.Background(), models.TheClerk)
		if _, err := b.GrowTrail("test"); err != nil {
			t.Fatal(err)
		}
		report, err := b.VerifyTrail(models.VerifyAsk{})
		if err != nil || !report.Sound() {
			t.Errorf("the trail: %v, %+v", err, report.Findings[:min(5, len(report.Findings))])
		}
		standing, err := b.TrailStanding()
		if err != nil || standing.Waiting != 0 || standing.Size != report.Events {
			t.Errorf("%+v, %v", standing, err)
		}
		t.Logf("%d events, %d signed heads", report.Events, report.Checkpoints)
		read, err := b.VerifyFiles(context.Background(), func(u models.UnsoundEvidence) error {
			t.Errorf("%s of %s: %s", u.Name, u.Number, u.Wrong)
			return nil
		})
		if err != nil || read != files+more {
			t.Errorf("%d files read of %d: %v", read, files+more, err)
		}
		t.Logf("killed %d times: %d files and %d notes of progress acknowledged, %d files kept whose answer was lost; back after %v, %v at the slowest", kills, files, words, more, usual.Round(time.Millisecond), slowest.Round(time.Millisecond))
		if files == 0 || words == 0 {
			t.Error("too little was written: the story tells nothing")
		}
		if folder == "" {
			return
		}
		// What the kills left lying is swept when it has lain for a day; nothing else is.
		lying := aged(t, folder)
		gone, err := b.SweepFiles()
		if err != nil || len(aged(t, folder)) != read {
			t.Errorf("%d files lay there, %d were swept, %d are spoken of: %v", len(lying), gone, read, err)
		}
		t.Logf("the kills left %d strays", gone)
	})
}

// aged makes every file of a folder two days old.
func aged(t *testing.T, folder string) (names []string) {
	t.Helper()
	then := time.Now().Add(-48 * time.Hour)
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		names = append(names, name)
		return os.Chtimes(name, then, then)
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Three at once of whatever takes memory by what it says of itself, or by what it is:
// the program grows by less than 160 MiB.
func TestThreeLargeFilesAtOnceInAProgramOfTheirOwn(t *testing.T) {
	t.Parallel()
	database := modelstest.URL(t, "sqlite")
	r := modelstest.Open(t, database)
	number := r.Registered("2026-03-20").Number
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	p := start(t, database)
	p.signInAs("wu", modelstest.Password)
	page := "/items/" + number
	_, words := p.get(page)
	token := csrfField.FindStringSubmatch(words)[1]

	photo := image.NewYCbCr(image.Rect(0, 0, 6400, 4800), image.YCbCrSubsampleRatio420)
	for n := range photo.Y {
		photo.Y[n] = uint8(n / 6400 / 20)
	}
	var camera bytes.Buffer
	if err := jpeg.Encode(&camera, photo, nil); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		content []byte
		status  int
		say     string
	}{
		{"长.txt", bytes.Repeat([]byte("整改到位\n"), 49<<20/13), http.StatusOK, "长.txt"},
		{"四吉字节.xlsx", modelstest.Bomb(t, 4096, false), http.StatusUnprocessableEntity, "解压后超过 512 MB"},
		{"五万.png", modelstest.Enormous(50_000, 50_000), http.StatusUnprocessableEntity, "50000×50000"},
		{"照片.jpg", camera.Bytes(), http.StatusOK, "照片.jpg"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			atOnce(t, p, func() {
				kind, body := fileForm(token, tt.name, tt.content)
				answer, err := p.client.Post(p.url+page+"/evidence", kind, body)
				if err != nil {
					t.Error(err)
					return
				}
				defer answer.Body.Close()
				if words, _ := io.ReadAll(answer.Body); answer.StatusCode != tt.status || !strings.Contains(string(words), tt.say) {
					t.Errorf("%s: %d\n%s", tt.name, answer.StatusCode, words)
				}
			})
		})
	}
	_, words = p.get(page)
	_, rest, _ := strings.Cut(words, "/thumbnail")
	if rest == "" {
		t.Fatal("the photograph has no picture on the page")
	}
	at := words[:len(words)-len(rest)-len("/thumbnail")]
	at = at[strings.LastIndexByte(at, '"')+1:]
	t.Run("looked at", func(t *testing.T) {
		atOnce(t, p, func() {
			if status, body := p.get(at + "/picture"); status != http.StatusOK || !strings.HasPrefix(body, "\xFF\xD8") {
				t.Errorf("%d %.200s", status, body)
			}
		})
	})
}

// atOnce does the same three times at once, and says by how much the program's memory
// was at most larger meanwhile.
func atOnce(t *testing.T, p *program, do func()) {
	t.Helper()
	of := fmt.Sprintf("/proc/%d/", p.cmd.Process.Pid)
	if err := os.WriteFile(of+"clear_refs", []byte("5"), 0); err != nil {
		t.Skipf("NOT MEASURED: %v", err)
	}
	memory := func(line string) (kilobytes int) {
		status, err := os.ReadFile(of + "status")
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(status), line+":")
		_, _ = fmt.Sscan(rest, &kilobytes)
		return kilobytes
	}
	before := memory("VmRSS")
	var all sync.WaitGroup
	for range 3 {
		all.Go(do)
	}
	all.Wait()
	most := memory("VmHWM")
	t.Logf("%d MiB before, %d MiB at most", before>>10, most>>10)
	if most-before > 160<<10 {
		t.Errorf("grown by %d MiB", (most-before)>>10)
	}
}
