package trail

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// Whatever is handed in as a head, what is signed of seals, a proof or an export comes
// from somebody else. It is read or refused; and nothing is taken that the key at hand
// did not sign.

func FuzzFindCheckpoints(f *testing.F) {
	k := newKey(f)
	keys := must(Verifiers(k.Verifier()))
	c := must(k.SignHead(12, tlog.RecordHash(nil).String(), 3, moment))
	f.Add(c.Note)
	f.Add("> " + strings.ReplaceAll(c.Note, "\n", "\r\n> "))
	f.Add("duban-1\n1\nx\n\n\n— duban-1 \n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, found := range FindCheckpoints(text) {
			if again := FindCheckpoints(found.Note); len(again) != 1 || again[0] != found {
				t.Errorf("%+v is read again as %+v", found, again)
			}
			if found.Open(keys) == nil && found != c {
				t.Errorf("taken, and was not signed: %+v", found)
			}
		}
	})
}

func FuzzOpenSeals(f *testing.F) {
	k := newKey(f)
	keys := must(Verifiers(k.Verifier()))
	s := must(k.SignSeals(Seals{After: 3, Event: 5, Root: tlog.RecordHash(nil).String(), At: moment}))
	f.Add(s.Note)
	f.Add(must(k.SignHead(3, s.Root, 3, moment)).Note)
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := OpenSeals(text, keys); err == nil && (got.After != s.After || got.Event != s.Event || got.Root != s.Root) {
			t.Errorf("taken, and was not signed: %+v", got)
		}
	})
}

func FuzzCheckProof(f *testing.F) {
	k := newKey(f)
	event, growing := proofs(f, k)
	f.Add(must(json.Marshal(event)))
	f.Add(must(json.Marshal(growing)))
	f.Fuzz(func(t *testing.T, content []byte) {
		p, head, err := CheckProof(content, k.Verifier())
		if err != nil {
			return
		}
		if head.Size != 20 && head.Size != 7 || p.Kind == ProofOfEvent && (p.Record != event.Record || p.Place != event.Place) {
			t.Errorf("it holds: %+v of %+v", p, head)
		}
	})
}

func FuzzCheckExport(f *testing.F) {
	k := newKey(f)
	var out bytes.Buffer
	e := NewExport(&out)
	if err := e.Add(ExportLine{1, 1, Leaf([]byte("{}")), "{}"}); err != nil {
		f.Fatal(err)
	}
	if err := e.Sign(k, 0, moment); err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Fuzz(func(t *testing.T, content []byte) {
		if n, err := CheckExport(content, k.Verifier()); err == nil && n != 1 {
			t.Errorf("%d events in %q", n, content)
		}
	})
}

func FuzzOpenKey(f *testing.F) {
	f.Add(must(NewKey()))
	f.Add("PRIVATE+KEY+duban-0a+00000000+AA==")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := OpenKey(text)
		if err != nil {
			return
		}
		if _, err := Verifiers(k.Verifier()); err != nil || !k.Sealed("x", k.Seal("x")) {
			t.Errorf("%q opens and cannot be used: %v", text, err)
		}
	})
}

// What is read of a record quickly is what is read of it as of any JSON.
func FuzzReadRecord(f *testing.F) {
	for _, text := range []string{
		`{"v":2,"at":"2026-03-02T09:00:00+08:00","person":{"id":1,"name":"wu","full":"吴","role":"handler","unit":3},"origin":{"address":"::1","session":"s","request":"R"},"act":"report","result":"done","object":"FK-2026-001","item":5,"from":"underway","to":"underway","particulars":{"progress":"7"},"changed":{"a":["","b"],"b":["x",""]},"rows":{"progress 7":"h"},"prev":"p","once":"o"}`,
		`{"v":1,"at":"","person":{"id":0,"name":""},"act":"x","result":"done"}`,
		`{"v":2,"at":"","person":{"id":0,"name":"","role":""},"act":"x","result":"done","changed":{"a":["",""],"a":["b","c"]}}`,
		`{"v":2,"at":"\u0041","person":{"id":0,"name":"","role":""},"act":"x","result":"done","particulars":{"a":"b"}}`,
		`{"v":-0,"at":"","person":{"id":01,"name":"","role":""},"act":"x","result":"done"}`, "", "{}", "null",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quick, ok := readCanonical(text)
		if !ok {
			return
		}
		slow, err := readJSON(text)
		if err != nil || !reflect.DeepEqual(quick, slow) {
			t.Errorf("%q: %+v, and as JSON %+v, %v", text, quick, slow, err)
		}
	})
}
