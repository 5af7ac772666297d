package trail

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Key is the register's key: heads are signed with it, and events are sealed with a
// secret made from it. Whoever has the database alone has neither.
type Key struct {
	signer   note.Signer
	verifier string
	sealing  []byte
}

// namePrefix begins the name of every key, and with it the first line of every note.
const namePrefix = "duban-"

// NewKey makes a key of a random name, in the form that OpenKey reads.
func NewKey() (string, error) {
	random := make([]byte, 4)
	_, _ = rand.Read(random)
	key, _, err := note.GenerateKey(rand.Reader, namePrefix+hex.EncodeToString(random))
	return key + "\n", err
}

// OpenKey reads a key. An error says that it is none, and never what it is.
func OpenKey(text string) (*Key, error) {
	text = strings.TrimSpace(text)
	signer, err := note.NewSigner(text)
	if err != nil {
		return nil, errors.New("it is no key")
	}
	parts := strings.SplitN(text, "+", 5)
	if len(parts) != 5 {
		return nil, errors.New("it is no key")
	}
	seed, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(seed) != 1+ed25519.SeedSize {
		return nil, errors.New("it is no key")
	}
	verifier, err := note.NewEd25519VerifierKey(signer.Name(), ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey))
	if err != nil {
		return nil, errors.New("it is no key")
	}
	sealing := sha256.Sum256([]byte("seal of the trail " + text))
	return &Key{signer, verifier, sealing[:]}, nil
}

// Verifier is the key's public half, to be printed and kept.
func (k *Key) Verifier() string { return k.verifier }

// Name is the key's name, which stands in the first line of all it signs.
func (k *Key) Name() string { return k.signer.Name() }

// VerifierName is the name in a public key.
func VerifierName(verifier string) string {
	word, _, _ := strings.Cut(verifier, "+")
	return word
}

// Seal is what only the holder of the key can write under a leaf or any other text that
// stays in the register: an HMAC-SHA-256 in base64.
func (k *Key) Seal(text string) string {
	h := hmac.New(sha256.New, k.sealing)
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// Sealed says whether that seal under the text is this key's.
func (k *Key) Sealed(text, seal string) bool { return hmac.Equal([]byte(k.Seal(text)), []byte(seal)) }

// Sealer checks many seals, one after another.
type Sealer struct {
	hash  hash.Hash
	bytes []byte
	word  []byte
}

// Sealer is one for this key. Each goroutine needs its own.
func (k *Key) Sealer() *Sealer {
	return &Sealer{hash: hmac.New(sha256.New, k.sealing), word: make([]byte, base64.StdEncoding.EncodedLen(sha256.Size))}
}

// Sealed is as the key's.
func (s *Sealer) Sealed(text, seal string) bool {
	s.hash.Reset()
	s.bytes = append(s.bytes[:0], text...)
	s.hash.Write(s.bytes)
	s.bytes = s.hash.Sum(s.bytes[:0])
	base64.StdEncoding.Encode(s.word, s.bytes)
	return hmac.Equal(s.word, []byte(seal))
}

// sign signs lines under a first line that begins with the key's name.
func (k *Key) sign(lines ...string) (string, error) {
	signed, err := note.Sign(&note.Note{Text: strings.Join(lines, "\n") + "\n"}, k.signer)
	return string(signed), err
}

// Verifiers are the public keys that notes may be signed with. An error names the one
// that is none.
func Verifiers(keys ...string) (note.Verifiers, error) {
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
