package app

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// letter is a letter about these items, signed by the supervisor.
func (s *site) letter(t *testing.T, items ...models.Item) models.Letter {
	t.Helper()
	b := s.As(s.Supervisor)
	l, err := b.DraftLetter(items, views.LetterText(t.Context(), models.LetterNotice, s.Unit, pastOf(t, b, items), b.Rules()))
	if err != nil {
		t.Fatal(err)
	}
	if l, err = b.SignLetter(l); err != nil {
		t.Fatal(err)
	}
	return l
}

// pastOf is what happened about these items.
func pastOf(t *testing.T, b *models.Board, items []models.Item) models.LetterPast {
	t.Helper()
	past, err := b.LetterPast(items)
	if err != nil {
		t.Fatal(err)
	}
	return past
}

// The whole road, as two people walk it in their browsers.
func TestALetterFromTheOverduePageToTheJudgedAnswer(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		first, second, others := s.Registered("2026-02-20"), s.Registered("2026-02-10"), s.RegisteredFor(s.Other, models.PostFeedback, "2026-02-27")
		supervisor, head := s.as(s.Supervisor), s.as(s.Hai)
		page := supervisor.get(views.NewLettersLink(first.Number, second.Number, others.Number)).want(200)
		page.wantWords("经济发展局", "财政局", "起草 2 份", "督查指导书", "提醒函")
		supervisor.post("/letters", "item", first.Number, "item", second.Number, "item", others.Number, "kind-jfj", "notice").wantGoTo("/letters")
		supervisor.post("/letters", "item", first.Number, "item", second.Number, "item", others.Number, "kind-jfj", "notice").wantGoTo("/letters") // a second press
		supervisor.get("/letters/3").want(404)
		supervisor.get("/letters?status=draft").want(200).wantWords("督办通知书", "提醒函", "草稿")
		head.get("/letters/1").want(404)
		draft := supervisor.get("/letters/1").want(200)
		draft.wantWords("关于经济发展局整改事项超期的督办通知书", "签发督办通知书", "单位看不到草稿")
		supervisor.post("/letters/1", "version", "1", "kind", "notice", "title", "", "body", "请办理。").want(422).wantWords("请办理。")
		supervisor.post("/letters/1", "version", "1", "kind", "notice", "title", "督办", "body", "请办理。\r\n【事项清单】", "demand_on", "2026-03-20").wantGoTo("/letters/1")
		supervisor.post("/letters/1/signature", "version", "1").want(409).wantWords("刚被别人改过")
		supervisor.post("/letters/1/signature", "version", "2").wantGoTo("/letters/1")
		supervisor.post("/letters/1/signature", "version", "3").want(409).wantWords("只有草稿可以签发")

		head.get("/units/jfj").want(200).wantWords("督办通知书", "督字〔2026〕1号", "待签收")
		head.get("/items/"+first.Number).want(200).wantWords("督字〔2026〕1号", "签发督办文书")
		head.get("/letters/1").want(200).wantWords("请第一责任人签收")
		s.At("2026-03-03 15:20")
		supervisor, head = s.as(s.Supervisor), s.as(s.Hai)
		head.get("/letters/1").want(200)
		head.post("/letters/1/acknowledgement", "version", "3").wantGoTo("/letters/1")
		supervisor.get("/letters").want(200).wantWords("15:20", "hai")
		head.post("/letters/1/answer", "version", "4", "answer", " ", "doc", "经发〔2026〕17号").want(422).wantWords("经发〔2026〕17号")
		// What is handed in for the letter's items goes with the answer by itself.
		older, err := s.As(s.Wu).AddEvidence(s.Read(second), models.Evidence{DocNo: "经发〔2026〕16号"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.As(s.Shen).AddEvidence(s.Read(others), models.Evidence{DocNo: "财发〔2026〕1号"}); err != nil {
			t.Fatal(err)
		}
		head.get("/letters/1").want(200).wantWords("经发〔2026〕16号 " + older.Number).wantNone("财发〔2026〕1号")
		head.post("/letters/1/answer", "version", "4", "answer", "已拨付 40 笔", "doc", "经发〔2026〕17号").wantGoTo("/letters/1")
		supervisor.get("/letters/1").want(200).wantWords("已拨付 40 笔", "经发〔2026〕17号", "经发〔2026〕16号 "+older.Number, "评定答复")
		supervisor.post("/letters/1/judgement", "version", "5", "verdict", "accepted", "words", "").want(422)
		supervisor.post("/letters/1/judgement", "version", "5", "verdict", "accepted", "words", "属实").wantGoTo("/letters/1")
		head.get("/letters/1").want(200).wantWords("答复已认可", "属实")
		supervisor.post("/letters/2/withdrawal", "version", "1", "words", "不发了").wantGoTo("/letters/2")
		supervisor.get("/letters?status=withdrawn").want(200).wantWords("不发了")

		if a := s.as(s.Shen).get("/letters?unit=jfj"); a.status != 404 {
			t.Errorf("another unit's letters: %d", a.status)
		}
	})
}

// Another unit's letter, signed or a draft, is answered like none at all, byte for byte.
func TestForeignLettersAndMissingOnesAreTheSame(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		signed := s.letter(t, s.RegisteredFor(s.Other, models.OnTheSpot, "2026-02-20"))
		draft, err := s.As(s.Supervisor).DraftLetter([]models.Item{s.Registered("2026-02-20")}, models.LetterAsk{Kind: models.LetterNotice, Title: "草稿", Body: "请办理"})
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range []models.User{s.Wu, s.Leng, s.Hai} {
			v := s.as(u)
			v.get("/me")
			for _, r := range s.server.routes() {
				if !strings.Contains(r.path, ":letter") {
					continue
				}
				for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE"} {
					var saw [3]string
					for n, id := range []int64{signed.ID, draft.ID, 9} {
						path := strings.ReplaceAll(r.path, ":letter", fmt.Sprint(id))
						a := v.send(method, path, []string{"version", "1", "words", "x", "answer", "x"})
						saw[n] = fmt.Sprint(a.status, a.header) + ownToEachAnswer.ReplaceAllString(a.body, "")
						saw[n] = strings.ReplaceAll(saw[n], path, "")
					}
					if saw[0] != saw[2] || saw[1] != saw[2] {
						t.Errorf("%s %s as %s: %s\n%s\n%s", method, r.path, u.Name, saw[0], saw[1], saw[2])
					}
				}
			}
		}
	})
}

// paperParts are the parts of a Word file, each read to its end.
func paperParts(t *testing.T, file []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(bytes.NewReader(content))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
		}
		parts[f.Name] = string(content)
	}
	return parts
}

// paperWords are the words of a Word file, a line each paragraph.
func paperWords(t *testing.T, file []byte) string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(paperParts(t, file)["word/document.xml"]))
	var words strings.Builder
	for in := false; ; {
		token, err := d.Token()
		if err != nil {
			return words.String()
		}
		switch e := token.(type) {
		case xml.StartElement:
			if in = e.Name.Local == "t"; e.Name.Local == "noBreakHyphen" {
				words.WriteString("-")
			}
		case xml.EndElement:
			in = false
			if e.Name.Local == "p" {
				words.WriteString("\n")
			}
		case xml.CharData:
			if in {
				words.Write(e)
			}
		}
	}
}

func TestALetterAsAWordFile(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-02-20")
		l := s.letter(t, item)
		a := s.as(s.Hai).get(views.LetterFileLink(l.ID)).want(200)
		words := paperWords(t, []byte(a.body))
		for _, want := range []string{"督字〔2026〕1号\n", "关于经济发展局整改事项超期的督办通知书\n", "经济发展局：\n", "一、超期事项\n",
			item.Number, "2026年2月20日", "已超期10天", "二、办理要求\n", "5 个工作日内", "2026年3月2日\n"} {
			if !strings.Contains(words, want) {
				t.Errorf("no %q in\n%s", want, words)
			}
		}
		if strings.Contains(words, "草稿") || strings.Contains(words, "【") {
			t.Errorf("a signed letter says\n%s", words)
		}
		parts := paperParts(t, []byte(a.body))
		for _, want := range []string{`w:top="2098"`, `w:left="1588"`, `w:w="11906" w:h="16838"`, `w:eastAsia="方正小标宋简体"`, `w:eastAsia="仿宋_GB2312"`, `w:eastAsia="黑体"`, `w:eastAsia="楷体_GB2312"`} {
			if !strings.Contains(parts["word/document.xml"], want) {
				t.Errorf("no %s in the document", want)
			}
		}
		for target := range strings.SplitSeq(parts["word/_rels/document.xml.rels"], `Target="`) {
			if name, _, ok := strings.Cut(target, `"`); ok && strings.HasSuffix(name, ".xml") && parts["word/"+name] == "" {
				t.Errorf("%s is named and not there", name)
			}
		}
		if !strings.Contains(a.header.Get("Content-Disposition"), "docx") || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%v", a.header)
		}
		if again := s.as(s.Hai).get(views.LetterFileLink(l.ID)); again.body != a.body {
			t.Error("the same letter is another file")
		}
	})
}

// A paper says nothing of an item that is not so: what is not overdue yet is not counted
// among what is, and a letter about nothing else does not call anything so. An item's
// number stands on one line.
func TestALetterCallsOverdueWhatIs(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		late, soon := s.Registered("2026-02-20"), s.Registered("2026-03-05")
		v := s.as(s.Supervisor)
		v.get("/letters/new?item=" + late.Number).want(200)
		for n, tt := range []struct {
			items     []string
			says, not string
		}{
			{[]string{late.Number}, "你单位有 1 项整改事项超过整改时限", "督办事项\n"},
			{[]string{late.Number, soon.Number}, "你单位有 1 项整改事项超过整改时限", "一、超期事项"},
			{[]string{soon.Number}, "关于经济发展局整改事项的督办通知书\n", "超期"},
		} {
			form := []string{"kind-jfj", "notice"}
			for _, number := range tt.items {
				form = append(form, "item", number)
			}
			v.post("/letters", form...).wantGoTo(fmt.Sprintf("/letters/%d", n+1))
			file := []byte(v.get(views.LetterFileLink(int64(n + 1))).want(200).body)
			words := paperWords(t, file)
			if !strings.Contains(words, tt.says) || strings.Contains(strings.ReplaceAll(words, "逐项查明超期原因", ""), tt.not) || !strings.Contains(words, tt.items[0]) {
				t.Errorf("%v: it says\n%s", tt.items, words)
			}
			if strings.Contains(paperParts(t, file)["word/document.xml"], tt.items[0]) {
				t.Errorf("%s may be broken at a line's end", tt.items[0])
			}
		}
	})
}

// What people type is text in the file as well, whatever it looks like.
func TestWhatIsTypedIntoALetterIsText(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		b := s.As(s.Supervisor)
		evil := "</w:t><w:p>&\x01\"<b>" + "𠮷野家"
		l, err := b.DraftLetter([]models.Item{s.Registered("2026-02-20")}, models.LetterAsk{Kind: models.LetterNotice, Title: "x" + evil, Body: evil, Copies: evil})
		if err != nil {
			t.Fatal(err)
		}
		a := s.as(s.Supervisor).get(views.LetterFileLink(l.ID)).want(200)
		if words := paperWords(t, []byte(a.body)); !strings.Contains(words, "</w:t><w:p>&") || !strings.Contains(words, "𠮷野家") || !strings.Contains(words, "草稿，未签发") {
			t.Errorf("%q", words)
		}
		s.as(s.Supervisor).get(fmt.Sprintf("/letters/%d", l.ID)).want(200)
	})
}

// A letter's page says what its Word file says, to the line: whom it goes to as a copy and
// by when it wants the work done as well.
func TestALettersPageSaysWhatItsFileSays(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-02-20")
		b := s.As(s.Supervisor)
		l, err := b.DraftLetter([]models.Item{item}, models.LetterAsk{Kind: models.LetterNotice, Title: "关于整改事项超期的督办通知书", Body: "请办理。\n【事项清单】\n请答复。", Copies: "新区管委会办公室", DemandOn: "2026-03-20"})
		if err == nil {
			_, err = b.SignLetter(l)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range []models.User{s.Supervisor, s.Office, s.Hai} {
			v := s.as(who)
			page := v.get("/letters/1").want(200).wantWords("抄送：新区管委会办公室", "2026年3月20日前完成整改", "已超期10天").words()
			file := v.get("/letters/1/letter.docx").want(200)
			for _, line := range strings.Split(paperWords(t, []byte(file.body)), "\n") {
				line = strings.TrimSpace(line)
				if strings.Contains(line, "请") || strings.Contains(line, "抄送") || strings.Contains(line, item.Number) || strings.Contains(line, "限期") {
					if !strings.Contains(page, line) {
						t.Errorf("%s: the page does not say %q of the file\n%s", who.Name, line, page)
					}
				}
			}
		}
	})
}

// Who may change a draft and not sign it is told who signs it; and the overdue page says that
// drafts wait.
func TestWhoMayNotSignALetterIsToldWhoDoes(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-02-20")
		b := s.As(s.Supervisor)
		for _, kind := range []models.LetterKind{models.LetterNotice, models.LetterTalk} {
			if _, err := b.DraftLetter([]models.Item{item}, models.LetterAsk{Kind: kind, Title: "督办", Body: "请办理。"}); err != nil {
				t.Fatal(err)
			}
		}
		not := says("letter.sign.not_you", says("letter.notice"), says("role.supervisor"))
		s.as(s.Office).get("/letters/1").want(200).wantWords(not).wantNone("/letters/1/signature")
		s.as(s.Office).get("/letters/2").want(200).wantNone("who-signs")
		s.as(s.Supervisor).get("/letters/1").want(200).wantNone("who-signs")
		for _, u := range []models.User{s.Office, s.Supervisor} {
			s.as(u).get("/overdue").want(200).wantWords(text.Count(t.Context(), "overdue.drafts", 2))
		}
		for _, u := range []models.User{s.Hai, s.Principal} {
			s.as(u).get("/overdue").want(200).wantNone(text.Count(t.Context(), "overdue.drafts", 2))
		}
	})
}

// A letter of each rung speaks of what happened and of nothing else: how many and how late,
// what was sent before, and what came of it.
func TestALetterSpeaksOfWhatHappened(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		first, second, soon := s.Registered("2026-02-20"), s.Registered("2026-02-25"), s.Registered("2026-06-30")
		claims := []string{"经提醒", "经督办", "经多次", "经逐级", "约谈仍", "此前", "超期较久", "严重超期", "长期超期"}
		says := func(when string, kind models.LetterKind, items []models.Item, want ...string) {
			t.Helper()
			b := s.As(s.Supervisor)
			got := views.LetterText(t.Context(), kind, s.Unit, pastOf(t, b, items), b.Rules())
			all := got.Title + "\n" + got.Body
			for _, w := range want {
				if !strings.Contains(all, w) {
					t.Errorf("%s, %s: does not say %q\n%s", when, kind, w, all)
				}
			}
			for _, c := range claims {
				if strings.Contains(all, c) && !strings.Contains(strings.Join(want, ""), c) {
					t.Errorf("%s, %s: says %q, which did not happen\n%s", when, kind, c, all)
				}
			}
		}
		both := []models.Item{first, second}
		for _, kind := range models.LetterKinds() {
			says("nothing was sent", kind, both, "2 项整改事项超过整改时限，尚未完成，最长超期 10 天")
			says("nothing is late", kind, []models.Item{soon}, "1 项整改事项须加快办理")
			if all := views.LetterText(t.Context(), kind, s.Unit, pastOf(t, s.As(s.Supervisor), []models.Item{soon}), s.As(s.Supervisor).Rules()); kind.ToUnit() && strings.Contains(all.Title+all.Body, "超期") {
				t.Errorf("nothing is late, %s: %s", kind, all.Body)
			}
		}
		l := s.letter(t, first)
		sent := "2026年3月2日发出督办通知书（督字〔2026〕1号）"
		says("one was sent", models.LetterTalk, both, "此前已于"+sent+"。")
		s.Today("2026-03-12")
		says("and its answer is late", models.LetterTalk, both, "此前已于"+sent+"，逾期未答复。", "最长超期 20 天")
		l, err := s.As(s.Hai).AcknowledgeLetter(l)
		if err == nil {
			l, err = s.As(s.Hai).AnswerLetter(l, models.LetterAnswer{Text: "已拨付 31 笔"})
		}
		says("answered", models.LetterTalk, both, "此前已于"+sent+"，已答复。")
		if err == nil {
			_, err = s.As(s.Supervisor).JudgeAnswer(l, false, "没有写明日期")
		}
		if err != nil {
			t.Fatal(err)
		}
		says("not accepted", models.LetterWarning, both, "此前已于"+sent+"，答复未获认可。")
		second = s.Read(second)
		says("about another", models.LetterNotice, []models.Item{second}, "1 项整改事项超过整改时限，尚未完成，最长超期 15 天")
	})
}
