package views

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"

	"duban/models"
	"duban/models/ledger"
	"duban/views/text"
)

// LedgerCSV is the ledger as comma-separated text in UTF-8 with a mark, so that Excel and
// WPS read it as that: a row for each measure, the item's own cells in each of them. What
// a spreadsheet would reckon is marked as text; see ledger.PlainCell.
type LedgerCSV struct {
	ctx   context.Context
	frame ExportFrame
	out   bytes.Buffer
	rows  *csv.Writer
}

// NewLedgerCSV begins one; its first row are the headings.
func NewLedgerCSV(ctx context.Context, frame ExportFrame) *LedgerCSV {
	s := &LedgerCSV{ctx: ctx, frame: frame}
	s.out.WriteString("\uFEFF")
	s.rows = csv.NewWriter(&s.out)
	s.rows.UseCRLF = true
	var headings []string
	for _, c := range sheetColumns {
		headings = append(headings, text.T(ctx, c.key))
	}
	_ = s.rows.Write(headings) // a buffer takes all
	return s
}

// Add writes an item.
func (s *LedgerCSV) Add(r models.ExportRow) error {
	for _, m := range r.SheetMeasures() {
		cells := make([]string, len(sheetColumns))
		for c, column := range sheetColumns {
			switch said := column.says(s.ctx, exportLine{r, s.frame, m}).(type) {
			case string:
				cells[c] = ledger.PlainCell(said)
			case models.Day:
				cells[c] = string(said)
			case int:
				cells[c] = strconv.Itoa(said)
			}
		}
		if err := s.rows.Write(cells); err != nil {
			return err
		}
	}
	return nil
}

// WriteTo writes it out.
func (s *LedgerCSV) WriteTo(w io.Writer) (int64, error) {
	if s.rows.Flush(); s.rows.Error() != nil {
		return 0, s.rows.Error()
	}
	return s.out.WriteTo(w)
}

// Close is for what a workbook keeps.
func (s *LedgerCSV) Close() error { return nil }

// LedgerJSON is the ledger for programs: what it says of itself, and the items with their
// measureList; tiers, states and lights by their names in addresses, days as 2024-07-31 or
// null.
type LedgerJSON struct {
	ctx   context.Context
	frame ExportFrame
	out   bytes.Buffer
	items int
}

// NewLedgerJSON begins one.
func NewLedgerJSON(ctx context.Context, frame ExportFrame, head ExportHead) *LedgerJSON {
	s := &LedgerJSON{ctx: ctx, frame: frame}
	s.out.WriteString("{")
	for n, of := range []struct {
		name string
		is   any
	}{{"title", head.Title(ctx)}, {"unit", head.Unit}, {"filter", head.Filter}, {"taken_by", head.By}, {"taken_at", head.At}, {"count", head.Items}} {
		s.field(n, of.name, of.is)
	}
	s.out.WriteString(`,"items":[`)
	return s
}

func (s *LedgerJSON) field(n int, name string, is any) {
	if n > 0 {
		s.out.WriteByte(',')
	}
	if day, isDay := is.(models.Day); isDay && day == "" {
		is = nil
	}
	value := json.NewEncoder(&s.out)
	value.SetEscapeHTML(false)
	s.out.WriteString(strconv.Quote(name) + ":")
	_ = value.Encode(is) // texts, days and numbers always have a form
	s.out.Truncate(s.out.Len() - 1)
}

// fields are an item's own, or those of one of its measures.
func (s *LedgerJSON) fields(of bool, line exportLine) (n int) {
	for _, c := range sheetColumns {
		if c.item != of {
			continue
		}
		is := c.says
		if c.code != nil {
			is = func(_ context.Context, l exportLine) any { return c.code(l) }
		}
		s.field(n, c.name, is(s.ctx, line))
		n++
	}
	return n
}

// Add writes an item.
func (s *LedgerJSON) Add(r models.ExportRow) error {
	if s.items++; s.items > 1 {
		s.out.WriteByte(',')
	}
	s.out.WriteString("\n{")
	s.fields(true, exportLine{ExportRow: r, ExportFrame: s.frame})
	s.out.WriteString(`,"measures":[`)
	for n, m := range r.SheetMeasures() {
		if n > 0 {
			s.out.WriteByte(',')
		}
		s.out.WriteByte('{')
		s.fields(false, exportLine{r, s.frame, m})
		s.out.WriteByte('}')
	}
	s.out.WriteString("]}")
	return nil
}

// WriteTo writes it out.
func (s *LedgerJSON) WriteTo(w io.Writer) (int64, error) {
	s.out.WriteString("\n]}\n")
	return s.out.WriteTo(w)
}

// Close is for what a workbook keeps.
func (s *LedgerJSON) Close() error { return nil }
