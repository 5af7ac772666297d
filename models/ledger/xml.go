package ledger

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Most of the time that a workbook takes goes into its XML. This reader of it is as strict
// as encoding/xml and says the same of what it takes, but makes nothing anew for each
// element: what it hands out holds until the next is asked for.

var errSyntax = errors.New("not as XML is")

// xmlReader reads a part from its first byte on. Namespaces are resolved; a part that
// brings its own definitions is not read.
type xmlReader struct {
	in       io.Reader
	buf      []byte
	at, end  int // what of buf is still to be read
	fault    error
	open     []openElement
	spaces   map[string]string // by prefix, where one is bound
	space    string            // of names without a prefix
	unbind   []boundSpace      // what the open elements have bound, and what was before
	names    map[string]xml.Name
	last     [32]xml.Name // some of them
	closing  bool         // the element just begun is empty: its end comes next
	begun    xml.StartElement
	ended    xml.EndElement
	text     xml.CharData
	resolved []byte // a text that does not stand in the part as it is
}

// openElement is an element whose end has not come yet.
type openElement struct {
	raw   string // as it is written
	name  xml.Name
	bound int // how many spaces were bound before it
}

type boundSpace struct {
	prefix, was string
	had         bool
}

func newXMLReader(in io.Reader) *xmlReader {
	return &xmlReader{in: in, buf: make([]byte, 64<<10), spaces: map[string]string{"xml": "http://www.w3.org/XML/1998/namespace", "xmlns": "xmlns"}, names: map[string]xml.Name{}}
}

// more reads on, keeping what is still to be read. It may move it.
func (r *xmlReader) more() bool {
	if r.fault != nil {
		return false
	}
	if r.at > 0 {
		copy(r.buf, r.buf[r.at:r.end])
		r.end, r.at = r.end-r.at, 0
	}
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	for range 100 {
		n, err := r.in.Read(r.buf[r.end:])
		r.end, r.fault = r.end+n, err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	r.fault = io.ErrNoProgress
	return false
}

// until is how many bytes there are before this one, counted from where the reader is;
// from is where to look first. All of them where it does not come any more.
func (r *xmlReader) until(c byte, from int) (n int, found bool) {
	for {
		if i := bytes.IndexByte(r.buf[r.at+from:r.end], c); i >= 0 {
			return from + i, true
		}
		from = r.end - r.at
		if !r.more() {
			return from, false
		}
	}
}

// untilWord is the same of several bytes.
func (r *xmlReader) untilWord(word string, from int) (int, bool) {
	for {
		n, found := r.until(word[0], from)
		if !found {
			return n, false
		}
		if !r.has(n + len(word)) {
			return r.end - r.at, false
		}
		if string(r.buf[r.at+n:r.at+n+len(word)]) == word {
			return n, true
		}
		from = n + 1
	}
}

// has says whether there are so many bytes.
func (r *xmlReader) has(n int) bool {
	for r.end-r.at < n {
		if !r.more() {
			return false
		}
	}
	return true
}

// take is the next so many bytes, which are read then.
func (r *xmlReader) take(n int) []byte {
	b := r.buf[r.at : r.at+n]
	r.at += n
	return b
}

// broken is why a piece did not end.
func (r *xmlReader) broken() error {
	if r.fault != nil && r.fault != io.EOF {
		return r.fault
	}
	return errSyntax
}

// next is the next piece: *xml.StartElement, *xml.EndElement or *xml.CharData, nil for one
// that says nothing; io.EOF at the end of a part all of whose elements have ended.
func (r *xmlReader) next() (xml.Token, error) {
	switch {
	case r.closing:
		r.closing = false
		return r.close()
	case !r.has(1):
		if r.fault == io.EOF && len(r.open) > 0 {
			return nil, errSyntax
		}
		return nil, r.fault
	case r.buf[r.at] != '<':
		n, found := r.until('<', 1)
		if !found && r.fault != io.EOF {
			return nil, r.fault
		}
		return r.words(r.take(n), false)
	case !r.has(2):
		return nil, r.broken()
	}
	switch r.buf[r.at+1] {
	case '/':
		return r.endTag()
	case '?':
		return nil, r.instruction()
	case '!':
		comment, err := r.comment()
		if comment || err != nil {
			return nil, err
		}
		return r.asItIs()
	}
	return r.startTag()
}

// instruction passes over what is said to programs. Of the part itself it may say that it
// is XML 1.0 in UTF-8.
func (r *xmlReader) instruction() error {
	n, found := r.untilWord("?>", 2)
	if !found {
		return r.broken()
	}
	said := r.take(n + 2)[2:n]
	name := said[:nameLength(said)]
	if !nameOf(name) {
		return errSyntax
	}
	if string(name) == "xml" {
		for _, declared := range xmlDeclared.FindAllSubmatch(said, -1) {
			value := strings.ToLower(string(declared[2][1 : len(declared[2])-1]))
			if string(declared[1]) == "version" && value != "1.0" || string(declared[1]) == "encoding" && value != "utf-8" {
				return errSyntax
			}
		}
	}
	return nil
}

var xmlDeclared = regexp.MustCompile(`(version|encoding)\s*=\s*("[^"]*"|'[^']*')`)

// comment passes over one; false where it is a text that stands as it is.
func (r *xmlReader) comment() (bool, error) {
	switch {
	case !r.has(4):
		return false, r.broken()
	case string(r.buf[r.at:r.at+4]) == "<!--":
		n, found := r.untilWord("--", 4)
		if !found || !r.has(n+3) || r.buf[r.at+n+2] != '>' {
			return false, r.broken()
		}
		r.take(n + 3)
		return true, nil
	case r.buf[r.at+2] == '[':
		if !r.has(len(asItIs)) || string(r.buf[r.at:r.at+len(asItIs)]) != asItIs {
			return false, r.broken()
		}
		return false, nil
	case r.buf[r.at+2] == '-':
		return false, errSyntax
	}
	return false, errDoctype
}

const asItIs = "<![CDATA["

// asItIs is a text in which nothing is resolved.
func (r *xmlReader) asItIs() (xml.Token, error) {
	n, found := r.untilWord("]]>", len(asItIs))
	if !found {
		return nil, r.broken()
	}
	return r.words(r.take(n + 3)[len(asItIs):n], true)
}

// words hands a text out.
func (r *xmlReader) words(raw []byte, literal bool) (xml.Token, error) {
	text, err := r.resolve(raw, literal, true)
	r.text = text
	return &r.text, err
}

// wordByte are the bytes of a text that need no second look.
var wordByte = func() (plain [256]bool) {
	for c := range plain {
		plain[c] = c >= ' ' && c < 0xEF && c != '&' && c != '>' || c == '\n' || c == '\t' || c > 0xEF
	}
	return plain
}()

// resolve is a text with its references resolved and its lines ending in one way. Where
// nothing is to be done that is the text itself. between says that it stands between
// elements, where ]]> may not be.
func (r *xmlReader) resolve(raw []byte, literal, between bool) ([]byte, error) {
	if !utf8.Valid(raw) {
		return nil, errSyntax
	}
	change := false
	for i, c := range raw {
		if wordByte[c] {
			continue
		}
		switch {
		case c == '>':
			if between && !literal && i >= 2 && raw[i-1] == ']' && raw[i-2] == ']' {
				return nil, errSyntax
			}
		case c == '&' || c == '\r':
			change = change || c == '\r' || !literal
		case c < ' ', i+2 < len(raw) && raw[i+1] == 0xBF && raw[i+2] >= 0xBE: // U+FFFE and U+FFFF are no characters
			return nil, errSyntax
		}
	}
	if !change {
		return raw, nil
	}
	out := r.resolved[:0]
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '\r':
			if out = append(out, '\n'); i+1 < len(raw) && raw[i+1] == '\n' {
				i++
			}
		case c == '&' && !literal:
			end := bytes.IndexByte(raw[i:], ';')
			if end < 0 {
				return nil, errSyntax
			}
			char, known := reference(string(raw[i+1 : i+end]))
			if !known {
				return nil, errSyntax
			}
			out, i = utf8.AppendRune(out, char), i+end
		default:
			out = append(out, c)
		}
	}
	r.resolved = out
	return out, nil
}

var namedReferences = map[string]rune{"lt": '<', "gt": '>', "amp": '&', "apos": '\'', "quot": '"'}

// reference is the character that a reference means, by what stands between & and ;.
func reference(name string) (rune, bool) {
	digits, numbered := strings.CutPrefix(name, "#")
	if !numbered {
		char, known := namedReferences[name]
		return char, known
	}
	base := 10
	if hex, is := strings.CutPrefix(digits, "x"); is {
		digits, base = hex, 16
	}
	if strings.ContainsAny(digits, "+-_") {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil || n > unicode.MaxRune {
		return 0, false
	}
	char := rune(n)
	if !utf8.ValidRune(char) {
		char = utf8.RuneError
	}
	return char, char >= ' ' && char != 0xFFFE && char != 0xFFFF || char == '\t' || char == '\n' || char == '\r'
}

// nameBytes are the bytes a name may have; nameOf says whether they make one.
var nameBytes = func() (may [256]bool) {
	for c := range may {
		may[c] = c >= utf8.RuneSelf || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) || strings.IndexByte("_:.-", byte(c)) >= 0
	}
	return may
}()

func nameLength[B []byte | string](b B) int {
	n := 0
	for n < len(b) && nameBytes[b[n]] {
		n++
	}
	return n
}

func nameOf[B []byte | string](b B) bool {
	if len(b) == 0 || !nameBytes[b[0]] || '0' <= b[0] && b[0] <= '9' || b[0] == '-' || b[0] == '.' {
		return false
	}
	for n, r := range string(b) {
		if r >= utf8.RuneSelf && !unicode.IsLetter(r) && (n == 0 || !unicode.In(r, unicode.M, unicode.N)) {
			return false
		}
	}
	return true
}

// mostNames is how many names are kept: there are few, unless somebody means harm.
const mostNames = 4096

// named is a name as it is written, in its two parts; Space is the prefix.
func (r *xmlReader) named(raw string) (xml.Name, bool) {
	if name, known := r.names[raw]; known {
		return name, true
	}
	if !nameOf(raw) || strings.Count(raw, ":") > 1 {
		return xml.Name{}, false
	}
	name := xml.Name{Local: raw}
	if prefix, local, two := strings.Cut(raw, ":"); two && prefix != "" && local != "" {
		name = xml.Name{Space: prefix, Local: local}
	}
	if len(r.names) < mostNames {
		r.names[strings.Clone(raw)] = name
	}
	return name, true
}

// resolvedName is a name with its prefix resolved; one that nobody bound stands for itself.
func (r *xmlReader) resolvedName(name xml.Name) xml.Name {
	if bound, is := r.spaces[name.Space]; is {
		name.Space = bound
	}
	return name
}

// bind has a prefix stand for a space as long as the element lasts.
func (r *xmlReader) bind(prefix, space string) {
	if prefix == "" {
		r.unbind = append(r.unbind, boundSpace{was: r.space})
		r.space = space
		return
	}
	was, had := r.spaces[prefix]
	r.unbind = append(r.unbind, boundSpace{prefix, was, had})
	r.spaces[prefix] = space
}

// begunAs is a name that was met before. Parts have few, and mostly one of the last ones.
func (r *xmlReader) begunAs(raw []byte) (xml.Name, bool) {
	if len(raw) == 0 {
		return xml.Name{}, false
	}
	last := &r.last[(int(raw[0])+len(raw))%len(r.last)]
	if last.Space == "" && last.Local == string(raw) {
		return *last, true
	}
	name, known := r.names[string(raw)]
	if known && name.Space == "" {
		*last = name
	}
	return name, known
}

// startTag is an element's beginning.
func (r *xmlReader) startTag() (xml.Token, error) {
	quote, end := byte(0), 0
	for n := 1; end == 0; {
		for _, c := range r.buf[r.at+n : r.end] {
			switch {
			case c == quote:
				quote = 0
			case quote != 0:
			case c == '"' || c == '\'':
				quote = c
			case c == '>':
				end = n
			}
			if n++; end > 0 {
				break
			}
		}
		if end == 0 && !r.more() {
			return nil, r.broken()
		}
	}
	tag := r.take(end + 1)[1:end]
	if r.closing = len(tag) > 0 && tag[len(tag)-1] == '/'; r.closing {
		tag = tag[:len(tag)-1]
	}
	length := nameLength(tag)
	element := openElement{bound: len(r.unbind)}
	name, known := r.begunAs(tag[:length])
	if !known || length < len(tag) {
		whole := string(tag)
		if name, known = r.named(whole[:length]); !known {
			return nil, errSyntax
		}
		if err := r.attributes(whole[length:]); err != nil {
			return nil, err
		}
	} else {
		r.begun.Attr = r.begun.Attr[:0]
	}
	if element.raw = name.Local; name.Space != "" {
		element.raw = name.Space + ":" + name.Local
	}
	if element.name = r.resolvedName(name); name.Space == "" {
		element.name.Space = r.space
	}
	r.open = append(r.open, element)
	r.begun.Name = element.name
	return &r.begun, nil
}

// withoutSpace is a text without the white space it begins with.
func withoutSpace(text string) string {
	n := 0
	for n < len(text) && (text[n] == ' ' || text[n] == '\n' || text[n] == '\r' || text[n] == '\t') {
		n++
	}
	return text[n:]
}

// attributes reads what stands in a tag behind its name.
func (r *xmlReader) attributes(rest string) error {
	r.begun.Attr = r.begun.Attr[:0]
	prefixed := false
	for {
		if rest = withoutSpace(rest); rest == "" {
			break
		}
		length := nameLength(rest)
		name, known := xml.Name{Local: rest[:length]}, length == 1 && 'a' <= rest[0] && rest[0] <= 'z'
		if !known {
			name, known = r.named(rest[:length])
		}
		if rest = withoutSpace(rest[length:]); !known || rest == "" || rest[0] != '=' {
			return errSyntax
		}
		if rest = withoutSpace(rest[1:]); rest == "" || rest[0] != '"' && rest[0] != '\'' {
			return errSyntax
		}
		end := strings.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return errSyntax
		}
		value, err := r.attribute(rest[1 : 1+end])
		if err != nil {
			return err
		}
		rest = rest[2+end:]
		switch {
		case name.Space == "xmlns":
			r.bind(name.Local, value)
		case name.Space == "" && name.Local == "xmlns":
			r.bind("", value)
		}
		prefixed = prefixed || name.Space != ""
		r.begun.Attr = append(r.begun.Attr, xml.Attr{Name: name, Value: value})
	}
	if !prefixed {
		return nil
	}
	for n := range r.begun.Attr {
		if a := &r.begun.Attr[n]; a.Name.Space != "" {
			a.Name = r.resolvedName(a.Name)
		}
	}
	return nil
}

// attribute is an attribute's value.
func (r *xmlReader) attribute(raw string) (string, error) {
	for n := range len(raw) {
		if c := raw[n]; c < ' ' || c >= utf8.RuneSelf || c == '&' || c == '<' {
			if strings.IndexByte(raw, '<') >= 0 {
				return "", errSyntax
			}
			resolved, err := r.resolve([]byte(raw), false, false)
			return string(resolved), err
		}
	}
	return raw, nil
}

// endTag is an element's end, which must be that of the last one begun.
func (r *xmlReader) endTag() (xml.Token, error) {
	n, found := r.until('>', 2)
	if !found {
		return nil, r.broken()
	}
	name := r.take(n + 1)[2:n]
	if c := name[max(len(name)-1, 0):]; len(c) > 0 && c[0] <= ' ' {
		name = bytes.TrimRight(name, " \r\n\t")
	}
	if last := len(r.open) - 1; last < 0 || string(name) != r.open[last].raw {
		return nil, errSyntax
	}
	return r.close()
}

// close ends the last element begun, and what it has bound.
func (r *xmlReader) close() (xml.Token, error) {
	last := len(r.open) - 1
	element := r.open[last]
	r.open = r.open[:last]
	for len(r.unbind) > element.bound {
		b := r.unbind[len(r.unbind)-1]
		r.unbind = r.unbind[:len(r.unbind)-1]
		switch {
		case b.prefix == "":
			r.space = b.was
		case b.had:
			r.spaces[b.prefix] = b.was
		default:
			delete(r.spaces, b.prefix)
		}
	}
	r.ended.Name = element.name
	return &r.ended, nil
}
