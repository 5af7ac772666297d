package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// The three ledgers in offices' layouts come out as a careful reader takes them,
// through the command that people type, without a database.
func TestTheLedgersOfOfficesAreReadAsACarefulReaderWould(t *testing.T) {
	for name, said := range map[string][]string{
		"1-plain":       {"--unit", "新经济局", "--tier", "post-feedback", "--feedback-on", "2024-07-15"},
		"2-merged":      {"--unit", "公园城市建设局", "--tier", "post-feedback", "--feedback-on", "2024-06-20"},
		"3-on-the-spot": {"--unit", "新经济局", "--tier", "on-the-spot", "--notice-on", "2024-04-22"},
	} {
		file, err := filepath.Abs("models/ledger/testdata/ledgers/" + name + ".xlsx")
		if err != nil {
			t.Fatal(err)
		}
		out, said, ok, folder := duban(t, append([]string{"import", file, "--year", "2024", "--dry-run", "--json"}, said...)...)
		if !ok {
			t.Fatalf("%s: %s", name, said)
		}
		expected, err := os.ReadFile("models/ledger/testdata/ledgers/" + name + ".expected.json")
		if err != nil {
			t.Fatal(err)
		}
		var got, want any
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(expected, &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(squeezed(got), squeezed(want)) {
			t.Errorf("%s: read otherwise:\n%s", name, out)
		}
		if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) > 0 {
			t.Errorf("a try left %v", left)
		}
	}
}

// squeezed is a JSON value with the white space of its texts folded.
func squeezed(v any) any {
	switch v := v.(type) {
	case string:
		return strings.Join(strings.Fields(v), " ")
	case []any:
		for n := range v {
			v[n] = squeezed(v[n])
		}
	case map[string]any:
		for k := range v {
			v[k] = squeezed(v[k])
		}
	}
	return v
}

// What can be taken is taken, what cannot is named by row with what to do, and the
// command ends with an error.
func TestImportByCommand(t *testing.T) {
	t.Parallel()
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		r := modelstest.Open(t, database)
		ledger := filepath.Join(t.TempDir(), "台账.csv")
		if err := os.WriteFile(ledger, []byte("序号,问题,整改措施,整改时限\n1,拨付不及时,逐笔拨付,2026年6月底前\n2,记录不完整,补齐,2026年2月30日\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		p := &program{t: t, folder: t.TempDir(), environ: []string{"DUBAN_DATABASE_URL=" + database, "HOME=" + t.TempDir()}}
		out, err := p.command("import", ledger, "--unit", "经济发展局", "--tier", "fk")
		if err == nil || !strings.Contains(out, "新增 1 项") || !strings.Contains(out, "第 3 行") {
			t.Errorf("%v\n%s", err, out)
		}
		item, err := r.As(r.Wu).Item("FK-2026-001")
		if err != nil || item.DueOn != "2026-06-30" {
			t.Errorf("%+v %v", item, err)
		}
		if n, _ := r.As(r.Office).Count(models.Filter{}); n != 1 {
			t.Errorf("%d items", n)
		}
		if out, err := p.command("import", ledger, "--unit", "经济发局", "--tier", "fk"); err == nil || !strings.Contains(out, "经济发展局") {
			t.Errorf("an unknown unit: %v\n%s", err, out)
		}
		if out, err := p.command("import", "serve_test.go", "--unit", "jfj", "--tier", "fk"); err == nil {
			t.Errorf("no ledger is taken in: %s", out)
		}
	})
}
