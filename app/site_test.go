package app

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/models"
	"duban/models/modelstest"
	"duban/models/password"
	"duban/models/vault"
	"duban/views/text"
)

// site is a whole server on a register of the test's own. Visitors ask it as
// browsers do: they keep cookies, and post the token of the page they are on.
type site struct {
	*modelstest.Register // nil at the demonstration
	store                *models.Store
	server               *Server
	t                    testing.TB
	mu                   sync.Mutex
	passwords            map[string]string // by sign-in name
	evidence             map[string]int64  // a picture of an item, by its number
}

// eachSite tells a story to a server on an empty register of each database, with
// modelstest's cast.
func eachSite(t *testing.T, story func(t *testing.T, s *site)) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) { story(t, siteOn(t, r, Options{})) })
}

// inTurn is eachSite on one database after the other, for stories that hold something
// which a process or a machine has once.
func inTurn(t *testing.T, story func(t *testing.T, s *site)) {
	modelstest.InTurn(t, func(t *testing.T, r *modelstest.Register) { story(t, siteOn(t, r, Options{})) })
}

// siteOn is a server on that register.
func siteOn(t testing.TB, r *modelstest.Register, o Options) *site {
	s := serverOn(t, r.Store, o)
	s.Register = r
	for _, u := range []models.User{r.Office, r.Supervisor, r.Principal, r.Admin, r.Wu, r.Leng, r.Hai, r.Shen} {
		s.passwords[u.Name] = modelstest.Password
	}
	return s
}

func serverOn(t testing.TB, store *models.Store, o Options) *site {
	t.Helper()
	server, err := New(store, o)
	if err != nil {
		t.Fatal(err)
	}
	return &site{store: store, server: server, t: t, passwords: map[string]string{}, evidence: map[string]int64{}}
}

// demonstrationDay is the moment of the prototypes: a Monday, half past eight.
const demonstrationDay = "2024-07-08T08:30:00+08:00"

// demonstrationPassword is that of all its accounts.
const demonstrationPassword = "Rehearsal-2024"

// demonstration is a server on the demonstration round, at its base day.
func demonstration(t testing.TB, databaseURL string) *site {
	t.Helper()
	store, err := models.Open(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	now, err := time.Parse(time.RFC3339, demonstrationDay)
	if err != nil {
		t.Fatal(err)
	}
	store.Now = func() time.Time { return now }
	store.Hashing = password.Cost{Memory: 8, Passes: 1}
	if store.Vault, err = vault.Open(t.Context(), "folder:"+filepath.Join(t.TempDir(), "files"), vault.Keys{}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.FillDemo(context.Background(), demonstrationPassword); err != nil {
		t.Fatal(err)
	}
	s := serverOn(t, store, Options{Demo: true, Rehearsal: true})
	people, err := store.DemoPeople(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range people {
		s.passwords[u.Name] = demonstrationPassword
	}
	return s
}

// visitor is one browser.
type visitor struct {
	*site
	cookies map[string]string
	header  http.Header // sent with every request
	token   string      // of the page last seen
}

// visitor is somebody who is not signed in.
func (s *site) visitor() *visitor {
	return &visitor{site: s, cookies: map[string]string{}, header: http.Header{}}
}

// as is a visitor signed in as that person, who has chosen a password of their own
// if they must.
func (s *site) as(u models.User) *visitor { return s.signedIn(u.Name) }

func (s *site) signedIn(name string) *visitor {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.visitor()
	v.get("/sign-in").want(http.StatusOK)
	a := v.post("/sign-in", "name", name, "password", s.passwords[name])
	a.wantGoTo("/", "/me")
	if a.goesTo() == "/me" {
		fresh := s.passwords[name] + "-of-my-own"
		v.get("/me")
		v.post("/me/password", "old", s.passwords[name], "password", fresh).wantGoTo("/me", "/")
		s.passwords[name] = fresh
	}
	return v
}

// answer is what came back.
type answer struct {
	t      testing.TB
	asked  string
	status int
	header http.Header
	body   string
}

func (v *visitor) get(path string) *answer {
	v.t.Helper()
	return v.ask(httptest.NewRequest(http.MethodGet, path, nil))
}

// post sends a form: names and values by turns, and the token of the page last
// seen unless the form brings its own.
func (v *visitor) post(path string, form ...string) *answer {
	v.t.Helper()
	values := v.form(form)
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.ask(r)
}

// upload sends a form with a file.
func (v *visitor) upload(path, field, name string, content []byte, form ...string) *answer {
	v.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, all := range v.form(form) {
		for _, one := range all {
			_ = w.WriteField(k, one)
		}
	}
	part, err := w.CreateFormFile(field, name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		v.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return v.ask(r)
}

func (v *visitor) form(pairs []string) url.Values {
	values := url.Values{}
	for n := 0; n+1 < len(pairs); n += 2 {
		values.Add(pairs[n], pairs[n+1])
	}
	if !values.Has("csrf") && v.token != "" {
		values.Set("csrf", v.token)
	}
	return values
}

var tokenField = regexp.MustCompile(`name="csrf" value="([^"]*)"`)

// ask sends any request, with this browser's cookies and headers.
func (v *visitor) ask(r *http.Request) *answer {
	v.t.Helper()
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for name, values := range v.header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	v.server.Handler().ServeHTTP(w, r)
	result := w.Result()
	for _, c := range result.Cookies() {
		if c.MaxAge < 0 || c.Value == "" {
			delete(v.cookies, c.Name)
		} else {
			v.cookies[c.Name] = c.Value
		}
	}
	body, err := io.ReadAll(result.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	a := &answer{v.t, r.Method + " " + r.URL.RequestURI(), result.StatusCode, result.Header, string(body)}
	if found := tokenField.FindStringSubmatch(a.body); found != nil {
		v.token = html.UnescapeString(found[1])
	}
	a.wantTargets()
	if at := strings.Index(a.body, "%!"); at >= 0 && !strings.HasPrefix(a.header.Get("Content-Type"), "application/") {
		a.t.Errorf("%s: a sentence and its arguments do not agree: %q", a.asked, a.body[max(0, at-40):min(len(a.body), at+40)])
	}
	return a
}

// goesTo is where the answer sends the browser, "" when it does not.
func (a *answer) goesTo() string { return a.header.Get("Location") }

func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Errorf("%s: %d %s, want %d\n%s", a.asked, a.status, a.goesTo(), status, a.words())
	}
	return a
}

func (a *answer) wantGoTo(paths ...string) *answer {
	a.t.Helper()
	to, _, _ := strings.Cut(a.goesTo(), "?")
	for _, p := range paths {
		if a.status == http.StatusSeeOther && to == p {
			return a
		}
	}
	a.t.Errorf("%s: %d %s, want to be sent to %s\n%s", a.asked, a.status, a.goesTo(), strings.Join(paths, " or "), a.words())
	return a
}

// wantWords asks that a person who reads the page reads all of these.
func (a *answer) wantWords(words ...string) *answer {
	a.t.Helper()
	read := a.words()
	for _, w := range words {
		if !strings.Contains(read, w) {
			a.t.Errorf("%s: the page does not say %q\n%s", a.asked, w, read)
		}
	}
	return a
}

// wantNone asks that none of these stands anywhere in the answer, seen or unseen.
func (a *answer) wantNone(words ...string) *answer {
	a.t.Helper()
	all := html.UnescapeString(a.body) + fmt.Sprint(a.header)
	for _, w := range words {
		if strings.Contains(all, w) {
			a.t.Errorf("%s: the answer holds %q", a.asked, w)
		}
	}
	return a
}

var (
	unread = regexp.MustCompile(`(?s)<head>.*?</head>|<svg.*?</svg>|<script.*?</script>|<div id="signed-out".*?</div>|<p class="old-browser".*?</p>`)
	tags   = regexp.MustCompile(`(?s)<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
	inputs = regexp.MustCompile(`<input[^>]* value="([^"]*)"`)
)

// words is what a reader of the page reads, on one line.
func (a *answer) words() string {
	read := unread.ReplaceAllString(a.body, " ")
	for _, v := range inputs.FindAllStringSubmatch(read, -1) {
		read += " " + v[1] // what stands in a field is read as well
	}
	return strings.TrimSpace(spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(read, " ")), " "))
}

func unescape(s string) string    { return html.UnescapeString(s) }
func queryEscape(s string) string { return url.QueryEscape(s) }

// says is the sentence of a key, as a Chinese reader reads it.
func says(key string, args ...any) string {
	return text.T(text.In(context.Background(), text.Chinese), key, args...)
}
