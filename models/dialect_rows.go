package models

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// Many new rows of one table at once, as a ledger of thousands brings them. GORM words a
// statement anew for each block of rows, with a place for every value, and the database
// reads it anew; here each database is told in the way it takes them quickest: SQLite one
// statement that is made ready once and said for each row, PostgreSQL a statement for a
// thousand rows, whose columns it is given whole.

// newRows is a slice of rows that are to be written, with what is to be known of their
// table.
type newRows struct {
	schema *schema.Schema
	fields []*schema.Field // that are written, the key last where the database gives it
	given  *schema.Field   // the key the database gives, nil where the rows bring it
	rows   reflect.Value
}

var newRowSchemas sync.Map // by type, what GORM knows of it

func newRowsOf(rows any) (n newRows, err error) {
	n.rows = reflect.Indirect(reflect.ValueOf(rows))
	row := n.rows.Type().Elem()
	for row.Kind() == reflect.Pointer {
		row = row.Elem()
	}
	if n.schema, err = schema.Parse(reflect.New(row).Interface(), &newRowSchemas, schema.NamingStrategy{}); err != nil {
		return n, err
	}
	for _, f := range n.schema.Fields {
		switch {
		case f.DBName == "" || !f.Creatable:
		case f.PrimaryKey && f.AutoIncrement:
			n.given = f
		default:
			n.fields = append(n.fields, f)
		}
	}
	return n, nil
}

func (n newRows) row(at int) reflect.Value { return reflect.Indirect(n.rows.Index(at)) }

func (n newRows) columns() []string {
	var names []string
	for _, f := range n.fields {
		names = append(names, f.DBName)
	}
	return names
}

// empty are the fields in which no row has anything, each with how that is written. Of a
// new item they are many, and said once they cost nothing.
func (n newRows) empty() map[*schema.Field]string {
	empty := map[*schema.Field]string{}
	for _, f := range n.fields {
		word := "0"
		switch kind := f.StructField.Type.Kind(); {
		case kind == reflect.Pointer:
			word = "NULL"
		case f.Serializer != nil:
			continue
		case kind == reflect.String:
			word = "''"
		case kind == reflect.Bool:
			word = "FALSE"
		case kind != reflect.Int && kind != reflect.Int64:
			continue
		}
		zero := true
		for at := 0; zero && at < n.rows.Len(); at++ {
			zero = n.row(at).FieldByIndex(f.StructField.Index).IsZero()
		}
		if zero {
			empty[f] = word
		}
	}
	return empty
}

// value is what a field of a row is written as: a text, a number, a truth, a moment, or
// nil for nothing.
func (n newRows) value(row reflect.Value, f *schema.Field) (any, error) {
	v := row.FieldByIndex(f.StructField.Index)
	if f.Serializer != nil {
		bytes, err := json.Marshal(v.Interface())
		if err != nil || string(bytes) == "null" {
			return nil, err
		}
		return string(bytes), nil
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, nil
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		return v.String(), nil
	case reflect.Int, reflect.Int64:
		return v.Int(), nil
	}
	return v.Interface(), nil
}

// fewRows are written by GORM: to make much ready for them costs more than it saves.
const fewRows = 20

// createAll writes a slice of new rows, which get the keys the database gives them; rows
// points to the slice, and none writes nothing. They are noted in the deed they are part
// of like any other.
func (b *Board) createAll(rows any) error {
	n, err := newRowsOf(rows)
	switch {
	case err != nil || n.rows.Len() == 0:
		return err
	case n.rows.Len() < fewRows:
		return b.db.Create(rows).Error
	}
	if err := b.store.dialect.insert(b.db, n); err != nil {
		if t, ok := b.db.Dialector.(gorm.ErrorTranslator); ok {
			return t.Translate(err)
		}
		return err
	}
	deed, _ := b.db.Statement.Context.Value(deedKey{}).(*deedRows)
	if t := trailedTables()[n.schema.Table]; deed != nil && t != nil {
		for at := range n.rows.Len() {
			deed.add(t, n.row(at))
		}
	}
	return nil
}

// insertEach says one statement, made ready, for each row.
func insertEach(db *gorm.DB, n newRows) error {
	ctx := db.Statement.Context
	empty := n.empty()
	var places []string
	var said []*schema.Field
	for _, f := range n.fields {
		if word, none := empty[f]; none {
			places = append(places, word)
			continue
		}
		places, said = append(places, "?"), append(said, f)
	}
	statement, err := db.Statement.ConnPool.PrepareContext(ctx, "INSERT INTO "+n.schema.Table+" ("+strings.Join(n.columns(), ",")+") VALUES ("+strings.Join(places, ",")+")")
	if err != nil {
		return err
	}
	defer statement.Close()
	values := make([]any, len(said))
	for at := range n.rows.Len() {
		row := n.row(at)
		for k, f := range said {
			if values[k], err = n.value(row, f); err != nil {
				return err
			}
		}
		done, err := statement.ExecContext(ctx, values...)
		if err != nil {
			return err
		}
		if n.given != nil {
			id, err := done.LastInsertId()
			if err != nil {
				return err
			}
			row.FieldByIndex(n.given.StructField.Index).SetInt(id)
		}
	}
	return nil
}

// insertedAtOnce is how many rows one statement of insertColumns has.
const insertedAtOnce = 1000

// insertColumns gives the columns of many rows whole, after their keys were drawn from
// the table's own sequence.
func insertColumns(db *gorm.DB, n newRows) error {
	for from := 0; from < n.rows.Len(); from += insertedAtOnce {
		some := n
		some.rows = n.rows.Slice(from, min(from+insertedAtOnce, n.rows.Len()))
		if err := some.drawKeys(db); err != nil {
			return err
		}
		if n.given != nil {
			some.fields = append(some.fields[:len(some.fields):len(some.fields)], n.given)
		}
		empty := some.empty()
		var arrays, names, taken []string
		var columns []any
		for _, f := range some.fields {
			if word, none := empty[f]; none {
				taken = append(taken, word)
				continue
			}
			column, kind, err := some.column(f)
			if err != nil {
				return err
			}
			place := strconv.Itoa(len(columns) + 1)
			name := "c" + place
			columns, names, arrays = append(columns, column), append(names, name), append(arrays, "$"+place+"::"+kind+"[]")
			if f.Serializer != nil {
				name += "::jsonb"
			}
			taken = append(taken, name)
		}
		_, err := db.Statement.ConnPool.ExecContext(db.Statement.Context, "INSERT INTO "+n.schema.Table+" ("+strings.Join(some.columns(), ",")+
			") SELECT "+strings.Join(taken, ",")+" FROM unnest("+strings.Join(arrays, ",")+") AS given("+strings.Join(names, ",")+")", columns...)
		if err != nil {
			return err
		}
	}
	return nil
}

// drawKeys gives the rows the next keys of their table.
func (n newRows) drawKeys(db *gorm.DB) error {
	if n.given == nil {
		return nil
	}
	ctx := db.Statement.Context
	keys, err := db.Statement.ConnPool.QueryContext(ctx, "SELECT nextval(pg_get_serial_sequence($1, $2)) FROM generate_series(1, $3)", n.schema.Table, n.given.DBName, n.rows.Len())
	if err != nil {
		return err
	}
	defer keys.Close()
	at := 0
	for ; keys.Next(); at++ {
		if err := keys.Scan(n.row(at).FieldByIndex(n.given.StructField.Index).Addr().Interface()); err != nil {
			return err
		}
	}
	return keys.Err()
}

// column is a field of all rows, and what PostgreSQL calls its kind.
func (n newRows) column(f *schema.Field) (column any, kind string, err error) {
	switch of := f.IndirectFieldType; {
	case f.Serializer != nil || of.Kind() == reflect.String:
		column, err = columnOf[string](n, f)
		kind = "text"
	case of.Kind() == reflect.Bool:
		column, err = columnOf[bool](n, f)
		kind = "boolean"
	case of == reflect.TypeFor[time.Time]():
		column, err = columnOf[time.Time](n, f)
		kind = "timestamptz"
	default:
		column, err = columnOf[int64](n, f)
		kind = "bigint"
	}
	return column, kind, err
}

func columnOf[T any](n newRows, f *schema.Field) ([]*T, error) {
	all, values := make([]*T, n.rows.Len()), make([]T, n.rows.Len())
	for at := range all {
		v, err := n.value(n.row(at), f)
		if err != nil {
			return nil, err
		}
		if v != nil {
			values[at] = v.(T)
			all[at] = &values[at]
		}
	}
	return all, nil
}

// makeRoom makes room in memory for the rest of a transaction that writes much, and says
// what ends it.
func (b *Board) makeRoom() (back func(), err error) {
	if b.store.dialect.roomy == nil {
		return func() {}, nil
	}
	return b.store.dialect.roomy(b.db)
}

// roomyCache is how many KiB of changed pages SQLite keeps in memory while a ledger is
// written: what has no room is written to the log, read and written again.
const roomyCache = 64 << 10

// roomySQLite makes room for what follows in this transaction.
func roomySQLite(db *gorm.DB) (back func(), err error) {
	ctx, conn := db.Statement.Context, db.Statement.ConnPool
	var was int
	if err := conn.QueryRowContext(ctx, "PRAGMA cache_size").Scan(&was); err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "PRAGMA cache_size = "+strconv.Itoa(-roomyCache)); err != nil {
		return nil, err
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA cache_size = "+strconv.Itoa(was))
	}, nil
}

// itemSaved is what every act writes: columns of an item where it still is as it was, the
// words that changed with it, and its event.
type itemSaved struct {
	item    Item
	columns []string
	where   condition
	words   []itemWords
	event   condition // a statement
}

// itemFields are an item's columns.
var itemFields = sync.OnceValue(func() *schema.Schema { return schemaOf(&Item{}) })

// update is the statement that writes the item.
func (s itemSaved) update() condition {
	var statement strings.Builder
	statement.Grow(256)
	args := make([]any, 0, len(s.columns)+len(s.where.args))
	row := reflect.ValueOf(s.item)
	for n, name := range s.columns {
		before := ", "
		if n == 0 {
			before = "UPDATE items SET "
		}
		statement.WriteString(before + name + " = ?")
		args = append(args, row.FieldByIndex(itemFields().LookUpField(name).StructField.Index).Interface())
	}
	statement.WriteString(" WHERE " + s.where.sql)
	return condition{statement.String(), append(args, s.where.args...)}
}

// saveSQLiteAct writes it statement by statement: there is no way to go.
func saveSQLiteAct(db *gorm.DB, s itemSaved, event *int64) error {
	update := s.update()
	saved := db.Exec(update.sql, update.args...)
	if saved.Error != nil {
		return saved.Error
	}
	if saved.RowsAffected == 0 {
		return ErrStale
	}
	if err := writeSQLiteWords(db, s.words); err != nil {
		return err
	}
	return db.Raw(s.event.sql, s.event.args...).Row().Scan(event)
}

// savePostgresAct writes it in one statement, and so in one way to the server and back: an
// act goes there no oftener than it needs an answer to go on.
func savePostgresAct(db *gorm.DB, s itemSaved, event *int64) error {
	update := s.update()
	all, args := "WITH changed AS ("+update.sql+" RETURNING id)", update.args
	if len(s.words) > 0 {
		words := insertPostgresWords(s.words)
		all, args = all+", worded AS ("+words.sql+")", append(args, words.args...)
	}
	columns, rest, _ := strings.Cut(s.event.sql, " VALUES (")
	values, returned, _ := strings.Cut(rest, ")")
	err := db.Raw(all+" "+columns+" SELECT "+values+" FROM changed"+returned, append(args, s.event.args...)...).Row().Scan(event)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrStale
	}
	return err
}

// Words are indexed by SQLite's full-text tables, which hold nothing but which row has
// which pair, and by PostgreSQL's lists of words with an inverted index.

// writeSQLiteWords writes pieces, in place of those that were there, and their pairs.
func writeSQLiteWords(db *gorm.DB, pieces []itemWords) error {
	if len(pieces) == 0 {
		return nil
	}
	var written []itemWords
	statement, args := insertWords(pieces, "(?, ?, ?, ?)", func(p itemWords) []any { return []any{p.ItemID, p.Kind, p.OfID, p.Body} })
	err := db.Raw("INSERT INTO item_words (item_id, kind, of_id, body) VALUES "+statement+
		" ON CONFLICT (item_id, kind, of_id) DO UPDATE SET body = excluded.body RETURNING id, body", args...).Scan(&written).Error
	if err != nil {
		return err
	}
	statement, args = insertWords(written, "(?, ?)", func(p itemWords) []any { return []any{p.ID, pairsOf(p.Body)} })
	return db.Exec("INSERT OR REPLACE INTO item_pairs (rowid, pairs) VALUES "+statement, args...).Error
}

// writePostgresWords is the same in one statement.
func writePostgresWords(db *gorm.DB, pieces []itemWords) error {
	if len(pieces) == 0 {
		return nil
	}
	words := insertPostgresWords(pieces)
	return db.Exec(words.sql, words.args...).Error
}

func insertPostgresWords(pieces []itemWords) condition {
	statement, args := insertWords(pieces, "(?, ?, ?, ?, array_to_tsvector(string_to_array(?, ' ')))", func(p itemWords) []any {
		return []any{p.ItemID, p.Kind, p.OfID, p.Body, pairsOf(p.Body)}
	})
	return condition{"INSERT INTO item_words (item_id, kind, of_id, body, pairs) VALUES " + statement +
		" ON CONFLICT (item_id, kind, of_id) DO UPDATE SET body = excluded.body, pairs = excluded.pairs", args}
}

func insertWords(pieces []itemWords, row string, values func(itemWords) []any) (statement string, args []any) {
	for _, p := range pieces {
		args = append(args, values(p)...)
	}
	return row + strings.Repeat(", "+row, len(pieces)-1), args
}

// sqliteWordsWith are the numbers of the pieces that have the word's pairs; indexed is
// false of a word that has none.
func sqliteWordsWith(w wordSought) (c condition, indexed bool) {
	var parts []string
	for _, pair := range w.pairs {
		parts = append(parts, `"`+pair+`"`)
	}
	for _, first := range w.begins {
		parts = append(parts, `"`+first+`"*`)
	}
	return condition{"SELECT rowid FROM item_pairs WHERE item_pairs MATCH ?", []any{strings.Join(parts, " AND ")}}, len(parts) > 0
}

// postgresWordsWith are the same.
func postgresWordsWith(w wordSought) (c condition, indexed bool) {
	var parts []string
	for _, pair := range w.pairs {
		parts = append(parts, "'"+pair+"'")
	}
	for _, first := range w.begins {
		parts = append(parts, "'"+first+"':*")
	}
	return condition{"SELECT id FROM item_words WHERE pairs @@ CAST(? AS tsquery)", []any{strings.Join(parts, " & ")}}, len(parts) > 0
}

func joinedIDs(ids []int64) string {
	words := make([]string, len(ids))
	for n, id := range ids {
		words[n] = strconv.FormatInt(id, 10)
	}
	return strings.Join(words, ",")
}

// sqliteAmong is a column among numbers, as one parameter however many there are.
func sqliteAmong(column string, ids []int64) condition {
	return condition{fmt.Sprintf("%s IN (SELECT value FROM json_each(?))", column), []any{"[" + joinedIDs(ids) + "]"}}
}

func postgresAmong(column string, ids []int64) condition {
	return condition{fmt.Sprintf("%s = ANY(CAST(? AS BIGINT[]))", column), []any{"{" + joinedIDs(ids) + "}"}}
}
