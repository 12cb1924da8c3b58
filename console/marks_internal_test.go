package console

import (
	"strings"
	"testing"
	"unicode"
)

func TestMarked(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"usual", "Crèche fermée l’après-midi : 12 €\nMerci", "Crèche fermée l’après-midi : 12 €\nMerci"},
		{"turned around", "a\u202eb", "a‹U+202E›b"},
		{"isolates", "\u2066a\u2069", "‹U+2066›a‹U+2069›"},
		{"control", "a\x1b[31m\x07\r\n", "a‹U+001B›[31m‹U+0007›‹U+000D›\n"},
		{"nul and C1", "\x00\u0085", "‹U+0000›‹U+0085›"},
		{"zero width", "pay\u200bpal\ufeff", "pay‹U+200B›pal‹U+FEFF›"},
		{"soft hyphen", "a\u00adb", "a‹U+00AD›b"},
		{"many at once", strings.Repeat("\u202e", 300), "‹300 × U+202E›"},
		{"fillers", "\u3164\u2800\u034f", "‹U+3164›‹U+2800›‹U+034F›"},
		{"tags", "a\U000e0061", "a‹U+E0061›"},
		{"line separator", "a\u2028b", "a‹U+2028›b"},
		{"private use", "\ue000", "‹U+E000›"},
		{"no UTF-8", "a\xffb", "a\uFFFDb"},
		{"accents apart", "e\u0301te\u0302", "e\u0301te\u0302"},
		{"a heap of accents", "a" + strings.Repeat("\u0301", 100), "a\u0301\u0301\u0301\u0301‹96 × U+0301›"},
		{"accent on nothing", "\u0301a", "\u25cc\u0301a"},
		{"emoji", "👩\u200d👧 ☎\ufe0f 1\ufe0f\u20e3", "👩\u200d👧 ☎\ufe0f 1\ufe0f\u20e3"},
		{"Persian", "می\u200cخواهم", "می\u200cخواهم"},
		{"joiner in Latin", "a\u200db\u200c", "a‹U+200D›b‹U+200C›"},
		{"HTML is not its task", "<b>&", "<b>&"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := marked(tc.text); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func FuzzMarked(f *testing.F) {
	f.Add("a\u202e\u0301\x00é👩\u200d👧")
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range marked(text) {
			if unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) ||
				unicode.IsControl(r) && r != '\n' && r != '\t' {
				t.Errorf("%q keeps U+%04X", text, r)
			}
		}
	})
}
