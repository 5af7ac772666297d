package models

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is the head of the trail's tree at a moment, signed: so many events, and
// the one hash that no other history of as many has. Whoever keeps one can prove later
// that what was before it is still the same.
type Checkpoint struct {
	ID   int64
	Size int64
	Root string
	At   time.Time
	Note string // as it was signed, for printing and for other people's programs
}

// ErrNoKey is a program that keeps no key.
var ErrNoKey = errors.New("this program keeps no key of the trail")

// SignTrail signs the head of the trail when it has grown since the last time, and
// returns the newest one; fresh says whether it was signed now. It is kept outside the
// database before it is kept in it.
func (b *Board) SignTrail() (c Checkpoint, fresh bool, err error) {
	if b.me.Role != clerk {
		return c, false, ErrForbidden
	}
	if b.store.signer == nil {
		return c, false, ErrNoKey
	}
	var state trailState
	if err := b.db.Take(&state, 1).Error; err != nil {
		return c, false, err
	}
	c, err = b.lastCheckpoint()
	if err != nil || state.Size == 0 || c.Size == state.Size {
		return c, false, err
	}
	root, err := tlog.TreeHash(state.Size, b.trail())
	if err != nil {
		return c, false, err
	}
	c = Checkpoint{Size: state.Size, Root: root.String(), At: b.now}
	text := fmt.Sprintf("%s\n%d\n%s\n%s\n", b.store.signer.Name(), c.Size, c.Root, c.At.In(b.zone).Format(time.RFC3339))
	signed, err := note.Sign(&note.Note{Text: text}, b.store.signer)
	if err != nil {
		return c, false, err
	}
	c.Note = string(signed)
	path := filepath.Join(b.store.trailFolder, checkpointsDir, fmt.Sprintf("%012d.txt", c.Size))
	if err := writeOnce(path, c.Note, 0o644); err != nil {
		return c, false, err
	}
	return c, true, b.db.Create(&c).Error
}

// lastCheckpoint is the newest head, the zero one when there is none.
func (b *Board) lastCheckpoint() (c Checkpoint, err error) {
	err = known(b.db.Order("size DESC").Limit(1).Take(&c).Error)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return c, err
}

// Checkpoints are the signed heads, the newest first, at most limit.
func (b *Board) Checkpoints(limit int) ([]Checkpoint, error) {
	if !b.MayGovern(ReadTrail) {
		return nil, ErrForbidden
	}
	var all []Checkpoint
	err := b.db.Order("size DESC").Limit(limit).Find(&all).Error
	return all, err
}

// keptCheckpoints are the heads kept in the folder outside the database.
func keptCheckpoints(folder string) ([]Checkpoint, error) {
	if folder == "" {
		return nil, nil
	}
	paths, err := filepath.Glob(filepath.Join(folder, checkpointsDir, "*.txt"))
	if err != nil {
		return nil, err
	}
	var all []Checkpoint
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		found := FindCheckpoints(string(content))
		if len(found) == 0 {
			found = []Checkpoint{{Note: string(content)}} // whose signature then is none
		}
		all = append(all, found...)
	}
	return all, nil
}

// FindCheckpoints finds the signed heads in a text, be it a file of one or a mail that
// has one printed in it, quoted or set in.
func FindCheckpoints(text string) []Checkpoint {
	var lines []string
	scanner := bufio.NewScanner(strings.NewReader(text))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		lines = append(lines, strings.TrimSpace(strings.TrimLeft(scanner.Text(), "> \t")))
	}
	var found []Checkpoint
	for n := 0; n+5 < len(lines); n++ {
		name := lines[n]
		if !strings.HasPrefix(name, "duban-") || lines[n+4] != "" || !strings.HasPrefix(lines[n+5], "— "+name+" ") {
			continue
		}
		c := Checkpoint{Root: lines[n+2], Note: strings.Join(lines[n:n+6], "\n") + "\n"}
		c.Size, _ = strconv.ParseInt(lines[n+1], 10, 64)
		c.At, _ = time.Parse(time.RFC3339, lines[n+3])
		c.At = c.At.UTC()
		found = append(found, c)
	}
	return found
}

// open checks a head's signature and that it says what was signed.
func (c Checkpoint) open(keys note.Verifiers) error {
	opened, err := note.Open([]byte(c.Note), keys)
	if err != nil {
		return err
	}
	said := FindCheckpoints(c.Note)
	if len(said) != 1 || !strings.HasPrefix(c.Note, opened.Text) {
		return errors.New("it is no head of a trail")
	}
	if c.Size != said[0].Size || c.Root != said[0].Root || !c.At.Equal(said[0].At) {
		return errors.New("it says something else than what was signed")
	}
	return nil
}

// verifiers are the keys that heads may be signed with.
func verifiers(keys []string) (note.Verifiers, error) {
	var all []note.Verifier
	for _, key := range keys {
		v, err := note.NewVerifier(strings.TrimSpace(key))
		if err != nil {
			return nil, fmt.Errorf("public key %q: %w", key, err)
		}
		all = append(all, v)
	}
	return note.VerifierList(all...), nil
}
