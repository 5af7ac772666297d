package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// A cell is saved by one route: the row comes back as the list shows it, or what is wrong.
func TestACellOfTheLedgerIsSaved(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		office := s.as(s.Office)
		list := office.get("/items?cols=unit,cat,due").want(200)
		for _, has := range []string{`data-cell="cat"`, `data-cell="due"`, `data-cell="title"`, `data-v="1"`, `data-d="2026-03-20"`, "/items/" + item.Number + "/row?from="} {
			if !strings.Contains(list.body, has) {
				t.Errorf("the list has no %s", has)
			}
		}
		save := func(v *visitor, version int, form ...string) *answer {
			return v.post("/items/"+item.Number+"/cells", append([]string{"version", fmt.Sprint(version), "as", "row", "from", "cols=unit,cat,due"}, form...)...)
		}
		row := save(office, 1, "cat", "财务管理", "was_cat", "").want(200)
		if !strings.Contains(row.body, "财务管理") || !strings.Contains(row.body, `data-v="2"`) || strings.Contains(row.body, "<html") {
			t.Errorf("%s", row.body)
		}
		// Names and words, not codes.
		save(office, 2, "unit", s.Other.Name, "was_unit", s.Unit.Name).want(200).wantWords(s.Other.Name)
		save(office, 3, "unit", s.Unit.Name, "was_unit", s.Other.Name).want(200).wantWords(s.Unit.Name)
		save(office, 4, "tier", "立行立改", "was_tier", "反馈整改").want(200)
		save(office, 5, "unit", "无此单位", "was_unit", s.Unit.Name).want(422).wantWords(says("cell.unit.unknown"))

		// A date asks for the reason, and keeps what was typed.
		asked := save(office, 5, "due", "4月30日", "was_due", "2026-03-20").want(422).wantWords(says("cell.reason"))
		if !strings.Contains(asked.body, `name="due" value="4月30日"`) || !strings.Contains(asked.body, `name="reason"`) {
			t.Errorf("%s", asked.body)
		}
		save(office, 5, "due", "4月30日", "was_due", "2026-03-20", "reason", "台账抄错").want(200).wantWords("04-30")
		office.get("/items/" + item.Number + "/history").want(200).wantWords("台账抄错")

		// Undone, at once.
		office.post("/items/"+item.Number+"/cells/undoing", "version", "6", "as", "row", "from", "cols=due").want(200).wantWords("03-20")
		office.post("/items/"+item.Number+"/cells/undoing", "version", "7", "as", "row").want(409).wantWords(says("cell.undo.late"))

		// Two people: the second sees both.
		both := save(office, 1, "cat", "工程建设", "was_cat", "").want(409).wantWords(says("cell.both"), "财务管理", "工程建设")
		if !strings.Contains(both.body, `name="was_cat" value="财务管理"`) || !strings.Contains(both.body, `name="version" value="7"`) {
			t.Errorf("%s", both.body)
		}
		wu := s.as(s.Wu)
		save(wu, 7, "cat", "工程建设", "was_cat", "财务管理").want(409).wantWords(says("cell.inspectors"))
		save(wu, 7, "dept", "综合处", "was_dept", "").want(200)

		// Without a script: the row is a form.
		form := wu.get("/items/" + item.Number + "/row?from=cols%3Ddept").want(200).wantWords(says("cell.name.dept"))
		if strings.Contains(form.body, `name="problem"`) || !strings.Contains(form.body, `value="综合处"`) {
			t.Errorf("%s", form.body)
		}
		wu.post("/items/"+item.Number+"/cells", "version", "8", "from", "cols=dept", "dept", "财务处", "was_dept", "综合处").wantGoTo("/items")
		wu.get("/items?cols=dept").want(200).wantWords("财务处", says("cell.saved"))
		office.get("/items/"+item.Number+"/row").want(200).wantWords(says("cell.name.problem"), says("cell.why"))
		office.post("/items/"+item.Number+"/cells", "version", "9", "problem", "别的", "was_problem", item.Problem).want(422).wantWords(says("cell.reason"), "别的")

		// What a cell offers, by initials; nothing of another's.
		var names [][2]string
		a := wu.get("/items/" + item.Number + "/cells/owner/names").want(200)
		if err := json.Unmarshal([]byte(a.body), &names); err != nil || len(names) == 0 || names[len(names)-1][0] == "" {
			t.Errorf("%v %s", err, a.body)
		}
		office.get("/items/" + item.Number + "/cells/tier/names").want(200).wantWords(`["反馈整改","fkzg"]`)
		wu.get("/items/" + item.Number + "/cells/number/names").want(404)
		shen := s.as(s.Shen)
		shen.get("/items/" + item.Number + "/cells/owner/names").want(404)
		save(shen, 9, "dept", "别处", "was_dept", "").want(404)
		if is := s.Read(item); is.Version != 9 || is.Department != "财务处" {
			t.Errorf("%+v", is)
		}
		// Whoever writes nothing has nothing to write in.
		if body := s.as(s.Supervisor).get("/items").want(200).body; strings.Contains(body, "data-cell") || strings.Contains(body, "/row") {
			t.Error("a supervisor is offered cells")
		}
	})
}
