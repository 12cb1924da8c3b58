package httpapi

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relais/reason"
)

// rehearsed runs exchanges against the declaration of mistake_test.go.
func rehearsed(t *testing.T, exchanges string) ([]Trial, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.toml")
	if err := os.WriteFile(file, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	return Rehearse([]byte("declaration = \"a.toml\"\n"+exchanges), func(string) string { return file })
}

func TestSlipsOfExchangesAreRefused(t *testing.T) {
	for _, tc := range []struct {
		name, exchanges string
		line            int
		key             string
		why             reason.Code
	}{
		{"none", "", 1, "", whyNoExchanges},
		{"a word of a send", "[[send]]\nstatus = 200\nthen = \"tken\"\n", 4, "send[0].then", whyOneOf},
		{"a status that is none", "[[send]]\nstatus = 99999\nthen = \"taken\"\n", 3, "send[0].status", whyStatus},
		{"a word of a push", "[[push]]\npath = \"/dlr\"\nthen = \"deliverd\"\n", 4, "push[0].then", whyOneOf},
		{"a status in words", "[[send]]\nstatus = \"200\"\n", 3, "send.status", whyType},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := rehearsed(t, tc.exchanges)
			m := mistakeOf(err, tc.why)
			if m == nil || m.Line != tc.line || m.Key != tc.key {
				t.Fatalf("want %s at line %d, key %s: %v", tc.why, tc.line, tc.key, err)
			}
			for _, language := range []reason.Language{reason.English, "fr"} {
				if said := m.Reason.In(language); said == "" || strings.Contains(said, "httpapi") || strings.Contains(said, string(tc.why)) {
					t.Errorf("it says %q in %s", said, language)
				}
			}
		})
	}
}

// A push that is refused says why, and where it stands.
func TestAFailedPushSaysWhy(t *testing.T) {
	trials, err := rehearsed(t, "[[push]]\nname = \"a\"\npath = \"/dlr\"\nthen = \"refused\"\n[[push]]\nname = \"b\"\npath = \"/elsewhere\"\nthen = \"delivered\"\n")
	if err != nil {
		t.Fatal(err)
	}
	if one := trials[1]; one.Passed || one.Line != 6 || one.Why != errNotOurs.Error() {
		t.Errorf("it says %+v", one)
	}
}
