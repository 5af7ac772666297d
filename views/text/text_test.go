package text_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"duban/views/text"
)

func read(t *testing.T, name string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	sentences := map[string]string{}
	if err := json.Unmarshal(content, &sentences); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(sentences); err != nil {
		t.Fatal(err)
	}
	if out.String() != string(content) {
		t.Errorf("%s: keys are not sorted, or one is there twice", name)
	}
	return sentences
}

var verb = regexp.MustCompile(`%[-+#0 .\d\[\]]*[a-zA-Z]`)

// verbsOf are the places in a sentence that take a word; %% takes none.
func verbsOf(sentence string) []string {
	return verb.FindAllString(strings.ReplaceAll(sentence, "%%", ""), -1)
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	zh, en := read(t, "zh.json"), read(t, "en.json")
	for key, sentence := range zh {
		other, ok := en[key]
		if !ok {
			t.Errorf("%s: not in English", key)
			continue
		}
		took, takes := verbsOf(sentence), verbsOf(other)
		if !slices.Equal(took, takes) {
			t.Errorf("%s: Chinese takes %v, English %v", key, took, takes)
		}
		if strings.TrimSpace(sentence) == "" || strings.TrimSpace(other) == "" {
			t.Errorf("%s: says nothing", key)
		}
	}
	for key := range en {
		if _, ok := zh[key]; !ok {
			t.Errorf("%s: not in Chinese", key)
		}
	}
}

// One of a thing is said with the number that several are said with: who writes a sentence
// without it leaves the number over, and the page says so in the middle of its words.
func TestOneIsSaidWithWhatSeveralAreSaidWith(t *testing.T) {
	for _, name := range []string{"zh.json", "en.json"} {
		sentences := read(t, name)
		for key, one := range sentences {
			stem, is := strings.CutSuffix(key, ".one")
			if !is {
				continue
			}
			several, written := sentences[stem]
			if took, takes := verbsOf(one), verbsOf(several); !written || !slices.Equal(took, takes) {
				t.Errorf("%s: %s takes %v, and several take %v", name, key, took, takes)
			}
		}
	}
}

// arguments is how many words a sentence takes: the highest place it names.
func arguments(sentence string) (most int) {
	for n, v := range verbsOf(sentence) {
		at := n + 1
		if _, err := fmt.Sscanf(v, "%%[%d]", &at); err != nil {
			at = n + 1
		}
		most = max(most, at)
	}
	return most
}

// saying is how a call names a sentence: the place of its key, and of the first of its words.
var saying = map[string]struct{ key, words int }{"T": {1, 2}, "Count": {1, 2}, "Add": {1, 2}, "AtLeast": {1, 3}}

// Each place that names a sentence gives it as many words as it takes: what is left over, or
// wanting, is shown to people as %!(EXTRA …). A sentence that takes none may be given some.
func TestEachSentenceGetsTheWordsItTakes(t *testing.T) {
	zh := read(t, "zh.json")
	seen := 0
	check := func(at token.Position, key ast.Expr, words int) {
		name, is := key.(*ast.BasicLit)
		if !is || name.Kind != token.STRING {
			return
		}
		sentence, written := zh[strings.Trim(name.Value, "\"")]
		if !written {
			return
		}
		seen++
		if takes := arguments(sentence); takes != 0 && takes != words {
			t.Errorf("%s: %s takes %d words, and gets %d", at, name.Value, takes, words)
		}
	}
	files := token.NewFileSet()
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				f, is := n.Fun.(*ast.SelectorExpr)
				if how, says := saying[selected(f)]; is && says && len(n.Args) >= how.words && !n.Ellipsis.IsValid() {
					check(files.Position(n.Pos()), n.Args[how.key], len(n.Args)-how.words)
				}
			case *ast.CompositeLit:
				refusedWords(n, func(key ast.Expr, words int) { check(files.Position(n.Pos()), key, words) })
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 1000 {
		t.Errorf("only %d places that name a sentence were found", seen)
	}
}

func selected(f *ast.SelectorExpr) string {
	if f == nil {
		return ""
	}
	return f.Sel.Name
}

// refusedWords tells the key and the number of words of a Refused{Key: …, Args: []any{…}}.
func refusedWords(of *ast.CompositeLit, tell func(key ast.Expr, words int)) {
	var key ast.Expr
	words := 0
	for _, e := range of.Elts {
		pair, is := e.(*ast.KeyValueExpr)
		if !is {
			return
		}
		switch field, _ := pair.Key.(*ast.Ident); {
		case field == nil:
			return
		case field.Name == "Key":
			key = pair.Value
		case field.Name == "Args":
			list, is := pair.Value.(*ast.CompositeLit)
			if !is {
				return
			}
			words = len(list.Elts)
		}
	}
	if key != nil {
		tell(key, words)
	}
}

// built are the beginnings of keys that are made of a code: status.underway.
var built = []string{
	"act.",
	"audit.object.",
	"audit.result.",
	"board.cell.",
	"bulletin.",
	"body.",
	"column.",
	"calendar.doubt.",
	"cell.name.",
	"calendar.month.",
	"deadline.ask.",
	"deadline.assumed.",
	"extension.why.",
	"fact.field.",
	"import.tab.",
	"import.state.",
	"import.step.",
	"edition.",
	"mail.reason.",
	"measure.example.",
	"measure.kind.",
	"mail.state.",
	"mail.kind.",
	"run.",
	"job.",
	"digest.foot.",
	"mail.ordinal.",
	"filter.",
	"ledger.field.",
	"ledger.passed.",
	"audit.row.", "audit.state.",
	"achievement.",
	"letter.",
	"light.",
	"nav.",
	"notice.",
	"overdue.by.",
	"refused.", "trail.", "theme.", "group.",
	"return.reason.",
	"role.",
	"rows.",
	"signal.name.", "signal.means.", "signal.satisfies.", "signal.shown.",
	"rule.",
	"rules.part.",
	"status.",
	"tier.",
	"verify.",
	"weekday.",
	"webhook.maker.", "language.", "feed.kind.",
	"closing.verdict.",
	"signature.turn.",
	"statistics.month.", "filter.kept.", "signal.satisfies.",
	"verdict.",
	"verification.by.",
	"date.set.", "date.propose.", "date.correct.",
	"headway.", "jobs.every.", "import.wait.words.", "search.in.",
}

var named = regexp.MustCompile(`"([a-z][a-zA-Z0-9_.-]+)"`)

func TestEveryKeyNamedIsWrittenAndEveryKeyWrittenIsNamed(t *testing.T) {
	zh := read(t, "zh.json")
	used := map[string]bool{}
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") ||
			!(strings.HasSuffix(name, ".go") || strings.HasSuffix(name, ".templ")) {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		calls := regexp.MustCompile(`text\.(?:T|Count)\(ctx, "([^"]+)"`)
		for _, m := range calls.FindAllStringSubmatch(string(content), -1) {
			if !strings.HasSuffix(m[1], ".") && zh[m[1]] == "" {
				t.Errorf("%s names %s, which nobody wrote", name, m[1])
			}
		}
		for _, m := range named.FindAllStringSubmatch(string(content), -1) {
			used[m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var idle []string
	for key := range zh {
		stem := strings.TrimSuffix(key, ".one")
		advice := strings.TrimSuffix(stem, ".closed") // models/advice.go says which
		if !used[stem] && !used[advice] && !slices.ContainsFunc(built, func(p string) bool { return strings.HasPrefix(key, p) }) {
			idle = append(idle, key)
		}
	}
	sort.Strings(idle)
	for _, key := range idle {
		t.Errorf("%s is written and nobody names it", key)
	}
}

func TestDaysAndNumbersInBothLanguages(t *testing.T) {
	zh, en := text.In(context.Background(), text.Chinese), text.In(context.Background(), text.English)
	tests := map[string]struct{ got, want string }{
		"this year":           {text.Day(zh, "2024-07-08", "2024-01-01"), "07-08"},
		"another year":        {text.Day(zh, "2023-07-08", "2024-01-01"), "2023-07-08"},
		"in English":          {text.Day(en, "2024-07-08", "2024-01-01"), "8 Jul"},
		"another in English":  {text.Day(en, "2023-07-08", "2024-01-01"), "8 Jul 2023"},
		"no day":              {text.Day(zh, "", "2024-01-01"), ""},
		"long":                {text.LongDay(zh, "2024-07-08"), "2024年7月8日，星期一"},
		"long in English":     {text.LongDay(en, "2024-07-08"), "Monday, 8 July 2024"},
		"one":                 {text.Count(en, "items.n", 1), "1 item"},
		"two":                 {text.Count(en, "items.n", 2), "2 items"},
		"a list that was cut": {text.AtLeast(en, "items.n", 200, true), "200+ items"},
		"a whole list":        {text.AtLeast(en, "items.n", 200, false), "200 items"},
		"a share":             {text.Percent(18, 48), "37.5%"},
		"half":                {text.Percent(1, 2), "50%"},
		"of nothing":          {text.Percent(0, 0), "–"},
		"unknown key":         {text.T(zh, "no.such.key"), "no.such.key"},
	}
	for name, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", name, tt.got, tt.want)
		}
	}
}
