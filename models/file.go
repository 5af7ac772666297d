package models

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm/clause"

	"duban/models/document"
)

// strayFile is how long bytes that no row speaks of are left alone: far longer than the
// slowest upload takes from its first byte to its row.
const strayFile = 24 * time.Hour

// What a vault answers when bytes cannot be taken.
var (
	ErrTooLong = errors.New("longer than allowed")
	ErrNoRoom  = errors.New("no room to keep it")
)

// Vault keeps the bytes of files, apart from the database. What Keep has
// acknowledged is there whatever dies next.
type Vault interface {
	// Take reads a file to its end, at most so many bytes; more is ErrTooLong.
	Take(ctx context.Context, from io.Reader, most int64) (Draft, error)
	// Open is fs.ErrNotExist for a key that is not there.
	Open(ctx context.Context, key string) (Content, error)
	Remove(ctx context.Context, key string) error
	// Each shows every key and how long ago it was kept.
	Each(ctx context.Context, see func(key string, age time.Duration) error) error
	// Tidy removes drafts that nobody dropped, when they are that old.
	Tidy(ctx context.Context, older time.Duration) (int, error)
}

// Content is the bytes of a file, open for reading.
type Content interface {
	io.ReadSeekCloser
	io.ReaderAt
}

// Draft is a file on its way in. It is dropped at the end, kept or not.
type Draft interface {
	Content
	Size() int64
	SHA256() string
	Keep(ctx context.Context, key string) error
	Drop()
}

// FileLimits are what an operator allows.
type FileLimits struct {
	Bytes     int64 // of one file
	UnitBytes int64 // of all files of a unit
	Zip       bool  // whether archives are taken
}

// DefaultFileLimits are those of an operator who says nothing.
func DefaultFileLimits() FileLimits { return FileLimits{Bytes: 50 << 20, UnitBytes: 20 << 30} }

// File is the bytes of evidence within one unit, once however often they are handed
// in there. Two units that hand in the same have two files: nobody learns from an
// upload what another unit has. A file is never changed and never replaced.
type File struct {
	ID     int64
	UnitID int64
	SHA256 string `gorm:"column:sha256"`
	Size   int64
	Type   document.Type
	Key    string // in the vault
	At     time.Time
	// ScannedAt is when a scanner found nothing in it, nil where none looked.
	ScannedAt *time.Time
}

// Incoming is a file that was sent: read to its end, looked at, and part of nothing
// yet. Whoever received it drops it.
type Incoming struct {
	Name string
	Type document.Type

	draft   Draft
	scanned *time.Time // when a scanner found nothing in it
	key     string     // under which it was kept, "" while it was not
	unsound string     // the key of the unit's own copy, when that was found lost or altered
}

// Size is how many bytes it has.
func (in *Incoming) Size() int64 { return in.draft.Size() }

// Drop lets its temporary copy go.
func (in *Incoming) Drop() { in.draft.Drop() }

// badEvidence is what is wrong with a file that was sent; the sentence begins with
// its name.
func badEvidence(key, name string, args ...any) error {
	return Problems{{Field: "files", Key: key, Args: append([]any{name}, args...)}}
}

// unfitFile is what somebody is told who sent a file that is not taken; other errors are
// as they were.
func unfitFile(err error) error {
	if unfit := (document.Unfit{}); errors.As(err, &unfit) {
		return Problems{{Field: "files", Key: unfit.Key, Args: unfit.Args}}
	}
	return err
}

// FileEndings are the endings of names that are taken, for the form that asks for
// files.
func (s *Store) FileEndings() []string { return document.Endings(s.FileLimits.Zip) }

// Receive reads a file that somebody sends under a name and says what is wrong with
// it, as Problems: its name, its size, its kind, or what it holds. What it returns is
// on this machine and in no record. The name is looked at before the first byte.
func (b *Board) Receive(name string, from io.Reader) (*Incoming, error) {
	limits := b.store.FileLimits
	name, want, err := document.Name(name, limits.Zip)
	if err != nil {
		return nil, unfitFile(err)
	}
	draft, err := b.store.Vault.Take(b.ctx(), from, limits.Bytes)
	switch {
	case errors.Is(err, ErrTooLong):
		return nil, badEvidence("evidence.file.too_long", name, limits.Bytes>>20)
	case errors.Is(err, ErrNoRoom):
		return nil, noRoomFor(name, err)
	case err != nil:
		return nil, err
	}
	in := &Incoming{Name: name, Type: want, draft: draft}
	for _, look := range []func(*Incoming) error{b.inspect, b.scan} {
		if err := look(in); err != nil {
			in.Drop()
			return nil, err
		}
	}
	return in, nil
}

// NoRoom is a vault that is full: a sentence for who sent the file, and the cause for
// who runs the program.
type NoRoom struct {
	Problems
	Cause error
}

// Unwrap shows both.
func (n NoRoom) Unwrap() []error { return []error{n.Problems, n.Cause} }

func noRoomFor(name string, cause error) error {
	return NoRoom{Problems{{Field: "files", Key: "evidence.file.no_room", Args: []any{name}}}, cause}
}

// inspect looks at what a file holds, one at a time: the parts of an Office file are
// unpacked for that.
func (b *Board) inspect(in *Incoming) error {
	if in.Size() == 0 {
		return badEvidence("evidence.file.empty", in.Name)
	}
	free, err := b.store.look(b.ctx())
	if err != nil {
		return err
	}
	defer free()
	return unfitFile(in.Type.Check(b.ctx(), in.draft, in.Size(), in.Name))
}

// NotScanned is a scanner that came to no finding: a sentence for who sent the file, and
// the cause for who runs the program.
type NotScanned struct {
	Problems
	Cause error
}

// Unwrap shows both.
func (n NotScanned) Unwrap() []error { return []error{n.Problems, n.Cause} }

// scan has a file looked through before anybody is given it. Without a scanner it is
// taken, and shown as not scanned; with one, what it cannot tell is not taken.
func (b *Board) scan(in *Incoming) error {
	if b.store.Scan == nil {
		return nil
	}
	if _, err := in.draft.Seek(0, io.SeekStart); err != nil {
		return err
	}
	found, err := b.store.Scan(b.ctx(), in.draft)
	switch {
	case err != nil:
		return NotScanned{Problems{{Field: "files", Key: "evidence.file.not_scanned", Args: []any{in.Name}}}, err}
	case found:
		return badEvidence("evidence.file.infected", in.Name)
	}
	at := b.now
	in.scanned = &at
	return nil
}

// looksWait is how long somebody waits for files that others have looked at.
const looksWait = 20 * time.Second

// look lets one look into a file at a time: unpacking and decoding take memory by
// what a file says of itself.
func (s *Store) look(ctx context.Context) (free func(), err error) {
	select {
	case s.looking <- struct{}{}:
		return func() { <-s.looking }, nil
	case <-time.After(looksWait):
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// preview reads of an open file what a page shows of it.
func (b *Board) preview(f File, content Content) (document.Preview, error) {
	p, more := f.Type.Glance(content, f.Size)
	if !more {
		return p, nil
	}
	free, err := b.store.look(b.ctx())
	if err != nil {
		return p, err
	}
	defer free()
	return f.Type.Show(b.ctx(), content, f.Size)
}

// picture is a file's picture, drawn anew.
func (b *Board) picture(f File, content Content, longer int) ([]byte, error) {
	if !f.Type.Fits(content, f.Size) {
		return nil, ErrNotFound
	}
	free, err := b.store.look(b.ctx())
	if err != nil {
		return nil, err
	}
	defer free()
	drawn, err := f.Type.Draw(content, f.Size, longer)
	if errors.Is(err, document.ErrNoPicture) {
		return nil, ErrNotFound
	}
	return drawn, err
}

// keepBytes puts the bytes of a file into the vault, before any row speaks of them.
// Bytes that the unit has already, whole and unchanged, are not put there twice.
// Until the row is written they are a stray, which drop takes away again.
func (b *Board) keepBytes(unit int64, in *Incoming) error {
	var has File
	err := orNotFound(b.db.Where("unit_id = ? AND sha256 = ?", unit, in.draft.SHA256()).Take(&has).Error)
	if err == nil {
		content, opened := b.OpenFile(has)
		if opened == nil {
			return content.Close()
		}
		if unsound := (Unsound{}); !errors.As(opened, &unsound) {
			return opened
		}
		in.unsound, err = has.Key, ErrNotFound // what is handed in now takes its place
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	sum := in.draft.SHA256()
	key := fmt.Sprintf("%d/%s/%s-%s", unit, sum[:2], sum, rand.Text()[:8])
	switch err := in.draft.Keep(b.ctx(), key); {
	case errors.Is(err, ErrNoRoom):
		return noRoomFor(in.Name, err)
	case err != nil:
		return err
	}
	in.key = key
	return nil
}

// forget takes away what keepBytes put into the vault and no row came to speak of.
func (b *Board) forget(in *Incoming) {
	if in.key != "" {
		// What cannot be removed now, the sweep removes.
		_ = b.store.Vault.Remove(context.WithoutCancel(b.ctx()), in.key)
	}
}

// enterFile writes the row of a file whose bytes are kept, inside a transaction, and
// sees to it that the unit stays within its share. The counter's row is locked by its
// update, so two uploads at once do not both take the last of it.
func (b *Board) enterFile(unit int64, in *Incoming) (File, error) {
	if _, err := b.count("files-of-unit-"+strconv.FormatInt(unit, 10), 1); err != nil {
		return File{}, err
	}
	sum := in.draft.SHA256()
	var f File
	err := orNotFound(b.db.Where("unit_id = ? AND sha256 = ?", unit, sum).Take(&f).Error)
	if err == nil && in.scanned != nil && f.ScannedAt == nil {
		f.ScannedAt = in.scanned
		if err := oneRow(b.db.Model(&File{}).Where("id = ?", f.ID).Update("scanned_at", f.ScannedAt)); err != nil {
			return File{}, err
		}
	}
	switch {
	case err == nil && (in.key == "" || f.Key != in.unsound): // it has them, or another was first
		return f, nil
	case err == nil:
		set := b.db.Model(&File{}).Where("id = ?", f.ID).Update("key", in.key)
		f.Key = in.key
		return f, oneRow(set)
	case !errors.Is(err, ErrNotFound):
		return File{}, err
	case in.key == "": // the row went between the two
		return File{}, ErrStale
	}
	var used int64
	if err := b.db.Model(&File{}).Select("COALESCE(SUM(size), 0)").Where("unit_id = ?", unit).Scan(&used).Error; err != nil {
		return File{}, err
	}
	if most := b.store.FileLimits.UnitBytes; used+in.Size() > most {
		return File{}, badEvidence("evidence.file.quota", in.Name, most>>20, (most-used)>>20)
	}
	f = File{UnitID: unit, SHA256: sum, Size: in.Size(), Type: in.Type, Key: in.key, At: b.now, ScannedAt: in.scanned}
	return f, b.db.Create(&f).Error
}

// Ways in which a file can be unsound.
const (
	FileMissing = "missing"
	FileAltered = "altered"
)

// Unsound says that stored bytes are not, or no longer, what was handed in.
type Unsound struct{ Wrong string }

func (u Unsound) Error() string { return "file " + u.Wrong }

// OpenFile opens the bytes of a file, at their beginning, after it has seen that they
// are to the last byte those that were handed in. Any others are Unsound, and no part
// of them is shown to anybody.
func (b *Board) OpenFile(f File) (Content, error) {
	content, err := b.store.Vault.Open(b.ctx(), f.Key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Unsound{FileMissing}
	}
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	n, err := io.CopyBuffer(sum, struct{ io.Reader }{content}, make([]byte, 64<<10))
	if err == nil && (n != f.Size || hex.EncodeToString(sum.Sum(nil)) != f.SHA256) {
		err = Unsound{FileAltered}
	}
	if err == nil {
		_, err = content.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = content.Close()
		return nil, err
	}
	return content, nil
}

// SweepFiles removes bytes that no row speaks of, when they have been there for a
// day. A row whose bytes are gone is left as it is: it is evidence of a loss.
func (b *Board) SweepFiles() (int, error) {
	if b.me.Role != clerk {
		return 0, ErrForbidden
	}
	vault := b.store.Vault
	if vault == nil {
		return 0, nil
	}
	gone, err := vault.Tidy(b.ctx(), strayFile)
	if err != nil {
		return gone, fmt.Errorf("drafts of files: %w", err)
	}
	var failed []error
	sweep := func(keys []string) error {
		var spoken []string
		if err := b.db.Model(&File{}).Where(clause.IN{Column: clause.Column{Name: "key"}, Values: anys(keys)}).Pluck("key", &spoken).Error; err != nil {
			return err
		}
		for _, key := range keys {
			if slices.Contains(spoken, key) {
				continue
			}
			if err := vault.Remove(b.ctx(), key); err != nil {
				failed = append(failed, err)
				continue
			}
			gone++
		}
		return nil
	}
	var some []string
	err = vault.Each(b.ctx(), func(key string, age time.Duration) error {
		if age < strayFile {
			return nil
		}
		if some = append(some, key); len(some) < batch {
			return nil
		}
		keys := some
		some = nil
		return sweep(keys)
	})
	if err == nil && len(some) > 0 {
		err = sweep(some)
	}
	return gone, errors.Join(append(failed, err)...)
}

func anys(keys []string) []any {
	all := make([]any, len(keys))
	for n, key := range keys {
		all[n] = key
	}
	return all
}

// ctx is the context of the call this board was made for.
func (b *Board) ctx() context.Context { return b.db.Statement.Context }
