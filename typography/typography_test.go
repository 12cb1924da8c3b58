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
		{"\ufeffa", "a", false, false},
		{"\ufeff", "\ufeff", false, false},
		{"a\ufeffb", "a\ufeffb", false, false},
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
		{"N°3 et n°s 4", "No 3 et nos 4"},
		{"1 ½ litre (¾)", "1 1/2 litre (3/4)"},
		{"120 m², 3 cm³, 5 kg/m²", "120 m2, 3 cm3, 5 kg/m2"},
		{"№5", "No 5"},
		{"10–12 h, −5 €", "10-12 h, -5 €"},
		{"• 5 kg", "* 5 kg"},
		{"étudiant·e·s", "étudiant.e.s"},
		{"2×3, 3× par jour", "2x3, 3x par jour"},
		{"5′30″", "5'30\""},
		{"ﬁn, eﬀort, oﬃce", "fin, effort, office"},
		{"\u202a06 39 98 00 01\u202c", "06 39 98 00 01"},
		{"« a »", "\"a\""},
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

// A replacement that would read as something else beside its neighbours is none: the text
// stays whole, and Left names the character.
func TestWhatChangesTheSenseIsNotReplaced(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		left       rune
	}{
		{"a dose", "2½ comprimés", '½'},
		{"a dose a day", "½/jour", '½'},
		{"a quarter behind a letter", "x¼", '¼'},
		{"a decimal behind", "½,5", '½'},
		{"degrees", "38 °C", '°'},
		{"an angle", "45°", '°'},
		{"an ordinal of Spain", "10º", 'º'},
		{"its feminine", "2ª", 'ª'},
		{"a power", "10² L", '²'},
		{"a power of a letter", "x³", '³'},
		{"a note at a word", "gratuit²", '²'},
		{"a note at a word in m", "forum²", '²'},
		{"a note at a sum", "5 €¹", '¹'},
		{"micrograms", "50 µg", 'µ'},
		{"micrograms in Greek", "50 μg", 'μ'},
		{"per mille", "5 ‰", '‰'},
		{"plus or minus", "±5", '±'},
		{"a bullet between numbers, which would multiply", "5•3", '•'},
		{"division, or the range of an Italian", "8÷10", '÷'},
		{"not equal", "a ≠ b", '≠'},
		{"a product", "2·5", '·'},
		{"letters that would join", "5 cm×3 cm", '×'},
		{"a range to a negative number", "5–-3", '–'},
		{"two signs", "5−−3", '−'},
		{"a dash that would be a sign", "Total—5 €", '—'},
		{"an arrow that would be less than minus", "←5", '←'},
		{"an index", "H₂O", '₂'},
		{"Turkish", "sıkı", 'ı'},
		{"a numeral", "Ⅳ", 'Ⅳ'},
		{"a circled digit", "①", '①'},
		{"cents", "5 ¢", '¢'},
		{"a text that is turned round", "a\u202eb", '\u202e'},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "ê " + c.text + " ê"
			if got, changes, ok := typography.Replace(text); ok || got != text || changes != nil {
				t.Errorf("%q became %q", text, got)
			}
			left := typography.Left(text)
			if len(left) == 0 || left[0].Rune != c.left || []rune(text)[left[0].Position] != c.left {
				t.Errorf("left %v, want %q", left, c.left)
			}
		})
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
		case !ok && len(typography.Left(text)) == 0, ok && len(typography.Left(text)) > 0:
			t.Errorf("%q: replaced %v, left %v", text, ok, typography.Left(text))
		case gsm.Count(text).Alphabet == gsm.SevenBit && got != text:
			t.Errorf("%q needed no change and became %q", text, got)
		}
		if again := typography.Normalize(text); again.Composed || again.LineEnds || again.Text != text {
			t.Errorf("%q is normalized twice: %q", text, again.Text)
		}
	})
}
