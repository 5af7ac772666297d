package modelstest

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// multiplied are the tables of what belongs to an item, in the order in which they may
// be written, each with its columns that number rows of one of these tables.
var multiplied = []struct {
	table string
	of    map[string]string
}{
	{"items", map[string]string{"id": "items"}},
	{"measures", map[string]string{"id": "measures", "item_id": "items"}},
	{"progress", map[string]string{"id": "progress", "item_id": "items", "measure_id": "measures"}},
	{"evidence", map[string]string{"id": "evidence", "item_id": "items", "measure_id": "measures"}},
	{"signatures", map[string]string{"id": "signatures", "item_id": "items"}},
	{"submissions", map[string]string{"id": "submissions", "item_id": "items"}},
	{"verifications", map[string]string{"id": "verifications", "item_id": "items", "submission_id": "submissions"}},
	{"closures", map[string]string{"id": "closures", "item_id": "items", "submission_id": "submissions"}},
	{"events", map[string]string{"id": "events", "item_id": "items"}},
	{"item_words", map[string]string{"id": "item_words", "item_id": "items"}},
}

// Multiply makes so many of each item that Fill made, with its measures, progress,
// evidence, words and events, for pages of a size that no door could take in while one
// waits. The copies' numbers and problems are their own; their words are the first ones',
// and so are their events but for the numbers: what proves the trail finds them not in order.
func (r *Register) Multiply(times int) { r.multiply(times, times) }

// MultiplyItems makes so many of each item, but only ten of what belongs to it, and of its
// words no more than there are.
func (r *Register) MultiplyItems(times int) { r.multiply(times, 10) }

// copiesOf is how many there will be of each row of a table.
func copiesOf(table string, times, parts int) int {
	switch {
	case table == "items":
		return times
	case table == "item_words" && parts < times:
		return 1
	}
	return parts
}

func (r *Register) multiply(times, parts int) {
	r.t.Helper()
	words := parts == times
	driver, address := "pgx", strings.TrimSuffix(r.url, "?duban_unsafe_test=1")
	path, lite := strings.CutPrefix(r.url, "sqlite:")
	if lite {
		driver, address = "sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=synchronous(OFF)&_pragma=cache_size(-65536)"
	}
	db, err := sql.Open(driver, address)
	r.must(err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	run := func(statement string) {
		r.t.Helper()
		if _, err := db.Exec(statement); err != nil {
			r.t.Fatalf("%s: %v", statement, err)
		}
	}
	last := map[string]int64{} // numbers up to here are Fill's
	for _, one := range multiplied {
		if one.of["id"] != "" {
			var n int64
			r.must(db.QueryRow("SELECT COALESCE(MAX(id), 0) FROM " + one.table).Scan(&n))
			last[one.table] = n
		}
	}
	var series int // so many numbers of a tier are taken
	r.must(db.QueryRow("SELECT MAX(CAST(substr(number, 9) AS INTEGER)) FROM items").Scan(&series))
	shift := func(table, column string, k int) string {
		return fmt.Sprintf("%s + %d", column, int64(k)*last[table])
	}
	run("BEGIN")
	switch {
	case !words:
	case lite: // what the index of pairs has of each piece, as the texts that were given it
		run("CREATE VIRTUAL TABLE temp.paired USING fts5vocab(main, item_pairs, instance)")
		run("CREATE TEMP TABLE pairs_of AS SELECT doc, group_concat(term, ' ') AS pairs FROM temp.paired GROUP BY doc")
	default: // an index is made much sooner whole than row by row
		run("DROP INDEX item_words_pairs")
	}
	for _, one := range multiplied {
		rows, err := db.Query("SELECT * FROM " + one.table + " WHERE 1 = 0")
		r.must(err)
		columns, err := rows.Columns()
		r.must(err)
		r.must(rows.Close())
		copies := copiesOf(one.table, times, parts)
		for k := 1; k < copies; k++ {
			values := slices.Clone(columns)
			for n, column := range columns {
				if of := one.of[column]; of != "" {
					values[n] = shift(of, column, k)
				}
			}
			if one.table == "item_words" {
				values[slices.Index(columns, "of_id")] = "CASE kind WHEN 'progress' THEN " + shift("progress", "of_id", k) + " WHEN 'evidence' THEN " + shift("evidence", "of_id", k) + " ELSE of_id END"
			}
			if one.table == "items" {
				own := map[string]string{
					"number":    fmt.Sprintf("substr(number, 1, 8) || CAST(CAST(substr(number, 9) AS INTEGER) + %d AS TEXT)", k*series),
					"ledger_no": fmt.Sprintf("ledger_no || '.%d'", k),
					"problem":   fmt.Sprintf("problem || '（%d）'", k),
				}
				for n, column := range columns {
					if own[column] != "" {
						values[n] = own[column]
					}
				}
			}
			where := "item_id <= " + fmt.Sprint(last["items"])
			if one.of["id"] != "" {
				where += fmt.Sprintf(" AND id <= %d", last[one.table])
			}
			if one.table == "items" {
				where = fmt.Sprintf("id <= %d", last["items"])
			}
			run("INSERT INTO " + one.table + " (" + strings.Join(columns, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM " + one.table + " WHERE " + where)
		}
		if !lite && one.of["id"] != "" {
			run(fmt.Sprintf("SELECT setval('%s_id_seq', (SELECT MAX(id) FROM %s))", one.table, one.table))
		}
	}
	switch {
	case !words:
	case lite:
		for k := 1; k < times; k++ {
			run("INSERT INTO item_pairs (rowid, pairs) SELECT " + shift("item_words", "doc", k) + ", pairs FROM pairs_of")
		}
		run("DROP TABLE temp.paired")
	default:
		run("CREATE INDEX item_words_pairs ON item_words USING gin (pairs) WITH (gin_pending_list_limit = 256)")
	}
	run("COMMIT")
	if lite {
		run("PRAGMA wal_checkpoint(TRUNCATE)") // nobody counts rows for its plans, as nobody does for people's registers
	} else {
		run("ANALYZE") // which the server does by itself
	}
}
