package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"duban/models/modelstest"
)

// browser is the one Chromium of a test process; every tab in it is a browser
// context of its own, with its own cookies.
var browser = sync.OnceValues(func() (context.Context, error) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		return nil, fmt.Errorf("no Chromium here; install the package chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.DisableGPU, chromedp.WSURLReadTimeout(modelstest.Patience),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-gpu-watchdog", true), chromedp.Flag("hide-scrollbars", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	closeBrowser = cancel
	ctx, _ = chromedp.NewContext(ctx)
	return ctx, chromedp.Do(ctx)
})

var closeBrowser = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	closeBrowser()
	os.Exit(code)
}

// tabPatience is how long a tab may be open: a page that hangs is then told by the name
// of its test, before all tests are ended.
const tabPatience = time.Hour

// tab is a page of the browser, and what it asked for and complained of.
type tab struct {
	*testing.T
	ctx context.Context
	url string

	mu         sync.Mutex
	requests   []string
	complaints []string
	bytes      map[network.RequestID]float64
	loading    map[network.RequestID]string // what was asked for and has not come, but for the line that stays open
}

// serving serves a site to browsers, until the test is over.
func (s *site) serving(t *testing.T) string {
	server := httptest.NewServer(s.server.Handler())
	t.Cleanup(server.Close)
	return server.URL
}

// newTab opens a tab on the site served at that address, signed in as that person;
// as nobody when the name is empty. Without Chromium the story is skipped, and
// fails when DUBAN_TEST_REQUIRE names it.
func newTab(t *testing.T, s *site, address, name string) *tab {
	t.Helper()
	parent, err := browser()
	if err != nil {
		if strings.Contains(os.Getenv("DUBAN_TEST_REQUIRE"), "chromium") {
			t.Fatalf("Chromium: %v", err)
		}
		t.Skipf("NOT TESTED IN A BROWSER: %v", err)
	}
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, bounded := context.WithTimeout(ctx, tabPatience)
	t.Cleanup(bounded)
	b := &tab{T: t, ctx: ctx, url: address, bytes: map[network.RequestID]float64{}, loading: map[network.RequestID]string{}}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	b.do(call(network.Enable, network.EnableParams{}), call(runtime.Enable, cdp.Empty{}), call(log.Enable, cdp.Empty{}))
	if name != "" {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		var cookies []*network.CookieParam
		for k, value := range s.signedIn(name).cookies {
			cookies = append(cookies, &network.CookieParam{Name: k, Value: value, Domain: u.Hostname(), Path: "/"})
		}
		b.do(call(network.SetCookies, network.SetCookiesParams{Cookies: cookies}))
	}
	b.language("zh")
	b.size(1440, 900)
	return b
}

// call is a command of the protocol that returns nothing of interest.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
		if !strings.HasSuffix(e.Request.URL, "/notices/live") {
			b.loading[e.RequestID] = e.Request.URL
		}
	case *network.EventLoadingFinished:
		b.bytes[e.RequestID] = e.EncodedDataLength
		delete(b.loading, e.RequestID)
	case *network.EventLoadingFailed:
		delete(b.loading, e.RequestID)
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.complaints = append(b.complaints, "console: "+string(e.Type))
	case *log.EventEntryAdded:
		// A page that says 404 is told of by the browser; that is no complaint.
		if e.Entry.Level != "verbose" && !strings.Contains(e.Entry.Text, "the server responded with a status of") {
			b.complaints = append(b.complaints, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

// open goes to a path of the site and returns when the page is there.
func (b *tab) open(path string) {
	b.Helper()
	b.do(chromedp.Navigate(b.url + path))
}

// size is the window's, in CSS pixels.
func (b *tab) size(width, height int64) {
	b.Helper()
	b.do(chromedp.EmulateViewport(width, height))
}

// media are the features the reader has set: dark, or a printer.
func (b *tab) media(kind, scheme string) {
	b.Helper()
	b.do(call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
}

// language chooses the browser's.
func (b *tab) language(l string) {
	b.Helper()
	b.cookie(languageCookie, l)
}

func (b *tab) cookie(name, value string) {
	b.Helper()
	u, err := url.Parse(b.url)
	if err != nil {
		b.Fatal(err)
	}
	b.do(call(network.SetCookies, network.SetCookiesParams{Cookies: []*network.CookieParam{{Name: name, Value: value, Domain: u.Hostname(), Path: "/"}}}))
}

// ask evaluates an expression in the page.
func ask[T any](b *tab, expression string) T {
	b.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return value
}

// until waits for an expression to come true, on this page or on the next.
func (b *tab) until(expression string) {
	b.Helper()
	for end := time.Now().Add(modelstest.Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if come, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression)); err == nil && come {
			return
		}
	}
	b.Fatalf("%s: never %s", b.where(), expression)
}

// loaded waits until the page has all it asked for, and what it loads behind itself.
func (b *tab) loaded() {
	b.Helper()
	b.until(`document.readyState === "complete"`)
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`new Promise(r => setTimeout(() => r(true), 100))`, chromedp.EvalAwaitPromise)); err != nil {
		b.Fatal(err)
	}
	modelstest.Await(b, "all that the page loads", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.loading) == 0
	})
}

func quoted(s string) string { b, _ := json.Marshal(s); return string(b) }

var picturesIn, picturesOf = os.Getenv("DUBAN_PICTURES"), os.Getenv("DUBAN_PICTURES_OF")

// agrees says that no sentence of the page has arguments left over or wanting.
func (b *tab) agrees() {
	b.Helper()
	if said := ask[string](b, `(/.{0,40}%!.{0,40}/.exec(document.documentElement.textContent + [...document.querySelectorAll("[aria-label], [title]")].map(e => e.getAttribute("aria-label") + e.title).join()) || [""])[0]`); said != "" {
		b.Errorf("%s: a sentence and its arguments do not agree: %s", b.where(), said)
	}
}

// picture keeps a picture of the page in the folder that DUBAN_PICTURES names, for
// eyes and for the README; without it does nothing.
func (b *tab) picture(name string) {
	b.Helper()
	if picturesIn == "" {
		return
	}
	// The window is made as high as the page: what is fixed to its foot is then
	// drawn at the page's.
	width, height := ask[int64](b, "innerWidth"), ask[int64](b, "innerHeight")
	b.size(width, max(height, ask[int64](b, "document.documentElement.scrollHeight")))
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	b.size(width, height)
	if err == nil {
		err = os.WriteFile(filepath.Join(picturesIn, name+".png"), png, 0o644)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// What axe is asked: every rule of WCAG 2.2, levels A and AA, and of good practice;
// or those that another width, language or theme may break.
const (
	everyRule      = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`
	rulesOfTheLook = `{type: "rule", values: ["color-contrast", "target-size", "label-content-name-mismatch", "html-has-lang", "link-in-text-block", "scrollable-region-focusable"]}`
)

// withAxe has the browser put axe into each page that the tab opens from now on,
// past the page's own policy.
func (b *tab) withAxe() *tab {
	b.Helper()
	source, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		b.Fatal(err)
	}
	b.do(call(cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: string(source)}))
	return b
}

// axe finds what of the page the guidelines do not allow.
func (b *tab) axe(rules string) {
	b.Helper()
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"], preload: false, elementRef: false, runOnly: `+rules+`})
		.then(r => r.violations.map(v => v.id + ": " + v.help + "\n" + v.nodes.map(n => "    " + n.target + " " + n.failureSummary).join("\n")).join("\n"))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatal(err)
	}
	if found != "" {
		b.Errorf("%s\n%s", b.where(), found)
	}
}

// where is the page and how it is looked at, for a complaint.
func (b *tab) where() string {
	b.Helper()
	return ask[string](b, `location.pathname + location.search + " at " + innerWidth + " " + document.documentElement.lang + " " + document.documentElement.dataset.theme`)
}

// fits says that nothing sticks out of the page at the side.
func (b *tab) fits(width int64) {
	b.Helper()
	b.size(width, 900)
	if out := ask[string](b, `(d => d.scrollWidth <= innerWidth ? "" : d.scrollWidth + ": " + [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".vh, .views, .filters--m, .wide, .wm, svg"))
		.slice(0, 5).map(e => e.tagName + "." + e.className).join(", "))(document.documentElement)`); out != "" {
		b.Errorf("%s: as wide as %s", b.where(), out)
	}
}

// quiet says that the page asked nothing of anybody else, and that the browser had
// nothing to complain of.
func (b *tab) quiet() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.requests {
		// What shows a PDF is a part of the browser.
		if !strings.HasPrefix(r, b.url) && !strings.HasPrefix(r, "data:") && !strings.HasPrefix(r, "chrome-extension://") {
			b.Errorf("asked %s", r)
		}
	}
	for _, c := range b.complaints {
		b.Errorf("the browser complains: %s", c)
	}
	b.requests, b.complaints = nil, nil
}
