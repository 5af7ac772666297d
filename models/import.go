package models

import (
	"bytes"
	"context"
	"crypto/sha256"
	"duban/models/deadline"
	"duban/models/ledger"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Import is a ledger that was taken in, or is about to be: the file, what the person
// said of it, and what came of it. Nothing stands in the ledger before it is
// confirmed. UnitID is nil for a ledger of several units, which a column names.
type Import struct {
	ID           int64
	FileName     string
	SHA256       string
	Size         int64
	Content      []byte
	RoundID      int64
	UnitID       *int64
	Tier         Tier
	Year         int
	FoundOn      Day
	NoticeOn     Day
	FeedbackOn   Day
	WindowEnd    Day
	Columns      map[string]ledger.Field `gorm:"serializer:json"`
	Answers      map[string]ImportAnswer `gorm:"serializer:json"`
	State        ImportState
	ByID         int64
	At           time.Time
	DoneAt       *time.Time
	UndoneAt     *time.Time
	RowsRead     int
	ItemsNew     int
	ItemsChanged int
	ItemsSame    int
	Refused      int
}

// ImportState is how far an import is.
type ImportState string

// An import is uploaded and looked at; done; undone.
const (
	ImportUploaded ImportState = "uploaded"
	ImportDone     ImportState = "done"
	ImportUndone   ImportState = "undone"
)

// ImportAnswer is what a person said to a question of the preview: a day, which is the
// deadline or what it counts from, as was asked; a year; that the measure stands without
// a day, or that it stays undated; that what looks odd was seen and is right. Of a unit nobody knows it is
// the code of the one that is meant; of who a line is, the number of the item it is or,
// with Another, is not; of a cell that both have changed, which of the two is taken;
// of a sheet on its side, that it is to be turned.
type ImportAnswer struct {
	Due      Day    `json:"due,omitempty"`
	Year     int    `json:"year,omitempty"`
	Seen     bool   `json:"seen,omitempty"`
	Standing bool   `json:"standing,omitempty"`
	Undated  bool   `json:"undated,omitempty"`
	Unit     string `json:"unit,omitempty"`
	Item     string `json:"item,omitempty"`
	Another  bool   `json:"another,omitempty"`
	Take     string `json:"take,omitempty"`
	Turn     bool   `json:"turn,omitempty"`
}

// TurnKey is the key of the answer whether a sheet on its side is to be turned.
func TurnKey(sheet string) string { return "turn!" + sheet }

type importColumn struct {
	UnitID  int64  `gorm:"primaryKey;autoIncrement:false"`
	Heading string `gorm:"primaryKey"`
	Field   ledger.Field
}

// imports are those that this person may see: the office all, a unit's people their
// unit's own, and what the office took in of it.
func (b *Board) imports() *gorm.DB {
	q := b.db.Model(&Import{})
	switch {
	case b.me.Role == Office || b.me.Role == clerk:
		return q
	case b.me.Role.ofUnit() && b.me.UnitID != nil:
		return q.Where("imports.unit_id = ? AND (imports.state <> ? OR imports.by_id IN (?))", *b.me.UnitID, ImportUploaded, b.colleagues())
	default:
		return q.Where("1 = 0")
	}
}

// colleagues are the people of this person's unit.
func (b *Board) colleagues() *gorm.DB {
	return b.db.Model(&User{}).Select("id").Where("unit_id = ?", b.me.UnitID)
}

// Imports are the newest imports, at most limit, without their files.
func (b *Board) Imports(limit int) ([]Import, error) {
	var all []Import
	err := b.imports().Omit("content").Order("id DESC").Limit(limit).Find(&all).Error
	return all, err
}

// Import is one import, with its file as long as that is kept; another unit's is not
// found.
func (b *Board) Import(id int64) (Import, error) {
	var i Import
	return i, orNotFound(b.imports().Where("imports.id = ?", id).Take(&i).Error)
}

// ImportsOf are the earlier imports of the same file that were done.
func (b *Board) ImportsOf(i Import) ([]Import, error) {
	var same []Import
	err := b.imports().Omit("content").Where("sha256 = ? AND state = ? AND id <> ?", i.SHA256, ImportDone, i.ID).Order("id DESC").Find(&same).Error
	return same, err
}

// StartImport keeps a file to be looked at. What the person said of it is checked
// first; the unit's people may only name their own unit. Headings the unit was asked
// about before are understood as they were then.
func (b *Board) StartImport(i Import, content []byte) (Import, error) {
	if err := b.uploadProblems(i, len(content)); err != nil {
		return Import{}, err
	}
	sum := sha256.Sum256(content)
	i.SHA256, i.Size, i.Content, i.FileName = hex.EncodeToString(sum[:]), int64(len(content)), content, clip(cleanName(i.FileName), 120)
	i.State, i.ByID, i.At, i.Answers, i.Columns = ImportUploaded, b.me.ID, b.now, map[string]ImportAnswer{}, map[string]ledger.Field{}
	err := b.govern(GovernImport, func(tx *gorm.DB) (Particulars, error) {
		if i.UnitID != nil && !b.MayImport(*i.UnitID) {
			return nil, ErrNotFound
		}
		var r Round
		if err := orNotFound(tx.Take(&r, i.RoundID).Error); err != nil {
			return nil, Problems{{Field: "round", Key: "required"}}
		}
		remembered, err := b.in(tx).headingsOf(i.UnitID)
		if err != nil {
			return nil, err
		}
		maps.Copy(i.Columns, remembered)
		if i.Year == 0 {
			i.Year = r.Year
		}
		if err := tx.Create(&i).Error; err != nil {
			return nil, err
		}
		return Particulars{"import": strconv.FormatInt(i.ID, 10), "file": i.FileName, "sha256": i.SHA256}, nil
	})
	return i, err
}

// uploadProblems is what is wrong with what was said of a file of so many bytes.
func (b *Board) uploadProblems(i Import, size int) error {
	var p Problems
	if !slices.Contains(deadline.Tiers(), i.Tier) {
		p.Add("tier", "required")
	}
	if i.UnitID == nil && b.me.Role != Office {
		p.Add("unit", "required")
	}
	for field, day := range map[string]Day{"found_on": i.FoundOn, "notice_on": i.NoticeOn, "feedback_on": i.FeedbackOn, "window_end": i.WindowEnd} {
		dayProblem(&p, field, day)
	}
	if i.Year != 0 && (i.Year < deadline.FirstYear || i.Year > deadline.LastYear) {
		p.Add("year", "round.year.range")
	}
	switch {
	case size > 0:
	case i.FileName == "":
		p.Add("file", "import.file.missing")
	default:
		p.Add("file", "import.file.none", clip(cleanName(i.FileName), 120))
	}
	if err := b.unitProblem(&p, "unit", i.UnitID); err != nil {
		return err
	}
	return p.Err()
}

// headingsOf is what the unit's headings were said to mean before.
func (b *Board) headingsOf(unit *int64) (map[string]ledger.Field, error) {
	headings := map[string]ledger.Field{}
	if unit == nil {
		return headings, nil
	}
	var columns []importColumn
	err := b.db.Where("unit_id = ?", *unit).Find(&columns).Error
	for _, c := range columns {
		headings[c.Heading] = c.Field
	}
	return headings, err
}

// cleanName is a file's name without what no name needs.
func cleanName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
}

// SayColumns says what the headings mean: empty leaves a column out.
func (b *Board) SayColumns(i Import, columns map[string]ledger.Field) (Import, error) {
	for heading, field := range columns {
		if field != "" && !field.Taken() {
			return i, ErrNotFound
		}
		i.Columns[heading] = field
	}
	return i, b.say(i, "columns", i)
}

func (b *Board) say(i Import, column string, said Import) error {
	kept := b.imports().Where("imports.id = ? AND state = ?", i.ID, ImportUploaded).Select(column).Updates(&said)
	return oneRow(kept)
}

// readFile reads an import's file.
func (b *Board) readFile(ctx context.Context, i Import, in ledger.Context, limits ledger.Limits) (ledger.Reading, error) {
	reading, err := ledger.Read(ctx, bytes.NewReader(i.Content), int64(len(i.Content)), in, limits, b.calendar)
	if u := (ledger.Unreadable{}); errors.As(err, &u) {
		err = Problems{{Field: "file", Key: u.Key, Args: u.Args}}
	}
	return reading, err
}

// known is what the register knows by name: the units, and who and what answers in
// the unit whose ledger it is, or in all that this person may bring ledgers of.
func (b *Board) known(unitID *int64) (k ledger.Known, err error) {
	units, err := b.Units()
	if err != nil {
		return k, err
	}
	ids := []int64{}
	for _, u := range units {
		k.Units = append(k.Units, u.Name)
		if unitID == nil && b.MayImport(u.ID) || unitID != nil && u.ID == *unitID {
			ids = append(ids, u.ID)
		}
		if b.MayImport(u.ID) {
			k.Mine = append(k.Mine, u.Name)
		}
	}
	people := b.db.Model(&User{}).Where("unit_id IN ? AND full_name <> ''", ids).Distinct()
	if err := people.Order("full_name").Pluck("full_name", &k.People).Error; err != nil {
		return k, err
	}
	err = b.db.Model(&Item{}).Where("unit_id IN ? AND department <> ''", ids).Distinct().Order("department").Limit(mostKnown).Pluck("department", &k.Departments).Error
	return k, err
}

// mostKnown is how many departments of the register a reading is given.
const mostKnown = 2000

// ErrImportMoved says that the register is no longer as the preview showed it.
var ErrImportMoved = errors.New("the preview is out of date")

// ConfirmImport writes what the preview of that print showed, all of it or nothing.
// ErrImportMoved when the register has changed since, ErrStale when the import was
// confirmed already. The people of each unit are told of it once.
func (b *Board) ConfirmImport(i Import, reading ledger.Reading, print string) (Import, error) {
	err := b.govern(GovernImport, func(tx *gorm.DB) (Particulars, error) {
		in := b.in(tx)
		if _, err := in.Import(i.ID); err != nil {
			return nil, err
		}
		taken := tx.Model(&Import{}).Where("id = ? AND state = ?", i.ID, ImportUploaded).Updates(map[string]any{"state": ImportDone, "done_at": b.now})
		if err := oneRow(taken); err != nil {
			return nil, ErrStale
		}
		fresh, err := in.Import(i.ID)
		if err != nil {
			return nil, err
		}
		back, err := in.makeRoom()
		if err != nil {
			return nil, err
		}
		defer back()
		p, err := in.Preview(fresh, reading)
		if err != nil {
			return nil, err
		}
		if p.Print != print {
			return nil, ErrImportMoved
		}
		if err := in.take(&p); err != nil {
			return nil, err
		}
		i = p.Import
		i.RowsRead, i.ItemsNew, i.ItemsChanged, i.ItemsSame, i.Refused = p.Counts().Rows, p.N(LineNew), p.N(LineChanged), p.N(LineSame), p.RefusedN()
		if err := tx.Model(&Import{}).Where("id = ?", i.ID).Select("rows_read", "items_new", "items_changed", "items_same", "refused").Updates(&i).Error; err != nil {
			return nil, err
		}
		return Particulars{
			"import": strconv.FormatInt(i.ID, 10), "file": i.FileName,
			"new": itoa(i.ItemsNew), "changed": itoa(i.ItemsChanged), "same": itoa(i.ItemsSame), "refused": itoa(i.Refused),
		}, in.rememberColumns(i)
	})
	return i, err
}

func (b *Board) saveMeasure(m Measure) error {
	return oneRow(b.db.Model(&Measure{}).Where("id = ? AND item_id = ?", m.ID, m.ItemID).
		Select("text", "kind", "leader", "department", "owners", "deadline_phrase", "due_on", "standing", "ask", "assumed").Updates(&m))
}

// rememberColumns keeps what the unit's headings were said to mean.
func (b *Board) rememberColumns(i Import) error {
	if i.UnitID == nil || len(i.Columns) == 0 {
		return nil
	}
	var rows []importColumn
	for heading, field := range i.Columns {
		if ledger.Unheaded(heading) { // the next sheet has something else there
			continue
		}
		rows = append(rows, importColumn{*i.UnitID, heading, field})
	}
	if len(rows) == 0 {
		return nil
	}
	return b.db.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "unit_id"}, {Name: "heading"}}, DoUpdates: clause.AssignmentColumns([]string{"field"}),
	}).CreateInBatches(&rows, batch).Error
}

// SweepImports drops the files of imports that are done with, or were left lying,
// after a day, and returns how many.
func (b *Board) SweepImports() (int, error) {
	old := b.now.Add(-undoWithin)
	left := b.db.Where("state = ? AND at < ?", ImportUploaded, old).Delete(&Import{})
	if left.Error != nil {
		return 0, left.Error
	}
	files := b.db.Model(&Import{}).Where("state <> ? AND content IS NOT NULL AND at < ?", ImportUploaded, old).Update("content", nil)
	return int(left.RowsAffected + files.RowsAffected), files.Error
}

// DropImport takes an upload back that was never confirmed.
func (b *Board) DropImport(i Import) error {
	var ids []int64
	if err := b.imports().Where("imports.id = ? AND state = ?", i.ID, ImportUploaded).Pluck("imports.id", &ids).Error; err != nil {
		return err
	}
	return b.db.Where("id IN ?", ids).Delete(&Import{}).Error
}
