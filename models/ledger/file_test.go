package ledger

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"duban/models/day"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// refusedFor is the key a file is refused with.
func refusedFor(t testing.TB, content []byte) string {
	t.Helper()
	_, err := readBytes(content, feedback2024)
	if err == nil {
		return ""
	}
	var u Unreadable
	if !errors.As(err, &u) {
		t.Errorf("refused with %v, want a file that cannot be read", err)
		return err.Error()
	}
	return u.Key
}

// parts is a package of these parts, in pairs of name and content.
func parts(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(pairs); i += 2 {
		w, err := z.Create(pairs[i])
		if err == nil {
			_, err = io.WriteString(w, pairs[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const (
	xmlHead  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainNS   = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	testBook = xmlHead + `<workbook ` + mainNS + ` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="台账" sheetId="1" r:id="rId1"/></sheets></workbook>`
	testRels = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>` +
		`<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>`
	testStrings = xmlHead + `<sst ` + mainNS + `><si><t>序号</t></si><si><r><t>问</t></r><rPh sb="0" eb="1"><t>ウェン</t></rPh><r><t xml:space="preserve">题</t></r></si><si><t>整改措施</t></si></sst>`
	testStyles  = xmlHead + `<styleSheet ` + mainNS + `><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy/m/d"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>`
	testHead    = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="inlineStr"><is><t>整改时限</t></is></c></row>`
)

// bookOf is a workbook whose one sheet has this after its root's beginning.
func bookOf(t testing.TB, sheet string) []byte {
	t.Helper()
	return parts(t, "xl/workbook.xml", testBook, "xl/_rels/workbook.xml.rels", testRels, "xl/sharedStrings.xml", testStrings, "xl/styles.xml", testStyles,
		"xl/worksheets/sheet1.xml", xmlHead+`<worksheet `+mainNS+`>`+sheet)
}

// rowsOf is a whole sheet with the heading and these rows.
func rowsOf(t testing.TB, rows string) []byte {
	t.Helper()
	return bookOf(t, `<sheetData>`+testHead+rows+`</sheetData></worksheet>`)
}

// compound is a compound file, as Office wrote them before 2007, with one empty stream at
// its root and, in a storage beside it, another that is embedded.
func compound(stream, embedded string) []byte {
	const free, end, fat, none = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
	le := binary.LittleEndian
	file := make([]byte, 3*512) // header, table of sectors, directory
	copy(file, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
	for at, v := range map[int]uint16{24: 0x3E, 26: 3, 28: 0xFFFE, 30: 9, 32: 6} {
		le.PutUint16(file[at:], v)
	}
	for at, v := range map[int]uint32{44: 1, 48: 1, 56: 4096, 60: end, 68: end} {
		le.PutUint32(file[at:], v)
	}
	for at := 80; at < 512; at += 4 {
		le.PutUint32(file[at:], free)
	}
	for at := 512; at < 1024; at += 4 {
		le.PutUint32(file[at:], free)
	}
	le.PutUint32(file[512:], fat)
	le.PutUint32(file[516:], end)
	entry := func(n int, name string, kind byte, right, child uint32) {
		at := file[1024+n*128:][:128]
		units := utf16.Encode([]rune(name))
		for i, u := range units {
			le.PutUint16(at[2*i:], u)
		}
		le.PutUint16(at[64:], uint16(2*len(units)+2))
		at[66], at[67] = kind, 1
		le.PutUint32(at[68:], none)
		le.PutUint32(at[72:], right)
		le.PutUint32(at[76:], child)
		le.PutUint32(at[116:], end)
	}
	entry(0, "Root Entry", 5, none, 1)
	if embedded == "" {
		entry(1, stream, 2, none, none)
		return file
	}
	entry(1, stream, 2, 2, none)
	entry(2, "ObjectPool", 1, none, 3)
	entry(3, embedded, 2, none, none)
	return file
}

func TestWhatIsNoLedgerIsNamedByWhatItIs(t *testing.T) {
	tests := map[string]struct {
		content []byte
		want    string
	}{
		"nothing":                          {nil, "ledger.file.empty"},
		"blanks":                           {[]byte(" \r\n\t\n"), "ledger.file.empty"},
		"an empty workbook of before 2007": {compound("Workbook", ""), "ledger.file.damaged"},
		"one with a document in it":        {compound("Workbook", "WordDocument"), "ledger.file.damaged"},
		"one with one of 1995":             {compound("Book", "Workbook"), "ledger.file.damaged"},
		"a document with a workbook":       {compound("WordDocument", "Workbook"), "ledger.file.doc"},
		"one under a password":             {compound("EncryptedPackage", ""), "ledger.file.password"},
		"an old document":                  {compound("WordDocument", ""), "ledger.file.doc"},
		"a web page called xls":            {[]byte("\xEF\xBB\xBF\n<html><table><tr><td>序号</td></tr></table></html>"), "ledger.file.no_table"},
		"a workbook in one XML":            {[]byte(`<?xml version="1.0"?><Workbook/>`), "ledger.file.xml"},
		"a picture":                        {[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "ledger.file.picture"},
		"a photograph":                     {[]byte("\xFF\xD8\xFF\xE0\x00\x10JFIF"), "ledger.file.picture"},
		"a PDF":                            {[]byte("%PDF-1.7\n"), "ledger.file.pdf"},
		"a program":                        {[]byte("MZ\x90\x00\x03"), "ledger.file.unknown"},
		"bytes":                            {[]byte("\x00\x01\x02\x03"), "ledger.file.unknown"},
		"a document called xlsx":           {parts(t, "word/document.xml", "<document/>"), "ledger.file.no_word_table"},
		"a presentation":                   {parts(t, "ppt/presentation.xml", "<p/>"), "ledger.file.slides"},
		"a binary workbook":                {parts(t, "xl/workbook.bin", "x"), "ledger.file.xlsb"},
		"an OpenDocument sheet":            {parts(t, "mimetype", "x", "content.xml", "<x/>"), "ledger.file.damaged"},
		"an OFD":                           {parts(t, "OFD.xml", "<x/>"), "ledger.file.ofd"},
		"an archive":                       {parts(t, "台账.txt", "x"), "ledger.file.archive"},
		"an archive of nothing":            {parts(t), "ledger.file.archive"},
		"the beginning of a workbook":      {rowsOf(t, "")[:400], "ledger.file.damaged"},
		"a workbook with a heading only":   {rowsOf(t, ""), ""},
		"a workbook of blank sheets":       {bookOf(t, `<sheetData/></worksheet>`), "ledger.file.empty"},
		"a text without a table":           {[]byte("今天天气很好\n明天也好\n"), "ledger.file.no_heading"},
		"a ledger without a problem column": {[]byte("序号,责任人,整改时限,责任部门\n1,李四,9月底前,办公室\n"),
			"ledger.file.no_problem"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := refusedFor(t, tt.content); got != tt.want {
				t.Errorf("refused for %q, want %q", got, tt.want)
			}
		})
	}
}

func TestADamagedSheetIsNeverHalfRead(t *testing.T) {
	row := func(n int) string {
		return fmt.Sprintf(`<row r="%d"><c r="A%d"><v>%d</v></c><c r="B%d" t="inlineStr"><is><t>问题%d</t></is></c></row>`, n, n, n, n, n)
	}
	good := row(2) + row(3)
	if r := mustRead(t, rowsOf(t, good), feedback2024); len(r.Items) != 2 {
		t.Fatalf("the sound sheet has %d items", len(r.Items))
	}
	tests := map[string][]byte{
		"cut off in the middle":              bookOf(t, `<sheetData>`+testHead+good+`<row r="4"><c r="A4"><v>`),
		"cut off after the rows":             bookOf(t, `<sheetData>`+testHead+good+`</sheetData>`),
		"a character that is none":           rowsOf(t, good+"<row r=\"4\"><c r=\"A4\"><v>\x01</v></c></row>"),
		"not UTF-8":                          rowsOf(t, good+"<row r=\"4\"><c r=\"A4\" t=\"str\"><v>\xC4\xE3</v></c></row>"),
		"an entity of its own":               rowsOf(t, good+`<row r="4"><c r="A4"><v>&boom;</v></c></row>`),
		"a row of two thousand million":      rowsOf(t, good+`<row r="2147483647"><c><v>1</v></c></row>`),
		"a row below zero":                   rowsOf(t, good+`<row r="-1"><c><v>1</v></c></row>`),
		"a row before the last":              rowsOf(t, row(3)+row(2)),
		"a row twice":                        rowsOf(t, row(2)+row(2)),
		"a row that is no number":            rowsOf(t, `<row r="x"/>`),
		"a cell of another row":              rowsOf(t, good+`<row r="4"><c r="A5"><v>1</v></c></row>`),
		"a cell before the last":             rowsOf(t, good+`<row r="4"><c r="B4"><v>1</v></c><c r="A4"><v>1</v></c></row>`),
		"a cell beyond the last column":      rowsOf(t, good+`<row r="4"><c r="XFE4"><v>1</v></c></row>`),
		"a cell with no place":               rowsOf(t, good+`<row r="4"><c r="4A"><v>1</v></c></row>`),
		"a text that is not there":           rowsOf(t, good+`<row r="4"><c r="A4" t="s"><v>3</v></c></row>`),
		"a text below zero":                  rowsOf(t, good+`<row r="4"><c r="A4" t="s"><v>-1</v></c></row>`),
		"a kind nobody knows":                rowsOf(t, good+`<row r="4"><c r="A4" t="zzz"><v>1</v></c></row>`),
		"a number that is none":              rowsOf(t, good+`<row r="4"><c r="A4"><v>one</v></c></row>`),
		"a number without end":               rowsOf(t, good+`<row r="4"><c r="A4"><v>1e999</v></c></row>`),
		"two sheets in one":                  bookOf(t, `<sheetData>`+testHead+good+`</sheetData><sheetData/></worksheet>`),
		"no sheet in it":                     bookOf(t, `</worksheet>`),
		"more after its end":                 bookOf(t, `<sheetData>`+testHead+good+`</sheetData></worksheet><worksheet/>`),
		"a hundred thousand tags":            rowsOf(t, good+strings.Repeat("<a>", 100_000)+strings.Repeat("</a>", 100_000)),
		"a text of two megabytes":            rowsOf(t, good+`<row r="4"><c r="A4" t="str"><v>`+strings.Repeat("长", 700_000)+`</v></c></row>`),
		"a comment of two megabytes":         rowsOf(t, good+`<!--`+strings.Repeat("x", 2<<20)+`-->`),
		"blocks over each other":             bookOf(t, `<sheetData>`+testHead+good+`</sheetData><mergeCells><mergeCell ref="A2:B4"/><mergeCell ref="B3:C5"/></mergeCells></worksheet>`),
		"a block the wrong way round":        bookOf(t, `<sheetData>`+testHead+good+`</sheetData><mergeCells><mergeCell ref="B4:A2"/></mergeCells></worksheet>`),
		"a block with no place":              bookOf(t, `<sheetData>`+testHead+good+`</sheetData><mergeCells><mergeCell ref="#REF!"/></mergeCells></worksheet>`),
		"a sheet that is not there":          parts(t, "xl/workbook.xml", testBook, "xl/_rels/workbook.xml.rels", testRels),
		"a workbook that points nowhere":     parts(t, "xl/workbook.xml", testBook),
		"a workbook that is something else":  parts(t, "xl/workbook.xml", "<html/>"),
		"a sheet that is a web page":         parts(t, "xl/workbook.xml", testBook, "xl/_rels/workbook.xml.rels", testRels, "xl/sharedStrings.xml", testStrings, "xl/styles.xml", testStyles, "xl/worksheets/sheet1.xml", "<html></html>"),
		"texts cut off":                      parts(t, "xl/workbook.xml", testBook, "xl/_rels/workbook.xml.rels", testRels, "xl/sharedStrings.xml", testStrings[:200], "xl/styles.xml", testStyles, "xl/worksheets/sheet1.xml", "<worksheet/>"),
		"one part under two names":           parts(t, "xl/workbook.xml", testBook, "XL/workbook.xml", testBook),
		"another character set":              parts(t, "xl/workbook.xml", strings.Replace(testBook, "UTF-8", "GBK", 1), "xl/_rels/workbook.xml.rels", testRels),
		"a length that lies (too short)":     lying(t, rowsOf(t, good), "xl/worksheets/sheet1.xml", 200),
		"a length that lies (too long)":      lying(t, rowsOf(t, good), "xl/worksheets/sheet1.xml", 1<<30),
		"a checksum that does not add up":    spoilt(t, rowsOf(t, good), "xl/worksheets/sheet1.xml"),
		"a shared text under two part names": parts(t, "xl/workbook.xml", testBook, "xl/_rels/workbook.xml.rels", strings.Replace(testRels, "</Relationships>", `<Relationship Id="r9" Type="x/sharedStrings" Target="styles.xml"/></Relationships>`, 1), "xl/sharedStrings.xml", testStrings, "xl/styles.xml", testStyles, "xl/worksheets/sheet1.xml", "<worksheet/>"),
	}
	for name, content := range tests {
		t.Run(name, func(t *testing.T) {
			if got := refusedFor(t, content); got != "ledger.file.damaged" {
				t.Errorf("refused for %q", got)
			}
		})
	}
}

// rewritten is a package whose one part is written anew by raw.
func rewritten(t testing.TB, content []byte, part string, change func(h *zip.FileHeader, body []byte) []byte) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range r.File {
		raw, err := f.OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(raw)
		h := f.FileHeader
		if f.Name == part {
			body = change(&h, body)
			h.CompressedSize64 = uint64(len(body))
		}
		w, err := z.CreateRaw(&h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func lying(t testing.TB, content []byte, part string, size uint64) []byte {
	return rewritten(t, content, part, func(h *zip.FileHeader, body []byte) []byte {
		h.UncompressedSize64 = size
		return body
	})
}

func spoilt(t testing.TB, content []byte, part string) []byte {
	return rewritten(t, content, part, func(h *zip.FileHeader, body []byte) []byte {
		h.CRC32++
		return body
	})
}

// A file made to exhaust the server is refused, soon and for what it is.
func TestBombs(t *testing.T) {
	laughs := `<!DOCTYPE x [<!ENTITY a "哈哈哈哈哈哈哈哈">`
	for c := 'b'; c < 'k'; c++ {
		laughs += fmt.Sprintf(`<!ENTITY %c "%s">`, c, strings.Repeat(fmt.Sprintf("&%c;", c-1), 10))
	}
	var many []string
	for i := range 1100 {
		many = append(many, fmt.Sprintf("xl/media/%d.png", i), "")
	}
	manyMore := many
	for i := range 60_000 {
		manyMore = append(manyMore, fmt.Sprintf("m/%d", i), "")
	}
	var sheets strings.Builder
	for i := range 100 {
		fmt.Fprintf(&sheets, `<sheet name="s%d" sheetId="%d" r:id="rId1"/>`, i, i)
	}
	var wide strings.Builder
	for col := range 70 {
		fmt.Fprintf(&wide, `<c r="%s2"><v>1</v></c>`, columnLetter(col))
	}
	tests := map[string]struct {
		content []byte
		want    string
	}{
		"a sheet of 140 MB of blanks": {bomb(t, 140<<20, ' '), "ledger.file.damaged"},
		"a sheet of 140 MB of rows":   {bombOf(t, `<!-- -->`, 140<<20), "ledger.file.unpacked"},
		"laughs by the thousand million": {parts(t, "xl/workbook.xml", xmlHead+laughs+`]><workbook>&j;</workbook>`),
			"ledger.file.doctype"},
		"an entity from outside": {parts(t, "xl/workbook.xml", testBook, "xl/_rels/workbook.xml.rels", testRels, "xl/sharedStrings.xml", testStrings, "xl/styles.xml", testStyles,
			"xl/worksheets/sheet1.xml", xmlHead+`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet>&e;</worksheet>`), "ledger.file.doctype"},
		"eleven hundred parts":           {parts(t, many...), "ledger.file.parts"},
		"sixty thousand parts":           {parts(t, manyMore...), "ledger.file.parts"},
		"a hundred sheets":               {parts(t, "xl/workbook.xml", strings.Replace(testBook, `<sheet name="台账" sheetId="1" r:id="rId1"/>`, sheets.String(), 1), "xl/_rels/workbook.xml.rels", testRels), "ledger.file.sheets"},
		"seventy columns":                {rowsOf(t, `<row r="2">`+wide.String()+`</row>`), "ledger.file.columns"},
		"a file of 21 MB":                {make([]byte, 21<<20), "ledger.file.size"},
		"twenty-three thousand rows":     {csvRows(23_000), "ledger.file.rows"},
		"twenty thousand and one rows":   {csvRows(20_001), "ledger.file.rows"},
		"a million blank formatted rows": {blankRows(t, 1<<20), ""},
		"rows formatted to the last column": {rowsOf(t, `<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><v>问题甲</v></c>`+
			strings.Repeat(`<c s="1"/>`, 16_380)+`</row>`), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			if got := refusedFor(t, tt.content); got != tt.want {
				t.Errorf("refused for %q, want %q", got, tt.want)
			}
			if took := time.Since(began); took > 10*time.Minute { // unpacked to the end it takes for ever
				t.Errorf("it took %s", took)
			}
		})
	}
}

// bomb is a workbook whose sheet is one long run of a character.
func bomb(t testing.TB, size int, c byte) []byte {
	return bombOf(t, string(c), size)
}

// bombOf is a workbook whose sheet repeats a text within its rows, compressed as
// it goes so that the test itself stays small.
func bombOf(t testing.TB, text string, size int) []byte {
	t.Helper()
	var packed bytes.Buffer
	sum := crc32.NewIEEE()
	w, _ := flate.NewWriter(&packed, flate.BestSpeed)
	both := io.MultiWriter(w, sum)
	n := 0
	put := func(s string) {
		io.WriteString(both, s)
		n += len(s)
	}
	put(xmlHead + `<worksheet ` + mainNS + `><sheetData>` + testHead)
	chunk := strings.Repeat(text, 1+(64<<10)/len(text))
	for n < size {
		put(chunk)
	}
	put(`</sheetData></worksheet>`)
	w.Close()
	return rewritten(t, rowsOf(t, ""), "xl/worksheets/sheet1.xml", func(h *zip.FileHeader, _ []byte) []byte {
		h.CRC32, h.UncompressedSize64 = sum.Sum32(), uint64(n)
		return packed.Bytes()
	})
}

func blankRows(t testing.TB, last int) []byte {
	t.Helper()
	var rows strings.Builder
	rows.WriteString(`<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><v>问题一</v></c></row>`)
	for n := 3; n <= last; n++ {
		fmt.Fprintf(&rows, `<row r="%d" spans="1:9" ht="14.25" customHeight="1"><c r="A%d" s="1"/></row>`, n, n)
	}
	return rowsOf(t, rows.String())
}

func csvRows(n int) []byte {
	var out bytes.Buffer
	out.WriteString("序号,问题,整改措施\n")
	for i := range n {
		fmt.Fprintf(&out, "%d,问题%d,措施\n", i+1, i+1)
	}
	return out.Bytes()
}

func TestAMediaPartIsNotUnpacked(t *testing.T) {
	content := parts(t, "xl/workbook.xml", testBook, "xl/_rels/workbook.xml.rels", testRels, "xl/sharedStrings.xml", testStrings, "xl/styles.xml", testStyles,
		"xl/media/1.png", strings.Repeat("x", 300<<20>>4),
		"xl/worksheets/sheet1.xml", xmlHead+`<worksheet `+mainNS+`><sheetData>`+testHead+`<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><v>问题甲</v></c></row></sheetData></worksheet>`)
	if r := mustRead(t, lying(t, content, "xl/media/1.png", 1<<40), feedback2024); len(r.Items) != 1 {
		t.Errorf("%d items", len(r.Items))
	}
}

func TestTheReadersTimeEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	for name, content := range map[string][]byte{"a workbook": rowsOf(t, ""), "a csv": csvRows(10)} {
		_, err := Read(ctx, bytes.NewReader(content), int64(len(content)), feedback2024, DefaultLimits(), day.StateCouncil())
		if u := (Unreadable{}); !errors.As(err, &u) || u.Key != "ledger.file.slow" {
			t.Errorf("%s: %v", name, err)
		}
	}
	gone, leave := context.WithCancel(context.Background())
	leave()
	content := rowsOf(t, "")
	if _, err := Read(gone, bytes.NewReader(content), int64(len(content)), feedback2024, DefaultLimits(), day.StateCouncil()); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who went away gets %v", err)
	}
}

func TestCellsShowWhatAPersonSees(t *testing.T) {
	r := mustRead(t, rowsOf(t, `
		<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><r><rPr><b/></rPr><t>加粗</t></r><r><t xml:space="preserve"> 的问题</t></r><rPh><t>ピン</t></rPh></is></c><c r="C2" t="str"><f>HYPERLINK("http://x.example","点我")</f><v>点我</v></c><c r="D2" s="1"><v>45519</v></c></row>
		<row r="3"><c r="A3" t="str"><f>ROW()-1</f><v>2</v></c><c r="B3" t="str"><v>问题二</v></c><c r="C3" t="b"><v>1</v></c><c r="D3" t="d"><v>2024-08-15T00:00:00</v></c></row>
		<row r="4"><c r="A4"><v>3</v></c><c r="B4" t="str"><v>问题_x000D_
第二行&#8203;</v></c><c r="C4"><v>0.1</v></c><c r="D4" t="str"><v>=cmd|' /C calc'!A0</v></c></row>
		<row r="5"><c r="A5"><v>4</v></c><c r="B5" t="str"><v>问题四</v></c><c r="C5" t="e"><v>#REF!</v></c><c r="D5"><f>TODAY()</f></c></row>
		<row r="6"><c r="A6"><v>5</v></c><c r="B6" t="e"><v>#N/A</v></c></row>`), feedback2024)
	want := text(
		"1 fk 加粗 的问题", "  - 点我||||2024/8/15",
		"2 fk 问题二", "  - TRUE||||2024-08-15",
		"3 fk 问题⏎第二行", "  - 0.1||||=cmd|' /C calc'!A0",
		"4 fk 问题四",
		"✗6 B6 ledger.cell.failed",
		"·1 heading")
	if got := told(r); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var keys []string
	for _, p := range r.Items[3].Problems {
		keys = append(keys, p.Weight+" "+p.Column+" "+p.Key)
	}
	if got, want := strings.Join(keys, "; "), "question C ledger.cell.failed; question D ledger.cell.formula"; got != want {
		t.Errorf("of the fourth it says %s, want %s", got, want)
	}
}

func TestNumbersShowAsTheirFormatsSay(t *testing.T) {
	tests := []struct {
		value  float64
		format string
		want   string
		day    day.Day
	}{
		{45519, "yyyy/m/d", "2024/8/15", "2024-08-15"},
		{45418, "yyyy-mm-dd", "2024-05-06", "2024-05-06"},
		{45519, `yyyy"年"m"月"d"日"`, "2024年8月15日", "2024-08-15"},
		{45519, `yyyy"年"m"月"`, "2024年8月", ""},
		{45519, `m"月"d"日"`, "8月15日", "2024-08-15"},
		{45519, `[$-804]yyyy"年"m"月"d"日";@`, "2024年8月15日", "2024-08-15"},
		{45519, "yyyy.m.d", "2024.8.15", "2024-08-15"},
		{45519, `yyyy\.mm\.dd`, "2024.08.15", "2024-08-15"},
		{45519, "yyyy/m/d h:mm", "2024/8/15", "2024-08-15"},
		{45519.75, "yyyy/m/d h:mm", "2024/8/15 18:00", "2024-08-15"},
		{45519, "yy-m-d", "24-8-15", "2024-08-15"},
		{45519, "d-mmm-yy", "15-Aug-24", "2024-08-15"},
		{45519, "[DBNum1]yyyy年m月d日", "2024年8月15日", "2024-08-15"},
		{0.5, "h:mm", "0.5", ""},
		{45519, "General", "45519", ""},
		{45519, "G/通用格式", "45519", ""},
		{0.8, "0%", "80%", ""},
		{0.8333, "0.00%", "83.33%", ""},
		{1234567.891, "#,##0.00", "1,234,567.89", ""},
		{1234, "0", "1234", ""},
		{7, "000", "007", ""},
		{7, `"第"0"项"`, "第7项", ""},
		{7, `0_ `, "7", ""},
		{-7.5, "0.0;(0.0)", "(7.5)", ""},
		{-7.5, "0.0", "-7.5", ""},
		{7, "[Red]0.0##", "7.0", ""},
		{7, "0;;;@", "7", ""},
		{0, "0;-0;;@", "", ""},
		{1200, "0.0,", "1.2", ""},
		{0.1 + 0.2, "", "0.3", ""},
		{13800138000, "", "13800138000", ""},
		{-3, "yyyy-mm-dd", "-3", ""},
		{1e300, "yyyy-mm-dd", "1e+300", ""},
		{5, strings.Repeat("0", 300), "5", ""},
		{5, `"未完`, "未完", ""},
	}
	for _, tt := range tests {
		f := parseFormat(tt.format)
		text, serial := f.show(tt.value, false)
		cell := sheetCell{serial: serial}
		if text != tt.want || cell.day() != tt.day {
			t.Errorf("%v as %s shows %q, the day %q; want %q, %q", tt.value, tt.format, text, cell.day(), tt.want, tt.day)
		}
	}
	f := parseFormat("yyyy-mm-dd")
	if text, _ := f.show(44057, true); text != "2024-08-15" {
		t.Errorf("counted from 1904 it shows %s", text)
	}
}

// The library of another hand shows numbers the same way, as far as it follows
// the format and not the machine's language.
func TestFormatsAgreeWithTheLibrary(t *testing.T) {
	for _, code := range []string{"yyyy/m/d", "yyyy-mm-dd", `yyyy"年"m"月"d"日"`, `m"月"d"日"`, "0%", "0.00%", "#,##0.00", "000", `"第"0"项"`, "0.00", "#,##0"} {
		for _, value := range []float64{1, 45519, 45418, 0.8333, 1234567.891} {
			if code[0] == 'y' && value < 100 || code[0] == 'm' && value < 100 {
				continue
			}
			x := excelize.NewFile()
			style, err := x.NewStyle(&excelize.Style{CustomNumFmt: &code})
			if err != nil {
				t.Fatal(err)
			}
			_ = x.SetCellValue("Sheet1", "A1", value)
			_ = x.SetCellStyle("Sheet1", "A1", "A1", style)
			theirs, err := x.GetCellValue("Sheet1", "A1")
			if err != nil {
				t.Fatal(err)
			}
			f := parseFormat(code)
			if ours, _ := f.show(value, false); ours != theirs && !f.date || f.date && value == float64(int(value)) && ours != theirs {
				t.Errorf("%v as %s shows %q, the library shows %q", value, code, ours, theirs)
			}
		}
	}
}

func TestAWorkbookCountedFrom1904(t *testing.T) {
	content := parts(t, "xl/workbook.xml", strings.Replace(testBook, "<sheets>", `<workbookPr date1904="1"/><sheets>`, 1), "xl/_rels/workbook.xml.rels", testRels, "xl/sharedStrings.xml", testStrings, "xl/styles.xml", testStyles,
		"xl/worksheets/sheet1.xml", xmlHead+`<worksheet `+mainNS+`><sheetData>`+testHead+`<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><v>问题甲</v></c><c r="C2" t="str"><v>措施</v></c><c r="D2" s="1"><v>44057</v></c></row><row r="3"><c r="A3"><v>2</v></c><c r="B3" t="str"><v>问题二</v></c><c r="C3" t="str"><v>措施</v></c><c r="D3"><v>44057</v></c></row></sheetData></worksheet>`)
	for i, shown := range []string{"2024/8/15", "44057"} {
		if m := mustRead(t, content, feedback2024).Items[i].Measures[0]; m.Deadline.Phrase != shown || m.Deadline.DueOn != "2024-08-15" {
			t.Errorf("the deadline is %+v", m.Deadline)
		}
	}
}

func TestMacrosAndHiddenPartsAreSaid(t *testing.T) {
	content := workbookOf(t, testSheet{name: "台账", rows: [][]any{plainHead, {1, "问题一", "措施一"}, {2, "问题二", "措施二"}}, shape: func(f *excelize.File, s string) {
		_ = f.SetRowVisible(s, 3, false)
		_ = f.SetColVisible(s, "E:F", false)
	}}, testSheet{name: "隐", rows: [][]any{plainHead, {3, "问题三", "措施三"}}, shape: func(f *excelize.File, s string) { _ = f.SetSheetVisible(s, false, true) }})
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	pairs := []string{"xl/vbaProject.bin", "Sub Auto_Open()"}
	for _, f := range z.File {
		r, _ := f.Open()
		body, _ := io.ReadAll(r)
		pairs = append(pairs, f.Name, string(body))
	}
	r := mustRead(t, parts(t, pairs...), feedback2024)
	var keys []string
	for _, n := range r.Notes {
		keys = append(keys, n.Key)
	}
	if got, want := strings.Join(keys, " "), "ledger.note.macros ledger.note.hidden_rows ledger.note.hidden_columns ledger.note.hidden_sheet"; got != want || len(r.Items) != 3 {
		t.Errorf("said %s of %d items, want %s", got, len(r.Items), want)
	}
}

// A module of programs is a sheet with no place, and a picture in a cell is no text.
func TestModulesAndPicturesInCells(t *testing.T) {
	book := strings.Replace(testBook, "<sheets>", `<sheets><sheet name="Module1" sheetId="9" state="hidden" r:id=""/>`, 1)
	content := parts(t, "xl/workbook.xml", book, "xl/_rels/workbook.xml.rels", testRels, "xl/sharedStrings.xml", testStrings, "xl/styles.xml", testStyles,
		"xl/worksheets/sheet1.xml", xmlHead+`<worksheet `+mainNS+`><sheetData>`+testHead+`<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><v>问题甲</v></c><c r="C2" t="str"><f>_xlfn.DISPIMG("ID_1",1)</f><v>=DISPIMG("ID_1",1)</v></c></row></sheetData></worksheet>`)
	r := mustRead(t, content, feedback2024)
	var keys []string
	for _, n := range r.Notes {
		keys = append(keys, n.Key)
	}
	if got := strings.Join(keys, " "); !strings.Contains(got, "ledger.note.macros") || !strings.Contains(got, "ledger.note.pictures") || len(r.Items) != 1 || len(r.Items[0].Measures) != 0 {
		t.Errorf("said %s of %s", got, told(r))
	}
}

func TestASheetCanBeLeftOut(t *testing.T) {
	content := workbookOf(t, testSheet{name: "台账", rows: [][]any{plainHead, {1, "问题一", "措施一"}}}, testSheet{name: "汇总", rows: [][]any{plainHead, {1, "问题一", "措施一"}}})
	if r := mustRead(t, content, feedback2024); len(r.Items) != 0 || len(r.Refused) != 2 || r.Refused[0].Problems[0].Key != "ledger.number.twice_sheets" {
		t.Errorf("with both sheets: %s", told(r))
	}
	in := feedback2024
	in.Leave = []string{"汇总"}
	if r := mustRead(t, content, in); len(r.Items) != 1 || len(r.Refused) != 0 || !r.Tables[1].Left {
		t.Errorf("with one left out: %s", told(r))
	}
}

func TestCSV(t *testing.T) {
	plain := "序号,问题,整改措施,责任人,整改时限\r\n1,\"学习\r\n不深入\",\"每月\"\"集中\"\"学习\",李四,9月底前\r\n\r\n2,制度不健全，龘龘,修订,王五,年底前\r\n"
	want := text("1 fk 学习⏎不深入", "  - 每月\"集中\"学习|||李四|9月底前", "2 fk 制度不健全，龘龘", "  - 修订|||王五|年底前", "·1 heading")
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	little, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(plain)
	big, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(plain, ",", "\t"))
	tests := map[string]struct{ content, charset string }{
		"UTF-8":              {plain, charsetUTF8},
		"UTF-8 with a mark":  {"\xEF\xBB\xBF" + plain, charsetUTF8},
		"GB18030":            {gb, charsetGB},
		"UTF-16":             {little, charsetUTF16},
		"UTF-16, tabs":       {big, charsetUTF16},
		"semicolons":         {strings.ReplaceAll(plain, ",", ";"), charsetUTF8},
		"tabs":               {strings.ReplaceAll(plain, ",", "\t"), charsetUTF8},
		"no last line break": {strings.TrimRight(plain, "\r\n"), charsetUTF8},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := mustRead(t, []byte(tt.content), feedback2024)
			if got := told(r); got != want || r.Charset != tt.charset || r.Format != "csv" {
				t.Errorf("read as %s:\n%s\nwant\n%s", r.Charset, got, want)
			}
			if last := r.Items[len(r.Items)-1]; last.Row != 4 {
				t.Errorf("the last row is numbered %d, a spreadsheet shows it as 4", last.Row)
			}
		})
	}
}

func TestACSVThatCannotBeReadNamesTheRow(t *testing.T) {
	head := "序号,问题,整改措施\n1,问题一在这里写得长一些好让它看得出是什么字,措施一也写得长一些好让它看得出是什么字\n"
	gb, _ := simplifiedchinese.GB18030.NewEncoder().String(head)
	tests := map[string]struct {
		content string
		key     string
		arg     int
	}{
		"UTF-8 with a byte broken":    {head + "2,问\xE9题,措施\n", "ledger.csv.charset", 3},
		"UTF-8 cut off in a letter":   {head + "2,问题\xE6\x8E", "ledger.csv.charset", 3},
		"marked UTF-8, and broken":    {"\xEF\xBB\xBF" + head + "2,\xC4\xE3,措施\n", "ledger.csv.charset", 3},
		"GB18030 with a byte broken":  {gb + "2,\xFF\xFF,x\n", "ledger.csv.charset", 3},
		"GB18030 cut off in a letter": {gb + "2,\xC4\xE3\xCA", "ledger.csv.charset", 3},
		"a quote in the middle":       {head + "2,问\"题,措施\n", "ledger.csv.quote", 3},
		"a quote that never ends":     {head + "2,\"问题,措施\n3,x,y\n", "ledger.csv.quote", 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := readBytes([]byte(tt.content), feedback2024)
			var u Unreadable
			if !errors.As(err, &u) || u.Key != tt.key || len(u.Args) != 1 || u.Args[0] != tt.arg {
				t.Errorf("refused with %v, want %s of row %d", err, tt.key, tt.arg)
			}
		})
	}
}

// Lines that end by returns alone, with breaks of another kind inside the cells.
func TestACSVOfAnOldMacintosh(t *testing.T) {
	r := mustRead(t, []byte("序号,问题,整改措施,整改时限\r1,\"问题\n一\",措施一,9月底前\r2,问题二,措施二,10月底前\r"), feedback2024)
	if got, want := told(r), text("1 fk 问题⏎一", "  - 措施一||||9月底前", "2 fk 问题二", "  - 措施二||||10月底前", "·1 heading"); got != want || r.Items[1].Row != 3 {
		t.Errorf("read as\n%s\nwant\n%s", got, want)
	}
}

// Rows as Excel and WPS put them on the clipboard: only a cell of several lines is
// quoted, and a quote anywhere else is a quote.
func TestRowsOfTheClipboard(t *testing.T) {
	for name, tt := range map[string]struct{ rows, want string }{
		"a cell of several lines": {"1\t\"问题一\n说\"\"甲\"\"\n末行\"\t措施一\t9月底前\r\n2\t问题二\t措施二\t10月底前\r\n",
			text("1 fk 问题一⏎说\"甲\"⏎末行", "  - 措施一||||9月底前", "2 fk 问题二", "  - 措施二||||10月底前")},
		"a quote at the beginning of a cell": {"1\t\"三重一大\"制度不健全\t措施一\t9月底前\n2\t\"两个责任\"未落实\t措施二\t10月底前",
			text("1 fk \"三重一大\"制度不健全", "  - 措施一||||9月底前", "2 fk \"两个责任\"未落实", "  - 措施二||||10月底前")},
		"a quote that is never closed": {"1\t问题一\t\"措施一\t9月底前\n2\t问题二\t措施二\t\"10月底前\"\n3\t问题三\t措施三\t\"年底前\n4\t问题四\t措施四\t年底前",
			text("1 fk 问题一", "  - \"措施一||||9月底前", "2 fk 问题二", "  - 措施二||||10月底前", "3 fk 问题三", "  - 措施三||||\"年底前", "4 fk 问题四", "  - 措施四||||年底前")},
		"the last cell of several lines": {"1\t问题一\t措施一\t\"9月\n底前\"\n2\t问题二\t措施二\t年底前", text("1 fk 问题一", "  - 措施一||||9月 底前", "2 fk 问题二", "  - 措施二||||年底前")},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustRead(t, []byte("序号\t问题\t整改措施\t整改时限\n"+tt.rows), feedback2024)
			if got, want := told(r), tt.want+"·1 heading\n"; got != want {
				t.Errorf("read as\n%s\nwant\n%s", got, want)
			}
			for n, item := range r.Items {
				if item.Row != n+2 {
					t.Errorf("item %d stands in row %d", n, item.Row)
				}
			}
		})
	}
}

// A file that reads differently each time it is read is an error, not a crash.
type fickle struct{ content []byte }

func (f fickle) ReadAt(p []byte, at int64) (int, error) {
	if at > 1000 {
		return 0, io.ErrUnexpectedEOF
	}
	return bytes.NewReader(f.content).ReadAt(p, at)
}

type faulty struct{}

func (faulty) ReadAt(p []byte, at int64) (int, error) { panic("a fault of the reader's") }

func TestAFaultOfTheReaderIsAnErrorAndNoCrash(t *testing.T) {
	_, err := Read(context.Background(), faulty{}, 100, feedback2024, DefaultLimits(), day.StateCouncil())
	if u := (Unreadable{}); err == nil || errors.As(err, &u) {
		t.Errorf("it is %v, want an error of ours", err)
	}
}

func TestAFileThatEndsTooSoon(t *testing.T) {
	content := csvRows(500)
	if _, err := Read(context.Background(), fickle{content}, int64(len(content)), feedback2024, DefaultLimits(), day.StateCouncil()); err == nil {
		t.Error("it was read")
	}
}

func TestZip64HeadersDoNotFoolTheLimits(t *testing.T) {
	content := rowsOf(t, "")
	end := bytes.LastIndex(content, []byte("PK\x05\x06"))
	binary.LittleEndian.PutUint16(content[end+10:], 0xFFFF)
	if got := refusedFor(t, content); got != "ledger.file.damaged" {
		t.Errorf("refused for %q", got)
	}
}
