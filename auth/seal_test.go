package auth_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"relais/auth"
)

func sealer(t *testing.T, key string) *auth.Sealer {
	t.Helper()
	s, err := auth.NewSealer(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealer(t *testing.T) {
	s, other := sealer(t, strings.Repeat("a1", 32)), sealer(t, strings.Repeat("b2", 32))
	sealed := s.Seal([]byte("whsec"))
	if bytes.Contains(sealed, []byte("whsec")) {
		t.Error("the secret shows")
	}
	if got, err := s.Open(sealed); err != nil || string(got) != "whsec" {
		t.Errorf("Open = %q, %v", got, err)
	}
	if _, err := other.Open(sealed); err == nil {
		t.Error("another key opens it")
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := s.Open(sealed); err == nil {
		t.Error("a changed secret opens")
	}
	first, again := s.Derive("a"), s.Derive("a")
	if first != again || first == s.Derive("b") || first == other.Derive("a") {
		t.Error("derived secrets are not those of their label and key")
	}
}

func TestSealKey(t *testing.T) {
	for _, key := range []string{"", "zz", strings.Repeat("a", 63)} {
		if _, err := auth.NewSealer(key); err == nil {
			t.Errorf("the key %q is taken", key)
		}
	}
	path := filepath.Join(t.TempDir(), "data", "seal.key")
	first, err := auth.SealKeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sealer(t, first)
	second, err := auth.SealKeyFile(path)
	if err != nil || second != first {
		t.Errorf("the key changed: %v", err)
	}
}
