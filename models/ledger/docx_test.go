package ledger

import (
	"strings"
	"testing"
)

// wordFile is a Word document with this body.
func wordFile(t testing.TB, body string, more ...string) []byte {
	t.Helper()
	return parts(t, append([]string{"word/document.xml", xmlHead + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>` + body + `</w:body></w:document>`}, more...)...)
}

// wordRow is a row of a table: cells of text, each with its properties before a bar.
func wordRow(cells ...string) string {
	out := "<w:tr>"
	for _, c := range cells {
		property, text, both := strings.Cut(c, "|")
		if !both {
			property, text = "", c
		}
		out += "<w:tc><w:tcPr>" + property + "</w:tcPr>"
		for line := range strings.SplitSeq(text, "⏎") {
			if !strings.HasPrefix(line, "<") {
				line = "<w:p><w:r><w:t>" + line + "</w:t></w:r></w:p>"
			}
			out += line
		}
		out += "</w:tc>"
	}
	return out + "</w:tr>"
}

func wordTableOf(rows ...string) string { return "<w:tbl>" + strings.Join(rows, "") + "</w:tbl>" }

func wordLine(text string) string { return "<w:p><w:r><w:t>" + text + "</w:t></w:r></w:p>" }

const (
	spans2  = `<w:gridSpan w:val="2"/>`
	restart = `<w:vMerge w:val="restart"/>`
	goesOn  = `<w:vMerge/>`
)

func TestTablesOfAWordDocument(t *testing.T) {
	head := wordRow("序号", "问题", "整改措施", "责任人", "整改时限")
	for name, tt := range map[string]struct {
		body string
		want string
	}{
		"a table under its title": {wordLine("某局整改台账") + wordLine("") + wordTableOf(head, wordRow("1", "问题一⏎的第二行", "措施一", "李四", "2024年9月30日前")),
			text("1 fk 问题一⏎的第二行", "  - 措施一|||李四|2024年9月30日前", "·0 title", "·1 heading")},
		"blocks in both directions": {wordTableOf(
			wordRow(restart+"|序号", restart+"|问题", spans2+"|整改", restart+"|整改时限"),
			wordRow(goesOn+"|", goesOn+"|", "整改措施", "责任人", goesOn+"|"),
			wordRow(restart+"|1", restart+"|问题一", "措施一", "李四", "9月底前"),
			wordRow(goesOn+"|", goesOn+"|", "措施二", "王五", "10月底前"),
			wordRow("2", "问题二", "措施三", spans2+restart+"|赵六")),
			text("1 fk 问题一", "  - 措施一|||李四|9月底前", "  - 措施二|||王五|10月底前", "2 fk 问题二", "  - 措施三|||赵六|", "·1 heading", "·2 heading")},
		"what was struck out is gone, what was put in is there": {wordTableOf(head,
			wordRow("1", `<w:p><w:r><w:t>问题</w:t></w:r><w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>走</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>新</w:t></w:r></w:ins><w:moveTo><w:r><w:t>来</w:t></w:r></w:moveTo></w:p>`,
				`<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>措</w:t></w:r></w:p><w:p><w:r><w:t>施</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>看不见</w:t></w:r></w:p>`, "李四", "9月底前"),
			strings.Replace(wordRow("2", "删去的问题", "措施", "李四", "9月底前"), "<w:tr>", "<w:tr><w:trPr><w:del/></w:trPr>", 1)),
			text("1 fk 问题新来", "  - 措施|||李四|9月底前", "·1 heading")},
		"a table broken in two": {wordTableOf(head, wordRow("1", "问题一", "措施一", "李四", "9月底前")) + wordLine("") + wordTableOf(wordRow("2", "问题二", "措施二", "王五", "10月底前")),
			text("1 fk 问题一", "  - 措施一|||李四|9月底前", "2 fk 问题二", "  - 措施二|||王五|10月底前", "·1 heading")},
		"a table in a cell is its words": {wordTableOf(head, wordRow("1", "问题一", wordTableOf(wordRow("甲", "乙"), wordRow("丙", "丁")), "李四", "9月底前")),
			text("1 fk 问题一", "  - 甲 乙⏎丙 丁|||李四|9月底前", "·1 heading")},
		"a table in a frame is read": {wordTableOf(wordRow(wordLine("某局台账") + wordTableOf(head, wordRow("1", "问题一", "措施一", "李四", "9月底前")))),
			text("1 fk 问题一", "  - 措施一|||李四|9月底前", "·0 title", "·1 heading")},
		"edges that nobody sees": {"<w:tbl><w:tblGrid>" + strings.Repeat(`<w:gridCol w:w="1000"/><w:gridCol w:w="40"/>`, 3) + "</w:tblGrid>" +
			wordRow("序号", spans2+"|问题", spans2+"|整改措施", "整改时限") + wordRow(spans2+"|1", "问题一", spans2+"|措施一", "9月底前") + "</w:tbl>",
			text("1 fk 问题一", "  - 措施一||||9月底前", "·1 heading")},
		"ticks of a font of signs": {wordTableOf(wordRow("序号", "问题", "整改措施", "整改时限", "是否完成"), wordRow("1", "问题一", "措施一", "9月底前", `<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r></w:p>`)),
			text("1 fk 问题一 况=√", "  - 措施一||||9月底前", "·1 heading")},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustRead(t, wordFile(t, tt.body), feedback2024)
			if got := told(r); got != tt.want || r.Format != "docx" {
				t.Errorf("read as\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// Several tables of a document are several sheets, named by the line above them.
func TestSeveralTablesOfADocument(t *testing.T) {
	head := wordRow("序号", "问题", "整改措施")
	r := mustRead(t, wordFile(t, wordLine("一、立行立改问题")+wordTableOf(head, wordRow("1", "问题一", "措施一"))+wordLine("二、反馈问题")+wordTableOf(head, wordRow("2", "问题二", "措施二"))+wordTableOf(wordRow("联系人", "电话"))), feedback2024)
	var names []string
	for _, t := range r.Tables {
		names = append(names, t.Sheet)
	}
	if got := strings.Join(names, "/"); got != "一、立行立改问题/二、反馈问题/#3" || len(r.Items) != 2 {
		t.Errorf("the tables are %s\n%s", got, told(r))
	}
}

// A table on its side, under a title, is offered turned and then read.
func TestATableOfADocumentOnItsSide(t *testing.T) {
	content := wordFile(t, wordLine("某局整改台账")+wordTableOf(wordRow("序号", "1", "2"), wordRow("反馈问题", "问题一", "问题二"), wordRow("整改措施", "措施一", "措施二"), wordRow("整改时限", "9月底前", "10月底前")))
	in := feedback2024
	if r := mustRead(t, content, in); len(r.Items) != 0 || !r.Tables[0].Turnable {
		t.Errorf("before it is turned: %s", told(r))
	}
	in.Turn = []string{""}
	r := mustRead(t, content, in)
	if len(r.Items) != 2 || r.Items[1].Problem != "问题二" || r.Items[1].Measures[0].Text != "措施二" {
		t.Errorf("turned: %s", told(r))
	}
}

// Numbers that Word counts by itself stand nowhere in the text.
func TestNumbersThatWordCounts(t *testing.T) {
	const lists = xmlHead + `<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">` +
		`<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1"/></w:lvl></w:abstractNum>` +
		`<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%1）"/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2 "/></w:lvl></w:abstractNum>` +
		`<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>` +
		`<w:num w:numId="3"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num></w:numbering>`
	const styles = xmlHead + `<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:styleId="a"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style><w:style w:styleId="b"><w:basedOn w:val="a"/></w:style></w:styles>`
	item := func(list, text string) string {
		return `<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="` + list + `"/></w:numPr></w:pPr><w:r><w:t>` + text + `</w:t></w:r></w:p>`
	}
	styled := `<w:p><w:pPr><w:pStyle w:val="b"/></w:pPr></w:p>`
	r := mustRead(t, wordFile(t, wordTableOf(wordRow("序号", "问题", "整改措施", "责任人"),
		wordRow(styled, "问题甲", item("2", "措施甲")+item("2", "措施乙"), "李四"), wordRow(styled, "问题乙", item("3", "措施丙")+item("3", "措施丁"), "王五")),
		"word/numbering.xml", lists, "word/styles.xml", styles), feedback2024)
	want := text("1 fk 问题甲", "  - （一）措施甲⏎（二）措施乙|||李四|", "2 fk 问题乙", "  - （一）措施丙⏎（二）措施丁|||王五|", "·1 heading")
	if got := told(r); got != want {
		t.Errorf("read as\n%s\nwant\n%s", got, want)
	}
}

func FuzzWord(f *testing.F) {
	head := wordRow(restart+"|序号", spans2+"|问题", "整改措施")
	f.Add(wordLine("题目") + wordTableOf(head, wordRow(goesOn+"|1", "问题一", "措施一"), wordRow("2", wordTableOf(wordRow("甲")), "<w:p><w:del><w:r><w:t>x</w:t></w:r></w:del></w:p>")))
	f.Fuzz(func(t *testing.T, body string) {
		if len(body) > 100_000 {
			t.Skip()
		}
		takesOrRefuses(t, wordFile(t, body))
	})
}
