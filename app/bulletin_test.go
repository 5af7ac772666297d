package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
	"duban/views"
)

// What the bulletin says is what the pages say: each figure of its first paragraph,
// and of each table the rows that the ledger lists for it.
func TestABulletinSaysWhatThePagesSay(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, url string) {
		s := demonstration(t, url)
		v := s.signedIn("jiwei")
		a := v.get(views.BulletinLink("2024-1", "2024-06-01")).want(200)
		words := paperWords(t, []byte(a.body))
		total := func(query string) int {
			t.Helper()
			page := v.get("/items?" + query).want(200)
			_, rest, _ := strings.Cut(page.body, `data-total="`)
			var n int
			if _, err := fmt.Sscanf(rest, "%d", &n); err != nil {
				t.Fatalf("%s: %v", query, err)
			}
			return n
		}
		all, closed, overdue, soon, review := total("round=2024-1"), total("round=2024-1&status=closed"), total("round=2024-1&light=overdue"), total("round=2024-1&light=soon"), total("round=2024-1&light=review")
		open, since := all-closed, total("round=2024-1&closed=2024-06-01..2024-07-08")
		_, _, moved := v.told() // in the demonstration dates are moved by extensions alone, once an item
		if all == 0 || moved == 0 || closed == 0 || overdue == 0 || since == 0 {
			t.Fatal(all, closed, overdue, since)
		}
		for _, want := range []string{
			fmt.Sprintf("共有整改事项 %d 项", all), fmt.Sprintf("已销号 %d 项，未销号 %d 项", closed, open), fmt.Sprintf("超期 %d 项", overdue),
			fmt.Sprintf("临期 %d 项，待审核 %d 项", soon, review), fmt.Sprintf("（已销号 %d 项÷事项总数 %d 项）", closed, all),
			fmt.Sprintf("表A 未销号事项（%d 项）", open), fmt.Sprintf("表B 2024年6月1日以来销号事项（%d 项）", since), fmt.Sprintf("表D 超期事项（%d 项）", overdue),
			fmt.Sprintf("表C 期限有变动的事项（%d 项）", moved),
		} {
			if !strings.Contains(words, want) {
				t.Errorf("no %q in\n%.600s", want, words)
			}
		}
		units, err := s.store.Board(t.Context(), models.HostOffice).Units()
		if err != nil {
			t.Fatal(err)
		}
		// A table has as many rows as its caption says: they are numbered, in its first
		// column of six.
		for caption, rows := range map[string]int{"表A": open, "表B": since, "表C": moved, "表D": overdue} {
			_, table, _ := strings.Cut(words, caption)
			cells := strings.Split(table, "\n")[7:] // after the caption and the head
			n := 0
			for n*6 < len(cells) && cells[n*6] == fmt.Sprint(n+1) {
				n++
			}
			if n != rows {
				t.Errorf("%s has %d rows, want %d", caption, n, rows)
			}
			// They stand as the paper says: units as the organisation has them, and then as due.
			last := ""
			for row := range n {
				unit, due := cells[row*6+1], cells[row*6+4]
				at := slices.IndexFunc(units, func(u models.Unit) bool { return u.Name == unit })
				if key := fmt.Sprintf("%03d %s", at, due); at < 0 || key < last {
					t.Errorf("%s: row %d, %s %s, stands after %s", caption, row+1, unit, due, last)
				} else {
					last = key
				}
			}
		}
		v.get("/rounds/2024-1/bulletin.docx?since=2030-01-01").want(422)
		v.get("/rounds/none/bulletin.docx").want(404)
		if a := s.signedIn("jfj-head").get(views.BulletinLink("2024-1", "")); a.status != 403 {
			t.Errorf("a unit has the bulletin: %d", a.status)
		}
	})
}

// A supervisor who is assigned to one unit has the bulletin of that unit's items.
func TestABulletinHoldsNothingThatItsReaderMayNotSee(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.Registered("2026-02-20")
		secrets := s.registerSecrets(t)
		if err := s.As(s.Office).Assign(s.Supervisor, models.Scopes{{UnitID: &s.Unit.ID}}); err != nil {
			t.Fatal(err)
		}
		words := paperWords(t, []byte(s.as(s.Supervisor).get(views.BulletinLink(s.Round.Code, "")).want(200).body))
		for _, secret := range secrets {
			if strings.Contains(words, secret) {
				t.Errorf("the bulletin says %q", secret)
			}
		}
		if !strings.Contains(words, "共有整改事项 1 项") {
			t.Errorf("%.300s", words)
		}
	})
}
