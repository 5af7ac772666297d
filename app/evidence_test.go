package app

import (
	"archive/zip"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/models"
	"duban/models/modelstest"
	"duban/models/vault"
)

// shown is the item with a picture for evidence, handed in by one of its unit.
func (s *site) shown(by models.User, item models.Item) models.Item {
	s.t.Helper()
	b := s.As(by)
	in, err := b.Receive("照片.png", bytes.NewReader(modelstest.Sample(s.t, "png", item.Number)))
	if err != nil {
		s.t.Fatal(err)
	}
	defer in.Drop()
	if item, err = b.AddFile(item, models.Evidence{}, in); err != nil {
		s.t.Fatal(err)
	}
	rows, err := b.EvidenceOf(item)
	if err != nil {
		s.t.Fatal(err)
	}
	s.evidence[item.Number] = rows[0].ID
	return item
}

// piece is a file in a form.
type piece struct {
	name    string
	content []byte
}

// send sends a form as the page's own does: the words first, the files after them.
func (v *visitor) sendFiles(path string, words []string, files ...piece) *answer {
	v.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range v.form(words) {
		_ = w.WriteField(name, values[0])
	}
	for _, f := range files {
		part, err := w.CreateFormFile("files", f.name)
		if err != nil {
			v.t.Fatal(err)
		}
		_, _ = part.Write(f.content)
	}
	_ = w.Close()
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return v.ask(r)
}

func (s *site) rowsOf(item models.Item) []models.EvidenceRow {
	s.t.Helper()
	rows, err := s.As(s.Office).EvidenceOf(item)
	if err != nil {
		s.t.Fatal(err)
	}
	return rows
}

func TestSeveralFilesAreHandedInAndLookedAt(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		measures, err := s.As(s.Wu).Measures(item)
		if err != nil {
			t.Fatal(err)
		}
		page := "/items/" + item.Number
		v := s.as(s.Wu)
		v.get(page).want(200).wantWords(says("evidence.none"))
		files := []piece{
			{"关于〔2026〕9 号“通报”.pdf", modelstest.Sample(t, "pdf", "9")},
			{"现场照片.jpg", modelstest.Sample(t, "jpg", "现场")},
			{"拨付清单.xlsx", modelstest.Sample(t, "xlsx", "43 笔")},
			{"说明;a\"b%20.docx", modelstest.Sample(t, "docx", "奖补资金")},
		}
		v.sendFiles(page+"/evidence", []string{"version", "1", "measure", fmt.Sprint(measures[0].ID), "note", "原件存档案室", "doc_no", "经发〔2026〕9 号"}, files...).wantGoTo(page)
		v.get(page).want(200).wantWords(says("evidence.saved"), files[0].name, "现场照片.jpg", says("evidence.of_measure", 1), "经发〔2026〕9 号", "原件存档案室")
		rows := s.rowsOf(item)
		if len(rows) != len(files) {
			t.Fatalf("%d of %d files", len(rows), len(files))
		}
		sup := s.as(s.Supervisor)
		for n, row := range rows {
			at := fmt.Sprintf("%s/evidence/%d", page, row.ID)
			a := sup.get(at + "/file").want(200)
			if a.body != string(files[n].content) || a.header.Get("Content-Length") != fmt.Sprint(len(files[n].content)) {
				t.Errorf("%s comes back as other bytes", files[n].name)
			}
			how, params, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
			if err != nil || how != "attachment" || params["filename"] != files[n].name {
				t.Errorf("%q comes back as %s %q, %v", files[n].name, how, params["filename"], err)
			}
			if got := a.header.Get("Content-Type"); got != row.File.Type.MIME() {
				t.Errorf("%s is sent as %s", files[n].name, got)
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Encoding": ""} {
				if a.header.Get(name) != want {
					t.Errorf("%s: %s is %q", files[n].name, name, a.header.Get(name))
				}
			}
			if !strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("%s is not shut in", files[n].name)
			}
		}
		sup.get(fmt.Sprintf("%s/evidence/%d", page, rows[2].ID)).want(200).wantWords("43 笔", "拨付清单", rows[2].File.SHA256, says("evidence.not_scanned"))
		sup.get(fmt.Sprintf("%s/evidence/%d", page, rows[3].ID)).want(200).wantWords("奖补资金")
		doc := sup.get(fmt.Sprintf("%s/evidence/%d/document", page, rows[0].ID)).want(200)
		if !strings.HasPrefix(doc.header.Get("Content-Disposition"), "inline") || !strings.Contains(doc.header.Get("Content-Security-Policy"), "frame-ancestors 'self'") {
			t.Errorf("%v", doc.header)
		}
		for _, of := range []string{"/thumbnail", "/picture"} {
			a := sup.get(fmt.Sprintf("%s/evidence/%d%s", page, rows[1].ID, of)).want(200)
			if a.header.Get("Content-Type") != "image/jpeg" || a.body == string(files[1].content) {
				t.Errorf("%s is not drawn anew", of)
			}
		}
		sup.get(fmt.Sprintf("%s/evidence/%d/picture", page, rows[0].ID)).want(404)
		sup.get(fmt.Sprintf("%s/evidence/%d/document", page, rows[1].ID)).want(404)

		// All of it in one archive, with the sums.
		a := sup.get(page + "/evidence.zip").want(200)
		z, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
		if err != nil {
			t.Fatal(err)
		}
		if len(z.File) != len(files)+1 {
			t.Errorf("the archive has %d parts", len(z.File))
		}
		for n, f := range z.File[:len(files)] {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, files[n].content) || f.Name != says("evidence.of_measure", 1)+"/"+files[n].name {
				t.Errorf("%s: %v", f.Name, err)
			}
		}

		// What was looked at and taken away is in the trail and not in the timeline.
		acts := map[models.Act]int{}
		trail, err := s.As(s.Office).Trail(item)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range trail {
			acts[e.Act]++
		}
		if acts[models.AddEvidence] != 4 || acts[models.DownloadEvidence] != 5 || acts[models.ViewEvidence] != 4 {
			t.Errorf("the trail has %v", acts)
		}
		sup.get(page).want(200).wantWords(says("act.add_evidence")).wantNone(says("act.download_evidence"), says("act.view_evidence"))
	})
}

// A form with bad files among good ones: the good ones are kept, each bad one is named
// with its reason in the reader's language, and the words that were typed stand there.
func TestBadFilesAreNamedAtTheFieldAndTheWordsStay(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		s.store.FileLimits.Bytes = 1 << 20
		page := "/items/" + item.Number
		v := s.as(s.Wu)
		v.get(page)
		bad := map[string]struct {
			content []byte
			say     string
		}{
			"空.pdf":                           {nil, says("evidence.file.empty", "空.pdf")},
			"大.txt":                           {bytes.Repeat([]byte("x"), 1<<20+1), says("evidence.file.too_long", "大.txt", 1)},
			"网页.jpg":                          {[]byte("<!DOCTYPE html><script>alert(1)</script>"), says("evidence.file.other", "网页.jpg", "JPEG", "HTML")},
			"图.svg":                           {[]byte("<svg/>"), says("evidence.file.ending", "图.svg")},
			"包.zip":                           {modelstest.Sample(t, "zip", "x"), says("evidence.file.zip", "包.zip")},
			strings.Repeat("长", 300) + ".pdf": {[]byte("%PDF-"), says("evidence.file.name_long", strings.Repeat("长", 39)+"…", 200, 304)},
			"a\u202Efdp.pdf":                  {[]byte("%PDF-"), says("evidence.file.name", "a�fdp.pdf")},
			"双.jpg":                           {append(modelstest.Sample(t, "jpg", "x"), modelstest.Sample(t, "zip", "x")...), says("evidence.file.twofold", "双.jpg")},
			"五万.png":                          {modelstest.Enormous(50_000, 50_000), says("evidence.file.pixels", "五万.png", 50_000, 50_000)},
			"爆.xlsx":                          {modelstest.Bomb(t, 600, false), says("evidence.file.unpacks", "爆.xlsx", 512)},
		}
		for name, tt := range bad {
			a := v.sendFiles(page+"/evidence", []string{"version", "1", "note", "写好的说明", "doc_no", "〔2026〕1 号"}, piece{name, tt.content})
			a.want(422).wantWords(tt.say, says("evidence.none_kept"), "写好的说明", "〔2026〕1 号")
		}
		if rows := s.rowsOf(item); len(rows) != 0 || len(s.Stored()) != 0 {
			t.Errorf("kept: %v %v", rows, s.Stored())
		}
		v.sendFiles(page+"/evidence", []string{"version", "1", "note", "说明"}, piece{"好.txt", []byte("好")}, piece{"空.pdf", nil}, piece{"也好.txt", []byte("也好")}).
			want(422).wantWords(says("evidence.some_kept", 2, 1), says("evidence.file.empty", "空.pdf"), "说明")
		if rows := s.rowsOf(item); len(rows) != 2 || len(s.Stored()) != 2 {
			t.Errorf("kept: %v %v", rows, s.Stored())
		}
		v.sendFiles(page+"/evidence", []string{"version", "3"}).want(422).wantWords(says("evidence.nothing"))
		v.post("/language", "language", "en")
		v.sendFiles(page+"/evidence", []string{"version", "3"}, piece{"空.pdf", nil}).want(422).wantWords("is empty. Check it and choose again.")
	})
}

// A foreign file, a missing one, and one reached through another item's address are
// answered alike to the byte; nothing of a form without a token is read.
func TestAFileIsReachedThroughItsItemAlone(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		mine, second := s.shown(s.Wu, s.Registered("2026-03-20")), s.Registered("2026-03-21")
		foreign := s.shown(s.Shen, s.RegisteredFor(s.Other, models.PostFeedback, "2026-03-20"))
		v := s.as(s.Wu)
		v.get("/items/" + second.Number)
		for _, of := range []string{"", "/file", "/document", "/picture", "/thumbnail", "/versions"} {
			var saw []string
			for _, id := range []int64{s.evidence[mine.Number], s.evidence[foreign.Number], 999_999} {
				method := http.MethodGet
				if of == "/versions" {
					method = http.MethodPost
				}
				a := v.send(method, fmt.Sprintf("/items/%s/evidence/%d%s", second.Number, id, of), []string{"version", "1"}).want(404)
				saw = append(saw, fmt.Sprint(a.status, a.header)+ownToEachAnswer.ReplaceAllString(a.body, ""))
			}
			if saw[0] != saw[1] || saw[1] != saw[2] {
				t.Errorf("%s: they answer apart", of)
			}
		}
		stored := len(s.Stored())
		v.sendFiles("/items/"+foreign.Number+"/evidence", []string{"version", "1"}, piece{"a.txt", []byte("x")}).want(404)
		v.sendFiles("/items/"+mine.Number+"/evidence", []string{"version", "1", "csrf", "wrong"}, piece{"a.txt", []byte("x")}).want(403)
		if len(s.Stored()) != stored {
			t.Errorf("stored: %v", s.Stored())
		}
	})
}

func TestAFileIsReplacedFromItsPage(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.shown(s.Wu, s.Registered("2026-03-20"))
		at := fmt.Sprintf("/items/%s/evidence/%d", item.Number, s.evidence[item.Number])
		v := s.as(s.Wu)
		v.get(at).want(200).wantWords(says("evidence.replace"))
		v.sendFiles(at+"/versions", nil, piece{"网页.jpg", []byte("<html>")}).want(422).wantWords(says("evidence.file.other", "网页.jpg", "JPEG", "HTML"))
		v.sendFiles(at+"/versions", nil, piece{"新照片.png", modelstest.Sample(t, "png", "新")}).wantGoTo("/items/" + item.Number)
		v.get("/items/"+item.Number).want(200).wantWords("新照片.png", says("evidence.versions", 2))
		v.get(at).want(200).wantWords("照片.png", says("evidence.not_current"))
	})
}

// served is the site behind a real socket, and a client of it who is signed in.
func (s *site) served(t *testing.T, u models.User) (base string, client *http.Client, token string) {
	base = s.serving(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	v := s.as(u)
	v.get("/me")
	for name, value := range v.cookies {
		jar.SetCookies(at, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
	}
	return base, &http.Client{Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{}}}, v.token
}

// spoken is what a log has been told.
type spoken struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write hears more.
func (s *spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.Write(p)
}

// String is all of it.
func (s *spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}

// A connection that is cut at nine tenths leaves nothing, of that file or of the one
// before it in the same form.
func TestAConnectionCutAtNineTenthsLeavesNothing(t *testing.T) {
	inTurn(t, func(t *testing.T, s *site) {
		said := &spoken{}
		was := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug})))
		defer slog.SetDefault(was)
		item := s.Registered("2026-03-20")
		base, client, token := s.served(t, s.Wu)
		in, out := io.Pipe()
		w := multipart.NewWriter(out)
		go func() {
			_ = w.WriteField("csrf", token)
			_ = w.WriteField("version", "1")
			first, _ := w.CreateFormFile("files", "前一份.txt")
			_, _ = first.Write([]byte("前一份"))
			part, _ := w.CreateFormFile("files", "长.txt")
			_, _ = part.Write(bytes.Repeat([]byte("整改\n"), 9<<20/7))
			_ = out.CloseWithError(io.ErrUnexpectedEOF)
		}()
		r, err := http.NewRequest(http.MethodPost, base+"/items/"+item.Number+"/evidence", in)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", w.FormDataContentType())
		r.ContentLength = 10 << 20
		if answer, err := client.Do(r); err == nil {
			t.Errorf("a cut form is answered %d", answer.StatusCode)
		}
		modelstest.Await(t, "status=499 in the log", func() bool { return strings.Contains(said.String(), "status=499") })
		if words := said.String(); strings.Contains(words, "level=ERROR") {
			t.Errorf("who runs the program is told:\n%s", words)
		}
		if rows := s.rowsOf(item); len(rows) != 0 || len(s.Stored()) != 0 {
			t.Errorf("kept: %v %v", rows, s.Stored())
		}
	})
}

// Three who send forty-nine megabytes each at the same time: the files are kept whole,
// and the heap grows by less than 160 MiB.
func TestThreeLargeFilesAtOnceTakeLittleMemory(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	item := s.Registered("2026-03-20")
	base, client, token := s.served(t, s.Wu)
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, m.HeapAlloc
	done := make(chan struct{})
	var watch, all sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	})
	for n := range 3 {
		all.Go(func() {
			in, out := io.Pipe()
			w := multipart.NewWriter(out)
			go func() {
				_ = w.WriteField("csrf", token)
				_ = w.WriteField("version", "1")
				part, _ := w.CreateFormFile("files", fmt.Sprintf("%d.txt", n))
				line := []byte(fmt.Sprintf("%064d 整改到位\n", n))
				for sent := 0; sent < 49<<20; sent += len(line) {
					_, _ = part.Write(line)
				}
				_ = w.Close()
				_ = out.Close()
			}()
			answer, err := client.Post(base+"/items/"+item.Number+"/evidence", w.FormDataContentType(), in)
			if err != nil || answer.StatusCode != 200 {
				t.Errorf("%v %v", answer, err)
			}
		})
	}
	all.Wait()
	close(done)
	watch.Wait()
	t.Logf("three of 49 MiB at once: the heap grew by %.1f MiB at most", float64(most-before)/(1<<20))
	if most-before > 160<<20 {
		t.Errorf("the heap grew by %d MiB", (most-before)>>20)
	}
	if rows := s.rowsOf(item); len(rows) != 3 || len(s.Stored()) != 3 {
		t.Errorf("kept: %d rows, %v", len(rows), s.Stored())
	}
}

// The disk is full in the middle of a file: a sentence, nothing kept, the words there.
func TestAFullDiskIsToldInASentence(t *testing.T) {
	small := modelstest.SmallDisk(t, "4m")
	inTurn(t, func(t *testing.T, s *site) {
		v, err := vault.OpenFolder(filepath.Join(small, t.Name()[strings.LastIndexByte(t.Name(), '/')+1:]))
		if err != nil {
			t.Fatal(err)
		}
		s.store.Vault = v
		item := s.Registered("2026-03-20")
		wu := s.as(s.Wu)
		wu.get("/items/" + item.Number)
		wu.sendFiles("/items/"+item.Number+"/evidence", []string{"version", "1", "note", "写好的说明"}, piece{"大.txt", bytes.Repeat([]byte("整改\n"), 6<<20/7)}).
			want(422).wantWords(says("evidence.file.no_room", "大.txt"), "写好的说明")
		if rows := s.rowsOf(item); len(rows) != 0 {
			t.Errorf("kept: %v", rows)
		}
		wu.sendFiles("/items/"+item.Number+"/evidence", []string{"version", "1"}, piece{"小.txt", []byte("小")}).wantGoTo("/items/" + item.Number)
	})
}

// A form with more than may come in one, from a page whose scripts do not see to it.
func TestAFormOfTooManyMegabytesIsTold(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	s.store.FileLimits.Bytes = 64 << 10
	item := s.Registered("2026-03-20")
	v := s.as(s.Wu)
	v.get("/items/" + item.Number)
	files := make([]piece, 40)
	for n := range files {
		files[n] = piece{fmt.Sprintf("a%d.txt", n), bytes.Repeat([]byte("x"), 64<<10)}
	}
	v.sendFiles("/items/"+item.Number+"/evidence", []string{"version", "1"}, files[:21]...).want(422).wantWords(says("evidence.too_many", mostFiles))
	v.sendFiles("/items/"+item.Number+"/evidence", []string{"version", "2"}, piece{"b.txt", bytes.Repeat([]byte("x"), 4<<20)}).want(413).wantWords(says("error.too_large_files", mostFiles, 0))
	if rows := s.rowsOf(item); len(rows) != mostFiles || len(s.Stored()) != 1 {
		t.Errorf("%d rows, kept: %v", len(rows), s.Stored())
	}
}
