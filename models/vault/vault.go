// Package vault keeps the bytes of evidence: in a folder of this machine, or in an
// S3-compatible store where several replicas share one. Nothing is changed in it:
// each key is written once, read, and at the end removed. What the bytes are, and
// whose, is known to the register alone.
package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"duban/models"
	"duban/models/host"
)

// Keys open an S3-compatible store.
type Keys struct{ Access, Secret, Region string }

// Open opens the vault of that address: "folder:PATH", or "s3:https://host/bucket"
// with a prefix after it if one is wanted. It writes and removes a probe, so that a
// vault that cannot keep anything is told at start and not at the first upload.
func Open(ctx context.Context, address string, keys Keys) (models.Vault, error) {
	switch scheme, rest, _ := strings.Cut(address, ":"); scheme {
	case "folder":
		return OpenFolder(rest)
	case "s3":
		return OpenS3(ctx, rest, keys)
	default:
		return nil, fmt.Errorf("files %q: want folder:PATH or s3:https://host/bucket", address)
	}
}

// draft is a file on its way in, already read to its end and counted.
type draft struct {
	*os.File
	size int64
	sum  string
	keep func(ctx context.Context, d *draft, key string) error
	drop func()
}

// Size, SHA256, Keep and Drop are those of models.Draft.
func (d *draft) Size() int64    { return d.size }
func (d *draft) SHA256() string { return d.sum }
func (d *draft) Keep(ctx context.Context, key string) error {
	if err := d.keep(ctx, d, key); err != nil {
		return noRoom(fmt.Errorf("keep %s: %w", key, err))
	}
	return nil
}
func (d *draft) Drop() {
	_ = d.Close()
	d.drop()
}

// fill reads from into the draft's file, at most so many bytes, and takes its sum.
func (d *draft) fill(from io.Reader, most int64) error {
	sum := sha256.New()
	n, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(full{d.File, path.Dir(d.Name())}, sum)}, io.LimitReader(from, most+1), make([]byte, 64<<10))
	switch {
	case err != nil:
		return err
	case n > most:
		return models.ErrTooLong
	}
	d.size, d.sum = n, hexOf(sum)
	return nil
}

// spared is what files leave free on a disk, where it is not already a twentieth of it:
// the database beside them writes on when no more files can be taken.
const spared = 256 << 20

// full tells a full disk from a sender who went away, and a disk that is about to be.
type full struct {
	w   io.Writer
	dir string
}

func (f full) Write(p []byte) (int, error) {
	if err := room(f.dir); err != nil {
		return 0, err
	}
	n, err := f.w.Write(p)
	return n, noRoom(err)
}

// room says whether the disk that a folder is on has more than what is spared. One
// that cannot tell is believed to have.
func room(dir string) error {
	free, size, err := host.Room(dir)
	if err == nil && free < min(spared, size/20) {
		return fmt.Errorf("%w: %d MB are left on the disk of %s, which are the database's", models.ErrNoRoom, free>>20, dir)
	}
	return nil
}

func noRoom(err error) error {
	if host.Full(err) {
		return errors.Join(models.ErrNoRoom, err)
	}
	return err
}

// valid says whether a key is the path of a file below the vault.
func valid(key string) bool { return fs.ValidPath(key) && key != "." }

func hexOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
