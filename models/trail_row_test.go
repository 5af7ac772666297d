package models_test

import (
	"encoding/json"
	"testing"

	"duban/models"
	"duban/views/text"
)

// The hash of a row is that of its columns as JSON has them: what is written quickly is
// the same to the byte, or old registers would not verify any more.
func FuzzARowsTextIsWrittenAsJSON(f *testing.F) {
	for _, text := range []string{"", "已拨付 31 笔", `a"b\\c`, "<b>&", "x\u2028y\u2029z", "—…", "\x00\x7f\t\n", "\xff\xe2\x80", "\xe2\x80\xa8"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if is, want := models.Quoted(text), string(must(json.Marshal(text))); is != want {
			t.Errorf("%q: %s, not %s", text, is, want)
		}
	})
}

// A record is what JSON makes of it, to the byte: whoever takes one apart with another
// program and puts it together again gets the same hash.
func TestARecordIsWrittenAsJSON(t *testing.T) {
	full := models.Record{
		Version: 2, At: "2026-01-26T09:00:00+08:00", Person: models.RecordPerson{ID: 7, Name: "wu", Full: "吴某", Role: models.Handler, Unit: 3},
		Origin: &models.Origin{Address: "::1", Session: "s", Request: "r"}, Act: models.RegisterItem, Result: "done", Object: "FK-2026-001", Item: 9,
		From: models.Registered, To: models.Underway, Particulars: models.Particulars{"b": "<&>", "a": "一\u2028二"},
		Changed: map[string][2]string{"title": {"", "\"引号\""}, "due_on": {"2026-01-01", ""}}, Rows: map[string]string{"measures 2": "x", "measures 1": ""},
		Prev: "p", Once: "o",
	}
	bare := models.Record{Person: models.RecordPerson{}}
	part := full
	part.Origin = &models.Origin{Request: "only"}
	none := full
	none.Origin, none.Particulars, none.Rows = &models.Origin{}, models.Particulars{}, map[string]string{}
	for _, r := range []models.Record{full, bare, part, none} {
		if is, want := string(models.RecordBytes(r)), string(must(json.Marshal(r))); is != want {
			t.Errorf("%s\nwant %s", is, want)
		}
	}
}

// Nobody who reads the trail meets the name of a table, a column or an act.
func TestWhateverTheTrailTellsOfHasAName(t *testing.T) {
	for table, columns := range models.TrailedColumns() {
		if !text.Has("audit.row." + table) {
			t.Errorf("rows of %s have no name", table)
		}
		for _, column := range columns {
			if !text.Has("column." + column) {
				t.Errorf("%s of %s has no name", column, table)
			}
		}
	}
	for _, a := range models.AuditActs() {
		if !text.Has("act." + string(a)) {
			t.Errorf("%s has no name", a)
		}
	}
}
