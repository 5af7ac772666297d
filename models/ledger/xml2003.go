package ledger

import (
	"encoding/xml"
	"io"
	"math"
	"strconv"
	"strings"
)

// The reader of XML Spreadsheet 2003, a workbook in one XML, which Excel, WPS and many
// office systems save, often under the name .xls.

// spreadsheetSpace is the namespace of its elements and attributes.
const spreadsheetSpace = "urn:schemas-microsoft-com:office:spreadsheet"

// namedFormats are the formats that it names in words.
var namedFormats = map[string]string{
	"General Date": "yyyy/m/d h:mm", "Short Date": "yyyy/m/d", "Medium Date": "d-mmm-yy", "Long Date": `yyyy"年"m"月"d"日"`,
	"Long Time": "h:mm:ss", "Medium Time": "h:mm AM/PM", "Short Time": "h:mm", "General Number": "", "General": "", "Fixed": "0.00", "Standard": "#,##0.00",
	"Percent": "0.00%", "Scientific": "0.00E+00", "Currency": "#,##0.00",
}

// flatReader goes through such a workbook.
type flatReader struct {
	w      *workbook
	each   func(*ledgerSheet) error
	style  string
	codes  map[string]*numberFormat
	on     map[string]string
	sheet  *ledgerSheet
	sheets int
	row    int
	now    sheetRow
	col    int
	column int // the last <Column>
	cell   struct {
		style, kind string
		formula     bool
		filled      bool
	}
	text []byte
	take bool
}

// readSpreadsheet2003 hands each sheet of such a workbook on.
func (w *workbook) readSpreadsheet2003(file io.Reader, each func(*ledgerSheet) error) error {
	r := &flatReader{w: w, each: each, codes: map[string]*numberFormat{}, on: map[string]string{}}
	err := w.walkThrough("Workbook", file, func(p *xmlPart, t xml.Token) error {
		switch t := t.(type) {
		case *xml.StartElement:
			if p.depth == 1 && (t.Name.Local != "Workbook" || t.Name.Space != spreadsheetSpace) {
				return errOffice
			}
			if t.Name.Space != spreadsheetSpace {
				return nil
			}
			return r.begin(t)
		case *xml.CharData:
			if r.take {
				r.text = append(r.text, *t...)
			}
		case *xml.EndElement:
			if t.Name.Space == spreadsheetSpace {
				return r.end(t.Name.Local)
			}
		}
		return nil
	})
	if err != nil && r.sheet != nil {
		return inSheet(err, r.sheet.name+"!"+strconv.Itoa(max(r.row, 1)))
	}
	return err
}

// number is an attribute that is a number of at least so much, and at most.
func (r *flatReader) number(e *xml.StartElement, name string, least, most, without int) (int, error) {
	value := attr(e, name)
	if value == "" {
		return without, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		return 0, errOffice
	}
	return n, nil
}

func (r *flatReader) begin(e *xml.StartElement) (err error) {
	switch e.Name.Local {
	case "Style":
		r.style = attr(e, "ID")
		r.on[r.style] = attr(e, "Parent")
		if len(r.on) > mostStyles {
			return errOffice
		}
	case "NumberFormat":
		code := attr(e, "Format")
		if named, ok := namedFormats[code]; ok {
			code = named
		}
		r.codes[r.style] = r.w.format(code)
	case "Worksheet":
		if r.sheets++; r.sheets > mostSheets {
			return badFile("ledger.file.sheets", mostSheets)
		}
		r.sheet = &ledgerSheet{name: attr(e, "Name"), from1904: r.w.from1904}
		r.row, r.column = 0, 0
	}
	if r.sheet == nil {
		return nil
	}
	switch e.Name.Local {
	case "Column":
		from, err := r.number(e, "Index", r.column+1, lastColumn, r.column+1)
		if err != nil {
			return err
		}
		span, err := r.number(e, "Span", 0, lastColumn, 0)
		if err != nil {
			return err
		}
		r.column = min(from+span, lastColumn)
		if yes(attr(e, "Hidden")) && len(r.sheet.hiddenCols) < 1000 {
			r.sheet.hiddenCols = append(r.sheet.hiddenCols, sheetSpan{from - 1, r.column - 1})
		}
	case "Row":
		if r.row, err = r.number(e, "Index", r.row+1, lastRow, r.row+1); err != nil || r.row > lastRow {
			return errOffice
		}
		r.now, r.col = sheetRow{n: r.row, hidden: yes(attr(e, "Hidden")), cells: r.now.cells[:0]}, 0
	case "Cell":
		return r.beginCell(e)
	case "Data":
		r.cell.kind, r.cell.filled, r.take, r.text = attr(e, "Type"), true, true, r.text[:0]
	}
	return nil
}

func (r *flatReader) beginCell(e *xml.StartElement) (err error) {
	if r.row == 0 {
		return errOffice
	}
	if r.col, err = r.number(e, "Index", r.col+1, lastColumn, r.col+1); err != nil || r.col > lastColumn {
		return errOffice
	}
	right, err := r.number(e, "MergeAcross", 0, lastColumn, 0)
	if err != nil {
		return err
	}
	down, err := r.number(e, "MergeDown", 0, lastRow, 0)
	if err != nil {
		return err
	}
	if right > 0 || down > 0 {
		if len(r.sheet.merges) >= mostMerges {
			return errOffice
		}
		r.sheet.merges = append(r.sheet.merges, sheetMerge{r.row, min(r.row+down, lastRow), r.col - 1, min(r.col+right, lastColumn) - 1})
	}
	r.cell.style, r.cell.kind, r.cell.formula, r.cell.filled, r.text = attr(e, "StyleID"), "", attr(e, "Formula") != "", false, r.text[:0]
	return nil
}

func (r *flatReader) end(name string) error {
	switch name {
	case "Data":
		r.take = false
	case "Cell":
		if err := r.endCell(); err != nil {
			return err
		}
		if n := len(r.sheet.merges); n > 0 { // the next cell stands behind its block
			if m := r.sheet.merges[n-1]; m.top == r.row && m.left == r.col-1 {
				r.col = m.right + 1
			}
		}
	case "Row":
		if len(r.now.cells) > 0 {
			row := r.now
			row.cells = append([]sheetCell(nil), row.cells...)
			r.sheet.rows = append(r.sheet.rows, row)
			return r.w.budget.row()
		}
	case "Worksheet":
		sheet := r.sheet
		if err := sheet.overlaps(); err != nil {
			return err
		}
		r.sheet = nil
		return r.each(sheet)
	}
	return nil
}

func (r *flatReader) endCell() error {
	cell, err := r.value()
	if err != nil {
		return err
	}
	if r.cell.formula && !r.cell.filled {
		cell.flaw = uncalculate
	}
	if cell.text == "" && cell.flaw == sound {
		return nil
	}
	cell.col = uint16(r.col - 1)
	r.now.cells = append(r.now.cells, cell)
	return r.w.budget.cell(r.sheet.name, r.col-1)
}

// value is what a cell shows.
func (r *flatReader) value() (cell sheetCell, err error) {
	value := strings.TrimSpace(string(r.text))
	switch r.cell.kind {
	case "Number":
		v, fault := strconv.ParseFloat(value, 64)
		if fault != nil || math.IsInf(v, 0) || math.IsNaN(v) {
			return cell, errOffice
		}
		return r.w.budget.number(v, r.format(), r.w.from1904)
	case "DateTime":
		v, ok := odfSerial(value)
		if !ok {
			return cell, errOffice
		}
		format := r.format()
		if format == nil || !format.date {
			format = r.w.format(builtinFormats[14])
		}
		return r.w.budget.number(v, format, false)
	case "Boolean":
		if yes(value) {
			return sheetCell{text: "TRUE"}, nil
		}
		return sheetCell{text: "FALSE"}, nil
	case "Error":
		return sheetCell{text: value, flaw: failed}, nil
	}
	cell.text, err = r.w.budget.word(tidy(seenText(r.text)))
	return cell, err
}

// format is how the cell's style shows numbers, or the one it is based on.
func (r *flatReader) format() *numberFormat {
	style := r.cell.style
	if style == "" {
		style = "Default"
	}
	for steps := 0; style != "" && steps < mostNested; steps++ {
		if f, ok := r.codes[style]; ok {
			return f
		}
		style = r.on[style]
	}
	return nil
}
