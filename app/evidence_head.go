package app

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"strings"
)

// The head of each file in a form has its name as its owner's disk has it, and a disk
// takes almost any: where a control character or the end of a line stands in one, the
// head is no head to who reads it by the book, and the whole form would be thrown away
// with all that was typed. Such characters are replaced on the wire by one that no name
// may have, so that the name can be told to its owner.

// unreadable stands for a character that a name may not have.
const unreadable = "\uFFFD"

// longestHead is the longest line of a head.
const longestHead = 16 << 10

// heads reads a form and mends the heads of its parts; what the parts hold is passed on
// as it is.
type heads struct {
	in       *bufio.Reader
	boundary []byte // what stands before each head; before the first one it has no line end
	begun    bool
	inHead   bool
	end      []byte // of the last line of a head, until it is known that it has ended
	passed   []byte
	ready    []byte // the rest of passed
	err      error
}

func mendHeads(in io.Reader, boundary string) *heads {
	return &heads{in: bufio.NewReaderSize(in, 4*longestHead), boundary: []byte("\n--" + boundary)}
}

func (h *heads) Read(p []byte) (int, error) {
	for len(h.ready) == 0 && h.err == nil {
		h.passed = h.passed[:0]
		if h.inHead {
			h.readHead()
		} else {
			h.readContent()
		}
		h.ready = h.passed
	}
	n := copy(p, h.ready)
	h.ready = h.ready[n:]
	if n == 0 {
		return 0, h.err
	}
	return n, nil
}

// readContent passes on what comes before the next boundary, and then it.
func (h *heads) readContent() {
	boundary := h.boundary
	if !h.begun {
		boundary = boundary[1:]
	}
	_, err := h.in.Peek(len(boundary) + 1)
	some, _ := h.in.Peek(h.in.Buffered())
	n := bytes.Index(some, boundary)
	after := n + len(boundary)
	switch {
	case err != nil: // no boundary can come any more
		n, h.err = len(some), err
	case n < 0:
		n = len(some) - len(boundary)
	case after == len(some): // what comes after it decides
	case bytes.IndexByte([]byte(" \t\r\n-"), some[after]) < 0:
		n++
	default:
		n, h.inHead = after, true
	}
	h.begun = true
	h.passed = append(h.passed, some[:n]...)
	_, _ = h.in.Discard(n)
}

// readHead passes on the next line of a head. A line that is no field belongs to the one
// before it, in whose name the end of a line stood.
func (h *heads) readHead() {
	line, err := h.in.ReadSlice('\n')
	h.err = err
	text := bytes.TrimRight(line, "\r\n")
	end := line[len(text):]
	if h.end != nil && len(text) > 0 && !isField(text) {
		h.end = []byte(unreadable)
	}
	h.passed = append(h.passed, h.end...)
	for _, c := range text {
		if c < ' ' && c != '\t' || c == 0x7F {
			h.passed = append(h.passed, unreadable...)
		} else {
			h.passed = append(h.passed, c)
		}
	}
	if h.end != nil && len(text) == 0 || err != nil { // the head is over
		h.inHead = false
		h.passed, h.end = append(h.passed, end...), nil
		return
	}
	h.end = append([]byte(nil), end...)
}

// isField says whether a line of a head is a field, or goes on with one.
func isField(line []byte) bool {
	if line[0] == ' ' || line[0] == '\t' {
		return true
	}
	name, _, ok := bytes.Cut(line, []byte(":"))
	return ok && bytes.HasPrefix(bytes.ToLower(name), []byte("content-"))
}

// spelled is what a browser writes in a name for what would end it.
var spelled = strings.NewReplacer("%22", `"`, "%0D", "\r", "%0A", "\n")

// sentName is the name of a file as its owner's disk has it, "" for a field without
// one. A part whose head cannot be read is one whose name cannot.
func sentName(part *multipart.Part) string {
	_, said, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil || said["name"] == "" {
		return unreadable
	}
	return spelled.Replace(said["filename"])
}
