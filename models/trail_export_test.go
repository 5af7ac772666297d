package models

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Behind is the database itself, for tests that go behind the program's back.
func (s *Store) Behind() *gorm.DB { return s.db }

// Forge rewrites what an event says as somebody would who knows this program and owns
// its database, but not its key: the record and its hash, every later event of the item
// that names it, the item, and the whole tree; and takes away the heads that differ.
func (s *Store) Forge(id int64, old, new string) error {
	off := map[string][]string{
		"sqlite":   {"DROP TRIGGER events_stay", "DROP TRIGGER events_remain"},
		"postgres": {"ALTER TABLE events DISABLE TRIGGER USER"},
	}
	for _, statement := range off[s.db.Name()] {
		if err := s.db.Exec(statement).Error; err != nil {
			return err
		}
	}
	var all []Event
	if err := s.db.Raw("SELECT events.* FROM events JOIN trail_leaves ON trail_leaves.event_id = events.id ORDER BY seq").Scan(&all).Error; err != nil {
		return err
	}
	renamed, leaves := map[string]string{}, make([]tlog.Hash, len(all))
	for n, e := range all {
		record := e.Record
		if e.ID == id {
			record = strings.ReplaceAll(record, old, new)
		}
		var r Record
		if err := json.Unmarshal([]byte(record), &r); err != nil {
			return err
		}
		if fresh, ok := renamed[r.Prev]; ok {
			record = strings.ReplaceAll(record, r.Prev, fresh)
		}
		leaves[n] = tlog.RecordHash([]byte(record))
		if record == e.Record {
			continue
		}
		renamed[e.Leaf] = leaves[n].String()
		particulars, err := json.Marshal(r.Particulars)
		if err != nil {
			return err
		}
		err = s.db.Exec("UPDATE events SET record = ?, leaf = ?, particulars = ? WHERE id = ?", record, leaves[n].String(), string(particulars), e.ID).Error
		if err != nil {
			return err
		}
		if err := s.db.Exec("UPDATE items SET head = ? WHERE head = ?", leaves[n].String(), e.Leaf).Error; err != nil {
			return err
		}
	}
	if err := s.db.Exec("DELETE FROM trail_tiles").Error; err != nil {
		return err
	}
	b := &Board{db: s.db, store: s}
	if err := b.growTiles(0, leaves); err != nil {
		return err
	}
	return s.db.Exec("DELETE FROM checkpoints WHERE size >= (SELECT seq FROM trail_leaves WHERE event_id = ?)", id).Error
}

// Statements are those of a migration, in this database's words.
func (s *Store) Statements(migration string) ([]string, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(filledMigrations{files, s.dialect.words}, migration)
	_, text, _ = bytes.Cut(text, []byte("+goose Up\n"))
	var all []string
	for one := range strings.SplitSeq(string(text), ";\n") {
		if strings.TrimSpace(one) != "" {
			all = append(all, one)
		}
	}
	return all, err
}

// Quoted is a text as the hash of a row has it.
func Quoted(text string) string { return string(appendQuoted(nil, text)) }

// NoteSlowly notes that a file was taken, in a transaction that is yet to be committed.
func (b *Board) NoteSlowly(file string) (*gorm.DB, error) {
	tx := b.db.Begin()
	return tx, b.in(tx).NoteTaken(file)
}

// ReportMany reports so often on each of these items, a hundred items a transaction:
// a trail of any length in a few seconds.
func (b *Board) ReportMany(items []Item, times int) error {
	for some := range slices.Chunk(items, 100) {
		err := b.db.Transaction(func(tx *gorm.DB) error {
			for _, item := range some {
				for range times {
					var err error
					item, err = b.in(tx).step(ReportProgress, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
						note := Progress{ItemID: item.ID, Text: "已核实 31 笔", ByID: b.me.ID, At: b.now}
						err := tx.Create(&note).Error
						item.ProgressOn = b.Today()
						return Particulars{"progress": itoa(int(note.ID))}, err
					})
					if err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ReportUntrailed is Report as it would be if there were no trail: what the trail costs
// is measured against it.
func (b *Board) ReportUntrailed(seen Item, text string) (item Item, err error) {
	err = b.db.Transaction(func(tx *gorm.DB) error {
		b := b.in(tx)
		if err := b.kept().Clauses(clause.Locking{Strength: "UPDATE"}).Where("items.id = ?", seen.ID).Take(&item).Error; err != nil {
			return err
		}
		if err := b.check(ReportProgress, item); err != nil {
			return err
		}
		was := item
		if err := tx.Create(&Progress{ItemID: item.ID, Text: text, ByID: b.me.ID, At: b.now}).Error; err != nil {
			return err
		}
		item.ProgressOn = b.Today()
		item.Version++
		written := append(slices.Sorted(maps.Keys(itemChanges(was, item, actWrites))), "version")
		return oneRow(tx.Model(&Item{}).Where("id = ? AND version = ? AND status = ?", was.ID, was.Version, was.Status).Select(written).Updates(&item))
	})
	return item, err
}

// RecordBytes are the bytes of a record that are hashed.
func RecordBytes(r Record) []byte { return r.bytes() }

// TrailedColumns are the tables whose rows the trail vouches for and the items, each
// with the columns whose changes it tells of.
func TrailedColumns() map[string][]string {
	all := map[string][]string{"items": nil}
	for _, f := range itemColumns() {
		all["items"] = append(all["items"], f.DBName)
	}
	for name, t := range trailedTables() {
		for _, f := range t.fields {
			all[name] = append(all[name], f.DBName)
		}
	}
	return all
}
