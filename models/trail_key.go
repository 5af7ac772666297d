package models

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// trailKey is a public key that heads of the trail were signed with: all events after
// the one of that number are sealed with its other half.
type trailKey struct {
	N        int `gorm:"primaryKey;autoIncrement:false"`
	Verifier string
	Since    int64
	At       time.Time
}

// The names of what lies in the trail's folder, outside the database.
const (
	keyFile        = "key"
	publicKeyFile  = "public-key.txt"
	checkpointsDir = "checkpoints"
)

// KeepTrail gives the store the key that events are sealed and heads are signed with,
// and the folder that heads are kept in, which is not to lie where whoever can change
// the database can change it too. The key is the one given, or the folder's; where
// there is none and the register has none either, one is made. It refuses another key
// than the register's: replicas share one.
func (s *Store) KeepTrail(ctx context.Context, folder, key string) error {
	if err := os.MkdirAll(filepath.Join(folder, checkpointsDir), 0o700); err != nil {
		return fmt.Errorf("trail folder: %w", err)
	}
	var kept []trailKey
	if err := s.db.WithContext(ctx).Order("n").Find(&kept).Error; err != nil {
		return err
	}
	path := filepath.Join(folder, keyFile)
	if key == "" {
		content, err := os.ReadFile(path)
		switch {
		case err == nil:
			key = string(content)
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("trail key: %w", err)
		case len(kept) > 0:
			return fmt.Errorf("the trail is signed with the key %s, which is not in %s: put it there, or set DUBAN_TRAIL_KEY_FILE", name(kept[len(kept)-1].Verifier), path)
		default:
			if key, err = makeKey(path); err != nil {
				return err
			}
		}
	}
	signer, err := note.NewSigner(strings.TrimSpace(key))
	if err != nil {
		return fmt.Errorf("trail key: %w", err)
	}
	verifier, err := publicKey(key)
	if err != nil {
		return fmt.Errorf("trail key: %w", err)
	}
	sum := sha256.Sum256([]byte("seal of the trail " + strings.TrimSpace(key)))
	s.trailFolder, s.signer, s.verifier, s.sealing = folder, signer, verifier, sum[:]
	if len(kept) == 0 {
		if kept, err = s.rememberKey(ctx, verifier); err != nil {
			return err
		}
	}
	if last := kept[len(kept)-1]; last.Verifier != verifier {
		return fmt.Errorf("the trail is signed with the key %s, and this program has %s: replicas share one key; copy it into %s, or set DUBAN_TRAIL_KEY_FILE", name(last.Verifier), signer.Name(), path)
	}
	return writeOnce(filepath.Join(folder, publicKeyFile), verifier+"\n", 0o644)
}

// makeKey makes a key of a random name in that file.
func makeKey(path string) (string, error) {
	random := make([]byte, 4)
	_, _ = rand.Read(random)
	key, _, err := note.GenerateKey(rand.Reader, "duban-"+hex.EncodeToString(random))
	if err != nil {
		return "", err
	}
	if err := writeOnce(path, key+"\n", 0o600); err != nil {
		return "", err
	}
	content, err := os.ReadFile(path) // another program may have been first
	return string(content), err
}

// publicKey is the public half of a key, as verifying wants it.
func publicKey(key string) (string, error) {
	parts := strings.SplitN(strings.TrimSpace(key), "+", 5)
	if len(parts) != 5 {
		return "", errors.New("it is no key")
	}
	seed, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(seed) != 1+ed25519.SeedSize {
		return "", errors.New("it is no key")
	}
	return note.NewEd25519VerifierKey(parts[2], ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey))
}

// name is the name in a public key.
func name(verifier string) string {
	word, _, _ := strings.Cut(verifier, "+")
	return word
}

// rememberKey enters the register's first key; another program may be first.
func (s *Store) rememberKey(ctx context.Context, verifier string) (kept []trailKey, err error) {
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		key := trailKey{N: 1, Verifier: verifier, At: s.Now().UTC().Truncate(time.Second)}
		if err := tx.Raw("SELECT COALESCE(MAX(id), 0) FROM events").Scan(&key.Since).Error; err != nil {
			return err
		}
		made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&key)
		if made.Error == nil && made.RowsAffected == 1 {
			return s.Board(ctx, TheClerk).in(tx).note("trail_key", Particulars{"key": verifier})
		}
		return made.Error
	})
	if err != nil {
		return nil, err
	}
	return kept, s.db.WithContext(ctx).Order("n").Find(&kept).Error
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
	return errors.Join(dir.Sync(), dir.Close())
}

// TrailKey is the public key, for whoever checks the trail elsewhere; "" when this
// program has none.
func (s *Store) TrailKey() string { return s.verifier }

// TrailFolder is where heads are kept outside the database.
func (s *Store) TrailFolder() string { return s.trailFolder }
