package models

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"duban/models/document"
)

// What the trail calls looking at a file and taking it away. They change nothing, and
// so have no line on the road; whoever sees the item may do either.
const (
	ViewEvidence     Act = "view_evidence"
	DownloadEvidence Act = "download_evidence"
)

// Looks says whether the act is but a look at what an item holds.
func (a Act) Looks() bool { return a == ViewEvidence || a == DownloadEvidence }

// EvidenceRow is a piece of evidence with its file, if it has one, and what stood in
// its place before, the newest first.
type EvidenceRow struct {
	Evidence
	File      File
	Earlier   []EvidenceRow
	Elsewhere []string // numbers of other items of the unit that show the same file
}

// HasFile says whether it is a file, not a document number or a note alone.
func (e EvidenceRow) HasFile() bool { return e.FileID != nil }

// mostAttempts is how often a file is entered anew when others wrote to its item
// while it was on its way. A piece of evidence takes nothing away from what they
// wrote, and nobody sends fifty megabytes twice for a colleague's note.
const mostAttempts = 5

// AddFile adds a received file to an item, or to one of its measures, as evidence.
// When it returns without an error the file is kept, once, whatever dies next.
func (b *Board) AddFile(item Item, e Evidence, in *Incoming) (Item, error) {
	return b.enter(AddEvidence, item, in, func(tx *gorm.DB, item *Item) (Evidence, error) {
		return b.in(tx).evidenceWords(*item, e)
	})
}

// ReplaceFile puts a received file in the place of one that was handed in before, which
// stays to be seen behind it. A file is replaced once; its successor is replaced next.
func (b *Board) ReplaceFile(item Item, evidenceID int64, in *Incoming) (Item, error) {
	return b.enter(ReplaceEvidence, item, in, func(tx *gorm.DB, item *Item) (Evidence, error) {
		was, err := b.in(tx).EvidenceFile(*item, evidenceID)
		if err != nil {
			return Evidence{}, err
		}
		var later int64
		if err := tx.Model(&Evidence{}).Where("earlier_id = ?", was.ID).Count(&later).Error; err != nil {
			return Evidence{}, err
		}
		if later > 0 {
			return Evidence{}, Refused{Key: "evidence.replaced", Args: []any{was.FileName}}
		}
		return Evidence{MeasureID: was.MeasureID, DocNo: was.DocNo, Note: was.Note, EarlierID: &was.ID}, nil
	})
}

// enter is the way of a file to its row: the right is asked, the bytes are kept, and
// then the row is written, with its event, in one transaction.
func (b *Board) enter(a Act, item Item, in *Incoming, row func(tx *gorm.DB, item *Item) (Evidence, error)) (Item, error) {
	if err := b.check(a, item); err != nil {
		return Item{}, err
	}
	for attempt := 1; ; attempt++ {
		if in.key == "" {
			if err := b.keepBytes(item.UnitID, in); err != nil {
				return Item{}, err
			}
		}
		used := ""
		done, err := b.act(a, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
			e, err := row(tx, item)
			if err != nil {
				return nil, err
			}
			f, err := b.in(tx).enterFile(item.UnitID, in)
			if err != nil {
				return nil, err
			}
			e.FileID, e.FileName, used = &f.ID, in.Name, f.Key
			// Bytes that take the place of lost ones, or that a scanner has seen at last, are
			// no second press.
			if fresh := f.Key == in.key || in.scanned != nil && f.ScannedAt == in.scanned; !fresh {
				if there, err := b.in(tx).sentTwice(*item, e); there || err != nil {
					used = "" // the bytes of this press are nobody's
					return nil, cmp.Or(err, errSentTwice)
				}
			}
			particulars, err := b.in(tx).writeEvidence(*item, &e)
			if err != nil {
				return nil, err
			}
			particulars["sha256"], particulars["size"] = f.SHA256, itoa(int(f.Size))
			return particulars, nil
		})
		again := errors.Is(err, ErrStale) || errors.Is(err, gorm.ErrDuplicatedKey)
		if err == nil || !again || attempt == mostAttempts {
			if err != nil || used != in.key {
				b.forget(in)
			}
			return done, err
		}
		if item, err = b.Item(item.Number); err != nil {
			b.forget(in)
			return Item{}, err
		}
	}
}

// sentTwice says whether the same person has just handed in the same file with the same
// words for the same thing: a file does not wait for its item's version, and a button
// pressed twice would make two records of it.
func (b *Board) sentTwice(item Item, e Evidence) (bool, error) {
	same := ofMeasure(b.about(item).Model(&Evidence{}), e.MeasureID).Where("by_id = ? AND at > ? AND file_id = ? AND file_name = ? AND doc_no = ? AND note = ?",
		b.me.ID, b.now.Add(-time.Minute), e.FileID, e.FileName, e.DocNo, e.Note)
	var n int64
	err := same.Count(&n).Error
	return n > 0, err
}

// EvidenceOf is the evidence of an item in the order it was handed in, each with what
// it replaced. Supervisors and the office are told where else a unit shows the same
// file.
func (b *Board) EvidenceOf(item Item) ([]EvidenceRow, error) {
	var rows []Evidence
	if err := b.about(item).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	files, err := b.filesOf(rows)
	if err != nil {
		return nil, err
	}
	elsewhere, err := b.elsewhere(item, rows)
	if err != nil {
		return nil, err
	}
	byID, replaced := map[int64]EvidenceRow{}, map[int64]bool{}
	for _, e := range rows {
		row := EvidenceRow{Evidence: e}
		if e.FileID != nil {
			row.File, row.Elsewhere = files[*e.FileID], elsewhere[*e.FileID]
		}
		if e.EarlierID != nil {
			was := byID[*e.EarlierID]
			row.Earlier = append([]EvidenceRow{was}, was.Earlier...)
			replaced[was.ID] = true
		}
		byID[e.ID] = row
	}
	var shown []EvidenceRow
	for _, e := range rows {
		if !replaced[e.ID] {
			shown = append(shown, byID[e.ID])
		}
	}
	return shown, nil
}

func (b *Board) filesOf(rows []Evidence) (map[int64]File, error) {
	var ids []int64
	for _, e := range rows {
		if e.FileID != nil {
			ids = append(ids, *e.FileID)
		}
	}
	byID := map[int64]File{}
	if len(ids) == 0 {
		return byID, nil
	}
	var files []File
	if err := b.db.Where("id IN ?", distinct(ids)).Find(&files).Error; err != nil {
		return nil, err
	}
	for _, f := range files {
		byID[f.ID] = f
	}
	return byID, nil
}

// elsewhere is, by file, the numbers of the other items that show it, of those this
// person sees. The unit itself is not told: it is a question to be asked, and asked
// by who supervises it.
func (b *Board) elsewhere(item Item, rows []Evidence) (map[int64][]string, error) {
	found := map[int64][]string{}
	var ids []int64
	for _, e := range rows {
		if e.FileID != nil {
			ids = append(ids, *e.FileID)
		}
	}
	if len(ids) == 0 || b.me.Role != Supervisor && b.me.Role != Office {
		return found, nil
	}
	var same []struct {
		FileID int64
		Number string
	}
	err := b.kept().Select("DISTINCT evidence.file_id, items.number").Joins("JOIN evidence ON evidence.item_id = items.id").
		Where("evidence.file_id IN ? AND items.id <> ?", distinct(ids), item.ID).Order("items.number").Scan(&same).Error
	for _, s := range same {
		found[s.FileID] = append(found[s.FileID], s.Number)
	}
	return found, err
}

// EvidenceFile is one piece of evidence of this item that is a file; another item's
// is not found.
func (b *Board) EvidenceFile(item Item, id int64) (EvidenceRow, error) {
	var row EvidenceRow
	if err := orNotFound(b.about(item).Where("id = ? AND file_id IS NOT NULL", id).Take(&row.Evidence).Error); err != nil {
		return row, err
	}
	return row, orNotFound(b.db.Take(&row.File, *row.FileID).Error)
}

var unsoundKeys = map[string]string{FileMissing: "evidence.file_missing", FileAltered: "evidence.file_altered"}

// openEvidence opens the bytes of a row's file; unsound ones are refused with a
// sentence that says so.
func (b *Board) openEvidence(row EvidenceRow) (Content, error) {
	content, err := b.OpenFile(row.File)
	if unsound := (Unsound{}); errors.As(err, &unsound) {
		return nil, Refused{Key: unsoundKeys[unsound.Wrong], Args: []any{row.FileName}}
	}
	return content, err
}

// LookAt is a piece of evidence with what a page shows of it. Text and tables are
// shown there and then, and the trail says so; pictures and documents are by their
// own addresses.
func (b *Board) LookAt(item Item, id int64) (row EvidenceRow, p document.Preview, err error) {
	if row, err = b.EvidenceFile(item, id); err != nil {
		return row, p, err
	}
	content, err := b.openEvidence(row)
	if err != nil {
		return row, p, err
	}
	defer content.Close()
	if p, err = b.preview(row.File, content); err != nil || p.Text == "" && p.Sheets == nil {
		return row, p, err
	}
	return row, p, b.seen(ViewEvidence, item, row)
}

// ReadEvidence opens the file of a piece of evidence to be sent to somebody, who closes
// it; the trail says by which act. Where that cannot be written nothing is sent.
func (b *Board) ReadEvidence(a Act, item Item, id int64) (row EvidenceRow, content Content, err error) {
	if row, err = b.EvidenceFile(item, id); err != nil {
		return row, nil, err
	}
	if content, err = b.openEvidence(row); err != nil {
		return row, nil, err
	}
	if err = b.seen(a, item, row); err != nil {
		_ = content.Close()
		return row, nil, err
	}
	return row, content, nil
}

// EvidencePicture is a picture as large as a screen, drawn anew.
func (b *Board) EvidencePicture(item Item, id int64) ([]byte, error) {
	row, err := b.EvidenceFile(item, id)
	if err != nil {
		return nil, err
	}
	content, err := b.openEvidence(row)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	if !row.File.Type.Picture() {
		return nil, ErrNotFound
	}
	drawn, err := b.picture(row.File, content, document.Screen)
	if err != nil {
		return nil, err
	}
	return drawn, b.seen(ViewEvidence, item, row)
}

type fileThumbnail struct {
	FileID  int64 `gorm:"primaryKey"`
	Content []byte
}

// EvidenceThumbnail is a picture as the item's page shows it, made when it is first
// asked for. It is part of looking at the item and no look of its own.
func (b *Board) EvidenceThumbnail(item Item, id int64) ([]byte, error) {
	row, err := b.EvidenceFile(item, id)
	if err != nil {
		return nil, err
	}
	if !row.File.Type.Picture() {
		return nil, ErrNotFound
	}
	var made fileThumbnail
	if err := orNotFound(b.db.Where("file_id = ?", row.File.ID).Take(&made).Error); !errors.Is(err, ErrNotFound) {
		return made.Content, err
	}
	content, err := b.openEvidence(row)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	made = fileThumbnail{FileID: row.File.ID}
	if made.Content, err = b.picture(row.File, content, document.Thumbnail); err != nil {
		return nil, err
	}
	return made.Content, b.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&made).Error
}

// PackEvidence hands on every file of an item, one after the other, those that were
// replaced left out. All of them are looked at before the first is handed on: a
// package that is not whole is not begun.
func (b *Board) PackEvidence(item Item, begin func([]EvidenceRow) error, each func(EvidenceRow, Content) error) error {
	rows, err := b.EvidenceOf(item)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(e EvidenceRow) bool { return !e.HasFile() })
	if len(rows) == 0 {
		return ErrNotFound
	}
	var names []string
	for _, row := range rows {
		content, err := b.openEvidence(row)
		if err != nil {
			return err
		}
		if err := content.Close(); err != nil {
			return err
		}
		names = append(names, row.FileName)
	}
	event := Particulars{"files": strings.Join(names, "\n"), "count": itoa(len(rows))}
	if err := b.looked(DownloadEvidence, item, event); err != nil {
		return err
	}
	if err := begin(rows); err != nil {
		return err
	}
	for _, row := range rows {
		content, err := b.openEvidence(row)
		if err != nil {
			return err
		}
		if err := errors.Join(each(row, content), content.Close()); err != nil {
			return err
		}
	}
	return nil
}

// seen writes into the trail that somebody has seen a file or taken it away.
func (b *Board) seen(a Act, item Item, row EvidenceRow) error {
	return b.looked(a, item, Particulars{"evidence": itoa(int(row.ID)), "file": row.FileName, "sha256": row.File.SHA256})
}

func (b *Board) looked(a Act, item Item, particulars Particulars) error {
	return b.mention(a, item, particulars)
}

// UnsoundEvidence is a file that is not, or no longer, what was handed in.
type UnsoundEvidence struct {
	EvidenceID int64
	ItemID     int64
	Number     string // of the item
	Name       string
	SHA256     string // of what was handed in
	Wrong      string // FileMissing, FileAltered, or what the vault said
}

// VerifyFiles reads every byte of stored evidence and shows each piece of it whose
// bytes are missing or altered. It goes on past each; an error is of the register or
// of see. It returns how many files it read.
func (b *Board) VerifyFiles(ctx context.Context, see func(UnsoundEvidence) error) (files int, err error) {
	if b.me.Role != clerk {
		return 0, ErrForbidden
	}
	b = b.in(b.db.WithContext(ctx))
	for last := int64(0); ; {
		var some []File
		if err := b.db.Where("id > ?", last).Order("id").Limit(batch).Find(&some).Error; err != nil || len(some) == 0 {
			return files, err
		}
		for _, f := range some {
			last = f.ID
			files++
			content, err := b.OpenFile(f)
			if err == nil {
				_ = content.Close()
				continue
			}
			if ctx.Err() != nil {
				return files, ctx.Err()
			}
			wrong := err.Error()
			if unsound := (Unsound{}); errors.As(err, &unsound) {
				wrong = unsound.Wrong
			}
			var shown []UnsoundEvidence
			err = b.db.Model(&Evidence{}).Select("evidence.id AS evidence_id, evidence.item_id, items.number, evidence.file_name AS name").
				Joins("JOIN items ON items.id = evidence.item_id").Where("evidence.file_id = ?", f.ID).Order("evidence.id").Scan(&shown).Error
			if err != nil {
				return files, err
			}
			for _, one := range shown {
				one.SHA256, one.Wrong = f.SHA256, wrong
				if err := see(one); err != nil {
					return files, err
				}
			}
		}
	}
}
