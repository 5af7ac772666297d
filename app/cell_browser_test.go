package app

import (
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duban/models"
	"duban/models/modelstest"
)

// cellOf is the script's way to a cell of a row: the nth of its cells.
func cellOf(item, column string) string {
	return `(() => { const t = document.querySelector("table[data-sheet]"), n = [...t.querySelectorAll("thead th")].findIndex(h => h.dataset.cell === ` + quoted(column) + `); return t.querySelector("tr[data-item='` + item + `']").cells[n] })()`
}

// clickCell clicks a cell with the mouse.
func (b *tab) clickCell(item, column string) {
	b.Helper()
	spot := ask[[]float64](b, `(r => [r.left + r.width * .7, r.top + r.height / 2])(`+cellOf(item, column)+`.getBoundingClientRect())`)
	b.do(call(input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: "mousePressed", X: spot[0], Y: spot[1], Button: "left", ClickCount: 1}),
		call(input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: "mouseReleased", X: spot[0], Y: spot[1], Button: "left", ClickCount: 1}))
}

// wantCell waits until a cell says this.
func (b *tab) wantCell(item, column, words string) {
	b.Helper()
	b.until(`(td => !td.classList.contains("cell--wait") && td.innerText.trim() === ` + quoted(words) + `)(` + cellOf(item, column) + `)`)
}

// The ledger is worked in like a sheet: typing, Tab, Enter, arrows, Esc, F2, Ctrl+Z, names
// by their initials, a reason where one is asked for, and an Enter that ends a pinyin word.
func TestTheLedgerIsASheet(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	one, two := s.Registered("2026-03-20"), s.Registered("2026-03-25")
	b := newTab(t, s, s.serving(t), "office")
	b.open("/items?cols=unit,leader,dept,cat,due&sort=number")

	// Over what stands there, and on by Tab and by Enter.
	b.clickCell(one.Number, "dept")
	b.press("A", "1", kb.Tab)
	b.press("B", kb.Enter)
	b.press("C", kb.Enter)
	b.wantCell(one.Number, "dept", "A1")
	b.wantCell(one.Number, "cat", "B")
	b.wantCell(two.Number, "cat", "C")

	// Esc leaves it as it was; F2 goes on with what is there.
	b.clickCell(one.Number, "cat")
	b.press("X", kb.Escape)
	b.wantCell(one.Number, "cat", "B")
	b.press(kb.F2, kb.End, "2", kb.Enter)
	b.wantCell(one.Number, "cat", "B2")

	// Arrows walk; Ctrl+Z takes the last one back.
	b.press(kb.ArrowUp, kb.ArrowLeft, "D", kb.Enter)
	b.wantCell(one.Number, "dept", "D")
	b.do(chromedp.KeyEvent("z", chromedp.KeyModifiers(kb.ModifierCtrl)))
	b.wantCell(one.Number, "dept", "A1")

	// A name by its initials; a unit likewise.
	b.clickCell(one.Number, "unit")
	b.press("c", "z", "j")
	b.until(`[...document.querySelectorAll(".celllist li")].some(li => li.textContent === "财政局" && li.getAttribute("aria-selected") === "true")`)
	b.press(kb.Enter)
	b.wantCell(one.Number, "unit", "财政局")

	// A date asks why, and says it in its place.
	b.clickCell(two.Number, "due")
	b.press("4", "-", "3", "0", kb.Enter)
	b.until(`!!document.querySelector(".cellpop input[name=reason]") && document.activeElement.name === "reason"`)
	b.press("w", "h", "y", kb.Enter)
	b.until(cellOf(two.Number, "due") + `.dataset.d === "2026-04-30"`)
	if got := s.Read(two); got.DueOn != "2026-04-30" || got.FirstDueOn != "2026-03-25" {
		t.Errorf("%+v", got)
	}

	// The first letters of a pinyin word are typed into the cell, and the Enter that ends
	// the word saves nothing.
	b.clickCell(two.Number, "dept")
	b.do(call(input.ImeSetComposition, input.ImeSetCompositionParams{Text: "zong he", SelectionStart: 7, SelectionEnd: 7}))
	b.do(call(input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: "rawKeyDown", Key: "Process", Code: "Enter", WindowsVirtualKeyCode: 229}))
	b.do(call(input.InsertText, input.InsertTextParams{Text: "综合处"}))
	b.want(`document.querySelector(".cellin").value`, "综合处")
	b.press(kb.Enter)
	b.wantCell(two.Number, "dept", "综合处")

	// Somebody else was first: both values stand there.
	if _, err := s.As(s.Wu).EditItem(s.Read(two), []models.CellEdit{{Cell: models.CellDepartment, Is: "办公室"}}, ""); err != nil {
		t.Fatal(err)
	}
	b.clickCell(two.Number, "dept")
	b.press("E", kb.Enter)
	b.until(`(p => !!p && p.innerText.includes("办公室") && p.innerText.includes("E"))(document.querySelector(".cellpop"))`)
	b.press(kb.Escape)
	b.until(`!document.querySelector(".cellpop")`)

	// What is marked is filled down.
	b.clickCell(one.Number, "cat")
	b.do(chromedp.KeyEvent(kb.ArrowDown, chromedp.KeyModifiers(kb.ModifierShift)), chromedp.KeyEvent("d", chromedp.KeyModifiers(kb.ModifierCtrl)))
	b.wantCell(two.Number, "cat", "B2")
	b.quiet()
}

// A block that was copied from a spreadsheet goes in at the cell one is at: shown first, with
// its reason asked where it needs one, then written, and copied out again as it went in. What
// is to be the same in several rows is asked for once.
func TestABlockIsPastedIntoTheLedger(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	one, two := s.Registered("2026-03-20"), s.Registered("2026-03-25")
	b := newTab(t, s, s.serving(t), "office").withAxe()
	list := "/items?cols=dept,cat,due&sort=number"
	b.open(list)
	b.clickCell(one.Number, "dept")
	ask[bool](b, `(words => { const data = new DataTransfer(); data.setData("text/plain", words);
		return document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})) })("综合处\t\"财务\n管理\"\t4月30日\r\n办公室\t工程项目\t2026-03-25\r\n")`)
	b.until(`location.pathname === "/items/blocks/draft" && !!document.querySelector("#block")`)
	b.axe(everyRule)
	for _, words := range []string{"综合处", "工程项目", "2026-04-30"} {
		b.until(`document.querySelector("main").innerText.includes(` + quoted(words) + `)`)
	}
	ask[bool](b, `(document.querySelector("#block input[name=reason]").value = "台账抄错", document.querySelector("#block button").click(), true)`)
	b.until(`location.pathname === "/items/blocks" && document.readyState === "complete"`)
	b.axe(everyRule)
	if got := s.Read(one); got.Department != "综合处" || got.DueOn != "2026-04-30" || got.Category == "" {
		t.Errorf("%+v", got)
	}
	if got := s.Read(two); got.Department != "办公室" || got.Category != "工程项目" || got.DueOn != "2026-03-25" {
		t.Errorf("%+v", got)
	}

	b.open(list)
	b.clickCell(one.Number, "dept")
	b.do(chromedp.KeyEvent(kb.ArrowDown, chromedp.KeyModifiers(kb.ModifierShift)))
	b.want(`(data => { document.activeElement.dispatchEvent(new ClipboardEvent("copy", {clipboardData: data, bubbles: true, cancelable: true})); return data.getData("text/plain") })(new DataTransfer())`, "综合处\n办公室")

	// The bar for the rows that are ticked.
	b.open(list)
	ask[bool](b, `(document.querySelectorAll("tbody input[name=no]").forEach(i => i.click()), true)`)
	b.click(`.bulk button[formaction="/items/bulk"]`)
	b.until(`!!document.querySelector("#bulk")`)
	b.axe(everyRule)
	ask[bool](b, `(document.querySelector("#bulk input[name=to_cat]").value = "资产管理", document.querySelector("#bulk button").click(), true)`)
	b.until(`!!document.querySelector("#block button")`)
	ask[bool](b, `(document.querySelector("#block button").click(), true)`)
	b.until(`location.pathname === "/items/blocks" && document.readyState === "complete"`)
	for _, item := range []models.Item{s.Read(one), s.Read(two)} {
		if item.Category != "资产管理" {
			t.Errorf("%s is %q", item.Number, item.Category)
		}
	}
	b.quiet()
}
