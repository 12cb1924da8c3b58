package gsm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/gsm"
)

func TestCount(t *testing.T) {
	a, e, u := strings.Repeat("a", 500), strings.Repeat("€", 500), strings.Repeat("ê", 500)
	euros, emojis := func(n int) string {
		return e[:3*n]
	}, func(n int) string { return strings.Repeat("😀", n) }
	wide := func(n int) string { return u[:2*n] }
	for _, tc := range []struct {
		name, text string
		want       gsm.Info
	}{
		{"empty", "", gsm.Info{Units: 0, Segments: 0, PerSegment: 160}},
		{"one", "a", gsm.Info{Units: 1, Segments: 1, PerSegment: 160}},
		{"full", a[:160], gsm.Info{Units: 160, Segments: 1, PerSegment: 160}},
		{"one more", a[:161], gsm.Info{Units: 161, Segments: 2, PerSegment: 153}},
		{"two full", a[:306], gsm.Info{Units: 306, Segments: 2, PerSegment: 153}},
		{"three", a[:307], gsm.Info{Units: 307, Segments: 3, PerSegment: 153}},
		{"accents of the basic table", "àéèùìòÇ", gsm.Info{Units: 7, Segments: 1, PerSegment: 160}},
		{"extension counts two", "{€}", gsm.Info{Units: 6, Segments: 1, PerSegment: 160}},
		{"80 euros fill one", euros(80), gsm.Info{Units: 160, Segments: 1, PerSegment: 160}},
		{"81 euros", euros(81), gsm.Info{Units: 162, Segments: 2, PerSegment: 153}},
		{"pair at the border: 153 units, the last two apart", a[:152] + euros(1) + a[:152], gsm.Info{Units: 306, Segments: 3, PerSegment: 153}},
		{"pair before the border", a[:151] + euros(1) + a[:153], gsm.Info{Units: 306, Segments: 2, PerSegment: 153}},
		{"153 euros take three: 76 in a segment", euros(153), gsm.Info{Units: 306, Segments: 3, PerSegment: 153}},
		{"pair at the border of a single one is free", a[:152] + euros(1) + a[:6], gsm.Info{Units: 160, Segments: 1, PerSegment: 160}},
		{"one circumflex", "fête", gsm.Info{Alphabet: gsm.UCS2, Units: 4, Segments: 1, PerSegment: 70}},
		{"cedilla in small", "reçu", gsm.Info{Alphabet: gsm.UCS2, Units: 4, Segments: 1, PerSegment: 70}},
		{"70", wide(70), gsm.Info{Alphabet: gsm.UCS2, Units: 70, Segments: 1, PerSegment: 70}},
		{"71", wide(71), gsm.Info{Alphabet: gsm.UCS2, Units: 71, Segments: 2, PerSegment: 67}},
		{"134", wide(134), gsm.Info{Alphabet: gsm.UCS2, Units: 134, Segments: 2, PerSegment: 67}},
		{"135", wide(135), gsm.Info{Alphabet: gsm.UCS2, Units: 135, Segments: 3, PerSegment: 67}},
		{"35 emojis", emojis(35), gsm.Info{Alphabet: gsm.UCS2, Units: 70, Segments: 1, PerSegment: 70}},
		{"67 emojis take three: 33 in a segment", emojis(67), gsm.Info{Alphabet: gsm.UCS2, Units: 134, Segments: 3, PerSegment: 67}},
		{"extension is one unit in UCS-2", "ê{}", gsm.Info{Alphabet: gsm.UCS2, Units: 3, Segments: 1, PerSegment: 70}},
		{"escape is no character", "\x1b", gsm.Info{Alphabet: gsm.UCS2, Units: 1, Segments: 1, PerSegment: 70}},
		{"bad bytes", "\xff\xfe", gsm.Info{Alphabet: gsm.UCS2, Units: 2, Segments: 1, PerSegment: 70}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, gsm.Count(tc.text)); diff != "" {
				t.Errorf("Count (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCountWith(t *testing.T) {
	for _, tc := range []struct {
		name, text, suffix string
	}{
		{"nothing", "", ""},
		{"only a suffix", "", "STOP 36180"},
		{"fits", strings.Repeat("a", 149), "\nSTOP 36180"},
		{"one too many", strings.Repeat("a", 150), "\nSTOP 36180"},
		{"suffix in UCS-2", strings.Repeat("a", 60), "arrêt: STOP"},
		{"text in UCS-2", strings.Repeat("ê", 60), "STOP 36180"},
		{"pair at the border, from the suffix", strings.Repeat("a", 152), "€" + strings.Repeat("a", 152)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(gsm.Count(tc.text+tc.suffix), gsm.CountWith(tc.text, tc.suffix)); diff != "" {
				t.Errorf("CountWith (-joined +got):\n%s", diff)
			}
		})
	}
}

func TestCountDoesNotAllocate(t *testing.T) {
	texts := []string{strings.Repeat("a{", 400), strings.Repeat("ê😀", 400)}
	if got := testing.AllocsPerRun(100, func() {
		for _, text := range texts {
			gsm.CountWith(text, "STOP 36180")
		}
	}); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func TestSplit(t *testing.T) {
	a := strings.Repeat("a", 153)
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"empty", "", []string{}},
		{"one", "bonjour", []string{"bonjour"}},
		{"two", a + "bonjour...", []string{a, "bonjour..."}},
		{"pair kept", a[:152] + "€" + a[:10], []string{a[:152], "€" + a[:10]}},
		{"surrogates kept", strings.Repeat("ê", 66) + "😀bonjour", []string{strings.Repeat("ê", 66), "😀bonjour"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, gsm.Split(tc.text)); diff != "" {
				t.Errorf("Split (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCostly(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       []gsm.Char
	}{
		{"none", "déjà {vu} à 10 €", nil},
		{"two", "dès la fête 😀", []gsm.Char{
			{Rune: 'ê', Offset: 9, Position: 8},
			{Rune: '😀', Offset: 14, Position: 12},
		}},
		{"bad byte", "a\xffb", []gsm.Char{{Rune: '\uFFFD', Offset: 1, Position: 1}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, gsm.Costly(tc.text)); diff != "" {
				t.Errorf("Costly (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAlphabet(t *testing.T) {
	for _, tc := range []struct {
		name, want      string
		alphabet        gsm.Alphabet
		single, perPart int
	}{
		{"seven bits", "gsm7", gsm.SevenBit, 160, 153},
		{"sixteen bits", "ucs2", gsm.UCS2, 70, 67},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.alphabet.String(); got != tc.want {
				t.Errorf("String = %q, want %q", got, tc.want)
			}
			if got := tc.alphabet.Single(); got != tc.single {
				t.Errorf("Single = %d, want %d", got, tc.single)
			}
			if got := tc.alphabet.PerPart(); got != tc.perPart {
				t.Errorf("PerPart = %d, want %d", got, tc.perPart)
			}
		})
	}
}

func TestDecodeAsAHandset(t *testing.T) {
	for _, tc := range []struct {
		name    string
		septets []byte
		want    string
		err     error
	}{
		{"basic", []byte{0x00, 0x01, 0x7F}, "@£à", nil},
		{"extension", []byte{0x1B, 0x65, 0x1B, 0x28}, "€{", nil},
		{"extension without a meaning", []byte{0x1B, 0x41}, "A", nil},
		{"two escapes", []byte{0x1B, 0x1B, 0x41}, " A", nil},
		{"escape at the end", []byte{0x41, 0x1B}, "A ", nil},
		{"eight bits", []byte{0x41, 0x80}, "", gsm.ErrSeptet},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := gsm.Decode(tc.septets)
			if got != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("Decode = %q, %v, want %q, %v", got, err, tc.want, tc.err)
			}
		})
	}
}

func TestCodecRefuses(t *testing.T) {
	if _, err := gsm.Encode("la fête"); !errors.Is(err, gsm.ErrNotSevenBit) ||
		strings.Contains(err.Error(), "ê") {
		t.Errorf("Encode: %v", err)
	}
	if _, err := gsm.Unpack7([]byte{1, 2}, 0, 3); !errors.Is(err, gsm.ErrShort) {
		t.Errorf("Unpack7: %v", err)
	}
	if _, err := gsm.DecodeUCS2([]byte{0}); !errors.Is(err, gsm.ErrOddOctets) {
		t.Errorf("DecodeUCS2: %v", err)
	}
	if got, err := gsm.DecodeUCS2([]byte{0xD8, 0x3D}); got != "\uFFFD" || err != nil {
		t.Errorf("DecodeUCS2 of half a pair = %q, %v", got, err)
	}
}

// The packing of "hellohello" is the usual worked example of TS 23.038, 6.1.2.1.
func TestPack7(t *testing.T) {
	septets, err := gsm.Encode("hellohello")
	if err != nil {
		t.Fatal(err)
	}
	want := []byte{0xE8, 0x32, 0x9B, 0xFD, 0x46, 0x97, 0xD9, 0xEC, 0x37}
	if diff := cmp.Diff(want, gsm.Pack7(septets, 0)); diff != "" {
		t.Errorf("Pack7 (-want +got):\n%s", diff)
	}
}
