package views

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Paper is an official paper as a Word file, laid out after GB/T 9704-2012: A4, the
// head margin 37 mm, the binding margin 28 mm, the type area 156 by 225 mm with
// twenty-two lines of twenty-eight characters; the title in 小标宋 of size two, the
// text in 仿宋 of size three, headings of the first level in 黑体 and of the second in
// 楷体; page numbers between dashes, outside on the right and on the left by turns.
// It is written by hand: a paper has half a dozen kinds of paragraphs, and people go
// on editing it in Word.
type Paper struct {
	title string
	body  strings.Builder
}

// The measures of the sheet, in twentieths of a point: one is 1/1440 inch.
const (
	paperTop    = 2098 // 天头 37 mm
	paperLeft   = 1588 // 订口 28 mm
	paperWidth  = 8844 // 版心 156 mm
	paperRight  = 11906 - paperLeft - paperWidth
	paperBottom = 16838 - paperTop - 12756 // 版心 225 mm
	paperLine   = 579                      // of 22 on a page
	paperFooter = 1300                     // the number 7 mm below the type area
	paperChar   = 315                      // of 28 in a line
)

// paperFont is a type by the name that comes with the government's machines, and
// those that may stand in for it.
type paperFont struct{ name, instead, family string }

var (
	fontTitle = paperFont{"方正小标宋简体", "方正小标宋_GBK,FZXiaoBiaoSong-B05S,华文中宋,STZhongsong,宋体,SimSun,Noto Serif CJK SC", "roman"}
	fontText  = paperFont{"仿宋_GB2312", "仿宋,FangSong,FangSong_GB2312,华文仿宋,STFangsong,Noto Serif CJK SC", "modern"}
	fontHead  = paperFont{"黑体", "SimHei,思源黑体,Noto Sans CJK SC,WenQuanYi Zen Hei", "swiss"}
	fontSub   = paperFont{"楷体_GB2312", "楷体,KaiTi,KaiTi_GB2312,华文楷体,STKaiti,Noto Serif CJK SC", "script"}
	fontNo    = paperFont{"宋体", "SimSun,NSimSun,Noto Serif CJK SC", "roman"}
)

var paperFonts = []paperFont{fontTitle, fontText, fontHead, fontSub, fontNo}

// paperRun is a stretch of text in one type; size in half points.
type paperRun struct {
	text string
	font paperFont
	size int
	red  bool
}

const (
	sizeTwo   = 44 // 二号
	sizeThree = 32 // 三号
	sizeFour  = 28 // 四号
	sizeSmall = 21 // 五号
)

// NewPaper begins a paper of that title.
func NewPaper(title string) *Paper { return &Paper{title: title} }

func (p *Paper) xml(s string) { p.body.WriteString(s) }

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}

// numberInText is an item's number among other words.
var numberInText = regexp.MustCompile(`[A-Z]{2}-[0-9]{4}-[0-9]{3,6}`)

// unbroken keeps each item's number on one line.
func unbroken(s string) string {
	return numberInText.ReplaceAllStringFunc(s, func(number string) string {
		return strings.ReplaceAll(number, "-", `</w:t><w:noBreakHyphen/><w:t xml:space="preserve">`)
	})
}

// paragraph writes one paragraph; format is what stands in its w:pPr.
func (p *Paper) paragraph(format string, runs ...paperRun) {
	p.xml("<w:p><w:pPr>" + format + "</w:pPr>")
	for _, r := range runs {
		p.xml(r.xml())
	}
	p.xml("</w:p>")
}

func (r paperRun) xml() string {
	more := ""
	if r.red {
		more += `<w:color w:val="C00000"/>`
	}
	squeeze := ""
	if r.size == sizeThree {
		squeeze = `<w:spacing w:val="-5"/>` // twenty-eight to a line
	}
	return fmt.Sprintf(`<w:r><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia=%q w:cs="Times New Roman" w:hint="eastAsia"/>%s%s<w:sz w:val="%d"/><w:szCs w:val="%d"/></w:rPr><w:t xml:space="preserve">%s</w:t></w:r>`,
		r.font.name, more, squeeze, r.size, r.size, unbroken(escaped(r.text)))
}

// spaced is a line of that height, in which Chinese and Latin letters stand without
// gaps between them and numbers of documents may be broken anywhere.
func spaced(line int) string {
	return fmt.Sprintf(`<w:wordWrap w:val="0"/><w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/><w:spacing w:before="0" w:after="0" w:line="%d" w:lineRule="exact"/>`, line)
}

const firstLine = `<w:ind w:firstLineChars="200" w:firstLine="630"/>`

func aligned(how string) string { return `<w:jc w:val="` + how + `"/>` }

func (p *Paper) blank() { p.paragraph(spaced(paperLine)) }

// Note is a small line above all else: that this is a draft.
func (p *Paper) Note(words string) {
	p.paragraph(spaced(paperLine)+aligned("left"), paperRun{text: words, font: fontHead, size: sizeThree, red: true})
}

// Number is the document's number; by whom it is signed stands beside it in papers
// that go upwards.
func (p *Paper) Number(number, signer string) {
	if signer == "" {
		p.paragraph(spaced(paperLine)+aligned("center"), paperRun{text: number, font: fontText, size: sizeThree})
		return
	}
	tab := fmt.Sprintf(`<w:tabs><w:tab w:val="right" w:pos="%d"/></w:tabs>`, paperWidth-paperChar)
	format := tab + spaced(paperLine) + fmt.Sprintf(`<w:ind w:left="%d"/>`, paperChar)
	p.xml("<w:p><w:pPr>" + format + "</w:pPr>" + paperRun{text: number, font: fontText, size: sizeThree}.xml() + "<w:r><w:tab/></w:r>")
	label, name, _ := strings.Cut(signer, "：")
	p.xml(paperRun{text: label + "：", font: fontText, size: sizeThree}.xml() + paperRun{text: name, font: fontSub, size: sizeThree}.xml() + "</w:p>")
}

// Title is the paper's title, with air around it.
func (p *Paper) Title() {
	p.blank()
	p.paragraph(`<w:pStyle w:val="Title"/>`+spaced(720)+aligned("center"), paperRun{text: p.title, font: fontTitle, size: sizeTwo})
	p.blank()
}

// Addressee is whom it goes to.
func (p *Paper) Addressee(name string) {
	p.paragraph(spaced(paperLine), paperRun{text: name + "：", font: fontText, size: sizeThree})
}

var (
	levelOne = regexp.MustCompile(`^[一二三四五六七八九十]{1,3}、`)
	levelTwo = regexp.MustCompile(`^（[一二三四五六七八九十]{1,3}）`)
)

// Text is a text of several lines, each a paragraph; what is numbered 一、 is a heading
// of the first level, and the first sentence of what is numbered （一） one of the second.
func (p *Paper) Text(text string) { p.text(text, false) }

// LastText is the text before the signature, which never stands on a page alone.
func (p *Paper) LastText(text string) { p.text(text, true) }

func (p *Paper) text(text string, last bool) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for n, line := range lines {
		keep := ""
		if last && n == len(lines)-1 {
			keep = `<w:keepNext/>`
		}
		line = strings.TrimSpace(line)
		run := paperRun{text: line, font: fontText, size: sizeThree}
		switch {
		case line == "":
		case levelOne.MatchString(line):
			run.font = fontHead
			p.paragraph(`<w:keepNext/>`+spaced(paperLine)+firstLine+`<w:outlineLvl w:val="0"/>`, run)
		case levelTwo.MatchString(line):
			head, rest, cut := strings.Cut(line, "。")
			if cut {
				head += "。"
			}
			p.paragraph(keep+spaced(paperLine)+firstLine, paperRun{text: head, font: fontSub, size: sizeThree}, paperRun{text: rest, font: fontText, size: sizeThree})
		default:
			p.paragraph(keep+spaced(paperLine)+firstLine+aligned("both"), run)
		}
	}
}

// Signature is by whom and of which day: the date four characters from the right,
// the name over its middle.
func (p *Paper) Signature(by, date string) {
	for range 2 {
		p.paragraph(`<w:keepNext/>` + spaced(paperLine))
	}
	const four = 4 * 320
	dateWidth := 0
	for _, r := range date {
		if r < utf8.RuneSelf {
			dateWidth += 160
		} else {
			dateWidth += paperChar
		}
	}
	name := utf8.RuneCountInString(by) * paperChar
	right := max(four+(dateWidth-name)/2, 0)
	indent := func(n int) string { return fmt.Sprintf(`<w:ind w:right="%d"/>`, n) }
	if by != "" {
		p.paragraph(`<w:keepNext/>`+spaced(paperLine)+indent(right)+aligned("right"), paperRun{text: by, font: fontText, size: sizeThree})
	}
	p.paragraph(spaced(paperLine)+indent(four)+aligned("right"), paperRun{text: date, font: fontText, size: sizeThree})
}

// Imprint is the foot of the last page: lines between rules, one character from
// either side.
func (p *Paper) Imprint(lines ...string) {
	p.blank()
	for n, line := range lines {
		borders := `<w:top w:val="single" w:sz="8" w:space="1" w:color="auto"/>`
		if n == len(lines)-1 {
			borders += `<w:bottom w:val="single" w:sz="8" w:space="1" w:color="auto"/>`
		}
		p.paragraph(`<w:pBdr>`+borders+`</w:pBdr>`+spaced(520)+`<w:ind w:left="280" w:right="280"/>`, paperRun{text: line, font: fontText, size: sizeFour})
	}
}

// Table is a table over the whole width; the head stands on every page it runs over.
// Widths are shares of the whole.
func (p *Paper) Table(heads []string, shares []int, rows [][]string) {
	whole := 0
	for _, s := range shares {
		whole += s
	}
	widths := make([]int, len(shares))
	for n, s := range shares {
		widths[n] = paperWidth * s / whole
	}
	p.xml(fmt.Sprintf(`<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/><w:tblBorders>`, paperWidth))
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		p.xml(`<w:` + side + ` w:val="single" w:sz="4" w:space="0" w:color="auto"/>`)
	}
	p.xml(`</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>`)
	for _, w := range widths {
		p.xml(fmt.Sprintf(`<w:gridCol w:w="%d"/>`, w))
	}
	p.xml(`</w:tblGrid>`)
	how := make([]string, len(widths))
	for n := range how {
		how[n] = aligned("center")
		for _, row := range rows {
			if utf8.RuneCountInString(row[n]) > shortCell {
				how[n] = aligned("left")
			}
		}
	}
	p.row(heads, widths, how, fontHead, `<w:tblHeader/>`, `<w:keepNext/>`)
	for n, row := range rows {
		keep := ""
		if n == len(rows)-1 {
			keep = `<w:keepNext/>` // a signature never stands on a page alone
		}
		p.row(row, widths, how, fontText, "", keep)
	}
	p.xml(`</w:tbl>`)
	p.paragraph(`<w:keepNext/>` + spaced(paperLine))
}

// shortCell is how many characters a cell may have for its column to be centred.
const shortCell = 12

// row is one row of a table; how is each column's alignment.
func (p *Paper) row(cells []string, widths []int, how []string, font paperFont, format, keep string) {
	p.xml(`<w:tr><w:trPr><w:cantSplit/>` + format + `</w:trPr>`)
	for n, w := range widths {
		p.xml(fmt.Sprintf(`<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>`, w))
		at := how[n]
		if font == fontHead {
			at = aligned("center")
		}
		p.paragraph(keep+`<w:spacing w:before="0" w:after="0" w:line="320" w:lineRule="exact"/>`+at, paperRun{text: cells[n], font: font, size: sizeSmall})
		p.xml(`</w:tc>`)
	}
	p.xml(`</w:tr>`)
}

// paperXML begins every part.
const (
	paperXML = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	paperNS  = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
)

// Bytes is the paper as a .docx file. The same paper is always the same bytes.
func (p *Paper) Bytes() ([]byte, error) {
	document := paperXML + `<w:document ` + paperNS + `><w:body>` + p.body.String() +
		`<w:sectPr><w:footerReference w:type="default" r:id="rId4"/><w:footerReference w:type="even" r:id="rId5"/>` +
		fmt.Sprintf(`<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="851" w:footer="%d" w:gutter="0"/>`, paperTop, paperRight, paperBottom, paperLeft, paperFooter) +
		`</w:sectPr></w:body></w:document>`
	fonts := ""
	for _, f := range paperFonts {
		fonts += fmt.Sprintf(`<w:font w:name=%q><w:altName w:val=%q/><w:charset w:val="86"/><w:family w:val=%q/></w:font>`, f.name, f.instead, f.family)
	}
	footer := func(how, indent string) string {
		dash := paperRun{text: "— ", font: fontNo, size: sizeFour}.xml()
		field := func(of string) string {
			return `<w:r><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体"/><w:sz w:val="28"/></w:rPr>` + of + `</w:r>`
		}
		return paperXML + `<w:ftr ` + paperNS + `><w:p><w:pPr>` + indent + aligned(how) + `</w:pPr>` + dash +
			field(`<w:fldChar w:fldCharType="begin"/>`) + field(`<w:instrText xml:space="preserve"> PAGE </w:instrText>`) + field(`<w:fldChar w:fldCharType="separate"/>`) +
			field(`<w:t>1</w:t>`) + field(`<w:fldChar w:fldCharType="end"/>`) +
			paperRun{text: " —", font: fontNo, size: sizeFour}.xml() + `</w:p></w:ftr>`
	}
	const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	const word = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	relation := func(n int, kind, target string) string {
		return fmt.Sprintf(`<Relationship Id="rId%d" Type="%s" Target="%s"/>`, n, kind, target)
	}
	const relations = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	part := func(name, kind string) string {
		return `<Override PartName="/` + name + `" ContentType="` + kind + `"/>`
	}
	normal := `<w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="` + fontText.name + `" w:cs="Times New Roman"/><w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr>`
	parts := [][2]string{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			part("word/document.xml", word+"document.main+xml") + part("word/styles.xml", word+"styles+xml") + part("word/settings.xml", word+"settings+xml") +
			part("word/fontTable.xml", word+"fontTable+xml") + part("word/footer1.xml", word+"footer+xml") + part("word/footer2.xml", word+"footer+xml") +
			part("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml") + `</Types>`},
		{"_rels/.rels", relations + relation(1, office+"officeDocument", "word/document.xml") +
			relation(2, "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", "docProps/core.xml") + `</Relationships>`},
		{"docProps/core.xml", `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>` + escaped(p.title) + `</dc:title></cp:coreProperties>`},
		{"word/_rels/document.xml.rels", relations + relation(1, office+"styles", "styles.xml") + relation(2, office+"settings", "settings.xml") + relation(3, office+"fontTable", "fontTable.xml") +
			relation(4, office+"footer", "footer1.xml") + relation(5, office+"footer", "footer2.xml") + `</Relationships>`},
		{"word/styles.xml", `<w:styles ` + paperNS + `><w:docDefaults><w:rPrDefault>` + normal + `</w:rPrDefault><w:pPrDefault/></w:docDefaults>` +
			`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:pPr><w:widowControl w:val="0"/><w:jc w:val="both"/></w:pPr></w:style>` +
			`<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/></w:style></w:styles>`},
		{"word/settings.xml", `<w:settings ` + paperNS + `><w:zoom w:percent="100"/><w:evenAndOddHeaders/><w:characterSpacingControl w:val="compressPunctuation"/></w:settings>`},
		{"word/fontTable.xml", `<w:fonts ` + paperNS + `>` + fonts + `</w:fonts>`},
		{"word/footer1.xml", strings.TrimPrefix(footer("right", `<w:ind w:right="280"/>`), paperXML)},
		{"word/footer2.xml", strings.TrimPrefix(footer("left", `<w:ind w:left="280"/>`), paperXML)},
		{"word/document.xml", strings.TrimPrefix(document, paperXML)},
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, part := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: part[0], Method: zip.Deflate, Modified: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(paperXML + part[1])); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// PaperDate is a day as official papers write it: 2024年7月8日.
func PaperDate(day string) string {
	parts := strings.Split(day, "-")
	if len(parts) != 3 {
		return ""
	}
	month, _ := strconv.Atoi(parts[1])
	of, _ := strconv.Atoi(parts[2])
	return fmt.Sprintf("%s年%d月%d日", parts[0], month, of)
}
