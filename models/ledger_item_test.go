package models

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// expectedLedger is what a careful reader takes from a file, as the files beside
// the workbooks write it.
type expectedLedger struct {
	Context map[string]string `json:"context"`
	Items   []map[string]any  `json:"items"`
}

// folded folds the white space of every text in a value out of JSON.
func folded(v any) any {
	switch v := v.(type) {
	case string:
		return strings.Join(strings.Fields(v), " ")
	case []any:
		for i := range v {
			v[i] = folded(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = folded(v[k])
		}
	}
	return v
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestTheThreeLedgersComeOutAsACarefulReaderTakesThem(t *testing.T) {
	files, err := filepath.Glob("testdata/ledgers/*.xlsx")
	if err != nil || len(files) != 3 {
		t.Fatalf("found %v, %v", files, err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			content, err := os.ReadFile(strings.TrimSuffix(name, ".xlsx") + ".expected.json")
			if err != nil {
				t.Fatal(err)
			}
			var want, got expectedLedger
			if err := json.Unmarshal(content, &want); err != nil {
				t.Fatal(err)
			}
			year, _ := strconv.Atoi(want.Context["year"])
			in := LedgerContext{
				Unit: want.Context["unit"], Tier: Tier(want.Context["tier"]), Year: year,
				FeedbackOn: Day(want.Context["feedback_on"]), NoticeOn: Day(want.Context["notice_on"]),
			}
			file, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			reading, err := ReadLedger(context.Background(), bytes.NewReader(file), int64(len(file)), in, DefaultLedgerLimits(), StateCouncil())
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(asJSON(t, reading)), &got); err != nil {
				t.Fatal(err)
			}
			if w, g := asJSON(t, want.Context), asJSON(t, got.Context); w != g {
				t.Errorf("the context is\n%s\nwant\n%s", g, w)
			}
			if len(got.Items) != len(want.Items) {
				t.Errorf("%d items, want %d", len(got.Items), len(want.Items))
			}
			for i := range min(len(got.Items), len(want.Items)) {
				if w, g := asJSON(t, folded(want.Items[i])), asJSON(t, folded(got.Items[i])); w != g {
					t.Errorf("item %d is\n%s\nwant\n%s", i+1, g, w)
				}
			}
			if n := reading.Counts(); n.Refused != 0 || n.Rows != n.Taken+n.Passed {
				t.Errorf("counts are %+v", n)
			}
		})
	}
}
