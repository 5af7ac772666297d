package app

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"duban/models"
	"duban/models/modelstest"
)

// point is the middle of what a selector finds, in the window.
func (b *tab) point(selector string) (x, y float64) {
	b.Helper()
	at := ask[[]float64](b, `(e => { e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })(document.querySelector(`+quoted(selector)+`))`)
	return at[0], at[1]
}

// drop lets files of this machine fall on what a selector finds, as from a folder's
// window.
func (b *tab) drop(selector string, files ...string) {
	b.Helper()
	x, y := b.point(selector)
	for _, step := range []input.DispatchDragEventType{"dragEnter", "dragOver", "drop"} {
		b.do(call(input.DispatchDragEvent, input.DispatchDragEventParams{Type: step, X: x, Y: y, Data: &input.DragData{Items: []*input.DragDataItem{}, Files: files, DragOperationsMask: 1}}))
	}
}

func (b *tab) chosen() string {
	return `[...document.querySelectorAll(".ev-chosen span")].map(e => e.textContent).join("|")`
}

// Files are chosen, dropped and pasted, told apart before they are sent, and sent with
// a bar that says how far they are; what is refused leaves the rest as it was.
func TestFilesAreChosenDroppedAndPasted(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	item := s.Registered("2026-03-20")
	s.as(s.Wu)
	folder := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	large := append(modelstest.Sample(t, "pdf", "附件"), []byte("\n%"+strings.Repeat("x", 3<<20)+"\n%%EOF\n")...)
	b := newTab(t, s, s.serving(t), "wu")
	b.open("/items/" + item.Number)
	if ask[bool](b, `document.querySelector(".ev-drop").hidden`) {
		t.Error("the place to drop files on is not shown")
	}

	// Chosen, dropped and pasted: all of them stand in the list, the unfit with its reason.
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#f-files"), []string{file("拨付凭证.pdf", large), file("说明.docx", modelstest.Sample(t, "docx", "说明"))}))
	b.want(b.chosen(), "拨付凭证.pdf|说明.docx")
	b.drop(".ev-drop", file("现场.jpg", modelstest.Sample(t, "jpg", "现场")), file("录像.mp4", []byte("x")))
	b.until(b.chosen() + `.includes("现场.jpg")`)
	b.want(b.chosen(), "拨付凭证.pdf|说明.docx|现场.jpg|“录像.mp4”不是可以上传的类型。")
	b.paste(modelstest.Sample(t, "png", "截图"))
	b.until(b.chosen() + `.includes("|截图 2")`)

	// While one of them cannot be sent none is, and the page says why.
	b.do(chromedp.SendKeys(chromedp.CSS("#f-note"), "原件存档案室"))
	b.click(".ev-form button.btn--main")
	b.want(`document.querySelector(".ev-say").textContent`, "“录像.mp4”不是可以上传的类型。")
	if len(s.rowsOf(item)) != 0 {
		t.Error("sent all the same")
	}
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll(".ev-chosen button")[3].click()`))

	// On a slow line the bar moves.
	slow := func(upload float64) {
		b.do(call(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{DownloadThroughput: -1, UploadThroughput: upload}}}))
	}
	slow(1 << 20)
	b.goBy(func() {
		b.click(".ev-form button.btn--main")
		b.until(`(bar => !bar.hidden && bar.value > 0 && bar.value < 100)(document.querySelector(".ev-bar"))`)
		if words := ask[string](b, `document.querySelector(".ev-say").textContent`); !strings.HasPrefix(words, "正在上传：") {
			t.Errorf("it says %q", words)
		}
		b.picture("evidence-sending")
	})
	slow(-1)
	b.until(`document.querySelectorAll("#evidence .ev li").length === 4`)
	rows := s.rowsOf(item)
	for n, want := range []string{"拨付凭证.pdf", "说明.docx", "现场.jpg", "截图 "} {
		if n >= len(rows) || !strings.HasPrefix(rows[n].FileName, want) || rows[n].Note != "原件存档案室" {
			t.Errorf("kept is %+v", rows)
			break
		}
	}

	// One that is not what its name says: the others are kept, it is named, and the words
	// are there for the next try.
	b.drop("h1", file("网页.jpg", []byte("<!DOCTYPE html><script>alert(1)</script>")), file("也好.txt", []byte("也好")))
	b.until(b.chosen() + ` === "网页.jpg|也好.txt"`)
	b.do(chromedp.SendKeys(chromedp.CSS("#f-doc_no"), "经发〔2026〕9 号"))
	b.click(".ev-form button.btn--main")
	b.until(`document.querySelector("#evidence [role=alert]")!==null`)
	b.want(`document.querySelector("#evidence [role=alert] li").textContent`, says("evidence.file.other", "网页.jpg", "JPEG", "HTML"))
	b.want(`document.querySelector("#f-doc_no").value`, "经发〔2026〕9 号")
	if !ask[bool](b, `document.activeElement.matches("#evidence [role=alert]")`) {
		t.Error("what was refused has not the focus")
	}
	b.until(`document.querySelectorAll("#evidence .ev li").length === 5`)

	// The line breaks: files and words stay, and the next press sends them.
	b.drop(".ev-drop", file("再传.pdf", append(large, []byte("%2")...)))
	b.until(b.chosen() + ` === "再传.pdf"`)
	offline := func(off bool) {
		b.do(call(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}}}))
	}
	offline(true)
	b.click(".ev-form button.btn--main")
	b.until(`document.querySelector(".ev-say").textContent === ` + quoted(says("evidence.js.broken")))
	b.want(b.chosen(), "再传.pdf")
	offline(false)
	b.goBy(func() { b.click(".ev-form button.btn--main") })
	b.until(`document.querySelectorAll("#evidence .ev li").length === 6`)
	if rows := s.rowsOf(item); len(rows) != 6 || rows[5].DocNo != "经发〔2026〕9 号" {
		t.Errorf("kept is %+v", rows)
	}

	// A picture and a document open in the page.
	picture := s.rowsOf(item)[slices.IndexFunc(s.rowsOf(item), func(e models.EvidenceRow) bool { return e.FileName == "现场.jpg" })]
	b.open(fmt.Sprintf("/items/%s/evidence/%d", item.Number, picture.ID))
	b.until(`(i => i.complete && i.naturalWidth === 640)(document.querySelector("img.look"))`)

	// Signed out meanwhile: the page says so, and nothing that was chosen or typed is gone.
	b.open("/items/" + item.Number)
	b.drop(".ev-drop", file("最后.txt", []byte("最后")))
	b.until(b.chosen() + ` === "最后.txt"`)
	b.do(chromedp.SendKeys(chromedp.CSS("#f-note"), "还没有交"), call(network.ClearBrowserCookies, cdp.Empty{}))
	b.click(".ev-form button.btn--main")
	b.until(`!document.querySelector("#signed-out").hidden`)
	b.want(b.chosen()+` + " " + document.querySelector("#f-note").value`, "最后.txt 还没有交")
	b.mu.Lock()
	b.complaints = slices.DeleteFunc(b.complaints, func(c string) bool { return strings.Contains(c, "ERR_INTERNET_DISCONNECTED") })
	b.mu.Unlock()
	b.quiet()
}

// paste puts a picture into the page as a screen's picture comes from the clipboard:
// under the name that browsers give it.
func (b *tab) paste(png []byte) {
	b.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](`(bytes => {
		const d = new DataTransfer();
		d.items.add(new File([new Uint8Array(bytes)], "image.png", {type: "image/png"}));
		document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, bubbles: true, cancelable: true}));
	})(` + strings.Join(strings.Fields(fmt.Sprint(png)), ",") + `); undefined`))
}
