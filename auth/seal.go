package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"relais/reason"
)

// Sealer hides secrets that must be read again, such as those that sign
// webhooks: the database, and a copy of it, is of no use without the key.
type Sealer struct {
	key  []byte
	aead cipher.AEAD
}

// What is wrong with a seal key, or with what somebody wants to make.
const (
	whyDigits   reason.Code = "words/seal_key_digits"
	whyOtherKey reason.Code = "words/seal_key_other"
	whyUseless  reason.Code = "words/seal_key_useless"

	whyExists    reason.Code = "words/auth_exists"
	whyKeyStored reason.Code = "words/auth_key_stored"
	whyRevoked   reason.Code = "words/auth_revoked"
	whyLimited   reason.Code = "words/auth_limited"
	whyUnknown   reason.Code = "words/auth_unknown"
)

// sealKeySize is that of AES-256.
const sealKeySize = 32

// NewSealer makes a sealer from a key of 64 hexadecimal digits.
func NewSealer(text string) (*Sealer, error) {
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != sealKeySize {
		return nil, reason.NewError(whyDigits, nil)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, reason.Wrap(err, whyUseless, nil)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, reason.Wrap(err, whyUseless, nil)
	}
	return &Sealer{key: key, aead: aead}, nil
}

// SealKeyFile returns the key in a file, and makes one where there is none.
func SealKeyFile(path string) (string, error) {
	if have, err := os.ReadFile(path); !errors.Is(err, fs.ErrNotExist) {
		return string(have), err
	}
	var key [sealKeySize]byte
	if _, err := rand.Read(key[:]); err != nil {
		return "", err
	}
	text := hex.EncodeToString(key[:])
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	// A link appears whole or not at all, and never over another's key.
	fresh := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(fresh, []byte(text+"\n"), 0o600); err != nil {
		return "", err
	}
	if err := os.Link(fresh, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", errors.Join(err, os.Remove(fresh))
	}
	if err := os.Remove(fresh); err != nil {
		return "", err
	}
	have, err := os.ReadFile(path)
	return string(have), err
}

// Seal hides a secret.
func (s *Sealer) Seal(secret []byte) []byte { return s.aead.Seal(nil, nil, secret, nil) }

// Open gives back what Seal hid. It fails for what another key sealed.
func (s *Sealer) Open(sealed []byte) ([]byte, error) {
	secret, err := s.aead.Open(nil, nil, sealed, nil)
	if err != nil {
		return nil, reason.NewError(whyOtherKey, nil)
	}
	return secret, nil
}

// Derive makes a secret that is always the same for a label, of 128 bits, fit
// for a URL.
func (s *Sealer) Derive(label string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(label))
	return random.EncodeToString(mac.Sum(nil)[:16])
}
