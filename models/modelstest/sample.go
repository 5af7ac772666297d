package modelstest

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"unicode/utf16"
)

// Sample is a small, sound file of that kind, by the ending of its name. What it says
// is made of the words, so that two with different words are two files.
func Sample(t testing.TB, kind, words string) []byte {
	t.Helper()
	switch kind {
	case "pdf":
		return samplePDF(words)
	case "jpg", "jpeg":
		var out bytes.Buffer
		must(t, jpeg.Encode(&out, Picture(640, 480, words), nil))
		return out.Bytes()
	case "png":
		var out bytes.Buffer
		must(t, png.Encode(&out, Picture(640, 480, words)))
		return out.Bytes()
	case "txt":
		return []byte(words + "\r\n第二行\r\n")
	case "doc":
		return Compound(map[string]string{"WordDocument": words})
	case "xls":
		return Compound(map[string]string{"Workbook": words})
	case "ppt":
		return Compound(map[string]string{"PowerPoint Document": words})
	case "docx":
		return Package(t, map[string]string{
			"[Content_Types].xml": `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
			"word/document.xml": `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` +
				`<w:p><w:r><w:t>` + words + `</w:t></w:r></w:p><w:p><w:r><w:t>正文</w:t><w:br/><w:t>换行</w:t></w:r></w:p>` +
				`<w:tbl><w:tr><w:tc><w:p><w:r><w:t>项目</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>金额</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>`,
		})
	case "xlsx":
		return Package(t, map[string]string{
			"[Content_Types].xml":        `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
			"_rels/.rels":                `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
			"xl/workbook.xml":            `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="拨付清单" sheetId="1" r:id="r1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
			"xl/worksheets/sheet1.xml":   `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>` + words + `</t></is></c><c r="C1"><v>43</v></c></row></sheetData></worksheet>`,
		})
	case "pptx":
		return Package(t, map[string]string{"ppt/presentation.xml": "<p>" + words + "</p>"})
	case "ofd":
		return Package(t, map[string]string{"OFD.xml": "<ofd>" + words + "</ofd>"})
	case "zip":
		return Package(t, map[string]string{"readme.txt": words})
	}
	t.Fatalf("no sample of %s", kind)
	return nil
}

// SampleKinds are the kinds of file that are taken as evidence.
var SampleKinds = []string{"pdf", "ofd", "jpg", "jpeg", "png", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt"}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Picture is a picture whose colours come from the words: dark at the upper left,
// bright at the lower right.
func Picture(w, h int, words string) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	tint := uint8(crc32.ChecksumIEEE([]byte(words)))
	for y := range h {
		for x := range w {
			p.SetRGBA(x, y, color.RGBA{uint8(255 * x / w), uint8(255 * y / h), tint, 255})
		}
	}
	return p
}

// Package is a zip file of those parts.
func Package(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, content := range parts {
		w, err := z.Create(name)
		must(t, err)
		_, err = w.Write([]byte(content))
		must(t, err)
	}
	must(t, z.Close())
	return out.Bytes()
}

// Bomb is a workbook of a few megabytes whose sheet unpacks to that many; lying is one
// whose directory says it is a thousand bytes.
func Bomb(t testing.TB, megabytes int, lying bool) []byte {
	t.Helper()
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 1<<20)
	var begins int
	for range 2 {
		begins = packed.Len()
		_, _ = w.Write(block)
		_ = w.Flush()
	}
	again := bytes.Clone(packed.Bytes()[begins:]) // a megabyte after a megabyte is always the same bytes
	for range megabytes - 2 {
		packed.Write(again)
	}
	_ = w.Close()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	part, err := z.Create("xl/workbook.xml")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte("<workbook/>"))
	says := uint64(megabytes) << 20
	if lying {
		says = 1000
	}
	raw, err := z.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: says})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = raw.Write(packed.Bytes())
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Enormous is a picture that says it is so large and has no pixels to show for it.
func Enormous(w, h uint32) []byte {
	head := make([]byte, 13)
	binary.BigEndian.PutUint32(head, w)
	binary.BigEndian.PutUint32(head[4:], h)
	head[8], head[9] = 8, 6
	var out bytes.Buffer
	out.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		_ = binary.Write(&out, binary.BigEndian, uint32(len(data)))
		out.WriteString(kind)
		out.Write(data)
		_ = binary.Write(&out, binary.BigEndian, crc32.ChecksumIEEE(append([]byte(kind), data...)))
	}
	chunk("IHDR", head)
	chunk("IDAT", []byte{0x78, 0x9C, 0x03, 0, 0, 0, 0, 1})
	chunk("IEND", nil)
	return out.Bytes()
}

func samplePDF(words string) []byte {
	var out bytes.Buffer
	var at []int
	object := func(body string) {
		at = append(at, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", len(at), body)
	}
	out.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>")
	stream := "BT /F 24 Tf 40 100 Td (" + strings.Map(func(r rune) rune {
		if r > 126 || r == '(' || r == ')' {
			return '?'
		}
		return r
	}, words) + ") Tj ET %" + words
	object(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(stream), stream))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	xref := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&out, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return out.Bytes()
}

// Compound is a compound file, as Office wrote them before 2007, with these streams.
func Compound(streams map[string]string) []byte {
	const sector, free, end, fat = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
	const each = 8 // sectors a stream: below four kilobytes they would lie elsewhere
	le := binary.LittleEndian
	table := bytes.Repeat([]byte{0xFF}, sector)
	entries := make([]byte, sector)
	le.PutUint32(table[0:], fat)
	le.PutUint32(table[4:], end)
	entry := func(n int, name string, kind byte, child, right, start, size uint32) {
		e := entries[n*128 : (n+1)*128]
		for i, u := range utf16.Encode([]rune(name)) {
			le.PutUint16(e[2*i:], u)
		}
		le.PutUint16(e[64:], uint16(2*len(name)+2))
		e[66], e[67] = kind, 1
		le.PutUint32(e[68:], free)
		le.PutUint32(e[72:], right)
		le.PutUint32(e[76:], child)
		le.PutUint32(e[116:], start)
		le.PutUint32(e[120:], size)
	}
	entry(0, "Root Entry", 5, 1, free, end, 0)
	var data []byte
	n := 0
	for name, content := range streams {
		start := uint32(2 + n*each)
		for s := range uint32(each) {
			next := start + s + 1
			if s == each-1 {
				next = end
			}
			le.PutUint32(table[4*(start+s):], next)
		}
		right := uint32(n + 2)
		if n == len(streams)-1 {
			right = free
		}
		n++
		entry(n, name, 2, free, right, start, each*sector)
		block := make([]byte, each*sector)
		copy(block, content)
		data = append(data, block...)
	}
	head := make([]byte, sector)
	copy(head, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
	le.PutUint16(head[24:], 0x3E)
	le.PutUint16(head[26:], 3)
	le.PutUint16(head[28:], 0xFFFE)
	le.PutUint16(head[30:], 9)
	le.PutUint16(head[32:], 6)
	le.PutUint32(head[44:], 1)
	le.PutUint32(head[48:], 1)
	le.PutUint32(head[56:], 4096)
	le.PutUint32(head[60:], end)
	le.PutUint32(head[68:], end)
	for at := 76; at < sector; at += 4 {
		le.PutUint32(head[at:], free)
	}
	le.PutUint32(head[76:], 0)
	return append(append(append(head, table...), entries...), data...)
}
