package app

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
	"duban/views"
)

// look is one page as somebody sees it. Step is done on the page before it is
// looked at: a form filled in wrongly, a menu opened.
type look struct{ name, who, path, step string }

// looks are all pages, and the states they can be in.
var looks = []look{
	{"sign-in", "", "/sign-in?next=%2Fitems", ""},
	{"sign-in-wrong", "", "/sign-in", `f => { f.name.value = "nobody"; f.password.value = "x"; f.submit() }`},
	{"error-404", "", "/no/such/page", ""},
	{"board", "jiwei", "/board", ""},
	{"board-narrow", "jiwei", "/board?light=overdue&unit=czj", ""},
	{"board-nothing", "jiwei", "/board?unit=jfj&light=none", ""},
	{"items", "jiwei", "/items", ""},
	{"items-grouped", "jiwei", "/items?group=unit&cols=number,tier,unit,leader,dept,owner,cat,status,measures,due,first,updated&rows=tight&q=%E6%95%B4%E6%94%B9", ""},
	{"registration", "xuncha", "/items/new?unit=jfj", ""},
	{"registration-wrong", "jfj-handler", "/items/new", `() => { const f = document.querySelector("#registration"); f.problem.removeAttribute("required"); f.problem.value = " "; f.due.value = "有空再说"; f.leader.value = "宋佳"; f.submit() }`},
	{"items-office", "xuncha", "/items?cols=seq,tier,unit,leader,dept,owner,cat,due,standard", ""},
	{"row", "xuncha", "/items/FK-2024-003/row", ""},
	{"row-wrong", "xuncha", "/items/FK-2024-003/row", `() => { const f = document.querySelector("#cells"); f.problem.value = "另一种说法"; f.due.value = "有空再说"; f.title.value = ""; f.submit() }`},
	{"overdue", "jiwei", "/overdue", ""},
	{"statistics", "jiwei", "/dashboard", ""},
	{"overdue-by-unit", "jiwei", "/overdue?group=unit&rows=tight", ""},
	{"overdue-chosen", "jiwei", "/overdue", `() => { for (const n of ["LX-2024-002", "FK-2024-010", "FK-2024-003"]) document.querySelector("input[value='" + n + "']").click() }`},
	{"urging", "jiwei", "/urgings/new?no=FK-2024-003&no=FK-2024-010&no=LX-2024-002", ""},
	{"reviews", "jiwei", "/reviews", ""},
	{"achievements", "jfj-head", "/items/FK-2024-003/achievements", `() => { const f = document.querySelector("#achievement"); f.n.value = "0.46万"; f.basis.value = "经发〔2024〕17号"; f.submit() }`},
	{"item-review", "jiwei", "/items/LX-2024-004?from=light%3Dreview", ""},
	{"notices", "jiwei", "/notices", ""},
	{"digests", "xuncha", "/digests", ""},
	{"digest-preview", "jiwei", "/digest/preview", ""},
	{"jobs", "xuncha", "/jobs", ""},
	{"mail", "xuncha", "/mail", ""},
	{"webhooks", "xuncha", "/webhooks", ""},
	{"webhook", "xuncha", "/webhooks/1", ""},
	{"webhook-wrong", "xuncha", "/webhooks", `() => { const f = document.querySelector("main form[action='/webhooks']"); f.name.value = "督办工作群"; f.address.type = "text"; f.address.value = "https://example.com/robot"; f.submit() }`},
	{"me-feed", "jiwei", "/me", `() => { document.querySelector("form[action='/me/feed']").submit() }`},
	{"rules", "jiwei", "/help/rules", ""},
	{"rules-change", "xuncha", "/rules", ""},
	{"rules-wrong", "xuncha", "/rules", `() => { const f = document.querySelector("#rules"); f["fk.soon"].value = "x"; f["age_ends"].value = "7"; f.why.value = ""; f.submit() }`},
	{"rules-draft", "xuncha", "/rules", `() => { const f = document.querySelector("#rules"); f["fk.soon"].value = "20"; f["idle_days"].value = "7"; f.why.value = "领导小组第 3 次会议决定"; f.submit() }`},
	{"calendar", "xuncha", "/calendar?year=2024", ""},
	{"calendar-unchecked", "xuncha", "/calendar?year=2027", ""},
	{"calendar-wrong", "xuncha", "/calendar?year=2024", `() => { const f = document.querySelector("#take"); f.text.value = "国务院办公厅关于2028年部分节假日安排的通知\n一、元旦：1月1日（周日）放假。"; f.submit() }`},
	{"calendar-draft", "xuncha", "/calendar?year=2024", `() => { const f = document.querySelector("#days"); f.days.value += " 07-12"; f.submit() }`},
	{"item-standing", "jiwei", "/items/FK-2024-003", `() => { document.querySelectorAll("#standing details").forEach(d => d.open = true) }`},
	{"signals", "jiwei", "/signals", ""},
	{"rechecks", "jiwei", "/rechecks", ""},
	{"draw", "xuncha", "/rechecks/draws/1", ""},
	{"unit", "jfj-head", "/units/jfj", ""},
	{"unit-office", "xuncha", "/units/czj", ""},
	{"handover-wrong", "jfj-head", "/units/jfj", `() => { const f = document.querySelector("#handover form"); f.why.removeAttribute("required"); f.submit() }`},
	{"supervisor", "xuncha", "/users/1", ""},
	{"error-not-found", "jiwei", "/items/FK-2024-999", ""},
	{"board-unit", "jfj-handler", "/board", ""},
	{"item", "jfj-handler", "/items/FK-2024-003", ""},
	{"item-wrong", "jfj-handler", "/items/FK-2024-003", `() => { const f = document.querySelector("#progress"); f.text.removeAttribute("required"); f.text.value = " "; f.submit() }`},
	{"item-stale", "jfj-handler", "/items/FK-2024-003", `() => { const f = document.querySelector(".tick form[action$='/completion']"); f.version.value = "1"; f.result.value = "已拨付 31 笔，余下 12 笔待企业补正账户信息。"; f.submit() }`},
	{"error-token", "jfj-handler", "/items/FK-2024-003", `() => { const f = document.querySelector("#progress"); f.csrf.value = "stale"; f.text.value = "已拨付 31 笔"; f.submit() }`},
	{"error-large", "jfj-handler", "/items/FK-2024-003", `() => { const f = document.querySelector("#progress"); f.text.value = "x".repeat(1500000); f.submit() }`},
	{"item-tick", "jfj-handler", "/items/FK-2024-003", `() => { document.querySelector(".tick").open = true }`},
	{"item-evidence", "jiwei", "/items/FK-2024-003", ""},
	{"evidence-wrong", "jfj-handler", "/items/FK-2024-003", `() => { const f = document.querySelector(".ev-form"); f.note.value = "x".repeat(501); f.doc_no.value = "经发〔2024〕17号"; HTMLFormElement.prototype.submit.call(f); /* submit() */ }`},
	{"evidence-chosen", "jfj-handler", "/items/FK-2024-003", `() => { const f = document.querySelector("[data-files]"), d = new DataTransfer(); for (const name of ["企业奖补资金拨付凭证（第三批）.pdf", "会议纪要.docx", "演示录像.mp4"]) d.items.add(new File([name], name)); f.dispatchEvent(new DragEvent("drop", {dataTransfer: d, bubbles: true, cancelable: true})) }`},
	{"file-document", "jiwei", "/items/FK-2024-003/evidence/+1", ""},
	{"file-picture", "jfj-handler", "/items/FK-2024-003/evidence/+3", ""},
	{"file-sheets", "jiwei", "/items/FK-2024-003/evidence/+4", ""},
	{"letters", "jiwei", "/letters", ""},
	{"letters-new", "jiwei", "/letters/new?item=FK-2024-003&item=FK-2024-023&item=FK-2024-002", ""},
	{"letter-draft", "jiwei", "/letters/3", ""},
	{"letter-wrong", "jiwei", "/letters/3", `() => { const f = document.querySelector("#draft"); f.title.removeAttribute("required"); f.title.value = ""; f.demand_on.value = "2024-07-01"; f.submit() }`},
	{"letter-judge", "jiwei", "/letters/1", ""},
	{"letter-answer", "cgj-head", "/letters/2", ""},
	{"item-unplanned", "cgj-head", "/items/FK-2024-023", ""},
	{"item-closed", "jfj-head", "/items/JZ-2024-001", ""},
	{"error-forbidden", "jfj-handler", "/users", ""},
	{"me", "jfj-handler", "/me", ""},
	{"me-wrong", "jfj-handler", "/me", `() => { const f = document.querySelector("form[action='/me/password']"); f.old.value = "x"; f.password.value = "y"; f.submit() }`},
	{"units", "xuncha", "/units", ""},
	{"unit-wrong", "xuncha", "/units", `() => { const f = document.querySelector("main form"); f.name.value = "财政局"; f.code.value = "大"; f.submit() }`},
	{"rounds", "xuncha", "/rounds", ""},
	{"round", "xuncha", "/rounds/2024-1", ""},
	{"import", "xuncha", "/import", ""},
	{"import-columns", "xuncha", "/import/1?step=map", ""},
	{"import-preview", "xuncha", "/import/1?step=preview&tab=new", ""},
	{"import-asked", "xuncha", "/import/1?step=preview&tab=asked", ""},
	{"audit", "shenji", "/audit", ""},
	{"audit-refused", "shenji", "/audit?result=refused&person=nobody", ""},
	{"audit-event", "shenji", "/audit/events/40", ""},
	{"history", "jiwei", "/items/FK-2024-003/history", ""},
	{"users", "admin", "/users", ""},
	{"user", "admin", "/users/6", ""},
}

// uploaded puts an office's ledger before the import's pages, as number 1.
func (s *site) uploaded(t *testing.T) {
	t.Helper()
	ledger, err := os.ReadFile("../models/ledger/testdata/ledgers/2-merged.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	b := s.server.store.Board(context.Background(), models.HostOffice)
	round, err := b.CurrentRound()
	if err != nil {
		t.Fatal(err)
	}
	unit, err := b.Unit("jfj")
	if err != nil {
		t.Fatal(err)
	}
	i, err := b.StartImport(models.Import{FileName: "整改台账.xlsx", RoundID: round.ID, UnitID: &unit.ID, Tier: models.PostFeedback, FeedbackOn: "2024-06-20"}, ledger)
	if err != nil || i.ID != 1 {
		t.Fatal(i.ID, err)
	}
}

// kept makes an item a standing one that is due for a look, and draws closed items.
func (s *site) kept(t *testing.T) {
	t.Helper()
	b := s.server.store.Board(context.Background(), models.HostOffice)
	item, err := b.Item("FK-2024-003")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.SetStanding(item, "2024-10-08"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Draw(); err != nil {
		t.Fatal(err)
	}
	s.copied(t)
}

// copied has two units tell the same progress with other numbers, and the clerk ask.
func (s *site) copied(t *testing.T) {
	t.Helper()
	people, err := s.server.store.DemoPeople(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"zrj-handler": "财务科逐笔核对三年来的接待凭证，收回无公函支出3.2万元，缴款书已存档，责任人写出说明。",
		"jtj-handler": "截至7月5日，办公室逐笔核对三年来的接待凭证，收回无公函支出0.9万元；缴款书已存档，责任人写出说明。",
	} {
		b := s.server.store.Board(t.Context(), people[slices.IndexFunc(people, func(u models.User) bool { return u.Name == name })])
		cards, err := b.List(models.Filter{Statuses: []models.Status{models.Underway}, Sort: "-due"})
		if err != nil || len(cards) == 0 {
			t.Fatal(len(cards), err)
		}
		item, err := b.Item(cards[0].Number)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Report(item, text, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.server.store.Board(t.Context(), models.TheClerk).Observe(); err != nil || n == 0 {
		t.Fatal(n, err)
	}
}

// evidenceBefore is the last piece of the demonstration's own evidence.
var evidenceBefore int64

// evidenced hands in evidence of every kind for one item, one file of it twice, and one
// for another item as well.
func (s *site) evidenced(t *testing.T) {
	t.Helper()
	people, err := s.server.store.DemoPeople(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	handler := people[slices.IndexFunc(people, func(u models.User) bool { return u.Name == "jfj-handler" })]
	b := s.server.store.Board(t.Context(), handler)
	item, err := b.Item("FK-2024-003")
	if err != nil {
		t.Fatal(err)
	}
	measures, err := b.Measures(item)
	if err != nil {
		t.Fatal(err)
	}
	hand := func(item models.Item, e models.Evidence, replaces int64, name, kind, words string) models.Item {
		t.Helper()
		in, err := b.Receive(name, bytes.NewReader(modelstest.Sample(t, kind, words)))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Drop()
		if replaces > 0 {
			item, err = b.ReplaceFile(item, replaces, in)
		} else {
			item, err = b.AddFile(item, e, in)
		}
		if err != nil {
			t.Fatal(err)
		}
		return item
	}
	first := models.Evidence{MeasureID: &measures[0].ID, DocNo: "经发〔2024〕17号", Note: "原件存局办公室档案柜"}
	item = hand(item, first, 0, "关于企业奖补资金拨付情况的报告.pdf", "pdf", "17")
	item = hand(item, models.Evidence{MeasureID: &measures[0].ID}, 0, "拨付现场.jpg", "jpg", "第一张")
	rows, err := b.EvidenceOf(item)
	if err != nil {
		t.Fatal(err)
	}
	evidenceBefore = rows[len(rows)-1].ID - 2
	item = hand(item, models.Evidence{}, rows[len(rows)-1].ID, "拨付现场（补拍）.jpg", "jpg", "第二张")
	item = hand(item, models.Evidence{}, 0, "企业奖补资金拨付清单.xlsx", "xlsx", "某某新材料科技有限公司")
	item = hand(item, models.Evidence{}, 0, "制度.docx", "docx", "企业奖补资金管理办法")
	if item, err = b.AddEvidence(item, models.Evidence{DocNo: "经发党组〔2024〕9号", Note: "会议纪要在内网，可到局办公室查阅。"}); err != nil {
		t.Fatal(err)
	}
	hand(item, models.Evidence{}, 0, "关于进一步规范企业奖补资金申报审核拨付全流程管理工作的若干意见（征求意见稿第三次修改）20240705最终版.ofd", "ofd", "若干意见")
	cards, err := b.List(models.Filter{NotClosed: true, Statuses: []models.Status{models.Underway}})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(cards, func(c models.Card) bool { return c.Number != item.Number })
	if at < 0 {
		t.Fatal("the unit has no other item under way")
	}
	second, err := b.Item(cards[at].Number)
	if err != nil {
		t.Fatal(err)
	}
	hand(second, models.Evidence{}, 0, "拨付现场2.jpg", "jpg", "第二张")
}

// lettered writes to two units: one answers, one has yet to; and begins a third letter.
func (s *site) lettered(t *testing.T) {
	t.Helper()
	people, err := s.server.store.DemoPeople(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	as := func(name string) *models.Board {
		for _, u := range people {
			if u.Name == name {
				return s.server.store.Board(t.Context(), u)
			}
		}
		t.Fatal(name)
		return nil
	}
	must := func(l models.Letter, err error) models.Letter {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	jiwei := as("jiwei")
	draft := func(unit string, kind models.LetterKind) models.Letter {
		u, err := jiwei.Unit(unit)
		if err != nil {
			t.Fatal(err)
		}
		cards, err := jiwei.List(models.Filter{Units: []string{unit}, NotClosed: true})
		if err != nil {
			t.Fatal(err)
		}
		var numbers []string
		for _, c := range cards[:min(2, len(cards))] {
			numbers = append(numbers, c.Number)
		}
		items, err := jiwei.ItemsNamed(numbers)
		if err != nil {
			t.Fatal(err)
		}
		return must(jiwei.DraftLetter(items, views.LetterText(t.Context(), kind, u, pastOf(t, jiwei, items), jiwei.Rules())))
	}
	first, second := draft("jfj", models.LetterNotice), draft("cgj", models.LetterReminder)
	draft("czj", models.LetterGuidance)
	first = must(as("jfj-head").AcknowledgeLetter(must(jiwei.SignLetter(first))))
	must(as("jfj-head").AnswerLetter(first, models.LetterAnswer{Text: "43 笔已拨付 40 笔，余下 3 笔待企业补正账户信息，7 月 12 日前拨付到位。", Doc: "经发〔2024〕17号"}))
	must(as("cgj-head").AcknowledgeLetter(must(jiwei.SignLetter(second))))
}

// achieved records what a unit's rectification has brought about.
func (s *site) achieved(t *testing.T) {
	t.Helper()
	people, err := s.server.store.DemoPeople(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range people {
		if u.Name != "jfj-handler" {
			continue
		}
		b := s.server.store.Board(t.Context(), u)
		for _, ask := range []models.AchievementAsk{
			{Kind: models.AchievementRules, N: 1, Basis: "《奖补资金拨付办法》经发〔2024〕12号"},
			{Kind: models.AchievementMoney, N: 2_860_460_050, Basis: "拨付凭证 31 张"},
		} {
			item, err := b.Item("FK-2024-003")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.RecordAchievement(item, ask); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// grouped makes two groups' robots known: a message each that arrived, was refused
// and waits.
func (s *site) grouped(t *testing.T) {
	t.Helper()
	clerk := s.server.store.Board(t.Context(), models.TheClerk)
	u, err := clerk.Named("xuncha")
	if err != nil {
		t.Fatal(err)
	}
	office := s.server.store.Board(t.Context(), u)
	unit, err := office.Unit("jfj")
	if err != nil {
		t.Fatal(err)
	}
	for n, w := range []models.Webhook{
		{Name: "巡察整改督办工作群", Maker: models.WeCom, Address: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=demo"},
		{Name: "经济发展局整改专班", Maker: models.DingTalk, Address: "https://oapi.dingtalk.com/robot/send?access_token=demo", Secret: "SEC", UnitID: &unit.ID, Language: "zh"},
	} {
		if w, err = office.SaveWebhook(w, models.WebhookHosts{}); err != nil {
			t.Fatal(err)
		}
		for _, came := range []models.MailTry{{Came: models.CameRefused, Why: "310000 sign not match", To: models.User{Email: w.Host()}}, {Came: models.CameTaken, To: models.User{Email: w.Host()}}}[n:] {
			if err := office.TryWebhook(w.ID, "试发", "{}"); err != nil {
				t.Fatal(err)
			}
			mails, err := clerk.ClaimWebhooks("test")
			if err != nil || len(mails) != 1 {
				t.Fatal(len(mails), err)
			}
			came.Mail = mails[0]
			if _, err := clerk.NoteTries(came); err != nil {
				t.Fatal(err)
			}
		}
		if err := office.TryWebhook(w.ID, "试发", "{}"); err != nil {
			t.Fatal(err)
		}
	}
}

// see opens a page of the list as it is meant, in that language, light and width.
func (b *tab) see(l look, language, theme string, width int64) {
	b.Helper()
	b.cookie(languageCookie, language)
	b.cookie(themeCookie, theme)
	b.size(width, 900)
	path := l.path
	if of, n, ok := strings.Cut(l.path, "/evidence/+"); ok { // the n-th piece that evidenced handed in
		k, _ := strconv.ParseInt(n, 10, 64)
		path = fmt.Sprintf("%s/evidence/%d", of, evidenceBefore+k)
	}
	b.open(path)
	if l.step == "" {
		return
	}
	if strings.Contains(l.step, "submit()") {
		ask[bool](b, `(document.body.dataset.old = "1", (`+l.step+`)(document.querySelector("main form")), true)`)
		b.until(`!document.body.dataset.old && document.readyState === "complete"`)
	} else {
		ask[bool](b, `((`+l.step+`)(), true)`)
	}
}

// trailed takes the demonstration's events into the tree, signs its head, and has it
// verified.
func (s *site) trailed(t *testing.T) {
	t.Helper()
	if err := s.store.KeepTrail(t.Context(), t.TempDir(), ""); err != nil {
		t.Fatal(err)
	}
	clerk := s.store.Board(t.Context(), models.TheClerk)
	_, err := clerk.GrowTrail("one")
	if err == nil {
		_, _, err = clerk.SignTrail()
	}
	if err == nil {
		_, _, err = clerk.CheckTrail()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Each page, as its reader may see it: nothing the guidelines forbid, nothing that
// sticks out at the side, nothing asked of another host, no complaint.
func TestEveryPageCanBeReadByEverybody(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	s.uploaded(t)
	s.kept(t)
	s.lettered(t)
	s.evidenced(t)
	s.achieved(t)
	s.grouped(t)
	s.trailed(t)
	address := s.serving(t)
	of := map[string][]look{}
	for _, l := range looks {
		of[l.who] = append(of[l.who], l)
	}
	for who, looks := range of {
		t.Run(or0(who, "nobody"), func(t *testing.T) {
			t.Parallel()
			b := newTab(t, s, address, who).withAxe()
			for _, l := range looks {
				b.see(l, "zh", "light", 1440)
				b.agrees()
				b.axe(everyRule)
				for _, width := range []int64{1920, 1024, 768, 390, 320} {
					b.fits(width)
				}
				if !slices.Contains(alsoInTheDark, l.name) {
					continue
				}
				b.see(l, "en", "dark", 390)
				b.agrees()
				b.axe(rulesOfTheLook)
				b.fits(320)
				b.fits(1440)
			}
			b.quiet()
		})
	}
}

// alsoInTheDark are one page of each kind, which is read in the other language, in
// the dark and on a telephone as well.
var alsoInTheDark = []string{"sign-in", "error-404", "board", "items", "items-grouped", "overdue", "reviews", "achievements", "item-review", "notices", "digests", "digest-preview", "jobs", "mail", "audit", "history", "webhooks", "me-feed",
	"letters", "letters-new", "letter-draft", "letter-judge", "rules", "rules-change", "rules-draft", "item-standing", "draw", "unit", "supervisor", "item", "item-stale", "item-evidence", "evidence-chosen", "file-picture", "file-sheets", "me-wrong", "unit-wrong", "round", "user"}

func or0(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func TestPagesOfAnEmptyRegister(t *testing.T) {
	t.Parallel()
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	address := s.serving(t)
	for name, paths := range map[string][]string{"office": {"/board"}, "wu": {"/items", "/notices"}, "supervisor": {"/overdue"}} {
		b := newTab(t, s, address, name).withAxe()
		for _, path := range paths {
			b.open(path)
			b.axe(everyRule)
			b.fits(320)
			b.fits(1440)
			b.picture("empty-" + name + "-" + strings.Trim(path, "/"))
		}
		b.quiet()
	}
	// Nothing overdue, something soon due: the good news.
	s.Registered("2026-03-05")
	b := newTab(t, s, address, "supervisor").withAxe()
	b.open("/overdue")
	b.axe(everyRule)
	b.picture("overdue-good")
}

func TestTheSetUpPageCanBeReadByEverybody(t *testing.T) {
	t.Parallel()
	store, err := models.Open(t.Context(), modelstest.URL(t, "sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	s := serverOn(t, store, Options{})
	b := newTab(t, s, s.serving(t), "").withAxe()
	b.open("/setup")
	b.axe(everyRule)
	b.fits(320)
	b.picture("setup")
	b.quiet()
}

func TestTheFaultPageCanBeReadByEverybody(t *testing.T) {
	t.Parallel()
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	b := newTab(t, s, s.serving(t), "jiwei").withAxe()
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	b.open("/board")
	b.want(`document.querySelector("h1").textContent`, says("error.title"))
	b.axe(everyRule)
	b.fits(320)
	b.picture("error-500")
}

// Pictures for eyes and for the README; they are taken when DUBAN_PICTURES names a
// folder, of those that DUBAN_PICTURES_OF names, or all.
func TestPicturesOfThePages(t *testing.T) {
	if picturesIn == "" {
		t.Skip("set DUBAN_PICTURES to a folder")
	}
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	s.uploaded(t)
	s.kept(t)
	s.lettered(t)
	s.evidenced(t)
	s.achieved(t)
	s.grouped(t)
	s.trailed(t)
	address := s.serving(t)
	tabs := map[string]*tab{}
	for _, l := range looks {
		if picturesOf != "" && !slices.Contains(strings.Fields(picturesOf), l.name) {
			continue
		}
		if tabs[l.who] == nil {
			tabs[l.who] = newTab(t, s, address, l.who)
		}
		b := tabs[l.who]
		for _, width := range []int64{1440, 1366, 390} {
			for _, theme := range []string{"light", "dark"} {
				for _, language := range []string{"zh", "en"} {
					if theme == "dark" && (language == "en" || width != 1440) {
						continue
					}
					b.see(l, language, theme, width)
					b.picture(fmt.Sprintf("%s-%d-%s-%s", l.name, width, theme, language))
				}
			}
		}
	}
}

// The menu shows each of its sections whole, for every role, on the screens that offices
// have, in both languages.
func TestTheMenuFits(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	address := s.serving(t)
	for _, who := range []string{"xuncha", "jiwei", "zhuguan", "jfj-head", "jfj-leader", "jfj-handler", "admin", "shenji"} {
		t.Run(who, func(t *testing.T) {
			b := newTab(t, s, address, who)
			for _, language := range []string{"zh", "en"} {
				for _, width := range []int64{1280, 1366, 1440} {
					b.see(look{name: "menu", path: "/"}, language, "light", width)
					if cut := ask[string](b, `(n => n.scrollWidth <= n.clientWidth ? "" : n.scrollWidth + " of " + n.clientWidth)(document.querySelector(".nav"))`); cut != "" {
						t.Errorf("%s in %s at %d: the menu shows %s", who, language, width, cut)
					}
				}
			}
		})
	}
}
