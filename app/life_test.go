package app

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"duban/models"
	"duban/models/modelstest"
	"duban/views"
	"duban/views/text"
)

// person is one who works in a browser of their own, and finds things on the page by
// what is written on them.
type person struct {
	*tab
	language text.Language
}

func (p *person) says(key string, args ...any) string {
	return text.T(text.In(context.Background(), p.language), key, args...)
}

// written finds the one thing of these kinds that stands on the page with exactly these
// words on it, where it can be seen; what is written for screen readers alone, or hidden from them, does not
// count.
func (p *person) written(kinds, words string) string {
	p.Helper()
	find := `(() => {
		const read = e => { const c = e.cloneNode(true); c.querySelectorAll(".vh, [aria-hidden]").forEach(v => v.remove()); return c.textContent.replace(/\s+/g, " ").trim() };
		const found = [...document.querySelectorAll(` + quoted(kinds) + `)].filter(e => read(e) === ` + quoted(words) + ` && e.checkVisibility({visibilityProperty: true}));
		if (!found.length) return "";
		const it = found[0].matches("label") ? found[0].control : found[0];
		document.querySelectorAll("[data-found]").forEach(e => delete e.dataset.found);
		it.dataset.found = "1";
		it.scrollIntoView({block: "center"});
		return "[data-found]";
	})()`
	selector := ask[string](p.tab, find)
	if selector == "" {
		p.picture("lost-" + string(p.language))
		p.Fatalf("%s: nothing says %q there\n%s", p.where(), words, ask[string](p.tab, `document.querySelector("main").innerText`))
	}
	return selector
}

// unfold opens the form behind a button.
func (p *person) unfold(key string) { p.Helper(); p.click(p.written("summary", p.says(key))) }

// press presses a button, and waits for the page it leads to.
func (p *person) press(key string) {
	p.Helper()
	at := p.written("button", p.says(key))
	p.goBy(func() { p.click(at) })
}

// follow does the same with a link.
func (p *person) follow(words string) {
	p.Helper()
	at := p.written("a[href]", words)
	p.goBy(func() { p.click(at) })
}

// fill types into the field of that label.
func (p *person) fill(key, words string) {
	p.Helper()
	p.do(chromedp.SendKeys(chromedp.CSS(p.written("label", p.says(key))), words))
}

// choose sets a field that is not typed into: a day, or one of a list by its words.
func (p *person) choose(key, want string) {
	p.Helper()
	p.written("label", p.says(key))
	if !ask[bool](p.tab, `(e => {
		const option = e.options && [...e.options].find(o => o.textContent.trim().startsWith(`+quoted(want)+`));
		e.value = e.options ? option && option.value : `+quoted(want)+`;
		e.dispatchEvent(new Event("input", {bubbles: true}));
		e.dispatchEvent(new Event("change", {bubbles: true}));
		return e.value !== "";
	})(document.querySelector("[data-found]"))`) {
		p.Fatalf("%s: %s is not to be had for %s", p.where(), want, p.says(key))
	}
}

// saved waits for the page to say so.
func (p *person) saved(key string) {
	p.Helper()
	p.until(`(e => e && e.textContent.trim() === ` + quoted(p.says(key)) + `)(document.querySelector("[role=status]"))`)
}

// reads says that these words stand on the page.
func (p *person) reads(words ...string) {
	p.Helper()
	for _, w := range words {
		p.until(`document.querySelector("main").innerText.replace(/\s+/g, " ").includes(` + quoted(w) + `)`)
	}
}

// The whole life of an item, played by five people in five browsers, each on what their
// own pages lead them to: assigned, taken, planned, extended, done, shown, signed, handed
// in, sent back, handed in again, verified by two bodies, closed, and opened again. On a
// wide screen in Chinese, on a telephone in English.
func TestTheWholeLifeOfAnItemInTheBrowser(t *testing.T) {
	for _, played := range []struct {
		engine   string
		language text.Language
		width    int64
	}{{"postgres", text.Chinese, 1440}, {"sqlite", text.English, 390}} {
		t.Run(played.engine, func(t *testing.T) {
			t.Parallel()
			s := siteOn(t, modelstest.Open(t, modelstest.URL(t, played.engine)), Options{})
			second := s.Dangqun()
			s.passwords[second.Name] = modelstest.Password
			rules := s.As(s.Office).Rules()
			rules.Verifiers = []models.VerifierRule{{Category: "工程", By: models.ByBoth}}
			if err := s.As(s.Office).ChangeRules(rules, "工程类两家核验"); err != nil {
				t.Fatal(err)
			}
			items, err := s.As(s.Office).Register(models.NewItem{
				Tier: models.PostFeedback, RoundID: s.Round.ID, UnitID: s.Unit.ID, Category: "工程项目", Problem: "工程招标文件设置排他性条件", DueOn: "2026-03-20",
			})
			if err != nil {
				t.Fatal(err)
			}
			item := items[0]
			proof := filepath.Join(t.TempDir(), "招标文件清理台账.pdf")
			if err := os.WriteFile(proof, modelstest.Sample(t, "pdf", "清理台账"), 0o600); err != nil {
				t.Fatal(err)
			}
			address := s.serving(t)
			sit := func(u models.User) *person {
				p := &person{newTab(t, s, address, u.Name), played.language}
				p.tab.language(string(played.language))
				p.size(played.width, 900)
				return p
			}
			handler, leader, head, jiwei, dangqun := sit(s.Wu), sit(s.Leng), sit(s.Hai), sit(s.Supervisor), sit(second)
			told := func(p *person) { // by the bell, and by way of it
				p.Helper()
				p.open("/notices")
				p.follow(item.Number + " " + item.Title)
				p.want("location.pathname", views.ItemLink(item.Number))
			}
			look := func(p *person, name string) {
				p.Helper()
				p.fits(played.width)
				p.picture("life-" + name + "-" + string(played.language))
			}
			sign := func() {
				t.Helper()
				handler.open(views.ItemLink(item.Number))
				handler.press("do.sign")
				handler.saved("signature.saved")
				told(leader)
				leader.press("do.sign")
				leader.saved("signature.saved")
				told(head)
				head.click("#f-pledge")
				head.fill("signature.password", s.passwords["hai"])
				look(head, "pledge")
				head.press("do.sign")
				head.saved("signature.saved")
				head.reads(head.says("gate.complete"))
				head.press("do.submit")
				head.saved("submission.saved")
			}

			// The head says who answers for it.
			head.open("/items")
			head.follow(item.Title)
			head.unfold("do.assign")
			head.choose("item.leader", "leng")
			head.choose("item.handler", "wu")
			look(head, "assign")
			head.press("form.save")
			head.saved("assignment.saved")

			// The handler takes it, plans, says what "done" means, and needs more time.
			told(handler)
			handler.press("do.acknowledge")
			handler.saved("receipt.saved")
			handler.fill("measure.name", "清理在编招标文件")
			handler.fill("measure.owner", "程鹏")
			handler.choose("item.due", "2026-03-16")
			look(handler, "plan")
			handler.press("measure.plan")
			handler.saved("measure.planned_saved")
			handler.unfold("do.set_standard")
			handler.fill("item.standard", "排他条款全部删除")
			handler.press("form.save")
			handler.saved("standard.saved")
			handler.unfold("do.ask_extension")
			handler.choose("extension.until", "2026-04-10")
			handler.fill("extension.reason", "须重新公示")
			look(handler, "extension")
			handler.press("extension.send")
			handler.saved("extension.asked")
			told(jiwei)
			jiwei.fill("extension.words", "理由成立")
			look(jiwei, "extension-decided")
			jiwei.press("do.grant_extension")
			jiwei.saved("extension.granted")

			// It is done, shown by a file, and signed by all three.
			told(handler)
			handler.unfold("do.complete_measure")
			handler.fill("measure.result.label", "删除排他条款 9 条")
			handler.press("measure.confirm")
			handler.saved("measure.saved")
			handler.do(chromedp.SetUploadFiles(chromedp.CSS("#f-files"), []string{proof}))
			handler.choose("evidence.belongs", "1")
			handler.press("evidence.add")
			handler.until(`document.querySelector("#evidence").innerText.includes("招标文件清理台账.pdf")`)
			handler.do(chromedp.SendKeys(chromedp.CSS("#progress-text"), "14 份在编招标文件已全部清理"))
			handler.press("progress.save")
			handler.saved("progress.saved")
			handler.reads(text.Count(text.In(context.Background(), played.language), "gate.missing", 3))
			look(handler, "gate")
			sign()

			// The first supervisor finds meetings and no results, and says so.
			jiwei.open("/reviews")
			jiwei.follow(item.Title)
			jiwei.unfold("do.return")
			jiwei.choose("return.reason", jiwei.says("return.reason.measures_not_results"))
			jiwei.fill("return.words", "只有会议，没有结果")
			look(jiwei, "review")
			jiwei.press("do.return")
			jiwei.saved("return.saved")
			told(handler)
			handler.reads("只有会议，没有结果", handler.says("item.returned"))
			handler.do(chromedp.SendKeys(chromedp.CSS("#progress-text"), "附清理前后对照"))
			handler.press("progress.save")
			handler.saved("progress.saved")
			sign()

			// Both bodies verify, each on its own; the second closes it.
			jiwei.open("/reviews")
			jiwei.follow(item.Title)
			jiwei.fill("closure.opinion", "现场核对属实")
			jiwei.press("do.close")
			jiwei.saved("verification.saved")
			dangqun.open("/reviews")
			dangqun.follow(item.Title)
			dangqun.reads("现场核对属实")
			dangqun.fill("closure.opinion", "同意销号")
			look(dangqun, "verify")
			dangqun.press("do.close")
			dangqun.saved("closure.saved")
			look(dangqun, "closed")
			dangqun.follow(dangqun.says("closing.title"))
			dangqun.reads("现场核对属实", "同意销号", "清理在编招标文件")
			look(dangqun, "sheet")

			// Whoever did the work reads it, and can press nothing any more.
			told(handler)
			if forms := ask[int](handler.tab, `document.querySelectorAll("main form").length`); forms != 0 {
				t.Errorf("%d forms on a closed item's page", forms)
			}
			if got := s.Read(item); got.Status != models.Closed || got.DueOn != "2026-04-10" || got.FirstDueOn != "2026-03-20" {
				t.Errorf("%+v", got)
			}

			// It comes back: the supervisor opens it again, and the unit is told.
			jiwei.open(views.ItemLink(item.Number))
			jiwei.fill("reopening.words", "问题反弹")
			jiwei.choose("reopening.until", "2026-06-30")
			jiwei.press("do.reopen")
			jiwei.saved("reopening.saved")
			told(handler)
			handler.reads("问题反弹", handler.says("item.reopened"))
			look(handler, "reopened")
			if got := s.Read(item); got.Status != models.Underway || got.DueOn != "2026-06-30" {
				t.Errorf("%+v", got)
			}
			for _, p := range []*person{handler, leader, head, jiwei, dangqun} {
				p.quiet()
			}
		})
	}
}
