package models

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"duban/models/host"
	"duban/models/trail"
)

// trailKey is a public key that heads of the trail were signed with: all events after
// the one of that number are sealed with its other half. Note says so signed, for
// programs on the same register whose folder is another; of what the row says beside
// it nothing is believed.
type trailKey struct {
	N        int `gorm:"primaryKey;autoIncrement:false"`
	Verifier string
	Since    int64
	At       time.Time
	Note     string
}

// The names of what lies in the trail's folder, outside the database.
const (
	keyFile        = "key"
	publicKeyFile  = "public-key.txt"
	sealsFile      = "seals.txt"
	checkpointsDir = "checkpoints"
)

// KeepTrail gives the store the key that events are sealed and heads are signed with,
// and the folder that heads are kept in, which is not to lie where whoever can change
// the database can change it too. The key is the one given, or the folder's; where
// there is none and the register has none either, one is made. It refuses another key
// than the register's: replicas share one. From which event on seals are demanded is
// fixed the first time, signed, and read from outside the database ever after.
func (s *Store) KeepTrail(ctx context.Context, folder, key string) error {
	if err := os.MkdirAll(filepath.Join(folder, checkpointsDir), 0o700); err != nil {
		return fmt.Errorf("trail folder: %w", err)
	}
	var kept []trailKey
	if err := s.db.WithContext(ctx).Order("n").Find(&kept).Error; err != nil {
		return err
	}
	key, err := s.keyOf(ctx, folder, key, kept)
	if err != nil {
		return err
	}
	ours, err := trail.OpenKey(key)
	if err != nil {
		return fmt.Errorf("trail key: %w", err)
	}
	if err := s.sameKey(ctx, folder, ours, kept); err != nil {
		return err
	}
	s.trailFolder, s.key = folder, nil // nothing is sealed before it is known from where on
	if s.seals, err = s.keepSeals(ctx, ours, kept); err != nil {
		return err
	}
	s.key = ours
	return writeOnce(filepath.Join(folder, publicKeyFile), ours.Verifier()+"\n", 0o644)
}

// keyOf is the key that was given, or the folder's, or a new one for a register whose
// trail nobody has sealed or signed yet.
func (s *Store) keyOf(ctx context.Context, folder, given string, kept []trailKey) (string, error) {
	if given != "" {
		return given, nil
	}
	path := filepath.Join(folder, keyFile)
	content, err := os.ReadFile(path)
	switch {
	case err == nil:
		return string(content), nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("trail key: %w", err)
	case len(kept) > 0:
		return "", fmt.Errorf("the trail is signed with the key %s, which is not in %s: put it there, or set DUBAN_TRAIL_KEY_FILE", trail.VerifierName(kept[len(kept)-1].Verifier), path)
	}
	var sealed bool
	if err := s.db.WithContext(ctx).Raw("SELECT EXISTS (SELECT 1 FROM events WHERE seal <> '') OR EXISTS (SELECT 1 FROM checkpoints)").Scan(&sealed).Error; err != nil {
		return "", err
	}
	if sealed {
		return "", fmt.Errorf("the trail is sealed with a key that is not in %s: put it there, or set DUBAN_TRAIL_KEY_FILE", path)
	}
	fresh, err := trail.NewKey()
	if err != nil {
		return "", err
	}
	if err := writeOnce(path, fresh, 0o600); err != nil {
		return "", err
	}
	content, err = os.ReadFile(path) // another program may have been first
	return string(content), err
}

// sameKey refuses a key that is not the register's. Where the events themselves are
// sealed with this one, a row that names another was changed, which verifying tells.
func (s *Store) sameKey(ctx context.Context, folder string, ours *trail.Key, kept []trailKey) error {
	other := ""
	for _, k := range kept {
		if k.Verifier != ours.Verifier() {
			other = trail.VerifierName(k.Verifier)
		}
	}
	if len(kept) > 0 && other == "" {
		return nil
	}
	b := s.Board(ctx, TheClerk)
	first, err := b.firstSealed(ours)
	if err != nil || first < mostNumber {
		return err
	}
	if other == "" {
		sealed := false
		if err := b.db.Raw("SELECT EXISTS (SELECT 1 FROM events WHERE seal <> '')").Scan(&sealed).Error; err != nil || !sealed {
			return err
		}
		other = "of another program"
	}
	return fmt.Errorf("the trail is signed with the key %s, and this program has %s: replicas share one key; copy it into %s, or set DUBAN_TRAIL_KEY_FILE",
		other, ours.Name(), filepath.Join(folder, keyFile))
}

// keepSeals reads from which event on seals are demanded: from the folder, else from
// the signed notes that the register keeps for programs with another folder, else from
// a signed head. Where nobody has said so yet it is fixed now. It is kept in the folder
// from then on.
func (s *Store) keepSeals(ctx context.Context, ours *trail.Key, kept []trailKey) (trail.Seals, error) {
	keys, err := trail.Verifiers(ours.Verifier())
	if err != nil {
		return trail.Seals{}, err
	}
	path := filepath.Join(s.trailFolder, sealsFile)
	content, err := os.ReadFile(path)
	if err == nil {
		seals, err := trail.OpenSeals(string(content), keys)
		if err != nil {
			return seals, fmt.Errorf("%s says from which event on seals are demanded, and is not signed with the key %s (%w): it belongs to another register or was changed; name this register's folder in DUBAN_TRAIL_FOLDER, or put the file back as it was", path, ours.Name(), err)
		}
		return seals, s.enterFirstKey(ctx, ours, seals, kept)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return trail.Seals{}, fmt.Errorf("trail folder: %w", err)
	}
	var seals trail.Seals
	for _, k := range kept {
		if said, err := trail.OpenSeals(k.Note, keys); err == nil {
			seals = said
		}
	}
	if seals.Note == "" {
		err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
			seals, err = s.Board(ctx, TheClerk).in(tx).fixSeals(ours, kept)
			return err
		})
		if err != nil {
			return seals, err
		}
	}
	return seals, writeOnce(path, seals.Note, 0o644)
}

// enterFirstKey enters the key into a register in which nothing has happened yet,
// whose folder was there before it.
func (s *Store) enterFirstKey(ctx context.Context, ours *trail.Key, seals trail.Seals, kept []trailKey) error {
	if len(kept) > 0 {
		return nil
	}
	return s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var begun bool
		if err := tx.Raw("SELECT EXISTS (SELECT 1 FROM events)").Scan(&begun).Error; err != nil || begun {
			return err // a row that is missing now was taken away, which verifying tells
		}
		_, err := s.Board(ctx, TheClerk).in(tx).enterKey(ours, seals)
		return err
	})
}

// enterKey enters the register's key with what is signed of the seals, and returns what
// holds: another program may have been first.
func (b *Board) enterKey(ours *trail.Key, seals trail.Seals) (trail.Seals, error) {
	key := trailKey{N: 1, Verifier: ours.Verifier(), Since: seals.Event, At: seals.At.UTC(), Note: seals.Note}
	made := b.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&key)
	if made.Error != nil {
		return seals, made.Error
	}
	if made.RowsAffected == 0 {
		return b.saidByAnother(ours)
	}
	return seals, b.noteSeals(ours, seals)
}

// noteSeals enters into the trail, as the first sealed event, from where on there are
// seals.
func (b *Board) noteSeals(ours *trail.Key, seals trail.Seals) error {
	e := b.event("trail_key", Particulars{"key": ours.Verifier(), "seals_after": fmt.Sprint(seals.After)})
	b.compose(&e)
	e.Seal = ours.Seal(e.Leaf)
	return b.inscribe(&e)
}

// saidByAnother is what another program has just fixed.
func (b *Board) saidByAnother(ours *trail.Key) (trail.Seals, error) {
	var kept trailKey
	if err := b.db.Take(&kept, 1).Error; err != nil {
		return trail.Seals{}, err
	}
	keys, err := trail.Verifiers(ours.Verifier())
	if err != nil {
		return trail.Seals{}, err
	}
	seals, err := trail.OpenSeals(kept.Note, keys)
	if err != nil {
		return seals, fmt.Errorf("another program has just begun to keep this trail with the key %s, and this one has %s: replicas share one key (%w)", trail.VerifierName(kept.Verifier), ours.Name(), err)
	}
	return seals, nil
}

// fixSeals fixes from which event on seals are demanded, where no signed note says so:
// from the first on that bears one, whatever the row of the key says. A register whose
// events bear none yet is believed as it is, and so is one of an earlier build up to its
// first seal; from then on nothing is.
func (b *Board) fixSeals(ours *trail.Key, kept []trailKey) (trail.Seals, error) {
	heads, err := b.headsThatSay(ours)
	if err != nil {
		return trail.Seals{}, err
	}
	first, err := b.firstSealed(ours)
	if err != nil {
		return trail.Seals{}, err
	}
	if err := b.growBefore(first); err != nil {
		return trail.Seals{}, err
	}
	seals := trail.Seals{At: b.now.In(b.zone)}
	if seals.After, seals.Event, err = b.unsealedBeginning(first, kept); err != nil {
		return seals, err
	}
	for _, after := range heads {
		seals.After = min(seals.After, after)
	}
	beginning, err := trail.FrontierOf(seals.After, b.trail())
	if err != nil {
		return seals, err
	}
	seals.Root = beginning.Root().String()
	if seals, err = ours.SignSeals(seals); err != nil {
		return seals, err
	}
	switch {
	case len(kept) == 0 && len(heads) == 0:
		return b.enterKey(ours, seals)
	case len(kept) == 0: // the row was taken away, which verifying tells
		return seals, nil
	}
	signed := b.db.Model(&trailKey{}).Where("n = ? AND note = ''", kept[0].N).Update("note", seals.Note)
	if signed.Error != nil {
		return seals, signed.Error
	}
	if signed.RowsAffected == 0 {
		if another, err := b.saidByAnother(ours); err == nil {
			return another, nil
		}
		return seals, nil // the row holds what is none, which verifying tells
	}
	return seals, b.noteSeals(ours, seals)
}

// headsThatSay are the places after which, by the signed heads that can be found, every
// event bears a seal.
func (b *Board) headsThatSay(ours *trail.Key) ([]int64, error) {
	keys, err := trail.Verifiers(ours.Verifier())
	if err != nil {
		return nil, err
	}
	var stored []Checkpoint
	if err := b.db.Order("size").Find(&stored).Error; err != nil {
		return nil, err
	}
	outside, err := keptCheckpoints(b.store.trailFolder)
	if err != nil {
		return nil, err
	}
	var places []int64
	for _, c := range append(stored, outside...) {
		if after, said := c.SealsAfter(); said && c.Open(keys) == nil {
			places = append(places, after)
		}
	}
	return places, nil
}

// firstSealed is the number of the first event that is sealed with this key, the
// largest there can be where none is.
func (b *Board) firstSealed(ours *trail.Key) (int64, error) {
	const chunk = 1000
	for last := int64(leastNumber); ; {
		var some []Event
		if err := b.db.Model(&Event{}).Select("id", "leaf", "seal").Where("seal <> '' AND id > ?", last).Order("id").Limit(chunk).Find(&some).Error; err != nil {
			return 0, err
		}
		for _, e := range some {
			if ours.Sealed(e.Leaf, e.Seal) {
				return e.ID, nil
			}
			last = e.ID
		}
		if len(some) < chunk {
			return mostNumber, nil
		}
	}
}

// The smallest and the largest number of a row there can be.
const (
	leastNumber = -1 << 63
	mostNumber  = 1<<63 - 1
)

// unsealedBeginning is how many events at the beginning of the tree bear no seal, given
// the first that does, and the number of the last of these. Where the row of the key
// says that it began earlier, it is believed.
func (b *Board) unsealedBeginning(first int64, kept []trailKey) (after, event int64, err error) {
	if err := b.db.Raw("SELECT COALESCE(MAX(id), 0) FROM events WHERE id < ?", first).Scan(&event).Error; err != nil {
		return 0, 0, err
	}
	if len(kept) > 0 && kept[0].Since < first {
		event = kept[0].Since
	}
	err = b.db.Raw("SELECT COALESCE((SELECT MIN(seq) FROM trail_leaves WHERE event_id > ?), (SELECT size FROM trail_state WHERE id = 1))", event).Scan(&after).Error
	return after, event, err
}

// writeOnce writes a file that is not there yet, whole and onto the disk or not at all.
func writeOnce(path, content string, mode fs.FileMode) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	folder := filepath.Dir(path)
	file, err := os.CreateTemp(folder, ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.WriteString(content)
	err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close())
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Link(file.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	dir, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(host.SyncFolder(dir), dir.Close())
}

// TrailKey is the public key, for whoever checks the trail elsewhere; "" when this
// program has none.
func (s *Store) TrailKey() string {
	if s.key == nil {
		return ""
	}
	return s.key.Verifier()
}

// TrailFolder is where heads are kept outside the database.
func (s *Store) TrailFolder() string { return s.trailFolder }
