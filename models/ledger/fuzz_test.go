package ledger

import (
	"bytes"
	"context"
	"duban/models/day"
	"errors"
	"testing"
	"time"
)

// takesOrRefuses reads a file of any kind: it is read whole or refused as a file,
// before it has read for ever, and every row of it is accounted for. A panic would come
// back as an error of another kind.
func takesOrRefuses(t *testing.T, content []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	limits := Limits{Bytes: 1 << 20, Rows: 500}
	r, err := Read(ctx, bytes.NewReader(content), int64(len(content)), feedback2024, limits, day.StateCouncil())
	if u := (Unreadable{}); err != nil && !errors.As(err, &u) {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Fatal("it took too long")
	}
	seen := map[[2]int]bool{}
	count := func(table, row int) {
		if seen[[2]int{table, row}] {
			t.Fatalf("row %d of table %d is there twice", row, table)
		}
		seen[[2]int{table, row}] = true
	}
	for i, table := range r.Tables {
		for _, p := range table.Passed {
			count(i, p.Row)
		}
	}
	for _, item := range r.Items {
		for _, row := range item.Rows {
			count(item.Table, row)
		}
		if item.Problem == "" || item.Tier == "" {
			t.Fatalf("an item without a problem or a tier: %+v", item)
		}
	}
	for _, row := range r.Refused {
		count(row.Table, row.Row)
	}
	if _, err := r.MarshalJSON(); err != nil {
		t.Fatal(err)
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, seed := range []string{
		"序号,问题,整改措施,责任人,整改时限\n1,\"a\nb\",c,d、e,9月底前\n,,f,同上,″\n合计,,,,\n注：x\n",
		"\xEF\xBB\xBF序号;问题;措施\n1;;\n(一);a;b\n",
		"\xFF\xFE\x8F\x5E\xF7\x53", "\xD0\xF2\xBA\xC5,\xCE\xCA\xCC\xE2\n", "sep=;\n序号;问题;措施\n1;a;b", "问题\t措施\n\"", "一、立行立改\n序号,问题,措施\n①,x,y\n",
		"序号,反馈问题,责任领导/责任部门/责任人,时限\n1,x,甲/乙/丙,2024-02-30\n1,y,z,w\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) { takesOrRefuses(t, content) })
}

// FuzzWorkbook mutates each part of a workbook for itself. Run it with
// -fuzzminimizetime=5x: which lines a reading covers differs from run to run, and
// the fuzzer would spend its time on that.
func FuzzWorkbook(f *testing.F) {
	sheet := xmlHead + `<worksheet ` + mainNS + `><cols><col min="2" max="3" hidden="1"/></cols><sheetData>` + testHead +
		`<row r="2" hidden="1"><c r="A2" s="1"><v>1</v></c><c r="B2" t="inlineStr"><is><r><t>问题</t></r></is></c><c r="C2" t="str"><f>A1</f><v>x</v></c><c r="D2" s="1"><v>45519</v></c></row>` +
		`<row r="4"><c r="C4" t="e"><v>#REF!</v></c><c t="b"><v>1</v></c></row></sheetData><mergeCells count="1"><mergeCell ref="B2:B4"/></mergeCells></worksheet>`
	f.Add([]byte(testBook), []byte(testRels), []byte(testStrings), []byte(testStyles), []byte(sheet))
	f.Add([]byte(testBook), []byte(testRels), []byte(testStrings), []byte(testStyles), []byte(xmlHead+`<!DOCTYPE a><worksheet/>`))
	f.Add([]byte(testBook), []byte(testRels), []byte("<sst"), []byte("<styleSheet/>"), []byte(`<worksheet><sheetData><row r="2147483647"/></sheetData></worksheet>`))
	f.Fuzz(func(t *testing.T, book, rels, texts, styles, sheet []byte) {
		if len(book)+len(rels)+len(texts)+len(styles)+len(sheet) > 1<<20 {
			t.Skip()
		}
		takesOrRefuses(t, parts(t, "xl/workbook.xml", string(book), "xl/_rels/workbook.xml.rels", string(rels),
			"xl/sharedStrings.xml", string(texts), "xl/styles.xml", string(styles), "xl/worksheets/sheet1.xml", string(sheet)))
	})
}

// FuzzWorkbookFile mutates the package as it lies on the disk.
func FuzzWorkbookFile(f *testing.F) {
	f.Add(rowsOf(f, `<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><v>问题</v></c></row>`))
	f.Add(workbookOf(f, testSheet{name: "台账", rows: [][]any{plainHead, {1, "问题一", "措施一"}}}))
	f.Fuzz(func(t *testing.T, content []byte) { takesOrRefuses(t, content) })
}

func FuzzNumberFormat(f *testing.F) {
	for _, code := range []string{"yyyy/m/d", `[$-804]yyyy"年"m"月";@`, "#,##0.00_);(#,##0.00)", `\`, `"`, "[", "*", "_", "0.0,%E+00", ";;;"} {
		f.Add(code, 45519.5)
	}
	f.Fuzz(func(t *testing.T, code string, value float64) {
		format := parseFormat(code)
		text, serial := format.show(value, false)
		if len(text) > 2000 {
			t.Fatalf("%d bytes of %q", len(text), code)
		}
		if cell := (sheetCell{serial: serial}); serial != 0 && !cell.day().Valid() {
			t.Fatalf("%v as %q is the day %q", value, code, cell.day())
		}
	})
}
