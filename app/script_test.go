package app

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duban/models"
	"duban/models/modelstest"
)

// click presses what a selector finds, with the mouse, and waits for the next page
// where there is one.
func (b *tab) click(selector string) {
	b.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// goBy does something that leads to another page, and waits until that is there.
func (b *tab) goBy(step func()) {
	b.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](`document.documentElement.dataset.left = "1"; undefined`))
	step()
	b.until(`!document.documentElement.dataset.left && document.readyState === "complete"`)
}

// press strikes keys as a keyboard does: what the page stops is not typed.
func (b *tab) press(keys ...string) {
	b.Helper()
	for _, k := range keys {
		if len(k) > 1 || k[0] < ' ' {
			b.do(chromedp.KeyEvent(k))
			continue
		}
		b.do(call(input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: "keyDown", Key: k, Text: k}))
		b.do(call(input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: "keyUp", Key: k}))
	}
}

func (b *tab) want(expression, want string) {
	b.Helper()
	if got := ask[string](b, expression); got != want {
		b.Errorf("%s: %s is %q, want %q", b.where(), expression, got, want)
	}
}

const here0 = `location.pathname + location.search`

// Without scripts every form and every link does its work.
func TestEverythingWorksWithoutScripts(t *testing.T) {
	t.Parallel()
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	item := s.Registered("2026-02-20")
	s.Registered("2026-03-20")
	s.as(s.Hai) // has a password of her own
	b := newTab(t, s, s.serving(t), "")
	b.do(call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	fill := func(selector, words string) {
		b.Helper()
		b.do(chromedp.SendKeys(chromedp.CSS(selector), words))
	}
	step := func(selector string) { b.Helper(); b.goBy(func() { b.click(selector) }) }

	b.open("/items?light=overdue")
	b.want(here0, "/sign-in?next=%2Fitems%3Flight%3Doverdue")
	fill("#f-name", "hai")
	fill("#f-password", s.passwords["hai"])
	step("main button.btn--main")
	b.want(here0, "/items?light=overdue")

	// Lists: a chip, a column, a search, rows ticked.
	step(".views a")
	b.want(here0, "/items")
	step(".seg a.ok")
	b.want(here0, "/items?light=ok")
	step(".clear")
	b.open("/items")
	if !ask[bool](b, `getComputedStyle(document.querySelector(".bulk")).display !== "none"`) {
		t.Error("without scripts nothing can be done with the rows ticked")
	}
	if ask[bool](b, `!!document.querySelector("[data-do=print]:not([hidden]), [data-do=copy]:not([hidden]), [data-do=all]:not([hidden])")`) {
		t.Error("a button that needs a script shows without")
	}
	b.click("tbody input[name=no]")
	step(".bulk button:not([formaction]):not([type=reset])")
	b.want(here0, "/items?no="+item.Number)
	fill("#q", "拨付")
	b.goBy(func() { b.press(kb.Enter) })
	b.want(`String(document.querySelectorAll("[data-item]").length)`, "2")
	step("[data-item] .t a")

	// The item: progress, a measure, the way to the supervisor, back again.
	fill("#progress-text", "已拨付 31 笔")
	step("#progress button")
	b.want(`document.querySelector("[role=status]").textContent`, says("progress.saved"))
	b.click("details:has(form[action$='/completion']) > summary")
	fill(".tick input[name=result]", "43 笔全部拨付")
	step("form[action$='/completion'] button")
	b.want(`document.querySelector("[role=status]").textContent`, says("measure.saved"))
	s.SignedBy(s.Done(s.Read(item)), s.Wu, s.Leng)
	b.open("/items/" + item.Number)
	b.click("#f-pledge")
	fill("#f-password", s.passwords["hai"])
	step("#sign form button")
	b.want(`document.querySelector("[role=status]").textContent`, says("signature.saved"))
	step("form[action$='/submission'] button")
	b.want(`document.querySelector("[role=status]").textContent`, says("submission.saved"))
	b.click("#withdraw summary")
	fill("#f-words-withdraw", "再核一笔")
	step("#withdraw form button")
	b.want(`document.querySelector("[role=status]").textContent`, says("withdrawal.saved"))

	// The frame: menus, language, light, out.
	b.click("summary.who")
	step(".menu form[action='/language'] button")
	b.want(`document.documentElement.lang`, "en")
	b.click("summary.who")
	step(".menu button[value=dark]")
	b.want(`document.documentElement.dataset.theme`, "dark")
	b.click("summary.who")
	step(".menu form[action='/sign-out'] button")
	b.want(here0, "/sign-in")
	b.quiet()
	if got := s.Read(item); got.MeasuresDone != 1 || got.Status != models.Underway || got.Version != 9 {
		t.Errorf("%+v", got)
	}
}

// With scripts a list changes in its place: the address follows, the page stays,
// Back leads back, and an end of the session is said and loses nothing.
func TestAListChangesInItsPlace(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	b := newTab(t, s, s.serving(t), "jiwei")
	b.open("/items")
	ask[bool](b, `(window.stayed = true)`)
	stayed := func(address, rows string) {
		b.Helper()
		b.until(here0 + ` === ` + quoted(address) + ` && !document.querySelector(".htmx-request")`)
		b.until(`String(document.querySelectorAll("tr[data-item]").length) === ` + quoted(rows))
		if !ask[bool](b, `!!window.stayed`) {
			b.Errorf("%s: a new page was loaded", b.where())
		}
	}
	b.click(".seg a.bad")
	stayed("/items?light=overdue", "9")
	b.want(`document.querySelector(".seg [aria-current]").className`, "bad")
	b.click(".clear")
	stayed("/items", "48")
	b.click(`.views a[href="/items?light=review"]`)
	stayed("/items?light=review", "5")
	b.click(`.th-sort[href*="sort=number"]`)
	stayed("/items?light=review&sort=number", "5")
	b.click(`.filters details:nth-of-type(2) summary`)
	b.click(`.filters details:nth-of-type(2) .menu a[href*="unit=tcj"]`)
	stayed("/items?light=review&sort=number&unit=tcj", "1")
	if ask[bool](b, `!!document.querySelector("details.menu-of[open]")`) {
		t.Error("the menu stays open over the new list")
	}
	// What is on the list is alive: a row can be ticked.
	b.click("tr[data-item] input")
	b.until(`!document.querySelector(".bulk").hidden && document.querySelector("[data-chosen]").textContent.includes("1")`)
	b.goBy(func() { b.do(chromedp.Evaluate[chromedp.Void](`history.back(); undefined`)) })
	b.want(here0, "/items?light=review&sort=number")
	b.want(`String(document.querySelectorAll("tr[data-item]").length)`, "5")

	// The session ends meanwhile: the page says so and stays.
	ask[bool](b, `(window.stayed = true)`)
	b.do(call(network.ClearBrowserCookies, cdp.Empty{}))
	b.click(".seg a.bad")
	b.until(`!document.querySelector("#signed-out").hidden`)
	if !ask[bool](b, `!!window.stayed && document.querySelectorAll("tr[data-item]").length === 5`) {
		t.Error("the list is gone with the session")
	}
	// Whatever else goes wrong is a page of its own.
	b.quiet()
}

func TestKeysWalkTheList(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	b := newTab(t, s, s.serving(t), "jiwei")
	b.open("/items")
	focused := func(want string) {
		b.Helper()
		b.want(`(e => (e.closest("[data-item]") || {dataset: {}}).dataset.item || e.id)(document.activeElement)`, want)
	}
	b.press("j")
	focused("JZ-2024-009")
	b.press("j", "j", "k")
	focused("LX-2024-005")
	b.press("x")
	b.until(`document.querySelector("[data-chosen]").textContent.startsWith(` + quoted(strings.Split(strings.ReplaceAll(says("bulk.n"), "{n}", "1"), "{units}")[0]) + `)`)
	b.press("/")
	focused("q")
	b.press("j", "e", "?") // typed, not obeyed
	b.want(`document.querySelector("#q").value`, "je?")
	b.press(kb.Escape)
	b.do(chromedp.Blur(chromedp.CSS("#q")))
	b.press("j")
	b.goBy(func() { b.press(kb.Enter) })
	b.want(here0, "/items/JZ-2024-009")
	b.goBy(func() { b.press("g", "o") })
	b.want(here0, "/overdue")
	b.goBy(func() { b.press("g", "b") })
	b.want(here0, "/board")
	b.goBy(func() { b.press("?") })
	b.want(`location.hash`, "#keys")

	// The card's menu, by the key and out of it by Escape, with the focus back.
	b.open("/board")
	b.do(chromedp.Focus(chromedp.CSS(`[data-item="LX-2024-004"] .card__t a`)))
	b.press("m")
	b.until(`document.querySelector('[data-item="LX-2024-004"] details').open`)
	b.press(kb.Escape)
	b.until(`!document.querySelector('[data-item="LX-2024-004"] details').open && document.activeElement.tagName === "SUMMARY"`)

	// A key that is part of a pinyin word is no command, and the Enter that ends the
	// word sends nothing.
	b.open("/items")
	b.do(chromedp.Evaluate[chromedp.Void](`["j", "x", "?", "/"].forEach(key => document.body.dispatchEvent(new KeyboardEvent("keydown", {key, isComposing: true, bubbles: true}))); undefined`))
	b.want(`document.activeElement.tagName`, "BODY")
	b.do(chromedp.Focus(chromedp.CSS("#q")))
	b.do(call(input.ImeSetComposition, input.ImeSetCompositionParams{Text: "bo fu", SelectionStart: 5, SelectionEnd: 5}))
	b.do(call(input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: "rawKeyDown", Key: "Process", Code: "Enter", WindowsVirtualKeyCode: 229}))
	b.do(call(input.InsertText, input.InsertTextParams{Text: "拨付"}))
	b.want(here0, "/items")
	b.want(`document.querySelector("#q").value`, "拨付")
	b.goBy(func() { b.press(kb.Enter) })
	b.want(here0, "/items?q=%E6%8B%A8%E4%BB%98")
	b.quiet()
}

// Everything that does something is reached by the Tab key, and shows that it is.
func TestTheTabKeyReachesEverything(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	b := newTab(t, s, s.serving(t), "jfj-head")
	for _, path := range []string{"/board", "/items/FK-2024-003", "/overdue"} {
		b.open(path)
		want := ask[int](b, `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled && e.type !== "radio").length`)
		ask[bool](b, `(window.reached = new Set(), window.dark = new Set(), true)`)
		for range want + 4 {
			b.press(kb.Tab)
			// Judged at rest: a window that comes to the front moves the focus by itself first.
			ask[bool](b, `(e => {
				if (!e || e === document.body) return true;
				window.reached.add(e);
				const s = getComputedStyle(e), a = getComputedStyle(e, "::after");
				if (s.boxShadow === "none" && s.outlineStyle === "none" && a.boxShadow === "none") window.dark.add(e.outerHTML.slice(0, 80));
				return true;
			})(document.activeElement)`)
		}
		if got := ask[int](b, `[...window.reached].filter(e => e.type !== "radio").length`); got < want {
			t.Errorf("%s: Tab reaches %d of %d", path, got, want)
		}
		if dark := ask[[]string](b, `[...window.dark]`); len(dark) > 0 {
			t.Errorf("%s: no ring round %v", path, dark)
		}
	}
}

func TestRowsAreChosenWithShift(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	b := newTab(t, s, s.serving(t), "jiwei")
	b.open("/overdue")
	if ask[bool](b, `!document.querySelector(".bulk").hidden`) {
		t.Error("the bar is there before a row is chosen")
	}
	b.click("tr[data-item]:nth-child(3) input")
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("tr[data-item]:nth-child(5) input").dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true, shiftKey: true})); undefined`))
	b.want(`document.querySelector("[data-chosen]").textContent.replace(/\s+/g, " ")`, strings.NewReplacer("{n}", "3", "{units}", "财政局 2、经济发展局 1").Replace(says("bulk.n")))
	b.want(`String(document.querySelectorAll("tr[aria-selected]").length)`, "3")
	b.click("[data-do=all]")
	b.until(`document.querySelectorAll("input[name=no]:checked").length === 9`)
	b.click(".bulk [type=reset]")
	b.until(`document.querySelector(".bulk").hidden`)
	b.click("tr[data-item]:nth-child(3) input")
	b.goBy(func() { b.click(".bulk .btn--main") })
	b.want(here0, "/letters/new?no=LX-2024-002")
	b.open("/overdue")
	b.click("tr[data-item]:nth-child(3) input")
	b.goBy(func() { b.click(".bulk .btn:not([formaction]):not([type])") })
	b.want(here0, "/items?no=LX-2024-002")
}

// A note that is being written survives a reload, and is forgotten when saved. It
// is sent once, however often the button is pressed.
func TestADraftIsKeptUntilItIsSaved(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	item := s.Registered("2026-03-20")
	b := newTab(t, s, s.serving(t), "wu")
	path := "/items/" + item.Number
	b.open(path)
	b.press("e")
	b.do(chromedp.SendKeys(chromedp.CSS("#progress-text"), "写了一半的进展"))
	b.until(`document.querySelector("[data-draft-note]").textContent !== ""`)
	b.open("/board")
	b.open(path)
	b.until(`document.querySelector("#progress-text").value === "写了一半的进展"`)

	// The session ends: the page says so and keeps the words; begun anew beside, it is sent by
	// itself, whatever token the page was drawn with.
	s.At("2026-03-02 10:00")
	b.click("#progress button")
	b.until(`!document.querySelector("#signed-out").hidden`)
	b.want(`document.querySelector("#progress-text").value`, "写了一半的进展")
	b.signIn(s, "leng") // somebody else sits down here
	ask[bool](b, `window.dispatchEvent(new Event("focus"))`)
	b.until(`document.querySelector("#toast").textContent === ` + quoted(says("draft.other")))
	b.signIn(s, "wu")
	b.goBy(func() { ask[bool](b, `window.dispatchEvent(new Event("focus"))`) })
	b.want(`document.querySelector("#progress-text").value`, "")
	b.open(path)
	b.until(`document.documentElement.dataset.drafts === "there"`)
	b.want(`document.querySelector("#progress-text").value`, "")
	if got := s.Read(item); got.Version != 2 {
		t.Errorf("written %d times", got.Version-1)
	}
	// However often the button is pressed, it is sent once.
	b.do(chromedp.SendKeys(chromedp.CSS("#progress-text"), "第一条之后"))
	b.goBy(func() {
		b.do(chromedp.Evaluate[chromedp.Void](`(button => { button.click(); button.click(); button.click() })(document.querySelector("#progress button")); undefined`))
	})
	if got := s.Read(item); got.Version != 3 {
		t.Errorf("written %d times", got.Version-2)
	}
	// Ctrl+Enter sends it.
	b.do(chromedp.SendKeys(chromedp.CSS("#progress-text"), "第二条"))
	b.goBy(func() { b.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(kb.ModifierCtrl))) })
	if got := s.Read(item); got.Version != 4 {
		t.Errorf("Ctrl+Enter sent nothing")
	}
	b.quiet()
}

// The first page with everything weighs at most 100 KB, each page after it 30 KB.
func TestPagesAreLight(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	b := newTab(t, s, s.serving(t), "jiwei")
	weigh := func(path string, most float64) {
		b.Helper()
		b.mu.Lock()
		clear(b.bytes)
		b.mu.Unlock()
		b.open(path)
		b.loaded()
		b.mu.Lock()
		defer b.mu.Unlock()
		sum := 0.0
		for _, n := range b.bytes {
			sum += n
		}
		t.Logf("%s: %.1f KB", path, sum/1024)
		if sum == 0 || sum > most*1024 {
			t.Errorf("%s weighs %.1f KB, more than %.0f", path, sum/1024, most)
		}
	}
	weigh("/board", 100)
	for _, path := range []string{"/board", "/items", "/overdue", "/items/LX-2024-004", "/notices", "/items?size=200"} {
		weigh(path, 30)
	}
}

// On paper stand the list and who printed it, and none of what is there to be
// pressed.
func TestOnPaper(t *testing.T) {
	t.Parallel()
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	b := newTab(t, s, s.serving(t), "jiwei")
	for _, path := range []string{"/board", "/items", "/overdue", "/items/LX-2024-004"} {
		b.open(path)
		b.media("print", "light")
		shown := ask[[]string](b, `[...document.querySelectorAll("button, .top, .bottom, .filters, .views, .bulk, textarea, input, select, .skip, .pn")].filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 70))`)
		if len(shown) > 0 {
			t.Errorf("%s: on paper stands %v", path, shown)
		}
		if !ask[bool](b, `document.querySelector(".light").checkVisibility() && document.querySelector(".print-who").checkVisibility()`) {
			t.Errorf("%s: the lights, or who printed it, are missing on paper", path)
		}
		b.picture("print-" + slices.DeleteFunc(strings.Split(path, "/"), func(s string) bool { return s == "" })[0] + fmt.Sprint(len(path)))
		b.media("screen", "light")
	}
	// Who reads in the dark prints on white all the same.
	b.cookie(themeCookie, "dark")
	b.open("/items")
	b.media("print", "dark")
	for _, colour := range []struct{ of, want string }{{"document.body", "rgb(24, 33, 47) rgb(255, 255, 255)"}, {`document.querySelector(".panel")`, "rgb(24, 33, 47) rgb(255, 255, 255)"}} {
		b.want(`(s => s.color + " " + s.backgroundColor)(getComputedStyle(`+colour.of+`))`, colour.want)
	}
}

// signIn gives the tab's browser a session of that person, as signing in in another window
// does.
func (b *tab) signIn(s *site, name string) {
	b.Helper()
	for k, value := range s.signedIn(name).cookies {
		b.cookie(k, value)
	}
}

// What is typed into any form of an item is there on another machine, in its own place, and
// is gone when it was sent.
func TestWhatIsTypedComesBackOnAnotherMachine(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	item := s.Registered("2026-03-20")
	address := s.serving(t)
	path := "/items/" + item.Number
	b := newTab(t, s, address, "wu")
	b.open(path)
	typed := map[string]string{
		"#progress-text": "进展写了一半", "form[action$='/extensions'] textarea": "等财政批复", "form[action$='/measures'] [name=text_1]": "逐笔核实",
		"form[action$='/measures'] [name=due_on_1]": "2026-03-18", ".ev-form [name=note]": "原件存档案柜",
	}
	for selector, words := range typed {
		ask[bool](b, `((f, v) => { f.value = v; f.dispatchEvent(new InputEvent("input", {bubbles: true})); return true })(document.querySelector(`+quoted(selector)+`), `+quoted(words)+`)`)
	}
	b.open("/board") // at once: what is under way is kept by the leaving page
	other := newTab(t, s, address, "wu")
	kept := func(tab *tab) (n int) {
		for selector, words := range typed {
			if ask[string](tab, `(document.querySelector(`+quoted(selector)+`) || {}).value || ""`) == words {
				n++
			}
		}
		return n
	}
	forms := 4 // the evidence's has no textarea, and keeps none
	modelstest.Await(b, "the drafts", func() bool {
		other.open(path)
		other.until(`document.documentElement.dataset.drafts === "there"`)
		return kept(other) >= forms
	})
	if !ask[bool](other, `document.querySelector("form[action$='/extensions']").closest("details").open`) {
		t.Error("a form with a draft is folded away")
	}
	// Nobody else has them, and a note that is sent takes its own along.
	stranger := newTab(t, s, address, "leng")
	stranger.open(path)
	stranger.until(`document.documentElement.dataset.drafts === "there"`)
	if n := kept(stranger); n != 0 {
		t.Errorf("%d of somebody else's drafts", n)
	}
	other.goBy(func() { other.click("#progress button") })
	other.open(path)
	other.until(`document.documentElement.dataset.drafts === "there"`)
	other.want(`document.querySelector("#progress-text").value`, "")
	if n := kept(other); n < forms-1 {
		t.Errorf("%d drafts are left", n)
	}
	other.quiet()
	b.quiet()
}

// The session ends while files are chosen and words typed: signed in again beside, they are
// sent as they were; and a page drawn before another sign-in sends as well.
func TestAnEndedSessionLosesNeitherFilesNorWords(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	item := s.Registered("2026-03-20")
	b := newTab(t, s, s.serving(t), "wu")
	b.open("/items/" + item.Number)
	minutes := filepath.Join(t.TempDir(), "会议纪要.txt")
	if err := os.WriteFile(minutes, []byte("纪要"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.drop(".ev-drop", minutes)
	b.until(b.chosen() + ` === "会议纪要.txt"`)
	b.do(chromedp.SendKeys(chromedp.CSS(".ev-form [name=note]"), "原件存档案柜"), call(network.ClearBrowserCookies, cdp.Empty{}))
	b.click(".ev-form button.btn--main")
	b.until(`!document.querySelector("#signed-out").hidden`)
	b.want(b.chosen(), "会议纪要.txt")
	b.signIn(s, "wu")
	b.goBy(func() { ask[bool](b, `window.dispatchEvent(new Event("focus"))`) })
	if rows := s.rowsOf(item); len(rows) != 1 || rows[0].FileName != "会议纪要.txt" || rows[0].Note != "原件存档案柜" {
		t.Errorf("kept is %+v", rows)
	}
	// Signing in in another window leaves this page as good as it was.
	b.open("/items/" + item.Number)
	b.signIn(s, "wu")
	b.do(chromedp.SendKeys(chromedp.CSS("#progress-text"), "换了会话"))
	b.goBy(func() { b.click("#progress button") })
	if notes, err := s.As(s.Wu).ProgressOf(item); err != nil || len(notes) != 1 {
		t.Errorf("%d notes, %v", len(notes), err)
	}
	// Cut off, it says so and keeps what was typed.
	b.language("zh")
	b.open("/items/" + item.Number)
	b.do(chromedp.SendKeys(chromedp.CSS("#progress-text"), "断网时写的"))
	b.do(call(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{Offline: true, DownloadThroughput: -1, UploadThroughput: -1}}}))
	b.click("#progress button")
	b.until(`document.querySelector("#toast").textContent === ` + quoted(says("draft.unsent")))
	b.want(`document.querySelector("#progress-text").value`, "断网时写的")
}

// On paper a measure that is done says so in a word, for backgrounds are not printed; and without
// the stylesheet an icon is as large as its words.
func TestWhatIsDoneIsSaidOnPaper(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	item := s.Done(s.Registered("2026-03-20"))
	b := newTab(t, s, s.serving(t), "wu")
	b.open("/items/" + item.Number)
	b.want(`getComputedStyle(document.querySelector(".meas .on-paper")).display`, "none")
	b.media("print", "light")
	b.want(`getComputedStyle(document.querySelector(".meas .on-paper")).display + " " + document.querySelector(".meas .on-paper").textContent.trim()`, "inline ✓ "+says("measure.is_done"))
	b.want(`String([...document.querySelectorAll("main svg.i, .gate svg")].every(e => e.getAttribute("width") === "16" && e.getAttribute("height") === "16"))`, "true")
}
