package httpapi

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relais/connector"
	"relais/reason"
)

func TestSectionsAreJudged(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"good.toml": whole,
		"bad.toml":  strings.NewReplacer(`kind = "bearer"`, `kind = "digest"`, "undelivered:absent", "lost").Replace(whole),
		"long.toml": "#" + strings.Repeat("x", mostDeclaration),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name    string
		section Config
		key     string
		why     reason.Code
		said    string
	}{
		{"a preset", Config{Preset: "brevo", Key: "k", Sender: "MAIRIE"}, "", "", ""},
		{"a file", Config{File: "good.toml", Key: "k"}, "", "", ""},
		{"neither", Config{}, "preset", whySource, ""},
		{"both", Config{Preset: "brevo", File: "good.toml"}, "preset", whySource, ""},
		{"an unknown preset", Config{Preset: "pigeon"}, "preset", whyPreset, "brevo"},
		{"a file that is not there", Config{File: "none.toml"}, "declaration", whyFile, "none.toml"},
		{"a directory", Config{File: "."}, "declaration", whyFile, ""},
		{"a file without end", Config{File: "long.toml"}, "declaration", whyFile, "too long"},
		{"every mistake of a file", Config{File: "bad.toml"}, "declaration", whyDeclared, "line 38"},
		{"no key", Config{Preset: "brevo", Sender: "MAIRIE"}, "key", whySetting, "Brevo"},
		{"no sender", Config{Preset: "brevo", Key: "k"}, "sender", whySetting, "Brevo"},
		{"a line end in the key", Config{Preset: "brevo", Key: "k\n", Sender: "M"}, "key", whySpace, ""},
		{"another address", Config{Preset: "brevo", Key: "k", Sender: "M", BaseURL: "https://evil.example"}, "base_url", whyBaseURLFixed, ""},
		{"a simulator here", Config{Preset: "brevo", Key: "k", Sender: "M", BaseURL: "http://127.0.0.1:8081"}, "", "", ""},
		{"a region", Config{Preset: "twilio", Login: "AC1", Secret: "s", Sender: "M", BaseURL: "https://api.dublin.ie1.twilio.com"}, "", "", ""},
		{"a region in the clear", Config{Preset: "twilio", Login: "AC1", Secret: "s", Sender: "M", BaseURL: "http://api.twilio.com"}, "base_url", whyPlain, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			section := tc.section
			section.Locate(func(name string) string { return filepath.Join(dir, name) })
			err := section.Validate()
			if tc.key == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wrong, ok := errors.AsType[*connector.ConfigError](err)
			if !ok || wrong.Key != tc.key || wrong.Reason.Code != tc.why {
				t.Fatalf("want %s of %s, got %v", tc.why, tc.key, err)
			}
			if said := wrong.Error(); !strings.Contains(said, tc.said) {
				t.Errorf("%q does not say %q", said, tc.said)
			}
		})
	}
}
