package ledger

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	textunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Character sets a csv is read in.
const (
	charsetUTF8  = "utf-8"
	charsetUTF16 = "utf-16"
	charsetGB    = "gb18030"
)

// readCSV hands the one sheet of a csv on. Its rows are numbered as a spreadsheet
// shows them: blank lines count, a line break inside quotes does not.
func readCSV(ctx context.Context, file io.ReaderAt, size int64, budget *ledgerBudget) (sheet *ledgerSheet, charset string, err error) {
	charset, err = csvCharset(ctx, file, size)
	if err != nil {
		return nil, "", err
	}
	text := bufio.NewReaderSize(&contextReader{ctx, decodedText(io.NewSectionReader(file, 0, size), charset)}, 64<<10)
	if head, err := text.Peek(32 << 10); (err == nil || err == io.EOF) && endsByReturns(head) {
		text = bufio.NewReaderSize(&returnReader{text}, 64<<10)
	}
	comma, err := csvComma(text)
	if err != nil {
		return nil, "", err
	}
	sheet = &ledgerSheet{}
	row := 0
	take := func(record []string) error {
		budget.pass(16 * len(record))
		now := sheetRow{n: row, cells: make([]sheetCell, 0, len(record))}
		for col, field := range record {
			if strings.ContainsRune(field, utf8.RuneError) {
				return badFile("ledger.csv.charset", row)
			}
			field = unmarked(field)
			bytes := []byte(field)
			if !plainField(field) {
				bytes = tidy(unescape(bytes))
			}
			text, err := budget.word(bytes)
			if err != nil {
				return err
			}
			if text == "" {
				continue
			}
			now.cells = append(now.cells, sheetCell{col: uint16(min(col, lastColumn)), text: text})
			if err := budget.cell("", col); err != nil {
				return err
			}
		}
		if len(now.cells) == 0 {
			return nil
		}
		sheet.rows = append(sheet.rows, now)
		return budget.row()
	}
	if comma == '\t' {
		lines := &tabLines{r: text}
		for {
			record, err := lines.next()
			if err == io.EOF {
				return sheet, charset, nil
			}
			if err == nil {
				row++
				err = take(record)
			}
			if err != nil {
				return nil, "", csvRefusal(ctx, err)
			}
		}
	}
	r := csv.NewReader(text)
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = comma, -1, true
	for line := 0; ; {
		record, err := r.Read()
		if err == io.EOF {
			return sheet, charset, nil
		}
		if err != nil {
			return nil, "", csvRefusal(ctx, err)
		}
		began, _ := r.FieldPos(0)
		row += began - line
		line = began
		for _, field := range record {
			line += strings.Count(field, "\n")
		}
		if err := take(record); err != nil {
			return nil, "", err
		}
	}
}

// reckoned is what a spreadsheet takes for the beginning of a formula.
const reckoned = "=+-@\t\r＝＋－＠"

// PlainCell is a text as a cell of a csv that no spreadsheet reckons: what it would take
// for a formula stands behind an apostrophe. Reading a csv undoes it.
func PlainCell(text string) string {
	if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, "'")); text != "" && strings.ContainsRune(reckoned, first) && first != utf8.RuneError {
		return "'" + text
	}
	return text
}

// unmarked is what PlainCell was given.
func unmarked(field string) string {
	if rest, marked := strings.CutPrefix(field, "'"); marked && PlainCell(rest) != rest {
		return rest
	}
	return field
}

// tabLines reads rows whose cells are parted by tabs, as spreadsheets put them on the
// clipboard. They quote only a cell with several lines, and leave a quote at the
// beginning of any other as it is: a cell is quoted where its quotes are closed before
// the next tab, and no quote ever makes one cell of two.
type tabLines struct {
	r    *bufio.Reader
	back []string // lines to be read again
}

// mostLines are how many lines a cell may have.
const mostLines = 1000

func (t *tabLines) line() (string, error) {
	if n := len(t.back); n > 0 {
		line := t.back[0]
		t.back = t.back[1:]
		return line, nil
	}
	line, err := t.r.ReadString('\n')
	if err == io.EOF && line != "" {
		err = nil
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), err
}

func (t *tabLines) next() ([]string, error) {
	line, err := t.line()
	if err != nil {
		return nil, err
	}
	var record []string
	for {
		field, rest, more := strings.Cut(line, "\t")
		if words, end := unquoted(field); end == len(field) {
			field = words
		} else if !more && end < 0 {
			var joined bool
			if field, rest, more, joined, err = t.join(field); err != nil {
				return nil, err
			} else if !joined {
				rest, more = "", false
			}
		}
		record = append(record, field)
		if !more {
			return record, nil
		}
		line = rest
	}
}

// unquoted is a quoted text without its quotes, and where it ends; less than 0 where it
// does not end, and 0 where it is not quoted.
func unquoted(text string) (words string, end int) {
	if !strings.HasPrefix(text, `"`) {
		return text, 0
	}
	for i := 1; i < len(text); i++ {
		if text[i] != '"' {
			continue
		}
		if i+1 < len(text) && text[i+1] == '"' {
			i++
			continue
		}
		return strings.ReplaceAll(text[1:i], `""`, `"`), i + 1
	}
	return text, -1
}

// join reads on where the last cell of a line begins with a quote: to the line its quote
// ends on, or not at all.
func (t *tabLines) join(field string) (whole, rest string, more, joined bool, err error) {
	var lines []string
	text := field
	for len(lines) < mostLines {
		line, err := t.line()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", "", false, false, err
		}
		lines = append(lines, line)
		last, after, tab := strings.Cut(line, "\t")
		text += "\n" + last
		words, end := unquoted(text)
		if end == len(text) {
			return words, after, tab, true, nil
		}
		if end > 0 || tab {
			break
		}
	}
	t.back = append(lines, t.back...)
	return field, "", false, false, nil
}

// plainField says of most fields, at one look, that there is nothing in them to unescape or
// to tidy: printed characters of ASCII and Han, with single blanks between them.
func plainField(field string) bool {
	blank := true
	for i := 0; i < len(field); {
		switch c := field[i]; {
		case c == ' ' && blank, c < ' ', c == '_', c == 0x7f:
			return false
		case c < 0x80:
			blank = c == ' '
			i++
		case 0xe4 <= c && c <= 0xe9: // U+4000 to U+9FFF; a text that is no UTF-8 was refused before
			blank = false
			i += 3
		default:
			r, n := utf8.DecodeRuneInString(field[i:])
			if unseen(r) || unicode.IsSpace(r) {
				return false
			}
			blank = false
			i += n
		}
	}
	return !blank || field == ""
}

// csvRefusal says of a csv where its quotes go wrong. What is not UTF-8 or a
// quote out of place would otherwise shift every row after it.
func csvRefusal(ctx context.Context, err error) error {
	var parse *csv.ParseError
	switch {
	case ctx.Err() != nil:
		return tooSlow(ctx, ctx.Err())
	case errors.As(err, &parse):
		return badFile("ledger.csv.quote", parse.StartLine)
	}
	return err
}

// Text reads a plain text as UTF-8, whatever the character set it is written in, until
// the caller's time is over. Its error is Unreadable where no set fits.
func Text(ctx context.Context, file io.ReaderAt, size int64) (io.Reader, error) {
	charset, err := csvCharset(ctx, file, size)
	if err != nil {
		return nil, err
	}
	return decodedText(&contextReader{ctx, io.NewSectionReader(file, 0, size)}, charset), nil
}

// csvCharset decides what characters a file is written in. A mark at its
// beginning says so. Else, what is UTF-8 throughout is UTF-8: text in another set
// never is by chance. Else, when most of what is not ASCII is UTF-8 all the same,
// it is UTF-8 that was damaged, and to read it as anything else would make
// nonsense of all of it. Else it is GB18030, what a Chinese Excel saves.
func csvCharset(ctx context.Context, file io.ReaderAt, size int64) (string, error) {
	var mark [3]byte
	n, err := file.ReadAt(mark[:min(size, 3)], 0)
	if err != nil && err != io.EOF {
		return "", err
	}
	switch {
	case bytes.HasPrefix(mark[:n], []byte("\xEF\xBB\xBF")):
		return charsetUTF8, nil
	case bytes.HasPrefix(mark[:n], []byte("\xFF\xFE")), bytes.HasPrefix(mark[:n], []byte("\xFE\xFF")):
		return charsetUTF16, nil
	}
	r := bufio.NewReaderSize(&contextReader{ctx, io.NewSectionReader(file, 0, size)}, 64<<10)
	good, bad, line, firstBad := 0, 0, 1, 0
	for {
		if head, _ := r.Peek(max(r.Buffered(), 1)); len(head) > 0 { // what all character sets share is passed over whole
			plain := 0
			for plain < len(head) && head[plain] > 0 && head[plain] < utf8.RuneSelf {
				plain++
			}
			line += bytes.Count(head[:plain], []byte("\n"))
			_, _ = r.Discard(plain)
		}
		c, n, err := r.ReadRune()
		switch {
		case err == io.EOF:
			switch {
			case bad == 0:
				return charsetUTF8, nil
			case good > 20*bad:
				return "", badFile("ledger.csv.charset", firstBad)
			}
			return charsetGB, nil
		case err != nil:
			return "", tooSlow(ctx, err)
		case c == 0:
			return "", badFile("ledger.file.unknown")
		case c == '\n':
			line++
		case c == utf8.RuneError && n == 1:
			if bad++; bad == 1 {
				firstBad = line
			}
		case n > 1:
			good++
		}
	}
}

// decodedText reads a file of that character set as UTF-8. What the set does not have
// comes as the replacement character, which no ledger has of its own.
func decodedText(r io.Reader, charset string) io.Reader {
	var e encoding.Encoding
	switch charset {
	case charsetGB:
		e = simplifiedchinese.GB18030
	case charsetUTF16:
		e = textunicode.UTF16(textunicode.LittleEndian, textunicode.ExpectBOM)
	default:
		e = textunicode.UTF8BOM
	}
	return transform.NewReader(r, e.NewDecoder())
}

// endsByReturns says of a text that its lines end as those of an old Macintosh do; a
// break inside a quoted cell may be of either kind.
func endsByReturns(head []byte) bool {
	returns, quoted := false, false
	for i, c := range head {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			return false
		case c == '\r' && i+1 < len(head):
			returns = true
		}
	}
	return returns
}

// returnReader reads returns as line ends.
type returnReader struct{ r io.Reader }

func (r *returnReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// csvComma is what separates the cells: what the first lines have most of outside
// quotes, or what the first says (sep=;).
func csvComma(r *bufio.Reader) (rune, error) {
	head, err := r.Peek(32 << 10)
	if err != nil && err != io.EOF {
		return 0, err
	}
	if line, _, found := bytes.Cut(head, []byte("\n")); found {
		if sep, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("sep=")); ok && len(sep) == 1 && strings.ContainsAny(string(sep), ",;\t|") {
			return rune(sep[0]), nil
		}
	}
	counts := map[byte]int{}
	quoted := false
	for _, c := range head {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ',', c == ';', c == '\t', c == '|':
			counts[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte("\t;|") {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return rune(best), nil
}

// contextReader stops when its caller's time is over.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
