package ledger

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"encoding/base64"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

// The reader of tables in web pages: what office systems call .xls, what is pasted from
// Excel, WPS and Word, and web archives. It goes through the tags as they come and keeps
// no page; a fragment that begins in the middle of a table is read as one.

// longestTag is how long one tag or text of a page may be: a picture may stand in one.
const longestTag = 8 << 20

// htmlTable is a table being read.
type htmlTable struct {
	*gridTable
	row     *gridRow
	cell    *gridCell
	text    []byte
	col     int // where the next cell begins
	columns int // that <col> has spoken of
	reach   [widestGrid + 1]int32
}

// htmlReader goes through the tags of a page.
type htmlReader struct {
	gridReader
	z       *html.Tokenizer
	stack   []*htmlTable
	outside []byte // text outside all tables
	silent  atom.Atom
}

// readHTML hands each table of a page on.
func readHTML(ctx context.Context, file io.ReaderAt, size int64, budget *ledgerBudget, each func(*ledgerSheet) error) (charset string, err error) {
	words, charset, err := htmlText(ctx, file, size)
	if err != nil {
		return "", err
	}
	h := &htmlReader{gridReader: gridReader{ctx: ctx, budget: budget}}
	if err := h.read(words); err != nil {
		return charset, err
	}
	if len(h.tables) == 0 {
		return charset, badFile("ledger.file.no_table")
	}
	return charset, h.hand(each)
}

var declaredCharset = regexp.MustCompile(`(?i)charset\s*=\s*["']?([A-Za-z0-9_-]+)`)

// htmlText reads a page as UTF-8. What is UTF-8 throughout is; else what the page
// declares, else GB18030.
func htmlText(ctx context.Context, file io.ReaderAt, size int64) (io.Reader, string, error) {
	charset, err := csvCharset(ctx, file, size)
	if err != nil {
		return nil, "", err
	}
	section := &contextReader{ctx, io.NewSectionReader(file, 0, size)}
	if charset == charsetGB {
		head := make([]byte, min(size, 4096))
		if _, err := file.ReadAt(head, 0); err != nil && err != io.EOF {
			return nil, "", err
		}
		if m := declaredCharset.FindSubmatch(head); m != nil {
			if e := charsetNamed(string(m[1])); e != nil {
				return e.NewDecoder().Reader(section), strings.ToLower(string(m[1])), nil
			}
		}
	}
	return decodedText(section, charset), charset, nil
}

// charsetNamed is a character set other than UTF-8 and those of GB18030, nil for these.
func charsetNamed(name string) encoding.Encoding {
	e, err := htmlindex.Get(name)
	if err != nil {
		return nil
	}
	switch known, _ := htmlindex.Name(e); known {
	case "utf-8", "gbk", "gb18030":
		return nil
	}
	return e
}

// read goes through a page from its first byte to its last.
func (h *htmlReader) read(words io.Reader) error {
	h.z = html.NewTokenizer(words)
	h.z.SetMaxBuf(longestTag)
	for n := 1; ; n++ {
		if n%1024 == 0 && h.ctx.Err() != nil {
			return tooSlow(h.ctx, h.ctx.Err())
		}
		kind := h.z.Next()
		h.budget.pass(len(h.z.Raw()))
		switch kind {
		case html.ErrorToken:
			if err := h.z.Err(); err != io.EOF {
				return htmlRefusal(h.ctx, err)
			}
			for len(h.stack) > 0 {
				if err := h.endTable(); err != nil {
					return err
				}
			}
			return nil
		case html.TextToken:
			if h.silent == 0 {
				h.say(h.z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			if err := h.begin(kind == html.SelfClosingTagToken); err != nil {
				return err
			}
		case html.EndTagToken:
			if err := h.end(); err != nil {
				return err
			}
		}
	}
}

func htmlRefusal(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return tooSlow(ctx, ctx.Err())
	case errors.Is(err, html.ErrBufferExceeded):
		return badFile("ledger.file.damaged", "html")
	}
	return err
}

// tags is what a tag says that matters here.
type htmlTag struct {
	name       atom.Atom
	cols, rows int
	hidden     bool
}

func (h *htmlReader) tag() htmlTag {
	name, more := h.z.TagName()
	t := htmlTag{name: atom.Lookup(name), cols: 1, rows: 1}
	for more {
		var key, value []byte
		key, value, more = h.z.TagAttr()
		switch string(key) {
		case "colspan", "span":
			t.cols = htmlSpan(value, widestGrid)
		case "rowspan":
			t.rows = htmlSpan(value, lastRow)
		case "style":
			style := strings.ToLower(strings.Join(strings.Fields(string(value)), ""))
			t.hidden = strings.Contains(style, "display:none")
		}
	}
	return t
}

func htmlSpan(value []byte, most int) int {
	n, err := strconv.Atoi(strings.TrimSpace(string(value)))
	if err != nil {
		return 1
	}
	return min(max(n, 1), most)
}

// begin takes a tag that begins something. Tags that a page leaves open are ended by the
// next of their kind.
func (h *htmlReader) begin(closed bool) error {
	t := h.tag()
	switch t.name {
	case atom.Script, atom.Style, atom.Title, atom.Noframes:
		if !closed {
			h.silent = t.name
		}
	case atom.Table:
		return h.beginTable()
	case atom.Col:
		if top := h.top(); top != nil {
			if to := min(top.columns+t.cols, widestGrid); t.hidden && to > top.columns {
				top.hiddenCols = append(top.hiddenCols, sheetSpan{top.columns, to - 1})
			}
			top.columns = min(top.columns+t.cols, widestGrid)
		}
	case atom.Tr:
		if err := h.endRow(); err != nil {
			return err
		}
		return h.beginRow(t.hidden)
	case atom.Td, atom.Th:
		return h.beginCell(t)
	case atom.Br, atom.P, atom.Div, atom.Li, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Caption, atom.Hr:
		h.newLine()
	}
	return nil
}

func (h *htmlReader) end() error {
	name, _ := h.z.TagName()
	switch t := atom.Lookup(name); t {
	case h.silent:
		h.silent = 0
	case atom.Table:
		if len(h.stack) > 0 {
			return h.endTable()
		}
	case atom.Tr:
		return h.endRow()
	case atom.Td, atom.Th:
		return h.endCell()
	case atom.P, atom.Div, atom.Li, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Caption:
		h.newLine()
	}
	return nil
}

func (h *htmlReader) top() *htmlTable {
	if len(h.stack) == 0 {
		return nil
	}
	return h.stack[len(h.stack)-1]
}

// into is where text goes: the cell that is open, or the line outside all tables. What
// stands in a table and in no cell of it stands above the table, as a caption does.
func (h *htmlReader) into() *[]byte {
	if top := h.top(); top != nil && top.cell != nil {
		return &top.text
	}
	return &h.outside
}

// say adds text. A break of the source's lines is a blank between Latin words and nothing
// between Chinese ones, which no blank parts.
func (h *htmlReader) say(text []byte) {
	into := h.into()
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if !unicode.IsSpace(r) || r == '\u00A0' || r == '\u3000' {
			*into = append(*into, text[i:i+n]...)
			i += n
			continue
		}
		broken := false
		begin := i
		for i < len(text) && strings.IndexByte(" \t\r\n\f", text[i]) >= 0 {
			broken = broken || text[i] == '\n' || text[i] == '\r'
			i++
		}
		if i == begin { // another blank of Unicode's
			i += n
			*into = append(*into, ' ')
			continue
		}
		before, _ := utf8.DecodeLastRune(*into)
		after, _ := utf8.DecodeRune(text[i:])
		if !broken || before < 0x2E80 && after < 0x2E80 {
			*into = append(*into, ' ')
		}
	}
}

// newLine ends a line, within a cell or outside all tables.
func (h *htmlReader) newLine() {
	into := h.into()
	if into == &h.outside {
		h.line(h.outside)
		h.outside = h.outside[:0]
		return
	}
	*into = append(*into, '\n')
}

func (h *htmlReader) beginTable() error {
	if top := h.top(); top != nil && top.cell == nil {
		if err := h.endTable(); err != nil { // one that was never ended
			return err
		}
	}
	if len(h.stack) == 0 {
		h.newLine()
	}
	if len(h.stack) >= mostNested {
		return badFile("ledger.file.damaged", "html")
	}
	h.stack = append(h.stack, &htmlTable{gridTable: &gridTable{}})
	return nil
}

func (h *htmlReader) beginRow(hidden bool) error {
	if len(h.stack) == 0 {
		if err := h.beginTable(); err != nil {
			return err
		}
	}
	top := h.top()
	if len(top.rows) >= lastRow {
		return badFile("ledger.file.rows", h.budget.limits.Rows)
	}
	top.rows = append(top.rows, gridRow{hidden: hidden})
	top.row, top.col = &top.rows[len(top.rows)-1], 0
	return h.count(top.gridTable)
}

func (h *htmlReader) beginCell(t htmlTag) error {
	if err := h.endCell(); err != nil {
		return err
	}
	if top := h.top(); top == nil || top.row == nil {
		if err := h.beginRow(false); err != nil {
			return err
		}
	}
	top := h.top()
	row := int32(len(top.rows))
	for top.col < widestGrid && top.reach[top.col] >= row {
		top.col++
	}
	cols := 1
	for cols < t.cols && top.col+cols < widestGrid && top.reach[top.col+cols] < row {
		cols++
	}
	if top.col >= widestGrid {
		return badFile("ledger.file.columns", mostColumns)
	}
	for col := top.col; col < top.col+cols; col++ {
		top.reach[col] = row + int32(t.rows) - 1
	}
	top.row.cells = append(top.row.cells, gridCell{col: uint16(top.col), cols: uint16(cols), rows: int32(t.rows)})
	top.cell, top.text = &top.row.cells[len(top.row.cells)-1], top.text[:0]
	top.col += cols
	return h.count(top.gridTable)
}

func (h *htmlReader) endCell() error {
	top := h.top()
	if top == nil || top.cell == nil {
		return nil
	}
	var err error
	top.cell.text, err = h.word(top.text)
	top.cell = nil
	return err
}

func (h *htmlReader) endRow() error {
	if top := h.top(); top != nil {
		if err := h.endCell(); err != nil {
			return err
		}
		top.row = nil
	}
	return nil
}

func (h *htmlReader) endTable() error {
	if err := h.endRow(); err != nil {
		return err
	}
	t := h.top().gridTable
	h.stack = h.stack[:len(h.stack)-1]
	top := h.top()
	switch {
	case t.cells == 0:
		return nil
	case top == nil:
		return h.add(t, false)
	case top.cell == nil:
		if err := h.beginCell(htmlTag{cols: 1, rows: 1}); err != nil {
			return err
		}
	}
	top.cell.inner = append(top.cell.inner, t)
	return nil
}

// readMHTML reads the pages of a web archive: what Excel calls a web page in one file.
func readMHTML(ctx context.Context, file io.ReaderAt, size int64, budget *ledgerBudget, each func(*ledgerSheet) error) error {
	damaged := badFile("ledger.file.damaged", "mhtml")
	letter, err := mail.ReadMessage(bufio.NewReader(&contextReader{ctx, io.NewSectionReader(file, 0, size)}))
	if err != nil {
		return damaged
	}
	h := &htmlReader{gridReader: gridReader{ctx: ctx, budget: budget}}
	page := func(kind, coding string, body io.Reader) error {
		if media, _, err := mime.ParseMediaType(kind); err != nil || media != "text/html" {
			return nil
		}
		switch strings.ToLower(coding) {
		case "quoted-printable":
			body = quotedprintable.NewReader(body)
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, body)
		}
		content, err := io.ReadAll(io.LimitReader(body, mostUnpacked))
		if err != nil {
			return cmp.Or(tooSlow(ctx, ctx.Err()), damaged)
		}
		words, _, err := htmlText(ctx, bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return err
		}
		return h.read(words)
	}
	kind := letter.Header.Get("Content-Type")
	if media, params, err := mime.ParseMediaType(kind); err == nil && strings.HasPrefix(media, "multipart/") {
		parts := multipart.NewReader(letter.Body, params["boundary"])
		for n := 0; ; n++ {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				break
			}
			if err != nil || n > mostParts {
				return cmp.Or(tooSlow(ctx, ctx.Err()), damaged)
			}
			if err := page(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part); err != nil {
				return err
			}
		}
	} else if err := page(kind, letter.Header.Get("Content-Transfer-Encoding"), letter.Body); err != nil {
		return err
	}
	if len(h.tables) == 0 {
		return badFile("ledger.file.no_table")
	}
	return h.hand(each)
}
