package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
)

// A function that is read in one go has no more lines, and no more branches: each if,
// for, case, arm of a select, && and || is one.
const (
	mostLines    = 100
	mostBranches = 40
)

// tooLong are those that were longer when this check was made, with the lines and the
// branches they had. The list may only become shorter: whoever takes one apart strikes
// it out, and none is added.
var tooLong = map[string][2]int{}

func TestNoFunctionIsTooLong(t *testing.T) {
	left := maps.Clone(tooLong)
	files(t, func(_, name string, _ *ast.File) {
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil || onlyATable(f) {
				continue
			}
			lines := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1
			branches := branchesOf(f)
			key := name + " " + functionName(f)
			was, known := left[key]
			delete(left, key)
			switch {
			case known && lines <= mostLines && branches <= mostBranches:
				t.Errorf("%s is short enough now: strike it out of tooLong", key)
			case lines > max(mostLines, was[0]) || branches > max(mostBranches, was[1]):
				t.Errorf("%s has %d lines and %d branches; take it apart, %d and %d are the most", key, lines, branches, mostLines, mostBranches)
			}
		}
	})
	for _, key := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("%s is gone: strike it out of tooLong", key)
	}
}

// branchesOf counts the places where a function may go two ways.
func branchesOf(f *ast.FuncDecl) (n int) {
	ast.Inspect(f.Body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.CommClause:
			n++
		case *ast.CaseClause:
			if node.List != nil { // not default
				n++
			}
		case *ast.BinaryExpr:
			if node.Op == token.LAND || node.Op == token.LOR {
				n++
			}
		}
		return true
	})
	return n
}

// onlyATable says whether all that a function does is give back one literal.
func onlyATable(f *ast.FuncDecl) bool {
	if len(f.Body.List) != 1 {
		return false
	}
	back, ok := f.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(back.Results) != 1 {
		return false
	}
	_, table := back.Results[0].(*ast.CompositeLit)
	return table
}

// functionName is a function's name, with its receiver's type before it.
func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	of := f.Recv.List[0].Type
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	if generic, ok := of.(*ast.IndexExpr); ok {
		of = generic.X
	}
	if named, ok := of.(*ast.Ident); ok {
		return named.Name + "." + f.Name.Name
	}
	return f.Name.Name
}

func TestBranchesAreCounted(t *testing.T) {
	const source = `package x
func (p *T[int]) f(a, b bool) {
	if a && b || a { for range 3 { } }
	for { switch { case a: case b: default: } ; select { case <-c: default: } }
}
func table() []int { return []int{1, 2} }
`
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := file.Decls[0].(*ast.FuncDecl)
	// if, &&, ||, for, for, case, case, both arms of the select
	if n := branchesOf(f); n != 9 || functionName(f) != "T.f" || onlyATable(f) {
		t.Errorf("%s has %d branches", functionName(f), n)
	}
	if !onlyATable(file.Decls[1].(*ast.FuncDecl)) {
		t.Error("a table is taken for a function")
	}
}
