package app

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
	"duban/views"
)

func (s *site) measureOf(item models.Item) int64 {
	s.t.Helper()
	measures, err := s.As(s.Office).Measures(item)
	if err != nil {
		s.t.Fatal(err)
	}
	return measures[0].ID
}

func (v *visitor) on(item models.Item) string { return views.ItemLink(item.Number) }

// version is that of the page a visitor has open: the field its forms carry.
func version(n int) []string { return []string{"version", fmt.Sprint(n)} }

func TestAUnitReportsProgress(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		v := s.as(s.Wu)
		v.get("/items/"+item.Number).want(200).wantWords(item.Problem, item.Standard, says("progress.write"))
		a := v.post("/items/"+item.Number+"/progress", append(version(1), "text", "已拨付 31 笔。\n余下 12 笔 <b>待核</b>", "from", "light=ok")...).want(303)
		if a.goesTo() != "/items/"+item.Number+"?from=light%3Dok&saved=1" {
			t.Errorf("sent to %s", a.goesTo())
		}
		page := v.get(a.goesTo()).want(200).wantWords(says("progress.saved"), "余下 12 笔 <b>待核</b>", says("act.report"))
		if strings.Contains(page.body, "<b>待核</b>") {
			t.Error("what was typed is taken for markup")
		}
		v.get(a.goesTo()).wantNone(says("progress.saved")) // said once
		if got := s.Read(item); got.ProgressOn != "2026-03-02" || got.Version != 2 {
			t.Errorf("progress on %s, version %d", got.ProgressOn, got.Version)
		}
		for text, key := range map[string]string{"": says("required"), "   ": says("required"), "\u200b\u2060": says("required"), strings.Repeat("长", 2001): says("too_long", 2000, 2001)} {
			v.get("/items/" + item.Number)
			v.post("/items/"+item.Number+"/progress", append(version(2), "text", text)...).want(422).wantWords(key, strings.TrimSpace(text))
		}
		if got := s.Read(item); got.Version != 2 {
			t.Errorf("version %d", got.Version)
		}
	})
}

// Two people write at once: the second sees both texts, and saves with one more
// press of the button.
func TestTwoPeopleWriteAtOnce(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		wu, leng := s.as(s.Wu), s.as(s.Leng)
		path := "/items/" + item.Number
		for _, v := range []*visitor{wu, leng} {
			v.get(path).want(200)
		}
		wu.post(path+"/progress", append(version(1), "text", "综合处：已拨付 31 笔")...).wantGoTo(path)
		done := fmt.Sprintf("%s/measures/%d/completion", path, s.measureOf(item))
		a := leng.post(done, append(version(1), "result", "分管领导：43 笔全部拨付")...).want(409)
		a.wantWords(says("stale.title"), says("stale.theirs"), "综合处：已拨付 31 笔", says("stale.yours"), "分管领导：43 笔全部拨付")
		if !strings.Contains(a.body, `name="result" value="分管领导：43 笔全部拨付"`) {
			t.Error("what was typed is not in its form any more")
		}
		if !strings.Contains(a.body, `name="version" value="2"`) {
			t.Error("the form is of the old version still: it can never be saved")
		}
		leng.post(done, append(version(2), "result", "分管领导：43 笔全部拨付")...).wantGoTo(path)
		wu.get(path).wantWords("综合处：已拨付 31 笔", "分管领导：43 笔全部拨付")

		// Who only adds a note is turned away by nobody, and a button pressed twice adds one.
		for range 2 {
			leng.post(path+"/progress", append(version(1), "text", "分管领导：本周五前核对")...).wantGoTo(path)
		}
		if notes, err := s.As(s.Wu).ProgressOf(item); err != nil || len(notes) != 2 {
			t.Errorf("%d notes, %v", len(notes), err)
		}

		// The midnight job does not turn away a page somebody has open.
		s.Today("2026-03-21")
		for _, v := range []*visitor{wu, leng} {
			v.get("/sign-in")
			v.post("/sign-in", "name", "wu", "password", s.passwords["wu"])
		}
		if n, err := s.As(models.TheClerk).FlagOverdue(); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		wu.get(path)
		undone := fmt.Sprintf("%s/measures/%d/reopening", path, s.measureOf(item))
		wu.post(undone, version(4)...).wantGoTo(path)
		// A form without a version is as good as one left open too long.
		wu.post(done, "result", "没有版本").want(409).wantWords("没有版本")
	})
}

func TestAMeasureIsTickedWithItsResult(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		path, id := "/items/"+item.Number, s.measureOf(item)
		done, undone := fmt.Sprintf("%s/measures/%d/completion", path, id), fmt.Sprintf("%s/measures/%d/reopening", path, id)
		v := s.as(s.Wu)
		v.get(path)
		v.post(done, append(version(1), "result", "")...).want(422).wantWords(says("required"))
		v.post(done, append(version(1), "result", strings.Repeat("长", 501))...).want(422).wantWords(says("too_long", 500, 501))
		v.post(undone, version(1)...).want(409).wantWords(says("measure.not_done", 1))
		v.post(done, append(version(1), "result", "已拨付 43 笔")...).wantGoTo(path)
		v.get(path).wantWords(says("measure.saved"), "已拨付 43 笔", says("measure.done_of", 1, 1), says("gate.missing", 4))
		v.post(done, append(version(2), "result", "再完成一次")...).want(409).wantWords(says("measure.already_done", 1), "再完成一次")
		// Someone else ticked it meanwhile: the result typed is shown, not lost.
		v.post(done, append(version(1), "result", "同时填写的结果")...).want(409).wantWords("同时填写的结果", "已拨付 43 笔")
		v.post(undone, version(2)...).wantGoTo(path)
		v.get(path).wantWords(says("measure.done_of", 0, 1), says("fact.measure_reopened", "1", "已拨付 43 笔"))
		v.post(path+"/measures/x/completion", append(version(3), "result", "x")...).want(404)
		v.post(path+"/measures/99999/completion", append(version(3), "result", "x")...).want(404)
	})
}

// deed posts one of an item's forms as its page has it now.
func (v *visitor) deed(item models.Item, deed string, form ...string) *answer {
	v.t.Helper()
	path := views.ItemLink(item.Number)
	v.get(path)
	return v.post(path+"/"+deed, append(version(v.find(item.Number).Version), form...)...)
}

// The whole life of an item, by the forms of its page: what each person is shown, what
// each may not do, and that nothing typed is lost on the way.
func TestTheRoadOfAnItemThroughItsPages(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		items, err := s.As(s.Office).Register(models.NewItem{
			Tier: models.PostFeedback, RoundID: s.Round.ID, UnitID: s.Unit.ID, Category: "工程项目", Problem: "工程招标文件设置排他性条件", DueOn: "2026-03-20",
		})
		if err != nil {
			t.Fatal(err)
		}
		rules := s.As(s.Office).Rules()
		rules.Verifiers = []models.VerifierRule{{Category: "工程", By: models.ByBoth}}
		if err := s.As(s.Office).ChangeRules(rules, "工程类两家核验"); err != nil {
			t.Fatal(err)
		}
		item := items[0]
		path := views.ItemLink(item.Number)
		second := s.Dangqun()
		s.passwords[second.Name] = modelstest.Password
		wu, leng, hai, jiwei, dangqun, office := s.as(s.Wu), s.as(s.Leng), s.as(s.Hai), s.as(s.Supervisor), s.as(second), s.as(s.Office)
		on := func(a *answer) { t.Helper(); a.wantGoTo(path) }

		// Assigned, acknowledged, planned; what is wrong is said at its row, and kept.
		hai.get(path).wantWords(says("do.assign"), says("gate.missing", 6))
		hai.deed(item, "assignment", "leader", "", "handler", fmt.Sprint(s.Wu.ID)).want(422)
		on(hai.deed(item, "assignment", "leader", fmt.Sprint(s.Leng.ID), "handler", fmt.Sprint(s.Wu.ID), "assistants", fmt.Sprint(s.Hai.ID)))
		wu.get("/notices").wantWords(says("notice.assign"))
		on(wu.deed(item, "receipt"))
		wu.get(path).wantWords(says("measure.none_yet"), says("measure.no_later", "03-20"), says("item.assistants"))
		a := wu.deed(item, "measures", "text_1", "清理在编招标文件", "owner_1", "程鹏", "due_on_1", "2026-03-25", "text_3", "修订招标文件审查办法").want(422)
		a.wantWords(says("measure.after_item", "2026-03-20"), says("required"))
		for _, typed := range []string{"清理在编招标文件", "程鹏", "2026-03-25", "修订招标文件审查办法"} {
			if !strings.Contains(a.body, `value="`+typed+`"`) {
				t.Errorf("%s was typed and is lost", typed)
			}
		}
		on(wu.deed(item, "measures", "text_1", "清理在编招标文件", "owner_1", "程鹏", "due_on_1", "2026-03-15", "kind_1", "correction"))
		measure := s.measureOf(item)
		on(wu.deed(item, fmt.Sprintf("measures/%d", measure), "text", "清理在编招标文件 14 份", "owner", "程鹏", "due_on", "2026-03-16", "kind", "correction"))
		office.get(path).wantWords("清理在编招标文件 14 份", says("measure.kind.correction"))
		on(wu.deed(item, "standard", "words", "排他条款全部删除"))
		wu.deed(item, "standard", "words", "放宽").want(403).wantWords("放宽")

		// Another date, asked for and granted; the first one stays in sight.
		wu.deed(item, "extensions", "until", "2026-03-10", "words", "须重新公示").want(422).wantWords(says("extension.earlier", "2026-03-20"), "须重新公示")
		on(wu.deed(item, "extensions", "until", "2026-04-10", "words", "须重新公示"))
		wu.get(path).wantWords(says("extension.waits"), says("do.withdraw_extension")).wantNone(says("do.grant_extension"))
		extension, err := s.As(s.Wu).PendingExtension(item)
		if err != nil {
			t.Fatal(err)
		}
		hai.deed(item, fmt.Sprintf("extensions/%d/grant", extension.ID), "words", "我批").want(403)
		on(jiwei.deed(item, fmt.Sprintf("extensions/%d/grant", extension.ID), "words", "理由成立", "doc_no", "会议纪要〔2026〕3 号"))
		wu.get(path).wantWords(says("extension.times_moved", "03-20", 1), "理由成立", "会议纪要〔2026〕3 号", "03-20 → 04-10")

		// Done, shown, signed: the gate leads there, and holds when it is got round.
		hai.deed(item, "submission").want(409).wantWords(says("submission.gate", 5))
		on(wu.deed(item, fmt.Sprintf("measures/%d/completion", measure), "result", "删除排他条款 9 条"))
		if _, err := s.As(s.Wu).AddEvidence(s.find(item.Number), models.Evidence{MeasureID: &measure, DocNo: "建交〔2026〕7 号"}); err != nil {
			t.Fatal(err)
		}
		wu.get(path).wantWords(says("gate.missing", 3), says("measure.evidence", 1), says("do.sign"))
		leng.deed(item, "signatures").want(409).wantWords(says("signature.turn.handler"))
		on(wu.deed(item, "signatures"))
		on(leng.deed(item, "signatures/return", "words", "缺审查办法"))
		wu.get("/notices").wantWords(says("notice.unsign"))
		on(wu.deed(item, "signatures"))
		on(leng.deed(item, "signatures"))
		hai.get(path).wantWords(says("signature.pledge_words"), says("signature.password"))
		hai.deed(item, "signatures", "password", s.passwords["hai"]).want(422).wantWords(says("signature.pledge"))
		hai.deed(item, "signatures", "pledge", "1", "password", "not mine").want(422).wantWords(says("signature.wrong"))
		on(hai.deed(item, "signatures", "pledge", "1", "password", s.passwords["hai"]))
		on(wu.deed(item, "progress", "text", "补充一句"))
		wu.get(path).wantWords(says("fact.voided_signatures", "3"), says("gate.missing", 3))
		on(wu.deed(item, "signatures"))
		on(leng.deed(item, "signatures"))
		on(hai.deed(item, "signatures", "pledge", "1", "password", s.passwords["hai"]))
		wu.get(path).wantWords(says("gate.complete"), says("do.submit"))
		on(wu.deed(item, "submission"))
		wu.get(path).wantWords(says("submission.saved"), says("item.waits_review"))
		wu.deed(item, "progress", "text", "还想补一句").want(409).wantWords(says("refused.report"), "还想补一句")
		hai.deed(item, "closure", "words", "我说了算").want(403).wantWords("我说了算")

		// Withdrawn with a reason; what is handed in again is signed again.
		wu.deed(item, "withdrawal", "words", "我来撤").want(403)
		hai.deed(item, "withdrawal", "words", "").want(422)
		on(hai.deed(item, "withdrawal", "words", "还有一份要核"))
		hai.get(path).wantWords("还有一份要核", says("gate.missing", 3))
		handIn := func() {
			t.Helper()
			on(wu.deed(item, "signatures"))
			on(leng.deed(item, "signatures"))
			on(hai.deed(item, "signatures", "pledge", "1", "password", s.passwords["hai"]))
			on(hai.deed(item, "submission"))
		}
		handIn()

		// Returned with a reason from the list and words; the reason stays in sight.
		jiwei.get(path).wantWords(says("do.close"), says("return.reason"), says("review.clock.begins", 5), says("review.answer_by", "03-09"), says("review.awaited", "纪工委、党群工作部"))
		jiwei.deed(item, "return", "reason", "", "words", "只有会议，没有结果").want(422).wantWords("只有会议，没有结果")
		jiwei.deed(item, "return", "reason", "made-up", "words", "x").want(422)
		jiwei.deed(item, "return", "reason", "measures_not_results", "words", "").want(422)
		on(jiwei.deed(item, "return", "reason", "measures_not_results", "words", "只有会议，没有结果"))
		wu.get(path).wantWords(says("item.returned"), "只有会议，没有结果", says("return.reason.measures_not_results"))
		wu.get("/notices").wantWords(says("notice.return"), item.Number)
		handIn()

		// Two bodies; the one who has spoken waits for the other.
		jiwei.deed(item, "closure", "words", "").want(422)
		on(jiwei.deed(item, "closure", "words", "现场核对属实"))
		jiwei.get(path).wantWords(says("verification.saved"), says("verification.given"), says("review.awaited", "党群工作部")).wantNone(says("do.stage"))
		dangqun.get("/notices").wantWords(says("notice.verify"))
		on(dangqun.deed(item, "stage", "words", "已见成效，继续整改", "review_on", "2026-06-01"))
		wu.get(path).wantWords(says("extension.why.stage"), says("item.review_on", "06-01"), "已见成效，继续整改")
		handIn()
		on(dangqun.deed(item, "closure", "words", "同意销号"))
		on(jiwei.deed(item, "closure", "words", "现场核对，同意销号"))

		// Closed: read only, with who verified it; opened again by a supervisor alone.
		closed := wu.get(path).wantWords(says("light.done"), "现场核对，同意销号", says("closed.on", "03-02"))
		if strings.Contains(closed.body, `action="`+path) {
			t.Error("a closed item's page has a form still")
		}
		wu.get(path+"/sheet").want(200).wantWords(says("closing.title"), says("closing.heading"), says("signature.pledge_words"), "建交〔2026〕7 号", "同意销号", "leng")
		wu.deed(item, "progress", "text", "晚了").want(409).wantWords("晚了")
		jiwei.deed(item, "return", "reason", "other", "words", "再看看").want(409).wantWords(says("refused.return"))
		on(jiwei.deed(item, "reopening", "words", "问题反弹", "until", "2026-06-30"))
		wu.get(path).wantWords("问题反弹", says("extension.why.reopened"))

		// Entered by mistake after all: one asks, another voids; all of it stays.
		on(office.deed(item, "voidings", "words", "与另一项重复"))
		voiding, err := s.As(s.Office).PendingVoiding(item)
		if err != nil {
			t.Fatal(err)
		}
		office.get(path).wantWords(says("voiding.own"))
		office.deed(item, fmt.Sprintf("voidings/%d/approval", voiding.ID)).want(409)
		on(jiwei.deed(item, fmt.Sprintf("voidings/%d/approval", voiding.ID)))
		wu.get(path).wantWords(says("voiding.done"), "建交〔2026〕7 号")
		wu.get("/items").wantNone(item.Number)
		s.Registered("2026-03-20") // a ledger of nothing but what is void begins anew
		wu.get("/items?status=voided").wantWords(item.Number[8:], says("light.void"))
	})
}

// Previous and next stay within the list one came from, and within what one may
// see.
func TestPreviousAndNextStayWithinTheList(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		var mine []models.Item
		for _, day := range []models.Day{"2026-02-10", "2026-02-20", "2026-03-20"} {
			mine = append(mine, s.Registered(day))
			s.RegisteredFor(s.Other, models.PostFeedback, day)
		}
		v := s.as(s.Wu)
		page := v.get(views.ItemFromLink(mine[0].Number, models.Filter{Lights: []models.Light{models.LightOver}})).want(200).wantWords(says("item.place", 1, 2))
		next := views.ItemFromLink(mine[1].Number, models.Filter{Lights: []models.Light{models.LightOver}})
		if !strings.Contains(page.body, `href="`+next+`"`) {
			t.Errorf("no way to %s", next)
		}
		last := v.get(next).want(200).wantWords(says("item.place", 2, 2))
		if strings.Contains(last.body, mine[2].Number) {
			t.Error("next leaves the list")
		}
		// An item that is no longer on the list one came from is shown all the same.
		v.get(views.ItemFromLink(mine[2].Number, models.Filter{Lights: []models.Light{models.LightOver}})).want(200)
		v.get("/items/" + mine[0].Number + "?from=%zz").want(200)
	})
}

func TestNoticesAreReadOnlyByWhoseTheyAre(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.Registered("2026-02-20")
		if _, err := s.As(models.TheClerk).FlagOverdue(); err != nil {
			t.Fatal(err)
		}
		wu, shen := s.as(s.Wu), s.as(s.Shen)
		wu.get("/notices").want(200).wantWords(says("notice.flag_overdue"), says("notices.unread_ones"))
		shen.get("/notices").want(200).wantWords(says("notices.none"))
		newest := fmt.Sprint(s.unread(s.Wu)[0].ID)
		shen.post("/notices", "up_to", newest).wantGoTo("/notices")
		wu.post("/notices", "up_to", "1000").wantGoTo("/notices") // a notice of nobody's
		wu.get("/notices").wantWords(says("notices.unread_ones"))
		wu.post("/notices", "up_to", newest).wantGoTo("/notices")
		page := wu.get("/notices").wantWords(says("notice.flag_overdue"))
		if strings.Contains(page.words(), says("notices.unread_ones")) {
			t.Error("read, and still new")
		}
	})
}

func TestAnotherUnitsPeopleReadNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		s := siteOn(t, r, Options{})
		item := s.Registered("2026-02-20")
		s.as(s.Shen).get(s.as(s.Wu).on(item)).want(404).wantNone(item.Title, "经济发展局")
	})
}

// deedOf are the acts that the forms of an item's page may do, by the end of their
// address; a form that is not here is not about the road.
var deedOf = map[string][]models.Act{
	"progress": {models.ReportProgress}, "standard": {models.SetStandard}, "assignment": {models.AssignItem}, "receipt": {models.AcknowledgeItem},
	"measures": {models.PlanItem, models.AddMeasures}, "measures/N": {models.ReviseMeasure}, "measures/N/completion": {models.CompleteMeasure}, "measures/N/reopening": {models.ReopenMeasure},
	"submission": {models.SubmitItem}, "withdrawal": {models.WithdrawItem}, "return": {models.ReturnItem}, "closure": {models.CloseItem}, "stage": {models.StageItem}, "reopening": {models.ReopenItem},
	"signatures": {models.SignItem}, "signatures/return": {models.UnsignItem},
	"extensions": {models.AskExtension}, "extensions/N/withdrawal": {models.WithdrawExtension}, "extensions/N/grant": {models.GrantExtension}, "extensions/N/refusal": {models.RefuseExtension},
	"voidings": {models.AskVoiding}, "voidings/N/approval": {models.VoidItem}, "voidings/N/refusal": {models.RefuseVoiding},
	"evidence": {models.AddEvidence}, "standing": {models.SetStanding}, "standing/end": {models.EndStanding}, "standing/reviews": {models.ReviewStanding},
}

var (
	numbersInside = regexp.MustCompile(`/\d+`)
	formsOf       = regexp.MustCompile(`<form[^>]*method="post"[^>]*action="/items/([^/"]+)/([^"?]*)|<form[^>]*action="/items/([^/"]+)/([^"?]*)"[^>]*method="post"`)
	formActions   = regexp.MustCompile(`formaction="/items/[^/"]+/([^"?]*)`)
	fragments     = regexp.MustCompile(`href="#([^"]+)"`)
)

// The buttons of an item's page are exactly the acts that its reader may do now, at
// each station of the road and for everybody; and every link within it leads somewhere.
func TestTheButtonsAreTheActsAllowed(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		visitors := map[string]*visitor{}
		people := append(s.people()[1:], s.Shen)
		for _, u := range people {
			visitors[u.Name] = s.as(u)
		}
		var item models.Item
		did := func(fresh models.Item, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			item = fresh
		}
		sign := func(people ...models.User) {
			t.Helper()
			for _, u := range people {
				did(s.As(u).Sign(item, models.Pledge{Agreed: true, Password: s.passwords[u.Name]}))
			}
		}
		drawnEver := map[string]bool{}
		look := func(station string) {
			t.Helper()
			for _, u := range people {
				page := visitors[u.Name].get("/items/" + item.Number)
				if page.status != http.StatusOK {
					continue
				}
				b, drawn := s.As(u), map[string]bool{}
				ends := formActions.FindAllStringSubmatch(page.body, -1)
				for _, f := range formsOf.FindAllStringSubmatch(page.body, -1) {
					ends = append(ends, []string{"", f[2] + f[4]})
				}
				for _, f := range ends {
					end := numbersInside.ReplaceAllString(f[1], "/N")
					drawn[end], drawnEver[end] = true, true
				}
				for end, acts := range deedOf {
					may := slices.ContainsFunc(acts, func(a models.Act) bool { return b.May(a, item) })
					if drawn[end] && !may {
						t.Errorf("%s: %s has a button for %s and may not", station, u.Name, end)
					}
					if may && !drawn[end] && !ofRows(end, item) {
						t.Errorf("%s: %s may %v and has no button", station, u.Name, acts)
					}
				}
				for _, f := range fragments.FindAllStringSubmatch(page.body, -1) {
					if !strings.Contains(page.body, `id="`+f[1]+`"`) {
						t.Errorf("%s: a link of %s's page leads to #%s, which is nowhere", station, u.Name, f[1])
					}
				}
			}
		}
		items, err := s.As(s.Office).Register(models.NewItem{Tier: models.PostFeedback, RoundID: s.Round.ID, UnitID: s.Unit.ID, Problem: "问题", DueOn: "2026-03-20"})
		if err != nil {
			t.Fatal(err)
		}
		item = items[0]
		wu, supervisor := s.As(s.Wu), s.As(s.Supervisor)
		look("registered")
		did(wu.Plan(item, []models.PlannedMeasure{{Text: "逐笔核实", Owner: "李慧", DueOn: "2026-03-19"}}))
		look("planned")
		did(wu.AskExtension(item, "2026-04-20", "须公示"))
		did(s.As(s.Office).AskVoiding(item, "重复登记"))
		look("something asked")
		item = s.Done(item)
		look("done")
		sign(s.Wu)
		look("half signed")
		sign(s.Leng, s.Hai)
		look("signed")
		did(s.As(s.Hai).Submit(item))
		look("submitted")
		did(supervisor.Return(item, "evidence", "缺回单"))
		look("returned")
		sign(s.Wu, s.Leng, s.Hai)
		did(s.As(s.Hai).Submit(item))
		did(supervisor.Stage(item, "已见成效", ""))
		look("a stage result")
		sign(s.Wu, s.Leng, s.Hai)
		did(s.As(s.Hai).Submit(item))
		did(supervisor.Close(item, "属实"))
		look("closed")
		did(supervisor.Reopen(item, "反弹", "2026-09-01"))
		look("opened again")
		voiding, err := s.As(s.Office).PendingVoiding(item)
		if err != nil {
			t.Fatal(err)
		}
		did(supervisor.Void(item, voiding.ID))
		look("voided")
		for end := range deedOf {
			if !drawnEver[end] {
				t.Errorf("nobody ever had a button for %s", end)
			}
		}
	})
}

// ofRows says whether a button stands at rows of which this item may have none that it
// fits: a measure that is done has no button to do it.
func ofRows(end string, item models.Item) bool {
	open := item.Measures - item.MeasuresDone
	switch end {
	case "measures/N", "measures/N/completion":
		return open == 0
	case "measures/N/reopening":
		return item.MeasuresDone == 0
	case "standing/end", "standing/reviews":
		return !item.Standing
	}
	return false
}

// Whoever may gives an item its date on its page, and whoever may not reads why.
func TestAnItemsDateOnItsPage(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		undated := s.Registered("")
		wu, office, supervisor := s.as(s.Wu), s.as(s.Office), s.as(s.Supervisor)
		wu.get(views.ItemLink(undated.Number)).wantWords(says("date.propose.title")).wantNone(says("date.set.title"), says("date.correct.title"))
		wu.deed(undated, "date/proposal", "due_on", "2026-04-30", "words", "须经招标").want(http.StatusSeeOther)
		office.get(views.ItemLink(undated.Number)).wantWords(says("extension.proposed"), says("date.set.title"), "须经招标")
		supervisor.deed(s.Read(undated), "date", "due_on", "2026-05-31", "words", "会议要求").want(http.StatusSeeOther)
		wu.get(views.ItemLink(undated.Number)).wantWords("05-31", "会议要求").wantNone("form-propose_date")

		late := s.Registered("2026-02-20")
		wu.get(views.ItemLink(late.Number)).wantWords(says("extension.too_late")).wantNone(says("date.correct.title"))
		office.deed(late, "date/correction", "deadline", "2026-04-20", "words", "").wantWords(says("required"))
		office.deed(late, "date/correction", "deadline", "2026-04-20", "words", "反馈意见写的是四月").want(http.StatusSeeOther)
		wu.get(views.ItemLink(late.Number)).wantWords("反馈意见写的是四月", "02-20 → 04-20", says("do.ask_extension"))
	})
}
