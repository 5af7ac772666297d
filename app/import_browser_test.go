package app

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"duban/models/modelstest"
	"duban/views/text"
)

// The whole way of an import in a browser: upload, tabs, questions by their buttons, in
// the page's place and with nothing typed lost; the confirmation, which asks; the end.
func TestAnImportIsPlayedInTheBrowser(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	b := newTab(t, s, s.serving(t), "xuncha")
	b.open("/import")
	ledger := "序号,问题,整改措施,整改时限\n1,发票审核不严,补办手续,会后2个月内\n2,合同未归档,补归档,会后10日内\n3,台账缺项,补齐,限期整改\n4,车辆管理不严,修订办法,2024年9月前\n5,,做,2024年9月\n"
	ask[bool](b, fmt.Sprintf(`(() => { const d = new DataTransfer(); d.items.add(new File([%s], "问题台账.csv")); document.querySelector("#f-file").files = d.files;
		document.querySelector("[name=unit]").value = "jfj"; document.querySelector("[name=tier]").value = "post-feedback"; return true })()`, quoted(ledger)))
	b.goBy(func() { b.click(".duo form .btn--main") })
	b.want(`document.querySelector(".views [aria-current]").textContent.replace(/\D/g, "")`, "3")
	b.want(`document.querySelector(".import-confirm__open").textContent.trim()`, "还有 3 个问题未答，仍可导入")
	ask[bool](b, `(window.stayed = true)`)
	stays := func(what string) {
		b.Helper()
		b.until(what + ` && !document.querySelector(".htmx-request")`)
		if !ask[bool](b, `!!window.stayed && !!document.querySelector(".head h1")`) {
			b.Fatalf("%s: the page is gone", b.where())
		}
	}
	for _, name := range []string{"refused", "same", "changed", "new", "asked"} {
		b.click(`.views a[href*="tab=` + name + `"]`)
		stays(`location.search.includes("tab=` + name + `")`)
	}
	// A day is typed beside another question before a button is pressed.
	ask[bool](b, `(() => { document.querySelectorAll(".question input[type=date]")[0].value = "2024-07-01"; return true })()`)
	b.click(`.question button[value$="=2024-09-30"]`)
	stays(`document.querySelector(".import-confirm__open").textContent.includes("1")`)
	b.want(`String(document.querySelectorAll(".question").length)`, "1")
	b.click(`.views a[href*="tab=new"]`)
	stays(`location.search.includes("tab=new")`)
	for _, due := range []string{"2024-09-01", "2024-07-11", "2024-09-30"} {
		if !ask[bool](b, `document.querySelector(".tbl--preview").textContent.includes(`+quoted(due)+`)`) {
			t.Errorf("no line is due %s", due)
		}
	}
	for _, scheme := range []string{"light", "dark"} {
		b.cookie(themeCookie, scheme)
		b.goBy(func() { b.open(ask[string](b, here0)) })
		ask[bool](b, `(window.stayed = true)`)
		for _, width := range []int64{1440, 390} {
			b.size(width, 900)
			b.click(`.views a[href*="tab=asked"]`)
			stays(`location.search.includes("tab=asked")`)
			b.fits(width)
			b.picture(fmt.Sprintf("import-questions-%s-%d", scheme, width))
		}
	}
	b.size(1440, 900)
	b.cookie(themeCookie, "light")
	b.withAxe()
	b.goBy(func() { b.open(ask[string](b, here0)) })
	b.axe(everyRule)
	b.click(".import-confirm > summary")
	b.picture("import-confirm")
	b.goBy(func() { b.click(".import-confirm form .btn--main") })
	b.want(`document.querySelector("h1").textContent`, "已导入")
	b.goBy(func() { b.click(`a[href*="step=undo"]`) })
	b.goBy(func() { b.do(chromedp.Click(chromedp.CSS("main form .btn--main"))) })
	b.want(`document.querySelector("h1").textContent`, "已撤销")
	b.quiet()
}

// A table is pasted: its merged cells come along, and count until the text is changed.
func TestATableIsPastedInTheBrowser(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	b := newTab(t, s, s.serving(t), "xuncha")
	table := `<html><body><!--StartFragment--><table><tr><td>序号<td>问题<td>整改措施<td>整改时限<tr><td rowspan=2>1<td rowspan=2>拨付不及时<td>拨付<td>2024年底前<tr><td>建账<td>2024年底前</table>`
	paste := func() {
		t.Helper()
		b.open("/import")
		ask[bool](b, fmt.Sprintf(`(() => { const d = new DataTransfer(); d.setData("text/html", %s); d.setData("text/plain", "序号\t问题"); const area = document.querySelector("#f-pasted");
			area.dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, bubbles: true})); area.value = "序号\t问题\t整改措施\n1\t只是文字\t做"; area.dispatchEvent(new Event("input", {bubbles: true}));
			document.querySelector("[name=unit]").value = "jfj"; document.querySelector("[name=tier]").value = "post-feedback"; return true })()`, quoted(table)))
		b.until(`document.querySelector("[data-paste] [role=status]").textContent.includes("合并单元格")`)
	}
	paste()
	b.size(390, 900)
	b.fits(390)
	b.size(1440, 900)
	b.goBy(func() { b.click(".duo form .btn--main") })
	b.want(`String(document.body.textContent.includes("建账"))`, "true")
	paste()
	ask[bool](b, `(() => { document.querySelector("#f-pasted").dispatchEvent(new Event("input", {bubbles: true})); return true })()`)
	b.want(`document.querySelector("[name=pasted_html]").value`, "")
	b.goBy(func() { b.click(".duo form .btn--main") })
	b.click(`.views a[href*="tab=new"]`)
	b.until(`document.body.textContent.includes("只是文字")`)
	b.quiet()
}

// The same way in both languages on a screen of 1366 pixels: every page of it fits, and axe
// finds nothing on any.
func TestAnImportIsPlayedInBothLanguages(t *testing.T) {
	ledger := "序号,问题,整改措施,整改时限\n1,发票审核不严,补办手续,2024年9月前\n2,合同未归档,补归档,2024年9月底\n3,台账缺项,补齐,2024年9月底\n"
	for _, language := range []text.Language{text.Chinese, text.English} {
		t.Run(string(language), func(t *testing.T) {
			says := func(key string, args ...any) string {
				return text.T(text.In(t.Context(), language), key, args...)
			}
			s := demonstration(t, modelstest.URL(t, "sqlite"))
			b := newTab(t, s, s.serving(t), "xuncha")
			b.language(string(language))
			b.size(1366, 768)
			look := func(name string) {
				t.Helper()
				b.withAxe()
				b.goBy(func() { b.open(ask[string](b, here0)) })
				b.axe(everyRule)
				b.fits(1366)
				b.picture("import-" + name + "-" + string(language))
			}
			sent := func(put string) {
				t.Helper()
				b.goBy(func() { b.open("/import") })
				b.want(`document.querySelector("h1").textContent`, says("import.title"))
				ask[bool](b, put)
				ask[bool](b, `(() => { document.querySelector("[name=unit]").value = "jfj"; document.querySelector("[name=tier]").value = "post-feedback"; return true })()`)
				b.goBy(func() { b.click(".duo form .btn--main") })
			}
			confirm := func() {
				t.Helper()
				b.click(".import-confirm > summary")
				b.goBy(func() { b.click(".import-confirm form .btn--main") })
				b.want(`document.querySelector("h1").textContent`, says("import.state.done"))
			}
			b.goBy(func() { b.open("/import") })
			look("upload")
			sent(fmt.Sprintf(`(() => { const d = new DataTransfer(); d.items.add(new File([%s], "问题台账.csv")); document.querySelector("#f-file").files = d.files; return true })()`, quoted(ledger)))
			b.want(`document.querySelector(".import-confirm__open").textContent.trim()`, says("import.confirm.open.one", 1))
			look("questions")
			for _, tab := range []string{"refused", "same", "changed", "new", "asked"} {
				b.click(`.views a[href*="tab=` + tab + `"]`)
				b.until(`location.search.includes("tab=` + tab + `") && !document.querySelector(".htmx-request") && !!document.querySelector(".head h1")`)
				b.fits(1366)
			}
			b.click(`.question button[value$="=2024-08-31"]`)
			b.until(`!document.querySelector(".import-confirm__open") && !document.querySelector(".htmx-request")`)
			b.click(`.views a[href*="tab=new"]`)
			b.until(`!!document.querySelector(".tbl--preview") && document.querySelector(".tbl--preview").textContent.includes("2024-08-31")`)
			look("new")
			confirm()
			look("done")
			b.goBy(func() { b.click(`a[href*="step=undo"]`) })
			look("undo")
			b.goBy(func() { b.do(chromedp.Click(chromedp.CSS("main form .btn--main"))) })
			b.want(`document.querySelector("h1").textContent`, says("import.state.undone"))
			look("undone")
			sent(`(() => { const area = document.querySelector("#f-pasted"); area.value = "序号\t问题\t整改措施\t整改时限\n1\t只是文字\t做\t2024年9月底"; area.dispatchEvent(new Event("input", {bubbles: true})); return true })()`)
			b.click(`.views a[href*="tab=new"]`)
			b.until(`document.body.textContent.includes("只是文字")`)
			look("pasted")
			confirm()
			b.quiet()
		})
	}
}
