package typography_test

import (
	"slices"
	"testing"
	"unicode/utf8"

	"relais/gsm"
	"relais/typography"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, want         string
		composed, lineEnds bool
	}{
		{"Été", "Été", false, false},
		{"E\u0301te\u0301", "Été", true, false},
		{"a\r\nb\rc\n", "a\nb\nc\n", false, true},
		{"\r\n\r\n", "\n\n", false, true},
		{"e\u0302\r\n", "ê\n", true, true},
		{"👍🏽 \u00a0", "👍🏽 \u00a0", false, false},
	} {
		n := typography.Normalize(c.text)
		if n.Text != c.want || n.Composed != c.composed || n.LineEnds != c.lineEnds {
			t.Errorf("%q: %+v, want %q, composed %v, line ends %v", c.text, n, c.want, c.composed, c.lineEnds)
		}
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"Fête de l'œuvre à 20\u00a0h\u202f: 5\u00a0€", "Fete de l'oeuvre à 20 h : 5 €"},
		{"L’été, «\u00a0déjà\u00a0» — enfin…", "L'été, \"déjà\" - enfin..."},
		{"Ça, ç’a été reçu", "Ça, c'a été recu"},
		{"n°\u00a03, ½ litre", "no 3, 1/2 litre"},
		{"ŻÓŁW ĘĄ Čeština Ő", "ZOLW EA Cestina O"},
		{"Ünïcode {[€]}", "Ünicode {[€]}"},
		{"", ""},
	} {
		got, _, ok := typography.Replace(c.text)
		if !ok || got != c.want {
			t.Errorf("%q: %q, %v; want %q", c.text, got, ok, c.want)
		}
	}
}

func TestNothingIsReplacedInVain(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"œuvre 👍", "ê Привет", "’\u200d", "東京’", "e\u0302"} {
		if got, changes, ok := typography.Replace(text); ok || got != text || changes != nil {
			t.Errorf("%q: %q, %v, %v", text, got, changes, ok)
		}
	}
}

func TestPlainSpaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, want string
		ok         bool
	}{
		{"20\u00a0h\u202f: 5\u00a0€", "20 h : 5 €", true},
		{"\ufeffBon\u00adjour", "Bonjour", true},
		{"Bonjour", "Bonjour", false},
		{"Fête à 20\u00a0h", "Fête à 20\u00a0h", false}, // UCS-2 anyhow
		{"👍\u00a0", "👍\u00a0", false},
	} {
		if got, ok := typography.PlainSpaces(c.text); got != c.want || ok != c.ok {
			t.Errorf("%q: %q, %v; want %q, %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

func TestChangesAreTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []typography.Change
	}{
		{"ê œ ê\u200b", []typography.Change{{'ê', "e", 2}, {'œ', "oe", 1}, {'\u200b', "", 1}}},
		{"«\u00a0a\u00a0b\u00a0»", []typography.Change{{'«', `"`, 1}, {'\u00a0', "", 2}, {'\u00a0', " ", 1}, {'»', `"`, 1}}},
		{"« a b »", []typography.Change{{'«', `"`, 1}, {' ', "", 2}, {'»', `"`, 1}}},
	} {
		if _, got, _ := typography.Replace(c.text); !slices.Equal(got, c.want) {
			t.Errorf("changes of %q are %v, want %v", c.text, got, c.want)
		}
	}
}

func FuzzReplace(f *testing.F) {
	for _, text := range []string{"Fête", "« x »", "👍", "a\u0301", "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		text = typography.Normalize(text).Text
		got, changes, ok := typography.Replace(text)
		switch {
		case !ok && (got != text || len(changes) > 0):
			t.Errorf("%q was changed in vain: %q", text, got)
		case ok && gsm.Count(got).Alphabet != gsm.SevenBit:
			t.Errorf("%q became %q, which is not in the alphabet", text, got)
		case gsm.Count(text).Alphabet == gsm.SevenBit && got != text:
			t.Errorf("%q needed no change and became %q", text, got)
		}
		if again := typography.Normalize(text); again.Composed || again.LineEnds || again.Text != text {
			t.Errorf("%q is normalized twice: %q", text, again.Text)
		}
	})
}
