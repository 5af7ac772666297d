package views

import (
	"context"
	"fmt"
	"strings"
	"time"

	"duban/models"
	"duban/models/document"
	"duban/views/text"
)

// EvidenceView is the evidence of one item, and the form by which more is handed in
// for who may.
type EvidenceView struct {
	Item     models.Item
	Rows     []models.EvidenceRow
	Measures []models.Measure
	People   map[int64]models.User
	When     func(time.Time) string
	From     models.Filter
	May      bool // hand in more
	MB       int64
	Endings  []string
	Most     int // files in one form
	Typed    EvidenceTyped
}

// EvidenceTyped is a form that was sent and is shown again: what is wrong, and how
// many of its files were kept all the same.
type EvidenceTyped struct {
	DocNo, Note string
	Measure     int64
	Kept        int
	Problems    models.Problems
}

// FilePage is one file of an item, with what is shown of it in the page.
type FilePage struct {
	EvidenceView
	Row     models.EvidenceRow
	Preview document.Preview
	Current bool // nothing has taken its place
}

// files is how many of the rows are files.
func (v EvidenceView) files() int {
	n := 0
	for _, row := range v.Rows {
		if row.HasFile() {
			n++
		}
	}
	return n
}

func (v EvidenceView) accept() string { return strings.Join(v.Endings, ",") }

// measureOf is the number of the measure that a piece of evidence belongs to, 0 for
// the item itself.
func (v EvidenceView) measureOf(row models.EvidenceRow) int {
	if row.MeasureID != nil {
		for _, m := range v.Measures {
			if m.ID == *row.MeasureID {
				return m.Seq
			}
		}
	}
	return 0
}

func (v EvidenceView) measures(ctx context.Context) []Choice {
	all := []Choice{{"", text.T(ctx, "evidence.of_item")}}
	for _, m := range v.Measures {
		words := []rune(m.Text)
		if len(words) > 30 {
			words = append(words[:29], '…')
		}
		all = append(all, Choice{idText(m.ID), fmt.Sprintf("%d. %s", m.Seq, string(words))})
	}
	return all
}

// typedMeasure is the measure chosen in the form, "" for the item.
func (v EvidenceView) typedMeasure() string {
	if v.Typed.Measure == 0 {
		return ""
	}
	return idText(v.Typed.Measure)
}

// by is who handed it in and when.
func (v EvidenceView) by(row models.EvidenceRow) string {
	return strings.TrimSpace(v.People[row.ByID].FullName + " " + v.When(row.At))
}

// fileSize is how much a file is, in the words people use.
func fileSize(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}

// fileKind is the badge on a file: PDF, DOCX.
func fileKind(t document.Type) string { return strings.ToUpper(string(t)) }

// evidenceFact is a piece of evidence in the timeline: the file or the document, and
// what it is for.
func evidenceFact(ctx context.Context, p models.Particulars) string {
	words := strings.TrimSpace(strings.Join([]string{p["file"], p["doc_no"], p["note"]}, " "))
	if p["measure"] != "" {
		return text.T(ctx, "fact.evidence_of_measure", words, p["measure"])
	}
	return words
}
