package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"duban/models/modelstest"
)

const demoPassword = "Rehearsal-2024"

// binary is the program as people run it, built once a test process.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "duban")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "duban")
	return path, build(path)
})

// build makes the program at that path, with more words for go build.
func build(path string, words ...string) error {
	out, err := exec.Command("go", append(append([]string{"build"}, words...), "-o", path, ".")...).CombinedOutput()
	if err != nil {
		_, _ = os.Stderr.Write(out)
	}
	return err
}

func TestMain(m *testing.M) {
	_, err := os.Stat("data") // of somebody who runs the program here
	worked := err == nil
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	if _, err := os.Stat("data"); err == nil && !worked {
		fmt.Println("a program under test has kept its files among the sources: data")
		code = 1
	}
	os.Exit(code)
}

// program is a running server of ours, in a folder of its own.
type program struct {
	t       testing.TB
	url     string
	folder  string // where it and its commands run
	environ []string
	cmd     *exec.Cmd
	said    []string // the lines it printed before it answered
	client  *http.Client
}

// start runs the server with these words on the database, and returns when it says
// that it answers.
func start(t testing.TB, database string, words ...string) *program {
	t.Helper()
	return startWith(t, database, nil, words...)
}

// startWith is start with more settings.
func startWith(t testing.TB, database string, settings []string, words ...string) *program {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return startProgram(t, path, database, settings, words...)
}

// startProgram is startWith for the program at that path.
func startProgram(t testing.TB, path, database string, settings []string, words ...string) *program {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	listen := freeAddress(t)
	p := &program{t: t, url: "http://" + listen, folder: t.TempDir(), client: &http.Client{Jar: jar, Timeout: modelstest.Patience}}
	p.environ = []string{
		"DUBAN_DATABASE_URL=" + database, "DUBAN_LISTEN=" + listen, "DUBAN_BASE_URL=" + p.url,
		"DUBAN_DEMO_PASSWORD=" + demoPassword, "HOME=" + t.TempDir(),
		"DUBAN_FILES=folder:" + filepath.Join(t.TempDir(), "files"), "DUBAN_TRAIL_FOLDER=" + trailFolder(t, database),
	}
	p.environ = append(p.environ, settings...)
	p.cmd = exec.Command(path, append([]string{"serve"}, words...)...)
	p.cmd.Dir, p.cmd.Env = p.folder, p.environ
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		p.said = append(p.said, lines.Text())
		if strings.Contains(lines.Text(), "answers at") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return p
		}
	}
	t.Fatalf("it ended before it answered; it said:\n%s", strings.Join(p.said, "\n"))
	return nil
}

// trailFolders are where the trails of the tests' databases are kept: programs on one
// database share one.
var trailFolders sync.Map

func trailFolder(t testing.TB, database string) string {
	folder, _ := trailFolders.LoadOrStore(database, t.TempDir())
	return folder.(string)
}

func freeAddress(t testing.TB) string {
	t.Helper()
	port, err := modelstest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", port)
}

// command runs another command of the program with the server's settings.
func (p *program) command(words ...string) (string, error) {
	path, err := binary()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(path, words...)
	cmd.Dir, cmd.Env = p.folder, p.environ
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// get is a page as this program's visitor sees it.
func (p *program) get(path string) (int, string) {
	p.t.Helper()
	answer, err := p.client.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// post sends a form with the token of the page it stands on.
func (p *program) post(page, path string, form url.Values) (int, string) {
	p.t.Helper()
	_, body := p.get(page)
	token := csrfField.FindStringSubmatch(body)
	if token == nil {
		p.t.Fatalf("%s has no form", page)
	}
	form.Set("csrf", token[1])
	answer, err := p.client.PostForm(p.url+path, form)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func (p *program) signIn(name string) { p.signInAs(name, demoPassword) }

// signInAs signs that person in; one who must choose a password of their own first
// does, for until then every address leads to the page where it is chosen.
func (p *program) signInAs(name, password string) {
	p.t.Helper()
	status, body := p.post("/sign-in", "/sign-in", url.Values{"name": {name}, "password": {password}})
	if status == http.StatusOK && strings.Contains(body, `action="/me/password"`) {
		status, body = p.post("/me", "/me/password", url.Values{"old": {password}, "password": {password + "-of-my-own"}})
	}
	if status != http.StatusOK {
		p.t.Fatalf("sign-in of %s: %d\n%s", name, status, body)
	}
}

// stop ends the program as an operator would.
func (p *program) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("it did not end well: %v", err)
	}
}

// What make run does, from an empty folder: the embedded database is made, filled,
// and somebody can sign in.
func TestANewcomersFirstStart(t *testing.T) {
	t.Parallel()
	p := start(t, "sqlite:data/duban.db", "--demo", "--now", "2024-07-08T08:30:00+08:00")
	said := strings.Join(p.said, "\n")
	for _, want := range []string{"xuncha ", "jfj-handler ", "One password for all: " + demoPassword} {
		if !strings.Contains(said, want) {
			t.Errorf("it did not print %q; it said:\n%s", want, said)
		}
	}
	p.signIn("xuncha")
	status, board := p.get("/board")
	if status != http.StatusOK || !strings.Contains(board, "2024-07-08") {
		t.Errorf("the board answers %d and does not say that its clock stands at 2024-07-08", status)
	}
	if out, err := p.command("health"); err != nil {
		t.Errorf("health: %v\n%s", err, out)
	}
	p.stop()
	if out, err := p.command("health"); err == nil {
		t.Errorf("health of a stopped program: %s", out)
	}
}

// The first start of a real register: nobody has an account, and the printed code
// makes one, once.
func TestTheFirstAdministratorNeedsThePrintedCode(t *testing.T) {
	t.Parallel()
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		p := start(t, database)
		code := regexp.MustCompile(`one-time code (\w+)`).FindStringSubmatch(strings.Join(p.said, "\n"))
		if code == nil {
			t.Fatalf("it printed no code: %v", p.said)
		}
		form := func(code string) url.Values {
			return url.Values{"code": {code}, "name": {"first"}, "full_name": {"First"}, "email": {"first@example.org"}, "password": {demoPassword}, "again": {demoPassword}}
		}
		if status, _ := p.post("/setup", "/setup", form("WRONGWRONGWRONG2")); status != http.StatusUnprocessableEntity {
			t.Errorf("a wrong code answers %d, want 422", status)
		}
		if status, body := p.post("/setup", "/setup", form(code[1])); status != http.StatusOK {
			t.Fatalf("the right code answers %d\n%s", status, body)
		}
		if status, _ := p.get("/setup"); status == http.StatusOK {
			if _, body := p.get("/setup"); strings.Contains(body, `name="code"`) {
				t.Error("the set-up page is still offered")
			}
		}
	})
}

// Two replicas on one PostgreSQL: who signed in at one is known at the other, and
// what is saved at one is seen at the other; one may go at any time.
func TestTwoReplicas(t *testing.T) {
	t.Parallel()
	database := modelstest.URL(t, "postgres")
	one := start(t, database, "--demo", "--now", "2024-07-08T08:30:00+08:00")
	other := start(t, database, "--demo", "--now", "2024-07-08T08:30:00+08:00")
	one.signIn("xuncha")
	at, err := url.Parse(one.url)
	if err != nil {
		t.Fatal(err)
	}
	there, err := url.Parse(other.url)
	if err != nil {
		t.Fatal(err)
	}
	other.client.Jar.SetCookies(there, one.client.Jar.Cookies(at))
	if status, body := other.get("/board"); status != http.StatusOK || strings.Contains(body, `name="password"`) {
		t.Errorf("the other replica does not know who signed in: %d", status)
	}
	one.stop()
	if status, _ := other.get("/items"); status != http.StatusOK {
		t.Errorf("with one replica gone the other answers %d", status)
	}
	other.post("/me", "/sign-out", url.Values{})
	if _, body := other.get("/board"); !strings.Contains(body, `name="password"`) {
		t.Error("a sign-out does not hold")
	}
}

// Two programs on one embedded database would run every job twice.
func TestAnEmbeddedDatabaseIsServedOnce(t *testing.T) {
	t.Parallel()
	database := modelstest.URL(t, "sqlite")
	start(t, database)
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	ctx, done := context.WithTimeout(context.Background(), modelstest.Patience)
	defer done()
	second := exec.CommandContext(ctx, path, "serve")
	second.Dir = t.TempDir()
	second.Env = []string{"DUBAN_DATABASE_URL=" + database, "DUBAN_LISTEN=" + freeAddress(t)}
	out, err := second.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "another Duban serves") {
		t.Errorf("the second says %v\n%s", err, out)
	}
}
