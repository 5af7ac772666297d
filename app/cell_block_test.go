package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"duban/models"
)

// A block that was pasted is shown before it is written, and said row by row after it; a
// handler learns nothing of another unit's items from it.
func TestABlockIsShownBeforeItIsWritten(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		one, two, foreign := s.Registered("2026-03-20"), s.Registered("2026-03-25"), s.RegisteredFor(s.Other, models.PostFeedback, "2026-03-20")
		block := func(cell string, is string, numbers ...string) string {
			var b sentBlock
			for _, n := range numbers {
				b.Rows = append(b.Rows, sentRow{n, 1, map[models.SheetCell][2]string{models.SheetCell(cell): {"", is}}})
			}
			sent, _ := json.Marshal(b)
			return string(sent)
		}
		office := s.as(s.Office)
		sent := block("due", "4月30日", one.Number, foreign.Number, "FK-2026-999")
		page := office.post("/items/blocks/draft", "block", sent).want(200)
		page.wantWords(s.Unit.Name, s.Other.Name, "2026-04-30", says("block.not_found"), says("cell.why"))
		if s.Read(one).Version != 1 {
			t.Fatal("written before it is confirmed")
		}
		office.post("/items/blocks", "block", sent).want(422).wantWords(says("cell.reason"))
		office.post("/items/blocks", "block", sent, "reason", "台账抄错").want(200).wantWords(says("block.not_found"))
		if a, z := s.Read(one), s.Read(foreign); a.DueOn != "2026-04-30" || z.DueOn != "2026-04-30" {
			t.Errorf("%s %s", a.DueOn, z.DueOn)
		}

		// The same words about what is another's and what is not there.
		wu := s.as(s.Wu)
		wu.get("/items").want(200)
		of := func(number string) string {
			words := wu.post("/items/blocks/draft", "block", block("title", "改写", number)).want(200).body
			return strings.NewReplacer(number, "", fmt.Sprint(len(number)), "").Replace(words[strings.Index(words, "<main"):strings.Index(words, "</main")])
		}
		cut := func(s string) string { // without the token
			a, z, _ := strings.Cut(s, `name="csrf" value="`)
			return a + z[26:]
		}
		if a, z := cut(of(foreign.Number)), cut(of("FK-2026-999")); a != z {
			t.Errorf("foreign and missing differ:\n%s\n%s", a, z)
		}
		wu.post("/items/blocks", "block", block("dept", "综合处", foreign.Number, two.Number)).want(200)
		if a, z := s.Read(two), s.Read(foreign); a.Department != "综合处" || z.Department != "" {
			t.Errorf("%+v %+v", a, z)
		}
		wu.post("/items/blocks", "block", "{").want(400)

		// Chosen rows, or all that match.
		office.get("/items/bulk?no="+one.Number+"&no="+two.Number).want(200).wantWords("2", says("cell.name.leader"))
		office.get("/items/bulk?match=unit%3D" + s.Unit.Code).want(200)
		office.post("/items/blocks/draft", "match", "unit="+s.Unit.Code, "to_leader", s.Leng.FullName).want(200).wantWords(one.Number, two.Number, s.Leng.FullName)
		s.as(s.Shen).get("/items/bulk?no=" + one.Number).want(404)
	})
}
