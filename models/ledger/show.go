package ledger

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// What a page shows of a text, a workbook or a Word document: its beginning, read
// with the limits of a ledger.

const (
	shownText    = 256 << 10 // bytes of text
	shownSheets  = 3
	shownRows    = 200
	shownColumns = 30
)

// Shown is what a page shows of a file's words: its text or its tables. Why is the
// key of the sentence that says why there is nothing.
type Shown struct {
	Text   string
	Sheets []ShownSheet
	Cut    bool // there is more
	Why    string
}

// ShownSheet is the upper left corner of a sheet.
type ShownSheet struct {
	Name string
	Rows [][]string
	Cut  bool
}

// ShowText is the beginning of a plain text, whatever its charset.
func ShowText(ctx context.Context, r io.ReaderAt, size int64) (Shown, error) {
	words, err := Text(ctx, r, size)
	if err != nil {
		return Shown{}, err
	}
	text, err := io.ReadAll(io.LimitReader(words, shownText+1))
	if err != nil {
		return Shown{}, err
	}
	p := Shown{Text: string(text)}
	if len(text) > shownText {
		p.Text, p.Cut = strings.ToValidUTF8(string(text[:shownText]), ""), true
	}
	return p, nil
}

// errShown ends a reading when as much is read as is shown.
var errShown = errors.New("enough to show")

// ShowSheets are the corners of a workbook's first sheets.
func ShowSheets(ctx context.Context, r io.ReaderAt, size int64) (p Shown, err error) {
	budget := newLedgerBudget(Limits{Rows: lastRow})
	budget.wide = true
	_, err = readPackage(ctx, r, size, budget, func(s *ledgerSheet) error {
		if s.hidden {
			return nil
		}
		if len(p.Sheets) == shownSheets {
			p.Cut = true
			return errShown
		}
		p.Sheets = append(p.Sheets, cornerOf(s))
		return nil
	})
	if errors.Is(err, errShown) {
		err = nil
	}
	if err == nil && len(p.Sheets) == 0 {
		p.Why = "evidence.preview.nothing"
	}
	return p, err
}

func cornerOf(s *ledgerSheet) ShownSheet {
	corner := ShownSheet{Name: s.name}
	width := 0
	for _, row := range s.rows {
		for _, c := range row.cells {
			width = max(width, int(c.col)+1)
		}
	}
	corner.Cut = width > shownColumns || len(s.rows) > shownRows
	width = min(width, shownColumns)
	for _, row := range s.rows[:min(len(s.rows), shownRows)] {
		cells := make([]string, width)
		for _, c := range row.cells {
			if int(c.col) < width {
				cells[c.col] = c.text
			}
		}
		corner.Rows = append(corner.Rows, cells)
	}
	return corner
}

// ShowWords is the writing of a document, a paragraph a line, the cells of a table
// apart.
func ShowWords(ctx context.Context, r io.ReaderAt, size int64) (p Shown, err error) {
	w, err := openWorkbook(ctx, r, size, newLedgerBudget(Limits{}))
	if err != nil {
		return p, err
	}
	var words strings.Builder
	within, cells := 0, 0 // of w:t elements; of table cells
	err = w.walk("word/document.xml", func(_ *xmlPart, t xml.Token) error {
		switch t := t.(type) {
		case *xml.StartElement:
			switch t.Name.Local {
			case "t":
				within++
			case "tc":
				cells++
			case "tab":
				words.WriteByte('\t')
			case "br", "cr":
				words.WriteByte('\n')
			}
		case *xml.CharData:
			if within > 0 {
				words.Write(*t)
			}
		case *xml.EndElement:
			switch t.Name.Local {
			case "t":
				within--
			case "tc":
				cells--
				words.WriteByte('\t')
			case "tr":
				words.WriteByte('\n')
			case "p":
				if cells > 0 {
					words.WriteByte(' ')
				} else {
					words.WriteByte('\n')
				}
			}
		}
		if words.Len() > shownText {
			return errShown
		}
		return nil
	})
	if errors.Is(err, errShown) {
		err, p.Cut = nil, true
	}
	if p.Text = strings.TrimSpace(words.String()); p.Text == "" {
		p.Why = "evidence.preview.nothing"
	}
	return p, err
}
