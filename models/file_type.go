package models

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"duban/models/ledger"
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

	"github.com/richardlehane/mscfb"
)

// What a file may hold, beyond its size. They are far above any evidence, and keep
// what is done to look at a file bounded whatever it says of itself.
const (
	mostPixels      = 120 << 20 // of a picture; the largest cameras of telephones have 108 million
	mostFileParts   = 10_000    // of an Office file
	mostPartsListed = 8 << 20   // bytes of the list of parts
	mostFileUnpacks = 512 << 20 // bytes, of all parts together
)

// FileType is a kind of file that evidence may be, by the ending of its name.
type FileType string

// The kinds that are taken. Archives are, where the operator says so.
const (
	PDF  FileType = "pdf"
	OFD  FileType = "ofd" // the national format of fixed layout, GB/T 33190
	JPEG FileType = "jpeg"
	PNG  FileType = "png"
	DOC  FileType = "doc"
	DOCX FileType = "docx"
	XLS  FileType = "xls"
	XLSX FileType = "xlsx"
	PPT  FileType = "ppt"
	PPTX FileType = "pptx"
	TXT  FileType = "txt"
	ZIP  FileType = "zip"
)

// fileTypes is, for each kind, which endings its names have and what is sent to the
// browser as its type: never what a browser said when it was handed in.
var fileTypes = map[FileType]struct {
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
func (t FileType) MIME() string { return fileTypes[t].mime }

// Packed says whether its bytes are compressed already.
func (t FileType) Packed() bool {
	return !slices.Contains([]FileType{TXT, DOC, XLS, PPT}, t)
}

// Picture says whether it is one that is shown as a picture.
func (t FileType) Picture() bool { return t == JPEG || t == PNG }

// FileEndings are the endings of names that are taken, for the form that asks for
// files.
func (s *Store) FileEndings() []string {
	var all []string
	for t, of := range fileTypes {
		if t != ZIP || s.FileLimits.Zip {
			all = append(all, of.endings...)
		}
	}
	slices.Sort(all)
	return all
}

// fileName is the name of a file as it is kept: to the byte the one it came with,
// without the folders that some browsers put before it. One that cannot be shown or
// written as it stands is refused: a name that was altered would not be the name of
// the document.
func fileName(sent string, archives bool) (name string, t FileType, err error) {
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
		return "", "", badEvidence("evidence.file.name", clipped(shown))
	case above:
		return "", "", badEvidence("evidence.file.name_path", clipped(sent))
	case n > longestFileName:
		return "", "", badEvidence("evidence.file.name_long", clipped(name), longestFileName, n)
	case stem == "" || strings.Trim(stem, ".") == "":
		return "", "", badEvidence("evidence.file.name_empty", name)
	}
	ending := strings.ToLower(path.Ext(name))
	for _, t := range slices.Sorted(maps.Keys(fileTypes)) {
		if slices.Contains(fileTypes[t].endings, ending) && (t != ZIP || archives) {
			return name, t, nil
		}
	}
	if ending == ".zip" {
		return "", "", badEvidence("evidence.file.zip", name)
	}
	return "", "", badEvidence("evidence.file.ending", name)
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

// check looks at a file from its first byte to its last and refuses it when it is not
// of this type through and through: a page named .jpg, a picture that is an archive
// as well, an Office file that unpacks to gigabytes.
func (t FileType) check(ctx context.Context, r io.ReaderAt, size int64, name string) error {
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
		return badEvidence("evidence.file.password", name)
	case is == "macros":
		return badEvidence("evidence.file.macros", name)
	case is == "damaged":
		return badEvidence("evidence.file.damaged", name)
	case is == "binary":
		return badEvidence("evidence.file.not", name, strings.ToUpper(string(t)))
	case FileType(is) != t:
		return badEvidence("evidence.file.other", name, strings.ToUpper(string(t)), strings.ToUpper(is))
	}
	if t.Picture() || t == PDF {
		two, err := twofold(r, size)
		if err != nil {
			return err
		}
		if two {
			return badEvidence("evidence.file.twofold", name)
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
	case errors.Is(err, ledger.ErrUnpacked), err == nil && len(z.File) > mostFileParts:
		return "", badEvidence("evidence.file.unpacks", name, mostFileUnpacks>>20)
	case err != nil:
		return "damaged", nil
	}
	found := map[string]bool{}
	left := int64(mostFileUnpacks)
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
			return "", badEvidence("evidence.file.unpacks", name, mostFileUnpacks>>20)
		}
	}
	switch {
	case found["macros"]:
		return "macros", nil
	case len(found) == 0:
		return "zip", nil
	case len(found) > 1:
		return "", badEvidence("evidence.file.twofold", name)
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
		return badEvidence("evidence.file.damaged", name)
	}
	if int64(config.Width)*int64(config.Height) > mostPixels {
		return badEvidence("evidence.file.pixels", name, config.Width, config.Height)
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
