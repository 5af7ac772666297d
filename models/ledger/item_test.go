package ledger

import (
	"bytes"
	"context"
	"duban/models/day"
	"duban/models/deadline"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
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
			in := Context{
				Terms: terms,
				Unit:  want.Context["unit"], Tier: deadline.Tier(want.Context["tier"]), Year: year,
				FeedbackOn: day.Day(want.Context["feedback_on"]), NoticeOn: day.Day(want.Context["notice_on"]),
			}
			file, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			reading, err := Read(context.Background(), bytes.NewReader(file), int64(len(file)), in, DefaultLimits(), day.StateCouncil())
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

// Saved as csv a ledger loses its merged blocks and its dates; what a careful
// reader takes from it stays the same.
func TestTheLedgersSavedAsCSVComeOutTheSame(t *testing.T) {
	files, err := filepath.Glob("testdata/ledgers/*.xlsx")
	if err != nil || len(files) != 3 {
		t.Fatalf("found %v, %v", files, err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		in := Context{Terms: terms, Unit: "新经济局", Tier: deadline.PostFeedback, FeedbackOn: "2024-06-20", NoticeOn: "2024-04-22"}
		var saved bytes.Buffer
		w := csv.NewWriter(simplifiedchinese.GB18030.NewEncoder().Writer(&saved))
		_, err = readPackage(context.Background(), bytes.NewReader(content), int64(len(content)), newLedgerBudget(DefaultLimits()), func(s *ledgerSheet) error {
			for _, row := range s.rows {
				record := make([]string, 9)
				for _, c := range row.cells {
					record[c.col] = c.text
				}
				if err := w.Write(record); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.Flush()
		want, got := mustRead(t, content, in), mustRead(t, saved.Bytes(), in)
		if got.Charset != charsetGB {
			t.Errorf("%s was read as %s", name, got.Charset)
		}
		if w, g := told(want), told(got); w != g {
			t.Errorf("%s: as csv it is\n%s\nas a workbook\n%s", name, g, w)
		}
		for i := range got.Items {
			for m, measure := range got.Items[i].Measures {
				w, g := want.Items[i].Measures[m].Deadline, measure.Deadline
				if w.DueOn != g.DueOn || w.Ask != g.Ask || w.Standing != g.Standing {
					t.Errorf("%s: %s is %+v, as a workbook %+v", name, g.Phrase, g, w)
				}
			}
		}
		for i, c := range got.Tables[0].Columns {
			if w := want.Tables[0].Columns[i]; w.Heading != c.Heading || w.Field != c.Field {
				t.Errorf("%s: column %s is %s %s, as a workbook %s %s", name, c.Letter, c.Heading, c.Field, w.Heading, w.Field)
			}
		}
	}
}
