package app

import (
	"bytes"
	"mime"
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
