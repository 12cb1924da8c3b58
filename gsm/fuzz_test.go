package gsm_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"relais/gsm"
)

func addTexts(f *testing.F) {
	f.Helper()
	f.Add("", "")
	f.Add("bonjour", "STOP 36180")
	f.Add(strings.Repeat("a", 152)+"€", "{}")
	f.Add(strings.Repeat("ê", 66)+"😀", "\xff")
	f.Add(strings.Repeat("{", 160), "\x1b")
}

// FuzzSplit states what a segment is: the parts are the text, each fits 140
// octets with its header, and none ends inside an escape or surrogate pair.
func FuzzSplit(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, text, suffix string) {
		info, parts := gsm.Count(text), gsm.Split(text)
		if len(parts) != info.Segments {
			t.Errorf("%d parts, Count says %d", len(parts), info.Segments)
		}
		if joined := strings.Join(parts, ""); joined != text {
			t.Errorf("joined %q, text %q", joined, text)
		}
		header := 0
		if len(parts) > 1 {
			header = 6
		}
		units := 0
		for i, part := range parts {
			octets, n := octetsOf(t, info.Alphabet, part, header)
			units += n
			if header+octets > 140 || n > info.PerSegment {
				t.Errorf("part %d: %d units in %d octets", i, n, header+octets)
			}
			if i > 0 && !fillsUp(t, info, parts[i-1], part) {
				t.Errorf("part %d ends early", i-1)
			}
		}
		if units != info.Units {
			t.Errorf("%d units, Count says %d", units, info.Units)
		}
		if got, want := gsm.CountWith(text, suffix), gsm.Count(
			string([]rune(text))+string([]rune(suffix)),
		); got != want {
			t.Errorf("CountWith = %+v, joined %+v", got, want)
		}
	})
}

// octetsOf codes a part as it goes on the air and reads it back.
func octetsOf(t *testing.T, a gsm.Alphabet, part string, header int) (octets, units int) {
	t.Helper()
	if a == gsm.UCS2 {
		coded := gsm.EncodeUCS2(part)
		back, err := gsm.DecodeUCS2(coded)
		if want := string([]rune(part)); err != nil || back != want {
			t.Errorf("UCS-2: %q back as %q, %v", want, back, err)
		}
		return len(coded), len(coded) / 2
	}
	septets, err := gsm.Encode(part)
	if err != nil {
		t.Fatalf("part of a 7-bit text: %v", err)
	}
	fill := (7 - header*8%7) % 7
	packed := gsm.Pack7(septets, fill)
	unpacked, err := gsm.Unpack7(packed, fill, len(septets))
	if err != nil || !bytes.Equal(unpacked, septets) {
		t.Errorf("septets %x back as %x, %v", septets, unpacked, err)
	}
	if back, err := gsm.Decode(septets); err != nil || back != part {
		t.Errorf("7 bits: %q back as %q, %v", part, back, err)
	}
	return len(packed), len(septets)
}

// fillsUp reports whether the first character of next had no room in part.
func fillsUp(t *testing.T, info gsm.Info, part, next string) bool {
	t.Helper()
	first := string([]rune(next)[:1])
	_, used := octetsOf(t, info.Alphabet, part, 6)
	_, more := octetsOf(t, info.Alphabet, first, 6)
	return used+more > info.PerSegment
}

// FuzzDecode: what a handset shows can be sent, and shows the same.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{0x41, 0x1B, 0x65, 0x1B, 0x1B})
	f.Fuzz(func(t *testing.T, octets []byte) {
		septets, err := gsm.Unpack7(octets, 0, len(octets)*8/7)
		if err != nil {
			t.Fatal(err)
		}
		text, err := gsm.Decode(septets)
		if err != nil {
			t.Fatal(err)
		}
		again, err := gsm.Encode(text)
		if err != nil {
			t.Fatalf("decoded text %q: %v", text, err)
		}
		if back, err := gsm.Decode(again); err != nil || back != text {
			t.Errorf("%q comes back as %q, %v", text, back, err)
		}
		if costly := gsm.Costly(text); len(costly) > 0 || gsm.Count(text).Alphabet != gsm.SevenBit {
			t.Errorf("%q is costly: %v", text, costly)
		}
	})
}

// FuzzCostly: the costly characters are exactly those that UCS-2 is needed for.
func FuzzCostly(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, text, _ string) {
		costly := gsm.Costly(text)
		if got := gsm.Count(text).Alphabet == gsm.UCS2; got != (len(costly) > 0) {
			t.Errorf("UCS-2 %v, costly %v", got, costly)
		}
		runes := []rune(text)
		for _, c := range costly {
			there, _ := utf8.DecodeRuneInString(text[c.Offset:])
			if there != c.Rune || utf8.RuneCountInString(text[:c.Offset]) != c.Position {
				t.Fatalf("%+v is not in its place", c)
			}
			runes[c.Position] = 'a'
		}
		if cheap := string(runes); gsm.Count(cheap).Alphabet != gsm.SevenBit {
			t.Errorf("still costly: %q", cheap)
		}
	})
}
