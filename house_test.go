package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// The house has one direction: what is on the left may use what is on the right,
// and nothing else of ours.
var mayUse = map[string][]string{
	".":                 {"app", "jobs", "models", "models/day", "models/deadline", "models/headway", "models/ledger", "models/likeness", "models/match", "models/signal", "models/trail", "models/host", "models/vault", "models/document", "views", "views/text"},
	"app":               {"models", "models/day", "models/deadline", "models/document", "models/hanzi", "models/headway", "models/ledger", "models/signal", "models/trail", "views", "views/text", "static"},
	"jobs":              {"models", "models/day", "models/deadline", "views", "views/text"},
	"views":             {"models", "models/day", "models/deadline", "models/document", "models/headway", "models/ledger", "models/likeness", "models/match", "models/signal", "models/trail", "views/text", "static"},
	"views/text":        {},
	"models":            {"models/host", "models/day", "models/deadline", "models/document", "models/hanzi", "models/headway", "models/ledger", "models/match", "models/password", "models/signal", "models/trail"},
	"models/day":        {},
	"models/document":   {"models/ledger"},
	"models/password":   {},
	"models/hanzi":      {},
	"models/headway":    {},
	"models/deadline":   {"models/day", "models/hanzi"},
	"models/ledger":     {"models/day", "models/deadline", "models/hanzi", "models/headway"},
	"models/match":      {"models/hanzi"},
	"models/likeness":   {"models/hanzi"},
	"models/signal":     {"models/day", "models/deadline", "models/likeness"},
	"models/trail":      {},
	"models/modelstest": {"models", "models/host", "models/password", "models/day", "models/deadline", "models/vault"},
	"models/host":       {},
	"models/vault":      {"models", "models/host"},
	"static":            {},
	"packaging":         {},
}

// And each of these comes into the house by these rooms only.
var onlyIn = map[string][]string{
	"github.com/labstack/echo":    {"app"},
	"github.com/alexedwards/scs":  {"app"},
	"github.com/robfig/cron":      {"jobs"},
	"github.com/wneessen/go-mail": {"jobs"},
	"gorm.io/":                    {"models"},
	"github.com/arran4/":          {"views"},
	"github.com/minio/":           {"models/vault"},
	"net/http":                    {"app", "jobs", "."},
	"os/signal":                   {"."},
}

// files is every Go file of the house with its room, tests and generated code
// apart.
func files(t *testing.T, each func(room, name string, file *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != "." || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		each(path.Dir(filepath.ToSlash(name)), filepath.ToSlash(name), file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheHouseHasOneDirection(t *testing.T) {
	files(t, func(room, name string, file *ast.File) {
		if strings.HasSuffix(name, "_test.go") {
			return
		}
		allowed, known := mayUse[room]
		if !known {
			t.Errorf("%s: %s is no room of the house", name, room)
		}
		for _, spec := range file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			if ours, ok := strings.CutPrefix(imported, "duban/"); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s: %s may not use %s", name, room, ours)
			}
			for guest, rooms := range onlyIn {
				if strings.HasPrefix(imported, guest) && !slices.Contains(rooms, room) {
					t.Errorf("%s: %s belongs in %s", name, imported, strings.Join(rooms, " or "))
				}
			}
		}
	})
}

// namesOf are the names that a declaration declares.
func namesOf(decl *ast.GenDecl) (names []string) {
	for _, spec := range decl.Specs {
		if v, ok := spec.(*ast.ValueSpec); ok {
			for _, n := range v.Names {
				names = append(names, n.Name)
			}
		}
	}
	return names
}

// leaves are the rooms of models that know no item: values in, values out.
var leaves = []string{"models/day", "models/deadline", "models/document", "models/hanzi", "models/headway", "models/ledger", "models/password", "models/trail"}

// A leaf shows of itself what another room names, and the types that those are made
// of; all else is its own affair.
func TestALeafShowsWhatAnotherRoomNeeds(t *testing.T) {
	named := map[string]bool{}                // leaf.Name, as other rooms write it
	shown := map[string]map[string]ast.Node{} // leaf, name → what it is
	within := map[string][]ast.Node{}         // leaf.Type → its methods' signatures
	groups := map[string][]string{}           // leaf.Constant → all that are declared with it
	files(t, func(room, name string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok {
					named[x.Name+"."+sel.Sel.Name] = true
				}
			}
			return true
		})
		if !slices.Contains(leaves, room) || strings.HasSuffix(name, "_test.go") {
			return
		}
		leaf := path.Base(room)
		if shown[leaf] == nil {
			shown[leaf] = map[string]ast.Node{}
		}
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil {
					shown[leaf][decl.Name.Name] = decl.Type
					continue
				}
				receiver := decl.Recv.List[0].Type
				if star, ok := receiver.(*ast.StarExpr); ok {
					receiver = star.X
				}
				if of, ok := receiver.(*ast.Ident); ok && decl.Name.IsExported() {
					within[leaf+"."+of.Name] = append(within[leaf+"."+of.Name], decl.Type)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						shown[leaf][spec.Name.Name] = spec.Type
					case *ast.ValueSpec:
						for _, n := range spec.Names {
							shown[leaf][n.Name] = spec.Type
							if decl.Tok == token.CONST {
								groups[leaf+"."+n.Name] = namesOf(decl)
							}
						}
					}
				}
			}
		}
	})
	for leaf, names := range shown {
		var need func(name string)
		needed := map[string]bool{}
		need = func(name string) {
			what, ours := names[name]
			if !ours || needed[name] {
				return
			}
			needed[name] = true
			for _, part := range append([]ast.Node{what}, within[leaf+"."+name]...) {
				if expr, ok := part.(ast.Expr); part == nil || ok && expr == nil {
					continue
				}
				ast.Inspect(part, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						need(id.Name)
					}
					return true
				})
			}
		}
		for name := range names {
			if named[leaf+"."+name] {
				need(name)
			}
		}
		for name := range names {
			together := groups[leaf+"."+name] // the words of one list are shown together
			if ast.IsExported(name) && !needed[name] && !slices.ContainsFunc(together, func(n string) bool { return needed[n] }) {
				t.Errorf("%s.%s is shown, and no other room needs it", leaf, name)
			}
		}
	}
}

// What the program reads of its surroundings it reads in one place.
func TestOnlySettingsReadTheEnvironment(t *testing.T) {
	files(t, func(room, name string, file *ast.File) {
		if strings.HasSuffix(name, "_test.go") || room == "models/modelstest" || room == "packaging" || name == "settings.go" || name == "main.go" {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "os" && (strings.HasPrefix(sel.Sel.Name, "Getenv") || sel.Sel.Name == "LookupEnv" || sel.Sel.Name == "Environ") {
					t.Errorf("%s: the environment is read in settings.go", name)
				}
			}
			return true
		})
	})
}

// chineseTables are the files whose very content is Chinese: what offices write,
// and the demonstration. All other sentences live in views/text.
var chineseTables = []string{"models/deadline/", "models/ledger/", "models/likeness/", "models/match/", "models/signal/", "models/day/", "models/hanzi/", "models/demo", "models/rule_preset", "models/modelstest/", "views/paper"}

func TestPeoplesSentencesLiveInViewsText(t *testing.T) {
	files(t, func(_, name string, file *ast.File) {
		if strings.HasSuffix(name, "_test.go") || slices.ContainsFunc(chineseTables, func(p string) bool { return strings.HasPrefix(name, p) }) {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && strings.ContainsFunc(lit.Value, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("%s: %s belongs in views/text", name, lit.Value)
			}
			return true
		})
	})
}

func TestAFileIsAConcept(t *testing.T) {
	files(t, func(_, name string, _ *ast.File) {
		stem := strings.TrimSuffix(strings.TrimSuffix(path.Base(name), ".go"), "_test")
		if slices.Contains([]string{"utils", "util", "helpers", "helper", "common", "types", "misc", "errors_all", "queries"}, stem) {
			t.Errorf("%s: name the concept", name)
		}
	})
}

func TestEveryRoomSaysWhatItIs(t *testing.T) {
	for room := range mayUse {
		if _, err := os.Stat(room); err != nil {
			continue
		}
		said := false
		files(t, func(in, _ string, file *ast.File) {
			said = said || in == room && file.Doc != nil && len(file.Doc.Text()) > 40
		})
		if !said {
			t.Errorf("%s: the package has no opening paragraph", room)
		}
	}
}

// A name of a package is nothing else in any of its functions: a word means one thing on
// one page.
func TestNoLocalNameHidesOneOfThePackage(t *testing.T) {
	named, locals := map[string]map[string]bool{}, map[string]map[string]string{}
	files(t, func(room, name string, file *ast.File) {
		if strings.HasSuffix(name, "_test.go") {
			return
		}
		if named[room] == nil {
			named[room], locals[room] = map[string]bool{}, map[string]string{}
		}
		for _, id := range packageNames(file) {
			named[room][id.Name] = true
		}
		for _, id := range localNames(file) {
			locals[room][id.Name] = name
		}
	})
	for room := range named {
		var found []string
		for name := range named[room] {
			if in, is := locals[room][name]; is && name != "_" && !ast.IsExported(name) {
				found = append(found, name+" (in "+in+")")
			}
		}
		slices.Sort(found)
		if len(found) > 0 {
			t.Errorf("%s: names of the package are hidden by local ones: give those of the package two words: %s", room, strings.Join(found, ", "))
		}
	}
}

// packageNames are the names a file gives to its package, methods apart.
func packageNames(file *ast.File) (names []*ast.Ident) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name != "init" {
				names = append(names, d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name)
				case *ast.ValueSpec:
					names = append(names, spec.Names...)
				}
			}
		}
	}
	return names
}

// localNames are the names given inside the functions of a file: parameters, results
// and variables.
func localNames(file *ast.File) (names []*ast.Ident) {
	fields := func(lists ...*ast.FieldList) {
		for _, list := range lists {
			if list != nil {
				for _, f := range list.List {
					names = append(names, f.Names...)
				}
			}
		}
	}
	given := func(how token.Token, left ...ast.Expr) {
		for _, x := range left {
			if id, ok := x.(*ast.Ident); ok && how == token.DEFINE {
				names = append(names, id)
			}
		}
	}
	inside := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			fields(n.Type.Params, n.Type.Results)
		case *ast.AssignStmt:
			given(n.Tok, n.Lhs...)
		case *ast.RangeStmt:
			given(n.Tok, n.Key, n.Value)
		case *ast.ValueSpec:
			names = append(names, n.Names...)
		case *ast.TypeSpec:
			names = append(names, n.Name)
		}
		return true
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			fields(d.Recv, d.Type.Params, d.Type.Results)
			if d.Body != nil {
				ast.Inspect(d.Body, inside)
			}
		case *ast.GenDecl: // functions that stand in tables
			ast.Inspect(d, func(n ast.Node) bool {
				if lit, ok := n.(*ast.FuncLit); ok {
					ast.Inspect(lit, inside)
					return false
				}
				return true
			})
		}
	}
	return names
}
