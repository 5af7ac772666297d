package ledger

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
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
	text := bufio.NewReaderSize(&contextReader{ctx, decoded(io.NewSectionReader(file, 0, size), charset)}, 64<<10)
	comma, err := csvComma(text)
	if err != nil {
		return nil, "", err
	}
	r := csv.NewReader(text)
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = comma, -1, true
	sheet = &ledgerSheet{}
	row, line := 0, 0
	for {
		record, err := r.Read()
		if err == io.EOF {
			return sheet, charset, nil
		}
		if err != nil {
			return nil, "", csvRefusal(ctx, err)
		}
		began, _ := r.FieldPos(0)
		budget.pass(16 * len(record))
		row += began - line
		line = began
		now := sheetRow{n: row}
		for col, field := range record {
			if strings.ContainsRune(field, utf8.RuneError) {
				return nil, "", badFile("ledger.csv.charset", row)
			}
			line += strings.Count(field, "\n")
			text, err := budget.word(tidy(unescape([]byte(field))))
			if err != nil {
				return nil, "", err
			}
			if text == "" {
				continue
			}
			now.cells = append(now.cells, sheetCell{col: uint16(min(col, lastColumn)), text: text})
			if err := budget.cell("", col); err != nil {
				return nil, "", err
			}
		}
		if len(now.cells) > 0 {
			sheet.rows = append(sheet.rows, now)
			if err := budget.row(); err != nil {
				return nil, "", err
			}
		}
	}
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
	return decoded(&contextReader{ctx, io.NewSectionReader(file, 0, size)}, charset), nil
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

// decoded reads a file of that character set as UTF-8. What the set does not have
// comes as the replacement character, which no ledger has of its own.
func decoded(r io.Reader, charset string) io.Reader {
	var e encoding.Encoding
	switch charset {
	case charsetGB:
		e = simplifiedchinese.GB18030
	case charsetUTF16:
		e = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	default:
		e = unicode.UTF8BOM
	}
	return transform.NewReader(r, e.NewDecoder())
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
