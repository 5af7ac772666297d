package ledger

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func TestTablesOfAWebPage(t *testing.T) {
	const rows = `<tr><th>序号<th>问题<th>整改措施<th>责任人<th>整改时限<tr><td rowspan=2>1<td rowspan=2>问题一<td>措施一<td>李四<td>9月底前</tr><tr><td>措施二<td>王五<td>10月底前`
	want := text("1 fk 问题一", "  - 措施一|||李四|9月底前", "  - 措施二|||王五|10月底前", "·1 heading")
	titled := strings.Replace(want, "·1 heading", "·0 title\n·1 heading", 1)
	gb, err := simplifiedchinese.GBK.NewEncoder().String(`<html><head><meta http-equiv=Content-Type content="text/html; charset=gb2312"></head><table>` + rows + `</table></html>`)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ page, want string }{
		"a page":                         {`<html><body><table>` + rows + `</table></body></html>`, want},
		"with a title":                   {`<html><head><title>不是标题</title><style>td{x}</style></head><body><h1>某局台账</h1><table>` + rows + `</table>`, titled},
		"a page of XML that Excel made":  {`<?xml version="1.0" encoding="utf-8"?><html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta name=ProgId content=Excel.Sheet></head><table>` + rows + `</table></html>`, want},
		"with a picture in the page":     {`<img src="data:image/png;base64,` + strings.Repeat("iVBO", 500_000) + `"><table>` + rows + `</table>`, want},
		"with a caption":                 {`<table><caption>某局台账</caption>` + rows + `</table>`, titled},
		"in GBK":                         {gb, want},
		"a fragment that begins with tr": {`<tr><td>序号<td>问题<td>整改措施</tr><tr><td>1<td>问题一<td>措施一</tr>`, text("1 fk 问题一", "  - 措施一||||", "·1 heading")},
		"tables that lay out the page":   {`<table><tr><td><img></td><td><table><tr><td>某局台账</td></tr></table><table>` + rows + `</table></td></tr></table>`, titled},
		"as Excel copies it": {`<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv=Content-Type content="text/html; charset=utf-8"><style><!--td{mso-number-format:General;}--></style></head><body><table border=0><!--StartFragment--><col width=64 span=3 style='width:48pt'>` +
			`<tr height=19><td>序号</td><td>问题</td><td>整改措施</td><td>整改时限</td></tr><tr height=19><td height=38>1</td><td>问题一有一段很长的` + "\n  " + `文字，A` + "\n  " + `B</td><td>行一<br` + "\n  " + `style='mso-data-placement:same-cell;'>行二<span style='mso-spacerun:yes'>  </span></td><td>2024/9/8</td></tr><!--EndFragment--></table></body></html>`,
			text("1 fk 问题一有一段很长的文字，A B", "  - 行一⏎行二||||2024/9/8", "·1 heading")},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustRead(t, []byte(tt.page), feedback2024)
			if got := told(r); got != tt.want || r.Format != "html" {
				t.Errorf("read as %s\n%s\nwant\n%s", r.Charset, got, tt.want)
			}
		})
	}
}

// Hidden rows and columns of a page are read and said.
func TestHiddenRowsOfAWebPage(t *testing.T) {
	r := mustRead(t, []byte(`<table><col><col><col style='display:none'><tr><td>序号<td>问题<td>整改措施<tr style="DISPLAY: none"><td>1<td>问题一<td>措施一</table>`), feedback2024)
	var keys []string
	for _, n := range r.Notes {
		keys = append(keys, n.Key)
	}
	if got := strings.Join(keys, " "); !strings.Contains(got, "hidden_rows") || !strings.Contains(got, "hidden_columns") || len(r.Items) != 1 {
		t.Errorf("said %s of %s", got, told(r))
	}
}

func TestAWebArchive(t *testing.T) {
	page := "MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nContent-Type: multipart/related; boundary=\"----=_a\"\r\n\r\nsays nothing\r\n\r\n------=_a\r\nContent-Location: file:///C:/sheet001.htm\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html; charset=\"utf-8\"\r\n\r\n" +
		"<html><table><tr><td>=E5=BA=8F=E5=8F=B7<td>=E9=97=AE=E9=A2=98<td>=\r\n=E6=95=B4=E6=94=B9=E6=8E=AA=E6=96=BD<tr><td>1<td>A<td>B</table></html>\r\n\r\n------=_a\r\nContent-Type: text/xml\r\n\r\n<x/>\r\n------=_a--\r\n"
	r := mustRead(t, []byte(page), feedback2024)
	if got, want := told(r), text("1 fk A", "  - B||||", "·1 heading"); got != want || r.Format != "mhtml" {
		t.Errorf("read as\n%s\nwant\n%s", got, want)
	}
	for _, cut := range []int{60, 250, 330} {
		if got := refusedFor(t, []byte(page[:cut])); got != "ledger.file.damaged" && got != "ledger.file.no_table" {
			t.Errorf("cut at %d it is refused for %q", cut, got)
		}
	}
}

func TestPagesWithoutALedger(t *testing.T) {
	for page, want := range map[string]string{
		"<html><body>没有表格</body></html>":                                      "ledger.file.no_table",
		"<html><table></table></html>":                                        "ledger.file.no_table",
		"<table>" + strings.Repeat("<tr><td>"+"<table>", 40):                  "ledger.file.damaged",
		"<table><tr>" + strings.Repeat("<td>x", 300):                          "ledger.file.columns",
		"<table><tr>" + strings.Repeat("<td>x", 100):                          "ledger.file.columns",
		"<table><tr><td>" + strings.Repeat("x", 9<<20) + "</td></tr></table>": "ledger.file.damaged",
	} {
		if got := refusedFor(t, []byte(page)); got != want {
			t.Errorf("%.30s is refused for %q, want %q", page, got, want)
		}
	}
}

const spreadsheet2003 = `<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles><Style ss:ID="Default"/><Style ss:ID="d"><NumberFormat ss:Format="Short Date"/></Style><Style ss:ID="e" ss:Parent="d"/></Styles>` +
	`<Worksheet ss:Name="台账"><Table><Column ss:Index="5" ss:Hidden="1"/><Row><Cell><Data ss:Type="String">序号</Data></Cell><Cell><Data ss:Type="String">问题</Data></Cell><Cell><Data ss:Type="String">整改措施</Data></Cell><Cell><Data ss:Type="String">整改时限</Data></Cell></Row>` +
	`<Row ss:Index="3"><Cell ss:MergeDown="1"><Data ss:Type="Number">1</Data></Cell><Cell ss:MergeDown="1"><Data ss:Type="String">问题一</Data></Cell><Cell><Data ss:Type="String">措施一</Data></Cell><Cell ss:StyleID="e"><Data ss:Type="DateTime">2024-09-30T00:00:00.000</Data></Cell></Row>` +
	`<Row><Cell ss:Index="3"><Data ss:Type="String">措施二</Data></Cell><Cell ss:StyleID="d"><Data ss:Type="Number">45565</Data></Cell></Row></Table></Worksheet></Workbook>`

func TestAWorkbookInOneXML(t *testing.T) {
	r := mustRead(t, []byte(spreadsheet2003), feedback2024)
	if got, want := told(r), text("1 fk 问题一", "  - 措施一||||2024/9/30", "  - 措施二||||2024/9/30", "·1 heading"); got != want || r.Format != "xml" {
		t.Errorf("read as\n%s\nwant\n%s", got, want)
	}
	for at := 300; at < len(spreadsheet2003)-20; at += 41 {
		if got := refusedFor(t, []byte(spreadsheet2003[:at])); got != "ledger.file.damaged" {
			t.Fatalf("cut at %d it is refused for %q", at, got)
		}
	}
}

func FuzzHTML(f *testing.F) {
	f.Add("<table><tr><td rowspan=2>序号<td>问题<td>整改措施<tr><td colspan=3>a<table><tr><td>x</table></table><p>b<table>")
	f.Add("<meta charset=big5><table><col span=9 style='display:none'><tr><th>序号<th>问题")
	f.Fuzz(func(t *testing.T, page string) { takesOrRefuses(t, []byte("<html>"+page)) })
}

func FuzzFlatXML(f *testing.F) {
	f.Add(spreadsheet2003)
	f.Add(`<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="a"><table:table-column table:number-columns-repeated="4"/><table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="string" table:number-columns-repeated="3"><text:p>问题<text:s text:c="2"/></text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document>`)
	f.Fuzz(func(t *testing.T, content string) { takesOrRefuses(t, []byte(content)) })
}
