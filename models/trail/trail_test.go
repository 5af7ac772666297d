package trail

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

var moment = time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("", 8*3600))

// grown is a tree in memory of so many records, as a register would store it.
type grown struct {
	records []string
	hashes  []tlog.Hash // by their place in storage
}

func (g *grown) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var all []tlog.Hash
	for _, n := range indexes {
		all = append(all, g.hashes[n])
	}
	return all, nil
}

func growth(t testing.TB, events int) *grown {
	t.Helper()
	g := &grown{}
	for n := range events {
		record := fmt.Sprintf(`{"v":2,"act":"report","item":%d}`, n)
		hashes, err := tlog.StoredHashes(int64(n), []byte(record), g)
		if err != nil {
			t.Fatal(err)
		}
		g.records, g.hashes = append(g.records, record), append(g.hashes, hashes...)
	}
	return g
}

func newKey(t testing.TB) *Key {
	t.Helper()
	text, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	k, err := OpenKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestAFrontierHasTheRootOfTheTree(t *testing.T) {
	const events = 300
	g := growth(t, events)
	var f Frontier
	for n := range events {
		if want := (must(tlog.TreeHash(int64(n), g))); n > 0 && f.Root() != want {
			t.Fatalf("of %d: %v, not %v", n, f.Root(), want)
		}
		f.Add(tlog.RecordHash([]byte(g.records[n])))
		begun := must(FrontierOf(int64(n), g))
		for _, record := range g.records[n:min(n+3, events)] {
			begun.Add(tlog.RecordHash([]byte(record)))
		}
		if want := must(tlog.TreeHash(int64(min(n+3, events)), g)); begun.Root() != want || begun.Size() != int64(min(n+3, events)) {
			t.Fatalf("from %d on: %v, not %v", n, begun.Root(), want)
		}
	}
}

func TestASealIsTheKeysAndTheTexts(t *testing.T) {
	k, other := newKey(t), newKey(t)
	seal := k.Seal("leaf")
	if !k.Sealed("leaf", seal) || k.Sealed("leaf2", seal) || other.Sealed("leaf", seal) || k.Sealed("leaf", "") {
		t.Error("a seal that is none, or none that is one")
	}
	s := k.Sealer()
	for range 2 {
		if !s.Sealed("leaf", seal) || s.Sealed("leaf2", seal) || s.Sealed("leaf", "") || !s.Sealed("", k.Seal("")) {
			t.Error("of many, a seal that is none, or none that is one")
		}
	}
	if VerifierName(k.Verifier()) != k.Name() || !strings.HasPrefix(k.Name(), namePrefix) {
		t.Error(k.Name(), k.Verifier())
	}
	for _, text := range []string{"", "PRIVATE+KEY", k.Verifier(), "PRIVATE+KEY+duban-0a+00000000+AA=="} {
		if _, err := OpenKey(text); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAHeadSaysWhatWasSignedAndFromWhereOnThereAreSeals(t *testing.T) {
	k := newKey(t)
	keys := must(Verifiers(k.Verifier()))
	root := tlog.RecordHash([]byte("x")).String()
	c := must(k.SignHead(12, root, 3, moment))
	early := c
	early.Note = must(k.sign(k.Name(), "12", root, moment.Format(time.RFC3339))) // as earlier builds signed it
	for name, tt := range map[string]struct {
		head  Checkpoint
		after int64
		said  bool
	}{"today's": {c, 3, true}, "an earlier build's": {early, 0, false}} {
		if err := tt.head.Open(keys); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if after, said := tt.head.SealsAfter(); after != tt.after || said != tt.said {
			t.Errorf("%s: after %d, %v", name, after, said)
		}
		mail := "周报\r\n\r\n > " + strings.ReplaceAll(tt.head.Note, "\n", "\r\n > ") + "\r\n完"
		if found := FindCheckpoints(mail); len(found) != 1 || found[0] != tt.head {
			t.Errorf("%s: in a mail: %+v", name, found)
		}
		for what, change := range map[string]func(*Checkpoint){
			"size":           func(c *Checkpoint) { c.Size++ },
			"root":           func(c *Checkpoint) { c.Root = tlog.Hash{}.String() },
			"moment":         func(c *Checkpoint) { c.At = c.At.Add(time.Second) },
			"words":          func(c *Checkpoint) { c.Note = strings.Replace(c.Note, "12\n", "13\n", 1); c.Size = 13 },
			"where seals":    func(c *Checkpoint) { c.Note = strings.Replace(c.Note, root+"\n", root+"\n\n", 1) },
			"where they are": func(c *Checkpoint) { c.Note = strings.Replace(c.Note, sealsLine+"3", sealsLine+"9", 1) + " " },
		} {
			other := tt.head
			change(&other)
			if err := other.Open(keys); err == nil {
				t.Errorf("%s, another %s: taken", name, what)
			}
		}
	}
	if err := c.Open(must(Verifiers(newKey(t).Verifier()))); err == nil {
		t.Error("taken by another key")
	}
}

func TestWhereSealsBeginIsTakenFromItsOwnNoteAlone(t *testing.T) {
	k := newKey(t)
	keys := must(Verifiers(k.Verifier()))
	root := tlog.RecordHash([]byte("x")).String()
	s := must(k.SignSeals(Seals{After: 3, Event: 5, Root: root, At: moment}))
	got, err := OpenSeals(s.Note, keys)
	if err != nil || got.After != 3 || got.Event != 5 || got.Root != root || !got.At.Equal(moment) || got.Note != s.Note {
		t.Errorf("%+v, %v", got, err)
	}
	if len(FindCheckpoints(s.Note)) != 0 {
		t.Error("it is taken for a head")
	}
	head := must(k.SignHead(12, root, 3, moment))
	var export bytes.Buffer
	if err := NewExport(&export).Sign(k, 3, moment); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"nothing": "", "a head": head.Note, "an export": export.String(), "a later place": strings.Replace(s.Note, "\n3\n", "\n9\n", 1),
		"no number": must(k.sign(k.Name()+sealsWord, "x", "5", root, moment.Format(time.RFC3339))), "less than nothing": must(k.sign(k.Name()+sealsWord, "-1", "5", root, moment.Format(time.RFC3339))),
	} {
		if got, err := OpenSeals(text, keys); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := OpenSeals(s.Note, must(Verifiers(newKey(t).Verifier()))); err == nil {
		t.Error("taken by another key")
	}
}

// proofs are one of an event and one of growth.
func proofs(t testing.TB, k *Key) (event, growing Proof) {
	t.Helper()
	g := growth(t, 20)
	head := must(k.SignHead(20, must(tlog.TreeHash(20, g)).String(), 0, moment))
	older := must(k.SignHead(7, must(tlog.TreeHash(7, g)).String(), 0, moment))
	event = Proof{Kind: ProofOfEvent, Key: k.Verifier(), Checkpoint: head.Note, Record: g.records[4], Place: 4, Inclusion: must(tlog.ProveRecord(20, 4, g))}
	growing = Proof{Kind: ProofOfGrowth, Key: k.Verifier(), Checkpoint: head.Note, Older: older.Note, Growth: must(tlog.ProveTree(20, 7, g))}
	return event, growing
}

func TestAProofHoldsOfWhatIsTrueAlone(t *testing.T) {
	k := newKey(t)
	event, growing := proofs(t, k)
	for _, p := range []Proof{event, growing} {
		for _, key := range []string{"", k.Verifier()} {
			if _, head, err := CheckProof(must(json.Marshal(p)), key); err != nil || head.Size != 20 {
				t.Errorf("%s: %+v, %v", p.Kind, head, err)
			}
		}
		if _, _, err := CheckProof(must(json.Marshal(p)), newKey(t).Verifier()); err == nil {
			t.Errorf("%s: holds by another key", p.Kind)
		}
	}
	for name, change := range map[string]func(event, growing *Proof) *Proof{
		"another record": func(e, _ *Proof) *Proof { e.Record += " "; return e },
		"another place":  func(e, _ *Proof) *Proof { e.Place = 5; return e },
		"no place":       func(e, _ *Proof) *Proof { e.Place = -1; return e },
		"another head":   func(e, g *Proof) *Proof { e.Checkpoint = g.Older; return e },
		"no older head":  func(_, g *Proof) *Proof { g.Older = ""; return g },
		"turned round":   func(_, g *Proof) *Proof { g.Older, g.Checkpoint = g.Checkpoint, g.Older; return g },
		"another kind":   func(_, g *Proof) *Proof { g.Kind = ProofOfEvent; return g },
		"no kind":        func(e, _ *Proof) *Proof { e.Kind = ""; return e },
	} {
		event, growing := proofs(t, k)
		if _, _, err := CheckProof(must(json.Marshal(change(&event, &growing))), ""); err == nil {
			t.Errorf("%s: it holds", name)
		}
	}
}

func TestAnExportIsWhatWasSignedAndEachRecordItsLeaf(t *testing.T) {
	k := newKey(t)
	written := func(lines ...ExportLine) []byte {
		var out bytes.Buffer
		e := NewExport(&out)
		for _, line := range lines {
			if err := e.Add(line); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.Sign(k, 0, moment); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	line := func(n int64, record string) ExportLine {
		return ExportLine{n, n, Leaf([]byte(record)), record}
	}
	for events, content := range [][]byte{written(), written(line(1, `{"v":2}`)), written(line(1, `{"v":2}`), line(2, `{"v":2,"x":"}\n"}`))} {
		if n, err := CheckExport(content, k.Verifier()); err != nil || n != events {
			t.Errorf("%d: %d, %v", events, n, err)
		}
	}
	good := string(written(line(1, `{"v":2}`), line(2, `{"v":1}`)))
	lines := strings.SplitAfter(good, "\n")
	for name, content := range map[string]string{
		"a record is another":   strings.Replace(good, `{\"v\":2}`, `{\"v\":3}`, 1),
		"a line is missing":     strings.Join(lines[1:], ""),
		"a line comes twice":    lines[0] + good,
		"lines are swapped":     lines[1] + lines[0] + strings.Join(lines[2:], ""),
		"the note is missing":   lines[0] + lines[1],
		"a record is no leaf's": string(written(ExportLine{1, 1, Leaf([]byte("x")), "y"})),
	} {
		if n, err := CheckExport([]byte(content), k.Verifier()); err == nil {
			t.Errorf("%s: %d events", name, n)
		}
	}
	if _, err := CheckExport([]byte(good), newKey(t).Verifier()); err == nil {
		t.Error("it is taken by another key")
	}
}

func TestARecordOfTheProgramIsReadQuicklyAndAnyOtherAsJSON(t *testing.T) {
	written := `{"v":2,"at":"2026-03-02T09:00:00+08:00","person":{"id":1,"name":"wu","full":"吴","role":"handler","unit":3},"act":"report","result":"done","object":"FK-2026-001","item":5,"from":"underway","to":"underway","particulars":{"progress":"7"},"changed":{"progress_on":["","2026-03-02"]},"rows":{"progress 7":"h"},"prev":"p","once":"o"}`
	want := Record{
		Version: 2, At: "2026-03-02T09:00:00+08:00", Person: 1, Name: "wu", Act: "report", Result: "done", Object: "FK-2026-001", Item: 5, From: "underway", To: "underway",
		Particulars: `{"progress":"7"}`, Changed: []Change{{"progress_on", "", "2026-03-02"}}, Rows: []Row{{"progress 7", "h"}}, Prev: "p",
	}
	if r, ok := readCanonical(written); !ok || !reflect.DeepEqual(r, want) {
		t.Errorf("%v: %+v", ok, r)
	}
	spaced := strings.ReplaceAll(written, `,"`, `, "`)
	if _, ok := readCanonical(spaced); ok {
		t.Error("spaces are read quickly")
	}
	if r, err := ReadRecord(spaced); err != nil || !reflect.DeepEqual(r, want) {
		t.Errorf("%v: %+v", err, r)
	}
	for _, text := range []string{"", "x", written[:len(written)-1], written + "x"} {
		if r, err := ReadRecord(text); err == nil {
			t.Errorf("%q: %+v", text, r)
		}
	}
}
