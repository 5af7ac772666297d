package app

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"duban/models/modelstest"
)

// What a form holds is passed on to the byte, however it comes in, be it full of what
// looks like its boundary; only its heads are mended.
func TestHeadsAreMendedAndContentIsLeftAlone(t *testing.T) {
	noise := make([]byte, 300<<10)
	_, _ = rand.Read(noise)
	contents := [][]byte{nil, []byte("\r\n--borderline\r\n\x00\r\n--bord"), []byte("x--border\r\n\x01"), bytes.Repeat([]byte("\r\n--borde"), 20_000), noise}
	var form bytes.Buffer
	for _, content := range contents {
		form.WriteString("--border\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a\x00b\nc.pdf\"\r\nContent-Type: text/plain\r\n\r\n")
		form.Write(content)
		form.WriteString("\r\n")
	}
	form.WriteString("--border--\r\n")
	for name, in := range map[string]io.Reader{
		"at once":        bytes.NewReader(form.Bytes()),
		"byte by byte":   iotest.OneByteReader(bytes.NewReader(form.Bytes())),
		"with its error": iotest.DataErrReader(bytes.NewReader(form.Bytes())),
	} {
		t.Run(name, func(t *testing.T) {
			parts := multipart.NewReader(mendHeads(in, "border"), "border")
			for n, want := range contents {
				part, err := parts.NextRawPart()
				if err != nil {
					t.Fatalf("part %d: %v", n, err)
				}
				if got := sentName(part); got != "a�b�c.pdf" || part.Header.Get("Content-Type") != "text/plain" {
					t.Errorf("part %d is named %q, of %v", n, got, part.Header)
				}
				if got, err := io.ReadAll(part); err != nil || !bytes.Equal(got, want) {
					t.Errorf("part %d: %d bytes of %d, %v", n, len(got), len(want), err)
				}
			}
			if _, err := parts.NextRawPart(); err != io.EOF {
				t.Errorf("after the last: %v", err)
			}
		})
	}
	broken := multipart.NewReader(mendHeads(bytes.NewReader(form.Bytes()[:200]), "border"), "border")
	_, _ = broken.NextRawPart()
	if part, err := broken.NextRawPart(); err == nil {
		if _, err := io.ReadAll(part); err == nil {
			t.Error("a form that was cut off came to its end")
		}
	}
}

// Whatever stands in the name of a file, its owner reads at the field what is wrong with
// it, and what was typed is still there.
func TestEveryBadNameIsToldAtTheField(t *testing.T) {
	s := siteOn(t, modelstest.Open(t, modelstest.URL(t, "sqlite")), Options{})
	item := s.Registered("2026-03-20")
	v := s.as(s.Wu)
	v.get("/items/" + item.Number)
	token := v.token
	send := func(name, content string) *answer {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		_ = w.WriteField("csrf", token)
		_ = w.WriteField("version", "1")
		_ = w.WriteField("note", "写好的说明")
		_ = w.WriteField("doc_no", "〔2026〕1 号")
		body.WriteString("\r\n--" + w.Boundary() + "\r\nContent-Disposition: form-data; name=\"files\"; filename=\"" + name + "\"\r\nContent-Type: application/pdf\r\n\r\n" + content)
		_ = w.Close()
		r := httptest.NewRequest(http.MethodPost, "/items/"+item.Number+"/evidence", &body)
		r.Header.Set("Content-Type", w.FormDataContentType())
		return v.ask(r)
	}
	for name, say := range map[string]string{
		"a\x00.pdf":                       says("evidence.file.name", "a�.pdf"),
		"a\x01b.pdf":                      says("evidence.file.name", "a�b.pdf"),
		"a\tb.pdf":                        says("evidence.file.name", "a�b.pdf"),
		"a\x7F.pdf":                       says("evidence.file.name", "a�.pdf"),
		"a\r\nb.pdf":                      says("evidence.file.name", "a�b.pdf"),
		"a\nb.pdf":                        says("evidence.file.name", "a�b.pdf"),
		"a\rb.pdf":                        says("evidence.file.name", "a�b.pdf"),
		"a%0D%0Ab.pdf":                    says("evidence.file.name", "a��b.pdf"), // as browsers write it
		"a\u202Efdp.exe.pdf":              says("evidence.file.name", "a�fdp.exe.pdf"),
		"\u2066通报\u2069.pdf":              says("evidence.file.name", "�通报�.pdf"),
		"a\u2028b.pdf":                    says("evidence.file.name", "a�b.pdf"),
		"a\xFFb.pdf":                      says("evidence.file.name", "a�b.pdf"),
		"../../etc/passwd.pdf":            says("evidence.file.name_path", "../../etc/passwd.pdf"),
		`..\\..\\x.pdf`:                   says("evidence.file.name_path", `..\..\x.pdf`),
		".pdf":                            says("evidence.file.name_empty", ".pdf"),
		strings.Repeat("长", 300) + ".pdf": says("evidence.file.name_long", strings.Repeat("长", 39)+"…", 200, 304),
		"x\r\nContent-Type: a.pdf":        says("evidence.file.name", "�"),
	} {
		a := send(name, "%PDF-1.4")
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d\n%.300s", name, a.status, a.words())
			continue
		}
		a.wantWords(say, says("evidence.none_kept"), "写好的说明", "〔2026〕1 号")
	}
	if rows := s.rowsOf(item); len(rows) != 0 || len(s.Stored()) != 0 {
		t.Errorf("kept: %v %v", rows, s.Stored())
	}
	// A quotation mark is none of these: browsers spell it, and it comes back as it was.
	send("关于%22两项清单%22的通报.pdf", string(modelstest.Sample(t, "pdf", "9"))).want(http.StatusSeeOther)
	rows := s.rowsOf(item)
	if len(rows) != 1 || rows[0].FileName != `关于"两项清单"的通报.pdf` {
		t.Fatalf("%+v", rows)
	}
	back := v.get(fmt.Sprintf("/items/%s/evidence/%d/file", item.Number, rows[0].ID)).want(200)
	_, said, err := mime.ParseMediaType(back.header.Get("Content-Disposition"))
	if err != nil || said["filename"] != rows[0].FileName {
		t.Errorf("it comes back as %q, %v", said["filename"], err)
	}
}
