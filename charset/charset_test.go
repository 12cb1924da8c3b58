package charset_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"relais/charset"
)

func TestText(t *testing.T) {
	for _, tc := range []struct{ name, raw, want string }{
		{"UTF-8", "l’école à 5 €", "l’école à 5 €"},
		{"Windows-1252", "l\x92\xe9cole \xe0 5 \x80", "l’école à 5 €"},
		{"dots, quotes, dashes, œ", "\x93\x9cuvre\x94 \x96 \x85", "“œuvre” – …"},
		{"capitals and a no-break space", "FERM\xc9\xa0! R\xe9ouverture", "FERMÉ\u00a0! Réouverture"},
		{"ASCII", "a", "a"},
		{"nothing", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, ok := charset.Text(tc.raw); !ok || got != tc.want {
				t.Errorf("Text = %q, %v; want %q", got, ok, tc.want)
			}
		})
	}
}

func TestTextThatCannotBeKnown(t *testing.T) {
	for _, tc := range []struct{ name, raw string }{
		{"UTF-8 and Windows-1252", "\xc3\xa9t\xc3\xa9 \xe0 l\x92\xe9cole"},
		{"a typographic quote in UTF-8 and an accent in Windows-1252", "l\xe2\x80\x99\xe9cole"},
		{"an emoji and an accent in Windows-1252", "\xf0\x9f\x98\x80 \xe9"},
		{"UTF-8 cut in a character", "caf\xc3"},
		{"UTF-8 cut in a quote", "l\xe2\x80"},
		{"81", "a\x81"},
		{"8D", "a\x8d"},
		{"8F", "a\x8f"},
		{"90", "a\x90"},
		{"9D", "a\x9d"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, ok := charset.Text(tc.raw); ok {
				t.Errorf("read as %q", got)
			}
		})
	}
}

func TestLoneSurrogate(t *testing.T) {
	for _, tc := range []struct {
		name, json string
		want       int
	}{
		{"a pair", `"\ud83d\ude00"`, -1},
		{"the first half", `"a\ud83d"`, 2},
		{"the second half", `"\ude00"`, 1},
		{"two first halves", `"\ud83d\ud83d\ude00"`, 1},
		{"not an escape", `"\\ud83d"`, -1},
		{"none", `"é"`, -1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := charset.LoneSurrogate([]byte(tc.json)); got != tc.want {
				t.Errorf("LoneSurrogate = %d, want %d", got, tc.want)
			}
		})
	}
}

// FuzzText: what is read is UTF-8, nothing is replaced, and UTF-8 stays.
func FuzzText(f *testing.F) {
	for _, raw := range []string{"é", "l\x92\xe9cole", "caf\xc3", "\x81", "\xef\xbf\xbd"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, ok := charset.Text(raw)
		switch {
		case !ok && got != "":
			t.Errorf("%q is refused with %q", raw, got)
		case ok && !utf8.ValidString(got):
			t.Errorf("%q gives %q", raw, got)
		case utf8.ValidString(raw) && got != raw:
			t.Errorf("%q becomes %q", raw, got)
		case !utf8.ValidString(raw) && strings.ContainsRune(got, utf8.RuneError):
			t.Errorf("%q loses a character: %q", raw, got)
		}
	})
}
