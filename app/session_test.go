package app

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"duban/models"
	"duban/models/modelstest"
	"duban/models/password"
)

func TestASignInThatIsWrongSaysNotWhatIsWrong(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		v := s.visitor()
		v.get("/sign-in").want(200)
		var saw []string
		for _, name := range []string{"wu", "nobody"} {
			a := v.post("/sign-in", "name", name, "password", "wrong").want(422).wantWords(says("session.wrong"), name)
			saw = append(saw, strings.ReplaceAll(a.body, `value="`+name+`"`, ""))
		}
		if saw[0] != saw[1] {
			t.Errorf("a known name answers otherwise than an unknown one")
		}
		v.get("/board").wantGoTo("/sign-in")
	})
}

func TestFiveWrongPasswordsLockTheDoor(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		v := s.visitor()
		v.get("/sign-in")
		for range 5 {
			v.post("/sign-in", "name", "wu", "password", "wrong").want(422)
		}
		v.post("/sign-in", "name", "wu", "password", modelstest.Password).want(429).wantWords(says("session.locked", 15))
		s.At("2026-03-02 09:15")
		v.post("/sign-in", "name", "wu", "password", modelstest.Password).wantGoTo("/me")
	})
}

func TestADisabledAccountIsOutAtOnce(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		v := s.as(s.Wu)
		v.get("/board").want(200)
		admin := s.as(s.Admin)
		path := fmt.Sprintf("/users/%d", s.Wu.ID)
		admin.get(path).want(200)
		admin.post(path, "full_name", "Wu", "name", "wu", "role", "handler", "unit", fmt.Sprint(s.Unit.ID), "disabled", "1").wantGoTo("/users")
		v.get("/board").wantGoTo("/sign-in")
		v.get("/sign-in").want(200)
		v.post("/sign-in", "name", "wu", "password", s.passwords["wu"]).want(422)
	})
}

func TestASessionEndsWhenIdleAndAfterADay(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		idle := s.as(s.Wu)
		s.At("2026-03-02 09:29")
		idle.get("/board").want(200)
		s.At("2026-03-02 09:59")
		idle.get("/board").wantGoTo("/sign-in")
		// One who is never idle is signed out after eight hours all the same.
		s.At("2026-03-02 09:00")
		busy := s.as(s.Leng)
		for minute := 20; minute < 8*60; minute += 20 {
			s.At(time.Date(2026, 3, 2, 9, minute, 0, 0, time.UTC).Format("2006-01-02 15:04"))
			busy.get("/board").want(200)
		}
		s.At("2026-03-02 17:00")
		busy.get("/board").wantGoTo("/sign-in")
	})
}

// A session's name is a new one at sign-in, so one planted in the browser before
// is worth nothing; and so is the one of a session that was left.
func TestASessionHasANewNameAtEachSignIn(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		planted := s.as(s.Shen).cookies["duban-session"]
		v := s.visitor()
		v.cookies["duban-session"] = planted
		v.get("/board").want(200) // Shen's, as planted
		v.post("/sign-out").wantGoTo("/sign-in")
		v.cookies["duban-session"] = planted
		v.get("/sign-in").want(200)
		before := v.token
		v.post("/sign-in", "name", "supervisor", "password", modelstest.Password).wantGoTo("/me")
		if v.cookies["duban-session"] == planted || v.cookies["duban-session"] == "" {
			t.Errorf("the session kept the name that was planted: %q", v.cookies["duban-session"])
		}
		v.get("/me")
		if v.token == before {
			t.Errorf("the token of the page before sign-in still serves")
		}
		left := v.cookies["duban-session"]
		v.post("/sign-out").wantGoTo("/sign-in")
		v.cookies["duban-session"] = left
		v.get("/me").wantGoTo("/sign-in")
	})
}

func TestAChangedPasswordEndsTheOtherSessions(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		here, there := s.as(s.Wu), s.as(s.Wu)
		here.get("/me")
		name := here.cookies["duban-session"]
		here.post("/me/password", "old", "wrong", "password", "Another-word-2026").want(422).wantWords(says("password.wrong"))
		here.post("/me/password", "old", s.passwords["wu"], "password", "short").want(422)
		here.post("/me/password", "old", s.passwords["wu"], "password", "Another-word-2026").wantGoTo("/me")
		here.get("/me").want(200).wantWords(says("password.changed"))
		there.get("/board").wantGoTo("/sign-in")
		if here.cookies["duban-session"] == name {
			t.Errorf("the session kept its name")
		}
	})
}

func TestSignInGoesBackToAPathOfOursOnly(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.as(s.Wu) // has chosen a password
		v := s.visitor()
		a := v.get("/items?light=overdue&unit=jfj")
		if a.goesTo() != "/sign-in?next=%2Fitems%3Flight%3Doverdue%26unit%3Djfj" {
			t.Errorf("asked to sign in at %s", a.goesTo())
		}
		for next, want := range map[string]string{
			"/items?light=overdue":  "/items?light=overdue",
			"":                      "/",
			"https://evil.example/": "/",
			"//evil.example/":       "/",
			"/\\evil.example":       "/",
			"/\t/evil.example":      "/",
			"/%09/evil.example":     "/",
			"/%2F/evil.example":     "/",
			"/%5cevil.example":      "/",
			"javascript:alert(1)":   "/",
			"evil.example":          "/",
			"\\\\evil.example":      "/",
		} {
			v := s.visitor()
			page := v.get("/sign-in?next=" + queryEscape(next)).want(200)
			if want == "/" && next != "" {
				if !strings.Contains(page.body, `name="next" value=""`) {
					t.Errorf("the page keeps %q", next)
				}
			}
			a := v.post("/sign-in", "name", "wu", "password", s.passwords["wu"], "next", next).want(303)
			if a.goesTo() != want {
				t.Errorf("next=%q leads to %q, want %q", next, a.goesTo(), want)
			}
		}
	})
}

func TestTheFirstAdministratorNeedsTheCodeAndServesOnce(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, databaseURL string) {
		store, err := models.Open(t.Context(), databaseURL)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		store.Hashing = password.Cost{Memory: 8, Passes: 1}
		s := serverOn(t, store, Options{})
		v := s.visitor()
		v.get("/").wantGoTo("/sign-in")
		v.get("/sign-in").wantGoTo("/setup")
		v.get("/setup").want(200)
		code, err := store.SetupCode(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		form := func(code, password string) []string {
			return []string{"code", code, "name", "root", "full_name", "Root", "email", "root@example.gov.cn", "password", password}
		}
		v.post("/setup", form("WRONG", modelstest.Password)...).want(422).wantWords(says("setup.code.wrong"), "root@example.gov.cn")
		v.post("/setup", form(code, "short")...).want(422).wantWords(code)
		late := s.visitor()
		late.get("/setup").want(200)
		v.post("/setup", form(code, modelstest.Password)...).wantGoTo("/units")
		v.get("/units").want(200)
		late.post("/setup", form(code, modelstest.Password)...).wantGoTo("/sign-in")
		late.get("/setup").wantGoTo("/sign-in")
		if again, err := store.SetupCode(t.Context()); err == nil {
			late.get("/sign-in")
			late.post("/setup", form(again, modelstest.Password)...).wantGoTo("/sign-in")
		}
	})
}

// A post is taken only from a page of ours. What was written is not lost.
func TestAPostFromElsewhereIsRefusedAndNothingIsLost(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		v := s.as(s.Wu)
		path := "/items/" + item.Number
		note := []string{"version", "1", "text", "已拨付 31 笔"}
		for name, header := range map[string]http.Header{
			"another site, says the browser": {"Sec-Fetch-Site": {"cross-site"}},
			"a neighbour":                    {"Sec-Fetch-Site": {"same-site"}},
			"another origin":                 {"Origin": {"https://evil.example"}},
			"no origin at all":               {"Origin": {"null"}},
		} {
			v.get(path)
			v.header = header
			a := v.post(path+"/progress", note...).want(403).wantWords(says("error.token"))
			a.wantNone("已拨付 31 笔") // another site may have written it
			if got := s.Read(item); got.Version != 1 {
				t.Errorf("%s: it was done", name)
			}
			v.header = http.Header{}
		}

		// A page that is too old, but ours: the form may be sent once more.
		v.header = http.Header{"Sec-Fetch-Site": {"same-origin"}}
		a := v.post(path+"/progress", append(note, "csrf", "stale")...).want(403).wantWords(says("error.token"), "已拨付 31 笔", says("error.again"))
		if !strings.Contains(a.body, `action="`+path+`/progress"`) {
			t.Error("the form is not offered once more")
		}
		v.post(path+"/progress", note...).wantGoTo(path)

		// A browser that says nothing of itself: the words are there to be copied.
		v.header = http.Header{}
		v.post(path+"/progress", "version", "2", "text", "已拨付 32 笔", "csrf", "").want(403).wantWords("已拨付 32 笔").wantNone(says("error.again"))

		// No passwords stand on such a page.
		v.header = http.Header{"Sec-Fetch-Site": {"same-origin"}}
		v.post("/me/password", "old", "Secret-word-1", "password", "Secret-word-2", "csrf", "stale").want(403).wantNone("Secret-word")

		// Signing in, setting up and choosing a language are posts as well.
		stranger := s.visitor()
		for _, to := range []string{"/sign-in", "/language", "/setup"} {
			stranger.post(to, "name", "wu", "password", s.passwords["wu"], "language", "en").want(403)
			stranger.get("/sign-in")
			stranger.header = http.Header{"Sec-Fetch-Site": {"cross-site"}}
			stranger.post(to, "name", "wu", "password", s.passwords["wu"], "language", "en").want(403)
			stranger.header, stranger.cookies, stranger.token = http.Header{}, map[string]string{}, ""
		}
	})
}

// What was written when the session had already ended is put back after sign-in.
func TestWhatWasWrittenSurvivesTheEndOfTheSession(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		path := "/items/" + item.Number
		v := s.as(s.Wu)
		v.get(path).want(200)
		s.At("2026-03-02 10:00")
		v.post(path+"/progress", "version", "1", "text", "写了半小时的进展").want(401).wantWords(says("session.ended_typed"), "写了半小时的进展")
		a := v.post("/sign-in", "name", "wu", "password", "wrong", "next", path, "typed", "写了半小时的进展").want(422).wantWords("写了半小时的进展")
		if !strings.Contains(a.body, `name="next" value="`+path+`"`) {
			t.Error("the way back is lost")
		}
		v.post("/sign-in", "name", "wu", "password", s.passwords["wu"], "next", path, "typed", "写了半小时的进展").wantGoTo(path)
		a = v.get(path).want(200).wantWords(says("draft.restored"))
		if !strings.Contains(a.body, "写了半小时的进展</textarea>") {
			t.Error("the words are not back in their form")
		}
		v.post(path+"/progress", "version", "1", "text", "写了半小时的进展").wantGoTo(path)
		if a := v.get(path).want(200); strings.Contains(a.body, "写了半小时的进展</textarea>") {
			t.Error("they come back although they are saved")
		}
		// An HTMX call hears of it by the status, and does not wander off.
		s.At("2026-03-02 11:00")
		v.header = http.Header{"Hx-Request": {"true"}}
		v.get("/board").want(401)
	})
}

// A body over the limit is answered with a page, although the browser is still
// sending when the answer is known.
func TestABodyOverTheLimit(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		server := httptest.NewServer(s.server.Handler())
		defer server.Close()
		v := s.as(s.Wu)
		for name, body := range map[string]io.Reader{
			"says how long it is":  strings.NewReader("text=" + strings.Repeat("x", 100<<20)),
			"does not say so":      io.MultiReader(strings.NewReader("text="), strings.NewReader(strings.Repeat("x", 3<<20))),
			"is a multipart, half": io.MultiReader(strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n"), strings.NewReader(strings.Repeat("x", 3<<20))),
		} {
			r, err := http.NewRequest(http.MethodPost, server.URL+"/items/FK-2026-001/progress", body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if strings.Contains(name, "multipart") {
				r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
			}
			for k, value := range v.cookies {
				r.AddCookie(&http.Cookie{Name: k, Value: value})
			}
			answered, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			page, _ := io.ReadAll(answered.Body)
			_ = answered.Body.Close()
			if answered.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(page), says("error.too_large", 20)) || !strings.Contains(string(page), "经济发展局") {
				t.Errorf("%s: %d\n%s", name, answered.StatusCode, page)
			}
		}
		v.get("/board").want(200)
	})
}

func TestTheLanguageIsTheReaders(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		language := func(a *answer) string {
			if strings.Contains(a.body, `<html lang="en"`) {
				return "en"
			}
			return "zh"
		}
		want := func(a *answer, want string) {
			t.Helper()
			if got := language(a); got != want {
				t.Errorf("%s: %s, want %s", a.asked, got, want)
			}
		}
		v := s.visitor()
		want(v.get("/sign-in"), "zh")
		for accept, l := range map[string]string{"en-GB,en;q=0.9": "en", "zh-CN,en;q=0.5": "zh", "fr,en;q=0.8": "en", "": "zh", strings.Repeat("x,", 5000) + "en": "zh"} {
			v.header = http.Header{"Accept-Language": {accept}}
			want(v.get("/sign-in"), l)
		}
		v.header = http.Header{"Accept-Language": {"zh-CN"}}
		if a := v.post("/language", "language", "en", "here", "/sign-in?next=%2Fboard").want(303); a.goesTo() != "/sign-in?next=%2Fboard" {
			t.Errorf("sent to %s", a.goesTo())
		}
		want(v.get("/sign-in"), "en")
		want(v.get("/no/such/page"), "en")
		want(v.ask(httptest.NewRequest("HEAD", "/language", nil)).want(405), "en")
		v.post("/language", "language", "xx", "here", "//evil.example").wantGoTo("/")
		want(v.get("/sign-in"), "en")

		// Signed in, the choice is the person's and holds in every browser.
		wu := s.as(s.Wu)
		want(wu.get("/board"), "zh")
		wu.post("/language", "language", "en", "here", "/board").wantGoTo("/board")
		want(s.as(s.Wu).get("/board"), "en")
		want(s.as(s.Leng).get("/board"), "zh")
	})
}

func TestAFaultOfOursShowsANumberAndNothingElse(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		v := s.as(s.Wu)
		v.get("/items/" + item.Number)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for _, a := range []*answer{v.get("/board"), v.post("/items/"+item.Number+"/progress", "version", "1", "text", "写好的进展")} {
			a.want(500).wantWords(says("error.internal"), strings.TrimSuffix(says("error.quote", ""), " "))
			a.wantNone("sql", "SELECT", "closed", ".go", "database")
			if strings.HasPrefix(a.asked, "POST") {
				a.wantWords("写好的进展")
			}
		}
	})
}

func TestHeadersOfEveryPage(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		v := s.as(s.Wu)
		for _, a := range []*answer{v.get("/board"), v.get("/no/such"), s.visitor().get("/sign-in"), s.visitor().get("/board")} {
			for name, want := range map[string]string{
				"Content-Security-Policy": "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
				"X-Content-Type-Options":  "nosniff",
				"Referrer-Policy":         "same-origin",
				"X-Frame-Options":         "DENY",
			} {
				if got := a.header.Get(name); got != want {
					t.Errorf("%s: %s: %q", a.asked, name, got)
				}
			}
			if !strings.Contains(a.header.Get("Cache-Control"), "no-store") {
				t.Errorf("%s: may be kept: %q", a.asked, a.header.Get("Cache-Control"))
			}
		}
		secure, err := New(s.store, Options{BaseURL: "https://duban.example", Production: true})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("GET", "https://duban.example/sign-in", nil)
		w := httptest.NewRecorder()
		secure.Handler().ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite == 0 {
				t.Errorf("%s", c)
			}
		}
		w = httptest.NewRecorder()
		secure.Handler().ServeHTTP(w, httptest.NewRequest("GET", "https://evil.example/sign-in", nil))
		if w.Code != http.StatusMisdirectedRequest || strings.Contains(w.Body.String(), "evil.example") {
			t.Errorf("another name: %d\n%s", w.Code, w.Body)
		}
	})
}

// A HEAD is answered as the GET would be, without its body, at every door but that of
// the line that has no end.
func TestAHeadIsAnsweredAsItsPage(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		base, client, _ := s.served(t, s.Wu)
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		for _, path := range []string{"/", "/healthz", "/board", "/items", "/items/" + item.Number, "/items/LX-2026-999", "/rules", "/no/such/page", "/units/jfj", "/notices"} {
			var heads [2]string
			for n, method := range []string{http.MethodGet, http.MethodHead} {
				r, err := http.NewRequestWithContext(t.Context(), method, base+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				a, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(a.Body)
				_ = a.Body.Close()
				if err != nil || method == http.MethodHead && len(body) > 0 {
					t.Errorf("%s %s: %d bytes, %v", method, path, len(body), err)
				}
				heads[n] = fmt.Sprint(a.StatusCode, a.Header.Get("Content-Type"), a.Header.Get("Location"))
			}
			if heads[0] != heads[1] {
				t.Errorf("%s: %s, as a HEAD %s", path, heads[0], heads[1])
			}
		}
		if a := s.as(s.Wu).ask(httptest.NewRequest(http.MethodHead, "/notices/live", nil)); a.status != http.StatusMethodNotAllowed {
			t.Errorf("%d", a.status)
		}
	})
}

// Without a script each field comes back in its own place after sign-in, and each file is named
// as to be chosen again; of secrets and of the page's own fields nothing is kept.
func TestEachFieldComesBackInItsOwnPlaceAfterSignIn(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		path := "/items/" + item.Number
		long := strings.Repeat("长", 20000) // 60,000 bytes
		for name, tt := range map[string]struct {
			to     string
			fields []string
			file   string
			back   []string
		}{
			"measures":   {path + "/measures", []string{"text_1", "逐笔核实", "owner_1", "王建", "due_on_1", "2026-03-18", "text_2", "建章立制"}, "", []string{`value="逐笔核实"`, `value="王建"`, `value="2026-03-18"`, `value="建章立制"`}},
			"completion": {fmt.Sprintf("%s/measures/%d/completion", path, s.measureOf(item)), []string{"result", "已拨付 43 笔"}, "", []string{`value="已拨付 43 笔"`}},
			"extension":  {path + "/extensions", []string{"until", "2026-04-10", "words", "等财政批复 <b>"}, "", []string{`等财政批复 &lt;b&gt;</textarea>`, `value="2026-04-10"`}},
			"long":       {path + "/progress", []string{"text", long}, "", []string{long + "</textarea>"}},
			"evidence":   {path + "/evidence", []string{"doc_no", "经发〔2026〕9号", "note", "原件存档案柜"}, "会议纪要.pdf", []string{`value="经发〔2026〕9号"`, "原件存档案柜", "请重新选择文件：会议纪要.pdf"}},
		} {
			v := s.as(s.Wu)
			v.header = http.Header{"Referer": {"http://example.com" + path + "?from=light%3Doverdue"}}
			v.get(path).want(200)
			old := s.store.Now()
			s.At("2026-03-02 20:00")
			form := append([]string{"version", "1"}, tt.fields...)
			var a *answer
			if tt.file == "" {
				a = v.post(tt.to, form...)
			} else {
				a = v.upload(tt.to, "files", tt.file, []byte("%PDF-1.4"), form...)
			}
			a.want(401).wantWords(says("session.ended_typed"))
			kept := regexp.MustCompile(`name="kept" value="([^"]*)"`).FindStringSubmatch(a.body)
			if kept == nil {
				t.Errorf("%s: nothing is kept", name)
				continue
			}
			v.header = http.Header{}
			v.post("/sign-in", "name", "wu", "password", "wrong", "kept", unescape(kept[1])).want(422)
			v.post("/sign-in", "name", "wu", "password", s.passwords["wu"], "kept", unescape(kept[1])).wantGoTo(path)
			page := v.get(path).want(200).wantWords(says("draft.restored"))
			for _, want := range tt.back {
				if !strings.Contains(page.body, want) {
					t.Errorf("%s: the page does not hold %.60s\n%s", name, want, page.words())
				}
			}
			v.get(path).wantNone(says("draft.restored")) // once
			s.At(old.In(s.Zone).Format("2006-01-02 15:04"))
		}
		// A form that is not there any more leaves the words to be copied; and no page is told
		// to come back to that is not ours.
		v := s.as(s.Wu)
		v.get("/sign-in")
		gone := `{"Place":"` + path + `/withdrawal","Page":"` + path + `","Fields":{"words":["先撤回"]}}`
		stranger := s.visitor()
		stranger.get("/sign-in")
		stranger.post("/sign-in", "name", "wu", "password", s.passwords["wu"], "kept", gone).wantGoTo(path)
		stranger.get(path).want(200).wantWords(says("draft.no_form"), "先撤回")
		stranger = s.visitor()
		stranger.get("/sign-in")
		stranger.post("/sign-in", "name", "wu", "password", s.passwords["wu"], "kept", `{"Place":"/x","Page":"//evil.example"}`).wantGoTo("/")
	})
}

// What is typed is kept for who typed it, so much and no more, and no secrets.
func TestADraftIsItsWritersAlone(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		place := "/items/" + item.Number + "/progress"
		v := s.as(s.Wu)
		v.get("/items/" + item.Number)
		v.post("/drafts", "place", place, "f.text", "写了一半", "f.password", "Secret-word-1", "f.csrf", "x").want(204)
		v.get("/drafts?place=" + place).want(200).wantWords(`"text":["写了一半"]`).wantNone("Secret-word-1")
		for _, u := range []models.User{s.Leng, s.Shen, s.Office, s.Admin} {
			if a := s.as(u).get("/drafts?place=" + place).want(200); strings.Contains(a.body, "写了一半") {
				t.Errorf("%s reads it", u.Name)
			}
		}
		v.post("/drafts", "place", place, "f.text", strings.Repeat("长", 30000)).want(409).wantWords(says("draft.large", 64))
		v.post("/drafts", "place", "//evil.example", "f.text", "x").want(204)
		v.post(place, "version", "1", "text", "写完了", "draft", "1").wantGoTo("/items/" + item.Number)
		v.get("/drafts?place=" + place).want(200).wantNone("写了一半")
		v.post("/drafts", "place", place, "f.text", "又一条").want(204)
		v.post(place, "version", "2", "text", "", "draft", "1").want(422)
		v.get("/drafts?place=" + place).want(200).wantWords("又一条")
		v.post("/drafts", "place", place).want(204) // emptied
		v.get("/drafts?place=" + place).want(200).wantNone("又一条")
		v.post("/drafts", "place", place, "f.text", "放着").want(204)
		s.Today("2026-06-01")
		if n, err := s.As(models.TheClerk).SweepDrafts(); n != 1 || err != nil {
			t.Errorf("%d swept, %v", n, err)
		}
	})
}
