package app

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"duban/models"
)

// hostile is what a number or a reference is sent as: none of it is one that anybody may
// mean.
var hostile = []string{"0", "-1", "x", "1.5", "2147483648", "9223372036854775807", "9223372036854775808", "99999999999999999999"}

// noRow is the number of no row of a test's register.
const noRow = "999999"

// fields are what a function reads of a request, with all that it calls.
type fields struct {
	numbers map[string]bool // typed, each for a rule
	rows    map[string]bool // references, versions and pages
	params  map[string]bool
	texts   map[string]bool
	calls   map[string]bool
}

func noFields() *fields {
	return &fields{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
}

// fieldReaders are the functions that read a field, by what they read it as.
var fieldReaders = map[string]func(f *fields) map[string]bool{
	"typedNumber": func(f *fields) map[string]bool { return f.numbers },
	"referred":    func(f *fields) map[string]bool { return f.rows },
	"chosenRow":   func(f *fields) map[string]bool { return f.rows },
	"chosenRows":  func(f *fields) map[string]bool { return f.rows },
	"unitNamed":   func(f *fields) map[string]bool { return f.rows },
	"param":       func(f *fields) map[string]bool { return f.params },
	"Param":       func(f *fields) map[string]bool { return f.params },
	"FormValue":   func(f *fields) map[string]bool { return f.texts },
	"QueryParam":  func(f *fields) map[string]bool { return f.texts },
	"Get":         func(f *fields) map[string]bool { return f.texts },
}

// lists are the keys of the addresses of lists, which models read.
var lists = []string{"overdue", "idle", "import", "page", "size", "due", "closed", "week", "since", "no", "sort", "unit", "round", "q"}

// sourceOf is this room's code without its tests.
func sourceOf(t *testing.T) map[string]*ast.File {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			if files[name], err = parser.ParseFile(token.NewFileSet(), name, nil, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	return files
}

// fieldsOf are the fields that each function of the room reads, and which functions
// each route names.
func fieldsOf(t *testing.T) (of map[string]*fields, routes map[string][]string) {
	t.Helper()
	of, routes = map[string]*fields{}, map[string][]string{}
	for file, source := range sourceOf(t) {
		for _, d := range source.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			if f.Name.Name == "routes" {
				routes = routesIn(t, f)
			}
			if file == "number.go" {
				continue // which reads what it is told
			}
			if of[f.Name.Name] == nil {
				of[f.Name.Name] = noFields()
			}
			of[f.Name.Name].read(f.Body)
		}
	}
	return of, routes
}

// routesIn are the functions that the lines of the table name.
func routesIn(t *testing.T, table *ast.FuncDecl) map[string][]string {
	t.Helper()
	routes := map[string][]string{}
	ast.Inspect(table, func(n ast.Node) bool {
		line, ok := n.(*ast.CompositeLit)
		if !ok || len(line.Elts) != 4 || line.Type != nil {
			return true
		}
		name := literal(line.Elts[0]) + " " + literal(line.Elts[1])
		ast.Inspect(line.Elts[3], func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				routes[name] = append(routes[name], id.Name)
			}
			return true
		})
		return false
	})
	return routes
}

func literal(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok {
		return ""
	}
	s, _ := strconv.Unquote(l.Value)
	return s
}

func (f *fields) read(body ast.Node) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			f.calls[n.Name] = true
		case *ast.IndexExpr: // form["item"]
			if name := literal(n.Index); name != "" {
				f.texts[name] = true
			}
		case *ast.CallExpr:
			name := called(n)
			switch name {
			case "seenVersion":
				f.rows["version"] = true
			case "ParseFilter":
				for _, key := range lists {
					f.texts[key] = true
				}
			case "reference", "pageOf": // of what is read within
				ast.Inspect(n, func(within ast.Node) bool {
					if call, ok := within.(*ast.CallExpr); ok && len(call.Args) == 1 && literal(call.Args[0]) != "" {
						f.rows[literal(call.Args[0])] = true
					}
					return true
				})
			}
			if into := fieldReaders[name]; into != nil && len(n.Args) > 0 {
				if field := literal(n.Args[len(n.Args)-1]); field != "" {
					into(f)[field] = true
				}
			}
		}
		return true
	})
}

func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// reached is all that these functions read, each with what it calls.
func reached(of map[string]*fields, names []string) *fields {
	all, seen := noFields(), map[string]bool{}
	for len(names) > 0 {
		name := names[0]
		names = names[1:]
		if f := of[name]; f != nil && !seen[name] {
			seen[name] = true
			maps.Copy(all.numbers, f.numbers)
			maps.Copy(all.rows, f.rows)
			maps.Copy(all.params, f.params)
			maps.Copy(all.texts, f.texts)
			names = append(names, slices.Collect(maps.Keys(f.calls))...)
		}
	}
	return all
}

// Numbers are read in one place, so that no form takes what it cannot read for a 0.
func TestNumbersAreReadInOnePlace(t *testing.T) {
	for file, source := range sourceOf(t) {
		ast.Inspect(source, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || file == "number.go" {
				return true
			}
			if name := called(call); slices.Contains([]string{"Atoi", "ParseInt", "ParseUint", "ParseFloat", "Sscan", "Sscanf", "Sscanln"}, name) {
				t.Errorf("%s reads a number with %s: number.go does", file, name)
			}
			return true
		})
	}
}

func TestAWholeNumberIsReadAsPeopleTypeIt(t *testing.T) {
	for typed, want := range map[string]int64{"7": 7, " 7 ": 7, "２０２６": 2026, "\u30007": 7, "-1": -1, "－1": -1, "007": 7, "9223372036854775807": 1<<63 - 1} {
		if n, ok := wholeNumber(typed); !ok || n != want {
			t.Errorf("%q is %d, %v; want %d", typed, n, ok, want)
		}
	}
	for _, typed := range []string{"", " ", "x", "1.5", "1e3", "0x10", "1 2", "一", "9223372036854775808", "99999999999999999999"} {
		if n, ok := wholeNumber(typed); ok {
			t.Errorf("%q is %d", typed, n)
		}
	}
}

// soundForm is a form that is right but for the field that a test spoils, and by whom it
// is sent.
type soundForm struct {
	by   func(s *site) models.User
	path string // where the route's own parameters are other than those of named
	form []string
}

// soundForms are those of each route that reads a number or a reference beside the
// version of its page.
func (s *site) soundForms(item models.Item, measure int64) map[string]soundForm {
	office := func(s *site) models.User { return s.Office }
	admin := func(s *site) models.User { return s.Admin }
	head := func(s *site) models.User { return s.Hai }
	unit := fmt.Sprint(s.Unit.ID)
	account := []string{"full_name", "张三", "name", "zhangsan", "role", "handler", "password", "Long-Enough-2026", "unit", unit}
	robot := []string{"name", "办公群", "maker", "wecom", "address", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", "unit", unit}
	return map[string]soundForm{
		"POST /items":                    {by: office, form: []string{"unit", s.Unit.Code, "tier", string(models.PostFeedback), "round", s.Round.Code, "problem", "档案不全"}},
		"POST /items/:item/assignment":   {by: head, form: []string{"leader", fmt.Sprint(s.Leng.ID), "handler", fmt.Sprint(s.Wu.ID), "assistants", fmt.Sprint(s.Hai.ID)}},
		"POST /items/:item/evidence":     {by: head, form: []string{"doc_no", "发〔2026〕1号", "measure", fmt.Sprint(measure)}},
		"POST /items/:item/achievements": {by: head, form: []string{"kind", "people", "n", "3", "basis", "处分决定"}},
		"POST /import":                   {by: office, form: []string{"tier", string(models.PostFeedback), "round", s.Round.Code, "unit", s.Unit.Code, "year", "2026"}},
		"POST /import/:import/of":        {by: office, path: "/import/1/of", form: []string{"tier", string(models.PostFeedback), "unit", s.Unit.Code, "year", "2026"}},
		"POST /notices":                  {by: func(s *site) models.User { return s.Wu }},
		"POST /webhooks":                 {by: admin, form: robot},
		"POST /webhooks/:webhook":        {by: admin, path: "/webhooks/1", form: append([]string{"name", "另一个群"}, robot[2:]...)},
		"POST /users":                    {by: admin, form: account},
		"POST /users/:user":              {by: admin, form: append([]string{"full_name", "沈", "name", "shen"}, "role", "handler", "unit", fmt.Sprint(s.Other.ID))},
		"POST /users/:user/scopes":       {by: office, path: fmt.Sprintf("/users/%d/scopes", s.Supervisor.ID), form: []string{"unit", unit, "category", "选人用人"}},
		"POST /units":                    {by: admin, form: []string{"name", "教育局", "code", "jyj", "seq", "7"}},
		"POST /units/:unit":              {by: admin, form: []string{"name", s.Unit.Name, "code", s.Unit.Code, "seq", "7"}},
		"POST /units/:unit/handovers":    {by: office, form: []string{"from", fmt.Sprint(s.Wu.ID), "to", fmt.Sprint(s.Leng.ID), "why", "轮岗"}},
		"POST /rounds":                   {by: office, form: []string{"name", "第二轮", "code", "2026-2", "year", "2026"}},
		"POST /rounds/:round":            {by: office, form: []string{"name", s.Round.Name, "code", s.Round.Code, "year", "2026"}},
		"POST /rounds/:round/units":      {by: office, form: []string{"unit", s.Unit.Code, "feedback_on", "2026-01-27"}},
	}
}

// with is a form with one field in place of its own.
func with(form []string, field, value string) []string {
	form = slices.Clone(form)
	for n := 0; n+1 < len(form); n += 2 {
		if form[n] == field {
			form[n+1] = value
			return form
		}
	}
	return append(form, field, value)
}

// quietRoutes end a session, or have nothing to do with numbers and much with passwords.
var quietRoutes = []string{"/sign-in", "/sign-out", "/setup", "/me/password", "/notices/live", "/jobs/:job/runs"}

// numbered is a register for these tests: an item with all that hangs on one.
func (s *site) numbered(t *testing.T) (models.Item, int64) {
	t.Helper()
	item := s.shown(s.Wu, s.Registered("2026-03-20"))
	if _, err := s.As(s.Wu).AskExtension(item, "2026-04-20", "须公示"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.As(s.Supervisor).Close(s.Submitted("2026-03-20"), "属实"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.As(s.Office).Draw(); err != nil {
		t.Fatal(err)
	}
	s.letter(t, s.Registered("2026-03-20"))
	if _, err := s.As(s.Admin).SaveWebhook(models.Webhook{Name: "督办群", Maker: models.WeCom, Address: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=2"}, models.WebhookHosts{}); err != nil {
		t.Fatal(err)
	}
	ledger := "序号,反馈问题,整改措施,整改时限\n1,差旅费超标准报销,核查,2026年10月底前\n"
	i, err := s.As(s.Office).StartImport(models.Import{FileName: "台账.csv", RoundID: s.Round.ID, UnitID: &s.Unit.ID, Tier: models.PostFeedback, Year: 2026}, []byte(ledger))
	if err != nil || i.ID != 1 {
		t.Fatal(i.ID, err)
	}
	return s.find(item.Number), s.measureOf(item)
}

// comers are visitors of each kind, each with the token of a page.
func (s *site) comers() map[models.Role]*visitor {
	all := map[models.Role]*visitor{}
	for _, u := range []models.User{s.Wu, s.Hai, s.Supervisor, s.Office, s.Admin} {
		all[u.Role] = s.as(u)
		all[u.Role].get("/me")
	}
	return all
}

// Whatever stands in the place of a number or a reference, in an address or a form that
// is right but for it, the answer is no fault of ours, and nothing is stored; and each of
// these forms is taken when it stands as it should.
func TestNoNumberIsTakenForAnother(t *testing.T) {
	of, named := fieldsOf(t)
	eachSite(t, func(t *testing.T, s *site) {
		item, measure := s.numbered(t)
		comers, sound, rows := s.comers(), s.soundForms(item, measure), s.Rows()
		newest := s.unread(s.Wu)
		sound["POST /notices"] = soundForm{by: sound["POST /notices"].by, form: []string{"up_to", fmt.Sprint(newest[len(newest)-1].ID)}}
		was := rows.Now()
		unstored := func(what string) {
			t.Helper()
			for _, line := range rows.Since(was) {
				t.Errorf("%s: %.300s", what, line)
				was = rows.Now()
			}
		}
		for _, r := range s.server.routes() {
			name, has := routeName(r), reached(of, named[routeName(r)])
			if slices.Contains(quietRoutes, r.path) || r.method != http.MethodPost {
				continue
			}
			form := sound[name]
			var v *visitor
			for _, u := range []models.User{s.Hai, s.Supervisor, s.Office, s.Admin} {
				if v == nil && r.who(u) {
					v = comers[u.Role]
				}
			}
			if form.by != nil {
				v = comers[form.by(s).Role]
			}
			if v == nil {
				continue // the auditor's: no number but in its address
			}
			version := fmt.Sprint(s.find(item.Number).Version)
			for _, field := range slices.Concat(slices.Sorted(maps.Keys(has.numbers)), slices.Sorted(maps.Keys(has.rows))) {
				if field == "page" { // where to go back to
					continue
				}
				if field == "version" && (name == "POST /items/:item/evidence" || name == "POST /items/:item/achievements") { // put beside the rest
					continue
				}
				if field != "version" && form.by == nil {
					t.Errorf("%s reads %s: say among the sound forms what it is sent", name, field)
					continue
				}
				values := hostile
				if has.rows[field] {
					values = append(slices.Clone(values), noRow)
				}
				for _, value := range values {
					path := s.named(t, r.path, item, measure)
					if form.path != "" {
						path = form.path
					}
					a := v.sendForm(name, path, with(with(form.form, "version", version), field, value))
					if a.status >= 500 || a.status < 400 && field != "up_to" {
						t.Errorf("%s with %s=%s: %d %s\n%.300s", name, field, value, a.status, a.goesTo(), a.words())
					}
					if has.numbers[field] && (a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="`+value+`"`) && name != "POST /import") {
						t.Errorf("%s with %s=%s is answered without it: %d\n%s", name, field, value, a.status, a.words())
					}
				}
				unstored(name + " with " + field)
			}
		}
		for _, r := range s.server.routes() {
			for _, param := range params(r.path) {
				for role, v := range comers {
					if slices.Contains(quietRoutes, r.path) || !r.who(models.User{Role: role}) || r.method == http.MethodGet && role != models.Office {
						continue
					}
					for _, value := range append(slices.Clone(hostile), noRow) {
						path := s.named(t, strings.Replace(r.path, param, value, 1), item, measure)
						a := v.send(r.method, path, []string{"version", fmt.Sprint(item.Version), "words", "理由"})
						if a.status >= 500 || a.status < 400 && r.path != "/digests/:week/deliveries" {
							t.Errorf("%s %s as %s: %d %s", r.method, path, role, a.status, a.goesTo())
						}
					}
				}
				unstored(routeName(r) + " with " + param)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(sound)) {
			method, path, _ := strings.Cut(name, " ")
			path = s.named(t, path, item, measure)
			if sound[name].path != "" {
				path = sound[name].path
			}
			a := comers[sound[name].by(s).Role].sendForm(method+" "+path, path, with(sound[name].form, "version", fmt.Sprint(s.find(item.Number).Version)))
			if a.status >= 400 {
				t.Errorf("%s as it should be: %d\n%s", name, a.status, a.words())
			}
		}
	})
}

// sendForm posts a form, with a file where the route takes one.
func (v *visitor) sendForm(name, path string, form []string) *answer {
	v.t.Helper()
	if strings.HasSuffix(name, " /import") {
		return v.upload(path, "file", "台账.csv", []byte("序号,问题,整改措施,整改时限\n1,拨付慢,修订流程,2026-05-01\n"), form...)
	}
	return v.post(path, form...)
}

// params are the parameters of a route's path.
func params(path string) (all []string) {
	for _, part := range strings.Split(path, "/") {
		if strings.HasPrefix(part, ":") {
			all = append(all, part)
		}
	}
	return all
}

// Nor does any other field break a page, whatever number stands in it.
func TestNumbersInAnyFieldBreakNothing(t *testing.T) {
	of, named := fieldsOf(t)
	eachSite(t, func(t *testing.T, s *site) {
		item, measure := s.numbered(t)
		comers, sound := s.comers(), s.soundForms(item, measure)
		asked := 0
		for _, r := range s.server.routes() {
			name, has := routeName(r), reached(of, named[routeName(r)])
			if slices.Contains(quietRoutes, r.path) {
				continue
			}
			for _, role := range []models.Role{models.Head, models.Supervisor, models.Office, models.SysAdmin} {
				if !r.who(models.User{Role: role}) {
					continue
				}
				v, path := comers[role], s.named(t, r.path, item, measure)
				fields := slices.Concat(slices.Sorted(maps.Keys(has.texts)), slices.Sorted(maps.Keys(has.rows)))
				for _, value := range []string{"-1", "2147483648", "9223372036854775807", "99999999999999999999"} {
					if r.method == http.MethodGet { // whose fields are read each for itself
						query := url.Values{}
						for _, field := range fields {
							query.Set(field, value)
						}
						asked += len(fields)
						if a := v.get(path + "?" + query.Encode()); a.status >= 500 {
							t.Errorf("%s as %s with %s: %d\n%.300s", name, role, query.Encode(), a.status, a.words())
						}
						continue
					}
					for _, field := range fields {
						if slices.Contains(lists, field) && !slices.Contains(sound[name].form, field) {
							continue // of the list to go back to
						}
						asked++
						form := with(with(sound[name].form, "version", fmt.Sprint(s.find(item.Number).Version)), field, value)
						if a := v.sendForm(name, path, form); a.status >= 500 {
							t.Errorf("%s as %s with %s=%s: %d\n%.300s", name, role, field, value, a.status, a.words())
						}
					}
				}
				break
			}
		}
		if asked < 500 {
			t.Errorf("only %d were asked", asked)
		}
	})
}
