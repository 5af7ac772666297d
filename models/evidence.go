package models

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"
)

// How many characters these may have. Longer words belong into a file.
const (
	longestDocNo = 100
	longestNote  = 500
)

// Evidence is one piece of what shows that something was done: a document's number, a
// note, a file, or all of these. Where a file may not leave its network its number is
// evidence as well. It belongs to a measure or, without one, to the item; it is added
// and never changed, and what replaces it names it.
type Evidence struct {
	ID        int64
	ItemID    int64
	MeasureID *int64
	DocNo     string
	Note      string
	FileID    *int64
	FileName  string // to the byte as it was handed in
	EarlierID *int64 // the piece this one took the place of
	ByID      int64
	At        time.Time
}

// TableName is the word itself: evidence has no plural.
func (Evidence) TableName() string { return "evidence" }

// AddEvidence adds a document's number, a note, or both to an item or one of its
// measures. A file comes by AddFile.
func (b *Board) AddEvidence(item Item, e Evidence) (Item, error) {
	seen := item
	return b.act(AddEvidence, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		e, err := b.in(tx).evidenceWords(*item, e)
		if err != nil {
			return nil, err
		}
		if e.DocNo == "" && e.Note == "" {
			return nil, Problems{{Field: "doc_no", Key: "evidence.nothing"}}
		}
		if err := b.justAdded(seen, *item, ofMeasure(b.in(tx).about(*item).Model(&Evidence{}), e.MeasureID).Where("file_id IS NULL AND doc_no = ? AND note = ?", e.DocNo, e.Note)); err != nil {
			return nil, err
		}
		return b.in(tx).writeEvidence(*item, &e)
	})
}

// evidenceWords is what was said of a piece of evidence, looked at.
func (b *Board) evidenceWords(item Item, e Evidence) (Evidence, error) {
	e = Evidence{MeasureID: e.MeasureID, DocNo: strings.TrimSpace(e.DocNo), Note: strings.TrimSpace(e.Note)}
	var p Problems
	if n := utf8.RuneCountInString(e.DocNo); n > longestDocNo {
		p.Add("doc_no", "too_long", longestDocNo, n)
	}
	if n := utf8.RuneCountInString(e.Note); n > longestNote {
		p.Add("note", "too_long", longestNote, n)
	}
	if e.MeasureID != nil {
		_, err := b.measure(item, *e.MeasureID)
		if errors.Is(err, ErrNotFound) {
			p.Add("measure", "measure.choose")
		} else if err != nil {
			return e, err
		}
	}
	return e, p.Err()
}

// writeEvidence writes the row, and says what the trail says of it.
func (b *Board) writeEvidence(item Item, e *Evidence) (Particulars, error) {
	e.ItemID, e.ByID, e.At = item.ID, b.me.ID, b.now
	if err := b.db.Create(e).Error; err != nil {
		return nil, err
	}
	particulars := Particulars{"evidence": itoa(int(e.ID))}
	if e.MeasureID != nil {
		m, err := b.measure(item, *e.MeasureID)
		if err != nil {
			return nil, err
		}
		particulars["measure"] = itoa(m.Seq)
	}
	for word, value := range map[string]string{"doc_no": e.DocNo, "note": e.Note, "file": e.FileName} {
		if value != "" {
			particulars[word] = value
		}
	}
	if e.EarlierID != nil {
		particulars["earlier"] = itoa(int(*e.EarlierID))
	}
	return particulars, nil
}
