package ledger

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// pieces are what a reader of XML says of a part: each element's beginning and end and
// each text, those that stand together as one; an error at the end where it is not XML.
func pieces(next func() (xml.Token, error)) (said []string, err error) {
	for {
		t, err := next()
		if err == io.EOF {
			return said, nil
		}
		if err != nil {
			return said, err
		}
		switch t := t.(type) {
		case *xml.StartElement:
			said = append(said, fmt.Sprintf("<%q %q", t.Name, t.Attr))
		case *xml.EndElement:
			said = append(said, fmt.Sprintf(">%q", t.Name))
		case *xml.CharData:
			if n := len(said); len(*t) > 0 && n > 0 && said[n-1][0] == '=' {
				said[n-1] += string(*t)
			} else if len(*t) > 0 {
				said = append(said, "="+string(*t))
			}
		}
	}
}

// ours and theirs are what our reader and encoding/xml say.
func ours(in io.Reader) ([]string, error) { return pieces(newXMLReader(in).next) }

func theirs(in io.Reader) ([]string, error) {
	d := xml.NewDecoder(in)
	return pieces(func() (xml.Token, error) {
		t, err := d.Token()
		switch t := t.(type) {
		case xml.StartElement:
			return &t, err
		case xml.EndElement:
			return &t, err
		case xml.CharData:
			return &t, err
		case xml.Directive:
			return nil, errDoctype
		}
		return nil, err
	})
}

// xmlPieces are parts that are XML, and such as are nearly.
var xmlPieces = []string{
	`<a/>`, `<a></a>`, `<?xml version="1.0" encoding="UTF-8"?><a b="c" d='e"f'>g<b/>h</a>`, "<a>\r\nb\rc\n</a>", `<a>&lt;&#65;&#x41;&amp;&quot;&apos;&gt;</a>`,
	`<x:a xmlns:x="u"><x:b y="1" x:y="2"/><b xmlns="v"><c/></b><c/></x:a>`, `<a xmlns="u"><b xmlns=""><c/></b></a>`, `<a><![CDATA[<b>&amp;]]></a>`, `<a><!-- b - c --></a>`, `<a b = "c" ></a >`,
	`<a>]]</a>`, `<a>]]></a>`, `<a b="]]>"/>`, `<a b="<"/>`, `<a b=c/>`, `<a b/>`, `<a><b></a></b>`, `<a>`, `</a>`, `<a/><b/>`, `<a>&nbsp;</a>`, `<a>&#0;</a>`, `<a>&#xD800;</a>`, `<a>&#x110000;</a>`, "<a>\x01</a>",
	"<a>\xff</a>", "<a>\uFFFE</a>", "<a>，。\uFF01\uFFFD</a>", `<a><!-- -- --></a>`, `<a><!-b></a>`, `<a><![CDATA[]]]]></a>`, `<a><![CDAT[]]></a>`, `<!DOCTYPE a><a/>`, `<?xml version="1.1"?><a/>`,
	`<?xml version="1.0" encoding="gbk"?><a/>`, `<1a/>`, `<a:b:c/>`, `<:a/>`, `<a:/>`, `< a/>`, `<a / >`, `<a b="1" b="2"/>`, `<问题 期限="一"/>`, `<a b="&#10;c&lt;"/>`, "<a b='1\r\n2'/>", `<a b="1"c="2"/>`, `<a>b`, ``, `b`,
	`<a xmlns:x="1"><x:b xmlns:x="2"></x:b><x:b/></a>`, `<a xml:space="preserve"> b </a>`, `<a><x:b></b></a>`, `<?a?><b/>`, `<a><?b c?></a>`, `<??><a/>`, `<a>&;</a>`, `<a>&#;</a>`, `<a>&#x;</a>`, `<a>&amp</a>`, `<a/`, `<a b="`,
}

// Our reader of XML says of what it takes what encoding/xml says, wherever a block of what
// is read may end, and takes nothing that is none.
func TestXMLIsReadAsTheStandardLibraryReadsIt(t *testing.T) {
	for _, part := range xmlPieces {
		want, refused := theirs(strings.NewReader(part))
		for name, in := range map[string]io.Reader{"whole": strings.NewReader(part), "byte by byte": iotest.OneByteReader(strings.NewReader(part)), "with its end": iotest.DataErrReader(strings.NewReader(part))} {
			got, err := ours(in)
			if (err != nil) != (refused != nil) || err == nil && fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%q %s: %q %v, want %q %v", part, name, got, err, want, refused)
			}
		}
	}
}

// So it does of whole workbooks and documents.
func TestXMLOfFilesIsReadAsTheStandardLibraryReadsIt(t *testing.T) {
	files, parts := 0, 0
	for _, pattern := range []string{"testdata/*.*", "testdata/*/*.*"} {
		names, _ := filepath.Glob(pattern)
		for _, name := range names {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
			if err != nil {
				continue
			}
			files++
			for _, f := range z.File {
				if !strings.HasSuffix(f.Name, ".xml") && !strings.HasSuffix(f.Name, ".rels") {
					continue
				}
				part, err := f.Open()
				if err != nil {
					continue // one that was damaged on purpose
				}
				text, err := io.ReadAll(part)
				if err != nil {
					continue
				}
				want, refused := theirs(bytes.NewReader(text))
				got, err := ours(bytes.NewReader(text))
				if parts++; (err != nil) != (refused != nil) || err == nil && fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s, %s: %v, want %v", name, f.Name, err, refused)
				}
			}
		}
	}
	if files == 0 || parts == 0 {
		t.Fatal("no file was looked at")
	}
}

func FuzzXML(f *testing.F) {
	for _, part := range xmlPieces {
		f.Add([]byte(part))
	}
	f.Fuzz(func(t *testing.T, part []byte) {
		got, err := ours(bytes.NewReader(part))
		if err != nil {
			return
		}
		want, refused := theirs(bytes.NewReader(part))
		if refused != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: taken as %q, want %q %v", part, got, want, refused)
		}
	})
}
