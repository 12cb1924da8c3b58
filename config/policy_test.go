package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPolicies(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"a pack in the program", "[account.a]\npolicy = \"fr-2026-03\"", ""},
		{"one's own", "[account.a]\npolicy = \"town\"\n[policy.town]\nfrom = \"fr-2024-09\"\nalso = [\"alsace-moselle\"]\nstop_clause = \"STOP au 36180\"", ""},
		{"none", "[account.a]\npolicy = \"none\"", ""},
		{"none is no pack", "[policy.none]\nfrom = \"fr-2026-03\"", "none is what an account names"},
		{"no pack", "[account.a]\npolicy = \"fr-2026\"", `no pack "fr-2026"`},
		{"no base", "[policy.town]\nfrom = \"fr-2025\"", `no pack "fr-2025"`},
		{"a name that is taken", "[policy.ovh]", "a pack in the program has that name"},
		{"a name that is none", "[policy.\"Town Hall\"]", "name: want 1 to 32"},
		{"no such holidays", "[policy.town]\nalso = [\"bretagne\"]", "also: want alsace-moselle"},
		{"a clause without a number", "[policy.town]\nstop_clause = \"STOP\"", "stop clause: want one"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := load("relais.toml", []byte(tc.text), func(string) (string, bool) {
				return "", false
			}, Parts{})
			if tc.want == "" && err != nil || tc.want != "" &&
				(err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

func TestTextsThatAreKeptTooLong(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       int
	}{
		{"for ever", "[account.a]\npolicy = \"fr-2026-03\"", 1},
		{"four years", "[account.a]\npolicy = \"fr-2026-03\"\nkeep_texts_days = 1460", 1},
		{"a year", "[account.a]\npolicy = \"fr-2026-03\"\nkeep_texts_days = 365", 0},
		{"no rules", "[account.a]", 0},
	} {
		c, err := load("relais.toml", []byte(tc.text), func(string) (string, bool) {
			return "", false
		}, Parts{})
		if err != nil || len(c.Warnings) != tc.want {
			t.Errorf("%s: warnings %q (%v), want %d", tc.name, c.Warnings, err, tc.want)
		}
	}
}

func TestPackFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "town.toml")
	c := Config{Policies: map[string]Policy{"town": {From: file}}}
	if _, err := c.Packs(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want that the file is missing", err)
	}
	if err := os.WriteFile(file, []byte("name = \"town\"\nversion = 0"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Packs(); err == nil ||
		!strings.Contains(err.Error(), "town.toml: version: want a number") {
		t.Errorf("error %v, want what is wrong in the file", err)
	}
}
