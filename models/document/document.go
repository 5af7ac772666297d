// Package document looks into files that are handed in to show that something was done:
// whether a name can be kept, whether a file is of the kind its name says through and
// through, what a page shows of it, and what a scanner of the operator's finds in it. Bytes
// go in and an answer comes out; where files lie, whose they are and who may see them is
// said in models.
package document

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	_ "image/jpeg" // the two kinds of picture that are taken
	_ "image/png"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"duban/models/ledger"

	"github.com/richardlehane/mscfb"
)

// What a file may hold, beyond its size. They are far above any evidence, and keep
// what is done to look at a file bounded whatever it says of itself.
const (
	mostPixels      = 120 << 20 // of a picture; the largest cameras of telephones have 108 million
	mostParts       = 10_000    // of an Office file
	mostPartsListed = 8 << 20   // bytes of the list of parts
	mostUnpacked    = 512 << 20 // bytes, of all parts together
)

// Type is a kind of file that evidence may be, by the ending of its name.
type Type string

// The kinds that are taken. Archives are, where the operator says so.
const (
	PDF  Type = "pdf"
	OFD  Type = "ofd" // the national format of fixed layout, GB/T 33190
	JPEG Type = "jpeg"
	PNG  Type = "png"
	DOC  Type = "doc"
	DOCX Type = "docx"
	XLS  Type = "xls"
	XLSX Type = "xlsx"
	PPT  Type = "ppt"
	PPTX Type = "pptx"
	TXT  Type = "txt"
	ZIP  Type = "zip"
)

// typesTaken is, for each kind, which endings its names have and what is sent to the
// browser as its type: never what a browser said when it was handed in.
var typesTaken = map[Type]struct {
	endings []string
	mime    string
}{
	PDF:  {[]string{".pdf"}, "application/pdf"},
	OFD:  {[]string{".ofd"}, "application/ofd"},
	JPEG: {[]string{".jpg", ".jpeg"}, "image/jpeg"},
	PNG:  {[]string{".png"}, "image/png"},
	DOC:  {[]string{".doc"}, "application/msword"},
	DOCX: {[]string{".docx"}, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	XLS:  {[]string{".xls"}, "application/vnd.ms-excel"},
	XLSX: {[]string{".xlsx"}, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	PPT:  {[]string{".ppt"}, "application/vnd.ms-powerpoint"},
	PPTX: {[]string{".pptx"}, "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
	TXT:  {[]string{".txt"}, "text/plain; charset=utf-8"},
	ZIP:  {[]string{".zip"}, "application/zip"},
}

// MIME is the type's name for browsers.
func (t Type) MIME() string { return typesTaken[t].mime }

// Packed says whether its bytes are compressed already.
func (t Type) Packed() bool {
	return !slices.Contains([]Type{TXT, DOC, XLS, PPT}, t)
}

// Picture says whether it is one that is shown as a picture.
func (t Type) Picture() bool { return t == JPEG || t == PNG }

// Endings are the endings of names that are taken, in their order, those of archives as
// well where they are.
func Endings(archives bool) []string {
	var taken []string
	for t, of := range typesTaken {
		if t != ZIP || archives {
			taken = append(taken, of.endings...)
		}
	}
	slices.Sort(taken)
	return taken
}

// longestName is how many characters the name of a file may have.
const longestName = 200

// Unfit is why a file is not taken: the key of the sentence in views/text, and its
// arguments, of which the first is the file's name.
type Unfit struct {
	Key  string
	Args []any
}

func (u Unfit) Error() string { return u.Key }

func unfit(key, name string, args ...any) error {
	return Unfit{key, append([]any{name}, args...)}
}

// Name is the name of a file as it is kept, and the kind that it says: to the byte the one
// it came with, without the folders that some browsers put before it. One that cannot be
// shown or written as it stands is Unfit: a name that was altered would not be the name of
// the document.
func Name(sent string, archives bool) (name string, t Type, err error) {
	name = sent[strings.LastIndexAny(sent, `/\`)+1:]
	shown := strings.Map(func(r rune) rune {
		if !shows(r) {
			return '�'
		}
		return r
	}, strings.ToValidUTF8(name, "�"))
	stem := strings.TrimSpace(strings.TrimSuffix(name, path.Ext(name)))
	above := slices.Contains(strings.FieldsFunc(sent, func(r rune) bool { return r == '/' || r == '\\' }), "..")
	switch n := utf8.RuneCountInString(name); {
	case strings.ContainsFunc(name, func(r rune) bool { return !shows(r) }):
		return "", "", unfit("evidence.file.name", clipped(shown))
	case above:
		return "", "", unfit("evidence.file.name_path", clipped(sent))
	case n > longestName:
		return "", "", unfit("evidence.file.name_long", clipped(name), longestName, n)
	case stem == "" || strings.Trim(stem, ".") == "":
		return "", "", unfit("evidence.file.name_empty", name)
	}
	ending := strings.ToLower(path.Ext(name))
	for _, t := range slices.Sorted(maps.Keys(typesTaken)) {
		if slices.Contains(typesTaken[t].endings, ending) && (t != ZIP || archives) {
			return name, t, nil
		}
	}
	if ending == ".zip" {
		return "", "", unfit("evidence.file.zip", name)
	}
	return "", "", unfit("evidence.file.ending", name)
}

// shows says whether a character of a name is seen as what it is: controls, marks
// that turn the direction of writing and halves of characters are not.
func shows(r rune) bool {
	return !unicode.IsControl(r) && !unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point) && r != '\uFEFF' && r != '�'
}

// clipped is a name short enough for a sentence.
func clipped(name string) string {
	if r := []rune(name); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return name
}

// Check looks at a file from its first byte to its last, which is Unfit when it is not of
// this type through and through: a page named .jpg, a picture that is an archive
// as well, an Office file that unpacks to gigabytes.
func (t Type) Check(ctx context.Context, r io.ReaderAt, size int64, name string) error {
	head := make([]byte, min(size, 64<<10))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	is := sniff(head)
	var err error
	switch is {
	case "zip":
		is, err = packageType(r, size, name)
	case "ole":
		is = compoundType(r)
	case "jpeg", "png":
		err = checkPicture(r, size, name)
	case "":
		if is = "binary"; isText(ctx, r, size) {
			is = "txt"
		}
	}
	switch {
	case err != nil:
		return err
	case is == "encrypted":
		return unfit("evidence.file.password", name)
	case is == "macros":
		return unfit("evidence.file.macros", name)
	case is == "damaged":
		return unfit("evidence.file.damaged", name)
	case is == "binary":
		return unfit("evidence.file.not", name, strings.ToUpper(string(t)))
	case Type(is) != t:
		return unfit("evidence.file.other", name, strings.ToUpper(string(t)), strings.ToUpper(is))
	}
	if t.Picture() || t == PDF {
		two, err := twofold(r, size)
		if err != nil {
			return err
		}
		if two {
			return unfit("evidence.file.twofold", name)
		}
	}
	return nil
}

// sniff says by its first bytes what a file is, "" when it may be text.
func sniff(head []byte) string {
	for _, m := range []struct{ begin, is string }{
		{"%PDF-", "pdf"}, {"\x89PNG\r\n\x1a\n", "png"}, {"\xFF\xD8\xFF", "jpeg"}, {"PK\x03\x04", "zip"}, {"PK\x05\x06", "zip"},
		{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "ole"}, {"GIF8", "gif"}, {"II*\x00", "tiff"}, {"MM\x00*", "tiff"}, {"RIFF", "riff"},
		{"{\\rtf", "rtf"}, {"Rar!", "rar"}, {"7z\xBC\xAF\x27\x1C", "7z"}, {"\x1F\x8B", "gzip"}, {"\x7FELF", "elf"},
	} {
		if bytes.HasPrefix(head, []byte(m.begin)) {
			return m.is
		}
	}
	if bytes.HasPrefix(head, []byte("MZ")) && bytes.IndexByte(head, 0) >= 0 {
		return "exe"
	}
	text := strings.ToLower(strings.TrimLeft(strings.TrimPrefix(string(head[:min(len(head), 4096)]), "\uFEFF"), " \t\r\n\f"))
	for _, m := range []struct{ begin, is string }{
		{"<!doctype", "html"}, {"<html", "html"}, {"<head", "html"}, {"<body", "html"}, {"<script", "html"}, {"<table", "html"}, {"<meta", "html"}, {"<iframe", "html"},
		{"<svg", "svg"}, {"<?xml", "xml"}, {"<!--", "xml"}, {"mime-version:", "mhtml"},
	} {
		if strings.HasPrefix(text, m.begin) {
			if m.is == "xml" && strings.Contains(text, "<svg") {
				return "svg"
			}
			return m.is
		}
	}
	return ""
}

// packageParts tell what a package is by a part that only it has.
var packageParts = map[string]string{
	"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx", "ofd.xml": "ofd",
	"xl/workbook.bin": "xlsb", "content.xml": "opendocument", "androidmanifest.xml": "apk", "meta-inf/manifest.mf": "jar",
}

// packageType unpacks every part of a package, counting, and says what it is.
func packageType(r io.ReaderAt, size int64, name string) (is string, err error) {
	z, err := ledger.OpenPackage(r, size, mostPartsListed)
	switch {
	case errors.Is(err, ledger.ErrUnpacked), err == nil && len(z.File) > mostParts:
		return "", unfit("evidence.file.unpacks", name, mostUnpacked>>20)
	case err != nil:
		return "damaged", nil
	}
	found := map[string]bool{}
	left := int64(mostUnpacked)
	buf := make([]byte, 64<<10)
	for _, f := range z.File {
		part := ledger.PartName(f.Name)
		if f.Flags&1 != 0 {
			return "encrypted", nil
		}
		if is, ok := packageParts[part]; ok {
			found[is] = true
		}
		if strings.HasSuffix(part, "vbaproject.bin") {
			found["macros"] = true
		}
		n, err := unpack(f, buf, left)
		if err != nil {
			return "damaged", nil
		}
		if left -= n; left < 0 {
			return "", unfit("evidence.file.unpacks", name, mostUnpacked>>20)
		}
	}
	switch {
	case found["macros"]:
		return "macros", nil
	case len(found) == 0:
		return "zip", nil
	case len(found) > 1:
		return "", unfit("evidence.file.twofold", name)
	}
	for is = range found {
	}
	return is, nil
}

// unpack reads a part to its end and says how much it was, more than most when it
// was more.
func unpack(f *zip.File, buf []byte, most int64) (int64, error) {
	part, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer part.Close()
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, io.LimitReader(part, most+1), buf)
	if n > most {
		err = nil
	}
	return n, err
}

// compoundType says which of the Office files of before 2007 it is.
func compoundType(r io.ReaderAt) (is string) {
	defer func() {
		if recover() != nil { // the reader of compound files trusts their tables
			is = "damaged"
		}
	}()
	doc, err := mscfb.New(r)
	if err != nil {
		return "damaged"
	}
	found := map[string]bool{}
	for _, f := range doc.File {
		if len(f.Path) > 0 {
			continue
		}
		switch f.Name {
		case "WordDocument":
			found["doc"] = true
		case "Workbook", "Book":
			found["xls"] = true
		case "PowerPoint Document":
			found["ppt"] = true
		case "EncryptedPackage":
			return "encrypted"
		}
	}
	if len(found) != 1 {
		return "binary"
	}
	for is = range found {
	}
	return is
}

// checkPicture reads how large a picture says it is, before anything is decoded.
func checkPicture(r io.ReaderAt, size int64, name string) error {
	config, _, err := image.DecodeConfig(bufio.NewReader(io.NewSectionReader(r, 0, size)))
	if err != nil || config.Width <= 0 || config.Height <= 0 {
		return unfit("evidence.file.damaged", name)
	}
	if int64(config.Width)*int64(config.Height) > mostPixels {
		return unfit("evidence.file.pixels", name, config.Width, config.Height)
	}
	return nil
}

// foreignWords are what pictures and documents of fixed layout do not hold, and what
// makes a browser take a file for a page.
var foreignWords = [][]byte{[]byte("<script"), []byte("<!doctype html"), []byte("<html>"), []byte("<html "), []byte("<iframe"), []byte("<svg xmlns"), []byte("<?php")}

// twofold says whether a picture or a PDF is something else as well: a page within
// a picture, an archive behind either.
func twofold(r io.ReaderAt, size int64) (bool, error) {
	tail := make([]byte, min(size, 64<<10+22))
	if n, err := r.ReadAt(tail, size-int64(len(tail))); n < len(tail) {
		return false, errors.Join(err, io.ErrUnexpectedEOF)
	}
	for at := bytes.LastIndex(tail, []byte("PK\x05\x06")); at >= 0; at = bytes.LastIndex(tail[:at], []byte("PK\x05\x06")) {
		// The end of an archive says how long the remark behind it is.
		if rest := tail[at:]; len(rest) >= 22 && int(binary.LittleEndian.Uint16(rest[20:])) == len(rest)-22 {
			return true, nil
		}
	}
	head := make([]byte, 5)
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return false, err
	}
	if string(head) == "%PDF-" { // forms within it may hold such words
		return false, nil
	}
	buf := make([]byte, 64<<10)
	const overlap = 32
	for at := int64(0); at < size; at += int64(len(buf) - overlap) {
		n, err := r.ReadAt(buf[:min(int64(len(buf)), size-at)], at)
		if err != nil && err != io.EOF {
			return false, err
		}
		low := bytes.ToLower(buf[:n])
		for _, word := range foreignWords {
			if bytes.Contains(low, word) {
				return true, nil
			}
		}
		if bytes.Contains(low, []byte("%pdf-")) && at < 1024 {
			return true, nil
		}
	}
	return false, nil
}

// isText says whether all of it is writing: in UTF-8, UTF-16 or GB 18030, without
// characters that are none.
func isText(ctx context.Context, r io.ReaderAt, size int64) bool {
	words, err := ledger.Text(ctx, r, size)
	if err != nil {
		return false
	}
	text := bufio.NewReaderSize(words, 64<<10)
	for {
		c, _, err := text.ReadRune()
		switch {
		case err == io.EOF:
			return true
		case err != nil, c == utf8.RuneError, unicode.IsControl(c) && !strings.ContainsRune("\t\r\n\f", c):
			return false
		}
	}
}
