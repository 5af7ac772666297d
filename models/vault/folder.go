package vault

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"duban/models"
	"duban/models/host"
)

// incoming holds drafts, kept what is kept: one file system, so that the one becomes
// the other by its name alone.
const (
	incoming = "incoming"
	kept     = "kept"
)

// Folder is a vault in a folder that nobody else reads or writes.
type Folder struct{ root *os.Root }

// OpenFolder opens the folder, and makes it if need be. It refuses one that others
// on this machine may look into, or that cannot be written.
func OpenFolder(name string) (*Folder, error) {
	if name == "" {
		return nil, errors.New("files folder: needs a path, such as folder:data/files")
	}
	if err := os.MkdirAll(name, 0o700); err != nil {
		return nil, fmt.Errorf("files folder: %w", err)
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("files folder: %w", err)
	}
	info, err := root.Stat(".")
	if err == nil && host.OpenToOthers(info) {
		err = fmt.Errorf("others may look into it: chmod 700 %s", name)
	}
	f := &Folder{root}
	if err == nil {
		err = f.probe()
	}
	if err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("files folder %s: %w", name, err)
	}
	return f, nil
}

func (f *Folder) probe() error {
	for _, of := range []string{incoming, kept} {
		if err := f.root.MkdirAll(of, 0o700); err != nil {
			return err
		}
	}
	d, err := f.Take(context.Background(), strings.NewReader("duban"), 5)
	if err != nil {
		return err
	}
	d.Drop()
	return nil
}

// Take reads into a file of incoming.
func (f *Folder) Take(_ context.Context, from io.Reader, most int64) (models.Draft, error) {
	name := path.Join(incoming, rand.Text())
	file, err := f.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, noRoom(err)
	}
	d := &draft{File: file, drop: func() { _ = f.root.Remove(name) }}
	d.keep = func(_ context.Context, d *draft, key string) error { return f.keep(d.File, name, key) }
	if err := d.fill(from, most); err != nil {
		d.Drop()
		return nil, err
	}
	return d, nil
}

// keep brings the bytes to the disk, gives them their name, and brings the folders
// that now name them to the disk as well: only then may anything speak of them.
func (f *Folder) keep(file *os.File, name, key string) error {
	if !valid(key) {
		return fs.ErrInvalid
	}
	if err := file.Sync(); err != nil {
		return err
	}
	to := path.Join(kept, key)
	if err := f.root.MkdirAll(path.Dir(to), 0o700); err != nil {
		return err
	}
	if err := f.root.Rename(name, to); err != nil {
		return err
	}
	for dir := path.Dir(to); dir != "."; dir = path.Dir(dir) {
		if err := f.sync(dir); err != nil {
			return err
		}
	}
	return f.sync(".")
}

func (f *Folder) sync(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return host.SyncFolder(d)
}

// Open opens what is kept under a key.
func (f *Folder) Open(_ context.Context, key string) (models.Content, error) {
	if !valid(key) {
		return nil, fs.ErrNotExist
	}
	file, err := f.root.Open(path.Join(kept, key))
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = file.Close()
		return nil, errors.Join(err, fs.ErrNotExist)
	}
	return file, nil
}

// Remove removes it. What is not there is no error.
func (f *Folder) Remove(_ context.Context, key string) error {
	if !valid(key) {
		return fs.ErrInvalid
	}
	if err := f.root.Remove(path.Join(kept, key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Each shows every key with how long ago it was written.
func (f *Folder) Each(ctx context.Context, see func(key string, age time.Duration) error) error {
	return fs.WalkDir(f.root.FS(), kept, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return errors.Join(err, ctx.Err())
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return see(strings.TrimPrefix(name, kept+"/"), time.Since(info.ModTime()))
	})
}

// Tidy removes drafts that a program left behind when it was killed.
func (f *Folder) Tidy(_ context.Context, older time.Duration) (gone int, err error) {
	entries, err := fs.ReadDir(f.root.FS(), incoming)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < older {
			continue // one that is being written, or has just gone
		}
		if err := f.root.Remove(path.Join(incoming, e.Name())); err != nil {
			return gone, err
		}
		gone++
	}
	return gone, nil
}
