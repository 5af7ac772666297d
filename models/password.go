package models

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// HashCost is what one argon2id hash costs: memory in KiB, and passes over it.
type HashCost struct{ Memory, Passes uint32 }

// DefaultHashing is OWASP's second choice: 19 MiB and two passes.
var DefaultHashing = HashCost{Memory: 19 * 1024, Passes: 2}

// No more than these many hashes are at work, and wait, at once: a rain of
// sign-ins cannot take the memory of the host.
const (
	hashesAtOnce  = 4
	hashesWaiting = 32
)

// How long a password must be: eight characters of three kinds, or fifteen of
// any. 等保 2.0 三级 8.1.4.1 a) asks for complexity; length serves as well.
const (
	shortestPassword = 8
	longPassword     = 15
	longestPassword  = 128
)

// passwordProblem says what a new password lacks.
func passwordProblem(p *Problems, password string, u User) {
	n := utf8.RuneCountInString(password)
	switch {
	case n == 0:
		p.Add("password", "required")
	case n < shortestPassword, n < longPassword && characterKinds(password) < 3:
		p.Add("password", "password.weak", shortestPassword, longPassword)
	case n > longestPassword:
		p.Add("password", "too_long", longestPassword, n)
	case u.Name != "" && strings.Contains(strings.ToLower(password), u.Name):
		p.Add("password", "password.has_name")
	case common[strings.ToLower(password)]:
		p.Add("password", "password.common")
	}
}

// common are passwords that meet the rules and are tried first all the same.
var common = map[string]bool{
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

// hash is a password as it is kept. ErrBusy when too many wait already.
func (s *Store) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	rand.Read(salt)
	key, err := s.argon(ctx, password, salt, s.Hashing)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=1$%s$%s", s.Hashing.Memory, s.Hashing.Passes, b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// matches says whether this is the password that was kept. It takes as long when
// there is none, so that a name cannot be guessed by the time it takes.
func (s *Store) matches(ctx context.Context, kept, password string) (bool, error) {
	cost := s.Hashing
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
	got, err := s.argon(ctx, password, salt, cost)
	if err != nil {
		return false, err
	}
	return kept != "" && subtle.ConstantTimeCompare(got, want) == 1, nil
}

// argon does one hash when there is room for it.
func (s *Store) argon(ctx context.Context, password string, salt []byte, cost HashCost) ([]byte, error) {
	select {
	case s.hashQueue <- struct{}{}:
		defer func() { <-s.hashQueue }()
	default:
		return nil, ErrBusy
	}
	select {
	case s.hashRoom <- struct{}{}:
		defer func() { <-s.hashRoom }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, cost.Passes, cost.Memory, 1, 32), nil
}
