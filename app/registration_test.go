package app

import (
	"strings"
	"testing"
)

// ＋登记事项: the form keeps what was typed, remembers unit and tier, and proposes the
// number.
func TestOneItemIsTyped(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		office := s.as(s.Office)
		office.get("/items/new").want(200).wantWords(says("registration.title"), s.Unit.Name, s.Other.Name)
		bad := office.post("/items", "unit", s.Unit.Code, "tier", "on-the-spot", "round", s.Round.Code, "problem", " ", "due", "有空再说", "leader", "副局长", "number", "12", "then", "next").want(422)
		bad.wantWords(says("required"))
		for _, kept := range []string{`value="有空再说"`, `value="副局长"`, `value="12"`, `value="on-the-spot" selected`, `value="` + s.Unit.Code + `" selected`} {
			if !strings.Contains(bad.body, kept) {
				t.Errorf("%s is lost", kept)
			}
		}
		office.post("/items", "unit", s.Unit.Code, "tier", "on-the-spot", "round", s.Round.Code, "problem", "公务接待超标准", "due", "2026-03-20", "number", "12", "then", "next").wantGoTo("/items/new")
		again := office.get("/items/new").want(200)
		again.wantWords(says("registration.saved.due", "LX-2026-001", "2026-03-20"))
		for _, kept := range []string{`value="13"`, `value="on-the-spot" selected`, `value="` + s.Unit.Code + `" selected`} {
			if !strings.Contains(again.body, kept) {
				t.Errorf("%s is not remembered", kept)
			}
		}
		office.get("/items/LX-2026-001/history").want(200).wantWords(says("act.register"))
		office.post("/items", "unit", "nobody", "tier", "x", "round", "nothing", "problem", "一").want(422)

		// A unit's people enter their own, whatever unit they name.
		wu := s.as(s.Wu)
		wu.get("/items/new").want(200).wantNone(s.Other.Name)
		wu.post("/items", "unit", s.Other.Code, "tier", "post-feedback", "round", s.Round.Code, "problem", "档案不全", "then", "open").wantGoTo("/items/FK-2026-001")
		wu.get("/items/FK-2026-001").want(200).wantWords(s.Unit.Name)
	})
}
