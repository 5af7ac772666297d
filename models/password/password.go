// Package password says what a password must be and keeps it as an argon2id hash. It knows
// no account: words go in, and a hash or an answer comes out.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Cost is what one argon2id hash costs: memory in KiB, and passes over it.
type Cost struct{ Memory, Passes uint32 }

// DefaultCost is OWASP's second choice: 19 MiB and two passes.
var DefaultCost = Cost{Memory: 19 * 1024, Passes: 2}

// No more than these many hashes are at work, and wait, at once: a rain of
// sign-ins cannot take the memory of the host.
const (
	hashesAtOnce  = 4
	hashesWaiting = 32
)

// How long a password must be: eight characters of three kinds, or fifteen of
// any. 等保 2.0 三级 8.1.4.1 a) asks for complexity; length serves as well.
const (
	shortest   = 8
	longEnough = 15
	longest    = 128
)

// Lack is what a new password lacks: the key of a sentence in views/text and its arguments;
// "" when it lacks nothing. Name is the sign-in name of whose it will be, "" for nobody's.
func Lack(password, name string) (key string, args []any) {
	switch n := utf8.RuneCountInString(password); {
	case n == 0:
		return "required", nil
	case n < shortest, n < longEnough && characterKinds(password) < 3:
		return "password.weak", []any{shortest, longEnough}
	case n > longest:
		return "too_long", []any{longest, n}
	case name != "" && strings.Contains(strings.ToLower(password), name):
		return "password.has_name", nil
	case triedFirst[strings.ToLower(password)]:
		return "password.common", nil
	}
	return "", nil
}

// triedFirst are passwords that meet the rules and are tried first all the same.
var triedFirst = map[string]bool{
	"p@ssw0rd": true, "passw0rd!": true, "admin123!": true, "admin@123": true, "abc123!@#": true, "qwer1234!": true,
	"1qaz@wsx": true, "1qaz2wsx!": true, "q1w2e3r4!": true, "password1!": true, "welcome1!": true, "aa123456!": true,
	"admin123456!": true, "test@123": true, "root@123": true, "123456aa!": true, "huawei@123": true, "abcd@1234": true,
}

func characterKinds(password string) int {
	var lower, upper, digit, other int
	for _, r := range password {
		switch {
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return lower + upper + digit + other
}

// ErrBusy says that too many wait for a hash already.
var ErrBusy = errors.New("too many hashes at once")

// Hasher makes hashes, a few at once.
type Hasher struct {
	room  chan struct{} // at work
	queue chan struct{} // at work or waiting
}

// NewHasher is one with nothing to do.
func NewHasher() *Hasher {
	return &Hasher{room: make(chan struct{}, hashesAtOnce), queue: make(chan struct{}, hashesAtOnce+hashesWaiting)}
}

// Hash is a password as it is kept, with what it cost and its salt. ErrBusy when too many
// wait already.
func (h *Hasher) Hash(ctx context.Context, password string, cost Cost) (string, error) {
	salt := make([]byte, 16)
	rand.Read(salt)
	key, err := h.argon(ctx, password, salt, cost)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=1$%s$%s", cost.Memory, cost.Passes, b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// Matches says whether this is the password that was kept. It takes as long when there is
// none, which is then taken to have cost that much, so that a name cannot be guessed by the
// time it takes.
func (h *Hasher) Matches(ctx context.Context, kept, password string, cost Cost) (bool, error) {
	salt, want := make([]byte, 16), make([]byte, 32)
	if parts := strings.Split(kept, "$"); len(parts) == 6 {
		if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=1", &cost.Memory, &cost.Passes); err != nil {
			return false, fmt.Errorf("password of unknown form: %w", err)
		}
		var err, err2 error
		salt, err = base64.RawStdEncoding.DecodeString(parts[4])
		want, err2 = base64.RawStdEncoding.DecodeString(parts[5])
		if err != nil || err2 != nil {
			return false, fmt.Errorf("password of unknown form")
		}
	}
	got, err := h.argon(ctx, password, salt, cost)
	if err != nil {
		return false, err
	}
	return kept != "" && subtle.ConstantTimeCompare(got, want) == 1, nil
}

// argon does one hash when there is room for it.
func (h *Hasher) argon(ctx context.Context, password string, salt []byte, cost Cost) ([]byte, error) {
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return nil, ErrBusy
	}
	select {
	case h.room <- struct{}{}:
		defer func() { <-h.room }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, cost.Passes, cost.Memory, 1, 32), nil
}
