package models

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// itemContents are all that is handed in with an item, and all that a signature vouches
// for: the problem, its standard, what was done about it, what shows that, and the
// numbers it is said to have brought about. Two contents with the same hash are the same.
type itemContents struct {
	Number   string
	Problem  string
	Standard string
	Measures []Measure
	Progress []Progress
	Evidence []evidenceOfContents
	Achieved []Achievement `json:",omitempty"`
}

// evidenceOfContents is a piece of evidence with the hash of its file.
type evidenceOfContents struct {
	ID        int64
	MeasureID *int64
	DocNo     string
	Note      string
	FileName  string
	SHA256    string
	EarlierID *int64
	At        time.Time
}

// contents are the item's as the register has them now.
func (b *Board) contents(item Item) (itemContents, error) {
	c := itemContents{Number: item.Number, Problem: item.Problem, Standard: item.Standard}
	var err error
	if c.Measures, err = b.Measures(item); err != nil {
		return c, err
	}
	if err = b.about(item).Order("id").Find(&c.Progress).Error; err != nil {
		return c, err
	}
	for n := range c.Progress {
		c.Progress[n].At = c.Progress[n].At.UTC()
	}
	if err = b.about(item).Where("withdrawn_by = 0").Order("id").Find(&c.Achieved).Error; err != nil {
		return c, err
	}
	for n := range c.Achieved {
		c.Achieved[n].At = c.Achieved[n].At.UTC()
	}
	err = b.db.Table("evidence").
		Select("evidence.id, evidence.measure_id, evidence.doc_no, evidence.note, evidence.file_name, evidence.earlier_id, evidence.at, COALESCE(files.sha256, '') AS sha256").
		Joins("LEFT JOIN files ON files.id = evidence.file_id").
		Where("evidence.item_id IN (?)", b.kept().Select("items.id").Where("items.id = ?", item.ID)).
		Order("evidence.id").Scan(&c.Evidence).Error
	for n := range c.Evidence {
		c.Evidence[n].At = c.Evidence[n].At.UTC()
	}
	return c, err
}

// hash is what a signature is bound to.
func (c itemContents) hash() (string, error) {
	written, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(written)
	return hex.EncodeToString(sum[:]), nil
}

// proven are the measures for which there is evidence that nothing has taken the place
// of.
func (c itemContents) proven() map[int64]bool {
	replaced := map[int64]bool{}
	for _, e := range c.Evidence {
		if e.EarlierID != nil {
			replaced[*e.EarlierID] = true
		}
	}
	proven := map[int64]bool{}
	for _, e := range c.Evidence {
		if e.MeasureID != nil && !replaced[e.ID] {
			proven[*e.MeasureID] = true
		}
	}
	return proven
}
