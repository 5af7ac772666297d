package trail

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Record is what checking reads of an event's canonical bytes; models has all of it.
type Record struct {
	Version     int64
	At          string
	Person      int64
	Name        string // of the person
	Act         string
	Result      string
	Object      string
	Item        int64
	From        string
	To          string
	Particulars string // as they are written in the record
	Changed     []Change
	Rows        []Row
	Prev        string
}

// Change is what a column of the item, or a row and a column, was and is.
type Change struct{ Of, Before, After string }

// Row is a row that the event vouches for, with the hash of what it says.
type Row struct{ Key, Hash string }

// ReadRecord reads a record. What it returns is the record's own text in places, and
// keeps it in memory for as long. A record in other bytes than the program writes is
// read as any JSON is; an error says that it is none.
func ReadRecord(text string) (Record, error) {
	if r, ok := readCanonical(text); ok {
		return r, nil
	}
	return readJSON(text)
}

// readJSON reads a record however it is written down.
func readJSON(text string) (Record, error) {
	var said struct {
		Version int64  `json:"v"`
		At      string `json:"at"`
		Person  struct {
			ID   int64  `json:"id"`
			Name string `json:"name"`
		} `json:"person"`
		Act         string               `json:"act"`
		Result      string               `json:"result"`
		Object      string               `json:"object"`
		Item        int64                `json:"item"`
		From        string               `json:"from"`
		To          string               `json:"to"`
		Particulars json.RawMessage      `json:"particulars"`
		Changed     map[string][2]string `json:"changed"`
		Rows        map[string]string    `json:"rows"`
		Prev        string               `json:"prev"`
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		return Record{}, err
	}
	r := Record{
		Version: said.Version, At: said.At, Person: said.Person.ID, Name: said.Person.Name, Act: said.Act, Result: said.Result, Object: said.Object,
		Item: said.Item, From: said.From, To: said.To, Particulars: string(said.Particulars), Prev: said.Prev,
	}
	for of, change := range said.Changed {
		r.Changed = append(r.Changed, Change{of, change[0], change[1]})
	}
	slices.SortFunc(r.Changed, func(a, z Change) int { return cmp.Compare(a.Of, z.Of) })
	for key, hash := range said.Rows {
		r.Rows = append(r.Rows, Row{key, hash})
	}
	slices.SortFunc(r.Rows, func(a, z Row) int { return cmp.Compare(a.Key, z.Key) })
	return r, nil
}

// reader goes through a record as the program writes it: every key in its place, no
// space, no text with an escape. Whatever is otherwise ends it.
type reader struct {
	text string
	at   int
	odd  bool
}

// readCanonical reads a record as the program writes it, and says of any other that it
// is not so.
func readCanonical(text string) (r Record, ok bool) {
	if !utf8.ValidString(text) {
		return r, false
	}
	d := reader{text: text}
	d.take(`{"v":`)
	r.Version = d.number()
	d.take(`,"at":`)
	r.At = d.word()
	d.take(`,"person":{"id":`)
	r.Person = d.number()
	d.take(`,"name":`)
	r.Name = d.word()
	for _, key := range []string{`,"full":`, `,"role":`} {
		if d.may(key) {
			d.word()
		}
	}
	if d.may(`,"unit":`) {
		d.number()
	}
	d.take(`}`)
	if d.may(`,"origin":`) {
		d.words(func(string, string) {})
	}
	d.take(`,"act":`)
	r.Act = d.word()
	d.take(`,"result":`)
	r.Result = d.word()
	if d.may(`,"object":`) {
		r.Object = d.word()
	}
	if d.may(`,"item":`) {
		r.Item = d.number()
	}
	if d.may(`,"from":`) {
		r.From = d.word()
	}
	if d.may(`,"to":`) {
		r.To = d.word()
	}
	if d.may(`,"particulars":`) {
		began := d.at
		d.words(func(string, string) {})
		r.Particulars = text[began:d.at]
	}
	d.rest(&r)
	return r, !d.odd && d.at == len(text)
}

// rest reads what stands behind the particulars.
func (d *reader) rest(r *Record) {
	if d.may(`,"changed":`) {
		d.changes(r)
	}
	if d.may(`,"rows":`) {
		d.words(func(key, hash string) { r.Rows = append(r.Rows, Row{key, hash}) })
		d.odd = d.odd || !ordered(r.Rows, func(row Row) string { return row.Key })
	}
	if d.may(`,"prev":`) {
		r.Prev = d.word()
	}
	if d.may(`,"once":`) {
		d.word()
	}
	d.take(`}`)
}

// ordered says whether each comes after the one before it, none twice.
func ordered[T any](all []T, key func(T) string) bool {
	for n := 1; n < len(all); n++ {
		if key(all[n-1]) >= key(all[n]) {
			return false
		}
	}
	return true
}

// changes reads an object of pairs.
func (d *reader) changes(r *Record) {
	d.take(`{`)
	for n := 0; !d.odd && !d.may(`}`); n++ {
		if n > 0 {
			d.take(`,`)
		}
		of := d.word()
		d.take(`:[`)
		before := d.word()
		d.take(`,`)
		after := d.word()
		d.take(`]`)
		r.Changed = append(r.Changed, Change{of, before, after})
	}
	d.odd = d.odd || !ordered(r.Changed, func(c Change) string { return c.Of })
}

// words reads an object of texts.
func (d *reader) words(each func(key, value string)) {
	d.take(`{`)
	for n := 0; !d.odd && !d.may(`}`); n++ {
		if n > 0 {
			d.take(`,`)
		}
		key := d.word()
		d.take(`:`)
		each(key, d.word())
	}
}

// take goes over what must stand here.
func (d *reader) take(what string) {
	if !d.may(what) {
		d.odd = true
	}
}

// may goes over what may stand here, and says whether it did.
func (d *reader) may(what string) bool {
	if d.odd || !strings.HasPrefix(d.text[d.at:], what) {
		return false
	}
	d.at += len(what)
	return true
}

// word reads a text without an escape.
func (d *reader) word() string {
	d.take(`"`)
	if d.odd {
		return ""
	}
	for n := d.at; n < len(d.text); n++ {
		switch c := d.text[n]; {
		case c == '"':
			word := d.text[d.at:n]
			d.at = n + 1
			return word
		case c == '\\' || c < ' ':
			d.odd = true
			return ""
		}
	}
	d.odd = true
	return ""
}

// number reads a whole number.
func (d *reader) number() int64 {
	end := d.at
	for end < len(d.text) && (d.text[end] >= '0' && d.text[end] <= '9' || d.text[end] == '-' && end == d.at) {
		end++
	}
	digits := d.text[d.at:end]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != digits {
		d.odd = true
	}
	d.at = end
	return n
}
