package app

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"mime"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"duban/models"
	"duban/models/ledger"
	"duban/models/modelstest"
)

// What goes out comes in again: the reader of ledgers takes from the sheet what
// the register has, and asks nothing.
func TestALedgerTakenOutIsReadInAgain(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	a := s.signedIn("jiwei").get("/items.xlsx?sort=number").want(200)
	content := []byte(a.body)
	clerk := s.store.Board(t.Context(), models.TheClerk)
	reading, err := ledger.Read(t.Context(), bytes.NewReader(content), int64(len(content)),
		ledger.Context{Terms: models.Preset().Terms(), Year: 2024}, ledger.DefaultLimits(), clerk.Calendar())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range reading.Tables[0].Columns {
		if len(c.Ask) > 0 || c.Guessed {
			t.Errorf("%s: %q is asked about (%s)", c.Letter, c.Heading, c.Field)
		}
	}
	items, err := clerk.List(models.Filter{Sort: "number", Size: 200})
	if err != nil {
		t.Fatal(err)
	}
	if len(reading.Items) != len(items) || len(reading.Refused) > 0 {
		t.Fatalf("%d items of %d, %d rows refused", len(reading.Items), len(items), len(reading.Refused))
	}
	for n, card := range items {
		read := reading.Items[n]
		item, err := clerk.Item(card.Number)
		if err != nil {
			t.Fatal(err)
		}
		measures, err := clerk.Measures(item)
		if err != nil {
			t.Fatal(err)
		}
		unit := ""
		units, _ := clerk.UnitsByID()
		unit = units[item.UnitID].Name
		if read.Register != item.Number || read.Tier != item.Tier || read.Unit != unit || read.Problem != item.Problem || read.Standard != item.Standard || len(read.Measures) != len(measures) {
			t.Errorf("%s came back as %+v", item.Number, read)
			continue
		}
		for k, m := range measures {
			if got := read.Measures[k]; got.Text != m.Text || got.Deadline.DueOn != m.DueOn || got.DoneOn != m.DoneOn || !slices.Equal(got.Owners, m.Owners) {
				t.Errorf("%s measure %d came back as %+v, was %+v", item.Number, k+1, got, m)
			}
		}
	}
	office := s.store.Board(t.Context(), models.HostOffice)
	round, err := office.CurrentRound()
	if err != nil {
		t.Fatal(err)
	}
	brought, err := office.StartImport(models.Import{FileName: "export.xlsx", RoundID: round.ID, Tier: models.PostFeedback}, content)
	if err != nil {
		t.Fatal(err)
	}
	if reading, err = office.ReadImport(t.Context(), brought, ledger.DefaultLimits()); err != nil {
		t.Fatal(err)
	}
	p, err := office.Preview(brought, reading)
	if err != nil || p.N(models.LineSame) != len(items) {
		for _, l := range p.Lines {
			if l.State != models.LineSame {
				t.Logf("%s %s %+v %+v", l.Ledger.Register, l.State, l.Changes, l.Refused)
			}
		}
		t.Errorf("brought back, %d of %d are the same, %d new, %v", p.N(models.LineSame), len(items), p.N(models.LineNew), err)
	}
}

// The first date and how often it was moved go out with an item.
func TestASheetShowsHowADateWasMoved(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item, err := s.As(s.Wu).AskExtension(s.Registered("2026-03-20"), "2026-04-20", "须公示")
		if err != nil {
			t.Fatal(err)
		}
		asked, err := s.As(s.Wu).PendingExtension(item)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.As(s.Supervisor).GrantExtension(item, asked.ID, "", ""); err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(strings.NewReader(s.as(s.Wu).get("/items.xlsx").want(200).body))
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		rows, err := book.GetRows(book.GetSheetName(0))
		if err != nil {
			t.Fatal(err)
		}
		first, extended := slices.Index(rows[2], says("sheet.first_due")), slices.Index(rows[2], says("sheet.extended"))
		if first < 0 || extended < 0 || rows[3][first] != "2026-03-20" || rows[3][extended] != "1" {
			t.Errorf("%v: %v", rows[2], rows[3])
		}
	})
}

func TestASheetIsOfItsReaderAndHarmless(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.registerSecrets(t)
		items, err := s.As(s.Office).Register(models.NewItem{
			Tier: models.Immediate, RoundID: s.Round.ID, UnitID: s.Unit.ID, Problem: `=HYPERLINK("http://evil.example","点我")`, Leader: "+cmd|'/C calc'!A0",
			Standard: "@SUM(1+1)", Measures: []models.Measure{{Text: "-2+3", Owners: []string{"\t=1"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		a := s.as(s.Wu).get("/items.xlsx").want(200)
		_, params, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
		if err != nil || params["filename"] != says("sheet.title")+"_经济发展局_2026-03-02.xlsx" {
			t.Errorf("named %q, %v", params["filename"], err)
		}
		file, err := excelize.OpenReader(strings.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		sheet := says("sheet.name")
		rows, err := file.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 4 || rows[3][0] != items[0].Number {
			t.Fatalf("%d rows: a unit takes out its own items", len(rows))
		}
		for _, cell := range []string{"F4", "G4", "H4", "I4", "K4"} {
			formula, _ := file.GetCellFormula(sheet, cell)
			kind, _ := file.GetCellType(sheet, cell)
			if formula != "" || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
				t.Errorf("%s is of type %v, formula %q", cell, kind, formula)
			}
		}
		if got, _ := file.GetCellValue(sheet, "F4"); got != `=HYPERLINK("http://evil.example","点我")` {
			t.Errorf("the problem came out as %q", got)
		}
		if links, _ := file.GetHyperLinkCells(sheet, ""); len(links) > 0 {
			t.Errorf("links at %v", links)
		}
		if !strings.Contains(rows[1][0], "wu") || !strings.Contains(rows[1][0], "2026-03-02 09:00") {
			t.Errorf("the sheet does not say who took it and when: %q", rows[1][0])
		}
		s.as(s.Supervisor).get("/items.xlsx?unit=czj").want(200)
		s.as(s.Wu).get("/items.xlsx?no=LX-2026-001").want(200).wantNone("秘事")
	})
}

// What goes out as text comes back without a change, whatever its cells begin with, and
// no spreadsheet reckons any of it.
func TestALedgerTakenOutAsTextComesBack(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	office := s.store.Board(t.Context(), models.HostOffice)
	round, err := office.CurrentRound()
	if err != nil {
		t.Fatal(err)
	}
	units, err := office.Units()
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"=1+1 这样的公式不在台账中", "+86 起头的电话没有登记", "-1 层仓库没有盘点清楚", "@全体人员的通知没有归档", "'=已有撇号的文字不能丢失", "＝全角等号起头的一段文字"} {
		if _, err := office.Register(models.NewItem{Tier: models.PostFeedback, RoundID: round.ID, UnitID: units[0].ID, Problem: words, Measures: []models.Measure{{Text: words, Leader: "副局长", Owners: []string{"科长"}, DueOn: "2024-12-31"}, {Text: "又一条", DueOn: "2024-12-31"}}}); err != nil {
			t.Fatal(err)
		}
	}
	a := s.signedIn("jiwei").get("/items.csv?sort=number").want(200)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\uFEFF"))).ReadAll()
	if err != nil || !strings.HasPrefix(a.body, "\uFEFF") || a.header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Fatal(err, a.header)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("a cell begins %q", cell)
			}
		}
	}
	brought, err := office.StartImport(models.Import{FileName: "export.csv", RoundID: round.ID, Tier: models.PostFeedback}, []byte(a.body))
	if err != nil {
		t.Fatal(err)
	}
	reading, err := office.ReadImport(t.Context(), brought, ledger.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range reading.Tables[0].Columns {
		if len(c.Ask) > 0 || c.Guessed {
			t.Errorf("%s: %q is asked about (%s)", c.Letter, c.Heading, c.Field)
		}
	}
	all, err := office.Count(models.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := office.Preview(brought, reading)
	if err != nil || p.N(models.LineSame) != int(all) {
		for _, l := range p.Lines {
			if l.State != models.LineSame {
				t.Logf("%s %s %+v %+v", l.Ledger.Register, l.State, l.Changes, l.Refused)
			}
		}
		t.Errorf("brought back, %d of %d are the same, %d new, %v", p.N(models.LineSame), all, p.N(models.LineNew), err)
	}
}

// For programs: what it is, and every item with its measures, in words of its own.
func TestALedgerForPrograms(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	a := s.signedIn("jiwei").get("/items.json?light=overdue").want(200)
	var out struct {
		Title, Filter string
		Count         int
		Items         []struct {
			Number, Unit, Tier, Status, Light string
			DaysLate                          int     `json:"days_late"`
			Extensions                        int     `json:"extensions"`
			ClosedOn                          *string `json:"closed_on"`
			Measures                          []struct {
				Measure string
				DueOn   *string `json:"due_on"`
				Owners  []string
			}
		}
	}
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		t.Fatal(err)
	}
	clerk := s.store.Board(t.Context(), models.TheClerk)
	cards, err := clerk.List(models.Filter{Lights: []models.Light{models.LightOver}, Size: 200})
	if err != nil {
		t.Fatal(err)
	}
	if len(cards) == 0 || len(out.Items) != len(cards) || out.Count != len(cards) || out.Filter != "期限灯：超期" || !strings.Contains(out.Title, out.Filter) {
		t.Fatalf("%d items, count %d, of %d; %q", len(out.Items), out.Count, len(cards), out.Filter)
	}
	late := map[string]int{}
	for _, c := range cards {
		late[c.Number] = c.DaysOver(clerk.Today())
	}
	for _, i := range out.Items {
		if i.DaysLate != late[i.Number] || i.Light != "overdue" || i.ClosedOn != nil || !slices.Contains([]string{"jz", "lx", "fk", "immediate", "on-the-spot", "post-feedback"}, i.Tier) || len(i.Measures) == 0 {
			t.Errorf("%+v, late %d", i, late[i.Number])
		}
	}
}

// A sheet of some items says so in its title and its name, and shows light, days and
// extensions; its heading stays in sight.
func TestASheetOfSomeItemsSaysSo(t *testing.T) {
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	a := s.signedIn("jiwei").get("/items.xlsx?unit=jfj&light=overdue&q=" + url.QueryEscape("资金/项目")).want(200)
	_, params, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
	if name := params["filename"]; err != nil || !strings.HasPrefix(name, "巡察整改台账_经济发展局_") || !strings.Contains(name, "资金-项目") || !strings.Contains(name, "超期") || strings.ContainsAny(name, `/\:*?"<>|`) {
		t.Errorf("named %q, %v", name, err)
	}
	a = s.signedIn("jiwei").get("/items.xlsx?light=overdue").want(200)
	book, err := excelize.OpenReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	sheet := book.GetSheetName(0)
	rows, err := book.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	if rows[0][0] != "巡察整改台账（期限灯：超期）" {
		t.Errorf("its title is %q", rows[0][0])
	}
	light, days := slices.Index(rows[2], says("sheet.light")), slices.Index(rows[2], says("sheet.days_late"))
	if light < 0 || days < 0 || rows[3][light] != "超期" || rows[3][days] == "0" {
		t.Errorf("%v: %v", rows[2], rows[3])
	}
	if panes, err := book.GetPanes(sheet); err != nil || !panes.Freeze || panes.YSplit != 3 {
		t.Errorf("its heading is not frozen: %+v, %v", panes, err)
	}
	bulletin := s.signedIn("jiwei").get("/rounds/2024-1/bulletin.docx").want(200)
	if _, params, _ := mime.ParseMediaType(bulletin.header.Get("Content-Disposition")); !strings.HasPrefix(params["filename"], "巡察整改通报_") || !strings.HasSuffix(params["filename"], ".docx") {
		t.Errorf("the bulletin is named %q", params["filename"])
	}
}
