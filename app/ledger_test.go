package app

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
	"duban/views"
)

var rowOf = regexp.MustCompile(`data-item="([^"]+)"`)

// rows are the numbers of the items a page lists.
func (a *answer) rows() []string {
	var numbers []string
	for _, found := range rowOf.FindAllStringSubmatch(a.body, -1) {
		numbers = append(numbers, found[1])
	}
	return numbers
}

func (a *answer) wantRows(numbers ...string) *answer {
	a.t.Helper()
	if got := a.rows(); !slices.Equal(got, numbers) {
		a.t.Errorf("%s lists %v, want %v", a.asked, got, numbers)
	}
	return a
}

func TestConditionsThatAreNotUnderstoodAreNamed(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-02-20")
		v := s.as(s.Supervisor)
		for _, path := range []string{"/board", "/items", "/overdue"} {
			a := v.get(path + "?colour=red&light=overdue&page=0&sort=items.id;drop&due=2026-02-30").want(200)
			a.wantWords(says("filter.ignored", "colour=red"), says("filter.ignored", "page=0"), says("filter.ignored", "due=2026-02-30"))
			if len(a.rows()) != 1 || a.rows()[0] != item.Number {
				t.Errorf("%s: %v", a.asked, a.rows())
			}
		}
		a := v.get("/items?x=<script>alert(1)</script>").want(200)
		if strings.Contains(a.body, "<script>alert") {
			t.Error("an address is taken for markup")
		}
	})
}

func TestWhenNothingFitsEachConditionCanBeDropped(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.Registered("2026-02-20")
		v := s.as(s.Supervisor)
		a := v.get("/items?unit=czj&light=soon").want(200).wantWords(says("filter.nothing"), "财政局", says("light.soon"), says("filter.drop"))
		for _, link := range []string{`href="/items?light=soon"`, `href="/items?unit=czj"`, `href="/items"`} {
			if !strings.Contains(a.body, link) {
				t.Errorf("no way out by %s", link)
			}
		}
		// What no menu shows as chosen stands above the list, to be dropped.
		a = v.get("/items?overdue=8-30&q="+queryEscape("拨付")).want(200).wantWords("拨付", says("age.span", 8, 30))
		if !strings.Contains(a.body, `href="/items?overdue=8-30"`) {
			t.Error("the search cannot be dropped alone")
		}
	})
}

func TestSearchFindsTwoCharacters(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		var numbers []string
		for _, problem := range []string{"差旅费超标准报销", "会议费列支无通知", "100% 的台账_不实"} {
			items, err := s.As(s.Office).Register(models.NewItem{
				Tier: models.Immediate, RoundID: s.Round.ID, UnitID: s.Unit.ID, Problem: problem, Leader: "陈立群",
				Measures: []models.Measure{{Text: "逐笔清退", Owners: []string{"李慧"}}},
			})
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, items[0].Number)
		}
		v := s.as(s.Wu)
		for words, want := range map[string][]string{
			"差旅": numbers[:1], "列支": numbers[1:2], "超": numbers[:1], "台账": numbers[2:], "李慧": numbers, "清退 会议": numbers[1:2],
			"JZ-2026-002": numbers[1:2], "jz-2026-002": numbers[1:2], "100%": numbers[2:], "_不": numbers[2:], "差会": nil, "%": numbers[2:], "经费": nil,
		} {
			a := v.get("/items?q=" + queryEscape(words)).want(200)
			got := a.rows()
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", words, got, want)
			}
			a.wantWords(words)
		}
	})
}

func TestTheLedgerIsSortedGroupedPagedAndHasTheColumnsOfOnesChoosing(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	v := s.signedIn("jiwei")
	all := v.get("/items").want(200)
	if n := len(all.rows()); n != 48 {
		t.Fatalf("%d rows", n)
	}
	numbers := v.get("/items?sort=number").rows()
	if !slices.IsSorted(numbers) {
		t.Error("not sorted by number")
	}
	down := v.get("/items?sort=-number").want(200)
	got := down.rows()
	slices.Reverse(got)
	if !slices.Equal(got, numbers) {
		t.Error("the other way round is another order")
	}
	if !strings.Contains(down.body, `aria-sort="descending"`) {
		t.Error("the heading does not say how it is sorted")
	}

	// Pages have each row once.
	var paged []string
	for page := 1; page <= 2; page++ {
		a := v.get(fmt.Sprintf("/items?page=%d&size=24", page)).want(200).wantWords(says("ledger.range", page*24-23, page*24, 48))
		paged = append(paged, a.rows()...)
	}
	if !slices.Equal(paged, all.rows()) {
		t.Error("the pages are not the whole")
	}
	v.get("/items?page=9").want(200)

	grouped := v.get("/items?group=unit").want(200)
	if len(regexp.MustCompile(`class="grp"`).FindAllString(grouped.body, -1)) != 8 || len(grouped.rows()) != 48 {
		t.Error("not one group a unit")
	}
	columns := v.get("/items?cols=unit&cols=dept&cols=first").want(200).wantWords(says("item.department"), says("item.first_due.title"))
	if strings.Contains(columns.body, "<th scope=\"col\" aria-sort=\"none\"><a class=\"th-sort\" href=\"/items?sort=number\">") {
		t.Error("a column not chosen is there")
	}

	// Rows chosen one by one are a list with an address of its own.
	v.get("/items?no=FK-2024-010&no=LX-2024-002").want(200).wantRows("LX-2024-002", "FK-2024-010").wantWords(says("filter.no"))
	s.signedIn("jfj-handler").get("/items?no=FK-2024-010,FK-2024-003").want(200).wantRows("FK-2024-003")
}

// Every address that a page may name leads somewhere.
func TestEveryAddressLeadsToARoute(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		s := siteOn(t, r, Options{})
		f := models.Filter{Units: []string{"jfj"}}
		made := map[string]string{
			"BoardLink": views.BoardLink(f), "ItemsLink": views.ItemsLink(f), "OverdueLink": views.OverdueLink(f), "ExportLink": views.ExportLink(f),
			"SignalAnswerLink": views.SignalAnswerLink("FK-2026-001", 1), "ExportLinkAs": views.ExportLinkAs(".csv", f),
			"ItemLink": views.ItemLink("FK-2026-001"), "ItemFromLink": views.ItemFromLink("FK-2026-001", f),
			"ProgressLink": views.ProgressLink("FK-2026-001"), "SubmissionLink": views.SubmissionLink("FK-2026-001"),
			"WithdrawalLink": views.WithdrawalLink("FK-2026-001"), "ReturnLink": views.ReturnLink("FK-2026-001"), "ClosureLink": views.ClosureLink("FK-2026-001"),
			"CompletionLink": views.CompletionLink("FK-2026-001", 1), "ReopeningLink": views.ReopeningLink("FK-2026-001", 1),
			"UserLink": views.UserLink(1), "UnitLink": views.UnitLink("jfj"), "RoundLink": views.RoundLink("2026-1"),
			"RoundUnitsLink": views.RoundUnitsLink("2026-1"), "DigestLink": views.DigestLink("2026-W10"),
			"DigestMailLink": views.DigestMailLink("2026-W10"), "DeliveriesLink": views.DeliveriesLink("2026-W10"), "ResendDigestLink": views.ResendDigestLink("2026-W10", 1),
			"PreviewMailLink": views.PreviewMailLink("wu"), "RunJobLink": views.RunJobLink("flag"), "ResendMailLink": views.ResendMailLink(1),
			"HandoversLink": views.HandoversLink("jfj"), "ScopesLink": views.ScopesLink(1), "DrawLink": views.DrawLink(1), "DrawNumbersLink": views.DrawNumbersLink(1),
			"RecheckLink": views.RecheckLink("FK-2026-001", 1), "StandingLink": views.StandingLink("FK-2026-001"),
			"StandardLink": views.StandardLink("FK-2026-001"), "AssignmentLink": views.AssignmentLink("FK-2026-001"), "ReceiptLink": views.ReceiptLink("FK-2026-001"),
			"MeasuresLink": views.MeasuresLink("FK-2026-001"), "MeasureLink": views.MeasureLink("FK-2026-001", 1), "StageLink": views.StageLink("FK-2026-001"),
			"ItemReopeningLink": views.ItemReopeningLink("FK-2026-001"), "SheetLink": views.SheetLink("FK-2026-001"), "SignaturesLink": views.SignaturesLink("FK-2026-001"),
			"SignaturesReturnLink": views.SignaturesReturnLink("FK-2026-001"), "ExtensionsLink": views.ExtensionsLink("FK-2026-001"), "ExtensionLink": views.ExtensionLink("FK-2026-001", 1, "grant"),
			"VoidingsLink": views.VoidingsLink("FK-2026-001"), "VoidingLink": views.VoidingLink("FK-2026-001", 1, "approval"),
			"CellsLink": views.CellsLink("FK-2026-001"), "RowLink": views.RowLink("FK-2026-001", models.Filter{}),
			"StatedLink": views.StatedLink("FK-2026-001"), "StatedDrawsLink": views.StatedDrawsLink(1),
			"DateLink": views.DateLink("FK-2026-001"), "DateProposalLink": views.DateProposalLink("FK-2026-001"), "DateCorrectionLink": views.DateCorrectionLink("FK-2026-001"),
			"LettersLink": views.LettersLink("jfj", models.LetterDraft), "NewLettersLink": views.NewLettersLink("FK-2026-001"),
			"LetterLink": views.LetterLink(1), "LetterFileLink": views.LetterFileLink(1), "BulletinLink": views.BulletinLink("2026-1", "2026-02-01"),
			"LetterSignatureLink": views.LetterSignatureLink(1), "LetterAcknowledgementLink": views.LetterAcknowledgementLink(1), "LetterAnswerLink": views.LetterAnswerLink(1), "LetterJudgementLink": views.LetterJudgementLink(1), "LetterWithdrawalLink": views.LetterWithdrawalLink(1),
			"EvidenceLink": views.EvidenceLink("FK-2026-001"), "EvidenceZipLink": views.EvidenceZipLink("FK-2026-001"), "FileLink": views.FileLink("FK-2026-001", 1),
			"FileDownloadLink": views.FileDownloadLink("FK-2026-001", 1), "FileVersionsLink": views.FileVersionsLink("FK-2026-001", 1), "ThumbnailLink": views.ThumbnailLink("FK-2026-001", 1),
			"PictureLink": views.PictureLink("FK-2026-001", 1), "DocumentLink": views.DocumentLink("FK-2026-001", 1),
			"AchievementsLink": views.AchievementsLink("FK-2026-001"), "AchievementWithdrawalLink": views.AchievementWithdrawalLink("FK-2026-001", 1),
			"FeedAddress": views.FeedAddress("word"), "ItemFeedLink": views.ItemFeedLink("FK-2026-001"), "LeaveLink": views.LeaveLink("1.word"),
			"WebhookLink": views.WebhookLink(1), "WebhookTryLink": views.WebhookTryLink(1),
			"CalendarYearLink": string(views.CalendarYearLink(2026)), "StandingEndLink": views.StandingEndLink("FK-2026-001"), "StandingReviewsLink": views.StandingReviewsLink("FK-2026-001"),
		}
		file, err := parser.ParseFile(token.NewFileSet(), "../views/links.go", nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if c, ok := spec.(*ast.ValueSpec); ok && d.Tok == token.CONST {
						address, _ := strconv.Unquote(c.Values[0].(*ast.BasicLit).Value)
						if address == "/" || !strings.HasSuffix(address, "/") { // else only how some begin
							made[c.Names[0].Name] = address
						}
					}
				}
			case *ast.FuncDecl:
				if d.Name.IsExported() && made[d.Name.Name] == "" {
					t.Errorf("%s: say here where it leads", d.Name.Name)
				}
			}
		}
		for name, address := range made {
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			leads := false
			for _, r := range s.server.routes() {
				pattern := "^" + regexp.MustCompile(`:[a-z]+`).ReplaceAllString(regexp.QuoteMeta(r.path), `[^/]+`) + "$"
				leads = leads || regexp.MustCompile(pattern).MatchString(u.EscapedPath())
			}
			if !leads {
				t.Errorf("%s: %s leads nowhere", name, address)
			}
		}
	})
}

var (
	figureLink  = regexp.MustCompile(`<a\b[^>]*\bdata-count="(\d+)"[^>]*>`)
	hrefOf      = regexp.MustCompile(`\bhref="([^"]*)"`)
	totalOf     = regexp.MustCompile(`data-total="(\d+)"`)
	sectionOver = regexp.MustCompile(`class="count count--over">(\d+)<`)
)

// figures are the numbers of a page that lead to the items they count.
func (a *answer) figures() map[string]int {
	figures := map[string]int{}
	for _, tag := range figureLink.FindAllStringSubmatch(a.body, -1) {
		href := html.UnescapeString(hrefOf.FindStringSubmatch(tag[0])[1])
		n, _ := strconv.Atoi(tag[1])
		if was, ok := figures[href]; ok && was != n {
			a.t.Errorf("%s: says %d and %d of %s", a.asked, was, n, href)
		}
		figures[href] = n
	}
	return figures
}

func (a *answer) total() int {
	a.t.Helper()
	found := totalOf.FindStringSubmatch(a.body)
	if found == nil {
		a.t.Fatalf("%s: lists nothing", a.asked)
	}
	n, _ := strconv.Atoi(found[1])
	return n
}

// listed is how many items the list at that address has, row by row over its
// pages; of the board and the statistics, which do not show them all, what they say.
func (v *visitor) listed(address string) int {
	v.t.Helper()
	a := v.get(address).want(http.StatusOK)
	if strings.HasPrefix(address, "/board") || strings.HasPrefix(address, "/dashboard") {
		return a.total()
	}
	n, joint := len(a.rows()), "?"
	if strings.Contains(address, "?") {
		joint = "&"
	}
	for page := 2; strings.Contains(a.body, `rel="next"`); page++ {
		a = v.get(fmt.Sprintf("%s%spage=%d", address, joint, page)).want(http.StatusOK)
		n += len(a.rows())
	}
	if total := a.total(); total != n {
		v.t.Errorf("%s: says %d and lists %d", address, total, n)
	}
	return n
}

// told is how many items have, by their own pages, a letter that waits for its answer,
// and a request for another date that waits for its; and how many such were granted.
func (v *visitor) told() (awaited, asked, granted int) {
	v.t.Helper()
	for _, number := range v.get("/items?size=100").rows() {
		a := v.get("/items/" + number).want(http.StatusOK)
		words := a.words()
		if strings.Contains(words, says("letter.status.acknowledged")) {
			awaited++
		}
		if strings.Contains(words, says("extension.waits")) {
			asked++
		}
		granted += strings.Count(a.body, "</ins> "+says("extension.why.asked"))
	}
	return awaited, asked, granted
}

// One number, one meaning, everywhere: the figures of board, ledger and overdue
// page agree, for each role, and each leads to exactly as many items as it says.
func TestOneNumberEverywhere(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, databaseURL string) {
		s := demonstration(t, databaseURL)
		s.lettered(t)
		for who, units := range map[string]int{"jiwei": 8, "xuncha": 8, "zhuguan": 8, "jfj-head": 1, "czj-leader": 1, "cgj-handler": 1} {
			v := s.signedIn(who)
			counts := map[string]int{}
			for _, light := range []string{"overdue", "soon", "ok", "review", "none", "done"} {
				counts[light] = v.listed("/items?light=" + light)
			}
			if who == "jiwei" && fmt.Sprint(counts) != "map[done:18 none:0 ok:10 overdue:9 review:5 soon:6]" {
				t.Errorf("the demonstration has %v", counts)
			}
			led := map[string]int{}
			home := "/units/czj"
			if units == 1 {
				home = "/units/" + who[:3]
			}
			paths := []string{"/board", "/items", "/overdue", "/dashboard", "/dashboard?tier=lx", "/dashboard?due=2024-06-01..2024-08-15", "/dashboard?closed=2024-05-01..2024-06-15", "/dashboard?due=week", "/dashboard?light=overdue", "/dashboard?kept=no", "/dashboard?light=soon", "/dashboard?status=todo", "/dashboard?status=open", "/dashboard?cat=" + queryEscape("八项规定"), home}
			if who == "jiwei" || who == "xuncha" {
				paths = append(paths, "/reviews")
			}
			for _, path := range append(paths, "/board?light=overdue", "/items?tier=fk", "/overdue?group=unit", "/overdue?letter=none", "/overdue?ext=pending", "/items?ext=pending", "/overdue?since=2024-W26", "/items?q="+queryEscape("整改")) {
				a := v.get(path).want(200)
				if found := sectionOver.FindStringSubmatch(a.body); found != nil && found[1] != fmt.Sprint(counts["overdue"]) {
					t.Errorf("%s as %s: the frame says %s overdue, the ledger %d", path, who, found[1], counts["overdue"])
				}
				for address, n := range a.figures() {
					if _, walked := led[address]; !walked {
						led[address] = v.listed(address)
					}
					if led[address] != n {
						t.Errorf("%s as %s: says %d of %s, which lists %d", path, who, n, address, led[address])
					}
				}
			}
			if len(led) < 25 {
				t.Errorf("%s: only %d figures", who, len(led))
			}
			for light, n := range counts {
				for _, path := range []string{"/board", "/overdue"} {
					if got := v.listed(path + "?light=" + light); got != n {
						t.Errorf("%s as %s: %d of %s, the ledger has %d", path, who, got, light, n)
					}
				}
			}
			// What changed since last week adds up, and so does each tile.
			then, fresh, gone := v.listed("/items?week=2024-W26"), v.listed("/overdue?since=2024-W26"), v.listed("/items?week=2024-W26&light=soon,ok,review,none,done")
			if then+fresh-gone != counts["overdue"] {
				t.Errorf("%s: %d were overdue, %d became so, %d ceased to be: that is not %d", who, then, fresh, gone, counts["overdue"])
			}
			awaited, asked, granted := v.told()
			if n := v.listed("/overdue?letter=await"); n != awaited {
				t.Errorf("%s: of %d items an answer is awaited, by their letters of %d", who, n, awaited)
			}
			if n := v.listed("/overdue?ext=pending"); n != asked || who == "jiwei" && n != 2 {
				t.Errorf("%s: of %d items another date is asked, by their pages of %d", who, n, asked)
			}
			v.get("/overdue").wantWords(says("overdue.granted", granted))
			if who == "jiwei" && granted != 4 {
				t.Errorf("%d extensions were granted in the demonstration", granted)
			}
			// The ages are the overdue, and so are the units together.
			ages := 0
			for _, age := range []string{"1-7", "8-30", "31-60", "61-"} {
				ages += v.listed("/overdue?overdue=" + age)
			}
			seen, byUnit := 0, 0
			for _, u := range []string{"jfj", "zrj", "jtj", "czj", "xsj", "shj", "cgj", "tcj"} {
				if n := v.listed("/items?unit=" + u); n > 0 {
					seen++
				}
				byUnit += v.listed("/overdue?light=overdue&unit=" + u)
			}
			if ages != counts["overdue"] || byUnit != counts["overdue"] || seen != units {
				t.Errorf("%s: overdue %d, by age %d, by unit %d, of %d units", who, counts["overdue"], ages, byUnit, seen)
			}
			// An item's neighbours are its list.
			first := v.get("/items?light=overdue").rows()[0]
			v.get(views.ItemFromLink(first, models.Filter{Lights: []models.Light{models.LightOver}})).want(200)
			if counts["overdue"] > 1 {
				v.get(views.ItemFromLink(first, models.Filter{Lights: []models.Light{models.LightOver}})).wantWords(says("item.place", 1, counts["overdue"]))
			}
		}
	})
}

// A page beyond the last says so, and leads back to the last.
func TestAPageBeyondTheLastSaysSo(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		for range 3 {
			s.Registered("2026-06-30")
		}
		a := s.as(s.Supervisor).get("/items?page=9").want(200).wantWords(says("ledger.range.beyond", 3))
		a.wantNone("401", "第 4", "–3 项")
		if !strings.Contains(a.body, `href="/items" rel="prev"`) && !strings.Contains(a.body, `href="/items?page=1" rel="prev"`) {
			t.Errorf("the way back does not lead to the last page\n%s", a.body[strings.Index(a.body, "rel=\"prev\"")-80:][:120])
		}
	})
}

// The empty board of those who keep the register says in three steps what is missing, and
// no step that is done is asked for again.
func TestTheEmptyBoardSaysWhatIsMissing(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		v := s.as(s.Office)
		units, err := s.As(s.Office).Units()
		if err != nil {
			t.Fatal(err)
		}
		s.SQL("DELETE FROM round_units")
		v.get("/board").want(200).wantWords(says("first.title"), says("first.undated", len(units)), says("import.do"))
		s.as(s.Wu).get("/board").want(200).wantNone(says("first.title"))
		for _, u := range units {
			s.SQL("INSERT INTO round_units (round_id, unit_id, feedback_on, notice_on, window_end) VALUES (?, ?, '2026-01-26', '', '')", s.Round.ID, u.ID)
		}
		v.get("/board").wantWords(says("first.units.done", len(units)))
		s.SQL("UPDATE users SET disabled = TRUE WHERE unit_id = ?", s.Unit.ID)
		v.get("/board").wantWords(says("first.unstaffed", 1, s.Unit.Name))
		s.Registered("2026-03-20")
		v.get("/board").wantNone(says("first.title"))
	})
}
