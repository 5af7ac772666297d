// Package static holds the style sheet, the scripts and the pictures, embedded,
// so that one binary serves everything and no request leaves the host. A file's
// address carries a piece of its hash: it may be kept for ever, and a new program
// is seen at once.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"path"
)

//go:embed css/*.css js/*.js img/*.svg
var embedded embed.FS

// File is one file, ready to be sent.
type File struct {
	Type    string
	Bytes   []byte
	Gzipped []byte // nil when it is not smaller
}

// Prefix is where the files are in the server's addresses.
const Prefix = "/static/"

var (
	byAddress = map[string]File{}
	addresses = map[string]string{}
)

func init() {
	err := fs.WalkDir(embedded, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		address := Prefix + hex.EncodeToString(sum[:6]) + "/" + path.Base(name)
		addresses[name] = address
		byAddress[address] = File{Type: mime.TypeByExtension(path.Ext(name)), Bytes: content, Gzipped: gzipped(content)}
		return nil
	})
	if err != nil {
		panic(err) // the files are part of the program
	}
}

func gzipped(content []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = w.Write(content)
	_ = w.Close()
	if out.Len() >= len(content) {
		return nil
	}
	return out.Bytes()
}

// URL is the address of a file, such as css/app.css. It panics on a file that is
// not there, which the first page drawn would show.
func URL(name string) string {
	address, ok := addresses[name]
	if !ok {
		panic("no static file " + name)
	}
	return address
}

// Open is the file at an address; ok is false when there is none.
func Open(address string) (file File, ok bool) {
	file, ok = byAddress[address]
	return file, ok
}
