package views

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"duban/models"
)

// Every act that stands on an item's timeline is in the table of what is shown of it, or
// on the list of those that have only their name; none is on both.
func TestEveryActSaysWhatTheTimelineShows(t *testing.T) {
	seen := 0
	for _, file := range []string{"lifecycle", "achievement", "letter", "evidence_file", "urging"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), "../models/"+file+".go", nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if of, ok := spec.Type.(*ast.Ident); !ok || of.Name != "Act" || len(spec.Values) != 1 {
				return true
			}
			word, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			act := models.Act(word)
			_, shown := shownOf[act]
			if plain := slices.Contains(plainActs, act); shown == plain {
				t.Errorf("%s: in the table %v, by its name alone %v", act, shown, plain)
			}
			seen++
			return true
		})
	}
	if seen < len(shownOf) {
		t.Errorf("%d acts were seen, and %d are in the table", seen, len(shownOf))
	}
}
