package models

import (
	"fmt"
	"strconv"
	"strings"

	"gorm.io/gorm"
)

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
	statement, args := insertWords(pieces, "(?, ?, ?, ?, array_to_tsvector(string_to_array(?, ' ')))", func(p itemWords) []any {
		return []any{p.ItemID, p.Kind, p.OfID, p.Body, pairsOf(p.Body)}
	})
	return db.Exec("INSERT INTO item_words (item_id, kind, of_id, body, pairs) VALUES "+statement+
		" ON CONFLICT (item_id, kind, of_id) DO UPDATE SET body = excluded.body, pairs = excluded.pairs", args...).Error
}

func insertWords(pieces []itemWords, row string, values func(itemWords) []any) (statement string, args []any) {
	for n, p := range pieces {
		if n > 0 {
			statement += ", "
		}
		statement += row
		args = append(args, values(p)...)
	}
	return statement, args
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
