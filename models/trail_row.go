package models

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"
)

// trailed are the tables whose rows the trail vouches for: each row that an act adds,
// changes or removes stands in the act's event with a hash of what it says, and
// verifying finds a row that says otherwise. Named with each are the columns that are
// nobody's deed, and those that are vouched for and not told.
var trailed = []trailedTable{
	{row: Measure{}},
	{row: Progress{}},
	{row: Evidence{}},
	{row: Achievement{}},
	{row: File{}},
	{row: Recheck{}},
	{row: RecheckDraw{}},
	{row: StatedSample{}},
	{row: Handover{}},
	{row: Letter{}},
	{row: LetterItem{}},
	{row: Submission{}},
	{row: Signature{}},
	{row: Verification{}},
	{row: Closure{}},
	{row: Extension{}},
	{row: Voiding{}},
	{row: ItemAssistant{}},
	{row: User{}, but: []string{"language", "mail_error", "mail_refused_on", "mail_reported_on", "failed_tries", "locked_until", "demo"}, unsaid: []string{"password"}},
	{row: Unit{}, but: []string{"demo"}},
	{row: Round{}, but: []string{"demo"}},
	{row: RoundUnit{}},
	{row: Scope{}},
	{row: CalendarChange{}},
}

// trailedTable is a table whose rows the trail vouches for. What a column added later
// holds in rows of before must be nothing, or their hashes would change.
type trailedTable struct {
	row    any
	but    []string
	unsaid []string

	schema *schema.Schema
	keys   []*schema.Field
	fields []*schema.Field // in the order of their names, the keys and what is left out apart
	item   *schema.Field   // the item a row hangs on, nil when it hangs on none
}

// trailedTables are they by their name.
var trailedTables = sync.OnceValue(func() map[string]*trailedTable {
	tables := map[string]*trailedTable{}
	for _, t := range trailed {
		t.schema = schemaOf(t.row)
		for _, f := range t.schema.Fields {
			switch {
			case f.PrimaryKey:
				t.keys = append(t.keys, f)
			case f.DBName != "" && !slices.Contains(t.but, f.DBName):
				t.fields = append(t.fields, f)
			}
			if f.DBName == "item_id" {
				t.item = f
			}
		}
		slices.SortFunc(t.fields, func(a, z *schema.Field) int { return strings.Compare(a.DBName, z.DBName) })
		tables[t.schema.Table] = &t
	}
	return tables
})

func schemaOf(row any) *schema.Schema {
	s, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
	if err != nil {
		panic(err) // a type of ours that cannot be read
	}
	return s
}

// worded is a value in words; that of a zero value is "".
func worded(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return worded(v.Elem())
	case reflect.String:
		return v.String()
	case reflect.Bool:
		if v.Bool() {
			return "true"
		}
		return ""
	case reflect.Int, reflect.Int64:
		if v.Int() == 0 {
			return ""
		}
		return strconv.FormatInt(v.Int(), 10)
	}
	if at, ok := v.Interface().(time.Time); ok {
		if at.IsZero() {
			return ""
		}
		return at.UTC().Format(time.RFC3339Nano)
	}
	if v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
		return ""
	}
	bytes, err := json.Marshal(v.Interface())
	if err != nil {
		panic(err) // no value of ours is such
	}
	return string(bytes)
}

// key names a row in the trail: measures 12.
func (t *trailedTable) key(row reflect.Value) string {
	words := make([]string, len(t.keys))
	for n, k := range t.keys {
		words[n] = fmt.Sprint(row.FieldByIndex(k.StructField.Index).Interface())
	}
	return t.schema.Table + " " + strings.Join(words, "/")
}

// hash is the hash of what a row says.
func (t *trailedTable) hash(row reflect.Value) string {
	said := make([]byte, 0, 512)
	said = append(said, '{')
	for _, f := range t.fields { // as JSON has a map, whose keys come sorted
		value := worded(row.FieldByIndex(f.StructField.Index))
		if value == "" {
			continue
		}
		if len(said) > 1 {
			said = append(said, ',')
		}
		said = appendQuoted(said, f.DBName)
		said = append(said, ':')
		said = appendQuoted(said, value)
	}
	sum := sha256.Sum256(append(said, '}'))
	return base64.RawStdEncoding.EncodeToString(sum[:])
}

// appendQuoted appends a text as JSON writes it.
func appendQuoted(to []byte, text string) []byte {
	plain := utf8.ValidString(text)
	for n := 0; plain && n < len(text); n++ {
		switch c := text[n]; {
		case c < ' ', c == '"', c == '\\', c == '<', c == '>', c == '&', c == 0x7f:
			plain = false
		case c == 0xe2: // a line separator may begin so, which JSON escapes
			plain = n+1 < len(text) && text[n+1] != 0x80
		}
	}
	if plain {
		return append(append(append(to, '"'), text...), '"')
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text can always be written
	}
	return append(to, quoted...)
}

// scanner reads the row that rows stand at, whose columns are the keys and then the
// fields. What it cannot read by itself it leaves to GORM.
func (t *trailedTable) scanner(q *gorm.DB, rows *sql.Rows) func(row reflect.Value) error {
	fields := slices.Concat(t.keys, t.fields)
	into, put := make([]any, len(fields)), make([]func(reflect.Value), len(fields))
	for n, f := range fields {
		if into[n], put[n] = holder(f); into[n] == nil {
			return func(row reflect.Value) error { return q.ScanRows(rows, row.Addr().Interface()) }
		}
	}
	return func(row reflect.Value) error {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for n, f := range fields {
			put[n](row.FieldByIndex(f.StructField.Index))
		}
		return nil
	}
}

// holder is where a column is read to, and what puts it into its field from there; nil
// for a kind of column that GORM reads in its own way.
func holder(f *schema.Field) (into any, put func(reflect.Value)) {
	if f.Serializer != nil {
		return nil, nil
	}
	switch f.FieldType.Kind() {
	case reflect.String:
		var is sql.NullString
		return &is, func(v reflect.Value) { v.SetString(is.String) }
	case reflect.Int, reflect.Int64:
		var is sql.NullInt64
		return &is, func(v reflect.Value) { v.SetInt(is.Int64) }
	case reflect.Bool:
		var is sql.NullBool
		return &is, func(v reflect.Value) { v.SetBool(is.Bool) }
	case reflect.Pointer:
		if f.FieldType.Elem().Kind() != reflect.Int64 {
			return nil, nil
		}
		var is sql.NullInt64
		return &is, func(v reflect.Value) {
			if v.SetZero(); is.Valid {
				v.Set(reflect.New(v.Type().Elem()))
				v.Elem().SetInt(is.Int64)
			}
		}
	}
	if f.FieldType == reflect.TypeFor[time.Time]() {
		var is sql.NullTime
		return &is, func(v reflect.Value) { v.Set(reflect.ValueOf(is.Time)) }
	}
	return nil, nil
}

// itemOf is the item a row hangs on, 0 for none.
func (t *trailedTable) itemOf(row reflect.Value) int64 {
	if t.item == nil {
		return 0
	}
	v := row.FieldByIndex(t.item.StructField.Index)
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return 0
		}
		v = v.Elem()
	}
	return v.Int()
}

// deedRows is what is written in the course of one act, noted as it is written, so that
// the act's event can say it and no verb has to remember to.
type deedRows struct {
	rows    map[string]string    // hash by key
	changed map[string][2]string // before and after, by key and column
	ofItem  map[string]int64     // the item the row hangs on
	words   wordedRows           // of rows that are searched
	touched []touchedRows        // what was changed or removed and is looked at again in the end
}

// touchedRows are rows of one table as they were.
type touchedRows struct {
	table *trailedTable
	rows  reflect.Value
}

type deedKey struct{}

// doing is the same board with its writes noted in a new deed.
func (b *Board) doing() (*Board, *deedRows) {
	d := &deedRows{rows: map[string]string{}, changed: map[string][2]string{}, ofItem: map[string]int64{}}
	return b.in(b.db.WithContext(context.WithValue(b.db.Statement.Context, deedKey{}, d))), d
}

func (d *deedRows) add(t *trailedTable, row reflect.Value) {
	key := t.key(row)
	d.rows[key], d.ofItem[key] = t.hash(row), t.itemOf(row)
	d.words.note(row.Interface())
}

// done is what was written, with the rows that were changed as they are now.
func (d *deedRows) done(b *Board) error {
	for _, touched := range d.touched {
		t := touched.table
		was := map[string]reflect.Value{}
		conditions := b.db.Session(&gorm.Session{NewDB: true})
		for n := range touched.rows.Len() {
			row := touched.rows.Index(n)
			was[t.key(row)] = row
			d.rows[t.key(row)] = "" // unless it is found below
			if measure, is := row.Interface().(Measure); is {
				d.words.touch(measure.ItemID)
			}
			one := map[string]any{}
			for _, k := range t.keys {
				one[k.DBName] = row.FieldByIndex(k.StructField.Index).Interface()
			}
			conditions = conditions.Or(one)
		}
		now := reflect.New(touched.rows.Type())
		if err := b.db.Table(t.schema.Table).Where(conditions).Find(now.Interface()).Error; err != nil {
			return err
		}
		for n := range now.Elem().Len() {
			row := now.Elem().Index(n)
			d.add(t, row)
			d.compare(t, was[t.key(row)], row)
		}
	}
	d.touched = nil
	return nil
}

// compare notes which columns of a row say something else than before.
func (d *deedRows) compare(t *trailedTable, was, is reflect.Value) {
	for _, f := range t.fields {
		old, now := worded(was.FieldByIndex(f.StructField.Index)), worded(is.FieldByIndex(f.StructField.Index))
		if old == now {
			continue
		}
		if slices.Contains(t.unsaid, f.DBName) {
			old, now = "", ""
		}
		d.changed[t.key(is)+" "+f.DBName] = [2]string{old, now}
	}
}

// byItem is what was written, by the item it hangs on.
func (d *deedRows) byItem() map[int64]map[string]string {
	all := map[int64]map[string]string{}
	for key, hash := range d.rows {
		item := d.ofItem[key]
		if all[item] == nil {
			all[item] = map[string]string{}
		}
		all[item][key] = hash
	}
	return all
}

// survey is all rows of all tables that hang on no item's text, by key and hash: for
// what is removed by statements that name no rows.
func (b *Board) survey() (map[string]string, error) {
	all := map[string]string{}
	for _, t := range trailedTables() {
		switch t.row.(type) {
		case Measure, Progress, Submission, Signature, Verification, Closure, Extension, Voiding, ItemAssistant: // they go with their item
			continue
		}
		rows := reflect.New(reflect.SliceOf(reflect.TypeOf(t.row)))
		if err := b.db.Table(t.schema.Table).Find(rows.Interface()).Error; err != nil {
			return nil, err
		}
		for n := range rows.Elem().Len() {
			row := rows.Elem().Index(n)
			all[t.key(row)] = t.hash(row)
		}
	}
	return all, nil
}

// surveyed notes in the deed under way what has changed since a survey.
func (b *Board) surveyed(before map[string]string) error {
	after, err := b.survey()
	if err != nil {
		return err
	}
	d := b.db.Statement.Context.Value(deedKey{}).(*deedRows)
	for key, hash := range after {
		if before[key] != hash {
			d.rows[key] = hash
		}
	}
	for key := range before {
		if _, is := after[key]; !is {
			d.rows[key] = ""
		}
	}
	return nil
}

// errBlind is a change whose rows cannot be told beforehand.
var errBlind = errors.New("a change of rows the trail vouches for needs a condition")

// noteRows has every write of a row the trail vouches for noted in the deed it is part
// of. Outside a deed nothing is noted, and verifying will find it.
func noteRows(db *gorm.DB) error {
	watched := func(tx *gorm.DB) (*deedRows, *trailedTable) {
		if tx.Error != nil || tx.Statement.Schema == nil {
			return nil, nil
		}
		d, _ := tx.Statement.Context.Value(deedKey{}).(*deedRows)
		return d, trailedTables()[tx.Statement.Table]
	}
	created := func(tx *gorm.DB) {
		d, t := watched(tx)
		if d == nil || t == nil || tx.RowsAffected == 0 { // it was there already
			return
		}
		switch rows := tx.Statement.ReflectValue; rows.Kind() {
		case reflect.Slice, reflect.Array:
			for n := range rows.Len() {
				d.add(t, reflect.Indirect(rows.Index(n)))
			}
		case reflect.Struct:
			d.add(t, rows)
		}
	}
	changing := func(tx *gorm.DB) {
		d, t := watched(tx)
		if d == nil || t == nil {
			return
		}
		where, ok := tx.Statement.Clauses["WHERE"].Expression.(clause.Where)
		if !ok {
			_ = tx.AddError(errBlind)
			return
		}
		rows := reflect.New(reflect.SliceOf(reflect.TypeOf(t.row)))
		// The context is without the deed: what only looks is not noted.
		look := tx.Session(&gorm.Session{NewDB: true, Context: context.WithValue(tx.Statement.Context, deedKey{}, nil)})
		if err := look.Table(t.schema.Table).Clauses(where).Find(rows.Interface()).Error; err != nil {
			_ = tx.AddError(err)
			return
		}
		if rows.Elem().Len() > 0 {
			d.touched = append(d.touched, touchedRows{t, rows.Elem()})
		}
	}
	return errors.Join(
		db.Callback().Create().After("gorm:create").Register("duban:created", created),
		db.Callback().Update().Before("gorm:update").Register("duban:changing", changing),
		db.Callback().Delete().Before("gorm:delete").Register("duban:removing", changing),
	)
}

// itemColumns are the columns of an item that its trail accounts for: all but its key,
// its version, which counts its acts, and the trail's own.
var itemColumns = sync.OnceValue(func() []*schema.Field {
	var fields []*schema.Field
	for _, f := range schemaOf(&Item{}).Fields {
		if f.DBName != "" && !slices.Contains([]string{"id", "version", "head", "demo"}, f.DBName) {
			fields = append(fields, f)
		}
	}
	return fields
})

// itemChanges are those of the columns written that differ between an item before and
// after, with both; of all columns where none are named.
func itemChanges(was, is Item, written []string) map[string][2]string {
	before, after := reflect.ValueOf(was), reflect.ValueOf(is)
	all := map[string][2]string{}
	for _, f := range itemColumns() {
		if written != nil && !slices.Contains(written, f.DBName) {
			continue
		}
		old, now := worded(before.FieldByIndex(f.StructField.Index)), worded(after.FieldByIndex(f.StructField.Index))
		if old != now {
			all[f.DBName] = [2]string{old, now}
		}
	}
	return all
}
